//! Talking to a Hansho over its API, as any tool would: a deployment, or the local run.

use std::{fs, path::PathBuf};

use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{http::HttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::body::SdkBody;
use clap::Args;
use hansho_domain::ScheduleId;
use hansho_runtime::settings::environment;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde_json::Value;

/// Where the local run keeps its token, in its data folder.
const SECRETS: &str = "secrets";
/// Longest answer read, in bytes: a year of shifts of a large organisation.
const ANSWER_BYTES_MAX: usize = 50_000_000;

/// Where the local run listens when nobody says otherwise.
const URL: &str = "http://localhost:8787";
/// Where Hansho is, and the token for there, for whoever does not say so with each command.
const URL_VARIABLE: &str = "HANSHO_URL";
const TOKEN_VARIABLE: &str = "HANSHO_TOKEN";
/// Where it keeps its data then.
const DATA: &str = ".hansho";

/// Which Hansho is talked to.
#[derive(Debug, Clone, Args)]
pub struct ServerArguments {
    // A default, and no value of the environment in clap's sense: that would contradict --config and --function.
    /// Where Hansho is; HANSHO_URL says it for all commands
    #[arg(long, value_name = "URL", default_value_t = url_by_default(&environment))]
    pub url: String,
    /// The API token; otherwise HANSHO_TOKEN, and for a local run the one in its data folder
    #[arg(long)]
    pub token: Option<String>,
    /// The local run's data folder
    #[arg(long, value_name = "DIR", default_value = DATA)]
    pub data: PathBuf,
}

impl ServerArguments {
    /// Whether nothing was said: the local run with its data where it always is.
    pub fn is_default(&self) -> bool {
        self.url == URL && self.token.is_none() && self.data.as_os_str() == DATA
    }

    /// The token that is told to the address. That of the environment is for the environment's address, and the local run's for the local
    /// run; where only a token is set, the local run gets its own before it.
    fn token(&self, variable: Variables<'_>) -> Option<String> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let address = set(URL_VARIABLE);
        let is_its = address.as_ref().is_some_and(|url| root(url) == root(&self.url));
        let of_nowhere = || set(TOKEN_VARIABLE).filter(|_| address.is_none());
        let its = self.token.clone().or_else(|| set(TOKEN_VARIABLE).filter(|_| is_its));
        let local = || if is_local(&self.url) { local_token(self) } else { None };
        its.or_else(local).or_else(of_nowhere)
    }
}

/// What the environment says.
type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where other commands look when nobody tells them. A variable that is set and empty is a mistake, and no local run.
pub(super) fn url_by_default(variable: Variables<'_>) -> String {
    variable(URL_VARIABLE).unwrap_or_else(|| URL.to_owned())
}

/// The address without the slash at its end.
fn root(url: &str) -> &str {
    url.trim_end_matches('/')
}

/// Why there is no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody said who asks.
    #[error(
        "there is no API token for {0}: give --token, or set HANSHO_URL and HANSHO_TOKEN, or for a local run name its data folder with --data"
    )]
    NoToken(String),
    /// The address is none.
    #[error(
        "{0:?} is no web address; say where Hansho is with --url or HANSHO_URL, such as https://oncall.example.com, or http://localhost:8787 for a local run"
    )]
    Url(String),
    /// Nobody is there.
    #[error("{url} does not answer: {message}; is Hansho running there?")]
    Silent {
        /// What was asked.
        url: String,
        /// What the connection says.
        message: String,
    },
    /// Nothing was found, and nothing ever can be.
    #[error("nothing was found, and there is no service `{service}`{hint}")]
    UnknownService {
        /// What was typed.
        service: String,
        /// Which is near to it.
        hint: String,
    },
    /// Hansho says no.
    #[error("Hansho refused ({status}): {message}")]
    Refused {
        /// The status of the answer.
        status: u16,
        /// Why, in its words.
        message: String,
    },
    /// What answered is not Hansho, or a much older one.
    #[error("{url} answers something else than Hansho does; is the address right, and is it of the same version as this command?")]
    Foreign {
        /// What was asked.
        url: String,
    },
}

/// A Hansho, and the token that this command acts with.
#[derive(Debug)]
pub struct Client {
    root: String,
    token: String,
}

impl Client {
    /// The Hansho of the arguments. The local run's token is for the local run: it is not told to whatever `--url` names.
    ///
    /// # Errors
    /// The address is none, or there is no token.
    pub fn new(server: &ServerArguments) -> Result<Self, ClientError> {
        if !is_web_address(&server.url) {
            return Err(ClientError::Url(server.url.clone()));
        }
        let token = server.token(&environment).ok_or_else(|| ClientError::NoToken(server.url.clone()))?;
        Ok(Self { root: root(&server.url).to_owned(), token })
    }

