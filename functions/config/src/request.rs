//! What the function is asked.

use std::collections::BTreeMap;

use hansho_configuration::Files;
use hansho_domain::{IncidentId, UserId};
use hansho_store::{Author, TOKEN_NAME_CHARS_MAX, Token};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    files,
    team::{KeyParameter, Lifecycle, Team, TeamFields},
};

/// Longest message, name or tool, in characters: it is kept with the version and shown in lists.
const WORDS_MAX: usize = 500;
/// Longest id of a test page's request, in characters.
const REQUEST_ID_CHARS_MAX: usize = 100;
/// How many versions are listed when nobody says.
const LIST_DEFAULT: usize = 20;

/// A request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) action: Action,
    pub(crate) expected_version: Option<u64>,
    by: Option<String>,
    with: Option<String>,
    message: Option<String>,
}

/// What is asked.
#[derive(Debug)]
pub(crate) enum Action {
    Plan(Source),
    Apply(Source),
    Export {
        version: Option<u64>,
    },
    Versions {
        newest: Option<u64>,
        limit: usize,
    },
    Progress,
    MakeToken {
        name: String,
    },
    Tokens,
    RevokeToken {
        name: String,
    },
    /// A page to one person that says that it is a test.
    SendTestPage {
        user: UserId,
        id: String,
    },
    /// What became of one.
    TestPage {
        incident: IncidentId,
    },
    /// What a team would change.
    CheckTeam(Team),
    /// A team as Terraform wants it.
    PutTeam(Team),
    /// A team that Terraform wants no more.
    RemoveTeam(Team),
}

/// What is proposed.
#[derive(Debug)]
pub(crate) enum Source {
    Files(Files),
    /// The text of an earlier version.
    Version(u64),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    action: Word,
    files: Option<Files>,
    files_gzip: Option<String>,
    version: Option<u64>,
    expected_version: Option<u64>,
    by: Option<String>,
    with: Option<String>,
    message: Option<String>,
    newest: Option<u64>,
    limit: Option<usize>,
    name: Option<String>,
    user: Option<String>,
    request: Option<String>,
    incident: Option<String>,
    team: Option<String>,
    configuration: Option<String>,
    keys: Option<BTreeMap<String, KeyParameter>>,
    key_overlap_seconds: Option<u32>,
    seal: Option<String>,
    take_over: Option<bool>,
    tf: Option<Lifecycle>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Plan,
    Apply,
    Export,
    Versions,
    Progress,
    MakeToken,
    Tokens,
    RevokeToken,
    SendTestPage,
    TestPage,
    CheckTeam,
    Team,
}

/// Why a request is none.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// A sentence for whoever sent it.
    pub(crate) message: String,
    /// Whether Terraform wants something done, and would take an answer for a success.
    pub(crate) is_terraform: bool,
}

/// Reads an event.
pub(crate) fn read(event: Value) -> Result<Request, Refusal> {
    let is_terraform = event.get("tf").is_some();
    request(event).map_err(|message| Refusal { message, is_terraform })
}

fn request(event: Value) -> Result<Request, String> {
    let fields: Fields = serde_json::from_value(event).map_err(|error| {
        // It may quote a file, so it is told to whoever sent it and to no log.
        let error: String = error.to_string().chars().take(WORDS_MAX).collect();
        format!("this is no request for the configuration ({error}); send {{\"action\": \"plan\", \"files\": {{\"team.yaml\": TEXT}}}} with plan, apply, export, versions, progress, make_token, tokens, revoke_token, send_test_page, test_page, check_team or team")
    })?;
    let action = match fields.action {
        Word::Plan => Action::Plan(source(&fields)?),
        Word::Apply => Action::Apply(source(&fields)?),
        Word::Export => Action::Export { version: fields.version },
        Word::Versions => Action::Versions { newest: fields.newest, limit: fields.limit.unwrap_or(LIST_DEFAULT) },
        Word::Progress => Action::Progress,
        Word::MakeToken => Action::MakeToken { name: token_name(fields.name.as_deref())? },
        Word::Tokens => Action::Tokens,
        Word::RevokeToken => Action::RevokeToken { name: token_name(fields.name.as_deref())? },
        Word::SendTestPage => Action::SendTestPage { user: user(fields.user.as_deref())?, id: request_id(fields.request.as_deref())? },
        Word::TestPage => Action::TestPage { incident: incident(fields.incident.as_deref())? },
        Word::CheckTeam => Action::CheckTeam(Team::read(&fields.of_team(), None)?),
        Word::Team => team(&fields)?,
    };
    let Fields { expected_version, by, with, message, .. } = fields;
    Ok(Request { action, expected_version, by: words(by), with: words(with), message: words(message) })
}

