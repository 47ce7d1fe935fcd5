//! Where the answer comes from: a Hansho over its API, or a folder of configuration.

use std::collections::BTreeSet;

use hansho_configuration::{Loaded, Problem};
use hansho_domain::{About, Directory, ListedSchedule, ListedShift, OnCallLine, Schedule, ScheduleId, View};
use jiff::{
    Timestamp,
    tz::{TimeZone, TimeZoneDatabase},
};
use serde::Deserialize;

use super::{Period, arguments::ViewArguments};
use crate::{
    commands::client::{Client, ClientError, query},
    gathering,
};

/// Why it can not answer.
#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum SourceError {
    #[error("the configuration has {} problem(s):\n{}", .0.len(), .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Configuration(Vec<Problem>),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0}")]
    Unknown(String),
    #[error("the answer can not be read: {0}; is Hansho there of the same version as this command?")]
    Answer(serde_json::Error),
}

/// Something that knows who is on call.
pub(super) enum Source {
    Folder(Box<Loaded>, Directory),
    Server(Client),
}

#[derive(Deserialize)]
struct NowAnswer {
    at: Timestamp,
    schedules: Vec<OnCallLine>,
}

#[derive(Deserialize)]
struct ShiftsAnswer {
    from: Timestamp,
    until: Timestamp,
    shifts: Vec<ListedShift>,
}

impl Source {
    pub(super) async fn open(view: &ViewArguments) -> Result<Self, SourceError> {
        let Some(folder) = &view.config else { return Ok(Self::Server(Client::new(&view.server)?)) };
        let loaded = gathering::gathered(folder, view.offline).await.load().map_err(SourceError::Configuration)?;
        let directory = Directory::new(&loaded.configuration, |_| String::new());
        Ok(Self::Folder(Box::new(loaded), directory))
    }

    /// Who is on call at `asked_at`, or now: the server's now, or `here`.
    pub(super) async fn now(
        &self,
        about: &About,
        asked_at: Option<Timestamp>,
        here: Timestamp,
    ) -> Result<(Timestamp, Vec<OnCallLine>), SourceError> {
        match self {
            Self::Server(client) => {
                let mut pairs = vec![("at", asked_at.map(|at| at.to_string()))];
                pairs.extend(pair(about));
                let answer: NowAnswer = read(client.get(&format!("/oncall{}", query(&pairs))).await?)?;
                Ok((answer.at, answer.schedules))
            }
            Self::Folder(loaded, directory) => {
                let at = asked_at.unwrap_or(here);
                let lines = wanted(loaded, directory, about)?
                    .into_iter()
                    .map(|(schedule, listed, view)| OnCallLine::at(schedule, listed, &[], &view, |user| directory.name_of(user), at))
                    .collect();
                Ok((at, lines))
            }
        }
    }

    /// The clock on which the people of a schedule think.
    pub(super) async fn clock_of(&self, schedule: &ScheduleId) -> Result<TimeZone, SourceError> {
        match self {
            Self::Server(client) => Ok(client.schedule_clock(schedule).await?),
            Self::Folder(_, directory) => {
                if let Some(problem) = directory.problem_of(&About::Schedule(schedule.clone())) {
                    return Err(SourceError::Unknown(problem));
                }
                let name = directory.schedule(schedule).map(|listed| listed.time_zone.as_str());
                Ok(name.and_then(|name| TimeZoneDatabase::bundled().get(name).ok()).unwrap_or(TimeZone::UTC))
            }
        }
    }

    /// The shifts of a period, which begins now, the server's or `here`, when it does not say.
    pub(super) async fn shifts(
        &self,
        about: &About,
        period: &Period,
        here: Timestamp,
    ) -> Result<(Timestamp, Timestamp, Vec<ListedShift>), SourceError> {
        match self {
            Self::Server(client) => {
                let days = || Some(period.days.to_string());
                let mut pairs = vec![("from", period.from.map(|from| from.to_string()))];
                match period.until {
                    Some(until) => pairs.push(("until", Some(until.to_string()))),
                    None => pairs.extend([("days", days()), ("time_zone", period.zone.iana_name().map(str::to_owned))]),
                }
                pairs.extend(pair(about));
                let ShiftsAnswer { from, until, shifts } = read(client.get(&format!("/oncall{}", query(&pairs))).await?)?;
                Ok((from, until, shifts))
            }
            Self::Folder(loaded, directory) => {
                let from = period.from.unwrap_or(here);
                let until = period.until(from).map_err(SourceError::Unknown)?;
                let shifts = wanted(loaded, directory, about)?.into_iter().flat_map(|(schedule, listed, view)| {
                    listed.listed(&schedule.shifts(&[], from, until), &view, |user| directory.name_of(user))
                });
                Ok((from, until, shifts.collect()))
            }
        }
    }
}

fn pair(about: &About) -> Option<(&'static str, Option<String>)> {
    match about {
        About::Everything => None,
        About::Schedule(id) => Some(("schedule", Some(id.to_string()))),
        About::Team(id) => Some(("team", Some(id.to_string()))),
        About::User(id) => Some(("user", Some(id.to_string()))),
    }
}

fn read<T: for<'de> Deserialize<'de>>(answer: serde_json::Value) -> Result<T, SourceError> {
    serde_json::from_value(answer).map_err(SourceError::Answer)
}

/// The schedules that the question is about, and what of them.
fn wanted<'a>(
    loaded: &'a Loaded,
    directory: &'a Directory,
    about: &About,
) -> Result<Vec<(&'a Schedule, &'a ListedSchedule, View)>, SourceError> {
    if let Some(problem) = directory.problem_of(about) {
        return Err(SourceError::Unknown(problem));
    }
    let nowhere = BTreeSet::new();
    let schedules = loaded.configuration.schedules().iter().filter_map(|schedule| {
        let listed = directory.schedule(schedule.id())?;
        let view = about.view_of(&listed.id, &listed.members, &nowhere, directory)?;
        Some((schedule, listed, view))
    });
    Ok(schedules.collect())
}
