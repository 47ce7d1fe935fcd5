//! A running system whose integration two topics may send to.

use acceptance::{TEAM, World, alarm_event};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::amazon::{Amazon, CERTIFICATE, sign};

pub(crate) const TOPIC: &str = "arn:aws:sns:ap-northeast-1:111122223333:alarms";
pub(crate) const STRANGER: &str = "arn:aws:sns:us-east-1:999988887777:somebody-elses";
/// What opens the subscription; it has to stand nowhere.
pub(crate) const TOKEN: &str = "2336412f37fb687f5d51e6e2425dacbba7aee4b3b7d0b9e7a3c9";
/// What ends the subscription; it has to stand nowhere.
const UNSUBSCRIBE: &str = "https://sns.ap-northeast-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=the-secret-of-the-subscription";

/// What is configured besides the team.
const INTEGRATIONS: &str = "integrations:\n  aws-alarms: { service: batch, type: sns, topics: [\"arn:aws:sns:ap-northeast-1:111122223333:alarms\", \"arn:aws:sns:ap-northeast-1:111122223333:orders\"] }\n  others: { type: sns, topics: [\"arn:aws:sns:ap-northeast-1:111122223333:others\"] }\n  shop: { service: checkout, type: events }\n";

pub(crate) fn configuration() -> String {
    format!("{TEAM}{INTEGRATIONS}")
}

pub(crate) async fn world() -> (World, Amazon) {
    let amazon = Amazon::new();
    (World::with_downloads(&configuration(), amazon.downloads()).await, amazon)
}

/// A message that is not signed yet.
pub(crate) fn message(world: &World, id: &str, fields: Value) -> Value {
    let mut message = json!({
        "Type": "Notification", "MessageId": id, "TopicArn": TOPIC, "Timestamp": world.now().to_string(), "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE, "UnsubscribeURL": UNSUBSCRIBE,
    });
    for (name, value) in fields.as_object().unwrap() {
        message[name.as_str()] = value.clone();
    }
    message
}

/// A message with its signature.
pub(crate) fn signed(world: &World, id: &str, fields: Value) -> Value {
    let mut message = message(world, id, fields);
    sign(&mut message);
    message
}

/// The question whether a topic may send.
pub(crate) fn question(world: &World, topic: &str) -> Value {
    let subscribe = format!("https://sns.ap-northeast-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={topic}&Token={TOKEN}");
    let said = json!({ "Type": "SubscriptionConfirmation", "TopicArn": topic, "Message": "You have chosen to subscribe.", "Token": TOKEN, "SubscribeURL": subscribe });
    signed(world, "question", said)
}

/// Text that was published.
pub(crate) fn text(world: &World, id: &str, subject: &str, message: &str) -> Value {
    signed(world, id, json!({ "Subject": subject, "Message": message }))
}

/// An alarm of CloudWatch, as its notification says it.
pub(crate) fn alarm(world: &World, id: &str, name: &str, state: &str) -> Value {
    let direct = alarm_event(name).at(world.now()).build();
    let notification = json!({
        "AlarmName": name, "AlarmArn": direct["alarmArn"], "AWSAccountId": "111122223333", "NewStateValue": state, "OldStateValue": "OK",
        "NewStateReason": "Threshold Crossed", "StateChangeTime": direct["time"], "Region": "Asia Pacific (Tokyo)",
        "Trigger": { "MetricName": "Errors", "Namespace": "Shop", "Dimensions": [] },
    });
    signed(world, id, json!({ "Subject": format!("{state}: {name}"), "Message": notification.to_string() }))
}

/// What SNS hears from an integration, after everything was done that follows from it.
pub(crate) async fn send_to(world: &World, integration: &str, message: &Value) -> (StatusCode, String) {
    let request = Request::post(format!("/sns/{integration}"))
        .header("content-type", "text/plain; charset=UTF-8")
        .header("x-amz-sns-message-type", message["Type"].as_str().unwrap_or_default())
        .header("x-amz-sns-message-id", message["MessageId"].as_str().unwrap_or_default())
        .header("x-amz-sns-topic-arn", message["TopicArn"].as_str().unwrap_or_default());
    sent(world, request.body(Body::from(message.to_string())).unwrap()).await
}

pub(crate) async fn sent(world: &World, request: Request<Body>) -> (StatusCode, String) {
    let answer = world.request(request).await;
    world.machine.settle().await.unwrap();
    answer
}

pub(crate) async fn send(world: &World, message: &Value) -> StatusCode {
    send_to(world, "aws-alarms", message).await.0
}

/// Today's list of suppressed alerts: title, reason, and how often.
pub(crate) async fn suppressed(world: &World) -> Vec<(String, String)> {
    let listed = world.machine.store().suppressed_on(world.now()).await.unwrap();
    listed.into_iter().map(|suppressed| (suppressed.title, suppressed.reason)).collect()
}

/// Nothing was taken in, and nothing was written down.
pub(crate) async fn is_untouched(world: &mut World) {
    assert_eq!(world.open_incidents().await.len(), 0);
    assert_eq!(suppressed(world).await, []);
    world.expect_silence();
}

/// Ends a story after what waits behind other messages was sent.
pub(crate) async fn calm(mut world: World) {
    for incident in world.open_incidents().await {
        world.ask(incident.id, "resolve", json!({}), "aiko").await;
    }
    world.minutes(3).await;
    world.sent();
    world.end().await;
}
