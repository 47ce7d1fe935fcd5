//! The laws of DESIGN.md that can be stated about `open` and `step` alone, over random teams and random histories.
//!
//! `invariants::hold` is asked of every transition that is made here: it states law 2, the half of law 3 that only looks at
//! one transition, the order of the agenda and of the effects, the size of an incident, and that what is stored can be read.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can not make its values has failed")]

#[expect(dead_code, reason = "the worlds of the other files play one story each; here the stories are random")]
mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{
    World, alert, clear,
    invariants::{self, json, notifications, survives_storage},
    source, start,
};
use hansho_domain::{
    Actor, AlarmPattern, Alert, AlertId, Calendar, Clear, Command, Condition, Configuration, ConfigurationParts, DedupKey, DeliveryOutcome,
    Duty, Effect, EffectId, EscalationPolicy, HeldBy, HoldCause, Holds, HoursId, Ignored, Incident, IncidentId, Input, InputId,
    IntegrationId, Language, MERGED_MAX, MaintenanceFilter, MaintenanceId, MaintenanceSpec, MaintenanceTime, MaintenanceWindow, Merged,
    Method, NotificationRule, Override, OverrideChange, Phase, PolicyId, PolicyStep, PolicyVersion, Priority, Rejected, ResponderRequest,
    Restriction, Roster, Rotation, RotationSpec, Schedule, ScheduleId, Service, ServiceId, ServiceSpec, Severity, Spared, StepTurn,
    SupportHours, Target, Team, TeamId, Transition, Turn, Urgency, UrgencyLevel, UrgencyRule, User, UserId, Verdict, Weekdays, open, step,
};
use jiff::{SignedDuration, Timestamp, civil};
use proptest::{
    prelude::*,
    sample::select,
    strategy::ValueTree,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};

proptest! {
    // A failing case is printed in full, so nothing is kept in files beside the tests. The default generator of random numbers
    // would take most of the time.
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, rng_algorithm: RngAlgorithm::XorShift, ..ProptestConfig::default() })]

    /// Law 1.
    #[test]
    fn input_applied_twice_equals_once(story in story(), again in prop::collection::vec(0..31_usize, 60)) {
        let history = history(&story);
        let mut incident = history.opening.incident.clone();
        let mut applied: Vec<&Input> = Vec::new();
        for (told, back) in history.told.iter().zip(again.iter().cycle()) {
            if let Some(earlier) = applied.iter().rev().nth(*back) {
                let verdict = step(&incident, earlier, &told.roster, told.now);
                prop_assert_eq!(verdict, Verdict::Ignore(Ignored::AlreadyApplied), "{:?}", earlier);
            }
            let verdict = step(&incident, &told.input, &told.roster, told.now);
            // Redelivered inputs between the others have changed nothing: the verdict is the one without them.
            prop_assert_eq!(&verdict, &told.verdict);
            if let Verdict::Apply(transition) = verdict {
                incident = transition.incident;
                applied.push(&told.input);
            }
        }
    }

    /// Law 3: the other half.
    #[test]
    fn resolved_absorbs_everything_but_reopen_and_note(story in story()) {
        for told in history(&story).told.iter().filter(|told| told.before.phase.is_resolved()) {
            let Verdict::Apply(transition) = &told.verdict else { continue };
            match &told.input.command {
                Command::Reopen { newer: None } => {}
                Command::Note { .. } => prop_assert_eq!(&told.before.phase, &transition.incident.phase),
                other => prop_assert!(false, "{:?} changed a resolved incident", other),
            }
        }
    }

    /// Whoever raises an incident at the same time as another does not lower what that one has raised, and pages nobody.
    #[test]
    fn raising_a_priority_never_lowers_it_and_tells_nobody(story in story()) {
        for told in &history(&story).told {
            if let (Verdict::Apply(transition), Command::RaisePriority { to }) = (&told.verdict, &told.input.command) {
                prop_assert!(transition.incident.rank() < told.before.rank() && transition.incident.rank() == *to);
                prop_assert!(notifications(&transition.effects).next().is_none());
                prop_assert_eq!(&transition.incident.phase, &told.before.phase);
            }
        }
    }

    /// Law 5.
    #[test]
    fn acknowledgement_ends_the_pages_of_its_episode(story in story()) {
        let history = history(&story);
        let mut ended: BTreeSet<u32> = BTreeSet::new();
        for transition in history.transitions() {
            for told in notifications(&transition.effects) {
                // Whoever is asked to help is told until they answer, whoever has it.
                let Holds::Unacknowledged { episode } = told.holds else { continue };
                prop_assert!(!ended.contains(&episode), "{:?} in an episode that has ended", told);
            }
            let incident = &transition.incident;
            match incident.phase {
                Phase::Acknowledged { .. } | Phase::Resolved { .. } => drop(ended.insert(incident.episode)),
                Phase::Held { .. } | Phase::Triggered | Phase::Exhausted => prop_assert!(!ended.contains(&incident.episode)),
            }
            for episode in 0..=incident.episode + 1 {
                let holds = incident.phase.is_unacknowledged() && episode == incident.episode;
                prop_assert_eq!(incident.is_unacknowledged_in(episode), holds);
            }
        }
    }

    /// Law 7.
    #[test]
    fn same_inputs_in_the_same_order_give_byte_equal_state(story in story()) {
        let [once, again] = [history(&story), history(&story)];
        for (one, other) in once.transitions().zip(again.transitions()) {
            prop_assert_eq!(json(&one.incident), json(&other.incident));
            prop_assert_eq!(json(&one.entry), json(&other.entry));
            prop_assert_eq!(json(&one.effects), json(&other.effects));
        }
        prop_assert_eq!(once.transitions().count(), again.transitions().count());
    }

    /// What is read back from the table is what was decided, so it decides as it would have.
    #[test]
    fn whatever_a_history_stores_can_be_read_again(story in story()) {
        let history = history(&story);
        history.transitions().for_each(invariants::can_be_stored);
        history.told.iter().for_each(|told| survives_storage(&told.input));
    }

    /// Inputs overtake each other. The invariants hold in any order.
    #[test]
    fn inputs_may_come_in_any_order(story in story(), order in Just((0..STEPS_MAX).collect::<Vec<_>>()).prop_shuffle()) {
        let history = history(&story);
        let mut incident = history.opening.incident.clone();
        for told in order.iter().filter_map(|place| history.told.get(*place)) {
            if let Verdict::Apply(transition) = step(&incident, &told.input, &told.roster, told.now) {
                invariants::hold(Some((&incident, &told.input)), &transition, told.now);
                incident = transition.incident;
            }
        }
    }

    /// Nothing is ignored or rejected for a reason that is not so.
    #[test]
    fn ignored_and_rejected_inputs_have_their_reasons(story in story()) {
        for told in &history(&story).told {
            prop_assert!(has_its_reason(told), "{:?} of {:?} while {:?}", told.verdict, told.input, told.before.phase);
        }
    }

    /// However the configuration changes meanwhile: after it was looked at, whoever is called or asked has been told by every rule
    /// of theirs that is due, and waits for those that are to come.
    #[test]
    fn whoever_is_called_was_told_or_has_something_to_wait_for(story in story()) {
        for told in &history(&story).told {
            let Verdict::Apply(transition) = &told.verdict else { continue };
            let now = told.now.max(told.before.updated_at);
            if told.input.command == Command::ReviewRules && transition.missing_turns.is_empty() {
                prop_assert_eq!(who_waits_for_nothing(&transition.incident, &told.roster, now), None, "{:?}", transition.incident);
            }
        }
    }

    /// What nobody answers is paged again and again, whoever is on call, however late the deadlines are fed.
    #[test]
    fn urgent_incident_that_nobody_answers_never_falls_silent(roster in roster(), late in prop::collection::vec(0..7200_i64, 60)) {
        prop_assume!(!roster.users.is_empty());
        let roster = told_at_once(roster);
        let mut transition = open(&alert(1, Severity::Critical), &roster, start());
        let policies = [&roster.policy].into_iter().chain(roster.policies.values());
        let longest = policies.flat_map(|policy| policy.steps()).map(|step| step.wait_seconds).max().unwrap();
        let longest = longest.max(roster.service.repage_seconds());
        let people = |effects: &[Effect]| notifications(effects).any(|told| told.user().is_some());
        let mut paged_at = start();
        prop_assert!(people(&transition.effects), "the opening pages nobody");
        for late in late {
            let incident = &transition.incident;
            let deadline = incident.deadline.expect("law 2");
            // The policy may end silently; the slow beat then is the next page.
            prop_assert!(deadline.at <= paged_at + SignedDuration::from_secs(2 * i64::from(longest) + 7200));
            let now = deadline.at + SignedDuration::from_secs(late);
            let command = Command::DeadlinePassed { generation: deadline.generation };
            let input = Input { id: InputId::derived(format!("timer-{}", deadline.generation)), actor: Actor::Hansho, command };
            let Verdict::Apply(next) = step(incident, &input, &roster, now) else { panic!("a deadline that has passed is applied") };
            invariants::hold(Some((incident, &input)), &next, now);
            if people(&next.effects) {
                paged_at = now;
            }
            transition = *next;
        }
    }
}

