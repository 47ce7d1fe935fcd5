//! What an answer says of an incident, in both languages: what is now so, who has it, and until when.

use hansho_domain::{Language, UserId, text::one_line};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use crate::commands::language::{time_format, word};

/// Tells in a language, on a clock.
#[derive(Debug)]
pub(super) struct Teller {
    pub(super) language: Language,
    pub(super) zone: TimeZone,
}

/// What the server says of a request that has changed nothing, and the same in Japanese.
const UNCHANGED: [(&str, &str); 6] = [
    ("This very request has been applied before.", "この依頼はすでに適用されています。"),
    ("They have it already.", "すでに対応中です。"),
    ("It is resolved already.", "すでに解決済みです。"),
    ("They have answered already.", "すでに回答済みです。"),
    ("It is so already.", "すでにそうなっています。"),
    ("It is no longer needed.", "もう必要ありません。"),
];

impl Teller {
    /// What came of an action that was asked in the name of `user`, or of the token.
    pub(super) fn answer(&self, action: &str, user: Option<&UserId>, answer: &Value) -> String {
        let incident = &answer["incident"];
        let lead = match (answer["why"].as_str(), self.language) {
            (None, _) => self.done(action, user, incident),
            (Some(why), Language::En) => Some(format!("Nothing has changed. {why}")),
            (Some(why), Language::Ja) => {
                let known = UNCHANGED.iter().find(|(english, _)| *english == why).map_or(why, |(_, japanese)| japanese);
                Some(format!("変更はありません。{known}"))
            }
        };
        let sentences: Vec<String> = lead.into_iter().chain([self.standing(incident)]).collect();
        let between = if self.language == Language::En { " " } else { "" };
        format!("{}: {}", said(&incident["id"]), sentences.join(between))
    }

    /// What an action has done that does not show in how the incident stands.
    fn done(&self, action: &str, user: Option<&UserId>, incident: &Value) -> Option<String> {
        let who = || user.map_or_else(|| self.word("the token", "トークン").to_owned(), ToString::to_string);
        let asked = || self.list(&incident["asked_to_help"]);
        let priority = || incident["priority"].as_str().unwrap_or_default().to_owned();
        let is_urgent = incident["urgency"] == "high";
        Some(match (action, self.language) {
            ("request-responders", Language::En) => format!("Asked to help, and not answered yet: {}.", asked()),
            ("request-responders", Language::Ja) => format!("応援を依頼しました (未回答): {}。", asked()),
            ("accept", Language::En) => format!("{} helps.", who()),
            ("accept", Language::Ja) => format!("{}が応援を引き受けました。", who()),
            ("decline", Language::En) => format!("{} does not help.", who()),
            ("decline", Language::Ja) => format!("{}は応援できません。", who()),
            ("cancel-requests", _) if asked().is_empty() => {
                self.word("Nobody is asked to help any more.", "応援の依頼は残っていません。").to_owned()
            }
            ("cancel-requests", Language::En) => format!("Still asked to help: {}.", asked()),
            ("cancel-requests", Language::Ja) => format!("残っている応援の依頼: {}。", asked()),
            ("urgency", _) if is_urgent => {
                self.word("It is urgent: people are woken.", "緊急にしました。夜間でも呼び出します。").to_owned()
            }
            ("urgency", _) => self.word("It is not urgent: nobody is woken.", "緊急ではなくしました。誰も起こしません。").to_owned(),
            ("priority", _) if priority().is_empty() => self.word("It has no priority.", "優先度を外しました。").to_owned(),
            ("priority", Language::En) => format!("Its priority is {}.", priority()),
            ("priority", Language::Ja) => format!("優先度は{}です。", priority()),
            ("notes", _) => self.word("It is written down.", "メモを記録しました。").to_owned(),
            _ => return None,
        })
    }

    /// How it stands: who has it or is called, and what comes next when.
    pub(super) fn standing(&self, incident: &Value) -> String {
        let next = |duty: &str| Some(&incident["next_call"]).filter(|next| next["duty"] == duty).map(|next| self.clock(&next["at"]));
        match incident["status"].as_str().unwrap_or_default() {
            "held" => self.held(&one_line(&said(&incident["held_because"])), next("end_hold")),
            "triggered" => self.triggered(incident, next("escalate"), next("raise_urgency")),
            "acknowledged" => self.taken(&self.list(&incident["acknowledged_by"]), next("end_snooze"), next("acknowledgement_timeout")),
            "exhausted" => match (self.language, next("repage")) {
                (Language::En, Some(at)) => format!("Everybody was called, and nobody answered; it calls again at {at}."),
                (Language::En, None) => "Everybody was called, and nobody answered.".to_owned(),
                (Language::Ja, Some(at)) => format!("全員を呼び出しましたが、応答がありません。次の呼び出しは{at}です。"),
                (Language::Ja, None) => "全員を呼び出しましたが、応答がありません。".to_owned(),
            },
            "resolved" => self.over(incident),
            other => other.to_owned(),
        }
    }

