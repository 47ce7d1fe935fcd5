//! Whose address a mail comes to.

use acceptance::World;
use hansho_intake::Taken;
use hansho_store::Received;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{address, api, close, envelope, incident, one, plain, reason, suppressed, take, world};

async fn to(world: &mut World, id: &str, recipients: &[&str]) -> Vec<Taken> {
    let envelope = envelope(id, recipients, world);
    take(world, &envelope, &plain(&format!("disk full {id}"), "x")).await
}

#[tokio::test]
async fn an_address_is_unguessable_and_known_in_any_case_and_with_a_plus() {
    let mut world = world().await;
    let known = address(&world, "mail").await;
    let (local, domain) = known.split_once('@').unwrap();
    let secret = local.strip_prefix("mail-").unwrap();
    assert!(secret.len() == 20 && secret.bytes().all(|b| b.is_ascii_hexdigit()), "{known}");
    assert_ne!(secret, address(&world, "mail-each").await.split_once('@').unwrap().0.strip_prefix("mail-each-").unwrap());
    for (id, recipient) in [
        ("a1", known.clone()),
        ("a2", known.to_uppercase()),
        ("a3", format!("{local}+web01@{domain}")),
        ("a4", format!("{local}@mx.example.net")),
    ] {
        let taken = one(to(&mut world, id, &[&recipient]).await);
        assert!(matches!(taken, Taken::Received(Received::Opened(_))), "{recipient}: {taken:?}");
    }
    for (id, recipient) in [
        ("b1", format!("mail@{domain}")),
        ("b2", format!("mail-{}@{domain}", "0".repeat(20))),
        ("b3", format!("mail-{}@{domain}", &secret[..19])),
        ("b4", format!("mail-each-{secret}@{domain}")),
        ("b5", "no address".to_owned()),
    ] {
        let taken = one(to(&mut world, id, &[&recipient]).await);
        assert!(reason(&taken).contains("no integration has the address"), "{taken:?}");
        assert!(!reason(&taken).contains(&secret[..19]), "a secret stays one: {taken:?}");
    }
    let listed = suppressed(&world).await;
    assert!(listed.len() == 5 && listed.iter().all(|entry| entry.integration.as_str() == "email"), "{listed:#?}");
    close(world).await;
}

#[tokio::test]
async fn a_mail_goes_to_every_integration_of_its_envelope_once_whatever_its_header_says() {
    let mut world = world().await;
    let (one, other) = (address(&world, "mail").await, address(&world, "mail-each").await);
    let plus = one.replacen('@', "+again@", 1);
    let taken = to(&mut world, "m1", &[&one, &plus, &other, "nobody@example.com"]).await;
    assert_eq!(taken.len(), 3, "{taken:?}");
    let services: Vec<String> = world.open_incidents().await.iter().map(|incident| incident.service.to_string()).collect();
    assert!(services.contains(&"checkout".to_owned()) && services.contains(&"batch".to_owned()), "{services:?}");
    close(world).await;
}

#[tokio::test]
async fn a_new_address_replaces_the_old_one_with_an_overlap() {
    let mut world = world().await;
    let old = address(&world, "mail").await;
    let rotated = api(&world, "POST", "/integrations/mail/address/rotate", json!({ "overlap_seconds": 3600 })).await;
    let new = rotated["address"].as_str().unwrap().to_owned();
    assert_ne!(old, new);
    assert_eq!(address(&world, "mail").await, new);
    for (id, recipient) in [("r1", &old), ("r2", &new)] {
        assert!(matches!(one(to(&mut world, id, &[recipient]).await), Taken::Received(Received::Opened(_))), "{id}");
    }
    world.advance(SignedDuration::from_mins(61)).await;
    world.sent();
    assert!(reason(&one(to(&mut world, "r3", &[&old]).await)).contains("(any more)"));
    assert!(matches!(one(to(&mut world, "r4", &[&new]).await), Taken::Received(Received::Opened(_))));
    // Without an overlap the old one ends at once.
    api(&world, "POST", "/integrations/mail/address/rotate", json!({})).await;
    assert!(reason(&one(to(&mut world, "r5", &[&new]).await)).contains("(any more)"));
    close(world).await;
}

#[tokio::test]
async fn an_address_that_was_promised_to_go_on_is_not_cut_short_by_the_next_one() {
    let mut world = world().await;
    let mut promised = vec![address(&world, "mail").await];
    for (overlap_seconds, minutes) in [(3_600, 1), (600, 1), (7_200, 1)] {
        let rotated = api(&world, "POST", "/integrations/mail/address/rotate", json!({ "overlap_seconds": overlap_seconds })).await;
        promised.push(rotated["address"].as_str().unwrap().to_owned());
        world.minutes(minutes).await;
    }
    for (number, recipient) in promised.iter().enumerate() {
        let taken = one(to(&mut world, &format!("p{number}"), &[recipient]).await);
        assert!(matches!(taken, Taken::Received(Received::Opened(_))), "{number}: {taken:?}");
    }
    world.sent();
    // Whoever asks for another one at once wants all the others gone.
    api(&world, "POST", "/integrations/mail/address/rotate", json!({})).await;
    for (number, recipient) in promised.iter().enumerate() {
        assert!(reason(&one(to(&mut world, &format!("q{number}"), &[recipient]).await)).contains("(any more)"));
    }
    close(world).await;
}

#[tokio::test]
async fn an_integration_that_is_configured_no_more_opens_by_the_catch_all_service() {
    let mut world = world().await;
    let known = address(&world, "mail").await;
    world.configure(acceptance::TEAM).await;
    let taken = one(to(&mut world, "gone", &[&known]).await);
    assert_eq!(incident(&world, &taken).await.service.as_str(), "catch-all");
    close(world).await;
}

#[tokio::test]
async fn only_integrations_of_the_type_email_have_an_address() {
    let world = world().await;
    for id in ["webhook", "nobody", "%20"] {
        let request = world.authorized(axum::http::Request::get(format!("/integrations/{id}/address")));
        let (status, answer) = world.request(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(status.as_u16(), 404, "{id}: {answer}");
        assert!(answer.contains("of the type email"), "{answer}");
    }
    let shown = api(&world, "GET", "/integrations/mail/address", Value::Null).await;
    assert_eq!(shown["previous_until"], Value::Null);
    world.end().await;
}

#[tokio::test]
async fn what_is_kept_of_a_mail_says_nothing_of_the_secret_of_its_address() {
    let mut world = world().await;
    let to = address(&world, "mail").await;
    let secret = to.split_once('@').unwrap().0.rsplit_once('-').unwrap().1.to_owned();
    let raw = [format!("To: <{to}>\r\n").into_bytes(), plain("disk full", &format!("sent to {}", to.to_uppercase()))].concat();
    let envelope = envelope("kept", &[&to], &world);
    let taken = one(take(&mut world, &envelope, &raw).await);
    let opened = incident(&world, &taken).await;
    let kept = format!("{:?}", world.items(&format!("INCIDENT#{}", opened.id))).to_lowercase();
    assert!(!kept.contains(&secret), "{kept}");
    assert!(kept.contains("mail-…@hansho.example"), "{kept}");
    close(world).await;
}
