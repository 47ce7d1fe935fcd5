//! `hansho demo`: the whole story on a virtual clock, told as it happens.

use std::{
    io::{self, IsTerminal},
    sync::Arc,
    time::Duration,
};

use axum::{Router, body::Body, http};
use hansho_api::page::{Reader, story};
use hansho_domain::{IncidentId, Language, PhaseName, UserId};
use hansho_runtime::{Clock, SystemClock};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::Value;
use tower::ServiceExt;

use crate::{
    example,
    local::{
        LocalClock, LocalSecrets, Machine, MachineError, SecretsError, Sent, Setup, UnknownFunction,
        aws::{EmbeddedDynamoDb, EmbeddedDynamoDbError},
    },
};

const ALARM: &str = include_str!("../../../events/alarm-intake/alarm-direct-metric.json");
const RECOVERY: &str = include_str!("../../../events/alarm-intake/ok-direct-metric.json");
/// Port in the links that phones show; nothing listens there.
const PORT: u16 = 8787;
/// How long one virtual minute takes to watch.
const MINUTE: Duration = Duration::from_millis(1500);
/// How long a scene is left to be read.
const SCENE: Duration = Duration::from_secs(6);

/// Why the story broke off.
#[derive(Debug, thiserror::Error)]
pub(super) enum DemoError {
    #[error("the example is broken: {0}")]
    Example(String),
    #[error(transparent)]
    Database(#[from] EmbeddedDynamoDbError),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error(transparent)]
    Machine(#[from] MachineError),
    #[error(transparent)]
    Function(#[from] UnknownFunction),
    #[error("the story went wrong: {0}")]
    Story(String),
}

pub(super) async fn run(quick: bool) -> Result<(), DemoError> {
    let mut stage = Stage::set(quick).await?;
    let incident = stage.alarm().await?;
    stage.nobody_answers(incident).await?;
    stage.acknowledge().await?;
    stage.silence(incident).await?;
    stage.recovery(incident).await?;
    stage.timeline(incident).await
}

struct Stage {
    machine: Arc<Machine>,
    people: Vec<(UserId, String)>,
    phones: Router,
    shown: u64,
    quick: bool,
}

impl Stage {
    async fn set(quick: bool) -> Result<Self, DemoError> {
        let alarm: Value = serde_json::from_str(ALARM).map_err(|error| DemoError::Example(error.to_string()))?;
        let start = alarm_time(&alarm).ok_or_else(|| DemoError::Example("the alarm has no time".to_owned()))?;
        let secrets = LocalSecrets::passing()?;
        let machine = Arc::new(Machine::new(Setup {
            database: EmbeddedDynamoDb::memory()?,
            clock: Arc::new(LocalClock::stopped_at(start)),
            secrets: secrets.secrets,
            public_url: format!("http://localhost:{PORT}"),
            outbox: None,
            sweep_every: SignedDuration::from_mins(1),
            gate: None,
            downloads: None,
        }));
        let loaded = example::load()
            .map_err(|problems| DemoError::Example(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
        let people = loaded.configuration.users().iter().map(|user| (user.id().clone(), user.name().to_owned())).collect();
        machine.prepare(loaded).await?;
        let phones = machine.functions().api_router();
        heading("Hansho 半鐘: one alarm, from the first page to the end");
        println!("An example team: 佐藤 愛子 is on call, Ben Carter is second, the team is called at last.");
        println!("Time is virtual: a minute passes in a second or two.");
        Ok(Self { machine, people, phones, shown: 0, quick })
    }

    async fn alarm(&mut self) -> Result<IncidentId, DemoError> {
        heading("1. A CloudWatch alarm goes off");
        let answer = self.invoke("alarm-intake", ALARM).await?;
        let opened = answer.get("results").and_then(|results| results.get(0)?.get("incident")?.as_str()?.parse().ok());
        let incident = opened.ok_or_else(|| DemoError::Story(format!("the alarm opened nothing: {answer}")))?;
        self.machine.settle().await?;
        let stored = self.incident(incident).await?;
        println!("  {}  alarm in: {}", self.clock(), stored.title);
        println!("            opened incident {incident} on service {}", stored.service);
        self.show_phones();
        self.scene().await;
        Ok(incident)
    }

    async fn nobody_answers(&mut self, incident: IncidentId) -> Result<(), DemoError> {
        heading("2. Nobody answers");
        for _ in 0..6 {
            self.minute().await?;
        }
        let stored = self.incident(incident).await?;
        if stored.position.step == 0 {
            return Err(DemoError::Story("nobody was called after the wait".to_owned()));
        }
        println!("            the wait of the first step is over: step {} of the policy is called", stored.position.step + 1);
        self.scene().await;
        Ok(())
    }

    async fn acknowledge(&mut self) -> Result<(), DemoError> {
        heading("3. Somebody takes it, from the phone");
        let sent = self.machine.outbox().since(0);
        let page = sent.iter().rev().find(|sent| sent.channel == "sms").ok_or_else(|| DemoError::Story("no text was sent".to_owned()))?;
        let path = link_path(&page.text).ok_or_else(|| DemoError::Story(format!("no link in: {}", page.text)))?;
        let opened = self.request("GET", &path).await?;
        println!("  {}  {} opens the link of the text: the page answers {opened}, and changes nothing", self.clock(), page.to);
        let answered = self.request("POST", &format!("{path}/acknowledge")).await?;
        println!("  {}  one tap on the big button: {answered}, acknowledged", self.clock());
        self.machine.settle().await?;
        self.scene().await;
        Ok(())
    }

    async fn silence(&mut self, incident: IncidentId) -> Result<(), DemoError> {
        heading("4. The paging stops");
        let before = self.machine.outbox().count();
        for _ in 0..10 {
            self.minute().await?;
        }
        let stored = self.incident(incident).await?;
        if self.machine.outbox().count() != before || stored.phase.name() != PhaseName::Acknowledged {
            return Err(DemoError::Story("somebody was paged after the acknowledgement".to_owned()));
        }
        println!("            ten minutes later: {}, nobody was paged again", stored.phase.name().as_str());
        self.scene().await;
        Ok(())
    }

    async fn recovery(&mut self, incident: IncidentId) -> Result<(), DemoError> {
        heading("5. The alarm goes back to OK");
        self.invoke("alarm-intake", RECOVERY).await?;
        self.machine.settle().await?;
        let stored = self.incident(incident).await?;
        if stored.phase.name() != PhaseName::Resolved {
            return Err(DemoError::Story(format!("the incident is {} after the OK", stored.phase.name().as_str())));
        }
        println!("  {}  OK in: the incident is resolved", self.clock());
        self.scene().await;
        Ok(())
    }

    async fn timeline(&self, incident: IncidentId) -> Result<(), DemoError> {
        heading("6. What happened, from the timeline");
        let (entries, deliveries) = self.machine.store().timeline(incident).await.map_err(MachineError::from)?;
        for line in story(&entries, &deliveries, &self.reader()) {
            println!("  {line}");
        }
        println!();
        println!("That was all of it. `cargo run` starts the same on http://localhost:{PORT}.");
        Ok(())
    }

    /// Whoever watches: reads English, on Coordinated Universal Time.
    fn reader(&self) -> Reader {
        Reader {
            user: self.people[0].0.clone(),
            language: Language::En,
            time_zone: "UTC".to_owned(),
            now: self.machine.clock().now(),
            names: self.people.iter().cloned().collect(),
        }
    }

    async fn incident(&self, incident: IncidentId) -> Result<hansho_domain::Incident, DemoError> {
        let stored = self.machine.store().incident(incident).await.map_err(MachineError::from)?;
        stored.map(|stored| stored.incident).ok_or_else(|| DemoError::Story("the incident is gone".to_owned()))
    }

    async fn invoke(&self, name: &str, event: &str) -> Result<Value, DemoError> {
        let event = serde_json::from_str(event).map_err(|error| DemoError::Example(error.to_string()))?;
        self.machine.invoke(name, event).await?.map_err(|error| DemoError::Story(hansho_runtime::chain(&error)))
    }

    async fn request(&self, method: &str, path: &str) -> Result<http::StatusCode, DemoError> {
        let request =
            http::Request::builder().method(method).uri(path).body(Body::empty()).map_err(|error| DemoError::Story(error.to_string()))?;
        match self.phones.clone().oneshot(request).await {
            Ok(response) if response.status().as_u16() < 400 => Ok(response.status()),
            Ok(response) => Err(DemoError::Story(format!("{method} {path} answered {}", response.status()))),
            Err(never) => match never {},
        }
    }

    /// One virtual minute.
    async fn minute(&mut self) -> Result<(), DemoError> {
        self.pause(MINUTE).await;
        self.machine.advance(SignedDuration::from_mins(1)).await?;
        println!("  {}", self.clock());
        self.show_phones();
        Ok(())
    }

    fn show_phones(&mut self) {
        for sent in self.machine.outbox().since(self.shown) {
            self.shown = sent.number;
            println!("            {}", bubble(&sent));
        }
    }

    fn clock(&self) -> String {
        time(self.machine.clock().now())
    }

    async fn scene(&self) {
        self.pause(SCENE).await;
    }

    async fn pause(&self, duration: Duration) {
        if !self.quick {
            SystemClock.sleep(duration).await;
        }
    }
}

fn heading(text: &str) {
    // Bold only where somebody looks: a file or a pipe gets plain text.
    if io::stdout().is_terminal() { println!("\n\u{1b}[1m{text}\u{1b}[0m") } else { println!("\n{text}") }
}

fn bubble(sent: &Sent) -> String {
    let what = if sent.subject.is_empty() { &sent.text } else { &sent.subject };
    format!("{} to {}: {what}", sent.channel, sent.to)
}

fn time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S").to_string()
}

/// The time at which the alarm's state changed, and a second for it to arrive.
fn alarm_time(alarm: &Value) -> Option<Timestamp> {
    let text = alarm.get("time")?.as_str()?;
    let at = hansho_alarm_intake::parse::timestamp(text)?;
    at.checked_add(SignedDuration::from_secs(1)).ok()
}

/// The path of the first link in a text.
fn link_path(text: &str) -> Option<String> {
    let start = text.find("http")?;
    let url = text[start..].split_whitespace().next()?;
    let host = url.split_once("://")?.1;
    Some(host[host.find('/')?..].to_owned())
}
