//! Brings the other side up to what an incident is now. Whoever asks for it, and how often, makes no difference.

use hansho_domain::{Bundle, Incident, IncidentId, PhaseName, UserId};
use hansho_runtime::Failure;
use hansho_store::{BridgedIncident, Held, RecordStatus};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Bridge,
    refusal::Refusal,
    side::is_ops_item,
    unavailable,
    words::{self, Opening, Told},
};

/// How often it is tried again at once when another copy of this function works on the same incident.
const TRIES_MAX: u32 = 3;
/// How soon an incident that is open is looked at again, and one with which something went wrong, the first time and at the most.
const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(1);
const SETBACK_MAX: SignedDuration = SignedDuration::from_hours(1);
/// For how long whoever tells the other side the status has it for himself: longer than a call may take.
const TELLING: SignedDuration = SignedDuration::from_secs(30);

/// How far a try came.
enum Try {
    /// To its end; this is the record, if there is one to be watched.
    Done(Option<String>),
    /// Another copy was faster.
    Overtaken,
}

impl Bridge {
    /// Copies what is new of the incident. Gives the record that is to be watched, where one is open.
    ///
    /// # Errors
    /// The table does not answer, or the other side has not done its part; it is written down how far it came.
    pub(crate) async fn follow(&self, id: IncidentId) -> Result<Option<String>, Failure> {
        for _ in 0..TRIES_MAX {
            // Boxed: its state is large, and callers hold it in theirs.
            match Box::pin(self.try_to_follow(id)).await? {
                Try::Done(record) => return Ok(record),
                Try::Overtaken => {}
            }
        }
        Err(Failure::because(format!("incident {id} is copied by somebody else at the same time; it comes back")))
    }

    async fn try_to_follow(&self, id: IncidentId) -> Result<Try, Failure> {
        let Some(incident) = self.store.incident(id).await.map_err(unavailable)?.map(|stored| stored.incident) else {
            tracing::warn!(incident.id = %id, "a message names an incident that does not exist; nothing to do");
            return Ok(Try::Done(None));
        };
        let known = self.store.bridged_incident(id).await.map_err(unavailable)?;
        let bundle = self.store.bundle(&incident.service).await.map_err(unavailable)?;
        let bridge = bundle.as_ref().and_then(|bundle| bundle.service.spec().bridge.clone());
        let mut bridged = known.unwrap_or_else(|| BridgedIncident::new(id));
        let (Some(bundle), Some(bridge)) = (bundle, bridge) else { return self.follow_no_more(&mut bridged).await };
        if bridged.copied.ended.is_some() || !is_begun(&bridged) && !is_to_begin(&incident) {
            return Ok(Try::Done(None));
        }
        if bridged.copied.record.is_none() {
            bridged.copied.begun_at = bridged.copied.begun_at.or(Some(self.now()));
            // Before the call: a record that was made and not written down would be made open for ever.
            if !self.save(&mut bridged, Some(LOOK_EVERY)).await? {
                return Ok(Try::Overtaken);
            }
        }
        let copied = self.copy(&mut bridged, &incident, &bundle, &bridge).await?;
        self.write_down(&mut bridged, &incident, copied).await
    }

    /// Nothing is copied for its service, or not any more. What is open there stays open, and nobody watches it.
    async fn follow_no_more(&self, bridged: &mut BridgedIncident) -> Result<Try, Failure> {
        if is_begun(bridged) && bridged.copied.ended.is_none() {
            bridged.copied.ended = Some("its service is not copied any more".to_owned());
            return Ok(if self.save(bridged, None).await? { Try::Done(None) } else { Try::Overtaken });
        }
        Ok(Try::Done(None))
    }

    /// Opens the record if there is none, and brings it up to date, as far as it goes.
    async fn copy(
        &self,
        bridged: &mut BridgedIncident,
        incident: &Incident,
        bundle: &Bundle,
        bridge: &hansho_domain::Bridge,
    ) -> Result<Result<bool, Refusal>, Failure> {
        let record = match &bridged.copied.record {
            Some(record) => record.clone(),
            None => match self.open(bridged, incident, bridge).await? {
                Ok(record) => record,
                Err(refusal) => return Ok(Err(refusal)),
            },
        };
        if let Err(refusal) = self.add_links(&record, bridged, incident).await {
            return Ok(Err(refusal));
        }
        if let Err(refusal) = self.tell_what_is_new(&record, bridged, incident, bundle, bridge).await? {
            return Ok(Err(refusal));
        }
        let impact = words::impact(incident.severity);
        if bridged.copied.impact.is_some_and(|told| impact < told) {
            if let Err(refusal) = self.set_impact(&record, impact, format!("{}-impact-{impact}", incident.id)).await {
                return Ok(Err(refusal));
            }
            bridged.copied.impact = Some(impact);
        }
        self.tell_status(&record, incident).await
    }

