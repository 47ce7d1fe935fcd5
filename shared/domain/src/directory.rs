//! The directory: the names of a configuration, who stands in which schedule and team, the planned maintenance and the ways in.
//!
//! Questions about who is on call start here. It is small beside the bundles and holds no address.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    configuration::Configuration,
    id::{IntegrationId, MaintenanceId, PolicyId, ScheduleId, ServiceId, TeamId, UserId},
    maintenance::MaintenanceWindow,
    on_call::About,
    role::Role,
    schedule::Schedule,
    user::Language,
};

/// How many names a sentence about an unknown one lists.
const LISTED_MAX: usize = 30;

/// Every schedule, team, person, maintenance window and integration of one configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Directory {
    /// The schedules, by name.
    pub schedules: Vec<ListedSchedule>,
    /// The teams, by name.
    pub teams: Vec<ListedTeam>,
    /// The hash of the allowance rules; empty for those that hold without any.
    #[serde(default)]
    pub allowances: String,
    /// The planned maintenance windows, by name.
    #[serde(default)]
    pub maintenance: Vec<MaintenanceWindow>,
    /// The integrations, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub integrations: Vec<ListedIntegration>,
    /// The people.
    pub users: BTreeMap<UserId, ListedUser>,
    /// The escalation policies that somebody wrote, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<PolicyId>,
    /// The services, by name, with those of teams that nobody wrote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ListedService>,
}

/// What the directory says of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedSchedule {
    /// Its name in ids and configuration.
    pub id: ScheduleId,
    /// Its name as people say it.
    pub name: String,
    /// The IANA name of its time zone.
    pub time_zone: String,
    /// Everybody in its rotations, also those who join later or have left.
    pub members: BTreeSet<UserId>,
    /// Tells its definition from every other one that the schedule had or will have.
    #[serde(default)]
    pub definition: String,
}

/// What the directory says of a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedTeam {
    /// Its name in ids and configuration.
    pub id: TeamId,
    /// Its name as people say it.
    pub name: String,
    /// Everybody in it.
    pub members: Vec<UserId>,
    /// Who looks after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub managers: Vec<UserId>,
}

/// What the directory says of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedService {
    /// Its name in ids and configuration.
    pub id: ServiceId,
    /// Its name as people say it.
    pub name: String,
    /// The teams that look after it: the one that it names, or else those that its policy may call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<TeamId>,
    /// The schedules that its policy may call.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub schedules: BTreeSet<ScheduleId>,
}

/// What the directory says of an integration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedIntegration {
    /// Its name in keys and configuration.
    pub id: IntegrationId,
    /// Its name as people say it.
    pub name: String,
    /// What comes in by it: `events`.
    pub kind: String,
    /// The service that it names.
    pub service: Option<ServiceId>,
}

/// What the directory says of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedUser {
    /// Their name as people say it.
    pub name: String,
    /// The language they are spoken to in.
    #[serde(default)]
    pub language: Language,
    /// What they may do where they have signed in.
    #[serde(default)]
    pub role: Role,
    /// The hash by which they are found when they sign in by their mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// The IANA name of the time zone of their clock; empty when it is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub time_zone: String,
}

impl Directory {
    /// The directory of a configuration. `definition` names the definition of a schedule, and no other.
    pub fn new(configuration: &Configuration, definition: impl Fn(&Schedule) -> String) -> Self {
        let schedules = configuration.schedules().iter().map(|schedule| ListedSchedule {
            id: schedule.id().clone(),
            name: schedule.name().to_owned(),
            time_zone: schedule.time_zone().to_owned(),
            members: schedule.members(),
            definition: definition(schedule),
        });
        let teams = configuration.teams().iter().map(|team| ListedTeam {
            id: team.id().clone(),
            name: team.name().to_owned(),
            members: team.members().to_vec(),
            managers: team.managers().to_vec(),
        });
        let services = configuration.services_with_teams().map(|(service, teams, schedules)| ListedService {
            id: service.id().clone(),
            name: service.spec().name.clone(),
            teams: teams.into_iter().collect(),
            schedules,
        });
        let mut services: Vec<ListedService> = services.collect();
        services.sort_by(|a, b| a.id.cmp(&b.id));
        let users = configuration.users().iter().map(|user| {
            let (name, language, role) = (user.name().to_owned(), user.language(), user.role());
            (user.id().clone(), ListedUser { name, language, role, mail: None, time_zone: String::new() })
        });
        let integrations = configuration.integrations().iter().map(|integration| ListedIntegration {
            id: integration.id().clone(),
            name: integration.spec().name.clone(),
            kind: integration.spec().kind.as_str().to_owned(),
            service: integration.spec().service.clone(),
        });
        Self {
            schedules: schedules.collect(),
            teams: teams.collect(),
            allowances: String::new(),
            maintenance: configuration.maintenance().to_vec(),
            integrations: integrations.collect(),
            users: users.collect(),
            policies: configuration.policies().iter().map(|policy| policy.id().clone()).collect(),
            services,
        }
    }

