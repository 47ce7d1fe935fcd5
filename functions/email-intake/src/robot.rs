//! Mail that nobody means as an alarm: automatic answers, bounces, delivery reports, our own mails. It opens nothing and is never answered.
//!
//! `Auto-Submitted: auto-generated` and `Precedence: bulk` say that a machine sent it, which is what every monitoring tool is; only an
//! answer of a machine is meant here (RFC 3834 section 5).

use hansho_domain::text;

use crate::mail::Mail;

/// How often a mail may have been handed on (RFC 5321 section 6.3: at least 100 without being a loop).
const HOPS_MAX: usize = 100;
/// What stands before the colon in subjects of automatic answers, or alone in brackets or as the whole subject; in lower case. By
/// themselves they prove nothing.
const ANSWERS: [&str; 15] = [
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "out of office",
    "out-of-office",
    "out of office reply",
    "out of office autoreply",
    "自動応答",
    "自動返信",
    "不在",
    "不在通知",
    "不在応答",
    "automatische antwort",
    "réponse automatique",
];

/// Why `mail` is none that anybody means as an alarm; `None`: it may be one. `return_path` is the sender of the envelope, where it is
/// known; `own_address` is where our own mails come from.
pub fn reason(mail: &Mail, return_path: Option<&str>, own_address: Option<&str>) -> Option<String> {
    if let Some(incident) = mail.header("x-hansho-incident") {
        return Some(format!("it is a mail of Hansho itself, about {}", text::cut(incident, 40)));
    }
    if mail.from.is_some() && own_address.is_some_and(|own| mail.from.as_deref() == Some(own)) {
        return Some("it is a mail of Hansho itself".to_owned());
    }
    let content_type = mail.header("content-type").unwrap_or_default().to_ascii_lowercase();
    if content_type.starts_with("multipart/report") {
        return Some("it is a delivery report (multipart/report)".to_owned());
    }
    if return_path.is_some_and(|path| path.trim().trim_matches(['<', '>']).trim().is_empty()) {
        return Some("it is a bounce or an automatic answer (its return path is empty)".to_owned());
    }
    if let Some(header) = answer(mail) {
        return Some(format!("it is an automatic answer ({header})"));
    }
    let hops = mail.headers.iter().filter(|(name, _)| name == "received").count();
    (hops > HOPS_MAX).then(|| format!("it goes round in circles: it was handed on {hops} times"))
}

/// What says that it is an automatic answer.
fn answer(mail: &Mail) -> Option<&'static str> {
    let lower = |name: &str| mail.header(name).map(|value| value.trim().to_ascii_lowercase());
    let submitted = lower("auto-submitted").unwrap_or_default();
    if submitted.starts_with("auto-replied") {
        return Some("Auto-Submitted: auto-replied");
    }
    if lower("x-autoreply").is_some_and(|value| value != "no") {
        return Some("X-Autoreply");
    }
    if lower("x-autorespond").is_some() || lower("x-autoresponder").is_some() {
        return Some("X-Autorespond");
    }
    if lower("precedence").is_some_and(|value| matches!(value.as_str(), "auto_reply" | "auto-reply")) {
        return Some("Precedence: auto_reply");
    }
    // Exchange calls its absence notes generated, not replied. So is every alarm, so it has to say besides which mail it answers.
    let is_of_robot = submitted.starts_with("auto-generated");
    let is_answer = lower("in-reply-to").is_some_and(|answered| !answered.is_empty());
    (is_of_robot && is_answer && is_absence_note(&mail.subject)).then_some("an absence note")
}

/// Whether a subject is that of an automatic answer: `Automatic reply: x`, `【自動返信】x`. `Out of office hours: x` is none.
fn is_absence_note(subject: &str) -> bool {
    let subject = subject.trim().to_lowercase();
    let in_brackets = [('[', ']'), ('【', '】'), ('(', ')'), ('（', '）')]
        .into_iter()
        .find_map(|(open, close)| subject.strip_prefix(open)?.split_once(close));
    let before = in_brackets.or_else(|| subject.split_once([':', '：'])).map_or(subject.as_str(), |(before, _)| before);
    ANSWERS.contains(&before.trim())
}

#[cfg(test)]
mod tests {
    use super::reason;
    use crate::mail::Mail;

    fn of(fields: &[(&str, &str)]) -> Mail {
        Mail::of_fields(fields.iter().copied())
    }

    #[test]
    fn answers_of_machines_bounces_and_our_own_mails_are_told() {
        for (fields, path, why) in [
            (&[("Auto-Submitted", "auto-replied (vacation)")][..], Some("a@example.com"), "auto-replied"),
            (&[("X-Autoreply", "yes")], Some("a@example.com"), "X-Autoreply"),
            (&[("Precedence", "auto_reply")], Some("a@example.com"), "auto_reply"),
            (
                &[("Auto-Submitted", "auto-generated"), ("In-Reply-To", "<x@y>"), ("Subject", "=?utf-8?B?6Ieq5YuV5b+c562U?=: x")],
                Some("a@example.com"),
                "absence note",
            ),
            (
                &[("Auto-Submitted", "auto-generated"), ("In-Reply-To", "<x@y>"), ("Subject", "【自動返信】お問い合わせ")],
                Some("a@example.com"),
                "absence note",
            ),
            (&[("Subject", "Undelivered Mail Returned to Sender")], Some("<>"), "return path is empty"),
            (&[("Subject", "x")], Some(""), "return path is empty"),
            (&[("Content-Type", "multipart/report; report-type=delivery-status; boundary=x")], Some("a@example.com"), "delivery report"),
            (&[("X-Hansho-Incident", "01ABC")], Some("a@example.com"), "of Hansho itself"),
            (&[("From", "Hansho <Hansho@oncall.example.com>")], Some("a@example.com"), "of Hansho itself"),
        ] {
            let found = reason(&of(fields), path, Some("hansho@oncall.example.com"));
            assert!(found.as_ref().is_some_and(|found| found.contains(why)), "{fields:?}: {found:?}");
        }
        let circles = vec![("Received", "by a"); 101];
        assert!(reason(&of(&circles), None, None).unwrap().contains("101 times"));
    }

    #[test]
    fn alarms_of_machines_are_no_answers() {
        for fields in [
            &[("Auto-Submitted", "auto-generated"), ("Precedence", "bulk")][..],
            &[("Auto-Submitted", "no")],
            &[("Precedence", "list"), ("List-Id", "<ops.example.com>")],
            &[("X-Auto-Response-Suppress", "All"), ("Subject", "ALARM: x")],
            &[("Subject", "Out of office printer is on fire")],
            &[("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All"), ("Subject", "Out of office hours: DB down")],
            &[("Auto-Submitted", "auto-generated"), ("In-Reply-To", "<x@y>"), ("Subject", "Out of office hours: DB down")],
            &[("Auto-Submitted", "auto-generated"), ("In-Reply-To", "<x@y>"), ("Subject", "不在時のDB障害: web01")],
            // Without the mail that it answers it may as well be an alarm about a responder that does not work.
            &[
                ("Auto-Submitted", "auto-generated"),
                ("X-Auto-Response-Suppress", "All"),
                ("Subject", "Automatic reply: no answer for 5 minutes"),
            ],
            &[("In-Reply-To", "<x@y>"), ("Subject", "Re: disk full")],
            &[("From", "someone@oncall.example.com")],
        ] {
            assert_eq!(reason(&of(fields), Some("root@web01"), Some("hansho@oncall.example.com")), None, "{fields:?}");
        }
        assert_eq!(reason(&Mail::default(), None, None), None);
    }
}
