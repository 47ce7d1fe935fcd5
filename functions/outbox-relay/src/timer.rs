//! Timers: hints to look at an incident at its deadline. Losing one costs at most the sweeper's minute.

use aws_sdk_scheduler::{
    Client,
    error::DisplayErrorContext,
    types::{ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode, RetryPolicy, Target},
};
use hansho_domain::IncidentId;
use hansho_runtime::{
    Aws, Failure,
    queue::{DELAY_SECONDS_MAX, Queue, seconds_until},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::Targets;

/// For how long Scheduler tries to hand a timer over, in seconds: by then the sweeper has long done its work, and whoever looks at the
/// dead-letter queue is to know of it the same hour. Scheduler's own limit is a day.
const HANDED_OVER_WITHIN_SECONDS: i32 = 900;

/// What a timer says: look at this incident, if its deadline is still of this generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerMessage {
    /// Which incident.
    pub incident: IncidentId,
    /// Which deadline.
    pub generation: u64,
}

/// Arms timers.
#[derive(Debug)]
pub struct Timers {
    scheduler: Client,
    queue: Queue,
    targets: Targets,
}

impl Timers {
    /// Timers through Scheduler and the timer queue.
    pub fn new(aws: &Aws, targets: Targets) -> Self {
        Self { scheduler: Client::new(&aws.config("scheduler")), queue: Queue::new(aws, &targets.timer_queue_url), targets }
    }

    /// Arms the timer for `at`: a one-time schedule, and for deadlines within 15 minutes also a delayed message, because
    /// Scheduler is precise to a minute only (EventBridge Scheduler user guide, "Schedule types"). Whichever comes second
    /// is stale by then.
    ///
    /// # Errors
    /// Neither could be armed.
    pub async fn arm(&self, message: TimerMessage, at: Timestamp, now: Timestamp) -> Result<(), Failure> {
        let seconds = seconds_until(at, now);
        let is_soon = seconds <= DELAY_SECONDS_MAX;
        if is_soon {
            self.queue.send(&message, at, now).await?;
        }
        // A schedule in the past is refused, or fires when it likes; the message is already on its way.
        if seconds == 0 {
            return Ok(());
        }
        match self.schedule(message, at).await {
            Err(error) if is_soon => {
                tracing::warn!(incident.id = %message.incident, error = %hansho_runtime::chain(&error), "no schedule; the message alone has to do");
                Ok(())
            }
            other => other,
        }
    }

    async fn schedule(&self, message: TimerMessage, at: Timestamp) -> Result<(), Failure> {
        let input = serde_json::to_string(&message).map_err(|error| Failure::new("the timer has no JSON", error))?;
        let dead_letters = self.targets.schedule_dead_letter_arn.as_ref().map(|arn| DeadLetterConfig::builder().arn(arn).build());
        let retries = RetryPolicy::builder().maximum_event_age_in_seconds(HANDED_OVER_WITHIN_SECONDS).build();
        let target = Target::builder()
            .arn(&self.targets.escalation_arn)
            .role_arn(&self.targets.scheduler_role_arn)
            .input(input)
            .retry_policy(retries)
            .set_dead_letter_config(dead_letters)
            .build();
        let window = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build();
        let invalid = |error| Failure::new("the schedule is not complete", error);
        let result = self
            .scheduler
            .create_schedule()
            .name(schedule_name(message))
            .group_name(&self.targets.schedule_group)
            .schedule_expression(expression(at))
            .schedule_expression_timezone("UTC")
            .flexible_time_window(window.map_err(invalid)?)
            .action_after_completion(ActionAfterCompletion::Delete)
            .target(target.map_err(invalid)?)
            .send()
            .await;
        match result {
            Ok(_) => Ok(()),
            // The name is made of what the timer is for: it is armed already.
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conflict_exception()) => Ok(()),
            Err(error) => Err(Failure::because(format!("Scheduler did not take the timer: {}", DisplayErrorContext(&error)))),
        }
    }
}

