//! Maintenance windows, and the form that begins one.

use axum::response::Html;
use hansho_domain::{Directory, ListedService, MaintenanceWindow, ServiceId, text};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    Frame,
    sheet::{Button, Item, Link, Said, Section, Sheet},
    windows::told,
};
use crate::{
    page::{Reader, template::filled},
    words::{self, SetupLabels},
};

/// What the list is made of.
pub(crate) struct WindowsFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) directory: &'a Directory,
    /// Each, and whether the reader may end it.
    pub(crate) windows: &'a [(MaintenanceWindow, bool)],
    pub(crate) may_begin: bool,
}

/// What the form is made of.
pub(crate) struct BeginFacts<'a> {
    pub(crate) reader: &'a Reader,
    /// The services of which the reader may begin maintenance.
    pub(crate) services: &'a [&'a ListedService],
    /// What was filled in.
    pub(crate) service: &'a str,
    /// For how long it may be.
    pub(crate) minutes: &'a [u32],
    pub(crate) chosen: Option<u32>,
    pub(crate) reason: &'a str,
    /// Until when it would be, once everything is filled in.
    pub(crate) until: Option<Timestamp>,
    /// Tells this form from every other one.
    pub(crate) request: &'a str,
}

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    frame: Frame,
    u: &'static SetupLabels,
    services: Vec<Choice>,
    lengths: Vec<Choice>,
    service: &'a str,
    minutes: String,
    reason: String,
    /// What it would do; empty while the form is not filled in.
    told: String,
    request: &'a str,
}

#[derive(Serialize)]
struct Choice {
    value: String,
    word: String,
    is_chosen: bool,
}

/// The list.
pub(crate) fn windows(facts: &WindowsFacts<'_>, frame: Frame) -> Sheet {
    let WindowsFacts { reader, directory, windows, may_begin } = facts;
    let u = words::tongue(reader.language).setup();
    let item = |(window, may_end): &(MaintenanceWindow, bool)| {
        let mut item = told(window, reader)?;
        item.told.insert(0, about(window, directory, reader));
        item.button = may_end.then(|| Button {
            action: format!("/app/maintenance/{}/end", window.id()),
            word: u.maintenance_end,
            told: vec![u.maintenance_end_told.to_owned()],
            confirm: u.maintenance_end_confirm,
            field: None,
        });
        Some(item)
    };
    let items: Vec<Item> = windows.iter().filter_map(item).collect();
    let mut sheet = Sheet::new(frame, reader.language, "/app/maintenance");
    sheet.sections = vec![Section { items, empty: u.no_maintenance, ..Section::default() }];
    sheet.links = may_begin.then(|| Link::new("/app/maintenance/begin", u.maintenance_begin)).into_iter().collect();
    sheet.back = Some(Link::new("/app/more", u.back_to_more));
    sheet
}

/// The services of a window.
fn about(window: &MaintenanceWindow, directory: &Directory, reader: &Reader) -> Said {
    let tongue = words::tongue(reader.language);
    let services = &window.spec().services;
    if services.is_empty() {
        return Said::ours(tongue.setup().maintenance_all);
    }
    let name = |id: &ServiceId| directory.service(id).map_or_else(|| id.to_string(), |listed| text::one_line(&listed.name));
    Said::foreign(&tongue.list(&services.iter().map(name).collect::<Vec<_>>()))
}

/// The form, and once it is filled in, what it would do.
pub(crate) fn begin(facts: &BeginFacts<'_>, frame: Frame) -> Html<String> {
    let tongue = words::tongue(facts.reader.language);
    let is_service = |one: &ListedService| one.id.as_str() == facts.service;
    let service = |one: &&ListedService| Choice { value: one.id.to_string(), word: text::one_line(&one.name), is_chosen: is_service(one) };
    let length = |minutes: &u32| Choice {
        value: minutes.to_string(),
        word: tongue.span(u64::from(*minutes) * 60),
        is_chosen: facts.chosen == Some(*minutes),
    };
    let name = facts.services.iter().find(|one| is_service(one)).map(|one| text::one_line(&one.name)).unwrap_or_default();
    let view = View {
        frame,
        u: tongue.setup(),
        services: facts.services.iter().map(service).collect(),
        lengths: facts.minutes.iter().map(length).collect(),
        service: facts.service,
        minutes: facts.chosen.map(|minutes| minutes.to_string()).unwrap_or_default(),
        reason: text::one_line(facts.reason),
        told: facts.until.map(|until| tongue.holding(&name, &facts.reader.clock().planned(until))).unwrap_or_default(),
        request: facts.request,
    };
    filled("maintenance.html", &view)
}
