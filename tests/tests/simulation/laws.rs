//! The laws of DESIGN.md, checked against what was seen and what the table holds.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::{
    EffectId, Event, Holds, Incident, IncidentId, Method, Notification, NotificationRule, Phase, Recipient, Urgency, UserId,
};
use serde_json::Value;

use super::{
    accounts, called,
    history::{Committed, History},
    holds, notices,
    world::World,
};

/// By how much one fault may delay a page: the sweeper comes within a minute of the grace of what it looks for, and what
/// it sends again may have to wait for a lease. Together with [`PAGE_MS`] that is the law's 120 seconds.
pub(crate) const TROUBLE_COST_MS: i64 = 100_000;
/// How long a page takes when nothing goes wrong.
const PAGE_MS: i64 = 20_000;
/// How much longer it takes at a closed gate.
const GATE_MS: i64 = 35_000;
/// How long a method is tried before the next one's turn.
const METHOD_MS: i64 = 90_000;
/// How late Scheduler may be where no delayed message stands beside it, and what a queue can delay.
const SCHEDULER_MS: i64 = 60_000;
const QUEUE_MS: i64 = 900_000;
/// A deadline may be so old before the sweeper has seen to it.
const DEADLINE_MS: i64 = 70_000;

/// What is against a law: its number, and what was seen.
pub(crate) type Broken = (&'static str, String);

/// Looks at the world before everything is resolved.
pub(crate) fn before_the_end(world: &mut World) {
    world.measured_until_ms = world.now_ms();
    let mut broken = Vec::new();
    let (incidents, partitions) = {
        let state = world.board.state();
        let incidents: Vec<Incident> = state.history.incidents().into_values().cloned().collect();
        (incidents, state.history.partitions.clone())
    };
    let pointers: Vec<Value> = partitions.iter().filter(|pk| pk.starts_with("DEDUP#")).flat_map(|pk| pointer(world, pk)).collect();
    for incident in incidents.iter().filter(|incident| !incident.phase.is_resolved()) {
        let holds = |pointer: &&Value| pointer["incident"]["S"] == incident.id.to_string() && pointer["state"]["S"] == "open";
        // Its own, and one for each incident that was merged into it.
        let (found, expected) = (pointers.iter().filter(holds).count(), 1 + incident.merged.len());
        if found != expected {
            broken.push(("3", format!("incident {} is open and holds {found} open dedup pointers, not {expected}", incident.id)));
        }
        if let Some(deadline) = incident.deadline.filter(|d| d.at.as_millisecond() + DEADLINE_MS < world.now_ms()) {
            broken.push(("8", format!("the deadline {deadline:?} of incident {} was forgotten", incident.id)));
        }
    }
    for pointer in pointers.iter().filter(|pointer| pointer["state"]["S"] == "open") {
        let is_open = incidents.iter().any(|i| pointer["incident"]["S"] == i.id.to_string() && !i.phase.is_resolved());
        if !is_open {
            broken.push(("3", format!("a dedup pointer is open for {}, which is not", pointer["incident"]["S"])));
        }
    }
    broken.extend(notices::check_reminded(world));
    broken.extend(called::check_before_the_end(world, &incidents));
    world.board.state().history.broken.extend(broken);
}

/// Where the incident of a dedup key stands.
fn pointer(world: &World, pk: &str) -> Option<Value> {
    world.partition(pk).into_iter().find(|item| accounts::is_pointer(pk, item["sk"]["S"].as_str().unwrap_or_default()))
}

/// Everything that is against a law.
pub(crate) fn check(world: &World) -> Vec<Broken> {
    let mut at_rest = at_rest(world);
    at_rest.extend(notices::check_at_rest(world));
    at_rest.extend(notices::check_drills(world));
    at_rest.extend(accounts::check_at_rest(world));
    let state = world.board.state();
    let history = &state.history;
    let mut broken = history.broken.clone();
    let mut before: BTreeMap<IncidentId, &Committed> = BTreeMap::new();
    for commit in &history.commits {
        check_commit(before.get(&commit.incident.id).copied(), commit, &mut broken);
        before.insert(commit.incident.id, commit);
    }
    check_alerts(history, &mut broken);
    accounts::check(world, &history.accounts, &mut broken);
    check_called(world, history, &mut broken);
    called::check_commits(world, history, &mut broken);
    check_pages(world, history, &mut broken);
    holds::check(world, history, &mut broken);
    notices::check_told(world, &history.notices, &mut broken);
    broken.extend(at_rest);
    broken
}

/// Laws 1, 2 and 3, commit by commit.
fn check_commit(before: Option<&Committed>, commit: &Committed, broken: &mut Vec<Broken>) {
    let (now, id) = (&commit.incident, commit.incident.id);
    let Some(entry) = &commit.entry else {
        broken.push(("6", format!("version {} of {id} has no timeline entry", now.version)));
        return;
    };
    if now.phase.is_unacknowledged() && now.urgency == Urgency::High && now.deadline.is_none() {
        broken.push(("2", format!("{id} is unacknowledged, urgent and has no deadline at version {}", now.version)));
    }
    if now.deadline.map(|d| d.at) != now.agenda.earliest().map(|due| due.at) {
        broken.push(("2", format!("the deadline of {id} is not the first of its agenda at version {}", now.version)));
    }
    let was = before.map(|before| &before.incident);
    if now.version != was.map_or(1, |was| was.version + 1) || was.is_some_and(|was| now.generation < was.generation) {
        broken.push(("3", format!("{id} went from {:?} to version {}", was.map(|was| was.version), now.version)));
    }
    if was.is_some_and(|was| was.recent_inputs.contains(&entry.input)) {
        broken.push(("1", format!("{id} took the input {} twice", entry.input)));
    }
    let is_absorbed = |event: &Event| matches!(event, Event::Reopened | Event::Noted { .. });
    if was.is_some_and(|was| was.phase.is_resolved()) && !entry.events.first().is_some_and(is_absorbed) {
        broken.push(("3", format!("{id} was resolved and took {}", entry.input)));
    }
    if let Some(generation) = entry.input.as_str().strip_prefix("deadline-") {
        let deadline = was.and_then(|was| was.deadline);
        let is_due = deadline.is_some_and(|d| d.generation.to_string() == generation && d.at <= entry.at);
        if !is_due || entry.events.is_empty() {
            broken.push(("3", format!("{id} took the timer of generation {generation} at {} for its deadline {deadline:?}", entry.at)));
        }
    }
    let is_calling = |event: &Event| {
        matches!(
            event,
            Event::Escalated { .. }
                | Event::FallbackPaged { .. }
                | Event::Exhausted
                | Event::Reassigned { .. }
                | Event::UrgencyChanged { urgency: Urgency::Low }
        )
    };
    let new_episode = now.episode > was.map_or(0, |was| was.episode);
    if new_episode && now.phase.is_unacknowledged() && !entry.events.iter().any(is_calling) {
        broken.push(("8", format!("{id} triggered at version {} and called nobody", now.version)));
    }
}

/// Law 6.
fn check_alerts(history: &History, broken: &mut Vec<Broken>) {
    for (alert, handed_in) in &history.alerts {
        if !handed_in.is_accepted {
            broken.push(("6", format!("alert {alert} was handed in and never accepted")));
        } else if !history.evidence.contains(alert) {
            broken.push(("6", format!("alert {alert} was accepted and is nowhere")));
        }
    }
}

fn effects_of(history: &History, id: IncidentId, version: u64) -> impl Iterator<Item = (EffectId, &Notification)> {
    let (first, last) = (EffectId { incident: id, version, index: 0 }, EffectId { incident: id, version, index: u32::MAX });
    history.effects.range(first..=last).map(|(id, notification)| (*id, notification))
}

/// Whoever the timeline says was called has a notification, by every rule of theirs that is for at once, or has just had one.
fn check_called(world: &World, history: &History, broken: &mut Vec<Broken>) {
    for commit in &history.commits {
        let Some(entry) = &commit.entry else { continue };
        let called = entry.events.iter().filter_map(|event| match event {
            Event::Escalated { users, .. }
            | Event::FallbackPaged { users, .. }
            | Event::Repaged { users }
            | Event::Reassigned { users } => Some(users),
            _ => None,
        });
        // In the place of somebody who wants quiet another is told.
        let covered = |user: &UserId| {
            let by = entry.events.iter().find_map(|event| match event {
                Event::Covered { user: covered, by } if covered == user => Some(by.clone()),
                _ => None,
            });
            by.unwrap_or_else(|| user.clone())
        };
        let called: BTreeSet<&UserId> = called.flatten().collect();
        for user in &called.iter().map(|user| covered(user)).collect::<BTreeSet<_>>() {
            // Whoever covers for them is called for themselves.
            let everybody = world.teams.iter().flat_map(|(configuration, _)| configuration.users());
            if everybody
                .filter(|known| known.id() == user)
                .any(|known| known.quiet().cover_at(entry.at).is_some_and(|by| called.contains(by)))
            {
                continue;
            }
            let is_told = |rule: &NotificationRule| {
                let to = Recipient::Person { user: user.clone(), method: rule.by };
                effects_of(history, commit.incident.id, commit.incident.version).any(|(_, n)| n.to == to)
                    || was_told(history, commit, user, rule.by)
            };
            // By their rules in one of the configurations.
            let known = world.teams.iter().flat_map(|(configuration, _)| configuration.users()).filter(|known| known.id() == user);
            let mut rules = known.map(|known| known.rules_from(commit.incident.urgency, entry.at));
            if !rules.any(|rules| rules.iter().filter(|rule| rule.after_seconds == 0).all(is_told)) {
                let (id, version) = (commit.incident.id, commit.incident.version);
                broken.push((
                    "4",
                    format!("{id} says at version {version} that {user} was called, and not by all their rules: {:?}", entry.events),
                ));
            }
        }
    }
}

/// Whether a message of another kind had just told them, as the incident says.
fn was_told(history: &History, commit: &Committed, user: &UserId, method: Method) -> bool {
    let Some(spared) = commit.incident.spared.iter().find(|spared| &spared.user == user && spared.method == method) else { return false };
    let first = EffectId { incident: commit.incident.id, version: 0, index: 0 };
    let last = EffectId { version: commit.incident.version, index: u32::MAX, ..first };
    let to = Recipient::Person { user: user.clone(), method };
    let commits = history.commits.iter().filter(|earlier| earlier.incident.id == commit.incident.id);
    let recent: BTreeSet<u64> = commits.filter(|c| commit.ms - c.ms <= GATE_MS).map(|c| c.incident.version).collect();
    history.effects.range(first..=last).any(|(id, n)| n.to == to && n.holds == spared.by && recent.contains(&id.version))
}

/// A person who has to be reached.
struct Page<'a> {
    commit: &'a Committed,
    user: &'a UserId,
    holds: Holds,
    due_ms: i64,
    /// Faults count from here.
    since_ms: i64,
    /// What faults are about.
    about: [String; 2],
    budget_ms: i64,
}

