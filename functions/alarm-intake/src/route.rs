//! Which service an alarm is about, and why that one.

use hansho_domain::{AlarmPattern, Labels, Routes, ServiceId};

use crate::parse::Directives;

/// The labels of a metric, and the tags of a resource, by which it names the team whose it is.
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
    /// A tag of its resource names the team, as this, whose service it is.
    OwnerOfResource(String),
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

/// What asks for its service.
pub(crate) struct Claimant<'a> {
    /// What services claim it by.
    pub(crate) name: &'a str,
    /// As AWS names it.
    pub(crate) arn: &'a str,
    /// What its description says.
    pub(crate) directives: &'a Directives,
    /// What is known of it.
    pub(crate) labels: &'a Labels,
    /// An alarm; otherwise an event of an AWS service.
    pub(crate) is_alarm: bool,
}

/// The service that the alarm's description names, else the first that claims the alarm, else that of the team whom the description
/// or else a label names as its owner, else that of the way in by which it comes, else the catch-all service.
pub(crate) fn route(claimant: &Claimant<'_>, routes: &Routes, otherwise: Option<&ServiceId>) -> Route {
    let Claimant { name, arn, directives, labels, is_alarm } = *claimant;
    let mut remarks = directives.problems.clone();
    if let Some(name) = &directives.service {
        match ServiceId::new(name.as_str()) {
            Ok(service) if routes.knows(&service) => return Route { service, by: FoundBy::Description, remark: joined(&remarks) },
            Ok(_) | Err(_) => remarks.push(format!("its description names the service {name:?}, which does not exist")),
        }
    }
    if let Some((service, pattern)) = routes.claim(name, arn) {
        return Route { service: service.clone(), by: FoundBy::Pattern(pattern.clone()), remark: joined(&remarks) };
    }
    if let Some(owner) = &directives.owner {
        if let Some(service) = routes.service_of_owner(owner) {
            return Route { service: service.clone(), by: FoundBy::Owner(owner.clone()), remark: joined(&remarks) };
        }
        remarks.push(format!("its description names the owner {owner:?}, and there is no such team"));
    } else if let Some(owner) = OWNER_LABELS.iter().find_map(|label| labels.get(label).filter(|_| directives.labels.get(label).is_none())) {
        if let Some(service) = routes.service_of_owner(owner) {
            let owner = owner.to_owned();
            let by = if is_alarm { FoundBy::OwnerOfMetric(owner) } else { FoundBy::OwnerOfResource(owner) };
            return Route { service: service.clone(), by, remark: joined(&remarks) };
        }
        let what = if is_alarm { "metric" } else { "resource" };
        remarks.push(format!("its {what} names the owner {owner:?}, and there is no such team"));
    }
    if let Some(service) = otherwise {
        return Route { service: service.clone(), by: FoundBy::WayIn, remark: joined(&remarks) };
    }
    remarks.push(match is_alarm {
        true => "no service claims this alarm: add its name to the alarms of one".to_owned(),
        false => format!("no service claims this event: add {name:?} or its ARN to the alarms of one, or a rule to the routes"),
    });
    Route { service: ServiceId::catch_all(), by: FoundBy::Nothing, remark: joined(&remarks) }
}

fn joined(remarks: &[String]) -> Option<String> {
    (!remarks.is_empty()).then(|| remarks.join("; "))
}
