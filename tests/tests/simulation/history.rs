//! What happened, as the calls and their answers show it. Nothing is asked of the functions: only the table and the
//! providers count.

use std::collections::{BTreeMap, BTreeSet};

use hansho::local::aws::{Answer, Call, Service};
use hansho_domain::{Effect, EffectId, Incident, IncidentId, LiveMaintenance, Notice, Notification, Recipient, TimelineEntry};
use serde_json::Value;

use super::{accounts::Accounts, notices::Notices};

/// The excuse of a message whose acceptance the function never learned.
const NO_ANSWER: &str = "no answer";

/// One commit to an incident.
#[derive(Debug, Clone)]
pub(crate) struct Committed {
    /// Counts all calls.
    pub(crate) order: u64,
    pub(crate) ms: i64,
    pub(crate) incident: Incident,
    pub(crate) entry: Option<TimelineEntry>,
}

/// One message that a provider accepted.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) ms: i64,
    pub(crate) task: u64,
    pub(crate) channel: &'static str,
    /// The deliveries in it that are recorded as sent.
    pub(crate) deliveries: BTreeMap<EffectId, bool>,
    /// What kept the function from recording it.
    pub(crate) excuse: Option<&'static str>,
}

/// What one invocation knows.
#[derive(Debug, Default)]
struct Knows {
    /// Deliveries it has claimed, and when.
    claimed: BTreeMap<EffectId, u64>,
    /// The delivery for which it last closed a gate behind itself, and when. What it sends then is about this one and whatever it
    /// claims afterwards; an earlier claim of the same batch may have come to nothing.
    gate: Option<(String, u64)>,
    /// Incidents it has read, and when last.
    read: BTreeMap<IncidentId, u64>,
    /// The claim of a record that is being written.
    channel: Option<&'static str>,
}

impl Knows {
    /// The deliveries that the next message is about, and when each was claimed.
    fn in_the_message(&self) -> BTreeMap<EffectId, u64> {
        let is_in = |id: &EffectId, at: u64| self.gate.as_ref().is_none_or(|(holder, passed)| *holder == id.to_string() || at > *passed);
        self.claimed.iter().filter(|(id, at)| is_in(id, **at)).map(|(id, at)| (*id, *at)).collect()
    }
}

/// Trouble that befell the work for an incident.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    pub(crate) ms: i64,
    /// The incidents (or alerts) concerned; empty: all.
    pub(crate) about: BTreeSet<String>,
    /// By how much it may delay a page.
    pub(crate) cost_ms: i64,
}

/// How an alert was handed in.
#[derive(Debug, Default)]
pub(crate) struct HandedIn {
    /// When first, and when again after it was accepted: rules may have another mind by then.
    began_ms: Vec<i64>,
    /// Whether it waits to be accepted.
    waits: bool,
    pub(crate) is_accepted: bool,
}

impl HandedIn {
    pub(crate) fn begin(&mut self, ms: i64) {
        if !self.waits {
            self.began_ms.push(ms);
        }
        self.waits = true;
    }

    pub(crate) fn accept(&mut self) {
        (self.waits, self.is_accepted) = (false, true);
    }

    /// Since when it has been due at `ms`.
    pub(crate) fn due_ms(&self, ms: i64) -> Option<i64> {
        self.began_ms.iter().rev().find(|began| **began <= ms).copied()
    }
}

/// Everything that was seen.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) order: u64,
    pub(crate) commits: Vec<Committed>,
    pub(crate) effects: BTreeMap<EffectId, Notification>,
    /// When each notification became a row.
    pub(crate) rows: BTreeSet<String>,
    pub(crate) accepted: Vec<Accepted>,
    pub(crate) refused: Vec<(i64, EffectId)>,
    /// When a delivery closed a person's gate behind it: the gate and the delivery.
    pub(crate) gates: Vec<(i64, String, String)>,
    pub(crate) troubles: Vec<Trouble>,
    /// Alerts that were handed in.
    pub(crate) alerts: BTreeMap<String, HandedIn>,
    /// Alerts of which the table knows something.
    pub(crate) evidence: BTreeSet<String>,
    pub(crate) partitions: BTreeSet<String>,
    pub(crate) work_partitions: BTreeSet<String>,
    /// What the index of work has ever named, by partition: the item and when its work was due.
    pub(crate) once_indexed: BTreeMap<String, BTreeMap<(String, String), i64>>,
    /// What the table holds of live maintenance windows, as it came to hold it: when, and what.
    pub(crate) maintenance: Vec<(i64, LiveMaintenance)>,
    /// What the laws say against it, as soon as it is seen.
    pub(crate) broken: Vec<(&'static str, String)>,
    pub(crate) duplicates_explained: u64,
    /// How many of them an answer that was lost or late explains, by delivery.
    doubled_unanswered: BTreeMap<EffectId, u32>,
    /// Messages that belong to no incident.
    pub(crate) notices: Notices,
    /// What became of signals.
    pub(crate) accounts: Accounts,
    /// Whether the last message that a provider accepted was a notice.
    last_is_notice: bool,
    tokens: BTreeSet<String>,
    knows: BTreeMap<u64, Knows>,
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.get("S")?.as_str()
}

