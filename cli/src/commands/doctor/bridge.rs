//! The bridge to Incident Manager and OpsCenter, where it is deployed. No page goes through it, and what is wrong with it keeps none back.

use serde_json::Value;

use super::{
    BRIDGE, Doctor,
    ask::{LAMBDA, Question, encoded},
    finding::{Finding, Said, said},
    function_configuration, unanswered,
};

/// Its name in findings.
const CHECK: &str = "bridge";
/// What feeds it (infra/bridge.tf): what the source's ARN has in it, and what does not happen without it.
const SOURCES: [(&str, &str, &str); 2] = [
    (
        ":dynamodb:",
        "incidents are told to Systems Manager up to a minute late, by its clock alone",
        "インシデントの連携が 1 分ほど遅れます",
    ),
    (":sqs:", "nothing is told to Systems Manager", "Systems Manager に何も連携されません"),
];
/// So many messages at once are more than Systems Manager takes in some minutes.
const WAITING_MAX: u64 = 100;

impl Doctor {
    pub(super) async fn look_at_bridge(&mut self) {
        let name = format!("{}-{BRIDGE}", self.name);
        let question = function_configuration(&name);
        match self.ask(&question).await {
            Ok(answer) => self.look_at_function(BRIDGE, &name, &answer),
            // It is off unless somebody asks for it.
            Err(refusal) if refusal.is_missing() => return,
            Err(refusal) => return self.add(unanswered(CHECK, &question, &refusal)),
        }
        let path = format!("/2015-03-31/event-source-mappings?FunctionName={}", encoded(&format!("{name}:live")));
        let question = Question::get(LAMBDA, path, "ListEventSourceMappings");
        if let Some(answer) = self.ask_or_tell(CHECK, &question).await {
            let mappings = answer["EventSourceMappings"].as_array().cloned().unwrap_or_default();
            for (source, english, japanese) in SOURCES {
                let of_source = |mapping: &&Value| mapping["EventSourceArn"].as_str().is_some_and(|arn| arn.contains(source));
                self.add(fed(&name, mappings.iter().find(of_source), &said(english, japanese)));
            }
        }
        if let Some((visible, hidden)) = self.count(CHECK, &format!("{name}-dead-letters")).await {
            self.add(given_up(&name, visible + hidden));
        }
        if let Some((visible, _)) = self.count(CHECK, &name).await {
            self.add(waiting(&name, visible));
        }
    }
}

/// What feeds it, and how it stands with that.
fn fed(name: &str, mapping: Option<&Value>, without: &Said) -> Finding {
    let Some(mapping) = mapping else {
        return Finding::fault(
            CHECK,
            said(format!("a source of {name} is missing: {}", without.en), format!("{name} への入力がありません。{}", without.ja)),
            said("`terraform -chdir=infra apply`", "`terraform -chdir=infra apply` を実行してください"),
        );
    };
    let text = |name: &str| mapping[name].as_str().unwrap_or_default();
    let (state, result, id) = (text("State"), text("LastProcessingResult"), text("UUID"));
    if !matches!(state, "Enabled" | "Creating" | "Enabling" | "Updating") {
        let command = format!("aws lambda update-event-source-mapping --uuid {id} --enabled");
        return Finding::fault(
            CHECK,
            said(format!("what feeds {name} is {state}: {}", without.en), format!("{name} への入力が {state} です。{}", without.ja)),
            said(format!("`{command}`"), format!("`{command}` を実行してください")),
        );
    }
    if result.starts_with("PROBLEM") {
        return Finding::fault(
            CHECK,
            said(
                format!("what feeds {name} fails ({result}): {}", without.en),
                format!("{name} への入力が失敗しています ({result})。{}", without.ja),
            ),
            said(
                format!("look at the log /aws/lambda/{name} and at the role {name}"),
                format!("ログ /aws/lambda/{name} とロール {name} を確認してください"),
            ),
        );
    }
    Finding::well(CHECK, said(format!("{name} is fed ({state})"), format!("{name} への入力は正常です ({state})")))
}

fn given_up(name: &str, count: u64) -> Finding {
    let queue = format!("{name}-dead-letters");
    if count == 0 {
        return Finding::well(CHECK, said(format!("{queue} is empty"), format!("{queue} は空です")));
    }
    Finding::fault(
        CHECK,
        said(
            format!("{count} dead letters in {queue}: what Systems Manager refused; everybody was paged all the same"),
            format!("{queue} にデッドレターが {count} 件あります。Systems Manager に拒否されました。呼び出しには影響ありません"),
        ),
        said(
            format!("the log /aws/lambda/{name} says why; docs/incident-manager.md says what to do about each"),
            format!("ログ /aws/lambda/{name} に理由があります。対処は docs/incident-manager.md を参照してください"),
        ),
    )
}

fn waiting(name: &str, count: u64) -> Finding {
    if count <= WAITING_MAX {
        return Finding::well(CHECK, said(format!("{count} messages wait in {name}"), format!("{name} の待ちは {count} 件です")));
    }
    Finding::advice(
        CHECK,
        said(
            format!("{count} messages wait in {name}: Systems Manager is told late"),
            format!("{name} に {count} 件が滞留しています。Systems Manager への連携が遅れます"),
        ),
        said(
            format!("look at the log /aws/lambda/{name}: Systems Manager may throttle or refuse"),
            format!("ログ /aws/lambda/{name} を確認してください。Systems Manager が制限または拒否している可能性があります"),
        ),
    )
}
