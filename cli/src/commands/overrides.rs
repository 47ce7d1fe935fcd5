//! `hansho override`: somebody else is on call for a while.

use clap::{Args, Subcommand};
use hansho_domain::{Language, Override, OverrideChange, ScheduleId, UserId};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    client::{Client, ClientError, ServerArguments, query},
    columns::columns,
    language::{LanguageArgument, heads, time_format, word},
    moment::{minutes, moment, zone},
    print,
};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub(super) enum OverrideError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0}")]
    Argument(String),
    #[error("the answer can not be read: {0}; is Hansho there of the same version as this command?")]
    Answer(#[from] serde_json::Error),
}

#[derive(Debug, Subcommand)]
pub(super) enum OverrideCommand {
    /// Put somebody else on call; the last override that was made wins  (交代)
    #[command(
        after_help = "Examples:\n  hansho override add --schedule checkout-primary --replace aiko --by ben --for 8h\n  hansho override add --schedule checkout-primary --replace-all --by chie,ben --from 2026-12-31T10:00 --to 2027-01-01T10:00\n  hansho override add --schedule checkout-primary --nobody --for 2h"
    )]
    Add(Box<AddArguments>),
    /// The overrides of a schedule that are not over
    #[command(after_help = "Example:\n  hansho override list --schedule checkout-primary")]
    List(ListArguments),
    /// Take an override away; one that has begun ends now
    #[command(after_help = "Example:\n  hansho override remove --schedule checkout-primary 5d41402abc4b2a76")]
    Remove(RemoveArguments),
}

