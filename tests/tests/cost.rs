//! What `hansho cost` reckons with is counted anew: each step through the functions on the embedded DynamoDB, and what `infra/` makes.
#![expect(clippy::unwrap_used, reason = "a test stops where an answer is not what it must be")]

#[path = "cost/meter.rs"]
mod meter;

use std::{collections::BTreeMap, sync::Arc};

use acceptance::{TEAM, alarm_event, incident_of, load, phone, start};
use hansho::{
    cost::{Count, Counts, Deployment},
    local::{LocalClock, LocalSecrets, MAIL_BUCKET, Machine, Setup, aws::EmbeddedDynamoDb},
};
use hansho_runtime::Clock;
use jiff::SignedDuration;
use meter::{Meter, SWEEPER};
use serde_json::{Value, json};

const TOKEN: &str = "story-token-story-token-story-token";

/// A system whose calls are counted.
struct Metered {
    machine: Machine,
    meter: Arc<Meter>,
    invoked: BTreeMap<String, u64>,
    http: f64,
    mails_in: f64,
    of_sweeper: bool,
}

impl Metered {
    async fn new(of_sweeper: bool) -> Self {
        Self::with(TEAM, of_sweeper).await
    }

    async fn with(team: &str, of_sweeper: bool) -> Self {
        let database = EmbeddedDynamoDb::memory().unwrap();
        let meter = Arc::new(Meter::new(database.clone(), of_sweeper));
        let machine = Machine::new(Setup {
            database,
            clock: Arc::new(LocalClock::stopped_at(start())),
            secrets: LocalSecrets::passing().unwrap().secrets,
            public_url: "https://oncall.example.com".to_owned(),
            outbox: None,
            sweep_every: SignedDuration::from_mins(1),
            gate: Some(Arc::<Meter>::clone(&meter)),
            downloads: None,
        });
        machine.prepare(load(team)).await.unwrap();
        machine.store().add_token(TOKEN, "story").await.unwrap();
        let mut metered = Self { machine, meter, invoked: BTreeMap::new(), http: 0.0, mails_in: 0.0, of_sweeper };
        metered.seconds(10).await;
        let _ = metered.counted();
        metered
    }

    /// What was counted since the last time.
    fn counted(&mut self) -> Count {
        let now = self.machine.functions().invocations();
        let since = |(name, count): (&String, &u64)| (name.clone(), (count - self.invoked.get(name).unwrap_or(&0)) as f64);
        let is_counted = |(name, count): &(String, f64)| (name == SWEEPER) == self.of_sweeper && *count > 0.0;
        let invocations = now.iter().map(since).filter(is_counted).collect();
        self.invoked = now;
        let (http, mails_in) = (std::mem::take(&mut self.http), std::mem::take(&mut self.mails_in));
        Count { invocations, http, mails_in, ..self.meter.take() }
    }

    async fn seconds(&self, seconds: i64) {
        self.machine.advance(SignedDuration::from_secs(seconds)).await.unwrap();
    }

    async fn alarm(&self, ok: bool) {
        let event = alarm_event("checkout-5xx").at(self.machine.clock().now());
        let event = if ok { event.ok() } else { event }.build();
        self.machine.invoke("alarm-intake", event).await.unwrap().unwrap();
        self.machine.settle().await.unwrap();
    }

    async fn request(&mut self, method: &str, path: &str, body: Option<Value>) -> Value {
        let headers = json!({ "authorization": format!("Bearer {TOKEN}"), "content-type": "application/json" });
        self.send(method, path, &headers, None, body.map(|body| body.to_string())).await
    }

    async fn send(&mut self, method: &str, path: &str, headers: &Value, cookie: Option<&str>, body: Option<String>) -> Value {
        self.http += 1.0;
        let mut event = json!({
            "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
            "headers": { "host": "oncall.example.com", "accept": "*/*" },
            "requestContext": {
                "accountId": "111122223333", "apiId": "a1b2c3d4e5", "domainName": "oncall.example.com", "requestId": "TzkUZgp7NjMEJxw=", "stage": "$default",
                "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.10", "userAgent": "Safari" },
            },
            "isBase64Encoded": false,
        });
        for (name, value) in headers.as_object().unwrap() {
            event["headers"][name] = value.clone();
        }
        if let Some(cookie) = cookie {
            event["cookies"] = json!([cookie]);
        }
        if let Some(body) = body {
            event["body"] = json!(body);
        }
        let answer = self.machine.invoke("api", event).await.unwrap().unwrap();
        assert!(answer["statusCode"].as_u64().unwrap() < 400, "{method} {path}: {answer}");
        self.machine.settle().await.unwrap();
        answer
    }

    /// The path of the newest link that the person was sent.
    fn link_of(&self, person: &str) -> String {
        let sent = self.machine.outbox().since(0);
        let text = &sent.iter().rev().find(|sent| sent.to == phone(person)).unwrap().text;
        let url = text.split_whitespace().find_map(|word| word.split_once("https://oncall.example.com")).unwrap().1;
        url.to_owned()
    }
}

