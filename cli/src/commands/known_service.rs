//! Whether a service that somebody typed exists: an empty list for a name that is misspelt would read as "all is well".

use hansho_configuration::did_you_mean;

use super::client::{Client, ClientError};

/// Asks for the services in force where nothing was found for `service`.
///
/// # Errors
/// There is no such service; or Hansho does not answer.
pub(super) async fn check(client: &Client, service: &str) -> Result<(), ClientError> {
    let answer = client.get("/services").await?;
    let services = answer["services"].as_array().into_iter().flatten();
    let known: Vec<&str> = services.filter_map(|known| known["id"].as_str()).collect();
    if known.contains(&service) {
        return Ok(());
    }
    Err(ClientError::UnknownService { service: service.to_owned(), hint: did_you_mean(service, known) })
}
