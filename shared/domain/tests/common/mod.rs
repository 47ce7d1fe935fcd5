//! A team on call and a clock, to play incidents on. Every transition that is made here is checked against the
//! invariants; tests say only what is special about theirs.

pub(crate) mod invariants;
pub(crate) mod words;

use std::collections::BTreeMap;

use hansho_domain::{
    Actor, Alert, AlertId, Calendar, Clear, Command, DedupKey, DeliveryOutcome, Duty, Effect, EffectId, EscalationPolicy, Event, HeldBy,
    Holds, HoursId, Incident, Input, InputId, IntegrationId, Labels, Language, MaintenanceFilter, MaintenanceId, MaintenanceSpec,
    MaintenanceTime, MaintenanceWindow, Method, Notification, NotificationRule, PolicyId, PolicyStep, PolicyVersion, QuietTimes,
    Restriction, Roster, ScheduleId, Service, ServiceId, ServiceSpec, Severity, StepTurn, SupportHours, Target, TeamId, TimelineEntry,
    Transition, UrgencyRule, User, UserId, Verdict, Weekdays, open, step,
};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Time, Weekday},
};

/// A team on call for one service, and at most one incident of it.
pub(crate) struct World {
    /// Change it at any time: what is configured counts from the next input on.
    pub(crate) service: ServiceSpec,
    pub(crate) repeat: u8,
    pub(crate) configuration: u64,
    pub(crate) now: Timestamp,
    users: BTreeMap<UserId, User>,
    teams: BTreeMap<TeamId, Vec<UserId>>,
    on_call: BTreeMap<ScheduleId, Vec<UserId>>,
    steps: Vec<PolicyStep>,
    policies: BTreeMap<PolicyId, EscalationPolicy>,
    pub(crate) offered: Option<PolicyVersion>,
    pub(crate) turns: BTreeMap<StepTurn, u64>,
    fallback: Vec<Target>,
    hours: BTreeMap<HoursId, SupportHours>,
    maintenance: Vec<MaintenanceWindow>,
    incident: Option<Incident>,
    inputs: u32,
    entries: Vec<TimelineEntry>,
    effects: Vec<Effect>,
    pages: Vec<String>,
}

impl World {
    /// Nobody is in it yet. The service is told urgency by severity and has no timeouts; a policy is not repeated.
    pub(crate) fn new() -> Self {
        let service = ServiceSpec {
            name: "Checkout".to_owned(),
            urgency: UrgencyRule::BySeverity,
            ..ServiceSpec::new(ServiceId::new("checkout").unwrap(), PolicyId::new("checkout").unwrap())
        };
        Self {
            service,
            repeat: 0,
            configuration: 7,
            now: start(),
            users: BTreeMap::new(),
            teams: BTreeMap::new(),
            on_call: BTreeMap::new(),
            steps: Vec::new(),
            policies: BTreeMap::new(),
            offered: None,
            turns: BTreeMap::new(),
            fallback: Vec::new(),
            hours: BTreeMap::new(),
            maintenance: Vec::new(),
            incident: None,
            inputs: 0,
            entries: Vec::new(),
            effects: Vec::new(),
            pages: Vec::new(),
        }
    }

    // Who there is.

    /// Somebody with these rules for high urgency (`sms, email after 3m`), and the methods that the rules name.
    pub(crate) fn user(&mut self, name: &str, high: &str) -> &mut Self {
        self.user_with(name, "", high, "")
    }

    /// Somebody who has `methods` besides those that their rules name.
    pub(crate) fn user_with(&mut self, name: &str, methods: &str, high: &str, low: &str) -> &mut Self {
        let (high, low) = (rules(high), rules(low));
        let methods = methods.split_whitespace().map(method).chain(high.iter().chain(&low).map(|rule| rule.by)).collect();
        let user = User::new(user(name), name, Language::En, methods, high, low).unwrap();
        self.users.insert(user.id().clone(), user);
        self
    }

    /// Somebody on that clock who has nothing but a phone, and chose no rules.
    pub(crate) fn user_in(&mut self, zone: &str, name: &str) -> &mut Self {
        let phone = User::new(user(name), name, Language::En, vec![Method::Sms], Vec::new(), Vec::new()).unwrap();
        self.users.insert(user(name), phone.with_quiet(QuietTimes::new(zone, Vec::new()).unwrap()).unwrap());
        self
    }

