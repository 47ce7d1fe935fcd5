//! What is resolved there is resolved here, once, and nothing comes back as an echo.

use acceptance::{World, incident_of};
use hansho_domain::{Actor, Event, IncidentId, IntegrationId, PhaseName};
use serde_json::json;

use crate::{
    bench::Bench,
    other_side::{Asked, Fault},
};

async fn opened(bench: &mut Bench, alarm: &str) -> IncidentId {
    bench.world.seconds(1).await;
    let incident = incident_of(&bench.world.alarm(alarm).await);
    bench.follow(incident).await;
    bench.side.asked();
    incident
}

/// Who resolved it, as its timeline has it: every time that it was.
async fn resolved_by(bench: &Bench, incident: IncidentId) -> Vec<Actor> {
    let (entries, _) = bench.world.machine.store().timeline(incident).await.unwrap();
    let is_resolve = |event: &Event| matches!(event, Event::Resolved { .. });
    entries.into_iter().filter(|entry| entry.events.iter().any(is_resolve)).map(|entry| entry.actor).collect()
}

fn incident_manager() -> Actor {
    Actor::Integration(IntegrationId::new("incident-manager").unwrap())
}

fn statuses(asked: &[Asked]) -> Vec<&str> {
    asked.iter().filter(|asked| asked.operation == "UpdateIncidentRecord").filter_map(|asked| asked.body["status"].as_str()).collect()
}

#[tokio::test]
async fn what_is_resolved_there_is_resolved_here_once_as_soon_as_the_topic_says_so() {
    let mut bench = Bench::new().await;
    let incident = opened(&mut bench, "checkout-5xx").await;
    bench.world.expect_texts(&["aiko"]);
    let (record, _) = bench.side.only();
    bench.report(&json!({ "incidentRecordArn": record, "status": "OPEN" }).to_string()).await.unwrap();
    assert!(resolved_by(&bench, incident).await.is_empty(), "what the topic says is not believed, only where to look");
    bench.side.set_status(&record, "RESOLVED");
    for _ in 0..3 {
        bench.report(&format!("Incident {record} was updated.")).await.unwrap();
    }
    assert_eq!(resolved_by(&bench, incident).await, [incident_manager()]);
    bench.side.asked();
    // The resolve is on the timeline there too, and not sent back as one.
    bench.follow(incident).await;
    for _ in 0..3 {
        bench.minute().await;
    }
    let asked = bench.side.asked();
    assert_eq!(asked.iter().map(|asked| asked.operation.as_str()).collect::<Vec<_>>(), ["CreateTimelineEvent"]);
    assert!(asked[0].body["eventData"].as_str().unwrap().contains("Resolved by incident-manager"));
    assert_eq!(resolved_by(&bench, incident).await, [incident_manager()]);
    bench.world.minutes(10).await;
    bench.world.expect_silence();
    bench.world.end().await;
}

#[tokio::test]
async fn what_no_topic_tells_is_seen_within_the_minute() {
    let mut bench = Bench::new().await;
    let incident = opened(&mut bench, "checkout-5xx").await;
    bench.world.expect_texts(&["aiko"]);
    let (record, _) = bench.side.only();
    bench.side.set_status(&record, "RESOLVED");
    let answer = bench.minute().await;
    assert_eq!(answer["looked_at"], 1);
    assert_eq!(resolved_by(&bench, incident).await, [incident_manager()]);
    bench.minute().await;
    bench.minute().await;
    assert_eq!(statuses(&bench.side.asked()), Vec::<&str>::new());
    assert_eq!(resolved_by(&bench, incident).await.len(), 1);
    bench.world.end().await;
}

/// The rule comes once a minute, from beginning to beginning, and copying takes a part of it.
#[tokio::test]
async fn every_minute_looks_at_every_record_however_long_the_one_before_took() {
    let mut bench = Bench::new().await;
    let incident = opened(&mut bench, "checkout-5xx").await;
    let (record, _) = bench.side.only();
    bench.side.take(10, bench.world.machine.clock());
    let mut wait_seconds = 60;
    for minute in 0..4 {
        if minute == 3 {
            bench.side.set_status(&record, "RESOLVED");
        }
        bench.world.seconds(wait_seconds).await;
        let started_at = bench.world.now();
        assert_eq!(bench.poll().await["looked_at"], 1, "minute {minute}");
        let took_seconds = bench.world.now().duration_since(started_at).as_secs();
        assert!(took_seconds >= 10, "its clock has not moved");
        wait_seconds = 60 - took_seconds;
    }
    assert_eq!(resolved_by(&bench, incident).await, [incident_manager()]);
    bench.world.sent();
    bench.world.end().await;
}

#[tokio::test]
async fn what_we_resolve_is_not_taken_for_theirs_and_what_is_opened_again_stays_open() {
    let mut bench = Bench::new().await;
    let incident = opened(&mut bench, "checkout-5xx").await;
    let (record, _) = bench.side.only();
    bench.world.tap("aiko", "resolve").await;
    // It is done there, and the answer is lost: nobody here knows.
    bench.side.fail("UpdateIncidentRecord", &[Fault::AnswerLost]);
    bench.queue_up(incident).await;
    assert_eq!(bench.work_off().await.len(), 1);
    assert_eq!(bench.side.record(&record).status, "RESOLVED");
    bench.world.ask(incident, "reopen", json!({}), "aiko").await;
    bench.report(&record).await.unwrap();
    assert!(!bench.world.incident(incident).await.phase.is_resolved(), "that was our own resolve");
    bench.follow(incident).await;
    assert_eq!(bench.side.record(&record).status, "OPEN");
    // An answer that is older than what we asked for.
    bench.side.set_status(&record, "RESOLVED");
    bench.report(&record).await.unwrap();
    assert!(!bench.world.incident(incident).await.phase.is_resolved());
    bench.side.set_status(&record, "OPEN");
    bench.minute().await;
    World::is(&bench.world.incident(incident).await, PhaseName::Triggered);
    // Later it is theirs.
    bench.side.set_status(&record, "RESOLVED");
    bench.minute().await;
    assert_eq!(resolved_by(&bench, incident).await.last(), Some(&incident_manager()));
    bench.world.sent();
    bench.world.end().await;
}

