//! The files that are made, what everything is called in them, and what was left out.

use std::collections::BTreeMap;

use super::{people, plans, policies, reading::Export, schedules};

/// Longest name in files.
const NAME_MAX: usize = 40;

/// Something that was not carried over, or not exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) file: String,
    pub(super) what: String,
    pub(super) english: String,
    pub(super) japanese: String,
}

impl Left {
    pub(super) fn new(file: &str, what: &str, english: impl Into<String>, japanese: impl Into<String>) -> Self {
        Self { file: file.to_owned(), what: what.to_owned(), english: english.into(), japanese: japanese.into() }
    }
}

/// What a contact's ARN stands for in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stands {
    User(String),
    /// More than one where its rotations are on different clocks.
    Schedules(Vec<String>),
    Policy(String),
}

/// The configuration.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) files: Vec<(&'static str, String)>,
    pub(super) left: Vec<Left>,
    pub(super) stands: BTreeMap<String, Stands>,
    names: BTreeMap<(&'static str, String), ()>,
}

impl Made {
    /// People first, because schedules name them; then whoever names schedules.
    pub(super) fn of(export: &Export, bridge: bool) -> Self {
        let mut made = Self { left: export.left.clone(), ..Self::default() };
        let people = people::write(export, &mut made);
        let schedules = schedules::write(export, &mut made);
        let policies = policies::write(export, &mut made);
        let (services, own_policies) = plans::write(export, bridge, &mut made);
        let policies = format!("{policies}{own_policies}");
        for (name, section, text) in [
            (people::FILE, "users", people),
            ("schedules.yaml", "schedules", schedules),
            ("policies.yaml", "escalation_policies", policies),
            ("services.yaml", "services", services),
        ] {
            if !text.is_empty() {
                made.files.push((name, format!("# Imported from Incident Manager of AWS Systems Manager.\n{section}:\n{text}")));
            }
        }
        // The same may be so in several stages of a plan.
        made.left.dedup();
        made
    }

    pub(super) fn leave(&mut self, file: &str, what: &str, english: impl Into<String>, japanese: impl Into<String>) {
        self.left.push(Left::new(file, what, english, japanese));
    }

    /// A name for files that nothing else of its section has.
    pub(super) fn name(&mut self, section: &'static str, wanted: &str) -> String {
        let plain: String =
            wanted.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).take(NAME_MAX - 4).collect();
        let plain = plain.trim_matches(['-', '_']);
        // These mean something of their own.
        let plain =
            if plain.is_empty() || ["nobody", "catch-all"].contains(&plain) { format!("imported-{plain}") } else { plain.to_owned() };
        let plain = plain.trim_matches('-').to_owned();
        let mut name = plain.clone();
        let mut count = 1;
        while self.names.insert((section, name.clone()), ()).is_some() {
            count += 1;
            name = format!("{plain}-{count}");
        }
        name
    }

    /// The targets of a policy's step that these contacts are, each once.
    pub(super) fn targets(&self, contact: &str) -> Option<Vec<String>> {
        match self.stands.get(contact)? {
            Stands::User(user) => Some(vec![format!("user/{user}")]),
            Stands::Schedules(schedules) => Some(schedules.iter().map(|schedule| format!("schedule/{schedule}")).collect()),
            Stands::Policy(_) => None,
        }
    }
}

/// A text as YAML has it in quotes; JSON's are YAML's.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
