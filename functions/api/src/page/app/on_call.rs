//! Who is on call now and next, and taking it over.

use axum::response::Html;
use hansho_domain::{ListedShift, OnCallLine, text};
use serde::Serialize;

use super::Frame;
use crate::{
    input_id::hash_text,
    page::{Reader, template::filled},
    words,
};

#[derive(Serialize)]
struct View {
    #[serde(flatten)]
    frame: Frame,
    lines: Vec<Line>,
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
    /// What it says before the reader takes it; nothing where they may not, or have it.
    taking: Option<String>,
}

/// The page. `may_take` says for which schedules the reader may stand in.
pub(crate) fn on_call(reader: &Reader, lines: &[(OnCallLine, bool)], frame: Frame) -> Html<String> {
    filled("on_call.html", &View { frame, lines: lines.iter().map(|(one, may_take)| line(one, reader, *may_take)).collect() })
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
        taking,
    }
}
