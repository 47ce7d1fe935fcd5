//! The dedup pointer: which open incident is about this trouble, and the newest that its source has said.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use hansho_domain::{Alert, AlertId, Clear, Command, DedupKey, Incident, IncidentId, Input, IntegrationId, Severity};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store,
    error::StoreError,
    item::{self, Item, With, item, n, number, s, text, time, timestamp},
    keys,
    receive::Order,
};

/// How long a closed pointer is kept: repeats and late clears of a month ago are still recognised.
const CLOSED_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Until when a pointer is kept that has counted repeats, in seconds since 1970: in the year 2286, so for as long as its incident is.
/// They are counted nowhere else.
const COUNTED_UNTIL: i64 = 9_999_999_999;

/// Set while a rule's pause may hold the incident: a repeat that is not paused has to be looked at.
const PAUSED: &str = "paused";

/// Which incident holds a dedup key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pointer {
    /// The incident that holds it or held it last; none when a clear came before any alert.
    pub(crate) incident: Option<IncidentId>,
    pub(crate) is_open: bool,
    /// When the newest that the source said was so, by the source's clock.
    pub(crate) newest_at: Timestamp,
    pub(crate) newest_id: AlertId,
    /// The highest severity so far.
    pub(crate) severity: Option<Severity>,
    /// Until when the newest alert was muted at its source, if it was.
    pub(crate) muted_until: Option<Timestamp>,
    /// A rule paused the newest alert that changed the incident.
    pub(crate) is_paused: bool,
    /// When the newest clear was so, by the source's clock.
    pub(crate) cleared_at: Option<Timestamp>,
    pub(crate) repeats: u64,
    /// The incident whose key it is, if that was merged into the one that holds it now.
    pub(crate) merged_from: Option<IncidentId>,
}

/// Until when the source has muted the alert.
pub(crate) fn muted_until(alert: &Alert) -> Option<Timestamp> {
    alert.held.as_ref().map(|held| whole_milliseconds(held.until))
}

/// The times of pointers are stored in milliseconds; what is compared with them must be as coarse.
pub(crate) fn whole_milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

impl Pointer {
    fn from_item(found: &Item) -> Result<Self, StoreError> {
        let unreadable = |what: &str| StoreError::unreadable(item::name(found), what);
        Ok(Self {
            incident: text(found, "incident").and_then(|id| id.parse().ok()),
            is_open: text(found, "state") == Some("open"),
            newest_at: timestamp(found, "newest_at").ok_or_else(|| unreadable("newest_at is missing"))?,
            newest_id: text(found, "newest_id")
                .and_then(|id| AlertId::try_from(id.to_owned()).ok())
                .ok_or_else(|| unreadable("newest_id is missing"))?,
            severity: number(found, "severity").and_then(severity),
            muted_until: timestamp(found, "muted_until"),
            is_paused: found.contains_key(PAUSED),
            cleared_at: timestamp(found, "cleared_at"),
            repeats: number(found, "repeats").unwrap_or(0),
            merged_from: text(found, "merged_from").and_then(|id| id.parse().ok()),
        })
    }

    /// What an alert of this key says to the incident that holds it.
    pub(crate) fn alerts(&self, alert: &Alert) -> Command {
        match self.merged_from {
            Some(of) => Command::MergedAlert { of, alert: alert.clone() },
            None => Command::Alert(alert.clone()),
        }
    }

    /// What a clear of this key says to the incident that holds it.
    pub(crate) fn clears(&self, clear: &Clear) -> Command {
        match self.merged_from {
            Some(of) => Command::MergedClear { of, clear: clear.clone() },
            None => Command::Clear(clear.clone()),
        }
    }

    /// Whether the newest alert was muted just as this one is, and nothing that paused it has ended.
    pub(crate) fn is_as_held_as(&self, alert: &Alert) -> bool {
        self.muted_until == muted_until(alert) && (alert.pause.is_some() || !self.is_paused)
    }

    /// `at`, and no earlier than the newest that is known; after that, when it has to be.
    pub(crate) fn not_before(&self, at: Timestamp, is_after: bool) -> Timestamp {
        let least = SignedDuration::from_millis(i64::from(is_after));
        at.max(self.newest_at.saturating_add(least).unwrap_or(Timestamp::MAX))
    }

    pub(crate) fn open_incident(&self) -> Option<IncidentId> {
        self.incident.filter(|_| self.is_open)
    }

    /// Whether it is held by that incident, or by the one into which that was merged.
    pub(crate) fn is_of(&self, incident: Option<IncidentId>) -> bool {
        incident.is_some() && (self.incident == incident || self.merged_from == incident)
    }

