//! Single requests to AWS, signed as Signature Version 4 wants it: what a function asks for once needs no SDK that would be larger than
//! the function.

use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use jiff::Timestamp;

use crate::chain;

/// The Region of `config`.
pub(crate) fn region(config: &SdkConfig) -> &str {
    config.region().map_or("us-east-1", |region| region.as_ref())
}

/// `request` with the signature of the credentials of `config`, for the service called `name` in signatures.
///
/// # Errors
/// There are no credentials, or the request is none; what is wrong, in a sentence.
pub(crate) async fn signed(
    config: &SdkConfig,
    name: &str,
    settings: SigningSettings,
    now: Timestamp,
    request: http::Request<Vec<u8>>,
) -> Result<HttpRequest, String> {
    let provider = config.credentials_provider().ok_or("there are no credentials")?;
    let identity = provider.provide_credentials().await.map_err(|error| chain(&error))?.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region(config))
        .name(name)
        .time(now.into())
        .settings(settings)
        .build()
        .map_err(|error| chain(&error))?;
    let headers = request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let (method, url) = (request.method().as_str(), request.uri().to_string());
    let signable = SignableRequest::new(method, url, headers, SignableBody::Bytes(request.body())).map_err(|error| chain(&error))?;
    let (instructions, _) = sign(signable, &parameters.into()).map_err(|error| chain(&error))?.into_parts();
    let mut request = request.map(SdkBody::from);
    instructions.apply_to_request_http1x(&mut request);
    HttpRequest::try_from(request).map_err(|error| chain(&error))
}
