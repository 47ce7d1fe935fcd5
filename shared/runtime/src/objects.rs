//! Objects of S3, read whole. One signed GET is all that is needed; the SDK for it would be larger than the function.

use std::{fmt, sync::OnceLock};

use aws_sigv4::http_request::{PayloadChecksumKind, PercentEncodingMode, SigningSettings, UriPathNormalizationMode};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use aws_types::SdkConfig;
use jiff::Timestamp;

use crate::{Aws, chain, connection, signed};

/// How often an object is asked for before it counts as unreadable.
const ATTEMPTS_MAX: u32 = 3;
/// The largest object that is read, in bytes: SES takes mails of 40 MB (SES quotas).
pub const OBJECT_BYTES_MAX: usize = 41 * 1024 * 1024;

/// Why an object was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// There is none of this key.
    #[error("there is no object {0}")]
    Missing(String),
    /// S3 refuses.
    #[error("S3 refused to give {key} ({status})")]
    Refused {
        /// Which object.
        key: String,
        /// The status of the answer.
        status: u16,
    },
    /// S3 did not answer, or the request could not be made.
    #[error("{key} could not be read: {why}")]
    Unread {
        /// Which object.
        key: String,
        /// Why.
        why: String,
    },
}

/// The way to objects.
pub struct Objects {
    config: SdkConfig,
    connector: OnceLock<SharedHttpConnector>,
}

impl Objects {
    /// Objects of the Region that `aws` is in. The connector is made when the first object is read.
    pub fn new(aws: &Aws) -> Self {
        Self { config: aws.config("s3"), connector: OnceLock::new() }
    }

    /// The same with a connector of the caller's.
    #[must_use]
    pub fn with_connector(self, connector: SharedHttpConnector) -> Self {
        Self { connector: OnceLock::from(connector), ..self }
    }

    /// Reads an object. What may pass is tried again at once.
    ///
    /// # Errors
    /// There is no such object, or S3 refuses or does not answer.
    pub async fn get(&self, bucket: &str, key: &str, now: Timestamp) -> Result<Vec<u8>, ObjectError> {
        let mut attempt = 1;
        loop {
            match self.get_once(bucket, key, now).await {
                Err(ObjectError::Unread { why, .. }) if attempt < ATTEMPTS_MAX => {
                    tracing::warn!(attempt, "{key} is asked for again: {why}")
                }
                Err(ObjectError::Refused { status: 500.., .. }) if attempt < ATTEMPTS_MAX => {}
                settled => return settled,
            }
            attempt += 1;
        }
    }

    async fn get_once(&self, bucket: &str, key: &str, now: Timestamp) -> Result<Vec<u8>, ObjectError> {
        let unread = |why: String| ObjectError::Unread { key: key.to_owned(), why };
        let request = self.signed(&self.url(bucket, key), now).await.map_err(unread)?;
        let mut response = self.connector().call(request).await.map_err(|error| unread(chain(&error)))?;
        match response.status().as_u16() {
            200 => {}
            404 => return Err(ObjectError::Missing(key.to_owned())),
            status => return Err(ObjectError::Refused { key: key.to_owned(), status }),
        }
        let length = response.headers().get("content-length").and_then(|length| length.parse::<usize>().ok()).unwrap_or_default();
        if length > OBJECT_BYTES_MAX {
            return Err(unread(format!("it has {length} bytes, and {OBJECT_BYTES_MAX} are the most")));
        }
        let body = std::mem::replace(response.body_mut(), SdkBody::empty());
        let bytes = ByteStream::new(body).collect().await.map_err(|error| unread(chain(&error)))?;
        Ok(bytes.to_vec())
    }

    fn connector(&self) -> &SharedHttpConnector {
        self.connector.get_or_init(connection::connector)
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        let key: String = key.bytes().map(escaped).collect();
        let region = signed::region(&self.config);
        match self.config.endpoint_url() {
            Some(endpoint) => format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/')),
            None if region.starts_with("cn-") => format!("https://s3.{region}.amazonaws.com.cn/{bucket}/{key}"),
            None => format!("https://s3.{region}.amazonaws.com/{bucket}/{key}"),
        }
    }

    async fn signed(&self, url: &str, now: Timestamp) -> Result<HttpRequest, String> {
        // S3 signs the hash of the body in a header, and the path as it is sent (IAM user guide, "Create a signed AWS API request").
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let request = http::Request::get(url).body(Vec::new()).map_err(|error| chain(&error))?;
        signed::signed(&self.config, "s3", settings, now, request).await
    }
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Objects(..)")
    }
}

/// A byte of a key as S3 wants it in a path (S3 API reference, "Signature calculations": everything but unreserved characters and `/`).
fn escaped(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    }
}
