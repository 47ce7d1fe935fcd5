//! The rules in force, compiled once for each version of them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use hansho_domain::{Bundle, Routes, ServiceId};
use hansho_routing::{Decision, Event, Outcome, RuleSet, Subject};
use hansho_store::{Store, StoreError};

/// Of how many services a warm function keeps the compiled rules.
const SERVICES_MAX: usize = 200;

/// Rules that are compiled, with what they were compiled from: that is read anew when there is another version of it.
#[derive(Debug, Default)]
pub(crate) struct Rules(Mutex<Compiled>);

#[derive(Debug, Default)]
struct Compiled {
    global: Option<(Arc<Routes>, Arc<RuleSet>)>,
    own: BTreeMap<ServiceId, (Arc<Bundle>, Arc<RuleSet>)>,
}

impl Rules {
    /// What the rules in force make of a signal; `None` where there are none for it, and nothing was even looked at.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub(crate) async fn decide(&self, store: &Store, subject: &Subject, event: &Event, raw: &str) -> Result<Option<Outcome>, StoreError> {
        let routes = store.routes().await?;
        if routes.rules.is_empty() && !routes.has_rules_of(&subject.service) {
            return Ok(None);
        }
        let body = event.body_of(raw);
        let mut decision = Decision::new(subject.clone(), event, &body);
        decision.apply(&self.global(&routes), None);
        let service = decision.service().clone();
        if !decision.is_over()
            && routes.has_rules_of(&service)
            && let Some(own) = self.own(store, &service).await?
        {
            decision.apply(&own, Some(&service));
        }
        Ok(Some(decision.finish()))
    }

    fn global(&self, routes: &Arc<Routes>) -> Arc<RuleSet> {
        let mut compiled = self.compiled();
        match &compiled.global {
            Some((of, rules)) if Arc::ptr_eq(of, routes) => Arc::clone(rules),
            _ => {
                let rules = Arc::new(RuleSet::compile(&routes.rules));
                compiled.global = Some((Arc::clone(routes), Arc::clone(&rules)));
                rules
            }
        }
    }

    /// The service's own rules. Without them it is paged all the same.
    async fn own(&self, store: &Store, service: &ServiceId) -> Result<Option<Arc<RuleSet>>, StoreError> {
        let bundle = match store.bundle(service).await {
            Ok(Some(bundle)) => bundle,
            Ok(None) => return Ok(None),
            Err(StoreError::Unreadable { key, .. }) => {
                tracing::error!(%key, "the rules of a service can not be read; apply the configuration again");
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let mut compiled = self.compiled();
        if let Some((of, rules)) = compiled.own.get(service)
            && Arc::ptr_eq(of, &bundle)
        {
            return Ok(Some(Arc::clone(rules)));
        }
        if compiled.own.len() >= SERVICES_MAX {
            compiled.own.clear();
        }
        let rules = Arc::new(RuleSet::compile(&bundle.service.spec().rules));
        compiled.own.insert(service.clone(), (bundle, Arc::clone(&rules)));
        Ok(Some(rules))
    }

    /// A thread that panicked while holding it left nothing half-done, so its poison is ignored.
    fn compiled(&self) -> std::sync::MutexGuard<'_, Compiled> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
