//! Rules: whether each can ever fire, says whose it is and why, and leaves something to page about.

use hansho_domain::{Rule, ServiceId};
use hansho_routing::Expression;

use super::Ground;
use crate::{names::Section, spelling::quoted, warning::WarningKind};

/// Where a list of rules stands.
enum List<'a> {
    Routes,
    Of(&'a ServiceId),
}

/// Checks the rules for all alerts, and those of every service.
pub(super) fn check(ground: &Ground<'_>) {
    check_list(ground, &List::Routes, ground.configuration.rules());
    for service in ground.configuration.services() {
        check_list(ground, &List::Of(service.id()), &service.spec().rules);
    }
}

fn check_list(ground: &Ground<'_>, list: &List<'_>, rules: &[Rule]) {
    let mut earlier: Vec<(&Rule, Expression)> = Vec::new();
    for (place, rule) in rules.iter().enumerate() {
        let Ok(condition) = Expression::compile(&rule.condition) else { continue };
        let warn = |kind, field: &str, message: String| warn(ground, list, place, kind, field, &message);
        if rule.owner.is_none() {
            let message = format!("the rule {} has no owner; add `owner` with the team to ask about it", quoted(&rule.name));
            warn(WarningKind::RuleWithoutOwner, "", message);
        }
        if rule.description.is_none() {
            let message = format!("the rule {} has no description; add `description` with what it is for", quoted(&rule.name));
            warn(WarningKind::RuleWithoutDescription, "", message);
        }
        if let Some(why) = condition.never_holds() {
            let message = format!("no alert is ever such: {why}; this rule never fires");
            warn(WarningKind::RuleConditionNeverTrue, "if", message);
        } else if let Some((by, _)) = earlier.iter().find(|(_, known)| known.is_always_true() || known.canonical() == condition.canonical())
        {
            let message = format!("the rule {} above takes every alert that this one is for; remove one, or move it up", quoted(&by.name));
            warn(WarningKind::RuleShadowed, "if", message);
        } else if rule.then.suppress.is_some() && condition.is_always_true() {
            let message = "suppresses every alert that gets here, so none of them pages anybody; say which ones".to_owned();
            warn(WarningKind::RuleSuppressesEverything, "if", message);
        }
        if !rule.goes_on {
            earlier.push((rule, condition));
        }
    }
}

fn warn(ground: &Ground<'_>, list: &List<'_>, place: usize, kind: WarningKind, field: &str, message: &str) {
    match list {
        List::Routes => ground.warn_of_route(kind, place, field, message),
        List::Of(service) => {
            let dot = if field.is_empty() { "" } else { "." };
            ground.warn(kind, Section::Services, service.as_str(), &format!("rules[{place}]{dot}{field}"), message);
        }
    }
}
