//! The sections of all files, put together.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use hansho_domain::{
    CalendarId, Configuration, ConfigurationParts, Destination, EscalationPolicy, Integration, InvalidId, MaintenanceWindow, Problems,
    Rule, Schedule, Service, Target, Team, User,
};
use hansho_rehearsal::Test;

use crate::{
    Contact, DestinationAddress, Loaded,
    allowances::{self, Allowances},
    calendar, destination, folder,
    foreign_calendar::{self, ForeignCalendar},
    hours::{self, Hours},
    ics, integration, maintenance,
    map::Keys,
    names::{Names, Reference, Section, problem_at},
    policy,
    problem::Problem,
    retention, rule, schedule, service,
    sources::Sources,
    spot::{Findings, QuietOnUtc, Spot, but_is},
    team, test,
    tree::{self, Node, Place, Value},
    user,
};

/// Most entries of a section, over all files.
const ENTRIES_MAX: usize = 5_000;
/// Most rotations of all schedules together: each is looked at over the next 90 days.
const ROTATIONS_MAX: usize = 10_000;
/// Most tests, over all files: each is played to its end.
const TESTS_MAX: usize = 1_000;
const KEYS: Keys = Keys {
    known: &[
        "users",
        "teams",
        "schedules",
        "escalation_policies",
        "services",
        "hours",
        "calendars",
        "maintenance_windows",
        "destinations",
        "integrations",
        "fallback",
        "allowances",
        "tests",
        "routes",
        "retention",
    ],
    later: &[],
};

/// What has been read so far.
#[derive(Default)]
struct Parts {
    names: Names,
    users: Vec<(User, Contact)>,
    teams: Vec<Team>,
    schedules: Vec<Schedule>,
    policies: Vec<EscalationPolicy>,
    services: Vec<Service>,
    fallback: Vec<Target>,
    hours: Vec<Hours>,
    calendars: BTreeMap<CalendarId, calendar::Written>,
    maintenance: Vec<MaintenanceWindow>,
    tests: Vec<Test>,
    allowances: Option<Allowances>,
    routes: Option<Vec<Rule>>,
    suppressed_days: Option<u16>,
    destinations: BTreeMap<Destination, DestinationAddress>,
    integrations: Vec<Integration>,
}

/// Reads all files. `problems` are those of files that could not be read at all.
pub(crate) fn read(files: &[(PathBuf, String)], problems: Vec<Problem>) -> Result<(Loaded, Sources<'_>), Vec<Problem>> {
    let findings = Findings { incomplete: Cell::new(!problems.is_empty()), problems: RefCell::new(problems), ..Findings::default() };
    read_into(files, findings).map(|(loaded, sources, _)| (loaded, sources))
}

/// Reads files that were in force before, and says what was left open in them.
pub(crate) fn read_stored(files: &[(PathBuf, String)]) -> Result<(Loaded, Vec<QuietOnUtc>), Vec<Problem>> {
    let findings = Findings { is_stored: true, ..Findings::default() };
    read_into(files, findings).map(|(loaded, _, assumed)| (loaded, assumed))
}