    /// The answer to a GET of `path`, which may have a query ([`query`]).
    ///
    /// # Errors
    /// Nobody answers there, or with a refusal.
    pub async fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.send("GET", path, None, None).await
    }

    /// The answer to a POST. The same `key` again is the same request.
    ///
    /// # Errors
    /// Nobody answers there, or with a refusal.
    pub async fn post(&self, path: &str, body: &Value, key: Option<&str>) -> Result<Value, ClientError> {
        self.send("POST", path, Some(body), key).await
    }

    /// The answer to a DELETE.
    ///
    /// # Errors
    /// Nobody answers there, or with a refusal.
    pub async fn delete(&self, path: &str) -> Result<Value, ClientError> {
        self.send("DELETE", path, None, None).await
    }

    /// The time zone of a schedule: the clock on which its people think.
    ///
    /// # Errors
    /// Nobody answers there, or with a refusal, as about a schedule that it does not know.
    pub async fn schedule_clock(&self, schedule: &ScheduleId) -> Result<TimeZone, ClientError> {
        let answer = self.get(&format!("/oncall{}", query(&[("schedule", Some(schedule.to_string()))]))).await?;
        let name = answer.get("schedules").and_then(|lines| lines.get(0)?.get("time_zone")?.as_str());
        Ok(name.and_then(|name| TimeZoneDatabase::bundled().get(name).ok()).unwrap_or(TimeZone::UTC))
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>, key: Option<&str>) -> Result<Value, ClientError> {
        let url = format!("{}{path}", self.root);
        let mut request = http::Request::builder().method(method).uri(&url).header("authorization", format!("Bearer {}", self.token));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let body = body.map_or_else(SdkBody::empty, |body| SdkBody::from(body.to_string()));
        let request = request.body(body).map_err(|_| ClientError::Url(url.clone()))?;
        let (status, bytes) = exchange(&url, request).await?;
        let answer: Option<Value> = serde_json::from_slice(&bytes).ok();
        if (200..300).contains(&status) {
            return answer.ok_or(ClientError::Foreign { url });
        }
        let said = answer.as_ref().and_then(|answer| answer.get("error")?.get("message")?.as_str());
        Err(ClientError::Refused { status, message: said.unwrap_or("no reason given").to_owned() })
    }
}

/// Sends a request, and reads the whole answer.
pub(super) async fn exchange(url: &str, request: http::Request<SdkBody>) -> Result<(u16, Vec<u8>), ClientError> {
    let silent = |message: String| ClientError::Silent { url: url.to_owned(), message };
    let connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).build();
    let request = HttpRequest::try_from(request).map_err(|_| ClientError::Url(url.to_owned()))?;
    let mut response = connector.call(request).await.map_err(|error| silent(hansho_runtime::chain(&error)))?;
    let status = response.status().as_u16();
    let body = std::mem::replace(response.body_mut(), SdkBody::empty());
    let bytes =
        aws_smithy_types::byte_stream::ByteStream::new(body).collect().await.map_err(|error| silent(error.to_string()))?.into_bytes();
    if bytes.len() > ANSWER_BYTES_MAX {
        return Err(ClientError::Foreign { url: url.to_owned() });
    }
    Ok((status, bytes.to_vec()))
}

/// The part of an address after the path, with its question mark; nothing when every value is missing.
pub fn query(pairs: &[(&str, Option<String>)]) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        if let Some(value) = value {
            text.append_pair(name, value);
        }
    }
    let text = text.finish();
    if text.is_empty() { text } else { format!("?{text}") }
}

pub(super) fn is_web_address(url: &str) -> bool {
    let uri = url.parse::<http::Uri>();
    uri.is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty()))
}

/// Whether the address is this machine's own.
fn is_local(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest).split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

/// The second line of the local run's secrets.
fn local_token(server: &ServerArguments) -> Option<String> {
    fs::read_to_string(server.data.join(SECRETS)).ok()?.lines().nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{ServerArguments, URL, is_local, is_web_address, query, url_by_default};

    /// The token that is told to `url` where the environment has these, and the address by default.
    fn told(url: &str, given: Option<&str>, url_set: Option<&str>, token_set: Option<&str>) -> (Option<String>, String) {
        let variable = |name: &str| (if name == "HANSHO_URL" { url_set } else { token_set }).map(str::to_owned);
        let server = ServerArguments { url: url.to_owned(), token: given.map(str::to_owned), data: "/nowhere".into() };
        (server.token(&variable), url_by_default(&variable))
    }

    #[test]
    fn the_environment_says_where_hansho_is_and_its_token_is_told_nobody_else() {
        let (there, token) = ("https://oncall.example.com", Some("from-environment"));
        assert_eq!(told(there, None, Some(there), token), (Some("from-environment".to_owned()), there.to_owned()));
        assert_eq!(told(&format!("{there}/"), None, Some(there), token).0.as_deref(), token, "the same address");
        assert_eq!(told(there, Some("given"), Some(there), token).0.as_deref(), Some("given"));
        assert_eq!(told("https://elsewhere.example.com", None, Some(there), token).0, None);
        assert_eq!(told(there, None, None, token), (token.map(str::to_owned), URL.to_owned()), "it belongs to no address");
        assert_eq!(told(there, None, Some(there), Some("")).0, None);
        assert_eq!(told("", None, Some(""), None).1, "", "what is set by mistake is no local run");
    }

    #[test]
    fn what_is_no_web_address_is_none() {
        for url in ["https://oncall.example.com", "http://localhost:8787/", "http://[::1]:8787"] {
            assert!(is_web_address(url), "{url}");
        }
        for url in ["", "oncall.example.com", "localhost:8787", "https://", "ftp://oncall.example.com", "https://on call", "None"] {
            assert!(!is_web_address(url), "{url}");
        }
    }

    #[test]
    fn only_this_machine_is_told_the_local_token() {
        for url in ["http://localhost:8787", "http://127.0.0.1", "http://[::1]:8787/", "http://localhost"] {
            assert!(is_local(url), "{url}");
        }
        for url in [
            "https://hansho.example.com",
            "http://localhost.example.com:8787",
            "http://localhost@example.com",
            "http://127.0.0.1.example.com",
        ] {
            assert!(!is_local(url), "{url}");
        }
    }

    #[test]
    fn a_query_holds_what_was_given_and_nothing_else() {
        assert_eq!(query(&[("user", None), ("team", None)]), "");
        assert_eq!(
            query(&[("user", Some("aiko".to_owned())), ("at", Some("2026-01-05T10:00:00+09:00".to_owned()))]),
            "?user=aiko&at=2026-01-05T10%3A00%3A00%2B09%3A00"
        );
    }
}