/// The plan's deduplication string has one record stand for several incidents.
#[tokio::test]
async fn a_record_of_several_incidents_is_resolved_with_the_last_and_resolves_all() {
    let mut bench = Bench::new().await;
    let first = opened(&mut bench, "checkout-5xx").await;
    let (record, _) = bench.side.only();
    bench.side.answer_with_existing(&record, "hansho", 0);
    let second = opened(&mut bench, "checkout-latency").await;
    assert_eq!(bench.side.records(), std::slice::from_ref(&record));
    bench.world.seconds(1).await;
    bench.world.ok("checkout-5xx").await;
    bench.follow(first).await;
    assert_eq!(statuses(&bench.side.asked()), Vec::<&str>::new(), "another incident of it is open");
    bench.world.seconds(1).await;
    bench.world.ok("checkout-latency").await;
    bench.follow(second).await;
    assert_eq!(statuses(&bench.side.asked()), ["RESOLVED"]);

    bench.side.set_status(&record, "OPEN");
    let (third, fourth) = (opened(&mut bench, "checkout-5xx").await, opened(&mut bench, "checkout-latency").await);
    bench.world.minutes(1).await;
    bench.side.set_status(&record, "RESOLVED");
    bench.minute().await;
    for incident in [third, fourth] {
        assert_eq!(resolved_by(&bench, incident).await, [incident_manager()], "{incident}");
        bench.follow(incident).await;
    }
    bench.minute().await;
    assert_eq!(statuses(&bench.side.asked()), Vec::<&str>::new(), "nothing is sent back");
    bench.world.sent();
    bench.world.end().await;
}

/// The plan answers with a record that an alarm has started by itself before.
#[tokio::test]
async fn a_record_that_another_has_made_is_told_and_not_resolved_by_us() {
    let mut bench = Bench::new().await;
    let another = "arn:aws:ssm-incidents::111122223333:incident-record/checkout/99999999-1111-2222-3333-444455556666";
    let before = bench.world.now().as_second() - 3_600;
    bench.side.answer_with_existing(another, "aws.cloudwatch", before);
    let incident = opened(&mut bench, "checkout-5xx").await;
    assert_eq!(bench.side.record(another).told.len(), 1);
    bench.world.seconds(1).await;
    bench.world.ok("checkout-5xx").await;
    bench.follow(incident).await;
    let record = bench.side.record(another);
    assert_eq!((record.status.as_str(), record.told.len()), ("OPEN", 2), "its people see that it is over for us, and decide");
    let incident = opened(&mut bench, "checkout-5xx").await;
    bench.side.set_status(another, "RESOLVED");
    bench.minute().await;
    assert_eq!(resolved_by(&bench, incident).await, [incident_manager()]);
    bench.world.sent();
    bench.world.end().await;
}

/// Whoever has seen it and dies before it is resolved here leaves it to the next minute; nobody opens it there again meanwhile.
#[tokio::test]
async fn a_crash_between_seeing_it_resolved_and_resolving_it_here_loses_nothing() {
    let mut bench = Bench::new().await;
    let incident = opened(&mut bench, "checkout-5xx").await;
    let (record, _) = bench.side.only();
    bench.side.set_status(&record, "RESOLVED");
    bench.side.break_transactions(100);
    assert!(bench.report(&record).await.is_err());
    bench.side.break_transactions(0);
    assert!(!bench.world.incident(incident).await.phase.is_resolved());
    bench.world.ask(incident, "notes", json!({ "text": "Still here?" }), "aiko").await;
    bench.follow(incident).await;
    assert_eq!(statuses(&bench.side.asked()), Vec::<&str>::new(), "it is not opened there again");
    bench.minute().await;
    assert_eq!(resolved_by(&bench, incident).await, [incident_manager()]);
    bench.follow(incident).await;
    assert_eq!(statuses(&bench.side.asked()), Vec::<&str>::new());
    assert_eq!(bench.side.record(&record).status, "RESOLVED");
    bench.world.sent();
    bench.world.end().await;
}

#[tokio::test]
async fn what_the_topic_says_about_others_or_in_other_words_does_no_harm() {
    let mut bench = Bench::new().await;
    let incident = opened(&mut bench, "checkout-5xx").await;
    for text in ["", "hello", "{\"cut", "arn:aws:ssm-incidents::111122223333:incident-record/x/1", "oi-0123456789ab"] {
        bench.report(text).await.unwrap();
    }
    assert!(!bench.world.incident(incident).await.phase.is_resolved());
    assert_eq!(bench.side.operations(), Vec::<String>::new(), "what is none of ours is not asked for");
    bench.world.tap("aiko", "resolve").await;
    bench.world.sent();
    bench.world.end().await;
}