#[derive(Debug, Args)]
#[group(id = "change", required = true, args = ["replace", "replace_all", "add", "remove", "nobody"])]
pub(super) struct AddArguments {
    /// The schedule
    #[arg(long, value_name = "NAME")]
    schedule: ScheduleId,
    /// Whose place is taken while they are on call; the others stay
    #[arg(long, value_name = "USER", requires = "by")]
    replace: Option<UserId>,
    /// Nobody but those of --by is on call
    #[arg(long, requires = "by")]
    replace_all: bool,
    /// These are on call too, with commas between them
    #[arg(long, value_name = "USERS", value_delimiter = ',')]
    add: Vec<UserId>,
    /// This person is not on call; the others stay
    #[arg(long, value_name = "USER")]
    remove: Option<UserId>,
    /// Nobody is on call
    #[arg(long)]
    nobody: bool,
    /// Who takes over, with commas between them
    #[arg(long, value_name = "USERS", value_delimiter = ',')]
    by: Vec<UserId>,
    /// When it begins; now otherwise
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// When it ends
    #[arg(long = "to", value_name = "TIME", required_unless_present = "length")]
    until: Option<String>,
    /// How long it is, such as 90m, 8h or 2d
    #[arg(long = "for", value_name = "DURATION", conflicts_with = "until")]
    length: Option<String>,
    /// The clock of times without an offset, such as Asia/Tokyo; the schedule's otherwise
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// The same key makes it only once, however often this is run
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    #[command(flatten)]
    language: LanguageArgument,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// The schedule
    #[arg(long, value_name = "NAME")]
    schedule: ScheduleId,
    /// Also those that ended after this time
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// The clock of times that are read and shown, such as Asia/Tokyo; the schedule's otherwise
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArgument,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
pub(super) struct RemoveArguments {
    /// The schedule
    #[arg(long, value_name = "NAME")]
    schedule: ScheduleId,
    /// The override, as the list names it
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    language: LanguageArgument,
    #[command(flatten)]
    server: ServerArguments,
}

pub(super) async fn run(command: OverrideCommand) -> Result<(), OverrideError> {
    match command {
        OverrideCommand::Add(asked) => add(&asked).await,
        OverrideCommand::List(asked) => list(&asked).await,
        OverrideCommand::Remove(asked) => remove(&asked).await,
    }
}

async fn add(asked: &AddArguments) -> Result<(), OverrideError> {
    asked.check().map_err(OverrideError::Argument)?;
    let minutes = asked.minutes().map_err(OverrideError::Argument)?;
    let client = Client::new(&asked.server)?;
    let clock = clock(&client, asked.time_zone.as_deref(), &asked.schedule).await?;
    let body = asked.body(&clock, minutes).map_err(OverrideError::Argument)?;
    let path = format!("/schedules/{}/overrides", asked.schedule);
    let answer = client.post(&path, &body, asked.idempotency_key.as_deref()).await?;
    let made: Override = serde_json::from_value(answer.get("override").cloned().unwrap_or(Value::Null))?;
    print(&format!("{}\n", made.id));
    // Beside the id, so that a script has the id alone, and whoever typed a time sees how it was understood.
    let language = asked.language.language;
    eprintln!("{}", told(&made, &clock, language));
    if answer["changes_who_is_on_call"] == false {
        eprintln!("{}", changes_nothing(&made, language));
    }
    Ok(())
}

/// `ben instead of aiko in primary, Thu 2026-12-31 10:00 +09:00 until Fri 2027-01-01 10:00 +09:00 (Asia/Tokyo)`.
fn told(made: &Override, zone: &TimeZone, language: Language) -> String {
    let name = zone.iana_name().unwrap_or("UTC");
    let (change, from, until) = (change(&made.change, language), shown(made.from, zone, language), shown(made.until, zone, language));
    match language {
        Language::En => format!("{change} in {}, {from} until {until} ({name})", made.schedule),
        Language::Ja => format!("{}: {change}、{from} から {until} まで ({name})", made.schedule),
    }
}

/// Whoever made it probably meant another time or person.
fn changes_nothing(made: &Override, language: Language) -> String {
    if language == Language::Ja {
        let because = match &made.change {
            OverrideChange::Replace { user, .. } | OverrideChange::Remove { user } => {
                format!("{user} はその間 {} の当番ではない", made.schedule)
            }
            OverrideChange::ReplaceAll { .. } | OverrideChange::Add { .. } | OverrideChange::Nobody => {
                format!("{} は交代がなくても同じ当番である", made.schedule)
            }
        };
        return format!(
            "注意: {because}ため、何も変わりません。`hansho oncall shifts --schedule {0}` で確認し、`hansho override remove --schedule {0} {1}` で取り消せます",
            made.schedule, made.id
        );
    }
    let because = match &made.change {
        OverrideChange::Replace { user, .. } | OverrideChange::Remove { user } => {
            format!("{user} is not on call in {} then", made.schedule)
        }
        OverrideChange::ReplaceAll { .. } | OverrideChange::Add { .. } | OverrideChange::Nobody => {
            format!("it is so in {} then without it", made.schedule)
        }
    };
    format!(
        "note: this changes nothing, because {because}; look with `hansho oncall shifts --schedule {0}`, and take it away with `hansho override remove --schedule {0} {1}`",
        made.schedule, made.id
    )
}

async fn list(asked: &ListArguments) -> Result<(), OverrideError> {
    let client = Client::new(&asked.server)?;
    let zone = clock(&client, asked.time_zone.as_deref(), &asked.schedule).await?;
    let from = asked.from.as_deref().map(|text| moment(text, &zone)).transpose().map_err(OverrideError::Argument)?;
    let pairs = [("from", from.map(|from| from.to_string()))];
    let answer = client.get(&format!("/schedules/{}/overrides{}", asked.schedule, query(&pairs))).await?;
    if asked.json {
        print(&format!("{answer:#}\n"));
        return Ok(());
    }
    let found: Vec<Override> = serde_json::from_value(answer.get("overrides").cloned().unwrap_or(Value::Null))?;
    let language = asked.language.language;
    if found.is_empty() {
        print(&match language {
            Language::En => format!("No override of {}.\n", asked.schedule),
            Language::Ja => format!("{} の交代はありません。\n", asked.schedule),
        });
        return Ok(());
    }
    let mut rows = vec![heads(language, ["ID", "FROM", "UNTIL", "CHANGE"], ["ID", "開始", "終了", "内容"])];
    let row = |made: &Override| {
        let (from, until) = (shown(made.from, &zone, language), shown(made.until, &zone, language));
        vec![made.id.clone(), from, until, change(&made.change, language)]
    };
    rows.extend(found.iter().map(row));
    print(&columns(&rows));
    Ok(())
}

async fn remove(asked: &RemoveArguments) -> Result<(), OverrideError> {
    let client = Client::new(&asked.server)?;
    let id: String = form_urlencoded::byte_serialize(asked.id.as_bytes()).collect();
    let answer = client.delete(&format!("/schedules/{}/overrides/{id}", asked.schedule)).await?;
    let is_ended = answer.get("result").and_then(Value::as_str) == Some("ended");
    let language = asked.language.language;
    let (ended, gone) = ("It had begun, and has ended now.\n", "It is gone.\n");
    let told = if is_ended {
        word(language, ended, "すでに始まっていたため、ここで終了しました。\n")
    } else {
        word(language, gone, "取り消しました。\n")
    };
    print(told);
    Ok(())
}

impl AddArguments {
    /// What is said twice, or of somebody who does not matter.
    fn check(&self) -> Result<(), String> {
        let by = || self.by.iter().map(UserId::as_str).collect::<Vec<_>>().join(",");
        match (&self.remove, self.nobody, &self.add[..]) {
            _ if self.by.is_empty() => Ok(()),
            (None, false, []) => Ok(()),
            (Some(user), ..) => {
                Err(format!("--remove puts nobody in their place; leave out --by, or write --replace {user} --by {}", by()))
            }
            (None, true, _) => Err(format!("--nobody puts nobody on call; leave out --by, or write --replace-all --by {}", by())),
            (None, false, [..]) => {
                Err(format!("--add names whom it puts on call itself; leave out --by, or write --replace-all --by {}", by()))
            }
        }
    }

