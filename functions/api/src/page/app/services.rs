//! Services: the list, and one with everything that decides who is called for it.

use hansho_domain::{
    Access, Bundle, Directory, EscalationPolicy, HoursCondition, Incident, ListedService, MaintenanceWindow, PolicyStep, Target, text,
};

use super::{
    Frame,
    sheet::{Fact, Item, Link, Row, Said, Section, Sheet},
};
use crate::{
    page::{Reader, priority},
    words::{self, SetupLabels, Tongue},
};

/// How many alarms of a service are shown; the others are counted.
const ALARMS_SHOWN_MAX: usize = 20;

/// What a service's page is made of.
pub(crate) struct ServiceFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) access: &'a Access,
    pub(crate) directory: &'a Directory,
    pub(crate) listed: &'a ListedService,
    pub(crate) bundle: &'a Bundle,
    /// Windows that are open now or to come.
    pub(crate) windows: &'a [MaintenanceWindow],
    /// Its newest open incidents.
    pub(crate) open: &'a [Incident],
    /// How many more are open.
    pub(crate) beyond: usize,
    /// Whether the reader may page for it.
    pub(crate) may_page: bool,
}

/// The list.
pub(crate) fn services(list: &[&ListedService], reader: &Reader, directory: &Directory, frame: Frame) -> Sheet {
    let tongue = words::tongue(reader.language);
    let u = tongue.setup();
    let row = |one: &&ListedService| Row {
        to: format!("/app/services/{}", one.id),
        name: Said::foreign(&one.name),
        told: team_names(one, directory, tongue).into_iter().collect(),
    };
    let mut sheet = Sheet::new(frame, reader.language, "/app/services");
    sheet.sections = vec![Section { rows: list.iter().map(row).collect(), empty: u.nothing_found, ..Section::default() }];
    sheet.back = Some(Link::new("/app/more", u.back_to_more));
    sheet
}

fn team_names(one: &ListedService, directory: &Directory, tongue: &dyn Tongue) -> Option<Said> {
    let names: Vec<String> = one.teams.iter().filter_map(|team| directory.team(team)).map(|team| text::one_line(&team.name)).collect();
    (!names.is_empty()).then(|| Said::foreign(&tongue.list(&names)))
}

/// One of them.
pub(crate) fn service(facts: &ServiceFacts<'_>, frame: Frame) -> Sheet {
    let tongue = words::tongue(facts.reader.language);
    let u = tongue.setup();
    let mut sheet = Sheet::new(frame, facts.reader.language, "/app/services");
    sheet.is_name = true;
    sheet.sections = vec![about(facts, tongue), open(facts, tongue)];
    sheet.sections.push(steps(facts, &facts.bundle.policy, tongue));
    for policy in &facts.bundle.policies {
        sheet.sections.push(steps(facts, policy, tongue));
    }
    sheet.sections.extend([fallback(facts, u), ways_in(facts, tongue)]);
    sheet.sections.extend((!facts.windows.is_empty()).then(|| windows(facts, u)));
    if facts.may_page {
        sheet.links.push(Link::new(format!("/app/open?service={}", facts.listed.id), tongue.app().page_somebody));
    }
    sheet.back = Some(Link::new("/app/services", u.services));
    sheet
}

fn about(facts: &ServiceFacts<'_>, tongue: &dyn Tongue) -> Section {
    let spec = facts.bundle.service.spec();
    let u = tongue.setup();
    let span = |seconds: u32| tongue.span(u64::from(seconds));
    let mut told = vec![Fact::new(u.configured_as, [Said::foreign(spec.id.as_str())])];
    let teams = facts.listed.teams.iter().filter_map(|id| facts.directory.team(id));
    let teams: Vec<Said> = teams
        .map(|team| {
            let said = Said::foreign(&team.name);
            if facts.access.sees_team(&team.id) { said.to(format!("/app/teams/{}", team.id)) } else { said }
        })
        .collect();
    if !teams.is_empty() {
        told.push(Fact::new(u.looked_after_by, teams));
    }
    let hours_are_named = spec.urgency.hours().is_some();
    let urgency = tongue.urgency_rule(&spec.urgency);
    told.push(Fact::new(u.urgency, [if hours_are_named { Said::foreign(&urgency) } else { Said::ours(urgency) }]));
    if let Some(runbook) = &spec.runbook {
        let said = Said::foreign(runbook);
        let is_address = !runbook.contains("{{") && text::is_web_address(runbook);
        told.push(Fact::new(u.runbook, [if is_address { said.to(runbook.clone()) } else { said }]));
    }
    if let Some(seconds) = spec.acknowledgement_timeout_seconds {
        told.push(Fact::new(u.when_taken, [Said::ours(tongue.again_after(&span(seconds)))]));
    }
    if let Some(seconds) = spec.auto_resolve_seconds {
        told.push(Fact::new(u.when_open, [Said::ours(tongue.resolves_after(&span(seconds)))]));
    }
    told.push(Fact::new(u.when_unanswered, [Said::ours(tongue.called_every(&span(facts.bundle.service.repage_seconds())))]));
    if !spec.alarms.is_empty() {
        let beyond = spec.alarms.len().saturating_sub(ALARMS_SHOWN_MAX);
        let shown = spec.alarms.iter().take(ALARMS_SHOWN_MAX).map(|alarm| Said::foreign(alarm.as_str()));
        told.push(Fact::new(u.alarms, shown.chain((beyond > 0).then(|| Said::ours(tongue.and_more(beyond))))));
    }
    if !spec.rules.is_empty() {
        told.push(Fact::new(u.own_rules, [Said::ours(tongue.rules(spec.rules.len()))]));
    }
    Section { facts: told, ..Section::default() }
}

