//! The audit log, a page of it.

use hansho_domain::{Directory, ScheduleId, UserId};
use hansho_store::AuditEntry;
use jiff::Timestamp;

use super::{
    Frame,
    keys::maker,
    sheet::{Item, Link, Said, Section, Sheet},
};
use crate::{
    page::Reader,
    words::{self, Named},
};

/// What the page is made of.
pub(crate) struct AuditFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) directory: &'a Directory,
    /// The newest first.
    pub(crate) entries: &'a [AuditEntry],
    /// Where the older ones are.
    pub(crate) next: Option<String>,
}

/// The page.
pub(crate) fn audit(facts: &AuditFacts<'_>, frame: Frame) -> Sheet {
    let AuditFacts { reader, directory, entries, next } = facts;
    let u = words::tongue(reader.language).setup();
    let items = entries.iter().map(|entry| line(entry, reader, directory)).collect();
    let mut sheet = Sheet::new(frame, reader.language, "/app/audit");
    sheet.intro = vec![Said::ours(u.audit_kept)];
    sheet.sections = vec![Section { items, empty: u.none_audited, ..Section::default() }];
    sheet.links = next.as_ref().map(|next| Link::new(next, u.older_entries)).into_iter().collect();
    sheet.back = Some(Link::new("/app/more", u.back_to_more));
    sheet
}

fn line(entry: &AuditEntry, reader: &Reader, directory: &Directory) -> Item {
    let clock = reader.clock();
    let named = Named {
        person: &|user: &UserId| reader.name(user),
        schedule: &|id: &ScheduleId| directory.schedule(id).map_or_else(|| id.to_string(), |listed| listed.name.clone()),
        at: &|at: Timestamp| clock.planned(at),
    };
    let act = words::tongue(reader.language).act(&entry.act, &named);
    Item {
        name: Said::foreign(&maker(&entry.by, reader)),
        told: vec![Said::foreign(&act), Said::ours(clock.planned(entry.at))],
        button: None,
    }
}
