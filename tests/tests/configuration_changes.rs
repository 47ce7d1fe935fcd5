//! Open incidents when the configuration changes under them: none is harmed, and the apply says what it means for each.
#![expect(clippy::unwrap_used, reason = "a story that can not go on has failed")]

use std::collections::BTreeMap;

use acceptance::{TEAM, World, alarm_event, incident_of, result_of};
use axum::http::StatusCode;
use hansho_configuration::Loaded;
use hansho_domain::{Event, IncidentId, PhaseName, UserId};
use hansho_store::{Addresses, Author, ConfigurationText, Contact, Proposal, Proposed};
use serde_json::{Value, json};

/// Ben takes aiko's place everywhere.
fn without_aiko() -> String {
    let people: String = TEAM.lines().filter(|line| !line.starts_with("  aiko:")).map(|line| format!("{line}\n")).collect();
    people.replace("[aiko, ben, chie]", "[ben, chie]").replace("members: [aiko]", "members: [ben]")
}

/// What changes, replaced in the text; it must be there.
fn edited(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

/// Applies, and waits until it is in force everywhere. Gives what it says of open incidents.
async fn apply(world: &mut World, text: &str) -> Vec<(String, String)> {
    let answer = world.invoke("config", json!({ "action": "apply", "files": { "story.yaml": text }, "by": "aiko" })).await;
    assert_eq!(answer["result"], "applied", "{answer}");
    let said = said(&answer);
    world.seconds(5).await;
    said
}

fn said(answer: &Value) -> Vec<(String, String)> {
    let word = |incident: &Value, name: &str| incident[name].as_str().unwrap_or_default().to_owned();
    answer["incidents"].as_array().into_iter().flatten().map(|one| (word(one, "incident"), word(one, "effect"))).collect()
}

async fn events(world: &World, id: IncidentId) -> Vec<Event> {
    let (entries, _) = world.machine.store().timeline(id).await.unwrap();
    entries.into_iter().flat_map(|entry| entry.events).collect()
}

/// Nobody writes the service of a team: it is there as long as the team is.
#[tokio::test]
async fn an_incident_of_a_teams_own_service_is_told_of_nothing_while_the_team_is_there() {
    let team = edited(TEAM, "teams:\n", "teams:\n  data: { members: [chie] }\n");
    let mut world = World::with(&team).await;
    let id = incident_of(&world.event(alarm_event("etl-age").at(world.now()).described("owner: data").build()).await);
    assert_eq!(world.incident(id).await.service.as_str(), "team-data");
    world.expect_texts(&["chie"]);
    let other = edited(&team, "batch: {", "batch: { auto_resolve: 8h,");
    let plan = world.invoke("config", json!({ "action": "plan", "files": { "story.yaml": other } })).await;
    assert_eq!(said(&plan), [], "{plan}");
    assert_eq!(apply(&mut world, &other).await, []);
    // Where the team goes, its service does.
    let gone = edited(&other, "  data: { members: [chie] }\n", "");
    let plan = world.invoke("config", json!({ "action": "plan", "files": { "story.yaml": gone } })).await;
    assert!(said(&plan)[0].1.contains("service team-data is removed"), "{plan}");
    world.tap("chie", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn an_incident_of_a_service_that_is_removed_goes_on_with_its_policy_and_says_so() {
    let mut world = World::new().await;
    let id = incident_of(&world.alarm("batch-nightly").await);
    world.expect_texts(&["aiko"]);
    let removed = edited(TEAM, "  batch: { escalation_policy: checkout, alarms: [\"batch-*\"], urgency: by_severity }\n", "");
    let plan = world.invoke("config", json!({ "action": "plan", "files": { "story.yaml": removed } })).await;
    assert!(said(&plan)[0].1.contains("catch-all"), "{plan}");
    let told = apply(&mut world, &removed).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].0 == id.to_string() && told[0].1.contains("service batch is removed"), "{told:?}");
    assert!(events(&world, id).await.iter().any(|event| matches!(event, Event::Noted { text } if text.contains("サービス batch"))));
    world.expect_silence();
    world.minutes(5).await;
    world.expect_texts(&["ben"]);
    // What happens to the service now is the catch-all's, which calls everybody.
    let other = world.alarm("batch-other").await;
    assert_eq!(
        (result_of(&other), world.incident(incident_of(&other)).await.service.as_str().to_owned()),
        ("opened", "catch-all".to_owned())
    );
    world.sent();
    assert_eq!(world.tap("ben", "acknowledge").await, StatusCode::SEE_OTHER);
    for open in world.open_incidents().await {
        world.ask(open.id, "resolve", json!({}), "ben").await;
    }
    world.minutes(90).await;
    assert_eq!(world.open_incidents().await.len(), 0);
    world.end().await;
}

#[tokio::test]
async fn whoever_is_called_and_leaves_is_called_no_more_and_the_next_step_is_called_at_once() {
    let mut world = World::new().await;
    let id = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko"]);
    let told = apply(&mut world, &without_aiko()).await;
    assert_eq!(told, [(id.to_string(), "aiko is called and leaves; the next step is called at once: ben".to_owned())]);
    world.expect_texts(&["ben"]);
    world.minutes(5).await;
    let everybody = world.sent();
    assert!(everybody.iter().all(|sent| sent.to != acceptance::phone("aiko")), "{everybody:#?}");
    assert_eq!(everybody.len(), 2, "ben and chie: {everybody:#?}");
    world.minutes(60).await;
    assert!(world.sent().iter().all(|sent| sent.to != acceptance::phone("aiko")), "an old version of the policy calls nobody who left");
    world.ask(id, "resolve", json!({}), "chie").await;
    world.end().await;
}

/// Ben covers for aiko, alone on the only step, which is called once or twice; and without ben, aiko for herself.
fn covered(repeat: u8, cover: bool, fallback: &str) -> String {
    let quiet = if cover { ", quiet: [{ from: \"00:00\", to: \"24:00\", cover: user/ben }]" } else { "" };
    let ben = if cover { "  ben: { name: Ben, phone: \"+819000000002\", notify: { high: [{ after: 0m, by: sms }] } }\n" } else { "" };
    format!(
        r#"
users:
  aiko: {{ name: 愛子, phone: "+819000000001", language: ja, time_zone: Asia/Tokyo, notify: {{ high: [{{ after: 0m, by: sms }}]{quiet} }} }}
{ben}  chie: {{ name: 千恵, phone: "+819000000003", language: ja, notify: {{ high: [{{ after: 0m, by: sms }}] }} }}
escalation_policies:
  checkout: {{ steps: [{{ notify: [user/aiko], wait: 5m }}], repeat: {repeat} }}
services:
  checkout: {{ escalation_policy: checkout, alarms: ["checkout-*"] }}
fallback: [user/{fallback}]
"#
    )
}

#[tokio::test]
async fn of_a_cover_who_leaves_the_plan_says_whom_the_apply_calls() {
    for (repeat, fallback, says, called) in [
        (1, "chie", "the policy begins again at once: aiko", Some("aiko")),
        (0, "chie", "the people of last resort are called at once: chie", Some("chie")),
        (0, "aiko", "the people of last resort are called at once: aiko", Some("aiko")),
    ] {
        let mut world = World::with(&covered(repeat, true, fallback)).await;
        let id = incident_of(&world.alarm("checkout-5xx").await);
        world.expect_texts(&["ben"]);
        let without_ben = covered(repeat, false, fallback);
        let plan = world.invoke("config", json!({ "action": "plan", "files": { "story.yaml": without_ben } })).await;
        let expected = [(id.to_string(), format!("ben is called and leaves; {says}"))];
        assert_eq!(said(&plan), expected, "{plan}");
        assert_eq!(apply(&mut world, &without_ben).await, expected);
        world.expect_texts(&called.into_iter().collect::<Vec<_>>());
        world.ask(id, "resolve", json!({}), "chie").await;
        world.end().await;
    }
}

#[tokio::test]
async fn of_several_who_are_called_the_others_are_called_on() {
    let mut world = World::with(&edited(TEAM, "notify: [schedule/primary]", "notify: [team/sre]")).await;
    let id = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko", "ben", "chie"]);
    let told = apply(&mut world, &without_aiko().replace("notify: [schedule/primary]", "notify: [team/sre]")).await;
    assert_eq!(told, [(id.to_string(), "aiko is called and leaves; the others are called on".to_owned())]);
    world.expect_silence();
    World::is(&world.incident(id).await, PhaseName::Triggered);
    assert_eq!(world.tap("ben", "acknowledge").await, StatusCode::SEE_OTHER);
    world.ask(id, "resolve", json!({}), "ben").await;
    world.end().await;
}

#[tokio::test]
async fn where_everybody_of_the_old_policy_has_left_the_people_of_last_resort_are_called() {
    let mut world = World::with(&edited(TEAM, "notify: [team/sre], wait: 10m", "notify: [user/ben], wait: 10m")).await;
    let id = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko"]);
    let only_chie = r#"
users:
  chie: { name: 田中 千恵, phone: "+819000000003", language: ja, notify: { high: [{ after: 0m, by: sms }] } }
escalation_policies:
  checkout: { steps: [{ notify: [user/chie], wait: 5m }] }
services:
  checkout: { escalation_policy: checkout, alarms: ["checkout-*"] }
fallback: [user/chie]
"#;
    apply(&mut world, only_chie).await;
    world.expect_texts(&["chie"]);
    assert!(events(&world, id).await.iter().any(|event| matches!(event, Event::FallbackPaged { .. })));
    world.ask(id, "resolve", json!({}), "chie").await;
    world.end().await;
}

#[tokio::test]
async fn a_schedule_and_a_team_that_are_removed_are_still_asked_by_the_policy_of_an_open_incident() {
    let mut world = World::new().await;
    let id = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko"]);
    let bare = TEAM.split("teams:").next().unwrap_or_default().to_owned()
        + r#"
escalation_policies:
  checkout: { steps: [{ notify: [user/ben], wait: 5m }] }
services:
  checkout: { escalation_policy: checkout, alarms: ["checkout-*"] }
fallback: [user/ben]
"#;
    assert_eq!(apply(&mut world, &bare).await, []);
    world.minutes(5).await;
    world.expect_texts(&["ben"]);
    world.minutes(5).await;
    world.expect_texts(&["aiko", "ben", "chie"]);
    world.minutes(10).await;
    world.expect_texts(&["aiko"]);
    world.ask(id, "resolve", json!({}), "ben").await;
    world.end().await;
}

#[tokio::test]
async fn what_somebody_had_who_leaves_is_given_to_others() {
    let mut world = World::new().await;
    let id = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko"]);
    assert_eq!(world.tap("aiko", "acknowledge").await, StatusCode::SEE_OTHER);
    let told = apply(&mut world, &without_aiko()).await;
    assert_eq!(told, [(id.to_string(), "user/aiko has it and leaves; others are called".to_owned())]);
    world.expect_texts(&["ben"]);
    World::is(&world.incident(id).await, PhaseName::Triggered);
    world.ask(id, "resolve", json!({}), "ben").await;
    world.end().await;
}

#[tokio::test]
async fn whoever_is_asked_to_help_and_leaves_is_waited_for_no_more_and_the_apply_says_so() {
    let mut world = World::new().await;
    let id = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko"]);
    assert_eq!(world.tap("aiko", "acknowledge").await, StatusCode::SEE_OTHER);
    world.ask(id, "request-responders", json!({ "to": ["user/ben", "user/chie"], "message": "come" }), "aiko").await;
    let _asked = world.sent();
    let without_ben: String = TEAM.lines().filter(|line| !line.starts_with("  ben:")).map(|line| format!("{line}\n")).collect();
    let without_ben =
        without_ben.replace("[aiko, ben, chie]", "[aiko, chie]").replace("[user/ben]", "[user/chie]").replace("[ben]", "[chie]");
    let plan = world.invoke("config", json!({ "action": "plan", "files": { "story.yaml": without_ben } })).await;
    let expected = [(id.to_string(), "ben is asked to help and leaves; ask somebody else".to_owned())];
    assert_eq!(said(&plan), expected, "{plan}");
    assert_eq!(apply(&mut world, &without_ben).await, expected);
    let incident = world.incident(id).await;
    assert_eq!(incident.requests.iter().flat_map(|request| request.waiting()).map(|user| user.as_str()).collect::<Vec<_>>(), ["chie"]);
    let unreachable = |event: &&Event| matches!(event, Event::Unreachable { user, .. } if user.as_str() == "ben");
    assert_eq!(events(&world, id).await.iter().filter(unreachable).count(), 1, "the timeline says why");
    World::is(&incident, PhaseName::Acknowledged);
    let again = world.invoke("config", json!({ "action": "apply", "files": { "story.yaml": without_ben } })).await;
    assert_eq!(said(&again), [], "it is said once");
    world.expect_silence();
    world.ask(id, "accept", json!({}), "chie").await;
    world.ask(id, "resolve", json!({}), "aiko").await;
    world.end().await;
}

#[tokio::test]
async fn the_same_apply_again_says_the_same_once_and_calls_nobody_again() {
    let mut world = World::new().await;
    let id = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko"]);
    apply(&mut world, &without_aiko()).await;
    world.expect_texts(&["ben"]);
    let before = events(&world, id).await;
    for _ in 0..2 {
        let again = world.invoke("config", json!({ "action": "apply", "files": { "story.yaml": without_aiko() } })).await;
        assert_eq!((&again["result"], said(&again)), (&json!("unchanged"), Vec::new()), "{again}");
    }
    world.expect_silence();
    assert_eq!(events(&world, id).await, before);
    world.ask(id, "resolve", json!({}), "ben").await;
    world.end().await;
}

#[tokio::test]
async fn a_page_that_waits_when_its_person_leaves_is_not_sent() {
    let mut world =
        World::with(&edited(TEAM, "high: [{ after: 0m, by: sms }] } }\n  ben", "high: [{ after: 2m, by: sms }] } }\n  ben")).await;
    let id = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_silence();
    apply(&mut world, &without_aiko()).await;
    world.expect_texts(&["ben"]);
    world.minutes(4).await;
    world.expect_silence();
    world.ask(id, "resolve", json!({}), "ben").await;
    world.end().await;
}

#[tokio::test]
async fn somebody_who_comes_back_is_called_again() {
    let mut world = World::new().await;
    apply(&mut world, &without_aiko()).await;
    apply(&mut world, TEAM).await;
    let id = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko"]);
    world.ask(id, "resolve", json!({}), "aiko").await;
    world.end().await;
}

#[tokio::test]
async fn a_service_that_is_removed_and_opened_by_hand_is_the_catch_alls() {
    let mut world = World::new().await;
    apply(&mut world, &edited(TEAM, "  batch: { escalation_policy: checkout, alarms: [\"batch-*\"], urgency: by_severity }\n", "")).await;
    let (status, answer) = world.post("/incidents", Some(json!({ "service": "batch", "title": "by hand" }))).await;
    assert!(!status.is_success() || world.open_incident().await.service.as_str() == "catch-all", "{status} {answer}");
    for open in world.open_incidents().await {
        world.ask(open.id, "resolve", json!({}), "ben").await;
    }
    world.sent();
    world.end().await;
}

/// A window over checkout, until this hour of the story's night (UTC); it is 18:12.
fn with_maintenance(until: &str) -> String {
    format!("{TEAM}maintenance_windows:\n  move: {{ services: [checkout], from: 2026-11-20T18:00Z, until: 2026-11-20T{until}Z }}\n")
}

#[tokio::test]
async fn a_maintenance_window_that_is_taken_out_or_shortened_holds_what_it_held_no_longer_than_it_says() {
    let mut world = World::with(&with_maintenance("22:00")).await;
    let id = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_silence();
    // Longer, and the same again, mean nothing for what is held now.
    assert_eq!(apply(&mut world, &with_maintenance("23:00")).await, []);
    let told = apply(&mut world, &with_maintenance("19:00")).await;
    let said = "maintenance window move ends earlier; it is held until 2026-11-20T19:00:00Z, or by another".to_owned();
    assert_eq!(told, [(id.to_string(), said)]);
    world.minutes(47).await;
    world.expect_silence();
    world.minutes(1).await;
    world.expect_texts(&["aiko"]);
    world.ask(id, "resolve", json!({}), "aiko").await;
    world.minutes(1).await;
    apply(&mut world, &with_maintenance("22:00")).await;
    let other = incident_of(&world.alarm("checkout-latency").await);
    let told = apply(&mut world, TEAM).await;
    let said = "maintenance window move holds it no longer; if no other does, it pages now".to_owned();
    assert_eq!(told, [(other.to_string(), said)]);
    world.expect_texts(&["aiko"]);
    world.ask(other, "resolve", json!({}), "aiko").await;
    world.minutes(3).await;
    world.end().await;
}

/// Aiko is called by a text after twenty minutes, unless her line says otherwise.
fn patient(line: &str) -> String {
    let aiko = TEAM.lines().find(|line| line.starts_with("  aiko:")).unwrap_or_default();
    let text = edited(TEAM, aiko, line);
    edited(&text, "      - { notify: [schedule/primary], wait: 5m }\n", "      - { notify: [schedule/primary], wait: 60m }\n")
}

const PATIENT: &str = r#"  aiko: { name: 佐藤 愛子, phone: "+819000000001", language: ja, time_zone: Asia/Tokyo, notify: { high: [{ after: 20m, by: sms }] } }"#;

#[tokio::test]
async fn whoever_is_called_is_told_at_the_time_that_an_apply_gives_her() {
    let mut world = World::with(&patient(PATIENT)).await;
    let id = incident_of(&world.alarm("checkout-5xx").await);
    world.minutes(1).await;
    let earlier = patient(&PATIENT.replace("20m", "5m"));
    let plan = world.invoke("config", json!({ "action": "plan", "files": { "story.yaml": earlier } })).await;
    assert_eq!(said(&plan)[0].1, "people are told by their rules as they are now, next at 2026-11-20T18:17:00Z", "{plan}");
    let told = apply(&mut world, &earlier).await;
    assert_eq!(told, said(&plan));
    assert!(events(&world, id).await.contains(&Event::RulesReviewed));
    // The same apply again means nothing more.
    assert_eq!(
        world.invoke("config", json!({ "action": "apply", "files": { "story.yaml": earlier }, "by": "aiko" })).await["incidents"],
        json!([])
    );
    world.minutes(3).await;
    world.expect_silence();
    world.minutes(1).await;
    world.expect_texts(&["aiko"]);
    world.minutes(30).await;
    world.expect_silence();
    world.tap("aiko", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn whoever_is_called_and_loses_her_phone_is_told_by_what_she_has() {
    let mut world = World::with(&patient(PATIENT)).await;
    world.alarm("checkout-5xx").await;
    world.minutes(1).await;
    let mail = r#"  aiko: { name: 佐藤 愛子, email: "aiko@example.com", language: ja, time_zone: Asia/Tokyo }"#;
    let told = apply(&mut world, &patient(mail)).await;
    assert!(told[0].1.ends_with("aiko is told at once"), "{told:?}");
    let sent = world.sent();
    assert!(sent.len() == 1 && sent[0].channel == "email" && sent[0].to == "aiko@example.com", "{sent:#?}");
    let id = world.open_incident().await.id;
    world.ask(id, "resolve", json!({}), "aiko").await;
    world.end().await;
}

#[tokio::test]
async fn an_apply_that_dies_before_it_tells_of_new_rules_is_finished_by_the_next() {
    let mut world = World::with(&patient(PATIENT)).await;
    world.alarm("checkout-5xx").await;
    world.minutes(1).await;
    let earlier = patient(&PATIENT.replace("20m", "2m"));
    // In force, and nobody was told of it.
    put_in_force(&world, &acceptance::load(&earlier)).await;
    world.minutes(3).await;
    world.expect_silence();
    let again = world.invoke("config", json!({ "action": "apply", "files": { "story.yaml": earlier }, "by": "aiko" })).await;
    assert_eq!(again["result"], "unchanged");
    assert!(said(&again)[0].1.ends_with("aiko is told at once"), "{again}");
    world.seconds(1).await;
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "resolve").await;
    world.end().await;
}

/// Past the function: nobody looks at it, and no incident is told.
async fn put_in_force(world: &World, loaded: &Loaded) -> u64 {
    let contact = |(user, known): (UserId, hansho_configuration::Contact)| {
        (user, Contact { phone: known.phone, email: known.email, time_zone: known.time_zone, ..Contact::default() })
    };
    let contacts: BTreeMap<UserId, Contact> = loaded.contacts.clone().into_iter().map(contact).collect();
    let proposal = Proposal {
        configuration: &loaded.configuration,
        addresses: Addresses { contacts: &contacts, destinations: &BTreeMap::new() },
        text: &ConfigurationText(loaded.files.clone()),
        author: &Author::default(),
        summary: "",
        expected: None,
    };
    match world.machine.store().propose(&proposal).await.unwrap() {
        Proposed::InForce(made) => made.version,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_version_that_does_not_know_whose_clock_quiet_times_are_on_can_be_gone_back_to() {
    let mut world = World::new().await;
    // As it was stored when nothing asked for the clock.
    let old = edited(
        TEAM,
        "  ben: { name: Ben Carter, phone: \"+819000000002\", notify: { high: [{ after: 0m, by: sms }] } }",
        "  ben: { name: Ben Carter, phone: \"+819000000002\", notify: { high: [{ after: 0m, by: sms }], quiet: [{ from: \"00:00\", to: \"24:00\", cover: user/chie }] } }",
    );
    let files = [("story.yaml".to_owned(), old.clone())].into();
    let (loaded, assumed) = hansho_configuration::load_stored(&files).unwrap();
    assert_eq!((assumed.len(), assumed[0].user.as_str(), assumed[0].line), (1, "ben", 4));
    let version = put_in_force(&world, &loaded).await;
    apply(&mut world, TEAM).await;
    // Files are asked for the clock; a version that was in force is not, and says what that means.
    let refused = world.invoke("config", json!({ "action": "apply", "files": { "story.yaml": old }, "by": "aiko" })).await;
    assert_eq!(refused["result"], "invalid", "{refused}");
    let warned = json!([{ "user": "ben", "file": "story.yaml", "line": 4 }]);
    let plan = world.invoke("config", json!({ "action": "plan", "version": version })).await;
    assert_eq!((&plan["result"], &plan["quiet_on_utc"]), (&json!("planned"), &warned), "{plan}");
    let back = world.invoke("config", json!({ "action": "apply", "version": version, "by": "aiko" })).await;
    assert_eq!((&back["result"], &back["quiet_on_utc"]), (&json!("applied"), &warned), "{back}");
    world.seconds(5).await;
    // It is in force as it was: ben's cover is called for him.
    world.alarm("checkout-5xx").await;
    world.expect_texts(&["aiko"]);
    world.minutes(5).await;
    world.expect_texts(&["chie"]);
    // And forward again.
    apply(&mut world, TEAM).await;
    world.tap("chie", "resolve").await;
    world.end().await;
}
