//! Times in which something is so: joined, intersected and named.

use hansho_domain::Segment;
use jiff::{Timestamp, Unit, civil::DateTime, tz::TimeZone};

use super::counted;

/// So many times are named in a warning; the others are counted.
const SPANS_NAMED_MAX: usize = 3;

/// A time in which nobody is on call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

/// The segments that are wanted, joined where they touch.
pub(super) fn spans_of(segments: &[Segment], is_wanted: impl Fn(&Segment) -> bool) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for segment in segments.iter().filter(|segment| is_wanted(segment)) {
        match spans.last_mut() {
            Some(last) if last.until == segment.from => last.until = segment.until,
            Some(_) | None => spans.push(Span { from: segment.from, until: segment.until }),
        }
    }
    spans
}

/// The times that are in every one of the lists, each of which is in order.
pub(super) fn intersection<'s>(mut lists: impl Iterator<Item = &'s [Span]>) -> Vec<Span> {
    let Some(first) = lists.next() else { return Vec::new() };
    lists.fold(first.to_vec(), |common, list| {
        let (mut left, mut right) = (common.iter().peekable(), list.iter().peekable());
        let mut both = Vec::new();
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let span = Span { from: a.from.max(b.from), until: a.until.min(b.until) };
            if span.from < span.until {
                both.push(span);
            }
            if a.until <= b.until {
                left.next()
            } else {
                right.next()
            };
        }
        both
    })
}

/// The times that are in any of the lists.
pub(super) fn union(lists: &[&[Span]]) -> Vec<Span> {
    let mut all: Vec<Span> = lists.iter().copied().flatten().copied().collect();
    all.sort_by_key(|span| span.from);
    let mut joined: Vec<Span> = Vec::new();
    for span in all {
        match joined.last_mut() {
            Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
            Some(_) | None => joined.push(span),
        }
    }
    joined
}

/// `from Sat 2026-12-05 00:00 to Mon 2026-12-07 09:00 (Asia/Tokyo), and 11 more times until 2027-02-24, 684 h in all`.
pub(super) fn named(spans: &[Span], zone: &TimeZone) -> String {
    let clock = |at: Timestamp| minute(zone.to_datetime(at));
    let some: Vec<String> =
        spans.iter().take(SPANS_NAMED_MAX).map(|span| format!("from {} to {}", clock(span.from), clock(span.until))).collect();
    let zone_name = zone.iana_name().unwrap_or("UTC");
    let mut text = format!("{} ({zone_name})", some.join(", "));
    let more = spans.len().saturating_sub(SPANS_NAMED_MAX);
    if let (1.., Some(last)) = (more, spans.last()) {
        let minutes: u64 = spans.iter().map(|span| span.until.duration_since(span.from).unsigned_abs().as_secs() / 60).sum();
        text += &format!(
            ", and {} until {}, {} h in all",
            counted(more, "more time"),
            zone.to_datetime(last.until).date(),
            minutes.div_ceil(60)
        );
    }
    text
}

pub(super) fn minute(at: DateTime) -> String {
    let at = at.round(Unit::Minute).unwrap_or(at);
    at.strftime("%a %Y-%m-%d %H:%M").to_string()
}