    pub(crate) fn open_incident_other_than(&self, incident: IncidentId) -> Option<IncidentId> {
        self.open_incident().filter(|open| *open != incident)
    }
}

fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 0,
        Severity::Warning => 1,
        Severity::Error => 2,
        Severity::Critical => 3,
    }
}

fn severity(rank: u8) -> Option<Severity> {
    [Severity::Info, Severity::Warning, Severity::Error, Severity::Critical].get(usize::from(rank)).copied()
}

/// The condition that a repeat is held as what it repeats: a mute or a pause that has ended has to page.
fn as_held(is_muted: bool, is_paused: bool) -> &'static str {
    match (is_muted, is_paused) {
        (true, true) => "muted_until = :muted",
        (true, false) => "muted_until = :muted AND attribute_not_exists(paused)",
        (false, true) => "attribute_not_exists(muted_until)",
        (false, false) => "attribute_not_exists(muted_until) AND attribute_not_exists(paused)",
    }
}

impl Store {
    pub(crate) async fn pointer(&self, integration: &IntegrationId, dedup_key: &DedupKey) -> Result<Option<Pointer>, StoreError> {
        self.get(&keys::pointer(integration, dedup_key)).await?.map(|found| Pointer::from_item(&found)).transpose()
    }

    /// The pointer, read together with others who ask for it at the same time where the order of signals is that of their arrival.
    pub(crate) async fn pointer_in(
        &self,
        order: Order,
        integration: &IntegrationId,
        dedup_key: &DedupKey,
    ) -> Result<Option<Pointer>, StoreError> {
        match order {
            Order::OfSource | Order::Shared => self.pointer(integration, dedup_key).await,
            Order::OfArrival => {
                let found = self.get_together(&keys::pointer(integration, dedup_key)).await?;
                found.map(|found| Pointer::from_item(&found)).transpose()
            }
        }
    }