/// What Terraform's `aws_lambda_invocation` asks for with the scope CRUD.
fn team(fields: &Fields) -> Result<Action, String> {
    let Some(lifecycle) = &fields.tf else {
        return Err("`team` is what Terraform's module asks for, and says with `tf` whether it makes, changes or removes it; look with check_team, or apply a folder with `hansho apply`".to_owned());
    };
    let team = Team::read(&fields.of_team(), Some(lifecycle))?;
    Ok(if lifecycle.is_delete() { Action::RemoveTeam(team) } else { Action::PutTeam(team) })
}

fn source(fields: &Fields) -> Result<Source, String> {
    match (&fields.files, &fields.files_gzip, fields.version) {
        (Some(files), None, None) => Ok(Source::Files(files.clone())),
        (None, Some(packed), None) => files::unpack(packed).map(Source::Files),
        (None, None, Some(version)) => Ok(Source::Version(version)),
        _ => Err("give exactly one of `files`, `files_gzip`, and `version` (to go back to an earlier one)".to_owned()),
    }
}

/// A token's name.
fn token_name(name: Option<&str>) -> Result<String, String> {
    let name = name.filter(|name| Token::may_be_called(name)).map(str::to_owned);
    name.ok_or_else(|| {
        format!("give the token's `name`: 1 to {TOKEN_NAME_CHARS_MAX} lower-case letters, digits, hyphens and dots, such as ci.checkout")
    })
}

/// Whom a test page is for.
fn user(name: Option<&str>) -> Result<UserId, String> {
    let name = name.ok_or("give the `user` who is to be paged, as the configuration names them")?;
    name.parse().map_err(|error| format!("`user` names nobody: {error}"))
}

/// By which a repeated request for a test page is known.
fn request_id(id: Option<&str>) -> Result<String, String> {
    let id = id.filter(|id| (1..=REQUEST_ID_CHARS_MAX).contains(&id.chars().count()));
    id.map(str::to_owned).ok_or_else(|| {
        format!("give `request`: 1 to {REQUEST_ID_CHARS_MAX} characters, new for each test page; the same again pages nobody")
    })
}

/// The incident of a test page.
fn incident(id: Option<&str>) -> Result<IncidentId, String> {
    let id = id.ok_or("give the `incident` that send_test_page has answered")?;
    id.parse().map_err(|error| format!("`incident` names none: {error}"))
}

/// Somebody's words: one line, cut.
fn words(text: Option<String>) -> Option<String> {
    let text: String = text?.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS_MAX).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl Fields {
    fn of_team(&self) -> TeamFields<'_> {
        TeamFields {
            team: self.team.as_deref(),
            configuration: self.configuration.as_deref(),
            keys: self.keys.as_ref(),
            key_overlap_seconds: self.key_overlap_seconds,
            seal: self.seal.as_deref(),
            take_over: self.take_over,
        }
    }
}

impl Request {
    /// Who asks, as they say themselves.
    pub(crate) fn author(&self) -> Author {
        let restores = match &self.action {
            Action::Apply(Source::Version(version)) => Some(*version),
            Action::Apply(Source::Files(_)) | Action::Plan(_) | Action::Export { .. } | Action::Versions { .. } | Action::Progress => None,
            Action::MakeToken { .. } | Action::Tokens | Action::RevokeToken { .. } => None,
            Action::SendTestPage { .. } | Action::TestPage { .. } => None,
            Action::CheckTeam(_) | Action::PutTeam(_) | Action::RemoveTeam(_) => None,
        };
        Author {
            by: self.by.clone().unwrap_or_else(|| "unknown".to_owned()),
            with: self.with.clone().unwrap_or_else(|| "config".to_owned()),
            message: self.message.clone(),
            restores,
        }
    }
}
