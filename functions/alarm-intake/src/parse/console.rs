//! Links into the CloudWatch console.

use std::fmt::Write;

/// Longest name that an alarm can have, in characters.
const NAME_CHARS_MAX: usize = 255;

/// The alarm's page. `region` is the code of a Region; `None` where the console's address is not known.
pub(super) fn link(region: &str, name: &str) -> Option<String> {
    let domain = match region {
        r if r.starts_with("cn-") => "amazonaws.cn",
        r if r.starts_with("us-gov-") => "amazonaws-us-gov.com",
        // Isolated and sovereign partitions have consoles of their own.
        r if r.contains("-iso") || r.starts_with("eusc-") => return None,
        _ => "aws.amazon.com",
    };
    if name.chars().nth(NAME_CHARS_MAX).is_some() {
        return None;
    }
    Some(format!("https://{region}.console.{domain}/cloudwatch/home?region={region}#alarmsV2:alarm/{}", percent_encoded(name)))
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
