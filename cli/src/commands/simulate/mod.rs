//! `hansho simulate`: who would be paged, when and how, without sending anything.

mod arguments;
mod json;
mod sweep;
mod sweep_words;
mod telling;
mod words;

use std::process::ExitCode;

pub(super) use arguments::SimulateArguments;
use hansho_domain::{Bundle, Configuration, ServiceId, UserId};
use hansho_rehearsal::{About, Scenario, When, rehearse, zone_of};
use hansho_runtime::{Clock, SystemClock};
use jiff::{Timestamp, tz::TimeZone};

use crate::{example, gathering};

/// Tells the story, or sweeps a period.
pub(super) async fn run(arguments: &SimulateArguments) -> ExitCode {
    match simulate(arguments).await {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn simulate(arguments: &SimulateArguments) -> Result<ExitCode, String> {
    let configuration = load(arguments).await?;
    if let Some((from, to)) = arguments.from.as_ref().zip(arguments.to.as_ref()) {
        return sweep::run(arguments, &configuration, from, to);
    }
    let about = arguments.about()?.ok_or("name a service with --service, or an alarm with --alarm")?;
    let bundle = bundle(&configuration, &about)?;
    let zone = zone(arguments, &bundle);
    let now = SystemClock.now();
    let at = arguments.at.as_ref().map_or(Some(now), |at| at.moment(&zone)).ok_or("--at: there is no such time")?;
    for answer in &arguments.answers {
        if !configuration.users().iter().any(|user| *user.id() == answer.user) {
            return Err(format!("--answer: there is no user {}", answer.user));
        }
    }
    let scenario = scenario(arguments, &about, at)?;
    let onlooker = UserId::new("onlooker").map_err(|error| error.to_string())?;
    let story = rehearse(&bundle, &[], &scenario);
    let teller = telling::Teller::new(arguments.language, &zone, &configuration, onlooker, at);
    if arguments.json {
        super::print(&json::story(&story, &bundle, &scenario, &teller));
    } else {
        super::print(&teller.story(&story, &bundle, &scenario));
    }
    Ok(ExitCode::SUCCESS)
}

async fn load(arguments: &SimulateArguments) -> Result<Configuration, String> {
    let loaded = match &arguments.config {
        Some(folder) => gathering::gathered(folder, arguments.offline).await.load(),
        None => example::load(),
    };
    loaded.map(|loaded| loaded.configuration).map_err(|problems| {
        for problem in &problems {
            eprintln!("{problem}");
        }
        format!("{} problem(s) in the configuration; `hansho check` lists them", problems.len())
    })
}

/// The bundle of the service that is meant.
fn bundle(configuration: &Configuration, about: &About) -> Result<Bundle, String> {
    let service = about.service(configuration);
    configuration.bundle_of(&service, 1).ok_or_else(|| no_such_service(configuration, &service))
}

fn no_such_service(configuration: &Configuration, service: &ServiceId) -> String {
    const NAMED_MAX: usize = 20;
    let known: Vec<&str> = configuration.services().iter().take(NAMED_MAX).map(|service| service.id().as_str()).collect();
    let more = if configuration.services().len() > NAMED_MAX { ", ..." } else { "" };
    format!("there is no service {service}; there are {}{more}", known.join(", "))
}

/// Whose clock is told: the one that was asked for, or that of the service's people.
fn zone(arguments: &SimulateArguments, bundle: &Bundle) -> String {
    let of_offset = |at: &When| matches!(at, When::Moment(_));
    match &arguments.zone {
        Some(zone) => zone.clone(),
        None if bundle.schedules.is_empty() && arguments.at.as_ref().is_some_and(of_offset) => "UTC".to_owned(),
        None => zone_of(bundle).to_owned(),
    }
}

fn scenario(arguments: &SimulateArguments, about: &About, at: Timestamp) -> Result<Scenario, String> {
    let title = match about {
        About::Alarm(name) => name.as_str(),
        About::Service(_) => words::title(arguments.language),
    };
    let scenario = Scenario::new(at, title, arguments.severity, arguments.priority).map_err(|error| error.to_string())?;
    Ok(Scenario { answers: arguments.answers.clone(), until: arguments.until, turns_taken: arguments.turns_taken, ..scenario })
}

/// A time as the zone's clock shows it.
fn clock(at: Timestamp, zone: &str, format: &str) -> String {
    at.to_zoned(TimeZone::get(zone).unwrap_or(TimeZone::UTC)).strftime(format).to_string()
}
