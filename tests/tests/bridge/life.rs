//! The whole life of an incident in Incident Manager: once, twice, and in any order.

use acceptance::{incident_of, result_of};
use hansho_domain::{IncidentId, PhaseName};
use serde_json::{Value, json};

use crate::{
    bench::Bench,
    other_side::{Asked, PLAN},
};

/// What was told of the timeline, as plain text.
pub fn told(side: &[Value]) -> Vec<String> {
    side.iter().map(|told| serde_json::from_str(told["eventData"].as_str().unwrap()).unwrap()).collect()
}

async fn opened(bench: &mut Bench) -> IncidentId {
    let incident = incident_of(&bench.world.alarm("checkout-5xx").await);
    bench.world.expect_texts(&["aiko"]);
    incident
}

/// From the alarm to the resolve, by people.
async fn live(bench: &mut Bench, incident: IncidentId) {
    bench.world.minutes(2).await;
    bench.world.tap("aiko", "acknowledge").await;
    bench.world.ask(incident, "notes", json!({ "text": "Rolled back." }), "aiko").await;
    bench.world.minutes(3).await;
    bench.world.tap("aiko", "resolve").await;
}

fn posted(operation: &str, path: &str, body: Value) -> Asked {
    Asked { operation: operation.to_owned(), method: "POST".to_owned(), path: path.to_owned(), body }
}

#[tokio::test]
async fn an_alarm_starts_an_incident_with_the_response_plan_and_is_resolved_there_at_last() {
    let mut bench = Bench::new().await;
    let incident = opened(&mut bench).await;
    bench.follow(incident).await;
    let (record, _) = bench.side.only();
    let asked = bench.side.asked();
    let start = &asked[0];
    let raw = start.body["triggerDetails"]["rawData"].as_str().unwrap();
    assert!(raw.contains("alarmData") && raw.contains("checkout-5xx"), "the payload as it came: {raw}");
    let arn = "arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-5xx";
    let expected = json!({
        "clientToken": incident.to_string(), "responsePlanArn": PLAN, "title": start.body["title"], "impact": start.body["impact"],
        "triggerDetails": { "source": "hansho", "timestamp": bench.world.now().as_second(), "triggerArn": arn, "rawData": raw },
    });
    assert_eq!(*start, posted("StartIncident", "/startIncident", expected));
    assert_eq!(asked[1].path, format!("/getIncidentRecord?arn={}", record.replace(':', "%3A").replace('/', "%2F")));
    let link = |place: usize, kind: &str, title: &str, value: Value| {
        let item = json!({ "identifier": { "type": kind, "value": value }, "title": title });
        let body = json!({
            "clientToken": format!("{incident}-link-{place}"), "incidentRecordArn": record, "relatedItemsUpdate": { "itemToAdd": item },
        });
        posted("UpdateRelatedItems", "/updateRelatedItems", body)
    };
    assert_eq!(asked[2], link(0, "OTHER", "Hansho", json!({ "url": format!("https://oncall.example.com/incidents/{incident}") })));
    let source = bench.world.incident(incident).await.link.unwrap();
    assert_eq!(asked[3], link(1, "OTHER", "Source", json!({ "url": source })));
    assert_eq!(asked[4], link(2, "INVOLVED_RESOURCE", "Alarm", json!({ "arn": arn })));
    let event = &asked[5];
    let expected = json!({
        "clientToken": format!("{incident}-1"), "incidentRecordArn": record, "eventType": "Custom Event",
        "eventTime": bench.world.now().as_second(), "eventData": event.body["eventData"],
    });
    assert_eq!(*event, posted("CreateTimelineEvent", "/createTimelineEvent", expected));
    assert_eq!(asked.len(), 6);

    live(&mut bench, incident).await;
    bench.follow(incident).await;
    let asked = bench.side.asked();
    let operations: Vec<&str> = asked.iter().map(|asked| asked.operation.as_str()).collect();
    assert_eq!(operations, ["CreateTimelineEvent", "CreateTimelineEvent", "CreateTimelineEvent", "UpdateIncidentRecord"]);
    assert_eq!(asked[1].body["eventType"], "Note");
    let version = bench.world.incident(incident).await.version;
    let expected = json!({ "clientToken": format!("{incident}-{version}-status-1"), "arn": record, "status": "RESOLVED" });
    assert_eq!(asked[3], posted("UpdateIncidentRecord", "/updateIncidentRecord", expected));
    let told = told(&bench.side.record(&record).told);
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(told[0].contains("Opened by") && told[0].contains("Calling step 1: 佐藤 愛子"), "{}", told[0]);
    assert_eq!(&told[1..3], ["佐藤 愛子 acknowledged", "Note by 佐藤 愛子: Rolled back."]);
    assert!(told[3].contains("Resolved by 佐藤 愛子"), "{}", told[3]);
    let version_of_all = bench.world.machine.store().bridged_incident(incident).await.unwrap().unwrap();
    assert_eq!(version_of_all.copied.record.as_deref(), Some(record.as_str()), "the ARN is kept as it was returned");
    bench.minute().await;
    assert_eq!(bench.side.operations(), Vec::<String>::new(), "what is over is not looked at any more");
    bench.world.end().await;
}

