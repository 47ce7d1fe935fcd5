//! `hansho export`: what is live, as the same files.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use hansho_configuration::Files;
use serde_json::json;

use super::{ConfigurationError, Ending, ExportArguments, answer::Answer};

/// Writes the files of a version into a folder.
///
/// # Errors
/// There is no such version, the folder holds other files, or it can not be written.
pub async fn export(asked: ExportArguments) -> Ending {
    let (answer, _) = asked.target.ask(&json!({ "action": "export", "version": asked.version })).await?;
    let Answer::Exported { version, files_gzip } = answer else { return Err(ConfigurationError::Foreign(format!("{answer:?}"))) };
    let files = hansho_config::unpack(&files_gzip).map_err(ConfigurationError::Foreign)?;
    // The names come from elsewhere: what is loaded has been checked to stay in its folder.
    hansho_configuration::load_named(&files).map_err(ConfigurationError::Invalid)?;
    if !asked.force {
        check_unoccupied(&asked.to, &files)?;
    }
    for (name, text) in &files {
        write(&asked.to.join(name), text)?;
    }
    println!("{}: version {version}, {} file(s)", asked.to.display(), files.len());
    Ok(ExitCode::SUCCESS)
}

/// Refuses a folder in which something else would be lost, or be loaded together with the files.
fn check_unoccupied(folder: &Path, files: &Files) -> Result<(), ConfigurationError> {
    for (name, text) in files {
        match fs::read_to_string(folder.join(name)) {
            Ok(there) if there == *text => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Ok(_) => return Err(occupied(folder, name, "says something else")),
            Err(error) => return Err(occupied(folder, name, &format!("can not be read ({error})"))),
        }
    }
    let others = hansho_configuration::file_names(folder).into_iter().find(|name| !files.contains_key(name));
    others.map_or(Ok(()), |name| Err(occupied(folder, &name, "is not part of the version")))
}

fn occupied(folder: &Path, name: &str, why: &str) -> ConfigurationError {
    ConfigurationError::Occupied(format!("{} {why}; choose an empty folder, or say --force", folder.join(name).display()))
}

fn write(path: &Path, text: &str) -> Result<(), ConfigurationError> {
    let failed = |path: &Path| {
        let path: PathBuf = path.to_path_buf();
        move |error| ConfigurationError::Write { path, error }
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    fs::write(path, text).map_err(failed(path))
}
