//! The sink: what becomes of the calls that the endpoint fakes accept.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// Where accepted calls end: the owner's queues, timers, phones and mailboxes. Every method is called once per accepted call, before it is answered.
pub trait Sink: Send + Sync {
    /// SQS `SendMessage`. Gives the id of the message.
    fn sqs_message(&self, message: SqsMessage) -> Result<String, ProviderFault>;

    /// Scheduler `CreateSchedule`.
    fn schedule_created(&self, schedule: Schedule) -> Result<ScheduleCreation, ProviderFault>;

    /// Scheduler `DeleteSchedule`.
    fn schedule_deleted(&self, name: &str, group: &str) -> Result<ScheduleDeletion, ProviderFault>;

    /// SNS `Publish` to a phone number. Gives the id of the message.
    fn sms(&self, sms: Sms) -> Result<String, ProviderFault>;

    /// SESv2 `SendEmail`. Gives the id of the message.
    fn mail(&self, mail: Mail) -> Result<String, ProviderFault>;

    /// S3 `GetObject`. `None`: there is no such object.
    fn object(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, ProviderFault>;

    /// A request to any other host. Gives status and body; the error is a request that reached nobody. A real answer, which has to be
    /// waited for, is the gate's to fetch ([`super::Passage::Answer`]).
    fn foreign(&self, request: ForeignRequest) -> Result<(u16, Vec<u8>), String>;
}

/// Why a provider does not accept a valid call. Rendered in the format of the service that was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderFault {
    /// Too many calls.
    Throttled,
    /// Out of order.
    Unavailable,
    /// Refused for good, and why.
    Rejected(String),
}

/// A message for a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqsMessage {
    /// The queue.
    pub queue_url: String,
    /// The message.
    pub body: String,
    /// How long it stays hidden.
    pub delay_seconds: u32,
}

/// A one-time timer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Its name, unique in the group.
    pub name: String,
    /// Its group.
    pub group: String,
    /// When it fires.
    pub at: Timestamp,
    /// What it wakes.
    pub target_arn: String,
    /// What it hands over.
    pub input: String,
    /// Whether its name is free again after it has fired.
    pub delete_after_completion: bool,
    /// The same call repeated by the SDK after a lost answer carries the same token: AWS then says created, not conflict.
    pub client_token: Option<String>,
}

/// What became of `CreateSchedule`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleCreation {
    /// It is armed.
    Created,
    /// The group has a schedule of that name.
    Conflict,
}

/// What became of `DeleteSchedule`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleDeletion {
    /// It is gone.
    Deleted,
    /// The group has no schedule of that name.
    NotFound,
}

/// A text message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sms {
    /// The number, E.164.
    pub phone: String,
    /// The text.
    pub message: String,
    /// The message attributes, such as `AWS.SNS.SMS.SMSType`, as strings.
    pub attributes: BTreeMap<String, String>,
}

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The sender.
    pub from: String,
    /// The recipients.
    pub to: Vec<String>,
    /// Where an answer goes, if not to the sender.
    pub reply_to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The text part; empty if there is none.
    pub text: String,
    /// The HTML part.
    pub html: Option<String>,
    /// Additional headers.
    pub headers: Vec<(String, String)>,
    /// Message tags, which come back in the events about this mail.
    pub tags: Vec<(String, String)>,
}

/// A request to a host that is not AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignRequest {
    /// The HTTP method.
    pub method: String,
    /// The whole URI.
    pub uri: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}
