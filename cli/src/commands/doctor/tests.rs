//! A deployment that is well, and each way in which it is not.

mod contact;
mod refused;
mod ways_in;

use hansho_domain::Language;
use serde_json::{Value, json};

use super::{
    Doctor,
    canned::{self, Aws, receipt_rule, well_alarm},
    finding::{Finding, State},
    words,
};

/// What is not well, as `check: found`.
fn ill(doctor: &Doctor) -> Vec<(State, String)> {
    let told = |finding: &Finding| (finding.state, format!("{}: {}", finding.check, finding.found.en));
    doctor.report.findings.iter().filter(|finding| finding.state != State::Well).map(told).collect()
}

/// The only thing that is not well.
#[track_caller]
fn only(doctor: &Doctor, state: State, found: &str, to_do: &str) {
    let findings: Vec<&Finding> = doctor.report.findings.iter().filter(|finding| finding.state != State::Well).collect();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let finding = findings[0];
    assert_eq!(finding.state, state, "{finding:#?}");
    assert!(finding.found.en.contains(found), "{finding:#?}");
    let told = finding.to_do.as_ref().unwrap();
    assert!(told.en.contains(to_do) && !told.ja.is_empty(), "{finding:#?}");
    assert!(!doctor.report.is_well());
}

fn xml(action: &str, inside: &str) -> String {
    format!("<R><{action}Result>{inside}</{action}Result></R>")
}

#[tokio::test]
async fn a_deployment_that_is_well_has_nothing_to_do_and_says_who_can_be_woken() {
    let doctor = Aws::healthy().looked_at(None).await;
    assert_eq!(ill(&doctor), []);
    assert!(doctor.report.is_well() && doctor.report.approvals.is_empty());
    let text = words::summary(Language::En, &doctor.report);
    assert!(text.contains("  aiko       sms      +81******0001"), "{text}");
    assert!(text.contains("  chie       webhook  https://hooks.example.jp/***") && text.contains("  operators  sms"), "{text}");
    assert!(text.contains("Approvals that are still to come:\n  none\n") && text.contains(" 0 faults, 0 unknown, 0 advice"), "{text}");
    let japanese = words::summary(Language::Ja, &doctor.report);
    assert!(japanese.contains("現在、人を起こせる手段:") && japanese.contains("異常 0 件"), "{japanese}");
    assert!(
        words::finding(Language::Ja, &doctor.report.findings[0]).starts_with("ok  clock: この端末の時計は"),
        "{:?}",
        doctor.report.findings[0]
    );
}

