//! The driver: polls every invocation until it waits for a call, picks one of what waits by the seed, decides what
//! becomes of it, and moves the clock only when nothing can go on.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use hansho::local::{
    Functions,
    aws::{Answer, Call, EmbeddedDynamoDb, Endpoints, Passage, Service},
};
use hansho_domain::{DrillId, Incident, IntegrationId, Roster, UserId};
use hansho_runtime::{Aws, Downloads, SharedClock};
use hansho_store::{
    AddressHash, Addresses, Applied, Author, ConfigurationText, Drill, DrillBegun, DrillRequest, DrillScope, IntegrationKey, KeyMade,
    MaintenanceEnding, Proposal, Proposed, ProvenBy, Store, StoreError, create_table,
};
use serde_json::{Value, json};

use super::{
    START_MS,
    accounts::{Attempt, Outcome},
    board::{Board, State, index_query, indexed_partition},
    laws,
    signals::{self, EVENTS, Ruled, Says, Sent},
    weather::Weather,
    work::{self, Act, Deed, Message, PLANNED, Queue, Upkeep, Work},
    workload::{self, Plan, Team},
};

pub(crate) const TABLE: &str = "hansho";
const SWEEP_EVERY_MS: i64 = 60_000;
/// After this long Lambda ends an invocation: less than a lease.
const FUNCTION_TIMEOUT_MS: i64 = 20_000;
const VISIBILITY_MS: i64 = 30_000;
const RECEIVES_MAX: u32 = 5;
/// Lambda tries an asynchronous invocation twice more, after one and two minutes.
const RETRIES: [i64; 2] = [60_000, 120_000];
/// By how much a late answer delays what else the invocation has to do.
const LATE_ANSWER_COST_MS: i64 = 15_000;
/// How many other configurations a seed has.
const TEAMS: usize = 3;
/// How many warm instances each function has.
const WARM: usize = 3;
/// More calls than this in one world is a loop.
const CALLS_MAX: u64 = 200_000;

/// A warm instance: its store has a cache of its own.
pub(crate) struct Instance {
    pub(crate) store: Arc<Store>,
    functions: Functions,
}

/// How an invocation ended.
enum Done {
    /// The function answered.
    Answered(Value),
    /// The function failed.
    Failed(String),
}

struct Task {
    id: u64,
    work: Work,
    about: BTreeSet<String>,
    started_ms: i64,
    /// Rung by whoever has something for it.
    bell: Arc<Bell>,
    future: Pin<Box<dyn Future<Output = Done>>>,
}

/// What becomes of a call.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    Run,
    CrashBefore,
    CrashAfter,
    Refused(&'static str, Answer),
    Unreachable,
    LostAnswer,
    /// A provider accepts, and answers when nobody waits any more.
    LateAnswer,
    Slow(i64),
    /// The index answers as it stood, with what has gone since or without what has come.
    Stale(Vec<u8>),
    /// The index knows nothing yet.
    StaleEmpty,
}

/// What a scripted fault looks at.
pub(crate) struct Scene<'a> {
    pub(crate) function: &'static str,
    pub(crate) call: &'a Call,
    pub(crate) body: String,
    pub(crate) now_ms: i64,
}

pub(crate) type Script = Box<dyn FnMut(&Scene<'_>) -> Option<Fate>>;

pub(crate) struct World {
    pub(crate) board: Arc<Board>,
    pub(crate) database: EmbeddedDynamoDb,
    aws: Aws,
    endpoints: Endpoints,
    warm: Vec<Arc<Instance>>,
    tasks: BTreeMap<u64, Task>,
    next_task: u64,
    next_sweep_ms: i64,
    /// Woken even when there is nothing to find.
    pub(crate) sweeps_always: bool,
    pub(crate) script: Option<Script>,
    pub(crate) last_sweep: Value,
    pub(crate) failures: Vec<String>,
    /// Indexes that nobody has written to are not asked.
    pub(crate) is_fast: bool,
    /// Until when pages are measured.
    pub(crate) measured_until_ms: i64,
    /// The configuration that the world begins with, and those that are applied later.
    pub(crate) teams: Vec<Team>,
    /// When somebody began to apply which of them.
    pub(crate) applied: Vec<(i64, usize)>,
    /// After how many calls the index of work was last asked, and what comes first on it.
    next_work: Option<(u64, i64)>,
    /// How often the stream does not offer a record again after a crash, of 10,000.
    stream_gives_up: u32,
    /// Whether another version is in force than the last sweep has seen, so that the next one has schedules to look at.
    owes_look: bool,
    /// The drills that somebody asked for, and whether one of the requests was answered.
    pub(crate) drills: BTreeMap<u64, bool>,
    /// Whether somebody who applied saw it fail, and did not apply again: then open incidents may not have been told.
    pub(crate) gave_up_an_apply: bool,
    /// The taps that answer a drill, by invocation.
    pub(crate) answers: BTreeMap<u64, Answered>,
    /// The rules of each of the configurations.
    pub(crate) ruled: Vec<Ruled>,
    /// What tools send, by number.
    pub(crate) sent: BTreeMap<u64, Sent>,
    /// The invocations that were handed signals.
    pub(crate) attempts: BTreeMap<u64, Attempt>,
    /// How many instances there were.
    instances: Cell<u64>,
}

/// A tap that answers a drill.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) user: UserId,
    pub(crate) began_ms: i64,
    /// When the invocation was over, however it ended.
    pub(crate) over_ms: i64,
    /// They were told that it counts.
    pub(crate) is_made: bool,
}

