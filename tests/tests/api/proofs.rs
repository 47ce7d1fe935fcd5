//! Proof that messages arrive: asked for by a token, given by a tap.

use hansho_domain::{DrillId, Method};
use hansho_store::{AddressHash, ContactProof, LinkTo, ProvenBy, Via};
use jiff::SignedDuration;
use serde_json::json;

use crate::bench::{Ask, Bench, user};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

async fn via(bench: &Bench) -> Via {
    let profile = bench.store().profile(&user("aiko")).await.unwrap().unwrap();
    Via { method: Method::Sms, address: AddressHash::of(&profile.contact, Method::Sms).unwrap() }
}

/// The code of a question to aiko by text that counts for an hour.
async fn question(bench: &Bench, drill: Option<DrillId>) -> String {
    let to = LinkTo::Proof { drill, since: bench.now(), until: bench.now() + HOUR };
    bench.code_via("aiko", to, via(bench).await).await
}

async fn proof(bench: &Bench) -> ContactProof {
    let profile = bench.store().profile(&user("aiko")).await.unwrap().unwrap();
    bench.store().contact_proofs(&user("aiko"), &profile.contact).await.unwrap().remove(&Method::Sms).unwrap()
}

#[tokio::test]
async fn a_prefetch_proves_nothing_and_a_tap_does_once_and_for_all_who_look() {
    let bench = Bench::new().await;
    let path = format!("/p/{}", question(&bench, None).await);
    let writes = bench.writes();
    for request in [Ask::get(&path), Ask::new("HEAD", &path), Ask::get(&format!("{path}/confirm"))] {
        bench.send(request).await;
    }
    assert_eq!((bench.writes(), proof(&bench).await), (writes, ContactProof::default()), "GET changes nothing");
    bench.send(Ask::get(&path)).await.expect(200, &["<html lang=\"ja\">", "届いていますか?", "届いています</button>"]);
    bench.send(Ask::post(&format!("{path}/confirm")).form("0123456789abcdef")).await.expect_redirect(&path);
    let first = proof(&bench).await;
    assert_eq!((first.proven_at, first.proven_by.clone()), (Some(bench.now()), Some(ProvenBy::Verification)));
    let page = bench.send(Ask::get(&path)).await.expect(200, &["確認しました"]);
    assert!(!page.body.contains("<button"), "nothing is left to tap: {}", page.body);
    bench.later(SignedDuration::from_secs(60));
    bench.send(Ask::post(&format!("{path}/confirm"))).await.expect_redirect(&path);
    assert_eq!(proof(&bench).await.verified_at, first.verified_at, "a second tap is a later proof of the same address");
}

#[tokio::test]
async fn a_wrong_code_a_foreign_form_and_an_answer_too_late_prove_nothing() {
    let bench = Bench::new().await;
    let path = format!("/p/{}", question(&bench, None).await);
    bench.send(Ask::post("/p/7K3Q7K3Q7K3Q/confirm")).await.expect(404, &["This link is not valid"]);
    bench.send(Ask::post(&format!("{path}/confirm")).header("sec-fetch-site", "cross-site")).await.expect(403, &[]);
    bench.send(Ask::post(&format!("{path}/confirm")).body("nonce=x&who=me")).await.expect(400, &[]);
    bench.later(HOUR);
    bench.send(Ask::post(&format!("{path}/confirm"))).await.expect(410, &["Nobody asks this any more"]);
    bench.send(Ask::get(&path).japanese()).await.expect(410, &["この確認は終了しています"]);
    assert_eq!(proof(&bench).await, ContactProof::default());
}

#[tokio::test]
async fn a_link_to_an_address_that_has_changed_says_so_and_proves_nothing() {
    let bench = Bench::new().await;
    let to = LinkTo::Proof { drill: None, since: bench.now(), until: bench.now() + HOUR };
    let old = Via { method: Method::Sms, address: AddressHash::from_text("0000") };
    let path = format!("/p/{}", bench.code_via("aiko", to, old).await);
    bench.send(Ask::get(&path)).await.expect(410, &["This address is not yours any more"]);
    bench.send(Ask::post(&format!("{path}/confirm"))).await.expect(410, &["This address is not yours any more"]);
    assert_eq!(proof(&bench).await, ContactProof::default());
}

#[tokio::test]
async fn a_drill_says_that_nothing_is_broken_and_its_answer_names_it() {
    let bench = Bench::new().await;
    let drill = DrillId::new("0123456789ab").unwrap();
    let path = format!("/p/{}", question(&bench, Some(drill.clone())).await);
    bench.send(Ask::get(&path)).await.expect(200, &["訓練: 届いていますか?", "障害は起きていません。"]);
    bench.send(Ask::post(&format!("{path}/confirm"))).await.expect_redirect(&path);
    assert_eq!(proof(&bench).await.proven_by, Some(ProvenBy::Drill(drill)));
}

