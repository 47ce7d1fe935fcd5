//! What `hansho oncall` can be asked.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hansho_domain::{About, ScheduleId, TeamId, UserId};
use jiff::tz::TimeZone;

use super::{OnCallError, report::ReportArguments};
use crate::{
    commands::{client::ServerArguments, language::LanguageArgument, moment::zone},
    gathering::OfflineArguments,
};

/// Arguments of `hansho oncall`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct OnCallArguments {
    #[command(subcommand)]
    pub(super) command: Option<OnCallCommand>,
    #[command(flatten)]
    pub(super) now: NowArguments,
}

#[derive(Debug, Subcommand)]
pub(super) enum OnCallCommand {
    /// Who is on call now, or at a time, and until when (the default)  (いまの当番)
    Now(NowArguments),
    /// Who is next, and from when on  (次の当番)
    #[command(after_help = "Examples:\n  hansho oncall next --user aiko\n  hansho oncall next --config on-call/")]
    Next(NowArguments),
    /// The shifts of a period  (期間中の当番表)
    #[command(
        after_help = "Examples:\n  hansho oncall shifts --schedule checkout-primary --days 90\n  hansho oncall shifts --user aiko --from 2026-12-29 --to 2027-01-04 --time-zone Asia/Tokyo --json"
    )]
    Shifts(ShiftsArguments),
    /// The hours of a month by person and class, and the pages answered, for allowances  (当番手当の集計)
    #[command(
        after_help = "Examples:\n  hansho oncall report --month 2026-12\n  hansho oncall report --month 2026-12 --format csv --bom --time-zone Asia/Tokyo > 2026-12.csv"
    )]
    Report(ReportArguments),
}

#[derive(Debug, Args)]
pub(super) struct NowArguments {
    /// Another moment than now: 2026-12-31T03:00:00+09:00, or 2026-12-31T03:00 on the clock of --time-zone or --schedule
    #[arg(long, value_name = "TIME")]
    pub(super) at: Option<String>,
    #[command(flatten)]
    pub(super) view: ViewArguments,
}

#[derive(Debug, Args)]
pub(super) struct ShiftsArguments {
    /// When the period begins; now otherwise
    #[arg(long, value_name = "TIME")]
    pub(super) from: Option<String>,
    /// When it ends
    #[arg(long = "to", value_name = "TIME", conflicts_with = "days")]
    pub(super) until: Option<String>,
    /// How many days it has
    #[arg(long, default_value_t = 28)]
    pub(super) days: u16,
    #[command(flatten)]
    pub(super) view: ViewArguments,
}

/// Whom a question is about, where the answer comes from, and how it is shown.
#[derive(Debug, Args)]
pub(super) struct ViewArguments {
    /// Only this person's shifts
    #[arg(long, value_name = "NAME", group = "whom")]
    pub(super) user: Option<UserId>,
    /// Only the shifts of this team's members
    #[arg(long, value_name = "NAME", group = "whom")]
    pub(super) team: Option<TeamId>,
    /// Only this schedule
    #[arg(long, value_name = "NAME", group = "whom")]
    pub(super) schedule: Option<ScheduleId>,
    /// Answer from a folder of configuration, without any Hansho running; overrides are not in it
    #[arg(long, value_name = "DIR", conflicts_with_all = ["url", "token", "data"])]
    pub(super) config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) offline: OfflineArguments,
    /// The clock of times that are read and shown, such as Asia/Tokyo; otherwise the schedule's that --schedule names, and else each
    /// schedule's own where times are shown and UTC where they are read
    #[arg(long, value_name = "ZONE")]
    pub(super) time_zone: Option<String>,
    #[command(flatten)]
    pub(super) language: LanguageArgument,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) server: ServerArguments,
}

impl ViewArguments {
    pub(super) fn about(&self) -> About {
        match (&self.user, &self.team, &self.schedule) {
            (Some(user), _, _) => About::User(user.clone()),
            (None, Some(team), _) => About::Team(team.clone()),
            (None, None, Some(schedule)) => About::Schedule(schedule.clone()),
            (None, None, None) => About::Everything,
        }
    }

    /// The clock that --time-zone names.
    pub(super) fn named_zone(&self) -> Result<Option<TimeZone>, OnCallError> {
        self.time_zone.as_deref().map(|name| zone(Some(name))).transpose().map_err(OnCallError::Argument)
    }
}
