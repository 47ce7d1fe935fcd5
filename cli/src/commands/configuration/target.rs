//! Where the configuration function is: in the local run (or behind `--url`), or on AWS.

use clap::Args;
use serde_json::Value;

use super::{ConfigurationError, answer::Answer, lambda};
use crate::commands::client::{Client, ClientError, ServerArguments};

/// The function's path in the local run.
const LOCAL_PATH: &str = "/2015-03-31/functions/config/invocations";

/// Whose configuration it is.
#[derive(Debug, Clone, Args)]
pub struct TargetArguments {
    #[command(flatten)]
    server: ServerArguments,
    /// The Lambda function `config` of a deployment, by name or ARN; credentials are those of the AWS CLI
    #[arg(long, value_name = "NAME", conflicts_with_all = ["url", "token", "data"])]
    function: Option<String>,
    /// Its AWS Region; AWS_REGION or the AWS CLI's otherwise
    #[arg(long, value_name = "REGION", requires = "function")]
    region: Option<String>,
}

impl TargetArguments {
    /// The answer to a request, and its JSON.
    pub(super) async fn ask(&self, request: &Value) -> Result<(Answer, Value), ConfigurationError> {
        let answered = match &self.function {
            None => Client::new(&self.server)?.post(LOCAL_PATH, request, None).await.map_err(|error| self.explained(error))?,
            Some(function) => lambda::invoke(function, self.region.as_deref(), request).await?,
        };
        if let Some(message) = answered.get("errorMessage").and_then(Value::as_str) {
            return Err(ConfigurationError::Refused(message.to_owned()));
        }
        let answer: Answer = serde_json::from_value(answered.clone()).map_err(|error| ConfigurationError::Foreign(error.to_string()))?;
        match answer {
            Answer::Refused { message } => Err(ConfigurationError::Refused(message)),
            Answer::Invalid { problems, more_problems } => Err(super::answer::invalid(problems, more_problems)),
            answer => Ok((answer, answered)),
        }
    }

    /// Whether it is a deployment on AWS.
    pub(super) fn is_deployment(&self) -> bool {
        self.function.is_some()
    }

    /// A deployment has the function at no address.
    fn explained(&self, error: ClientError) -> ConfigurationError {
        match error {
            ClientError::Refused { status: 404, .. } => ConfigurationError::Refused(format!(
                "{} has no configuration function at its address; that of a deployment is named with --function, such as hansho-config:live",
                self.server.url
            )),
            error => error.into(),
        }
    }

    /// Its name, for people.
    pub(super) fn name(&self) -> &str {
        self.function.as_deref().unwrap_or(&self.server.url)
    }
}
