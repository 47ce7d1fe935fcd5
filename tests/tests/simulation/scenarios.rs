//! One scripted fault each, under the names of `docs/failure-modes.md`: what the user sees, and what heals it.

use std::collections::BTreeSet;

use hansho::local::aws::{Answer, ProviderFault};
use hansho_domain::{Event, Incident, Phase, PhaseName, Target, UrgencyRule, UserId};
use hansho_store::Drill;
use serde_json::{Value, json};

use super::{
    START_MS, laws,
    weather::Outage,
    work::{Act, Message, Queue, Work},
    workload::{Plan, alarm, user},
    world::{Fate, Scene, TABLE, World},
};

const CALM_SECONDS: i64 = 1_800;

/// A world with two people: the first is told by SMS at once and by mail after two minutes, after five minutes it is the
/// second's turn by SMS.
pub(crate) struct Stage {
    pub(crate) world: World,
    _runtime: tokio::runtime::Runtime,
}

/// A message that a provider accepted: after how many seconds, to whom, how.
type Page = (i64, String, &'static str);

impl Stage {
    fn new() -> Self {
        Self::of(Plan::two_people())
    }

    pub(crate) fn of(plan: Plan) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let ruled = plan.ruled;
        let mut world = {
            let _guard = runtime.enter();
            World::new(0, &plan.team(), false)
        };
        world.ruled = vec![ruled];
        Self { world, _runtime: runtime }
    }

    /// With a fault that is decided call by call.
    pub(crate) fn with(script: impl FnMut(&Scene<'_>) -> Option<Fate> + 'static) -> Self {
        let mut stage = Self::new();
        stage.world.script = Some(Box::new(script));
        stage
    }

    fn alarm_at(&self, second: i64, state: &str, occurred_second: i64) {
        let event = alarm("checkout-5xx", state, "critical", START_MS + occurred_second * 1000, None);
        self.world.post(START_MS + second * 1000, Work::Alarm { event, tries: 0 });
    }

    pub(crate) fn until(&mut self, second: i64) -> &mut Self {
        let _guard = self._runtime.enter();
        self.world.run(START_MS + second * 1000);
        self
    }

    /// Everything is resolved and comes to rest; no law is broken.
    pub(crate) fn ends_well(mut self) {
        let guard = self._runtime.enter();
        self.world.script = None;
        self.world.board.state().weather = super::weather::Weather::default();
        self.world.run((START_MS + CALM_SECONDS * 1000).max(self.world.now_ms() + 480_000));
        self.world.resolve_everything();
        let broken = laws::check(&self.world);
        drop(guard);
        assert!(broken.is_empty(), "{broken:#?}\n{}", self.trace());
    }

    /// As [`World::certificate`].
    pub(crate) fn certificate(&self, number: u64) -> (Drill, BTreeSet<UserId>, BTreeSet<UserId>) {
        let _guard = self._runtime.enter();
        self.world.certificate(number).unwrap()
    }

    pub(crate) fn trace(&self) -> String {
        let state = self.world.board.state();
        state.trace.iter().map(|line| format!("{line}\n")).collect()
    }

    fn pages(&self) -> Vec<Page> {
        let state = self.world.board.state();
        let history = &state.history;
        let to = |id: &hansho_domain::EffectId| history.effects.get(id).and_then(|n| n.user()).map(ToString::to_string).unwrap_or_default();
        let page = |accepted: &super::history::Accepted| {
            let id = accepted.deliveries.keys().next().unwrap();
            ((accepted.ms - START_MS) / 1000, to(id), accepted.channel)
        };
        history.accepted.iter().map(page).collect()
    }

    /// The pages, and nothing else: to whom, how, between which seconds.
    #[track_caller]
    pub(crate) fn expect_pages(&self, expected: &[(&str, &str, std::ops::RangeInclusive<i64>)]) {
        let pages = self.pages();
        let matches = |((at, to, by), (user, channel, when)): (&Page, &(&str, &str, std::ops::RangeInclusive<i64>))| {
            to == user && by == channel && when.contains(at)
        };
        let is_so = pages.len() == expected.len() && pages.iter().zip(expected).all(matches);
        assert!(is_so, "expected {expected:?}, got {pages:?}\n{}", self.trace());
    }

    pub(crate) fn incidents(&self) -> Vec<Incident> {
        self.world.board.state().history.incidents().into_values().cloned().collect()
    }

    pub(crate) fn incident(&self) -> Incident {
        let incidents = self.incidents();
        assert_eq!(incidents.len(), 1, "{incidents:#?}");
        incidents[0].clone()
    }

    pub(crate) fn events(&self, is_wanted: impl Fn(&Event) -> bool) -> usize {
        let state = self.world.board.state();
        let entries = state.history.commits.iter().filter_map(|commit| commit.entry.as_ref());
        entries.flat_map(|entry| &entry.events).filter(|event| is_wanted(event)).count()
    }
}

/// Does this at the first call that fits.
pub(crate) fn once(
    function: &'static str,
    operation: &'static str,
    containing: &'static str,
    fate: Fate,
) -> impl FnMut(&Scene<'_>) -> Option<Fate> {
    times(1, function, operation, containing, fate)
}

pub(crate) fn times(
    most: u32,
    function: &'static str,
    operation: &'static str,
    containing: &'static str,
    fate: Fate,
) -> impl FnMut(&Scene<'_>) -> Option<Fate> {
    let mut left = most;
    move |scene| {
        let fits = scene.function == function && scene.call.operation == operation && scene.body.contains(containing);
        (fits && left > 0).then(|| {
            left -= 1;
            fate.clone()
        })
    }
}

#[test]
fn nothing_goes_wrong() {
    let mut stage = Stage::new();
    stage.alarm_at(0, "ALARM", 0);
    stage.until(400).expect_pages(&[("u1", "sms", 0..=5), ("u1", "email", 120..=126), ("u2", "sms", 300..=306)]);
    stage.ends_well();
}

#[test]
fn crash_before_commit() {
    let mut stage = Stage::with(once("alarm-intake", "TransactWriteItems", "", Fate::CrashBefore));
    stage.alarm_at(0, "ALARM", 0);
    stage.until(30).expect_pages(&[]);
    // Lambda invokes again after a minute.
    stage.until(90).expect_pages(&[("u1", "sms", 60..=66)]);
    stage.ends_well();
}

#[test]
fn crash_after_commit_before_answer() {
    let mut stage = Stage::with(once("alarm-intake", "TransactWriteItems", "", Fate::CrashAfter));
    stage.alarm_at(0, "ALARM", 0);
    // The alarm comes again after a minute, and is known.
    stage.until(100).expect_pages(&[("u1", "sms", 0..=5)]);
    assert_eq!(stage.incident().version, 1);
    stage.ends_well();
}

#[test]
fn crash_after_commit_before_stream() {
    let mut stage = Stage::with(once("alarm-intake", "TransactWriteItems", "", Fate::CrashAfter));
    stage.world.board.state().weather.stream_lost = 10_000;
    stage.alarm_at(0, "ALARM", 0);
    // The sweeper finds the row.
    stage.until(119).expect_pages(&[("u1", "sms", 15..=80)]);
    stage.ends_well();
}

#[test]
fn crash_between_delivery_row_and_queue_message() {
    let mut stage = Stage::with(times(3, "outbox-relay", "SendMessage", "delivery", Fate::CrashBefore));
    stage.alarm_at(0, "ALARM", 0);
    // The stream shows the row three times in vain; the sweeper finds the stuck delivery.
    stage.until(119).expect_pages(&[("u1", "sms", 20..=85)]);
    stage.ends_well();
}

#[test]
fn crash_between_claim_and_send() {
    let mut stage = Stage::with(once("delivery", "Publish", "", Fate::CrashBefore));
    stage.alarm_at(0, "ALARM", 0);
    // The message is visible again after 30 seconds, and the lease is over by then.
    stage.until(119).expect_pages(&[("u1", "sms", 30..=36)]);
    stage.ends_well();
}

#[test]
fn crash_between_accept_and_record() {
    let mut stage = Stage::with(once("delivery", "Publish", "", Fate::CrashAfter));
    stage.alarm_at(0, "ALARM", 0);
    // The one duplicate that no design removes where the provider knows no idempotency key.
    stage.until(119).expect_pages(&[("u1", "sms", 0..=5), ("u1", "sms", 30..=36)]);
    assert_eq!(stage.world.board.state().history.duplicates_explained, 1);
    stage.ends_well();
}

#[test]
fn crash_after_record() {
    let mut stage = Stage::with(once("delivery", "TransactWriteItems", "sent", Fate::CrashAfter));
    stage.alarm_at(0, "ALARM", 0);
    stage.until(119).expect_pages(&[("u1", "sms", 0..=5)]);
    stage.ends_well();
}

#[test]
fn lost_answer_of_a_commit() {
    let mut stage = Stage::with(once("alarm-intake", "TransactWriteItems", "", Fate::LostAnswer));
    stage.alarm_at(0, "ALARM", 0);
    stage.until(100).expect_pages(&[("u1", "sms", 0..=5)]);
    assert_eq!(stage.incident().version, 1);
    stage.ends_well();
}

#[test]
fn lost_answer_of_an_acknowledgement() {
    let mut stage = Stage::with(once("person", "TransactWriteItems", "", Fate::LostAnswer));
    stage.alarm_at(0, "ALARM", 0);
    stage.until(20).world.act(1, Act::Acknowledge, None);
    stage.until(700).expect_pages(&[("u1", "sms", 0..=5)]);
    assert_eq!(stage.incident().phase.name(), PhaseName::Acknowledged);
    assert_eq!(stage.events(|event| matches!(event, Event::Acknowledged)), 1);
    stage.ends_well();
}

#[test]
fn every_timer_lost() {
    let mut stage = Stage::new();
    stage.world.board.state().weather.timer_lost = 10_000;
    stage.alarm_at(0, "ALARM", 0);
    stage.until(460).expect_pages(&[("u1", "sms", 0..=5), ("u1", "email", 125..=195), ("u2", "sms", 305..=375)]);
    stage.ends_well();
}

#[test]
fn early_timer() {
    let mut stage = Stage::new();
    stage.world.board.state().weather.timer_early = 10_000;
    stage.alarm_at(0, "ALARM", 0);
    stage.until(400).expect_pages(&[("u1", "sms", 0..=5), ("u1", "email", 120..=126), ("u2", "sms", 300..=306)]);
    stage.ends_well();
}

#[test]
fn relay_dies_between_timer_and_row_end() {
    let mut stage = Stage::with(once("outbox-relay", "DeleteItem", "", Fate::CrashBefore));
    stage.alarm_at(0, "ALARM", 0);
    // The same timer is armed twice; the second time it rings it is stale.
    stage.until(400).expect_pages(&[("u1", "sms", 0..=5), ("u1", "email", 120..=126), ("u2", "sms", 300..=306)]);
    assert_eq!(stage.events(|event| matches!(event, Event::RulesDue { .. })), 1);
    stage.ends_well();
}

#[test]
fn sweeper_and_timer_at_once() {
    let mut stage = Stage::new();
    stage.world.board.state().weather.timer_lost = 10_000;
    stage.alarm_at(0, "ALARM", 0);
    stage.until(100);
    let incident = stage.incident();
    let deadline = incident.deadline.unwrap();
    let timer = json!({ "incident": incident.id, "generation": deadline.generation }).to_string();
    let at = deadline.at.as_millisecond() + 6_000;
    stage.world.post(at, Work::Sweep);
    stage.world.post(at, Work::Timer { input: timer.clone(), tries: 0 });
    stage.world.post(at, Work::Messages(vec![Message { id: 77, queue: Queue::Timers, body: timer, receives: 0 }]));
    stage.until(180).expect_pages(&[("u1", "sms", 0..=5), ("u1", "email", 120..=132)]);
    assert_eq!(stage.events(|event| matches!(event, Event::RulesDue { .. })), 1);
    stage.ends_well();
}

#[test]
fn stale_index_names_a_resolved_incident() {
    let mut stage = Stage::new();
    stage.world.board.state().weather.timer_lost = 10_000;
    stage.alarm_at(0, "ALARM", 0);
    // The sweeper has found the deadline after two minutes, and its index will say so again.
    stage.until(150);
    let remembered = stage.world.board.state().remembered.clone();
    stage.until(200).world.act(1, Act::Resolve, None);
    stage.until(201);
    let incident = stage.incident();
    assert!(matches!(incident.phase, Phase::Resolved { .. }));
    let named: Vec<_> =
        remembered.into_iter().filter(|(_, body)| String::from_utf8_lossy(body).contains(&incident.id.to_string())).collect();
    assert!(!named.is_empty());
    stage.world.sweeps_always = true;
    stage.world.script = Some(Box::new(move |scene: &Scene<'_>| {
        let named = named.iter().find(|(partition, _)| scene.function == "sweeper" && scene.body.contains(&format!("\"{partition}\"")));
        named.map(|(_, body)| Fate::Stale(body.clone()))
    }));
    stage.until(700).expect_pages(&[("u1", "sms", 0..=5), ("u1", "email", 120..=195)]);
    assert_eq!(stage.incident().version, incident.version);
    stage.ends_well();
}

