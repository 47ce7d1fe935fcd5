//! The same with OpsCenter.

use acceptance::incident_of;
use hansho_domain::{Actor, Event, IntegrationId};
use serde_json::{Value, json};

use crate::{
    bench::{Bench, TOPIC},
    other_side::{Asked, Fault},
};

fn posted(operation: &str, body: Value) -> Asked {
    Asked { operation: operation.to_owned(), method: "POST".to_owned(), path: "/".to_owned(), body }
}

#[tokio::test]
async fn an_incident_is_an_ops_item_from_its_alarm_to_its_resolve() {
    let mut bench = Bench::new().await;
    let critical = acceptance::alarm_event("batch-nightly").described("severity: error\nrunbook: https://runbooks.example.com/nightly");
    let incident = incident_of(&bench.world.event(critical.at(bench.world.now()).build()).await);
    bench.world.expect_texts(&["aiko"]);
    bench.follow(incident).await;
    let (id, _) = bench.side.only();
    let asked = bench.side.asked();
    let create = &asked[0].body;
    let searchable = |value: String| json!({ "Value": value, "Type": "SearchableString" });
    let arn = "arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:batch-nightly";
    let expected = json!({
        "Title": create["Title"], "Description": create["Description"], "Source": "hansho", "Priority": 2, "Severity": "2",
        "Category": "Availability", "Notifications": [{ "Arn": TOPIC }],
        "OperationalData": {
            "/aws/dedup": searchable(json!({ "dedupString": incident.to_string() }).to_string()),
            "/aws/resources": searchable(json!([{ "arn": arn }]).to_string()),
            "hansho-incident": searchable(incident.to_string()),
            "hansho-service": searchable("batch".to_owned()),
        },
    });
    assert_eq!(asked[0], posted("CreateOpsItem", expected));
    let description = create["Description"].as_str().unwrap();
    for part in [&format!("https://oncall.example.com/incidents/{incident}"), "https://runbooks.example.com/nightly", arn, "batch-nightly"]
    {
        assert!(description.contains(part), "{part} in {description}");
    }
    let story = asked[1].body["OperationalData"]["hansho-timeline"]["Value"].as_str().unwrap();
    let expected = json!({ "OpsItemId": id, "OperationalData": { "hansho-timeline": { "Value": story, "Type": "String" } } });
    assert_eq!(asked[1], posted("UpdateOpsItem", expected));
    assert_eq!(asked.len(), 2);

    bench.world.minutes(1).await;
    bench.world.tap("aiko", "acknowledge").await;
    bench.world.ask(incident, "notes", json!({ "text": "Ran it again." }), "aiko").await;
    bench.world.tap("aiko", "resolve").await;
    bench.follow(incident).await;
    let asked = bench.side.asked();
    assert_eq!(asked.last(), Some(&posted("UpdateOpsItem", json!({ "OpsItemId": id, "Status": "Resolved" }))));
    let record = bench.side.record(&id);
    let story = record.told[0].as_str().unwrap();
    for part in ["Opened by", "佐藤 愛子 acknowledged", "Note by 佐藤 愛子: Ran it again.", "Resolved by 佐藤 愛子"] {
        assert!(story.contains(part), "{part} in {story}");
    }
    bench.minute().await;
    assert_eq!(bench.side.operations(), Vec::<String>::new());
    bench.world.end().await;
}

#[tokio::test]
async fn an_ops_item_that_is_resolved_or_closed_resolves_the_incident_once_without_an_echo() {
    for status in ["Resolved", "Closed"] {
        let mut bench = Bench::new().await;
        let incident = incident_of(&bench.world.alarm("batch-nightly").await);
        bench.follow(incident).await;
        let (id, _) = bench.side.only();
        bench.side.set_status(&id, "InProgress");
        bench.minute().await;
        assert!(!bench.world.incident(incident).await.phase.is_resolved(), "whoever works on it has not resolved it");
        bench.side.set_status(&id, status);
        bench.report(&format!("OpsItem {id} has been updated")).await.unwrap();
        bench.side.asked();
        bench.follow(incident).await;
        bench.minute().await;
        let statuses: Vec<Value> =
            bench.side.asked().into_iter().map(|asked| asked.body["Status"].clone()).filter(|s| !s.is_null()).collect();
        assert_eq!(statuses, Vec::<Value>::new());
        assert_eq!(bench.side.record(&id).status, status);
        let (entries, _) = bench.world.machine.store().timeline(incident).await.unwrap();
        let resolves: Vec<&Actor> = entries
            .iter()
            .filter(|entry| entry.events.iter().any(|event| matches!(event, Event::Resolved { .. })))
            .map(|entry| &entry.actor)
            .collect();
        assert_eq!(resolves, [&Actor::Integration(IntegrationId::new("ops-center").unwrap())]);
        bench.world.sent();
        bench.world.end().await;
    }
}

#[tokio::test]
async fn a_crash_after_an_ops_item_was_made_makes_no_second() {
    for operation in ["CreateOpsItem", "UpdateOpsItem"] {
        let mut bench = Bench::new().await;
        let incident = incident_of(&bench.world.alarm("batch-nightly").await);
        bench.side.fail(operation, &[Fault::AnswerLost]);
        bench.queue_up(incident).await;
        let messages = bench.take_messages();
        assert!(!bench.message(&messages[0]).await, "{operation}");
        assert!(bench.message(&messages[0]).await, "{operation}");
        assert!(bench.message(&messages[0]).await, "{operation}");
        bench.world.tap("aiko", "resolve").await;
        bench.follow(incident).await;
        let (_, record) = bench.side.only();
        assert_eq!(record.status, "Resolved", "{operation}");
        bench.world.sent();
        bench.world.end().await;
    }
}

#[tokio::test]
async fn ops_center_that_refuses_keeps_no_page_waiting() {
    for fault in [
        Fault::Refused(400, "OpsItemAccessDeniedException"),
        Fault::Refused(400, "OpsItemLimitExceededException"),
        Fault::Refused(400, "ThrottlingException"),
        Fault::Refused(500, "InternalServerError"),
        Fault::NeverArrives,
    ] {
        let mut bench = Bench::new().await;
        let incident = incident_of(&bench.world.alarm("batch-nightly").await);
        bench.side.fail("CreateOpsItem", &vec![fault.clone(); 20]);
        bench.queue_up(incident).await;
        bench.world.sent();
        assert_eq!(bench.work_off().await.len(), 1, "{fault:?}");
        bench.side.heal();
        bench.world.minutes(2).await;
        bench.minute().await;
        let (_, record) = bench.side.only();
        assert_eq!(record.status, "Open", "{fault:?}");
        bench.world.tap("aiko", "resolve").await;
        bench.follow(incident).await;
        bench.world.sent();
        bench.world.end().await;
    }
}
