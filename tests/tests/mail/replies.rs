//! Answers to the mail of a page.

use acceptance::{World, incident_of};
use hansho_domain::{Incident, PhaseName};
use hansho_email_intake::Verdict;
use hansho_intake::Taken;
use serde_json::json;

use crate::{envelope, one, reason, smtp::Mailer, suppressed, take};

const REPLY_TO: &str = "reply@hansho.example";
const TEAM: &str = r#"
users:
  aiko: { name: 佐藤 愛子, email: Aiko@example.com, notify: { high: [{ after: 0m, by: email }] } }
  ben: { name: Ben Carter, email: ben@example.com, notify: { high: [{ after: 0m, by: email }] } }
escalation_policies:
  checkout: { steps: [{ notify: [user/aiko], wait: 30m }] }
services:
  checkout: { escalation_policy: checkout, alarms: ["checkout-*"] }
fallback: [user/aiko]
"#;

/// Aiko is paged by mail, at an address that she has proven. Gives the incident and what SES calls the mail.
async fn paged(world: &mut World, alarm: &str) -> (Incident, String) {
    let incident = incident_of(&world.alarm(alarm).await);
    let sent = world.sent();
    let mail = sent.iter().rev().find(|sent| sent.channel == "email").expect("Aiko is paged by mail");
    assert_eq!(mail.to, "Aiko@example.com");
    (world.incident(incident).await, format!("local-email-{}", mail.number))
}

/// Aiko proves her address, as the link of a message does.
async fn proven(world: &World) {
    let store = world.machine.store();
    let aiko = "aiko".parse().unwrap();
    let profile = store.profile(&aiko).await.unwrap().unwrap();
    let address = hansho_store::AddressHash::of(&profile.contact, hansho_domain::Method::Email).unwrap();
    assert!(store.prove(&aiko, hansho_domain::Method::Email, &address, &hansho_store::ProvenBy::Verification).await.unwrap());
}

