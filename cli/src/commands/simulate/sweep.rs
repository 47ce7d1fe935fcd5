//! `hansho simulate --from --to`: the moments of a period at which too few people would be reached.

use std::process::ExitCode;

use hansho_domain::{Bundle, Language, ServiceId};
use hansho_rehearsal::{About, Lack, Reach, Span, Stage, Sweep, When, spans};
use hansho_runtime::{Clock, SystemClock};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{SimulateArguments, Source, clock, overrides_from, scenario, service_of, sweep_words as words, zone};
use crate::commands::{columns::columns, print};

/// Most moments of a sweep, over all services: a year of hours for 100 services.
const MOMENTS_MAX: u64 = 1_000_000;
/// How many people make a moment safe when nobody says otherwise.
const PEOPLE_DEFAULT: u8 = 2;
/// After how long without a word whoever waits is told how far it is.
const PATIENCE: SignedDuration = SignedDuration::from_secs(1);

/// What a sweep of one service found.
struct Found {
    bundle: Bundle,
    zone: String,
    moments: usize,
    spans: Vec<Span>,
}

impl Found {
    /// A service that is meant to wake nobody lacks nobody.
    fn never_wakes(&self) -> bool {
        self.moments > 0 && self.spans.len() == 1 && self.spans.iter().all(|s| s.lack == Lack::NobodyWoken && s.moments == self.moments)
    }

    fn fails(&self) -> bool {
        !self.spans.is_empty() && !self.never_wakes()
    }
}

pub(super) async fn run(arguments: &SimulateArguments, source: &Source, from: &When, to: &When) -> Result<ExitCode, String> {
    let services: Vec<ServiceId> = match arguments.about()? {
        Some(about) => vec![service_of(&about, source.routes())],
        None => source.services(),
    };
    let least = arguments.fail_under.unwrap_or(PEOPLE_DEFAULT);
    let live_from = overrides_from(from, source.now());
    let mut progress = Progress::new(arguments.language, services.len(), SystemClock.now());
    let mut found = Vec::new();
    for id in services {
        let stage = source.stage(&id, live_from, &arguments.answers).await?;
        found.push(service(arguments, stage, from, to, usize::from(least), &mut progress)?);
    }
    if arguments.json {
        print(&format!("{:#}\n", found.iter().map(json_of).collect::<Value>()));
    } else {
        print(&told(arguments, &found, least));
    }
    let fails = arguments.fail_under.is_some() && found.iter().any(Found::fails);
    Ok(if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn service(
    arguments: &SimulateArguments,
    stage: Stage,
    from: &When,
    to: &When,
    least: usize,
    progress: &mut Progress,
) -> Result<Found, String> {
    let zone = zone(arguments, &stage.bundle);
    let moment = |when: &When, flag: &str| when.moment(&zone).ok_or_else(|| format!("{flag}: there is no such time"));
    let sweep = Sweep { from: moment(from, "--from")?, to: moment(to, "--to")?, every: arguments.every, within: arguments.within };
    match sweep.count().saturating_mul(progress.services.try_into().unwrap_or(u64::MAX)) {
        0 => return Err("--to must be later than --from".to_owned()),
        count if count > MOMENTS_MAX => {
            return Err(format!("that is {count} moments; {MOMENTS_MAX} are the most, so give a longer --every"));
        }
        _ => {}
    }
    let about = About::Service(stage.bundle.service.id().clone());
    let scenario = scenario(arguments, &about, sweep.from)?;
    let mut reaches: Vec<Reach> = Vec::new();
    for at in sweep.moments() {
        reaches.push(sweep.reach(&stage, &scenario, at));
        let told = progress.step(stage.bundle.service.id().as_str(), reaches.len(), sweep.count(), SystemClock.now());
        told.into_iter().for_each(|told| eprintln!("{told}"));
    }
    progress.done += 1;
    Ok(Found { zone, moments: reaches.len(), spans: spans(&reaches, least), bundle: stage.bundle })
}

fn told(arguments: &SimulateArguments, found: &[Found], least: u8) -> String {
    let language = arguments.language;
    let span = |duration: SignedDuration| super::words::span(language, duration.as_secs());
    let mut text = words::heading(language, &span(arguments.within), &span(arguments.every), least) + "\n";
    for one in found {
        text += &format!("\n{} ({}, {})\n", one.bundle.service.id(), one.bundle.service.spec().name, one.zone);
        if one.never_wakes() {
            text += &format!("  {}\n", words::never_wakes(language));
        } else if one.spans.is_empty() {
            text += &format!("  {}\n", words::safe(language, one.moments, least));
        } else {
            let rows: Vec<Vec<String>> = one.spans.iter().map(|span| row(arguments, one, span)).collect();
            columns(&rows).lines().for_each(|row| text += &format!("  {row}\n"));
        }
    }
    text
}

fn row(arguments: &SimulateArguments, found: &Found, span: &Span) -> Vec<String> {
    let told = |at| clock(at, &found.zone, "%Y-%m-%d %a %H:%M");
    let time = if span.moments == 1 { told(span.from) } else { format!("{} - {}", told(span.from), told(span.to)) };
    vec![time, words::moments(arguments.language, span.moments), words::lack(arguments.language, &span.lack)]
}

fn json_of(found: &Found) -> Value {
    json!({
        "service": found.bundle.service.id(),
        "time_zone": found.zone,
        "moments": found.moments,
        "never_wakes": found.never_wakes(),
        "spans": found.spans,
    })
}

/// Says on standard error how far it is, when it takes longer than a moment.
struct Progress {
    language: Language,
    services: usize,
    done: usize,
    told_at: Timestamp,
}

impl Progress {
    fn new(language: Language, services: usize, now: Timestamp) -> Self {
        Self { language, services, done: 0, told_at: now }
    }

    /// What to say at `now`, after so many moments of a service that has `count`; nothing where it said something just before.
    fn step(&mut self, service: &str, moments: usize, count: u64, now: Timestamp) -> Option<String> {
        if now.duration_since(self.told_at) < PATIENCE {
            return None;
        }
        self.told_at = now;
        Some(words::progress(self.language, (self.done + 1, self.services), service, (moments, count)))
    }
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;
    use jiff::Timestamp;

    use super::Progress;

    #[test]
    fn a_long_sweep_says_once_a_second_how_far_it_is() {
        let at = |milliseconds: i64| Timestamp::from_millisecond(milliseconds).unwrap();
        let mut progress = Progress::new(Language::En, 3, at(0));
        assert_eq!(progress.step("checkout", 1, 8760, at(999)), None);
        let told = progress.step("checkout", 2, 8760, at(1000));
        assert_eq!(told.as_deref(), Some("checkout (service 1 of 3): 2 of 8760 moments"));
        assert_eq!(progress.step("checkout", 3, 8760, at(1500)), None);
        progress.done += 1;
        progress.language = Language::Ja;
        let told = progress.step("search", 7, 8760, at(2000));
        assert_eq!(told.as_deref(), Some("search (サービス2/3): 8760個の時刻のうち7個"));
    }
}
