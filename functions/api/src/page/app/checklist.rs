//! Whether somebody is ready to be called, one thing after the other.

use std::collections::BTreeMap;

use axum::response::Html;
use hansho_domain::{ListedShift, Method, Urgency, text};
use hansho_store::{Confirmed, ContactProof, Profile, TestPage};
use serde::Serialize;

use super::Frame;
use crate::{
    Sender,
    page::{Reader, template::filled},
    words::{self, Tongue},
};

/// How many days ahead their first shift is looked for.
pub(crate) const SHIFT_DAYS: i64 = 90;
/// Whoever is called has to wake by then: policies wait five minutes for most people.
const WAKES_WITHIN_SECONDS: u32 = 300;
/// The words under which it is stored that they have done what only they know of.
pub(crate) const SHIFT: &str = "shift";
pub(crate) const NUMBERS: &str = "numbers";

/// What is known of somebody.
pub(crate) struct Readiness {
    /// `None` where it can not be read.
    pub(crate) profile: Option<Profile>,
    pub(crate) proofs: BTreeMap<Method, ContactProof>,
    pub(crate) test_page: Option<TestPage>,
    /// The shift that they have now, or the next one.
    pub(crate) shift: Option<ListedShift>,
    pub(crate) confirmed: BTreeMap<String, Confirmed>,
    /// From where messages come.
    pub(crate) sender: Sender,
    /// Tells the numbers from others.
    pub(crate) numbers: String,
    /// How many calendars show their shifts.
    pub(crate) calendars: usize,
}

/// What the page is made of.
pub(crate) struct ChecklistFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) readiness: &'a Readiness,
    /// What a form that asks for a message carries, so that two taps are one.
    pub(crate) request: &'a str,
    /// What has just been sent.
    pub(crate) sent: &'a str,
}

/// How far one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Done,
    ToDo,
    /// Nobody has to.
    Optional,
}

/// One thing.
#[derive(Serialize)]
pub(crate) struct Item {
    id: &'static str,
    state: State,
    title: &'static str,
    standing: String,
    /// What to do about it; nothing more where it is done.
    next: Option<String>,
}

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    frame: Frame,
    items: Vec<Item>,
    is_ready: bool,
    left: String,
    request: &'a str,
    sent: &'a str,
    /// The method that a test message is asked for by; nothing where there is none that wakes, or it is proven.
    verify: Option<&'static str>,
    has_number: bool,
    numbers: &'a str,
}

/// The page.
pub(crate) fn checklist(facts: &ChecklistFacts<'_>, frame: Frame) -> Html<String> {
    let ChecklistFacts { reader, readiness, request, sent } = facts;
    let items = items(readiness, reader);
    let left = left(&items);
    let unproven = waking(readiness).find(|method| !is_proven(readiness, *method));
    let view = View {
        frame,
        is_ready: left == 0,
        left: words::tongue(reader.language).left(left),
        request,
        sent,
        verify: unproven.filter(|_| !waking(readiness).any(|method| is_proven(readiness, method))).map(Method::as_str),
        has_number: readiness.sender.number.is_some(),
        numbers: &readiness.numbers,
        items,
    };
    filled("checklist.html", &view)
}

/// How many things somebody has yet to do.
pub(crate) fn left(items: &[Item]) -> usize {
    items.iter().filter(|item| item.state == State::ToDo).count()
}

/// Every thing, as `reader` is told of it.
pub(crate) fn items(readiness: &Readiness, reader: &Reader) -> Vec<Item> {
    let tongue = words::tongue(reader.language);
    let mut items = vec![contact(readiness, reader, tongue), test_page(readiness, reader, tongue)];
    items.extend([rules(readiness, reader, tongue), shift(readiness, reader, tongue), numbers(readiness, reader, tongue)]);
    items.extend([calendar(readiness, tongue), language(readiness, tongue)]);
    items
}

/// The methods of theirs that wake.
fn waking(readiness: &Readiness) -> impl Iterator<Item = Method> {
    let methods = readiness.profile.as_ref().map(|profile| profile.user.methods()).unwrap_or_default();
    methods.iter().copied().filter(|method| method.wakes())
}

fn is_proven(readiness: &Readiness, method: Method) -> bool {
    readiness.proofs.get(&method).is_some_and(|proof| proof.proven_at.is_some())
}

fn contact(readiness: &Readiness, reader: &Reader, tongue: &dyn Tongue) -> Item {
    let item = |state, standing, next| Item { id: "contact", state, title: tongue.people().wakes, standing, next };
    let proven = waking(readiness).find_map(|method| Some((method, readiness.proofs.get(&method)?.proven_at?)));
    if let Some((method, at)) = proven {
        return item(State::Done, tongue.proven(tongue.method(method), &reader.clock().short(at)), None);
    }
    match waking(readiness).next() {
        Some(method) => item(State::ToDo, tongue.unproven(tongue.method(method)), Some(tongue.prove_by_test().to_owned())),
        None => item(State::ToDo, tongue.wakes_nobody().to_owned(), Some(tongue.ask_for_phone().to_owned())),
    }
}

