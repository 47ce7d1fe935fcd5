//! Hansho on one machine: the functions' own handlers, an embedded DynamoDB, and what stands in for queues, timers and
//! phones. Everything here is wiring; what Hansho does is in the functions.

pub mod aws;
mod calls;
mod clock;
mod doors;
mod folder;
mod functions;
mod machine;
mod mailbag;
mod outbox;
mod page;
mod run;
mod secrets;
mod server;
mod smtp;
mod tls;

pub use calls::{caller, of as in_the_name_of};
pub use clock::LocalClock;
pub use doors::{SmtpDoor, Told};
pub use folder::{DataFolder, FolderError};
pub use functions::{FUNCTION_NAMES, Functions, MAIL_BUCKET, UnknownFunction};
pub use machine::{Machine, MachineError, Setup, TABLE};
pub use mailbag::{Mailbag, Waiting};
pub use outbox::{Outbox, Sent};
pub use run::{Options, RunError, Started, Up, run};
pub use secrets::{LocalSecrets, SecretsError};
pub use server::router;
pub use smtp::{MAIL_BYTES_MAX, receive_mail, receive_mail_of_trusted};
pub use tls::{Certificate, CertificateError};
