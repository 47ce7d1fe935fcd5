//! Who takes a shift, and what that comes to.

use std::collections::BTreeSet;

use axum::response::Html;
use hansho_domain::{Directory, ListedSchedule, Override, OverrideEffect, UserId, text};
use jiff::Timestamp;
use serde::Serialize;

use super::{Frame, calendar::colour};
use crate::{
    page::{Reader, clock::Clock, template::filled},
    words::{self, ShiftLabels},
};

/// Most people in a list; whoever is not in it is found by the API.
const LISTED_MAX: usize = 200;

/// What choosing who takes it is made of.
pub(crate) struct ChooseFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) directory: &'a Directory,
    pub(crate) listed: &'a ListedSchedule,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    /// Whose place is taken, if it is known.
    pub(crate) of: Option<&'a UserId>,
    /// Who is on call in that time.
    pub(crate) on_call: &'a BTreeSet<UserId>,
    /// Whom the reader may name.
    pub(crate) candidates: &'a [UserId],
    /// Whether it is a shift of theirs that they can swap.
    pub(crate) may_swap: bool,
}

/// What the question is made of.
pub(crate) struct ConfirmFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) listed: &'a ListedSchedule,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) of: Option<&'a UserId>,
    pub(crate) by: &'a UserId,
    /// What it changes.
    pub(crate) effect: &'a OverrideEffect,
    /// Those whom it concerns and who can not be told.
    pub(crate) untold: &'a BTreeSet<UserId>,
    /// Where else the new one is on call then.
    pub(crate) elsewhere: &'a [Elsewhere],
    /// Other overrides of that time.
    pub(crate) overlapping: &'a [Override],
    pub(crate) seen: &'a str,
    pub(crate) request: &'a str,
}

