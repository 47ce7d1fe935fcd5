//! A decision in words, in both languages: where an alert goes, and how it came to that.

use std::fmt::Write as _;

use hansho_channels::spoken;
use hansho_domain::{Language, text::one_line};
use hansho_routing::{Change, Outcome, Subject, Verdict};

use super::replay::Replayed;
use crate::commands::language::word;

/// Most alerts that are told one by one.
const TOLD_MAX: usize = 200;

/// Why nothing is decided.
pub(super) fn nothing(language: Language, reason: &str) -> String {
    let lead = word(language, "No rule is asked:", "ルールの対象外です:");
    format!("{lead} {}\n", one_line(&spoken(language, reason)))
}

/// Where it goes, and every rule that was tried.
pub(super) fn decision(language: Language, before: &Subject, outcome: &Outcome, is_clear: bool) -> String {
    let mut text = format!("{}\n", lead(language, outcome, is_clear));
    let title = |subject: &Subject| one_line(if subject.title.is_empty() { subject.dedup_key.as_str() } else { &subject.title });
    let (was, is) = (title(before), title(&outcome.subject));
    let _ = match language {
        _ if was == is || outcome.subject.title.is_empty() => writeln!(text, "  {was}"),
        Language::En => writeln!(text, "  {is} (it came as: {was})"),
        Language::Ja => writeln!(text, "  {is} (受信時: {was})"),
    };
    if outcome.trace.rules.is_empty() {
        let _ = writeln!(text, "  {}", word(language, "There are no rules for it.", "該当するルールはありません。"));
    }
    for tried in &outcome.trace.rules {
        let name = tried.of.as_ref().map_or_else(|| tried.rule.clone(), |of| format!("{of}/{}", tried.rule));
        let said = match &tried.verdict {
            Verdict::Passed => word(language, "is for other alerts", "対象外").to_owned(),
            Verdict::Failed { reason } => {
                let lead = word(language, "can not be evaluated, so it is not for this:", "評価できないため対象外:");
                format!("{lead} {}", spoken(language, reason))
            }
            Verdict::Fired { changes, problems } => {
                let all: Vec<String> =
                    changes.iter().map(Change::told).chain(problems.iter().map(|problem| spoken(language, problem).into_owned())).collect();
                let what = if all.is_empty() { word(language, "nothing changes", "変更なし").to_owned() } else { all.join(", ") };
                format!("{} {what}", word(language, "FIRES:", "一致:"))
            }
        };
        let _ = writeln!(text, "  {}  {}", one_line(&name), one_line(&said));
    }
    if outcome.trace.left_out > 0 {
        let _ = match language {
            Language::En => writeln!(text, "  and {} more that were tried", outcome.trace.left_out),
            Language::Ja => writeln!(text, "  ほか {} 件を評価", outcome.trace.left_out),
        };
    }
    if outcome.trace.is_cut {
        let _ = writeln!(
            text,
            "  {}",
            word(language, "The payload is large; rules see its beginning.", "内容が大きいため、ルールは先頭部分だけを見ます。")
        );
    }
    text
}

fn lead(language: Language, outcome: &Outcome, is_clear: bool) -> String {
    let subject = &outcome.subject;
    let (service, key) = (&subject.service, one_line(subject.dedup_key.as_str()));
    match (language, &outcome.suppression) {
        (Language::En, _) if is_clear => format!("It says that {key} is over."),
        (Language::Ja, _) if is_clear => format!("{key} の復旧です。"),
        (Language::En, Some(by)) => format!("It pages nobody: the rule {} suppresses it ({}).", by.rule, by.reason),
        (Language::Ja, Some(by)) => format!("誰も呼び出しません: ルール {} による抑止 ({})。", by.rule, by.reason),
        (Language::En, None) => {
            let paused = outcome.pause.as_ref().map(|pause| format!(", held for {} s first", pause.seconds)).unwrap_or_default();
            format!("It goes to the service {service}{paused}; dedup key {key}.")
        }
        (Language::Ja, None) => {
            let paused = outcome.pause.as_ref().map(|pause| format!("、{} 秒保留", pause.seconds)).unwrap_or_default();
            format!("サービス {service} へ{paused} (重複排除キー {key})。")
        }
    }
}

/// What would be different, and which rules were for none.
pub(super) fn replayed(language: Language, replayed: &Replayed) -> String {
    let (alerts, count, since) = (replayed.alerts, replayed.different.len(), replayed.since);
    let mut text = match language {
        Language::En => format!("{count} of {alerts} alerts since {since} would go another way.\n"),
        Language::Ja => format!("{since} 以降のアラート {alerts} 件のうち、{count} 件の扱いが変わります。\n"),
    };
    for one in replayed.different.iter().take(TOLD_MAX) {
        let incident = one.incident.as_deref().map(|id| format!(" {id}")).unwrap_or_default();
        let _ = writeln!(text, "{}{incident}  {}", one.received_at, one_line(&one.title));
        for (name, was, would_be) in &one.facts {
            let _ = writeln!(text, "    {name}: {} -> {}", one_line(was), one_line(would_be));
        }
        if !one.rules.is_empty() {
            let _ = writeln!(text, "    {} {}", word(language, "by", "ルール"), one.rules.join(", "));
        }
    }
    if count > TOLD_MAX {
        let _ = writeln!(text, "{} {}", word(language, "and more:", "ほか"), count - TOLD_MAX);
    }
    for (name, times) in &replayed.failed {
        let _ = match language {
            Language::En => writeln!(text, "The rule {name} could not be evaluated on {times} of them."),
            Language::Ja => writeln!(text, "ルール {name} は {times} 件で評価できませんでした。"),
        };
    }
    for name in &replayed.never {
        let _ = match language {
            Language::En => writeln!(text, "The rule {name} was for none of them."),
            Language::Ja => writeln!(text, "ルール {name} はどのアラートにも一致しませんでした。"),
        };
    }
    if replayed.is_cut {
        let _ = writeln!(
            text,
            "{}",
            word(language, "There are more alerts than are looked at; ask for a shorter time.", "件数が多いため一部だけを調べました。")
        );
    }
    text
}
