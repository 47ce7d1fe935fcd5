//! What a payload means.

use hansho_domain::{Alert, Clear, ServiceId};
use hansho_routing::{Event, Subject};
use hansho_store::Suppressed;

/// What a payload means.
#[derive(Debug)]
pub enum Signal {
    /// Something is wrong.
    Alert {
        /// The service that it is about, unless a rule says otherwise.
        service: ServiceId,
        /// The alert.
        alert: Box<Alert>,
        /// What else was read, for rules.
        event: Box<Event>,
    },
    /// It is over.
    Clear {
        /// What says so.
        clear: Box<Clear>,
        /// What it is about. Rules see it as they saw the alert, and what they make of its dedup key is where it goes, so as much as
        /// can be is to be as it was in the alert.
        subject: Box<Subject>,
        /// What else was read, for rules.
        event: Box<Event>,
    },
    /// Worth remembering on the open incident: it says neither that it is wrong nor that it is over.
    Note(Box<Note>),
    /// The source says that somebody is on it.
    Acknowledge {
        /// What is recorded when there is no open incident that it could be about.
        suppressed: Box<Suppressed>,
        /// What it is about, as in [`Signal::Clear`].
        subject: Box<Subject>,
        /// What else was read, for rules.
        event: Box<Event>,
    },
    /// Recorded, and nobody is paged.
    Suppressed(Box<Suppressed>),
}

/// A note, and what to record when there is no open incident to put it on.
#[derive(Debug)]
pub struct Note {
    /// What it says.
    pub text: String,
    /// What is recorded otherwise.
    pub suppressed: Suppressed,
    /// What it is about, as in [`Signal::Clear`].
    pub subject: Subject,
    /// What else was read, for rules.
    pub event: Event,
}

impl Signal {
    /// An alert of which nothing was read but itself.
    pub fn alert(service: ServiceId, alert: Alert) -> Self {
        Self::Alert { service, alert: Box::new(alert), event: Box::default() }
    }

    /// A clear that says nothing but which trouble it is about.
    pub fn clear(service: ServiceId, clear: Clear) -> Self {
        let subject = Subject::new(service, clear.integration.clone(), clear.dedup_key.clone());
        Self::Clear { clear: Box::new(clear), subject: Box::new(subject), event: Box::default() }
    }
}
