//! What a seed's team looks like, which alarms fire, and what people do.

use std::collections::BTreeMap;

use hansho_domain::{
    AutoPause, Condition, Configuration, ConfigurationParts, EscalationPolicy, Language, MaintenanceSpec, MaintenanceWindow, Method,
    NotificationRule, Override, OverrideChange, PolicyId, PolicyStep, Priority, ReminderRule, Rotation, RotationSpec, Schedule, ScheduleId,
    Service, ServiceId, ServiceSpec, Severity, ShiftEdge, SupportHours, Target, Turn, Urgency, UrgencyLevel, UrgencyRule, User, UserId,
};
use hansho_store::Contact;
use jiff::{Timestamp, civil::DateTime};
use serde_json::{Value, json};

use super::{
    START_MS,
    edits::{self, Habits},
    random::Random,
    signals::Ruled,
    work::{self, Act, Deed, Message, PLANNED, Queue, Upkeep, Work},
};

pub(crate) type Team = (Configuration, BTreeMap<UserId, Contact>);

pub(crate) fn user(number: u64) -> UserId {
    UserId::new(format!("u{number}")).unwrap()
}

fn contact(number: u64) -> Contact {
    Contact {
        phone: Some(format!("+8190000000{number}")),
        email: Some(format!("u{number}@example.com")),
        time_zone: "Asia/Tokyo".to_owned(),
        ..Contact::default()
    }
}

/// One person whose rules are given, one step of so many seconds after the other.
pub(crate) struct Plan {
    pub(crate) people: Vec<Vec<NotificationRule>>,
    /// What else there is to say about each of them; whoever is not there has a phone and a mailbox.
    pub(crate) habits: Vec<Habits>,
    /// The members of the team `everybody`, and the hours `office`.
    pub(crate) team: Vec<UserId>,
    pub(crate) office: Option<SupportHours>,
    /// When each of them is reminded of their shifts; whoever is not there is not.
    pub(crate) reminders: Vec<Vec<ReminderRule>>,
    pub(crate) steps: Vec<(Vec<Target>, u32)>,
    pub(crate) repeat: u8,
    /// Whether the people of each step take turns.
    pub(crate) round_robin: bool,
    /// Whether the last step is followed by one that hands over to the policy `q`.
    pub(crate) hands_over: bool,
    /// What the first step asks for.
    pub(crate) when: Condition,
    pub(crate) urgency: UrgencyRule,
    pub(crate) acknowledgement_timeout_seconds: Option<u32>,
    pub(crate) fallback: Vec<Target>,
    /// For how long new alerts of the service are paused.
    pub(crate) pause_seconds: Option<u32>,
    /// When the configuration has a maintenance window about the service: after how many seconds, for how many.
    pub(crate) maintenance: Option<(i64, i64)>,
    /// The rules that it has.
    pub(crate) ruled: Ruled,
}

pub(crate) fn rule(after_seconds: u32, by: Method) -> NotificationRule {
    NotificationRule { after_seconds, by }
}

impl Plan {
    /// Everybody has a phone and a mailbox. The schedule `nobody` has nobody on call.
    pub(crate) fn team(self) -> Team {
        self.team_of("checkout")
    }

