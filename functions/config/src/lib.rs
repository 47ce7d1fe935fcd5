//! The configuration as code: what would change, put it in force, give it back, and who did so when.
//!
//! - **Wakes it:** `hansho plan`, `apply` (which asks on the way how far it has come), `rollback`, `export`, `versions`, `token` and
//!   `doctor` (which may have somebody sent a test page), and Terraform's `infra/modules/team`, by a synchronous Invoke. Whoever may
//!   invoke it may change who is paged; nothing else wakes it.
//! - **Delivery:** once, unless the caller repeats it; an apply that names the version it was planned against happens once, and so does
//!   a test page under the id that its caller gives it.
//! - **Durable when it returns:** the version in force with its text and the record of who made it, and what it means for
//!   incidents that are open; the incident of a test page with its outbox rows.
//! - **If it dies half-way:** what was in force is in force, or the new version is and the next apply (of the same files, too)
//!   does what is left to do for open incidents.

mod answer;
mod doors;
mod files;
mod incidents;
mod keys;
mod request;
mod restored;
mod secrets;
mod team;
mod test_page;

use std::{sync::Arc, time::Duration};

use hansho_configuration::{Change, Files, Loaded, Problem, QuietOnUtc};
use hansho_domain::TeamId;
use hansho_runtime::{Answer, Aws, Failure, Parameters, Settings, SystemClock, backoff::backoff, secrets::random_code};
use hansho_store::{Author, ConfigurationText, Proposal, Proposed, Store, StoreError, TOKENS_MAX, Token, TokenMade, Version};
use serde_json::Value;

pub use files::{INVOKE_BYTES_MAX, PackError, pack, unpack};
pub use incidents::Affected;

use answer::Told;
use request::{Action, Request, Source};
use secrets::Reached;

/// How often a draft is made anew because somebody else's came in force before it.
const ATTEMPTS_MAX: u32 = 20;
/// The first wait between two, and the longest.
const WAIT_BASE: Duration = Duration::from_millis(50);
const WAIT_MAX: Duration = Duration::from_secs(2);

/// The function.
#[derive(Debug)]
pub struct Config {
    store: Arc<Store>,
    parameters: Option<Parameters>,
}

/// What is in force, as it was read at once.
struct InForce {
    version: u64,
    files: Files,
}

/// A configuration as it is proposed: read, and compared with what is in force.
#[derive(Debug)]
struct Draft {
    loaded: Loaded,
    reached: Reached,
    changes: Vec<Change>,
    /// The version that it was compared with.
    compared_with: u64,
    text_differs: bool,
    /// Whose quiet times are on UTC's clock, because an earlier version says nothing of theirs.
    quiet_on_utc: Vec<QuietOnUtc>,
}

/// What became of a configuration that was put in force.
#[derive(Debug)]
pub struct PutInForce {
    /// How it ended.
    pub proposed: Proposed,
    /// What it changes.
    pub changes: Vec<Change>,
    /// What it means for incidents that are open.
    pub incidents: Vec<Affected>,
}

impl Config {
    /// The function over a store.
    pub fn new(store: Arc<Store>) -> Self {
        Self { store, parameters: None }
    }

    /// The same with access to SSM Parameter Store, where keys stand that Terraform makes.
    pub fn with_parameters(self, parameters: Parameters) -> Self {
        Self { parameters: Some(parameters), ..self }
    }

    /// The function as the environment sets it up: `HANSHO_TABLE` and what Lambda sets itself.
    pub fn from_settings(settings: &mut Settings<'_>) -> Self {
        let aws = Aws::from_settings(settings);
        let parameters = Parameters::from_aws(&aws, Arc::new(SystemClock));
        Self::new(Arc::new(Store::from_settings(settings, &aws, Arc::new(SystemClock)))).with_parameters(parameters)
    }