    pub(crate) fn without_user(&mut self, name: &str) -> &mut Self {
        self.users.remove(&user(name));
        self
    }

    pub(crate) fn team(&mut self, name: &str, members: &str) -> &mut Self {
        self.teams.insert(TeamId::new(name).unwrap(), users(members));
        self
    }

    /// Who is on call from now on; nobody when `people` is empty.
    pub(crate) fn on_call(&mut self, schedule: &str, people: &str) -> &mut Self {
        self.on_call.insert(ScheduleId::new(schedule).unwrap(), users(people));
        self
    }

    /// One more step of the policy.
    pub(crate) fn step(&mut self, targets: &str, wait: &str) -> &mut Self {
        self.steps.push(PolicyStep::calling(self::targets(targets), seconds(wait)));
        self
    }

    /// One more step of the policy, whatever it is.
    pub(crate) fn step_of(&mut self, step: PolicyStep) -> &mut Self {
        self.steps.push(step);
        self
    }

    /// Another policy, which this one may hand over to.
    pub(crate) fn other_policy(&mut self, name: &str, steps: Vec<PolicyStep>, repeat: u8) -> &mut Self {
        let id = PolicyId::new(name).unwrap();
        self.policies.insert(id.clone(), EscalationPolicy::new(id, steps, repeat).unwrap());
        self
    }

    pub(crate) fn without_steps(&mut self) -> &mut Self {
        self.steps.clear();
        self
    }

    pub(crate) fn fallback(&mut self, targets: &str) -> &mut Self {
        self.fallback = self::targets(targets);
        self
    }

    pub(crate) fn roster(&self) -> Roster {
        Roster {
            configuration: self.configuration,
            service: Service::new(self.service.clone()).unwrap(),
            policy: EscalationPolicy::new(self.service.escalation_policy.clone(), self.steps.clone(), self.repeat).unwrap(),
            policies: self.policies.clone(),
            offered: self.offered.clone(),
            turns: self.turns.clone(),
            users: self.users.clone(),
            teams: self.teams.clone(),
            on_call: self.on_call.clone(),
            fallback: self.fallback.clone(),
            hours: self.hours.clone(),
            maintenance: self.maintenance.clone(),
        }
    }

    /// Support hours of that name, with windows from Monday to Friday in Tokyo (`09:00-12:00 13:00-18:00`) except on Japan's holidays.
    pub(crate) fn hours(&mut self, name: &str, windows: &str) -> &mut Self {
        let time = |text: &str| Time::strptime("%H:%M", text).unwrap();
        let days = Weekdays::from_iter([Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday]);
        let windows = windows.split_whitespace().map(|window| {
            let (from, to) = window.split_once('-').unwrap();
            Restriction::TimeOfDay { from: time(from), to: time(to), days }
        });
        let id = HoursId::new(name).unwrap();
        let hours = SupportHours::new(id.clone(), "Asia/Tokyo", windows.collect(), vec![Calendar::japan()]).unwrap();
        self.hours.insert(id, hours);
        self
    }

    /// A maintenance window from now on, about alerts as `only` says.
    pub(crate) fn maintenance(&mut self, name: &str, lasts: &str, only: MaintenanceFilter) -> &mut Self {
        let time = MaintenanceTime::Once { from: self.now, until: self.now + span(lasts) };
        let id = MaintenanceId::new(name).unwrap();
        let spec = MaintenanceSpec { id, reason: "new database".to_owned(), services: Vec::new(), only, time };
        self.maintenance.push(MaintenanceWindow::new(spec).unwrap());
        self
    }

    pub(crate) fn without_maintenance(&mut self, name: &str) -> &mut Self {
        self.maintenance.retain(|window| window.id().as_str() != name);
        self
    }

    // What happens.

    pub(crate) fn open(&mut self, severity: &str) -> &mut Self {
        self.open_with(alert(1, self::severity(severity)))
    }

    pub(crate) fn open_held(&mut self, severity: &str, until: &str) -> &mut Self {
        let until = self.now + span(until);
        self.open_with(Alert { held: Some(HeldBy { until, reason: "maintenance".to_owned() }), ..alert(1, self::severity(severity)) })
    }

