//! Alarm patterns that never have their turn, or share alarms with another service.
//!
//! An alarm belongs to the first service, by name, that has a pattern for it.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::ServiceId;

use super::{Ground, glob};
use crate::{names::Section, spelling::quoted, warning::WarningKind};

/// Most work that goes into comparing patterns, counted as pairs of ordinary length (8 letters each), so that thousands that
/// begin with a star take no minutes.
const WORK_MAX: usize = 20_000_000;
const ORDINARY: usize = 64;

/// A pattern and where it stands, in the order in which patterns are asked.
struct Pattern<'a> {
    service: &'a ServiceId,
    /// Its number in the service's list.
    place: usize,
    text: &'a str,
}

pub(super) fn check(ground: &Ground<'_>) {
    let global = ground.configuration.routes().rules;
    let own = ground.configuration.services().iter().flat_map(|service| &service.spec().rules);
    let routed: BTreeSet<&ServiceId> = global.iter().chain(own).filter_map(|rule| rule.then.route.as_ref()).collect();
    let mut patterns = Vec::new();
    for service in ground.configuration.services() {
        let alarms = &service.spec().alarms;
        let is_named = || ground.configuration.integrations().iter().any(|i| i.spec().service.as_ref() == Some(service.id()));
        if alarms.is_empty() && *service.id() != ServiceId::catch_all() && !is_named() && !routed.contains(service.id()) {
            let message =
                "has no alarm of its own; add `alarms` with patterns such as checkout-*, unless its alarms name it in their description";
            ground.warn(WarningKind::NoAlarms, Section::Services, service.id().as_str(), "", message);
        }
        let of_service = alarms.iter().enumerate();
        patterns.extend(of_service.map(|(place, pattern)| Pattern { service: service.id(), place, text: pattern.as_str() }));
    }
    let mut work_left = WORK_MAX;
    let earlier = Prefixes::of(&patterns);
    for pattern in &patterns {
        let neighbours: Vec<&Pattern<'_>> = earlier.neighbours(pattern.text).map(|n| &patterns[n]).collect();
        let work = neighbours.iter().map(|other| 1 + other.text.len() * pattern.text.len() / ORDINARY).sum();
        work_left = work_left.saturating_sub(work);
        if work_left == 0 {
            let field = format!("alarms[{}]", pattern.place);
            let message = "is not compared with the others, and neither are those after it: too many begin alike; begin them with the name of what they are about";
            ground.warn(WarningKind::AlarmOverlap, Section::Services, pattern.service.as_str(), &field, message);
            break;
        }
        compare(ground, pattern, &neighbours);
    }
}

/// One warning for a pattern at most: the worst that is true of it.
fn compare(ground: &Ground<'_>, pattern: &Pattern<'_>, neighbours: &[&Pattern<'_>]) {
    let Pattern { service, place, text } = pattern;
    let is_before = |other: &Pattern<'_>| (other.service, other.place) < (*service, *place);
    let warn = |kind, message: String| ground.warn(kind, Section::Services, service.as_str(), &format!("alarms[{place}]"), message);
    let same_kind = |other: &Pattern<'_>| other.text.starts_with("arn:") == text.starts_with("arn:");
    let others = || neighbours.iter().filter(|other| same_kind(other));
    let of_others = || others().filter(|other| other.service != *service && is_before(other));
    if let Some(first) = of_others().find(|other| contains(other.text, text)) {
        let message = format!(
            "never has its turn: {} of services.{} matches all of it, and that service comes first by name; make that pattern narrower, or remove this one",
            quoted(first.text),
            first.service
        );
        warn(WarningKind::AlarmShadowed, message);
    } else if let Some(wider) = others().find(|other| {
        let is_wider = other.service == *service && other.place != *place && contains(other.text, text);
        // Of two that say the same, the later one is too many.
        is_wider && (is_before(other) || !contains(text, other.text))
    }) {
        warn(
            WarningKind::AlarmRedundant,
            format!("is not needed: {} of the same service matches all of it; remove one", quoted(wider.text)),
        );
    } else if let Some((first, example)) =
        // A narrow pattern before a wide one is an exception that is meant.
        of_others()
            .filter(|other| !contains(text, other.text))
            .find_map(|other| Some((other, example_of_both(other.text, text)?)))
    {
        let message = format!(
            "shares alarms with {} of services.{}, which comes first by name: an alarm {} would be that service's; make one of them narrower",
            quoted(first.text),
            first.service,
            quoted(&example)
        );
        warn(WarningKind::AlarmOverlap, message);
    }
}

/// Patterns by what they begin with, up to their first star. Two that share an alarm begin alike: one beginning is the other's.
struct Prefixes<'a>(BTreeMap<&'a str, Vec<usize>>);

impl<'a> Prefixes<'a> {
    fn of(patterns: &[Pattern<'a>]) -> Self {
        let mut prefixes: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, pattern) in patterns.iter().enumerate() {
            prefixes.entry(beginning(pattern.text)).or_default().push(place);
        }
        Self(prefixes)
    }

    /// The patterns that begin like this one.
    fn neighbours<'s>(&'s self, text: &'s str) -> impl Iterator<Item = usize> + 's {
        let start = beginning(text);
        let shorter = start.char_indices().map(|(end, _)| &start[..end]).filter_map(|beginning| self.0.get(beginning));
        let same_or_longer = self.0.range(start..).take_while(move |(beginning, _)| beginning.starts_with(start)).map(|(_, places)| places);
        shorter.chain(same_or_longer).flatten().copied()
    }
}

/// How many parts an alarm's ARN has: `arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME`. Only the last one may have colons in it.
const ARN_PARTS: usize = 7;

/// A pattern for names as it is; one for ARNs in its parts, so that a star that stands for the region is not taken for one that
/// stands for half of the name as well.
fn parts(pattern: &str) -> Vec<&str> {
    let parts: Vec<&str> = pattern.splitn(ARN_PARTS, ':').collect();
    if pattern.starts_with("arn:") && parts.len() == ARN_PARTS { parts } else { vec![pattern] }
}

/// What the names that it matches begin with. Empty for an ARN that does not say which part is the name.
fn beginning(pattern: &str) -> &str {
    let parts = parts(pattern);
    match parts.last() {
        Some(name) if parts.len() == ARN_PARTS || !pattern.starts_with("arn:") => name.split('*').next().unwrap_or_default(),
        Some(_) | None => "",
    }
}

fn contains(outer: &str, inner: &str) -> bool {
    let (outer_parts, inner_parts) = (parts(outer), parts(inner));
    if outer_parts.len() == inner_parts.len() {
        outer_parts.iter().zip(inner_parts).all(|(outer, inner)| glob::contains(outer, inner))
    } else {
        glob::contains(outer, inner)
    }
}

/// An alarm that both match. Of ARNs, one whose parts both match.
fn example_of_both(a: &str, b: &str) -> Option<String> {
    let (a, b) = (parts(a), parts(b));
    if a.len() != b.len() {
        return None;
    }
    a.iter().zip(b).map(|(a, b)| glob::example_of_both(a, b)).collect::<Option<Vec<_>>>().map(|parts| parts.join(":"))
}