/// Somebody who is called or asked and has a rule by which they were neither told nor will be: what is due was sent as often as they
/// want it, or a moment later is on the agenda.
fn who_waits_for_nothing(incident: &Incident, roster: &Roster, now: Timestamp) -> Option<(UserId, NotificationRule)> {
    let in_the_call = incident
        .wave
        .iter()
        .filter(|_| incident.phase.is_unacknowledged())
        .map(|wave| (wave, incident.urgency, &[][..], Duty::NotificationRules));
    let in_requests =
        incident.requests.iter().map(|request| (&request.wave, Urgency::High, request.settled.as_slice(), Duty::RequestRules));
    for (wave, urgency, settled, duty) in in_the_call.chain(in_requests) {
        let is_quiet = wave.rules_done_seconds == u32::MAX;
        for (place, id) in (0u16..).zip(&wave.users).filter(|(place, _)| !is_quiet && !settled.contains(place)) {
            let Some(user) = roster.users.get(id) else { continue };
            for rule in user.rules_from(urgency, wave.at) {
                let at = wave.at + SignedDuration::from_secs(i64::from(rule.after_seconds));
                let is_sent = wave.sent_to(place, rule.by) > 0;
                let is_awaited = at > now && incident.agenda.at(duty).is_some_and(|looks| looks <= at);
                if !is_sent && !is_awaited {
                    return Some((id.clone(), rule));
                }
            }
        }
    }
    None
}

