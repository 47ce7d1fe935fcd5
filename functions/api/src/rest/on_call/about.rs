//! Whom a request is about, and of which period.

use hansho_domain::{About, Directory};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};

use crate::problem::Problem;

/// Longest period, in days: a year, and some weeks around it.
const PERIOD_DAYS_MAX: i64 = 400;

/// The one thing that is named, or everything.
pub(in crate::rest) fn about(schedule: Option<String>, team: Option<String>, user: Option<String>) -> Result<About, Problem> {
    let wrong = |error: hansho_domain::InvalidId| Problem::bad_request(format!("{}.", super::super::sentence(&error.to_string())));
    match (schedule, team, user) {
        (None, None, None) => Ok(About::Everything),
        (Some(id), None, None) => Ok(About::Schedule(id.parse().map_err(wrong)?)),
        (None, Some(id), None) => Ok(About::Team(id.parse().map_err(wrong)?)),
        (None, None, Some(id)) => Ok(About::User(id.parse().map_err(wrong)?)),
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
            Err(Problem::bad_request("Name one of schedule, team and user, or none of them for every schedule."))
        }
    }
}

/// Refuses what the directory does not know, with a sentence that says what it knows.
pub(in crate::rest) fn known(directory: &Directory, about: &About) -> Result<(), Problem> {
    match directory.problem_of(about) {
        None => Ok(()),
        Some(problem) => Err(Problem::new(StatusCode::NOT_FOUND, format!("{}.", super::super::sentence(&problem)))),
    }
}

/// A moment in an address.
pub(in crate::rest) fn moment(name: &str, text: &str) -> Result<Timestamp, Problem> {
    // Whoever forgets to encode the plus sign sends a space.
    text.replace(' ', "+").parse().map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        Problem::bad_request(format!("{name} is {shown:?}; write a moment such as 2026-12-31T03:00:00+09:00 (the plus sign as %2B)."))
    })
}

/// A period in an address, not longer than is answered at once.
pub(super) fn period(from: Timestamp, until: Timestamp) -> Result<(Timestamp, Timestamp), Problem> {
    if until <= from {
        return Err(Problem::bad_request(format!("The period ends at {until}, and that is not after {from}, when it begins.")));
    }
    if until.duration_since(from) > SignedDuration::from_hours(24 * PERIOD_DAYS_MAX) {
        return Err(Problem::bad_request(format!("The period is longer than {PERIOD_DAYS_MAX} days; ask for a shorter one.")));
    }
    Ok((from, until))
}
