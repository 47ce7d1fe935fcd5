//! The timeline as a reader sees it: what happened and what was sent, by time, the newest first.

use hansho_domain::{Event, Recipient, TimelineEntry, text};
use hansho_store::{Delivery, DeliveryState};
use serde::Serialize;

use super::{Reader, markdown};
use crate::words::Telling;

/// Most lines of a page; whoever wants more has the JSON.
const LINES_MAX: usize = 100;
/// How much of a reason tells one failure from another: the timeline's own is cut.
const REASON_CHARS_COMPARED: usize = 100;

/// One line.
#[derive(Serialize)]
pub(super) struct Line {
    clock: String,
    full: String,
    text: String,
    /// What somebody wrote, where that is what happened.
    note: Option<Note>,
}

/// A note of somebody's.
#[derive(Serialize)]
struct Note {
    /// Whose.
    of: String,
    html: String,
}

/// The lines, and how many older ones are left out.
pub(super) fn lines(entries: &[TimelineEntry], deliveries: &[Delivery], reader: &Reader) -> (Vec<Line>, usize) {
    let (clock, telling) = (reader.clock(), Telling::new(reader));
    let tongue = clock.tongue();
    let mut told = Vec::new();
    for entry in entries {
        for (place, event) in (0..).zip(&entry.events) {
            let note = match event {
                Event::Noted { text } => Some(Note {
                    of: text::one_line(&tongue.note_of(&tongue.actor(&entry.actor, &telling))),
                    html: markdown::html(&text::lines(text)),
                }),
                _ => None,
            };
            told.push(((entry.at, entry.version, 0, place), tongue.event(event, &entry.actor, &telling), note));
        }
    }
    for delivery in deliveries.iter().filter(|delivery| !is_told(delivery, entries)) {
        let at = if delivery.is_over() { delivery.updated_at } else { delivery.created_at };
        told.push(((at, delivery.id.version, 1, delivery.id.index), tongue.delivery(delivery, &telling), None));
    }
    told.sort_by(|(a, ..), (b, ..)| b.cmp(a));
    let older = told.len().saturating_sub(LINES_MAX);
    let shown = told.into_iter().take(LINES_MAX);
    let lines = shown.map(|((at, ..), told, note)| Line { clock: clock.short(at), full: clock.full(at), text: text::lines(&told), note });
    (lines.collect(), older)
}

/// The timeline in plain lines for a terminal, the oldest first: time, two spaces, what happened.
pub fn story(entries: &[TimelineEntry], deliveries: &[Delivery], reader: &Reader) -> Vec<String> {
    let (lines, _) = lines(entries, deliveries, reader);
    lines.iter().rev().map(|line| format!("{}  {}", line.clock, line.text)).collect()
}

/// What an entry tells, a sentence for each thing that happened, in order.
pub fn sentences(entry: &TimelineEntry, reader: &Reader) -> Vec<String> {
    let (clock, telling) = (reader.clock(), Telling::new(reader));
    entry.events.iter().map(|event| text::lines(&clock.tongue().event(event, &entry.actor, &telling))).collect()
}

/// Whether an entry tells of this failed delivery already, and of what followed from it.
fn is_told(delivery: &Delivery, entries: &[TimelineEntry]) -> bool {
    let why = |reason: &str| reason.chars().take(REASON_CHARS_COMPARED).collect::<String>();
    let failed = why(delivery.reason.as_deref().unwrap_or_default());
    delivery.state == DeliveryState::Failed
        && entries.iter().filter(|entry| entry.version > delivery.id.version).flat_map(|entry| &entry.events).any(|event| {
            let Event::DeliveryFailed { user, method, reason, .. } = event else { return false };
            delivery.notification.to == (Recipient::Person { user: user.clone(), method: *method }) && why(reason) == failed
        })
}