/// Rings when a future wakes itself.
#[derive(Default)]
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    loop {
        let bell = Arc::new(Bell::default());
        match future.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::clone(&bell)))) {
            Poll::Ready(value) => return value,
            // The SDK's paginators wake themselves.
            Poll::Pending => assert!(bell.0.load(Ordering::Relaxed), "nothing waits here"),
        }
    }
}

impl World {
    pub(crate) fn new(seed: u64, team: &Team, is_verbose: bool) -> Self {
        let board = Arc::new(Board::new(seed, START_MS, is_verbose));
        let database = EmbeddedDynamoDb::memory().unwrap();
        let endpoints = Endpoints::new(database.clone(), Arc::<Board>::clone(&board)).with_gate(Arc::<Board>::clone(&board));
        let aws = Aws::in_process(endpoints.clone().client());
        let mut world = Self {
            board,
            database,
            aws,
            endpoints,
            warm: Vec::new(),
            tasks: BTreeMap::new(),
            next_task: 1,
            next_sweep_ms: START_MS + 17_000,
            sweeps_always: false,
            script: None,
            last_sweep: Value::Null,
            failures: Vec::new(),
            is_fast: false,
            measured_until_ms: 0,
            teams: vec![team.clone()],
            applied: vec![(START_MS, 0)],
            next_work: None,
            stream_gives_up: 0,
            owes_look: team.0.users().iter().any(|user| !user.reminders().is_empty()),
            drills: BTreeMap::new(),
            gave_up_an_apply: false,
            answers: BTreeMap::new(),
            ruled: vec![Ruled::default()],
            sent: BTreeMap::new(),
            attempts: BTreeMap::new(),
            instances: Cell::default(),
        };
        at_once(create_table(&aws_sdk_dynamodb::Client::new(&world.aws.config("dynamodb")), TABLE)).unwrap();
        world.warm = (0..WARM).map(|_| world.instance()).collect();
        at_once(world.store().apply_configuration(&team.0, &team.1)).unwrap();
        for integration in EVENTS {
            let id = IntegrationId::new(integration).unwrap();
            let created_at = jiff::Timestamp::from_millisecond(START_MS).unwrap();
            let key = IntegrationKey {
                id: "k1".to_owned(),
                integration: id,
                made_by: "tests".to_owned(),
                created_at,
                ends_at: None,
                is_revoked: false,
            };
            let made = at_once(world.store().make_integration_key(&signals::key_of(integration), &key, &[], created_at)).unwrap();
            assert!(matches!(made, KeyMade::Made { .. }));
        }
        world
    }

    /// A cold start.
    fn instance(&self) -> Arc<Instance> {
        let clock: SharedClock = Arc::<Board>::clone(&self.board);
        let client = aws_sdk_dynamodb::Client::new(&self.aws.config("dynamodb"));
        self.instances.set(self.instances.get() + 1);
        let store = Arc::new(Store::new(client, TABLE, clock).called_by(format!("instance {}", self.instances.get())));
        let secrets = signals::secrets();
        let webhooks = SharedHttpConnector::new(self.endpoints.clone());
        let downloads = Downloads::over(webhooks.clone());
        let functions = Functions::new(&store, &self.aws, webhooks, downloads, &secrets, "https://oncall.example.com");
        Arc::new(Instance { store, functions })
    }

    pub(crate) fn store(&self) -> Arc<Store> {
        Arc::clone(&self.warm[0].store)
    }

    /// Who can be called for the incident by the configuration in force.
    pub(crate) fn roster(&self, incident: &Incident) -> Roster {
        at_once(self.store().roster_now(incident)).unwrap()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.board.state().now_ms
    }

    pub(crate) fn post(&self, at_ms: i64, work: Work) {
        self.board.state().post(at_ms, work);
    }

    /// Runs the world until `until_ms`.
    pub(crate) fn run(&mut self, until_ms: i64) {
        loop {
            assert!(self.board.state().history.order < CALLS_MAX, "the world does not come to rest: something feeds itself");
            self.start_due();
            if self.go_on() {
                continue;
            }
            let next = self.next_event_ms().unwrap_or(until_ms);
            if next > until_ms {
                let mut state = self.board.state();
                state.now_ms = state.now_ms.max(until_ms);
                return;
            }
            let mut state = self.board.state();
            state.now_ms = state.now_ms.max(next);
        }
    }

    fn next_event_ms(&self) -> Option<i64> {
        let state = self.board.state();
        let post = state.post.keys().next().map(|(at, _)| *at);
        let timeouts = self.tasks.values().map(|task| task.started_ms + FUNCTION_TIMEOUT_MS);
        post.into_iter()
            .chain(state.sleeps.values().copied())
            .chain(state.slow.values().copied())
            .chain(timeouts)
            .chain([self.next_sweep_ms])
            .min()
    }

    /// Starts whatever has come due, messages of one queue sometimes together.
    fn start_due(&mut self) {
        let now = self.now_ms();
        loop {
            let mut state = self.board.state();
            let Some(key) = state.post.keys().next().copied().filter(|(at, _)| *at <= now) else { break };
            let Some(mut work) = state.post.remove(&key) else { break };
            if let Work::Messages(batch) = &mut work {
                while batch.len() < 3 && state.random.chance(5_000) {
                    let same = |work: &Work| matches!(work, Work::Messages(others) if others[0].queue == batch[0].queue);
                    let Some(other) =
                        state.post.iter().take_while(|((at, _), _)| *at <= now + 300).find(|(_, work)| same(work)).map(|(key, _)| *key)
                    else {
                        break;
                    };
                    if let Some(Work::Messages(others)) = state.post.remove(&other) {
                        batch.extend(others);
                    }
                }
            }
            drop(state);
            self.start(work);
        }
        if now >= self.next_sweep_ms {
            self.next_sweep_ms += SWEEP_EVERY_MS;
            // A sweep that would find nothing changes nothing; it takes 50 calls, so most of those are spared.
            let stale = self.board.state().weather.stale;
            let anyway = if stale > 0 { 2_500 } else { 100 };
            if self.sweeps_always || self.owes_look || self.has_work(now) || self.board.state().random.chance(anyway) {
                self.start(Work::Sweep);
            } else {
                self.board.state().count("idle sweep");
            }
        }
    }

