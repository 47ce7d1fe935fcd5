//! Two doors to one configuration: the folder of `hansho apply`, and teams of `infra/modules/team`. Each owns its objects.
#![expect(clippy::unwrap_used, reason = "a story that can not go on has failed")]

#[path = "doors/secrets.rs"]
mod secrets;

use std::sync::{Arc, Mutex};

use acceptance::{TEAM, World, incident_of, phone};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use axum::{body::Body, http::Request};
use hansho_config::{Config, unpack};
use hansho_configuration::Files;
use hansho_runtime::{Aws, Parameters, Settings, SharedClock};
use serde_json::{Value, json};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const OTHER_KEY: &str = "fedcba9876543210fedcba9876543210";

/// What the module makes of a few lines.
const PAYMENTS: &str = r#"
"users":
  "dai": { "name": "Dai", "phone": "+819000000004", "time_zone": "Asia/Tokyo", "notify": { "high": [{ "after": "0m", "by": "sms" }] } }
"teams":
  "payments": { "members": ["dai"], "escalation_policy": "payments" }
"escalation_policies":
  "payments": { "steps": [{ "notify": ["team/payments"], "wait": "5m" }], "repeat": 2 }
"services":
  "payments": { "escalation_policy": "payments", "alarms": ["payments-*"], "repage_every": "30m" }
"integrations":
  "payments-events": { "type": "events", "service": "payments" }
"#;

/// SSM with one value, which can be changed, under some names; and which were asked for.
#[derive(Debug, Clone)]
struct Ssm(Arc<Mutex<String>>, Arc<Mutex<Vec<String>>>);

impl HttpConnector for Ssm {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let name = asked["Name"].as_str().unwrap();
        self.1.lock().unwrap().push(name.to_owned());
        let of_all = ["/hansho/keys/payments-events", "/hansho/secrets/payments/dai-hook", "/hansho/secrets/checkout/chat"];
        let is_there = of_all.contains(&name);
        let (status, body) = if is_there {
            (200, json!({ "Parameter": { "Value": *self.0.lock().unwrap() } }))
        } else {
            (400, json!({ "__type": "ParameterNotFound" }))
        };
        HttpConnectorFuture::ready(Ok(HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body.to_string()))))
    }
}

/// Terraform with the module of one team, as the provider asks: what it asked before, and how the function is reached.
struct Module {
    config: Config,
    parameter: Ssm,
    before: Option<Value>,
    input: Value,
}

impl Module {
    fn new(world: &World, team: &str, text: &str) -> Self {
        let parameter = Ssm(Arc::new(Mutex::new(KEY.to_owned())), Arc::default());
        let lookup = |name: &str| name.starts_with("AWS_").then(|| "x".to_owned()).filter(|_| !name.contains("ENDPOINT"));
        let mut settings = Settings::new(&lookup);
        let aws = Aws::from_settings(&mut settings);
        settings.finish().unwrap();
        let clock: SharedClock = world.machine.clock().clone();
        let parameters = Parameters::over(&aws, SharedHttpConnector::new(parameter.clone()), clock);
        let config = Config::new(Arc::clone(world.machine.store())).with_parameters(parameters);
        let input = json!({ "action": "team", "team": team, "configuration": text, "keys": {}, "key_overlap_seconds": 86400, "take_over": false, "by": "terraform", "with": "infra/modules/team" });
        Self { config, parameter, before: None, input }
    }

    fn says(&mut self, text: &str) {
        self.input["configuration"] = json!(text);
    }

    fn has_key(&mut self, version: u64) {
        self.input["keys"] = json!({ "payments-events": { "parameter": "/hansho/keys/payments-events", "version": version } });
    }

    /// The data source.
    async fn check(&self) -> Value {
        let mut input = self.input.clone();
        input["action"] = json!("check_team");
        input.as_object_mut().unwrap().remove("take_over");
        self.config.handle(input).await.unwrap()
    }

