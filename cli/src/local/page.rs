//! The local page: what is open, and what the phones show.

use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use hansho_domain::{Incident, PhaseName};
use hansho_runtime::Clock;
use jiff::{Timestamp, tz::TimeZone};

use super::{machine::Machine, outbox::Sent};

/// How many incidents and messages are shown.
const SHOWN_MAX: usize = 30;
const SECURITY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The style sheet.
pub(super) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("page.css")).into_response()
}

/// Incidents on one side, phones on the other; loads itself again every few seconds.
pub(super) async fn home(machine: &Machine) -> Response {
    let now = machine.clock().now();
    let incidents = match machine.store().recent_incidents(None, SHOWN_MAX).await {
        Ok(page) => page.incidents,
        Err(error) => {
            tracing::error!(%error, "the page can not list incidents");
            return (StatusCode::INTERNAL_SERVER_ERROR, "the table does not answer; see the log").into_response();
        }
    };
    let messages = machine.outbox().since(0);
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta http-equiv=\"refresh\" content=\"3\"><title>Hansho, local</title><link rel=\"stylesheet\" href=\"/_local/style.css\"></head><body><main>",
    );
    html.push_str(&format!("<header><h1>Hansho <span>半鐘</span></h1><p>{}</p></header>", clock_line(machine, now)));
    html.push_str("<section><h2>Incidents 対応中の件</h2>");
    if incidents.is_empty() {
        html.push_str("<p class=\"empty\">Nothing has happened yet. Fire an alarm:</p><pre>curl -d @events/alarm-intake/alarm-direct-metric.json \\\n  http://localhost:8787/2015-03-31/functions/alarm-intake/invocations</pre>");
    }
    for incident in &incidents {
        html.push_str(&incident_card(incident, now));
    }
    html.push_str("</section><section><h2>Phones 送信済み</h2>");
    if messages.is_empty() {
        html.push_str("<p class=\"empty\">Nobody has been paged.</p>");
    }
    for sent in messages.iter().rev().take(SHOWN_MAX) {
        html.push_str(&bubble(sent));
    }
    html.push_str("</section></main></body></html>");
    (
        [(header::CONTENT_SECURITY_POLICY, SECURITY), (header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "no-referrer")],
        Html(html),
    )
        .into_response()
}

fn clock_line(machine: &Machine, now: Timestamp) -> String {
    let kind = if machine.clock().is_virtual() { "virtual clock, stands until it is moved" } else { "this machine's clock" };
    format!("{} UTC · {kind}", time(now))
}

fn incident_card(incident: &Incident, now: Timestamp) -> String {
    let (class, mark, word) = match incident.phase.name() {
        PhaseName::Triggered => ("triggered", "●", "TRIGGERED"),
        PhaseName::Exhausted => ("triggered", "●", "NOBODY ANSWERED"),
        PhaseName::Acknowledged => ("acknowledged", "◐", "ACKNOWLEDGED"),
        PhaseName::Resolved => ("resolved", "○", "RESOLVED"),
        PhaseName::Held => ("held", "◌", "HELD"),
    };
    let minutes = now.duration_since(incident.opened_at).as_mins();
    let calling = incident.wave.iter().flat_map(|wave| &wave.users).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let calling = if calling.is_empty() { String::new() } else { format!("<p>Calling: {}</p>", escape(&calling)) };
    let next = incident.deadline.map_or_else(String::new, |deadline| format!("<p>Next: {} UTC</p>", time(deadline.at)));
    format!(
        "<article class=\"{class}\"><p class=\"state\">{mark} {word} <span>{minutes} min</span></p><h3>{}</h3><p>{}</p>{calling}{next}<p class=\"id\">{}</p></article>",
        escape(incident.service.as_str()),
        escape(&incident.title),
        incident.id,
    )
}

fn bubble(sent: &Sent) -> String {
    let subject = if sent.subject.is_empty() { String::new() } else { format!("<strong>{}</strong><br>", escape(&sent.subject)) };
    format!(
        "<article class=\"bubble\"><p class=\"state\">{} → {} <span>{}</span></p><p class=\"text\">{subject}{}</p></article>",
        escape(&sent.channel),
        escape(&sent.to),
        time(sent.at),
        with_links(&sent.text),
    )
}

/// Escapes the text and makes its web addresses links, as a phone does.
fn with_links(text: &str) -> String {
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let trimmed = word.trim_end();
        if trimmed.starts_with("http://") || trimmed.starts_with("https://") {
            format!("<a href=\"{0}\">{0}</a>{1}", escape(trimmed), escape(&word[trimmed.len()..]))
        } else {
            escape(word)
        }
    });
    words.collect::<String>().replace('\n', "<br>")
}

fn time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S").to_string()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
