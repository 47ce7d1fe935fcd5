//! Configuration: versions, bundles, overrides.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use hansho::local::aws::{Call, Gate, Passage, Pending};
use hansho_domain::{Command, Configuration, Override, OverrideChange, ServiceId, UserId};
use hansho_store::{Progress, Received, StoreError};

use crate::{
    fixtures::{
        alert, checkout, configuration, configuration_of, contacts, input, policy, primary, seconds_after, service, start, user_id,
    },
    table::{Overtaken, Table, changed, incident, on_a_table, on_an_empty_table, open, open_for},
};

/// An edit is in force this long after it was applied.
const IN_FORCE_SECONDS: i64 = 5;

/// Chie alone is called now.
fn edited() -> Configuration {
    configuration_of(policy("first-responders", &[("user/chie", 120)]), vec![service("checkout", None), service("search", None)])
}

fn with_runbooks(checkout: Option<&str>, search: Option<&str>) -> Configuration {
    let policy = policy("first-responders", &[("schedule/primary", 300), ("user/chie", 600)]);
    configuration_of(policy, vec![service("checkout", checkout), service("search", search)])
}

/// Lets so many writes through and no more: whoever writes dies half-way.
struct DiesAfter(AtomicU32);

impl Gate for DiesAfter {
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        let is_write = matches!(call.operation.as_str(), "PutItem" | "UpdateItem" | "BatchWriteItem" | "TransactWriteItems");
        let is_alive = !is_write || self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
        Box::pin(std::future::ready(if is_alive { Passage::Run } else { Passage::Fail("the process died".to_owned()) }))
    }
}

/// The runbook that a new incident of checkout shows.
async fn runbook_of_a_new_incident(table: &Table, key: &str) -> Option<String> {
    let store = table.store();
    incident(&store, open_for(&store, &alert(key, key, table.now())).await).await.runbook
}

#[test]
fn a_change_makes_the_next_version_and_what_is_in_force_already_keeps_it() {
    on_an_empty_table(|table| async move {
        let store = table.store();
        assert_eq!(store.configuration_version().await.unwrap(), 0);
        assert_eq!(store.apply_configuration(&configuration(), &contacts()).await.unwrap(), 1);
        assert_eq!(store.apply_configuration(&configuration(), &contacts()).await.unwrap(), 1);
        assert_eq!(store.apply_configuration(&edited(), &contacts()).await.unwrap(), 2);
        assert_eq!(store.apply_configuration(&edited(), &contacts()).await.unwrap(), 2);
        assert_eq!(store.apply_configuration(&configuration(), &contacts()).await.unwrap(), 3, "going back is a change");
        assert_eq!(store.configuration_version().await.unwrap(), 3);
        assert_eq!(store.stored_configuration_version().await.unwrap(), 3);
        assert!(store.routes().await.unwrap().knows(&checkout()));
    });
}

#[test]
fn an_address_is_part_of_its_version_and_in_force_everywhere_after_5_seconds() {
    on_a_table(|table| async move {
        let (store, warm) = (table.store(), table.store());
        assert_eq!(warm.profile(&user_id("aiko")).await.unwrap().unwrap().contact.phone.as_deref(), Some("+819012345678"));
        let mut contacts = contacts();
        contacts.get_mut(&user_id("aiko")).unwrap().phone = Some("+818000000000".to_owned());
        assert_eq!(store.apply_configuration(&configuration(), &contacts).await.unwrap(), 2);
        table.clock.advance_seconds(IN_FORCE_SECONDS);
        assert_eq!(warm.profile(&user_id("aiko")).await.unwrap().unwrap().contact.phone.as_deref(), Some("+818000000000"));
    });
}

#[test]
fn an_edit_is_in_force_everywhere_after_5_seconds() {
    on_a_table(|table| async move {
        let (warm, store) = (table.store(), table.store());
        assert_eq!(warm.configuration_version().await.unwrap(), 1);
        store.apply_configuration(&with_runbooks(Some("https://example.com/new"), None), &contacts()).await.unwrap();
        assert_eq!(store.configuration_version().await.unwrap(), 2, "whoever applied it sees it at once");
        table.clock.advance_seconds(IN_FORCE_SECONDS);
        assert_eq!(warm.configuration_version().await.unwrap(), 2);
        let id = open_for(&warm, &alert("checkout-5xx", "alarm", table.now())).await;
        assert_eq!(incident(&warm, id).await.runbook.as_deref(), Some("https://example.com/new"));
    });
}

