//! A new version of the configuration: everything under a version that nobody else writes, and the pointer last.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{ReturnValue, TransactWriteItem, Update};
use futures_util::future::join_all;
use hansho_domain::{Configuration, MaintenanceWindow, UserId};
use jiff::{SignedDuration, Timestamp};

use super::{
    Addresses, Author, ConfigurationText, Contact, Current, Oversized, Version,
    parts::{self, Difference, Parts},
    pieces, readable,
};
use crate::{
    Store,
    audit::Act,
    commit::Commit,
    error::StoreError,
    item::{self, Item, With, item, n, number, s},
    keys,
    maintenance::replanned,
};

/// Most items of one BatchWriteItem (API reference).
const BATCH_ITEMS_MAX: usize = 25;
/// Most bytes of bodies in one batch. DynamoDB takes 16 MB; this much is held for each batch on its way.
const BATCH_BYTES_MAX: usize = 1_000_000;
/// How many batches are on their way at once: enough to fill a new table's 4,000 write units a second, few enough for 128 MB.
const BATCHES_AT_ONCE: usize = 8;
/// Most items of one BatchGetItem (API reference).
const READS_MAX: usize = 100;

/// How long it is kept how far an apply has come: longer than any takes.
const PROGRESS_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How many applies that did not get to their end are looked through for services and people of their own.
const UNFINISHED_MAX: usize = 20;

/// A configuration that is to be put in force.
#[derive(Debug, Clone, Copy)]
pub struct Proposal<'a> {
    /// What the functions read.
    pub configuration: &'a Configuration,
    /// Where its people, machines and channels are reached.
    pub addresses: Addresses<'a>,
    /// What it was read from.
    pub text: &'a ConfigurationText,
    /// Who puts it in force.
    pub author: &'a Author,
    /// What it changes, in one line.
    pub summary: &'a str,
    /// The version that it was compared with: it is put in force only while that one is. `None`: whatever is.
    pub expected: Option<u64>,
}

/// What became of a proposal. A lost race is a value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Proposed {
    /// It is in force.
    InForce(Version),
    /// It was in force already, as this version.
    Unchanged(u64),
    /// Another version is in force than was expected; who made it, if anybody ever made one.
    Overtaken(u64, Option<Version>),
    /// Parts of it are too large to be stored; nothing was written.
    TooLarge(Vec<Oversized>),
}

/// What a proposal would write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weight {
    /// The version in force.
    pub version: u64,
    /// How many items would be written or taken away.
    pub items: usize,
    /// Parts that are too large to be stored.
    pub oversized: Vec<Oversized>,
}

/// How far the apply has come that is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The version that it makes.
    pub version: u64,
    /// How many items it has written.
    pub written: usize,
    /// How many there are.
    pub items: usize,
}

impl Store {
    /// Makes `configuration` the one in force, whatever is, and says its version: [`Store::propose`] for one without a text and without
    /// destinations.
    ///
    /// # Errors
    /// DynamoDB does not answer, or somebody else applies at the same time.
    pub async fn apply_configuration(
        &self,
        configuration: &Configuration,
        contacts: &BTreeMap<UserId, Contact>,
    ) -> Result<u64, StoreError> {
        let (text, author) = (ConfigurationText::default(), Author::default());
        let addresses = Addresses { contacts, destinations: &BTreeMap::new() };
        let proposal = Proposal { configuration, addresses, text: &text, author: &author, summary: "", expected: None };
        match self.propose(&proposal).await? {
            Proposed::InForce(Version { version, .. }) | Proposed::Unchanged(version) => Ok(version),
            Proposed::Overtaken(..) => Err(StoreError::Contention { key: keys::configuration().pk }),
            Proposed::TooLarge(parts) => Err(StoreError::unreadable(&self.table, format!("{parts:?} can not be stored"))),
        }
    }

