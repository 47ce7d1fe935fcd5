//! Mails that were made to do harm: bounded in what is read, what is made of it, and in time, and each still a mail that opens something.

use std::time::{Duration, Instant};

use hansho_domain::{MailCondition, MailExtract, MailField, MailKey, MailOtherwise, MailRules};
use hansho_email_intake::{Mail, Meaning, meaning};

/// The largest mail that SES takes in (SES quotas, "Maximum email size when receiving").
const MAIL_BYTES_MAX: usize = 40 * 1024 * 1024;
/// The most text that is made of one: what is read of it, every byte a character of three.
const TEXT_BYTES_MAX: usize = 3 * 256 * 1024 + 1_000;
/// Far above what is needed, for a machine that does other things and code that is not optimised.
const LONG: Duration = Duration::from_secs(30);

fn timed<T>(work: impl FnOnce() -> T) -> T {
    #[expect(clippy::disallowed_methods, reason = "what is measured is how long it takes")]
    let now = Instant::now;
    let began = now();
    let made = work();
    let took = began.elapsed();
    assert!(took < LONG, "{took:?}");
    made
}

/// `piece` behind a header, up to the largest mail that there is.
fn filled(head: &str, piece: &str) -> Vec<u8> {
    let mut raw = format!("{head}{}", piece.repeat(MAIL_BYTES_MAX / piece.len())).into_bytes();
    raw.truncate(MAIL_BYTES_MAX);
    raw
}

#[test]
fn a_mail_of_40_mb_is_read_as_far_as_people_would() {
    for (what, head, piece) in [
        ("one line", "Subject: s\r\n\r\n", "x"),
        ("short lines", "Subject: s\r\n\r\n", "y\r\n"),
        ("bytes of no character set", "Subject: s\r\n\r\n", "\u{fffd}\u{0}\u{1b}$B"),
        ("a page", "Subject: s\r\nContent-Type: text/html\r\n\r\n", "<div><a href=\"&amp;\">&#x1F514;</a"),
        ("marks of a page", "Subject: s\r\nContent-Type: text/html\r\n\r\n", "<"),
        ("styles", "Subject: s\r\nContent-Type: text/html\r\n\r\n", "<style><script>"),
        ("Base64", "Subject: s\r\nContent-Transfer-Encoding: base64\r\n\r\n", "QUJD"),
        ("quoted-printable", "Subject: s\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", "=E9=9A=9C"),
        ("encoded words", "Subject: s\r\nX-Y: ", "=?iso-2022-jp?B?GyRCPmMbKEI=?= "),
        ("fields", "Subject: s\r\n", "A: b\r\n"),
        ("a field that is folded", "Subject: s\r\nX-Y: z\r\n", " folded\r\n"),
        ("parts", "Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\n\r\nx\r\n"),
        ("marks of parts", "Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n", "--b"),
        ("attachments", "Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\nContent-Type: a/b; name=c\r\n\r\nx\r\n"),
        ("mails in one another", "Subject: s\r\nContent-Type: message/rfc822\r\n\r\n", "Content-Type: message/rfc822\r\n\r\n"),
        ("parts in one another", "Subject: s\r\n", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"),
    ] {
        let raw = filled(head, piece);
        let mail = timed(|| Mail::parse(&raw));
        assert_eq!(mail.subject, "s", "{what}");
        assert!(mail.is_cut, "{what}: it says that there is more");
        assert!(mail.text.len() <= TEXT_BYTES_MAX && mail.html.len() <= TEXT_BYTES_MAX, "{what}: {} bytes", mail.text.len());
        let fields: usize = mail.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        assert!(fields <= TEXT_BYTES_MAX && mail.attachments.len() <= 50, "{what}: {fields} bytes of fields");
        assert!(matches!(meaning(&mail, &MailRules::default()), Meaning::Trigger { .. }), "{what}");
    }
}

/// Nothing that hangs on a mail is opened, so what would be petabytes once unpacked is a name and a length.
#[test]
fn what_would_burst_when_unpacked_is_listed_and_left_alone() {
    for (kind, begin) in
        [("application/zip", "UEsDBBQAAAAI"), ("application/gzip", "H4sIAAAAAAAA"), ("application/x-bzip2", "QlpoOTFBWSZT")]
    {
        let head = format!(
            "Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee log\r\n--b\r\n\
             Content-Type: {kind}; name=\"../../bomb\r\n .zip\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{begin}"
        );
        let mail = timed(|| Mail::parse(&filled(&head, "AAAA")));
        assert_eq!(mail.text.trim(), "see log");
        let [attachment] = mail.attachments.as_slice() else { panic!("{:?}", mail.attachments) };
        assert_eq!(attachment.content_type, kind);
        assert!(attachment.encoded_bytes > 39 * 1024 * 1024 && !attachment.name.contains(['\r', '\n']), "{attachment:?}");
    }
}

#[test]
fn regular_expressions_of_the_configuration_take_their_time_in_proportion_to_a_line_of_10_mb() {
    let mail = Mail { subject: "s".to_owned(), text: "a".repeat(10_000_000), ..Mail::default() };
    let body = |pattern: &str| MailCondition { field: MailField::Body, pattern: pattern.to_owned(), is_negated: false };
    for pattern in
        ["(a+)+$b", "(a|aa)+$b", "(a|a)*?b", "([a-z]+)*\\d", "(.*)(.*)(.*)x", "(?i)(a?){30}b{3}", "\\b(\\w+\\s?)*x$", "^(?:a{1,50}){1,50}b"]
    {
        let key = MailKey { from: MailField::Body, extract: MailExtract::Regex(pattern.to_owned()) };
        let rules =
            MailRules { resolve: vec![body(pattern)], dedup_key: Some(key), otherwise: MailOtherwise::Suppress, ..MailRules::default() };
        let found = timed(|| meaning(&mail, &rules));
        assert!(matches!(found, Meaning::Suppressed(_)), "{pattern}: {found:?}");
    }
}

#[test]
fn control_characters_and_line_ends_in_fields_begin_nothing() {
    for injected in [
        "a\rBcc: x@example.com",
        "=?utf-8?Q?a=0D=0ABcc:_x=40example.com?=",
        "=?utf-8?B?YQ0KQmNjOiB4QGV4YW1wbGUuY29t?=",
        "a\u{0}\u{b}\u{85}\u{2028}b",
    ] {
        let mail = Mail::parse(format!("Subject: {injected}\r\nFrom: {injected} <a@example.com>\r\n\r\nx").as_bytes());
        assert!(mail.headers.iter().all(|(name, _)| name != "bcc") || injected.contains('\r'), "{injected:?}: {:?}", mail.headers);
        for value in mail.headers.iter().map(|(_, value)| value).chain([&mail.subject]) {
            assert!(!value.contains(|c: char| c.is_control() || c == '\u{2028}'), "{injected:?}: {value:?}");
        }
    }
}
