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
    let foreign: Vec<String> = hansho_configuration::file_names(&asked.to).into_iter().filter(|name| !files.contains_key(name)).collect();
    if !asked.delete && !foreign.is_empty() {
        return Err(foreign_files(&asked.to, &foreign));
    }
    for (name, text) in &files {
        write(&asked.to.join(name), text)?;
    }
    for name in &foreign {
        let path = asked.to.join(name);
        fs::remove_file(&path).map_err(|error| ConfigurationError::Write { path, error })?;
        println!("{}: removed, it is not part of the version", asked.to.join(name).display());
    }
    println!("{}: version {version}, {} file(s)", asked.to.display(), files.len());
    Ok(ExitCode::SUCCESS)
}

/// Refuses a folder in which something else would be lost.
fn check_unoccupied(folder: &Path, files: &Files) -> Result<(), ConfigurationError> {
    for (name, text) in files {
        match fs::read_to_string(folder.join(name)) {
            Ok(there) if there == *text => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Ok(_) => return Err(occupied(folder, name, "says something else")),
            Err(error) => return Err(occupied(folder, name, &format!("can not be read ({error})"))),
        }
    }
    Ok(())
}

/// Files that would be loaded together with those of the version: the folder would not say what is live.
fn foreign_files(folder: &Path, names: &[String]) -> ConfigurationError {
    let paths: Vec<String> = names.iter().map(|name| folder.join(name).display().to_string()).collect();
    let (is, them) = if paths.len() == 1 { ("is", "it") } else { ("are", "them") };
    ConfigurationError::Occupied(format!(
        "{} {is} not part of the version, and would be read together with it; choose an empty folder, or say --delete to remove {them}",
        paths.join(", ")
    ))
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
