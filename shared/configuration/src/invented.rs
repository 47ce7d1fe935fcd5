//! Addresses that are kept for examples and films: nobody has them, and a page to one reaches nobody.
//!
//! No configuration is wrong by them: the example team is made of them. Whoever has put it into a deployment has forgotten to put somebody in.

use std::path::PathBuf;

use crate::{names::Section, sources::Sources};

/// Where addresses stand: of people, and what is opened from a page.
const FIELDS: [(Section, &str); 4] =
    [(Section::Users, "phone"), (Section::Users, "email"), (Section::Users, "webhook"), (Section::Services, "runbook")];
/// Numbers of mobile phones that are given to nobody: 07700 900000 to 900999 (Ofcom, "Telephone numbers for use in TV and radio drama
/// programmes"), and 090-0000-xxxx.
const NUMBERS: [(&str, usize); 2] = [("+447700900", 13), ("+81900000", 13)];
/// Domains that are kept for documentation and tests (RFC 2606, sections 2 and 3).
const DOMAINS: [&str; 6] = ["example.com", "example.net", "example.org", "example", "test", "invalid"];

/// An address that nobody has, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Invented {
    /// The file, relative to the folder that was loaded.
    pub file: PathBuf,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1 in characters.
    pub column: u32,
    /// Its name: `users.aiko.phone`.
    pub field: String,
}

/// Whether an address (a phone number, a mail address or a web address) is one that nobody has.
pub fn is_invented(address: &str) -> bool {
    if let Some(rest) = address.strip_prefix('+') {
        // In North America 555-0100 to 555-0199 (ATIS, "555 NXX Assignment Guidelines").
        let is_north_american = rest.len() == 11 && rest.starts_with('1') && rest.get(4..9) == Some("55501");
        return is_north_american || NUMBERS.iter().any(|(start, length)| address.starts_with(start) && address.len() == *length);
    }
    let host = match address.split_once("://") {
        Some((_, rest)) => rest.split(['/', '?', '#', ':']).next(),
        None => address.rsplit_once('@').map(|(_, host)| host),
    };
    let host = host.unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    DOMAINS.iter().any(|domain| host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.')))
}

/// All of them, in the order of the files.
pub(crate) fn find(sources: &Sources<'_>) -> Vec<Invented> {
    let mut found = Vec::new();
    for ((section, name), entry) in sources.entries() {
        for (_, field) in FIELDS.iter().filter(|(of, _)| *of == section) {
            if entry.text(field).is_some_and(is_invented) {
                let place = entry.place(field);
                let field = format!("{}.{name}.{field}", section.key());
                found.push(Invented { file: entry.file.to_path_buf(), line: place.line, column: place.column, field });
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::is_invented;

    #[test]
    fn what_is_kept_for_examples_is_invented_and_nothing_else_is() {
        for address in [
            "+447700900101",
            "+819000000001",
            "+12065550100",
            "aiko@example.com",
            "aiko@Mail.Example.org",
            "ben@hansho.example",
            "https://runbooks.example.com/checkout",
            "https://hooks.example.net:8443/x",
        ] {
            assert!(is_invented(address), "{address}");
        }
        for address in [
            "+447700800101",
            "+819012345678",
            "+819000100001",
            "+12065551100",
            "+12065550200",
            "aiko@myexample.com",
            "aiko@example.com.au",
            "aiko@example.jp",
            "https://wiki.acme.dev/example.com",
            "prod/webhook",
            "",
        ] {
            assert!(!is_invented(address), "{address}");
        }
    }
}
