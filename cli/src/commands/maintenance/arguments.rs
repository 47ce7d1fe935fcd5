//! What can be asked of maintenance windows.

use clap::{Args, Subcommand};
use hansho_domain::{ServiceId, Severity};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::super::{
    client::ServerArguments,
    language::LanguageArgument,
    moment::{minutes, moment},
};

#[derive(Debug, Subcommand)]
pub(in crate::commands) enum MaintenanceCommand {
    /// Begin a maintenance window: new alerts are recorded and page nobody until it ends  (開始・予約)
    ///
    /// What still fires when the window ends pages then. What cleared meanwhile is resolved, and nobody was paged.
    /// What has paged before the window is not touched. However long windows last, nothing waits for more than 7 days.
    /// Windows that come back every week belong into the configuration, under maintenance_windows.
    #[command(
        after_help = "Examples:\n  hansho maintenance add --service checkout --for 2h --reason 'database upgrade'\n  hansho maintenance add --service checkout,search --from 2026-12-05T02:00 --until 2026-12-05T04:00 --time-zone Asia/Tokyo\n  hansho maintenance add --service checkout --for 1h --alarm 'checkout-db-*' --label env=staging --severity warning,info\n  hansho maintenance add --all-services --for 30m --reason 'moving the office'"
    )]
    Add(Box<AddArguments>),
    /// The windows that are open or to come, those of the configuration too  (一覧)
    #[command(
        after_help = "Examples:\n  hansho maintenance list\n  hansho maintenance list --service checkout --from 2026-12-01 --time-zone Asia/Tokyo"
    )]
    List(ListArguments),
    /// End a window now: what it holds and is still wrong pages at once  (終了)
    ///
    /// One that has not begun is called off. Of one of the configuration, what is left of its present opening is ended;
    /// it comes back as the configuration says.
    #[command(after_help = "Example:\n  hansho maintenance end live-0123456789ab")]
    End(EndArguments),
}

#[derive(Debug, Args)]
#[group(id = "about", required = true, multiple = false, args = ["service", "all_services"])]
pub(in crate::commands) struct AddArguments {
    /// The service, or several with commas between them
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    service: Vec<ServiceId>,
    /// Every service
    #[arg(long)]
    all_services: bool,
    /// How long it is, such as 90m, 2h or 1d
    #[arg(long = "for", value_name = "DURATION", conflicts_with = "until")]
    length: Option<String>,
    /// When it begins; now otherwise
    #[arg(long, value_name = "TIME")]
    pub(super) from: Option<String>,
    /// When it ends
    #[arg(long, value_name = "TIME", required_unless_present = "length")]
    until: Option<String>,
    /// The clock of times without an offset, such as Asia/Tokyo; UTC otherwise
    #[arg(long, value_name = "ZONE")]
    pub(super) time_zone: Option<String>,
    /// Why; whoever looks at a held incident reads it
    #[arg(long, default_value = "")]
    reason: String,
    /// Only alarms of these names, where * stands for anything; may be given several times
    #[arg(long = "alarm", value_name = "PATTERN")]
    alarms: Vec<String>,
    /// Only alerts with this label, where * stands for anything in its value; several must all be there
    #[arg(long = "label", value_name = "NAME=PATTERN", value_parser = label)]
    labels: Vec<(String, String)>,
    /// Only alerts of these severities (critical, error, warning, info), with commas between them
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = severity)]
    severity: Vec<Severity>,
    /// The same key begins it only once, however often this is run
    #[arg(long, value_name = "KEY")]
    pub(super) idempotency_key: Option<String>,
    /// Print JSON instead of a line
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) server: ServerArguments,
}

#[derive(Debug, Args)]
pub(in crate::commands) struct ListArguments {
    /// Only windows that are about this service
    #[arg(long, value_name = "NAME")]
    pub(super) service: Option<ServiceId>,
    /// Also those that were over after this time
    #[arg(long, value_name = "TIME")]
    pub(super) from: Option<String>,
    /// The clock on which times are shown, such as Asia/Tokyo; UTC otherwise
    #[arg(long, value_name = "ZONE")]
    pub(super) time_zone: Option<String>,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) language: LanguageArgument,
    #[command(flatten)]
    pub(super) server: ServerArguments,
}

#[derive(Debug, Args)]
pub(in crate::commands) struct EndArguments {
    /// The window, as the list names it
    #[arg(value_name = "ID")]
    pub(super) id: String,
    /// Print JSON instead of a line
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) language: LanguageArgument,
    #[command(flatten)]
    pub(super) server: ServerArguments,
}

impl AddArguments {
    /// What is sent.
    pub(super) fn body(&self, zone: &TimeZone) -> Result<Value, String> {
        let from = self.from.as_deref().map(|text| moment(text, zone)).transpose()?;
        let labels: Map<String, Value> = self.labels.iter().map(|(name, pattern)| (name.clone(), json!(pattern))).collect();
        let only = json!({ "alarms": self.alarms, "labels": labels, "severities": self.severity });
        let mut body = json!({ "reason": self.reason, "only": only });
        // A length and no end: when it begins and ends is then Hansho's clock's, not that of this machine.
        match (&self.until, &self.length) {
            (Some(until), _) => body["until"] = json!(moment(until, zone)?),
            (None, length) => body["minutes"] = json!(minutes(length.as_deref().unwrap_or_default())?),
        }
        if self.all_services {
            body["all_services"] = json!(true);
        } else {
            body["services"] = json!(self.service);
        }
        if let Some(from) = from {
            body["from"] = json!(from);
        }
        Ok(body)
    }
}

fn label(text: &str) -> Result<(String, String), String> {
    let (name, pattern) = text.split_once('=').ok_or_else(|| format!("{text:?} is no label; write env=staging, or env=* for any value"))?;
    Ok((name.to_owned(), pattern.to_owned()))
}

fn severity(text: &str) -> Result<Severity, String> {
    let known = serde_json::from_value(json!(text));
    known.map_err(|_| format!("{text:?} is no severity; write critical, error, warning or info"))
}
