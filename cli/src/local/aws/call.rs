//! One call on its way from an SDK client: which service, which operation, what was sent.

use std::fmt;

use aws_smithy_runtime_api::client::{orchestrator::HttpRequest, result::ConnectorError};

/// What every name of a local endpoint ends with. The domain does not exist: a client that escapes the connector reaches nobody.
const LOCAL_DOMAIN: &str = ".local.hansho";

/// Whom a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// The table.
    DynamoDb,
    /// Queues.
    Sqs,
    /// EventBridge Scheduler.
    Scheduler,
    /// SMS.
    Sns,
    /// Mail.
    Ses,
    /// Objects: mails as SES has written them.
    S3,
    /// Incident Manager, which no machine has; a gate answers for it.
    IncidentManager,
    /// The rest of Systems Manager, likewise.
    SystemsManager,
    /// Any host that is not one of the local endpoints: a webhook, a chat.
    Foreign,
}

impl Service {
    /// The `endpoint_url` to give the service's client. A foreign host has its own URL and gets none.
    pub fn endpoint_url(self) -> Option<String> {
        self.label().map(|label| format!("http://{label}{LOCAL_DOMAIN}"))
    }

    /// The service behind `host`, which may carry a port.
    pub fn of_host(host: &str) -> Self {
        let name = host.split(':').next().unwrap_or(host);
        match name.strip_suffix(LOCAL_DOMAIN) {
            Some("dynamodb") => Self::DynamoDb,
            Some("sqs") => Self::Sqs,
            Some("scheduler") => Self::Scheduler,
            Some("sns") => Self::Sns,
            Some("email") => Self::Ses,
            Some("s3") => Self::S3,
            Some("ssm-incidents") => Self::IncidentManager,
            Some("ssm") => Self::SystemsManager,
            _ => Self::Foreign,
        }
    }

    fn label(self) -> Option<&'static str> {
        match self {
            Self::DynamoDb => Some("dynamodb"),
            Self::Sqs => Some("sqs"),
            Self::Scheduler => Some("scheduler"),
            Self::Sns => Some("sns"),
            Self::Ses => Some("email"),
            Self::S3 => Some("s3"),
            Self::IncidentManager => Some("ssm-incidents"),
            Self::SystemsManager => Some("ssm"),
            Self::Foreign => None,
        }
    }
}

/// A request, read far enough to say what it asks for.
#[derive(Clone)]
pub struct Call {
    /// Whom it is for.
    pub service: Service,
    /// The operation as the service's API names it (`TransactWriteItems`, `SendMessage`); for a foreign host the HTTP method.
    pub operation: String,
    /// The HTTP method.
    pub method: String,
    /// The whole URI.
    pub uri: String,
    /// The host of the URI, with its port if it has one.
    pub host: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Call {
    /// Reads a request of an SDK client. Only a body in memory can be read, which is what every operation used here sends.
    pub(super) fn read(request: &HttpRequest) -> Result<Self, ConnectorError> {
        let uri: http::Uri = request.uri().parse().map_err(user_error)?;
        let host = uri.authority().map(|authority| authority.as_str().to_owned());
        let body = request.body().bytes().ok_or_else(|| user_error("a streaming body can not be answered in process"))?.to_vec();
        let mut call = Self {
            service: Service::of_host(host.as_deref().unwrap_or_default()),
            operation: String::new(),
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            host: host.unwrap_or_default(),
            headers: request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body,
        };
        call.operation = call.named_operation().unwrap_or_default();
        Ok(call)
    }

    /// The first header called `name` (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The path of the URI.
    pub fn path(&self) -> &str {
        let after_scheme = self.uri.split_once("://").map_or(self.uri.as_str(), |(_, rest)| rest);
        let path = after_scheme.find('/').map_or("/", |start| &after_scheme[start..]);
        path.split('?').next().unwrap_or(path)
    }

    /// The value of `name` in the URI's query.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.uri.split_once('?')?;
        form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Each protocol says it somewhere else: a header, a form field, or method and path.
    fn named_operation(&self) -> Option<String> {
        let target = || self.header("x-amz-target").and_then(|target| target.split('.').nth(1));
        match self.service {
            Service::DynamoDb | Service::Sqs | Service::SystemsManager => target().map(str::to_owned),
            // `/startIncident`
            Service::IncidentManager => Some(capitalized(self.path().trim_start_matches('/'))),
            Service::Sns => form_urlencoded::parse(&self.body).find(|(key, _)| key == "Action").map(|(_, action)| action.into_owned()),
            Service::Scheduler => match self.method.as_str() {
                "POST" => Some("CreateSchedule".to_owned()),
                "DELETE" => Some("DeleteSchedule".to_owned()),
                method => Some(format!("{method} {}", self.path())),
            },
            Service::Ses if self.method == "POST" && self.path() == "/v2/email/outbound-emails" => Some("SendEmail".to_owned()),
            Service::Ses => Some(format!("{} {}", self.method, self.path())),
            Service::S3 if self.method == "GET" => Some("GetObject".to_owned()),
            Service::S3 => Some(format!("{} {}", self.method, self.path())),
            Service::Foreign => Some(self.method.clone()),
        }
    }
}

/// Says what was called and how much was sent, not what: a body holds phone numbers and mail addresses.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, operation, host, body, .. } = self;
        write!(f, "{service:?} {operation} at {host} ({} bytes)", body.len())
    }
}

fn capitalized(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

fn user_error(cause: impl Into<aws_smithy_runtime_api::box_error::BoxError>) -> ConnectorError {
    ConnectorError::user(cause.into())
}
