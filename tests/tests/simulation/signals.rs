//! What tools send over HTTP and by mail, and what the rules of a configuration should make of it: a model of the rules that knows
//! nothing of the language they are written in.

use hansho_domain::{
    Integration, IntegrationId, IntegrationKind, IntegrationSpec, MailCondition, MailExtract, MailField, MailFilters, MailKey, MailOpening,
    MailRules, Rule, RuleActions, ServiceId, Severity,
};
use hansho_runtime::Secrets;
use hansho_store::MailAddress;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{random::Random, work::Work};

/// The integrations of every world: events, mails about whatever stands in brackets, and mails that are each a trouble of its own.
pub(crate) const EVENTS: [&str; 2] = ["shop", "fleet"];
pub(crate) const MAIL: &str = "mail";
const MAIL_EACH: &str = "mail-each";
/// What opens an integration of events.
const KEY_PREFIX: &str = "0123456789abcdef0123456789";
/// How many events a key takes in a minute where a configuration is narrow.
const NARROW: u32 = 8;
/// How often a sender tries.
const TRIES_MAX: u32 = 8;

/// The key of an integration of events.
pub(crate) fn key_of(integration: &str) -> String {
    format!("{KEY_PREFIX}-{integration}")
}

/// Which of the rules a configuration has.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each rule is there or not")]
pub(crate) struct Ruled {
    /// What is called `pool-…` is one trouble; other rules follow.
    pub(crate) pools: bool,
    /// What is called `spare-…` is nobody's, so the catch-all service has it.
    pub(crate) spares: bool,
    /// What is about a database says so, and is critical; other rules follow.
    pub(crate) databases: bool,
    /// Noise pages nobody.
    pub(crate) noise: bool,
    /// What flaps is paused for so many seconds, by the service's own rule.
    pub(crate) flapping_seconds: Option<u32>,
    /// What is only information pages nobody, by the service's own rule.
    pub(crate) information: bool,
    /// Keys take few events in a minute.
    pub(crate) is_narrow: bool,
    /// The second integration of events is there no more, and its key still is.
    pub(crate) has_lost_one: bool,
}

impl Ruled {
    pub(crate) fn random(random: &mut Random) -> Self {
        Self {
            pools: random.chance(6_000),
            spares: random.chance(6_000),
            databases: random.chance(6_000),
            noise: random.chance(7_000),
            flapping_seconds: random.chance(7_000).then(|| u32::try_from(random.between(30, 150)).unwrap()),
            information: random.chance(6_000),
            is_narrow: random.chance(1_500),
            has_lost_one: random.chance(1_000),
        }
    }

    /// The rules for all alerts.
    pub(crate) fn global(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        if self.pools {
            let then = RuleActions { dedup_key: Some("pool".to_owned()), ..RuleActions::default() };
            rules.push(Rule { goes_on: true, ..rule("pools", "dedup_key.startsWith('pool-')", then) });
        }
        if self.databases {
            let then =
                RuleActions { severity: Some(Severity::Critical), title: Some("[DB] {{ title }}".to_owned()), ..RuleActions::default() };
            rules.push(Rule { goes_on: true, ..rule("databases", "title.contains('db-')", then) });
        }
        if self.noise {
            let then = RuleActions { suppress: Some("it is noise".to_owned()), ..RuleActions::default() };
            rules.push(rule("noise", "title.contains('noise')", then));
        }
        if self.spares {
            let then = RuleActions { route: Some(ServiceId::catch_all()), ..RuleActions::default() };
            rules.push(rule("spares", "dedup_key.startsWith('spare-')", then));
        }
        rules
    }

    /// The service's own.
    pub(crate) fn own(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        if let Some(seconds) = self.flapping_seconds {
            let then = RuleActions { pause_seconds: Some(seconds), ..RuleActions::default() };
            rules.push(rule("flapping", "title.contains('flaps')", then));
        }
        if self.information {
            let then = RuleActions { suppress: Some("it is only information".to_owned()), ..RuleActions::default() };
            rules.push(rule("information", "severity == 'info'", then));
        }
        rules
    }

