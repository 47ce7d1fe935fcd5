//! Lists of incidents.

use std::collections::BTreeSet;

use hansho_domain::{Command, IncidentId, ServiceId};
use hansho_store::Received;

use crate::{
    fixtures::{alert, checkout, input},
    table::{changed, on_a_table, open},
};

#[test]
fn open_incidents_are_listed_per_service_and_over_all_newest_first() {
    on_a_table(|table| async move {
        let store = table.store();
        let search = ServiceId::new("search").unwrap();
        let mut ids = Vec::new();
        for n in 0..6 {
            table.clock.advance_seconds(1);
            let service = if n % 2 == 0 { checkout() } else { search.clone() };
            let received =
                store.receive_alert(&service, &alert(&format!("key {n}"), &format!("alarm {n}"), table.now()), "{}").await.unwrap();
            let Received::Opened(id) = received else { panic!("{received:?}") };
            ids.insert(0, id);
        }
        let listed = |incidents: Vec<hansho_domain::Incident>| incidents.into_iter().map(|incident| incident.id).collect::<Vec<_>>();
        assert_eq!(listed(store.open_incidents(None).await.unwrap()), ids);
        assert_eq!(listed(store.open_incidents(Some(&search)).await.unwrap()), [ids[0], ids[2], ids[4]]);
        let _ = changed(store.apply(ids[2], &input("tap", "aiko", Command::Resolve)).await.unwrap());
        assert_eq!(listed(store.open_incidents(Some(&search)).await.unwrap()), [ids[0], ids[4]]);
        assert_eq!(listed(store.recent_incidents(None, 100).await.unwrap().incidents), ids, "resolved ones stay on the recent list");
        let prefix_of_search = ServiceId::new("sea").unwrap();
        assert!(store.open_incidents(Some(&prefix_of_search)).await.unwrap().is_empty());
    });
}

#[test]
fn the_recent_list_walks_every_incident_exactly_once() {
    on_a_table(|table| async move {
        let store = table.store();
        let mut all = BTreeSet::new();
        for n in 0..130 {
            // Some begin at the same millisecond.
            if n % 3 == 0 {
                table.clock.advance_seconds(1);
            }
            all.insert(open(&table, &format!("key {n}")).await);
        }
        for limit in [7, 100, 1_000] {
            let (mut walked, mut cursor): (Vec<IncidentId>, _) = (Vec::new(), None);
            loop {
                let page = store.recent_incidents(cursor, limit).await.unwrap();
                assert!(page.incidents.len() <= limit.min(100));
                walked.extend(page.incidents.iter().map(|incident| incident.id));
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            assert!(walked.is_sorted_by(|newer, older| newer > older), "newest first, each once");
            assert_eq!(walked.iter().copied().collect::<BTreeSet<_>>(), all);
        }
    });
}
