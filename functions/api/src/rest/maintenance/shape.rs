//! How a maintenance window is shown.

use hansho_domain::{LiveMaintenance, MaintenanceSpec, MaintenanceState, MaintenanceTime, MaintenanceWindow};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A live window, or what was cut off of one of the configuration.
pub(super) fn live_shape(live: &LiveMaintenance, now: Timestamp) -> Value {
    let source = if live.is_planned { "configuration" } else { "live" };
    let from = match live.window.spec().time {
        MaintenanceTime::Once { from, .. } => from,
        MaintenanceTime::Recurring(_) => live.created_at,
    };
    let mut shape = shape(&live.window, source, live.state(now), from, Some(live.until()));
    shape["created_at"] = json!(live.created_at);
    shape["created_by"] = json!(live.created_by);
    shape["ended_at"] = json!(live.ended.as_ref().map(|end| end.at));
    shape["ended_by"] = json!(live.ended.as_ref().map(|end| &end.by));
    shape
}

/// Any window, with one time at which it is open.
pub(super) fn shape(window: &MaintenanceWindow, source: &str, state: MaintenanceState, from: Timestamp, until: Option<Timestamp>) -> Value {
    let MaintenanceSpec { id, reason, services, only, time } = window.spec();
    json!({
        "id": id, "source": source, "state": state, "reason": reason, "services": services, "all_services": services.is_empty(), "only": only,
        "from": from, "until": until, "is_recurring": matches!(time, MaintenanceTime::Recurring(_)),
    })
}
