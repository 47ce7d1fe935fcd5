//! The test page to one person, and each way in which it does not come through.

use clap::Parser as _;
use serde_json::{Value, json};

use super::{Aws, State, ill, only};
use crate::commands::doctor::DoctorArguments;

const CONFIG: &str = "lambda POST /2015-03-31/functions/hansho-config%3Alive/invocations";
const INCIDENT: &str = "01JD0000000000000000000000";

fn rule(after_seconds: u32, by: &str) -> Value {
    json!({ "after_seconds": after_seconds, "by": by, "wakes": by == "sms" })
}

fn delivery(by: &str, state: &str, reason: Option<&str>) -> Value {
    json!({ "by": by, "wakes": by == "sms", "state": state, "reason": reason })
}

/// A deployment that takes the request, and says this of it.
fn paging(rules: &[Value], phase: &str, answered: &Value, deliveries: &[Value]) -> Aws {
    let sent = json!({ "result": "test_page_sent", "user": "aiko", "incident": INCIDENT, "rules": rules });
    let became = json!({
        "result": "test_page", "incident": INCIDENT, "user": "aiko", "phase": phase, "answered": answered, "deliveries": deliveries,
    });
    Aws::healthy().with(&format!("{CONFIG} send_test_page"), 200, &sent).with(&format!("{CONFIG} test_page"), 200, &became)
}

fn refusing(answer: &Value) -> Aws {
    Aws::healthy().with(&format!("{CONFIG} send_test_page"), 200, answer)
}

/// What `config` was asked beside the configuration.
fn asked(aws: &Aws) -> Vec<Value> {
    let asked = aws.asked.lock().unwrap();
    let bodies = asked.iter().filter(|asked| asked.name == CONFIG).map(|asked| serde_json::from_str(&asked.body).unwrap());
    bodies.filter(|body: &Value| body["action"] != "export").collect()
}

#[tokio::test]
async fn a_test_page_that_is_sent_and_answered_says_by_which_way() {
    let aws = paging(&[rule(0, "sms")], "acknowledged", &json!({ "by": "sms", "wakes": true }), &[delivery("sms", "sent", None)]);
    let doctor = aws.contacted("aiko").await;
    assert_eq!(ill(&doctor), []);
    let told = doctor.report.findings.last().unwrap();
    assert_eq!(told.found.en, "a test page was sent to aiko by sms within 0 s, and answered by the link in the sms within 0 s");
    assert!(told.found.ja.contains("sms で aiko へ送信しました") && told.found.ja.contains("応答がありました"), "{told:?}");
    let asked = asked(&aws);
    assert_eq!(asked.len(), 2, "it is not waited for any longer: {asked:?}");
    assert_eq!((&asked[0]["action"], &asked[0]["user"]), (&json!("send_test_page"), &json!("aiko")));
    assert!(asked[0]["request"].as_str().unwrap().starts_with("doctor/2026-11-20T18:12:00") && asked[0]["with"] == "hansho doctor");
    assert_eq!(asked[1], json!({ "action": "test_page", "incident": INCIDENT }));
    assert!(aws.asked.lock().unwrap().iter().all(|asked| !asked.name.contains("alarm-intake%3Alive/invocations")), "no service is paged");
}

#[tokio::test]
async fn a_test_page_that_nobody_answers_is_waited_for_two_minutes_and_told_as_sent() {
    let sent = [delivery("email", "sent", None), delivery("sms", "sent", None), delivery("sms", "sent", None)];
    let aws = paging(&[rule(0, "sms"), rule(0, "email")], "triggered", &Value::Null, &sent);
    let doctor = aws.contacted("aiko").await;
    assert_eq!(ill(&doctor), []);
    let told = &doctor.report.findings.last().unwrap().found.en;
    assert!(told.contains("was sent to aiko by email, sms within 0 s, and not answered within two minutes; ask aiko"), "{told}");
    assert_eq!(asked(&aws).len(), 41, "one request and 40 looks, three seconds apart");
    let aws = paging(&[rule(0, "sms")], "acknowledged", &Value::Null, &[delivery("sms", "sent", None)]);
    let told = aws.contacted("aiko").await.report.findings.last().unwrap().found.en.clone();
    assert!(told.contains("acknowledged within 0 s, not by a link that proves a phone"), "{told}");
}

