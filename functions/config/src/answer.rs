//! What the function answers: `result` says which of these it is.

use hansho_configuration::{Change, Problem};
use hansho_domain::TeamId;
use hansho_store::{Oversized, Progress, Proposed, Token, Version};
use serde_json::{Value, json};

use crate::{Affected, Draft, summary};

/// Most changes that are told one by one.
const CHANGES_MAX: usize = 2_000;
/// Most characters of all changes that are told: with the rest of the answer they have to fit into what an Invoke answers, where a
/// character may take several bytes.
const CHANGES_CHARACTERS_MAX: usize = 1_000_000;
/// Most open incidents that are told one by one.
const INCIDENTS_MAX: usize = 500;
/// Most sentences that Terraform shows of one team.
const SENTENCES_MAX: usize = 50;
/// Most problems that are told one by one.
const PROBLEMS_MAX: usize = 1_000;

/// What became of a request of Terraform's, or why nothing did, in sentences.
pub(crate) type Told = Result<Value, String>;

/// Somebody else was faster each time.
pub(crate) const TOO_BUSY: &str =
    "others put configurations in force all the time, and nothing was changed by this; run it again when they are done";

/// The request can not be worked on.
pub(crate) fn refused(message: &str) -> Value {
    json!({ "result": "refused", "message": message })
}

/// A token was made. This is the only time that anybody sees it.
pub(crate) fn token_made(token: &Token, secret: &str) -> Value {
    json!({ "result": "token_made", "name": token.name, "token": secret })
}

/// The tokens that there are.
pub(crate) fn tokens(tokens: &[Token]) -> Value {
    json!({ "result": "tokens", "tokens": tokens })
}

/// A token lets nobody in any more, or there was none.
pub(crate) fn token_revoked(name: &str, was_there: bool) -> Value {
    if was_there { json!({ "result": "token_revoked", "name": name }) } else { refused(&format!("there is no token called {name}")) }
}

/// The configuration has mistakes.
pub(crate) fn invalid(problems: &[Problem]) -> Value {
    let told: Vec<Value> = problems
        .iter()
        .take(PROBLEMS_MAX)
        .map(|problem| json!({ "file": problem.file, "line": problem.line, "column": problem.column, "message": problem.message }))
        .collect();
    json!({ "result": "invalid", "problems": told, "more_problems": problems.len() - told.len() })
}

/// Parts of it do not fit into an item of the table.
pub(crate) fn too_large(parts: &[Oversized]) -> Value {
    let problem = |message: String| json!({ "file": ".", "line": 0, "column": 0, "message": message });
    let told: Vec<Value> = oversized(parts).into_iter().take(PROBLEMS_MAX).map(problem).collect();
    json!({ "result": "invalid", "problems": told, "more_problems": parts.len() - told.len() })
}

/// The same in sentences.
pub(crate) fn oversized(parts: &[Oversized]) -> Vec<String> {
    let sentence = |Oversized { what, bytes, bytes_max }: &Oversized| {
        format!(
            "{what} has {bytes} bytes with everybody and every schedule that it calls, and {bytes_max} are the most that can be stored; call fewer people, or divide it"
        )
    };
    parts.iter().map(sentence).collect()
}

/// A team of Terraform's has mistakes.
pub(crate) fn wrong_team(team: &TeamId, sentences: &[String]) -> Value {
    json!({ "result": "invalid", "team": team, "message": team_sentences(team, sentences) })
}

/// What is wrong with a team, a line for each.
pub(crate) fn team_sentences(team: &TeamId, sentences: &[String]) -> String {
    let told: Vec<&str> = sentences.iter().take(SENTENCES_MAX).map(String::as_str).collect();
    let more = match sentences.len() - told.len() {
        0 => String::new(),
        more => format!("\nand {more} more"),
    };
    format!("The team {team} is not put in force:\n{}{more}", told.join("\n"))
}

/// A team can not be taken out, because others need it.
pub(crate) fn team_is_needed(team: &TeamId, sentences: &[String]) -> String {
    let told: Vec<&str> = sentences.iter().take(SENTENCES_MAX).map(String::as_str).collect();
    format!(
        "The team {team} is not taken out, because others need it; change them first. Where the whole deployment is taken down, `terraform state rm` the team's module before:\n{}",
        told.join("\n")
    )
}

/// What a team would change.
pub(crate) fn team_checked(team: &TeamId, seal: &str, draft: &Draft, affected: &[Affected]) -> Value {
    let mut answer = json!({
        "result": "checked", "team": team, "seal": seal, "version": draft.compared_with, "summary": summary(draft),
        "incidents": &affected[..affected.len().min(INCIDENTS_MAX)],
    });
    put_changes(&mut answer, &draft.changes);
    answer
}

/// What would change.
pub(crate) fn plan(draft: &Draft, in_force: Option<&Version>, items: usize, affected: &[Affected]) -> Value {
    let mut answer = json!({
        "result": "planned", "version": draft.compared_with, "in_force": in_force, "items": items,
        "text_differs": draft.text_differs, "summary": summary(draft), "incidents": &affected[..affected.len().min(INCIDENTS_MAX)],
        "quiet_on_utc": draft.quiet_on_utc,
    });
    put_changes(&mut answer, &draft.changes);
    answer
}

/// What became of an apply.
pub(crate) fn apply(proposed: &Proposed, draft: &Draft, affected: &[Affected]) -> Value {
    let incidents = &affected[..affected.len().min(INCIDENTS_MAX)];
    match proposed {
        Proposed::InForce(version) => {
            let mut answer = json!({ "result": "applied", "version": version.version, "in_force": version, "summary": version.summary, "incidents": incidents, "quiet_on_utc": draft.quiet_on_utc });
            put_changes(&mut answer, &draft.changes);
            answer
        }
        Proposed::Unchanged(version) => json!({ "result": "unchanged", "version": version, "incidents": incidents }),
        Proposed::Overtaken(version, made) => json!({ "result": "overtaken", "version": version, "in_force": made }),
        Proposed::TooLarge(parts) => too_large(parts),
    }
}

/// The files of a version.
pub(crate) fn export(version: u64, record: Option<&Version>, packed: &str) -> Value {
    json!({ "result": "exported", "version": version, "in_force": record, "files_gzip": packed })
}

/// How far an apply has come; nothing where none is at work that says so.
pub(crate) fn progress(progress: Option<Progress>) -> Value {
    let told = progress.map(|Progress { version, written, items }| json!({ "version": version, "written": written, "items": items }));
    json!({ "result": "progress", "progress": told })
}

/// The list of versions.
pub(crate) fn versions(versions: &[Version]) -> Value {
    json!({ "result": "versions", "versions": versions })
}

fn put_changes(answer: &mut Value, changes: &[Change]) {
    let mut left = CHANGES_CHARACTERS_MAX;
    let fits = |change: &&Change| {
        let long = |text: &Option<String>| text.as_ref().map_or(0, |text| text.chars().count());
        let size = change.fields.iter().map(|field| field.path.len() + long(&field.before) + long(&field.after)).sum();
        left.checked_sub(size).map(|after| left = after).is_some()
    };
    let told: Vec<&Change> = changes.iter().take(CHANGES_MAX).take_while(fits).collect();
    answer["more_changes"] = json!(changes.len() - told.len());
    answer["changes"] = json!(told);
}
