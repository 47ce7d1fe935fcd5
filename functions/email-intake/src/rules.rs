//! What a mail means, by the rules of its integration: an alert, its end, a note, or nothing.

use hansho_domain::{
    MailCondition, MailExtract, MailField, MailFilters, MailKey, MailOpening, MailOtherwise, MailPreset, MailRules, Severity,
};

use crate::{
    mail::Mail,
    pattern::compiled,
    preset::{self, Reading, State},
    subject,
};

/// What a mail means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// Something is wrong.
    Trigger {
        /// With what.
        about: About,
        /// How bad it is.
        severity: Severity,
    },
    /// It is over.
    Resolve(About),
    /// Neither, but worth remembering.
    Note(About),
    /// It pages nobody, and why.
    Suppressed(String),
}

/// What a mail is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// The trouble of this text.
    Text(String),
    /// This mail alone.
    ThisMail,
    /// Whatever comes to the address.
    Address,
}

/// What `mail` means by `rules`. It is looked at for what it opens unless something says otherwise: a page is never lost to a rule that
/// can not be applied.
pub fn meaning(mail: &Mail, rules: &MailRules) -> Meaning {
    if let Some(reason) = filtered(mail, rules) {
        return Meaning::Suppressed(reason);
    }
    let bare = subject::bare(&mail.subject);
    let reading = rules.preset.and_then(|preset| preset::read(preset, bare, mail));
    let about = about(mail, bare, rules, reading.as_ref());
    if any(&rules.resolve, mail) {
        return Meaning::Resolve(about);
    }
    if any(&rules.trigger, mail) {
        return Meaning::Trigger { about, severity: severity(mail, rules, reading.as_ref()) };
    }
    match (reading.as_ref().map(|reading| reading.state), rules.otherwise) {
        (Some(State::Resolve), _) => Meaning::Resolve(about),
        (Some(State::Note), _) => Meaning::Note(about),
        (None, MailOtherwise::Suppress)
            if !mail.text_is_partial && (rules.preset.is_some() || !(rules.trigger.is_empty() && rules.resolve.is_empty())) =>
        {
            Meaning::Suppressed(
                "neither `trigger` nor `resolve` nor the preset of its integration knows it, and `otherwise` is suppress".to_owned(),
            )
        }
        (Some(State::Trigger) | None, _) => Meaning::Trigger { about, severity: severity(mail, rules, reading.as_ref()) },
    }
}

/// Why the filters do not let it in.
fn filtered(mail: &Mail, rules: &MailRules) -> Option<String> {
    let missed = |condition: &&MailCondition| !holds(condition, mail, true);
    match rules.filters.as_ref()? {
        MailFilters::All(conditions) => {
            let condition = conditions.iter().find(missed)?;
            let not = if condition.is_negated { "not " } else { "" };
            Some(format!("the filter of its integration wants its {} {not}to match {:?}", word(condition.field), condition.pattern))
        }
        MailFilters::Any(conditions) if conditions.iter().any(|condition| holds(condition, mail, true)) => None,
        MailFilters::Any(_) => Some("no filter of its integration matches it".to_owned()),
    }
}

const fn word(field: MailField) -> &'static str {
    match field {
        MailField::Subject => "subject",
        MailField::Body => "body",
        MailField::Sender => "sender",
    }
}

fn any(conditions: &[MailCondition], mail: &Mail) -> bool {
    conditions.iter().any(|condition| holds(condition, mail, false))
}

/// Whether a condition holds. One that can not be applied is `otherwise`.
fn holds(condition: &MailCondition, mail: &Mail, otherwise: bool) -> bool {
    let Some(pattern) = compiled(&condition.pattern) else { return otherwise };
    if pattern.is_match(field(mail, condition.field)) {
        return !condition.is_negated;
    }
    // It may match what is not there to be seen.
    if condition.field == MailField::Body && mail.text_is_partial { otherwise } else { condition.is_negated }
}

fn field(mail: &Mail, field: MailField) -> &str {
    match field {
        MailField::Subject => &mail.subject,
        MailField::Body => &mail.text,
        MailField::Sender => mail.from.as_deref().unwrap_or_default(),
    }
}

fn about(mail: &Mail, bare: &str, rules: &MailRules, reading: Option<&Reading>) -> About {
    if let Some(found) = rules.dedup_key.as_ref().and_then(|key| extracted(key, mail)) {
        return About::Text(found);
    }
    match rules.open {
        MailOpening::EveryMail => About::ThisMail,
        MailOpening::IfNothingOpen => About::Address,
        MailOpening::PerSubject => match reading {
            Some(reading) if !reading.about.is_empty() => About::Text(reading.about.clone()),
            // What has no subject has nothing in common with the next one.
            Some(_) | None if bare.is_empty() => About::ThisMail,
            Some(_) | None => About::Text(bare.to_owned()),
        },
    }
}

