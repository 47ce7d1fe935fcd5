//! Which addresses were proven to reach their person, apart from what configuration owns.

use std::collections::BTreeMap;

use hansho_domain::{Method, UserId};
use hansho_store::{AddressHash, Asked, Contact, ContactProof, ProvenBy};

use crate::{
    fixtures::{configuration, seconds_after, user_id},
    table::{Table, on_a_table},
};

fn contact(phone: &str) -> Contact {
    Contact { phone: Some(phone.to_owned()), email: Some("aiko@example.com".to_owned()), ..Contact::default() }
}

async fn configure(table: &Table, phone: &str) {
    let contacts = BTreeMap::from([(user_id("aiko"), contact(phone))]);
    table.store().apply_configuration(&configuration(), &contacts).await.unwrap();
    table.clock.advance_seconds(5);
}

async fn proof(table: &Table, phone: &str, method: Method) -> ContactProof {
    let mut proofs = table.store().contact_proofs(&user_id("aiko"), &contact(phone)).await.unwrap();
    proofs.remove(&method).unwrap()
}

const FIRST: &str = "+819012345678";
const SECOND: &str = "+819087654321";

fn aiko() -> UserId {
    user_id("aiko")
}

fn sms(phone: &str) -> AddressHash {
    AddressHash::of(&contact(phone), Method::Sms).unwrap()
}

#[test]
fn a_proof_survives_every_apply_while_the_address_is_the_same_and_is_void_when_it_changes() {
    on_a_table(|table| async move {
        configure(&table, FIRST).await;
        assert_eq!(proof(&table, FIRST, Method::Sms).await, ContactProof::default());
        let first_at = table.now();
        assert!(table.store().prove(&aiko(), Method::Sms, &sms(FIRST), &ProvenBy::Verification).await.unwrap());
        table.clock.advance_seconds(60);
        configure(&table, FIRST).await;
        assert!(table.store().prove(&aiko(), Method::Sms, &sms(FIRST), &ProvenBy::Page).await.unwrap());
        let known = proof(&table, FIRST, Method::Sms).await;
        assert_eq!((known.verified_at, known.proven_at, known.proven_by), (Some(first_at), Some(table.now()), Some(ProvenBy::Page)));
        assert_eq!(proof(&table, FIRST, Method::Email).await, ContactProof::default(), "each address is proven for itself");
        configure(&table, SECOND).await;
        assert_eq!(proof(&table, SECOND, Method::Sms).await, ContactProof::default());
    });
}

#[test]
fn a_link_that_went_to_an_old_address_proves_nothing() {
    on_a_table(|table| async move {
        configure(&table, SECOND).await;
        let store = table.store();
        assert!(!store.prove(&aiko(), Method::Sms, &sms(FIRST), &ProvenBy::Page).await.unwrap());
        assert!(!store.prove(&user_id("nobody-at-all"), Method::Sms, &sms(FIRST), &ProvenBy::Page).await.unwrap());
        assert_eq!(proof(&table, SECOND, Method::Sms).await, ContactProof::default());
        assert!(store.prove(&aiko(), Method::Sms, &sms(SECOND), &ProvenBy::Page).await.unwrap());
        assert_eq!(proof(&table, SECOND, Method::Sms).await.verified_at, Some(table.now()), "what was known of the old one is gone");
    });
}

#[test]
fn no_address_is_stored_beside_the_profile() {
    on_a_table(|table| async move {
        configure(&table, FIRST).await;
        table.store().prove(&aiko(), Method::Sms, &sms(FIRST), &ProvenBy::Verification).await.unwrap();
        let items = table.partition("CONTACT#aiko").await;
        assert_eq!(items.len(), 1);
        assert!(!serde_json::to_string(&items).unwrap().contains("9012345678"));
    });
}

#[test]
fn an_address_is_asked_once_a_minute_and_five_times_a_day() {
    on_a_table(|table| async move {
        configure(&table, FIRST).await;
        let store = table.store();
        let begun_at = table.now();
        let mut sent = 0;
        for request in 0..10 {
            match store.ask_for_proof(&aiko(), Method::Sms, &request.to_string()).await.unwrap() {
                Asked::Sent(_) => sent += 1,
                Asked::TooOften { again_at } => assert_eq!(again_at, seconds_after(begun_at, 86_400), "request {request}"),
                other => panic!("{other:?}"),
            }
            let again_at = seconds_after(table.now(), 60);
            if sent < 5 || request == 4 {
                assert_eq!(store.ask_for_proof(&aiko(), Method::Sms, "at once").await.unwrap(), Asked::TooOften { again_at });
            }
            table.clock.advance_seconds(60);
        }
        assert_eq!(sent, 5);
        assert!(matches!(store.ask_for_proof(&aiko(), Method::Email, "other").await.unwrap(), Asked::Sent(_)), "another address");
        table.clock.advance_seconds(86_400);
        assert!(matches!(store.ask_for_proof(&aiko(), Method::Sms, "next day").await.unwrap(), Asked::Sent(_)));
    });
}

#[test]
fn the_same_request_twice_and_eight_at_once_send_one_message() {
    on_a_table(|table| async move {
        configure(&table, FIRST).await;
        let Asked::Sent(first) = table.store().ask_for_proof(&aiko(), Method::Sms, "r1").await.unwrap() else { panic!("it is the first") };
        assert_eq!(table.store().ask_for_proof(&aiko(), Method::Sms, "r1").await.unwrap(), Asked::Known(first));
        table.clock.advance_seconds(60);
        let asks = (0..8).map(|request| {
            let table = std::sync::Arc::clone(&table);
            tokio::spawn(async move { table.store().ask_for_proof(&aiko(), Method::Sms, &format!("at once {request}")).await.unwrap() })
        });
        let mut sent = 0;
        for ask in asks.collect::<Vec<_>>() {
            sent += usize::from(matches!(ask.await.unwrap(), Asked::Sent(_)));
        }
        assert_eq!(sent, 1);
        assert_eq!(table.store().due_notices(table.now()).await.unwrap().len(), 2);
    });
}

#[test]
fn who_is_unknown_or_has_no_address_is_not_asked() {
    on_a_table(|table| async move {
        configure(&table, FIRST).await;
        let store = table.store();
        assert_eq!(store.ask_for_proof(&user_id("zoe"), Method::Sms, "r").await.unwrap(), Asked::UnknownUser);
        assert_eq!(store.ask_for_proof(&aiko(), Method::Webhook, "r").await.unwrap(), Asked::NoAddress);
        assert_eq!(store.due_notices(table.now()).await.unwrap(), []);
    });
}