    /// How often its source repeated itself while the incident held its dedup key.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn repeats(&self, incident: &Incident) -> Result<u64, StoreError> {
        let pointer = self.pointer(&incident.integration, &incident.dedup_key).await?;
        let held = pointer.filter(|pointer| pointer.is_of(Some(incident.id))).map_or(0, |pointer| pointer.repeats);
        let kept = self.get(&keys::repeats(incident.id)).await?.and_then(|kept| number(&kept, "repeats")).unwrap_or(0);
        Ok(held.saturating_add(kept))
    }

    /// What was counted on a pointer goes to the incident that held it, because another one takes the key.
    fn keep_repeats(&self, before: &Pointer) -> Result<Option<TransactWriteItem>, StoreError> {
        let Some(incident) = before.incident.filter(|_| before.repeats > 0) else { return Ok(None) };
        let key = keys::repeats(incident);
        let update = Update::builder()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("ADD repeats :repeats")
            .expression_attribute_values(":repeats", n(before.repeats));
        self.built(&key.pk, update).map(Some)
    }

    /// The open incident that holds the dedup key.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn open_incident_of(&self, integration: &IntegrationId, dedup_key: &DedupKey) -> Result<Option<IncidentId>, StoreError> {
        Ok(self.pointer(integration, dedup_key).await?.and_then(|pointer| pointer.open_incident()))
    }

    /// Counts a repeat of an open alert: one conditional write. `false` when the condition did not hold any more.
    pub(crate) async fn count_repeat(&self, alert: &Alert, incident: IncidentId, is_newer: bool) -> Result<bool, StoreError> {
        let key = keys::pointer(&alert.integration, &alert.dedup_key);
        let is_as_held = as_held(alert.held.is_some(), alert.pause.is_some());
        let mut request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":open", s("open"))
            .expression_attribute_values(":incident", s(incident.to_string()))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":counted", n(COUNTED_UNTIL))
            // By our own clock: a restored table knows by it that an alarm is news.
            .expression_attribute_values(":told", time(self.clock.now()));
        request = if is_newer {
            request
                .update_expression("SET newest_at = :at, newest_id = :id, counted = :counted, told_at = :told ADD repeats :one")
                .condition_expression(format!(
                    "#state = :open AND incident = :incident AND newest_at <= :at AND severity >= :severity AND {is_as_held}"
                ))
                .expression_attribute_values(":at", time(alert.occurred_at))
                .expression_attribute_values(":id", s(alert.id.to_string()))
                .expression_attribute_values(":severity", n(rank(alert.severity)))
        } else {
            request
                .update_expression("SET counted = :counted, told_at = :told ADD repeats :one")
                .condition_expression(format!("#state = :open AND incident = :incident AND {is_as_held}"))
        };
        if let Some(until) = muted_until(alert) {
            request = request.expression_attribute_values(":muted", time(until));
        }
        let name = key.pk.clone();
        match self.retrying(&name, || request.clone().send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(false),
            Err(error) => Err(StoreError::unavailable("count a repeat", &error)),
        }
    }

    /// Counts a repeat of an open alert, and all others that come in while a count of that alert is under way: one conditional
    /// write. `false` when the condition did not hold any more.
    pub(crate) async fn count_repeat_together(&self, alert: &Alert, incident: IncidentId) -> Result<bool, StoreError> {
        let key = keys::pointer(&alert.integration, &alert.dedup_key);
        let muted = muted_until(alert);
        let is_paused = alert.pause.is_some();
        let together = format!("{} {incident} {muted:?} {is_paused}", key.pk);
        let counted = self.repeats.share(&together, (), |all| self.count_repeats(&key, incident, muted, is_paused, all.len())).await;
        // It is not known whether it was counted. Whoever sends it again is counted at least once.
        counted.unwrap_or(Err(StoreError::Contention { key: key.pk.clone() }))
    }

    async fn count_repeats(
        &self,
        key: &keys::Key,
        incident: IncidentId,
        muted: Option<Timestamp>,
        is_paused: bool,
        repeats: usize,
    ) -> Result<bool, StoreError> {
        let is_as_held = as_held(muted.is_some(), is_paused);
        let mut request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":open", s("open"))
            .expression_attribute_values(":incident", s(incident.to_string()))
            .expression_attribute_values(":repeats", n(repeats))
            .expression_attribute_values(":counted", n(COUNTED_UNTIL))
            .expression_attribute_values(":told", time(self.clock.now()))
            .update_expression("SET counted = :counted, told_at = :told ADD repeats :repeats")
            // An open incident's severity never goes down, so what was not louder when it was read is not louder now.
            .condition_expression(format!("#state = :open AND incident = :incident AND {is_as_held}"));
        if let Some(until) = muted {
            request = request.expression_attribute_values(":muted", time(until));
        }
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(false),
            Err(error) => Err(StoreError::given_up(&key.pk, "count a repeat", &error)),
        }
    }

    /// Remembers a clear that has no open incident, so that an alert it overtook opens nothing.
    /// `false` when something newer is known by now.
    pub(crate) async fn remember_clear(&self, clear: &Clear) -> Result<bool, StoreError> {
        let key = keys::pointer(&clear.integration, &clear.dedup_key);
        let expires_at = self.clock.now().saturating_add(CLOSED_KEPT).unwrap_or(Timestamp::MAX);
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression(
                "SET newest_at = :at, newest_id = :id, cleared_at = :at, #state = :closed, expires_at = if_not_exists(counted, :expires)",
            )
            .condition_expression("attribute_not_exists(pk) OR (#state = :closed AND newest_at <= :at)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closed", s("closed"))
            .expression_attribute_values(":at", time(clear.occurred_at))
            .expression_attribute_values(":id", s(clear.id.to_string()))
            .expression_attribute_values(":expires", n(expires_at.as_second()));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(false),
            Err(error) => Err(StoreError::unavailable("remember a clear", &error)),
        }
    }

    /// Takes the key for a new incident: there is no pointer, or a closed one that knows nothing newer, which is as it was read.
    pub(crate) fn open_pointer(
        &self,
        alert: &Alert,
        incident: &Incident,
        before: Option<&Pointer>,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let key = keys::pointer(&alert.integration, &alert.dedup_key);
        let mut made = item(&key)
            .with("state", s("open"))
            .with("incident", s(incident.id.to_string()))
            .with("newest_at", time(alert.occurred_at))
            .with("newest_id", s(alert.id.to_string()))
            .with("severity", n(rank(incident.severity)))
            .with("repeats", n(0))
            // For people who look at the table; the key is a hash.
            .with("dedup_key", s(alert.dedup_key.as_str()));
        if let Some(until) = muted_until(alert) {
            made = made.with("muted_until", time(until));
        }
        if alert.pause.is_some() {
            made = made.with(PAUSED, n(1));
        }
        let mut put = aws_sdk_dynamodb::types::Put::builder()
            .table_name(&self.table)
            .set_item(Some(made))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closed", s("closed"))
            .expression_attribute_values(":at", time(alert.occurred_at));
        // A closed pointer counts nothing, so what was read of its incident's repeats is all there are.
        put = match before.and_then(|before| before.incident) {
            Some(was) => put
                .condition_expression("attribute_not_exists(pk) OR (#state = :closed AND newest_at < :at AND incident = :was)")
                .expression_attribute_values(":was", s(was.to_string())),
            None => put.condition_expression(
                "attribute_not_exists(pk) OR (#state = :closed AND newest_at < :at AND attribute_not_exists(incident))",
            ),
        };
        let put = put.build().map_err(|error| StoreError::unreadable(&key.pk, error))?;
        let kept = before.map(|before| self.keep_repeats(before)).transpose()?.flatten();
        Ok(std::iter::once(TransactWriteItem::builder().put(put).build()).chain(kept).collect())
    }

    /// Takes the dedup key from an incident that nobody can work on, so that its alarm opens another one when it fires again.
    pub(crate) async fn release_pointer(&self, incident: IncidentId) -> Result<(), StoreError> {
        let Some(found) = self.get(&keys::incident(incident)).await? else { return Ok(()) };
        let Some(pk) = text(&found, "pointer") else { return Ok(()) };
        let key = keys::pointer_of(pk);
        let expires_at = self.clock.now().saturating_add(CLOSED_KEPT).unwrap_or(Timestamp::MAX);
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET #state = :closed, expires_at = if_not_exists(counted, :expires)")
            .condition_expression("incident = :incident")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closed", s("closed"))
            .expression_attribute_values(":incident", s(incident.to_string()))
            .expression_attribute_values(":expires", n(expires_at.as_second()));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(()),
            Err(error) => Err(StoreError::unavailable("release a dedup pointer", &error)),
        }
    }

    /// What a step changes at the incident's pointers: resolving closes them, reopening opens its own, a louder alert is
    /// remembered, and a key that is clear while another fires waits for its next alert. `held` is the pointer that an incident which
    /// reopens finds at its key.
    pub(crate) fn pointer_writes(
        &self,
        before: &Incident,
        after: &Incident,
        input: &Input,
        held: Option<&Pointer>,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let (was, is) = (before.phase.is_resolved(), after.phase.is_resolved());
        match (&input.command, was, is) {
            (_, false, true) => self.close_pointers(before, &input.command),
            (_, true, false) => self.reopen_pointer(after, held),
            (Command::Alert(alert) | Command::MergedAlert { alert, .. }, false, false) => Ok(vec![self.louder_pointer(after, alert)?]),
            (Command::Clear(clear) | Command::MergedClear { clear, .. }, false, false) => Ok(vec![self.clear_pointer(after, clear)?]),
            _ => Ok(Vec::new()),
        }
    }

    /// Every key that the incident holds is free.
    fn close_pointers(&self, incident: &Incident, command: &Command) -> Result<Vec<TransactWriteItem>, StoreError> {
        let clear = if let Command::Clear(clear) | Command::MergedClear { clear, .. } = command { Some(clear) } else { None };
        let cleared = clear.map(|clear| keys::pointer(&clear.integration, &clear.dedup_key));
        let own = keys::pointer(&incident.integration, &incident.dedup_key);
        let merged = incident.merged.iter().map(|merged| keys::pointer_of(&merged.pointer));
        let each = std::iter::once(own).chain(merged);
        each.map(|key| {
            let clear = clear.filter(|_| cleared.as_ref() == Some(&key));
            self.close_pointer(&key, incident.id, clear)
        })
        .collect()
    }

    fn close_pointer(&self, key: &keys::Key, incident: IncidentId, clear: Option<&Clear>) -> Result<TransactWriteItem, StoreError> {
        let expires_at = self.clock.now().saturating_add(CLOSED_KEPT).unwrap_or(Timestamp::MAX);
        let mut update = self
            .pointer_update_at(key, incident)
            .expression_attribute_values(":closed", s("closed"))
            .expression_attribute_values(":expires", n(expires_at.as_second()));
        update = match clear {
            // The source is believed only if it has said nothing newer since.
            Some(clear) => update
                .update_expression(
                    "SET #state = :closed, expires_at = if_not_exists(counted, :expires), newest_at = :at, newest_id = :id, cleared_at = :at \
                     REMOVE merged_from",
                )
                .condition_expression("incident = :incident AND newest_at <= :at")
                .expression_attribute_values(":at", time(clear.occurred_at))
                .expression_attribute_values(":id", s(clear.id.to_string())),
            None => update
                .update_expression("SET #state = :closed, expires_at = if_not_exists(counted, :expires) REMOVE merged_from")
                .condition_expression("incident = :incident"),
        };
        self.built(&key.pk, update)
    }

    /// The source says that it is over, and the incident stays open for another one. Without a severity its next alert is
    /// news to the incident, and no repeat.
    fn clear_pointer(&self, incident: &Incident, clear: &Clear) -> Result<TransactWriteItem, StoreError> {
        let key = keys::pointer(&clear.integration, &clear.dedup_key);
        let update = self
            .pointer_update_at(&key, incident.id)
            .update_expression("SET newest_at = :at, newest_id = :id, cleared_at = :at REMOVE severity, muted_until, paused")
            .condition_expression("#state = :open AND incident = :incident AND newest_at <= :at")
            .expression_attribute_values(":open", s("open"))
            .expression_attribute_values(":at", time(clear.occurred_at))
            .expression_attribute_values(":id", s(clear.id.to_string()));
        self.built(&key.pk, update)
    }

    fn reopen_pointer(&self, incident: &Incident, held: Option<&Pointer>) -> Result<Vec<TransactWriteItem>, StoreError> {
        let of_another = held.filter(|held| held.incident != Some(incident.id));
        let kept = of_another.map(|held| self.keep_repeats(held)).transpose()?.flatten();
        let was = held.and_then(|held| held.incident);
        let key = keys::pointer(&incident.integration, &incident.dedup_key);
        // A closed pointer is deleted after a month. What its source said last is gone with it; the incident's own alert is known.
        let (counted, is_as_read) = match (&kept, was) {
            (Some(_), _) => (", repeats", "incident = :was AND #state = :closed"),
            (None, Some(_)) => ("", "incident = :incident OR (incident = :was AND #state = :closed)"),
            (None, None) => {
                ("", "attribute_not_exists(pk) OR incident = :incident OR (attribute_not_exists(incident) AND #state = :closed)")
            }
        };
        let mut update = self
            .pointer_update_at(&key, incident.id)
            .update_expression(format!(
                "SET #state = :open, incident = :incident, severity = :severity, newest_at = if_not_exists(newest_at, :occurred), \
                 newest_id = if_not_exists(newest_id, :forgotten) REMOVE expires_at, muted_until, paused, merged_from{counted}"
            ))
            .condition_expression(is_as_read)
            .expression_attribute_values(":open", s("open"))
            .expression_attribute_values(":closed", s("closed"))
            .expression_attribute_values(":occurred", time(incident.occurred_at))
            .expression_attribute_values(":forgotten", s(AlertId::from_hash([0; 16]).to_string()))
            .expression_attribute_values(":severity", n(rank(incident.severity)));
        if let Some(was) = was {
            update = update.expression_attribute_values(":was", s(was.to_string()));
        }
        Ok(std::iter::once(self.built(&key.pk, update)?).chain(kept).collect())
    }

    fn louder_pointer(&self, incident: &Incident, alert: &Alert) -> Result<TransactWriteItem, StoreError> {
        let key = keys::pointer(&alert.integration, &alert.dedup_key);
        let muted = muted_until(alert);
        let (set, remove) = match (muted.is_some(), alert.pause.is_some()) {
            (true, true) => (", muted_until = :muted, paused = :one", ""),
            (true, false) => (", muted_until = :muted", "REMOVE paused "),
            (false, true) => (", paused = :one", "REMOVE muted_until "),
            (false, false) => ("", "REMOVE muted_until, paused "),
        };
        let mut update = self
            .pointer_update_at(&key, incident.id)
            .update_expression(format!(
                "SET newest_at = :at, newest_id = :id, severity = :severity, counted = :counted{set} {remove}ADD repeats :one"
            ))
            .condition_expression("#state = :open AND incident = :incident AND newest_at <= :at")
            .expression_attribute_values(":open", s("open"))
            .expression_attribute_values(":at", time(alert.occurred_at))
            .expression_attribute_values(":id", s(alert.id.to_string()))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":counted", n(COUNTED_UNTIL))
            .expression_attribute_values(":severity", n(rank(incident.severity)));
        if let Some(until) = muted {
            update = update.expression_attribute_values(":muted", time(until));
        }
        self.built(&key.pk, update)
    }

    /// An update of a pointer that `incident` is expected to hold.
    pub(crate) fn pointer_update_at(&self, key: &keys::Key, incident: IncidentId) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        Update::builder()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":incident", s(incident.to_string()))
    }

    pub(crate) fn built(
        &self,
        name: &str,
        update: aws_sdk_dynamodb::types::builders::UpdateBuilder,
    ) -> Result<TransactWriteItem, StoreError> {
        let update = update.build().map_err(|error| StoreError::unreadable(name, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}
