//! Header fields: unfolded, and their encoded words decoded (RFC 5322 section 2.2, RFC 2047), however badly they are written.

use mail_parser::decoders::base64::base64_decode;

use super::charset;

/// Longest header block that is read, in bytes. What is behind it belongs to no mailer's mail.
const BLOCK_BYTES_MAX: usize = 256 * 1024;
/// Longest field, in bytes.
const FIELD_BYTES_MAX: usize = 32 * 1024;
/// Most fields of a block.
const FIELDS_MAX: usize = 1_000;
/// Longest encoded word, in bytes; RFC 2047 allows 75.
const WORD_BYTES_MAX: usize = 2_000;

/// One field: its name in lower case, and its value as it came, on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name in lower case.
    pub name: String,
    /// The value, unfolded and otherwise as it came.
    pub raw: Vec<u8>,
}

impl Field {
    /// The value as text.
    pub fn text(&self) -> String {
        words(&self.raw)
    }
}

/// The header block at the beginning of `bytes`, and the place where the body begins. `true`: it, or a field, was longer than can be right.
pub fn block(bytes: &[u8]) -> (Vec<Field>, usize, bool) {
    let (mut fields, mut at, mut is_cut) = (Vec::<Field>::new(), 0, false);
    while at < bytes.len() {
        let end = bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |end| at + end + 1);
        let line = bytes[at..end].trim_ascii_end();
        if line.is_empty() {
            at = end;
            break;
        }
        let is_folded = line[0].is_ascii_whitespace();
        if at > BLOCK_BYTES_MAX || fields.len() >= FIELDS_MAX {
            is_cut = true;
        } else if is_folded {
            if let Some(field) = fields.last_mut() {
                field.raw.push(b' ');
                field.raw.extend(line.trim_ascii_start());
                is_cut |= field.raw.len() > FIELD_BYTES_MAX;
                field.raw.truncate(FIELD_BYTES_MAX);
            }
        } else if let Some(field) = field(line) {
            is_cut |= line.len() > FIELD_BYTES_MAX;
            fields.push(field);
        } else if !line.starts_with(b"From ") && !line.starts_with(b">From ") {
            // No field, and not the separator of mailboxes: the body begins without an empty line.
            break;
        }
        at = end;
    }
    (fields, at, is_cut)
}

fn field(line: &[u8]) -> Option<Field> {
    let colon = line.iter().position(|b| *b == b':')?;
    let name = line[..colon].trim_ascii();
    let is_name = !name.is_empty() && name.iter().all(|b| b.is_ascii_graphic());
    let value = line[colon + 1..].trim_ascii();
    is_name.then(|| Field {
        name: String::from_utf8_lossy(name).to_ascii_lowercase(),
        raw: value[..value.len().min(FIELD_BYTES_MAX)].to_vec(),
    })
}

/// A value with its encoded words decoded. Neighbours of one character set are joined before they are decoded: mailers cut between the
/// bytes of one character.
pub fn words(raw: &[u8]) -> String {
    let (mut out, mut pending, mut plain_from, mut at) = (String::new(), None::<(String, Vec<u8>)>, 0, 0);
    while at < raw.len() {
        let Some((word, length)) = encoded_word(&raw[at..]) else {
            at += 1;
            continue;
        };
        let between = &raw[plain_from..at];
        // White space between two encoded words is not theirs (RFC 2047 section 6.2).
        if pending.is_none() || !between.iter().all(u8::is_ascii_whitespace) {
            flush(&mut out, &mut pending);
            out.push_str(&charset::decode(between, None));
        }
        match &mut pending {
            Some((charset, bytes)) if *charset == word.0 => bytes.extend(word.1),
            Some(_) => {
                flush(&mut out, &mut pending);
                pending = Some(word);
            }
            None => pending = Some(word),
        }
        at += length;
        plain_from = at;
    }
    flush(&mut out, &mut pending);
    out.push_str(&charset::decode(&raw[plain_from..], None));
    out
}

fn flush(out: &mut String, pending: &mut Option<(String, Vec<u8>)>) {
    if let Some((label, bytes)) = pending.take() {
        out.push_str(&charset::decode(&bytes, Some(&label)));
    }
}

