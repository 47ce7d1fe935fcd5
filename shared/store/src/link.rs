//! Links: short codes in messages that open a page for one person.

use hansho_domain::{IncidentId, UserId};
use hansho_runtime::Secrets;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    error::StoreError,
    item::{self, With, body, item, s},
    keys,
};

/// How long a link shows a resolved incident. While the incident is open its links live on.
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long the item is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);
/// Digits of a code: base 58, which leaves out what is easily mistaken (0 and O, I and l).
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// Length of a code: 12 digits of base 58 carry 70 bits, and keep an SMS in Japanese within its 70 characters.
const CODE_CHARS: usize = 12;

/// What a link opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkTo {
    /// One incident.
    Incident(IncidentId),
    /// The incidents of a bundle.
    Bundle(Vec<IncidentId>),
}

/// A link: whoever follows it acts as this person on these incidents, and on nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// For whom it was made.
    pub user: UserId,
    /// What it opens.
    pub to: LinkTo,
    /// Until when it opens it; an open incident's link goes on.
    pub expires_at: Timestamp,
}

impl Store {
    /// Makes a link and gives its code. The code is a signature over what it opens and for whom, so nobody can make one
    /// up; the same link made twice has the same code.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn make_link(&self, secrets: &Secrets, user: &UserId, to: LinkTo) -> Result<String, StoreError> {
        let now = self.clock.now();
        let later = |by| now.saturating_add(by).unwrap_or(Timestamp::MAX);
        let code = code(secrets, user, &to);
        let link = Link { user: user.clone(), to, expires_at: later(SHOWN_FOR) };
        let key = keys::link(&code);
        self.put_item(item(&key).with("body", s(item::json(&key.pk, &link)?)).expiring(later(KEPT))).await?;
        Ok(code)
    }

    /// What the code opens; `None` when nobody made it. The code is only ever looked up by its hash.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn link(&self, code: &str) -> Result<Option<Link>, StoreError> {
        if code.len() != CODE_CHARS || !code.bytes().all(|b| BASE58.contains(&b)) {
            return Ok(None);
        }
        self.get(&keys::link(code)).await?.map(|found| body(&found)).transpose()
    }
}

fn code(secrets: &Secrets, user: &UserId, to: &LinkTo) -> String {
    let text = match to {
        LinkTo::Incident(incident) => format!("link/1/{user}/incident/{incident}"),
        LinkTo::Bundle(incidents) => {
            let incidents: Vec<String> = incidents.iter().map(ToString::to_string).collect();
            format!("link/1/{user}/bundle/{}", incidents.join("/"))
        }
    };
    let signature = secrets.sign_link(&text);
    let mut number = signature.iter().take(16).fold(0u128, |number, byte| (number << 8) | u128::from(*byte));
    let mut code = String::with_capacity(CODE_CHARS);
    for _ in 0..CODE_CHARS {
        let digit = usize::try_from(number % 58).unwrap_or(0);
        code.push(char::from(BASE58[digit]));
        number /= 58;
    }
    code
}
