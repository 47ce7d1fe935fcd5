//! Hours, calendars and maintenance windows: what nothing uses, what is over, and what will not come.

use std::collections::BTreeSet;

use hansho_domain::{CalendarId, HoursId, MaintenanceTime, Service, Severity, SupportHours, Urgency, UrgencyRule};
use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::{Ground, coverage::DAYS_AHEAD, spans::minute};
use crate::{
    duration,
    names::Section,
    tree::{Node, Value},
    warning::WarningKind,
};

pub(super) fn check(ground: &Ground<'_>) {
    check_steps(ground);
    check_hours(ground);
    check_calendars(ground);
    check_maintenance(ground);
    check_auto_resolve(ground);
}

/// The end of the time that is looked at.
pub(super) fn ahead(at: Timestamp) -> Timestamp {
    at.checked_add((DAYS_AHEAD * 24).hours()).unwrap_or(Timestamp::MAX)
}

/// Steps for hours that do not come.
fn check_steps(ground: &Ground<'_>) {
    for policy in ground.configuration.policies() {
        for (place, condition) in policy.hours_conditions() {
            let Some(hours) = policy.hours(condition.id()) else { continue };
            if condition.next_from(hours, ground.at).is_some_and(|next| next < ahead(ground.at)) {
                continue;
            }
            let message =
                format!("is never so in the next {DAYS_AHEAD} days, so the step calls nobody; mend hours.{}, or remove it", condition.id());
            let id = policy.id().as_str();
            ground.warn(WarningKind::StepNeverTaken, Section::EscalationPolicies, id, &format!("steps[{place}].when"), message);
        }
    }
}

fn check_hours(ground: &Ground<'_>) {
    let configuration = ground.configuration;
    let of_services = configuration.services().iter().filter_map(|service| service.spec().urgency.hours());
    let of_steps = configuration.policies().iter().flat_map(|policy| policy.hours_conditions()).map(|(_, condition)| condition.id());
    let used: BTreeSet<&HoursId> = of_services.chain(of_steps).collect();
    for hours in configuration.hours().iter().filter(|hours| !used.contains(hours.id())) {
        let message = "no service and no step of a policy goes by them; name them in `urgency` or `when`, or remove them";
        ground.warn(WarningKind::HoursUnused, Section::Hours, hours.id().as_str(), "", message);
    }
    for hours in configuration.hours() {
        if !hours.is_inside(ground.at) && hours.next_start_after(ground.at).is_none() {
            let message = "never begin in the next 400 days, so what waits for them waits for ever: its holidays take every day out of its windows; mend them";
            ground.warn(WarningKind::HoursNeverBegin, Section::Hours, hours.id().as_str(), "", message);
        }
    }
}

fn check_calendars(ground: &Ground<'_>) {
    let configuration = ground.configuration;
    let of_hours = configuration.hours().iter().flat_map(|hours| hours.holidays());
    let of_allowances = configuration.allowances().into_iter().flat_map(|rules| &rules.calendars);
    let mut used: BTreeSet<&str> = of_hours.chain(of_allowances).map(|calendar| calendar.id().as_str()).collect();
    for calendar in configuration.calendars() {
        used.extend(included(ground, calendar.id()));
    }
    let last_day = TimeZone::UTC.to_datetime(ahead(ground.at)).date();
    for calendar in configuration.calendars() {
        let id = calendar.id().as_str();
        if !used.contains(id) {
            let message = "no hours, no allowances and no calendar name it; name it under `holidays`, or remove it";
            ground.warn(WarningKind::CalendarUnused, Section::Calendars, id, "", message);
        } else if let Some(end) = calendar.runs_out_on().filter(|end| *end < last_day && !ends_elsewhere(ground, calendar.id(), *end)) {
            let message = format!(
                "its last day is {end}, and after it no day is a holiday; add the days of the next year, or days of every year such as 12-29..01-03"
            );
            ground.warn(WarningKind::CalendarEnds, Section::Calendars, id, "", message);
        }
    }
}

