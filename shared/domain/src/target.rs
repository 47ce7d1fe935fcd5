//! Targets: whom or what a step calls.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::id::{DestinationId, ScheduleId, TeamId, UserId};

/// Whom a step calls, or where it posts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Target {
    /// One person: `user/aiko`.
    User(UserId),
    /// Whoever is on call: `schedule/checkout-primary`.
    Schedule(ScheduleId),
    /// Everybody in a team: `team/sre`.
    Team(TeamId),
    /// A machine or a chat channel: `webhook/ops`, `channel/incidents`. It is told, and nobody is called by it.
    Destination(Destination),
}

/// Where something is posted that is no person. Its address and secret are read when something is sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Destination {
    /// A signed HTTP request to another system: `webhook/ops`.
    Webhook(DestinationId),
    /// A message in a chat channel: `channel/incidents`.
    Channel(DestinationId),
}

impl Destination {
    /// Its name.
    pub fn id(&self) -> &DestinationId {
        match self {
            Self::Webhook(id) | Self::Channel(id) => id,
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Webhook(id) => write!(f, "webhook/{id}"),
            Self::Channel(id) => write!(f, "channel/{id}"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user/{id}"),
            Self::Schedule(id) => write!(f, "schedule/{id}"),
            Self::Team(id) => write!(f, "team/{id}"),
            Self::Destination(destination) => destination.fmt(f),
        }
    }
}

impl FromStr for Target {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        const FORMS: &str = "write user/NAME, schedule/NAME, team/NAME, webhook/NAME or channel/NAME";
        let (kind, name) = text.split_once('/').ok_or_else(|| format!("{text:?} is no target; {FORMS}"))?;
        match kind {
            "user" => name.parse().map(Self::User).map_err(|e| e.to_string()),
            "schedule" => name.parse().map(Self::Schedule).map_err(|e| e.to_string()),
            "team" => name.parse().map(Self::Team).map_err(|e| e.to_string()),
            "webhook" => name.parse().map(Destination::Webhook).map(Self::Destination).map_err(|e| e.to_string()),
            "channel" => name.parse().map(Destination::Channel).map(Self::Destination).map_err(|e| e.to_string()),
            other => Err(format!("{other:?} is no kind of target; {FORMS}")),
        }
    }
}

impl TryFrom<String> for Target {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Target> for String {
    fn from(target: Target) -> String {
        target.to_string()
    }
}

impl FromStr for Destination {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse()? {
            Target::Destination(destination) => Ok(destination),
            Target::User(_) | Target::Schedule(_) | Target::Team(_) => {
                Err(format!("{text:?} is no destination; write webhook/NAME or channel/NAME"))
            }
        }
    }
}

impl TryFrom<String> for Destination {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Destination> for String {
    fn from(destination: Destination) -> String {
        destination.to_string()
    }
}
