//! What a way in read of a payload, as it is kept beside that: rules are tried again with it.

use serde::{Deserialize, Serialize};

use crate::{event::Event, subject::Subject};

/// Longest reading that is kept, in bytes.
const JSON_BYTES_MAX: usize = 30_000;

/// What a payload says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// Something is wrong.
    #[default]
    Alert,
    /// It is over.
    Clear,
    /// Neither.
    Note,
}

/// What a way in read of a payload, before any rule.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reading {
    /// What it says.
    #[serde(default)]
    pub says: Says,
    /// What it is about; left out where its incident says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// What else was read.
    #[serde(default, skip_serializing_if = "Event::is_empty")]
    pub event: Event,
}

impl Reading {
    /// As it is kept: without the body where that makes it too long, for the raw payload is kept too.
    pub fn to_json(&self) -> Option<String> {
        let whole = serde_json::to_string(self).ok().filter(|json| json.len() <= JSON_BYTES_MAX);
        whole.or_else(|| {
            let mut shorter = self.clone();
            shorter.event.body = None;
            serde_json::to_string(&shorter).ok().filter(|json| json.len() <= JSON_BYTES_MAX)
        })
    }
}
