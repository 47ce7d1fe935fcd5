//! What people or a mistake have switched off: a function that may not run, a queue or a stream that nobody reads. In quiet times nothing
//! else notices, because nothing is asked of it.

use hansho_runtime::{Aws, Lambda, Part, Settings};
use jiff::Timestamp;

/// The parts that have to run for Hansho to work.
#[derive(Debug)]
pub struct Parts {
    lambda: Lambda,
    parts: Vec<Part>,
}

impl Parts {
    /// `HANSHO_WATCHED_FUNCTIONS`, `HANSHO_WATCHED_MAPPINGS`: names and ids, with commas between them. Without them nothing is asked.
    pub fn from_settings(settings: &Settings<'_>, aws: &Aws) -> Self {
        let named = |name: &str| settings.optional(name).unwrap_or_default();
        let functions = split(&named("HANSHO_WATCHED_FUNCTIONS")).map(Part::Function).collect::<Vec<_>>();
        let mappings = split(&named("HANSHO_WATCHED_MAPPINGS")).map(Part::Mapping).collect::<Vec<_>>();
        Self { lambda: Lambda::new(aws), parts: functions.into_iter().chain(mappings).collect() }
    }

    /// Those that are switched off. What Lambda does not say is no reason for an alarm. Where it does not answer at all, no more is asked, so
    /// that a Lambda that hangs does not take the sweep's time.
    pub(crate) async fn switched_off(&self, now: Timestamp) -> Vec<&Part> {
        let mut off = Vec::new();
        for part in &self.parts {
            match self.lambda.is_switched_off(part, now).await {
                Ok(true) => off.push(part),
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "whether a part of Hansho runs is not known");
                    if !error.is_answered {
                        break;
                    }
                }
            }
        }
        off
    }
}

fn split(list: &str) -> impl Iterator<Item = String> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::{
        client::{
            http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
            orchestrator::{HttpRequest, HttpResponse},
            result::ConnectorError,
        },
        http::StatusCode,
    };
    use aws_smithy_types::body::SdkBody;

    use super::*;

    /// Says of each part what its name says.
    #[derive(Debug)]
    struct Named;

    impl HttpConnector for Named {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let (status, body) = match request.uri() {
                uri if uri.contains("closed") => (200, r#"{"ReservedConcurrentExecutions":0}"#),
                uri if uri.contains("disabled") => (200, r#"{"State":"Disabled"}"#),
                uri if uri.contains("refused") => (403, "{}"),
                uri if uri.contains("silent") => return HttpConnectorFuture::ready(Err(ConnectorError::timeout("nobody answers".into()))),
                _ => (200, r#"{"State":"Enabled"}"#),
            };
            HttpConnectorFuture::ready(Ok(HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body))))
        }
    }

    async fn off(functions: &str, mappings: &str) -> Vec<String> {
        let lookup = |name: &str| match name {
            "HANSHO_WATCHED_FUNCTIONS" => Some(functions.to_owned()),
            "HANSHO_WATCHED_MAPPINGS" => Some(mappings.to_owned()),
            _ => None,
        };
        let aws = Aws::in_process(http_client_fn(|_, _| panic!("the SDK is not used")));
        let parts = Parts::from_settings(&Settings::new(&lookup), &aws);
        let parts = Parts { lambda: parts.lambda.with_connector(SharedHttpConnector::new(Named)), ..parts };
        parts.switched_off("2026-11-21T10:00:00Z".parse().unwrap()).await.into_iter().map(ToString::to_string).collect()
    }

    #[tokio::test]
    async fn each_part_that_is_switched_off_is_named() {
        assert_eq!(off("api,delivery", "enabled").await, Vec::<String>::new());
        let named = ["the function closed-api", "the event source mapping disabled-1"];
        assert_eq!(off("delivery, closed-api", "enabled,disabled-1").await, named);
        assert_eq!(off("", "").await, Vec::<String>::new(), "nothing is watched where nothing is named");
    }

    #[tokio::test]
    async fn what_lambda_does_not_say_takes_no_heartbeat_away() {
        assert_eq!(off("refused,delivery", "refused").await, Vec::<String>::new());
        assert_eq!(off("refused,closed-api", "").await, ["the function closed-api"], "a refusal hides nothing else");
        assert_eq!(off("closed-api,silent,closed-delivery", "").await, ["the function closed-api"], "nobody is asked any more");
    }
}