    /// Whether a plan would do something.
    async fn is_planned(&mut self) -> bool {
        self.input["seal"] = self.check().await["seal"].clone();
        self.before.as_ref() != Some(&self.input)
    }

    /// The resource: made or changed. As the provider does it, the state has the new input even when this fails.
    async fn apply(&mut self) -> Result<Value, String> {
        if self.input.get("seal").is_none() || self.is_planned().await {
            self.input["seal"] = self.check().await["seal"].clone();
        }
        let (before, action) = (self.before.clone(), if self.before.is_some() { "update" } else { "create" });
        let answer = self.ask(action, before.clone()).await;
        if answer.is_ok() || before.is_some() {
            self.before = Some(self.input.clone());
        }
        answer
    }

    async fn destroy(&self) -> Result<Value, String> {
        self.ask("delete", self.before.clone()).await
    }

    async fn ask(&self, action: &str, before: Option<Value>) -> Result<Value, String> {
        let mut input = self.input.clone();
        input["tf"] = json!({ "action": action, "prev_input": before });
        self.config.handle(input).await.map_err(|failure| failure.to_string())
    }
}

async fn exported(world: &mut World) -> Files {
    let live = world.invoke("config", json!({ "action": "export" })).await;
    unpack(live["files_gzip"].as_str().unwrap()).unwrap()
}

async fn apply_folder(world: &mut World, text: &str) -> Value {
    world.invoke("config", json!({ "action": "apply", "files": { "story.yaml": text } })).await
}

async fn enqueue(world: &World, key: &str) -> u16 {
    let event =
        json!({ "routing_key": key, "event_action": "trigger", "payload": { "summary": "s", "source": "x", "severity": "critical" } });
    let request = Request::post("/v2/enqueue").header("content-type", "application/json").body(Body::from(event.to_string())).unwrap();
    world.request(request).await.0.as_u16()
}

#[tokio::test]
async fn each_door_leaves_what_came_through_the_other_as_it_is() {
    let mut world = World::new().await;
    let mut module = Module::new(&world, "payments", PAYMENTS);
    let answer = module.apply().await.unwrap();
    assert_eq!((&answer["result"], &answer["team"]), (&json!("applied"), &json!("payments")), "{answer}");
    assert!(answer["changes"].as_array().unwrap().iter().all(|change| change["kind"] == "created"), "{answer}");
    world.seconds(5).await;
    world.alarm("payments-5xx").await;
    assert_eq!(world.sent().iter().map(|sent| sent.to.as_str()).collect::<Vec<_>>(), ["+819000000004"]);
    // The folder changes what is its own, and neither sees nor touches the team.
    let answer = apply_folder(&mut world, &TEAM.replace("wait: 10m", "wait: 11m")).await;
    assert_eq!(answer["summary"], "escalation_policies: 1 changed", "{answer}");
    let files = exported(&mut world).await;
    assert_eq!(files.keys().collect::<Vec<_>>(), ["from-terraform/payments.yaml", "story.yaml"]);
    assert!(files["from-terraform/payments.yaml"].ends_with(PAYMENTS));
    // The team changes, and leaves the folder as it is.
    module.says(&PAYMENTS.replace("30m", "45m"));
    assert_eq!(module.apply().await.unwrap()["summary"], "services: 1 changed");
    assert_eq!(exported(&mut world).await["story.yaml"], files["story.yaml"]);
    // Going back is of the folder only.
    assert_eq!(world.invoke("config", json!({ "action": "apply", "version": 1 })).await["result"], "applied");
    let back = exported(&mut world).await;
    assert_eq!(back["story.yaml"], TEAM);
    assert!(back["from-terraform/payments.yaml"].contains("45m"));
    module.destroy().await.unwrap();
    assert_eq!(exported(&mut world).await, Files::from([("story.yaml".to_owned(), TEAM.to_owned())]));
    // Whoever was called is gone; those of last resort are called.
    world.seconds(1).await;
    world.expect_texts(&["aiko", "ben", "chie"]);
    world.end().await;
}