    /// How long it is, when a length is given.
    fn minutes(&self) -> Result<Option<i64>, String> {
        self.length.as_deref().map(minutes).transpose()
    }

    fn body(&self, zone: &TimeZone, minutes: Option<i64>) -> Result<Value, String> {
        let from = self.from.as_deref().map(|text| moment(text, zone)).transpose()?;
        let until = self.until.as_deref().map(|text| moment(text, zone)).transpose()?;
        let (change, user, by) = match (&self.replace, self.replace_all, &self.remove, self.nobody) {
            (Some(user), ..) => ("replace", Some(user), &self.by),
            (None, true, ..) => ("replace_all", None, &self.by),
            (None, false, Some(user), _) => ("remove", Some(user), &self.by),
            (None, false, None, true) => ("nobody", None, &self.by),
            (None, false, None, false) => ("add", None, &self.add),
        };
        let mut body = json!({ "change": change });
        // A length and no end: when it begins and ends is then Hansho's clock's, not that of this machine.
        match (until, minutes) {
            (Some(until), _) => body["until"] = json!(until),
            (None, minutes) => body["minutes"] = json!(minutes),
        }
        if let Some(user) = user {
            body["user"] = json!(user);
        }
        if !by.is_empty() {
            body["by"] = json!(by);
        }
        if let Some(from) = from {
            body["from"] = json!(from);
        }
        Ok(body)
    }
}

/// The clock that is meant: the one that is named, or the schedule's own.
async fn clock(client: &Client, named: Option<&str>, schedule: &ScheduleId) -> Result<TimeZone, OverrideError> {
    if named.is_some() {
        return zone(named).map_err(OverrideError::Argument);
    }
    Ok(client.schedule_clock(schedule).await?)
}

fn shown(at: Timestamp, zone: &TimeZone, language: Language) -> String {
    at.to_zoned(zone.clone()).strftime(time_format(language)).to_string()
}

fn change(change: &OverrideChange, language: Language) -> String {
    let people = |by: &[UserId]| by.iter().map(UserId::as_str).collect::<Vec<_>>().join(word(language, ", ", "、"));
    if language == Language::Ja {
        return match change {
            OverrideChange::Replace { user, by } => format!("{user} の代わりに {}", people(by)),
            OverrideChange::ReplaceAll { by } => format!("{} だけ", people(by)),
            OverrideChange::Add { by } => format!("{} を追加", people(by)),
            OverrideChange::Remove { user } => format!("{user} を除く"),
            OverrideChange::Nobody => "当番なし".to_owned(),
        };
    }
    match change {
        OverrideChange::Replace { user, by } => format!("{} instead of {user}", people(by)),
        OverrideChange::ReplaceAll { by } => format!("only {}", people(by)),
        OverrideChange::Add { by } => format!("{} besides", people(by)),
        OverrideChange::Remove { user } => format!("without {user}"),
        OverrideChange::Nobody => "nobody".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Parser, error::ErrorKind};
    use hansho_domain::{Language, Override, OverrideChange};
    use jiff::tz::TimeZone;
    use serde_json::json;

    use super::{AddArguments, changes_nothing, told};

    #[test]
    fn an_override_is_told_in_both_languages() {
        let (aiko, ben) = ("aiko".parse().unwrap(), "ben".parse().unwrap());
        let (from, until) = ("2026-12-31T01:00:00Z".parse().unwrap(), "2027-01-01T01:00:00Z".parse().unwrap());
        let change = OverrideChange::Replace { user: aiko, by: vec![ben] };
        let made = Override::new("5d41".to_owned(), "primary".parse().unwrap(), from, until, change, from).unwrap();
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let english = "ben instead of aiko in primary, Thu 2026-12-31 10:00 +09:00 until Fri 2027-01-01 10:00 +09:00 (Asia/Tokyo)";
        assert_eq!(told(&made, &tokyo, Language::En), english);
        let japanese = "primary: aiko の代わりに ben、2026-12-31 10:00 +09:00 から 2027-01-01 10:00 +09:00 まで (Asia/Tokyo)";
        assert_eq!(told(&made, &tokyo, Language::Ja), japanese);
        assert!(
            changes_nothing(&made, Language::En).starts_with("note: this changes nothing, because aiko is not on call in primary then")
        );
        assert!(changes_nothing(&made, Language::Ja).starts_with("注意: aiko はその間 primary の当番ではないため、何も変わりません。"));
    }

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        asked: AddArguments,
    }

