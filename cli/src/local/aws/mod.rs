//! What stands in for AWS on one machine: the functions keep their real SDK clients, and the HTTP connector under those clients answers in this process.
//!
//! [`Endpoints`] is that connector. It sees which service a request is for by its host, asks the [`Gate`] when and whether it may run, and
//! then lets the [`EmbeddedDynamoDb`] or one of the small endpoint fakes answer. A fake checks a request as AWS would and hands what it accepts
//! to the [`Sink`], which decides what a queue, a timer, a phone and a mailbox are. Nothing here knows Hansho: no keys, no queues' names, no time.
//!
//! What a fake does not understand it refuses loudly: a field that was dropped in silence here would work on a laptop and be wrong on AWS.

mod answer;
mod call;
mod connector;
mod dynamodb;
mod fault;
mod gate;
mod s3;
mod scheduler;
mod sesv2;
mod sink;
mod sns;
mod sqs;

pub use answer::Answer;
pub use call::{Call, Service};
pub use connector::Endpoints;
pub use dynamodb::{EmbeddedDynamoDb, EmbeddedDynamoDbError};
pub use gate::{Gate, OpenGate, Passage, Pending};
pub use sink::{ForeignRequest, Mail, ProviderFault, Schedule, ScheduleCreation, ScheduleDeletion, Sink, Sms, SqsMessage};
