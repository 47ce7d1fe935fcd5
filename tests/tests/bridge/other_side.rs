//! Incident Manager and OpsCenter, as far as the bridge can tell: they keep records, count a client token once, and write down what they
//! were asked.

use std::{
    collections::{BTreeMap, VecDeque},
    fs::OpenOptions,
    io::Write as _,
    sync::{Arc, Mutex},
};

use hansho::local::{
    LocalClock,
    aws::{Answer, Call, Gate, Passage, Pending, Service},
};
use hansho_runtime::Clock as _;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// One request, as the service got it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub operation: String,
    pub method: String,
    pub path: String,
    pub body: Value,
}

/// What happens to the next call of an operation.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It is refused in these words.
    Refused(u16, &'static str),
    /// It is done, and nobody hears of it: the caller died, or the line did.
    AnswerLost,
    /// It never arrives.
    NeverArrives,
}

/// A record of Incident Manager, or an OpsItem.
#[derive(Debug, Clone)]
pub struct Record {
    pub status: String,
    pub source: String,
    pub created_at: i64,
    /// What was told, by its token, in the order in which it came.
    pub told: Vec<Value>,
    pub links: Vec<Value>,
    pub fields: Value,
}

#[derive(Debug, Default)]
struct State {
    asked: Vec<Asked>,
    records: BTreeMap<String, Record>,
    tokens: BTreeMap<(String, String), String>,
    faults: BTreeMap<String, VecDeque<Fault>>,
    /// Set: the plan's deduplication string matches this open record.
    existing: Option<String>,
    now: i64,
    /// So many of the bridge's next calls of these names fail on our side.
    broken: BTreeMap<&'static str, usize>,
    /// Set: each call takes so long on this clock.
    clock: Option<(Arc<LocalClock>, SignedDuration)>,
}

/// The other side.
#[derive(Debug, Default)]
pub struct OtherSide(Mutex<State>);

pub const PLAN: &str = "arn:aws:ssm-incidents::111122223333:response-plan/checkout";

impl OtherSide {
    /// Everything that was asked since the last time.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }

    /// The names of the operations that were asked for since the last time.
    pub fn operations(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.operation).collect()
    }

    pub fn record(&self, id: &str) -> Record {
        self.0.lock().unwrap().records[id].clone()
    }

    /// The ids of all records.
    pub fn records(&self) -> Vec<String> {
        self.0.lock().unwrap().records.keys().cloned().collect()
    }

    /// The only record.
    pub fn only(&self) -> (String, Record) {
        let state = self.0.lock().unwrap();
        assert_eq!(state.records.len(), 1, "{:#?}", state.records);
        state.records.iter().next().map(|(id, record)| (id.clone(), record.clone())).unwrap()
    }

    /// Somebody resolves or reopens it there.
    pub fn set_status(&self, id: &str, status: &str) {
        self.0.lock().unwrap().records.get_mut(id).unwrap().status = status.to_owned();
    }

    /// Somebody deletes it there.
    pub fn delete(&self, id: &str) {
        self.0.lock().unwrap().records.remove(id);
    }

    /// From now on the plan answers with this record, which `source` has made at `created_at`.
    pub fn answer_with_existing(&self, id: &str, source: &str, created_at: i64) {
        let mut state = self.0.lock().unwrap();
        state.records.entry(id.to_owned()).or_insert_with(|| Record::new(source, created_at, "OPEN"));
        state.existing = Some(id.to_owned());
    }

    /// The next calls of the operation fail like this, one after the other.
    pub fn fail(&self, operation: &str, faults: &[Fault]) {
        self.0.lock().unwrap().faults.entry(operation.to_owned()).or_default().extend(faults.iter().cloned());
    }

    /// The bridge's next transactions never arrive at the table.
    pub fn break_transactions(&self, count: usize) {
        self.0.lock().unwrap().broken.insert("TransactWriteItems", count);
    }

    /// The bridge's next messages never arrive at the queue.
    pub fn break_queue(&self, count: usize) {
        self.0.lock().unwrap().broken.insert("SendMessage", count);
    }

    fn is_broken(&self, call: &Call) -> bool {
        let mut state = self.0.lock().unwrap();
        let left = state.broken.get_mut(call.operation.as_str()).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    }

    /// From now on each call takes so long.
    pub fn take(&self, seconds: i64, clock: &Arc<LocalClock>) {
        self.0.lock().unwrap().clock = Some((Arc::clone(clock), SignedDuration::from_secs(seconds)));
    }

    /// It goes on as it should.
    pub fn heal(&self) {
        self.0.lock().unwrap().faults.clear();
    }

    pub fn set_now(&self, seconds: i64) {
        self.0.lock().unwrap().now = seconds;
    }

    fn answer(&self, call: &Call) -> Passage {
        let mut state = self.0.lock().unwrap();
        let body: Value = serde_json::from_slice(&call.body).unwrap_or(Value::Null);
        let asked = Asked { operation: call.operation.clone(), method: call.method.clone(), path: path_of(call), body };
        write_down(call.service, &asked);
        state.asked.push(asked.clone());
        if let Some((clock, takes)) = &state.clock {
            clock.move_to(clock.now() + *takes);
        }
        let fault = state.faults.get_mut(&call.operation).and_then(VecDeque::pop_front);
        match fault {
            Some(Fault::Refused(status, code)) => return Passage::Answer(refused(call.service, status, code, json!({}))),
            Some(Fault::NeverArrives) => return Passage::Fail("the line is dead".to_owned()),
            Some(Fault::AnswerLost) | None => {}
        }
        let answer = if call.service == Service::IncidentManager { state.incident_manager(call, &asked) } else { state.ops_center(&asked) };
        if fault.is_some() { Passage::Fail("the line died".to_owned()) } else { Passage::Answer(answer) }
    }
}

