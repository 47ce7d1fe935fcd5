//! The days that events take: rules, exceptions, and those that stand in the place of others.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::Recurrence;
use jiff::{
    SignedDuration, ToSpan,
    civil::{Date, DateTime},
};

use super::{
    FIRST_DAY, LAST_DAY, Mistake,
    event::{Event, Events},
    moment::Moment,
};

/// Most days of a file, each counted once for each event that takes it: what a rule of every day has in 30 years, several times over.
const TAKEN_MAX: usize = 100_000;
/// The first year of an event. Programs that do not know the year of a birthday write 1604.
const YEAR_MIN: i16 = 1600;

/// The days of all events, each with the name of the first that takes it.
pub(super) fn of(events: &Events) -> Result<BTreeMap<Date, String>, Vec<Mistake>> {
    let mut replaced: BTreeMap<&str, Vec<&Moment>> = BTreeMap::new();
    for event in &events.all {
        if let Some(instead_of) = &event.instead_of {
            replaced.entry(&event.uid).or_default().push(instead_of);
        }
    }
    let mut days = BTreeMap::new();
    let mut mistakes = Vec::new();
    let mut left = TAKEN_MAX;
    for event in events.all.iter().filter(|event| !event.is_cancelled) {
        let except = if event.instead_of.is_none() { replaced.get(event.uid.as_str()).map(Vec::as_slice) } else { None };
        match starts(event, except.unwrap_or_default()) {
            Ok(starts) => {
                for start in starts {
                    let taken = taken(events, event, start);
                    // One that takes none of the days that are kept is work too.
                    let Some(still) = left.checked_sub(taken.len().max(1)) else {
                        let message =
                            format!("the events stand for more than {TAKEN_MAX} days; end the rules with UNTIL, or take events out");
                        return Err(vec![Mistake::new(event.line, message)]);
                    };
                    left = still;
                    for day in taken {
                        days.entry(day).or_insert_with(|| event.name.clone());
                    }
                }
            }
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if mistakes.is_empty() { Ok(days) } else { Err(mistakes) }
}

/// When an event begins, on its own clock, as often as it takes place.
fn starts(event: &Event, replaced: &[&Moment]) -> Result<Vec<DateTime>, Mistake> {
    let first = event.start.at;
    if first.year() < YEAR_MIN {
        return Err(Mistake::new(event.line, format!("is an event before the year {YEAR_MIN}; mend its DTSTART")));
    }
    let mut starts = BTreeSet::from([first]);
    if let Some((line, text)) = &event.rule {
        let rule: Recurrence = text.parse().map_err(|error| Mistake::new(*line, format!("RRULE {error}")))?;
        // An event of the last day before those that are kept may last into them, so nothing is cut here but the end.
        starts.extend(rule.days_of_event(first, LAST_DAY).take(TAKEN_MAX).map(|day| day.to_datetime(first.time())));
    }
    starts.extend(event.also.iter().map(|moment| moment.on_clock_of(&event.start)));
    let mut times: BTreeSet<DateTime> = BTreeSet::new();
    let mut dates: BTreeSet<Date> = BTreeSet::new();
    for moment in event.except.iter().chain(replaced.iter().copied()) {
        // A date takes out whatever begins on it.
        if moment.is_day() {
            dates.insert(moment.at.date());
        } else {
            times.insert(moment.on_clock_of(&event.start));
        }
    }
    Ok(starts.into_iter().filter(|start| !times.contains(start) && !dates.contains(&start.date())).collect())
}

/// The days that an event takes which begins at `start`: every one that it touches.
fn taken(events: &Events, event: &Event, start: DateTime) -> Vec<Date> {
    let moment = |at| Moment { at, clock: event.start.clock.clone() };
    let end = start.checked_add(event.length).unwrap_or(start);
    let (first, _) = events.clocks.day_of(&moment(start));
    let (last, is_midnight) = events.clocks.day_of(&moment(end));
    // What ends at midnight takes nothing of the day that begins there.
    let last = if is_midnight && event.length > SignedDuration::ZERO { last.yesterday().unwrap_or(last) } else { last };
    let days = std::iter::successors(Some(first.max(FIRST_DAY)), |day| day.checked_add(1.day()).ok());
    days.take_while(|day| *day <= last.min(LAST_DAY)).collect()
}
