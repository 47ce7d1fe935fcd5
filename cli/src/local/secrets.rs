//! The local run's secrets: a file that only its owner can read.

use std::{
    fs,
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use hansho_runtime::Secrets;

/// Bytes of randomness in a secret.
const RANDOM_BYTES: usize = 32;

/// The secrets can not be read or made.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The file does not work out.
    #[error("{path} can not be used: {error}; make sure that you own the folder, or name another with --data")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file is not one of ours.
    #[error("{0} does not hold two secrets; delete it and a new one is made (links sent before stop working)")]
    Damaged(PathBuf),
}

/// The key that signs links, and the token for the API.
#[derive(Debug, Clone)]
pub struct LocalSecrets {
    /// For links.
    pub secrets: Secrets,
    /// For the API.
    pub token: String,
}

impl LocalSecrets {
    /// Reads the secrets of a data folder, or makes them there once, in a file with mode 0600.
    ///
    /// # Errors
    /// The file can not be read or written, or is damaged.
    pub fn open(folder: &Path) -> Result<Self, SecretsError> {
        let path = folder.join("secrets");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(&path)?,
            Err(error) => return Err(SecretsError::File { path, error }),
        };
        let mut lines = text.lines();
        let (Some(key), Some(token)) = (lines.next(), lines.next()) else { return Err(SecretsError::Damaged(path)) };
        let secrets = Secrets::new(key.as_bytes().to_vec()).map_err(|_| SecretsError::Damaged(path))?;
        Ok(Self { secrets, token: token.to_owned() })
    }

    /// Secrets that last as long as the process.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn passing() -> Result<Self, SecretsError> {
        let path = PathBuf::from("/dev/urandom");
        let key = random(&path)?;
        let secrets = Secrets::new(key.into_bytes()).map_err(|_| SecretsError::Damaged(path.clone()))?;
        Ok(Self { secrets, token: random(&path)? })
    }
}

fn make(path: &Path) -> Result<String, SecretsError> {
    let failed = |error| SecretsError::File { path: path.to_owned(), error };
    let urandom = Path::new("/dev/urandom");
    let text = format!("{}\n{}\n", random(urandom)?, random(urandom)?);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(text)
}

/// Random bytes of the system, in hexadecimal.
fn random(source: &Path) -> Result<String, SecretsError> {
    let failed = |error| SecretsError::File { path: source.to_owned(), error };
    let mut bytes = [0; RANDOM_BYTES];
    fs::File::open(source).map_err(failed)?.read_exact(&mut bytes).map_err(failed)?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}