fn open(facts: &ServiceFacts<'_>, tongue: &dyn Tongue) -> Section {
    let u = tongue.setup();
    let clock = facts.reader.clock();
    let row = |incident: &Incident| {
        let label = incident.priority.map_or_else(|| tongue.severity(incident.severity), priority);
        let since = tongue.since(&clock.short(incident.occurred_at), &clock.span(incident.occurred_at));
        let state = tongue.phase(incident.phase.name());
        Row {
            to: format!("/app/incidents/{}", incident.id),
            name: Said::foreign(&incident.title),
            told: vec![Said::ours(format!("{state} · {label} · {since}"))],
        }
    };
    Section {
        heading: u.open_incidents,
        text: (facts.beyond > 0).then(|| Said::ours(tongue.more_open(facts.beyond))).into_iter().collect(),
        rows: facts.open.iter().map(row).collect(),
        empty: u.none_open,
        ..Section::default()
    }
}

/// A policy, step by step, and how often it is gone through.
fn steps(facts: &ServiceFacts<'_>, policy: &EscalationPolicy, tongue: &dyn Tongue) -> Section {
    let items = policy.steps().iter().enumerate().map(|(place, step)| step_told(facts, place, step, tongue)).collect();
    Section {
        heading: tongue.setup().steps,
        text: vec![Said::foreign(policy.id().as_str()), Said::ours(tongue.repeats(policy.repeat()))],
        items,
        ..Section::default()
    }
}

fn step_told(facts: &ServiceFacts<'_>, place: usize, step: &PolicyStep, tongue: &dyn Tongue) -> Item {
    let wait = (step.wait_seconds > 0).then(|| tongue.span(u64::from(step.wait_seconds)));
    let mut told: Vec<Said> = step.notify.iter().map(|target| target_told(facts, target)).collect();
    told.extend(step.round_robin.then(|| Said::ours(tongue.takes_turns())));
    told.extend(step.hand_over.as_ref().map(|policy| Said::foreign(&tongue.hands_over(policy.as_str()))));
    if !step.when.is_always_met() {
        let priorities: Vec<String> = step.when.priorities.iter().map(|one| priority(*one).to_owned()).collect();
        let urgency = step.when.urgency.map(|urgency| tongue.urgency(urgency)).unwrap_or_default();
        let hours = step.when.hours.as_ref().map(|hours| (hours.id().as_str(), matches!(hours, HoursCondition::During(_))));
        let sentence = tongue.only_for(&tongue.list(&priorities), urgency, hours);
        told.push(if hours.is_some() { Said::foreign(&sentence) } else { Said::ours(sentence) });
    }
    Item { name: Said::ours(tongue.step(place + 1, wait.as_deref())), told, button: None }
}

/// Whom a step calls, with a way to where more is known of them.
fn target_told(facts: &ServiceFacts<'_>, target: &Target) -> Said {
    let ServiceFacts { access, directory, .. } = facts;
    match target {
        Target::User(user) => {
            let said = Said::foreign(&facts.reader.name(user));
            if access.manages_user(directory, user) { said.to(format!("/app/people/{user}")) } else { said }
        }
        Target::Schedule(id) => match directory.schedule(id) {
            Some(listed) if access.sees_schedule(directory, id) => Said::foreign(&listed.name).to(format!("/app/schedules/{id}")),
            Some(listed) => Said::foreign(&listed.name),
            None => Said::foreign(id.as_str()),
        },
        Target::Team(id) => match directory.team(id) {
            Some(listed) if access.sees_team(id) => Said::foreign(&listed.name).to(format!("/app/teams/{id}")),
            Some(listed) => Said::foreign(&listed.name),
            None => Said::foreign(id.as_str()),
        },
        Target::Destination(destination) => Said::foreign(&destination.to_string()),
    }
}

fn fallback(facts: &ServiceFacts<'_>, u: &SetupLabels) -> Section {
    let fallback = facts.bundle.fallback.iter().map(|target| Item { name: target_told(facts, target), told: Vec::new(), button: None });
    Section { text: vec![Said::ours(u.then_fallback)], items: fallback.collect(), ..Section::default() }
}

fn ways_in(facts: &ServiceFacts<'_>, tongue: &dyn Tongue) -> Section {
    let u = tongue.setup();
    let mine = facts.directory.integrations.iter().filter(|one| one.service.as_ref() == Some(&facts.listed.id));
    let item = |one: &hansho_domain::ListedIntegration| Item {
        name: Said::foreign(&one.name),
        told: vec![Said::ours(tongue.kind(&one.kind))],
        button: None,
    };
    Section { heading: u.comes_in_by, items: mine.map(item).collect(), empty: u.nothing_comes_in, ..Section::default() }
}

fn windows(facts: &ServiceFacts<'_>, u: &'static SetupLabels) -> Section {
    let items = facts.windows.iter().filter_map(|window| super::windows::told(window, facts.reader)).collect();
    Section { heading: u.maintenance, items, ..Section::default() }
}
