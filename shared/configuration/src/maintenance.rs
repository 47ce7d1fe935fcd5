//! `maintenance_windows:` planned times in which alerts page nobody until the window ends.

use hansho_domain::{
    AlarmPattern, HoursId, Labels, MaintenanceFilter, MaintenanceId, MaintenanceSpec, MaintenanceTime, MaintenanceWindow, SupportHours,
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use crate::{
    map::{Keys, Map},
    schedule,
    service::{self, SEVERITIES},
    spelling::quoted,
    spot::Spot,
    user, year,
};

const KEYS: Keys = Keys { known: &["reason", "services", "from", "until", "time_zone", "windows", "only"], later: &[] };
const ONLY_KEYS: Keys = Keys { known: &["alarms", "labels", "severities"], later: &[] };
/// How a moment is written on the clock of `time_zone`.
const CLOCK_FORMATS: [&str; 4] = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"];

/// Reads one window.
pub(crate) fn read(spot: &Spot<'_>, id: MaintenanceId) -> Option<MaintenanceWindow> {
    if id.is_live() {
        spot.fail(format!(
            "begins with `{}`, as the names of windows do that people begin with `hansho maintenance add`; choose another name",
            MaintenanceId::LIVE_PREFIX
        ));
        return None;
    }
    let map = spot.map(&KEYS)?;
    let reason = map.optional("reason").map_or_else(|| Some(String::new()), Spot::name);
    let services = map.optional("services").map_or(Some(Vec::new()), |s| s.list(service::name));
    let only = map.optional("only").map_or(Some(MaintenanceFilter::default()), only);
    let time = time(spot, &map, &id);
    spot.accept(MaintenanceWindow::new(MaintenanceSpec { id, reason: reason?, services: services?, only: only?, time: time? }))
}

/// Once, from `from` until `until`, or again and again in `windows`.
fn time(spot: &Spot<'_>, map: &Map<'_>, id: &MaintenanceId) -> Option<MaintenanceTime> {
    let zone = map.optional("time_zone").map(|s| s.parsed(user::time_zone));
    match (map.optional("windows"), map.optional("from"), map.optional("until")) {
        (Some(windows), None, None) => {
            let Some(zone) = zone else {
                spot.fail("has `windows` and no `time_zone`; add the zone on whose clock they are");
                return None;
            };
            let windows = windows.list(schedule::restriction)?;
            let hours = HoursId::new(id.as_str()).ok()?;
            let hours = spot.accept(SupportHours::new(hours, &zone?, windows, Vec::new()))?;
            if hours.next_end_after(Timestamp::UNIX_EPOCH).is_none() {
                spot.fail("is open all the time, so its alerts would page nobody for a week each; leave time between its `windows`");
                return None;
            }
            Some(MaintenanceTime::Recurring(hours))
        }
        (Some(windows), ..) => {
            windows.fail("stands beside `from` or `until`; a window is either once or in `windows`, so remove one");
            None
        }
        (None, from, until) => {
            if from.is_none() || until.is_none() {
                spot.fail("says not when; write `from` and `until`, or `time_zone` and `windows` for one that comes back");
                return None;
            }
            let zone = match zone {
                Some(zone) => Some(TimeZone::get(&zone?).ok()?),
                None => None,
            };
            let moment = |s: &Spot<'_>| s.parsed(|text| moment(text, zone.as_ref()));
            let (from, until) = (from.and_then(moment), until.and_then(moment));
            Some(MaintenanceTime::Once { from: from?, until: until? })
        }
    }
}

/// A moment with an offset, or on the clock of the window's zone: one that does not exist moves forward, of two the first counts.
fn moment(text: &str, zone: Option<&TimeZone>) -> Result<Timestamp, String> {
    if let Ok(at) = text.replace(' ', "T").parse::<Timestamp>() {
        return year::check(text, TimeZone::UTC.to_datetime(at).date()).map(|()| at);
    }
    let clock = CLOCK_FORMATS.iter().find_map(|format| DateTime::strptime(format, text).ok());
    match (clock, zone) {
        (Some(clock), Some(zone)) => {
            year::check(text, clock.date())?;
            zone.to_timestamp(clock).map_err(|_| format!("{} is too far away", quoted(text)))
        }
        (Some(_), None) => Err(format!("{} is on no clock; add `time_zone`, or write it with its offset as {text}+09:00", quoted(text))),
        (None, _) => {
            Err(format!("{} is no date and time; write it as 2026-12-05T02:00, or with its offset as 2026-12-05T02:00+09:00", quoted(text)))
        }
    }
}

fn only(spot: &Spot<'_>) -> Option<MaintenanceFilter> {
    let map = spot.map(&ONLY_KEYS)?;
    let pattern = |s: &Spot<'_>| s.text().map(AlarmPattern::new);
    let alarms = map.optional("alarms").map_or(Some(Vec::new()), |s| s.list(pattern));
    let labels = map.optional("labels").map_or(Some(Vec::new()), |s| s.pairs(pattern));
    let severities = map.optional("severities").map_or(Some(Vec::new()), |s| s.list(|item| item.choice(&SEVERITIES)));
    let labels = labels?;
    if let Some((wrong, _)) = labels.iter().find(|(key, _)| Labels::key(key).is_none()) {
        map.optional("labels")?.fail(no_label(wrong));
        return None;
    }
    let labels = labels.into_iter().filter_map(|(key, pattern)| Some((Labels::key(&key)?, pattern))).collect();
    Some(MaintenanceFilter { alarms: alarms?, labels, severities: severities? })
}

/// What is wrong with a name that no label can have.
pub(crate) fn no_label(name: &str) -> String {
    format!("{} is no label; labels are letters, digits, `_`, `-`, `.` and `/`", quoted(name))
}
