//! English, of people.

use hansho_domain::Language;

use super::English;
use crate::words::{PeopleLabels, PeopleTongue};

static LABELS: PeopleLabels = PeopleLabels {
    people: "People",
    people_text: "Those whom you look after, with how they are reached.",
    people_of_teams: "Those of your teams.",
    nobody_else: "You are in no team, so there is nobody here.",
    more_people: "More people",
    reached: "How they are reached",
    drill: "Last drill",
    invitation: "Invitation",
    invite: "Send an invitation",
    invited: "The invitation is on its way.",
    no_mail_address: "There is no mail address in the configuration: add `email:` to invite them.",
    browsers: "Where they are signed in",
    no_browsers: "Nowhere.",
    sign_out_everywhere: "Sign them out everywhere",
    signed_out: "They are signed out everywhere, their passkeys are removed, and an invitation that was not used is ended.",
    only_owners: "Only an owner signs out admins and owners.",
    checklist: "Ready to be called",
    checklist_text: "What is left to do before your first night, from top to bottom.",
    ready: "Everything is ready.",
    done: "Done",
    to_do: "To do",
    optional: "Good to have",
    wakes: "A way that wakes",
    test_page: "A test page, answered",
    test_page_title: "Test page: nothing is wrong. Tap to answer it.",
    send_test_page: "Send me a test page",
    test_page_sent: "It is on its way. Open its link on the phone and tap the big button.",
    rules: "Called in time",
    shift: "The first shift",
    shift_seen: "I have seen when it is",
    numbers: "Let through at night",
    numbers_card: "Add the number to my contacts",
    numbers_done: "I have set up my phone",
    calendar: "Shifts in a calendar",
    calendar_text: "A calendar program that knows this secret address shows your shifts, and follows every change.",
    calendar_make: "Make an address for my calendar",
    calendar_made: "Your calendar's address",
    calendar_once: "Copy it now: it is shown once. Whoever has it reads your shifts, and nothing else.",
    calendar_open: "Open it with the calendar of this device",
    calendar_revoke: "Switch it off",
    language: "Language",
    back: "Back",
};

impl PeopleTongue for English {
    fn people(&self) -> &'static PeopleLabels {
        &LABELS
    }

    fn left(&self, count: usize) -> String {
        if count == 1 { "One thing is left.".to_owned() } else { format!("{count} things are left.") }
    }

    fn proven(&self, method: &str, clock: &str) -> String {
        format!("{method} arrives: proven {clock}.")
    }

    fn unproven(&self, method: &str) -> String {
        format!("Nobody knows whether {method} arrives.")
    }

    fn wakes_nobody(&self) -> &'static str {
        "There is no phone number, and a mail wakes nobody."
    }

    fn ask_for_phone(&self) -> &'static str {
        "Ask whoever runs Hansho to add your phone number to the configuration (`phone:`)."
    }

    fn prove_by_test(&self) -> &'static str {
        "Send yourself a test and answer it on the phone. A test page does it, too."
    }

    fn test_answered(&self, method: &str, clock: &str) -> String {
        format!("Answered by {method}, {clock}.")
    }

    fn test_answered_asleep(&self, method: &str) -> String {
        format!("Answered by {method}, which wakes nobody.")
    }

    fn test_unanswered(&self, clock: &str) -> String {
        format!("Sent {clock}, and not answered by its link.")
    }

    fn test_never(&self) -> &'static str {
        "None was sent yet."
    }

    fn test_explained(&self) -> &'static str {
        "It calls you as a real page does, now, and nobody else. Answer it by the link in the message."
    }

    fn rules_wake(&self, method: &str, span: Option<&str>) -> String {
        span.map_or_else(
            || format!("What is urgent comes by {method} at once."),
            |span| format!("What is urgent comes by {method} after {span}."),
        )
    }

    fn rules_too_late(&self, span: Option<&str>) -> String {
        span.map_or_else(
            || "What is urgent comes in no way that wakes.".to_owned(),
            |span| format!("What is urgent wakes only after {span}: the next person is called by then."),
        )
    }

    fn rules_next(&self) -> &'static str {
        "Ask whoever runs Hansho for a rule that wakes within five minutes (`notify: high:`)."
    }

    fn next_shift(&self, schedule: &str, from: Option<&str>, until: Option<&str>) -> String {
        let from = from.map_or_else(|| "now".to_owned(), |from| format!("from {from}"));
        let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
        format!("{schedule}: {from}{until}.")
    }

    fn no_shift(&self, days: i64) -> String {
        format!("None is planned in the next {days} days. An escalation policy may still call directly.")
    }

    fn shift_seen_at(&self, clock: &str) -> String {
        format!("Seen {clock}.")
    }

    fn numbers_known(&self, number: &str) -> String {
        format!("Messages come from {number}.")
    }

    fn numbers_unknown(&self, name: Option<&str>) -> String {
        name.map_or_else(
            || "Messages come from numbers that change.".to_owned(),
            |name| format!("Messages come from \"{name}\", which is a name and no number."),
        )
    }

    fn numbers_next(&self, has_number: bool) -> &'static str {
        if has_number {
            "Add the number to your contacts, and let that contact through while the phone is on \"do not disturb\". Then say so here."
        } else {
            "A contact needs a number, and there is none. Let all messages sound while the phone is on \"do not disturb\", or ask whoever runs Hansho for a number of its own. Then say so here."
        }
    }

    fn numbers_done_at(&self, clock: &str) -> String {
        format!("The phone was set up {clock}.")
    }

    fn calendars(&self, count: usize) -> String {
        match count {
            0 => "No calendar shows the shifts.".to_owned(),
            1 => "One address for calendars.".to_owned(),
            _ => format!("{count} addresses for calendars."),
        }
    }

    fn calendar_made_at(&self, clock: &str) -> String {
        format!("An address that was made {clock}")
    }

    fn spoken(&self, language: Language) -> &'static str {
        match language {
            Language::En => "Pages and messages are in English.",
            Language::Ja => "Pages and messages are in Japanese.",
        }
    }

    fn spoken_owned(&self, user: &str) -> String {
        format!("It stands in the configuration (`language:` of {user}); whoever runs Hansho changes it there.")
    }

    fn invitation_open(&self, clock: &str, by: &str, until: &str) -> String {
        format!("Sent {clock} by {by}, works until {until}, not used yet.")
    }

    fn invitation_used(&self, clock: &str) -> String {
        format!("Used {clock}.")
    }

    fn invitation_over(&self, clock: &str) -> String {
        format!("Sent {clock}; it works no more, and was not used.")
    }

    fn never_invited(&self) -> &'static str {
        "Never sent."
    }

    fn a_tool(&self) -> &'static str {
        "a tool"
    }

    fn signed_in(&self, count: usize, seen: &str) -> String {
        let browsers = if count == 1 { "1 browser".to_owned() } else { format!("{count} browsers") };
        format!("Signed in in {browsers}, last used {seen}.")
    }

    fn never_signed_in(&self) -> &'static str {
        "Not signed in."
    }

    fn drill_standing(&self, began: &str, answered: Option<&str>) -> String {
        answered.map_or_else(|| format!("Asked {began}, not answered."), |answered| format!("Asked {began}, answered {answered}."))
    }
}
