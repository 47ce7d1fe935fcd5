//! English, for what people do together.

use hansho_domain::{Priority, Rejected};

use super::English;
use crate::{
    page,
    words::response::{ResponseLabels, ResponseTongue},
};

static LABELS: ResponseLabels = ResponseLabels {
    reassign: "Reassign",
    reassign_confirm: "Reassign now",
    request: "Ask for help",
    request_confirm: "Ask now",
    request_explanation: "Whoever has it keeps it. Those who are asked are called until they answer.",
    whom: "Whom?",
    on_call_group: "Whoever is on call",
    teams_group: "Everybody in a team",
    people_group: "One person",
    policies_group: "An escalation policy, from its first step",
    find: "Part of a name",
    find_button: "Find",
    message: "What to say to them (in a text message)",
    question: "If you do this now:",
    change: "Choose somebody else",
    back: "Back to the incident",
    nothing_to_take: "There is nothing here that nobody has.",
    changed: "Nothing was done: it is not as this page said any more. Look again before you press the button.",
    held_no_longer: "It is not held any longer.",
    raise_explanation: "When in doubt, one level higher. It stands higher in every list and message. Nobody is called by that.",
    raise_confirm: "Yes, raise it",
    make_urgent: "Make it urgent",
    make_urgent_confirm: "Yes, it is urgent",
    note: "Write a note",
    note_label: "Note",
    note_hint: "Everybody who sees the incident reads it. Markdown: **bold**, `code`, lists, [links](https://example.com).",
    note_save: "Keep it",
    note_refused: "It was not kept: a note has between 1 and 4000 characters.",
};

impl ResponseTongue for English {
    fn response(&self) -> &'static ResponseLabels {
        &LABELS
    }

    fn left_out(&self, count: usize) -> String {
        format!("{count} more people are not in the list. Find them by a part of their name.")
    }

    fn taken_from(&self, people: &str) -> String {
        format!("It is taken from {people}.")
    }

    fn no_longer_called(&self, people: &str) -> String {
        format!("No longer called: {people}")
    }

    fn raise(&self, to: Priority) -> String {
        format!("Raise the priority: {}", page::priority(to))
    }

    fn making_urgent(&self, people: &str) -> String {
        if people.is_empty() {
            "It is urgent from now on: whoever is called about it again is woken.".to_owned()
        } else {
            format!("It is urgent from now on. Calls at once: {people}")
        }
    }

    fn note_of(&self, who: &str) -> String {
        format!("Note of {who}:")
    }

    fn refused(&self, why: &Rejected) -> &'static str {
        match why {
            Rejected::NobodyToCall => "Nobody would be called: nobody is on call there now. Choose somebody else.",
            Rejected::NobodyToAsk => {
                "Nobody would be asked: nobody is on call there now, or they were asked already. Choose somebody else."
            }
            Rejected::TooManyAsked => "At most 20 people can be asked at a time, by four requests. Wait for their answers.",
            Rejected::Resolved => "It is resolved. Nobody is called for it any more.",
            Rejected::UnknownPolicy(_) => "There is no such escalation policy any more. Choose another.",
            Rejected::MessageLength => "What you say to them is too long: at most 200 characters.",
            Rejected::Merged(_) | Rejected::NewerIncident(_) => "The work goes on in another incident. Open that one.",
            Rejected::NotResolved
            | Rejected::SnoozeOutOfRange
            | Rejected::NotAsked
            | Rejected::MergeIntoItself
            | Rejected::MergeTargetResolved
            | Rejected::MergeTargetUnknown(_)
            | Rejected::TooManyMerged
            | Rejected::UsedName
            | Rejected::NoteLength => "It can not be done as the incident stands. Go back, and look again.",
        }
    }
}