    /// The same with another name for the service.
    fn team_of(self, service: &str) -> Team {
        let (reminders, habits) = (self.reminders, self.habits);
        let people = (1u64..).zip(self.people);
        let people = people.map(|(number, high)| (user(number), contact(number), high)).collect::<Vec<_>>();
        let users = people.iter().enumerate().map(|(place, (id, _, high))| {
            let habits = habits.get(place).cloned().unwrap_or_default();
            let person = User::new(id.clone(), id.to_string(), Language::En, habits.methods.clone(), high.clone(), habits.low.clone());
            let person = person.unwrap().with_reminders(reminders.get(place).cloned().unwrap_or_default()).unwrap();
            habits.person(person, id)
        });
        let users: Vec<User> = users.collect();
        let start: DateTime = "2026-01-05T10:00:00".parse().unwrap();
        let ended = "2026-01-05T10:01:00".parse().unwrap();
        let schedule = |name: &str, end: Option<DateTime>| {
            let members = people.iter().map(|(id, ..)| id.clone());
            let rotation = Rotation::new(RotationSpec { end, ..RotationSpec::new("r", start, Turn::Days(1), members) }).unwrap();
            Schedule::new(ScheduleId::new(name).unwrap(), name, "Asia/Tokyo", vec![rotation]).unwrap()
        };
        let round_robin = self.round_robin;
        let step = |(notify, wait_seconds)| PolicyStep { round_robin, ..PolicyStep::calling(notify, wait_seconds) };
        let mut steps: Vec<PolicyStep> = self.steps.into_iter().map(step).collect();
        steps[0].when = self.when;
        let q = PolicyId::new("q").unwrap();
        steps.extend(self.hands_over.then(|| PolicyStep::handing_over(q.clone())));
        let repeat = if self.hands_over { 0 } else { self.repeat };
        let policy = EscalationPolicy::new(PolicyId::new("p").unwrap(), steps, repeat).unwrap();
        let other = EscalationPolicy::new(q, vec![PolicyStep::calling(vec![Target::User(user(1))], 120)], 1).unwrap();
        let service = Service::new(ServiceSpec {
            urgency: self.urgency,
            acknowledgement_timeout_seconds: self.acknowledgement_timeout_seconds,
            repage_seconds: Some(300),
            rules: self.ruled.own(),
            auto_pause: self.pause_seconds.map(|seconds| AutoPause { seconds, except: vec![Severity::Critical] }),
            alarms: vec![hansho_domain::AlarmPattern::new("checkout-*")],
            ..ServiceSpec::new(ServiceId::new(service).unwrap(), policy.id().clone())
        });
        let schedules = vec![schedule("nobody", Some(ended)), schedule("primary", None)];
        let service = service.unwrap();
        let maintenance = self.maintenance.map(|(after, lasts)| {
            let from = Timestamp::from_millisecond(START_MS + after * 1000).unwrap();
            let known = work::window(PLANNED.parse().unwrap(), from, lasts, false, false).spec().clone();
            MaintenanceWindow::new(MaintenanceSpec { services: vec![service.id().clone()], ..known }).unwrap()
        });
        let configuration = Configuration::of(ConfigurationParts {
            integrations: self.ruled.integrations(service.id()),
            rules: self.ruled.global(),
            users,
            teams: vec![hansho_domain::Team::new(edits::everybody(), "everybody", self.team).unwrap()],
            hours: self.office.into_iter().collect(),
            schedules,
            policies: vec![policy, other],
            services: vec![service],
            fallback: self.fallback,
            maintenance: maintenance.into_iter().collect(),
            ..ConfigurationParts::default()
        });
        (configuration.unwrap(), people.into_iter().map(|(id, contact, _)| (id, contact)).collect())
    }

    /// One person with a phone and a mailbox, called at once by SMS and by mail after a minute; then the second person.
    pub(crate) fn two_people() -> Self {
        Self {
            people: vec![vec![rule(0, Method::Sms), rule(120, Method::Email)], vec![rule(0, Method::Sms)]],
            habits: Vec::new(),
            team: vec![user(1)],
            office: None,
            reminders: Vec::new(),
            steps: vec![(vec![Target::User(user(1))], 300), (vec![Target::User(user(2))], 300)],
            repeat: 0,
            round_robin: false,
            hands_over: false,
            when: Condition::default(),
            urgency: UrgencyRule::High,
            acknowledgement_timeout_seconds: None,
            fallback: Vec::new(),
            pause_seconds: None,
            maintenance: None,
            ruled: Ruled::default(),
        }
    }

    /// The same with reminders for everybody, of a shift that begins or of one that ends.
    pub(crate) fn reminded(self, random: &mut Random) -> Self {
        let rule = |random: &mut Random| ReminderRule {
            before_seconds: 60 * u32::try_from(random.between(2, 58)).unwrap(),
            by: *random.pick(&[None, Some(Method::Sms), Some(Method::Email)]),
            of: *random.pick(&[ShiftEdge::Start, ShiftEdge::Start, ShiftEdge::End]),
        };
        let reminders = self.people.iter().map(|_| vec![rule(random)]).collect();
        // Whoever is reminded has both of the methods that reminders name.
        let has_both = |habits: Habits| Habits { methods: Habits::default().methods, ..habits };
        let habits = self.habits.into_iter().map(has_both).collect();
        Self { reminders, habits, ..self }
    }

