//! Calendar links: secret addresses under which a calendar program reads somebody's shifts, until they are revoked.

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use hansho_domain::{About, Language};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    audit::Act,
    commit::Commit,
    error::StoreError,
    item::{self, Item, With, body, item, s, text},
    keys,
};

/// Longest code that is looked up, in bytes.
const CODE_BYTES_MAX: usize = 64;

/// A calendar link, without its code: that is only known to whoever made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarLink {
    /// Tells it from the others of the same person, team or schedule.
    pub id: String,
    /// Whose shifts it shows.
    pub about: About,
    /// The language of the words in it.
    pub language: Language,
    /// The name of the token that made it.
    pub made_by: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Store {
    /// Makes a link that opens with `code`, which is stored as its hash only.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn make_calendar(&self, code: &str, link: &CalendarLink) -> Result<(), StoreError> {
        let (found_by_code, listed) = (keys::calendar(code), keys::calendar_of(&link.about, &link.id));
        let writes = vec![
            self.put(item(&found_by_code).with("body", s(item::json(&found_by_code.pk, link)?)))?,
            self.put(item(&listed).with("body", s(item::json(&listed.pk, link)?)).with("code_pk", s(&found_by_code.pk)))?,
            self.audited(link.created_at, &link.made_by, Act::CalendarMade { about: link.about.clone() })?,
        ];
        match self.transact(&format!("calendar/{}", found_by_code.pk), writes).await? {
            Commit::Committed | Commit::Conflict => Ok(()),
        }
    }

    /// What the code opens; `None` when nobody made it, and after it was revoked.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn calendar(&self, code: &str) -> Result<Option<CalendarLink>, StoreError> {
        if code.is_empty() || code.len() > CODE_BYTES_MAX {
            return Ok(None);
        }
        self.get(&keys::calendar(code)).await?.map(|found| body(&found)).transpose()
    }

    /// The links of a person, a team or a schedule, the oldest first.
    ///
    /// # Errors
    /// DynamoDB does not answer, or one can not be read.
    pub async fn calendars_of(&self, about: &About) -> Result<Vec<CalendarLink>, StoreError> {
        let mut links: Vec<CalendarLink> = self.calendar_items(about).await?.iter().map(body).collect::<Result<_, _>>()?;
        links.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(links)
    }

    /// Revokes a link, by the hand of `by`: its code opens nothing any more. Says whether there was one.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn revoke_calendar(&self, about: &About, id: &str, by: &str) -> Result<bool, StoreError> {
        let listed = keys::calendar_of(about, id);
        let Some(found) = self.get(&listed).await? else { return Ok(false) };
        let code_pk = text(&found, "code_pk").ok_or_else(|| StoreError::unreadable(&listed.pk, "it does not say which code it has"))?;
        let writes = [(code_pk, keys::CALENDAR), (listed.pk.as_str(), listed.sk.as_str())].into_iter().map(|(pk, sk)| {
            let delete = Delete::builder().table_name(&self.table).key("pk", s(pk)).key("sk", s(sk)).build();
            let delete = delete.map_err(|error| StoreError::unreadable(pk, error))?;
            Ok(TransactWriteItem::builder().delete(delete).build())
        });
        let mut writes = writes.collect::<Result<Vec<_>, StoreError>>()?;
        writes.push(self.audited(self.clock.now(), by, Act::CalendarRevoked { about: about.clone() })?);
        match self.transact_alone(&format!("revoke-calendar/{code_pk}"), writes).await? {
            Commit::Committed | Commit::Conflict => Ok(true),
        }
    }

    async fn calendar_items(&self, about: &About) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", s(keys::calendars_partition(about)))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| StoreError::unavailable("list calendar links", &error))?;
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }
}