impl Record {
    fn new(source: &str, created_at: i64, status: &str) -> Self {
        Self { status: status.to_owned(), source: source.to_owned(), created_at, told: Vec::new(), links: Vec::new(), fields: Value::Null }
    }
}

impl State {
    fn incident_manager(&mut self, call: &Call, asked: &Asked) -> Answer {
        let body = &asked.body;
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        if asked.operation == "StartIncident" {
            let record = self.started(body);
            return ok(json!({ "incidentRecordArn": record }));
        }
        let id = match asked.operation.as_str() {
            "GetIncidentRecord" => call.query("arn").unwrap_or_default(),
            "UpdateIncidentRecord" => text("arn"),
            _ => text("incidentRecordArn"),
        };
        // A token counts once.
        let is_new = self.tokens.insert((asked.operation.clone(), text("clientToken")), id.clone()).is_none();
        let Some(record) = self.records.get_mut(&id) else {
            return refused(
                Service::IncidentManager,
                404,
                "ResourceNotFoundException",
                json!({ "resourceIdentifier": id, "resourceType": "INCIDENT_RECORD" }),
            );
        };
        match asked.operation.as_str() {
            "GetIncidentRecord" => return ok(json!({ "incidentRecord": shown(&id, record) })),
            "CreateTimelineEvent" => {
                if is_new {
                    record.told.push(body.clone());
                }
                return ok(json!({ "eventId": "7c1d5b3a-1111-2222-3333-444455556666", "incidentRecordArn": id }));
            }
            "UpdateRelatedItems" if is_new => record.links.push(body["relatedItemsUpdate"]["itemToAdd"].clone()),
            "UpdateIncidentRecord" => {
                record.status = body["status"].as_str().unwrap_or(&record.status).to_owned();
                if let Some(impact) = body.get("impact") {
                    record.fields["impact"] = impact.clone();
                }
            }
            "UpdateRelatedItems" => {}
            other => panic!("Incident Manager was asked for {other}"),
        }
        ok(json!({}))
    }

    fn started(&mut self, body: &Value) -> String {
        if let Some(existing) = &self.existing {
            return existing.clone();
        }
        let token = ("StartIncident".to_owned(), body["clientToken"].as_str().unwrap().to_owned());
        if let Some(record) = self.tokens.get(&token) {
            return record.clone();
        }
        let id = format!(
            "arn:aws:ssm-incidents::111122223333:incident-record/checkout/0000000{}-1111-2222-3333-444455556666",
            self.records.len()
        );
        let source = body["triggerDetails"]["source"].as_str().unwrap();
        let made = Record { fields: body.clone(), ..Record::new(source, self.now, "OPEN") };
        self.records.insert(id.clone(), made);
        self.tokens.insert(token, id.clone());
        id
    }

