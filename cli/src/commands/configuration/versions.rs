//! `hansho versions`: who changed the configuration, when and why.

use std::process::ExitCode;

use hansho_domain::Language;
use serde_json::json;

use super::{ConfigurationError, Ending, VersionsArguments, answer::Answer, text};
use crate::commands::language::word;

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
    let language = asked.language.language;
    if versions.is_empty() {
        println!("{}", word(language, "nothing was ever applied", "まだ何も適用されていません"));
    }
    for version in &versions {
        let restores = version.author.restores.map(|restored| restores(restored, language)).unwrap_or_default();
        println!("{:>6}  {}{restores}", version.version, text::made(version, language));
        println!("        {}", text::visible(&version.summary));
    }
    Ok(ExitCode::SUCCESS)
}

/// That it went back to an earlier one.
fn restores(version: u64, language: Language) -> String {
    match language {
        Language::En => format!(" (the files of version {version})"),
        Language::Ja => format!(" (版{version}のファイル)"),
    }
}
