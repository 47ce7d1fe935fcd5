//! What its topic did not send, or not now.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;

use crate::{
    amazon::{CERTIFICATE, sign, sign_with_another_key},
    bench::{STRANGER, TOPIC, calm, is_untouched, message, question, send, send_to, sent, signed, suppressed, text, world},
};

#[tokio::test]
async fn no_signed_field_can_be_changed() {
    let (mut world, _) = world().await;
    let notification = text(&world, "1", "Backup failed", "disk full");
    let asked = question(&world, TOPIC);
    for (genuine, fields) in [
        (&notification, &["Message", "MessageId", "Subject", "Timestamp"][..]),
        (&asked, &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token"][..]),
    ] {
        for field in fields {
            let mut forged = genuine.clone();
            forged[*field] = json!(format!("{}x", forged[*field].as_str().unwrap()));
            assert_eq!(send(&world, &forged).await, StatusCode::FORBIDDEN, "{field}");
        }
        let mut of_another_topic = genuine.clone();
        of_another_topic["TopicArn"] = json!("arn:aws:sns:ap-northeast-1:111122223333:orders");
        assert_eq!(send(&world, &of_another_topic).await, StatusCode::FORBIDDEN);
    }
    let mut without_subject = notification.clone();
    without_subject.as_object_mut().unwrap().remove("Subject");
    let mut of_another_type = asked.clone();
    of_another_type["Type"] = json!("UnsubscribeConfirmation");
    let mut downgraded = notification.clone();
    downgraded["SignatureVersion"] = json!("1");
    for forged in [without_subject, of_another_type, downgraded] {
        assert_eq!(send(&world, &forged).await, StatusCode::FORBIDDEN, "{forged}");
    }
    is_untouched(&mut world).await;
    // And as they came both are taken in.
    assert_eq!((send(&world, &notification).await, send(&world, &asked).await), (StatusCode::OK, StatusCode::OK));
    calm(world).await;
}

#[tokio::test]
async fn what_is_signed_by_somebody_else_or_not_at_all_is_refused() {
    let (mut world, amazon) = world().await;
    let mut forged = message(&world, "1", json!({ "Message": "disk full" }));
    sign_with_another_key(&mut forged);
    assert_eq!(send(&world, &forged).await, StatusCode::FORBIDDEN);
    for signature in ["", "AAAA", "no base64!"] {
        forged["Signature"] = json!(signature);
        assert_eq!(send(&world, &forged).await, StatusCode::FORBIDDEN, "{signature}");
    }
    forged.as_object_mut().unwrap().remove("Signature");
    assert_eq!(send(&world, &forged).await, StatusCode::BAD_REQUEST);
    assert_eq!(amazon.asked(), [CERTIFICATE]);
    is_untouched(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn nothing_is_asked_for_at_an_address_that_is_not_of_sns() {
    let (mut world, amazon) = world().await;
    for url in
        ["https://sns.ap-northeast-1.amazonaws.com.evil.example/SimpleNotificationService-0.pem", "https://169.254.169.254/latest.pem"]
    {
        let mut forged = message(&world, "1", json!({ "Message": "disk full", "SigningCertURL": url }));
        sign(&mut forged);
        assert_eq!(send(&world, &forged).await, StatusCode::FORBIDDEN, "{url}");
    }
    assert_eq!(amazon.asked().len(), 0);
    is_untouched(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn a_certificate_is_one_of_sns_that_is_valid_now() {
    for (name, years) in [
        ("sns.amazonaws.com", (2024, 2025)),
        ("sns.amazonaws.com", (2027, 2028)),
        ("evil.example", (2026, 2027)),
        ("sns.evil.example", (2026, 2027)),
    ] {
        let (mut world, amazon) = world().await;
        amazon.serve(name, years);
        assert_eq!(send(&world, &text(&world, "1", "", "disk full")).await, StatusCode::FORBIDDEN, "{name} {years:?}");
        is_untouched(&mut world).await;
        world.end().await;
    }
    let (mut world, amazon) = world().await;
    amazon.serve_text("<html>not here</html>");
    assert_eq!(send(&world, &text(&world, "1", "", "disk full")).await, StatusCode::FORBIDDEN);
    is_untouched(&mut world).await;
    // A Region's own name is one, too.
    amazon.serve("sns.ap-northeast-1.amazonaws.com", (2026, 2027));
    assert_eq!(send(&world, &text(&world, "1", "", "disk full")).await, StatusCode::OK);
    calm(world).await;
}

#[tokio::test]
async fn a_message_whose_certificate_can_not_be_read_now_comes_again() {
    let (mut world, amazon) = world().await;
    for silent in [None, Some(500), Some(429)] {
        amazon.answer_certificates(silent);
        let (status, answer) = send_to(&world, "aws-alarms", &text(&world, "1", "Backup failed", "disk full")).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{answer}");
    }
    amazon.answer_certificates(Some(404));
    assert_eq!(send(&world, &text(&world, "1", "Backup failed", "disk full")).await, StatusCode::FORBIDDEN);
    is_untouched(&mut world).await;
    amazon.answer_certificates(Some(200));
    amazon.asked();
    assert_eq!(send(&world, &text(&world, "1", "Backup failed", "disk full")).await, StatusCode::OK);
    world.expect_texts(&["aiko"]);
    // What was read once is kept.
    amazon.answer_certificates(None);
    assert_eq!(send(&world, &text(&world, "2", "Backup failed", "disk full")).await, StatusCode::OK);
    assert_eq!(amazon.asked(), [CERTIFICATE]);
    calm(world).await;
}

#[tokio::test]
async fn what_is_older_than_sns_would_send_it_is_refused_and_written_down() {
    let (mut world, _) = world().await;
    let old = text(&world, "1", "Backup failed", "disk full");
    let late = text(&world, "2", "Queue stuck", "since noon");
    world.minutes(119).await;
    assert_eq!(send(&world, &late).await, StatusCode::OK, "an hour late is late, and no replay");
    world.expect_texts(&["aiko"]);
    world.ask(world.open_incident().await.id, "resolve", json!({}), "aiko").await;
    world.minutes(2).await;
    for _ in 0..2 {
        assert_eq!(send(&world, &old).await, StatusCode::FORBIDDEN);
    }
    assert_eq!(world.open_incidents().await.len(), 0);
    let listed = suppressed(&world).await;
    assert!(listed.len() == 1 && listed[0].0 == "Backup failed" && listed[0].1.contains("longer ago than SNS tries"), "{listed:?}");
    calm(world).await;
}

#[tokio::test]
async fn what_is_not_for_this_way_in_is_refused() {
    let (mut world, _) = world().await;
    let genuine = text(&world, "1", "Backup failed", "disk full");
    for unknown in ["nobodys", "shop", "A%20b", "cloudwatch"] {
        assert_eq!(send_to(&world, unknown, &genuine).await.0, StatusCode::NOT_FOUND, "{unknown}");
    }
    assert_eq!(send_to(&world, "others", &genuine).await.0, StatusCode::FORBIDDEN);
    let post = |body: String| Request::post("/sns/aws-alarms").body(Body::from(body)).unwrap();
    for (body, status) in [
        (String::new(), StatusCode::BAD_REQUEST),
        ("disk full".to_owned(), StatusCode::BAD_REQUEST),
        ("[".repeat(100_000), StatusCode::BAD_REQUEST),
        ("x".repeat(2 * 1024 * 1024 + 1), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        assert_eq!(sent(&world, post(body)).await.0, status);
    }
    for (field, said) in [
        ("TopicArn", "TopicArn is missing, or no text"),
        ("Timestamp", "Timestamp is missing"),
        ("SigningCertURL", "SigningCertURL is missing"),
    ] {
        for value in [serde_json::Value::Null, serde_json::json!(5)] {
            let mut wrong = genuine.clone();
            wrong[field] = value;
            let (status, told) = sent(&world, post(wrong.to_string())).await;
            assert_eq!(status, StatusCode::BAD_REQUEST);
            assert!(told.to_string().contains(said), "{told}");
        }
    }
    let renamed = Request::post("/sns/aws-alarms").header("x-amz-sns-message-type", "SubscriptionConfirmation");
    assert_eq!(sent(&world, renamed.body(Body::from(genuine.to_string())).unwrap()).await.0, StatusCode::FORBIDDEN);
    let listed = suppressed(&world).await;
    assert!(listed.len() == 1 && listed[0].1.contains("others"), "only the topic that is not of `others` is written down: {listed:?}");
    assert_eq!(world.open_incidents().await.len(), 0);
    // Without the headers of SNS, what was signed is enough.
    assert_eq!(sent(&world, post(genuine.to_string())).await.0, StatusCode::OK);
    world.expect_texts(&["aiko"]);
    calm(world).await;
}

#[tokio::test]
async fn topics_that_nobody_knows_do_not_keep_the_others_out() {
    let (world, _) = world().await;
    let mut statuses = Vec::new();
    for number in 0..25 {
        let topic = format!("{STRANGER}-{number}");
        statuses.push(send(&world, &question(&world, &topic)).await);
    }
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::OK).count(), 20);
    assert_eq!(statuses.last(), Some(&StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(send(&world, &text(&world, "1", "Backup failed", "disk full")).await, StatusCode::OK);
    calm(world).await;
}

#[tokio::test]
async fn nothing_that_opens_or_ends_a_subscription_is_stored() {
    let (world, _) = world().await;
    let message = text(&world, "1", "Backup failed", "disk full");
    send(&world, &message).await;
    let incident = world.open_incident().await.id;
    let stored = json!(world.items(&format!("INCIDENT#{incident}"))).to_string();
    assert!(stored.contains("disk full"), "{stored}");
    for secret in [message["Signature"].as_str().unwrap(), "the-secret-of-the-subscription", "SigningCertURL", "UnsubscribeURL"] {
        assert!(!stored.contains(secret), "{secret} is in {stored}");
    }
    calm(world).await;
}

#[tokio::test]
async fn a_message_of_the_largest_size_is_taken_in() {
    let (world, _) = world().await;
    let message = signed(&world, "1", json!({ "Message": "\u{1}".repeat(256 * 1024), "Subject": "x".repeat(100) }));
    assert_eq!(send(&world, &message).await, StatusCode::OK);
    assert_eq!(world.open_incident().await.title, "x".repeat(100));
    calm(world).await;
}
