//! Webhook: a signed HTTP request to an address of the person's.
//!
//! `POST`, `Content-Type: application/json`, and three headers:
//! - `X-Hansho-Delivery`: the delivery's id. The same on every attempt; a receiver that has seen it answers 200 again.
//! - `X-Hansho-Timestamp`: the time of the attempt, in seconds since 1970. Refuse what is more than five minutes old.
//! - `X-Hansho-Signature`: `v1=` and the lower-case hexadecimal HMAC-SHA256, keyed with the secret, of the timestamp, a
//!   dot and the body as received. Compare in constant time. More schemes may follow, separated by commas.
//!
//! The body is JSON. `version` is 1; fields may be added to it, a change of meaning gets a new version:
//! `{"version":1,"kind":"page","language":"en","text":"...","reason":"...","link":"https://...","incident":{"id",
//! "service","title","severity","priority","urgency","since","runbook","details"}}`, or for several incidents
//! `"kind":"bundle"` with `count`, `worst` and `incidents` (at most 20, worst first) in place of `reason` and `incident`.
//! What belongs to no incident has `"kind"` `verification`, `drill` (both with a `link` where somebody has to tap), `shift_begins`
//! or `shift_ends` (with `"shift":{"schedule","at","until","others"}`), `override_made` or `override_removed` (with
//! `"change":{"schedule","from","until","before","after","by"}`), `swap_asked` (with a `link`), `swap_accepted`, `swap_declined`,
//! `swap_withdrawn` or `swap_expired` (with `"swap":{"schedule","other","gives","gets"}`, each of the last two with `from` and `until`) and `text`, `language` and `version` as above.
//! `severity` is `critical`, `error`, `warning` or `info`, `urgency` `high` or `low`, `priority` `SEV1` to `SEV4` or null, `since` a
//! time as RFC 3339 has it, `runbook` a web address or null. `link` is null where the webhook is a destination and no person's.
//! `text` is the whole of it on one line, in the person's language, which is what chat programs show.
//!
//! Any answer from 200 to 299 is acceptance; its body is not read. Redirects are not followed.

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, SharedHttpConnector},
    orchestrator::HttpRequest,
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use hansho_domain::{Language, Method, Priority, Severity, Shift, Urgency};
use hmac::{Hmac, Mac};
use http::Uri;
use jiff::Timestamp;
use serde::Serialize;
use sha2::Sha256;

use crate::{
    Address, Bundle, Endpoint, IncidentFacts, Message, NoticeFacts, NoticeText, Page, Rendered, SendOutcome, WebhookPolicy,
    address::literal_address,
    notice::NoticeContext,
    private_address::{PrivateAddress, refuse},
    registry::misaddressed,
    render::{BundleContext, PageContext, Shown},
    retryable, text,
};

/// The version of the body.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct PageBody<'a> {
    version: u32,
    kind: &'static str,
    language: Language,
    text: String,
    reason: &'a str,
    /// None where nobody is written to who could answer.
    link: Option<&'a str>,
    incident: IncidentBody<'a>,
}

#[derive(Serialize)]
struct BundleBody<'a> {
    version: u32,
    kind: &'static str,
    language: Language,
    text: String,
    count: usize,
    link: Option<&'a str>,
    worst: IncidentBody<'a>,
    incidents: Vec<IncidentBody<'a>>,
}

#[derive(Serialize)]
struct IncidentBody<'a> {
    id: &'a str,
    service: &'a str,
    title: &'a str,
    severity: Severity,
    priority: Option<Priority>,
    urgency: Urgency,
    since: Timestamp,
    runbook: Option<&'a str>,
    details: &'a str,
}

impl<'a> IncidentBody<'a> {
    fn new(facts: &IncidentFacts, shown: &'a Shown) -> Self {
        Self {
            id: &shown.id,
            service: &shown.service,
            title: &shown.title,
            severity: facts.severity,
            priority: facts.priority,
            urgency: facts.urgency,
            since: facts.since,
            runbook: shown.runbook.as_deref().filter(|_| shown.runbook_is_web),
            details: &shown.details,
        }
    }
}

/// A page as a body.
pub(crate) fn page(language: Language, page: &Page, context: &PageContext) -> Rendered {
    let incident = IncidentBody::new(&page.incident, &context.incident);
    let text = context.line(language);
    let link = given(&context.link);
    body(&PageBody { version: VERSION, kind: "page", language, text, reason: &context.reason, link, incident })
}

/// A bundle as a body.
pub(crate) fn bundle(language: Language, bundle: &Bundle, context: &BundleContext) -> Rendered {
    let worst = IncidentBody::new(&bundle.worst, &context.worst);
    let incidents = bundle.items.iter().zip(&context.items).map(|(facts, shown)| IncidentBody::new(facts, shown)).collect();
    let text = context.line(language);
    let link = given(&context.link);
    body(&BundleBody { version: VERSION, kind: "bundle", language, text, count: bundle.count, link, worst, incidents })
}

fn given(link: &str) -> Option<&str> {
    Some(link).filter(|link| !link.is_empty())
}

#[derive(Serialize)]
struct NoticeBody<'a> {
    version: u32,
    kind: &'static str,
    language: Language,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shift: Option<ShiftBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<ChangeBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    swap: Option<SwapBody<'a>>,
}

#[derive(Serialize)]
struct ChangeBody<'a> {
    schedule: &'a str,
    from: Timestamp,
    until: Timestamp,
    before: Vec<String>,
    after: Vec<String>,
    by: String,
}

