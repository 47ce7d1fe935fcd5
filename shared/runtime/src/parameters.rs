//! Secrets that stand in SSM Parameter Store: where `NAME_PARAMETER` names a parameter, its value is the setting `NAME`.
//!
//! They are fetched once, before anything else of a function begins: a secret in the environment could be read by whoever may look at
//! the function's configuration.

use std::collections::BTreeMap;

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use aws_types::SdkConfig;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    Aws, Clock as _, Settings, SharedClock, SystemClock, chain, connection,
    settings::{self, Lookup, SettingsProblems},
    systems_manager::{code, request},
};

/// How often a parameter is asked for. A function that does not start is started again by Lambda, and its event comes again.
const ATTEMPTS_MAX: u32 = 3;
/// The secrets that functions know.
const SECRETS: [&str; 1] = ["HANSHO_LINK_KEY"];

/// The process's environment, with the secrets that it names by their parameters.
///
/// # Errors
/// A parameter that is named can not be read: why, for each.
pub async fn environment() -> Result<impl Fn(&str) -> Option<String>, SettingsProblems> {
    let found = fetch(&settings::environment, &connection::connector(), SystemClock.now()).await?;
    Ok(move |name: &str| found.get(name).cloned().or_else(|| settings::environment(name)))
}

/// The values of the secrets that `lookup` names by a parameter; none when it names none.
///
/// # Errors
/// A parameter that is named can not be read: why, for each.
pub async fn fetch(
    lookup: Lookup<'_>,
    connector: &SharedHttpConnector,
    now: Timestamp,
) -> Result<BTreeMap<String, String>, SettingsProblems> {
    let mut settings = Settings::new(lookup);
    let named: Vec<_> = SECRETS.into_iter().filter_map(|name| Some((name, settings.optional(&format!("{name}_PARAMETER"))?))).collect();
    if named.is_empty() {
        return Ok(BTreeMap::new());
    }
    let config = Aws::from_settings(&mut settings).config("ssm");
    let mut found = BTreeMap::new();
    for (name, parameter) in named {
        match get(&config, connector, &parameter, now).await {
            Ok(value) => {
                found.insert(name.to_owned(), value);
            }
            Err(why) => settings.problem(format!("{name}_PARAMETER names {parameter}, which can not be read: {why}")),
        }
    }
    settings.finish().map(|()| found)
}

/// Parameters that are read one by one, when somebody names them.
#[derive(Debug, Clone)]
pub struct Parameters {
    config: SdkConfig,
    connector: SharedHttpConnector,
    clock: SharedClock,
}

impl Parameters {
    /// Over a connection of its own.
    pub fn from_aws(aws: &Aws, clock: SharedClock) -> Self {
        Self::over(aws, connection::connector(), clock)
    }

    /// Over a connection that is there.
    pub fn over(aws: &Aws, connector: SharedHttpConnector, clock: SharedClock) -> Self {
        Self { config: aws.config("ssm"), connector, clock }
    }

    /// The value of a parameter, decrypted.
    ///
    /// # Errors
    /// It can not be read: why, without its value.
    pub async fn get(&self, parameter: &str) -> Result<String, String> {
        get(&self.config, &self.connector, parameter, self.clock.now()).await
    }
}

async fn get(config: &SdkConfig, connector: &SharedHttpConnector, parameter: &str, now: Timestamp) -> Result<String, String> {
    let mut attempt = 1;
    loop {
        match get_once(config, connector, parameter, now).await {
            Err(Refusal::Passing(why)) if attempt < ATTEMPTS_MAX => {
                tracing::warn!(attempt, "{parameter} is asked for again: {why}");
                attempt += 1;
            }
            Err(Refusal::Passing(why) | Refusal::Final(why)) => return Err(why),
            Ok(value) => return Ok(value),
        }
    }
}

/// Why there is no value.
enum Refusal {
    /// It may pass.
    Passing(String),
    /// It will be so again.
    Final(String),
}

