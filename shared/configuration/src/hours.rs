//! `hours:` when a service is looked after.

use hansho_domain::{Calendar, CalendarId, HoursId, SupportHours};

use crate::{calendar, map::Keys, names::Section, schedule, spot::Spot, user};

const KEYS: Keys = Keys { known: &["time_zone", "windows", "holidays"], later: &[] };

/// Support hours as they are written: their calendars are looked up when all of them are known.
pub(crate) struct Hours {
    hours: SupportHours,
    holidays: Vec<CalendarId>,
}

/// Reads the name of support hours.
pub(crate) fn name(spot: &Spot<'_>) -> Option<HoursId> {
    let id: HoursId = spot.parsed(str::parse)?;
    spot.refers_to(Section::Hours, id.as_str());
    Some(id)
}

/// Reads one set of hours.
pub(crate) fn read(spot: &Spot<'_>, id: HoursId) -> Option<Hours> {
    let map = spot.map(&KEYS)?;
    let time_zone = map.required("time_zone").and_then(|s| s.parsed(user::time_zone));
    let holidays = map.optional("holidays").map_or(Some(Vec::new()), |s| s.list(calendar::name));
    let windows = map.required("windows").and_then(|s| s.list(schedule::restriction))?;
    let holidays = holidays?;
    // Another calendar in place of each, so that their number is checked.
    let stand_ins = holidays.iter().map(|_| Calendar::japan()).collect();
    let hours = spot.accept(SupportHours::new(id, time_zone.as_deref().unwrap_or("UTC"), windows, stand_ins))?;
    Some(Hours { hours, holidays })
}

impl Hours {
    /// The hours with their calendars. One that does not exist is reported elsewhere.
    pub(crate) fn closed_on(self, calendars: &[Calendar]) -> SupportHours {
        self.hours.closed_on(self.holidays.iter().filter_map(|id| calendar::named(id, calendars)).collect())
    }
}
