//! Whatever is refused in between: no record stays open over there for what is over here, and no resolve is lost, on either side.

use acceptance::{World, incident_of};
use hansho_domain::{Actor, Event, IncidentId, IntegrationId, PhaseName};
use serde_json::json;

use crate::{
    bench::{Bench, bridged_team},
    other_side::Fault,
};

const THROTTLED: Fault = Fault::Refused(429, "ThrottlingException");
const DENIED: Fault = Fault::Refused(403, "AccessDeniedException");
const NOT_FOUND: Fault = Fault::Refused(404, "ResourceNotFoundException");
const INVALID: Fault = Fault::Refused(400, "ValidationException");

async fn alarmed(bench: &mut Bench, alarm: &str) -> IncidentId {
    bench.world.seconds(1).await;
    incident_of(&bench.world.alarm(alarm).await)
}

/// What is new is brought by the queue, and refused.
async fn follow_in_vain(bench: &mut Bench, incident: IncidentId) {
    bench.queue_up(incident).await;
    assert_eq!(bench.work_off().await.len(), 1, "the message comes back");
}

async fn cleared(bench: &mut Bench, alarm: &str) {
    bench.world.seconds(1).await;
    bench.world.ok(alarm).await;
}

async fn is_resolved_by(bench: &Bench, incident: IncidentId, side: &str) -> bool {
    let (entries, _) = bench.world.machine.store().timeline(incident).await.unwrap();
    let resolve = entries.iter().rfind(|entry| entry.events.iter().any(|event| matches!(event, Event::Resolved { .. })));
    resolve.is_some_and(|entry| entry.actor == Actor::Integration(IntegrationId::new(side).unwrap()))
}

async fn end(mut bench: Bench) {
    bench.world.sent();
    bench.world.end().await;
}

/// The record is there once `StartIncident` has answered: whatever is said when it is asked whose it is.
#[tokio::test]
async fn a_record_that_was_started_and_can_not_be_read_is_resolved_when_its_incident_clears() {
    for fault in [THROTTLED, DENIED, NOT_FOUND, INVALID] {
        let mut bench = Bench::new().await;
        let incident = alarmed(&mut bench, "checkout-5xx").await;
        bench.side.fail("GetIncidentRecord", &[fault.clone(), fault.clone()]);
        follow_in_vain(&mut bench, incident).await;
        let (record, _) = bench.side.only();
        let kept = bench.world.machine.store().bridged_incident(incident).await.unwrap().unwrap().copied;
        assert_eq!((kept.record, kept.ended), (Some(record), None), "{fault:?}: what it is called is kept");
        cleared(&mut bench, "checkout-5xx").await;
        follow_in_vain(&mut bench, incident).await;
        for _ in 0..3 {
            bench.minute().await;
        }
        let (_, record) = bench.side.only();
        assert_eq!((record.status.as_str(), record.told.len()), ("RESOLVED", 2), "{fault:?}");
        let operations = bench.side.operations();
        assert_eq!(operations.iter().filter(|operation| *operation == "StartIncident").count(), 1, "{fault:?}: {operations:?}");
        end(bench).await;
    }
}

/// The answer to the first call was lost; that the second is refused says nothing of the first.
#[tokio::test]
async fn what_may_have_been_begun_is_ended_however_surely_a_later_call_is_refused() {
    for (alarm, operation) in [("checkout-5xx", "StartIncident"), ("batch-nightly", "CreateOpsItem")] {
        for fault in [THROTTLED, DENIED] {
            let mut bench = Bench::new().await;
            let incident = alarmed(&mut bench, alarm).await;
            bench.side.fail(operation, &[Fault::AnswerLost, fault.clone(), fault]);
            follow_in_vain(&mut bench, incident).await;
            bench.minute().await;
            cleared(&mut bench, alarm).await;
            follow_in_vain(&mut bench, incident).await;
            for _ in 0..4 {
                bench.minute().await;
            }
            let (_, record) = bench.side.only();
            assert_eq!(record.status.to_uppercase(), "RESOLVED", "{operation}: nothing stays open for ever");
            end(bench).await;
        }
    }
}

#[tokio::test]
async fn a_record_that_is_not_found_right_after_it_was_made_is_not_given_up() {
    for operation in ["UpdateRelatedItems", "CreateTimelineEvent"] {
        let mut bench = Bench::new().await;
        let incident = alarmed(&mut bench, "checkout-5xx").await;
        bench.side.fail(operation, &[NOT_FOUND]);
        follow_in_vain(&mut bench, incident).await;
        cleared(&mut bench, "checkout-5xx").await;
        bench.follow(incident).await;
        let (_, record) = bench.side.only();
        assert_eq!((record.status.as_str(), record.told.len(), record.links.len()), ("RESOLVED", 2, 3), "{operation}");
        end(bench).await;
    }
}

