//! What a mail becomes: an alert, its end, a note, or an entry on the list of suppressed alerts.

use hansho_domain::{Alert, AlertId, Clear, DedupKey, IntegrationId, Labels, MailRules, ServiceId, Severity, text};
use hansho_intake::{Event, Note, Part, Signal, Subject};
use hansho_store::Suppressed;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    address,
    envelope::Envelope,
    mail::{Attachment, Mail},
    rules::{About, Meaning, preset_name},
};

/// Longest title, in characters.
const TITLE_CHARS_MAX: usize = 200;
/// Longest details, in characters.
const DETAILS_CHARS_MAX: usize = 600;
/// Most attachments that the details name.
const ATTACHMENTS_NAMED_MAX: usize = 3;
/// Longest dedup key, in bytes: with its hash it has 512.
const KEY_BYTES_MAX: usize = 440;
/// How far ahead, and how far back, the time of a mail may lie. What is further off is no time of this mail.
const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);
/// See [`AHEAD_MAX`]; no queue keeps a message for longer (SQS quotas: 14 days).
const BACK_MAX: SignedDuration = SignedDuration::from_hours(15 * 24);

/// A mail at the door of an integration.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// What is known of its way.
    pub envelope: &'a Envelope,
    /// What it says.
    pub mail: &'a Mail,
    /// Whose address it came to.
    pub integration: &'a IntegrationId,
    /// The service that it is about where no rule says otherwise.
    pub service: &'a ServiceId,
    /// Where it is kept, if anywhere.
    pub object: Option<&'a str>,
    /// When it was taken in.
    pub now: Timestamp,
}

