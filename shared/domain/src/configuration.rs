//! The whole configuration: its parts, checked to fit together, and what functions load of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    allowance::AllowanceRules,
    bundle::{Bundle, PolicyBundle, RoutedService, Routes},
    calendar::Calendar,
    error::{FieldError, Problems},
    hand_over::{Fault, HAND_OVERS_MAX, faults, reachable},
    hours::SupportHours,
    id::{PolicyId, ScheduleId, ServiceId, TeamId, UserId},
    integration::Integration,
    maintenance::MaintenanceWindow,
    policy::{EscalationPolicy, PolicyStep},
    rule::Rule,
    schedule::Schedule,
    service::{Service, ServiceSpec},
    target::{Destination, Target},
    user::{TEAM_MEMBERS_MAX, Team, User},
};

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
    destinations: Vec<Destination>,
    hours: Vec<SupportHours>,
    calendars: Vec<Calendar>,
    maintenance: Vec<MaintenanceWindow>,
    integrations: Vec<Integration>,
    rules: Vec<Rule>,
    suppressed_days: Option<u16>,
    /// The services of teams that nobody wrote, for alerts that name the team as their owner, each with its policy.
    of_teams: Vec<(EscalationPolicy, Service)>,
}

/// What a configuration is made of. Every part may be left out but somebody to page.
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
    /// The machines and channels that policies may name.
    pub destinations: Vec<Destination>,
    /// Every set of support hours.
    pub hours: Vec<SupportHours>,
    /// Every calendar of holidays.
    pub calendars: Vec<Calendar>,
    /// Every planned maintenance window.
    pub maintenance: Vec<MaintenanceWindow>,
    /// Every integration.
    pub integrations: Vec<Integration>,
    /// The rules for all alerts, in order.
    pub rules: Vec<Rule>,
    /// For how many days suppressed alerts are kept, if somebody says so.
    pub suppressed_days: Option<u16>,
}

impl Configuration {
    /// The configuration of these parts.
    ///
    /// # Errors
    /// As [`Configuration::of`].
    pub fn new(
        users: Vec<User>,
        teams: Vec<Team>,
        schedules: Vec<Schedule>,
        policies: Vec<EscalationPolicy>,
        services: Vec<Service>,
        fallback: Vec<Target>,
    ) -> Result<Self, Problems> {
        Self::of(ConfigurationParts { users, teams, schedules, policies, services, fallback, ..ConfigurationParts::default() })
    }

    /// Puts the parts together. A service named `catch-all` is added when there is none: it pages the fallback.
    ///
    /// # Errors
    /// A part names another that does not exist, or policies hand over to each other in a circle or more than 10 times.
    pub fn of(parts: ConfigurationParts) -> Result<Self, Problems> {
        let ConfigurationParts {
            users,
            teams,
            schedules,
            mut policies,
            mut services,
            fallback,
            destinations,
            hours,
            calendars,
            maintenance,
            mut integrations,
            rules,
            suppressed_days,
        } = parts;
        if !services.iter().any(|s| *s.id() == ServiceId::catch_all()) {
            let (policy, service) = catch_all(&fallback, &users)?;
            policies.push(policy);
            services.push(service);
        }
        services.sort_by(|a, b| a.id().cmp(b.id()));
        integrations.sort_by(|a, b| a.id().cmp(b.id()));
        let policies: Vec<EscalationPolicy> = policies.into_iter().map(|policy| policy.going_by(&hours)).collect();
        let (mut of_teams, mut unnamed) = (Vec::new(), Vec::new());
        for team in &teams {
            match ServiceId::of_team(team.id()) {
                Err(problem) => unnamed.push(FieldError::new(format!("teams.{}", team.id()), problem.to_string())),
                Ok(id) if services.binary_search_by(|service| service.id().cmp(&id)).is_ok() => {}
                Ok(id) => of_teams.push(of_team(team, id, &policies)?),
            }
        }
        let configuration = Self {
            users,
            teams,
            schedules,
            policies,
            services,
            fallback,
            destinations,
            allowances: None,
            hours,
            calendars,
            maintenance,
            integrations,
            rules,
            suppressed_days,
            of_teams,
        };
        let problems = configuration.dangling().into_iter().chain(configuration.endless()).chain(unnamed).collect();
        Problems::none_or(problems, configuration)
    }

    /// Every set of support hours.
    pub fn hours(&self) -> &[SupportHours] {
        &self.hours
    }

    /// Every calendar of holidays that was written; [`Calendar::japan`] exists besides them.
    pub fn calendars(&self) -> &[Calendar] {
        &self.calendars
    }

    /// Every planned maintenance window.
    pub fn maintenance(&self) -> &[MaintenanceWindow] {
        &self.maintenance
    }

    /// Every integration, by name.
    pub fn integrations(&self) -> &[Integration] {
        &self.integrations
    }

