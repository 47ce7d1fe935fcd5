//! Connections over TLS with ring that trust Amazon's roots only, for requests that need no SDK.

use std::time::Duration;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};

use crate::aws::tls_context;

/// How long one attempt may take to connect, and until the head of the answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A new connector.
pub(crate) fn connector() -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(TIMEOUT).read_timeout(TIMEOUT).build();
    let mut builder = Connector::builder().connector_settings(settings).tls_provider(Provider::Rustls(CryptoMode::Ring));
    if let Some(context) = tls_context() {
        builder = builder.tls_context(context);
    }
    SharedHttpConnector::new(builder.sleep_impl(TokioSleep::new()).build())
}
