//! SMS, by SNS `Publish` to a phone number.
//!
//! SNS has no idempotency key for a phone, and its acceptance is no delivery: a spending limit that is reached or a
//! switched-off phone shows in the delivery log only. It splits what is longer than a part at the ends of words.

use aws_sdk_sns::{
    config::{Builder as Overrides, retry::RetryConfig},
    types::MessageAttributeValue,
};
use hansho_domain::{Language, Method};
use hansho_texts::Alphabet;

use crate::{
    Address, Message, Rendered, SendOutcome, Settings,
    notice::NoticeContext,
    registry::{misaddressed, provider_timeouts},
    render::{BundleContext, PageContext},
    retryable,
};

/// Most parts of one message. SNS takes 1,600 bytes; this much is reached only by a link of several hundred characters.
const PARTS_MAX: usize = 4;
/// Where everything else leaves less room for the title, in units, something else gives way.
const TITLE_UNITS_MIN: usize = 6;
/// How much is left of a service's name where room is short, in units.
const SERVICE_UNITS_SHORT: usize = 16;

/// Typography that English alerts bring along and the GSM alphabet does not have: one such character would leave
/// 70 units instead of 160.
const PLAIN: [(char, &str); 9] =
    [('–', "-"), ('—', "-"), ('‘', "'"), ('’', "'"), ('“', "\""), ('”', "\""), ('…', ".."), ('×', "x"), ('`', "'")];

/// A page in one part, the title cut if need be, the link whole. A service's own words are cut as a title is.
pub(crate) fn page(language: Language, mut whole: PageContext) -> Rendered {
    if let Some(line) = &whole.own.line {
        let own = plain(language, line);
        let text = fit(&[&whole], &own, |frame, line| {
            let mut told = (*frame).clone();
            told.own.line = Some(line.to_owned());
            told.line(language)
        });
        return Rendered { text, ..Rendered::default() };
    }
    whole.incident.service = plain(language, &whole.incident.service);
    let title = plain(language, &whole.incident.title);
    let mut shorter = whole.clone();
    shorter.incident.service = short(&whole.incident.service);
    let mut shortest = shorter.clone();
    shortest.incident.since.clear();
    let text = fit(&[whole, shorter, shortest], &title, |frame, title| {
        let mut told = frame.clone();
        title.clone_into(&mut told.incident.title);
        told.line(language)
    });
    Rendered { text, ..Rendered::default() }
}

/// A bundle in one part, likewise.
pub(crate) fn bundle(language: Language, mut whole: BundleContext) -> Rendered {
    whole.worst.service = plain(language, &whole.worst.service);
    let title = plain(language, &whole.worst.title);
    let mut shorter = whole.clone();
    shorter.worst.service = short(&whole.worst.service);
    let text = fit(&[whole, shorter], &title, |frame, title| {
        let mut told = frame.clone();
        title.clone_into(&mut told.worst.title);
        told.line(language)
    });
    Rendered { text, ..Rendered::default() }
}

/// A notice. What varies in it is short, so it is seldom more than a part, and nobody waits for it.
pub(crate) fn notice(language: Language, context: &NoticeContext) -> Rendered {
    Rendered { text: plain(language, &context.line(language)), ..Rendered::default() }
}

/// Publishes one SMS. Its type is always transactional: promotional, which is the default of SNS, may be delayed or
/// dropped by operators (SNS developer guide, "Setting SMS messaging preferences").
pub(crate) async fn send(client: &aws_sdk_sns::Client, settings: &Settings, message: &Message) -> SendOutcome {
    let Address::Phone(phone) = &message.to else { return misaddressed(Method::Sms.as_str(), &message.to) };
    let sender = &settings.sms_sender;
    if let Some(problem) = sender.problem() {
        return SendOutcome::failed(problem);
    }
    let attributes = [
        ("AWS.SNS.SMS.SMSType", "String", Some("Transactional")),
        ("AWS.SNS.SMS.SenderID", "String", sender.id.as_deref()),
        ("AWS.SNS.SMS.MaxPrice", "Number", sender.max_price_usd.as_deref()),
        ("AWS.MM.SMS.OriginationNumber", "String", sender.number.as_ref().map(|n| n.as_str())),
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

/// One attempt, with a provider's time: retries are the delivery queue's.
fn once() -> Overrides {
    Overrides::new().retry_config(RetryConfig::disabled()).timeout_config(provider_timeouts())
}

fn plain(language: Language, text: &str) -> String {
    match language {
        // Japanese is UCS-2 whatever we do.
        Language::Ja => text.to_owned(),
        Language::En => text
            .chars()
            .map(|c| PLAIN.iter().find(|(fancy, _)| *fancy == c).map_or_else(|| c.to_string(), |(_, plain)| (*plain).to_owned()))
            .collect(),
    }
}

fn short(service: &str) -> String {
    Alphabet::of(service).cut(service, SERVICE_UNITS_SHORT)
}

/// The fewest parts that hold a frame and as much of the title as it leaves room for. `frames` stand from the fullest to
/// the barest: each says a little less before another part is paid for.
fn fit<T>(frames: &[T], title: &str, line: impl Fn(&T, &str) -> String) -> String {
    for parts in 1..=PARTS_MAX {
        for frame in frames {
            if let Some(text) = fit_title(parts, title, |title| line(frame, title)) {
                return text;
            }
        }
    }
    frames.last().map(|frame| line(frame, "")).unwrap_or_default()
}

fn fit_title(parts: usize, title: &str, line: impl Fn(&str) -> String) -> Option<String> {
    let whole = line(title);
    let alphabet = Alphabet::of(&whole);
    if alphabet.units(&whole) <= alphabet.room(parts) {
        return Some(whole);
    }
    let left = alphabet.room(parts).checked_sub(alphabet.units(&line("")))?;
    (left >= TITLE_UNITS_MIN).then(|| line(&alphabet.cut(title, left)))
}
