//! `hansho suppressed`: what came in and paged nobody, and an incident made of it.

use clap::{Args, Subcommand};
use hansho_channels::spoken;
use hansho_domain::{
    Language,
    text::{one_line, visible},
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    client::{Client, ClientError, ServerArguments, query},
    columns::columns,
    known_service,
    language::{LanguageArgument, time_format, word},
    moment::zone,
    print,
};

/// Most pages of a list that are asked for.
const PAGES_MAX: usize = 50;

#[derive(Debug, Subcommand)]
pub(super) enum SuppressedCommand {
    /// List them: of today, of a day, or those that match  (一覧)
    #[command(
        after_help = "Examples:\n  hansho suppressed list\n  hansho suppressed list --from 2026-12-24T00:00:00+09:00 --text timeout --service checkout\n  hansho suppressed list --rule development --json"
    )]
    List(ListArguments),
    /// Show one with its payload and the trace of its decision  (詳細)
    #[command(after_help = "Example:\n  hansho suppressed show 2026-12-24/0f3a")]
    Show(OneArguments),
    /// Make an incident of one; it pages like any other. The same one again is the same incident  (起票)
    #[command(after_help = "Example:\n  hansho suppressed open 2026-12-24/0f3a...")]
    Open(OneArguments),
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// Of this day (UTC), such as 2026-12-24
    #[arg(long, value_name = "DATE", conflicts_with_all = ["from", "to"])]
    day: Option<String>,
    /// From this moment on, with its offset; a search without it goes back 7 days
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// To this moment, with its offset
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// With this in the title, the reason or the dedup key
    #[arg(long)]
    text: Option<String>,
    /// Of this service
    #[arg(long)]
    service: Option<String>,
    /// That came in by this integration
    #[arg(long)]
    integration: Option<String>,
    /// By this rule
    #[arg(long)]
    rule: Option<String>,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Debug, Args)]
pub(super) struct OneArguments {
    /// Its day and its alert, as the list shows them: DAY/ALERT
    id: String,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Debug, Args)]
struct Shown {
    /// For machines
    #[arg(long)]
    json: bool,
    /// The clock of times that are shown, such as Asia/Tokyo; UTC otherwise
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    #[command(flatten)]
    language: LanguageArgument,
    #[command(flatten)]
    server: ServerArguments,
}

impl Shown {
    fn reader(&self) -> Result<Reader, SuppressedError> {
        let zone = zone(self.time_zone.as_deref()).map_err(SuppressedError::Zone)?;
        Ok(Reader { language: self.language.language, zone })
    }
}

/// Who reads it.
struct Reader {
    language: Language,
    zone: TimeZone,
}

impl Reader {
    fn word<'a>(&self, english: &'a str, japanese: &'a str) -> &'a str {
        word(self.language, english, japanese)
    }

    fn clock(&self, at: &Value) -> String {
        let at = at.as_str().and_then(|at| at.parse::<Timestamp>().ok());
        at.map_or_else(|| "-".to_owned(), |at| at.to_zoned(self.zone.clone()).strftime(time_format(self.language)).to_string())
    }
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub(super) enum SuppressedError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0}")]
    Zone(String),
    #[error("{0} is no suppressed alert; write its day and its alert as the list shows them: 2026-12-24/0f3a...")]
    Id(String),
}

/// Runs it and prints what came of it.
pub(super) async fn run(command: SuppressedCommand) -> Result<(), SuppressedError> {
    match command {
        SuppressedCommand::List(asked) => list(&asked).await,
        SuppressedCommand::Show(asked) => {
            let answer = Client::new(&asked.shown.server)?.get(&path(&asked.id)?).await?;
            print(&if asked.shown.json { format!("{answer:#}\n") } else { shown(&asked.shown.reader()?, &answer["suppressed"]) });
            Ok(())
        }
        SuppressedCommand::Open(asked) => {
            let answer = Client::new(&asked.shown.server)?.post(&format!("{}/open", path(&asked.id)?), &json!({}), None).await?;
            print(&if asked.shown.json { format!("{answer:#}\n") } else { opened(asked.shown.language.language, &answer) });
            Ok(())
        }
    }
}

fn path(id: &str) -> Result<String, SuppressedError> {
    let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let parts = id.split_once('/').filter(|(day, alert)| is_plain(day) && is_plain(alert));
    parts.map(|(day, alert)| format!("/suppressed/{day}/{alert}")).ok_or_else(|| SuppressedError::Id(id.to_owned()))
}

async fn list(asked: &ListArguments) -> Result<(), SuppressedError> {
    let client = Client::new(&asked.shown.server)?;
    let (mut found, mut cursor) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let pairs = [
            ("day", asked.day.clone()),
            ("from", asked.from.clone()),
            ("to", asked.to.clone()),
            ("q", asked.text.clone()),
            ("service", asked.service.clone()),
            ("integration", asked.integration.clone()),
            ("rule", asked.rule.clone()),
            ("cursor", cursor),
        ];
        let mut answer = client.get(&format!("/suppressed{}", query(&pairs))).await?;
        cursor = answer["next"].as_str().map(str::to_owned);
        if let Some(Value::Array(some)) = answer.get_mut("suppressed").map(Value::take) {
            found.extend(some);
        }
        if cursor.is_none() {
            break;
        }
    }
    if let Some(service) = asked.service.as_ref().filter(|_| found.is_empty()) {
        known_service::check(&client, service).await?;
    }
    let reader = asked.shown.reader()?;
    print(&if asked.shown.json { format!("{:#}\n", json!({ "suppressed": found, "next": cursor })) } else { listed(&reader, &found) });
    Ok(())
}

