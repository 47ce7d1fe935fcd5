//! What every message says, to be read by eye; that none is missing; and that a Japanese one is in Japanese.

use std::{collections::BTreeSet, fs, path::Path};

use hansho_channels::Templates;
use hansho_domain::Language;
use serde_json::Value;

use super::{
    Channel, PreviewArguments, everything, run,
    samples::{self, Described, Sample},
    telling,
};
use crate::gathering::OfflineArguments;

/// Latin words that stand in a Japanese message: names of things, and what the samples are about.
const LATIN: [&str; 13] =
    ["asia", "checkout", "hansho", "html", "iphone", "json", "schedule", "sev", "sms", "tokyo", "utc", "webhook", "xx"];

fn samples(language: Language) -> Vec<Sample> {
    samples::all(language, &Described { name: "checkout".to_owned(), templates: Templates::default() })
}

#[test]
fn every_message_of_every_channel_reads_well_in_both_languages() {
    insta::assert_snapshot!("everything", everything(false));
    assert_eq!(everything(true).matches("</html>").count(), samples(Language::En).len() * 2, "each mail has its HTML");
}

/// The folder has a line of text for each kind of message.
#[test]
fn no_message_that_has_a_template_is_left_out() {
    for (language, folder) in [(Language::En, "en"), (Language::Ja, "ja")] {
        let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/channels/templates").join(folder)).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let kinds: BTreeSet<String> = names.filter_map(|name| Some(name.strip_suffix(".line.txt")?.to_owned())).collect();
        let shown: BTreeSet<String> = samples(language)
            .iter()
            .map(|sample| {
                let body = telling::rendered(sample, language, Channel::Webhook).unwrap().text;
                serde_json::from_str::<Value>(&body).unwrap()["kind"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(shown, kinds, "left: shown, right: has a template");
    }
    let names: Vec<&str> = samples(Language::En).iter().map(|sample| sample.name).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    assert_eq!(names.iter().filter(|name| name.starts_with("page")).count(), 8, "one for each reason to page: {names:?}");
}

/// What a reader sees of a message: its HTML without the tags.
fn seen(sample: &Sample, channel: Channel) -> String {
    let Some(message) = telling::rendered(sample, Language::Ja, channel) else { return String::new() };
    match channel {
        Channel::Sms => message.text,
        Channel::Email => {
            let html = message.html.unwrap();
            let shown = html.split('<').filter_map(|part| Some(part.split_once('>')?.1)).collect::<Vec<_>>().join(" ");
            format!("{}\n{}\n{shown}", message.subject, message.text)
        }
        Channel::Webhook | Channel::Chat => {
            let body: Value = serde_json::from_str(&message.text).unwrap();
            format!("{} {}", body["text"].as_str().unwrap(), body["reason"].as_str().unwrap_or_default())
        }
    }
}

/// Latin words, without addresses and ids.
fn latin(text: &str) -> BTreeSet<String> {
    let words = text.split_whitespace().filter(|word| !word.contains("https://") && !word.contains('@'));
    let words = words.flat_map(|word| word.split(|c: char| !c.is_ascii_alphanumeric())).filter(|word| word.len() < 26);
    let words = words.map(|word| word.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase());
    words.filter(|word| word.len() > 1 && !LATIN.contains(&word.as_str())).collect()
}

#[test]
fn no_english_is_left_in_a_japanese_message() {
    for sample in samples(Language::Ja) {
        for channel in Channel::ALL {
            let (text, name) = (seen(&sample, channel), sample.name);
            assert_eq!(latin(&text), BTreeSet::new(), "{name} by {channel:?}: {text}");
        }
    }
    assert_eq!(latin("対応する: https://x.example/i/abc Open 12 SEV1"), BTreeSet::from(["open".to_owned()]), "and English is found");
}

fn asked(messages: &[&str]) -> PreviewArguments {
    PreviewArguments {
        messages: messages.iter().map(|name| (*name).to_owned()).collect(),
        all: false,
        service: None,
        config: None,
        offline: OfflineArguments::default(),
        channel: None,
        language: None,
        html: false,
    }
}

#[tokio::test]
async fn the_messages_are_listed_and_one_of_them_is_shown() {
    let listed = run(&asked(&[])).await.unwrap();
    assert!(listed.contains("swap-asked        somebody asks for a swap of shifts\n") && listed.contains("--all"), "{listed}");
    let one = PreviewArguments { channel: Some(Channel::Sms), language: Some(Language::Ja), ..asked(&["page"]) };
    assert_eq!(
        run(&one).await.unwrap(),
        "=== page, 日本語: エスカレーションの段による呼び出し\n\n--- SMS (1通分、70文字分)\n[SEV1] checkout: 5xx率 1… 対応: https://oncall.example.com/i/7K3QabcDEF12\n\n"
    );
    let everything_asked = PreviewArguments { all: true, ..asked(&[]) };
    assert_eq!(run(&everything_asked).await.unwrap(), everything(false));
    let error = run(&asked(&["swap-aksed"])).await.unwrap_err().to_string();
    assert!(error.contains("`swap-aksed`; did you mean `swap-asked`?"), "{error}");
}

fn folder(name: &str, messages: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("hansho-preview-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let files = format!(
        "users:\n  aiko: {{ name: Aiko, email: aiko@example.com }}\nescalation_policies:\n  shop: {{ steps: [{{ notify: [user/aiko], wait: 5m }}] }}\nservices:\n  shop:\n    escalation_policy: shop\n{messages}"
    );
    fs::write(folder.join("all.yaml"), files).unwrap();
    folder
}

#[tokio::test]
async fn a_service_is_shown_in_its_own_words() {
    let config = folder(
        "own",
        "    messages:\n      ja:\n        line: '決済が止まっています ({{ title }})'\n        subject: '決済停止: {{ title | upper }}'\n        body: |\n          窓口に電話してください。\n          {{ details }}\n",
    );
    let own = |service: &str| PreviewArguments { service: Some(service.to_owned()), config: Some(config.clone()), ..asked(&[]) };
    let shown = run(&PreviewArguments { language: Some(Language::Ja), ..own("shop") }).await.unwrap();
    for said in ["[SEV1] 決済が止まっています", "件名: [SEV1 発生] 決済停止: 5XX率 12 %", "窓口に電話してください。\n決済の失敗率"]
    {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let english = run(&PreviewArguments { language: Some(Language::En), ..own("shop") }).await.unwrap();
    assert!(english.contains("[SEV1] shop: 5xx rate 12 % since 03:12"), "what has no template is standard: {english}");
    let error = run(&own("shpo")).await.unwrap_err().to_string();
    assert!(error.contains("there is no service `shpo`") && error.contains("did you mean `shop`?"), "{error}");
    fs::remove_dir_all(&config).unwrap();
    let config = folder("broken", "    messages:\n      ja: { line: '{{ titel }}' }\n");
    let broken = PreviewArguments { service: Some("shop".to_owned()), config: Some(config.clone()), ..asked(&[]) };
    let error = run(&broken).await.unwrap_err().to_string();
    assert!(error.contains("all.yaml:9:") && error.contains("there is no variable `titel`"), "{error}");
    fs::remove_dir_all(&config).unwrap();
}