    /// The same with the hashes by which people are found when they sign in.
    #[must_use]
    pub fn with_mails(mut self, mail: impl Fn(&UserId) -> Option<String>) -> Self {
        for (id, user) in &mut self.users {
            user.mail = mail(id);
        }
        self
    }

    /// The same with the time zones of people's clocks.
    #[must_use]
    pub fn with_time_zones(mut self, time_zone: impl Fn(&UserId) -> String) -> Self {
        for (id, user) in &mut self.users {
            user.time_zone = time_zone(id);
        }
        self
    }

    /// The teams whose services call people by the schedule: it is theirs.
    pub fn teams_of_schedule<'a>(&'a self, schedule: &'a ScheduleId) -> impl Iterator<Item = &'a TeamId> {
        self.services.iter().filter(|service| service.schedules.contains(schedule)).flat_map(|service| &service.teams)
    }

    /// The service of that name.
    pub fn service(&self, id: &ServiceId) -> Option<&ListedService> {
        let place = self.services.binary_search_by(|service| service.id.cmp(id)).ok()?;
        self.services.get(place)
    }

    /// The people with that mail address, by its hash.
    pub fn with_mail(&self, hash: &str) -> impl Iterator<Item = &UserId> {
        self.users.iter().filter(move |(_, user)| user.mail.as_deref() == Some(hash)).map(|(id, _)| id)
    }

    /// The schedule of that name.
    pub fn schedule(&self, id: &ScheduleId) -> Option<&ListedSchedule> {
        self.schedules.iter().find(|schedule| schedule.id == *id)
    }

    /// The team of that name.
    pub fn team(&self, id: &TeamId) -> Option<&ListedTeam> {
        self.teams.iter().find(|team| team.id == *id)
    }

    /// The planned maintenance window of that name.
    pub fn maintenance_window(&self, id: &MaintenanceId) -> Option<&MaintenanceWindow> {
        self.maintenance.iter().find(|window| window.id() == id)
    }

    /// The integration of that name.
    ///
    /// # Errors
    /// There is none. The sentence says which there are.
    pub fn integration(&self, id: &IntegrationId) -> Result<&ListedIntegration, String> {
        let found = self.integrations.iter().find(|integration| integration.id == *id);
        found.ok_or_else(|| unknown("integration", id, self.integrations.iter().map(|integration| integration.id.as_str())))
    }

    /// Why a question can not be answered: it names somebody or something that does not exist. The sentence says what does.
    pub fn problem_of(&self, about: &About) -> Option<String> {
        match about {
            About::Everything => None,
            About::Schedule(id) if self.schedule(id).is_some() => None,
            About::Team(id) if self.team(id).is_some() => None,
            About::User(id) if self.users.contains_key(id) => None,
            About::Schedule(id) => Some(unknown("schedule", id, self.schedules.iter().map(|schedule| schedule.id.as_str()))),
            About::Team(id) => Some(unknown("team", id, self.teams.iter().map(|team| team.id.as_str()))),
            About::User(id) => Some(unknown("user", id, self.users.keys().map(UserId::as_str))),
        }
    }

    /// A person's name as people say it; their id when they are not in it.
    pub fn name_of(&self, user: &UserId) -> String {
        self.users.get(user).map_or_else(|| user.to_string(), |listed| listed.name.clone())
    }
}

fn unknown<'a>(what: &str, id: impl std::fmt::Display, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.take(LISTED_MAX).collect();
    if known.is_empty() {
        return format!("there is no {what} {id}; the configuration has none");
    }
    format!("there is no {what} {id}; use one of these: {}", known.join(", "))
}
