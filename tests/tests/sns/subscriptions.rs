//! Topics that ask whether they may send, and that send no more.

use axum::http::StatusCode;
use serde_json::json;

use crate::{
    amazon::CERTIFICATE,
    bench::{STRANGER, TOKEN, TOPIC, calm, question, send, send_to, signed, suppressed, world},
};

#[tokio::test]
async fn the_subscription_of_a_topic_of_the_integration_is_confirmed_and_pages_nobody() {
    let (mut world, amazon) = world().await;
    let question = question(&world, TOPIC);
    assert_eq!(send(&world, &question).await, StatusCode::OK);
    let confirmed = format!(
        "https://sns.ap-northeast-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={}&Token={TOKEN}",
        TOPIC.replace(':', "%3A")
    );
    assert_eq!(amazon.asked(), [CERTIFICATE.to_owned(), confirmed.clone()]);
    // SNS did not hear the answer, and asks again.
    assert_eq!(send(&world, &question).await, StatusCode::OK);
    assert_eq!(amazon.asked(), [confirmed]);
    let listed = suppressed(&world).await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert!(listed[0].1.contains("is confirmed"), "{listed:?}");
    assert!(!json!(world.items("SUPPRESSED#2026-11-20")).to_string().contains(TOKEN));
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn the_question_of_a_topic_that_nobody_configured_is_a_task() {
    let (mut world, amazon) = world().await;
    for _ in 0..2 {
        assert_eq!(send(&world, &question(&world, STRANGER)).await, StatusCode::OK);
    }
    // The certificate alone is asked for; nothing is confirmed.
    assert_eq!(amazon.asked(), [CERTIFICATE]);
    let listed = suppressed(&world).await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert!(listed[0].1.starts_with("to do: Amazon SNS asks whether arn:aws:sns:us-east-1:999988887777:somebody-elses may"), "{listed:?}");
    assert!(listed[0].1.contains("add it to the topics of aws-alarms"), "{listed:?}");
    // That the topic is another integration's helps nothing.
    assert_eq!(send_to(&world, "others", &question(&world, TOPIC)).await.0, StatusCode::OK);
    assert_eq!(amazon.asked().len(), 0);
    assert_eq!(world.open_incidents().await.len(), 0);
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn what_a_topic_sends_that_is_configured_no_more_is_refused_and_is_a_task() {
    let (mut world, _) = world().await;
    let sent = signed(&world, "1", json!({ "TopicArn": STRANGER, "Message": "disk full" }));
    assert_eq!(send(&world, &sent).await, StatusCode::FORBIDDEN);
    let listed = suppressed(&world).await;
    assert!(listed.len() == 1 && listed[0].1.contains("does not have it among its topics"), "{listed:?}");
    assert_eq!(world.open_incidents().await.len(), 0);
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn a_confirmation_that_sns_does_not_answer_is_asked_for_again() {
    let (mut world, amazon) = world().await;
    for silent in [None, Some(503), Some(429)] {
        amazon.answer_confirmations(silent);
        let (status, answer) = send_to(&world, "aws-alarms", &question(&world, TOPIC)).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{answer}");
    }
    assert!(suppressed(&world).await[0].1.contains("SNS did not answer"));
    amazon.answer_confirmations(Some(200));
    assert_eq!(send(&world, &question(&world, TOPIC)).await, StatusCode::OK);
    let listed = suppressed(&world).await;
    assert!(listed.iter().any(|(_, reason)| reason.contains("is confirmed")), "{listed:?}");
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn a_confirmation_that_sns_refuses_is_a_task() {
    let (mut world, amazon) = world().await;
    for refused in [404, 302, 403] {
        amazon.answer_confirmations(Some(refused));
        let status = send(&world, &question(&world, TOPIC)).await;
        // A redirect is not followed, and not taken for an answer.
        assert_eq!(status, if refused == 302 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK });
    }
    let listed = suppressed(&world).await;
    assert!(listed.iter().any(|(_, reason)| reason.contains("refused to confirm") && reason.contains("403")), "{listed:?}");
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn a_subscription_that_has_ended_is_a_task() {
    let (mut world, amazon) = world().await;
    let fields = json!({ "Type": "UnsubscribeConfirmation", "Message": "You have chosen to deactivate.", "Token": TOKEN, "SubscribeURL": "https://x" });
    assert_eq!(send(&world, &signed(&world, "1", fields)).await, StatusCode::OK);
    assert_eq!(amazon.asked(), [CERTIFICATE], "it is not subscribed again");
    let listed = suppressed(&world).await;
    assert!(listed.len() == 1 && listed[0].1.contains("has ended"), "{listed:?}");
    assert!(!json!(world.items("SUPPRESSED#2026-11-20")).to_string().contains(TOKEN));
    world.expect_silence();
    calm(world).await;
}
