//! Waiting between attempts: exponential, with jitter that needs no random numbers.

use std::time::Duration;

use sha2::{Digest, Sha256};

/// The wait before attempt `attempt` (1 is the first retry): `base` doubled each time up to `most`, of which a part
/// between half and all is used. Which part follows from `key`, so that competitors spread and a replay repeats itself:
/// the key names who waits, not only what for.
pub fn backoff(key: &str, attempt: u32, base: Duration, most: Duration) -> Duration {
    let full = base.saturating_mul(1u32 << attempt.saturating_sub(1).min(16)).min(most);
    let hash = Sha256::digest(format!("{key}/{attempt}"));
    let share = u32::from(hash[0]) + 256;
    full * share / 511
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_stays_within_its_bounds_and_repeats_for_the_same_key() {
        let (base, most) = (Duration::from_millis(10), Duration::from_millis(200));
        for attempt in 1..=40 {
            let full = base.saturating_mul(1 << (attempt - 1).min(16)).min(most);
            let wait = backoff("a", attempt, base, most);
            assert!(wait >= full / 2 && wait <= full, "attempt {attempt}: {wait:?}");
            assert_eq!(wait, backoff("a", attempt, base, most));
        }
        let waits: std::collections::BTreeSet<_> = (0..50).map(|n| backoff(&n.to_string(), 3, base, most)).collect();
        assert!(waits.len() > 20, "competitors must not wait equally long: {waits:?}");
    }
}
