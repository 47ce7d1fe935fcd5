//! Stories of drills and hand-off reminders on a virtual clock.
#![expect(clippy::unwrap_used, reason = "a story that can not go on has failed")]

use acceptance::{TEAM, World, incident_of, phone};
use hansho::local::{Sent, aws::ProviderFault};
use hansho_domain::{Override, OverrideChange};
use jiff::SignedDuration;
use serde_json::{Value, json};

async fn read(world: &World, path: &str) -> Value {
    let request = axum::http::Request::get(path).header("authorization", "Bearer story-token-story-token-story-token");
    let (status, answer) = world.request(request.body(axum::body::Body::empty()).unwrap()).await;
    assert!(status.is_success(), "{path}: {status} {answer}");
    serde_json::from_str(&answer).unwrap()
}

async fn drill(world: &mut World, body: Value) -> String {
    let (status, answer) = world.post("/drills", Some(body)).await;
    assert_eq!(status.as_u16(), 201, "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["drill"]["id"].as_str().unwrap().to_owned()
}

fn new_year() -> Value {
    json!({ "from": "2026-12-29", "to": "2027-01-03", "service": "checkout" })
}

#[tokio::test]
async fn the_certificate_names_exactly_the_people_who_did_not_answer() {
    let mut world = World::new().await;
    let id = drill(&mut world, new_year()).await;
    let sent = world.expect_texts(&["aiko", "ben", "chie"]);
    let told = |person: &str| sent.iter().find(|sent| sent.to == phone(person)).unwrap().text.clone();
    assert!(told("aiko").starts_with("【訓練】障害ではありません。12/29(火)〜1/3(日)の連絡確認です。"), "{}", told("aiko"));
    assert!(told("ben").starts_with("DRILL, nothing is broken. Are you reachable Dec 28 to Jan 3?"), "{}", told("ben"));
    assert_eq!(world.tap("aiko", "confirm").await.as_u16(), 303);
    let certificate = read(&world, &format!("/drills/{id}/certificate")).await;
    assert_eq!(certificate["unproven"], json!(["ben", "chie"]));
    assert_eq!(certificate["hours_with_nobody_proven"], 0, "aiko is called in every hour");
    let hours = certificate["calls"][0]["hours"].as_array().unwrap();
    assert_eq!((hours.len(), hours[0]["at"].as_str()), (6 * 24, Some("2026-12-28T15:00:00Z")), "six days in Tokyo");
    assert_eq!(hours[0]["steps"], json!([["aiko"], ["ben"], ["aiko", "ben", "chie"]]));
    assert_eq!(certificate["people"]["aiko"]["contacts"][0]["proven_by"], json!({ "drill": id }));
    let status = read(&world, &format!("/drills/{id}")).await;
    let answered = |place: usize| !status["drill"]["asked"][place]["answered_at"].is_null();
    assert_eq!((answered(0), answered(1), answered(2)), (true, false, false), "{status}");
    assert!(world.open_incidents().await.is_empty(), "a drill opens no incident");
    world.minutes(1).await;
    world.end().await;
}

/// Who is called for a SEV1 alone is asked, and proves nothing for what has no priority.
#[tokio::test]
async fn a_step_for_one_priority_is_asked_and_does_not_make_an_hour_proven() {
    let conditional =
        TEAM.replace("{ notify: [schedule/primary], wait: 5m }", "{ notify: [schedule/primary], wait: 5m, when: { priority: [SEV1] } }");
    assert_ne!(conditional, TEAM);
    let conditional = conditional.replace("notify: [team/sre], wait: 10m", "notify: [user/ben], wait: 10m");
    let mut world = World::with(&conditional).await;
    let id = drill(&mut world, new_year()).await;
    world.expect_texts(&["aiko", "ben"]);
    assert_eq!(world.tap("aiko", "confirm").await.as_u16(), 303);
    let certificate = read(&world, &format!("/drills/{id}/certificate")).await;
    assert_eq!((&certificate["unproven"], &certificate["hours_with_nobody_proven"]), (&json!(["ben"]), &json!(144)));
    assert_eq!(world.tap("ben", "confirm").await.as_u16(), 303);
    let certificate = read(&world, &format!("/drills/{id}/certificate")).await;
    assert_eq!(certificate["hours_with_nobody_proven"], 0);
    world.minutes(1).await;
    world.end().await;
}

/// Whose turn it will be nobody knows: an hour is proven when everybody is who may be called alone.
#[tokio::test]
async fn a_step_whose_people_take_turns_is_proven_by_all_of_them() {
    let by_turns =
        TEAM.replace("{ notify: [schedule/primary], wait: 5m }", "{ notify: [user/aiko, user/ben], wait: 5m, round_robin: true }");
    let by_turns =
        by_turns.replace("      - { notify: [user/ben], wait: 5m }\n", "").replace("      - { notify: [team/sre], wait: 10m }\n", "");
    assert!(by_turns.contains("round_robin") && !by_turns.contains("team/sre], wait"), "{by_turns}");
    let mut world = World::with(&by_turns).await;
    let id = drill(&mut world, new_year()).await;
    world.expect_texts(&["aiko", "ben"]);
    assert_eq!(world.tap("aiko", "confirm").await.as_u16(), 303);
    let certificate = read(&world, &format!("/drills/{id}/certificate")).await;
    assert_eq!((&certificate["unproven"], &certificate["hours_with_nobody_proven"]), (&json!(["ben"]), &json!(144)));
    assert_eq!(certificate["calls"][0]["hours"][0]["steps"], json!([["aiko", "ben"]]));
    assert_eq!(world.tap("ben", "confirm").await.as_u16(), 303);
    let certificate = read(&world, &format!("/drills/{id}/certificate")).await;
    assert_eq!(certificate["hours_with_nobody_proven"], 0);
    world.minutes(1).await;
    world.end().await;
}

/// A mail arrives and nobody hears it, and a text proves nothing of somebody whom no rule texts.
#[tokio::test]
async fn an_hour_is_not_proven_by_who_was_reached_in_a_way_that_wakes_nobody() {
    for (rules, proven) in [
        ("[{ after: 0m, by: sms }]", json!({ "email": 144, "sms": 0 })),
        ("[{ after: 0m, by: email }]", json!({ "email": 144, "sms": 144 })),
    ] {
        let team = format!(
            "users:\n  aiko: {{ name: Aiko, email: aiko@example.com, phone: \"+819000000001\", notify: {{ high: {rules} }} }}\n\
             escalation_policies:\n  checkout: {{ steps: [{{ notify: [user/aiko], wait: 5m }}] }}\n\
             services:\n  checkout: {{ escalation_policy: checkout }}\n  catch-all: {{ escalation_policy: checkout }}\nfallback: [user/aiko]\n"
        );
        let mut world = World::with(&team).await;
        let id = drill(&mut world, json!({ "from": "2026-12-29T00:00:00Z", "to": "2027-01-04T00:00:00Z", "service": "checkout" })).await;
        world.minutes(1).await;
        let sent = world.sent();
        for method in ["email", "sms"] {
            let text = &sent.iter().find(|sent| sent.channel == method).unwrap().text;
            let path = text[text.find("/p/").unwrap()..].split_whitespace().next().unwrap().to_owned();
            let request = axum::http::Request::post(format!("{path}/confirm")).body(axum::body::Body::empty()).unwrap();
            assert_eq!(world.request(request).await.0.as_u16(), 303);
            let certificate = read(&world, &format!("/drills/{id}/certificate")).await;
            assert_eq!(certificate["hours_with_nobody_proven"], proven[method], "{rules} {method}: {certificate}");
        }
        world.end().await;
    }
}

#[tokio::test]
async fn the_list_has_every_drill_the_newest_first_with_how_it_stands() {
    let mut world = World::new().await;
    assert_eq!(read(&world, "/drills").await["drills"], json!([]));
    let first = drill(&mut world, new_year()).await;
    let _asked = world.sent();
    world.minutes(1).await;
    let mut later = new_year();
    later["at"] = json!((world.now() + SignedDuration::from_mins(30)).to_string());
    let second = drill(&mut world, later.clone()).await;
    later["to"] = json!("2027-01-04");
    world.minutes(1).await;
    let third = drill(&mut world, later).await;
    assert!(world.post(&format!("/drills/{third}/end"), Some(json!({}))).await.0.is_success());
    let listed = read(&world, "/drills").await["drills"].clone();
    let states: Vec<(&str, &str)> =
        listed.as_array().unwrap().iter().map(|one| (one["id"].as_str().unwrap(), one["state"].as_str().unwrap())).collect();
    assert_eq!(states, [(third.as_str(), "ended"), (second.as_str(), "planned"), (first.as_str(), "asking")]);
    assert_eq!((&listed[2]["scope"], &listed[2]["people"]), (&json!({ "service": "checkout" }), &json!(3)));
    assert_eq!((&listed[2]["from"], &listed[2]["until"]), (&json!("2026-12-28T15:00:00Z"), &json!("2027-01-03T15:00:00Z")));
    assert!(world.post(&format!("/drills/{second}/end"), Some(json!({}))).await.0.is_success());
    // What was called off is ended unsent when its time comes.
    world.minutes(32).await;
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn a_page_that_is_answered_proves_as_much_as_an_answer_to_the_drill() {
    let mut world = World::new().await;
    let before = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "acknowledge").await;
    world.seconds(1).await;
    let id = drill(&mut world, new_year()).await;
    let _asked = world.sent();
    let certificate = read(&world, &format!("/drills/{id}/certificate")).await;
    assert_eq!(certificate["unproven"], json!(["aiko", "ben", "chie"]), "what was proven before does not count");
    assert_eq!(certificate["people"]["aiko"]["contacts"][0]["proven_by"], "page", "and is told");
    assert_eq!(certificate["hours_with_nobody_proven"], 144);
    let after = incident_of(&world.alarm("checkout-latency").await);
    world.minutes(1).await;
    let _paged = world.sent();
    world.tap("aiko", "acknowledge").await;
    let certificate = read(&world, &format!("/drills/{id}/certificate")).await;
    assert_eq!(certificate["unproven"], json!(["ben", "chie"]));
    for incident in [before, after] {
        world.ask(incident, "resolve", json!({}), "aiko").await;
    }
    world.minutes(3).await;
    let _sent = world.sent();
    world.end().await;
}

#[tokio::test]
async fn a_drill_waits_for_a_civil_hour_and_one_that_is_called_off_asks_nobody() {
    let mut world = World::new().await;
    let mut body = new_year();
    body["at"] = json!((world.now() + SignedDuration::from_mins(30)).to_string());
    let first = drill(&mut world, body.clone()).await;
    world.minutes(29).await;
    world.expect_silence();
    world.minutes(2).await;
    world.expect_texts(&["aiko", "ben", "chie"]);
    body["at"] = json!((world.now() + SignedDuration::from_mins(5)).to_string());
    let second = drill(&mut world, body).await;
    assert_ne!(first, second);
    let (status, answer) = world.post(&format!("/drills/{second}/end"), Some(json!({}))).await;
    assert!(status.is_success(), "{answer}");
    world.minutes(7).await;
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn another_drill_of_the_same_moment_is_another_one_and_the_same_request_is_the_same() {
    let mut world = World::new().await;
    let at = (world.now() + SignedDuration::from_mins(5)).to_string();
    let asked = |scope: &str, name: &str| json!({ "from": "2026-12-29", "to": "2027-01-03", "at": at, scope: name });
    let first = drill(&mut world, asked("service", "checkout")).await;
    let second = drill(&mut world, asked("team", "sre")).await;
    assert_ne!(first, second);
    let (status, answer) = world.post("/drills", Some(asked("service", "checkout"))).await;
    assert!(status.as_u16() == 200 && answer.contains("known") && answer.contains(&first), "{status} {answer}");
    let (status, answer) = world.post("/drills", Some(asked("schedule", "nope"))).await;
    assert!(status.as_u16() == 422 && answer.contains("There is no such service, schedule or team"), "{status} {answer}");
    for id in [first, second] {
        assert_eq!(world.post(&format!("/drills/{id}/end"), Some(json!({}))).await.0.as_u16(), 200);
    }
    world.minutes(7).await;
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn what_can_not_be_drilled_is_refused_with_a_sentence() {
    let mut world = World::new().await;
    for (body, status, says) in [
        (json!({ "from": "2027-01-03", "to": "2026-12-29" }), 400, "not after from"),
        (json!({ "from": "2026-12-29", "to": "2027-03-03" }), 400, "longer than 31 days"),
        (json!({ "from": "2026-10-29", "to": "2026-11-03" }), 400, "is over"),
        (json!({ "from": "29.12.", "to": "2027-01-03" }), 400, "write a day such as"),
        (json!({ "from": "2026-12-29", "to": "2027-01-03", "service": "checkout", "team": "sre" }), 400, "one service"),
        (json!({ "from": "2026-12-29", "to": "2027-01-03", "service": "nothing" }), 422, "no such service"),
        (json!({ "from": "2026-12-29", "to": "2027-01-03", "time_zone": "Mars" }), 400, "IANA"),
        (json!({ "from": "2026-12-29", "to": "2027-01-03", "at": "2027-02-01T00:00:00Z" }), 400, "after the end"),
    ] {
        let (found, answer) = world.post("/drills", Some(body.clone())).await;
        assert!(found.as_u16() == status && answer.contains(says), "{body}: {found} {answer}");
    }
    let (status, _) = world.post("/drills/x/end", Some(json!({}))).await;
    assert_eq!(status.as_u16(), 404);
    world.expect_silence();
    world.end().await;
}

/// Aiko until 03:17 in Tokyo, five minutes after stories begin, then ben for a day, then aiko.
const TURNS: &str = r#"
users:
  aiko: { name: 佐藤 愛子, phone: "+819000000001", email: aiko@example.com, language: ja, time_zone: Asia/Tokyo }
  ben: { name: Ben Carter, phone: "+819000000002", email: ben@example.com, time_zone: Asia/Tokyo, notify: { handoff_reminders: [24h, { before: 2m, by: sms }] } }
  chie: { name: 田中 千恵, phone: "+819000000003", language: ja, time_zone: Asia/Tokyo, notify: { handoff_reminders: [24h] } }
schedules:
  primary:
    name: "Checkout, primary"
    time_zone: Asia/Tokyo
    rotations: [{ name: daily, start: 2026-11-20T03:17, every: 1 day, members: [aiko, ben] }]
escalation_policies:
  checkout: { steps: [{ notify: [schedule/primary], wait: 5m }] }
services:
  checkout: { escalation_policy: checkout, alarms: ["checkout-*"] }
fallback: [user/chie]
"#;

fn told(sent: &[Sent]) -> Vec<(String, String)> {
    sent.iter().map(|sent| (sent.channel.to_string(), sent.to.clone())).collect()
}

#[tokio::test]
async fn everybody_is_reminded_of_their_shift_once_per_lead_by_their_own_method() {
    let mut world = World::with(TURNS).await;
    world.seconds(1).await;
    let sent = world.sent();
    assert_eq!(told(&sent), [("email".to_owned(), "ben@example.com".to_owned())], "less than a day is left when it is applied");
    let first = &sent[0].text;
    assert!(first.contains("Your shift starts today 03:17 (Checkout, primary)") && first.contains("Hand-over from: 佐藤 愛子"), "{first}");
    world.minutes(4).await;
    let sent = world.sent();
    assert_eq!(told(&sent), [("sms".to_owned(), phone("ben").to_owned())], "two minutes before");
    let expected = "Hansho: your shift starts today 03:17 (Checkout, primary), until tomorrow 03:17; hand-over from 佐藤 愛子.";
    assert_eq!(sent[0].text, expected);
    world.minutes(3).await;
    let sent = world.sent();
    assert_eq!(told(&sent), [("email".to_owned(), "aiko@example.com".to_owned())], "a day before hers");
    assert!(sent[0].text.contains("明日03:17から当番です (Checkout, primary)"), "{}", sent[0].text);
    world.minutes(10).await;
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn an_override_reminds_whoever_takes_over_and_one_that_is_taken_back_reminds_nobody() {
    let mut world = World::with(TURNS).await;
    world.minutes(8).await;
    let _daily = world.sent();
    let cover = |world: &World, id: &str, hours: i64| {
        let from = world.now() + SignedDuration::from_hours(hours);
        let change = OverrideChange::Add { by: vec!["chie".parse().unwrap()] };
        Override::new(id.to_owned(), "primary".parse().unwrap(), from, from + SignedDuration::from_hours(1), change, world.now()).unwrap()
    };
    let made = cover(&world, "o1", 3);
    world.machine.store().add_override(&made, "tests").await.unwrap();
    world.minutes(2).await;
    let sent = world.expect_texts(&["chie"]);
    assert!(sent[0].text.contains("当番です"), "{}", sent[0].text);
    world.provider("sms", Some(ProviderFault::Unavailable));
    let made = cover(&world, "o2", 6);
    world.machine.store().add_override(&made, "tests").await.unwrap();
    world.minutes(2).await;
    let now = world.now();
    let _removed = world.machine.store().remove_override(&made.schedule, "o2", now, "tests").await.unwrap();
    world.provider("sms", None);
    world.minutes(10).await;
    world.expect_silence();
    world.end().await;
}
