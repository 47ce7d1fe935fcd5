//! Titles: one line for somebody who has just been woken. They say nothing that the payload does not say.

use super::{AlarmKind, AlarmState, AlarmTransition, reason, text};

/// Longest title, in characters. It has to fit into an SMS with a link.
const TITLE_CHARS_MAX: usize = 120;
/// Longest name of an alarm in a title, in characters, so that what happened is still seen.
const NAME_CHARS_MAX: usize = 70;
/// Longest name of a contributor in a title, in characters.
const CONTRIBUTOR_CHARS_MAX: usize = 40;

/// The title of a transition.
pub(super) fn of(alarm: &AlarmTransition) -> String {
    let what = text::one_line(&match alarm.state {
        AlarmState::Alarm => trouble(alarm),
        AlarmState::Ok => "OK".to_owned(),
        AlarmState::InsufficientData => with_metric(alarm, "insufficient data".to_owned()),
    });
    text::cut(&format!("{}: {what}", subject(alarm)), TITLE_CHARS_MAX)
}

/// `batch-queue-age (orders)`.
fn subject(alarm: &AlarmTransition) -> String {
    let name = text::cut(&text::one_line(&alarm.name), NAME_CHARS_MAX);
    match &alarm.contributor {
        Some(contributor) => format!("{name} ({})", text::cut(&contributor.label(), CONTRIBUTOR_CHARS_MAX)),
        None => name,
    }
}

fn trouble(alarm: &AlarmTransition) -> String {
    let tripped = || (alarm.kind == AlarmKind::Composite).then(|| reason::tripped_by(&alarm.reason)).flatten();
    if let Some(crossing) = reason::crossing(&alarm.reason) {
        return with_metric(alarm, crossing);
    }
    match (tripped(), reason::gist(&alarm.reason)) {
        (Some(child), _) => child,
        (None, "") => with_metric(alarm, "ALARM".to_owned()),
        (None, gist) => gist.to_owned(),
    }
}

fn with_metric(alarm: &AlarmTransition, what: String) -> String {
    match &alarm.metric_name {
        Some(metric) => format!("{what} ({metric})"),
        None => what,
    }
}
