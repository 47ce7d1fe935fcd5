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
/// Most changes of one series that are for all that follow: each start of it looks at every one.
const FOLLOWING_MAX: usize = 100;
/// The first year of an event. Programs that do not know the year of a birthday write 1604.
const YEAR_MIN: i16 = 1600;

/// What stands in the place of events of one series.
#[derive(Debug, Default)]
struct Replaced<'a> {
    /// The starts that are not where they were.
    starts: Vec<&'a Moment>,
    /// Those that move all that follow, with the start that each is for.
    following: Vec<(&'a Moment, &'a Event)>,
}

/// The days of all events, each with the name of the first that takes it.
pub(super) fn of(events: &Events) -> Result<BTreeMap<Date, String>, Vec<Mistake>> {
    let replaced = replaced(events)?;
    let nothing = Replaced::default();
    let mut days = BTreeMap::new();
    let mut mistakes = Vec::new();
    let mut left = TAKEN_MAX;
    for event in events.all.iter().filter(|event| !event.is_cancelled) {
        let series = if event.instead_of.is_none() { replaced.get(event.uid.as_str()).unwrap_or(&nothing) } else { &nothing };
        match starts(event, &series.starts) {
            Ok(starts) => {
                for start in starts {
                    let (event, start) = series.moved(event, start);
                    let taken = if event.is_cancelled { Vec::new() } else { taken(events, event, start) };
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

/// What is replaced of each series, by its UID.
fn replaced(events: &Events) -> Result<BTreeMap<&str, Replaced<'_>>, Vec<Mistake>> {
    let series: BTreeSet<&str> = events.all.iter().filter(|event| event.instead_of.is_none()).map(|event| event.uid.as_str()).collect();
    let mut replaced: BTreeMap<&str, Replaced<'_>> = BTreeMap::new();
    let mut mistakes = Vec::new();
    for event in &events.all {
        let Some(instead_of) = &event.instead_of else { continue };
        let of_series = replaced.entry(&event.uid).or_default();
        of_series.starts.push(instead_of);
        match event.and_following {
            Some(line) if !series.contains(event.uid.as_str()) => {
                let message = "is for all that follow (RANGE=THISANDFUTURE) of a series that is not in the file; export the whole calendar";
                mistakes.push(Mistake::new(line, message));
            }
            Some(_) if of_series.following.len() == FOLLOWING_MAX => {
                let message = format!("is change number {} of one series; {FOLLOWING_MAX} are the most", FOLLOWING_MAX + 1);
                return Err(vec![Mistake::new(event.line, message)]);
            }
            Some(_) => of_series.following.push((instead_of, event)),
            None => {}
        }
    }
    if mistakes.is_empty() { Ok(replaced) } else { Err(mistakes) }
}

impl<'a> Replaced<'a> {
    /// The event that stands for the one of a series which begins at `start`, and when that one begins on its clock: the last change
    /// that is for all that follow moves it by as much as its own first (RFC 5545, section 3.8.4.4).
    fn moved(&self, event: &'a Event, start: DateTime) -> (&'a Event, DateTime) {
        let changes = self.following.iter().map(|(instead_of, change)| (first_of(instead_of, event), *change));
        let Some((first, change)) = changes.filter(|(first, _)| *first <= start).max_by_key(|(first, _)| *first) else {
            return (event, start);
        };
        let on_its_clock = |at| Moment { at, clock: event.start.clock.clone() }.on_clock_of(&change.start);
        let moved = on_its_clock(start).checked_add(change.start.at.duration_since(on_its_clock(first)));
        (change, moved.unwrap_or(start))
    }
}

/// The start in a series that a change names. One that names a day is for the one that begins on it.
fn first_of(instead_of: &Moment, event: &Event) -> DateTime {
    if instead_of.is_day() { instead_of.at.date().to_datetime(event.start.at.time()) } else { instead_of.on_clock_of(&event.start) }
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
