//! What people or a mistake have switched off: a function that may not run, a queue or a stream that nobody reads. In quiet times nothing
//! else notices, because nothing is asked of it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hansho_runtime::{Aws, Lambda, Part, PartState, Settings};
use jiff::{SignedDuration, Timestamp};

/// All questions of one sweep take so long at most, of the function's 50 seconds. What is not known by then is not off.
const QUESTIONS_TAKE: Duration = Duration::from_secs(5);
/// What is not there for so long is gone for good. For less, an apply may be replacing it: the sweeper learns the new ids at its end.
const GONE_FOR_GOOD: SignedDuration = SignedDuration::from_mins(5);

/// The parts that have to run for Hansho to work.
#[derive(Debug)]
pub struct Parts {
    lambda: Lambda,
    parts: Vec<Part>,
    optional: Vec<String>,
    questions_take: Duration,
    /// Since when a part is not there, as long as this copy of the function lives; it is woken every minute, and lives for hours.
    gone_since: Mutex<BTreeMap<String, Timestamp>>,
}

/// What a look at all parts has found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Looked {
    /// Those that pages wait for, and that are switched off or gone for good.
    pub(crate) off: Vec<String>,
    /// The same of those that no page waits for.
    pub(crate) optional_off: Vec<String>,
    /// Of how many it is not known.
    pub(crate) unknown: usize,
}

impl Parts {
    /// `HANSHO_WATCHED_FUNCTIONS`, `HANSHO_WATCHED_MAPPINGS`: names and ids, with commas between them. Without them nothing is asked.
    /// `HANSHO_WATCHED_OPTIONAL`: the names and ids among them that no page waits for.
    pub fn from_settings(settings: &Settings<'_>, aws: &Aws) -> Self {
        let named = |name: &str| settings.optional(name).unwrap_or_default();
        let functions = split(&named("HANSHO_WATCHED_FUNCTIONS")).map(Part::Function).collect::<Vec<_>>();
        let mappings = split(&named("HANSHO_WATCHED_MAPPINGS")).map(Part::Mapping).collect::<Vec<_>>();
        let optional = split(&named("HANSHO_WATCHED_OPTIONAL")).collect();
        let parts = functions.into_iter().chain(mappings).collect();
        Self { lambda: Lambda::new(aws), parts, optional, questions_take: QUESTIONS_TAKE, gone_since: Mutex::default() }
    }

    /// How they all are. What Lambda does not say is no reason for an alarm. Where it does not answer at all, no more is asked, and the
    /// questions have an end together, so that a Lambda that hangs does not take the sweep's time.
    pub(crate) async fn look(&self, now: Timestamp) -> Looked {
        let mut looked = Looked { unknown: self.parts.len(), ..Looked::default() };
        if tokio::time::timeout(self.questions_take, self.ask(now, &mut looked)).await.is_err() {
            tracing::warn!(unknown = looked.unknown, "Lambda is too slow: whether all parts of Hansho run is not known");
        }
        looked
    }

    async fn ask(&self, now: Timestamp, looked: &mut Looked) {
        for part in &self.parts {
            match self.lambda.state(part, now).await {
                Ok(state) => {
                    looked.unknown -= 1;
                    if self.is_off(part, state, now) {
                        let (Part::Function(id) | Part::Mapping(id)) = part;
                        let off = if self.optional.contains(id) { &mut looked.optional_off } else { &mut looked.off };
                        off.push(part.to_string());
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "whether a part of Hansho runs is not known");
                    if !error.is_answered {
                        break;
                    }
                }
            }
        }
    }