fn has_its_reason(Told { before, input, roster, now, verdict }: &Told) -> bool {
    match (verdict, &input.command) {
        (Verdict::Apply(_), _) => true,
        (Verdict::Ignore(Ignored::AlreadyApplied), _) => before.has_seen(&input.id),
        (Verdict::Ignore(Ignored::AlreadyAcknowledged), Command::Acknowledge) => {
            matches!(&before.phase, Phase::Acknowledged { by } if by.contains(&input.actor))
        }
        (Verdict::Ignore(Ignored::EarlyTimer(deadline)), Command::DeadlinePassed { generation }) => {
            before.deadline == Some(*deadline) && *now < deadline.at && *generation == deadline.generation
        }
        (Verdict::Ignore(Ignored::StaleTimer), Command::DeadlinePassed { generation }) => {
            before.deadline.is_none_or(|deadline| deadline.generation != *generation)
        }
        (Verdict::Ignore(Ignored::NoLongerNeeded), Command::CancelRequests { of }) => {
            !before.requests.iter().flat_map(ResponderRequest::waiting).any(|user| of.is_empty() || of.contains(user))
        }
        (Verdict::Ignore(Ignored::NoLongerNeeded), Command::EndMaintenance { window }) => {
            !matches!(&before.phase, Phase::Held { cause: HoldCause::Maintenance(by), .. } if by == window)
        }
        (Verdict::Ignore(Ignored::Unchanged), Command::ReviewRules) => who_waits_for_nothing(before, roster, *now).is_none(),
        (Verdict::Ignore(Ignored::NoLongerNeeded), Command::ReviewRules) => before.phase.is_resolved(),
        (Verdict::Ignore(Ignored::NoLongerNeeded), command) => {
            matches!(command, Command::TargetUnreachable { .. } | Command::DeliveryReport { .. })
        }
        (Verdict::Ignore(Ignored::Unchanged), Command::ChangeUrgency { urgency }) => before.urgency == *urgency,
        (Verdict::Ignore(Ignored::Unchanged), Command::ChangePriority { priority }) => before.priority == *priority,
        (Verdict::Ignore(Ignored::Unchanged), Command::RaisePriority { to }) => before.rank() <= *to,
        (Verdict::Ignore(Ignored::AlreadyAnswered), Command::AcceptRequest | Command::DeclineRequest) => {
            matches!(&input.actor, Actor::User(user) if before.responders.contains(user))
        }
        (Verdict::Reject(Rejected::NotAsked), Command::AcceptRequest | Command::DeclineRequest) => {
            matches!(&input.actor, Actor::User(user) if !before.is_asked(user))
        }
        (Verdict::Reject(Rejected::NobodyToAsk), Command::RequestResponders { to, .. }) => {
            roster.resolve(to).iter().all(|(user, _)| before.is_asked(user) || before.responders.contains(user))
        }
        (Verdict::Reject(Rejected::TooManyAsked), Command::RequestResponders { .. }) => before.requests.len() >= 4,
        (Verdict::Reject(Rejected::MessageLength), Command::RequestResponders { message, .. }) => message.chars().count() > 200,
        (Verdict::Reject(Rejected::UnknownPolicy(_)), Command::ReassignToPolicy { policy }) => policy.as_str() == "unknown",
        (Verdict::Reject(Rejected::NobodyToCall), Command::ReassignToPolicy { policy }) => policy.as_str() == "offered",
        (Verdict::Reject(Rejected::MergeIntoItself), Command::MergeInto { target }) => *target == before.id,
        (Verdict::Reject(Rejected::TooManyMerged), Command::Absorb { keys, .. }) => before.merged.len() + keys.len() > MERGED_MAX,
        (Verdict::Reject(Rejected::MergeTargetResolved), Command::Absorb { .. }) => before.phase.is_resolved(),
        (Verdict::Reject(Rejected::Merged(target)), Command::Reopen { .. }) => before.merged_into == Some(*target),
        (Verdict::Reject(Rejected::SnoozeOutOfRange), Command::SnoozeFor { seconds }) => !(1..=7 * 86_400).contains(seconds),
        (
            Verdict::Ignore(Ignored::AlreadyResolved),
            Command::Alert(_)
            | Command::Clear(_)
            | Command::MergedAlert { .. }
            | Command::MergedClear { .. }
            | Command::Acknowledge
            | Command::Resolve
            | Command::AcceptRequest
            | Command::DeclineRequest
            | Command::CancelRequests { .. },
        )
        | (
            Verdict::Reject(Rejected::Resolved),
            Command::Escalate
            | Command::Snooze { .. }
            | Command::SnoozeFor { .. }
            | Command::Reassign { .. }
            | Command::ReassignToPolicy { .. }
            | Command::RequestResponders { .. }
            | Command::ChangeUrgency { .. }
            | Command::ChangePriority { .. }
            | Command::RaisePriority { .. }
            | Command::MergeInto { .. },
        )
        | (Verdict::Reject(Rejected::NewerIncident(_)), Command::Reopen { newer: Some(_) }) => before.phase.is_resolved(),
        (Verdict::Reject(Rejected::NotResolved), Command::Reopen { .. }) => !before.phase.is_resolved(),
        (Verdict::Reject(Rejected::SnoozeOutOfRange), Command::Snooze { until }) => {
            let now = before.updated_at.max(*now);
            *until <= now || until.duration_since(now) > SignedDuration::from_hours(7 * 24)
        }
        (Verdict::Reject(Rejected::NobodyToCall), Command::Reassign { to }) => roster.resolve(to).is_empty(),
        (Verdict::Reject(Rejected::NoteLength), Command::Note { text }) => !(1..=4000).contains(&text.chars().count()),
        (Verdict::Ignore(_) | Verdict::Reject(_), _) => false,
    }
}

/// The same people, each with a rule that tells them at once; an urgent service that does not resolve by itself.
fn told_at_once(mut roster: Roster) -> Roster {
    for user in roster.users.values_mut() {
        let rules = [vec![NotificationRule { after_seconds: 0, by: user.methods()[0] }], user.rules(Urgency::High)].concat();
        *user = User::new(user.id().clone(), user.name(), Language::En, user.methods().to_vec(), rules, Vec::new()).unwrap();
    }
    let spec = roster.service.spec().clone();
    roster.service = Service::new(ServiceSpec { urgency: UrgencyRule::High, auto_resolve_seconds: None, ..spec }).unwrap();
    roster
}

#[test]
fn histories_reach_every_phase_and_every_command() {
    // Properties over histories in which nothing happens would hold too.
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), TestRng::deterministic_rng(RngAlgorithm::XorShift));
    let mut applied: BTreeMap<String, u32> = BTreeMap::new();
    for number in 0..2_500 {
        let mut story = story().new_tree(&mut runner).unwrap().current();
        if number % 3 == 0 {
            // A hold is over soon, and much can happen in one.
            story.opening.held = Some(HeldBy { until: start() + SignedDuration::from_hours(24 * 365), reason: "moving".to_owned() });
        }
        for told in history(&story).told.iter().filter(|told| matches!(told.verdict, Verdict::Apply(_))) {
            let command = json(&told.input.command);
            let command = command.split('"').nth(1).unwrap();
            *applied.entry(format!("{} while {}", command, told.before.phase.name().as_str())).or_default() += 1;
        }
    }
    // Of the 135 pairs of a command and a phase 32 change nothing, whatever is asked: tests/transitions.rs has them one by one.
    assert_eq!(applied.len(), 135 - 32, "{applied:?}");
}

// Size.

#[test]
fn largest_incident_stays_under_16_kilobytes() {
    let opened = |character: &char| {
        let mut world = World::new();
        json(world.step("user/aiko", "24h").open_with(longest_alert(*character)).incident()).len()
    };
    let worst = ['x', '鐘', '🔔', '"', '\n', '\u{1}'].into_iter().max_by_key(opened).unwrap();
    // Every transition on the way is measured too. Some room is kept for fields to come.
    let bytes = json(&largest(longest_alert(worst))).len();
    assert!(bytes < 15_900, "{bytes}");
}

fn longest_alert(character: char) -> Alert {
    let text = |length| std::iter::repeat_n(character, length).collect();
    Alert {
        integration: IntegrationId::new(long("integration-")).unwrap(),
        dedup_key: DedupKey::new("\"".repeat(512)).unwrap(),
        title: text(1000),
        details: text(10_000),
        runbook: Some(format!("https://example.com/{}", "r".repeat(480))),
        link: Some(format!("https://example.com/{}", "l".repeat(480))),
        priority: Some(Priority::Sev1),
        remark: Some(text(1000)),
        ..alert(1, Severity::Critical)
    }
}

