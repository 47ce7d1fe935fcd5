//! The weather of a seed: which faults are about, and how often.

use hansho::local::aws::ProviderFault;

use super::random::Random;

/// How often each fault strikes: of 10,000 calls, messages or timers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Weather {
    /// The function dies at a call, before or after it.
    pub(crate) crash: u32,
    /// The service throttles or is out of order.
    pub(crate) refused: u32,
    /// A transaction holds the item.
    pub(crate) conflict: u32,
    /// The call ran, its answer was lost.
    pub(crate) lost_answer: u32,
    /// A provider does what it is asked and answers when nobody waits any more.
    pub(crate) late_answer: u32,
    /// The call never arrived.
    pub(crate) unreachable: u32,
    /// An index answers as it stood a while ago.
    pub(crate) stale: u32,
    /// The call takes up to 12 seconds.
    pub(crate) slow: u32,
    /// The stream forgets a row.
    pub(crate) stream_lost: u32,
    /// The stream shows a row again.
    pub(crate) stream_twice: u32,
    /// A timer is lost, the schedule and the message.
    pub(crate) timer_lost: u32,
    /// A timer rings twice.
    pub(crate) timer_twice: u32,
    /// A timer rings up to a second early.
    pub(crate) timer_early: u32,
    /// A message comes twice.
    pub(crate) message_twice: u32,
    /// A message that nobody can read lies in the queue.
    pub(crate) poison: u32,
    /// A mail bounces after it was accepted.
    pub(crate) bounce: u32,
    /// Which providers are out of order, for whom, when.
    pub(crate) outages: Vec<Outage>,
}

/// A provider that is out of order for a while.
#[derive(Debug, Clone)]
pub(crate) struct Outage {
    pub(crate) channel: &'static str,
    /// Only for addresses that contain this.
    pub(crate) to: String,
    pub(crate) from_ms: i64,
    pub(crate) until_ms: i64,
    pub(crate) fault: ProviderFault,
}

impl Weather {
    /// The weather of a seed that starts at `start_ms` and lasts so long.
    pub(crate) fn of(random: &mut Random, start_ms: i64, lasts_ms: i64) -> Self {
        let mut weather = Self::default();
        // What is no fault but how the services are: at least once, in any order.
        if random.chance(8_000) {
            weather.stream_twice = 1_500;
            weather.timer_twice = 2_000;
            weather.timer_early = 2_500;
            weather.message_twice = 2_000;
            weather.poison = 600;
        }
        let some = |random: &mut Random, of: u32, rates: &[u32]| if random.chance(of) { *random.pick(rates) } else { 0 };
        match random.below(10) {
            // Calm: whatever is late here is late by itself.
            0..=1 => {}
            // One kind of trouble, often.
            2 => weather.crash = *random.pick(&[300, 800]),
            3 => weather.timer_lost = 10_000,
            4 => (weather.stream_lost, weather.stale) = (3_000, 5_000),
            5 => (weather.conflict, weather.refused) = (1_500, 100),
            // Everything together.
            _ => {
                weather.crash = some(random, 7_000, &[30, 100, 250]);
                weather.refused = some(random, 5_000, &[30, 100]);
                weather.conflict = some(random, 5_000, &[200, 800]);
                weather.lost_answer = some(random, 5_000, &[50, 200]);
                weather.late_answer = some(random, 4_000, &[500, 3_000]);
                weather.unreachable = some(random, 3_000, &[50, 100]);
                weather.stale = some(random, 5_000, &[1_000, 4_000]);
                weather.slow = some(random, 4_000, &[50, 200]);
                weather.stream_lost = some(random, 4_000, &[300, 1_500]);
                weather.timer_lost = some(random, 4_000, &[500, 3_000]);
                weather.bounce = some(random, 2_000, &[1_000]);
            }
        }
        for _ in 0..if random.chance(4_000) { random.below(3) + 1 } else { 0 } {
            weather.outages.push(Outage::of(random, start_ms, lasts_ms));
        }
        weather
    }
}

impl Outage {
    fn of(random: &mut Random, start_ms: i64, lasts_ms: i64) -> Self {
        let from_ms = start_ms + random.between(0, lasts_ms / 2);
        let channel = *random.pick(&["sms", "email"]);
        let user = random.below(4);
        Self {
            channel,
            // User 0 has no address: everybody.
            to: match (user, channel) {
                (0, _) => String::new(),
                (n, "sms") => format!("+8190000000{n}"),
                (n, _) => format!("u{n}@"),
            },
            from_ms,
            until_ms: from_ms + random.between(20_000, 600_000),
            fault: match random.below(3) {
                0 => ProviderFault::Throttled,
                1 => ProviderFault::Unavailable,
                _ => ProviderFault::Rejected("nobody lives here".to_owned()),
            },
        }
    }
}
