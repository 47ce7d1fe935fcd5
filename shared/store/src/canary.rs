//! The canary: an incident that goes the whole way to nobody, so that it is known that one would come through to somebody.
//!
//! Its service is built in, calls no person, and is on no list. Its only way in is [`Store::open_canary`]: no alarm can name it, so none can
//! be lost on it.

use hansho_domain::{
    Alert, AlertId, Bundle, DedupKey, Destination, DestinationId, EscalationPolicy, IntegrationId, InvalidId, Labels, PolicyId, PolicyStep,
    Problems, Recipient, Service, ServiceId, ServiceSpec, Severity, Target, UrgencyRule,
};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use crate::{Received, Store, error::StoreError};

/// How long it is kept. One that did not come through is looked into before.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(48);
/// How long its policy waits: a canary that is not delivered goes nowhere else.
const WAIT_SECONDS: u32 = 86_400;

/// Whether the service is the canary's.
pub fn is_canary(service: &ServiceId) -> bool {
    *service == ServiceId::canary()
}

/// Whether something is for the canary.
pub(crate) fn is_for_canary(recipient: &Recipient) -> bool {
    matches!(recipient, Recipient::Destination { destination: Destination::Webhook(id) } if id.as_str() == ServiceId::canary().as_str())
}

/// What an incident of the canary needs: a policy that tells a destination and calls nobody, and no fallback.
pub(crate) fn bundle(version: u64) -> Result<Bundle, StoreError> {
    let service = ServiceId::canary();
    let unreadable = |error: &dyn std::fmt::Display| StoreError::unreadable(ServiceId::canary().as_str(), error);
    let invalid = |error: InvalidId| unreadable(&error);
    let wrong = |problems: Problems| unreadable(&problems);
    let policy = PolicyId::new(service.as_str()).map_err(invalid)?;
    let destination = Target::Destination(Destination::Webhook(DestinationId::new(service.as_str()).map_err(invalid)?));
    let steps = vec![PolicyStep::calling(vec![destination], WAIT_SECONDS)];
    let spec = ServiceSpec { urgency: UrgencyRule::Low, ..ServiceSpec::new(service, policy.clone()) };
    Ok(Bundle {
        version,
        service: Service::new(spec).map_err(wrong)?,
        policy: EscalationPolicy::new(policy, steps, 0).map_err(wrong)?,
        policies: Vec::new(),
        schedules: Vec::new(),
        teams: Vec::new(),
        users: Vec::new(),
        fallback: Vec::new(),
        hours: Vec::new(),
        maintenance: Vec::new(),
    })
}

impl Store {
    /// Opens a canary's incident. Each is one of its own: one that is stuck does not hold up the next.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn open_canary(&self) -> Result<Received, StoreError> {
        let now = self.clock.now();
        let trouble = format!("canary/{now}");
        let invalid = |error: InvalidId| StoreError::unreadable(&trouble, error);
        let mut id = [0; 16];
        id.copy_from_slice(&Sha256::digest(&trouble)[..16]);
        let alert = Alert {
            id: AlertId::from_hash(id),
            integration: IntegrationId::hansho(),
            dedup_key: DedupKey::new(&trouble).map_err(invalid)?,
            occurred_at: now,
            severity: Severity::Info,
            priority: None,
            title: "Canary: nothing is wrong".to_owned(),
            details: String::new(),
            runbook: None,
            link: None,
            labels: Labels::new(),
            references: Vec::new(),
            held: None,
            pause: None,
            remark: None,
            opened_by: None,
        };
        self.receive_alert(&ServiceId::canary(), &alert, "{}").await
    }
}