fn delivery_id(key: &Value, prefix: &str) -> Option<EffectId> {
    let incident = text(key, "pk")?.strip_prefix("INCIDENT#")?.parse().ok()?;
    let (version, index) = text(key, "sk")?.strip_prefix(prefix)?.split_once('#')?;
    Some(EffectId { incident, version: version.parse().ok()?, index: index.parse().ok()? })
}

impl History {
    /// Looks at a call that has run. Gives the outbox rows that are new.
    pub(crate) fn see(&mut self, task: Option<u64>, ms: i64, call: &Call, answer: &Answer) -> Vec<Value> {
        self.order += 1;
        if call.service != Service::DynamoDb || answer.status != 200 {
            return Vec::new();
        }
        let task = task.unwrap_or(0);
        let wanted = ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"].contains(&call.operation.as_str());
        let Some(body) = wanted.then(|| serde_json::from_slice::<Value>(&call.body).unwrap_or_default()) else { return Vec::new() };
        match call.operation.as_str() {
            "GetItem" => {
                let key = &body["Key"];
                if text(key, "sk") == Some("META")
                    && let Some(id) = text(key, "pk").and_then(|pk| pk.strip_prefix("INCIDENT#")?.parse().ok())
                {
                    self.knows.entry(task).or_default().read.insert(id, self.order);
                }
                Vec::new()
            }
            "PutItem" => self.put(task, ms, &[&body["Item"]]),
            "UpdateItem" => {
                self.update(task, ms, &body);
                self.accounts.update(task, &body, true);
                Vec::new()
            }
            "TransactWriteItems" => {
                // The same token again is the same transaction, answered again.
                let token = body["ClientRequestToken"].as_str().unwrap_or_default().to_owned();
                if !self.tokens.insert(token) {
                    return Vec::new();
                }
                let items = body["TransactItems"].as_array().map(Vec::as_slice).unwrap_or_default();
                for update in items.iter().filter_map(|item| item.get("Update")) {
                    self.update(task, ms, update);
                    self.accounts.update(task, update, false);
                }
                for key in items.iter().filter_map(|item| item.get("Delete")?.get("Key")) {
                    self.notices.delete(ms, text(key, "pk").unwrap_or_default(), text(key, "sk").unwrap_or_default());
                }
                let puts: Vec<&Value> = items.iter().filter_map(|item| item.get("Put")?.get("Item")).collect();
                self.put(task, ms, &puts)
            }
            _ => Vec::new(),
        }
    }

