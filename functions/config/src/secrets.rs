//! Secrets of a team that stand in SSM Parameter Store: its text has `ssm:/DEPLOYMENT/secrets/TEAM/NAME` in a secret's place, and so has every
//! version and export. The value takes that place only where people, machines and channels are reached. So the secret is in no state, plan
//! or log of Terraform, and in no repository of a configuration.

use std::collections::BTreeMap;

use hansho_configuration::{Files, Loaded, parameter, parameter_team, webhook, webhook_secret};
use hansho_domain::{Destination, TeamId, UserId};
use hansho_store::{Addresses, Contact, DestinationAddress, StoreError};

use crate::Config;

/// Where a configuration's people, machines and channels are reached, as the store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reached {
    contacts: BTreeMap<UserId, Contact>,
    destinations: BTreeMap<Destination, DestinationAddress>,
}

/// What says whether a value is possible in its place.
type Form = fn(&str) -> Result<String, &'static str>;

/// The place of a value that may be the name of a parameter.
struct Slot<'a> {
    whose: Whose,
    key: &'static str,
    form: Form,
    value: &'a mut String,
}

#[derive(Debug, Clone)]
enum Whose {
    User(UserId),
    Destination(Destination),
}

/// What a parameter's place gets.
enum Found {
    Value(String),
    /// Nobody has the value here, and nothing is sent there.
    Nothing,
}

impl Reached {
    /// As the configuration has it, with the names of parameters in their places.
    pub(crate) fn of(loaded: &Loaded) -> Self {
        Self { contacts: contacts(loaded), destinations: destinations(loaded) }
    }

    pub(crate) fn addresses(&self) -> Addresses<'_> {
        Addresses { contacts: &self.contacts, destinations: &self.destinations }
    }

    /// The places in which parameters stand.
    fn named(&mut self) -> Vec<Slot<'_>> {
        let people = self.contacts.iter_mut().flat_map(|(user, Contact { webhook: url, webhook_secret: secret, .. })| {
            let slot = |key, form: Form, value| Slot { whose: Whose::User(user.clone()), key, form, value };
            let (url, secret) = (url.as_mut().map(|url| slot("webhook", webhook, url)), secret.as_mut());
            [url, secret.map(|secret| slot("webhook_secret", webhook_secret, secret))]
        });
        let others = self.destinations.iter_mut().flat_map(|(name, DestinationAddress { url, secret, .. })| {
            let key = match name {
                Destination::Webhook(_) => "webhook",
                Destination::Channel(_) => "chat",
            };
            let slot = |key, form: Form, value| Slot { whose: Whose::Destination(name.clone()), key, form, value };
            [Some(slot(key, webhook, url)), secret.as_mut().map(|secret| slot("secret", webhook_secret, secret))]
        });
        people.chain(others).flatten().filter(|slot| parameter(slot.value).is_some()).collect()
    }

    /// Takes out what has no value here, so that nothing is sent to the name of a parameter, or signed with one.
    fn forget_names(&mut self) {
        let is_name = |value: &Option<String>| value.as_deref().is_some_and(|value| parameter(value).is_some());
        for contact in self.contacts.values_mut() {
            for value in [&mut contact.webhook, &mut contact.webhook_secret] {
                value.take_if(|value| parameter(value).is_some());
            }
        }
        self.destinations.retain(|_, address| parameter(&address.url).is_none() && !is_name(&address.secret));
    }

    /// What stands in a place.
    fn value(&self, whose: &Whose, key: &str) -> Option<&str> {
        let (url, secret) = match whose {
            Whose::User(user) => self.contacts.get(user).map(|contact| (contact.webhook.as_deref(), contact.webhook_secret.as_deref()))?,
            Whose::Destination(name) => {
                self.destinations.get(name).map(|address| (Some(address.url.as_str()), address.secret.as_deref()))?
            }
        };
        if matches!(key, "secret" | "webhook_secret") { secret } else { url }
    }
}

