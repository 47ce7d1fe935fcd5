//! The keys of an integration of the type `email`: what its mails mean.

use std::collections::BTreeMap;

use hansho_domain::{
    MailCondition, MailExtract, MailField, MailFilters, MailKey, MailOpening, MailOtherwise, MailPreset, MailRules, MailVerdict,
    MailVerdicts, Severity,
    mail_rules::{COMPILED_BYTES_MAX, PATTERN_BYTES_MAX},
};
use regex::RegexBuilder;

use crate::{
    map::{Keys, Map},
    spot::Spot,
};

/// The keys of an integration that are about its mails.
pub(crate) const NAMES: [&str; 9] = ["preset", "open", "filters", "dedup_key", "trigger", "resolve", "severity", "otherwise", "verdicts"];
const FILTER_KEYS: Keys = Keys { known: &["all", "any"], later: &[] };
const CONDITION_KEYS: Keys = Keys { known: &["subject", "body", "sender", "not"], later: &[] };
const KEY_KEYS: Keys = Keys { known: &["from", "regex", "between"], later: &[] };
const SEVERITY_KEYS: Keys = Keys { known: &["critical", "error", "warning", "info"], later: &[] };
const VERDICT_KEYS: Keys = Keys { known: &["spam", "virus", "dmarc"], later: &[] };
const OPENINGS: [(&str, MailOpening); 3] =
    [("every_mail", MailOpening::EveryMail), ("per_subject", MailOpening::PerSubject), ("if_nothing_open", MailOpening::IfNothingOpen)];
const FIELDS: [(&str, MailField); 3] = [("subject", MailField::Subject), ("body", MailField::Body), ("sender", MailField::Sender)];
const OTHERWISE: [(&str, MailOtherwise); 2] = [("open", MailOtherwise::Open), ("suppress", MailOtherwise::Suppress)];
const VERDICTS: [(&str, MailVerdict); 3] =
    [("open", MailVerdict::Open), ("suppress", MailVerdict::Suppress), ("require", MailVerdict::Require)];
const YES: [(&str, bool); 2] = [("true", true), ("false", false)];

/// Reads what is said about the mails of an integration. `None`: something of it is wrong, and noted.
pub(crate) fn read(map: &Map<'_>) -> Option<MailRules> {
    let preset = given(map, "preset", |s| s.choice(&MailPreset::ALL));
    let open = given(map, "open", |s| s.choice(&OPENINGS));
    let filters = given(map, "filters", filters);
    let dedup_key = given(map, "dedup_key", key);
    let trigger = given(map, "trigger", |s| s.list(condition));
    let resolve = given(map, "resolve", |s| s.list(condition));
    let severity = given(map, "severity", severity);
    let otherwise = given(map, "otherwise", |s| s.choice(&OTHERWISE));
    let verdicts = given(map, "verdicts", verdicts);
    Some(MailRules {
        preset: preset?,
        open: open?.unwrap_or_default(),
        filters: filters?,
        dedup_key: dedup_key?,
        trigger: trigger?.unwrap_or_default(),
        resolve: resolve?.unwrap_or_default(),
        severity: severity?.unwrap_or_default(),
        otherwise: otherwise?.unwrap_or_default(),
        verdicts: verdicts?.unwrap_or_default(),
    })
}

/// `Some(None)`: the key is not there. `None`: what stands there is wrong.
fn given<'a, T>(map: &Map<'a>, key: &str, read: impl Fn(&Spot<'a>) -> Option<T>) -> Option<Option<T>> {
    match map.optional(key) {
        None => Some(None),
        Some(spot) => read(spot).map(Some),
    }
}

fn filters(spot: &Spot<'_>) -> Option<MailFilters> {
    let map = spot.map(&FILTER_KEYS)?;
    match (map.optional("all"), map.optional("any")) {
        (Some(all), None) => all.list(condition).map(MailFilters::All),
        (None, Some(any)) => any.list(condition).map(MailFilters::Any),
        (Some(_), Some(_)) | (None, None) => {
            spot.fail("needs `all` or `any`, and not both: which conditions a mail has to meet");
            None
        }
    }
}

