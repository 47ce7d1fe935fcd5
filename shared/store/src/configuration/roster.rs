//! Who can be called now: a service's bundle with the overrides of its schedules, the people they name, and live maintenance windows.

use std::{collections::BTreeMap, sync::Arc};

use hansho_domain::{
    Bundle, Command, Configuration, EscalationPolicy, Incident, Input, PolicyVersion, Roster, ServiceId, Target, User, UserId,
    maintenance_in_force,
};
use jiff::Timestamp;

use super::{Current, readable};
use crate::{Store, canary::is_canary, error::StoreError, test_page::is_test_page};

impl Store {
    /// Who can be called for a new incident of `service`. Nobody's turn is taken.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the configuration has neither the service nor a catch-all.
    pub async fn roster(&self, service: &ServiceId, now: Timestamp) -> Result<Roster, StoreError> {
        let current = self.current().await?;
        let bundle = self.bundle_or_catch_all(service, current.version).await?;
        self.roster_from(&bundle, current, &[], now).await
    }

    /// Who can be called for an open incident: its service and people as configured now, its policy as at its trigger.
    pub(crate) async fn roster_of(&self, incident: &Incident, input: &Input, now: Timestamp) -> Result<Roster, StoreError> {
        let current = self.current().await?;
        if is_test_page(&incident.service) {
            return self.roster_of_test_page(incident, current.version, now).await;
        }
        let bundle = self.bundle_or_catch_all(&incident.service, current.version).await?;
        let mut people = people_of(incident);
        let mut targets: &[Target] = &[];
        if let Command::Reassign { to } | Command::RequestResponders { to, .. } = &input.command {
            targets = to;
        }
        people.extend(targets.iter().filter_map(|target| if let Target::User(user) = target { Some(user.clone()) } else { None }));
        let mut roster = self.roster_from(&bundle, current, &people, now).await?;
        self.go_by_policy_of(incident, &bundle, &mut roster, current, now).await?;
        self.add_targets(&mut roster, targets, current, now).await?;
        if let Command::ReassignToPolicy { policy } = &input.command {
            let offered = PolicyVersion { id: policy.clone(), configuration: current.version };
            let now_in_force = self.bundle_of_policy(incident, &bundle, &offered).await?;
            if let Some(now_in_force) = now_in_force.filter(|found| found.policy.id() == policy) {
                let policy = self.add_people_of(&mut roster, &now_in_force, current, now).await?;
                roster.policies.insert(policy.id().clone(), policy);
                roster.offered = Some(offered);
            }
        }
        Ok(roster)
    }

    /// Who could be called for an open incident at once if `configuration` were in force: its people and services, the overrides as
    /// they are, and the policy as at the incident's trigger. Nobody's turn is taken.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the configuration has neither the service nor a catch-all.
    pub async fn roster_under(&self, incident: &Incident, configuration: &Configuration) -> Result<Roster, StoreError> {
        let (current, now) = (self.current().await?, self.clock.now());
        // Newer than any that is stored, so that the policy at its trigger is another one's.
        let version = current.version.saturating_add(1);
        let bundle = configuration
            .bundle_of(&incident.service, version)
            .or_else(|| configuration.bundle_of(&ServiceId::catch_all(), version))
            .ok_or_else(|| StoreError::Unconfigured { service: incident.service.to_string() })?;
        let mut roster = self.roster_from(&bundle, current, &people_of(incident), now).await?;
        self.go_by_policy_of(incident, &bundle, &mut roster, current, now).await?;
        // Everybody as the configuration has them; whoever is read of what is in force still may have left.
        let known: BTreeMap<&UserId, &User> = configuration.users().iter().map(|user| (user.id(), user)).collect();
        let named = |ids: Vec<UserId>| ids.into_iter().filter_map(|id| known.get(&id).map(|user| (id, (*user).clone()))).collect();
        roster.users = named(roster.users.keys().cloned().collect());
        let covers: BTreeMap<UserId, User> = named(roster.users.values().flat_map(|user| user.quiet().covers()).cloned().collect());
        roster.users.extend(covers);
        self.look_at_turns(&mut roster).await?;
        Ok(roster)
    }

    /// Puts the policy that the incident goes by in place of today's, with whoever it names.
    async fn go_by_policy_of(
        &self,
        incident: &Incident,
        today: &Bundle,
        roster: &mut Roster,
        current: Current,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let in_force = &incident.policy;
        if (roster.policy.id(), today.version) != (&in_force.id, in_force.configuration)
            && let Some(then) = self.bundle_of_policy(incident, today, in_force).await?
        {
            roster.policy = self.add_people_of(roster, &then, current, now).await?;
        }
        Ok(())
    }

