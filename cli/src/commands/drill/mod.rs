//! `hansho drill`: ask everybody who may be called in a period whether they can be reached, and certify it hour by hour.

mod offline;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hansho_configuration::Problem;
use hansho_domain::Language;
use hansho_runtime::{Clock, SystemClock};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    client::{Client, ClientError, ServerArguments},
    columns::columns,
    language::{LanguageArgument, answered, heads, time_format, word},
    moment::exact,
    user::proven_by,
};

/// Begins a drill, or asks about one.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct DrillArguments {
    #[command(subcommand)]
    command: Option<DrillCommand>,
    #[command(flatten)]
    begin: BeginDrill,
}

#[derive(Debug, Subcommand)]
enum DrillCommand {
    /// The drills, the newest first  (一覧)
    List(ListArguments),
    /// Who was asked, and who has answered  (応答状況)
    Status(OneDrill),
    /// Hour by hour, who is reachable by what, and who is unproven; exit code 1 when nobody is in some hour  (到達証明)
    Certificate(OneDrill),
    /// Call a drill off: what was not sent yet is not sent  (訓練の中止)
    End(OneDrill),
}

#[derive(Debug, Args)]
struct BeginDrill {
    /// The first day of the period, such as 2026-12-29, or a time with its offset
    #[arg(long, value_name = "DAY", required = true)]
    from: Option<String>,
    /// The last day of the period
    #[arg(long, value_name = "DAY", required = true)]
    to: Option<String>,
    /// Only whoever this service may call
    #[arg(long, group = "scope")]
    service: Option<String>,
    /// Only whoever is on call in this schedule
    #[arg(long, group = "scope")]
    schedule: Option<String>,
    /// Only this team
    #[arg(long, group = "scope")]
    team: Option<String>,
    /// On whose clock the days are; the schedules' otherwise
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// When to ask, such as 2026-12-22T10:00:00+09:00; at once otherwise
    #[arg(long, value_name = "TIME", value_parser = exact)]
    at: Option<Timestamp>,
    /// The same key begins it only once, however often this is run
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Only list from a folder of configuration whom it would ask about which hours; nothing is sent, no Hansho is needed
    #[arg(long, value_name = "DIR", conflicts_with_all = ["url", "token", "data", "at", "idempotency_key"])]
    config: Option<PathBuf>,
    /// JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArgument,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
struct OneDrill {
    /// The drill's id
    id: String,
    /// JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArgument,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
struct ListArguments {
    /// JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArgument,
    #[command(flatten)]
    server: ServerArguments,
}

/// Why there is nothing good to say.
#[derive(Debug, thiserror::Error)]
pub(super) enum DrillError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0} hour(s) in which nobody is proven to be reached")]
    Unproven(u64),
    #[error("the configuration has {} problem(s):\n{}", .0.len(), .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Configuration(Vec<Problem>),
    #[error("{0}")]
    Argument(String),
}

/// Runs it and prints what came of it.
pub(super) async fn run(asked: DrillArguments) -> Result<(), DrillError> {
    match asked.command {
        None => match &asked.begin.config {
            Some(folder) => {
                let loaded = hansho_configuration::load(folder).map_err(DrillError::Configuration)?;
                let answer = offline::outlook(&loaded, &asked.begin, SystemClock.now()).map_err(DrillError::Argument)?;
                print(&answer, asked.begin.json, || offline::told(&answer, asked.begin.language.language));
                Ok(())
            }
            None => Ok(begin(asked.begin).await?),
        },
        Some(DrillCommand::List(asked)) => {
            let answer = Client::new(&asked.server)?.get("/drills").await?;
            print(&answer, asked.json, || listed(&answer, asked.language.language));
            Ok(())
        }
        Some(DrillCommand::Status(one)) => {
            let answer = Client::new(&one.server)?.get(&format!("/drills/{}", one.id)).await?;
            print(&answer, one.json, || status(&answer["drill"], one.language.language));
            Ok(())
        }
        Some(DrillCommand::End(one)) => {
            let answer = Client::new(&one.server)?.post(&format!("/drills/{}/end", one.id), &json!({}), None).await?;
            print(&answer, one.json, || status(&answer["drill"], one.language.language));
            Ok(())
        }
        Some(DrillCommand::Certificate(one)) => certificate(one).await,
    }
}

