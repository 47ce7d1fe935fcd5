//! The words for an event, in both languages: which service is found and why, or why nobody is paged.

use hansho_alarm_intake::FoundBy;
use hansho_channels::spoken;
use hansho_domain::Language;
use serde_json::json;

use super::{
    SimulateArguments, Told,
    event::{Alarmed, Quiet},
};
use crate::commands::incoming::{Found, WayIn};

/// Which service it goes to and why, how bad it is, and what its alert says besides.
pub(super) fn found(language: Language, alarmed: &Alarmed) -> String {
    let service = &alarmed.service;
    let lead = match (language, &alarmed.found) {
        (Language::En, Found::Alarm { name, by }) => format!("The alarm {name} goes to the service {service}: {}.", why_in_english(by)),
        (Language::Ja, Found::Alarm { name, by }) => {
            format!("アラーム {name} の担当はサービス {service} です ({})。", why_in_japanese(by))
        }
        (Language::En, Found::AwsEvent { name, by }) => {
            format!("The event {name} of AWS goes to the service {service}: {}.", why_in_english(by))
        }
        (Language::Ja, Found::AwsEvent { name, by }) => {
            format!("AWS のイベント {name} の担当はサービス {service} です ({})。", why_in_japanese(by))
        }
        (Language::En, Found::Integration(id)) => format!("It comes in by {id} and goes to the service {service}."),
        (Language::Ja, Found::Integration(id)) => format!("受け口 {id} から届き、担当はサービス {service} です。"),
        (Language::En, Found::Unreadable { reason }) => {
            format!("This is not recognised as an alarm, so it pages by the service {service}: {reason}")
        }
        (Language::Ja, Found::Unreadable { reason }) => {
            format!("アラームとして読み取れないため、サービス {service} で呼び出します: {reason}")
        }
    };
    let rules = alarmed.decision.remark().map(|said| match language {
        Language::En => format!("Rules: {said}.\n"),
        Language::Ja => format!("ルール: {said}\n"),
    });
    let hint = if alarmed.is_way_in_unknown { WayIn::unknown_told(language) } else { "" };
    format!("{lead}\n{}{}{hint}", rules.unwrap_or_default(), rated(language, alarmed))
}

fn why_in_english(by: &FoundBy) -> String {
    match by {
        FoundBy::Description => "its description names it".to_owned(),
        FoundBy::Pattern(pattern) => format!("it is the first to claim it, by {}", pattern.as_str()),
        FoundBy::Owner(owner) => format!("no service claims it, and its description names the owner {owner}"),
        FoundBy::OwnerOfMetric(owner) => format!("no service claims it, and its metric names the owner {owner}"),
        FoundBy::OwnerOfResource(owner) => format!("no service claims it, and a tag of its resource names the owner {owner}"),
        FoundBy::WayIn => "no service claims it, and its integration names it".to_owned(),
        FoundBy::Nothing => "no service claims it".to_owned(),
    }
}

fn why_in_japanese(by: &FoundBy) -> String {
    match by {
        FoundBy::Description => "アラームの説明文での指定".to_owned(),
        FoundBy::Pattern(pattern) => format!("alarms の {} に最初に一致", pattern.as_str()),
        FoundBy::Owner(owner) => format!("一致するサービスがなく、説明文の担当チームが {owner}"),
        FoundBy::OwnerOfMetric(owner) => format!("一致するサービスがなく、メトリクスの担当チームが {owner}"),
        FoundBy::OwnerOfResource(owner) => format!("一致するサービスがなく、リソースのタグの担当チームが {owner}"),
        FoundBy::WayIn => "一致するサービスがなく、受け口の指定".to_owned(),
        FoundBy::Nothing => "一致するサービスなし".to_owned(),
    }
}

/// `Severity warning, priority SEV2; labels: account=111122223333, env=prod.`
fn rated(language: Language, alarmed: &Alarmed) -> String {
    let alert = &alarmed.alert;
    let severity = hansho_channels::severity(language, alert.severity);
    let priority = alert.priority.map(hansho_channels::priority);
    let labels: Vec<String> = alert.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let labels = labels.join(", ");
    match language {
        Language::En => {
            let priority = priority.map_or_else(String::new, |priority| format!(", priority {priority}"));
            let labels = if labels.is_empty() { String::new() } else { format!("; labels: {labels}") };
            format!("Severity {severity}{priority}{labels}.")
        }
        Language::Ja => {
            let priority = priority.map_or_else(String::new, |priority| format!("、優先度 {priority}"));
            let labels = if labels.is_empty() { String::new() } else { format!("、ラベル: {labels}") };
            format!("深刻度 {severity}{priority}{labels}")
        }
    }
}

/// Why nobody is paged, for people or for machines.
pub(super) fn quiet(arguments: &SimulateArguments, quiet: &Quiet) -> Told {
    let sentence = match arguments.language {
        Language::En => quiet_in_english(quiet),
        Language::Ja => quiet_in_japanese(quiet),
    };
    if !arguments.json {
        return Told::Text(format!("{sentence}\n"));
    }
    let (what, name) = match quiet {
        Quiet::Clear { name } => ("clear", Some(name)),
        Quiet::NoData { name } => ("no_data", Some(name)),
        Quiet::Suppressed { name, .. } => ("suppressed", Some(name)),
        Quiet::NothingToOpen { .. } => ("nothing_to_open", None),
    };
    Told::Json(json!({ "event": { "result": what, "alarm": name }, "pages": [], "summary": sentence }))
}

fn quiet_in_english(quiet: &Quiet) -> String {
    match quiet {
        Quiet::Clear { name } => format!("The alarm {name} is over: what is open for it is resolved, and nobody is paged."),
        Quiet::NoData { name } => {
            format!("The alarm {name} has no data: that is noted where an incident is open for it, and nobody is paged.")
        }
        Quiet::Suppressed { name, reason } => format!("The alarm {name} is recorded as suppressed, and nobody is paged: {reason}."),
        Quiet::NothingToOpen { reason } => format!("Nobody is paged. {reason}"),
    }
}

fn quiet_in_japanese(quiet: &Quiet) -> String {
    match quiet {
        Quiet::Clear { name } => format!("アラーム {name} は収まりました。対応中のインシデントがあれば解決し、誰も呼び出しません。"),
        Quiet::NoData { name } => {
            format!("アラーム {name} はデータ不足です。対応中のインシデントがあれば記録し、誰も呼び出しません。")
        }
        Quiet::Suppressed { name, reason } => {
            format!("アラーム {name} は抑止として記録し、誰も呼び出しません: {}", spoken(Language::Ja, reason))
        }
        Quiet::NothingToOpen { reason } => format!("誰も呼び出しません。{}", spoken(Language::Ja, reason)),
    }
}
