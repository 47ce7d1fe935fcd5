//! The test alarm: by the same way as any other, to people who are sent it, and resolved again. Only where it is asked for.

use std::time::Duration;

use hansho_domain::{IncidentId, ServiceId};
use hansho_store::deliveries_of;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    Doctor,
    ask::{DYNAMODB, Question},
    finding::{Finding, said},
};

/// How often it is looked whether somebody was sent it.
pub(super) const LOOKS_MAX: usize = 40;
/// How long it is waited in between.
pub(super) const PAUSE: Duration = Duration::from_secs(3);

/// One delivery of the test.
struct Delivery {
    state: String,
    who: String,
    reason: String,
}

impl Doctor {
    pub(super) async fn try_an_alarm(&mut self, service: &ServiceId) {
        let services = self.services.clone();
        if !services.contains(service) {
            let known: Vec<&str> = services.iter().map(ServiceId::as_str).collect();
            let known = known.join(", ");
            return self.add(Finding::fault(
                "test alarm",
                said(
                    format!("there is no service {service}, so nothing was sent: it would have paged the fallback"),
                    format!("サービス {service} がないため送信していません(予備の連絡先が呼び出されるのを防ぐため)"),
                ),
                said(format!("name one of {known}"), format!("次のいずれかを指定してください: {known}")),
            ));
        }
        let began = self.asker.clock.now();
        let name = format!("TEST by hansho doctor, nothing is broken ({})", began.strftime("%H:%M:%SZ"));
        let event = self.event(&name, service, "ALARM", began);
        let answer = match self.invoke("alarm-intake", &event).await {
            Ok(answer) => answer,
            Err(refusal) => return self.not_taken(&format!("{} {}", refusal.code, refusal.message)),
        };
        let result = &answer["results"][0];
        let Some(incident) = result["incident"].as_str().and_then(|id| id.parse::<IncidentId>().ok()) else {
            return self.not_taken(&result.to_string());
        };
        self.follow(incident, service).await;
        let over = self.event(&name, service, "OK", self.asker.clock.now());
        let resolved = self.invoke("alarm-intake", &over).await.is_ok_and(|answer| answer["results"][0]["result"] == "resolved");
        if !resolved {
            self.add(Finding::fault(
                "test alarm",
                said(
                    format!("the test's incident {incident} was not resolved"),
                    format!("テストのインシデント {incident} が解決されていません"),
                ),
                said(
                    format!("`hansho incident resolve {incident} --url ... --token ...`"),
                    format!("`hansho incident resolve {incident} --url ... --token ...` で解決してください"),
                ),
            ));
        }
    }

    fn not_taken(&mut self, why: &str) {
        let log = format!("/aws/lambda/{}-alarm-intake", self.name);
        self.add(Finding::fault(
            "test alarm",
            said(format!("the test alarm opened no incident: {why}"), format!("テストアラームでインシデントが開かれませんでした: {why}")),
            said(
                format!("look at the log {log}, and at rules and maintenance windows"),
                format!("ログ {log} と、ルール・メンテナンスを確認してください"),
            ),
        ));
    }

    /// Waits until somebody was sent it.
    async fn follow(&mut self, incident: IncidentId, service: &ServiceId) {
        let mut deliveries = Vec::new();
        for look in 0..LOOKS_MAX {
            let Some(found) = self.deliveries(incident).await else { return };
            deliveries = found;
            if let Some(sent) = deliveries.iter().find(|delivery| delivery.state == "sent") {
                let seconds = u64::try_from(look).unwrap_or_default() * PAUSE.as_secs();
                let who = sent.who.clone();
                self.add(Finding::well(
                    "test alarm",
                    said(
                        format!("a test alarm for {service} was sent to {who} within {seconds} s; ask whether it arrived"),
                        format!("{service} のテストアラームを {seconds} 秒以内に {who} へ送信しました。届いたか本人に確認してください"),
                    ),
                ));
                break;
            }
            self.asker.clock.sleep(PAUSE).await;
        }
        for failed in deliveries.iter().filter(|delivery| delivery.state == "failed") {
            let Delivery { who, reason, .. } = failed;
            self.add(Finding::fault(
                "test alarm",
                said(format!("it did not reach {who}: {reason}"), format!("{who} に届きませんでした: {reason}")),
                said("see above what can wake somebody, and why not", "上の「人を起こせる手段」で理由を確認してください"),
            ));
        }
        if !deliveries.iter().any(|delivery| matches!(delivery.state.as_str(), "sent" | "failed")) {
            let count = deliveries.len();
            let (relay, delivery) = (format!("/aws/lambda/{}-outbox-relay", self.name), format!("/aws/lambda/{}-delivery", self.name));
            self.add(Finding::fault(
                "test alarm",
                said(
                    format!("after two minutes nobody was sent it: {count} deliveries were made"),
                    format!("2 分待っても送信されませんでした(配信 {count} 件)"),
                ),
                said(
                    format!("look at the logs {relay} and {delivery}; nobody may be on call for {service}"),
                    format!("ログ {relay} と {delivery} を確認してください。{service} の当番がいない可能性もあります"),
                ),
            ));
        }
    }

    async fn deliveries(&mut self, incident: IncidentId) -> Option<Vec<Delivery>> {
        let (partition, prefix) = deliveries_of(incident);
        let table = self.setting("api", "HANSHO_TABLE").unwrap_or(&self.name).to_owned();
        let query = json!({
            "TableName": table, "ConsistentRead": true, "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
            "ExpressionAttributeValues": { ":pk": { "S": partition }, ":sk": { "S": prefix } },
        });
        let answer = self.ask_or_tell("test alarm", &Question::json(DYNAMODB, "DynamoDB_20120810.Query", &query)).await?;
        Some(answer["Items"].as_array().into_iter().flatten().map(delivery).collect())
    }

    /// The direct action of a CloudWatch alarm (CloudWatch user guide, "Lambda alarm actions").
    fn event(&self, name: &str, service: &ServiceId, state: &str, at: Timestamp) -> Value {
        let at = at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string();
        let (account, region) = (self.account.clone().unwrap_or_default(), &self.asker.region);
        let state = json!({ "value": state, "reason": "hansho doctor looks whether pages come through", "timestamp": at });
        json!({
            "source": "aws.cloudwatch", "alarmArn": format!("arn:{}:cloudwatch:{region}:{account}:alarm:{name}", self.partition()),
            "accountId": account, "time": at, "region": region,
            "alarmData": {
                "alarmName": name, "state": state, "previousState": { "value": "OK", "reason": "", "timestamp": at },
                "configuration": { "description": format!("service: {service}\nseverity: critical"), "metrics": [] },
            },
        })
    }
}

fn delivery(item: &Value) -> Delivery {
    let text = |name: &str| item[name]["S"].as_str().unwrap_or_default();
    let body: Value = serde_json::from_str(text("body")).unwrap_or_default();
    let who = ["user", "method", "destination"].iter().filter_map(|name| body[*name].as_str()).collect::<Vec<_>>().join(" by ");
    Delivery { state: text("state").to_owned(), who, reason: text("reason").to_owned() }
}
