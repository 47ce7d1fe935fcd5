//! Drills: everybody who may be called in a period is asked, on each of their channels, whether they can be reached.
//!
//! The item names whom it asks from the beginning and stands in the index of work until every message is made, each under an id
//! of its own. Answers are no part of it: a tap proves the address (`contact.rs`), as any other proof does.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use hansho_domain::{
    Bundle, CalledHour, DrillId, Method, Notice, NoticeId, NoticeKind, PolicyId, ScheduleId, ServiceId, TeamId, Urgency, UserId, called_in,
    drill_hours, responders,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    AddressHash, ContactProof, Store,
    audit::Act,
    commit::Commit,
    delivery::later,
    error::StoreError,
    item::{self, Item, With, body, item, n, number, s, time, timestamp},
    keys,
    notice::notice_id,
};

/// Most people of a drill: their addresses have to fit into its item.
pub const DRILL_PEOPLE_MAX: usize = 500;
/// Most hours of all policies together that a drill looks at.
pub const DRILL_HOURS_MAX: usize = 20_000;
/// How many drills may begin within a day: each message costs money, and who is asked every hour stops to answer.
const BEGUN_MAX: u32 = 10;
const BEGUN_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// Most drills that are listed, the newest first: what began in a fortnight, as often as may be.
const LISTED_MAX: usize = 140;
/// How long a drill is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Whose reachability is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrillScope {
    /// Every service's.
    Everything,
    /// One service's.
    Service(ServiceId),
    /// Whoever is on call in a schedule.
    Schedule(ScheduleId),
    /// Everybody in a team.
    Team(TeamId),
}

/// One address that is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedContact {
    /// Whose.
    pub user: UserId,
    /// Of which method.
    pub method: Method,
    /// Which, by its hash.
    pub address: AddressHash,
}

/// A drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drill {
    /// Its id.
    pub id: DrillId,
    /// Whom it is about.
    pub scope: DrillScope,
    /// The first moment of its period.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
    /// The zone on whose clock the period was given, an IANA name.
    pub time_zone: String,
    /// When it began: what is proven from then on counts.
    pub began_at: Timestamp,
    /// When the messages are sent.
    pub send_at: Timestamp,
    /// The name of the token that asked for it.
    pub by: String,
    /// Who is asked, and where.
    pub asked: Vec<AskedContact>,
    /// When it was called off; what was not sent until then is not sent.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
}

impl Drill {
    /// The id of the message to one of its addresses.
    ///
    /// # Errors
    /// Never; the id is a hash.
    pub fn notice_of(&self, asked: &AskedContact) -> Result<NoticeId, StoreError> {
        notice_id(&["drill", self.id.as_str(), asked.user.as_str(), asked.method.as_str()])
    }
}

/// A drill as the list has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedDrill {
    /// See [`Drill::id`].
    pub id: DrillId,
    /// See [`Drill::scope`].
    pub scope: DrillScope,
    /// See [`Drill::from`].
    pub from: Timestamp,
    /// See [`Drill::until`].
    pub until: Timestamp,
    /// See [`Drill::time_zone`].
    pub time_zone: String,
    /// See [`Drill::began_at`].
    pub began_at: Timestamp,
    /// See [`Drill::send_at`].
    pub send_at: Timestamp,
    /// See [`Drill::by`].
    pub by: String,
    /// How many people are asked.
    pub people: usize,
    /// See [`Drill::ended_at`].
    pub ended_at: Option<Timestamp>,
}

