//! Configuration as the functions see it: immutable bundles behind one version pointer, and what changes live
//! (contact methods, overrides) read beside them.

use std::{collections::BTreeMap, fmt, sync::Arc};

use aws_sdk_dynamodb::types::ReturnValue;
use hansho_domain::{
    Bundle, Command, Configuration, Incident, Input, Override, Roster, Routes, ScheduleId, ServiceId, Target, User, UserId,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    commit::Commit,
    error::StoreError,
    item::{self, Item, With, body, item, n, number, s},
    keys,
};

/// For how long the version pointer is believed without reading it again: an edit is in force within 5 seconds.
const POINTER_BELIEVED: SignedDuration = SignedDuration::from_secs(4);
/// How many versions of the catch-all service are looked through for one that can be read.
const VERSIONS_MAX: i32 = 20;
/// How many bundles a warm function keeps; a deployment with more services reads some of them again.
const BUNDLES_MAX: usize = 200;

/// A person's addresses. Hidden from logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Contact {
    /// Phone number, E.164 (`+81901234567`).
    pub phone: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Address of a webhook.
    pub webhook: Option<String>,
    /// The secret that signs requests to it.
    pub webhook_secret: Option<String>,
    /// The person's time zone, an IANA name.
    #[serde(default)]
    pub time_zone: String,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contact").field("time_zone", &self.time_zone).finish_non_exhaustive()
    }
}

/// A responder with their addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The person, as the domain knows them.
    pub user: User,
    /// Their addresses.
    pub contact: Contact,
}

/// The version pointer: which configuration is in force, and how often live state has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Current {
    version: u64,
    live: u64,
}

/// What a warm function has read before.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    current: Option<(Timestamp, Current)>,
    bundles: BTreeMap<(ServiceId, u64), Arc<Bundle>>,
    routes: Option<(u64, Arc<Routes>)>,
    overrides: BTreeMap<ScheduleId, (u64, Arc<Vec<Override>>)>,
}

impl Store {
    /// Makes `configuration` the one in force and says its version. Everything is written under a version that nobody else
    /// writes, and the version pointer last, so that a crash half-way and somebody else's apply leave nothing in force.
    /// Applying what is in force already changes nothing.
    ///
    /// # Errors
    /// DynamoDB does not answer, or somebody else applies at the same time.
    pub async fn apply_configuration(
        &self,
        configuration: &Configuration,
        contacts: &BTreeMap<UserId, Contact>,
    ) -> Result<u64, StoreError> {
        let before = self.read_current().await?;
        for user in configuration.users() {
            let profile = Profile { user: user.clone(), contact: contacts.get(user.id()).cloned().unwrap_or_default() };
            let key = keys::user(user.id());
            self.put_item(item(&key).with("body", s(item::json(&key.pk, &profile)?))).await?;
        }
        let routes = configuration.routes();
        if self.is_in_force(configuration, &routes, before.version).await? {
            return Ok(before.version);
        }
        let version = self.reserve_version(before).await?;
        for bundle in configuration.bundles(version) {
            let key = keys::bundle(bundle.service.id(), version);
            self.put_item(item(&key).with("body", s(item::json(&key.pk, &bundle)?))).await?;
        }
        let key = keys::routes(version);
        self.put_item(item(&key).with("body", s(item::json(&key.pk, &routes)?))).await?;
        self.move_pointer(before, Current { version, ..before }).await?;
        Ok(version)
    }

    async fn is_in_force(&self, configuration: &Configuration, routes: &Routes, version: u64) -> Result<bool, StoreError> {
        for bundle in configuration.bundles(version) {
            // What can not be read is replaced.
            let known = readable(self.read_bundle(bundle.service.id(), version).await)?;
            if known.is_none_or(|known| Bundle { version, ..known } != bundle) {
                return Ok(false);
            }
        }
        Ok(readable(self.read_routes(version).await)?.as_ref() == Some(routes))
    }

