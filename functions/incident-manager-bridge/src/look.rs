//! Looks whether a record was resolved there, and resolves its incidents here.

use hansho_domain::{Actor, Command, IncidentId, Input, InputId, IntegrationId};
use hansho_runtime::Failure;
use hansho_store::{Applied, BridgedRecord, Held, Owner, RecordStatus, StoreError};
use jiff::SignedDuration;

use crate::{Bridge, refusal::Refusal, side::is_ops_item, unavailable};

/// For so long after we have opened a record again it may still seem resolved.
const STALE_FOR: SignedDuration = SignedDuration::from_secs(30);

impl Bridge {
    /// # Errors
    /// The table or the other side does not answer.
    pub(crate) async fn look_at_all(&self, records: &[String]) -> Result<(), Failure> {
        for record in records {
            self.look_at(record).await?;
        }
        Ok(())
    }

    /// Resolves the incidents of a record that was resolved there by somebody else than us.
    ///
    /// # Errors
    /// The table or the other side does not answer. What was seen is written down before it is carried out.
    pub(crate) async fn look_at(&self, record: &str) -> Result<(), Failure> {
        let Some(known) = self.store.bridged_record(record).await.map_err(unavailable)? else {
            tracing::info!(%record, "the other side reported a record that is none of ours");
            return Ok(());
        };
        if known.is_to_resolve {
            return self.resolve(record, &known).await;
        }
        if !known.is_confirmed || self.is_fresh(&known) || !known.is_wanted_open() {
            return Ok(());
        }
        let was_resolved = known.status == RecordStatus::Resolved;
        if was_resolved && known.owner == Owner::Ours {
            // It is about to be opened there again.
            return Ok(());
        }
        let status = match self.status(record).await {
            Ok(status) => status,
            Err(Refusal::Gone(why)) => {
                tracing::warn!(%record, %why, "a record is not found; its incidents go on without it");
                return Ok(());
            }
            Err(refusal) => return Err(Failure::because(refusal.to_string())),
        };
        if status == known.status {
            return Ok(());
        }
        let now = self.now();
        let seen = self.store.change_bridged_record(record, |now_known| {
            let is_so = now_known.turn == known.turn && now_known.is_confirmed;
            if is_so {
                // Another's record may be opened again by its people, and resolved once more.
                now_known.status = status;
                now_known.is_to_resolve = status == RecordStatus::Resolved;
                now_known.turn += 1;
                now_known.confirmed_at = Some(now);
            }
            is_so
        });
        let (known, is_so) = seen.await.map_err(unavailable)?;
        // Otherwise we have asked for something ourselves meanwhile, and what was seen is perhaps that.
        if is_so && known.is_to_resolve { self.resolve(record, &known).await } else { Ok(()) }
    }

    /// An answer may be older than what we have just asked for.
    fn is_fresh(&self, known: &BridgedRecord) -> bool {
        known.turn > 0 && known.confirmed_at.is_some_and(|at| self.now().duration_since(at) < STALE_FOR)
    }

    /// The input has the turn in its id, so it counts once however often this is done.
    async fn resolve(&self, record: &str, known: &BridgedRecord) -> Result<(), Failure> {
        let by = if is_ops_item(record) { "ops-center" } else { "incident-manager" };
        let by = IntegrationId::new(by).map_err(|error| Failure::new("no name for the other side", error))?;
        let input = Input {
            id: InputId::derived(format!("bridge-resolved-{}", known.turn)),
            actor: Actor::Integration(by),
            command: Command::Resolve,
        };
        let mut stand = Vec::new();
        for incident in known.open_incidents() {
            stand.extend(self.resolve_one(incident, &input).await?.map(|seen| (incident, seen)));
        }
        let turn = known.turn;
        let done = self.store.change_bridged_record(record, |known| {
            if known.turn == turn {
                known.is_to_resolve = false;
            }
            // So that nobody who has read an incident before takes it for open still, and opens the record again.
            for (incident, seen) in &stand {
                known.note(*incident, *seen);
            }
        });
        done.await.map(|_| ()).map_err(unavailable)
    }

    async fn resolve_one(&self, incident: IncidentId, input: &Input) -> Result<Option<Held>, Failure> {
        let stands = match self.store.apply(incident, input).await {
            Ok(Applied::Changed(stands)) => {
                tracing::info!(incident.id = %incident, by = %input.actor, "resolved, because it was resolved there");
                stands
            }
            Ok(Applied::Ignored(_, stands) | Applied::Rejected(_, stands)) => stands,
            Ok(Applied::Unknown) => return Ok(None),
            Err(StoreError::UnreadableIncident { incident, message }) => {
                return self.store.report_unreadable(incident, &message).await.map(|_| None).map_err(unavailable);
            }
            Err(error) => return Err(unavailable(error)),
        };
        Ok(Some(Held { version: stands.version, is_open: !stands.phase.is_resolved() }))
    }
}