#[test]
fn an_open_incident_keeps_the_policy_of_its_trigger_and_calls_whoever_is_on_call_now() {
    on_a_table(|table| async move {
        let store = table.store();
        let old = incident(&store, open(&table, "old").await).await;
        store.apply_configuration(&edited(), &BTreeMap::new()).await.unwrap();
        table.clock.advance_seconds(IN_FORCE_SECONDS);
        for reader in [&store, &table.store()] {
            let roster = reader.roster_now(&old).await.unwrap();
            assert_eq!((roster.policy.steps().len(), roster.policy.steps()[0].wait_seconds), (2, 300), "the policy at its trigger");
            assert_eq!(roster.on_call[&primary()], [user_id("aiko")], "a schedule that today's bundle lacks");
            assert!(roster.users.contains_key(&user_id("ben")));
        }
        let new = incident(&store, open(&table, "new").await).await;
        assert_eq!(new.policy.configuration, 2);
        assert_eq!(store.roster_now(&new).await.unwrap().policy.steps()[0].wait_seconds, 120);
        table.clock.advance_seconds(7 * 86_400);
        assert_eq!(store.roster_now(&old).await.unwrap().on_call[&primary()], [user_id("ben")], "who is on call is asked at every step");
    });
}

#[test]
fn an_override_is_in_force_after_5_seconds_for_its_time_and_brings_people_from_outside() {
    on_a_table(|table| async move {
        let (warm, store) = (table.store(), table.store());
        let old = incident(&warm, open(&table, "old").await).await;
        assert_eq!(warm.roster_now(&old).await.unwrap().on_call[&primary()], [user_id("aiko")]);
        assert!(!warm.roster_now(&old).await.unwrap().users.contains_key(&user_id("dai")), "dai is in no bundle of checkout");
        let made = change("o1", user_id("dai"), seconds_after(start(), 3_600));
        store.add_override(&made, "tests").await.unwrap();
        store.add_override(&made, "tests").await.unwrap();
        table.clock.advance_seconds(IN_FORCE_SECONDS);
        let roster = warm.roster_now(&old).await.unwrap();
        assert_eq!(roster.on_call[&primary()], [user_id("dai")]);
        assert!(roster.users.contains_key(&user_id("dai")));
        let paged = open(&table, "new").await;
        assert_eq!(incident(&store, paged).await.wave.unwrap().users, [user_id("dai")]);
        store.apply_configuration(&edited(), &contacts()).await.unwrap();
        store.apply_configuration(&configuration(), &contacts()).await.unwrap();
        assert_eq!(store.roster_now(&old).await.unwrap().on_call[&primary()], [user_id("dai")], "applying destroys no override");
        table.clock.advance_seconds(3_600);
        assert_eq!(warm.roster_now(&old).await.unwrap().on_call[&primary()], [user_id("aiko")], "it is over");
        assert_eq!(table.store().roster_now(&old).await.unwrap().on_call[&primary()], [user_id("aiko")]);
    });
}

/// Ids say nothing about the order, and neither do the clocks of two functions.
#[test]
fn of_overrides_made_at_one_moment_the_last_wins() {
    on_a_table(|table| async move {
        let store = table.store();
        let old = incident(&store, open(&table, "old").await).await;
        let until = seconds_after(start(), 3_600);
        store.add_override(&change("z", user_id("dai"), until), "tests").await.unwrap();
        store.add_override(&change("a", user_id("ben"), until), "tests").await.unwrap();
        // The same request once more does not come after what was made meanwhile.
        store.add_override(&change("z", user_id("dai"), until), "tests").await.unwrap();
        table.clock.advance_seconds(IN_FORCE_SECONDS);
        assert_eq!(store.roster_now(&old).await.unwrap().on_call[&primary()], [user_id("ben")]);
        // A function whose clock is behind.
        let earlier = start().checked_sub(jiff::SignedDuration::from_secs(5)).unwrap();
        let made = OverrideChange::ReplaceAll { by: vec![user_id("dai")] };
        store.add_override(&Override::new("b".to_owned(), primary(), start(), until, made, earlier).unwrap(), "tests").await.unwrap();
        table.clock.advance_seconds(IN_FORCE_SECONDS);
        assert_eq!(store.roster_now(&old).await.unwrap().on_call[&primary()], [user_id("dai")]);
    });
}