    fn put(&mut self, task: u64, ms: i64, items: &[&Value]) -> Vec<Value> {
        let mut rows = Vec::new();
        // A merge commits two incidents at once.
        let (mut incidents, mut entries) = (BTreeMap::new(), BTreeMap::new());
        for item in items {
            let (pk, sk) = (text(item, "pk").unwrap_or_default(), text(item, "sk").unwrap_or_default());
            self.partitions.insert(pk.to_owned());
            self.accounts.put(task, item);
            if let Some(work) = text(item, "work_pk") {
                self.work_partitions.insert(work.to_owned());
                if let Some(at) = item["work_at"]["N"].as_str().and_then(|at| at.parse().ok()) {
                    self.once_indexed.entry(work.to_owned()).or_default().insert((pk.to_owned(), sk.to_owned()), at);
                }
            }
            if let Some(alert) = sk.strip_prefix("ALERT#") {
                self.evidence.insert(alert.to_owned());
            }
            if let Some(alert) = text(item, "newest_id") {
                self.evidence.insert(alert.to_owned());
            }
            let body = text(item, "body").unwrap_or_default();
            if pk.starts_with("MAINTENANCE#") {
                self.maintenance.extend(serde_json::from_str(body).ok().map(|made| (ms, made)));
            }
            if self.notices.put(ms, pk, sk, body) {
                rows.push((*item).clone());
            }
            if pk.starts_with("INCIDENT#") && sk == "META" {
                incidents.extend(serde_json::from_str::<Incident>(body).ok().map(|incident| (pk, incident)));
            } else if sk.starts_with("ENTRY#") {
                entries.extend(serde_json::from_str::<TimelineEntry>(body).ok().map(|entry| (pk, entry)));
            } else if let Some(id) = delivery_id(item, "OUTBOX#") {
                // Its shard of deliveries is written by the transaction that makes the delivery.
                if self.rows.insert(id.to_string()) {
                    rows.push((*item).clone());
                }
                match serde_json::from_str::<Effect>(body) {
                    Ok(Effect::Notify(notification)) => drop(self.effects.insert(id, notification)),
                    Ok(Effect::FanOut(all)) => {
                        for (index, notification) in (id.index..).zip(all) {
                            self.effects.insert(EffectId { index, ..id }, notification);
                        }
                    }
                    Ok(Effect::ArmTimer { .. }) => {}
                    Err(error) => self.broken.push(("4", format!("the outbox row {id} can not be read: {error}"))),
                }
            }
        }
        for (pk, incident) in incidents {
            let entry = entries.remove(pk);
            self.accounts.commit(task, &incident, entry.as_ref());
            self.commits.push(Committed { order: self.order, ms, incident, entry });
        }
        rows
    }

    fn update(&mut self, task: u64, ms: i64, update: &Value) {
        let key = &update["Key"];
        let values = &update["ExpressionAttributeValues"];
        let pk = text(key, "pk").unwrap_or_default();
        self.partitions.insert(pk.to_owned());
        if let Some(work) = text(values, ":work") {
            self.work_partitions.insert(work.to_owned());
        }
        let expression = update["UpdateExpression"].as_str().unwrap_or_default();
        self.notices.update(task, self.order, ms, pk, expression, text(values, ":state"));
        if let Some(alert) = text(key, "sk").and_then(|sk| sk.strip_prefix("ALERT#")) {
            self.evidence.insert(alert.to_owned());
        }
        if text(key, "sk") == Some("GATE")
            && let (Some(_), Some(holder)) = (values.get(":opens"), text(values, ":me"))
        {
            self.gates.push((ms, pk.to_owned(), holder.to_owned()));
            self.knows.entry(task).or_default().gate = Some((holder.to_owned(), self.order));
        }
        if pk.starts_with("DEDUP#")
            && let Some(alert) = text(values, ":id")
        {
            self.evidence.insert(alert.to_owned());
        }
        if let Some(id) = delivery_id(key, "DELIVERY#") {
            let knows = self.knows.entry(task).or_default();
            if expression.contains("attempt") {
                knows.claimed.insert(id, self.order);
            } else if let Some(state) = text(values, ":state") {
                knows.claimed.remove(&id);
                if state == "sent" {
                    for accepted in self.accepted.iter_mut().filter(|accepted| accepted.task == task) {
                        if let Some(is_recorded) = accepted.deliveries.get_mut(&id) {
                            *is_recorded = true;
                        }
                    }
                }
            }
        }
    }

    /// How many messages providers have accepted.
    pub(crate) fn accepted_count(&self) -> usize {
        self.accepted.len() + self.notices.told.len()
    }

    /// Whether what the invocation is at is a notice: it works on one thing after the other, and this is what it claimed last.
    fn is_at_a_notice(&self, task: u64) -> bool {
        let last = self.knows.get(&task).map(Knows::in_the_message).unwrap_or_default().into_values().max();
        self.notices.claimed_at(task).is_some_and(|at| last.is_none_or(|last| at > last))
    }

