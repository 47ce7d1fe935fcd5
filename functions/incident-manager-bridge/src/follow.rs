//! Brings the other side up to what an incident is now. Whoever asks for it, and how often, makes no difference.

use hansho_domain::{Bundle, Incident, IncidentId, PhaseName, UserId};
use hansho_runtime::Failure;
use hansho_store::{BridgedIncident, Held, Owner, RecordStatus};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Bridge,
    refusal::Refusal,
    side::is_ops_item,
    unavailable,
    words::{self, Told},
};

/// How often it is tried again at once when another copy of this function works on the same incident.
const TRIES_MAX: u32 = 3;
/// An incident that is open is due again at once: whichever minute comes next looks at it, however long its copying took. Counted from the end
/// of the copying, a minute would be over only after the next one has asked.
const NEXT_MINUTE: SignedDuration = SignedDuration::ZERO;
/// How soon an incident is looked at again whose record is just being opened, and one with which something went wrong, the first time and at
/// the most.
pub(crate) const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(1);
const SETBACK_MAX: SignedDuration = SignedDuration::from_hours(1);
/// For how long whoever tells the other side the status has it for himself: longer than a call may take.
const TELLING: SignedDuration = SignedDuration::from_secs(30);
/// For so long after a record was made its own side may not find it: what was written there is not read everywhere at once.
const NOT_FOUND_FOR: SignedDuration = SignedDuration::from_mins(5);
/// For so long nobody may have said whose a record is, because it may not be asked: from then on it is resolved with its incident as if it
/// were ours, since it would stay open for ever otherwise. Operators are told long before, by the alarm `bridge`.
const CLAIM_TAKES: SignedDuration = SignedDuration::from_hours(1);
/// Why the copy of an incident ended whose service has no bridge.
const NOT_COPIED: &str = "its service is not copied any more";

/// How far a try came.
enum Try {
    /// To its end.
    Done,
    /// Another copy was faster.
    Overtaken,
}

