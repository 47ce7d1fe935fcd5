//! Tests of a configuration: an alarm at a moment, and what has to follow.

use std::{path::PathBuf, str::FromStr};

use hansho_domain::{Bundle, Configuration, Labels, Priority, Roster, ServiceId, Severity, Target, UserId};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};

use crate::{
    expectation::{Expectation, Whom},
    play::rehearse,
    scenario::{Answer, Scenario},
    stage::Stage,
    story::Story,
};

/// Where something is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// When the alarm comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// At this moment.
    Moment(Timestamp),
    /// When a clock shows this: one in the zone, or else one where the service's people are.
    Clock {
        /// What it shows.
        time: DateTime,
        /// An IANA name.
        zone: Option<String>,
    },
}

/// What the alarm is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A service by name.
    Service(ServiceId),
    /// An alarm by name: the service that claims it is the one, or the catch-all service.
    Alarm(String),
}

/// An expectation and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Where.
    pub place: Place,
    /// What.
    pub expectation: Expectation,
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// Where it is written.
    pub place: Place,
    /// What it is called; by service and time without it.
    pub name: Option<String>,
    /// What the alarm is about.
    pub about: About,
    /// When it comes in.
    pub at: When,
    /// How bad it is.
    pub severity: Severity,
    /// People's rating.
    pub priority: Option<Priority>,
    /// What its alert says besides.
    pub labels: Labels,
    /// Who answers.
    pub answers: Vec<Answer>,
    /// What has to follow.
    pub expected: Vec<Expected>,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TestFailure {
    /// Where the expectation is written.
    pub place: Place,
    /// What happened instead, in a sentence.
    pub message: String,
}

impl FromStr for When {
    type Err = String;

    /// `2026-12-31T03:00` on somebody's clock, or `2026-12-31T03:00+09:00` anywhere.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(moment) = text.parse() {
            return Ok(Self::Moment(moment));
        }
        let time =
            text.parse().map_err(|_| "is no date and time; write it as 2026-12-31T03:00, or as 2026-12-31T03:00+09:00".to_owned())?;
        Ok(Self::Clock { time, zone: None })
    }
}

impl When {
    /// The moment that is meant, for a service whose people are in `zone`. A time that a clock skips moves forward by the
    /// gap; one that it shows twice is the first.
    pub fn moment(&self, zone: &str) -> Option<Timestamp> {
        match self {
            Self::Moment(moment) => Some(*moment),
            Self::Clock { time, zone: given } => {
                let zone = TimeZone::get(given.as_deref().unwrap_or(zone)).ok()?;
                time.to_zoned(zone).ok().map(|zoned| zoned.timestamp())
            }
        }
    }
}

impl About {
    /// The service that is meant.
    pub fn service(&self, configuration: &Configuration) -> ServiceId {
        match self {
            Self::Service(service) => service.clone(),
            Self::Alarm(name) => configuration.routes().service_of_alarm(name, name).cloned().unwrap_or_else(ServiceId::catch_all),
        }
    }
}

/// The clock that the people of a service look at: that of the first schedule of its policy, else UTC.
pub fn zone_of(bundle: &Bundle) -> &str {
    bundle.schedules.first().map_or("UTC", |schedule| schedule.time_zone())
}

impl Test {
    /// What it is called in a report.
    pub fn title(&self) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let about = match &self.about {
            About::Service(service) => service.to_string(),
            About::Alarm(name) => format!("alarm {name}"),
        };
        let at = match &self.at {
            When::Moment(moment) => moment.to_string(),
            When::Clock { time, zone: None } => time.strftime("%Y-%m-%dT%H:%M").to_string(),
            When::Clock { time, zone: Some(zone) } => format!("{} {zone}", time.strftime("%Y-%m-%dT%H:%M")),
        };
        format!("{about} at {at}")
    }

    /// Plays it, and says what is not as expected.
    pub fn run(&self, configuration: &Configuration) -> Vec<TestFailure> {
        let failure = |place: &Place, message: String| TestFailure { place: place.clone(), message };
        let service = self.about.service(configuration);
        let Some(stage) = Stage::of(configuration, &service, &self.answers) else {
            return vec![failure(&self.place, format!("there is no service {service}"))];
        };
        let bundle = &stage.bundle;
        let Some(at) = self.at.moment(zone_of(bundle)) else {
            return vec![failure(&self.place, "there is no such time in that time zone".to_owned())];
        };
        let story = match self.play(&stage, at) {
            Ok(story) => story,
            Err(message) => return vec![failure(&self.place, message)],
        };
        let wrong = |expected: &Expected| {
            let people = people(configuration, bundle, &expected.expectation, at);
            people.map_or_else(Some, |people| expected.expectation.wrong(&story, &people)).map(|message| failure(&expected.place, message))
        };
        self.expected.iter().filter_map(wrong).collect()
    }

    fn play(&self, stage: &Stage, at: Timestamp) -> Result<Story, String> {
        let scenario = Scenario::new(at, "Test", self.severity, self.priority).map_err(|error| error.to_string())?;
        let scenario = scenario.about(&self.about).labelled(&self.labels);
        // What nobody asks about need not be played, and may go on for days.
        let is_open = |expected: &Expected| matches!(expected.expectation, Expectation::NotPaged { within_seconds: None, .. });
        let until = (!self.expected.iter().any(is_open)).then(|| self.expected.iter().filter_map(|e| latest(&e.expectation)).max());
        let until = until.flatten().map(|seconds| SignedDuration::from_secs(seconds.into()));
        // A failure tells what happened later: the rest is played too where it is short.
        let until = until.map(|until| until.max(SignedDuration::from_hours(24)));
        Ok(rehearse(stage, &Scenario { answers: self.answers.clone(), until, ..scenario }))
    }
}

fn latest(expectation: &Expectation) -> Option<u32> {
    match expectation {
        Expectation::Paged { within_seconds, .. } => Some(*within_seconds),
        Expectation::NotPaged { within_seconds, .. } => *within_seconds,
        Expectation::Silent { for_seconds } => Some(*for_seconds),
    }
}

/// Who is meant, or why nobody can be.
fn people(configuration: &Configuration, bundle: &Bundle, expectation: &Expectation, at: Timestamp) -> Result<Vec<UserId>, String> {
    let (whom, is_needed) = match expectation {
        Expectation::Paged { whom, .. } => (whom, true),
        Expectation::NotPaged { whom, .. } => (whom, false),
        Expectation::Silent { .. } => return Ok(Vec::new()),
    };
    let (people, nobody) = match whom {
        Whom::User(user) => (vec![user.clone()], String::new()),
        Whom::Team(id) => {
            let team = configuration.teams().iter().find(|team| team.id() == id);
            (team.map(|team| team.members().to_vec()).unwrap_or_default(), format!("there is nobody in team/{id}"))
        }
        Whom::Schedule(id) => {
            let schedule = configuration.schedules().iter().find(|schedule| schedule.id() == id);
            let people = schedule.map(|schedule| schedule.on_call_at(&[], at)).unwrap_or_default();
            (people, format!("nobody is on call in schedule/{id} then"))
        }
        Whom::Everybody => {
            let targets: Vec<Target> = bundle.policy.steps().iter().flat_map(|step| step.notify.clone()).collect();
            let people = Roster::at(bundle, &[], at).resolve(&targets).into_iter().map(|(user, _)| user).collect();
            (people, "nobody is on call on any step of the policy then".to_owned())
        }
    };
    if is_needed && people.is_empty() { Err(nobody) } else { Ok(people) }
}
