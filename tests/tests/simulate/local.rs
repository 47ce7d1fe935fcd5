//! The same alarm in the local run, and what that tells a rehearsal.

use std::collections::BTreeMap;

use acceptance::{World, incident_of};
use axum::{body::Body, http::Request};
use hansho::local::Sent;
use hansho_domain::{IncidentId, PageReason, Routes, UserId};
use hansho_rehearsal::{Answer, Reaction, Stage};
use hansho_runtime::Clock;
use hansho_store::DeliveryState;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::generated::Case;

/// Every timer works in these worlds, and a sweep of each minute would be most of the work.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The local run, with what people have changed live.
pub struct Local<'a> {
    case: &'a Case,
    world: World,
}

impl<'a> Local<'a> {
    /// Started at the moment of the alarm.
    pub async fn started(case: &'a Case) -> Self {
        let mut world = World::started(case.loaded.clone(), case.at, SWEEP_EVERY).await;
        for (schedule, made) in &case.overrides {
            let (status, told) = world.post(&format!("/schedules/{schedule}/overrides"), Some(made.clone())).await;
            assert!(status.is_success(), "{schedule} {made}: {status} {told}");
        }
        Self { case, world }
    }

    /// Which services there are, as the API says it.
    pub async fn routes(&self) -> Routes {
        self.ask("/services").await
    }

    /// What is rehearsed, as the API says it.
    pub async fn stage(&self, service: &str) -> Stage {
        let asked: Vec<String> = self.case.answers.iter().flat_map(|answer| &answer.to).map(ToString::to_string).collect();
        let answer: Value = self.ask(&format!("/services/{service}/stage?ask={}", asked.join(","))).await;
        serde_json::from_value(answer["stage"].clone()).unwrap()
    }

    async fn ask<T: DeserializeOwned>(&self, path: &str) -> T {
        let (status, answer) = self.world.request(self.world.authorized(Request::get(path)).body(Body::empty()).unwrap()).await;
        assert!(status.is_success(), "{path}: {status} {answer}");
        serde_json::from_str(&answer).unwrap()
    }

    /// `+300s ben sms`, for every message that was sent.
    pub async fn pages(mut self) -> Vec<String> {
        let (case, world) = (self.case, &mut self.world);
        let incident = incident_of(&world.event(case.event.clone()).await);
        let end = case.at + case.compared;
        let mut answers: Vec<&Answer> = case.answers.iter().collect();
        let mut asked = Asked::new();
        while let Some(next) = next(world, case, &answers, &asked).filter(|next| *next <= end) {
            world.advance(next.duration_since(world.now())).await;
            // An answer that is late would show as a difference.
            let is_due = |answer: &mut &Answer| time_of(world, case, answer, &asked).is_some_and(|at| at <= next);
            let due: Vec<_> = answers.extract_if(.., is_due).collect();
            for answer in due {
                let path = format!("/incidents/{incident}/{}", path_of(answer.reaction));
                let mut body = json!({ "user": answer.user });
                if answer.reaction == Reaction::Request {
                    body["to"] = json!(answer.to);
                }
                let (status, told) = world.post(&path, Some(body)).await;
                // Whoever comes too late is told so, and whoever asks nobody.
                assert!(status.is_success() || matches!(status.as_u16(), 409 | 422), "{path}: {status} {told}");
            }
            if answers.iter().any(|answer| answer.reaction.answers_request()) {
                asked = asked_by(world, incident).await;
            }
        }
        let mut told: Vec<String> = world.sent().iter().map(|sent| told(case, sent)).collect();
        told.sort();
        // Nothing may be left over: what waits at a gate finds it settled.
        world.ask(incident, "resolve", json!({}), case.loaded.configuration.users()[0].id().as_str()).await;
        world.seconds(60).await;
        world.sent();
        self.world.end().await;
        told
    }
}

fn path_of(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::Request => "request-responders",
        Reaction::Acknowledge | Reaction::Resolve | Reaction::Escalate | Reaction::Accept | Reaction::Decline => reaction.as_str(),
    }
}

/// When people were first asked for help, in a message that was sent.
type Asked = BTreeMap<UserId, Timestamp>;

async fn asked_by(world: &World, incident: IncidentId) -> Asked {
    let (_, deliveries) = world.machine.store().timeline(incident).await.unwrap();
    let mut asked = Asked::new();
    for delivery in deliveries.iter().filter(|delivery| delivery.state == DeliveryState::Sent) {
        if let (PageReason::Requested { .. }, Some(user)) = (&delivery.notification.reason, delivery.notification.user()) {
            let first = asked.entry(user.clone()).or_insert(delivery.updated_at);
            *first = delivery.updated_at.min(*first);
        }
    }
    asked
}

/// When something happens next: in the machine, or because somebody answers.
fn next(world: &World, case: &Case, answers: &[&Answer], asked: &Asked) -> Option<Timestamp> {
    let answers = answers.iter().filter_map(|answer| time_of(world, case, answer, asked));
    world.machine.next_event_at().into_iter().chain(answers).min().map(|next| next.max(world.machine.clock().now()))
}

fn time_of(world: &World, case: &Case, answer: &Answer, asked: &Asked) -> Option<Timestamp> {
    let sent = world.machine.outbox().since(0);
    let is_theirs = |sent: &&Sent| case.way(&sent.channel, &sent.to).split(' ').next() == Some(answer.user.as_str());
    let first = match answer.reaction.answers_request() {
        true => asked.get(&answer.user).copied(),
        false => sent.iter().find(is_theirs).map(|sent| sent.at),
    };
    Some(first? + SignedDuration::from_secs(answer.after_seconds.into()))
}

fn told(case: &Case, sent: &Sent) -> String {
    let after = sent.at.duration_since(case.at);
    assert_eq!(after.subsec_nanos(), 0, "{sent:?}");
    format!("+{:>5}s {}", after.as_secs(), case.way(&sent.channel, &sent.to))
}
