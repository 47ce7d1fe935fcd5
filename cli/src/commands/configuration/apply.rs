//! `hansho plan`, `hansho apply` and `hansho rollback`: what would change, and making it so.

use std::{
    fs,
    future::Future,
    io::{self, BufRead as _, IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
    time::Duration,
};

use hansho_domain::Language;
use hansho_runtime::{Clock as _, SystemClock, settings::environment};
use hansho_store::Version;
use serde_json::{Value, json};

use super::{
    ApplyArguments, ConfigurationError, Ending, MakingArguments, PlanArguments, RollbackArguments,
    answer::{Answer, Planned},
    target::TargetArguments,
    text,
};
use crate::{
    commands::{invented, language::word, rehearsals},
    gathering::{self, OfflineArguments},
};

/// The exit code of a plan with changes, as Terraform's `-detailed-exitcode` has it.
const CHANGES: u8 = 2;
/// How often somebody who waits is told that it goes on.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// What would change.
///
/// # Errors
/// The folder has mistakes, or the function is not reached.
pub async fn plan(asked: PlanArguments) -> Ending {
    let files = packed(&asked.config, asked.offline, &asked.target, asked.language.language).await?;
    let request = json!({ "action": "plan", "files_gzip": files });
    let (planned, json) = planned(&asked.target, &request).await?;
    if asked.json {
        println!("{json}");
    } else {
        print!("{}", text::plan(&planned, asked.target.name(), asked.language.language));
    }
    Ok(if asked.detailed_exitcode && !planned.is_nothing() { ExitCode::from(CHANGES) } else { ExitCode::SUCCESS })
}

/// Shows what would change, asks, and makes it so.
///
/// # Errors
/// As [`plan`]; somebody else was faster; whoever was asked said no.
pub async fn apply(asked: ApplyArguments) -> Ending {
    let language = asked.making.language.language;
    let source = json!({ "files_gzip": packed(&asked.config, asked.offline, &asked.making.target, language).await? });
    make(source, "hansho apply", &asked.making).await
}

/// The same with the files of an earlier version.
///
/// # Errors
/// As [`apply`], and there is no such version.
pub async fn rollback(asked: RollbackArguments) -> Ending {
    make(json!({ "version": asked.version }), "hansho rollback", &asked.making).await
}

async fn make(source: Value, with: &str, making: &MakingArguments) -> Ending {
    let (target, language) = (&making.target, making.language.language);
    let mut request = source;
    request["action"] = json!("plan");
    let (planned, _) = planned(target, &request).await?;
    print!("{}", text::plan(&planned, target.name(), language));
    if planned.is_nothing() {
        // Open incidents may still have something to be done for them, which an apply does.
        if planned.incidents.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
    } else if !making.yes {
        ask(language)?;
    }
    request["action"] = json!("apply");
    request["expected_version"] = json!(planned.version);
    request["message"] = json!(making.message);
    request["by"] = json!(making.by.clone().unwrap_or_else(whoever));
    request["with"] = json!(with);
    let (answer, _) = waiting(target.ask(&request), target, planned.items, language).await?;
    match answer {
        Answer::Applied { in_force, incidents } => {
            print!("{}", text::incidents(&incidents, language));
            println!("\n{}", put_in_force(&in_force, language));
            Ok(ExitCode::SUCCESS)
        }
        Answer::Unchanged { version, incidents } => {
            print!("{}", text::incidents(&incidents, language));
            println!(
                "\n{}",
                match language {
                    Language::En => format!("Version {version} is in force already."),
                    Language::Ja => format!("すでに版{version}が有効です。"),
                }
            );
            Ok(ExitCode::SUCCESS)
        }
        Answer::Overtaken { version, in_force } => {
            let who = in_force.map(|made| format!(" ({})", text::made(&made, language))).unwrap_or_default();
            Err(ConfigurationError::Overtaken(format!(
                "version {version} came in force meanwhile{who}; nothing was changed: look at it and apply again"
            )))
        }
        other => Err(ConfigurationError::Foreign(format!("{other:?}"))),
    }
}

/// The folder as the function takes it, if it has no mistakes. People wait for the pages of a deployment, so addresses that nobody has are
/// warned of there.
async fn packed(
    folder: &Path,
    offline: OfflineArguments,
    target: &TargetArguments,
    language: Language,
) -> Result<String, ConfigurationError> {
    let loaded = gathering::gathered(folder, offline).await.load_with_invented();
    let (loaded, invented) = loaded.map_err(ConfigurationError::Invalid)?;
    let unmet = rehearsals::run(&loaded).failures.len();
    if unmet > 0 {
        let folder = folder.display();
        eprintln!(
            "{}",
            match language {
                Language::En => format!(
                    "warning: {unmet} expectation(s) of the tests in {folder} are not met; `hansho check --config {folder}` says which"
                ),
                Language::Ja => format!(
                    "警告: {folder} のテストの期待が{unmet}件満たされていません。`hansho check --config {folder}` で確認してください"
                ),
            }
        );
    }
    if target.is_deployment() {
        invented::warnings(&invented, language).iter().for_each(|line| eprintln!("{line}"));
    }
    Ok(hansho_config::pack(&loaded.files)?)
}

async fn planned(target: &TargetArguments, request: &Value) -> Result<(Planned, Value), ConfigurationError> {
    match target.ask(request).await? {
        (Answer::Planned(planned), json) => Ok((planned, json)),
        (other, _) => Err(ConfigurationError::Foreign(format!("{other:?}"))),
    }
}

fn put_in_force(version: &Version, language: Language) -> String {
    match language {
        Language::En => format!("Version {} is in force ({}).", version.version, version.summary),
        Language::Ja => format!("版{}が有効になりました ({})。", version.version, version.summary),
    }
}

fn ask(language: Language) -> Result<(), ConfigurationError> {
    if !io::stdin().is_terminal() {
        return Err(ConfigurationError::NotAsked);
    }
    print!("{}", word(language, "\nApply this? Only \"yes\" is a yes: ", "\n適用しますか? yes と入力すると適用します: "));
    let mut answer = String::new();
    let read = io::stdout().flush().and_then(|()| io::stdin().lock().read_line(&mut answer));
    if read.is_ok() && answer.trim() == "yes" { Ok(()) } else { Err(ConfigurationError::Declined) }
}

/// Waits, and says every second on a terminal how far it has come.
async fn waiting<T>(work: impl Future<Output = T>, target: &TargetArguments, items: usize, language: Language) -> T {
    let mut work = std::pin::pin!(work);
    let is_watched = io::stderr().is_terminal();
    let (mut seconds, mut written) = (0, 0);
    loop {
        // Whoever can not say how far it is does not keep anybody from waiting.
        let asked = async {
            SystemClock.sleep(TELL_EVERY).await;
            if is_watched { target.ask(&json!({ "action": "progress" })).await.ok() } else { None }
        };
        tokio::select! {
            done = &mut work => {
                if is_watched && seconds > 0 {
                    eprintln!();
                }
                return done;
            }
            answer = asked => {
                if let Some((Answer::Progress { progress: Some(progress) }, _)) = answer
                    && progress.items == items
                {
                    written = progress.written.max(written);
                }
            }
        }
        seconds += 1;
        if is_watched {
            eprint!("\r{} ", under_way(written, items, seconds, language));
        }
    }
}

/// `writing 1400 of 7203 items, 12 s`.
fn under_way(written: usize, items: usize, seconds: u32, language: Language) -> String {
    match (language, written) {
        (Language::En, 0) => format!("writing {items} items, {seconds} s"),
        (Language::En, written) => format!("writing {written} of {items} items, {seconds} s"),
        (Language::Ja, 0) => format!("{items}件を書き込み中、{seconds}秒"),
        (Language::Ja, written) => format!("{items}件中{written}件を書き込み済み、{seconds}秒"),
    }
}

/// Whoever runs this command, as the system knows them.
pub(in crate::commands) fn whoever() -> String {
    let first = |names: &[&str]| names.iter().find_map(|name| environment(name).filter(|value| !value.is_empty()));
    let user = first(&["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME", "USERNAME"]);
    let user = user.or_else(owner_of_process).unwrap_or_else(|| "unknown".to_owned());
    match first(&["HOSTNAME", "COMPUTERNAME"]) {
        Some(host) => format!("{user}@{host}"),
        None => user,
    }
}

/// Whose process this is, where the environment does not say so, as in containers and cron.
#[cfg(unix)]
fn owner_of_process() -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let uid = fs::metadata("/proc/self").ok()?.uid();
    Some(name_in(&fs::read_to_string("/etc/passwd").unwrap_or_default(), uid))
}

