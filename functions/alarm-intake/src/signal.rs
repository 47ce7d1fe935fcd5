//! What an alarm's transition or an event of an AWS service means: an alert, a clear, a note, or nothing that pages.

use hansho_domain::{Alert, AlertId, Clear, DedupKey, HeldBy, InsufficientData, IntegrationId, Labels, Routes, ServiceId, Severity, text};
use hansho_intake::{Event, Note, Subject};
use hansho_store::Suppressed;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::{
    parse::{AlarmState, AlarmTransition, AwsEvent, Directives},
    route::{Claimant, Route, route},
};

/// One integration for all ways by which CloudWatch speaks, so that one transition that comes by two ways is one alert.
fn integration() -> IntegrationId {
    named(IntegrationId::new("cloudwatch"))
}

/// One integration for events of all AWS services, so that a finding that GuardDuty and Security Hub both send is one alert.
fn aws_events() -> IntegrationId {
    named(IntegrationId::new("aws-events"))
}

/// A name that is written in this file and known to be valid.
fn named<T>(id: Result<T, hansho_domain::InvalidId>) -> T {
    match id {
        Ok(id) => id,
        Err(error) => unreachable!("{error}"),
    }
}

/// Longest time of a mute: 15 days (CloudWatch user guide, "Alarm mute rules": a duration is P15D at most).
const MUTE_MAX: SignedDuration = SignedDuration::from_hours(15 * 24);
/// How long a mute is believed that does not say when it ends.
const MUTE_UNKNOWN: SignedDuration = SignedDuration::from_hours(1);
/// How much of a payload that can not be read an incident shows, in characters; the whole of it is kept beside it.
const DETAILS_CHARS_MAX: usize = 1_000;
/// Longest title of what is no alarm, in characters.
const TITLE_CHARS_MAX: usize = 120;

