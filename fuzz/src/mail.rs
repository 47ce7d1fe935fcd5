//! Mails: events of SES in JSON, and anything else as a mail as it came by SMTP.

use hansho_domain::{Alert, Command, Integration, MailPreset};
use hansho_email_intake::{
    Envelope, Mail, Sent, Verdicts,
    event::{self, Content, Received},
    preview, reply,
};
use hansho_intake::Signal;
use serde_json::{Value, json};

use super::received_at;

/// Whatever comes is a mail of bounded size, is an alert, a clear, a note or suppressed with its reason, for every integration alike;
/// and the same mail says the same again.
pub fn check(input: &[u8]) {
    let integration = integration(input);
    let Ok(event) = serde_json::from_slice::<Value>(input) else {
        return check_mail(&envelope(), input, &integration);
    };
    let records = event::read(&event);
    assert!(!records.is_empty());
    assert_eq!(records, event::read(&event));
    for record in records {
        match record.mail {
            Ok(Received { envelope, fields, content, has_all_fields: _ }) => {
                assert!(!envelope.id.is_empty() && envelope.id.len() <= 200 && envelope.recipients.len() <= 100);
                match content {
                    Content::Here(raw) => check_mail(&envelope, &raw, &integration),
                    Content::Object { .. } | Content::Bucket => {
                        let mail = Mail::of_fields(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
                        check_signal(&preview(&envelope, &mail, &integration, received_at()));
                    }
                }
            }
            Err(reason) => assert!(!reason.is_empty() && reason.len() < 1_000, "{reason}"),
        }
    }
}

fn check_mail(envelope: &Envelope, raw: &[u8], integration: &Integration) {
    let mail = Mail::parse(raw);
    assert!(mail.headers.len() <= 1_000 && mail.attachments.len() <= 50);
    for value in mail.headers.iter().map(|(_, value)| value).chain([&mail.subject]) {
        assert!(!value.contains(['\r', '\n', '\0']), "a field begins another: {value:?}");
    }
    // A byte of a character set is a character of three bytes at most.
    let bytes_max = 4 * raw.len().min(2 * 256 * 1_024) + 1_000;
    assert!(mail.subject.len() <= bytes_max && mail.text.len() <= bytes_max && mail.html.len() <= bytes_max);
    if let Some(from) = &mail.from {
        assert!(from.matches('@').count() == 1 && from.bytes().all(|byte| byte.is_ascii_graphic()), "{from:?}");
    }
    assert!(mail.attachments.iter().all(|attachment| attachment.name.chars().count() <= 121));
    let signal = preview(envelope, &mail, integration, received_at());
    check_signal(&signal);
    let reply = reply::read(&mail);
    assert!(matches!(reply.command, None | Some(Command::Acknowledge | Command::Resolve)));
    assert!(reply.note.is_none_or(|note| !note.is_empty() && note.chars().count() <= 1_001));
    assert!(reply::answered(&mail).len() <= 10);
    let again = Mail::parse(raw);
    assert_eq!(mail, again);
    assert_eq!(format!("{signal:?}"), format!("{:?}", preview(envelope, &again, integration, received_at())));
}

fn check_signal(signal: &Signal) {
    match signal {
        Signal::Alert { alert, .. } => check_alert(alert),
        Signal::Clear { clear, .. } => assert!(clear.details.chars().count() <= 600),
        Signal::Note(note) => assert!(!note.text.is_empty()),
        Signal::Suppressed(suppressed) => {
            assert!(!suppressed.reason.is_empty() && suppressed.reason.len() < 4_000, "{}", suppressed.reason);
        }
        // A person's reply is a command; what a tool mails opens or resolves.
        Signal::Acknowledge { .. } => panic!("an alarm's mail acknowledges: {signal:?}"),
    }
}

fn check_alert(alert: &Alert) {
    let title = &alert.title;
    assert!(!title.trim().is_empty() && title.chars().count() <= 200 && !title.contains(char::is_control), "{title:?}");
    assert!(alert.details.chars().count() <= 1_000 && alert.dedup_key.as_str().len() <= 512);
    assert!(alert.labels.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() <= 1_500);
}

/// One of the integrations that there may be: every preset, and one with every kind of rule.
fn integration(input: &[u8]) -> Integration {
    let mut all = vec![json!({ "id": "mail", "name": "mail", "type": "email" }), everything()];
    all.extend(
        MailPreset::ALL
            .map(|(preset, _)| json!({ "id": "mail", "name": "mail", "service": "checkout", "type": "email", "preset": preset })),
    );
    let chosen = all.swap_remove(input.iter().map(|byte| usize::from(*byte)).sum::<usize>() % all.len());
    serde_json::from_value(chosen).expect("an integration")
}

fn everything() -> Value {
    let condition = |field: &str, pattern: &str| json!({ "field": field, "pattern": pattern });
    json!({
        "id": "mail",
        "name": "mail",
        "service": "checkout",
        "type": "email",
        "preset": "zabbix",
        "filters": { "any": [condition("subject", "障害|復旧|[A-Z]"), condition("sender", "@example\\.com$"), condition("body", ".")] },
        "dedup_key": { "from": "body", "extract": { "regex": "(?i)id: *(\\w+)|host(.*)" } },
        "trigger": [condition("subject", "(a+)+$b"), condition("body", "(.*)(.*)(.*)=")],
        "resolve": [condition("subject", "RECOVERED|復旧")],
        "severity": { "warning": ["注意", "warn"], "error": ["異常"] },
        "otherwise": "suppress",
    })
}

fn envelope() -> Envelope {
    Envelope {
        id: "0dn3m1qabc".to_owned(),
        received_at: Some(received_at()),
        sender: Sent::By("sender@example.com".to_owned()),
        recipients: vec!["checkout-3f9c@oncall.example.com".to_owned()],
        verdicts: Verdicts::default(),
    }
}
