//! Wires the function for Lambda.

use std::sync::Arc;

use hansho_api::{Api, MailAddresses, Sender};
use hansho_runtime::{Aws, Secrets, Settings, SystemClock, parameters, settings::environment, telemetry};
use hansho_store::Store;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start_function(&environment);
    let environment = parameters::environment().await?;
    let mut settings = Settings::new(&environment);
    let aws = Aws::from_settings(&mut settings);
    let store = Store::from_settings(&mut settings, &aws, Arc::new(SystemClock));
    // The key is asked for only where there are addresses to show.
    let domain = settings.optional("HANSHO_MAIL_DOMAIN");
    let mail_addresses = domain.and_then(|domain| Secrets::from_settings(&mut settings).map(|secrets| MailAddresses { secrets, domain }));
    let sender = Sender::from_settings(&settings);
    let public_url = settings.optional("HANSHO_PUBLIC_URL");
    settings.finish()?;
    let api = Api::new(Arc::new(store)).with_mail_addresses(mail_addresses).with_sender(sender);
    let api = Arc::new(match public_url {
        Some(url) => api.with_public_url(&url),
        None => api,
    });
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let api = Arc::clone(&api);
        // Boxed: the state of an invocation is large and deeply nested, and the runtime holds it in its own.
        async move { Box::pin(api.handle(event.payload)).await.map_err(Error::from) }
    }))
    .await
}
