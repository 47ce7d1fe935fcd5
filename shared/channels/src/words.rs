//! The words for what the domain counts, in each language. Sentences with room for them are templates.

use hansho_domain::{Actor, Language, Method, PageReason, Priority, Severity, Urgency, UserId};

/// What stands in the brackets: people's rating, or the source's where nobody has rated.
pub(crate) fn label(language: Language, priority: Option<Priority>, severity: Severity) -> &'static str {
    priority.map_or_else(|| self::severity(language, severity), self::priority)
}

/// People's rating, in a word.
pub fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Sev1 => "SEV1",
        Priority::Sev2 => "SEV2",
        Priority::Sev3 => "SEV3",
        Priority::Sev4 => "SEV4",
    }
}

/// The source's rating, in a word.
pub fn severity(language: Language, severity: Severity) -> &'static str {
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

/// Whether it wakes somebody, in a phrase.
pub fn urgency(language: Language, urgency: Urgency) -> &'static str {
    match (language, urgency) {
        (Language::En, Urgency::High) => "high urgency",
        (Language::En, Urgency::Low) => "low urgency",
        (Language::Ja, Urgency::High) => "緊急度 高",
        (Language::Ja, Urgency::Low) => "緊急度 低",
    }
}

fn method(language: Language, method: Method) -> &'static str {
    match (language, method) {
        (Language::En | Language::Ja, Method::Sms) => "SMS",
        (Language::En, Method::Email) => "mail",
        (Language::Ja, Method::Email) => "メール",
        (Language::En | Language::Ja, Method::Webhook) => "webhook",
    }
}

/// The person whom a reason is about: who asks for help, or for whom somebody covers.
pub fn person(reason: &PageReason) -> Option<&UserId> {
    if let PageReason::Cover { user } | PageReason::Requested { by: Actor::User(user), .. } = reason { Some(user) } else { None }
}

/// Why this person is told, in a phrase, as the message says it to them. `named` is the name of the [`person`] whom it is about;
/// where it is not known their id stands for it.
pub fn reason(language: Language, reason: &PageReason, named: Option<&str>) -> String {
    match language {
        Language::En => reason_in_english(reason, named),
        Language::Ja => reason_in_japanese(reason, named),
    }
}

fn reason_in_english(reason: &PageReason, named: Option<&str>) -> String {
    match reason {
        PageReason::Step { step, round, via } => {
            let again = if *round > 0 { format!(", round {}", u16::from(*round) + 1) } else { String::new() };
            format!("step {} of the escalation policy{again}, via {}", u16::from(*step) + 1, crate::text::one_line(via))
        }
        PageReason::Cover { user } => format!("you cover for {}", called(user, named)),
        PageReason::Rule { after_seconds: 0 } => "your notification rule".to_owned(),
        PageReason::Rule { after_seconds } => format!("your notification rule after {}", span(Language::En, *after_seconds)),
        PageReason::NextMethod { failed } => format!("you could not be reached by {}", method(Language::En, *failed)),
        PageReason::Fallback => "nobody else could be called, you are the fallback".to_owned(),
        PageReason::Reassigned => "somebody assigned it to you".to_owned(),
        PageReason::Repage => "nobody has answered yet, the last step is called again".to_owned(),
        PageReason::Requested { by, message } => match said(message) {
            Some(message) => format!("{} asks for your help: {message}", asking(by, named)),
            None => format!("{} asks for your help", asking(by, named)),
        },
    }
}

fn reason_in_japanese(reason: &PageReason, named: Option<&str>) -> String {
    match reason {
        PageReason::Step { step, round, via } => {
            let again = if *round > 0 { format!("・{}巡目", u16::from(*round) + 1) } else { String::new() };
            format!("エスカレーション{}段目{again} ({})", u16::from(*step) + 1, crate::text::one_line(via))
        }
        PageReason::Cover { user } => format!("{}さんの代わりとして", called(user, named)),
        PageReason::Rule { after_seconds: 0 } => "ご自身の通知ルール".to_owned(),
        PageReason::Rule { after_seconds } => format!("ご自身の通知ルール ({}後)", span(Language::Ja, *after_seconds)),
        PageReason::NextMethod { failed } => format!("{}で届かなかったため", method(Language::Ja, *failed)),
        PageReason::Fallback => "他に連絡できる人がいないため (最終連絡先)".to_owned(),
        PageReason::Reassigned => "あなたが担当に指名されました".to_owned(),
        PageReason::Repage => "まだ誰も応答していないため、再度連絡しています".to_owned(),
        PageReason::Requested { by, message } => match said(message) {
            Some(message) => format!("{}が応援を求めています: {message}", asking(by, named)),
            None => format!("{}が応援を求めています", asking(by, named)),
        },
    }
}

