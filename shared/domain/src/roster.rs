//! The roster: who can be called at a moment, handed to `step` so that it need ask nobody.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    alert::{Severity, Urgency},
    bundle::Bundle,
    hours::SupportHours,
    id::{HoursId, PolicyId, ScheduleId, TeamId, UserId},
    incident::{Incident, PolicyVersion},
    maintenance::MaintenanceWindow,
    policy::EscalationPolicy,
    schedule::Override,
    service::Service,
    target::{Destination, Target},
    user::User,
};

/// A step whose people take turns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StepTurn {
    /// The policy.
    pub policy: PolicyId,
    /// The step, from 0.
    pub step: u8,
}

/// Who can be called now, by which policy, for which service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// The version of the configuration it was made from.
    pub configuration: u64,
    /// The service, as configured now.
    pub service: Service,
    /// The policy in force: for an open incident, the one at its trigger.
    pub policy: EscalationPolicy,
    /// The policies that it may hand over to, and those that somebody wants to give the incident to.
    pub policies: BTreeMap<PolicyId, EscalationPolicy>,
    /// The policy that somebody wants to give the incident to, as it is in force now; it is among the others.
    pub offered: Option<PolicyVersion>,
    /// How many turns were taken before, for the steps of which that is known.
    pub turns: BTreeMap<StepTurn, u64>,
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
            policies: bundle.policies.iter().map(|policy| (policy.id().clone(), policy.clone())).collect(),
            offered: None,
            turns: BTreeMap::new(),
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

    /// The policy that `incident` stands in: the one in force, or the one that it was handed over to. One that the
    /// configuration does not know (any more) is replaced by the one in force, so that somebody is called.
    pub fn policy_of(&self, incident: &Incident) -> &EscalationPolicy {
        let name = incident.handed_over_to.as_ref().unwrap_or(&incident.policy.id);
        if name == self.policy.id() { &self.policy } else { self.policies.get(name).unwrap_or(&self.policy) }
    }

    /// Whether the policy of that name is known here.
    pub fn knows_policy(&self, name: &PolicyId) -> bool {
        name == self.policy.id() || self.policies.contains_key(name)
    }

    /// Whose turn it can be: each person of `targets` once and in order, the people on call of a schedule together. Whoever
    /// can not be called has no turn.
    pub fn turns_among(&self, targets: &[Target]) -> Vec<Vec<(UserId, String)>> {
        let mut turns: Vec<Vec<(UserId, String)>> = Vec::new();
        for target in targets {
            let found = self.resolve(std::slice::from_ref(target));
            let found = found.into_iter().filter(|(user, _)| turns.iter().flatten().all(|(known, _)| known != user));
            let (one, each): (Vec<_>, Vec<_>) = found.partition(|_| matches!(target, Target::Schedule(_)));
            turns.extend([one].into_iter().filter(|people| !people.is_empty()));
            turns.extend(each.into_iter().map(|person| vec![person]));
        }
        turns
    }

    /// The machines and channels among `targets`, each once and in order.
    pub fn destinations(targets: &[Target]) -> Vec<Destination> {
        let mut found: Vec<Destination> = Vec::new();
        for target in targets {
            if let Target::Destination(destination) = target
                && !found.contains(destination)
            {
                found.push(destination.clone());
            }
        }
        found
    }

    /// The people of last resort: the configured fallback, or everybody when it reaches nobody.
    pub fn last_resort(&self) -> Vec<UserId> {
        let people: Vec<UserId> = self.resolve(&self.fallback).into_iter().map(|(user, _)| user).collect();
        if people.is_empty() { self.users.keys().take(crate::TEAM_MEMBERS_MAX).cloned().collect() } else { people }
    }

    /// People on call, and those of `people`, of whom the roster knows nothing: an override or whoever gave the incident away may name
    /// somebody whom the service's policies do not.
    pub fn strangers(&self, people: &[UserId]) -> Vec<UserId> {
        self.unknown(self.on_call.values().flatten().chain(people))
    }

    /// People behind its schedules and teams of whom the roster knows nothing.
    pub fn strangers_behind_targets(&self) -> Vec<UserId> {
        self.unknown(self.on_call.values().chain(self.teams.values()).flatten())
    }

    /// Who covers at `now` for somebody on call or one of `people`, and is not known here.
    pub fn covers_missing(&self, people: &[UserId], now: Timestamp) -> Vec<UserId> {
        let called = self.on_call.values().flatten().chain(people);
        self.unknown(called.filter_map(|user| self.users.get(user)?.quiet().cover_at(now)))
    }

    fn unknown<'a>(&self, people: impl Iterator<Item = &'a UserId>) -> Vec<UserId> {
        people.filter(|user| !self.users.contains_key(*user)).cloned().collect()
    }

    fn members<'a>(&'a self, target: &'a Target) -> &'a [UserId] {
        match target {
            Target::User(user) => std::slice::from_ref(user),
            Target::Schedule(schedule) => self.on_call.get(schedule).map_or(&[], Vec::as_slice),
            Target::Team(team) => self.teams.get(team).map_or(&[], Vec::as_slice),
            Target::Destination(_) => &[],
        }
    }
}
