//! The words of a sweep, in both languages.

use hansho_domain::{Language, UserId};
use hansho_rehearsal::Lack;

pub(super) fn heading(language: Language, within: &str, every: &str, least: u8) -> String {
    match language {
        Language::En => format!("Moments, {every} apart, at which fewer than {least} people would be woken within {within}:"),
        Language::Ja => format!("{every}ごとに見て、{within}以内に呼び出される人が{least}人未満の時刻:"),
    }
}

pub(super) fn never_wakes(language: Language) -> &'static str {
    match language {
        Language::En => "never wakes anybody: people are told, and it is of low urgency at every moment",
        Language::Ja => "常に緊急度が低く、誰も起こしません (通知はされます)",
    }
}

pub(super) fn safe(language: Language, moments: usize, least: u8) -> String {
    match language {
        Language::En => format!("none: at each of {moments} moments {least} or more people are woken"),
        Language::Ja => format!("なし: {moments}個の時刻すべてで{least}人以上が呼び出されます"),
    }
}

pub(super) fn moments(language: Language, count: usize) -> String {
    match (language, count) {
        (Language::En, 1) => "1 moment".to_owned(),
        (Language::En, count) => format!("{count} moments"),
        (Language::Ja, count) => format!("{count}回"),
    }
}

/// How far a sweep is: which service of how many, and how many of its moments.
pub(super) fn progress(language: Language, (service, services): (usize, usize), name: &str, (moments, count): (usize, u64)) -> String {
    match language {
        Language::En => format!("{name} (service {service} of {services}): {moments} of {count} moments"),
        Language::Ja => format!("{name} (サービス{service}/{services}): {count}個の時刻のうち{moments}個"),
    }
}

pub(super) fn lack(language: Language, lack: &Lack) -> String {
    let names = |users: &[UserId]| users.iter().map(UserId::as_str).collect::<Vec<_>>().join(", ");
    match (language, lack) {
        (Language::En, Lack::Nobody) => "nobody".to_owned(),
        (Language::Ja, Lack::Nobody) => "誰もいません".to_owned(),
        (Language::En, Lack::NobodyWoken) => "nobody is woken: the urgency is low".to_owned(),
        (Language::Ja, Lack::NobodyWoken) => "緊急度が低く、誰も起こしません".to_owned(),
        (Language::En, Lack::Only(users)) => format!("only {}", names(users)),
        (Language::Ja, Lack::Only(users)) => format!("{} だけ", names(users)),
    }
}
