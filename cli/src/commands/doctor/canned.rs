//! AWS as the tests have it: an answer for each question, and what was asked.

mod ways_in;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use hansho_domain::Language;
use hansho_runtime::Clock;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Asker, Doctor, Trial};
use ways_in::{ALL_ALLOWED, simulated};
pub(super) use ways_in::{NONE_ALLOWED, PLAN, policy, policy_of, receipt_rule, subscriptions, well_alarm};

pub(super) const ACCOUNT: &str = "111122223333";
/// The table's stream.
pub(super) const STREAM: &str = "arn:aws:dynamodb:ap-northeast-1:111122223333:table/hansho/stream/2026-11-20T00:00:00.000";
const NOW: &str = "2026-11-20T18:12:00Z";

/// What AWS answers, by `service operation` or `service GET /path`, and what it was asked.
#[derive(Debug, Clone)]
pub(super) struct Aws {
    answers: Arc<Mutex<BTreeMap<String, (u16, String)>>>,
    pub(super) asked: Arc<Mutex<Vec<Asked>>>,
    date: &'static str,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) line: String,
    pub(super) content_type: String,
    pub(super) target: String,
    pub(super) authorization: String,
    pub(super) body: String,
}

#[derive(Debug)]
struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        NOW.parse().unwrap()
    }

    fn sleep(&self, _: std::time::Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::ready(()))
    }
}

pub(super) const TEAM: &str = r#"
users:
  aiko: { name: 佐藤 愛子, phone: "+819012340001", email: aiko@example.jp, language: ja }
  ben: { name: Ben, phone: "+819012340002" }
  chie: { name: Chie, webhook: "https://hooks.example.jp/chie", webhook_secret: "0123456789abcdef0123456789abcdef" }
escalation_policies:
  checkout: { steps: [{ notify: [user/aiko, user/ben, user/chie], wait: 5m }] }
services:
  checkout: { escalation_policy: checkout }
"#;

/// What is asked about the bridge's function, and about what feeds it.
const BRIDGE: &str = "lambda GET /2015-03-31/functions/hansho-incident-manager-bridge/configuration?Qualifier=live";
pub(super) const BRIDGE_MAPPINGS: &str = "lambda GET /2015-03-31/event-source-mappings?FunctionName=hansho-incident-manager-bridge%3Alive";

impl Aws {
    /// An account in which everything is as it should be.
    pub(super) fn healthy() -> Self {
        let aws = Self { answers: Arc::default(), asked: Arc::default(), date: "Fri, 20 Nov 2026 18:11:59 GMT" };
        aws.healthy_functions();
        aws.healthy_table();
        aws.healthy_queues();
        aws.healthy_watch();
        aws.healthy_ways_in();
        aws.healthy_channels();
        aws
    }

    /// Another answer.
    pub(super) fn with(self, name: &str, status: u16, body: &Value) -> Self {
        self.set(name, status, body.to_string());
        self
    }

    /// Another answer in XML.
    pub(super) fn with_xml(self, name: &str, status: u16, body: &str) -> Self {
        self.set(name, status, body.to_owned());
        self
    }

    /// Another clock.
    pub(super) fn at(mut self, date: &'static str) -> Self {
        self.date = date;
        self
    }

    fn set(&self, name: &str, status: u16, body: String) {
        self.answers.lock().unwrap().insert(name.to_owned(), (status, body));
    }

    fn say(&self, name: &str, body: &Value) {
        self.set(name, 200, body.to_string());
    }

