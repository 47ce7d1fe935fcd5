//! Bytes into text, for the character sets that mail from Japan really has.
//!
//! Names and tables are those of the Encoding Standard (<https://encoding.spec.whatwg.org/>), whose Shift_JIS and ISO-2022-JP hold NEC
//! row 13 (①, ㈱) and half-width katakana as Windows' code pages 932 and 50221 do. What those code pages have besides is in
//! [`iso_2022_jp`](super::iso_2022_jp).

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8, WINDOWS_1252};

use super::iso_2022_jp;

/// Names that mailers give and the standard does not know.
const ALIASES: [(&str, &Encoding); 17] = [
    ("cp932", SHIFT_JIS),
    ("ms932", SHIFT_JIS),
    ("sjis-win", SHIFT_JIS),
    ("shift_jis-2004", SHIFT_JIS),
    ("shift_jisx0213", SHIFT_JIS),
    ("cp943", SHIFT_JIS),
    ("cp943c", SHIFT_JIS),
    ("cp50220", ISO_2022_JP),
    ("cp50221", ISO_2022_JP),
    ("cp50222", ISO_2022_JP),
    ("iso-2022-jp-ms", ISO_2022_JP),
    ("iso-2022-jp-1", ISO_2022_JP),
    ("iso-2022-jp-2", ISO_2022_JP),
    ("iso-2022-jp-3", ISO_2022_JP),
    ("eucjp-win", EUC_JP),
    ("eucjp-ms", EUC_JP),
    ("cp51932", EUC_JP),
];
/// As much of a text as is looked at to guess its character set.
const GUESS_BYTES_MAX: usize = 64 * 1024;

/// `bytes` as text. `label` is the character set that they are said to have; where none is named, where nobody knows it, or where they
/// can not be in it, it is guessed.
pub fn decode(bytes: &[u8], label: Option<&str>) -> String {
    let named = label.and_then(named);
    match named {
        Some(encoding) if encoding == ISO_2022_JP && (bytes.is_ascii() || iso_2022_jp::has_escapes(bytes)) => iso_2022_jp::decode(bytes),
        Some(encoding) if encoding == ISO_2022_JP => guessed(bytes),
        // Said by mailers that say nothing of what they send.
        Some(encoding) if encoding == UTF_8 || encoding == WINDOWS_1252 => match std::str::from_utf8(bytes) {
            Ok(text) if !iso_2022_jp::has_escapes(bytes) => without_mark(text).to_owned(),
            Err(error) if encoding == UTF_8 && is_broken_off(&error) => String::from_utf8_lossy(bytes).into_owned(),
            _ if encoding == WINDOWS_1252 && !looks_japanese(bytes) => decoded(bytes, encoding).0,
            _ => guessed(bytes),
        },
        Some(encoding) => match decoded(bytes, encoding) {
            (text, false) => text,
            (text, true) => {
                let guess = guessed(bytes);
                if lost(&guess) < lost(&text) { guess } else { text }
            }
        },
        None => match label.and_then(|label| mail_parser::decoders::charsets::map::charset_decoder(label.trim().as_bytes())) {
            Some(decode) => decode(bytes),
            None => guessed(bytes),
        },
    }
}

fn named(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == label).map(|(_, encoding)| *encoding);
    alias.or_else(|| Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != encoding_rs::REPLACEMENT))
}

/// UTF-8 if it can be; else by its escapes; else what of Shift_JIS, EUC-JP and the rest the detector holds likeliest in Japan.
fn guessed(bytes: &[u8]) -> String {
    if iso_2022_jp::has_escapes(bytes) {
        return iso_2022_jp::decode(bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return without_mark(text).to_owned();
    }
    decoded(bytes, detected(bytes)).0
}

fn detected(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(GUESS_BYTES_MAX)], bytes.len() <= GUESS_BYTES_MAX);
    let guess = detector.guess(Some(b"jp"), Utf8Detection::Deny);
    if guess == SHIFT_JIS || guess == EUC_JP {
        return guess;
    }
    // A broken UTF-8 text is still one when most of it holds.
    let utf8 = lost(&String::from_utf8_lossy(bytes));
    if utf8 <= bytes.len() / 50 { UTF_8 } else { guess }
}

