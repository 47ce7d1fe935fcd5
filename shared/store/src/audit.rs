//! The audit log: who did what to how things are set up, when. An entry is written in the transaction of what it tells, so there is none
//! without the other. What happens to an incident is on its own timeline.

use aws_sdk_dynamodb::types::TransactWriteItem;
use hansho_domain::{About, DrillId, IntegrationId, MaintenanceId, ScheduleId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    delivery::later,
    error::StoreError,
    item::{self, With, body, item, s, text},
    keys,
    session::SignedInBy,
};

/// How long an entry is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);
/// How many months a page goes back for entries: as many as hold what is kept.
const MONTHS_MAX: usize = 14;
/// Who has done what nobody has asked for.
pub(crate) const HANSHO: &str = "hansho";
/// Most entries of one page.
const PAGE_MAX: usize = 200;

/// What somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Act {
    /// A configuration was put in force.
    Applied {
        /// Its version.
        version: u64,
        /// The earlier one whose text it has.
        restores: Option<u64>,
    },
    /// A token was made.
    TokenMade {
        /// Its name.
        name: String,
    },
    /// A token was revoked.
    TokenRevoked {
        /// Its name.
        name: String,
    },
    /// A key of an integration was made.
    KeyMade {
        /// What it opens.
        integration: IntegrationId,
        /// Its id, which is no secret.
        key: String,
    },
    /// A key of an integration was revoked.
    KeyRevoked {
        /// What it opened.
        integration: IntegrationId,
        /// Its id.
        key: String,
    },
    /// Somebody signed in.
    SignedIn {
        /// How.
        way: SignedInBy,
    },
    /// A browser was signed out.
    SignedOut {
        /// Whose.
        user: UserId,
    },
    /// Somebody added a passkey.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved {
        /// Whose.
        user: UserId,
    },
    /// Somebody was invited.
    Invited {
        /// Who.
        user: UserId,
    },
    /// A secret address for calendars was made.
    CalendarMade {
        /// Whose shifts it shows.
        about: About,
    },
    /// A secret address for calendars was revoked.
    CalendarRevoked {
        /// Whose shifts it showed.
        about: About,
    },
    /// Somebody else is on call for a while.
    OverrideMade {
        /// Where.
        schedule: ScheduleId,
        /// Its id.
        id: String,
        /// From then on.
        from: Timestamp,
        /// Until then.
        until: Timestamp,
    },
    /// An override was taken back.
    OverrideRemoved {
        /// Where.
        schedule: ScheduleId,
        /// Its id.
        id: String,
    },
    /// A maintenance window was begun.
    MaintenanceBegun {
        /// Its name.
        id: MaintenanceId,
        /// When it ends.
        until: Timestamp,
    },
    /// A maintenance window was ended before its time.
    MaintenanceEnded {
        /// Its name.
        id: MaintenanceId,
    },
    /// People were asked whether messages reach them.
    DrillBegun {
        /// Its name.
        id: DrillId,
    },
    /// A drill was called off.
    DrillEnded {
        /// Its name.
        id: DrillId,
    },
    /// The mail address of an integration was changed.
    MailAddressChanged {
        /// Whose.
        integration: IntegrationId,
    },
    /// What newer code writes.
    #[serde(other)]
    Other,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who: `user/aiko`, the name of a token, or who somebody says they are (`aiko@laptop`).
    pub by: String,
    /// What.
    #[serde(flatten)]
    pub act: Act,
}

/// Some entries, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// They. One that can not be read is left out.
    pub entries: Vec<AuditEntry>,
    /// Set when there are more: before this place.
    pub next: Option<String>,
}

/// How the log names a person.
pub fn audited_user(user: &UserId) -> String {
    format!("user/{user}")
}

impl Store {
    /// The write that puts a line into the log. The same line twice is one.
    pub(crate) fn audited(&self, at: Timestamp, by: &str, act: Act) -> Result<TransactWriteItem, StoreError> {
        let entry = AuditEntry { at, by: by.to_owned(), act };
        let text = item::json("AUDIT", &entry)?;
        let key = keys::audit_entry(at, &keys::hash(&text));
        self.put(item(&key).with("body", s(text)).expiring(later(at, KEPT)))
    }

    /// At most `most` (200) entries before a place that a page before has told, the newest first. A page of a quiet year reads a month
    /// after the other; each is one read.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn audit_log(&self, before: Option<&str>, most: usize) -> Result<AuditPage, StoreError> {
        let most = most.clamp(1, PAGE_MAX);
        let now = self.clock.now();
        let place = before.and_then(|place| Some((keys::audit_time(place)?, place.to_owned())));
        // Clocks of functions differ: what another one has just written is not to be missed.
        let newest = later(now, SignedDuration::from_hours(1));
        let (mut month, mut end) = place.map_or_else(|| (newest, keys::audit_end()), |(at, place)| (at, keys::audit_before(&place)));
        let oldest = now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
        let (mut entries, mut places) = (Vec::new(), Vec::new());
        for _ in 0..MONTHS_MAX {
            let found = self.audited_in(month, &end, most + 1 - places.len()).await?;
            places.extend(found.iter().filter_map(|found| text(found, "sk")?.strip_prefix(keys::AUDIT_PREFIX).map(str::to_owned)));
            entries.extend(found.iter().map(|found| body::<AuditEntry>(found).ok()));
            let Some(earlier) = keys::end_of_month_before(month).filter(|earlier| *earlier >= oldest && places.len() <= most) else {
                break;
            };
            (month, end) = (earlier, keys::audit_end());
        }
        let next = (places.len() > most).then(|| places.get(most - 1).cloned()).flatten();
        entries.truncate(most);
        Ok(AuditPage { entries: entries.into_iter().flatten().collect(), next })
    }

    async fn audited_in(&self, month: Timestamp, end: &str, most: usize) -> Result<Vec<item::Item>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk < :end")
            .expression_attribute_values(":pk", s(keys::audit_partition(month)))
            .expression_attribute_values(":end", s(end))
            .scan_index_forward(false)
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("read the audit log", &error))?;
        Ok(answer.items.unwrap_or_default())
    }
}
