//! Contributors: the single time series (or log query rows) of an alarm that watches many.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{lenient, text};

/// One time series of an alarm that watches many. It has a state of its own and pages on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contributor {
    /// CloudWatch's id of it, stable for the same attributes.
    pub id: String,
    /// What tells it from the others: `TableName` = `orders`.
    pub attributes: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::pairs")]
    attributes: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FlatFields {
    #[serde(rename = "AlarmContributorId", deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(rename = "AlarmContributorAttributes", deserialize_with = "lenient::pairs")]
    attributes: BTreeMap<String, String>,
}

impl Contributor {
    /// What `holder` says about a contributor, in either of the two published shapes: `alarmContributor{id, attributes}`
    /// (EventBridge) and `AlarmContributorId` with `AlarmContributorAttributes` (SNS).
    ///
    /// # Errors
    /// There is one and it has no id. Read as the alarm's own transition, its OK would resolve the incident of the
    /// whole alarm while other contributors are still in ALARM.
    pub(super) fn read(holder: &Value) -> Result<Option<Self>, String> {
        let nested = holder.get("alarmContributor").filter(|v| !v.is_null());
        let flat: FlatFields = lenient::read(holder);
        let fields = match nested {
            Some(value) => lenient::read(value),
            None => Fields { id: flat.id, attributes: flat.attributes },
        };
        match fields.id {
            Some(id) => Ok(Some(Self { id, attributes: fields.attributes })),
            None if nested.is_some() || !fields.attributes.is_empty() => {
                Err("It is about a contributor of an alarm and does not say which one.".to_owned())
            }
            None => Ok(None),
        }
    }

    /// How people call it: the values of its attributes, or its id.
    pub(super) fn label(&self) -> String {
        if self.attributes.is_empty() {
            return self.id.clone();
        }
        text::one_line(&self.attributes.values().map(String::as_str).collect::<Vec<_>>().join(", "))
    }
}
