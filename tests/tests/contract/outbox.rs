//! Effects are rows of the commit that asked for them, and become deliveries once.

use std::collections::BTreeSet;

use hansho_domain::{
    Effect, EffectId, EscalationPolicy, NOTIFICATIONS_PER_COMMIT_MAX, PolicyId, PolicyStep, Target, Team, TeamId, User, UserId,
};
use tokio::task::JoinSet;

use crate::{
    fixtures::{alert, configuration, contacts, person, policy, service, user_id},
    table::{on_a_table, open, open_for, pending_pages},
};

#[test]
fn the_rows_of_a_commit_are_pending_until_each_is_ended() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = open(&table, "checkout-5xx").await;
        let rows = store.pending_outbox_rows(table.now()).await.unwrap();
        assert_eq!(rows.len(), 2, "the timer and aiko's SMS");
        for row in rows {
            assert_eq!((row.incident, row.version), (id, 1));
            let image = store.outbox_image(row).await.unwrap().unwrap();
            assert_eq!(image["entity"]["S"], "OUTBOX");
            if let Effect::ArmTimer { generation, .. } = store.outbox_row(row).await.unwrap().unwrap().effect {
                assert_eq!(generation, 1);
                store.end_outbox_row(row).await.unwrap();
                store.end_outbox_row(row).await.unwrap();
                assert!(store.outbox_row(row).await.unwrap().is_none());
            }
        }
        assert_eq!(store.pending_outbox_rows(table.now()).await.unwrap().len(), 1);
    });
}

#[test]
fn a_row_becomes_its_delivery_once_however_often_it_is_relayed() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = open(&table, "checkout-5xx").await;
        let [(row, notifications)] = &pending_pages(&store, table.now()).await[..] else { panic!("aiko is paged") };
        store.make_deliveries(*row, notifications).await.unwrap();
        table.clock.advance_seconds(7);
        store.make_deliveries(*row, notifications).await.unwrap();
        let (_, deliveries) = store.timeline(id).await.unwrap();
        assert_eq!((deliveries.len(), deliveries[0].id), (1, *row));
        assert_eq!(deliveries[0].notification, notifications[0]);
        assert_eq!(deliveries[0].created_at, crate::fixtures::start(), "the first one stays as it is");
        assert!(pending_pages(&store, table.now()).await.is_empty());
    });
}

#[test]
fn relays_at_once_make_one_delivery() {
    on_a_table(|table| async move {
        let id = open(&table, "checkout-5xx").await;
        let [(row, notifications)] = &pending_pages(&table.store(), table.now()).await[..] else { panic!("aiko is paged") };
        let mut tasks = JoinSet::new();
        for _ in 0..16 {
            let (store, row, notifications) = (table.store(), *row, notifications.clone());
            tasks.spawn(async move { store.make_deliveries(row, &notifications).await });
        }
        assert!(tasks.join_all().await.iter().all(Result::is_ok));
        assert_eq!(table.store().timeline(id).await.unwrap().1.len(), 1);
        assert!(pending_pages(&table.store(), table.now()).await.is_empty());
    });
}

