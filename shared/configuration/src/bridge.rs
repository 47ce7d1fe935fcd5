//! `incident_manager:` and `ops_center:` of a service: where its incidents are kept besides.

use hansho_domain::{Bridge, BridgeTo};

use crate::{
    destination::LANGUAGES,
    map::{Keys, Map},
    user,
};

const INCIDENT_MANAGER_KEYS: Keys = Keys { known: &["response_plan", "language", "time_zone"], later: &[] };
const OPS_CENTER_KEYS: Keys = Keys { known: &["category", "language", "time_zone"], later: &[] };

/// Reads what a service says about it.
pub(crate) fn read(service: &Map<'_>) -> Option<Bridge> {
    match (service.optional("incident_manager"), service.optional("ops_center")) {
        (None, None) => None,
        (Some(spot), None) => {
            let map = spot.map(&INCIDENT_MANAGER_KEYS)?;
            let response_plan = map.required("response_plan")?.text()?.to_owned();
            Some(written(&map, BridgeTo::IncidentManager { response_plan }))
        }
        (None, Some(spot)) => {
            let map = spot.map(&OPS_CENTER_KEYS)?;
            let category = map.optional("category").map(|category| category.text().map(str::to_owned));
            let category = if let Some(category) = category { Some(category?) } else { None };
            Some(written(&map, BridgeTo::OpsCenter { category }))
        }
        (Some(_), Some(spot)) => {
            spot.fail("is beside `incident_manager`, and an incident goes to one of them; remove one");
            None
        }
    }
}

fn written(map: &Map<'_>, to: BridgeTo) -> Bridge {
    Bridge {
        to,
        language: map.optional("language").and_then(|s| s.choice(&LANGUAGES)).unwrap_or_default(),
        time_zone: map.optional("time_zone").and_then(|s| s.parsed(user::time_zone)).unwrap_or_else(|| "UTC".to_owned()),
    }
}
