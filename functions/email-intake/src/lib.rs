//! Mails in, incidents out.
//!
//! - **Wakes it:** SES, by a receipt rule that first writes the mail into a bucket and then invokes this function (Event), or by an SNS
//!   topic with the content in its message, directly or through SQS; on one machine, the SMTP listener.
//! - **Delivery:** at least once and in any order.
//! - **Durable when it returns:** every mail is, for each integration that it was sent to, on an incident's timeline, counted on one, or
//!   on the list of suppressed alerts with the reason. Nothing is ever answered to its sender.
//! - **If it dies half-way:** the event comes again; what was taken in is recognised by the message id of SES and changes nothing.

mod address;
mod answer;
mod envelope;
pub mod event;
mod mail;
mod pattern;
mod preset;
mod preview;
pub mod reply;
mod robot;
mod rules;
mod signal;
mod subject;
mod subscription;
mod verdict;

use std::{collections::BTreeSet, sync::Arc};

use hansho_domain::{Integration, IntegrationId, IntegrationKind, MailRules, ServiceId};
use hansho_intake::{Intake, Signal, Taken};
use hansho_runtime::{Answer, Aws, Failure, Objects, Secrets, Settings, SystemClock};
use hansho_store::{Received, Store, StoreError};
use serde_json::{Value, json};

use answer::Answered;
pub use envelope::{Envelope, Sent, Verdict, Verdicts};
use event::Content;
pub use mail::{Attachment, Mail};
pub use preview::preview;
pub use rules::{About, Meaning, meaning};
use signal::{Arrival, named};
use verdict::Checked;

/// Longest part of an event that is kept when nothing else can be read of it, in bytes.
const EVENT_BYTES_MAX: usize = 200 * 1024;

/// Where mails are kept, and which addresses are Hansho's own.
#[derive(Debug, Clone, Default)]
pub struct Mailbox {
    /// The bucket into which the receipt rule writes.
    pub bucket: Option<String>,
    /// What the rule puts before the id of a mail.
    pub prefix: String,
    /// The sender of Hansho's own mails, in lower case.
    pub own_address: Option<String>,
    /// Where answers to its mails go, in lower case.
    pub reply_address: Option<String>,
}

/// The function.
#[derive(Debug)]
pub struct EmailIntake {
    intake: Intake,
    secrets: Secrets,
    objects: Objects,
    mailbox: Mailbox,
}

/// To whom a mail came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Door {
    /// To the address of an integration.
    Integration(IntegrationId),
    /// To the address that answers go to.
    Reply,
    /// To an address that is nobody's; only as much of it as may be shown.
    Unknown(String),
}

impl EmailIntake {
    /// The function over a store and the bucket of mails.
    pub fn new(store: Arc<Store>, secrets: Secrets, objects: Objects, mailbox: Mailbox) -> Self {
        Self { intake: Intake::new(store), secrets, objects, mailbox }
    }

    /// The function as the environment sets it up: `HANSHO_TABLE`, `HANSHO_LINK_KEY` or `HANSHO_LINK_KEY_FILE`, `HANSHO_MAIL_BUCKET`,
    /// `HANSHO_MAIL_PREFIX`, `HANSHO_EMAIL_FROM`, `HANSHO_EMAIL_REPLY_TO`, and what Lambda sets itself.
    pub fn from_settings(settings: &mut Settings<'_>) -> Self {
        let aws = Aws::from_settings(settings);
        let lower = |text: Option<String>| text.map(|text| text.to_ascii_lowercase());
        let mailbox = Mailbox {
            bucket: settings.optional("HANSHO_MAIL_BUCKET"),
            prefix: settings.optional("HANSHO_MAIL_PREFIX").unwrap_or_default(),
            own_address: lower(settings.optional("HANSHO_EMAIL_FROM")),
            reply_address: lower(settings.optional("HANSHO_EMAIL_REPLY_TO")),
        };
        let secrets = Secrets::from_settings(settings).unwrap_or_default();
        let store = Arc::new(Store::from_settings(settings, &aws, Arc::new(SystemClock)));
        Self::new(store, secrets, Objects::new(&aws), mailbox)
    }

