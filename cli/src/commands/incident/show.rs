//! `hansho incident list` and `show` as people read them.

use std::collections::BTreeMap;

use hansho_api::page::{Reader, sentences};
use hansho_domain::{
    Actor, InputId, Language, Severity, TimelineEntry, Urgency, UserId,
    text::{lines, one_line},
};
use jiff::Timestamp;
use serde_json::Value;

use super::words::{Teller, said};
use crate::commands::columns::columns;

/// The incidents of a list, and how to go on where there are more.
pub(super) fn list(answer: &Value, teller: &Teller, all: bool) -> String {
    let incidents = answer["incidents"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut text = if incidents.is_empty() {
        let words = if all {
            ("There is no incident.", "インシデントはありません。")
        } else {
            ("No incident is open.", "未解決のインシデントはありません。")
        };
        format!("{}\n", teller.word(words.0, words.1))
    } else {
        let heads = match teller.language {
            Language::En => ["ID", "STATUS", "URGENCY", "SERVICE", "SINCE", "WHO", "TITLE"],
            Language::Ja => ["ID", "状態", "緊急度", "サービス", "発生", "担当", "件名"],
        };
        let mut rows = vec![heads.map(str::to_owned).to_vec()];
        rows.extend(incidents.iter().map(|incident| row(incident, teller)));
        columns(&rows)
    };
    if let Some(next) = answer["next"].as_str() {
        text += &match teller.language {
            Language::En => format!("There are more: --before {next}\n"),
            Language::Ja => format!("続きがあります: --before {next}\n"),
        };
    }
    text
}

fn row(incident: &Value, teller: &Teller) -> Vec<String> {
    let status = said(&incident["status"]);
    vec![
        said(&incident["id"]),
        teller.status(&status).to_owned(),
        match incident["urgency"].as_str() {
            Some("high") => teller.word("high", "高").to_owned(),
            Some("low") => teller.word("low", "低").to_owned(),
            other => other.unwrap_or("-").to_owned(),
        },
        said(&incident["service"]),
        teller.clock(&incident["opened_at"]),
        who(incident, teller),
        one_line(&said(&incident["title"])),
    ]
}

/// Who has it, is called, or has resolved it.
fn who(incident: &Value, teller: &Teller) -> String {
    let (holders, called) = (teller.list(&incident["acknowledged_by"]), teller.list(&incident["calling"]));
    match (holders.is_empty(), called.is_empty(), incident["resolved_by"].as_str()) {
        (false, ..) => holders,
        (true, false, _) => format!("({called})"),
        (true, true, Some(by)) => teller.actor(by),
        (true, true, None) => "-".to_owned(),
    }
}

fn urgency(incident: &Value, language: Language) -> String {
    let urgency = serde_json::from_value::<Urgency>(incident["urgency"].clone());
    urgency.map_or_else(|_| said(&incident["urgency"]), |urgency| hansho_channels::urgency(language, urgency).to_owned())
}

/// One incident: what it is, how it stands, what happened, and what was sent.
pub(super) fn one(answer: &Value, teller: &Teller) -> String {
    let mut text = about(&answer["incident"], teller);
    let zone = teller.zone.iana_name().unwrap_or("UTC");
    text += &match teller.language {
        Language::En => format!("\nWhat happened (times in {zone})\n"),
        Language::Ja => format!("\n経過 (時刻: {zone})\n"),
    };
    for entry in answer["timeline"].as_array().into_iter().flatten() {
        let at = teller.clock(&entry["at"]);
        text.extend(happened(entry, teller).into_iter().map(|sentence| format!("  {at}  {}\n", sentence.replace('\n', " "))));
    }
    let deliveries = answer["deliveries"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !deliveries.is_empty() {
        text += &format!("\n{}\n{}", teller.word("What was sent", "送信"), sent(deliveries, teller));
    }
    if let Some(repeats) = answer["repeats"].as_u64().filter(|repeats| *repeats > 0) {
        text += &match teller.language {
            Language::En => format!("\nThe source repeated it {repeats} time(s).\n"),
            Language::Ja => format!("\n同じ通知が{repeats}回ありました。\n"),
        };
    }
    text
}

fn about(incident: &Value, teller: &Teller) -> String {
    let severity = serde_json::from_value::<Severity>(incident["severity"].clone());
    let severity = severity.map_or_else(|_| said(&incident["severity"]), |s| hansho_channels::severity(teller.language, s).to_owned());
    let mut rated = vec![said(&incident["service"]), severity, urgency(incident, teller.language)];
    rated.extend(incident["priority"].as_str().map(str::to_owned));
    let mut text = format!(
        "{}  {}\n{}\n{}\n",
        said(&incident["id"]),
        one_line(&said(&incident["title"])),
        rated.join(", "),
        teller.standing(incident)
    );
    let labels = incident["labels"].as_object().into_iter().flatten().map(|(name, value)| format!("{name}={}", said(value)));
    let fields = [
        (teller.word("Opened", "発生"), teller.clock(&incident["opened_at"])),
        (teller.word("Helping", "応援"), teller.list(&incident["responders"])),
        (teller.word("Asked to help", "応援を依頼中"), teller.list(&incident["asked_to_help"])),
        (teller.word("Merged into it", "統合した件"), teller.list(&incident["merged"])),
        (teller.word("Policy", "ポリシー"), said(&incident["escalation_policy"])),
        (teller.word("Labels", "ラベル"), labels.collect::<Vec<_>>().join(", ")),
        (teller.word("Runbook", "手順書"), said(&incident["runbook"])),
        (teller.word("Link", "リンク"), said(&incident["link"])),
    ];
    let rows: Vec<Vec<String>> =
        fields.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| vec![name.to_owned(), one_line(&value)]).collect();
    text += &columns(&rows);
    let details = lines(&said(&incident["details"]));
    if !details.is_empty() {
        text += &format!("\n{details}\n");
    }
    text
}

/// What an entry tells. What a newer Hansho writes and this command does not know is shown as it is.
fn happened(entry: &Value, teller: &Teller) -> Vec<String> {
    let at = entry["at"].as_str().and_then(|at| at.parse::<Timestamp>().ok()).unwrap_or_default();
    // Nobody's page: the words are those for somebody who looks on.
    let Ok(user) = UserId::new("onlooker") else { return Vec::new() };
    let reader = Reader {
        user,
        language: teller.language,
        time_zone: teller.zone.iana_name().unwrap_or("UTC").to_owned(),
        now: at,
        names: BTreeMap::new(),
    };
    let actor = actor(&said(&entry["actor"]));
    let tell = |event: &Value| match serde_json::from_value(event.clone()) {
        Ok(event) => {
            let entry =
                TimelineEntry { version: 0, at, actor: actor.clone(), input: InputId::derived("shown".to_owned()), events: vec![event] };
            sentences(&entry, &reader)
        }
        Err(_) => vec![one_line(&event.to_string())],
    };
    entry["events"].as_array().into_iter().flatten().flat_map(tell).collect()
}

/// Who did it, as the API names them.
fn actor(text: &str) -> Actor {
    let known = match text.split_once('/') {
        Some(("user", name)) => name.parse().ok().map(Actor::User),
        Some(("integration", name)) => name.parse().ok().map(Actor::Integration),
        Some(("token", name)) => Some(Actor::Token(name.to_owned())),
        Some(_) | None => None,
    };
    known.unwrap_or(Actor::Hansho)
}

fn sent(deliveries: &[Value], teller: &Teller) -> String {
    let heads = match teller.language {
        Language::En => ["AT", "TO", "BY", "STATE", ""],
        Language::Ja => ["時刻", "宛先", "方法", "状態", ""],
    };
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    rows.extend(deliveries.iter().map(|one| {
        let to = one["user"].as_str().or(one["destination"].as_str()).unwrap_or("-").to_owned();
        let by = one["method"].as_str().unwrap_or("-").to_owned();
        let state = said(&one["state"]);
        let word = match (teller.language, state.as_str()) {
            (Language::Ja, "pending") => "送信待ち",
            (Language::Ja, "sending") => "送信中",
            (Language::Ja, "sent") => "送信済み",
            (Language::Ja, "failed") => "失敗",
            (Language::Ja, "ended") => "取りやめ",
            (Language::En | Language::Ja, state) => state,
        };
        vec![teller.clock(&one["updated_at"]), to, by, word.to_owned(), one_line(&said(&one["reason"]))]
    }));
    columns(&rows).lines().map(|line| format!("  {line}\n")).collect()
}
