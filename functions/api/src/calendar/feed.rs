//! Shifts as the events of a calendar.
//!
//! The same facts give the same bytes: nothing in a feed says when it was asked for. An event's UID is made of what makes it that shift (the
//! schedule, when it begins, and whose it is in a person's or a team's calendar), so it stays while other shifts come and go.

use hansho_domain::{About, Gap, Language, ListedShift, Origin};
use hansho_store::CalendarLink;

use super::text::Lines;
use crate::input_id::hash_text;

/// How often a calendar program may ask again, as ISO 8601 has it. Most ask far more seldom.
const REFRESH: &str = "PT15M";

/// What a feed shows.
pub(super) struct Feed<'a> {
    pub(super) link: &'a CalendarLink,
    /// The name of the person, team or schedule, as people say it.
    pub(super) name: &'a str,
    /// Goes up with every change of the configuration and of overrides.
    pub(super) revision: u64,
    pub(super) shifts: &'a [ListedShift],
}

impl Feed<'_> {
    /// The calendar's text.
    pub(super) fn written(&self) -> String {
        let words = Words(self.link.language);
        let mut lines = Lines::default();
        lines.raw("BEGIN", "VCALENDAR");
        lines.raw("VERSION", "2.0");
        lines.raw("PRODID", "-//Hansho//On call//EN");
        lines.raw("CALSCALE", "GREGORIAN");
        lines.raw("METHOD", "PUBLISH");
        let title = words.title(self.name);
        lines.text("NAME", &title);
        lines.text("X-WR-CALNAME", &title);
        lines.raw("REFRESH-INTERVAL;VALUE=DURATION", REFRESH);
        lines.raw("X-PUBLISHED-TTL", REFRESH);
        if self.shifts.is_empty() {
            utc(&mut lines);
        }
        for shift in self.shifts {
            self.event(&mut lines, shift, words);
        }
        lines.raw("END", "VCALENDAR");
        lines.finish()
    }

    fn event(&self, lines: &mut Lines, shift: &ListedShift, words: Words) {
        let (Some(from), Some(until)) = (shift.from, shift.until) else { return };
        lines.raw("BEGIN", "VEVENT");
        lines.raw("UID", &format!("{}@hansho", self.uid(shift, &from.to_string())));
        lines.moment("DTSTAMP", self.link.created_at);
        lines.raw("SEQUENCE", &self.revision.to_string());
        lines.moment("DTSTART", from);
        lines.moment("DTEND", until);
        lines.text("SUMMARY", &self.summary(shift, words));
        lines.text("DESCRIPTION", &words.description(shift));
        // Whoever is on call can still be invited to a meeting.
        lines.raw("TRANSP", "TRANSPARENT");
        lines.raw("X-HANSHO-SCHEDULE", shift.schedule.as_str());
        let people: Vec<&str> = shift.people.iter().map(|person| person.user.as_str()).collect();
        lines.raw("X-HANSHO-USERS", &people.join("\\,"));
        lines.raw("END", "VEVENT");
    }

    fn uid(&self, shift: &ListedShift, from: &str) -> String {
        let whose = match &self.link.about {
            About::Everything | About::Schedule(_) => String::new(),
            About::Team(team) => format!("team/{team}"),
            About::User(user) => format!("user/{user}"),
        };
        hash_text(&["event", shift.schedule.as_str(), from, &whose], 32)
    }

    fn summary(&self, shift: &ListedShift, words: Words) -> String {
        if shift.people.is_empty() {
            return words.nobody(&shift.name);
        }
        let names: Vec<&str> = shift.people.iter().map(|person| person.name.as_str()).collect();
        match &self.link.about {
            About::User(_) => words.on_call(&shift.name),
            About::Schedule(_) => names.join(", "),
            About::Team(_) | About::Everything => format!("{}: {}", shift.name, names.join(", ")),
        }
    }
}

/// A calendar has to have something in it (RFC 5545, section 3.6).
fn utc(lines: &mut Lines) {
    for (name, value) in [
        ("BEGIN", "VTIMEZONE"),
        ("TZID", "Etc/UTC"),
        ("BEGIN", "STANDARD"),
        ("DTSTART", "19700101T000000"),
        ("TZOFFSETFROM", "+0000"),
        ("TZOFFSETTO", "+0000"),
        ("END", "STANDARD"),
        ("END", "VTIMEZONE"),
    ] {
        lines.raw(name, value);
    }
}

#[derive(Debug, Clone, Copy)]
struct Words(Language);

impl Words {
    fn title(self, name: &str) -> String {
        match self.0 {
            Language::En => format!("On call: {name}"),
            Language::Ja => format!("当番: {name}"),
        }
    }

    fn on_call(self, schedule: &str) -> String {
        self.title(schedule)
    }

    fn nobody(self, schedule: &str) -> String {
        match self.0 {
            Language::En => format!("Nobody on call: {schedule}"),
            Language::Ja => format!("当番なし: {schedule}"),
        }
    }

    /// Who, in which schedule, and why.
    fn description(self, shift: &ListedShift) -> String {
        let mut text = match self.0 {
            Language::En => format!("Schedule: {} ({})", shift.name, shift.time_zone),
            Language::Ja => format!("スケジュール: {} ({})", shift.name, shift.time_zone),
        };
        for person in &shift.people {
            text.push('\n');
            text.push_str(&match (self.0, &person.by) {
                (Language::En, Origin::Rotation(rotation)) => format!("{}: rotation {rotation}", person.name),
                (Language::En, Origin::Override(_)) => format!("{}: stands in", person.name),
                (Language::Ja, Origin::Rotation(rotation)) => format!("{}: ローテーション {rotation}", person.name),
                (Language::Ja, Origin::Override(_)) => format!("{}: 代理", person.name),
            });
        }
        let why = match (self.0, &shift.gap) {
            (_, None) => return text,
            (Language::En, Some(Gap::NoRotation)) => "No rotation is in force.".to_owned(),
            (Language::En, Some(Gap::Nobody(rotation))) => format!("The rotation {rotation} has nobody here."),
            (Language::En, Some(Gap::Override(_))) => "Taken off by hand.".to_owned(),
            (Language::Ja, Some(Gap::NoRotation)) => "有効なローテーションがありません。".to_owned(),
            (Language::Ja, Some(Gap::Nobody(rotation))) => format!("ローテーション {rotation} は担当者なしです。"),
            (Language::Ja, Some(Gap::Override(_))) => "手動で外されています。".to_owned(),
        };
        format!("{text}\n{why}")
    }
}
