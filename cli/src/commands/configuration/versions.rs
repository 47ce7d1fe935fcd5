//! `hansho versions`: who changed the configuration, when and why.

use std::process::ExitCode;

use serde_json::json;

use super::{ConfigurationError, Ending, VersionsArguments, answer::Answer, text};

/// Lists the versions, the newest first.
///
/// # Errors
/// The function is not reached.
pub async fn versions(asked: VersionsArguments) -> Ending {
    let (answer, json) = asked.target.ask(&json!({ "action": "versions", "limit": asked.limit })).await?;
    let Answer::Versions { versions } = answer else { return Err(ConfigurationError::Foreign(format!("{answer:?}"))) };
    if asked.json {
        println!("{json}");
        return Ok(ExitCode::SUCCESS);
    }
    if versions.is_empty() {
        println!("nothing was ever applied");
    }
    for version in &versions {
        let restores = version.author.restores.map(|restored| format!(" (the files of version {restored})")).unwrap_or_default();
        println!("{:>6}  {}{restores}", version.version, text::made(version));
        println!("        {}", text::visible(&version.summary));
    }
    Ok(ExitCode::SUCCESS)
}
