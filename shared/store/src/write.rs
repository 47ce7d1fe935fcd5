//! Writes without a condition: what nobody else writes, or what may be written twice.

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};

use crate::{
    Store,
    error::StoreError,
    item::{self, Item},
};

/// How often what a batch left over is written again.
const BATCH_TRIES_MAX: u32 = 12;

impl Store {
    pub(crate) async fn put_item(&self, made: Item) -> Result<(), StoreError> {
        let name = item::name(&made);
        self.retrying(&name, || self.client.put_item().table_name(&self.table).set_item(Some(made.clone())).send())
            .await
            .map(|_| ())
            .map_err(|error| StoreError::unavailable("write an item", &error))
    }

    /// Writes up to 25 items at once. What DynamoDB leaves over is written again, after a while.
    pub(crate) async fn write_batch(&self, items: Vec<Item>) -> Result<(), StoreError> {
        let name = items.first().map(item::name).unwrap_or_default();
        let put = |item: Item| {
            let put = PutRequest::builder().set_item(Some(item)).build();
            put.map(|put| WriteRequest::builder().put_request(put).build())
        };
        let writes: Result<Vec<WriteRequest>, _> = items.into_iter().map(put).collect();
        let mut writes = writes.map_err(|error| StoreError::unreadable(&name, error))?;
        for attempt in 1..=BATCH_TRIES_MAX {
            let request = self.client.batch_write_item().request_items(&self.table, writes);
            let answer = self
                .retrying(&name, || request.clone().send())
                .await
                .map_err(|error| StoreError::unavailable("write a batch of items", &error))?;
            writes = answer.unprocessed_items.unwrap_or_default().remove(&self.table).unwrap_or_default();
            if writes.is_empty() {
                return Ok(());
            }
            self.pause(&name, attempt).await;
        }
        Err(StoreError::Contention { key: name })
    }
}
