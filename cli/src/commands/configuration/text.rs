//! Plans and versions as people read them.

use std::fmt::Write as _;

use hansho_configuration::{Change, FieldChange, Kind};
use hansho_domain::Language;
use hansho_store::Version;

use super::answer::{AffectedIncident, Planned, QuietOnUtc};
use crate::commands::language::word;

/// A plan: what is in force, what would change, and how much that is.
pub(super) fn plan(planned: &Planned, target: &str, language: Language) -> String {
    let mut text = format!("{target}: {}\n", in_force(planned, language));
    if planned.is_nothing() {
        text += word(language, "\nNothing would change.\n", "\n変更はありません。\n");
        return text;
    }
    text.push_str(&changes(&planned.changes, language));
    if planned.more_changes > 0 {
        text += &match language {
            Language::En => format!("\n  and {} more\n", planned.more_changes),
            Language::Ja => format!("\n  ほか{}件\n", planned.more_changes),
        };
    }
    let _ = writeln!(text, "\n{}", sum(planned, language));
    text.push_str(&removals(planned, language));
    text.push_str(&quiet_on_utc(&planned.quiet_on_utc, language));
    text.push_str(&incidents(&planned.incidents, language));
    text
}

/// `Plan: 1 to add, 2 to change, 0 to remove; 5 items to write.`
fn sum(planned: &Planned, language: Language) -> String {
    let count = |kind| planned.changes.iter().filter(|change| change.kind == kind).count();
    let (new, changed, removed) = (count(Kind::Created), count(Kind::Changed), count(Kind::Removed));
    let items = items(planned.items, language);
    match (planned.changes.is_empty(), planned.text_differs, language) {
        (false, _, Language::En) => format!("Plan: {new} to add, {changed} to change, {removed} to remove; {items}."),
        (false, _, Language::Ja) => format!("変更予定: 追加{new}件、変更{changed}件、削除{removed}件。{items}。"),
        (true, true, Language::En) => format!("Plan: only comments, layout or files differ; {items}."),
        (true, true, Language::Ja) => format!("変更予定: コメント、体裁、ファイル分けだけが違います。{items}。"),
        (true, false, Language::En) => format!("Plan: the same files, stored again as this version of Hansho reads them; {items}."),
        (true, false, Language::Ja) => format!("変更予定: 同じファイルを、この版の Hansho の読み方で保存し直します。{items}。"),
    }
}

/// Whoever and whatever is taken out, below the sum, where it is read before anybody says yes.
fn removals(planned: &Planned, language: Language) -> String {
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for change in planned.changes.iter().filter(|change| change.kind == Kind::Removed) {
        if sections.last().is_none_or(|(section, _)| *section != change.section) {
            sections.push((&change.section, Vec::new()));
        }
        sections.iter_mut().last().into_iter().for_each(|(_, names)| names.extend(change.name.as_deref()));
    }
    if sections.is_empty() {
        return String::new();
    }
    let mut text = word(language, "\nREMOVED:\n", "\n削除されるもの:\n").to_owned();
    for (section, names) in sections {
        let names = if names.is_empty() { word(language, "all of it", "すべて").to_owned() } else { names.join(", ") };
        let _ = writeln!(text, "    {section}: {names}");
    }
    if planned.more_changes > 0 {
        text += word(
            language,
            "    and whatever is among the changes that are not shown\n",
            "    ほかにも、表示されていない変更に含まれる可能性があります\n",
        );
    }
    text
}

/// Whose nights an earlier version does not know.
fn quiet_on_utc(people: &[QuietOnUtc], language: Language) -> String {
    if people.is_empty() {
        return String::new();
    }
    let mut text = word(
        language,
        "\nWARNING: these people have quiet times and no time_zone. Their quiet times will be on UTC's clock, which may be the middle of their day; what is urgent wakes them all the same, or their cover. Add time_zone to each and apply again:\n",
        "\n警告: 次の人には静かな時間帯がありますが time_zone がありません。時間帯は UTC として扱われ、昼間に当たるかもしれません。緊急の連絡は変わらず本人か代わりの人に届きます。time_zone を加えて適用し直してください:\n",
    )
    .to_owned();
    for QuietOnUtc { user, file, line } in people {
        let _ = writeln!(text, "    {user} ({}:{line})", file.display());
    }
    text
}

fn in_force(planned: &Planned, language: Language) -> String {
    match (&planned.in_force, planned.version, language) {
        (Some(version), _, Language::En) => format!("version {} is in force ({})", version.version, made(version, language)),
        (Some(version), _, Language::Ja) => format!("現在は版{}です ({})", version.version, made(version, language)),
        (None, 0, _) => word(language, "nothing was ever applied", "まだ何も適用されていません").to_owned(),
        (None, version, Language::En) => format!("version {version} is in force"),
        (None, version, Language::Ja) => format!("現在は版{version}です"),
    }
}

