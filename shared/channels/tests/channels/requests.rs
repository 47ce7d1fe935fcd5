//! What leaves the process, to the byte where it matters.

use hansho_channels::{Method, Rendered, SendOutcome, Settings, SmsSender, Thread, signature};

use crate::provider::{Answer, INCIDENT, Provider, mailbox, message, phone, settings, webhook};

fn accepted(provider_id: &str) -> SendOutcome {
    SendOutcome::Accepted { provider_id: provider_id.to_owned() }
}

#[tokio::test]
async fn an_sms_is_transactional_and_published_once() {
    let provider = Provider::new(Answer::sns_accepted());
    assert_eq!(provider.channels(Settings::default()).send(Method::Sms, &message(phone())).await, accepted("sns-1"));
    let asked = provider.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].method.as_str(), asked[0].uri.as_str()), ("POST", "https://sns.ap-northeast-1.amazonaws.com/"));
    assert_eq!(
        asked[0].body,
        "Action=Publish&Version=2010-03-31&PhoneNumber=%2B819012345678&Message=checkout%3A%205xx\
         &MessageAttributes.entry.1.Name=AWS.SNS.SMS.SMSType&MessageAttributes.entry.1.Value.DataType=String\
         &MessageAttributes.entry.1.Value.StringValue=Transactional"
    );
}

#[tokio::test]
async fn an_sms_carries_what_the_settings_say() {
    for (number, sent) in [("+12065550100", "%2B12065550100"), ("12345", "12345")] {
        an_sms_comes_from(number, sent).await;
    }
}

async fn an_sms_comes_from(number: &str, sent: &str) {
    let provider = Provider::new(Answer::sns_accepted());
    let sms_sender = SmsSender::new(Some("Hansho".to_owned()), Some(number), Some("0.50".to_owned()));
    let settings = Settings { sms_sender, ..Settings::default() };
    assert_eq!(provider.channels(settings).send(Method::Sms, &message(phone())).await, accepted("sns-1"));
    let body = &provider.asked()[0].body;
    for (name, kind, value) in [
        ("AWS.SNS.SMS.SMSType", "String", "Transactional"),
        ("AWS.SNS.SMS.SenderID", "String", "Hansho"),
        ("AWS.SNS.SMS.MaxPrice", "Number", "0.50"),
        ("AWS.MM.SMS.OriginationNumber", "String", sent),
    ] {
        let place = (1..=4).find(|place| body.contains(&format!("entry.{place}.Name={name}&"))).expect(name);
        assert!(
            body.contains(&format!("entry.{place}.Value.DataType={kind}&MessageAttributes.entry.{place}.Value.StringValue={value}")),
            "{name} in {body}"
        );
    }
}

#[tokio::test]
async fn with_a_wrong_sender_a_text_message_fails_with_a_sentence_and_mails_go_out() {
    let provider = Provider::new(Answer::ses_accepted());
    let wrong = Settings { sms_sender: SmsSender::new(None, Some("090-1234-5678"), None), ..settings() };
    let channels = provider.channels(wrong);
    let SendOutcome::Failed { reason } = channels.send(Method::Sms, &message(phone())).await else { panic!("it has to fail for good") };
    assert!(reason.starts_with("No text message can go out. ") && reason.contains("`origination_number` of `sms`"), "{reason}");
    assert_eq!(provider.asked().len(), 0, "SNS is not asked for what it refuses");
    assert_eq!(channels.send(Method::Email, &message(mailbox())).await, accepted("ses-1"));
}

