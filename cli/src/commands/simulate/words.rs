//! The words around a story, in both languages.

use hansho_domain::{Ignored, Language, Rejected};
use hansho_rehearsal::{Answer, Idle, Reaction, written};

pub(super) fn title(language: Language) -> &'static str {
    match language {
        Language::En => "Simulated alarm",
        Language::Ja => "シミュレーションのアラーム",
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
        Language::En => ["WHO", "HOW", "WAITS UNTIL", "WHY, AS THE PAGE SAYS IT"],
        Language::Ja => ["誰に", "方法", "応答の期限", "理由 (通知の文面)"],
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

/// `Ben acknowledges 2m after their first page`.
pub(super) fn answer(language: Language, name: &str, answer: &Answer, after: &str) -> String {
    let to: Vec<String> = answer.to.iter().map(ToString::to_string).collect();
    let to = to.join(", ");
    let asked = answer.reaction.answers_request();
    match language {
        Language::En => {
            let does = match answer.reaction {
                Reaction::Acknowledge => "acknowledges".to_owned(),
                Reaction::Resolve => "resolves it".to_owned(),
                Reaction::Escalate => "has the next step called".to_owned(),
                Reaction::Request => format!("asks {to} for help"),
                Reaction::Accept => "agrees to help".to_owned(),
                Reaction::Decline => "can not help".to_owned(),
            };
            let since = if asked { "being asked" } else { "their first page" };
            format!("{name} {does} {after} after {since}")
        }
        Language::Ja => {
            let does = match answer.reaction {
                Reaction::Acknowledge => "対応を開始".to_owned(),
                Reaction::Resolve => "解決".to_owned(),
                Reaction::Escalate => "次の段階の呼び出しを依頼".to_owned(),
                Reaction::Request => format!("{to} に応援を依頼"),
                Reaction::Accept => "応援を引き受ける".to_owned(),
                Reaction::Decline => "応援を断る".to_owned(),
            };
            let since = if asked { "応援の依頼" } else { "最初の通知" };
            format!("{name} は{since}から{after}後に{does}")
        }
    }
}

/// What stands behind the reason of a message that others have gone along with.
pub(super) fn along(language: Language, count: usize) -> String {
    match (language, count) {
        (Language::En, 1) => "(and 1 page more in the same message)".to_owned(),
        (Language::En, count) => format!("(and {count} pages more in the same message)"),
        (Language::Ja, count) => format!("(他{count}件と同じメッセージ)"),
    }
}

/// A sentence with its end.
pub(super) fn ended(language: Language, sentence: &str) -> String {
    match language {
        Language::En => format!("{}.", sentence.trim_end_matches('.')),
        Language::Ja => format!("{}。", sentence.trim_end_matches('。')),
    }
}

/// What stands behind a moment that waits.
pub(super) fn until(language: Language, clock: &str) -> String {
    match language {
        Language::En => format!(" (until {clock})"),
        Language::Ja => format!(" ({clock} まで)"),
    }
}

/// What stands behind the moment at which everybody has been called in vain.
pub(super) fn next_call(language: Language, clock: &str) -> String {
    match language {
        Language::En => format!(" (next call at {clock})"),
        Language::Ja => format!(" (次の呼び出しは {clock})"),
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

/// The first page, where it does not go out at once.
pub(super) fn first_page(language: Language, after: Option<&str>) -> String {
    match (language, after) {
        (Language::En, None) => "The first page goes out at once.".to_owned(),
        (Language::Ja, None) => "最初の通知はすぐに届きます。".to_owned(),
        (Language::En, Some(after)) => format!("The first page goes out after {after}."),
        (Language::Ja, Some(after)) => format!("最初の通知は{after}後。"),
    }
}

/// It is told quietly until the clock makes it urgent, or a person does.
pub(super) fn raised(language: Language, after: &str) -> String {
    match language {
        Language::En => format!("It is not urgent at first, and wakes people from {after} on."),
        Language::Ja => format!("最初は緊急ではなく、{after}後から呼び出します。"),
    }
}

/// How many people, and when the last of them where that is not at once.
pub(super) fn everybody(language: Language, people: usize, name: &str, after: Option<&str>) -> String {
    match (language, people, after) {
        (Language::En, 1, _) => format!("{name} is the only person who is paged."),
        (Language::Ja, 1, _) => format!("通知されるのは {name} だけです。"),
        (Language::En, people, None) => format!("{people} people are paged in all, all of them at once."),
        (Language::Ja, people, None) => format!("全部で{people}人に、同時に通知されます。"),
        (Language::En, people, Some(after)) => format!("{people} people are paged in all, the last of them, {name}, after {after}."),
        (Language::Ja, people, Some(after)) => format!("全部で{people}人に通知され、最後は {name} ({after}後)。"),
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

/// What is played: a Hansho that runs, with what people have made live.
pub(super) fn of_server(language: Language, url: &str, version: u64, overrides: usize, maintenance: usize) -> String {
    match language {
        Language::En => format!(
            "Played on version {version} of the configuration at {url}, with {} and {} that people have made.",
            counted(overrides, "override", "overrides"),
            counted(maintenance, "maintenance window", "maintenance windows")
        ),
        Language::Ja => {
            format!("{url} の設定バージョン{version}で再現 (交代{overrides}件、メンテナンス{maintenance}件を含む)。")
        }
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

pub(super) fn of_folder(language: Language, folder: &str) -> String {
    match language {
        Language::En => format!("Played on the configuration in {folder}, without what people have made live."),
        Language::Ja => format!("{folder} の設定で再現 (運用中の交代などは含みません)。"),
    }
}

pub(super) fn of_example(language: Language) -> &'static str {
    match language {
        Language::En => "Played on the example team: no Hansho runs here, and --config or --url names none.",
        Language::Ja => "例のチームで再現 (動作中のHanshoがなく、--config も --url も指定されていません)。",
    }
}

/// Why an answer changes nothing.
pub(super) fn idle(language: Language, name: &str, answer: &Answer, why: &Idle) -> String {
    let reaction = answer.reaction.as_str();
    match language {
        Language::En => {
            let why = match why {
                Idle::NeverPaged => "they are never paged".to_owned(),
                Idle::NeverAsked => "nobody asks for their help, and a page can not be declined".to_owned(),
                Idle::TooLate => "the story has ended by then".to_owned(),
                Idle::Settled(Ignored::AlreadyResolved) => "it is resolved by then".to_owned(),
                Idle::Settled(_) => "it was settled before".to_owned(),
                Idle::Refused(why) => why.to_string(),
            };
            format!("The answer of {name} ({reaction}) changes nothing: {why}.")
        }
        Language::Ja => {
            let why = match why {
                Idle::NeverPaged => "通知されません",
                Idle::NeverAsked => "応援を頼まれていません。通常の呼び出しは断れません",
                Idle::TooLate => "その前に経過が終わります",
                Idle::Settled(Ignored::AlreadyResolved) => "すでに解決しています",
                Idle::Settled(_) => "すでに決着しています",
                Idle::Refused(Rejected::NobodyToAsk) => "応援を頼める相手がいません",
                Idle::Refused(Rejected::NotAsked) => "応援を頼まれていないか、依頼が取り消されています",
                Idle::Refused(Rejected::TooManyAsked) => "一度に応援を頼める人数を超えています",
                Idle::Refused(_) => "受け付けられません",
            };
            format!("{name} の応答 ({reaction}) では何も変わりません: {why}。")
        }
    }
}
