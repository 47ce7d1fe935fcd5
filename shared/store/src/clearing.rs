//! Clears that come in, each made durable before its source is answered.

use hansho_domain::{Actor, Clear, DedupKey, Input, InputId};

use crate::{
    Store,
    error::StoreError,
    payload::Payload,
    pointer::{Pointer, whole_milliseconds},
    receive::{DECISIONS_MAX, Order, Origin, Received, settled},
    suppressed::Suppressed,
    turn::Turns,
};

/// What a clear came to at one dedup key, before it is written down where it changed nothing.
enum Cleared {
    /// It is on an incident's timeline.
    Told(Received),
    /// Something newer is known.
    Late(Pointer),
    /// There was nothing to resolve; it is remembered where it may have overtaken its alert.
    Nothing {
        received: Received,
        /// It was taken in before.
        is_known: bool,
    },
}

impl Store {
    /// Takes a clear in, by the clock of its source: [`Store::receive_clear_in`].
    ///
    /// # Errors
    /// DynamoDB does not answer, or the incident can not be read.
    pub async fn receive_clear<'a>(&self, clear: &Clear, payload: impl Into<Payload<'a>>) -> Result<Received, StoreError> {
        self.receive_clear_in(Origin::of(Order::OfSource), clear, payload.into()).await
    }

    /// Takes a clear in, at its dedup key and at the others that it may be about.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the incident can not be read.
    pub async fn receive_clear_in(&self, origin: Origin<'_>, clear: &Clear, payload: Payload<'_>) -> Result<Received, StoreError> {
        let here = self.clear_at(origin.order, clear, payload).await?;
        let mut told = if let Cleared::Told(received) = &here { Some(received.clone()) } else { None };
        if told.is_none() || origin.sent_as.is_some_and(|sent_as| sent_as.is_bare) {
            for other in self.other_keys(&clear.integration, origin.sent_as, &clear.dedup_key).await? {
                let there = self.clear_elsewhere(origin.order, clear, &other, payload).await?;
                told = told.or(there);
            }
        }
        match (told, here) {
            (Some(told), _) | (None, Cleared::Told(told)) => Ok(told),
            (None, Cleared::Late(pointer)) => {
                let suppressed = Suppressed::late_clear(clear, self.clock.now(), &pointer);
                self.record_suppressed(&suppressed, payload).await?;
                Ok(Received::OutOfDate)
            }
            (None, Cleared::Nothing { received, is_known }) => {
                self.record_suppressed(&Suppressed::of_nothing(clear, self.clock.now(), is_known), payload).await?;
                Ok(received)
            }
        }
    }

    /// The same clear at another key, if an incident is open there.
    async fn clear_elsewhere(
        &self,
        order: Order,
        clear: &Clear,
        other: &DedupKey,
        payload: Payload<'_>,
    ) -> Result<Option<Received>, StoreError> {
        if self.open_incident_of(&clear.integration, other).await?.is_none() {
            return Ok(None);
        }
        let there = Clear { dedup_key: other.clone(), ..clear.clone() };
        Ok(if let Cleared::Told(received) = self.clear_at(order, &there, payload).await? { Some(received) } else { None })
    }

    async fn clear_at(&self, order: Order, clear: &Clear, payload: Payload<'_>) -> Result<Cleared, StoreError> {
        let mut turns = Turns::new();
        for attempt in 1..=DECISIONS_MAX {
            let pointer = self.pointer_in(order, &clear.integration, &clear.dedup_key).await?;
            let clear = &*order.clear(clear, pointer.as_ref());
            let cleared = match pointer {
                Some(pointer) if whole_milliseconds(clear.occurred_at) < pointer.newest_at => Some(Cleared::Late(pointer)),
                Some(pointer) if pointer.is_open => self.resolve_by(&pointer, clear, payload, &mut turns).await?.map(Cleared::Told),
                Some(_) | None if order == Order::OfArrival => Some(Cleared::Nothing { received: Received::NothingOpen, is_known: false }),
                closed => {
                    let is_known = closed.is_some_and(|closed| closed.incident.is_some() && closed.newest_id == clear.id);
                    let is_remembered = self.remember_clear(clear).await?;
                    is_remembered.then_some(Cleared::Nothing { received: Received::Remembered, is_known })
                }
            };
            match cleared {
                Some(cleared) => return Ok(cleared),
                None => self.pause(clear.dedup_key.as_str(), attempt).await,
            }
        }
        Err(StoreError::Contention { key: clear.dedup_key.to_string() })
    }

    async fn resolve_by(
        &self,
        pointer: &Pointer,
        clear: &Clear,
        payload: Payload<'_>,
        turns: &mut Turns,
    ) -> Result<Option<Received>, StoreError> {
        let Some(incident) = pointer.open_incident() else { return Ok(None) };
        // One clear may be about several keys that are merged into one incident: each of them is told.
        let of = pointer.merged_from.map_or_else(String::new, |of| format!("-of-{of}"));
        let input = Input {
            id: InputId::derived(format!("clear-{}{of}", clear.id)),
            actor: Actor::Integration(clear.integration.clone()),
            command: pointer.clears(clear),
        };
        let applied = self.apply_turn(incident, &input, Some((clear.id, payload)), turns).await?;
        Ok(applied.and_then(settled).map(|incident| match incident.phase.is_resolved() {
            true => Received::Resolved(incident.id),
            false => Received::Cleared(incident.id),
        }))
    }
}
