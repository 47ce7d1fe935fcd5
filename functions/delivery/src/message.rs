//! The words of a delivery: what it says, and where its link leads.

use hansho_channels::{Bundle, IncidentFacts, Message, Page, Templates, Thread, render_bundle_to, render_page_to};
use hansho_domain::{Incident, IncidentId, Language, Notification};
use hansho_runtime::Failure;
use hansho_store::{Delivery, LinkTo};

use crate::{DeliveryFunction, addressee::Addressee, bundle::Companion, unavailable};

impl DeliveryFunction {
    /// One incident to one recipient.
    pub(crate) async fn page(&self, delivery: &Delivery, incident: &Incident, to: Addressee) -> Result<Message, Failure> {
        let notification = &delivery.notification;
        let link = self.link(notification, &to, LinkTo::Incident(incident.id)).await?;
        let now = self.store.clock().now();
        let named = match hansho_channels::person(&notification.reason) {
            Some(person) => Some(self.name_of(person).await),
            None => None,
        };
        let page = Page {
            incident: facts(incident),
            reason: notification.reason.clone(),
            named,
            link,
            takes_answers: self.channels.takes_answers(),
            time_zone: to.time_zone,
            now,
            templates: self.templates(incident, to.language).await,
        };
        Ok(Message {
            to: to.address,
            text: render_page_to(&notification.to, to.language, &page),
            idempotency_key: delivery.id.to_string(),
            thread: Thread::Incident(incident.id),
            sent_at: now,
        })
    }

    /// The service's own words. Where they can not be read, or the service is gone, a page says the standard ones.
    async fn templates(&self, incident: &Incident, language: Language) -> Templates {
        match self.store.bundle(&incident.service).await {
            Ok(Some(bundle)) => bundle.service.spec().messages.as_ref().map(|messages| messages.of(language).clone()).unwrap_or_default(),
            Ok(None) => Templates::default(),
            Err(error) => {
                tracing::warn!(incident.id = %incident.id, error = %hansho_runtime::chain(&error), "the service's own words could not be read, the standard ones are sent");
                Templates::default()
            }
        }
    }

    /// Several incidents to one recipient.
    pub(crate) async fn bundle(
        &self,
        delivery: &Delivery,
        incident: &Incident,
        companions: &[Companion],
        to: Addressee,
    ) -> Result<Message, Failure> {
        let notification = &delivery.notification;
        let mut incidents: Vec<&Incident> =
            std::iter::once(incident).chain(companions.iter().map(|companion| &companion.incident)).collect();
        incidents.sort_by_key(|incident| (incident.priority, std::cmp::Reverse(incident.severity), incident.id));
        incidents.sort_by_key(|incident| incident.priority.is_none());
        incidents.dedup_by_key(|incident| incident.id);
        // One incident by two of a person's rules is one incident.
        let [worst, _, ..] = incidents.as_slice() else { return self.page(delivery, incident, to).await };
        let ids: Vec<IncidentId> = incidents.iter().map(|incident| incident.id).collect();
        let link = self.link(notification, &to, LinkTo::Bundle(ids)).await?;
        let now = self.store.clock().now();
        let bundle = Bundle {
            count: incidents.len(),
            worst: facts(worst),
            items: incidents.iter().map(|incident| facts(incident)).collect(),
            link,
            takes_answers: self.channels.takes_answers(),
            time_zone: to.time_zone,
            now,
        };
        Ok(Message {
            to: to.address,
            text: render_bundle_to(&notification.to, to.language, &bundle),
            idempotency_key: delivery.id.to_string(),
            thread: Thread::Bundle(delivery.id.to_string()),
            sent_at: now,
        })
    }

    /// Where a person answers. A link acts as whoever it was made for, so a machine or a channel gets none; one that goes a
    /// single way proves by a tap that the address reaches its person.
    async fn link(&self, notification: &Notification, addressee: &Addressee, to: LinkTo) -> Result<String, Failure> {
        let Some(user) = notification.user() else { return Ok(String::new()) };
        let is_bundle = matches!(to, LinkTo::Bundle(_));
        let code = self.store.make_link_via(&self.secrets, user, to, addressee.via.clone()).await.map_err(unavailable)?;
        Ok(if is_bundle { self.public_url.bundle(&code) } else { self.public_url.incident(&code) })
    }
}

fn facts(incident: &Incident) -> IncidentFacts {
    IncidentFacts::new(incident, incident.service.as_str())
}
