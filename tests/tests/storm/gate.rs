//! A gate at which more wait than go into one message.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use acceptance::{World, incident_of, phone, start};
use hansho::local::{
    aws::{Answer, Call, Gate, Passage, Pending},
    caller,
};
use hansho_domain::{AlertId, EffectId, Holds, IncidentId, Method, Notification, PageReason, Recipient, Urgency};
use hansho_runtime::Clock as _;
use hansho_store::Delivery;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::told_of;

/// So many go along with one message.
const ALONG: i64 = 200;
/// When the gate opens behind the first page, and when it opens again behind the one that found it crowded, in seconds.
const OPENS: i64 = 30;
const OPENS_AGAIN: i64 = 60;
/// Most writes and messages that the function may make at one opening.
const WRITES_MAX: usize = 60;

fn to_aiko() -> Notification {
    let to = Recipient::Person { user: "aiko".parse().unwrap(), method: Method::Sms };
    Notification { to, urgency: Urgency::High, reason: PageReason::Fallback, holds: Holds::Always }
}

fn second(second: i64) -> Timestamp {
    start().checked_add(SignedDuration::from_secs(second)).unwrap()
}

type Script = Box<dyn FnMut(&Call) -> Option<Passage> + Send>;

/// What becomes of the calls of the function `delivery`.
#[derive(Default)]
struct Faults(Mutex<Option<Script>>);

impl Faults {
    fn follow(&self, script: impl FnMut(&Call) -> Option<Passage> + Send + 'static) {
        *self.0.lock().unwrap() = Some(Box::new(script));
    }
}

impl Gate for Faults {
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        let is_its = caller().is_some_and(|function| function == "delivery");
        let fate = if is_its { self.0.lock().unwrap().as_mut().and_then(|script| script(call)) } else { None };
        Box::pin(std::future::ready(fate.unwrap_or(Passage::Run)))
    }
}

fn is_message(call: &Call) -> bool {
    call.operation == "SendMessage"
}

fn wakes(call: &Call) -> bool {
    is_message(call) && String::from_utf8_lossy(&call.body).contains("is_next")
}

/// The queue says that it has the message, and nobody ever receives it.
fn lost() -> Passage {
    Passage::Answer(Answer::new(200, json!({ "MessageId": "lost" }).to_string()).with_header("content-type", "application/x-amz-json-1.0"))
}

/// A gate of Aiko's at which alarms wait behind so many others that the first of them takes none of the rest along.
struct Crowd {
    world: World,
    faults: Arc<Faults>,
    waiting: Vec<IncidentId>,
}

impl Crowd {
    /// So many alarms wait, and the gate has not opened yet.
    async fn of(alarms: usize) -> Self {
        let faults = Arc::new(Faults::default());
        let mut world = World::behind(Arc::<Faults>::clone(&faults)).await;
        world.alarm("checkout-first").await;
        world.expect_texts(&["aiko"]);
        for number in 0..ALONG {
            let at = start().checked_sub(SignedDuration::from_secs(1_000 - number)).unwrap();
            let ahead = EffectId { incident: IncidentId::derived(at, AlertId::from_hash([1; 16])), version: 1, index: 1 };
            world.machine.store().wait_at_gate(ahead, &to_aiko()).await.unwrap();
        }
        let mut waiting = Vec::new();
        for number in 0..alarms {
            world.seconds(1).await;
            waiting.push(incident_of(&world.alarm(&format!("checkout-{number}")).await));
        }
        world.expect_silence();
        Self { world, faults, waiting }
    }

    /// The first of them has passed and has found the gate crowded.
    async fn behind_the_first(alarms: usize) -> Self {
        let mut crowd = Self::of(alarms).await;
        crowd.until(OPENS).await;
        crowd.expect_told(&[0]).await;
        crowd
    }

    async fn until(&mut self, at: i64) {
        self.world.advance(second(at).duration_since(self.world.now())).await;
    }

    /// Aiko is told of these in one message, and of nothing else.
    async fn expect_told(&mut self, expected: &[usize]) {
        let sent = self.world.expect_texts(&["aiko"]);
        let told: BTreeSet<_> = told_of(self.world.machine.store(), &sent[0].text).await.into_iter().collect();
        assert_eq!(told, expected.iter().map(|number| self.waiting[*number]).collect(), "{sent:#?}");
    }

    async fn acknowledge(&mut self, number: usize) {
        self.world.ask(self.waiting[number], "acknowledge", json!({}), "aiko").await;
    }

    /// How often Aiko was told of each that waited, and when she was told first.
    async fn told(&self) -> BTreeMap<usize, (usize, Timestamp)> {
        let mut told = BTreeMap::new();
        for sent in self.world.machine.outbox().since(0).into_iter().filter(|sent| sent.to == phone("aiko")) {
            for incident in told_of(self.world.machine.store(), &sent.text).await {
                let Some(number) = self.waiting.iter().position(|waiting| *waiting == incident) else { continue };
                told.entry(number).or_insert((0, sent.at)).0 += 1;
            }
        }
        told
    }

