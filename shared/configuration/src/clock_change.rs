//! Times of a schedule that its clock never shows, because it was put forward over them.
//!
//! A hand-off that meets such a change later moves forward by itself. A time that is written down is meant to be one that exists.

use hansho_domain::Schedule;
use jiff::{
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};

use crate::spot::Spot;

/// Notes a problem for every start, end, join and leave that does not exist.
pub(crate) fn check(spot: &Spot<'_>, schedule: &Schedule) {
    // The schedule has been made with this name.
    let zone = TimeZoneDatabase::bundled().get(schedule.time_zone()).unwrap_or(TimeZone::UTC);
    for (place, rotation) in schedule.rotations().iter().enumerate() {
        let spec = rotation.spec();
        let field = |name: &str| format!("rotations[{place}].{name}");
        check_time(spot, &zone, &field("start"), Some(spec.start));
        check_time(spot, &zone, &field("end"), spec.end);
        for (slot, member) in spec.members.iter().enumerate() {
            check_time(spot, &zone, &field(&format!("members[{slot}].joins")), member.joins);
            check_time(spot, &zone, &field(&format!("members[{slot}].leaves")), member.leaves);
        }
    }
}

fn check_time(spot: &Spot<'_>, zone: &TimeZone, field: &str, time: Option<DateTime>) {
    let Some(time) = time else { return };
    let ambiguous = zone.to_ambiguous_timestamp(time);
    if !matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. }) {
        return;
    }
    let exists = ambiguous.compatible().map(|at| zone.to_datetime(at)).unwrap_or(time);
    let clock = |at: DateTime| at.strftime("%Y-%m-%dT%H:%M").to_string();
    let message = format!(
        "{} does not exist in {}: the clock is put forward over it; write {}, or another day",
        clock(time),
        zone.iana_name().unwrap_or("UTC"),
        clock(exists)
    );
    spot.fail_at(spot.place_of(field), &format!("{}.{field}", spot.path), message);
}
