//! The other side: Incident Manager or OpsCenter, with what both can do.

use hansho_domain::{BridgeTo, IncidentId};
use hansho_store::RecordStatus;
use jiff::Timestamp;

use crate::{
    Bridge,
    refusal::Refusal,
    words::{Link, Opening, Told},
};

impl Bridge {
    /// Opens the incident there, or finds the record that it was opened as: what the other side calls it.
    pub(crate) async fn begin(&self, to: &BridgeTo, opening: &Opening) -> Result<String, Refusal> {
        match to {
            BridgeTo::IncidentManager { response_plan } => self.incident_manager.begin(response_plan, opening).await,
            BridgeTo::OpsCenter { category } => self.ops_center.begin(category.as_deref(), opening, self.now()).await,
        }
    }

    /// Whether the record was made for us, and not by somebody else before `since`, when it was first asked for.
    pub(crate) async fn is_ours(&self, record: &str, since: Timestamp) -> Result<bool, Refusal> {
        // The deduplication string of an OpsItem is the incident's own, so whoever made it made it for this one.
        if is_ops_item(record) { Ok(true) } else { self.incident_manager.is_ours(record, since).await }
    }

    /// Adds something to look at. OpsCenter has no place of its own for links: they are in what an OpsItem is opened with.
    pub(crate) async fn add_link(&self, record: &str, link: &Link, token: String) -> Result<(), Refusal> {
        if is_ops_item(record) { Ok(()) } else { self.incident_manager.add_link(record, link, token).await }
    }

    /// Tells one entry of the timeline. OpsCenter has none: see [`Self::tell_story`].
    pub(crate) async fn tell(&self, record: &str, incident: IncidentId, told: &Told) -> Result<(), Refusal> {
        if is_ops_item(record) { Ok(()) } else { self.incident_manager.tell(record, incident, told).await }
    }

    /// Tells the whole timeline, where the other side takes it as one text.
    pub(crate) async fn tell_story(&self, record: &str, story: &[String]) -> Result<(), Refusal> {
        if is_ops_item(record) { self.ops_center.tell_story(record, story, self.now()).await } else { Ok(()) }
    }

    /// Says how bad it is now: 1 is the highest.
    pub(crate) async fn set_impact(&self, record: &str, impact: u8, token: String) -> Result<(), Refusal> {
        if is_ops_item(record) {
            self.ops_center.set_impact(record, impact, self.now()).await
        } else {
            self.incident_manager.set_impact(record, impact, token).await
        }
    }

    /// Says whether it is over.
    pub(crate) async fn set_status(&self, record: &str, status: RecordStatus, token: String) -> Result<(), Refusal> {
        if is_ops_item(record) {
            self.ops_center.set_status(record, status, self.now()).await
        } else {
            self.incident_manager.set_status(record, status, token).await
        }
    }

    /// Asks whether it is over there.
    pub(crate) async fn status(&self, record: &str) -> Result<RecordStatus, Refusal> {
        if is_ops_item(record) { self.ops_center.status(record, self.now()).await } else { self.incident_manager.status(record).await }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.store.clock().now()
    }
}

/// A record is an OpsItem, or else one of Incident Manager, which has an ARN.
pub(crate) fn is_ops_item(record: &str) -> bool {
    !record.starts_with("arn:")
}
