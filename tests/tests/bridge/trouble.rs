//! The other side is throttled, closed, silent or gone; pages go out in time all the same, and what was missed is made up for.

use acceptance::incident_of;
use hansho_domain::IncidentId;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{bench::Bench, other_side::Fault};

fn sample(name: &str) -> Value {
    let path = format!("{}/../events/incident-manager-bridge/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))).unwrap()
}

/// Every way in which Incident Manager may not do its part, for as long as it takes.
const TROUBLE: [(&str, Fault); 5] = [
    ("throttled", Fault::Refused(429, "ThrottlingException")),
    ("not permitted, or closed to the account", Fault::Refused(403, "AccessDeniedException")),
    ("no such response plan", Fault::Refused(404, "ResourceNotFoundException")),
    ("out of order", Fault::Refused(500, "InternalServerException")),
    ("silent", Fault::NeverArrives),
];

#[tokio::test]
async fn whatever_is_wrong_with_incident_manager_pages_go_out_in_time_and_it_is_told_later() {
    for (what, fault) in TROUBLE {
        let mut bench = Bench::new().await;
        let incident = incident_of(&bench.world.alarm("checkout-5xx").await);
        bench.side.fail("StartIncident", &vec![fault; 50]);
        bench.queue_up(incident).await;
        bench.world.expect_texts(&["aiko"]);
        let failed = bench.work_off().await;
        assert_eq!(failed.len(), 1, "{what}: the message comes back, and ends among the dead letters");
        for _ in 0..4 {
            let answer = bench.minute().await;
            assert!(answer["behind"].as_u64().unwrap() <= 1, "{what}: {answer}");
        }
        bench.world.minutes(1).await;
        bench.world.expect_texts(&["ben"]);
        assert!(bench.side.records().is_empty(), "{what}");
        let tries = bench.side.operations().len();
        assert!((2..=6).contains(&tries), "{what}: {tries} calls in five minutes, less and less often");
        bench.side.heal();
        bench.world.minutes(4).await;
        bench.minute().await;
        let (_, record) = bench.side.only();
        assert!(record.told.len() >= 3, "{what}: the whole story is told: {:#?}", record.told);
        bench.world.tap("aiko", "resolve").await;
        bench.follow(incident).await;
        let (_, record) = bench.side.only();
        assert_eq!(record.status, "RESOLVED", "{what}");
        bench.world.sent();
        bench.world.end().await;
    }
}

/// A function that dies between a call and its record makes the same call again, under the same token.
#[tokio::test]
async fn a_crash_between_any_call_and_our_record_of_it_makes_nothing_twice() {
    for operation in ["StartIncident", "GetIncidentRecord", "UpdateRelatedItems", "CreateTimelineEvent", "UpdateIncidentRecord"] {
        let mut bench = Bench::new().await;
        let incident = incident_of(&bench.world.alarm("checkout-5xx").await);
        bench.side.fail(operation, &[Fault::AnswerLost]);
        bench.queue_up(incident).await;
        let mut messages = bench.take_messages();
        if operation != "UpdateIncidentRecord" {
            assert!(!bench.message(&messages[0]).await, "{operation}");
        }
        assert!(bench.message(&messages[0]).await, "{operation}");
        bench.world.tap("aiko", "resolve").await;
        bench.queue_up(incident).await;
        messages = bench.take_messages();
        if operation == "UpdateIncidentRecord" {
            assert!(!bench.message(&messages[0]).await, "{operation}");
        }
        assert!(bench.message(&messages[0]).await, "{operation}");
        let (_, record) = bench.side.only();
        assert_eq!((record.status.as_str(), record.told.len(), record.links.len()), ("RESOLVED", 2, 3), "{operation}");
        bench.world.sent();
        bench.world.end().await;
    }
}

/// What may have been begun is ended there too; what was refused for sure is not begun when it is over.
#[tokio::test]
async fn an_incident_that_is_over_before_it_was_begun_there_engages_nobody() {
    let mut bench = Bench::new().await;
    let refused = incident_of(&bench.world.alarm("checkout-5xx").await);
    bench.side.fail("StartIncident", &[Fault::Refused(403, "AccessDeniedException")]);
    bench.queue_up(refused).await;
    assert_eq!(bench.work_off().await.len(), 1);
    bench.world.seconds(1).await;
    bench.world.ok("checkout-5xx").await;
    bench.follow(refused).await;
    assert!(bench.side.records().is_empty(), "a plan that starts now would engage people for what is over");
    let lost = incident_of(&bench.world.alarm("checkout-latency").await);
    bench.side.fail("StartIncident", &[Fault::AnswerLost]);
    bench.queue_up(lost).await;
    assert_eq!(bench.work_off().await.len(), 1);
    bench.world.seconds(1).await;
    bench.world.ok("checkout-latency").await;
    bench.follow(lost).await;
    let (_, record) = bench.side.only();
    assert_eq!((record.status.as_str(), record.told.len()), ("RESOLVED", 2), "nothing stays open for ever");
    bench.world.minutes(1).await;
    bench.world.sent();
    bench.world.end().await;
}

#[tokio::test]
async fn what_incident_manager_never_takes_is_left_out_and_the_rest_gets_there() {
    let mut bench = Bench::new().await;
    let incident = incident_of(&bench.world.alarm("checkout-5xx").await);
    bench.side.fail("UpdateRelatedItems", &[Fault::Refused(400, "ValidationException")]);
    bench.side.fail("CreateTimelineEvent", &[Fault::Refused(402, "ServiceQuotaExceededException")]);
    bench.follow(incident).await;
    bench.world.tap("aiko", "resolve").await;
    bench.follow(incident).await;
    let (_, record) = bench.side.only();
    assert_eq!((record.status.as_str(), record.told.len(), record.links.len()), ("RESOLVED", 1, 2));
    bench.world.sent();
    bench.world.end().await;
}

#[tokio::test]
async fn a_record_that_somebody_deletes_is_let_go_and_the_incident_goes_on() {
    let mut bench = Bench::new().await;
    let incident = incident_of(&bench.world.alarm("checkout-5xx").await);
    bench.follow(incident).await;
    let (record, _) = bench.side.only();
    // A record that is as new as that may only not be found yet.
    bench.world.tap("aiko", "acknowledge").await;
    bench.world.minutes(5).await;
    bench.side.delete(&record);
    bench.minute().await;
    bench.follow(incident).await;
    bench.side.asked();
    bench.world.ask(incident, "notes", json!({ "text": "x" }), "aiko").await;
    bench.follow(incident).await;
    bench.minute().await;
    assert_eq!(bench.side.operations(), Vec::<String>::new(), "there is nothing to be told to");
    assert!(!bench.world.incident(incident).await.phase.is_resolved());
    bench.world.tap("aiko", "resolve").await;
    bench.world.sent();
    bench.world.end().await;
}

/// A configuration that does not name the bridge any more.
#[tokio::test]
async fn a_service_that_leaves_the_bridge_leaves_its_open_records_to_their_people() {
    let mut bench = Bench::new().await;
    let incident = incident_of(&bench.world.alarm("checkout-5xx").await);
    bench.follow(incident).await;
    bench.side.asked();
    bench.world.configure(acceptance::TEAM).await;
    bench.world.tap("aiko", "resolve").await;
    bench.follow(incident).await;
    bench.minute().await;
    assert_eq!(bench.side.operations(), Vec::<String>::new());
    bench.world.sent();
    bench.world.end().await;
}

#[tokio::test]
async fn sample_events_are_understood_and_nonsense_is_answered_with_a_sentence() {
    let mut bench = Bench::new().await;
    let incident: IncidentId = "01M7X2GZC0WFZJNT9BWJCT3FT5".parse().unwrap();
    let answer = bench.invoke(sample("stream-new-entries")).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    assert_eq!(bench.take_messages(), [json!({ "incident": incident }).to_string()], "one message for two entries of an incident");
    assert_eq!(bench.invoke(sample("message-sqs")).await.unwrap(), json!({ "batchItemFailures": [{ "itemIdentifier": "poison" }] }));
    assert_eq!(bench.invoke(sample("notification-sns")).await.unwrap(), json!({ "looked_at": 1 }));
    assert_eq!(bench.invoke(sample("minute")).await.unwrap(), json!({ "followed": 0, "looked_at": 0, "behind": 0 }));
    for nonsense in [json!(null), json!([]), json!({}), json!("x"), json!({ "Records": [] }), json!({ "Records": [null, 5] })] {
        let error = bench.invoke(nonsense.clone()).await.unwrap_err().to_string();
        assert!(error.contains("expected"), "{nonsense}: {error}");
    }
    bench.world.advance(SignedDuration::from_mins(1)).await;
    bench.world.end().await;
}

/// The queue does not take a message: the stream brings the entry again, and what was queued before it is not lost.
#[tokio::test]
async fn an_entry_that_can_not_be_queued_is_brought_again_by_the_stream() {
    let mut bench = Bench::new().await;
    let incident = incident_of(&bench.world.alarm("checkout-5xx").await);
    bench.world.expect_texts(&["aiko"]);
    let records = bench.new_entries(incident);
    bench.side.break_queue(1);
    let answer = bench.invoke(json!({ "Records": records })).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": "0" }] }));
    assert_eq!(bench.invoke(json!({ "Records": records })).await.unwrap(), json!({ "batchItemFailures": [] }));
    assert!(bench.work_off().await.is_empty());
    assert_eq!(bench.side.records().len(), 1);
    bench.world.tap("aiko", "resolve").await;
    bench.world.end().await;
}