/// 130 people are called; more methods have failed than are remembered, and all but one can not be reached. As many others
/// are asked to help as can be, as many help, and as many incidents were merged into it.
fn largest(alert: Alert) -> Incident {
    let names: Vec<String> = (0..130).map(|number| long(&format!("user-{number:03}-"))).collect();
    let mut world = World::new();
    for name in &names {
        world.user_with(name, "webhook", "sms, sms after 30m, email after 1h", "");
    }
    world.service.id = ServiceId::new(long("service-")).unwrap();
    world.service.escalation_policy = PolicyId::new(long("policy-")).unwrap();
    world.service.auto_resolve_seconds = Some(30 * 86_400);
    world.configuration = u64::MAX;
    world.team("everybody", &names.join(" ")).step("team/everybody", "24h").open_with(alert);
    for name in &names[..20] {
        world.fails("sms", name);
    }
    for helper in &names[94..110] {
        world.applied(common::person("aiko"), ask(std::slice::from_ref(helper)));
        world.applied(common::person(helper), Command::AcceptRequest);
    }
    for asked in names[110..].chunks(5) {
        world.applied(common::person("aiko"), ask(asked));
    }
    for name in &names[110..118] {
        let request = world.incident().requests.iter().find(|request| request.waiting().any(|user| user.as_str() == name)).unwrap();
        let holds = Holds::Requested { request: request.number };
        let failed = world.report_on("sms", name, holds, DeliveryOutcome::Failed("number unknown".to_owned()));
        world.applied(Actor::Hansho, failed);
    }
    world.service.urgency = UrgencyRule::High;
    for number in 0..16 {
        if number == 3 {
            measure_with_all_that_is_spared(world.incident().clone(), &names);
        }
        let pointer = format!("DEDUP#{}#{}", long("integration-"), "a".repeat(32));
        let keys = vec![Merged { incident: another(number), pointer, is_firing: false }];
        let (severity, urgency) = (Severity::Critical, Urgency::High);
        world.applied(
            common::person("aiko"),
            Command::Absorb { source: another(number), title: "x".repeat(160), keys, severity, urgency, is_paging: number % 2 == 1 },
        );
    }
    for (number, name) in names[..39].iter().enumerate() {
        let id = InputId::new(format!("{number:03}{}", "i".repeat(77))).unwrap();
        let command = Command::TargetUnreachable {
            user: UserId::new(name.as_str()).unwrap(),
            holds: Holds::Unacknowledged { episode: 1 },
            reason: "x".repeat(1000),
        };
        assert!(matches!(world.offered(&Input { id, actor: Actor::Hansho, command }), Verdict::Apply(_)));
    }
    let incident = world.incident().clone();
    let wave = incident.wave.as_ref().unwrap();
    assert_eq!((wave.users.len(), wave.exceptions.len(), wave.unreachable.len(), incident.recent_inputs.len()), (40, 24, 39, 32));
    assert_eq!((incident.requests.len(), incident.responders.len(), incident.merged.len()), (4, 16, MERGED_MAX));
    incident
}

/// As many messages as are remembered, and as many as can be spared.
fn measure_with_all_that_is_spared(mut incident: Incident, names: &[String]) {
    assert!(incident.told.is_empty() && incident.spared.is_empty() && incident.merged.len() == 3, "{incident:?}");
    incident.merged.pop();
    let user = |number: usize| UserId::new(names[number].as_str()).unwrap();
    let (by, holds) = (Holds::Requested { request: 9999 }, Holds::Unacknowledged { episode: 9999 });
    let (method, at) = (Method::Webhook, incident.updated_at + SignedDuration::from_nanos(1));
    incident.told = (0..6).map(|number| hansho_domain::Told { user: user(number), method, at, holds: by }).collect();
    incident.spared = (0..6).map(|number| Spared { user: user(number), method, holds, by }).collect();
    incident.recent_inputs = (0..32).map(|number| InputId::new(format!("{number:03}{}", "i".repeat(77))).unwrap()).collect();
    let wave = incident.wave.as_mut().unwrap();
    wave.unreachable = (0..39).collect();
    let bytes = json(&incident).len();
    assert!(bytes < 15_900, "{bytes}");
}

fn ask(people: &[String]) -> Command {
    Command::RequestResponders { to: people.iter().map(|name| format!("user/{name}").parse().unwrap()).collect(), message: "x".repeat(200) }
}

/// A name of 40 characters.
fn long(start: &str) -> String {
    format!("{start}{}", "x".repeat(40 - start.len()))
}

// Storage.

#[test]
fn whatever_is_stored_can_be_read_again() {
    let configuration = configuration();
    for bundle in configuration.bundles(3) {
        survives_storage(&bundle);
    }
    survives_storage(&configuration.routes());
    for user in configuration.users() {
        survives_storage(user);
    }
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let (from, until) = (at("2026-11-02T09:00:00Z"), at("2026-11-03T09:00:00.5Z"));
    let schedule = ScheduleId::new("primary").unwrap();
    let change = OverrideChange::Replace { user: somebody(0), by: vec![somebody(1)] };
    survives_storage(&Override::new("01".to_owned(), schedule, from, until, change, from).unwrap());
    survives_storage(&clear());
    survives_storage(&Alert {
        priority: Some(Priority::Sev2),
        runbook: Some("https://example.com/runbook".to_owned()),
        link: Some("https://example.com/alarm".to_owned()),
        held: Some(HeldBy { until, reason: "計画停止".to_owned() }),
        pause: None,
        remark: Some("names the unknown service x".to_owned()),
        opened_by: Some(Actor::Token("ci".to_owned())),
        ..alert(1, Severity::Info)
    });
}

