//! `hansho simulate`: who would be paged, when and how, without sending anything.

mod arguments;
mod event;
mod event_words;
mod json;
mod source;
mod sweep;
mod sweep_words;
mod telling;
mod words;

use std::process::ExitCode;

use super::{
    decide::Rules,
    incoming::{Incoming, WayIn},
};
pub(super) use arguments::SimulateArguments;
use event::{Alarmed, Record};
use hansho_domain::{Bundle, Routes, ServiceId, UserId};
use hansho_rehearsal::{About, Scenario, Stage, When, rehearse, zone_of};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::Value;
pub(super) use source::Source;

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
    let source = Source::open(arguments.config.as_deref(), arguments.offline, &arguments.server).await?;
    source.check(&arguments.answers).await?;
    if let Some((from, to)) = arguments.from.as_ref().zip(arguments.to.as_ref()) {
        return sweep::run(arguments, &source, from, to).await;
    }
    let told = match &arguments.event {
        Some(path) => of_event(arguments, &source, &Incoming::read(path)?).await?,
        None => vec![of_service(arguments, &source).await?],
    };
    super::print(&shown(arguments, told));
    Ok(ExitCode::SUCCESS)
}

/// A story for people, or for machines.
enum Told {
    Text(String),
    Json(Value),
}

/// One object for one story, a list for several.
fn shown(arguments: &SimulateArguments, told: Vec<Told>) -> String {
    let mut values = Vec::new();
    let mut texts = Vec::new();
    for one in told {
        match one {
            Told::Text(text) => texts.push(text),
            Told::Json(value) => values.push(value),
        }
    }
    match (arguments.json, values.len()) {
        (false, _) => texts.join("\n"),
        (true, 1) => format!("{:#}\n", values.remove(0)),
        (true, _) => format!("{:#}\n", Value::Array(values)),
    }
}

async fn of_service(arguments: &SimulateArguments, source: &Source) -> Result<Told, String> {
    let about = arguments.about()?.ok_or(
        "nothing says what goes off; write --service NAME, --alarm NAME, --event FILE, or --from TIME --to TIME for every service over a period",
    )?;
    let service = service_of(&about, source.routes());
    let now = source.now();
    let from = arguments.at.as_ref().map_or(now, |at| overrides_from(at, now));
    let stage = source.stage(&service, from, &arguments.answers).await?;
    let (at, zone) = moment(arguments, &stage.bundle, now)?;
    tell(arguments, source, &stage, (scenario(arguments, &about, at)?, &zone), None)
}

/// Each record of the event by itself.
async fn of_event(arguments: &SimulateArguments, source: &Source, event: &Incoming) -> Result<Vec<Told>, String> {
    let way_in = WayIn::of(source, event, arguments.integration.as_ref(), None).await?;
    let now = source.now();
    let mut told = Vec::new();
    let mut rules = Rules::of(source);
    for (place, record) in event::records(event, &way_in, source.routes(), now, &mut rules).await?.into_iter().enumerate() {
        let alarmed = match record {
            Record::Alert(alarmed) => alarmed,
            Record::Quiet(quiet) => {
                told.push(event_words::quiet(arguments, &quiet));
                continue;
            }
        };
        let from = arguments.at.as_ref().map_or(alarmed.occurred_at.min(now), |at| overrides_from(at, now));
        let stage = source.stage(&alarmed.service, from, &arguments.answers).await?;
        let (at, zone) = moment(arguments, &stage.bundle, alarmed.occurred_at)?;
        // What it comes to may depend on when it comes in: a mute rule is over then, or not.
        let received = event::records(event, &way_in, source.routes(), at, &mut rules).await?.into_iter().nth(place);
        let alarmed = match received {
            Some(Record::Alert(alarmed)) => alarmed,
            Some(Record::Quiet(quiet)) => {
                told.push(event_words::quiet(arguments, &quiet));
                continue;
            }
            None => alarmed,
        };
        let scenario = with(arguments, Scenario::of(alarmed.alert.clone(), at));
        told.push(tell(arguments, source, &stage, (scenario, &zone), Some(&alarmed))?);
    }
    Ok(told)
}

/// Plays the scenario and tells it.
fn tell(
    arguments: &SimulateArguments,
    source: &Source,
    stage: &Stage,
    (scenario, zone): (Scenario, &str),
    alarmed: Option<&Alarmed>,
) -> Result<Told, String> {
    let onlooker = UserId::new("onlooker").map_err(|error| error.to_string())?;
    let story = rehearse(stage, &scenario);
    let teller = telling::Teller::new(arguments.language, zone, stage, onlooker, scenario.at);
    if arguments.json {
        let mut value = json::story(&story, &stage.bundle, &scenario, &teller);
        value["configuration"] = source.json();
        if let Some(alarmed) = alarmed {
            value["event"] = event::json(alarmed);
        }
        return Ok(Told::Json(value));
    }
    let mut notes: Vec<String> = alarmed.map(|alarmed| event_words::found(arguments.language, alarmed)).into_iter().collect();
    notes.push(source.told(arguments.language, stage));
    Ok(Told::Text(teller.story(&story, &stage.bundle, &scenario, &notes)))
}

/// The service that is meant.
fn service_of(about: &About, routes: &Routes) -> ServiceId {
    match about {
        About::Service(service) => service.clone(),
        About::Alarm(name) => routes.service_of_alarm(name, name).cloned().unwrap_or_else(ServiceId::catch_all),
    }
}

/// From when on overrides may count for a story that begins at `at`, on whatever clock.
fn overrides_from(at: &When, now: Timestamp) -> Timestamp {
    let at = at.moment("UTC").unwrap_or(now).min(now);
    at.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(at)
}

/// When it goes off, and whose clock is told: the one that was asked for, or that of the service's people.
fn moment(arguments: &SimulateArguments, bundle: &Bundle, otherwise: Timestamp) -> Result<(Timestamp, String), String> {
    let zone = zone(arguments, bundle);
    let at = arguments.at.as_ref().map_or(Some(otherwise), |at| at.moment(&zone)).ok_or("--at: there is no such time")?;
    Ok((at, zone))
}

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
    Ok(with(arguments, scenario.about(about).labelled(&arguments.labels())))
}

/// With what the arguments say of whatever comes in.
fn with(arguments: &SimulateArguments, scenario: Scenario) -> Scenario {
    Scenario { answers: arguments.answers.clone(), until: arguments.until, turns_taken: arguments.turns_taken, ..scenario }
}

/// A time as the zone's clock shows it.
fn clock(at: Timestamp, zone: &str, format: &str) -> String {
    at.to_zoned(TimeZone::get(zone).unwrap_or(TimeZone::UTC)).strftime(format).to_string()
}
