//! The words around a story, in both languages.

use hansho_domain::{Language, Severity};
use hansho_rehearsal::written;

pub(super) fn title(language: Language) -> &'static str {
    match language {
        Language::En => "Simulated alarm",
        Language::Ja => "シミュレーションのアラーム",
    }
}

pub(super) fn severity(language: Language, severity: Severity) -> &'static str {
    match (language, severity) {
        (Language::En, Severity::Critical) => "critical",
        (Language::En, Severity::Error) => "error",
        (Language::En, Severity::Warning) => "warning",
        (Language::En, Severity::Info) => "info",
        (Language::Ja, Severity::Critical) => "重大",
        (Language::Ja, Severity::Error) => "エラー",
        (Language::Ja, Severity::Warning) => "警告",
        (Language::Ja, Severity::Info) => "情報",
    }
}

/// A span of time: `1h30m`, `1時間30分`.
pub(super) fn span(language: Language, seconds: i64) -> String {
    let text = written(seconds);
    match language {
        Language::En => text,
        Language::Ja => text.replace('d', "日").replace('h', "時間").replace('m', "分").replace('s', "秒"),
    }
}

/// The heads of the columns: who, how, until when, why.
pub(super) fn heads(language: Language) -> [&'static str; 4] {
    match language {
        Language::En => ["WHO", "HOW", "UNTIL", "WHY, AS THE PAGE SAYS IT"],
        Language::Ja => ["誰に", "方法", "待つ時刻", "理由 (通知の文面)"],
    }
}

/// Nobody answers, or these do.
pub(super) fn answers(language: Language, answers: &[String]) -> String {
    match (language, answers) {
        (Language::En, []) => "Nobody answers.".to_owned(),
        (Language::Ja, []) => "誰も応答しません。".to_owned(),
        (Language::En, some) => format!("{}.", some.join("; ")),
        (Language::Ja, some) => format!("{}。", some.join("、")),
    }
}

/// `Ben: acknowledge 2m after their first page`.
pub(super) fn answer(language: Language, name: &str, reaction: &str, after: &str) -> String {
    match language {
        Language::En => format!("{name} answers {after} after their first page ({reaction})"),
        Language::Ja => format!("{name} は最初の通知から{after}後に応答 ({reaction})"),
    }
}

/// What stands behind a moment that waits.
pub(super) fn until(language: Language, clock: &str) -> String {
    match language {
        Language::En => format!(" (until {clock})"),
        Language::Ja => format!(" ({clock} まで)"),
    }
}

pub(super) fn between_sentences(language: Language) -> &'static str {
    match language {
        Language::En => " ",
        Language::Ja => "",
    }
}

pub(super) fn nobody_paged(language: Language) -> &'static str {
    match language {
        Language::En => "Nobody is paged.",
        Language::Ja => "誰にも通知されません。",
    }
}

pub(super) fn first_page(language: Language, after: &str) -> String {
    match language {
        Language::En => format!("The first page goes out after {after}."),
        Language::Ja => format!("最初の通知は{after}後。"),
    }
}

pub(super) fn everybody(language: Language, people: usize, name: &str, after: &str) -> String {
    match (language, people) {
        (Language::En, 1) => format!("{name} is the only person who is paged."),
        (Language::Ja, 1) => format!("通知されるのは {name} だけです。"),
        (Language::En, people) => format!("{people} people are paged in all, the last of them, {name}, after {after}."),
        (Language::Ja, people) => format!("全部で{people}人に通知され、最後は {name} ({after}後)。"),
    }
}

pub(super) fn exhausted(language: Language, after: &str, every: &str) -> String {
    match language {
        Language::En => {
            format!("After {after} everybody has been called in vain; from then on they are paged again every {every} until somebody acts.")
        }
        Language::Ja => format!("{after}後に全員への連絡が終わり、その後は誰かが対応するまで{every}ごとに再通知します。"),
    }
}

pub(super) fn resolved(language: Language, after: &str) -> String {
    match language {
        Language::En => format!("It is resolved after {after}."),
        Language::Ja => format!("{after}後に解決します。"),
    }
}

pub(super) fn quiet(language: Language, is_acknowledged: bool) -> &'static str {
    match (language, is_acknowledged) {
        (Language::En, true) => "Somebody has it, and nothing more happens by itself.",
        (Language::Ja, true) => "担当者がいるため、これ以上は自動では何も起こりません。",
        (Language::En, false) => "Nothing more happens by itself: it is not urgent.",
        (Language::Ja, false) => "緊急ではないため、これ以上は自動では何も起こりません。",
    }
}

pub(super) fn cut(language: Language) -> &'static str {
    match language {
        Language::En => "The story goes on, and is not told further.",
        Language::Ja => "この先は省略しました。",
    }
}

pub(super) fn idle(language: Language, name: &str) -> String {
    match language {
        Language::En => format!("The answer of {name} changes nothing: they are not paged, or it was settled before."),
        Language::Ja => format!("{name} の応答では何も変わりません。通知されないか、すでに決着しています。"),
    }
}
