//! `hansho dead-letters`: what was given up in a deployment on AWS, and how it is worked on again.

mod letter;
mod masked;
mod queue;
mod subject;
mod words;

use std::{io::IsTerminal as _, process::ExitCode, sync::Arc};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use clap::Args;
use hansho_domain::Language;
use hansho_runtime::{SharedClock, SystemClock};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    aws,
    doctor::{
        self,
        ask::{Asker, Question, Refusal},
    },
    language::{LanguageArgument, word},
    print,
};
use letter::Way;
pub use letter::{Kind, Letter};
use queue::Message;

/// Functions with a queue of dead letters (infra/main.tf, infra/bridge.tf), and the queue that feeds them, by what its name ends with.
const FUNCTIONS: [(&str, Option<&str>); 7] = [
    ("alarm-intake", None),
    ("email-intake", None),
    ("outbox-relay", None),
    ("escalation", Some("timers")),
    ("delivery", Some("deliveries")),
    ("sweeper", None),
    (BRIDGE, Some(BRIDGE)),
];
/// How long an answer may take: a look of the sweeper, which is waited for, has 50 seconds (functions/sweeper/Cargo.toml).
pub(super) const ANSWER_TAKES: std::time::Duration = std::time::Duration::from_secs(60);
/// AWS's clock is known by the dates of its answers, which count in whole seconds: what seems so little later may have lain there before.
const CLOCK_WITHIN: SignedDuration = SignedDuration::from_secs(2);
/// Not every deployment has it.
const BRIDGE: &str = "incident-manager-bridge";

/// What `hansho dead-letters` is asked.
#[derive(Debug, Args)]
pub(super) struct DeadLettersArguments {
    /// The deployment: `name` of its Terraform  (デプロイの名前)
    #[arg(long, default_value = "hansho", value_parser = doctor::name)]
    name: String,
    /// Its AWS Region; AWS_REGION or the AWS CLI's otherwise
    #[arg(long)]
    region: Option<String>,
    /// Only those of this function  (関数)
    #[arg(long, value_parser = FUNCTIONS.map(|(function, _)| function))]
    function: Option<String>,
    /// Work on them again, and delete each once it was taken  (再実行)
    #[arg(long, visible_alias = "redrive")]
    replay: bool,
    /// Delete this one, unread by anybody: its id as the list says it. May be given again  (削除)
    #[arg(long, value_name = "ID", conflicts_with = "replay")]
    delete: Vec<String>,
    /// For machines; progress goes to standard error
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArgument,
}

/// What is done with each dead letter.
#[derive(Debug, Clone, Copy)]
pub enum Action<'a> {
    /// It is read, and stays.
    List,
    /// It is worked on again, and deleted once it was taken.
    Replay,
    /// Those with these ids are deleted.
    Delete(&'a [String]),
}

impl Action<'_> {
    /// Which of the ids that were to be deleted nothing has that lies there.
    fn missing(&self, queues: &[Queue]) -> Vec<&str> {
        let Self::Delete(ids) = self else { return Vec::new() };
        let lies = |id: &&String| queues.iter().flat_map(|queue| &queue.letters).any(|(letter, _)| letter.id == **id);
        ids.iter().filter(|id| !lies(id)).map(String::as_str).collect()
    }
}

/// What became of a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "result", content = "why")]
pub enum Outcome {
    /// It lies there as before.
    Kept,
    /// It was taken by whoever works on it, and is a dead letter no more.
    Replayed,
    /// It was taken, and could not be deleted: the next time it is worked on once more, which changes nothing.
    ReplayedAndKept(String),
    /// It was not taken, and lies there as before; why.
    Refused(String),
    /// It came in after this began, so it may be one that was replayed and has failed again. It lies there.
    TooNew,
    /// It was deleted, as it was asked.
    Deleted,
}

/// The dead letters of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Queue {
    /// The function.
    pub function: &'static str,
    /// The queue.
    pub name: String,
    /// Each with what became of it.
    pub letters: Vec<(Letter, Outcome)>,
    /// What AWS has refused about the queue itself, if so.
    pub trouble: Option<String>,
}

impl Queue {
    /// Whether nothing lies there, as far as it could be asked.
    pub fn is_empty(&self) -> bool {
        self.trouble.is_none() && self.letters.iter().all(|(_, outcome)| matches!(outcome, Outcome::Replayed | Outcome::Deleted))
    }
}