fn items(count: usize, language: Language) -> String {
    match (count, language) {
        (1, Language::En) => "1 item to write".to_owned(),
        (count, Language::En) => format!("{count} items to write"),
        (count, Language::Ja) => format!("書き込み{count}件"),
    }
}

/// Changes, entry by entry.
pub(super) fn changes(changes: &[Change], language: Language) -> String {
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
        // A section without names that is taken out, or comes empty, has nothing else to show.
        let name = change.name.as_deref().or_else(|| change.fields.is_empty().then(|| word(language, "all of it", "すべて")));
        if let Some(name) = name {
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
pub(super) fn incidents(incidents: &[AffectedIncident], language: Language) -> String {
    let mut text = String::new();
    if !incidents.is_empty() {
        text.push_str(word(language, "\nOpen incidents:\n", "\n未解決のインシデント:\n"));
    }
    for AffectedIncident { incident, title, effect } in incidents {
        let _ = writeln!(text, "    {incident} {}: {effect}", visible(title));
    }
    text
}

/// Who made a version, when and why.
pub(super) fn made(version: &Version, language: Language) -> String {
    let at = version.at.strftime("%Y-%m-%d %H:%M UTC");
    let message = version.author.message.as_ref().map(|message| format!(": {}", visible(message))).unwrap_or_default();
    let (with, by) = (visible(&version.author.with), visible(&version.author.by));
    match language {
        Language::En => format!("{at}, {with} by {by}{message}"),
        Language::Ja => format!("{at}、{by} ({with}){message}"),
    }
}

/// What came over the network must not steer the terminal.
pub(super) fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use hansho_configuration::{Change, Kind};
    use hansho_domain::Language;

    use super::{Planned, QuietOnUtc, plan};

    fn planned(changes: Vec<Change>) -> Planned {
        let items = changes.len();
        Planned {
            version: 3,
            in_force: None,
            items,
            text_differs: true,
            changes,
            more_changes: 0,
            incidents: Vec::new(),
            quiet_on_utc: Vec::new(),
        }
    }

    fn change(section: &str, name: Option<&str>, kind: Kind) -> Change {
        Change { section: section.to_owned(), name: name.map(str::to_owned), kind, fields: Vec::new() }
    }

    #[test]
    fn no_heading_stands_alone() {
        let text = plan(
            &planned(vec![change("fallback", None, Kind::Removed), change("users", Some("aiko"), Kind::Removed)]),
            "here",
            Language::En,
        );
        assert!(text.contains("\n  fallback\n    - all of it\n\n  users\n    - aiko\n"), "{text}");
        let text = plan(&planned(vec![change("tests", None, Kind::Removed)]), "here", Language::Ja);
        assert!(text.contains("\n  tests\n    - すべて\n"), "{text}");
    }

    #[test]
    fn people_whose_clock_an_earlier_version_does_not_know_are_warned_of() {
        let aiko = || vec![QuietOnUtc { user: "aiko".to_owned(), file: "people.yaml".into(), line: 7 }];
        let planned = Planned { quiet_on_utc: aiko(), ..planned(vec![change("users", Some("aiko"), Kind::Changed)]) };
        let english = plan(&planned, "here", Language::En);
        assert!(english.contains("WARNING") && english.contains("UTC") && english.contains("    aiko (people.yaml:7)\n"), "{english}");
        let japanese = plan(&planned, "here", Language::Ja);
        assert!(
            japanese.contains("警告") && japanese.contains("time_zone") && japanese.contains("    aiko (people.yaml:7)\n"),
            "{japanese}"
        );
    }

    #[test]
    fn whatever_is_removed_is_told_together_below_the_sum() {
        let changes = || {
            vec![
                change("users", Some("aiko"), Kind::Removed),
                change("users", Some("ben"), Kind::Changed),
                change("users", Some("chie"), Kind::Removed),
                change("services", Some("checkout"), Kind::Removed),
                change("fallback", None, Kind::Removed),
            ]
        };
        let told = plan(&planned(changes()), "local", Language::En);
        let end = "Plan: 0 to add, 1 to change, 4 to remove; 5 items to write.\n\nREMOVED:\n    users: aiko, chie\n    services: checkout\n    fallback: all of it\n";
        assert!(told.ends_with(end), "{told}");
        let told = plan(&planned(changes()), "local", Language::Ja);
        let end = "変更予定: 追加0件、変更1件、削除4件。書き込み5件。\n\n削除されるもの:\n    users: aiko, chie\n    services: checkout\n    fallback: すべて\n";
        assert!(told.starts_with("local: 現在は版3です\n") && told.ends_with(end), "{told}");
        let kept = plan(&planned(vec![change("users", Some("ben"), Kind::Changed)]), "local", Language::En);
        assert!(!kept.contains("REMOVED"), "{kept}");
    }
}
