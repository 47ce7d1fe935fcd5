//! Mail, by SES version 2 `SendEmail`.
//!
//! SES has no idempotency key and sets `Message-ID` itself, so mails can not answer one another. They all answer a
//! message that was never sent, `<incident-ID@DOMAIN>`: mail programs put what shares a reference into one thread.

use aws_sdk_sesv2::{
    config::{Builder as Overrides, retry::RetryConfig},
    error::BuildError,
    types::{Body, Content, Destination, EmailContent, Message as Mail, MessageHeader, MessageTag},
};
use hansho_domain::{Language, Method};
use serde::Serialize;

use crate::{
    Address, EmailAddress, Message, Rendered, SendOutcome, Settings, Thread,
    notice::NoticeContext,
    registry::{misaddressed, provider_timeouts},
    render::{BundleContext, PageContext, filled},
    retryable, text,
};

/// Longest subject, in characters; phones show about 40.
const SUBJECT_CHARS_MAX: usize = 200;
/// Longest value of an SES tag, in characters (SES API version 2, MessageTag).
const TAG_CHARS_MAX: usize = 256;

/// A page as a mail.
pub(crate) fn page(language: Language, context: &PageContext) -> Rendered {
    let line = || context.line(language);
    Rendered {
        subject: subject(&filled(language, "page.subject.txt", context, line)),
        text: filled(language, "page.mail.txt", context, line),
        html: html(language, "page.mail.html", context),
    }
}

/// A bundle as a mail.
pub(crate) fn bundle(language: Language, context: &BundleContext) -> Rendered {
    let line = || context.line(language);
    Rendered {
        subject: subject(&filled(language, "bundle.subject.txt", context, line)),
        text: filled(language, "bundle.mail.txt", context, line),
        html: html(language, "bundle.mail.html", context),
    }
}

/// A notice as a mail.
pub(crate) fn notice(language: Language, context: &NoticeContext) -> Rendered {
    let line = || context.line(language);
    Rendered {
        subject: subject(&context.filled(language, "subject.txt", line)),
        text: filled(language, "notice.mail.txt", context, line),
        html: html(language, "notice.mail.html", context),
    }
}

/// Without HTML the plain text is mail enough. The template engine escapes slashes as well, which only scripts need, and
/// there are none: links stay readable to whoever looks at the source.
fn html(language: Language, name: &str, context: &impl Serialize) -> Option<String> {
    let html = filled(language, name, context, String::new).replace("&#x2f;", "/");
    (!html.is_empty()).then_some(html)
}

/// Sends one mail.
pub(crate) async fn send(client: &aws_sdk_sesv2::Client, settings: &Settings, message: &Message) -> SendOutcome {
    let Address::Email(to) = &message.to else { return misaddressed(Method::Email.as_str(), &message.to) };
    let Some(from) = &settings.email_from else {
        return SendOutcome::failed(
            "No sender address is configured, so no mail can be sent; verify an identity in SES and set it as the sender.",
        );
    };
    let Ok((mail, tag)) = mail(from, message) else {
        return SendOutcome::failed("The mail could not be put together.");
    };
    let request = client
        .send_email()
        .from_email_address(format!("Hansho <{}>", from.reveal()))
        .destination(Destination::builder().to_addresses(to.reveal()).build())
        .content(EmailContent::builder().simple(mail).build())
        .email_tags(tag)
        .set_reply_to_addresses(settings.email_reply_to.as_ref().map(|reply_to| vec![reply_to.reveal().to_owned()]))
        .set_configuration_set_name(settings.ses_configuration_set.clone());
    match request.customize().config_override(once()).send().await {
        Ok(answer) => SendOutcome::Accepted { provider_id: answer.message_id.unwrap_or_default() },
        Err(error) => retryable::ses(&error),
    }
}

/// One attempt, with a provider's time: retries are the delivery queue's.
fn once() -> Overrides {
    Overrides::new().retry_config(RetryConfig::disabled()).timeout_config(provider_timeouts())
}

fn mail(from: &EmailAddress, message: &Message) -> Result<(Mail, MessageTag), BuildError> {
    let mut body = Body::builder().text(content(&message.text.text)?);
    if let Some(html) = &message.text.html {
        body = body.html(content(html)?);
    }
    let mail = Mail::builder()
        .subject(content(&subject(&message.text.subject))?)
        .body(body.build())
        .set_headers(Some(headers(from, message)?))
        .build();
    let tag = MessageTag::builder().name("hansho-delivery").value(text::token(&message.idempotency_key, TAG_CHARS_MAX)).build()?;
    Ok((mail, tag))
}

/// `Auto-Submitted` (RFC 3834) keeps absence notes and other robots from answering.
fn headers(from: &EmailAddress, message: &Message) -> Result<Vec<MessageHeader>, BuildError> {
    let (root, incident) = match &message.thread {
        Thread::Incident(id) => (format!("incident-{id}"), Some(id.to_string())),
        Thread::Bundle(key) => (format!("bundle-{}", text::token(key, 128)), None),
        Thread::Notice(id) => (format!("notice-{}", text::token(id, 128)), None),
    };
    let root = format!("<{root}@{}>", from.domain());
    let mut headers = vec![("In-Reply-To", root.clone()), ("References", root), ("Auto-Submitted", "auto-generated".to_owned())];
    headers.extend(incident.map(|id| ("X-Hansho-Incident", id)));
    headers.into_iter().map(|(name, value)| MessageHeader::builder().name(name).value(value).build()).collect()
}

fn content(text: &str) -> Result<Content, BuildError> {
    Content::builder().data(text).charset("UTF-8").build()
}

/// One line without anything that could begin a header of its own.
fn subject(text: &str) -> String {
    text::cut(&text::one_line(text), SUBJECT_CHARS_MAX)
}