fn read_into(files: &[(PathBuf, String)], findings: Findings) -> Result<(Loaded, Sources<'_>, Vec<QuietOnUtc>), Vec<Problem>> {
    let trees = trees(files, &findings);
    let mut parts = Parts::default();
    for (file, tree) in &trees {
        parts.read(&Spot { findings: &findings, file, path: String::new(), key: None, node: tree });
    }
    let start = trees.first().map_or(Path::new("."), |(file, _)| file);
    let foreign = files.iter().map(|(file, text)| (folder::name(file), text.as_str())).filter(|(name, _)| ics::is_ics(name)).collect();
    for written in parts.calendars.values_mut() {
        written.add_foreign(&foreign, &findings);
    }
    let used: BTreeSet<String> = parts.calendars.values().filter_map(|written| Some(written.foreign()?.name().to_owned())).collect();
    if !findings.incomplete.get() {
        parts.names.check(&findings);
        // With other problems, one of them is the reason.
        if parts.names.count(Section::Users) == 0 && findings.problems.borrow().is_empty() {
            findings.add(Problem::whole(start, "users: there are none, so nobody can be paged; add one under `users:`"));
        }
    }
    let assumed = findings.assumed.take();
    let loaded = parts.loaded(findings, start)?;
    // A calendar that nobody names is no part of the configuration.
    let named = files.iter().map(|(name, text)| (folder::name(name), text.clone()));
    let named = named.filter(|(name, _)| !ics::is_ics(name) || used.contains(name)).collect();
    Ok((Loaded { files: named, ..loaded }, Sources::new(files, trees), assumed))
}

/// Every use of a name in the files, in a configuration that is known to be read without a problem.
pub(crate) fn references(files: &[(PathBuf, String)]) -> Vec<Reference> {
    let findings = Findings::default();
    let trees = trees(files, &findings);
    let mut parts = Parts::default();
    for (file, tree) in &trees {
        parts.read(&Spot { findings: &findings, file, path: String::new(), key: None, node: tree });
    }
    findings.references.into_inner()
}

/// The files as trees. A folder over its limit is not looked into.
fn trees<'f>(files: &'f [(PathBuf, String)], findings: &Findings) -> Vec<(&'f Path, Node)> {
    let refuse = |file: &Path, message| {
        findings.incomplete.set(true);
        findings.add(Problem::whole(file, message));
    };
    let too_many = files.len() > folder::FILES_MAX;
    if too_many || files.iter().map(|(_, text)| text.len()).sum::<usize>() > folder::FOLDER_BYTES_MAX {
        refuse(
            Path::new("."),
            if too_many { format!("there are more than {} files", folder::FILES_MAX) } else { folder::too_large_together() },
        );
        return Vec::new();
    }
    let mut trees = Vec::new();
    for (file, text) in files {
        if text.len() > folder::FILE_BYTES_MAX {
            refuse(file, folder::too_large());
            continue;
        }
        if ics::is_ics(&folder::name(file)) {
            continue;
        }
        match tree::parse(text) {
            Ok(tree) => trees.push((file.as_path(), tree)),
            Err(error) => {
                findings.incomplete.set(true);
                findings.add(problem_at(file, error.place, error.message));
            }
        }
    }
    trees
}

/// Files as trees, without a look at what they say, but for the days of iCalendar files: each calendar has those of its own.
pub(crate) fn trees_of(named: &BTreeMap<String, String>) -> Result<Vec<Node>, Vec<Problem>> {
    let files: Vec<(PathBuf, String)> = named.iter().map(|(name, text)| (PathBuf::from(name), text.clone())).collect();
    let findings = Findings::default();
    let mut trees = trees(&files, &findings);
    let foreign: BTreeMap<String, &str> = named.iter().map(|(name, text)| (name.clone(), text.as_str())).collect();
    for (file, tree) in &mut trees {
        let Value::Map(tops) = &mut tree.value else { continue };
        for top in tops.iter_mut().filter(|top| top.key == Section::Calendars.key()) {
            let Value::Map(calendars) = &mut top.node.value else { continue };
            for calendar in calendars {
                foreign_calendar::add_days(calendar, file, &foreign);
            }
        }
    }
    let problems = findings.problems.into_inner();
    if problems.is_empty() { Ok(trees.into_iter().map(|(_, tree)| tree).collect()) } else { Err(problems) }
}

