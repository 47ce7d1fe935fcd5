//! A machine with the stories' team, whose calls to AWS are watched, and a client for its API.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use acceptance::{TEAM, alarm_event, incident_of, start};
use hansho::local::{
    LocalClock, LocalSecrets, Machine, Setup, TABLE,
    aws::{Call, EmbeddedDynamoDb, Gate, Passage, Pending},
};
use hansho_domain::{Incident, IncidentId, UserId};
use hansho_runtime::{Clock, Secrets};
use hansho_store::{LinkTo, Store, Via, access_patterns};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The token of the tests, and the name that timelines show.
pub const TOKEN: &str = "example-token-for-tests";
pub const TOKEN_NAME: &str = "tests";

/// What the function asks of AWS: how often to read and how often for more, and whether anything is answered.
#[derive(Debug, Default)]
pub struct Watch {
    writes: AtomicUsize,
    reads: AtomicUsize,
    is_down: AtomicBool,
}

impl Gate for Watch {
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        if !matches!(call.operation.as_str(), "GetItem" | "BatchGetItem" | "Query") {
            self.writes.fetch_add(1, Ordering::SeqCst);
        } else {
            self.reads.fetch_add(1, Ordering::SeqCst);
        }
        let is_down = self.is_down.load(Ordering::SeqCst);
        Box::pin(std::future::ready(if is_down { Passage::Fail("nobody is there".to_owned()) } else { Passage::Run }))
    }
}

pub struct Bench {
    pub machine: Arc<Machine>,
    pub watch: Arc<Watch>,
    pub database: EmbeddedDynamoDb,
    secrets: Secrets,
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(TEAM).await
    }

    /// With another configuration than the stories'.
    pub async fn with(configuration: &str) -> Self {
        let (secrets, watch) = (LocalSecrets::passing().unwrap().secrets, Arc::new(Watch::default()));
        let database = EmbeddedDynamoDb::memory().unwrap();
        let machine = Arc::new(Machine::new(Setup {
            database: database.clone(),
            clock: Arc::new(LocalClock::stopped_at(start())),
            secrets: secrets.clone(),
            public_url: "https://oncall.example.com".to_owned(),
            outbox: None,
            sweep_every: SignedDuration::from_mins(1),
            gate: Some(Arc::<Watch>::clone(&watch)),
            downloads: None,
        }));
        let loaded = hansho_configuration::load_files(&[("team.yaml".into(), configuration.to_owned())]);
        machine.prepare(loaded.unwrap_or_else(|problems| panic!("{problems:?}"))).await.unwrap();
        machine.store().add_token(TOKEN, TOKEN_NAME).await.unwrap();
        Self { machine, watch, database, secrets }
    }

    /// Puts another configuration in force.
    pub async fn configure(&self, configuration: &str) {
        self.machine.configure(acceptance::load(configuration)).await.unwrap();
        self.later(SignedDuration::from_secs(5));
    }

    pub fn store(&self) -> &Store {
        self.machine.store()
    }

    pub fn now(&self) -> Timestamp {
        self.machine.clock().now()
    }

    /// Time passes and nobody looks at what falls due.
    pub fn later(&self, duration: SignedDuration) {
        self.machine.clock().move_to(self.now() + duration);
    }

    /// A CloudWatch alarm of this name opens an incident, and everybody concerned is paged.
    pub async fn alarm(&self, name: &str) -> IncidentId {
        let answer = self.machine.invoke("alarm-intake", alarm_event(name).at(self.now()).build()).await.unwrap().unwrap();
        self.machine.settle().await.unwrap();
        incident_of(&answer)
    }

    pub async fn incident(&self, id: IncidentId) -> Incident {
        self.store().incident(id).await.unwrap().unwrap().incident
    }

    /// The code of the person's link to the incident.
    pub async fn link(&self, person: &str, id: IncidentId) -> String {
        self.store().make_link(&self.secrets, &user(person), LinkTo::Incident(id)).await.unwrap()
    }

    /// The code of the person's link to several incidents.
    pub async fn bundle(&self, person: &str, ids: &[IncidentId]) -> String {
        self.store().make_link(&self.secrets, &user(person), LinkTo::Bundle(ids.to_vec())).await.unwrap()
    }

    /// The code of the person's link that went one way only.
    pub async fn code_via(&self, person: &str, to: LinkTo, via: Via) -> String {
        self.store().make_link_via(&self.secrets, &user(person), to, Some(via)).await.unwrap()
    }

    pub fn writes(&self) -> usize {
        self.watch.writes.load(Ordering::SeqCst)
    }

    pub fn reads(&self) -> usize {
        self.watch.reads.load(Ordering::SeqCst)
    }

    pub fn set_down(&self, is_down: bool) {
        self.watch.is_down.store(is_down, Ordering::SeqCst);
    }

    /// Spoils what is stored under these keys: it can not be read any more.
    pub fn spoil(&self, pk: &str, sk: &str) {
        self.database_call(
            "UpdateItem",
            &json!({
                "TableName": TABLE,
                "Key": { "pk": { "S": pk }, "sk": { "S": sk } },
                "UpdateExpression": "SET body = :body",
                "ExpressionAttributeValues": { ":body": { "S": "{\"secret internals\": 1}" } },
            }),
        );
    }

    /// Takes the configuration away.
    pub fn unconfigure(&self) {
        let (_, pk, sk) = access_patterns().into_iter().find(|(name, ..)| *name == "configuration in force").unwrap();
        self.database_call("DeleteItem", &json!({ "TableName": TABLE, "Key": { "pk": { "S": pk }, "sk": { "S": sk } } }));
        // The function believes what it has read for a few seconds.
        self.later(SignedDuration::from_secs(5));
    }

    fn database_call(&self, operation: &str, request: &Value) {
        let (status, body) = self.database.call(&format!("DynamoDB_20120810.{operation}"), request.to_string().as_bytes());
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    }

    /// Everything that is stored about an incident.
    pub async fn state(&self, id: IncidentId) -> String {
        let incident = self.incident(id).await;
        let repeats = self.store().repeats(&incident).await.unwrap();
        format!("{incident:?} {repeats} {:?}", self.store().timeline(id).await.unwrap())
    }

    pub async fn send(&self, ask: Ask) -> Reply {
        self.send_event(ask.0).await
    }

    pub async fn send_event(&self, event: Value) -> Reply {
        Reply::read(&self.machine.invoke("api", event).await.unwrap().unwrap())
    }

    /// A GET with the token, answered with this status, as JSON.
    pub async fn read(&self, path: &str) -> Value {
        let reply = self.send(Ask::get(path).token()).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.json()
    }
}

