//! Teams: the list, and one with its people, services and schedules.

use std::collections::BTreeSet;

use hansho_domain::{Access, Directory, ListedTeam, ScheduleId, UserId};

use super::{
    Frame,
    sheet::{Fact, Item, Link, Row, Said, Section, Sheet},
};
use crate::{page::Reader, words};

/// Most services and schedules that a team's page shows; the others are counted.
const SHOWN_MAX: usize = 50;

/// What a team's page is made of.
pub(crate) struct TeamFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) access: &'a Access,
    pub(crate) directory: &'a Directory,
    pub(crate) listed: &'a ListedTeam,
}

/// The list.
pub(crate) fn teams(list: &[&ListedTeam], reader: &Reader, frame: Frame) -> Sheet {
    let tongue = words::tongue(reader.language);
    let u = tongue.setup();
    let row = |one: &&ListedTeam| Row {
        to: format!("/app/teams/{}", one.id),
        name: Said::foreign(&one.name),
        told: vec![Said::ours(tongue.people_count(one.members.len()))],
    };
    let mut sheet = Sheet::new(frame, reader.language, "/app/teams");
    sheet.sections = vec![Section { rows: list.iter().map(row).collect(), empty: u.nothing_found, ..Section::default() }];
    sheet.back = Some(Link::new("/app/more", u.back_to_more));
    sheet
}

/// One of them.
pub(crate) fn team(facts: &TeamFacts<'_>, frame: Frame) -> Sheet {
    let TeamFacts { reader, access, directory, listed } = *facts;
    let u = words::tongue(reader.language).setup();
    let mut sheet = Sheet::new(frame, reader.language, "/app/teams");
    sheet.is_name = true;
    let id = Section { facts: vec![Fact::new(u.configured_as, [Said::foreign(listed.id.as_str())])], ..Section::default() };
    let members = Section { heading: u.members, items: people(facts, &listed.members), ..Section::default() };
    let managers = Section { heading: u.managers, items: people(facts, &listed.managers), empty: u.no_managers, ..Section::default() };
    let theirs = directory.services.iter().filter(|service| service.teams.contains(&listed.id));
    let called_by: BTreeSet<&ScheduleId> = theirs.clone().flat_map(|service| &service.schedules).collect();
    let services = theirs.filter(|service| access.sees_service(directory, &service.id)).map(|service| Row {
        to: format!("/app/services/{}", service.id),
        name: Said::foreign(&service.name),
        told: Vec::new(),
    });
    let schedules = called_by.into_iter().filter(|id| access.sees_schedule(directory, id)).filter_map(|id| directory.schedule(id));
    let schedules = schedules.map(|schedule| Row {
        to: format!("/app/schedules/{}", schedule.id),
        name: Said::foreign(&schedule.name),
        told: Vec::new(),
    });
    sheet.sections = vec![
        id,
        members,
        managers,
        some(u.their_services, services.collect(), u.no_services, reader),
        some(u.their_schedules, schedules.collect(), u.no_schedules, reader),
    ];
    sheet.back = Some(Link::new("/app/teams", u.teams));
    sheet
}

/// So many rows as a page has room for.
fn some(heading: &'static str, mut rows: Vec<Row>, empty: &'static str, reader: &Reader) -> Section {
    let beyond = rows.len().saturating_sub(SHOWN_MAX);
    rows.truncate(SHOWN_MAX);
    let text = (beyond > 0).then(|| Said::ours(words::tongue(reader.language).and_more(beyond))).into_iter().collect();
    Section { heading, text, rows, empty, ..Section::default() }
}

/// Names, each with a way to its page for those who look after the person.
fn people(facts: &TeamFacts<'_>, users: &[UserId]) -> Vec<Item> {
    let item = |user: &UserId| {
        let name = Said::foreign(&facts.reader.name(user));
        let is_managed = facts.directory.users.contains_key(user) && facts.access.manages_user(facts.directory, user);
        Item { name: if is_managed { name.to(format!("/app/people/{user}")) } else { name }, told: Vec::new(), button: None }
    };
    users.iter().map(item).collect()
}