fn after(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// Payloads that are not recognised are one trouble where they differ in times and ids alone. Any other may be another trouble, and
/// must page though somebody has the first.
fn unrecognised_key(raw: &str) -> DedupKey {
    let hash = first_half(Sha256::digest(text::without_moments(raw).as_bytes()).as_slice());
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    named(DedupKey::new(format!("unrecognised-alarm-payload/{digits}")))
}

/// What a payload means.
#[derive(Debug)]
pub enum Signal {
    /// Something is wrong.
    Alert {
        /// The service that it is about, and why that one.
        route: Route,
        /// The alert.
        alert: Box<Alert>,
    },
    /// It is over.
    Clear {
        /// What says so.
        clear: Box<Clear>,
        /// What it is about, as its alert would say it.
        subject: Box<Subject>,
    },
    /// Worth remembering on the open incident.
    Note(Box<Note>),
    /// Recorded, and nobody is paged.
    Suppressed(Box<Suppressed>),
}

impl Signal {
    /// As every way in hands it on, with what else was read.
    pub fn into_intake(self, event: Event) -> hansho_intake::Signal {
        let event = Box::new(event);
        match self {
            Self::Alert { route, alert } => hansho_intake::Signal::Alert { service: route.service, alert, event },
            Self::Clear { clear, subject } => hansho_intake::Signal::Clear { clear, subject, event },
            Self::Note(note) => hansho_intake::Signal::Note(Box::new(Note { event: *event, ..*note })),
            Self::Suppressed(suppressed) => hansho_intake::Signal::Suppressed(suppressed),
        }
    }
}

/// What was read of an alarm besides what its transition means.
pub(crate) fn event(alarm: &AlarmTransition) -> Event {
    Event::from_source(&alarm.arn)
}

/// What was read of an event besides what it means.
pub(crate) fn event_of_aws(event: &AwsEvent) -> Event {
    Event::from_source(&event.arn)
}

/// How far ahead a source's clock may be. A time further ahead would outdo everything the source says later.
const CLOCK_AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// What a transition means; `otherwise` takes it where nothing leads it anywhere.
pub(crate) fn of_alarm(mut alarm: AlarmTransition, routes: &Routes, otherwise: Option<&ServiceId>, now: Timestamp) -> Signal {
    alarm.occurred_at = not_ahead(alarm.occurred_at, now);
    let directives = alarm.directives();
    let labels = labels(&alarm, &directives);
    let claimant = Claimant { name: &alarm.name, arn: &alarm.arn, directives: &directives, labels: &labels, is_alarm: true };
    let route = route(&claimant, routes, otherwise);
    let alert = alert(&alarm, &directives, labels, &route);
    match (alarm.state, routes.insufficient_data(&route.service)) {
        // Whatever suppresses its actions, an alarm that is OK is OK.
        (AlarmState::Ok, _) => clear(&route.service, &alert, alarm.reason()),
        (AlarmState::InsufficientData, InsufficientData::Note) => Signal::Note(Box::new(Note {
            text: format!("CloudWatch has no data: {}", alarm.reason()),
            subject: Subject::of_alert(&route.service, &alert),
            event: Event::default(),
            suppressed: suppressed(&alarm, route.service, now, "the alarm has no data (INSUFFICIENT_DATA), and no incident is open for it"),
        })),
        (AlarmState::Alarm, _) | (AlarmState::InsufficientData, InsufficientData::Alert) => of_trouble(&alarm, alert, route, now),
    }
}

fn not_ahead(at: Timestamp, now: Timestamp) -> Timestamp {
    at.min(after(now, CLOCK_AHEAD_MAX))
}

/// What an event of an AWS service means; `otherwise` takes it where nothing leads it anywhere.
pub(crate) fn of_aws_event(event: AwsEvent, routes: &Routes, otherwise: Option<&ServiceId>, now: Timestamp) -> Signal {
    let mut labels = Labels::new();
    // Tags come last: what AWS says counts more than what a tag is called by.
    let tags = event.tags.iter().map(|(key, value)| (key.as_str(), value));
    for (key, value) in event.facts.iter().map(|(key, value)| (*key, value)).chain(tags) {
        labels.add(key, value);
    }
    let directives = Directives::default();
    let claimant = Claimant { name: &event.name, arn: &event.arn, directives: &directives, labels: &labels, is_alarm: false };
    let route = route(&claimant, routes, otherwise);
    let remarks: Vec<String> = event.remark.into_iter().chain(route.remark.clone()).collect();
    let alert = Alert {
        id: event.alert_id,
        integration: aws_events(),
        dedup_key: event.dedup_key,
        occurred_at: not_ahead(event.occurred_at, now),
        severity: event.severity,
        priority: None,
        title: event.title,
        details: event.details,
        runbook: event.runbook,
        link: event.link,
        labels,
        references: Vec::new(),
        held: None,
        pause: None,
        remark: (!remarks.is_empty()).then(|| remarks.join("; ")),
        opened_by: None,
    };
    if event.is_over { clear(&route.service, &alert, alert.details.clone()) } else { Signal::Alert { route, alert: Box::new(alert) } }
}

/// It is over, as `details` say.
fn clear(service: &ServiceId, alert: &Alert, details: String) -> Signal {
    Signal::Clear {
        clear: Box::new(Clear {
            id: alert.id,
            integration: alert.integration.clone(),
            dedup_key: alert.dedup_key.clone(),
            occurred_at: alert.occurred_at,
            details,
        }),
        subject: Box::new(Subject::of_alert(service, alert)),
    }
}

/// What is understood and is no signal about anybody's system is recorded, so that nobody has to wonder where it went.
pub(crate) fn of_nothing(reason: &str, alarm: Option<&str>, raw: &str, now: Timestamp) -> Suppressed {
    let title = text::cut(&text::one_line(alarm.unwrap_or_default()), TITLE_CHARS_MAX);
    Suppressed {
        alert: AlertId::from_hash(first_half(Sha256::new().chain_update(reason).chain_update([0]).chain_update(raw).finalize().as_slice())),
        integration: integration(),
        dedup_key: named(DedupKey::new("no-alarm")),
        service: None,
        title: if title.is_empty() { "Message about alarms".to_owned() } else { title },
        occurred_at: now,
        received_at: now,
        reason: reason.to_owned(),
        rule: None,
    }
}

/// A payload that is not recognised may be an alarm, so it pages; the payload is kept.
pub(crate) fn of_unreadable(reason: &str, raw: &str, now: Timestamp) -> Alert {
    Alert {
        id: AlertId::from_hash(first_half(Sha256::digest(raw.as_bytes()).as_slice())),
        integration: integration(),
        dedup_key: unrecognised_key(raw),
        occurred_at: now,
        severity: Severity::Critical,
        priority: None,
        title: "Unrecognised alarm payload".to_owned(),
        details: text::cut(&format!("{reason}\n{}", text::lines(raw).trim()), DETAILS_CHARS_MAX),
        runbook: None,
        link: None,
        labels: Labels::new(),
        references: Vec::new(),
        held: None,
        pause: None,
        remark: Some("the payload is kept with the incident".to_owned()),
        opened_by: None,
    }
}

/// The alert of a transition, before anything is known that keeps it from paging.
fn alert(alarm: &AlarmTransition, directives: &Directives, labels: Labels, route: &Route) -> Alert {
    Alert {
        id: alarm.alert_id(),
        integration: integration(),
        dedup_key: alarm.dedup_key(),
        occurred_at: alarm.occurred_at,
        severity: directives.severity.unwrap_or(Severity::Critical),
        priority: directives.priority,
        title: alarm.title(),
        details: alarm.details(),
        runbook: directives.runbook.clone(),
        link: alarm.console_link(),
        labels,
        references: Vec::new(),
        held: None,
        pause: None,
        remark: route.remark.clone(),
        opened_by: None,
    }
}

fn of_trouble(alarm: &AlarmTransition, alert: Alert, route: Route, now: Timestamp) -> Signal {
    if let Some(by) = &alarm.suppressed_by {
        return Signal::Suppressed(Box::new(suppressed(alarm, route.service, now, &format!("CloudWatch suppressed its actions: {by}"))));
    }
    let held = match &alarm.muted {
        None => None,
        Some(muted) => match muted.until {
            Some(until) if until > now => {
                Some(HeldBy { until: until.min(after(now, MUTE_MAX)), reason: format!("muted by {}", muted.by_arn) })
            }
            // The window is over: what still fires pages.
            Some(_) => None,
            // Nobody says when it ends, and what nobody ends would never page.
            None => {
                let reason = format!("muted by {}, which does not say until when", muted.by_arn);
                Some(HeldBy { until: after(now, MUTE_UNKNOWN), reason })
            }
        },
    };
    Signal::Alert { route, alert: Box::new(Alert { held, ..alert }) }
}

/// What rules can ask about: where the alarm is, what its description says, and what its metric is of. Of two with one name the first
/// counts, so what somebody wrote wins over what a metric happens to be called by.
fn labels(alarm: &AlarmTransition, directives: &Directives) -> Labels {
    let mut labels = Labels::new();
    labels.add("alarm", &alarm.name);
    labels.add("account", &alarm.account);
    labels.add("region", alarm.region.as_deref().unwrap_or_default());
    for (key, value) in directives.labels.iter() {
        labels.add(key, value);
    }
    let of_contributor = alarm.contributor.iter().flat_map(|contributor| &contributor.attributes);
    for (key, value) in of_contributor.chain(&alarm.dimensions) {
        labels.add(key, value);
    }
    labels
}

fn suppressed(alarm: &AlarmTransition, service: ServiceId, now: Timestamp, reason: &str) -> Suppressed {
    Suppressed {
        alert: alarm.alert_id(),
        integration: integration(),
        dedup_key: alarm.dedup_key(),
        service: Some(service),
        title: alarm.title(),
        occurred_at: alarm.occurred_at,
        received_at: now,
        reason: reason.to_owned(),
        rule: None,
    }
}

fn first_half(hash: &[u8]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    half
}
