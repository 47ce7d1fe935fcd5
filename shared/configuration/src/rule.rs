//! `routes:` and the `rules:` of a service: what is done with alerts before they reach a service's incidents.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::{Labels, Rule, RuleActions, TeamId};
use hansho_routing::{Expression, Template};

use crate::{
    maintenance,
    map::{Keys, Map},
    names::Section,
    service::{self, PRIORITIES, SEVERITIES},
    spelling::quoted,
    spot::Spot,
    tree::Value,
};

const KEYS: Keys = Keys { known: &["name", "description", "owner", "if", "then", "continue"], later: &[] };
const THEN_KEYS: Keys = Keys {
    known: &[
        // Where it goes, what it is, and what people see of it.
        "route",
        "suppress",
        "pause",
        "severity",
        "priority",
        "dedup_key",
        "title",
        "labels",
        "runbook",
    ],
    later: &[],
};
const YES_OR_NO: [(&str, bool); 2] = [("true", true), ("false", false)];
/// Most rules for all alerts.
pub(crate) const ROUTES_MAX: usize = 1_000;
/// Most rules of one service.
const RULES_MAX: usize = 100;
/// Shortest and longest pause: a second to an hour. What is held for longer is maintenance.
const PAUSE_SECONDS: std::ops::RangeInclusive<u32> = 1..=3_600;
/// Most labels that one rule sets.
const LABELS_MAX: usize = 20;

/// Reads the rules of a service.
pub(crate) fn of_service(spot: &Spot<'_>) -> Option<Vec<Rule>> {
    read(spot, RULES_MAX)
}

/// Reads a list of rules.
pub(crate) fn read(spot: &Spot<'_>, most: usize) -> Option<Vec<Rule>> {
    if let Value::Null = spot.node.value {
        return Some(Vec::new()); // A heading without anything below it yet.
    }
    let names = std::cell::RefCell::new(BTreeSet::new());
    let rules = spot.list(|item| {
        let rule = rule(item)?;
        if !names.borrow_mut().insert(rule.name.clone()) {
            item.fail(format!("the name {} is given to another rule above; traces tell rules apart by it", quoted(&rule.name)));
            return None;
        }
        Some(rule)
    })?;
    if rules.len() > most {
        spot.fail(format!("has {} rules; {most} are the most", rules.len()));
        return None;
    }
    Some(rules)
}

fn rule(spot: &Spot<'_>) -> Option<Rule> {
    let map = spot.map(&KEYS)?;
    let name = map.required("name").and_then(Spot::name);
    let description = map.optional("description").map(|s| s.text().map(str::to_owned));
    let owner = map.optional("owner").map(team);
    let condition = map.required("if").and_then(condition);
    let then = map.required("then").and_then(then);
    let goes_on = map.optional("continue").map_or(Some(false), |s| s.choice(&YES_OR_NO));
    let (description, owner) = (whole(description)?, whole(owner)?);
    Some(Rule { name: name?, description, owner, condition: condition?, then: then?, goes_on: goes_on? })
}

/// What is not there is fine; what is there has to be read.
fn whole<T>(found: Option<Option<T>>) -> Option<Option<T>> {
    match found {
        None => Some(None),
        Some(read) => read.map(Some),
    }
}

fn team(spot: &Spot<'_>) -> Option<TeamId> {
    let team: TeamId = spot.parsed(str::parse)?;
    spot.refers_to(Section::Teams, team.as_str());
    Some(team)
}

/// An expression may go over several lines, and YAML reads `true` as no text.
fn condition(spot: &Spot<'_>) -> Option<String> {
    let text = match &spot.node.value {
        Value::Text(text) => text.trim(),
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        Value::Null | Value::Number(_) | Value::List(_) | Value::Map(_) => {
            spot.fail("is no condition; write one in quotes, such as 'labels.env == \"dev\"'");
            return None;
        }
    };
    compiled(spot, Expression::compile_condition(text)).map(|_| text.to_owned())
}

fn compiled<T>(spot: &Spot<'_>, compiled: Result<T, String>) -> Option<T> {
    compiled.map_err(|problem| spot.fail(problem)).ok()
}

fn then(spot: &Spot<'_>) -> Option<RuleActions> {
    let map = spot.map(&THEN_KEYS)?;
    let route = map.optional("route").map(service::name);
    let suppress = map.optional("suppress").map(reason);
    let pause_seconds = map.optional("pause").map(pause);
    let severity = map.optional("severity").map(|s| s.choice(&SEVERITIES));
    let priority = map.optional("priority").map(|s| s.choice(&PRIORITIES));
    let dedup_key = template(&map, "dedup_key", Template::compile);
    let title = template(&map, "title", Template::compile);
    let runbook = template(&map, "runbook", Template::compile_address);
    let labels = map.optional("labels").map_or(Some(BTreeMap::new()), labels);
    let then = RuleActions {
        route: whole(route)?,
        suppress: whole(suppress)?,
        pause_seconds: whole(pause_seconds)?,
        severity: whole(severity)?,
        priority: whole(priority)?,
        dedup_key: whole(dedup_key)?,
        title: whole(title)?,
        labels: labels?,
        runbook: whole(runbook)?,
    };
    if then.is_empty() {
        spot.fail("does nothing; write what is done, such as { suppress: planned tests }, or remove the rule");
        return None;
    }
    if then.suppress.is_some() && then.pause_seconds.is_some() {
        spot.fail("pauses what it suppresses; remove one of them");
        return None;
    }
    Some(then)
}

fn reason(spot: &Spot<'_>) -> Option<String> {
    let text = spot.name()?;
    compiled(spot, Template::compile(&text)).map(|_| text)
}

fn pause(spot: &Spot<'_>) -> Option<u32> {
    let seconds = spot.seconds()?;
    if PAUSE_SECONDS.contains(&seconds) {
        return Some(seconds);
    }
    spot.fail("must be between 1s and 1h; for longer use a maintenance window");
    None
}

fn template(map: &Map<'_>, key: &str, compile: fn(&str) -> Result<Template, String>) -> Option<Option<String>> {
    let spot = map.optional(key)?;
    Some(spot.text().and_then(|text| compiled(spot, compile(text)).map(|_| text.to_owned())))
}

fn labels(spot: &Spot<'_>) -> Option<BTreeMap<String, String>> {
    let pairs = spot.pairs(|value| {
        let text = value.text()?;
        compiled(value, Template::compile(text)).map(|_| text.to_owned())
    })?;
    if pairs.len() > LABELS_MAX {
        spot.fail(format!("are {}; {LABELS_MAX} are the most", pairs.len()));
        return None;
    }
    let mut labels = BTreeMap::new();
    for (key, value) in pairs {
        let Some(key) = Labels::key(&key) else {
            spot.fail(maintenance::no_label(&key));
            return None;
        };
        labels.insert(key, value);
    }
    Some(labels)
}
