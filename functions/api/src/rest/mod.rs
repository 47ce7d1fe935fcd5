//! JSON for tools: incidents, what can be asked of them, what was suppressed, and the keys of integrations. Every request brings a token.

mod act;
mod alerts;
mod calendar_links;
mod changes;
mod command;
mod drills;
pub(crate) mod integrations;
mod list;
mod mail_address;
mod maintenance;
mod on_call;
mod open;
mod period;
mod request_key;
mod services;
mod shape;
mod show;
pub(crate) mod suppressed;
mod users;

use std::sync::Arc;

use axum::{
    Router,
    extract::rejection::{PathRejection, QueryRejection},
    middleware,
    routing::{get, post},
};
use http::StatusCode;

use crate::{Api, caller, problem::Problem};

pub(crate) use calendar_links::{LinkMade, make_calendar_link};
pub use mail_address::MailAddresses;
pub(crate) use on_call::OVERRIDES_MAX;
pub(crate) use open::{TITLE_CHARS_MAX, by_hand};

/// The addresses of tools.
pub(crate) fn router(api: &Arc<Api>) -> Router<Arc<Api>> {
    Router::new()
        .route("/incidents", get(list::list).post(open::open))
        .route("/incidents/{id}", get(show::show))
        .route("/incidents/{id}/alerts", get(alerts::of_incident))
        .route("/incidents/{id}/{action}", post(act::act))
        .route("/alerts", get(alerts::list))
        .route("/drills", get(drills::list).post(drills::begin))
        .route("/drills/{id}", get(drills::show))
        .route("/drills/{id}/certificate", get(drills::certificate))
        .route("/drills/{id}/end", post(drills::end))
        .route("/users", get(users::list))
        .route("/users/{id}/verify", post(users::verify))
        .route("/users/{id}/invite", post(users::invite))
        .route("/users/{id}/sign-out", post(users::sign_out))
        .route("/services", get(services::list))
        .route("/services/{id}/stage", get(services::stage))
        .route("/suppressed", get(suppressed::suppressed))
        .route("/suppressed/{day}/{alert}", get(suppressed::show))
        .route("/suppressed/{day}/{alert}/open", post(suppressed::open))
        .route("/changes", get(changes::changes))
        .merge(on_call::router())
        .merge(calendar_links::router())
        .merge(maintenance::router())
        .merge(mail_address::router())
        .merge(integrations::router())
        .route_layer(middleware::from_fn_with_state(Arc::clone(api), caller::authenticate))
}

/// There is no incident of this id. What can not be an id is the id of none.
fn no_such_incident(id: &str) -> Problem {
    let id: String = id.chars().take(40).collect();
    Problem::new(StatusCode::NOT_FOUND, format!("There is no incident {id:?}. GET /incidents?status=all lists those that there are."))
}

/// `text` with a capital.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        no_such_incident("")
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad_request(format!("The part of the address after the question mark can not be used: {}.", rejection.body_text()))
    }
}
