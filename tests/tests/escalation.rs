//! Stories of escalation: turns, hand-overs, conditions, channels, and what people do by hand.
#![expect(clippy::unwrap_used, reason = "a story that can not go on has failed")]

use acceptance::{World, incident_of, result_of};
use axum::http::StatusCode;
use hansho::local::{Sent, aws::ProviderFault};
use hansho_domain::{Event, Incident, IncidentId, Method, PhaseName, Skipped, Urgency, UserId};
use jiff::SignedDuration;
use serde_json::{Value, json};

const PEOPLE: &str = r#"
users:
  aiko: { name: 佐藤 愛子, phone: "+819000000001", language: ja, time_zone: Asia/Tokyo, notify: { high: [{ after: 0m, by: sms }] } }
  ben: { name: Ben Carter, phone: "+819000000002", notify: { high: [{ after: 0m, by: sms }, { after: 2m, by: sms }] } }
  chie: { name: 田中 千恵, phone: "+819000000003", language: ja, time_zone: Asia/Tokyo, notify: { high: [{ after: 0m, by: sms }] } }
teams:
  database: { members: [ben] }
schedules:
  night: { time_zone: Asia/Tokyo, rotations: [{ name: r, start: 2026-01-05T10:00, every: 1 week, members: [chie] }] }
destinations:
  incidents: { chat: "https://chat.example.com/hooks/abc", language: ja, time_zone: Asia/Tokyo }
  ops: { webhook: "https://ops.example.com/hook", secret: "0123456789abcdef" }
"#;

/// A service `checkout` with this policy, beside others that it may name.
async fn world(policies: &str) -> World {
    World::with(&configuration(policies)).await
}

fn configuration(policies: &str) -> String {
    let services =
        "services:\n  checkout: { escalation_policy: first, alarms: [\"checkout-*\"], urgency: by_severity }\nfallback: [user/chie]\n";
    format!("{PEOPLE}escalation_policies:\n{policies}{services}")
}

async fn one_step() -> World {
    world("  first: { steps: [{ notify: [user/aiko], wait: 5m }, { notify: [user/ben], wait: 5m }] }\n").await
}

/// What was posted to a machine or a channel since the last look; nobody else was told anything.
#[track_caller]
fn posts(sent: &[Sent]) -> Vec<&Sent> {
    assert!(sent.iter().all(|sent| sent.channel == "webhook"), "{sent:#?}");
    sent.iter().collect()
}

async fn events(world: &World, incident: IncidentId) -> Vec<Event> {
    let (entries, _) = world.machine.store().timeline(incident).await.unwrap();
    entries.into_iter().flat_map(|entry| entry.events).collect()
}

async fn asked(world: &mut World, incident: &Incident, what: &str, body: Value) -> (StatusCode, Value) {
    let (status, answer) = world.post(&format!("/incidents/{}/{what}", incident.id), Some(body)).await;
    (status, serde_json::from_str(&answer).unwrap())
}

#[tokio::test]
async fn a_round_robin_step_calls_one_after_the_other_over_incidents() {
    let mut world = world("  first: { steps: [{ notify: [user/aiko, user/ben, user/chie], wait: 5m, round_robin: true }] }\n").await;
    for (number, person) in ["aiko", "ben", "chie", "aiko"].into_iter().enumerate() {
        world.alarm(&format!("checkout-{number}")).await;
        world.expect_texts(&[person]);
        world.tap(person, "resolve").await;
        world.minutes(1).await;
    }
    world.end().await;
}

