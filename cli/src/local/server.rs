//! The local server: the API, the Lambda Invoke path, the outbox, the clock. Loopback only, and only for this machine's
//! own pages: a page of the internet that is open in the same browser can neither read nor post here.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hansho_config::INVOKE_BYTES_MAX;
use hansho_runtime::{Clock, payload};
use jiff::{SignedDuration, Span};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use tokio::sync::{Mutex, Notify};

use super::{machine::Machine, page};

/// The furthest a virtual clock is moved in one call.
const ADVANCE_MAX: SignedDuration = SignedDuration::from_hours(24 * 400);

/// The function that changes who is paged.
const CONFIG: &str = "config";

/// What requests share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) machine: Arc<Machine>,
    /// Under which addresses it is reached, such as `http://localhost:8787`.
    origins: Vec<String>,
    /// Whether the sender of a mail is taken for whom it says.
    pub(super) trusts_senders: bool,
    /// Wakes the loop that works off what is due.
    pub(super) nudge: Notify,
    /// On a virtual clock one request at a time moves things.
    settling: Mutex<()>,
}

impl Shared {
    /// Reached on these ports, each with its scheme (`http`, `https`).
    pub(super) fn new(machine: Arc<Machine>, ports: &[(&str, u16)]) -> Self {
        let origins = ports.iter().flat_map(|(scheme, port)| origins(scheme, *port)).collect();
        Self { machine, origins, trusts_senders: false, nudge: Notify::new(), settling: Mutex::new(()) }
    }

    #[must_use]
    pub(super) fn trusting_senders(self, trusts_senders: bool) -> Self {
        Self { trusts_senders, ..self }
    }

    /// After something came in: on a virtual clock everything that follows at this moment is done before the answer; on
    /// the machine's clock the loop is woken.
    pub(super) async fn follow_up(&self) {
        if !self.machine.clock().is_virtual() {
            self.nudge.notify_one();
            return;
        }
        let _alone = self.settling.lock().await;
        if let Err(error) = self.machine.settle().await {
            tracing::error!(error = %hansho_runtime::chain(&error), "could not settle");
        }
    }
}

/// What a browser calls a server of this machine (RFC 6454); it leaves out the port that the scheme has by itself.
fn origins(scheme: &str, port: u16) -> impl Iterator<Item = String> {
    let port = if matches!((scheme, port), ("http", 80) | ("https", 443)) { String::new() } else { format!(":{port}") };
    ["127.0.0.1", "localhost", "[::1]"].into_iter().map(move |host| format!("{scheme}://{host}{port}"))
}

/// Every address of the local run; what it does not know goes to the API.
pub fn router(machine: Arc<Machine>, port: u16) -> Router {
    routes(Arc::new(Shared::new(machine, &[("http", port)])))
}

pub(super) fn routes(shared: Arc<Shared>) -> Router {
    let api = shared.machine.functions().api_router();
    Router::new()
        .route("/", get(home))
        .route("/_local/style.css", get(page::style))
        .route("/_local/outbox", get(outbox))
        .route("/_local/clock", get(clock))
        .route("/_local/clock/advance", post(advance))
        .route("/2015-03-31/functions/{name}/invocations", post(invoke).layer(DefaultBodyLimit::max(INVOKE_BYTES_MAX)))
        .with_state(Arc::clone(&shared))
        .fallback_service(api)
        .layer(middleware::from_fn_with_state(shared, guard))
}

/// Refuses what another site's page sends, and what reaches this server under a foreign name (DNS rebinding).
async fn guard(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_ours = |value: &str| shared.origins.iter().any(|origin| origin == value);
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    if !host.is_some_and(|host| is_ours(&format!("http://{host}")) || is_ours(&format!("https://{host}"))) {
        return refuse("this server answers only to localhost; open http://localhost with its port");
    }
    let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_foreign = is_foreign(headers, is_ours);
    if is_reading {
        return next.run(request).await;
    }
    if is_foreign {
        return refuse("a page of another site may not post here");
    }
    // As on Lambda, whoever hangs up does not stop it half-way: what others wait for with it would not be known to be done.
    let doing = async move {
        let response = next.run(request).await;
        shared.follow_up().await;
        response
    };
    tokio::spawn(doing).await.unwrap_or_else(|error| problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()))
}

/// Whether another site's page sends it. The browser's own word for it (Fetch Metadata, W3C) decides where there is one;
/// under `no-referrer` a page's own form has the origin `null`, which says nothing.
fn is_foreign(headers: &HeaderMap, is_ours: impl Fn(&str) -> bool) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => !matches!(site, "same-origin" | "none"),
        None => text("origin").is_some_and(|origin| origin != "null" && !is_ours(origin)),
    }
}

fn refuse(message: &str) -> Response {
    problem(StatusCode::FORBIDDEN, message)
}

fn problem(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": { "message": message } }))).into_response()
}