#[test]
fn throttled_table() {
    let mut stage = Stage::with(|scene| {
        let is_busy = scene.call.service == hansho::local::aws::Service::DynamoDb && scene.now_ms < START_MS + 45_000;
        is_busy.then(|| Fate::Refused("throttled", Answer::throttled(scene.call.service)))
    });
    stage.alarm_at(0, "ALARM", 0);
    // Lambda invokes again when the table has time.
    stage.until(110).expect_pages(&[("u1", "sms", 45..=75)]);
    stage.ends_well();
}

#[test]
fn transaction_conflicts() {
    let mut left = 5;
    let mut stage = Stage::with(move |scene| {
        let fits = left > 0 && scene.call.operation == "TransactWriteItems";
        fits.then(|| {
            left -= 1;
            let body: Value = serde_json::from_str(&scene.body).unwrap();
            Fate::Refused("conflict", Answer::transaction_conflict(body["TransactItems"].as_array().unwrap().len()))
        })
    });
    stage.alarm_at(0, "ALARM", 0);
    stage.until(60).expect_pages(&[("u1", "sms", 0..=8)]);
    stage.ends_well();
}

pub(crate) fn outage(channel: &'static str, to: &str, fault: ProviderFault) -> Outage {
    Outage { channel, to: to.to_owned(), from_ms: START_MS, until_ms: START_MS + 600_000, fault }
}

