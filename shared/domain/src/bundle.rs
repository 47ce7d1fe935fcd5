//! Compiled configuration: what the functions load.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    calendar::Calendar,
    error::{FieldError, Problems},
    hours::SupportHours,
    id::{PolicyId, ScheduleId, ServiceId, TeamId, UserId},
    maintenance::MaintenanceWindow,
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
    /// The planned maintenance windows that are about it.
    #[serde(default)]
    pub maintenance: Vec<MaintenanceWindow>,
}

/// Which service an alarm belongs to: every service's patterns, in the order of the services' names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Routes {
    /// The services that exist.
    pub services: Vec<RoutedService>,
    /// The service of each team, for alerts that name the team as their owner.
    #[serde(default)]
    pub owners: BTreeMap<TeamId, ServiceId>,
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

    /// The service of the team that an alert names as its owner: `sre`, or `team/sre`, in any case.
    pub fn service_of_owner(&self, owner: &str) -> Option<&ServiceId> {
        let name = owner.trim().to_lowercase();
        let team = TeamId::new(name.strip_prefix("team/").unwrap_or(&name)).ok()?;
        self.owners.get(&team)
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
    /// Every planned maintenance window.
    pub maintenance: Vec<MaintenanceWindow>,
}

/// A whole configuration whose parts fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    parts: ConfigurationParts,
    /// Services that nobody wrote: the catch-all service and those of teams.
    implied: BTreeSet<ServiceId>,
}

impl Configuration {
    /// Puts the parts together. A service named `catch-all` is added when there is none: it pages the fallback.
    ///
    /// # Errors
    /// A part names another that does not exist.
    pub fn new(mut parts: ConfigurationParts) -> Result<Self, Problems> {
        let mut implied = BTreeSet::new();
        let mut problems = Vec::new();
        if !parts.services.iter().any(|s| *s.id() == ServiceId::catch_all()) {
            let (policy, service) = catch_all(&parts.fallback, &parts.users)?;
            parts.policies.push(policy);
            implied.insert(service.id().clone());
            parts.services.push(service);
        }
        let known: BTreeSet<ServiceId> = parts.services.iter().map(|s| s.id().clone()).collect();
        for team in &parts.teams {
            match ServiceId::of_team(team.id()) {
                Err(problem) => problems.push(FieldError::new(format!("teams.{}", team.id()), problem.to_string())),
                Ok(id) if known.contains(&id) => {}
                Ok(id) => {
                    let (policy, service) = of_team(team, id, &parts.policies)?;
                    parts.policies.extend(policy);
                    implied.insert(service.id().clone());
                    parts.services.push(service);
                }
            }
        }
        parts.services.sort_by(|a, b| a.id().cmp(b.id()));
        let configuration = Self { parts, implied };
        problems.extend(configuration.dangling());
        Problems::none_or(problems, configuration)
    }

    /// Whether nobody wrote this service: the catch-all service, or the one of a team for alerts that name it as their owner.
    pub fn is_implied(&self, service: &ServiceId) -> bool {
        self.implied.contains(service)
    }

    /// Everybody.
    pub fn users(&self) -> &[User] {
        &self.parts.users
    }

    /// Every team.
    pub fn teams(&self) -> &[Team] {
        &self.parts.teams
    }

    /// Every schedule.
    pub fn schedules(&self) -> &[Schedule] {
        &self.parts.schedules
    }

    /// Every policy.
    pub fn policies(&self) -> &[EscalationPolicy] {
        &self.parts.policies
    }

    /// Every service, by name; the catch-all service is always among them.
    pub fn services(&self) -> &[Service] {
        &self.parts.services
    }

    /// Whom to call when a policy reaches nobody.
    pub fn fallback(&self) -> &[Target] {
        &self.parts.fallback
    }

    /// Every set of support hours.
    pub fn hours(&self) -> &[SupportHours] {
        &self.parts.hours
    }

    /// Every calendar of holidays that was written; [`Calendar::japan`] exists besides them.
    pub fn calendars(&self) -> &[Calendar] {
        &self.parts.calendars
    }

    /// Every planned maintenance window.
    pub fn maintenance(&self) -> &[MaintenanceWindow] {
        &self.parts.maintenance
    }

    /// What routing needs.
    pub fn routes(&self) -> Routes {
        let services = self.parts.services.iter().map(|s| RoutedService {
            id: s.id().clone(),
            alarms: s.spec().alarms.clone(),
            insufficient_data: s.spec().insufficient_data,
        });
        let owners = self.parts.teams.iter().filter_map(|team| Some((team.id().clone(), ServiceId::of_team(team.id()).ok()?)));
        Routes { services: services.collect(), owners: owners.collect() }
    }

    /// One immutable bundle per service.
    pub fn bundles(&self, version: u64) -> Vec<Bundle> {
        self.each_bundle(version).collect()
    }

