//! A team as a module of Terraform has it: looked at when it plans; made, changed and taken out when it applies.
//!
//! Terraform repeats a request whose answer was lost, so each of them twice is the same as once.

use std::collections::{BTreeMap, BTreeSet};

use hansho_configuration::{Files, Loaded, Problem};
use hansho_domain::{IntegrationId, IntegrationKind, TeamId};
use hansho_runtime::secrets::random_code;
use hansho_store::{Oversized, Proposed, StoreError};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Affected, Config, Draft,
    answer::{self, Told},
    doors::{self, TeamFile},
    request::Request,
};

/// Longest text of a team, in bytes: with the one before it, it has to fit into an Invoke.
const TEXT_BYTES_MAX: usize = 2_000_000;
/// Digits of a seal.
const SEAL_DIGITS: usize = 12;
/// For how long a key goes on beside the one that takes its place, when nobody says, in seconds: a day.
const KEY_OVERLAP_SECONDS: u32 = 86_400;
/// The longest time for that: 90 days.
const KEY_OVERLAP_SECONDS_MAX: u32 = 90 * 86_400;

/// Where an integration's key stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyParameter {
    /// The parameter of SSM Parameter Store.
    pub(crate) parameter: String,
    /// Another one means another key; Terraform asks again then.
    #[serde(rename = "version")]
    _version: u64,
}

/// What Terraform adds to a request: what it does, and what it asked before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lifecycle {
    action: LifecycleAction,
    prev_input: Option<Previous>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LifecycleAction {
    Create,
    Update,
    Delete,
}

/// What counts of an earlier request; it may be of another version of the module.
#[derive(Debug, Deserialize)]
struct Previous {
    team: Option<String>,
    #[serde(default)]
    keys: BTreeMap<String, Value>,
}

impl Lifecycle {
    pub(crate) fn is_delete(&self) -> bool {
        self.action == LifecycleAction::Delete
    }
}

/// The fields of a request that are about a team.
pub(crate) struct TeamFields<'a> {
    pub(crate) team: Option<&'a str>,
    pub(crate) configuration: Option<&'a str>,
    pub(crate) keys: Option<&'a BTreeMap<String, KeyParameter>>,
    pub(crate) key_overlap_seconds: Option<u32>,
    pub(crate) seal: Option<&'a str>,
    pub(crate) take_over: Option<bool>,
}

/// A team, and how it is to come in force.
#[derive(Debug, Clone)]
pub(crate) struct Team {
    id: TeamId,
    text: String,
    seal: Option<String>,
    /// The name that it had, when it gets another.
    renamed: Option<TeamId>,
    /// Whether it is new for Terraform.
    is_new: bool,
    take_over: bool,
    pub(crate) keys: BTreeMap<IntegrationId, KeyParameter>,
    /// The integrations that had keys of the module and have none any more.
    keyless: BTreeSet<IntegrationId>,
    pub(crate) key_overlap_seconds: u32,
}

impl Team {
    /// Reads a request. The error is a sentence for whoever wrote the module's arguments.
    pub(crate) fn read(fields: &TeamFields<'_>, lifecycle: Option<&Lifecycle>) -> Result<Self, String> {
        let id = TeamId::new(fields.team.unwrap_or_default()).map_err(|error| format!("name: {error}"))?;
        let text = fields.configuration.ok_or("give the team's `configuration`: the text of a file of configuration")?;
        if text.len() > TEXT_BYTES_MAX {
            return Err(format!(
                "the team {id} has {} bytes, and {TEXT_BYTES_MAX} are the most; divide it into several modules",
                text.len()
            ));
        }
        let key_overlap_seconds = fields.key_overlap_seconds.unwrap_or(KEY_OVERLAP_SECONDS);
        if key_overlap_seconds > KEY_OVERLAP_SECONDS_MAX {
            return Err(format!("key_overlap_seconds: must be 0 to {KEY_OVERLAP_SECONDS_MAX} (90 days)"));
        }
        let named = |name: &str| IntegrationId::new(name).map_err(|error| format!("integrations.{name}: {error}"));
        let given = fields.keys.into_iter().flatten();
        let keys: BTreeMap<_, _> = given.map(|(name, key)| Ok((named(name)?, key.clone()))).collect::<Result<_, String>>()?;
        let previous = lifecycle.and_then(|lifecycle| lifecycle.prev_input.as_ref());
        let before = previous.into_iter().flat_map(|previous| previous.keys.keys()).filter_map(|name| IntegrationId::new(name).ok());
        let is_delete = lifecycle.is_some_and(Lifecycle::is_delete);
        let keyless = before.chain(keys.keys().cloned()).filter(|key| is_delete || !keys.contains_key(key)).collect();
        let renamed = previous.and_then(|previous| TeamId::new(previous.team.as_deref()?).ok()).filter(|before| *before != id);
        Ok(Self {
            text: if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") },
            seal: fields.seal.filter(|seal| is_seal(seal)).map(str::to_owned),
            renamed,
            is_new: lifecycle.is_some_and(|lifecycle| lifecycle.action == LifecycleAction::Create),
            take_over: fields.take_over.unwrap_or(false),
            keys,
            keyless,
            key_overlap_seconds,
            id,
        })
    }