/// Law 8: who is called is reached in time.
fn check_pages(world: &World, history: &History, broken: &mut Vec<Broken>) {
    for (place, commit) in history.commits.iter().enumerate() {
        let users: BTreeMap<&UserId, Holds> = effects_of(history, commit.incident.id, commit.incident.version)
            .filter(|(_, n)| n.urgency == Urgency::High)
            .filter(|(_, n)| n.holds != Holds::Always)
            .filter_map(|(_, n)| Some((n.user()?, n.holds)))
            .collect();
        for (user, holds) in users {
            let page = page(history, place, user, holds);
            let end_ms = page.due_ms + page.budget_ms;
            if end_ms > world.measured_until_ms || is_reached(history, &page, end_ms) || is_excused(history, place, &page, end_ms) {
                continue;
            }
            if has_left(world, user, page.since_ms, end_ms) {
                continue;
            }
            let (id, version) = (commit.incident.id, commit.incident.version);
            let due = (page.due_ms - super::START_MS) / 1000;
            broken.push((
                "8",
                format!("{user} was not reached about version {version} of {id}, due at {due} s, within {} s", page.budget_ms / 1000),
            ));
        }
    }
}

fn page<'a>(history: &'a History, place: usize, user: &'a UserId, holds: Holds) -> Page<'a> {
    let commit = &history.commits[place];
    let id = commit.incident.id;
    let earlier: Vec<&Committed> = history.commits[..place].iter().filter(|c| c.incident.id == id).collect();
    let input = commit.entry.as_ref().map(|entry| entry.input.as_str().to_owned()).unwrap_or_default();
    let (mut due_ms, mut since_ms, mut budget_ms, mut alert) = (commit.ms, commit.ms, PAGE_MS, String::new());
    if let Some(last) = earlier.last() {
        if let Some(deadline) = last.incident.deadline.filter(|_| input.starts_with("deadline-")) {
            due_ms = deadline.at.as_millisecond();
            let armed = earlier.iter().find(|c| c.incident.deadline.is_some_and(|d| d.generation == deadline.generation));
            since_ms = armed.map_or(commit.ms, |c| c.ms);
            if due_ms - since_ms > QUEUE_MS {
                budget_ms += SCHEDULER_MS;
            }
        }
    } else if let Some(id) = input.strip_prefix("alert-") {
        alert = id.to_owned();
        due_ms = history.alerts.get(id).and_then(|handed_in| handed_in.due_ms(commit.ms)).unwrap_or(commit.ms);
        since_ms = due_ms;
    }
    let mut page = Page { commit, user, holds, due_ms, since_ms, about: [id.to_string(), alert], budget_ms };
    // More faults may fall into the time that the first ones cost.
    for _ in 0..20 {
        let allowed = budget_ms + allowance(history, &page);
        if allowed <= page.budget_ms {
            break;
        }
        page.budget_ms = allowed;
    }
    page
}