fn extracted(key: &MailKey, mail: &Mail) -> Option<String> {
    let text = if key.from == MailField::Subject { subject::bare(&mail.subject) } else { field(mail, key.from) };
    let found = match &key.extract {
        MailExtract::Regex(pattern) => {
            let groups = compiled(pattern)?.captures(text)?;
            groups.iter().skip(1).flatten().next()?.as_str()
        }
        MailExtract::Between(after, before) => text.lines().find_map(|line| {
            let (_, rest) = line.split_once(after.as_str())?;
            Some(rest.split_once(before.as_str())?.0)
        })?,
        MailExtract::Entire => text,
    };
    Some(found.trim().to_owned()).filter(|found| !found.is_empty())
}

/// By the integration's own words, else by what the tool says; what nothing is said about may be the worst.
fn severity(mail: &Mail, rules: &MailRules, reading: Option<&Reading>) -> Severity {
    let of = |text: &str| {
        let lower = text.to_lowercase();
        let worst_first = rules.severity.iter().rev();
        let mut known = worst_first.filter(|(_, words)| words.iter().any(|word| lower.contains(&word.to_lowercase())));
        known.next().map(|(severity, _)| *severity)
    };
    of(&mail.subject).or_else(|| of(&mail.text)).or_else(|| reading?.severity).unwrap_or(Severity::Critical)
}

