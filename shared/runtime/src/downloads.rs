//! What Amazon serves to anybody under an https address: one GET, no credentials, no redirects.

use std::{fmt, sync::OnceLock};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};

use crate::{chain, connection};

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// The status of the answer. A redirect is an answer: it leads to wherever its sender likes, and is not followed.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Nothing came back, or more than is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing could be downloaded: {0}")]
pub struct DownloadError(String);

/// The way to what Amazon serves. Its hosts have certificates of Amazon's roots; others are not reached.
#[derive(Default)]
pub struct Downloads {
    connector: OnceLock<SharedHttpConnector>,
}

impl Downloads {
    /// Downloads over a connector of the caller's. By default one is made for the first download.
    pub fn over(connector: SharedHttpConnector) -> Self {
        Self { connector: OnceLock::from(connector) }
    }

    /// Asks for `url`, and takes an answer of at most `bytes_max` bytes. Whether the address may be asked for is for the caller to know.
    ///
    /// # Errors
    /// The host does not answer, or with more.
    pub async fn get(&self, url: &str, bytes_max: usize) -> Result<Download, DownloadError> {
        let failed = |error: &dyn std::error::Error| DownloadError(chain(error));
        let request = http::Request::get(url).body(SdkBody::empty()).map_err(|error| failed(&error))?;
        let request = HttpRequest::try_from(request).map_err(|error| failed(&error))?;
        let connector = self.connector.get_or_init(connection::connector);
        let mut response = connector.call(request).await.map_err(|error| failed(&error))?;
        let status = response.status().as_u16();
        let mut stream = ByteStream::new(std::mem::replace(response.body_mut(), SdkBody::empty()));
        let mut body = Vec::new();
        while let Some(bytes) = stream.next().await {
            let bytes = bytes.map_err(|error| failed(&error))?;
            if body.len() + bytes.len() > bytes_max {
                return Err(DownloadError(format!("it has more than {bytes_max} bytes")));
            }
            body.extend_from_slice(&bytes);
        }
        Ok(Download { status, body })
    }
}

impl fmt::Debug for Downloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Downloads(..)")
    }
}