#[derive(Serialize)]
struct SwapBody<'a> {
    schedule: &'a str,
    other: String,
    gives: Shift,
    gets: Shift,
}

#[derive(Serialize)]
struct ShiftBody<'a> {
    schedule: &'a str,
    at: Timestamp,
    until: Option<Timestamp>,
    others: Vec<String>,
}

/// A notice as a body.
pub(crate) fn notice(language: Language, notice: &NoticeText, context: &NoticeContext) -> Rendered {
    let shift = match &notice.facts {
        NoticeFacts::ShiftBegins(shift) | NoticeFacts::ShiftEnds(shift) => Some(ShiftBody {
            schedule: &context.schedule,
            at: shift.at,
            until: shift.until,
            others: shift.others.iter().map(|name| text::one_line(name)).collect(),
        }),
        NoticeFacts::Verification { .. }
        | NoticeFacts::Drill { .. }
        | NoticeFacts::SignIn { .. }
        | NoticeFacts::PasskeyAdded { .. }
        | NoticeFacts::Invitation { .. }
        | NoticeFacts::OverrideMade(_)
        | NoticeFacts::OverrideRemoved(_)
        | NoticeFacts::Swap(_) => None,
    };
    let names = |names: &[String]| names.iter().map(|name| text::one_line(name)).collect();
    let change = match &notice.facts {
        NoticeFacts::OverrideMade(change) | NoticeFacts::OverrideRemoved(change) => Some(ChangeBody {
            schedule: &context.schedule,
            from: change.from,
            until: change.until,
            before: names(&change.before),
            after: names(&change.after),
            by: text::one_line(&change.by),
        }),
        _ => None,
    };
    let swap = match &notice.facts {
        NoticeFacts::Swap(swap) => {
            Some(SwapBody { schedule: &context.schedule, other: text::one_line(&swap.other), gives: swap.gives, gets: swap.gets })
        }
        _ => None,
    };
    let text = context.line(language);
    let link = context.link.as_deref();
    body(&NoticeBody { version: VERSION, kind: context.kind, language, text, link, shift, change, swap })
}

fn body(body: &impl Serialize) -> Rendered {
    // Only maps with keys that are no strings, or a failing `Serialize`, can not be written; there are none here.
    let text = serde_json::to_string(body).unwrap_or_else(|error| {
        tracing::error!(error = %error, "a webhook's body could not be written");
        format!("{{\"version\":{VERSION},\"kind\":\"page\"}}")
    });
    Rendered { text, ..Rendered::default() }
}

/// The value of `X-Hansho-Signature` for `body`, sent at `timestamp_seconds` since 1970: `v1=` and 64 hexadecimal digits.
/// `None` never happens: HMAC takes keys of every length.
pub fn signature(secret: &[u8], timestamp_seconds: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(timestamp_seconds.to_string().as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Some(format!("v1={digits}"))
}

/// Sends one request. The connector checks what names resolve to; addresses that are written out never reach a
/// resolver and are checked here.
pub(crate) async fn send(connector: &SharedHttpConnector, policy: WebhookPolicy, message: &Message) -> SendOutcome {
    let Address::Webhook(endpoint) = &message.to else { return misaddressed(Method::Webhook.as_str(), &message.to) };
    let silent = SendOutcome::retry("The webhook did not answer in time.");
    post(connector, policy, endpoint.url(), request(endpoint, message), silent).await
}

/// Sends one request to an address that the policy allows. `silent` is what it means that no answer came in time.
pub(crate) async fn post(
    connector: &SharedHttpConnector,
    policy: WebhookPolicy,
    url: &Uri,
    request: Option<HttpRequest>,
    silent: SendOutcome,
) -> SendOutcome {
    if let Some(outcome) = refused(url, policy) {
        return outcome;
    }
    let Some(request) = request else {
        return SendOutcome::failed("The request to the webhook could not be put together.");
    };
    match connector.call(request).await {
        Ok(answer) => retryable::http(answer.status().as_u16(), answer.headers().get("retry-after")),
        Err(error) if error.is_timeout() => silent,
        Err(error) => unanswered(&error),
    }
}

fn refused(url: &Uri, policy: WebhookPolicy) -> Option<SendOutcome> {
    if policy.allow_private_addresses {
        return None;
    }
    if url.scheme_str() != Some("https") {
        return Some(SendOutcome::failed("The webhook's address is not encrypted; it must start with https://."));
    }
    let private = refuse(literal_address(url)?).err()?;
    Some(SendOutcome::failed(private.to_string()))
}

fn request(endpoint: &Endpoint, message: &Message) -> Option<HttpRequest> {
    let body = &message.text.text;
    let timestamp = message.sent_at.as_second();
    http::Request::post(endpoint.url())
        .header("content-type", "application/json")
        .header("user-agent", concat!("hansho/", env!("CARGO_PKG_VERSION")))
        .header("x-hansho-delivery", text::token(&message.idempotency_key, 256))
        .header("x-hansho-timestamp", timestamp.to_string())
        .header("x-hansho-signature", signature(endpoint.secret().reveal(), timestamp, body)?)
        .body(SdkBody::from(body.as_str()))
        .ok()?
        .try_into()
        .ok()
}

/// No answer. What the errors below say may hold addresses, so it stays out of the reason.
fn unanswered(error: &ConnectorError) -> SendOutcome {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(private) = error.downcast_ref::<PrivateAddress>() {
            return SendOutcome::failed(private.to_string());
        }
        cause = error.source();
    }
    retryable::connector(error)
}
