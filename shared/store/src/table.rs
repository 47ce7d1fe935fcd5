//! The table itself.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client,
    config::AsyncSleep as _,
    operation::create_table::CreateTableInput,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType, ScalarAttributeType,
        TimeToLiveSpecification,
    },
};

use crate::error::StoreError;

/// The sparse indexes: name, partition key, sort key, type of the sort key. They hold keys only: what they name is read
/// again before anything is decided.
const INDEXES: [(&str, &str, &str, ScalarAttributeType); 3] = [
    ("work", "work_pk", "work_at", ScalarAttributeType::N),
    ("open", "open_pk", "open_sk", ScalarAttributeType::S),
    ("recent", "recent_pk", "recent_sk", ScalarAttributeType::S),
];

/// The table's definition, on demand.
///
/// # Errors
/// None in practice: every part is given.
pub fn definition(table: &str) -> Result<CreateTableInput, StoreError> {
    let invalid = |error: aws_sdk_dynamodb::error::BuildError| StoreError::unreadable(table, error);
    let mut input = CreateTableInput::builder().table_name(table).billing_mode(BillingMode::PayPerRequest);
    for (name, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
        input = input
            .key_schema(KeySchemaElement::builder().attribute_name(name).key_type(kind).build().map_err(invalid)?)
            .attribute_definitions(attribute(name, ScalarAttributeType::S).map_err(invalid)?);
    }
    for (name, partition, sort, sort_type) in INDEXES {
        let index = GlobalSecondaryIndex::builder()
            .index_name(name)
            .key_schema(KeySchemaElement::builder().attribute_name(partition).key_type(KeyType::Hash).build().map_err(invalid)?)
            .key_schema(KeySchemaElement::builder().attribute_name(sort).key_type(KeyType::Range).build().map_err(invalid)?)
            .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
            .build()
            .map_err(invalid)?;
        input = input
            .global_secondary_indexes(index)
            .attribute_definitions(attribute(partition, ScalarAttributeType::S).map_err(invalid)?)
            .attribute_definitions(attribute(sort, sort_type).map_err(invalid)?);
    }
    input.build().map_err(invalid)
}

fn attribute(name: &str, kind: ScalarAttributeType) -> Result<AttributeDefinition, aws_sdk_dynamodb::error::BuildError> {
    AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build()
}

/// Makes the table where there is none, and switches on time to live. Says whether it was made.
///
/// # Errors
/// DynamoDB refuses or does not answer.
pub async fn create_table(client: &Client, table: &str) -> Result<bool, StoreError> {
    let definition = definition(table)?;
    let request = client
        .create_table()
        .table_name(table)
        .set_billing_mode(definition.billing_mode)
        .set_key_schema(definition.key_schema)
        .set_attribute_definitions(definition.attribute_definitions)
        .set_global_secondary_indexes(definition.global_secondary_indexes);
    let made = match request.send().await {
        Ok(_) => true,
        Err(error) if error.as_service_error().is_some_and(|e| e.is_resource_in_use_exception()) => false,
        Err(error) => return Err(StoreError::unavailable("create the table", &error)),
    };
    wait_until_active(client, table).await?;
    let time_to_live = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name("expires_at")
        .build()
        .map_err(|error| StoreError::unreadable(table, error))?;
    match client.update_time_to_live().table_name(table).time_to_live_specification(time_to_live).send().await {
        Ok(_) => Ok(made),
        // It is on already: DynamoDB refuses to switch on what is on.
        Err(error) if !made && error.as_service_error().is_some() => Ok(made),
        Err(error) => Err(StoreError::unavailable("switch on time to live", &error)),
    }
}

/// How often a new table is asked whether it is ready, and how long is waited in between: two minutes in all, where AWS takes
/// some seconds. The embedded one is ready at once, and nobody waits.
const DESCRIBE_MAX: usize = 240;
const DESCRIBE_EVERY: Duration = Duration::from_millis(500);

async fn wait_until_active(client: &Client, table: &str) -> Result<(), StoreError> {
    for _ in 0..DESCRIBE_MAX {
        let answer =
            client.describe_table().table_name(table).send().await.map_err(|e| StoreError::unavailable("describe the table", &e))?;
        if answer.table().and_then(|t| t.table_status()) == Some(&aws_sdk_dynamodb::types::TableStatus::Active) {
            return Ok(());
        }
        if let Some(sleep) = client.config().sleep_impl() {
            sleep.sleep(DESCRIBE_EVERY).await;
        }
    }
    Err(StoreError::Contention { key: table.to_owned() })
}
