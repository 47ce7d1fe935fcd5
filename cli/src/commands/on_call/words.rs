//! Who is on call, as a table for people.

use hansho_domain::{Gap, ListedShift, OnCallLine, Origin};
use jiff::{
    Timestamp,
    tz::{TimeZone, TimeZoneDatabase},
};

use crate::commands::columns::columns;

/// Which of the two shifts of a line is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    Now,
    Next,
}

/// One line a schedule: who is on call and until when, or who is next and from when on.
pub(super) fn now(lines: &[OnCallLine], at: Timestamp, zone: Option<&TimeZone>, which: Which) -> String {
    let heading = match which {
        Which::Now => format!("On call at {}\n\n", shown(at, zone.unwrap_or(&TimeZone::UTC))),
        Which::Next => format!("Next after {}\n\n", shown(at, zone.unwrap_or(&TimeZone::UTC))),
    };
    let mut rows = vec![
        match which {
            Which::Now => ["SCHEDULE", "ON CALL", "UNTIL", "THEN"],
            Which::Next => ["SCHEDULE", "NEXT", "FROM", "UNTIL"],
        }
        .map(str::to_owned)
        .to_vec(),
    ];
    for line in lines {
        let zone = zone_of(&line.time_zone, zone);
        let people = |shift: &Option<ListedShift>| shift.as_ref().map_or_else(|| "-".to_owned(), people);
        rows.push(match which {
            Which::Now => {
                let until = line.now.as_ref().map_or_else(|| "-".to_owned(), |shift| edge(shift.until, &zone));
                vec![line.schedule.to_string(), people(&line.now), until, people(&line.next)]
            }
            Which::Next => {
                let edges = |pick: fn(&ListedShift) -> Option<Timestamp>| {
                    line.next.as_ref().map_or_else(|| "-".to_owned(), |shift| edge(pick(shift), &zone))
                };
                vec![line.schedule.to_string(), people(&line.next), edges(|shift| shift.from), edges(|shift| shift.until)]
            }
        });
    }
    if lines.is_empty() {
        return format!("{heading}No shift.\n");
    }
    heading + &columns(&rows)
}

/// One line a shift.
pub(super) fn shifts(shifts: &[ListedShift], from: Timestamp, until: Timestamp, zone: Option<&TimeZone>) -> String {
    let own = zone.cloned().unwrap_or(TimeZone::UTC);
    let heading = format!("Shifts from {} to {}\n\n", shown(from, &own), shown(until, &own));
    if shifts.is_empty() {
        return format!("{heading}No shift.\n");
    }
    let mut rows = vec![["FROM", "UNTIL", "SCHEDULE", "ON CALL", "BY"].map(str::to_owned).to_vec()];
    for shift in shifts {
        let zone = zone_of(&shift.time_zone, zone);
        rows.push(vec![edge(shift.from, &zone), edge(shift.until, &zone), shift.schedule.to_string(), people(shift), reason(shift)]);
    }
    heading + &columns(&rows)
}

fn people(shift: &ListedShift) -> String {
    if shift.people.is_empty() {
        return "nobody".to_owned();
    }
    let names = shift.people.iter().map(|person| {
        let id = person.user.as_str();
        if person.name == id { person.name.clone() } else { format!("{} ({id})", person.name) }
    });
    names.collect::<Vec<_>>().join(", ")
}

fn reason(shift: &ListedShift) -> String {
    match (&shift.gap, shift.people.first().map(|person| &person.by)) {
        (Some(Gap::NoRotation), _) => "no rotation is in force".to_owned(),
        (Some(Gap::Nobody(rotation)), _) => format!("rotation {rotation}: nobody"),
        (Some(Gap::Override(id)), _) => format!("override {id}: nobody"),
        (None, Some(Origin::Rotation(rotation))) => format!("rotation {rotation}"),
        (None, Some(Origin::Override(id))) => format!("override {id}"),
        (None, None) => String::new(),
    }
}

fn zone_of(schedule: &str, shown: Option<&TimeZone>) -> TimeZone {
    shown.cloned().unwrap_or_else(|| TimeZoneDatabase::bundled().get(schedule).unwrap_or(TimeZone::UTC))
}

fn edge(at: Option<Timestamp>, zone: &TimeZone) -> String {
    at.map_or_else(|| "no change in sight".to_owned(), |at| shown(at, zone))
}

/// `Thu 2026-12-31 03:00 +09:00`: the offset, because abbreviations are ambiguous.
fn shown(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M %:z").to_string()
}