#[tokio::test]
async fn whoever_wants_what_is_the_others_is_told_what_to_do() {
    let mut world = World::new().await;
    let mut module = Module::new(&world, "payments", &PAYMENTS.replace("\"dai\"", "\"aiko\""));
    let said = module.check().await["message"].as_str().unwrap().to_owned();
    let expected =
        "users.aiko is in story.yaml already, which `hansho apply` brings; give it another name, or take it out there and apply that first";
    assert!(said.contains(expected), "{said}");
    assert_eq!(module.apply().await.unwrap_err(), said);
    module.says(PAYMENTS);
    module.apply().await.unwrap();
    let theirs = format!("{TEAM}hours:\n  office: {{ time_zone: Asia/Tokyo, windows: [{{ from: \"09:00\", to: \"18:00\" }}] }}\n");
    let taken = theirs.replace("services:\n", "services:\n  payments: { escalation_policy: checkout }\n");
    let answer = apply_folder(&mut world, &taken).await;
    let said = answer["problems"][0]["message"].as_str().unwrap();
    assert_eq!(
        said,
        "services.payments is Terraform's already, by the module of the team payments; remove it here, or take it out of that module and apply that first"
    );
    let mut second = Module::new(&world, "second", PAYMENTS);
    let said = second.apply().await.unwrap_err();
    assert!(said.contains("users.dai is in the module of the team payments already"), "{said}");
    // One list of rules for everybody.
    assert_eq!(
        apply_folder(&mut world, &format!("{TEAM}routes: [{{ name: all, if: \"true\", then: {{ severity: error }} }}]\n")).await["result"],
        "applied"
    );
    module.says(&format!("{PAYMENTS}\"routes\": [{{ \"name\": \"all\", \"if\": \"true\", \"then\": {{ \"severity\": \"error\" }} }}]\n"));
    assert!(module.apply().await.unwrap_err().contains("`routes`, of which there is one for everybody, is in story.yaml already"));
    world.end().await;
}

#[tokio::test]
async fn each_door_may_name_what_came_through_the_other_and_it_is_not_taken_from_under_it() {
    let mut world = World::new().await;
    let mut module = Module::new(&world, "payments", &PAYMENTS.replace("\"members\": [\"dai\"]", "\"members\": [\"dai\", \"ben\"]"));
    module.apply().await.unwrap();
    let naming = TEAM.replace("fallback: [team/sre]", "fallback: [team/sre, user/dai]");
    assert_eq!(apply_folder(&mut world, &naming).await["result"], "applied");
    let said = module.destroy().await.unwrap_err();
    assert!(said.contains("others need it; change them first") && said.contains("fallback") && said.contains("dai"), "{said}");
    assert!(said.contains("story.yaml:"), "{said}");
    let without_ben: String = TEAM.lines().filter(|line| !line.starts_with("  ben:")).map(|line| format!("{line}\n")).collect();
    let without_ben = without_ben.replace("[aiko, ben, chie]", "[aiko, chie]").replace("      - { notify: [user/ben], wait: 5m }\n", "");
    let answer = apply_folder(&mut world, &without_ben).await;
    assert!(answer["problems"][0]["message"].as_str().unwrap().contains("ben"), "{answer}");
    assert_eq!(answer["problems"][0]["file"], "from-terraform/payments.yaml", "{answer}");
    world.end().await;
}

