//! What a drill would ask, from a folder of configuration alone: nothing is sent, and no proof is known.

use std::collections::{BTreeMap, BTreeSet};

use hansho_configuration::Loaded;
use hansho_domain::{
    Bundle, CalledHour, Configuration, Language, Method, PolicyId, User, UserId, called_in, common_zone, drill_hours, drill_period,
    responders,
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{BeginDrill, certified};

/// By what they are called, and in which hours.
type Calls = Vec<(String, Vec<CalledHour>)>;

/// Whom a drill would ask about which hours, in the shape of a certificate in which nobody is proven.
pub(super) fn outlook(loaded: &Loaded, asked: &BeginDrill, now: Timestamp) -> Result<Value, String> {
    let configuration = &loaded.configuration;
    let zone = time_zone(configuration, asked)?;
    let text = |day: &Option<String>| day.clone().unwrap_or_default();
    let clock = TimeZone::get(&zone).unwrap_or(TimeZone::UTC);
    let (from, until) = drill_period(&text(&asked.from), &text(&asked.to), &clock, now).map_err(|error| error.to_string())?;
    let calls = calls(configuration, asked, from, until)?;
    let people: BTreeSet<UserId> = calls.iter().flat_map(|(_, hours)| responders(hours)).collect();
    if people.is_empty() {
        return Err("nobody would be called in this period, so there is nobody to ask; look at `hansho oncall` for its gaps".to_owned());
    }
    let users: BTreeMap<&UserId, &User> = configuration.users().iter().map(|user| (user.id(), user)).collect();
    let methods = |user: &UserId| -> &[Method] { users.get(user).map_or(&[], |user| user.methods()) };
    let asked_of: Vec<Value> =
        people.iter().flat_map(|user| methods(user).iter().map(move |method| json!({ "user": user, "method": method }))).collect();
    let told: serde_json::Map<String, Value> = people
        .iter()
        .map(|user| {
            let contacts: Vec<Value> = methods(user)
                .iter()
                .map(|method| json!({ "method": method, "proven": false, "proven_at": null, "proven_by": null }))
                .collect();
            let name = users.get(user).map_or(user.as_str(), |user| user.name());
            (user.to_string(), json!({ "name": name, "proven": false, "contacts": contacts }))
        })
        .collect();
    let without_channel: Vec<&UserId> = people.iter().filter(|user| methods(user).is_empty()).collect();
    let hours: usize = calls.iter().map(|(_, hours)| hours.len()).sum();
    let calls: Vec<Value> = calls
        .iter()
        .map(|(by, hours)| {
            let hours = hours.iter().map(|hour| json!({ "at": hour.at, "steps": hour.steps(), "proven": false }));
            json!({ "by": by, "hours": hours.collect::<Vec<_>>() })
        })
        .collect();
    Ok(json!({
        "from": from, "until": until, "time_zone": zone, "asked": asked_of, "calls": calls, "people": told,
        "unproven": people, "without_channel": without_channel, "hours_with_nobody_proven": hours,
    }))
}

/// The same as a table.
pub(super) fn told(answer: &Value, language: Language) -> String {
    let names = |what: &str| answer[what].as_array().map(Vec::as_slice).unwrap_or_default();
    let messages = names("asked").len();
    let people = names("unproven").len();
    let unasked: Vec<&str> = names("without_channel").iter().filter_map(Value::as_str).collect();
    let certificate = certified(answer, language);
    match language {
        Language::En => {
            let unasked = if unasked.is_empty() { String::new() } else { format!("No channel to ask by: {}\n", unasked.join(", ")) };
            format!(
                "A drill would ask {people} people by {messages} messages. Nothing was sent, and without a Hansho nothing is proven.\n\n{certificate}{unasked}"
            )
        }
        Language::Ja => {
            let unasked = if unasked.is_empty() { String::new() } else { format!("連絡方法がない人: {}\n", unasked.join("、")) };
            format!(
                "訓練では{people}人に{messages}件の確認を送ります。何も送信していません。Hansho に接続していないため、確認済みの人はいません。\n\n{certificate}{unasked}"
            )
        }
    }
}

fn calls(configuration: &Configuration, asked: &BeginDrill, from: Timestamp, until: Timestamp) -> Result<Calls, String> {
    let unknown =
        |what: &str, name: &str| format!("there is no {what} {name:?} in this configuration; check the name, or leave --{what} out");
    if let Some(name) = &asked.schedule {
        let found = configuration.schedules().iter().find(|schedule| schedule.id().as_str() == name);
        let schedule = found.ok_or_else(|| unknown("schedule", name))?;
        return Ok(vec![(format!("schedule/{name}"), drill_hours(from, until, |at| vec![schedule.on_call_at(&[], at)]))]);
    }
    if let Some(name) = &asked.team {
        let found = configuration.teams().iter().find(|team| team.id().as_str() == name);
        let team = found.ok_or_else(|| unknown("team", name))?;
        return Ok(vec![(format!("team/{name}"), drill_hours(from, until, |_| vec![team.members().to_vec()]))]);
    }
    let mut seen: BTreeSet<PolicyId> = BTreeSet::new();
    let mut calls = Vec::new();
    for bundle in configuration.each_bundle(0) {
        let is_meant = asked.service.as_deref().is_none_or(|name| bundle.service.id().as_str() == name);
        if is_meant && seen.insert(bundle.policy.id().clone()) {
            let by = format!("escalation_policy/{}", bundle.policy.id());
            calls.push((by, called_in(&with_covers(bundle, configuration), &[], from, until)));
        }
    }
    match &asked.service {
        Some(name) if calls.is_empty() => Err(unknown("service", name)),
        Some(_) | None => Ok(calls),
    }
}

/// The bundle with whoever covers for its people and is called by none of its policies.
fn with_covers(mut bundle: Bundle, configuration: &Configuration) -> Bundle {
    let covers: BTreeSet<UserId> = bundle.users.iter().flat_map(|user| user.quiet().covers()).cloned().collect();
    let known: BTreeSet<UserId> = bundle.users.iter().map(|user| user.id().clone()).collect();
    let missing = covers.difference(&known);
    bundle.users.extend(missing.filter_map(|cover| configuration.users().iter().find(|user| user.id() == cover)).cloned());
    bundle
}

/// On whose clock days are, as a Hansho would have it.
fn time_zone(configuration: &Configuration, asked: &BeginDrill) -> Result<String, String> {
    if let Some(zone) = &asked.time_zone {
        let known = TimeZone::get(zone).ok().and_then(|zone| zone.iana_name().map(str::to_owned));
        return known.ok_or_else(|| format!("--time-zone is {zone:?}; write an IANA name such as Asia/Tokyo"));
    }
    let meant =
        configuration.schedules().iter().filter(|schedule| asked.schedule.as_deref().is_none_or(|name| schedule.id().as_str() == name));
    Ok(common_zone(meant.map(|schedule| schedule.time_zone())).to_owned())
}
