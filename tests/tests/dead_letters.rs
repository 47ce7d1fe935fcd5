//! Dead letters are listed and worked on again by `hansho dead-letters`: what was given up pages after all, once.
#![expect(clippy::unwrap_used, reason = "a test stops where an answer is not what it must be")]

#[path = "dead_letters/aws.rs"]
mod aws;

use std::sync::Arc;

use acceptance::{World, alarm_event};
use aws::{Account, Invoked};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use hansho::commands::dead_letters::{Action, DeadLetters, Kind, Letter, Outcome, Queue};
use jiff::SignedDuration;
use serde_json::{Value, json};

const INTAKE: &str = "hansho-alarm-intake-dead-letters";

fn letters(account: &Account, world: &World) -> DeadLetters {
    let clock = Arc::clone(world.machine.clock());
    let region = "ap-northeast-1".to_owned();
    DeadLetters::new("hansho".to_owned(), region, ("AKIDEXAMPLE", "secret"), SharedHttpConnector::new(account.clone()), clock)
}

/// What Lambda says of an event that a function has failed on (Lambda developer guide, "Capturing records of Lambda asynchronous
/// invocations").
fn given_up(function: &str, event: &Value, error: &str) -> String {
    json!({
        "version": "1.0", "timestamp": "2026-11-20T18:10:00.568Z",
        "requestContext": {
            "requestId": "e4b46cbf-b738-xmpl-8880-a18cdf61200e", "approximateInvokeCount": 3, "condition": "RetriesExhausted",
            "functionArn": format!("arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-{function}:live"),
        },
        "requestPayload": event,
        "responseContext": { "statusCode": 200, "executedVersion": "7", "functionError": "Unhandled" },
        "responsePayload": { "errorType": "Error", "errorMessage": error },
    })
    .to_string()
}

/// What Lambda says of rows of the stream (Lambda developer guide, "Retain discarded batch records for a DynamoDB event source").
fn batch_given_up() -> String {
    json!({
        "requestContext": {
            "requestId": "316aa6d0-8154-xmpl-9af7-85d5f4a6bc81", "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 6,
            "functionArn": "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-outbox-relay:live",
        },
        "responseContext": { "statusCode": 200, "executedVersion": "7", "functionError": "Unhandled" },
        "version": "1.0", "timestamp": "2026-11-20T18:10:00.568Z",
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000001573689847184-864758bb", "startSequenceNumber": "800000000003126276362",
            "endSequenceNumber": "800000000003126276362", "approximateArrivalOfFirstRecord": "2026-11-20T18:09:00Z",
            "approximateArrivalOfLastRecord": "2026-11-20T18:09:00Z", "batchSize": 2,
            "streamArn": "arn:aws:dynamodb:ap-northeast-1:111122223333:table/hansho/stream/2026-01-01T00:00:00.000",
        },
    })
    .to_string()
}