#[test]
fn what_is_stored_is_spelt_as_ever() {
    // Renaming a field or a variant would make what is in the table unreadable.
    let mut world = World::new();
    world.user("aiko", "sms, email after 3m").step("user/aiko", "5m").open("critical").fails("sms", "aiko");
    let incident = concat!(
        r#"{"id":"01M6DQS9M0040G2081040G2081","version":2,"service":"checkout","integration":"cloudwatch","dedup_key":"checkout-latency","#,
        r#""title":"Checkout is slow","details":"p99 is 4.2 s","severity":"critical","urgency":"high","priority":null,"runbook":null,"link":null,"#,
        r#""phase":"triggered","episode":1,"policy":{"id":"checkout","configuration":7},"handed_over_to":null,"position":{"step":0,"round":0},"#,
        r#""wave":{"at":"2026-11-02T09:00:00Z","users":["aiko"],"rules_done_seconds":0,"#,
        r#""exceptions":[{"user":0,"method":"sms","kind":"failed"},{"user":0,"method":"email","kind":"advanced"}],"unreachable":[],"sent":{"sms":[1],"email":[1]}},"#,
        r#""requests":[],"requests_made":0,"responders":[],"told":[{"user":"aiko","method":"email","at":"2026-11-02T09:00:00Z","#,
        r#""holds":{"unacknowledged":{"episode":1}}}],"merged":[],"is_cleared":false,"merged_into":null,"#,
        r#""agenda":[{"at":"2026-11-02T09:03:00Z","duty":"notification_rules"},{"at":"2026-11-02T09:05:00Z","duty":"escalate"}],"#,
        r#""deadline":{"at":"2026-11-02T09:03:00Z","generation":1},"generation":1,"#,
        r#""recent_inputs":["alert-01010101010101010101010101010101","input-1"],"#,
        r#""occurred_at":"2026-11-02T09:00:00Z","opened_at":"2026-11-02T09:00:00Z","updated_at":"2026-11-02T09:00:00Z"}"#,
    );
    assert_eq!(json(world.incident()), incident);
    // What was stored before there were requests and merges is read as having none.
    let told = r#""told":[{"user":"aiko","method":"email","at":"2026-11-02T09:00:00Z","holds":{"unacknowledged":{"episode":1}}}],"#;
    let incident = incident.replace(told, "").replace(r#","sent":{"sms":[1],"email":[1]}"#, "");
    let new = r#""requests":[],"requests_made":0,"responders":[],"merged":[],"is_cleared":false,"merged_into":null,"#;
    let before = incident.replace(new, "").replace(r#""handed_over_to":null,"#, "");
    let mut nobody_was_told = world.incident().clone();
    nobody_was_told.told.clear();
    nobody_was_told.wave.as_mut().unwrap().sent.clear();
    assert_eq!(serde_json::from_str::<Incident>(&before).unwrap(), nobody_was_told);
    let entry = concat!(
        r#"{"version":2,"at":"2026-11-02T09:00:00Z","actor":"hansho","input":"input-1","events":["#,
        r#"{"delivery_failed":{"user":"aiko","method":"sms","reason":"number unknown","next":"email"}}]}"#,
    );
    assert_eq!(json(world.entry()), entry);
    let effects = concat!(
        r#"[{"notify":{"user":"aiko","method":"email","urgency":"high","reason":{"next_method":{"failed":"sms"}},"#,
        r#""holds":{"unacknowledged":{"episode":1}}}}]"#,
    );
    assert_eq!(json(&world.effects()), effects);
}

#[test]
fn roster_is_the_bundle_at_a_moment_with_its_overrides() {
    let bundle = configuration().bundles(3).into_iter().find(|bundle| bundle.service.id().as_str() == "checkout").unwrap();
    let primary = ScheduleId::new("primary").unwrap();
    // user-0 and nobody take turns from 5 January on, a week each.
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let (from, until) = (at("2026-01-13T00:00:00Z"), at("2026-01-14T00:00:00Z"));
    let change = OverrideChange::ReplaceAll { by: vec![somebody(2)] };
    let covered = Override::new("01".to_owned(), primary.clone(), from, until, change, from).unwrap();
    for (now, on_call) in
        [("2026-01-06T00:00:00Z", vec![somebody(0)]), ("2026-01-12T12:00:00Z", vec![]), ("2026-01-13T12:00:00Z", vec![somebody(2)])]
    {
        let roster = Roster::at(&bundle, std::slice::from_ref(&covered), at(now));
        assert_eq!(roster.on_call[&primary], on_call, "{now}");
        assert_eq!((roster.configuration, roster.users.len()), (3, 3));
        assert_eq!(roster.last_resort(), [somebody(2)]);
        let people: Vec<_> = roster.resolve(&bundle.policy.steps()[0].notify).into_iter().map(|(user, _)| user).collect();
        let called: BTreeSet<_> = people.iter().cloned().collect();
        assert_eq!(called, on_call.into_iter().chain([somebody(1), somebody(2)]).collect(), "the team is called in any case");
        assert_eq!(people.len(), called.len());
    }
}

fn configuration() -> Configuration {
    let rotation = RotationSpec::new("weekly", "2026-01-05T10:00".parse().unwrap(), Turn::Weeks(1), [Some(somebody(0)), None]);
    let rotation = Rotation::new(rotation).unwrap();
    let schedule = Schedule::new(ScheduleId::new("primary").unwrap(), "一次当番", "Asia/Tokyo", vec![rotation]).unwrap();
    let users: Vec<User> = (0..3)
        .map(|number| {
            let rule = NotificationRule { after_seconds: 60, by: Method::Sms };
            User::new(somebody(number), "佐藤 愛子", Language::Ja, vec![Method::Email, Method::Sms], vec![rule], Vec::new()).unwrap()
        })
        .collect();
    let team = Team::new(TeamId::new("sre").unwrap(), "SRE", vec![somebody(1), somebody(2)]).unwrap();
    let notify = vec!["schedule/primary".parse().unwrap(), "team/sre".parse().unwrap()];
    let policy = EscalationPolicy::new(PolicyId::new("checkout").unwrap(), vec![PolicyStep::calling(notify, 300)], 2).unwrap();
    let spec = ServiceSpec {
        acknowledgement_timeout_seconds: Some(1800),
        runbook: Some("https://example.com/{{ labels.job }}".to_owned()),
        alarms: vec![AlarmPattern::new("checkout-*")],
        ..World::new().service
    };
    Configuration::of(ConfigurationParts {
        users,
        teams: vec![team],
        schedules: vec![schedule],
        policies: vec![policy],
        services: vec![Service::new(spec).unwrap()],
        fallback: vec!["user/user-2".parse().unwrap()],
        ..ConfigurationParts::default()
    })
    .unwrap()
}

// Histories.

const STEPS_MAX: usize = 50;

/// What was asked, and what came of it.
struct Told {
    before: Incident,
    input: Input,
    roster: Roster,
    now: Timestamp,
    verdict: Verdict,
}

struct History {
    opening: Transition,
    told: Vec<Told>,
}

impl History {
    fn transitions(&self) -> impl Iterator<Item = &Transition> {
        let applied = self.told.iter().filter_map(|told| match &told.verdict {
            Verdict::Apply(transition) => Some(&**transition),
            Verdict::Ignore(_) | Verdict::Reject(_) => None,
        });
        std::iter::once(&self.opening).chain(applied)
    }
}

#[derive(Debug, Clone)]
struct Story {
    /// The configuration changes now and then.
    rosters: Vec<Roster>,
    opening: Alert,
    scenes: Vec<Scene>,
}

#[derive(Debug, Clone)]
struct Scene {
    roster: usize,
    time: Time,
    asks: Asks,
    person: usize,
}

#[derive(Debug, Clone)]
enum Time {
    /// So many seconds later, or earlier.
    Passes(i64),
    /// So many seconds after the deadline, or before it.
    OfDeadline(i64),
}

/// A command, as far as it can be chosen without knowing the incident.
#[derive(Debug, Clone)]
enum Asks {
    Alert(Severity),
    EndMaintenance,
    ReviewRules,
    Clear,
    Acknowledge,
    Resolve,
    Reopen {
        is_newer_open: bool,
    },
    Escalate,
    Snooze(i64),
    Reassign(Vec<Target>),
    Note(usize),
    SnoozeFor(u32),
    ReassignToPolicy {
        is_known: bool,
    },
    Request {
        to: Vec<Target>,
        characters: usize,
    },
    Accept,
    Decline,
    Cancel {
        is_for_all: bool,
    },
    Urgency(Urgency),
    Priority(Option<Priority>),
    Raise(Priority),
    MergeInto {
        is_itself: bool,
    },
    Absorb {
        number: u8,
        severity: Severity,
        urgency: Urgency,
    },
    MergedAlert(Severity),
    MergedClear,
    Deadline {
        generations_back: u64,
    },
    Unreachable {
        episodes_back: u32,
    },
    Report {
        method: Method,
        episodes_back: u32,
        is_delivered: bool,
    },
    /// An input of before once more, under its id.
    Again(usize),
}

/// Plays the story, and checks every transition.
fn history(story: &Story) -> History {
    let opening = open(&story.opening, &story.rosters[0], start());
    invariants::hold(None, &opening, start());
    let mut incident = opening.incident.clone();
    let mut told: Vec<Told> = Vec::new();
    let mut now = start();
    for (number, scene) in story.scenes.iter().enumerate() {
        let roster = story.rosters[scene.roster % story.rosters.len()].clone();
        now = match (&scene.time, incident.deadline) {
            (Time::OfDeadline(seconds), Some(deadline)) => deadline.at + SignedDuration::from_secs(*seconds),
            (Time::Passes(seconds) | Time::OfDeadline(seconds), _) => now + SignedDuration::from_secs(*seconds),
        };
        let input = match &scene.asks {
            Asks::Again(back) if !told.is_empty() => told[told.len() - 1 - back % told.len()].input.clone(),
            _ => input(number, scene, &incident, now),
        };
        let verdict = step(&incident, &input, &roster, now);
        let before = incident.clone();
        if let Verdict::Apply(transition) = &verdict {
            invariants::hold(Some((&before, &input)), transition, now);
            incident = transition.incident.clone();
        }
        told.push(Told { before, input, roster, now, verdict });
    }
    History { opening, told }
}

fn input(number: usize, scene: &Scene, incident: &Incident, now: Timestamp) -> Input {
    let called = incident.wave.as_ref().map(|wave| wave.users.as_slice()).unwrap_or_default();
    // Mostly somebody who is called, at times somebody else.
    let whom = if called.is_empty() || scene.person == 0 { somebody(scene.person) } else { called[scene.person % called.len()].clone() };
    let command = match &scene.asks {
        Asks::Alert(severity) => Command::Alert(alert(u8::try_from(number).unwrap(), *severity)),
        Asks::Clear => Command::Clear(clear()),
        Asks::Acknowledge => Command::Acknowledge,
        Asks::Resolve => Command::Resolve,
        Asks::Reopen { is_newer_open } => {
            Command::Reopen { newer: is_newer_open.then(|| IncidentId::derived(now, AlertId::from_hash([9; 16]))) }
        }
        Asks::Escalate => Command::Escalate,
        Asks::ReviewRules => Command::ReviewRules,
        Asks::EndMaintenance => Command::EndMaintenance { window: MaintenanceId::new("move").unwrap() },
        Asks::Snooze(seconds) => Command::Snooze { until: now + SignedDuration::from_secs(*seconds) },
        Asks::Reassign(to) => Command::Reassign { to: to.clone() },
        Asks::Note(characters) => Command::Note { text: "鐘".repeat(*characters) },
        Asks::SnoozeFor(seconds) => Command::SnoozeFor { seconds: *seconds },
        Asks::ReassignToPolicy { is_known } => {
            Command::ReassignToPolicy { policy: PolicyId::new(if *is_known { "offered" } else { "unknown" }).unwrap() }
        }
        Asks::Request { to, characters } => Command::RequestResponders { to: to.clone(), message: "鐘".repeat(*characters) },
        Asks::Accept => Command::AcceptRequest,
        Asks::Decline => Command::DeclineRequest,
        Asks::Cancel { is_for_all } => Command::CancelRequests { of: if *is_for_all { Vec::new() } else { vec![whom] } },
        Asks::Urgency(urgency) => Command::ChangeUrgency { urgency: *urgency },
        Asks::Priority(priority) => Command::ChangePriority { priority: *priority },
        Asks::Raise(to) => Command::RaisePriority { to: *to },
        Asks::MergeInto { is_itself } => Command::MergeInto { target: if *is_itself { incident.id } else { another(1) } },
        Asks::Absorb { number: which, severity, urgency } => Command::Absorb {
            source: another(*which),
            title: "Cart is slow".to_owned(),
            keys: vec![Merged { incident: another(*which), pointer: format!("DEDUP#cloudwatch#{which}"), is_firing: true }],
            severity: *severity,
            urgency: *urgency,
            is_paging: which % 2 == 1,
        },
        Asks::MergedAlert(severity) => {
            let other = incident.merged.get(scene.person % incident.merged.len().max(1)).map_or(another(1), |merged| merged.incident);
            let dedup_key = DedupKey::new("cart-latency").unwrap();
            Command::MergedAlert { of: other, alert: Alert { dedup_key, ..alert(u8::try_from(number).unwrap(), *severity) } }
        }
        Asks::MergedClear => {
            let other = incident.merged.get(scene.person % incident.merged.len().max(1)).map_or(another(1), |merged| merged.incident);
            Command::MergedClear { of: other, clear: Clear { dedup_key: DedupKey::new("cart-latency").unwrap(), ..clear() } }
        }
        Asks::Deadline { generations_back } => {
            Command::DeadlinePassed { generation: incident.generation.saturating_sub(*generations_back) }
        }
        Asks::Unreachable { episodes_back } => {
            Command::TargetUnreachable { user: whom, holds: held_for(incident, *episodes_back, scene), reason: "no address".to_owned() }
        }
        Asks::Report { method, episodes_back, is_delivered } => Command::DeliveryReport {
            delivery: EffectId { incident: incident.id, version: incident.version, index: 1 },
            user: whom,
            method: *method,
            holds: held_for(incident, *episodes_back, scene),
            outcome: if *is_delivered { DeliveryOutcome::Delivered } else { DeliveryOutcome::Failed("number unknown".to_owned()) },
        },
        Asks::Again(_) => Command::Note { text: "nothing to repeat".to_owned() },
    };
    let actor = match &command {
        Command::Alert(_) | Command::Clear(_) | Command::MergedAlert { .. } | Command::MergedClear { .. } => source(),
        // Mostly somebody who was asked.
        Command::AcceptRequest | Command::DeclineRequest => {
            let asked = incident.requests.iter().flat_map(ResponderRequest::waiting).next().cloned();
            Actor::User(asked.filter(|_| scene.person != 0).unwrap_or_else(|| somebody(scene.person)))
        }
        Command::DeadlinePassed { .. }
        | Command::TargetUnreachable { .. }
        | Command::DeliveryReport { .. }
        | Command::ReviewRules
        | Command::EndMaintenance { .. } => Actor::Hansho,
        Command::Acknowledge
        | Command::Resolve
        | Command::Reopen { .. }
        | Command::Escalate
        | Command::Snooze { .. }
        | Command::SnoozeFor { .. }
        | Command::Reassign { .. }
        | Command::ReassignToPolicy { .. }
        | Command::RequestResponders { .. }
        | Command::CancelRequests { .. }
        | Command::ChangeUrgency { .. }
        | Command::ChangePriority { .. }
        | Command::RaisePriority { .. }
        | Command::MergeInto { .. }
        | Command::Absorb { .. }
        | Command::Note { .. } => Actor::User(somebody(scene.person)),
    };
    Input { id: InputId::derived(format!("input-{number}")), actor, command }
}

/// What the message was sent for: the calling itself, or a request that is open.
fn held_for(incident: &Incident, episodes_back: u32, scene: &Scene) -> Holds {
    match incident.requests.first() {
        Some(request) if scene.person % 2 == 1 => Holds::Requested { request: request.number.saturating_sub(episodes_back) },
        _ => Holds::Unacknowledged { episode: incident.episode.saturating_sub(episodes_back) },
    }
}

fn another(number: u8) -> IncidentId {
    IncidentId::derived(start(), AlertId::from_hash([100 + number; 16]))
}

fn story() -> impl Strategy<Value = Story> {
    let rosters = prop::collection::vec(roster(), 1..=3);
    (rosters, opening(), prop::collection::vec(scene(), 1..=STEPS_MAX)).prop_map(|(rosters, opening, scenes)| Story {
        rosters,
        opening,
        scenes,
    })
}

fn opening() -> impl Strategy<Value = Alert> {
    let held = prop::option::weighted(0.4, (-100..20_000_i64).prop_map(|seconds| start() + SignedDuration::from_secs(seconds)));
    (severity(), held).prop_map(|(severity, held)| Alert {
        held: held.map(|until| HeldBy { until, reason: "maintenance".to_owned() }),
        ..alert(200, severity)
    })
}

fn scene() -> impl Strategy<Value = Scene> {
    let time = prop_oneof![
        6 => (0..900_i64).prop_map(Time::Passes),
        1 => (-1200..0_i64).prop_map(Time::Passes),
        1 => (0..400_000_i64).prop_map(Time::Passes),
        6 => Just(Time::OfDeadline(0)),
        2 => (-3..3_i64).prop_map(Time::OfDeadline),
        2 => (0..100_000_i64).prop_map(Time::OfDeadline),
    ];
    (0..6_usize, time, asks(), 0..8_usize).prop_map(|(roster, time, asks, person)| Scene {
        roster: roster.saturating_sub(3),
        time,
        asks,
        person,
    })
}

fn asks() -> impl Strategy<Value = Asks> {
    let back = || prop_oneof![5 => Just(0_u32), 1 => 1..3_u32];
    prop_oneof![
        3 => severity().prop_map(Asks::Alert),
        2 => Just(Asks::EndMaintenance),
        2 => Just(Asks::ReviewRules),
        1 => Just(Asks::Clear),
        3 => Just(Asks::Acknowledge),
        1 => Just(Asks::Resolve),
        3 => any::<bool>().prop_map(|is_newer_open| Asks::Reopen { is_newer_open }),
        3 => Just(Asks::Escalate),
        2 => (-60..700_000_i64).prop_map(Asks::Snooze),
        2 => targets().prop_map(Asks::Reassign),
        1 => select(vec![0, 1, 40, 4000, 4001]).prop_map(Asks::Note),
        1 => (0..700_000_u32).prop_map(Asks::SnoozeFor),
        2 => prop::bool::weighted(0.8).prop_map(|is_known| Asks::ReassignToPolicy { is_known }),
        6 => (targets(), select(vec![0, 5, 200, 201])).prop_map(|(to, characters)| Asks::Request { to, characters }),
        4 => Just(Asks::Accept),
        4 => Just(Asks::Decline),
        1 => any::<bool>().prop_map(|is_for_all| Asks::Cancel { is_for_all }),
        3 => urgency().prop_map(Asks::Urgency),
        2 => priority().prop_map(Asks::Priority),
        2 => select(vec![Priority::Sev1, Priority::Sev2, Priority::Sev3]).prop_map(Asks::Raise),
        1 => prop::bool::weighted(0.5).prop_map(|is_itself| Asks::MergeInto { is_itself }),
        3 => (0..24_u8, severity(), urgency()).prop_map(|(number, severity, urgency)| Asks::Absorb { number, severity, urgency }),
        2 => severity().prop_map(Asks::MergedAlert),
        2 => Just(Asks::MergedClear),
        14 => prop_oneof![6 => Just(0_u64), 1 => 1..4_u64].prop_map(|generations_back| Asks::Deadline { generations_back }),
        6 => back().prop_map(|episodes_back| Asks::Unreachable { episodes_back }),
        8 => (select(Method::ALL.to_vec()), back(), prop::bool::weighted(0.1))
            .prop_map(|(method, episodes_back, is_delivered)| Asks::Report { method, episodes_back, is_delivered }),
        3 => (0..40_usize).prop_map(Asks::Again),
    ]
}

fn urgency() -> impl Strategy<Value = Urgency> {
    select(vec![Urgency::Low, Urgency::High])
}

fn priority() -> impl Strategy<Value = Option<Priority>> {
    select(vec![None, Some(Priority::Sev1), Some(Priority::Sev3)])
}

fn severity() -> impl Strategy<Value = Severity> {
    select(vec![Severity::Info, Severity::Warning, Severity::Error, Severity::Critical])
}

// Teams. There are never more than seven people, of whom a configuration knows some.

fn somebody(number: usize) -> UserId {
    UserId::new(format!("user-{}", number % 7)).unwrap()
}

fn people() -> impl Strategy<Value = Vec<UserId>> {
    prop::collection::btree_set((0..7_usize).prop_map(somebody), 0..4).prop_map(|people| people.into_iter().collect())
}

fn roster() -> impl Strategy<Value = Roster> {
    let schedules = prop::collection::vec(people(), 3);
    let teams = prop::collection::vec(people(), 2);
    let users = prop::collection::vec(prop::option::weighted(0.7, user_parts()), 7);
    let fallback = prop_oneof![Just(Vec::new()), targets()];
    let fallback = (fallback, policy("major"), policy("offered"), prop::collection::btree_map(0..4_u8, any::<u64>(), 0..4));
    (any::<u8>(), service(), policy("policy"), users, teams, schedules, fallback).prop_map(
        |(configuration, service, policy, users, teams, schedules, (fallback, major, offered, turns))| {
            let users = users.into_iter().enumerate().filter_map(|(number, parts)| Some(user(somebody(number), parts?)));
            let turns = turns.into_iter().map(|(step, turn)| (StepTurn { policy: policy.id().clone(), step }, turn)).collect();
            Roster {
                configuration: u64::from(configuration),
                service,
                policy,
                offered: Some(PolicyVersion { id: offered.id().clone(), configuration: u64::from(configuration) }),
                turns,
                policies: [major, offered].into_iter().map(|policy| (policy.id().clone(), policy)).collect(),
                users: users.map(|user| (user.id().clone(), user)).collect(),
                teams: (0..).zip(teams).map(|(number, members)| (TeamId::new(format!("team-{number}")).unwrap(), members)).collect(),
                on_call: (0..)
                    .zip(schedules)
                    .map(|(number, people)| (ScheduleId::new(format!("schedule-{number}")).unwrap(), people))
                    .collect(),
                fallback,
                hours: hours(),
                maintenance: if configuration % 3 == 0 { vec![moving()] } else { Vec::new() },
            }
        },
    )
}

/// A window in which everything but what is critical is held for two days.
fn moving() -> MaintenanceWindow {
    let only = MaintenanceFilter { severities: vec![Severity::Info, Severity::Warning, Severity::Error], ..MaintenanceFilter::default() };
    let time = MaintenanceTime::Once { from: start(), until: start() + SignedDuration::from_hours(48) };
    let id = MaintenanceId::new("move").unwrap();
    MaintenanceWindow::new(MaintenanceSpec { id, reason: String::new(), services: Vec::new(), only, time }).unwrap()
}

/// Hours that begin and end often, so that histories of hours reach their edges.
fn hours() -> BTreeMap<HoursId, SupportHours> {
    let hour = |hour| civil::Time::constant(hour, 0, 0, 0);
    let windows =
        [(9, 12), (13, 18), (22, 2)].map(|(from, to)| Restriction::TimeOfDay { from: hour(from), to: hour(to), days: Weekdays::ALL });
    let hours = SupportHours::new(HoursId::new("office").unwrap(), "Asia/Tokyo", windows.to_vec(), vec![Calendar::japan()]).unwrap();
    BTreeMap::from([(hours.id().clone(), hours)])
}

type Rules = Vec<(u32, usize)>;

fn user_parts() -> impl Strategy<Value = (Vec<Method>, Rules, Rules)> {
    let delay = || prop_oneof![3 => Just(0), 2 => (1..40_u32).prop_map(|minutes| minutes * 30), 1 => 0..86_400_u32];
    let rules = move || prop::collection::vec((delay(), 0..3_usize), 0..4);
    (prop::sample::subsequence(Method::ALL.to_vec(), 1..=3), rules(), rules())
}

fn user(id: UserId, (methods, high, low): (Vec<Method>, Rules, Rules)) -> User {
    let rules = |rules: Rules| {
        rules.into_iter().map(|(after_seconds, n)| NotificationRule { after_seconds, by: methods[n % methods.len()] }).collect()
    };
    let (high, low) = (rules(high), rules(low));
    User::new(id, "Somebody", Language::Ja, methods, high, low).unwrap()
}

fn target() -> impl Strategy<Value = Target> {
    // One more of each than there are.
    prop_oneof![
        (0..7_usize).prop_map(|number| Target::User(somebody(number))),
        (0..4_u8).prop_map(|number| Target::Schedule(ScheduleId::new(format!("schedule-{number}")).unwrap())),
        (0..3_u8).prop_map(|number| Target::Team(TeamId::new(format!("team-{number}")).unwrap())),
        (0..2_u8).prop_map(|number| format!("channel/room-{number}").parse().unwrap()),
    ]
}

fn targets() -> impl Strategy<Value = Vec<Target>> {
    prop::collection::vec(target(), 1..=3)
}

/// Two policies hand over to a third, which hands over to one of them: a circle that no configuration has, and that ends all
/// the same.
fn policy(name: &'static str) -> impl Strategy<Value = EscalationPolicy> {
    let to = PolicyId::new(if name == "major" { "offered" } else { "major" }).unwrap();
    let calls = || {
        (targets(), select(vec![60, 300, 900, 86_400]), prop::bool::weighted(0.3))
            .prop_map(|(notify, wait_seconds, round_robin)| PolicyStep { round_robin, ..PolicyStep::calling(notify, wait_seconds) })
    };
    let when = || {
        (prop::bool::weighted(0.5), urgency()).prop_map(|(by_priority, urgency)| match by_priority {
            true => Condition { priorities: vec![Priority::Sev1], urgency: None, hours: None },
            false => Condition { priorities: Vec::new(), urgency: Some(urgency), hours: None },
        })
    };
    let hands_over = when().prop_map(move |when| PolicyStep { when, ..PolicyStep::handing_over(to.clone()) });
    let conditional = (calls(), when()).prop_map(|(step, when)| PolicyStep { when, ..step });
    let step = prop_oneof![5 => calls(), 2 => conditional, 1 => hands_over];
    (prop::collection::vec(step, 1..=4), 0..=2_u8)
        .prop_map(move |(steps, repeat)| EscalationPolicy::new(PolicyId::new(name).unwrap(), steps, repeat).unwrap())
}

fn service() -> impl Strategy<Value = Service> {
    let level = || select(vec![UrgencyLevel::High, UrgencyLevel::Low, UrgencyLevel::BySeverity]);
    let by_hours = (level(), level()).prop_map(|(during, otherwise)| {
        let hours = HoursId::new("office").unwrap();
        UrgencyRule::ByHours { hours, during, otherwise }
    });
    let urgency = prop_oneof![2 => Just(UrgencyRule::High), 1 => Just(UrgencyRule::Low), 3 => Just(UrgencyRule::BySeverity), 3 => by_hours];
    let timeout = |weight| prop::option::weighted(weight, select(vec![60, 600, 1800, 14_400, 604_800]));
    (urgency, timeout(0.5), timeout(0.3), timeout(0.5)).prop_map(|(urgency, acknowledgement, auto_resolve, repage)| {
        let spec = World::new().service;
        let spec = ServiceSpec {
            urgency,
            acknowledgement_timeout_seconds: acknowledgement,
            auto_resolve_seconds: auto_resolve,
            repage_seconds: repage,
            ..spec
        };
        Service::new(spec).unwrap()
    })
}