    fn ops_center(&mut self, asked: &Asked) -> Answer {
        let body = &asked.body;
        if asked.operation == "CreateOpsItem" {
            let dedup = body["OperationalData"]["/aws/dedup"]["Value"].as_str().unwrap().to_owned();
            if let Some(id) = self.tokens.get(&("dedup".to_owned(), dedup.clone())) {
                return refused(Service::SystemsManager, 400, "OpsItemAlreadyExistsException", json!({ "OpsItemId": id }));
            }
            let id = format!("oi-00000000000{}", self.records.len());
            self.tokens.insert(("dedup".to_owned(), dedup), id.clone());
            self.records.insert(id.clone(), Record { fields: body.clone(), ..Record::new("hansho", self.now, "Open") });
            return ok(json!({ "OpsItemId": id, "OpsItemArn": format!("arn:aws:ssm:local:111122223333:opsitem/{id}") }));
        }
        let id = body["OpsItemId"].as_str().unwrap();
        let Some(record) = self.records.get_mut(id) else {
            return refused(Service::SystemsManager, 400, "OpsItemNotFoundException", json!({}));
        };
        match asked.operation.as_str() {
            "GetOpsItem" => ok(json!({ "OpsItem": { "OpsItemId": id, "Status": record.status } })),
            "UpdateOpsItem" => {
                record.status = body["Status"].as_str().unwrap_or(&record.status).to_owned();
                if let Some(story) = body["OperationalData"]["hansho-timeline"]["Value"].as_str() {
                    record.told = vec![json!(story)];
                }
                if let Some(priority) = body.get("Priority") {
                    record.fields["Priority"] = priority.clone();
                }
                ok(json!({}))
            }
            other => panic!("Systems Manager was asked for {other}"),
        }
    }
}

impl Gate for OtherSide {
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        let is_theirs = matches!(call.service, Service::IncidentManager | Service::SystemsManager);
        Box::pin(async move {
            match (is_theirs, self.is_broken(call)) {
                (true, _) => self.answer(call),
                (false, true) => Passage::Fail("it is broken".to_owned()),
                (false, false) => Passage::Run,
            }
        })
    }
}

/// As GetIncidentRecord shows it, with everything that is required.
fn shown(id: &str, record: &Record) -> Value {
    let by = "arn:aws:sts::111122223333:assumed-role/hansho-incident-manager-bridge/hansho";
    json!({
        "arn": id, "creationTime": record.created_at, "dedupeString": "checkout", "impact": 1, "status": record.status, "title": "x",
        "incidentRecordSource": { "createdBy": by, "source": record.source },
        "lastModifiedBy": by, "lastModifiedTime": record.created_at,
    })
}

fn ok(body: Value) -> Answer {
    Answer::new(200, body.to_string())
}

fn refused(service: Service, status: u16, code: &'static str, mut body: Value) -> Answer {
    let word = if service == Service::IncidentManager { "message" } else { "Message" };
    body[word] = json!("no");
    if service == Service::IncidentManager {
        return Answer::new(status, body.to_string()).with_header("x-amzn-errortype", code);
    }
    body["__type"] = json!(code);
    Answer::new(status, body.to_string())
}

fn path_of(call: &Call) -> String {
    let (_, rest) = call.uri.split_once("://").unwrap();
    rest[rest.find('/').unwrap_or(rest.len())..].to_owned()
}

/// Every request as a line of the file that `HANSHO_BRIDGE_REQUESTS` names: tests/infra/models.py holds them against the services' models.
fn write_down(service: Service, asked: &Asked) {
    let Some(file) = hansho_runtime::settings::environment("HANSHO_BRIDGE_REQUESTS") else { return };
    let service = if service == Service::IncidentManager { "ssm-incidents" } else { "ssm" };
    let Asked { operation, method, path, body } = asked;
    let line = json!({ "service": service, "operation": operation, "method": method, "path": path, "body": body });
    let mut file = OpenOptions::new().create(true).append(true).open(file).unwrap();
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
}
