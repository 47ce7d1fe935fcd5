//! Who is called by which policies, and for how long each is waited for.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::{EscalationPolicy, PolicyId, Schedule, ScheduleId, Target, Team, TeamId, User, UserId};
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
}

impl<'a> Calls<'a> {
    pub(super) fn of(ground: &Ground<'a>) -> Self {
        let configuration = ground.configuration;
        let index = Index {
            schedules: configuration.schedules().iter().map(|s| (s.id(), members_from(s, ground.at))).collect(),
            teams: configuration.teams().iter().map(|t| (t.id(), t)).collect(),
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
            calls.add(target, By::Fallback, longest, &index);
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
        for (number, step) in (1..).zip(policy.steps()) {
            window = if number == last { step.wait_seconds.saturating_add(repage_seconds) } else { step.wait_seconds };
            for target in &step.notify {
                self.add(target, By::Step(policy.id(), number), window, index);
            }
        }
        window
    }

    /// The members of a team that an alert names as its owner. The team is not thereby the target of a policy.
    fn add_owner(&mut self, team: &'a TeamId, window_seconds: u32, index: &Index<'a>) {
        for user in index.teams.get(team).into_iter().flat_map(|team| team.members()) {
            let called = self.people.entry(user).or_insert(Called { by: By::Owner(team), window_seconds });
            called.window_seconds = called.window_seconds.max(window_seconds);
        }
    }

    /// A cover is called in place of somebody who is called, and waited for as long. Nobody covers for a cover.
    fn add_covers(&mut self, users: &'a [User]) {
        let called: Vec<(&User, u32)> = users.iter().filter_map(|user| Some((user, self.people.get(user.id())?.window_seconds))).collect();
        for (user, window_seconds) in called {
            for cover in user.quiet().covers() {
                let called = self.people.entry(cover).or_insert(Called { by: By::Cover(user.id()), window_seconds });
                called.window_seconds = called.window_seconds.max(window_seconds);
            }
        }
    }

    fn add(&mut self, target: &'a Target, by: By<'a>, window_seconds: u32, index: &Index<'a>) {
        let mut call = |user: &'a UserId| {
            let called = self.people.entry(user).or_insert(Called { by, window_seconds });
            // The fallback is called when a policy reaches nobody, which is no time to count on for whoever a policy calls.
            if !matches!(by, By::Fallback) {
                called.window_seconds = called.window_seconds.max(window_seconds);
            }
        };
        match target {
            Target::User(user) => call(user),
            Target::Schedule(schedule) => {
                index.schedules.get(schedule).into_iter().flatten().for_each(|user| call(user));
                self.schedules.insert(schedule);
            }
            Target::Team(team) => {
                index.teams.get(team).into_iter().flat_map(|team| team.members()).for_each(call);
                self.teams.insert(team);
            }
            // It is told, and nobody is called by it.
            Target::Destination(_) => {}
        }
    }
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