    /// Answers a request. What is wrong with it, or with the configuration, is an answer.
    ///
    /// # Errors
    /// The table does not answer. What Terraform wants done and can not be: it takes every answer for a success.
    pub async fn handle(&self, event: Value) -> Answer {
        let request = match request::read(event) {
            Ok(request) => request,
            Err(request::Refusal { message, is_terraform: true }) => return Err(Failure::because(message)),
            Err(request::Refusal { message, is_terraform: false }) => return Ok(answer::refused(&message)),
        };
        match self.answer(&request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(sentences)) => Err(Failure::because(sentences)),
            Err(error) => Err(Failure::new("the configuration was not worked on", error)),
        }
    }

    async fn answer(&self, request: &Request) -> Result<Told, StoreError> {
        let answer = match &request.action {
            Action::Plan(source) => self.plan(source).await?,
            Action::Apply(source) => self.apply(source, request).await?,
            Action::Export { version } => self.export(*version).await?,
            Action::Progress => answer::progress(self.store.progress().await?),
            Action::MakeToken { name } => self.make_token(name, request).await?,
            Action::Tokens => answer::tokens(&self.store.tokens().await?),
            Action::RevokeToken { name } => answer::token_revoked(name, self.store.revoke_token(name, &request.author().by).await?),
            Action::Versions { newest, limit } => answer::versions(&self.store.versions(*newest, *limit).await?),
            Action::SendTestPage { user, id } => self.send_test_page(user, id, request).await?,
            Action::TestPage { incident } => self.test_page(*incident).await?,
            Action::CheckTeam(team) => self.check_team(team).await?,
            Action::PutTeam(team) => return self.put_team(team, request).await,
            Action::RemoveTeam(team) => return self.remove_team(team, request).await,
        };
        Ok(Ok(answer))
    }

    async fn make_token(&self, name: &str, request: &Request) -> Result<Value, StoreError> {
        let Ok(secret) = random_code() else {
            return Ok(answer::refused("the system gives no random bytes, of which a token is made; try again"));
        };
        let token = Token { name: name.to_owned(), made_by: request.author().by, created_at: self.store.clock().now() };
        Ok(match self.store.make_token(&secret, &token).await? {
            TokenMade::Made => answer::token_made(&token, &secret),
            TokenMade::Known => answer::refused(&format!("there is a token called {name}; choose another name, or revoke it first")),
            TokenMade::TooMany => {
                answer::refused(&format!("there are {TOKENS_MAX} tokens, which are the most; revoke those that nobody needs"))
            }
        })
    }

    async fn plan(&self, source: &Source) -> Result<Value, StoreError> {
        let draft = match self.draft(source).await? {
            Ok(draft) => draft,
            Err(refusal) => return Ok(refusal),
        };
        let weight = self.store.weigh(&draft.loaded.configuration, draft.reached.addresses()).await?;
        if !weight.oversized.is_empty() {
            return Ok(answer::too_large(&weight.oversized));
        }
        let in_force = self.store.version(draft.compared_with).await?;
        let affected = incidents::affected(&self.store, &draft.loaded.configuration).await?;
        Ok(answer::plan(&draft, in_force.as_ref(), weight.items, &affected))
    }

    async fn apply(&self, source: &Source, request: &Request) -> Result<Value, StoreError> {
        for attempt in 1.. {
            let draft = match self.draft(source).await? {
                Ok(draft) => draft,
                Err(refusal) => return Ok(refusal),
            };
            if let Some((proposed, affected)) = self.propose_once(&draft, request, attempt).await? {
                return Ok(answer::apply(&proposed, &draft, &affected));
            }
        }
        Ok(answer::refused(answer::TOO_BUSY))
    }

    /// Puts a draft in force while that is in force which it was made of: it has the files of the other door in it. `None` where somebody
    /// was faster and whoever asks has named no version: make it anew.
    async fn propose_once(&self, draft: &Draft, request: &Request, attempt: u32) -> Result<Option<(Proposed, Vec<Affected>)>, StoreError> {
        let expected = Some(request.expected_version.unwrap_or(draft.compared_with));
        let (proposed, affected) = self.propose_draft(draft, &request.author(), expected).await?;
        let is_to_be_made_anew =
            matches!(proposed, Proposed::Overtaken(..)) && request.expected_version.is_none() && attempt < ATTEMPTS_MAX;
        if !is_to_be_made_anew {
            return Ok(Some((proposed, affected)));
        }
        let key = format!("{}/configuration/{}", self.store.caller(), draft.compared_with);
        self.store.clock().sleep(backoff(&key, attempt, WAIT_BASE, WAIT_MAX)).await;
        Ok(None)
    }

    async fn export(&self, version: Option<u64>) -> Result<Value, StoreError> {
        let version = match version {
            Some(version) => version,
            None => self.store.stored_configuration_version().await?,
        };
        match restored::text_of(&self.store, version).await? {
            Ok(files) => Ok(match (files::pack(&files), self.store.version(version).await?) {
                (Ok(packed), record) => answer::export(version, record.as_ref(), &packed),
                (Err(error), _) => answer::refused(&error.to_string()),
            }),
            Err(message) => Ok(answer::refused(&message)),
        }
    }

    /// Puts a configuration that has been read already in force, as the local run does when it starts. What came through the other door
    /// stays in force.
    ///
    /// # Errors
    /// The table does not answer, what is in force can not be read, or it does not go with this.
    pub async fn put_in_force(&self, loaded: Loaded, author: &Author) -> Result<PutInForce, StoreError> {
        let in_force = self.in_force().await?;
        let loaded = if in_force.files.keys().any(|name| doors::is_of_a_team(name)) {
            let files = doors::of_folder(&loaded.files, &in_force.files).and_then(|files| hansho_configuration::load_named(&files));
            files.map_err(|problems| unreadable(&problems))?
        } else {
            loaded
        };
        let draft = match self.compared(loaded, in_force, None).await? {
            Ok(draft) => draft,
            Err(sentences) => return Err(StoreError::Unreadable { key: "configuration".to_owned(), message: sentences.join("; ") }),
        };
        let (proposed, incidents) = self.propose_draft(&draft, author, None).await?;
        Ok(PutInForce { proposed, changes: draft.changes, incidents })
    }

    /// The version in force and its files.
    async fn in_force(&self) -> Result<InForce, StoreError> {
        let version = self.store.stored_configuration_version().await?;
        let files = self.store.configuration_text(version).await?.unwrap_or_default().0;
        Ok(InForce { version, files })
    }

    /// Reads a proposal and compares it. The refusal says what is wrong with it.
    async fn draft(&self, source: &Source) -> Result<Result<Draft, Value>, StoreError> {
        let in_force = self.in_force().await?;
        let files = match source {
            Source::Files(files) => doors::of_folder(files, &in_force.files),
            // Going back is of the folder, too: what Terraform has made goes back by Terraform.
            Source::Version(version) => match restored::text_of(&self.store, *version).await? {
                Ok(mut files) => {
                    files.retain(|name, _| !doors::is_of_a_team(name));
                    doors::of_folder(&files, &in_force.files)
                }
                Err(message) => return Ok(Err(answer::refused(&message))),
            },
        };
        let files = match files {
            Ok(files) => files,
            Err(problems) => return Ok(Err(answer::invalid(&problems))),
        };
        // What was in force once can be in force again, also where more is asked for by now.
        let read = match source {
            Source::Files(_) => hansho_configuration::load_named(&files).map(|loaded| (loaded, Vec::new())),
            Source::Version(_) => hansho_configuration::load_stored(&files),
        };
        let (loaded, quiet_on_utc) = match read {
            Ok(read) => read,
            Err(problems) => return Ok(Err(answer::invalid(&problems))),
        };
        let compared = self.compared(loaded, in_force, None).await?;
        Ok(compared.map(|draft| Draft { quiet_on_utc, ..draft }).map_err(|sentences| answer::refused(&sentences.join("\n"))))
    }

    /// A configuration, compared with what is in force. `asked`: the team whose parameters are read anew.
    async fn compared(
        &self,
        loaded: Loaded,
        InForce { version, files }: InForce,
        asked: Option<&TeamId>,
    ) -> Result<Result<Draft, Vec<String>>, StoreError> {
        let reached = match self.reached(&loaded, version, asked).await? {
            Ok(reached) => reached,
            Err(sentences) => return Ok(Err(sentences)),
        };
        let text_differs = files != loaded.files;
        // What was in force is compared with as much of it as this code can read.
        let changes = hansho_configuration::differences(&files, &loaded.files)
            .or_else(|_| hansho_configuration::differences(&Files::new(), &loaded.files))
            .map_err(|problems: Vec<Problem>| unreadable(&problems))?;
        Ok(Ok(Draft { loaded, reached, changes, compared_with: version, text_differs, quiet_on_utc: Vec::new() }))
    }

    async fn propose_draft(&self, draft: &Draft, author: &Author, expected: Option<u64>) -> Result<(Proposed, Vec<Affected>), StoreError> {
        let addresses = draft.reached.addresses();
        let text = ConfigurationText(draft.loaded.files.clone());
        let summary = summary(draft);
        let configuration = &draft.loaded.configuration;
        self.propose(&Proposal { configuration, addresses, text: &text, author, summary: &summary, expected }).await
    }

    /// Puts a configuration in force and tells the open incidents, also when it is in force already: the apply before may have
    /// died.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn propose(&self, proposal: &Proposal<'_>) -> Result<(Proposed, Vec<Affected>), StoreError> {
        let proposed = self.store.propose(proposal).await?;
        let affected = match &proposed {
            Proposed::InForce(Version { version, follows, items, summary, .. }) => {
                // Names and addresses stay out of the log.
                tracing::info!(version, follows, items, %summary, "a configuration is in force");
                incidents::affected(&self.store, proposal.configuration).await?
            }
            Proposed::Unchanged(_) => incidents::affected(&self.store, proposal.configuration).await?,
            Proposed::Overtaken(..) | Proposed::TooLarge(_) => Vec::new(),
        };
        incidents::tell(&self.store, &affected).await;
        Ok((proposed, affected))
    }
}

/// What a draft changes, in one line.
fn summary(draft: &Draft) -> String {
    match (draft.changes.is_empty(), draft.text_differs) {
        (false, _) => hansho_configuration::summary(&draft.changes),
        (true, true) => "comments and layout only".to_owned(),
        (true, false) => "the same files, written again".to_owned(),
    }
}

/// Files that were read a moment ago can be read.
fn unreadable(problems: &[Problem]) -> StoreError {
    let message = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    StoreError::Unreadable { key: "configuration".to_owned(), message }
}
