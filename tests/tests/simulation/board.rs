//! The board: every call and every wait of every invocation is noted here and goes on only when the driver says so. It is
//! the gate before the endpoints, the clock, and the place where queues, timers and providers end.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
    future::{pending, poll_fn, ready},
    sync::{Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::Duration,
};

use hansho::local::aws::{
    Answer, Call, ForeignRequest, Gate, Mail, Passage, Pending, ProviderFault, Schedule, ScheduleCreation, ScheduleDeletion, Service, Sink,
    Sms, SqsMessage,
};
use hansho_domain::{Notice, NoticeKind};
use hansho_runtime::{Clock, clock::Sleep};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    history::History,
    random::Random,
    weather::Weather,
    work::{Deed, Message, Queue, Work},
};

/// How many lines of the trace are kept, unless everything is shown.
const TRACE_MAX: usize = 40;
/// How late Scheduler may be.
const SCHEDULER_LATE_MS: i64 = 59_000;
/// After this long a provider's answer is not waited for any more.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) struct Board(Mutex<State>);

/// Everything that the invocations, the driver and the services share. One thread, so the lock never waits.
pub(crate) struct State {
    pub(crate) now_ms: i64,
    pub(crate) random: Random,
    pub(crate) weather: Weather,
    /// The invocation that is being polled.
    pub(crate) current: Option<u64>,
    /// Calls that wait for the driver.
    pub(crate) calls: BTreeMap<u64, Call>,
    /// Calls that take their time.
    pub(crate) slow: BTreeMap<u64, i64>,
    pub(crate) passages: BTreeMap<u64, Passage>,
    /// Invocations that wait for an answer until they give up.
    pub(crate) late: BTreeSet<u64>,
    /// Invocations that die after their call has run.
    pub(crate) doomed: BTreeSet<u64>,
    pub(crate) dead: BTreeSet<u64>,
    pub(crate) sleeps: BTreeMap<u64, i64>,
    /// What comes when.
    pub(crate) post: BTreeMap<(i64, u64), Work>,
    post_count: u64,
    schedules: BTreeSet<String>,
    pub(crate) dead_letters: Vec<Message>,
    pub(crate) history: History,
    /// What an index answered before, by partition.
    pub(crate) remembered: BTreeMap<String, Vec<u8>>,
    pub(crate) trace: VecDeque<String>,
    pub(crate) trace_hash: u64,
    pub(crate) is_verbose: bool,
    pub(crate) counts: BTreeMap<&'static str, u64>,
    /// How many of those who are asked by a drill answer, of 10,000.
    pub(crate) answers: u32,
    /// What lies in the bucket of mails, by key.
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
}

impl Board {
    pub(crate) fn new(seed: u64, now_ms: i64, is_verbose: bool) -> Self {
        Self(Mutex::new(State {
            now_ms,
            random: Random::new(seed),
            weather: Weather::default(),
            current: None,
            calls: BTreeMap::new(),
            slow: BTreeMap::new(),
            passages: BTreeMap::new(),
            late: BTreeSet::new(),
            doomed: BTreeSet::new(),
            dead: BTreeSet::new(),
            sleeps: BTreeMap::new(),
            post: BTreeMap::new(),
            post_count: 0,
            schedules: BTreeSet::new(),
            dead_letters: Vec::new(),
            history: History::default(),
            remembered: BTreeMap::new(),
            trace: VecDeque::new(),
            trace_hash: 0xcbf2_9ce4_8422_2325,
            is_verbose,
            counts: BTreeMap::new(),
            answers: 0,
            objects: BTreeMap::new(),
        }))
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Board")
    }
}