#[tokio::test]
async fn a_resolve_there_counts_within_the_minute_however_long_copying_is_refused() {
    for (alarm, operation, status, side) in [
        ("checkout-5xx", "CreateTimelineEvent", "RESOLVED", "incident-manager"),
        ("batch-nightly", "UpdateOpsItem", "Resolved", "ops-center"),
    ] {
        let mut bench = Bench::new().await;
        let incident = alarmed(&mut bench, alarm).await;
        bench.side.fail(operation, &vec![DENIED; 100]);
        follow_in_vain(&mut bench, incident).await;
        bench.side.asked();
        let mut behind = 0;
        for _ in 0..30 {
            behind = bench.minute().await["behind"].as_u64().unwrap();
        }
        let tries = bench.side.operations().iter().filter(|asked| *asked == operation).count();
        assert!((2..=8).contains(&tries), "{tries} calls in half an hour, less and less often");
        assert_eq!(behind, 1, "it is still said that something was not told");
        let (record, _) = bench.side.only();
        bench.side.set_status(&record, status);
        bench.minute().await;
        assert!(is_resolved_by(&bench, incident, side).await, "{operation}");
        end(bench).await;
    }
}

#[tokio::test]
async fn a_resolve_here_is_told_though_the_story_is_refused() {
    let mut bench = Bench::new().await;
    let incident = alarmed(&mut bench, "checkout-5xx").await;
    bench.side.fail("CreateTimelineEvent", &vec![DENIED; 100]);
    follow_in_vain(&mut bench, incident).await;
    cleared(&mut bench, "checkout-5xx").await;
    follow_in_vain(&mut bench, incident).await;
    let (_, record) = bench.side.only();
    assert_eq!((record.status.as_str(), record.told.len()), ("RESOLVED", 0));
    bench.side.heal();
    for _ in 0..5 {
        bench.minute().await;
    }
    assert_eq!(bench.side.only().1.told.len(), 2, "the story follows");
    end(bench).await;
}

/// `GetIncidentRecord` is refused for good: nobody says whose the record is, and it would stay open when its incident is over.
#[tokio::test]
async fn a_record_that_may_never_be_read_is_told_and_resolved_in_the_end() {
    let mut bench = Bench::new().await;
    let incident = alarmed(&mut bench, "checkout-5xx").await;
    bench.side.fail("GetIncidentRecord", &vec![DENIED; 1_000]);
    follow_in_vain(&mut bench, incident).await;
    cleared(&mut bench, "checkout-5xx").await;
    follow_in_vain(&mut bench, incident).await;
    let (_, record) = bench.side.only();
    assert_eq!((record.status.as_str(), record.told.len()), ("OPEN", 2), "the story needs no answer, and it may be another's record yet");
    let mut behind = 0;
    while bench.side.only().1.status == "OPEN" {
        bench.world.minutes(10).await;
        behind += u32::from(bench.poll().await["behind"] != 0);
        assert!(behind <= 13, "it is open after {behind} times ten minutes");
    }
    assert!(behind >= 6, "whoever mends the permission has an hour: {behind}");
    bench.world.minutes(70).await;
    bench.side.asked();
    assert_eq!(bench.poll().await["behind"], 0);
    assert_eq!(bench.side.operations(), Vec::<String>::new(), "nothing is left to be asked");
    end(bench).await;
}

/// Not even the resolve is taken: the incident's message comes back until it is a dead letter, and each minute counts what is behind.
#[tokio::test]
async fn a_record_that_may_neither_be_read_nor_resolved_is_never_let_go_in_silence() {
    let mut bench = Bench::new().await;
    let incident = alarmed(&mut bench, "checkout-5xx").await;
    bench.side.fail("GetIncidentRecord", &vec![DENIED; 1_000]);
    bench.side.fail("UpdateIncidentRecord", &vec![DENIED; 1_000]);
    follow_in_vain(&mut bench, incident).await;
    cleared(&mut bench, "checkout-5xx").await;
    bench.queue_up(incident).await;
    let message = bench.take_messages().remove(0);
    bench.world.minutes(70).await;
    for _ in 0..5 {
        assert!(!bench.message(&message).await, "it comes back, and is a dead letter after five times");
    }
    let tried = bench.side.operations().iter().filter(|operation| *operation == "UpdateIncidentRecord").count();
    assert_eq!(tried, 5, "the resolve needs no answer to whose it is");
    for _ in 0..5 {
        bench.world.minutes(60).await;
        assert_eq!(bench.poll().await["behind"], 1, "the alarm stays on");
    }
    bench.side.heal();
    bench.world.minutes(60).await;
    bench.poll().await;
    assert_eq!(bench.side.only().1.status, "RESOLVED");
    end(bench).await;
}

#[tokio::test]
async fn an_impact_that_is_never_taken_is_left_out_and_the_resolve_is_told() {
    let mut bench = Bench::new().await;
    let alarm = |severity: &str| acceptance::alarm_event("checkout-5xx").described(severity);
    let incident = incident_of(&bench.world.event(alarm("severity: warning").at(bench.world.now()).build()).await);
    bench.follow(incident).await;
    bench.side.fail("UpdateIncidentRecord", &[INVALID]);
    bench.world.minutes(1).await;
    bench.world.event(alarm("severity: critical").at(bench.world.now()).build()).await;
    bench.follow(incident).await;
    assert!(bench.side.operations().iter().any(|operation| operation == "UpdateIncidentRecord"), "the impact was asked for");
    cleared(&mut bench, "checkout-5xx").await;
    bench.follow(incident).await;
    assert_eq!(bench.side.only().1.status, "RESOLVED");
    end(bench).await;
}

