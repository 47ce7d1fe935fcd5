//! Who a delivery goes to: an address, a language and a clock, read just before it is sent.

use hansho_channels::{Address, InvalidAddress, Language};
use hansho_domain::{Destination, Method, Recipient, UserId};
use hansho_runtime::Failure;
use hansho_store::{AddressHash, Contact, Delivery, StoreError, Via};

use crate::{DeliveryFunction, unavailable};

/// Whoever is written to.
pub(crate) struct Addressee {
    pub(crate) address: Address,
    pub(crate) language: Language,
    pub(crate) time_zone: String,
    /// The way to it, if it is a person's.
    pub(crate) via: Option<Via>,
}

/// Whether there is an address. The reasons are for the timeline.
pub(crate) enum Reached {
    At(Addressee),
    /// This method does not reach them, another may.
    NotByThis(String),
    /// No method can.
    Nobody(String),
}

impl DeliveryFunction {
    pub(crate) async fn addressee(&self, delivery: &Delivery) -> Result<Reached, Failure> {
        match &delivery.notification.to {
            Recipient::Person { user, method } => self.person(delivery, user, *method).await,
            Recipient::Destination { destination } => self.destination(delivery, destination).await,
        }
    }

    async fn person(&self, delivery: &Delivery, user: &UserId, method: Method) -> Result<Reached, Failure> {
        let profile = match self.store.profile(user).await {
            Ok(Some(profile)) => profile,
            Ok(None) => return Ok(Reached::Nobody("they are not in the configuration any more".to_owned())),
            // Asking again reads the same; the step after this one is called instead. What it says may quote their addresses.
            Err(StoreError::Unreadable { key, .. }) => {
                tracing::error!(delivery.id = %delivery.id, %key, "a profile can not be read");
                return Ok(Reached::Nobody("their profile can not be read; apply the configuration again".to_owned()));
            }
            Err(error) => return Err(unavailable(error)),
        };
        let via = AddressHash::of(&profile.contact, method).map(|address| Via { method, address });
        let (language, time_zone) = (profile.user.language(), profile.contact.time_zone.clone());
        let reached = |address| Addressee { address, language, time_zone, via };
        Ok(address(&profile.contact, method).map_or_else(Reached::NotByThis, |address| Reached::At(reached(address))))
    }

    async fn destination(&self, delivery: &Delivery, destination: &Destination) -> Result<Reached, Failure> {
        let found = match self.store.destination(destination).await {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(Reached::Nobody(format!("{destination} is not in the configuration any more"))),
            Err(StoreError::Unreadable { key, .. }) => {
                tracing::error!(delivery.id = %delivery.id, %key, "a destination can not be read");
                return Ok(Reached::Nobody(format!("the address of {destination} can not be read; apply the configuration again")));
            }
            Err(error) => return Err(unavailable(error)),
        };
        let address = match destination {
            Destination::Webhook(_) => Address::webhook(&found.url, found.secret.as_deref().unwrap_or_default()),
            Destination::Channel(_) => Address::chat(&found.url),
        };
        Ok(match address {
            Ok(address) => Reached::At(Addressee { address, language: found.language, time_zone: found.time_zone, via: None }),
            Err(error) => Reached::NotByThis(error.to_string()),
        })
    }
}

/// The address of a method, or a sentence for the timeline.
pub(crate) fn address(contact: &Contact, method: Method) -> Result<Address, String> {
    let missing = |what: &str| format!("they have no {what}; add it to their contact methods");
    let invalid = |error: InvalidAddress| error.to_string();
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
