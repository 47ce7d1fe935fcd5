//! One alarm's way from CloudWatch to two phones and back to rest, through every function.

use std::{path::Path, time::Duration};

use hansho::local::{FUNCTION_NAMES, Sent, Waiting};
use hansho_domain::{IncidentId, PhaseName};
use hansho_runtime::{Clock, SystemClock};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    Outcome,
    events::{count, event, incident_of, on_queue, phase, sqs_event, stream_event, timer_event},
    function::{self, Function},
    report::Report,
    world::{self, World},
};

/// Until the sweeper considers an outbox row forgotten (15 s) and a deadline missed (5 s), with a second for the machine.
const ROW_IS_FORGOTTEN: Duration = Duration::from_secs(16);
const DEADLINE_IS_MISSED: Duration = Duration::from_secs(6);

/// Every function in a process of its own.
struct Fleet {
    intake: Function,
    relay: Function,
    escalation: Function,
    delivery: Function,
    sweeper: Function,
    api: Function,
    config: Function,
    bridge: Function,
}

impl Fleet {
    async fn start(folder: &Path, world: &World) -> Outcome<Self> {
        let url = world.endpoint_url();
        Ok(Self {
            intake: Function::start(folder, "alarm-intake", &url).await?,
            relay: Function::start(folder, "outbox-relay", &url).await?,
            escalation: Function::start(folder, "escalation", &url).await?,
            delivery: Function::start(folder, "delivery", &url).await?,
            sweeper: Function::start(folder, "sweeper", &url).await?,
            api: Function::start(folder, "api", &url).await?,
            config: Function::start(folder, "config", &url).await?,
            bridge: Function::start(folder, "incident-manager-bridge", &url).await?,
        })
    }
}

/// Walks the whole way.
pub(crate) async fn walk(folder: &Path, report: &mut Report) -> Outcome {
    // The bridge is no part of the local run, and is a function all the same.
    for name in FUNCTION_NAMES.into_iter().chain(["incident-manager-bridge"]) {
        let (failed, said) = function::start_without_settings(folder, name).await?;
        report.step(&format!("{name} without settings ends and says what to set"), failed && said.contains("set HANSHO_TABLE to"), &said);
    }
    let world = World::start(0, world::TEAM).await?;
    let fleet = Fleet::start(folder, &world).await?;
    let incident = open(&fleet, &world, report).await?;
    let forgotten = open_another(&fleet, report).await?;
    let timer = relay(&fleet, &world, incident, report).await?;
    ring_early(&fleet, &world, &timer, report).await?;
    refuse(&fleet, report).await?;
    health(&fleet, report).await?;
    sweep_rows(&fleet, report).await?;
    escalate(&fleet, &world, incident, &timer, report).await?;
    sweep_deadline(&fleet, &world, forgotten, report).await?;
    resolve(&fleet, &world, incident, report).await?;
    configure(&fleet, &world, report).await
}

/// Another configuration is applied and given back.
async fn configure(fleet: &Fleet, world: &World, report: &mut Report) -> Outcome {
    let edited = world::TEAM.replace("wait: 30m", "wait: 20m");
    let files = json!({ "team.yaml": edited });
    let planned = fleet.config.answer(json!({ "action": "plan", "files": files })).await?;
    report.step("config says what would change", planned["changes"][0]["name"] == "checkout", &planned);
    let before = planned["version"].clone();
    let apply = json!({ "action": "apply", "files": files, "expected_version": before, "by": "the suite" });
    let applied = fleet.config.answer(apply.clone()).await?;
    report.step("config puts it in force", applied["result"] == "applied", &applied);
    let again = fleet.config.answer(apply).await?;
    report.step("and not against a version that is in force no more", again["result"] == "overtaken", &again);
    let exported = fleet.config.answer(json!({ "action": "export" })).await?;
    let files = hansho_config::unpack(exported["files_gzip"].as_str().unwrap_or_default())?;
    report.step("and gives the same file back", files.get("team.yaml") == Some(&edited), &files);
    let version = world.store().stored_configuration_version().await?;
    report.step("the version that it named is in force", applied["version"] == version, &version);
    Ok(())
}

async fn open(fleet: &Fleet, world: &World, report: &mut Report) -> Outcome<IncidentId> {
    let alarm = event("alarm-direct-metric.json")?;
    let answer = fleet.intake.answer(alarm.clone()).await?;
    let incident = report.needed("alarm-intake opens an incident for an alarm", incident_of(&answer, "opened"), &answer)?;
    let again = fleet.intake.answer(alarm).await?;
    report.step("the same alarm again does not open another", incident_of(&again, "opened").is_none(), &again);
    let phase = phase(world, incident).await?;
    report.step("the incident is triggered", phase == Some(PhaseName::Triggered), &phase);
    Ok(incident)
}