#[tokio::test]
async fn a_wrong_team_is_refused_by_the_arguments_of_its_module() {
    let world = World::new().await;
    for (from, to, expected) in [
        ("\"phone\": \"+819000000004\", ", "", "users.dai: can not be reached; add `phone`, `email` or `webhook`"),
        (
            "team/payments",
            "team/paiments",
            "escalation_policies.payments.steps[0].notify[0]: there is no team `paiments`; did you mean `payments`?",
        ),
        ("\"5m\"", "\"5 metres\"", "escalation_policies.payments.steps[0].wait: "),
        ("\"type\": \"events\"", "\"type\": \"event\"", "integrations.payments-events.type: "),
    ] {
        let mut module = Module::new(&world, "payments", &PAYMENTS.replace(from, to));
        let answer = module.check().await;
        let said = answer["message"].as_str().unwrap();
        assert_eq!(answer["result"], "invalid");
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines[0], "The team payments is not put in force:");
        assert!(lines[1].starts_with(expected), "{said}");
        assert_eq!(module.apply().await.unwrap_err(), said);
    }
    for (field, value, expected) in [
        ("team", json!("Payments Team"), "name: "),
        ("configuration", Value::Null, "give the team's `configuration`"),
        ("key_overlap_seconds", json!(90 * 86_400 + 1), "key_overlap_seconds: must be 0 to 7776000"),
        ("configuration", json!("x".repeat(2_000_001)), "divide it into several modules"),
    ] {
        let mut module = Module::new(&world, "payments", PAYMENTS);
        module.input[field] = value;
        assert!(module.check().await["message"].as_str().unwrap().contains(expected), "{field}");
        let said = module.ask("create", None).await.unwrap_err();
        assert!(said.contains(expected), "{field}: {said}");
    }
    let module = Module::new(&world, "payments", PAYMENTS);
    let answer = module.config.handle(module.input.clone()).await.unwrap();
    assert!(answer["message"].as_str().unwrap().contains("what Terraform's module asks for"), "{answer}");
    world.end().await;
}

#[tokio::test]
async fn a_request_that_is_repeated_is_the_same_as_once() {
    let mut world = World::new().await;
    let mut module = Module::new(&world, "payments", PAYMENTS);
    module.has_key(1);
    let version = module.apply().await.unwrap()["version"].clone();
    let again = module.ask("create", None).await.unwrap();
    assert_eq!((&again["result"], &again["version"]), (&json!("unchanged"), &version), "{again}");
    assert_eq!(world.machine.store().integration_keys(&"payments-events".parse().unwrap()).await.unwrap().len(), 1);
    assert!(!module.is_planned().await, "a second plan changes nothing");
    module.says(&PAYMENTS.replace("30m", "45m"));
    let before = module.before.clone();
    let version = module.apply().await.unwrap()["version"].clone();
    assert_eq!(module.ask("update", before).await.unwrap()["version"], version);
    assert_eq!(module.destroy().await.unwrap()["result"], "applied");
    assert_eq!(module.destroy().await.unwrap()["result"], "unchanged");
    assert!(!exported(&mut world).await.contains_key("from-terraform/payments.yaml"));
    world.end().await;
}

#[tokio::test]
async fn what_an_apply_failed_to_do_and_what_a_restore_took_away_is_planned_again() {
    let mut world = World::new().await;
    let mut module = Module::new(&world, "payments", PAYMENTS);
    module.apply().await.unwrap();
    // The folder takes a name between plan and apply.
    module.says(&format!(
        "{}\"hours\":\n  \"office\": {{ \"time_zone\": \"Asia/Tokyo\", \"windows\": [{{ \"from\": \"09:00\", \"to\": \"18:00\" }}] }}\n",
        PAYMENTS
    ));
    assert!(module.is_planned().await);
    let taken = format!("{TEAM}hours:\n  office: {{ time_zone: Asia/Tokyo, windows: [{{ from: \"09:00\", to: \"18:00\" }}] }}\n");
    apply_folder(&mut world, &taken).await;
    let before = module.before.clone();
    module.ask("update", before).await.unwrap_err();
    module.before = Some(module.input.clone());
    apply_folder(&mut world, TEAM).await;
    assert!(module.is_planned().await, "the state says that it was done, and it was not");
    module.apply().await.unwrap();
    assert!(!module.is_planned().await);
    // A table of before: nothing of the team is there.
    module.ask("delete", None).await.unwrap();
    assert!(module.is_planned().await);
    module.apply().await.unwrap();
    assert!(exported(&mut world).await["from-terraform/payments.yaml"].contains("office"));
    world.end().await;
}