    pub(crate) fn open_with(&mut self, alert: Alert) -> &mut Self {
        let transition = open(&alert, &self.roster(), self.now);
        invariants::hold(None, &transition, self.now);
        self.record(transition);
        self
    }

    /// Moves the clock, and lets every deadline pass in its second.
    pub(crate) fn run(&mut self, time: &str) -> &mut Self {
        let end = self.now + span(time);
        while let Some(deadline) = self.incident().deadline.filter(|deadline| deadline.at <= end) {
            self.now = deadline.at;
            self.deadline_passes();
        }
        self.now = end;
        self
    }

    /// Moves the clock, and lets nothing happen in the meantime.
    pub(crate) fn sleep(&mut self, time: &str) -> &mut Self {
        self.now += span(time);
        self
    }

    /// What a timer or the sweeper says, now.
    pub(crate) fn deadline_passes(&mut self) -> &mut Self {
        let generation = self.incident().generation;
        self.applied(Actor::Hansho, Command::DeadlinePassed { generation })
    }

    pub(crate) fn repeats(&mut self, severity: &str) -> &mut Self {
        self.inputs += 1;
        let alert = alert(u8::try_from(self.inputs).unwrap(), self::severity(severity));
        self.applied(source(), Command::Alert(alert))
    }

    pub(crate) fn clears(&mut self) -> &mut Self {
        self.applied(source(), Command::Clear(clear()))
    }

    pub(crate) fn acknowledges(&mut self, name: &str) -> &mut Self {
        self.applied(person(name), Command::Acknowledge)
    }

    pub(crate) fn escalates(&mut self, name: &str) -> &mut Self {
        self.applied(person(name), Command::Escalate)
    }

    pub(crate) fn snoozes(&mut self, name: &str, time: &str) -> &mut Self {
        let until = self.now + span(time);
        self.applied(person(name), Command::Snooze { until })
    }

    pub(crate) fn reassigns(&mut self, name: &str, to: &str) -> &mut Self {
        self.applied(person(name), Command::Reassign { to: targets(to) })
    }

    /// A delivery of the present episode fails.
    pub(crate) fn fails(&mut self, method: &str, name: &str) -> &mut Self {
        let report = self.report(method, name, self.incident().episode, DeliveryOutcome::Failed("number unknown".to_owned()));
        self.applied(Actor::Hansho, report)
    }

    pub(crate) fn report(&self, method: &str, name: &str, episode: u32, outcome: DeliveryOutcome) -> Command {
        self.report_on(method, name, Holds::Unacknowledged { episode }, outcome)
    }

    pub(crate) fn report_on(&self, method: &str, name: &str, holds: Holds, outcome: DeliveryOutcome) -> Command {
        let delivery = EffectId { incident: self.incident().id, version: 1, index: 1 };
        Command::DeliveryReport { delivery, user: user(name), method: self::method(method), holds, outcome }
    }

    /// Asks under a new input id, and expects the incident to change.
    pub(crate) fn applied(&mut self, actor: Actor, command: Command) -> &mut Self {
        let verdict = self.asked(actor, command);
        assert!(matches!(verdict, Verdict::Apply(_)), "{verdict:?}");
        self
    }

    /// Asks under a new input id.
    pub(crate) fn asked(&mut self, actor: Actor, command: Command) -> Verdict {
        self.inputs += 1;
        self.offered(&Input { id: InputId::derived(format!("input-{}", self.inputs)), actor, command })
    }

    /// Asks just that.
    pub(crate) fn offered(&mut self, input: &Input) -> Verdict {
        let before = self.incident().clone();
        let verdict = step(&before, input, &self.roster(), self.now);
        if let Verdict::Apply(transition) = &verdict {
            invariants::hold(Some((&before, input)), transition, self.now);
            self.record(Transition::clone(transition));
        }
        verdict
    }

    fn record(&mut self, transition: Transition) {
        invariants::can_be_stored(&transition);
        let at = transition.entry.at;
        let opened = transition.incident.opened_at;
        for told in invariants::notifications(&transition.effects) {
            self.pages.push(format!("{} {}", words::span(at.duration_since(opened)), words::notification(told)));
        }
        self.incident = Some(transition.incident);
        self.entries.push(transition.entry);
        self.effects = transition.effects;
    }

    // What came of it.

