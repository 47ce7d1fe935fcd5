//! One scripted fault each on the way in of events and mails, under the names of `docs/failure-modes.md`.

use hansho::local::aws::{Answer, Service};
use hansho_domain::PhaseName;
use serde_json::Value;

use super::{
    START_MS,
    scenarios::{Stage, once},
    signals::{self, Ruled},
    workload::Plan,
    world::{Fate, Scene},
};

impl Stage {
    /// Two people, and a rule by which noise pages nobody.
    fn ruled(script: impl FnMut(&Scene<'_>) -> Option<Fate> + 'static) -> Self {
        let mut stage = Self::of(Plan::two_people().ruled(Ruled { noise: true, ..Ruled::default() }));
        stage.world.script = Some(Box::new(script));
        stage
    }

    /// The list of suppressed alerts: the rule, and how often the alert came.
    fn suppressed(&self) -> Vec<(String, String)> {
        let listed = self.world.partition("SUPPRESSED#2026-11-20");
        let rule = |item: &Value| {
            let body: Value = serde_json::from_str(item["body"]["S"].as_str().unwrap()).unwrap();
            body["rule"].as_str().unwrap_or_default().to_owned()
        };
        listed.iter().map(|item| (rule(item), item["times"]["N"].as_str().unwrap().to_owned())).collect()
    }
}

#[test]
fn lost_answer_to_a_sender_of_events() {
    let mut stage = Stage::ruled(once("api", "TransactWriteItems", "", Fate::CrashAfter));
    stage.world.send(signals::one_event("pay is down", START_MS));
    // It comes again within 20 seconds and is counted.
    stage.until(100).expect_pages(&[("u1", "sms", 0..=5)]);
    assert_eq!(stage.incident().version, 1);
    assert!(stage.suppressed().is_empty());
    stage.ends_well();
}

#[test]
fn event_is_not_in_the_table_yet() {
    let mut stage = Stage::ruled(once("api", "TransactWriteItems", "", Fate::CrashBefore));
    stage.world.send(signals::one_event("pay is down", START_MS));
    stage.until(100).expect_pages(&[("u1", "sms", 0..=26)]);
    stage.ends_well();
}

#[test]
fn crash_before_a_suppressed_alert_is_written() {
    let mut stage = Stage::ruled(once("api", "UpdateItem", "SUPPRESSED#", Fate::CrashBefore));
    stage.world.send(signals::one_event("pay is noise", START_MS));
    stage.until(100).expect_pages(&[]);
    assert_eq!(stage.suppressed(), [("noise".to_owned(), "1".to_owned())]);
    stage.ends_well();
}

#[test]
fn crash_after_a_suppressed_mail_is_written() {
    let mut stage = Stage::ruled(once("email-intake", "UpdateItem", "SUPPRESSED#", Fate::CrashAfter));
    stage.world.send(signals::one_mail("noise", START_MS));
    stage.until(100).expect_pages(&[]);
    assert_eq!(stage.suppressed(), [("noise".to_owned(), "2".to_owned())]);
    stage.ends_well();
}

#[test]
fn mail_is_handed_over_again_after_its_commit() {
    let mut stage = Stage::ruled(once("email-intake", "TransactWriteItems", "", Fate::CrashAfter));
    stage.world.send(signals::one_mail("pay is down", START_MS));
    stage.until(100).expect_pages(&[("u1", "sms", 0..=5)]);
    assert_eq!(stage.incident().version, 1);
    stage.ends_well();
}

#[test]
fn bucket_of_mails_out_of_order() {
    let mut stage = Stage::ruled(|scene| {
        let is_bucket = scene.call.service == Service::S3;
        is_bucket.then(|| Fate::Refused("out of order", Answer::unavailable(scene.call.service)))
    });
    stage.world.send(signals::one_mail("pay is down", START_MS));
    stage.until(100).expect_pages(&[("u1", "sms", 0..=5)]);
    let incident = stage.incident();
    assert_eq!((incident.title.as_str(), incident.phase.name()), ("[pay] pay is down", PhaseName::Triggered));
    stage.ends_well();
}