    pub(crate) fn name(&self) -> &TeamId {
        &self.id
    }

    /// What is in force of this team, under its name.
    fn file<'a>(&self, in_force: &'a Files) -> Option<TeamFile<'a>> {
        TeamFile::of(in_force.get(&doors::file_of(&self.id))?)
    }

    /// Whether it is in force just so.
    fn is_in_force(&self, in_force: &Files) -> bool {
        self.file(in_force).is_some_and(|file| !file.is_left && file.body == self.text)
    }

    /// What is not this team's.
    fn others(&self, in_force: &Files) -> Files {
        let mut others = doors::without(Some(&self.id), in_force);
        if let Some(before) = &self.renamed {
            others.remove(&doors::file_of(before));
        }
        others
    }

    /// The whole with this team in it.
    ///
    /// # Errors
    /// Sentences, by the arguments of the module.
    fn with_others(&self, in_force: &Files, seal: &str) -> Result<Loaded, Vec<String>> {
        let mut files = self.others(in_force);
        let taken = doors::taken(&self.id, &self.text, &files);
        if !taken.is_empty() {
            return Err(taken);
        }
        files.insert(doors::file_of(&self.id), doors::sealed(&self.id, seal, &self.text));
        let loaded = hansho_configuration::load_named(&files).map_err(|problems| self.sentences(&problems))?;
        let own = doors::names_of(&self.text);
        let keyed = |id: &IntegrationId| {
            let mut all = loaded.configuration.integrations().iter();
            let found = all.find(|integration| integration.id() == id && own.contains(&("integrations".to_owned(), id.to_string())));
            match found.map(|integration| &integration.spec().kind) {
                Some(IntegrationKind::Events { .. } | IntegrationKind::Sns { .. }) => None,
                Some(IntegrationKind::Email(_)) => Some(format!("integrations.{id}: takes mail, which has no key")),
                None => Some(format!("integrations.{id}: the team has no such integration to have a key")),
            }
        };
        let keyless: Vec<String> = self.keys.keys().filter_map(keyed).collect();
        if keyless.is_empty() { Ok(loaded) } else { Err(keyless) }
    }

    /// Problems, by the arguments of the module where they are this team's. The lines of its text are nothing that anybody wrote.
    fn sentences(&self, problems: &[Problem]) -> Vec<String> {
        let own = doors::file_of(&self.id);
        let sentence =
            |problem: &Problem| if problem.file.as_os_str() == own.as_str() { problem.message.clone() } else { problem.to_string() };
        problems.iter().map(sentence).collect()
    }
}

impl Config {
    /// What a team would change, without changing anything, and the seal under which it is to be put in force: that in force where nothing
    /// differs, so that a plan is empty then and only then.
    pub(crate) async fn check_team(&self, team: &Team) -> Result<Value, StoreError> {
        let in_force = self.in_force().await?;
        let is_just_so = team.is_in_force(&in_force.files)
            && self.has_keys(team).await?
            && self.has_secrets(team.name(), &in_force.files, in_force.version).await?;
        let known = team.file(&in_force.files).filter(|_| is_just_so).map(|file| file.seal.to_owned());
        let Some(seal) = known.or_else(new_seal) else { return Ok(no_randomness()) };
        let loaded = match team.with_others(&in_force.files, &seal) {
            Ok(loaded) => loaded,
            Err(sentences) => return Ok(answer::wrong_team(team.name(), &sentences)),
        };
        let draft = match self.compared(loaded, in_force, Some(team.name())).await? {
            Ok(draft) => draft,
            Err(sentences) => return Ok(answer::wrong_team(team.name(), &sentences)),
        };
        let oversized = self.oversized(&draft).await?;
        if !oversized.is_empty() {
            return Ok(answer::wrong_team(team.name(), &answer::oversized(&oversized)));
        }
        let affected = crate::incidents::affected(&self.store, &draft.loaded.configuration).await?;
        Ok(answer::team_checked(team.name(), &seal, &draft, &affected))
    }

