//! A message as it is read on a channel.

use hansho_channels::{Bundle, Page, Rendered, render_bundle_to, render_notice, render_page_to, sms_parts, sms_units};
use hansho_domain::{Destination, Language, Method, Recipient, UserId};
use serde_json::Value;

use super::{
    Channel,
    samples::{Sample, Told},
};
use crate::commands::language::word;

/// A message on each of these channels.
pub(super) fn told(sample: &Sample, language: Language, channels: &[Channel], is_html: bool) -> String {
    let about = word(language, sample.about.0, sample.about.1);
    let mut text = format!("=== {}, {}: {about}\n\n", sample.name, word(language, "English", "日本語"));
    for channel in channels {
        if let Some(message) = rendered(sample, language, *channel) {
            text += &shown(&message, *channel, language, is_html);
        }
    }
    text
}

/// The message as the functions make it; a notice goes to no chat.
pub(super) fn rendered(sample: &Sample, language: Language, channel: Channel) -> Option<Rendered> {
    let method = match channel {
        Channel::Sms => Method::Sms,
        Channel::Email => Method::Email,
        Channel::Webhook => Method::Webhook,
        Channel::Chat => {
            let to = Recipient::Destination { destination: "channel/incidents".parse::<Destination>().ok()? };
            return match &sample.told {
                // Whoever reads a channel is none of those whom a link is for.
                Told::Page(page) => Some(render_page_to(&to, language, &Page { link: String::new(), ..(**page).clone() })),
                Told::Bundle(bundle) => Some(render_bundle_to(&to, language, &Bundle { link: String::new(), ..(**bundle).clone() })),
                Told::Notice(_) => None,
            };
        }
    };
    let to = Recipient::Person { user: UserId::new("aiko").ok()?, method };
    Some(match &sample.told {
        Told::Page(page) => render_page_to(&to, language, page),
        Told::Bundle(bundle) => render_bundle_to(&to, language, bundle),
        Told::Notice(notice) => render_notice(method, language, notice),
    })
}

fn shown(message: &Rendered, channel: Channel, language: Language, is_html: bool) -> String {
    match channel {
        Channel::Sms => {
            let (parts, units) = (sms_parts(&message.text), sms_units(&message.text));
            let size = match language {
                Language::En => format!("{parts} part(s), {units} units"),
                Language::Ja => format!("{parts}通分、{units}文字分"),
            };
            format!("--- SMS ({size})\n{}\n\n", message.text)
        }
        Channel::Email => {
            let html = message.html.as_deref().filter(|_| is_html).map(|html| format!("--- HTML\n{html}\n\n")).unwrap_or_default();
            let subject = word(language, "Subject", "件名");
            format!("--- {}\n{subject}: {}\n\n{}\n\n{html}", word(language, "Mail", "メール"), message.subject, message.text)
        }
        Channel::Webhook => format!("--- Webhook\n{}\n\n", spread(&message.text)),
        Channel::Chat => format!("--- {}\n{}\n\n", word(language, "Chat", "チャット"), spread(&message.text)),
    }
}

/// JSON over as many lines as it has fields.
fn spread(text: &str) -> String {
    serde_json::from_str::<Value>(text).map_or_else(|_| text.to_owned(), |body| format!("{body:#}"))
}
