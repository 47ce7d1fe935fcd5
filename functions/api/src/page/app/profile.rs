//! Somebody's own page: who they are here, and where they are signed in.

use std::collections::BTreeMap;

use axum::response::Html;
use hansho_domain::{Method, NotificationRule, Role, Urgency, User, text};
use hansho_store::{CalendarLink, ContactProof, PASSKEYS_MAX, Passkey, Profile, Session};
use jiff::{SignedDuration, Timestamp, civil::Time};
use serde::Serialize;

use super::Frame;
use crate::{
    asset,
    page::{Reader, template::filled},
    words,
};

/// When "tonight" is.
const NIGHT: Time = Time::constant(3, 0, 0, 0);

/// What the page is made of.
pub(crate) struct ProfileFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) role: Role,
    /// The names of their teams.
    pub(crate) teams: Vec<String>,
    /// Their rules and addresses; `None` where the profile can not be read.
    pub(crate) profile: Option<&'a Profile>,
    /// What is known of their addresses.
    pub(crate) proofs: &'a BTreeMap<Method, ContactProof>,
    /// What a form that asks for a message carries, so that two taps are one.
    pub(crate) request: &'a str,
    /// By which method a message has just been sent.
    pub(crate) sent: &'a str,
    /// Their sessions, the last used first.
    pub(crate) sessions: &'a [Session],
    /// The one of this browser.
    pub(crate) here: &'a str,
    /// Their passkeys, the newest first.
    pub(crate) passkeys: &'a [Passkey],
    /// Whether passkeys sign in here.
    pub(crate) has_passkeys: bool,
    /// Their calendar links.
    pub(crate) calendars: &'a [CalendarLink],
}

#[derive(Serialize)]
struct View {
    #[serde(flatten)]
    frame: Frame,
    role: &'static str,
    team_names: String,
    contacts: Vec<ContactLine>,
    request: String,
    tonight: Vec<String>,
    list: Vec<Line>,
    has_others: bool,
    calendars: Vec<CalendarLine>,
    language: &'static str,
    passkeys: Vec<PasskeyLine>,
    has_passkeys: bool,
    may_add_passkey: bool,
    passkey_script: &'static str,
}

/// One of their calendar links.
#[derive(Serialize)]
struct CalendarLine {
    id: String,
    told: String,
}

/// One of their passkeys.
#[derive(Serialize)]
struct PasskeyLine {
    id: String,
    name: String,
    told: String,
}

/// One of their addresses.
#[derive(Serialize)]
struct ContactLine {
    method: &'static str,
    word: &'static str,
    /// Enough of it to be known by its owner, and by nobody who looks over their shoulder.
    address: String,
    standing: String,
    is_proven: bool,
    is_sent: bool,
}

#[derive(Serialize)]
struct Line {
    id: String,
    agent: String,
    is_here: bool,
    told: String,
}

/// The page.
pub(crate) fn profile(facts: &ProfileFacts<'_>, frame: Frame) -> Html<String> {
    let ProfileFacts { reader, role, teams, profile, proofs, request, sent, sessions, here, calendars, passkeys, has_passkeys } = facts;
    let clock = reader.clock();
    let tongue = words::tongue(reader.language);
    let line = |session: &Session| Line {
        id: session.id.clone(),
        agent: browser(&session.agent),
        is_here: session.id == *here,
        told: tongue.session(&clock.short(session.created_at), &clock.short(session.seen_at)),
    };
    let key = |passkey: &Passkey| PasskeyLine {
        id: passkey.id(),
        name: text::one_line(&passkey.name),
        told: tongue.passkey(&clock.short(passkey.created_at), passkey.used_at.map(|at| clock.short(at)).as_deref()),
    };
    let view = View {
        frame,
        role: tongue.role(*role),
        team_names: tongue.list(teams),
        contacts: profile.map(|profile| contacts(profile, proofs, sent, reader)).unwrap_or_default(),
        request: (*request).to_owned(),
        tonight: profile.map(|profile| tonight(&profile.user, reader)).unwrap_or_default(),
        list: sessions.iter().map(line).collect(),
        has_others: sessions.len() > 1,
        calendars: calendars
            .iter()
            .map(|link| CalendarLine { id: link.id.clone(), told: tongue.calendar_made_at(&clock.short(link.created_at)) })
            .collect(),
        language: tongue.spoken(reader.language),
        passkeys: passkeys.iter().map(key).collect(),
        has_passkeys: *has_passkeys,
        may_add_passkey: passkeys.len() < PASSKEYS_MAX,
        passkey_script: asset::PASSKEY.as_str(),
    };
    filled("profile.html", &view)
}