/// The Invoke path of Lambda (Lambda API reference, "Invoke"): `aws lambda invoke --endpoint-url` works.
async fn invoke(State(shared): State<Arc<Shared>>, Path(name): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let event = match serde_json::from_slice::<&RawValue>(&body) {
        Ok(payload) => payload::event(payload),
        Err(error) => {
            return problem(StatusCode::BAD_REQUEST, &format!("the payload is no JSON ({error}); Lambda takes JSON events only"));
        }
    };
    if function_name(&name) == CONFIG
        && let Err(refusal) = holds_token(&shared, &headers).await
    {
        return refusal;
    }
    if headers.get("x-amz-invocation-type").is_some_and(|kind| kind == "Event") {
        let machine = Arc::clone(&shared.machine);
        if !super::FUNCTION_NAMES.contains(&function_name(&name)) {
            return problem(StatusCode::NOT_FOUND, &super::UnknownFunction(name).to_string());
        }
        tokio::spawn(async move {
            if let Ok(Err(error)) = machine.invoke(&name, event).await {
                tracing::error!(error = %hansho_runtime::chain(&error), "an invocation failed");
            }
            shared.follow_up().await;
        });
        return StatusCode::ACCEPTED.into_response();
    }
    match shared.machine.invoke(&name, event).await {
        Err(unknown) => problem(StatusCode::NOT_FOUND, &unknown.to_string()),
        Ok(Ok(answer)) => Json(answer).into_response(),
        Ok(Err(error)) => {
            let body = json!({ "errorMessage": hansho_runtime::chain(&error), "errorType": "Failure" });
            let mut response = Json(body).into_response();
            response.headers_mut().insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
            response
        }
    }
}

/// A deployment's names carry its prefix.
fn function_name(name: &str) -> &str {
    name.strip_prefix("hansho-").unwrap_or(name)
}

/// On AWS only who may invoke the function changes the configuration; here, whoever holds a token.
async fn holds_token(shared: &Shared, headers: &HeaderMap) -> Result<(), Response> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let how = "the configuration is for whoever holds a token: use `hansho plan` and `hansho apply`, or send the header `Authorization: Bearer TOKEN`";
    let Some(token) = token else { return Err(problem(StatusCode::UNAUTHORIZED, how)) };
    match shared.machine.store().token_name(token.trim()).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(problem(StatusCode::UNAUTHORIZED, how)),
        Err(error) => Err(problem(StatusCode::INTERNAL_SERVER_ERROR, &hansho_runtime::chain(&error))),
    }
}

#[derive(Debug, Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
}

async fn outbox(State(shared): State<Arc<Shared>>, Query(since): Query<Since>) -> Response {
    Json(json!({ "messages": shared.machine.outbox().since(since.since), "dead_letters": shared.machine.mailbag().dead_letters().len() }))
        .into_response()
}

async fn clock(State(shared): State<Arc<Shared>>) -> Response {
    let clock = shared.machine.clock();
    Json(json!({ "now": clock.now(), "virtual": clock.is_virtual() })).into_response()
}

/// Moves the virtual clock by a duration: the body is `{"duration": "5m"}`.
async fn advance(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let how = "send {\"duration\": \"5m\"}: a number with s, m, h or d";
    if !shared.machine.clock().is_virtual() {
        return problem(StatusCode::CONFLICT, "this clock is the machine's; start with --virtual-clock to move it");
    }
    let text = serde_json::from_slice::<Value>(&body).ok().and_then(|value| value.get("duration")?.as_str().map(str::to_owned));
    let Some(text) = text else { return problem(StatusCode::BAD_REQUEST, how) };
    // A day of a virtual clock has 24 hours.
    let duration = text.parse::<Span>().ok().and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok());
    let Some(duration) = duration.filter(|duration| duration.is_positive() && *duration <= ADVANCE_MAX) else {
        return problem(StatusCode::BAD_REQUEST, how);
    };
    let _alone = shared.settling.lock().await;
    match shared.machine.advance(duration).await {
        Ok(()) => Json(json!({ "now": shared.machine.clock().now() })).into_response(),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &hansho_runtime::chain(&error)),
    }
}

async fn home(State(shared): State<Arc<Shared>>) -> Response {
    page::home(&shared.machine).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tap_on_our_own_page_passes_and_another_sites_form_does_not() {
        let is_foreign = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect();
            super::is_foreign(&headers, |origin| origins("http", 8787).chain(origins("https", 443)).any(|ours| ours == origin))
        };
        assert!(!is_foreign(&[]), "a tool");
        assert!(!is_foreign(&[("origin", "null"), ("sec-fetch-site", "same-origin")]), "a form of ours, under no-referrer");
        assert!(!is_foreign(&[("origin", "http://localhost:8787")]), "an older browser");
        assert!(!is_foreign(&[("origin", "https://localhost")]), "and over TLS, on the port that goes without saying");
        assert!(is_foreign(&[("origin", "https://localhost:8787")]), "another server");
        assert!(is_foreign(&[("origin", "https://evil.example")]));
        assert!(is_foreign(&[("origin", "null"), ("sec-fetch-site", "cross-site")]));
        assert!(is_foreign(&[("sec-fetch-site", "same-site")]), "another port of this machine");
    }
}
