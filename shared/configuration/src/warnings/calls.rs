//! Who is called by which policies, and for how long each is waited for.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::{Configuration, EscalationPolicy, PolicyId, Schedule, ScheduleId, Target, Team, TeamId, User, UserId};
use jiff::{civil::DateTime, tz::TimeZone};

use super::Ground;
use crate::names::Section;

/// Whom policies and the fallback call.
pub(super) struct Calls<'a> {
    /// Everybody who may be called now or later.
    pub(super) people: BTreeMap<&'a UserId, Called<'a>>,
    /// The teams that are targets.
    pub(super) teams: BTreeSet<&'a TeamId>,
    /// The schedules that are targets.
    pub(super) schedules: BTreeSet<&'a ScheduleId>,
}

/// How somebody is called.
pub(super) struct Called<'a> {
    /// The first place that calls them.
    pub(super) by: By<'a>,
    /// The longest time for which one of their rules has its chance, in seconds.
    pub(super) window_seconds: u32,
    /// Whether they are the ones whom a policy tells of what is not urgent, which does not go on to others.
    pub(super) is_told_quietly: bool,
}

/// What calls somebody.
#[derive(Clone, Copy)]
pub(super) enum By<'a> {
    /// A step, counted from 1, of a policy.
    Step(&'a PolicyId, usize),
    /// `fallback:`.
    Fallback,
    /// An alert that names the team as its owner.
    Owner(&'a TeamId),
    /// The quiet time of somebody else.
    Cover(&'a UserId),
}

/// The parts of a configuration by their names.
struct Index<'a> {
    schedules: BTreeMap<&'a ScheduleId, Vec<&'a UserId>>,
    teams: BTreeMap<&'a TeamId, &'a Team>,
    /// The policies that incidents of low urgency come to.
    quiet: BTreeSet<&'a PolicyId>,
}

impl<'a> Calls<'a> {
    pub(super) fn of(ground: &Ground<'a>) -> Self {
        let configuration = ground.configuration;
        let index = Index {
            schedules: configuration.schedules().iter().map(|s| (s.id(), members_from(s, ground.at))).collect(),
            teams: configuration.teams().iter().map(|t| (t.id(), t)).collect(),
            quiet: quiet_policies(configuration),
        };
        let mut repages: BTreeMap<&PolicyId, u32> = BTreeMap::new();
        for service in configuration.services() {
            let longest = repages.entry(&service.spec().escalation_policy).or_default();
            *longest = service.repage_seconds().max(*longest);
        }
        let mut calls = Self { people: BTreeMap::new(), teams: BTreeSet::new(), schedules: BTreeSet::new() };
        let given = configuration.policies().iter().filter(|p| ground.is_given(Section::EscalationPolicies, p.id().as_str()));
        let mut longest = 0;
        for policy in given {
            // A policy of no service goes on with the incidents of any.
            let repage = repages.get(policy.id()).or(repages.values().max()).copied().unwrap_or_default();
            longest = longest.max(calls.add_policy(policy, repage, &index));
        }
        for target in configuration.fallback() {
            let _people = calls.add(target, By::Fallback, longest, &index);
        }
        for (policy, service) in configuration.services_of_teams() {
            // A policy that is given has been looked at with the others.
            for (step, target) in policy.steps().iter().flat_map(|step| step.notify.iter().map(move |target| (step, target))) {
                if let (Target::Team(team), false) = (target, ground.is_given(Section::EscalationPolicies, policy.id().as_str())) {
                    calls.add_owner(team, step.wait_seconds.saturating_add(service.repage_seconds()), &index);
                }
            }
        }
        calls.add_covers(configuration.users());
        calls
    }

    /// The rules of the last step's people go on until they are paged again, so its window is longer. Returns that.
    fn add_policy(&mut self, policy: &'a EscalationPolicy, repage_seconds: u32, index: &Index<'a>) -> u32 {
        let last = policy.steps().len();
        let mut window = 0;
        let mut is_told_quietly = index.quiet.contains(policy.id());
        for (number, step) in (1..).zip(policy.steps()) {
            window = if number == last { step.wait_seconds.saturating_add(repage_seconds) } else { step.wait_seconds };
            for target in &step.notify {
                for user in self.add(target, By::Step(policy.id(), number), window, index) {
                    self.people.entry(user).and_modify(|called| called.is_told_quietly |= is_told_quietly);
                }
            }
            is_told_quietly &= !(step.when.is_always_met() && step.notify.iter().any(|target| !matches!(target, Target::Destination(_))));
        }
        window
    }

    /// The members of a team that an alert names as its owner. The team is not thereby the target of a policy.
    fn add_owner(&mut self, team: &'a TeamId, window_seconds: u32, index: &Index<'a>) {
        for user in index.teams.get(team).into_iter().flat_map(|team| team.members()) {
            let called = self.people.entry(user).or_insert(Called::new(By::Owner(team), window_seconds));
            called.window_seconds = called.window_seconds.max(window_seconds);
        }
    }

    /// A cover is called in place of somebody who is called, and waited for as long. Nobody covers for a cover.
    fn add_covers(&mut self, users: &'a [User]) {
        let called: Vec<(&User, u32)> = users.iter().filter_map(|user| Some((user, self.people.get(user.id())?.window_seconds))).collect();
        for (user, window_seconds) in called {
            for cover in user.quiet().covers() {
                let called = self.people.entry(cover).or_insert(Called::new(By::Cover(user.id()), window_seconds));
                called.window_seconds = called.window_seconds.max(window_seconds);
            }
        }
    }

    /// Everybody behind a target, who is called now or later.
    fn add(&mut self, target: &'a Target, by: By<'a>, window_seconds: u32, index: &Index<'a>) -> Vec<&'a UserId> {
        let users: Vec<&UserId> = match target {
            Target::User(user) => vec![user],
            Target::Schedule(schedule) => {
                self.schedules.insert(schedule);
                index.schedules.get(schedule).cloned().unwrap_or_default()
            }
            Target::Team(team) => {
                self.teams.insert(team);
                index.teams.get(team).into_iter().flat_map(|team| team.members()).collect()
            }
            // It is told, and nobody is called by it.
            Target::Destination(_) => Vec::new(),
        };
        for user in &users {
            let called = self.people.entry(user).or_insert(Called::new(by, window_seconds));
            // The fallback is called when a policy reaches nobody, which is no time to count on for whoever a policy calls.
            if !matches!(by, By::Fallback) {
                called.window_seconds = called.window_seconds.max(window_seconds);
            }
        }
        users
    }
}

impl<'a> Called<'a> {
    fn new(by: By<'a>, window_seconds: u32) -> Self {
        Self { by, window_seconds, is_told_quietly: false }
    }
}

/// The policies of services whose incidents can be of low urgency, and those that these hand over to.
fn quiet_policies(configuration: &Configuration) -> BTreeSet<&PolicyId> {
    let services = configuration.services().iter().chain(configuration.services_of_teams().iter().map(|(_, service)| service));
    let mut quiet: BTreeSet<&PolicyId> =
        services.map(|service| service.spec()).filter(|spec| spec.urgency.can_be_low()).map(|spec| &spec.escalation_policy).collect();
    let mut ahead: Vec<&PolicyId> = quiet.iter().copied().collect();
    while let Some(next) = ahead.pop() {
        let steps = configuration.policies().iter().filter(|policy| policy.id() == next).flat_map(EscalationPolicy::steps);
        ahead.extend(steps.filter_map(|step| step.hand_over.as_ref()).filter(|policy| quiet.insert(policy)));
    }
    quiet
}

/// The members of a schedule who have a turn at `at` or later.
fn members_from(schedule: &Schedule, at: jiff::Timestamp) -> Vec<&UserId> {
    let now = clock(schedule).to_datetime(at);
    let is_over = |end: Option<DateTime>| end.is_some_and(|end| end <= now);
    let rotations = schedule.rotations().iter().filter(|rotation| !is_over(rotation.spec().end));
    rotations.flat_map(|rotation| rotation.members()).filter(|member| !is_over(member.leaves)).flat_map(|member| &member.users).collect()
}

/// The time zone of a schedule.
pub(super) fn clock(schedule: &Schedule) -> TimeZone {
    // The schedule has been made with this name.
    jiff::tz::TimeZoneDatabase::bundled().get(schedule.time_zone()).unwrap_or(TimeZone::UTC)
}
