//! The one read-decide-write loop, and the transaction that ends it.

use std::{future::Future, time::Duration};

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{Put, TransactWriteItem},
};
use hansho_domain::{AlertId, Command, Effect, EffectId, Ignored, Incident, IncidentId, Input, Rejected, Transition, Verdict, step};
use hansho_runtime::backoff::backoff;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    Store,
    canary::{self, is_canary},
    delivery::later,
    error::StoreError,
    incident::{Stored, entry_item, incident_item},
    item::{With as _, n},
    keys,
    outbox::outbox_item,
    payload::{Payload, raw_item},
    pointer::Pointer,
    test_page::is_test_page,
    turn::Turns,
};

/// How often a decision is made again because somebody else was faster.
const DECISIONS_MAX: u32 = 24;
/// How often one write is tried while the table is busy.
const WRITES_MAX: u32 = 8;
const WAIT_BASE: Duration = Duration::from_millis(20);
const WAIT_MAX: Duration = Duration::from_millis(800);

/// How a commit ended. A lost race is a value, not an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Commit {
    /// It is in the table.
    Committed,
    /// A condition did not hold: what was decided on is no longer so.
    Conflict,
}

/// What became of an input.
#[derive(Debug, Clone)]
#[must_use]
pub enum Applied {
    /// The incident changed; this is how it stands.
    Changed(Box<Incident>),
    /// Nothing changed, as it should be.
    Ignored(Ignored, Box<Incident>),
    /// Nothing changed, and whoever asked should be told why.
    Rejected(Rejected, Box<Incident>),
    /// There is no such incident.
    Unknown,
}

/// What a transition writes besides the incident, its entry and its effects.
#[derive(Debug, Default)]
pub(crate) struct Extra {
    pub(crate) writes: Vec<TransactWriteItem>,
}

impl Store {
    /// Applies `input` to the incident: reads it consistently, decides, writes everything in one transaction, and starts
    /// over when somebody else was faster.
    ///
    /// # Errors
    /// DynamoDB does not answer, the incident can not be read, or there is no configuration to decide by.
    pub async fn apply(&self, id: IncidentId, input: &Input) -> Result<Applied, StoreError> {
        let mut turns = Turns::new();
        for attempt in 1..=DECISIONS_MAX {
            match self.apply_turn(id, input, None, &mut turns).await? {
                Some(applied) => return Ok(applied),
                // By the input, because whoever was faster asks something else of the same incident.
                None => self.pause(&format!("{id}/{}", input.id), attempt).await,
            }
        }
        Err(StoreError::Contention { key: id.to_string() })
    }