#[tokio::test]
async fn what_is_asked_is_what_the_service_models_say_and_signed() {
    let aws = Aws::healthy();
    let _ = aws.looked_at(None).await;
    let asked = aws.asked.lock().unwrap().clone();
    let find = |name: &str| asked.iter().find(|asked| asked.name == name).unwrap_or_else(|| panic!("{name} was not asked"));
    let caller = find("sts GetCallerIdentity");
    assert_eq!(caller.line, "POST https://sts.ap-northeast-1.amazonaws.com/");
    assert_eq!(
        (caller.content_type.as_str(), caller.body.as_str()),
        ("application/x-www-form-urlencoded", "Action=GetCallerIdentity&Version=2011-06-15")
    );
    let table = find("dynamodb DescribeTable");
    assert_eq!((table.target.as_str(), table.content_type.as_str()), ("DynamoDB_20120810.DescribeTable", "application/x-amz-json-1.0"));
    assert_eq!(table.body, r#"{"TableName":"hansho"}"#);
    let parameters = find("ssm DescribeParameters");
    assert_eq!(
        (parameters.target.as_str(), parameters.content_type.as_str()),
        ("AmazonSSM.DescribeParameters", "application/x-amz-json-1.1")
    );
    let rule = find("events DescribeRule");
    assert_eq!(
        (rule.target.as_str(), rule.body.as_str()),
        ("AWSEvents.DescribeRule", r#"{"EventBusName":"default","Name":"hansho-sweeper"}"#)
    );
    let beats = find("monitoring GetMetricStatistics");
    assert_eq!(
        (beats.target.as_str(), beats.content_type.as_str()),
        ("GraniteServiceVersion20100801.GetMetricStatistics", "application/x-amz-json-1.0")
    );
    let body: Value = serde_json::from_str(&beats.body).unwrap();
    let expected = json!({
        "Namespace": "Hansho", "MetricName": "SweeperHeartbeat", "StartTime": 1_795_197_720, "EndTime": 1_795_198_320, "Period": 60, "Statistics": ["Sum"],
    });
    assert_eq!(body, expected);
    let queue = find("sqs GetQueueUrl");
    assert_eq!(
        (queue.target.as_str(), queue.body.as_str()),
        ("AmazonSQS.GetQueueUrl", r#"{"QueueName":"hansho-alarm-intake-dead-letters"}"#)
    );
    let is_of_operators = |asked: &&canned::Asked| asked.name == "sns ListSubscriptionsByTopic" && asked.body.ends_with("-operators");
    let topic = asked.iter().find(is_of_operators).unwrap();
    assert_eq!(
        topic.body,
        "Action=ListSubscriptionsByTopic&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aap-northeast-1%3A111122223333%3Ahansho-operators"
    );
    let config = find("lambda POST /2015-03-31/functions/hansho-config%3Alive/invocations");
    assert_eq!(config.body, r#"{"action":"export"}"#);
    assert_eq!(find("sms-voice DescribeRegistrations").target, "PinpointSMSVoiceV2.DescribeRegistrations");
    let role = find("iam.amazonaws.com SimulatePrincipalPolicy");
    let expected = "Action=SimulatePrincipalPolicy&Version=2010-05-08&PolicySourceArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fhansho-";
    assert!(role.body.starts_with(expected) && role.body.contains("&ActionNames.member.1=dynamodb%3A"), "{}", role.body);
    assert_eq!(role.line, "POST https://iam.amazonaws.com/");
    for one in asked.iter().filter(|asked| !asked.name.starts_with("resolver") && !asked.name.starts_with("oncall")) {
        let service = one.name.split(' ').next().unwrap().replace("email", "ses");
        let scope = match service.as_str() {
            "iam.amazonaws.com" => "us-east-1/iam".to_owned(),
            service => format!("ap-northeast-1/{service}"),
        };
        let scope = format!("Credential=AKIDEXAMPLE/20261120/{scope}/aws4_request");
        assert!(one.authorization.starts_with("AWS4-HMAC-SHA256 ") && one.authorization.contains(&scope), "{one:?}");
    }
    // Whoever answers there is a stranger: a resolver is told a name, and an address is asked for as any phone does.
    for stranger in ["resolver", "oncall.example.com GET /health"] {
        let asked = asked.iter().find(|asked| asked.name.starts_with(stranger)).unwrap();
        assert_eq!((asked.authorization.as_str(), asked.body.as_str()), ("", ""), "{stranger}");
    }
    assert!(
        asked.iter().all(|asked| !asked.name.contains("alarm-intake%3Alive/invocations")),
        "a test alarm goes only where it is asked for"
    );
}

#[tokio::test]
async fn without_a_caller_nothing_else_is_asked() {
    let denied = "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error></ErrorResponse>";
    let aws = Aws::healthy().with_xml("sts GetCallerIdentity", 403, denied);
    let doctor = aws.looked_at(None).await;
    only(&doctor, State::Unknown, "ExpiredToken", "aws sso login");
    assert_eq!(aws.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_nobody_answers_is_not_known_to_be_nothing() {
    let aws = Aws::healthy().with_xml("sts GetCallerIdentity", 0, "dns error");
    let doctor = aws.looked_at(None).await;
    only(&doctor, State::Unknown, "GetCallerIdentity has no answer: ", "network");
    for (language, said) in [(Language::En, ["nothing that is known", "none that is known"]), (Language::Ja, ["確認できた範囲ではなし"; 2])]
    {
        let text = words::summary(language, &doctor.report);
        assert!(said.iter().all(|said| text.contains(said)), "{text}");
    }
}

#[tokio::test]
async fn a_wrong_clock_is_seen_in_the_first_answer() {
    let doctor = Aws::healthy().at("Fri, 20 Nov 2026 18:02:00 GMT").looked_at(None).await;
    only(&doctor, State::Fault, "600 s ahead of AWS's", "set the clock");
}

#[tokio::test]
async fn a_missing_permission_is_named_and_not_taken_for_a_fault() {
    let denied = json!({ "__type": "com.amazon.coral.service#AccessDeniedException", "Message": "User: x is not authorized to perform: scheduler:GetScheduleGroup" });
    let doctor = Aws::healthy().with("scheduler GET /schedule-groups/hansho", 403, &denied).looked_at(None).await;
    only(&doctor, State::Unknown, "you may not look at it (scheduler:GetScheduleGroup)", "allow your role scheduler:GetScheduleGroup");
}

#[tokio::test]
async fn functions_that_are_missing_broken_or_switched_off_are_found() {
    let name = "lambda GET /2015-03-31/functions/hansho-escalation/configuration?Qualifier=live";
    let doctor = Aws::healthy().with(name, 404, &json!({ "Message": "Function not found" })).looked_at(None).await;
    only(&doctor, State::Fault, "hansho-escalation with the alias live is not there", "terraform -chdir=infra apply");
    let failed = json!({ "State": "Failed", "StateReason": "the code can not be read", "LastUpdateStatus": "Failed", "Version": "8" });
    let doctor = Aws::healthy().with(name, 200, &failed).looked_at(None).await;
    only(&doctor, State::Fault, "the code can not be read", "scripts/deploy --rollback escalation");
    let off = json!({ "ReservedConcurrentExecutions": 0 });
    let doctor = Aws::healthy().with("lambda GET /2019-09-30/functions/hansho-delivery/concurrency", 200, &off).looked_at(None).await;
    only(&doctor, State::Fault, "hansho-delivery is switched off", "delete-function-concurrency");
    let small = json!({ "AccountLimit": { "ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10 } });
    let doctor = Aws::healthy().with("lambda GET /2016-08-19/account-settings", 200, &small).looked_at(None).await;
    only(&doctor, State::Advice, "only 10 at once", "request-service-quota-increase");
    assert_eq!(doctor.report.approvals.len(), 1);
}

#[tokio::test]
async fn a_stream_that_is_switched_off_or_fails_is_found() {
    let name = "lambda GET /2015-03-31/event-source-mappings?FunctionName=hansho-outbox-relay%3Alive";
    let mapping = |state: &str, result: &str| json!({ "EventSourceMappings": [{ "UUID": "u-7", "State": state, "LastProcessingResult": result, "EventSourceArn": "arn:aws:dynamodb:ap-northeast-1:111122223333:table/hansho/stream/x" }] });
    let doctor = Aws::healthy().with(name, 200, &mapping("Disabled", "OK")).looked_at(None).await;
    only(&doctor, State::Fault, "what feeds hansho-outbox-relay is Disabled", "update-event-source-mapping --uuid u-7 --enabled");
    let doctor = Aws::healthy().with(name, 200, &mapping("Enabled", "PROBLEM: Function call failed")).looked_at(None).await;
    only(&doctor, State::Fault, "PROBLEM: Function call failed", "/aws/lambda/hansho-outbox-relay");
    let doctor = Aws::healthy().with(name, 200, &json!({ "EventSourceMappings": [] })).looked_at(None).await;
    only(&doctor, State::Fault, "nothing feeds hansho-outbox-relay", "terraform -chdir=infra apply");
}

#[tokio::test]
async fn each_setting_of_the_table_is_looked_at() {
    let index = |name: &str| json!({ "IndexName": name });
    let table = |protection: bool, view: &str, indexes: Value| json!({ "Table": { "TableStatus": "ACTIVE", "DeletionProtectionEnabled": protection, "StreamSpecification": { "StreamEnabled": true, "StreamViewType": view }, "GlobalSecondaryIndexes": indexes } });
    let all = || json!([index("work"), index("open"), index("recent")]);
    let sick = [
        ("dynamodb DescribeTable", table(false, "NEW_IMAGE", all()), "deletion protection is off", "-var deletion_protection=true"),
        ("dynamodb DescribeTable", table(true, "KEYS_ONLY", all()), "its stream with new images is off", "terraform"),
        ("dynamodb DescribeTable", table(true, "NEW_IMAGE", json!([index("work")])), "has the indexes [\"work\"]", "half-way"),
        (
            "dynamodb DescribeContinuousBackups",
            json!({ "ContinuousBackupsDescription": { "PointInTimeRecoveryDescription": { "PointInTimeRecoveryStatus": "DISABLED" } } }),
            "point-in-time recovery is off",
            "terraform",
        ),
        (
            "dynamodb DescribeTimeToLive",
            json!({ "TimeToLiveDescription": { "TimeToLiveStatus": "DISABLED" } }),
            "time to live is off",
            "terraform",
        ),
        (
            "dynamodb Query VERSIONS",
            json!({ "Items": [{ "schema": { "N": "2" } }] }),
            "shape 2, and this command knows shape 1",
            "deploy no functions of this one",
        ),
        (
            "dynamodb Query VERSIONS",
            json!({ "Items": [] }),
            "no configuration is in force",
            "hansho apply --config on-call/ --function hansho-config:live",
        ),
        ("ssm DescribeParameters", json!({ "Parameters": [] }), "/hansho/link-key is not there", "terraform"),
        (
            "ssm DescribeParameters",
            json!({ "Parameters": [{ "Name": "/hansho/link-key", "Type": "String" }] }),
            "is not encrypted",
            "delete it",
        ),
    ];
    for (name, answer, found, to_do) in sick {
        let doctor = Aws::healthy().with(name, 200, &answer).looked_at(None).await;
        only(&doctor, State::Fault, found, to_do);
    }
}

#[tokio::test]
async fn timers_and_the_sweepers_rule_are_looked_at() {
    let missing = json!({ "Message": "Schedule Group hansho does not exist." });
    let doctor = Aws::healthy().with("scheduler GET /schedule-groups/hansho", 404, &missing).looked_at(None).await;
    only(&doctor, State::Fault, "hansho is missing: escalations wait", "terraform");
    let rule = "events DescribeRule hansho-sweeper";
    let doctor = Aws::healthy().with(rule, 200, &json!({ "State": "DISABLED" })).looked_at(None).await;
    only(&doctor, State::Fault, "hansho-sweeper is DISABLED", "terraform");
    let targets = "events ListTargetsByRule hansho-sweeper";
    let doctor = Aws::healthy().with(targets, 200, &json!({ "Targets": [] })).looked_at(None).await;
    only(&doctor, State::Fault, "hansho-sweeper does not invoke hansho-sweeper: nothing finds what was lost", "terraform");
}

#[tokio::test]
async fn dead_letters_are_found_in_every_queue() {
    let full = json!({ "Attributes": { "ApproximateNumberOfMessages": "2", "ApproximateNumberOfMessagesNotVisible": "1" } });
    let doctor = Aws::healthy().with("sqs GetQueueAttributes", 200, &full).looked_at(None).await;
    let ill = ill(&doctor);
    assert_eq!(ill.len(), 6, "{ill:?}");
    assert!(ill[0].1.contains("3 dead letters in hansho-alarm-intake-dead-letters"), "{ill:?}");
    let gone = json!({ "__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "The specified queue does not exist." });
    let doctor = Aws::healthy().with("sqs GetQueueUrl", 400, &gone).looked_at(None).await;
    assert_eq!(super::tests::ill(&doctor).len(), 8, "six of dead letters and two that wait");
}

#[tokio::test]
async fn a_restored_table_that_leaves_what_was_due_is_found_until_it_is_let_go() {
    // A quarter of an hour, and more than an hour, before now.
    let [noticed, long_ago] = [1_795_197_420_000_u64, 1_795_194_000_000].map(|at| json!({ "N": at.to_string() }));
    let item = |item: Value| Aws::healthy().with("dynamodb GetItem", 200, &json!({ "Item": item }));
    let doctor = item(json!({ "restored_at": noticed })).looked_at(None).await;
    only(
        &doctor,
        State::Fault,
        "hansho is a restored one: what was due before 2026-11-20T17:57:00Z is left until 2026-11-20T18:57:00Z",
        "`hansho resume --name hansho --region ap-northeast-1`",
    );
    for over in [json!({ "restored_at": noticed, "resumed_at": noticed }), json!({ "restored_at": long_ago })] {
        assert_eq!(ill(&item(over).looked_at(None).await), []);
    }
    assert_eq!(ill(&Aws::healthy().with("dynamodb GetItem", 200, &json!({})).looked_at(None).await), [], "nothing is written yet");
}

#[tokio::test]
async fn without_a_domain_for_mail_it_is_said_that_nobody_can_sign_in() {
    let name = "lambda GET /2015-03-31/functions/hansho-delivery/configuration?Qualifier=live";
    let aws = Aws::healthy();
    let mut delivery = aws.answer(name);
    delivery["Environment"]["Variables"]["HANSHO_EMAIL_FROM"] = json!("");
    let told = ill(&aws.with(name, 200, &delivery).looked_at(None).await);
    assert!(told.iter().any(|(state, told)| *state == State::Advice && told.contains("Nobody can sign in to the pages")), "{told:?}");
}

#[tokio::test]
async fn the_bridge_is_looked_at_where_it_is_deployed() {
    let of_bridge = |doctor: &Doctor| doctor.report.findings.iter().filter(|finding| finding.check == "bridge").count();
    let doctor = Aws::healthy().looked_at(None).await;
    assert_eq!((of_bridge(&doctor), ill(&doctor)), (0, vec![]), "it is off unless somebody asks for it");
    let doctor = Aws::healthy().with_bridge().looked_at(None).await;
    assert_eq!((of_bridge(&doctor), ill(&doctor)), (4, vec![]), "two sources, its dead letters, what waits");
    let mapping = |source: &str, state: &str| json!({ "UUID": "u-2", "State": state, "LastProcessingResult": "OK", "EventSourceArn": format!("arn:aws:{source}:x") });
    for (mappings, found, to_do) in [
        (json!([mapping("dynamodb", "Enabled")]), "nothing is told to Systems Manager", "terraform"),
        (json!([mapping("dynamodb", "Disabled"), mapping("sqs", "Enabled")]), "is Disabled: incidents are told", "--uuid u-2 --enabled"),
    ] {
        let mappings = json!({ "EventSourceMappings": mappings });
        let doctor = Aws::healthy().with_bridge().with(super::canned::BRIDGE_MAPPINGS, 200, &mappings).looked_at(None).await;
        only(&doctor, State::Fault, found, to_do);
    }
    let full = json!({ "Attributes": { "ApproximateNumberOfMessages": "101", "ApproximateNumberOfMessagesNotVisible": "0" } });
    let doctor = Aws::healthy().with_bridge().with("sqs GetQueueAttributes", 200, &full).looked_at(None).await;
    let told: Vec<String> = ill(&doctor).into_iter().map(|(_, told)| told).filter(|told| told.starts_with("bridge: ")).collect();
    assert!(told.len() == 2 && told[0].contains("101 dead letters") && told[1].contains("Systems Manager is told late"), "{told:?}");
}

#[tokio::test]
async fn a_heartbeat_that_stopped_and_alarms_that_are_on_or_mute_are_found() {
    let old = json!({ "Datapoints": [{ "Timestamp": 1_795_197_900, "Sum": 1.0 }] });
    let doctor = Aws::healthy().with("monitoring GetMetricStatistics", 200, &old).looked_at(None).await;
    only(&doctor, State::Fault, "last heartbeat was at 2026-11-20T18:05:00Z", "/aws/lambda/hansho-sweeper");
    let doctor = Aws::healthy().with("monitoring GetMetricStatistics", 200, &json!({ "Datapoints": [] })).looked_at(None).await;
    only(&doctor, State::Fault, "no heartbeat for ten minutes", "/aws/lambda/hansho-sweeper");
    let alarm = |state: &str, enabled: bool| {
        let mut alarm = well_alarm("heartbeat");
        (alarm["AlarmDescription"], alarm["StateValue"], alarm["ActionsEnabled"]) =
            (json!("Look at the sweeper."), json!(state), json!(enabled));
        json!({ "MetricAlarms": [alarm, well_alarm("sms-spend")] })
    };
    let doctor = Aws::healthy().with("monitoring DescribeAlarms", 200, &alarm("ALARM", true)).looked_at(None).await;
    only(&doctor, State::Fault, "\"hansho: heartbeat\" is on", "Look at the sweeper.");
    let doctor = Aws::healthy().with("monitoring DescribeAlarms", 200, &alarm("OK", false)).looked_at(None).await;
    only(&doctor, State::Fault, "tells nobody", "enable-alarm-actions");
    let one = json!({ "MetricAlarms": [well_alarm("heartbeat")] });
    let doctor = Aws::healthy().with("monitoring DescribeAlarms", 200, &one).looked_at(None).await;
    only(&doctor, State::Fault, "1 of 2 alarms on Hansho itself are missing: sms-spend", "terraform");
    let mut mute = well_alarm("sms-spend");
    mute["AlarmActions"] = json!(["arn:aws:sns:ap-northeast-1:111122223333:somebody-elses"]);
    let mute = json!({ "MetricAlarms": [well_alarm("heartbeat"), mute] });
    let doctor = Aws::healthy().with("monitoring DescribeAlarms", 200, &mute).looked_at(None).await;
    only(&doctor, State::Fault, "\"hansho: sms-spend\" tells nobody: the topic arn:aws:sns:", "terraform");
    let doctor = Aws::healthy().with("monitoring DescribeAlarms", 200, &json!({ "MetricAlarms": [] })).looked_at(None).await;
    only(&doctor, State::Fault, "there are no alarms on Hansho itself", "terraform");
}

#[tokio::test]
async fn operators_who_have_not_confirmed_hear_of_nothing() {
    let pending = "<Subscriptions><member><Protocol>email</Protocol><Endpoint>ops@example.com</Endpoint><SubscriptionArn>PendingConfirmation</SubscriptionArn></member></Subscriptions>";
    let pending = xml("ListSubscriptionsByTopic", pending);
    let alarms = "sns ListSubscriptionsByTopic hansho-operators";
    let found = ill(&Aws::healthy().with_xml(alarms, 200, &pending).looked_at(None).await);
    assert!(
        found.len() == 2 && found[0].1.contains("1 addresses of operators are not confirmed") && found[1].1.contains("nobody hears"),
        "{found:?}"
    );
    // What is over has a topic of its own, which phones are not on.
    let over = "sns ListSubscriptionsByTopic hansho-operators-ok";
    let doctor = Aws::healthy().with_xml(over, 200, &pending).looked_at(None).await;
    only(&doctor, State::Advice, "and not when that is over", "Subscription Confirmation");
    let phone = xml(
        "ListSubscriptionsByTopic",
        "<Subscriptions><member><Protocol>sms</Protocol><Endpoint>+819000000009</Endpoint><SubscriptionArn>arn:aws:sns:x</SubscriptionArn></member></Subscriptions>",
    );
    let aws = Aws::healthy().with_xml(alarms, 200, &phone).with_xml(over, 404, "<R><Error><Code>NotFound</Code></Error></R>");
    assert_eq!(ill(&aws.looked_at(None).await), [], "with phones only there is no such topic, and nobody asks for it");
}

#[tokio::test]
async fn mail_that_is_not_verified_not_allowed_or_goes_elsewhere_is_found() {
    let identity = "email GET /v2/email/identities/oncall.example.com";
    let doctor = Aws::healthy()
        .with(identity, 200, &json!({ "VerifiedForSendingStatus": false, "DkimAttributes": { "Status": "PENDING" } }))
        .looked_at(None)
        .await;
    only(&doctor, State::Fault, "not verified (DKIM: PENDING)", "dns_records");
    assert!(doctor.report.reach.iter().any(|reach| reach.who == "aiko" && reach.method == "email" && !reach.works));
    let paused = json!({ "ProductionAccessEnabled": true, "SendingEnabled": false, "EnforcementStatus": "SHUTDOWN" });
    let doctor = Aws::healthy().with("email GET /v2/email/account", 200, &paused).looked_at(None).await;
    only(&doctor, State::Fault, "SHUTDOWN", "AWS Support");
    let mx = "resolver.example GET /dns-query?name=oncall.example.com&type=MX";
    let other = json!({ "Answer": [{ "type": 15, "data": "1 aspmx.l.google.com." }] });
    let doctor = Aws::healthy().with(mx, 200, &other).looked_at(None).await;
    only(&doctor, State::Fault, "is aspmx.l.google.com, not inbound-smtp.ap-northeast-1.amazonaws.com", "MX 10 inbound-smtp");
    let doctor = Aws::healthy().with(mx, 503, &json!({})).looked_at(None).await;
    only(&doctor, State::Unknown, "could not be asked for", "dig +short MX oncall.example.com");
    let none = xml("DescribeActiveReceiptRuleSet", "<Metadata><Name>other</Name></Metadata>");
    let doctor = Aws::healthy().with_xml("email DescribeActiveReceiptRuleSet", 200, &none).looked_at(None).await;
    only(&doctor, State::Fault, "no active receipt rule", "receipt_rule_set");
    let stop = receipt_rule("older", "<member><StopAction><Scope>RuleSet</Scope></StopAction></member>");
    let bounce = receipt_rule("other", "<member><BounceAction><Sender>a@example.com</Sender></BounceAction></member>");
    let bucket = "<member><S3Action><BucketName>mails</BucketName></S3Action></member>";
    let other = "<member><LambdaAction><FunctionArn>arn:aws:lambda:ap-northeast-1:111122223333:function:other</FunctionArn></LambdaAction></member>";
    for (rules, found, to_do) in [
        (bounce, "the receipt rule for oncall.example.com does not put mails into mails", "terraform"),
        (receipt_rule("hansho-intake", &format!("{bucket}{other}")), "tell hansho-email-intake: they do not come here", "terraform"),
        (stop, "the receipt rule older takes mails for oncall.example.com first", "set-receipt-rule-position"),
    ] {
        let rules = xml("DescribeActiveReceiptRuleSet", &format!("<Rules>{rules}</Rules>"));
        let doctor = Aws::healthy().with_xml("email DescribeActiveReceiptRuleSet", 200, &rules).looked_at(None).await;
        only(&doctor, State::Fault, found, to_do);
    }
}

#[tokio::test]
async fn text_messages_near_their_limit_and_senders_that_were_sent_back_are_found() {
    let limit = |usd: &str| {
        xml("GetSMSAttributes", &format!("<attributes><entry><key>MonthlySpendLimit</key><value>{usd}</value></entry></attributes>"))
    };
    let doctor = Aws::healthy().with_xml("sns GetSMSAttributes", 200, &limit("0.6")).looked_at(None).await;
    only(&doctor, State::Fault, "0.50 of this month's 0.60 USD are spent", "SMS account spending quota");
    let no = "<ErrorResponse><Error><Code>AuthorizationError</Code><Message>no</Message></Error></ErrorResponse>";
    let doctor = Aws::healthy().with_xml("sns GetSMSAttributes", 403, no).looked_at(None).await;
    let told = ill(&doctor);
    assert!(told[0].0 == State::Unknown && told[0].1.contains("you may not look at it (sns:GetSMSAttributes)"), "{told:?}");
    let texts: Vec<_> = doctor.report.reach.iter().filter(|reach| reach.method == "sms").collect();
    assert!(texts.len() == 3 && texts.iter().all(|reach| !reach.works && reach.because.en == "could not be asked"), "{texts:?}");
    let doctor = Aws::healthy().with("monitoring DescribeAlarms", 200, &json!({ "MetricAlarms": [well_alarm("heartbeat")] }));
    let doctor = doctor.without_alarm("sms-spend").looked_at(None).await;
    only(&doctor, State::Advice, "nobody is told before this month's 50.00 USD are spent, 0.50 of them so far", "monthly_limit_usd = 50");
    let back = json!({ "Registrations": [{ "RegistrationId": "r-1", "RegistrationType": "US_TOLL_FREE_REGISTRATION", "RegistrationStatus": "REQUIRES_UPDATES" }] });
    let doctor = Aws::healthy().with("sms-voice DescribeRegistrations", 200, &back).looked_at(None).await;
    only(&doctor, State::Fault, "US_TOLL_FREE_REGISTRATION r-1 was sent back", "Registrations");
}

/// An account on its first day: everything is in a sandbox, and one phone is verified.
fn first_day() -> Aws {
    let numbers = "<PhoneNumbers><member><PhoneNumber>+819012340001</PhoneNumber><Status>Verified</Status></member><member><PhoneNumber>+819012340002</PhoneNumber><Status>Pending</Status></member></PhoneNumbers>";
    let review = json!({ "RegistrationId": "r-2", "RegistrationType": "JP_SENDER_ID", "RegistrationStatus": "REVIEWING" });
    let unknown = json!({ "message": "Email identity does not exist." });
    Aws::healthy()
        .with_xml("sns GetSMSSandboxAccountStatus", 200, &xml("GetSMSSandboxAccountStatus", "<IsInSandbox>true</IsInSandbox>"))
        .with_xml("sns ListSMSSandboxPhoneNumbers", 200, &xml("ListSMSSandboxPhoneNumbers", numbers))
        .with_xml("sns GetSMSAttributes", 200, &xml("GetSMSAttributes", "<attributes/>"))
        .with("email GET /v2/email/account", 200, &json!({ "ProductionAccessEnabled": false, "SendingEnabled": true, "EnforcementStatus": "HEALTHY", "Details": { "ReviewDetails": { "Status": "PENDING" } } }))
        .with("email GET /v2/email/identities/aiko%40example.jp", 404, &unknown)
        .with("email GET /v2/email/identities/example.jp", 404, &unknown)
        .with("sms-voice DescribeRegistrations", 200, &json!({ "Registrations": [review] }))
}

#[tokio::test]
async fn on_the_first_day_the_verified_phone_rings_and_every_approval_is_told_with_its_lead_time() {
    let aws = first_day().with(
        "monitoring GetMetricStatistics",
        200,
        &json!({ "Datapoints": [{ "Timestamp": 1_795_198_230, "Sum": 1.0, "Maximum": 0.1 }] }),
    );
    let doctor = aws.looked_at(None).await;
    let text = words::summary(Language::En, &doctor.report);
    let (working, others) = text.split_once("What can not:").unwrap();
    assert!(working.contains("aiko") && working.contains("+81******0001") && working.contains("verified in the sandbox"), "{text}");
    assert!(working.contains("chie") && !working.contains("ben"), "a webhook needs no approval, and ben's number is pending: {text}");
    assert!(others.contains("ben") && others.contains("not verified in the sandbox"), "{text}");
    let approvals: Vec<(&str, bool)> =
        doctor.report.approvals.iter().map(|approval| (approval.what.en.as_str(), approval.is_asked_for)).collect();
    let expected = [
        ("SES: mails to everybody (production access)", true),
        ("SNS: text messages to everybody (production)", false),
        ("SNS: a higher limit for text messages than 1 USD a month", false),
        ("sender number: JP_SENDER_ID r-2 is REVIEWING", true),
    ];
    assert_eq!(approvals, expected);
    assert!(doctor.report.approvals.iter().all(|approval| !approval.lead_time.en.is_empty() && !approval.lead_time.ja.is_empty()));
    assert!(text.contains("(asked for; a first answer within 24 hours)"), "{text}");
    assert!(
        ill(&doctor)
            .iter()
            .any(|(state, told)| *state == State::Advice && told.contains("2 of 3 people are reached today, 1 of them by a phone"))
    );
}

#[tokio::test]
async fn whoever_has_an_address_of_the_example_is_not_said_to_be_reached() {
    let example = [("people.yaml".to_owned(), include_str!("../../../example/people.yaml").to_owned())];
    let files = example.into_iter().chain([("rest.yaml".to_owned(), "fallback: [team/sre]\n".to_owned())]).collect();
    let exported = json!({ "result": "exported", "version": 3, "in_force": null, "files_gzip": hansho_config::pack(&files).unwrap() });
    let aws = Aws::healthy().with("lambda POST /2015-03-31/functions/hansho-config%3Alive/invocations", 200, &exported);
    let doctor = aws.looked_at(None).await;
    let people: Vec<_> = doctor.report.reach.iter().filter(|reach| reach.who != "operators").collect();
    assert_eq!(people.len(), 8);
    assert!(people.iter().all(|reach| !reach.works && reach.because.en == "kept for examples: nobody has it"), "{people:?}");
    let told = ill(&doctor);
    assert!(told.iter().any(|(state, told)| *state == State::Fault && told.contains("0 of 4 people are reached today")), "{told:?}");
}

#[tokio::test]
async fn where_no_phone_rings_the_fastest_way_to_one_is_told() {
    let aws = first_day().with_xml("sns ListSMSSandboxPhoneNumbers", 200, &xml("ListSMSSandboxPhoneNumbers", "<PhoneNumbers/>"));
    let doctor = aws.looked_at(None).await;
    let finding = doctor.report.findings.iter().find(|finding| finding.check == "people").unwrap();
    assert_eq!(finding.state, State::Fault);
    let to_do = &finding.to_do.as_ref().unwrap().en;
    assert!(to_do.contains("create-sms-sandbox-phone-number") && to_do.contains("verify-sms-sandbox-phone-number"), "{to_do}");
}

fn delivery(state: &str, reason: &str) -> Value {
    json!({ "state": { "S": state }, "reason": { "S": reason }, "body": { "S": r#"{"user":"aiko","method":"sms"}"# } })
}

fn with_alarms(aws: Aws, items: &Value) -> Aws {
    let opened = json!({ "results": [{ "result": "resolved", "incident": "01JD0000000000000000000000" }] });
    aws.with("lambda POST /2015-03-31/functions/hansho-alarm-intake%3Alive/invocations", 200, &opened).with(
        "dynamodb Query INCIDENT",
        200,
        &json!({ "Items": items }),
    )
}

#[tokio::test]
async fn a_test_alarm_goes_through_as_a_test_and_is_resolved() {
    let aws = with_alarms(Aws::healthy(), &json!([delivery("sent", "")]));
    let doctor = aws.looked_at(Some("checkout")).await;
    assert_eq!(ill(&doctor), []);
    let told = &doctor.report.findings.last().unwrap().found.en;
    assert!(told.contains("a test alarm for checkout was sent to aiko by sms within 0 s"), "{told}");
    let asked = aws.asked.lock().unwrap().clone();
    let alarms: Vec<Value> = asked
        .iter()
        .filter(|asked| asked.name.contains("alarm-intake%3Alive"))
        .map(|asked| serde_json::from_str(&asked.body).unwrap())
        .collect();
    let states: Vec<&str> = alarms.iter().map(|alarm| alarm["alarmData"]["state"]["value"].as_str().unwrap()).collect();
    assert_eq!(states, ["ALARM", "OK"]);
    assert_eq!(alarms[0]["alarmArn"], alarms[1]["alarmArn"]);
    assert_eq!(alarms[0]["alarmData"]["alarmName"], "TEST by hansho doctor, nothing is broken (18:12:00Z)");
    assert_eq!(alarms[0]["alarmData"]["configuration"]["description"], "service: checkout\nseverity: critical");
    let query: Value = serde_json::from_str(&asked.iter().find(|asked| asked.name == "dynamodb Query INCIDENT").unwrap().body).unwrap();
    assert_eq!(
        query["ExpressionAttributeValues"],
        json!({ ":pk": { "S": "INCIDENT#01JD0000000000000000000000" }, ":sk": { "S": "DELIVERY#" } })
    );
}

#[tokio::test]
async fn a_test_alarm_that_reaches_nobody_says_why() {
    let aws = with_alarms(Aws::healthy(), &json!([delivery("failed", "the number is opted out")]));
    only(
        &aws.looked_at(Some("checkout")).await,
        State::Fault,
        "it did not reach aiko by sms: the number is opted out",
        "what can wake somebody",
    );
    let aws = with_alarms(Aws::healthy(), &json!([delivery("pending", "")]));
    only(
        &aws.looked_at(Some("checkout")).await,
        State::Fault,
        "after two minutes nobody was sent it: 1 deliveries",
        "/aws/lambda/hansho-outbox-relay",
    );
    let aws = Aws::healthy();
    only(&aws.looked_at(Some("chekout")).await, State::Fault, "there is no service chekout, so nothing was sent", "name one of");
    assert!(
        aws.asked.lock().unwrap().iter().all(|asked| !asked.name.contains("alarm-intake%3Alive")),
        "an unknown service would page the fallback"
    );
}
