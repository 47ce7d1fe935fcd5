//! Overrides by hand: somebody else takes a shift, or a part of it. A band of the calendar leads here, then it is chosen who, and a sentence
//! says what the button does. Only the button does something.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Path, Query, Request, State, rejection::PathRejection, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{About, ListedSchedule, Override, OverrideChange, OverrideEffect, Schedule, ShiftChange, UserId};
use hansho_runtime::clock::whole_milliseconds;
use hansho_store::OverrideRemoved;
use http::{HeaderMap, Uri};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{
    form::Form,
    schedules::{address_of, may_take_back, visible},
    visitor::Visitor,
};
use crate::{
    Api, input_id,
    link::{Trouble, answer},
    page::app::overrides::{ChooseFacts, ConfirmFacts, Elsewhere, choose, confirm, nowhere},
    rest::OVERRIDES_MAX,
};

/// Longest that is changed on a page; a longer one is made by the API, or by the schedule itself.
const LONGEST: SignedDuration = SignedDuration::from_hours(92 * 24);
/// How often a change is decided anew because somebody else has made one.
const TRIES_MAX: usize = 4;

/// What a page asks about, as addresses and forms say it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    /// Whose place is taken; of everybody when it is left out.
    #[serde(default)]
    of: String,
    /// Who takes it.
    #[serde(default)]
    by: String,
    /// A part of it, as fields of a form say it.
    #[serde(default)]
    part_from: String,
    #[serde(default)]
    part_until: String,
}

/// The same, understood.
pub(super) struct Wanted {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    of: Option<UserId>,
}

/// Everything that a change is decided on.
struct Ground {
    schedule: Arc<Schedule>,
    known: Vec<Override>,
    /// Who is on call in that time, in the order of it.
    on_call: Vec<BTreeSet<UserId>>,
}

impl Asked {
    fn wanted(&self, visitor: &Visitor) -> Option<Wanted> {
        let clock = visitor.reader.clock();
        let field = |part: &str, whole: &str| if part.is_empty() { whole.parse().ok() } else { clock.of_field(part) };
        let from: Timestamp = field(&self.part_from, &self.from)?;
        let until: Timestamp = field(&self.part_until, &self.until)?;
        let from = whole_milliseconds(from.max(visitor.reader.now));
        let until = whole_milliseconds(until);
        let of = if self.of.is_empty() { None } else { Some(self.of.parse().ok()?) };
        (from < until && until.duration_since(from) <= LONGEST).then_some(Wanted { from, until, of })
    }
}

impl Ground {
    async fn of(api: &Api, listed: &ListedSchedule, wanted: &Wanted) -> Result<Self, Trouble> {
        let schedule = api.store.definition(listed).await?.ok_or(Trouble::NotThere)?;
        let known = api.store.overrides_between(&listed.id, wanted.from, Timestamp::MAX).await?;
        let segments = schedule.shifts(&known, wanted.from, wanted.until);
        let mut on_call: Vec<BTreeSet<UserId>> = Vec::new();
        for segment in segments {
            let people: BTreeSet<UserId> = segment.people.into_iter().map(|person| person.user).collect();
            if on_call.last() != Some(&people) {
                on_call.push(people);
            }
        }
        Ok(Self { schedule, known, on_call })
    }

    fn everybody(&self) -> BTreeSet<UserId> {
        self.on_call.iter().flatten().cloned().collect()
    }

    /// Whose place is taken.
    fn from(&self, wanted: &Wanted) -> BTreeSet<UserId> {
        wanted.of.clone().map_or_else(|| self.everybody(), |user| BTreeSet::from([user]))
    }

    /// Tells who is on call then from who will be when somebody has changed it.
    fn seen(&self) -> String {
        let people = |people: &BTreeSet<UserId>| people.iter().map(UserId::as_str).collect::<Vec<_>>().join("/");
        let all: Vec<String> = self.on_call.iter().map(people).collect();
        input_id::hash_text(&["on-call", &all.join("//")], 16)
    }

    fn made(&self, id: String, listed: &ListedSchedule, wanted: &Wanted, by: &UserId, now: Timestamp) -> Result<Override, Trouble> {
        let by = vec![by.clone()];
        let change = match &wanted.of {
            Some(user) => OverrideChange::Replace { user: user.clone(), by },
            None if self.everybody().is_empty() => OverrideChange::Add { by },
            None => OverrideChange::ReplaceAll { by },
        };
        Override::new(id, listed.id.clone(), wanted.from, wanted.until, change, now).map_err(|problems| {
            tracing::warn!(schedule = %listed.id, ?problems, "an override could not be made");
            Trouble::BadForm
        })
    }
}