#[test]
fn provider_down_for_ten_minutes() {
    let mut stage = Stage::new();
    stage.world.board.state().weather.outages = vec![outage("sms", "", ProviderFault::Unavailable)];
    stage.alarm_at(0, "ALARM", 0);
    // A method has a minute in all; then it is the mail's turn, which is not sent again when its rule comes due.
    stage.until(250).expect_pages(&[("u1", "email", 40..=75)]);
    stage.until(400).expect_pages(&[("u1", "email", 40..=75), ("u2", "email", 340..=375)]);
    stage.ends_well();
}

#[test]
fn provider_rejects_for_good() {
    let mut stage = Stage::new();
    stage.world.board.state().weather.outages = vec![outage("sms", "", ProviderFault::Rejected("no such number".to_owned()))];
    stage.alarm_at(0, "ALARM", 0);
    stage.until(100).expect_pages(&[("u1", "email", 0..=8)]);
    stage.ends_well();
}

#[test]
fn nobody_can_be_reached() {
    let mut stage = Stage::new();
    let gone = || ProviderFault::Rejected("no such address".to_owned());
    stage.world.board.state().weather.outages = vec![outage("sms", "+81900000001", gone()), outage("email", "u1@", gone())];
    stage.alarm_at(0, "ALARM", 0);
    // The second person is called at once: waiting for the first is pointless.
    stage.until(100).expect_pages(&[("u2", "sms", 0..=12)]);
    assert_eq!(stage.events(|event| matches!(event, Event::Unreachable { .. })), 1);
    stage.ends_well();
}