    fn start(&mut self, mut work: Work) {
        let id = self.next_task;
        self.next_task += 1;
        let instance = {
            let mut state = self.board.state();
            let cold = state.random.chance(200);
            let slot = usize::try_from(state.random.below(WARM as u64)).unwrap_or(0);
            drop(state);
            if cold {
                self.warm[slot] = self.instance();
            }
            Arc::clone(&self.warm[slot])
        };
        if let Work::Person { incident, act, .. } = &mut work
            && incident.is_none()
        {
            let mut state = self.board.state();
            let known: Vec<_> = state.history.incidents().into_keys().collect();
            if known.is_empty() {
                return;
            }
            *incident = Some(*state.random.pick(&known));
            if let Act::Merge(target) = act {
                *target = Some(*state.random.pick(&known));
            }
        }
        let says = self.says(&work);
        let mut about = work.about();
        about.extend(says.iter().filter_map(|says| says.alert.clone()));
        let mut state = self.board.state();
        state.count("invocation");
        state.say(|| format!("[{id}] {} starts {}", work.name(), about.iter().cloned().collect::<Vec<_>>().join(" ")));
        let started_ms = state.now_ms;
        for alert in says.iter().filter_map(|says| says.alert.clone()) {
            state.history.alerts.entry(alert).or_default().begin(started_ms);
        }
        drop(state);
        if !says.is_empty() {
            self.attempts.insert(id, Attempt { says, over_ms: i64::MAX, outcome: Outcome::Unheard });
        }
        match &work {
            Work::Apply { team, .. } => self.applied.push((started_ms, *team)),
            Work::Deed { deed: Deed::Drill { number }, .. } => drop(self.drills.entry(*number).or_default()),
            Work::Deed { deed: Deed::Answer { user, .. }, .. } => {
                let answered = Answered { user: user.clone(), began_ms: started_ms, over_ms: i64::MAX, is_made: false };
                self.answers.insert(id, answered);
            }
            _ => {}
        }
        let future = invocation(instance, &work, &self.teams);
        self.tasks.insert(id, Task { id, work, about, started_ms, bell: Arc::default(), future });
        self.poll(id);
    }

    /// The signals that the work brings.
    fn says(&self, work: &Work) -> Vec<Says> {
        let of_alarm = |event: &Value| {
            let alerts = work::alerts_of(event);
            alerts.iter().filter_map(|alert| signals::says_alarm(event, alert)).collect::<Vec<_>>()
        };
        match work {
            Work::Alarm { event, .. } => of_alarm(event),
            Work::Messages(messages) if messages[0].queue == Queue::Alarms => {
                messages.iter().filter_map(|message| serde_json::from_str(&message.body).ok()).flat_map(|event| of_alarm(&event)).collect()
            }
            Work::Event { number, .. } | Work::Mail { number, .. } => self.sent[number].says.clone(),
            _ => Vec::new(),
        }
    }

    /// Lets one call or one wait go on. `false` when there is none.
    fn go_on(&mut self) -> bool {
        let (now, overdue) = {
            let state = self.board.state();
            let now = state.now_ms;
            (now, self.tasks.values().find(|task| now - task.started_ms >= FUNCTION_TIMEOUT_MS).map(|task| task.id))
        };
        if let Some(id) = overdue {
            self.crash(id, "timed out");
            return true;
        }
        let mut state = self.board.state();
        let waiting: Vec<u64> = state.calls.keys().copied().filter(|task| state.slow.get(task).is_none_or(|at| *at <= now)).collect();
        let asleep: Vec<u64> = state.sleeps.iter().filter(|(_, until)| **until <= now).map(|(task, _)| *task).collect();
        let is_rung = |task: &&Task| task.bell.0.load(Ordering::Relaxed);
        let is_free = |task: &&Task| !state.calls.contains_key(&task.id) && !state.sleeps.contains_key(&task.id);
        let told: Vec<u64> = self.tasks.values().filter(is_rung).filter(is_free).map(|task| task.id).collect();
        let ready: Vec<u64> = waiting.into_iter().chain(asleep).chain(told).collect();
        if ready.is_empty() {
            return false;
        }
        let id = *state.random.pick(&ready);
        if !state.calls.contains_key(&id) {
            drop(state);
            self.poll(id);
            return true;
        }
        // Every call takes a moment.
        state.now_ms += i64::from(state.random.chance(3_000));
        let was_slow = state.slow.remove(&id).is_some();
        drop(state);
        let fate = self.fate(id, was_slow);
        self.carry_out(id, fate);
        true
    }

    fn fate(&mut self, id: u64, was_slow: bool) -> Fate {
        let Some(task) = self.tasks.get(&id) else { return Fate::Run };
        let mut state = self.board.state();
        if let Some(script) = &mut self.script {
            let call = &state.calls[&id];
            let scene =
                Scene { function: task.work.name(), call, body: String::from_utf8_lossy(&call.body).into_owned(), now_ms: state.now_ms };
            if let Some(fate) = script(&scene) {
                return fate;
            }
        }
        random_fate(&mut state, id, &task.work, was_slow)
    }

