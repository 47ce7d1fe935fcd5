//! People who are called and would not wake up, and rules of theirs that never have their turn.

use hansho_domain::{Method, NotificationRule, Urgency, User};

use super::{
    Ground,
    calls::{By, Called, Calls},
};
use crate::{
    duration,
    names::Section,
    sources::{Entry, text_of},
    warning::WarningKind,
};

pub(super) fn check(ground: &Ground<'_>, calls: &Calls<'_>) {
    for user in ground.configuration.users() {
        if let Some(called) = calls.people.get(user.id()) {
            check_waking(ground, user, called);
            check_texts(ground, user, called);
            check_rules(ground, user, called);
        }
    }
}

/// Whether a method wakes a sleeper: a phone rings. A mail waits, and what a webhook does nobody here knows.
fn wakes(method: Method) -> bool {
    match method {
        Method::Sms => true,
        Method::Email | Method::Webhook => false,
    }
}

fn check_waking(ground: &Ground<'_>, user: &User, called: &Called<'_>) {
    let caller = match called.by {
        By::Step(policy, number) => format!("step {number} of escalation_policies.{policy}"),
        By::Fallback => "`fallback`".to_owned(),
        By::Owner(team) => format!("an alert with the label `owner: {team}`"),
        By::Cover(user) => format!("users.{user}, for whom they cover,"),
    };
    let name = user.id().as_str();
    if !user.methods().iter().copied().any(wakes) {
        let message = format!("has no phone, and {caller} calls them: a mail wakes nobody; add `phone`");
        ground.warn(WarningKind::NoPhone, Section::Users, name, "", message);
    } else if !user.rules(Urgency::High).iter().any(|rule| wakes(rule.by)) {
        let message = format!("never uses their phone, and {caller} calls them: a mail wakes nobody; add {{ after: 0m, by: sms }}");
        ground.warn(WarningKind::NeverWoken, Section::Users, name, "notify.high", message);
    }
}

/// Whoever has a mail address is not texted about what can wait, and whoever has a clock is texted by day.
fn check_texts(ground: &Ground<'_>, user: &User, called: &Called<'_>) {
    let is_texted = called.is_told_quietly && user.methods() == [Method::Sms] && !user.chose_low();
    if is_texted && !user.quiet().knows_clock() {
        let message = "has nothing but a phone, and is texted at any hour about what is not urgent; add `email`, or `time_zone` so that these texts wait for 08:00, or choose with `notify.low`";
        ground.warn(WarningKind::TextAtNight, Section::Users, user.id().as_str(), "", message);
    }
}

fn check_rules(ground: &Ground<'_>, user: &User, called: &Called<'_>) {
    let name = user.id().as_str();
    let Some(entry) = ground.entries.get(&(Section::Users, name)) else { return };
    let window = called.window_seconds;
    // A rule that is due in the same second as the escalation comes first.
    for rule in user.rules(Urgency::High).iter().filter(|rule| rule.after_seconds > window) {
        let field = place_in(entry, rule).map_or_else(|| "notify.high".to_owned(), |place| format!("notify.high[{place}].after"));
        let message = format!(
            "never has its turn: every policy that calls {name} has gone on to others after {} at the latest; make it earlier, or the `wait` of their step longer",
            duration::written(window)
        );
        ground.warn(WarningKind::RuleNeverFires, Section::Users, name, &field, message);
    }
}

/// The number of a rule in its file. The person's own list is ordered by delay.
fn place_in(entry: &Entry<'_>, rule: &NotificationRule) -> Option<usize> {
    entry.list(&["notify", "high"]).iter().position(|node| {
        let after = text_of(node, "after").and_then(|text| duration::seconds(text).ok());
        after == Some(rule.after_seconds) && text_of(node, "by") == Some(rule.by.as_str())
    })
}