    /// The same with these rules for alerts.
    pub(crate) fn ruled(self, ruled: Ruled) -> Self {
        Self { ruled, ..self }
    }

    /// Another configuration of the same company: people come and leave, steps and rules change, and now and then the service
    /// is no more.
    pub(crate) fn edited(random: &mut Random, ruled: Ruled) -> Team {
        let edited = Self::random(random).ruled(ruled);
        let name = if random.chance(2_500) { "renamed" } else { "checkout" };
        edited.team_of(name)
    }

    pub(crate) fn random(random: &mut Random) -> Self {
        use Method::{Email, Sms};
        let habits = [
            vec![],
            vec![rule(0, Sms)],
            vec![rule(0, Email)],
            vec![rule(0, Sms), rule(0, Email)],
            vec![rule(0, Sms), rule(60, Email)],
            vec![rule(0, Email), rule(90, Sms), rule(150, Email)],
            vec![rule(30, Sms)],
        ];
        let people: Vec<Vec<NotificationRule>> = (0..=random.below(3)).map(|_| random.pick(&habits).clone()).collect();
        let most = people.len() as u64;
        let habits = people.iter().map(|high| Habits::random(random, high, most)).collect();
        let team = (1..=most).filter(|_| random.chance(6_000)).map(user).collect::<Vec<_>>();
        let team = if team.is_empty() { vec![user(1)] } else { team };
        let target = |random: &mut Random| match random.below(6) {
            5 => Target::Team(edits::everybody()),
            0 => Target::Schedule(ScheduleId::new("nobody").unwrap()),
            1 => Target::Schedule(ScheduleId::new("primary").unwrap()),
            _ => Target::User(user(1 + random.below(most))),
        };
        let steps = (0..=random.below(3)).map(|_| {
            let mut notify = vec![target(random)];
            if random.chance(3_000) {
                notify.push(target(random));
            }
            (notify, 60 * u32::try_from(random.between(1, 5)).unwrap())
        });
        let steps = steps.collect();
        let by_hours = UrgencyRule::ByHours { hours: edits::office(), during: UrgencyLevel::High, otherwise: UrgencyLevel::BySeverity };
        Self {
            people,
            habits,
            team,
            office: Some(edits::hours(random)),
            reminders: Vec::new(),
            steps,
            repeat: u8::try_from(random.below(2)).unwrap(),
            round_robin: random.chance(3_000),
            hands_over: random.chance(3_000),
            when: match random.below(7) {
                2 => Condition { priorities: Vec::new(), urgency: None, hours: Some(edits::in_or_out(random)) },
                0 => Condition { priorities: vec![Priority::Sev1], urgency: None, hours: None },
                1 => Condition { priorities: Vec::new(), urgency: Some(Urgency::High), hours: None },
                _ => Condition::default(),
            },
            urgency: random
                .pick(&[UrgencyRule::High, UrgencyRule::High, UrgencyRule::High, UrgencyRule::BySeverity, UrgencyRule::Low, by_hours])
                .clone(),
            acknowledgement_timeout_seconds: random.chance(4_000).then(|| 60 * u32::try_from(random.between(2, 6)).unwrap_or(2)),
            fallback: if random.chance(5_000) { vec![Target::User(user(1))] } else { Vec::new() },
            pause_seconds: random.chance(2_000).then(|| u32::try_from(random.between(20, 240)).unwrap()),
            maintenance: random.chance(3_000).then(|| (random.between(60, 900), random.between(120, 1_800))),
            ruled: Ruled::default(),
        }
    }
}

