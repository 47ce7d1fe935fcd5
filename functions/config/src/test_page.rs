//! A test page for whoever runs the deployment: it pages one person as any page would, and says what became of it.

use hansho_domain::{Actor, IncidentId, Language, Recipient, Urgency, User, UserId};
use hansho_store::{Delivery, StoreError, TestPageAsked, TestPageRequest, person_of_test_page};
use serde_json::{Value, json};

use crate::{Config, answer, request::Request};

/// Most names of people that are told to whoever has misspelt one.
const NAMES_MAX: usize = 100;

impl Config {
    /// Pages this person, and nobody else. The same `id` again pages nobody. Whom nobody knows, who has no way to be told and who was
    /// paged so a moment ago are answers.
    pub(crate) async fn send_test_page(&self, user: &UserId, id: &str, request: &Request) -> Result<Value, StoreError> {
        let version = self.store.stored_configuration_version().await?;
        let Some(profile) = self.store.profile_in(user, version).await? else {
            return self.nobody(user, version).await;
        };
        let (title, details) = words(profile.user.language(), &request.author().by);
        // What the form on their own pages asks for has other ids.
        let asked = TestPageRequest { id: &format!("config/{id}"), title, details: &details, by: &Actor::Hansho };
        Ok(match self.store.open_test_page(user, &asked).await? {
            TestPageAsked::Sent(incident) | TestPageAsked::Known(incident) => {
                tracing::info!(incident.id = %incident, user.id = %user, "a test page was asked for");
                json!({ "result": "test_page_sent", "user": user, "incident": incident, "rules": rules(&profile.user) })
            }
            TestPageAsked::TooOften { again_at } => {
                let message = format!("{user} was sent a test page of late, and each rings and costs money; try again after {again_at}");
                refused("too_often", &message, &json!({ "again_at": again_at }))
            }
            TestPageAsked::Nobody => {
                let message =
                    format!("{user} has no way to be told; give them a phone, an email or a webhook in the configuration, and apply");
                refused("no_contact", &message, &json!({}))
            }
        })
    }

    /// What became of a test page.
    pub(crate) async fn test_page(&self, incident: IncidentId) -> Result<Value, StoreError> {
        let found = self.store.incident(incident).await?.map(|stored| stored.incident);
        let Some((page, user)) = found.and_then(|incident| person_of_test_page(&incident).map(|user| (incident, user))) else {
            return Ok(answer::refused(&format!("{incident} is no test page; name the incident that send_test_page has answered")));
        };
        let newest = self.store.test_page(&user).await?;
        let answered = newest.filter(|newest| newest.incident == incident && newest.is_answered).and_then(|newest| newest.answered);
        let answered = answered.map(|(at, method)| json!({ "at": at, "by": method, "wakes": method.wakes() }));
        let (_, deliveries) = self.store.timeline(incident).await?;
        let deliveries: Vec<Value> = deliveries.iter().filter_map(told).collect();
        Ok(json!({
            "result": "test_page", "incident": incident, "user": user, "phase": page.phase.name().as_str(), "answered": answered,
            "deliveries": deliveries,
        }))
    }

    /// Nobody has this name, and who there is.
    async fn nobody(&self, user: &UserId, version: u64) -> Result<Value, StoreError> {
        let files = self.store.configuration_text(version).await?.unwrap_or_default().0;
        let loaded = hansho_configuration::load_stored(&files).map(|(loaded, _)| loaded).ok();
        let users = loaded.iter().flat_map(|loaded| loaded.configuration.users());
        let known: Vec<&str> = users.map(|user| user.id().as_str()).collect();
        if known.is_empty() {
            return Ok(answer::refused("no configuration is in force, so there is nobody to page; apply one with `hansho apply`"));
        }
        let told = &known[..known.len().min(NAMES_MAX)];
        let more = known.len() - told.len();
        let near = hansho_configuration::did_you_mean(user.as_str(), known.iter().copied());
        let and_more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let message = format!("there is no user {user}, so nobody was paged{near}; there are {}{and_more}", told.join(", "));
        Ok(refused("unknown_user", &message, &json!({ "users": told, "more_users": more })))
    }
}

/// The refusal with its reason as a word, for a command that says it in its own.
fn refused(reason: &str, message: &str, more: &Value) -> Value {
    let mut answer = answer::refused(message);
    answer["reason"] = json!(reason);
    for (name, value) in more.as_object().into_iter().flatten() {
        answer[name] = value.clone();
    }
    answer
}

/// Title and details, in the language of whoever is woken: they did not ask for it.
fn words(language: Language, by: &str) -> (&'static str, String) {
    match language {
        Language::En => (
            "Test page: nothing is wrong. Tap to answer it.",
            format!("{by} tries whether pages reach you. No system is affected, and nobody else was called."),
        ),
        Language::Ja => (
            "テストの呼び出しです。障害ではありません。ボタンを押して応答してください。",
            format!("呼び出しが届くかを {by} が確認しています。影響を受けているシステムはなく、他の人は呼び出されていません。"),
        ),
    }
}

/// By which of their rules it comes: quiet times do not hold for a test page.
fn rules(user: &User) -> Vec<Value> {
    let rules = user.rules(Urgency::High);
    rules.iter().map(|rule| json!({ "after_seconds": rule.after_seconds, "by": rule.by, "wakes": rule.by.wakes() })).collect()
}

fn told(delivery: &Delivery) -> Option<Value> {
    let Recipient::Person { method, .. } = &delivery.notification.to else { return None };
    let reason = delivery.reason.as_deref().filter(|reason| !reason.is_empty());
    Some(json!({ "by": method, "wakes": method.wakes(), "state": delivery.state.as_str(), "reason": reason }))
}
