//! Links: short codes in messages that open a page for one person.

use hansho_domain::{DrillId, IncidentId, Method, NoticeId, SwapId, UserId};
use hansho_runtime::Secrets;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    AddressHash, Store,
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
    /// The question whether messages reach the person at the address that the link was sent to.
    Proof {
        /// The drill that asks; without one it is a verification.
        drill: Option<DrillId>,
        /// Since when an answer counts, also one that came another way.
        since: Timestamp,
        /// Until when an answer counts.
        until: Timestamp,
    },
    /// The page that signs the person in, once.
    SignIn {
        /// The notice that sends it, which tells one link from the next.
        notice: NoticeId,
        /// Until when it does.
        until: Timestamp,
    },
    /// The page that signs a newcomer in, once.
    Invitation {
        /// The notice that sends it; only the newest of a person signs in.
        notice: NoticeId,
        /// Until when it does.
        until: Timestamp,
    },
    /// The question whether the person swaps a shift.
    Swap {
        /// The swap.
        swap: SwapId,
        /// Until when it can be answered.
        until: Timestamp,
    },
}

/// The way that a link went: whoever uses it has read what was sent there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Via {
    /// By which method.
    pub method: Method,
    /// To which address.
    pub address: AddressHash,
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
    /// The way that it went, if it went one way only.
    #[serde(default)]
    pub via: Option<Via>,
}

impl Store {
    /// Makes a link and gives its code. The code is a signature over what it opens and for whom, so nobody can make one
    /// up; the same link made twice has the same code.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn make_link(&self, secrets: &Secrets, user: &UserId, to: LinkTo) -> Result<String, StoreError> {
        self.make_link_via(secrets, user, to, None).await
    }

    /// The same for one way only, which the link tells from the others: its use proves that messages arrive there.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn make_link_via(&self, secrets: &Secrets, user: &UserId, to: LinkTo, via: Option<Via>) -> Result<String, StoreError> {
        let now = self.clock.now();
        let later = |by| now.saturating_add(by).unwrap_or(Timestamp::MAX);
        let code = code(secrets, user, &to, via.as_ref());
        let expires_at = match &to {
            LinkTo::Incident(_) | LinkTo::Bundle(_) => later(SHOWN_FOR),
            LinkTo::Proof { until, .. } | LinkTo::SignIn { until, .. } | LinkTo::Invitation { until, .. } | LinkTo::Swap { until, .. } => {
                *until
            }
        };
        let link = Link { user: user.clone(), to, expires_at, via };
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

fn code(secrets: &Secrets, user: &UserId, to: &LinkTo, via: Option<&Via>) -> String {
    let mut text = match to {
        LinkTo::Incident(incident) => format!("link/1/{user}/incident/{incident}"),
        LinkTo::Bundle(incidents) => {
            let incidents: Vec<String> = incidents.iter().map(ToString::to_string).collect();
            format!("link/1/{user}/bundle/{}", incidents.join("/"))
        }
        LinkTo::Proof { drill: Some(drill), until, .. } => format!("link/1/{user}/drill/{drill}/{until}"),
        LinkTo::Proof { drill: None, until, .. } => format!("link/1/{user}/verification/{until}"),
        LinkTo::SignIn { notice, until } => format!("link/1/{user}/sign-in/{notice}/{until}"),
        LinkTo::Invitation { notice, until } => format!("link/1/{user}/invitation/{notice}/{until}"),
        LinkTo::Swap { swap, .. } => format!("link/1/{user}/swap/{swap}"),
    };
    if let Some(Via { method, address }) = via {
        text.push_str(&format!("/via/{}/{address}", method.as_str()));
    }
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
