//! Whether Hansho watches, and who hears of it when it does not.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    Doctor,
    ask::{CLOUDWATCH, Question, SNS},
    finding::{Finding, Reach, Said, said},
    people::masked,
};

/// How far back heartbeats are looked for.
const LOOK_BACK: SignedDuration = SignedDuration::from_mins(10);
/// A heartbeat is counted up to a minute after its own.
const FRESH: SignedDuration = SignedDuration::from_mins(4);

impl Doctor {
    pub(super) async fn look_at_watch(&mut self) {
        self.look_at_heartbeat().await;
        self.look_at_alarms().await;
        self.look_at_operators().await;
    }

    async fn look_at_heartbeat(&mut self) {
        let now = self.asker.clock.now();
        let namespace = self.setting("sweeper", "HANSHO_METRICS_NAMESPACE").unwrap_or("Hansho").to_owned();
        let start = now.saturating_sub(LOOK_BACK).unwrap_or(Timestamp::MIN);
        let body = json!({
            "Namespace": namespace, "MetricName": "SweeperHeartbeat", "StartTime": start.as_second(), "EndTime": now.as_second(),
            "Period": 60, "Statistics": ["Sum"],
        });
        let question = Question::json(CLOUDWATCH, "GraniteServiceVersion20100801.GetMetricStatistics", &body);
        let Some(answer) = self.ask_or_tell("heartbeat", &question).await else { return };
        let points = answer["Datapoints"].as_array().map(Vec::as_slice).unwrap_or_default();
        let beats =
            points.iter().filter(|point| point["Sum"].as_f64().is_some_and(|sum| sum >= 1.0)).filter_map(|point| time(&point["Timestamp"]));
        let finding = match beats.max() {
            Some(last) if now.duration_since(last) <= FRESH => {
                let ago = now.duration_since(last).as_secs();
                Finding::well(
                    "heartbeat",
                    said(format!("the sweeper's last heartbeat was {ago} s ago"), format!("sweeper の最後のハートビートは {ago} 秒前です")),
                )
            }
            last => {
                let (english, japanese) = match last {
                    Some(last) => {
                        (format!("the sweeper's last heartbeat was at {last}"), format!("sweeper の最後のハートビートは {last} です"))
                    }
                    None => {
                        ("the sweeper had no heartbeat for ten minutes".to_owned(), "sweeper のハートビートが 10 分間ありません".to_owned())
                    }
                };
                let log = format!("/aws/lambda/{}-sweeper", self.name);
                Finding::fault(
                    "heartbeat",
                    said(english, japanese),
                    said(
                        format!("look at the log {log}: it says what is overdue; a deployment needs three minutes to its first"),
                        format!("ログ {log} に滞留の理由があります。デプロイ直後は最初のハートビートまで 3 分かかります"),
                    ),
                )
            }
        };
        self.add(finding);
    }