#[test]
fn two_copies_of_a_message() {
    let mut stage = Stage::new();
    stage.world.board.state().weather.message_twice = 10_000;
    stage.world.board.state().weather.stream_twice = 10_000;
    stage.alarm_at(0, "ALARM", 0);
    stage.until(119).expect_pages(&[("u1", "sms", 0..=6)]);
    stage.ends_well();
}

#[test]
fn poison_message_in_a_batch() {
    let mut stage = Stage::new();
    stage.world.board.state().weather.poison = 10_000;
    stage.alarm_at(0, "ALARM", 0);
    stage.until(119).expect_pages(&[("u1", "sms", 0..=6)]);
    stage.until(300);
    assert!(!stage.world.board.state().dead_letters.is_empty());
    stage.ends_well();
}

#[test]
fn function_times_out_while_sending() {
    let mut stage = Stage::with(once("delivery", "Publish", "", Fate::Slow(60_000)));
    stage.alarm_at(0, "ALARM", 0);
    stage.until(119).expect_pages(&[("u1", "sms", 30..=36)]);
    stage.ends_well();
}

#[test]
fn provider_answers_too_late() {
    let mut stage = Stage::with(|scene| {
        let fits = scene.call.operation == "Publish" && scene.now_ms < START_MS + 60_000;
        fits.then_some(Fate::LateAnswer)
    });
    stage.alarm_at(0, "ALARM", 0);
    // Both were accepted, and nobody knows. Once more is tried, then it is the mail's turn.
    let both = [("u1", "sms", 0..=5), ("u1", "sms", 11..=18), ("u1", "email", 21..=32)];
    stage.until(290).expect_pages(&both);
    assert_eq!(stage.world.board.state().history.duplicates_explained, 1);
    assert_eq!(stage.events(|event| matches!(event, Event::DeliveryFailed { next: Some(_), .. })), 1);
    stage.ends_well();
}

