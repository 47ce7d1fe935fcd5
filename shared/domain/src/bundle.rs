//! Compiled configuration: what the functions load.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    hours::SupportHours,
    id::{ServiceId, TeamId},
    maintenance::MaintenanceWindow,
    policy::EscalationPolicy,
    rule::Rule,
    schedule::Schedule,
    service::{AlarmPattern, InsufficientData, Service},
    target::Target,
    user::{Team, User},
};

/// Everything that an incident of one service needs: immutable once written, replaced by a newer version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// The version of the configuration in which it was written.
    pub version: u64,
    /// The service.
    pub service: Service,
    /// Its policy.
    pub policy: EscalationPolicy,
    /// The policies that its policy may hand over to, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<EscalationPolicy>,
    /// The schedules that its policies and the fallback name.
    pub schedules: Vec<Schedule>,
    /// The teams that its policies and the fallback name.
    pub teams: Vec<Team>,
    /// Everybody whom it may call.
    pub users: Vec<User>,
    /// Whom to call when the policy reaches nobody.
    pub fallback: Vec<Target>,
    /// The support hours that the service goes by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<SupportHours>,
    /// The planned maintenance windows that are about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub maintenance: Vec<MaintenanceWindow>,
}

/// A policy by itself, with everybody whom it may call: what an incident needs that somebody gives to it. Immutable once
/// written, replaced by a newer version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyBundle {
    /// The version of the configuration in which it was written.
    pub version: u64,
    /// The policy.
    pub policy: EscalationPolicy,
    /// The policies that it may hand over to, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<EscalationPolicy>,
    /// The schedules that they name.
    pub schedules: Vec<Schedule>,
    /// The teams that they name.
    pub teams: Vec<Team>,
    /// Everybody whom they may call.
    pub users: Vec<User>,
}

impl PolicyBundle {
    /// The bundle of a service that this is the policy of, with the fallback of `today`.
    pub fn under(self, today: &Bundle) -> Bundle {
        Bundle {
            version: self.version,
            service: today.service.clone(),
            policy: self.policy,
            policies: self.policies,
            schedules: self.schedules,
            teams: self.teams,
            users: self.users,
            fallback: today.fallback.clone(),
            hours: today.hours.clone(),
            maintenance: today.maintenance.clone(),
        }
    }
}

/// For how many days suppressed alerts are kept when nobody says so.
pub const SUPPRESSED_DAYS_DEFAULT: u16 = 90;

/// Which service an alarm belongs to: every service's patterns, in the order of the services' names. And what is done with alerts
/// before they reach one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Routes {
    /// The services that exist.
    pub services: Vec<RoutedService>,
    /// The service of each team, for alerts that name the team as their owner.
    #[serde(default)]
    pub owners: BTreeMap<TeamId, ServiceId>,
    /// The rules for all alerts, in order. Those of a service are in its bundle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// For how many days suppressed alerts are kept, if somebody says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed_days: Option<u16>,
}

/// What routing has to know of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutedService {
    /// Its name.
    pub id: ServiceId,
    /// Its alarms.
    pub alarms: Vec<AlarmPattern>,
    /// What INSUFFICIENT_DATA means to it.
    pub insufficient_data: InsufficientData,
    /// Whether it has rules of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_rules: bool,
}

impl Routes {
    /// Whether there is any rule at all.
    pub fn has_rules(&self) -> bool {
        !self.rules.is_empty() || self.services.iter().any(|service| service.has_rules)
    }

    /// Whether the service has rules of its own.
    pub fn has_rules_of(&self, service: &ServiceId) -> bool {
        self.services.iter().any(|known| known.has_rules && known.id == *service)
    }

    /// For how many days suppressed alerts are kept.
    pub fn suppressed_days(&self) -> u16 {
        self.suppressed_days.unwrap_or(SUPPRESSED_DAYS_DEFAULT)
    }

    /// Whether the service exists.
    pub fn knows(&self, service: &ServiceId) -> bool {
        self.services.iter().any(|s| s.id == *service)
    }

    /// The first service whose patterns match the alarm, with the first of them that does.
    pub fn claim(&self, name: &str, arn: &str) -> Option<(&ServiceId, &AlarmPattern)> {
        self.services.iter().find_map(|s| Some((&s.id, s.alarms.iter().find(|p| p.matches(name, arn))?)))
    }

    /// The first service whose patterns match the alarm.
    pub fn service_of_alarm(&self, name: &str, arn: &str) -> Option<&ServiceId> {
        self.claim(name, arn).map(|(service, _)| service)
    }

    /// The service of the team that an alert names as its owner: `sre`, or `team/sre`, in any case.
    pub fn service_of_owner(&self, owner: &str) -> Option<&ServiceId> {
        let name = owner.trim().to_lowercase();
        let team = TeamId::new(name.strip_prefix("team/").unwrap_or(&name)).ok()?;
        self.owners.get(&team)
    }

    /// What INSUFFICIENT_DATA means to the service.
    pub fn insufficient_data(&self, service: &ServiceId) -> InsufficientData {
        self.services.iter().find(|s| s.id == *service).map(|s| s.insufficient_data).unwrap_or_default()
    }
}