    async fn delivery(&self, number: usize) -> Delivery {
        let store = self.world.machine.store();
        let pending = store.stuck_deliveries(Timestamp::MAX).await.unwrap();
        let id = pending.into_iter().find(|id| id.incident == self.waiting[number]).unwrap();
        store.delivery(id).await.unwrap().unwrap()
    }

    /// All is said, once, and nothing is left over before somebody else is called.
    async fn ends(mut self) {
        self.until(290).await;
        self.world.expect_silence();
        self.world.end().await;
    }

    /// As [`Crowd::ends`], where each of these was told of by then.
    async fn ends_with(mut self, by: i64, expected: &[usize], times_most: usize, what: &str) {
        self.until(by).await;
        let told = self.told().await;
        for number in expected {
            let (times, _) = told.get(number).unwrap_or_else(|| panic!("{what}: nobody was told of {number} within {by} s: {told:#?}"));
            assert!(*times <= times_most, "{what}: told {times} times of {number}");
        }
        assert_eq!(told.len(), expected.len(), "{what}: {told:#?}");
        self.world.sent();
        self.ends().await;
    }
}

#[tokio::test]
async fn whoever_is_next_at_a_crowded_gate_is_woken_for_its_opening() {
    let mut crowd = Crowd::behind_the_first(3).await;
    crowd.until(OPENS_AGAIN - 1).await;
    crowd.world.expect_silence();
    crowd.until(OPENS_AGAIN).await;
    // Both were woken for this moment. One passes and takes the other along.
    crowd.expect_told(&[1, 2]).await;
    crowd.ends().await;
}

#[tokio::test]
async fn one_that_is_woken_and_not_needed_any_more_hands_on_to_the_next_that_is() {
    let mut crowd = Crowd::behind_the_first(6).await;
    // Three are woken, and none of them is needed by then.
    for number in 1..5 {
        crowd.acknowledge(number).await;
    }
    crowd.until(OPENS_AGAIN).await;
    // It would have come by itself a quarter of a minute later.
    crowd.expect_told(&[5]).await;
    crowd.ends().await;
}

#[tokio::test]
async fn where_every_wake_up_is_lost_they_come_by_themselves_within_two_minutes_of_the_opening() {
    let mut crowd = Crowd::of(4).await;
    crowd.faults.follow(|call| wakes(call).then(lost));
    crowd.until(OPENS).await;
    crowd.expect_told(&[0]).await;
    crowd.until(OPENS_AGAIN).await;
    crowd.world.expect_silence();
    crowd.until(OPENS_AGAIN + 120).await;
    crowd.expect_told(&[1, 2, 3]).await;
    crowd.ends().await;
}

#[tokio::test]
async fn where_nobody_can_be_woken_the_gate_is_not_crowded_and_all_come_for_its_opening() {
    let mut crowd = Crowd::of(4).await;
    crowd.faults.follow(|call| wakes(call).then(|| Passage::Fail("the queue does not answer".to_owned())));
    crowd.until(OPENS).await;
    crowd.expect_told(&[0]).await;
    crowd.until(OPENS_AGAIN).await;
    crowd.expect_told(&[1, 2, 3]).await;
    crowd.ends().await;
}

#[tokio::test]
async fn where_their_own_messages_are_lost_too_the_sweeper_sends_others_within_80_seconds() {
    let mut crowd = Crowd::of(4).await;
    crowd.faults.follow(|call| is_message(call).then(lost));
    crowd.until(OPENS).await;
    crowd.expect_told(&[0]).await;
    crowd.faults.follow(|_| None);
    let mut by = OPENS_AGAIN;
    for number in 1..4 {
        by = by.max(crowd.delivery(number).await.retry_at.unwrap().duration_since(start()).as_secs() + 80);
    }
    assert!(by <= OPENS_AGAIN + 120 + 80, "they come by themselves within two minutes of the opening");
    crowd.until(OPENS_AGAIN).await;
    crowd.world.expect_silence();
    crowd.ends_with(by, &[0, 1, 2, 3], 1, "every message is lost").await;
}

/// When the gate opens for the second time the function dies after so many writes and messages, whatever it does at that moment.
/// Says whether it came so far, and whether it had sent anything to anybody by then.
async fn dies_after(writes: usize, crowd: &mut Crowd) -> (bool, bool) {
    let made = Arc::new(Mutex::new((0, false)));
    let clock = Arc::clone(crowd.world.machine.clock());
    let counted = Arc::clone(&made);
    crowd.faults.follow(move |call| {
        let (count, is_sent) = &mut *counted.lock().unwrap();
        let is_read = matches!(call.operation.as_str(), "GetItem" | "Query" | "BatchGetItem");
        if clock.now() != second(OPENS_AGAIN) || (is_read && *count <= writes) {
            return None;
        }
        *count += usize::from(!is_read);
        *is_sent |= call.operation == "Publish" && *count <= writes;
        (*count > writes).then(|| Passage::Fail("the function died".to_owned()))
    });
    crowd.until(OPENS_AGAIN).await;
    let (count, is_sent) = *made.lock().unwrap();
    (count > writes, is_sent)
}