#[test]
fn provider_answers_too_late_once() {
    let mut stage = Stage::with(once("delivery", "Publish", "", Fate::LateAnswer));
    stage.alarm_at(0, "ALARM", 0);
    stage.until(119).expect_pages(&[("u1", "sms", 0..=5), ("u1", "sms", 11..=18)]);
    stage.ends_well();
}

#[test]
fn provider_is_slow_before_the_rest_of_a_batch() {
    // The relay's messages are lost, so that one batch with both deliveries can be handed in.
    let person = |name: &str| hansho_domain::Target::User(name.parse().unwrap());
    let mut stage = Stage::of(Plan { steps: vec![(vec![person("u1"), person("u2")], 300)], ..Plan::two_people() });
    let mut slow = BTreeSet::new();
    stage.world.script = Some(Box::new(move |scene: &Scene<'_>| match (scene.function, scene.call.operation.as_str()) {
        ("outbox-relay", "SendMessage") if scene.body.contains("delivery") => Some(Fate::CrashBefore),
        ("delivery", "Publish") => slow.insert(scene.body.clone()).then_some(Fate::Slow(9_500)),
        _ => None,
    }));
    stage.alarm_at(0, "ALARM", 0);
    stage.until(8).expect_pages(&[]);
    let ids: Vec<hansho_domain::EffectId> = stage.world.board.state().history.effects.keys().copied().collect();
    let message = |(number, id): (u64, &hansho_domain::EffectId)| Message {
        id: number,
        queue: Queue::Deliveries,
        body: json!({ "delivery": id }).to_string(),
        receives: 0,
    };
    stage.world.post(START_MS + 8_000, Work::Messages((9_000..).zip(&ids).map(message).collect()));
    stage.until(60);
    let pages = stage.pages();
    // The second is sent by an invocation of its own, which has all its time, and not at the end of the first one's.
    assert!(matches!(&pages[..], [(17..=18, ..), (27..=31, ..)]), "{pages:?}\n{}", stage.trace());
    let tasks: BTreeSet<u64> = stage.world.board.state().history.accepted.iter().map(|accepted| accepted.task).collect();
    assert_eq!(tasks.len(), 2, "{}", stage.trace());
    stage.ends_well();
}

