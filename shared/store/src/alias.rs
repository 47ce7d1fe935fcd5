//! Aliases: under which dedup keys rules have put what its source calls by another one.
//!
//! A recovery often says less than its alert: an event that resolves names the source's own key and nothing else, so the rule that made
//! another key from the alert's labels can not make it again. The alias is written with what opens, and leads there: to that incident, and
//! to none that the key holds later, which may be another source key's trouble.

use aws_sdk_dynamodb::types::TransactWriteItem;
use hansho_domain::{DedupKey, IncidentId, IntegrationId};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store,
    error::StoreError,
    item::{Item, With, item, number, s, text},
    keys,
};

/// How long an alias is kept after it was written.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);
/// With less than this left, the next repeat writes it again.
const LEFT_MIN: SignedDuration = SignedDuration::from_hours(200 * 24);
/// Most aliases of one key whose incidents are looked at: those whose incidents are newest.
const ALIASES_MAX: usize = 1_000;
/// Most aliases of one key that are read. They lie in no order of time.
const ALIASES_READ_MAX: usize = 20_000;

/// What the source of a signal calls its trouble, before any rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentAs<'a> {
    /// The source's own key.
    pub key: &'a DedupKey,
    /// The signal says nothing but this key, so rules had nothing to make another one of.
    pub is_bare: bool,
}

impl Store {
    /// What leads from the source's key to the one that a rule made of it and to `incident`, which holds that; `None` where the keys
    /// are the same.
    pub(crate) fn alias_write(
        &self,
        integration: &IntegrationId,
        sent_as: Option<SentAs<'_>>,
        (made, incident): (&DedupKey, IncidentId),
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        let Some(sent_as) = sent_as.filter(|sent_as| sent_as.key != made) else { return Ok(None) };
        self.put(self.alias_item(integration, sent_as.key, (made, incident))).map(Some)
    }

    /// The same by itself, for a repeat: another one of its source's keys may have opened the incident, or a set of rules before
    /// this one.
    pub(crate) async fn ensure_alias(
        &self,
        integration: &IntegrationId,
        sent_as: Option<SentAs<'_>>,
        (made, incident): (&DedupKey, IncidentId),
    ) -> Result<(), StoreError> {
        let Some(sent_as) = sent_as.filter(|sent_as| sent_as.key != made) else { return Ok(()) };
        let found = self.get_together(&keys::alias(integration, sent_as.key, made)).await?;
        let found = found.filter(|found| leads_to(found) == Some(incident));
        let expires_at = found.and_then(|found| number(&found, "expires_at")).and_then(|second: i64| Timestamp::from_second(second).ok());
        let needed_until = self.clock.now().saturating_add(LEFT_MIN).unwrap_or(Timestamp::MAX);
        if expires_at.is_some_and(|expires_at| expires_at >= needed_until) {
            return Ok(());
        }
        self.put_item(self.alias_item(integration, sent_as.key, (made, incident))).await
    }

    /// The other keys that a signal may be about which says that something is over or that somebody is on it, where rules have sent it
    /// to `key`. One that names only the source's key is about all that came under that and is open still. One that says more was seen by
    /// the rules; where they left its key and nothing is open under it, it is about the one trouble that came under it, and about none where rules
    /// ever made several of it: what can not be told apart goes on paging.
    pub(crate) async fn other_keys(
        &self,
        integration: &IntegrationId,
        sent_as: Option<SentAs<'_>>,
        key: &DedupKey,
    ) -> Result<Vec<DedupKey>, StoreError> {
        let Some(sent_as) = sent_as.filter(|sent_as| sent_as.is_bare || sent_as.key == key) else { return Ok(Vec::new()) };
        let found = newest(self.query_newest(&keys::pointer(integration, sent_as.key).pk, keys::ALIAS_PREFIX, ALIASES_READ_MAX).await?);
        if !sent_as.is_bare && found.len() > 1 {
            return Ok(Vec::new());
        }
        let mut made = Vec::new();
        for alias in &found {
            let Some(key) = text(alias, "made").and_then(|made| DedupKey::new(made).ok()) else { continue };
            if self.pointer(integration, &key).await?.is_some_and(|pointer| pointer.is_open && pointer.is_of(leads_to(alias))) {
                made.push(key);
            }
        }
        made.push(sent_as.key.clone());
        made.retain(|made| made != key);
        Ok(made)
    }

    /// The open incidents that such a signal is about, each once.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn open_incidents_of(
        &self,
        integration: &IntegrationId,
        sent_as: SentAs<'_>,
        key: &DedupKey,
    ) -> Result<Vec<IncidentId>, StoreError> {
        let mut incidents: Vec<IncidentId> = self.open_incident_of(integration, key).await?.into_iter().collect();
        if incidents.is_empty() || sent_as.is_bare {
            for other in self.other_keys(integration, Some(sent_as), key).await? {
                let open = self.open_incident_of(integration, &other).await?;
                incidents.extend(open.filter(|open| !incidents.contains(open)));
            }
        }
        Ok(incidents)
    }

    fn alias_item(&self, integration: &IntegrationId, sent_as: &DedupKey, (made, incident): (&DedupKey, IncidentId)) -> Item {
        let expires_at = self.clock.now().saturating_add(KEPT).unwrap_or(Timestamp::MAX);
        let alias = item(&keys::alias(integration, sent_as, made)).with("made", s(made.as_str()));
        alias.with("incident", s(incident.to_string())).expiring(expires_at)
    }
}

/// Those whose incidents opened last, the newest first.
fn newest(mut aliases: Vec<Item>) -> Vec<Item> {
    aliases.sort_by_key(|alias| std::cmp::Reverse(leads_to(alias)));
    aliases.truncate(ALIASES_MAX);
    aliases
}

/// The incident that held the made key when the source last sent under its own.
fn leads_to(alias: &Item) -> Option<IncidentId> {
    text(alias, "incident").and_then(|id| id.parse().ok())
}

#[cfg(test)]
mod tests {
    use hansho_domain::{AlertId, IncidentId};
    use jiff::{SignedDuration, Timestamp};

    use super::{ALIASES_MAX, leads_to, newest};
    use crate::item::{Item, With, s};

    fn opened(second: i64) -> IncidentId {
        let at = Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_secs(second)).unwrap();
        IncidentId::derived(at, AlertId::from_hash([7; 16]))
    }

    #[test]
    fn of_more_aliases_than_are_looked_at_those_of_the_newest_incidents_are() {
        let count = i64::try_from(ALIASES_MAX).unwrap() + 500;
        let alias = |second: i64| Item::new().with("made", s("x")).with("incident", s(opened(second).to_string()));
        // As hashes would have them.
        let found = newest((0..count).map(|number| alias(number * 7 % count)).collect());
        let expected: Vec<_> = (500..count).rev().map(|second| Some(opened(second))).collect();
        assert_eq!(found.iter().map(leads_to).collect::<Vec<_>>(), expected);
    }
}