    /// The integrations, whose alerts are the service's.
    pub(crate) fn integrations(&self, service: &ServiceId) -> Vec<Integration> {
        let of = |id: &str, kind: IntegrationKind| {
            let id = IntegrationId::new(id).unwrap();
            Integration::new(IntegrationSpec { name: id.to_string(), id, service: Some(service.clone()), kind }).unwrap()
        };
        let per_minute_max = if self.is_narrow { NARROW } else { 10_000 };
        let events = EVENTS.iter().filter(|id| !(self.has_lost_one && **id == EVENTS[1]));
        let events = events.map(|id| of(id, IntegrationKind::Events { per_minute_max }));
        events.chain([of(MAIL, IntegrationKind::Email(mail_rules())), of(MAIL_EACH, IntegrationKind::Email(each()))]).collect()
    }
}

fn rule(name: &str, condition: &str, then: RuleActions) -> Rule {
    Rule { name: name.to_owned(), description: None, owner: None, condition: condition.to_owned(), then, goes_on: false }
}

fn mail_rules() -> MailRules {
    let subject = |pattern: &str, is_negated: bool| MailCondition { field: MailField::Subject, pattern: pattern.to_owned(), is_negated };
    MailRules {
        filters: Some(MailFilters::All(vec![subject("newsletter", true)])),
        dedup_key: Some(MailKey { from: MailField::Subject, extract: MailExtract::Between("[".to_owned(), "]".to_owned()) }),
        resolve: vec![subject("^RECOVERED", false)],
        severity: [(Severity::Info, vec!["for your information".to_owned()])].into(),
        ..MailRules::default()
    }
}

fn each() -> MailRules {
    MailRules { open: MailOpening::EveryMail, ..MailRules::default() }
}

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    Trigger,
    Acknowledge,
    Resolve,
    /// A change, which is no alert.
    Change,
    /// It can not be used.
    Nothing,
    /// A mail that pages nobody whatever the rules are; the reason begins so.
    Quiet(&'static str),
}

/// What a signal says, as far as rules and timelines know it.
#[derive(Debug, Clone)]
pub(crate) struct Says {
    pub(crate) integration: String,
    pub(crate) asks: Asks,
    /// As its sender calls it; of a trigger without a key, `None`.
    pub(crate) key: Option<String>,
    pub(crate) title: String,
    pub(crate) severity: Severity,
    /// Whether it leads to the service when no rule says otherwise.
    pub(crate) is_of_service: bool,
    /// Of an alarm or a mail: the name of the alert.
    pub(crate) alert: Option<String>,
}

/// What becomes of a signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) key: Option<String>,
    pub(crate) title: String,
    pub(crate) severity: Severity,
    /// The service, or the catch-all one.
    pub(crate) is_of_service: bool,
    pub(crate) is_paused: bool,
    /// The rule that suppresses it.
    pub(crate) suppressed: Option<&'static str>,
}

/// What the rules make of it.
pub(crate) fn expected(ruled: Ruled, says: &Says) -> Expected {
    let is_alert = says.asks == Asks::Trigger;
    let has = |word: &str| is_alert && says.title.contains(word);
    let called = |prefix: &str| says.key.as_ref().is_some_and(|key| key.starts_with(prefix));
    let is_gone = ruled.has_lost_one && says.integration == EVENTS[1];
    let mut made = Expected {
        key: says.key.clone(),
        title: says.title.clone(),
        severity: says.severity,
        is_of_service: says.is_of_service && !is_gone,
        is_paused: false,
        suppressed: None,
    };
    if ruled.pools && called("pool-") {
        made.key = Some("pool".to_owned());
    }
    if ruled.databases && has("db-") {
        (made.title, made.severity) = (format!("[DB] {}", says.title), Severity::Critical);
    }
    if ruled.noise && has("noise") {
        made.suppressed = Some("noise");
        return made;
    }
    // The rule sees the key as it is by then.
    if ruled.spares && called("spare-") {
        made.is_of_service = false;
    }
    if made.is_of_service && is_alert {
        if ruled.flapping_seconds.is_some() && has("flaps") {
            made.is_paused = true;
        } else if ruled.information && made.severity == Severity::Info {
            made.suppressed = Some("information");
        }
    }
    made
}

/// A request or a mail in the making: what it says to each of those it is sent to, and the work that it is.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) says: Vec<Says>,
    /// The object in which its mail is kept: its key, and its bytes.
    pub(crate) object: Option<(String, Vec<u8>)>,
}