/// Each with when and what on one line, and below it why, and what to call it.
fn listed(reader: &Reader, found: &[Value]) -> String {
    if found.is_empty() {
        return format!("{}\n", reader.word("Nothing was suppressed then.", "抑止されたアラートはありません。"));
    }
    let mut text = String::new();
    for one in found {
        let said = |name: &str| one[name].as_str().map(one_line);
        let what: Vec<String> = [said("service"), said("title")].into_iter().flatten().collect();
        text += &format!("{}  {}\n", reader.clock(&one["received_at"]), visible(&what.join(": ")));
        text += &format!("    {}\n", visible(&spoken(reader.language, &said("reason").unwrap_or_default())));
        text += &match said("incident") {
            Some(incident) => format!("    {} -> {} {incident}\n", id(one), reader.word("incident", "インシデント")),
            None => format!("    {}\n", id(one)),
        };
    }
    text
}

/// `DAY/ALERT`.
fn id(one: &Value) -> String {
    let day = one["received_at"].as_str().and_then(|at| at.get(..10)).unwrap_or("?");
    format!("{day}/{}", one["alert"].as_str().unwrap_or("?"))
}

fn shown(reader: &Reader, one: &Value) -> String {
    let mut rows = Vec::new();
    for (name, english, japanese) in [
        ("title", "title", "件名"),
        ("reason", "reason", "理由"),
        ("rule", "rule", "ルール"),
        ("service", "service", "サービス"),
        ("integration", "integration", "受信経路"),
        ("dedup_key", "dedup key", "重複排除キー"),
        ("received_at", "came in", "受信"),
        ("incident", "incident", "インシデント"),
    ] {
        if let Some(value) = one[name].as_str() {
            let value = match name {
                "received_at" => reader.clock(&one[name]),
                "reason" => one_line(&spoken(reader.language, value)),
                _ => one_line(value),
            };
            rows.push(vec![reader.word(english, japanese).to_owned(), value]);
        }
    }
    let decision = if one["decision"].is_null() { String::new() } else { format!("{:#}\n", one["decision"]) };
    format!("{}{decision}{}\n", columns(&rows), hansho_domain::text::lines(one["raw"].as_str().unwrap_or_default()))
}

fn opened(language: Language, answer: &Value) -> String {
    let id = answer["incident"]["id"].as_str().unwrap_or("?");
    let said = match answer["result"].as_str() {
        Some("opened") => word(language, "was opened.", "を起票しました。"),
        Some("known") => word(language, "was made of it before.", "として起票済みです。"),
        _ => word(language, "is open for the same trouble, and has counted it.", "に同じ障害として記録しました。"),
    };
    let blank = if language == Language::En { " " } else { "" };
    format!("{id}{blank}{said}\n")
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;
    use jiff::tz::TimeZone;
    use serde_json::json;

    use super::{Reader, id, listed, opened, path};

    #[test]
    fn an_entry_is_named_by_its_day_and_its_alert_and_by_nothing_that_leads_elsewhere() {
        let one = json!({ "received_at": "2026-12-24T10:00:00Z", "alert": "0f3a" });
        assert_eq!(id(&one), "2026-12-24/0f3a");
        assert_eq!(path(&id(&one)).unwrap(), "/suppressed/2026-12-24/0f3a");
        for wrong in ["0f3a", "2026-12-24/", "2026-12-24/../../incidents", "a b/c"] {
            assert!(path(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_entry_says_when_and_what_then_why_then_its_name_on_the_readers_clock() {
        let mut one =
            json!({ "received_at": "2026-12-24T10:00:00Z", "alert": "0f3a", "service": "batch", "title": "job\u{1b}[31m failed" });
        one["reason"] = json!("rule night: 夜間は不要");
        let reader = |language| Reader { language, zone: TimeZone::get("Asia/Tokyo").unwrap() };
        let english = "Thu 2026-12-24 19:00 +09:00  batch: job [31m failed\n    rule night: 夜間は不要\n    2026-12-24/0f3a\n";
        assert_eq!(listed(&reader(Language::En), &[one.clone()]), english);
        one["incident"] = json!("01JD");
        assert!(listed(&reader(Language::Ja), &[one]).ends_with("    2026-12-24/0f3a -> インシデント 01JD\n"));
    }

    #[test]
    fn what_came_of_opening_is_said_in_both_languages() {
        let answer = |result: &str| json!({ "result": result, "incident": { "id": "01JD" } });
        assert_eq!(opened(Language::En, &answer("opened")), "01JD was opened.\n");
        assert_eq!(opened(Language::Ja, &answer("known")), "01JDとして起票済みです。\n");
    }
}
