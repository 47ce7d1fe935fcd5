//! The roster: who can be called at a moment, handed to `step` so that it need ask nobody.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    alert::{Severity, Urgency},
    bundle::Bundle,
    hours::SupportHours,
    id::{HoursId, ScheduleId, TeamId, UserId},
    maintenance::MaintenanceWindow,
    policy::{EscalationPolicy, Target},
    schedule::Override,
    service::Service,
    user::User,
};

/// Who can be called now, by which policy, for which service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// The version of the configuration it was made from.
    pub configuration: u64,
    /// The service, as configured now.
    pub service: Service,
    /// The policy in force: for an open incident, the one at its trigger.
    pub policy: EscalationPolicy,
    /// Everybody who may be called.
    pub users: BTreeMap<UserId, User>,
    /// Who is in each team.
    pub teams: BTreeMap<TeamId, Vec<UserId>>,
    /// Who is on call in each schedule at the moment.
    pub on_call: BTreeMap<ScheduleId, Vec<UserId>>,
    /// Whom to call when the policy reaches nobody. Empty: everybody.
    pub fallback: Vec<Target>,
    /// The support hours that the service and the policy go by.
    pub hours: BTreeMap<HoursId, SupportHours>,
    /// The maintenance windows that are about the service, planned ones and those that people opened.
    pub maintenance: Vec<MaintenanceWindow>,
}

impl Roster {
    /// The roster of `bundle` at `now`, with the overrides of its schedules.
    pub fn at(bundle: &Bundle, overrides: &[Override], now: Timestamp) -> Self {
        let on_call = bundle.schedules.iter().map(|schedule| (schedule.id().clone(), schedule.on_call_at(overrides, now))).collect();
        Self {
            configuration: bundle.version,
            service: bundle.service.clone(),
            policy: bundle.policy.clone(),
            users: bundle.users.iter().map(|user| (user.id().clone(), user.clone())).collect(),
            teams: bundle.teams.iter().map(|team| (team.id().clone(), team.members().to_vec())).collect(),
            on_call,
            fallback: bundle.fallback.clone(),
            hours: bundle.hours.iter().map(|hours| (hours.id().clone(), hours.clone())).collect(),
            maintenance: bundle.maintenance.clone(),
        }
    }

    /// The urgency of an alert of this severity for the service at `at`.
    pub fn urgency(&self, severity: Severity, at: Timestamp) -> Urgency {
        self.service.spec().urgency.urgency(severity, &self.hours, at)
    }

    /// The people behind `targets`, each once and in order, with the target that led to them first.
    /// People whom the configuration does not know (any more) are left out.
    pub fn resolve(&self, targets: &[Target]) -> Vec<(UserId, String)> {
        let mut people: Vec<(UserId, String)> = Vec::new();
        for target in targets {
            for user in self.members(target) {
                if self.users.contains_key(user) && people.iter().all(|(known, _)| known != user) {
                    people.push((user.clone(), target.to_string()));
                }
            }
        }
        people
    }

    /// The people of last resort: the configured fallback, or everybody when it reaches nobody.
    pub fn last_resort(&self) -> Vec<UserId> {
        let people: Vec<UserId> = self.resolve(&self.fallback).into_iter().map(|(user, _)| user).collect();
        if people.is_empty() { self.users.keys().take(crate::TEAM_MEMBERS_MAX).cloned().collect() } else { people }
    }

    fn members<'a>(&'a self, target: &'a Target) -> &'a [UserId] {
        match target {
            Target::User(user) => std::slice::from_ref(user),
            Target::Schedule(schedule) => self.on_call.get(schedule).map_or(&[], Vec::as_slice),
            Target::Team(team) => self.teams.get(team).map_or(&[], Vec::as_slice),
        }
    }
}