    async fn look_at_alarms(&mut self) {
        let prefix = format!("{}: ", self.name);
        let body = json!({ "AlarmNamePrefix": prefix, "MaxRecords": 100 });
        let question = Question::json(CLOUDWATCH, "GraniteServiceVersion20100801.DescribeAlarms", &body);
        let Some(answer) = self.ask_or_tell("alarms", &question).await else { return };
        let alarms = answer["MetricAlarms"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_there = |name: &&String| alarms.iter().any(|alarm| alarm["AlarmName"] == format!("{prefix}{name}").as_str());
        let expected = self.deployment.as_ref().map(|deployment| deployment.alarms.clone()).unwrap_or_default();
        let missing: Vec<&str> = expected.iter().filter(|name| !is_there(name)).map(String::as_str).collect();
        if !missing.is_empty() || alarms.is_empty() {
            self.add(missing_alarms(&missing, expected.len()));
        }
        let operators = self.arn("sns", &format!("{}-operators", self.name));
        let ill: Vec<Finding> = alarms.iter().flat_map(|alarm| ill_alarm(alarm, &operators)).collect();
        if missing.is_empty() && ill.is_empty() && !alarms.is_empty() {
            let count = alarms.len();
            self.add(Finding::well(
                "alarms",
                said(format!("none of {count} alarms on Hansho itself is on"), format!("Hansho 自身のアラーム {count} 件はすべて正常です")),
            ));
        }
        for finding in ill {
            self.add(finding);
        }
    }

    async fn look_at_operators(&mut self) {
        let Some(subscriptions) = self.subscribed("operators").await else { return };
        let (mut told, mut pending) = (0, 0);
        for one in &subscriptions {
            let text = |name: &str| one[name].as_str().unwrap_or_default();
            let method = match text("Protocol") {
                "sms" => "sms",
                "email" | "email-json" => "email",
                _ => "https",
            };
            let is_pending = is_pending(one);
            told += usize::from(!is_pending);
            pending += usize::from(is_pending);
            // Whether text messages get through is known only later: see texts.rs.
            if method != "sms" {
                let because = if is_pending { said("not confirmed", "未確認") } else { said("confirmed", "確認済み") };
                self.reach(Reach { who: "operators".to_owned(), method, address: masked(text("Endpoint")), works: !is_pending, because });
            } else {
                self.texts.operators.push(text("Endpoint").to_owned());
            }
        }
        if pending > 0 {
            self.add(Finding::fault(
                "operators",
                said(format!("{pending} addresses of operators are not confirmed"), format!("運用担当のアドレス {pending} 件が未確認です")),
                confirm(),
            ));
        }
        let finding = if told > 0 {
            Finding::well(
                "operators",
                said(
                    format!("{told} addresses hear of it when Hansho itself is in trouble"),
                    format!("Hansho 自身の異常は {told} 件の宛先に届きます"),
                ),
            )
        } else {
            Finding::fault(
                "operators",
                said("nobody hears of it when Hansho itself is in trouble", "Hansho 自身に異常があっても誰にも届きません"),
                said(
                    "set operators = { email = [\"you@example.com\"] } and apply; it needs no approval",
                    "operators = { email = [\"you@example.com\"] } を設定して適用してください。承認は不要です",
                ),
            )
        };
        self.add(finding);
        // Phones are not told what is over (infra/modules/operators), so with nothing else there is no such topic.
        if subscriptions.iter().any(|one| one["Protocol"] != "sms") {
            self.look_at_recoveries().await;
        }
    }

    /// Who hears that an alarm is over: by a topic of its own, which has to be confirmed as well.
    async fn look_at_recoveries(&mut self) {
        let Some(subscriptions) = self.subscribed("operators-ok").await else { return };
        let pending = subscriptions.iter().filter(|one| is_pending(one)).count();
        if pending > 0 {
            self.add(Finding::advice(
                "operators",
                said(
                    format!("{pending} addresses of operators hear when Hansho is in trouble, and not when that is over: they have not confirmed it"),
                    format!("運用担当のアドレス {pending} 件では、復旧の通知が未確認です。異常の通知とは別に確認が必要です"),
                ),
                confirm(),
            ));
        }
    }

    /// The subscriptions of a topic of this deployment.
    async fn subscribed(&mut self, topic: &str) -> Option<Vec<Value>> {
        let account = self.account.clone().unwrap_or_default();
        let topic = format!("arn:{}:sns:{}:{account}:{}-{topic}", self.partition(), self.asker.region, self.name);
        let question = Question::query(SNS, "2010-03-31", "ListSubscriptionsByTopic", &[("TopicArn", &topic)]);
        let answer = self.ask_or_tell("operators", &question).await?;
        Some(answer["ListSubscriptionsByTopicResult"]["Subscriptions"]["member"].as_array().cloned().unwrap_or_default())
    }
}

fn is_pending(subscription: &Value) -> bool {
    subscription["SubscriptionArn"] == "PendingConfirmation"
}

/// What to do about an address that was not confirmed.
fn confirm() -> Said {
    said(
        "open the mail \"AWS Notification - Subscription Confirmation\" and confirm; minutes",
        "「AWS Notification - Subscription Confirmation」メールのリンクで確認してください(数分)",
    )
}

/// Seconds since 1970, or in words.
fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => Timestamp::from_second(number.as_f64()? as i64).ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn missing_alarms(missing: &[&str], expected: usize) -> Finding {
    let apply = said("`terraform -chdir=infra apply`", "`terraform -chdir=infra apply` を実行してください");
    if missing.len() == expected {
        return Finding::fault(
            "alarms",
            said(
                "there are no alarms on Hansho itself: nobody hears of it when it fails",
                "Hansho 自身のアラームがありません。故障しても誰も気付きません",
            ),
            apply,
        );
    }
    let (count, names) = (missing.len(), missing.join(", "));
    Finding::fault(
        "alarms",
        said(
            format!("{count} of {expected} alarms on Hansho itself are missing: {names}"),
            format!("Hansho 自身のアラーム {expected} 件のうち {count} 件がありません: {names}"),
        ),
        apply,
    )
}

/// What is wrong with an alarm on Hansho itself: it is on, or nobody would hear of it.
fn ill_alarm(alarm: &Value, operators: &str) -> Vec<Finding> {
    let (name, what) = (alarm["AlarmName"].as_str().unwrap_or_default(), alarm["AlarmDescription"].as_str().unwrap_or_default());
    let mut ill = Vec::new();
    if alarm["StateValue"] == "ALARM" {
        ill.push(Finding::fault("alarms", said(format!("{name:?} is on"), format!("{name:?} が発報中です")), said(what, what)));
    }
    if alarm["ActionsEnabled"] == false {
        let command = format!("aws cloudwatch enable-alarm-actions --alarm-names '{name}'");
        ill.push(Finding::fault(
            "alarms",
            said(
                format!("{name:?} tells nobody: its actions are switched off"),
                format!("{name:?} のアクションが無効で、誰にも届きません"),
            ),
            said(format!("`{command}`"), format!("`{command}` を実行してください")),
        ));
    } else if !alarm["AlarmActions"].as_array().is_some_and(|actions| actions.iter().any(|action| action == operators)) {
        ill.push(Finding::fault(
            "alarms",
            said(
                format!("{name:?} tells nobody: the topic {operators} is not among its actions"),
                format!("{name:?} のアクションに {operators} がなく、誰にも届きません"),
            ),
            said("`terraform -chdir=infra apply`", "`terraform -chdir=infra apply` を実行してください"),
        ));
    }
    ill
}
