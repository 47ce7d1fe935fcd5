//! Directives: what an alarm's owner writes for us into the alarm's description.
//!
//! ```text
//! 決済の 5xx が増えています。
//! service: checkout
//! severity: critical; runbook: https://wiki.example.com/checkout
//! ```

use hansho_domain::{Labels, Priority, ServiceId, Severity};

use super::text;

/// Most of a description that is read, in bytes. CloudWatch allows 1,024 characters.
const DESCRIPTION_BYTES_MAX: usize = 4 * 1024;
/// Most problems that are told of one description.
const PROBLEMS_MAX: usize = 5;
/// Longest name of an owner that is repeated, in characters.
const OWNER_CHARS_MAX: usize = 60;
/// Longest address of a runbook, in bytes.
const RUNBOOK_BYTES_MAX: usize = 1024;
const KEYS: [&str; 6] = ["service", "severity", "priority", "runbook", "owner", "team"];
/// Full-width signs are what a Japanese keyboard gives.
const COLONS: [char; 2] = [':', '：'];
const SEMICOLONS: [char; 2] = [';', '；'];

/// What the owner of an alarm asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directives {
    /// The service that the alarm is about. It may not exist.
    pub service: Option<String>,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// How important people hold it to be.
    pub priority: Option<Priority>,
    /// Where to read what to do.
    pub runbook: Option<String>,
    /// The team whose it is, for an alarm that no service claims.
    pub owner: Option<String>,
    /// Everything of the form `key: value`, for rules to ask about. What is no directive is prose as well.
    pub labels: Labels,
    /// What was not understood, each in a sentence.
    pub problems: Vec<String>,
    /// Every line that is for people.
    pub prose: String,
}

impl Directives {
    /// Finds the directives in a description. Every other line is for people and left alone; of two that say the
    /// same thing the first counts.
    pub(super) fn read(description: &str) -> Self {
        let mut directives = Self::default();
        let mut prose = Vec::new();
        for line in text::cut_bytes(description, DESCRIPTION_BYTES_MAX).lines() {
            let found: Vec<_> = statements(line).into_iter().filter_map(directive).collect();
            if found.is_empty() {
                prose.push(line.trim());
            }
            for (key, value) in statements(line).into_iter().filter_map(label) {
                directives.labels.add(key, value);
            }
            for (key, value) in found {
                directives.take(key, value);
            }
        }
        directives.prose = prose.join("\n").trim().to_owned();
        directives
    }

    fn take(&mut self, key: &str, value: &str) {
        let problem = match key {
            "service" => put(&mut self.service, service(value)),
            "severity" => put(&mut self.severity, severity(value)),
            "priority" => put(&mut self.priority, priority(value)),
            "owner" | "team" => put(&mut self.owner, owner(value)),
            _ => put(&mut self.runbook, runbook(value)),
        };
        if let Some(problem) = problem.filter(|_| self.problems.len() < PROBLEMS_MAX) {
            let value = text::cut(&text::one_line(value), 60);
            self.problems.push(format!("The alarm's description says {key}: \"{value}\", {problem}."));
        }
    }
}

/// What is wrong, if anything.
fn put<T>(place: &mut Option<T>, value: Result<T, &'static str>) -> Option<&'static str> {
    match value {
        Err(problem) => Some(problem),
        Ok(_) if place.is_some() => Some("but it has said so before, and the first one counts"),
        Ok(value) => {
            *place = Some(value);
            None
        }
    }
}

/// It may not exist; then the alarm is the catch-all service's, and the timeline says so.
fn owner(value: &str) -> Result<String, &'static str> {
    if value.is_empty() { Err("which names nobody") } else { Ok(text::cut(&text::one_line(value), OWNER_CHARS_MAX)) }
}

fn service(value: &str) -> Result<String, &'static str> {
    let name = value.to_lowercase();
    let problem = "which is no service's name (lower-case letters, digits, '-' and '_')";
    ServiceId::new(name).map(String::from).map_err(|_| problem)
}

fn severity(value: &str) -> Result<Severity, &'static str> {
    match value.to_ascii_lowercase().as_str() {
        "critical" => Ok(Severity::Critical),
        "error" => Ok(Severity::Error),
        "warning" => Ok(Severity::Warning),
        "info" => Ok(Severity::Info),
        _ => Err("which is not one of critical, error, warning and info"),
    }
}

fn priority(value: &str) -> Result<Priority, &'static str> {
    match value.to_ascii_uppercase().as_str() {
        "SEV1" => Ok(Priority::Sev1),
        "SEV2" => Ok(Priority::Sev2),
        "SEV3" => Ok(Priority::Sev3),
        "SEV4" => Ok(Priority::Sev4),
        _ => Err("which is not one of SEV1, SEV2, SEV3 and SEV4"),
    }
}

/// The address alone, without a remark behind it.
fn runbook(value: &str) -> Result<String, &'static str> {
    let address = value.split_whitespace().next().unwrap_or("");
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && address.len() <= RUNBOOK_BYTES_MAX && !address.contains(char::is_control) => {
            Ok(address.to_owned())
        }
        _ => Err("which is no web address (https://...)"),
    }
}

/// The directive in a statement, its key in lower case. A dash in front (a list in Markdown) is no matter.
fn directive(statement: &str) -> Option<(&'static str, &str)> {
    let (key, value) = statement.split_once(COLONS)?;
    let key = key.trim_start_matches(['-', '*', '•', ' ', '\t', '　']).trim_end();
    let key = KEYS.into_iter().find(|known| known.eq_ignore_ascii_case(key))?;
    Some((key, value.trim()))
}

/// The label in a statement. Addresses look like one and are none.
fn label(statement: &str) -> Option<(&str, &str)> {
    let (key, value) = statement.split_once(COLONS)?;
    let key = key.trim_start_matches(['-', '*', '•', ' ', '\t', '　']).trim_end();
    (!value.starts_with("//") && Labels::key(key).is_some()).then_some((key, value.trim()))
}

/// The statements of a line. A semicolon ends one unless it is inside an address: `https://example.com/a;b`.
fn statements(line: &str) -> Vec<&str> {
    let mut statements = Vec::new();
    let mut start = 0;
    for (place, sign) in line.match_indices(SEMICOLONS) {
        let after = &line[place + sign.len()..];
        if after.is_empty() || after.starts_with(char::is_whitespace) || directive(after).is_some() {
            statements.push(&line[start..place]);
            start = place + sign.len();
        }
    }
    statements.push(&line[start..]);
    statements
}
