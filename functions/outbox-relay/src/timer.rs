//! Timers: hints to look at an incident at its deadline. Losing one costs at most the sweeper's minute.

use aws_sdk_scheduler::{
    Client,
    error::DisplayErrorContext,
    types::{ActionAfterCompletion, FlexibleTimeWindow, FlexibleTimeWindowMode, Target},
};
use hansho_domain::IncidentId;
use hansho_runtime::{
    Aws, Failure,
    queue::{DELAY_SECONDS_MAX, Queue, seconds_until},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::Targets;

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
        let target = Target::builder().arn(&self.targets.escalation_arn).role_arn(&self.targets.scheduler_role_arn).input(input).build();
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
    use super::*;

    #[test]
    fn schedules_are_rounded_up_to_whole_seconds_and_have_names_that_scheduler_takes() {
        assert_eq!(expression("2026-11-20T18:12:00.001Z".parse().unwrap()), "at(2026-11-20T18:12:01)");
        assert_eq!(expression("2026-11-20T18:12:00Z".parse().unwrap()), "at(2026-11-20T18:12:00)");
        let message = TimerMessage { incident: "01JD5Z0000ABCDEFGHJKMNPQRS".parse().unwrap(), generation: u64::MAX };
        let name = schedule_name(message);
        assert!(name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{name}");
    }
}
