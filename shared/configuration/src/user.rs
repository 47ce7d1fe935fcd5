//! `users:` who is paged, and how they want to be told.

use std::fmt;

use hansho_domain::{Language, Method, NotificationRule, QuietTime, QuietTimes, Role, User, UserId};
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::{
    address,
    map::{Keys, Map},
    notify, parameter,
    spelling::{nearest, quoted},
    spot::Spot,
};

const KEYS: Keys =
    Keys { known: &["name", "email", "phone", "webhook", "webhook_secret", "language", "time_zone", "role", "notify"], later: &[] };
const NOTIFY_KEYS: Keys = Keys { known: &["high", "low", "quiet", "handoff_reminders"], later: &[] };
const RULE_KEYS: Keys = Keys { known: &["after", "by"], later: &[] };
const LANGUAGES: [(&str, Language); 2] = [("en", Language::En), ("ja", Language::Ja)];
const ROLES: [(&str, Role); 5] = [
    ("owner", Role::Owner),
    ("admin", Role::Admin),
    ("responder", Role::Responder),
    ("guest", Role::Guest),
    ("stakeholder", Role::Stakeholder),
];
pub(crate) const METHODS: [(&str, Method); 3] = [("sms", Method::Sms), ("email", Method::Email), ("webhook", Method::Webhook)];
/// Methods of the design that come with a later release.
const METHODS_LATER: [&str; 2] = ["push", "voice"];

/// Abbreviations that people take for names of a zone, and that mean one only.
const ABBREVIATIONS: [(&str, &str); 2] = [("JST", "Asia/Tokyo"), ("KST", "Asia/Seoul")];

/// Where a person is reached. Only the form of it has been checked; in the place of `webhook` and `webhook_secret` may stand the name of a
/// [`crate::parameter`].
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// Their mail address.
    pub email: Option<String>,
    /// Their telephone number: `+`, country code, number.
    pub phone: Option<String>,
    /// The https address that takes their pages.
    pub webhook: Option<String>,
    /// What signs the requests to their webhook.
    pub webhook_secret: Option<String>,
    /// The time zone they are spoken to in, by its IANA name.
    pub time_zone: String,
}

impl fmt::Debug for Contact {
    // Addresses are personal data and stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { email, phone, webhook, webhook_secret, time_zone } = self;
        let masked = |value: &Option<String>| value.as_ref().map(|_| "…");
        f.debug_struct("Contact")
            .field("email", &masked(email))
            .field("phone", &masked(phone))
            .field("webhook", &masked(webhook))
            .field("webhook_secret", &masked(webhook_secret))
            .field("time_zone", time_zone)
            .finish()
    }
}

/// Reads one person.
pub(crate) fn read(spot: &Spot<'_>, id: UserId) -> Option<(User, Contact)> {
    if id.as_str() == "nobody" {
        spot.fail("`nobody` stands for an empty slot of a rotation; give the person another name");
    }
    let map = spot.map(&KEYS)?;
    let name = map.required("name").and_then(Spot::name);
    let language = map.optional("language").and_then(|s| s.choice(&LANGUAGES));
    let role = map.optional("role").and_then(|s| s.choice(&ROLES)).unwrap_or_default();
    let contact = contact(&map);
    let methods = methods(spot, &map);
    let notify = map.optional("notify").and_then(|s| s.map(&NOTIFY_KEYS));
    let rules = |urgency| notify.as_ref().and_then(|n| n.optional(urgency)).map(|s| rules(s, &methods)).unwrap_or_default();
    let (high, low) = (rules("high"), rules("low"));
    let quiet = notify.as_ref().and_then(|n| n.optional("quiet")).and_then(|s| quiet(s, &id, &map, &methods)).unwrap_or_default();
    let reminders = notify.as_ref().and_then(|n| n.optional("handoff_reminders")).and_then(notify::reminders);
    if methods.is_empty() {
        return None; // Every rule would be a mistake that has been reported already.
    }
    let user = spot.accept(User::new(id, name.unwrap_or_default(), language.unwrap_or_default(), methods, high, low))?;
    let user = user.in_role(role);
    let user = if quiet.is_empty() && map.optional("time_zone").is_none() {
        user
    } else {
        let quiet = spot.accept(QuietTimes::new(&contact.time_zone, quiet))?;
        spot.accept(user.with_quiet(quiet))?
    };
    let user = match reminders {
        Some(reminders) => spot.accept(user.with_reminders(reminders))?,
        None => user,
    };
    Some((user, contact))
}

