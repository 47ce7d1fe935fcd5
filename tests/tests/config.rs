//! The configuration function, asked as the command line and the AWS CLI ask it.

use std::{collections::BTreeMap, fs, path::Path};

use acceptance::{TEAM, World};
use hansho::local::aws::ProviderFault;
use hansho_config::{pack, unpack};
use serde_json::{Value, json};

/// What each sample is answered with: the result, and a part of the rest.
const ANSWERS: [(&str, &str, &str); 16] = [
    ("apply.json", "applied", "\"restores\":null"),
    ("apply-invalid.json", "invalid", "did you mean `aiko`?"),
    ("apply-overtaken.json", "overtaken", "\"version\":1"),
    ("check-team.json", "checked", "\"summary\":\"users: 1 new; teams: 1 new; escalation_policies: 1 new; services: 1 new\""),
    ("export.json", "exported", "files_gzip"),
    ("make-token.json", "token_made", "\"name\":\"ci.checkout\""),
    ("plan.json", "planned", "\"kind\":\"removed\""),
    ("progress.json", "progress", "\"progress\":null"),
    ("revoke-token.json", "refused", "there is no token called ci.checkout"),
    ("rollback.json", "unchanged", "\"version\":1"),
    ("send-test-page.json", "test_page_sent", "\"rules\":[{\"after_seconds\":0,\"by\":\"sms\",\"wakes\":true}]"),
    ("team.json", "applied", "\"team\":\"payments\""),
    ("test-page.json", "refused", "01JD0000000000000000000000 is no test page"),
    ("tokens.json", "tokens", "\"tokens\":[]"),
    ("unknown-action.json", "refused", "revoke_token, send_test_page, test_page, check_team or team"),
    ("versions.json", "versions", "\"follows\":0"),
];

async fn ask(world: &mut World, request: Value) -> Value {
    world.invoke("config", request).await
}

fn files(text: &str) -> Value {
    json!({ "story.yaml": text })
}

#[tokio::test]
async fn every_sample_is_answered_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/config");
    let mut names: Vec<String> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let mut expected: Vec<&str> = ANSWERS.iter().map(|(name, ..)| *name).collect();
    expected.sort_unstable();
    assert_eq!(names, expected);
    for (name, result, said) in ANSWERS {
        let mut world = World::new().await;
        let event = serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap();
        let answer = ask(&mut world, event).await;
        assert_eq!(answer["result"], result, "{name}: {answer}");
        assert!(answer.to_string().contains(said), "{name}: {answer}");
        world.expect_texts(if name == "send-test-page.json" { &["aiko"] } else { &[] });
        world.end().await;
    }
}

#[tokio::test]
async fn a_token_lets_in_until_it_is_revoked_and_is_listed_without_its_secret() {
    let mut world = World::new().await;
    let made = ask(&mut world, json!({ "action": "make_token", "name": "ci", "by": "aiko@laptop" })).await;
    let token = made["token"].as_str().unwrap().to_owned();
    assert_eq!(token.len(), 24, "{made}");
    let store = std::sync::Arc::clone(world.machine.store());
    assert_eq!(store.token_name(&token).await.unwrap().as_deref(), Some("ci"));
    let again = ask(&mut world, json!({ "action": "make_token", "name": "ci" })).await;
    assert_eq!((&again["result"], &again["token"]), (&json!("refused"), &Value::Null), "{again}");
    let listed = ask(&mut world, json!({ "action": "tokens" })).await;
    assert_eq!((&listed["tokens"][0]["name"], &listed["tokens"][0]["made_by"]), (&json!("ci"), &json!("aiko@laptop")));
    assert!(!listed.to_string().contains(&token), "{listed}");
    assert_eq!(ask(&mut world, json!({ "action": "revoke_token", "name": "ci" })).await["result"], "token_revoked");
    assert_eq!(store.token_name(&token).await.unwrap(), None);
    assert_eq!(ask(&mut world, json!({ "action": "tokens" })).await["tokens"], json!([]));
    for name in ["", "CI", "a b", "a/b", &"x".repeat(61)] {
        let refused = ask(&mut world, json!({ "action": "make_token", "name": name })).await;
        assert!(refused["message"].as_str().unwrap().contains("lower-case letters"), "{name}: {refused}");
    }
    world.end().await;
}

