//! A mail as rules and people see it.

mod charset;
mod header;
mod iso_2022_jp;
mod part;

use hansho_domain::text;

pub use header::lenient_base64;
pub use part::Attachment;

/// Longest subject, in characters.
const SUBJECT_CHARS_MAX: usize = 1_000;
/// Longest value of a field, in characters.
const VALUE_CHARS_MAX: usize = 4_000;

/// A mail that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mail {
    /// Its fields in their order: names in lower case, values decoded and on one line.
    pub headers: Vec<(String, String)>,
    /// Its subject, on one line; may be empty.
    pub subject: String,
    /// The address of its `From`, in lower case; `None` when there is none, or not exactly one.
    pub from: Option<String>,
    /// Its text: what is plain, or what its HTML says; may be empty.
    pub text: String,
    /// Its HTML as it came, for whoever looks for a link in it.
    pub html: String,
    /// What hangs on it.
    pub attachments: Vec<Attachment>,
    /// Whether it was larger or more deeply nested than what is looked at.
    pub is_cut: bool,
    /// Whether its text is not known, or not all of it: nobody can say then what it does not say.
    pub text_is_partial: bool,
    /// Whether its fields are not known, or not all of them as they are.
    pub headers_are_partial: bool,
    /// Whether a value of a field is longer than what is kept of it.
    pub has_cut_values: bool,
    /// Whether its subject is.
    pub has_cut_subject: bool,
}

impl Mail {
    /// Reads a mail as it came by SMTP. There is no mail that can not be read: of the worst a text remains.
    pub fn parse(raw: &[u8]) -> Self {
        let (fields, _, headers_are_cut) = header::block(raw);
        let parts = part::read(raw);
        let headers = fields.iter().map(|field| (field.name.clone(), field.text()));
        let from: Vec<_> = fields.iter().filter(|field| field.name == "from").map(|field| field.raw.as_slice()).collect();
        Self {
            from: if let [raw] = from.as_slice() { address(raw) } else { None },
            text: text::lines(&parts.text),
            html: parts.html.join("\n"),
            attachments: parts.attachments,
            is_cut: parts.is_cut || headers_are_cut,
            text_is_partial: parts.is_cut,
            headers_are_partial: headers_are_cut,
            ..Self::of_headers(headers)
        }
    }

    /// A mail of which only the fields are known.
    pub fn of_fields<'f>(fields: impl Iterator<Item = (&'f str, &'f str)>) -> Self {
        let fields: Vec<_> = fields.collect();
        let from: Vec<_> = fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("from")).collect();
        Self {
            from: if let [(_, value)] = from.as_slice() { address(value.as_bytes()) } else { None },
            text_is_partial: true,
            ..Self::of_headers(fields.iter().map(|(name, value)| (name.to_ascii_lowercase(), header::words(value.as_bytes()))))
        }
    }

    fn of_headers(headers: impl Iterator<Item = (String, String)>) -> Self {
        let mut has_cut_values = false;
        let headers: Vec<_> = headers
            .map(|(name, value)| {
                let value = text::one_line(&value);
                has_cut_values |= value.chars().nth(VALUE_CHARS_MAX).is_some();
                (name, text::cut(&value, VALUE_CHARS_MAX))
            })
            .collect();
        let subject = headers.iter().find(|(name, _)| name == "subject").map(|(_, value)| text::cut(value, SUBJECT_CHARS_MAX));
        let has_cut_subject =
            headers.iter().find(|(name, _)| name == "subject").is_some_and(|(_, value)| value.chars().nth(SUBJECT_CHARS_MAX).is_some());
        Self { subject: subject.unwrap_or_default(), headers, has_cut_values, has_cut_subject, ..Self::default() }
    }

    /// The value of the first field of this name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// The one address of an address field, in lower case. Names, comments and quoted text are passed over: they may look like addresses.
fn address(raw: &[u8]) -> Option<String> {
    let (mut bare, mut is_quoted, mut depth, mut is_escaped) = (Vec::with_capacity(raw.len()), false, 0_usize, false);
    for &byte in raw {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted || depth > 0 => is_escaped = true,
            b'"' if depth == 0 => is_quoted = !is_quoted,
            _ if is_quoted => {}
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ => bare.push(byte),
        }
    }
    let bare = String::from_utf8_lossy(&bare);
    let inside = match bare.split_once('<') {
        Some((_, rest)) => {
            let (inside, after) = rest.split_once('>')?;
            if !after.trim().is_empty() {
                return None;
            }
            inside
        }
        None => &bare,
    };
    let address = inside.trim().to_ascii_lowercase();
    let is_one = address.matches('@').count() == 1
        && !address.starts_with('@')
        && !address.ends_with('@')
        && address.chars().all(|c| c.is_ascii_graphic() && !matches!(c, ',' | ';' | ':' | '<' | '>' | '"'));
    is_one.then_some(address)
}

#[cfg(test)]
mod tests {
    use super::{Mail, address};

    #[test]
    fn the_sender_is_one_address_and_never_a_name_that_looks_like_one() {
        for (raw, found) in [
            ("Aiko <Aiko@Example.com>", Some("aiko@example.com")),
            ("aiko@example.com", Some("aiko@example.com")),
            ("aiko@example.com (Aiko <x@y>)", Some("aiko@example.com")),
            ("\"aiko@example.com\" <evil@example.net>", Some("evil@example.net")),
            ("\"a\\\" <aiko@example.com>\" <evil@example.net>", Some("evil@example.net")),
            ("aiko@example.com <evil@example.net>", Some("evil@example.net")),
            ("aiko@example.com, ben@example.com", None),
            ("<aiko@example.com> <evil@example.net>", None),
            ("<aiko@example.com>, <ben@example.com>", None),
            ("undisclosed:;", None),
            ("=?utf-8?B?YQ==?=", None),
            ("", None),
        ] {
            assert_eq!(address(raw.as_bytes()).as_deref(), found, "{raw}");
        }
        assert_eq!(Mail::parse(b"From: a@example.com\nFrom: b@example.com\n\n").from, None, "two senders are none");
    }

    #[test]
    fn nothing_of_a_mail_begins_a_line_or_a_field_of_its_own() {
        let mail = Mail::parse(b"Subject: =?utf-8?Q?a=0D=0ABcc:_x=40y=E2=80=AEz?=\n\nb\x1b[31m\x00c\r\n");
        assert_eq!(mail.subject, "a Bcc: x@yz");
        assert_eq!(mail.text, "b[31mc");
        let fields = Mail::of_fields([("Subject", "x\r\nTo: y"), ("From", "A <a@example.com>")].into_iter());
        assert_eq!((fields.subject.as_str(), fields.from.as_deref()), ("x To: y", Some("a@example.com")));
    }

    #[test]
    fn anything_is_a_mail() {
        for raw in [&b""[..], b"\n", b"no header at all", &[0xFF; 1_000], b"Subject", b":::\n\n\n"] {
            let _ = Mail::parse(raw);
        }
        assert_eq!(Mail::parse(b"no header at all").text, "no header at all");
    }
}