/// Whether only the end of a last character is missing.
fn is_broken_off(error: &std::str::Utf8Error) -> bool {
    error.error_len().is_none() && error.valid_up_to() > 0
}

fn looks_japanese(bytes: &[u8]) -> bool {
    iso_2022_jp::has_escapes(bytes) || [SHIFT_JIS, EUC_JP].contains(&detected(bytes))
}

fn decoded(bytes: &[u8], encoding: &'static Encoding) -> (String, bool) {
    let (text, has_errors) = encoding.decode_with_bom_removal(bytes);
    (text.into_owned(), has_errors)
}

fn lost(text: &str) -> usize {
    text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count()
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{FEFF}').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use encoding_rs::{EUC_JP, ISO_2022_JP, SHIFT_JIS};

    use super::decode;

    const TEXT: &str = "障害: 決済サーバー①のディスク使用率が高い（株）";

    #[test]
    fn every_japanese_character_set_is_read_by_its_name_and_its_aliases() {
        for (encoding, labels) in [
            (ISO_2022_JP, ["ISO-2022-JP", "iso-2022-jp-ms", "cp50221"].as_slice()),
            (SHIFT_JIS, &["Shift_JIS", "x-sjis", "CP932", "windows-31j", "MS932"]),
            (EUC_JP, &["EUC-JP", "x-euc-jp", "eucJP-ms", "CP51932"]),
            (encoding_rs::UTF_8, &["utf-8", "UTF8", "\"utf-8\""]),
        ] {
            let bytes = encoding.encode(TEXT).0;
            for label in labels {
                assert_eq!(decode(&bytes, Some(label)), TEXT, "{label}");
            }
        }
    }

    #[test]
    fn a_character_set_that_is_missing_or_wrong_is_guessed() {
        for encoding in [ISO_2022_JP, SHIFT_JIS, EUC_JP, encoding_rs::UTF_8] {
            let bytes = encoding.encode(TEXT).0;
            for label in [None, Some("us-ascii"), Some("x-unknown"), Some("iso-8859-1"), Some("utf-8"), Some("iso-2022-jp")] {
                if label == Some("iso-2022-jp") && encoding == encoding_rs::UTF_8 {
                    continue;
                }
                assert_eq!(decode(&bytes, label), TEXT, "{} said to be {label:?}", encoding.name());
            }
        }
    }

    #[test]
    fn short_subjects_are_guessed_too() {
        for text in ["障害", "復旧", "【障害】DB停止", "警告：CPU使用率", "ﾃﾞｨｽｸ障害が発生しました"] {
            for encoding in [SHIFT_JIS, EUC_JP] {
                assert_eq!(decode(&encoding.encode(text).0, None), text, "{}", encoding.name());
            }
        }
    }

    #[test]
    fn western_text_stays_western() {
        assert_eq!(decode(b"Caf\xe9 cr\xe8me est arriv\xe9", Some("iso-8859-1")), "Café crème est arrivé");
        assert_eq!(decode(b"+MNEwwzDs-", Some("utf-7")), "パッレ", "by the mail parser's own table");
    }

    #[test]
    fn what_is_no_text_at_all_is_still_something() {
        for bytes in [&b"\xff\xfe\x00\xd8"[..], &[0x80; 300], b"\x1b$", b""] {
            for label in
                [None, Some("utf-8"), Some("iso-2022-jp"), Some("shift_jis"), Some("utf-16"), Some("replacement"), Some("hz-gb-2312")]
            {
                let _ = decode(bytes, label);
            }
        }
    }
}
