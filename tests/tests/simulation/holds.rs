//! What is held: by what, until when, and that it is let go.

use std::collections::BTreeMap;

use hansho_domain::{Event, Incident, IncidentId, LiveMaintenance, Phase};

use super::{
    history::{Committed, History},
    laws::Broken,
    world::World,
};

/// For how long a function may go by what was so before: 4 seconds it believes the version pointer, 20 it may take.
const BELIEVED_MS: i64 = 24_000;
/// Within how long after its end nothing is held by a window: the sweeper comes twice, the second time when everything has settled.
const RELEASED_MS: i64 = 130_000;

/// A window as the table came to hold it: when it was in it, and when its end was.
struct Known<'a> {
    made_ms: i64,
    ended_ms: Option<i64>,
    made: &'a LiveMaintenance,
}

fn known(history: &History) -> Vec<Known<'_>> {
    let mut windows: BTreeMap<String, Known<'_>> = BTreeMap::new();
    for (ms, made) in &history.maintenance {
        let name = format!("{} {}", made.window.id(), made.is_planned);
        let known = windows.entry(name).or_insert(Known { made_ms: *ms, ended_ms: None, made });
        known.ended_ms = known.ended_ms.or_else(|| made.ended.as_ref().map(|_| *ms));
    }
    windows.into_values().collect()
}

/// Laws 2 and 8 of what is held.
pub(crate) fn check(world: &World, history: &History, broken: &mut Vec<Broken>) {
    let windows = known(history);
    let mut before: BTreeMap<IncidentId, &Incident> = BTreeMap::new();
    for commit in &history.commits {
        let was = before.insert(commit.incident.id, &commit.incident);
        check_commit(was, commit, &windows, broken);
    }
    for Known { ended_ms, made, .. } in &windows {
        let Some(ended_ms) = ended_ms else { continue };
        for id in before.keys() {
            let until_ms = ended_ms + allowed(history, *id, *ended_ms);
            let last = history.commits.iter().rfind(|commit| commit.incident.id == *id && commit.ms <= until_ms);
            if until_ms <= world.measured_until_ms && last.is_some_and(|last| made.is_holding(&last.incident)) {
                let seconds = (until_ms - ended_ms) / 1000;
                broken.push(("8", format!("{id} is held by {} {seconds} s after its end", made.window.id())));
            }
        }
    }
}

fn is_held(incident: &Incident) -> bool {
    matches!(incident.phase, Phase::Held { .. })
}

fn check_commit(was: Option<&Incident>, commit: &Committed, windows: &[Known<'_>], broken: &mut Vec<Broken>) {
    let (now, id) = (&commit.incident, commit.incident.id);
    if is_held(now) && now.deadline.is_none() {
        broken.push(("2", format!("{id} is held and has no deadline at version {}", now.version)));
    }
    if is_held(now) && was.is_some_and(|was| !is_held(was)) {
        broken.push(("8", format!("{id} was not held, and is at version {}", now.version)));
    }
    let is_news = commit.entry.as_ref().is_some_and(|entry| entry.events.iter().any(|event| matches!(event, Event::Held { .. })));
    for Known { made_ms, ended_ms, made } in windows {
        let (name, at) = (made.window.id(), (commit.ms - super::START_MS) / 1000);
        if is_news && made.is_holding(now) && ended_ms.is_some_and(|ended_ms| ended_ms + BELIEVED_MS < commit.ms) {
            broken.push(("8", format!("{id} is held at {at} s by {name}, which had ended long before")));
        }
        let is_in_force = !made.is_planned
            && made_ms + BELIEVED_MS < commit.ms
            && ended_ms.is_none_or(|ended_ms| commit.ms < ended_ms)
            && commit.ms < made.until().as_millisecond();
        if was.is_none() && is_in_force && made.window.matches(now) && !is_held(now) {
            broken.push(("8", format!("{id} opened at {at} s in the maintenance window {name}, and is not held")));
        }
    }
}

/// How long a release may take: faults cost time, and more of them may fall into the time that the first ones cost.
fn allowed(history: &History, id: IncidentId, ended_ms: i64) -> i64 {
    let mut allowed = RELEASED_MS;
    for _ in 0..20 {
        let concerns = |about: &std::collections::BTreeSet<String>| about.is_empty() || about.contains(&id.to_string());
        let near = history.troubles.iter().filter(|t| (ended_ms..=ended_ms + allowed).contains(&t.ms) && concerns(&t.about));
        let longer = RELEASED_MS + near.map(|t| t.cost_ms).sum::<i64>();
        if longer <= allowed {
            break;
        }
        allowed = longer;
    }
    allowed
}
