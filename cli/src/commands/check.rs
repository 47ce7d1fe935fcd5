//! `hansho check`: everything that is wrong with a configuration, and what is probably not meant.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum};
use hansho_configuration::{Checked, Problem, Runbooks, Warning, WarningKind};
use hansho_domain::{Configuration, Language, ServiceId};
use hansho_rehearsal::Expectation;
use jiff::Timestamp;
use serde_json::json;

use super::{
    invented,
    language::{LanguageArgument, word},
    moment::exact,
    rehearsals::{self, Outcome},
};
use crate::gathering::{self, OfflineArguments};

/// What to check, and how to say what is found.
#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// The configuration's folder
    #[arg(long, value_name = "DIR")]
    config: PathBuf,
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
    /// Look at the 90 days from then on, such as 2026-12-31T03:00:00+09:00; from now on otherwise
    #[arg(long, value_name = "TIME", value_parser = exact)]
    at: Option<Timestamp>,
    /// The folder of runbooks: every service's runbook has to be a file in it
    #[arg(long, value_name = "DIR")]
    runbooks: Option<PathBuf>,
    #[command(flatten)]
    offline: OfflineArguments,
    /// How the findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    language: LanguageArgument,
    /// Write the findings and what the configuration's tests came to as JUnit XML, for CI
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// A line each, as compilers write them
    Text,
    /// One object, for programs
    Json,
    /// Annotations of GitHub Actions, shown beside the lines of a pull request
    Github,
}

/// A problem or a warning, whichever it is.
struct Finding<'a> {
    /// The name of a warning; a problem has none.
    kind: Option<&'static str>,
    problem: &'a Problem,
}

/// Checks a folder and plays its tests. It fails on problems, on tests that do not hold, and on warnings if it is strict.
///
/// # Errors
/// The folder of runbooks can not be listed, or the report can not be written.
pub(super) async fn run(arguments: &CheckArguments, now: Timestamp) -> Result<ExitCode, String> {
    let list = |folder: &PathBuf| {
        Runbooks::in_folder(folder).map_err(|error| format!("the runbooks in {} can not be listed: {error}", folder.display()))
    };
    let runbooks = arguments.runbooks.as_ref().map(list).transpose()?;
    let gathered = gathering::gathered(&arguments.config, arguments.offline).await;
    let checked = gathered.check(arguments.at.unwrap_or(now), runbooks.as_ref());
    let outcome = checked.as_ref().map(|checked| rehearsals::run(&checked.loaded)).unwrap_or_default();
    if let Some(file) = &arguments.junit {
        let warnings = checked.as_ref().map(|checked| &checked.warnings[..]).unwrap_or_default().iter().filter(|_| arguments.strict);
        let problems = checked.as_ref().err().into_iter().flatten();
        outcome.write_junit(file, problems.chain(warnings.map(|warning| &warning.problem)))?;
    }
    report(&checked, &outcome, arguments);
    let passed = outcome.failures.is_empty() && checked.is_ok_and(|checked| checked.warnings.is_empty() || !arguments.strict);
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(checked: &Result<Checked, Vec<Problem>>, outcome: &Outcome, arguments: &CheckArguments) {
    let mut findings: Vec<Finding<'_>> = match checked {
        Ok(checked) => checked.warnings.iter().map(|Warning { problem, kind }| Finding { kind: Some(kind.as_str()), problem }).collect(),
        Err(problems) => problems.iter().map(|problem| Finding { kind: None, problem }).collect(),
    };
    findings.extend(outcome.failures.iter().map(|problem| Finding { kind: None, problem }));
    match arguments.format {
        Format::Text => {
            let language = arguments.language.language;
            for finding in &findings {
                eprintln!("{}", finding.line(language));
            }
            match checked {
                Ok(checked) if !outcome.failures.is_empty() => {
                    about_never(checked, language).iter().for_each(|note| eprintln!("{note}"));
                    eprintln!("{}", unmet(outcome.failures.len(), arguments));
                }
                Ok(checked) => println!("{}", summary(checked, arguments)),
                Err(problems) => eprintln!("{}", refused(problems.len(), arguments)),
            }
        }
        Format::Json => {
            let findings: Vec<_> = findings.iter().map(Finding::object).collect();
            println!(
                "{:#}",
                json!({
                    "findings": findings,
                    "invented": checked.as_ref().map(invented_places).unwrap_or_default(),
                    "parts": checked.as_ref().ok().map(|checked| parts(&checked.loaded.configuration)),
                })
            );
        }
        Format::Github => {
            for finding in &findings {
                println!("{}", finding.annotation(&arguments.config));
            }
        }
    }
}

