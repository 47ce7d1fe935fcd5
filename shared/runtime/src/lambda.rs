//! Whether functions run, and whether what feeds them does: single signed GETs to Lambda, which cost nothing and need no SDK.

use std::{fmt, sync::OnceLock};

use aws_sigv4::http_request::SigningSettings;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use aws_types::SdkConfig;
use jiff::Timestamp;
use serde_json::Value;

use crate::{Aws, chain, connection, signed};

/// What may be switched off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A function, by its name: none of the account's executions are reserved for it.
    Function(String),
    /// The mapping of a queue or a stream to its function, by its id: it is disabled.
    Mapping(String),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(name) => write!(f, "the function {name}"),
            Self::Mapping(id) => write!(f, "the event source mapping {id}"),
        }
    }
}

/// What a mapping says that reads its source all the same, and goes on to say where nothing comes after: its function has failed on what it
/// was handed (Lambda developer guide, "Using AWS Lambda with Amazon Kinesis"), or Lambda itself has, which it also says of streams that
/// bring nothing for long. What waits meanwhile is relayed by the sweeper, and counted.
const STANDS_WHEN_OVER: [&str; 2] = ["PROBLEM: Function call failed", "PROBLEM: internal Lambda error"];

/// How a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartState {
    /// It runs, or is about to.
    On,
    /// Somebody has switched it off.
    Off,
    /// It is switched on and can not work: what a mapping reads is gone, or its role may not read it. In Lambda's words.
    Failing(String),
    /// It is not there, or is being deleted: for good, or while another takes its place.
    Gone,
}

/// Why it is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Lambda did not say whether {part} is switched off: {why}")]
pub struct LambdaError {
    /// What was asked about.
    pub part: Part,
    /// Whether there was an answer: one that says nothing, such as a refusal.
    pub is_answered: bool,
    /// Why.
    pub why: String,
}

/// The way to Lambda.
pub struct Lambda {
    config: SdkConfig,
    connector: OnceLock<SharedHttpConnector>,
}

impl Lambda {
    /// In the Region that `aws` is in. The connector is made with the first question.
    pub fn new(aws: &Aws) -> Self {
        Self { config: aws.config("lambda"), connector: OnceLock::new() }
    }

    /// The same with a connector of the caller's.
    #[must_use]
    pub fn with_connector(self, connector: SharedHttpConnector) -> Self {
        Self { connector: OnceLock::from(connector), ..self }
    }

    /// Asks once how `part` is (Lambda API reference, "GetFunctionConcurrency", "GetEventSourceMapping").
    ///
    /// # Errors
    /// Lambda refuses or does not answer.
    pub async fn state(&self, part: &Part, now: Timestamp) -> Result<PartState, LambdaError> {
        let unknown = |is_answered: bool, why: String| LambdaError { part: part.clone(), is_answered, why };
        let path = match part {
            Part::Function(name) => format!("2019-09-30/functions/{name}/concurrency"),
            Part::Mapping(id) => format!("2015-03-31/event-source-mappings/{id}"),
        };
        let (status, answer) = self.get(&path, now).await.map_err(|why| unknown(false, why))?;
        match (status, part) {
            (404, _) => Ok(PartState::Gone),
            (200, Part::Function(_)) => match answer.get("ReservedConcurrentExecutions").and_then(Value::as_u64) {
                Some(0) => Ok(PartState::Off),
                _ => Ok(PartState::On),
            },
            (200, Part::Mapping(_)) => match answer.get("State").and_then(Value::as_str) {
                Some("Disabled" | "Disabling") => Ok(PartState::Off),
                Some("Deleting") => Ok(PartState::Gone),
                _ => Ok(match answer.get("LastProcessingResult").and_then(Value::as_str) {
                    Some(result) if result.starts_with("PROBLEM") && !STANDS_WHEN_OVER.iter().any(|over| result.starts_with(over)) => {
                        PartState::Failing(result.to_owned())
                    }
                    _ => PartState::On,
                }),
            },
            (status, _) => Err(unknown(true, format!("it answered {status}: {answer}"))),
        }
    }