fn test_page(readiness: &Readiness, reader: &Reader, tongue: &dyn Tongue) -> Item {
    let item = |state, standing, next| Item { id: "test-page", state, title: tongue.people().test_page, standing, next };
    let explained = || Some(tongue.test_explained().to_owned());
    let clock = reader.clock();
    match &readiness.test_page {
        Some(TestPage { answered: Some((at, method)), .. }) if method.wakes() => {
            item(State::Done, tongue.test_answered(tongue.method(*method), &clock.short(*at)), None)
        }
        Some(TestPage { answered: Some((_, method)), is_answered: true, .. }) => {
            item(State::ToDo, tongue.test_answered_asleep(tongue.method(*method)), explained())
        }
        Some(page) => item(State::ToDo, tongue.test_unanswered(&clock.short(page.asked_at)), explained()),
        None => item(State::ToDo, tongue.test_never().to_owned(), explained()),
    }
}

fn rules(readiness: &Readiness, reader: &Reader, tongue: &dyn Tongue) -> Item {
    let item = |state, standing, next| Item { id: "rules", state, title: tongue.people().rules, standing, next };
    let rules = readiness.profile.as_ref().map(|profile| profile.user.rules_from(Urgency::High, reader.now)).unwrap_or_default();
    let waking = rules.iter().find(|rule| rule.by.wakes());
    let span = |seconds: u32| Some(tongue.span(u64::from(seconds))).filter(|_| seconds > 0);
    match waking {
        Some(rule) if rule.after_seconds <= WAKES_WITHIN_SECONDS => {
            item(State::Done, tongue.rules_wake(tongue.method(rule.by), span(rule.after_seconds).as_deref()), None)
        }
        late => {
            let after = late.and_then(|rule| span(rule.after_seconds));
            item(State::ToDo, tongue.rules_too_late(after.as_deref()), Some(tongue.rules_next().to_owned()))
        }
    }
}

fn shift(readiness: &Readiness, reader: &Reader, tongue: &dyn Tongue) -> Item {
    let item = |state, standing, next| Item { id: "shift", state, title: tongue.people().shift, standing, next };
    let clock = reader.clock();
    let Some(shift) = &readiness.shift else { return item(State::Optional, tongue.no_shift(SHIFT_DAYS), None) };
    let from = shift.from.filter(|from| !clock.is_past(*from)).map(|from| clock.short(from));
    let until = shift.until.map(|until| clock.short(until));
    let told = tongue.next_shift(&text::one_line(&shift.name), from.as_deref(), until.as_deref());
    match readiness.confirmed.get(SHIFT) {
        Some(seen) => item(State::Done, told, Some(tongue.shift_seen_at(&clock.short(seen.at)))),
        None => item(State::ToDo, told, None),
    }
}

fn numbers(readiness: &Readiness, reader: &Reader, tongue: &dyn Tongue) -> Item {
    let item = |state, standing, next| Item { id: "numbers", state, title: tongue.people().numbers, standing, next };
    let Sender { number, name } = &readiness.sender;
    let told = match number {
        Some(number) => tongue.numbers_known(number),
        None => tongue.numbers_unknown(name.as_deref().map(text::one_line).as_deref()),
    };
    match readiness.confirmed.get(NUMBERS).filter(|done| done.of == readiness.numbers) {
        Some(done) => item(State::Done, told, Some(tongue.numbers_done_at(&reader.clock().short(done.at)))),
        None => item(State::ToDo, told, Some(tongue.numbers_next(number.is_some()).to_owned())),
    }
}

fn calendar(readiness: &Readiness, tongue: &dyn Tongue) -> Item {
    let state = if readiness.calendars == 0 { State::Optional } else { State::Done };
    let p = tongue.people();
    let next = (readiness.calendars == 0).then(|| p.calendar_text.to_owned());
    Item { id: "calendar", state, title: p.calendar, standing: tongue.calendars(readiness.calendars), next }
}

fn language(readiness: &Readiness, tongue: &dyn Tongue) -> Item {
    let user = readiness.profile.as_ref().map(|profile| &profile.user);
    let standing = user.map(|user| tongue.spoken(user.language())).unwrap_or_default().to_owned();
    let next = user.map(|user| tongue.spoken_owned(user.id().as_str()));
    Item { id: "language", state: State::Done, title: tongue.people().language, standing, next }
}
