//! Mails that overtake each other, and mails that come twice.

use acceptance::World;
use hansho_domain::IncidentId;
use hansho_intake::Taken;
use hansho_store::Received;
use jiff::SignedDuration;

use crate::{address, close, envelope, one, plain, suppressed, take, world};

/// A mail to an integration that SES took so many seconds ago.
async fn mail_of(world: &mut World, id: &str, integration: &str, seconds_ago: i64, raw: &[u8]) -> Taken {
    let to = address(world, integration).await;
    let mut envelope = envelope(id, &[&to], world);
    envelope.received_at = Some(world.now() - SignedDuration::from_secs(seconds_ago));
    one(take(world, &envelope, raw).await)
}

#[track_caller]
fn opened(taken: &Taken) -> IncidentId {
    let Taken::Received(Received::Opened(incident)) = taken else { panic!("it opened nothing: {taken:?}") };
    *incident
}

#[tokio::test]
async fn another_mail_that_the_one_which_opened_has_overtaken_is_counted_and_kept() {
    let mut world = world().await;
    let first = mail_of(&mut world, "m2", "mail-once", 0, &plain("disk full", "x")).await;
    let incident = opened(&first);
    for id in ["m1", "m1", "m2"] {
        let older = mail_of(&mut world, id, "mail-once", 1, &plain("DB down", "y")).await;
        assert_eq!(older, Taken::Received(Received::Repeated(incident)), "{id}");
    }
    let now = world.incident(incident).await;
    assert_eq!(world.machine.store().repeats(&now).await.unwrap(), 1, "each mail once, however often it is delivered");
    assert!(suppressed(&world).await.is_empty());
    close(world).await;
}

#[tokio::test]
async fn another_mail_that_comes_late_opens_again_and_one_that_was_part_of_it_does_not() {
    let mut world = world().await;
    let incident = opened(&mail_of(&mut world, "m3", "mail-once", 0, &plain("disk full", "x")).await);
    let second = mail_of(&mut world, "m2", "mail-once", 1, &plain("load", "y")).await;
    assert_eq!(second, Taken::Received(Received::Repeated(incident)));
    world.ask(incident, "resolve", serde_json::json!({}), "aiko").await;
    for id in ["m2", "m3"] {
        let again = mail_of(&mut world, id, "mail-once", 1, &plain("load", "y")).await;
        assert_eq!(again, Taken::Received(Received::OutOfDate), "{id} was part of what is resolved");
    }
    assert!(suppressed(&world).await.iter().all(|entry| entry.reason.contains("was taken in before")));
    assert_eq!(suppressed(&world).await.len(), 2);
    let other = opened(&mail_of(&mut world, "m1", "mail-once", 2, &plain("DB down", "z")).await);
    assert_ne!(other, incident, "nobody has seen it yet");
    close(world).await;
}

#[tokio::test]
async fn a_mail_that_is_older_than_a_recovery_is_out_of_date() {
    let mut world = world().await;
    let over = mail_of(&mut world, "r1", "mail-once-words", 0, &plain("RECOVERED all", "x")).await;
    assert_eq!(over, Taken::Received(Received::Remembered));
    let listed = suppressed(&world).await;
    assert_eq!(listed.len(), 1, "a recovery without an incident is on the list: {listed:?}");
    assert!(listed[0].reason.starts_with("resolved by its source"), "{listed:?}");
    let late = mail_of(&mut world, "m1", "mail-once-words", 1, &plain("DB down", "y")).await;
    assert_eq!(late, Taken::Received(Received::OutOfDate));
    world.seconds(1).await;
    let incident = opened(&mail_of(&mut world, "m2", "mail-once-words", 0, &plain("DB down", "y")).await);
    // A recovery from before it ends nothing.
    let older = mail_of(&mut world, "r2", "mail-once-words", 5, &plain("RECOVERED some", "x")).await;
    assert_eq!(older, Taken::Received(Received::OutOfDate));
    assert_eq!(world.open_incident().await.id, incident);
    close(world).await;
}