    /// Takes in every mail of `event`. An event from a queue is answered per message; any other fails as a whole when one of its mails
    /// could not be made durable, and comes again.
    ///
    /// # Errors
    /// The table does not answer, or there is no configuration at all.
    pub async fn handle(&self, event: Value) -> Answer {
        let (mut came_back, mut results, mut failure) = (Vec::new(), Vec::new(), None);
        for record in event::read(&event) {
            let taken = match record.mail {
                Ok(received) => self.take(received).await,
                Err(reason) => self.unreadable(&reason, &event).await.map(|taken| vec![taken]),
            };
            match (taken, record.message_id) {
                (Ok(taken), _) => results.extend(taken.iter().map(shown)),
                (Err(error), message_id) => {
                    tracing::error!(error = %hansho_runtime::chain(&error), "a mail could not be made durable and will come again");
                    match message_id {
                        Some(id) => came_back.push(json!({ "itemIdentifier": id })),
                        None => failure = Some(error),
                    }
                }
            }
        }
        match failure {
            Some(error) => Err(Failure::new("a mail could not be made durable", error)),
            None => Ok(json!({ "batchItemFailures": came_back, "results": results })),
        }
    }

    /// Takes in one mail as it came by SMTP. When this returns `Ok`, it is durable for everybody whom it was sent to.
    ///
    /// # Errors
    /// The table does not answer, or there is no configuration at all. The same mail again, under the same id, changes nothing.
    pub async fn receive(&self, envelope: &Envelope, raw: &[u8]) -> Result<Vec<Taken>, StoreError> {
        self.take_in(envelope, &Mail::parse(raw), None, None).await
    }

