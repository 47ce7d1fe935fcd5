//! Topics of Amazon SNS, by their ARN, and where SNS answers for them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest ARN of a topic, in bytes: a name has at most 256 (SNS API reference, "CreateTopic").
const TOPIC_ARN_BYTES_MAX: usize = 320;
/// Longest name of a topic, in bytes, without the `.fifo` of a FIFO topic.
const NAME_BYTES_MAX: usize = 256;

/// Text that is no ARN of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no ARN of an SNS topic; write one such as arn:aws:sns:ap-northeast-1:111122223333:alarms")]
pub struct InvalidTopicArn;

/// The ARN of an SNS topic, such as `arn:aws:sns:ap-northeast-1:111122223333:alarms`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TopicArn(String);

impl TopicArn {
    /// Checks `text`. SNS answers under known hosts in the partitions `aws`, `aws-cn` and `aws-us-gov`; an ARN of another is refused.
    ///
    /// # Errors
    /// It is no ARN of a topic.
    pub fn new(text: &str) -> Result<Self, InvalidTopicArn> {
        let parts: Vec<&str> = text.split(':').collect();
        let [arn, partition, service, region, account, name] = parts[..] else { return Err(InvalidTopicArn) };
        let is_topic = arn == "arn"
            && ["aws", "aws-cn", "aws-us-gov"].contains(&partition)
            && service == "sns"
            && is_region(region)
            && account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && is_name(name)
            && text.len() <= TOPIC_ARN_BYTES_MAX;
        if is_topic { Ok(Self(text.to_owned())) } else { Err(InvalidTopicArn) }
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its Region, such as `ap-northeast-1`.
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// The account that it belongs to.
    pub fn account(&self) -> &str {
        self.part(4)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.part(5)
    }

    /// The host under which SNS answers for it (AWS general reference, "Amazon SNS endpoints and quotas").
    pub fn host(&self) -> String {
        let suffix = if self.part(1) == "aws-cn" { ".cn" } else { "" };
        format!("sns.{}.amazonaws.com{suffix}", self.region())
    }

    fn part(&self, place: usize) -> &str {
        self.0.split(':').nth(place).unwrap_or_default()
    }
}

/// Whether SNS, and nobody else, answers under `host`: `sns.REGION.amazonaws.com`, or that with `.cn`, and nothing before or after it.
pub fn is_sns_host(host: &str) -> bool {
    let region = host.strip_prefix("sns.").and_then(|rest| {
        let rest = rest.strip_suffix(".cn").unwrap_or(rest);
        rest.strip_suffix(".amazonaws.com")
    });
    region.is_some_and(is_region)
}

/// Regions are lower-case letters, digits and hyphens.
fn is_region(text: &str) -> bool {
    (3..=30).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_name(text: &str) -> bool {
    let name = text.strip_suffix(".fifo").unwrap_or(text);
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

impl fmt::Display for TopicArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for TopicArn {
    type Error = InvalidTopicArn;

    fn try_from(text: String) -> Result<Self, InvalidTopicArn> {
        Self::new(&text)
    }
}

impl From<TopicArn> for String {
    fn from(topic: TopicArn) -> Self {
        topic.0
    }
}

#[cfg(test)]
mod tests {
    use super::{TopicArn, is_sns_host};

    #[test]
    fn an_arn_says_where_its_topic_is_asked_for() {
        let host = |arn: &str| TopicArn::new(arn).map(|topic| topic.host());
        assert_eq!(host("arn:aws:sns:ap-northeast-1:111122223333:alarms"), Ok("sns.ap-northeast-1.amazonaws.com".to_owned()));
        assert_eq!(host("arn:aws-cn:sns:cn-north-1:111122223333:a_B-1.fifo"), Ok("sns.cn-north-1.amazonaws.com.cn".to_owned()));
        assert_eq!(host("arn:aws-us-gov:sns:us-gov-west-1:111122223333:a"), Ok("sns.us-gov-west-1.amazonaws.com".to_owned()));
    }

    #[test]
    fn what_is_no_arn_of_a_topic_is_refused() {
        for wrong in [
            "",
            "alarms",
            "arn:aws:sqs:ap-northeast-1:111122223333:alarms",
            "arn:aws:sns:ap-northeast-1:11112222333:alarms",
            "arn:aws:sns:ap-northeast-1:111122223333:",
            "arn:aws:sns:ap-northeast-1:111122223333:*",
            "arn:aws:sns:ap-northeast-1:111122223333:alarms:5d3f1c70",
            "arn:aws:sns:evil.example/:111122223333:alarms",
            "arn:aws:sns:ap-northeast-1.evil:111122223333:alarms",
            "arn:aws-iso:sns:us-iso-east-1:111122223333:alarms",
            "arn:aws:sns:ap-northeast-1:111122223333:alarms ",
        ] {
            assert!(TopicArn::new(wrong).is_err(), "{wrong}");
        }
        assert!(TopicArn::new(&format!("arn:aws:sns:ap-northeast-1:111122223333:{}", "a".repeat(257))).is_err());
    }

    #[test]
    fn only_hosts_of_sns_are_hosts_of_sns() {
        for host in ["sns.us-east-1.amazonaws.com", "sns.cn-north-1.amazonaws.com.cn", "sns.us-gov-west-1.amazonaws.com"] {
            assert!(is_sns_host(host), "{host}");
        }
        for host in [
            "sns.amazonaws.com",
            "sns..amazonaws.com",
            "s3.us-east-1.amazonaws.com",
            "evil.sns.us-east-1.amazonaws.com",
            "sns.us-east-1.amazonaws.com.evil.example",
            "sns.us-east-1.amazonaws.com.cn.cn",
            "sns.evil.example#.amazonaws.com",
            "sns.us-east-1.amazonaws.com.",
            "SNS.us-east-1.amazonaws.com",
            "sns.bucket.s3.amazonaws.com",
        ] {
            assert!(!is_sns_host(host), "{host}");
        }
    }
}