/// At most 64 characters of letters, digits, '-', '_' and '.' (CreateSchedule, API reference).
fn schedule_name(message: TimerMessage) -> String {
    format!("{}-{}", message.incident, message.generation)
}

/// `at(yyyy-mm-ddThh:mm:ss)`: whole seconds, so it is rounded up.
fn expression(at: Timestamp) -> String {
    let up = at.as_millisecond().rem_euclid(1000) != 0;
    let at = if up { at.saturating_add(SignedDuration::from_secs(1)).unwrap_or(at) } else { at };
    format!("at({})", at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S"))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_smithy_runtime_api::client::{
        http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        runtime_components::RuntimeComponents,
    };
    use aws_smithy_types::body::SdkBody;
    use serde_json::{Value, json};

    use super::*;

    /// Takes every schedule, and keeps what it was asked.
    #[derive(Debug, Clone, Default)]
    struct Scheduler(Arc<Mutex<Vec<HttpRequest>>>);

    impl HttpConnector for Scheduler {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            self.0.lock().unwrap().push(request);
            let answer = SdkBody::from(r#"{"ScheduleArn":"arn"}"#);
            HttpConnectorFuture::ready(Ok(HttpResponse::new(200.try_into().unwrap(), answer)))
        }
    }

    impl HttpClient for Scheduler {
        fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
            SharedHttpConnector::new(self.clone())
        }
    }

    async fn schedule_with(schedule_dead_letter_arn: Option<&str>) -> Value {
        let scheduler = Scheduler::default();
        let targets = Targets {
            delivery_queue_url: "http://sqs/delivery".to_owned(),
            timer_queue_url: "http://sqs/timer".to_owned(),
            escalation_arn: "arn:aws:lambda:x:1:function:escalation:live".to_owned(),
            scheduler_role_arn: "arn:aws:iam::1:role/scheduler".to_owned(),
            schedule_group: "hansho".to_owned(),
            schedule_dead_letter_arn: schedule_dead_letter_arn.map(str::to_owned),
        };
        let timers = Timers::new(&Aws::in_process(SharedHttpClient::new(scheduler.clone())), targets);
        let now: Timestamp = "2026-11-20T18:12:00Z".parse().unwrap();
        let message = TimerMessage { incident: "01JD5Z0000ABCDEFGHJKMNPQRS".parse().unwrap(), generation: 7 };
        timers.arm(message, now.saturating_add(SignedDuration::from_hours(1)).unwrap(), now).await.unwrap();
        let requests = scheduler.0.lock().unwrap();
        assert_eq!(requests.len(), 1, "an hour is longer than a message may wait");
        serde_json::from_slice(requests[0].body().bytes().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn what_scheduler_can_not_hand_over_goes_to_the_dead_letter_queue() {
        let schedule = schedule_with(Some("arn:aws:sqs:x:1:dead")).await;
        assert_eq!(schedule["Target"]["DeadLetterConfig"], json!({ "Arn": "arn:aws:sqs:x:1:dead" }));
        assert_eq!(schedule["Target"]["RetryPolicy"], json!({ "MaximumEventAgeInSeconds": 900 }));
        assert_eq!(schedule["ScheduleExpression"], "at(2026-11-20T19:12:00)");
        assert_eq!(schedule["ScheduleExpressionTimezone"], "UTC");
        assert_eq!(schedule_with(None).await["Target"].get("DeadLetterConfig"), None);
    }

    #[test]
    fn schedules_are_rounded_up_to_whole_seconds_and_have_names_that_scheduler_takes() {
        assert_eq!(expression("2026-11-20T18:12:00.001Z".parse().unwrap()), "at(2026-11-20T18:12:01)");
        assert_eq!(expression("2026-11-20T18:12:00Z".parse().unwrap()), "at(2026-11-20T18:12:00)");
        let message = TimerMessage { incident: "01JD5Z0000ABCDEFGHJKMNPQRS".parse().unwrap(), generation: u64::MAX };
        let name = schedule_name(message);
        assert!(name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{name}");
    }
}