    fn held(&self, reason: &str, until: Option<String>) -> String {
        match (self.language, until) {
            (Language::En, Some(at)) => format!("Held until {at} ({reason}); nobody is called before."),
            (Language::En, None) => format!("Held ({reason}); nobody is called."),
            (Language::Ja, Some(at)) => format!("{at}まで保留中です ({reason})。それまで誰も呼び出しません。"),
            (Language::Ja, None) => format!("保留中です ({reason})。誰も呼び出しません。"),
        }
    }

    fn triggered(&self, incident: &Value, escalates: Option<String>, becomes_urgent: Option<String>) -> String {
        let people = self.list(&incident["calling"]);
        if incident["urgency"] == "low" {
            return match (self.language, becomes_urgent) {
                (Language::En, Some(at)) => {
                    format!("Nobody has it yet. It is not urgent and wakes nobody until {at}, when it becomes urgent.")
                }
                (Language::En, None) => "Nobody has it yet. It is not urgent and wakes nobody.".to_owned(),
                (Language::Ja, Some(at)) => format!("まだ誰も対応していません。{at}に緊急になるまで、誰も起こしません。"),
                (Language::Ja, None) => "まだ誰も対応していません。緊急ではないため、誰も起こしません。".to_owned(),
            };
        }
        match (self.language, people.as_str(), escalates) {
            (Language::En, "", _) => "Nobody has it, and nobody is being called.".to_owned(),
            (Language::En, people, Some(at)) => format!("Calling {people}; without an answer it goes on at {at}."),
            (Language::En, people, None) => format!("Calling {people}."),
            (Language::Ja, "", _) => "まだ誰も対応していません。誰も呼び出していません。".to_owned(),
            (Language::Ja, people, Some(at)) => format!("{people}を呼び出し中です。応答がなければ{at}に次に進みます。"),
            (Language::Ja, people, None) => format!("{people}を呼び出し中です。"),
        }
    }

    fn taken(&self, people: &str, snoozed_until: Option<String>, times_out_at: Option<String>) -> String {
        match (self.language, snoozed_until, times_out_at) {
            (Language::En, Some(at), _) => format!("{people} has it, and nobody is called until {at}."),
            (Language::En, None, Some(at)) => {
                format!("{people} has it, and nobody is called; if it is not resolved by {at}, it calls again.")
            }
            (Language::En, None, None) => format!("{people} has it, and nobody is called any more."),
            (Language::Ja, Some(at), _) => format!("{people}が対応中です。{at}に再び呼び出します。"),
            (Language::Ja, None, Some(at)) => format!("{people}が対応中です。{at}までに解決しなければ、再び呼び出します。"),
            (Language::Ja, None, None) => format!("{people}が対応中です。もう誰も呼び出しません。"),
        }
    }

    fn over(&self, incident: &Value) -> String {
        let (by, at) = (self.actor(&said(&incident["resolved_by"])), self.clock(&incident["resolved_at"]));
        match (self.language, incident["merged_into"].as_str()) {
            (Language::En, None) => format!("Resolved by {by} at {at}; nobody is called any more."),
            (Language::En, Some(into)) => format!("Merged into {into} by {by} at {at}; work goes on there."),
            (Language::Ja, None) => format!("{by}が{at}に解決しました。もう誰も呼び出しません。"),
            (Language::Ja, Some(into)) => format!("{by}が{at}にインシデント{into}に統合しました。対応はそちらで続きます。"),
        }
    }

    /// Where it stands, in a word.
    pub(super) fn status<'a>(&self, status: &'a str) -> &'a str {
        match (self.language, status) {
            (Language::Ja, "held") => "保留中",
            (Language::Ja, "triggered") => "発生中",
            (Language::Ja, "acknowledged") => "対応中",
            (Language::Ja, "exhausted") => "応答なし",
            (Language::Ja, "resolved") => "解決済み",
            (Language::En | Language::Ja, other) => other,
        }
    }

    pub(super) fn word<'a>(&self, english: &'a str, japanese: &'a str) -> &'a str {
        word(self.language, english, japanese)
    }

    /// A time of an answer on the clock.
    pub(super) fn clock(&self, at: &Value) -> String {
        let format = time_format(self.language);
        let at = at.as_str().and_then(|at| at.parse::<Timestamp>().ok());
        at.map_or_else(|| "-".to_owned(), |at| at.to_zoned(self.zone.clone()).strftime(format).to_string())
    }

    /// Names one after the other.
    pub(super) fn list(&self, names: &Value) -> String {
        let names = names.as_array().into_iter().flatten().map(|name| self.actor(&said(name)));
        names.collect::<Vec<_>>().join(self.word(", ", "、"))
    }

    /// A person by name alone, a token as such.
    pub(super) fn actor(&self, actor: &str) -> String {
        match actor.split_once('/') {
            Some(("user" | "integration", name)) => name.to_owned(),
            Some(("token", name)) => format!("{}{name}", self.word("token ", "トークン")),
            Some(_) | None => actor.to_owned(),
        }
    }
}