    fn carry_out(&mut self, id: u64, fate: Fate) {
        let Some(task) = self.tasks.get(&id) else { return };
        let about = task.about.clone();
        let mut state = self.board.state();
        let now = state.now_ms;
        let call = &state.calls[&id];
        let (what, is_write) = (format!("{:?} {}", call.service, call.operation), is_write(call));
        let service = call.service;
        let trouble = |state: &mut State, cost: i64| state.history.trouble(now, about.clone(), cost);
        let passage = match fate {
            Fate::Run => {
                // The stored answers of an index that nobody ever wrote to are known.
                let empty = indexed_partition(call).filter(|_| self.is_fast).filter(|p| !state.history.work_partitions.contains(p));
                match empty {
                    Some(_) => Passage::Answer(empty_answer()),
                    None => Passage::Run,
                }
            }
            Fate::CrashBefore => {
                state.count("crash before a call");
                drop(state);
                return self.crash(id, &format!("dies before {what}"));
            }
            Fate::CrashAfter => {
                state.count("crash after a call");
                state.say(|| format!("[{id}] will die after {what}"));
                state.doomed.insert(id);
                Passage::Run
            }
            Fate::Refused(name, answer) => {
                state.count(name);
                trouble(
                    &mut state,
                    if name == "conflict" || is_write && service == Service::DynamoDb { 2_000 } else { laws::TROUBLE_COST_MS },
                );
                if matches!(service, Service::Sns | Service::Ses) {
                    state.history.refuse(id, now);
                }
                state.say(|| format!("[{id}] {what}: {name}"));
                Passage::Answer(answer)
            }
            Fate::Unreachable => {
                state.count("unreachable");
                trouble(&mut state, laws::TROUBLE_COST_MS);
                state.say(|| format!("[{id}] {what}: unreachable"));
                Passage::Fail("unreachable".to_owned())
            }
            Fate::LostAnswer => {
                state.count("lost answer");
                trouble(&mut state, laws::TROUBLE_COST_MS);
                state.say(|| format!("[{id}] {what}: the answer is lost"));
                Passage::RunThenFail("the connection was reset".to_owned())
            }
            Fate::LateAnswer => {
                state.count("late answer");
                trouble(&mut state, LATE_ANSWER_COST_MS);
                state.say(|| format!("[{id}] {what}: the answer comes too late"));
                state.late.insert(id);
                Passage::RunThenTimeOut("the answer comes too late".to_owned())
            }
            Fate::Slow(ms) => {
                state.count("slow call");
                trouble(&mut state, ms);
                state.say(|| format!("[{id}] {what} takes {ms} ms"));
                state.slow.insert(id, now + ms);
                return;
            }
            Fate::Stale(body) => {
                state.count("stale index");
                state.say(|| format!("[{id}] {what}: stale, {}", String::from_utf8_lossy(&body)));
                Passage::Answer(Answer::new(200, body))
            }
            Fate::StaleEmpty => {
                state.count("stale index, empty");
                trouble(&mut state, laws::TROUBLE_COST_MS);
                state.say(|| format!("[{id}] {what}: nothing yet"));
                Passage::Answer(empty_answer())
            }
        };
        state.count("call");
        state.say(|| format!("[{id}] {what}"));
        let is_lost = matches!(passage, Passage::RunThenFail(_) | Passage::RunThenTimeOut(_));
        state.calls.remove(&id);
        state.passages.insert(id, passage);
        let accepted = state.history.accepted_count();
        drop(state);
        self.poll_marking(id, is_lost.then_some(accepted));
    }

    fn poll(&mut self, id: u64) {
        self.poll_marking(id, None);
    }

