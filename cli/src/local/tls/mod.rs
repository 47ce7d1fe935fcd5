//! HTTPS on loopback, for clients that insist on it: the same routes behind a certificate that the local run makes for itself.

mod certificate;
mod listener;

pub use certificate::{Certificate, CertificateError};
pub(super) use listener::TlsListener;