impl Config {
    /// Where a configuration's people, machines and channels are reached. The parameters of the team that is `asked` for are read; what others
    /// name stays as it is in force in `version`, so that no apply of somebody else needs their parameters or loses them. The error is a
    /// sentence for each that is not to be had.
    pub(crate) async fn reached(
        &self,
        loaded: &Loaded,
        version: u64,
        asked: Option<&TeamId>,
    ) -> Result<Result<Reached, Vec<String>>, StoreError> {
        let mut reached = Reached::of(loaded);
        let mut sentences = Vec::new();
        for slot in reached.named() {
            let name = parameter(slot.value).unwrap_or_default().to_owned();
            let is_asked = asked.is_some_and(|team| parameter_team(&name) == Some(team.as_str()));
            let kept = if is_asked { None } else { self.kept(&slot.whose, slot.key, version).await? };
            let found = match kept {
                Some(value) => Ok(Found::Value(value)),
                None => self.fetched(&name, &slot, is_asked).await,
            };
            match found {
                Ok(Found::Value(value)) => *slot.value = value,
                Ok(Found::Nothing) => {}
                Err(sentence) => sentences.push(sentence),
            }
        }
        reached.forget_names();
        Ok(if sentences.is_empty() { Ok(reached) } else { Err(sentences) })
    }

    /// Whether the parameters that a team in force names have the values that are in force. One that can not be read has not.
    pub(crate) async fn has_secrets(&self, team: &TeamId, files: &Files, version: u64) -> Result<bool, StoreError> {
        let Ok((loaded, _)) = hansho_configuration::load_stored(files) else { return Ok(false) };
        let mut named = Reached::of(&loaded);
        let of_team = |slot: &Slot<'_>| parameter(slot.value).and_then(parameter_team) == Some(team.as_str());
        let places: Vec<(Whose, &str)> = named.named().into_iter().filter(of_team).map(|slot| (slot.whose, slot.key)).collect();
        let Ok(reached) = self.reached(&loaded, version, Some(team)).await? else { return Ok(false) };
        for (whose, key) in places {
            if self.kept(&whose, key, version).await?.as_deref() != reached.value(&whose, key) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The value that is in force; none where there is none that can be read.
    async fn kept(&self, whose: &Whose, key: &str, version: u64) -> Result<Option<String>, StoreError> {
        let read = match whose {
            Whose::User(user) => self.store.profile_in(user, version).await.map(|profile| {
                let contact = profile?.contact;
                if key == "webhook" { contact.webhook } else { contact.webhook_secret }
            }),
            Whose::Destination(name) => self.store.destination_in(name, version).await.map(|address| {
                let address = address?;
                if key == "secret" { address.secret } else { Some(address.url) }
            }),
        };
        match read {
            // An apply mends what is spoilt.
            Err(StoreError::Unreadable { .. }) => Ok(None),
            other => Ok(other?.filter(|value| parameter(value).is_none())),
        }
    }

    async fn fetched(&self, name: &str, slot: &Slot<'_>, is_asked: bool) -> Result<Found, String> {
        let (Slot { key, form, .. }, place) = (slot, format!("{}: the parameter {name}", slot.key));
        let Some(parameters) = &self.parameters else {
            if is_asked {
                return Err(format!("{place} can not be read here, because this function is not told of SSM Parameter Store"));
            }
            // The local run of an exported folder: somebody else's secrets are none of its business.
            tracing::warn!(key, parameter = name, "a parameter can not be read here; nothing is sent by what it is the secret of");
            return Ok(Found::Nothing);
        };
        let value = parameters
            .get(name)
            .await
            .map_err(|why| format!("{place} can not be read: {why}; is it there, and below the /secrets/ of this deployment?"))?;
        form(value.trim_end_matches('\n')).map(Found::Value).map_err(|wrong| format!("{place} has a value which {wrong}"))
    }
}

/// Where a configuration's people are reached.
fn contacts(loaded: &Loaded) -> BTreeMap<UserId, Contact> {
    let contact = |(user, contact): (&UserId, &hansho_configuration::Contact)| {
        let contact = contact.clone();
        let contact = Contact {
            phone: contact.phone,
            email: contact.email,
            webhook: contact.webhook,
            webhook_secret: contact.webhook_secret,
            time_zone: contact.time_zone,
        };
        (user.clone(), contact)
    };
    loaded.contacts.iter().map(contact).collect()
}

/// Where its machines and channels are reached.
fn destinations(loaded: &Loaded) -> BTreeMap<Destination, DestinationAddress> {
    let address = |(name, address): (&Destination, &hansho_configuration::DestinationAddress)| {
        let hansho_configuration::DestinationAddress { url, secret, language, time_zone } = address.clone();
        (name.clone(), DestinationAddress { url, secret, language, time_zone })
    };
    loaded.destinations.iter().map(address).collect()
}