/// The encoded word at the beginning of `raw`: its character set and bytes, and how long it is.
fn encoded_word(raw: &[u8]) -> Option<((String, Vec<u8>), usize)> {
    let inner = raw.strip_prefix(b"=?")?;
    let inner = &inner[..inner.len().min(WORD_BYTES_MAX)];
    let charset_end = inner.iter().position(|b| *b == b'?').filter(|end| (1..=40).contains(end))?;
    let encoding = inner.get(charset_end + 1)?.to_ascii_lowercase();
    let text = inner.get(charset_end + 2..)?.strip_prefix(b"?")?;
    let text_end = text.windows(2).position(|pair| pair == b"?=")?;
    let bytes = match encoding {
        b'b' => lenient_base64(&text[..text_end]),
        b'q' => quoted(&text[..text_end]),
        _ => return None,
    };
    // RFC 2231 adds the language behind an asterisk.
    let charset = inner[..charset_end].split(|b| *b == b'*').next()?;
    let charset = std::str::from_utf8(charset).ok()?.to_ascii_lowercase();
    Some(((charset, bytes), 2 + charset_end + 3 + text_end + 2))
}

/// Base64 without what does not belong to it; what is left over of a broken end is lost.
pub fn lenient_base64(text: &[u8]) -> Vec<u8> {
    let mut kept: Vec<u8> = text.iter().copied().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).collect();
    if kept.len() % 4 == 1 {
        kept.pop();
    }
    kept.resize(kept.len().next_multiple_of(4), b'=');
    base64_decode(&kept).unwrap_or_default()
}

fn quoted(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'_' => out.push(b' '),
            b'=' => match text.get(at..at + 2).and_then(hexadecimal) {
                Some(decoded) => {
                    out.push(decoded);
                    at += 2;
                }
                None => out.push(byte),
            },
            _ => out.push(byte),
        }
    }
    out
}

/// Two hexadecimal digits as a byte.
pub fn hexadecimal(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let value = digit(*pair.first()?)? * 16 + digit(*pair.get(1)?)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::{block, words};

    #[test]
    fn encoded_words_are_read_folded_adjacent_and_cut_within_a_character() {
        for (raw, text) in [
            ("=?UTF-8?B?6Zqc5a6z?= web01", "障害 web01"),
            ("=?utf-8?q?=E9=9A=9C=E5=AE=B3?= =?UTF-8?Q?_web01?=", "障害 web01"),
            ("=?UTF-8?B?6Zqc5Q==?= =?UTF-8?B?rrM=?=", "障害"),
            ("=?UTF-8?Q?=E9=9A?=\t =?UTF-8?Q?=9C=E5=AE=B3?=", "障害"),
            ("=?ISO-2022-JP?B?GyRCPmMbKEI=?= =?ISO-2022-JP?B?GyRCMzIbKEI=?=", "障害"),
            ("=?ISO-2022-JP?B?GyRCPg==?= =?ISO-2022-JP?B?YzMyGyhC?=", "障害"),
            ("=?iso-2022-jp?B?GyRCPmMzMhsoQg==?= =?shift_jis?B?lZyLjA==?=", "障害復旧"),
            ("=?utf-8*ja?B?6Zqc5a6z?=", "障害"),
            ("[x] =?utf-8?B?6Zqc5a6z?=: =?utf-8?B?5b6p?= end", "[x] 障害: 復 end"),
            ("=?utf-8?X?abc?= =? =?=", "=?utf-8?X?abc?= =? =?="),
            ("=?utf-8?Q?open", "=?utf-8?Q?open"),
            ("=?utf-8?B?6Zqc5a6?=", "障\u{FFFD}"),
        ] {
            assert_eq!(words(raw.as_bytes()), text, "{raw}");
        }
    }

    #[test]
    fn raw_bytes_in_a_header_are_guessed() {
        let text = "障害: ディスク使用率";
        for encoding in [encoding_rs::UTF_8, encoding_rs::ISO_2022_JP, encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP] {
            assert_eq!(words(&encoding.encode(text).0), text, "{}", encoding.name());
        }
    }

    #[test]
    fn a_block_ends_at_an_empty_line_and_folded_fields_are_one_line() {
        let (fields, body, is_cut) = block(b"From x Mon\r\nSubject: one\r\n\ttwo\r\nX-Y :  z\r\n\r\nbody: no field");
        let fields: Vec<_> = fields.iter().map(|field| (field.name.as_str(), field.text())).collect();
        assert_eq!(fields, [("subject", "one two".to_owned()), ("x-y", "z".to_owned())]);
        assert_eq!((body, is_cut), ("From x Mon\r\nSubject: one\r\n\ttwo\r\nX-Y :  z\r\n\r\n".len(), false));
    }

    #[test]
    fn a_bomb_of_headers_is_cut() {
        let many = "A: b\n".repeat(2_000_000);
        let (fields, _, is_cut) = block(many.as_bytes());
        assert!(is_cut && fields.len() <= 1_000);
        let long = format!("Subject: {}\n\nbody", "=?utf-8?q?".repeat(100_000));
        let (fields, _, is_cut) = block(long.as_bytes());
        assert!(is_cut && fields[0].text().len() <= 40_000);
    }
}
