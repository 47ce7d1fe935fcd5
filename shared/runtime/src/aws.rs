//! Access to AWS: credentials from the environment, connections that trust Amazon's roots only.
//!
//! `aws-config` is left out on purpose: on Lambda the credentials are always in the environment, and it would cost
//! a cold start more than everything else a function does before its first event.

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{http::SharedHttpClient, stalled_stream_protection::StalledStreamProtectionConfig};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region};

use crate::settings::Settings;

/// The five roots that AWS endpoints chain to (<https://www.amazontrust.com/repository/>). Parsing the system's whole
/// store would take most of a cold start.
const AMAZON_ROOTS: &str = include_str!("amazon-roots.pem");
/// How long one attempt of a call to AWS may take. Deliveries allow a provider longer than a table needs, and a lease
/// outlasts both.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a call may take with its retries.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(8);
/// How often the SDK tries.
const ATTEMPTS: u32 = 3;

/// The services that functions call.
const SERVICES: [&str; 9] = ["dynamodb", "sqs", "scheduler", "sns", "sesv2", "s3", "ssm", "ssm-incidents", "lambda"];

/// Makes SDK configurations, one per AWS service.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
    endpoints: Vec<(String, String)>,
}

impl Aws {
    /// From the variables that Lambda sets: `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_SESSION_TOKEN`; `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` point it elsewhere.
    pub fn from_settings(settings: &mut Settings<'_>) -> Self {
        let region = settings.required("AWS_REGION", "the AWS Region, such as ap-northeast-1");
        let key = settings.required("AWS_ACCESS_KEY_ID", "an access key (Lambda does so itself)");
        let secret = settings.required("AWS_SECRET_ACCESS_KEY", "a secret key (Lambda does so itself)");
        let credentials = Credentials::new(key, secret, settings.optional("AWS_SESSION_TOKEN"), None, "environment");
        let everywhere = settings.optional("AWS_ENDPOINT_URL");
        let mut endpoints = Vec::new();
        for service in SERVICES {
            let own = settings.optional(&format!("AWS_ENDPOINT_URL_{}", service.to_uppercase().replace('-', "_")));
            if let Some(url) = own.or_else(|| everywhere.clone()) {
                endpoints.push((service.to_owned(), url));
            }
        }
        let config = base(region, credentials)
            .http_client(https())
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(
                TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).operation_timeout(OPERATION_TIMEOUT).build(),
            )
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .build();
        Self { config, endpoints }
    }

    /// With an HTTP client of the caller's, that answers in this process: no time-outs, no retries of the SDK's own,
    /// so that a simulation sees every attempt, and nothing depends on how fast the machine is. Each service is reached at `http://<service>.local.hansho`.
    pub fn in_process(http_client: SharedHttpClient) -> Self {
        let credentials = Credentials::new("local", "local", None, None, "local");
        let config = base("local".to_owned(), credentials)
            .http_client(http_client)
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            // It counts in the machine's own time: under load a call that waits for its turn would be given up.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        let endpoints = SERVICES
            .map(|service| (service.to_owned(), format!("http://{}.local.hansho", if service == "sesv2" { "email" } else { service })))
            .to_vec();
        Self { config, endpoints }
    }

    /// The configuration for one service: `dynamodb`, `sqs`, `scheduler`, `sns`, `sesv2`, `s3`, `ssm`, `ssm-incidents`, `lambda`.
    pub fn config(&self, service: &str) -> SdkConfig {
        let mut builder = self.config.to_builder();
        builder.set_endpoint_url(self.endpoints.iter().find(|(name, _)| name == service).map(|(_, url)| url.clone()));
        builder.build()
    }

    /// The HTTP client that the SDK's clients share.
    pub fn http_client(&self) -> Option<SharedHttpClient> {
        self.config.http_client()
    }
}

fn base(region: String, credentials: Credentials) -> aws_types::sdk_config::Builder {
    SdkConfig::builder()
        .behavior_version(aws_smithy_runtime_api::client::behavior_version::BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
}

/// TLS with ring, trusting Amazon's roots.
fn https() -> SharedHttpClient {
    let builder = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    match tls_context() {
        Some(context) => builder.tls_context(context).build_https(),
        None => builder.build_https(),
    }
}

/// Trust in Amazon's roots. `None` never happens, a test sees to that; the system's store is as good, only slower.
pub(crate) fn tls_context() -> Option<TlsContext> {
    let roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    TlsContext::builder().with_trust_store(roots).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_roots_make_a_tls_context() {
        assert!(tls_context().is_some());
        assert_eq!(AMAZON_ROOTS.matches("BEGIN CERTIFICATE").count(), 5);
    }

    #[test]
    fn what_is_answered_in_this_process_is_waited_for_however_long_it_takes() {
        let client = aws_smithy_runtime_api::client::http::http_client_fn(|_, _| panic!("nothing is called"));
        let config = Aws::in_process(client).config("dynamodb");
        assert!(config.stalled_stream_protection().is_some_and(|protection| !protection.is_enabled()));
        assert!(config.timeout_config().is_some_and(|timeouts| !timeouts.has_timeouts()));
        assert!(config.retry_config().is_some_and(|retries| !retries.has_retry()));
    }
}
