//! SMS, by SNS `Publish` to a phone number.
//!
//! SNS has no idempotency key for a phone, and its acceptance is no delivery: a spending limit that is reached or a
//! switched-off phone shows in the delivery log only. It splits what is longer than a part at the ends of words.

use aws_sdk_sns::{
    config::{Builder as Overrides, retry::RetryConfig},
    types::MessageAttributeValue,
};
use hansho_domain::{Language, Method};

use crate::{
    Address, Message, Rendered, SendOutcome, Settings,
    gsm7::Alphabet,
    registry::misaddressed,
    render::{BundleContext, PageContext},
    retryable,
};

/// Most parts of one message. SNS takes 1,600 bytes; this much is reached only by a link of several hundred characters.
const PARTS_MAX: usize = 4;
/// Where the link leaves less than this much room for the title, in units, one more part is used.
const TITLE_UNITS_MIN: usize = 6;
/// How much is left of a service's name where room is short, in units.
const SERVICE_UNITS_SHORT: usize = 16;

/// Typography that English alerts bring along and the GSM alphabet does not have: one such character would leave
/// 70 units instead of 160.
const PLAIN: [(char, &str); 9] = [('–', "-"), ('—', "-"), ('‘', "'"), ('’', "'"), ('“', "\""), ('”', "\""), ('…', ".."), ('×', "x"), ('`', "'")];

/// A page in one part, the title cut if need be, the link whole.
pub(crate) fn page(language: Language, mut context: PageContext) -> Rendered {
    let (service, title) = (plain(language, &context.incident.service), plain(language, &context.incident.title));
    let text = fit(&service, &title, |service, title| {
        service.clone_into(&mut context.incident.service);
        title.clone_into(&mut context.incident.title);
        context.line(language)
    });
    Rendered { text, ..Rendered::default() }
}

/// A bundle in one part, likewise.
pub(crate) fn bundle(language: Language, mut context: BundleContext) -> Rendered {
    let (service, title) = (plain(language, &context.worst.service), plain(language, &context.worst.title));
    let text = fit(&service, &title, |service, title| {
        service.clone_into(&mut context.worst.service);
        title.clone_into(&mut context.worst.title);
        context.line(language)
    });
    Rendered { text, ..Rendered::default() }
}

/// Publishes one SMS. Its type is always transactional: promotional, which is the default of SNS, may be delayed or
/// dropped by operators (SNS developer guide, "Setting SMS messaging preferences").
pub(crate) async fn send(client: &aws_sdk_sns::Client, settings: &Settings, message: &Message) -> SendOutcome {
    let Address::Phone(phone) = &message.to else { return misaddressed(Method::Sms, &message.to) };
    let attributes = [
        ("AWS.SNS.SMS.SMSType", "String", Some("Transactional")),
        ("AWS.SNS.SMS.SenderID", "String", settings.sms_sender_id.as_deref()),
        ("AWS.SNS.SMS.MaxPrice", "Number", settings.sms_max_price_usd.as_deref()),
        ("AWS.MM.SMS.OriginationNumber", "String", settings.sms_origination_number.as_ref().map(|n| n.reveal())),
    ];
    let mut request = client.publish().phone_number(phone.reveal()).message(&message.text.text);
    for (name, kind, value) in attributes {
        let Some(value) = value else { continue };
        match MessageAttributeValue::builder().data_type(kind).string_value(value).build() {
            Ok(value) => request = request.message_attributes(name, value),
            Err(_) => return SendOutcome::failed(format!("The SMS attribute {name} could not be set.")),
        }
    }
    match request.customize().config_override(once()).send().await {
        Ok(answer) => SendOutcome::Accepted { provider_id: answer.message_id.unwrap_or_default() },
        Err(error) => retryable::sns(&error),
    }
}

/// One attempt: retries are the delivery queue's. How long it may take is the client's own setting.
fn once() -> Overrides {
    Overrides::new().retry_config(RetryConfig::disabled())
}

fn plain(language: Language, text: &str) -> String {
    match language {
        // Japanese is UCS-2 whatever we do.
        Language::Ja => text.to_owned(),
        Language::En => text.chars().map(|c| PLAIN.iter().find(|(fancy, _)| *fancy == c).map_or_else(|| c.to_string(), |(_, plain)| (*plain).to_owned())).collect(),
    }
}

/// The fewest parts that hold everything around the title, and as much of the title as they have room for.
/// The service's name gives way before a second part is paid for.
fn fit(service: &str, title: &str, mut render: impl FnMut(&str, &str) -> String) -> String {
    let short = Alphabet::of(service).cut(service, SERVICE_UNITS_SHORT);
    for parts in 1..=PARTS_MAX {
        for service in [service, &short] {
            if let Some(text) = fit_title(parts, title, |title| render(service, title)) {
                return text;
            }
        }
    }
    render(&short, "")
}

fn fit_title(parts: usize, title: &str, mut render: impl FnMut(&str) -> String) -> Option<String> {
    let whole = render(title);
    let alphabet = Alphabet::of(&whole);
    if alphabet.units(&whole) <= alphabet.room(parts) {
        return Some(whole);
    }
    let left = alphabet.room(parts).checked_sub(alphabet.units(&render("")))?;
    (left >= TITLE_UNITS_MIN).then(|| render(&alphabet.cut(title, left)))
}
