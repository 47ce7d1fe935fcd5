//! The audit log: what each act leaves in it, in the transaction that does it, and who sees it.

use hansho_store::{Act, AuditEntry};
use jiff::SignedDuration;
use serde_json::json;

use crate::{
    app::Browser,
    bench::{Ask, Bench},
    setup::{TEAM, bench},
};

const NONE: [(&str, &str); 0] = [];

/// The whole log, the newest first.
async fn log(bench: &Bench) -> Vec<AuditEntry> {
    bench.store().audit_log(None, 200).await.unwrap().entries
}

/// Who did what, without the sign-ins by which browsers begin.
async fn acts(bench: &Bench) -> Vec<(String, Act)> {
    let all = log(bench).await.into_iter().rev().map(|entry| (entry.by, entry.act));
    all.filter(|(_, act)| !matches!(act, Act::SignedIn { .. } | Act::Applied { version: 1, .. })).collect()
}

#[tokio::test]
async fn each_act_is_in_the_log_with_who_did_it() {
    let bench = bench().await;
    let olga = Browser::of(&bench, "olga@example.com").await;
    olga.post("/app/keys/tokens", &[("name", "ci")]).await.expect(200, &[]);
    olga.post("/app/keys/tokens/ci/revoke", &NONE).await.expect(303, &[]);
    olga.post("/app/keys/integrations/shop", &NONE).await.expect(200, &[]);
    let key = bench.store().integration_keys(&"shop".parse().unwrap()).await.unwrap().remove(0).id;
    olga.post(&format!("/app/keys/integrations/shop/{key}/revoke"), &NONE).await.expect(303, &[]);
    olga.post("/app/people/ben/invite", &NONE).await.expect(303, &[]);
    olga.post("/app/me/calendars", &NONE).await.expect(200, &[]);
    let ben = Browser::of(&bench, "ben@example.com").await;
    olga.post("/app/people/ben/sign-out", &NONE).await.expect(303, &[]);
    ben.get("/app").await.expect(303, &[]);
    let until = bench.now() + SignedDuration::from_hours(2);
    let made = json!({ "change": "add", "by": ["ben"], "until": until });
    let made = bench.send(Ask::post("/schedules/shop/overrides").token().json(&made)).await.expect(201, &[]).json();
    let id = made["override"]["id"].as_str().unwrap().to_owned();
    bench.send(Ask::new("DELETE", &format!("/schedules/shop/overrides/{id}")).token()).await.expect(200, &[]);
    let window = json!({ "services": ["checkout"], "minutes": 30, "reason": "x" });
    let window = bench.send(Ask::post("/maintenance").token().json(&window)).await.expect(201, &[]).json();
    let window = window["window"]["id"].as_str().unwrap().to_owned();
    bench.send(Ask::post(&format!("/maintenance/{window}/end")).token()).await.expect(200, &[]);
    bench.configure(&TEAM.replace("Dora", "Dorothea")).await;

    let acts: Vec<(String, String)> =
        acts(&bench).await.into_iter().map(|(by, act)| (by, json!(act)["what"].as_str().unwrap().to_owned())).collect();
    let expected = [
        ("user/olga", "token_made"),
        ("user/olga", "token_revoked"),
        ("user/olga", "key_made"),
        ("user/olga", "key_revoked"),
        ("user/olga", "invited"),
        ("user/olga", "calendar_made"),
        ("user/olga", "signed_out"),
        ("tests", "override_made"),
        ("tests", "override_removed"),
        ("tests", "maintenance_begun"),
        ("tests", "maintenance_ended"),
        ("", "applied"),
    ];
    // What is done in the same millisecond has no order.
    for (by, what) in expected {
        let count = acts.iter().filter(|(who, act)| who == by && act == what).count();
        assert_eq!(count, 1, "{by} {what}: {acts:?}");
    }
    assert_eq!(acts.len(), expected.len(), "{acts:?}");
    let signed_in = log(&bench).await.into_iter().filter(|entry| matches!(entry.act, Act::SignedIn { .. })).count();
    assert_eq!(signed_in, 2);
}