impl Arrival<'_> {
    /// The signal of a mail that means this.
    pub fn signal(&self, meaning: Meaning, rules: &MailRules, remark: Option<String>) -> Signal {
        match meaning {
            Meaning::Trigger { about, severity } => {
                let alert = self.alert(self.key(&about), severity, rules, remark);
                Signal::Alert { service: self.service.clone(), alert: Box::new(alert), event: Box::new(self.event()) }
            }
            Meaning::Resolve(about) => Signal::Clear {
                subject: Box::new(self.subject(&about, rules)),
                event: Box::new(self.event()),
                clear: Box::new(Clear {
                    id: self.alert_id(),
                    integration: self.integration.clone(),
                    dedup_key: self.key(&about),
                    occurred_at: self.occurred_at(),
                    details: text::cut(&self.title(), DETAILS_CHARS_MAX),
                }),
            },
            Meaning::Note(about) => Signal::Note(Box::new(Note {
                text: self.title(),
                subject: self.subject(&about, rules),
                event: self.event(),
                suppressed: self.suppressed(
                    self.key(&about),
                    "it says neither that something is wrong nor that it is over, and no incident is open for it",
                ),
            })),
            Meaning::Suppressed(reason) => self.suppression(&reason),
        }
    }

    /// What rules see of it besides what it becomes.
    fn event(&self) -> Event {
        let mut event = Event::from_source(self.mail.from.as_deref().unwrap_or_default());
        self.mail.headers.iter().for_each(|(name, value)| event.add_header(name, &self.without_secrets(value)));
        self.envelope.recipients.iter().for_each(|recipient| event.add_recipient(&self.without_secrets(recipient)));
        self.add_partial(&mut event);
        event
    }

    /// Tells rules what of the mail is not known, or not all of it.
    fn add_partial(&self, event: &mut Event) {
        let Mail { headers_are_partial, has_cut_values, has_cut_subject, text_is_partial, subject, .. } = self.mail;
        let is_cut = |text: &str, chars_max: usize| text.chars().nth(chars_max).is_some();
        let is_title_known = !subject.trim().is_empty() || !(*text_is_partial || *headers_are_partial);
        let parts = [
            (Part::Headers, *headers_are_partial),
            (Part::Source, *headers_are_partial),
            (Part::Title, !is_title_known || is_cut(&self.whole_title(), TITLE_CHARS_MAX)),
            (Part::Details, *text_is_partial || self.has_cut_details()),
        ];
        parts.into_iter().filter(|(_, is_partial)| *is_partial).for_each(|(part, _)| event.add_partial(part));
        let fields = [
            ("text", *text_is_partial),
            ("headers", *headers_are_partial || *has_cut_values),
            // It has the sender, the subject and the attachments.
            ("mail", *headers_are_partial || *text_is_partial || *has_cut_subject),
        ];
        fields.into_iter().filter(|(_, is_partial)| *is_partial).for_each(|(field, _)| event.add_partial_field(field));
    }

    /// What a mail is about that is no alert, as its alert would say it. How bad it was, it does not say.
    fn subject(&self, about: &About, rules: &MailRules) -> Subject {
        let alert = self.alert(self.key(about), Severity::Critical, rules, None);
        Subject { severity: None, ..Subject::of_alert(self.service, &alert) }
    }

    /// It pages nobody, for this reason.
    pub fn suppression(&self, reason: &str) -> Signal {
        Signal::Suppressed(Box::new(self.suppressed(self.key(&About::ThisMail), reason)))
    }

    /// The mail as it is kept with its incident: what was read of it, as JSON, without the secret parts of the addresses it came to.
    pub fn raw(&self) -> String {
        let Mail { headers, subject, from, text, attachments, is_cut, .. } = self.mail;
        let attachments: Vec<_> =
            attachments.iter().map(|a| json!({ "name": a.name, "type": a.content_type, "encoded_bytes": a.encoded_bytes })).collect();
        // The text comes last by its name: what is too long is cut at its end.
        let raw = json!({
            "mail": {
                "id": self.envelope.id,
                "recipients": self.envelope.recipients,
                "object": self.object,
                "sender": from,
                "subject": subject,
                "attachments": attachments,
                "is_cut": is_cut,
            },
            "headers": headers.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>(),
            "text": text,
        });
        self.without_secrets(&raw.to_string())
    }

    /// A text without the secret parts of the addresses that the mail came to.
    fn without_secrets(&self, text: &str) -> String {
        address::without(text, &address::secrets(&self.envelope.recipients))
    }

    /// Names the mail for this integration for good: the same mail delivered twice is one alert.
    pub fn alert_id(&self) -> AlertId {
        let hash = Sha256::digest(format!("email/{}/{}", self.integration, self.envelope.id));
        let mut half = [0; 16];
        half.copy_from_slice(&hash[..16]);
        AlertId::from_hash(half)
    }

    fn alert(&self, dedup_key: DedupKey, severity: Severity, rules: &MailRules, remark: Option<String>) -> Alert {
        let Mail { headers_are_partial, subject, from, .. } = self.mail;
        let mut labels = Labels::new();
        labels.add("sender", from.as_deref().unwrap_or_default());
        labels.add("subject", &self.without_secrets(subject));
        if *headers_are_partial {
            // A second sender may be among what is not known, and the subject.
            labels.add_partial("sender");
            if subject.is_empty() {
                labels.add_partial("subject");
            }
        }
        labels.add("preset", rules.preset.map(preset_name).unwrap_or_default());
        let cut = self.mail.is_cut.then(|| "it is larger or more deeply nested than what is read of a mail".to_owned());
        let remarks: Vec<String> = remark.into_iter().chain(cut).collect();
        Alert {
            id: self.alert_id(),
            integration: self.integration.clone(),
            dedup_key,
            occurred_at: self.occurred_at(),
            severity,
            priority: None,
            title: self.title(),
            details: self.details(),
            runbook: None,
            link: None,
            labels,
            references: Vec::new(),
            held: None,
            pause: None,
            remark: (!remarks.is_empty()).then(|| remarks.join("; ")),
            opened_by: None,
        }
    }

    fn title(&self) -> String {
        text::cut(&self.whole_title(), TITLE_CHARS_MAX)
    }

    /// The subject; without one the first line, or whom it is from.
    fn whole_title(&self) -> String {
        let first = || self.mail.text.lines().map(text::one_line).find(|line| !line.is_empty());
        let nothing = || format!("Mail without subject and text from {} (件名・本文なし)", self.mail.from.as_deref().unwrap_or("nobody"));
        let title = Some(self.mail.subject.trim().to_owned()).filter(|subject| !subject.is_empty()).or_else(first).unwrap_or_else(nothing);
        self.without_secrets(&title)
    }

    /// The text without its empty lines, what is said of the attachments, and how many characters of the text there is room for beside that.
    fn account(&self) -> (String, String, usize) {
        let attachments = attachments(&self.mail.attachments, self.object);
        let text: String = self.mail.text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n");
        let left = DETAILS_CHARS_MAX.saturating_sub(attachments.chars().count() + 1);
        (self.without_secrets(&text), attachments, left)
    }

    fn has_cut_details(&self) -> bool {
        let (text, _, left) = self.account();
        text.chars().nth(left).is_some() || self.mail.attachments.len() > ATTACHMENTS_NAMED_MAX
    }

    fn details(&self) -> String {
        let (text, attachments, left) = self.account();
        [text::cut(&text, left), attachments].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }

    fn suppressed(&self, dedup_key: DedupKey, reason: &str) -> Suppressed {
        Suppressed {
            alert: self.alert_id(),
            integration: self.integration.clone(),
            dedup_key,
            service: Some(self.service.clone()),
            title: self.title(),
            occurred_at: self.occurred_at(),
            received_at: self.now,
            reason: reason.to_owned(),
            rule: None,
        }
    }

    /// Whether an alert is about whatever comes to the address, and has its key in common with all others.
    pub fn is_of_address(&self, alert: &Alert) -> bool {
        alert.dedup_key == self.key(&About::Address)
    }

    fn key(&self, about: &About) -> DedupKey {
        let text = match about {
            About::Text(about) => text::one_line(about),
            About::ThisMail => format!("mail:{}", self.envelope.id),
            About::Address => "address:".to_owned(),
        };
        let key = if text.len() > KEY_BYTES_MAX {
            let hash: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{}~{hash}", &text[..text.floor_char_boundary(KEY_BYTES_MAX)])
        } else {
            text
        };
        // Only an empty text is no key, and only what shows nothing is empty here.
        DedupKey::new(key).unwrap_or_else(|_| named(DedupKey::new("address:")))
    }

    /// When SES took the mail. What its sender's clock says is not gone by: a device whose clock stands still would never page twice.
    fn occurred_at(&self) -> Timestamp {
        let (earliest, latest) = (self.now.saturating_sub(BACK_MAX), self.now.saturating_add(AHEAD_MAX));
        let is_possible = |at: &Timestamp| earliest.is_ok_and(|earliest| *at >= earliest) && latest.is_ok_and(|latest| *at <= latest);
        self.envelope.received_at.filter(is_possible).unwrap_or(self.now)
    }
}

