//! What a notification means: an alarm of CloudWatch where it is one, and otherwise an alert with what can be read.

use hansho_alarm_intake::{Preview, preview_otherwise};
use hansho_domain::{Alert, AlertId, DedupKey, Integration, Labels, Routes, Severity, TopicArn, text};
use hansho_intake::{Event, Signal};
use hansho_store::Suppressed;
use jiff::Timestamp;
use serde_json::Value;

use super::{message::Notification, occurred_at};
use crate::input_id;

/// Longest title, in characters.
const TITLE_CHARS_MAX: usize = 160;
/// Longest part of a message that an incident shows, in characters; the whole of it is kept beside it.
const DETAILS_CHARS_MAX: usize = 1_000;
/// A first line with fewer letters and digits says nothing by which troubles could be told apart: `{`, `---`, `Hi,`.
const TELLING_CHARS_MIN: usize = 8;
/// Under these names tools say in JSON what a message is about.
const TITLES: [&str; 7] = ["title", "summary", "subject", "AlarmName", "message", "name", "description"];
/// How many digits of a hash tell troubles of a topic apart.
const KEY_DIGITS: usize = 24;

/// A signal, and what is kept with it.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) signal: Signal,
    /// The payload as it is kept.
    pub(super) raw: String,
    /// The alert, where nobody could read what was sent.
    pub(super) unread: Option<AlertId>,
}

/// The signals of a notification. CloudWatch is one integration whatever way it speaks, so an alarm that comes by two ways is one alert.
pub(super) fn read(notification: &Notification, integration: &Integration, routes: &Routes, now: Timestamp) -> Vec<Read> {
    let record: Value = serde_json::from_str(&notification.raw()).unwrap_or_default();
    let of = |preview: Preview| match preview {
        Preview::Alarm { signal, event, raw, .. } | Preview::AwsEvent { signal, event, raw, .. } => {
            Read { signal: signal.into_intake(*event), raw, unread: None }
        }
        Preview::Unreadable { raw, .. } => {
            let alert = alert(notification, integration, now);
            let unread = Some(alert.id);
            let event = Box::new(Event::from_source(notification.topic.as_str()));
            let signal = Signal::Alert { service: integration.service_or_catch_all(), alert: Box::new(alert), event };
            Read { signal, raw, unread }
        }
        Preview::NothingToOpen { suppressed, raw, .. } => Read { signal: Signal::Suppressed(suppressed), raw, unread: None },
    };
    preview_otherwise(&record, routes, integration.spec().service.as_ref(), now).into_iter().map(of).collect()
}

/// What is written down about a notification that is older than SNS would send it.
pub(super) fn too_old(integration: &Integration, notification: &Notification, now: Timestamp) -> Signal {
    let sent_at = occurred_at(notification, now);
    Signal::Suppressed(Box::new(Suppressed {
        alert: alert_id(integration, notification),
        integration: integration.id().clone(),
        dedup_key: topic_key(&notification.topic, &["old"]),
        service: Some(integration.service_or_catch_all()),
        title: Words::of(notification).title,
        occurred_at: sent_at,
        received_at: now,
        reason: format!("refused: it was published at {sent_at}, longer ago than SNS tries; somebody may have sent it again (古い通知)"),
        rule: None,
    }))
}

/// A dedup key within a topic: its name, and a hash of what tells the trouble.
pub(super) fn topic_key(topic: &TopicArn, what: &[&str]) -> DedupKey {
    let mut parts = vec!["sns", topic.as_str()];
    parts.extend(what);
    let hash = input_id::hash_text(&parts, KEY_DIGITS);
    // A topic's name is shorter than a key may be, and has no character that may not be in one.
    DedupKey::new(format!("sns/{}/{hash}", topic.name())).unwrap_or_else(|error| unreachable!("{error}"))
}

fn alert_id(integration: &Integration, notification: &Notification) -> AlertId {
    AlertId::from_hash(input_id::hash(&["sns", integration.id().as_str(), notification.topic.as_str(), &notification.id]))
}

/// The alert of a message that is no alarm. It pages: nobody knows that it is none.
fn alert(notification: &Notification, integration: &Integration, now: Timestamp) -> Alert {
    let words = Words::of(notification);
    let topic = &notification.topic;
    let mut labels = Labels::new();
    labels.add("topic", topic.name());
    labels.add("account", topic.account());
    labels.add("region", topic.region());
    Alert {
        id: alert_id(integration, notification),
        integration: integration.id().clone(),
        dedup_key: topic_key(topic, &["message", &words.about]),
        occurred_at: occurred_at(notification, now),
        // What does not say how bad it is may be as bad as can be.
        severity: Severity::Critical,
        priority: None,
        title: words.title,
        details: text::cut(&text::lines(&notification.text), DETAILS_CHARS_MAX),
        runbook: None,
        link: None,
        labels,
        references: Vec::new(),
        held: None,
        pause: None,
        remark: None,
        opened_by: None,
    }
}

/// What people are shown of a message, and what tells its trouble from others of the topic.
struct Words {
    title: String,
    about: String,
}

impl Words {
    /// The subject; without one, the type of an event of EventBridge, with what it is about; otherwise the first line. Where that says
    /// too little, the whole message tells its trouble: a page too many rather than one that is taken for another's repeat.
    fn of(notification: &Notification) -> Self {
        let message = &notification.text;
        let subject = notification.subject.as_deref().map(text::one_line).filter(|subject| !subject.is_empty());
        if let Some(about) = subject.or_else(|| event_of(message)).or_else(|| first_line(message).filter(|line| tells(message, line))) {
            return Self { title: text::cut(&about, TITLE_CHARS_MAX), about };
        }
        let title = titled(message).or_else(|| Some(text::one_line(message)).filter(|line| !line.is_empty()));
        let title = title.unwrap_or_else(|| format!("Message of the SNS topic {} without text (本文なし)", notification.topic.name()));
        Self { title: text::cut(&title, TITLE_CHARS_MAX), about: message.trim().to_owned() }
    }
}

/// Whether the first line of a message tells its trouble from others. That of JSON does not.
fn tells(message: &str, line: &str) -> bool {
    line.chars().filter(|c| c.is_alphanumeric()).count() >= TELLING_CHARS_MIN && serde_json::from_str::<Value>(message).is_err()
}

/// What a message in JSON says that it is about.
fn titled(message: &str) -> Option<String> {
    let said: Value = serde_json::from_str(message).ok()?;
    TITLES.iter().find_map(|name| Some(text::one_line(said.get(name)?.as_str()?)).filter(|title| !title.is_empty()))
}

fn event_of(message: &str) -> Option<String> {
    let event: Value = serde_json::from_str(message).ok()?;
    let kind = event.get("detail-type")?.as_str()?;
    let source = event.get("source").and_then(Value::as_str).unwrap_or_default();
    let resource = event.pointer("/resources/0").and_then(Value::as_str).unwrap_or_default();
    Some(text::one_line(&format!("{kind} {source} {resource}"))).filter(|line| !line.is_empty())
}

fn first_line(message: &str) -> Option<String> {
    message.lines().map(text::one_line).find(|line| !line.is_empty())
}
