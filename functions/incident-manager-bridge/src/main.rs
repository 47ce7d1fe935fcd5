//! The Lambda function: settings in, events through.

use hansho_runtime::{Settings, settings::environment, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start_function(&environment);
    let mut settings = Settings::new(&environment);
    let function = hansho_incident_manager_bridge::Bridge::from_settings(&mut settings);
    settings.finish()?;
    let function = &function;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        // Boxed: the state of an invocation is large and deeply nested, and the runtime holds it in its own.
        Box::pin(function.handle(event.payload)).await.map_err(Error::from)
    }))
    .await
}
