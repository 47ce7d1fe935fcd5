//! Who is called: each has been told, or something wakes the incident that will tell them, whatever was applied meanwhile.

use std::collections::BTreeSet;

use hansho_domain::{Duty, Incident, Method, Roster, Urgency, UserId, Wave};
use jiff::{SignedDuration, Timestamp};

use super::{history::History, laws::Broken, world::World};

/// For how long a function may go by what was so before: 4 seconds it believes the version pointer, 20 it may take.
const BELIEVED_MS: i64 = 24_000;
/// How long an apply may take that is tried again.
const APPLYING_MS: i64 = 60_000;
/// How late a rule may be: a lost timer costs a minute, and so does a sweep that dies.
const LATE: SignedDuration = SignedDuration::from_secs(180);

/// The people of a wave, and when they are looked at again.
struct Call<'a> {
    wave: &'a Wave,
    urgency: Urgency,
    settled: &'a [u16],
    looked_at: Option<Timestamp>,
    /// Whether it is looked at again in any case, and others are called then.
    goes_on: bool,
}

fn calls(incident: &Incident) -> Vec<Call<'_>> {
    let at = |duty| incident.agenda.at(duty);
    let goes_on = [Duty::Escalate, Duty::Repage].into_iter().any(|duty| at(duty).is_some());
    let called = incident.wave.iter().filter(|_| incident.phase.is_unacknowledged());
    let called = called.map(|wave| Call { wave, urgency: incident.urgency, settled: &[], looked_at: at(Duty::NotificationRules), goes_on });
    let asked = incident.requests.iter().map(|request| Call {
        wave: &request.wave,
        urgency: Urgency::High,
        settled: &request.settled,
        looked_at: at(Duty::RequestRules),
        goes_on: false,
    });
    called.chain(asked).filter(|call| call.wave.rules_done_seconds < u32::MAX).collect()
}

impl Call<'_> {
    fn people(&self) -> impl Iterator<Item = (u16, &UserId)> {
        (0u16..).zip(&self.wave.users).filter(|(place, _)| !self.settled.contains(place))
    }

    fn is_told(&self, place: u16) -> bool {
        Method::ALL.into_iter().any(|method| self.wave.sent_to(place, method) > 0)
    }
}

/// At every commit: nobody who is called has neither a message nor a time at which they will be told.
pub(crate) fn check_commits(world: &World, history: &History, broken: &mut Vec<Broken>) {
    let everywhere =
        |user: &UserId| world.teams.iter().all(|(configuration, _)| configuration.users().iter().any(|known| known.id() == user));
    for commit in &history.commits {
        let incident = &commit.incident;
        for call in calls(incident) {
            // Whoever is in some configurations only may have left, and come back, before this was looked at.
            let lost =
                call.people().find(|(place, user)| !call.is_told(*place) && call.looked_at.is_none() && !call.goes_on && everywhere(user));
            if let Some((_, user)) = lost {
                broken.push(("8", format!("{user} is called by {} at version {} and waits for nothing", incident.id, incident.version)));
            }
        }
    }
}

/// In the end, when every apply has told the open incidents: whoever is called was told by each of their rules of today that is due,
/// or is told in time by those that are to come.
pub(crate) fn check_before_the_end(world: &World, incidents: &[Incident]) -> Vec<Broken> {
    let mut broken = Vec::new();
    if world.gave_up_an_apply {
        return broken;
    }
    let now = Timestamp::from_millisecond(world.now_ms()).unwrap_or(Timestamp::MAX);
    for incident in incidents.iter().filter(|incident| !incident.phase.is_resolved() && !went_by_what_was_before(world, incident)) {
        let roster = world.roster(incident);
        for call in calls(incident) {
            broken.extend(untold(&call, &roster, now).map(|said| ("8", format!("{} {said}", incident.id))));
        }
    }
    broken
}

/// Whether somebody worked on the incident just after an apply, perhaps by what was in force before it.
fn went_by_what_was_before(world: &World, incident: &Incident) -> bool {
    let state = world.board.state();
    let worked_on: BTreeSet<i64> =
        state.history.commits.iter().filter(|commit| commit.incident.id == incident.id).map(|commit| commit.ms).collect();
    world.applied.iter().any(|(at, _)| *at > super::START_MS && worked_on.range(*at..at + APPLYING_MS + BELIEVED_MS).next().is_some())
}

fn untold(call: &Call<'_>, roster: &Roster, now: Timestamp) -> Option<String> {
    call.people().find_map(|(place, id)| {
        let user = roster.users.get(id)?;
        user.rules_from(call.urgency, call.wave.at).into_iter().find_map(|rule| {
            let at = call.wave.at + SignedDuration::from_secs(i64::from(rule.after_seconds));
            let is_sent = call.wave.sent_to(place, rule.by) > 0;
            let is_due = at + LATE < now;
            let is_awaited = call.looked_at.is_some_and(|looks| looks <= at.max(now));
            (!is_sent && (is_due || at > now && !is_awaited)).then(|| {
                format!(
                    "calls {id} since {}, who wants {} after {} s, and it was not sent",
                    call.wave.at,
                    rule.by.as_str(),
                    rule.after_seconds
                )
            })
        })
    })
}
