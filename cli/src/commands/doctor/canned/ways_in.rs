//! What lets an alarm in, and what functions may do, as it should be.

use serde_json::{Value, json};

use super::{ACCOUNT, Aws};

/// The topic of alarms.
const TOPIC: &str = "arn:aws:sns:ap-northeast-1:111122223333:hansho-alarms";
/// A response plan of Incident Manager.
pub(in super::super) const PLAN: &str = "arn:aws:ssm-incidents::111122223333:response-plan/checkout";
/// An answer in which each action that was asked about is allowed.
pub(super) const ALL_ALLOWED: &str = "all allowed";
/// The same, in which none is.
pub(in super::super) const NONE_ALLOWED: &str = "none allowed";

/// The question for the policy of a function.
pub(in super::super) fn policy_of(function: &str) -> String {
    format!("lambda GET /2015-03-31/functions/hansho-{function}/policy?Qualifier=live")
}

/// A policy that lets these in, as Lambda writes it.
pub(in super::super) fn policy(function: &str, doors: &[(&str, String)]) -> Value {
    let resource = format!("arn:aws:lambda:ap-northeast-1:{ACCOUNT}:function:hansho-{function}:live");
    let statements: Vec<Value> = doors
        .iter()
        .map(|(principal, source)| {
            json!({
                "Effect": "Allow", "Principal": { "Service": principal }, "Action": "lambda:InvokeFunction", "Resource": resource,
                "Condition": { "ArnLike": { "AWS:SourceArn": source } },
            })
        })
        .collect();
    json!({ "Policy": json!({ "Version": "2012-10-17", "Statement": statements }).to_string() })
}

/// Subscriptions of a topic.
pub(in super::super) fn subscriptions(members: &str) -> String {
    format!("<R><ListSubscriptionsByTopicResult><Subscriptions>{members}</Subscriptions></ListSubscriptionsByTopicResult></R>")
}

/// An alarm on Hansho itself that is as it should be.
pub(in super::super) fn well_alarm(name: &str) -> Value {
    let operators = format!("arn:aws:sns:ap-northeast-1:{ACCOUNT}:hansho-operators");
    json!({ "AlarmName": format!("hansho: {name}"), "StateValue": "OK", "ActionsEnabled": true, "AlarmActions": [operators] })
}

/// A receipt rule for the domain.
pub(in super::super) fn receipt_rule(name: &str, actions: &str) -> String {
    format!(
        "<member><Name>{name}</Name><Enabled>true</Enabled><Recipients><member>oncall.example.com</member></Recipients><Actions>{actions}</Actions></member>"
    )
}

/// What IAM answers when each action that was asked about is decided so.
pub(super) fn simulated(body: &str, decision: &str) -> String {
    let actions = form_urlencoded::parse(body.as_bytes()).filter(|(key, _)| key.starts_with("ActionNames."));
    let results: String = actions
        .map(|(_, action)| format!("<member><EvalActionName>{action}</EvalActionName><EvalDecision>{decision}</EvalDecision></member>"))
        .collect();
    format!("<R><SimulatePrincipalPolicyResult><EvaluationResults>{results}</EvaluationResults></SimulatePrincipalPolicyResult></R>")
}

impl Aws {
    pub(super) fn healthy_ways_in(&self) {
        let deployment = json!({
            "alarms": ["heartbeat", "sms-spend"], "accounts": [ACCOUNT], "more": 1, "api": "a1b2c3", "receipt_rule_set": "hansho", "ops_center": true, "ping": true,
            "topics": { "alarm-intake": [TOPIC], "delivery": [format!("arn:aws:sns:ap-northeast-1:{ACCOUNT}:hansho-mail-reports")] },
            "rules": { "alarm-intake": ["default/hansho-canary", "hansho/hansho-alarms-forwarded"], "sweeper": ["default/hansho-sweeper"] },
            "sms_failures": "sns/ap-northeast-1/111122223333/DirectPublishToPhoneNumber/Failure",
        });
        self.say("ssm GetParameter", &json!({ "Parameter": { "Value": deployment.to_string() } }));
        let more = json!({ "accounts": ["444455556666"], "response_plans": [PLAN] });
        self.say("ssm GetParameter /hansho/deployment/1", &json!({ "Parameter": { "Value": more.to_string() } }));
        let of = |service: &str, what: &str| format!("arn:aws:{service}:ap-northeast-1:{ACCOUNT}:{what}");
        let alarms =
            |account: &str| ("lambda.alarms.cloudwatch.amazonaws.com", format!("arn:aws:cloudwatch:ap-northeast-1:{account}:alarm:*"));
        let doors: [(&str, Vec<(&str, String)>); 5] = [
            (
                "alarm-intake",
                vec![
                    alarms(ACCOUNT),
                    alarms("444455556666"),
                    ("sns.amazonaws.com", TOPIC.to_owned()),
                    ("events.amazonaws.com", of("events", "rule/hansho-canary")),
                    ("events.amazonaws.com", of("events", "rule/hansho/hansho-alarms-forwarded")),
                ],
            ),
            ("sweeper", vec![("events.amazonaws.com", of("events", "rule/hansho-sweeper"))]),
            ("api", vec![("apigateway.amazonaws.com", of("execute-api", "a1b2c3/*/*"))]),
            ("email-intake", vec![("ses.amazonaws.com", of("ses", "receipt-rule-set/hansho:receipt-rule/hansho-intake"))]),
            (
                "delivery",
                vec![
                    ("sns.amazonaws.com", of("sns", "hansho-mail-reports")),
                    ("logs.amazonaws.com", of("logs", "log-group:sns/ap-northeast-1/111122223333/DirectPublishToPhoneNumber/Failure:*")),
                ],
            ),
        ];
        for (function, doors) in doors {
            self.say(&policy_of(function), &policy(function, &doors));
            let subscription = format!(
                "<member><Protocol>lambda</Protocol><Endpoint>{}</Endpoint><SubscriptionArn>arn:aws:sns:x</SubscriptionArn></member>",
                of("lambda", &format!("function:hansho-{function}:live"))
            );
            let topic = if function == "delivery" { "hansho-mail-reports" } else { "hansho-alarms" };
            if matches!(function, "alarm-intake" | "delivery") {
                self.set(&format!("sns ListSubscriptionsByTopic {topic}"), 200, subscriptions(&subscription));
            }
        }
        self.say("events DescribeRule", &json!({ "State": "ENABLED" }));
        for (rule, function) in
            [("hansho-sweeper", "sweeper"), ("hansho-canary", "alarm-intake"), ("hansho-alarms-forwarded", "alarm-intake")]
        {
            let target = json!({ "Id": "1", "Arn": of("lambda", &format!("function:hansho-{function}:live")) });
            self.say(&format!("events ListTargetsByRule {rule}"), &json!({ "Targets": [target] }));
        }
        self.say("oncall.example.com GET /health", &json!({ "status": "ok", "configuration": 3 }));
        self.set("iam.amazonaws.com SimulatePrincipalPolicy", 200, ALL_ALLOWED.to_owned());
    }
}
