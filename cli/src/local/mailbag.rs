//! What waits for its time: queue messages and timers. Kept in memory on purpose: they are hints, and what a restart
//! loses the sweeper finds in the table.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use hansho_runtime::SharedClock;
use jiff::{SignedDuration, Timestamp};

use super::{
    aws::{ForeignRequest, Mail, ProviderFault, Schedule, ScheduleCreation, ScheduleDeletion, Sink, Sms, SqsMessage},
    outbox::Outbox,
};

/// After how many tries a message goes to the dead letters (a queue's `maxReceiveCount`).
const RECEIVES_MAX: u32 = 5;
/// How long a message that failed stays hidden: longer than a lease.
const VISIBILITY: SignedDuration = SignedDuration::from_secs(hansho_delivery::VISIBILITY_SECONDS as i64);

/// Something that waits for its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// A message of a queue.
    Message {
        /// The queue.
        queue_url: String,
        /// What it says.
        body: String,
        /// How often it was received before.
        receives: u32,
    },
    /// A schedule of Scheduler.
    Timer {
        /// Its name.
        name: String,
        /// What it hands over.
        input: String,
    },
}

#[derive(Debug, Default)]
struct Bag {
    count: u64,
    waiting: BTreeMap<(Timestamp, u64), Waiting>,
    schedules: BTreeSet<String>,
    dead_letters: Vec<Waiting>,
    objects: BTreeMap<(String, String), Vec<u8>>,
}

/// Queues and timers of the local run.
#[derive(Debug)]
pub struct Mailbag {
    clock: SharedClock,
    outbox: Arc<Outbox>,
    bag: Mutex<Bag>,
}

impl Mailbag {
    /// An empty bag. What is sent to people goes to `outbox`.
    pub fn new(clock: SharedClock, outbox: Arc<Outbox>) -> Self {
        Self { clock, outbox, bag: Mutex::default() }
    }

    /// Takes out the first thing whose time has come by `now`.
    pub fn take_due(&self, now: Timestamp) -> Option<Waiting> {
        self.bag(|bag| {
            let key = *bag.waiting.first_key_value().filter(|((at, _), _)| *at <= now)?.0;
            let waiting = bag.waiting.remove(&key)?;
            if let Waiting::Timer { name, .. } = &waiting {
                bag.schedules.remove(name);
            }
            Some(waiting)
        })
    }

    /// When the next thing comes due.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.bag(|bag| bag.waiting.first_key_value().map(|((at, _), _)| *at))
    }

    /// Puts a message back that failed; after five tries it goes to the dead letters.
    pub fn put_back(&self, waiting: Waiting) {
        let now = self.clock.now();
        let again = match waiting {
            Waiting::Message { queue_url, body, receives } if receives + 1 < RECEIVES_MAX => {
                Waiting::Message { queue_url, body, receives: receives + 1 }
            }
            dead => return self.bag(|bag| bag.dead_letters.push(dead)),
        };
        self.put(now.saturating_add(VISIBILITY).unwrap_or(Timestamp::MAX), again);
    }

    /// What was given up.
    pub fn dead_letters(&self) -> Vec<Waiting> {
        self.bag(|bag| bag.dead_letters.clone())
    }

    /// Keeps an object, as SES does with a mail.
    pub fn put_object(&self, bucket: &str, key: &str, bytes: Vec<u8>) {
        self.bag(|bag| bag.objects.insert((bucket.to_owned(), key.to_owned()), bytes));
    }

    /// Forgets everything that waits, as a restart does.
    pub fn lose_everything(&self) {
        self.bag(|bag| {
            bag.waiting.clear();
            bag.schedules.clear();
        });
    }

    fn put(&self, at: Timestamp, waiting: Waiting) {
        self.bag(|bag| {
            bag.count += 1;
            bag.waiting.insert((at, bag.count), waiting);
        });
    }

    fn bag<T>(&self, look: impl FnOnce(&mut Bag) -> T) -> T {
        look(&mut self.bag.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for Mailbag {
    fn sqs_message(&self, message: SqsMessage) -> Result<String, ProviderFault> {
        let at = self.clock.now().saturating_add(SignedDuration::from_secs(message.delay_seconds.into())).unwrap_or(Timestamp::MAX);
        self.put(at, Waiting::Message { queue_url: message.queue_url, body: message.body, receives: 0 });
        Ok(format!("local-{}", self.bag(|bag| bag.count)))
    }

    fn schedule_created(&self, schedule: Schedule) -> Result<ScheduleCreation, ProviderFault> {
        if !self.bag(|bag| bag.schedules.insert(schedule.name.clone())) {
            return Ok(ScheduleCreation::Conflict);
        }
        self.put(schedule.at, Waiting::Timer { name: schedule.name, input: schedule.input });
        Ok(ScheduleCreation::Created)
    }

    fn schedule_deleted(&self, name: &str, _group: &str) -> Result<ScheduleDeletion, ProviderFault> {
        let found = self.bag(|bag| {
            bag.waiting.retain(|_, waiting| !matches!(waiting, Waiting::Timer { name: known, .. } if known == name));
            bag.schedules.remove(name)
        });
        Ok(if found { ScheduleDeletion::Deleted } else { ScheduleDeletion::NotFound })
    }

    fn sms(&self, sms: Sms) -> Result<String, ProviderFault> {
        self.outbox.sms(sms)
    }

    fn mail(&self, mail: Mail) -> Result<String, ProviderFault> {
        self.outbox.mail(mail)
    }

    fn object(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, ProviderFault> {
        Ok(self.bag(|bag| bag.objects.get(&(bucket.to_owned(), key.to_owned())).cloned()))
    }

    fn foreign(&self, request: ForeignRequest) -> Result<(u16, Vec<u8>), String> {
        self.outbox.webhook(request)
    }
}
