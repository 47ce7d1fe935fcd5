//! Who is there, and one person for those who look after them.

use std::collections::BTreeMap;

use axum::response::Html;
use hansho_domain::{Method, Role, UserId, text};
use hansho_store::{ContactProof, Invitation, Session};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    Frame,
    checklist::{Item, Readiness, items, left},
    profile::browser,
};
use crate::{
    page::{Reader, template::filled},
    words,
};

/// What the list is made of.
pub(crate) struct PeopleFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) lines: Vec<PersonLine>,
    /// Where the rest is.
    pub(crate) next: Option<String>,
}

/// Somebody, as far as the reader may know.
pub(crate) struct PersonLine {
    pub(crate) user: UserId,
    pub(crate) name: String,
    /// The names of their teams that the reader sees.
    pub(crate) teams: Vec<String>,
    /// More, for those who look after them.
    pub(crate) managed: Option<Managed>,
}

/// What those who look after a person need to know. Addresses are nobody's business.
pub(crate) struct Managed {
    pub(crate) role: Role,
    pub(crate) proofs: BTreeMap<Method, ContactProof>,
    pub(crate) has_mail: bool,
    /// When the newest drill asked them, if it did, and when they have answered.
    pub(crate) asked_at: Option<Timestamp>,
    pub(crate) answered_at: Option<Timestamp>,
    /// In how many browsers they are signed in, and when one was last used.
    pub(crate) sessions: usize,
    pub(crate) seen_at: Option<Timestamp>,
}

/// What a person's page is made of.
pub(crate) struct PersonFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) line: PersonLine,
    pub(crate) readiness: &'a Readiness,
    pub(crate) invitation: Option<Invitation>,
    /// Where they are signed in, for admins.
    pub(crate) sessions: Option<Vec<Session>>,
    pub(crate) may_sign_out: bool,
    /// What was done a moment ago.
    pub(crate) done: &'a str,
}

#[derive(Serialize)]
struct View {
    #[serde(flatten)]
    frame: Frame,
    lines: Vec<Line>,
    manages: bool,
    next: Option<String>,
}

#[derive(Serialize)]
struct Line {
    id: String,
    name: String,
    teams: String,
    is_managed: bool,
    role: &'static str,
    /// How each of their addresses stands.
    reached: Vec<Reached>,
    drill: Option<String>,
    signed_in: String,
    has_mail: bool,
}

#[derive(Serialize)]
struct Reached {
    is_proven: bool,
    told: String,
}

#[derive(Serialize)]
struct PersonView {
    #[serde(flatten)]
    frame: Frame,
    one: Line,
    items: Vec<Item>,
    is_ready: bool,
    left: String,
    invitation: String,
    sessions: Vec<Told>,
    is_admin: bool,
    may_sign_out: bool,
    done: &'static str,
}

#[derive(Serialize)]
struct Told {
    agent: String,
    told: String,
}

/// The list.
pub(crate) fn people(facts: &PeopleFacts<'_>, frame: Frame) -> Html<String> {
    let lines: Vec<Line> = facts.lines.iter().map(|one| line(one, facts.reader)).collect();
    let manages = lines.iter().any(|line| line.is_managed);
    filled("people.html", &View { frame, manages, lines, next: facts.next.clone() })
}

/// One of them.
pub(crate) fn person(facts: &PersonFacts<'_>, frame: Frame) -> Html<String> {
    let PersonFacts { reader, line: one, readiness, invitation, sessions, may_sign_out, done } = facts;
    let clock = reader.clock();
    let tongue = words::tongue(reader.language);
    let items = items(readiness, reader);
    let left = left(&items);
    let told = |session: &Session| Told {
        agent: browser(&session.agent),
        told: tongue.session(&clock.short(session.created_at), &clock.short(session.seen_at)),
    };
    let view = PersonView {
        frame,
        one: line(one, reader),
        is_ready: left == 0,
        left: tongue.left(left),
        items,
        invitation: invited(invitation.as_ref(), reader),
        is_admin: sessions.is_some(),
        sessions: sessions.iter().flatten().map(told).collect(),
        may_sign_out: *may_sign_out,
        done: match *done {
            "invited" => tongue.people().invited,
            "signed-out" => tongue.people().signed_out,
            _ => "",
        },
    };
    filled("person.html", &view)
}

fn line(one: &PersonLine, reader: &Reader) -> Line {
    let tongue = words::tongue(reader.language);
    let clock = reader.clock();
    let managed = one.managed.as_ref();
    let reached = |(method, proof): (&Method, &ContactProof)| {
        let word = tongue.method(*method);
        let told = proof.proven_at.map_or_else(|| tongue.unproven(word), |at| tongue.proven(word, &clock.short(at)));
        Reached { is_proven: proof.proven_at.is_some(), told }
    };
    let seen = managed.and_then(|managed| Some((managed.sessions, managed.seen_at?)));
    Line {
        id: one.user.to_string(),
        name: text::one_line(&one.name),
        teams: tongue.list(&one.teams.iter().map(|team| text::one_line(team)).collect::<Vec<_>>()),
        is_managed: managed.is_some(),
        role: managed.map(|managed| tongue.role(managed.role)).unwrap_or_default(),
        reached: managed.iter().flat_map(|managed| managed.proofs.iter().map(reached)).collect(),
        drill: managed.and_then(|managed| {
            let answered = managed.answered_at.map(|at| clock.short(at));
            Some(tongue.drill_standing(&clock.short(managed.asked_at?), answered.as_deref()))
        }),
        signed_in: seen.map_or_else(|| tongue.never_signed_in().to_owned(), |(count, at)| tongue.signed_in(count, &clock.short(at))),
        has_mail: managed.is_some_and(|managed| managed.has_mail),
    }
}

/// How their invitation stands.
fn invited(invitation: Option<&Invitation>, reader: &Reader) -> String {
    let tongue = words::tongue(reader.language);
    let clock = reader.clock();
    let Some(one) = invitation else { return tongue.never_invited().to_owned() };
    let at = clock.short(one.at);
    if let Some(used_at) = one.used_at {
        return tongue.invitation_used(&clock.short(used_at));
    }
    if one.ended_at.is_some() || clock.is_past(one.until) {
        return tongue.invitation_over(&at);
    }
    let person = one.by.strip_prefix("user/").and_then(|user| user.parse().ok());
    let by = person.map_or_else(|| tongue.a_tool().to_owned(), |user: UserId| reader.name(&user));
    tongue.invitation_open(&at, &by, &clock.short(one.until))
}