#[tokio::test]
async fn a_status_that_is_refused_is_tried_until_it_is_taken() {
    let mut bench = Bench::new().await;
    let incident = alarmed(&mut bench, "checkout-5xx").await;
    bench.follow(incident).await;
    bench.side.fail("UpdateIncidentRecord", &[INVALID, DENIED]);
    cleared(&mut bench, "checkout-5xx").await;
    follow_in_vain(&mut bench, incident).await;
    for _ in 0..4 {
        bench.minute().await;
    }
    assert_eq!(bench.side.only().1.status, "RESOLVED");
    end(bench).await;
}

/// Another's record was resolved, and its people have opened it again: what they do then counts as before.
#[tokio::test]
async fn another_s_record_that_is_opened_again_there_may_be_resolved_again() {
    let mut bench = Bench::new().await;
    let another = "arn:aws:ssm-incidents::111122223333:incident-record/checkout/99999999-1111-2222-3333-444455556666";
    let before = bench.world.now().as_second() - 3_600;
    bench.side.answer_with_existing(another, "aws.cloudwatch", before);
    for alarm in ["checkout-5xx", "checkout-latency"] {
        bench.side.set_status(another, "OPEN");
        let incident = alarmed(&mut bench, alarm).await;
        bench.follow(incident).await;
        bench.world.minutes(1).await;
        bench.side.set_status(another, "RESOLVED");
        bench.minute().await;
        assert!(is_resolved_by(&bench, incident, "incident-manager").await, "{alarm}");
        // Opened again on both sides, and resolved there once more.
        bench.world.ask(incident, "reopen", json!({}), "aiko").await;
        bench.minute().await;
        World::is(&bench.world.incident(incident).await, PhaseName::Triggered);
        bench.side.set_status(another, "OPEN");
        bench.minute().await;
        bench.side.set_status(another, "RESOLVED");
        bench.minute().await;
        assert!(is_resolved_by(&bench, incident, "incident-manager").await, "{alarm}: once more");
    }
    end(bench).await;
}

/// A record may stand for several incidents. Whose it is was answered for the first; for the second nobody may ask.
#[tokio::test]
async fn a_record_that_was_said_to_be_another_s_is_never_taken_for_ours() {
    let mut bench = Bench::new().await;
    let another = "arn:aws:ssm-incidents::111122223333:incident-record/checkout/99999999-1111-2222-3333-444455556666";
    bench.side.answer_with_existing(another, "aws.cloudwatch", bench.world.now().as_second() - 3_600);
    let first = alarmed(&mut bench, "checkout-5xx").await;
    bench.follow(first).await;
    bench.side.fail("GetIncidentRecord", &vec![DENIED; 1_000]);
    let second = alarmed(&mut bench, "checkout-latency").await;
    bench.queue_up(second).await;
    bench.work_off().await;
    for alarm in ["checkout-5xx", "checkout-latency"] {
        cleared(&mut bench, alarm).await;
    }
    for incident in [first, second] {
        bench.queue_up(incident).await;
        bench.work_off().await;
    }
    for _ in 0..15 {
        bench.world.minutes(10).await;
        bench.poll().await;
    }
    let record = bench.side.record(another);
    assert_eq!((record.status.as_str(), record.told.len()), ("OPEN", 4), "its people decide when it is over");
    end(bench).await;
}

/// No message says so, and what was over is not looked at any more: the rule finds what is open and nobody looks at.
#[tokio::test]
async fn an_incident_that_is_opened_again_is_found_without_a_message() {
    let mut bench = Bench::new().await;
    let incident = alarmed(&mut bench, "checkout-5xx").await;
    bench.follow(incident).await;
    bench.world.tap("aiko", "resolve").await;
    bench.follow(incident).await;
    assert_eq!(bench.side.only().1.status, "RESOLVED");
    bench.world.ask(incident, "reopen", json!({}), "aiko").await;
    bench.minute().await;
    let (record, told) = bench.side.only();
    assert_eq!(told.status, "OPEN");
    bench.world.minutes(1).await;
    bench.side.set_status(&record, "RESOLVED");
    bench.minute().await;
    assert!(is_resolved_by(&bench, incident, "incident-manager").await);
    end(bench).await;
}

/// A configuration that loses the bridge by mistake, and names it again.
#[tokio::test]
async fn a_service_that_comes_back_to_the_bridge_has_its_open_records_resolved() {
    let mut bench = Bench::new().await;
    let incident = alarmed(&mut bench, "checkout-5xx").await;
    bench.follow(incident).await;
    bench.world.configure(acceptance::TEAM).await;
    bench.minute().await;
    bench.world.configure(&bridged_team()).await;
    bench.world.tap("aiko", "resolve").await;
    bench.follow(incident).await;
    assert_eq!(bench.side.only().1.status, "RESOLVED");
    end(bench).await;
}
