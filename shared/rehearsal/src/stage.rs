//! What a story is played on: a service as it is configured, and what is live beside that.

use std::collections::BTreeSet;

use hansho_domain::{
    Bundle, Command, Configuration, Incident, LiveMaintenance, Override, Roster, Schedule, ServiceId, StepTurn, Target, Team, User, UserId,
    maintenance_in_force,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::scenario::Answer;

/// A service, and everything that decides who is called for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// The service, its policy, and everybody whom they name.
    pub bundle: Bundle,
    /// The overrides of schedules.
    #[serde(default)]
    pub overrides: Vec<Override>,
    /// The maintenance windows about it that people began, and what they cut off of planned ones, which are in the bundle.
    #[serde(default)]
    pub maintenance: Vec<LiveMaintenance>,
    /// Who and what is not in the bundle, and may be named by an override, by whoever needs a cover, or by a request for help.
    #[serde(default)]
    pub beyond: Beyond,
    /// How many turns were taken at steps whose people take turns; none, where it is not said.
    #[serde(default)]
    pub turns: Vec<TurnsTaken>,
}

/// Who and what the bundle of a service does not name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Beyond {
    /// People.
    #[serde(default)]
    pub users: Vec<User>,
    /// Teams.
    #[serde(default)]
    pub teams: Vec<Team>,
    /// Schedules.
    #[serde(default)]
    pub schedules: Vec<Schedule>,
}

/// How far the turns of a step have gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnsTaken {
    /// The step.
    #[serde(flatten)]
    pub step: StepTurn,
    /// How many turns were taken.
    pub taken: u64,
}

impl Beyond {
    /// Everybody and everything behind `targets`, and who covers for them.
    fn behind(configuration: &Configuration, targets: &[&Target]) -> Self {
        let is_named = |target: Target| targets.contains(&&target);
        let teams: Vec<Team> = configuration.teams().iter().filter(|team| is_named(Target::Team(team.id().clone()))).cloned().collect();
        let schedules = configuration.schedules().iter().filter(|schedule| is_named(Target::Schedule(schedule.id().clone())));
        let schedules: Vec<Schedule> = schedules.cloned().collect();
        let mut people: BTreeSet<UserId> = teams.iter().flat_map(Team::members).cloned().collect();
        people.extend(schedules.iter().flat_map(Schedule::members));
        people.extend(targets.iter().filter_map(|target| if let Target::User(user) = target { Some(user.clone()) } else { None }));
        let of = |people: &BTreeSet<UserId>| configuration.users().iter().filter(|user| people.contains(user.id())).collect::<Vec<_>>();
        let covers: Vec<UserId> = of(&people).iter().flat_map(|user| user.quiet().covers()).cloned().collect();
        people.extend(covers);
        Self { users: of(&people).into_iter().cloned().collect(), teams, schedules }
    }
}

impl From<Bundle> for Stage {
    fn from(bundle: Bundle) -> Self {
        Self { bundle, overrides: Vec::new(), maintenance: Vec::new(), beyond: Beyond::default(), turns: Vec::new() }
    }
}

impl Stage {
    /// The service as `configuration` has it, with nothing live beside it, for a story in which these people answer. `None`: there is
    /// no such service.
    pub fn of(configuration: &Configuration, service: &ServiceId, answers: &[Answer]) -> Option<Self> {
        let bundle = configuration.bundle_of(service, 1)?;
        let asked: Vec<&Target> = answers.iter().flat_map(|answer| &answer.to).collect();
        Some(Self { beyond: Beyond::behind(configuration, &asked), ..Self::from(bundle) })
    }

    /// How many turns were taken at a step, if that is known.
    pub(crate) fn turns_of(&self, step: &StepTurn) -> Option<u64> {
        self.turns.iter().find(|turns| turns.step == *step).map(|turns| turns.taken)
    }

    /// Who can be called for a new incident at `now`.
    pub(crate) fn roster(&self, now: Timestamp) -> Roster {
        self.roster_with(&[], now)
    }

    /// Who can be called for an open incident when `command` comes: the store's `roster_of`, without a table.
    pub(crate) fn roster_of(&self, incident: &Incident, command: &Command, now: Timestamp) -> Roster {
        let mut people: Vec<UserId> = incident.wave.iter().flat_map(|wave| wave.users.clone()).collect();
        people.extend(incident.requests.iter().flat_map(|request| request.wave.users.clone()));
        let targets: &[Target] = if let Command::RequestResponders { to, .. } = command { to } else { &[] };
        people.extend(targets.iter().filter_map(|target| if let Target::User(user) = target { Some(user.clone()) } else { None }));
        let mut roster = self.roster_with(&people, now);
        self.add_targets(&mut roster, targets, now);
        roster
    }

    fn roster_with(&self, people: &[UserId], now: Timestamp) -> Roster {
        let mut roster = Roster::at(&self.bundle, &self.overrides, now);
        roster.maintenance = maintenance_in_force(&self.bundle.maintenance, &self.maintenance, now);
        let strangers = roster.strangers(people);
        self.add(&mut roster, &strangers);
        let covers = roster.covers_missing(people, now);
        self.add(&mut roster, &covers);
        roster
    }

    fn add_targets(&self, roster: &mut Roster, targets: &[Target], now: Timestamp) {
        for target in targets {
            match target {
                Target::Schedule(id) if !roster.on_call.contains_key(id) => {
                    let Some(schedule) = self.beyond.schedules.iter().find(|schedule| schedule.id() == id) else { continue };
                    roster.on_call.insert(id.clone(), schedule.on_call_at(&self.overrides, now));
                }
                Target::Team(id) if !roster.teams.contains_key(id) => {
                    let Some(team) = self.beyond.teams.iter().find(|team| team.id() == id) else { continue };
                    roster.teams.insert(id.clone(), team.members().to_vec());
                }
                Target::User(_) | Target::Schedule(_) | Target::Team(_) | Target::Destination(_) => continue,
            }
            let strangers = roster.strangers_behind_targets();
            self.add(roster, &strangers);
        }
    }

    fn add(&self, roster: &mut Roster, users: &[UserId]) {
        let found = self.beyond.users.iter().filter(|user| users.contains(user.id()));
        roster.users.extend(found.map(|user| (user.id().clone(), user.clone())));
    }
}