    /// Reads the incident and applies `input` to it once, keeping the payload that the input was read from. `None` when
    /// the race was lost: what the source says depends on its dedup pointer too, which the caller reads again.
    pub(crate) async fn apply_turn(
        &self,
        id: IncidentId,
        input: &Input,
        payload: Option<(AlertId, Payload<'_>)>,
        turns: &mut Turns,
    ) -> Result<Option<Applied>, StoreError> {
        // Boxed: their states are large, callers hold them in theirs, and a worker's stack takes 2 MB.
        match (self.incident(id).await?, &input.command) {
            (Some(stored), Command::MergeInto { target }) => Box::pin(self.merge_once(stored, *target, input, turns)).await,
            (Some(stored), _) => Box::pin(self.apply_once(stored, input, payload, turns)).await,
            (None, _) => Ok(Some(Applied::Unknown)),
        }
    }

    /// One turn of the loop; `None` when the race was lost.
    async fn apply_once(
        &self,
        stored: Stored,
        input: &Input,
        payload: Option<(AlertId, Payload<'_>)>,
        turns: &mut Turns,
    ) -> Result<Option<Applied>, StoreError> {
        let now = self.clock.now();
        let incident = &stored.incident;
        // A retry whose first answer was lost finds its input remembered: that is success, not repetition.
        if incident.has_seen(&input.id) {
            return Ok(Some(Applied::Ignored(Ignored::AlreadyApplied, Box::new(stored.incident))));
        }
        let held = self.held_key(incident, input).await?;
        let input = &completed(incident, input, held.as_ref());
        let transition = match self.decide(incident, input, now, turns).await? {
            Verdict::Ignore(why) => return Ok(Some(Applied::Ignored(why, Box::new(stored.incident)))),
            Verdict::Reject(why) => return Ok(Some(Applied::Rejected(why, Box::new(stored.incident)))),
            Verdict::Apply(transition) => *transition,
        };
        let mut extra = Extra { writes: self.pointer_writes(incident, &transition.incident, input, held.as_ref())? };
        if let Some((alert, payload)) = payload {
            extra.writes.push(self.put(raw_item(incident.id, alert, payload, now))?);
        }
        match self.commit(&transition, Some(incident.version), &stored.fields, extra, now).await? {
            Commit::Committed => Ok(Some(Applied::Changed(Box::new(transition.incident)))),
            Commit::Conflict => Ok(None),
        }
    }

    /// What the input does to the incident as it was read. Only where a step is called whose people take turns, a number is
    /// taken and it is decided again, with the one whose turn it is.
    pub(crate) async fn decide(
        &self,
        incident: &Incident,
        input: &Input,
        now: Timestamp,
        turns: &mut Turns,
    ) -> Result<Verdict, StoreError> {
        let mut roster = Box::pin(self.roster_of(incident, input, now)).await?;
        let verdict = step(incident, input, &roster, now);
        match &verdict {
            Verdict::Apply(transition) if !transition.missing_turns.is_empty() => {
                self.take_turns(&transition.missing_turns, turns, &mut roster).await?;
                Ok(step(incident, input, &roster, now))
            }
            Verdict::Apply(_) | Verdict::Ignore(_) | Verdict::Reject(_) => Ok(verdict),
        }
    }

    /// Reopening has to know who holds the dedup key now; nothing else looks.
    async fn held_key(&self, incident: &Incident, input: &Input) -> Result<Option<Pointer>, StoreError> {
        match &input.command {
            Command::Reopen { .. } => self.pointer(&incident.integration, &incident.dedup_key).await,
            _ => Ok(None),
        }
    }

    /// Writes a transition: the incident under a condition on its version, its entry, its effects as outbox rows, and
    /// what else belongs to it. All or nothing.
    pub(crate) async fn commit(
        &self,
        transition: &Transition,
        version_before: Option<u64>,
        fields: &Map<String, Value>,
        extra: Extra,
        now: Timestamp,
    ) -> Result<Commit, StoreError> {
        let incident = &transition.incident;
        let mut writes = self.writes_of(transition, version_before, fields, now)?;
        writes.extend(extra.writes);
        self.transact(&format!("{}/{}/{}", incident.id, incident.version, transition.entry.input), writes).await
    }

    /// The writes of a transition itself.
    pub(crate) fn writes_of(
        &self,
        transition: &Transition,
        version_before: Option<u64>,
        fields: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let incident = &transition.incident;
        let mut entry = entry_item(incident.id, &transition.entry)?;
        if is_canary(&incident.service) {
            entry = entry.expiring(later(now, canary::KEPT));
        }
        if is_test_page(&incident.service) {
            // Nobody is paid for answering what they asked for.
            entry.retain(|name, _| !name.starts_with("recent_"));
        }
        let mut writes = vec![self.put_incident(incident, version_before, fields)?, self.put_new(entry)?];
        for (index, effect) in numbered(&transition.effects) {
            writes.push(self.put_effect(EffectId { incident: incident.id, version: incident.version, index }, effect, now)?);
        }
        Ok(writes)
    }

    fn put_effect(&self, id: EffectId, effect: &Effect, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        self.put(outbox_item(id, effect, now)?)
    }

    fn put_incident(&self, incident: &Incident, before: Option<u64>, fields: &Map<String, Value>) -> Result<TransactWriteItem, StoreError> {
        let made = incident_item(incident, fields)?;
        let Some(version) = before else { return self.put_new(made) };
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(made))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", n(version))
            .build();
        let put = put.map_err(|error| StoreError::unreadable(keys::incident(incident.id).pk, error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// One transaction. The token makes a retry after a lost answer harmless (ClientRequestToken, good for ten minutes).
    pub(crate) async fn transact(&self, token: &str, writes: Vec<TransactWriteItem>) -> Result<Commit, StoreError> {
        // Tokens count across all tables of an account: the same alarm may reach two deployments.
        let client_token = keys::hash(&format!("{}/{token}", self.table));
        self.transact_under(Some(client_token), token, writes).await
    }

    /// One transaction that counts for this caller alone: of several with the same writes, one hears that it has committed.
    /// The SDK makes a token for each call and keeps it over its own retries.
    pub(crate) async fn transact_alone(&self, name: &str, writes: Vec<TransactWriteItem>) -> Result<Commit, StoreError> {
        self.transact_under(None, name, writes).await
    }

    async fn transact_under(&self, token: Option<String>, name: &str, writes: Vec<TransactWriteItem>) -> Result<Commit, StoreError> {
        for attempt in 1..=WRITES_MAX {
            let request =
                self.client.transact_write_items().set_transact_items(Some(writes.clone())).set_client_request_token(token.clone());
            let error = match request.send().await {
                Ok(_) => return Ok(Commit::Committed),
                Err(error) => error,
            };
            match outcome(&error) {
                Refusal::Condition => return Ok(Commit::Conflict),
                Refusal::Busy if attempt < WRITES_MAX => self.pause(name, attempt).await,
                Refusal::Busy if is_too_much(&error) => break,
                Refusal::Busy | Refusal::Fatal => return Err(StoreError::unavailable("write a transaction", &error)),
            }
        }
        Err(StoreError::Contention { key: name.to_owned() })
    }

    /// Repeats a single call while the table is busy. For calls that may be made twice.
    pub(crate) async fn retrying<T, E, Call>(&self, key: &str, mut call: impl FnMut() -> Call) -> Result<T, SdkError<E>>
    where
        E: ProvideErrorMetadata,
        Call: Future<Output = Result<T, SdkError<E>>>,
    {
        let mut attempt = 1;
        loop {
            match call().await {
                Err(error) if attempt < WRITES_MAX && is_busy(error.code()) => {
                    self.pause(key, attempt).await;
                    attempt += 1;
                }
                other => return other,
            }
        }
    }

    /// Waits before another attempt at what `key` names, not as long as other callers do.
    pub(crate) async fn pause(&self, key: &str, attempt: u32) {
        self.clock.sleep(backoff(&format!("{}/{key}", self.caller), attempt, WAIT_BASE, WAIT_MAX)).await;
    }
}

/// Each effect with its place: one that stands for many takes the places of all of them.
fn numbered(effects: &[Effect]) -> impl Iterator<Item = (u32, &Effect)> {
    effects.iter().scan(0, |following: &mut u32, effect| {
        let index = *following;
        *following = following.saturating_add(effect.ids());
        Some((index, effect))
    })
}

enum Refusal {
    /// A condition did not hold.
    Condition,
    /// The same call may succeed in a moment.
    Busy,
    /// It will not.
    Fatal,
}

fn outcome(error: &SdkError<TransactWriteItemsError>) -> Refusal {
    let service = match error {
        // No answer: it may have happened or not. The token makes asking again safe.
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) | SdkError::ResponseError(_) => return Refusal::Busy,
        other => other.as_service_error(),
    };
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = service {
        let codes: Vec<&str> = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
        if codes.contains(&"ConditionalCheckFailed") {
            return Refusal::Condition;
        }
        let is_passing = |code: &&str| matches!(*code, "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded");
        return if codes.iter().any(is_passing) { Refusal::Busy } else { Refusal::Fatal };
    }
    match service.and_then(ProvideErrorMetadata::code) {
        // The token was used for another decision: what was decided on is no longer so.
        Some("IdempotentParameterMismatchException") => Refusal::Condition,
        code if is_busy(code) => Refusal::Busy,
        _ => Refusal::Fatal,
    }
}

/// Whether a transaction was refused because there are too many calls.
fn is_too_much(error: &SdkError<TransactWriteItemsError>) -> bool {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons().iter().any(|reason| reason.code().is_some_and(|code| code != "None"))
        }
        _ => is_throttled(error.code()),
    }
}

/// Whether DynamoDB means "too many calls" (DynamoDB developer guide, "Error handling").
pub(crate) fn is_throttled(code: Option<&str>) -> bool {
    matches!(code, Some("ThrottlingException" | "ProvisionedThroughputExceededException" | "RequestLimitExceeded"))
}

/// Whether DynamoDB means "not now" (DynamoDB developer guide, "Error handling").
pub(crate) fn is_busy(code: Option<&str>) -> bool {
    matches!(
        code,
        Some(
            "TransactionConflictException"
                | "TransactionInProgressException"
                | "ThrottlingException"
                | "ProvisionedThroughputExceededException"
                | "RequestLimitExceeded"
                | "InternalServerError"
                | "ServiceUnavailable"
        )
    )
}
/// A reopening that knows which other incident has its dedup key.
fn completed(incident: &Incident, input: &Input, held: Option<&Pointer>) -> Input {
    match &input.command {
        Command::Reopen { .. } => {
            let newer = held.and_then(|held| held.open_incident_other_than(incident.id));
            Input { command: Command::Reopen { newer }, ..input.clone() }
        }
        _ => input.clone(),
    }
}
