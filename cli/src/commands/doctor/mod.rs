//! `hansho doctor`: looks at a deployment from end to end, says what to do about each finding, and what can wake somebody today.

mod address;
pub(super) mod ask;
mod bridge;
mod caller;
#[cfg(test)]
mod canned;
mod contact;
mod deployment;
mod finding;
mod functions;
mod mail;
mod needs;
mod people;
mod queues;
mod roles;
mod table;
#[cfg(test)]
mod tests;
mod texts;
mod trial;
mod watch;
mod ways;
mod words;
mod xml;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::IsTerminal as _,
    process::ExitCode,
    sync::Arc,
};

use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};
use clap::Args;
use hansho_domain::{Language, ServiceId, UserId};
use hansho_runtime::SystemClock;
use serde_json::{Value, json};

use super::{aws, language::LanguageArgument, print};
use ask::{Asker, LAMBDA, Question, Refusal, encoded};
use finding::{Approval, Finding, Reach, Report, Said, said};

/// The function of the bridge to Incident Manager and OpsCenter, which is off unless somebody asks for it.
const BRIDGE: &str = "incident-manager-bridge";
/// How long a question may take. The slowest is the function `config`, which reads a whole configuration.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(20);
/// Who is asked for the MX record: a resolver that answers over HTTPS in JSON.
const RESOLVER: &str = "https://cloudflare-dns.com/dns-query";

/// What `hansho doctor` is asked.
#[derive(Debug, Args)]
pub(super) struct DoctorArguments {
    /// The deployment: `name` of its Terraform  (デプロイの名前)
    #[arg(long, default_value = "hansho", value_parser = name)]
    name: String,
    /// Its AWS Region; AWS_REGION or the AWS CLI's otherwise
    #[arg(long)]
    region: Option<String>,
    /// Send a test alarm to this service and wait until its people were sent it. Somebody's phone rings  (テストアラーム)
    #[arg(long, value_name = "SERVICE")]
    test_alarm: Option<ServiceId>,
    /// Send this person alone a test page, and wait for up to two minutes until it was sent and answered. Their phone rings  (テストの呼び出し)
    #[arg(long, value_name = "USER", conflicts_with = "test_alarm")]
    test_contact: Option<UserId>,
    /// Who is asked for the MX record, over HTTPS; `none` asks nobody
    #[arg(long, value_name = "URL", default_value = RESOLVER)]
    resolver: String,
    /// For machines; progress goes to standard error
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArgument,
}

/// A deployment's name, as its Terraform takes it.
pub(super) fn name(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_name = (3..=20).contains(&text.len()) && text.chars().all(is_plain);
    is_name.then(|| text.to_owned()).ok_or_else(|| "is no name of a deployment; write that of its Terraform, such as hansho".to_owned())
}

/// What is sent, because somebody asks for it.
#[derive(Debug)]
enum Trial {
    /// An alarm, to the people of a service.
    Alarm(ServiceId),
    /// A test page, to one person.
    Contact(UserId),
}

/// Nobody can be asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum DoctorError {
    #[error("no AWS Region is known: give --region, such as ap-northeast-1, or set AWS_REGION")]
    Region,
    #[error(
        "no AWS credentials are known ({0}); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with the AWS CLI (`aws sso login`)"
    )]
    Credentials(String),
    #[error("{0}; give --region as AWS writes it, such as ap-northeast-1")]
    NoRegion(String),
}

/// What is known so far, and what was found.
struct Doctor {
    asker: Asker,
    name: String,
    language: Language,
    /// Whether findings are told as they come.
    is_telling: bool,
    /// Whether it is told what is looked at.
    is_showing_progress: bool,
    resolver: Option<String>,
    account: Option<String>,
    /// What belongs to the deployment, where it says so.
    deployment: Option<deployment::Deployment>,
    /// The table's stream, by its ARN.
    stream: Option<String>,
    services: BTreeSet<ServiceId>,
    /// The settings of the functions that could be looked at, by the function.
    settings: BTreeMap<&'static str, BTreeMap<String, String>>,
    /// The functions whose settings AWS did not tell. What is in neither is not there.
    untold: BTreeSet<&'static str>,
    /// The state of mails and text messages, which decides who is reached.
    mails: mail::Mails,
    texts: texts::Texts,
    report: Report,
}

