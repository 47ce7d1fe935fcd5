//! Who may see and do what, of those who have signed in.
//!
//! Nothing about paging depends on it: whoever is called is called, and a link in a message acts for its person whatever their role.

use std::collections::BTreeSet;

use crate::{
    directory::{Directory, ListedIntegration, ListedSchedule},
    id::{ScheduleId, ServiceId, TeamId, UserId},
    incident::{Incident, ResponderRequest},
    role::Role,
};

/// What one person may do, as one configuration has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    user: UserId,
    role: Role,
    teams: BTreeSet<TeamId>,
    managed: BTreeSet<TeamId>,
}

impl Access {
    /// Of a person of the directory; `None` for somebody who is not in it.
    pub fn of(directory: &Directory, user: &UserId) -> Option<Self> {
        let listed = directory.users.get(user)?;
        let managed: BTreeSet<TeamId> =
            directory.teams.iter().filter(|team| team.managers.contains(user)).map(|team| team.id.clone()).collect();
        let teams = directory.teams.iter().filter(|team| team.members.contains(user)).map(|team| team.id.clone());
        Some(Self { user: user.clone(), role: listed.role, teams: teams.chain(managed.iter().cloned()).collect(), managed })
    }

    /// Who.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// Their role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The teams that they are in or look after.
    pub fn teams(&self) -> &BTreeSet<TeamId> {
        &self.teams
    }

    /// Whether they see what belongs to every team.
    pub fn sees_everything(&self) -> bool {
        self.role != Role::Guest
    }

    /// Whether they see the team.
    pub fn sees_team(&self, team: &TeamId) -> bool {
        self.sees_everything() || self.teams.contains(team)
    }

    /// Whether they see the service: one of their teams looks after it.
    pub fn sees_service(&self, directory: &Directory, service: &ServiceId) -> bool {
        self.sees_everything() || self.is_of_mine(directory, service)
    }

    /// Whether one of their teams looks after the service.
    pub fn is_of_mine(&self, directory: &Directory, service: &ServiceId) -> bool {
        directory.service(service).is_some_and(|listed| listed.teams.iter().any(|team| self.teams.contains(team)))
    }

    /// Whether they see the incident: its service, or because they are part of it.
    pub fn sees_incident(&self, directory: &Directory, incident: &Incident) -> bool {
        self.sees_service(directory, &incident.service) || self.is_part_of(incident)
    }

    /// Whether the incident calls them, asks them for help, or has them at work.
    pub fn is_part_of(&self, incident: &Incident) -> bool {
        is_part_of(&self.user, incident)
    }

    /// Whether they may acknowledge, resolve and the like.
    pub fn acts_on(&self, directory: &Directory, incident: &Incident) -> bool {
        self.role > Role::Stakeholder && self.sees_incident(directory, incident)
    }

    /// Whether they may open an incident of the service by hand, and so have somebody woken.
    pub fn pages(&self, directory: &Directory, service: &ServiceId) -> bool {
        self.role > Role::Stakeholder && self.sees_service(directory, service)
    }

    /// Whether they see who is on call in the schedule: they are in it, or a service of one of their teams calls people by it.
    pub fn sees_schedule(&self, directory: &Directory, schedule: &ScheduleId) -> bool {
        self.sees_everything()
            || directory.schedule(schedule).is_some_and(|listed| listed.members.contains(&self.user))
            || directory.teams_of_schedule(schedule).any(|team| self.teams.contains(team))
    }

    /// Whether they see the person: somebody of one of their teams, or of a schedule that they see.
    pub fn sees_user(&self, directory: &Directory, user: &UserId) -> bool {
        self.sees_everything()
            || *user == self.user
            || directory.teams.iter().any(|team| self.teams.contains(&team.id) && team.members.contains(user))
            || directory.schedules.iter().any(|one| one.members.contains(user) && self.sees_schedule(directory, &one.id))
    }