fn sample(name: &str) -> Value {
    let path = format!("{}/../events/alarm-intake/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The alarm as EventBridge has it, called checkout-memory.
fn event_of_rule() -> String {
    let mut event = sample("alarm-eventbridge-metric");
    event["detail"]["alarmName"] = json!("checkout-memory");
    event["detail"]["configuration"]["description"] = json!("");
    event["resources"] = json!(["arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-memory"]);
    event.to_string()
}

/// The alarm as SNS puts it into a queue: the notification as it is sent to addresses of the web.
fn notification() -> String {
    let mut notification = sample("alarm-sns-metric")["Records"][0]["Sns"].clone();
    let mut alarm: Value = serde_json::from_str(notification["Message"].as_str().unwrap()).unwrap();
    alarm["AlarmName"] = json!("checkout-latency");
    alarm["AlarmDescription"] = json!("");
    alarm["AlarmArn"] = json!("arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-latency");
    let fields = notification.as_object_mut().unwrap();
    for (here, there) in [("SigningCertUrl", "SigningCertURL"), ("UnsubscribeUrl", "UnsubscribeURL")] {
        let address = fields.remove(here).unwrap_or_else(|| json!("https://sns.ap-northeast-1.amazonaws.com/x"));
        fields.insert(there.to_owned(), address);
    }
    fields.insert("Message".to_owned(), json!(alarm.to_string()));
    notification.to_string()
}

/// Everything that lies there, with what became of it.
fn all(queues: &[Queue]) -> Vec<(Letter, Outcome)> {
    assert!(queues.iter().all(|queue| queue.trouble.is_none()), "{queues:#?}");
    queues.iter().flat_map(|queue| queue.letters.clone()).collect()
}

async fn play(world: &mut World, invoked: Vec<Invoked>) {
    for Invoked { function, is_waited_for, event } in invoked {
        assert_eq!((function.as_str(), is_waited_for), ("hansho-alarm-intake:live", false));
        world.invoke("alarm-intake", event).await;
    }
}

#[tokio::test]
async fn an_alarm_that_was_given_up_pages_after_all_and_twice_is_once() {
    let rule = [
        ("RULE_ARN", "arn:aws:events:ap-northeast-1:111122223333:rule/hansho-alarms-here"),
        ("TARGET_ARN", "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-alarm-intake:live"),
        ("ERROR_CODE", "NO_PERMISSIONS"),
        ("ERROR_MESSAGE", "The lambda function does not have permission."),
        ("RETRY_ATTEMPTS", "0"),
    ];
    let direct = given_up("alarm-intake", &alarm_event("checkout-5xx").build(), "the table did not answer");
    for (body, attributes, kind, about, why) in [
        (direct, &[][..], Kind::Invocation, "checkout-5xx ALARM", "RetriesExhausted: the table did not answer"),
        (event_of_rule(), &rule[..], Kind::Event, "checkout-memory ALARM", "NO_PERMISSIONS: The lambda function does not have permission."),
        (notification(), &[][..], Kind::Notification, "checkout-latency ALARM", "nothing says why"),
    ] {
        let (mut world, account) = (World::new().await, Account::new());
        let before = world.now() - SignedDuration::from_mins(2);
        for time in ["once", "twice"] {
            account.lay(INTAKE, &body, attributes, before);
            let letters = letters(&account, &world);
            let listed = all(&letters.work(Action::List).await);
            assert_eq!(listed.len(), 1);
            let (letter, outcome) = &listed[0];
            assert_eq!((letter.kind, letter.about.as_str(), letter.why.as_str(), outcome), (kind, about, why, &Outcome::Kept));
            assert_eq!((account.operations(), account.lying(INTAKE).len()), (Vec::new(), 1), "who lists changes nothing");
            let replayed = all(&letters.work(Action::Replay).await);
            assert_eq!(replayed[0].1, Outcome::Replayed, "{kind:?}");
            assert_eq!(account.operations(), ["Invoke", "DeleteMessage"], "deleted only after it was taken");
            assert!(account.lying(INTAKE).is_empty());
            play(&mut world, account.invoked()).await;
            if time == "once" {
                world.expect_texts(&["aiko"]);
            } else {
                world.expect_silence();
            }
        }
        world.tap("aiko", "resolve").await;
        world.end().await;
    }
}

/// The alarm went off and is over; only its beginning was given up.
#[tokio::test]
async fn an_alarm_that_is_over_by_now_pages_nobody() {
    let (mut world, account) = (World::new().await, Account::new());
    let event = alarm_event("checkout-5xx").at(world.now()).build();
    world.minutes(1).await;
    world.ok("checkout-5xx").await;
    world.minutes(1).await;
    account.lay(INTAKE, &given_up("alarm-intake", &event, "x"), &[], world.now());
    assert_eq!(all(&letters(&account, &world).work(Action::Replay).await)[0].1, Outcome::Replayed);
    play(&mut world, account.invoked()).await;
    world.minutes(10).await;
    world.expect_silence();
    world.end().await;
}

/// Whoever dies between the two leaves it lying: it is taken twice, and counts once.
#[tokio::test]
async fn what_was_taken_and_not_deleted_is_taken_again_and_pages_once() {
    let (mut world, account) = (World::new().await, Account::new());
    account.lay(INTAKE, &given_up("alarm-intake", &alarm_event("checkout-5xx").build(), "x"), &[], world.now());
    account.refuse("DeleteMessage", 500, json!({ "__type": "InternalError", "message": "no" }));
    let outcome = all(&letters(&account, &world).work(Action::Replay).await)[0].1.clone();
    assert!(matches!(outcome, Outcome::ReplayedAndKept(_)), "{outcome:?}");
    account.heal();
    assert_eq!(account.lying(INTAKE).len(), 1);
    assert_eq!(all(&letters(&account, &world).work(Action::Replay).await)[0].1, Outcome::Replayed);
    let invoked = account.invoked();
    assert_eq!(invoked.len(), 2);
    play(&mut world, invoked).await;
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn what_is_not_taken_stays_and_says_why() {
    let (world, account) = (World::new().await, Account::new());
    let letter = given_up("alarm-intake", &alarm_event("checkout-5xx").build(), "x");
    account.lay(INTAKE, &letter, &[], world.now());
    let letters = letters(&account, &world);
    for (status, answer, why) in [
        (403, json!({ "__type": "AccessDeniedException", "message": "no" }), "you may not do it (lambda:InvokeFunction)"),
        (404, json!({ "__type": "ResourceNotFoundException", "message": "no" }), "give --name and --region"),
        (413, json!({ "__type": "RequestTooLargeException", "message": "too large" }), "RequestTooLargeException too large"),
    ] {
        account.refuse("Invoke", status, answer);
        let queues = letters.work(Action::Replay).await;
        let outcome = all(&queues)[0].1.clone();
        assert!(matches!(&outcome, Outcome::Refused(said) if said.contains(why)), "{outcome:?}");
        assert!(!queues.iter().all(Queue::is_empty));
        assert_eq!((account.operations(), account.lying(INTAKE)), (vec!["Invoke".to_owned()], vec![letter.clone()]));
    }
    world.end().await;
}

/// What is replayed and fails comes back while others are still worked on; without an end to it one poison would go round for ever.
#[tokio::test]
async fn what_came_in_after_it_began_is_left_for_the_next_time() {
    let (world, account) = (World::new().await, Account::new());
    account.lay(INTAKE, &given_up("alarm-intake", &json!("poison"), "x"), &[], world.now() + SignedDuration::from_secs(5));
    assert_eq!(all(&letters(&account, &world).work(Action::Replay).await)[0].1, Outcome::TooNew);
    assert_eq!((account.invoked(), account.lying(INTAKE).len()), (Vec::new(), 1));
    world.end().await;
}

/// What lay there just before is worked on: AWS's clock is known to the second.
#[tokio::test]
async fn what_came_in_a_moment_before_is_worked_on() {
    let (world, account) = (World::new().await, Account::new());
    account.lay(INTAKE, &given_up("alarm-intake", &json!("poison"), "x"), &[], world.now() + SignedDuration::from_millis(999));
    assert_eq!(all(&letters(&account, &world).work(Action::Replay).await)[0].1, Outcome::Replayed);
    assert!(account.lying(INTAKE).is_empty());
    world.end().await;
}

#[tokio::test]
async fn messages_go_back_to_their_queues_and_timers_that_were_not_handed_over_to_their_function() {
    let (world, account) = (World::new().await, Account::new());
    let timer = json!({ "incident": "01M7X2GZC0WFZJNT9BWJCT3FT5", "generation": 3 }).to_string();
    let delivery = json!({ "delivery": "01M7X2GZC0WFZJNT9BWJCT3FT5-1-0" }).to_string();
    let schedule = [
        ("SCHEDULE_ARN", "arn:aws:scheduler:ap-northeast-1:111122223333:schedule/hansho/x"),
        ("TARGET_ARN", "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-escalation:live"),
        ("ERROR_CODE", "AWS.Lambda.ResourceNotFoundException"),
    ];
    account.lay("hansho-escalation-dead-letters", &timer, &[], world.now());
    account.lay("hansho-escalation-dead-letters", &timer, &schedule, world.now());
    account.lay("hansho-delivery-dead-letters", &delivery, &[], world.now());
    account.lay("hansho-delivery-dead-letters", &notification(), &[], world.now());
    let replayed = all(&letters(&account, &world).work(Action::Replay).await);
    let kinds: Vec<Kind> = replayed.iter().map(|(letter, _)| letter.kind).collect();
    assert_eq!(kinds, [Kind::Message, Kind::Schedule, Kind::Message, Kind::Notification]);
    assert!(replayed.iter().all(|(_, outcome)| *outcome == Outcome::Replayed), "{replayed:#?}");
    assert_eq!(replayed[0].0.about, "incident 01M7X2GZC0WFZJNT9BWJCT3FT5");
    assert_eq!(account.lying("hansho-timers"), std::slice::from_ref(&timer));
    assert_eq!(account.lying("hansho-deliveries"), [delivery]);
    let invoked = account.invoked();
    assert_eq!(invoked[0].function, "hansho-escalation:live");
    assert_eq!(invoked[0].event.to_string(), timer);
    assert_eq!((invoked[1].function.as_str(), &invoked[1].event["Records"][0]["EventSource"]), ("hansho-delivery:live", &json!("aws:sns")));
    assert_eq!(
        account.operations(),
        ["SendMessage", "DeleteMessage", "Invoke", "DeleteMessage", "SendMessage", "DeleteMessage", "Invoke", "DeleteMessage"]
    );
    world.end().await;
}

/// Such a record has no rows in it; they are in the table, and the sweeper finds what is still to be done.
#[tokio::test]
async fn of_rows_of_the_stream_the_sweeper_looks_once_and_is_waited_for() {
    let queue = "hansho-outbox-relay-dead-letters";
    let (world, account) = (World::new().await, Account::new());
    account.lay(queue, &batch_given_up(), &[], world.now());
    account.lay(queue, &batch_given_up(), &[], world.now());
    account.refuse("Invoke", 200, json!({ "errorType": "Error", "errorMessage": "the index of work can not be read" }));
    let letters = letters(&account, &world);
    let refused = all(&letters.work(Action::Replay).await);
    assert!(matches!(&refused[0].1, Outcome::Refused(why) if why.contains("the index of work can not be read")), "{refused:?}");
    assert_eq!((refused[0].0.kind, account.lying(queue).len()), (Kind::StreamBatch, 2));
    account.heal();
    account.operations();
    let replayed = all(&letters.work(Action::Replay).await);
    assert!(replayed.iter().all(|(_, outcome)| *outcome == Outcome::Replayed), "{replayed:?}");
    assert_eq!(account.operations(), ["Invoke", "DeleteMessage", "DeleteMessage"]);
    let invoked = account.invoked();
    assert_eq!((invoked[0].function.as_str(), invoked[0].is_waited_for), ("hansho-sweeper:live", true));
    assert!(account.lying(queue).is_empty());
    world.end().await;
}

#[tokio::test]
async fn hundreds_are_read_each_once_and_no_secret_is_shown() {
    let (world, account) = (World::new().await, Account::new());
    let error = "https://hooks.slack.com/services/T000/B000/secret0secret0 refused aiko@example.com and +819012345678";
    for _ in 0..250 {
        account.lay(INTAKE, &given_up("alarm-intake", &alarm_event("checkout-5xx").build(), error), &[], world.now());
    }
    let listed = all(&letters(&account, &world).work(Action::List).await);
    assert_eq!((listed.len(), account.lying(INTAKE).len()), (250, 250), "all can be seen again");
    let said = serde_json::to_string(&listed).unwrap();
    for secret in ["secret0", "aiko@", "12345678"] {
        assert!(!said.contains(secret), "{secret}: {}", listed[0].0.why);
    }
    assert_eq!(all(&letters(&account, &world).work(Action::Replay).await).len(), 250);
    assert_eq!(account.invoked().len(), 250);
    world.end().await;
}

#[tokio::test]
async fn what_nobody_knows_is_kept_and_one_that_nobody_needs_is_deleted_by_its_id() {
    let (world, account) = (World::new().await, Account::new());
    let queue = "hansho-sweeper-dead-letters";
    let id = account.lay(queue, "\"?\"", &[], world.now());
    let other = account.lay(queue, "\"!\"", &[], world.now());
    let letters = letters(&account, &world);
    let kept = all(&letters.work(Action::Replay).await);
    assert!(kept.iter().all(|(letter, outcome)| letter.kind == Kind::Unknown && matches!(outcome, Outcome::Refused(_))), "{kept:?}");
    let deleted = all(&letters.work(Action::Delete(std::slice::from_ref(&id))).await);
    let became: Vec<_> = deleted.iter().map(|(letter, outcome)| (letter.id.clone(), outcome.clone())).collect();
    assert_eq!(became, [(id, Outcome::Deleted), (other, Outcome::Kept)]);
    assert_eq!(account.lying(queue), ["\"!\""]);
    world.end().await;
}

/// What alarm-intake was to take in goes there whatever it is: it pages about what it can not read.
#[tokio::test]
async fn what_can_not_be_read_is_taken_in_as_it_is() {
    let (mut world, account) = (World::new().await, Account::new());
    account.lay(INTAKE, "{\"no\": \"alarm\"}", &[], world.now());
    let replayed = all(&letters(&account, &world).work(Action::Replay).await);
    assert!(replayed[0].0.about.starts_with("unrecognised alarm payload"), "{replayed:?}");
    play(&mut world, account.invoked()).await;
    assert!(!world.sent().is_empty(), "somebody is paged");
    world.tap("aiko", "resolve").await;
    world.end().await;
}

/// The bridge is off unless somebody asks for it; the others have to be there.
#[tokio::test]
async fn a_deployment_that_is_not_there_is_not_taken_for_an_empty_one() {
    let world = World::new().await;
    let queues = letters(&Account::new(), &world).work(Action::List).await;
    assert!(queues.len() == 6 && queues.iter().all(Queue::is_empty), "{queues:?}");
    let queues = letters(&Account::default(), &world).work(Action::List).await;
    assert!(queues.iter().all(|queue| queue.trouble.as_deref().is_some_and(|trouble| trouble.contains("--name"))), "{queues:?}");
    assert!(!queues.iter().all(Queue::is_empty));
    world.end().await;
}
