//! Who is on call, as a table for people, in both languages.

use hansho_domain::{Gap, Language, ListedShift, OnCallLine, Origin};
use jiff::{
    Timestamp,
    tz::{TimeZone, TimeZoneDatabase},
};

use crate::commands::{
    columns::columns,
    language::{time_format, word},
};

/// Which of the two shifts of a line is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    Now,
    Next,
}

/// Tells in a language.
pub(super) struct Teller {
    pub(super) language: Language,
    /// The clock on which times are shown; each schedule's own without it.
    pub(super) zone: Option<TimeZone>,
}

impl Teller {
    /// One line a schedule: who is on call and until when, or who is next and from when on.
    pub(super) fn now(&self, lines: &[OnCallLine], at: Timestamp, which: Which) -> String {
        let at = self.shown(at, &self.own_clock());
        let heading = match (which, self.language) {
            (Which::Now, Language::En) => format!("On call at {at}\n\n"),
            (Which::Now, Language::Ja) => format!("{at} の当番\n\n"),
            (Which::Next, Language::En) => format!("Next after {at}\n\n"),
            (Which::Next, Language::Ja) => format!("{at} の次の当番\n\n"),
        };
        if lines.is_empty() {
            return format!("{heading}{}\n", self.no_shift());
        }
        let heads = match (which, self.language) {
            (Which::Now, Language::En) => ["SCHEDULE", "ON CALL", "UNTIL", "THEN"],
            (Which::Now, Language::Ja) => ["当番表", "当番", "終了", "次の当番"],
            (Which::Next, Language::En) => ["SCHEDULE", "NEXT", "FROM", "UNTIL"],
            (Which::Next, Language::Ja) => ["当番表", "次の当番", "開始", "終了"],
        };
        let mut rows = vec![heads.map(str::to_owned).to_vec()];
        rows.extend(lines.iter().map(|line| self.row(line, which)));
        heading + &columns(&rows)
    }

    fn row(&self, line: &OnCallLine, which: Which) -> Vec<String> {
        let zone = self.zone_of(&line.time_zone);
        let people = |shift: &Option<ListedShift>| shift.as_ref().map_or_else(|| "-".to_owned(), |shift| self.people(shift));
        match which {
            Which::Now => {
                let until = line.now.as_ref().map_or_else(|| "-".to_owned(), |shift| self.edge(shift.until, &zone));
                vec![line.schedule.to_string(), people(&line.now), until, people(&line.next)]
            }
            Which::Next => {
                let edges = |pick: fn(&ListedShift) -> Option<Timestamp>| {
                    line.next.as_ref().map_or_else(|| "-".to_owned(), |shift| self.edge(pick(shift), &zone))
                };
                vec![line.schedule.to_string(), people(&line.next), edges(|shift| shift.from), edges(|shift| shift.until)]
            }
        }
    }

    /// One line a shift.
    pub(super) fn shifts(&self, shifts: &[ListedShift], from: Timestamp, until: Timestamp) -> String {
        let own = self.own_clock();
        let (from, until) = (self.shown(from, &own), self.shown(until, &own));
        let heading = match self.language {
            Language::En => format!("Shifts from {from} to {until}\n\n"),
            Language::Ja => format!("{from} から {until} までの当番\n\n"),
        };
        if shifts.is_empty() {
            return format!("{heading}{}\n", self.no_shift());
        }
        let heads = match self.language {
            Language::En => ["FROM", "UNTIL", "SCHEDULE", "ON CALL", "BY"],
            Language::Ja => ["開始", "終了", "当番表", "当番", "理由"],
        };
        let mut rows = vec![heads.map(str::to_owned).to_vec()];
        for shift in shifts {
            let zone = self.zone_of(&shift.time_zone);
            let edges = [shift.from, shift.until].map(|at| self.edge(at, &zone));
            rows.push([&edges[..], &[shift.schedule.to_string(), self.people(shift), self.reason(shift)]].concat());
        }
        heading + &columns(&rows)
    }

    fn no_shift(&self) -> &'static str {
        word(self.language, "No shift.", "当番はありません。")
    }

    fn people(&self, shift: &ListedShift) -> String {
        if shift.people.is_empty() {
            return word(self.language, "nobody", "なし").to_owned();
        }
        let names = shift.people.iter().map(|person| {
            let id = person.user.as_str();
            if person.name == id { person.name.clone() } else { format!("{} ({id})", person.name) }
        });
        names.collect::<Vec<_>>().join(word(self.language, ", ", "、"))
    }

    fn reason(&self, shift: &ListedShift) -> String {
        let word = |english, japanese| word(self.language, english, japanese);
        let (rotation, override_, nobody) = (word("rotation", "交代"), word("override", "交代・代理"), word("nobody", "なし"));
        match (&shift.gap, shift.people.first().map(|person| &person.by)) {
            (Some(Gap::NoRotation), _) => word("no rotation is in force", "有効な交代がありません").to_owned(),
            (Some(Gap::Nobody(name)), _) => format!("{rotation} {name}: {nobody}"),
            (Some(Gap::Override(id)), _) => format!("{override_} {id}: {nobody}"),
            (None, Some(Origin::Rotation(name))) => format!("{rotation} {name}"),
            (None, Some(Origin::Override(id))) => format!("{override_} {id}"),
            (None, None) => String::new(),
        }
    }

    fn own_clock(&self) -> TimeZone {
        self.zone.clone().unwrap_or(TimeZone::UTC)
    }

    fn zone_of(&self, schedule: &str) -> TimeZone {
        self.zone.clone().unwrap_or_else(|| TimeZoneDatabase::bundled().get(schedule).unwrap_or(TimeZone::UTC))
    }

    fn edge(&self, at: Option<Timestamp>, zone: &TimeZone) -> String {
        at.map_or_else(|| word(self.language, "no change in sight", "当面変更なし").to_owned(), |at| self.shown(at, zone))
    }

    fn shown(&self, at: Timestamp, zone: &TimeZone) -> String {
        at.to_zoned(zone.clone()).strftime(time_format(self.language)).to_string()
    }
}
