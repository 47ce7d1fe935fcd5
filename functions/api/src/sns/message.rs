//! Reading a message of SNS, and what of it is signed (SNS developer guide, "Parsing Amazon SNS message formats" and "Verifying the
//! signatures of Amazon SNS messages").

use aws_smithy_types::base64;
use hansho_domain::TopicArn;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{answer::Refusal, certificate::CertificateUrl};

/// Longest id of a message and longest token, in bytes; SNS has 36 and some 200.
const NAME_BYTES_MAX: usize = 1_000;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// What it asks for.
    pub(super) asked: Asked,
    /// What it says.
    pub(super) notification: Notification,
    /// What proves that its topic sent it.
    pub(super) signature: Signature,
}

/// What a message asks for.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// Something is told.
    Notification,
    /// Whether the topic may send.
    Confirmation {
        /// What confirms it; whoever has it could.
        token: String,
    },
    /// The topic sends no more.
    Ended,
}

/// What was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notification {
    /// The same however often SNS tries.
    pub(super) id: String,
    /// The topic.
    pub(super) topic: TopicArn,
    /// Its subject.
    pub(super) subject: Option<String>,
    /// What was published.
    pub(super) text: String,
    /// When, by the clock of SNS; none where it does not say.
    pub(super) sent_at: Option<Timestamp>,
}

/// A signature, and what it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signature {
    pub(super) version: Version,
    /// What was signed.
    pub(super) text: String,
    /// The signature itself.
    pub(super) bytes: Vec<u8>,
    /// Where the key is that verifies it.
    pub(super) certificate: CertificateUrl,
}

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// RSA with SHA-1, which topics have unless told otherwise.
    One,
    /// RSA with SHA-256.
    Two,
}

/// The fields as they come. One that stands there twice makes it unreadable, so nothing is signed in one reading and used in another.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fields {
    r#type: String,
    message_id: String,
    topic_arn: String,
    message: String,
    timestamp: String,
    signature_version: String,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
    subject: Option<String>,
    token: Option<String>,
    #[serde(rename = "SubscribeURL")]
    subscribe_url: Option<String>,
}

/// The fields that every message has, and what is said where one is missing.
const REQUIRED: [(&str, &str); 8] = [
    ("Type", "Type is missing, or no text"),
    ("MessageId", "MessageId is missing, or no text"),
    ("TopicArn", "TopicArn is missing, or no text"),
    ("Message", "Message is missing, or no text"),
    ("Timestamp", "Timestamp is missing, or no text"),
    ("SignatureVersion", "SignatureVersion is missing, or no text"),
    ("Signature", "Signature is missing, or no text"),
    ("SigningCertURL", "SigningCertURL is missing, or no text"),
];
/// The others that are read.
const OPTIONAL: [(&str, &str); 3] =
    [("Subject", "Subject is no text"), ("Token", "Token is no text"), ("SubscribeURL", "SubscribeURL is no text")];

/// Why a text has not the fields of a message.
fn wrong(text: &str) -> &'static str {
    let Ok(fields) = serde_json::from_str::<Map<String, Value>>(text) else { return "it is no JSON object" };
    let is_text = |name: &str| fields.get(name).is_some_and(Value::is_string);
    let is_other = |name: &str| fields.get(name).is_some_and(|value| !value.is_string() && !value.is_null());
    let missing = REQUIRED.iter().find(|(name, _)| !is_text(name));
    let found = missing.or_else(|| OPTIONAL.iter().find(|(name, _)| is_other(name)));
    found.map_or("a field stands in it twice", |(_, sentence)| sentence)
}

