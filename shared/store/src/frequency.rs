//! How often something may be asked for that costs a message, kept on an item of its own: `asked_at`, `asked_since` and `asked`.

use jiff::{SignedDuration, Timestamp};

use crate::{
    delivery::later,
    item::{Item, number, timestamp},
};

/// How often something may be asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frequency {
    /// At least so long between two times.
    pub(crate) apart: SignedDuration,
    /// At most so often ...
    pub(crate) max: u32,
    /// ... within so long.
    pub(crate) within: SignedDuration,
}

/// How often it was asked for, with the time that is about to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    /// Since when it is counted.
    pub(crate) since: Timestamp,
    /// How often.
    pub(crate) count: u32,
}

impl Frequency {
    /// Whether it may be asked for once more at `now`, after what `known` says of earlier times; otherwise when it may.
    pub(crate) fn once_more(self, known: Option<&Item>, now: Timestamp) -> Result<Count, Timestamp> {
        let fresh = Count { since: now, count: 1 };
        let Some((known, last)) = known.and_then(|known| Some((known, timestamp(known, "asked_at")?))) else { return Ok(fresh) };
        let next = later(last, self.apart);
        if now < next {
            return Err(next);
        }
        let since = timestamp(known, "asked_since").unwrap_or(last);
        let window_ends = later(since, self.within);
        if now >= window_ends {
            return Ok(fresh);
        }
        let count = number::<u32>(known, "asked").unwrap_or(1);
        if count >= self.max { Err(window_ends) } else { Ok(Count { since, count: count + 1 }) }
    }
}