    pub(crate) fn incident(&self) -> &Incident {
        self.incident.as_ref().expect("an incident is open")
    }

    /// Who was paged since the last time this was asked: when, counted from the opening, how and whom.
    #[track_caller]
    pub(crate) fn expect_pages(&mut self, pages: &[&str]) -> &mut Self {
        assert_eq!(self.pages(), pages);
        self
    }

    pub(crate) fn pages(&mut self) -> Vec<String> {
        std::mem::take(&mut self.pages)
    }

    /// What the last entry of the timeline says.
    #[track_caller]
    pub(crate) fn expect_events(&mut self, events: &[&str]) -> &mut Self {
        assert_eq!(words::events(self.entries.last().unwrap()), events);
        self
    }

    #[track_caller]
    pub(crate) fn expect_phase(&mut self, phase: &str) -> &mut Self {
        assert_eq!(words::phase(self.incident()), phase);
        self
    }

    /// What is due when, counted from now.
    #[track_caller]
    pub(crate) fn expect_due(&mut self, due: &str) -> &mut Self {
        assert_eq!(words::agenda(self.incident(), self.now), due);
        self
    }

    pub(crate) fn entry(&self) -> &TimelineEntry {
        self.entries.last().unwrap()
    }

    /// Every event there was.
    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.entries.iter().flat_map(|entry| &entry.events)
    }

    /// The effects of the last transition.
    pub(crate) fn effects(&self) -> &[Effect] {
        &self.effects
    }

    pub(crate) fn notifications(&self) -> Vec<Notification> {
        invariants::notifications(&self.effects).cloned().collect()
    }

    /// When `duty` is due, counted from now.
    pub(crate) fn due_in(&self, duty: Duty) -> Option<String> {
        self.incident().agenda.at(duty).map(|at| words::span(at.duration_since(self.now)))
    }
}

// Values.

/// A Monday morning.
pub(crate) fn start() -> Timestamp {
    "2026-11-02T09:00:00Z".parse().unwrap()
}

pub(crate) fn alert(number: u8, severity: Severity) -> Alert {
    Alert {
        id: AlertId::from_hash([number; 16]),
        integration: IntegrationId::new("cloudwatch").unwrap(),
        dedup_key: DedupKey::new("checkout-latency").unwrap(),
        occurred_at: start(),
        severity,
        priority: None,
        title: "Checkout is slow".to_owned(),
        details: "p99 is 4.2 s".to_owned(),
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

pub(crate) fn clear() -> Clear {
    let Alert { id, integration, dedup_key, occurred_at, .. } = alert(99, Severity::Critical);
    Clear { id, integration, dedup_key, occurred_at, details: "OK again".to_owned() }
}

pub(crate) fn source() -> Actor {
    Actor::Integration(IntegrationId::new("cloudwatch").unwrap())
}

pub(crate) fn person(name: &str) -> Actor {
    Actor::User(user(name))
}

pub(crate) fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

pub(crate) fn users(names: &str) -> Vec<UserId> {
    names.split_whitespace().map(user).collect()
}

pub(crate) fn targets(text: &str) -> Vec<Target> {
    text.split_whitespace().map(|target| target.parse().unwrap()).collect()
}

pub(crate) fn severity(text: &str) -> Severity {
    match text {
        "critical" => Severity::Critical,
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        "info" => Severity::Info,
        other => panic!("{other:?} is no severity"),
    }
}

pub(crate) fn method(text: &str) -> Method {
    Method::ALL.into_iter().find(|method| method.as_str() == text).unwrap_or_else(|| panic!("{text:?} is no method"))
}

/// `sms, email after 3m`
fn rules(text: &str) -> Vec<NotificationRule> {
    let rule = |text: &str| match text.split_once(" after ") {
        Some((by, after)) => NotificationRule { after_seconds: seconds(after), by: method(by) },
        None => NotificationRule { after_seconds: 0, by: method(text) },
    };
    text.split(", ").filter(|rule| !rule.is_empty()).map(rule).collect()
}

/// `90s`, `1h30m`
pub(crate) fn span(text: &str) -> SignedDuration {
    text.parse().unwrap_or_else(|error| panic!("{text:?} is no time: {error}"))
}

pub(crate) fn seconds(text: &str) -> u32 {
    u32::try_from(span(text).as_secs()).unwrap()
}