    /// Puts a configuration in force. Everything is written under a version that nobody else writes, and the version pointer
    /// last, in one transaction with the record of who made it: a crash half-way and somebody else's apply leave nothing in
    /// force. Only what differs is written. What is in force already changes nothing, unless it can not be read any more.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn propose(&self, proposal: &Proposal<'_>) -> Result<Proposed, StoreError> {
        let before = self.read_current().await?;
        if proposal.expected.is_some_and(|expected| expected != before.version) {
            return self.overtaken().await;
        }
        let known = self.parts(before.version).await?;
        let mut difference = known.difference(proposal.configuration, proposal.addresses, &BTreeSet::new())?;
        let is_described = self.is_described(proposal.configuration, proposal.addresses.contacts, before.version).await?;
        if difference.is_empty() && is_described && self.has_text(before.version, proposal.text).await? {
            let broken = self.broken(&known).await?;
            if broken.is_empty() {
                return Ok(Proposed::Unchanged(before.version));
            }
            difference = known.difference(proposal.configuration, proposal.addresses, &broken)?;
        }
        if !difference.oversized.is_empty() {
            return Ok(Proposed::TooLarge(difference.oversized));
        }
        let version = self.reserve_version(before).await?;
        if let Some(all) = self.to_be_hidden(before.version, version, &known).await? {
            difference = known.difference(proposal.configuration, proposal.addresses, &all)?;
        }
        // The list of its parts comes before them, so that an apply that dies leaves nothing that nobody knows of.
        self.write_all(Box::new(description(proposal, known, &difference, version)?.into_iter().map(Ok))).await?;
        self.write_parts(items(proposal, &difference, version), version, difference.written.len() + difference.gone.len()).await?;
        self.describe(proposal.configuration, proposal.addresses.contacts, before.version, version).await?;
        let made = Version {
            version,
            follows: before.version,
            at: self.clock.now(),
            author: proposal.author.clone(),
            summary: proposal.summary.to_owned(),
            digest: proposal.text.digest(),
            files: proposal.text.0.len(),
            items: difference.written.len() + difference.gone.len(),
        };
        let is_replanned = self.is_replanned(proposal.configuration, before.version).await?;
        match self.move_pointer(before, &made, is_replanned).await? {
            Commit::Committed => Ok(Proposed::InForce(made)),
            Commit::Conflict => self.overtaken().await,
        }
    }

    /// What putting a configuration in force would write, and whether it can be stored at all.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn weigh(&self, configuration: &Configuration, addresses: Addresses<'_>) -> Result<Weight, StoreError> {
        let Current { version, .. } = self.read_current().await?;
        let difference = self.parts(version).await?.difference(configuration, addresses, &BTreeSet::new())?;
        Ok(Weight { version, items: difference.written.len() + difference.gone.len(), oversized: difference.oversized })
    }

    async fn overtaken(&self) -> Result<Proposed, StoreError> {
        let Current { version, .. } = self.read_current().await?;
        Ok(Proposed::Overtaken(version, readable(self.version(version).await)?))
    }

    async fn has_text(&self, version: u64, text: &ConfigurationText) -> Result<bool, StoreError> {
        Ok(version > 0 && readable(self.version(version).await)?.is_some_and(|known| known.digest == text.digest()))
    }

    /// The parts of a version; none where there are none or their list can not be read, so that all are written.
    async fn parts(&self, version: u64) -> Result<Parts, StoreError> {
        let found = self.put_together(&keys::version_partition(version), keys::PARTS_PREFIX).await;
        Ok(readable(found)?.unwrap_or_default())
    }

    /// Every part that an apply may have written that reserved its version after the one in force and did not get to its end:
    /// it may be at work still. An older version of what the next one leaves as it is would show through, so all is written.
    async fn to_be_hidden(&self, before: u64, version: u64, known: &Parts) -> Result<Option<BTreeSet<String>>, StoreError> {
        let unfinished = before + 1..version;
        if unfinished.is_empty() {
            return Ok(None);
        }
        let mut all = known.names();
        for other in unfinished.rev().take(UNFINISHED_MAX) {
            all.extend(self.parts(other).await?.names());
        }
        Ok(Some(all))
    }

    /// The parts whose items are not what was written: they are missing or spoilt.
    async fn broken(&self, parts: &Parts) -> Result<BTreeSet<String>, StoreError> {
        let mut expected: BTreeMap<keys::Key, (&str, &str)> = parts.in_force().map(|(name, key, digest)| (key, (name, digest))).collect();
        let all: Vec<keys::Key> = expected.keys().cloned().collect();
        for some in all.chunks(READS_MAX) {
            for found in self.batch_get(some).await? {
                let (Some(pk), Some(sk)) = (item::text(&found, "pk"), item::text(&found, "sk")) else { continue };
                let key = keys::Key { pk: pk.to_owned(), sk: sk.to_owned() };
                let body = item::text(&found, "body").map(keys::hash);
                // What is in pieces is written again only when it differs.
                if parts::may_be_large(pk) || expected.get(&key).is_some_and(|(_, digest)| body.as_deref() == Some(*digest)) {
                    expected.remove(&key);
                }
            }
        }
        Ok(expected.into_values().map(|(name, _)| name.to_owned()).collect())
    }

    /// Writes items in batches, some at once. They stand where nobody reads yet, so their order means nothing.
    pub(crate) async fn write_all(&self, items: Items<'_>) -> Result<(), StoreError> {
        let mut batches = Batches(items.peekable());
        loop {
            let some: Vec<_> = batches.by_ref().take(BATCHES_AT_ONCE).map(|batch| self.write(batch)).collect();
            if some.is_empty() {
                return Ok(());
            }
            join_all(some).await.into_iter().collect::<Result<(), _>>()?;
        }
    }

    /// The same for the parts of a version, and says on the way how far it has come. What is written at once says nothing.
    async fn write_parts(&self, items: Items<'_>, version: u64, count: usize) -> Result<(), StoreError> {
        let mut batches = Batches(items.peekable());
        let mut written = 0;
        loop {
            let some: Vec<_> = batches.by_ref().take(BATCHES_AT_ONCE).collect();
            if some.is_empty() {
                return Ok(());
            }
            written += some.iter().map(|batch| batch.as_ref().map_or(0, Vec::len)).sum::<usize>();
            join_all(some.into_iter().map(|batch| self.write(batch))).await.into_iter().collect::<Result<(), _>>()?;
            if count > BATCHES_AT_ONCE * BATCH_ITEMS_MAX {
                self.note_progress(Progress { version, written: written.min(count), items: count }).await?;
            }
        }
    }

    async fn note_progress(&self, Progress { version, written, items }: Progress) -> Result<(), StoreError> {
        let until = self.clock.now().saturating_add(PROGRESS_KEPT).unwrap_or(Timestamp::MAX);
        self.put_item(item(&keys::progress(version)).with("written", n(written)).with("items", n(items)).expiring(until)).await
    }

    /// How far an apply has come that has reserved its version and is not in force. `None`: there is none, or it writes so little that
    /// it does not say.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn progress(&self) -> Result<Option<Progress>, StoreError> {
        let Some(found) = self.get(&keys::configuration()).await? else { return Ok(None) };
        let (reserved, in_force) = (number::<u64>(&found, "reserved").unwrap_or(0), number::<u64>(&found, "version").unwrap_or(0));
        if reserved <= in_force {
            return Ok(None);
        }
        let found = self.get(&keys::progress(reserved)).await?;
        let progress = |found| Some(Progress { version: reserved, written: number(&found, "written")?, items: number(&found, "items")? });
        Ok(found.and_then(progress))
    }

    async fn write(&self, batch: Result<Vec<Item>, StoreError>) -> Result<(), StoreError> {
        self.write_batch(batch?).await
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

    /// Whether maintenance windows are taken out or changed. While functions go by what was so before, they hold alerts by those.
    async fn is_replanned(&self, configuration: &Configuration, before: u64) -> Result<bool, StoreError> {
        let known = readable(self.directory_at(before).await.map(Some))?;
        let is_kept = |window: &MaintenanceWindow| configuration.maintenance().contains(window);
        Ok(known.is_none_or(|known| !known.maintenance.iter().all(is_kept)))
    }

    /// Puts a version in force and on the list of versions, unless another came in force since. Where it changes maintenance, the
    /// sweeper sees to it that nothing is held by what was so before.
    async fn move_pointer(&self, before: Current, made: &Version, is_replanned: bool) -> Result<Commit, StoreError> {
        let key = keys::configuration();
        let update = Update::builder()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET #version = :after, live = if_not_exists(live, :zero)")
            // Before the first configuration the item may be there without a version.
            .condition_expression("attribute_not_exists(#version) OR #version = :before")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":before", n(before.version))
            .expression_attribute_values(":after", n(made.version))
            .expression_attribute_values(":zero", n(0))
            .build()
            .map_err(|error| StoreError::unreadable(&key.pk, error))?;
        let record = keys::part(keys::VERSIONS_PARTITION, made.version);
        let record = item(&record).with("body", s(item::json(&record.pk, made)?));
        let act = Act::Applied { version: made.version, restores: made.author.restores };
        let mut writes =
            vec![TransactWriteItem::builder().update(update).build(), self.put(record)?, self.audited(made.at, &made.author.by, act)?];
        if is_replanned {
            writes.push(self.put(replanned(made.version, made.at))?);
        }
        let outcome = self.transact(&format!("configuration/{}", made.version), writes).await?;
        self.cached(|cache| cache.current = None);
        Ok(outcome)
    }
}

