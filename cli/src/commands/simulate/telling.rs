//! A story for people: what happens when, and every page below what caused it.

use std::collections::BTreeMap;

use hansho_api::page::{Reader, sentences};
use hansho_domain::{Bundle, Event, Language, PhaseName, Urgency, UserId};
use hansho_rehearsal::{Answer, Ending, Moment, Page, Scenario, Stage, Story};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{clock, words};
use crate::commands::columns::columns;

/// Tells stories in a language, on a clock.
pub(super) struct Teller {
    pub(super) language: Language,
    pub(super) zone: String,
    reader: Reader,
    names: BTreeMap<UserId, String>,
    day: Date,
}

impl Teller {
    pub(super) fn new(language: Language, zone: &str, stage: &Stage, onlooker: UserId, now: Timestamp) -> Self {
        let users = stage.bundle.users.iter().chain(&stage.beyond.users);
        let names: BTreeMap<UserId, String> = users.map(|user| (user.id().clone(), user.name().to_owned())).collect();
        // Nobody's page: the words are those for somebody who looks on.
        let reader = Reader { user: onlooker, language, time_zone: zone.to_owned(), now, names: names.clone() };
        let day = now.to_zoned(TimeZone::get(zone).unwrap_or(TimeZone::UTC)).date();
        Self { language, zone: zone.to_owned(), reader, names, day }
    }

    pub(super) fn name(&self, user: &UserId) -> String {
        self.names.get(user).cloned().unwrap_or_else(|| user.to_string())
    }

    /// A person by name, a machine or channel as the configuration calls it.
    pub(super) fn recipient(&self, page: &Page) -> String {
        page.person().map_or_else(|| page.who(), |user| self.name(user))
    }

