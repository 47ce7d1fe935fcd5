//! English.

mod app;
mod judgement;
mod people;
mod response;
mod setup;
mod shifts;

use hansho_domain::{Actor, Event, Method, PhaseName, Severity, Skipped, Urgency};
use hansho_store::{Delivery, DeliveryState};

use super::{BackAt, Labels, ProofWords, Standing, Telling, Tongue, linked, places, with};
use crate::page::{self, Notice};

pub(super) struct English;

static LABELS: Labels = Labels {
    acknowledge: "Acknowledge",
    acknowledge_hint: "You take it, and the calls stop.",
    acknowledge_all: "Acknowledge all",
    join: "Take it too",
    join_explanation: "You are named beside whoever has it. Nobody is called.",
    join_confirm: "Yes, I am on it too",
    escalate: "Escalate: call the next person",
    escalate_confirm: "Yes, call",
    snooze: "Snooze for an hour",
    snooze_explanation: "You take it, the calls stop, and it calls again in an hour if it is not resolved.",
    snooze_confirm: "Yes, call again in an hour",
    asked: "You were asked to help.",
    accept: "I can help",
    accept_hint: "You are named among those who help.",
    decline: "I can not",
    decline_hint: "Nobody calls you about this request any more.",
    resolve: "Resolve",
    resolve_explanation: "The trouble is over. Nobody is called any more.",
    resolve_confirm: "Yes, resolve",
    calling: "Calling",
    told: "Told",
    you: "you",
    unreachable: "can not be reached",
    runbook: "Runbook",
    link: "Graph",
    links: "Links",
    details: "Details",
    timeline: "Timeline",
    older: "older entries are not shown",
    reload: "Look again",
    all_incidents: "All of this message",
    times_in: "Times in",
    incident: "Incident",
    low_urgency: "not urgent",
};