/// Why a copy stopped on its way.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The other side has not done its part.
    Refused(Refusal),
    /// Another copy was faster.
    Overtaken,
    /// The table does not answer.
    Failed(Failure),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Bridge {
    /// Copies what is new of the incident.
    ///
    /// # Errors
    /// The table does not answer, or the other side has not done its part; it is written down how far it came.
    pub(crate) async fn follow(&self, id: IncidentId) -> Result<(), Failure> {
        for _ in 0..TRIES_MAX {
            // Boxed: its state is large, and callers hold it in theirs.
            match Box::pin(self.try_to_follow(id)).await? {
                Try::Done => return Ok(()),
                Try::Overtaken => {}
            }
        }
        Err(Failure::because(format!("incident {id} is copied by somebody else at the same time; it comes back")))
    }

    async fn try_to_follow(&self, id: IncidentId) -> Result<Try, Failure> {
        let Some(incident) = self.store.incident(id).await.map_err(unavailable)?.map(|stored| stored.incident) else {
            tracing::warn!(incident.id = %id, "a message names an incident that does not exist; nothing to do");
            return Ok(Try::Done);
        };
        let known = self.store.bridged_incident(id).await.map_err(unavailable)?;
        let is_known = known.is_some();
        let bundle = self.store.bundle(&incident.service).await.map_err(unavailable)?;
        let bridge = bundle.as_ref().and_then(|bundle| bundle.service.spec().bridge.clone());
        let mut bridged = known.unwrap_or_else(|| BridgedIncident::new(id));
        let (Some(bundle), Some(bridge)) = (bundle, bridge) else { return self.follow_no_more(&mut bridged).await };
        // The configuration has named the bridge again.
        bridged.copied.ended = bridged.copied.ended.take().filter(|why| why != NOT_COPIED);
        if bridged.copied.ended.is_some() {
            return Ok(Try::Done);
        }
        if !is_begun(&bridged) && !is_to_begin(&incident) {
            let is_listed = is_known && incident.phase.is_resolved();
            return if is_listed { self.saved(&mut bridged, None).await } else { Ok(Try::Done) };
        }
        let copied = match self.copy(&mut bridged, &incident, &bundle, &bridge).await {
            Ok(is_settled) => Ok(is_settled),
            Err(Stop::Refused(refusal)) => Err(refusal),
            Err(Stop::Overtaken) => return Ok(Try::Overtaken),
            Err(Stop::Failed(failure)) => return Err(failure),
        };
        self.write_down(&mut bridged, &incident, copied).await
    }

    /// Nothing is copied for its service, or not any more. What is open there stays open, and nobody watches it.
    async fn follow_no_more(&self, bridged: &mut BridgedIncident) -> Result<Try, Failure> {
        if is_begun(bridged) && bridged.copied.ended.is_none() {
            bridged.copied.ended = Some(NOT_COPIED.to_owned());
            return self.saved(bridged, None).await;
        }
        Ok(Try::Done)
    }

    /// Opens the record if there is none, and brings it up to date, as far as it goes. `true`: its status is as it must be.
    async fn copy(
        &self,
        bridged: &mut BridgedIncident,
        incident: &Incident,
        bundle: &Bundle,
        bridge: &hansho_domain::Bridge,
    ) -> Result<bool, Stop> {
        let record = match bridged.copied.record.clone() {
            Some(record) => record,
            None => self.open(bridged, incident, bridge).await?,
        };
        let trouble = match self.tell_story_so_far(&record, bridged, incident, bundle, bridge).await {
            Ok(()) => None,
            Err(Stop::Refused(refusal)) => Some(refusal),
            Err(stop) => return Err(stop),
        };
        let trouble = match trouble {
            Some(Refusal::Forbidden(why)) if self.is_overdue_claim(bridged, incident) => {
                tracing::error!(incident.id = %incident.id, %record, %why, "whose record it is may not be asked; it is resolved with its incident");
                self.settle_claim(&record, bridged, Owner::Ours).await?;
                None
            }
            other => other,
        };
        // Whatever the story was refused for: a record must not stay open because an entry does not get there.
        let is_settled = self.tell_status(&record, incident).await?;
        trouble.map_or(Ok(is_settled), |refusal| Err(refusal.into()))
    }

    /// Whose the record is, links, entries and impact, in this order; the first that is refused holds up the others.
    async fn tell_story_so_far(
        &self,
        record: &str,
        bridged: &mut BridgedIncident,
        incident: &Incident,
        bundle: &Bundle,
        bridge: &hansho_domain::Bridge,
    ) -> Result<(), Stop> {
        let unclaimed = match self.claim(record, bridged, incident).await {
            // What follows needs no answer to that.
            Err(Stop::Refused(refusal @ Refusal::Forbidden(_))) => Some(refusal),
            claimed => claimed.map(|()| None)?,
        };
        self.add_links(record, bridged, incident).await?;
        self.tell_what_is_new(record, bridged, incident, bundle, bridge).await?;
        let impact = words::impact(incident.severity);
        if bridged.copied.impact.is_some_and(|told| impact < told) {
            passed_over(self.set_impact(record, impact, format!("{}-impact-{impact}", incident.id)).await)?;
            bridged.copied.impact = Some(impact);
        }
        unclaimed.map_or(Ok(()), |refusal| Err(refusal.into()))
    }

    /// Whether an incident is over, and whose its record is has not been said for so long that it would stay open.
    fn is_overdue_claim(&self, bridged: &BridgedIncident, incident: &Incident) -> bool {
        let is_old = bridged.copied.recorded_at.is_some_and(|at| self.now().duration_since(at) >= CLAIM_TAKES);
        bridged.copied.is_claim_open && incident.phase.is_resolved() && is_old
    }

    async fn add_links(&self, record: &str, bridged: &mut BridgedIncident, incident: &Incident) -> Result<(), Refusal> {
        for (place, link) in words::links(incident, &self.public_url).iter().enumerate().skip(bridged.copied.links) {
            passed_over(self.add_link(record, link, format!("{}-link-{place}", incident.id)).await)?;
            bridged.copied.links = place + 1;
        }
        Ok(())
    }

    /// Entry by entry, in order: one that is refused for a while holds up those behind it.
    async fn tell_what_is_new(
        &self,
        record: &str,
        bridged: &mut BridgedIncident,
        incident: &Incident,
        bundle: &Bundle,
        bridge: &hansho_domain::Bridge,
    ) -> Result<(), Stop> {
        let onlooker = UserId::new("hansho").map_err(|error| Failure::new("no name for whoever reads", error))?;
        let reader = words::reader(bridge, bundle, onlooker, self.now());
        let before = bridged.copied.told;
        loop {
            let entries = self.store.entries_after(incident.id, bridged.copied.told).await.map_err(unavailable)?;
            if entries.is_empty() {
                break;
            }
            for entry in entries {
                let told = words::told(&entry, &reader);
                self.tell_with_links(record, incident.id, &told).await?;
                bridged.copied.told = entry.version;
            }
        }
        if bridged.copied.told == before || !is_ops_item(record) {
            return Ok(());
        }
        let (entries, _) = self.store.timeline(incident.id).await.map_err(unavailable)?;
        let story = entries.iter().map(|entry| words::told(entry, &reader)).map(|told| format!("{} {}", told.at, told.text));
        let told = passed_over(self.tell_story(record, &story.collect::<Vec<_>>()).await);
        if told.is_err() {
            bridged.copied.told = before;
        }
        told.map_err(Stop::from)
    }

    async fn tell_with_links(&self, record: &str, incident: IncidentId, told: &Told) -> Result<(), Refusal> {
        if !told.text.is_empty() {
            passed_over(self.tell(record, incident, told).await)?;
        }
        for (place, link) in told.links.iter().enumerate() {
            passed_over(self.add_link(record, link, format!("{incident}-{}-link-{place}", told.version)).await)?;
        }
        Ok(())
    }

    /// Has the record open while an incident of it is, and resolved otherwise, by one caller at a time. `true`: it is so.
    async fn tell_status(&self, record: &str, incident: &Incident) -> Result<bool, Stop> {
        let (seen, now) = (held(incident), self.now());
        let until = now.saturating_add(TELLING).unwrap_or(Timestamp::MAX);
        let asked = self.store.change_bridged_record(record, |known| {
            known.note(incident.id, seen);
            let wanted = if known.is_wanted_open() { RecordStatus::Open } else { RecordStatus::Resolved };
            // What was resolved there is about to be resolved here, and another's record is not ours to resolve.
            if known.owner == Owner::Ours && !known.is_to_resolve && wanted != known.status {
                (known.status, known.is_confirmed, known.turn) = (wanted, false, known.turn + 1);
            }
            let is_mine = !known.is_confirmed && known.telling_until.is_none_or(|until| until <= now);
            if is_mine {
                known.telling_until = Some(until);
            }
            is_mine
        });
        let (known, is_mine) = asked.await.map_err(unavailable)?;
        if known.is_confirmed || !is_mine {
            return Ok(known.is_confirmed);
        }
        let answered = self.set_status(record, known.status, format!("{}-{}-status-{}", incident.id, incident.version, known.turn)).await;
        let (turn, is_told) = (known.turn, answered.is_ok());
        let told_at = self.now();
        let settled = self.store.change_bridged_record(record, |known| {
            known.telling_until = None;
            if is_told && known.turn == turn {
                known.is_confirmed = true;
                known.confirmed_at = Some(told_at);
            }
        });
        let (known, ()) = settled.await.map_err(unavailable)?;
        answered?;
        Ok(known.is_confirmed)
    }

    /// Writes down how far it came, and when to look again.
    async fn write_down(&self, bridged: &mut BridgedIncident, incident: &Incident, copied: Result<bool, Refusal>) -> Result<Try, Failure> {
        let refusal = match copied {
            Ok(is_settled) => {
                bridged.copied.setbacks = 0;
                bridged.copied.not_before = None;
                let is_over = is_settled && incident.phase.is_resolved() && bridged.copied.told >= incident.version;
                return self.saved(bridged, (!is_over).then_some(NEXT_MINUTE)).await;
            }
            Err(refusal) => refusal,
        };
        if let Refusal::Gone(why) = &refusal
            && !self.is_just_made(bridged)
        {
            tracing::warn!(incident.id = %incident.id, %why, "nothing more is copied of this incident");
            bridged.copied.ended = Some(why.clone());
            return self.saved(bridged, None).await;
        }
        bridged.copied.setbacks = bridged.copied.setbacks.saturating_add(1);
        let doubled = LOOK_EVERY.saturating_mul(1 << bridged.copied.setbacks.saturating_sub(1).min(10)).min(SETBACK_MAX);
        // The record is looked at every minute all the same.
        let has_record = bridged.copied.record.is_some();
        bridged.copied.not_before = has_record.then(|| self.now().saturating_add(doubled).unwrap_or(Timestamp::MAX));
        self.save(bridged, Some(if has_record { NEXT_MINUTE } else { doubled })).await?;
        Err(Failure::because(format!("incident {} was not copied: {refusal}", incident.id)))
    }

    fn is_just_made(&self, bridged: &BridgedIncident) -> bool {
        bridged.copied.recorded_at.is_some_and(|at| self.now().duration_since(at) < NOT_FOUND_FOR)
    }

    /// `false`: somebody else has written meanwhile.
    pub(crate) async fn save(&self, bridged: &mut BridgedIncident, look_in: Option<SignedDuration>) -> Result<bool, Failure> {
        let look_at = look_in.map(|after| self.now().saturating_add(after).unwrap_or(Timestamp::MAX));
        self.store.save_bridged_incident(bridged, look_at).await.map_err(unavailable)
    }

    async fn saved(&self, bridged: &mut BridgedIncident, look_in: Option<SignedDuration>) -> Result<Try, Failure> {
        Ok(if self.save(bridged, look_in).await? { Try::Done } else { Try::Overtaken })
    }
}

pub(crate) fn held(incident: &Incident) -> Held {
    Held { version: incident.version, is_open: !incident.phase.is_resolved() }
}

/// Whether a record was opened, or perhaps was.
fn is_begun(bridged: &BridgedIncident) -> bool {
    bridged.copied.record.is_some() || bridged.copied.begun_at.is_some()
}

/// What is held may clear by itself, and what is over needs nobody: a response plan engages people.
fn is_to_begin(incident: &Incident) -> bool {
    match incident.phase.name() {
        PhaseName::Triggered | PhaseName::Acknowledged | PhaseName::Exhausted => true,
        PhaseName::Held | PhaseName::Resolved => false,
    }
}

/// What the other side will never take is left out, so that the rest gets there.
fn passed_over(answer: Result<(), Refusal>) -> Result<(), Refusal> {
    match answer {
        Err(Refusal::Never(why)) => {
            tracing::error!(%why, "something is left out of the copy of an incident");
            Ok(())
        }
        other => other,
    }
}
