//! The pages behind a sign-in. A page's link in a message acts without it, for its person and its incident; here whoever has signed in
//! acts for themselves, as their role allows.

mod alerts;
mod audit;
mod bundle;
mod calendar_links;
mod call_in;
mod checklist;
mod configuration;
mod cookie;
mod desk;
mod form;
mod home;
mod incident;
mod invitation;
mod keys;
mod maintenance;
mod more;
mod notes;
mod on_call;
mod open;
mod overrides;
mod paging;
mod passkeys;
mod people;
mod profile;
mod schedules;
mod services;
mod sign_in;
mod suppressed;
pub(crate) mod swaps;
mod teams;
mod visitor;
mod whom;

use std::sync::Arc;

use axum::{
    Router,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};

use http::HeaderMap;

use crate::{Api, language, page};

/// The addresses behind a sign-in, and those of signing in.
pub(crate) fn router() -> Router<Arc<Api>> {
    Router::new()
        .route("/", get(front))
        .route("/sign-in", get(sign_in::ask).post(sign_in::send))
        .route("/sign-in/passkey/begin", post(passkeys::begin))
        .route("/sign-in/passkey", post(passkeys::enter))
        .route("/sign-out", post(sign_in::leave))
        .route("/s/{code}", get(sign_in::show).post(sign_in::enter))
        .route("/app", get(home::show))
        .route("/app/incidents/{id}", get(incident::show))
        .route("/app/live", get(home::live))
        .route("/app/offline", get(offline))
        .route("/app/incidents/{id}/live", get(incident::live))
        .route("/app/incidents/{id}/{action}", get(incident::back).post(incident::act))
        .route("/app/open", get(open::ask).post(open::begin))
        .route("/app/on-call", get(on_call::show))
        .route("/app/on-call/{schedule}/take", get(on_call::back).post(on_call::take))
        .route("/app/on-call/live", get(on_call::live))
        .route("/app/schedules/{schedule}", get(schedules::show))
        .route("/app/schedules/{schedule}/live", get(schedules::live))
        .route("/app/schedules/{schedule}/override", get(overrides::ask).post(overrides::make))
        .route("/app/schedules/{schedule}/overrides/{override}/remove", get(overrides::back).post(overrides::remove))
        .route("/app/schedules/{schedule}/swap", get(swaps::ask))
        .route("/app/swaps", get(swaps::back).post(swaps::begin))
        .route("/app/swaps/{swap}", get(swaps::show))
        .route("/app/swaps/{swap}/{answer}", get(swaps::back_to_one).post(swaps::give_answer))
        .route(bundle::ADDRESS, get(bundle::show).post(bundle::acknowledge))
        .merge(alerts::router())
        .merge(call_in::router())
        .merge(notes::router())
        .route("/app/me", get(profile::show))
        .route("/app/me/contacts/{method}/verify", post(profile::verify))
        .route("/app/me/passkeys/begin", post(passkeys::begin_adding))
        .route("/app/me/passkeys", post(passkeys::add))
        .route("/app/me/passkeys/{id}/remove", post(passkeys::remove))
        .route("/app/me/sessions/{id}/end", post(profile::end_session))
        .route("/app/me/sessions/end-others", post(profile::end_others))
        .merge(people_router())
        .merge(setup_router())
}

/// The addresses that are about people: newcomers, and those whom somebody looks after.
fn people_router() -> Router<Arc<Api>> {
    Router::new()
        .route("/invitation/{code}", get(invitation::show).post(invitation::enter))
        .route("/app/me/checklist", get(checklist::show))
        .route("/app/me/checklist/{what}", get(checklist::back).post(checklist::confirm))
        .route("/app/me/test-page", get(checklist::back).post(checklist::test_page))
        .route("/app/me/numbers.vcf", get(checklist::numbers))
        .route("/app/me/calendars", get(calendar_links::back).post(calendar_links::make))
        .route("/app/me/calendars/{id}/revoke", get(calendar_links::back).post(calendar_links::revoke))
        .route("/app/people", get(people::list))
        .route("/app/people/{id}", get(people::show))
        .route("/app/people/{id}/invite", get(people::back).post(people::invite))
        .route("/app/people/{id}/sign-out", get(people::back).post(people::sign_out))
}

/// The addresses of what is set up: what nobody needs at night.
fn setup_router() -> Router<Arc<Api>> {
    Router::new()
        .route(more::ADDRESS, get(more::show))
        .route("/app/services", get(services::list))
        .route("/app/services/{id}", get(services::show))
        .route("/app/teams", get(teams::list))
        .route("/app/teams/{id}", get(teams::show))
        .route("/app/suppressed", get(suppressed::list))
        .route("/app/suppressed/{day}/{alert}", get(suppressed::show))
        .route("/app/suppressed/{day}/{alert}/open", get(suppressed::back).post(suppressed::open))
        .route("/app/configuration", get(configuration::show))
        .route(maintenance::ADDRESS, get(maintenance::list))
        .route("/app/maintenance/begin", get(maintenance::ask).post(maintenance::begin))
        .route("/app/maintenance/{id}/end", get(maintenance::back).post(maintenance::end))
        .route(audit::ADDRESS, get(audit::show))
        .route(keys::ADDRESS, get(keys::list))
        .route("/app/keys/tokens", get(keys::back).post(keys::make_token))
        .route("/app/keys/tokens/{name}/revoke", get(keys::back).post(keys::revoke_token))
        .route("/app/keys/integrations/{id}", get(keys::show).post(keys::make))
        .route("/app/keys/integrations/{id}/{key}/revoke", get(keys::back_to_one).post(keys::revoke))
}

/// `GET /app/offline`: what an installed page shows where there is no network. It is the same for everybody, so it is kept.
async fn offline(headers: HeaderMap) -> Response {
    page::notice(language::preferred(&headers), page::Notice::Offline)
}

/// `GET /`: where people begin who write the address by hand.
async fn front() -> Response {
    Redirect::to(home::ADDRESS).into_response()
}