impl Tongue for English {
    fn labels(&self) -> &'static Labels {
        &LABELS
    }

    fn phase(&self, phase: PhaseName) -> &'static str {
        match phase {
            PhaseName::Held => "Held",
            PhaseName::Triggered => "Triggered",
            PhaseName::Acknowledged => "Acknowledged",
            PhaseName::Exhausted => "Unanswered",
            PhaseName::Resolved => "Resolved",
        }
    }

    fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Critical => "critical",
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }

    fn method(&self, method: Method) -> &'static str {
        match method {
            Method::Sms => "SMS",
            Method::Email => "mail",
            Method::Webhook => "webhook",
        }
    }

    fn list(&self, names: &[String]) -> String {
        names.join(", ")
    }

    fn span(&self, seconds: u64) -> String {
        match (seconds / 86_400, seconds / 3600, seconds % 3600 / 60) {
            (0, 0, 0) => "less than a minute".to_owned(),
            (0, 0, minutes) => format!("{minutes} min"),
            (0, hours, 0) => format!("{hours} h"),
            (0, hours, minutes) => format!("{hours} h {minutes} min"),
            (1, ..) => "1 day".to_owned(),
            (days, ..) => format!("{days} days"),
        }
    }

    fn since(&self, clock: &str, span: &str) -> String {
        format!("since {clock} ({span})")
    }

    fn standing(&self, standing: &Standing) -> String {
        match standing {
            Standing::Nobody { is_urgent: true } => "Nobody has it yet.".to_owned(),
            Standing::Nobody { is_urgent: false } => "Nobody has it yet. It is not urgent: nobody is woken.".to_owned(),
            Standing::Taken { by_reader, others, back_at } => with(taken(*by_reader, others), " ", back_at.as_ref().map(back).as_deref()),
            Standing::Unanswered { again_at } => {
                let again = again_at.as_ref().map(|at| format!("The next call is at {at}."));
                with("Everybody was called and nobody answered.".to_owned(), " ", again.as_deref())
            }
            Standing::Held { until, reason } => match until {
                Some(until) => format!("Held until {until}: {}. Nobody is called before.", why(reason)),
                None => format!("Held: {}. Nobody is called.", why(reason)),
            },
            Standing::Over { by, at } => format!("It is over. Resolved by {by}, {at}."),
            Standing::Merged { into, by, at } => format!("Merged by {by}, {at}. Work goes on in incident {into}."),
        }
    }

    fn next_call(&self, people: &str, clock: &str, span: Option<&str>) -> String {
        match span {
            Some(span) => format!("Next: {people} at {clock}, in {span}"),
            None => format!("Next: {people}, any moment now"),
        }
    }

    fn last_call(&self, clock: &str) -> String {
        format!("Everybody has been called. If nobody answers by {clock}, the last step is called again from then on, less often.")
    }

    fn escalation(&self, people: &str) -> String {
        format!("Calls at once: {people}.")
    }

    fn asked(&self, by: &str, message: &str) -> String {
        if message.is_empty() { format!("{by} asks for your help.") } else { format!("{by} asks for your help: {message}") }
    }

    fn helping(&self, helping: &str, asked: &str) -> String {
        match (helping, asked) {
            (helping, "") => format!("Helping: {helping}."),
            ("", asked) => format!("Asked to help, no answer yet: {asked}."),
            (helping, asked) => format!("Helping: {helping}. Asked to help, no answer yet: {asked}."),
        }
    }

    fn urgency(&self, urgency: Urgency) -> &'static str {
        match urgency {
            Urgency::High => "high",
            Urgency::Low => "low",
        }
    }

    fn called(&self, name: &str, methods: &str) -> String {
        if methods.is_empty() { name.to_owned() } else { format!("{name} ({methods})") }
    }

    fn open_count(&self, unacknowledged: usize, all: usize) -> String {
        match (unacknowledged, all) {
            (0, _) => format!("Somebody has each of these {all}."),
            (1, 1) => "Nobody has it yet.".to_owned(),
            (some, all) => format!("Nobody has {some} of these {all} yet."),
        }
    }

    fn actor(&self, actor: &Actor, telling: &Telling<'_>) -> String {
        match actor {
            Actor::User(user) => telling.name(user),
            Actor::Integration(integration) => integration.to_string(),
            Actor::Token(name) => format!("the token {name}"),
            Actor::Hansho => "Hansho".to_owned(),
        }
    }

    fn event(&self, event: &Event, actor: &Actor, telling: &Telling<'_>) -> String {
        let who = || self.actor(actor, telling);
        match event {
            Event::Opened { title, severity, remark, .. } => {
                with(format!("Opened by {}: {title} ({})", who(), self.severity(*severity)), ". ", remark.as_deref())
            }
            Event::Linked { references } => format!("Links of {}: {}", who(), linked(references, ": ")),
            Event::Held { until, reason } => format!("Held until {}: {}", telling.at(*until), why(reason)),
            Event::Triggered { reason } => format!("Triggered: {}", triggered(reason, &who())),
            Event::Repeated { details, severity } => {
                with(format!("Repeated by {}, {}", who(), self.severity(*severity)), ": ", Some(details))
            }
            Event::Escalated { step, round, users } => format!("Calling step {}: {}", place(*step, *round), telling.names(users)),
            Event::StepSkipped { step, round, why: Skipped::Nobody } => {
                format!("Step {} was skipped: nobody is on call", place(*step, *round))
            }
            Event::StepSkipped { step, round, why: Skipped::Condition } => {
                format!("Step {} was skipped: it is for other incidents", place(*step, *round))
            }
            Event::StepSkipped { step, round, why: Skipped::Hours } => {
                format!("Step {} was skipped: it is for other hours", place(*step, *round))
            }
            Event::Covered { user, by } => format!("Calling {} for {}", telling.name(by), telling.name(user)),
            Event::Posted { destinations } => format!("Posting to {}", places(destinations, self)),
            Event::HandedOver { policy } => format!("Handed over to the policy {policy}"),
            Event::FallbackPaged { reason, users } if users.is_empty() => format!("Nobody could be called: {}", why(reason)),
            Event::FallbackPaged { reason, users } => {
                format!("Calling the people of last resort, {}: {}", telling.names(users), why(reason))
            }
            Event::RulesDue { after_seconds } => format!("Calling again, after {}", self.span(u64::from(*after_seconds))),
            Event::Acknowledged => format!("{} acknowledged", who()),
            Event::Snoozed { until } => format!("{} took it and wants to be called again at {}", who(), telling.at(*until)),
            Event::Reassigned { users } => format!("{} assigned it to {}", who(), telling.names(users)),
            Event::ReassignedToPolicy { policy } => format!("{} gave it to the policy {policy}", who()),
            Event::RespondersRequested { users, message } => {
                with(format!("{} asked for help: {}", who(), telling.names(users)), ". ", Some(message))
            }
            Event::RequestAccepted => format!("{} helps", who()),
            Event::RequestDeclined => format!("{} can not help", who()),
            Event::RequestsCancelled { users } => format!("{} need not help any more, says {}", telling.names(users), who()),
            Event::UrgencyChanged { urgency } => format!("{} changed the urgency to {}", who(), self.urgency(*urgency)),
            Event::PriorityChanged { priority: Some(priority) } => format!("{} rated it {}", who(), page::priority(*priority)),
            Event::PriorityChanged { priority: None } => format!("{} took the rating off", who()),
            Event::MergedInto { incident } => format!("Resolved: {} merged it into incident {incident}", who()),
            Event::Merged { incident, title } => format!("{} merged incident {incident} into this one: {title}", who()),
            Event::Cleared { details } => {
                with(format!("Over for {}; another source of this incident is still at it", who()), ": ", Some(details))
            }
            Event::Exhausted => "Everybody was called and nobody answered".to_owned(),
            Event::Repaged { users } => format!("Calling once more: {}", telling.names(users)),
            Event::Resolved { reason } => with(format!("Resolved by {}", who()), ": ", reason.as_deref()),
            Event::UrgencyStays => "The service's hours have begun; by its rule this is still not urgent".to_owned(),
            Event::Reopened => format!("Reopened by {}", who()),
            Event::Noted { text } => format!("Note by {}: {text}", who()),
            Event::DeliveryFailed { user, method, reason, next } => {
                let next = next.map(|next| format!("Trying {} instead", self.method(next)));
                with(format!("{} to {} failed: {}", capital(self.method(*method)), telling.name(user), why(reason)), ". ", next.as_deref())
            }
            Event::RulesReviewed => "The configuration was changed; people are told by their rules as they are now".to_owned(),
            Event::ToldAlready { user, method } => {
                format!("No second {} to {}: one about this had just gone out", self.method(*method), telling.name(user))
            }
            Event::Unreachable { user, reason } => format!("{} can not be reached: {}", telling.name(user), why(reason)),
        }
    }

    fn delivery(&self, delivery: &Delivery, telling: &Telling<'_>) -> String {
        let (to, method) = telling.recipient(&delivery.notification.to);
        let message = format!("{} to {to}", method.map_or_else(|| "Post".to_owned(), |method| capital(self.method(*method))));
        if delivery.state == DeliveryState::Pending && delivery.reason.as_deref() == Some(hansho_store::WAITS_TOGETHER) {
            return format!("{message} waits a moment, so that several go together");
        }
        let sentence = match (delivery.state, delivery.attempt) {
            (DeliveryState::Pending, 0) => format!("{message} is about to be sent"),
            (DeliveryState::Pending, attempt) => format!("{message} is tried again after attempt {attempt}"),
            (DeliveryState::Sending, _) => format!("{message} is being sent"),
            (DeliveryState::Sent, _) => format!("{message} sent"),
            (DeliveryState::Failed, _) => format!("{message} failed"),
            (DeliveryState::Ended, _) => format!("{message} was not sent"),
        };
        with(sentence, ": ", delivery.reason.as_deref().map(why))
    }

    fn proof(&self, is_drill: bool, method: &str, proven_at: Option<&str>) -> ProofWords {
        let method = method.trim();
        let (title, text) = match (is_drill, proven_at) {
            (_, Some(at)) => {
                ("Confirmed".to_owned(), format!("Messages by {method} reach you: confirmed at {at}. There is nothing else to do here."))
            }
            (false, None) => ("Does this reach you?".to_owned(), format!("Tap the button to confirm that messages by {method} reach you.")),
            (true, None) => (
                "Drill: does this reach you?".to_owned(),
                format!(
                    "Nothing is broken. Tap the button to prove that messages by {method} reach you. Answer the messages on your other channels too."
                ),
            ),
        };
        ProofWords { title, text, button: Some("Yes, this reaches me") }
    }

    fn notice(&self, notice: Notice) -> (&'static str, &'static str) {
        match notice {
            Notice::LinkUnknown => (
                "This link is not valid",
                "It may be cut off, or it was never one of ours. Open the newest message from Hansho and tap the link in it.",
            ),
            Notice::LinkExpired => (
                "This link has expired",
                "What it showed is resolved, and was shown for long enough. Whoever runs Hansho can still look it up.",
            ),
            Notice::QuestionOver => {
                ("Nobody asks this any more", "The time for an answer is over. When somebody asks again, open the message that you get.")
            }
            Notice::AddressChanged => (
                "This address is not yours any more",
                "Your contact methods have changed since this message was sent. Ask for a new message and open it to confirm the address you have now.",
            ),
            Notice::ForeignForm => (
                "This did not come from our page",
                "Nothing was changed. Open the newest message from Hansho, tap the link in it, and press the button there.",
            ),
            Notice::BadForm => (
                "This form can not be read",
                "Nothing was changed. Open the newest message from Hansho, tap the link in it, and press the button there.",
            ),
            Notice::TooLarge => (
                "This is more than we can take",
                "Nothing was changed. Open the newest message from Hansho, tap the link in it, and press the button there.",
            ),
            Notice::SignedOut => ("You are signed out", "Sign in to see this page."),
            Notice::SignInOver => ("This link is too old", "It signed in for 20 minutes. Ask for a new one on the sign-in page."),
            Notice::SignInUsed => (
                "This link was used",
                "It signs in once. If that was not you, sign in with a new link and end the sessions that you do not know. Otherwise ask for a new one on the sign-in page.",
            ),
            Notice::InvitationOver => (
                "This invitation works no more",
                "It is more than a week old, was ended, or a newer one was sent. If Hansho knows your mail address, you can sign in with it; otherwise ask for another invitation.",
            ),
            Notice::InvitedTooOften => (
                "There were too many invitations of late",
                "A person can be invited again a minute after the last time, five times within a day, and 50 invitations can be sent in a day.",
            ),
            Notice::TooManyCalendars => (
                "There are 20 addresses already",
                "Switch one off on your own page that no calendar of yours uses any more, and make another.",
            ),
            Notice::PasskeyUnknown => (
                "This passkey does not sign in",
                "It was removed here, or is not for Hansho. Sign in with your mail address, add it again on your own page, and delete the old one on your device.",
            ),
            Notice::PasskeyTooLate => ("That took too long", "A passkey has five minutes, and answers once. Go back and try again."),
            Notice::PasskeyNotAdded => (
                "The passkey was not added",
                "Go back to your own page and try again. If it happens again, use another device or browser, and delete the new passkey on this one.",
            ),
            Notice::PasskeysTooMany => ("You have too many passkeys", "Remove one on your own page, then add the new one."),
            Notice::SignInTooOften => (
                "Too many tries from your network",
                "Wait an hour, or sign in with a link by mail. Links in messages that page you still work.",
            ),
            Notice::NotAllowed => {
                ("Your role does not allow this", "Nothing was changed. Ask a manager of the team, or whoever runs Hansho.")
            }
            Notice::ShiftChanged => (
                "Somebody else is on call by now",
                "The shift that you saw has changed or is over. Nothing was changed. Go back, look again, and take the one that is on.",
            ),
            Notice::AskedTooOften => (
                "You were sent such a message a moment ago",
                "Look for it first. Another one can be sent a minute after the last, and five within a day.",
            ),
            Notice::Offline => (
                "Hansho can not be reached",
                "Either this device has no network, or Hansho does not answer. If other pages load, call your colleagues directly.",
            ),
            Notice::NothingHere => {
                ("There is nothing here", "Check the address, or open the newest message from Hansho and tap the link in it.")
            }
            Notice::WrongMethod => (
                "This address can not be used like that",
                "Nothing was changed. Open the newest message from Hansho and tap the link in it.",
            ),
            Notice::Unavailable => (
                "Hansho can not answer at the moment",
                "Load this page again in a moment. Pressing a button twice does no harm. If it stays like this, call your colleagues directly.",
            ),
            Notice::Unreadable => (
                "This can not be shown",
                "What is stored about it can not be read. Call whoever runs Hansho, and look at the system itself in the meantime.",
            ),
        }
    }
}

