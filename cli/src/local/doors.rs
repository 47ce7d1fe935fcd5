//! Where the local run is reached: HTTP always, HTTPS when it is asked for, SMTP unless it is not wanted.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use hansho_runtime::Secrets;
use hansho_store::{Store, StoreError};
use jiff::Timestamp;
use tokio::net::TcpListener;

use super::{
    folder::DataFolder,
    functions::MAIL_DOMAIN,
    run::{Options, RunError},
    tls::{Certificate, TlsListener},
};

/// Most addresses for mail that are told at the start.
const ADDRESSES_TOLD_MAX: usize = 3;

/// The listeners.
pub(super) struct Doors {
    pub(super) http: TcpListener,
    pub(super) tls: Option<TlsListener>,
    pub(super) smtp: Option<TcpListener>,
    /// The same in words.
    pub(super) told: Told,
}

/// Where it is reached, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// HTTP.
    pub http: SocketAddr,
    /// HTTPS, and the certificate that clients are to trust.
    pub tls: Option<(SocketAddr, PathBuf)>,
    /// SMTP; `None` when it is not wanted.
    pub smtp: Option<SmtpDoor>,
}

/// Whether mail comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmtpDoor {
    /// It does.
    Open(SocketAddr),
    /// It does not: the port can not be used. Everything else goes on without it.
    Closed {
        /// Which port.
        port: u16,
        /// What the system says.
        error: String,
    },
}

impl Doors {
    /// Listens on loopback.
    ///
    /// # Errors
    /// The port for HTTP or HTTPS can not be used, or there is no certificate.
    pub(super) async fn open(options: &Options, data: &DataFolder, now: Timestamp) -> Result<Self, RunError> {
        let (http, http_address) = listen(options.port, "--port").await?;
        let (tls, tls_told) = match options.tls_port {
            Some(port) => {
                let certificate = Certificate::open(data.path(), now)?;
                let (listener, address) = listen(port, "--tls-port").await?;
                let failed = |error| RunError::Port { port, flag: "--tls-port", error };
                let listener = TlsListener::new(listener, certificate.server()?).map_err(failed)?;
                (Some(listener), Some((address, certificate.path().to_owned())))
            }
            None => (None, None),
        };
        let (smtp, smtp_told) = match options.smtp_port {
            None => (None, None),
            Some(port) => match bind(port).await {
                Ok((listener, address)) => (Some(listener), Some(SmtpDoor::Open(address))),
                Err(error) => (None, Some(SmtpDoor::Closed { port, error: error.to_string() })),
            },
        };
        Ok(Self { http, tls, smtp, told: Told { http: http_address, tls: tls_told, smtp: smtp_told } })
    }
}

impl Told {
    /// The ports of HTTP and HTTPS, each with its scheme.
    pub(super) fn ports(&self) -> Vec<(&'static str, u16)> {
        let tls = self.tls.as_ref().map(|(address, _)| ("https", address.port()));
        [("http", self.http.port())].into_iter().chain(tls).collect()
    }
}

/// The addresses of the first integrations that take mail, in the order of their names.
///
/// # Errors
/// DynamoDB does not answer.
pub(super) async fn mail_addresses(store: &Store, secrets: &Secrets) -> Result<Vec<String>, StoreError> {
    let directory = store.directory().await?;
    let mut addresses = Vec::new();
    for integration in directory.integrations.iter().filter(|integration| integration.kind == "email").take(ADDRESSES_TOLD_MAX) {
        let local_part = store.mail_address(&integration.id).await?.local_part(secrets, &integration.id);
        addresses.push(format!("{local_part}@{MAIL_DOMAIN}"));
    }
    Ok(addresses)
}

async fn listen(port: u16, flag: &'static str) -> Result<(TcpListener, SocketAddr), RunError> {
    bind(port).await.map_err(|error| RunError::Port { port, flag, error })
}

async fn bind(port: u16) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}
