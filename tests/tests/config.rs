//! The configuration function, asked as the command line and the AWS CLI ask it.

use std::{collections::BTreeMap, fs, path::Path};

use acceptance::{TEAM, World};
use hansho_config::{pack, unpack};
use serde_json::{Value, json};

/// What each sample is answered with: the result, and a part of the rest.
const ANSWERS: [(&str, &str, &str); 14] = [
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
    ("team.json", "applied", "\"team\":\"payments\""),
    ("tokens.json", "tokens", "\"tokens\":[]"),
    ("unknown-action.json", "refused", "make_token, tokens, revoke_token, check_team or team"),
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