async fn begin(asked: BeginDrill) -> Result<(), ClientError> {
    let mut body = json!({ "from": asked.from, "to": asked.to });
    let given = [("service", asked.service), ("schedule", asked.schedule), ("team", asked.team), ("time_zone", asked.time_zone)];
    for (name, value) in given.into_iter().chain([("at", asked.at.map(|at| at.to_string()))]) {
        if let Some(value) = value {
            body[name] = json!(value);
        }
    }
    let answer = Client::new(&asked.server)?.post("/drills", &body, asked.idempotency_key.as_deref()).await?;
    print(&answer, asked.json, || status(&answer["drill"], asked.language.language));
    Ok(())
}

async fn certificate(one: OneDrill) -> Result<(), DrillError> {
    let answer = Client::new(&one.server)?.get(&format!("/drills/{}/certificate", one.id)).await?;
    print(&answer, one.json, || certified(&answer, one.language.language));
    match answer["hours_with_nobody_proven"].as_u64().unwrap_or(0) {
        0 => Ok(()),
        hours => Err(DrillError::Unproven(hours)),
    }
}

fn print(answer: &Value, is_json: bool, table: impl Fn() -> String) {
    if is_json {
        println!("{answer:#}");
    } else {
        print!("{}", table());
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A line each, with its times on the clock on which its period was given.
fn listed(answer: &Value, language: Language) -> String {
    let drills = answer["drills"].as_array().map(Vec::as_slice).unwrap_or_default();
    if drills.is_empty() {
        return word(language, "There was no drill yet.\n", "訓練はまだありません。\n").to_owned();
    }
    let english = ["ID", "STATE", "ASKS AT", "FROM", "UNTIL", "ABOUT", "PEOPLE", "BY"];
    let japanese = ["ID", "状態", "確認日時", "開始", "終了", "対象", "人数", "作成者"];
    let mut rows = vec![heads(language, english, japanese)];
    rows.extend(drills.iter().map(|drill| {
        let zone = TimeZone::get(drill["time_zone"].as_str().unwrap_or("UTC")).unwrap_or(TimeZone::UTC);
        let shown = |at: &Value| {
            let at = at.as_str().and_then(|at| at.parse::<Timestamp>().ok());
            at.map_or_else(|| "-".to_owned(), |at| at.to_zoned(zone.clone()).strftime(time_format(language)).to_string())
        };
        let about = match &drill["scope"] {
            Value::Object(scope) => scope.iter().map(|(kind, name)| format!("{kind}/{}", text(name))).collect::<Vec<_>>().join(", "),
            everything => answered(language, &text(everything)).to_owned(),
        };
        let times = ["send_at", "from", "until"].map(|name| shown(&drill[name]));
        [
            &[text(&drill["id"]), answered(language, &text(&drill["state"])).to_owned()][..],
            &times,
            &[about, drill["people"].to_string(), text(&drill["by"])],
        ]
        .concat()
    }));
    columns(&rows)
}

fn status(drill: &Value, language: Language) -> String {
    let japanese = ["担当者", "連絡方法", "送信", "応答", "応答手段"];
    let mut rows = vec![heads(language, ["USER", "METHOD", "MESSAGE", "ANSWERED", "BY"], japanese)];
    let asked = drill["asked"].as_array().map(Vec::as_slice).unwrap_or_default();
    for one in asked {
        let state = [answered(language, &text(&one["state"])), &text(&one["reason"])].join(" ").trim().to_owned();
        let answered = one["answered_at"].as_str().unwrap_or_else(|| word(language, "not yet", "未応答")).to_owned();
        rows.push(vec![text(&one["user"]), text(&one["method"]), state, answered, proven_by(&one["answered_by"], language)]);
    }
    let answers = asked.iter().filter(|one| !one["answered_at"].is_null()).count();
    let id = text(&drill["id"]);
    let head = match language {
        Language::En => format!("drill {id}: {answers} of {} answered", asked.len()),
        Language::Ja => format!("訓練 {id}: {}件中{answers}件に応答", asked.len()),
    };
    format!("{head}\n{}", columns(&rows))
}

/// Hours that follow each other and say the same are one row.
fn certified(answer: &Value, language: Language) -> String {
    let unproven: Vec<String> = answer["unproven"].as_array().into_iter().flatten().map(text).collect();
    let unproven = if unproven.is_empty() { answered(language, "nobody").to_owned() } else { unproven.join(word(language, ", ", "、")) };
    let zone = text(&answer["time_zone"]);
    let last = match language {
        Language::En => format!("Times in {zone}. Unproven: {unproven}"),
        Language::Ja => format!("時刻は {zone}。未確認: {unproven}"),
    };
    format!("{}\n{}\n{last}\n", columns(&certified_hours(answer, language)), columns(&certified_people(answer, language)))
}

/// Who is called when, and whether somebody of them is proven.
fn certified_hours(answer: &Value, language: Language) -> Vec<Vec<String>> {
    let zone = TimeZone::get(answer["time_zone"].as_str().unwrap_or("UTC")).unwrap_or(TimeZone::UTC);
    let told = |at: &Value| {
        let at = at.as_str().and_then(|at| at.parse::<Timestamp>().ok()).unwrap_or(Timestamp::UNIX_EPOCH);
        at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    };
    let is_proven = |user: &str| answer["people"][user]["proven"] == true;
    let english = ["FROM", "HOURS", "CALLED BY", "WHO (* is proven), STEP BY STEP", "PROVEN"];
    let japanese = ["開始", "時間数", "呼び出し元", "段階ごとの相手 (* は確認済み)", "確認"];
    let mut rows = vec![heads(language, english, japanese)];
    for calls in answer["calls"].as_array().into_iter().flatten() {
        let mut last: Option<&Value> = None;
        let mut hours = 0;
        for hour in calls["hours"].as_array().into_iter().flatten() {
            hours += 1;
            if last.is_some_and(|last| (&last["steps"], &last["proven"]) == (&hour["steps"], &hour["proven"])) {
                if let Some(row) = rows.last_mut() {
                    row[1] = hours.to_string();
                }
                continue;
            }
            hours = 1;
            last = Some(hour);
            let steps = hour["steps"].as_array().into_iter().flatten().map(|step| {
                let names = step.as_array().into_iter().flatten().filter_map(Value::as_str);
                let names: Vec<String> = names.map(|user| if is_proven(user) { format!("{user}*") } else { user.to_owned() }).collect();
                if names.is_empty() { answered(language, "nobody").to_owned() } else { names.join(" ") }
            });
            let proven = if hour["proven"] == true { word(language, "yes", "あり") } else { word(language, "NOBODY", "誰もなし") };
            rows.push(vec![
                told(&hour["at"]),
                "1".to_owned(),
                text(&calls["by"]),
                steps.collect::<Vec<_>>().join(" > "),
                proven.to_owned(),
            ]);
        }
    }
    rows
}

/// By what each of them is proven. What is proven and is not among the ways in which they are woken counts for no hour.
fn certified_people(answer: &Value, language: Language) -> Vec<Vec<String>> {
    let japanese = ["担当者", "連絡方法", "確認済み", "最終確認", "確認手段"];
    let mut people = vec![heads(language, ["USER", "METHOD", "PROVEN", "LAST PROVEN", "BY"], japanese)];
    for (user, person) in answer["people"].as_object().into_iter().flatten() {
        for contact in person["contacts"].as_array().into_iter().flatten() {
            let wakes = person["wakes"].as_array().is_none_or(|wakes| wakes.contains(&contact["method"]));
            let proven = match (contact["proven"] == true, wakes) {
                (true, true) => answered(language, "yes"),
                (true, false) => word(language, "yes, wakes nobody", "あり (起きられない)"),
                (false, _) => answered(language, "no"),
            };
            let last = contact["proven_at"].as_str().unwrap_or_else(|| answered(language, "never")).to_owned();
            people.push(vec![user.clone(), text(&contact["method"]), proven.to_owned(), last, proven_by(&contact["proven_by"], language)]);
        }
    }
    people
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;
    use serde_json::json;

    use super::{certified, listed, status};

    #[test]
    fn japanese_tells_the_same() {
        let answer = json!({
            "time_zone": "Asia/Tokyo",
            "calls": [{ "by": "team/sre", "hours": [{ "at": "2026-12-28T15:00:00Z", "steps": [["aiko"], []], "proven": false }] }],
            "people": { "aiko": { "proven": false, "contacts": [{ "method": "sms", "proven": false, "proven_at": null, "proven_by": null }] } },
            "unproven": ["aiko"],
        });
        let told = certified(&answer, Language::Ja);
        for part in ["呼び出し元", "aiko > なし", "誰もなし", "いいえ", "時刻は Asia/Tokyo。未確認: aiko"] {
            assert!(told.contains(part), "{part}: {told}");
        }
        let one = json!({ "user": "ben", "method": "sms", "state": "sent", "reason": null, "answered_at": null });
        let told = status(&json!({ "id": "0123456789ab", "asked": [one] }), Language::Ja);
        assert!(told.starts_with("訓練 0123456789ab: 1件中0件に応答\n") && told.contains("送信済み") && told.contains("未応答"), "{told}");
        assert_eq!(listed(&json!({ "drills": [] }), Language::Ja), "訓練はまだありません。\n");
        let drill = json!({ "id": "0123456789ab", "state": "asking", "scope": "everybody", "people": 4, "by": "ops" });
        let told = listed(&json!({ "drills": [drill] }), Language::Ja);
        assert!(told.contains("確認中") && told.contains("確認日時"), "{told}");
    }

    #[test]
    fn the_certificate_tells_each_stretch_of_hours_who_is_proven_and_who_is_not() {
        let hour = |at: &str, who: &str, proven: bool| json!({ "at": at, "steps": [[who], ["lead"]], "proven": proven });
        let answer = json!({
            "time_zone": "Asia/Tokyo",
            "calls": [{ "by": "escalation_policy/checkout", "hours": [
                hour("2026-12-28T15:00:00Z", "aiko", true), hour("2026-12-28T16:00:00Z", "aiko", true), hour("2026-12-28T17:00:00Z", "ben", false),
            ] }],
            "people": {
                "aiko": { "proven": true, "contacts": [{ "method": "sms", "proven": true, "proven_at": "2026-12-22T01:00:00Z", "proven_by": { "drill": "0123456789ab" } }] },
                "ben": { "proven": false, "contacts": [{ "method": "email", "proven": false, "proven_at": null, "proven_by": null }] },
                "lead": { "proven": false, "wakes": ["sms"], "contacts": [{ "method": "email", "proven": true, "proven_at": "2026-12-22T01:00:00Z", "proven_by": "verification" }] },
            },
            "unproven": ["ben", "lead"],
        });
        let told = certified(&answer, Language::En);
        let lines: Vec<Vec<&str>> = told.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[1], ["2026-12-29", "00:00", "2", "escalation_policy/checkout", "aiko*", ">", "lead", "yes"], "{told}");
        assert_eq!(lines[2], ["2026-12-29", "02:00", "1", "escalation_policy/checkout", "ben", ">", "lead", "NOBODY"], "{told}");
        assert!(told.contains("Unproven: ben, lead") && told.contains("drill 0123456789ab"), "{told}");
        assert!(told.contains("yes, wakes nobody"), "a mail is told, and counts for no hour: {told}");
    }

    #[test]
    fn the_list_says_of_each_drill_when_it_asks_about_what_and_how_it_stands() {
        let drill = json!({
            "id": "0123456789ab", "state": "asking", "send_at": "2026-12-22T01:00:00Z", "from": "2026-12-28T15:00:00Z", "until": "2027-01-03T15:00:00Z",
            "time_zone": "Asia/Tokyo", "scope": { "service": "checkout" }, "people": 4, "by": "ops", "ended_at": null,
        });
        let told = listed(&json!({ "drills": [drill] }), Language::En);
        let line = told.lines().nth(1).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        let times = "Tue 2026-12-22 10:00 +09:00 Tue 2026-12-29 00:00 +09:00 Mon 2027-01-04 00:00 +09:00";
        assert_eq!(line, format!("0123456789ab asking {times} service/checkout 4 ops"));
        assert_eq!(listed(&json!({ "drills": [] }), Language::En), "There was no drill yet.\n");
    }

    #[test]
    fn the_status_counts_the_answers() {
        let one =
            |user: &str, at: Option<&str>| json!({ "user": user, "method": "sms", "state": "sent", "reason": null, "answered_at": at });
        let told =
            status(&json!({ "id": "0123456789ab", "asked": [one("aiko", Some("2026-12-22T01:00:00Z")), one("ben", None)] }), Language::En);
        assert!(told.starts_with("drill 0123456789ab: 1 of 2 answered\n") && told.contains("not yet"), "{told}");
    }
}