/// Everything that a seed's tools send, each with its time; by number, what it says.
pub(crate) fn sent(random: &mut Random, start_ms: i64, lasts_ms: i64) -> Vec<(i64, Sent, Work)> {
    let mut all = Vec::new();
    for _ in 0..random.between(3, 14) {
        let at = start_ms + random.between(1_000, lasts_ms);
        let made = if random.chance(6_500) { event(random) } else { mail(random, at) };
        let number = all.len() as u64;
        let work = |number: u64| made.1.work(number);
        all.push((at, made.0.clone(), work(number)));
        match random.below(10) {
            // Several at once.
            0..=1 => {
                for _ in 0..random.between(1, 4) {
                    let number = all.len() as u64;
                    all.push((at + random.between(0, 4), made.0.clone(), work(number)));
                }
            }
            // Again, later.
            2..=4 => {
                let number = all.len() as u64;
                all.push((at + random.between(200, lasts_ms / 3), made.0.clone(), work(number)));
            }
            _ => {}
        }
    }
    all
}

/// What is handed to a function.
#[derive(Debug, Clone)]
enum Handed {
    Request(Value),
    Mail(Value),
}

impl Handed {
    fn work(&self, number: u64) -> Work {
        match self {
            Self::Request(request) => Work::Event { number, request: request.clone(), tries: 0 },
            Self::Mail(event) => Work::Mail { number, event: event.clone(), tries: 0 },
        }
    }
}

/// Whether a sender of events tries once more.
pub(crate) fn tries_again(tries: u32) -> bool {
    tries < TRIES_MAX
}

fn what(random: &mut Random) -> (String, String, Severity) {
    let key = *random.pick(&["pay", "pay", "cart", "pool-1", "pool-2", "spare-1"]);
    let word = *random.pick(&["is slow", "is down", "is noise", "flaps", "waits for db-1"]);
    let severity = *random.pick(&[Severity::Critical, Severity::Critical, Severity::Error, Severity::Warning, Severity::Info]);
    (key.to_owned(), format!("{key} {word}"), severity)
}

fn event(random: &mut Random) -> (Sent, Handed) {
    let integration = *random.pick(&EVENTS);
    let (key, title, severity) = what(random);
    let asks = match random.below(20) {
        0..=11 => Asks::Trigger,
        12..=13 => Asks::Acknowledge,
        14..=16 => Asks::Resolve,
        17..=18 => Asks::Change,
        _ => Asks::Nothing,
    };
    let is_first_version = !matches!(asks, Asks::Change) && random.chance(2_500);
    // Some triggers have no key of their own.
    let key = Some(key).filter(|_| asks != Asks::Trigger || random.chance(8_500));
    let (path, body) = if is_first_version {
        ("/generic/2010-04-15/create_event.json", v1(integration, asks, key.as_deref(), &title))
    } else if asks == Asks::Change {
        ("/v2/change/enqueue", json!({ "routing_key": key_of(integration), "payload": { "summary": title } }))
    } else {
        ("/v2/enqueue", v2(integration, asks, key.as_deref(), &title, severity))
    };
    // Version 1 does not say how bad it is.
    let severity = if is_first_version { Severity::Critical } else { severity };
    let says = Says { integration: integration.to_owned(), asks, key, title, severity, is_of_service: true, alert: None };
    (Sent { says: vec![says], object: None }, Handed::Request(request(path, &body)))
}

fn v2(integration: &str, asks: Asks, key: Option<&str>, title: &str, severity: Severity) -> Value {
    let action = match asks {
        Asks::Acknowledge => "acknowledge",
        Asks::Resolve => "resolve",
        Asks::Trigger | Asks::Change | Asks::Nothing | Asks::Quiet(_) => "trigger",
    };
    let mut event = json!({ "routing_key": key_of(integration), "event_action": action });
    if action == "trigger" {
        event["payload"] = json!({ "summary": title, "source": "host-1", "severity": severity });
    }
    if let Some(key) = key {
        event["dedup_key"] = key.into();
    }
    if asks == Asks::Nothing {
        event["payload"] = json!({ "source": title });
    }
    event
}

