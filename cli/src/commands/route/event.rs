//! What rules are asked about of an event that comes in.

use hansho_intake::Signal;
use hansho_routing::{Event, Subject};
use serde_json::Value;

use crate::commands::incoming::{ACKNOWLEDGEMENT, Came};

/// What rules are tried on.
pub(super) enum Asked {
    /// An alert, or what says that it is over.
    Subject { subject: Box<Subject>, event: Box<Event>, body: Value, is_clear: bool },
    /// Nothing is decided about it, for this reason.
    Nothing { reason: String },
}

/// What rules are asked about of one record.
pub(super) fn asked(came: Came) -> Asked {
    let (name, signal, raw) = match came {
        Came::Signal { name, signal, raw, .. } => (name, signal, raw),
        Came::Unreadable { reason, .. } => {
            return Asked::Nothing {
                reason: format!("it can not be read, so it pages by the catch-all service whatever rules say: {reason}"),
            };
        }
        Came::Nothing { reason } => return Asked::Nothing { reason },
    };
    match *signal {
        Signal::Alert { service, alert, event } => {
            let body = event.body_of(&raw);
            Asked::Subject { subject: Box::new(Subject::of_alert(&service, &alert)), event, body, is_clear: false }
        }
        Signal::Clear { subject, event, .. } => {
            let body = event.body_of(&raw);
            Asked::Subject { subject, event, body, is_clear: true }
        }
        Signal::Note(_) => {
            Asked::Nothing { reason: format!("the alarm {name} has no data, which is noted where an incident is open for it") }
        }
        Signal::Acknowledge { .. } => Asked::Nothing { reason: ACKNOWLEDGEMENT.to_owned() },
        Signal::Suppressed(suppressed) => Asked::Nothing { reason: suppressed.reason },
    }
}
