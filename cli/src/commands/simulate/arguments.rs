//! The arguments of `hansho simulate`, and what they mean.

use std::path::PathBuf;

use clap::Args;
use hansho_domain::{IntegrationId, Labels, Language, Priority, Severity, Target, UserId};
use hansho_rehearsal::{About, Answer, Reaction, When};
use jiff::{SignedDuration, tz::TimeZone};

use crate::{
    commands::{client::ServerArguments, language::language},
    gathering::OfflineArguments,
};

const SEVERITIES: [(&str, Severity); 4] =
    [("critical", Severity::Critical), ("error", Severity::Error), ("warning", Severity::Warning), ("info", Severity::Info)];
const PRIORITIES: [(&str, Priority); 4] =
    [("SEV1", Priority::Sev1), ("SEV2", Priority::Sev2), ("SEV3", Priority::Sev3), ("SEV4", Priority::Sev4)];

#[derive(Debug, Args)]
pub(in crate::commands) struct SimulateArguments {
    /// Play a folder of configuration (YAML), without any Hansho running; what people made live is not in it
    #[arg(long, value_name = "DIR", conflicts_with_all = ["url", "token", "data"])]
    pub(super) config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) offline: OfflineArguments,
    /// The service that the alarm is about
    #[arg(long)]
    service: Option<String>,
    /// Instead of a service: a CloudWatch alarm's name or ARN, which goes to the service that claims it
    #[arg(long, value_name = "NAME", conflicts_with_all = ["service", "from"])]
    alarm: Option<String>,
    /// Instead of a service: an alarm as AWS sends it (JSON; - for standard input), from EventBridge, SNS, SQS or the alarm's Lambda action;
    /// or the body of an event of the Events API, or a mail
    #[arg(long, value_name = "FILE", conflicts_with_all = ["service", "alarm", "from", "severity", "priority", "labels"])]
    pub(super) event: Option<PathBuf>,
    /// The integration by which the event comes in
    #[arg(long, value_name = "NAME", requires = "event")]
    pub(super) integration: Option<IntegrationId>,
    /// How bad: critical, error, warning, info
    #[arg(long, default_value = "critical", value_parser = |text: &str| word(text, &SEVERITIES))]
    pub(super) severity: Severity,
    /// People's rating: SEV1, SEV2, SEV3, SEV4
    #[arg(long, value_parser = |text: &str| word(text, &PRIORITIES))]
    pub(super) priority: Option<Priority>,
    /// What its alert says besides, for priorities and maintenance windows: env=prod
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = label)]
    labels: Vec<(String, String)>,
    /// When it goes off, such as 2026-12-31T03:00+09:00, or 2026-12-31T03:00 on the service's clock; now otherwise, and for an event its
    /// own time
    #[arg(long, value_name = "TIME")]
    pub(super) at: Option<When>,
    /// The time zone of the times given and told, such as Asia/Tokyo; that of the service's first schedule otherwise
    #[arg(long, value_parser = zone)]
    pub(super) zone: Option<String>,
    /// Who answers, how long after their first page, and with what: aiko=7m (acknowledges), ben=2m:resolve, chie=1m:escalate,
    /// aiko=9m:request:user/ben,team/sre (asks them for help), ben=1m:accept, ben=1m:decline (answers that)
    #[arg(long = "answer", value_name = "USER=DURATION", value_parser = answer)]
    pub(super) answers: Vec<Answer>,
    /// How many turns were taken before at steps whose people take turns; as many as were, for a Hansho that runs, and none otherwise
    #[arg(long, value_name = "NUMBER")]
    pub(super) turns_taken: Option<u64>,
    /// Do not tell what happens later than this after the alarm, such as 2h
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(super) until: Option<SignedDuration>,
    /// Sweep a period: look at the alarm at every moment from here...
    #[arg(long, value_name = "TIME", requires = "to", conflicts_with_all = ["at", "until"])]
    pub(super) from: Option<When>,
    /// ...to here; all services, unless --service names one
    #[arg(long, value_name = "TIME", requires = "from")]
    pub(super) to: Option<When>,
    /// How far apart the moments of a sweep are
    #[arg(long, value_name = "DURATION", default_value = "1h", requires = "from", value_parser = duration)]
    pub(super) every: SignedDuration,
    /// How soon people must be reached in a sweep
    #[arg(long, value_name = "DURATION", default_value = "15m", requires = "from", value_parser = duration)]
    pub(super) within: SignedDuration,
    /// End with 1 when fewer people than this are reached at any moment of the sweep; 2 when only the list is wanted
    #[arg(long, value_name = "PEOPLE", requires = "from", value_parser = clap::value_parser!(u8).range(1..))]
    pub(super) fail_under: Option<u8>,
    /// For machines
    #[arg(long)]
    pub(super) json: bool,
    /// The language of the story: en, ja
    #[arg(long, default_value = "en", value_parser = language)]
    pub(super) language: Language,
    #[command(flatten)]
    pub(super) server: ServerArguments,
}

