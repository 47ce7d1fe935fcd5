//! What can be asked of incidents.

use clap::{Args, Subcommand};
use hansho_domain::{IncidentId, PolicyId, Priority, ServiceId, Target, Urgency, UserId};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::super::{
    client::ServerArguments,
    language::LanguageArgument,
    moment::{minutes, moment},
};

#[derive(Debug, Subcommand)]
pub(in crate::commands) enum IncidentCommand {
    /// What is open, the newest first  (一覧)
    #[command(
        after_help = "Examples:\n  hansho incident list\n  hansho incident list --all --service checkout --limit 20 --time-zone Asia/Tokyo --language ja"
    )]
    List(ListArguments),
    /// One incident: how it stands, what happened, and what was sent to whom  (詳細)
    #[command(after_help = "Example:\n  hansho incident show 01JD5Z0000ABCDEFGHJKMNPQRS --time-zone Asia/Tokyo --language ja")]
    Show(ShowArguments),
    /// Open an incident by hand; it pages like any other  (起票)
    #[command(after_help = "Example:\n  hansho incident create --service checkout --title 'Payments fail'")]
    Create(CreateIncident),
    /// Somebody is on it: nobody else is paged  (対応開始)
    #[command(visible_alias = "ack", after_help = "Example:\n  hansho incident acknowledge 01JD5Z0000ABCDEFGHJKMNPQRS --user aiko")]
    Acknowledge(OnIncident),
    /// It is over  (解決)
    Resolve(OnIncident),
    /// It is not over after all; it pages again  (再オープン)
    Reopen(OnIncident),
    /// Call the next step of the policy now  (エスカレーション)
    Escalate(OnIncident),
    /// Page nobody until then, and then again  (スヌーズ)
    #[command(
        after_help = "Examples:\n  hansho incident snooze 01JD5Z0000ABCDEFGHJKMNPQRS --for 2h\n  hansho incident snooze 01JD5Z0000ABCDEFGHJKMNPQRS --until 2026-01-05T09:00 --time-zone Asia/Tokyo"
    )]
    Snooze(Snooze),
    /// Give it to other people, or to another escalation policy  (担当変更)
    #[command(
        after_help = "Examples:\n  hansho incident reassign 01JD5Z0000ABCDEFGHJKMNPQRS --to user/aiko,schedule/database\n  hansho incident reassign 01JD5Z0000ABCDEFGHJKMNPQRS --escalation-policy database"
    )]
    Reassign(Reassign),
    /// Ask more people to help  (応援要請)
    #[command(
        after_help = "Example:\n  hansho incident request-responders 01JD5Z0000ABCDEFGHJKMNPQRS --to team/database --message 'replication is stuck'"
    )]
    RequestResponders(RequestResponders),
    /// Accept to help, in the name of a person who was asked  (応援を引き受ける)
    Accept(OnIncident),
    /// Decline to help, in the name of a person who was asked  (応援を断る)
    Decline(OnIncident),
    /// Take requests for help back that nobody has answered  (応援要請の取り消し)
    CancelRequests(CancelRequests),
    /// Make it wake people, or stop it from waking them  (緊急度)
    Urgency(ChangeUrgency),
    /// Say how important it is: SEV1 to SEV4, or none  (優先度)
    Priority(ChangePriority),
    /// Make it a part of another incident, which goes on for both  (統合)
    #[command(after_help = "Example:\n  hansho incident merge 01JD5Z0000ABCDEFGHJKMNPQRS --into 01JD5Y0000ABCDEFGHJKMNPQRS")]
    Merge(Merge),
    /// Write something down on its timeline  (メモ)
    #[command(after_help = "Example:\n  hansho incident note 01JD5Z0000ABCDEFGHJKMNPQRS 'rolled back to 41'")]
    Note(Note),
}

/// How what is answered is shown.
#[derive(Debug, Args)]
pub(in crate::commands) struct Shown {
    /// The clock of times that are read and shown, such as Asia/Tokyo; UTC otherwise
    #[arg(long, value_name = "ZONE")]
    pub(super) time_zone: Option<String>,
    #[command(flatten)]
    pub(super) language: LanguageArgument,
}

/// Which incidents are listed.
#[derive(Debug, Args)]
pub(in crate::commands) struct ListArguments {
    /// Also those that are resolved
    #[arg(long)]
    pub(super) all: bool,
    /// Only those of this service
    #[arg(long, value_name = "NAME")]
    pub(super) service: Option<ServiceId>,
    /// How many at most (1 to 100)
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(super) limit: u8,
    /// Only those that were opened before this one, as the end of a list names it
    #[arg(long, value_name = "ID")]
    pub(super) before: Option<IncidentId>,
    /// JSON instead of a table
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) shown: Shown,
    #[command(flatten)]
    pub(super) server: ServerArguments,
}

/// Which incident is shown.
#[derive(Debug, Args)]
pub(in crate::commands) struct ShowArguments {
    /// The incident's id
    pub(super) id: IncidentId,
    /// JSON instead of text
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) shown: Shown,
    #[command(flatten)]
    pub(super) server: ServerArguments,
}

/// An incident to be opened by hand.
#[derive(Debug, Args)]
pub(in crate::commands) struct CreateIncident {
    /// The service it is about
    #[arg(long)]
    pub(super) service: String,
    /// One line that a sleepy person understands
    #[arg(long)]
    pub(super) title: String,
    /// How bad: critical, error, warning, info
    #[arg(long, default_value = "critical")]
    pub(super) severity: String,
    /// More about it
    #[arg(long, default_value = "")]
    pub(super) details: String,
    /// The same key opens it only once, however often this is run
    #[arg(long, value_name = "KEY")]
    pub(super) idempotency_key: Option<String>,
    #[command(flatten)]
    pub(super) shown: Shown,
    #[command(flatten)]
    pub(super) server: ServerArguments,
}

