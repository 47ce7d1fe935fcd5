//! Notices: made once, claimed by one, and never sent twice.

use hansho_domain::{Method, Notice, NoticeId, NoticeKind};
use hansho_store::{DeliveryState, Ending, NoticeClaim, Setback, StoredNotice};

use crate::{
    fixtures::{seconds_after, user_id},
    table::{Table, on_a_table},
};

fn id(name: char) -> NoticeId {
    NoticeId::new(name.to_string().repeat(32)).unwrap()
}

fn notice() -> Notice {
    Notice { user: user_id("aiko"), method: Method::Sms, kind: NoticeKind::Verification, address: None }
}

async fn claimed(table: &Table, name: char) -> StoredNotice {
    match table.store().claim_notice(&id(name)).await.unwrap() {
        NoticeClaim::Claimed(claimed) => *claimed,
        other => panic!("{other:?}"),
    }
}

fn sent(provider_id: &str) -> Ending {
    Ending::Sent { provider_id: provider_id.to_owned(), companions: Vec::new(), reason: None }
}

#[test]
fn a_notice_is_made_once_and_stands_in_the_index_until_it_is_over() {
    on_a_table(|table| async move {
        let store = table.store();
        let now = table.now();
        assert!(store.make_notice(&id('a'), &notice(), now).await.unwrap());
        assert!(!store.make_notice(&id('a'), &Notice { method: Method::Email, ..notice() }, now).await.unwrap(), "it is there");
        assert_eq!(store.notice(&id('a')).await.unwrap().unwrap().notice, notice(), "what was made first stays");
        assert_eq!(store.due_notices(now).await.unwrap(), [id('a')]);
        assert!(store.notice_image(&id('a')).await.unwrap().is_some());
        let first = claimed(&table, 'a').await;
        assert!(store.end_notice(&first, &sent("m-1")).await.unwrap());
        assert_eq!(store.due_notices(seconds_after(now, 1_000)).await.unwrap(), []);
        assert_eq!(store.notice_image(&id('a')).await.unwrap(), None, "what is over is fed to nobody");
        assert_eq!(store.claim_notice(&id('a')).await.unwrap(), NoticeClaim::AlreadyDone);
        assert_eq!(store.claim_notice(&id('b')).await.unwrap(), NoticeClaim::Unknown);
    });
}

#[test]
fn of_two_at_one_notice_one_has_it_until_its_lease_ends() {
    on_a_table(|table| async move {
        let store = table.store();
        store.make_notice(&id('a'), &notice(), table.now()).await.unwrap();
        let first = claimed(&table, 'a').await;
        assert_eq!(store.claim_notice(&id('a')).await.unwrap(), NoticeClaim::InProgress);
        table.clock.advance_seconds(26);
        let second = claimed(&table, 'a').await;
        assert_eq!(second.attempt, 2);
        assert!(!store.end_notice(&first, &sent("m-1")).await.unwrap(), "the lease was lost");
        assert!(store.end_notice(&second, &sent("m-2")).await.unwrap());
        assert_eq!(store.notice_of_message(Method::Sms, "m-1").await.unwrap(), None);
        assert_eq!(store.notice_of_message(Method::Sms, "m-2").await.unwrap(), Some(id('a')));
    });
}

#[test]
fn a_notice_waits_for_its_time_and_for_its_next_attempt() {
    on_a_table(|table| async move {
        let store = table.store();
        let due_at = seconds_after(table.now(), 3_600);
        store.make_notice(&id('a'), &notice(), due_at).await.unwrap();
        assert_eq!(store.due_notices(table.now()).await.unwrap(), []);
        assert_eq!(store.claim_notice(&id('a')).await.unwrap(), NoticeClaim::InProgress);
        table.clock.advance_seconds(3_600);
        let first = claimed(&table, 'a').await;
        let retry = Ending::Retry { at: seconds_after(table.now(), 60), reason: "busy".to_owned(), setback: Setback::Refused };
        assert!(store.end_notice(&first, &retry).await.unwrap());
        assert_eq!(store.claim_notice(&id('a')).await.unwrap(), NoticeClaim::InProgress);
        table.clock.advance_seconds(60);
        let second = claimed(&table, 'a').await;
        assert_eq!((second.refusals, second.due_at), (1, due_at), "the time for it counts from when it was due");
    });
}

#[test]
fn a_notice_that_bounced_has_failed() {
    on_a_table(|table| async move {
        let store = table.store();
        store.make_notice(&id('a'), &notice(), table.now()).await.unwrap();
        assert!(!store.record_notice_bounce(&id('a'), "gone").await.unwrap(), "it was not sent yet");
        let first = claimed(&table, 'a').await;
        store.end_notice(&first, &sent("m-1")).await.unwrap();
        assert!(store.record_notice_bounce(&id('a'), "the mail bounced").await.unwrap());
        let notice = store.notice(&id('a')).await.unwrap().unwrap();
        assert_eq!((notice.state, notice.reason.as_deref()), (DeliveryState::Failed, Some("the mail bounced")));
    });
}