#[tokio::test]
async fn a_team_that_is_there_already_is_not_taken_over_by_mistake() {
    let mut world = World::new().await;
    Module::new(&world, "payments", PAYMENTS).apply().await.unwrap();
    let mut other = Module::new(&world, "payments", &PAYMENTS.replace("30m", "45m"));
    let said = other.apply().await.unwrap_err();
    assert!(said.contains("there is a team payments of Terraform's already") && said.contains("take_over = true"), "{said}");
    other.input["take_over"] = json!(true);
    other.apply().await.unwrap();
    assert!(exported(&mut world).await["from-terraform/payments.yaml"].contains("45m"));
    // Another name is the same team.
    other.input["team"] = json!("money");
    other.apply().await.unwrap();
    assert_eq!(exported(&mut world).await.keys().collect::<Vec<_>>(), ["from-terraform/money.yaml", "story.yaml"]);
    world.end().await;
}

#[tokio::test]
async fn a_copy_in_the_folder_is_not_applied_and_refused_when_it_was_edited() {
    let mut world = World::new().await;
    let mut module = Module::new(&world, "payments", PAYMENTS);
    module.apply().await.unwrap();
    let old = exported(&mut world).await;
    module.says(&PAYMENTS.replace("30m", "45m"));
    module.apply().await.unwrap();
    let answer = world.invoke("config", json!({ "action": "plan", "files": old })).await;
    assert_eq!((&answer["result"], &answer["changes"]), (&json!("planned"), &json!([])), "an old copy changes nothing");
    let mut edited = old.clone();
    edited.insert("from-terraform/payments.yaml".to_owned(), old["from-terraform/payments.yaml"].replace("30m", "5m"));
    let answer = world.invoke("config", json!({ "action": "apply", "files": edited })).await;
    let problem = &answer["problems"][0];
    assert_eq!(problem["file"], "from-terraform/payments.yaml");
    assert!(problem["message"].as_str().unwrap().contains("change the module"), "{problem}");
    world.end().await;
}

#[tokio::test]
async fn the_last_team_is_called_until_others_are_there() {
    let mut world = World::new().await;
    let mut module = Module::new(&world, "payments", PAYMENTS);
    module.apply().await.unwrap();
    // A folder with nobody in it, beside teams of Terraform's.
    let nobody = "fallback: [team/payments]\n";
    assert_eq!(apply_folder(&mut world, nobody).await["result"], "applied");
    module.destroy().await.unwrap();
    world.seconds(5).await;
    world.alarm("payments-5xx").await;
    assert_eq!(world.sent().iter().filter(|sent| sent.to == "+819000000004").count(), 1, "somebody is called");
    assert!(Module::new(&world, "payments", PAYMENTS).is_planned().await, "whoever brings it again has it");
    assert_eq!(apply_folder(&mut world, TEAM).await["result"], "applied");
    assert_eq!(exported(&mut world).await.keys().collect::<Vec<_>>(), ["story.yaml"], "others are there, so it goes");
    world.seconds(1).await;
    world.expect_texts(&["aiko", "ben", "chie"]);
    world.end().await;
}

