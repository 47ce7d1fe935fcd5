//! The arguments of every command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;

use super::{
    calendar::CalendarCommand,
    check::CheckArguments,
    configuration::{ApplyArguments, ExportArguments, PlanArguments, RollbackArguments, TokenCommand, VersionsArguments},
    cost::CostArguments,
    dead_letters::DeadLettersArguments,
    doctor::DoctorArguments,
    drill::DrillArguments,
    import::ImportCommand,
    incident::IncidentCommand,
    integration::IntegrationCommand,
    maintenance::MaintenanceCommand,
    moment::exact,
    on_call::OnCallArguments,
    overrides::OverrideCommand,
    preview::PreviewArguments,
    resume::ResumeArguments,
    route::RouteArguments,
    simulate::SimulateArguments,
    suppressed::SuppressedCommand,
    user::UserCommand,
};
use crate::{gathering::OfflineArguments, local};

/// On-call and incident management that pages the right person and keeps paging until somebody answers.
///
/// オンコール・インシデント管理。誰かが応答するまで呼び続けます。
///
/// Without a command it runs `hansho local`: everything on this machine, no AWS account needed.
#[derive(Debug, Parser)]
#[command(
    name = "hansho",
    version,
    after_help = "Examples:\n  hansho                              run everything on this machine, with an example team\n  hansho demo                         watch an alarm page somebody, escalate and be acknowledged\n  hansho local --config on-call/      the same with your own team\n  hansho check --config on-call/      every mistake in a configuration, with file and line"
)]
pub struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) local: LocalArguments,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run everything on this machine  (このマシンで全部動かす)
    #[command(
        after_help = "Examples:\n  hansho local\n  hansho local --config on-call/ --port 9000 --data /var/lib/hansho\n  hansho local --tls --smtp-port 1025\n  hansho local --virtual-clock --start-at 2026-12-31T03:00:00+09:00"
    )]
    Local(LocalArguments),
    /// Watch the whole story in about a minute: alarm, page, escalation, acknowledgement, resolve  (デモ)
    #[command(after_help = "Example:\n  hansho demo")]
    Demo {
        /// Do not wait between the scenes
        #[arg(long)]
        quick: bool,
    },
    /// Report every mistake in a configuration, with file and line, and what is probably not meant; play its tests  (設定の確認)
    #[command(
        after_help = "Examples:\n  hansho check --config on-call/\n  hansho check --config on-call/ --strict --runbooks runbooks/\n  hansho check --config on-call/ --format github --junit report.xml"
    )]
    Check(CheckArguments),
    /// What every message says, on every channel, in both languages; nothing is sent  (メッセージの確認)
    #[command(
        after_help = "Examples:\n  hansho preview                                        the names of the messages\n  hansho preview --all                                  every message of every channel in both languages\n  hansho preview page swap-asked --channel sms --language ja\n  hansho preview --service checkout --config on-call/   its pages in its own words (`messages` of the service)\n  hansho preview page --channel email --html --language ja > page.txt\n\nThey are about an invented night, and are made by the code that sends them. How many parts a text message has is what it costs.\n\n実際に送る処理で作った文面を、架空の障害を例に表示します。送信はしません。"
    )]
    Preview(PreviewArguments),
    /// Make a folder of configuration of what another tool knows  (他のツールからの移行)
    #[command(subcommand)]
    Import(ImportCommand),
    /// Print the JSON Schema of the configuration, for editors  (設定のスキーマ)
    #[command(after_help = "Examples:\n  hansho schema > configuration.schema.json\n  hansho schema --markdown > configuration.md")]
    Schema {
        /// Print every key as a page to read instead
        #[arg(long)]
        markdown: bool,
    },
    /// Look at a deployment on AWS from end to end: what is wrong, what to do, and what can wake somebody today  (診断)
    #[command(
        after_help = "Examples:\n  hansho doctor --region ap-northeast-1\n  hansho doctor --name staging --json\n  hansho doctor --test-contact aiko                     aiko's phone rings, and nobody else's\n  hansho doctor --test-alarm checkout --language ja     the phones of whoever is on call for checkout ring\n\nIt looks and changes nothing, but for the tests. Both wake people at night: tell them before. --test-contact pages one person,\nclearly as a test, whoever covers for them and whatever quiet time it is; the link in the message is the answer, and without one\ntheir later notification rules follow, for half an hour at most. Once a minute and ten times a day are the most for a person.\n--test-alarm opens an incident of the service and resolves it.\n\nThe managed policy ReadOnlyAccess and lambda:InvokeFunction for the function config are enough; --test-alarm invokes alarm-intake,\ntoo. Exit status: 0 all is well, 1 something is to be done."
    )]
    Doctor(DoctorArguments),
    /// What was given up in a deployment on AWS, and why; with --replay it is worked on again  (デッドレター)
    #[command(
        after_help = "A dead letter is what a function, a queue, a rule, a topic, Scheduler or the table's stream could not bring to its end: perhaps\nan alarm that nobody was paged for. It is kept for 14 days, and the operators hear of it by an alarm.\n\nExamples:\n  hansho dead-letters --region ap-northeast-1            what lies there, about what, and why\n  hansho dead-letters --replay                           work on all of them again, once the cause is mended\n  hansho dead-letters --function alarm-intake --replay\n  hansho dead-letters --delete ID                        one that nobody needs any more\n\nAn event goes to its function again (asynchronously, under the alias by which it came), a message back to its queue; rows of\nthe stream are in the table, where the sweeper finds them. Each is deleted only after it was taken, so nothing is lost if this\nis interrupted; and what was taken in before changes nothing, so it may be repeated. An alarm that is over by now pages nobody.\n\nIt needs sqs:GetQueueUrl, sqs:ReceiveMessage and sqs:ChangeMessageVisibility; to replay also sqs:DeleteMessage, sqs:SendMessage\nand lambda:InvokeFunction. Exit status: 0 nothing lies there, 1 something does, or could not be asked for.\n\n届けられなかったもの(デッドレター)を一覧し、--replay で再実行します。受け付けられたものだけを削除するため、途中で止めても失われません。\n既に処理済みのものは重複しないため、何度実行しても構いません。"
    )]
    DeadLetters(DeadLettersArguments),
    /// Have a deployment whose table was restored work on what was due before; it leaves that for an hour otherwise  (復旧後の再開)
    #[command(
        after_help = "A restored table does not know what was settled since its point of recovery, so it leaves what was due before: resolve what is\nover first (`hansho incident list`, `hansho incident resolve`). New alarms page meanwhile. docs/recovery.md has every step.\n\nExamples:\n  hansho resume --region ap-northeast-1\n  hansho resume --name staging\n\nIt needs lambda:InvokeFunction for the function sweeper."
    )]
    Resume(ResumeArguments),
    /// What a thousand incidents and an idle month cost in Tokyo and in us-east-1, from requests that were counted  (費用)
    #[command(
        after_help = "Examples:\n  hansho cost\n  hansho cost --incidents 200 --alerts 20 --pages 3 --people 40 --region ap-northeast-1\n  hansho cost --language ja\n  hansho cost --prices          each price with its source and its date"
    )]
    Cost(CostArguments),
    /// Who would be paged, when and how, if an alarm went off then; nothing is sent  (シミュレーション)
    #[command(
        after_help = "Examples:\n  hansho simulate --service checkout --at 2026-12-31T03:00+09:00\n  hansho simulate --url https://hansho.example.com --token ... --service checkout   (what is in force there, with its overrides)\n  hansho simulate --config on-call/ --service checkout --answer aiko=7m --answer ben=2m:resolve\n  hansho simulate --config on-call/ --event alarm.json --language ja\n  hansho simulate --config on-call/ --from 2026-12-29T00:00 --to 2027-01-04T00:00 --within 15m --fail-under 2"
    )]
    Simulate(Box<SimulateArguments>),
    /// Show what would change in a Hansho if a folder of configuration were applied  (変更の確認)
    #[command(
        after_help = "Examples:\n  hansho plan --config on-call/\n  hansho plan --config on-call/ --function hansho-config:live --region ap-northeast-1 --detailed-exitcode"
    )]
    Plan(Box<PlanArguments>),
    /// Put a folder of configuration in force, after showing what changes  (設定の適用)
    #[command(
        after_help = "Examples:\n  hansho apply --config on-call/ --message 'dai joins'\n  hansho apply --config on-call/ --function hansho-config:live --yes"
    )]
    Apply(Box<ApplyArguments>),
    /// Put the files of an earlier version in force again  (以前の版に戻す)
    #[command(after_help = "Example:\n  hansho rollback 12 --message 'the new rotation was wrong'")]
    Rollback(Box<RollbackArguments>),
    /// Write the files that are in force, or those of an earlier version, into a folder  (設定の書き出し)
    #[command(after_help = "Examples:\n  hansho export --to live/\n  hansho export --to before/ --version 12")]
    Export(Box<ExportArguments>),
    /// List the versions of the configuration: who, when, why, what  (版の一覧)
    #[command(after_help = "Example:\n  hansho versions --limit 5")]
    Versions(Box<VersionsArguments>),
    /// Tokens of the API, which tools and this command act with  (API トークン)
    #[command(subcommand)]
    Token(TokenCommand),
    /// Make or serve the DynamoDB table  (テーブル)
    #[command(subcommand)]
    Table(TableCommand),
    /// Ask everybody who may be called in a period to prove that they can be reached  (訓練)
    #[command(
        after_help = "Examples:\n  hansho drill --from 2026-12-29 --to 2027-01-03\n  hansho drill --from 2026-12-29 --to 2027-01-03 --service checkout --at 2026-12-22T10:00:00+09:00\n  hansho drill --from 2026-12-29 --to 2027-01-03 --config on-call/   whom it would ask; nothing is sent\n  hansho drill list\n  hansho drill status ID\n  hansho drill certificate ID"
    )]
    Drill(Box<DrillArguments>),
    /// Who can be reached, and asking them for proof  (担当者)
    #[command(subcommand)]
    User(UserCommand),
    /// Work with incidents  (インシデント)
    #[command(subcommand)]
    Incident(IncidentCommand),
    /// Where rules send an alert and why; or what other rules would have done with the alerts of the last days  (ルール)
    #[command(
        after_help = "Examples:\n  hansho route --event alarm.json\n  hansho route --event alarm.json --config on-call/ --language ja\n  hansho route --replay 7d --config on-call/        what these rules would have done otherwise, and which were for no alert"
    )]
    Route(Box<RouteArguments>),
    /// What came in and paged nobody  (抑止したアラート)
    #[command(subcommand)]
    Suppressed(SuppressedCommand),
    /// Who is on call: now, at a time, next, or the shifts of a period  (当番)
    #[command(
        after_help = "Examples:\n  hansho oncall\n  hansho oncall --at 2026-12-31T03:00:00+09:00 --team sre\n  hansho oncall next --user aiko\n  hansho oncall shifts --days 90 --json\n  hansho oncall --config on-call/                offline, from the files alone"
    )]
    Oncall(Box<OnCallArguments>),
    /// Put somebody else on call for a while  (交代・代理)
    #[command(subcommand)]
    Override(OverrideCommand),
    /// Let new alerts wait while you work on something  (メンテナンス)
    #[command(subcommand)]
    Maintenance(MaintenanceCommand),
    /// The ways in, and the keys under which tools send events  (受け口とキー)
    #[command(subcommand)]
    Integration(IntegrationCommand),
    /// Secret addresses under which calendar programs read shifts  (カレンダー)
    #[command(subcommand)]
    Calendar(CalendarCommand),
}

