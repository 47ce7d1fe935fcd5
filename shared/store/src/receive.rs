//! Alerts that come in, each made durable before its source is answered.

use std::borrow::Cow;

use hansho_domain::{Actor, Alert, AlertId, Clear, Incident, IncidentId, Input, InputId, ServiceId, open};
use serde_json::Map;

use crate::{
    Store,
    alias::SentAs,
    commit::{Applied, Commit, Extra},
    error::StoreError,
    keys,
    payload::{Payload, raw_item},
    pointer::{Pointer, muted_until, whole_milliseconds},
    suppressed::Suppressed,
    turn::Turns,
};

/// How often a decision is made again because somebody else was faster.
pub(crate) const DECISIONS_MAX: u32 = 24;

/// In which order signals of one dedup key count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By the source's clock: what overtook something newer changes nothing.
    OfSource,
    /// As they come in: the source has no clock that could be relied on. Repeats that come in at the same time are counted
    /// with one write.
    OfArrival,
    /// Troubles that have nothing to do with each other share the key: an alert counts when it comes in, whatever it overtook,
    /// unless it is older than a clear or was taken in before. Clears go by the source's clock.
    Shared,
}

/// How a signal came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin<'a> {
    /// In which order it counts among those of its key.
    pub order: Order,
    /// What its source calls the trouble, where rules may have made another key of that.
    pub sent_as: Option<SentAs<'a>>,
}

impl Origin<'_> {
    /// Whose key is its source's own.
    pub const fn of(order: Order) -> Self {
        Self { order, sent_as: None }
    }
}

/// What became of an alert or a clear.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Received {
    /// It opened this incident.
    Opened(IncidentId),
    /// It was counted on this open incident.
    Repeated(IncidentId),
    /// It changed this open incident: it is louder now.
    Louder(IncidentId),
    /// It resolved this incident.
    Resolved(IncidentId),
    /// It is over for one of the sources of this incident, which stays open: another one is still at it.
    Cleared(IncidentId),
    /// There was nothing to resolve; it is on the list of suppressed alerts, and remembered in case it overtook its alert.
    Remembered,
    /// Something newer is known already; it is on the list of suppressed alerts.
    OutOfDate,
    /// There was nothing to resolve, and nothing can have overtaken it; it is on the list of suppressed alerts.
    NothingOpen,
}