#[tokio::test]
async fn whatever_is_delivered_twice_counts_once() {
    let mut bench = Bench::new().await;
    let incident = opened(&mut bench).await;
    let twice = async |bench: &mut Bench| {
        let records = bench.new_entries(incident);
        for _ in 0..2 {
            bench.invoke(json!({ "Records": records })).await.unwrap();
        }
        let messages = bench.take_messages();
        assert_eq!(messages.len(), 2);
        for message in [&messages[0], &messages[1], &messages[0]] {
            assert!(bench.message(message).await);
        }
    };
    twice(&mut bench).await;
    live(&mut bench, incident).await;
    twice(&mut bench).await;
    let (_, record) = bench.side.only();
    assert_eq!((record.status.as_str(), record.told.len(), record.links.len()), ("RESOLVED", 4, 3));
    let operations = bench.side.operations();
    let times = |name: &str| operations.iter().filter(|operation| *operation == name).count();
    assert_eq!((times("StartIncident"), times("CreateTimelineEvent"), times("UpdateIncidentRecord")), (1, 4, 1), "{operations:?}");
    bench.world.end().await;
}

/// A message says which incident, and nothing of what happened: the first that comes brings everything, in order.
#[tokio::test]
async fn messages_that_overtake_each_other_tell_the_timeline_in_order() {
    let mut bench = Bench::new().await;
    let incident = opened(&mut bench).await;
    bench.queue_up(incident).await;
    bench.world.minutes(2).await;
    bench.world.tap("aiko", "acknowledge").await;
    bench.queue_up(incident).await;
    let mut messages = bench.take_messages();
    messages.reverse();
    for message in &messages {
        assert!(bench.message(message).await);
    }
    bench.world.tap("aiko", "resolve").await;
    bench.follow(incident).await;
    // The first messages once more, long after.
    for message in &messages {
        assert!(bench.message(message).await);
    }
    let (_, record) = bench.side.only();
    assert_eq!(record.status, "RESOLVED");
    let tokens: Vec<&str> = record.told.iter().map(|told| told["clientToken"].as_str().unwrap()).collect();
    assert_eq!(tokens, (1..=3).map(|version| format!("{incident}-{version}")).collect::<Vec<_>>());
    bench.world.end().await;
}

#[tokio::test]
async fn what_no_message_tells_is_found_every_minute() {
    let mut bench = Bench::new().await;
    let incident = opened(&mut bench).await;
    let answer = bench.minute().await;
    assert_eq!((&answer["followed"], &answer["behind"]), (&json!(1), &json!(0)));
    let (id, _) = bench.side.only();
    live(&mut bench, incident).await;
    bench.minute().await;
    let record = bench.side.record(&id);
    assert_eq!((record.status.as_str(), record.told.len()), ("RESOLVED", 4));
    bench.world.end().await;
}

#[tokio::test]
async fn an_incident_that_gets_worse_or_is_opened_again_is_so_there_too() {
    let mut bench = Bench::new().await;
    let warning = acceptance::alarm_event("checkout-5xx").described("severity: warning").at(bench.world.now()).build();
    let incident = incident_of(&bench.world.event(warning).await);
    bench.world.expect_texts(&["aiko"]);
    bench.follow(incident).await;
    let (id, record) = bench.side.only();
    assert_eq!(record.fields["impact"], 3);
    bench.world.minutes(1).await;
    let critical = acceptance::alarm_event("checkout-5xx").described("severity: critical").at(bench.world.now()).build();
    assert_ne!(result_of(&bench.world.event(critical).await), "opened");
    bench.world.sent();
    bench.follow(incident).await;
    assert_eq!(bench.side.record(&id).fields["impact"], 1);
    bench.world.tap("aiko", "resolve").await;
    bench.follow(incident).await;
    assert_eq!(bench.side.record(&id).status, "RESOLVED");
    bench.world.ask(incident, "reopen", json!({}), "aiko").await;
    bench.world.sent();
    bench.follow(incident).await;
    assert_eq!(bench.side.record(&id).status, "OPEN");
    bench.world.minutes(2).await;
    bench.minute().await;
    assert!(!bench.world.incident(incident).await.phase.is_resolved());
    bench.world.tap("aiko", "resolve").await;
    bench.follow(incident).await;
    assert_eq!(bench.side.record(&id).status, "RESOLVED");
    acceptance::World::is(&bench.world.incident(incident).await, PhaseName::Resolved);
    bench.world.sent();
    bench.world.end().await;
}

#[tokio::test]
async fn a_service_without_a_bridge_and_what_is_held_or_over_are_not_copied() {
    let mut bench = Bench::with(acceptance::TEAM).await;
    let incident = opened(&mut bench).await;
    bench.follow(incident).await;
    bench.minute().await;
    assert_eq!(bench.side.operations(), Vec::<String>::new());
    bench.world.tap("aiko", "resolve").await;
    bench.world.end().await;

    let held = acceptance::TEAM.replace(
        "checkout: { escalation_policy",
        &format!("checkout: {{ auto_pause: 5m, incident_manager: {{ response_plan: \"{PLAN}\" }}, escalation_policy"),
    );
    let mut bench = Bench::with(&held).await;
    let incident = incident_of(&bench.world.alarm("checkout-5xx").await);
    bench.world.expect_silence();
    bench.follow(incident).await;
    bench.minute().await;
    bench.world.ok("checkout-5xx").await;
    bench.follow(incident).await;
    bench.world.seconds(1).await;
    assert_eq!(bench.side.operations(), Vec::<String>::new(), "it cleared by itself, and a response plan would have engaged people");
    let incident = incident_of(&bench.world.alarm("checkout-5xx").await);
    bench.world.minutes(6).await;
    bench.world.expect_texts(&["aiko"]);
    bench.follow(incident).await;
    let (_, record) = bench.side.only();
    assert!(told(&record.told)[0].contains("Held until"), "its story begins with the hold");
    bench.world.tap("aiko", "resolve").await;
    bench.follow(incident).await;
    bench.world.end().await;
}