/// `GET /app/schedules/{schedule}/override`: who takes it, and then what the button does.
pub(super) async fn ask(
    State(api): State<Arc<Api>>,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path(id) = id?;
        let listed = visible(&visitor, &id)?;
        let asked = query.map(|Query(query)| query).unwrap_or_default();
        let title = || visitor.frame("on_call", listed.name.clone());
        let Some(wanted) = asked.wanted(&visitor) else { return Ok(nowhere(&visitor.reader, listed, title()).into_response()) };
        let ground = Ground::of(&api, listed, &wanted).await?;
        let from = ground.from(&wanted);
        if asked.by.is_empty() {
            let candidates: Vec<UserId> =
                visitor.directory.users.keys().filter(|user| may(&visitor, listed, &from, user)).cloned().collect();
            let facts = ChooseFacts {
                reader: &visitor.reader,
                directory: &visitor.directory,
                listed,
                from: wanted.from,
                until: wanted.until,
                of: wanted.of.as_ref(),
                on_call: &ground.everybody(),
                candidates: &candidates,
                may_swap: from == BTreeSet::from([visitor.session.user.clone()]) && wanted.from > visitor.reader.now,
            };
            return Ok(choose(&facts, title()).into_response());
        }
        let by: UserId = asked.by.parse().map_err(|_| Trouble::NotThere)?;
        if !may(&visitor, listed, &from, &by) {
            return Err(Trouble::NotAllowed);
        }
        let made = ground.made(String::from("asked"), listed, &wanted, &by, visitor.reader.now)?;
        let effect = ground.schedule.effect_of(&ground.known, &made, visitor.reader.now);
        let untold = untold(&api, &visitor, &effect).await?;
        let facts = ConfirmFacts {
            reader: &visitor.reader,
            listed,
            from: wanted.from,
            until: wanted.until,
            of: wanted.of.as_ref(),
            by: &by,
            effect: &effect,
            untold: &untold,
            elsewhere: &elsewhere(&api, &visitor, listed, &by, &wanted).await?,
            overlapping: &ground.known.iter().filter(|known| known.from < wanted.until).cloned().collect::<Vec<_>>(),
            seen: &ground.seen(),
            request: &input_id::hash_text(&["override", visitor.session.user.as_str(), &visitor.reader.now.to_string()], 32),
        };
        Ok(confirm(&facts, title()).into_response())
    };
    answer(shown.await, &headers)
}

/// `POST /app/schedules/{schedule}/override`
pub(super) async fn make(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let made = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path(id) = id?;
        let form = Form::of_session(request, &visitor.secret).await?;
        let listed = visible(&visitor, &id)?;
        let text = |name: &str| form.text(name).to_owned();
        let asked = Asked { from: text("from"), until: text("until"), of: text("of"), by: text("by"), ..Asked::default() };
        let user = visitor.session.user.clone();
        if form.text("request").is_empty() {
            return Err(Trouble::BadForm);
        }
        let id = input_id::hash_text(&["page-override", user.as_str(), listed.id.as_str(), form.text("request")], 16);
        let done = |id: &str| Redirect::to(&format!("{}?made={id}", address_of(listed.id.as_str()))).into_response();
        for _ in 0..TRIES_MAX {
            let footing = api.store.footing().await?;
            if api.store.overrides_between(&listed.id, visitor.reader.now, Timestamp::MAX).await?.iter().any(|known| known.id == id) {
                // Two taps are one.
                return Ok(done(&id));
            }
            let wanted = asked.wanted(&visitor).ok_or(Trouble::BadForm)?;
            let by: UserId = asked.by.parse().map_err(|_| Trouble::BadForm)?;
            let ground = Ground::of(&api, listed, &wanted).await?;
            if !may(&visitor, listed, &ground.from(&wanted), &by) {
                return Err(Trouble::NotAllowed);
            }
            if form.text("seen") != ground.seen() {
                return Err(Trouble::ShiftChanged);
            }
            if ground.known.len() >= OVERRIDES_MAX {
                return Err(Trouble::TooLarge);
            }
            let made = ground.made(id.clone(), listed, &wanted, &by, visitor.reader.now)?;
            let effect = ground.schedule.effect_of(&ground.known, &made, visitor.reader.now);
            if effect.is_nothing() {
                return Err(Trouble::ShiftChanged);
            }
            let change = change(listed, &made, &effect, &user);
            if api.store.make_override(&footing, &made, &change).await? {
                tracing::info!(schedule = %listed.id, id, user.id = %user, "an override was made on a page");
                return Ok(done(&id));
            }
        }
        Err(Trouble::ShiftChanged)
    };
    answer(made.await, &headers)
}

