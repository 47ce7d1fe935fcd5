//! What may be larger than an item: compressed, and cut into pieces that stand beside each other in one partition.

use std::io::{Read as _, Write as _};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Store,
    error::StoreError,
    item::{self, Item, With, item},
    keys,
};

/// Largest body of an item, in bytes. DynamoDB takes 400 KB with keys and attribute names (developer guide, "Quotas").
pub(super) const BODY_BYTES_MAX: usize = 390_000;
/// Most bytes that are made of the pieces again: a folder of configuration has 10 MB at most, and as JSON little more.
const UNPACKED_BYTES_MAX: u64 = 32_000_000;
/// Most pieces of one thing: far above what the largest folder makes, also one that does not compress.
const PIECES_MAX: usize = 100;

/// What an item has in place of its body when that is in pieces.
pub(super) const IN_PIECES: &str = "in_pieces";

/// The items that keep `value`.
pub(super) fn cut<T: Serialize>(partition: &str, prefix: &str, value: &T) -> Result<Vec<Item>, StoreError> {
    cut_text(partition, prefix, &item::json(partition, value)?)
}

/// The same of what is JSON already.
pub(super) fn cut_text(partition: &str, prefix: &str, text: &str) -> Result<Vec<Item>, StoreError> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    let packed = packer.write_all(text.as_bytes()).and_then(|()| packer.finish());
    let packed = packed.map_err(|error| StoreError::unreadable(partition, error))?;
    let piece =
        |(place, bytes): (usize, &[u8])| item(&keys::piece(partition, prefix, place + 1)).with("data", AttributeValue::B(Blob::new(bytes)));
    Ok(packed.chunks(BODY_BYTES_MAX).enumerate().map(piece).collect())
}

impl Store {
    /// What [`cut`] made pieces of; `None` when there are none.
    pub(super) async fn put_together<T: DeserializeOwned>(&self, partition: &str, prefix: &str) -> Result<Option<T>, StoreError> {
        let pieces = self.query_newest(partition, prefix, PIECES_MAX).await?;
        if pieces.is_empty() {
            return Ok(None);
        }
        let unreadable = |error: &dyn std::fmt::Display| StoreError::unreadable(format!("{partition} / {prefix}"), error);
        let mut packed = Vec::new();
        for piece in pieces.iter().rev() {
            let data = piece.get("data").and_then(|data| data.as_b().ok()).ok_or_else(|| unreadable(&"a piece has no data"))?;
            packed.extend_from_slice(data.as_ref());
        }
        let mut text = Vec::new();
        GzDecoder::new(packed.as_slice()).take(UNPACKED_BYTES_MAX).read_to_end(&mut text).map_err(|error| unreadable(&error))?;
        serde_json::from_slice(&text).map(Some).map_err(|error| unreadable(&error))
    }
}
