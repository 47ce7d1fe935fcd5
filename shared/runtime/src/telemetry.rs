//! Logs and metrics: both are lines on standard output, which Lambda sends to CloudWatch.

use std::{sync::OnceLock, time::SystemTime};

use jiff::Timestamp;
use serde_json::json;
use tracing::{Level, Subscriber};
use tracing_subscriber::{filter::Targets, fmt::MakeWriter, layer::SubscriberExt};

use crate::settings::Lookup;

/// What our own modules' names begin with.
const OWN: &str = "hansho";
/// The most that other crates say: below it the SDK and the HTTP client print whole requests, with numbers and addresses.
const FOREIGN_MAX: Level = Level::INFO;

/// The namespace of metrics where `HANSHO_METRICS_NAMESPACE` names none.
const NAMESPACE: &str = "Hansho";

/// Where metrics are counted, in a function. Elsewhere no metric lines are printed: they are for CloudWatch, not for a terminal.
static METRICS: OnceLock<String> = OnceLock::new();

/// Logs and metrics of a Lambda function: see [`start`]; metric lines are printed as well. `HANSHO_LOG` is the level, and
/// `HANSHO_METRICS_NAMESPACE` tells the metrics of several deployments in one account apart.
pub fn start_function(lookup: Lookup<'_>) {
    // A second start in one process keeps the first.
    let _ = METRICS.set(lookup("HANSHO_METRICS_NAMESPACE").filter(|name| !name.is_empty()).unwrap_or_else(|| NAMESPACE.to_owned()));
    start(lookup("HANSHO_LOG").as_deref());
}

/// Logs as JSON lines, at `level` (`info` unless told) and above; other crates at `info` at most. Phone numbers, addresses
/// and secrets are never logged: what holds them has a `Debug` that hides them.
pub fn start(level: Option<&str>) {
    // A second start in one process (the local run) keeps the first.
    let _ = tracing::subscriber::set_global_default(subscriber(level, std::io::stdout));
}

fn subscriber<W>(level: Option<&str>, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level: Level = level.and_then(|level| level.parse().ok()).unwrap_or(Level::INFO);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(writer);
    let filter = Targets::new().with_target(OWN, level).with_default(level.min(FOREIGN_MAX));
    tracing_subscriber::registry().with(filter).with(lines)
}

/// One metric value in CloudWatch's embedded metric format
/// (CloudWatch user guide, "Specification: Embedded metric format"), as the line to be printed.
pub fn metric_line(namespace: &str, now: Timestamp, name: &str, value: f64, unit: &str) -> String {
    json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": namespace,
                "Dimensions": [[]],
                "Metrics": [{ "Name": name, "Unit": unit }],
            }],
        },
        name: value,
    })
    .to_string()
}

/// Prints a metric line, in a function.
pub fn print_metric(now: Timestamp, name: &str, value: f64, unit: &str) {
    if let Some(namespace) = METRICS.get() {
        println!("{}", metric_line(namespace, now, name, value, unit));
    }
}

/// The system time of `at`, for APIs that want one.
pub fn system_time(at: Timestamp) -> SystemTime {
    SystemTime::from(at)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use super::{metric_line, subscriber};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: Option<&str>) -> Vec<String> {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing::subscriber::with_default(subscriber(level, move || writer.clone()), || {
            tracing::trace!(target: "aws_smithy_runtime::client", "PhoneNumber=%2B819012345678");
            tracing::debug!(target: "hyper_util::client", "+819012345678");
            tracing::debug!(target: "rustls::client", "+819012345678");
            tracing::warn!(target: "aws_sdk_sns", "foreign warn");
            tracing::info!(target: "lambda_runtime", "foreign info");
            tracing::trace!(target: "hansho_delivery::send", "own trace");
            tracing::info!(target: "hansho", "own info");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let message = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["message"].as_str().unwrap().to_owned();
        text.lines().map(message).collect()
    }

    #[test]
    fn a_metric_is_counted_in_the_namespace_of_its_deployment() {
        let line = metric_line("Hansho/staging", "2026-11-20T18:12:00Z".parse().unwrap(), "SweeperHeartbeat", 1.0, "Count");
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Hansho/staging");
        assert_eq!(line["_aws"]["Timestamp"], 1_795_198_320_000_i64);
        assert_eq!(line["SweeperHeartbeat"], 1.0);
    }

    #[test]
    fn other_crates_never_say_more_than_info_whatever_is_asked() {
        assert_eq!(logged(Some("trace")), ["foreign warn", "foreign info", "own trace", "own info"]);
        assert_eq!(logged(Some("debug")), ["foreign warn", "foreign info", "own info"]);
        assert_eq!(logged(None), ["foreign warn", "foreign info", "own info"]);
        assert_eq!(logged(Some("warn")), ["foreign warn"]);
    }
}