    /// The same one after the other, for a configuration whose bundles together are large.
    pub fn each_bundle(&self, version: u64) -> impl Iterator<Item = Bundle> {
        let names = Names::of(self);
        self.parts.services.iter().filter_map(move |service| self.bundle(service, version, &names))
    }

    fn bundle(&self, service: &Service, version: u64, names: &Names<'_>) -> Option<Bundle> {
        let policy = (*names.policies.get(&service.spec().escalation_policy)?).clone();
        let targets: BTreeSet<&Target> = policy.steps().iter().flat_map(|step| &step.notify).chain(&self.parts.fallback).collect();
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
        if self.parts.fallback.is_empty() {
            called.extend(self.parts.users.iter().take(TEAM_MEMBERS_MAX).map(User::id));
        }
        let users = called.into_iter().filter_map(|id| names.users.get(id)).map(|user| (*user).clone()).collect();
        let hours = self.parts.hours.iter().filter(|hours| service.spec().urgency.hours() == Some(hours.id())).cloned().collect();
        let maintenance = self.parts.maintenance.iter().filter(|window| window.is_about(service.id())).cloned().collect();
        let fallback = self.parts.fallback.clone();
        Some(Bundle { version, service: service.clone(), policy, schedules, teams, users, fallback, hours, maintenance })
    }

    fn dangling(&self) -> Vec<FieldError> {
        let names = Names::of(self);
        let mut problems = Vec::new();
        for team in &self.parts.teams {
            for member in team.members().iter().filter(|m| !names.users.contains_key(*m)) {
                problems.push(FieldError::new(format!("teams.{}.members", team.id()), format!("there is no user {member}")));
            }
        }
        for schedule in &self.parts.schedules {
            for member in schedule.members().into_iter().filter(|m| !names.users.contains_key(m)) {
                problems.push(FieldError::new(format!("schedules.{}", schedule.id()), format!("there is no user {member}")));
            }
        }
        for policy in &self.parts.policies {
            for target in policy.steps().iter().flat_map(|step| &step.notify).filter(|t| !names.has(t)) {
                problems.push(FieldError::new(format!("escalation_policies.{}", policy.id()), format!("there is no {target}")));
            }
        }
        for service in &self.parts.services {
            let policy = &service.spec().escalation_policy;
            if !names.policies.contains_key(policy) {
                problems.push(FieldError::new(
                    format!("services.{}.escalation_policy", service.id()),
                    format!("there is no escalation policy {policy}"),
                ));
            }
        }
        for service in &self.parts.services {
            if let Some(hours) = service.spec().urgency.hours().filter(|id| !self.parts.hours.iter().any(|hours| hours.id() == *id)) {
                problems.push(FieldError::new(format!("services.{}.urgency", service.id()), format!("there are no support hours {hours}")));
            }
        }
        for window in &self.parts.maintenance {
            for service in window.spec().services.iter().filter(|id| !self.parts.services.iter().any(|service| service.id() == *id)) {
                let field = format!("maintenance_windows.{}.services", window.id());
                problems.push(FieldError::new(field, format!("there is no service {service}")));
            }
        }
        for target in self.parts.fallback.iter().filter(|t| !names.has(t)) {
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
        let users: BTreeMap<&UserId, &User> = configuration.parts.users.iter().map(|user| (user.id(), user)).collect();
        let known = |schedule: &Schedule| schedule.members().iter().filter_map(|m| users.get_key_value(m)).map(|(id, _)| *id).collect();
        let members = configuration.parts.schedules.iter().map(|schedule| (schedule.id(), known(schedule))).collect();
        Self {
            members,
            users,
            teams: configuration.parts.teams.iter().map(|team| (team.id(), team)).collect(),
            schedules: configuration.parts.schedules.iter().map(|schedule| (schedule.id(), schedule)).collect(),
            policies: configuration.parts.policies.iter().map(|policy| (policy.id(), policy)).collect(),
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

/// The service of a team that nobody wrote: it pages by the team's policy, or everybody in the team, always at high urgency.
fn of_team(team: &Team, id: ServiceId, policies: &[EscalationPolicy]) -> Result<(Option<EscalationPolicy>, Service), Problems> {
    let policy_id = match team.escalation_policy() {
        Some(policy) => policy.clone(),
        None => PolicyId::new(id.as_str()).map_err(|e| Problems(vec![FieldError::new(format!("teams.{}", team.id()), e.to_string())]))?,
    };
    let is_written = team.escalation_policy().is_some() || policies.iter().any(|policy| *policy.id() == policy_id);
    let everybody = || {
        EscalationPolicy::new(policy_id.clone(), vec![PolicyStep { notify: vec![Target::Team(team.id().clone())], wait_seconds: 600 }], 2)
    };
    let policy = if is_written { None } else { Some(everybody()?) };
    let service = Service::new(ServiceSpec { name: team.name().to_owned(), ..ServiceSpec::new(id, policy_id) })?;
    Ok((policy, service))
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