/// Every calendar of the files that somebody else keeps. What is wrong with the files is found when they are read.
pub(crate) fn foreign_calendars(files: &[(PathBuf, String)]) -> Vec<ForeignCalendar> {
    let mut found = Vec::new();
    // Most files have none, and are not read twice.
    let is_possible = |text: &str| text.contains(Section::Calendars.key()) && (text.contains("file") || text.contains("url"));
    let yaml = files.iter().filter(|(name, text)| !ics::is_ics(&folder::name(name)) && is_possible(text));
    for (file, text) in yaml.filter(|(_, text)| text.len() <= folder::FILE_BYTES_MAX) {
        let Ok(tree) = tree::parse(text) else { continue };
        let Value::Map(tops) = &tree.value else { continue };
        for top in tops.iter().filter(|top| top.key == Section::Calendars.key()) {
            let Value::Map(calendars) = &top.node.value else { continue };
            found.extend(calendars.iter().filter_map(|calendar| foreign_calendar::of_entry(calendar, file)));
        }
    }
    found
}

impl Parts {
    fn read(&mut self, root: &Spot<'_>) {
        match &root.node.value {
            Value::Null => return, // An empty file, or one of comments only.
            Value::Map(_) => {}
            other => return root.fail(format!("a file must be a map of sections such as `users:`, {}", but_is(other))),
        }
        let Some(map) = root.map(&KEYS) else { return };
        for section in Section::ALL {
            if let Some(spot) = map.optional(section.key()) {
                self.read_section(section, spot);
            }
        }
        if let Some(spot) = map.optional("fallback") {
            self.fallback.extend(policy::fallback(spot).unwrap_or_default());
        }
        if let Some(spot) = map.optional("tests") {
            self.tests.extend(test::read(spot));
            if self.tests.len() > TESTS_MAX {
                spot.fail(format!("are more than {TESTS_MAX} in all; put the others into a folder of their own, and check that too"));
            }
        }
        if let Some(spot) = map.optional("allowances") {
            if self.allowances.is_some() {
                return spot.fail("stands in another file already; an organisation has one set of allowances, so write them in one place");
            }
            self.allowances = allowances::read(spot);
        }
        if let Some(spot) = map.optional("routes") {
            if self.routes.is_some() {
                return spot.fail("stand in another file already; their order is what they mean, so write them in one place");
            }
            self.routes = Some(rule::read(spot, rule::ROUTES_MAX).unwrap_or_default());
        }
        if let Some(spot) = map.optional("retention") {
            if self.suppressed_days.is_some() {
                return spot.fail("stands in another file already; write it in one place");
            }
            self.suppressed_days = retention::read(spot);
        }
    }

    fn read_section(&mut self, section: Section, spot: &Spot<'_>) {
        let entries = match &spot.node.value {
            Value::Null => return, // A heading without anything below it yet.
            Value::Map(entries) => entries,
            other => return spot.fail(format!("must be a map from the name of each {} to what it is, {}", section.noun(), but_is(other))),
        };
        if self.names.count(section) + entries.len() > ENTRIES_MAX {
            spot.findings.incomplete.set(true);
            return spot.fail(format!("has more than {ENTRIES_MAX} entries"));
        }
        for entry in entries {
            let spot = spot.entry(&entry.key, entry.place, &entry.node);
            if self.names.give(section, &entry.key, &spot) {
                self.read_entry(section, &entry.key, &spot);
            }
        }
        if section == Section::Schedules && self.schedules.iter().map(|schedule| schedule.rotations().len()).sum::<usize>() > ROTATIONS_MAX
        {
            spot.fail(format!("have more than {ROTATIONS_MAX} rotations in all; remove those that are over"));
        }
    }