#[test]
fn an_override_that_comes_before_any_configuration_does_not_block_the_first() {
    on_an_empty_table(|table| async move {
        let store = table.store();
        store.add_override(&change("o1", user_id("dai"), seconds_after(start(), 3_600)), "tests").await.unwrap();
        assert_eq!(store.apply_configuration(&configuration(), &contacts()).await.unwrap(), 1);
        let id = open(&table, "checkout-5xx").await;
        assert_eq!(incident(&store, id).await.wave.unwrap().users, [user_id("dai")]);
    });
}

fn change(id: &str, by: UserId, until: jiff::Timestamp) -> Override {
    Override::new(id.to_owned(), primary(), start(), until, OverrideChange::ReplaceAll { by: vec![by] }, start()).unwrap()
}

/// Whatever a half-done apply has written, nothing of it is in force, not even after the next apply.
#[test]
fn an_apply_that_dies_half_way_changes_nothing() {
    on_a_table(|table| async move {
        let half_done = with_runbooks(Some("https://example.com/half-done"), None);
        for writes in 0..12 {
            let Some(dying) = table.store_behind(Arc::new(DiesAfter(AtomicU32::new(writes)))) else { return };
            let before = table.store().stored_configuration_version().await.unwrap();
            if dying.apply_configuration(&half_done, &contacts()).await.is_ok() {
                return;
            }
            assert_eq!(table.store().stored_configuration_version().await.unwrap(), before);
            assert_eq!(runbook_of_a_new_incident(&table, &format!("after a crash at {writes}")).await, None);
            let search = format!("https://example.com/search-{writes}");
            let next = with_runbooks(None, Some(&search));
            assert!(table.store().apply_configuration(&next, &contacts()).await.unwrap() > before);
            assert_eq!(runbook_of_a_new_incident(&table, &format!("after the next at {writes}")).await, None);
        }
        panic!("an apply has fewer writes than that");
    });
}

/// Everything in force is of one apply, also when another is overtaken by it half-way.
#[test]
fn two_applies_at_once_never_mix() {
    on_a_table(|table| async move {
        let (slow, quick) = (with_runbooks(None, Some("https://example.com/slow")), with_runbooks(None, Some("https://example.com/quick")));
        let other = table.store();
        let before_search = |call: &hansho::local::aws::Call| {
            call.operation == "BatchWriteItem" && call.body.windows(13).any(|text| text == b"BUNDLE#search")
        };
        let gate = Overtaken::before(before_search, async move {
            let _ = other.apply_configuration(&quick, &contacts()).await.unwrap();
        });
        let Some(store) = table.store_behind(gate) else { return };
        let error = store.apply_configuration(&slow, &contacts()).await.unwrap_err();
        assert!(matches!(error, StoreError::Contention { .. }), "{error}");
        let alarm = alert("search-5xx", "alarm", table.now());
        let received = store.receive_alert(&ServiceId::new("search").unwrap(), &alarm, "{}").await.unwrap();
        let Received::Opened(id) = received else { panic!("{received:?}") };
        assert_eq!(incident(&store, id).await.runbook.as_deref(), Some("https://example.com/quick"));
        assert!(store.apply_configuration(&slow, &contacts()).await.is_ok(), "the next try works");
    });
}

/// Whoever waits for a large apply can ask how far it has come.
#[test]
fn an_apply_of_many_items_says_on_its_way_how_far_it_has_come() {
    on_a_table(|table| async move {
        let many = (0..300).map(|number| service(&format!("s-{number:03}"), None)).collect();
        let large = configuration_of(policy("first-responders", &[("user/chie", 120)]), many);
        assert_eq!(table.store().progress().await.unwrap(), None, "what is in force wrote little, and is at its end");
        let seen: Arc<Mutex<Option<Progress>>> = Arc::default();
        let (asking, noted) = (table.store(), Arc::clone(&seen));
        let near_the_end = |call: &Call| call.operation == "BatchWriteItem" && call.body.windows(12).any(|text| text == b"BUNDLE#s-299");
        let gate = Overtaken::before(near_the_end, async move {
            *noted.lock().unwrap() = asking.progress().await.unwrap();
        });
        let Some(store) = table.store_behind(gate) else { return };
        let version = store.apply_configuration(&large, &contacts()).await.unwrap();
        let progress = seen.lock().unwrap().unwrap();
        assert_eq!((progress.version, progress.written), (version, 200));
        assert!((300..320).contains(&progress.items), "{progress:?}");
        assert_eq!(table.store().progress().await.unwrap(), None);
    });
}

