//! `hansho simulate` can not lie: what it tells is what the local run does under a virtual clock, page for page.
//!
//! `HANSHO_SIMULATE=500` says how many random configurations are compared, `HANSHO_SIMULATE_SEED=17` compares one of them
//! and shows it.
#![expect(clippy::unwrap_used, reason = "a comparison that can not be made has failed")]

#[path = "simulate/generated.rs"]
mod generated;
#[path = "simulate/local.rs"]
mod local;

use std::{fs, path::Path};

use generated::Case;
use hansho_domain::Severity;
use hansho_rehearsal::{Ending, Scenario, rehearse};
use hansho_runtime::settings::environment;
use jiff::SignedDuration;

/// How many configurations are compared when nobody says otherwise.
const CASES: u64 = 500;
/// How much of each story is compared.
const COMPARED: SignedDuration = SignedDuration::from_mins(70);

/// `+300s ben sms`, for every page of the rehearsal.
fn rehearsed(case: &Case) -> Vec<String> {
    let bundle = case.loaded.configuration.bundle_of(&case.service, 1).unwrap();
    let scenario = Scenario::new(case.at, "rehearsal", case.severity, None).unwrap();
    let scenario = Scenario { answers: case.answers.clone(), until: Some(case.compared), repages: u32::MAX, ..scenario };
    let story = rehearse(&bundle, &[], &scenario);
    assert_ne!(story.ending, Ending::TooLong);
    let mut pages: Vec<String> = story
        .pages
        .iter()
        .map(|page| format!("+{:>5}s {} {}", story.since_start(page.at).as_secs(), page.user, page.method.as_str()))
        .collect();
    pages.sort();
    pages
}

fn number(name: &str) -> Option<u64> {
    environment(name).map(|text| text.parse().unwrap())
}

#[tokio::test]
async fn the_local_run_pages_the_same_people_by_the_same_methods_at_the_same_moments() {
    if let Some(seed) = number("HANSHO_SIMULATE_SEED") {
        let case = Case::random(seed, COMPARED);
        println!("{case}");
        let (told, happened) = (rehearsed(&case), local::pages(&case).await);
        assert_eq!(told, happened, "left: hansho simulate, right: the local run");
        return;
    }
    let (mut pages, mut answered, mut quiet) = (0, 0, 0);
    for seed in 0..number("HANSHO_SIMULATE").unwrap_or(CASES) {
        let case = Case::random(seed, COMPARED);
        let (told, happened) = (rehearsed(&case), local::pages(&case).await);
        assert_eq!(told, happened, "left: hansho simulate, right: the local run\nHANSHO_SIMULATE_SEED={seed} shows:\n{case}");
        pages += told.len();
        answered += usize::from(!case.answers.is_empty());
        quiet += usize::from(told.is_empty());
    }
    println!("{pages} pages compared; {answered} configurations with answers, {quiet} without a page");
    assert!(pages > 0 && quiet * 20 < pages, "the configurations are too quiet to compare anything");
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
