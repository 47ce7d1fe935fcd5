//! SNS, as far as an SMS to one phone goes.

use std::collections::BTreeMap;

use super::{Answer, Call, Service, Sink, Sms, fault::xml_escaped};

/// Longest text of one `Publish`, in bytes.
const MESSAGE_BYTES_MAX: usize = 1600;
/// Longest number that E.164 allows, without the plus.
const PHONE_DIGITS_MAX: usize = 15;

pub(super) fn answer(call: &Call, sink: &dyn Sink) -> Answer {
    if call.operation != "Publish" {
        return Answer::unknown_operation(Service::Sns, &call.operation);
    }
    let sms = match sms(&call.body) {
        Ok(sms) => sms,
        Err(refusal) => return refusal,
    };
    match sink.sms(sms) {
        Ok(id) => published(&id),
        Err(fault) => Answer::of_fault(Service::Sns, &fault),
    }
}

fn published(id: &str) -> Answer {
    let body = format!(
        "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>{}</MessageId></PublishResult><ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></PublishResponse>",
        xml_escaped(id)
    );
    Answer::new(200, body).with_header("content-type", "text/xml")
}

fn sms(body: &[u8]) -> Result<Sms, Answer> {
    let (mut phone, mut message) = (String::new(), String::new());
    let mut entries: BTreeMap<String, (String, String)> = BTreeMap::new();
    for (field, value) in form_urlencoded::parse(body) {
        match field.as_ref() {
            "Action" | "Version" => {}
            "PhoneNumber" => phone = value.into_owned(),
            "Message" => message = value.into_owned(),
            field => {
                let (entry, part) = attribute_part(field)?;
                let (name, text) = entries.entry(entry.to_owned()).or_default();
                match part {
                    "Name" => *name = value.into_owned(),
                    "Value.StringValue" => *text = value.into_owned(),
                    _ => {}
                }
            }
        }
    }
    check_phone(&phone)?;
    check_message(&message)?;
    Ok(Sms { phone, message, attributes: entries.into_values().collect() })
}

/// `MessageAttributes.entry.1.Value.StringValue` is entry `1`, part `Value.StringValue`.
fn attribute_part(field: &str) -> Result<(&str, &str), Answer> {
    field
        .strip_prefix("MessageAttributes.entry.")
        .and_then(|rest| rest.split_once('.'))
        .filter(|(_, part)| matches!(*part, "Name" | "Value.DataType" | "Value.StringValue"))
        .ok_or_else(|| invalid(&format!("the local endpoint does not know {field}")))
}

fn check_phone(phone: &str) -> Result<(), Answer> {
    let digits = phone.strip_prefix('+').unwrap_or_default();
    let e164 = (2..=PHONE_DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if e164 {
        return Ok(());
    }
    Err(invalid(&format!("PhoneNumber Reason: {phone} is not valid to publish to")))
}

fn check_message(message: &str) -> Result<(), Answer> {
    if message.is_empty() {
        return Err(invalid("Empty message"));
    }
    if message.len() > MESSAGE_BYTES_MAX {
        return Err(invalid("Message too long"));
    }
    Ok(())
}

fn invalid(message: &str) -> Answer {
    Answer::rejected(Service::Sns, &format!("Invalid parameter: {message}"))
}
