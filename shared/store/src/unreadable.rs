//! What can not be read pages the people of last resort: nothing is lost in silence.

use hansho_domain::{Alert, AlertId, DedupKey, IncidentId, IntegrationId, Labels, ServiceId, Severity};
use sha2::{Digest, Sha256};

use crate::{Received, Store, error::StoreError};

impl Store {
    /// Pages about an incident that can not be read or stepped, once, and sets it aside.
    ///
    /// # Errors
    /// DynamoDB does not answer, or there is no configuration at all.
    pub async fn report_unreadable(&self, incident: IncidentId, problem: &str) -> Result<Received, StoreError> {
        let received =
            self.page_about(&format!("unreadable-incident/{incident}"), &format!("Incident {incident} can not be read"), problem).await?;
        self.release_pointer(incident).await?;
        self.park_incident(incident, problem).await?;
        Ok(received)
    }

    /// Opens an incident on the catch-all service about Hansho's own trouble; the same trouble again is a repeat.
    ///
    /// # Errors
    /// DynamoDB does not answer, or there is no configuration at all.
    pub async fn page_about(&self, trouble: &str, title: &str, details: &str) -> Result<Received, StoreError> {
        let invalid = |error: hansho_domain::InvalidId| StoreError::unreadable(trouble, error);
        let now = self.clock.now();
        let mut id = [0; 16];
        id.copy_from_slice(&Sha256::digest(format!("hansho/{trouble}/{now}"))[..16]);
        let alert = Alert {
            id: AlertId::from_hash(id),
            integration: IntegrationId::hansho(),
            dedup_key: DedupKey::new(trouble).map_err(invalid)?,
            occurred_at: now,
            severity: Severity::Critical,
            priority: None,
            title: title.to_owned(),
            details: details.to_owned(),
            runbook: None,
            link: None,
            labels: Labels::new(),
            references: Vec::new(),
            held: None,
            pause: None,
            remark: None,
            opened_by: None,
        };
        self.receive_alert(&ServiceId::catch_all(), &alert, details).await
    }
}
