//! `--replay`: rules are tried on the alerts that came in, and what would be different is told.
//!
//! It also says which rules were for none of them: a rule that never matches is seen here, and costs nothing where alerts come in.

use std::collections::BTreeMap;

use hansho_routing::{Outcome, Reading, Subject, body};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{RouteArguments, language, words};
use crate::commands::{
    client::{Client, query},
    decide::Rules,
    simulate::Source,
};

/// Most alerts that are looked at.
const ALERTS_MAX: usize = 50_000;
/// Most pages that are asked for.
const PAGES_MAX: usize = 20_000;

#[derive(Deserialize)]
struct Page {
    alerts: Vec<Stored>,
    next: Option<String>,
}

/// An alert that came in, and what became of it.
#[derive(Deserialize)]
struct Stored {
    received_at: Timestamp,
    raw: String,
    reading: Reading,
    #[serde(default)]
    incident: Option<String>,
    #[serde(default)]
    suppressed: Option<Suppressed>,
    #[serde(default)]
    outcome: Option<Became>,
}

#[derive(Deserialize)]
struct Suppressed {
    /// The rule that did it; none for what was out of order or suppressed at its source.
    #[serde(default)]
    rule: Option<String>,
    #[serde(default)]
    service: Option<String>,
}

#[derive(Deserialize)]
struct Became {
    service: String,
    severity: String,
    dedup_key: String,
}

/// What is compared, by name.
type Facts = BTreeMap<&'static str, String>;