/// Nobody is on call in `day`, and ben leaves while an incident is open whose policy still names him.
#[tokio::test]
async fn whoever_can_not_be_called_has_no_turn() {
    let policy = "  first: { steps: [{ notify: [user/aiko], wait: 5m }, { notify: [schedule/day, user/ben, user/chie], wait: 5m, round_robin: true }] }\n";
    let day = "  day: { time_zone: Asia/Tokyo, rotations: [{ name: r, start: 2026-01-05T10:00, every: 1 day, members: [aiko], end: 2026-01-06T10:00 }] }\ndestinations:\n";
    let services =
        "services:\n  checkout: { escalation_policy: first, alarms: [\"checkout-*\"], urgency: by_severity }\nfallback: [user/chie]\n";
    let team = PEOPLE.replace("destinations:\n", day);
    let mut world = World::with(&format!("{team}escalation_policies:\n{policy}{services}")).await;
    let mut ids = Vec::new();
    for turn in ["ben", "chie", "ben"] {
        ids.push(incident_of(&world.alarm(&format!("checkout-{}", ids.len())).await));
        world.expect_texts(&["aiko"]);
        world.minutes(5).await;
        world.expect_texts(&[turn]);
        world.ask(*ids.last().unwrap(), "resolve", json!({}), "aiko").await;
        world.minutes(1).await;
    }
    // It would be chie's turn, and then ben's, who has left by then: chie has every turn.
    let without_ben: String = team.lines().filter(|line| !line.starts_with("  ben:")).map(|line| format!("{line}\n")).collect();
    let without_ben = without_ben.replace("members: [ben]", "members: [chie]");
    for number in 3..5 {
        let id = incident_of(&world.alarm(&format!("checkout-{number}")).await);
        world.expect_texts(&["aiko"]);
        world.configure(&format!("{without_ben}escalation_policies:\n{}{services}", policy.replace(", user/ben", ""))).await;
        world.minutes(5).await;
        world.expect_texts(&["chie"]);
        world.ask(id, "resolve", json!({}), "aiko").await;
        if number == 3 {
            world.configure(&format!("{team}escalation_policies:\n{policy}{services}")).await;
        }
        world.minutes(1).await;
    }
    world.end().await;
}