    async fn take(&self, received: event::Received) -> Result<Vec<Taken>, StoreError> {
        let fields = || Mail {
            headers_are_partial: !received.has_all_fields,
            ..Mail::of_fields(received.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        };
        let (bucket, key) = match received.content {
            Content::Here(raw) => return self.receive(&received.envelope, &raw).await,
            Content::Object { bucket, key } => (Some(bucket), key),
            Content::Bucket => (self.mailbox.bucket.clone(), format!("{}{}", self.mailbox.prefix, received.envelope.id)),
        };
        let Some(bucket) = bucket else {
            let remark = "only its header is known: set HANSHO_MAIL_BUCKET to the bucket into which the receipt rule writes";
            return self.take_in(&received.envelope, &fields(), None, Some(remark)).await;
        };
        let object = format!("s3://{bucket}/{key}");
        match self.objects.get(&bucket, &key, self.intake.store().clock().now()).await {
            Ok(raw) => self.take_in(&received.envelope, &Mail::parse(&raw), Some(&object), None).await,
            // A page does not wait for a bucket: what SES says of the mail is enough to open.
            Err(error) => {
                tracing::error!(%error, "the content of a mail could not be read; it opens with its header");
                let remark = format!("only its header is known: {error}");
                self.take_in(&received.envelope, &fields(), Some(&object), Some(&remark)).await
            }
        }
    }

    async fn take_in(
        &self,
        envelope: &Envelope,
        mail: &Mail,
        object: Option<&str>,
        remark: Option<&str>,
    ) -> Result<Vec<Taken>, StoreError> {
        let robot = robot::reason(mail, envelope.sender.path(), self.mailbox.own_address.as_deref());
        let (mut taken, mut failure) = (Vec::new(), None);
        for door in self.doors(envelope).await? {
            // One integration in trouble does not keep the others from knowing; the mail comes again.
            match self.take_in_at(&door, envelope, mail, object, remark, robot.as_deref()).await {
                Ok(one) => taken.push(one),
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(taken), Err)
    }

    /// To whom the envelope says that it came, each once.
    async fn doors(&self, envelope: &Envelope) -> Result<BTreeSet<Door>, StoreError> {
        let mut doors = BTreeSet::new();
        for recipient in &envelope.recipients {
            let is_reply = address::plain(recipient).is_some_and(|plain| self.mailbox.reply_address.as_ref() == Some(&plain));
            doors.insert(match address::integration(self.intake.store(), &self.secrets, recipient).await? {
                _ if is_reply => Door::Reply,
                Some(integration) => Door::Integration(integration),
                None => Door::Unknown(address::readable(recipient)),
            });
        }
        if doors.is_empty() {
            doors.insert(Door::Unknown("nobody".to_owned()));
        }
        Ok(doors)
    }

    async fn take_in_at(
        &self,
        door: &Door,
        envelope: &Envelope,
        mail: &Mail,
        object: Option<&str>,
        remark: Option<&str>,
        robot: Option<&str>,
    ) -> Result<Taken, StoreError> {
        let integration = match door {
            Door::Integration(id) => self.intake.store().integration(id).await?,
            Door::Reply | Door::Unknown(_) => None,
        };
        let (id, service) = match door {
            Door::Integration(id) => (id.clone(), integration.as_ref().map_or_else(ServiceId::catch_all, |i| i.service_or_catch_all())),
            Door::Reply | Door::Unknown(_) => (by_mail(), ServiceId::catch_all()),
        };
        let now = self.intake.store().clock().now();
        let arrival = Arrival { envelope, mail, integration: &id, service: &service, object, now };
        let raw = arrival.raw();
        let signal = match (door, robot) {
            (_, Some(reason)) => arrival.suppression(reason),
            (Door::Unknown(address), None) => arrival.suppression(&format!("no integration has the address {address} (any more)")),
            (Door::Reply, None) => match answer::apply(self.intake.store(), &arrival).await? {
                Answered::Applied(incident) => return Ok(Taken::Noted(incident)),
                Answered::Refused(reason) => arrival.suppression(&reason),
            },
            (Door::Integration(_), None) => of_integration(&arrival, integration.as_deref(), remark),
        };
        match &signal {
            Signal::Alert { alert, .. } if arrival.is_of_address(alert) => self.intake.of_shared_key().receive(signal, &raw).await,
            Signal::Alert { alert, .. } => {
                let id = alert.id;
                let taken = self.intake.receive(signal, &raw).await?;
                // Mails of one subject may say different things.
                if let Taken::Received(Received::Repeated(incident)) = taken {
                    self.intake.store().keep_payload(incident, id, raw.as_str()).await?;
                }
                Ok(taken)
            }
            _ => self.intake.receive(signal, &raw).await,
        }
    }

    async fn unreadable(&self, reason: &str, event: &Value) -> Result<Taken, StoreError> {
        tracing::warn!(%reason, "an event was not recognised as a mail; it pages");
        let mut raw = event.to_string();
        raw.truncate(raw.floor_char_boundary(EVENT_BYTES_MAX));
        let alert = signal::of_unreadable(by_mail(), reason, &raw, self.intake.store().clock().now());
        self.intake.receive_unreadable(&alert, &raw).await
    }
}

/// The way in of mails that came to no integration's address.
fn by_mail() -> IntegrationId {
    named(IntegrationId::new("email"))
}

/// What a mail to an integration's address is, as the integration has it. One that is configured no more opens by the catch-all service.
fn of_integration(arrival: &Arrival<'_>, integration: Option<&Integration>, remark: Option<&str>) -> Signal {
    if let Some(task) = subscription::task(arrival.mail) {
        return arrival.suppression(&task);
    }
    let gone = MailRules::default();
    let (rules, missing) = match integration.map(|integration| &integration.spec().kind) {
        Some(IntegrationKind::Email(rules)) => (rules, None),
        Some(_) | None => {
            (&gone, Some("its integration takes no mail any more; write it into the configuration, or change the address there"))
        }
    };
    let checked = match verdict::checked(arrival.envelope.verdicts, rules.verdicts) {
        Checked::Taken(said) => said,
        Checked::Suppressed(reason) => return arrival.suppression(&reason),
    };
    let remarks: Vec<&str> = [missing, remark, checked.as_deref()].into_iter().flatten().collect();
    let remark = (!remarks.is_empty()).then(|| remarks.join("; "));
    arrival.signal(meaning(arrival.mail, rules), rules, remark)
}

fn shown(taken: &Taken) -> Value {
    match taken {
        Taken::Received(Received::Opened(incident)) => json!({ "result": "opened", "incident": incident }),
        Taken::Received(Received::Repeated(incident)) => json!({ "result": "repeated", "incident": incident }),
        Taken::Received(Received::Louder(incident)) => json!({ "result": "louder", "incident": incident }),
        Taken::Received(Received::Resolved(incident)) => json!({ "result": "resolved", "incident": incident }),
        Taken::Received(Received::Cleared(incident)) => json!({ "result": "cleared", "incident": incident }),
        Taken::Received(Received::Remembered) => json!({ "result": "remembered" }),
        Taken::Received(Received::OutOfDate) => json!({ "result": "out_of_date" }),
        Taken::Received(Received::NothingOpen) => json!({ "result": "nothing_open" }),
        Taken::Acknowledged(incident) => json!({ "result": "acknowledged", "incident": incident }),
        Taken::Noted(incident) => json!({ "result": "noted", "incident": incident }),
        Taken::Suppressed { reason } => json!({ "result": "suppressed", "reason": reason }),
    }
}