/// Items that are made when they are written.
type Items<'a> = Box<dyn Iterator<Item = Result<Item, StoreError>> + Send + 'a>;

/// What a proposal changes: the parts that are new or different, and a mark for those that are no more.
fn items<'a>(proposal: &Proposal<'a>, difference: &'a Difference, version: u64) -> Items<'a> {
    let is_written = |part: &Result<(String, String), StoreError>| match part {
        Ok((name, _)) => difference.written.contains(name),
        Err(_) => true,
    };
    let written = parts::each(proposal.configuration, proposal.addresses).filter(is_written).flat_map(move |part| match part {
        Ok((name, body)) => items_of(&name, version, body),
        Err(error) => vec![Err(error)],
    });
    let gone = difference.gone.iter().map(move |name| Ok(parts::gone(name, version)));
    Box::new(written.chain(gone))
}

/// What a version says about itself: its text, the list of its parts, and who has left.
fn description(proposal: &Proposal<'_>, known: Parts, difference: &Difference, version: u64) -> Result<Vec<Item>, StoreError> {
    let partition = keys::version_partition(version);
    let mut items = Vec::new();
    if !proposal.text.0.is_empty() {
        items.extend(pieces::cut(&partition, keys::TEXT_PREFIX, proposal.text)?);
    }
    if difference.written.contains(keys::LEAVERS_PARTITION) {
        let leavers = known.leavers(difference);
        items.push(parts::written(keys::LEAVERS_PARTITION, version, item::json(keys::LEAVERS_PARTITION, &leavers)?));
    }
    items.extend(pieces::cut(&partition, keys::PARTS_PREFIX, &known.followed_by(difference, version))?);
    Ok(items)
}

