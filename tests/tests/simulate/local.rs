//! The same alarm in the local run.

use acceptance::{World, alarm_event, incident_of};
use hansho_runtime::Clock;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::generated::{Case, word};

/// Every timer works in these worlds, and a sweep of each minute would be most of the work.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_hours(24 * 30);

/// `+300s ben sms`, for every message that was sent.
pub async fn pages(case: &Case) -> Vec<String> {
    let mut world = World::started(case.loaded.clone(), case.at, SWEEP_EVERY).await;
    let event = alarm_event(&case.alarm).at(case.at).described(&format!("severity: {}", word(case.severity))).build();
    let incident = incident_of(&world.event(event).await);
    let end = case.at + case.compared;
    let mut answers: Vec<_> = case.answers.iter().collect();
    while let Some(next) = next(&world, case, &answers).filter(|next| *next <= end) {
        world.advance(next.duration_since(world.now())).await;
        let due: Vec<_> = answers.extract_if(.., |answer| time_of(&world, case, answer) == Some(next)).collect();
        for answer in due {
            let path = format!("/incidents/{incident}/{}", answer.reaction.as_str());
            let (status, told) = world.post(&path, Some(json!({ "user": answer.user }))).await;
            // Whoever comes too late is told so.
            assert!(status.is_success() || status.as_u16() == 409, "{path}: {status} {told}");
        }
    }
    let mut told: Vec<String> = world.sent().iter().map(|sent| told(case, sent)).collect();
    told.sort();
    // Nothing may be left over: what waits at a gate finds it settled.
    world.ask(incident, "resolve", json!({}), case.loaded.configuration.users()[0].id().as_str()).await;
    world.seconds(60).await;
    world.end().await;
    told
}

/// When something happens next: in the machine, or because somebody answers.
fn next(world: &World, case: &Case, answers: &[&hansho_rehearsal::Answer]) -> Option<Timestamp> {
    let answers = answers.iter().filter_map(|answer| time_of(world, case, answer));
    world.machine.next_event_at().into_iter().chain(answers).min().map(|next| next.max(world.machine.clock().now()))
}

fn time_of(world: &World, case: &Case, answer: &hansho_rehearsal::Answer) -> Option<Timestamp> {
    let sent = world.machine.outbox().since(0);
    let first = sent.iter().find(|sent| case.way(&sent.channel, &sent.to).split(' ').next() == Some(answer.user.as_str()))?;
    Some(first.at + SignedDuration::from_secs(answer.after_seconds.into()))
}

fn told(case: &Case, sent: &hansho::local::Sent) -> String {
    let after = sent.at.duration_since(case.at);
    assert_eq!(after.subsec_nanos(), 0, "{sent:?}");
    format!("+{:>5}s {}", after.as_secs(), case.way(&sent.channel, &sent.to))
}