/// What somebody wrote, if they wrote anything.
fn said(message: &str) -> Option<String> {
    Some(crate::text::one_line(message)).filter(|message| !message.is_empty())
}

/// A person by their name, or by their id.
pub(crate) fn called(user: &UserId, named: Option<&str>) -> String {
    named.map(crate::text::one_line).filter(|name| !name.is_empty()).unwrap_or_else(|| user.to_string())
}

/// Who asks, without the kind of name.
pub(crate) fn asking(by: &Actor, named: Option<&str>) -> String {
    match by {
        Actor::User(user) => called(user, named),
        Actor::Integration(integration) => integration.to_string(),
        Actor::Token(name) => crate::text::one_line(name),
        Actor::Hansho => "Hansho".to_owned(),
    }
}

/// A span of time in its largest whole unit; in hours and minutes where those are needed.
fn span(language: Language, seconds: u32) -> String {
    if seconds > 3600 && seconds % 3600 >= 60 && seconds.is_multiple_of(60) {
        let (hours, rest) = (seconds - seconds % 3600, seconds % 3600);
        let space = if language == Language::En { " " } else { "" };
        return format!("{}{space}{}", span(language, hours), span(language, rest));
    }
    let (count, unit) = match seconds {
        s if s >= 3600 && s % 3600 == 0 => (s / 3600, [" h", "時間"]),
        s if s >= 60 && s % 60 == 0 => (s / 60, [" min", "分"]),
        s => (s, [" s", "秒"]),
    };
    let [english, japanese] = unit;
    match language {
        Language::En => format!("{count}{english}"),
        Language::Ja => format!("{count}{japanese}"),
    }
}

#[cfg(test)]
mod tests {
    use hansho_domain::{Actor, Language, Method, PageReason, UserId};

    use super::reason;

    #[test]
    fn every_reason_is_said_in_both_languages() {
        let asked = |message: &str| PageReason::Requested { by: Actor::User(UserId::new("ben").unwrap()), message: message.to_owned() };
        let step = |step, round| PageReason::Step { step, round, via: "schedule/primary".to_owned() };
        for (given, english, japanese) in [
            (step(0, 0), "step 1 of the escalation policy, via schedule/primary", "エスカレーション1段目 (schedule/primary)"),
            (
                step(1, 2),
                "step 2 of the escalation policy, round 3, via schedule/primary",
                "エスカレーション2段目・3巡目 (schedule/primary)",
            ),
            (PageReason::Cover { user: UserId::new("aiko").unwrap() }, "you cover for aiko", "aikoさんの代わりとして"),
            (PageReason::Rule { after_seconds: 0 }, "your notification rule", "ご自身の通知ルール"),
            (PageReason::Rule { after_seconds: 90 }, "your notification rule after 90 s", "ご自身の通知ルール (90秒後)"),
            (PageReason::Rule { after_seconds: 180 }, "your notification rule after 3 min", "ご自身の通知ルール (3分後)"),
            (PageReason::Rule { after_seconds: 7200 }, "your notification rule after 2 h", "ご自身の通知ルール (2時間後)"),
            (PageReason::Rule { after_seconds: 17_880 }, "your notification rule after 4 h 58 min", "ご自身の通知ルール (4時間58分後)"),
            (PageReason::NextMethod { failed: Method::Sms }, "you could not be reached by SMS", "SMSで届かなかったため"),
            (PageReason::NextMethod { failed: Method::Email }, "you could not be reached by mail", "メールで届かなかったため"),
            (PageReason::NextMethod { failed: Method::Webhook }, "you could not be reached by webhook", "webhookで届かなかったため"),
            (PageReason::Fallback, "nobody else could be called, you are the fallback", "他に連絡できる人がいないため (最終連絡先)"),
            (PageReason::Reassigned, "somebody assigned it to you", "あなたが担当に指名されました"),
            (
                asked("the database is slow"),
                "ben asks for your help: the database is slow",
                "benが応援を求めています: the database is slow",
            ),
            (asked(" "), "ben asks for your help", "benが応援を求めています"),
            (
                PageReason::Repage,
                "nobody has answered yet, the last step is called again",
                "まだ誰も応答していないため、再度連絡しています",
            ),
        ] {
            assert_eq!(reason(Language::En, &given, None), english);
            assert_eq!(reason(Language::Ja, &given, None), japanese);
        }
        let cover = PageReason::Cover { user: UserId::new("aiko").unwrap() };
        assert_eq!(reason(Language::Ja, &cover, Some("佐藤\n愛子")), "佐藤 愛子さんの代わりとして");
        assert_eq!(reason(Language::En, &asked(""), Some("Ben Carter")), "Ben Carter asks for your help");
    }
}
