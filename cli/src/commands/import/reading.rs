//! The answers of the AWS CLI, told apart by what is in them.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use super::made::Left;

/// Something that was read, and the file that it stands in.
#[derive(Debug, Clone)]
pub(super) struct Read<T> {
    pub(super) file: String,
    /// How new the file is: the newest has the highest.
    age: usize,
    pub(super) value: T,
}

/// `aws ssm-contacts get-contact`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Contact {
    pub(super) contact_arn: String,
    pub(super) alias: String,
    pub(super) display_name: Option<String>,
    #[serde(rename = "Type")]
    pub(super) kind: String,
    pub(super) plan: Plan,
}

#[derive(Debug, Clone, PartialEq, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Plan {
    pub(super) stages: Vec<Stage>,
    pub(super) rotation_ids: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Stage {
    pub(super) duration_in_minutes: u32,
    #[serde(default)]
    pub(super) targets: Vec<StageTarget>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StageTarget {
    pub(super) channel_target_info: Option<ChannelTarget>,
    pub(super) contact_target_info: Option<ContactTarget>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChannelTarget {
    pub(super) contact_channel_id: String,
    #[serde(default)]
    pub(super) retry_interval_in_minutes: u32,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ContactTarget {
    pub(super) contact_id: Option<String>,
    #[serde(default)]
    pub(super) is_essential: bool,
}

/// One of `aws ssm-contacts list-contact-channels`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Channel {
    pub(super) contact_channel_arn: String,
    pub(super) contact_arn: String,
    #[serde(rename = "Type")]
    pub(super) kind: Option<String>,
    pub(super) delivery_address: DeliveryAddress,
    pub(super) activation_status: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeliveryAddress {
    pub(super) simple_address: Option<String>,
}

/// `aws ssm-contacts get-rotation`, and one of `list-rotations`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Rotation {
    pub(super) rotation_arn: String,
    pub(super) name: String,
    pub(super) contact_ids: Vec<String>,
    #[serde(deserialize_with = "moment")]
    pub(super) start_time: Timestamp,
    pub(super) time_zone_id: String,
    pub(super) recurrence: Recurrence,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Recurrence {
    #[serde(default)]
    pub(super) monthly_settings: Vec<Monthly>,
    #[serde(default)]
    pub(super) weekly_settings: Vec<Weekly>,
    #[serde(default)]
    pub(super) daily_settings: Vec<TimeOfDay>,
    pub(super) number_of_on_calls: usize,
    #[serde(default)]
    pub(super) shift_coverages: BTreeMap<String, Vec<Coverage>>,
    #[serde(deserialize_with = "multiplier")]
    pub(super) recurrence_multiplier: i64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Monthly {
    #[serde(deserialize_with = "day_of_month")]
    pub(super) day_of_month: i8,
    pub(super) hand_off_time: TimeOfDay,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Weekly {
    pub(super) day_of_week: String,
    pub(super) hand_off_time: TimeOfDay,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TimeOfDay {
    #[serde(deserialize_with = "hour")]
    pub(super) hour_of_day: i8,
    #[serde(deserialize_with = "minute")]
    pub(super) minute_of_hour: i8,
}

impl TimeOfDay {
    /// Since midnight.
    pub(super) fn minutes(self) -> i32 {
        i32::from(self.hour_of_day) * 60 + i32::from(self.minute_of_hour)
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Coverage {
    pub(super) start: TimeOfDay,
    pub(super) end: TimeOfDay,
}

/// `aws ssm-incidents get-response-plan`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResponsePlan {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) display_name: Option<String>,
    #[serde(default)]
    pub(super) engagements: Vec<String>,
    #[serde(default)]
    pub(super) actions: Vec<Value>,
    #[serde(default)]
    pub(super) integrations: Vec<Value>,
    pub(super) chat_channel: Option<Value>,
    pub(super) incident_template: IncidentTemplate,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IncidentTemplate {
    pub(super) summary: Option<String>,
    pub(super) dedupe_string: Option<String>,
    #[serde(default)]
    pub(super) notification_targets: Vec<Value>,
}

/// Everything that was found.
#[derive(Debug, Default)]
pub(super) struct Export {
    pub(super) contacts: Vec<Read<Contact>>,
    pub(super) channels: Vec<Read<Channel>>,
    pub(super) rotations: Vec<Read<Rotation>>,
    pub(super) plans: Vec<Read<ResponsePlan>>,
    pub(super) left: Vec<Left>,
    /// What lists name, by their files.
    listed: Vec<(String, String)>,
}

impl Export {
    pub(super) fn is_empty(&self) -> bool {
        self.contacts.is_empty() && self.rotations.is_empty() && self.plans.is_empty()
    }

    /// Takes of what is there more than once the newest, and tells what is not there. To be called when everything was taken.
    pub(super) fn settle(&mut self) {
        let Self { contacts, channels, rotations, plans, left, .. } = self;
        once(contacts, left, |contact| (&contact.contact_arn, &contact.alias));
        once(channels, left, |channel| (&channel.contact_channel_arn, &channel.contact_channel_arn));
        // `list-rotations` and `get-rotation` may both be there.
        once(rotations, left, |rotation| (&rotation.rotation_arn, &rotation.name));
        once(plans, left, |plan| (&plan.arn, &plan.name));
        self.tell_what_only_lists_name();
    }

    /// What a file holds, by the keys that only this answer has. The newest has the highest age.
    pub(super) fn take(&mut self, file: &str, age: usize, text: &str) {
        let Ok(answer) = serde_json::from_str::<Value>(text) else {
            return self.left.push(Left::new(
                file,
                "-",
                "it is no JSON; fetch it again with --output json",
                "JSON ではありません。--output json で取得し直してください",
            ));
        };
        let has = |key: &str| answer.get(key).is_some();
        let list = |key: &str| answer.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        if has("ContactArn") && has("Plan") {
            self.contacts.extend(read(file, age, answer, &mut self.left));
        } else if has("RotationArn") && has("Recurrence") {
            self.rotations.extend(read(file, age, answer, &mut self.left));
        } else if has("incidentTemplate") {
            self.plans.extend(read(file, age, answer, &mut self.left));
        } else if has("ContactChannels") {
            self.channels.extend(list("ContactChannels").into_iter().filter_map(|channel| read(file, age, channel, &mut self.left)));
        } else if has("Rotations") {
            self.rotations.extend(list("Rotations").into_iter().filter_map(|rotation| read(file, age, rotation, &mut self.left)));
        } else if has("Contacts") || has("responsePlanSummaries") {
            // Names alone; each of them must have an answer of its own.
            let named = [("Contacts", "ContactArn"), ("responsePlanSummaries", "arn")].map(|(of, arn)| (list(of), arn));
            for (entries, arn) in named {
                self.listed.extend(entries.iter().filter_map(|entry| Some((file.to_owned(), entry.get(arn)?.as_str()?.to_owned()))));
            }
        } else if has("RotationOverrides") && !list("RotationOverrides").is_empty() {
            self.left.push(Left::new(
                file,
                "-",
                "overrides are live and no configuration: `hansho override add`",
                "オーバーライドは設定ではありません: `hansho override add`",
            ));
        } else {
            self.left.push(Left::new(file, "-", "it is no answer that is read here", "読み込める出力ではありません"));
        }
    }

    fn tell_what_only_lists_name(&mut self) {
        let answered: BTreeSet<&str> = (self.contacts.iter().map(|contact| contact.value.contact_arn.as_str()))
            .chain(self.plans.iter().map(|plan| plan.value.arn.as_str()))
            .collect();
        let mut alone: Vec<&(String, String)> = self.listed.iter().filter(|(_, arn)| !answered.contains(arn.as_str())).collect();
        alone.dedup_by_key(|(_, arn)| arn);
        let told = alone.into_iter().map(|(file, arn)| {
            Left::new(
                file,
                arn,
                "the list names it, and its own answer is not there: fetch it with get-contact or get-response-plan",
                "一覧にありますが、個別の出力がありません。get-contact または get-response-plan で取得してください",
            )
        });
        self.left.extend(told);
    }
}

/// Keeps the newest of each ARN; where another says something else, it is told which was taken.
fn once<T: PartialEq>(found: &mut Vec<Read<T>>, left: &mut Vec<Left>, named: impl Fn(&T) -> (&String, &String)) {
    let mut newest: BTreeMap<String, usize> = BTreeMap::new();
    for (place, read) in found.iter().enumerate() {
        let kept = newest.entry(named(&read.value).0.clone()).or_insert(place);
        if found.get(*kept).is_some_and(|other| other.age < read.age) {
            *kept = place;
        }
    }
    for (place, read) in found.iter().enumerate() {
        let (arn, name) = named(&read.value);
        let Some(taken) = newest.get(arn).filter(|taken| **taken != place).and_then(|taken| found.get(*taken)) else { continue };
        if taken.value != read.value {
            left.push(Left::new(
                &read.file,
                name,
                format!("it says something else of {arn} than {}, which is the newer file and was taken", taken.file),
                format!("{arn} の内容が {} と異なります。新しい方の {} を使いました", taken.file, taken.file),
            ));
        }
    }
    let mut place = 0;
    found.retain(|read| {
        place += 1;
        newest.get(named(&read.value).0) == Some(&(place - 1))
    });
}

fn read<T: serde::de::DeserializeOwned>(file: &str, age: usize, answer: Value, left: &mut Vec<Left>) -> Option<Read<T>> {
    match serde_json::from_value(without_nulls(answer)) {
        Ok(value) => Some(Read { file: file.to_owned(), age, value }),
        Err(error) => {
            left.push(Left::new(file, "-", format!("it can not be read: {error}"), format!("読み取れません: {error}")));
            None
        }
    }
}

/// What is null is as good as not there.
fn without_nulls(answer: Value) -> Value {
    match answer {
        Value::Object(entries) => {
            entries.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key, without_nulls(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// A number that makes sense as what it stands for.
fn within<'de, D: Deserializer<'de>>(deserializer: D, what: &str, range: RangeInclusive<i64>) -> Result<i64, D::Error> {
    let number = i64::deserialize(deserializer)?;
    if range.contains(&number) {
        return Ok(number);
    }
    Err(D::Error::custom(format!("{number} is no {what}, which is {} to {}", range.start(), range.end())))
}

fn hour<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i8, D::Error> {
    i8::try_from(within(deserializer, "hour of a day", 0..=23)?).map_err(D::Error::custom)
}

fn minute<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i8, D::Error> {
    i8::try_from(within(deserializer, "minute of an hour", 0..=59)?).map_err(D::Error::custom)
}

fn day_of_month<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i8, D::Error> {
    i8::try_from(within(deserializer, "day of a month", 1..=31)?).map_err(D::Error::custom)
}

/// RecurrenceSettings, Incident Manager API reference.
fn multiplier<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    within(deserializer, "number of days, weeks or months", 1..=100)
}

/// Version 2 of the AWS CLI writes ISO 8601, version 1 seconds since 1970.
fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => text.parse().map_err(D::Error::custom),
        Value::Number(seconds) => {
            let milliseconds = seconds.as_f64().unwrap_or_default() * 1_000.0;
            Timestamp::from_millisecond(milliseconds as i64).map_err(D::Error::custom)
        }
        other => Err(D::Error::custom(format!("{other} is no time"))),
    }
}
