//! EventBridge Scheduler: one-time schedules, made and deleted.

use jiff::{Timestamp, civil::DateTime};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;

use super::{Answer, Call, Schedule, ScheduleCreation, ScheduleDeletion, Service, Sink, fault::scheduler_error};

/// Longest name of a schedule or a group.
const NAME_CHARS_MAX: usize = 64;
/// The group of a schedule that names none.
const DEFAULT_GROUP: &str = "default";

/// Fields that change nothing about a one-time schedule here are read and ignored; any other unknown field is refused.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateSchedule {
    schedule_expression: String,
    schedule_expression_timezone: Option<String>,
    flexible_time_window: FlexibleTimeWindow,
    group_name: Option<String>,
    action_after_completion: Option<String>,
    client_token: Option<String>,
    target: Target,
    #[serde(default, rename = "Description")]
    _description: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct FlexibleTimeWindow {
    mode: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Target {
    arn: String,
    role_arn: String,
    #[serde(default)]
    input: String,
    #[serde(default, rename = "RetryPolicy")]
    _retry_policy: IgnoredAny,
    #[serde(default, rename = "DeadLetterConfig")]
    _dead_letter_config: IgnoredAny,
}

pub(super) fn answer(call: &Call, sink: &dyn Sink) -> Answer {
    let Some(name) = call.path().strip_prefix("/schedules/") else {
        return Answer::unknown_operation(Service::Scheduler, &call.operation);
    };
    let answered = match call.operation.as_str() {
        "CreateSchedule" => create(name, &call.body, sink),
        "DeleteSchedule" => delete(name, call.query("groupName"), sink),
        operation => Err(Answer::unknown_operation(Service::Scheduler, operation)),
    };
    answered.unwrap_or_else(|refusal| refusal)
}

fn create(name: &str, body: &[u8], sink: &dyn Sink) -> Result<Answer, Answer> {
    let schedule = schedule(name, body)?;
    let arn = format!("arn:aws:scheduler:us-east-1:000000000000:schedule/{}/{name}", schedule.group);
    match sink.schedule_created(schedule) {
        Ok(ScheduleCreation::Created) => Ok(Answer::new(200, json!({ "ScheduleArn": arn }).to_string())),
        Ok(ScheduleCreation::Conflict) => Err(scheduler_error(409, "ConflictException", &format!("Schedule {name} already exists."))),
        Err(fault) => Err(Answer::of_fault(Service::Scheduler, &fault)),
    }
}

fn delete(name: &str, group: Option<String>, sink: &dyn Sink) -> Result<Answer, Answer> {
    let group = group.unwrap_or_else(|| DEFAULT_GROUP.to_owned());
    check_name("name", name)?;
    check_name("groupName", &group)?;
    match sink.schedule_deleted(name, &group) {
        Ok(ScheduleDeletion::Deleted) => Ok(Answer::new(200, "{}")),
        Ok(ScheduleDeletion::NotFound) => {
            Err(scheduler_error(404, "ResourceNotFoundException", &format!("Schedule {name} does not exist.")))
        }
        Err(fault) => Err(Answer::of_fault(Service::Scheduler, &fault)),
    }
}

fn schedule(name: &str, body: &[u8]) -> Result<Schedule, Answer> {
    let request: CreateSchedule = serde_json::from_slice(body).map_err(|error| invalid(&error.to_string()))?;
    let group = request.group_name.unwrap_or_else(|| DEFAULT_GROUP.to_owned());
    check_name("name", name)?;
    check_name("groupName", &group)?;
    if request.flexible_time_window.mode != "OFF" {
        return Err(invalid("a flexible time window would make a page late: Mode must be OFF"));
    }
    let delete_after_completion = match request.action_after_completion.as_deref() {
        Some("DELETE") => true,
        Some("NONE") | None => false,
        Some(other) => return Err(invalid(&format!("Invalid ActionAfterCompletion {other}."))),
    };
    check_target(&request.target)?;
    Ok(Schedule {
        name: name.to_owned(),
        group,
        at: moment(&request.schedule_expression, request.schedule_expression_timezone.as_deref())?,
        target_arn: request.target.arn,
        input: request.target.input,
        delete_after_completion,
        client_token: request.client_token,
    })
}

/// `at(yyyy-mm-ddThh:mm:ss)` on the wall clock of `zone`. AWS takes neither a fraction nor a `Z`, and says only that the expression is invalid.
fn moment(expression: &str, zone: Option<&str>) -> Result<Timestamp, Answer> {
    let refusal = || invalid(&format!("Invalid Schedule Expression {expression}."));
    let text = expression.strip_prefix("at(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(refusal)?;
    let wall_clock: DateTime = text.parse().map_err(|_| refusal())?;
    // The parser is more generous than AWS: whatever has a fraction or does not read back the same is not in AWS's format.
    if wall_clock.subsec_nanosecond() != 0 || wall_clock.to_string() != text {
        return Err(refusal());
    }
    let zoned = wall_clock
        .in_tz(zone.unwrap_or("UTC"))
        .map_err(|_| invalid("The specified ScheduleExpressionTimezone is not a valid time zone."))?;
    Ok(zoned.timestamp())
}

fn check_name(field: &str, name: &str) -> Result<(), Answer> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.is_empty() && name.len() <= NAME_CHARS_MAX && name.chars().all(allowed) {
        return Ok(());
    }
    Err(invalid(&format!(
        "1 validation error detected: Value '{name}' at '{field}' failed to satisfy constraint: Member must have length less than or equal to {NAME_CHARS_MAX} and satisfy regular expression pattern: [0-9a-zA-Z-_.]+"
    )))
}

/// AWS looks at the role before it keeps a schedule, and reads the input of a Lambda function as JSON.
fn check_target(target: &Target) -> Result<(), Answer> {
    if !target.arn.starts_with("arn:") {
        return Err(invalid(&format!("Invalid target Arn {:?}.", target.arn)));
    }
    if !(target.role_arn.starts_with("arn:") && target.role_arn.contains(":role/")) {
        return Err(invalid(&format!("Invalid RoleArn {:?}.", target.role_arn)));
    }
    let input_is_json = target.input.is_empty() || serde_json::from_str::<IgnoredAny>(&target.input).is_ok();
    if target.arn.contains(":lambda:") && !input_is_json {
        return Err(invalid("The input of a Lambda target must be well-formed JSON."));
    }
    Ok(())
}

fn invalid(message: &str) -> Answer {
    Answer::rejected(Service::Scheduler, message)
}
