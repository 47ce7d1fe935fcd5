//! The parts of a mail: text that people read, and attachments.
//!
//! What a field, a content type, a transfer encoding and HTML mean is the mail parser's affair. The walk over the parts is ours: the
//! parser's goes as deep and as wide as a mail asks for, and a mail can ask for millions of parts.

use mail_parser::{
    ContentType, HeaderName, MessageParser, MimeHeaders,
    decoders::{html::html_to_text, quoted_printable::quoted_printable_decode},
};

use super::{charset, header};

/// How deep parts may lie in one another.
const DEPTH_MAX: usize = 12;
/// Most parts of a mail.
const PARTS_MAX: usize = 500;
/// Most attachments that are listed.
const ATTACHMENTS_MAX: usize = 50;
/// Longest text of one part that is decoded, in bytes: what is behind it is for people who open the kept mail.
const TEXT_BYTES_MAX: usize = 256 * 1024;
/// Longest header block of a part that is handed to the parser, in bytes.
const PART_HEADER_BYTES_MAX: usize = 16 * 1024;
/// Longest name of an attachment, in characters.
const NAME_CHARS_MAX: usize = 120;

/// A part that is no text to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name; empty when it has none.
    pub name: String,
    /// Its type, such as `application/pdf`.
    pub content_type: String,
    /// Its length as it is kept, in bytes, before its transfer encoding is taken off.
    pub encoded_bytes: usize,
}

/// What a mail's body holds.
#[derive(Debug, Default)]
pub struct Parts {
    /// The text to read.
    pub text: String,
    /// What hangs on it.
    pub attachments: Vec<Attachment>,
    /// Whether the mail asked for more parts, or deeper ones, than are looked at, or its text was longer.
    pub is_cut: bool,
    /// Its HTML, as it is.
    pub html: Vec<String>,
    plain: Vec<String>,
    parts: usize,
}

/// The parts of the mail or part `bytes`: its header block and its body.
pub fn read(bytes: &[u8]) -> Parts {
    let mut parts = Parts::default();
    parts.walk(bytes, 0);
    parts.text = if parts.plain.iter().any(|text| !text.trim().is_empty()) {
        parts.plain.join("\n")
    } else {
        parts.html.iter().map(|html| html_text(html)).collect::<Vec<_>>().join("\n")
    };
    parts
}

impl Parts {
    fn walk(&mut self, bytes: &[u8], depth: usize) {
        self.parts += 1;
        if depth > DEPTH_MAX || self.parts > PARTS_MAX {
            self.is_cut = true;
            return;
        }
        let (fields, start, _) = header::block(bytes);
        let body = &bytes[start..];
        let wanted = ["content-type", "content-disposition", "content-transfer-encoding"];
        let mut head = Vec::new();
        for field in fields.iter().filter(|field| wanted.contains(&field.name.as_str())) {
            head.extend(field.name.as_bytes());
            head.extend(b": ");
            head.extend(&field.raw);
            head.extend(b"\r\n");
        }
        head.truncate(PART_HEADER_BYTES_MAX);
        head.extend(b"\r\n\r\n");
        let parsed = MessageParser::default().parse_headers(&head);
        let content_type = parsed.as_ref().and_then(|head| head.header(HeaderName::ContentType)?.as_content_type());
        let (kind, subtype) = content_type.map_or(("text", "plain"), |t| (t.ctype(), t.subtype().unwrap_or_default()));
        let name = parsed.as_ref().and_then(|head| head.attachment_name()).map(|name| header::words(name.as_bytes())).unwrap_or_default();
        let is_attachment = parsed.as_ref().and_then(|head| head.content_disposition()).is_some_and(ContentType::is_attachment);
        let encoding = parsed.as_ref().and_then(|head| head.content_transfer_encoding()).unwrap_or_default();
        match (kind, subtype) {
            ("multipart", _) => match content_type.and_then(|t| t.attribute("boundary")).filter(|boundary| !boundary.is_empty()) {
                Some(boundary) => self.walk_each(body, boundary.as_bytes(), depth),
                None => self.add_text(body, encoding, None, false),
            },
            ("message", "rfc822" | "global") if !is_attachment && !encoding.eq_ignore_ascii_case("base64") => self.walk(body, depth + 1),
            // A delivery report names the mail that it is about, which is not what it says itself.
            ("text", "plain" | "html") if !is_attachment => {
                self.add_text(body, encoding, content_type.and_then(|t| t.attribute("charset")), subtype == "html");
            }
            _ => self.attach(name, format!("{kind}/{subtype}"), body.len()),
        }
    }