impl From<&Drill> for ListedDrill {
    fn from(drill: &Drill) -> Self {
        let Drill { id, scope, from, until, time_zone, began_at, send_at, by, asked, ended_at } = drill.clone();
        let people = asked.iter().map(|asked| &asked.user).collect::<BTreeSet<_>>().len();
        Self { id, scope, from, until, time_zone, began_at, send_at, by, people, ended_at }
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct DrillRequest {
    /// Names the request: the same again is the same drill.
    pub id: DrillId,
    /// See [`Drill::scope`].
    pub scope: DrillScope,
    /// See [`Drill::from`].
    pub from: Timestamp,
    /// See [`Drill::until`].
    pub until: Timestamp,
    /// See [`Drill::time_zone`].
    pub time_zone: String,
    /// See [`Drill::send_at`].
    pub send_at: Timestamp,
    /// See [`Drill::by`].
    pub by: String,
}

/// What asking for a drill comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum DrillBegun {
    /// It has begun.
    Begun(Box<Drill>),
    /// This very request was made before.
    Known(Box<Drill>),
    /// There is nothing of that name.
    UnknownScope,
    /// Nobody would be called in the period.
    Nobody,
    /// There are more people, or more hours, than a drill takes.
    TooLarge,
    /// There were too many of late.
    TooOften {
        /// When the next may begin.
        again_at: Timestamp,
    },
}

/// Who would be called by what in each hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calls {
    /// By what: `escalation_policy/checkout`, `schedule/primary`, `team/sre`.
    pub by: String,
    /// The hours of the period.
    pub hours: Vec<CalledHour>,
}

/// A person of a certificate, with what is known of each of their addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertifiedPerson {
    /// Their name as people say it.
    pub name: String,
    /// Their addresses, by method.
    pub contacts: BTreeMap<Method, ContactProof>,
    /// The methods by which their rules wake them for what is urgent.
    pub wakes: BTreeSet<Method>,
}

impl CertifiedPerson {
    /// Whether they were proven since then to be reached in a way that wakes them. A mail arrives, and nobody hears it.
    pub fn is_proven_since(&self, since: Timestamp) -> bool {
        self.wakes.iter().filter_map(|method| self.contacts.get(method)).any(|proof| proof.is_proven_since(since))
    }
}

/// Who is reachable in each hour, by what, and last proven when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Who would be called.
    pub calls: Vec<Calls>,
    /// Everybody of them.
    pub people: BTreeMap<UserId, CertifiedPerson>,
}

impl Store {
    /// Who would be called in each hour of a period; `None` when there is nothing of that name, or it takes too long to say.
    async fn calls(&self, scope: &DrillScope, from: Timestamp, until: Timestamp) -> Result<Option<Vec<Calls>>, StoreError> {
        let directory = self.directory().await?;
        match scope {
            DrillScope::Everything => self.calls_of_services(None, from, until).await,
            DrillScope::Service(service) => self.calls_of_services(Some(service), from, until).await,
            DrillScope::Schedule(id) => {
                let Some(listed) = directory.schedule(id) else { return Ok(None) };
                let Some(schedule) = self.definition(listed).await? else { return Ok(None) };
                let overrides = self.overrides_between(id, from, until).await?;
                let hours = drill_hours(from, until, |at| vec![schedule.on_call_at(&overrides, at)]);
                Ok(Some(vec![Calls { by: format!("schedule/{id}"), hours }]))
            }
            DrillScope::Team(id) => {
                let Some(team) = directory.teams.iter().find(|team| team.id == *id) else { return Ok(None) };
                let hours = drill_hours(from, until, |_| vec![team.members.clone()]);
                Ok(Some(vec![Calls { by: format!("team/{id}"), hours }]))
            }
        }
    }

