//! Amazon SNS asks whether a topic may send somewhere. Whether it may is for people to say, so the question is shown as a task.

/// The task: what the topic asks for (`send mail to this address`), and how whoever knows it says yes.
pub fn subscription_task(topic: &str, what: &str, how: &str) -> String {
    format!("to do: Amazon SNS asks whether {topic} may {what}; if you know it, {how} (購読の確認待ち)")
}