fn unmet(count: usize, arguments: &CheckArguments) -> String {
    let folder = arguments.config.display();
    match arguments.language.language {
        Language::En => format!("error: {count} expectation(s) of the tests in {folder} are not met"),
        Language::Ja => format!("エラー: {folder} のテストの期待が{count}件満たされていません"),
    }
}

fn refused(count: usize, arguments: &CheckArguments) -> String {
    let folder = arguments.config.display();
    match arguments.language.language {
        Language::En => format!("error: {count} problem(s) in {folder}"),
        Language::Ja => format!("エラー: {folder} に問題が{count}件あります"),
    }
}

/// `on-call: no problems, 2 warnings (4 users, ...)`, and what is to be said about it.
fn summary(checked: &Checked, arguments: &CheckArguments) -> String {
    let language = arguments.language.language;
    let counts = counts(checked, language);
    let found = match (checked.warnings.len(), language) {
        (0, Language::En) => "no problems".to_owned(),
        (1, Language::En) => "no problems, 1 warning".to_owned(),
        (count, Language::En) => format!("no problems, {count} warnings"),
        (0, Language::Ja) => "問題はありません".to_owned(),
        (count, Language::Ja) => format!("問題はありません。警告{count}件"),
    };
    let text = format!("{}: {found} ({})", arguments.config.display(), counts.join(word(language, ", ", "、")));
    std::iter::once(text).chain(notes(checked, arguments)).collect::<Vec<_>>().join("\n")
}

fn counts(checked: &Checked, language: Language) -> Vec<String> {
    let c = &checked.loaded.configuration;
    let catch_all = ServiceId::catch_all();
    let catch_all = catch_all.as_str();
    let counts = [
        (c.users().len(), "user", "users", "担当者"),
        (c.teams().len(), "team", "teams", "チーム"),
        (c.schedules().len(), "schedule", "schedules", "当番表"),
        // The catch-all is there without being written.
        (
            c.policies().iter().filter(|policy| policy.id().as_str() != catch_all).count(),
            "escalation policy",
            "escalation policies",
            "エスカレーションポリシー",
        ),
        (c.services().iter().filter(|service| service.id().as_str() != catch_all).count(), "service", "services", "サービス"),
        (checked.loaded.tests.len(), "test", "tests", "テスト"),
    ];
    let told = |(count, one, many, japanese): &(usize, &str, &str, &str)| match language {
        Language::En => format!("{count} {}", if *count == 1 { one } else { many }),
        Language::Ja => format!("{japanese} {count}"),
    };
    counts.iter().map(told).collect()
}

