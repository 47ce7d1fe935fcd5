//! What lets an alarm in: who may invoke which function, subscriptions, and rules with their targets. Where one of these is gone nobody else
//! says so: CloudWatch, SNS and EventBridge give up in silence.

use serde_json::{Value, json};

use super::{
    Doctor,
    ask::{EVENTS, LAMBDA, Question, SNS, encoded},
    deployment::Deployment,
    finding::{Finding, Said, said},
    unanswered,
};
use hansho_domain::AlarmPattern;
const CHECK: &str = "ways in";
/// Pages of subscriptions that are asked for: a hundred each.
const PAGES_MAX: usize = 20;
/// Conditions that want a value to be the same, or to be like it.
const SAME: [&str; 4] = ["ArnLike", "ArnEquals", "StringEquals", "StringLike"];

/// Who has to be let in by a function.
struct Door {
    principal: &'static str,
    /// For what: an ARN of the kind that comes.
    source: String,
    what: Said,
}

impl Doctor {
    pub(super) async fn look_at_ways_in(&mut self) {
        let Some(deployment) = self.deployment.clone() else { return };
        for (function, doors) in self.doors(&deployment) {
            self.look_at_doors(&function, &doors).await;
        }
        for (function, topics) in &deployment.topics {
            for topic in topics {
                self.look_at_subscription(topic, function).await;
            }
        }
        for (function, rules) in &deployment.rules {
            // That one is looked at with the timers.
            for rule in rules.iter().filter(|_| function != "sweeper") {
                let (bus, name) = rule.split_once('/').unwrap_or(("default", rule));
                let without = said("its events do not come in", "イベントが届きません");
                self.look_at_rule(CHECK, bus, name, function, &without).await;
            }
        }
    }

    /// The ARN of a function's alias.
    pub(super) fn function_arn(&self, function: &str) -> String {
        self.arn("lambda", &format!("function:{}-{function}:live", self.name))
    }

    /// Something in this account and Region.
    pub(super) fn arn(&self, service: &str, what: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{what}", self.partition(), self.asker.region, self.account.as_deref().unwrap_or_default())
    }

    /// Whom each function has to let in.
    fn doors(&self, deployment: &Deployment) -> Vec<(String, Vec<Door>)> {
        let mut all: std::collections::BTreeMap<String, Vec<Door>> = std::collections::BTreeMap::new();
        let mut add = |function: &str, principal, source: String, what: Said| {
            all.entry(function.to_owned()).or_default().push(Door { principal, source, what });
        };
        for account in &deployment.accounts {
            let source = format!("arn:{}:cloudwatch:{}:{account}:alarm:any", self.partition(), self.asker.region);
            let what = said(format!("alarms of the account {account}"), format!("アカウント {account} のアラーム"));
            add("alarm-intake", "lambda.alarms.cloudwatch.amazonaws.com", source, what);
        }
        for (function, topics) in &deployment.topics {
            for topic in topics {
                add(function, "sns.amazonaws.com", topic.clone(), said(format!("the topic {topic}"), format!("トピック {topic}")));
            }
        }
        for (function, rules) in &deployment.rules {
            for rule in rules {
                let source = self.arn("events", &format!("rule/{}", rule.strip_prefix("default/").unwrap_or(rule)));
                add(function, "events.amazonaws.com", source, said(format!("the rule {rule}"), format!("ルール {rule}")));
            }
        }
        let api = self.arn("execute-api", &format!("{}/$default/any", deployment.api));
        add("api", "apigateway.amazonaws.com", api, said("the HTTP API", "HTTP API"));
        if let Some(set) = &deployment.receipt_rule_set {
            let rule = self.arn("ses", &format!("receipt-rule-set/{set}:receipt-rule/{}-intake", self.name));
            add("email-intake", "ses.amazonaws.com", rule, said("mail that SES receives", "SES が受信したメール"));
        }
        if let Some(log) = &deployment.sms_failures {
            let log = self.arn("logs", &format!("log-group:{log}:*"));
            add("delivery", "logs.amazonaws.com", log, said("text messages that failed", "送信に失敗した SMS の記録"));
        }
        all.into_iter().collect()
    }

    async fn look_at_doors(&mut self, function: &str, doors: &[Door]) {
        let name = format!("{}-{function}", self.name);
        if !self.settings.contains_key(function) {
            // That it is not there was told above.
            return;
        }
        let question = Question::get(LAMBDA, format!("/2015-03-31/functions/{}/policy?Qualifier=live", encoded(&name)), "GetPolicy");
        let policy = match self.ask(&question).await {
            Ok(answer) => answer["Policy"].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_default(),
            // It has none.
            Err(refusal) if refusal.is_missing() => Value::Null,
            Err(refusal) => return self.add(unanswered(CHECK, &question, &refusal)),
        };
        let statements = policy["Statement"].as_array().map(Vec::as_slice).unwrap_or_default();
        let arn = self.function_arn(function);
        let closed: Vec<&Door> = doors.iter().filter(|door| !statements.iter().any(|one| lets_in(one, &arn, door))).collect();
        for door in &closed {
            let Said { en, ja } = &door.what;
            self.add(Finding::fault(
                CHECK,
                said(
                    format!("{en} may not invoke {name}: what comes from there is lost without a trace"),
                    format!("{ja} が {name} を呼び出せません。そこからの通知は記録も残さず失われます"),
                ),
                apply(),
            ));
        }
        if closed.is_empty() {
            let count = doors.len();
            self.add(Finding::well(CHECK, said(format!("{count} may invoke {name}"), format!("{name} を呼び出せる経路は {count} 件です"))));
        }
    }

