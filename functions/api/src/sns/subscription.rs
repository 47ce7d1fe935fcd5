//! Whether topics may send, and that they do not any more. Nothing of that pages: it stands on the list of suppressed alerts.

use hansho_domain::{AlertId, Integration, TopicArn};
use hansho_intake::{Signal, subscription_task};
use hansho_store::Suppressed;
use jiff::Timestamp;

use super::{
    answer::{Refusal, is_final},
    message::Notification,
    signal::topic_key,
};
use crate::{Api, input_id};

/// Largest answer to a confirmation that is looked at, in bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Confirms the subscription of a topic of the integration. Asking twice changes nothing.
pub(super) async fn confirm(api: &Api, integration: &Integration, asked: &Notification, token: &str) -> Result<(), Refusal> {
    let (id, topic) = (integration.id(), &asked.topic);
    match api.sns.downloads.get(&confirmation(topic, token), ANSWER_BYTES_MAX).await {
        Ok(answer) if answer.status == 200 => {
            tracing::info!(integration = %id, %topic, "the subscription of a topic was confirmed");
            let reason = format!("the subscription of {topic} is confirmed: what it sends comes in from now on (購読を確認しました)");
            record(api, integration, asked, "confirmed", reason).await
        }
        Ok(answer) if is_final(answer.status) => {
            let reason = format!(
                "to do: SNS refused to confirm the subscription of {topic} (status {}); ask for the confirmation once more in the SNS \
                 console (購読の確認に失敗しました)",
                answer.status
            );
            record(api, integration, asked, "refused", reason).await
        }
        unanswered => {
            let why = unanswered.map_or_else(|error| error.to_string(), |answer| format!("the status is {}", answer.status));
            let reason = format!(
                "to do: SNS did not answer when the subscription of {topic} was confirmed; it asks again, and if it stays pending, ask \
                 for the confirmation once more in the SNS console (購読の確認待ち)"
            );
            record(api, integration, asked, "unanswered", reason).await?;
            Err(Refusal::Later(format!("SNS does not answer: {why}")))
        }
    }
}

/// Where a subscription is confirmed (SNS API reference, "ConfirmSubscription"). The address is made here, of the topic's Region and the
/// token; the one in the message is not asked for.
fn confirmation(topic: &TopicArn, token: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("Action", "ConfirmSubscription").append_pair("TopicArn", topic.as_str()).append_pair("Token", token);
    format!("https://{}/?{}", topic.host(), query.finish())
}

/// A topic that nobody has configured asks whether it may send. That is for people to say.
pub(super) async fn asked_by_stranger(api: &Api, integration: &Integration, asked: &Notification) -> Result<(), Refusal> {
    let id = integration.id();
    let what = format!("send to the integration {id}");
    let how = format!("add it to the topics of {id}, apply that, and ask for the confirmation once more in the SNS console");
    record(api, integration, asked, "asked", subscription_task(asked.topic.as_str(), &what, &how)).await
}

/// A topic that is not configured (any more) sends.
pub(super) async fn sent_by_stranger(api: &Api, integration: &Integration, sent: &Notification) -> Result<(), Refusal> {
    let (id, topic) = (integration.id(), &sent.topic);
    let reason = format!(
        "to do: {topic} sends to the integration {id}, which does not have it among its topics, so nothing of it is taken in; add it, \
         or end its subscription (topics にない SNS トピックからの通知)"
    );
    record(api, integration, sent, "sent", reason).await
}

/// A topic of the integration sends no more.
pub(super) async fn ended(api: &Api, integration: &Integration, ended: &Notification) -> Result<(), Refusal> {
    let reason = format!(
        "to do: the subscription of {} has ended, and its alarms do not come in any more; subscribe it again unless that was meant \
         (購読が解除されました)",
        ended.topic
    );
    record(api, integration, ended, "ended", reason).await
}

/// Writes it on the list of suppressed alerts: once a day for a topic, and counted there.
async fn record(api: &Api, integration: &Integration, of: &Notification, word: &str, reason: String) -> Result<(), Refusal> {
    let now: Timestamp = api.store.clock().now();
    let topic = &of.topic;
    let suppressed = Suppressed {
        alert: AlertId::from_hash(input_id::hash(&["sns-subscription", integration.id().as_str(), topic.as_str(), word])),
        integration: integration.id().clone(),
        dedup_key: topic_key(topic, &["subscription"]),
        service: Some(integration.service_or_catch_all()),
        title: format!("SNS subscription of {}", topic.name()),
        occurred_at: now,
        received_at: now,
        reason,
        rule: None,
    };
    let _taken = api.alarms.receive(Signal::Suppressed(Box::new(suppressed)), &of.raw()).await?;
    Ok(())
}