/// One that the stream forgets, for the sweeper.
async fn open_another(fleet: &Fleet, report: &mut Report) -> Outcome<IncidentId> {
    let answer = fleet.intake.answer(event("alarm-direct-composite.json")?).await?;
    report.needed("another alarm opens an incident of its own", incident_of(&answer, "opened"), &answer)
}

/// From the outbox to the first phone. Gives the timer that was armed.
async fn relay(fleet: &Fleet, world: &World, incident: IncidentId, report: &mut Report) -> Outcome<Waiting> {
    let stream = stream_event(world, incident).await?;
    let answer = fleet.relay.answer(stream.clone()).await?;
    report.equals("outbox-relay carries out the new rows", &answer, &json!({ "batchItemFailures": [] }));
    let left = world.store().pending_outbox_rows(SystemClock.now()).await?;
    report.step("no row of the incident is left", left.iter().all(|row| row.incident != incident), &left);

    let waiting = world.take_waiting();
    let timer = waiting.iter().map(|(_, waiting)| waiting).find(|waiting| matches!(waiting, Waiting::Timer { .. })).cloned();
    let timer = report.needed("a schedule is armed", timer, &waiting)?;
    let delayed = on_queue(&waiting, world::TIMER_QUEUE_URL);
    let minute = |at: Timestamp| (50..=61).contains(&at.duration_since(SystemClock.now()).as_secs());
    report.step("a delayed message stands in for the schedule", delayed.len() == 1 && minute(delayed[0].0), &waiting);
    let messages = on_queue(&waiting, world::DELIVERY_QUEUE_URL);
    report.step("one delivery is on its way", messages.len() == 1, &waiting);

    deliver(fleet, world, &messages, world::FIRST_PHONE, "the first on call", report).await?;
    for (_, body) in &messages {
        fleet.delivery.answer(sqs_event(world::DELIVERY_QUEUE_URL, body)).await?;
    }
    let count = world.outbox().count();
    report.step("the same message again sends nothing", count == 1, &count);
    fleet.relay.answer(stream).await?;
    let again = on_queue(&world.take_waiting(), world::DELIVERY_QUEUE_URL).len();
    for (_, body) in &messages {
        fleet.delivery.answer(sqs_event(world::DELIVERY_QUEUE_URL, body)).await?;
    }
    let count = world.outbox().count();
    report.step("the same stream record again pages nobody twice", count == 1, &(again, count));
    Ok(timer)
}

async fn deliver(fleet: &Fleet, world: &World, messages: &[(Timestamp, String)], phone: &str, whom: &str, report: &mut Report) -> Outcome {
    let before = world.outbox().count();
    for (_, body) in messages {
        let answer = fleet.delivery.answer(sqs_event(world::DELIVERY_QUEUE_URL, body)).await?;
        report.equals("delivery works the message off", &answer, &json!({ "batchItemFailures": [] }));
    }
    let sent = world.outbox().since(before);
    let links = |sent: &Sent| sent.channel == "sms" && sent.to == phone && sent.text.contains(&format!("{}/i/", world::PUBLIC_URL));
    report.step(&format!("{whom} has one SMS with a link to the incident"), sent.len() == 1 && sent.iter().all(links), &sent);
    Ok(())
}

async fn ring_early(fleet: &Fleet, world: &World, timer: &Waiting, report: &mut Report) -> Outcome {
    let answer = fleet.escalation.answer(timer_event(timer)?).await?;
    report.equals("escalation takes a timer that rings too early", &answer, &json!({ "batchItemFailures": [] }));
    let waiting = world.take_waiting();
    let again = on_queue(&waiting, world::TIMER_QUEUE_URL);
    report.step("and arms it again", again.len() == 1 && again[0].0 > SystemClock.now(), &waiting);
    report.step("and pages nobody", world.outbox().count() == 1, &world.outbox().count());
    Ok(())
}

/// What is no event of a function.
async fn refuse(fleet: &Fleet, report: &mut Report) -> Outcome {
    let foreign = json!({ "hello": "world" });
    let escalation = fleet.escalation.invoke(foreign.clone()).await?;
    refused(report, "escalation", &escalation, "this is no timer: it must be {\"incident\": ID, \"generation\": NUMBER}");
    let delivery = fleet.delivery.invoke(foreign.clone()).await?;
    refused(report, "delivery", &delivery, "an SQS event whose bodies are {\"delivery\": ID} is expected");
    let api = fleet.api.invoke(foreign.clone()).await?;
    refused(report, "api", &api, "an event of an HTTP API or a function URL (payload format 2.0) is expected");
    let relay = fleet.relay.invoke(foreign.clone()).await?;
    refused(report, "outbox-relay", &relay, "this is no event of the table's stream");
    let bridge = fleet.bridge.invoke(foreign.clone()).await?;
    refused(report, "incident-manager-bridge", &bridge, "this is none of the bridge's events");
    let minute = json!({ "detail-type": "Scheduled Event", "source": "aws.events" });
    let looked = fleet.bridge.answer(minute).await?;
    report.step("the bridge asks nobody where no service has one", looked.get("behind") == Some(&json!(0)), &looked);
    let intake = fleet.intake.answer(foreign).await?;
    report.step("alarm-intake pages about what it can not read", incident_of(&intake, "opened").is_some(), &intake);
    let poison = fleet.delivery.answer(sqs_event(world::DELIVERY_QUEUE_URL, "no JSON")).await?;
    let failed = json!({ "batchItemFailures": [{ "itemIdentifier": "message" }] });
    report.equals("a poison message comes back alone", &poison, &failed);
    Ok(())
}