    /// The rules for all alerts, in order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// For how many days suppressed alerts are kept, if somebody says so.
    pub fn suppressed_days(&self) -> Option<u16> {
        self.suppressed_days
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

    /// The services of teams that nobody wrote, for alerts that name the team as their owner, each with its policy.
    pub fn services_of_teams(&self) -> &[(EscalationPolicy, Service)] {
        &self.of_teams
    }

    /// Every service, by name; the catch-all service is always among them.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// Whom to call when a policy reaches nobody.
    pub fn fallback(&self) -> &[Target] {
        &self.fallback
    }

    /// Every machine and channel that may be named.
    pub fn destinations(&self) -> &[Destination] {
        &self.destinations
    }

    /// What routing needs.
    pub fn routes(&self) -> Routes {
        let services = self.services.iter().chain(self.of_teams.iter().map(|(_, service)| service)).map(|s| RoutedService {
            id: s.id().clone(),
            alarms: s.spec().alarms.clone(),
            insufficient_data: s.spec().insufficient_data,
            has_rules: !s.spec().rules.is_empty(),
        });
        let owners = self.teams.iter().filter_map(|team| Some((team.id().clone(), ServiceId::of_team(team.id()).ok()?)));
        let (rules, suppressed_days) = (self.rules.clone(), self.suppressed_days);
        Routes { services: services.collect(), owners: owners.collect(), rules, suppressed_days }
    }

    /// One immutable bundle per service.
    pub fn bundles(&self, version: u64) -> Vec<Bundle> {
        self.each_bundle(version).collect()
    }

    /// The bundle of one service, if there is such a service.
    pub fn bundle_of(&self, service: &ServiceId, version: u64) -> Option<Bundle> {
        let names = Names::of(self);
        if let Some((policy, service)) = self.of_teams.iter().find(|(_, of_team)| of_team.id() == service) {
            return Some(self.bundle(service, policy, version, &names));
        }
        let service = self.services.iter().find(|s| s.id() == service)?;
        Some(self.bundle(service, names.policies.get(&service.spec().escalation_policy)?, version, &names))
    }

    /// The same one after the other, for a configuration whose bundles together are large.
    pub fn each_bundle(&self, version: u64) -> impl Iterator<Item = Bundle> {
        let names = Names::of(self);
        let of_teams = self.of_teams.iter().map(|(policy, service)| (Some(policy), service));
        self.services.iter().map(|service| (None, service)).chain(of_teams).filter_map(move |(policy, service)| {
            let policy = policy.or_else(|| names.policies.get(&service.spec().escalation_policy).copied())?;
            Some(self.bundle(service, policy, version, &names))
        })
    }

    fn bundle(&self, service: &Service, policy: &EscalationPolicy, version: u64, names: &Names<'_>) -> Bundle {
        let policy = policy.clone();
        let policies = reachable(&policy, &names.policies);
        let targets = targets(std::iter::once(&policy).chain(policies.iter().copied())).chain(&self.fallback);
        // Without a fallback everybody is the last resort, and no more of them than are ever called together.
        let everybody = self.users.iter().take(if self.fallback.is_empty() { TEAM_MEMBERS_MAX } else { 0 }).map(User::id);
        let Called { schedules, teams, users } = names.called(targets.collect(), everybody);
        let policies = policies.into_iter().cloned().collect();
        let hours = self.hours.iter().filter(|hours| service.spec().urgency.hours() == Some(hours.id())).cloned().collect();
        let maintenance = self.maintenance.iter().filter(|window| window.is_about(service.id())).cloned().collect();
        let (service, fallback) = (service.clone(), self.fallback.clone());
        Bundle { version, service, policies, schedules, teams, users, fallback, hours, maintenance, policy }
    }

    /// Every service, with those of teams that nobody wrote, each with the teams that look after it: the one that it names, or else those
    /// that its policy may call; and with the schedules that its policy may call.
    pub(crate) fn services_with_teams(&self) -> impl Iterator<Item = (&Service, BTreeSet<TeamId>, BTreeSet<ScheduleId>)> {
        let names = Names::of(self);
        let of_teams = self.of_teams.iter().map(|(policy, service)| (Some(policy), service));
        self.services.iter().map(|service| (None, service)).chain(of_teams).map(move |(policy, service)| {
            let (mut teams, mut schedules) = (BTreeSet::new(), BTreeSet::new());
            if let Some(policy) = policy.or_else(|| names.policies.get(&service.spec().escalation_policy).copied()) {
                for target in targets(std::iter::once(policy).chain(reachable(policy, &names.policies))) {
                    match target {
                        Target::Team(team) => drop(teams.insert(team.clone())),
                        Target::Schedule(schedule) => drop(schedules.insert(schedule.clone())),
                        Target::User(_) | Target::Destination(_) => {}
                    }
                }
            }
            let named = service.spec().team.as_ref().map(|team| BTreeSet::from([team.clone()]));
            (service, named.unwrap_or(teams), schedules)
        })
    }

    /// One immutable bundle per policy, one after the other.
    pub fn each_policy_bundle(&self, version: u64) -> impl Iterator<Item = PolicyBundle> {
        let names = Names::of(self);
        self.policies.iter().map(move |policy| {
            let policies = reachable(policy, &names.policies);
            let targets = targets(std::iter::once(policy).chain(policies.iter().copied()));
            let Called { schedules, teams, users } = names.called(targets.collect(), std::iter::empty());
            PolicyBundle { version, policies: policies.into_iter().cloned().collect(), schedules, teams, users, policy: policy.clone() }
        })
    }

    /// Policies that hand over to each other in a circle would never come to an end.
    fn endless(&self) -> Vec<FieldError> {
        let told = faults(&self.policies).into_iter().map(|(policy, place, fault)| {
            let problem = match fault {
                Fault::Circle(way) => {
                    let way: Vec<String> = way.iter().map(ToString::to_string).collect();
                    format!("hands over in a circle ({policy} -> {}); let one of them end", way.join(" -> "))
                }
                Fault::Long => format!("more than {HAND_OVERS_MAX} policies follow each other from here; put the steps of some into one"),
            };
            FieldError::new(format!("escalation_policies.{policy}.steps[{place}].hand_over"), problem)
        });
        told.collect()
    }

    fn dangling(&self) -> Vec<FieldError> {
        let names = Names::of(self);
        let mut problems = Vec::new();
        for team in &self.teams {
            for member in team.members().iter().filter(|m| !names.users.contains_key(*m)) {
                problems.push(FieldError::new(format!("teams.{}.members", team.id()), format!("there is no user {member}")));
            }
        }
        for team in &self.teams {
            for manager in team.managers().iter().filter(|m| !names.users.contains_key(*m)) {
                problems.push(FieldError::new(format!("teams.{}.managers", team.id()), format!("there is no user {manager}")));
            }
        }
        for service in &self.services {
            if let Some(team) = service.spec().team.as_ref().filter(|team| !self.teams.iter().any(|known| known.id() == *team)) {
                problems.push(FieldError::new(format!("services.{}.team", service.id()), format!("there is no team {team}")));
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
            for (place, to) in policy.hand_overs().filter(|(_, to)| !names.policies.contains_key(to)) {
                problems.push(FieldError::new(
                    format!("escalation_policies.{}.steps[{place}].hand_over", policy.id()),
                    format!("there is no escalation policy {to}"),
                ));
            }
        }
        for policy in &self.policies {
            for (place, condition) in policy.hours_conditions().filter(|(_, condition)| policy.hours(condition.id()).is_none()) {
                let field = format!("escalation_policies.{}.steps[{place}].when", policy.id());
                problems.push(FieldError::new(field, format!("there are no support hours {}", condition.id())));
            }
        }
        for team in &self.teams {
            if let Some(policy) = team.escalation_policy().filter(|policy| !names.policies.contains_key(policy)) {
                let field = format!("teams.{}.escalation_policy", team.id());
                problems.push(FieldError::new(field, format!("there is no escalation policy {policy}")));
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
        for service in &self.services {
            if let Some(hours) = service.spec().urgency.hours().filter(|id| !self.hours.iter().any(|hours| hours.id() == *id)) {
                problems.push(FieldError::new(format!("services.{}.urgency", service.id()), format!("there are no support hours {hours}")));
            }
        }
        let services: BTreeSet<&ServiceId> =
            self.services.iter().chain(self.of_teams.iter().map(|(_, service)| service)).map(Service::id).collect();
        for integration in &self.integrations {
            if let Some(service) = integration.spec().service.as_ref().filter(|id| !services.contains(id)) {
                let field = format!("integrations.{}.service", integration.id());
                problems.push(FieldError::new(field, format!("there is no service {service}")));
            }
        }
        problems.extend(self.dangling_rules());
        for window in &self.maintenance {
            for service in window.spec().services.iter().filter(|id| !services.contains(id)) {
                let field = format!("maintenance_windows.{}.services", window.id());
                problems.push(FieldError::new(field, format!("there is no service {service}")));
            }
        }
        if !self.fallback.is_empty() && self.fallback.iter().all(|target| matches!(target, Target::Destination(_))) {
            problems.push(FieldError::new("fallback", "names nobody to call; add a user, a schedule or a team"));
        }
        for target in self.fallback.iter().filter(|t| !names.has(t)) {
            problems.push(FieldError::new("fallback", format!("there is no {target}")));
        }
        problems
    }
}

impl Configuration {
    /// Rules that name what does not exist.
    fn dangling_rules(&self) -> Vec<FieldError> {
        let of_services = self.services.iter().flat_map(|service| {
            let section = format!("services.{}.rules", service.id());
            service.spec().rules.iter().enumerate().map(move |(place, rule)| (format!("{section}[{place}]"), rule))
        });
        let global = self.rules.iter().enumerate().map(|(place, rule)| (format!("routes[{place}]"), rule));
        let mut problems = Vec::new();
        for (field, rule) in global.chain(of_services) {
            let all = || self.services.iter().chain(self.of_teams.iter().map(|(_, service)| service));
            if let Some(service) = rule.then.route.as_ref().filter(|id| !all().any(|service| service.id() == *id)) {
                problems.push(FieldError::new(format!("{field}.then.route"), format!("there is no service {service}")));
            }
            if let Some(team) = rule.owner.as_ref().filter(|id| !self.teams.iter().any(|team| team.id() == *id)) {
                problems.push(FieldError::new(format!("{field}.owner"), format!("there is no team {team}")));
            }
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
    destinations: BTreeSet<&'a Destination>,
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
            destinations: configuration.destinations.iter().collect(),
        }
    }

    /// What stands behind `targets`, and these people besides.
    fn called(&self, targets: BTreeSet<&Target>, besides: impl Iterator<Item = &'a UserId>) -> Called {
        let mut schedules: Vec<Schedule> = Vec::new();
        let mut teams: Vec<Team> = Vec::new();
        let mut called: BTreeSet<&UserId> = besides.collect();
        for target in targets {
            match target {
                Target::User(id) => called.extend(self.users.get_key_value(id).map(|(id, _)| *id)),
                Target::Schedule(id) => {
                    schedules.extend(self.schedules.get(id).map(|schedule| (*schedule).clone()));
                    called.extend(self.members.get(id).into_iter().flatten().copied());
                }
                Target::Team(id) => {
                    let team = self.teams.get(id);
                    teams.extend(team.map(|team| (*team).clone()));
                    let members = team.into_iter().flat_map(|team| team.members());
                    called.extend(members.filter_map(|member| self.users.get_key_value(member)).map(|(id, _)| *id));
                }
                Target::Destination(_) => {}
            }
        }
        // Whoever covers for one of them may be called in their place.
        let covers: Vec<&UserId> = called.iter().filter_map(|id| self.users.get(*id)).flat_map(|user| user.quiet().covers()).collect();
        called.extend(covers.into_iter().filter_map(|id| self.users.get_key_value(id)).map(|(id, _)| *id));
        let users = called.into_iter().filter_map(|id| self.users.get(id)).map(|user| (*user).clone()).collect();
        Called { schedules, teams, users }
    }

    fn has(&self, target: &Target) -> bool {
        match target {
            Target::User(id) => self.users.contains_key(id),
            Target::Schedule(id) => self.schedules.contains_key(id),
            Target::Team(id) => self.teams.contains_key(id),
            Target::Destination(destination) => self.destinations.contains(destination),
        }
    }
}

/// Who and what can be called behind some targets.
struct Called {
    schedules: Vec<Schedule>,
    teams: Vec<Team>,
    users: Vec<User>,
}

/// Every target that the policies name.
fn targets<'a>(policies: impl Iterator<Item = &'a EscalationPolicy>) -> impl Iterator<Item = &'a Target> {
    policies.flat_map(EscalationPolicy::steps).flat_map(|step| &step.notify)
}

/// The service of a team that nobody wrote: it pages by the team's policy, or everybody in the team, always at high urgency.
fn of_team(team: &Team, id: ServiceId, policies: &[EscalationPolicy]) -> Result<(EscalationPolicy, Service), Problems> {
    let everybody = || -> Result<EscalationPolicy, Problems> {
        let named = |e: crate::InvalidId| Problems(vec![FieldError::new(format!("teams.{}", team.id()), e.to_string())]);
        let policy = PolicyId::new(id.as_str()).map_err(named)?;
        EscalationPolicy::new(policy, vec![PolicyStep::calling(vec![Target::Team(team.id().clone())], 600)], 2)
    };
    let written = team.escalation_policy().and_then(|id| policies.iter().find(|policy| policy.id() == id)).cloned();
    let policy = if let Some(written) = written { written } else { everybody()? };
    let service = Service::new(ServiceSpec {
        name: team.name().to_owned(),
        team: Some(team.id().clone()),
        ..ServiceSpec::new(id, policy.id().clone())
    })?;
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
    let policy = EscalationPolicy::new(policy_id.clone(), vec![PolicyStep::calling(notify, 600)], 2)?;
    let service = Service::new(ServiceSpec { name: "Catch-all".to_owned(), ..ServiceSpec::new(ServiceId::catch_all(), policy_id) })?;
    Ok((policy, service))
}
