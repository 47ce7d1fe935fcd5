//! The index of work: what is due, pending and stuck, and what is set aside.

use hansho_domain::{Command, Ignored};
use hansho_store::{Applied, Ending};

use crate::{
    fixtures::{input, seconds_after},
    table::{changed, incident, on_a_table, open, pending_pages},
};

#[test]
fn an_incident_is_due_from_its_deadline_on_until_it_is_stepped() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = open(&table, "checkout-5xx").await;
        let deadline = incident(&store, id).await.deadline.unwrap();
        assert_eq!(deadline.at, seconds_after(table.now(), 180), "aiko's mail");
        assert!(store.due_incidents(seconds_after(deadline.at, -1)).await.unwrap().is_empty());
        assert_eq!(store.due_incidents(deadline.at).await.unwrap(), [id]);
        let passed = input("deadline-1", "aiko", Command::DeadlinePassed { generation: deadline.generation });
        let early = store.apply(id, &passed).await.unwrap();
        assert!(matches!(early, Applied::Ignored(Ignored::EarlyTimer(again), _) if again == deadline), "{early:?}");
        table.clock.advance_seconds(180);
        let stepped = changed(store.apply(id, &passed).await.unwrap());
        assert_eq!(stepped.deadline.unwrap().at, seconds_after(table.now(), 120), "chie's step");
        assert!(store.due_incidents(table.now()).await.unwrap().is_empty());
        let _ = changed(store.apply(id, &input("tap", "aiko", Command::Resolve)).await.unwrap());
        assert!(store.due_incidents(seconds_after(table.now(), 86_400)).await.unwrap().is_empty());
    });
}

#[test]
fn a_row_is_pending_from_its_commit_on() {
    on_a_table(|table| async move {
        let store = table.store();
        let _ = open(&table, "checkout-5xx").await;
        assert!(store.pending_outbox_rows(seconds_after(table.now(), -1)).await.unwrap().is_empty());
        assert_eq!(store.pending_outbox_rows(table.now()).await.unwrap().len(), 2);
    });
}

#[test]
fn a_delivery_is_stuck_20_seconds_after_it_should_have_moved() {
    on_a_table(|table| async move {
        let store = table.store();
        let _ = open(&table, "checkout-5xx").await;
        let [(id, notifications)] = &pending_pages(&store, table.now()).await[..] else { panic!("aiko is paged") };
        store.make_deliveries(*id, notifications).await.unwrap();
        let in_seconds = |seconds| seconds_after(table.now(), seconds);
        assert!(store.stuck_deliveries(in_seconds(19)).await.unwrap().is_empty());
        assert_eq!(store.stuck_deliveries(in_seconds(20)).await.unwrap(), [*id]);
        store.postpone_stuck(*id, in_seconds(60)).await.unwrap();
        store.postpone_stuck(*id, in_seconds(30)).await.unwrap();
        assert!(store.stuck_deliveries(in_seconds(59)).await.unwrap().is_empty(), "it never comes earlier");
        let hansho_store::Claim::Claimed(claimed) = store.claim(*id).await.unwrap() else { panic!("it is free") };
        assert_eq!(store.stuck_deliveries(in_seconds(45)).await.unwrap(), [*id], "the lease and 20 seconds");
        assert!(store.end_claim(&claimed, &Ending::Failed { reason: "no such number".to_owned() }).await.unwrap());
        assert!(store.stuck_deliveries(in_seconds(86_400)).await.unwrap().is_empty());
        store.postpone_stuck(*id, in_seconds(60)).await.unwrap();
        assert!(store.stuck_deliveries(in_seconds(86_400)).await.unwrap().is_empty(), "what is over never comes back");
    });
}

#[test]
fn what_is_parked_is_no_longer_work_and_is_still_there() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = open(&table, "checkout-5xx").await;
        let [(row, notifications)] = &pending_pages(&store, table.now()).await[..] else { panic!("aiko is paged") };
        store.make_deliveries(*row, notifications).await.unwrap();
        let [timer] = store.pending_outbox_rows(table.now()).await.unwrap()[..] else { panic!("the timer is pending") };
        let late = seconds_after(table.now(), 86_400);
        store.park_incident(id, "why").await.unwrap();
        store.park_outbox_row(timer, "why").await.unwrap();
        store.park_delivery(*row, "why").await.unwrap();
        assert!(store.due_incidents(late).await.unwrap().is_empty());
        assert!(store.pending_outbox_rows(late).await.unwrap().is_empty());
        assert!(store.stuck_deliveries(late).await.unwrap().is_empty());
        let items = table.partition(&format!("INCIDENT#{id}")).await;
        assert_eq!(items.iter().filter(|item| item.get("parked").is_some_and(|reason| reason == "why")).count(), 3);
        store.park_outbox_row(hansho_domain::EffectId { version: 9, ..timer }, "why").await.unwrap();
        assert!(store.outbox_row(hansho_domain::EffectId { version: 9, ..timer }).await.unwrap().is_none(), "parking makes nothing");
    });
}