/// An alarm's Lambda action. `at_ms` is when CloudWatch says that it was so.
pub(crate) fn alarm(name: &str, state: &str, severity: &str, at_ms: i64, muted_until_ms: Option<i64>) -> Value {
    let time = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string();
    let mut event = json!({
        "source": "aws.cloudwatch",
        "alarmArn": format!("arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:{name}"),
        "accountId": "111122223333",
        "time": time(at_ms),
        "region": "ap-northeast-1",
        "alarmData": {
            "alarmName": name,
            "state": { "value": state, "reason": "Threshold Crossed", "timestamp": time(at_ms) },
            "previousState": { "value": "OK" },
            "configuration": { "description": format!("severity: {severity}") },
        },
    });
    if let Some(until) = muted_until_ms {
        event["alarmData"]["muteDetail"] = json!({ "mutedByArn": "arn:aws:cloudwatch:mute-rule/deploy", "muteWindowEnd": time(until) });
    }
    event
}

/// When which of the seed's edited configurations is applied; in half of the seeds none is.
pub(crate) fn applies(random: &mut Random, teams: usize, start_ms: i64, lasts_ms: i64) -> Vec<(i64, Work)> {
    let count = if random.chance(5_000) { 0 } else { random.between(1, 4) };
    let apply = |random: &mut Random| {
        let at = start_ms + random.between(lasts_ms / 20, lasts_ms);
        let team = usize::try_from(random.below(teams as u64)).unwrap_or(0);
        // Two people apply at the same moment now and then.
        let also = random.chance(2_000).then(|| (at + random.between(0, 50), Work::Apply { team: (team + 1) % teams, tries: 0 }));
        [(at, Work::Apply { team, tries: 0 })].into_iter().chain(also).collect::<Vec<_>>()
    };
    (0..count).flat_map(|_| apply(random)).collect()
}

/// Maintenance windows that people begin, and end before their time; in half of the seeds there are none.
pub(crate) fn upkeep(random: &mut Random, start_ms: i64, lasts_ms: i64) -> Vec<(i64, Work)> {
    let mut upkeep = Vec::new();
    let count = if random.chance(5_000) { 0 } else { random.between(1, 3) };
    for number in 0..u64::try_from(count).unwrap() {
        let at = start_ms + random.between(0, lasts_ms * 2 / 3);
        let seconds = random.between(30, 1_200);
        let act = Upkeep::Begin { seconds, is_about_all: random.chance(4_000), is_filtered: random.chance(2_000) };
        upkeep.push((at, Work::Maintain { number, act: act.clone(), tries: 0 }));
        // Some ask twice, at the same moment or when they are not sure.
        if random.chance(2_000) {
            upkeep.push((at + random.between(0, 3_000), Work::Maintain { number, act, tries: 0 }));
        }
        let end_at = at + random.between(0, seconds * 1_300);
        let ends = if random.chance(6_000) { 1 + random.below(2) } else { 0 };
        upkeep.extend((0..ends).map(|_| (end_at, Work::Maintain { number: 100 + number, act: Upkeep::End(Some(number)), tries: 0 })));
    }
    if random.chance(2_500) {
        let at = start_ms + random.between(lasts_ms / 20, lasts_ms);
        upkeep.push((at, Work::Maintain { number: 200, act: Upkeep::End(None), tries: 0 }));
    }
    upkeep
}

/// The alarms of a seed and what people do, each with its time.
pub(crate) fn events(random: &mut Random, start_ms: i64, lasts_ms: i64) -> Vec<(i64, Work)> {
    let mut events = Vec::new();
    let mut sent = 0;
    for number in 0..=random.below(4) {
        // Two alarms of three are the service's; others go to the catch-all.
        let name = if random.chance(8_000) { format!("checkout-{number}") } else { format!("other-{number}") };
        let mut at = start_ms + random.between(0, lasts_ms / 3);
        let by_queue = random.chance(3_000);
        for turn in 0..random.between(1, 5) {
            let state = if turn % 2 == 0 || random.chance(3_000) { "ALARM" } else { "OK" };
            let severity = *random.pick(&["critical", "critical", "error", "warning", "info"]);
            let muted = (turn == 0 && random.chance(1_000)).then(|| at + 120_000);
            let event = alarm(&name, state, severity, at, muted);
            for _ in 0..if random.chance(3_000) { 2 } else { 1 } {
                // Most come at once, some overtake each other.
                let late = if random.chance(2_000) { random.between(1_000, 90_000) } else { random.between(50, 500) };
                sent += 1;
                let work = if by_queue {
                    Work::Messages(vec![Message { id: 2_000_000 + sent, queue: Queue::Alarms, body: event.to_string(), receives: 0 }])
                } else {
                    Work::Alarm { event: event.clone(), tries: 0 }
                };
                events.push((at + late, work));
            }
            at += if random.chance(2_000) { random.between(100, 3_000) } else { random.between(10_000, lasts_ms / 4) };
        }
    }
    for number in 0..random.below(7) {
        let at = start_ms + random.between(lasts_ms / 10, lasts_ms);
        let tap = |number: u64, act: Act, who: u64| Work::Person { number, user: user(who), act, incident: None, tries: 0 };
        let act = act(random);
        events.push((at, tap(number, act.clone(), 1 + random.below(3))));
        match random.below(10) {
            // Some tap twice.
            0..=2 => events.push((at + random.between(0, 1_500), tap(number, act, 1))),
            // Others are at it at the same moment.
            3..=5 => events.extend((1..=2).map(|other| (at + random.between(0, 3), tap(100 * other + number, self::act(random), 2)))),
            _ => {}
        }
    }
    events
}