#[test]
fn queue_out_of_order() {
    let mut stage = Stage::with(|scene| {
        let fits = scene.call.operation == "SendMessage" && scene.now_ms < START_MS + 150_000;
        fits.then_some(Fate::Unreachable)
    });
    stage.alarm_at(0, "ALARM", 0);
    // Two sweeps have found the delivery and could do nothing: no heartbeat.
    for second in [90, 145] {
        stage.until(second).expect_pages(&[]);
        let sweep = &stage.world.last_sweep;
        assert!(sweep["heartbeat"] == false && sweep["overdue"] != 0, "at {second} s: {sweep}");
    }
    // By then the mail's rule is due too. One sweep sends both, and either may be first.
    let mut pages = stage.until(230).pages();
    pages.sort_by_key(|(_, _, by)| *by);
    let is_so = matches!(&pages[..], [(150..=215, first, "email"), (150..=215, second, "sms")] if first == "u1" && second == "u1");
    assert!(is_so, "{pages:?}\n{}", stage.trace());
    stage.until(330);
    stage.world.sweeps_always = true;
    stage.until(400);
    assert_eq!(stage.world.last_sweep["heartbeat"], true, "{}", stage.world.last_sweep);
    stage.ends_well();
}

#[test]
fn sweeper_dies() {
    let mut stage = Stage::with(once("sweeper", "Query", "OUTBOX#", Fate::CrashBefore));
    stage.world.board.state().weather.stream_lost = 10_000;
    stage.alarm_at(0, "ALARM", 0);
    // The next one does the rest.
    stage.until(119).expect_pages(&[("u1", "sms", 60..=119)]);
    stage.ends_well();
}

#[test]
fn clear_overtakes_its_alarm() {
    let mut stage = Stage::new();
    stage.alarm_at(10, "OK", 5);
    stage.alarm_at(20, "ALARM", 0);
    stage.until(300).expect_pages(&[]);
    assert!(stage.incidents().is_empty());
    stage.ends_well();
}

#[test]
fn acknowledged_while_a_page_is_on_its_way() {
    let mut stage = Stage::new();
    stage.world.board.state().weather.stream_lost = 10_000;
    stage.alarm_at(0, "ALARM", 0);
    stage.until(5).world.act(1, Act::Acknowledge, None);
    stage.until(600).expect_pages(&[]);
    stage.ends_well();
}

#[test]
fn nobody_is_on_call() {
    let nobody = hansho_domain::Target::Schedule("nobody".parse().unwrap());
    let mut stage = Stage::of(Plan { steps: vec![(vec![nobody], 300)], urgency: UrgencyRule::High, ..Plan::two_people() });
    stage.alarm_at(0, "ALARM", 0);
    let mut pages = stage.until(100).pages();
    pages.sort_by_key(|page| page.1.clone());
    assert_eq!(pages.iter().map(|(_, to, by)| (to.as_str(), *by)).collect::<Vec<_>>(), [("u1", "sms"), ("u2", "sms")]);
    assert_eq!(stage.events(|event| matches!(event, Event::FallbackPaged { .. })), 1);
    stage.ends_well();
}

#[test]
fn crash_between_turn_and_commit() {
    let person = |name: &str| hansho_domain::Target::User(name.parse().unwrap());
    let plan = Plan { steps: vec![(vec![person("u1"), person("u2")], 300)], round_robin: true, ..Plan::two_people() };
    let mut stage = Stage::of(plan);
    stage.world.script = Some(Box::new(once("alarm-intake", "TransactWriteItems", "", Fate::CrashBefore)));
    stage.alarm_at(0, "ALARM", 0);
    // The first one's turn was taken and is lost; nobody is called twice, and somebody is called.
    stage.until(110).expect_pages(&[("u2", "sms", 60..=66)]);
    stage.ends_well();
}

