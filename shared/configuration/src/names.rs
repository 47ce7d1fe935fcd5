//! The names that a configuration gives, and the places that use them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use hansho_domain::ServiceId;

use crate::{
    problem::Problem,
    spelling::{did_you_mean, quoted},
    spot::{Findings, Spot},
    tree::Place,
};

/// Most unknown names for which a known one is looked for, each among all of them.
const SUGGESTIONS_MAX: usize = 100;

/// The sections whose entries have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    Users,
    Teams,
    Schedules,
    EscalationPolicies,
    Services,
    Hours,
    Calendars,
    Maintenance,
    Destinations,
    Integrations,
}

impl Section {
    pub(crate) const ALL: [Self; 10] = [
        Self::Users,
        Self::Teams,
        Self::Schedules,
        Self::EscalationPolicies,
        Self::Services,
        Self::Hours,
        Self::Calendars,
        Self::Maintenance,
        Self::Destinations,
        Self::Integrations,
    ];

    /// Its key in a file.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Teams => "teams",
            Self::Schedules => "schedules",
            Self::EscalationPolicies => "escalation_policies",
            Self::Services => "services",
            Self::Hours => "hours",
            Self::Calendars => "calendars",
            Self::Maintenance => "maintenance_windows",
            Self::Destinations => "destinations",
            Self::Integrations => "integrations",
        }
    }

    /// The names that exist without being configured.
    fn given(self) -> &'static [&'static str] {
        match self {
            Self::Calendars => &["jp-national"],
            Self::Users
            | Self::Teams
            | Self::Schedules
            | Self::EscalationPolicies
            | Self::Services
            | Self::Hours
            | Self::Maintenance
            | Self::Destinations
            | Self::Integrations => &[],
        }
    }

    /// The word for one of its entries.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Users => "user",
            Self::Teams => "team",
            Self::Schedules => "schedule",
            Self::EscalationPolicies => "escalation policy",
            Self::Services => "service",
            Self::Hours => "set of support hours",
            Self::Calendars => "calendar",
            Self::Maintenance => "maintenance window",
            Self::Destinations => "destination",
            Self::Integrations => "integration",
        }
    }
}

/// A place that uses a name.
pub(crate) struct Reference {
    pub(crate) file: PathBuf,
    pub(crate) place: Place,
    pub(crate) path: String,
    pub(crate) section: Section,
    pub(crate) name: String,
}

/// Every name, and where it was given. An entry with mistakes in it counts: whoever refers to it is not wrong.
#[derive(Default)]
pub(crate) struct Names {
    given: BTreeMap<(Section, String), (PathBuf, Place)>,
    /// Where names are used, by the address of the value.
    used: BTreeMap<String, (PathBuf, Place)>,
}

impl Names {
    /// Remembers the name of an entry, unless it was given before.
    pub(crate) fn give(&mut self, section: Section, name: &str, entry: &Spot<'_>) -> bool {
        let key_place = entry.key.unwrap_or(entry.node.place);
        if let Some((file, Place { line, column })) = self.given.get(&(section, name.to_owned())) {
            let first = format!("{}:{line}:{column}", file.display());
            entry.fail_at(
                key_place,
                &entry.path,
                format!("this {} is already given in {first}; remove one, or give it another name", section.noun()),
            );
            return false;
        }
        self.given.insert((section, name.to_owned()), (entry.file.to_path_buf(), key_place));
        true
    }

    /// How many names a section has.
    pub(crate) fn count(&self, section: Section) -> usize {
        self.of(section).count()
    }

    /// Where the value or the entry stands that a field of the whole configuration (`teams.sre.members`) is about.
    pub(crate) fn place_of(&self, field: &str) -> Option<&(PathBuf, Place)> {
        if let Some(place) = self.used.get(field) {
            return Some(place);
        }
        let (key, rest) = field.split_once('.')?;
        let name = rest.split('.').next()?;
        let section = Section::ALL.into_iter().find(|section| section.key() == key)?;
        self.given.get(&(section, name.to_owned()))
    }

    /// Reports every reference to a name that nobody gave.
    pub(crate) fn check(&mut self, findings: &Findings) {
        let references = findings.references.take();
        self.used.extend(references.iter().map(|r| (r.path.clone(), (r.file.clone(), r.place))));
        let dangling = references.into_iter().filter(|r| !self.given.contains_key(&(r.section, r.name.clone())));
        for (count, Reference { file, place, path, section, name }) in dangling.enumerate() {
            let hint = if count < SUGGESTIONS_MAX {
                did_you_mean(&name, self.of(section).chain(section.given().iter().copied()))
            } else {
                String::new()
            };
            findings.add(problem_at(&file, place, format!("{path}: there is no {} {}{hint}", section.noun(), quoted(&name))));
        }
        self.check_catch_all(findings);
        self.check_built_in(findings);
    }

    /// Hansho adds a service `catch-all` with a policy of that name unless the configuration has the service.
    fn check_catch_all(&self, findings: &Findings) {
        let name = ServiceId::catch_all().to_string();
        let taken = self.given.get(&(Section::EscalationPolicies, name.clone()));
        if let (Some((file, place)), false) = (taken, self.given.contains_key(&(Section::Services, name.clone()))) {
            let message = format!(
                "escalation_policies.{name}: this name is kept for alerts that no service claims; add a service `{name}` that uses the policy, or give it another name"
            );
            findings.add(problem_at(file, *place, message));
        }
    }

    /// Whatever came in for one of these would page nobody.
    fn check_built_in(&self, findings: &Findings) {
        let canary = (ServiceId::canary(), "the canary, which calls nobody");
        let test_page = (ServiceId::test_page(), "test pages, which call whoever asks for one");
        for (name, what) in [canary, test_page] {
            if let Some((file, place)) = self.given.get(&(Section::Services, name.to_string())) {
                let message = format!("services.{name}: this name is kept for {what}; give the service another name");
                findings.add(problem_at(file, *place, message));
            }
        }
    }

    fn of(&self, section: Section) -> impl Iterator<Item = &str> {
        self.given.range((section, String::new())..).take_while(move |((of, _), _)| *of == section).map(|((_, name), _)| name.as_str())
    }
}

/// A problem at a place that is no value's own.
pub(crate) fn problem_at(file: &Path, place: Place, message: String) -> Problem {
    Problem { file: file.to_path_buf(), line: place.line, column: place.column, message }
}