    /// Puts a team in force. What became of it, or why not in a sentence.
    pub(crate) async fn put_team(&self, team: &Team, request: &Request) -> Result<Told, StoreError> {
        let Some(seal) = team.seal.clone().or_else(new_seal) else { return Ok(Err(RANDOMNESS.to_owned())) };
        let asked_at = self.store.clock().now();
        // Keys first: an integration in force whose key nobody knows would refuse what is sent, and a key without one pages all the same.
        // One that was made before something failed is the same when Terraform asks again, because it is made of what SSM has.
        let mut keys_are_known = false;
        for attempt in 1.. {
            let in_force = self.in_force().await?;
            let id = team.name();
            if team.is_new
                && !team.take_over
                && team.file(&in_force.files).is_some_and(|file| !file.is_left)
                && !team.is_in_force(&in_force.files)
            {
                return Ok(Err(format!(
                    "there is a team {id} of Terraform's already, which says something else; give this one another name, or, if its state was lost, take it over with take_over = true"
                )));
            }
            let loaded = match team.with_others(&in_force.files, &seal) {
                Ok(loaded) => loaded,
                Err(sentences) => return Ok(Err(answer::team_sentences(id, &sentences))),
            };
            let draft = match self.compared(loaded, in_force, Some(id)).await? {
                Ok(draft) => draft,
                Err(sentences) => return Ok(Err(answer::team_sentences(id, &sentences))),
            };
            if !keys_are_known {
                // What can be known to be refused is, before there is a key for it.
                let oversized = self.oversized(&draft).await?;
                if !oversized.is_empty() {
                    return Ok(Err(answer::team_sentences(id, &answer::oversized(&oversized))));
                }
                if let Err(sentence) = self.make_keys(team).await? {
                    return Ok(Err(sentence));
                }
                keys_are_known = true;
            }
            if let Some((proposed, affected)) = self.propose_once(&draft, request, attempt).await? {
                self.end_keyless(team, &proposed, asked_at).await?;
                return Ok(told(team, &proposed, &draft, &affected));
            }
        }
        Ok(Err(answer::TOO_BUSY.to_owned()))
    }

    /// Takes a team out. What it leaves to others has to hold together without it.
    pub(crate) async fn remove_team(&self, team: &Team, request: &Request) -> Result<Told, StoreError> {
        let asked_at = self.store.clock().now();
        for attempt in 1.. {
            let in_force = self.in_force().await?;
            let id = team.name();
            let mut files = team.others(&in_force.files);
            match team.file(&in_force.files) {
                None => {
                    self.end_keys(&team.keyless, asked_at).await?;
                    return Ok(Ok(json!({ "result": "unchanged", "team": id, "version": in_force.version })));
                }
                // Whom else should an alarm page? They are called until others are there, or the table is gone.
                Some(file) if !doors::has_users(&files) => {
                    files.clone_from(&in_force.files);
                    files.insert(doors::file_of(id), doors::left(id, &file));
                }
                Some(_) => {}
            }
            let loaded = match hansho_configuration::load_named(&files) {
                Ok(loaded) => loaded,
                Err(problems) => return Ok(Err(answer::team_is_needed(id, &team.sentences(&problems)))),
            };
            let draft = match self.compared(loaded, in_force, None).await? {
                Ok(draft) => draft,
                Err(sentences) => return Ok(Err(format!("The team {id} is not taken out:\n{}", sentences.join("\n")))),
            };
            if let Some((proposed, affected)) = self.propose_once(&draft, request, attempt).await? {
                self.end_keyless(team, &proposed, asked_at).await?;
                return Ok(told(team, &proposed, &draft, &affected));
            }
        }
        Ok(Err(answer::TOO_BUSY.to_owned()))
    }

    /// Ends the keys that the module has no more. As long as what was in force before is, its senders are let in.
    async fn end_keyless(&self, team: &Team, proposed: &Proposed, asked_at: Timestamp) -> Result<(), StoreError> {
        match proposed {
            Proposed::InForce(_) | Proposed::Unchanged(_) => self.end_keys(&team.keyless, asked_at).await,
            Proposed::Overtaken(..) | Proposed::TooLarge(_) => Ok(()),
        }
    }

    /// The parts that are too large to be stored.
    async fn oversized(&self, draft: &Draft) -> Result<Vec<Oversized>, StoreError> {
        Ok(self.store.weigh(&draft.loaded.configuration, draft.reached.addresses()).await?.oversized)
    }
}

fn told(team: &Team, proposed: &Proposed, draft: &Draft, affected: &[Affected]) -> Told {
    match proposed {
        Proposed::InForce(_) | Proposed::Unchanged(_) => {
            let mut answer = answer::apply(proposed, draft, affected);
            answer["team"] = json!(team.name());
            Ok(answer)
        }
        Proposed::Overtaken(..) => Err(answer::TOO_BUSY.to_owned()),
        Proposed::TooLarge(parts) => Err(answer::team_sentences(team.name(), &answer::oversized(parts))),
    }
}

/// A seal that no other apply has.
fn new_seal() -> Option<String> {
    random_code().ok().map(|code| code.chars().take(SEAL_DIGITS).collect())
}

fn is_seal(seal: &str) -> bool {
    (1..=64).contains(&seal.len()) && seal.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

const RANDOMNESS: &str = "the system gives no random bytes, of which a seal is made; try again";

fn no_randomness() -> Value {
    answer::refused(RANDOMNESS)
}
