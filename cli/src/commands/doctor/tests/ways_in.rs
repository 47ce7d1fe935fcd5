//! What lets an alarm in, and what functions may do: well, and taken out piece by piece.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Aws, State, canned, ill, only};

/// Every door of a function that is well, one of them closed.
fn with_one_closed(function: &str, closed: usize) -> (Value, String) {
    let healthy = Aws::healthy().answer(&canned::policy_of(function));
    let mut policy: Value = serde_json::from_str(healthy["Policy"].as_str().unwrap()).unwrap();
    let statement = policy["Statement"].as_array_mut().unwrap().remove(closed);
    let principal = statement["Principal"]["Service"].as_str().unwrap().to_owned();
    (json!({ "Policy": policy.to_string() }), principal)
}

#[tokio::test]
async fn each_of_those_who_have_to_be_let_in_is_missed() {
    for (function, doors, told) in [
        (
            "alarm-intake",
            5,
            [
                "alarms of the account 111122223333",
                "alarms of the account 444455556666",
                "the topic arn:aws:sns:",
                "the rule default/hansho-canary",
                "the rule hansho/hansho-alarms-forwarded",
            ]
            .as_slice(),
        ),
        ("sweeper", 1, &["the rule default/hansho-sweeper"]),
        ("api", 1, &["the HTTP API"]),
        ("email-intake", 1, &["mail that SES receives"]),
        ("delivery", 2, &["the topic arn:aws:sns:ap-northeast-1:111122223333:hansho-mail-reports", "text messages that failed"]),
    ] {
        for (closed, told) in (0..doors).zip(told) {
            let (policy, principal) = with_one_closed(function, closed);
            let doctor = Aws::healthy().with(&canned::policy_of(function), 200, &policy).looked_at(None).await;
            only(
                &doctor,
                State::Fault,
                &format!("may not invoke hansho-{function}: what comes from there is lost"),
                "terraform -chdir=infra apply",
            );
            let found = &ill(&doctor)[0].1;
            assert!(found.contains(told), "{principal}: {found}");
        }
    }
}

#[tokio::test]
async fn a_function_that_lets_nobody_in_is_found_and_a_policy_that_can_not_be_asked_for_is_no_fault() {
    let none = json!({ "Message": "The resource you requested does not exist." });
    let doctor = Aws::healthy().with(&canned::policy_of("alarm-intake"), 404, &none).looked_at(None).await;
    assert_eq!(ill(&doctor).len(), 5, "{:?}", ill(&doctor));
    let denied = json!({ "__type": "AccessDeniedException", "Message": "no" });
    let doctor = Aws::healthy().with(&canned::policy_of("alarm-intake"), 403, &denied).looked_at(None).await;
    only(&doctor, State::Unknown, "you may not look at it (lambda:GetPolicy)", "allow your role lambda:GetPolicy");
}

#[tokio::test]
async fn a_statement_that_is_for_something_else_lets_nobody_in() {
    let source = "arn:aws:execute-api:ap-northeast-1:111122223333:a1b2c3/*/*";
    let good = canned::policy("api", &[("apigateway.amazonaws.com", source.to_owned())]);
    let text = good["Policy"].as_str().unwrap();
    for (old, new) in [
        (":hansho-api:live", ":hansho-api"),
        ("\"Allow\"", "\"Deny\""),
        ("lambda:InvokeFunction", "lambda:InvokeFunctionUrl"),
        ("ArnLike", "ArnNotLike"),
        ("AWS:SourceArn", "lambda:FunctionUrlAuthType"),
        ("a1b2c3", "another"),
    ] {
        let changed = text.replace(old, new);
        assert_ne!(changed, text, "{old}");
        let doctor = Aws::healthy().with(&canned::policy_of("api"), 200, &json!({ "Policy": changed })).looked_at(None).await;
        only(&doctor, State::Fault, "the HTTP API may not invoke hansho-api", "terraform");
    }
    for (old, new) in [
        ("{\"AWS:SourceArn\":", "{\"AWS:SourceAccount\":[\"111122223333\"],\"AWS:SourceArn\":"),
        ("\"lambda:InvokeFunction\"", "[\"lambda:InvokeFunction\"]"),
        ("ArnLike", "ArnEquals"),
    ] {
        let changed = text.replace(old, new);
        assert_ne!(changed, text, "{old}");
        let doctor = Aws::healthy().with(&canned::policy_of("api"), 200, &json!({ "Policy": changed })).looked_at(None).await;
        assert_eq!(ill(&doctor), [], "{changed}");
    }
}