    /// Whoever is behind `targets` that no policy of the service names: other teams' schedules are asked for help as well.
    async fn add_targets(&self, roster: &mut Roster, targets: &[Target], current: Current, now: Timestamp) -> Result<(), StoreError> {
        for target in targets {
            match target {
                Target::Schedule(id) if !roster.on_call.contains_key(id) => {
                    let directory = readable(self.directory().await.map(Some))?.unwrap_or_default();
                    let Some(listed) = directory.schedules.iter().find(|listed| listed.id == *id) else { continue };
                    let Some(schedule) = readable(self.definition(listed).await)? else { continue };
                    let on_call = schedule.on_call_at(&self.overrides(id, current, now).await?, now);
                    roster.on_call.insert(id.clone(), on_call);
                }
                Target::Team(id) if !roster.teams.contains_key(id) => {
                    let directory = readable(self.directory().await.map(Some))?.unwrap_or_default();
                    let Some(team) = directory.teams.iter().find(|team| team.id == *id) else { continue };
                    roster.teams.insert(id.clone(), team.members.clone());
                }
                Target::User(_) | Target::Schedule(_) | Target::Team(_) | Target::Destination(_) => continue,
            }
            let strangers = roster.strangers_behind_targets();
            self.add_strangers(roster, strangers).await?;
        }
        Ok(())
    }

    /// Nobody is called by a profile that can not be read; the others still are.
    async fn add_strangers(&self, roster: &mut Roster, strangers: Vec<UserId>) -> Result<(), StoreError> {
        for user in strangers {
            if let Some(profile) = readable(self.profile(&user).await)? {
                roster.users.insert(user, profile.user);
            }
        }
        Ok(())
    }

    /// What is needed to go by a policy in a version of it: the service's bundle of that version, or the policy's own where
    /// somebody has given the incident to another.
    async fn bundle_of_policy(
        &self,
        incident: &Incident,
        today: &Bundle,
        policy: &PolicyVersion,
    ) -> Result<Option<Arc<Bundle>>, StoreError> {
        let of_service = readable(self.bundle_at(&incident.service, policy.configuration).await)?;
        if of_service.as_ref().is_some_and(|bundle| *bundle.policy.id() == policy.id) {
            return Ok(of_service);
        }
        // The service's policy of that time in place of one that can not be read: somebody has to be called.
        let by_itself = readable(self.policy_at(&policy.id, policy.configuration).await)?;
        Ok(by_itself.map(|by_itself| Arc::new(by_itself.under(today))).or(of_service))
    }

    /// The policy of `then`. The schedules, teams, people and policies that it names and today's bundle lacks are added to
    /// the roster.
    async fn add_people_of(
        &self,
        roster: &mut Roster,
        then: &Bundle,
        current: Current,
        now: Timestamp,
    ) -> Result<EscalationPolicy, StoreError> {
        let old = self.roster_from(then, current, &[], now).await?;
        for (schedule, users) in old.on_call {
            roster.on_call.entry(schedule).or_insert(users);
        }
        for (team, users) in old.teams {
            roster.teams.entry(team).or_insert(users);
        }
        // Whoever has left is called by no policy, however old.
        let leavers = self.leavers(current.version).await?;
        for (id, user) in old.users.into_iter().filter(|(id, _)| !leavers.contains(id)) {
            roster.users.entry(id).or_insert(user);
        }
        // What it hands over to is of its own version.
        roster.policies.extend(old.policies);
        Ok(old.policy)
    }

    async fn roster_from(&self, bundle: &Bundle, current: Current, people: &[UserId], now: Timestamp) -> Result<Roster, StoreError> {
        let mut overrides = Vec::new();
        for schedule in &bundle.schedules {
            overrides.extend(self.overrides(schedule.id(), current, now).await?.iter().cloned());
        }
        let mut roster = Roster::at(bundle, &overrides, now);
        if is_canary(bundle.service.id()) {
            // It calls nobody, and no window is about it.
            return Ok(roster);
        }
        roster.maintenance = maintenance_in_force(&bundle.maintenance, &self.maintenance(current, now).await?, now);
        // People of an override, or to whom somebody gave the incident, need not be in the service's bundle.
        let strangers = roster.strangers(people);
        self.add_strangers(&mut roster, strangers).await?;
        // Who covers for one of them now may be called in their place.
        let covers = roster.covers_missing(people, now);
        self.add_strangers(&mut roster, covers).await?;
        Ok(roster)
    }
}

/// Whoever is called for an incident, or asked to help.
fn people_of(incident: &Incident) -> Vec<UserId> {
    let asked = incident.requests.iter().flat_map(|request| request.wave.users.clone());
    incident.wave.iter().flat_map(|wave| wave.users.clone()).chain(asked).collect()
}
