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
use hansho_domain::Severity;
use hansho_rehearsal::{Ending, Scenario, rehearse};
use hansho_runtime::settings::environment;
use jiff::SignedDuration;

/// How many configurations are compared when nobody says otherwise: half a minute on two cores.
const CASES: u64 = 60;
/// How much of each story is compared.
const COMPARED: SignedDuration = SignedDuration::from_mins(45);

/// `+300s ben sms`, for every page of the rehearsal.
fn rehearsed(case: &Case) -> Vec<String> {
    let bundle = case.loaded.configuration.bundle_of(&case.service, 1).unwrap();
    let scenario = Scenario::new(case.at, "rehearsal", case.severity, None).unwrap();
    let scenario = Scenario { answers: case.answers.clone(), until: Some(case.compared), repages: u32::MAX, ..scenario };
    let story = rehearse(&bundle, &[], &scenario);
    assert_ne!(story.ending, Ending::TooLong);
    let mut pages: Vec<String> =
        story.pages.iter().map(|page| format!("+{:>5}s {} {}", story.since_start(page.at).as_secs(), page.who(), page.way())).collect();
    pages.sort();
    pages
}

fn number(name: &str) -> Option<u64> {
    environment(name).map(|text| text.parse().unwrap())
}

/// Compares one configuration. Gives how many pages were compared.
async fn compare(seed: u64) -> usize {
    let case = Case::random(seed, COMPARED);
    let (told, happened) = (rehearsed(&case), local::pages(&case).await);
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
    let case = Case {
        text: String::new(),
        loaded,
        service: "checkout".parse().unwrap(),
        alarm: "checkout-5xx".to_owned(),
        at: "2026-12-31T03:00+09:00".parse().unwrap(),
        severity: Severity::Critical,
        answers: Vec::new(),
        compared: SignedDuration::from_hours(4),
    };
    let told = rehearsed(&case);
    assert!(told.len() > 30, "{told:#?}");
    assert_eq!(told, local::pages(&case).await);
}