fn taken(by_reader: bool, others: &[String]) -> String {
    match (by_reader, others) {
        (true, []) => "You have it.".to_owned(),
        (true, others) => format!("You have it, with {}.", others.join(", ")),
        (false, [one]) => format!("{one} has it."),
        (false, others) => format!("{} have it.", others.join(", ")),
    }
}

fn back(back_at: &BackAt) -> String {
    match back_at {
        BackAt::Snoozed(at) => format!("It calls again at {at}."),
        BackAt::TimedOut(at) => format!("If it is not resolved by {at}, it calls again."),
    }
}

/// `2`, or `2 (round 3)`; people count from 1.
fn place(step: u8, round: u8) -> String {
    let step = u16::from(step) + 1;
    if round == 0 { step.to_string() } else { format!("{step} (round {})", u16::from(round) + 1) }
}

/// Why it calls again; a person who asked for it is named as people name them.
fn triggered(reason: &str, who: &str) -> String {
    let asked = [" asked for it", " escalated it", " made it urgent"]
        .into_iter()
        .filter(|_| reason.contains('/'))
        .find(|asked| reason.ends_with(asked));
    asked.map_or_else(|| why(reason).to_owned(), |asked| format!("{who}{asked}"))
}

/// A reason, fit to stand before a full stop.
fn why(reason: &str) -> &str {
    reason.trim().trim_end_matches('.')
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
