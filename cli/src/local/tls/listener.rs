//! Connections that have shaken hands. One that is slow at it keeps no other waiting.

use std::{io, net::SocketAddr, sync::Arc};

use axum::serve::Listener;
use hansho_runtime::{Clock, SystemClock};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
    time::Duration,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, server::TlsStream};

/// Longest handshake.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// Most handshakes at a time; further connections wait in the queue of the system.
const HANDSHAKES_MAX: usize = 100;
/// How long the listener waits when the system gives it no connection, as when there are too many open files.
const PAUSE: Duration = Duration::from_millis(100);

type Ready = (TlsStream<TcpStream>, SocketAddr);

/// A listener for TLS. Its handshakes end with it.
#[derive(Debug)]
pub(in crate::local) struct TlsListener {
    ready: mpsc::Receiver<Ready>,
    address: SocketAddr,
    _accepting: JoinSet<()>,
}

impl TlsListener {
    /// Listens where `listener` does.
    ///
    /// # Errors
    /// It has no address.
    pub(in crate::local) fn new(listener: TcpListener, server: ServerConfig) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (send, ready) = mpsc::channel(1);
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, TlsAcceptor::from(Arc::new(server)), send));
        Ok(Self { ready, address, _accepting: accepting })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Ready {
        match self.ready.recv().await {
            Some(ready) => ready,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, ready: mpsc::Sender<Ready>) {
    let mut handshakes = JoinSet::new();
    loop {
        while handshakes.try_join_next().is_some() {}
        if handshakes.len() >= HANDSHAKES_MAX {
            handshakes.join_next().await;
        }
        match listener.accept().await {
            Ok((stream, address)) => {
                handshakes.spawn(shake_hands(acceptor.clone(), stream, address, ready.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                SystemClock.sleep(PAUSE).await;
            }
        }
    }
}

async fn shake_hands(acceptor: TlsAcceptor, stream: TcpStream, address: SocketAddr, ready: mpsc::Sender<Ready>) {
    tokio::select! {
        shaken = acceptor.accept(stream) => match shaken {
            // Nobody takes it any more only when the server is gone.
            Ok(stream) => drop(ready.send((stream, address)).await),
            Err(error) => tracing::warn!(%error, "a client did not finish the TLS handshake; does it trust the certificate?"),
        },
        () = SystemClock.sleep(HANDSHAKE_MAX) => tracing::debug!("a client did not begin the TLS handshake"),
    }
}