impl State {
    pub(crate) fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// A line of the trace.
    pub(crate) fn say(&mut self, line: impl FnOnce() -> String) {
        let line = format!("{:>9.3} {}", (self.now_ms - super::START_MS) as f64 / 1000.0, line());
        for byte in line.bytes() {
            self.trace_hash = (self.trace_hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if !self.is_verbose && self.trace.len() >= TRACE_MAX {
            self.trace.pop_front();
        }
        self.trace.push_back(line);
    }

    pub(crate) fn post(&mut self, at_ms: i64, work: Work) {
        self.post_count += 1;
        self.post.insert((at_ms, self.post_count), work);
    }

    /// A message is put into a queue; queues do not keep order, and now and then hand one out twice.
    fn enqueue(&mut self, message: SqsMessage) {
        let queue = if message.queue_url.ends_with("timers") { Queue::Timers } else { Queue::Deliveries };
        let due = self.now_ms + i64::from(message.delay_seconds) * 1000;
        let (mut early, mut late) = (0, self.random.between(0, 900));
        if queue == Queue::Timers {
            if self.random.chance(self.weather.timer_lost) {
                return self.lose("a timer's message is lost", &message.body);
            }
            if message.delay_seconds > 0 && self.random.chance(self.weather.timer_early) {
                (early, late) = (self.random.between(1, 950), 0);
                self.count("timer early");
            }
        }
        let copy = Message { id: self.post_count + 1, queue, body: message.body, receives: 0 };
        if self.random.chance(self.weather.message_twice) {
            self.count("message twice");
            let at = if self.random.chance(4_000) { due + late } else { due + self.random.between(0, 4_000) };
            self.post(at, Work::Messages(vec![copy.clone()]));
        }
        if self.random.chance(self.weather.poison) {
            self.count("poison message");
            let poison = Message { id: self.post_count + 1_000_000, queue, body: "{\"poison\":true}".to_owned(), receives: 0 };
            self.post(due + late - early, Work::Messages(vec![poison]));
        }
        self.post(due + late - early, Work::Messages(vec![copy]));
    }

    fn lose(&mut self, what: &'static str, body: &str) {
        self.count("timer lost");
        self.say(|| format!("{what}: {body}"));
        let about = super::work::incidents_of(body);
        let now = self.now_ms;
        self.history.trouble(now, about, super::laws::TROUBLE_COST_MS);
    }

    fn schedule(&mut self, schedule: Schedule) -> ScheduleCreation {
        if !self.schedules.insert(schedule.name.clone()) {
            return ScheduleCreation::Conflict;
        }
        if self.random.chance(self.weather.timer_lost) {
            self.lose("a schedule is lost", &schedule.input);
            return ScheduleCreation::Created;
        }
        let at = schedule.at.as_millisecond();
        let times = if self.random.chance(self.weather.timer_twice) { 2 } else { 1 };
        for _ in 0..times {
            let early = if self.random.chance(self.weather.timer_early) { self.random.between(0, 950) } else { 0 };
            let late = if early > 0 { 0 } else { self.random.between(0, SCHEDULER_LATE_MS) };
            self.post(at + late - early, Work::Timer { input: schedule.input.clone(), tries: 0 });
        }
        ScheduleCreation::Created
    }

    fn deliver(&mut self, channel: &'static str, to: &str) -> Result<String, ProviderFault> {
        let (now, task) = (self.now_ms, self.current.unwrap_or(0));
        let outage =
            self.weather.outages.iter().find(|o| o.channel == channel && to.contains(&o.to) && (o.from_ms..o.until_ms).contains(&now));
        if let Some(fault) = outage.map(|outage| outage.fault.clone()) {
            self.count("provider refused");
            self.say(|| format!("[{task}] {channel} to {to} is refused: {fault:?}"));
            self.history.refuse(task, now);
            return Err(fault);
        }
        self.count("page accepted");
        self.say(|| format!("[{task}] {channel} to {to} is accepted"));
        let notice = self.history.accept(task, now, channel);
        let provider_id = format!("{channel}-{}", self.history.accepted_count());
        match notice {
            Some(notice) => self.answer(&notice),
            None => self.bounce(channel, &provider_id),
        }
        Ok(provider_id)
    }

    /// Some of those who are asked whether they can be reached say so.
    fn answer(&mut self, notice: &Notice) {
        let NoticeKind::Drill { drill, .. } = &notice.kind else { return };
        if self.random.chance(self.answers) {
            let at = self.now_ms + self.random.between(1_000, 300_000);
            let deed = Deed::Answer { user: notice.user.clone(), method: notice.method, drill: drill.clone() };
            self.post(at, Work::Deed { deed, tries: 0 });
        }
    }

    fn bounce(&mut self, channel: &'static str, provider_id: &str) {
        if channel == "email" && self.random.chance(self.weather.bounce) {
            let Some(id) = self.history.accepted.last().and_then(|a| a.deliveries.keys().next().copied()) else { return };
            let message = json!({
                "eventType": "Bounce",
                "bounce": { "bounceType": "Permanent", "bounceSubType": "General" },
                "mail": { "messageId": provider_id, "tags": { "hansho-delivery": [id.to_string()] } },
            });
            self.count("mail bounced");
            let at = self.now_ms + self.random.between(1_000, 60_000);
            self.post(at, Work::Report { event: json!({ "Records": [{ "Sns": { "Message": message.to_string() } }] }), tries: 0 });
        }
    }

    /// New rows are shown to the relay by the stream, one after the other or several together.
    fn stream(&mut self, rows: Vec<Value>) {
        for row in rows {
            let about = super::work::incidents_of(&row.to_string());
            if self.random.chance(self.weather.stream_lost) {
                self.count("stream record lost");
                self.say(|| format!("the stream forgets {}", row["sk"]["S"]));
                let now = self.now_ms;
                self.history.trouble(now, about, super::laws::TROUBLE_COST_MS);
                continue;
            }
            let record = json!({ "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": { "NewImage": row } });
            if self.random.chance(self.weather.stream_twice) {
                self.count("stream record twice");
                let at = self.now_ms + self.random.between(0, 20_000);
                self.post(at, Work::Stream { records: vec![record.clone()], tries: 0 });
            }
            let at = self.now_ms + self.random.between(0, 2_000);
            self.post(at, Work::Stream { records: vec![record], tries: 0 });
        }
    }
}

impl Gate for Board {
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        let Some(task) = self.state().current else { return Box::pin(ready(Passage::Run)) };
        // Of what an invocation asks at once, one call after the other is let through.
        let mut waiting = Some(call.clone());
        Box::pin(poll_fn(move |_| {
            let mut state = self.state();
            if waiting.is_none() {
                return state.passages.remove(&task).map_or(Poll::Pending, Poll::Ready);
            }
            if !state.calls.contains_key(&task) {
                state.calls.extend(waiting.take().map(|call| (task, call)));
            }
            Poll::Pending
        }))
    }

    fn answered<'a>(&'a self, call: &'a Call, answer: &'a Answer) -> Pending<'a, Option<Answer>> {
        let mut state = self.state();
        let (task, now) = (state.current, state.now_ms);
        let rows = state.history.see(task, now, call, answer);
        state.stream(rows);
        if let Some(partition) = indexed_partition(call).filter(|_| answer.status == 200) {
            state.remembered.insert(partition, answer.body.clone());
        }
        match task {
            Some(task) if state.late.remove(&task) => {
                drop(state);
                let waited = self.sleep(PROVIDER_TIMEOUT);
                Box::pin(async {
                    waited.await;
                    None
                })
            }
            Some(task) if state.doomed.remove(&task) => {
                state.dead.insert(task);
                Box::pin(pending())
            }
            _ => Box::pin(ready(None)),
        }
    }
}