    async fn calls_of_services(
        &self,
        only: Option<&ServiceId>,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Vec<Calls>>, StoreError> {
        let mut seen: BTreeSet<PolicyId> = BTreeSet::new();
        let mut calls = Vec::new();
        let services = self.routes().await?;
        for service in services.services.iter().filter(|service| only.is_none_or(|only| *only == service.id)) {
            let Some(bundle) = self.bundle_in_force(&service.id).await? else { continue };
            if !seen.insert(bundle.policy.id().clone()) {
                continue;
            }
            let (bundle, overrides) = self.with_strangers((*bundle).clone(), from, until).await?;
            let by = format!("escalation_policy/{}", bundle.policy.id());
            calls.push(Calls { by, hours: called_in(&bundle, &overrides, from, until) });
            if calls.iter().map(|calls| calls.hours.len()).sum::<usize>() > DRILL_HOURS_MAX {
                break;
            }
        }
        Ok((!calls.is_empty()).then_some(calls))
    }

    /// The bundle with the overrides of the period, and the people whom they and covers name.
    async fn with_strangers(
        &self,
        mut bundle: Bundle,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<(Bundle, Vec<hansho_domain::Override>), StoreError> {
        let mut overrides = Vec::new();
        for schedule in &bundle.schedules {
            overrides.extend(self.overrides_between(schedule.id(), from, until).await?);
        }
        let mut named: BTreeSet<UserId> = overrides.iter().flat_map(|made| made.change.by()).cloned().collect();
        named.extend(bundle.users.iter().flat_map(|user| user.quiet().covers()).cloned());
        for user in named {
            if bundle.users.iter().all(|known| *known.id() != user)
                && let Some(profile) = self.profile(&user).await?
            {
                bundle.users.push(profile.user);
            }
        }
        Ok((bundle, overrides))
    }

    /// Begins a drill: from then on its messages are made, whatever happens to this caller.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn begin_drill(&self, request: &DrillRequest) -> Result<DrillBegun, StoreError> {
        if let Some(known) = self.drill(&request.id).await? {
            self.make_drill_notices(&known).await?;
            return Ok(DrillBegun::Known(Box::new(known)));
        }
        let Some(calls) = self.calls(&request.scope, request.from, request.until).await? else { return Ok(DrillBegun::UnknownScope) };
        let people: BTreeSet<UserId> = calls.iter().flat_map(|calls| responders(&calls.hours)).collect();
        if people.len() > DRILL_PEOPLE_MAX || calls.iter().map(|calls| calls.hours.len()).sum::<usize>() > DRILL_HOURS_MAX {
            return Ok(DrillBegun::TooLarge);
        }
        let mut asked = Vec::new();
        for user in people {
            let Some(profile) = self.profile(&user).await? else { continue };
            let addresses = Method::ALL.into_iter().filter_map(|method| Some((method, AddressHash::of(&profile.contact, method)?)));
            asked.extend(addresses.map(|(method, address)| AskedContact { user: user.clone(), method, address }));
        }
        if asked.is_empty() {
            return Ok(DrillBegun::Nobody);
        }
        let DrillRequest { id, scope, from, until, time_zone, send_at, by } = request.clone();
        let drill = Drill { id, scope, from, until, time_zone, began_at: self.clock.now(), send_at, by, asked, ended_at: None };
        self.put_drill(drill).await
    }

    async fn put_drill(&self, drill: Drill) -> Result<DrillBegun, StoreError> {
        let now = drill.began_at;
        let limit_key = keys::drills_begun();
        let known = self.get(&limit_key).await?;
        let window = known.as_ref().and_then(|known| Some((timestamp(known, "since")?, number::<u32>(known, "count")?)));
        let (since, count) = match window {
            Some((since, count)) if now < later(since, BEGUN_WITHIN) => {
                if count >= BEGUN_MAX {
                    return Ok(DrillBegun::TooOften { again_at: later(since, BEGUN_WITHIN) });
                }
                (since, count + 1)
            }
            Some(_) | None => (now, 1),
        };
        let limit = item(&limit_key).with("since", time(since)).with("count", n(count));
        let mut put = Put::builder().table_name(&self.table).set_item(Some(limit));
        put = match window {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some((since, count)) => put
                .condition_expression("#since = :since AND #count = :count")
                .expression_attribute_names("#since", "since")
                .expression_attribute_names("#count", "count")
                .expression_attribute_values(":since", time(since))
                .expression_attribute_values(":count", n(count)),
        };
        let put = put.build().map_err(|error| StoreError::unreadable(&limit_key.pk, error))?;
        let key = keys::drill(&drill.id);
        let made = item(&key)
            .with("body", s(item::json(&key.pk, &drill)?))
            .with("work_pk", s(keys::DRILL_WORK))
            .with("work_at", time(now))
            .expiring(later(drill.until.max(now), KEPT));
        let listed = self.put_new(listed_item(&drill)?)?;
        let told = self.audited(now, &drill.by, Act::DrillBegun { id: drill.id.clone() })?;
        let writes = vec![self.put_new(made)?, listed, TransactWriteItem::builder().put(put).build(), told];
        match self.transact_alone(&format!("drill/{}/{now}", drill.id), writes).await? {
            Commit::Committed => {
                self.make_drill_notices(&drill).await?;
                Ok(DrillBegun::Begun(Box::new(drill)))
            }
            Commit::Conflict => match self.drill(&drill.id).await? {
                Some(known) => Ok(DrillBegun::Known(Box::new(known))),
                // Another drill began at this very moment.
                None => Ok(DrillBegun::TooOften { again_at: later(now, SignedDuration::from_secs(1)) }),
            },
        }
    }

    /// Makes the messages of a drill that are not made yet. Those that are stay as they are.
    ///
    /// # Errors
    /// DynamoDB does not answer; the sweeper makes the rest.
    pub async fn make_drill_notices(&self, drill: &Drill) -> Result<(), StoreError> {
        if drill.ended_at.is_none() && self.clock.now() < drill.until {
            for asked in &drill.asked {
                let kind = NoticeKind::Drill { drill: drill.id.clone(), since: drill.began_at, from: drill.from, until: drill.until };
                let address = Some(asked.address.as_str().to_owned());
                let notice = Notice { user: asked.user.clone(), method: asked.method, kind, address };
                let _is_new = self.make_notice(&drill.notice_of(asked)?, &notice, drill.send_at).await?;
            }
        }
        let key = keys::drill(&drill.id);
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("REMOVE work_pk, work_at");
        let done = self.retrying(&key.pk, || request.clone().send()).await;
        done.map(|_| ()).map_err(|error| StoreError::unavailable("finish the messages of a drill", &error))
    }

    /// A drill.
    ///
    /// # Errors
    /// DynamoDB does not answer, or it can not be read.
    pub async fn drill(&self, id: &DrillId) -> Result<Option<Drill>, StoreError> {
        self.get(&keys::drill(id)).await?.map(|found| body(&found)).transpose()
    }

    /// The drills, the newest first.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn drills(&self) -> Result<Vec<ListedDrill>, StoreError> {
        let found = self.query_newest(keys::DRILLS_PARTITION, keys::LISTED_DRILL_PREFIX, LISTED_MAX).await?;
        Ok(found.iter().filter_map(|found| body(found).ok()).collect())
    }