    fn walk_each(&mut self, body: &[u8], boundary: &[u8], depth: usize) {
        let mut part_from = None;
        let mut at = 0;
        while at < body.len() {
            let end = body[at..].iter().position(|b| *b == b'\n').map_or(body.len(), |end| at + end + 1);
            let mark = body[at..end].strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary)).map(<[u8]>::trim_ascii_end);
            let is_last = mark == Some(b"--");
            if is_last || mark == Some(b"") {
                if let Some(from) = part_from.replace(end) {
                    self.walk(&body[from..at], depth + 1);
                }
                if is_last || self.parts > PARTS_MAX {
                    return;
                }
            }
            at = end;
        }
        match part_from {
            // The end is missing: the mail was cut on its way.
            Some(from) if from < body.len() => self.walk(&body[from..], depth + 1),
            Some(_) => {}
            None => self.add_text(body, "", None, false),
        }
    }

    fn add_text(&mut self, body: &[u8], encoding: &str, label: Option<&str>, is_html: bool) {
        let texts = if is_html { &mut self.html } else { &mut self.plain };
        let left = TEXT_BYTES_MAX.saturating_sub(texts.iter().map(String::len).sum());
        // Either encoding takes up to three bytes for one.
        let cut = &body[..body.len().min(left.saturating_mul(3))];
        let bytes = match encoding.trim().to_ascii_lowercase().as_str() {
            "base64" => header::lenient_base64(cut),
            "quoted-printable" => quoted_printable_decode(cut).unwrap_or_else(|| cut.to_vec()),
            _ => cut.to_vec(),
        };
        self.is_cut |= body.len() > cut.len() || bytes.len() > left;
        texts.push(charset::decode(&bytes[..bytes.len().min(left)], label));
    }

    fn attach(&mut self, name: String, content_type: String, encoded_bytes: usize) {
        if self.attachments.len() >= ATTACHMENTS_MAX {
            self.is_cut = true;
            return;
        }
        let clean = |text: &str| hansho_domain::text::cut(&hansho_domain::text::one_line(text), NAME_CHARS_MAX);
        self.attachments.push(Attachment { name: clean(&name), content_type: clean(&content_type), encoded_bytes });
    }
}

/// The text of a page, without what no reader sees.
fn html_text(html: &str) -> String {
    let mut visible = html.to_owned();
    for name in ["script", "style"] {
        visible = without_element(&visible, name);
    }
    html_to_text(&with_lines(&visible))
}

/// `html` with the ends of lines that a reader sees and that are no elements of their own, and with a quotation marked as one.
fn with_lines(html: &str) -> String {
    const MARKS: [(&str, &str); 4] = [("<blockquote", "<br>&gt; "), ("<hr", "<br>"), ("</p>", ""), ("</div>", "")];
    let lower = html.to_ascii_lowercase();
    let (mut out, mut rest) = (String::with_capacity(html.len() + html.len() / 8), 0);
    for (at, _) in lower.match_indices('<') {
        let Some((mark, before)) = MARKS.iter().find(|(mark, _)| lower[at..].starts_with(mark)) else { continue };
        // What ends a line and is followed by words.
        let is_end = before.is_empty();
        let to = if is_end { at + mark.len() } else { at };
        out.push_str(&html[rest..to]);
        out.push_str(if is_end && !lower[to..].trim_start().starts_with('<') { "<br>" } else { before });
        rest = to;
    }
    out.push_str(&html[rest..]);
    out
}