impl Message {
    /// Reads a request's body. Nothing of it is to be believed before its signature was verified.
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        let fields: Fields = serde_json::from_str(text).map_err(|_| Refusal::Malformed(wrong(text)))?;
        let topic = TopicArn::new(&fields.topic_arn).map_err(|_| Refusal::Malformed("TopicArn is no ARN of a topic"))?;
        let asked = fields.asked()?;
        if fields.message_id.is_empty() || fields.message_id.len() > NAME_BYTES_MAX {
            return Err(Refusal::Malformed("MessageId is none"));
        }
        let version = match fields.signature_version.as_str() {
            "1" => Version::One,
            "2" => Version::Two,
            _ => return Err(Refusal::Forged("its signature is of a version that nobody knows")),
        };
        let bytes = base64::decode(&fields.signature).map_err(|_| Refusal::Forged("its signature is no Base64"))?;
        let certificate = CertificateUrl::new(&fields.signing_cert_url)?;
        let signature = Signature { version, text: fields.signed(&asked), bytes, certificate };
        let sent_at = fields.timestamp.parse().ok();
        let notification = Notification { id: fields.message_id, topic, subject: fields.subject, text: fields.message, sent_at };
        Ok(Self { asked, notification, signature })
    }
}

impl Fields {
    fn asked(&self) -> Result<Asked, Refusal> {
        match (self.r#type.as_str(), &self.token) {
            ("Notification", _) => Ok(Asked::Notification),
            ("SubscriptionConfirmation", Some(token)) if !token.is_empty() && token.len() <= NAME_BYTES_MAX => {
                Ok(Asked::Confirmation { token: token.clone() })
            }
            ("SubscriptionConfirmation", _) => Err(Refusal::Malformed("Token is none")),
            ("UnsubscribeConfirmation", _) => Ok(Asked::Ended),
            _ => Err(Refusal::Malformed("Type is none that SNS has")),
        }
    }

    /// Name and value of each signed field that there is, a line each, in the order of their names.
    fn signed(&self, asked: &Asked) -> String {
        let subject = self.subject.as_deref().filter(|_| *asked == Asked::Notification);
        let is_about_subscription = *asked != Asked::Notification;
        let all = [
            ("Message", Some(self.message.as_str())),
            ("MessageId", Some(self.message_id.as_str())),
            ("Subject", subject),
            ("SubscribeURL", self.subscribe_url.as_deref().filter(|_| is_about_subscription)),
            ("Timestamp", Some(self.timestamp.as_str())),
            ("Token", self.token.as_deref().filter(|_| is_about_subscription)),
            ("TopicArn", Some(self.topic_arn.as_str())),
            ("Type", Some(self.r#type.as_str())),
        ];
        all.iter().filter_map(|(name, value)| value.map(|value| format!("{name}\n{value}\n"))).collect()
    }
}

impl Asked {
    /// The word for it in messages and in their header.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Notification => "Notification",
            Self::Confirmation { .. } => "SubscriptionConfirmation",
            Self::Ended => "UnsubscribeConfirmation",
        }
    }
}

