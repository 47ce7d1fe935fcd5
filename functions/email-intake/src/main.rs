//! The Lambda function: settings in, events through.

use hansho_runtime::{Settings, parameters, payload, settings::environment, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start_function(&environment);
    let environment = parameters::environment().await?;
    let mut settings = Settings::new(&environment);
    let function = hansho_email_intake::EmailIntake::from_settings(&mut settings);
    settings.finish()?;
    let function = &function;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        // Boxed: the state of an invocation is large and deeply nested, and the runtime holds it in its own.
        Box::pin(function.handle(payload::event(&event.payload))).await.map_err(Error::from)
    }))
    .await
}