    /// Polls an invocation until it waits again or ends.
    fn poll_marking(&mut self, id: u64, lost_from: Option<usize>) {
        let Some(task) = self.tasks.get_mut(&id) else { return };
        self.board.state().current = Some(id);
        let polled = loop {
            task.bell.0.store(false, Ordering::Relaxed);
            let polled = task.future.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::clone(&task.bell))));
            // A future that has woken itself (the SDK's paginators do) wants to be asked again.
            if polled.is_ready() || !task.bell.0.load(Ordering::Relaxed) {
                break polled;
            }
        };
        // What brings signals to one instance does some things together: one of them calls, the others wait until they are told.
        let is_with_others = self.attempts.contains_key(&id);
        let mut state = self.board.state();
        state.current = None;
        if lost_from.is_some_and(|from| state.history.accepted_count() > from) {
            state.history.answer_lost(id);
        }
        let is_dead = state.dead.remove(&id);
        let waits = is_with_others || state.calls.contains_key(&id) || state.sleeps.contains_key(&id);
        drop(state);
        match polled {
            Poll::Ready(done) => self.end(id, done),
            Poll::Pending if is_dead => self.crash(id, "dies"),
            Poll::Pending => {
                let state = self.board.state();
                assert!(
                    waits,
                    "invocation {id} waits for nothing\n{}",
                    state.trace.iter().map(|line| format!("{line}\n")).collect::<String>()
                );
            }
        }
    }

    fn end(&mut self, id: u64, done: Done) {
        let Some(task) = self.tasks.remove(&id) else { return };
        let mut state = self.board.state();
        let now = state.now_ms;
        match done {
            Done::Answered(answer) => {
                state.say(|| format!("[{id}] {} ends: {answer}", task.work.name()));
                let failed: BTreeSet<String> = answer["batchItemFailures"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|f| Some(f["itemIdentifier"].as_str()?.to_owned()))
                    .collect();
                // A record that failed was not recorded, whatever the provider said.
                state.history.over(id, (!failed.is_empty()).then_some("the record failed"));
                match &task.work {
                    Work::Messages(messages) => {
                        let (back, gone): (Vec<Message>, Vec<Message>) =
                            messages.iter().cloned().partition(|m| failed.contains(&format!("m{}", m.id)));
                        for message in gone.iter().filter(|message| message.queue == Queue::Alarms) {
                            accept_alerts(&mut state, &Work::Messages(vec![message.clone()]).about());
                        }
                        put_back(&mut state, back, task.started_ms);
                    }
                    Work::Alarm { .. } | Work::Mail { .. } => {
                        accept_alerts(&mut state, &task.about);
                        drop(state);
                        self.heard(id, Outcome::Accepted, now);
                    }
                    Work::Event { number, request, tries } => {
                        let outcome = heard_of(&answer);
                        state.count(match outcome {
                            Outcome::Accepted => "event accepted",
                            Outcome::Refused => "event refused",
                            Outcome::Unheard => "event told to come again",
                        });
                        // Some do not hear that it is taken in.
                        let misses = state.weather.lost_answer * 5;
                        if outcome == Outcome::Unheard || outcome == Outcome::Accepted && state.random.chance(misses) {
                            let wait = state.random.between(500, 20_000);
                            send_again(&mut state, wait, *number, request, *tries);
                        }
                        drop(state);
                        self.heard(id, outcome, now);
                    }
                    Work::Sweep => {
                        drop(state);
                        self.last_sweep = answer;
                        self.owes_look = false;
                    }
                    Work::Apply { .. } => {
                        state.count("configuration applied");
                        self.owes_look = self.teams.iter().any(|(team, _)| team.users().iter().any(|user| !user.reminders().is_empty()));
                    }
                    Work::Deed { deed: Deed::Drill { number }, .. } => {
                        state.count("drill");
                        self.drills.insert(*number, true);
                    }
                    Work::Deed { deed: Deed::Answer { .. }, .. } => {
                        state.count("drill answered");
                        if let Some(answered) = self.answers.get_mut(&id) {
                            (answered.over_ms, answered.is_made) = (now, answer == "proven");
                        }
                    }
                    Work::Deed { .. } => state.count("override made or taken back"),
                    Work::Timer { .. } | Work::Stream { .. } | Work::Report { .. } | Work::Person { .. } | Work::Maintain { .. } => {}
                }
            }
            Done::Failed(error) => {
                state.say(|| format!("[{id}] {} fails: {error}", task.work.name()));
                state.history.over(id, Some("the invocation failed"));
                state.history.trouble(now, task.about.clone(), 0);
                drop(state);
                self.heard(id, Outcome::Unheard, now);
                self.failures.push(format!("{}: {error}", task.work.name()));
                self.again(task);
            }
        }
    }

    /// The sender of what the invocation was handed hears what became of it.
    fn heard(&mut self, task: u64, outcome: Outcome, now: i64) {
        if let Some(attempt) = self.attempts.get_mut(&task) {
            (attempt.outcome, attempt.over_ms) = (outcome, now);
        }
    }

    fn crash(&mut self, id: u64, why: &str) {
        let Some(task) = self.tasks.remove(&id) else { return };
        let mut state = self.board.state();
        state.say(|| format!("[{id}] {} {why}", task.work.name()));
        state.calls.remove(&id);
        state.slow.remove(&id);
        state.sleeps.remove(&id);
        state.passages.remove(&id);
        state.doomed.remove(&id);
        state.late.remove(&id);
        state.history.over(id, Some("crash"));
        let now = state.now_ms;
        state.history.trouble(now, task.about.clone(), laws::TROUBLE_COST_MS);
        drop(state);
        if let Some(answered) = self.answers.get_mut(&id) {
            answered.over_ms = now;
        }
        self.heard(id, Outcome::Unheard, now);
        self.again(task);
    }

    /// What woke the function tries again, each in its own way.
    fn again(&mut self, task: Task) {
        let mut state = self.board.state();
        let now = state.now_ms;
        let retry = |state: &mut State, tries: u32, work: Work| match RETRIES.get(usize::try_from(tries).unwrap_or(9)) {
            Some(wait) => state.post(now + wait, work),
            None => state.count("given up by Lambda"),
        };
        match task.work {
            Work::Messages(messages) => put_back(&mut state, messages, task.started_ms),
            Work::Timer { input, tries } => retry(&mut state, tries, Work::Timer { input, tries: tries + 1 }),
            Work::Report { event, tries } => retry(&mut state, tries, Work::Report { event, tries: tries + 1 }),
            // An alarm must not be given up by Lambda: what is lost before it is accepted is not Hansho's.
            Work::Alarm { event, tries } => retry(&mut state, tries.min(1), Work::Alarm { event, tries: tries + 1 }),
            Work::Mail { number, event, tries } => retry(&mut state, tries.min(1), Work::Mail { number, event, tries: tries + 1 }),
            Work::Event { number, request, tries } => {
                let wait = state.random.between(500, 20_000);
                send_again(&mut state, wait, number, &request, tries);
            }
            // A record is offered again, or the stream has gone on without it.
            Work::Stream { records, tries } if tries < 2 && !state.random.chance(self.stream_gives_up) => {
                state.post(now + 1_500, Work::Stream { records, tries: tries + 1 });
            }
            Work::Stream { .. } => state.count("given up by the stream"),
            Work::Person { number, user, act, incident, tries } if tries < 3 => {
                state.post(now + 4_000, Work::Person { number, user, act, incident, tries: tries + 1 });
            }
            // Whoever applied sees that it failed, and applies again.
            Work::Maintain { number, act, tries } if tries < 3 => {
                state.post(now + 4_000, Work::Maintain { number, act, tries: tries + 1 });
            }
            Work::Apply { team, tries } if tries < 3 => state.post(now + 5_000, Work::Apply { team, tries: tries + 1 }),
            Work::Deed { deed, tries } if tries < 3 => state.post(now + 4_000, Work::Deed { deed, tries: tries + 1 }),
            Work::Apply { .. } => {
                drop(state);
                self.gave_up_an_apply = true;
            }
            Work::Person { .. } | Work::Maintain { .. } | Work::Deed { .. } | Work::Sweep => {}
        }
    }

    /// Asks the table, past the gate.
    pub(crate) fn query(&self, request: &Value, operation: &str) -> Value {
        let (status, body) = self.database.call(&format!("DynamoDB_20120810.{operation}"), request.to_string().as_bytes());
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Whether a sweep would find anything. Asked of the table only when something was written since.
    fn has_work(&mut self, now: i64) -> bool {
        let (order, partitions) = {
            let state = self.board.state();
            (state.history.order, state.history.work_partitions.clone())
        };
        if self.next_work.is_none_or(|(known, _)| known != order) {
            let first = partitions.iter().filter_map(|partition| self.first_work_of(partition)).min().unwrap_or(i64::MAX);
            self.next_work = Some((order, first));
        }
        self.next_work.is_some_and(|(_, first)| first <= now)
    }

    /// When the first work of a partition of the index is due.
    fn first_work_of(&self, partition: &str) -> Option<i64> {
        let request = json!({
            "TableName": TABLE, "IndexName": "work", "KeyConditionExpression": "work_pk = :pk", "Limit": 1,
            "ExpressionAttributeValues": { ":pk": { "S": partition } },
        });
        self.query(&request, "Query")["Items"][0]["work_at"]["N"].as_str()?.parse().ok()
    }

    pub(crate) fn partition(&self, pk: &str) -> Vec<Value> {
        let request = json!({
            "TableName": TABLE, "KeyConditionExpression": "pk = :pk", "ConsistentRead": true,
            "ExpressionAttributeValues": { ":pk": { "S": pk } },
        });
        self.query(&request, "Query")["Items"].as_array().cloned().unwrap_or_default()
    }

    /// The whole table as text.
    pub(crate) fn dump(&self) -> String {
        let partitions = self.board.state().history.partitions.clone();
        partitions.iter().flat_map(|pk| self.partition(pk)).map(|item| format!("{item}\n")).collect()
    }

    /// A drill, with who is called and who of them is unproven, as its certificate says.
    pub(crate) fn certificate(&self, number: u64) -> Option<(Drill, BTreeSet<UserId>, BTreeSet<UserId>)> {
        // An instance that has cached nothing.
        let instance = self.instance();
        let drill = at_once(instance.store.drill(&drill_id(number))).unwrap()?;
        let certificate = at_once(instance.store.certificate(&drill)).unwrap()?;
        let people: BTreeSet<UserId> = certificate.people.keys().cloned().collect();
        let is_proven = |user: &&UserId| certificate.people[*user].contacts.values().any(|proof| proof.is_proven_since(drill.began_at));
        let unproven = people.iter().filter(|user| !is_proven(user)).cloned().collect();
        Some((drill, unproven, people))
    }

    /// Somebody does something now.
    pub(crate) fn act(&self, number: u64, act: Act, incident: Option<hansho_domain::IncidentId>) {
        self.post(self.now_ms(), Work::Person { number, user: workload::user(1), act, incident, tries: 0 });
    }
}

