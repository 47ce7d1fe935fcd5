//! Suppressed alerts: those of a day, and one with what rules made of it and what came in.

use hansho_domain::{Directory, Language, text};
use hansho_routing::Trace;
use hansho_store::{Suppressed, SuppressedEntry};
use hansho_texts::spoken;
use jiff::civil::Date;

use super::{
    Frame,
    open::{Question, sentences},
    sheet::{Button, Fact, Item, Link, Row, Said, Section, Sheet},
};
use crate::{
    page::{Reader, alerts::rule},
    words::{self, Tongue},
};

/// How much of a payload stands on the page, in characters; the whole of it is in the JSON.
const PAYLOAD_CHARS_MAX: usize = 2_000;

/// The title of what says that something is over (`shared/store/src/suppressed.rs`).
const CLEARED: &str = "cleared";

/// What the page of a day is made of.
pub(crate) struct DayFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) directory: &'a Directory,
    pub(crate) day: Date,
    /// The day that it is, in UTC too.
    pub(crate) today: Date,
    pub(crate) entries: &'a [SuppressedEntry],
    /// Where the rest of the day is.
    pub(crate) next: Option<String>,
}

/// What the page of one is made of.
pub(crate) struct EntryFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) directory: &'a Directory,
    pub(crate) day: Date,
    pub(crate) entry: &'a SuppressedEntry,
    /// Whom an incident made of it would call, for whoever may make one.
    pub(crate) question: Option<Question<'a>>,
}

/// The page of a day.
pub(crate) fn day(facts: &DayFacts<'_>, frame: Frame) -> Sheet {
    let tongue = words::tongue(facts.reader.language);
    let u = tongue.setup();
    let clock = facts.reader.clock();
    let row = |entry: &SuppressedEntry| {
        let one = &entry.suppressed;
        Row {
            to: format!("/app/suppressed/{}/{}", facts.day, one.alert),
            name: title(one, tongue),
            told: vec![
                Said::ours(clock.planned(one.received_at)),
                Said::foreign(&place(one, facts.directory, tongue)),
                reason(one, facts.reader.language),
            ],
        }
    };
    let mut sheet = Sheet::new(frame, facts.reader.language, "/app/suppressed");
    sheet.intro = vec![Said::ours(tongue.of_day(&facts.day.to_string()))];
    sheet.sections = vec![Section { rows: facts.entries.iter().map(row).collect(), empty: u.none_suppressed, ..Section::default() }];
    sheet.links.extend(facts.next.as_ref().map(|next| Link::new(next, u.next_page)));
    let other = |day: Date, word| Link::new(format!("/app/suppressed?day={day}"), word);
    sheet.links.extend(facts.day.yesterday().ok().map(|day| other(day, u.day_before)));
    sheet.links.extend(facts.day.tomorrow().ok().filter(|day| *day <= facts.today).map(|day| other(day, u.day_after)));
    sheet.back = Some(Link::new("/app/more", u.back_to_more));
    sheet
}

/// The title of the page of one.
pub(crate) fn heading(one: &Suppressed, reader: &Reader) -> String {
    let cleared = words::tongue(reader.language).judgement().says_clear;
    if one.title == CLEARED { cleared.to_owned() } else { text::one_line(&one.title) }
}

/// The page of one.
pub(crate) fn entry(facts: &EntryFacts<'_>, frame: Frame) -> Sheet {
    let EntryFacts { reader, directory, day, entry, question } = facts;
    let tongue = words::tongue(reader.language);
    let (u, j) = (tongue.setup(), tongue.judgement());
    let clock = reader.clock();
    let one = &entry.suppressed;
    let mut told = vec![
        Fact::new(u.why, [reason(one, reader.language)]),
        Fact::new(u.came_in, [Said::ours(clock.planned(one.received_at))]),
        Fact::new(j.integration, [Said::foreign(&integration(one, directory))]),
    ];
    if let Some(service) = &one.service {
        let name = directory.service(service).map_or(service.as_str(), |listed| &listed.name);
        told.push(Fact::new(u.service, [Said::foreign(name).to(format!("/app/services/{service}"))]));
    }
    told.extend(one.rule.as_ref().map(|rule| Fact::new(j.rule, [Said::foreign(rule)])));
    told.push(Fact::new(j.dedup_key, [Said::foreign(one.dedup_key.as_str())]));
    if entry.times > 1 {
        told.push(Fact::new(u.times, [Said::ours(tongue.times(entry.times))]));
    }
    told.extend(entry.expires_at.map(|until| Fact::new(u.kept_until, [Said::ours(clock.planned(until))])));
    if let Some(incident) = entry.opened {
        told.push(Fact::new(u.made_of_it, [Said::ours(tongue.labels().incident).to(format!("/app/incidents/{incident}"))]));
    }
    let button = question.as_ref().map(|question| Button {
        action: format!("/app/suppressed/{day}/{}/open", one.alert),
        word: u.make_incident,
        told: sentences(question, reader),
        confirm: u.make_incident_confirm,
        field: None,
    });
    let payload = text::cut(&text::lines(&entry.kept.raw), PAYLOAD_CHARS_MAX);
    let mut sheet = Sheet::new(frame, reader.language, "/app/suppressed");
    sheet.is_name = one.title != CLEARED;
    sheet.sections = vec![
        Section { facts: told, buttons: button.into_iter().collect(), ..Section::default() },
        Section { heading: j.alerts, items: judged(entry, reader, tongue), empty: j.no_rules, ..Section::default() },
        Section { heading: j.payload, payload, ..Section::default() },
    ];
    sheet.back = Some(Link::new(format!("/app/suppressed?day={day}"), u.suppressed));
    sheet
}

/// The rules that were for it, and how many were not.
fn judged(entry: &SuppressedEntry, reader: &Reader, tongue: &dyn Tongue) -> Vec<Item> {
    let trace: Option<Trace> = entry.kept.trace.as_deref().and_then(|trace| serde_json::from_str(trace).ok());
    let Some(trace) = trace else { return Vec::new() };
    let fired: Vec<_> = trace.rules.iter().filter_map(|tried| rule(tried, reader)).collect();
    let passed = trace.rules.len().saturating_sub(fired.len()).saturating_add(usize::try_from(trace.left_out).unwrap_or(usize::MAX));
    let item = |rule: crate::page::alerts::Rule| Item {
        name: Said::foreign(&rule.name),
        told: rule.told.iter().map(|told| Said::foreign(told)).collect(),
        button: None,
    };
    let others = Item { name: Said::ours(tongue.passed_rules(passed)), told: Vec::new(), button: None };
    fired.into_iter().map(item).chain([others]).collect()
}

/// What it is about, and by which way it came.
fn place(one: &Suppressed, directory: &Directory, tongue: &dyn Tongue) -> String {
    let service = one.service.as_ref().map(|id| directory.service(id).map_or_else(|| id.to_string(), |listed| listed.name.clone()));
    tongue.list(&service.into_iter().chain([integration(one, directory)]).collect::<Vec<_>>())
}

fn integration(one: &Suppressed, directory: &Directory) -> String {
    directory.integration(&one.integration).map_or_else(|_| one.integration.to_string(), |listed| listed.name.clone())
}

/// What it says. What said that something is over has no title of its own.
fn title(one: &Suppressed, tongue: &dyn Tongue) -> Said {
    if one.title == CLEARED { Said::ours(tongue.judgement().says_clear) } else { Said::foreign(&one.title) }
}

/// Why nobody was paged.
fn reason(one: &Suppressed, language: Language) -> Said {
    Said::foreign(&spoken(language, &one.reason))
}
