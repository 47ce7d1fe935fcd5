//! `notify:` of a person beside their rules: when they want quiet, and how they are reminded of their shifts.

use hansho_domain::{Method, Quiet, QuietTime, ReminderRule, ShiftEdge, Target, Urgency, UserId};

use crate::{
    map::Keys,
    names::Section,
    schedule::window,
    spot::Spot,
    tree::Value,
    user::{METHODS, method},
};

const QUIET_KEYS: Keys = Keys { known: &["from", "to", "days", "methods", "urgency", "cover"], later: &[] };
const REMINDER_KEYS: Keys = Keys { known: &["before", "by", "of"], later: &[] };
const URGENCIES: [(&str, Urgency); 2] = [("low", Urgency::Low), ("high", Urgency::High)];
const EDGES: [(&str, ShiftEdge); 2] = [("start", ShiftEdge::Start), ("end", ShiftEdge::End)];

/// Reads `quiet:`.
pub(crate) fn quiet(spot: &Spot<'_>, methods: &[Method]) -> Option<Vec<QuietTime>> {
    spot.list(|item| quiet_time(item, methods))
}

fn quiet_time(spot: &Spot<'_>, own: &[Method]) -> Option<QuietTime> {
    let map = spot.map(&QUIET_KEYS)?;
    let window = window(spot, &map);
    let urgency = map.optional("urgency").map(|urgency| urgency.choice(&URGENCIES));
    let cover = map.optional("cover").map(|cover| cover_of(cover));
    let methods = map.optional("methods").map(|methods| methods.list(|item| method_of(item, own)));
    let quiet = match (urgency, cover, methods) {
        // What could not be read is reported already.
        (Some(None), _, _) | (_, Some(None), _) | (_, _, Some(None)) => return None,
        (Some(Some(Urgency::High)), None, _) => {
            spot.fail("would hide pages of high urgency; name who is called instead, such as `cover: user/ben`, or write `urgency: low`");
            return None;
        }
        (Some(Some(Urgency::Low)), Some(_), _) => {
            spot.fail("names a `cover`, who is called for high urgency only; write `urgency: high`, or remove `cover`");
            return None;
        }
        (_, Some(_), Some(_)) => {
            spot.fail("names a `cover`, who takes every page whatever the method; remove `methods`");
            return None;
        }
        (_, Some(Some(by)), None) => Quiet::Covered { by },
        (_, None, methods) => Quiet::Waits { methods: methods.flatten().unwrap_or_default() },
    };
    Some(QuietTime { window: window?, quiet })
}

fn cover_of(spot: &Spot<'_>) -> Option<UserId> {
    let user = spot.parsed(|text| match text.parse::<Target>() {
        Ok(Target::User(user)) => Ok(user),
        _ => Err("must be one person; write it as user/ben".to_owned()),
    })?;
    spot.refers_to(Section::Users, user.as_str());
    Some(user)
}

fn method_of(spot: &Spot<'_>, own: &[Method]) -> Option<Method> {
    let by = spot.choice(&METHODS)?;
    if !own.contains(&by) {
        spot.fail(format!("the person has no {}; add it, or choose another method", by.as_str()));
        return None;
    }
    Some(by)
}

/// Reads `handoff_reminders:`, a list of leads such as `24h`, or of leads with how and before what.
pub(crate) fn reminders(spot: &Spot<'_>) -> Option<Vec<ReminderRule>> {
    spot.list(reminder)
}

fn reminder(spot: &Spot<'_>) -> Option<ReminderRule> {
    if !matches!(spot.node.value, Value::Map(_)) {
        return Some(ReminderRule { before_seconds: spot.seconds()?, by: None, of: ShiftEdge::Start });
    }
    let map = spot.map(&REMINDER_KEYS)?;
    let before = map.required("before").and_then(Spot::seconds);
    let by = map.optional("by").map(method);
    let of = map.optional("of").map(|of| of.choice(&EDGES));
    match (before, by, of) {
        (None, _, _) | (_, Some(None), _) | (_, _, Some(None)) => None,
        (Some(before_seconds), by, of) => {
            Some(ReminderRule { before_seconds, by: by.flatten(), of: of.flatten().unwrap_or(ShiftEdge::Start) })
        }
    }
}