impl Store {
    /// Takes an alert in, by the clock of its source: [`Store::receive_alert_in`].
    ///
    /// # Errors
    /// DynamoDB does not answer, or there is no configuration at all.
    pub async fn receive_alert<'a>(
        &self,
        service: &ServiceId,
        alert: &Alert,
        payload: impl Into<Payload<'a>>,
    ) -> Result<Received, StoreError> {
        self.receive_alert_in(Origin::of(Order::OfSource), service, alert, payload.into()).await
    }

    /// Takes an alert in. When this returns `Ok`, the alert is durable.
    ///
    /// # Errors
    /// DynamoDB does not answer, or there is no configuration at all.
    pub async fn receive_alert_in(
        &self,
        origin: Origin<'_>,
        service: &ServiceId,
        alert: &Alert,
        payload: Payload<'_>,
    ) -> Result<Received, StoreError> {
        let order = origin.order;
        let mut turns = Turns::new();
        for attempt in 1..=DECISIONS_MAX {
            let pointer = self.pointer_in(order, &alert.integration, &alert.dedup_key).await?;
            if let Some(pointer) = pointer.as_ref().filter(|_| order == Order::Shared)
                && let Some(received) = self.receive_known(service, alert, payload, pointer).await?
            {
                return Ok(received);
            }
            let alert = &*order.alert(alert, pointer.as_ref());
            let received = match &pointer {
                Some(pointer) if pointer.is_open => self.receive_repeat(origin, pointer, service, alert, payload, &mut turns).await?,
                Some(pointer) if whole_milliseconds(alert.occurred_at) <= pointer.newest_at => {
                    Some(self.receive_late(service, alert, payload, pointer, alert.id == pointer.newest_id).await?)
                }
                Some(_) | None => self.receive_new(origin, pointer.as_ref(), service, alert, payload, &mut turns).await?,
            };
            match received {
                Some(received) => return Ok(received),
                None => self.pause(alert.dedup_key.as_str(), attempt).await,
            }
        }
        Err(StoreError::Contention { key: alert.dedup_key.to_string() })
    }

    /// Keeps the payload of an alert that was counted on an open incident, where only the payload tells it from the others. What is kept
    /// of that alert already stays: it may have the trace of its decision.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn keep_payload<'a>(&self, incident: IncidentId, alert: AlertId, payload: impl Into<Payload<'a>>) -> Result<(), StoreError> {
        let kept = raw_item(incident, alert, payload.into(), self.clock.now());
        let request = self.client.put_item().table_name(&self.table).set_item(Some(kept)).condition_expression("attribute_not_exists(pk)");
        match self.retrying(&keys::incident_partition(incident), || request.clone().send()).await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(()),
            Err(error) => Err(StoreError::unavailable("keep a payload", &error)),
        }
    }

    async fn receive_new(
        &self,
        origin: Origin<'_>,
        before: Option<&Pointer>,
        service: &ServiceId,
        alert: &Alert,
        payload: Payload<'_>,
        turns: &mut Turns,
    ) -> Result<Option<Received>, StoreError> {
        let now = self.clock.now();
        let mut roster = self.roster(service, now).await?;
        let mut transition = open(alert, &roster, now);
        if !transition.missing_turns.is_empty() {
            self.take_turns(&transition.missing_turns, turns, &mut roster).await?;
            transition = open(alert, &roster, now);
        }
        let incident = &transition.incident;
        let mut writes = self.open_pointer(alert, incident, before)?;
        writes.push(self.put(raw_item(incident.id, alert.id, payload, now))?);
        writes.extend(self.alias_write(&alert.integration, origin.sent_as, (&alert.dedup_key, incident.id))?);
        let extra = Extra { writes };
        match self.commit(&transition, None, &Map::new(), extra, now).await? {
            Commit::Committed => Ok(Some(Received::Opened(incident.id))),
            Commit::Conflict => Ok(None),
        }
    }

    /// An alert whose key an open incident holds: counted with one write, unless it is louder.
    async fn receive_repeat(
        &self,
        origin: Origin<'_>,
        pointer: &Pointer,
        service: &ServiceId,
        alert: &Alert,
        payload: Payload<'_>,
        turns: &mut Turns,
    ) -> Result<Option<Received>, StoreError> {
        let Some(incident) = pointer.open_incident() else { return Ok(None) };
        let is_same = alert.id == pointer.newest_id;
        if whole_milliseconds(alert.occurred_at) < pointer.newest_at && !is_same {
            return self.receive_late(service, alert, payload, pointer, false).await.map(Some);
        }
        self.ensure_alias(&alert.integration, origin.sent_as, (&alert.dedup_key, incident)).await?;
        let is_as_held = pointer.is_as_held_as(alert);
        if is_as_held && (is_same || pointer.severity >= Some(alert.severity)) {
            let is_counted = match origin.order {
                Order::OfSource => self.count_repeat(alert, incident, !is_same).await?,
                Order::OfArrival => self.count_repeat_together(alert, incident).await?,
                Order::Shared => self.count_apart(alert, incident, payload).await?,
            };
            return Ok(is_counted.then_some(Received::Repeated(incident)));
        }
        // The transition that opened it comes again when its mute ends, or when its rule pauses it no more, and is news then.
        let muted = muted_until(alert).map_or_else(String::new, |until| format!("-muted-{}", until.as_millisecond()));
        let change = if is_as_held { String::new() } else { format!("-unlike-{}{muted}", pointer.repeats) };
        let input = Input {
            id: InputId::derived(format!("alert-{}{change}", alert.id)),
            actor: Actor::Integration(alert.integration.clone()),
            command: pointer.alerts(alert),
        };
        let applied = self.apply_turn(incident, &input, Some((alert.id, payload)), turns).await?;
        Ok(applied.and_then(settled).map(|incident| Received::Louder(incident.id)))
    }

    /// Counts a repeat that may be another trouble: it is kept, and known when it comes again. Counted first, for one that is kept
    /// and not counted would be taken for known after the incident is resolved.
    async fn count_apart(&self, alert: &Alert, incident: IncidentId, payload: Payload<'_>) -> Result<bool, StoreError> {
        let is_counted = self.count_repeat(alert, incident, true).await?;
        if is_counted {
            self.keep_payload(incident, alert.id, payload).await?;
        }
        Ok(is_counted)
    }

    /// An alert of a shared key that is part of an incident already, or older than a clear. `None`: it is news.
    async fn receive_known(
        &self,
        service: &ServiceId,
        alert: &Alert,
        payload: Payload<'_>,
        pointer: &Pointer,
    ) -> Result<Option<Received>, StoreError> {
        let is_known = match pointer.incident {
            Some(incident) => alert.id == pointer.newest_id || self.get(&keys::alert(incident, alert.id)).await?.is_some(),
            None => false,
        };
        Ok(match pointer.open_incident() {
            Some(incident) if is_known && pointer.is_as_held_as(alert) => Some(Received::Repeated(incident)),
            None if is_known || pointer.cleared_at >= Some(whole_milliseconds(alert.occurred_at)) => {
                Some(self.receive_late(service, alert, payload, pointer, is_known).await?)
            }
            Some(_) | None => None,
        })
    }

    async fn receive_late(
        &self,
        service: &ServiceId,
        alert: &Alert,
        payload: Payload<'_>,
        pointer: &Pointer,
        is_known: bool,
    ) -> Result<Received, StoreError> {
        self.record_suppressed(&Suppressed::late_alert(service, alert, self.clock.now(), pointer, is_known), payload).await?;
        Ok(Received::OutOfDate)
    }
}

impl Order {
    /// The alert with the time at which it counts: what comes in later is later.
    fn alert<'a>(self, alert: &'a Alert, pointer: Option<&Pointer>) -> Cow<'a, Alert> {
        let (Self::OfArrival | Self::Shared, Some(pointer)) = (self, pointer) else { return Cow::Borrowed(alert) };
        let at = pointer.not_before(alert.occurred_at, !pointer.is_open);
        if at == alert.occurred_at { Cow::Borrowed(alert) } else { Cow::Owned(Alert { occurred_at: at, ..alert.clone() }) }
    }

    /// The clear with the time at which it counts.
    pub(crate) fn clear<'a>(self, clear: &'a Clear, pointer: Option<&Pointer>) -> Cow<'a, Clear> {
        let (Self::OfArrival, Some(pointer)) = (self, pointer) else { return Cow::Borrowed(clear) };
        let at = pointer.not_before(clear.occurred_at, false);
        if at == clear.occurred_at { Cow::Borrowed(clear) } else { Cow::Owned(Clear { occurred_at: at, ..clear.clone() }) }
    }
}

/// The incident, when the input is settled; `None` when the pointer was out of date and has to be read again.
pub(crate) fn settled(applied: Applied) -> Option<Box<Incident>> {
    match applied {
        Applied::Changed(incident) | Applied::Ignored(hansho_domain::Ignored::AlreadyApplied, incident) => Some(incident),
        Applied::Ignored(..) | Applied::Rejected(..) | Applied::Unknown => None,
    }
}
