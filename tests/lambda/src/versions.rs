//! Two versions side by side, as during a deployment: of two alarms that take the same steps, each step of the one is taken by the newer
//! version of a function where the older one takes it of the other. Both work on one table.

use std::{path::Path, time::Duration};

use hansho::local::Waiting;
use hansho_domain::{IncidentId, PhaseName};
use hansho_runtime::{Clock, SystemClock};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    Outcome,
    events::{count, event, incident_of, on_queue, phase, sqs_event, stream_event, timer_event},
    function::Function,
    report::Report,
    world::{self, World},
};

/// Nobody is called for both alarms: whoever was told a moment ago is told of the next one later. Services have a setting that the older
/// version does not know.
const TEAM: &str = r#"
users:
  first: { name: 佐藤 愛子, phone: "+819000000001", language: ja, time_zone: Asia/Tokyo, notify: &texts { high: [{ after: 0m, by: sms }], low: [{ after: 0m, by: sms }] } }
  second: { name: Mori Dan, phone: "+819000000002", language: en, time_zone: Asia/Tokyo, notify: *texts }
  third: { name: 鈴木 千恵, phone: "+819000000003", language: ja, time_zone: Asia/Tokyo, notify: *texts }
  fourth: { name: Ono Emi, phone: "+819000000004", language: en, time_zone: Asia/Tokyo, notify: *texts }
escalation_policies:
  checkout: { steps: [{ notify: [user/first], wait: 1m }, { notify: [user/second], wait: 30m }] }
  batch: { steps: [{ notify: [user/third], wait: 1m }, { notify: [user/fourth], wait: 30m }] }
services:
  checkout: { escalation_policy: checkout, urgency: high, ops_center: { category: Availability } }
  batch: { escalation_policy: batch, urgency: high, ops_center: { category: Availability } }
fallback: [user/first]
"#;
const PHONES: [[&str; 2]; 2] = [["+819000000001", "+819000000002"], ["+819000000003", "+819000000004"]];
/// Until the sweeper considers an outbox row forgotten (15 s), with a second for the machine.
const ROW_IS_FORGOTTEN: Duration = Duration::from_secs(16);

/// The functions that are there in both versions.
struct Version {
    name: &'static str,
    intake: Function,
    escalation: Function,
    delivery: Function,
}

impl Version {
    async fn start(name: &'static str, folder: &Path, world: &World) -> Outcome<Self> {
        let url = world.endpoint_url();
        Ok(Self {
            name,
            intake: Function::start(folder, "alarm-intake", &url).await?,
            escalation: Function::start(folder, "escalation", &url).await?,
            delivery: Function::start(folder, "delivery", &url).await?,
        })
    }
}

/// One of the two alarms.
struct Alarm<'a> {
    opens: &'a Version,
    pages: &'a Version,
    event: Value,
    clear: Value,
    /// Who is called first, and after the deadline.
    phones: [&'static str; 2],
}

/// Walks both ways at the same time. `older` has the functions of the older version.
pub(crate) async fn walk(newer: &Path, older: &Path, report: &mut Report) -> Outcome {
    let world = World::start(0, TEAM).await?;
    let url = world.endpoint_url();
    let relay = Function::start(newer, "outbox-relay", &url).await?;
    let sweeper = Function::start(newer, "sweeper", &url).await?;
    let (old, new) = (Version::start("older", older, &world).await?, Version::start("newer", newer, &world).await?);
    let (event, clear) = (event("alarm-direct-metric.json")?, event("ok-direct-metric.json")?);
    let of = |service: &str| (about(&event, service), about(&clear, service));
    let ((event_1, clear_1), (event_2, clear_2)) = (of("checkout"), of("batch"));
    let one = Alarm { opens: &old, pages: &new, event: event_1, clear: clear_1, phones: PHONES[0] };
    let other = Alarm { opens: &new, pages: &old, event: event_2, clear: clear_2, phones: PHONES[1] };

    let mut waiting = Vec::new();
    for alarm in [&one, &other] {
        let incident = open(alarm, &world, report).await?;
        let timer = page_first(alarm, &world, &relay, incident, report).await?;
        waiting.push((alarm, incident, timer));
    }
    for (alarm, incident, timer) in &waiting {
        escalate(alarm, &world, &relay, *incident, timer, report).await?;
    }
    for (alarm, incident, _) in &waiting {
        resolve(alarm, &world, *incident, report).await?;
    }
    nothing_is_left(&world, &sweeper, report).await
}

/// The sample as an alarm of a service.
fn about(sample: &Value, service: &str) -> Value {
    let mut event = sample.clone();
    event["alarmArn"] = json!(format!("arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:{service}-5xx"));
    event["alarmData"]["alarmName"] = json!(format!("{service}-5xx"));
    event["alarmData"]["configuration"]["description"] = json!(format!("service: {service}"));
    event
}

async fn open(alarm: &Alarm<'_>, world: &World, report: &mut Report) -> Outcome<IncidentId> {
    let (opens, pages) = (alarm.opens.name, alarm.pages.name);
    let answer = alarm.opens.intake.answer(alarm.event.clone()).await?;
    let incident = report.needed(&format!("the {opens} alarm-intake opens an incident"), incident_of(&answer, "opened"), &answer)?;
    let again = alarm.pages.intake.answer(alarm.event.clone()).await?;
    report.step(&format!("the {pages} one opens no other for the same alarm"), incident_of(&again, "opened").is_none(), &again);
    let phase = phase(world, incident).await?;
    report.step("it is triggered", phase == Some(PhaseName::Triggered), &phase);
    Ok(incident)
}