#[tokio::test]
async fn a_mail_has_both_bodies_one_thread_and_its_delivery_as_a_tag() {
    let provider = Provider::new(Answer::ses_accepted());
    let settings = Settings { ses_configuration_set: Some("hansho".to_owned()), ..settings() };
    assert_eq!(provider.channels(settings).send(Method::Email, &message(mailbox())).await, accepted("ses-1"));
    let asked = provider.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        (asked[0].method.as_str(), asked[0].uri.as_str()),
        ("POST", "https://email.ap-northeast-1.amazonaws.com/v2/email/outbound-emails")
    );
    let body: serde_json::Value = serde_json::from_str(&asked[0].body).unwrap();
    let root = format!("<incident-{INCIDENT}@oncall.example.com>");
    let header = |name: &str, value: &str| serde_json::json!({ "Name": name, "Value": value });
    let content = |text: &str| serde_json::json!({ "Data": text, "Charset": "UTF-8" });
    assert_eq!(
        body,
        serde_json::json!({
            "FromEmailAddress": "Hansho <pager@oncall.example.com>",
            "Destination": { "ToAddresses": ["aiko@example.com"] },
            "Content": { "Simple": {
                "Subject": content("[SEV1 triggered] checkout"),
                "Body": { "Text": content("checkout: 5xx"), "Html": content("<p>checkout</p>") },
                "Headers": [
                    header("In-Reply-To", &root),
                    header("References", &root),
                    header("Auto-Submitted", "auto-generated"),
                    header("X-Hansho-Incident", INCIDENT),
                ],
            } },
            "EmailTags": [header("hansho-delivery", &format!("{INCIDENT}-1-0"))],
            "ConfigurationSetName": "hansho",
        })
    );
}

#[tokio::test]
async fn a_mail_of_a_bundle_has_its_own_thread_and_hostile_text_adds_no_header() {
    let provider = Provider::new(Answer::ses_accepted());
    let mut message = message(mailbox());
    message.thread = Thread::Bundle("aiko\r\nBcc: x@y/3".to_owned());
    message.text = Rendered { subject: "disk\r\nBcc: x@example.com".to_owned(), text: "disk".to_owned(), html: None };
    message.idempotency_key = "a key:1".to_owned();
    assert_eq!(provider.channels(settings()).send(Method::Email, &message).await, accepted("ses-1"));
    let body: serde_json::Value = serde_json::from_str(&provider.asked()[0].body).unwrap();
    assert_eq!(body["Content"]["Simple"]["Subject"]["Data"], "disk Bcc: x@example.com");
    assert_eq!(body["Content"]["Simple"]["Headers"][1]["Value"], "<bundle-aiko__Bcc__x_y_3@oncall.example.com>");
    assert_eq!(body["Content"]["Simple"]["Headers"].as_array().unwrap().len(), 3);
    assert_eq!(body["Content"]["Simple"]["Body"].as_object().unwrap().len(), 1);
    assert_eq!(body["EmailTags"][0]["Value"], "a_key_1");
    assert_eq!(body.get("ConfigurationSetName"), None);
}

#[tokio::test]
async fn a_webhook_is_signed_and_names_its_delivery() {
    let provider = Provider::new(Answer::http(204, ""));
    assert_eq!(provider.channels(Settings::default()).send(Method::Webhook, &message(webhook())).await, accepted("HTTP 204"));
    let asked = provider.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].method.as_str(), asked[0].uri.as_str()), ("POST", "https://hooks.example.com/path/hidden-token?k=v"));
    assert_eq!(asked[0].body, "checkout: 5xx");
    for (name, value) in [
        ("content-type", "application/json"),
        ("x-hansho-delivery", "01K6P4E8G0ABCDEFGHJKMNPQRS-1-0"),
        ("x-hansho-timestamp", "1791051165"),
        ("x-hansho-signature", "v1=05501716960402bf73ce63cf006a20332d96afc2063e7936f2f806e279ca46cd"),
    ] {
        assert_eq!(asked[0].header(name), Some(value), "{name}");
    }
}

/// Computed with another implementation: `printf '%s' '1700000000.{"version":1}' | openssl dgst -sha256 -hmac KEY`.
#[test]
fn the_signature_is_the_documented_one() {
    assert_eq!(
        signature(b"0123456789abcdef", 1_700_000_000, "{\"version\":1}").as_deref(),
        Some("v1=d4d5218e4060ea8d4e3266cccc3a4dad71e647b6992c00beec425264a92b2c5f")
    );
}