impl SimulateArguments {
    /// What the alarm is about; nothing when every service is meant.
    pub(super) fn about(&self) -> Result<Option<About>, String> {
        match (&self.service, &self.alarm) {
            (Some(service), _) => {
                service.parse().map(|service| Some(About::Service(service))).map_err(|error| format!("--service: {error}"))
            }
            (None, Some(alarm)) => Ok(Some(About::Alarm(alarm.clone()))),
            (None, None) => Ok(None),
        }
    }

    /// What its alert says besides.
    pub(super) fn labels(&self) -> Labels {
        let mut labels = Labels::new();
        self.labels.iter().for_each(|(key, value)| labels.add(key, value));
        labels
    }
}

fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("is no label; write env=prod")?;
    match Labels::key(key) {
        Some(_) if value.trim().is_empty() => Err("has no value; write env=prod".to_owned()),
        Some(key) => Ok((key, value.to_owned())),
        None => Err(format!("names {key:?}, which is no label; labels are letters, digits, `_`, `-`, `.` and `/`")),
    }
}

fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, value)| *value);
    found.ok_or_else(|| format!("is not possible here; write {}", known.join(", ")))
}

fn zone(text: &str) -> Result<String, String> {
    match TimeZone::get(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("is no time zone; write area and city, such as Asia/Tokyo".to_owned()),
    }
}

fn duration(text: &str) -> Result<SignedDuration, String> {
    match hansho_configuration::seconds(text)? {
        0 => Err("must be longer than nothing; write 15m or 1h".to_owned()),
        seconds => Ok(SignedDuration::from_secs(seconds.into())),
    }
}

fn answer(text: &str) -> Result<Answer, String> {
    let (user, rest) = text.split_once('=').ok_or("is no answer; write aiko=7m, or aiko=7m:resolve")?;
    let (after, reaction) = rest.split_once(':').unwrap_or((rest, Reaction::Acknowledge.as_str()));
    let (reaction, to) = reaction.split_once(':').map_or((reaction, None), |(reaction, to)| (reaction, Some(to)));
    let words = Reaction::ALL.map(|reaction| (reaction.as_str(), reaction));
    let reaction = word(reaction, &words).map_err(|wrong| format!("{reaction:?} {wrong}"))?;
    let to = match (reaction, to) {
        (Reaction::Request, Some(to)) => to.split(',').map(str::parse).collect::<Result<Vec<Target>, String>>()?,
        (Reaction::Request, None) => return Err("does not say whom they ask for help; write aiko=9m:request:user/ben".to_owned()),
        (_, Some(_)) => return Err("says whom they ask, and only request asks somebody; write aiko=9m:request:user/ben".to_owned()),
        (_, None) => Vec::new(),
    };
    let user = user.parse::<UserId>().map_err(|error| error.to_string())?;
    Ok(Answer { user, after_seconds: hansho_configuration::seconds(after)?, reaction, to })
}

#[cfg(test)]
mod tests {
    use hansho_rehearsal::Reaction;

    use super::{answer, duration, label};

    #[test]
    fn answers_name_who_when_and_what() {
        let told = |text: &str| answer(text).map(|answer| (answer.user.to_string(), answer.after_seconds, answer.reaction));
        assert_eq!(told("aiko=7m"), Ok(("aiko".to_owned(), 420, Reaction::Acknowledge)));
        assert_eq!(told("ben=1h30m:resolve"), Ok(("ben".to_owned(), 5400, Reaction::Resolve)));
        assert_eq!(told("ben=0m:decline"), Ok(("ben".to_owned(), 0, Reaction::Decline)));
        let asked = answer("aiko=9m:request:user/ben,team/sre").unwrap();
        assert_eq!(asked.to, ["user/ben".parse().unwrap(), "team/sre".parse().unwrap()]);
        for wrong in [
            "aiko",
            "aiko=",
            "aiko=7",
            "aiko=7m:sleep",
            "=7m",
            "Aiko=7m",
            "aiko=7m:",
            "aiko=7m:request",
            "aiko=7m:request:",
            "aiko=7m:request:ben",
            "aiko=7m:resolve:user/ben",
        ] {
            assert!(answer(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_label_has_a_name_and_a_value() {
        assert_eq!(label("Env=prod=1"), Ok(("env".to_owned(), "prod=1".to_owned())));
        for wrong in ["env", "env=", "1=2", "=x", "a b=c"] {
            assert!(label(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_span_of_nothing_is_refused() {
        assert!(duration("0m").is_err());
    }
}