    /// Calls a drill off, by the hand of `by`: what was not sent yet is not sent. What was answered stays proven. `None` when there is no such drill.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn end_drill(&self, id: &DrillId, by: &str) -> Result<Option<Drill>, StoreError> {
        let Some(mut drill) = self.drill(id).await? else { return Ok(None) };
        if drill.ended_at.is_none() {
            drill.ended_at = Some(self.clock.now());
            let key = keys::drill(id);
            let ended = item(&key).with("body", s(item::json(&key.pk, &drill)?)).expiring(later(drill.until, KEPT));
            let told = self.audited(self.clock.now(), by, Act::DrillEnded { id: id.clone() })?;
            let writes = vec![self.put(ended)?, self.put(listed_item(&drill)?)?, told];
            let _same_for_all = self.transact_alone(&format!("end-drill/{id}"), writes).await?;
        }
        Ok(Some(drill))
    }

    /// Who would be called in each hour of the drill's period as things are now, with what is known of their addresses. `None` when what
    /// it is about is gone.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn certificate(&self, drill: &Drill) -> Result<Option<Certificate>, StoreError> {
        let Some(calls) = self.calls(&drill.scope, drill.from, drill.until).await? else { return Ok(None) };
        let mut people = BTreeMap::new();
        for user in calls.iter().flat_map(|calls| responders(&calls.hours)).collect::<BTreeSet<_>>() {
            let person = match self.profile(&user).await? {
                Some(profile) => {
                    let rules = profile.user.rules(Urgency::High);
                    CertifiedPerson {
                        name: profile.user.name().to_owned(),
                        contacts: self.contact_proofs(&user, &profile.contact).await?,
                        wakes: rules.iter().map(|rule| rule.by).filter(|method| method.wakes()).collect(),
                    }
                }
                None => CertifiedPerson { name: user.to_string(), contacts: BTreeMap::new(), wakes: BTreeSet::new() },
            };
            people.insert(user, person);
        }
        Ok(Some(Certificate { calls, people }))
    }
}

/// The drill in the list of drills; written with it.
fn listed_item(drill: &Drill) -> Result<Item, StoreError> {
    let key = keys::listed_drill(drill.began_at, &drill.id);
    let listed = item(&key).with("body", s(item::json(&key.pk, &ListedDrill::from(drill))?));
    Ok(listed.expiring(later(drill.until.max(drill.began_at), KEPT)))
}
