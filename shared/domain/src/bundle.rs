//! Compiled configuration: what the functions load.

use serde::{Deserialize, Serialize};

use crate::{
    alert::Urgency,
    error::{FieldError, Problems},
    id::{PolicyId, ServiceId},
    policy::{EscalationPolicy, PolicyStep, Target},
    schedule::Schedule,
    service::{AlarmPattern, InsufficientData, Service, ServiceSpec, UrgencyRule},
    user::{Team, User},
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
        let configuration = Self { users, teams, schedules, policies, services, fallback };
        Problems::none_or(configuration.dangling(), configuration)
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
        self.services.iter().filter_map(|service| self.bundle(service, version)).collect()
    }

    /// The bundle of one service, if there is such a service.
    pub fn bundle_of(&self, service: &ServiceId, version: u64) -> Option<Bundle> {
        self.services.iter().find(|s| s.id() == service).and_then(|service| self.bundle(service, version))
    }

    fn bundle(&self, service: &Service, version: u64) -> Option<Bundle> {
        let policy = self.policies.iter().find(|p| *p.id() == service.spec().escalation_policy)?.clone();
        let targets: Vec<&Target> = policy.steps().iter().flat_map(|step| &step.notify).chain(&self.fallback).collect();
        let schedules: Vec<Schedule> =
            self.schedules.iter().filter(|s| targets.contains(&&Target::Schedule(s.id().clone()))).cloned().collect();
        let teams: Vec<Team> = self.teams.iter().filter(|t| targets.contains(&&Target::Team(t.id().clone()))).cloned().collect();
        let is_called = |user: &User| {
            targets.contains(&&Target::User(user.id().clone()))
                || schedules.iter().any(|s| s.members().contains(user.id()))
                || teams.iter().any(|t| t.members().contains(user.id()))
                // Without a fallback everybody is the last resort.
                || self.fallback.is_empty()
        };
        let users = self.users.iter().filter(|u| is_called(u)).cloned().collect();
        Some(Bundle { version, service: service.clone(), policy, schedules, teams, users, fallback: self.fallback.clone() })
    }

    fn dangling(&self) -> Vec<FieldError> {
        let mut problems = Vec::new();
        for team in &self.teams {
            for member in team.members().iter().filter(|m| !self.users.iter().any(|u| u.id() == *m)) {
                problems.push(FieldError::new(format!("teams.{}.members", team.id()), format!("there is no user {member}")));
            }
        }
        for schedule in &self.schedules {
            for member in schedule.members().iter().filter(|m| !self.users.iter().any(|u| u.id() == *m)) {
                problems.push(FieldError::new(format!("schedules.{}", schedule.id()), format!("there is no user {member}")));
            }
        }
        for policy in &self.policies {
            for target in policy.steps().iter().flat_map(|step| &step.notify).filter(|t| !self.has(t)) {
                problems.push(FieldError::new(format!("escalation_policies.{}", policy.id()), format!("there is no {target}")));
            }
        }
        for service in &self.services {
            let policy = &service.spec().escalation_policy;
            if !self.policies.iter().any(|p| p.id() == policy) {
                problems.push(FieldError::new(
                    format!("services.{}.escalation_policy", service.id()),
                    format!("there is no escalation policy {policy}"),
                ));
            }
        }
        for target in self.fallback.iter().filter(|t| !self.has(t)) {
            problems.push(FieldError::new("fallback", format!("there is no {target}")));
        }
        problems
    }

    fn has(&self, target: &Target) -> bool {
        match target {
            Target::User(id) => self.users.iter().any(|u| u.id() == id),
            Target::Schedule(id) => self.schedules.iter().any(|s| s.id() == id),
            Target::Team(id) => self.teams.iter().any(|t| t.id() == id),
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
