//! What is there and nothing uses: mostly a forgotten step, sometimes a leftover.

use std::collections::BTreeSet;

use hansho_domain::{Destination, ServiceId, Target, Team};

use super::{Ground, calls::Calls};
use crate::{names::Section, warning::WarningKind};

pub(super) fn check(ground: &Ground<'_>, calls: &Calls<'_>) {
    let configuration = ground.configuration;
    let in_schedules = configuration.schedules().iter().flat_map(|s| s.rotations()).flat_map(|r| r.members()).flat_map(|m| &m.users);
    let in_teams = configuration.teams().iter().flat_map(|team| team.members());
    let named: BTreeSet<_> = in_schedules.chain(in_teams).chain(calls.people.keys().copied()).collect();
    for user in configuration.users().iter().filter(|user| !named.contains(user.id())) {
        let message = "is in no schedule, team or policy, so nothing ever calls them; add them to one, or remove them";
        ground.warn(WarningKind::UserUnused, Section::Users, user.id().as_str(), "", message);
    }
    // A team with a policy of its own is there for alerts that name it as their owner; so is one whose service is written or named.
    let named = |id: &ServiceId| {
        let windows = configuration.maintenance().iter().flat_map(|window| &window.spec().services);
        configuration.services().iter().map(|service| service.id()).chain(windows).any(|other| other == id)
    };
    let is_owner = |team: &Team| team.escalation_policy().is_some() || ServiceId::of_team(team.id()).is_ok_and(|id| named(&id));
    for team in configuration.teams().iter().filter(|team| !calls.teams.contains(team.id()) && !is_owner(team)) {
        let message = format!(
            "is no target of a policy, so only an alert with the label `owner: {}` pages it; name it in a step, give it an `escalation_policy` if that is meant, or remove it",
            team.id()
        );
        ground.warn(WarningKind::TeamUnused, Section::Teams, team.id().as_str(), "", message);
    }
    for schedule in configuration.schedules().iter().filter(|schedule| !calls.schedules.contains(schedule.id())) {
        let message = "is no target of a policy, so whoever is on call there is never paged; name it in a step, or remove it";
        ground.warn(WarningKind::ScheduleUnused, Section::Schedules, schedule.id().as_str(), "", message);
    }
    let handed_over = configuration.policies().iter().flat_map(|policy| policy.hand_overs()).map(|(_, policy)| policy);
    let of_teams = configuration.teams().iter().filter_map(|team| team.escalation_policy());
    let of_services = configuration.services().iter().map(|service| &service.spec().escalation_policy);
    let used: BTreeSet<_> = of_services.chain(of_teams).chain(handed_over).collect();
    for policy in configuration.policies().iter().filter(|policy| !used.contains(policy.id())) {
        let message =
            "is the policy of no service, so it pages nobody unless somebody gives an incident to it; name it in a service, or remove it";
        ground.warn(WarningKind::PolicyUnused, Section::EscalationPolicies, policy.id().as_str(), "", message);
    }
    let steps = configuration.policies().iter().flat_map(|policy| policy.steps()).flat_map(|step| &step.notify);
    let told: BTreeSet<&Destination> = steps
        .chain(configuration.fallback())
        .filter_map(|target| match target {
            Target::Destination(destination) => Some(destination),
            Target::User(_) | Target::Schedule(_) | Target::Team(_) => None,
        })
        .collect();
    for destination in configuration.destinations().iter().filter(|destination| !told.contains(destination)) {
        let message = format!("is told by no step of a policy; name it in one as {destination}, or remove it");
        ground.warn(WarningKind::DestinationUnused, Section::Destinations, destination.id().as_str(), "", message);
    }
}
