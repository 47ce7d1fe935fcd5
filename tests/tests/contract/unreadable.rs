//! What can not be read pages the people of last resort.

use hansho_domain::{Command, ServiceId};
use hansho_store::{Received, StoreError};

use crate::{
    fixtures::{input, seconds_after, user_id},
    table::{incident, on_a_table, on_an_empty_table, open, pending_pages},
};

#[test]
fn an_incident_that_can_not_be_read_is_an_error_of_its_own_and_hides_no_other() {
    on_a_table(|table| async move {
        let store = table.store();
        let (broken, fine) = (open(&table, "broken").await, open(&table, "fine").await);
        for body in ["{", "[]", "{\"id\":1}", "{\"version\":2}"] {
            table.put_body(broken, body).await;
            for error in [
                store.incident(broken).await.unwrap_err(),
                store.apply(broken, &input("tap", "aiko", Command::Acknowledge)).await.unwrap_err(),
            ] {
                assert!(matches!(&error, StoreError::UnreadableIncident { incident, .. } if *incident == broken), "{body}: {error}");
            }
        }
        let listed: Vec<_> = store.open_incidents(None).await.unwrap().into_iter().map(|incident| incident.id).collect();
        assert_eq!(listed, [fine]);
    });
}

#[test]
fn an_unreadable_incident_pages_once_and_is_parked() {
    on_a_table(|table| async move {
        let store = table.store();
        let broken = open(&table, "broken").await;
        for (row, _) in pending_pages(&store, table.now()).await {
            store.end_outbox_row(row).await.unwrap();
        }
        table.put_body(broken, "{").await;
        let due = seconds_after(table.now(), 86_400);
        assert!(store.due_incidents(due).await.unwrap().contains(&broken));
        let received = store.report_unreadable(broken, "EOF while parsing").await.unwrap();
        let Received::Opened(about) = received else { panic!("{received:?}") };
        assert!(!store.due_incidents(due).await.unwrap().contains(&broken), "it is parked");
        let page = incident(&store, about).await;
        assert_eq!(page.service, ServiceId::catch_all());
        assert!(page.title.contains(&broken.to_string()) && page.details.contains("EOF while parsing"));
        let [(_, notifications)] = &pending_pages(&store, table.now()).await[..] else { panic!("the fallback is paged") };
        assert_eq!(notifications[0].user(), Some(&user_id("chie")));
        table.clock.advance_seconds(60);
        assert_eq!(store.report_unreadable(broken, "EOF while parsing").await.unwrap(), Received::Repeated(about));
    });
}

#[test]
fn an_alarm_whose_incident_can_not_be_read_opens_another() {
    on_a_table(|table| async move {
        let store = table.store();
        let broken = open(&table, "broken").await;
        table.put_body(broken, "{").await;
        let _ = store.report_unreadable(broken, "EOF while parsing").await.unwrap();
        table.clock.advance_seconds(60);
        let alarm = crate::fixtures::alert("broken", "the-next-transition", table.now());
        let received = store.receive_alert(&crate::fixtures::checkout(), &alarm, "{}").await.unwrap();
        assert!(matches!(received, Received::Opened(other) if other != broken), "{received:?}");
        // Told once more by a sweeper that was late, it does not take the key from the new one.
        let _ = store.report_unreadable(broken, "EOF while parsing").await.unwrap();
        let repeat = crate::fixtures::alert("broken", "yet-another", table.now());
        assert!(matches!(store.receive_alert(&crate::fixtures::checkout(), &repeat, "{}").await.unwrap(), Received::Repeated(_)));
    });
}

#[test]
fn without_a_configuration_an_alert_says_what_is_missing() {
    on_an_empty_table(|table| async move {
        let alarm = crate::fixtures::alert("checkout-5xx", "alarm", table.now());
        let error = table.store().receive_alert(&crate::fixtures::checkout(), &alarm, "{}").await.unwrap_err();
        assert!(error.to_string().contains("hansho apply"), "{error}");
    });
}
