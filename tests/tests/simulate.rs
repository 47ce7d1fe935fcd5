//! `hansho simulate` can not lie: what it tells is what the local run does under a virtual clock, page for page.
//!
//! `HANSHO_SIMULATE=500` says how many random configurations are compared (CI compares as many, as a part of its own),
//! `HANSHO_SIMULATE_SEED=17` compares one of them and shows it.
#![expect(clippy::unwrap_used, reason = "a comparison that can not be made has failed")]

#[path = "simulate/generated.rs"]
mod generated;
#[path = "simulate/local.rs"]
mod local;

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    thread,
};

use generated::Case;
use hansho_alarm_intake::{Preview, Signal, preview};
use hansho_domain::{Alert, Routes, ServiceId};
use hansho_rehearsal::{Ending, Scenario, Stage, rehearse};
use hansho_runtime::settings::environment;
use jiff::SignedDuration;
use local::Local;

/// How many configurations are compared when nobody says otherwise: half a minute on two cores.
const CASES: u64 = 60;
/// How much of each story is compared.
const COMPARED: SignedDuration = SignedDuration::from_mins(45);

/// What the event comes to, and for which service.
fn alarmed(case: &Case, routes: &Routes) -> (ServiceId, Alert) {
    match preview(&case.event, routes, case.at).remove(0) {
        Preview::Alarm { signal: Signal::Alert { route, alert }, .. } => (route.service, *alert),
        other => panic!("{other:?}"),
    }
}

/// `+300s ben sms`, for every page of the rehearsal.
fn rehearsed(case: &Case, stage: &Stage, alert: Alert) -> Vec<String> {
    let scenario =
        Scenario { answers: case.answers.clone(), until: Some(case.compared), repages: u32::MAX, ..Scenario::of(alert, case.at) };
    let story = rehearse(stage, &scenario);
    assert_ne!(story.ending, Ending::TooLong);
    let mut pages: Vec<String> =
        story.pages.iter().map(|page| format!("+{:>5}s {} {}", story.since_start(page.at).as_secs(), page.who(), page.way())).collect();
    pages.sort();
    pages
}

/// What is told offline, where nothing was changed live, and over the API; and what happens.
async fn both(case: &Case) -> (Vec<String>, Vec<String>) {
    let local = Local::started(case).await;
    let (service, alert) = alarmed(case, &local.routes().await);
    let told = rehearsed(case, &local.stage(service.as_str()).await, alert.clone());
    if case.overrides.is_empty() {
        let configuration = &case.loaded.configuration;
        let (offline, _) = alarmed(case, &configuration.routes());
        assert_eq!(offline, service);
        let stage = Stage::of(configuration, &service, &case.answers).unwrap();
        assert_eq!(rehearsed(case, &stage, alert), told, "left: offline, right: over the API\n{case}");
    }
    (told, local.pages().await)
}

fn number(name: &str) -> Option<u64> {
    environment(name).map(|text| text.parse().unwrap())
}

/// Compares one configuration. Gives how many pages were compared.
async fn compare(seed: u64) -> usize {
    let case = Case::random(seed, COMPARED);
    let (told, happened) = both(&case).await;
    assert_eq!(told, happened, "left: hansho simulate, right: the local run\nHANSHO_SIMULATE_SEED={seed} shows:\n{case}");
    told.len()
}

#[test]
fn the_local_run_pages_the_same_people_by_the_same_methods_at_the_same_moments() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if let Some(seed) = number("HANSHO_SIMULATE_SEED") {
        println!("{}{} pages", Case::random(seed, COMPARED), runtime().block_on(compare(seed)));
        return;
    }
    let cases = number("HANSHO_SIMULATE").unwrap_or(CASES);
    let (next, pages, quiet) = (AtomicU64::new(0), AtomicUsize::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let runtime = runtime();
                while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < cases) {
                    let compared = runtime.block_on(compare(seed));
                    pages.fetch_add(compared, Ordering::Relaxed);
                    quiet.fetch_add(u64::from(compared == 0), Ordering::Relaxed);
                }
            });
        }
    });
    let (pages, quiet) = (pages.into_inner(), quiet.into_inner());
    println!("{cases} configurations compared, {pages} pages; {quiet} configurations page nobody");
    assert!(quiet * 4 < cases, "the configurations are too quiet to compare anything");
}

#[tokio::test]
async fn the_example_at_the_end_of_the_year_pages_in_the_local_run_as_it_is_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/example");
    let text = |name: &str| (name.into(), fs::read_to_string(folder.join(name)).unwrap());
    let loaded = hansho_configuration::load_files(&["people.yaml", "on-call.yaml", "services.yaml"].map(text)).unwrap();
    let at = "2026-12-31T03:00+09:00".parse().unwrap();
    let case = Case {
        text: String::new(),
        loaded,
        event: acceptance::alarm_event("checkout-5xx").at(at).described("severity: critical").build(),
        at,
        overrides: Vec::new(),
        answers: Vec::new(),
        compared: SignedDuration::from_hours(4),
    };
    let (told, happened) = both(&case).await;
    assert!(told.len() > 30, "{told:#?}");
    assert_eq!(told, happened);
}