/// One alert that would go another way.
pub(super) struct Different {
    pub(super) received_at: Timestamp,
    pub(super) title: String,
    pub(super) incident: Option<String>,
    /// What, how it was, and how it would be.
    pub(super) facts: Vec<(&'static str, String, String)>,
    pub(super) rules: Vec<String>,
}

/// What came of it all.
pub(super) struct Replayed {
    pub(super) since: Timestamp,
    pub(super) alerts: usize,
    pub(super) different: Vec<Different>,
    /// Rules that fired, how often each.
    pub(super) fired: BTreeMap<String, usize>,
    /// Rules that were for none.
    pub(super) never: Vec<String>,
    /// Rules that could not be evaluated on some.
    pub(super) failed: BTreeMap<String, usize>,
    /// There were more alerts than are looked at.
    pub(super) is_cut: bool,
}

pub(super) async fn run(asked: &RouteArguments, source: &Source, back: SignedDuration) -> Result<String, String> {
    let client = Client::new(&asked.server).map_err(|error| error.to_string())?;
    let now = clock(&client).await.unwrap_or_else(|| source.now());
    let since = now.saturating_sub(back).map_err(|_| "--replay: that is before all time".to_owned())?;
    let replayed = replay(&client, source, since, now).await?;
    Ok(if asked.json { format!("{:#}\n", as_json(&replayed)) } else { words::replayed(language(asked), &replayed) })
}

/// What the clock of the Hansho that runs shows: its alerts are by that.
async fn clock(client: &Client) -> Option<Timestamp> {
    client.get("/services").await.ok()?.get("now")?.as_str()?.parse().ok()
}

async fn replay(client: &Client, source: &Source, since: Timestamp, now: Timestamp) -> Result<Replayed, String> {
    let mut rules = Rules::of(source);
    let mut replayed = Replayed {
        since,
        alerts: 0,
        different: Vec::new(),
        fired: BTreeMap::new(),
        never: Vec::new(),
        failed: BTreeMap::new(),
        is_cut: false,
    };
    let mut cursor = None;
    for _ in 0..PAGES_MAX {
        let pairs = [("from", Some(since.to_string())), ("to", Some(now.to_string())), ("cursor", cursor)];
        let answer = client.get(&format!("/alerts{}", query(&pairs))).await.map_err(|error| error.to_string())?;
        let page: Page = serde_json::from_value(answer).map_err(|error| format!("the list of alerts can not be read: {error}"))?;
        for stored in &page.alerts {
            try_on(&mut rules, stored, &mut replayed).await?;
        }
        cursor = page.next;
        replayed.is_cut = replayed.alerts >= ALERTS_MAX && cursor.is_some();
        if cursor.is_none() || replayed.is_cut {
            break;
        }
    }
    let spoken = |of: &Option<hansho_domain::ServiceId>, rule: &str| spoken(of.as_ref(), rule);
    let names = rules.names().await?;
    replayed.never = names.iter().map(|(of, rule)| spoken(of, rule)).filter(|name| !replayed.fired.contains_key(name)).collect();
    Ok(replayed)
}

async fn try_on(rules: &mut Rules<'_>, stored: &Stored, replayed: &mut Replayed) -> Result<(), String> {
    let Some(subject) = &stored.reading.subject else { return Ok(()) };
    // What was out of order, or suppressed where it is from, is so whatever rules say.
    if stored.suppressed.as_ref().is_some_and(|suppressed| suppressed.rule.is_none()) {
        return Ok(());
    }
    replayed.alerts += 1;
    let event = &stored.reading.event;
    let seen = event.body.clone().unwrap_or_else(|| body(&stored.raw));
    let outcome = rules.decide(subject.clone(), event, &seen).await?;
    let mut fired = Vec::new();
    for tried in &outcome.trace.rules {
        let name = spoken(tried.of.as_ref(), &tried.rule);
        match &tried.verdict {
            hansho_routing::Verdict::Fired { .. } => {
                *replayed.fired.entry(name.clone()).or_default() += 1;
                fired.push(name);
            }
            hansho_routing::Verdict::Failed { .. } => *replayed.failed.entry(name).or_default() += 1,
            hansho_routing::Verdict::Passed => {}
        }
    }
    let (was, would_be) = (was(stored, subject), would_be(&outcome));
    let differs = |(name, was): (&&'static str, &String)| {
        let would_be = would_be.get(name).filter(|would_be| *would_be != was)?;
        Some((*name, was.clone(), would_be.clone()))
    };
    let facts: Vec<_> = was.iter().filter_map(differs).collect();
    if !facts.is_empty() {
        let (received_at, incident) = (stored.received_at, stored.incident.clone());
        replayed.different.push(Different { received_at, title: subject.title.clone(), incident, facts, rules: fired });
    }
    Ok(())
}

fn was(stored: &Stored, subject: &Subject) -> Facts {
    let mut facts = Facts::new();
    if let Some(suppressed) = &stored.suppressed {
        facts.insert("result", "suppressed".to_owned());
        facts.insert("service", suppressed.service.clone().unwrap_or_else(|| subject.service.to_string()));
    } else {
        facts.insert("result", "incident".to_owned());
        if let Some(became) = &stored.outcome {
            facts.insert("service", became.service.clone());
            facts.insert("severity", became.severity.clone());
            facts.insert("dedup_key", became.dedup_key.clone());
        }
    }
    facts
}

fn would_be(outcome: &Outcome) -> Facts {
    let severity = outcome.subject.severity.map(|severity| json!(severity).as_str().unwrap_or_default().to_owned());
    let result = if outcome.suppression.is_some() { "suppressed" } else { "incident" };
    let facts = [
        ("result", Some(result.to_owned())),
        ("service", Some(outcome.subject.service.to_string())),
        ("severity", severity),
        ("dedup_key", Some(outcome.subject.dedup_key.to_string())),
    ];
    facts.into_iter().filter_map(|(name, fact)| Some((name, fact?))).collect()
}

/// A rule as it is told: `dev`, or `checkout/flapping` for one of a service.
fn spoken(of: Option<&hansho_domain::ServiceId>, rule: &str) -> String {
    of.map_or_else(|| rule.to_owned(), |of| format!("{of}/{rule}"))
}

fn as_json(replayed: &Replayed) -> Value {
    let different: Vec<Value> = replayed
        .different
        .iter()
        .map(|one| {
            let facts: BTreeMap<&str, Value> =
                one.facts.iter().map(|(name, was, would_be)| (*name, json!({ "was": was, "would_be": would_be }))).collect();
            json!({ "received_at": one.received_at, "title": one.title, "incident": one.incident, "differs": facts, "rules": one.rules })
        })
        .collect();
    json!({
        "since": replayed.since,
        "alerts": replayed.alerts,
        "is_cut": replayed.is_cut,
        "different": different,
        "fired": replayed.fired,
        "failed": replayed.failed,
        "never": replayed.never,
    })
}