fn refused(report: &mut Report, name: &str, answered: &Result<Value, Value>, sentence: &str) {
    let said = answered.as_ref().err().and_then(|error| error.get("errorMessage")).and_then(Value::as_str).unwrap_or_default();
    report.step(&format!("{name} says what it expects instead of a foreign event"), said.contains(sentence), answered);
}

async fn health(fleet: &Fleet, report: &mut Report) -> Outcome {
    let request = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/health", "rawQueryString": "",
        "headers": { "host": "oncall.example.com" },
        "requestContext": { "domainName": "oncall.example.com", "http": { "method": "GET", "path": "/health", "protocol": "HTTP/1.1" } },
        "isBase64Encoded": false,
    });
    let answer = fleet.api.answer(request).await?;
    let body: Value = answer.get("body").and_then(Value::as_str).and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    let healthy = answer.get("statusCode") == Some(&json!(200)) && body.get("status") == Some(&json!("ok"));
    report.step("api says that the table answers", healthy, &answer);
    Ok(())
}

/// The rows that no stream brought.
async fn sweep_rows(fleet: &Fleet, report: &mut Report) -> Outcome {
    SystemClock.sleep(ROW_IS_FORGOTTEN).await;
    let answer = fleet.sweeper.answer(json!({ "detail-type": "Scheduled Event" })).await?;
    report.step("sweeper carries out rows that the stream forgot", count(&answer, "outbox_rows") >= 2, &answer);
    let clean = answer.get("heartbeat") == Some(&json!(true)) && count(&answer, "overdue") == 0;
    report.step("nothing is overdue", clean, &answer);
    let (is_printed, lines) = fleet.sweeper.prints("SweeperHeartbeat").await;
    report.step("the heartbeat is printed as a metric", is_printed, &lines);
    Ok(())
}

/// The deadline comes, and nobody has answered.
async fn escalate(fleet: &Fleet, world: &World, incident: IncidentId, timer: &Waiting, report: &mut Report) -> Outcome {
    let deadline = world.store().incident(incident).await?.and_then(|stored| stored.incident.deadline);
    let deadline = report.needed("the incident has a deadline", deadline, &incident)?;
    let left = deadline.at.duration_since(SystemClock.now());
    SystemClock.sleep(Duration::try_from(left).unwrap_or_default() + Duration::from_millis(100)).await;
    world.take_waiting();
    fleet.escalation.answer(timer_event(timer)?).await?;
    fleet.relay.answer(stream_event(world, incident).await?).await?;
    let messages = on_queue(&world.take_waiting(), world::DELIVERY_QUEUE_URL);
    deliver(fleet, world, &messages, world::SECOND_PHONE, "after the deadline the second on call", report).await?;
    let before = world.outbox().count();
    fleet.escalation.answer(timer_event(timer)?).await?;
    let rows = world.store().pending_outbox_rows(SystemClock.now()).await?;
    let quiet = rows.iter().all(|row| row.incident != incident) && world.outbox().count() == before;
    report.step("the same timer again changes nothing", quiet, &rows);
    Ok(())
}

/// The deadline that no timer told of.
async fn sweep_deadline(fleet: &Fleet, world: &World, forgotten: IncidentId, report: &mut Report) -> Outcome {
    SystemClock.sleep(DEADLINE_IS_MISSED).await;
    let answer = fleet.sweeper.answer(json!({ "detail-type": "Scheduled Event" })).await?;
    report.step("sweeper stands in for a lost timer", count(&answer, "deadlines") >= 1, &answer);
    let stream = stream_event(world, forgotten).await?;
    report.step("and the incident went on to its next step", stream["Records"].as_array().is_some_and(|rows| !rows.is_empty()), &stream);
    Ok(())
}

async fn resolve(fleet: &Fleet, world: &World, incident: IncidentId, report: &mut Report) -> Outcome {
    let answer = fleet.intake.answer(event("ok-direct-metric.json")?).await?;
    report.step("the alarm's OK resolves the incident", incident_of(&answer, "resolved") == Some(incident), &answer);
    let phase = phase(world, incident).await?;
    report.step("the incident is over", phase == Some(PhaseName::Resolved), &phase);
    Ok(())
}
