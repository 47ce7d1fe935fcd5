//! What belongs to a deployment, as its Terraform has written it down.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use super::{
    Doctor,
    ask::{Question, SSM},
    finding::{Finding, said},
    unanswered,
};

const CHECK: &str = "deployment";

/// What there is to be: the parameter of infra/doctor.tf. What somebody takes out by hand is missing in AWS, and not here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Deployment {
    /// Alarms on Hansho itself, without what their names begin with.
    pub(super) alarms: BTreeSet<String>,
    /// Accounts whose alarms may name alarm-intake.
    pub(super) accounts: Vec<String>,
    /// Topics that a function is subscribed to, by the function.
    pub(super) topics: BTreeMap<String, Vec<String>>,
    /// Rules that invoke a function, as BUS/NAME, by the function.
    pub(super) rules: BTreeMap<String, Vec<String>>,
    /// The id of the HTTP API.
    pub(super) api: String,
    /// The receipt rule set that mails come in by.
    pub(super) receipt_rule_set: Option<String>,
    /// The log of text messages that failed.
    pub(super) sms_failures: Option<String>,
    /// The response plans of Incident Manager that the bridge may use, by their ARNs.
    #[serde(default)]
    pub(super) response_plans: Vec<String>,
    /// Whether the bridge makes OpsItems.
    #[serde(default)]
    pub(super) ops_center: bool,
    /// Whether a dead man's switch is told of clean sweeps.
    #[serde(default)]
    pub(super) ping: bool,
    /// How many parameters below this one have the rest of the topics, accounts and response plans.
    #[serde(default)]
    more: usize,
}

/// One of those parameters.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct More {
    topics: BTreeMap<String, Vec<String>>,
    accounts: Vec<String>,
    response_plans: Vec<String>,
}

impl Deployment {
    fn add(&mut self, more: More) {
        self.accounts.extend(more.accounts);
        self.response_plans.extend(more.response_plans);
        for (function, topics) in more.topics {
            self.topics.entry(function).or_default().extend(topics);
        }
    }
}

impl Doctor {
    pub(super) async fn look_at_deployment(&mut self) {
        let Some(mut deployment) = self.written_down::<Deployment>("deployment").await else { return };
        for place in 1..=deployment.more {
            let Some(more) = self.written_down(&format!("deployment/{place}")).await else { return };
            deployment.add(more);
        }
        let (alarms, topics) = (deployment.alarms.len(), deployment.topics.values().map(Vec::len).sum::<usize>());
        let rules: usize = deployment.rules.values().map(Vec::len).sum();
        self.add(Finding::well(
            CHECK,
            said(
                format!("{alarms} alarms, {topics} topics and {rules} rules belong to it"),
                format!("アラーム {alarms} 件、トピック {topics} 件、ルール {rules} 件で構成されています"),
            ),
        ));
        self.deployment = Some(deployment);
    }

    /// What a parameter of the deployment says. Where it says nothing, a finding says what to do.
    async fn written_down<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let parameter = format!("/{}/{name}", self.name);
        let question = Question::json(SSM, "AmazonSSM.GetParameter", &json!({ "Name": parameter }));
        let answer = match self.ask(&question).await {
            Ok(answer) => answer,
            Err(refusal) if refusal.is_missing() => {
                self.add(nothing_written(&parameter));
                return None;
            }
            Err(refusal) => {
                self.add(unanswered(CHECK, &question, &refusal));
                return None;
            }
        };
        match serde_json::from_str(answer["Parameter"]["Value"].as_str().unwrap_or_default()) {
            Ok(read) => Some(read),
            Err(error) => {
                self.add(Finding::unknown(
                    CHECK,
                    said(format!("{parameter} can not be read: {error}"), format!("{parameter} を読み取れません: {error}")),
                    said(
                        "use the command of the deployment's version, or run `terraform -chdir=infra apply` of this one",
                        "デプロイと同じ版のコマンドを使うか、この版の `terraform -chdir=infra apply` を実行してください",
                    ),
                ));
                None
            }
        }
    }
}

fn nothing_written(parameter: &str) -> Finding {
    Finding::fault(
        CHECK,
        said(
            format!("{parameter} does not say what belongs to the deployment, so ways in and alarms are looked at in part only"),
            format!("{parameter} がなく、デプロイの構成が分からないため、受信経路とアラームは一部しか確認できません"),
        ),
        said(
            "`terraform -chdir=infra apply`: one has ended half-way, or is older than this command",
            "`terraform -chdir=infra apply` を実行してください。適用が途中で終わったか、このコマンドより古い版です",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::Deployment;

    #[test]
    fn what_terraform_writes_down_has_every_field() {
        let written = include_str!("../../../../infra/doctor.tf");
        let block = written.split_once("present = {").unwrap().1.split_once("\n  }\n").unwrap().0;
        let mut fields: Vec<&str> = block
            .lines()
            .filter(|line| line.starts_with("    ") && !line.starts_with("     ") && line.contains(" = "))
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            ["accounts", "alarms", "api", "more", "ops_center", "ping", "receipt_rule_set", "rules", "sms_failures", "topics"]
        );
        let read: Deployment = serde_json::from_str(
            r#"{"accounts":["1"],"alarms":["a"],"api":"x","receipt_rule_set":null,"rules":{"sweeper":["default/s"]},"sms_failures":null,"topics":{}}"#,
        )
        .unwrap();
        assert_eq!((read.api.as_str(), read.rules["sweeper"][0].as_str(), read.receipt_rule_set), ("x", "default/s", None));
    }
}