/// A text of the answer; nothing where there is none.
pub(super) fn said(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;
    use jiff::tz::TimeZone;
    use serde_json::{Value, json};

    use super::Teller;

    fn told(incident: &Value) -> [String; 2] {
        let zone = || TimeZone::get("Asia/Tokyo").unwrap();
        [Language::En, Language::Ja].map(|language| Teller { language, zone: zone() }.standing(incident))
    }

    fn with(status: &str, duty: &str, more: &Value) -> Value {
        let mut incident = json!({ "status": status, "urgency": "high", "next_call": { "at": "2026-11-20T18:42:00Z", "duty": duty } });
        incident.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        incident
    }

    #[test]
    fn how_it_stands_says_who_has_it_and_until_when_in_both_languages() {
        for (incident, english, japanese) in [
            (
                with("triggered", "escalate", &json!({ "calling": ["aiko", "ben"] })),
                "Calling aiko, ben; without an answer it goes on at Sat 2026-11-21 03:42 +09:00.",
                "aiko、benを呼び出し中です。応答がなければ2026-11-21 03:42 +09:00に次に進みます。",
            ),
            (
                with("triggered", "raise_urgency", &json!({ "urgency": "low" })),
                "Nobody has it yet. It is not urgent and wakes nobody until Sat 2026-11-21 03:42 +09:00, when it becomes urgent.",
                "まだ誰も対応していません。2026-11-21 03:42 +09:00に緊急になるまで、誰も起こしません。",
            ),
            (
                with("acknowledged", "end_snooze", &json!({ "acknowledged_by": ["user/aiko"] })),
                "aiko has it, and nobody is called until Sat 2026-11-21 03:42 +09:00.",
                "aikoが対応中です。2026-11-21 03:42 +09:00に再び呼び出します。",
            ),
            (
                with("acknowledged", "acknowledgement_timeout", &json!({ "acknowledged_by": ["token/ci", "user/ben"] })),
                "token ci, ben has it, and nobody is called; if it is not resolved by Sat 2026-11-21 03:42 +09:00, it calls again.",
                "トークンci、benが対応中です。2026-11-21 03:42 +09:00までに解決しなければ、再び呼び出します。",
            ),
            (
                with("exhausted", "repage", &json!({})),
                "Everybody was called, and nobody answered; it calls again at Sat 2026-11-21 03:42 +09:00.",
                "全員を呼び出しましたが、応答がありません。次の呼び出しは2026-11-21 03:42 +09:00です。",
            ),
            (
                with("held", "end_hold", &json!({ "held_because": "maintenance move" })),
                "Held until Sat 2026-11-21 03:42 +09:00 (maintenance move); nobody is called before.",
                "2026-11-21 03:42 +09:00まで保留中です (maintenance move)。それまで誰も呼び出しません。",
            ),
            (
                with("resolved", "", &json!({ "resolved_by": "user/ben", "resolved_at": "2026-11-20T18:42:00Z", "merged_into": null })),
                "Resolved by ben at Sat 2026-11-21 03:42 +09:00; nobody is called any more.",
                "benが2026-11-21 03:42 +09:00に解決しました。もう誰も呼び出しません。",
            ),
            (
                with("resolved", "", &json!({ "resolved_by": "user/ben", "resolved_at": "2026-11-20T18:42:00Z", "merged_into": "01JD" })),
                "Merged into 01JD by ben at Sat 2026-11-21 03:42 +09:00; work goes on there.",
                "benが2026-11-21 03:42 +09:00にインシデント01JDに統合しました。対応はそちらで続きます。",
            ),
        ] {
            assert_eq!(told(&incident), [english, japanese]);
        }
    }

    #[test]
    fn what_came_of_it_is_one_line_that_says_why_nothing_has_changed() {
        let incident = json!({ "id": "01JD5Z", "status": "acknowledged", "acknowledged_by": ["user/aiko"], "priority": "SEV2" });
        let answer = |why: Option<&str>| json!({ "result": "-", "why": why, "incident": incident });
        let told = |language, action: &str, why| Teller { language, zone: TimeZone::UTC }.answer(action, None, &answer(why));
        let why = Some("They have it already.");
        assert_eq!(told(Language::En, "acknowledge", None), "01JD5Z: aiko has it, and nobody is called any more.");
        let unchanged = "01JD5Z: Nothing has changed. They have it already. aiko has it, and nobody is called any more.";
        assert_eq!(told(Language::En, "acknowledge", why), unchanged);
        let unchanged = "01JD5Z: 変更はありません。すでに対応中です。aikoが対応中です。もう誰も呼び出しません。";
        assert_eq!(told(Language::Ja, "acknowledge", why), unchanged);
        let rated = "01JD5Z: 優先度はSEV2です。aikoが対応中です。もう誰も呼び出しません。";
        assert_eq!(told(Language::Ja, "priority", None), rated);
    }
}