/// `{ subject: "PATTERN" }`, or with `not: true` what must not match.
fn condition(spot: &Spot<'_>) -> Option<MailCondition> {
    let map = spot.map(&CONDITION_KEYS)?;
    let mut found = FIELDS.iter().filter_map(|(name, field)| Some((*field, map.optional(name)?)));
    let (Some((field, pattern)), None) = (found.next(), found.next()) else {
        spot.fail("needs one of `subject`, `body` and `sender`, with a regular expression; write a condition for each");
        return None;
    };
    let is_negated = given(&map, "not", |s| s.choice(&YES))?.unwrap_or_default();
    Some(MailCondition { field, pattern: pattern.parsed(|text| regex(text, 0))?, is_negated })
}

fn key(spot: &Spot<'_>) -> Option<MailKey> {
    let map = spot.map(&KEY_KEYS)?;
    let from = map.required("from").and_then(|s| s.choice(&FIELDS))?;
    let extract = match (map.optional("regex"), map.optional("between")) {
        (None, None) => MailExtract::Entire,
        (Some(pattern), None) => MailExtract::Regex(pattern.parsed(|text| regex(text, 1))?),
        (None, Some(between)) => match between.list(|s| s.text().map(str::to_owned))?.as_slice() {
            [after, before] => MailExtract::Between(after.clone(), before.clone()),
            _ => {
                between.fail("needs two texts: what stands before the key, and what stands behind it");
                return None;
            }
        },
        (Some(_), Some(_)) => {
            spot.fail("has `regex` and `between`; the key is found in one way, so remove one");
            return None;
        }
    };
    Some(MailKey { from, extract })
}

/// A regular expression that takes little memory and has so many groups at least.
fn regex(text: &str, groups: usize) -> Result<String, String> {
    if text.len() > PATTERN_BYTES_MAX {
        return Err(format!("is longer than {PATTERN_BYTES_MAX} bytes; shorten it"));
    }
    match RegexBuilder::new(text).size_limit(COMPILED_BYTES_MAX).build() {
        Ok(compiled) if compiled.captures_len() > groups => Ok(text.to_owned()),
        Ok(_) => Err("has no group; put the part that is the key in parentheses".to_owned()),
        Err(regex::Error::CompiledTooBig(_)) => Err("is too large when it is compiled; ask for fewer repetitions".to_owned()),
        Err(error) => {
            let said = error.to_string();
            let last = said.lines().last().unwrap_or_default().trim_start_matches("error: ");
            Err(format!("is no regular expression: {last} (syntax: https://docs.rs/regex)"))
        }
    }
}

fn severity(spot: &Spot<'_>) -> Option<BTreeMap<Severity, Vec<String>>> {
    let map = spot.map(&SEVERITY_KEYS)?;
    let mut words = BTreeMap::new();
    for (name, severity) in crate::service::SEVERITIES {
        if let Some(spot) = map.optional(name) {
            words.insert(severity, spot.list(|item| item.text().map(|word| word.trim().to_owned()))?);
        }
    }
    Some(words)
}

fn verdicts(spot: &Spot<'_>) -> Option<MailVerdicts> {
    let map = spot.map(&VERDICT_KEYS)?;
    let default = MailVerdicts::default();
    let of = |key: &str| given(&map, key, |s| s.choice(&VERDICTS));
    let (spam, virus, dmarc) = (of("spam"), of("virus"), of("dmarc"));
    Some(MailVerdicts {
        spam: spam?.unwrap_or(default.spam),
        virus: virus?.unwrap_or(default.virus),
        dmarc: dmarc?.unwrap_or(default.dmarc),
    })
}