#[derive(Debug, Args)]
pub(super) struct LocalArguments {
    /// Your configuration's folder (YAML); without it the example team is used
    #[arg(long, value_name = "DIR")]
    config: Option<PathBuf>,
    #[command(flatten)]
    offline: OfflineArguments,
    /// The port on this machine; with another one, other commands need --url (and --data, if that is another one too)
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Serve HTTPS too, for clients that insist on it, with a certificate that is made in the data folder
    #[arg(long)]
    tls: bool,
    /// The port for HTTPS
    #[arg(long, default_value_t = 8443, requires = "tls")]
    tls_port: u16,
    /// The port on which mail for integrations comes in (SMTP)
    #[arg(long, default_value_t = 2525)]
    smtp_port: u16,
    /// Take no mail
    #[arg(long, conflicts_with = "smtp_port")]
    no_smtp: bool,
    /// Believe every mail its sender, so that answers to pages can be tried; on AWS only DMARC makes that so
    #[arg(long, conflicts_with = "no_smtp")]
    smtp_trust_senders: bool,
    /// Where state is kept
    #[arg(long, value_name = "DIR", default_value = ".hansho")]
    data: PathBuf,
    /// Let time stand still; POST /_local/clock/advance moves it
    #[arg(long)]
    virtual_clock: bool,
    /// Where a virtual clock starts, such as 2026-12-31T03:00:00+09:00
    #[arg(long, value_name = "TIME", requires = "virtual_clock", value_parser = exact)]
    start_at: Option<Timestamp>,
}