/// Looks, tells, and exits with 1 where something is to be done.
pub(super) async fn run(asked: DoctorArguments) -> Result<ExitCode, DoctorError> {
    let region = asked.region.clone().or_else(aws::known_region).ok_or(DoctorError::Region)?;
    if !region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err(DoctorError::NoRegion(format!("{region:?} is no Region")));
    }
    let credentials = aws::credentials().map_err(DoctorError::Credentials)?;
    let asker = Asker::new(region, credentials, connector(), Arc::new(SystemClock));
    let mut doctor = Doctor::new(asker, asked.name, asked.language.language);
    doctor.is_telling = !asked.json;
    doctor.is_showing_progress = std::io::stderr().is_terminal();
    doctor.resolver = Some(asked.resolver).filter(|resolver| resolver != "none");
    let trial = asked.test_alarm.map(Trial::Alarm).or(asked.test_contact.map(Trial::Contact));
    doctor.look(trial.as_ref()).await;
    let report = &doctor.report;
    print(&if asked.json {
        format!("{:#}\n", json!({ "name": doctor.name, "region": doctor.asker.region, "is_well": report.is_well(), "report": report }))
    } else {
        words::summary(doctor.language, report)
    });
    Ok(if report.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Connections to AWS, for single questions.
pub(super) fn connector() -> SharedHttpConnector {
    patient_connector(TIMEOUT)
}

/// The same, for answers that may take so long.
pub(super) fn patient_connector(answer_takes: std::time::Duration) -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(TIMEOUT).read_timeout(answer_takes).build();
    let builder = Connector::builder().connector_settings(settings).tls_provider(Provider::Rustls(CryptoMode::Ring));
    SharedHttpConnector::new(builder.sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new()).build())
}

impl Doctor {
    fn new(asker: Asker, name: String, language: Language) -> Self {
        Self {
            asker,
            name,
            language,
            is_telling: false,
            is_showing_progress: false,
            resolver: None,
            account: None,
            deployment: None,
            stream: None,
            services: BTreeSet::new(),
            settings: BTreeMap::new(),
            untold: BTreeSet::new(),
            mails: mail::Mails::default(),
            texts: texts::Texts::default(),
            report: Report::default(),
        }
    }

    /// Everything, in the order in which one thing needs another.
    async fn look(&mut self, trial: Option<&Trial>) {
        self.begin("caller", "呼び出し元");
        if !self.look_at_caller().await {
            return;
        }
        self.begin("deployment", "デプロイ");
        self.look_at_deployment().await;
        self.begin("functions", "関数");
        self.look_at_functions().await;
        self.begin("event source mappings", "イベントソースマッピング");
        self.look_at_mappings().await;
        self.begin("concurrency", "同時実行数");
        self.look_at_concurrency().await;
        self.begin("table", "テーブル");
        self.look_at_table().await;
        self.begin("queues", "キュー");
        self.look_at_queues().await;
        self.begin("timers", "タイマー");
        self.look_at_timers().await;
        self.begin("address", "アドレス");
        self.look_at_address().await;
        self.begin("bridge", "ブリッジ");
        self.look_at_bridge().await;
        self.begin("permissions", "権限");
        self.look_at_roles().await;
        self.begin("secrets", "シークレット");
        self.look_at_secrets().await;
        self.begin("ways in", "受信経路");
        self.look_at_ways_in().await;
        self.begin("heartbeat and alarms", "ハートビートとアラーム");
        self.look_at_watch().await;
        self.begin("mail", "メール");
        self.look_at_mail().await;
        self.begin("text messages", "SMS");
        self.look_at_texts().await;
        self.begin("people", "担当者");
        self.look_at_people().await;
        match trial {
            Some(Trial::Alarm(service)) => {
                self.begin("test alarm", "テストアラーム");
                self.try_an_alarm(service).await;
            }
            Some(Trial::Contact(user)) => {
                self.begin("test contact", "連絡先のテスト");
                self.try_a_contact(user).await;
            }
            None => {}
        }
    }