    async fn look_at_subscription(&mut self, topic: &str, function: &str) {
        let arn = self.function_arn(function);
        let (mut token, mut is_there) = (String::new(), false);
        for _ in 0..PAGES_MAX {
            let mut fields = vec![("TopicArn", topic)];
            if !token.is_empty() {
                fields.push(("NextToken", &token));
            }
            let question = Question::query(SNS, "2010-03-31", "ListSubscriptionsByTopic", &fields);
            let answer = match self.ask(&question).await {
                Ok(answer) => answer,
                Err(refusal) if refusal.is_missing() => break,
                Err(refusal) => return self.add(unanswered(CHECK, &question, &refusal)),
            };
            let page = &answer["ListSubscriptionsByTopicResult"];
            let subscriptions = page["Subscriptions"]["member"].as_array().map(Vec::as_slice).unwrap_or_default();
            let is_ours = |one: &Value| {
                let is_confirmed = one["SubscriptionArn"].as_str().is_some_and(|arn| arn.starts_with("arn:"));
                one["Protocol"] == "lambda" && one["Endpoint"] == arn.as_str() && is_confirmed
            };
            is_there |= subscriptions.iter().any(is_ours);
            token = page["NextToken"].as_str().unwrap_or_default().to_owned();
            if is_there || token.is_empty() {
                break;
            }
        }
        let name = format!("{}-{function}", self.name);
        self.add(if is_there {
            Finding::well(CHECK, said(format!("{topic} reaches {name}"), format!("{topic} は {name} に届きます")))
        } else {
            Finding::fault(
                CHECK,
                said(
                    format!("{name} is not subscribed to {topic}: what is published there does not come in"),
                    format!("{name} が {topic} を購読していません。発行された通知が届きません"),
                ),
                apply(),
            )
        });
    }

    /// A rule that is on, and invokes the function.
    pub(super) async fn look_at_rule(&mut self, check: &'static str, bus: &str, name: &str, function: &str, without: &Said) {
        let question = Question::json(EVENTS, "AWSEvents.DescribeRule", &json!({ "Name": name, "EventBusName": bus }));
        let state = match self.ask(&question).await {
            Ok(answer) => answer["State"].as_str().unwrap_or_default().to_owned(),
            Err(refusal) if refusal.is_missing() => "missing".to_owned(),
            Err(refusal) => return self.add(unanswered(check, &question, &refusal)),
        };
        let fault = |english: String, japanese: String| {
            Finding::fault(check, said(format!("{english}: {}", without.en), format!("{japanese}。{}", without.ja)), apply())
        };
        if state != "ENABLED" {
            return self.add(fault(format!("{name} is {state}"), format!("{name} の状態は {state} です")));
        }
        let question = Question::json(EVENTS, "AWSEvents.ListTargetsByRule", &json!({ "Rule": name, "EventBusName": bus }));
        let Some(answer) = self.ask_or_tell(check, &question).await else { return };
        let arn = self.function_arn(function);
        let is_target = answer["Targets"].as_array().is_some_and(|targets| targets.iter().any(|target| target["Arn"] == arn.as_str()));
        self.add(if is_target {
            Finding::well(check, said(format!("{name} is {state}, for {}-{function}", self.name), format!("{name} の状態は {state} です")))
        } else {
            fault(
                format!("{name} does not invoke {}-{function}", self.name),
                format!("{name} のターゲットに {}-{function} がありません", self.name),
            )
        });
    }
}

/// Whether a statement of the function's policy lets it in. A condition that nobody here knows may keep it out.
fn lets_in(statement: &Value, function: &str, door: &Door) -> bool {
    let has = |value: &Value, wanted: &str| match value {
        Value::String(one) => one == wanted,
        Value::Array(all) => all.iter().any(|one| one == wanted),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    };
    let account = door.source.split(':').nth(4).unwrap_or_default();
    let holds = |key: &str, value: &Value| {
        let expected = match key.to_ascii_lowercase().as_str() {
            "aws:sourcearn" => door.source.as_str(),
            "aws:sourceaccount" => account,
            _ => return false,
        };
        let given = value.as_array().map_or_else(|| vec![value], |all| all.iter().collect());
        given.iter().filter_map(|one| one.as_str()).any(|pattern| AlarmPattern::new(pattern).matches_text(expected))
    };
    let operators = || statement["Condition"].as_object().into_iter().flatten();
    let conditions = operators().filter_map(|(_, keys)| keys.as_object()).flatten();
    statement["Effect"] == "Allow"
        && has(&statement["Action"], "lambda:InvokeFunction")
        && has(&statement["Resource"], function)
        && has(&statement["Principal"]["Service"], door.principal)
        && operators().all(|(operator, _)| SAME.contains(&operator.as_str()))
        && conditions.into_iter().all(|(key, value)| holds(key, value))
}

fn apply() -> Said {
    said("`terraform -chdir=infra apply`", "`terraform -chdir=infra apply` を実行してください")
}
