//! Law 6: every signal that was accepted is on a timeline, counted on an incident, or on the list of suppressed alerts, by the rule that
//! decided; each time that it was taken in makes one account of it, and none is made of nothing.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::{Actor, Incident, Phase, ServiceId, TimelineEntry};
use hansho_store::Suppressed;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    laws::Broken,
    signals::{self, Asks, Expected, Says},
    world::World,
};

/// What the timelines of a merge or of people's forms are not about.
const TOLD_BY: [&str; 4] = ["alert-", "clear-", "note-", "acknowledge-"];
/// How reasons begin that no rule of a configuration gives.
const REASONS: [&str; 4] = ["out of order: ", "resolved by its source: ", "acknowledged by its source: ", "it changes nothing: "];
/// The way in of what Hansho says of itself.
const OWN: &str = "hansho";

/// What a write of the table says about a signal.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// It is on a timeline; the incident as it is then.
    Told(Box<Incident>),
    /// So many signals are counted on the incident that holds the key.
    Counted(u64),
    /// It is on the list of suppressed alerts.
    Suppressed(Box<Suppressed>),
    /// It is a change, and kept.
    Changed,
}

/// One account of a signal: a write that has run.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// The invocation that made it.
    task: u64,
    /// The way in of the signal.
    integration: String,
    /// Where the key of its trouble is, if the write says so.
    pointer: Option<String>,
    /// The alert, if the write says so.
    alert: Option<String>,
    what: What,
}

/// Everything that was seen of signals.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    all: Vec<Account>,
    /// How often signals were counted at each key since its incident opened.
    counted: BTreeMap<String, u64>,
    /// How often each entry of the list of suppressed alerts was written.
    suppressed: BTreeMap<(String, String), u64>,
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.get("S")?.as_str()
}

impl Accounts {
    /// Looks at an item that was put.
    pub(crate) fn put(&mut self, task: u64, item: &Value) {
        let (pk, sk) = (text(item, "pk").unwrap_or_default(), text(item, "sk").unwrap_or_default());
        if is_pointer(pk, sk) {
            self.counted.insert(pk.to_owned(), 0);
        } else if pk.starts_with("CHANGES#") {
            let made: Value = text(item, "body").and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
            let integration = made["integration"].as_str().unwrap_or_default().to_owned();
            self.all.push(Account { task, integration, pointer: None, alert: None, what: What::Changed });
        }
    }

    /// Looks at a commit.
    pub(crate) fn commit(&mut self, task: u64, incident: &Incident, entry: Option<&TimelineEntry>) {
        let Some(entry) = entry else { return };
        let Some(rest) = TOLD_BY.iter().find_map(|by| entry.input.as_str().strip_prefix(by)) else { return };
        let Actor::Integration(integration) = &entry.actor else { return };
        let integration = integration.to_string();
        // What follows the name says how it differs from the one before.
        let alert = rest.split_once('-').map_or(rest, |(alert, _)| alert).to_owned();
        // A merged incident's signals have keys of their own.
        let pointer = incident.merged.is_empty().then(|| pointer(incident.integration.as_str(), incident.dedup_key.as_str()));
        self.all.push(Account { task, integration, pointer, alert: Some(alert), what: What::Told(Box::new(incident.clone())) });
    }

    /// Looks at an update; `alone` when it is no part of a transaction.
    pub(crate) fn update(&mut self, task: u64, update: &Value, alone: bool) {
        let (key, values) = (&update["Key"], &update["ExpressionAttributeValues"]);
        let (pk, sk) = (text(key, "pk").unwrap_or_default(), text(key, "sk").unwrap_or_default());
        let expression = update["UpdateExpression"].as_str().unwrap_or_default();
        let alert = text(values, ":id").map(str::to_owned);
        if is_pointer(pk, sk) {
            let number = |name: &str| values.get(name)?["N"].as_str()?.parse::<u64>().ok();
            let counts = expression.contains("ADD repeats").then(|| number(":repeats").or_else(|| number(":one"))).flatten();
            let Some(count) = counts else { return };
            *self.counted.entry(pk.to_owned()).or_default() += count;
            // In a transaction the timeline is the account.
            if alone {
                let integration = pk.split('#').nth(1).unwrap_or_default().to_owned();
                self.all.push(Account { task, integration, pointer: Some(pk.to_owned()), alert, what: What::Counted(count) });
            }
        } else if let Some(alert) = sk.strip_prefix("ALERT#").filter(|_| pk.starts_with("SUPPRESSED#"))
            && let Some(made) = text(values, ":body").and_then(|body| serde_json::from_str::<Suppressed>(body).ok())
        {
            *self.suppressed.entry((pk.to_owned(), sk.to_owned())).or_default() += 1;
            let (alert, pointer) = (Some(alert.to_owned()), Some(pointer(made.integration.as_str(), made.dedup_key.as_str())));
            self.all.push(Account {
                task,
                integration: made.integration.to_string(),
                pointer,
                alert,
                what: What::Suppressed(Box::new(made)),
            });
        }
    }
}

