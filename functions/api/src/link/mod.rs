//! What links open: pages that show, and forms that act as the person whom the link was made for.
//!
//! A code that nobody made and one that can not be one look the same. Who asks twice sees the state: that is no error.

mod action;
mod bundle;
mod form;
mod incident;
mod proof;
mod reader;
mod swap;
mod trouble;

pub(crate) use action::{LinkAction, is_nonce};
pub(crate) use form::is_foreign;
pub(crate) use incident::{incident as incident_of, paged_if_unreadable, segment};
pub(crate) use proof::of_page as is_proof_of_address;
pub(crate) use reader::{name_people, people, reader, roster};
pub(crate) use trouble::{Trouble, answer};

use std::sync::Arc;

use axum::{Router, routing::get};
use hansho_domain::{Incident, Phase};
use hansho_store::{Link, LinkTo};
use jiff::{SignedDuration, Timestamp};

use crate::Api;

/// For how long after its end an incident is shown through a link, however old the link is: whoever resolves it sees that it is.
const SHOWN_AFTER_RESOLVE: SignedDuration = SignedDuration::from_hours(24);

/// The addresses of messages.
pub(crate) fn router() -> Router<Arc<Api>> {
    Router::new()
        .route("/i/{code}", get(incident::show))
        .route("/i/{code}/live", get(incident::live))
        .route("/b/{code}/{incident}/live", get(bundle::live_one))
        .route("/i/{code}/{action}", get(incident::back).post(incident::act))
        .route("/b/{code}", get(bundle::show))
        .route("/b/{code}/acknowledge", get(bundle::back).post(bundle::acknowledge))
        .route("/p/{code}", get(proof::show))
        .route("/p/{code}/confirm", get(proof::back).post(proof::confirm))
        .route("/w/{code}", get(swap::show))
        .route("/w/{code}/{answer}", get(swap::back).post(swap::give_answer))
        .route("/b/{code}/{incident}", get(bundle::show_one))
        .route("/b/{code}/{incident}/{action}", get(bundle::back_to_one).post(bundle::act_on_one))
}

/// The link behind a code.
pub(crate) async fn find(api: &Api, code: &str) -> Result<Link, Trouble> {
    api.store.link(code).await?.ok_or(Trouble::Unknown)
}

/// Where what the code opens is shown.
fn address(code: &str, to: &LinkTo) -> String {
    match to {
        LinkTo::Incident(_) => format!("/i/{code}"),
        LinkTo::Bundle(_) => format!("/b/{code}"),
        LinkTo::Proof { .. } => format!("/p/{code}"),
        LinkTo::SignIn { .. } => format!("/s/{code}"),
        LinkTo::Invitation { .. } => format!("/invitation/{code}"),
        LinkTo::Swap { .. } => format!("/w/{code}"),
    }
}

/// Whether the link no longer shows the incident. It lives as long as the incident is open.
fn is_expired(link: &Link, incident: &Incident, now: Timestamp) -> bool {
    match incident.phase {
        Phase::Resolved { at, .. } => now > link.expires_at && now > at.saturating_add(SHOWN_AFTER_RESOLVE).unwrap_or(Timestamp::MAX),
        Phase::Held { .. } | Phase::Triggered | Phase::Acknowledged { .. } | Phase::Exhausted => false,
    }
}
