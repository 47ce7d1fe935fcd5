//! Opens an incident on the other side, and finds out whose the record is.

use hansho_domain::Incident;
use hansho_runtime::Failure;
use hansho_store::{BridgedIncident, Owner};

use crate::{
    Bridge,
    follow::{LOOK_EVERY, Stop, held},
    refusal::Refusal,
    unavailable,
    words::{self, Opening},
};

impl Bridge {
    /// Opens the incident there. The record's name is written down before anything else is asked of the other side: whatever it answers
    /// then, the record can be resolved.
    pub(crate) async fn open(
        &self,
        bridged: &mut BridgedIncident,
        incident: &Incident,
        bridge: &hansho_domain::Bridge,
    ) -> Result<String, Stop> {
        // An earlier call may have made a record, however surely this one is refused.
        let is_first = bridged.copied.begun_at.is_none();
        bridged.copied.begun_at = bridged.copied.begun_at.or(Some(self.now()));
        // Before the call: a record that was made and not written down would be made open for ever.
        if !self.save(bridged, Some(LOOK_EVERY)).await? {
            return Err(Stop::Overtaken);
        }
        let opening = self.opening(incident).await?;
        let record = match self.begin(&bridge.to, &opening).await {
            Ok(record) => record,
            Err(refusal) => {
                if refusal.is_certain() && is_first {
                    bridged.copied.begun_at = None;
                }
                // A plan can be made, and a configuration be mended.
                return Err(if let Refusal::Never(why) = refusal { Refusal::Later(why) } else { refusal }.into());
            }
        };
        bridged.copied.record = Some(record.clone());
        bridged.copied.recorded_at = Some(self.now());
        bridged.copied.is_claim_open = true;
        bridged.copied.impact = Some(words::impact(opening.severity));
        if !self.save(bridged, Some(LOOK_EVERY)).await? {
            return Err(Stop::Overtaken);
        }
        self.bind(&record, incident, true).await?;
        tracing::info!(incident.id = %incident.id, %record, "the incident has a record on the other side");
        Ok(record)
    }

    /// Asks whether the record was made for us, as long as nobody has answered. What is another's is not ours to resolve.
    pub(crate) async fn claim(&self, record: &str, bridged: &mut BridgedIncident, incident: &Incident) -> Result<(), Stop> {
        if !bridged.copied.is_claim_open {
            return Ok(());
        }
        // Again, because whoever has written the name down may have died before it.
        let known = self.bind(record, incident, false).await?;
        let since = bridged.copied.begun_at.unwrap_or(incident.opened_at);
        let owner = match known {
            // It was asked for another incident of ours.
            Owner::Another => Owner::Another,
            Owner::Unknown | Owner::Ours if self.is_ours(record, since).await? => Owner::Ours,
            Owner::Unknown | Owner::Ours => Owner::Another,
        };
        self.settle_claim(record, bridged, owner).await
    }

    /// Whose the record is is written down, and nobody asks any more. One of ours is resolved with its incidents.
    pub(crate) async fn settle_claim(&self, record: &str, bridged: &mut BridgedIncident, owner: Owner) -> Result<(), Stop> {
        let claimed = self.store.change_bridged_record(record, |known| known.claim(owner));
        claimed.await.map_err(unavailable)?;
        bridged.copied.is_claim_open = false;
        Ok(())
    }

    /// Has the record stand for the incident: whose it is, as far as anybody knows. `is_given_now`: the other side has just answered with it.
    async fn bind(&self, record: &str, incident: &Incident, is_given_now: bool) -> Result<Owner, Failure> {
        let (seen, now) = (held(incident), self.now());
        let bound = self.store.change_bridged_record(record, |known| {
            known.note(incident.id, seen);
            // It is open, or it would not have been given. One of ours that is known already says by itself how it stands; of another's
            // we know only what was seen last.
            let is_new = known.turn == 0 && known.confirmed_at.is_none();
            if is_new || is_given_now && known.owner != Owner::Ours && !known.is_to_resolve {
                known.status = hansho_store::RecordStatus::Open;
                known.is_confirmed = true;
                known.confirmed_at = Some(now);
            }
        });
        bound.await.map(|(known, ())| known.owner).map_err(unavailable)
    }

    /// What it was opened with: from its first entry, which never changes.
    async fn opening(&self, incident: &Incident) -> Result<Opening, Failure> {
        let first = self.store.entries_after(incident.id, 0).await.map_err(unavailable)?.into_iter().next();
        let opened = first.as_ref().and_then(|entry| {
            entry.events.iter().find_map(|event| match event {
                hansho_domain::Event::Opened { title, severity, .. } => Some((title.clone(), *severity)),
                _ => None,
            })
        });
        let (title, severity) = opened.unwrap_or_else(|| (incident.title.clone(), incident.severity));
        let kept = self.store.first_kept_alert(incident.id).await.map_err(unavailable)?;
        Ok(Opening {
            incident: incident.id,
            service: incident.service.to_string(),
            title,
            details: incident.details.clone(),
            severity,
            at: incident.opened_at,
            raw: kept.map(|kept| kept.raw).filter(|raw| !raw.is_empty()),
            arn: words::arn_of(incident),
            links: words::links(incident, &self.public_url),
        })
    }
}
