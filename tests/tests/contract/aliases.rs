//! Dedup keys that rules made: what leads to them from the key that their source knows.

use hansho_domain::{Alert, DedupKey};
use hansho_store::{Order, Origin, Received, SentAs};
use sha2::{Digest, Sha256};

use crate::{
    fixtures::{alert, checkout, clear, seconds_after},
    table::{Table, on_a_table},
};

const DAY: i64 = 24 * 3_600;

fn key(text: &str) -> DedupKey {
    DedupKey::new(text).unwrap()
}

/// When the alias of the source's key `alarm` ends; none without one.
async fn expires_at(table: &Table) -> Option<i64> {
    let hash: String = Sha256::digest(b"alarm").iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let items = table.partition(&format!("DEDUP#cloudwatch#{hash}")).await;
    let alias = items.iter().find(|item| item["sk"].as_str().is_some_and(|sk| sk.starts_with("ALIAS#")))?;
    assert_eq!(alias["made"], "made");
    alias["expires_at"].as_i64()
}

async fn receive(table: &Table, alert: &Alert, sent_as: &DedupKey) -> Received {
    let origin = Origin { order: Order::OfSource, sent_as: Some(SentAs { key: sent_as, is_bare: false }) };
    table.store().receive_alert_in(origin, &checkout(), alert, "{}".into()).await.unwrap()
}

#[test]
fn an_alias_is_written_with_what_opens_and_by_a_repeat_before_it_ends() {
    on_a_table(|table| async move {
        let alarm = key("alarm");
        assert!(matches!(receive(&table, &alert("made", "first", table.now()), &alarm).await, Received::Opened(_)));
        let first = expires_at(&table).await.unwrap();
        assert_eq!(first, seconds_after(table.now(), 400 * DAY).as_second());
        for (days, is_anew) in [(199, false), (2, true)] {
            table.clock.advance_seconds(days * DAY);
            let repeat = alert("made", &format!("after {days}"), table.now());
            assert!(matches!(receive(&table, &repeat, &alarm).await, Received::Repeated(_)));
            assert_eq!(expires_at(&table).await.unwrap() > first, is_anew, "after {days} days");
        }
    });
}

#[test]
fn a_key_that_is_its_source_s_own_has_no_alias() {
    on_a_table(|table| async move {
        assert!(matches!(receive(&table, &alert("alarm", "first", table.now()), &key("alarm")).await, Received::Opened(_)));
        assert_eq!(expires_at(&table).await, None);
    });
}

#[test]
fn a_clear_of_the_source_s_key_that_comes_twice_resolves_once() {
    on_a_table(|table| async move {
        let alarm = key("alarm");
        let Received::Opened(id) = receive(&table, &alert("made", "first", table.now()), &alarm).await else { panic!() };
        let over = clear("alarm", "over", seconds_after(table.now(), 30));
        let origin = Origin { order: Order::OfSource, sent_as: Some(SentAs { key: &alarm, is_bare: true }) };
        table.clock.advance_seconds(60);
        assert_eq!(table.store().receive_clear_in(origin, &over, "{}".into()).await.unwrap(), Received::Resolved(id));
        assert_eq!(table.store().receive_clear_in(origin, &over, "{}".into()).await.unwrap(), Received::Remembered);
        // It is out of date for its own alarm, and for nothing newer.
        let late = alert("made", "late", seconds_after(table.now(), -60));
        assert_eq!(receive(&table, &late, &alarm).await, Received::OutOfDate);
        assert!(matches!(receive(&table, &alert("made", "next", table.now()), &alarm).await, Received::Opened(_)));
    });
}