fn v1(integration: &str, asks: Asks, key: Option<&str>, title: &str) -> Value {
    let kind = match asks {
        Asks::Acknowledge => "acknowledge",
        Asks::Resolve => "resolve",
        Asks::Trigger | Asks::Change | Asks::Nothing | Asks::Quiet(_) => "trigger",
    };
    let mut event = json!({ "service_key": key_of(integration), "event_type": kind });
    if kind == "trigger" && asks != Asks::Nothing {
        event["description"] = title.into();
    }
    if let Some(key) = key {
        event["incident_key"] = key.into();
    }
    event
}

/// A request as the HTTP API hands it to the function (payload format 2.0).
fn request(path: &str, body: &Value) -> Value {
    json!({
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": { "host": "oncall.example.com", "content-type": "application/json" },
        "requestContext": { "http": { "method": "POST", "path": path } },
        "body": body.to_string(),
        "isBase64Encoded": false,
    })
}

fn mail(random: &mut Random, at_ms: i64) -> (Sent, Handed) {
    let id = format!("mail{:016x}", random.below(u64::MAX));
    let (key, title, severity) = what(random);
    let is_over = random.chance(2_500);
    let note = if severity == Severity::Info { " for your information" } else { "" };
    let subject = format!("{}[{key}] {title}{note}", if is_over { "RECOVERED " } else { "" });
    let (subject, header, quiet) = match random.below(10) {
        0 => (format!("newsletter {subject}"), None, Some("the filter of its integration")),
        1 => (subject, Some(("Auto-Submitted", "auto-replied")), Some("it is an automatic answer")),
        _ => (subject, None, None),
    };
    let says = |integration: &str| says_mail(integration, &id, &key, &subject, is_over, quiet);
    let (says, recipients): (Vec<Says>, Vec<String>) = match random.below(10) {
        0 => (vec![nobodys(&id, &subject, header.is_some())], vec!["gone-00000000000000000000@oncall.example.com".to_owned()]),
        1 => ([MAIL, MAIL_EACH].map(says).to_vec(), [MAIL, MAIL_EACH].map(address).to_vec()),
        2 => (vec![says(MAIL_EACH)], vec![address(MAIL_EACH)]),
        _ => (vec![says(MAIL)], vec![address(MAIL)]),
    };
    let (event, object) = handed_over(&id, &subject, header, &recipients, at_ms, random.chance(3_000));
    // Now and then the object is not there.
    (Sent { says, object: object.filter(|_| random.chance(9_000)) }, Handed::Mail(event))
}