#[tokio::test]
async fn open_incidents_are_unharmed_by_a_team_that_changes_and_goes() {
    let mut world = World::new().await;
    let more = PAYMENTS.replace(
        "\"teams\":",
        "  \"emi\": { \"name\": \"Emi\", \"phone\": \"+819000000005\", \"time_zone\": \"Asia/Tokyo\", \"notify\": { \"high\": [{ \"after\": \"0m\", \"by\": \"sms\" }] } }\n\"teams\":",
    );
    let more = more.replace(
        "[{ \"notify\": [\"team/payments\"], \"wait\": \"5m\" }]",
        "[{ \"notify\": [\"user/dai\"], \"wait\": \"5m\" }, { \"notify\": [\"user/emi\"], \"wait\": \"5m\" }]",
    );
    let mut module = Module::new(&world, "payments", &more.replace("[\"dai\"]", "[\"dai\", \"emi\"]"));
    module.apply().await.unwrap();
    world.seconds(5).await;
    let id = incident_of(&world.alarm("payments-5xx").await);
    assert_eq!(world.sent().len(), 1);
    // Dai leaves while he is called.
    let without_dai: String = more.lines().filter(|line| !line.contains("\"Dai\"")).map(|line| format!("{line}\n")).collect();
    module.says(&without_dai.replace("[\"dai\"]", "[\"emi\"]").replace("{ \"notify\": [\"user/dai\"], \"wait\": \"5m\" }, ", ""));
    let told = module.check().await["incidents"][0]["effect"].as_str().unwrap().to_owned();
    assert!(told.contains("dai is called and leaves; the next step is called at once: emi"), "{told}");
    module.apply().await.unwrap();
    world.seconds(5).await;
    assert_eq!(world.sent().iter().map(|sent| sent.to.as_str()).collect::<Vec<_>>(), ["+819000000005"]);
    // The whole team goes: those of last resort are called.
    module.destroy().await.unwrap();
    world.seconds(5).await;
    let sent: Vec<String> = world.sent().into_iter().map(|sent| sent.to).collect();
    assert!(sent.iter().any(|to| to == phone("aiko")), "{sent:?}");
    assert!(!world.incident(id).await.phase.is_resolved());
    world.end().await;
}

#[tokio::test]
async fn a_key_that_terraform_makes_opens_until_another_has_taken_its_place_or_the_team_is_gone() {
    let mut world = World::new().await;
    let mut module = Module::new(&world, "payments", PAYMENTS);
    module.has_key(1);
    module.apply().await.unwrap();
    world.seconds(5).await;
    assert_eq!(enqueue(&world, KEY).await, 202);
    let keys = world.machine.store().integration_keys(&"payments-events".parse().unwrap()).await.unwrap();
    assert_eq!(keys[0].made_by, "terraform");
    // Another value under the next version; the key before goes on for a minute.
    module.input["key_overlap_seconds"] = json!(60);
    OTHER_KEY.clone_into(&mut module.parameter.0.lock().unwrap());
    module.has_key(2);
    assert!(module.is_planned().await);
    module.apply().await.unwrap();
    assert_eq!((enqueue(&world, KEY).await, enqueue(&world, OTHER_KEY).await), (202, 202));
    world.seconds(61).await;
    assert_eq!((enqueue(&world, KEY).await, enqueue(&world, OTHER_KEY).await), (400, 202));
    // Nothing of it is told or kept.
    for answer in [module.check().await, module.ask("update", module.before.clone()).await.unwrap()] {
        assert!(!answer.to_string().contains(OTHER_KEY), "{answer}");
    }
    assert!(exported(&mut world).await.values().all(|text| !text.contains(OTHER_KEY)));
    module.destroy().await.unwrap();
    world.sent();
    assert_eq!(enqueue(&world, OTHER_KEY).await, 400);
    world.minutes(2).await;
    assert!(world.sent().iter().any(|sent| sent.to == phone("aiko")), "somebody hears of whoever still sends");
    world.end().await;
}