pub(crate) fn primary() -> ScheduleId {
    ScheduleId::new("primary").unwrap()
}

/// An override of the schedule `primary` that somebody makes at `at_ms`.
pub(crate) fn override_of(id: &str, at_ms: i64, from_ms: i64, until_ms: i64, change: OverrideChange) -> Override {
    let time = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap();
    Override::new(id.to_owned(), primary(), time(from_ms), time(until_ms), change, time(at_ms)).unwrap()
}

/// Overrides that are made and taken back, and drills, each with its time.
pub(crate) fn deeds(random: &mut Random, people: u64, start_ms: i64, lasts_ms: i64) -> Vec<(i64, Work)> {
    let deed = |deed: Deed| Work::Deed { deed, tries: 0 };
    let mut deeds = Vec::new();
    for number in 0..random.below(5) {
        let at = start_ms + random.between(1_000, lasts_ms);
        // Some begin in the middle of the shift, some move its end at 10:00.
        let from = if random.chance(5_000) { at + random.between(60_000, 1_500_000) } else { start_ms + 3_600_000 };
        let mut who = || user(1 + random.below(people));
        let change = match number % 4 {
            0 => OverrideChange::ReplaceAll { by: vec![who()] },
            1 => OverrideChange::Add { by: vec![who()] },
            2 => OverrideChange::Remove { user: who() },
            _ => OverrideChange::Nobody,
        };
        let id = format!("o{number}");
        let made = override_of(&id, at, from, from + 60_000 * (1 + number as i64 * 9), change);
        deeds.push((at, deed(Deed::AddOverride(made))));
        if random.chance(4_000) {
            let taken_back = at + random.between(1_000, 900_000);
            deeds.push((taken_back, deed(Deed::RemoveOverride { schedule: primary(), id })));
        }
    }
    for number in 0..random.below(3) {
        let at = start_ms + random.between(1_000, lasts_ms);
        deeds.push((at, deed(Deed::Drill { number })));
        // Somebody runs the command twice.
        deeds.extend(random.chance(3_000).then(|| (at + random.between(0, 2_000), deed(Deed::Drill { number }))));
    }
    deeds
}

fn act(random: &mut Random) -> Act {
    match random.below(20) {
        0..=4 => Act::Acknowledge,
        5 => Act::Resolve,
        6..=7 => Act::Escalate,
        8 => Act::Snooze(random.between(1, 6)),
        9 => Act::Reassign(user(1 + random.below(3))),
        10 => Act::Reopen,
        11 => Act::GiveAway,
        12..=13 => Act::Ask(user(1 + random.below(3))),
        14 => Act::Accept,
        15 => {
            if random.chance(7_000) {
                Act::Decline
            } else {
                Act::Cancel
            }
        }
        16 => Act::Urgency(*random.pick(&[Urgency::Low, Urgency::High])),
        17 => random.pick(&[Act::Rate(Some(Priority::Sev1)), Act::Rate(None), Act::Raise(Priority::Sev2)]).clone(),
        18 => Act::Merge(None),
        _ => Act::Note,
    }
}