#[test]
fn crash_after_merge_before_answer() {
    let mut stage = Stage::with(once("person", "TransactWriteItems", "merged_from", Fate::CrashAfter));
    stage.alarm_at(0, "ALARM", 0);
    let second = alarm("checkout-latency", "ALARM", "critical", START_MS + 20_000, None);
    stage.world.post(START_MS + 20_000, Work::Alarm { event: second, tries: 0 });
    stage.until(60);
    let [first, second] = &stage.incidents()[..] else { panic!("{:#?}", stage.incidents()) };
    let (first, second) = (first.id, second.id);
    stage.world.act(1, Act::Merge(Some(first)), Some(second));
    stage.until(90);
    let incidents = stage.incidents();
    let merged = incidents.iter().find(|incident| incident.id == second).unwrap();
    let target = incidents.iter().find(|incident| incident.id == first).unwrap();
    assert_eq!((merged.merged_into, target.merged.len()), (Some(first), 1), "{}", stage.trace());
    let count = |is_wanted: fn(&Event) -> bool| stage.events(is_wanted);
    assert_eq!(count(|event| matches!(event, Event::Merged { .. })), 1, "merged once: {}", stage.trace());
    assert_eq!(count(|event| matches!(event, Event::MergedInto { .. })), 1, "{}", stage.trace());
    stage.ends_well();
}

/// The second person is called first; in the other configuration they have left.
fn with_a_leaver() -> Stage {
    let steps = [2, 1].map(|number| (vec![Target::User(user(number))], 300)).to_vec();
    let mut stage = Stage::of(Plan { steps, ..Plan::two_people() });
    let alone =
        Plan { steps: vec![(vec![Target::User(user(1))], 300)], people: Plan::two_people().people[..1].to_vec(), ..Plan::two_people() };
    stage.world.teams.push(alone.team());
    stage.alarm_at(0, "ALARM", 0);
    stage
}

/// Once, at the transaction that moves the pointer.
fn at_the_pointer(fate: Fate) -> impl FnMut(&Scene<'_>) -> Option<Fate> {
    let mut fate = Some(fate);
    move |scene| if scene.function == "config" && scene.call.operation == "TransactWriteItems" { fate.take() } else { None }
}

fn apply_at(stage: &Stage, second: i64) {
    stage.world.post(START_MS + second * 1000, Work::Apply { team: 1, tries: 0 });
}

#[test]
fn apply_dies_before_the_pointer() {
    let mut stage = with_a_leaver();
    stage.world.script = Some(Box::new(at_the_pointer(Fate::CrashBefore)));
    apply_at(&stage, 60);
    stage.until(64).expect_pages(&[("u2", "sms", 0..=10)]);
    assert_eq!(stage.incident().wave.unwrap().users, [user(2)], "nothing has changed");
    // Whoever applied does so again.
    stage.until(150).expect_pages(&[("u2", "sms", 0..=10), ("u1", "sms", 65..=100)]);
    stage.ends_well();
}

#[test]
fn apply_dies_after_the_pointer() {
    let mut stage = with_a_leaver();
    stage.world.script = Some(Box::new(at_the_pointer(Fate::CrashAfter)));
    apply_at(&stage, 60);
    stage.until(64).expect_pages(&[("u2", "sms", 0..=10)]);
    stage.until(150).expect_pages(&[("u2", "sms", 0..=10), ("u1", "sms", 65..=100)]);
    stage.ends_well();
}

#[test]
fn two_applies_at_once() {
    let mut stage = with_a_leaver();
    apply_at(&stage, 60);
    apply_at(&stage, 60);
    stage.until(150).expect_pages(&[("u2", "sms", 0..=10), ("u1", "sms", 60..=100)]);
    stage.ends_well();
}

#[test]
fn record_of_worked_shifts_dies() {
    let mut stage = Stage::with(once("sweeper", "UpdateItem", "RECORDED", Fate::CrashBefore));
    let day = 86_400;
    let recorded = |stage: &Stage| {
        let key = json!({ "TableName": TABLE, "Key": { "pk": { "S": "WORKED" }, "sk": { "S": "RECORDED" } } });
        let found = stage.world.query(&key, "GetItem");
        found["Item"]["until"]["N"].as_str().unwrap().parse::<i64>().unwrap()
    };
    assert_eq!(recorded(&stage), START_MS, "from the first configuration on");
    stage.until(day - 300);
    // The sweeper is only woken when there is something to find, unless it is told otherwise.
    stage.world.sweeps_always = true;
    stage.until(day + 30);
    assert_eq!(recorded(&stage), START_MS, "it died");
    stage.until(day + 600);
    let until = recorded(&stage);
    assert!(until > START_MS + day * 1000 && until <= START_MS + (day + 600) * 1000, "{until}");
    stage.ends_well();
}