pub fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

/// One request, as an event of an HTTP API (payload format 2.0).
#[derive(Debug, Clone)]
pub struct Ask(Value);

impl Ask {
    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: &str) -> Self {
        Self::new("POST", path)
    }

    pub fn new(method: &str, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        Self(json!({
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": query,
            "headers": { "host": "oncall.example.com" },
            "requestContext": { "http": { "method": method, "path": path }, "stage": "$default" },
            "isBase64Encoded": false,
        }))
    }

    /// The event itself.
    pub fn event(self) -> Value {
        self.0
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.0["headers"][name] = json!(value);
        self
    }

    /// With this cookie, which the gateway brings apart from the headers.
    pub fn cookie(mut self, cookie: &str) -> Self {
        self.0["cookies"] = json!([cookie]);
        self
    }

    /// From this network address.
    pub fn source(mut self, address: &str) -> Self {
        self.0["requestContext"]["http"]["sourceIp"] = json!(address);
        self
    }

    pub fn token(self) -> Self {
        self.header("authorization", &format!("Bearer {TOKEN}"))
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn japanese(self) -> Self {
        self.header("accept-language", "ja-JP,ja;q=0.9,en;q=0.5")
    }

    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.0["body"] = json!(body.into());
        self
    }

    /// A body as the gateway brings what is no text.
    pub fn base64(mut self, body: &str) -> Self {
        self.0["isBase64Encoded"] = json!(true);
        self.body(body)
    }

    pub fn json(self, body: &Value) -> Self {
        self.body(body.to_string()).header("content-type", "application/json")
    }

    /// A form of the page, as browsers send it.
    pub fn form(self, nonce: &str) -> Self {
        self.body(format!("nonce={nonce}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
    }
}

/// One answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub cookies: Vec<String>,
    pub body: String,
}

impl Reply {
    fn read(answer: &Value) -> Self {
        let headers = answer["headers"].as_object().unwrap();
        Self {
            status: answer["statusCode"].as_u64().unwrap().try_into().unwrap(),
            headers: headers.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect(),
            cookies: answer["cookies"].as_array().unwrap().iter().map(|cookie| cookie.as_str().unwrap().to_owned()).collect(),
            body: answer["body"].as_str().unwrap().to_owned(),
        }
    }

    pub fn json(&self) -> Value {
        assert_eq!(self.headers["content-type"], "application/json", "{}", self.body);
        serde_json::from_str(&self.body).unwrap()
    }

    /// The sentence of a JSON error.
    pub fn message(&self) -> String {
        let message = self.json()["error"]["message"].as_str().unwrap_or_else(|| panic!("no sentence in {}", self.body)).to_owned();
        assert!(message.ends_with('.') && message.len() > 20, "no sentence: {message}");
        message
    }

    /// The nonce of the form on this page that leads to `action`.
    pub fn nonce(&self, action: &str) -> String {
        let form = self
            .body
            .split("<form")
            .find(|form| form.contains(&format!("{action}\">")))
            .unwrap_or_else(|| panic!("no {action} in {}", self.body));
        let value = form.split("name=\"nonce\" value=\"").nth(1).unwrap();
        value.split('"').next().unwrap().to_owned()
    }

    #[track_caller]
    pub fn expect(self, status: u16, parts: &[&str]) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        for part in parts {
            assert!(self.body.contains(part), "{part:?} is missing in {}", self.body);
        }
        self
    }

    /// A redirect to this address.
    #[track_caller]
    pub fn expect_redirect(self, to: &str) -> Self {
        assert_eq!((self.status, self.headers.get("location").map(String::as_str)), (303, Some(to)), "{}", self.body);
        self
    }
}
