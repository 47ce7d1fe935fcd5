//! Links into the consoles of AWS.

use std::fmt::Write;

/// Longest name that an alarm can have, in characters.
const NAME_CHARS_MAX: usize = 255;

/// Longest id of a finding or ARN of an event that becomes part of a link, in bytes.
const ID_BYTES_MAX: usize = 512;

/// The alarm's page. `region` is the code of a Region; `None` where the console's address is not known.
pub(super) fn link(region: &str, name: &str) -> Option<String> {
    if name.chars().nth(NAME_CHARS_MAX).is_some() {
        return None;
    }
    Some(format!("{}#alarmsV2:alarm/{}", home("cloudwatch", region)?, percent_encoded(name)))
}

/// The page of a finding in the GuardDuty console.
pub(super) fn guardduty(region: &str, id: &str) -> Option<String> {
    Some(format!("{}#/findings?search=id%3D{}", home("guardduty", region)?, percent_encoded(fitting(id)?)))
}

/// The page of a finding in the Security Hub console, which takes the value of its search encoded twice.
pub(super) fn security_hub(region: &str, id: &str) -> Option<String> {
    let id = percent_encoded(&percent_encoded(fitting(id)?));
    Some(format!("{}#/findings?search=Id%3D%255Coperator%255C%253AEQUALS%255C%253A{id}", home("securityhub", region)?))
}

/// The page of an event in the AWS Health Dashboard, which is one for all Regions.
pub(super) fn health(event_arn: &str) -> Option<String> {
    let arn = fitting(event_arn).filter(|arn| arn.starts_with("arn:aws:"))?;
    Some(format!("https://health.aws.amazon.com/health/home#/account/event-log?eventID={}&eventTab=details", percent_encoded(arn)))
}

/// The address of a console in a Region.
fn home(console: &str, region: &str) -> Option<String> {
    let domain = match region {
        r if r.starts_with("cn-") => "amazonaws.cn",
        r if r.starts_with("us-gov-") => "amazonaws-us-gov.com",
        // Isolated and sovereign partitions have consoles of their own.
        r if r.contains("-iso") || r.starts_with("eusc-") => return None,
        _ => "aws.amazon.com",
    };
    Some(format!("https://{region}.console.{domain}/{console}/home?region={region}"))
}

fn fitting(id: &str) -> Option<&str> {
    (id.len() <= ID_BYTES_MAX).then_some(id)
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            // Writing into a String can not fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
        encoded
    })
}