/// Quiet times are on the person's clock, so it has to be known. It was not asked for always: what is stored may leave it open.
fn quiet(spot: &Spot<'_>, id: &UserId, person: &Map<'_>, methods: &[Method]) -> Option<Vec<QuietTime>> {
    let times = notify::quiet(spot, methods)?;
    let has_no_clock = !times.is_empty() && person.optional("time_zone").is_none();
    if has_no_clock && spot.findings.is_stored {
        spot.assume_utc(id);
    } else if has_no_clock {
        spot.fail("is on the person's clock, and they have no `time_zone`; add it to the person, such as Asia/Tokyo");
    }
    Some(times)
}

fn contact(map: &Map<'_>) -> Contact {
    let webhook = map.optional("webhook");
    let secret = map.optional("webhook_secret");
    if let (None, Some(secret)) = (webhook, secret) {
        secret.fail("signs requests to a webhook, and there is none; add `webhook`, or remove it");
    }
    if let (Some(webhook), None) = (webhook, secret) {
        webhook.fail("needs `webhook_secret` beside it, 16 to 256 characters that sign what is sent there; nothing is sent without");
    }
    Contact {
        email: map.optional("email").and_then(|s| s.parsed(address::email)),
        phone: map.optional("phone").and_then(|s| s.parsed(address::phone)),
        webhook: webhook.and_then(|s| parameter::secret(s, address::webhook)),
        webhook_secret: secret.and_then(|s| parameter::secret(s, address::webhook_secret)),
        time_zone: map.optional("time_zone").and_then(|s| s.parsed(time_zone)).unwrap_or_else(|| "UTC".to_owned()),
    }
}

/// The methods whose address is given. One with a mistake in it counts: the rules that use it are not wrong.
fn methods(spot: &Spot<'_>, map: &Map<'_>) -> Vec<Method> {
    let keys = [("phone", Method::Sms), ("email", Method::Email), ("webhook", Method::Webhook)];
    let methods: Vec<Method> = keys.into_iter().filter(|(key, _)| map.optional(key).is_some()).map(|(_, method)| method).collect();
    if methods.is_empty() {
        spot.fail("can not be reached; add `phone`, `email` or `webhook`");
    }
    methods
}

fn rules(spot: &Spot<'_>, methods: &[Method]) -> Vec<NotificationRule> {
    spot.list(|item| rule(item, methods)).unwrap_or_default()
}

fn rule(spot: &Spot<'_>, methods: &[Method]) -> Option<NotificationRule> {
    let map = spot.map(&RULE_KEYS);
    let after = map.as_ref().and_then(|m| m.required("after")).and_then(Spot::seconds);
    let by = map.as_ref().and_then(|m| m.required("by")).and_then(method);
    // A rule that could not be read keeps its place with possible values, so that the ones after it keep their numbers.
    Some(NotificationRule { after_seconds: after.unwrap_or(0), by: by.or_else(|| methods.first().copied())? })
}

pub(crate) fn method(spot: &Spot<'_>) -> Option<Method> {
    let word = spot.text()?;
    if METHODS_LATER.contains(&word) {
        spot.fail(format!("`{word}` is not supported yet; use sms, email or webhook"));
        return None;
    }
    spot.choice(&METHODS)
}

/// Checks the name of a time zone and spells it as the time zone database does.
pub(crate) fn time_zone(text: &str) -> Result<String, String> {
    // The bundled database only: the machine's own could make the same file good here and bad elsewhere.
    let database = TimeZoneDatabase::bundled();
    if let Some(name) = database.get(text).ok().as_ref().and_then(TimeZone::iana_name) {
        return Ok(name.to_owned());
    }
    if let Some((_, name)) = ABBREVIATIONS.iter().find(|(abbreviation, _)| abbreviation.eq_ignore_ascii_case(text)) {
        return Err(format!("there is no time zone {}; did you mean `{name}`?", quoted(text)));
    }
    // Only names with an area are suggested: CEST is not meant to become EST.
    let known: Vec<String> = database.available().map(|name| name.to_string()).filter(|name| name.contains('/')).collect();
    let of_city = known.iter().find(|name| name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(text)));
    Err(match of_city.map(String::as_str).or_else(|| nearest(text, known.iter().map(String::as_str))) {
        Some(name) => format!("there is no time zone {}; did you mean `{name}`?", quoted(text)),
        None => format!("there is no time zone {}; write area and city, such as Asia/Tokyo or Europe/London", quoted(text)),
    })
}
