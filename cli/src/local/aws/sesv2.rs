//! SESv2, as far as `SendEmail` with simple content goes.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;

use super::{Answer, Call, Mail, Service, Sink, fault::rest_error};

/// Most recipients of one mail.
const RECIPIENTS_MAX: usize = 50;
/// Most additional headers of one mail.
const HEADERS_MAX: usize = 15;
/// Longest name of a header.
const HEADER_NAME_CHARS_MAX: usize = 126;
/// Longest value of a header.
const HEADER_VALUE_CHARS_MAX: usize = 870;
/// Longest name or value of a tag.
const TAG_CHARS_MAX: usize = 256;

/// Fields that change nothing about a mail here are read and ignored; any other unknown field is refused.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SendEmail {
    from_email_address: String,
    destination: Destination,
    content: Content,
    #[serde(default)]
    reply_to_addresses: Vec<String>,
    #[serde(default)]
    email_tags: Vec<NameValue>,
    #[serde(default, rename = "ConfigurationSetName")]
    _configuration_set_name: IgnoredAny,
    #[serde(default, rename = "FromEmailAddressIdentityArn")]
    _from_email_address_identity_arn: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Destination {
    #[serde(default)]
    to_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Content {
    simple: Simple,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Simple {
    subject: Text,
    body: Body,
    #[serde(default)]
    headers: Vec<NameValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Body {
    text: Option<Text>,
    html: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Text {
    data: String,
    charset: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct NameValue {
    name: String,
    value: String,
}

pub(super) fn answer(call: &Call, sink: &dyn Sink) -> Answer {
    if call.operation != "SendEmail" {
        return Answer::unknown_operation(Service::Ses, &call.operation);
    }
    let mail = match mail(&call.body) {
        Ok(mail) => mail,
        Err(refusal) => return refusal,
    };
    match sink.mail(mail) {
        Ok(id) => Answer::new(200, json!({ "MessageId": id }).to_string()),
        Err(fault) => Answer::of_fault(Service::Ses, &fault),
    }
}

fn mail(body: &[u8]) -> Result<Mail, Answer> {
    let request: SendEmail = serde_json::from_slice(body).map_err(|error| invalid(&error.to_string()))?;
    check_addresses(&request)?;
    request.email_tags.iter().try_for_each(check_tag)?;
    let Simple { subject, body, headers } = request.content.simple;
    if headers.len() > HEADERS_MAX {
        return Err(invalid("Too many headers."));
    }
    headers.iter().try_for_each(check_header)?;
    if body.text.is_none() && body.html.is_none() {
        return Err(invalid("Missing required content: the body has no part."));
    }
    Ok(Mail {
        from: request.from_email_address,
        to: request.destination.to_addresses,
        reply_to: request.reply_to_addresses,
        subject: characters(subject)?,
        text: body.text.map(characters).transpose()?.unwrap_or_default(),
        html: body.html.map(characters).transpose()?,
        headers: pairs(headers),
        tags: pairs(request.email_tags),
    })
}

/// SES encodes text that names no character set as 7-bit ASCII, where Japanese arrives as question marks.
fn characters(text: Text) -> Result<String, Answer> {
    let utf8 = text.charset.as_deref().is_some_and(|charset| charset.eq_ignore_ascii_case("utf-8"));
    if utf8 || text.data.is_ascii() {
        return Ok(text.data);
    }
    Err(invalid("text beyond ASCII needs the charset UTF-8"))
}

fn check_addresses(request: &SendEmail) -> Result<(), Answer> {
    let recipients = &request.destination.to_addresses;
    if recipients.is_empty() || recipients.len() > RECIPIENTS_MAX {
        return Err(invalid(&format!("a mail needs 1 to {RECIPIENTS_MAX} recipients")));
    }
    let mut addresses = recipients.iter().chain(&request.reply_to_addresses).chain([&request.from_email_address]);
    match addresses.find(|address| !address.contains('@')) {
        Some(_) => Err(invalid("Missing final '@domain'")),
        None => Ok(()),
    }
}

fn check_header(header: &NameValue) -> Result<(), Answer> {
    let name = header.name.bytes().all(|b| b.is_ascii_graphic() && b != b':') && (1..=HEADER_NAME_CHARS_MAX).contains(&header.name.len());
    let value = header.value.bytes().all(|b| (b' '..=b'~').contains(&b)) && (1..=HEADER_VALUE_CHARS_MAX).contains(&header.value.len());
    if name && value {
        return Ok(());
    }
    Err(invalid(&format!("Invalid header {:?}.", header.name)))
}

fn check_tag(tag: &NameValue) -> Result<(), Answer> {
    let valid = |text: &str| {
        (1..=TAG_CHARS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    };
    if valid(&tag.name) && valid(&tag.value) {
        return Ok(());
    }
    Err(invalid(&format!("Invalid tag {:?}: only ASCII letters, digits, _ and - are allowed.", tag.name)))
}

fn pairs(list: Vec<NameValue>) -> Vec<(String, String)> {
    list.into_iter().map(|pair| (pair.name, pair.value)).collect()
}

fn invalid(message: &str) -> Answer {
    rest_error(400, "BadRequestException", message)
}
