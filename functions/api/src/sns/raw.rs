//! Raw message delivery: what was published comes alone, and nothing of it is signed (SNS developer guide, "Amazon SNS raw message
//! delivery"). Only whoever has a key of the integration is believed then.

use hansho_domain::{Integration, TopicArn};
use http::{HeaderMap, request::Parts};

use super::{answer::Refusal, message::Notification};
use crate::{
    Api,
    events::{key_beside_body, opened_by},
};

/// Whether a request was sent with raw message delivery.
pub(super) fn is_raw(headers: &HeaderMap) -> bool {
    text(headers, "x-amz-sns-rawdelivery").is_some_and(|word| word.eq_ignore_ascii_case("true"))
}

/// What was published, by whoever has a key of the integration.
pub(super) async fn read(api: &Api, integration: &Integration, parts: &Parts, body: &str) -> Result<Notification, Refusal> {
    let without = Refusal::Forged(
        "raw message delivery is not signed, and needs a key of the integration in the address (?routing_key=); turn it off, or add one",
    );
    let Some(secret) = key_beside_body(parts) else { return Err(without) };
    if opened_by(api, &secret, body).await?.is_none_or(|opened| opened != *integration.id()) {
        return Err(Refusal::Forged("it was sent with no key of the integration"));
    }
    let topic = text(&parts.headers, "x-amz-sns-topic-arn").and_then(|arn| TopicArn::new(arn).ok());
    let topic = topic.ok_or(Refusal::Malformed("x-amz-sns-topic-arn is no ARN of a topic"))?;
    if !integration.spec().kind.topics().contains(&topic) {
        return Err(Refusal::Forged("its topic is none of the integration's topics"));
    }
    let id = text(&parts.headers, "x-amz-sns-message-id").filter(|id| !id.is_empty());
    let id = id.ok_or(Refusal::Malformed("x-amz-sns-message-id is none"))?;
    Ok(Notification { id: id.to_owned(), topic, subject: None, text: body.to_owned(), sent_at: None })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}
