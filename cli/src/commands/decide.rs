//! What rules make of an alert that is not taken in: those of a folder, or those in force in a Hansho that runs.

use std::collections::BTreeMap;

use hansho_domain::{Rule, ServiceId};
use hansho_routing::{Decision, Event, Outcome, RuleSet, Subject};
use serde_json::Value;

use super::simulate::Source;

/// Rules that are compiled, those of services when they are asked for first.
pub(super) struct Rules<'a> {
    source: &'a Source,
    global: RuleSet,
    own: BTreeMap<ServiceId, RuleSet>,
}

impl<'a> Rules<'a> {
    /// The rules of a source.
    pub(super) fn of(source: &'a Source) -> Self {
        Self { source, global: RuleSet::compile(&source.routes().rules), own: BTreeMap::new() }
    }

    /// What they come to. As where alerts are taken in: those for all alerts, then those of the service that it leads to.
    pub(super) async fn decide(&mut self, subject: Subject, event: &Event, body: &Value) -> Result<Outcome, String> {
        let mut decision = Decision::new(subject, event, body);
        decision.apply(&self.global, None);
        let service = decision.service().clone();
        if !decision.is_over() && self.source.routes().has_rules_of(&service) {
            if !self.own.contains_key(&service) {
                let rules: Vec<Rule> = self.source.rules_of(&service).await?;
                self.own.insert(service.clone(), RuleSet::compile(&rules));
            }
            if let Some(own) = self.own.get(&service) {
                decision.apply(own, Some(&service));
            }
        }
        Ok(decision.finish())
    }

    /// The names of all rules, each with the service whose own it is.
    pub(super) async fn names(&self) -> Result<Vec<(Option<ServiceId>, String)>, String> {
        let routes = self.source.routes();
        let mut names: Vec<_> = routes.rules.iter().map(|rule| (None, rule.name.clone())).collect();
        for service in routes.services.iter().filter(|service| service.has_rules) {
            let rules = self.source.rules_of(&service.id).await?;
            names.extend(rules.into_iter().map(|rule| (Some(service.id.clone()), rule.name)));
        }
        Ok(names)
    }
}