/// 200 people do not fit into a transaction of 100 items: they travel as one row, and are told under ids derived from its own.
#[test]
fn a_page_to_200_people_is_one_row_that_expands_under_derived_ids() {
    on_a_table(|table| async move {
        let store = table.store();
        let everybody: Vec<User> = (0..200).map(|n| person(&format!("responder-{n:03}"), &[hansho_domain::Method::Sms], &[])).collect();
        let members: Vec<UserId> = everybody.iter().map(|user| user.id().clone()).collect();
        let team = Team::new(TeamId::new("everybody").unwrap(), "Everybody", members).unwrap();
        let configuration = hansho_domain::Configuration::new(
            everybody,
            vec![team],
            Vec::new(),
            vec![policy("first-responders", &[("team/everybody", 300)])],
            vec![service("checkout", None)],
            vec![Target::User(user_id("responder-000"))],
        );
        store.apply_configuration(&configuration.unwrap(), &contacts()).await.unwrap();
        let id = open(&table, "checkout-5xx").await;
        let [(row, notifications)] = &pending_pages(&store, table.now()).await[..] else { panic!("one row for all") };
        assert!(notifications.len() == 200 && notifications.len() > NOTIFICATIONS_PER_COMMIT_MAX);
        let mut tasks = JoinSet::new();
        for _ in 0..2 {
            let (store, row, notifications) = (table.store(), *row, notifications.clone());
            tasks.spawn(async move { store.make_deliveries(row, &notifications).await });
        }
        assert!(tasks.join_all().await.iter().all(Result::is_ok));
        let (_, deliveries) = store.timeline(id).await.unwrap();
        let ids: Vec<EffectId> = deliveries.iter().map(|delivery| delivery.id).collect();
        assert_eq!(ids, (0..200).map(|n| EffectId { index: row.index + n, ..*row }).collect::<Vec<_>>());
        assert!(deliveries.iter().zip(notifications).all(|(delivery, notification)| delivery.notification == *notification));
        assert!(pending_pages(&store, table.now()).await.is_empty());
    });
}

/// An item holds 400 KB: more people than fit into one row are several, and no two deliveries share an id.
#[test]
fn a_page_to_1200_people_is_three_rows_with_an_id_for_everybody() {
    on_a_table(|table| async move {
        let store = table.store();
        let everybody: Vec<User> = (0..1200).map(|n| person(&format!("responder-{n:04}"), &[hansho_domain::Method::Sms], &[])).collect();
        let team = |(n, some): (usize, &[User])| {
            let members = some.iter().map(|user| user.id().clone()).collect();
            Team::new(TeamId::new(format!("team-{n}")).unwrap(), "Some", members).unwrap()
        };
        let teams: Vec<Team> = everybody.chunks(200).enumerate().map(team).collect();
        let steps = teams.iter().map(|team| Target::Team(team.id().clone())).collect();
        let policy = EscalationPolicy::new(PolicyId::new("first-responders").unwrap(), vec![PolicyStep::calling(steps, 300)], 0);
        let configuration = hansho_domain::Configuration::new(
            everybody,
            teams,
            Vec::new(),
            vec![policy.unwrap()],
            vec![service("checkout", None)],
            vec![Target::User(user_id("responder-0000"))],
        );
        store.apply_configuration(&configuration.unwrap(), &contacts()).await.unwrap();
        let id = open(&table, "checkout-5xx").await;
        let rows = pending_pages(&store, table.now()).await;
        assert_eq!(rows.iter().map(|(_, notifications)| notifications.len()).collect::<Vec<_>>(), [500, 500, 200]);
        for (row, notifications) in &rows {
            store.make_deliveries(*row, notifications).await.unwrap();
        }
        let (_, deliveries) = store.timeline(id).await.unwrap();
        let told: BTreeSet<&UserId> = deliveries.iter().filter_map(|delivery| delivery.notification.user()).collect();
        assert_eq!((deliveries.len(), told.len()), (1200, 1200));
        assert!(pending_pages(&store, table.now()).await.is_empty());
    });
}

#[test]
fn two_incidents_never_share_a_row() {
    on_a_table(|table| async move {
        let store = table.store();
        let one = open_for(&store, &alert("one", "one", table.now())).await;
        let other = open_for(&store, &alert("other", "other", table.now())).await;
        let pages = pending_pages(&store, table.now()).await;
        assert_eq!(pages.iter().filter(|(id, _)| id.incident == one).count(), 1);
        assert_eq!(pages.iter().filter(|(id, _)| id.incident == other).count(), 1);
        assert_eq!(store.apply_configuration(&configuration(), &contacts()).await.unwrap(), 1);
    });
}