#[tokio::test]
async fn an_apply_that_was_planned_against_another_version_changes_nothing_and_says_who_was_faster() {
    let mut world = World::new().await;
    let (mine, theirs) = (TEAM.replace("wait: 10m", "wait: 11m"), TEAM.replace("wait: 10m", "wait: 12m"));
    let plan = ask(&mut world, json!({ "action": "plan", "files": files(&mine) })).await;
    let expected = &plan["version"];
    let won = ask(&mut world, json!({ "action": "apply", "files": files(&theirs), "expected_version": expected, "by": "ben" })).await;
    assert_eq!((&won["result"], &won["version"]), (&json!("applied"), &json!(2)));
    let lost = ask(&mut world, json!({ "action": "apply", "files": files(&mine), "expected_version": expected, "by": "aiko" })).await;
    assert_eq!((&lost["result"], &lost["version"], &lost["in_force"]["author"]["by"]), (&json!("overtaken"), &json!(2), &json!("ben")));
    let live = ask(&mut world, json!({ "action": "export" })).await;
    assert_eq!(unpack(live["files_gzip"].as_str().unwrap()).unwrap()["story.yaml"], theirs);
    world.end().await;
}

#[tokio::test]
async fn the_list_of_versions_says_who_when_why_and_what() {
    let mut world = World::new().await;
    world.minutes(5).await;
    let edited = TEAM.replace("repeat: 1", "repeat: 2");
    let request =
        json!({ "action": "apply", "files": files(&edited), "by": "aiko@laptop", "with": "hansho apply", "message": "once\nmore" });
    assert_eq!(ask(&mut world, request).await["result"], "applied");
    let listed = ask(&mut world, json!({ "action": "versions" })).await;
    let newest = &listed["versions"][0];
    assert_eq!(
        (&newest["version"], &newest["follows"], &newest["author"]["by"], &newest["author"]["message"], &newest["summary"]),
        (&json!(2), &json!(1), &json!("aiko@laptop"), &json!("once more"), &json!("escalation_policies: 1 changed"))
    );
    assert_eq!(newest["at"], json!(world.now()));
    assert_eq!(newest["items"], json!(3), "the policy, the bundles of the two services that use it, and nothing else");
    world.end().await;
}

#[tokio::test]
async fn names_of_files_that_lead_out_of_the_folder_are_refused() {
    let mut world = World::new().await;
    for name in [
        "../team.yaml",
        "/etc/team.yaml",
        "a//b.yaml",
        "a/../b.yaml",
        ".hidden.yaml",
        "a\\b.yaml",
        "C:team.yaml",
        "team.txt",
        "",
        "a\u{0}.yaml",
    ] {
        let answer = ask(&mut world, json!({ "action": "apply", "files": { name: TEAM } })).await;
        assert_eq!(answer["result"], "invalid", "{name:?}: {answer}");
        assert!(answer["problems"][0]["message"].as_str().unwrap().contains("no name of a file"), "{name:?}: {answer}");
    }
    assert_eq!(world.machine.store().stored_configuration_version().await.unwrap(), 1);
    world.end().await;
}