    /// A version that no other apply has or gets, also when this one dies before it is in force.
    async fn reserve_version(&self, before: Current) -> Result<u64, StoreError> {
        let key = keys::configuration();
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET reserved = if_not_exists(reserved, :before) + :one")
            .expression_attribute_values(":before", n(before.version))
            .expression_attribute_values(":one", n(1))
            .return_values(ReturnValue::UpdatedNew);
        let answer = self
            .retrying(&key.pk, || request.clone().send())
            .await
            .map_err(|error| StoreError::unavailable("reserve a version", &error))?;
        let reserved = answer.attributes.as_ref().and_then(|found| number(found, "reserved"));
        reserved.ok_or_else(|| StoreError::unreadable(key.pk, "it does not say which version is reserved"))
    }

    async fn move_pointer(&self, before: Current, after: Current) -> Result<(), StoreError> {
        let key = keys::configuration();
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET #version = :after, live = if_not_exists(live, :zero)")
            // Before the first configuration the item may be there without a version.
            .condition_expression("attribute_not_exists(#version) OR #version = :before")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":before", n(before.version))
            .expression_attribute_values(":after", n(after.version))
            .expression_attribute_values(":zero", n(0));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => {
                self.cached(|cache| cache.current = None);
                Ok(())
            }
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                Err(StoreError::Contention { key: key.pk })
            }
            Err(error) => Err(StoreError::unavailable("move the version pointer", &error)),
        }
    }

    /// The version in force; 0 when nothing was ever applied.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn configuration_version(&self) -> Result<u64, StoreError> {
        Ok(self.current().await?.version)
    }

    /// What routing needs.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn routes(&self) -> Result<Arc<Routes>, StoreError> {
        let current = self.current().await?;
        if let Some((version, routes)) = self.cached(|cache| cache.routes.clone())
            && version == current.version
        {
            return Ok(routes);
        }
        // Without routes every alarm opens on the catch-all service.
        let routes = Arc::new(readable(self.read_routes(current.version).await)?.unwrap_or_default());
        self.cached(|cache| cache.routes = Some((current.version, Arc::clone(&routes))));
        Ok(routes)
    }

    /// A responder with their addresses, always read live.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the profile can not be read.
    pub async fn profile(&self, user: &UserId) -> Result<Option<Profile>, StoreError> {
        self.get(&keys::user(user)).await?.map(|found| body(&found)).transpose()
    }

    /// Adds an override. It is in force within 5 seconds.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn add_override(&self, made: &Override) -> Result<(), StoreError> {
        let key = keys::schedule_override(&made.schedule, made.until, &made.id);
        let put = item(&key)
            .with("body", s(item::json(&key.pk, made)?))
            .expiring(made.until.saturating_add(SignedDuration::from_hours(24 * 400)).unwrap_or(Timestamp::MAX));
        let pointer = keys::configuration();
        let update = aws_sdk_dynamodb::types::Update::builder()
            .table_name(&self.table)
            .key("pk", s(&pointer.pk))
            .key("sk", s(&pointer.sk))
            .update_expression("ADD live :one")
            .expression_attribute_values(":one", n(1))
            .build()
            .map_err(|error| StoreError::unreadable(&pointer.pk, error))?;
        let writes = vec![self.put(put)?, aws_sdk_dynamodb::types::TransactWriteItem::builder().update(update).build()];
        match self.transact(&format!("override/{}/{}", made.id, made.created_at), writes).await? {
            Commit::Committed | Commit::Conflict => {
                self.cached(|cache| cache.current = None);
                Ok(())
            }
        }
    }

    /// Who can be called for a new incident of `service`.
    pub(crate) async fn roster(&self, service: &ServiceId, now: Timestamp) -> Result<Roster, StoreError> {
        let current = self.current().await?;
        let bundle = self.bundle_or_catch_all(service, current.version).await?;
        self.roster_from(&bundle, current, &[], now).await
    }

    /// Who can be called for an open incident: its service and people as configured now, its policy as at its trigger.
    pub(crate) async fn roster_of(&self, incident: &Incident, input: &Input, now: Timestamp) -> Result<Roster, StoreError> {
        let current = self.current().await?;
        let bundle = self.bundle_or_catch_all(&incident.service, current.version).await?;
        let mut people: Vec<UserId> = incident.wave.iter().flat_map(|wave| wave.users.clone()).collect();
        let mut targets: &[Target] = &[];
        if let Command::Reassign { to } = &input.command {
            targets = to;
        }
        people.extend(targets.iter().filter_map(|target| if let Target::User(user) = target { Some(user.clone()) } else { None }));
        let mut roster = self.roster_from(&bundle, current, &people, now).await?;
        let in_force = &incident.policy;
        if (roster.policy.id(), bundle.version) != (&in_force.id, in_force.configuration)
            && let Some(then) = readable(self.bundle_at(bundle.service.id(), in_force.configuration).await)?
        {
            self.add_policy_of(&mut roster, &then, current, now).await?;
        }
        Ok(roster)
    }

    /// Puts the policy at the trigger in force, with the schedules, teams and people it names and today's bundle lacks.
    async fn add_policy_of(&self, roster: &mut Roster, then: &Bundle, current: Current, now: Timestamp) -> Result<(), StoreError> {
        let old = self.roster_from(then, current, &[], now).await?;
        for (schedule, users) in old.on_call {
            roster.on_call.entry(schedule).or_insert(users);
        }
        for (team, users) in old.teams {
            roster.teams.entry(team).or_insert(users);
        }
        for (id, user) in old.users {
            roster.users.entry(id).or_insert(user);
        }
        roster.policy = old.policy;
        Ok(())
    }

    async fn roster_from(&self, bundle: &Bundle, current: Current, people: &[UserId], now: Timestamp) -> Result<Roster, StoreError> {
        let mut overrides = Vec::new();
        for schedule in &bundle.schedules {
            overrides.extend(self.overrides(schedule.id(), current, now).await?.iter().cloned());
        }
        let mut roster = Roster::at(bundle, &overrides, now);
        // People of an override, or to whom somebody gave the incident, need not be in the service's bundle.
        let strangers: Vec<UserId> =
            roster.on_call.values().flatten().chain(people).filter(|user| !roster.users.contains_key(user)).cloned().collect();
        for user in strangers {
            // Nobody is called by a profile that can not be read; the others on call still are.
            if let Some(profile) = readable(self.profile(&user).await)? {
                roster.users.insert(user, profile.user);
            }
        }
        Ok(roster)
    }

    async fn overrides(&self, schedule: &ScheduleId, current: Current, now: Timestamp) -> Result<Arc<Vec<Override>>, StoreError> {
        if let Some((live, overrides)) = self.cached(|cache| cache.overrides.get(schedule).cloned())
            && live == current.live
        {
            return Ok(overrides);
        }
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk > :from")
            .expression_attribute_values(":pk", s(keys::schedule_partition(schedule)))
            .expression_attribute_values(":from", s(keys::override_from(now)))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        let mut answer = answer;
        while let Some(next) = answer.next().await {
            let next: Item = next.map_err(|error| StoreError::unavailable("read overrides", &error))?;
            // The schedule without it still names somebody.
            found.extend(readable(body(&next).map(Some))?);
        }
        let found = Arc::new(found);
        self.cached(|cache| cache.overrides.insert(schedule.clone(), (current.live, Arc::clone(&found))));
        Ok(found)
    }

    /// The service's bundle; the catch-all service's where there is none or it can not be read, and where that can not be
    /// read either, an earlier one of it: somebody has to be called.
    async fn bundle_or_catch_all(&self, service: &ServiceId, version: u64) -> Result<Arc<Bundle>, StoreError> {
        if let Some(bundle) = readable(self.bundle_at(service, version).await)? {
            return Ok(bundle);
        }
        let problem = match self.bundle_at(&ServiceId::catch_all(), version).await {
            Ok(Some(bundle)) => return Ok(bundle),
            Ok(None) => return Err(StoreError::Unconfigured { service: service.to_string() }),
            Err(error @ StoreError::Unreadable { .. }) => error,
            Err(error) => return Err(error),
        };
        let pk = keys::bundle_partition(&ServiceId::catch_all());
        let earlier = self.newest_versions(&pk, version, VERSIONS_MAX).await?;
        let found = earlier.iter().find_map(|found| body::<Bundle>(found).ok());
        found.map(Arc::new).ok_or(problem)
    }

    async fn bundle_at(&self, service: &ServiceId, version: u64) -> Result<Option<Arc<Bundle>>, StoreError> {
        let key = (service.clone(), version);
        if let Some(bundle) = self.cached(|cache| cache.bundles.get(&key).cloned()) {
            return Ok(Some(bundle));
        }
        let Some(bundle) = self.read_bundle(service, version).await?.map(Arc::new) else { return Ok(None) };
        self.cached(|cache| {
            if cache.bundles.len() >= BUNDLES_MAX {
                cache.bundles.clear();
            }
            cache.bundles.insert(key, Arc::clone(&bundle));
        });
        Ok(Some(bundle))
    }

    async fn read_bundle(&self, service: &ServiceId, version: u64) -> Result<Option<Bundle>, StoreError> {
        self.newest_version(&keys::bundle_partition(service), version).await?.map(|found| body(&found)).transpose()
    }

    async fn read_routes(&self, version: u64) -> Result<Option<Routes>, StoreError> {
        self.newest_version(keys::ROUTES_PARTITION, version).await?.map(|found| body(&found)).transpose()
    }

    /// The newest item of a partition of versions that is not newer than `version`.
    async fn newest_version(&self, pk: &str, version: u64) -> Result<Option<Item>, StoreError> {
        Ok(self.newest_versions(pk, version, 1).await?.into_iter().next())
    }

    /// The newest items of a partition of versions that are not newer than `version`, the newest first.
    async fn newest_versions(&self, pk: &str, version: u64, most: i32) -> Result<Vec<Item>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk <= :version")
            .expression_attribute_values(":pk", s(pk))
            .expression_attribute_values(":version", s(keys::version_sk(version)))
            .scan_index_forward(false)
            .limit(most)
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("read the configuration", &error))?;
        Ok(answer.items.unwrap_or_default())
    }

    /// The version pointer: one small read, at most every few seconds.
    async fn current(&self) -> Result<Current, StoreError> {
        let now = self.clock.now();
        if let Some((read_at, current)) = self.cached(|cache| cache.current)
            && now.duration_since(read_at).abs() < POINTER_BELIEVED
        {
            return Ok(current);
        }
        let current = self.read_current().await?;
        self.cached(|cache| cache.current = Some((now, current)));
        Ok(current)
    }

    async fn read_current(&self) -> Result<Current, StoreError> {
        let found = self.get(&keys::configuration()).await?;
        Ok(found.map_or_else(Current::default, |found| Current {
            version: number(&found, "version").unwrap_or(0),
            live: number(&found, "live").unwrap_or(0),
        }))
    }

    pub(crate) async fn put_item(&self, made: Item) -> Result<(), StoreError> {
        let name = item::name(&made);
        self.retrying(&name, || self.client.put_item().table_name(&self.table).set_item(Some(made.clone())).send())
            .await
            .map(|_| ())
            .map_err(|error| StoreError::unavailable("write an item", &error))
    }

    /// What was read before. A thread that panicked while holding it left nothing half-done, so its poison is ignored.
    fn cached<T>(&self, look: impl FnOnce(&mut Cache) -> T) -> T {
        look(&mut self.cache.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

/// What can not be read counts as not there, where a page is better than none. Its text is kept out of the log: it may hold
/// addresses.
fn readable<T>(found: Result<Option<T>, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Err(StoreError::Unreadable { key, .. }) => {
            tracing::error!(%key, "a part of the configuration can not be read; apply it again");
            Ok(None)
        }
        other => other,
    }
}
