//! The report of a month.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{
    Timestamp, ToSpan,
    civil::Date,
    tz::{TimeZone, TimeZoneDatabase},
};
use serde::{Deserialize, Serialize};

use super::AllowanceRules;
use crate::{
    id::{ScheduleId, UserId},
    on_call::WorkedStretch,
};

/// The hours of a month, by person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowanceReport {
    /// The month: `2026-12`.
    pub month: String,
    /// The clock on which the month and the classes go; `None`: each schedule's own.
    pub time_zone: Option<String>,
    /// Up to when hours are counted: the month's end, or the moment of asking when it is not over.
    pub until: Timestamp,
    /// The names of the classes.
    pub classes: Vec<String>,
    /// One line a person, over all schedules: an hour on call in two of them counts once, in the class of the first by name.
    pub people: Vec<AllowanceLine>,
    /// One line a person and schedule.
    pub by_schedule: Vec<AllowanceLine>,
}

/// The hours of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowanceLine {
    /// Who.
    pub user: UserId,
    /// Their name as people said it at the end of the month.
    pub name: String,
    /// In which schedule; `None`: in all.
    pub schedule: Option<ScheduleId>,
    /// The seconds of each class, in the order of the report's classes.
    pub seconds: Vec<u64>,
    /// All of them.
    pub total_seconds: u64,
    /// The pages that they answered while on call.
    pub pages_answered: u32,
}

/// An acknowledgement by a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnsweredPage {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub user: UserId,
}

/// Which month, and on which clock.
#[derive(Debug, Clone)]
pub struct ReportPeriod {
    /// The first day of the month.
    pub month: Date,
    /// The clock; `None`: each schedule's own.
    pub zone: Option<TimeZone>,
    /// Nothing after this moment is counted.
    pub now: Timestamp,
}

/// A part of a shift of one person.
struct Worked<'a> {
    from: Timestamp,
    until: Timestamp,
    schedule: &'a ScheduleId,
    zone: TimeZone,
    rules: &'a AllowanceRules,
}

impl ReportPeriod {
    /// The month in a zone, cut at now; `None` when it has not begun.
    fn within(&self, schedule_zone: &str) -> Option<(TimeZone, Timestamp, Timestamp)> {
        let zone = self.zone.clone().unwrap_or_else(|| TimeZoneDatabase::bundled().get(schedule_zone).unwrap_or(TimeZone::UTC));
        let next = self.month.checked_add(1.month()).ok()?;
        let begin = |day: Date| day.to_zoned(zone.clone()).ok().map(|at| at.timestamp());
        let (from, until) = (begin(self.month)?, begin(next)?.min(self.now));
        (from < until).then_some((zone, from, until))
    }

    /// A period that covers the month on every clock there is.
    pub fn around(&self) -> (Timestamp, Timestamp) {
        let day = |day: Result<Date, jiff::Error>| day.and_then(|day| day.to_zoned(TimeZone::UTC)).map(|at| at.timestamp());
        let from = day(self.month.checked_sub(2.days())).unwrap_or(Timestamp::MIN);
        let until = day(self.month.checked_add(1.month().days(2))).unwrap_or(Timestamp::MAX);
        (from, until.min(self.now))
    }
}

impl AllowanceReport {
    /// The report of the month from the stretches around it, each with the rules that were in force. Classes of several rules stand beside each other by name.
    pub fn new(period: &ReportPeriod, stretches: &[(WorkedStretch, &AllowanceRules)], answered: &[AnsweredPage]) -> Self {
        let mut classes: Vec<String> = Vec::new();
        let mut names: BTreeMap<&UserId, (Timestamp, &str)> = BTreeMap::new();
        let mut worked: BTreeMap<&UserId, Vec<Worked<'_>>> = BTreeMap::new();
        let mut end = period.zone.clone().and_then(|_| period.within("UTC")).map(|(_, _, until)| until);
        for (stretch, rules) in stretches {
            let Some((zone, from, until)) = period.within(&stretch.time_zone) else { continue };
            end = end.max(Some(until));
            for segment in &stretch.segments {
                let (from, until) = (segment.from.max(from), segment.until.min(until));
                for person in segment.people.iter().filter(|_| from < until) {
                    let part = Worked { from, until, schedule: &stretch.schedule, zone: zone.clone(), rules };
                    worked.entry(&person.user).or_default().push(part);
                    let name = stretch.people.get(&person.user).map_or(person.user.as_str(), String::as_str);
                    let known = names.entry(&person.user).or_insert((stretch.until, name));
                    if known.0 <= stretch.until {
                        *known = (stretch.until, name);
                    }
                }
            }
            for class in &rules.classes {
                if !classes.contains(&class.name) {
                    classes.push(class.name.clone());
                }
            }
        }
        if classes.is_empty() {
            classes = AllowanceRules::default().classes.into_iter().map(|class| class.name).collect();
        }
        let mut report = Self {
            month: period.month.strftime("%Y-%m").to_string(),
            time_zone: period.zone.as_ref().and_then(|zone| zone.iana_name().map(str::to_owned)),
            until: end.unwrap_or(period.now),
            classes,
            people: Vec::new(),
            by_schedule: Vec::new(),
        };
        for (user, mut parts) in worked {
            parts.sort_by(|a, b| (a.from, a.schedule, a.until).cmp(&(b.from, b.schedule, b.until)));
            let name = names.get(user).map_or(user.as_str(), |(_, name)| name);
            let pages: Vec<Timestamp> = answered.iter().filter(|page| page.user == *user).map(|page| page.at).collect();
            let line = report.line(user, name, None, &parts.iter().collect::<Vec<_>>(), &pages);
            report.people.push(line);
            let schedules: BTreeSet<&ScheduleId> = parts.iter().map(|part| part.schedule).collect();
            for schedule in schedules {
                let own: Vec<&Worked<'_>> = parts.iter().filter(|part| part.schedule == schedule).collect();
                let line = report.line(user, name, Some(schedule.clone()), &own, &pages);
                report.by_schedule.push(line);
            }
        }
        report
    }

    /// The line of parts in the order of time; a moment that several of them share counts once.
    fn line(&self, user: &UserId, name: &str, schedule: Option<ScheduleId>, parts: &[&Worked<'_>], pages: &[Timestamp]) -> AllowanceLine {
        let mut seconds = vec![0; self.classes.len()];
        let edges: BTreeSet<Timestamp> = parts.iter().flat_map(|part| [part.from, part.until]).collect();
        let edges: Vec<Timestamp> = edges.into_iter().collect();
        let mut waiting = parts.iter().peekable();
        let mut active: Vec<&Worked<'_>> = Vec::new();
        for edge in edges.windows(2) {
            active.retain(|part| part.until > edge[0]);
            while let Some(part) = waiting.next_if(|part| part.from <= edge[0]) {
                active.push(part);
            }
            let Some(part) = active.iter().min_by_key(|part| part.schedule) else { continue };
            for (class, sum) in part.rules.classes.iter().zip(part.rules.seconds(&part.zone, edge[0], edge[1])) {
                if let Some(place) = self.classes.iter().position(|name| *name == class.name) {
                    seconds[place] += sum;
                }
            }
        }
        let is_on_call = |at: &&Timestamp| parts.iter().any(|part| part.from <= **at && **at < part.until);
        let pages_answered = u32::try_from(pages.iter().filter(is_on_call).count()).unwrap_or(u32::MAX);
        let total_seconds = seconds.iter().sum();
        AllowanceLine { user: user.clone(), name: name.to_owned(), schedule, seconds, total_seconds, pages_answered }
    }
}
