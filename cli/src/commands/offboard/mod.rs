//! `hansho user offboard`: everything that names a person who leaves, and its repair.

mod live;

use std::{fs, path::PathBuf};

use clap::Args;
use hansho_configuration::{Loaded, Mention, Problem, Repair};
use hansho_domain::UserId;
use hansho_runtime::{Clock, SystemClock};
use jiff::{
    Timestamp, ToSpan, Unit,
    civil::DateTime,
    tz::{TimeZone, TimeZoneDatabase},
};

use super::{
    client::{ClientError, ServerArguments},
    columns::columns,
    moment, print, rehearsals,
};
use crate::gathering::{self, OfflineArguments};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub(super) enum OffboardError {
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Configuration(Vec<Problem>),
    #[error("{0}")]
    Argument(String),
    #[error("{file} can not be written: {error}")]
    Write {
        /// Which file.
        file: String,
        /// What the system says.
        error: std::io::Error,
    },
    #[error("the files were changed, and this is left to do:\n{}", .0.join("\n"))]
    Left(Vec<String>),
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// Arguments of `hansho user offboard`.
#[derive(Debug, Args)]
pub(super) struct OffboardUser {
    /// The person's name in the configuration
    user: UserId,
    /// The configuration's folder
    #[arg(long, value_name = "DIR")]
    config: PathBuf,
    #[command(flatten)]
    offline: OfflineArguments,
    /// Who takes their place
    #[arg(long, value_name = "USER")]
    replace_by: Option<UserId>,
    /// When they leave rotations, such as 2026-12-01T09:00 on each schedule's clock; now otherwise, by the clock
    /// of this machine, or with --live by Hansho's
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Change the files; without it they are only read. Ends with 1 when something is left to do by hand, or a test does not hold
    #[arg(long)]
    write: bool,
    /// Ask a Hansho too: overrides that put them on call, and open incidents that they have or are called for
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    server: ServerArguments,
}

pub(super) async fn run(asked: OffboardUser) -> Result<(), OffboardError> {
    if asked.replace_by.as_ref() == Some(&asked.user) {
        return Err(OffboardError::Argument("nobody can take their own place; name somebody else with --replace-by".to_owned()));
    }
    let moment = asked.at.as_deref().map(time).transpose().map_err(OffboardError::Argument)?;
    let now = if asked.live && moment.is_none() { live::now(&asked.server).await? } else { SystemClock.now() };
    let leaves = |zone: &str| match &moment {
        Some(Leaves::Clock(at)) => *at,
        Some(Leaves::Moment(at)) => clock(*at, zone),
        None => clock(now, zone),
    };
    let gathered = gathering::gathered(&asked.config, asked.offline).await;
    let done =
        hansho_configuration::offboard(&gathered, &asked.user, asked.replace_by.as_ref(), leaves).map_err(OffboardError::Configuration)?;
    let mut rows = vec![["PLACE", "WHAT", ""].map(str::to_owned).to_vec()];
    for mention in &done.mentions {
        let (what, sentence) = match &mention.repair {
            Repair::Edit(sentence) => (if asked.write { "changed" } else { "would change" }, sentence),
            Repair::Keep(sentence) => ("stays", sentence),
            Repair::ByHand(sentence) => ("BY HAND", sentence),
        };
        rows.push(vec![format!("{}:{}", mention.file.display(), mention.line), mention.path.clone(), format!("{what}: {sentence}")]);
    }
    if done.mentions.is_empty() {
        print(&format!("No schedule, team, policy or rule names {}.\n", asked.user));
    } else {
        print(&columns(&rows));
    }
    if !done.twice.is_empty() {
        print(&format!("\nwarning: {}\n", done.twice.join("\nwarning: ")));
    }
    let after = done.after.as_ref().map_err(|problems| OffboardError::Configuration(problems.clone()))?;
    let left = left(&done.mentions, after);
    if asked.write {
        for (file, text) in &done.files {
            let file = asked.config.join(file);
            fs::write(&file, text).map_err(|error| OffboardError::Write { file: file.display().to_string(), error })?;
        }
    }
    print(&match (asked.write, left.is_empty()) {
        (true, true) => {
            "\nThe configuration was checked after the change, and its tests hold. Take the person out of `users` once their last shift is over.\n".to_owned()
        }
        (false, true) => "\nNothing would be left to do by hand, and the tests of the configuration would hold. Change the files with --write.\n".to_owned(),
        (true, false) => String::new(),
        (false, false) => format!("\nAfter the change this would be left to do:\n{}\n", left.join("\n")),
    });
    if asked.live {
        print(&live::told(&asked.server, &asked.user).await?);
    }
    if asked.write && !left.is_empty() { Err(OffboardError::Left(left)) } else { Ok(()) }
}

/// What the change leaves to people: places, and tests of the configuration that do not hold after it.
fn left(mentions: &[Mention], after: &Loaded) -> Vec<String> {
    let by_hand = mentions.iter().filter(|mention| matches!(mention.repair, Repair::ByHand(_))).count();
    let places = (by_hand > 0).then(|| format!("{by_hand} place(s) have to be edited by hand (BY HAND)"));
    let failures = rehearsals::run(after).failures;
    let tests = (!failures.is_empty()).then(|| format!("{} expectation(s) of `tests:` are not met", failures.len()));
    places.into_iter().chain(tests).chain(failures.iter().map(|failure| format!("  {failure}"))).collect()
}

enum Leaves {
    Clock(DateTime),
    Moment(Timestamp),
}

fn time(text: &str) -> Result<Leaves, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Leaves::Moment(at));
    }
    match text.parse::<DateTime>() {
        Ok(at) => Ok(Leaves::Clock(at)),
        Err(_) => moment(text, &TimeZone::UTC).map(|at| Leaves::Clock(at.to_zoned(TimeZone::UTC).datetime())),
    }
}

/// The minute after a moment on the clock of a zone.
fn clock(at: Timestamp, zone: &str) -> DateTime {
    let zone = TimeZoneDatabase::bundled().get(zone).unwrap_or(TimeZone::UTC);
    let clock = zone.to_datetime(at);
    clock.round(Unit::Minute).ok().filter(|rounded| *rounded >= clock).unwrap_or_else(|| clock.checked_add(1.minute()).unwrap_or(clock))
}