#[tokio::test]
async fn every_action_through_the_link_of_a_page_proves_the_way_that_the_link_went() {
    let bench = Bench::new().await;
    let (one, two) = (bench.alarm("checkout-5xx").await, bench.alarm("batch-nightly").await);
    let unmarked = format!("/i/{}", bench.link("aiko", one).await);
    bench.send(Ask::post(&format!("{unmarked}/escalate"))).await.expect_redirect(&unmarked);
    assert_eq!(proof(&bench).await, ContactProof::default(), "a link that went no known way proves none");
    let path = format!("/i/{}", bench.code_via("aiko", LinkTo::Incident(one), via(&bench).await).await);
    bench.send(Ask::get(&path)).await.expect(200, &[]);
    assert_eq!(proof(&bench).await, ContactProof::default());
    bench.send(Ask::post(&format!("{path}/acknowledge"))).await.expect_redirect(&path);
    assert_eq!(proof(&bench).await.proven_by, Some(ProvenBy::Page));
    bench.later(HOUR);
    let all = format!("/b/{}", bench.code_via("aiko", LinkTo::Bundle(vec![one, two]), via(&bench).await).await);
    bench.send(Ask::post(&format!("{all}/acknowledge"))).await.expect_redirect(&all);
    assert_eq!(proof(&bench).await.proven_at, Some(bench.now()));
}

#[tokio::test]
async fn each_kind_of_link_leads_to_its_own_page() {
    let bench = Bench::new().await;
    let id = bench.alarm("checkout-5xx").await;
    let code = question(&bench, None).await;
    bench.send(Ask::get(&format!("/i/{code}"))).await.expect_redirect(&format!("/p/{code}"));
    bench.send(Ask::get(&format!("/b/{code}"))).await.expect_redirect(&format!("/p/{code}"));
    let incident = bench.link("aiko", id).await;
    bench.send(Ask::get(&format!("/p/{incident}"))).await.expect_redirect(&format!("/i/{incident}"));
    bench.send(Ask::post(&format!("/p/{incident}/confirm"))).await.expect(404, &[]);
    bench.send(Ask::post(&format!("/i/{code}/acknowledge"))).await.expect(404, &[]);
}

#[tokio::test]
async fn a_token_asks_for_proof_once_per_request_and_not_too_often() {
    let bench = Bench::new().await;
    let ask = |key: &str| Ask::post("/users/aiko/verify").token().key(key).json(&json!({ "method": "sms" }));
    let first = bench.send(ask("k1")).await.expect(202, &["\"sent\""]);
    let again = bench.send(ask("k1")).await.expect(202, &["\"known\""]);
    assert_eq!(first.json()["results"][0]["notice"], again.json()["results"][0]["notice"]);
    let refused = bench.send(ask("k2")).await;
    assert_eq!((refused.status, refused.headers["retry-after"].as_str()), (429, "60"));
    assert!(refused.message().contains("aiko was asked too often"), "{}", refused.message());
    for (path, body, status, says) in [
        ("/users/zoe/verify", "{}", 404, "no user"),
        ("/users/Zoe%20!/verify", "{}", 404, "no user"),
        ("/users/aiko/verify", r#"{"method": "pigeon"}"#, 400, "pigeon"),
        ("/users/aiko/verify", r#"{"method": "email"}"#, 422, "has no email"),
        ("/users/aiko/verify", "{", 400, "ends in the middle"),
    ] {
        let reply = bench.send(Ask::post(path).token().body(body)).await;
        assert_eq!(reply.status, status, "{path} {body}: {}", reply.body);
        assert!(reply.message().contains(says), "{path} {body}: {}", reply.message());
    }
    bench.send(Ask::post("/users/aiko/verify")).await.expect(401, &[]);
}

#[tokio::test]
async fn the_list_of_users_says_what_was_proven_and_shows_no_address() {
    let bench = Bench::new().await;
    bench.store().prove(&user("aiko"), Method::Sms, &via(&bench).await.address, &ProvenBy::Page).await.unwrap();
    let reply = bench.send(Ask::get("/users").token()).await.expect(200, &[]);
    assert!(!reply.body.contains("+8190"), "{}", reply.body);
    let listed = reply.json();
    let contact = |place: usize| listed["users"][place]["contacts"][0].clone();
    assert_eq!(listed["users"].as_array().unwrap().len(), 3);
    assert_eq!((contact(0)["method"].clone(), contact(0)["proven_by"].clone()), (json!("sms"), json!("page")));
    assert_eq!(contact(1)["proven_at"], json!(null), "ben has proven nothing: {listed}");
}
