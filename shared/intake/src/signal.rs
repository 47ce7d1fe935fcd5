//! What a payload means.

use hansho_domain::{Alert, Clear, ServiceId};
use hansho_store::Suppressed;

/// What a payload means.
#[derive(Debug)]
pub enum Signal {
    /// Something is wrong.
    Alert {
        /// The service that it is about.
        service: ServiceId,
        /// The alert.
        alert: Box<Alert>,
    },
    /// It is over.
    Clear(Box<Clear>),
    /// Worth remembering on the open incident: it says neither that it is wrong nor that it is over.
    Note(Box<Note>),
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
}
