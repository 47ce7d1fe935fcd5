//! What a Hansho has of a person who leaves: it is told, and left to people.

use hansho_domain::{OverrideChange, UserId};
use jiff::Timestamp;
use serde_json::Value;

use crate::commands::client::{Client, ClientError, ServerArguments, query};

/// The overrides that put the person on call, and the open incidents that they have or are called for, a line each.
///
/// # Errors
/// Nobody answers there, or with a refusal.
pub(super) async fn told(server: &ServerArguments, user: &UserId) -> Result<String, ClientError> {
    let client = Client::new(server)?;
    let mut lines = overrides(&client, user).await?;
    lines.extend(incidents(&client, user).await?);
    if lines.is_empty() {
        lines.push("nothing".to_owned());
    }
    Ok(format!("\nLive:\n{}", lines.iter().map(|line| format!("  {line}\n")).collect::<String>()))
}

/// What the clock there shows.
///
/// # Errors
/// Nobody answers there, or with a refusal.
pub(super) async fn now(server: &ServerArguments) -> Result<Timestamp, ClientError> {
    let answer = Client::new(server)?.get("/services").await?;
    let now = answer.get("now").and_then(|now| now.as_str()?.parse().ok());
    now.ok_or_else(|| ClientError::Foreign { url: server.url.clone() })
}

async fn overrides(client: &Client, user: &UserId) -> Result<Vec<String>, ClientError> {
    let mut lines = Vec::new();
    let schedules = client.get("/schedules").await?;
    for schedule in schedules.get("schedules").and_then(Value::as_array).into_iter().flatten() {
        let Some(id) = schedule.get("id").and_then(Value::as_str) else { continue };
        let answer = client.get(&format!("/schedules/{id}/overrides")).await?;
        lines.extend(answer.get("overrides").and_then(Value::as_array).into_iter().flatten().filter_map(|made| one(id, made, user)));
    }
    Ok(lines)
}

/// What to do about an override, if it puts the person on call. One that takes them off is left alone: without it they would be on call.
fn one(schedule: &str, made: &Value, user: &UserId) -> Option<String> {
    let change: OverrideChange = serde_json::from_value(made.get("change")?.clone()).ok()?;
    if !change.by().contains(user) {
        return None;
    }
    let id = made.get("id").and_then(Value::as_str).unwrap_or("?");
    let others: Vec<&str> = change.by().iter().filter(|by| *by != user).map(UserId::as_str).collect();
    let removal = format!("hansho override remove --schedule {schedule} {id}");
    Some(if others.is_empty() {
        format!("override {id} of {schedule}: {removal}")
    } else {
        format!("override {id} of {schedule}: also puts {} on call; make another one without {user}, then {removal}", others.join(", "))
    })
}

async fn incidents(client: &Client, user: &UserId) -> Result<Vec<String>, ClientError> {
    let mut lines = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let pairs = [("status", Some("open".to_owned())), ("limit", Some("100".to_owned())), ("cursor", cursor.take())];
        let answer = client.get(&format!("/incidents{}", query(&pairs))).await?;
        for incident in answer.get("incidents").and_then(Value::as_array).into_iter().flatten() {
            let has =
                ["acknowledged_by", "calling"].iter().any(|key| incident.get(*key).is_some_and(|people| names(people, user.as_str())));
            if has {
                let text = |key: &str| incident.get(key).and_then(Value::as_str).unwrap_or("?").to_owned();
                lines.push(format!("incident {} ({}): {}; reassign it", text("id"), text("status"), text("title")));
            }
        }
        cursor = answer.get("next").and_then(Value::as_str).map(str::to_owned);
        if cursor.is_none() {
            return Ok(lines);
        }
    }
}

/// Whether the person stands anywhere in it.
fn names(value: &Value, user: &str) -> bool {
    match value {
        Value::String(text) => text == user || text.strip_prefix("user/") == Some(user),
        Value::Array(items) => items.iter().any(|item| names(item, user)),
        Value::Object(fields) => fields.values().any(|field| names(field, user)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::one;

    #[test]
    fn an_override_is_told_of_when_it_puts_the_leaver_on_call_and_not_when_it_takes_them_off() {
        let told = |change: serde_json::Value| one("primary", &json!({ "id": "5d41", "change": change }), &"aiko".parse().unwrap());
        let removal = "hansho override remove --schedule primary 5d41";
        for change in [
            json!({ "replace": { "user": "ben", "by": ["aiko"] } }),
            json!({ "replace_all": { "by": ["aiko"] } }),
            json!({ "add": { "by": ["aiko"] } }),
        ] {
            assert_eq!(told(change), Some(format!("override 5d41 of primary: {removal}")));
        }
        for change in [json!({ "replace": { "user": "aiko", "by": ["ben"] } }), json!({ "remove": { "user": "aiko" } }), json!("nobody")] {
            assert_eq!(told(change.clone()), None, "{change}");
        }
        // Removing it would take the other one off as well.
        let told = told(json!({ "add": { "by": ["aiko", "ben"] } })).unwrap();
        assert!(told.contains("also puts ben on call; make another one without aiko") && told.ends_with(removal), "{told}");
    }
}