    /// The time of day, and the date where it is another day than the alarm's.
    pub(super) fn clock(&self, at: Timestamp) -> String {
        let is_same_day = at.to_zoned(TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC)).date() == self.day;
        let whole_minute = at.as_second() % 60 == 0;
        let format = match (is_same_day, whole_minute) {
            (true, true) => "%H:%M",
            (true, false) => "%H:%M:%S",
            (false, true) => "%m-%d %H:%M",
            (false, false) => "%m-%d %H:%M:%S",
        };
        clock(at, &self.zone, format)
    }

    pub(super) fn span(&self, seconds: i64) -> String {
        words::span(self.language, seconds)
    }

    pub(super) fn sentences(&self, moment: &Moment) -> Vec<String> {
        sentences(&moment.entry, &self.reader)
    }

    /// Why a page is sent, as it says itself: what goes along in one message is not told in it.
    pub(super) fn why(&self, page: &Page) -> String {
        let Some((own, along)) = page.reasons.split_first() else { return String::new() };
        let named = hansho_channels::person(own).and_then(|user| self.reader.names.get(user));
        let own = hansho_channels::reason(self.language, own, named.map(String::as_str));
        if along.is_empty() { own } else { format!("{own} {}", words::along(self.language, along.len())) }
    }

    /// The whole of it; `notes` stand below what is played.
    pub(super) fn story(&self, story: &Story, bundle: &Bundle, scenario: &Scenario, notes: &[String]) -> String {
        let mut rows = vec![words::heads(self.language).map(str::to_owned).to_vec()];
        rows.extend(story.pages.iter().map(|page| self.row(page)));
        let rows = columns(&rows);
        let mut rows = rows.lines().map(|row| format!("  {row}"));
        let heads = rows.next().unwrap_or_default();
        let mut told: Vec<(Timestamp, bool, String)> = Vec::new();
        for moment in &story.moments {
            told.extend(self.moment(story, moment).into_iter().map(|sentence| (moment.at, false, sentence)));
        }
        told.extend(story.pages.iter().zip(rows).map(|(page, row)| (page.at, true, row)));
        // Stable: what was told in order stays in order, the pages below what caused them.
        told.sort_by_key(|(at, is_page, _)| (*at, *is_page));
        let mut lines = vec![vec![String::new(), String::new(), heads]];
        // Where a step or a round begins, an empty line stands before it.
        let mut begins = Vec::new();
        let mut before = None;
        for (at, _, text) in told {
            let is_new = before != Some(at);
            let stamp = if is_new { [self.clock(at), format!("+{}", self.after(story, at))] } else { Default::default() };
            begins.push(is_new && before.is_some() && story.moments.iter().any(|moment| moment.at == at && begins_something(moment)));
            lines.push([&stamp[..], &[text]].concat());
            before = Some(at);
        }
        let table = columns(&lines);
        let mut rows = table.lines();
        let mut text = [&[self.opening(story, bundle, scenario)], notes].concat().join("\n") + "\n\n";
        text += &format!("{}\n", rows.next().unwrap_or_default());
        for (row, begins) in rows.zip(begins) {
            text += &format!("{}{row}\n", if begins { "\n" } else { "" });
        }
        format!("{text}\n{}\n", self.summary(story).join("\n"))
    }

    /// What happens at a moment; what waits for an answer without paging anybody says until when.
    fn moment(&self, story: &Story, moment: &Moment) -> Vec<String> {
        let mut sentences: Vec<String> = self.sentences(moment).into_iter().map(|sentence| sentence.replace('\n', " ")).collect();
        let says_so = matches!(moment.entry.events.last(), Some(Event::Held { .. } | Event::Snoozed { .. }))
            || story.pages.iter().any(|page| page.at == moment.at);
        if let (Some(until), Some(last), false) = (moment.until, sentences.last_mut(), says_so) {
            let is_over = moment.entry.events.contains(&Event::Exhausted);
            let words = if is_over { words::next_call } else { words::until };
            last.push_str(&words(self.language, &self.clock(until)));
        }
        sentences
    }

    fn row(&self, page: &Page) -> Vec<String> {
        let until = page.until.map_or_else(|| "-".to_owned(), |until| self.clock(until));
        vec![self.recipient(page), page.way().to_owned(), until, self.why(page)]
    }

    fn after(&self, story: &Story, at: Timestamp) -> String {
        self.span(story.since_start(at).as_secs())
    }

    /// The time after the start, where there is any.
    fn after_start(&self, story: &Story, at: Timestamp) -> Option<String> {
        (at > story.started_at).then(|| self.after(story, at))
    }

    /// `checkout (Checkout), critical, SEV1, high urgency, 2026-12-31 03:00 Asia/Tokyo. Nobody answers.`
    fn opening(&self, story: &Story, bundle: &Bundle, scenario: &Scenario) -> String {
        let told =
            |answer: &Answer| words::answer(self.language, &self.name(&answer.user), answer, &self.span(answer.after_seconds.into()));
        let answers: Vec<String> = scenario.answers.iter().map(told).collect();
        let urgency = opened(story).unwrap_or(story.incident.urgency);
        let mut rated = vec![hansho_channels::severity(self.language, scenario.alert.severity)];
        rated.extend(story.incident.priority.map(hansho_channels::priority));
        rated.push(hansho_channels::urgency(self.language, urgency));
        format!(
            "{} ({}), {}, {} {}. {}",
            bundle.service.id(),
            bundle.service.spec().name,
            rated.join(", "),
            clock(scenario.at, &self.zone, "%Y-%m-%d %H:%M"),
            self.zone,
            words::answers(self.language, &answers)
        )
    }

    /// What the story comes to, in a few sentences.
    pub(super) fn summary(&self, story: &Story) -> Vec<String> {
        let (language, people) = (self.language, story.first_pages());
        let mut lines = self.holds(story);
        match (people.first(), people.last()) {
            (Some(first), Some(last)) => {
                lines.push(words::first_page(language, self.after_start(story, first.at).as_deref()));
                let last_after = self.after_start(story, last.at).filter(|_| last.at > first.at);
                lines.push(words::everybody(language, people.len(), &self.recipient(last), last_after.as_deref()));
            }
            _ => lines.push(words::nobody_paged(language).to_owned()),
        }
        let aloud = story.pages.iter().find(|page| page.person().is_some() && page.urgency == Urgency::High);
        if let (Some(Urgency::Low), Some(page)) = (opened(story), aloud) {
            lines.push(words::raised(language, &self.after(story, page.at)));
        }
        let ended_at = story.moments.iter().rev().find(|m| m.entry.events.contains(&Event::Exhausted)).map(|m| m.at);
        lines.push(match story.ending {
            Ending::Resolved => words::resolved(language, &self.after(story, story.incident.updated_at)),
            Ending::Quiet => words::quiet(language, story.incident.phase.name() == PhaseName::Acknowledged).to_owned(),
            Ending::Exhausted { repage_seconds } => {
                words::exhausted(language, &self.after(story, ended_at.unwrap_or(story.started_at)), &self.span(repage_seconds.into()))
            }
            Ending::Cut | Ending::TooLong => words::cut(language).to_owned(),
        });
        lines.extend(story.idle_answers.iter().map(|idle| words::idle(language, &self.name(&idle.answer.user), &idle.answer, &idle.why)));
        lines
    }

    /// What held it and until when, each in the words of the timeline.
    fn holds(&self, story: &Story) -> Vec<String> {
        let held = story.moments.iter().flat_map(|moment| moment.entry.events.iter().zip(self.sentences(moment)));
        let held = held.filter(|(event, _)| matches!(event, Event::Held { .. })).map(|(_, sentence)| sentence);
        held.map(|sentence| words::ended(self.language, &sentence)).collect()
    }
}

/// Whether it was urgent when it opened.
fn opened(story: &Story) -> Option<Urgency> {
    let events = story.moments.iter().flat_map(|moment| &moment.entry.events);
    events.filter_map(|event| if let Event::Opened { urgency, .. } = event { Some(*urgency) } else { None }).next()
}

/// Whether a step, a round or another calling begins.
fn begins_something(moment: &Moment) -> bool {
    let begins = |event: &Event| {
        matches!(
            event,
            Event::Escalated { .. }
                | Event::Exhausted
                | Event::Repaged { .. }
                | Event::Triggered { .. }
                | Event::FallbackPaged { .. }
                | Event::Resolved { .. }
        )
    };
    moment.entry.events.iter().any(begins)
}
