//! The functions, what feeds them, and how many of them may run at once.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Doctor,
    ask::{LAMBDA, Question, encoded},
    finding::{Approval, Finding, said},
    function_configuration, unanswered,
};
use crate::local::FUNCTION_NAMES;

/// What a new account may run at once. Hansho alone runs as many in a storm.
const SMALL_ACCOUNT: u64 = 10;
/// What feeds a function: the mapping's name here, the function, and what its source's ARN has in it.
const MAPPINGS: [(&str, &str, &str); 3] = [
    ("stream mapping", "outbox-relay", ":dynamodb:"),
    ("timers mapping", "escalation", ":sqs:"),
    ("deliveries mapping", "delivery", ":sqs:"),
];

impl Doctor {
    pub(super) async fn look_at_functions(&mut self) {
        for function in FUNCTION_NAMES {
            let name = format!("{}-{function}", self.name);
            let question = function_configuration(&name);
            match self.ask(&question).await {
                Ok(answer) => self.look_at_function(function, &name, &answer),
                Err(refusal) if refusal.is_missing() => self.add(missing(&name)),
                Err(refusal) => {
                    self.untold.insert(function);
                    self.add(unanswered("functions", &question, &refusal));
                }
            }
        }
    }

    pub(super) fn look_at_function(&mut self, function: &'static str, name: &str, answer: &Value) {
        let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
        let variables = answer.get("Environment").and_then(|environment| environment.get("Variables")).and_then(Value::as_object);
        let settings: BTreeMap<String, String> =
            variables.into_iter().flatten().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
        self.settings.insert(function, settings);
        let (state, update, version) = (text("State"), text("LastUpdateStatus"), text("Version"));
        // Older answers leave the state out where there is nothing to say.
        if matches!(state, "" | "Active" | "Inactive") && matches!(update, "" | "Successful" | "InProgress") {
            let found = said(format!("{name}: version {version} works"), format!("{name}: バージョン {version} が稼働しています"));
            return self.add(Finding::well("functions", found));
        }
        let why = [text("StateReason"), text("LastUpdateStatusReason")].join(" ");
        self.add(Finding::fault(
            "functions",
            said(format!("{name} does not work: {state} {update} {why}"), format!("{name} は稼働していません: {state} {update} {why}")),
            said(
                format!("go back with `scripts/deploy --rollback {function}`, or deploy it again with `scripts/deploy {function}`"),
                format!("`scripts/deploy --rollback {function}` で戻すか、`scripts/deploy {function}` で再デプロイしてください"),
            ),
        ));
    }

    pub(super) async fn look_at_mappings(&mut self) {
        for (check, function, source) in MAPPINGS {
            let name = format!("{}-{function}", self.name);
            let path = format!("/2015-03-31/event-source-mappings?FunctionName={}", encoded(&format!("{name}:live")));
            let question = Question::get(LAMBDA, path, "ListEventSourceMappings");
            let Some(answer) = self.ask_or_tell(check, &question).await else { continue };
            let mappings = answer.get("EventSourceMappings").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let of_source = |mapping: &&Value| mapping["EventSourceArn"].as_str().is_some_and(|arn| arn.contains(source));
            let finding = mappings.iter().find(of_source).map_or_else(|| no_mapping(check, &name), |mapping| mapped(check, &name, mapping));
            self.add(finding);
        }
    }