/// `POST /app/schedules/{schedule}/overrides/{override}/remove`
pub(super) async fn remove(State(api): State<Arc<Api>>, path: Result<Path<(String, String)>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let removed = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path((schedule, id)) = path?;
        let _form = Form::of_session(request, &visitor.secret).await?;
        let listed = visible(&visitor, &schedule)?;
        let back = || Redirect::to(&address_of(listed.id.as_str())).into_response();
        let now = whole_milliseconds(visitor.reader.now);
        let known = api.store.overrides_between(&listed.id, now, Timestamp::MAX).await?;
        // Two taps: it is gone already.
        let Some(one) = known.iter().find(|known| known.id == id) else { return Ok(back()) };
        let schedule = api.store.definition(listed).await?.ok_or(Trouble::NotThere)?;
        let effect = schedule.effect_of(&known, one, now);
        if !may_take_back(&visitor, listed, one, &effect) {
            return Err(Trouble::NotAllowed);
        }
        let taken_back = OverrideEffect { lost: effect.gained, gained: effect.lost };
        let rest = Override { from: one.from.max(now), ..one.clone() };
        let change = change(listed, &rest, &taken_back, &visitor.session.user);
        match api.store.remove_override_and_tell(&listed.id, &id, now, &change).await? {
            OverrideRemoved::Gone(_) | OverrideRemoved::EndedNow(_) => {
                tracing::info!(schedule = %listed.id, id, user.id = %visitor.session.user, "an override was taken back on a page");
            }
            OverrideRemoved::Over(_) | OverrideRemoved::Unknown => {}
        }
        Ok(back())
    };
    answer(removed.await, &headers)
}

/// `GET /app/schedules/{schedule}/overrides/{override}/remove`: a browser that remembers where the button led.
pub(super) async fn back(path: Result<Path<(String, String)>, PathRejection>, headers: HeaderMap) -> Response {
    super::schedules::back(path, headers).await
}

/// Whether they may have `by` on call instead of `from`.
fn may(visitor: &Visitor, listed: &ListedSchedule, from: &BTreeSet<UserId>, by: &UserId) -> bool {
    let Visitor { access, directory, .. } = visitor;
    let is_another = from.len() != 1 || !from.contains(by);
    is_another && access.names(directory, by) && access.overrides(directory, &listed.id, from, &BTreeSet::from([by.clone()]))
}

/// What is told of a change that somebody has made.
pub(super) fn change(listed: &ListedSchedule, made: &Override, effect: &OverrideEffect, by: &UserId) -> ShiftChange {
    ShiftChange {
        schedule: listed.id.clone(),
        name: listed.name.clone(),
        from: made.from,
        until: made.until,
        before: effect.lost.iter().cloned().collect(),
        after: effect.gained.iter().cloned().collect(),
        by: by.clone(),
    }
}

/// Those whom it concerns and who have no way to be told.
async fn untold(api: &Api, visitor: &Visitor, effect: &OverrideEffect) -> Result<BTreeSet<UserId>, Trouble> {
    let mut untold = BTreeSet::new();
    for user in effect.lost.union(&effect.gained).filter(|user| **user != visitor.session.user) {
        if api.store.profile(user).await?.is_none_or(|profile| profile.user.quietest_method().is_none()) {
            untold.insert(user.clone());
        }
    }
    Ok(untold)
}

/// Where else they are on call in that time, as far as the visitor may see it.
async fn elsewhere(api: &Api, visitor: &Visitor, listed: &ListedSchedule, by: &UserId, wanted: &Wanted) -> Result<Vec<Elsewhere>, Trouble> {
    let shifts = api.store.shifts(&About::User(by.clone()), wanted.from, wanted.until).await?;
    let others = shifts.into_iter().filter(|shift| {
        shift.schedule != listed.id && visitor.access.sees_schedule(&visitor.directory, &shift.schedule) && !shift.people.is_empty()
    });
    let told = others.map(|shift| Elsewhere {
        schedule: shift.name,
        from: shift.from.unwrap_or(wanted.from).max(wanted.from),
        until: shift.until.unwrap_or(wanted.until).min(wanted.until),
    });
    Ok(told.collect())
}
