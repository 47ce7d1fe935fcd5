//! A delivery is claimed by a lease before it is sent.

use hansho_domain::{EffectId, Method, UserId};
use hansho_store::{Claim, Delivery, DeliveryState, Ending, Setback, Store};
use tokio::task::JoinSet;

use crate::{
    fixtures::seconds_after,
    table::{Table, on_a_table, open, pending_pages},
};

/// The lease is 25 seconds.
const LEASE_SECONDS: i64 = 25;

/// One delivery that waits to be sent.
async fn made(table: &Table) -> EffectId {
    let store = table.store();
    let _ = open(table, "checkout-5xx").await;
    let [(row, notifications)] = &pending_pages(&store, table.now()).await[..] else { panic!("aiko is paged") };
    store.make_deliveries(*row, notifications).await.unwrap();
    *row
}

async fn claimed(store: &Store, id: EffectId) -> Delivery {
    match store.claim(id).await.unwrap() {
        Claim::Claimed(delivery) => delivery,
        other => panic!("it must be free, not {other:?}"),
    }
}

fn sent() -> Ending {
    Ending::Sent { provider_id: "m-1".to_owned(), companions: Vec::new(), reason: None }
}

#[test]
fn of_16_claimers_at_once_one_wins_and_the_others_come_back_later() {
    on_a_table(|table| async move {
        let id = made(&table).await;
        let mut tasks = JoinSet::new();
        for _ in 0..16 {
            let store = table.store();
            tasks.spawn(async move { store.claim(id).await.unwrap() });
        }
        let all = tasks.join_all().await;
        assert_eq!(all.iter().filter(|claim| matches!(claim, Claim::Claimed(_))).count(), 1, "{all:?}");
        assert_eq!(all.iter().filter(|claim| **claim == Claim::InProgress).count(), 15, "{all:?}");
        let delivery = table.store().delivery(id).await.unwrap().unwrap();
        assert_eq!((delivery.state, delivery.attempt), (DeliveryState::Sending, 1));
        assert_eq!(delivery.lease_until, Some(seconds_after(table.now(), LEASE_SECONDS)));
    });
}

#[test]
fn what_is_sent_is_done_and_is_found_by_the_providers_id() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = made(&table).await;
        let delivery = claimed(&store, id).await;
        assert!(store.end_claim(&delivery, &sent()).await.unwrap());
        let Claim::AlreadyDone(done) = store.claim(id).await.unwrap() else { panic!("nothing is left to do") };
        assert_eq!((done.state, done.lease_until), (DeliveryState::Sent, None));
        assert_eq!(store.deliveries_of_message(Method::Sms, "m-1").await.unwrap(), [id]);
        assert_eq!(store.deliveries_of_message(Method::Email, "m-1").await.unwrap(), []);
        assert!(store.record_bounce(id, "no such number").await.unwrap());
        assert!(!store.record_bounce(id, "no such number").await.unwrap(), "a report that comes twice counts once");
        let bounced = store.delivery(id).await.unwrap().unwrap();
        assert_eq!((bounced.state, bounced.reason.as_deref()), (DeliveryState::Failed, Some("no such number")));
    });
}

#[test]
fn a_claim_whose_lease_is_over_is_another_callers_and_the_slow_holder_is_refused() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = made(&table).await;
        let slow = claimed(&store, id).await;
        table.clock.advance_seconds(LEASE_SECONDS - 1);
        assert_eq!(store.claim(id).await.unwrap(), Claim::InProgress);
        table.clock.advance_seconds(1);
        let quick = claimed(&store, id).await;
        assert_eq!(quick.attempt, 2);
        assert!(!store.end_claim(&slow, &sent()).await.unwrap(), "the claim is no longer the slow one's");
        assert!(!store.end_claim(&slow, &Ending::Failed { reason: "time-out".to_owned() }).await.unwrap());
        assert_eq!(store.delivery(id).await.unwrap().unwrap().state, DeliveryState::Sending);
        assert!(store.end_claim(&quick, &Ending::Ended { reason: "acknowledged".to_owned() }).await.unwrap());
        assert!(!store.end_claim(&slow, &sent()).await.unwrap());
        assert_eq!(store.delivery(id).await.unwrap().unwrap().state, DeliveryState::Ended);
        assert_eq!(store.deliveries_of_message(Method::Sms, "m-1").await.unwrap(), []);
    });
}

#[test]
fn what_is_to_be_tried_again_waits_for_its_time() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = made(&table).await;
        let delivery = claimed(&store, id).await;
        let retry_at = seconds_after(table.now(), 10);
        let again = Ending::Retry { at: retry_at, reason: "throttled".to_owned(), setback: Setback::Refused };
        assert!(store.end_claim(&delivery, &again).await.unwrap());
        let waiting = store.delivery(id).await.unwrap().unwrap();
        assert_eq!((waiting.state, waiting.retry_at, waiting.refusals), (DeliveryState::Pending, Some(retry_at), 1));
        assert_eq!(store.claim(id).await.unwrap(), Claim::InProgress);
        table.clock.advance_seconds(8);
        assert_eq!(store.claim(id).await.unwrap(), Claim::InProgress);
        // A message that is a moment early is not sent back for half a minute.
        table.clock.advance_seconds(1);
        let again = claimed(&store, id).await;
        assert_eq!((again.attempt, again.unanswered), (2, 0));
        let silence = Ending::Retry { at: table.now(), reason: "no answer".to_owned(), setback: Setback::Unanswered };
        assert!(store.end_claim(&again, &silence).await.unwrap());
        let again = claimed(&store, id).await;
        assert_eq!((again.attempt, again.refusals, again.unanswered), (3, 1, 1), "it may have been sent, and is not forgotten");
    });
}