/// The partition of an index that the call asks for.
pub(crate) fn indexed_partition(call: &Call) -> Option<String> {
    index_query(call).map(|(partition, _)| partition)
}

/// The partition of an index that the call asks for, and by when work has to be due.
pub(crate) fn index_query(call: &Call) -> Option<(String, i64)> {
    if call.service != Service::DynamoDb || call.operation != "Query" {
        return None;
    }
    let body: Value = serde_json::from_slice(&call.body).ok()?;
    body.get("IndexName")?;
    let values = &body["ExpressionAttributeValues"];
    Some((values[":pk"]["S"].as_str()?.to_owned(), values[":by"]["N"].as_str()?.parse().ok()?))
}

impl Clock for Board {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.state().now_ms).unwrap()
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        let (task, until) = {
            let state = self.state();
            (state.current, state.now_ms + i64::try_from(duration.as_millis()).unwrap())
        };
        let Some(task) = task else { return Box::pin(ready(())) };
        Box::pin(poll_fn(move |_| {
            let mut state = self.state();
            let now = state.now_ms;
            // Of several that sleep in one invocation, the first that wakes counts.
            let other = state.sleeps.get(&task).copied().filter(|other| *other > now);
            let next = [Some(until).filter(|until| *until > now), other].into_iter().flatten().min();
            match next {
                Some(next) => drop(state.sleeps.insert(task, next)),
                None => drop(state.sleeps.remove(&task)),
            }
            if now >= until { Poll::Ready(()) } else { Poll::Pending }
        }))
    }
}

impl Sink for Board {
    fn sqs_message(&self, message: SqsMessage) -> Result<String, ProviderFault> {
        self.state().enqueue(message);
        Ok("m".to_owned())
    }

    fn schedule_created(&self, schedule: Schedule) -> Result<ScheduleCreation, ProviderFault> {
        Ok(self.state().schedule(schedule))
    }

    fn schedule_deleted(&self, name: &str, _group: &str) -> Result<ScheduleDeletion, ProviderFault> {
        let was_there = self.state().schedules.remove(name);
        Ok(if was_there { ScheduleDeletion::Deleted } else { ScheduleDeletion::NotFound })
    }

    fn sms(&self, sms: Sms) -> Result<String, ProviderFault> {
        self.state().deliver("sms", &sms.phone)
    }

    fn mail(&self, mail: Mail) -> Result<String, ProviderFault> {
        self.state().deliver("email", &mail.to.join(","))
    }

    fn object(&self, _bucket: &str, key: &str) -> Result<Option<Vec<u8>>, ProviderFault> {
        Ok(self.state().objects.get(key).cloned())
    }

    fn foreign(&self, _request: ForeignRequest) -> Result<(u16, Vec<u8>), String> {
        Err("nobody is there".to_owned())
    }
}
