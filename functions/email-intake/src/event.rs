//! Reads one Lambda event into mails: what SES says about each (SES developer guide, "Contents of an event for the Lambda action",
//! "Contents of notifications for Amazon SES email receiving"), and where its content is.
//!
//! The types are our own and tolerant: a field that is missing or of another type counts as missing. Older notifications have no
//! `dmarcVerdict`, and every one of the common headers may be absent.

use jiff::Timestamp;
use serde_json::Value;

use crate::envelope::{Envelope, Sent, Verdict, Verdicts};

/// One mail of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The id of the SQS message it came in, to be named when this record alone has to come back.
    pub message_id: Option<String>,
    /// The mail; the error says what is wrong with the record, in a sentence.
    pub mail: Result<Received, String>,
}

/// A mail that SES received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What SES says about it.
    pub envelope: Envelope,
    /// Its fields, as far as SES names them.
    pub fields: Vec<(String, String)>,
    /// Whether it names all of them.
    pub has_all_fields: bool,
    /// Where its content is.
    pub content: Content,
}

/// Where the content of a mail is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// In this event.
    Here(Vec<u8>),
    /// In this object.
    Object {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// In the object that a rule before has written, whose key ends in the id of the mail.
    Bucket,
}

/// Reads an event, at least one record. How many there are is bounded by what Lambda takes (6 MB).
pub fn read(event: &Value) -> Vec<Record> {
    match event.get("Records").and_then(Value::as_array) {
        Some(records) if !records.is_empty() => records.iter().map(record).collect(),
        _ => vec![record(event)],
    }
}

fn record(value: &Value) -> Record {
    // Of SQS; what SES itself calls so stands deeper.
    let message_id = value.get("body").and_then(|_| text(value, "messageId"));
    Record { message_id, mail: opened(value, 0) }
}

/// Takes the envelopes of SQS and SNS off.
fn opened(value: &Value, depth: u8) -> Result<Received, String> {
    if depth > 3 {
        return Err("it has more envelopes in one another than any way of SES makes".to_owned());
    }
    let inner = |text: &str, what: &str| serde_json::from_str::<Value>(text).map_err(|error| format!("its {what} is no JSON: {error}"));
    if let Some(ses) = value.get("ses") {
        return received(ses);
    }
    if value.get("mail").is_some() && value.get("receipt").is_some() {
        return received(value);
    }
    if let Some(message) = value.get("Sns").and_then(|sns| sns.get("Message")?.as_str()) {
        return opened(&inner(message, "SNS message")?, depth + 1);
    }
    if let Some(message) = value.get("Message").and_then(Value::as_str) {
        return opened(&inner(message, "SNS message")?, depth + 1);
    }
    if let Some(body) = value.get("body").and_then(Value::as_str) {
        return opened(&inner(body, "SQS message")?, depth + 1);
    }
    Err("it is no mail that SES received: it has neither `ses` nor `mail` and `receipt`".to_owned())
}

fn received(value: &Value) -> Result<Received, String> {
    let (mail, receipt) = (value.get("mail").unwrap_or(&Value::Null), value.get("receipt").unwrap_or(&Value::Null));
    let id = text(mail, "messageId").filter(|id| !id.is_empty()).ok_or("it has no mail.messageId")?;
    let is_id = id.len() <= 200 && id.bytes().all(|b| b.is_ascii_graphic() && b != b'/');
    if !is_id {
        return Err("its mail.messageId is none of SES".to_owned());
    }
    let action = receipt.get("action").unwrap_or(&Value::Null);
    let recipients = texts(receipt, "recipients").or_else(|| texts(mail, "destination")).unwrap_or_default();
    let verdict = |name: &str| receipt.get(name).and_then(|verdict| verdict.get("status")?.as_str()).map_or(Verdict::Unknown, Verdict::of);
    let time = |value: &Value| text(value, "timestamp").and_then(|time| time.parse::<Timestamp>().ok());
    let object = object(action);
    let content = match (value.get("content").and_then(Value::as_str), object) {
        (Some(content), _) => Content::Here(content_bytes(content, text(action, "encoding").as_deref())),
        (None, Some((bucket, key))) => Content::Object { bucket, key },
        (None, None) => Content::Bucket,
    };
    Ok(Received {
        envelope: Envelope {
            id,
            // SES stamps both when it has taken the mail.
            received_at: time(receipt).or_else(|| time(mail)),
            sender: text(mail, "source").map_or(Sent::Unknown, Sent::By),
            recipients,
            verdicts: Verdicts { spam: verdict("spamVerdict"), virus: verdict("virusVerdict"), dmarc: verdict("dmarcVerdict") },
        },
        fields: fields(mail),
        // Its `headers` end at 10 KB, and may not be in a notification at all.
        has_all_fields: mail.get("headers").is_some_and(Value::is_array) && mail.get("headersTruncated") == Some(&Value::Bool(false)),
        content,
    })
}

/// The object that the action of the rule has written.
fn object(action: &Value) -> Option<(String, String)> {
    Some((text(action, "bucketName")?, text(action, "objectKey")?)).filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
}

fn content_bytes(content: &str, encoding: Option<&str>) -> Vec<u8> {
    if encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64")) {
        crate::mail::lenient_base64(content.as_bytes())
    } else {
        content.as_bytes().to_vec()
    }
}

