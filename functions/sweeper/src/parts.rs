//! What people or a mistake have switched off or taken away: a function that may not run, a queue or a stream that nobody reads or can read.
//! In quiet times nothing else notices, because nothing is asked of it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hansho_runtime::{Aws, Lambda, Part, PartState, Settings, queue::Queue};
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
    /// The queues that pages go through. A mapping stays switched on when its queue is gone.
    queues: Vec<Queue>,
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
    /// `HANSHO_WATCHED_OPTIONAL`: the names and ids among them that no page waits for. `HANSHO_DELIVERY_QUEUE_URL`, `HANSHO_TIMER_QUEUE_URL`:
    /// the queues that mappings read.
    pub fn from_settings(settings: &Settings<'_>, aws: &Aws) -> Self {
        let named = |name: &str| settings.optional(name).unwrap_or_default();
        let functions = split(&named("HANSHO_WATCHED_FUNCTIONS")).map(Part::Function).collect::<Vec<_>>();
        let mappings = split(&named("HANSHO_WATCHED_MAPPINGS")).map(Part::Mapping).collect::<Vec<_>>();
        let queues = ["HANSHO_DELIVERY_QUEUE_URL", "HANSHO_TIMER_QUEUE_URL"].into_iter().filter(|_| !mappings.is_empty());
        let queues = queues.filter_map(|name| settings.optional(name)).map(|url| Queue::new(aws, url)).collect();
        let optional = split(&named("HANSHO_WATCHED_OPTIONAL")).collect();
        let parts = functions.into_iter().chain(mappings).collect();
        Self { lambda: Lambda::new(aws), parts, queues, optional, questions_take: QUESTIONS_TAKE, gone_since: Mutex::default() }
    }

    /// How they all are. What Lambda and SQS do not say is no reason for an alarm. Where Lambda does not answer at all, it is asked no more, and
    /// the questions have an end together, so that one that hangs does not take the sweep's time.
    pub(crate) async fn look(&self, now: Timestamp) -> Looked {
        let mut looked = Looked { unknown: self.parts.len() + self.queues.len(), ..Looked::default() };
        let questions = async {
            self.ask(now, &mut looked).await;
            self.ask_about_queues(&mut looked).await;
        };
        if tokio::time::timeout(self.questions_take, questions).await.is_err() {
            tracing::warn!(unknown = looked.unknown, "AWS is too slow: whether all parts of Hansho run is not known");
        }
        looked
    }

    async fn ask(&self, now: Timestamp, looked: &mut Looked) {
        for part in &self.parts {
            match self.lambda.state(part, now).await {
                Ok(state) => {
                    looked.unknown -= 1;
                    if self.is_off(part, &state, now) {
                        let (Part::Function(id) | Part::Mapping(id)) = part;
                        let off = if self.optional.contains(id) { &mut looked.optional_off } else { &mut looked.off };
                        off.push(match state {
                            PartState::Failing(why) => format!("{part}: {why}"),
                            PartState::On | PartState::Off | PartState::Gone => part.to_string(),
                        });
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

    /// A queue that is gone is one for good: an apply replaces none.
    async fn ask_about_queues(&self, looked: &mut Looked) {
        for queue in &self.queues {
            match queue.is_there().await {
                Ok(is_there) => {
                    looked.unknown -= 1;
                    if !is_there {
                        looked.off.push(format!("the queue {}", queue.name()));
                    }
                }
                Err(error) => tracing::warn!(queue = queue.name(), %error, "whether a queue of Hansho is there is not known"),
            }
        }
    }

    /// One look that finds a mapping failing is one bad point, and the alarm minds two in a row.
    fn is_off(&self, part: &Part, state: &PartState, now: Timestamp) -> bool {
        let mut gone_since = self.gone_since.lock().unwrap_or_else(PoisonError::into_inner);
        if *state == PartState::Gone {
            let since = gone_since.entry(part.to_string()).or_insert(now);
            return now.duration_since(*since) >= GONE_FOR_GOOD;
        }
        gone_since.remove(&part.to_string());
        matches!(state, PartState::Off | PartState::Failing(_))
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
                uri if uri.contains("failing") => (200, r#"{"State":"Enabled","LastProcessingResult":"PROBLEM: it may not be read"}"#),
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

    /// Says of each queue what its name says.
    #[derive(Debug)]
    struct Queues;

    impl HttpConnector for Queues {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            assert_eq!(request.headers().get("x-amz-target"), Some("AmazonSQS.GetQueueAttributes"));
            let asked = std::str::from_utf8(request.body().bytes().unwrap()).unwrap();
            let (status, body) = match asked {
                body if body.contains("gone-") || body.contains("lost-") => {
                    (400, r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no such queue"}"#)
                }
                body if body.contains("closed-") => (403, r#"{"__type":"com.amazonaws.sqs#AccessDenied","message":"no"}"#),
                _ => (200, r#"{"Attributes":{}}"#),
            };
            let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
            if asked.contains("gone-") {
                response.headers_mut().insert("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender");
            }
            HttpConnectorFuture::ready(Ok(response))
        }
    }

    async fn with_queues(deliveries: &str, timers: &str, mappings: &str) -> Looked {
        let lookup = |name: &str| match name {
            "HANSHO_DELIVERY_QUEUE_URL" => Some(format!("http://sqs.local.hansho/1/{deliveries}")),
            "HANSHO_TIMER_QUEUE_URL" => Some(format!("http://sqs.local.hansho/1/{timers}")),
            "HANSHO_WATCHED_MAPPINGS" => Some(mappings.to_owned()),
            _ => None,
        };
        let aws = Aws::in_process(http_client_fn(|_, _| SharedHttpConnector::new(Queues)));
        let parts = Parts::from_settings(&Settings::new(&lookup), &aws);
        let parts = Parts { lambda: parts.lambda.with_connector(SharedHttpConnector::new(Named)), ..parts };
        parts.look(at("10:00:00")).await
    }

    #[tokio::test]
    async fn a_queue_that_is_gone_is_named_though_its_mapping_is_on() {
        let looked = with_queues("deliveries", "gone-timers", "enabled").await;
        assert_eq!(looked, Looked { off: vec!["the queue gone-timers".to_owned()], ..Looked::default() });
        let looked = with_queues("lost-deliveries", "timers", "enabled").await;
        assert_eq!(looked.off, ["the queue lost-deliveries"], "without the header");
        let looked = with_queues("closed-deliveries", "timers", "enabled").await;
        assert_eq!(looked, Looked { unknown: 1, ..Looked::default() }, "a refusal is no queue that is gone");
        let looked = with_queues("gone-deliveries", "timers", "silent").await;
        assert_eq!(
            (looked.off, looked.unknown),
            (vec!["the queue gone-deliveries".to_owned()], 1),
            "that Lambda is silent hides nothing of SQS"
        );
        assert_eq!(with_queues("gone-deliveries", "timers", "").await, Looked::default(), "where no mapping is named nothing is asked");
    }

    #[tokio::test]
    async fn a_mapping_that_can_not_read_its_source_is_named_with_what_lambda_says() {
        assert_eq!(off("", "enabled,failing-1").await, ["the event source mapping failing-1: PROBLEM: it may not be read"]);
        assert_eq!(parts("", "failing-1", "failing-1").look(at("10:00:00")).await.off, Vec::<String>::new(), "no page waits for it");
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