fn accept_alerts(state: &mut State, alerts: &BTreeSet<String>) {
    for alert in alerts {
        if let Some(known) = state.history.alerts.get_mut(alert) {
            known.accept();
        }
    }
}

/// What the sender of an event hears.
fn heard_of(answer: &Value) -> Outcome {
    match answer["statusCode"].as_u64() {
        Some(200..300) => Outcome::Accepted,
        Some(400) => Outcome::Refused,
        _ => Outcome::Unheard,
    }
}

/// Whoever did not hear that an event is taken in sends it again, until they give up.
fn send_again(state: &mut State, wait_ms: i64, number: u64, request: &Value, tries: u32) {
    if !signals::tries_again(tries) {
        return state.count("given up by a sender");
    }
    let at = state.now_ms + wait_ms;
    state.post(at, Work::Event { number, request: request.clone(), tries: tries + 1 });
}

fn put_back(state: &mut State, messages: Vec<Message>, received_ms: i64) {
    for message in messages {
        // An alarm must not end among the dead letters: what was never accepted is not Hansho's.
        if message.receives + 1 >= RECEIVES_MAX && message.queue != Queue::Alarms {
            state.count("dead letter");
            state.say(|| format!("dead letter {}", message.body));
            state.dead_letters.push(message);
        } else {
            let at = (received_ms + VISIBILITY_MS).max(state.now_ms);
            let receives = message.receives + 1;
            state.post(at, Work::Messages(vec![Message { receives, ..message }]));
        }
    }
}

