//! Who is on call now and next, and taking it over.

use axum::response::Html;
use hansho_domain::{ListedShift, OnCallLine, Origin, Swap, SwapStage, text};
use serde::Serialize;

use super::Frame;
use crate::{
    asset,
    input_id::hash_text,
    page::{Reader, template::filled},
    words::{self, ShiftLabels},
};

/// What the page is made of.
pub(crate) struct OnCallFacts<'a> {
    pub(crate) reader: &'a Reader,
    /// Who is on call, and whether the reader may stand in.
    pub(crate) lines: &'a [(OnCallLine, bool)],
    /// The reader's own shifts, now and in the next weeks.
    pub(crate) mine: &'a [ListedShift],
    /// The swaps of theirs that wait for an answer.
    pub(crate) swaps: &'a [Swap],
    /// Whether they may do more than look.
    pub(crate) may_change: bool,
    /// Tells what the page shows from what it showed before.
    pub(crate) seen: &'a str,
}

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    frame: Frame,
    script: &'static str,
    live: &'static str,
    seen: &'a str,
    s: &'static ShiftLabels,
    lines: Vec<Line>,
    mine: Vec<Mine>,
    swaps: Vec<Waiting>,
    may_change: bool,
}

/// A shift of the reader's.
#[derive(Serialize)]
struct Mine {
    schedule: String,
    stretch: String,
    away: String,
}

/// A swap that waits for an answer.
#[derive(Serialize)]
struct Waiting {
    heading: String,
    standing: String,
    to: String,
}

/// One schedule.
#[derive(Serialize)]
pub(super) struct Line {
    id: String,
    name: String,
    people: String,
    is_reader: bool,
    until: Option<String>,
    until_full: Option<String>,
    next: Option<String>,
    /// Which shift that is about.
    seen: String,
    /// The override by which they have it, which they can take back.
    undo: Option<String>,
    /// What it says before the reader takes it; nothing where they may not, or have it.
    taking: Option<String>,
}

/// The page.
pub(crate) fn on_call(facts: &OnCallFacts<'_>, frame: Frame) -> Html<String> {
    let OnCallFacts { reader, lines, mine, swaps, may_change, seen } = *facts;
    let view = View {
        frame,
        script: asset::LIVE.as_str(),
        live: "/app/on-call/live",
        seen,
        s: words::tongue(reader.language).shifts(),
        lines: lines.iter().map(|(one, may_take)| line(one, reader, *may_take)).collect(),
        mine: mine.iter().filter_map(|shift| own(shift, reader)).collect(),
        swaps: swaps.iter().map(|swap| waiting(swap, reader)).collect(),
        may_change,
    };
    filled("on_call.html", &view)
}

/// The override that has put the reader on call, if one has.
fn by_override(shift: &ListedShift, reader: &Reader) -> Option<String> {
    let mine = shift.people.iter().find(|person| person.user == reader.user)?;
    match &mine.by {
        Origin::Override(id) => Some(id.clone()),
        Origin::Rotation(_) => None,
    }
}

fn own(shift: &ListedShift, reader: &Reader) -> Option<Mine> {
    let clock = reader.clock();
    let (from, until) = (shift.from?.max(reader.now), shift.until?);
    Some(Mine {
        schedule: text::one_line(&shift.name),
        stretch: words::tongue(reader.language).stretch(&clock.planned(from), &clock.planned(until)),
        away: format!("/app/schedules/{}/override?from={from}&until={until}&of={}", shift.schedule, reader.user),
    })
}

fn waiting(swap: &Swap, reader: &Reader) -> Waiting {
    let tongue = words::tongue(reader.language);
    let until = reader.clock().planned(swap.expires_at());
    let other = reader.name(swap.other_than(&reader.user));
    Waiting {
        heading: tongue.swap_of(&reader.name(&swap.by), &reader.name(&swap.with)),
        standing: tongue.swap_stage(SwapStage::Asked, &other, swap.by == reader.user, &until),
        to: format!("/app/swaps/{}", swap.id),
    }
}

/// Tells a shift from the one that is on later: who has it, and until when.
pub(crate) fn seen(shift: &ListedShift) -> String {
    let people: Vec<&str> = shift.people.iter().map(|person| person.user.as_str()).collect();
    hash_text(&["shift", &people.join("/"), &shift.until.map(|until| until.to_string()).unwrap_or_default()], 16)
}

pub(super) fn line(line: &OnCallLine, reader: &Reader, may_take: bool) -> Line {
    let clock = reader.clock();
    let tongue = words::tongue(reader.language);
    let people = |shift: &ListedShift| reader.names_of(shift.people.iter().map(|person| &person.user));
    let now = line.now.as_ref();
    let until = now.and_then(|shift| shift.until);
    let is_reader = now.is_some_and(|shift| shift.people.iter().any(|person| person.user == reader.user));
    let next = line.next.as_ref().and_then(|shift| Some(tongue.next_on_call(&people(shift), &clock.short(shift.from?))));
    let taking = now.filter(|_| may_take && !is_reader).map(|shift| {
        let until = shift.until.map(|until| clock.short(until));
        tongue.taking(&people(shift), &reader.name(&reader.user), until.as_deref())
    });
    Line {
        id: line.schedule.to_string(),
        name: text::one_line(&line.name),
        people: now.map_or_else(String::new, people),
        is_reader,
        until: until.map(|until| tongue.until(&clock.short(until))),
        until_full: until.map(|until| clock.full(until)),
        next,
        seen: now.map(seen).unwrap_or_default(),
        undo: now.and_then(|shift| by_override(shift, reader)),
        taking,
    }
}