impl Accounts {
    /// How many of each kind there were.
    pub(crate) fn totals(&self) -> BTreeMap<&'static str, u64> {
        let mut totals = BTreeMap::new();
        for account in &self.all {
            let what = match &account.what {
                What::Told(_) if account.is_own() => "limit of a key",
                What::Told(_) => "signal on a timeline",
                What::Counted(1) => "signal counted",
                What::Counted(_) => "signals counted together",
                What::Suppressed(made) if made.rule.is_some() => "signal suppressed by a rule",
                What::Suppressed(_) => "signal suppressed",
                What::Changed => "change",
            };
            *totals.entry(what).or_default() += 1;
        }
        totals
    }
}

/// Whether this is where a key's incident stands, and no alias of the key.
pub(crate) fn is_pointer(pk: &str, sk: &str) -> bool {
    pk.starts_with("DEDUP#") && sk == "POINTER"
}

/// Where the key of a trouble is.
fn pointer(integration: &str, dedup_key: &str) -> String {
    let hash: String = Sha256::digest(dedup_key.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("DEDUP#{integration}#{hash}")
}

/// An invocation that was handed signals.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) says: Vec<Says>,
    /// When it was over.
    pub(crate) over_ms: i64,
    pub(crate) outcome: Outcome,
}

/// What the sender heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing, or that it is to try again.
    Unheard,
    /// It is taken in.
    Accepted,
    /// It can not be used.
    Refused,
}

/// Checks law 6.
pub(crate) fn check(world: &World, accounts: &Accounts, broken: &mut Vec<Broken>) {
    let mut of_task: BTreeMap<u64, Vec<&Account>> = BTreeMap::new();
    for account in accounts.all.iter().filter(|account| !account.is_own()) {
        of_task.entry(account.task).or_default().push(account);
    }
    // What one invocation counted for others that came in at the same time.
    let mut shared: BTreeMap<&str, u64> = BTreeMap::new();
    for account in &accounts.all {
        if let (What::Counted(count @ 2..), Some(pointer)) = (&account.what, &account.pointer) {
            *shared.entry(pointer).or_default() += count - 1;
        }
    }
    let known: BTreeSet<&str> = accounts.all.iter().filter_map(|account| account.alert.as_deref()).collect();
    let none = Vec::new();
    for (task, attempt) in &world.attempts {
        // What is over, and that somebody is on it, may be about several incidents: one account is on several timelines.
        let mut made = of_task.get(task).unwrap_or(&none).clone();
        let mut told = BTreeSet::new();
        made.retain(|account| !matches!(account.what, What::Told(_)) || told.insert(&account.alert));
        let made = &made;
        if made.len() > attempt.says.len() {
            broken.push((
                "6",
                format!("invocation {task} was handed {} signals and accounts for {}: {made:?}", attempt.says.len(), made.len()),
            ));
        }
        check_heard(world, *task, attempt, made, &known, &mut shared, broken);
        if let ([says], [account]) = (attempt.says.as_slice(), made.as_slice()) {
            let possible = possible(world, attempt, says);
            if let Err(why) = account.is_as(says, attempt.outcome, &possible) {
                broken.push(("6", format!("invocation {task} was handed {says:?}, and {why}: {account:?}, not {possible:?}")));
            }
        }
    }
}

/// Whoever heard that it is taken in finds an account of it.
fn check_heard(
    world: &World,
    task: u64,
    attempt: &Attempt,
    made: &[&Account],
    known: &BTreeSet<&str>,
    shared: &mut BTreeMap<&str, u64>,
    broken: &mut Vec<Broken>,
) {
    if attempt.outcome == Outcome::Unheard || made.len() >= attempt.says.len() {
        return;
    }
    for says in &attempt.says {
        let is_known = match &says.alert {
            // The same alarm or mail may have been taken in before.
            Some(alert) => known.contains(alert.as_str()),
            // Events are all different; one may have been counted together with others.
            None => possible(world, attempt, says).iter().any(|expected| {
                let pointer = expected.key.as_ref().map(|key| pointer(&says.integration, key));
                let left = pointer.and_then(|pointer| shared.get_mut(pointer.as_str()));
                left.is_some_and(|left| {
                    let is_left = *left > 0;
                    *left = left.saturating_sub(1);
                    is_left
                })
            }),
        };
        if !is_known {
            broken.push(("6", format!("invocation {task} accepted {says:?}, and it is nowhere")));
        }
    }
}