#[tokio::test]
async fn a_test_page_that_the_provider_refuses_says_why() {
    let failed = delivery("sms", "failed", Some("the number is opted out"));
    let doctor = paging(&[rule(0, "sms")], "triggered", &Value::Null, std::slice::from_ref(&failed)).contacted("aiko").await;
    only(&doctor, State::Fault, "it did not reach aiko by sms: the number is opted out", "correct the address of aiko");
    // The next of their ways, which wakes nobody, makes up for nothing.
    let both = [failed, delivery("email", "sent", None)];
    let doctor = paging(&[rule(0, "sms"), rule(600, "email")], "triggered", &Value::Null, &both).contacted("aiko").await;
    let told = ill(&doctor);
    assert!(told.len() == 2 && told[0].1.contains("opted out") && told[1].1.contains("that wakes nobody"), "{told:?}");
}

#[tokio::test]
async fn a_test_page_that_comes_out_of_no_stream_or_queue_says_where_to_look() {
    let doctor = paging(&[rule(0, "sms")], "triggered", &Value::Null, &[]).contacted("aiko").await;
    only(&doctor, State::Fault, "nothing came out of the table's stream for aiko", "/aws/lambda/hansho-outbox-relay");
    let pending = [delivery("sms", "pending", Some("the provider says later"))];
    let doctor = paging(&[rule(0, "sms")], "triggered", &Value::Null, &pending).contacted("aiko").await;
    only(&doctor, State::Fault, "the delivery by sms is pending: the provider says later", "/aws/lambda/hansho-delivery");
    let ended = [delivery("sms", "ended", Some("no longer needed"))];
    let doctor = paging(&[rule(0, "sms")], "acknowledged", &Value::Null, &ended).contacted("aiko").await;
    only(&doctor, State::Advice, "has answered on a page before it was sent", "let aiko answer by the link");
}

#[tokio::test]
async fn somebody_without_a_contact_that_wakes_or_with_a_late_one_is_told_so() {
    let mail = [delivery("email", "sent", None)];
    let doctor = paging(&[rule(0, "email")], "triggered", &Value::Null, &mail).contacted("aiko").await;
    only(&doctor, State::Fault, "by email within 0 s, and not answered within two minutes", "give aiko a `phone:`");
    let doctor = paging(&[rule(0, "email"), rule(600, "sms")], "triggered", &Value::Null, &mail).contacted("aiko").await;
    only(&doctor, State::Advice, "that wakes nobody, and sms comes after 600 s", "be one that wakes");
    let aws = paging(&[rule(300, "sms")], "triggered", &Value::Null, &[]);
    only(&aws.contacted("aiko").await, State::Advice, "nothing before 300 s have passed, then by sms", "`after: 0m`");
    assert_eq!(asked(&aws).len(), 1, "what can not come is not waited for");
}

#[tokio::test]
async fn a_test_page_that_config_refuses_pages_nobody_and_says_what_to_do() {
    let unknown = json!({ "result": "refused", "reason": "unknown_user", "message": "x", "users": ["aiko", "ben"], "more_users": 3 });
    let aws = refusing(&unknown);
    only(&aws.contacted("aik").await, State::Fault, "there is no user aik, so nobody was paged", "name one of aiko, ben and 3 more");
    assert_eq!(asked(&aws).len(), 1);
    let nothing = json!({ "result": "refused", "reason": "no_contact", "message": "x" });
    only(&refusing(&nothing).contacted("aiko").await, State::Fault, "aiko has no way to be told", "a `phone:`");
    let again = json!({ "result": "refused", "reason": "too_often", "message": "x", "again_at": "2026-11-20T18:13:00Z" });
    only(&refusing(&again).contacted("aiko").await, State::Unknown, "of late", "run it again after 2026-11-20T18:13:00Z");
    let older = json!({ "result": "refused", "message": "this is no request for the configuration (unknown variant `send_test_page`)" });
    only(&refusing(&older).contacted("aiko").await, State::Fault, "nobody was paged: this is no request", "`scripts/deploy config`");
    let denied = json!({ "__type": "AccessDeniedException", "Message": "no" });
    let aws = Aws::healthy().with(&format!("{CONFIG} send_test_page"), 403, &denied);
    only(&aws.contacted("aiko").await, State::Unknown, "you may not look at it (lambda:InvokeFunction)", "lambda:InvokeFunction");
}

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    asked: DoctorArguments,
}

#[test]
fn one_test_is_made_at_a_time_and_of_a_name_that_can_be_one() {
    let parsed = |words: &[&str]| Line::try_parse_from([&["doctor"], words].concat()).map(|line| line.asked);
    assert_eq!(parsed(&["--test-contact", "aiko"]).unwrap().test_contact.unwrap().as_str(), "aiko");
    let both = parsed(&["--test-contact", "aiko", "--test-alarm", "checkout"]).unwrap_err();
    assert_eq!(both.kind(), clap::error::ErrorKind::ArgumentConflict);
    assert!(parsed(&["--test-contact", "a b"]).is_err());
}
