//! What somebody who has signed in may do.

use serde::{Deserialize, Serialize};

/// What a person is to the organisation. Who pages whom does not depend on it: it is asked where people look and act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks, and does nothing: somebody who wants to know whether somebody is on it.
    Stakeholder,
    /// A responder of their own teams only, such as a colleague from another department over the holidays.
    Guest,
    /// Sees everything, and acts on every incident.
    #[default]
    Responder,
    /// A responder whom people turn to about the deployment.
    Admin,
    /// Whoever answers for the deployment.
    Owner,
}

impl Role {
    /// Every role, from least to most.
    pub const ALL: [Self; 5] = [Self::Stakeholder, Self::Guest, Self::Responder, Self::Admin, Self::Owner];

    /// The word for it in configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stakeholder => "stakeholder",
            Self::Guest => "guest",
            Self::Responder => "responder",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}
