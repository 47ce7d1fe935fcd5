//! `hansho local`: everything in one process, until it is stopped.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hansho_configuration::{Loaded, Problem};
use hansho_runtime::{Clock, Downloads, SystemClock};
use hansho_store::{Author, Proposed, StoreError};
use jiff::{SignedDuration, Timestamp};

use super::{
    aws::{EmbeddedDynamoDb, EmbeddedDynamoDbError},
    clock::LocalClock,
    doors::{self, Doors, Told},
    folder::{DataFolder, FolderError},
    functions::EMAIL_REPLY_TO,
    machine::{Machine, MachineError, Setup},
    outbox::{Outbox, Sent},
    secrets::{LocalSecrets, SecretsError},
    server::{self, Shared},
    smtp,
    tls::CertificateError,
};
use crate::{
    example,
    gathering::{self, OfflineArguments},
};

/// How often the sweeper is woken here. A restart forgets timers, and nobody should wait a minute for theirs.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_secs(10);
/// How long the loop sleeps when nothing is due and nothing comes in.
const IDLE: Duration = Duration::from_secs(1);
/// How often expired items are deleted.
const EXPIRE_EVERY: Duration = Duration::from_secs(600);

/// What versions with the example team are made with.
const EXAMPLE: &str = "hansho local (the example team)";

/// How `hansho local` is to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The configuration's folder; the example team when there is none.
    pub configuration: Option<PathBuf>,
    /// Whether the addresses of its calendars are asked.
    pub offline: OfflineArguments,
    /// The port on loopback.
    pub port: u16,
    /// The port for HTTPS; `None`: there is none.
    pub tls_port: Option<u16>,
    /// The port on which mail comes in; `None`: there is none.
    pub smtp_port: Option<u16>,
    /// Whether the sender of a mail is taken for whom it says, as if DMARC vouched for it: on loopback nobody does, and answers to pages
    /// could not be tried.
    pub smtp_trust_senders: bool,
    /// Where state is kept.
    pub data: PathBuf,
    /// Whether time stands still until it is moved.
    pub virtual_clock: bool,
    /// Where a virtual clock starts.
    pub start_at: Option<Timestamp>,
}

/// What it tells when it is up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Up {
    /// Where it is reached.
    pub at: Told,
    /// Its data folder.
    pub data: PathBuf,
    /// The token for the API.
    pub token: String,
    /// The configuration.
    pub started: Started,
    /// Where mail goes: the addresses of the first integrations that take it.
    pub mail_addresses: Vec<String>,
    /// Where answers to the mails of pages go, where the senders of mails are taken for whom they say.
    pub answers_to: Option<&'static str>,
}

/// The configuration with which it is up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The version in force.
    pub version: u64,
    /// What the start has changed, in one line; `None` when nothing.
    pub changed: Option<String>,
}