fn invocation(instance: Arc<Instance>, work: &Work, teams: &[Team]) -> Pin<Box<dyn Future<Output = Done>>> {
    if let Work::Apply { team, .. } = work {
        let (configuration, contacts) = teams[*team].clone();
        return Box::pin(async move {
            let (text, author) = (ConfigurationText::default(), Author::default());
            let addresses = Addresses { contacts: &contacts, destinations: &BTreeMap::new() };
            let proposal = Proposal { configuration: &configuration, addresses, text: &text, author: &author, summary: "", expected: None };
            match instance.functions.config().propose(&proposal).await {
                Ok((Proposed::InForce(made), affected)) => Done::Answered(json!({ "version": made.version, "incidents": affected })),
                Ok((other, _)) => Done::Answered(json!(format!("{other:?}"))),
                Err(error) => Done::Failed(error.to_string()),
            }
        });
    }
    if let Work::Person { number, user, act, incident: Some(incident), .. } = work {
        let (number, user, act, incident) = (*number, user.clone(), act.clone(), *incident);
        return Box::pin(async move {
            let input = work::input(number, &user, &act, instance.store.clock().now());
            match instance.store.apply(incident, &input).await {
                Ok(applied) => Done::Answered(json!(match applied {
                    Applied::Changed(_) => "changed".to_owned(),
                    Applied::Ignored(why, _) => format!("{why:?}"),
                    Applied::Rejected(why, _) => format!("{why:?}"),
                    Applied::Unknown => "unknown".to_owned(),
                })),
                Err(error) => Done::Failed(error.to_string()),
            }
        });
    }
    if let Work::Maintain { number, act, .. } = work {
        let (number, act) = (*number, act.clone());
        return Box::pin(async move {
            match maintain(&instance.store, number, &act).await {
                Ok(what) => Done::Answered(json!(what)),
                Err(error) => Done::Failed(error.to_string()),
            }
        });
    }
    if let Work::Deed { deed, .. } = work {
        let deed = deed.clone();
        return Box::pin(
            async move { done(&instance.store, deed).await.map_or_else(|error| Done::Failed(error.to_string()), Done::Answered) },
        );
    }
    let (name, event) = (work.name(), work.event());
    Box::pin(async move {
        match instance.functions.invoke(name, event).await {
            Ok(Ok(answer)) => Done::Answered(answer),
            Ok(Err(error)) => Done::Failed(hansho_runtime::chain(&error)),
            Err(error) => Done::Failed(error.to_string()),
        }
    })
}

/// Does what the API does when somebody begins or ends a window.
async fn maintain(store: &Store, number: u64, act: &Upkeep) -> Result<String, StoreError> {
    if let Some(made) = work::begun(number, act, store.clock().now()) {
        return Ok(format!("{:?}", store.add_maintenance(&made).await?));
    }
    let Upkeep::End(which) = act else { return Ok("nothing".to_owned()) };
    let id = which.map_or_else(|| PLANNED.parse().unwrap(), work::live);
    match store.end_maintenance(&id, "tests").await? {
        MaintenanceEnding::Ended(ended) | MaintenanceEnding::EndedBefore(ended) => {
            Ok(format!("{id} has ended: {:?}", store.release_held(&ended).await?))
        }
        other => Ok(format!("{other:?}")),
    }
}

/// What somebody asks for over the API.
async fn done(store: &Store, deed: Deed) -> Result<Value, StoreError> {
    Ok(match deed {
        Deed::AddOverride(made) => store.add_override(&made, "tests").await.map(|()| json!("made"))?,
        Deed::RemoveOverride { schedule, id } => {
            json!(format!("{:?}", store.remove_override(&schedule, &id, store.clock().now(), "tests").await?).split(['(', ' ']).next())
        }
        Deed::Drill { number } => match store.begin_drill(&drill_request(number, store.clock().now())).await? {
            DrillBegun::Begun(_) => json!("begun"),
            DrillBegun::Known(_) => json!("known"),
            other => json!(format!("{other:?}")),
        },
        Deed::Answer { user, method, drill } => {
            let Some(profile) = store.profile(&user).await? else { return Ok(json!("they have left")) };
            let Some(address) = AddressHash::of(&profile.contact, method) else { return Ok(json!("they have no such address")) };
            let is_proven = store.prove(&user, method, &address, &ProvenBy::Drill(drill)).await?;
            json!(if is_proven { "proven" } else { "not theirs" })
        }
    })
}

pub(crate) fn drill_id(number: u64) -> DrillId {
    DrillId::new(format!("{number:012}")).unwrap()
}

/// About everybody whom the services may call in the two hours from the beginning on.
fn drill_request(number: u64, now: jiff::Timestamp) -> DrillRequest {
    let at = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap();
    DrillRequest {
        id: drill_id(number),
        scope: DrillScope::Everything,
        from: at(START_MS),
        until: at(START_MS + 7_200_000),
        time_zone: "Asia/Tokyo".to_owned(),
        send_at: now,
        by: "simulation".to_owned(),
    }
}

fn is_write(call: &Call) -> bool {
    ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"].contains(&call.operation.as_str())
}

/// What the index named at some time in the last ten minutes: each item of an index lags by itself.
fn stale_answer(partition: &str, once: &BTreeMap<(String, String), i64>, by_ms: i64) -> Vec<u8> {
    let items = once.iter().filter(|(_, at)| (by_ms - 600_000..=by_ms).contains(*at));
    let items: Vec<Value> = items
        .map(|((pk, sk), at)| json!({ "pk": { "S": pk }, "sk": { "S": sk }, "work_pk": { "S": partition }, "work_at": { "N": at.to_string() } }))
        .collect();
    json!({ "Count": items.len(), "ScannedCount": items.len(), "Items": items }).to_string().into_bytes()
}