/// A name that is written in this file and known to be valid.
pub fn named<T>(id: Result<T, hansho_domain::InvalidId>) -> T {
    match id {
        Ok(id) => id,
        Err(error) => unreachable!("{error}"),
    }
}

fn attachments(all: &[Attachment], object: Option<&str>) -> String {
    if all.is_empty() {
        return String::new();
    }
    let named: Vec<String> = all
        .iter()
        .take(ATTACHMENTS_NAMED_MAX)
        .map(|a| format!("{} ({}, {} KB)", if a.name.is_empty() { "-" } else { &a.name }, a.content_type, a.encoded_bytes.div_ceil(1024)))
        .collect();
    let more = if all.len() > named.len() { format!(" +{}", all.len() - named.len()) } else { String::new() };
    let kept = object.map(|object| format!(" in {object}")).unwrap_or_default();
    format!("Attachments (添付): {}{more}{kept}", named.join(", "))
}

/// What a mail that is none of SES becomes: it may be an alarm, so it pages, and the payload is kept.
pub fn of_unreadable(integration: IntegrationId, reason: &str, raw: &str, now: Timestamp) -> Alert {
    let hash = Sha256::digest(raw.as_bytes());
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    // Those that differ in times and ids alone are one trouble; any other may be another.
    let like = Sha256::digest(text::without_moments(raw).as_bytes());
    let like: String = like.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Alert {
        id: AlertId::from_hash(half),
        integration,
        dedup_key: named(DedupKey::new(format!("unrecognised-mail-event/{like}"))),
        occurred_at: now,
        severity: Severity::Critical,
        priority: None,
        title: "Unrecognised mail event".to_owned(),
        details: text::cut(&format!("{reason}\n{}", text::lines(raw).trim()), DETAILS_CHARS_MAX),
        runbook: None,
        link: None,
        labels: Labels::new(),
        references: Vec::new(),
        held: None,
        pause: None,
        remark: Some("the payload is kept with the incident".to_owned()),
        opened_by: None,
    }
}

#[cfg(test)]
mod tests {
    use hansho_domain::IntegrationId;

    use super::{named, of_unreadable};

    #[test]
    fn what_is_no_mail_is_shown_on_its_incident() {
        let raw = r#"{"note":"disk full on db-1"}"#;
        let alert = of_unreadable(named(IntegrationId::new("email")), "It is no mail of SES.", raw, jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(alert.details, format!("It is no mail of SES.\n{raw}"));
    }
}
