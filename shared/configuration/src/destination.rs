//! `destinations:` machines and chat channels that are told about incidents.

use std::fmt;

use hansho_domain::{Destination, DestinationId, Language};

use crate::{address, map::Keys, parameter, spot::Spot, user};

const KEYS: Keys = Keys { known: &["webhook", "secret", "chat", "language", "time_zone"], later: &[] };
pub(crate) const LANGUAGES: [(&str, Language); 2] = [("en", Language::En), ("ja", Language::Ja)];

/// Where a destination is reached. Only the form of it has been checked; in the place of `url` and `secret` may stand the name of a
/// [`crate::parameter`].
#[derive(Clone, PartialEq, Eq)]
pub struct DestinationAddress {
    /// The https address that takes the posts.
    pub url: String,
    /// What signs the requests to a webhook; a chat channel has none, its address is the secret.
    pub secret: Option<String>,
    /// The language of what is posted.
    pub language: Language,
    /// The time zone of times in it, by its IANA name.
    pub time_zone: String,
}

impl fmt::Debug for DestinationAddress {
    // Whoever knows the address of a channel can post to it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DestinationAddress").field("language", &self.language).field("time_zone", &self.time_zone).finish_non_exhaustive()
    }
}

/// Reads one destination.
pub(crate) fn read(spot: &Spot<'_>, id: DestinationId) -> Option<(Destination, DestinationAddress)> {
    let map = spot.map(&KEYS)?;
    let secret = map.optional("secret");
    let (destination, url) = match (map.optional("webhook"), map.optional("chat")) {
        (Some(webhook), None) => {
            if secret.is_none() {
                spot.fail("the key `secret` is missing; add one of 16 to 256 characters, which signs the requests");
            }
            (Destination::Webhook(id), webhook)
        }
        (None, Some(chat)) => {
            if let Some(secret) = secret {
                secret.fail("signs requests to a webhook, and a chat channel takes none; remove it");
            }
            (Destination::Channel(id), chat)
        }
        (Some(_), Some(chat)) => {
            chat.fail("a destination is either a webhook or a chat channel; make two of it");
            return None;
        }
        (None, None) => {
            spot.fail("leads nowhere; add `webhook` with a `secret`, or `chat` with the address of an incoming webhook of the chat");
            return None;
        }
    };
    let address = DestinationAddress {
        url: parameter::secret(url, address::webhook)?,
        secret: secret.and_then(|s| parameter::secret(s, address::webhook_secret)),
        language: map.optional("language").and_then(|s| s.choice(&LANGUAGES)).unwrap_or_default(),
        time_zone: map.optional("time_zone").and_then(|s| s.parsed(user::time_zone)).unwrap_or_else(|| "UTC".to_owned()),
    };
    Some((destination, address))
}