/// A shift in another schedule at the same time.
pub(crate) struct Elsewhere {
    pub(crate) schedule: String,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

#[derive(Serialize, Default)]
struct Question {
    sentence: String,
    /// Then there is nothing to do.
    is_nothing: bool,
    told: Vec<String>,
    warnings: Vec<String>,
    from: String,
    until: String,
    of: String,
    by: String,
    seen: String,
    request: String,
}

#[derive(Serialize)]
struct View {
    #[serde(flatten)]
    frame: Frame,
    s: &'static ShiftLabels,
    id: String,
    schedule_name: String,
    is_bad_time: bool,
    /// What it is about.
    about: String,
    question: Option<Question>,
    /// Whose place, where several are on call.
    places: Vec<Choice>,
    team: Vec<Choice>,
    others: Vec<Choice>,
    may_nothing: bool,
    swap: Option<String>,
    part: Option<Part>,
}

/// Somebody to be chosen.
#[derive(Serialize)]
struct Choice {
    name: String,
    colour: Option<u8>,
    local_time: Option<String>,
    is_reader: bool,
    to: String,
}

/// The form for a part of the time.
#[derive(Serialize)]
struct Part {
    from: String,
    until: String,
    of: String,
}

impl View {
    fn empty(reader: &Reader, listed: &ListedSchedule, frame: Frame) -> Self {
        Self {
            frame,
            s: words::tongue(reader.language).shifts(),
            id: listed.id.to_string(),
            schedule_name: text::one_line(&listed.name),
            is_bad_time: false,
            about: String::new(),
            question: None,
            places: Vec::new(),
            team: Vec::new(),
            others: Vec::new(),
            may_nothing: false,
            swap: None,
            part: None,
        }
    }
}

/// The page that says that this is no time for it.
pub(crate) fn nowhere(reader: &Reader, listed: &ListedSchedule, frame: Frame) -> Html<String> {
    filled("override.html", &View { is_bad_time: true, ..View::empty(reader, listed, frame) })
}

/// The page that asks who takes it.
pub(crate) fn choose(facts: &ChooseFacts<'_>, frame: Frame) -> Html<String> {
    let ChooseFacts { reader, directory, listed, from, until, of, on_call, candidates, may_swap } = *facts;
    let clock = reader.clock();
    let tongue = words::tongue(reader.language);
    let stretch = tongue.stretch(&clock.planned(from), &clock.planned(until));
    let named = of.map_or_else(|| reader.names_of(on_call), |user| reader.name(user));
    let below = format!("/app/schedules/{}/override?from={from}&until={until}", listed.id);
    let whose = of.map(|user| format!("&of={user}")).unwrap_or_default();
    let choice = |user: &UserId| Choice {
        name: reader.name(user),
        colour: Some(colour(user)),
        local_time: local_time(directory, user, reader),
        is_reader: *user == reader.user,
        to: format!("{below}{whose}&by={user}"),
    };
    let team: BTreeSet<&UserId> = directory
        .teams
        .iter()
        .filter(|team| directory.teams_of_schedule(&listed.id).any(|of| *of == team.id))
        .flat_map(|team| &team.members)
        .chain(&listed.members)
        .collect();
    let (mut close, far): (Vec<&UserId>, Vec<&UserId>) =
        candidates.iter().take(LISTED_MAX).partition(|user| team.contains(user) || **user == reader.user);
    close.sort_by_key(|user| (**user != reader.user, reader.name(user)));
    let places = if of.is_none() && on_call.len() > 1 { places(on_call, reader, &below) } else { Vec::new() };
    let view = View {
        about: tongue.changing(&named, "…", &stretch).trim_end_matches(['.', '。']).to_owned(),
        places,
        team: close.into_iter().map(choice).collect(),
        others: far.into_iter().map(choice).collect(),
        may_nothing: candidates.is_empty(),
        swap: may_swap.then(|| format!("/app/schedules/{}/swap?from={from}&until={until}", listed.id)),
        part: Some(Part { from: clock.field(from), until: clock.field(until), of: of.map(ToString::to_string).unwrap_or_default() }),
        ..View::empty(reader, listed, frame)
    };
    filled("override.html", &view)
}

fn places(on_call: &BTreeSet<UserId>, reader: &Reader, below: &str) -> Vec<Choice> {
    let place = |user: &UserId| Choice {
        name: reader.name(user),
        colour: Some(colour(user)),
        local_time: None,
        is_reader: *user == reader.user,
        to: format!("{below}&of={user}"),
    };
    on_call.iter().map(place).collect()
}

/// What somebody's clock shows now, where it is known which one they have.
fn local_time(directory: &Directory, user: &UserId, reader: &Reader) -> Option<String> {
    let zone = &directory.users.get(user)?.time_zone;
    let tongue = words::tongue(reader.language);
    (!zone.is_empty()).then(|| tongue.local_time(&Clock::new(zone, reader.now, reader.language).time(reader.now)))
}

/// The page that says what the button does.
pub(crate) fn confirm(facts: &ConfirmFacts<'_>, frame: Frame) -> Html<String> {
    let ConfirmFacts { reader, listed, from, until, of, by, effect, untold, elsewhere, overlapping, seen, request } = *facts;
    let clock = reader.clock();
    let tongue = words::tongue(reader.language);
    let stretch = |from: Timestamp, until: Timestamp| tongue.stretch(&clock.planned(from), &clock.planned(until));
    let mut warnings: Vec<String> = Vec::new();
    if effect.is_nothing() {
        warnings.push(tongue.changes_nothing(&reader.name(by)));
    }
    let other = |one: &Elsewhere| tongue.elsewhere(&reader.name(by), &text::one_line(&one.schedule), &stretch(one.from, one.until));
    warnings.extend(elsewhere.iter().map(other));
    warnings.extend(overlapping.iter().map(|one| tongue.overlaps(&stretch(one.from, one.until))));
    let question = Question {
        sentence: change_told(reader, effect, from, until),
        is_nothing: effect.is_nothing(),
        told: told(reader, effect, untold),
        warnings,
        from: from.to_string(),
        until: until.to_string(),
        of: of.map(ToString::to_string).unwrap_or_default(),
        by: by.to_string(),
        seen: seen.to_owned(),
        request: request.to_owned(),
    };
    filled("override.html", &View { question: Some(question), ..View::empty(reader, listed, frame) })
}

/// From whom to whom, from when until when.
pub(crate) fn change_told(reader: &Reader, effect: &OverrideEffect, from: Timestamp, until: Timestamp) -> String {
    let clock = reader.clock();
    let tongue = words::tongue(reader.language);
    let stretch = tongue.stretch(&clock.planned(from), &clock.planned(until));
    tongue.changing(&reader.names_of(&effect.lost), &reader.names_of(&effect.gained), &stretch)
}

/// Who is told of it, and who can not be.
fn told(reader: &Reader, effect: &OverrideEffect, untold: &BTreeSet<UserId>) -> Vec<String> {
    let tongue = words::tongue(reader.language);
    let concerned: BTreeSet<&UserId> = effect.lost.union(&effect.gained).filter(|user| **user != reader.user).collect();
    let reached: Vec<&UserId> = concerned.into_iter().filter(|user| !untold.contains(*user)).collect();
    let mut told = Vec::new();
    if !reached.is_empty() || untold.is_empty() {
        told.push(tongue.told(&reader.names_of(reached.iter().copied()), reached.len()));
    }
    if !untold.is_empty() {
        told.push(tongue.not_told(&reader.names_of(untold)));
    }
    told
}
