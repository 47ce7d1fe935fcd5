//! `hansho table`: makes the table on an endpoint, and serves the embedded DynamoDB to other processes.

use std::{io, net::Ipv4Addr, path::Path, thread};

use aws_sdk_dynamodb::Client;
use hansho_runtime::{Aws, Settings, SettingsProblems, settings::environment};
use hansho_store::{StoreError, create_table};
use tokio::{net::TcpListener, sync::oneshot};

use crate::local::{
    DataFolder, FolderError, TABLE,
    aws::{EmbeddedDynamoDb, EmbeddedDynamoDbError},
};

/// What stands for a Region and credentials where nobody asks for any: a stand-in for DynamoDB checks no signature.
const UNASKED: &str = "local";

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The endpoint is none.
    #[error("{0:?} is no endpoint; write --endpoint-url as http://HOST:PORT, or leave it out for AWS")]
    Endpoint(String),
    /// Region or credentials are missing.
    #[error(transparent)]
    Settings(#[from] SettingsProblems),
    /// The endpoint does not make the table.
    #[error("the table {table} can not be made at {endpoint}; check that the endpoint is up and that the credentials may create tables")]
    Create {
        /// The table.
        table: String,
        /// Where.
        endpoint: String,
        /// What it says.
        #[source]
        cause: StoreError,
    },
    /// The data folder does not work out.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The database can not be opened or served.
    #[error("the database in the data folder can not be served; name another folder with --data, or restore the file")]
    Database(#[from] EmbeddedDynamoDbError),
    /// The port is taken.
    #[error("port {port} can not be used: {error}; choose another with --port")]
    Port {
        /// Which port.
        port: u16,
        /// What the system says.
        error: io::Error,
    },
    /// The system gives no thread, or takes it away.
    #[error("the server's thread can not run: {0}; free some memory or processes and try again")]
    Thread(String),
}

/// Makes the table `table`, with its indexes and time to live, at `endpoint_url` or on AWS. One that is there stays as it is.
/// Region and credentials are those of the AWS_* variables; a plain `http://` endpoint is a stand-in and needs none.
///
/// # Errors
/// A setting is missing, or the endpoint refuses or does not answer.
pub async fn create(endpoint_url: Option<&str>, table: &str, region: Option<&str>) -> Result<(), TableError> {
    if let Some(url) = endpoint_url.filter(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
        return Err(TableError::Endpoint(url.to_owned()));
    }
    let made = make(endpoint_url, table, region).await?;
    let endpoint = endpoint_url.unwrap_or("AWS");
    println!(
        "{}",
        if made { format!("made the table {table} at {endpoint}") } else { format!("the table {table} was at {endpoint} already") }
    );
    Ok(())
}

/// Serves the embedded DynamoDB in `data` on loopback until the process is told to stop, with Hansho's table in it. The server
/// has a thread and a runtime of its own: SQLite waits for the disk, and whoever asks must not be held up by that.
///
/// # Errors
/// The folder or the port can not be used, or the table can not be made.
pub async fn serve(data: &Path, port: u16) -> Result<(), TableError> {
    let data = DataFolder::open(data)?;
    let database = EmbeddedDynamoDb::open(&data.database())?;
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        .map_err(|error| TableError::Port { port, error })?;
    let address = listener.local_addr().map_err(|error| TableError::Port { port, error })?;
    let (stop, stopped) = oneshot::channel();
    let (ended, mut end) = oneshot::channel();
    thread::Builder::new()
        .name("dynamodb".to_owned())
        // Nobody who hears of it is left once the process stops.
        .spawn(move || drop(ended.send(serve_here(&database, listener, stopped))))
        .map_err(|error| TableError::Thread(error.to_string()))?;
    let url = format!("http://{address}");
    make(Some(&url), TABLE, Some(UNASKED)).await?;
    println!("DynamoDB is up: {url}, table {TABLE}   (stop with Ctrl-C)");
    println!("  point a function at it   AWS_ENDPOINT_URL_DYNAMODB={url} HANSHO_TABLE={TABLE}");
    let served = tokio::select! {
        served = &mut end => served,
        _ = tokio::signal::ctrl_c() => {
            drop(stop);
            end.await
        }
    };
    served.map_err(|_| TableError::Thread("it has panicked".to_owned()))?
}

/// Serves on this thread until `stopped` is dropped.
fn serve_here(database: &EmbeddedDynamoDb, listener: std::net::TcpListener, stopped: oneshot::Receiver<()>) -> Result<(), TableError> {
    let thread = |error: io::Error| TableError::Thread(error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(thread)?;
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).map_err(thread)?;
        let until = async { drop(stopped.await) };
        Ok(database.serve(listener, until).await?)
    })
}

async fn make(endpoint_url: Option<&str>, table: &str, region: Option<&str>) -> Result<bool, TableError> {
    let is_stand_in = endpoint_url.is_some_and(|url| url.starts_with("http://"));
    let given = |name: &str| match name {
        "AWS_ENDPOINT_URL_DYNAMODB" if endpoint_url.is_some() => endpoint_url.map(str::to_owned),
        "AWS_REGION" if region.is_some() => region.map(str::to_owned),
        _ => environment(name),
    };
    let lookup = |name: &str| {
        let is_needed = matches!(name, "AWS_REGION" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY");
        given(name).filter(|value| !value.is_empty()).or_else(|| (is_stand_in && is_needed).then(|| UNASKED.to_owned()))
    };
    let mut settings = Settings::new(&lookup);
    let aws = Aws::from_settings(&mut settings);
    settings.finish()?;
    let client = Client::new(&aws.config("dynamodb"));
    let endpoint = endpoint_url.unwrap_or("AWS").to_owned();
    create_table(&client, table).await.map_err(|cause| TableError::Create { table: table.to_owned(), endpoint, cause })
}