    async fn get(&self, path: &str, now: Timestamp) -> Result<(u16, Value), String> {
        let region = signed::region(&self.config);
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let endpoint = self
            .config
            .endpoint_url()
            .map_or_else(|| format!("https://lambda.{region}.{suffix}"), |url| url.trim_end_matches('/').to_owned());
        let request = http::Request::get(format!("{endpoint}/{path}")).body(Vec::new()).map_err(|error| chain(&error))?;
        let request = signed::signed(&self.config, "lambda", SigningSettings::default(), now, request).await?;
        let connector = self.connector.get_or_init(connection::connector);
        let mut response = connector.call(request).await.map_err(|error| chain(&error))?;
        let status = response.status().as_u16();
        let body = std::mem::replace(response.body_mut(), SdkBody::empty());
        let bytes = ByteStream::new(body).collect().await.map_err(|error| chain(&error))?.to_vec();
        Ok((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }
}

impl fmt::Debug for Lambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lambda(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_smithy_runtime_api::{
        client::{
            http::{HttpConnectorFuture, http_client_fn},
            orchestrator::{HttpRequest, HttpResponse},
            result::ConnectorError,
        },
        http::StatusCode,
    };

    use super::*;

    /// Answers everything with one answer, and keeps what it was asked.
    #[derive(Debug, Clone)]
    struct Answering {
        status: u16,
        body: &'static str,
        asked: Arc<Mutex<Vec<String>>>,
    }

    impl HttpConnector for Answering {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            assert!(request.headers().get("authorization").is_some_and(|value| value.contains("/lambda/aws4_request")), "it is not signed");
            self.asked.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
            if self.status == 0 {
                return HttpConnectorFuture::ready(Err(ConnectorError::timeout("nobody answers".into())));
            }
            HttpConnectorFuture::ready(Ok(HttpResponse::new(StatusCode::try_from(self.status).unwrap(), SdkBody::from(self.body))))
        }
    }

    async fn asked(part: Part, status: u16, body: &'static str) -> (Result<PartState, LambdaError>, String) {
        let connector = Answering { status, body, asked: Arc::default() };
        let aws = Aws::in_process(http_client_fn(|_, _| panic!("the SDK is not used")));
        let lambda = Lambda::new(&aws).with_connector(SharedHttpConnector::new(connector.clone()));
        let said = lambda.state(&part, "2026-11-21T10:00:00Z".parse().unwrap()).await;
        let request = connector.asked.lock().unwrap().join(", ");
        (said, request)
    }

    #[tokio::test]
    async fn a_function_is_off_that_may_not_run_or_is_gone() {
        let function = || Part::Function("hansho-api".to_owned());
        let (said, request) = asked(function(), 200, r#"{"ReservedConcurrentExecutions":0}"#).await;
        assert_eq!(said, Ok(PartState::Off));
        assert_eq!(request, "GET http://lambda.local.hansho/2019-09-30/functions/hansho-api/concurrency");
        assert_eq!(asked(function(), 200, "{}").await.0, Ok(PartState::On), "nothing is reserved: it takes of what all have");
        assert_eq!(asked(function(), 200, r#"{"ReservedConcurrentExecutions":5}"#).await.0, Ok(PartState::On));
        assert_eq!(asked(function(), 404, "{}").await.0, Ok(PartState::Gone));
    }

    #[tokio::test]
    async fn a_mapping_is_off_that_is_disabled_or_gone() {
        let mapping = || Part::Mapping("24e7b040-dd72".to_owned());
        let (said, request) = asked(mapping(), 200, r#"{"State":"Disabled"}"#).await;
        assert_eq!(said, Ok(PartState::Off));
        assert_eq!(request, "GET http://lambda.local.hansho/2015-03-31/event-source-mappings/24e7b040-dd72");
        for state in ["Enabled", "Enabling", "Creating", "Updating"] {
            let body: &'static str = format!(r#"{{"State":"{state}"}}"#).leak();
            assert_eq!(asked(mapping(), 200, body).await.0, Ok(PartState::On), "{state}");
        }
        assert_eq!(asked(mapping(), 200, r#"{"State":"Disabling"}"#).await.0, Ok(PartState::Off));
        for (status, body) in [(404, "{}"), (200, r#"{"State":"Deleting"}"#)] {
            assert_eq!(asked(mapping(), status, body).await.0, Ok(PartState::Gone));
        }
    }

    #[tokio::test]
    async fn a_mapping_that_is_on_and_can_not_read_its_source_fails() {
        let mapping = || Part::Mapping("24e7b040-dd72".to_owned());
        for (result, state) in [
            ("OK", PartState::On),
            ("No records processed", PartState::On),
            ("PROBLEM: Function call failed", PartState::On),
            ("PROBLEM: internal Lambda error. Please contact Lambda customer support.", PartState::On),
            ("PROBLEM: the queue does not exist", PartState::Failing("PROBLEM: the queue does not exist".to_owned())),
        ] {
            let body: &'static str = format!(r#"{{"State":"Enabled","LastProcessingResult":"{result}"}}"#).leak();
            assert_eq!(asked(mapping(), 200, body).await.0, Ok(state), "{result}");
        }
        let off = r#"{"State":"Disabled","LastProcessingResult":"PROBLEM: the queue does not exist"}"#;
        assert_eq!(asked(mapping(), 200, off).await.0, Ok(PartState::Off));
    }

    #[tokio::test]
    async fn what_lambda_does_not_say_is_not_known() {
        for (status, body) in [(403, r#"{"Message":"not authorized"}"#), (429, "{}"), (500, ""), (0, "")] {
            let (said, _) = asked(Part::Function("hansho-api".to_owned()), status, body).await;
            let error = said.unwrap_err();
            assert_eq!(error.is_answered, status != 0);
            assert!(error.to_string().starts_with("Lambda did not say whether the function hansho-api is switched off: "), "{error}");
        }
    }
}
