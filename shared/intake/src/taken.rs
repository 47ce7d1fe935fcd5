//! What became of a signal.

use hansho_domain::IncidentId;
use hansho_store::Received;

/// What became of a signal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Taken {
    /// It was an alert or a clear.
    Received(Received),
    /// It is a note on this incident's timeline.
    Noted(IncidentId),
    /// It acknowledged this incident, or somebody had before.
    Acknowledged(IncidentId),
    /// It is on the list of suppressed alerts.
    Suppressed {
        /// The rule that put it there, in words.
        reason: String,
    },
}