#[tokio::test]
async fn a_step_of_turns_that_nobody_answers_is_followed_by_the_next() {
    let mut world =
        world("  first: { steps: [{ notify: [user/aiko, user/ben], wait: 5m, round_robin: true }, { notify: [user/chie], wait: 5m }] }\n")
            .await;
    world.alarm("checkout-1").await;
    world.expect_texts(&["aiko"]);
    // The same step of the same incident is taken once: nobody answers, and the next step is called.
    world.minutes(5).await;
    world.expect_texts(&["chie"]);
    world.tap("chie", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn a_policy_hands_over_to_another_and_the_incident_remembers_where_it_is() {
    let mut world = world(
        "  first: { steps: [{ notify: [user/aiko], wait: 5m }, { hand_over: major }] }\n  major: { steps: [{ notify: [user/ben], wait: 10m }, { notify: [user/chie], wait: 10m }] }\n",
    )
    .await;
    let id = incident_of(&world.alarm("checkout-1").await);
    world.expect_texts(&["aiko"]);
    world.minutes(5).await;
    world.expect_texts(&["ben"]);
    let incident = world.incident(id).await;
    assert_eq!((incident.policy.id.as_str(), incident.handed_over_to.as_ref().map(|policy| policy.as_str())), ("first", Some("major")));
    world.minutes(10).await;
    let mut people: Vec<String> = world.sent().iter().map(|sent| sent.to.clone()).collect();
    people.sort();
    assert_eq!(people, ["+819000000002", "+819000000003"], "ben by his second rule, then chie at step 2 of the other policy");
    world.tap("chie", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn a_step_for_other_priorities_is_passed_at_once() {
    let mut world = world(
        "  first:\n    steps:\n      - { notify: [user/aiko], wait: 5m }\n      - { notify: [user/ben], wait: 5m, when: { priority: [SEV1] } }\n      - { notify: [user/chie], wait: 5m }\n",
    )
    .await;
    world.alarm("checkout-1").await;
    world.expect_texts(&["aiko"]);
    world.minutes(5).await;
    world.expect_texts(&["chie"]);
    world.tap("chie", "resolve").await;

    let id = incident_of(&world.alarm("checkout-2").await);
    world.expect_texts(&["aiko"]);
    world.ask(id, "priority", json!({ "priority": "SEV1" }), "aiko").await;
    world.minutes(5).await;
    world.expect_texts(&["ben"]);
    world.tap("ben", "resolve").await;
    world.end().await;
}

/// Aiko in office hours, Ben outside of them, and Chie whenever neither answers.
const BY_HOURS: &str = "  first:
    steps:
      - { notify: [user/aiko], wait: 5m, when: { during: office } }
      - { notify: [user/ben], wait: 5m, when: { outside_of: office } }
      - { notify: [user/chie], wait: 5m }
    repeat: 1
hours:
  office: { time_zone: Asia/Tokyo, windows: [{ from: \"09:00\", to: \"18:00\", days: [mon, tue, wed, thu, fri] }], holidays: [jp-national] }
";

/// The same world at another time.
async fn world_at(at: &str, policies: &str) -> World {
    let at = at.parse().unwrap();
    World::started(acceptance::load(&configuration(policies)), at, SignedDuration::from_mins(1)).await
}

#[tokio::test]
async fn a_step_for_certain_hours_is_passed_at_once_at_other_times() {
    // At night; in the office; on a holiday; and on a working day.
    for (at, first) in [
        ("2026-11-21T03:12:00+09:00", "ben"),
        ("2026-11-20T17:50:00+09:00", "aiko"),
        ("2026-11-23T10:00:00+09:00", "ben"),
        ("2026-11-24T10:00:00+09:00", "aiko"),
    ] {
        let mut world = world_at(at, BY_HOURS).await;
        let id = incident_of(&world.alarm("checkout-1").await);
        world.expect_texts(&[first]);
        let skipped = Event::StepSkipped { step: 0, round: 0, why: Skipped::Hours };
        assert_eq!(events(&world, id).await.contains(&skipped), first == "ben", "{at}");
        world.minutes(5).await;
        // Ben has a second message after two minutes.
        world.expect_texts(if first == "ben" { &["ben", "chie"] } else { &["chie"] });
        world.tap("chie", "resolve").await;
        world.end().await;
    }
}

#[tokio::test]
async fn the_hours_of_a_step_are_asked_when_its_turn_comes() {
    let mut world = world_at("2026-11-24T08:52:00+09:00", BY_HOURS).await;
    world.alarm("checkout-1").await;
    world.expect_texts(&["ben"]);
    world.minutes(5).await;
    world.expect_texts(&["ben", "chie"]);
    world.minutes(5).await;
    // 09:02, and the second round.
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn an_open_incident_goes_by_the_hours_of_its_own_version_of_the_policy() {
    let mut world = world_at("2026-11-24T08:52:00+09:00", BY_HOURS).await;
    world.alarm("checkout-1").await;
    world.expect_texts(&["ben"]);
    // From now on the office opens at noon.
    world.configure(&configuration(&BY_HOURS.replace("09:00", "12:00"))).await;
    world.minutes(5).await;
    world.expect_texts(&["ben", "chie"]);
    world.minutes(5).await;
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "resolve").await;
    world.alarm("checkout-2").await;
    world.expect_texts(&["ben"]);
    world.tap("ben", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn what_is_exhausted_pages_the_last_step_that_is_for_the_hour() {
    let only_hours = BY_HOURS.replace("      - { notify: [user/chie], wait: 5m }\n", "").replace("    repeat: 1\n", "");
    let mut world = world_at("2026-11-24T08:52:00+09:00", &only_hours).await;
    world.alarm("checkout-1").await;
    world.expect_texts(&["ben"]);
    // Ben's own second message, and then the slow beat.
    world.minutes(4).await;
    world.expect_texts(&["ben"]);
    world.minutes(31).await;
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn a_channel_and_a_webhook_are_told_and_people_are_called_all_the_same() {
    let mut world = world("  first: { steps: [{ notify: [channel/incidents, webhook/ops, user/aiko], wait: 5m }] }\n").await;
    let id = incident_of(&world.alarm("checkout-1").await);
    let sent = world.sent();
    let texts: Vec<_> = sent.iter().filter(|sent| sent.channel == "sms").collect();
    assert_eq!(texts.len(), 1, "{sent:#?}");
    let channel = sent.iter().find(|sent| sent.to.contains("chat.example.com")).unwrap();
    let said: Value = serde_json::from_str(&channel.text).unwrap();
    let text = said["text"].as_str().unwrap();
    assert!(text.contains("checkout") && !text.contains("http"), "a link would act for whoever it is of: {text}");
    let machine = sent.iter().find(|sent| sent.to.contains("ops.example.com")).unwrap();
    let told: Value = serde_json::from_str(&machine.text).unwrap();
    assert_eq!((&told["kind"], &told["link"], &told["incident"]["id"]), (&json!("page"), &Value::Null, &json!(id)));
    assert!(machine.delivery.is_some(), "a receiver can tell a repeat");
    assert!(events(&world, id).await.iter().any(|event| matches!(event, Event::Posted { destinations } if destinations.len() == 2)));
    world.tap("aiko", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn a_step_of_channels_only_does_not_stop_the_search_for_people() {
    let mut world = world("  first: { steps: [{ notify: [channel/incidents], wait: 5m }, { notify: [user/aiko], wait: 5m }] }\n").await;
    world.alarm("checkout-1").await;
    let channels: Vec<String> = world.sent().into_iter().map(|sent| sent.channel).collect();
    assert_eq!(channels.iter().filter(|channel| *channel == "sms").count(), 1, "aiko is called at once: {channels:?}");
    assert_eq!(channels.iter().filter(|channel| *channel == "webhook").count(), 1, "{channels:?}");
    world.tap("aiko", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn a_policy_of_channels_only_pages_the_people_of_last_resort() {
    let mut world = world("  first: { steps: [{ notify: [channel/incidents], wait: 5m }] }\n").await;
    let id = incident_of(&world.alarm("checkout-1").await);
    let sent = world.sent();
    assert!(sent.iter().any(|sent| sent.channel == "sms" && sent.to == acceptance::phone("chie")), "{sent:#?}");
    assert!(events(&world, id).await.iter().any(|event| matches!(event, Event::FallbackPaged { .. })));
    world.tap("chie", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn a_channel_that_does_not_take_a_post_costs_no_page() {
    let mut world =
        world("  first: { steps: [{ notify: [channel/incidents, user/aiko], wait: 5m }, { notify: [user/ben], wait: 5m }] }\n").await;
    world.provider("webhook", Some(ProviderFault::Rejected("no such channel".to_owned())));
    let id = incident_of(&world.alarm("checkout-1").await);
    world.expect_texts(&["aiko"]);
    let (_, deliveries) = world.machine.store().timeline(id).await.unwrap();
    let post = deliveries.iter().find(|delivery| delivery.notification.user().is_none()).unwrap();
    assert_eq!(post.state.as_str(), "failed", "{post:?}");
    assert!(!format!("{deliveries:?}").contains("hooks/abc"), "the address of a channel is a secret");
    world.minutes(5).await;
    world.expect_texts(&["ben"]);
    world.tap("ben", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn an_incident_is_given_to_another_policy_and_stays_with_its_version_of_it() {
    let policies = |person: &str| {
        format!(
            "  first: {{ steps: [{{ notify: [user/aiko], wait: 5m }}] }}\n  database: {{ steps: [{{ notify: [user/ben], wait: 10m }}, {{ notify: [user/{person}], wait: 10m }}] }}\n"
        )
    };
    let mut world = world(&policies("chie")).await;
    let id = incident_of(&world.alarm("checkout-1").await);
    world.expect_texts(&["aiko"]);
    let incident = world.incident(id).await;
    let (status, answer) = asked(&mut world, &incident, "reassign", json!({ "escalation_policy": "nothing-known", "user": "aiko" })).await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    assert!(answer["error"]["message"].as_str().unwrap().contains("nothing-known"), "{answer}");
    world.ask(id, "reassign", json!({ "escalation_policy": "database" }), "aiko").await;
    world.expect_texts(&["ben"]);
    // What is edited afterwards counts for later incidents.
    let services = "services:\n  checkout: { escalation_policy: first, alarms: [\"checkout-*\"] }\nfallback: [user/chie]\n";
    world.configure(&format!("{PEOPLE}escalation_policies:\n{}{services}", policies("aiko"))).await;
    world.minutes(10).await;
    let people: Vec<String> = world.sent().iter().map(|sent| sent.to.clone()).collect();
    assert!(
        people.contains(&acceptance::phone("chie").to_owned()) && !people.contains(&acceptance::phone("aiko").to_owned()),
        "{people:?}"
    );
    world.tap("chie", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn whoever_is_asked_to_help_gets_a_page_with_two_buttons() {
    let mut world = one_step().await;
    let id = incident_of(&world.alarm("checkout-1").await);
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "acknowledge").await;
    world.ask(id, "request-responders", json!({ "to": ["user/ben"], "message": "the database is slow" }), "aiko").await;
    world.expect_texts(&["ben"]);
    let (status, page) = world.get(&world.link_of("ben")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("佐藤 愛子 asks for your help: the database is slow"), "{page}");
    assert!(page.contains("/accept\"") || page.contains("&#x2f;accept\""), "{page}");
    assert!(page.contains("I can help") && page.contains("I can not"), "{page}");
    // The rules of whoever is asked go on until they answer, though the incident is acknowledged.
    world.minutes(2).await;
    world.expect_texts(&["ben"]);
    assert!(world.tap("ben", "accept").await.is_redirection());
    let incident = world.incident(id).await;
    assert_eq!(incident.responders, [UserId::new("ben").unwrap()]);
    World::is(&incident, PhaseName::Acknowledged);
    assert!(events(&world, id).await.contains(&Event::RequestAccepted));
    let (_, page) = world.get(&world.link_of("aiko")).await;
    assert!(page.contains("応援: Ben Carter"), "{page}");
    world.minutes(60).await;
    world.expect_silence();
    world.tap("aiko", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn other_teams_and_their_schedules_are_asked_for_help_though_no_policy_names_them() {
    let mut world = one_step().await;
    let id = incident_of(&world.alarm("checkout-1").await);
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "acknowledge").await;
    world.ask(id, "request-responders", json!({ "to": ["team/database", "schedule/night"] }), "aiko").await;
    world.expect_texts(&["ben", "chie"]);
    world.tap("ben", "accept").await;
    world.tap("chie", "decline").await;
    world.minutes(1).await;
    world.ask(id, "reassign", json!({ "to": ["schedule/night"] }), "aiko").await;
    world.expect_texts(&["chie"]);
    world.tap("chie", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn nobody_pages_a_person_who_has_declined() {
    let mut world = one_step().await;
    let id = incident_of(&world.alarm("checkout-1").await);
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "acknowledge").await;
    world.ask(id, "request-responders", json!({ "to": ["user/ben", "user/chie"] }), "aiko").await;
    world.expect_texts(&["ben", "chie"]);
    let (_, page) = world.get(&world.link_of("chie")).await;
    assert!(page.contains("佐藤 愛子が応援を求めています。") && page.contains("応援する") && page.contains("応援できない"), "{page}");
    world.tap("ben", "decline").await;
    world.minutes(60).await;
    world.expect_silence();
    let incident = world.incident(id).await;
    assert!(incident.responders.is_empty() && incident.is_asked(&UserId::new("chie").unwrap()), "{incident:?}");
    // A page that was on its way when they answered is not sent either; and a cancelled request asks for no answer.
    world.ask(id, "cancel-requests", json!({}), "aiko").await;
    assert!(world.incident(id).await.requests.is_empty());
    assert!(world.tap("chie", "accept").await.is_redirection(), "too late is no error");
    assert!(world.incident(id).await.responders.is_empty());
    world.tap("aiko", "resolve").await;
    world.end().await;
}

/// Aiko was called; ben is asked for help, and the next step reaches him ten seconds later.
async fn asked_and_called() -> (World, IncidentId) {
    let mut world = one_step().await;
    let id = incident_of(&world.alarm("checkout-1").await);
    world.expect_texts(&["aiko"]);
    world.ask(id, "request-responders", json!({ "to": ["user/ben"] }), "aiko").await;
    world.expect_texts(&["ben"]);
    world.seconds(10).await;
    world.ask(id, "escalate", json!({}), "aiko").await;
    world.minutes(1).await;
    world.expect_silence();
    (world, id)
}

#[tokio::test]
async fn whoever_is_asked_for_help_and_then_called_gets_one_message() {
    let (mut world, id) = asked_and_called().await;
    let (_, page) = world.get(&world.link_of("ben")).await;
    for said in ["asks for your help", "No second SMS to Ben Carter", "/acknowledge"] {
        assert!(page.contains(said) || page.contains(&said.replace('/', "&#x2f;")), "{said}: {page}");
    }
    // The rules of the two that come two minutes later are one message as well.
    world.minutes(2).await;
    world.expect_texts(&["ben"]);
    // By the one link he takes the incident.
    assert!(world.tap("ben", "acknowledge").await.is_redirection());
    World::is(&world.incident(id).await, PhaseName::Acknowledged);
    world.tap("ben", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn whoever_declines_to_help_is_still_called_by_the_escalation() {
    let (mut world, id) = asked_and_called().await;
    assert!(world.tap("ben", "decline").await.is_redirection());
    world.seconds(1).await;
    world.expect_texts(&["ben"]);
    World::is(&world.incident(id).await, PhaseName::Triggered);
    world.tap("ben", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn a_request_that_is_cancelled_leaves_nobody_untold_whom_the_escalation_calls() {
    let (mut world, id) = asked_and_called().await;
    world.ask(id, "cancel-requests", json!({}), "aiko").await;
    world.seconds(1).await;
    world.expect_texts(&["ben"]);
    world.tap("ben", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn a_message_for_two_reasons_that_can_not_be_sent_is_a_page_for_others() {
    let mut world = one_step().await;
    let id = incident_of(&world.alarm("checkout-1").await);
    world.expect_texts(&["aiko"]);
    world.provider("sms", Some(ProviderFault::Unavailable));
    world.ask(id, "request-responders", json!({ "to": ["user/ben"] }), "aiko").await;
    world.ask(id, "escalate", json!({}), "aiko").await;
    world.seconds(70).await;
    assert!(events(&world, id).await.contains(&Event::ToldAlready { user: UserId::new("ben").unwrap(), method: Method::Sms }));
    world.provider("sms", None);
    world.seconds(20).await;
    // Nothing reaches ben, so the people of last resort are called before the five minutes of his step are over.
    world.expect_texts(&["chie"]);
    world.tap("chie", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn what_is_merged_goes_on_as_one_incident_until_every_source_is_clear() {
    let mut world = one_step().await;
    let first = incident_of(&world.alarm("checkout-1").await);
    world.expect_texts(&["aiko"]);
    world.minutes(1).await;
    let second = incident_of(&world.alarm("checkout-2").await);
    world.expect_texts(&["aiko"]);
    let answer = world.ask(second, "merge", json!({ "into": first }), "aiko").await;
    assert_eq!((&answer["result"], &answer["incident"]["merged_into"]), (&json!("changed"), &json!(first)));
    World::is(&world.incident(second).await, PhaseName::Resolved);
    assert!(events(&world, second).await.contains(&Event::MergedInto { incident: first }));
    assert!(events(&world, first).await.iter().any(|event| matches!(event, Event::Merged { incident, .. } if *incident == second)));

    // Reopening what was merged is refused, and says where to go.
    let merged = world.incident(second).await;
    let (status, answer) = asked(&mut world, &merged, "reopen", json!({})).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(answer["error"]["message"].as_str().unwrap().contains(&first.to_string()), "{answer}");

    // A repeat of what was merged is counted on the other, and so is its end.
    world.seconds(10).await;
    let repeat = world.alarm("checkout-2").await;
    assert_eq!((result_of(&repeat), incident_of(&repeat)), ("repeated", first));
    world.seconds(10).await;
    let cleared = world.ok("checkout-2").await;
    assert_eq!((result_of(&cleared), incident_of(&cleared)), ("cleared", first));
    World::is(&world.incident(first).await, PhaseName::Triggered);

    // It fires once more: its own source's end is not the end of all.
    world.seconds(10).await;
    let again = world.alarm("checkout-2").await;
    assert_eq!(incident_of(&again), first);
    world.seconds(10).await;
    assert_eq!(result_of(&world.ok("checkout-1").await), "cleared");
    world.seconds(10).await;
    assert_eq!(result_of(&world.ok("checkout-2").await), "resolved");
    World::is(&world.incident(first).await, PhaseName::Resolved);

    // Both keys are free again.
    world.minutes(1).await;
    let next = world.alarm("checkout-2").await;
    assert_eq!(result_of(&next), "opened");
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn a_merge_into_itself_into_nothing_or_into_what_is_over_is_refused() {
    let mut world = one_step().await;
    let id = incident_of(&world.alarm("checkout-1").await);
    world.expect_texts(&["aiko"]);
    world.minutes(1).await;
    let over = incident_of(&world.alarm("checkout-2").await);
    world.expect_texts(&["aiko"]);
    world.ask(over, "resolve", json!({}), "aiko").await;
    let incident = world.incident(id).await;
    for (into, why) in
        [(id.to_string(), "itself"), ("01JD5Z0000ABCDEFGHJKMNPQRS".to_owned(), "no incident"), (over.to_string(), "resolved")]
    {
        let (status, answer) = asked(&mut world, &incident, "merge", json!({ "into": into })).await;
        assert_eq!(status, StatusCode::CONFLICT, "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(why), "{answer}");
    }
    World::is(&world.incident(id).await, PhaseName::Triggered);
    world.tap("aiko", "resolve").await;
    world.ask(id, "resolve", json!({}), "aiko").await;
    world.end().await;
}

#[tokio::test]
async fn lowering_the_urgency_ends_the_paging_and_raising_it_starts_it() {
    let mut world = one_step().await;
    let id = incident_of(&world.alarm("checkout-1").await);
    world.expect_texts(&["aiko"]);
    world.ask(id, "urgency", json!({ "urgency": "low" }), "aiko").await;
    world.minutes(60).await;
    world.expect_silence();
    let incident = world.incident(id).await;
    assert_eq!((incident.urgency, incident.phase.name()), (Urgency::Low, PhaseName::Triggered));
    world.ask(id, "urgency", json!({ "urgency": "high" }), "aiko").await;
    world.expect_texts(&["aiko"]);
    world.minutes(5).await;
    world.expect_texts(&["ben"]);
    world.tap("ben", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn snoozing_from_the_phone_calls_again_in_an_hour() {
    let mut world = one_step().await;
    let id = incident_of(&world.alarm("checkout-1").await);
    world.expect_texts(&["aiko"]);
    assert!(world.tap("aiko", "snooze").await.is_redirection());
    World::is(&world.incident(id).await, PhaseName::Acknowledged);
    world.minutes(59).await;
    world.expect_silence();
    world.minutes(1).await;
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn several_people_acknowledge_the_same_incident() {
    let mut world = one_step().await;
    let id = incident_of(&world.alarm("checkout-1").await);
    world.expect_texts(&["aiko"]);
    for person in ["aiko", "ben", "chie"] {
        world.ask(id, "acknowledge", json!({}), person).await;
    }
    let answer = world.ask(id, "acknowledge", json!({}), "ben").await;
    assert_eq!(answer["incident"]["acknowledged_by"], json!(["user/aiko", "user/ben", "user/chie"]));
    world.tap("aiko", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn a_storm_is_one_post_to_a_channel_and_not_a_hundred() {
    let mut world = world("  first: { steps: [{ notify: [channel/incidents, user/aiko], wait: 60m }] }\n").await;
    for number in 0..20 {
        world.alarm(&format!("checkout-{number}")).await;
    }
    world.minutes(1).await;
    let sent = world.sent();
    let posted: Vec<Sent> = sent.iter().filter(|sent| sent.channel == "webhook").cloned().collect();
    assert_eq!(posts(&posted).len(), 2, "the first at once, the others together: {posted:#?}");
    for incident in world.open_incidents().await {
        world.ask(incident.id, "resolve", json!({}), "aiko").await;
    }
    world.end().await;
}
