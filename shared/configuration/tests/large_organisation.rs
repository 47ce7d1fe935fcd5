//! An organisation of 200 teams and 3,000 services is read and checked as a small one is. `benches/check.rs` says how fast.
#![expect(clippy::expect_used, reason = "a test that can not go on has failed")]

#[path = "../../../tests/src/organisation.rs"]
mod organisation;

use hansho_configuration::check_files;
use organisation::{LARGE, Size};

fn parts(size: Size) -> [usize; 5] {
    let files = size.files();
    let checked =
        check_files(&files, "2026-12-01T00:00:00Z".parse().expect("a moment"), None).unwrap_or_else(|p| panic!("{:?}", p.first()));
    assert_eq!(checked.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(), [""; 0]);
    let c = &checked.loaded.configuration;
    [c.teams().len(), c.users().len(), c.schedules().len(), c.policies().len(), c.services().len()]
}

#[test]
fn a_large_organisation_has_no_problem_and_no_warning() {
    // The catch-all service and its policy come on top.
    assert_eq!(parts(LARGE), [200, 2_000, 1_000, 1_001, 3_001]);
}

#[test]
fn an_organisation_of_any_size_is_right() {
    assert_eq!(parts(Size { teams: 1, users: 1, schedules: 1, policies: 1, services: 1 }), [1, 1, 1, 2, 2]);
    assert_eq!(parts(Size { teams: 3, users: 20, schedules: 10, policies: 4, services: 50 }), [3, 21, 12, 7, 52]);
}