/// What faults, a closed gate and providers out of order may cost.
fn allowance(history: &History, page: &Page<'_>) -> i64 {
    let end_ms = page.due_ms + page.budget_ms;
    let concerns = |about: &BTreeSet<String>| about.is_empty() || page.about.iter().any(|subject| about.contains(subject));
    let troubles: i64 =
        history.troubles.iter().filter(|t| (page.since_ms..=end_ms).contains(&t.ms) && concerns(&t.about)).map(|t| t.cost_ms).sum();
    let is_theirs = |id: &EffectId| history.effects.get(id).is_some_and(|n| n.user() == Some(page.user));
    let near = |ms: i64| (page.since_ms.min(page.due_ms - GATE_MS)..=end_ms).contains(&ms);
    // Another delivery to the same person has gone through the gate. What waits goes along with the next that does, so this
    // costs its time once, and once more for each that died in the gate and took nobody along.
    let (own, theirs) = (format!("{}-{}-", page.commit.incident.id, page.commit.incident.version), format!("GATE#{}#", page.user));
    let closings: Vec<_> =
        history.gates.iter().filter(|(ms, gate, holder)| near(*ms) && gate.starts_with(&theirs) && !holder.starts_with(&own)).collect();
    let went_through = |ms: i64, holder: &str| {
        let is_it = |id: &EffectId| holder.starts_with(&id.to_string());
        // One that comes to the gate again had died in it.
        let again = history.gates.iter().filter(|(at, _, other)| *at > ms && other == holder).map(|(at, ..)| *at).min();
        let until = again.unwrap_or(i64::MAX).min(ms + GATE_MS);
        history.accepted.iter().any(|a| (ms..until).contains(&a.ms) && a.deliveries.keys().any(is_it))
    };
    let died = closings.iter().filter(|(ms, _, holder)| !went_through(*ms, holder)).count();
    let gates = i64::from(!closings.is_empty()) + i64::try_from(died).unwrap_or(0);
    let refused: BTreeSet<_> = history
        .refused
        .iter()
        .filter(|(ms, id)| near(*ms) && is_theirs(id))
        .filter_map(|(_, id)| match &history.effects.get(id)?.to {
            Recipient::Person { method, .. } => Some(*method),
            Recipient::Destination { .. } => None,
        })
        .collect();
    troubles + GATE_MS * gates + METHOD_MS * i64::try_from(refused.len()).unwrap_or(0)
}

