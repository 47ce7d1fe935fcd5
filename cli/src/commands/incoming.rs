//! An event in a file, read as the way in reads it that it is for: an alarm as AWS sends it, the body of an event of the Events API, a mail.

use std::{fs, io::Read, path::Path};

use hansho_alarm_intake::{FoundBy, Preview, Signal as AlarmSignal, preview_otherwise};
use hansho_api::{EventPreview, EventWay, preview_event, preview_sns};
use hansho_configuration::did_you_mean;
use hansho_domain::{Alert, Integration, IntegrationId, IntegrationKind, IntegrationSpec, Language, MailRules, Routes, ServiceId};
use hansho_email_intake::{Envelope, Mail, Sent, Verdicts};
use hansho_intake::Signal;
use jiff::Timestamp;
use serde_json::Value;

use super::{language::word, simulate::Source};

/// Largest event that is read, in bytes: what SES takes (SES quotas), and some more.
const EVENT_BYTES_MAX: u64 = 41_000_000;

/// What becomes of an acknowledgement by a source.
pub(super) const ACKNOWLEDGEMENT: &str = "an acknowledgement goes to the incident of its dedup key";

/// An event as it would come in.
pub(super) enum Incoming {
    /// As AWS sends it to a function.
    Aws(Value),
    /// The body of a request to the Events API.
    Event(EventWay, Vec<u8>),
    /// A mail as it came.
    Mail(Vec<u8>),
}

/// What one record of an event comes to, before any rule.
pub(super) enum Came {
    /// A signal.
    Signal {
        /// What it is called: the alarm's name, the dedup key, the subject.
        name: String,
        /// Why it is its service's.
        found: Found,
        /// When the source saw it.
        occurred_at: Timestamp,
        signal: Box<Signal>,
        /// The record as it is kept.
        raw: String,
    },
    /// Not understood: it pages by the catch-all service whatever rules say.
    Unreadable { reason: String, alert: Box<Alert> },
    /// No signal about anybody's system.
    Nothing { reason: String },
}

/// Why it is this service's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// An alarm of this name, by what leads alarms to services.
    Alarm { name: String, by: FoundBy },
    /// An event of an AWS service of this kind, by what leads such events to services.
    AwsEvent { name: String, by: FoundBy },
    /// It comes in by this integration.
    Integration(IntegrationId),
    /// It could not be read, for this reason.
    Unreadable { reason: String },
}

/// By which integration it would come in, and to which service that leads.
pub(super) struct WayIn {
    integration: Option<Integration>,
    service: Option<ServiceId>,
    is_unknown: bool,
}

impl Incoming {
    /// Reads the file; `-` is standard input.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let mut bytes = Vec::new();
        let read = if path.as_os_str() == "-" {
            std::io::stdin().take(EVENT_BYTES_MAX + 1).read_to_end(&mut bytes)
        } else {
            fs::File::open(path).and_then(|file| file.take(EVENT_BYTES_MAX + 1).read_to_end(&mut bytes))
        };
        let count = read.map_err(|error| format!("--event: {shown} can not be read: {error}"))?;
        if u64::try_from(count).is_ok_and(|count| count > EVENT_BYTES_MAX) {
            return Err(format!("--event: {shown} is larger than {EVENT_BYTES_MAX} bytes; no event is"));
        }
        match serde_json::from_slice::<Value>(&bytes) {
            Ok(event) => Ok(EventWay::of(&event).map_or(Self::Aws(event), |way| Self::Event(way, bytes))),
            Err(_) if is_mail(&bytes) => Ok(Self::Mail(bytes)),
            Err(error) => Err(format!(
                "--event: {shown} is no JSON: {error}; give the event as AWS sends it, the body of an event of the Events API, or a mail with \
                 its header"
            )),
        }
    }

    /// The topic of SNS that it says it is from.
    fn topic(&self) -> Option<&str> {
        let Self::Aws(event) = self else { return None };
        event.get("TopicArn")?.as_str()
    }

    /// What its records come to if it comes in at `received_at`.
    pub(super) fn came(&self, way_in: &WayIn, routes: &Routes, received_at: Timestamp) -> Result<Vec<Came>, String> {
        match self {
            Self::Aws(event) => {
                let previews = preview_otherwise(event, routes, way_in.service().as_ref(), received_at);
                Ok(previews.into_iter().flat_map(|preview| of_aws(preview, event, way_in, routes, received_at)).collect())
            }
            Self::Event(way, body) => of_event(*way, body, &way_in.of_type("events", IntegrationKind::events())?, received_at),
            Self::Mail(raw) => {
                let integration = way_in.of_type("email", IntegrationKind::Email(MailRules::default()))?;
                Ok(vec![of_mail(raw, &integration, received_at)])
            }
        }
    }
}

/// Whether it begins as a mail does: with a field, or with the line that mailboxes put before one (RFC 5322, section 2.2).
fn is_mail(bytes: &[u8]) -> bool {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let name = first.split(|byte| *byte == b':').next().unwrap_or_default();
    let is_field = name.len() < first.len() && !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    is_field || first.starts_with(b"From ")
}

/// What topics send to an integration of theirs pages by that, also what is no alarm.
fn of_aws(preview: Preview, event: &Value, way_in: &WayIn, routes: &Routes, received_at: Timestamp) -> Vec<Came> {
    let by_topic = way_in.integration.as_ref().filter(|integration| matches!(integration.spec().kind, IntegrationKind::Sns { .. }));
    let (Preview::Unreadable { .. }, Some(integration)) = (&preview, by_topic) else { return vec![of_alarm(preview)] };
    let Some(read) = preview_sns(&event.to_string(), integration, routes, received_at) else { return vec![of_alarm(preview)] };
    let came = |(signal, raw): (Signal, String)| {
        let name = if let Signal::Alert { alert, .. } = &signal { alert.title.clone() } else { String::new() };
        let found = Found::Integration(integration.id().clone());
        Came::Signal { name, found, occurred_at: received_at, signal: Box::new(signal), raw }
    };
    read.into_iter().map(came).collect()
}

