//! Who sends an event: the key it brought, and the integration that the key opens.

use std::sync::Arc;

use hansho_domain::{Integration, IntegrationId, IntegrationKind, ServiceId};
use hansho_store::{IntegrationKey, StoreError};
use jiff::Timestamp;

use crate::Api;

/// Who sends an event, and when it came in.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    /// The key.
    pub(super) key: IntegrationKey,
    /// What the key opens; none when the configuration does not have it any more.
    pub(super) integration: Option<Arc<Integration>>,
    /// When the event came in.
    pub(super) at: Timestamp,
    /// Tells the event from every other one that came in then.
    pub(super) serial: String,
}

impl Sender {
    /// Whoever holds `secret`, also where it has ended; `None` when nobody does.
    pub(super) async fn of(api: &Api, secret: &str) -> Result<Option<Self>, StoreError> {
        let Some(key) = api.store.integration_key(secret).await? else { return Ok(None) };
        let integration = api.store.integration(&key.integration).await?;
        let at = api.store.clock().now();
        Ok(Some(Self { key, integration, at, serial: format!("{at} {}", api.next_serial()) }))
    }

    /// The name of the integration.
    pub(super) fn integration(&self) -> &IntegrationId {
        &self.key.integration
    }

    /// The service of its alerts.
    pub(super) fn service(&self) -> ServiceId {
        self.integration.as_ref().map_or_else(ServiceId::catch_all, |integration| integration.service_or_catch_all())
    }

    /// How many events its key takes in a minute.
    pub(super) fn per_minute_max(&self) -> u32 {
        let kind = self.integration.as_ref().map(|integration| integration.spec().kind.clone());
        kind.unwrap_or_else(IntegrationKind::events).per_minute_max()
    }

    /// What is worth saying about how an alert came to its service: an apply does not end keys, and no alarm of theirs is lost.
    pub(super) fn remark(&self) -> Option<String> {
        let id = self.integration();
        self.integration.is_none().then(|| {
            format!(
                "it came in by the integration {id}, which the configuration does not have any more; end its key with \
                 `hansho integration key revoke {id} {}`, or write the integration again",
                self.key.id
            )
        })
    }
}
