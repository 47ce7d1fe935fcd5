//! `hansho preview`: what every message says, on every channel, in both languages. Nothing is sent.

mod samples;
mod telling;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use hansho_configuration::did_you_mean;
use hansho_domain::{Language, MessageTemplates, ServiceId};
use thiserror::Error;

use super::language::{language, word};
use crate::gathering::{self, OfflineArguments};
use samples::{Described, Sample};

/// Both languages, in the order in which they are shown.
const LANGUAGES: [Language; 2] = [Language::En, Language::Ja];

/// Which messages to show.
#[derive(Debug, Args)]
pub(super) struct PreviewArguments {
    /// The messages, by their names; without one and without --all their names are listed
    #[arg(value_name = "MESSAGE")]
    messages: Vec<String>,
    /// Show every message
    #[arg(long, conflicts_with = "messages")]
    all: bool,
    /// Show the pages in this service's own words (`messages`); pages alone, unless messages are named
    #[arg(long, value_name = "NAME", requires = "config")]
    service: Option<String>,
    /// The configuration's folder, for --service
    #[arg(long, value_name = "DIR", requires = "service")]
    config: Option<PathBuf>,
    #[command(flatten)]
    offline: OfflineArguments,
    /// Only this channel
    #[arg(long, value_enum)]
    channel: Option<Channel>,
    /// Only this language: en, ja; both otherwise  (言語)
    #[arg(long, value_parser = language)]
    language: Option<Language>,
    /// Show the HTML of mails too
    #[arg(long)]
    html: bool,
}

/// A way on which messages go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Channel {
    /// A text message
    Sms,
    /// A mail
    Email,
    /// The JSON of a webhook
    Webhook,
    /// A chat channel, which pages are posted to and notices are not
    Chat,
}

impl Channel {
    const ALL: [Self; 4] = [Self::Sms, Self::Email, Self::Webhook, Self::Chat];
}

/// Why nothing is shown.
#[derive(Debug, Error)]
pub(super) enum PreviewError {
    /// No message is called so.
    #[error("there is no message `{name}`{hint}; `hansho preview` lists them (メッセージがありません)")]
    UnknownMessage {
        /// As it was written.
        name: String,
        /// What was perhaps meant.
        hint: String,
    },
    /// No service is called so.
    #[error("there is no service `{name}` in {folder}{hint} (サービスがありません)")]
    UnknownService {
        /// As it was written.
        name: String,
        /// The folder.
        folder: String,
        /// What was perhaps meant.
        hint: String,
    },
    /// The folder can not be read.
    #[error("{problems}\nthe configuration has {count} problem(s); `hansho check` lists them (設定に問題があります)")]
    Configuration {
        /// A line each.
        problems: String,
        /// How many.
        count: usize,
    },
}

/// What is asked for, as text.
///
/// # Errors
/// A message or a service of that name is not there, or the folder can not be read.
pub(super) async fn run(asked: &PreviewArguments) -> Result<String, PreviewError> {
    let (service, messages) = match asked.service.as_ref().zip(asked.config.as_ref()) {
        Some((name, folder)) => described(name, folder, asked.offline).await?,
        None => ("checkout".to_owned(), MessageTemplates::default()),
    };
    let samples = |language| samples::all(language, &Described { name: service.clone(), templates: messages.of(language).clone() });
    let known: Vec<&str> = samples(Language::En).iter().map(|sample| sample.name).collect();
    if let Some(unknown) = asked.messages.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(PreviewError::UnknownMessage { name: unknown.clone(), hint: did_you_mean(unknown, known) });
    }
    if !asked.all && asked.messages.is_empty() && asked.service.is_none() {
        return Ok(listed(&samples(Language::En), asked.language.unwrap_or(Language::En)));
    }
    let is_asked = |sample: &Sample| match asked.messages.as_slice() {
        // Notices are about no service, and a bundle is about several.
        [] => asked.all || sample.name == "page",
        names => names.iter().any(|name| name == sample.name),
    };
    let languages = LANGUAGES.into_iter().filter(|language| asked.language.is_none_or(|only| only == *language));
    let told: Vec<Vec<Sample>> = languages.clone().map(|language| samples(language).into_iter().filter(is_asked).collect()).collect();
    let channels: Vec<Channel> = Channel::ALL.into_iter().filter(|channel| asked.channel.is_none_or(|only| only == *channel)).collect();
    let mut text = String::new();
    // Both languages of a message stand one below the other.
    for place in 0..told.first().map_or(0, Vec::len) {
        for (language, samples) in languages.clone().zip(&told) {
            text += &telling::told(&samples[place], language, &channels, asked.html);
        }
    }
    Ok(text)
}

/// The names of the messages, with what each is for.
fn listed(samples: &[Sample], language: Language) -> String {
    let rows: Vec<String> =
        samples.iter().map(|sample| format!("{:<18}{}\n", sample.name, word(language, sample.about.0, sample.about.1))).collect();
    let note = word(
        language,
        "\n`hansho preview NAME` shows one, `hansho preview --all` shows all of them.\n",
        "\n`hansho preview 名前` で1つ、`hansho preview --all` ですべてを表示します。\n",
    );
    rows.concat() + note
}

/// A service's name and its own words.
async fn described(name: &str, folder: &std::path::Path, offline: OfflineArguments) -> Result<(String, MessageTemplates), PreviewError> {
    let loaded = gathering::gathered(folder, offline).await.load().map_err(|problems| PreviewError::Configuration {
        count: problems.len(),
        problems: problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    })?;
    let services = loaded.configuration.services();
    let found = ServiceId::new(name).ok().and_then(|id| services.iter().find(|service| *service.id() == id));
    let Some(service) = found else {
        let hint = did_you_mean(name, services.iter().map(|service| service.id().as_str()));
        return Err(PreviewError::UnknownService { name: name.to_owned(), folder: folder.display().to_string(), hint });
    };
    let messages = service.spec().messages.as_deref().cloned().unwrap_or_default();
    // As a message names it, by its id.
    Ok((service.id().to_string(), messages))
}

/// Every message on every channel in both languages: what the tests look at.
#[cfg(test)]
fn everything(is_html: bool) -> String {
    let service = Described { name: "checkout".to_owned(), templates: hansho_channels::Templates::default() };
    let mut text = String::new();
    for (english, japanese) in samples::all(Language::En, &service).iter().zip(&samples::all(Language::Ja, &service)) {
        text += &telling::told(english, Language::En, &Channel::ALL, is_html);
        text += &telling::told(japanese, Language::Ja, &Channel::ALL, is_html);
    }
    text
}

#[cfg(test)]
mod tests;
