//! Compiled configuration: what the functions load.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    calendar::Calendar,
    error::{FieldError, Problems},
    hours::SupportHours,
    id::{PolicyId, ScheduleId, ServiceId, TeamId, UserId},
    policy::{EscalationPolicy, PolicyStep, Target},
    schedule::Schedule,
    service::{AlarmPattern, InsufficientData, Service, ServiceSpec},
    user::{TEAM_MEMBERS_MAX, Team, User},
};

/// Everything that an incident of one service needs: immutable once written, replaced by a newer version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// The version of the configuration in which it was written.
    pub version: u64,
    /// The service.
    pub service: Service,
    /// Its policy.
    pub policy: EscalationPolicy,
    /// The schedules that its policy and the fallback name.
    pub schedules: Vec<Schedule>,
    /// The teams that its policy and the fallback name.
    pub teams: Vec<Team>,
    /// Everybody whom it may call.
    pub users: Vec<User>,
    /// Whom to call when the policy reaches nobody.
    pub fallback: Vec<Target>,
    /// The support hours that the service goes by.
    #[serde(default)]
    pub hours: Vec<SupportHours>,
}

/// Which service an alarm belongs to: every service's patterns, in the order of the services' names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Routes {
    /// The services that exist.
    pub services: Vec<RoutedService>,
}

/// What routing has to know of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutedService {
    /// Its name.
    pub id: ServiceId,
    /// Its alarms.
    pub alarms: Vec<AlarmPattern>,
    /// What INSUFFICIENT_DATA means to it.
    pub insufficient_data: InsufficientData,
}

impl Routes {
    /// Whether the service exists.
    pub fn knows(&self, service: &ServiceId) -> bool {
        self.services.iter().any(|s| s.id == *service)
    }

    /// The first service whose patterns match the alarm.
    pub fn service_of_alarm(&self, name: &str, arn: &str) -> Option<&ServiceId> {
        self.services.iter().find(|s| s.alarms.iter().any(|p| p.matches(name, arn))).map(|s| &s.id)
    }

    /// What INSUFFICIENT_DATA means to the service.
    pub fn insufficient_data(&self, service: &ServiceId) -> InsufficientData {
        self.services.iter().find(|s| s.id == *service).map(|s| s.insufficient_data).unwrap_or_default()
    }
}

/// What a configuration is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConfigurationParts {
    /// Everybody.
    pub users: Vec<User>,
    /// Every team.
    pub teams: Vec<Team>,
    /// Every schedule.
    pub schedules: Vec<Schedule>,
    /// Every policy.
    pub policies: Vec<EscalationPolicy>,
    /// Every service.
    pub services: Vec<Service>,
    /// Whom to call when a policy reaches nobody.
    pub fallback: Vec<Target>,
    /// Every set of support hours.
    pub hours: Vec<SupportHours>,
    /// Every calendar of holidays.
    pub calendars: Vec<Calendar>,
}

/// A whole configuration whose parts fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration(ConfigurationParts);

impl Configuration {
    /// Puts the parts together. A service named `catch-all` is added when there is none: it pages the fallback.
    ///
    /// # Errors
    /// A part names another that does not exist.
    pub fn new(mut parts: ConfigurationParts) -> Result<Self, Problems> {
        if !parts.services.iter().any(|s| *s.id() == ServiceId::catch_all()) {
            let (policy, service) = catch_all(&parts.fallback, &parts.users)?;
            parts.policies.push(policy);
            parts.services.push(service);
        }
        parts.services.sort_by(|a, b| a.id().cmp(b.id()));
        let configuration = Self(parts);
        Problems::none_or(configuration.dangling(), configuration)
    }

    /// Everybody.
    pub fn users(&self) -> &[User] {
        &self.0.users
    }

    /// Every team.
    pub fn teams(&self) -> &[Team] {
        &self.0.teams
    }

    /// Every schedule.
    pub fn schedules(&self) -> &[Schedule] {
        &self.0.schedules
    }

    /// Every policy.
    pub fn policies(&self) -> &[EscalationPolicy] {
        &self.0.policies
    }

    /// Every service, by name; the catch-all service is always among them.
    pub fn services(&self) -> &[Service] {
        &self.0.services
    }

    /// Whom to call when a policy reaches nobody.
    pub fn fallback(&self) -> &[Target] {
        &self.0.fallback
    }

    /// Every set of support hours.
    pub fn hours(&self) -> &[SupportHours] {
        &self.0.hours
    }

    /// Every calendar of holidays that was written; [`Calendar::japan`] exists besides them.
    pub fn calendars(&self) -> &[Calendar] {
        &self.0.calendars
    }

    /// What routing needs.
    pub fn routes(&self) -> Routes {
        let services = self.0.services.iter().map(|s| RoutedService {
            id: s.id().clone(),
            alarms: s.spec().alarms.clone(),
            insufficient_data: s.spec().insufficient_data,
        });
        Routes { services: services.collect() }
    }

    /// One immutable bundle per service.
    pub fn bundles(&self, version: u64) -> Vec<Bundle> {
        self.each_bundle(version).collect()
    }

    /// The same one after the other, for a configuration whose bundles together are large.
    pub fn each_bundle(&self, version: u64) -> impl Iterator<Item = Bundle> {
        let names = Names::of(self);
        self.0.services.iter().filter_map(move |service| self.bundle(service, version, &names))
    }