#[tokio::test]
async fn what_is_refused_or_changes_nothing_is_not_in_the_log() {
    let bench = bench().await;
    let (ada, stan) = (Browser::of(&bench, "ada@example.com").await, Browser::of(&bench, "stan@example.com").await);
    ada.post("/app/keys/tokens", &[("name", "ci")]).await.expect(403, &[]);
    stan.post("/app/keys/integrations/shop", &NONE).await.expect(404, &[]);
    ada.post("/app/keys/tokens/nothing/revoke", &NONE).await.expect(303, &[]);
    ada.post("/app/keys/integrations/shop/nothing/revoke", &NONE).await.expect(303, &[]);
    assert_eq!(acts(&bench).await, []);
}

#[tokio::test]
async fn admins_see_the_log_in_their_language_and_nobody_else_does() {
    let bench = bench().await;
    let olga = Browser::of(&bench, "olga@example.com").await;
    olga.post("/app/keys/tokens", &[("name", "ci")]).await.expect(200, &[]);
    let ada = Browser::of(&bench, "ada@example.com").await;
    ada.get("/app/audit").await.expect(200, &["Olga", "made the API token ci", "signed in by a link", "put version 1"]);
    ada.get("/app/more").await.expect(200, &["&#x2f;app&#x2f;audit"]);
    for who in ["mona", "ben", "gus", "stan"] {
        let browser = Browser::of(&bench, &format!("{who}@example.com")).await;
        browser.get("/app/audit").await.expect(404, &[]);
        assert!(!browser.get("/app/more").await.body.contains("&#x2f;app&#x2f;audit"), "{who}");
    }
    bench.configure(&TEAM.replace("name: Ada, email", "name: Ada, language: ja, email")).await;
    ada.get("/app/audit").await.expect(200, &["操作の記録", "ツール用のトークンciを作成"]);
}

#[tokio::test]
async fn the_log_is_pages_of_sixty_through_the_months_and_each_entry_is_on_one() {
    let bench = bench().await;
    let before = log(&bench).await.len();
    let store = bench.store();
    for number in 0..130 {
        // 26 days apart: ten months, of which the newest page needs five.
        if number % 13 == 0 {
            bench.later(SignedDuration::from_hours(26 * 24));
        }
        let token = hansho_store::Token { name: format!("t{number}"), made_by: "tests".to_owned(), created_at: bench.now() };
        assert_eq!(store.make_token(&format!("secret-{number}"), &token).await.unwrap(), hansho_store::TokenMade::Made);
    }
    let (mut place, mut seen) = (None, Vec::new());
    for length in [60, 60, 10 + before] {
        let page = store.audit_log(place.as_deref(), 60).await.unwrap();
        assert_eq!(page.entries.len(), length);
        seen.extend(page.entries);
        place = page.next;
    }
    assert_eq!(place, None);
    assert!(seen.windows(2).all(|two| two[0].at >= two[1].at), "the newest come first");
    let mut names: Vec<String> = seen.iter().map(|entry| format!("{:?}", entry.act)).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 130 + before);
    // What is no place is the beginning.
    for place in ["", "#", "nothing", "99999999999999#zz", "01795198320000#<script>"] {
        assert_eq!(store.audit_log(Some(place), 5).await.unwrap().entries.len(), 5, "{place}");
    }
    let ada = Browser::of(&bench, "ada@example.com").await;
    let reads = bench.reads();
    let page = ada.get("/app/audit").await.expect(200, &["&#x2f;app&#x2f;audit?before="]);
    assert!(page.body.len() < 40 * 1024 && bench.reads() - reads <= 12, "{} bytes, {} reads", page.body.len(), bench.reads() - reads);
    // The months that it began in are looked through to their beginning.
    bench.later(SignedDuration::from_hours(440 * 24));
    assert!(store.audit_log(None, 60).await.unwrap().entries.is_empty(), "what is older than 400 days is not looked for");
}
