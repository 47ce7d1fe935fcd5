//! Hand-off reminders: made once, by whoever looks, and looked at again when anything changes.

use hansho_domain::{NoticeKind, Override, OverrideChange, ScheduleId};
use hansho_store::{Ending, Looked, NoticeClaim};

use crate::{
    fixtures::{primary, seconds_after, start, user_id},
    table::{Table, on_a_table},
};

/// A day before ben's first shift, which begins on 2030-01-14 at midnight.
const UNTIL_DUE_SECONDS: i64 = 6 * 86_400 - 3 * 3_600;

async fn notices(table: &Table) -> Vec<String> {
    let store = table.store();
    let mut told = Vec::new();
    for id in store.due_notices(jiff::Timestamp::MAX).await.unwrap() {
        let notice = store.notice(&id).await.unwrap().unwrap().notice;
        let NoticeKind::ShiftBegins(hand_off) = notice.kind else { panic!("{notice:?}") };
        told.push(format!("{} {}", notice.user, hand_off.at));
    }
    told.sort();
    told
}

fn night(id: &str, from_seconds: i64, table: &Table) -> Override {
    let (from, until) = (seconds_after(start(), from_seconds), seconds_after(start(), from_seconds + 3_600));
    let change = OverrideChange::ReplaceAll { by: vec![user_id("chie")] };
    Override::new(id.to_owned(), primary(), from, until, change, table.now()).unwrap()
}

#[test]
fn a_reminder_is_made_once_however_often_and_by_however_many_it_is_looked_for() {
    on_a_table(|table| async move {
        let store = table.store();
        assert!(store.follow_configuration().await.unwrap(), "the first look at this version");
        assert!(!store.follow_configuration().await.unwrap());
        assert_eq!(store.due_reminders(table.now()).await.unwrap(), [primary()]);
        assert_eq!(store.remind(&primary()).await.unwrap(), Looked::Made(0), "ben's shift is a week away");
        assert_eq!(store.due_reminders(seconds_after(table.now(), UNTIL_DUE_SECONDS - 1)).await.unwrap(), [] as [ScheduleId; 0]);
        table.clock.advance_seconds(UNTIL_DUE_SECONDS);
        assert_eq!(store.due_reminders(table.now()).await.unwrap(), [primary()]);
        let sweepers = (0..8).map(|_| {
            let table = std::sync::Arc::clone(&table);
            tokio::spawn(async move { table.store().remind(&primary()).await.unwrap() })
        });
        for sweeper in sweepers.collect::<Vec<_>>() {
            let _looked = sweeper.await.unwrap();
        }
        assert_eq!(notices(&table).await, ["ben 2030-01-14T00:00:00Z"]);
        assert_eq!(store.due_reminders(table.now()).await.unwrap(), [] as [ScheduleId; 0], "it was moved");
    });
}

#[test]
fn a_sweeper_that_died_before_it_moved_the_schedule_tells_nobody_twice() {
    on_a_table(|table| async move {
        let store = table.store();
        store.follow_configuration().await.unwrap();
        table.clock.advance_seconds(UNTIL_DUE_SECONDS);
        assert_eq!(store.remind(&primary()).await.unwrap(), Looked::Made(1));
        // As if the move had never been written: the schedule is marked again.
        store.add_override(&night("o1", 20 * 86_400, &table), "tests").await.unwrap();
        assert_eq!(store.due_reminders(table.now()).await.unwrap(), [primary()]);
        assert_eq!(store.remind(&primary()).await.unwrap(), Looked::Made(0));
        assert_eq!(notices(&table).await.len(), 1);
    });
}

#[test]
fn an_override_and_its_end_have_the_schedule_looked_at_again() {
    on_a_table(|table| async move {
        let store = table.store();
        store.follow_configuration().await.unwrap();
        assert_eq!(store.remind(&primary()).await.unwrap(), Looked::Made(0));
        let made = night("o1", 6 * 3_600, &table);
        store.add_override(&made, "tests").await.unwrap();
        assert_eq!(store.due_reminders(table.now()).await.unwrap(), [primary()]);
        assert_eq!(
            store.remind(&primary()).await.unwrap(),
            Looked::Made(1),
            "aiko after chie, who has a telephone only and asked for no reminder"
        );
        assert_eq!(notices(&table).await.len(), 1);
        let removed = store.remove_override(&primary(), "o1", table.now(), "tests").await.unwrap();
        assert!(matches!(removed, hansho_store::OverrideRemoved::Gone(_)), "{removed:?}");
        assert_eq!(store.due_reminders(table.now()).await.unwrap(), [primary()]);
    });
}

#[test]
fn a_schedule_that_is_gone_is_looked_at_no_more() {
    on_a_table(|table| async move {
        let store = table.store();
        let gone = ScheduleId::new("gone").unwrap();
        let change = OverrideChange::Nobody;
        let (from, until) = (table.now(), seconds_after(table.now(), 60));
        store
            .add_override(&Override::new("o1".to_owned(), gone.clone(), from, until, change, table.now()).unwrap(), "tests")
            .await
            .unwrap();
        assert_eq!(store.due_reminders(table.now()).await.unwrap(), std::slice::from_ref(&gone));
        assert_eq!(store.remind(&gone).await.unwrap(), Looked::Gone);
        assert_eq!(store.due_reminders(table.now()).await.unwrap(), [] as [ScheduleId; 0]);
    });
}

#[test]
fn a_reminder_that_was_ended_unsent_is_made_again_and_one_that_was_sent_is_not() {
    on_a_table(|table| async move {
        let store = table.store();
        store.follow_configuration().await.unwrap();
        table.clock.advance_seconds(UNTIL_DUE_SECONDS);
        assert_eq!(store.remind(&primary()).await.unwrap(), Looked::Made(1));
        let [id] = &store.due_notices(table.now()).await.unwrap()[..] else { panic!("one is due") };
        let end = |reason: &str| Ending::Ended { reason: reason.to_owned() };
        let NoticeClaim::Claimed(claimed) = store.claim_notice(id).await.unwrap() else { panic!("nobody has it") };
        assert!(store.end_notice(&claimed, &end("no longer needed: the schedule has changed")).await.unwrap());
        store.add_override(&night("o1", 20 * 86_400, &table), "tests").await.unwrap();
        assert_eq!(store.remind(&primary()).await.unwrap(), Looked::Made(1), "it is true again");
        assert_eq!(store.remind(&primary()).await.unwrap(), Looked::Made(0), "it is on its way");
        let NoticeClaim::Claimed(again) = store.claim_notice(id).await.unwrap() else { panic!("it is to be sent") };
        assert_eq!((again.attempt, again.reason.as_deref()), (2, None));
        let sent = Ending::Sent { provider_id: "m-1".to_owned(), companions: Vec::new(), reason: None };
        assert!(store.end_notice(&again, &sent).await.unwrap());
        store.add_override(&night("o2", 21 * 86_400, &table), "tests").await.unwrap();
        assert_eq!(store.remind(&primary()).await.unwrap(), Looked::Made(0), "nobody is told twice");
    });
}