#[tokio::test]
async fn one_that_dies_after_any_write_when_it_is_woken_comes_again_and_takes_the_others_along() {
    for writes in 0..WRITES_MAX {
        let mut crowd = Crowd::behind_the_first(3).await;
        let (has_died, is_sent) = dies_after(writes, &mut crowd).await;
        // It comes again after half a minute. Where the message had gone out and the record had not, it goes out twice.
        crowd.ends_with(OPENS_AGAIN + 90, &[0, 1, 2], if is_sent { 2 } else { 1 }, &format!("after {writes} writes")).await;
        if !has_died {
            assert!(writes > 8, "only {writes} writes were cut");
            return;
        }
    }
    panic!("more than {WRITES_MAX} writes are made for two pages");
}

#[tokio::test]
async fn one_that_dies_after_any_write_while_it_hands_on_loses_nobody_behind_it() {
    for writes in 0..WRITES_MAX {
        let mut crowd = Crowd::behind_the_first(4).await;
        for number in 1..3 {
            crowd.acknowledge(number).await;
        }
        let (has_died, is_sent) = dies_after(writes, &mut crowd).await;
        crowd.ends_with(OPENS_AGAIN + 90, &[0, 3], if is_sent { 2 } else { 1 }, &format!("after {writes} writes")).await;
        if !has_died {
            assert!(writes > 8, "only {writes} writes were cut");
            return;
        }
    }
    panic!("more than {WRITES_MAX} writes are made where two are not needed any more");
}

#[tokio::test]
async fn one_that_dies_between_its_message_and_its_record_is_neither_lost_nor_told_of_twice() {
    // They wait on at the first opening: a message for later is sent, and then the record is written.
    for is_written in [false, true] {
        let mut crowd = Crowd::of(4).await;
        crowd.faults.follow(move |call| {
            let is_record = call.operation == "UpdateItem" && String::from_utf8_lossy(&call.body).contains("SET retry_at");
            let fate = if is_written { Passage::RunThenFail } else { Passage::Fail };
            is_record.then(|| fate("the function died".to_owned()))
        });
        crowd.until(OPENS).await;
        crowd.expect_told(&[0]).await;
        crowd.faults.follow(|call| wakes(call).then(lost));
        crowd.ends_with(OPENS_AGAIN + 120, &[0, 1, 2, 3], 1, "dies between message and record").await;
    }
}

#[tokio::test]
async fn a_message_of_an_older_version_is_looked_at_whatever_the_record_says() {
    let mut crowd = Crowd::of(4).await;
    crowd.faults.follow(|call| is_message(call).then(lost));
    crowd.until(OPENS).await;
    crowd.expect_told(&[0]).await;
    crowd.until(OPENS_AGAIN).await;
    // Its message says neither for when it was sent nor whether it was woken.
    let id = crowd.delivery(3).await.id;
    let body = json!({ "delivery": id }).to_string();
    let record = json!({ "messageId": "older", "body": body, "eventSource": "aws:sqs" });
    crowd.world.invoke("delivery", json!({ "Records": [record] })).await;
    crowd.expect_told(&[1, 2, 3]).await;
    crowd.faults.follow(|_| None);
    crowd.ends().await;
}

#[tokio::test]
async fn one_that_can_not_be_read_keeps_nobody_at_the_gate_and_is_paged_about() {
    let mut crowd = Crowd::of(4).await;
    let id = crowd.delivery(2).await.id;
    crowd.world.put_body(&format!("INCIDENT#{}", id.incident), &format!("DELIVERY#{:010}#{:04}", id.version, id.index), &json!("?"));
    crowd.until(OPENS).await;
    crowd.expect_told(&[0]).await;
    crowd.until(OPENS_AGAIN).await;
    crowd.expect_told(&[1, 3]).await;
    // The claim that could not be read ends, and the sweeper finds it: the people of last resort are paged.
    crowd.until(OPENS_AGAIN + 25 + 80).await;
    let paged: BTreeSet<String> = crowd.world.sent().into_iter().map(|sent| sent.to).collect();
    assert_eq!(paged, ["aiko", "ben", "chie"].map(|person| phone(person).to_owned()).into());
    let about = crowd.world.open_incidents().await;
    assert!(about.iter().any(|incident| incident.title == format!("An effect of incident {} can not be read", id.incident)), "{about:#?}");
    // Neither its own message nor the one that woke it could be worked on.
    crowd.until(290).await;
    crowd.world.expect_silence();
    crowd.world.end_with_dead_letters(2).await;
}