/// What is no warning, and worth knowing.
fn notes(checked: &Checked, arguments: &CheckArguments) -> Vec<String> {
    let language = arguments.language.language;
    let mut notes = Vec::new();
    if arguments.runbooks.is_some() && checked.runbook_templates > 0 {
        let count = checked.runbook_templates;
        notes.push(match language {
            Language::En => format!("note: {count} runbook(s) with {{{{ … }}}} in their address were not looked up"),
            Language::Ja => format!("注: アドレスに {{{{ … }}}} を含む手順書{count}件は確認していません"),
        });
    }
    notes.extend(about_never(checked, language));
    notes.extend(invented::note(&checked.invented, language));
    if !checked.warnings.is_empty() {
        let note = word(
            language,
            "note: a comment `# hansho: allow NAME` in the line above allows the warning of that name",
            "注: 上の行のコメント `# hansho: allow 名前` で、その名前の警告を許可できます",
        );
        notes.push(note.to_owned());
    }
    if language == Language::Ja {
        let kinds: BTreeSet<WarningKind> = checked.warnings.iter().map(|warning| warning.kind).collect();
        notes.extend(kinds.into_iter().map(|kind| format!("  {kind}: {}", in_japanese(kind))));
    }
    notes
}

/// What `never` means where it says no time, which its author may not have thought of.
fn about_never(checked: &Checked, language: Language) -> Option<String> {
    let expected = checked.loaded.tests.iter().flat_map(|test| &test.expected);
    let count = expected.filter(|expected| matches!(expected.expectation, Expectation::NotPaged { within_seconds: None, .. })).count();
    (count > 0).then(|| match language {
        Language::En => format!(
            "note: {count} `never` without `within`: these people must not be paged by any step, until nobody is paged any more; with `within: 30m` it is about the first 30 minutes"
        ),
        Language::Ja => format!(
            "注: `within` のない `never` が{count}件あります。どの段階でも、最後まで呼び出されてはならないという意味です。最初の30分だけなら `within: 30m` と書きます"
        ),
    })
}

/// What a warning means, which is told in English and then in Japanese.
fn in_japanese(kind: WarningKind) -> &'static str {
    kind.meaning().rsplit_once(". ").map_or(kind.meaning(), |(_, japanese)| japanese)
}

/// Addresses that nobody has.
fn invented_places(checked: &Checked) -> Vec<serde_json::Value> {
    let told = checked.invented.iter();
    told.map(|one| json!({ "file": one.file, "line": one.line, "column": one.column, "field": one.field })).collect()
}

fn parts(c: &Configuration) -> serde_json::Value {
    json!({
        "users": c.users().len(),
        "teams": c.teams().len(),
        "schedules": c.schedules().len(),
        "escalation_policies": c.policies().len(),
        "services": c.services().len(),
    })
}

impl Finding<'_> {
    /// `people.yaml:3:5: …`, with `warning:` and its name where it is one.
    fn line(&self, language: Language) -> String {
        let Self { kind, problem } = self;
        let warning = word(language, "warning", "警告");
        let message = match language {
            Language::En => problem.message.as_str().into(),
            Language::Ja => hansho_configuration::in_japanese(&problem.message),
        };
        match kind {
            Some(kind) => format!("{}: {warning}: {message} [{kind}]", problem.position()),
            None => Problem { message: message.into_owned(), ..(*problem).clone() }.to_string(),
        }
    }

    fn object(&self) -> serde_json::Value {
        let Problem { file, line, column, message } = self.problem;
        let severity = if self.kind.is_some() { "warning" } else { "error" };
        let place = |number: &u32| Some(*number).filter(|number| *number > 0);
        json!({ "severity": severity, "kind": self.kind, "file": file, "line": place(line), "column": place(column), "message": message })
    }

    /// A workflow command; its file counts from the repository, so the folder has to be given as seen from there.
    /// <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>
    fn annotation(&self, folder: &Path) -> String {
        let Problem { file, line, column, message } = self.problem;
        let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
        let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
        let command = if self.kind.is_some() { "warning" } else { "error" };
        // What is wrong with the folder itself is said with its own path.
        let file = if file.starts_with(folder) { file.clone() } else { folder.join(file) };
        let mut properties = format!("file={}", property(&file.to_string_lossy()));
        if *line > 0 {
            properties += &format!(",line={line},col={column}");
        }
        if let Some(kind) = self.kind {
            properties += &format!(",title={kind}");
        }
        format!("::{command} {properties}::{}", data(message))
    }
}
