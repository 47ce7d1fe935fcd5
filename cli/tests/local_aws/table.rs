//! The embedded DynamoDB through the real client.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_sdk_dynamodb::{
    Client,
    operation::{put_item::PutItemError, scan::ScanError, transact_write_items::TransactWriteItemsError},
    types::{
        AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType, Put,
        ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure, ScalarAttributeType, TimeToLiveSpecification, TransactWriteItem,
    },
};
use hansho::local::aws::{EmbeddedDynamoDb, Endpoints, OpenGate};

use super::{Clients, Outcome, Recorder, failure, local};

pub(crate) const TABLE: &str = "hansho";

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn key(attribute: &str, kind: KeyType) -> Result<KeySchemaElement, Box<dyn Error>> {
    Ok(KeySchemaElement::builder().attribute_name(attribute).key_type(kind).build()?)
}

fn index(name: &str) -> Result<GlobalSecondaryIndex, Box<dyn Error>> {
    Ok(GlobalSecondaryIndex::builder()
        .index_name(name)
        .key_schema(key(name, KeyType::Hash)?)
        .key_schema(key("at", KeyType::Range)?)
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
        .build()?)
}

/// A table as Hansho's is: two keys, two sparse indexes, a TTL.
pub(crate) async fn create_table(client: &Client) -> Outcome {
    let mut create = client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("pk", KeyType::Hash)?)
        .key_schema(key("sk", KeyType::Range)?)
        .global_secondary_indexes(index("due")?)
        .global_secondary_indexes(index("open")?);
    for attribute in ["pk", "sk", "due", "open", "at"] {
        create = create.attribute_definitions(
            AttributeDefinition::builder().attribute_name(attribute).attribute_type(ScalarAttributeType::S).build()?,
        );
    }
    create.send().await?;
    client
        .update_time_to_live()
        .table_name(TABLE)
        .time_to_live_specification(TimeToLiveSpecification::builder().enabled(true).attribute_name("ttl").build()?)
        .send()
        .await?;
    Ok(())
}

fn put(sk: &str) -> Result<TransactWriteItem, Box<dyn Error>> {
    let put = Put::builder()
        .table_name(TABLE)
        .item("pk", text("incident"))
        .item("sk", text(sk))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

#[tokio::test]
async fn a_failed_condition_returns_the_old_item() -> Outcome {
    let (clients, _) = local(OpenGate)?;
    create_table(&clients.dynamodb).await?;
    let put = |version: &str| {
        clients
            .dynamodb
            .put_item()
            .table_name(TABLE)
            .item("pk", text("incident"))
            .item("sk", text("head"))
            .item("version", AttributeValue::N(version.to_owned()))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    };
    let written = put("1").send().await?;
    let units = written.consumed_capacity().and_then(|capacity| capacity.capacity_units());
    assert_eq!(units, Some(1.0), "no index holds the item");

    let error = failure(put("2").send().await)?.into_service_error();
    let PutItemError::ConditionalCheckFailedException(failed) = error else {
        return Err(error.into());
    };
    let old = failed.item().ok_or("no item")?;
    assert_eq!(old["version"], AttributeValue::N("1".to_owned()));
    Ok(())
}

#[tokio::test]
async fn a_cancelled_transaction_writes_nothing_and_says_why() -> Outcome {
    let (clients, _) = local(OpenGate)?;
    create_table(&clients.dynamodb).await?;
    let write = |items: Vec<TransactWriteItem>, token: &str| {
        clients
            .dynamodb
            .transact_write_items()
            .set_transact_items(Some(items))
            .client_request_token(token)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
    };
    let written = write(vec![put("1")?, put("2")?], "first").await?;
    assert_eq!(written.consumed_capacity()[0].capacity_units(), Some(4.0));
    // The same token is the same call, as after a lost answer.
    write(vec![put("1")?, put("2")?], "first").await?;

    let error = failure(write(vec![put("3")?, put("2")?], "second").await)?.into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        return Err(error.into());
    };
    let reasons = cancelled.cancellation_reasons();
    let codes: Vec<_> = reasons.iter().map(|reason| reason.code()).collect();
    assert_eq!(codes, [Some("None"), Some("ConditionalCheckFailed")]);
    let item = reasons[1].item().ok_or("no item")?;
    assert_eq!(item["sk"], text("2"));
    let third =
        clients.dynamodb.get_item().table_name(TABLE).key("pk", text("incident")).key("sk", text("3")).consistent_read(true).send().await?;
    assert!(third.item().is_none(), "half a transaction was written");
    Ok(())
}

#[tokio::test]
async fn a_sparse_index_holds_only_what_names_it() -> Outcome {
    let (clients, _) = local(OpenGate)?;
    create_table(&clients.dynamodb).await?;
    for (sk, due) in [("1", Some("0")), ("2", None), ("3", Some("0"))] {
        let mut put = clients
            .dynamodb
            .put_item()
            .table_name(TABLE)
            .item("pk", text("incident"))
            .item("sk", text(sk))
            .item("at", text(format!("2026-01-0{sk}T00:00:00Z")));
        if let Some(shard) = due {
            put = put.item("due", text(shard));
        }
        put.send().await?;
    }
    let page = clients
        .dynamodb
        .query()
        .table_name(TABLE)
        .index_name("due")
        .key_condition_expression("due = :shard AND #at <= :now")
        .expression_attribute_names("#at", "at")
        .expression_attribute_values(":shard", text("0"))
        .expression_attribute_values(":now", text("2026-01-09T00:00:00Z"))
        .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
        .send()
        .await?;
    let found: Vec<_> = page.items().iter().map(|item| item["sk"].clone()).collect();
    assert_eq!(found, [text("1"), text("3")]);
    let capacity = page.consumed_capacity().ok_or("no capacity")?;
    assert_eq!(capacity.capacity_units(), Some(0.5));
    Ok(())
}

#[tokio::test]
async fn nothing_is_ever_scanned() -> Outcome {
    let (clients, _) = local(OpenGate)?;
    create_table(&clients.dynamodb).await?;
    let error: ScanError = failure(clients.dynamodb.scan().table_name(TABLE).send().await)?.into_service_error();
    assert_eq!(error.meta().code(), Some("ValidationException"));
    Ok(())
}

/// A clock that a test sets.
struct SetClock(AtomicU64);

impl dynoxide::storage_backend::Clock for SetClock {
    fn now_unix_secs(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn now_unix_secs_f64(&self) -> f64 {
        jiff::SignedDuration::from_secs(self.now_unix_secs().cast_signed()).as_secs_f64()
    }
}

#[tokio::test]
async fn a_sweep_deletes_what_has_expired() -> Outcome {
    let clock = Arc::new(SetClock(AtomicU64::new(1_000)));
    let database = EmbeddedDynamoDb::memory_with_clock(clock.clone())?;
    let endpoints = Endpoints::new(database.clone(), Arc::new(Recorder::default()));
    let client = Clients::of(&endpoints).dynamodb;
    create_table(&client).await?;
    client
        .put_item()
        .table_name(TABLE)
        .item("pk", text("pointer"))
        .item("sk", text("closed"))
        .item("ttl", AttributeValue::N("2000".to_owned()))
        .send()
        .await?;
    assert_eq!(database.sweep_ttl()?, 0);
    clock.0.store(3_000, Ordering::Relaxed);
    assert_eq!(database.sweep_ttl()?, 1);
    Ok(())
}
