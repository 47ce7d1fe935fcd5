//! Which service an alarm is about, and why that one.

use hansho_domain::{AlarmPattern, Labels, Routes, ServiceId};

use crate::parse::{AlarmTransition, Directives};

/// The labels of a metric by which it names the team whose it is.
const OWNER_LABELS: [&str; 2] = ["owner", "team"];

/// What leads an alarm to its service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundBy {
    /// Its description names the service.
    Description,
    /// The service claims it by this pattern, the first of its patterns that matches.
    Pattern(AlarmPattern),
    /// Its description names the team, as this, whose service it is.
    Owner(String),
    /// A dimension of its metric names the team, as this, whose service it is.
    OwnerOfMetric(String),
    /// Nothing does but the way in by which it comes, whose service this is.
    WayIn,
    /// Nothing does: the catch-all service takes it.
    Nothing,
}

/// The service of an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The service.
    pub service: ServiceId,
    /// What led there.
    pub by: FoundBy,
    /// What is worth saying about the way, for the timeline.
    pub remark: Option<String>,
}

/// The service that the alarm's description names, else the first that claims the alarm, else that of the team whom the description
/// or else a label names as its owner, else that of the way in by which it comes, else the catch-all service.
pub(crate) fn route(
    alarm: &AlarmTransition,
    directives: &Directives,
    labels: &Labels,
    routes: &Routes,
    otherwise: Option<&ServiceId>,
) -> Route {
    let mut remarks = directives.problems.clone();
    if let Some(name) = &directives.service {
        match ServiceId::new(name.as_str()) {
            Ok(service) if routes.knows(&service) => return Route { service, by: FoundBy::Description, remark: joined(&remarks) },
            Ok(_) | Err(_) => remarks.push(format!("its description names the service {name:?}, which does not exist")),
        }
    }
    if let Some((service, pattern)) = routes.claim(&alarm.name, &alarm.arn) {
        return Route { service: service.clone(), by: FoundBy::Pattern(pattern.clone()), remark: joined(&remarks) };
    }
    if let Some(owner) = &directives.owner {
        if let Some(service) = routes.service_of_owner(owner) {
            return Route { service: service.clone(), by: FoundBy::Owner(owner.clone()), remark: joined(&remarks) };
        }
        remarks.push(format!("its description names the owner {owner:?}, and there is no such team"));
    } else if let Some(owner) = OWNER_LABELS.iter().find_map(|label| labels.get(label).filter(|_| directives.labels.get(label).is_none())) {
        if let Some(service) = routes.service_of_owner(owner) {
            return Route { service: service.clone(), by: FoundBy::OwnerOfMetric(owner.to_owned()), remark: joined(&remarks) };
        }
        remarks.push(format!("its metric names the owner {owner:?}, and there is no such team"));
    }
    if let Some(service) = otherwise {
        return Route { service: service.clone(), by: FoundBy::WayIn, remark: joined(&remarks) };
    }
    remarks.push("no service claims this alarm: add its name to the alarms of one".to_owned());
    Route { service: ServiceId::catch_all(), by: FoundBy::Nothing, remark: joined(&remarks) }
}

fn joined(remarks: &[String]) -> Option<String> {
    (!remarks.is_empty()).then(|| remarks.join("; "))
}
