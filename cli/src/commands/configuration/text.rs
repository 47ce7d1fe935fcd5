//! Plans and versions as people read them.

use std::fmt::Write as _;

use hansho_configuration::{Change, FieldChange, Kind};
use hansho_store::Version;

use super::answer::{AffectedIncident, Planned};

/// A plan: what is in force, what would change, and how much that is.
pub(super) fn plan(planned: &Planned, target: &str) -> String {
    let mut text = format!("{target}: {}\n", in_force(planned));
    if planned.is_nothing() {
        text.push_str("\nNothing would change.\n");
        return text;
    }
    text.push_str(&changes(&planned.changes));
    if planned.more_changes > 0 {
        let _ = write!(text, "\n  and {} more\n", planned.more_changes);
    }
    let count = |kind| planned.changes.iter().filter(|change| change.kind == kind).count();
    let counts = (count(Kind::Created), count(Kind::Changed), count(Kind::Removed));
    let _ = match (planned.changes.is_empty(), planned.text_differs) {
        (false, _) => {
            writeln!(text, "\nPlan: {} to add, {} to change, {} to remove; {}.", counts.0, counts.1, counts.2, items(planned.items))
        }
        (true, true) => writeln!(text, "\nPlan: only comments, layout or files differ; {}.", items(planned.items)),
        (true, false) => {
            writeln!(text, "\nPlan: the same files, stored again as this version of Hansho reads them; {}.", items(planned.items))
        }
    };
    text.push_str(&incidents(&planned.incidents));
    text
}

fn in_force(planned: &Planned) -> String {
    match (&planned.in_force, planned.version) {
        (Some(version), _) => format!("version {} is in force ({})", version.version, made(version)),
        (None, 0) => "nothing was ever applied".to_owned(),
        (None, version) => format!("version {version} is in force"),
    }
}

fn items(count: usize) -> String {
    match count {
        1 => "1 item to write".to_owned(),
        count => format!("{count} items to write"),
    }
}

/// Changes, entry by entry.
pub(super) fn changes(changes: &[Change]) -> String {
    let mut text = String::new();
    let mut section = None;
    for change in changes {
        if section != Some(&change.section) {
            let _ = write!(text, "\n  {}\n", change.section);
            section = Some(&change.section);
        }
        let sign = match change.kind {
            Kind::Created => '+',
            Kind::Changed => '~',
            Kind::Removed => '-',
        };
        if let Some(name) = &change.name {
            let _ = writeln!(text, "    {sign} {name}");
        }
        for field in &change.fields {
            let _ = writeln!(text, "        {}", line(field));
        }
    }
    text
}

fn line(FieldChange { path, before, after }: &FieldChange) -> String {
    let path = if path.is_empty() { String::new() } else { format!("{path}: ") };
    match (before, after) {
        (None, Some(after)) => format!("+ {path}{after}"),
        (Some(before), None) => format!("- {path}{before}"),
        (Some(before), Some(after)) => format!("~ {path}{before} -> {after}"),
        (None, None) => path,
    }
}

/// What it means for incidents that are open, by id.
pub(super) fn incidents(incidents: &[AffectedIncident]) -> String {
    let mut text = String::new();
    if !incidents.is_empty() {
        text.push_str("\nOpen incidents:\n");
    }
    for AffectedIncident { incident, title, effect } in incidents {
        let _ = writeln!(text, "    {incident} {}: {effect}", visible(title));
    }
    text
}

/// Who made a version, when and why.
pub(super) fn made(version: &Version) -> String {
    let at = version.at.strftime("%Y-%m-%d %H:%M UTC");
    let message = version.author.message.as_ref().map(|message| format!(": {}", visible(message))).unwrap_or_default();
    format!("{at}, {} by {}{message}", visible(&version.author.with), visible(&version.author.by))
}

/// What came over the network must not steer the terminal.
pub(super) fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
