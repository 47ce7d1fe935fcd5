//! Compiled configuration: what the functions load.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    alert::Urgency,
    allowance::AllowanceRules,
    error::{FieldError, Problems},
    id::{PolicyId, ScheduleId, ServiceId, TeamId, UserId},
    policy::{EscalationPolicy, PolicyStep, Target},
    schedule::Schedule,
    service::{AlarmPattern, InsufficientData, Service, ServiceSpec, UrgencyRule},
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

/// A whole configuration whose parts fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    users: Vec<User>,
    teams: Vec<Team>,
    schedules: Vec<Schedule>,
    policies: Vec<EscalationPolicy>,
    services: Vec<Service>,
    fallback: Vec<Target>,
    allowances: Option<AllowanceRules>,
}

impl Configuration {
    /// Puts the parts together. A service named `catch-all` is added when there is none: it pages the fallback.
    ///
    /// # Errors
    /// A part names another that does not exist.
    pub fn new(
        users: Vec<User>,
        teams: Vec<Team>,
        schedules: Vec<Schedule>,
        mut policies: Vec<EscalationPolicy>,
        mut services: Vec<Service>,
        fallback: Vec<Target>,
    ) -> Result<Self, Problems> {
        if !services.iter().any(|s| *s.id() == ServiceId::catch_all()) {
            let (policy, service) = catch_all(&fallback, &users)?;
            policies.push(policy);
            services.push(service);
        }
        services.sort_by(|a, b| a.id().cmp(b.id()));
        let configuration = Self { users, teams, schedules, policies, services, fallback, allowances: None };
        Problems::none_or(configuration.dangling(), configuration)
    }

    /// With rules for on-call allowances; those that hold without any for `None`.
    #[must_use]
    pub fn with_allowances(self, allowances: Option<AllowanceRules>) -> Self {
        Self { allowances, ..self }
    }

    /// The rules for on-call allowances, if it has its own.
    pub fn allowances(&self) -> Option<&AllowanceRules> {
        self.allowances.as_ref()
    }

    /// Everybody.
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// Every team.
    pub fn teams(&self) -> &[Team] {
        &self.teams
    }

    /// Every schedule.
    pub fn schedules(&self) -> &[Schedule] {
        &self.schedules
    }

    /// Every policy.
    pub fn policies(&self) -> &[EscalationPolicy] {
        &self.policies
    }

    /// Every service, by name; the catch-all service is always among them.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// Whom to call when a policy reaches nobody.
    pub fn fallback(&self) -> &[Target] {
        &self.fallback
    }

    /// What routing needs.
    pub fn routes(&self) -> Routes {
        let services = self.services.iter().map(|s| RoutedService {
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
        self.services.iter().filter_map(move |service| self.bundle(service, version, &names))
    }

    fn bundle(&self, service: &Service, version: u64, names: &Names<'_>) -> Option<Bundle> {
        let policy = (*names.policies.get(&service.spec().escalation_policy)?).clone();
        let targets: BTreeSet<&Target> = policy.steps().iter().flat_map(|step| &step.notify).chain(&self.fallback).collect();
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
        if self.fallback.is_empty() {
            called.extend(self.users.iter().take(TEAM_MEMBERS_MAX).map(User::id));
        }
        let users = called.into_iter().filter_map(|id| names.users.get(id)).map(|user| (*user).clone()).collect();
        Some(Bundle { version, service: service.clone(), policy, schedules, teams, users, fallback: self.fallback.clone() })
    }

    fn dangling(&self) -> Vec<FieldError> {
        let names = Names::of(self);
        let mut problems = Vec::new();
        for team in &self.teams {
            for member in team.members().iter().filter(|m| !names.users.contains_key(*m)) {
                problems.push(FieldError::new(format!("teams.{}.members", team.id()), format!("there is no user {member}")));
            }
        }
        for schedule in &self.schedules {
            for member in schedule.members().into_iter().filter(|m| !names.users.contains_key(m)) {
                problems.push(FieldError::new(format!("schedules.{}", schedule.id()), format!("there is no user {member}")));
            }
        }
        for policy in &self.policies {
            for target in policy.steps().iter().flat_map(|step| &step.notify).filter(|t| !names.has(t)) {
                problems.push(FieldError::new(format!("escalation_policies.{}", policy.id()), format!("there is no {target}")));
            }
        }
        for service in &self.services {
            let policy = &service.spec().escalation_policy;
            if !names.policies.contains_key(policy) {
                problems.push(FieldError::new(
                    format!("services.{}.escalation_policy", service.id()),
                    format!("there is no escalation policy {policy}"),
                ));
            }
        }
        for target in self.fallback.iter().filter(|t| !names.has(t)) {
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
        let users: BTreeMap<&UserId, &User> = configuration.users.iter().map(|user| (user.id(), user)).collect();
        let known = |schedule: &Schedule| schedule.members().iter().filter_map(|m| users.get_key_value(m)).map(|(id, _)| *id).collect();
        let members = configuration.schedules.iter().map(|schedule| (schedule.id(), known(schedule))).collect();
        Self {
            members,
            users,
            teams: configuration.teams.iter().map(|team| (team.id(), team)).collect(),
            schedules: configuration.schedules.iter().map(|schedule| (schedule.id(), schedule)).collect(),
            policies: configuration.policies.iter().map(|policy| (policy.id(), policy)).collect(),
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
    debug_assert_eq!(UrgencyRule::High.urgency(crate::Severity::Info), Urgency::High);
    let service = Service::new(ServiceSpec {
        id: ServiceId::catch_all(),
        name: "Catch-all".to_owned(),
        escalation_policy: policy_id,
        urgency: UrgencyRule::High,
        acknowledgement_timeout_seconds: None,
        auto_resolve_seconds: None,
        repage_seconds: None,
        insufficient_data: InsufficientData::Note,
        runbook: None,
        alarms: Vec::new(),
    })?;
    Ok((policy, service))
}