/// Lists, replays or deletes, and exits with 1 where a dead letter is left.
pub(super) async fn run(asked: DeadLettersArguments) -> Result<ExitCode, aws::CallerError> {
    let (region, credentials) = aws::caller(asked.region)?;
    let mut letters = DeadLetters::new(asked.name, region, credentials, doctor::patient_connector(ANSWER_TAKES), Arc::new(SystemClock));
    letters.function = asked.function;
    letters.telling = std::io::stderr().is_terminal().then_some(asked.language.language);
    let action = match (asked.replay, asked.delete.as_slice()) {
        (true, _) => Action::Replay,
        (false, []) => Action::List,
        (false, ids) => Action::Delete(ids),
    };
    let queues = letters.work(action).await;
    let is_empty = queues.iter().all(Queue::is_empty) && action.missing(&queues).is_empty();
    print(&if asked.json {
        let told = |queue: &Queue| -> Vec<Value> {
            queue.letters.iter().map(|(letter, outcome)| json!({ "letter": letter, "outcome": outcome })).collect()
        };
        let queues: Vec<Value> = (queues.iter())
            .map(|queue| json!({ "function": queue.function, "queue": queue.name, "trouble": queue.trouble, "letters": told(queue) }))
            .collect();
        format!("{:#}\n", json!({ "name": letters.name, "is_empty": is_empty, "queues": queues }))
    } else {
        words::told(asked.language.language, &queues, action, &letters.name)
    });
    Ok(if is_empty { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Who asks.
pub struct Identity(Credentials);

impl From<Credentials> for Identity {
    fn from(credentials: Credentials) -> Self {
        Self(credentials)
    }
}

impl From<(&str, &str)> for Identity {
    fn from((key, secret): (&str, &str)) -> Self {
        Self(Credentials::new(key, secret, None, None, "given"))
    }
}

/// The dead letters of a deployment.
pub struct DeadLetters {
    asker: Asker,
    name: String,
    /// Only this function's.
    function: Option<String>,
    /// Whether somebody is told how far it is, and in which language.
    telling: Option<Language>,
}

impl DeadLetters {
    /// Those of the deployment `name`, asked for with these credentials: a key and its secret, or whatever else is known of them.
    pub fn new(name: String, region: String, credentials: impl Into<Identity>, connector: SharedHttpConnector, clock: SharedClock) -> Self {
        let Identity(credentials) = credentials.into();
        Self { asker: Asker::new(region, credentials, connector, clock), name, function: None, telling: None }
    }

    /// Goes through the queues of all functions, one after the other.
    pub async fn work(&self, action: Action<'_>) -> Vec<Queue> {
        let mut queues = Vec::new();
        for (function, fed_by) in FUNCTIONS {
            if self.function.as_deref().is_some_and(|wanted| wanted != function) {
                continue;
            }
            let name = format!("{}-{function}-dead-letters", self.name);
            let mut queue = Queue { function, name, letters: Vec::new(), trouble: None };
            // An empty queue takes a second, because all servers of SQS are asked.
            if let Some(language) = self.telling {
                eprintln!("{} {} ...", word(language, "looking at", "確認中:"), queue.name);
            }
            match self.url(&queue.name).await {
                Ok(url) => self.work_on(&mut queue, fed_by, &url, action).await,
                Err(refusal) if refusal.is_missing() && function == BRIDGE => continue,
                Err(refusal) => queue.trouble = Some(refused("sqs:GetQueueUrl", &refusal)),
            }
            queues.push(queue);
        }
        queues
    }

    /// Takes a message into the hand at a time, does what is asked, and lays back what stays. Whoever dies in between leaves it where it
    /// was: it is seen again after [`queue::HIDDEN_SECONDS`].
    async fn work_on(&self, queue: &mut Queue, fed_by: Option<&str>, url: &str, action: Action<'_>) {
        let started_at = self.asker.now();
        let (mut kept, mut swept, mut told_at) = (Vec::new(), None, started_at);
        let mut seen = std::collections::BTreeSet::new();
        loop {
            let batch = match self.receive(url).await {
                Ok(batch) => batch,
                Err(refusal) => {
                    queue.trouble = Some(refused("sqs:ReceiveMessage", &refusal));
                    break;
                }
            };
            let before = seen.len();
            for message in batch {
                if !seen.insert(message.id.clone()) {
                    kept.push(message.receipt);
                    continue;
                }
                let letter = letter::read(queue.function, &message);
                let outcome = match action {
                    Action::List => Outcome::Kept,
                    Action::Delete(ids) if ids.contains(&message.id) => self
                        .delete(url, &message)
                        .await
                        .map_or_else(|refusal| Outcome::Refused(refused("sqs:DeleteMessage", &refusal)), |()| Outcome::Deleted),
                    Action::Delete(_) => Outcome::Kept,
                    Action::Replay if message.sent_at.is_some_and(|at| at.duration_since(started_at) > CLOCK_WITHIN) => Outcome::TooNew,
                    Action::Replay => self.replay(queue.function, fed_by, url, &message, &mut swept).await,
                };
                if !matches!(outcome, Outcome::Replayed | Outcome::Deleted) {
                    kept.push(message.receipt);
                }
                queue.letters.push((letter, outcome));
            }
            if seen.len() == before {
                break;
            }
            self.tell(&queue.name, seen.len(), &mut told_at);
        }
        self.lay_back(url, &kept).await;
    }

    /// Hands it to whoever works on it; only then it is deleted.
    async fn replay(
        &self,
        function: &str,
        fed_by: Option<&str>,
        url: &str,
        message: &Message,
        swept: &mut Option<Result<(), String>>,
    ) -> Outcome {
        let taken = match letter::way(function, fed_by, message) {
            Way::Invoke { alias, event } => {
                let question = Question::invoke_later(&format!("{}-{function}:{alias}", self.name), &event);
                self.asker.ask(&question).await.map(|_| ()).map_err(|refusal| refused(&question.permission, &refusal))
            }
            Way::Queue { name } => self.send(&format!("{}-{name}", self.name), &message.body).await,
            // One look finds everything that the stream has failed to bring before it.
            Way::Look { function } => match swept {
                Some(looked) => looked.clone(),
                None => swept.insert(self.look(function).await).clone(),
            },
            Way::Unknown => Err("nobody knows what it is: read it with the AWS CLI (`aws sqs receive-message`)".to_owned()),
        };
        match taken {
            Err(why) => Outcome::Refused(why),
            Ok(()) => match self.delete(url, message).await {
                Ok(()) => Outcome::Replayed,
                Err(refusal) => Outcome::ReplayedAndKept(refused("sqs:DeleteMessage", &refusal)),
            },
        }
    }

    /// Has the function look now at what it looks at every minute, and waits for it.
    async fn look(&self, function: &str) -> Result<(), String> {
        let event = json!({ "detail-type": "Scheduled Event", "source": "aws.events", "detail": {} });
        let question = Question::invoke(&format!("{}-{function}:live", self.name), &event);
        let answer = self.asker.ask(&question).await.map_err(|refusal| refused(&question.permission, &refusal))?;
        match answer.get("errorMessage").and_then(Value::as_str) {
            Some(message) => Err(format!("{function} has failed: {}", masked::masked(message))),
            None => Ok(()),
        }
    }

    /// Says how far it is, about once a second.
    fn tell(&self, queue: &str, count: usize, told_at: &mut Timestamp) {
        let now = self.asker.now();
        let Some(language) = self.telling.filter(|_| now.duration_since(*told_at) >= SignedDuration::from_secs(1)) else { return };
        *told_at = now;
        eprintln!("{queue}: {count} {} ...", word(language, "dead letters", "件のデッドレター"));
    }
}

/// Why AWS has refused it, and what to do.
fn refused(permission: &str, refusal: &Refusal) -> String {
    let Refusal { status, code, message } = refusal;
    if refusal.is_denied() {
        return format!("you may not do it ({permission}): allow your role {permission}, or let somebody do it who has it");
    }
    if *status == 0 {
        return format!("nobody has answered {permission}: {message}");
    }
    if refusal.is_missing() {
        return format!("it is not there ({code}): if the deployment has another name or Region, give --name and --region");
    }
    format!("{permission} was refused: {code} {message}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ANSWER_TAKES, queue::HIDDEN_SECONDS};

    #[test]
    fn a_look_of_the_sweeper_is_waited_for_until_its_end_and_no_letter_is_seen_meanwhile() {
        let written = include_str!("../../../../functions/sweeper/Cargo.toml");
        let timeout = written.lines().find_map(|line| line.strip_prefix("timeout = ")).unwrap().parse().unwrap();
        assert!(ANSWER_TAKES > Duration::from_secs(timeout), "the sweeper may take {timeout} seconds");
        assert!(Duration::from_secs(HIDDEN_SECONDS.into()) > ANSWER_TAKES, "what is in the hand is hidden for as long");
    }
}