    /// Says what is looked at, to whoever waits.
    fn begin(&self, english: &str, japanese: &str) {
        if self.is_showing_progress {
            let (looking, what) = match self.language {
                Language::En => ("looking at", english),
                Language::Ja => ("確認中:", japanese),
            };
            eprintln!("{looking} {what} ...");
        }
    }

    /// Says how far it has come.
    fn progress(&self, said: &Said) {
        if self.is_showing_progress {
            eprintln!("{}", said.in_language(self.language));
        }
    }

    fn add(&mut self, finding: Finding) {
        if self.is_telling {
            print(&words::finding(self.language, &finding));
        }
        self.report.findings.push(finding);
    }

    fn reach(&mut self, reach: Reach) {
        self.report.reach.push(reach);
    }

    fn approve(&mut self, approval: Approval) {
        self.report.approvals.push(approval);
    }

    async fn ask(&self, question: &Question) -> Result<Value, Refusal> {
        self.asker.ask(question).await
    }

    /// The answer; where there is none a finding says which permission is missing, or what AWS says.
    async fn ask_or_tell(&mut self, check: &'static str, question: &Question) -> Option<Value> {
        match self.ask(question).await {
            Ok(answer) => Some(answer),
            Err(refusal) => {
                self.add(unanswered(check, question, &refusal));
                None
            }
        }
    }

    /// A setting of a function, where it is set.
    fn setting(&self, function: &str, name: &str) -> Option<&str> {
        self.settings.get(function)?.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn partition(&self) -> &'static str {
        if self.asker.region.starts_with("cn-") {
            "aws-cn"
        } else if self.asker.region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }

    /// The answer of a function of this deployment.
    async fn invoke(&self, function: &str, event: &Value) -> Result<Value, Refusal> {
        let question = Question::invoke(&format!("{}-{function}:live", self.name), event);
        let answer = self.ask(&question).await?;
        match answer.get("errorMessage").and_then(Value::as_str) {
            Some(message) => Err(Refusal { status: 200, code: "FunctionError".to_owned(), message: message.to_owned() }),
            None => Ok(answer),
        }
    }
}

/// What could not be looked at because the settings of a function are not known; why was told before.
fn without_settings(check: &'static str, what: Said, function: &str) -> Finding {
    let Said { en, ja } = what;
    Finding::unknown(
        check,
        said(format!("{en}: the settings of {function} could not be looked at"), format!("{ja}: {function} の設定を確認できませんでした")),
        said(
            format!("mend what was found about {function} above, then run this again"),
            format!("上記の {function} に関する項目を解消してから、再実行してください"),
        ),
    )
}

/// What could not be looked at, and why.
fn unanswered(check: &'static str, question: &Question, refusal: &Refusal) -> Finding {
    let permission = &question.permission;
    let Refusal { code, message, .. } = refusal;
    if refusal.is_denied() {
        return Finding::unknown(
            check,
            said(
                format!("you may not look at it ({permission}): {message}"),
                format!("確認する権限がありません ({permission}): {message}"),
            ),
            said(
                format!(
                    "allow your role {permission}, or let somebody run this who has it; the managed policy ReadOnlyAccess is enough for all that only looks"
                ),
                format!(
                    "ロールに {permission} を許可するか、権限のある人が実行してください。閲覧だけなら管理ポリシー ReadOnlyAccess で足ります"
                ),
            ),
        );
    }
    if refusal.status == 0 {
        return Finding::unknown(
            check,
            said(format!("{permission} has no answer: {message}"), format!("{permission} の応答がありません: {message}")),
            said(
                "nobody answered: look at this machine's network and proxy, and at the name of the Region",
                "応答がありません。ネットワーク、プロキシ、リージョン名を確認してください",
            ),
        );
    }
    Finding::unknown(
        check,
        said(format!("{permission} has no answer: {code} {message}"), format!("{permission} の応答がありません: {code} {message}")),
        said(
            "try again; if it stays so, look at https://health.aws.amazon.com",
            "再実行してください。続く場合は https://health.aws.amazon.com を確認してください",
        ),
    )
}

/// The configuration of a function as its alias has it.
fn function_configuration(function: &str) -> Question {
    let path = format!("/2015-03-31/functions/{}/configuration?Qualifier=live", encoded(function));
    Question::get(LAMBDA, path, "GetFunctionConfiguration")
}