#[test]
fn whatever_went_in_one_message_is_found_by_the_providers_id() {
    on_a_table(|table| async move {
        let store = table.store();
        let _ = (open(&table, "checkout-5xx").await, open(&table, "checkout-latency").await);
        let mut all = Vec::new();
        for (row, notifications) in pending_pages(&store, table.now()).await {
            store.make_deliveries(row, &notifications).await.unwrap();
            all.push(claimed(&store, row).await);
        }
        let [main, companion] = &all[..] else { panic!("aiko is paged twice, not {all:?}") };
        let ending = Ending::Sent { provider_id: "m-2".to_owned(), companions: vec![companion.id], reason: None };
        assert!(store.end_claim(main, &ending).await.unwrap());
        assert_eq!(store.deliveries_of_message(Method::Sms, "m-2").await.unwrap(), [main.id, companion.id], "before it has ended");
        assert!(store.end_claim(companion, &Ending::SentAlong { reason: "with another".to_owned() }).await.unwrap());
        assert_eq!(store.deliveries_of_message(Method::Sms, "m-2").await.unwrap(), [main.id, companion.id]);
        assert!(store.record_bounce(companion.id, "no such number").await.unwrap(), "it counts as sent");
    });
}

#[test]
fn whoever_takes_it_along_claims_it_before_its_time_but_not_from_another() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = made(&table).await;
        let delivery = claimed(&store, id).await;
        assert_eq!(store.claim_early(id).await.unwrap(), Claim::InProgress);
        let later =
            Ending::Retry { at: seconds_after(table.now(), 30), reason: "the gate is closed".to_owned(), setback: Setback::NotAsked };
        assert!(store.end_claim(&delivery, &later).await.unwrap());
        assert_eq!(store.delivery(id).await.unwrap().unwrap().refusals, 0);
        assert!(matches!(store.claim_early(id).await.unwrap(), Claim::Claimed(_)));
    });
}

#[test]
fn what_waits_at_the_gate_is_claimed_by_whoever_has_passed_and_by_nobody_else() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = made(&table).await;
        let delivery = claimed(&store, id).await;
        let until = seconds_after(table.now(), 30);
        let later = Ending::Retry { at: until, reason: "the gate is closed".to_owned(), setback: Setback::NotAsked };
        assert!(store.end_claim(&delivery, &later).await.unwrap());
        table.clock.advance_seconds(30);
        assert!(matches!(store.claim(id).await.unwrap(), Claim::AtGate(_)), "it comes to the gate unclaimed");
        let next = seconds_after(table.now(), 30);
        assert!(store.wait_on(id, next).await.unwrap());
        assert_eq!(store.delivery(id).await.unwrap().unwrap().retry_at, Some(next));
        assert!(matches!(store.claim_early(id).await.unwrap(), Claim::Claimed(_)), "whoever has passed finds it free");
        assert_eq!(store.claim(id).await.unwrap(), Claim::InProgress);
        assert!(!store.wait_on(id, next).await.unwrap(), "it was taken along");
        table.clock.advance_seconds(LEASE_SECONDS);
        assert!(matches!(store.claim(id).await.unwrap(), Claim::AtGate(_)), "whoever took it along is gone");
        assert!(store.wait_on(id, next).await.unwrap());
    });
}

#[test]
fn what_a_provider_has_put_off_waits_for_its_time_though_it_stood_at_a_gate() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = made(&table).await;
        for (setback, is_put_off) in [(Setback::NotAsked, false), (Setback::Refused, true)] {
            let Claim::Claimed(delivery) = store.claim_early(id).await.unwrap() else { panic!("it is free") };
            let at = seconds_after(table.now(), 10);
            assert!(store.end_claim(&delivery, &Ending::Retry { at, reason: "later".to_owned(), setback }).await.unwrap());
            let Claim::AtGate(waiting) = store.claim(id).await.unwrap() else { panic!("it waits at the gate") };
            assert!(waiting.is_free(table.now()));
            assert_eq!(waiting.is_put_off(table.now()), is_put_off, "{setback:?}");
            assert!(!waiting.is_put_off(seconds_after(table.now(), 9)), "a second early is in time");
        }
    });
}

#[test]
fn a_delivery_that_does_not_exist_is_a_value() {
    on_a_table(|table| async move {
        let id = EffectId { incident: open(&table, "checkout-5xx").await, version: 9, index: 9 };
        assert_eq!(table.store().claim(id).await.unwrap(), Claim::Unknown);
        assert_eq!(table.store().delivery(id).await.unwrap(), None);
        assert!(!table.store().record_bounce(id, "no such number").await.unwrap());
        assert!(table.store().profile(&UserId::new("nobody").unwrap()).await.unwrap().is_none());
    });
}