    fn healthy_functions(&self) {
        let result = format!(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::{ACCOUNT}:assumed-role/ops/aiko</Arn><Account>{ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        );
        self.set("sts GetCallerIdentity", 200, result);
        for function in crate::local::FUNCTION_NAMES {
            let variables = json!({
                "HANSHO_TABLE": "hansho", "HANSHO_METRICS_NAMESPACE": "Hansho", "HANSHO_LINK_KEY_PARAMETER": "/hansho/link-key",
                "HANSHO_EMAIL_FROM": "hansho@oncall.example.com", "HANSHO_MAIL_BUCKET": "mails", "HANSHO_SCHEDULE_GROUP": "hansho",
                "HANSHO_SES_CONFIGURATION_SET": "hansho-mails",
                "HANSHO_SMS_SENDER_ID": "HANSHO", "HANSHO_SMS_ORIGINATION_NUMBER": "", "HANSHO_PUBLIC_URL": "https://oncall.example.com",
                "HANSHO_WATCHED_FUNCTIONS": if function == "sweeper" { "hansho-api,hansho-delivery" } else { "" },
                "HANSHO_WATCHED_MAPPINGS": if function == "sweeper" { "24e7b040-dd72" } else { "" },
            });
            let body =
                json!({ "State": "Active", "LastUpdateStatus": "Successful", "Version": "7", "Environment": { "Variables": variables } });
            self.say(&format!("lambda GET /2015-03-31/functions/hansho-{function}/configuration?Qualifier=live"), &body);
            self.say(&format!("lambda GET /2019-09-30/functions/hansho-{function}/concurrency"), &json!({}));
        }
        for (function, source) in
            [("outbox-relay", "dynamodb:table/hansho/stream/x"), ("escalation", "sqs:hansho-timers"), ("delivery", "sqs:hansho-deliveries")]
        {
            let source = source.replacen(':', &format!(":ap-northeast-1:{ACCOUNT}:"), 1);
            let mapping =
                json!({ "UUID": "u-1", "State": "Enabled", "LastProcessingResult": "OK", "EventSourceArn": format!("arn:aws:{source}") });
            self.say(
                &format!("lambda GET /2015-03-31/event-source-mappings?FunctionName=hansho-{function}%3Alive"),
                &json!({ "EventSourceMappings": [mapping] }),
            );
        }
        self.set(BRIDGE, 404, json!({ "Message": "Function not found" }).to_string());
        self.say(
            "lambda GET /2016-08-19/account-settings",
            &json!({ "AccountLimit": { "ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000 } }),
        );
        let files = [("team.yaml".to_owned(), TEAM.to_owned())].into();
        let exported = json!({ "result": "exported", "version": 3, "in_force": null, "files_gzip": hansho_config::pack(&files).unwrap() });
        self.say("lambda POST /2015-03-31/functions/hansho-config%3Alive/invocations", &exported);
    }

    /// The same with the bridge, which is off unless somebody asks for it.
    pub(super) fn with_bridge(self) -> Self {
        let mapping = |source: &str| json!({ "UUID": "u-2", "State": "Enabled", "LastProcessingResult": "OK", "EventSourceArn": format!("arn:aws:{source}") });
        let mappings = [mapping("dynamodb:x:1:table/hansho/stream/x"), mapping("sqs:x:1:hansho-incident-manager-bridge")];
        self.with(BRIDGE, 200, &json!({ "State": "Active", "LastUpdateStatus": "Successful", "Version": "3" })).with(
            BRIDGE_MAPPINGS,
            200,
            &json!({ "EventSourceMappings": mappings }),
        )
    }

    /// What it answers.
    pub(super) fn answer(&self, name: &str) -> Value {
        serde_json::from_str(&self.answers.lock().unwrap()[name].1).unwrap()
    }

    /// The same, of a deployment that has one alarm less.
    pub(super) fn without_alarm(self, name: &str) -> Self {
        let mut deployment: Value = serde_json::from_str(self.answer("ssm GetParameter")["Parameter"]["Value"].as_str().unwrap()).unwrap();
        deployment["alarms"].as_array_mut().unwrap().retain(|alarm| alarm != name);
        self.with("ssm GetParameter", 200, &json!({ "Parameter": { "Value": deployment.to_string() } }))
    }

    fn healthy_table(&self) {
        let index = |name: &str| json!({ "IndexName": name, "IndexStatus": "ACTIVE" });
        let table = json!({ "Table": {
            "TableStatus": "ACTIVE", "LatestStreamArn": STREAM, "DeletionProtectionEnabled": true, "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" },
            "GlobalSecondaryIndexes": [index("work"), index("open"), index("recent")],
        } });
        self.say("dynamodb DescribeTable", &table);
        self.say("dynamodb GetItem", &json!({ "Item": { "table_id": { "S": "0a1b2c3d" } } }));
        let recovery =
            json!({ "PointInTimeRecoveryDescription": { "PointInTimeRecoveryStatus": "ENABLED" }, "ContinuousBackupsStatus": "ENABLED" });
        self.say("dynamodb DescribeContinuousBackups", &json!({ "ContinuousBackupsDescription": recovery }));
        self.say(
            "dynamodb DescribeTimeToLive",
            &json!({ "TimeToLiveDescription": { "TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at" } }),
        );
        self.say("dynamodb Query VERSIONS", &json!({ "Items": [{ "schema": { "N": "1" } }] }));
        self.say("ssm DescribeParameters", &json!({ "Parameters": [{ "Name": "/hansho/link-key", "Type": "SecureString" }] }));
    }

    fn healthy_queues(&self) {
        self.say("sqs GetQueueUrl", &json!({ "QueueUrl": "https://sqs.ap-northeast-1.amazonaws.com/111122223333/queue" }));
        self.say(
            "sqs GetQueueAttributes",
            &json!({ "Attributes": { "ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0" } }),
        );
        self.say("scheduler GET /schedule-groups/hansho", &json!({ "Name": "hansho", "State": "ACTIVE" }));
    }

    fn healthy_watch(&self) {
        // 90 seconds before now: for the heartbeat and, harmlessly, for what text messages have cost.
        let points = json!([{ "Timestamp": 1_795_198_230, "Sum": 1.0, "Maximum": 0.5 }]);
        self.say("monitoring GetMetricStatistics", &json!({ "Label": "x", "Datapoints": points }));
        self.say("monitoring DescribeAlarms", &json!({ "MetricAlarms": [well_alarm("heartbeat"), well_alarm("sms-spend")] }));
        let member = |protocol: &str, endpoint: &str| {
            format!(
                "<member><Protocol>{protocol}</Protocol><Endpoint>{endpoint}</Endpoint><SubscriptionArn>arn:aws:sns:x</SubscriptionArn></member>"
            )
        };
        let members = member("email", "ops@example.com") + &member("sms", "+819000000009");
        self.set(
            "sns ListSubscriptionsByTopic",
            200,
            format!("<R><ListSubscriptionsByTopicResult><Subscriptions>{members}</Subscriptions></ListSubscriptionsByTopicResult></R>"),
        );
    }

    fn healthy_channels(&self) {
        self.say(
            "email GET /v2/email/identities/oncall.example.com",
            &json!({ "VerifiedForSendingStatus": true, "DkimAttributes": { "Status": "SUCCESS" } }),
        );
        self.say(
            "email GET /v2/email/account",
            &json!({ "ProductionAccessEnabled": true, "SendingEnabled": true, "EnforcementStatus": "HEALTHY" }),
        );
        let rule = receipt_rule(
            "hansho-intake",
            "<member><S3Action><BucketName>mails</BucketName></S3Action></member><member><LambdaAction><FunctionArn>arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-email-intake:live</FunctionArn></LambdaAction></member>",
        );
        self.set(
            "email DescribeActiveReceiptRuleSet",
            200,
            format!("<R><DescribeActiveReceiptRuleSetResult><Rules>{rule}</Rules></DescribeActiveReceiptRuleSetResult></R>"),
        );
        self.say(
            "resolver.example GET /dns-query?name=oncall.example.com&type=MX",
            &json!({ "Status": 0, "Answer": [{ "type": 15, "data": "10 inbound-smtp.ap-northeast-1.amazonaws.com." }] }),
        );
        self.set(
            "sns GetSMSSandboxAccountStatus",
            200,
            "<R><GetSMSSandboxAccountStatusResult><IsInSandbox>false</IsInSandbox></GetSMSSandboxAccountStatusResult></R>".to_owned(),
        );
        self.set("sns GetSMSAttributes", 200, "<R><GetSMSAttributesResult><attributes><entry><key>MonthlySpendLimit</key><value>50</value></entry></attributes></GetSMSAttributesResult></R>".to_owned());
        self.say("sms-voice DescribeRegistrations", &json!({ "Registrations": [] }));
    }

    /// What a doctor finds here.
    pub(super) async fn looked_at(&self, test_alarm: Option<&str>) -> Doctor {
        self.tried(test_alarm.map(|service| Trial::Alarm(service.parse().unwrap()))).await
    }

    /// The same with a test page to somebody.
    pub(super) async fn contacted(&self, user: &str) -> Doctor {
        self.tried(Some(Trial::Contact(user.parse().unwrap()))).await
    }

    async fn tried(&self, trial: Option<Trial>) -> Doctor {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("session".to_owned()), None, "test");
        let asker = Asker::new("ap-northeast-1".to_owned(), credentials, SharedHttpConnector::new(self.clone()), Arc::new(StoppedClock));
        let mut doctor = Doctor::new(asker, "hansho".to_owned(), Language::En);
        doctor.resolver = Some("https://resolver.example/dns-query".to_owned());
        doctor.look(trial.as_ref()).await;
        doctor
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked = asked(&request);
        let answers = self.answers.lock().unwrap();
        let answered = answers.get(&format!("{} {}", asked.name, about(&asked.body))).or_else(|| answers.get(&asked.name)).cloned();
        drop(answers);
        let (status, body) = answered.unwrap_or_else(|| panic!("nobody expects {asked:?}"));
        let body = match body.as_str() {
            ALL_ALLOWED => simulated(&asked.body, "allowed"),
            NONE_ALLOWED => simulated(&asked.body, "implicitDeny"),
            _ => body,
        };
        self.asked.lock().unwrap().push(asked);
        // Nobody is there.
        if status == 0 {
            return HttpConnectorFuture::ready(Err(ConnectorError::io(body.into())));
        }
        let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
        response.headers_mut().insert("date", self.date);
        HttpConnectorFuture::ready(Ok(response))
    }
}

fn asked(request: &HttpRequest) -> Asked {
    let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
    let body = String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap();
    let (host, path) = request.uri().strip_prefix("https://").unwrap().split_once('/').unwrap();
    let service = host.strip_suffix(".ap-northeast-1.amazonaws.com").unwrap_or(host);
    let target = header("x-amz-target");
    let action = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
    let operation = target.rsplit('.').next().filter(|target| !target.is_empty()).or(action);
    let method = request.method();
    Asked {
        name: operation.map_or_else(
            || format!("{service} {method} /{path}"),
            |operation| format!("{service} {operation} {}", partition(&body)).trim_end().to_owned(),
        ),
        line: format!("{method} {}", request.uri()),
        content_type: header("content-type"),
        target,
        authorization: header("authorization"),
        body,
    }
}

/// What a question is about, where the same is asked of several: a rule, a topic, a role, an action of the function `config`.
fn about(body: &str) -> String {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    if let Some(name) = ["Rule", "Name", "action"].iter().find_map(|key| json[*key].as_str()) {
        return name.to_owned();
    }
    let mut form = form_urlencoded::parse(body.as_bytes());
    let found = form.find(|(key, _)| matches!(key.as_ref(), "TopicArn" | "PolicySourceArn"));
    found.and_then(|(_, arn)| arn.rsplit([':', '/']).next().map(str::to_owned)).unwrap_or_default()
}

/// What a query of the table is about: the beginning of its partition.
fn partition(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let key = body["ExpressionAttributeValues"][":pk"]["S"].as_str().unwrap_or_default();
    key.split('#').next().unwrap_or_default().to_owned()
}
