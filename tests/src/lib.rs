//! The whole system on a virtual clock, for stories: an alarm goes in, phones ring, people answer, time passes.
//!
//! A story that ends without [`World::end`] fails, and `end` fails when somebody was paged whom the story did not expect
//! or when work is left over.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a story that can not go on has failed")]

mod alarms;
mod cut;
pub mod organisation;
mod team;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use hansho::local::{
    LocalClock, LocalSecrets, Machine, Sent, Setup, TABLE,
    aws::{EmbeddedDynamoDb, Gate, ProviderFault},
};
use hansho_configuration::Loaded;
use hansho_domain::{Incident, IncidentId, PhaseName};
use hansho_runtime::{Clock, Downloads};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tower::ServiceExt;

pub use alarms::{AlarmEvent, alarm_event};
pub use cut::Cut;
pub use team::{TEAM, phone};

/// The token of the stories' API calls.
const TOKEN: &str = "story-token-story-token-story-token";

/// When stories begin: Friday night in Tokyo.
pub fn start() -> Timestamp {
    "2026-11-20T18:12:00Z".parse().unwrap()
}

/// One running system.
pub struct World {
    pub machine: Arc<Machine>,
    http: Router,
    database: EmbeddedDynamoDb,
    seen: u64,
    has_ended: bool,
}

impl World {
    /// A system with the team that stories know ([`TEAM`]).
    pub async fn new() -> Self {
        Self::with(TEAM).await
    }

    /// A system with this configuration (YAML).
    pub async fn with(configuration: &str) -> Self {
        Self::started(load(configuration), start(), SignedDuration::from_mins(1)).await
    }

    /// A system with this configuration whose clock stands at `at` and whose sweeper wakes every so often.
    pub async fn started(configuration: Loaded, at: Timestamp, sweep_every: SignedDuration) -> Self {
        Self::built(configuration, at, sweep_every, None, None).await
    }

    /// A system with this configuration (YAML) that downloads by a way of the story's.
    pub async fn with_downloads(configuration: &str, downloads: Downloads) -> Self {
        Self::built(load(configuration), start(), SignedDuration::from_mins(1), None, Some(downloads)).await
    }

    /// A system with the team that stories know, each of whose calls to AWS is at the mercy of `gate`.
    pub async fn behind(gate: Arc<dyn Gate>) -> Self {
        Self::built(load(TEAM), start(), SignedDuration::from_mins(1), Some(gate), None).await
    }

    async fn built(
        configuration: Loaded,
        at: Timestamp,
        sweep_every: SignedDuration,
        gate: Option<Arc<dyn Gate>>,
        downloads: Option<Downloads>,
    ) -> Self {
        let secrets = LocalSecrets::passing().unwrap().secrets;
        let database = EmbeddedDynamoDb::memory().unwrap();
        let machine = Arc::new(Machine::new(Setup {
            database: database.clone(),
            clock: Arc::new(LocalClock::stopped_at(at)),
            secrets,
            public_url: "https://oncall.example.com".to_owned(),
            outbox: None,
            sweep_every,
            gate,
            downloads,
        }));
        machine.prepare(configuration).await.unwrap();
        machine.store().add_token(TOKEN, "story").await.unwrap();
        let http = machine.functions().api_router();
        Self { machine, http, database, seen: 0, has_ended: false }
    }

    /// Puts another configuration in force, and waits until it is.
    pub async fn configure(&mut self, configuration: &str) {
        self.machine.configure(load(configuration)).await.unwrap();
        self.advance(SignedDuration::from_secs(5)).await;
    }

    /// The database, for whatever else stands beside the machine.
    pub fn database(&self) -> EmbeddedDynamoDb {
        self.database.clone()
    }

    /// Writes another body into an item, past the store: what newer code or a bad hand would leave.
    pub fn put_body(&self, pk: &str, sk: &str, body: &Value) {
        let request = json!({
            "TableName": TABLE, "Key": { "pk": { "S": pk }, "sk": { "S": sk } },
            "UpdateExpression": "SET body = :body", "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeValues": { ":body": { "S": body.to_string() } },
        });
        let (status, answer) = self.database.call("DynamoDB_20120810.UpdateItem", request.to_string().as_bytes());
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
    }