/// `html` without the elements of this name, each up to its end or, without one, to the end of the page.
fn without_element(html: &str, name: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let (open, close) = (format!("<{name}"), format!("</{name}"));
    let (mut out, mut at) = (String::with_capacity(html.len()), 0);
    while let Some(start) = lower[at..].find(&open).map(|start| at + start) {
        out.push_str(&html[at..start]);
        let end = lower[start..].find(&close).map(|end| start + end);
        at = end.and_then(|end| Some(end + lower[end..].find('>')? + 1)).unwrap_or(html.len());
    }
    out.push_str(&html[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::{PARTS_MAX, read};

    fn lines(text: &str) -> Vec<&str> {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
    }

    #[test]
    fn nested_parts_give_their_plain_text_and_list_the_rest() {
        let mail = "Content-Type: multipart/mixed; boundary=\"a b\"\r\n\r\npreamble\r\n--a b\r\n\
            Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\nContent-Type: text/plain; charset=utf-8\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\r\nDisk =E7=8E=87 95%=\r\n!\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>no</p>\r\n--c--\r\n\
            --a b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+\r\n\
            --a b\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n\
            --a b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename*=utf-8''%E7%8E%87.csv\r\n\r\n1,2\r\n--a b--\r\nepilogue";
        let parts = read(mail.as_bytes());
        assert_eq!(parts.text.trim(), "Disk 率 95%!");
        let listed: Vec<_> = parts.attachments.iter().map(|a| (a.name.as_str(), a.content_type.as_str())).collect();
        assert_eq!(listed, [("winmail.dat", "application/ms-tnef"), ("", "text/calendar"), ("率.csv", "text/csv")]);
        assert!(!parts.is_cut);
    }

    #[test]
    fn a_mail_of_html_alone_gives_its_text() {
        let mail = "Content-Type: text/html; charset=utf-8\n\n<html><head><title>t</title><style>p{color:red}</style></head>\
            <body><style>b{}</style><SCRIPT>alert(1)</SCRIPT><p>Disk &amp; CPU</p><div>障害</div><script>x";
        let text = read(mail.as_bytes()).text;
        assert_eq!(lines(&text), ["Disk & CPU", "障害"]);
    }

    #[test]
    fn a_quotation_is_marked_and_lines_end_where_a_reader_sees_them_end() {
        for (html, expected) in [
            ("<div>ack</div><blockquote type=\"cite\">quoted</blockquote>", &["ack", "> quoted"][..]),
            ("<p>ack</p>On it<hr>storage: full", &["ack", "On it", "storage: full"]),
            ("ack<BLOCKQUOTE><p>quoted</p></BLOCKQUOTE>", &["ack", "> quoted"]),
            ("<div><p>a</p></div><div>b</div>", &["a", "b"]),
        ] {
            let text = read(format!("Content-Type: text/html; charset=utf-8\n\n{html}").as_bytes()).text;
            assert_eq!(lines(&text), expected, "{html}");
        }
    }

    #[test]
    fn a_nested_mail_is_read_and_a_missing_end_does_not_matter() {
        let mail = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nSubject: inner\n\ninner text\n";
        assert_eq!(read(mail.as_bytes()).text.trim(), "inner text");
    }

    #[test]
    fn bombs_of_parts_end_soon() {
        let nested: String = (0..5_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
        assert!(read(nested.as_bytes()).is_cut);
        let mails = "Content-Type: message/rfc822\n\n".repeat(100_000);
        assert!(read(mails.as_bytes()).is_cut);
        let wide = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(1_000_000));
        let parts = read(wide.as_bytes());
        assert!(parts.is_cut && parts.parts <= PARTS_MAX + 2);
        let open = "Content-Type: multipart/mixed; boundary=none\n\n".repeat(100_000);
        assert!(read(open.as_bytes()).attachments.is_empty());
        let long = format!("Content-Type: text/plain\n\n{}", "x".repeat(10_000_000));
        let parts = read(long.as_bytes());
        assert!(parts.is_cut && parts.text.len() == 256 * 1024);
        let html = format!("Content-Type: text/html\n\n{}", "<style".repeat(1_000_000));
        assert!(read(html.as_bytes()).text.len() < 1_000);
    }
}