    fn bundle(&self, service: &Service, version: u64, names: &Names<'_>) -> Option<Bundle> {
        let policy = (*names.policies.get(&service.spec().escalation_policy)?).clone();
        let targets: BTreeSet<&Target> = policy.steps().iter().flat_map(|step| &step.notify).chain(&self.0.fallback).collect();
        let mut schedules: Vec<Schedule> = Vec::new();
        let mut teams: Vec<Team> = Vec::new();
        let mut called: BTreeSet<&UserId> = BTreeSet::new();
        for target in targets {
            match target {
                Target::User(id) => called.extend(names.users.get_key_value(id).map(|(id, _)| *id)),
                Target::Schedule(id) => {
                    schedules.extend(names.schedules.get(id).map(|schedule| (*schedule).clone()));
                    called.extend(names.members.get(id).into_iter().flatten().copied());
                }
                Target::Team(id) => {
                    let team = names.teams.get(id);
                    teams.extend(team.map(|team| (*team).clone()));
                    called.extend(
                        team.into_iter().flat_map(|team| team.members()).filter_map(|m| names.users.get_key_value(m)).map(|(id, _)| *id),
                    );
                }
            }
        }
        // Without a fallback everybody is the last resort, and no more of them than are ever called together.
        if self.0.fallback.is_empty() {
            called.extend(self.0.users.iter().take(TEAM_MEMBERS_MAX).map(User::id));
        }
        let users = called.into_iter().filter_map(|id| names.users.get(id)).map(|user| (*user).clone()).collect();
        let hours = self.0.hours.iter().filter(|hours| service.spec().urgency.hours() == Some(hours.id())).cloned().collect();
        Some(Bundle { version, service: service.clone(), policy, schedules, teams, users, fallback: self.0.fallback.clone(), hours })
    }

    fn dangling(&self) -> Vec<FieldError> {
        let names = Names::of(self);
        let mut problems = Vec::new();
        for team in &self.0.teams {
            for member in team.members().iter().filter(|m| !names.users.contains_key(*m)) {
                problems.push(FieldError::new(format!("teams.{}.members", team.id()), format!("there is no user {member}")));
            }
        }
        for schedule in &self.0.schedules {
            for member in schedule.members().into_iter().filter(|m| !names.users.contains_key(m)) {
                problems.push(FieldError::new(format!("schedules.{}", schedule.id()), format!("there is no user {member}")));
            }
        }
        for policy in &self.0.policies {
            for target in policy.steps().iter().flat_map(|step| &step.notify).filter(|t| !names.has(t)) {
                problems.push(FieldError::new(format!("escalation_policies.{}", policy.id()), format!("there is no {target}")));
            }
        }
        for service in &self.0.services {
            let policy = &service.spec().escalation_policy;
            if !names.policies.contains_key(policy) {
                problems.push(FieldError::new(
                    format!("services.{}.escalation_policy", service.id()),
                    format!("there is no escalation policy {policy}"),
                ));
            }
        }
        for service in &self.0.services {
            if let Some(hours) = service.spec().urgency.hours().filter(|id| !self.0.hours.iter().any(|hours| hours.id() == *id)) {
                problems.push(FieldError::new(format!("services.{}.urgency", service.id()), format!("there are no support hours {hours}")));
            }
        }
        for target in self.0.fallback.iter().filter(|t| !names.has(t)) {
            problems.push(FieldError::new("fallback", format!("there is no {target}")));
        }
        problems
    }
}

/// The parts of a configuration by name: a large one is looked up thousands of times.
struct Names<'a> {
    users: BTreeMap<&'a UserId, &'a User>,
    teams: BTreeMap<&'a TeamId, &'a Team>,
    schedules: BTreeMap<&'a ScheduleId, &'a Schedule>,
    /// The people of each schedule who exist.
    members: BTreeMap<&'a ScheduleId, Vec<&'a UserId>>,
    policies: BTreeMap<&'a PolicyId, &'a EscalationPolicy>,
}

impl<'a> Names<'a> {
    fn of(configuration: &'a Configuration) -> Self {
        let users: BTreeMap<&UserId, &User> = configuration.0.users.iter().map(|user| (user.id(), user)).collect();
        let known = |schedule: &Schedule| schedule.members().iter().filter_map(|m| users.get_key_value(m)).map(|(id, _)| *id).collect();
        let members = configuration.0.schedules.iter().map(|schedule| (schedule.id(), known(schedule))).collect();
        Self {
            members,
            users,
            teams: configuration.0.teams.iter().map(|team| (team.id(), team)).collect(),
            schedules: configuration.0.schedules.iter().map(|schedule| (schedule.id(), schedule)).collect(),
            policies: configuration.0.policies.iter().map(|policy| (policy.id(), policy)).collect(),
        }
    }

    fn has(&self, target: &Target) -> bool {
        match target {
            Target::User(id) => self.users.contains_key(id),
            Target::Schedule(id) => self.schedules.contains_key(id),
            Target::Team(id) => self.teams.contains_key(id),
        }
    }
}

/// The service for what no other claims, paging the fallback (or everybody), always at high urgency.
fn catch_all(fallback: &[Target], users: &[User]) -> Result<(EscalationPolicy, Service), Problems> {
    let id = |e: crate::InvalidId| Problems(vec![FieldError::new("catch-all", e.to_string())]);
    let everybody = || users.iter().take(crate::TARGETS_MAX).map(|u| Target::User(u.id().clone())).collect();
    let notify: Vec<Target> = if fallback.is_empty() { everybody() } else { fallback.to_vec() };
    if notify.is_empty() {
        return Err(Problems(vec![FieldError::new("users", "is empty; there is nobody to page")]));
    }
    let policy_id = PolicyId::new("catch-all").map_err(id)?;
    let policy = EscalationPolicy::new(policy_id.clone(), vec![PolicyStep { notify, wait_seconds: 600 }], 2)?;
    let service = Service::new(ServiceSpec { name: "Catch-all".to_owned(), ..ServiceSpec::new(ServiceId::catch_all(), policy_id) })?;
    Ok((policy, service))
}