    /// Whether they may have `to` on call in the schedule instead of `from`. Everybody may give away what is theirs and take what is
    /// another's; to decide for others takes somebody who looks after a team of the schedule.
    pub fn overrides(&self, directory: &Directory, schedule: &ScheduleId, from: &BTreeSet<UserId>, to: &BTreeSet<UserId>) -> bool {
        if self.role == Role::Stakeholder || !self.sees_schedule(directory, schedule) {
            return false;
        }
        let is_me = |users: &BTreeSet<UserId>| users.len() == 1 && users.contains(&self.user);
        is_me(from) || is_me(to) || self.manages_schedule(directory, schedule)
    }

    /// Whether they may name the person as somebody to be on call: one whom they see, and who does more than look.
    pub fn names(&self, directory: &Directory, user: &UserId) -> bool {
        directory.users.get(user).is_some_and(|listed| listed.role != Role::Stakeholder) && self.sees_user(directory, user)
    }

    /// Whether they may decide who is on call in the schedule: they look after a team whose services call people by it. One that no
    /// service calls is decided on by those who look after a team of somebody in it.
    pub fn manages_schedule(&self, directory: &Directory, schedule: &ScheduleId) -> bool {
        let mut teams = directory.teams_of_schedule(schedule).peekable();
        self.administers()
            || match teams.peek() {
                Some(_) => teams.any(|team| self.managed.contains(team)),
                None => directory.schedule(schedule).is_some_and(|listed| shares(&self.managed, directory, listed)),
            }
    }

    /// Whether they look after the team: its people, keys and overrides.
    pub fn manages(&self, team: &TeamId) -> bool {
        self.administers() || self.managed.contains(team)
    }

    /// Whether they look after the service: a team of theirs does, and they manage it.
    pub fn manages_service(&self, directory: &Directory, service: &ServiceId) -> bool {
        let is_mine = || directory.service(service).is_some_and(|listed| listed.teams.iter().any(|team| self.managed.contains(team)));
        self.administers() || is_mine()
    }

    /// Whether they may begin and end maintenance of the service, in which nobody is paged for it: one of their teams looks after it, and
    /// they are more than its guest, or they manage it.
    pub fn holds(&self, directory: &Directory, service: &ServiceId) -> bool {
        (self.role >= Role::Responder && self.is_of_mine(directory, service)) || self.manages_service(directory, service)
    }

    /// Whether they look after the integration, and so make and revoke its keys: they look after the service that it names.
    pub fn manages_integration(&self, directory: &Directory, integration: &ListedIntegration) -> bool {
        self.administers() || integration.service.as_ref().is_some_and(|service| self.manages_service(directory, service))
    }

    /// Whether they look after the person: they are admin, or manager of a team of theirs.
    pub fn manages_user(&self, directory: &Directory, user: &UserId) -> bool {
        let is_mine = |team: &&crate::directory::ListedTeam| self.managed.contains(&team.id) && team.members.contains(user);
        self.administers() || directory.teams.iter().any(|team| is_mine(&team))
    }

    /// Whether they look after everything that is not the configuration itself: people, sessions, keys, the audit log.
    pub fn administers(&self) -> bool {
        self.role >= Role::Admin
    }

    /// Whether they may take the configuration back, make tokens, and end the sessions of admins and owners.
    pub fn owns(&self) -> bool {
        self.role >= Role::Owner
    }
}

/// Whether somebody of one of `teams` is in the schedule.
fn shares(teams: &BTreeSet<TeamId>, directory: &Directory, schedule: &ListedSchedule) -> bool {
    directory.teams.iter().any(|team| teams.contains(&team.id) && team.members.iter().any(|member| schedule.members.contains(member)))
}

/// Whether the incident calls the person, asks them for help, or has them at work.
fn is_part_of(user: &UserId, incident: &Incident) -> bool {
    let called = incident.wave.iter().flat_map(|wave| &wave.users);
    let asked = incident.requests.iter().flat_map(|request: &ResponderRequest| &request.wave.users);
    called.chain(asked).chain(&incident.responders).any(|other| other == user) || incident.phase.holders().any(|holder| holder == user)
}
