//! Every function against what it must expect: its sample events, and everything that is none. Nothing panics, nothing
//! hangs, a bad record never takes a good one with it, and an error says what to do.
//! (The alarm intake's parser and the API have tables of their own: `functions/alarm-intake/tests`, `tests/tests/api`.)
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use acceptance::{World, alarm_event, incident_of};
use hansho_runtime::Answer;
use serde_json::{Value, json};

fn sample(path: &str) -> Value {
    let path = format!("{}/../events/{path}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))).unwrap()
}

async fn invoke(world: &World, function: &str, event: Value) -> Answer {
    world.machine.invoke(function, event).await.unwrap()
}

/// Payloads that no function expects.
fn nonsense() -> Vec<Value> {
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    vec![
        Value::Null,
        json!(true),
        json!(-1.5e300),
        json!("text"),
        json!([]),
        json!({}),
        json!({ "Records": null }),
        json!({ "Records": [] }),
        json!({ "Records": [null, 1, "x", [], {}] }),
        json!({ "Records": [{ "eventSource": "aws:sqs", "messageId": 5, "body": { "not": "text" } }] }),
        json!({ "Records": [{ "eventSource": "aws:sqs", "messageId": "m", "body": "{\"cut" }] }),
        json!({ "Records": [{ "eventSource": "aws:sqs", "messageId": "m", "body": "x".repeat(1_000_000) }] }),
        json!({ "Records": [{ "Sns": { "Message": 5 } }] }),
        json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": "no JSON" } }] }),
        json!({ "awslogs": { "data": "not base64" } }),
        json!({ "incident": "01M7X2GZC0WFZJNT9BWJCT3FT5", "generation": -1 }),
        json!({ "incident": 7, "generation": "one", "unknown": {} }),
        json!({ "a": "y".repeat(2_000_000) }),
        deep,
    ]
}

#[tokio::test]
async fn nonsense_is_answered_with_a_sentence_and_nothing_panics() {
    let world = World::new().await;
    for function in ["escalation", "outbox-relay", "delivery"] {
        for event in nonsense() {
            let shown: String = event.to_string().chars().take(80).collect();
            match invoke(&world, function, event).await {
                Ok(answer) => assert!(answer["batchItemFailures"].is_array(), "{function} {shown}: {answer}"),
                Err(error) => {
                    let text = hansho_runtime::chain(&error);
                    assert!(text.contains("must be") || text.contains("expected"), "{function} {shown}: {text}");
                    assert!(text.len() < 500, "{function} {shown}: an error is a sentence, not the payload");
                }
            }
        }
    }
    for event in nonsense() {
        let answer = invoke(&world, "sweeper", event).await.unwrap();
        assert_eq!(answer["heartbeat"], json!(true), "the sweeper sweeps whatever wakes it");
    }
    assert!(world.open_incidents().await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn an_event_that_is_nothing_of_theirs_is_never_answered_as_done() {
    let world = World::new().await;
    let foreign = [
        Value::Null,
        json!([]),
        json!("x"),
        json!({}),
        json!({ "Records": [] }),
        json!({ "Records": [null] }),
        json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": "no JSON" } }] }),
    ];
    for function in ["escalation", "outbox-relay", "delivery"] {
        for event in &foreign {
            let error = hansho_runtime::chain(&invoke(&world, function, event.clone()).await.unwrap_err());
            assert!(error.contains("must be") || error.contains("expected"), "{function} {event}: {error}");
        }
    }
    world.end().await;
}

#[tokio::test]
async fn a_bad_timer_message_comes_back_alone() {
    let world = World::new().await;
    let event = sample("escalation/timers-sqs");
    let answer = invoke(&world, "escalation", event.clone()).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([{ "itemIdentifier": event["Records"][1]["messageId"] }]));
    let answer = invoke(&world, "escalation", sample("escalation/timer-scheduler")).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]), "a timer for an incident that does not exist is done with");
    world.end().await;
}

#[tokio::test]
async fn a_bad_delivery_message_comes_back_alone() {
    let world = World::new().await;
    let event = sample("delivery/delivery-sqs");
    let answer = invoke(&world, "delivery", event.clone()).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([{ "itemIdentifier": event["Records"][1]["messageId"] }]));
    world.end().await;
}

#[tokio::test]
async fn reports_about_messages_that_nobody_knows_are_done_with() {
    let world = World::new().await;
    for name in ["delivery/ses-bounce-sns", "delivery/ses-delivery-sns", "delivery/sms-failure-logs"] {
        let answer = invoke(&world, "delivery", sample(name)).await.unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]), "{name}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_failed_text_in_the_delivery_log_tells_the_incident() {
    let mut world = World::new().await;
    let incident = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko"]);
    // The log names the message by the id that the provider gave it: the first text of the local run.
    invoke(&world, "delivery", sample("delivery/sms-failure-logs")).await.unwrap();
    world.machine.settle().await.unwrap();
    // A text is all that Aiko has, so whoever comes next is called at once.
    world.expect_texts(&["ben"]);
    world.ask(incident, "resolve", json!({}), "ben").await;
    world.end().await;
}

#[tokio::test]
async fn a_bad_row_of_the_stream_holds_nobody_up() {
    let world = World::new().await;
    let answer = invoke(&world, "outbox-relay", sample("outbox-relay/stream-bad-row-among-good")).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]));
    assert!(world.machine.mailbag().next_at().is_some(), "the good row's timer is armed");
    let answer = invoke(&world, "outbox-relay", sample("outbox-relay/stream-new-rows")).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]));
    world.machine.mailbag().lose_everything();
    world.end().await;
}

#[tokio::test]
async fn the_sweeper_takes_its_scheduled_event() {
    let world = World::new().await;
    let answer = invoke(&world, "sweeper", sample("sweeper/scheduled")).await.unwrap();
    assert_eq!(answer["overdue"], json!(0));
    world.end().await;
}

#[tokio::test]
async fn an_unknown_function_is_named_with_those_that_exist() {
    let world = World::new().await;
    let error = world.machine.invoke("pager", json!({})).await.unwrap_err().to_string();
    assert!(error.contains("pager") && error.contains("alarm-intake"), "{error}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_identical_alarms_at_once_open_one_incident_and_send_one_page() {
    let mut world = World::new().await;
    let event = alarm_event("checkout-5xx").at(world.now()).build();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let (machine, event) = (std::sync::Arc::clone(&world.machine), event.clone());
        running.spawn(async move { machine.invoke("alarm-intake", event).await.unwrap().unwrap() });
    }
    let answers = running.join_all().await;
    // Those that met in the same transaction are answered alike: it was theirs, and it happened once.
    let incidents: std::collections::BTreeSet<_> = answers.iter().map(incident_of).collect();
    assert_eq!((incidents.len(), answers.len()), (1, 64));
    world.machine.settle().await.unwrap();
    world.expect_texts(&["aiko"]);
    let incident = world.open_incident().await;
    assert_eq!(incident.version, 1);
    world.minutes(4).await;
    world.expect_silence();
    world.ask(incident.id, "resolve", json!({}), "aiko").await;
    world.end().await;
}
