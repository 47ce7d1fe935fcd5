//! When somebody of a rotation is on call at all, and whether two rotations ever are at the same time.

use std::collections::BTreeMap;

use super::reading::{Coverage, TimeOfDay};

/// A day there, here, and in recurrence rules.
pub(super) const DAYS: [(&str, &str, &str); 7] = [
    ("MON", "mon", "MO"),
    ("TUE", "tue", "TU"),
    ("WED", "wed", "WE"),
    ("THU", "thu", "TH"),
    ("FRI", "fri", "FR"),
    ("SAT", "sat", "SA"),
    ("SUN", "sun", "SU"),
];
const DAY_MINUTES: i32 = 24 * 60;
const WEEK_MINUTES: i32 = 7 * DAY_MINUTES;
/// So far apart have two windows to be that do not meet at the minute: a time that the clock is put forward over is later by the change,
/// which nowhere is more than two hours, and an end may pass a beginning.
const CLOCK_CHANGE_MINUTES: i32 = 2 * 60;

/// The hours of the week, by the clock of the zone, from Monday's midnight on, in minutes. None: all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hours(Vec<(i32, i32)>);

impl Hours {
    pub(super) fn of(covered: &BTreeMap<String, Vec<Coverage>>) -> Self {
        let mut windows = Vec::new();
        let mut midnight = 0;
        for (name, ..) in DAYS {
            for Coverage { start, end } in covered.get(name).map(Vec::as_slice).unwrap_or_default() {
                let (from, to) = (midnight + start.minutes(), midnight + end.minutes());
                windows.push((from, if to <= from { to + DAY_MINUTES } else { to }));
            }
            midnight += DAY_MINUTES;
        }
        Self(windows)
    }

    pub(super) fn is_always(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether some moment could be in both, whatever the clock is put forward.
    pub(super) fn may_meet(&self, other: &Self) -> bool {
        let is_after = |end: i32, start: i32| start == end || start - end >= CLOCK_CHANGE_MINUTES;
        let meet = |(from, to): (i32, i32), (other_from, other_to): (i32, i32)| {
            [-WEEK_MINUTES, 0, WEEK_MINUTES].into_iter().any(|week| !is_after(to, other_from + week) && !is_after(other_to + week, from))
        };
        self.is_always() || other.is_always() || self.0.iter().any(|window| other.0.iter().any(|other| meet(*window, *other)))
    }
}

/// The windows as `only` has them, days with the same hours together; none where they are all there is.
pub(super) fn written(covered: &BTreeMap<String, Vec<Coverage>>) -> Vec<String> {
    let mut windows: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for (name, day, _) in DAYS {
        for Coverage { start, end } in covered.get(name).map(Vec::as_slice).unwrap_or_default() {
            let written = |time: &TimeOfDay| format!("{:02}:{:02}", time.hour_of_day, time.minute_of_hour);
            let to = if end.minutes() == 0 { "24:00".to_owned() } else { written(end) };
            let days = windows.entry((written(start), to)).or_default();
            if !days.contains(&day) {
                days.push(day);
            }
        }
    }
    let is_always =
        windows.len() == 1 && windows.get(&("00:00".to_owned(), "24:00".to_owned())).is_some_and(|days| days.len() == DAYS.len());
    if is_always {
        return Vec::new();
    }
    let mut written: Vec<String> = Vec::new();
    for ((from, to), days) in windows {
        let days = if days.len() == DAYS.len() { String::new() } else { format!(", days: [{}]", days.join(", ")) };
        written.push(format!("{{ from: \"{from}\", to: \"{to}\"{days} }}"));
    }
    written
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Hours;

    fn hours(days: &[&str], from: (i8, i8), to: (i8, i8)) -> Hours {
        let time = |(hour, minute): (i8, i8)| json!({ "HourOfDay": hour, "MinuteOfHour": minute });
        let covered: serde_json::Map<String, serde_json::Value> =
            days.iter().map(|day| ((*day).to_owned(), json!([{ "Start": time(from), "End": time(to) }]))).collect();
        Hours::of(&serde_json::from_value(covered.into()).unwrap())
    }

    #[test]
    fn hours_that_follow_each_other_never_meet_and_a_moment_in_both_does() {
        const WORK: [&str; 5] = ["MON", "TUE", "WED", "THU", "FRI"];
        let office = hours(&WORK, (9, 0), (17, 0));
        for (other, meets) in [
            (hours(&WORK, (17, 0), (9, 0)), false),
            (hours(&["SAT", "SUN"], (0, 0), (0, 0)), false),
            (hours(&["SUN"], (20, 0), (9, 0)), false),
            (hours(&["SUN"], (20, 0), (9, 1)), true),
            (hours(&["FRI"], (16, 59), (18, 0)), true),
            (hours(&["FRI"], (16, 0), (16, 0)), true),
            (hours(&["SUN"], (9, 0), (9, 0)), false),
            // Where the clock is put forward over 17:00, the one ends at 18:00, when the other has begun.
            (hours(&["MON"], (17, 30), (20, 0)), true),
            (hours(&["MON"], (19, 0), (20, 0)), false),
            (hours(&[], (0, 0), (0, 0)), true),
        ] {
            assert_eq!(office.may_meet(&other), meets, "{other:?}");
            assert_eq!(other.may_meet(&office), meets, "{other:?}");
        }
    }
}
