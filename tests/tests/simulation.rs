//! The whole of Hansho in one process on one thread, against faults that follow from a seed.
//!
//! The functions' own handlers run over the real SDK clients; their calls end in the embedded DynamoDB and in the fakes of
//! this test, one at a time, in an order that the seed decides. `HANSHO_SEED=1234` runs one seed and shows everything;
//! `HANSHO_SEEDS` and `HANSHO_FIRST_SEED` say how many and from where. Scenarios with one scripted fault each are in
//! `simulation/scenarios.rs` and `simulation/windows.rs`, under the names that `docs/failure-modes.md` uses.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

#[path = "simulation/accounts.rs"]
mod accounts;
#[path = "simulation/arrivals.rs"]
mod arrivals;
#[path = "simulation/board.rs"]
mod board;
#[path = "simulation/called.rs"]
mod called;
#[path = "simulation/edits.rs"]
mod edits;
#[path = "simulation/history.rs"]
mod history;
#[path = "simulation/holds.rs"]
mod holds;
#[path = "simulation/laws.rs"]
mod laws;
#[path = "simulation/notices.rs"]
mod notices;
#[path = "simulation/random.rs"]
mod random;
#[path = "simulation/reminding.rs"]
mod reminding;
#[path = "simulation/scenarios.rs"]
mod scenarios;
#[path = "simulation/signals.rs"]
mod signals;
#[path = "simulation/weather.rs"]
mod weather;
#[path = "simulation/windows.rs"]
mod windows;
#[path = "simulation/work.rs"]
mod work;
#[path = "simulation/workload.rs"]
mod workload;
#[path = "simulation/world.rs"]
mod world;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use hansho_runtime::{Clock, SystemClock, settings::environment};

/// When every world begins: 2026-11-20T00:00:00Z, which is 09:00 in Tokyo.
const START_MS: i64 = 1_795_132_800_000;
/// How many lines of what led to a failure are shown.
const TOLD_MAX: usize = 60;
/// One seed of so many is run twice, and must come out the same.
const REPLAY_EVERY: u64 = 10;

fn number(name: &str) -> Option<u64> {
    environment(name).map(|text| text.parse().unwrap())
}

/// What a seed came to: the totals, or what is against a law.
type Outcome = Result<BTreeMap<&'static str, u64>, String>;

fn seed(seed: u64, is_verbose: bool) -> Outcome {
    let (world, _) = world::story(seed, is_verbose);
    let mut broken = laws::check(&world);
    if broken.is_empty() && (is_verbose || seed.is_multiple_of(REPLAY_EVERY)) {
        let (again, _) = world::story(seed, false);
        if again.dump() != world.dump() || again.board.state().trace_hash != world.board.state().trace_hash {
            broken.push(("7", "the same seed came to another end".to_owned()));
        }
    }
    if !broken.is_empty() {
        return Err(account(seed, &broken, is_verbose));
    }
    if is_verbose {
        say(&format!("seed {seed}: nothing against the laws\n\n{}", trace(&world).join("\n")));
    }
    Ok(totals(&world))
}

fn trace(world: &world::World) -> Vec<String> {
    world.board.state().trace.iter().cloned().collect()
}

/// What is against the laws, and what led to it: the seed once more, with the last lines about the incident concerned.
fn account(seed: u64, broken: &[laws::Broken], is_verbose: bool) -> String {
    let (world, _) = world::story(seed, true);
    let lines = trace(&world);
    let subjects: Vec<String> = broken.iter().take(1).flat_map(|(_, text)| work::incidents_of(text)).collect();
    let is_about = |line: &&String| subjects.is_empty() || subjects.iter().any(|subject| line.contains(subject));
    let invocations: BTreeSet<&str> = lines.iter().filter(is_about).filter_map(|line| line.split(['[', ']']).nth(1)).collect();
    let told = lines.iter().filter(|line| is_verbose || line.split(['[', ']']).nth(1).is_none_or(|id| invocations.contains(id)));
    let told: Vec<&str> = told.filter(|line| is_verbose || !line.ends_with(" Query")).map(String::as_str).collect();
    let last = if is_verbose { 0 } else { told.len().saturating_sub(TOLD_MAX) };
    let broken: Vec<String> = broken.iter().take(8).map(|(law, text)| format!("  law {law}: {text}")).collect();
    format!("seed {seed}: {} against the laws\n{}\n\n{}", broken.len(), broken.join("\n"), told[last..].join("\n"))
}

fn totals(world: &world::World) -> BTreeMap<&'static str, u64> {
    let state = world.board.state();
    let mut counts = state.counts.clone();
    counts.insert("commit", state.history.commits.len() as u64);
    counts.insert("alert", state.history.alerts.len() as u64);
    counts.insert("incident", state.history.incidents().len() as u64);
    let released =
        |commit: &&history::Committed| commit.entry.as_ref().is_some_and(|entry| entry.input.as_str().starts_with("maintenance-"));
    counts.insert("released early", state.history.commits.iter().filter(released).count() as u64);
    let held = |commit: &&history::Committed| {
        let hansho_domain::Phase::Held { cause, .. } = &commit.incident.phase else { return false };
        commit.incident.version == 1 && matches!(cause, hansho_domain::HoldCause::Maintenance(_))
    };
    counts.insert("held by maintenance", state.history.commits.iter().filter(held).count() as u64);
    counts.insert("duplicate page, explained", state.history.duplicates_explained);
    counts.extend(state.history.accounts.totals());
    counts.insert("notice", state.history.notices.made.len() as u64);
    counts.insert("duplicate notice, explained", state.history.notices.duplicates_explained);
    counts
}

/// To the terminal, past the test's capture.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[test]
fn every_seed_keeps_the_laws() {
    let one = number("HANSHO_SEED");
    let first = one.or_else(|| number("HANSHO_FIRST_SEED")).unwrap_or(1);
    let seeds = one.map(|_| 1).or_else(|| number("HANSHO_SEEDS")).unwrap_or(200);
    let (next, failed) = (AtomicU64::new(first), AtomicBool::new(false));
    let (sum, failure) = (Mutex::new(BTreeMap::<&'static str, u64>::new()), Mutex::new(None));
    let started = SystemClock.now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let work = || {
        let _guard = runtime.enter();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= first + seeds || failed.load(Ordering::Relaxed) {
                return;
            }
            let outcome = catch_unwind(AssertUnwindSafe(|| seed(number, one.is_some())));
            match outcome.unwrap_or_else(|_| Err(format!("seed {number}: it panicked"))) {
                Ok(counts) => {
                    let mut sum = sum.lock().unwrap();
                    for (name, count) in counts {
                        *sum.entry(name).or_default() += count;
                    }
                }
                Err(text) => {
                    failed.store(true, Ordering::Relaxed);
                    let mut failure = failure.lock().unwrap();
                    if failure.as_ref().is_none_or(|(known, _)| number < *known) {
                        *failure = Some((number, text));
                    }
                }
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(4));
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    if let Some((number, text)) = failure.into_inner().unwrap() {
        say(&text);
        panic!("replay with: HANSHO_SEED={number} cargo test -p acceptance --test simulation every_seed");
    }
    let seconds = SystemClock.now().duration_since(started).as_secs_f32();
    let counts: Vec<String> = sum.into_inner().unwrap().iter().map(|(name, count)| format!("{name}: {count}")).collect();
    say(&format!("simulation: {seeds} seeds from {first} in {seconds:.0} s\n  {}", counts.join("\n  ")));
}