/// What newer code might write.
const UNREADABLE: &str = r#"{"written_by":"newer code"}"#;

/// Whom a new incident of checkout calls first.
async fn called(table: &Table, key: &str) -> Vec<UserId> {
    incident(&table.store(), open(table, key).await).await.wave.unwrap().users
}

#[test]
fn a_bundle_that_can_not_be_read_leaves_the_people_of_last_resort() {
    on_a_table(|table| async move {
        let old = open(&table, "old").await;
        table.put_body_of("BUNDLE#checkout", "V#0000000001", UNREADABLE).await;
        table.put_body_of("ROUTES", "V#0000000001", UNREADABLE).await;
        assert_eq!(called(&table, "new").await, [user_id("chie")]);
        let escalated = changed(table.store().apply(old, &input("tap", "aiko", Command::Escalate)).await.unwrap());
        assert_eq!(escalated.wave.unwrap().users, [user_id("chie")], "an open incident goes on");
        assert!(!table.store().routes().await.unwrap().knows(&checkout()), "alarms open on the catch-all service");

        let store = table.store();
        let services = ["checkout", "search", "catch-all"].map(|name| service(name, None)).to_vec();
        let edited = configuration_of(policy("first-responders", &[("user/chie", 120)]), services);
        assert_eq!(store.apply_configuration(&edited, &contacts()).await.unwrap(), 2, "applying it again mends it");
        table.put_body_of("BUNDLE#checkout", "V#0000000002", UNREADABLE).await;
        table.put_body_of("BUNDLE#catch-all", "V#0000000002", UNREADABLE).await;
        assert_eq!(called(&table, "earlier").await, [user_id("chie")], "an earlier catch-all is better than nobody");
        assert_eq!(store.apply_configuration(&edited, &contacts()).await.unwrap(), 3, "what is spoilt is written again");
        assert_eq!(store.apply_configuration(&edited, &contacts()).await.unwrap(), 3, "and is whole then");
        assert_eq!(incident(&table.store(), open(&table, "mended").await).await.service, checkout());
    });
}

#[test]
fn where_no_bundle_can_be_read_it_is_an_error_and_the_alarm_comes_again() {
    on_a_table(|table| async move {
        table.put_body_of("BUNDLE#checkout", "V#0000000001", UNREADABLE).await;
        table.put_body_of("BUNDLE#catch-all", "V#0000000001", UNREADABLE).await;
        let error = table.store().receive_alert(&checkout(), &alert("a", "a", table.now()), "{}").await.unwrap_err();
        assert!(matches!(&error, StoreError::Unreadable { key, .. } if key.contains("BUNDLE#catch-all")), "{error}");
    });
}

#[test]
fn an_override_that_can_not_be_read_leaves_the_schedule_without_it() {
    on_a_table(|table| async move {
        table.store().add_override(&change("o1", user_id("dai"), seconds_after(start(), 3_600)), "tests").await.unwrap();
        table.store().add_override(&change("o2", user_id("ben"), seconds_after(start(), 3_600)), "tests").await.unwrap();
        assert_eq!(called(&table, "both").await.len(), 1);
        for item in table.partition("SCHEDULE#primary").await {
            table.put_body_of("SCHEDULE#primary", item["sk"].as_str().unwrap(), UNREADABLE).await;
        }
        assert_eq!(called(&table, "none").await, [user_id("aiko")]);
    });
}

#[test]
fn whoever_is_on_call_by_an_override_and_has_no_readable_profile_is_passed_over() {
    on_a_table(|table| async move {
        table.store().add_override(&change("o1", user_id("dai"), seconds_after(start(), 3_600)), "tests").await.unwrap();
        table.put_body_of("USER#dai", "V#0000000001", UNREADABLE).await;
        assert_eq!(called(&table, "new").await, [user_id("chie")], "the next step");
    });
}
