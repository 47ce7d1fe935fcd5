//! A provider in this process: answers what it is told to, and keeps what it was asked.

use std::sync::{Arc, Mutex};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::{body::SdkBody, timeout::TimeoutConfig};
use hansho_channels::{Address, Channels, Message, Rendered, Settings, Thread};

/// What the provider does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Http {
        status: u16,
        headers: Vec<(String, String)>,
        body: String,
    },
    Timeout,
    /// No connection was made.
    Unconnected(std::io::ErrorKind),
    Broken,
    Unsendable,
}

impl Answer {
    pub(crate) fn http(status: u16, body: &str) -> Self {
        Self::Http { status, headers: Vec::new(), body: body.to_owned() }
    }

    pub(crate) fn with_header(self, name: &str, value: &str) -> Self {
        let Self::Http { status, mut headers, body } = self else { return self };
        headers.push((name.to_owned(), value.to_owned()));
        Self::Http { status, headers, body }
    }

    /// SNS answers XML.
    pub(crate) fn sns_accepted() -> Self {
        Self::http(
            200,
            "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>sns-1</MessageId></PublishResult></PublishResponse>",
        )
    }

    pub(crate) fn sns_error(status: u16, code: &str, message: &str) -> Self {
        Self::http(
            status,
            &format!(
                "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
            ),
        )
    }

    /// SES version 2 answers JSON, the code in a header.
    pub(crate) fn ses_accepted() -> Self {
        Self::http(200, "{\"MessageId\":\"ses-1\"}")
    }

    pub(crate) fn ses_error(status: u16, code: &str, message: &str) -> Self {
        Self::http(status, &format!("{{\"message\":\"{message}\"}}")).with_header("x-amzn-errortype", code)
    }
}

/// One request, as it would have left the process.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Provider {
    answer: Answer,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Provider {
    pub(crate) fn new(answer: Answer) -> Self {
        Self { answer, asked: Arc::default() }
    }

    /// Everything it was asked, oldest first.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Channels whose every provider is this one.
    pub(crate) fn channels(&self, settings: Settings) -> Channels {
        self.channels_by(settings, &TimeoutConfig::disabled(), SharedAsyncSleep::new(TokioSleep::new()))
    }

    /// The same with clients that allow their calls so long, and wait by `sleep`.
    pub(crate) fn channels_by(&self, settings: Settings, timeouts: &TimeoutConfig, sleep: SharedAsyncSleep) -> Channels {
        let region = aws_sdk_sns::config::Region::new("ap-northeast-1");
        let credentials =
            SharedCredentialsProvider::new(Credentials::builder().access_key_id("k").secret_access_key("s").provider_name("test").build());
        let sns = aws_sdk_sns::Config::builder()
            .region(region.clone())
            .credentials_provider(credentials.clone())
            .http_client(self.clone())
            .timeout_config(timeouts.clone())
            .sleep_impl(sleep.clone())
            .build();
        let ses = aws_sdk_sesv2::Config::builder()
            .region(region)
            .credentials_provider(credentials)
            .http_client(self.clone())
            .timeout_config(timeouts.clone())
            .sleep_impl(sleep)
            .build();
        Channels::new(aws_sdk_sns::Client::from_conf(sns), aws_sdk_sesv2::Client::from_conf(ses), settings)
            .with_webhook_connector(SharedHttpConnector::new(self.clone()))
    }
}

impl HttpConnector for Provider {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.asked.lock().unwrap().push(Asked {
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            headers: request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: String::from_utf8(request.body().bytes().unwrap_or_default().to_vec()).unwrap(),
        });
        HttpConnectorFuture::ready(match self.answer.clone() {
            Answer::Http { status, headers, body } => {
                let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
                for (name, value) in headers {
                    answer.headers_mut().insert(name, value);
                }
                Ok(answer)
            }
            Answer::Timeout => Err(ConnectorError::timeout("too slow".into())),
            Answer::Unconnected(kind) => Err(ConnectorError::io(std::io::Error::from(kind).into())),
            Answer::Broken => Err(ConnectorError::io("connection reset by 203.0.113.9".into())),
            Answer::Unsendable => Err(ConnectorError::user("no such header".into())),
        })
    }
}

impl HttpClient for Provider {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

pub(crate) const INCIDENT: &str = "01K6P4E8G0ABCDEFGHJKMNPQRS";

/// A message that is ready to go.
pub(crate) fn message(to: Address) -> Message {
    Message {
        to,
        text: Rendered {
            subject: "[SEV1 triggered] checkout".to_owned(),
            text: "checkout: 5xx".to_owned(),
            html: Some("<p>checkout</p>".to_owned()),
        },
        idempotency_key: format!("{INCIDENT}-1-0"),
        thread: Thread::Incident(INCIDENT.parse().unwrap()),
        sent_at: "2026-10-03T18:12:45Z".parse().unwrap(),
    }
}

pub(crate) fn phone() -> Address {
    Address::phone("+819012345678").unwrap()
}

pub(crate) fn mailbox() -> Address {
    Address::email("aiko@example.com").unwrap()
}

pub(crate) fn webhook() -> Address {
    Address::webhook("https://hooks.example.com/path/hidden-token?k=v", "0123456789abcdef").unwrap()
}

pub(crate) fn settings() -> Settings {
    Settings { email_from: Some(hansho_channels::EmailAddress::new("pager@oncall.example.com").unwrap()), ..Settings::default() }
}