async fn get_once(config: &SdkConfig, connector: &SharedHttpConnector, parameter: &str, now: Timestamp) -> Result<String, Refusal> {
    // GetParameter (Systems Manager API reference).
    let input = json!({ "Name": parameter, "WithDecryption": true });
    let request = request(config, "GetParameter", &input, now).await.map_err(Refusal::Final)?;
    let mut response = connector.call(request).await.map_err(|error| Refusal::Passing(chain(&error)))?;
    let status = response.status().as_u16();
    let body = std::mem::replace(response.body_mut(), SdkBody::empty());
    let bytes = ByteStream::new(body).collect().await.map_err(|error| Refusal::Passing(chain(&error)))?.to_vec();
    let answer: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    if status == 200 {
        let value = answer.get("Parameter").and_then(|found| found.get("Value")?.as_str()).map(str::to_owned);
        return value.ok_or_else(|| Refusal::Final("the answer of SSM has no value".to_owned()));
    }
    // Never the body, which could be anything.
    let kind = code(&answer);
    let why = format!("SSM refused ({status}, {kind})");
    Err(if status >= 500 || kind.contains("Throttling") { Refusal::Passing(why) } else { Refusal::Final(why) })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    use super::fetch;

    /// Answers with what it holds, from the front, and keeps what it was asked.
    #[derive(Debug, Clone, Default)]
    struct Ssm {
        answers: Arc<Mutex<Vec<(u16, &'static str)>>>,
        asked: Arc<Mutex<Vec<HttpRequest>>>,
    }

    impl Ssm {
        fn answering(answers: &[(u16, &'static str)]) -> Self {
            Self { answers: Arc::new(Mutex::new(answers.to_vec())), ..Self::default() }
        }
    }

    impl HttpConnector for Ssm {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let (status, body) = self.answers.lock().unwrap().remove(0);
            self.asked.lock().unwrap().push(request);
            HttpConnectorFuture::ready(Ok(HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body))))
        }
    }

    fn lookup(name: &str) -> Option<String> {
        let value = match name {
            "HANSHO_LINK_KEY_PARAMETER" => "/hansho/link-key",
            "AWS_REGION" => "ap-northeast-1",
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "AWS_SESSION_TOKEN" => "x",
            _ => return None,
        };
        Some(value.to_owned())
    }

    async fn fetched(ssm: &Ssm) -> Result<Option<String>, String> {
        let now = "2026-11-20T18:12:00Z".parse().unwrap();
        let found = fetch(&lookup, &SharedHttpConnector::new(ssm.clone()), now).await;
        found.map(|mut found| found.remove("HANSHO_LINK_KEY")).map_err(|problems| problems.to_string())
    }

    #[tokio::test]
    async fn a_secret_is_asked_for_by_a_signed_request_and_decrypted() {
        let ssm = Ssm::answering(&[(200, r#"{"Parameter":{"Name":"/hansho/link-key","Value":"secret"}}"#)]);
        assert_eq!(fetched(&ssm).await, Ok(Some("secret".to_owned())));
        let asked = ssm.asked.lock().unwrap();
        let request = &asked[0];
        assert_eq!((request.method(), request.uri()), ("POST", "https://ssm.ap-northeast-1.amazonaws.com/"));
        assert_eq!(request.headers().get("x-amz-target"), Some("AmazonSSM.GetParameter"));
        let signature = request.headers().get("authorization").unwrap();
        assert!(signature.contains("/ap-northeast-1/ssm/aws4_request") && signature.contains("x-amz-security-token"), "{signature}");
        assert_eq!(request.body().bytes(), Some(br#"{"Name":"/hansho/link-key","WithDecryption":true}"#.as_slice()));
    }

    #[tokio::test]
    async fn what_passes_is_asked_for_again_and_what_does_not_is_told() {
        let ssm = Ssm::answering(&[(503, ""), (400, r#"{"__type":"ThrottlingException"}"#), (200, r#"{"Parameter":{"Value":"v"}}"#)]);
        assert_eq!(fetched(&ssm).await, Ok(Some("v".to_owned())));
        let ssm = Ssm::answering(&[(400, r#"{"__type":"com.amazonaws.ssm#ParameterNotFound","message":"x"}"#)]);
        let problem = fetched(&ssm).await.unwrap_err();
        assert!(problem.contains("HANSHO_LINK_KEY_PARAMETER names /hansho/link-key"), "{problem}");
        assert!(problem.contains("ParameterNotFound"), "{problem}");
    }

    #[tokio::test]
    async fn without_a_parameter_nobody_is_asked() {
        let none = |_: &str| None;
        let connector = SharedHttpConnector::new(Ssm::answering(&[]));
        let found = fetch(&none, &connector, "2026-11-20T18:12:00Z".parse().unwrap()).await.unwrap();
        assert!(found.is_empty());
    }
}