/// The incident that something is done to, and in whose name.
#[derive(Debug, Args)]
pub(in crate::commands) struct OnIncident {
    /// The incident's id
    pub(super) id: IncidentId,
    /// The person in whose name it is done; the token's otherwise
    #[arg(long, value_name = "NAME")]
    pub(super) user: Option<UserId>,
    /// The same key does it only once, however often this is run
    #[arg(long, value_name = "KEY")]
    pub(super) idempotency_key: Option<String>,
    /// JSON instead of a sentence
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) shown: Shown,
    #[command(flatten)]
    pub(super) server: ServerArguments,
}

#[derive(Debug, Args)]
#[group(id = "how_long", required = true, multiple = false, args = ["length", "until", "minutes"])]
pub(in crate::commands) struct Snooze {
    #[command(flatten)]
    pub(super) on: OnIncident,
    /// For so long, such as 90m, 2h or 1d
    #[arg(long = "for", value_name = "DURATION")]
    pub(super) length: Option<String>,
    /// Until then, such as 2026-01-05T09:00:00+09:00, or 2026-01-05T09:00 on the clock of --time-zone
    #[arg(long, value_name = "TIME")]
    pub(super) until: Option<String>,
    /// For so many minutes
    #[arg(long, value_name = "MINUTES")]
    pub(super) minutes: Option<u32>,
}

impl Snooze {
    /// What is sent.
    pub(super) fn body(&self, zone: &TimeZone) -> Result<Value, String> {
        match (&self.length, &self.until, self.minutes) {
            (Some(length), ..) => Ok(json!({ "minutes": minutes(length)? })),
            (None, Some(until), _) => Ok(json!({ "until": moment(until, zone)? })),
            (None, None, minutes) => Ok(json!({ "minutes": minutes })),
        }
    }
}

#[derive(Debug, Args)]
#[group(id = "whom", required = true, multiple = false, args = ["to", "escalation_policy"])]
pub(in crate::commands) struct Reassign {
    #[command(flatten)]
    pub(super) on: OnIncident,
    /// To whom, with commas between them: user/aiko, team/sre, schedule/primary
    #[arg(long, value_name = "TARGETS", value_delimiter = ',')]
    pub(super) to: Vec<Target>,
    /// To whomever this policy calls
    #[arg(long, value_name = "NAME")]
    pub(super) escalation_policy: Option<PolicyId>,
}

#[derive(Debug, Args)]
pub(in crate::commands) struct RequestResponders {
    #[command(flatten)]
    pub(super) on: OnIncident,
    /// Whom, with commas between them: user/aiko, team/sre, schedule/primary
    #[arg(long, value_name = "TARGETS", value_delimiter = ',', required = true)]
    pub(super) to: Vec<Target>,
    /// What they are asked for
    #[arg(long, default_value = "")]
    pub(super) message: String,
}

#[derive(Debug, Args)]
pub(in crate::commands) struct CancelRequests {
    #[command(flatten)]
    pub(super) on: OnIncident,
    /// Only those to these people, with commas between them; everybody's otherwise
    #[arg(long, value_name = "USERS", value_delimiter = ',')]
    pub(super) of: Vec<UserId>,
}

#[derive(Debug, Args)]
pub(in crate::commands) struct ChangeUrgency {
    #[command(flatten)]
    pub(super) on: OnIncident,
    /// high wakes people, low does not
    #[arg(value_parser = urgency)]
    pub(super) urgency: Urgency,
}

#[derive(Debug, Args)]
pub(in crate::commands) struct ChangePriority {
    #[command(flatten)]
    pub(super) on: OnIncident,
    /// SEV1 (the highest) to SEV4, or none to take it off
    #[arg(value_parser = rating)]
    pub(super) priority: Rating,
}

#[derive(Debug, Args)]
pub(in crate::commands) struct Merge {
    #[command(flatten)]
    pub(super) on: OnIncident,
    /// The incident that goes on
    #[arg(long, value_name = "ID")]
    pub(super) into: IncidentId,
}

#[derive(Debug, Args)]
pub(in crate::commands) struct Note {
    #[command(flatten)]
    pub(super) on: OnIncident,
    /// What is written down
    pub(super) text: String,
}

/// A priority, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) struct Rating(pub(super) Option<Priority>);

fn urgency(text: &str) -> Result<Urgency, String> {
    match text {
        "high" => Ok(Urgency::High),
        "low" => Ok(Urgency::Low),
        _ => Err("write high or low".to_owned()),
    }
}

fn rating(text: &str) -> Result<Rating, String> {
    let named = Priority::named(text).map(|priority| Rating(Some(priority)));
    named.or_else(|| (text == "none").then_some(Rating(None))).ok_or_else(|| "write SEV1, SEV2, SEV3, SEV4 or none".to_owned())
}

#[cfg(test)]
mod tests {
    use hansho_domain::{Priority, Urgency};

    use super::{Rating, rating, urgency};

    #[test]
    fn a_priority_can_be_taken_off_and_a_slip_of_the_pen_is_refused() {
        assert_eq!((rating("sev2"), rating("none")), (Ok(Rating(Some(Priority::Sev2))), Ok(Rating(None))));
        assert!(rating("SEV5").is_err() && rating("").is_err());
        assert_eq!((urgency("high"), urgency("low")), (Ok(Urgency::High), Ok(Urgency::Low)));
        assert!(urgency("medium").is_err());
    }
}
