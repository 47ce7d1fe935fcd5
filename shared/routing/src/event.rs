//! What a way in read besides the alert itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most headers that rules see.
const HEADERS_MAX: usize = 100;
/// Most recipients that rules see.
const RECIPIENTS_MAX: usize = 50;
/// Longest name or value of a header, and longest recipient, in bytes.
const TEXT_BYTES_MAX: usize = 2_000;
/// Most envelopes around a payload.
const LAYERS_MAX: u8 = 4;

/// What a way in read besides the alert itself. Whatever it does not know stays empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Event {
    /// The payload as rules see it, where that is not the JSON of the raw payload: the text of a mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Headers of the mail or of the request, by their names in lower case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    /// The addresses it was sent to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    recipients: Vec<String>,
    /// Who or what it is from: the ARN of an alarm, the `source` of an event, the sender of a mail.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// What of it is too much to be seen.
    #[serde(default, skip_serializing_if = "Unseen::is_empty")]
    unseen: Unseen,
}

/// What a way in may not have read whole, or not kept whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The headers: some may be missing, and of those that are there more may have been said.
    Headers,
    /// Who or what it is from.
    Source,
    /// The title of the alert.
    Title,
    /// The source's own account.
    Details,
}

/// What is too much for rules to see, or was already for the way in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Unseen {
    /// Headers whose values were cut.
    cut_headers: BTreeSet<String>,
    /// Headers were left out.
    has_more_headers: bool,
    /// Recipients were left out.
    has_more_recipients: bool,
    /// What the way in itself did not see or keep whole.
    parts: BTreeSet<Part>,
    /// Fields of the payload of which the same is true.
    fields: BTreeSet<String>,
}

impl Unseen {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether this header is all there, or known not to be there.
    pub(crate) fn is_whole(&self, header: &str, is_there: bool) -> bool {
        !self.is_partial(Part::Headers) && !self.cut_headers.contains(header) && (is_there || !self.has_more_headers)
    }

    /// Whether all headers are there as they are.
    pub(crate) fn are_headers_whole(&self) -> bool {
        !self.is_partial(Part::Headers) && self.cut_headers.is_empty() && !self.has_more_headers
    }

    /// Whether all recipients are there.
    pub(crate) fn are_recipients_whole(&self) -> bool {
        !self.has_more_recipients
    }

    /// Whether this field of the payload was seen and kept whole.
    pub(crate) fn is_field_whole(&self, field: &str) -> bool {
        !self.fields.contains(field)
    }

    /// Whether every field of the payload was.
    pub(crate) fn is_body_whole(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether this was not seen or not kept whole.
    pub(crate) fn is_partial(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }
}

impl Event {
    /// An event of which only the payload is known, and who or what it is from.
    pub fn from_source(source: &str) -> Self {
        let mut event = Self { source: cut(source), ..Self::default() };
        if source.len() > TEXT_BYTES_MAX {
            event.add_partial(Part::Source);
        }
        event
    }

    /// Of this, something may be missing that a rule asks for: rules that ask for it make nothing quieter.
    pub fn add_partial(&mut self, part: Part) {
        self.unseen.parts.insert(part);
    }

    /// As [`Event::add_partial`], of a field of the payload.
    pub fn add_partial_field(&mut self, field: &str) {
        self.unseen.fields.insert(field.to_owned());
    }

    /// Whether nothing was read but the payload.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds a header. One that comes again is added to the first, after a comma (RFC 9110, section 5.3).
    pub fn add_header(&mut self, name: &str, value: &str) {
        let name = cut(&name.to_ascii_lowercase());
        let whole = match self.headers.get(&name) {
            Some(known) => format!("{known}, {value}"),
            None if self.headers.len() < HEADERS_MAX => value.to_owned(),
            None => {
                self.unseen.has_more_headers = true;
                return;
            }
        };
        if whole.len() > TEXT_BYTES_MAX {
            self.unseen.cut_headers.insert(name.clone());
        }
        self.headers.insert(name, cut(&whole));
    }

    /// Adds an address it was sent to.
    pub fn add_recipient(&mut self, address: &str) {
        if self.recipients.len() < RECIPIENTS_MAX && address.len() <= TEXT_BYTES_MAX {
            self.recipients.push(address.to_owned());
        } else {
            self.unseen.has_more_recipients = true;
        }
    }

    pub(crate) fn unseen(&self) -> &Unseen {
        &self.unseen
    }

    /// Headers, by their names in lower case.
    pub fn headers(&self) -> &BTreeMap<String, String> {
        &self.headers
    }

    /// The addresses it was sent to.
    pub fn recipients(&self) -> &[String] {
        &self.recipients
    }

    /// The payload as rules see it; `raw` is the payload as it came.
    pub fn body_of(&self, raw: &str) -> Value {
        self.body.clone().unwrap_or_else(|| body(raw))
    }
}

/// What rules see of a payload: its JSON without the envelopes of SQS and SNS, or else its text.
pub fn body(raw: &str) -> Value {
    let Ok(mut value) = serde_json::from_str::<Value>(raw) else { return Value::String(raw.to_owned()) };
    for _ in 0..LAYERS_MAX {
        let Some(inner) = inside(&mut value) else { break };
        value = inner;
    }
    value
}

/// What an envelope holds: SNS wraps a message as `Sns` for Lambda and as `Message`, SQS as `body` (Lambda developer guide, "Using
/// Lambda with Amazon SNS" and "with Amazon SQS").
fn inside(value: &mut Value) -> Option<Value> {
    let fields = value.as_object_mut()?;
    if let Some(sns) = fields.get_mut("Sns").filter(|sns| sns.is_object()) {
        return Some(sns.take());
    }
    let is_sqs = fields.contains_key("messageId") && fields.contains_key("receiptHandle");
    let is_sns = fields.contains_key("TopicArn") && fields.contains_key("Message");
    let text = fields.get(if is_sns { "Message" } else { "body" }).filter(|_| is_sqs || is_sns)?.as_str()?;
    serde_json::from_str(text).ok()
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(TEXT_BYTES_MAX)].to_owned()
}