fn of_alarm(preview: Preview) -> Came {
    match preview {
        Preview::Alarm { name, occurred_at, signal, event, raw } => {
            let found = Found::Alarm { name: name.clone(), by: found_by(&signal) };
            Came::Signal { name, found, occurred_at, signal: Box::new(signal.into_intake(*event)), raw }
        }
        Preview::AwsEvent { name, occurred_at, signal, event, raw } => {
            let found = Found::AwsEvent { name: name.clone(), by: found_by(&signal) };
            Came::Signal { name, found, occurred_at, signal: Box::new(signal.into_intake(*event)), raw }
        }
        Preview::Unreadable { reason, alert, .. } => Came::Unreadable { reason, alert },
        Preview::NothingToOpen { reason, .. } => Came::Nothing { reason },
    }
}

fn found_by(signal: &AlarmSignal) -> FoundBy {
    match signal {
        AlarmSignal::Alert { route, .. } => route.by.clone(),
        AlarmSignal::Clear { .. } | AlarmSignal::Note(_) | AlarmSignal::Suppressed(_) => FoundBy::Nothing,
    }
}

fn of_event(way: EventWay, body: &[u8], integration: &Integration, received_at: Timestamp) -> Result<Vec<Came>, String> {
    match preview_event(way, body, integration, received_at).map_err(|error| format!("--event: {error}"))? {
        EventPreview::Signal { signal, dedup_key, raw } => {
            let found = Found::Integration(integration.id().clone());
            Ok(vec![Came::Signal { name: dedup_key, found, occurred_at: received_at, signal, raw }])
        }
        EventPreview::Change(change) => {
            Ok(vec![Came::Nothing { reason: format!("it is a change, which pages nobody: {}", change.summary) }])
        }
        EventPreview::Refused { errors, .. } => Err(format!("--event: it would be refused: {}", errors.join("; "))),
    }
}

fn of_mail(raw: &[u8], integration: &Integration, received_at: Timestamp) -> Came {
    let mail = Mail::parse(raw);
    let envelope = Envelope {
        id: "preview".to_owned(),
        received_at: None,
        sender: Sent::Unknown,
        recipients: Vec::new(),
        verdicts: Verdicts::default(),
    };
    let signal = hansho_email_intake::preview(&envelope, &mail, integration, received_at);
    let found = Found::Integration(integration.id().clone());
    Came::Signal { name: mail.subject, found, occurred_at: received_at, signal: Box::new(signal), raw: String::new() }
}

impl WayIn {
    /// The integration and the service that somebody named, which have to exist.
    /// Where nobody named an integration, it is the one that its topic may send to.
    pub(super) async fn of(
        source: &Source,
        incoming: &Incoming,
        integration: Option<&IntegrationId>,
        service: Option<&ServiceId>,
    ) -> Result<Self, String> {
        if let Some(service) = service.filter(|service| !source.routes().knows(service) && **service != ServiceId::catch_all()) {
            let known = source.routes().services.iter().map(|known| known.id.as_str());
            return Err(format!("--service: there is no service {service}{}", did_you_mean(service.as_str(), known)));
        }
        let integration = match integration {
            Some(id) => Some(source.integration(id).await.map_err(|problem| format!("--integration: {problem}"))?),
            None => match incoming.topic() {
                Some(topic) => source.integration_of_topic(topic).await?,
                None => None,
            },
        };
        let is_unknown = integration.is_none() && service.is_none() && !matches!(incoming, Incoming::Aws(_));
        Ok(Self { integration, service: service.cloned(), is_unknown })
    }

    /// Whether nobody knows by which integration it comes in: then it goes to the catch-all service, as by one that names none.
    pub(super) fn is_unknown(&self) -> bool {
        self.is_unknown
    }

    /// That nobody knows it, in a line of its own.
    pub(super) fn unknown_told(language: Language) -> &'static str {
        word(
            language,
            "  Nobody knows by which integration it comes in, which may lead it elsewhere; name it with --integration.\n",
            "  受け口が不明です。受け口によって担当サービスが変わるため、--integration で指定してください。\n",
        )
    }

    /// The service that was named, or else the integration's.
    fn service(&self) -> Option<ServiceId> {
        self.service.clone().or_else(|| self.integration.as_ref().and_then(|integration| integration.spec().service.clone()))
    }

    /// The integration that was named, which has to be of this type; one of that name as any would be, where none was.
    fn of_type(&self, word: &str, kind: IntegrationKind) -> Result<Integration, String> {
        let spec = match &self.integration {
            Some(integration) if integration.spec().kind.as_str() != word => {
                let (id, other) = (integration.id(), integration.spec().kind.as_str());
                return Err(format!("--integration: {id} is of the type {other}, and the event comes in by one of the type {word}"));
            }
            Some(integration) => integration.spec().clone(),
            None => {
                let id = IntegrationId::new(format!("any-{word}")).map_err(|error| error.to_string())?;
                IntegrationSpec { id, name: word.to_owned(), service: None, kind }
            }
        };
        Integration::new(IntegrationSpec { service: self.service(), ..spec }).map_err(|problems| format!("{problems:?}"))
    }
}
