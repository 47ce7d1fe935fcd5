//! A schedule as a calendar that one can look at: a block for each week, with what holds in its first row and what each rotation alone
//! says below it. The drawing is for the eye and the finger; the table under it says the same and leads to the same.

mod band;
mod period;
mod week;

use axum::response::Html;
use hansho_domain::{ListedSchedule, ListedShift, Override, Schedule, UserId, text};
use serde::Serialize;

pub(crate) use self::{
    band::Band,
    period::{Period, SHIFT_LONGEST},
};
use self::{
    band::{layers, standing},
    week::{Row, Week},
};
use super::Frame;
use crate::{
    asset,
    page::{Reader, clock::Clock, template::filled},
    words::{self, ShiftLabels},
};

/// Most rows of the table; whoever wants to see more looks at a shorter time.
const ROWS_MAX: usize = 150;

/// What the page is made of.
pub(crate) struct CalendarFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) listed: &'a ListedSchedule,
    pub(crate) schedule: &'a Schedule,
    /// Those that touch the period.
    pub(crate) overrides: &'a [Override],
    /// What was worked of the period.
    pub(crate) past: &'a [ListedShift],
    pub(crate) period: &'a Period,
    /// The overrides that the reader may take back, with what that does.
    pub(crate) made: &'a [Made],
    /// The override that they have just made.
    pub(crate) just_made: Option<&'a str>,
    /// Whether they may do more than look.
    pub(crate) may_change: bool,
    /// Tells what the page shows from what it showed before.
    pub(crate) seen: &'a str,
}

/// An override that is not over.
pub(crate) struct Made {
    pub(crate) id: String,
    /// What it does, in a sentence.
    pub(crate) told: String,
    /// What taking it back does and who is told, where the reader may.
    pub(crate) undoing: Option<String>,
}

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    frame: Frame,
    script: &'static str,
    live: String,
    seen: &'a str,
    s: &'static ShiftLabels,
    id: String,
    schedule_name: String,
    schedule_zone: Option<String>,
    spans: Vec<Span>,
    earlier: String,
    later: String,
    here_link: String,
    weeks: Vec<Week>,
    rows: Vec<TableRow>,
    layers: Vec<LayerTable>,
    made: Vec<MadeView<'a>>,
    is_just_made: bool,
}

#[derive(Serialize)]
struct MadeView<'a> {
    id: &'a str,
    told: &'a str,
    undoing: Option<&'a str>,
    is_new: bool,
}

/// A link to a length of time.
#[derive(Serialize)]
struct Span {
    word: String,
    to: String,
    is_here: bool,
}

/// A line of the table.
#[derive(Serialize)]
struct TableRow {
    from: String,
    until: String,
    from_full: String,
    people: Vec<Person>,
    gap: Option<String>,
    by_hand: bool,
    is_now: bool,
    to: Option<String>,
}

#[derive(Serialize)]
struct Person {
    name: String,
    colour: u8,
    is_reader: bool,
}

#[derive(Serialize)]
struct LayerTable {
    name: String,
    rows: Vec<TableRow>,
}

/// The page.
pub(crate) fn calendar(facts: &CalendarFacts<'_>, frame: Frame) -> Html<String> {
    let CalendarFacts { reader, listed, schedule, overrides, past, period, made, just_made, may_change, seen } = *facts;
    let tongue = words::tongue(reader.language);
    let labels = tongue.shifts();
    let clock = reader.clock();
    let id = listed.id.to_string();
    let address = |period: &Period| format!("/app/schedules/{id}?{}", period.query());
    let bands = standing(schedule, overrides, past, period, reader.now);
    let without = band::of_segments(&schedule.shifts(&[], period.from, period.until));
    let alone = layers(schedule, period);
    let table = |bands: &[Band], may_change: bool| -> Vec<TableRow> {
        bands.iter().take(ROWS_MAX).map(|band| row(band, reader, &clock, may_change.then_some(id.as_str()))).collect()
    };
    let rows: Vec<Row<'_>> = std::iter::once(Row { name: labels.on_call, bands: &bands, below: &without, is_final: true })
        .chain(alone.iter().map(|(name, bands)| Row { name, bands, below: &[], is_final: false }))
        .collect();
    let weeks = period.weeks(&clock).map(|days| Week::drawn(&days, &rows, reader, &clock, may_change.then_some(id.as_str())));
    let view = View {
        frame,
        script: asset::LIVE.as_str(),
        live: format!("/app/schedules/{id}/live"),
        seen,
        s: labels,
        schedule_name: text::one_line(&listed.name),
        schedule_zone: (listed.time_zone != clock.zone()).then(|| tongue.schedule_zone(&listed.time_zone)),
        spans: period.spans().map(|other| Span { word: tongue.weeks(other.weeks), to: address(&other), is_here: other == *period }).into(),
        earlier: address(&period.moved(-1, &clock)),
        later: address(&period.moved(1, &clock)),
        here_link: address(&Period::of(&clock, None, period.weeks)),
        weeks: weeks.collect(),
        rows: table(&bands, may_change),
        layers: alone.iter().map(|(name, bands)| LayerTable { name: text::one_line(name), rows: table(bands, false) }).collect(),
        is_just_made: just_made.is_some_and(|id| made.iter().any(|one| one.id == id)),
        made: made.iter().map(|one| made_view(one, just_made)).collect(),
        id,
    };
    filled("calendar.html", &view)
}

fn made_view<'a>(made: &'a Made, just_made: Option<&str>) -> MadeView<'a> {
    MadeView { id: &made.id, told: &made.told, undoing: made.undoing.as_deref(), is_new: just_made == Some(made.id.as_str()) }
}

fn row(band: &Band, reader: &Reader, clock: &Clock, schedule: Option<&str>) -> TableRow {
    let tongue = clock.tongue();
    let people = band.people.iter().map(|user| Person { name: reader.name(user), colour: colour(user), is_reader: *user == reader.user });
    TableRow {
        from: clock.planned(band.from),
        until: tongue.until(&clock.planned(band.until)),
        from_full: clock.full(band.from),
        people: people.collect(),
        gap: band.people.is_empty().then(|| tongue.gap(&tongue.span(band.seconds()))),
        by_hand: band.by_hand,
        is_now: band.from <= reader.now && reader.now < band.until,
        to: schedule.and_then(|schedule| band.to(schedule, reader.now)),
    }
}

/// Which of the twelve colours somebody has, on every page and in every schedule.
pub(crate) fn colour(user: &UserId) -> u8 {
    crate::input_id::hash(&["colour", user.as_str()])[0] % 12
}