/// The token is shown nowhere.
impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Notification {
    /// As it is kept, and as alarms are read from it: without signature and token, and without the address by which anybody could end
    /// the subscription.
    pub(super) fn raw(&self) -> String {
        let mut raw = json!({ "Type": "Notification", "MessageId": self.id, "TopicArn": self.topic, "Message": self.text });
        if let Some(subject) = &self.subject {
            raw["Subject"] = json!(subject);
        }
        if let Some(sent_at) = self.sent_at {
            raw["Timestamp"] = json!(sent_at);
        }
        raw.to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Asked, Message, Refusal};

    fn message(changes: Value) -> Value {
        let mut message = json!({
            "Type": "Notification",
            "MessageId": "8c3a6b52",
            "TopicArn": "arn:aws:sns:ap-northeast-1:111122223333:alarms",
            "Subject": "My First Message",
            "Message": "Hello world!",
            "Timestamp": "2026-11-20T18:12:18.702Z",
            "SignatureVersion": "2",
            "Signature": "RVhBTVBMRQ==",
            "SigningCertURL": "https://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "UnsubscribeURL": "https://sns.ap-northeast-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=secret",
            "MessageAttributes": { "a": { "Type": "String", "Value": "b" } },
        });
        for (name, value) in changes.as_object().unwrap() {
            message[name.as_str()] = value.clone();
        }
        message
    }

    fn read(changes: Value) -> Result<Message, Refusal> {
        Message::read(&message(changes).to_string())
    }

    #[test]
    fn a_notification_is_signed_with_its_subject_where_it_has_one() {
        let signed = |changes: Value| read(changes).unwrap().signature.text;
        let rest = "Timestamp\n2026-11-20T18:12:18.702Z\nTopicArn\narn:aws:sns:ap-northeast-1:111122223333:alarms\nType\nNotification\n";
        let begin = "Message\nHello world!\nMessageId\n8c3a6b52\n";
        assert_eq!(signed(json!({})), format!("{begin}Subject\nMy First Message\n{rest}"));
        assert_eq!(signed(json!({ "Subject": null })), format!("{begin}{rest}"));
        // Nothing that only confirmations sign goes into it.
        assert_eq!(signed(json!({ "Subject": null, "Token": "t", "SubscribeURL": "u" })), format!("{begin}{rest}"));
    }

    #[test]
    fn a_question_is_signed_with_its_token_and_its_link() {
        let asked = read(json!({ "Type": "SubscriptionConfirmation", "Token": "2336412f", "SubscribeURL": "https://x" })).unwrap();
        let rest = "Timestamp\n2026-11-20T18:12:18.702Z\nToken\n2336412f\nTopicArn\narn:aws:sns:ap-northeast-1:111122223333:alarms\n";
        let begin = "Message\nHello world!\nMessageId\n8c3a6b52\nSubscribeURL\nhttps://x\n";
        assert_eq!(asked.signature.text, format!("{begin}{rest}Type\nSubscriptionConfirmation\n"));
        assert_eq!(asked.asked, Asked::Confirmation { token: "2336412f".to_owned() });
        assert!(!format!("{:?}", asked.asked).contains("2336412f"));
    }

    #[test]
    fn what_is_kept_opens_nothing() {
        let kept = read(json!({})).unwrap().notification.raw();
        let kept: Value = serde_json::from_str(&kept).unwrap();
        let expected = json!({
            "Type": "Notification", "MessageId": "8c3a6b52", "TopicArn": "arn:aws:sns:ap-northeast-1:111122223333:alarms",
            "Subject": "My First Message", "Message": "Hello world!", "Timestamp": "2026-11-20T18:12:18.702Z",
        });
        assert_eq!(kept, expected);
    }

    #[test]
    fn what_is_no_message_of_sns_is_refused() {
        for (changes, malformed) in [
            (json!({ "Type": "Something" }), true),
            (json!({ "Type": "SubscriptionConfirmation" }), true),
            (json!({ "TopicArn": "arn:aws:sns:x" }), true),
            (json!({ "MessageId": "" }), true),
            (json!({ "Message": null }), true),
            (json!({ "Signature": "%" }), false),
            (json!({ "SignatureVersion": "3" }), false),
            (json!({ "SigningCertURL": "https://example.com/SimpleNotificationService-0.pem" }), false),
        ] {
            let refusal = read(changes.clone()).unwrap_err();
            let is_expected = matches!((&refusal, malformed), (Refusal::Malformed(_), true) | (Refusal::Forged(_), false));
            assert!(is_expected, "{changes}: {refusal:?}");
        }
        for text in ["", "{}", "[]", "null", "Hello", "{\"Type\":\"Notification\""] {
            assert!(matches!(Message::read(text), Err(Refusal::Malformed(_))), "{text}");
        }
        let twice = message(json!({})).to_string().replacen('{', "{\"Message\":\"Another\",", 1);
        assert!(matches!(Message::read(&twice), Err(Refusal::Malformed(_))), "{twice}");
    }
}