#[cfg(not(unix))]
fn owner_of_process() -> Option<String> {
    None
}

/// The name that `passwd` (passwd(5)) has for a number, or the number.
#[cfg(unix)]
fn name_in(passwd: &str, uid: u32) -> String {
    let of = |line: &str| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(uid) && !name.is_empty()).then(|| name.to_owned())
    };
    passwd.lines().find_map(of).unwrap_or_else(|| format!("uid-{uid}"))
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;

    use super::under_way;

    #[cfg(unix)]
    #[test]
    fn whoever_has_no_name_in_the_environment_has_that_of_the_process() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nbroken\naiko:x:1000:1000:Aiko:/home/aiko:/bin/sh\n";
        assert_eq!(super::name_in(passwd, 1000), "aiko");
        assert_eq!(super::name_in(passwd, 4711), "uid-4711");
    }

    #[test]
    fn whoever_waits_is_told_how_many_of_how_many_are_written() {
        assert_eq!(under_way(0, 7203, 1, Language::En), "writing 7203 items, 1 s");
        assert_eq!(under_way(1400, 7203, 12, Language::En), "writing 1400 of 7203 items, 12 s");
        assert_eq!(under_way(1400, 7203, 12, Language::Ja), "7203件中1400件を書き込み済み、12秒");
    }
}
