//! Events under a key that has ended: they are refused, and somebody hears of it. A sender that was forgotten when keys were rotated
//! does not know that nobody hears its alarms.

use hansho_domain::{AlertId, DedupKey, text};
use hansho_intake::Signal;
use hansho_store::{IntegrationKey, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::{Sender, alert, limit::Admission, unusable};
use crate::{Api, input_id};

/// How many events of such a key are put on the list in a minute. Whoever has the key may be whom it was taken from.
const LISTED_PER_MINUTE_MAX: u32 = 10;
/// How much of each is kept, in bytes.
const RAW_BYTES_MAX: usize = 4_096;
/// How often people are paged about one key at most.
const TOLD_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// Longest summary of an event that is shown, in characters.
const SUMMARY_CHARS_MAX: usize = 160;

/// Puts the event on the list of suppressed alerts, and opens an incident about the key on the integration's service, once a day while it
/// goes on.
///
/// # Errors
/// DynamoDB does not answer.
pub(super) async fn note(
    api: &Api,
    sender: &Sender,
    secret: &str,
    event: Option<&Map<String, Value>>,
    raw: &str,
) -> Result<(), StoreError> {
    let most = LISTED_PER_MINUTE_MAX.min(sender.per_minute_max());
    // Counted apart from what the key took before it ended: a busy minute must not keep that from anybody.
    let ended = IntegrationKey { id: format!("{}-ended", sender.key.id), ..sender.key.clone() };
    if api.limiter.admit(&api.store, &ended, most, sender.at).await != Admission::Taken {
        return Ok(());
    }
    let said = summary(event);
    list(api, sender, said.as_deref(), raw).await?;
    if !is_due(api.store.ended_key_was_told(secret).await?, sender.at) {
        return Ok(());
    }
    report(api, sender, said.as_deref()).await?;
    // Whoever dies before this says it again, which is counted on the same incident.
    api.store.ended_key_is_told(secret).await
}

/// Whether people are to be told at `now`, who were told at `told_at` before.
fn is_due(told_at: Option<Timestamp>, now: Timestamp) -> bool {
    told_at.is_none_or(|told_at| now.duration_since(told_at) >= TOLD_EVERY)
}

async fn list(api: &Api, sender: &Sender, said: Option<&str>, raw: &str) -> Result<(), StoreError> {
    let (integration, id) = (sender.integration(), &sender.key.id);
    let raw = &raw[..raw.floor_char_boundary(RAW_BYTES_MAX)];
    let name = input_id::hash_text(&["ended-key", integration.as_str(), id, raw], 32);
    let key = DedupKey::new(format!("ended-key/{name}")).map_err(|error| unusable(&error))?;
    let alert = AlertId::from_hash(input_id::hash(&["ended-key", integration.as_str(), id, raw]));
    let reason = format!("refused: its integration key {id} {}", sender.key.ending());
    let suppressed = alert::suppressed(alert, key, said.unwrap_or("event under a key that has ended"), &reason, sender);
    let taken = api.intake.receive(Signal::Suppressed(Box::new(suppressed)), raw).await?;
    tracing::warn!(%integration, key = id, ?taken, "an event came under a key that has ended");
    Ok(())
}

async fn report(api: &Api, sender: &Sender, said: Option<&str>) -> Result<(), StoreError> {
    let (integration, id) = (sender.integration(), &sender.key.id);
    let alert = alert::of_hansho(
        AlertId::from_hash(input_id::hash(&["ended-key", integration.as_str(), id, &sender.serial])),
        DedupKey::new(format!("ended-key/{integration}/{id}")).map_err(|error| unusable(&error))?,
        format!(
            "A sender still uses a key of integration {integration} that has ended; its alarms are not heard (失効した受信キーが使われています)"
        ),
        format!(
            "Key {id} {}. What comes in under it is refused with 400{}.\n\
             Give its sender the new key, and look at the list of suppressed alerts for what was refused. If nobody of yours sends it, the \
             key is in other hands, and can do no more than this.\n\
             失効したキーで届いたイベントは拒否されます。送信元に新しいキーを設定し、抑止したアラートの一覧で失われた内容を確認してください。",
            sender.key.ending(),
            said.map(|said| format!(", such as: {said}")).unwrap_or_default(),
        ),
        sender,
    );
    let raw = alert.details.clone();
    let taken = api.intake.receive_own(&sender.service(), &alert, &raw).await?;
    tracing::warn!(%integration, key = id, ?taken, "people are told of a key that has ended and is used");
    Ok(())
}

/// What the event says in a line, of whichever version it is.
pub(super) fn summary(event: Option<&Map<String, Value>>) -> Option<String> {
    let event = event?;
    let said = event.get("payload").and_then(|payload| payload.get("summary")).or_else(|| event.get("description"))?.as_str()?;
    Some(text::cut(&text::one_line(said), SUMMARY_CHARS_MAX)).filter(|said| !said.is_empty())
}

#[cfg(test)]
mod tests {
    use super::is_due;

    #[test]
    fn people_are_told_at_once_and_then_once_a_day() {
        let now = "2026-11-20T18:12:00Z".parse().unwrap();
        for (told_at, due) in [
            (None, true),
            (Some("2026-11-20T18:12:00Z"), false),
            (Some("2026-11-19T18:12:01Z"), false),
            (Some("2026-11-19T18:12:00Z"), true),
        ] {
            assert_eq!(is_due(told_at.map(|at| at.parse().unwrap()), now), due, "{told_at:?}");
        }
    }
}