/// Why it can not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The configuration has mistakes.
    #[error("the configuration has {} problem(s):\n{}", .0.len(), .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Configuration(Vec<Problem>),
    /// The data folder does not work out.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The database can not be opened.
    #[error("the database in the data folder can not be opened; name another folder with --data, or restore the file")]
    Database(#[from] EmbeddedDynamoDbError),
    /// The secrets can not be used.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// There is no certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The port is taken.
    #[error("port {port} can not be used: {error}; choose another with {flag}")]
    Port {
        /// Which port.
        port: u16,
        /// What chooses it.
        flag: &'static str,
        /// What the system says.
        error: io::Error,
    },
    /// The machine stopped.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// The table does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Runs until the process is stopped. `ready` is called once it answers, `told` for every message that is sent.
///
/// # Errors
/// It can not start, or the table stops answering.
pub async fn run(options: Options, ready: impl FnOnce(&Up), told: fn(&Sent)) -> Result<(), RunError> {
    let loaded = match &options.configuration {
        Some(folder) => gathering::gathered(folder, options.offline).await.load(),
        None => example::load(),
    }
    .map_err(RunError::Configuration)?;
    let data = DataFolder::open(&options.data)?;
    // Clients of TLS go by the machine's clock, whatever the time is here.
    let doors = Doors::open(&options, &data, SystemClock.now()).await?;
    let local = LocalSecrets::open(data.path())?;
    let database = EmbeddedDynamoDb::open(&data.database())?;
    let clock = Arc::new(if options.virtual_clock {
        LocalClock::stopped_at(options.start_at.unwrap_or_else(|| SystemClock.now()))
    } else {
        LocalClock::real()
    });
    let outbox = Outbox::open(Arc::<LocalClock>::clone(&clock), &data.outbox())
        .map_err(|error| FolderError::Unusable { path: options.data.clone(), error })?
        .telling(told);
    let sweep_every = if options.virtual_clock { SignedDuration::from_mins(1) } else { SWEEP_EVERY };
    let public_url = format!("http://localhost:{}", doors.told.http.port());
    let machine = Arc::new(Machine::new(Setup {
        database: database.clone(),
        clock,
        secrets: local.secrets.clone(),
        public_url,
        outbox: Some(outbox),
        sweep_every,
        gate: None,
        downloads: Some(Downloads::default()),
    }));
    machine.create_table().await?;
    let started = start_with(&machine, loaded, options.configuration.as_deref()).await?;
    machine.store().add_token(&local.token, "local").await?;
    let mail_addresses = doors::mail_addresses(machine.store(), &local.secrets).await?;
    let shared = Arc::new(Shared::new(machine, &doors.told.ports()).trusting_senders(options.smtp_trust_senders));
    let answers_to = options.smtp_trust_senders.then_some(EMAIL_REPLY_TO);
    let up = Up { at: doors.told, data: options.data.clone(), token: local.token, started, mail_addresses, answers_to };
    let routes = server::routes(Arc::clone(&shared));
    let mail = async {
        match doors.smtp {
            Some(listener) => smtp::serve(listener, Arc::clone(&shared)).await,
            None => std::future::pending().await,
        }
    };
    let tls = async {
        match doors.tls {
            Some(listener) => axum::serve(listener, routes.clone()).await,
            None => std::future::pending().await,
        }
    };
    ready(&up);
    let port = |flag, port: Option<u16>| move |error| RunError::Port { port: port.unwrap_or_default(), flag, error };
    tokio::select! {
        served = async { axum::serve(doors.http, routes.clone()).await } => served.map_err(port("--port", Some(options.port))),
        served = tls => served.map_err(port("--tls-port", options.tls_port)),
        () = mail => Ok(()),
        worked = work_off(&shared) => worked,
        () = expire(&database) => Ok(()),
    }
}

/// Puts the folder in force, as `hansho apply` does. Without one the example team is in force until something else is applied,
/// which a restart leaves alone.
async fn start_with(machine: &Machine, loaded: Loaded, folder: Option<&Path>) -> Result<Started, RunError> {
    let version = machine.store().stored_configuration_version().await?;
    let by_hand = machine.store().version(version).await?.is_some_and(|made| made.author.with != EXAMPLE);
    if folder.is_none() && by_hand {
        return Ok(Started { version, changed: None });
    }
    let with = folder.map_or_else(|| EXAMPLE.to_owned(), |folder| format!("hansho local --config {}", folder.display()));
    let author = Author { by: "local".to_owned(), with, ..Author::default() };
    Ok(match machine.put_in_force(loaded, &author).await?.proposed {
        Proposed::InForce(made) => Started { version: made.version, changed: Some(made.summary) },
        Proposed::Unchanged(version) => Started { version, changed: None },
        Proposed::Overtaken(version, _) => return Err(MachineError::Overtaken(version).into()),
        Proposed::TooLarge(parts) => return Err(MachineError::TooLarge(parts).into()),
    })
}

/// Works off what falls due, as it falls due.
async fn work_off(shared: &Shared) -> Result<(), RunError> {
    let machine = &shared.machine;
    if machine.clock().is_virtual() {
        // Requests settle what they cause; what a stop left undone is done now.
        machine.settle().await?;
        return std::future::pending().await;
    }
    loop {
        machine.settle().await?;
        let until_next = machine
            .next_event_at()
            .map_or(IDLE, |at| Duration::try_from(at.duration_since(machine.clock().now())).unwrap_or(Duration::ZERO));
        tokio::select! {
            () = SystemClock.sleep(until_next.min(IDLE)) => {}
            () = shared.nudge.notified() => {}
        }
    }
}

/// Deletes expired items now and then, as DynamoDB's time to live does.
async fn expire(database: &EmbeddedDynamoDb) {
    loop {
        SystemClock.sleep(EXPIRE_EVERY).await;
        if let Err(error) = database.sweep_ttl() {
            tracing::warn!(error = %hansho_runtime::chain(&error), "expired items were not deleted");
        }
    }
}