    fn is_off(&self, part: &Part, state: PartState, now: Timestamp) -> bool {
        let mut gone_since = self.gone_since.lock().unwrap_or_else(PoisonError::into_inner);
        if state == PartState::Gone {
            let since = gone_since.entry(part.to_string()).or_insert(now);
            return now.duration_since(*since) >= GONE_FOR_GOOD;
        }
        gone_since.remove(&part.to_string());
        state == PartState::Off
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
                uri if uri.contains("missing") => (404, "{}"),
                uri if uri.contains("deleting") => (200, r#"{"State":"Deleting"}"#),
                uri if uri.contains("hangs") => return HttpConnectorFuture::new(std::future::pending()),
                uri if uri.contains("refused") => (403, "{}"),
                uri if uri.contains("silent") => return HttpConnectorFuture::ready(Err(ConnectorError::timeout("nobody answers".into()))),
                _ => (200, r#"{"State":"Enabled"}"#),
            };
            HttpConnectorFuture::ready(Ok(HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body))))
        }
    }

    fn parts(functions: &str, mappings: &str, optional: &str) -> Parts {
        let lookup = |name: &str| match name {
            "HANSHO_WATCHED_FUNCTIONS" => Some(functions.to_owned()),
            "HANSHO_WATCHED_MAPPINGS" => Some(mappings.to_owned()),
            "HANSHO_WATCHED_OPTIONAL" => Some(optional.to_owned()),
            _ => None,
        };
        let aws = Aws::in_process(http_client_fn(|_, _| panic!("the SDK is not used")));
        let parts = Parts::from_settings(&Settings::new(&lookup), &aws);
        Parts { lambda: parts.lambda.with_connector(SharedHttpConnector::new(Named)), ..parts }
    }

    fn at(time: &str) -> Timestamp {
        format!("2026-11-21T{time}Z").parse().unwrap()
    }

    async fn off(functions: &str, mappings: &str) -> Vec<String> {
        parts(functions, mappings, "").look(at("10:00:00")).await.off
    }

    #[tokio::test]
    async fn each_part_that_is_switched_off_is_named() {
        assert_eq!(off("api,delivery", "enabled").await, Vec::<String>::new());
        let named = ["the function closed-api", "the event source mapping disabled-1"];
        assert_eq!(off("delivery, closed-api", "enabled,disabled-1").await, named);
        assert_eq!(off("", "").await, Vec::<String>::new(), "nothing is watched where nothing is named");
    }

    #[tokio::test]
    async fn what_lambda_does_not_say_takes_no_heartbeat_away_and_is_counted() {
        assert_eq!(off("refused,delivery", "refused").await, Vec::<String>::new());
        assert_eq!(off("refused,closed-api", "").await, ["the function closed-api"], "a refusal hides nothing else");
        assert_eq!(off("closed-api,silent,closed-delivery", "").await, ["the function closed-api"], "nobody is asked any more");
        for (functions, unknown) in [("api,delivery", 0), ("refused,api", 1), ("api,silent,delivery", 2)] {
            assert_eq!(parts(functions, "", "").look(at("10:00:00")).await.unknown, unknown, "{functions}");
        }
    }

    #[tokio::test]
    async fn slow_answers_have_an_end_together_and_what_is_known_by_then_counts() {
        // Nothing is waited for: what answers at once has answered by then.
        let parts = Parts { questions_take: Duration::ZERO, ..parts("closed-api,hangs,closed-delivery", "", "") };
        let looked = parts.look(at("10:00:00")).await;
        assert_eq!(looked, Looked { off: vec!["the function closed-api".to_owned()], unknown: 2, ..Looked::default() });
        assert!(QUESTIONS_TAKE <= Duration::from_secs(5), "the sweep needs the rest of its 50 seconds");
    }

    #[tokio::test]
    async fn what_no_page_waits_for_takes_no_heartbeat_away() {
        let looked = parts("closed-bridge,api", "disabled-1,disabled-2", "closed-bridge,disabled-2").look(at("10:00:00")).await;
        assert_eq!(looked.off, ["the event source mapping disabled-1"]);
        assert_eq!(looked.optional_off, ["the function closed-bridge", "the event source mapping disabled-2"]);
    }

    #[tokio::test]
    async fn what_an_apply_replaces_is_no_alarm_and_what_is_gone_for_good_is() {
        for id in ["missing", "deleting"] {
            let parts = parts("", id, "");
            for time in ["10:00:00", "10:01:00", "10:04:59"] {
                assert_eq!(parts.look(at(time)).await.off, Vec::<String>::new(), "{id} {time}");
            }
            assert_eq!(parts.look(at("10:05:00")).await.off, [format!("the event source mapping {id}")]);
        }
    }
}
