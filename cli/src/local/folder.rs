//! The data folder: for its owner's eyes, and for one process at a time.
//!
//! It holds phone numbers, mail addresses, and links that act for whoever has them.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Mode of the folder when it is made here, and of every file that is kept in it.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
/// The files of the data folder. SQLite gives its write-ahead log the mode of the database.
const DATABASE: &str = "hansho.db";
const OUTBOX: &str = "outbox.jsonl";
const LOCK: &str = "lock";
/// What a run before this version may have left readable.
const FILES: [&str; 4] = [DATABASE, "hansho.db-wal", "hansho.db-shm", OUTBOX];

/// The data folder can not be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The system does not let us.
    #[error("the data folder {path} can not be used: {error}; name another with --data")]
    Unusable {
        /// Which folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Two would both send every page.
    #[error("another Hansho is using the data folder {0}; stop it first, or name another folder with --data")]
    InUse(PathBuf),
}

/// A data folder that is ours until this is dropped, or the process ends in any way.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Opens the folder, or makes it.
    ///
    /// # Errors
    /// It can not be made or written to, or another process is using it.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let unusable = |error| FolderError::Unusable { path: path.to_owned(), error };
        DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path).map_err(unusable)?;
        let lock = private(&path.join(LOCK)).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FolderError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        for file in FILES {
            let file = path.join(file);
            if file.exists() {
                fs::set_permissions(&file, Permissions::from_mode(FILE_MODE)).map_err(unusable)?;
            }
        }
        // Made before SQLite makes it readable for everybody.
        for file in [DATABASE, OUTBOX] {
            drop(private(&path.join(file)).map_err(unusable)?);
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The embedded DynamoDB's file.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// What was sent, a message a line.
    pub fn outbox(&self) -> PathBuf {
        self.path.join(OUTBOX)
    }
}

/// A file that only its owner can read, made if it is not there.
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(FILE_MODE).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("hansho-folder-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        path
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn nobody_else_can_read_what_is_in_it() {
        let path = folder("modes");
        let data = DataFolder::open(&path).unwrap();
        assert_eq!((mode(&path), mode(&data.database()), mode(&data.outbox())), (0o700, 0o600, 0o600));
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn what_was_readable_before_is_not_any_more() {
        let path = folder("before");
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join(OUTBOX), "").unwrap();
        fs::set_permissions(path.join(OUTBOX), Permissions::from_mode(0o644)).unwrap();
        let data = DataFolder::open(&path).unwrap();
        assert_eq!(mode(&data.outbox()), 0o600);
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn two_processes_do_not_share_it() {
        let path = folder("shared");
        let first = DataFolder::open(&path).unwrap();
        let told = DataFolder::open(&path).unwrap_err().to_string();
        assert!(told.contains("another Hansho is using the data folder"), "{told}");
        drop(first);
        assert!(DataFolder::open(&path).is_ok());
        fs::remove_dir_all(path).unwrap();
    }
}
