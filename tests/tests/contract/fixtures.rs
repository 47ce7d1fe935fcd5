//! What the suites tell the store: a small team with its services, what sources say, and a clock that stands still.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hansho::local::aws::{
    ForeignRequest, Mail, ProviderFault, Schedule as Timer, ScheduleCreation, ScheduleDeletion, Sink, Sms, SqsMessage,
};
use hansho_domain::{
    Actor, Alert, AlertId, Clear, Command, Configuration, ConfigurationParts, DedupKey, EscalationPolicy, Input, InputId, IntegrationId,
    Labels, Language, Method, NotificationRule, PolicyId, PolicyStep, Rotation, RotationSpec, Schedule, ScheduleId, Service, ServiceId,
    ServiceSpec, Severity, Target, Turn, User, UserId,
};
use hansho_runtime::{Clock, clock::Sleep};
use hansho_store::Contact;
use jiff::{SignedDuration, Timestamp};

/// A Monday far enough in the future that no server deletes what expires by this clock.
pub(crate) fn start() -> Timestamp {
    "2030-01-07T03:00:00Z".parse().unwrap()
}

/// A clock that stands still until it is moved. Whoever sleeps on it lets others go first.
#[derive(Debug)]
pub(crate) struct StoppedClock(Mutex<Timestamp>);

impl StoppedClock {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(start()))
    }

    pub(crate) fn advance_seconds(&self, seconds: i64) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep(&self, _duration: Duration) -> Sleep<'_> {
        Box::pin(tokio::task::yield_now())
    }
}

pub(crate) fn seconds_after(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

pub(crate) fn checkout() -> ServiceId {
    ServiceId::new("checkout").unwrap()
}

pub(crate) fn user_id(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

pub(crate) fn primary() -> ScheduleId {
    ScheduleId::new("primary").unwrap()
}

/// The same name is the same transition of the source.
pub(crate) fn alert_id(name: &str) -> AlertId {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, name).hash(&mut hasher);
        hasher.finish().to_be_bytes()
    };
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&half(1));
    bytes[8..].copy_from_slice(&half(2));
    AlertId::from_hash(bytes)
}

/// What the source says about the trouble `key` at `occurred_at`; `name` tells its transitions apart.
pub(crate) fn alert(key: &str, name: &str, occurred_at: Timestamp) -> Alert {
    Alert {
        id: alert_id(name),
        integration: IntegrationId::new("cloudwatch").unwrap(),
        dedup_key: DedupKey::new(key).unwrap(),
        occurred_at,
        severity: Severity::Error,
        priority: None,
        title: format!("{key} is broken"),
        details: "5xx above 5 % for 3 minutes".to_owned(),
        runbook: None,
        link: None,
        labels: Labels::new(),
        references: Vec::new(),
        held: None,
        pause: None,
        remark: None,
        opened_by: None,
    }
}

pub(crate) fn clear(key: &str, name: &str, occurred_at: Timestamp) -> Clear {
    let Alert { id, integration, dedup_key, .. } = alert(key, name, occurred_at);
    Clear { id, integration, dedup_key, occurred_at, details: "back to normal".to_owned() }
}

/// A person's input; the same id is the same request.
pub(crate) fn input(id: &str, user: &str, command: Command) -> Input {
    Input { id: InputId::new(id).unwrap(), actor: Actor::User(user_id(user)), command }
}

pub(crate) fn person(name: &str, methods: &[Method], high: &[(u32, Method)]) -> User {
    let high = high.iter().map(|(after_seconds, by)| NotificationRule { after_seconds: *after_seconds, by: *by }).collect();
    User::new(user_id(name), name, Language::En, methods.to_vec(), high, Vec::new()).unwrap()
}

pub(crate) fn policy(name: &str, steps: &[(&str, u32)]) -> EscalationPolicy {
    let step = |(target, wait_seconds): &(&str, u32)| PolicyStep::calling(vec![target.parse::<Target>().unwrap()], *wait_seconds);
    EscalationPolicy::new(PolicyId::new(name).unwrap(), steps.iter().map(step).collect(), 1).unwrap()
}

pub(crate) fn service(name: &str, runbook: Option<&str>) -> Service {
    Service::new(ServiceSpec {
        acknowledgement_timeout_seconds: Some(1_800),
        runbook: runbook.map(str::to_owned),
        alarms: vec![hansho_domain::AlarmPattern::new(format!("{name}-*"))],
        ..ServiceSpec::new(ServiceId::new(name).unwrap(), PolicyId::new("first-responders").unwrap())
    })
    .unwrap()
}

/// Everybody. Dai is on no schedule and in no policy.
pub(crate) fn people() -> Vec<User> {
    vec![
        person("aiko", &[Method::Sms, Method::Email], &[(0, Method::Sms), (180, Method::Email)]),
        person("ben", &[Method::Email], &[]),
        person("chie", &[Method::Sms], &[]),
        person("dai", &[Method::Sms], &[]),
    ]
}

/// The team's configuration with these policies and services: aiko and ben take weekly turns, and chie is the last resort.
pub(crate) fn configuration_of(policy: EscalationPolicy, services: Vec<Service>) -> Configuration {
    let members = [user_id("aiko"), user_id("ben")];
    let weekly = Rotation::new(RotationSpec::new("weekly", "2030-01-07T00:00".parse().unwrap(), Turn::Weeks(1), members)).unwrap();
    let schedule = Schedule::new(primary(), "Primary", "UTC", vec![weekly]).unwrap();
    Configuration::of(ConfigurationParts {
        users: people(),
        schedules: vec![schedule],
        policies: vec![policy],
        services,
        fallback: vec![Target::User(user_id("chie"))],
        ..ConfigurationParts::default()
    })
    .unwrap()
}

/// The team's configuration: the schedule is called first, chie after five minutes.
pub(crate) fn configuration() -> Configuration {
    let policy = policy("first-responders", &[("schedule/primary", 300), ("user/chie", 600)]);
    configuration_of(policy, vec![service("checkout", None), service("search", None)])
}

pub(crate) fn contacts() -> BTreeMap<UserId, Contact> {
    let contact = Contact { phone: Some("+819012345678".to_owned()), time_zone: "Asia/Tokyo".to_owned(), ..Contact::default() };
    BTreeMap::from([(user_id("aiko"), contact)])
}

/// The other services of AWS: nobody asks them here.
#[derive(Debug)]
pub(crate) struct NothingElse;

impl Sink for NothingElse {
    fn sqs_message(&self, _: SqsMessage) -> Result<String, ProviderFault> {
        Err(ProviderFault::Unavailable)
    }

    fn schedule_created(&self, _: Timer) -> Result<ScheduleCreation, ProviderFault> {
        Err(ProviderFault::Unavailable)
    }

    fn schedule_deleted(&self, _: &str, _: &str) -> Result<ScheduleDeletion, ProviderFault> {
        Err(ProviderFault::Unavailable)
    }

    fn sms(&self, _: Sms) -> Result<String, ProviderFault> {
        Err(ProviderFault::Unavailable)
    }

    fn mail(&self, _: Mail) -> Result<String, ProviderFault> {
        Err(ProviderFault::Unavailable)
    }

    fn object(&self, _: &str, _: &str) -> Result<Option<Vec<u8>>, ProviderFault> {
        Err(ProviderFault::Unavailable)
    }

    fn foreign(&self, _: ForeignRequest) -> Result<(u16, Vec<u8>), String> {
        Err("nobody is there".to_owned())
    }
}
