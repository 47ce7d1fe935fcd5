//! The directory and the definitions of schedules: immutable, written before the version pointer moves.

use std::{collections::BTreeMap, sync::Arc};

use hansho_domain::{Configuration, Directory, ListedSchedule, Schedule, ScheduleId, UserId};

use crate::{
    Contact, Store,
    error::StoreError,
    item::{self, With, body, item, s, text},
    keys,
};

/// Most bytes of one piece of the directory. An item has 400 KB at most (DynamoDB developer guide, "Service quotas").
const PIECE_BYTES_MAX: usize = 300_000;
/// How many definitions a warm function keeps.
const DEFINITIONS_MAX: usize = 500;

/// Everybody's addresses.
type Contacts = BTreeMap<UserId, Contact>;

/// The hash by which a person is found when they sign in by their mail address: in whatever letters they write it.
pub(crate) fn mail_hash(address: &str) -> Option<String> {
    let address = address.trim().to_lowercase();
    (!address.is_empty()).then(|| keys::hash(&format!("sign-in/{address}")))
}

impl Store {
    /// The directory of the configuration in force; empty when none is, or when it was applied by a release without directories.
    ///
    /// # Errors
    /// DynamoDB does not answer, or what it holds can not be read.
    pub async fn directory(&self) -> Result<Arc<Directory>, StoreError> {
        let version = self.configuration_version().await?;
        self.directory_at(version).await
    }

    /// The directory of one version.
    pub(crate) async fn directory_at(&self, version: u64) -> Result<Arc<Directory>, StoreError> {
        if let Some((known, directory)) = self.cached(|cache| cache.directory.clone())
            && known == version
        {
            return Ok(directory);
        }
        let pk = keys::directory_partition(version);
        let mut whole = String::new();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", s(&pk))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| StoreError::unavailable("read the directory", &error))?;
            for piece in answer.items.unwrap_or_default() {
                whole.push_str(text(&piece, "body").unwrap_or_default());
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        if whole.is_empty() {
            return Ok(Arc::new(Directory::default()));
        }
        let directory = Arc::new(serde_json::from_str(&whole).map_err(|error| StoreError::unreadable(pk, error))?);
        self.cached(|cache| cache.directory = Some((version, Arc::clone(&directory))));
        Ok(directory)
    }

    /// The definition of a schedule of the directory.
    ///
    /// # Errors
    /// DynamoDB does not answer, or it can not be read.
    pub async fn definition(&self, listed: &ListedSchedule) -> Result<Option<Arc<Schedule>>, StoreError> {
        let key = (listed.id.clone(), listed.definition.clone());
        if let Some(known) = self.cached(|cache| cache.definitions.get(&key).cloned()) {
            return Ok(Some(known));
        }
        let found = self.get(&keys::definition(&listed.id, &listed.definition)).await?;
        let Some(schedule) = found.map(|found| body::<Schedule>(&found)).transpose()?.map(Arc::new) else { return Ok(None) };
        self.cached(|cache| {
            if cache.definitions.len() >= DEFINITIONS_MAX {
                cache.definitions.clear();
            }
            cache.definitions.insert(key, Arc::clone(&schedule));
        });
        Ok(Some(schedule))
    }

    /// Whether the directory of `version` is that of `configuration`. One that can not be read is not.
    pub(crate) async fn is_described(&self, configuration: &Configuration, contacts: &Contacts, version: u64) -> Result<bool, StoreError> {
        let known = match self.directory_at(version).await {
            Err(StoreError::Unreadable { .. }) => return Ok(false),
            other => other?,
        };
        Ok(*known == directory_of(configuration, contacts)?)
    }

    /// Writes down what `configuration` says about schedules and names, before it is in force as `version`: the shifts that were worked
    /// under the one before it, the definitions that are new, and the directory.
    pub(crate) async fn describe(
        &self,
        configuration: &Configuration,
        contacts: &Contacts,
        before: u64,
        version: u64,
    ) -> Result<(), StoreError> {
        let directory = directory_of(configuration, contacts)?;
        let known = match self.directory_at(before).await {
            Err(StoreError::Unreadable { .. }) => Arc::default(),
            other => other?,
        };
        let mut items = Vec::new();
        for (schedule, listed) in configuration.schedules().iter().zip(&directory.schedules) {
            if known.schedule(&listed.id).is_none_or(|before| before.definition != listed.definition) {
                let key = keys::definition(&listed.id, &listed.definition);
                items.push(item(&key).with("body", s(item::json(&key.pk, schedule)?)));
            }
        }
        if let Some(rules) = configuration.allowances() {
            let key = keys::allowances(&directory.allowances);
            items.push(item(&key).with("body", s(item::json(&key.pk, rules)?)));
        }
        let whole = item::json(&keys::directory_partition(version), &directory)?;
        for (place, piece) in pieces(&whole).into_iter().enumerate() {
            items.push(item(&keys::directory(version, place)).with("body", s(piece)));
        }
        self.write_all(Box::new(items.into_iter().map(Ok))).await?;
        if *known == directory && before > 0 {
            return Ok(());
        }
        self.record_until_apply(before).await
    }
}

fn directory_of(configuration: &Configuration, contacts: &Contacts) -> Result<Directory, StoreError> {
    let digests = configuration.schedules().iter().map(|schedule| {
        let text = item::json(schedule.id().as_str(), schedule)?;
        Ok((schedule.id().clone(), keys::hash(&text)))
    });
    let digests: BTreeMap<ScheduleId, String> = digests.collect::<Result<_, StoreError>>()?;
    let directory = Directory::new(configuration, |schedule| digests.get(schedule.id()).cloned().unwrap_or_default());
    let directory = directory.with_mails(|user| mail_hash(contacts.get(user)?.email.as_deref()?));
    let directory = directory.with_time_zones(|user| contacts.get(user).map(|contact| contact.time_zone.clone()).unwrap_or_default());
    let rules = configuration.allowances().map(|rules| item::json("ALLOWANCES", rules)).transpose()?;
    Ok(Directory { allowances: rules.map(|rules| keys::hash(&rules)).unwrap_or_default(), ..directory })
}

/// The text in pieces that fit into items.
fn pieces(text: &str) -> Vec<&str> {
    let mut rest = text;
    let mut pieces = Vec::new();
    while rest.len() > PIECE_BYTES_MAX {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE_BYTES_MAX));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::{PIECE_BYTES_MAX, pieces};

    #[test]
    fn a_large_directory_is_cut_between_characters_and_nothing_is_lost() {
        let text = "鐘".repeat(PIECE_BYTES_MAX);
        let cut = pieces(&text);
        assert!(cut.len() > 2 && cut.iter().all(|piece| piece.len() <= PIECE_BYTES_MAX));
        assert_eq!(cut.concat(), text);
        assert_eq!(pieces("{}"), ["{}"]);
    }
}