    fn asked(line: &str) -> Result<AddArguments, ErrorKind> {
        let words = ["add", "--schedule", "primary"].into_iter().chain(line.split(' '));
        Line::try_parse_from(words).map(|line| line.asked).map_err(|error| error.kind())
    }

    #[test]
    fn a_length_is_sent_as_minutes_and_a_time_is_read_on_the_clock_of_the_schedule() {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let body = |line| asked(line).map(|asked| asked.body(&tokyo, asked.minutes().unwrap()).unwrap());
        assert_eq!(
            body("--replace aiko --by ben --for 8h"),
            Ok(json!({ "change": "replace", "user": "aiko", "by": ["ben"], "minutes": 480 }))
        );
        assert_eq!(
            body("--nobody --from 2026-12-31T10:00 --to 2027-01-01"),
            Ok(json!({ "change": "nobody", "from": "2026-12-31T01:00:00Z", "until": "2026-12-31T15:00:00Z" }))
        );
        assert!(asked("--nobody --for 90s").unwrap().minutes().unwrap_err().contains("whole minutes"));
        assert_eq!(asked("--nobody").unwrap_err(), ErrorKind::MissingRequiredArgument);
    }

    #[test]
    fn people_who_do_not_belong_to_the_change_are_refused_with_what_to_write() {
        for (line, sentence) in [
            ("--nobody --by ben --for 8h", "--nobody puts nobody on call; leave out --by, or write --replace-all --by ben"),
            ("--remove aiko --by ben --for 8h", "leave out --by, or write --replace aiko --by ben"),
            ("--add chie --by ben --for 8h", "leave out --by, or write --replace-all --by ben"),
        ] {
            let told = asked(line).unwrap().check().unwrap_err();
            assert!(told.contains(sentence), "{line}: {told}");
        }
        assert_eq!(asked("--replace aiko --by ben --for 8h").unwrap().check(), Ok(()));
    }
}
