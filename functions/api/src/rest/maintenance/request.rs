//! What is asked for when a maintenance window is begun.

use std::collections::BTreeMap;

use hansho_domain::{
    AlarmPattern, Labels, LiveMaintenance, MaintenanceFilter, MaintenanceId, MaintenanceSpec, MaintenanceTime, MaintenanceWindow,
    ServiceId, Severity,
};
use hansho_runtime::clock::whole_milliseconds;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{
    Api,
    problem::Problem,
    rest::period::{AskedPeriod, LATE_MAX},
};

pub(super) const EXAMPLE: &str = r#"{"services": ["checkout"], "until": "2026-12-31T09:00:00+09:00", "reason": "database upgrade"}"#;
/// How far ahead a window may begin. What is planned longer ahead belongs into the configuration.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(366 * 24);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AddRequest {
    #[serde(default)]
    services: Vec<ServiceId>,
    #[serde(default)]
    all_services: bool,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    minutes: Option<u32>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    only: OnlyRequest,
}

/// As `only:` of the configuration.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct OnlyRequest {
    #[serde(default)]
    alarms: Vec<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    severities: Vec<Severity>,
}

impl AddRequest {
    /// The window that is meant.
    pub(super) async fn window(self, api: &Api, id: MaintenanceId, now: Timestamp) -> Result<MaintenanceWindow, Problem> {
        let refuse = |message: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message);
        if self.services.is_empty() != self.all_services {
            return Err(Problem::bad_request(format!(
                "A maintenance window is about some services or about all. Send services or \"all_services\": true, and not both, such as {EXAMPLE}."
            )));
        }
        let routes = api.store.routes().await?;
        if let Some(unknown) = self.services.iter().find(|service| !routes.knows(service)) {
            return Err(refuse(format!(
                "There is no service {unknown}. Check the name, or send \"all_services\": true for every service."
            )));
        }
        let from = self.from.unwrap_or(now);
        if from < now.saturating_sub(LATE_MAX).unwrap_or(now) {
            return Err(refuse(format!(
                "from is {from}, which is past. Leave from out to begin now; what has paged already is not touched."
            )));
        }
        if from > now.saturating_add(AHEAD_MAX).unwrap_or(Timestamp::MAX) {
            return Err(refuse(format!("from is {from}, more than a year ahead. Write it into the configuration instead.")));
        }
        let (from, until) = (from.max(now), self.period().end(from.max(now), "A maintenance window", EXAMPLE)?);
        let time = MaintenanceTime::Once { from: whole_milliseconds(from), until: whole_milliseconds(until) };
        let (reason, services, only) = (self.reason.trim().to_owned(), self.services, self.only.filter()?);
        MaintenanceWindow::new(MaintenanceSpec { id, reason, services, only, time }).map_err(|problems| {
            let sentences: Vec<String> = problems.0.iter().map(|problem| format!("{} {}", problem.field, problem.problem)).collect();
            refuse(format!("{}.", sentences.join("; ")))
        })
    }

    pub(super) fn period(&self) -> AskedPeriod {
        AskedPeriod { from: self.from, until: self.until, minutes: self.minutes }
    }

    /// Whether `known` may be the window that this asked for before.
    pub(super) fn is(&self, known: &LiveMaintenance) -> bool {
        let spec = known.window.spec();
        let MaintenanceTime::Once { from, until } = spec.time else { return false };
        let is_about = self.services == spec.services && self.only.clone().filter().is_ok_and(|only| only == spec.only);
        is_about && self.reason.trim() == spec.reason && self.period().is(from, until)
    }
}

impl OnlyRequest {
    fn filter(self) -> Result<MaintenanceFilter, Problem> {
        let label = |(key, pattern): (String, String)| {
            let known = Labels::key(&key).map(|key| (key, AlarmPattern::new(pattern)));
            known.ok_or_else(|| {
                let key: String = key.chars().take(40).collect();
                Problem::bad_request(format!("only.labels has {key:?}; labels are letters, digits, `_`, `-`, `.` and `/`."))
            })
        };
        let labels = self.labels.into_iter().map(label).collect::<Result<_, Problem>>()?;
        let alarms = self.alarms.into_iter().map(AlarmPattern::new).collect();
        Ok(MaintenanceFilter { alarms, labels, severities: self.severities })
    }
}