/// The items of a part: one, or one that says that the part is in pieces, and the pieces.
fn items_of(name: &str, version: u64, body: String) -> Vec<Result<Item, StoreError>> {
    if body.len() <= pieces::BODY_BYTES_MAX || !parts::may_be_large(name) {
        return vec![Ok(parts::written(name, version, body))];
    }
    let head = item(&keys::part(name, version)).with(pieces::IN_PIECES, aws_sdk_dynamodb::types::AttributeValue::Bool(true));
    match pieces::cut_text(&keys::version_partition(version), keys::ROUTES_PREFIX, &body) {
        Ok(pieces) => pieces.into_iter().chain([head]).map(Ok).collect(),
        Err(error) => vec![Err(error)],
    }
}

/// Items in batches that DynamoDB takes, made when they are asked for.
struct Batches<'a>(std::iter::Peekable<Items<'a>>);

impl Iterator for Batches<'_> {
    type Item = Result<Vec<Item>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while batch.len() < BATCH_ITEMS_MAX {
            let size = match self.0.peek() {
                Some(Ok(next)) => size(next),
                Some(Err(_)) | None => 0,
            };
            if !batch.is_empty() && bytes + size > BATCH_BYTES_MAX {
                break;
            }
            match self.0.next() {
                Some(Ok(next)) => batch.push(next),
                Some(Err(error)) => return Some(Err(error)),
                None => break,
            }
            bytes += size;
        }
        (!batch.is_empty()).then_some(Ok(batch))
    }
}

/// Roughly the size of an item, in bytes: what is small in every item is left out.
fn size(item: &Item) -> usize {
    let body = item::text(item, "body").map_or(0, str::len);
    body + item.get("data").and_then(|data| data.as_b().ok()).map_or(0, |data| data.as_ref().len())
}
