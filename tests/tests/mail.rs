//! Mails through the function `email-intake`, over the whole system: which open, which resolve, and which are on the list of suppressed
//! alerts with their reason.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a story that can not go on has failed")]

use std::{fs, path::Path};

use acceptance::{TEAM, World};
use hansho_domain::Incident;
use hansho_email_intake::{Envelope, Sent, Verdict, Verdicts};
use hansho_intake::Taken;
use hansho_store::Suppressed;
use serde_json::Value;

#[path = "mail/addresses.rs"]
mod addresses;
#[path = "mail/charsets.rs"]
mod charsets;
#[path = "mail/crashes.rs"]
mod crashes;
#[path = "mail/events.rs"]
mod events;
#[path = "mail/order.rs"]
mod order;
#[path = "mail/replies.rs"]
mod replies;
#[path = "mail/robots.rs"]
mod robots;
#[path = "mail/smtp.rs"]
mod smtp;

/// The team of the stories, with integrations that take mails.
fn team() -> String {
    let presets = ["nagios", "icinga", "zabbix", "monit", "mackerel", "alertmanager", "cloudwatch", "datadog", "jenkins"];
    let presets: String =
        presets.iter().map(|preset| format!("  mail-{preset}: {{ service: checkout, type: email, preset: {preset} }}\n")).collect();
    format!(
        "{TEAM}integrations:\n{presets}  \
         mail: {{ service: checkout, type: email }}\n  \
         mail-each: {{ service: batch, type: email, open: every_mail }}\n  \
         mail-once: {{ service: batch, type: email, open: if_nothing_open }}\n  \
         mail-once-words: {{ service: batch, type: email, open: if_nothing_open, resolve: [{{ subject: RECOVERED }}] }}\n  \
         mail-strict: {{ service: batch, type: email, verdicts: {{ spam: suppress, dmarc: require }} }}\n  \
         mail-words:\n    service: batch\n    type: email\n    filters: {{ all: [{{ sender: \"@example\\\\.co\\\\.jp$\" }}] }}\n    \
         trigger: [{{ subject: \"^障害\" }}]\n    resolve: [{{ subject: \"RECOVERED|復旧\" }}]\n    \
         dedup_key: {{ from: subject, between: [\"[\", \"]\"] }}\n    severity: {{ warning: [警告] }}\n    otherwise: suppress\n  \
         webhook: {{ service: checkout, type: events }}\n"
    )
}

async fn world() -> World {
    World::with(&team()).await
}

/// Ends a story whose pages are not what it is about: whatever waits at a gate goes out first.
async fn close(mut world: World) {
    world.minutes(2).await;
    world.sent();
    world.end().await;
}

/// A file of `events/email-intake/`.
fn sample(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/email-intake").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A GET or POST of the API, which has to succeed.
async fn api(world: &World, method: &str, path: &str, body: Value) -> Value {
    let request = axum::http::Request::builder().method(method).uri(path).header("content-type", "application/json");
    let (status, answer) = world.request(world.authorized(request).body(body.to_string().into()).unwrap()).await;
    assert!(status.is_success(), "{path}: {status} {answer}");
    serde_json::from_str(&answer).unwrap()
}

/// Where mail for an integration goes.
async fn address(world: &World, integration: &str) -> String {
    api(world, "GET", &format!("/integrations/{integration}/address"), Value::Null).await["address"].as_str().unwrap().to_owned()
}

/// The envelope of a mail to these addresses that passed every check.
fn envelope(id: &str, recipients: &[&str], world: &World) -> Envelope {
    Envelope {
        id: id.to_owned(),
        received_at: Some(world.now()),
        sender: Sent::By("sender@example.co.jp".to_owned()),
        recipients: recipients.iter().map(|recipient| (*recipient).to_owned()).collect(),
        verdicts: Verdicts { spam: Verdict::Pass, virus: Verdict::Pass, dmarc: Verdict::Pass },
    }
}

/// A mail to an integration, and what follows from it.
async fn mail(world: &mut World, id: &str, integration: &str, raw: &[u8]) -> Taken {
    let to = address(world, integration).await;
    let envelope = envelope(id, &[&to], world);
    one(take(world, &envelope, raw).await)
}

async fn take(world: &mut World, envelope: &Envelope, raw: &[u8]) -> Vec<Taken> {
    let taken = world.machine.functions().email_intake().receive(envelope, raw).await.unwrap();
    world.machine.settle().await.unwrap();
    taken
}

fn one(mut taken: Vec<Taken>) -> Taken {
    assert_eq!(taken.len(), 1, "{taken:?}");
    taken.remove(0)
}

/// The reason why a mail paged nobody.
#[track_caller]
fn reason(taken: &Taken) -> &str {
    match taken {
        Taken::Suppressed { reason } => reason,
        Taken::Received(_) | Taken::Noted(_) | Taken::Acknowledged(_) => panic!("it is not suppressed: {taken:?}"),
    }
}

async fn suppressed(world: &World) -> Vec<Suppressed> {
    world.machine.store().suppressed_on(world.now()).await.unwrap()
}

async fn incident(world: &World, taken: &Taken) -> Incident {
    use hansho_store::Received::{Cleared, Louder, NothingOpen, Opened, OutOfDate, Remembered, Repeated, Resolved};
    let id = match taken {
        Taken::Received(Opened(id) | Repeated(id) | Louder(id) | Resolved(id) | Cleared(id))
        | Taken::Noted(id)
        | Taken::Acknowledged(id) => *id,
        Taken::Received(Remembered | OutOfDate | NothingOpen) | Taken::Suppressed { .. } => panic!("no incident: {taken:?}"),
    };
    world.incident(id).await
}

fn plain(subject: &str, text: &str) -> Vec<u8> {
    format!("From: Ops <ops@example.co.jp>\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n").into_bytes()
}