/// Up to the first phone. Gives the timer that was armed.
async fn page_first(alarm: &Alarm<'_>, world: &World, relay: &Function, incident: IncidentId, report: &mut Report) -> Outcome<Waiting> {
    let messages = relayed(world, relay, incident).await?;
    let timer = messages.iter().map(|(_, waiting)| waiting).find(|waiting| matches!(waiting, Waiting::Timer { .. })).cloned();
    let timer = report.needed("a schedule is armed", timer, &messages)?;
    deliver(alarm, world, &messages, alarm.phones[0], report).await?;
    Ok(timer)
}

/// A delivery's message to the one version, and after that to the other: somebody is told once.
async fn deliver(alarm: &Alarm<'_>, world: &World, waiting: &[(Timestamp, Waiting)], phone: &str, report: &mut Report) -> Outcome {
    let messages = on_queue(waiting, world::DELIVERY_QUEUE_URL);
    report.step("one delivery is on its way", messages.len() == 1, &messages);
    let before = world.outbox().count();
    for version in [alarm.pages, alarm.opens] {
        for (_, body) in &messages {
            let answer = version.delivery.answer(sqs_event(world::DELIVERY_QUEUE_URL, body)).await?;
            report.equals(&format!("the {} delivery works its message off", version.name), &answer, &json!({ "batchItemFailures": [] }));
        }
        let sent = world.outbox().since(before);
        let is_told = sent.len() == 1 && sent[0].channel == "sms" && sent[0].to == phone && sent[0].text.contains(world::PUBLIC_URL);
        report.step(&format!("{phone} has one SMS with a link"), is_told, &sent);
    }
    Ok(())
}

/// What the relay makes of the rows of an incident: each with the moment for which it waits.
async fn relayed(world: &World, relay: &Function, incident: IncidentId) -> Outcome<Vec<(Timestamp, Waiting)>> {
    world.take_waiting();
    relay.answer(stream_event(world, incident).await?).await?;
    Ok(world.take_waiting())
}

async fn escalate(
    alarm: &Alarm<'_>,
    world: &World,
    relay: &Function,
    incident: IncidentId,
    timer: &Waiting,
    report: &mut Report,
) -> Outcome {
    world.add_field(incident, "of_a_later_version", json!({ "kept": true }))?;
    let before = world.stored(incident)?;
    let deadline = world.store().incident(incident).await?.and_then(|stored| stored.incident.deadline);
    let deadline = report.needed("the incident has a deadline", deadline, &incident)?;
    let left = deadline.at.duration_since(SystemClock.now());
    SystemClock.sleep(Duration::try_from(left).unwrap_or_default() + Duration::from_millis(100)).await;
    alarm.pages.escalation.answer(timer_event(timer)?).await?;
    let after = world.stored(incident)?;
    let lost: Vec<_> = before.keys().filter(|name| !after.contains_key(*name)).collect();
    let is_kept = lost.is_empty() && after["of_a_later_version"] == json!({ "kept": true });
    report.step(&format!("the {} escalation keeps what it does not know of the incident", alarm.pages.name), is_kept, &(lost, &after));
    let messages = relayed(world, relay, incident).await?;
    deliver(alarm, world, &messages, alarm.phones[1], report).await?;
    let version = world.store().incident(incident).await?.map(|stored| stored.incident.version);
    alarm.opens.escalation.answer(timer_event(timer)?).await?;
    let again = world.store().incident(incident).await?.map(|stored| stored.incident.version);
    report.step(&format!("the {} escalation changes nothing by the same timer", alarm.opens.name), again == version, &(version, again));
    Ok(())
}

async fn resolve(alarm: &Alarm<'_>, world: &World, incident: IncidentId, report: &mut Report) -> Outcome {
    let answer = alarm.pages.intake.answer(alarm.clear.clone()).await?;
    report.step(&format!("the {} alarm-intake resolves it", alarm.pages.name), incident_of(&answer, "resolved") == Some(incident), &answer);
    let phase = phase(world, incident).await?;
    report.step("the incident is over", phase == Some(PhaseName::Resolved), &phase);
    Ok(())
}

/// Every effect has been carried out, by whichever version.
async fn nothing_is_left(world: &World, sweeper: &Function, report: &mut Report) -> Outcome {
    let rows = world.store().pending_outbox_rows(SystemClock.now()).await?;
    report.step("no effect waits", rows.is_empty(), &rows);
    SystemClock.sleep(ROW_IS_FORGOTTEN).await;
    let swept = sweeper.answer(json!({ "detail-type": "Scheduled Event" })).await?;
    let left = ["outbox_rows", "deadlines", "deliveries", "overdue"].map(|name| count(&swept, name));
    report.step("the sweeper finds nothing that was lost", left == [0; 4] && swept["heartbeat"] == json!(true), &swept);
    let sent = world.outbox().since(0);
    let told = PHONES.as_flattened().iter().map(|phone| sent.iter().filter(|sent| sent.to == *phone).count());
    report.step("each of the four was told once", told.eq([1; 4]), &sent);
    Ok(())
}