#[tokio::test]
async fn a_topic_that_reaches_no_function_is_found() {
    let member = |protocol: &str, endpoint: &str, arn: &str| {
        canned::subscriptions(&format!(
            "<member><Protocol>{protocol}</Protocol><Endpoint>{endpoint}</Endpoint><SubscriptionArn>{arn}</SubscriptionArn></member>"
        ))
    };
    let live = "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-alarm-intake:live";
    let asked = "sns ListSubscriptionsByTopic hansho-alarms";
    for subscriptions in [
        canned::subscriptions(""),
        member("lambda", live, "PendingConfirmation"),
        member("lambda", live.trim_end_matches(":live"), "arn:aws:sns:x"),
        member("sqs", live, "arn:aws:sns:x"),
    ] {
        let doctor = Aws::healthy().with_xml(asked, 200, &subscriptions).looked_at(None).await;
        only(
            &doctor,
            State::Fault,
            "hansho-alarm-intake is not subscribed to arn:aws:sns:ap-northeast-1:111122223333:hansho-alarms",
            "terraform",
        );
    }
    let gone = "<ErrorResponse><Error><Code>NotFound</Code><Message>Topic does not exist</Message></Error></ErrorResponse>";
    let doctor = Aws::healthy().with_xml(asked, 404, gone).looked_at(None).await;
    only(&doctor, State::Fault, "is not subscribed", "terraform");
}