#[tokio::test]
async fn what_is_no_request_is_refused_with_a_sentence() {
    let mut world = World::new().await;
    for (request, said) in [
        (json!("text"), "this is no request"),
        (json!({}), "missing field `action`"),
        (json!({ "action": "plan" }), "exactly one of"),
        (json!({ "action": "plan", "files": {}, "version": 1 }), "exactly one of"),
        (json!({ "action": "plan", "files_gzip": "x" }), "gzip"),
        (json!({ "action": "plan", "filez": {} }), "unknown field `filez`"),
        (json!({ "action": "apply", "version": 9 }), "there is no version 9"),
        (json!({ "action": "export", "version": 0 }), "nothing was ever applied"),
        (json!({ "action": "export", "version": -1 }), "this is no request"),
        (json!({ "action": "send_test_page", "request": "1" }), "give the `user` who is to be paged"),
        (json!({ "action": "send_test_page", "user": "a b", "request": "1" }), "`user` names nobody"),
        (json!({ "action": "send_test_page", "user": "aiko" }), "give `request`: 1 to 100 characters"),
        (json!({ "action": "send_test_page", "user": "aiko", "request": "x".repeat(101) }), "give `request`: 1 to 100 characters"),
        (json!({ "action": "test_page" }), "give the `incident` that send_test_page has answered"),
        (json!({ "action": "test_page", "incident": "7" }), "`incident` names none"),
    ] {
        let answer = ask(&mut world, request.clone()).await;
        let message = answer["message"].as_str().unwrap_or_else(|| panic!("{request}: {answer}"));
        assert!(answer["result"] == "refused" && message.contains(said), "{request}: {message}");
    }
    let answer = ask(&mut world, json!({ "action": "plan", "files": {} })).await;
    assert_eq!(answer["result"], "invalid", "{answer}");
    world.end().await;
}

#[tokio::test]
async fn going_back_and_forth_gives_the_same_bytes() {
    let mut world = World::new().await;
    let second: BTreeMap<String, String> = [("a/b.yaml".to_owned(), format!("# コメント\r\n{TEAM}"))].into();
    let packed = pack(&second).unwrap();
    assert_eq!(ask(&mut world, json!({ "action": "apply", "files_gzip": packed })).await["result"], "applied");
    let back = ask(&mut world, json!({ "action": "apply", "version": 1 })).await;
    assert_eq!((&back["version"], &back["in_force"]["author"]["restores"]), (&json!(3), &json!(1)));
    for (version, expected) in [(1, [("story.yaml".to_owned(), TEAM.to_owned())].into()), (2, second)] {
        let exported = ask(&mut world, json!({ "action": "export", "version": version })).await;
        assert_eq!(unpack(exported["files_gzip"].as_str().unwrap()).unwrap(), expected);
    }
    world.end().await;
}

/// Aiko's urgent pages are covered by Ben at all times; Chie has a mail address alone, which wakes nobody.
const CONTACTS: &str = r#"
users:
  aiko: { name: 佐藤 愛子, phone: "+819000000001", language: ja, time_zone: Asia/Tokyo, notify: { high: [{ after: 0m, by: sms }], quiet: [{ from: "00:00", to: "12:00", urgency: high, cover: user/ben }, { from: "12:00", to: "00:00", urgency: high, cover: user/ben }] } }
  ben: { name: Ben Carter, phone: "+819000000002", email: ben@example.com, notify: { high: [{ after: 0m, by: sms }, { after: 1m, by: email }] } }
  chie: { name: 田中 千恵, email: chie@example.com, notify: { high: [{ after: 0m, by: email }] } }
escalation_policies:
  checkout: { steps: [{ notify: [user/ben], wait: 5m }] }
services:
  checkout: { escalation_policy: checkout }
fallback: [user/ben]
"#;

async fn send_test_page(world: &mut World, user: &str, request: &str) -> Value {
    let request = json!({ "action": "send_test_page", "user": user, "request": request, "by": "ops@laptop", "with": "hansho doctor" });
    ask(world, request).await
}

async fn test_page(world: &mut World, incident: &Value) -> Value {
    ask(world, json!({ "action": "test_page", "incident": incident })).await
}

