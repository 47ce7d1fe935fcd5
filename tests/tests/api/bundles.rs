//! A link to several incidents at once.

use hansho_domain::{Actor, IncidentId, Phase};
use jiff::SignedDuration;

use crate::bench::{Ask, Bench, user};

async fn three(bench: &Bench) -> [IncidentId; 3] {
    [bench.alarm("checkout-5xx").await, bench.alarm("checkout-latency").await, bench.alarm("batch-nightly").await]
}

#[tokio::test]
async fn a_bundle_shows_every_incident_and_one_tap_takes_all() {
    let bench = Bench::new().await;
    let ids = three(&bench).await;
    let path = format!("/b/{}", bench.bundle("ben", &ids).await);
    bench.send(Ask::post(&format!("/i/{}/acknowledge", bench.link("chie", ids[1]).await))).await.expect(303, &[]);
    let page = bench
        .send(Ask::get(&path))
        .await
        .expect(200, &["Nobody has 2 of these 3 yet.", "Acknowledge all (2)", "田中 千恵 has it.", "checkout-latency"]);
    let tap = || Ask::post(&format!("{path}/acknowledge")).form(&page.nonce("acknowledge"));
    bench.send(tap()).await.expect_redirect(&path);
    for (id, person) in [(ids[0], "ben"), (ids[1], "chie"), (ids[2], "ben")] {
        assert_eq!(
            bench.incident(id).await.phase,
            Phase::Acknowledged { by: vec![Actor::User(user(person))] },
            "what somebody has stays theirs"
        );
    }
    let writes = bench.writes();
    bench.send(tap()).await.expect_redirect(&path);
    assert_eq!(bench.writes(), writes, "a second tap changes nothing");
    let page = bench.send(Ask::get(&path)).await.expect(200, &["Somebody has each of these 3."]);
    assert!(!page.body.contains("<button"), "{}", page.body);
}

#[tokio::test]
async fn each_incident_of_a_bundle_has_its_page_and_its_buttons() {
    let bench = Bench::new().await;
    let ids = three(&bench).await;
    let code = bench.bundle("aiko", &ids[..2]).await;
    let path = format!("/b/{code}/{}", ids[0]);
    let page = bench.send(Ask::get(&path)).await.expect(200, &["発生中", "このメッセージの全件"]);
    bench.send(Ask::post(&format!("{path}/resolve")).form(&page.nonce("resolve"))).await.expect_redirect(&path);
    bench.send(Ask::get(&path)).await.expect(200, &["解決済み"]);
    bench.send(Ask::get(&format!("/b/{code}"))).await.expect(200, &["2件のうち1件は、まだ誰も対応していません。"]);
    for foreign in [ids[2].to_string(), "01M41FF2X0MPJTB9D5MPJTB9D5".to_owned(), "x".to_owned()] {
        bench.send(Ask::get(&format!("/b/{code}/{foreign}"))).await.expect(404, &["This link is not valid"]);
        bench.send(Ask::post(&format!("/b/{code}/{foreign}/resolve"))).await.expect(404, &["This link is not valid"]);
    }
    assert!(!bench.incident(ids[2]).await.phase.is_resolved(), "a link opens what it was made for and nothing else");
}

#[tokio::test]
async fn links_of_one_kind_lead_to_their_own_address() {
    let bench = Bench::new().await;
    let ids = three(&bench).await;
    let (one, all) = (bench.link("ben", ids[0]).await, bench.bundle("ben", &ids).await);
    bench.send(Ask::get(&format!("/i/{all}"))).await.expect_redirect(&format!("/b/{all}"));
    bench.send(Ask::get(&format!("/b/{one}"))).await.expect_redirect(&format!("/i/{one}"));
    bench.send(Ask::post(&format!("/b/{one}/acknowledge"))).await.expect(404, &[]);
    bench.send(Ask::post(&format!("/i/{all}/acknowledge"))).await.expect(404, &[]);
}

#[tokio::test]
async fn a_bundle_expires_with_the_last_of_its_incidents() {
    let bench = Bench::new().await;
    let ids = three(&bench).await;
    let code = bench.bundle("ben", &ids).await;
    for id in &ids[..2] {
        bench.send(Ask::post(&format!("/b/{code}/{id}/resolve"))).await.expect(303, &[]);
    }
    bench.later(SignedDuration::from_hours(24 * 30));
    bench.send(Ask::get(&format!("/b/{code}"))).await.expect(200, &["Acknowledge all (1)"]);
    bench.send(Ask::get(&format!("/b/{code}/{}", ids[0]))).await.expect(410, &[]);
    bench.send(Ask::post(&format!("/b/{code}/{}/resolve", ids[2]))).await.expect(303, &[]);
    bench.later(SignedDuration::from_hours(30));
    bench.send(Ask::get(&format!("/b/{code}"))).await.expect(410, &["This link has expired"]);
    bench.send(Ask::post(&format!("/b/{code}/acknowledge"))).await.expect(410, &["This link has expired"]);
}