/// The fields that SES names: all of them, or those that it calls common.
fn fields(mail: &Value) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = mail
        .get("headers")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|header| Some((text(header, "name")?, text(header, "value")?)))
        .collect();
    let common = mail.get("commonHeaders").unwrap_or(&Value::Null);
    for (name, key) in [("Subject", "subject"), ("Message-ID", "messageId"), ("Date", "date"), ("Return-Path", "returnPath")] {
        if let Some(value) = text(common, key).filter(|_| !has(&fields, name)) {
            fields.push((name.to_owned(), value));
        }
    }
    for (name, key) in [("From", "from"), ("To", "to")] {
        if let Some(values) = texts(common, key).filter(|_| !has(&fields, name)) {
            fields.push((name.to_owned(), values.join(", ")));
        }
    }
    fields
}

fn has(fields: &[(String, String)], name: &str) -> bool {
    fields.iter().any(|(found, _)| found.eq_ignore_ascii_case(name))
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

fn texts(value: &Value, key: &str) -> Option<Vec<String>> {
    Some(value.get(key)?.as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Content, read};
    use crate::envelope::{Sent, Verdict};

    fn ses(receipt: Value) -> Value {
        json!({
            "mail": {
                "messageId": "m-1", "source": "root@web01.example.com", "timestamp": "2026-11-20T18:12:00.000Z",
                "destination": ["to@example.com"], "headers": [{ "name": "Subject", "value": "disk" }, { "name": 5 }, null],
                "commonHeaders": { "from": ["Root <root@web01.example.com>"], "subject": "other" },
            },
            "receipt": receipt,
        })
    }

    #[test]
    fn every_record_of_an_event_is_read() {
        let record = json!({ "eventSource": "aws:ses", "ses": ses(json!({ "recipients": ["checkout-1@oncall.example.com"] })) });
        assert_eq!(read(&json!({ "Records": vec![record; 1_000] })).len(), 1_000);
    }

    #[test]
    fn every_recipient_of_a_mail_is_read() {
        let recipients: Vec<String> = (0..300).map(|n| format!("a{n}-1@oncall.example.com")).collect();
        let records = read(&json!({ "Records": [{ "eventSource": "aws:ses", "ses": ses(json!({ "recipients": recipients })) }] }));
        assert_eq!(records[0].mail.as_ref().unwrap().envelope.recipients, recipients);
    }

    #[test]
    fn the_lambda_action_names_a_mail_whose_content_is_in_the_bucket() {
        let receipt = json!({ "recipients": ["checkout-1@oncall.example.com"], "spamVerdict": { "status": "FAIL" } });
        let records = read(&json!({ "Records": [{ "eventSource": "aws:ses", "ses": ses(receipt) }] }));
        let mail = records[0].mail.as_ref().unwrap();
        assert_eq!(mail.envelope.recipients, ["checkout-1@oncall.example.com"]);
        assert_eq!(mail.envelope.sender, Sent::By("root@web01.example.com".to_owned()));
        assert_eq!((mail.envelope.verdicts.spam, mail.envelope.verdicts.dmarc), (Verdict::Fail, Verdict::Unknown));
        assert_eq!(mail.content, Content::Bucket);
        let subject: Vec<_> = mail.fields.iter().filter(|(name, _)| name == "Subject").collect();
        assert_eq!(subject, [&("Subject".to_owned(), "disk".to_owned())]);
        assert!(mail.fields.contains(&("From".to_owned(), "Root <root@web01.example.com>".to_owned())));
    }

    #[test]
    fn the_sns_form_has_its_content_as_text_or_in_base64_or_names_an_object() {
        let sns = |receipt: Value, content: Option<&str>| {
            let mut message = ses(receipt);
            message["content"] = content.into();
            json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": message.to_string() } }] })
        };
        let of = |event: &Value| read(event).remove(0).mail.unwrap().content;
        let plain = sns(json!({ "action": { "type": "SNS", "encoding": "UTF-8" } }), Some("Subject: x\r\n\r\n障害"));
        assert_eq!(of(&plain), Content::Here("Subject: x\r\n\r\n障害".as_bytes().to_vec()));
        let encoded = sns(json!({ "action": { "type": "SNS", "encoding": "Base64" } }), Some("U3ViamVjdDogeA0K\r\nDQo="));
        assert_eq!(of(&encoded), Content::Here(b"Subject: x\r\n\r\n".to_vec()));
        let object = sns(json!({ "action": { "type": "S3", "bucketName": "b", "objectKey": "in/m-1" } }), None);
        assert_eq!(of(&object), Content::Object { bucket: "b".to_owned(), key: "in/m-1".to_owned() });
    }

    #[test]
    fn a_queue_names_each_of_its_messages() {
        let body = json!({ "Type": "Notification", "Message": ses(json!({})).to_string() }).to_string();
        let records = read(&json!({ "Records": [{ "messageId": "q-1", "body": body }, { "messageId": "q-2", "body": "no JSON" }] }));
        assert_eq!(records[0].message_id.as_deref(), Some("q-1"));
        assert_eq!(records[0].mail.as_ref().unwrap().envelope.recipients, ["to@example.com"]);
        assert_eq!(records[1].message_id.as_deref(), Some("q-2"));
        assert!(records[1].mail.as_ref().unwrap_err().contains("no JSON"));
    }

    #[test]
    fn what_is_no_mail_says_so() {
        for event in [json!({}), json!(null), json!({ "Records": [] }), json!({ "Records": [5] }), json!({ "mail": {}, "receipt": {} })] {
            assert!(read(&event).remove(0).mail.is_err(), "{event}");
        }
        let path = json!({ "mail": { "messageId": "../x" }, "receipt": {} });
        assert!(read(&path)[0].mail.is_err(), "the id is part of a key");
    }
}
