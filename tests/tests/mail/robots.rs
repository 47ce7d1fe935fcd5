//! What opens nothing, and why.

use acceptance::World;
use hansho_email_intake::{Sent, Verdict};
use hansho_intake::Taken;
use hansho_store::Received;

use crate::{address, close, envelope, incident, mail, one, plain, reason, sample, suppressed, take, world};

/// Nothing is open and nothing was sent.
async fn nothing_follows(world: &mut World) {
    world.minutes(10).await;
    world.expect_silence();
    assert!(world.open_incidents().await.is_empty());
}

#[tokio::test]
async fn absence_notes_bounces_and_our_own_mails_open_nothing_and_are_on_the_list_with_their_reason() {
    let mut world = world().await;
    for (file, why) in [
        ("out-of-office.eml", "an automatic answer (an absence note)"),
        ("vacation.eml", "an automatic answer (Auto-Submitted: auto-replied)"),
        ("bounce.eml", "a delivery report (multipart/report)"),
        ("own-page.eml", "a mail of Hansho itself"),
    ] {
        let taken = mail(&mut world, file, "mail", &sample(file)).await;
        assert!(reason(&taken).contains(why), "{file}: {taken:?}");
    }
    let to = address(&world, "mail").await;
    let mut bounce = envelope("null", &[&to], &world);
    bounce.sender = Sent::By(String::new());
    let taken = one(take(&mut world, &bounce, &plain("disk full", "x")).await);
    assert!(reason(&taken).contains("return path is empty"), "{taken:?}");
    let listed = suppressed(&world).await;
    assert_eq!(listed.len(), 5, "{listed:#?}");
    assert!(listed.iter().all(|entry| entry.integration.as_str() == "mail" && !entry.title.is_empty()), "{listed:#?}");
    nothing_follows(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn a_subscription_confirmation_is_a_task_and_never_pages() {
    let mut world = world().await;
    let taken = mail(&mut world, "sub", "mail-cloudwatch", &sample("subscription-confirmation.eml")).await;
    let task = reason(&taken);
    assert!(task.starts_with("to do: Amazon SNS asks whether arn:aws:sns:ap-northeast-1:111122223333:alarms"), "{task}");
    assert!(task.contains("https://sns.ap-northeast-1.amazonaws.com/confirmation.html?"), "{task}");
    nothing_follows(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn verdicts_are_honoured_as_configured_and_spam_still_pages_unless_it_is_said_otherwise() {
    let mut world = world().await;
    for (id, integration, verdict, opens) in [
        ("v1", "mail", "spam", true),
        ("v2", "mail", "virus", false),
        ("v3", "mail", "dmarc", true),
        ("v4", "mail-strict", "spam", false),
        ("v5", "mail-strict", "dmarc", false),
        ("v6", "mail-strict", "none", true),
    ] {
        let to = address(&world, integration).await;
        let mut envelope = envelope(id, &[&to], &world);
        match verdict {
            "spam" => envelope.verdicts.spam = Verdict::Fail,
            "virus" => envelope.verdicts.virus = Verdict::Fail,
            "dmarc" => envelope.verdicts.dmarc = Verdict::Fail,
            _ => {}
        }
        let taken = one(take(&mut world, &envelope, &plain(&format!("disk full {id}"), "x")).await);
        assert_eq!(matches!(taken, Taken::Received(Received::Opened(_))), opens, "{id}: {taken:?}");
        if !opens {
            assert!(reason(&taken).contains(&format!("{verdict}Verdict FAIL")), "{taken:?}");
        }
    }
    close(world).await;
}

#[tokio::test]
async fn filters_words_and_openings_are_those_of_the_integration() {
    let mut world = world().await;
    // Every mail, only if nothing is open.
    let first = mail(&mut world, "e1", "mail-each", &plain("x", "1")).await;
    let second = mail(&mut world, "e2", "mail-each", &plain("x", "2")).await;
    assert_ne!(incident(&world, &first).await.id, incident(&world, &second).await.id);
    let first = mail(&mut world, "o1", "mail-once", &plain("x", "1")).await;
    let second = mail(&mut world, "o2", "mail-once", &plain("y", "2")).await;
    assert!(matches!(second, Taken::Received(Received::Repeated(id)) if id == incident(&world, &first).await.id), "{second:?}");
    // Per subject, whatever programs and lists put before it.
    let first = mail(&mut world, "s1", "mail", &plain("disk full", "1")).await;
    let second = mail(&mut world, "s2", "mail", &plain("Re: [ops:00042] Fwd: disk full", "2")).await;
    assert!(matches!(second, Taken::Received(Received::Repeated(id)) if id == incident(&world, &first).await.id), "{second:?}");
    // Words.
    let opened = mail(&mut world, "w1", "mail-words", &plain("障害 [web01] 警告", "x")).await;
    assert_eq!(incident(&world, &opened).await.severity, hansho_domain::Severity::Warning);
    let resolved = mail(&mut world, "w2", "mail-words", &plain("[web01] 復旧", "x")).await;
    assert!(matches!(resolved, Taken::Received(Received::Resolved(_))), "{resolved:?}");
    let unknown = mail(&mut world, "w3", "mail-words", &plain("monthly report", "x")).await;
    assert!(reason(&unknown).contains("`otherwise` is suppress"), "{unknown:?}");
    let foreign = mail(&mut world, "w4", "mail-words", b"From: a@example.com\r\nSubject: =?utf-8?B?6Zqc5a6z?= [web02]\r\n\r\nx").await;
    assert!(reason(&foreign).contains("filter"), "{foreign:?}");
    close(world).await;
}

#[tokio::test]
async fn hostile_mails_open_something_that_can_be_read() {
    let mut world = world().await;
    let deep: String = (0..3_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n")).collect();
    let wide = format!("Subject: wide\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\nx\r\n".repeat(300_000));
    for (id, raw, title) in [
        ("h1", b"\xff\xfe\x00\x01 no mail at all".to_vec(), None),
        ("h2", Vec::new(), Some("Mail without subject and text from nobody (件名・本文なし)")),
        ("h3", format!("Subject: deep\r\n{deep}").into_bytes(), Some("deep")),
        ("h4", wide.into_bytes(), Some("wide")),
        ("h5", format!("Subject: many\r\n{}\r\nx", "A: b\r\n".repeat(500_000)).into_bytes(), Some("many")),
        ("h6", b"Subject: =?utf-8?Q?a=0D=0ABcc:_x=40example.com=00?=\r\n\r\nx".to_vec(), Some("a Bcc: x@example.com")),
        ("h7", b"Subject: a\r\nContent-Type: application/ms-tnef; name=\"winmail.dat\"\r\n\r\n\x78\x9f\x3e\x22".to_vec(), Some("a")),
        ("h8", b"Subject: b\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR".to_vec(), Some("b")),
    ] {
        let taken = mail(&mut world, id, "mail-each", &raw).await;
        assert!(matches!(taken, Taken::Received(Received::Opened(_))), "{id}: {taken:?}");
        let opened = incident(&world, &taken).await;
        assert!(!opened.title.is_empty() && !opened.title.contains(char::is_control), "{id}: {:?}", opened.title);
        assert!(title.is_none_or(|title| title == opened.title), "{id}: {:?}", opened.title);
    }
    close(world).await;
}
