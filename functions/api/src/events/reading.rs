//! What an event comes to, before anything is done about it.

use hansho_domain::{AlertId, DedupKey, InvalidId};
use hansho_intake::Signal;
use hansho_store::{Change, Suppressed};
use serde_json::{Map, Value};

use super::{
    alert,
    answer::{self, Way},
    change, ended,
    event::{self, Action, Event, Trigger},
    request::{EVENT_BYTES_MAX, NoEvent},
    sender::Sender,
    v1, v2,
};
use crate::input_id;

/// Most errors of one event that are told.
const ERRORS_MAX: usize = 20;

/// What an event comes to.
#[derive(Debug)]
pub(super) enum Reading {
    /// Somebody changed something.
    Change(Box<Change>),
    /// Something is wrong, or over, or somebody is on it.
    Signal {
        signal: Box<Signal>,
        /// The dedup key as its sender knows it.
        dedup_key: String,
    },
    /// It can not be used.
    Refused {
        /// What is written down about it.
        suppressed: Box<Suppressed>,
        /// All that is wrong with it.
        errors: Vec<String>,
    },
}

/// Reads an event, or why it is none. `raw` is its text without the key.
pub(super) fn read(way: Way, event: &Result<Map<String, Value>, NoEvent>, raw: &str, sender: &Sender) -> Result<Reading, InvalidId> {
    let fields = match event {
        Ok(fields) => fields,
        Err(NoEvent::Unreadable(problem)) => return refused(std::slice::from_ref(problem), None, raw, sender),
        Err(NoEvent::TooLarge) => return refused(&[answer::too_long(EVENT_BYTES_MAX)], None, raw, sender),
        Err(NoEvent::OfOtherVersion) => return refused(&[answer::of_other_version(way).to_owned()], None, raw, sender),
    };
    let read = match way {
        Way::Change => {
            return change::read(fields, sender)
                .map_or_else(|errors| refused(&errors, Some(fields), raw, sender), |change| Ok(Reading::Change(Box::new(change))));
        }
        Way::V2 => v2::read(fields),
        Way::V1 => v1::read(fields),
    };
    match read {
        Ok(event) => asked(event, fields, sender),
        Err(errors) => refused(&errors, Some(fields), raw, sender),
    }
}

/// What the event asks for.
fn asked(event: Event, fields: &Map<String, Value>, sender: &Sender) -> Result<Reading, InvalidId> {
    let named = event.dedup_key.unwrap_or_else(|| event::generated_key(sender.integration().as_str(), fields));
    let dedup_key = event::dedup_key(&named)?;
    let id = AlertId::from_hash(input_id::hash(&["event", sender.integration().as_str(), &named, &sender.serial]));
    let signal = match &event.action {
        Action::Trigger(trigger) => Signal::Alert {
            service: sender.service(),
            alert: Box::new(alert::alert(trigger, id, dedup_key, sender)),
            event: source_of(Some(trigger)),
        },
        Action::Acknowledge(said) => {
            let reason = "acknowledged by its source: no incident with its dedup key is open";
            let suppressed = Box::new(alert::suppressed(id, dedup_key.clone(), "acknowledged", reason, sender));
            let subject = Box::new(alert::subject(said.as_deref(), id, dedup_key, sender));
            Signal::Acknowledge { suppressed, subject, event: source_of(said.as_deref()) }
        }
        Action::Resolve(said) => Signal::Clear {
            subject: Box::new(alert::subject(said.as_deref(), id, dedup_key.clone(), sender)),
            clear: Box::new(alert::clear(id, dedup_key, sender)),
            event: source_of(said.as_deref()),
        },
    };
    Ok(Reading::Signal { signal: Box::new(signal), dedup_key: named })
}

/// What rules see of an event besides what it is about.
fn source_of(said: Option<&Trigger>) -> Box<hansho_intake::Event> {
    said.map(|said| Box::new(hansho_intake::Event::from_source(said.source()))).unwrap_or_default()
}

/// `said` is the event, where it can be read: what it is about is what people look for.
fn refused(errors: &[String], said: Option<&Map<String, Value>>, raw: &str, sender: &Sender) -> Result<Reading, InvalidId> {
    let errors: Vec<String> = errors.iter().take(ERRORS_MAX).cloned().collect();
    let reason = format!("refused: {}", errors.join("; "));
    let id = input_id::hash_text(&["refused", sender.integration().as_str(), raw], 32);
    let key = DedupKey::new(format!("refused/{id}"))?;
    let id = AlertId::from_hash(input_id::hash(&["refused", sender.integration().as_str(), raw]));
    let about = ended::summary(said).map_or_else(String::new, |said| format!(": {said}"));
    let suppressed = Box::new(alert::suppressed(id, key, &format!("event that can not be used{about}"), &reason, sender));
    Ok(Reading::Refused { suppressed, errors })
}
