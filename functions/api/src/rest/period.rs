//! The time of what begins now or later, as people ask for it: until a moment, or for so many minutes.

use jiff::{SignedDuration, Timestamp};

use crate::problem::Problem;

/// A beginning that is past by no more counts as now: clocks differ, and a request takes its time.
pub(super) const LATE_MAX: SignedDuration = SignedDuration::from_secs(60);

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedPeriod {
    pub(super) from: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    pub(super) minutes: Option<u32>,
}

impl AskedPeriod {
    /// The first moment after it, when it begins at `from`. `what` begins the sentence for whoever says it twice or not at all.
    pub(super) fn end(&self, from: Timestamp, what: &str, example: &str) -> Result<Timestamp, Problem> {
        match (self.until, self.minutes) {
            (Some(until), None) => Ok(until),
            (None, Some(minutes)) => Ok(after(from, minutes)),
            (Some(_), Some(_)) | (None, None) => {
                Err(Problem::bad_request(format!("{what} takes either minutes or until. Send JSON such as {example}.")))
            }
        }
    }

    /// Whether what lasts from `from` to `until` may be what this asks for. A client that counts from its own clock asks for other
    /// moments when it asks again.
    pub(super) fn is(&self, from: Timestamp, until: Timestamp) -> bool {
        let is_near = |asked: Timestamp, made: Timestamp| made.duration_since(asked).abs() <= LATE_MAX;
        self.from.is_none_or(|asked| is_near(asked, from))
            && self.until.is_none_or(|asked| is_near(asked, until))
            && self.minutes.is_none_or(|minutes| is_near(after(from, minutes), until))
    }
}

fn after(from: Timestamp, minutes: u32) -> Timestamp {
    from.saturating_add(SignedDuration::from_mins(i64::from(minutes))).unwrap_or(Timestamp::MAX)
}