#[tokio::test]
async fn a_test_page_pages_one_person_by_every_part_and_says_what_became_of_it() {
    let mut world = World::with(CONTACTS).await;
    let sent = send_test_page(&mut world, "aiko", "1").await;
    assert_eq!((&sent["result"], &sent["user"]), (&json!("test_page_sent"), &json!("aiko")), "{sent}");
    assert_eq!(sent["rules"], json!([{ "after_seconds": 0, "by": "sms", "wakes": true }]));
    let texts = world.expect_texts(&["aiko"]);
    assert!(
        texts[0].text.contains("テストの呼び出しです。障害ではありません"),
        "nobody covers, and she is told in her language: {texts:?}"
    );
    let found = test_page(&mut world, &sent["incident"]).await;
    let expected = json!([{ "by": "sms", "wakes": true, "state": "sent", "reason": null }]);
    assert_eq!(
        (&found["result"], &found["user"], &found["phase"], &found["answered"], &found["deliveries"]),
        (&json!("test_page"), &json!("aiko"), &json!("triggered"), &Value::Null, &expected)
    );
    let (_, page) = world.get(&world.link_of("aiko")).await;
    assert!(page.contains("ops@laptop が確認しています"), "whoever is woken is told who asked: {page}");
    assert!(world.open_incidents().await.is_empty(), "it is on no list");
    world.seconds(20).await;
    assert_eq!(world.tap("aiko", "acknowledge").await, 303);
    let found = test_page(&mut world, &sent["incident"]).await;
    assert_eq!(found["phase"], "acknowledged");
    assert_eq!(found["answered"], json!({ "at": world.now(), "by": "sms", "wakes": true }));
    world.end().await;
}

#[tokio::test]
async fn the_same_request_again_pages_nobody_and_another_has_to_wait() {
    let mut world = World::with(CONTACTS).await;
    let sent = send_test_page(&mut world, "aiko", "1").await;
    world.expect_texts(&["aiko"]);
    assert_eq!(send_test_page(&mut world, "aiko", "1").await, sent, "a lost answer is asked for again");
    let refused = send_test_page(&mut world, "aiko", "2").await;
    assert_eq!((&refused["result"], &refused["reason"]), (&json!("refused"), &json!("too_often")), "{refused}");
    assert_eq!(refused["again_at"], "2026-11-20T18:13:00Z");
    world.expect_silence();
    world.seconds(60).await;
    assert_eq!(send_test_page(&mut world, "aiko", "2").await["result"], "test_page_sent");
    world.expect_texts(&["aiko"]);
    world.end().await;
}

#[tokio::test]
async fn a_test_page_to_whom_nobody_knows_is_refused_with_the_names() {
    let mut world = World::with(CONTACTS).await;
    let refused = send_test_page(&mut world, "aiko-s", "1").await;
    assert_eq!((&refused["result"], &refused["reason"]), (&json!("refused"), &json!("unknown_user")), "{refused}");
    assert_eq!((&refused["users"], &refused["more_users"]), (&json!(["aiko", "ben", "chie"]), &json!(0)));
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("did you mean `aiko`?; there are aiko, ben, chie"), "{message}");
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn a_test_page_that_fails_or_wakes_nobody_is_told_as_that() {
    let mut world = World::with(CONTACTS).await;
    let sent = send_test_page(&mut world, "chie", "1").await;
    assert_eq!(sent["rules"], json!([{ "after_seconds": 0, "by": "email", "wakes": false }]));
    let found = test_page(&mut world, &sent["incident"]).await;
    assert_eq!(found["deliveries"], json!([{ "by": "email", "wakes": false, "state": "sent", "reason": null }]));
    assert_eq!(world.sent().len(), 1);
    world.provider("sms", Some(ProviderFault::Rejected("the number is opted out".to_owned())));
    let sent = send_test_page(&mut world, "ben", "1").await;
    let found = test_page(&mut world, &sent["incident"]).await;
    let failed = found["deliveries"].as_array().unwrap().iter().find(|delivery| delivery["state"] == "failed").unwrap();
    assert!(failed["by"] == "sms" && failed["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{found}");
    let mails = world.sent();
    assert!(!mails.is_empty() && mails.iter().all(|mail| mail.to == "ben@example.com"), "the next way, and nobody else: {mails:?}");
    world.end().await;
}

#[tokio::test]
async fn what_is_no_test_page_is_told_nothing_of() {
    let mut world = World::new().await;
    world.alarm("checkout-5xx").await;
    world.expect_texts(&["aiko"]);
    let incident = json!(world.open_incident().await.id);
    let refused = test_page(&mut world, &incident).await;
    assert!(refused["result"] == "refused" && refused["message"].as_str().unwrap().contains("is no test page"), "{refused}");
    world.end().await;
}