    pub(super) async fn look_at_concurrency(&mut self) {
        let question = Question::get(LAMBDA, "/2016-08-19/account-settings", "GetAccountSettings");
        if let Some(answer) = self.ask_or_tell("concurrency", &question).await {
            let limit = answer.get("AccountLimit").and_then(|limit| limit.get("ConcurrentExecutions")?.as_u64());
            self.look_at_limit(limit.unwrap_or_default());
        }
        for function in FUNCTION_NAMES {
            let name = format!("{}-{function}", self.name);
            let path = format!("/2019-09-30/functions/{}/concurrency", encoded(&name));
            let question = Question::get(LAMBDA, path, "GetFunctionConcurrency");
            match self.ask(&question).await {
                Ok(answer) if answer.get("ReservedConcurrentExecutions").and_then(Value::as_u64) == Some(0) => self.add(Finding::fault(
                    "concurrency",
                    said(format!("{name} is switched off: 0 executions are reserved for it"), format!("{name} は停止しています(予約済み同時実行数 0)")),
                    said(
                        format!("`aws lambda delete-function-concurrency --function-name {name}`, then `terraform -chdir=infra apply`"),
                        format!("`aws lambda delete-function-concurrency --function-name {name}` の後、`terraform -chdir=infra apply` を実行してください"),
                    ),
                )),
                // That it is not there was told above.
                Ok(_) => {}
                Err(refusal) if refusal.is_missing() => {}
                Err(refusal) => self.add(unanswered("concurrency", &question, &refusal)),
            }
        }
    }

    fn look_at_limit(&mut self, limit: u64) {
        if limit > SMALL_ACCOUNT {
            let found = said(format!("the account may run {limit} at once"), format!("アカウントの同時実行数の上限は {limit} です"));
            return self.add(Finding::well("concurrency", found));
        }
        self.add(Finding::advice(
            "concurrency",
            said(
                format!("the account may run only {limit} at once: in a storm of alarms Hansho waits for itself, and nothing can be reserved"),
                format!("アカウントの同時実行数の上限が {limit} しかありません。アラームが集中すると待ちが生じ、予約もできません"),
            ),
            said(
                "ask for 1,000: `aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000`",
                "1,000 への引き上げを申請してください: `aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000`",
            ),
        ));
        self.approve(Approval {
            what: said("Lambda: more executions at once", "Lambda: 同時実行数の引き上げ"),
            is_asked_for: false,
            lead_time: said("hours to some days", "数時間から数日"),
            how: said("the command above", "上のコマンド"),
        });
    }
}

fn missing(name: &str) -> Finding {
    Finding::fault(
        "functions",
        said(format!("{name} with the alias live is not there"), format!("エイリアス live を持つ {name} がありません")),
        said(
            "`terraform -chdir=infra apply`; if the deployment has another name or Region, give --name and --region",
            "`terraform -chdir=infra apply` を実行してください。名前やリージョンが異なる場合は --name と --region を指定してください",
        ),
    )
}

fn no_mapping(check: &'static str, name: &str) -> Finding {
    Finding::fault(
        check,
        said(
            format!("nothing feeds {name}: only the sweeper does its work, a minute late"),
            format!("{name} への入力がありません。sweeper が 1 分遅れで処理するだけです"),
        ),
        said("`terraform -chdir=infra apply`", "`terraform -chdir=infra apply` を実行してください"),
    )
}

fn mapped(check: &'static str, name: &str, mapping: &Value) -> Finding {
    let text = |name: &str| mapping.get(name).and_then(Value::as_str).unwrap_or_default();
    let (state, result, id) = (text("State"), text("LastProcessingResult"), text("UUID"));
    if !matches!(state, "Enabled" | "Creating" | "Enabling" | "Updating") {
        let command = format!("aws lambda update-event-source-mapping --uuid {id} --enabled");
        return Finding::fault(
            check,
            said(
                format!("what feeds {name} is {state}: only the sweeper does its work, a minute late"),
                format!("{name} への入力が {state} です。sweeper が 1 分遅れで処理するだけです"),
            ),
            said(format!("`{command}`"), format!("`{command}` を実行してください")),
        );
    }
    if result.starts_with("PROBLEM") {
        return Finding::fault(
            check,
            said(format!("what feeds {name} fails: {result}"), format!("{name} への入力が失敗しています: {result}")),
            said(
                format!("look at the log /aws/lambda/{name} and at the role {name}"),
                format!("ログ /aws/lambda/{name} とロール {name} を確認してください"),
            ),
        );
    }
    Finding::well(check, said(format!("{name} is fed ({state})"), format!("{name} への入力は正常です ({state})")))
}