/// Whether a calendar ends because one that it includes does, which is told there.
fn ends_elsewhere(ground: &Ground<'_>, id: &CalendarId, end: jiff::civil::Date) -> bool {
    let included: BTreeSet<&str> = included(ground, id).collect();
    let mut others = ground.configuration.calendars().iter().filter(|other| other.id() != id && included.contains(other.id().as_str()));
    others.any(|other| other.runs_out_on() == Some(end))
}

/// The calendars that a calendar includes.
fn included<'a>(ground: &'a Ground<'_>, id: &'a CalendarId) -> impl Iterator<Item = &'a str> {
    let entry = ground.entries.get(&(Section::Calendars, id.as_str()));
    entry.into_iter().flat_map(|entry| entry.list(&["include"])).filter_map(|node: &Node| match &node.value {
        Value::Text(text) => Some(text.as_str()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => None,
    })
}

fn check_maintenance(ground: &Ground<'_>) {
    for window in ground.configuration.maintenance() {
        let MaintenanceTime::Once { until, .. } = &window.spec().time else { continue };
        if *until <= ground.at {
            let message = format!("ended {} UTC; remove it", minute(TimeZone::UTC.to_datetime(*until)));
            ground.warn(WarningKind::MaintenanceOver, Section::Maintenance, window.id().as_str(), "", message);
        }
    }
}

/// Services whose incidents can wait for hours to begin, and resolve themselves while they do.
fn check_auto_resolve(ground: &Ground<'_>) {
    for service in ground.configuration.services() {
        let Some(auto_resolve) = service.spec().auto_resolve_seconds else { continue };
        let Some((hours, from, until)) = longest_wait(ground, service) else { continue };
        let seconds = u32::try_from(until.duration_since(from).as_secs()).unwrap_or(u32::MAX);
        if auto_resolve > seconds {
            continue;
        }
        let zone = jiff::tz::TimeZoneDatabase::bundled().get(hours.time_zone()).unwrap_or(TimeZone::UTC);
        let clock = |at| minute(zone.to_datetime(at));
        let message = format!(
            "resolves what waits quietly from {} to {} ({}) before it becomes urgent; make it longer than {}, or leave it out",
            clock(from),
            clock(until),
            hours.time_zone(),
            duration::written(seconds)
        );
        ground.warn(WarningKind::AutoResolveBeforeHours, Section::Services, service.id().as_str(), "auto_resolve", message);
    }
}

/// The longest time in the next 90 days in which an incident of the service can wait for the clock to make it urgent.
fn longest_wait<'a>(ground: &'a Ground<'_>, service: &Service) -> Option<(&'a SupportHours, Timestamp, Timestamp)> {
    let UrgencyRule::ByHours { hours: id, during, otherwise } = &service.spec().urgency else { return None };
    let hours = ground.configuration.hours().iter().find(|hours| hours.id() == id)?;
    let severities = [Severity::Info, Severity::Warning, Severity::Error, Severity::Critical];
    let waits = |inside: bool| {
        let (now, later) = if inside { (during, otherwise) } else { (otherwise, during) };
        severities.iter().any(|severity| now.urgency(*severity) == Urgency::Low && later.urgency(*severity) == Urgency::High)
    };
    let edges = std::iter::successors(Some(ground.at), |at| {
        let next = if hours.is_inside(*at) { hours.next_end_after(*at) } else { hours.next_start_after(*at) };
        next.filter(|_| *at < ahead(ground.at))
    });
    let edges: Vec<Timestamp> = edges.collect();
    let stretches = edges.windows(2).map(|pair| (pair[0], pair[1])).filter(|(from, _)| waits(hours.is_inside(*from)));
    // Of several the first.
    let longest = stretches.fold(None, |longest: Option<(Timestamp, Timestamp)>, (from, until)| match longest {
        Some((start, end)) if end.duration_since(start) >= until.duration_since(from) => longest,
        Some(_) | None => Some((from, until)),
    });
    longest.map(|(from, until)| (hours, from, until))
}
