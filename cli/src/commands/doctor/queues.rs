//! Queues with what waits and what was given up, and what wakes functions by time.

use serde_json::json;

use super::{
    Doctor,
    ask::{Question, SCHEDULER, SQS},
    finding::{Finding, said},
    unanswered,
};

/// Functions with a queue of dead letters (infra/main.tf).
pub(super) const DEAD_LETTERS: [&str; 6] = ["alarm-intake", "delivery", "email-intake", "escalation", "outbox-relay", "sweeper"];
/// Queues that wait for a function.
const QUEUES: [&str; 2] = ["deliveries", "timers"];
/// So many messages at once are a storm, or nobody takes them.
const WAITING_MAX: u64 = 100;

impl Doctor {
    pub(super) async fn look_at_queues(&mut self) {
        for function in DEAD_LETTERS {
            let queue = format!("{}-{function}-dead-letters", self.name);
            let Some((visible, hidden)) = self.count("dead letters", &queue).await else { continue };
            let finding = match visible + hidden {
                0 => Finding::well("dead letters", said(format!("{queue} is empty"), format!("{queue} は空です"))),
                count => Finding::fault(
                    "dead letters",
                    said(
                        format!("{count} dead letters in {queue}: they may be alarms that nobody was paged for"),
                        format!("{queue} にデッドレターが {count} 件あります。誰も呼び出されなかったアラームかもしれません"),
                    ),
                    said(
                        format!(
                            "`hansho dead-letters --name {} --function {function}` says what they are and why; with --replay it works on them again, once the cause is mended. The log is /aws/lambda/{}-{function}",
                            self.name, self.name
                        ),
                        format!(
                            "`hansho dead-letters --name {} --function {function}` で内容と理由を確認し、原因を直してから --replay で再実行してください。ログは /aws/lambda/{}-{function} です",
                            self.name, self.name
                        ),
                    ),
                ),
            };
            self.add(finding);
        }
        for queue in QUEUES {
            let queue = format!("{}-{queue}", self.name);
            let Some((visible, _)) = self.count("queues", &queue).await else { continue };
            let finding = if visible <= WAITING_MAX {
                Finding::well("queues", said(format!("{visible} messages wait in {queue}"), format!("{queue} の待ちは {visible} 件です")))
            } else {
                Finding::fault(
                    "queues",
                    said(
                        format!("{visible} messages wait in {queue}: pages are late"),
                        format!("{queue} に {visible} 件が滞留しています。呼び出しが遅れます"),
                    ),
                    said(
                        "look whether its function runs, and at the account's concurrency",
                        "関数が動いているか、同時実行数が足りているかを確認してください",
                    ),
                )
            };
            self.add(finding);
        }
    }

    /// How many messages can be seen, and are worked on.
    pub(super) async fn count(&mut self, check: &'static str, queue: &str) -> Option<(u64, u64)> {
        let question = Question::json(SQS, "AmazonSQS.GetQueueUrl", &json!({ "QueueName": queue }));
        let url = match self.ask(&question).await {
            Ok(answer) => answer["QueueUrl"].as_str().map(str::to_owned),
            Err(refusal) => {
                self.add(if refusal.is_missing() { not_there(check, queue) } else { unanswered(check, &question, &refusal) });
                None
            }
        }?;
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let question = Question::json(SQS, "AmazonSQS.GetQueueAttributes", &json!({ "QueueUrl": url, "AttributeNames": names }));
        let answer = self.ask_or_tell(check, &question).await?;
        let number = |name: &str| answer["Attributes"][name].as_str().and_then(|number| number.parse().ok()).unwrap_or(0);
        Some((number(names[0]), number(names[1])))
    }

    pub(super) async fn look_at_timers(&mut self) {
        let group = self.setting("outbox-relay", "HANSHO_SCHEDULE_GROUP").unwrap_or(&self.name).to_owned();
        let question = Question::get(SCHEDULER, format!("/schedule-groups/{group}"), "GetScheduleGroup");
        let answered = self.ask(&question).await;
        let state = match answered {
            Ok(answer) => answer["State"].as_str().unwrap_or_default().to_owned(),
            Err(refusal) if refusal.is_missing() => "missing".to_owned(),
            Err(refusal) => {
                self.add(unanswered("schedule group", &question, &refusal));
                String::new()
            }
        };
        if state == "ACTIVE" {
            self.add(Finding::well("schedule group", said(format!("{group} is {state}"), format!("{group} の状態は {state} です"))));
        } else if !state.is_empty() {
            self.add(Finding::fault(
                "schedule group",
                said(
                    format!("{group} is {state}: escalations wait for the sweeper, up to a minute late"),
                    format!("{group} の状態は {state} です。エスカレーションが sweeper 任せになり、最大 1 分遅れます"),
                ),
                said("`terraform -chdir=infra apply`", "`terraform -chdir=infra apply` を実行してください"),
            ));
        }
        let without = said("nothing finds what was lost", "失われた処理を見つけるものがなくなります");
        self.look_at_rule("sweeper's rule", "default", &format!("{}-sweeper", self.name), "sweeper", &without).await;
    }
}

fn not_there(check: &'static str, queue: &str) -> Finding {
    Finding::fault(
        check,
        said(format!("{queue} is not there"), format!("{queue} がありません")),
        said("`terraform -chdir=infra apply`", "`terraform -chdir=infra apply` を実行してください"),
    )
}
