//! A small team, an incident of theirs, and what can happen to it.

use std::collections::BTreeMap;

use hansho_api::page::{BundleItem, IncidentFacts, Reader};
use hansho_domain::{
    Actor, Alert, AlertId, Command, DedupKey, EffectId, EscalationPolicy, Holds, Incident, Input, InputId, Labels, Language, Method,
    Notification, NotificationRule, PageReason, PolicyId, PolicyStep, Priority, Recipient, Roster, Service, ServiceId, ServiceSpec,
    Severity, Target, TimelineEntry, Urgency, UrgencyLevel, UrgencyRule, User, UserId, Verdict, open, step,
};
use hansho_store::{Delivery, DeliveryState};
use jiff::{SignedDuration, Timestamp};

/// What there is to know about one incident, and a clock to go on with.
pub struct World {
    pub roster: Roster,
    pub incident: Incident,
    pub timeline: Vec<TimelineEntry>,
    pub deliveries: Vec<Delivery>,
    pub now: Timestamp,
}

pub fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

pub fn alert(title: &str) -> Alert {
    Alert {
        id: AlertId::from_hash([0xa5; 16]),
        integration: "cloudwatch".parse().unwrap(),
        dedup_key: DedupKey::new("arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-5xx").unwrap(),
        occurred_at: "2026-10-03T18:12:00Z".parse().unwrap(),
        severity: Severity::Critical,
        priority: Some(Priority::Sev1),
        title: title.to_owned(),
        details: "Threshold Crossed: 3 out of the last 3 datapoints [12.1, 11.8, 12.4] were greater than the threshold (1.0).".to_owned(),
        runbook: Some("https://runbooks.example.com/checkout".to_owned()),
        link: Some("https://ap-northeast-1.console.aws.amazon.com/cloudwatch/home#alarmsV2:alarm/checkout-5xx".to_owned()),
        labels: Labels::new(),
        references: Vec::new(),
        held: None,
        pause: None,
        remark: None,
        opened_by: None,
    }
}

impl World {
    /// Opened at 03:12:20 in Tokyo, and looked at from then on.
    pub fn open(alert: &Alert) -> Self {
        let roster = roster();
        let now = "2026-10-03T18:12:20Z".parse().unwrap();
        let transition = open(alert, &roster, now);
        Self { roster, incident: transition.incident, timeline: vec![transition.entry], deliveries: Vec::new(), now }
    }

    pub fn later(mut self, seconds: i64) -> Self {
        self.now += SignedDuration::from_secs(seconds);
        self
    }

    pub fn then(mut self, actor: Actor, command: Command) -> Self {
        let id = InputId::new(format!("input-{}", self.incident.version)).unwrap();
        match step(&self.incident, &Input { id, actor, command }, &self.roster, self.now) {
            Verdict::Apply(transition) => {
                self.incident = transition.incident;
                self.timeline.push(transition.entry);
                self
            }
            other => panic!("nothing happened: {other:?}"),
        }
    }

    /// The deadline passes.
    pub fn deadline(mut self) -> Self {
        let deadline = self.incident.deadline.unwrap();
        self.now = deadline.at;
        self.then(Actor::Hansho, Command::DeadlinePassed { generation: deadline.generation })
    }

    pub fn delivery(mut self, to: &str, method: Method, state: DeliveryState, reason: Option<&str>) -> Self {
        let index = u32::try_from(self.deliveries.len()).unwrap();
        self.deliveries.push(Delivery {
            id: EffectId { incident: self.incident.id, version: self.incident.version, index },
            notification: Notification {
                to: Recipient::Person { user: user(to), method },
                urgency: self.incident.urgency,
                reason: PageReason::Step { step: 0, round: 0, via: "schedule/primary".to_owned() },
                holds: Holds::Unacknowledged { episode: self.incident.episode },
            },
            state,
            attempt: 1,
            refusals: 0,
            unanswered: 0,
            is_at_gate: false,
            created_at: self.now,
            updated_at: self.now,
            lease_until: None,
            retry_at: None,
            reason: reason.map(str::to_owned),
        });
        self
    }

    pub fn page(&self, user_name: &str, language: Language) -> String {
        let reader = reader(user_name, language, self.now);
        let facts = IncidentFacts {
            incident: &self.incident,
            roster: Some(&self.roster),
            timeline: &self.timeline,
            deliveries: &self.deliveries,
            reader: &reader,
            address: "/i/7K3QabcDEF12",
            bundle_address: None,
        };
        hansho_api::page::incident(&facts).0
    }

    pub fn item(&self) -> BundleItem {
        BundleItem { incident: self.incident.clone(), service: self.roster.service.spec().name.clone() }
    }
}

pub fn reader(user_name: &str, language: Language, now: Timestamp) -> Reader {
    let names = BTreeMap::from([
        (user("aiko"), "佐藤 愛子".to_owned()),
        (user("ben"), "Ben Carter".to_owned()),
        (user("chie"), "田中 千恵".to_owned()),
    ]);
    Reader { user: user(user_name), language, time_zone: "Asia/Tokyo".to_owned(), now, names }
}

fn roster() -> Roster {
    let person = |name: &str, shown: &str, language| {
        let high = vec![
            NotificationRule { after_seconds: 0, by: Method::Sms },
            NotificationRule { after_seconds: 0, by: Method::Email },
            NotificationRule { after_seconds: 180, by: Method::Sms },
        ];
        let made = User::new(user(name), shown, language, vec![Method::Sms, Method::Email], high, vec![]).unwrap();
        (user(name), made)
    };
    let call = |name: &str| PolicyStep::calling(vec![Target::User(user(name))], 300);
    let policy = EscalationPolicy::new(PolicyId::new("checkout").unwrap(), vec![call("aiko"), call("chie")], 0).unwrap();
    let service = Service::new(ServiceSpec {
        name: "Checkout (決済)".to_owned(),
        urgency: UrgencyRule::BySeverity,
        acknowledgement_timeout_seconds: Some(1800),
        ..ServiceSpec::new(ServiceId::new("checkout").unwrap(), policy.id().clone())
    });
    assert_eq!(UrgencyLevel::BySeverity.urgency(Severity::Warning), Urgency::Low);
    Roster {
        configuration: 1,
        service: service.unwrap(),
        policy,
        policies: BTreeMap::new(),
        offered: None,
        turns: BTreeMap::new(),
        users: [
            person("aiko", "佐藤 愛子", Language::Ja),
            person("ben", "Ben Carter", Language::En),
            person("chie", "田中 千恵", Language::Ja),
        ]
        .into_iter()
        .collect(),
        teams: BTreeMap::new(),
        on_call: BTreeMap::new(),
        fallback: vec![],
        hours: BTreeMap::new(),
        maintenance: Vec::new(),
    }
}