    async fn open(
        &self,
        bridged: &mut BridgedIncident,
        incident: &Incident,
        bridge: &hansho_domain::Bridge,
    ) -> Result<Result<String, Refusal>, Failure> {
        let since = bridged.copied.begun_at.unwrap_or_else(|| self.now());
        let opening = self.opening(incident).await?;
        let begun = match self.begin(&bridge.to, &opening, since).await {
            Ok(begun) => begun,
            Err(refusal) => {
                if refusal.is_certain() {
                    bridged.copied.begun_at = None;
                }
                // A plan can be made, and a configuration be mended.
                return Ok(Err(if let Refusal::Never(why) = refusal { Refusal::Later(why) } else { refusal }));
            }
        };
        let (seen, now) = (held(incident), self.now());
        let bound = self.store.change_bridged_record(&begun.record, |known| {
            known.note(incident.id, seen);
            known.is_ours |= begun.is_ours;
            // It is open, or it would not have been given; one that is known already says by itself how it stands.
            if known.turn == 0 && known.confirmed_at.is_none() {
                known.is_confirmed = true;
                known.confirmed_at = Some(now);
            }
        });
        bound.await.map_err(unavailable)?;
        tracing::info!(incident.id = %incident.id, record = %begun.record, is_ours = begun.is_ours, "the incident has a record on the other side");
        bridged.copied.record = Some(begun.record.clone());
        bridged.copied.impact = Some(words::impact(opening.severity));
        Ok(Ok(begun.record))
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
    ) -> Result<Result<(), Refusal>, Failure> {
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
                if let Err(refusal) = self.tell_with_links(record, incident.id, &told).await {
                    return Ok(Err(refusal));
                }
                bridged.copied.told = entry.version;
            }
        }
        if bridged.copied.told == before || !is_ops_item(record) {
            return Ok(Ok(()));
        }
        let (entries, _) = self.store.timeline(incident.id).await.map_err(unavailable)?;
        let story = entries.iter().map(|entry| words::told(entry, &reader)).map(|told| format!("{} {}", told.at, told.text));
        let told = passed_over(self.tell_story(record, &story.collect::<Vec<_>>()).await);
        if told.is_err() {
            bridged.copied.told = before;
        }
        Ok(told)
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
    async fn tell_status(&self, record: &str, incident: &Incident) -> Result<Result<bool, Refusal>, Failure> {
        let (seen, now) = (held(incident), self.now());
        let until = now.saturating_add(TELLING).unwrap_or(Timestamp::MAX);
        let asked = self.store.change_bridged_record(record, |known| {
            known.note(incident.id, seen);
            let wanted = if known.is_wanted_open() { RecordStatus::Open } else { RecordStatus::Resolved };
            // What was resolved there is about to be resolved here, and another's record is not ours to resolve.
            if known.is_ours && !known.is_to_resolve && wanted != known.status {
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
            return Ok(Ok(known.is_confirmed));
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
        Ok(answered.map(|()| known.is_confirmed))
    }

    /// Writes down how far it came, and when to look again.
    async fn write_down(&self, bridged: &mut BridgedIncident, incident: &Incident, copied: Result<bool, Refusal>) -> Result<Try, Failure> {
        let refusal = match copied {
            Ok(is_settled) => {
                bridged.copied.setbacks = 0;
                let is_over = is_settled && incident.phase.is_resolved() && bridged.copied.told >= incident.version;
                let look = (!is_over).then_some(LOOK_EVERY);
                if !self.save(bridged, look).await? {
                    return Ok(Try::Overtaken);
                }
                return Ok(Try::Done(bridged.copied.record.clone().filter(|_| !is_over)));
            }
            Err(refusal) => refusal,
        };
        // A status that is never taken can not be told, and whoever looked at the record would take its own for news.
        if let Refusal::Gone(why) | Refusal::Never(why) = &refusal {
            tracing::warn!(incident.id = %incident.id, %why, "nothing more is copied of this incident");
            bridged.copied.ended = Some(why.clone());
            return Ok(if self.save(bridged, None).await? { Try::Done(None) } else { Try::Overtaken });
        }
        bridged.copied.setbacks = bridged.copied.setbacks.saturating_add(1);
        let doubled = LOOK_EVERY.saturating_mul(1 << bridged.copied.setbacks.saturating_sub(1).min(10));
        self.save(bridged, Some(doubled.min(SETBACK_MAX))).await?;
        Err(Failure::because(format!("incident {} was not copied: {refusal}", incident.id)))
    }

    async fn save(&self, bridged: &mut BridgedIncident, look_in: Option<SignedDuration>) -> Result<bool, Failure> {
        let look_at = look_in.map(|after| self.now().saturating_add(after).unwrap_or(Timestamp::MAX));
        self.store.save_bridged_incident(bridged, look_at).await.map_err(unavailable)
    }
}

fn held(incident: &Incident) -> Held {
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