    fn read_entry(&mut self, section: Section, name: &str, spot: &Spot<'_>) {
        match section {
            Section::Users => self.users.extend(named(name, spot).and_then(|id| user::read(spot, id))),
            Section::Teams => self.teams.extend(named(name, spot).and_then(|id| team::read(spot, id))),
            Section::Schedules => self.schedules.extend(named(name, spot).and_then(|id| schedule::read(spot, id))),
            Section::EscalationPolicies => self.policies.extend(named(name, spot).and_then(|id| policy::read(spot, id))),
            Section::Services => self.services.extend(named(name, spot).and_then(|id| service::read(spot, id))),
            Section::Hours => self.hours.extend(named(name, spot).and_then(|id| hours::read(spot, id))),
            Section::Maintenance => self.maintenance.extend(named(name, spot).and_then(|id| maintenance::read(spot, id))),
            Section::Calendars => {
                self.calendars.extend(named(name, spot).and_then(|id: CalendarId| Some((id.clone(), calendar::read(spot, &id)?))))
            }
            Section::Destinations => self.destinations.extend(named(name, spot).and_then(|id| destination::read(spot, id))),
            Section::Integrations => self.integrations.extend(named(name, spot).and_then(|id| integration::read(spot, id))),
        }
    }

    /// The whole, if nothing is wrong with any part. Parts are ordered by name, so that it makes no difference in which
    /// file one stands.
    fn loaded(mut self, findings: Findings, start: &Path) -> Result<Loaded, Vec<Problem>> {
        let mut problems = findings.problems.into_inner();
        if !problems.is_empty() {
            problems.sort();
            problems.dedup();
            return Err(problems);
        }
        self.users.sort_by(|(a, _), (b, _)| a.id().cmp(b.id()));
        self.teams.sort_by(|a, b| a.id().cmp(b.id()));
        self.schedules.sort_by(|a, b| a.id().cmp(b.id()));
        self.policies.sort_by(|a, b| a.id().cmp(b.id()));
        self.maintenance.sort_by(|a, b| a.id().cmp(b.id()));
        let contacts: BTreeMap<_, _> = self.users.iter().map(|(user, contact)| (user.id().clone(), contact.clone())).collect();
        let (names, users) = (self.names, self.users.into_iter().map(|(user, _)| user).collect());
        let mut calendars = Vec::new();
        for (id, joined) in calendar::joined(&self.calendars) {
            match joined {
                Ok(calendar) => calendars.push(calendar),
                Err(Problems(found)) => {
                    problems.extend(found.iter().map(|p| placed(&names, start, &format!("calendars.{id}"), &p.problem)))
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let allowances = self.allowances.map(|allowances| allowances.with(&calendars));
        let mut hours: Vec<_> = self.hours.into_iter().map(|hours| hours.closed_on(&calendars)).collect();
        hours.sort_by(|a, b| a.id().cmp(b.id()));
        let configuration = Configuration::of(ConfigurationParts {
            users,
            teams: self.teams,
            schedules: self.schedules,
            policies: self.policies,
            services: self.services,
            fallback: self.fallback,
            hours,
            calendars,
            maintenance: self.maintenance,
            rules: self.routes.unwrap_or_default(),
            suppressed_days: self.suppressed_days,
            destinations: self.destinations.keys().cloned().collect(),
            integrations: self.integrations,
        })
        .map(|configuration| configuration.with_allowances(allowances));
        match configuration {
            Ok(configuration) => {
                Ok(Loaded { configuration, contacts, destinations: self.destinations, tests: self.tests, files: BTreeMap::new() })
            }
            Err(Problems(problems)) => Err(problems.iter().map(|p| placed(&names, start, &p.field, &p.problem)).collect()),
        }
    }
}

/// The key of an entry as its id.
fn named<T: std::str::FromStr<Err = InvalidId>>(name: &str, spot: &Spot<'_>) -> Option<T> {
    let place = spot.key.unwrap_or(spot.node.place);
    name.parse().map_err(|error: InvalidId| spot.fail_at(place, &spot.path, error)).ok()
}

/// A problem that the domain found in the whole.
fn placed(names: &Names, start: &Path, field: &str, problem: &str) -> Problem {
    let message = format!("{field}: {problem}");
    match names.place_of(field) {
        Some((file, place)) => problem_at(file, *place, message),
        None => problem_at(start, Place::START, message),
    }
}
