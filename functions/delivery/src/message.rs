//! The words of a delivery: who it goes to, what it says, where its link leads.

use hansho_channels::{Address, Bundle, IncidentFacts, Message, Page, Thread, render_bundle, render_page};
use hansho_domain::{Incident, IncidentId, Method, Notification};
use hansho_runtime::Failure;
use hansho_store::{AddressHash, Contact, Delivery, LinkTo, Profile, Via};

use crate::{DeliveryFunction, bundle::Companion, unavailable};

/// The address of a method, or a sentence for the timeline.
pub(crate) fn address(contact: &Contact, method: Method) -> Result<Address, String> {
    let missing = |what: &str| format!("they have no {what}; add it to their contact methods");
    let invalid = |error: hansho_channels::InvalidAddress| error.to_string();
    match method {
        Method::Sms => Address::phone(contact.phone.as_deref().ok_or_else(|| missing("phone number"))?).map_err(invalid),
        Method::Email => Address::email(contact.email.as_deref().ok_or_else(|| missing("mail address"))?).map_err(invalid),
        Method::Webhook => {
            let url = contact.webhook.as_deref().ok_or_else(|| missing("webhook"))?;
            let secret = contact.webhook_secret.as_deref().ok_or_else(|| missing("webhook secret"))?;
            Address::webhook(url, secret).map_err(invalid)
        }
    }
}

impl DeliveryFunction {
    /// One incident to one person.
    pub(crate) async fn page(&self, delivery: &Delivery, incident: &Incident, profile: &Profile, to: Address) -> Result<Message, Failure> {
        let notification = &delivery.notification;
        let code = self.link(notification, profile, LinkTo::Incident(incident.id)).await?;
        let now = self.store.clock().now();
        let page = Page {
            incident: facts(incident),
            reason: notification.reason.clone(),
            link: self.public_url.incident(&code),
            time_zone: profile.contact.time_zone.clone(),
            now,
        };
        Ok(Message {
            to,
            text: render_page(notification.method, profile.user.language(), &page),
            idempotency_key: delivery.id.to_string(),
            thread: Thread::Incident(incident.id),
            sent_at: now,
        })
    }

    /// The code of a link that goes this way only: a tap on it proves that the address reaches its person.
    async fn link(&self, notification: &Notification, profile: &Profile, to: LinkTo) -> Result<String, Failure> {
        let via = AddressHash::of(&profile.contact, notification.method).map(|address| Via { method: notification.method, address });
        self.store.make_link_via(&self.secrets, &notification.user, to, via).await.map_err(unavailable)
    }

    /// Several incidents to one person.
    pub(crate) async fn bundle(
        &self,
        delivery: &Delivery,
        incident: &Incident,
        companions: &[Companion],
        profile: &Profile,
        to: Address,
    ) -> Result<Message, Failure> {
        let notification = &delivery.notification;
        let mut incidents: Vec<&Incident> =
            std::iter::once(incident).chain(companions.iter().map(|companion| &companion.incident)).collect();
        incidents.sort_by_key(|incident| (incident.priority, std::cmp::Reverse(incident.severity), incident.id));
        incidents.sort_by_key(|incident| incident.priority.is_none());
        incidents.dedup_by_key(|incident| incident.id);
        // One incident by two of a person's rules is one incident.
        let [worst, _, ..] = incidents.as_slice() else { return self.page(delivery, incident, profile, to).await };
        let ids: Vec<IncidentId> = incidents.iter().map(|incident| incident.id).collect();
        let code = self.link(notification, profile, LinkTo::Bundle(ids)).await?;
        let now = self.store.clock().now();
        let bundle = Bundle {
            count: incidents.len(),
            worst: facts(worst),
            items: incidents.iter().map(|incident| facts(incident)).collect(),
            link: self.public_url.bundle(&code),
            time_zone: profile.contact.time_zone.clone(),
            now,
        };
        Ok(Message {
            to,
            text: render_bundle(notification.method, profile.user.language(), &bundle),
            idempotency_key: delivery.id.to_string(),
            thread: Thread::Bundle(delivery.id.to_string()),
            sent_at: now,
        })
    }
}

fn facts(incident: &Incident) -> IncidentFacts {
    IncidentFacts::new(incident, incident.service.as_str())
}
