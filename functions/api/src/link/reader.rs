//! Who reads, in which language, on which clock, and how the people on the page are called.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::{Actor, Event, Incident, Phase, Roster, TimelineEntry, UserId};
use hansho_store::{Delivery, Profile};
use http::HeaderMap;

use crate::{Api, language, page::Reader};

/// How many people whom no roster names are looked up one by one; the rest is shown by id.
const LOOKED_UP_MAX: usize = 20;

/// The person whom a link was made for.
pub(crate) async fn reader(api: &Api, user: &UserId, headers: &HeaderMap) -> Reader {
    let profile = profile(api, user).await;
    let mut names = BTreeMap::new();
    if let Some(profile) = &profile {
        names.insert(user.clone(), profile.user.name().to_owned());
    }
    Reader {
        user: user.clone(),
        language: profile.as_ref().map_or_else(|| language::preferred(headers), |profile| profile.user.language()),
        time_zone: profile.map(|profile| profile.contact.time_zone).unwrap_or_default(),
        now: api.store.clock().now(),
        names,
    }
}

/// Who can be called for the incident. A page without it says less, and is still a page.
pub(crate) async fn roster(api: &Api, incident: &Incident) -> Option<Roster> {
    match api.store.roster_now(incident).await {
        Ok(roster) => Some(roster),
        Err(error) => {
            tracing::warn!(incident.id = %incident.id, error = %hansho_runtime::chain(&error), "a page is shown without its roster");
            None
        }
    }
}

/// Adds the names of `people` that the reader's page needs, from `roster` where it knows them.
pub(crate) async fn name_people(api: &Api, reader: &mut Reader, roster: Option<&Roster>, people: BTreeSet<UserId>) {
    if let Some(roster) = roster {
        reader.names.extend(roster.users.iter().map(|(id, user)| (id.clone(), user.name().to_owned())));
    }
    let unknown: Vec<UserId> = people.into_iter().filter(|user| !reader.names.contains_key(user)).take(LOOKED_UP_MAX).collect();
    for user in unknown {
        if let Some(profile) = profile(api, &user).await {
            reader.names.insert(user, profile.user.name().to_owned());
        }
    }
}

/// Everybody whom a page about the incident names.
pub(crate) fn people(incident: &Incident, timeline: &[TimelineEntry], deliveries: &[Delivery]) -> BTreeSet<UserId> {
    let mut people = BTreeSet::new();
    let mut actor = |actor: &Actor| {
        if let Actor::User(user) = actor {
            people.insert(user.clone());
        }
    };
    match &incident.phase {
        Phase::Acknowledged { by } => by.iter().for_each(&mut actor),
        Phase::Resolved { by, .. } => actor(by),
        Phase::Held { .. } | Phase::Triggered | Phase::Exhausted => {}
    }
    timeline.iter().for_each(|entry| actor(&entry.actor));
    people.extend(incident.wave.iter().flat_map(|wave| wave.users.clone()));
    people.extend(incident.requests.iter().flat_map(|request| request.wave.users.clone()));
    people.extend(incident.responders.iter().cloned());
    people.extend(deliveries.iter().filter_map(|delivery| delivery.notification.user().cloned()));
    people.extend(timeline.iter().flat_map(|entry| &entry.events).flat_map(named).cloned());
    people
}

fn named(event: &Event) -> &[UserId] {
    match event {
        Event::Escalated { users, .. }
        | Event::FallbackPaged { users, .. }
        | Event::Reassigned { users }
        | Event::Repaged { users }
        | Event::RespondersRequested { users, .. }
        | Event::RequestsCancelled { users } => users,
        Event::DeliveryFailed { user, .. } | Event::ToldAlready { user, .. } | Event::Unreachable { user, .. } => {
            std::slice::from_ref(user)
        }
        Event::Opened { .. }
        | Event::Linked { .. }
        | Event::Held { .. }
        | Event::Triggered { .. }
        | Event::Repeated { .. }
        | Event::RulesReviewed
        | Event::StepSkipped { .. }
        | Event::RulesDue { .. }
        | Event::Acknowledged
        | Event::Snoozed { .. }
        | Event::UrgencyStays
        | Event::Exhausted
        | Event::Resolved { .. }
        | Event::Reopened
        | Event::Noted { .. }
        | Event::Covered { .. }
        | Event::Posted { .. }
        | Event::HandedOver { .. }
        | Event::ReassignedToPolicy { .. }
        | Event::RequestAccepted
        | Event::RequestDeclined
        | Event::UrgencyChanged { .. }
        | Event::PriorityChanged { .. }
        | Event::MergedInto { .. }
        | Event::Merged { .. }
        | Event::Cleared { .. } => &[],
    }
}

/// A person's profile. One that can not be read costs a name, not the page.
async fn profile(api: &Api, user: &UserId) -> Option<Profile> {
    match api.store.profile(user).await {
        Ok(profile) => profile,
        Err(error) => {
            tracing::warn!(user.id = %user, error = %hansho_runtime::chain(&error), "a profile could not be read");
            None
        }
    }
}
