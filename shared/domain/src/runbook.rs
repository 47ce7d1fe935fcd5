//! The address of a service's runbook, which may depend on the alert's labels: `https://example.com/runbooks/{{ labels.job }}.md`.

use std::fmt::Write;

use crate::labels::Labels;

/// What stands before the name of a label between the braces.
const LABELS: &str = "labels.";

/// A piece of an address.
enum Piece<'a> {
    Text(&'a str),
    Label(&'a str),
}

/// What is wrong with the address of a runbook, as a sentence that goes on from its name.
pub(crate) fn problem(address: &str) -> Option<String> {
    let Some(rest) = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")) else {
        return Some("is no web address; it must start with https://".to_owned());
    };
    // A label comes from whoever sends alerts. It may choose the page, and not the server.
    let server = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if server.contains("{{") {
        return Some("has a label in its server's name; write that out, such as https://example.com/{{ labels.job }}".to_owned());
    }
    pieces(address).err()
}

/// The address for an alert with these labels, whose values are percent-encoded (RFC 3986, section 2.1). `None` when the alert lacks
/// one of them: half an address leads nowhere.
pub(crate) fn filled(address: &str, labels: &Labels) -> Option<String> {
    pieces(address).ok()?.into_iter().try_fold(String::new(), |mut filled, piece| {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Label(name) => encode(&mut filled, labels.get(name)?),
        }
        Some(filled)
    })
}

fn pieces(address: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = address;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inside, after)) = after.split_once("}}") else {
            return Err("has `{{` without `}}`; write it as {{ labels.job }}".to_owned());
        };
        let Some(name) = inside.trim().strip_prefix(LABELS).filter(|name| Labels::key(name).is_some()) else {
            return Err(format!("has {{{{{inside}}}}} in it, and only a label of the alert can stand there, such as {{{{ labels.job }}}}"));
        };
        pieces.extend([Piece::Text(before), Piece::Label(name)]);
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

/// All but the unreserved characters (RFC 3986, section 2.3) as `%` and two digits for each byte.
fn encode(out: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // A String takes everything.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{filled, problem};
    use crate::labels::Labels;

    fn labels() -> Labels {
        let mut labels = Labels::new();
        labels.add("job", "nightly");
        labels.add("Team", "決済/a b");
        labels
    }

    #[test]
    fn labels_are_filled_in_and_can_not_leave_their_place() {
        for (address, expected) in [
            ("https://example.com/checkout", Some("https://example.com/checkout")),
            ("https://example.com/{{ labels.job }}.md", Some("https://example.com/nightly.md")),
            ("https://example.com/{{labels.TEAM}}/{{ labels.job }}?x", Some("https://example.com/%E6%B1%BA%E6%B8%88%2Fa%20b/nightly?x")),
            ("https://example.com/{{ labels.missing }}", None),
        ] {
            assert_eq!(filled(address, &labels()).as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn what_can_not_be_filled_in_is_said() {
        for (address, told) in [
            ("https://example.com/{{ labels.job }}.md", None),
            ("wiki/checkout", Some("is no web address")),
            ("https://example.com/{{ labels.job", Some("without `}}`")),
            ("https://example.com/{{ secrets.token }}", Some("{{ secrets.token }} in it")),
            ("https://example.com/{{ labels. }}", Some("only a label")),
            ("https://{{ labels.host }}/runbook", Some("server's name")),
            ("https://{{ labels.host }}", Some("server's name")),
        ] {
            let problem = problem(address);
            assert_eq!(problem.is_some(), told.is_some(), "{address}: {problem:?}");
            assert!(told.is_none_or(|told| problem.as_ref().is_some_and(|problem| problem.contains(told))), "{address}: {problem:?}");
        }
    }
}
