//! English, behind a sign-in.

use hansho_domain::{Role, Severity};

use super::English;
use crate::words::{AppLabels, AppTongue};

static LABELS: AppLabels = AppLabels {
    navigation: "Pages",
    skip: "To the content",
    open: "Open",
    on_call: "On call",
    me: "Me",
    more: "More",
    sign_in: "Sign in",
    sign_in_text: "Write your mail address. You get a link that signs you in, without a password.",
    mail_address: "Mail address",
    send_link: "Send me a link",
    link_sent: "Look into your mailbox",
    link_sent_text: "If this address is known here, a link is on its way to it. It works once, for 20 minutes.",
    no_mail: "Nothing has come? Look among the spam, check the address for slips, and ask whoever runs Hansho whether it is the one in the configuration.",
    sign_in_hint: "You stay signed in on this browser for 90 days after you last used it.",
    sign_out: "Sign out",
    mine: "Mine",
    my_teams: "My teams'",
    all: "All",
    nothing_open: "Nothing is open.",
    nothing_of_mine: "Nothing here is open. Look at all of them.",
    on_call_now: "On call now",
    nobody: "Nobody is on call.",
    no_schedules: "There is no schedule that you can see.",
    take: "I take it",
    take_confirm: "Yes, I am on call",
    sessions: "Where you are signed in",
    sessions_text: "End what you do not know: it is signed out at once.",
    this_browser: "this browser",
    unknown_browser: "A browser that does not say what it is",
    end_session: "Sign it out",
    end_other_sessions: "Sign out everywhere else",
    only_looking: "You see how it stands. To act on incidents takes the role of a responder.",
    role: "Role",
    contacts: "How you are reached",
    contacts_text: "Send yourself a message and answer it: then it is known that pages arrive.",
    verify: "Send me a test",
    tonight: "What would happen to you tonight at 03:00",
    owned_by_code: "Names, addresses and rules stand in the configuration. Whoever runs Hansho changes them there.",
    page_somebody: "Page somebody",
    open_service: "What is it about?",
    open_title: "What is wrong?",
    open_details: "What else is known? (optional)",
    open_severity: "How bad is it? If you are not sure, choose the higher one.",
    open_ask: "Whom would this wake?",
    open_question: "If you page now:",
    open_confirm: "Page now",
    open_choose: "Choose ...",
    open_change: "Change it",
    test_sent: "Sent. Open the link in it, and tap: then it is proven.",
    stale: "Hansho does not answer: this page may be out of date.",
    open_incomplete: "Something is missing: say in a few words what is wrong, and what it is about.",
    teams: "Teams",
    passkey_sign_in_title: "Or with a passkey",
    passkey_sign_in: "Sign in with a passkey",
    passkey_nothing: "No passkey was used. If this device has none, sign in with your mail address, and add one on your own page.",
    passkey_elsewhere: "Passkeys work at Hansho's own address. Open Hansho by the link in one of its mails.",
    passkey_unsupported: "This browser has no passkeys. Sign in with your mail address.",
    passkey_no_script: "Passkeys need JavaScript. Without it, the link by mail is the way to sign in.",
    passkeys: "Passkeys",
    passkeys_text: "A passkey signs you in with your fingerprint, face or PIN, without a mail. Remove those of devices that you no longer have.",
    passkeys_full: "You have as many passkeys as there may be. Remove one to add another.",
    passkey_name: "Name of the new passkey, such as the device's",
    passkey_add: "Add a passkey",
    passkey_remove: "Remove",
    passkey_not_made: "No passkey was added. Try again, and allow it when your device asks.",
    passkey_known: "This device has a passkey for you already.",
};

impl AppTongue for English {
    fn app(&self) -> &'static AppLabels {
        &LABELS
    }

    fn sign_in_as(&self, name: &str) -> String {
        format!("Sign in as {name}?")
    }

    fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Stakeholder => "stakeholder",
            Role::Guest => "guest",
            Role::Responder => "responder",
            Role::Admin => "admin",
            Role::Owner => "owner",
        }
    }

    fn more_open(&self, count: usize) -> String {
        format!("{count} more are open; these are the newest.")
    }

    fn until(&self, clock: &str) -> String {
        format!("until {clock}")
    }

    fn next_on_call(&self, people: &str, clock: &str) -> String {
        format!("Next: {people} from {clock}")
    }

    fn taking(&self, from: &str, to: &str, until: Option<&str>) -> String {
        let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
        format!("{from} -> {to}, from now{until}; {from} is told. What is open already stays with whoever has it.")
    }

    fn how_bad(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Critical => "Critical: customers are hit, or soon will be",
            Severity::Error => "Error: something is broken",
            Severity::Warning => "Warning: it may break",
            Severity::Info => "Info: somebody should look at it some time",
        }
    }

    fn opening_calls(&self, people: &str, is_urgent: bool) -> String {
        if is_urgent { format!("Calls at once: {people}.") } else { format!("Is told, and not woken: {people}.") }
    }

    fn opening_calls_nobody(&self) -> &'static str {
        "Calls nobody now. It waits on the list until somebody takes it."
    }

    fn opening_held(&self, clock: &str) -> String {
        format!("Calls nobody before {clock}: a maintenance window holds it until then.")
    }

    fn opening_then(&self, people: &str, clock: &str) -> String {
        format!("If nobody answers by {clock}: {people}.")
    }

    fn contact_standing(&self, proven_at: Option<&str>) -> String {
        proven_at.map_or_else(|| "Nobody knows whether messages arrive here.".to_owned(), |at| format!("Arrives: proven {at}."))
    }

    fn tonight_covered(&self, cover: &str) -> String {
        format!("Urgent: {cover} is called in your place.")
    }

    fn tonight_urgent(&self, told: &str) -> String {
        if told.is_empty() {
            "Urgent: nothing reaches you. Ask for a phone number or a mail address.".to_owned()
        } else {
            format!("Urgent: {told}.")
        }
    }

    fn tonight_not_urgent(&self, told: &str) -> String {
        if told.is_empty() { "Not urgent: you are not told.".to_owned() } else { format!("Not urgent: {told}.") }
    }

    fn session(&self, since: &str, seen: &str) -> String {
        format!("signed in {since}, last used {seen}")
    }

    fn passkey(&self, since: &str, used: Option<&str>) -> String {
        match used {
            Some(used) => format!("Added {since}, last used {used}"),
            None => format!("Added {since}, never used"),
        }
    }
}
