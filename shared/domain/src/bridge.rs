//! Where else a service's incidents are kept, for organisations that work with AWS Systems Manager.

use serde::{Deserialize, Serialize};

use crate::user::Language;

/// Longest ARN (`Arn`, Incident Manager API reference), and longest category (`OpsItemCategory`, Systems Manager API reference).
const ARN_BYTES_MAX: usize = 1_000;
const CATEGORY_CHARS_MAX: usize = 64;

/// What a service's incidents are copied to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BridgeTo {
    /// Incident Manager.
    IncidentManager {
        /// The ARN of the response plan that incidents are started with.
        response_plan: String,
    },
    /// OpsCenter.
    OpsCenter {
        /// What its OpsItems are called there: `Availability`, `Performance`, ...
        category: Option<String>,
    },
}

/// The other side of a service, and how it is written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bridge {
    /// What the incidents are copied to.
    pub to: BridgeTo,
    /// The language of the timeline there.
    pub language: Language,
    /// The time zone of times in it, by its IANA name.
    pub time_zone: String,
}

impl Bridge {
    /// What can not be so of it: the key, and a sentence.
    pub(crate) fn problem(&self) -> Option<(&'static str, &'static str)> {
        match &self.to {
            BridgeTo::IncidentManager { response_plan } if !is_response_plan(response_plan) => Some((
                "incident_manager",
                "needs the ARN of a response plan, such as arn:aws:ssm-incidents::123456789012:response-plan/checkout; `aws ssm-incidents list-response-plans` has them",
            )),
            BridgeTo::OpsCenter { category: Some(category) }
                if category.trim().is_empty() || category.chars().count() > CATEGORY_CHARS_MAX =>
            {
                Some((
                    "ops_center",
                    "has a category that is empty or longer than 64 characters; OpsCenter has Availability, Cost, Performance, Recovery and Security",
                ))
            }
            BridgeTo::IncidentManager { .. } | BridgeTo::OpsCenter { .. } => None,
        }
    }
}

/// `arn:aws:ssm-incidents::ACCOUNT:response-plan/NAME`; some tools write the Region in.
fn is_response_plan(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [scheme, partition, service, region, account, resource] = parts.as_slice() else { return false };
    *scheme == "arn"
        && ["aws", "aws-cn", "aws-us-gov"].contains(partition)
        && *service == "ssm-incidents"
        && region.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && account.len() == 12
        && account.chars().all(|c| c.is_ascii_digit())
        && resource.strip_prefix("response-plan/").is_some_and(|name| !name.is_empty() && !name.contains(char::is_whitespace))
        && arn.len() <= ARN_BYTES_MAX
}

#[cfg(test)]
mod tests {
    use super::is_response_plan;

    #[test]
    fn a_response_plan_is_told_from_other_arns() {
        for (arn, expected) in [
            ("arn:aws:ssm-incidents::123456789012:response-plan/checkout", true),
            ("arn:aws-us-gov:ssm-incidents::123456789012:response-plan/checkout", true),
            ("arn:aws:ssm-incidents:ap-northeast-1:123456789012:response-plan/checkout", true),
            ("arn:aws:ssm-incidents::123456789012:response-plan/", false),
            ("arn:aws:ssm-incidents::123456789012:incident-record/checkout/1", false),
            ("arn:aws:ssm-contacts:ap-northeast-1:123456789012:contact/aiko", false),
            ("arn:aws:ssm-incidents::12345:response-plan/checkout", false),
            ("checkout", false),
        ] {
            assert_eq!(is_response_plan(arn), expected, "{arn}");
        }
    }
}