/// The steps of an incident: each is what it adds, with configuration that is a few seconds old.
async fn steps() -> BTreeMap<String, Count> {
    let mut metered = Metered::new(false).await;
    let mut steps = BTreeMap::new();
    metered.alarm(false).await;
    steps.insert("open".to_owned(), metered.counted());
    metered.seconds(10).await;
    metered.alarm(false).await;
    steps.insert("repeat".to_owned(), metered.counted());
    // The first person does not answer.
    metered.seconds(300).await;
    steps.insert("escalate".to_owned(), metered.counted());
    let link = metered.link_of("ben");
    metered.request("GET", &link, None).await;
    metered.request("POST", &format!("{link}/acknowledge"), None).await;
    steps.insert("acknowledge".to_owned(), metered.counted());
    metered.seconds(10).await;
    metered.alarm(true).await;
    // Timers that were armed before fire all the same, and find that they are stale.
    metered.seconds(1800).await;
    steps.insert("resolve".to_owned(), metered.counted());
    metered.seconds(600).await;
    assert_eq!(metered.counted(), Count::default(), "what is over costs nothing more");
    steps.insert("proof".to_owned(), proof(&mut metered).await);
    metered.machine.invoke("alarm-intake", json!({ "hansho": "canary" })).await.unwrap().unwrap();
    metered.seconds(3600).await;
    steps.insert("canary".to_owned(), metered.counted());
    steps
}

