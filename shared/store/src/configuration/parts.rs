//! The parts of a version: one item for each service, person and so on, written only where it differs from the version before.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::{Bundle, Configuration, Destination, UserId};
use serde::{Deserialize, Serialize};

use super::{Contact, DestinationAddress, Profile, pieces::BODY_BYTES_MAX};
use crate::{
    error::StoreError,
    item::{self, Item, With, item, s},
    keys,
};

/// The parts of a version, by the partition that each stands in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub(super) struct Parts(BTreeMap<String, Part>);

/// Where a part of a version is, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Part {
    /// The version that wrote it.
    version: u64,
    /// The hash of its body; `None` when a version took it away.
    digest: Option<String>,
}

/// A part that is too large to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oversized {
    /// Which: `service checkout`, `user aiko`.
    pub what: String,
    /// Its size.
    pub bytes: usize,
    /// The most there may be.
    pub bytes_max: usize,
}

/// What a configuration changes of the parts in force.
#[derive(Debug, Default)]
pub(super) struct Difference {
    /// Partitions whose part is new or different.
    pub(super) written: BTreeSet<String>,
    /// Partitions whose part is no more.
    pub(super) gone: BTreeSet<String>,
    pub(super) oversized: Vec<Oversized>,
    after: BTreeMap<String, Option<String>>,
}

impl Difference {
    pub(super) fn is_empty(&self) -> bool {
        self.written.is_empty() && self.gone.is_empty()
    }
}

/// Where people, machines and channels are reached.
#[derive(Debug, Clone, Copy)]
pub struct Addresses<'a> {
    /// The people.
    pub contacts: &'a BTreeMap<UserId, Contact>,
    /// The machines and channels.
    pub destinations: &'a BTreeMap<Destination, DestinationAddress>,
}

/// Every part: its partition and its body. Bodies are made one after the other: all of a large organisation's would not
/// fit into the memory of a small function.
pub(super) fn each<'a>(
    configuration: &'a Configuration,
    Addresses { contacts, destinations }: Addresses<'a>,
) -> impl Iterator<Item = Result<(String, String), StoreError>> + 'a {
    // A bundle's version is where it stands, so that an unchanged one has the same body.
    let bundles = configuration.each_bundle(0).map(|bundle: Bundle| made(keys::bundle_partition(bundle.service.id()), &bundle));
    let profiles = configuration.users().iter().map(|user| {
        let profile = Profile { user: user.clone(), contact: contacts.get(user.id()).cloned().unwrap_or_default() };
        made(keys::user_partition(user.id()), &profile)
    });
    let routes = std::iter::once_with(|| made(keys::ROUTES_PARTITION.to_owned(), &configuration.routes()));
    let policies = configuration.each_policy_bundle(0).map(|bundle| made(keys::policy_partition(bundle.policy.id()), &bundle));
    let destinations = destinations.iter().map(|(name, address)| made(keys::destination_partition(name), address));
    let integrations = configuration.integrations().iter().map(|i| made(keys::integration_partition(i.id()), i));
    bundles.chain(integrations).chain(policies).chain(profiles).chain(destinations).chain(routes)
}

fn made<T: Serialize>(partition: String, value: &T) -> Result<(String, String), StoreError> {
    let body = item::json(&partition, value)?;
    Ok((partition, body))
}

/// The item of a part.
pub(super) fn written(partition: &str, version: u64, body: String) -> Item {
    item(&keys::part(partition, version)).with("body", s(body))
}

/// The item that says that a part is no more.
pub(super) fn gone(partition: &str, version: u64) -> Item {
    item(&keys::part(partition, version)).with(GONE, aws_sdk_dynamodb::types::AttributeValue::Bool(true))
}

/// Whether a part's newest item says that there is none.
pub(super) fn is_gone(found: &Item) -> bool {
    found.contains_key(GONE)
}

const GONE: &str = "gone";

impl Parts {
    /// What the configuration changes. `again` names parts that are to be written whether they differ or not.
    pub(super) fn difference(
        &self,
        configuration: &Configuration,
        addresses: Addresses<'_>,
        again: &BTreeSet<String>,
    ) -> Result<Difference, StoreError> {
        let mut difference = Difference::default();
        for part in each(configuration, addresses) {
            let (partition, body) = part?;
            difference.add(self, partition, &body, again);
        }
        let there = self.0.iter().filter(|(_, part)| part.digest.is_some()).map(|(name, _)| name);
        let is_missing = |name: &&String| *name != keys::LEAVERS_PARTITION && !difference.after.contains_key(*name);
        let missing: BTreeSet<String> = there.chain(again).filter(is_missing).cloned().collect();
        difference.after.extend(missing.iter().map(|name| (name.clone(), None)));
        difference.gone = missing;
        let leavers = self.leavers(&difference);
        if !leavers.is_empty() || self.0.contains_key(keys::LEAVERS_PARTITION) {
            difference.add(self, keys::LEAVERS_PARTITION.to_owned(), &item::json(keys::LEAVERS_PARTITION, &leavers)?, again);
        }
        Ok(difference)
    }

    /// Everybody who was in a version and is not in the next one.
    pub(super) fn leavers<'a>(&'a self, next: &'a Difference) -> BTreeSet<&'a str> {
        let left = self.0.iter().filter(|(_, part)| part.digest.is_none()).map(|(name, _)| name);
        let is_there = |name: &str| next.after.get(name).is_some_and(Option::is_some);
        left.chain(&next.gone).filter_map(|name| name.strip_prefix(keys::USER_PREFIX).filter(|_| !is_there(name))).collect()
    }

    /// The partitions of all parts, also of those that are no more.
    pub(super) fn names(&self) -> BTreeSet<String> {
        self.0.keys().cloned().collect()
    }

    /// The parts of the next version.
    pub(super) fn followed_by(mut self, next: &Difference, version: u64) -> Self {
        for name in next.written.iter().chain(&next.gone) {
            let digest = next.after.get(name).cloned().flatten();
            self.0.insert(name.clone(), Part { version, digest });
        }
        self
    }

    /// The items that are in force, with the digest of each.
    pub(super) fn in_force(&self) -> impl Iterator<Item = (&str, keys::Key, &str)> {
        self.0.iter().filter_map(|(name, part)| Some((name.as_str(), keys::part(name, part.version), part.digest.as_deref()?)))
    }
}

impl Difference {
    fn add(&mut self, before: &Parts, partition: String, body: &str, again: &BTreeSet<String>) {
        if body.len() > BODY_BYTES_MAX && !may_be_large(&partition) {
            self.oversized.push(Oversized { what: spoken(&partition), bytes: body.len(), bytes_max: BODY_BYTES_MAX });
        }
        let digest = Some(keys::hash(body));
        if again.contains(&partition) || before.0.get(&partition).is_none_or(|known| known.digest != digest) {
            self.written.insert(partition.clone());
        }
        self.after.insert(partition, digest);
    }
}

/// Whether a part is cut into pieces when it is too large for an item.
pub(super) fn may_be_large(partition: &str) -> bool {
    partition == keys::ROUTES_PARTITION
}

/// A partition as people say it.
fn spoken(partition: &str) -> String {
    match partition.split_once('#') {
        Some(("BUNDLE", service)) => format!("service {service}"),
        Some((kind, name)) => format!("{} {name}", kind.to_lowercase()),
        None => partition.to_lowercase(),
    }
}