    /// A provider has accepted a message of this invocation. The notice, if it was one.
    pub(crate) fn accept(&mut self, task: u64, ms: i64, channel: &'static str) -> Option<Notice> {
        self.last_is_notice = self.is_at_a_notice(task);
        if self.last_is_notice {
            let (broken, notice) = self.notices.accept(task, ms, channel, NO_ANSWER);
            self.broken.extend(broken);
            return notice;
        }
        let knows = self.knows.entry(task).or_default();
        knows.channel = Some(channel);
        let claimed = knows.in_the_message();
        let read = knows.read.clone();
        if claimed.is_empty() {
            self.broken.push(("5", format!("invocation {task} sent a message by {channel} without a claimed delivery")));
        }
        for (id, claimed_at) in &claimed {
            self.check_episode(*id, (*claimed_at).max(read.get(&id.incident).copied().unwrap_or(0)));
            self.check_duplicate(*id);
        }
        let deliveries = claimed.into_keys().map(|id| (id, false)).collect();
        self.accepted.push(Accepted { ms, task, channel, deliveries, excuse: None });
        None
    }

    /// A provider has refused a message of this invocation.
    pub(crate) fn refuse(&mut self, task: u64, ms: i64) {
        if self.is_at_a_notice(task) {
            return;
        }
        let claimed = self.knows.get(&task).map(Knows::in_the_message).unwrap_or_default();
        self.refused.extend(claimed.into_keys().map(|id| (ms, id)));
    }

    /// Law 5: whoever looked after the end of the episode must not send.
    fn check_episode(&mut self, id: EffectId, looked_at: u64) {
        let Some(Notification { holds, to, .. }) = self.effects.get(&id) else { return };
        let user = if let Recipient::Person { user, .. } = to { Some(user) } else { None };
        let end = self
            .commits
            .iter()
            .find(|c| c.incident.id == id.incident && c.incident.version >= id.version && !c.incident.still_holds(*holds, user));
        if let Some(end) = end
            && end.order < looked_at
        {
            let phase = end.incident.phase.name().as_str();
            self.broken
                .push(("5", format!("delivery {id} went out although {holds:?} was over (version {} is {phase})", end.incident.version)));
        }
    }

    /// Law 8, second half: a second message needs a crash between the first's acceptance and its record, or an answer that
    /// did not come, which excuses one in the life of a delivery.
    fn check_duplicate(&mut self, id: EffectId) {
        let Some(before) = self.accepted.iter().rev().find(|accepted| accepted.deliveries.contains_key(&id)) else { return };
        match (before.deliveries[&id], before.excuse) {
            (false, Some(excuse)) => {
                self.duplicates_explained += 1;
                let unanswered = self.doubled_unanswered.entry(id).or_default();
                *unanswered += u32::from(excuse == NO_ANSWER);
                if *unanswered > 1 {
                    let text =
                        format!("delivery {id} was accepted again after {unanswered} answers of {} that did not come", before.channel);
                    self.broken.push(("8", text));
                }
            }
            (is_recorded, excuse) => {
                let text = format!("delivery {id} was accepted twice by {} (recorded: {is_recorded}, excuse: {excuse:?})", before.channel);
                self.broken.push(("8", text));
            }
        }
    }

    /// The invocation is over; what it did not record it never will.
    pub(crate) fn over(&mut self, task: u64, excuse: Option<&'static str>) {
        self.knows.remove(&task);
        self.notices.over(task, excuse);
        if excuse.is_some() {
            for accepted in self.accepted.iter_mut().rev().take(20).filter(|accepted| accepted.task == task) {
                accepted.excuse = excuse;
            }
        }
    }

    /// The answer to the last message of this invocation is lost, or comes too late.
    pub(crate) fn answer_lost(&mut self, task: u64) {
        if self.last_is_notice {
            if let Some(told) = self.notices.told.last_mut().filter(|told| told.task == task) {
                told.excuse = Some(NO_ANSWER);
            }
            return;
        }
        if let Some(accepted) = self.accepted.iter_mut().rev().find(|accepted| accepted.task == task) {
            accepted.excuse = Some(NO_ANSWER);
        }
    }

    pub(crate) fn trouble(&mut self, ms: i64, about: BTreeSet<String>, cost_ms: i64) {
        self.troubles.push(Trouble { ms, about, cost_ms });
    }

    /// The open incidents, as last committed.
    pub(crate) fn incidents(&self) -> BTreeMap<IncidentId, &Incident> {
        self.commits.iter().map(|c| (c.incident.id, &c.incident)).collect()
    }
}