/// A mail opens an incident, as `open` does by an alarm.
async fn mail() -> Count {
    let team = format!("{TEAM}integrations:\n  mail: {{ type: email, service: checkout }}\n");
    let mut metered = Metered::with(&team, false).await;
    let answer = metered.request("GET", "/integrations/mail/address", None).await;
    let answer: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let file = |name: &str| std::fs::read_to_string(format!("{}/../events/email-intake/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let event = file("ses-lambda-action.json").replace("RECIPIENT", answer["address"].as_str().unwrap());
    let key = "inbound/o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1";
    metered.machine.mailbag().put_object(MAIL_BUCKET, key, file("zabbix-firing.eml").into_bytes());
    let _ = metered.counted();
    metered.mails_in = 1.0;
    metered.machine.invoke("email-intake", serde_json::from_str(&event).unwrap()).await.unwrap().unwrap();
    metered.machine.settle().await.unwrap();
    let counted = metered.counted();
    assert_eq!((counted.invocations["email-intake"], counted.objects, counted.texts), (1.0, 1.0, 1.0), "it is read, and somebody is paged");
    counted
}

/// One person is asked to prove a phone, and answers.
async fn proof(metered: &mut Metered) -> Count {
    metered.request("POST", "/users/aiko/verify", Some(json!({}))).await;
    let link = metered.link_of("aiko");
    metered.request("GET", &link, None).await;
    metered.request("POST", &format!("{link}/confirm"), None).await;
    metered.seconds(10).await;
    metered.counted()
}

/// Somebody who has signed in looks what is open, and opens an incident: two pages.
async fn look() -> Count {
    let team = TEAM.replace("ben: { name: Ben Carter,", "ben: { name: Ben Carter, email: ben@example.com,");
    let mut metered = Metered::with(&team, false).await;
    let event = alarm_event("checkout-5xx").at(metered.machine.clock().now()).build();
    let incident = incident_of(&metered.machine.invoke("alarm-intake", event).await.unwrap().unwrap());
    let form = json!({ "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" });
    metered.send("POST", "/sign-in", &form, None, Some("mail=ben%40example.com".to_owned())).await;
    let sent = metered.machine.outbox().since(0);
    let mail = &sent.iter().rev().find(|sent| sent.to == "ben@example.com").unwrap().text;
    let link = mail.split_whitespace().find_map(|word| word.split_once("https://oncall.example.com")).unwrap().1.to_owned();
    let entered = metered.send("POST", &link, &form, None, Some(String::new())).await;
    let session = entered["cookies"][0].as_str().unwrap().split(';').next().unwrap().to_owned();
    metered.seconds(10).await;
    let _ = metered.counted();
    for path in ["/app".to_owned(), format!("/app/incidents/{incident}")] {
        let page = metered.send("GET", &path, &json!({}), Some(&session), None).await;
        assert_eq!(page["statusCode"], 200, "{path}: {page}");
    }
    metered.counted()
}

/// The sweeper while nothing happens: a minute, and what a new day adds to it.
async fn idle() -> (Count, Count) {
    let mut metered = Metered::new(true).await;
    metered.seconds(600).await;
    let _ = metered.counted();
    metered.seconds(60).await;
    let minute = metered.counted();
    for _ in 0..10 {
        metered.seconds(60).await;
        assert_eq!(metered.counted(), minute, "every minute is like the others");
    }
    metered.machine.clock().move_to("2026-11-21T19:30:00Z".parse().unwrap());
    metered.machine.settle().await.unwrap();
    let mut day = metered.counted();
    for (mine, usual) in [(&mut day.invocations, &minute.invocations), (&mut day.requests, &minute.requests)] {
        for (name, count) in usual {
            *mine.get_mut(name).unwrap() -= count;
        }
        mine.retain(|_, count| *count != 0.0);
    }
    day.read_units -= minute.read_units;
    day.write_units -= minute.write_units;
    (minute, day)
}

/// `infra/`, as far as it costs something though nothing happens. tests/infra counts the same on the emulator.
fn deployment() -> Deployment {
    let file = |name: &str| std::fs::read_to_string(format!("{}/../infra/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let wiring = file("watch.tf");
    let members = |block: &str| {
        let block = wiring.split_once(&format!("\n  {block} = ")).unwrap_or_else(|| panic!("infra/watch.tf has no {block}")).1;
        block.lines().skip(1).take_while(|line| !line.starts_with("  }")).count()
    };
    let alarms = file("modules/watch/alarms.tf");
    let one_by_one = alarms.lines().filter(|line| line.starts_with("      \"") && line.ends_with("\" = {")).count();
    let for_each = |over: &str| alarms.matches(&format!("in var.{over} : ")).count() * members(over);
    let files = ["main.tf", "canary.tf"]
        .map(|name| std::fs::read_to_string(format!("{}/../infra/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap_or_default());
    let scheduler = file("modules/scheduler/main.tf");
    let canary_alarms = files[1].matches("resource \"aws_cloudwatch_metric_alarm\"").count();
    Deployment {
        alarms: (one_by_one + for_each("functions") + for_each("dead_letters") + for_each("queues") + canary_alarms) as f64,
        // The heartbeat, and the canary's arrival and time. What the sweeper finds is a metric only in the hours in which it finds something.
        metrics: 3.0,
        dashboards: file("modules/watch/dashboard.tf").matches("resource \"aws_cloudwatch_dashboard\"").count() as f64,
        beats: scheduler.matches("schedule_expression = \"rate(1 minute)\"").count() as f64,
        canary_minutes: default_of(&files[1], "canary_minutes"),
        polled_queues: files[0].matches("resource \"aws_lambda_event_source_mapping\"").count() as f64 - 1.0,
        // The sweeper's results go on a bus, one each minute.
        pings: file("modules/watch/ping.tf").matches("resource \"aws_cloudwatch_event_api_destination\"").count() as f64,
        watched: watched(&file("permissions.tf")),
        memory_mb: hansho::local::FUNCTION_NAMES.into_iter().map(|function| (function.to_owned(), memory_mb(function))).collect(),
    }
}

/// The parts that the sweeper asks Lambda about, without a bridge.
fn watched(permissions: &str) -> f64 {
    let block = |name: &str| permissions.split_once(&format!("{name} = ")).unwrap().1.split_once("concat(").unwrap().1;
    let functions = block("watched_functions").split_once(']').unwrap().0.matches('"').count() / 2;
    let mappings = block("watched_mappings").split_once(']').unwrap().0.matches("aws_lambda_event_source_mapping.").count();
    (functions + mappings) as f64
}

/// What cargo-lambda deploys a function with; tests/infra holds it equal with Terraform's.
fn memory_mb(function: &str) -> f64 {
    let manifest = std::fs::read_to_string(format!("{}/../functions/{function}/Cargo.toml", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let memory = manifest.lines().find_map(|line| line.strip_prefix("memory = "));
    memory.unwrap().trim().parse().unwrap()
}

/// The default of a variable that is a number.
fn default_of(file: &str, variable: &str) -> f64 {
    let found = file.split_once(&format!("variable \"{variable}\"")).and_then(|(_, rest)| rest.split_once("default     = "));
    found.unwrap().1.lines().next().unwrap().trim().parse().unwrap()
}

#[tokio::test]
async fn what_costs_are_reckoned_from_is_what_the_functions_do() {
    let mut counts = Counts { steps: steps().await, deployment: deployment() };
    let (minute, day) = idle().await;
    counts.steps.insert("minute".to_owned(), minute);
    counts.steps.insert("day".to_owned(), day);
    counts.steps.insert("mail".to_owned(), mail().await);
    counts.steps.insert("look".to_owned(), look().await);
    // One that can not be read is not what was counted either.
    assert_eq!(
        Counts::kept().ok().as_ref(),
        Some(&counts),
        "put this into cli/src/cost/counts.json:\n{}",
        serde_json::to_string_pretty(&counts).unwrap()
    );
}