/// The name of a preset, as the configuration has it.
pub fn preset_name(preset: MailPreset) -> &'static str {
    MailPreset::ALL.iter().find(|(_, known)| *known == preset).map_or("", |(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hansho_domain::{
        MailCondition, MailExtract, MailField, MailFilters, MailKey, MailOpening, MailOtherwise, MailPreset, MailRules, Severity,
    };

    use super::{About, Meaning, meaning};
    use crate::mail::Mail;

    fn mail(subject: &str, text: &str) -> Mail {
        Mail { subject: subject.to_owned(), text: text.to_owned(), from: Some("zabbix@example.com".to_owned()), ..Mail::default() }
    }

    fn condition(field: MailField, pattern: &str) -> MailCondition {
        MailCondition { field, pattern: pattern.to_owned(), is_negated: false }
    }

    fn about(text: &str) -> About {
        About::Text(text.to_owned())
    }

    fn trigger(text: &str) -> Meaning {
        Meaning::Trigger { about: about(text), severity: Severity::Critical }
    }

    #[test]
    fn without_rules_every_subject_is_one_trouble() {
        let rules = MailRules::default();
        assert_eq!(meaning(&mail("Fwd: disk full", ""), &rules), trigger("disk full"));
        assert_eq!(meaning(&mail("", "x"), &rules), Meaning::Trigger { about: About::ThisMail, severity: Severity::Critical });
    }

    #[test]
    fn mails_open_each_or_by_subject_or_only_if_nothing_is_open() {
        for (open, found) in [
            (MailOpening::EveryMail, About::ThisMail),
            (MailOpening::PerSubject, about("disk full")),
            (MailOpening::IfNothingOpen, About::Address),
        ] {
            let rules = MailRules { open, ..MailRules::default() };
            assert_eq!(meaning(&mail("disk full", ""), &rules), Meaning::Trigger { about: found, severity: Severity::Critical });
        }
    }

    #[test]
    fn a_mail_whose_text_is_not_all_known_opens_whatever_is_asked_of_its_text() {
        let body = || condition(MailField::Body, "PROBLEM");
        let all = MailRules { filters: Some(MailFilters::All(vec![body()])), ..MailRules::default() };
        let any = MailRules { filters: Some(MailFilters::Any(vec![body()])), ..MailRules::default() };
        let known = MailRules { trigger: vec![body()], otherwise: MailOtherwise::Suppress, ..MailRules::default() };
        let not_ended = MailCondition { is_negated: true, ..body() };
        let ends = MailRules { resolve: vec![not_ended], ..MailRules::default() };
        for rules in [all, any, known, ends] {
            let (whole, partial) = (mail("disk", ""), Mail { text_is_partial: true, ..mail("disk", "") });
            assert_ne!(meaning(&whole, &rules), trigger("disk"), "{rules:?}");
            assert_eq!(meaning(&partial, &rules), trigger("disk"), "{rules:?}");
        }
    }

    #[test]
    fn filters_let_in_what_meets_all_or_any_of_them() {
        let subject = condition(MailField::Subject, "障害|PROBLEM");
        let sender = MailCondition { is_negated: true, ..condition(MailField::Sender, "@example\\.net$") };
        let body = condition(MailField::Body, "prod");
        let rules = |filters| MailRules { filters: Some(filters), ..MailRules::default() };
        let all = rules(MailFilters::All(vec![subject.clone(), sender.clone()]));
        assert_eq!(meaning(&mail("障害: x", ""), &all), trigger("障害: x"));
        let missed = meaning(&mail("hello", ""), &all);
        assert!(matches!(&missed, Meaning::Suppressed(reason) if reason.contains("its subject to match")), "{missed:?}");
        let any = rules(MailFilters::Any(vec![subject, body]));
        assert_eq!(meaning(&mail("hello", "on prod"), &any), trigger("hello"));
        assert!(matches!(meaning(&mail("hello", ""), &any), Meaning::Suppressed(_)));
    }

    #[test]
    fn the_dedup_key_is_extracted_by_a_group_between_two_texts_or_entire() {
        for (from, extract, found) in [
            (MailField::Body, MailExtract::Regex(r"ID: (\d+)".to_owned()), "42"),
            (MailField::Subject, MailExtract::Between("[".to_owned(), "]".to_owned()), "web01"),
            (MailField::Sender, MailExtract::Entire, "zabbix@example.com"),
            // What is not found leaves the subject.
            (MailField::Body, MailExtract::Regex("none(x)".to_owned()), "disk [web01] full"),
        ] {
            let rules = MailRules { dedup_key: Some(MailKey { from, extract }), ..MailRules::default() };
            assert_eq!(meaning(&mail("Re: disk [web01] full", "line\nID: 42\n"), &rules), trigger(found));
        }
    }

    #[test]
    fn words_open_and_resolve() {
        let rules = MailRules {
            trigger: vec![condition(MailField::Subject, "^障害")],
            resolve: vec![condition(MailField::Subject, "RECOVERED|復旧")],
            dedup_key: Some(MailKey { from: MailField::Subject, extract: MailExtract::Regex(r"web(\d+)".to_owned()) }),
            otherwise: MailOtherwise::Suppress,
            ..MailRules::default()
        };
        assert_eq!(meaning(&mail("障害 web01", ""), &rules), trigger("01"));
        assert_eq!(meaning(&mail("復旧 web01", ""), &rules), Meaning::Resolve(about("01")));
        assert!(matches!(meaning(&mail("monthly report", ""), &rules), Meaning::Suppressed(_)));
        let opens = MailRules { otherwise: MailOtherwise::Open, ..rules };
        assert_eq!(meaning(&mail("monthly report", ""), &opens), trigger("monthly report"));
    }

    #[test]
    fn severity_goes_by_the_words_of_the_integration_and_then_by_those_of_the_tool() {
        let words = BTreeMap::from([(Severity::Warning, vec!["注意".to_owned()]), (Severity::Error, vec!["異常".to_owned()])]);
        let rules = MailRules { severity: words, preset: Some(MailPreset::Nagios), ..MailRules::default() };
        for (subject, text, severity) in [
            ("【注意】ディスク", "異常", Severity::Warning),
            ("ディスク", "異常 注意", Severity::Error),
            ("** PROBLEM Service Alert: a/b is WARNING **", "", Severity::Warning),
            ("ディスク", "", Severity::Critical),
        ] {
            let found = meaning(&mail(subject, text), &rules);
            assert!(matches!(found, Meaning::Trigger { severity: s, .. } if s == severity), "{subject}: {found:?}");
        }
    }

    #[test]
    fn a_rule_that_can_not_be_applied_loses_no_page() {
        let broken = vec![condition(MailField::Subject, "(")];
        let rules = MailRules { filters: Some(MailFilters::All(broken.clone())), resolve: broken.clone(), ..MailRules::default() };
        assert_eq!(meaning(&mail("x", ""), &rules), trigger("x"));
    }

    #[test]
    fn a_hostile_pattern_and_a_long_text_take_little_time() {
        let text = "a".repeat(256 * 1024);
        let rules = MailRules {
            resolve: vec![condition(MailField::Body, "(a+)+$b"), condition(MailField::Body, "a{1000}{1000}")],
            ..MailRules::default()
        };
        assert_eq!(meaning(&mail("x", &text), &rules), trigger("x"));
    }
}