/// A mail as SES hands it over: by a topic with its content, or with its content in the bucket.
fn handed_over(
    id: &str,
    subject: &str,
    header: Option<(&str, &str)>,
    recipients: &[String],
    at_ms: i64,
    is_by_topic: bool,
) -> (Value, Option<(String, Vec<u8>)>) {
    let raw = format!(
        "From: Ops <ops@example.co.jp>\r\nSubject: {subject}\r\n{}Content-Type: text/plain; charset=utf-8\r\n\r\nSee above.\r\n",
        header.map(|(name, value)| format!("{name}: {value}\r\n")).unwrap_or_default()
    );
    let mut headers = vec![json!({ "name": "From", "value": "Ops <ops@example.co.jp>" }), json!({ "name": "Subject", "value": subject })];
    headers.extend(header.map(|(name, value)| json!({ "name": name, "value": value })));
    let time = Timestamp::from_millisecond(at_ms).unwrap().to_string();
    let pass = json!({ "status": "PASS" });
    let mut ses = json!({
        "mail": {
            "messageId": id, "source": "ops@example.co.jp", "timestamp": time, "destination": recipients, "headers": headers,
            "commonHeaders": { "from": ["Ops <ops@example.co.jp>"], "subject": subject },
        },
        "receipt": { "timestamp": time, "recipients": recipients, "spamVerdict": pass, "virusVerdict": pass, "dmarcVerdict": pass },
    });
    if is_by_topic {
        ses["content"] = raw.into();
        return (json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": ses.to_string() } }] }), None);
    }
    ses["receipt"]["action"] = json!({ "type": "Lambda" });
    (json!({ "Records": [{ "eventSource": "aws:ses", "ses": ses }] }), Some((format!("inbound/{id}"), raw.into_bytes())))
}

/// An event that says this of the key `pay`.
pub(crate) fn one_event(title: &str, at_ms: i64) -> Vec<(i64, Sent, Work)> {
    let (integration, key, severity) = (EVENTS[0], "pay", Severity::Critical);
    let request = request("/v2/enqueue", &v2(integration, Asks::Trigger, Some(key), title, severity));
    let says = Says {
        integration: integration.to_owned(),
        asks: Asks::Trigger,
        key: Some(key.to_owned()),
        title: title.to_owned(),
        severity,
        is_of_service: true,
        alert: None,
    };
    vec![(at_ms, Sent { says: vec![says], object: None }, Handed::Request(request).work(0))]
}

/// A mail that says this of the key `pay`.
pub(crate) fn one_mail(title: &str, at_ms: i64) -> Vec<(i64, Sent, Work)> {
    let (id, subject) = ("mail01", format!("[pay] {title}"));
    let (event, object) = handed_over(id, &subject, None, &[address(MAIL)], at_ms, false);
    let says = says_mail(MAIL, id, "pay", &subject, false, None);
    vec![(at_ms, Sent { says: vec![says], object }, Handed::Mail(event).work(0))]
}

/// What a mail says to an integration. One to [`MAIL_EACH`] opens always.
fn says_mail(integration: &str, id: &str, key: &str, subject: &str, is_over: bool, quiet: Option<&'static str>) -> Says {
    let is_filtered = quiet.is_some_and(|quiet| quiet.starts_with("the filter"));
    let by_rules = integration == MAIL;
    let asks = match quiet {
        Some(reason) if !is_filtered || by_rules => Asks::Quiet(reason),
        _ if is_over && by_rules => Asks::Resolve,
        _ => Asks::Trigger,
    };
    let is_information = by_rules && subject.contains("for your information");
    Says {
        integration: integration.to_owned(),
        asks,
        key: Some(if by_rules { key.to_owned() } else { format!("mail:{id}") }),
        title: subject.to_owned(),
        severity: if is_information { Severity::Info } else { Severity::Critical },
        is_of_service: true,
        alert: Some(mail_alert(integration, id)),
    }
}

/// A mail to an address that no integration has.
fn nobodys(id: &str, subject: &str, is_robots: bool) -> Says {
    let reason = if is_robots { "it is an automatic answer" } else { "no integration has the address" };
    Says {
        integration: "email".to_owned(),
        asks: Asks::Quiet(reason),
        key: None,
        title: subject.to_owned(),
        severity: Severity::Critical,
        is_of_service: false,
        alert: Some(mail_alert("email", id)),
    }
}

/// The name of the alert that a mail is to an integration: the mail delivered twice has the same.
fn mail_alert(integration: &str, id: &str) -> String {
    let hash = Sha256::digest(format!("email/{integration}/{id}"));
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    hansho_domain::AlertId::from_hash(half).to_string()
}

/// Where mail for an integration goes.
fn address(integration: &str) -> String {
    let held = MailAddress { generation: 1, oldest: 1, previous_until: None };
    let local = held.local_part(&secrets(), &IntegrationId::new(integration).unwrap());
    format!("{local}@oncall.example.com")
}

/// The secrets of every world.
pub(crate) fn secrets() -> Secrets {
    Secrets::new(vec![7; 32]).unwrap()
}

/// What an alarm says, by the description and the name that the worlds give them.
pub(crate) fn says_alarm(event: &Value, alert: &str) -> Option<Says> {
    let name = event["alarmData"]["alarmName"].as_str()?;
    let is_trigger = event["alarmData"]["state"]["value"] == "ALARM";
    let description = event["alarmData"]["configuration"]["description"].as_str()?;
    let severity = serde_json::from_value(description.strip_prefix("severity: ")?.into()).ok()?;
    Some(Says {
        integration: "cloudwatch".to_owned(),
        asks: if is_trigger { Asks::Trigger } else { Asks::Resolve },
        key: Some(event["alarmArn"].as_str()?.to_owned()),
        title: String::new(),
        severity,
        is_of_service: name.starts_with("checkout-"),
        alert: Some(alert.to_owned()),
    })
}
