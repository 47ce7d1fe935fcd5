//! `hansho incident`: over the API, as any tool would.

use serde_json::{Value, json};

use super::{
    args::CreateIncident,
    client::{Client, ClientError},
};

pub(super) async fn create(asked: CreateIncident) -> Result<(), ClientError> {
    let client = Client::new(&asked.server)?;
    let body = json!({ "service": asked.service, "title": asked.title, "severity": asked.severity, "details": asked.details });
    let answer = client.post("/incidents", &body, asked.idempotency_key.as_deref()).await?;
    let id = answer.get("incident").unwrap_or(&answer).get("id").and_then(Value::as_str).unwrap_or("?");
    println!("{id}");
    Ok(())
}
