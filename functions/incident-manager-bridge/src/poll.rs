//! Every minute: every open record is looked at, and what no message told is found.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::IncidentId;
use hansho_runtime::{Answer, telemetry};
use hansho_store::BridgedIncident;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::{Bridge, FUNCTION_TIMEOUT_SECONDS, unavailable};

/// Until when, from its start, another record is looked at; the others come first the next time.
const LOOKS_FOR: SignedDuration = SignedDuration::from_secs(FUNCTION_TIMEOUT_SECONDS as i64 / 3);
/// Until when, from its start, another incident is taken up; the rest comes with the next minute.
const TAKES_UP_FOR: SignedDuration = SignedDuration::from_secs(FUNCTION_TIMEOUT_SECONDS as i64 - 20);

impl Bridge {
    /// Looks at the records of all incidents that are copied, whatever became of the copying: a resolve over there counts here within the
    /// minute. Then follows the incidents, and those that nobody looks at. Trouble with one keeps no other waiting, and is counted.
    ///
    /// # Errors
    /// The index of the table does not answer.
    pub(crate) async fn poll(&self) -> Answer {
        let started_at = self.now();
        let mut ids: Vec<IncidentId> = self.store.due_bridged_incidents(started_at).await.map_err(unavailable)?;
        let known = self.store.bridged_incidents(&ids).await.map_err(unavailable)?;
        ids.extend(self.store.unwatched_incidents().await.map_err(unavailable)?);
        let (looked_at, mut behind) = self.look_at_open(&known, started_at).await;
        let wait: BTreeMap<IncidentId, Option<Timestamp>> =
            known.iter().map(|bridged| (bridged.incident, bridged.copied.not_before)).collect();
        let mut followed = 0_usize;
        for id in ids {
            if self.runs_for(started_at) > TAKES_UP_FOR {
                break;
            }
            if wait.get(&id).copied().flatten().is_some_and(|until| until > started_at) {
                behind += 1;
                continue;
            }
            match self.follow(id).await {
                Ok(()) => followed += 1,
                Err(error) => {
                    behind += 1;
                    tracing::error!(incident.id = %id, error = %hansho_runtime::chain(&error), "an incident could not be copied");
                }
            }
        }
        if behind > 0 {
            telemetry::print_metric(started_at, "BridgeBehind", behind as f64, "Count");
        }
        Ok(json!({ "followed": followed, "looked_at": looked_at, "behind": behind }))
    }

    /// Looks at each record once: how many, and with how many there was trouble.
    async fn look_at_open(&self, known: &[BridgedIncident], started_at: Timestamp) -> (usize, usize) {
        let records: BTreeSet<&str> = known.iter().filter_map(BridgedIncident::watched_record).collect();
        // Where there are more than a minute is enough for, another one is the first each time.
        let first = usize::try_from(started_at.as_second() / 60).unwrap_or_default().checked_rem(records.len()).unwrap_or_default();
        let (mut looked_at, mut troubles) = (0_usize, 0_usize);
        for record in records.iter().cycle().skip(first).take(records.len()) {
            if self.runs_for(started_at) > LOOKS_FOR {
                break;
            }
            looked_at += 1;
            if let Err(error) = self.look_at(record).await {
                troubles += 1;
                tracing::error!(%record, error = %hansho_runtime::chain(&error), "a record could not be looked at");
            }
        }
        (looked_at, troubles)
    }

    fn runs_for(&self, started_at: Timestamp) -> SignedDuration {
        self.now().duration_since(started_at)
    }
}
