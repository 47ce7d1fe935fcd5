//! A swap: for which shift, what asking does, and how it stands.

use axum::response::Html;
use hansho_domain::{ListedSchedule, ListedShift, Shift, Swap, SwapStage, text};
use hansho_store::StoredSwap;
use serde::Serialize;

use super::{Frame, calendar::colour};
use crate::{
    page::{Reader, template::filled},
    words::{self, ShiftLabels},
};

/// What asking is made of.
pub(crate) struct AskFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) listed: &'a ListedSchedule,
    /// The reader's shift.
    pub(crate) gives: Shift,
    /// The whole of it, once a shift is chosen.
    pub(crate) swap: Option<&'a Swap>,
    /// The shifts of others.
    pub(crate) offers: &'a [ListedShift],
    pub(crate) request: &'a str,
}

/// What the page of a swap is made of.
pub(crate) struct SwapFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) found: &'a StoredSwap,
    /// Where it is; answers are below it.
    pub(crate) address: &'a str,
    /// Whether whoever asked may withdraw it here.
    pub(crate) may_withdraw: bool,
    /// The frame around it.
    pub(crate) base: &'static str,
}

#[derive(Serialize)]
struct AskView<'a> {
    #[serde(flatten)]
    frame: Frame,
    s: &'static ShiftLabels,
    schedule_name: String,
    gives: String,
    offers: Vec<Offer>,
    question: Option<Question>,
    request: &'a str,
    below: String,
    schedule: String,
    from: String,
    until: String,
}

#[derive(Serialize)]
struct Offer {
    name: String,
    colour: u8,
    stretch: String,
    to: String,
}

#[derive(Serialize)]
struct Question {
    gets: String,
    told: String,
    with: String,
    their_from: String,
    their_until: String,
}

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    frame: Frame,
    base: &'static str,
    s: &'static ShiftLabels,
    heading: String,
    schedule_name: String,
    standing: String,
    gives: String,
    gets: String,
    may_answer: bool,
    may_withdraw: bool,
    address: &'a str,
    calendar: String,
}

fn stretch(reader: &Reader, shift: Shift) -> String {
    let clock = reader.clock();
    words::tongue(reader.language).stretch(&clock.planned(shift.from), &clock.planned(shift.until))
}

/// The page that asks for which shift, or what asking does.
pub(crate) fn ask_page(facts: &AskFacts<'_>, frame: Frame) -> Html<String> {
    let AskFacts { reader, listed, gives, swap, offers, request } = *facts;
    let tongue = words::tongue(reader.language);
    let below = format!("/app/schedules/{}/swap?from={}&until={}", listed.id, gives.from, gives.until);
    let offer = |shift: &ListedShift| -> Vec<Offer> {
        let (Some(from), Some(until)) = (shift.from, shift.until) else { return Vec::new() };
        let one = |user: &hansho_domain::UserId| Offer {
            name: reader.name(user),
            colour: colour(user),
            stretch: stretch(reader, Shift { from, until }),
            to: format!("{below}&with={user}&their_from={from}&their_until={until}"),
        };
        shift.people.iter().map(|person| one(&person.user)).collect()
    };
    let question = swap.map(|swap| Question {
        gets: stretch(reader, swap.takes),
        told: tongue.swap_asking(&reader.name(&swap.with), &reader.clock().planned(swap.expires_at())),
        with: swap.with.to_string(),
        their_from: swap.takes.from.to_string(),
        their_until: swap.takes.until.to_string(),
    });
    let view = AskView {
        frame,
        s: tongue.shifts(),
        schedule_name: text::one_line(&listed.name),
        gives: stretch(reader, gives),
        offers: offers.iter().flat_map(offer).collect(),
        question,
        request,
        below,
        schedule: listed.id.to_string(),
        from: gives.from.to_string(),
        until: gives.until.to_string(),
    };
    filled("swap_ask.html", &view)
}

/// How a swap stands, and its buttons for whoever may answer.
pub(crate) fn swap_page(facts: &SwapFacts<'_>, frame: Frame) -> Html<String> {
    let SwapFacts { reader, found: StoredSwap { swap, stage }, address, may_withdraw, base } = *facts;
    let tongue = words::tongue(reader.language);
    let is_asker = swap.by == reader.user;
    let (gives, gets) = swap.seen_by(&reader.user);
    let until = reader.clock().planned(swap.expires_at());
    let view = View {
        frame,
        base,
        s: tongue.shifts(),
        heading: tongue.swap_of(&reader.name(&swap.by), &reader.name(&swap.with)),
        schedule_name: text::one_line(&swap.name),
        standing: tongue.swap_stage(*stage, &reader.name(swap.other_than(&reader.user)), is_asker, &until),
        gives: stretch(reader, gives),
        gets: stretch(reader, gets),
        may_answer: *stage == SwapStage::Asked && !is_asker,
        may_withdraw: may_withdraw && *stage == SwapStage::Asked && is_asker,
        address,
        calendar: format!("/app/schedules/{}", swap.schedule),
    };
    filled("swap.html", &view)
}