    /// The items of a partition, as they are stored.
    pub fn items(&self, pk: &str) -> Vec<Value> {
        let request = json!({
            "TableName": TABLE, "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": { ":pk": { "S": pk } },
        });
        let (status, answer) = self.database.call("DynamoDB_20120810.Query", request.to_string().as_bytes());
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert!(status == 200 && answer["Count"] != 0, "there is nothing at {pk}: {answer}");
        answer["Items"].as_array().unwrap().clone()
    }

    pub fn now(&self) -> Timestamp {
        self.machine.clock().now()
    }

    /// A CloudWatch alarm goes off now; its name says which service it is about (`checkout-...`).
    pub async fn alarm(&mut self, name: &str) -> Value {
        self.event(alarm_event(name).at(self.now()).build()).await
    }

    /// The alarm is over now.
    pub async fn ok(&mut self, name: &str) -> Value {
        self.event(alarm_event(name).ok().at(self.now()).build()).await
    }

    /// Any event for the alarm intake, and everything that follows from it at this moment.
    pub async fn event(&mut self, event: Value) -> Value {
        self.invoke("alarm-intake", event).await
    }

    /// Any event for any function.
    pub async fn invoke(&mut self, function: &str, event: Value) -> Value {
        let answer = self.machine.invoke(function, event).await.unwrap().expect("the function answers");
        self.machine.settle().await.unwrap();
        answer
    }

    pub async fn advance(&mut self, duration: SignedDuration) {
        self.machine.advance(duration).await.unwrap();
    }

    pub async fn minutes(&mut self, minutes: i64) {
        self.advance(SignedDuration::from_mins(minutes)).await;
    }

    pub async fn seconds(&mut self, seconds: i64) {
        self.advance(SignedDuration::from_secs(seconds)).await;
    }

    /// Everything that was sent since the last look.
    pub fn sent(&mut self) -> Vec<Sent> {
        let sent = self.machine.outbox().since(self.seen);
        self.seen = sent.last().map_or(self.seen, |last| last.number);
        sent
    }

    /// Exactly these people were sent a text since the last look, each once, and nobody anything else.
    #[track_caller]
    pub fn expect_texts(&mut self, people: &[&str]) -> Vec<Sent> {
        let sent = self.sent();
        let mut got: Vec<String> = sent.iter().map(|sent| format!("{} {}", sent.channel, sent.to)).collect();
        let mut expected: Vec<String> = people.iter().map(|person| format!("sms {}", phone(person))).collect();
        got.sort();
        expected.sort();
        assert_eq!(got, expected, "at {}: {sent:#?}", self.now());
        sent
    }

    /// Nobody was sent anything since the last look.
    #[track_caller]
    pub fn expect_silence(&mut self) {
        self.expect_texts(&[]);
    }

    /// Everybody is out of reach by this channel (`sms`, `email`), or in reach again.
    pub fn provider(&self, channel: &str, fault: Option<ProviderFault>) {
        self.machine.outbox().set_fault(channel, fault);
    }

    /// The person opens the newest link they were sent and taps a button: `acknowledge`, `resolve`, `escalate`.
    pub async fn tap(&mut self, person: &str, button: &str) -> StatusCode {
        let path = self.link_of(person);
        self.post(&format!("{path}/{button}"), None).await.0
    }

    /// The path of the newest link that the person was sent by text.
    pub fn link_of(&self, person: &str) -> String {
        let sent = self.machine.outbox().since(0);
        let text = &sent.iter().rev().find(|sent| sent.to == phone(person)).unwrap_or_else(|| panic!("{person} was sent nothing")).text;
        let url = text
            .split_whitespace()
            .find(|word| word.contains("https://oncall.example.com/"))
            .unwrap_or_else(|| panic!("no link in {text:?}"));
        let place = url.find("https://oncall.example.com").unwrap() + "https://oncall.example.com".len();
        url[place..].to_owned()
    }

