//! What SES hands over: by its Lambda action with the content in a bucket, and by a topic with the content in the message.

use std::{fs, path::Path};

use acceptance::{World, incident_of, result_of};
use hansho::local::MAIL_BUCKET;
use hansho_intake::Taken;
use hansho_store::Received;
use serde_json::Value;

use crate::{address, close, mail, plain, reason, sample, suppressed, world};

/// An event of `events/email-intake/`, to an integration.
async fn event(world: &World, name: &str, integration: &str) -> Value {
    let text = String::from_utf8(sample(&format!("{name}.json"))).unwrap();
    serde_json::from_str(&text.replace("RECIPIENT", &address(world, integration).await)).unwrap()
}

#[tokio::test]
async fn a_mail_in_the_bucket_opens_with_its_text() {
    let mut world = world().await;
    let key = "inbound/o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1";
    let raw = "From: zabbix@example.co.jp\r\nSubject: Disk full on web01\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n空き容量 3%\r\n--b\r\nContent-Type: image/png; name=graph.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n";
    world.machine.mailbag().put_object(MAIL_BUCKET, key, raw.as_bytes().to_vec());
    let event = event(&world, "ses-lambda-action", "mail").await;
    let answer = world.invoke("email-intake", event).await;
    let opened = world.incident(incident_of(&answer)).await;
    assert_eq!(opened.title, "Disk full on web01");
    assert!(opened.details.contains("空き容量 3%"), "{}", opened.details);
    assert!(opened.details.contains("graph.png (image/png, 1 KB) in s3://hansho-mail/inbound/o3v"), "{}", opened.details);
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn a_mail_whose_content_is_lost_opens_with_its_header() {
    let mut world = world().await;
    for (name, title) in [("ses-lambda-action", "Disk full on web01"), ("ses-lambda-older", "Disk full on web02")] {
        let event = event(&world, name, "mail-each").await;
        let answer = world.invoke("email-intake", event).await;
        let opened = world.incident(incident_of(&answer)).await;
        assert_eq!(opened.title, title);
        let entries = world.machine.store().timeline(opened.id).await.unwrap();
        let told = format!("{entries:?}");
        assert!(told.contains("only its header is known: there is no object inbound/"), "{told}");
    }
    close(world).await;
}

/// Rules that suppress by what a mail does not say, and whether they can know it of one of which only the header is known.
const QUIET: [(&str, bool); 7] = [
    ("!string(body.text).contains('FATAL')", false),
    ("!details.contains('FATAL')", false),
    ("body.mail.attachments == []", false),
    ("!('x-urgent' in headers)", true),
    ("!body.headers.exists(header, header.startsWith('x-urgent'))", true),
    ("source != 'noc@example.com'", true),
    ("!(has(labels.sender) && labels.sender == 'noc@example.com')", true),
];

/// A system with a rule that suppresses what this is true of.
async fn quiet(condition: &str) -> World {
    World::with(&format!("{}routes:\n  - {{ name: quiet, if: \"{condition}\", then: {{ suppress: nothing }} }}\n", crate::team())).await
}

#[tokio::test]
async fn a_mail_whose_content_is_lost_is_not_suppressed_by_what_is_not_known_of_it() {
    for (condition, is_of_header) in QUIET {
        let mut world = quiet(condition).await;
        let whole = event(&world, "ses-lambda-action", "mail-each").await;
        let mut truncated = whole.clone();
        truncated["Records"][0]["ses"]["mail"]["headersTruncated"] = Value::Bool(true);
        truncated["Records"][0]["ses"]["mail"]["messageId"] = "another".into();
        // SES says whether it names all of the header.
        let answer = world.invoke("email-intake", whole).await;
        assert_eq!(result_of(&answer), if is_of_header { "suppressed" } else { "opened" }, "{condition}: {answer}");
        let answer = world.invoke("email-intake", truncated).await;
        assert_eq!(result_of(&answer), "opened", "{condition}: {answer}");
        close(world).await;
    }
}

#[tokio::test]
async fn a_mail_that_is_read_in_part_is_not_suppressed_by_what_is_not_read_of_it() {
    let long = |size: usize| "all is well\r\n".repeat(size);
    let text = plain("nightly", &(long(300 * 1024 / 13) + "FATAL"));
    let header = format!("From: ops@example.co.jp\r\nSubject: nightly\r\n{}x-urgent: 1\r\n\r\nok\r\n", "x-a: b\r\n".repeat(1_000));
    let account = plain("nightly", &(long(50) + "FATAL"));
    for (condition, raw) in [
        ("!string(body.text).contains('FATAL')", text.as_slice()),
        ("!('x-urgent' in headers)", header.as_bytes()),
        ("!body.headers.exists(header, header.startsWith('x-urgent'))", header.as_bytes()),
        ("source != 'noc@example.com'", header.as_bytes()),
        ("!details.contains('FATAL')", &account),
    ] {
        let mut world = quiet(condition).await;
        assert_eq!(reason(&mail(&mut world, "whole", "mail-each", &plain("nightly", "ok")).await), "rule quiet: nothing", "{condition}");
        let taken = mail(&mut world, "partial", "mail-each", raw).await;
        assert!(matches!(taken, Taken::Received(Received::Opened(_))), "{condition}: {taken:?}");
        close(world).await;
    }
}

#[tokio::test]
async fn a_topic_carries_the_content_as_text_or_in_base64() {
    let mut world = world().await;
    for name in ["ses-sns-utf8", "ses-sns-base64"] {
        let event = event(&world, name, "mail-each").await;
        let answer = world.invoke("email-intake", event).await;
        let opened = world.incident(incident_of(&answer)).await;
        assert_eq!((opened.title.as_str(), opened.details.as_str()), ("障害: web01", "ディスクがいっぱいです"), "{name}");
    }
    close(world).await;
}

#[tokio::test]
async fn an_event_that_is_no_mail_pages() {
    let mut world = world().await;
    let event = event(&world, "ses-unreadable", "mail").await;
    let answer = world.invoke("email-intake", event).await;
    let opened = world.incident(incident_of(&answer)).await;
    assert_eq!((opened.title.as_str(), opened.service.as_str()), ("Unrecognised mail event", "catch-all"));
    close(world).await;
}

#[tokio::test]
async fn the_same_mail_twice_is_one_alert() {
    let mut world = world().await;
    let event = event(&world, "ses-sns-utf8", "mail-each").await;
    let first = world.invoke("email-intake", event.clone()).await;
    let second = world.invoke("email-intake", event.clone()).await;
    assert_eq!((result_of(&first), result_of(&second)), ("opened", "repeated"));
    assert_eq!(incident_of(&first), incident_of(&second));
    let opened = world.incident(incident_of(&first)).await;
    assert_eq!(opened.phase.name(), hansho_domain::PhaseName::Triggered);
    // After it is resolved, an old copy opens nothing.
    let id = incident_of(&first);
    world.ask(id, "resolve", serde_json::json!({}), "aiko").await;
    let late = world.invoke("email-intake", event).await;
    assert_eq!(result_of(&late), "out_of_date");
    assert_eq!(suppressed(&world).await.len(), 1);
    assert!(world.open_incidents().await.is_empty());
    close(world).await;
}

#[tokio::test]
async fn a_storm_of_one_subject_is_one_incident_and_one_page() {
    let mut world = world().await;
    for number in 0..50 {
        let taken = mail(&mut world, &format!("storm-{number}"), "mail", &plain("disk full", &format!("text {number}."))).await;
        assert_eq!(matches!(taken, Taken::Received(Received::Opened(_))), number == 0, "{taken:?}");
        world.advance(jiff::SignedDuration::from_millis(10)).await;
    }
    world.expect_texts(&["aiko"]);
    let incident = world.open_incident().await;
    assert_eq!(incident.title, "disk full");
    // What each of them says can be read.
    let kept = format!("{:?}", world.machine.store().kept_alerts(incident.id, None).await.unwrap());
    assert!((0..50).all(|number| kept.contains(&format!("text {number}."))), "{kept}");
    world.tap("aiko", "resolve").await;
    world.end().await;
}

/// The same for what others have published: only where `shared/samples` lies beside the checkout.
#[tokio::test]
async fn the_published_events_of_ses_open_with_what_they_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples/ses");
    for (file, stranger, sender) in [
        ("awsle-example-ses-lambda-event.json", "lambda@amazon.com", "aws@amazon.com"),
        ("powertools-sesEvent.json", "johndoe@example.com", "janedoe@example.com"),
    ] {
        let Ok(text) = fs::read_to_string(folder.join(file)) else { continue };
        let mut world = world().await;
        let published: Value = serde_json::from_str(&text).unwrap();
        let answer = world.invoke("email-intake", published.clone()).await;
        assert_eq!(result_of(&answer), "suppressed", "nobody's address: {answer}");
        let mut ours = published;
        ours["Records"][0]["ses"]["receipt"]["recipients"] = serde_json::json!([address(&world, "mail").await]);
        let answer = world.invoke("email-intake", ours).await;
        let opened = world.incident(incident_of(&answer)).await;
        assert_eq!(opened.title, "Test Subject", "{file} to {stranger}");
        assert_eq!(opened.labels.get("sender"), Some(sender), "{file}");
        world.expect_texts(&["aiko"]);
        world.tap("aiko", "resolve").await;
        world.end().await;
    }
}
