//! Chat: a message in a channel, through the incoming webhook of the chat program.
//!
//! `POST` of `{"text": "..."}`, which Slack, Mattermost, Rocket.Chat and Google Chat all take (Slack, "Sending messages using
//! incoming webhooks"; Mattermost, "Incoming webhooks"; Google Chat, "Build a Google Chat app as a webhook"). There is no
//! signature: whoever knows the address can post, so it is a secret. Nothing tells a repeat, so one whose answer is lost may
//! be posted twice, and no more often.
//!
//! Titles are hostile: what would call everybody in a channel (`@channel`, `<!here>`, `<users/all>`) is written so that no
//! program takes it for more than text.

use aws_smithy_runtime_api::client::{http::SharedHttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::body::SdkBody;
use hansho_domain::Language;
use serde_json::json;

use crate::{
    Address, ChatAddress, Message, Rendered, SendOutcome, WebhookPolicy,
    registry::misaddressed,
    render::{BundleContext, PageContext},
    webhook,
};

/// A page as a message in a channel.
pub(crate) fn page(language: Language, context: &PageContext) -> Rendered {
    said(&context.line(language))
}

/// A bundle as a message in a channel.
pub(crate) fn bundle(language: Language, context: &BundleContext) -> Rendered {
    said(&context.line(language))
}

fn said(line: &str) -> Rendered {
    Rendered { text: json!({ "text": harmless(line) }).to_string(), ..Rendered::default() }
}

/// The same to people, and to programs nothing but text: brackets of the same look, and a word joiner after every at sign.
fn harmless(line: &str) -> String {
    line.chars().fold(String::with_capacity(line.len()), |mut said, character| {
        match character {
            '<' => said.push('‹'),
            '>' => said.push('›'),
            '@' => said.push_str("@\u{2060}"),
            other => said.push(other),
        }
        said
    })
}

/// Posts one message.
pub(crate) async fn send(connector: &SharedHttpConnector, policy: WebhookPolicy, message: &Message) -> SendOutcome {
    let Address::Chat(channel) = &message.to else { return misaddressed("a chat channel", &message.to) };
    // It may have been posted, and a chat can not tell a repeat.
    let silent = SendOutcome::unknown("The chat did not answer in time.");
    webhook::post(connector, policy, channel.url(), request(channel, message), silent).await
}

fn request(channel: &ChatAddress, message: &Message) -> Option<HttpRequest> {
    http::Request::post(channel.url())
        .header("content-type", "application/json; charset=utf-8")
        .header("user-agent", concat!("hansho/", env!("CARGO_PKG_VERSION")))
        .body(SdkBody::from(message.text.text.as_str()))
        .ok()?
        .try_into()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn a_title_can_not_call_everybody_in_a_channel() {
        for (line, text) in [
            ("disk full", "disk full"),
            ("<!channel> @here <users/all> a<b", "‹!channel› @\u{2060}here ‹users/all› a‹b"),
            ("\"quotes\" and \\", "\"quotes\" and \\"),
        ] {
            let body: serde_json::Value = serde_json::from_str(&said(line).text).unwrap();
            assert_eq!(body["text"], text);
        }
    }
}