    /// A GET without a token.
    pub async fn get(&self, path: &str) -> (StatusCode, String) {
        self.request(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// A POST; with a JSON body it carries the token.
    pub async fn post(&mut self, path: &str, body: Option<Value>) -> (StatusCode, String) {
        let request = Request::post(path);
        let request = match body {
            None => request.body(Body::empty()),
            Some(body) => request
                .header("authorization", format!("Bearer {TOKEN}"))
                .header("content-type", "application/json")
                .body(Body::from(body.to_string())),
        };
        let answer = self.request(request.unwrap()).await;
        self.machine.settle().await.unwrap();
        answer
    }

    /// Asks something of an incident over the API, as a person.
    pub async fn ask(&mut self, incident: IncidentId, what: &str, mut body: Value, person: &str) -> Value {
        body["user"] = json!(person);
        let (status, answer) = self.post(&format!("/incidents/{incident}/{what}"), Some(body)).await;
        assert!(status.is_success(), "{what}: {status} {answer}");
        serde_json::from_str(&answer).unwrap()
    }

    /// A request with the token.
    pub fn authorized(&self, request: axum::http::request::Builder) -> axum::http::request::Builder {
        request.header("authorization", format!("Bearer {TOKEN}"))
    }

    pub async fn request(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.http.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 10_000_000).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    pub async fn incident(&self, id: IncidentId) -> Incident {
        self.machine.store().incident(id).await.unwrap().expect("the incident exists").incident
    }

    /// The only open incident.
    pub async fn open_incident(&self) -> Incident {
        let mut open = self.open_incidents().await;
        assert_eq!(open.len(), 1, "{open:#?}");
        open.remove(0)
    }

    pub async fn open_incidents(&self) -> Vec<Incident> {
        self.machine.store().open_incidents(None).await.unwrap()
    }

    #[track_caller]
    pub fn is(incident: &Incident, phase: PhaseName) {
        assert_eq!(incident.phase.name(), phase, "{incident:#?}");
    }

    /// Ends the story: nobody may be paged beyond what was expected, and no work may be left over.
    pub async fn end(self) {
        self.end_with_dead_letters(0).await;
    }

    /// The same where so many messages could not be worked on.
    pub async fn end_with_dead_letters(mut self, count: usize) {
        self.machine.settle().await.unwrap();
        self.has_ended = true;
        self.expect_silence();
        let store = self.machine.store();
        let rows = store.pending_outbox_rows(Timestamp::MAX).await.unwrap();
        assert!(rows.is_empty(), "left in the outbox: {rows:?}");
        let deliveries = store.stuck_deliveries(Timestamp::MAX).await.unwrap();
        assert!(deliveries.is_empty(), "left undelivered: {deliveries:?}");
        let notices = store.due_notices(Timestamp::MAX).await.unwrap();
        assert!(notices.is_empty(), "left unsent: {notices:?}");
        let ended = store.ended_maintenance(Timestamp::MAX).await.unwrap();
        assert!(ended.is_empty(), "not seen to the end: {ended:?}");
        let dead = self.machine.mailbag().dead_letters();
        assert_eq!(dead.len(), count, "dead letters: {dead:?}");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        assert!(self.has_ended || std::thread::panicking(), "the story has no end: call end()");
    }
}

/// A configuration that has no problems.
pub fn load(configuration: &str) -> Loaded {
    hansho_configuration::load_files(&[("story.yaml".into(), configuration.to_owned())])
        .unwrap_or_else(|problems| panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

/// The incident that an answer of the alarm intake names.
pub fn incident_of(answer: &Value) -> IncidentId {
    answer["results"][0]["incident"].as_str().unwrap_or_else(|| panic!("no incident in {answer}")).parse().unwrap()
}

/// What the alarm intake did with the only record.
pub fn result_of(answer: &Value) -> &str {
    answer["results"][0]["result"].as_str().unwrap_or_else(|| panic!("no result in {answer}"))
}
