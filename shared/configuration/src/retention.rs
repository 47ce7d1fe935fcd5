//! `retention:` how long things are kept.

use crate::{map::Keys, spot::Spot};

const KEYS: Keys = Keys { known: &["suppressed"], later: &[] };
/// Seconds of a day.
const DAY: u32 = 86_400;
/// Shortest and longest time for which suppressed alerts are kept, in days.
const SUPPRESSED_DAYS: std::ops::RangeInclusive<u32> = 1..=730;

/// Reads for how many days suppressed alerts are kept.
pub(crate) fn read(spot: &Spot<'_>) -> Option<u16> {
    let map = spot.map(&KEYS)?;
    let suppressed = map.required("suppressed")?;
    let seconds = suppressed.seconds()?;
    if seconds % DAY != 0 || !SUPPRESSED_DAYS.contains(&(seconds / DAY)) {
        suppressed.fail("must be a number of whole days from 1d to 730d");
        return None;
    }
    u16::try_from(seconds / DAY).ok()
}
