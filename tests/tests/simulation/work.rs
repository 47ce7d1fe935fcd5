//! What wakes a function: messages, timers, the stream, alarms, people.

use std::collections::BTreeSet;

use hansho_domain::{
    Command, DrillId, IncidentId, Input, InputId, LiveMaintenance, MaintenanceFilter, MaintenanceId, MaintenanceSpec, MaintenanceTime,
    MaintenanceWindow, Method, Override, PolicyId, Priority, ScheduleId, ServiceId, Severity, Target, Urgency, UserId,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Queue {
    Timers,
    Deliveries,
    Alarms,
}

impl Queue {
    pub(crate) fn function(self) -> &'static str {
        match self {
            Self::Timers => "escalation",
            Self::Deliveries => "delivery",
            Self::Alarms => "alarm-intake",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: u64,
    pub(crate) queue: Queue,
    pub(crate) body: String,
    pub(crate) receives: u32,
}

/// What a person does.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Acknowledge,
    Resolve,
    Escalate,
    Snooze(i64),
    Reassign(UserId),
    /// To the policy `q`.
    GiveAway,
    Ask(UserId),
    Accept,
    Decline,
    Cancel,
    Urgency(Urgency),
    Rate(Option<Priority>),
    Raise(Priority),
    /// Into another incident, which the world picks.
    Merge(Option<IncidentId>),
    Reopen,
    Note,
}

/// What somebody does about maintenance.
#[derive(Debug, Clone)]
pub(crate) enum Upkeep {
    /// A window of so many seconds: about checkout, or about everything; about whatever is less than critical, or about all.
    Begin { seconds: i64, is_about_all: bool, is_filtered: bool },
    /// One of the windows ends: a live one by its number, or the planned one.
    End(Option<u64>),
}

/// What somebody does over the API that is about no incident.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    AddOverride(Override),
    RemoveOverride {
        schedule: ScheduleId,
        id: String,
    },
    /// Asks for a drill; the same number is the same request.
    Drill {
        number: u64,
    },
    /// Taps on the link of a drill's message.
    Answer {
        user: UserId,
        method: Method,
        drill: DrillId,
    },
}

#[derive(Debug, Clone)]
pub(crate) enum Work {
    /// Messages of one queue, up to three in a batch.
    Messages(Vec<Message>),
    Timer {
        input: String,
        tries: u32,
    },
    Stream {
        records: Vec<Value>,
        tries: u32,
    },
    Alarm {
        event: Value,
        tries: u32,
    },
    Report {
        event: Value,
        tries: u32,
    },
    /// A tool sends an event over HTTP; the number tells it from the others.
    Event {
        number: u64,
        request: Value,
        tries: u32,
    },
    /// SES hands over a mail.
    Mail {
        number: u64,
        event: Value,
        tries: u32,
    },
    Person {
        number: u64,
        user: UserId,
        act: Act,
        incident: Option<IncidentId>,
        tries: u32,
    },
    /// Somebody begins or ends a maintenance window.
    Maintain {
        number: u64,
        act: Upkeep,
        tries: u32,
    },
    /// Somebody applies a configuration: the one at this place of the world's.
    Apply {
        team: usize,
        tries: u32,
    },
    /// Somebody does something over the API.
    Deed {
        deed: Deed,
        tries: u32,
    },
    Sweep,
}

impl Work {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Messages(messages) => messages[0].queue.function(),
            Self::Timer { .. } => "escalation",
            Self::Stream { .. } => "outbox-relay",
            Self::Alarm { .. } => "alarm-intake",
            Self::Report { .. } => "delivery",
            Self::Person { .. } => "person",
            Self::Maintain { .. } => "maintenance",
            Self::Apply { .. } => "config",
            Self::Deed { .. } | Self::Event { .. } => "api",
            Self::Mail { .. } => "email-intake",
            Self::Sweep => "sweeper",
        }
    }

    pub(crate) fn event(&self) -> Value {
        match self {
            Self::Messages(messages) => {
                let records = messages.iter().map(|message| {
                    json!({
                        "messageId": format!("m{}", message.id),
                        "receiptHandle": "r",
                        "body": message.body,
                        "attributes": { "ApproximateReceiveCount": (message.receives + 1).to_string() },
                        "eventSource": "aws:sqs",
                        "eventSourceARN": "arn:aws:sqs:local:000000000000:queue",
                    })
                });
                json!({ "Records": records.collect::<Vec<_>>() })
            }
            Self::Timer { input, .. } => serde_json::from_str(input).unwrap_or_default(),
            Self::Stream { records, .. } => json!({ "Records": records }),
            Self::Alarm { event, .. } | Self::Report { event, .. } | Self::Mail { event, .. } => event.clone(),
            Self::Event { request, .. } => request.clone(),
            Self::Person { .. } | Self::Maintain { .. } | Self::Apply { .. } | Self::Deed { .. } | Self::Sweep => {
                json!({ "detail-type": "Scheduled Event" })
            }
        }
    }

    /// The incidents and alerts that this is about; empty for what is about all.
    pub(crate) fn about(&self) -> BTreeSet<String> {
        match self {
            Self::Messages(messages) => messages.iter().flat_map(|message| subjects(message.queue, &message.body)).collect(),
            Self::Timer { input, .. } => incidents_of(input),
            Self::Stream { records, .. } => records.iter().flat_map(|record| incidents_of(&record.to_string())).collect(),
            Self::Alarm { event, .. } => alerts_of(event),
            Self::Report { event, .. } => incidents_of(&event.to_string()),
            // A page is due from the commit on; what befalls the sender before makes none late.
            Self::Event { number, .. } | Self::Mail { number, .. } => BTreeSet::from([format!("signal {number}")]),
            Self::Person { incident, act: Act::Merge(target), .. } => incident.iter().chain(target).map(ToString::to_string).collect(),
            Self::Person { incident, .. } => incident.iter().map(ToString::to_string).collect(),
            // Nothing that it does makes a page late.
            Self::Deed { .. } => BTreeSet::from(["deed".to_owned()]),
            Self::Maintain { .. } | Self::Apply { .. } | Self::Sweep => BTreeSet::new(),
        }
    }
}