fn answer(from: &str, message: &str, text: &str) -> Vec<u8> {
    format!(
        "From: {from}\r\nTo: {REPLY_TO}\r\nSubject: Re: [SEV1] x\r\nIn-Reply-To: <{message}@email.amazonses.com>\r\n\
         References: <incident-x@hansho.example> <{message}@email.amazonses.com>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
    .into_bytes()
}

async fn reply(world: &mut World, id: &str, raw: &[u8]) -> Taken {
    let envelope = envelope(id, &[REPLY_TO], world);
    one(take(world, &envelope, raw).await)
}

#[tokio::test]
async fn an_answer_acknowledges_notes_and_resolves() {
    let mut world = World::with(TEAM).await;
    let (incident, message) = paged(&mut world, "checkout-5xx").await;
    proven(&world).await;
    let taken = reply(&mut world, "r1", &answer("Aiko <aiko@example.com>", &message, "確認しました。\r\n調べます\r\n\r\n> resolve")).await;
    assert_eq!(taken, Taken::Noted(incident.id));
    World::is(&world.incident(incident.id).await, PhaseName::Acknowledged);
    // The same mail again changes nothing.
    let version = world.incident(incident.id).await.version;
    assert_eq!(
        reply(&mut world, "r1", &answer("Aiko <aiko@example.com>", &message, "確認しました。\r\n調べます\r\n\r\n> resolve")).await,
        Taken::Noted(incident.id)
    );
    assert_eq!(world.incident(incident.id).await.version, version);
    assert_eq!(reply(&mut world, "r2", &answer("aiko@example.com", &message, "restarted nginx")).await, Taken::Noted(incident.id));
    let timeline = format!("{:?}", world.machine.store().timeline(incident.id).await.unwrap());
    assert!(timeline.contains("調べます") && timeline.contains("restarted nginx") && timeline.contains("aiko"), "{timeline}");
    assert_eq!(reply(&mut world, "r3", &answer("aiko@example.com", &message, "解決")).await, Taken::Noted(incident.id));
    World::is(&world.incident(incident.id).await, PhaseName::Resolved);
    assert!(suppressed(&world).await.is_empty());
    // What comes late is written down.
    let late = reply(&mut world, "r4", &answer("aiko@example.com", &message, "ack")).await;
    assert!(reason(&late).contains("changes nothing"), "{late:?}");
    assert!(suppressed(&world).await[0].reason.contains("changes nothing"));
    world.end().await;
}

#[tokio::test]
async fn an_html_answer_acknowledges_whatever_it_quotes() {
    let mut world = World::with(TEAM).await;
    let (incident, message) = paged(&mut world, "checkout-5xx").await;
    proven(&world).await;
    let html = answer("aiko@example.com", &message, "<div>ack</div><blockquote type=\"cite\"><div>[SEV1] resolve</div></blockquote>");
    let html = String::from_utf8(html).unwrap().replace("Content-Type: text/plain", "Content-Type: text/html");
    assert!(html.contains("text/html"), "{html}");
    assert_eq!(reply(&mut world, "h1", html.as_bytes()).await, Taken::Noted(incident.id));
    World::is(&world.incident(incident.id).await, PhaseName::Acknowledged);
    let timeline = format!("{:?}", world.machine.store().timeline(incident.id).await.unwrap());
    assert!(!timeline.contains("Noted"), "{timeline}");
    world.end().await;
}

#[tokio::test]
async fn an_answer_is_tried_on_one_machine_only_where_senders_are_believed() {
    let mut world = World::with(TEAM).await;
    let (incident, message) = paged(&mut world, "checkout-5xx").await;
    proven(&world).await;
    let raw = answer("aiko@example.com", &message, "ack");
    Mailer::connect(&world.machine).await.send("aiko@example.com", REPLY_TO, &raw).await;
    World::is(&world.incident(incident.id).await, PhaseName::Triggered);
    assert!(suppressed(&world).await[0].reason.contains("DMARC does not vouch"));
    let another = answer("aiko@example.com", &message, "ack\r\nby another mail");
    Mailer::connect_believing(&world.machine).await.send("aiko@example.com", REPLY_TO, &another).await;
    World::is(&world.incident(incident.id).await, PhaseName::Acknowledged);
    // Only what the person proved is believed.
    let ben = answer("ben@example.com", &message, "resolve");
    Mailer::connect_believing(&world.machine).await.send("ben@example.com", REPLY_TO, &ben).await;
    World::is(&world.incident(incident.id).await, PhaseName::Acknowledged);
    world.end().await;
}

#[tokio::test]
async fn nobody_else_answers_for_her_and_no_unproven_address_does() {
    let mut world = World::with(TEAM).await;
    let (incident, message) = paged(&mut world, "checkout-5xx").await;
    let good = answer("aiko@example.com", &message, "ack");
    let taken = reply(&mut world, "n1", &good).await;
    assert!(reason(&taken).contains("not from the proven address"), "{taken:?}");
    proven(&world).await;
    for (id, raw, dmarc, why) in [
        ("n2", good.clone(), Verdict::Fail, "DMARC does not vouch"),
        ("n3", good.clone(), Verdict::Unknown, "DMARC does not vouch"),
        ("n4", answer("ben@example.com", &message, "ack"), Verdict::Pass, "not from the proven address"),
        ("n5", answer("\"aiko@example.com\" <evil@example.net>", &message, "ack"), Verdict::Pass, "not from the proven address"),
        ("n6", answer("aiko@example.com", "guessed-1", "ack"), Verdict::Pass, "no answer to a page"),
        ("n7", answer("aiko@example.com", &message, "> ack"), Verdict::Pass, "without a word of its own"),
        ("n8", [b"Auto-Submitted: auto-replied\r\n".as_slice(), &good].concat(), Verdict::Pass, "an automatic answer"),
    ] {
        let mut envelope = envelope(id, &[REPLY_TO], &world);
        envelope.verdicts.dmarc = dmarc;
        let taken = one(take(&mut world, &envelope, &raw).await);
        assert!(reason(&taken).contains(why), "{id}: {taken:?}");
    }
    World::is(&world.incident(incident.id).await, PhaseName::Triggered);
    assert_eq!(suppressed(&world).await.len(), 8);
    world.ask(incident.id, "resolve", json!({}), "aiko").await;
    let taken = reply(&mut world, "n9", &answer("aiko@example.com", &message, "ack")).await;
    assert!(matches!(taken, Taken::Noted(_) | Taken::Suppressed { .. }), "{taken:?}");
    World::is(&world.incident(incident.id).await, PhaseName::Resolved);
    world.end().await;
}
