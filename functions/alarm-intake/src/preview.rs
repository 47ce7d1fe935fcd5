//! What an event would come to, without taking it in.

use hansho_domain::{Alert, Routes, ServiceId};
use hansho_intake::Event;
use hansho_store::Suppressed;
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    parse::{self, Reading},
    signal::{self, Signal},
};

/// What one record of an event would come to.
#[derive(Debug)]
pub enum Preview {
    /// An alarm, and what its transition means.
    Alarm {
        /// The alarm's name.
        name: String,
        /// When it went into its state, by the source's clock.
        occurred_at: Timestamp,
        /// What that means, before any rule.
        signal: Signal,
        /// What else was read, for rules.
        event: Box<Event>,
        /// The record as it is kept.
        raw: String,
    },
    /// An event of an AWS service, and what it means.
    AwsEvent {
        /// What services claim it by: the type of a finding, the id of a control, the type code of an event.
        name: String,
        /// When it was so, by the source's clock.
        occurred_at: Timestamp,
        /// What that means, before any rule.
        signal: Signal,
        /// What else was read, for rules.
        event: Box<Event>,
        /// The record as it is kept.
        raw: String,
    },
    /// Not understood: it pages by the catch-all service.
    Unreadable {
        /// What is wrong with it, in a sentence.
        reason: String,
        /// The alert that it becomes.
        alert: Box<Alert>,
        /// The record as it is kept.
        raw: String,
    },
    /// Understood, and no signal about anybody's system.
    NothingToOpen {
        /// What it is, in a sentence or two.
        reason: String,
        /// What is put on the list of suppressed alerts.
        suppressed: Box<Suppressed>,
        /// What is kept of it.
        raw: String,
    },
}

/// Reads an event as the function does that came in at `received_at`: one preview for each of its records.
pub fn preview(event: &Value, routes: &Routes, received_at: Timestamp) -> Vec<Preview> {
    preview_otherwise(event, routes, None, received_at)
}

/// The same for a way in that leads to the service `otherwise` what nothing else leads anywhere.
pub fn preview_otherwise(event: &Value, routes: &Routes, otherwise: Option<&ServiceId>, received_at: Timestamp) -> Vec<Preview> {
    let of = |reading: Reading| match reading {
        Reading::Alarm(alarm) => {
            let (name, occurred_at, raw) = (alarm.name.clone(), alarm.occurred_at, alarm.raw.clone());
            let event = Box::new(signal::event(&alarm));
            Preview::Alarm { name, occurred_at, signal: signal::of_alarm(*alarm, routes, otherwise, received_at), event, raw }
        }
        Reading::Unreadable { reason, raw } => {
            let alert = Box::new(signal::of_unreadable(&reason, &raw, received_at));
            Preview::Unreadable { reason, alert, raw }
        }
        Reading::AwsEvent(read) => {
            let (name, occurred_at, raw) = (read.name.clone(), read.occurred_at, read.raw.clone());
            let event = Box::new(signal::event_of_aws(&read));
            Preview::AwsEvent { name, occurred_at, signal: signal::of_aws_event(*read, routes, otherwise, received_at), event, raw }
        }
        Reading::NothingToOpen { reason, alarm, raw } => {
            let suppressed = Box::new(signal::of_nothing(&reason, alarm.as_deref(), &raw, received_at));
            Preview::NothingToOpen { reason, suppressed, raw }
        }
    };
    parse::parse(event, received_at).into_iter().map(|record| of(record.reading)).collect()
}

#[cfg(test)]
mod tests {
    use hansho_domain::Routes;
    use serde_json::json;

    use super::{Preview, preview};

    #[test]
    fn what_can_not_be_read_is_shown_on_its_incident_as_far_as_there_is_room() {
        let event = json!({ "check": "disk full on db-1", "more": "鐘".repeat(3_000) });
        let previews = preview(&event, &Routes::default(), "2026-11-20T18:12:00Z".parse().unwrap());
        let [Preview::Unreadable { reason, alert, .. }] = &previews[..] else { panic!("{previews:?}") };
        assert!(alert.details.starts_with(reason.as_str()) && alert.details.contains("disk full on db-1"), "{}", alert.details);
        assert!(alert.details.chars().count() <= 1_000, "{}", alert.details.chars().count());
    }
}
