//! The one store: a DynamoDB table, its keys, and the one read-decide-write loop.
//!
//! The same code runs on AWS, on a laptop and in every test; only the endpoint differs. Nothing is decided on what an
//! index says: whatever an index names is read again consistently, or written under a condition. A lost race is a value.

mod alias;
mod audit;
mod bridge;
mod calendar;
mod canary;
mod ceremony;
mod change;
mod clearing;
mod commit;
mod configuration;
mod contact;
mod delivery;
mod drill;
mod due;
mod error;
mod frequency;
mod gate;
mod incident;
mod integration_key;
mod invitation;
mod item;
mod kept_alerts;
mod keys;
mod link;
mod lists;
mod lookup;
mod mail;
mod mail_address;
mod maintenance;
mod merge;
mod notice;
mod on_call;
mod outbox;
mod passkey;
mod payload;
mod pointer;
mod rate;
mod readiness;
mod receive;
mod reminder;
mod restored;
mod session;
mod sign_in;
mod suppressed;
mod swap;
mod table;
mod test_page;
mod together;
mod token;
mod turn;
mod unreadable;
mod write;

pub use alias::SentAs;
pub use audit::{Act, AuditEntry, AuditPage, audited_user};
pub use bridge::{BridgedIncident, BridgedRecord, Copied, Held, Owner, RecordStatus};
pub use calendar::CalendarLink;
pub use canary::is_canary;
pub use ceremony::{Ceremony, CeremonyKind};
pub use change::Change;
pub use commit::Applied;
pub use configuration::{
    Addresses, Author, ConfigurationText, Contact, DestinationAddress, Footing, MaintenanceAdded, MaintenanceEnding, OverrideRemoved,
    Oversized, Profile, Progress, Proposal, Proposed, Version, Weight,
};
pub use contact::{AddressHash, Asked, ContactProof, ProvenBy};
pub use delivery::{Claim, Delivery, DeliveryState, Ending, LEASE_SECONDS, Setback};
pub use drill::{
    AskedContact, Calls, Certificate, CertifiedPerson, DRILL_HOURS_MAX, DRILL_PEOPLE_MAX, Drill, DrillBegun, DrillRequest, DrillScope,
    ListedDrill,
};
pub use error::StoreError;
pub use gate::{Passage, WAITS_TOGETHER, Waiting};
pub use incident::Stored;
pub use integration_key::{INTEGRATION_KEYS_MAX, IntegrationKey, KeyMade};
pub use invitation::{Accepted, Invitation, Invited};
pub use item::SCHEMA;
pub use kept_alerts::KeptPage;
pub use keys::{SHARDS, VERSIONS_PARTITION, access_patterns, deliveries_of, identity_of_table};
pub use link::{Link, LinkTo, Via};
pub use lists::{ListCursor, Page};
pub use lookup::KnownAlert;
pub use mail_address::{MailAddress, OVERLAP_MAX};
pub use maintenance::{EndedMaintenance, Release};
pub use notice::{NoticeClaim, StoredNotice, new_notice};
pub use on_call::Recording;
pub use outbox::{OutboxRow, may_add_to_outbox};
pub use passkey::{PASSKEYS_MAX, Passkey, PasskeyAdded};
pub use payload::{KeptAlert, Payload};
pub use readiness::Confirmed;
pub use receive::{Order, Origin, Received};
pub use reminder::Looked;
pub use restored::{RESTORE_PAUSE, RestorePause, TableOrigin};
pub use session::{Session, SignedInBy};
pub use sign_in::SignedIn;
pub use suppressed::{Suppressed, SuppressedEntry, SuppressedPage};
pub use swap::{StoredSwap, SwapAnswer, SwapAnswered, SwapAsked};
pub use table::{create_table, definition};
pub use test_page::{TestPage, TestPageAsked, TestPageRequest, is_test_page, person_of_test_page};
pub use token::{TOKEN_NAME_CHARS_MAX, TOKENS_MAX, Token, TokenMade};

use std::sync::Mutex;

use aws_sdk_dynamodb::Client;
use hansho_runtime::{Aws, Settings, SharedClock};

use configuration::Cache;
use together::Together;

/// The table, seen through one client.
#[derive(Debug)]
pub struct Store {
    client: Client,
    table: String,
    clock: SharedClock,
    /// Tells this caller from others at the same time, where there are others.
    caller: String,
    cache: Mutex<Cache>,
    /// Reads of one item that are asked for at the same time.
    reads: Together<(), Result<Option<item::Item>, StoreError>>,
    /// Repeats of one open alert that come in at the same time.
    repeats: Together<(), Result<bool, StoreError>>,
}

impl Store {
    /// The table named `table`, behind `client`.
    pub fn new(client: Client, table: impl Into<String>, clock: SharedClock) -> Self {
        Self {
            client,
            table: table.into(),
            clock,
            caller: String::new(),
            cache: Mutex::default(),
            reads: Together::default(),
            repeats: Together::default(),
        }
    }

    /// The table that `HANSHO_TABLE` names. Competitors for an item are told apart by `AWS_LAMBDA_LOG_STREAM_NAME`, which
    /// Lambda sets: each instance of a function has a log stream of its own.
    pub fn from_settings(settings: &mut Settings<'_>, aws: &Aws, clock: SharedClock) -> Self {
        let table = settings.required("HANSHO_TABLE", "the name of the DynamoDB table");
        let caller = settings.optional("AWS_LAMBDA_LOG_STREAM_NAME").unwrap_or_default();
        Self::new(Client::new(&aws.config("dynamodb")), table, clock).called_by(caller)
    }

    /// The same for a caller that `name` tells from others at the same time.
    #[must_use]
    pub fn called_by(self, name: impl Into<String>) -> Self {
        Self { caller: name.into(), ..self }
    }

    /// What tells this caller from others at the same time; empty where there are none.
    pub fn caller(&self) -> &str {
        &self.caller
    }

    /// The clock that the store goes by.
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }
}
