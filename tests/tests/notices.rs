//! Stories of messages that belong to no incident: proof that an address reaches its person.
#![expect(clippy::unwrap_used, reason = "a story that can not go on has failed")]

use acceptance::{World, incident_of};
use hansho::local::aws::ProviderFault;
use hansho_domain::Method;
use hansho_store::{ContactProof, ProvenBy};
use jiff::SignedDuration;
use serde_json::json;

async fn verify(world: &mut World, person: &str) {
    let (status, answer) = world.post(&format!("/users/{person}/verify"), Some(json!({ "method": "sms" }))).await;
    assert_eq!(status.as_u16(), 202, "{answer}");
}

async fn proof(world: &World, person: &str) -> ContactProof {
    let user = person.parse().unwrap();
    let profile = world.machine.store().profile(&user).await.unwrap().unwrap();
    world.machine.store().contact_proofs(&user, &profile.contact).await.unwrap().remove(&Method::Sms).unwrap()
}

#[tokio::test]
async fn a_person_is_asked_whether_a_text_reaches_them_and_a_tap_proves_it() {
    let mut world = World::new().await;
    verify(&mut world, "aiko").await;
    let sent = world.expect_texts(&["aiko"]);
    assert!(sent[0].text.starts_with("Hansho: 届いていますか? タップして確認: https://oncall.example.com/p/"), "{}", sent[0].text);
    let (status, _) = world.get(&world.link_of("aiko")).await;
    assert!(status.is_success());
    assert_eq!(proof(&world, "aiko").await.proven_at, None, "looking proves nothing");
    assert_eq!(world.tap("aiko", "confirm").await.as_u16(), 303);
    assert_eq!(proof(&world, "aiko").await.proven_by, Some(ProvenBy::Verification));
    world.end().await;
}

#[tokio::test]
async fn an_address_that_nobody_proved_is_paged_all_the_same_and_the_answer_proves_it() {
    let mut world = World::new().await;
    let incident = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "acknowledge").await;
    assert_eq!(proof(&world, "aiko").await.proven_by, Some(ProvenBy::Page));
    assert_eq!(proof(&world, "ben").await, ContactProof::default());
    world.ask(incident, "resolve", json!({}), "aiko").await;
    world.minutes(3).await;
    world.end().await;
}

#[tokio::test]
async fn a_question_does_not_keep_the_next_page_waiting_at_the_gate() {
    let mut world = World::new().await;
    verify(&mut world, "aiko").await;
    world.expect_texts(&["aiko"]);
    let incident = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko"]);
    world.ask(incident, "resolve", json!({}), "aiko").await;
    world.minutes(3).await;
    world.end().await;
}

#[tokio::test]
async fn a_question_that_no_provider_takes_is_tried_for_half_an_hour_and_given_up() {
    let mut world = World::new().await;
    world.provider("sms", Some(ProviderFault::Unavailable));
    verify(&mut world, "aiko").await;
    world.minutes(20).await;
    world.provider("sms", None);
    world.minutes(6).await;
    world.expect_texts(&["aiko"]);
    world.provider("sms", Some(ProviderFault::Unavailable));
    verify(&mut world, "ben").await;
    world.minutes(40).await;
    world.provider("sms", None);
    world.minutes(40).await;
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn a_question_to_an_address_that_has_changed_meanwhile_is_not_sent() {
    let mut world = World::new().await;
    world.provider("sms", Some(ProviderFault::Unavailable));
    verify(&mut world, "aiko").await;
    world.configure(&acceptance::TEAM.replace("+819000000001", "+819000000009")).await;
    world.provider("sms", None);
    world.minutes(10).await;
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn a_question_whose_message_is_lost_is_sent_by_the_sweeper() {
    let mut world = World::new().await;
    // Made past the relay: nothing but the index knows of it.
    let store = world.machine.store();
    let asked = store.ask_for_proof(&"aiko".parse().unwrap(), Method::Sms, "r").await.unwrap();
    let hansho_store::Asked::Sent(id) = asked else { panic!("{asked:?}") };
    store.postpone_notice(&id, world.now() + SignedDuration::from_secs(30)).await.unwrap();
    world.seconds(20).await;
    world.expect_silence();
    world.minutes(2).await;
    world.expect_texts(&["aiko"]);
    world.end().await;
}
