//! The certificate of the local run: made once, kept in the data folder for its owner's eyes, made anew before it ends.
//!
//! It signs itself and may sign no other: whoever trusts it trusts this machine's `localhost` and nothing else.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};
use tokio_rustls::rustls::{
    self, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

/// How long it is good for. Apple's clients take none that is good for longer than 825 days (support.apple.com/103769).
const DAYS: i64 = 800;
/// It is made anew when fewer days than this are left.
const DAYS_LEFT_MIN: i64 = 30;
/// The files. The key's first line says when the certificate ends.
const CERTIFICATE: &str = "certificate.pem";
const KEY: &str = "certificate-key.pem";
const ENDS: &str = "ends ";

/// There is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file does not work out.
    #[error("{path} can not be used: {error}; make sure that you own the folder, or name another with --data")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It can not be made.
    #[error("a certificate can not be made; start without --tls")]
    Unmade(#[from] rcgen::Error),
    /// What is in the files is none.
    #[error("{0} and the key beside it are no certificate; delete both and they are made anew (clients have to trust the new one)")]
    Damaged(PathBuf),
}

/// A certificate and its key.
#[derive(Debug)]
pub struct Certificate {
    path: PathBuf,
    certificate: String,
    key: String,
}

impl Certificate {
    /// Reads the certificate of a data folder, or makes it there when there is none that is good for another [`DAYS_LEFT_MIN`] days.
    ///
    /// # Errors
    /// The files can not be read or written.
    pub fn open(folder: &Path, now: Timestamp) -> Result<Self, CertificateError> {
        let (path, key_path) = (folder.join(CERTIFICATE), folder.join(KEY));
        if let (Some(certificate), Some(key)) = (read(&path)?, read(&key_path)?)
            && ends_at(&key).is_some_and(|end| days(now, DAYS_LEFT_MIN) < end)
        {
            return Ok(Self { path, certificate, key });
        }
        let end = days(now, DAYS);
        let (certificate, key) = made(now, end)?;
        let key = format!("{ENDS}{end}\n{key}");
        // A key without its certificate is a pair that was not finished: both are made anew.
        remove(&path)?;
        write(&key_path, &key)?;
        write(&path, &certificate)?;
        Ok(Self { path, certificate, key })
    }

    /// The file that clients are to trust, in PEM (RFC 7468).
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What a server of HTTP 1.1 with this certificate needs.
    ///
    /// # Errors
    /// The files hold something else.
    pub fn server(&self) -> Result<ServerConfig, CertificateError> {
        self.config().ok_or_else(|| CertificateError::Damaged(self.path.clone()))
    }

    fn config(&self) -> Option<ServerConfig> {
        let chain = vec![CertificateDer::from_pem_slice(self.certificate.as_bytes()).ok()?];
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).ok()?;
        let builder = ServerConfig::builder_with_provider(ring::default_provider().into()).with_safe_default_protocol_versions();
        let built = |builder: rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier>| {
            builder.with_no_client_auth().with_single_cert(chain, key)
        };
        let mut config = builder.and_then(built).ok()?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Some(config)
    }
}

fn made(now: Timestamp, end: Timestamp) -> Result<(String, String), rcgen::Error> {
    let mut parameters = CertificateParams::new(["localhost", "127.0.0.1", "::1"].map(str::to_owned))?;
    parameters.distinguished_name.push(DnType::CommonName, "Hansho on this machine");
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Whole days, in which clocks that differ agree.
    let day = |at: Timestamp| {
        let date = at.to_zoned(TimeZone::UTC).date();
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    (parameters.not_before, parameters.not_after) = (day(days(now, -1)), day(end));
    let key = KeyPair::generate()?;
    Ok((parameters.self_signed(&key)?.pem(), key.serialize_pem()))
}

fn ends_at(key: &str) -> Option<Timestamp> {
    key.lines().next()?.strip_prefix(ENDS)?.parse().ok()
}

fn days(at: Timestamp, days: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX)
}

fn read(path: &Path) -> Result<Option<String>, CertificateError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CertificateError::File { path: path.to_owned(), error }),
    }
}

fn remove(path: &Path) -> Result<(), CertificateError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(CertificateError::File { path: path.to_owned(), error }),
        _ => Ok(()),
    }
}

/// Writes a file that only its owner can read, in place of what is there.
fn write(path: &Path, text: &str) -> Result<(), CertificateError> {
    remove(path)?;
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all())
    };
    write().map_err(|error| CertificateError::File { path: path.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("hansho-certificate-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn now() -> Timestamp {
        "2026-11-20T18:12:00Z".parse().unwrap()
    }

    #[test]
    fn it_is_made_once_for_its_owners_eyes_and_made_anew_before_it_ends() {
        let folder = folder("once");
        let first = Certificate::open(&folder, now()).unwrap();
        assert!(first.server().is_ok());
        for file in [CERTIFICATE, KEY] {
            assert_eq!(fs::metadata(folder.join(file)).unwrap().permissions().mode() & 0o777, 0o600, "{file}");
        }
        assert_eq!(Certificate::open(&folder, days(now(), DAYS - DAYS_LEFT_MIN - 1)).unwrap().certificate, first.certificate);
        let later = Certificate::open(&folder, days(now(), DAYS - DAYS_LEFT_MIN)).unwrap();
        assert_ne!(later.certificate, first.certificate);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn half_a_pair_is_made_anew_and_what_is_none_is_told() {
        let folder = folder("half");
        let first = Certificate::open(&folder, now()).unwrap();
        fs::remove_file(first.path()).unwrap();
        let second = Certificate::open(&folder, now()).unwrap();
        assert_ne!(second.certificate, first.certificate);
        fs::write(second.path(), "nothing").unwrap();
        let told = Certificate::open(&folder, now()).unwrap().server().unwrap_err().to_string();
        assert!(told.contains("delete both"), "{told}");
        fs::remove_dir_all(folder).unwrap();
    }
}