#[tokio::test]
async fn a_key_that_can_not_be_is_refused_with_what_to_do_and_comes_again_with_the_next_plan() {
    let world = World::new().await;
    let mut module = Module::new(&world, "payments", PAYMENTS);
    module.apply().await.unwrap();
    module.input["keys"] = json!({ "payments-events": { "parameter": "/hansho/keys/other", "version": 1 } });
    let said = module.apply().await.unwrap_err();
    assert!(
        said.contains("integrations.payments-events: its key in the parameter /hansho/keys/other can not be read: SSM refused"),
        "{said}"
    );
    "too short".clone_into(&mut module.parameter.0.lock().unwrap());
    module.has_key(1);
    assert!(module.apply().await.unwrap_err().contains("a key has 32 hexadecimal digits"));
    KEY.clone_into(&mut module.parameter.0.lock().unwrap());
    assert!(module.is_planned().await, "the state says that it was done, and it was not");
    module.apply().await.unwrap();
    assert!(!module.is_planned().await);
    // Whoever revokes it is not undone: another key is made by another number.
    let id = "payments-events".parse().unwrap();
    let key = world.machine.store().integration_keys(&id).await.unwrap().remove(0);
    world.machine.store().revoke_integration_key(&id, &key.id, "tests").await.unwrap();
    assert!(module.apply().await.unwrap_err().contains("raise key_version"));
    module.input["keys"] = json!({ "checkout-events": { "parameter": "/hansho/keys/payments-events", "version": 1 } });
    assert!(module.check().await["message"].as_str().unwrap().contains("integrations.checkout-events: the team has no such integration"));
    world.end().await;
}

#[tokio::test]
async fn a_team_that_is_too_large_makes_no_key_and_ends_none() {
    let world = World::new().await;
    let mut module = Module::new(&world, "payments", PAYMENTS);
    module.has_key(1);
    module.apply().await.unwrap();
    let long = "x".repeat(1_900);
    let rule = |number| {
        format!(r#"{{ "name": "r{number}", "if": "title == \"{long}\"", "then": {{ "title": "{long}", "labels": {{ "a": "{long}" }} }} }}"#)
    };
    let rules: Vec<String> = (0..100).map(rule).collect();
    let large = PAYMENTS.replace(r#""repage_every": "30m""#, &format!(r#""repage_every": "30m", "rules": [{}]"#, rules.join(", ")));
    let before = module.before.clone();
    module.says(&large);
    OTHER_KEY.clone_into(&mut module.parameter.0.lock().unwrap());
    module.has_key(2);
    let said = module.ask("update", before.clone()).await.unwrap_err();
    assert!(said.contains("payments") && said.contains("bytes"), "{said}");
    module.input["keys"] = json!({});
    module.ask("update", before).await.unwrap_err();
    let keys = world.machine.store().integration_keys(&"payments-events".parse().unwrap()).await.unwrap();
    assert!(matches!(&keys[..], [key] if key.ends_at.is_none() && !key.is_revoked), "{keys:?}");
    assert_eq!((enqueue(&world, KEY).await, enqueue(&world, OTHER_KEY).await), (202, 400));
    let incident = world.open_incident().await.id;
    let mut world = world;
    world.ask(incident, "resolve", json!({}), "aiko").await;
    world.minutes(3).await;
    world.sent();
    world.end().await;
}

#[tokio::test]
async fn two_who_apply_at_once_are_both_in_force_in_the_end() {
    let mut world = World::new().await;
    let of = |name: &str| PAYMENTS.replace("payments", name).replace("dai", &format!("{name}-dai"));
    let mut modules: Vec<Module> =
        ["one", "two", "three", "four", "five"].iter().map(|name| Module::new(&world, name, &of(name))).collect();
    let folder = TEAM.replace("wait: 10m", "wait: 11m");
    let config = Config::new(Arc::clone(world.machine.store()));
    let by_folder = config.handle(json!({ "action": "apply", "files": { "story.yaml": folder } }));
    let (folders, teams) =
        futures_util::future::join(by_folder, futures_util::future::join_all(modules.iter_mut().map(Module::apply))).await;
    assert_eq!(folders.unwrap()["result"], "applied");
    for answer in teams {
        assert_eq!(answer.unwrap()["result"], "applied");
    }
    let live = exported(&mut world).await;
    assert_eq!(live.len(), 6, "{:?}", live.keys());
    assert_eq!(live["story.yaml"], folder);
    for module in &mut modules {
        assert!(!module.is_planned().await);
    }
    world.end().await;
}
