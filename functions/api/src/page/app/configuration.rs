//! The configuration: what is in force, what is in it, and the versions before it.

use hansho_domain::{Access, Directory};
use hansho_store::Version;

use super::{
    Frame,
    sheet::{Fact, Item, Link, Row, Said, Section, Sheet},
};
use crate::{
    page::Reader,
    words::{self, Tongue},
};

/// Most of a kind that are shown; the others are counted.
const SHOWN_MAX: usize = 30;

/// What the page is made of.
pub(crate) struct ConfigurationFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) access: &'a Access,
    pub(crate) directory: &'a Directory,
    /// Whether the first of the versions is the one in force; otherwise the page goes on with its history.
    pub(crate) is_newest: bool,
    /// The versions, the newest first.
    pub(crate) versions: &'a [Version],
    /// Where the older ones are.
    pub(crate) next: Option<String>,
}

/// The page.
pub(crate) fn configuration(facts: &ConfigurationFacts<'_>, frame: Frame) -> Sheet {
    let tongue = words::tongue(facts.reader.language);
    let u = tongue.setup();
    let mut sheet = Sheet::new(frame, facts.reader.language, "/app/configuration");
    let mut history = facts.versions;
    if facts.is_newest {
        sheet.intro = vec![Said::ours(u.owned_by_code)];
        let (in_force, before) = history.split_first().map_or((None, history), |(first, rest)| (Some(first), rest));
        history = before;
        let told = in_force.map(|version| about(version, facts.reader, tongue)).unwrap_or_default();
        sheet.sections.push(Section { heading: u.in_force, facts: told, empty: u.nothing_in_force, ..Section::default() });
        sheet.sections.extend(contents(facts, tongue));
    }
    let items = history.iter().map(|version| line(version, facts.reader, tongue)).collect();
    sheet.sections.push(Section { heading: u.history, items, empty: u.first_version, ..Section::default() });
    sheet.links = facts.next.as_ref().map(|next| Link::new(next, u.older_versions)).into_iter().collect();
    sheet.back = Some(match facts.is_newest {
        true => Link::new("/app/more", u.back_to_more),
        false => Link::new("/app/configuration", u.configuration),
    });
    sheet
}

fn about(version: &Version, reader: &Reader, tongue: &dyn Tongue) -> Vec<Fact> {
    let u = tongue.setup();
    let author = &version.author;
    let told = [Some(Said::ours(tongue.files(version.files))), author.restores.map(|number| Said::ours(tongue.restores(number)))];
    let mut facts = vec![
        Fact::new(u.in_force, [Said::ours(tongue.version(version.version))].into_iter().chain(told.into_iter().flatten())),
        Fact::new(u.since, [Said::ours(reader.clock().planned(version.at))]),
        Fact::new(u.by_whom, [Said::foreign(&tongue.with_tool(&author.by, &author.with))]),
    ];
    facts.extend(author.message.as_ref().map(|message| Fact::new(u.because, [Said::foreign(message)])));
    facts.push(Fact::new(u.changed, [Said::foreign(&tongue.summary(&version.summary))]));
    facts
}

fn line(version: &Version, reader: &Reader, tongue: &dyn Tongue) -> Item {
    let author = &version.author;
    let mut told = vec![
        Said::ours(reader.clock().planned(version.at)),
        Said::foreign(&tongue.with_tool(&author.by, &author.with)),
        Said::foreign(&tongue.summary(&version.summary)),
    ];
    told.extend(author.message.as_ref().map(|message| Said::foreign(message)));
    told.extend(author.restores.map(|number| Said::ours(tongue.restores(number))));
    Item { name: Said::ours(tongue.version(version.version)), told, button: None }
}

/// What is in it: what has pages of its own by their number, the rest by name.
fn contents(facts: &ConfigurationFacts<'_>, tongue: &dyn Tongue) -> Vec<Section> {
    let (u, directory) = (tongue.setup(), facts.directory);
    let count = |word, number: usize, to: &str| Fact::new(word, [Said::ours(number.to_string()).to(to)]);
    let numbers = vec![
        count(u.services, directory.services.len(), "/app/services"),
        count(u.teams, directory.teams.len(), "/app/teams"),
        count(tongue.people().people, directory.users.len(), "/app/people"),
    ];
    let schedules = directory.schedules.iter().filter(|one| facts.access.sees_schedule(directory, &one.id));
    let schedules = schedules.map(|one| Row {
        to: format!("/app/schedules/{}", one.id),
        name: Said::foreign(&one.name),
        told: vec![Said::foreign(&one.time_zone)],
    });
    let policies = directory.policies.iter().map(|id| Item { name: Said::foreign(id.as_str()), told: Vec::new(), button: None });
    let integrations = directory.integrations.iter().map(|one| Item {
        name: Said::foreign(&one.name),
        told: vec![Said::ours(tongue.kind(&one.kind))],
        button: None,
    });
    let windows = directory.maintenance.iter().filter_map(|window| super::windows::told(window, facts.reader));
    let mut sections = vec![Section { heading: u.contents, facts: numbers, ..Section::default() }];
    let (rows, text) = some(schedules.collect(), tongue);
    sections.push(Section { heading: u.schedules, rows, text, ..Section::default() });
    for (heading, items) in
        [(u.policies, policies.collect()), (u.integrations, integrations.collect()), (u.maintenance, windows.collect::<Vec<Item>>())]
    {
        let (items, text) = some(items, tongue);
        sections.push(Section { heading, items, text, ..Section::default() });
    }
    sections.retain(|section| !section.facts.is_empty() || !section.rows.is_empty() || !section.items.is_empty());
    sections
}

/// So many as a page has room for, and a word on the others.
fn some<T>(mut all: Vec<T>, tongue: &dyn Tongue) -> (Vec<T>, Vec<Said>) {
    let beyond = all.len().saturating_sub(SHOWN_MAX);
    all.truncate(SHOWN_MAX);
    (all, (beyond > 0).then(|| Said::ours(tongue.and_more(beyond))).into_iter().collect())
}