impl From<LocalArguments> for local::Options {
    fn from(arguments: LocalArguments) -> Self {
        Self {
            configuration: arguments.config,
            offline: arguments.offline,
            port: arguments.port,
            tls_port: arguments.tls.then_some(arguments.tls_port),
            smtp_port: (!arguments.no_smtp).then_some(arguments.smtp_port),
            smtp_trust_senders: arguments.smtp_trust_senders,
            data: arguments.data,
            virtual_clock: arguments.virtual_clock,
            start_at: arguments.start_at,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum TableCommand {
    /// Make the table on an endpoint; a table that is there stays as it is
    #[command(
        after_help = "Examples:\n  hansho table create --region ap-northeast-1\n  hansho table create --endpoint-url http://127.0.0.1:8000 --table hansho"
    )]
    Create {
        /// Another endpoint than AWS, such as http://127.0.0.1:8000
        #[arg(long, value_name = "URL")]
        endpoint_url: Option<String>,
        /// The table's name
        #[arg(long, default_value = local::TABLE)]
        table: String,
        /// The AWS Region; AWS_REGION otherwise
        #[arg(long)]
        region: Option<String>,
    },
    /// Serve the embedded DynamoDB on this machine, for `cargo lambda watch` and tools
    #[command(after_help = "Example:\n  hansho table serve --data .hansho --port 8000")]
    Serve {
        /// Where state is kept
        #[arg(long, value_name = "DIR", default_value = ".hansho")]
        data: PathBuf,
        /// The port on this machine
        #[arg(long, default_value_t = 8000)]
        port: u16,
    },
}
