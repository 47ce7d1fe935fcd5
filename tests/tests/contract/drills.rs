//! Drills: begun once, with all of their messages, and not too often.

use hansho_domain::{DrillId, ScheduleId};
use hansho_store::{Drill, DrillBegun, DrillRequest, DrillScope};

use crate::{
    fixtures::{checkout, seconds_after},
    table::{Table, on_a_table},
};

fn request(table: &Table, number: u32) -> DrillRequest {
    DrillRequest {
        id: DrillId::new(format!("{number:012x}")).unwrap(),
        scope: DrillScope::Service(checkout()),
        from: seconds_after(table.now(), 86_400),
        until: seconds_after(table.now(), 3 * 86_400),
        time_zone: "UTC".to_owned(),
        send_at: table.now(),
        by: "tests".to_owned(),
    }
}

async fn begun(table: &Table, request: &DrillRequest) -> Drill {
    match table.store().begin_drill(request).await.unwrap() {
        DrillBegun::Begun(drill) => *drill,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_request_again_and_at_once_is_one_drill_and_one_message_an_address() {
    on_a_table(|table| async move {
        let asked = request(&table, 1);
        let begins = (0..6).map(|_| {
            let (table, asked) = (std::sync::Arc::clone(&table), asked.clone());
            tokio::spawn(async move { table.store().begin_drill(&asked).await.unwrap() })
        });
        let mut first = 0;
        for begin in begins.collect::<Vec<_>>() {
            match begin.await.unwrap() {
                DrillBegun::Begun(_) => first += 1,
                DrillBegun::Known(known) => assert_eq!(known.id, asked.id),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(first, 1);
        let again = table.store().begin_drill(&asked).await.unwrap();
        assert!(matches!(again, DrillBegun::Known(_)), "{again:?}");
        // Aiko alone has an address in this team, and it is one.
        assert_eq!(table.store().due_notices(table.now()).await.unwrap().len(), 1);
        assert_eq!(table.store().unfinished_drills(table.now()).await.unwrap(), []);
    });
}

#[test]
fn a_drill_that_died_before_its_messages_were_made_is_finished_by_the_sweeper() {
    on_a_table(|table| async move {
        let store = table.store();
        let drill = begun(&table, &request(&table, 1)).await;
        let id = drill.notice_of(&drill.asked[0]).unwrap();
        table.forget(&format!("NOTICE#{id}"), "NOTICE").await;
        assert_eq!(store.notice(&id).await.unwrap(), None);
        store.make_drill_notices(&drill).await.unwrap();
        assert!(store.notice(&id).await.unwrap().is_some());
    });
}

#[test]
fn ten_drills_a_day_are_the_most() {
    on_a_table(|table| async move {
        for number in 0..10 {
            let _drill = begun(&table, &request(&table, number)).await;
        }
        let refused = table.store().begin_drill(&request(&table, 10)).await.unwrap();
        assert_eq!(refused, DrillBegun::TooOften { again_at: seconds_after(table.now(), 86_400) });
        table.clock.advance_seconds(86_400);
        let _next = begun(&table, &request(&table, 10)).await;
    });
}

#[test]
fn what_does_not_exist_is_not_drilled() {
    on_a_table(|table| async move {
        let unknown = DrillScope::Schedule(ScheduleId::new("nowhere").unwrap());
        let refused = table.store().begin_drill(&DrillRequest { scope: unknown, ..request(&table, 1) }).await.unwrap();
        assert_eq!(refused, DrillBegun::UnknownScope);
        assert_eq!(table.store().drill(&DrillId::new("000000000001").unwrap()).await.unwrap(), None);
    });
}
