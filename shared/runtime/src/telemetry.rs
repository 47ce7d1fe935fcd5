//! Logs and metrics: both are lines on standard output, which Lambda sends to CloudWatch.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::SystemTime,
};

use jiff::Timestamp;
use serde_json::json;

/// Whether metric lines are printed: they are for CloudWatch, not for a terminal.
static PRINTS_METRICS: AtomicBool = AtomicBool::new(false);

/// Logs and metrics of a Lambda function: see [`start`]; metric lines are printed as well.
pub fn start_function(level: Option<&str>) {
    PRINTS_METRICS.store(true, Ordering::Relaxed);
    start(level);
}

/// Logs as JSON lines, at `level` (`info` unless told) and above. Phone numbers, addresses and secrets are never logged:
/// what holds them has a `Debug` that hides them.
pub fn start(level: Option<&str>) {
    let level = level.and_then(|level| level.parse().ok()).unwrap_or(tracing::Level::INFO);
    let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_max_level(level).finish();
    // A second start in one process (the local run) keeps the first.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// One metric value in CloudWatch's embedded metric format
/// (CloudWatch user guide, "Specification: Embedded metric format"), as the line to be printed.
pub fn metric_line(now: Timestamp, name: &str, value: f64, unit: &str) -> String {
    json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": "Hansho",
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
    if PRINTS_METRICS.load(Ordering::Relaxed) {
        println!("{}", metric_line(now, name, value, unit));
    }
}

/// The system time of `at`, for APIs that want one.
pub fn system_time(at: Timestamp) -> SystemTime {
    SystemTime::from(at)
}