fn is_reached(history: &History, page: &Page<'_>, end_ms: i64) -> bool {
    let reaches = |id: &EffectId| {
        let same = id.incident == page.commit.incident.id && id.version >= page.commit.incident.version;
        same && history.effects.get(id).is_some_and(|n| n.user() == Some(page.user) && n.holds == page.holds)
    };
    history.accepted.iter().any(|accepted| accepted.ms <= end_ms && accepted.deliveries.keys().any(reaches))
}

/// Whether somebody applied a configuration without the person before the time was up, and nobody one with them since.
fn has_left(world: &World, user: &UserId, since_ms: i64, end_ms: i64) -> bool {
    let names = |team: usize| world.teams[team].0.users().iter().any(|known| known.id() == user);
    world.applied.iter().enumerate().any(|(place, (at, team))| {
        let until_ms = world.applied.get(place + 1).map_or(i64::MAX, |(at, _)| *at);
        *at <= end_ms && until_ms >= since_ms && !names(*team)
    })
}

/// The episode ended before the time was up, or the timeline says that they can not be reached that way.
fn is_excused(history: &History, place: usize, page: &Page<'_>, end_ms: i64) -> bool {
    let later = history.commits[place + 1..].iter().filter(|c| c.incident.id == page.commit.incident.id && c.ms <= end_ms);
    let was_refused = history.refused.iter().any(|(ms, id)| *ms <= end_ms && id.incident == page.commit.incident.id);
    for commit in later {
        let says_why = commit.entry.iter().flat_map(|entry| &entry.events).any(|event| match event {
            Event::Unreachable { user, .. } | Event::DeliveryFailed { user, .. } => user == page.user,
            _ => false,
        });
        // Whoever is no longer called is not told by their next method either.
        let is_past = match page.holds {
            Holds::Unacknowledged { .. } => commit.incident.wave.as_ref().is_none_or(|wave| !wave.users.contains(page.user)),
            Holds::Requested { .. } | Holds::Always => false,
        };
        if !commit.incident.still_holds(page.holds, Some(page.user)) || says_why || was_refused && is_past {
            return true;
        }
    }
    false
}

