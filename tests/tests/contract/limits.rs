//! Size never fails a commit.

use hansho_domain::{
    Command, Configuration, DeliveryOutcome, EffectId, Input, Language, Method, NotificationRule, Target, Team, TeamId, User, UserId,
};
use hansho_store::Applied;

use crate::{
    fixtures::{alert, checkout, contacts, input, policy, service},
    table::{Table, on_a_table, on_an_empty_table},
};

/// An incident stays under this.
const INCIDENT_BYTES_MAX: usize = 16 * 1024;

#[test]
fn a_raw_payload_is_cut_at_300_kb_between_characters() {
    on_a_table(|table| async move {
        let store = table.store();
        // A character of three bytes lies across the limit.
        let raw = format!("x{}", "鐘".repeat(120_000));
        let received = store.receive_alert(&checkout(), &alert("checkout-5xx", "alarm", table.now()), &raw).await.unwrap();
        let hansho_store::Received::Opened(id) = received else { panic!("{received:?}") };
        let [kept] = &store.raw_alerts(id).await.unwrap()[..] else { panic!("the payload is kept") };
        assert_eq!(kept.len(), 299_998);
        assert!(raw.starts_with(kept));
        let items = table.partition(&format!("INCIDENT#{id}")).await;
        assert!(items.iter().any(|item| item.get("raw_bytes").is_some_and(|bytes| *bytes == raw.len())), "how long it was is kept too");
    });
}

/// As long as everything can be: names of 40 characters, 200 people, every exception, 32 inputs of 80 bytes, texts in Japanese.
#[test]
fn the_worst_incident_stays_under_16_kb() {
    on_an_empty_table(|table| async move {
        let store = table.store();
        let people = everybody();
        store.apply_configuration(&configuration_of(&people), &contacts()).await.unwrap();
        let mut alarm = alert(&"鐘".repeat(170), "alarm", table.now());
        alarm.integration = hansho_domain::IntegrationId::new("i".repeat(40)).unwrap();
        alarm.title = "鐘".repeat(5_000);
        alarm.details = "鐘".repeat(5_000);
        alarm.link = Some(format!("https://example.com/{}", "x".repeat(5_000)));
        alarm.runbook = Some(format!("https://example.com/{}", "x".repeat(5_000)));
        let received = store.receive_alert(&hansho_domain::ServiceId::new("s".repeat(40)).unwrap(), &alarm, "{}").await.unwrap();
        let hansho_store::Received::Opened(id) = received else { panic!("{received:?}") };
        let mut worst = item_bytes(&table, id).await;
        let holds = hansho_domain::Holds::Unacknowledged { episode: 1 };
        for (n, user) in people.iter().enumerate() {
            let failed = Command::DeliveryReport {
                delivery: EffectId { incident: id, version: 1, index: u32::try_from(n).unwrap() },
                user: user.id().clone(),
                method: Method::Webhook,
                holds,
                outcome: DeliveryOutcome::Failed("鐘".repeat(5_000)),
            };
            let _ = store.apply(id, &long_input(n, failed)).await.unwrap();
        }
        worst = worst.max(item_bytes(&table, id).await);
        for (n, user) in people.iter().enumerate().skip(1) {
            let unreachable = Command::TargetUnreachable { user: user.id().clone(), holds, reason: "鐘".repeat(5_000) };
            let _ = store.apply(id, &long_input(1_000 + n, unreachable)).await.unwrap();
        }
        worst = worst.max(item_bytes(&table, id).await);
        println!("the worst incident takes {worst} bytes");
        assert!(worst < INCIDENT_BYTES_MAX, "{worst} bytes");
        let taken = store.apply(id, &input("tap", "aiko", Command::Acknowledge)).await.unwrap();
        assert!(matches!(taken, Applied::Changed(_)));
    });
}

fn long_input(n: usize, command: Command) -> Input {
    input(&format!("{n:080}"), "aiko", command)
}

fn everybody() -> Vec<User> {
    let rule = |after_seconds, by| NotificationRule { after_seconds, by };
    let high = || vec![rule(0, Method::Webhook), rule(600, Method::Email), rule(1_200, Method::Sms)];
    (0..200)
        .map(|n| {
            let id = UserId::new(format!("{n:040}")).unwrap();
            User::new(id, "鐘".repeat(40), Language::Ja, Method::ALL.to_vec(), high(), Vec::new()).unwrap()
        })
        .collect()
}

fn configuration_of(people: &[User]) -> Configuration {
    let members = people.iter().map(|user| user.id().clone()).collect();
    let team = Team::new(TeamId::new("everybody").unwrap(), "Everybody", members).unwrap();
    let service = service(&"s".repeat(40), None);
    Configuration::new(
        people.to_vec(),
        vec![team],
        Vec::new(),
        vec![policy("first-responders", &[("team/everybody", 86_400)])],
        vec![service],
        vec![Target::User(people[0].id().clone())],
    )
    .unwrap()
}

/// The size of the incident's item as DynamoDB counts it: names and values (DynamoDB developer guide, "Item sizes and formats").
async fn item_bytes(table: &Table, id: hansho_domain::IncidentId) -> usize {
    let items = table.partition(&format!("INCIDENT#{id}")).await;
    let item = items.iter().find(|item| item["sk"] == "META").unwrap();
    item.iter().map(|(name, value)| name.len() + value.as_str().map_or(21, str::len)).sum::<usize>()
}