/// What may become of a signal, by each of the configurations that may have been in force.
fn possible(world: &World, attempt: &Attempt, says: &Says) -> Vec<Expected> {
    let teams = world.applied.iter().filter(|(at, _)| *at <= attempt.over_ms).map(|(_, team)| *team);
    let mut possible: Vec<Expected> = Vec::new();
    for team in teams.collect::<BTreeSet<_>>() {
        let expected = signals::expected(world.ruled.get(team).copied().unwrap_or_default(), says);
        if !possible.contains(&expected) {
            possible.push(expected);
        }
    }
    possible
}

impl Account {
    /// Whether it is about Hansho itself: that a key is at its limit.
    fn is_own(&self) -> bool {
        self.integration == OWN
    }

    /// Whether it is what becomes of the signal.
    fn is_as(&self, says: &Says, outcome: Outcome, possible: &[Expected]) -> Result<(), &'static str> {
        match &self.what {
            What::Suppressed(made) => return is_suppressed_as(made, says, outcome, possible),
            What::Changed if says.asks == Asks::Change => return Ok(()),
            What::Changed => return Err("it is kept as a change"),
            What::Told(_) | What::Counted(_) => {}
        }
        if matches!(says.asks, Asks::Change | Asks::Nothing | Asks::Quiet(_)) {
            return Err("it is on a timeline");
        }
        let is_possible = |expected: &Expected| {
            let key = expected.key.as_ref().map(|key| pointer(&says.integration, key));
            let has_key = key.is_none_or(|key| self.pointer.as_ref().is_none_or(|pointer| *pointer == key));
            has_key && (says.asks != Asks::Trigger || expected.suppressed.is_none() && self.has_opened_as(says, expected))
        };
        if possible.iter().any(is_possible) { Ok(()) } else { Err("it went elsewhere") }
    }

    /// Whether the incident that it opened is about the right service, called and rated as it should be, and paused if it should be.
    fn has_opened_as(&self, says: &Says, expected: &Expected) -> bool {
        let What::Told(incident) = &self.what else { return true };
        let is_alarm = says.title.is_empty();
        let is_catch_all = incident.service == ServiceId::catch_all();
        incident.version > 1
            || incident.severity == expected.severity
                && (is_alarm || incident.title == expected.title)
                // A service may be gone by then, and what is its is the catch-all service's.
                && (is_catch_all || expected.is_of_service)
                && (!expected.is_paused || is_catch_all || matches!(incident.phase, Phase::Held { .. }))
    }
}

fn is_suppressed_as(made: &Suppressed, says: &Says, outcome: Outcome, possible: &[Expected]) -> Result<(), &'static str> {
    let begins = |reason: &str| made.reason.starts_with(reason);
    let is_as = match says.asks {
        Asks::Quiet(reason) => begins(reason),
        Asks::Nothing => begins("refused: ") && outcome != Outcome::Accepted,
        Asks::Change => false,
        Asks::Trigger | Asks::Acknowledge | Asks::Resolve => match &made.rule {
            Some(rule) => possible.iter().any(|expected| expected.suppressed == Some(rule.as_str()) && says.asks == Asks::Trigger),
            None => REASONS.iter().any(|reason| begins(reason)),
        },
    };
    if is_as { Ok(()) } else { Err("that is not why it is suppressed") }
}

/// Checks that what was accounted for is in the table, so often as it was.
pub(crate) fn check_at_rest(world: &World) -> Vec<Broken> {
    let (counted, suppressed) = {
        let state = world.board.state();
        let accounts = &state.history.accounts;
        (accounts.counted.clone(), accounts.suppressed.clone())
    };
    let mut broken = Vec::new();
    for (pk, counted) in counted {
        let items = world.partition(&pk);
        let pointer = items.iter().find(|item| item["sk"]["S"] == "POINTER");
        let kept = pointer.and_then(|item| item["repeats"]["N"].as_str()?.parse::<u64>().ok());
        if kept.unwrap_or_default() != counted {
            broken.push(("6", format!("{pk} says that {kept:?} were counted since its incident opened, and {counted} were")));
        }
    }
    let days: BTreeSet<&String> = suppressed.keys().map(|(pk, _)| pk).collect();
    let listed: Vec<Value> = days.into_iter().flat_map(|pk| world.partition(pk)).collect();
    for ((pk, sk), times) in &suppressed {
        let entry = listed.iter().find(|item| item["pk"]["S"] == **pk && item["sk"]["S"] == **sk);
        let kept = entry.and_then(|item| item["times"]["N"].as_str()?.parse::<u64>().ok());
        if kept != Some(*times) {
            broken.push(("6", format!("{pk} {sk} is on the list of suppressed alerts {kept:?} times, and was put there {times} times")));
        }
    }
    if listed.len() != suppressed.len() {
        broken
            .push(("6", format!("{} alerts are on the list of suppressed alerts, and {} were put there", listed.len(), suppressed.len())));
    }
    broken
}
