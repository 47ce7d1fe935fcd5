//! One week, drawn: its days are columns of the same width, whatever the clock does, and what is on call are bands across them.

use hansho_domain::text;
use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use super::{Band, colour};
use crate::page::{Reader, clock::Clock};

/// Width of a drawing, in the pixels of a phone 390 px wide; on other screens it is larger or smaller as a whole.
const WIDTH: f64 = 357.0;
const DAY: f64 = WIDTH / 7.0;
const HEAD: f64 = 18.0;
/// Room for the name of a row.
const NAME: f64 = 16.0;
const FINAL: f64 = 40.0;
const LAYER: f64 = 20.0;
/// What shows of a band above the one that an override lays over it.
const REPLACED: f64 = 10.0;
/// Widths of letters of 12 px: of one that is as wide as high, and of others.
const WIDE: f64 = 12.5;
const NARROW: f64 = 7.5;

/// A row of every week.
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    pub(super) bands: &'a [Band],
    /// What would be there without overrides.
    pub(super) below: &'a [Band],
    pub(super) is_final: bool,
}

#[derive(Serialize)]
pub(super) struct Week {
    width: f64,
    height: f64,
    days: Vec<Day>,
    names: Vec<Label>,
    parts: Vec<Part>,
    /// Where it is now, if it is in this week.
    now: Option<f64>,
}

#[derive(Serialize)]
struct Day {
    x: f64,
    text_x: f64,
    word: String,
    is_today: bool,
}

#[derive(Serialize)]
struct Label {
    x: f64,
    y: f64,
    word: String,
}

/// A rectangle, of somebody or of nobody.
#[derive(Serialize)]
struct Part {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    /// Somebody's colour; nothing where nobody is on call.
    colour: Option<u8>,
    by_hand: bool,
    label: Option<Label>,
    to: Option<String>,
    /// What a pointer that rests on it is told.
    told: String,
}

impl Week {
    /// The week of these days, the last of which is the first one after it. What can be changed leads to where it is, in `schedule`.
    pub(super) fn drawn(days: &[(Date, Timestamp)], rows: &[Row<'_>], reader: &Reader, clock: &Clock, schedule: Option<&str>) -> Self {
        let pen = Pen { days, reader, clock };
        let today = clock.today();
        let heads = days.iter().take(days.len().saturating_sub(1)).zip(0u8..);
        let heads = heads.map(|((day, _), place)| Day {
            x: f64::from(place) * DAY,
            text_x: f64::from(place) * DAY + DAY / 2.0,
            word: clock.column(*day),
            is_today: *day == today,
        });
        let (mut names, mut parts, mut y) = (Vec::new(), Vec::new(), HEAD);
        for row in rows {
            names.push(Label { x: 0.0, y: y + 12.0, word: text::one_line(row.name) });
            y += NAME;
            let height = if row.is_final { FINAL } else { LAYER };
            let to = schedule.filter(|_| row.is_final);
            for band in row.bands {
                if band.by_hand {
                    for replaced in row.below.iter().filter(|below| below.from < band.until && below.until > band.from) {
                        let cut = Band { from: replaced.from.max(band.from), until: replaced.until.min(band.until), ..replaced.clone() };
                        parts.extend(pen.parts(&cut, (y, height), None, false));
                    }
                }
                let (top, tall) = if band.by_hand { (y + REPLACED, height - REPLACED) } else { (y, height) };
                parts.extend(pen.parts(band, (top, tall), to, true));
            }
            y += height + 4.0;
        }
        let now = (reader.now >= days[0].1 && days.last().is_some_and(|end| reader.now < end.1)).then(|| pen.x(reader.now));
        Self { width: WIDTH, height: y, days: heads.collect(), names, parts, now }
    }
}

struct Pen<'a> {
    days: &'a [(Date, Timestamp)],
    reader: &'a Reader,
    clock: &'a Clock,
}

impl Pen<'_> {
    /// Where a moment is, from left to right.
    fn x(&self, at: Timestamp) -> f64 {
        let mut x = 0.0;
        for pair in self.days.windows(2) {
            let (begin, end) = (pair[0].1, pair[1].1);
            if at <= begin {
                break;
            }
            let whole = end.duration_since(begin).as_secs_f64().max(1.0);
            x += DAY * (at.min(end).duration_since(begin).as_secs_f64() / whole);
        }
        (x * 10.0).round() / 10.0
    }

    /// From where to where a band goes in this week, if it does.
    fn reach(&self, band: &Band) -> Option<(f64, f64)> {
        let (first, last) = (self.days.first()?.1, self.days.last()?.1);
        (band.from < last && band.until > first).then(|| (self.x(band.from), self.x(band.until)))
    }

    /// A rectangle for each of its people, one below the other, or one that says that there is nobody.
    fn parts(&self, band: &Band, (y, height): (f64, f64), schedule: Option<&str>, is_named: bool) -> Vec<Part> {
        let Some((from, until)) = self.reach(band) else { return Vec::new() };
        let tongue = self.clock.tongue();
        let width = ((until - from).max(1.0) * 10.0).round() / 10.0;
        let gap = tongue.gap(&tongue.span(band.seconds()));
        let names: Vec<(Option<u8>, String)> = match band.people.as_slice() {
            [] => vec![(None, gap)],
            people => people.iter().map(|user| (Some(colour(user)), self.reader.name(user))).collect(),
        };
        let to = schedule.and_then(|schedule| band.to(schedule, self.reader.now));
        let stretch = tongue.stretch(&self.clock.planned(band.from), &self.clock.planned(band.until));
        let share = (height / f64::from(u16::try_from(names.len()).unwrap_or(u16::MAX)) * 10.0).round() / 10.0;
        let part = |((colour, name), place): ((Option<u8>, String), u16)| {
            let top = y + share * f64::from(place);
            let word = (is_named && share >= 13.0).then(|| fitting(&name, width - 6.0)).flatten();
            Part {
                x: from,
                y: top,
                width,
                height: share,
                colour,
                by_hand: band.by_hand && is_named,
                label: word.map(|word| Label { x: from + 3.0, y: top + share / 2.0 + 4.5, word }),
                to: to.clone(),
                told: format!("{name}, {stretch}"),
            }
        };
        names.into_iter().zip(0u16..).map(part).collect()
    }
}

/// As much of a name as has room, if that is more than nothing.
fn fitting(name: &str, width: f64) -> Option<String> {
    let wide = |c: char| if c.is_ascii() { NARROW } else { WIDE };
    let whole: f64 = name.chars().map(wide).sum();
    if whole <= width {
        return Some(name.to_owned());
    }
    let mut left = width - WIDE;
    let cut: String = name
        .chars()
        .take_while(|c| {
            left -= wide(*c);
            left >= 0.0
        })
        .collect();
    (!cut.trim().is_empty()).then(|| format!("{}…", cut.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn a_name_is_cut_where_its_band_ends() {
        assert_eq!(fitting("佐藤 愛子", 100.0).as_deref(), Some("佐藤 愛子"));
        assert_eq!(fitting("佐藤 愛子", 45.0).as_deref(), Some("佐藤…"));
        assert_eq!(fitting("Ben", 24.0).as_deref(), Some("Ben"));
        assert_eq!(fitting("Ben Carter", 10.0), None);
        assert_eq!(fitting("", 100.0).as_deref(), Some(""));
    }
}