/// What people call a browser that says this of itself: `Chrome, Android`. Empty when it says nothing that people know; what a tool
/// says is shown as it is, up to its first word.
pub(crate) fn browser(agent: &str) -> String {
    // The order counts: each of them says that it is those after it, too.
    let browsers = ["Edg", "OPR", "SamsungBrowser", "FxiOS", "Firefox", "CriOS", "Chrome", "Safari"];
    let systems = ["Android", "iPhone", "iPad", "Windows", "Mac OS", "CrOS", "Linux"];
    let first_of = |names: &[&'static str]| names.iter().find(|name| agent.contains(**name)).copied();
    let browser = first_of(&browsers).map(|name| match name {
        "Edg" => "Edge",
        "OPR" => "Opera",
        "SamsungBrowser" => "Samsung Internet",
        "FxiOS" => "Firefox",
        "CriOS" => "Chrome",
        other => other,
    });
    match (browser, first_of(&systems)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => text::one_line(agent.split_whitespace().next().unwrap_or_default()),
    }
}

fn contacts(profile: &Profile, proofs: &BTreeMap<Method, ContactProof>, sent: &str, reader: &Reader) -> Vec<ContactLine> {
    let clock = reader.clock();
    let tongue = words::tongue(reader.language);
    let line = |method: Method| {
        let contact = &profile.contact;
        let address = match method {
            Method::Sms => contact.phone.as_deref(),
            Method::Email => contact.email.as_deref(),
            Method::Webhook => contact.webhook.as_deref(),
        };
        let proven_at = proofs.get(&method).and_then(|proof| proof.proven_at);
        Some(ContactLine {
            method: method.as_str(),
            word: tongue.method(method),
            address: veiled(address?),
            standing: tongue.contact_standing(proven_at.map(|at| clock.short(at)).as_deref()),
            is_proven: proven_at.is_some(),
            is_sent: method.as_str() == sent,
        })
    };
    Method::ALL.into_iter().filter_map(line).collect()
}

/// An address with its middle left out.
fn veiled(address: &str) -> String {
    let address: Vec<char> = text::one_line(address).chars().collect();
    let at = address.iter().position(|c| *c == '@');
    let (head, tail) = match at {
        Some(at) => (1.min(at), address.len() - at),
        None => (4.min(address.len() / 3), 4.min(address.len() / 3)),
    };
    let first: String = address[..head].iter().collect();
    let last: String = address[address.len() - tail..].iter().collect();
    format!("{first}…{last}")
}

/// What would happen to them at three in the coming night, when it is urgent and when it is not.
fn tonight(user: &User, reader: &Reader) -> Vec<String> {
    let tongue = words::tongue(reader.language);
    let clock = reader.clock();
    let at = clock.next(NIGHT);
    let told = |urgency| {
        let rules = user.rules_from(urgency, at);
        let one = |rule: &NotificationRule| {
            let due_at = at.saturating_add(SignedDuration::from_secs(rule.after_seconds.into())).unwrap_or(Timestamp::MAX);
            format!("{} {}", clock.time(due_at), tongue.method(rule.by))
        };
        tongue.list(&rules.iter().map(one).collect::<Vec<_>>())
    };
    let urgent = match user.quiet().cover_at(at) {
        Some(cover) => tongue.tonight_covered(&reader.name(cover)),
        None => tongue.tonight_urgent(&told(Urgency::High)),
    };
    vec![urgent, tongue.tonight_not_urgent(&told(Urgency::Low))]
}

#[cfg(test)]
mod tests {
    use super::{browser, veiled};

    #[test]
    fn a_browser_is_called_as_people_call_it() {
        for (agent, expected) in [
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36",
                "Chrome, Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari, iPhone",
            ),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14.5; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Mac OS"),
            ("curl/8.5.0", "curl/8.5.0"),
            ("<b>x</b> y", "<b>x</b>"),
            ("", ""),
        ] {
            assert_eq!(browser(agent), expected, "{agent}");
        }
    }

    #[test]
    fn an_address_is_shown_so_that_its_owner_knows_it() {
        for (address, expected) in [
            ("+819012345678", "+819…5678"),
            ("aiko@example.com", "a…@example.com"),
            ("@example.com", "…@example.com"),
            ("https://hooks.example.com/secret/path", "http…path"),
            ("ab", "…"),
            ("", "…"),
        ] {
            assert_eq!(veiled(address), expected, "{address}");
        }
    }
}
