//! The outbox: effects as rows of the commit that asked for them.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use hansho_domain::{Effect, EffectId, Notification};
use jiff::Timestamp;

use crate::{
    Store,
    commit::Commit,
    delivery::delivery_item,
    error::StoreError,
    incident::effect_id,
    item::{self, Item, With, body, item, s, time},
    keys,
};

/// How many deliveries of a fan-out are made in one transaction, which takes 100 items (TransactWriteItems, API reference).
const FAN_OUT_CHUNK: usize = 90;

/// An effect that waits to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its derived id.
    pub id: EffectId,
    /// What is to be done.
    pub effect: Effect,
}

impl OutboxRow {
    /// From the item, as a table read or a stream record has it.
    ///
    /// # Errors
    /// It is no outbox row, or can not be read.
    pub fn from_item(found: &Item) -> Result<Self, StoreError> {
        Ok(Self { id: effect_id(found, keys::OUTBOX_PREFIX)?, effect: body(found)? })
    }
}

pub(crate) fn outbox_item(id: EffectId, effect: &Effect, now: Timestamp) -> Result<Item, StoreError> {
    let key = keys::outbox(id);
    Ok(item(&key)
        .with("entity", s("OUTBOX"))
        .with("body", s(item::json(&key.pk, effect)?))
        .with("work_pk", s(keys::outbox_shard(keys::shard(id.incident))))
        .with("work_at", time(now)))
}

/// Whether a write, as it goes to DynamoDB, may make something that waits for the relay: a row of the outbox, or a notice. Whoever
/// plays the stream on one machine need not look when nothing did.
pub fn may_add_to_outbox(request: &[u8]) -> bool {
    let row = format!("\"work_pk\":{{\"S\":\"{}", keys::OUTBOX_PREFIX);
    let notice = format!("{{\"S\":\"{}\"}}", keys::NOTICE_WORK);
    std::str::from_utf8(request).is_ok_and(|request| request.contains(&row) || request.contains(&notice))
}

impl Store {
    /// The row, if it is still pending.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the row can not be read.
    pub async fn outbox_row(&self, id: EffectId) -> Result<Option<OutboxRow>, StoreError> {
        self.get(&keys::outbox(id)).await?.map(|found| OutboxRow::from_item(&found)).transpose()
    }

    /// The row as a stream record shows it (`NewImage`), if it is still pending: for feeding the relay without a stream.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn outbox_image(&self, id: EffectId) -> Result<Option<serde_json::Value>, StoreError> {
        let Some(found) = self.get(&keys::outbox(id)).await? else { return Ok(None) };
        let image = ["pk", "sk", "entity", "body"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), serde_json::json!({ "S": item::text(&found, name)? }))));
        Ok(Some(serde_json::Value::Object(image.collect())))
    }

    /// Ends the row: its effect has been carried out. Ending it twice is no error.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn end_outbox_row(&self, id: EffectId) -> Result<(), StoreError> {
        let key = keys::outbox(id);
        self.retrying(&key.pk, || self.client.delete_item().table_name(&self.table).key("pk", s(&key.pk)).key("sk", s(&key.sk)).send())
            .await
            .map(|_| ())
            .map_err(|error| StoreError::unavailable("end an outbox row", &error))
    }

    /// Turns the row into deliveries and ends it, in one transaction for up to 90 notifications. Rows that were turned
    /// before stay as they are.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn make_deliveries(&self, row: EffectId, notifications: &[Notification]) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut rest: Vec<(EffectId, &Notification)> =
            (row.index..).zip(notifications).map(|(index, notification)| (EffectId { index, ..row }, notification)).collect();
        while rest.len() > FAN_OUT_CHUNK {
            for (id, notification) in rest.drain(..FAN_OUT_CHUNK) {
                self.put_delivery_if_new(delivery_item(id, notification, now)?).await?;
            }
        }
        let mut writes = Vec::new();
        for (id, notification) in &rest {
            writes.push(self.put_new(delivery_item(*id, notification, now)?)?);
        }
        let key = keys::outbox(row);
        let delete = Delete::builder()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .condition_expression("attribute_exists(pk)")
            .build()
            .map_err(|error| StoreError::unreadable(&key.pk, error))?;
        writes.push(TransactWriteItem::builder().delete(delete).build());
        match self.transact(&format!("relay-{row}"), writes).await? {
            // Conflict: another relay has turned it; its deliveries are the same by their ids.
            Commit::Committed | Commit::Conflict => Ok(()),
        }
    }

    async fn put_delivery_if_new(&self, delivery: Item) -> Result<(), StoreError> {
        let name = item::name(&delivery);
        let result = self
            .retrying(&name, || {
                self.client
                    .put_item()
                    .table_name(&self.table)
                    .set_item(Some(delivery.clone()))
                    .condition_expression("attribute_not_exists(pk)")
                    .send()
            })
            .await;
        match result {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(()),
            Err(error) => Err(StoreError::unavailable("make a delivery", &error)),
        }
    }

    /// A put that fails when the item exists.
    pub(crate) fn put_new(&self, made: Item) -> Result<TransactWriteItem, StoreError> {
        let name = item::name(&made);
        let put = Put::builder().table_name(&self.table).set_item(Some(made)).condition_expression("attribute_not_exists(pk)").build();
        Ok(TransactWriteItem::builder().put(put.map_err(|error| StoreError::unreadable(name, error))?).build())
    }

    /// A put that replaces what has this body still.
    pub(crate) fn put_over(&self, made: Item, body: &str) -> Result<TransactWriteItem, StoreError> {
        let name = item::name(&made);
        let put = Put::builder().table_name(&self.table).set_item(Some(made)).condition_expression("body = :body");
        let put = put.expression_attribute_values(":body", s(body)).build().map_err(|error| StoreError::unreadable(name, error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A put that replaces whatever there is.
    pub(crate) fn put(&self, made: Item) -> Result<TransactWriteItem, StoreError> {
        let name = item::name(&made);
        let put = Put::builder().table_name(&self.table).set_item(Some(made)).build();
        Ok(TransactWriteItem::builder().put(put.map_err(|error| StoreError::unreadable(name, error))?).build())
    }
}
