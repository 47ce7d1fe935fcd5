//! The gate per person, channel and urgency: the first page at once, the next ones together.

use hansho_domain::{EffectId, Holds, IncidentId, Method, Notification, PageReason, Recipient, Urgency};
use hansho_store::Passage;
use tokio::task::JoinSet;

use crate::{
    fixtures::{alert_id, seconds_after, start, user_id},
    table::on_a_table,
};

/// The gate stays closed for 30 seconds.
const CLOSED_SECONDS: i64 = 30;

fn page(user: &str, method: Method, urgency: Urgency) -> Notification {
    Notification { to: Recipient::Person { user: user_id(user), method }, urgency, reason: PageReason::Fallback, holds: Holds::Always }
}

fn sms() -> Notification {
    page("aiko", Method::Sms, Urgency::High)
}

/// Some delivery of the n-th incident.
fn delivery(n: i64) -> EffectId {
    EffectId { incident: IncidentId::derived(seconds_after(start(), n), alert_id("alarm")), version: 1, index: 1 }
}

#[test]
fn the_first_page_passes_others_wait_and_whoever_passed_passes_again() {
    on_a_table(|table| async move {
        let store = table.store();
        assert_eq!(store.pass_gate(delivery(1), &sms()).await.unwrap(), Passage::Open);
        let closed = Passage::Closed { until: seconds_after(table.now(), CLOSED_SECONDS), is_crowded: false };
        assert_eq!(store.pass_gate(delivery(2), &sms()).await.unwrap(), closed);
        assert_eq!(store.pass_gate(delivery(1), &sms()).await.unwrap(), Passage::Open, "a retry is no second message");
        table.clock.advance_seconds(CLOSED_SECONDS);
        assert_eq!(store.pass_gate(delivery(2), &sms()).await.unwrap(), Passage::Open);
        assert!(matches!(store.pass_gate(delivery(1), &sms()).await.unwrap(), Passage::Closed { .. }));
    });
}

#[test]
fn of_16_pages_at_once_one_passes() {
    on_a_table(|table| async move {
        let mut tasks = JoinSet::new();
        for n in 0..16 {
            let store = table.store();
            tasks.spawn(async move { store.pass_gate(delivery(n), &sms()).await.unwrap() });
        }
        let all = tasks.join_all().await;
        assert_eq!(all.iter().filter(|passage| **passage == Passage::Open).count(), 1, "{all:?}");
    });
}

#[test]
fn people_channels_and_urgencies_have_gates_of_their_own() {
    on_a_table(|table| async move {
        let store = table.store();
        for (n, page) in [
            (1, sms()),
            (2, page("ben", Method::Sms, Urgency::High)),
            (3, page("aiko", Method::Email, Urgency::High)),
            (4, page("aiko", Method::Sms, Urgency::Low)),
        ] {
            assert_eq!(store.pass_gate(delivery(n), &page).await.unwrap(), Passage::Open, "{page:?}");
        }
    });
}

#[test]
fn what_waits_is_taken_along_oldest_first_and_leaves() {
    on_a_table(|table| async move {
        let store = table.store();
        for n in [3, 2, 4, 2] {
            store.wait_at_gate(delivery(n), &sms()).await.unwrap();
        }
        assert_eq!(store.waiting_at_gate(delivery(1), &sms()).await.unwrap().along, [delivery(2), delivery(3), delivery(4)]);
        assert_eq!(
            store.waiting_at_gate(delivery(3), &sms()).await.unwrap().along,
            [delivery(2), delivery(4)],
            "itself it does not take along"
        );
        store.leave_gate(delivery(3), &sms()).await.unwrap();
        store.leave_gate(delivery(3), &sms()).await.unwrap();
        assert_eq!(store.waiting_at_gate(delivery(1), &sms()).await.unwrap().along, [delivery(2), delivery(4)]);
        assert!(store.waiting_at_gate(delivery(1), &page("ben", Method::Sms, Urgency::High)).await.unwrap().along.is_empty());
    });
}

#[test]
fn only_the_holder_opens_the_gate_again() {
    on_a_table(|table| async move {
        let store = table.store();
        assert_eq!(store.pass_gate(delivery(1), &sms()).await.unwrap(), Passage::Open);
        store.reopen_gate(delivery(2), &sms()).await.unwrap();
        assert!(matches!(store.pass_gate(delivery(2), &sms()).await.unwrap(), Passage::Closed { .. }));
        store.reopen_gate(delivery(1), &sms()).await.unwrap();
        assert_eq!(store.pass_gate(delivery(2), &sms()).await.unwrap(), Passage::Open);
    });
}

#[test]
fn more_than_go_into_one_message_wait_for_the_next_oldest_first() {
    on_a_table(|table| async move {
        let store = table.store();
        for n in (1..=210).rev() {
            store.wait_at_gate(delivery(n), &sms()).await.unwrap();
        }
        let waiting = store.waiting_at_gate(delivery(0), &sms()).await.unwrap();
        assert_eq!(waiting.along, (1..=200).map(delivery).collect::<Vec<_>>());
        assert_eq!(waiting.next, [delivery(201), delivery(202), delivery(203)]);
        let waiting = store.waiting_at_gate(delivery(1), &sms()).await.unwrap();
        assert_eq!((waiting.along.first(), waiting.along.len()), (Some(&delivery(2)), 200), "whoever passes is not among those");
    });
}

#[test]
fn whoever_comes_to_a_crowded_gate_is_told_so_until_another_has_passed() {
    on_a_table(|table| async move {
        let store = table.store();
        let crowded = async |n| match store.pass_gate(delivery(n), &sms()).await.unwrap() {
            Passage::Closed { is_crowded, .. } => is_crowded,
            Passage::Open => panic!("the gate is closed"),
        };
        assert_eq!(store.pass_gate(delivery(1), &sms()).await.unwrap(), Passage::Open);
        store.crowd_gate(delivery(2), &sms()).await.unwrap();
        assert!(!crowded(3).await, "only whoever has passed knows");
        store.crowd_gate(delivery(1), &sms()).await.unwrap();
        assert!(crowded(3).await);
        table.clock.advance_seconds(CLOSED_SECONDS);
        assert_eq!(store.pass_gate(delivery(2), &sms()).await.unwrap(), Passage::Open);
        assert!(!crowded(3).await, "whoever passed last has not said so, and may be of an older version");
    });
}