#[tokio::test]
async fn rules_that_are_off_gone_or_lead_elsewhere_are_found() {
    let gone = json!({ "__type": "ResourceNotFoundException", "message": "Rule does not exist" });
    for (name, status, answer, found) in [
        ("events DescribeRule hansho-canary", 200, json!({ "State": "DISABLED" }), "hansho-canary is DISABLED: its events do not come in"),
        ("events DescribeRule hansho-alarms-forwarded", 400, gone, "hansho-alarms-forwarded is missing: its events do not come in"),
        (
            "events ListTargetsByRule hansho-alarms-forwarded",
            200,
            json!({ "Targets": [] }),
            "hansho-alarms-forwarded does not invoke hansho-alarm-intake",
        ),
        (
            "events ListTargetsByRule hansho-canary",
            200,
            json!({ "Targets": [{ "Id": "1", "Arn": "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-alarm-intake" }] }),
            "hansho-canary does not invoke hansho-alarm-intake",
        ),
    ] {
        let doctor = Aws::healthy().with(name, status, &answer).looked_at(None).await;
        only(&doctor, State::Fault, found, "terraform");
    }
    let aws = Aws::healthy();
    let _ = aws.looked_at(None).await;
    let asked = aws.asked.lock().unwrap();
    let bodies: Vec<&str> =
        asked.iter().filter(|asked| asked.name.starts_with("events ListTargetsByRule")).map(|asked| asked.body.as_str()).collect();
    assert!(bodies.contains(&r#"{"EventBusName":"hansho","Rule":"hansho-alarms-forwarded"}"#), "{bodies:?}");
}

#[tokio::test]
async fn a_deployment_that_does_not_say_what_belongs_to_it_is_told_to_be_applied() {
    let missing = json!({ "__type": "ParameterNotFound", "message": "" });
    let doctor = Aws::healthy().with("ssm GetParameter", 400, &missing).looked_at(None).await;
    only(&doctor, State::Fault, "/hansho/deployment does not say what belongs to the deployment", "terraform -chdir=infra apply");
    let doctor = Aws::healthy().with("ssm GetParameter /hansho/deployment/1", 400, &missing).looked_at(None).await;
    only(&doctor, State::Fault, "/hansho/deployment/1 does not say what belongs to the deployment", "terraform -chdir=infra apply");
    let other = json!({ "Parameter": { "Value": "{\"alarms\":3}" } });
    let doctor = Aws::healthy().with("ssm GetParameter", 200, &other).looked_at(None).await;
    only(&doctor, State::Unknown, "/hansho/deployment can not be read", "the command of the deployment's version");
}

#[tokio::test]
async fn an_address_that_leads_nowhere_or_elsewhere_is_found() {
    let health = "oncall.example.com GET /health";
    let doctor = Aws::healthy().with_xml(health, 0, "dns error").looked_at(None).await;
    only(&doctor, State::Fault, "https://oncall.example.com does not answer (", "dns_records");
    let doctor = Aws::healthy().with(health, 503, &json!({ "message": "Service Unavailable" })).looked_at(None).await;
    only(&doctor, State::Fault, "/health answers 503 {\"message\":\"Service Unavailable\"}", "/aws/lambda/hansho-api");
    for (status, answer) in [(403, "{\"message\":\"Forbidden\"}"), (200, "<html>parked</html>")] {
        let doctor = Aws::healthy().with_xml(health, status, answer).looked_at(None).await;
        only(&doctor, State::Fault, &format!("/health answers {status} {answer}"), "where its DNS record points");
    }
}

#[tokio::test]
async fn what_a_role_may_not_do_is_found_and_what_nobody_may_ask_is_not_taken_for_allowed() {
    let question = "iam.amazonaws.com SimulatePrincipalPolicy";
    let aws = Aws::healthy().with_xml(&format!("{question} hansho-scheduler"), 200, canned::NONE_ALLOWED);
    let told = ill(&aws.looked_at(None).await);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[2].1.contains("may not sqs:SendMessage on arn:aws:sqs:ap-northeast-1:111122223333:hansho-scheduler-beats"), "{told:?}");
    assert!(told[0].1.contains("the role hansho-scheduler may not lambda:InvokeFunction on arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-escalation:live"), "{told:?}");
    let one = "<R><SimulatePrincipalPolicyResult><EvaluationResults><member><EvalActionName>sqs:SendMessage</EvalActionName><EvalDecision>allowed</EvalDecision></member></EvaluationResults></SimulatePrincipalPolicyResult></R>";
    let doctor = Aws::healthy().with_xml(&format!("{question} hansho-scheduler"), 200, one).looked_at(None).await;
    only(&doctor, State::Fault, "may not lambda:InvokeFunction on", "permissions boundary");
    let gone = "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>The role can not be found.</Message></Error></ErrorResponse>";
    let doctor = Aws::healthy().with_xml(&format!("{question} hansho-delivery"), 404, gone).looked_at(None).await;
    only(&doctor, State::Fault, "the role hansho-delivery is not there", "terraform");
    let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>";
    let doctor = Aws::healthy().with_xml(question, 403, denied).looked_at(None).await;
    only(&doctor, State::Unknown, "you may not look at it (iam:SimulatePrincipalPolicy)", "allow your role iam:SimulatePrincipalPolicy");
}

#[tokio::test]
async fn a_role_is_asked_about_each_part_that_the_sweeper_watches_and_about_text_messages() {
    let aws = Aws::healthy();
    let _ = aws.looked_at(None).await;
    let asked = aws.asked.lock().unwrap();
    let of = |role: &str, action: &str| -> Vec<String> {
        let of_role = |body: &str| body.contains(&format!("role%2Fhansho-{role}&"));
        let found = asked.iter().filter(|asked| of_role(&asked.body) && asked.body.contains(action));
        let resource = |body: &str| body.split("ResourceArns.member.1=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        found.map(|asked| resource(&asked.body)).collect()
    };
    let arn = |rest: &str| format!("arn%3Aaws%3Alambda%3Aap-northeast-1%3A111122223333%3A{rest}");
    assert_eq!(of("sweeper", "GetFunctionConcurrency"), [arn("function%3Ahansho-api"), arn("function%3Ahansho-delivery")]);
    assert_eq!(of("sweeper", "GetEventSourceMapping"), [arn("event-source-mapping%3A24e7b040-dd72")]);
    assert_eq!(of("outbox-relay", "GetFunctionConcurrency"), Vec::<String>::new(), "it watches nothing");
    let queues = ["deliveries", "timers"].map(|name| format!("arn%3Aaws%3Asqs%3Aap-northeast-1%3A111122223333%3Ahansho-{name}"));
    assert_eq!(of("sweeper", "GetQueueAttributes"), queues);
    let mails = ["identity%2Foncall.example.com", "configuration-set%2Fhansho-mails"];
    assert_eq!(
        of("delivery", "ses%3ASendEmail"),
        mails.map(|resource| format!("arn%3Aaws%3Ases%3Aap-northeast-1%3A111122223333%3A{resource}"))
    );
    assert_eq!((of("delivery", "sns%3APublish"), of("outbox-relay", "ListStreams")), (vec!["*".to_owned()], vec!["*".to_owned()]));
}

/// Actions of a policy in Terraform, and not keys of conditions.
fn actions_in(written: &str) -> BTreeSet<String> {
    let quoted = written.split('"').filter(|text| text.split_once(':').is_some_and(|(_, name)| name.starts_with(char::is_uppercase)));
    let actions = quoted.filter(|text| text.chars().all(|c| c.is_ascii_alphanumeric() || "-:".contains(c)));
    let is_key = |text: &str| text.starts_with("aws:") || matches!(text, "iam:PassedToService" | "ses:FromAddress" | "sts:AssumeRole");
    actions.filter(|text| !is_key(text)).map(str::to_owned).collect()
}

#[tokio::test]
async fn everything_that_terraform_lets_a_function_do_is_asked_about() {
    let aws = Aws::healthy().with_bridge();
    assert_eq!(ill(&aws.looked_at(None).await), []);
    let asked = aws.asked.lock().unwrap();
    let simulated = asked.iter().filter(|asked| asked.name.starts_with("iam.amazonaws.com"));
    let of_actions = simulated.flat_map(|asked| form_urlencoded::parse(asked.body.as_bytes()).into_owned().collect::<Vec<_>>());
    let asked_about: BTreeSet<String> = of_actions.filter(|(key, _)| key.starts_with("ActionNames.")).map(|(_, action)| action).collect();
    let bridge = include_str!("../../../../../infra/bridge.tf").split("# --- what the other side says").next().unwrap();
    for written in
        [include_str!("../../../../../infra/permissions.tf"), bridge, include_str!("../../../../../infra/modules/function/main.tf")]
    {
        let allowed = actions_in(written);
        assert!(allowed.len() >= 5, "{allowed:?}");
        let not_asked: Vec<&String> = allowed.difference(&asked_about).collect();
        assert!(not_asked.is_empty(), "the doctor does not ask about {not_asked:?}");
    }
}

#[tokio::test]
async fn what_the_bridge_and_the_streams_reader_may_not_do_is_found() {
    let question = "iam.amazonaws.com SimulatePrincipalPolicy";
    let aws = Aws::healthy().with_bridge().with_xml(&format!("{question} hansho-incident-manager-bridge"), 200, canned::NONE_ALLOWED);
    let told = ill(&aws.looked_at(None).await);
    let may_not = |actions: &str, on: &str| {
        let sentence = format!("the role hansho-incident-manager-bridge may not {actions} on {on}");
        assert!(told.iter().any(|(_, told)| told.ends_with(&sentence)), "{sentence}: {told:#?}");
    };
    may_not("ssm-incidents:StartIncident", canned::PLAN);
    may_not(
        "ssm-incidents:CreateTimelineEvent, ssm-incidents:GetIncidentRecord, ssm-incidents:UpdateIncidentRecord, ssm-incidents:UpdateRelatedItems",
        "arn:aws:ssm-incidents::111122223333:incident-record/checkout/any",
    );
    may_not("ssm:GetOpsItem, ssm:UpdateOpsItem", "arn:aws:ssm:ap-northeast-1:111122223333:opsitem/any");
    may_not("dynamodb:DescribeStream, dynamodb:GetRecords, dynamodb:GetShardIterator", canned::STREAM);
    let aws = Aws::healthy().with_xml(&format!("{question} hansho-incident-manager-bridge"), 200, canned::NONE_ALLOWED);
    assert_eq!(ill(&aws.looked_at(None).await), [], "without a bridge nobody asks about its role");
    let aws = Aws::healthy().with_xml(&format!("{question} hansho-outbox-relay"), 200, canned::NONE_ALLOWED);
    let told = ill(&aws.looked_at(None).await);
    assert!(told.iter().any(|(_, told)| told.contains("dynamodb:GetRecords") && told.ends_with(canned::STREAM)), "{told:#?}");
}

#[tokio::test]
async fn a_role_is_asked_about_the_sender_and_the_service_that_its_conditions_name() {
    let aws = Aws::healthy();
    let _ = aws.looked_at(None).await;
    let asked = aws.asked.lock().unwrap();
    let of = |role: &str, action: &str| {
        let found = asked.iter().find(|asked| asked.body.contains(&format!("role%2Fhansho-{role}&")) && asked.body.contains(action));
        found.unwrap_or_else(|| panic!("{role} was not asked about {action}")).body.clone()
    };
    assert!(of("delivery", "ses%3ASendEmail").ends_with("ContextKeyName=ses%3AFromAddress&ContextEntries.member.1.ContextKeyType=string&ContextEntries.member.1.ContextKeyValues.member.1=hansho%40oncall.example.com"));
    assert!(of("sweeper", "iam%3APassRole").contains("ContextKeyValues.member.1=scheduler.amazonaws.com"));
    assert!(of("email-intake", "s3%3AGetObject").contains("ResourceArns.member.1=arn%3Aaws%3As3%3A%3A%3Amails%2Fany"));
}