fn subjects(queue: Queue, body: &str) -> BTreeSet<String> {
    match queue {
        Queue::Alarms => serde_json::from_str(body).map(|event| alerts_of(&event)).unwrap_or_default(),
        Queue::Timers | Queue::Deliveries => incidents_of(body),
    }
}

/// The ids of incidents and of notices that a text names.
pub(crate) fn incidents_of(text: &str) -> BTreeSet<String> {
    let notices = text.split("NOTICE#").skip(1).chain(text.split("\"notice\":\"").skip(1)).filter_map(|rest| rest.get(..32));
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() == 26 && word.starts_with("01"));
    words.chain(notices).map(str::to_owned).collect()
}

/// The ids of the alerts in an event of alarm-intake.
pub(crate) fn alerts_of(event: &Value) -> BTreeSet<String> {
    use hansho_alarm_intake::parse::{Reading, parse};
    let records = parse(event, Timestamp::UNIX_EPOCH);
    records
        .into_iter()
        .filter_map(|record| if let Reading::Alarm(alarm) = record.reading { Some(alarm.alert_id().to_string()) } else { None })
        .collect()
}

/// The input that the API would make of what a person does.
pub(crate) fn input(number: u64, user: &UserId, act: &Act, now: Timestamp) -> Input {
    let command = match act {
        Act::Acknowledge => Command::Acknowledge,
        Act::Resolve => Command::Resolve,
        Act::Escalate => Command::Escalate,
        Act::Snooze(minutes) => Command::Snooze { until: now.saturating_add(SignedDuration::from_mins(*minutes)).unwrap() },
        Act::Reassign(to) => Command::Reassign { to: vec![Target::User(to.clone())] },
        Act::GiveAway => Command::ReassignToPolicy { policy: PolicyId::new("q").unwrap() },
        Act::Ask(user) => Command::RequestResponders { to: vec![Target::User(user.clone())], message: "come".to_owned() },
        Act::Accept => Command::AcceptRequest,
        Act::Decline => Command::DeclineRequest,
        Act::Cancel => Command::CancelRequests { of: Vec::new() },
        Act::Urgency(urgency) => Command::ChangeUrgency { urgency: *urgency },
        Act::Rate(priority) => Command::ChangePriority { priority: *priority },
        Act::Raise(to) => Command::RaisePriority { to: *to },
        Act::Merge(Some(target)) => Command::MergeInto { target: *target },
        Act::Merge(None) => Command::Note { text: "there is nothing to merge it into".to_owned() },
        Act::Reopen => Command::Reopen { newer: None },
        Act::Note => Command::Note { text: "I am on it".to_owned() },
    };
    Input { id: InputId::derived(format!("form-{number}")), actor: hansho_domain::Actor::User(user.clone()), command }
}

/// The name of the window of every configuration.
pub(crate) const PLANNED: &str = "planned";

/// The name of a live window.
pub(crate) fn live(number: u64) -> MaintenanceId {
    MaintenanceId::live(&number.to_string()).unwrap()
}

pub(crate) fn window(id: MaintenanceId, from: Timestamp, seconds: i64, is_about_all: bool, is_filtered: bool) -> MaintenanceWindow {
    let services = if is_about_all { Vec::new() } else { vec![ServiceId::new("checkout").unwrap()] };
    let severities = if is_filtered { vec![Severity::Info, Severity::Warning, Severity::Error] } else { Vec::new() };
    let only = MaintenanceFilter { severities, ..MaintenanceFilter::default() };
    let until = from.saturating_add(SignedDuration::from_secs(seconds)).unwrap();
    let time = MaintenanceTime::Once { from, until };
    MaintenanceWindow::new(MaintenanceSpec { id, reason: String::new(), services, only, time }).unwrap()
}

/// What the API would make of a window that somebody begins.
pub(crate) fn begun(number: u64, act: &Upkeep, now: Timestamp) -> Option<LiveMaintenance> {
    let Upkeep::Begin { seconds, is_about_all, is_filtered } = *act else { return None };
    let window = window(live(number), now, seconds, is_about_all, is_filtered);
    Some(LiveMaintenance { window, is_planned: false, created_at: now, created_by: "tests".to_owned(), ended: None })
}
