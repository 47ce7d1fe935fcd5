//! Numbers that follow from a seed, and clock times near a moment.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// Numbers that follow from a seed (SplitMix64, <https://prng.di.unimi.it/splitmix64.c>).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.roll() % (most - least + 1)
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.roll().is_multiple_of(times)
    }

    pub fn of<T: Copy>(&mut self, some: &[T]) -> T {
        some[usize::try_from(self.roll()).unwrap_or(usize::MAX) % some.len()]
    }

    /// Each of them or not, but one at least.
    pub fn some_of<'a>(&mut self, all: &[&'a str]) -> Vec<&'a str> {
        let chosen: Vec<&str> = all.iter().copied().filter(|_| self.once_in(2)).collect();
        if chosen.is_empty() { vec![self.of(all)] } else { chosen }
    }

    /// A minute from `least` to `most` minutes after `at`, which may be before it.
    pub fn near(&mut self, at: Timestamp, least: i64, most: i64) -> Timestamp {
        let minutes = least + i64::try_from(self.between(0, u64::try_from(most - least).unwrap())).unwrap();
        at + SignedDuration::from_mins(minutes)
    }

    /// A window of the day that begins or ends near `at` on the clock of `zone`: `from: "22:10", to: "00:05"`.
    pub fn window(&mut self, at: Timestamp, zone: &str) -> String {
        let from = self.near(at, -90, 40);
        let to = self.near(from, 5, 240);
        format!("from: \"{}\", to: \"{}\"", clock(from, zone, "%H:%M"), clock(to, zone, "%H:%M"))
    }
}

/// What the clock of `zone` shows at `at`.
pub fn clock(at: Timestamp, zone: &str, format: &str) -> String {
    at.to_zoned(TimeZone::get(zone).unwrap()).strftime(format).to_string()
}