fn empty_answer() -> Answer {
    Answer::new(200, r#"{"Items":[],"Count":0,"ScannedCount":0}"#)
}

fn random_fate(state: &mut State, id: u64, work: &Work, was_slow: bool) -> Fate {
    let call = state.calls[&id].clone();
    let weather: Weather = Weather { outages: Vec::new(), ..state.weather.clone() };
    // A person's tap is tried again by the person; taps are not what is tested here.
    let random = &mut state.random;
    if random.chance(weather.crash) {
        return if random.chance(5_000) { Fate::CrashBefore } else { Fate::CrashAfter };
    }
    if random.chance(weather.lost_answer) {
        return Fate::LostAnswer;
    }
    if matches!(call.service, Service::Sns | Service::Ses) && random.chance(weather.late_answer) {
        return Fate::LateAnswer;
    }
    if random.chance(weather.unreachable) {
        return Fate::Unreachable;
    }
    if !was_slow && random.chance(weather.slow) && !matches!(work, Work::Person { .. }) {
        return Fate::Slow(random.between(1_000, 12_000));
    }
    if random.chance(weather.refused) {
        return if random.chance(5_000) {
            Fate::Refused("throttled", Answer::throttled(call.service))
        } else {
            Fate::Refused("out of order", Answer::unavailable(call.service))
        };
    }
    if call.service == Service::DynamoDb {
        if is_write(&call) && random.chance(weather.conflict) {
            let answer = if call.operation == "TransactWriteItems" {
                let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
                Answer::transaction_conflict(body["TransactItems"].as_array().map_or(1, Vec::len))
            } else {
                Answer::conditional_conflict()
            };
            return Fate::Refused("conflict", answer);
        }
        if weather.stale > 0
            && let Some((partition, by_ms)) = index_query(&call)
            && let Some(once) = state.history.once_indexed.get(&partition)
            && state.random.chance(weather.stale)
        {
            return if state.random.chance(3_000) { Fate::StaleEmpty } else { Fate::Stale(stale_answer(&partition, once, by_ms)) };
        }
    }
    Fate::Run
}

/// A seed's whole story: faults for a while, then quiet, then everything is resolved.
pub(crate) fn story(seed: u64, is_verbose: bool) -> (World, Weather) {
    let mut random = super::random::Random::new(seed ^ 0x5EED);
    let mut of_notices = super::random::Random::new(seed ^ 0xB311);
    let has_notices = of_notices.chance(4_000);
    let lasts_ms = random.between(10, 35) * 60_000;
    let plan = Plan::random(&mut random);
    let people = plan.people.len() as u64;
    let plan = if has_notices { plan.reminded(&mut of_notices) } else { plan };
    let mut of_signals = super::random::Random::new(seed ^ 0xE7E7);
    let has_signals = of_signals.chance(6_000);
    let ruled: Vec<Ruled> = (0..=TEAMS).map(|_| if has_signals { Ruled::random(&mut of_signals) } else { Ruled::default() }).collect();
    let plan = plan.ruled(ruled[0]);
    let weather = Weather::of(&mut random, START_MS, lasts_ms);
    let events = workload::events(&mut random, START_MS, lasts_ms);
    let mut world = World::new(seed, &plan.team(), is_verbose);
    world.teams.extend(ruled[1..].iter().map(|ruled| Plan::edited(&mut random, *ruled)));
    world.ruled = ruled;
    if has_signals {
        world.send(signals::sent(&mut of_signals, START_MS, lasts_ms));
    }
    let upkeep = workload::upkeep(&mut random, START_MS, lasts_ms);
    let applies = workload::applies(&mut random, world.teams.len(), START_MS, lasts_ms);
    let deeds = if has_notices { workload::deeds(&mut of_notices, people, START_MS, lasts_ms) } else { Vec::new() };
    for (at, work) in events.into_iter().chain(applies).chain(deeds).chain(upkeep) {
        world.post(at, work);
    }
    world.board.state().answers = 6_000;
    {
        let mut state = world.board.state();
        state.say(|| format!("{weather:?}"));
        state.weather = weather.clone();
    }
    world.is_fast = true;
    world.stream_gives_up = 5_000;
    world.run(START_MS + lasts_ms);
    world.calm_down();
    world.resolve_everything();
    (world, weather)
}

impl World {
    /// Tools send all this.
    pub(crate) fn send(&mut self, sent: Vec<(i64, Sent, Work)>) {
        for (number, (at, sent, work)) in (0..).zip(sent) {
            self.board.state().objects.extend(sent.object.clone());
            self.sent.insert(number, sent);
            self.post(at, work);
        }
    }

    /// No more faults, and time for everything to heal.
    pub(crate) fn calm_down(&mut self) {
        {
            let mut state = self.board.state();
            state.weather = Weather::default();
            state.say(|| "the weather is calm".to_owned());
        }
        self.script = None;
        self.run(self.now_ms() + 8 * 60_000);
    }

    /// People resolve whatever is open, and what is on its way comes to rest.
    pub(crate) fn resolve_everything(&mut self) {
        laws::before_the_end(self);
        let open: Vec<_> = {
            let state = self.board.state();
            state.history.incidents().into_iter().filter(|(_, incident)| !incident.phase.is_resolved()).map(|(id, _)| id).collect()
        };
        for (number, id) in (1_000..).zip(open) {
            self.act(number, Act::Resolve, Some(id));
        }
        self.run(self.now_ms() + 5 * 60_000);
        self.sweeps_always = true;
        self.run(self.now_ms() + 61_000);
    }
}