/// Laws 3 and 4 when everything is resolved and nothing is on its way.
fn at_rest(world: &World) -> Vec<Broken> {
    let mut broken = Vec::new();
    let (effects, incidents, partitions) = {
        let state = world.board.state();
        let incidents: Vec<Incident> = state.history.incidents().into_values().cloned().collect();
        (state.history.effects.clone(), incidents, state.history.partitions.clone())
    };
    for incident in &incidents {
        if !matches!(incident.phase, Phase::Resolved { .. }) {
            broken.push(("3", format!("{} could not be resolved", incident.id)));
        }
        let items = world.partition(&format!("INCIDENT#{}", incident.id));
        let mut deliveries = BTreeSet::new();
        for item in &items {
            let sk = item["sk"]["S"].as_str().unwrap_or_default();
            if sk.starts_with("OUTBOX#") {
                broken.push(("4", format!("{} {sk} is still in the outbox", incident.id)));
            }
            let Some(key) = sk.strip_prefix("DELIVERY#") else { continue };
            deliveries.insert(key.to_owned());
            let (state, reason) = (item["state"]["S"].as_str().unwrap_or_default(), item["reason"]["S"].as_str().unwrap_or_default());
            if matches!(state, "pending" | "sending") || state != "sent" && reason.is_empty() {
                broken.push(("4", format!("delivery {} {key} is left {state:?} ({reason})", incident.id)));
            }
        }
        for (id, _) in effects.iter().filter(|(id, _)| id.incident == incident.id) {
            if !deliveries.contains(&format!("{:010}#{:04}", id.version, id.index)) {
                broken.push(("4", format!("the effect {id} became no delivery")));
            }
        }
    }
    for pointer in partitions.iter().filter(|pk| pk.starts_with("DEDUP#")).flat_map(|pk| pointer(world, pk)) {
        if pointer["state"]["S"] != "closed" {
            broken.push(("3", format!("a dedup pointer stays open for {}", pointer["incident"]["S"])));
        }
    }
    for record in partitions.iter().filter(|pk| pk.starts_with("MAINTENANCE")).flat_map(|pk| world.partition(pk)) {
        if !record["work_pk"].is_null() {
            broken.push(("4", format!("the end of a maintenance window was not seen through: {record}")));
        }
    }
    let sweep = &world.last_sweep;
    if sweep["heartbeat"] != true
        || ["deadlines", "released", "outbox_rows", "deliveries", "notices", "overdue"].iter().any(|what| sweep[what] != 0)
    {
        broken.push(("4", format!("the sweeper still finds work: {sweep}")));
    }
    broken
}
