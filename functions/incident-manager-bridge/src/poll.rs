//! Every minute: what no message told is found, and every open record is looked at.

use std::collections::BTreeSet;

use hansho_domain::IncidentId;
use hansho_runtime::{Answer, telemetry};
use jiff::SignedDuration;
use serde_json::json;

use crate::{Bridge, FUNCTION_TIMEOUT_SECONDS, unavailable};

/// Until when, from its start, another incident is taken up; the rest comes with the next minute.
const TAKES_UP_FOR: SignedDuration = SignedDuration::from_secs(FUNCTION_TIMEOUT_SECONDS as i64 - 20);

impl Bridge {
    /// Follows incidents that are to be looked at, and those that nobody has begun with; then looks at their records. Trouble with one
    /// keeps no other waiting, and is counted.
    ///
    /// # Errors
    /// The index of the table does not answer.
    pub(crate) async fn poll(&self) -> Answer {
        let started_at = self.now();
        let mut ids: Vec<IncidentId> = self.store.due_bridged_incidents(started_at).await.map_err(unavailable)?;
        ids.extend(self.store.unbridged_incidents().await.map_err(unavailable)?);
        let (mut followed, mut behind) = (0_usize, 0_usize);
        let mut records = BTreeSet::new();
        for id in ids {
            if self.is_late(started_at) {
                break;
            }
            match self.follow(id).await {
                Ok(record) => {
                    followed += 1;
                    records.extend(record);
                }
                Err(error) => {
                    behind += 1;
                    tracing::error!(incident.id = %id, error = %hansho_runtime::chain(&error), "an incident could not be copied");
                }
            }
        }
        for record in &records {
            if self.is_late(started_at) {
                break;
            }
            if let Err(error) = self.look_at(record).await {
                behind += 1;
                tracing::error!(%record, error = %hansho_runtime::chain(&error), "a record could not be looked at");
            }
        }
        if behind > 0 {
            telemetry::print_metric(started_at, "BridgeBehind", behind as f64, "Count");
        }
        Ok(json!({ "followed": followed, "looked_at": records.len(), "behind": behind }))
    }

    fn is_late(&self, started_at: jiff::Timestamp) -> bool {
        self.now().duration_since(started_at) > TAKES_UP_FOR
    }
}
