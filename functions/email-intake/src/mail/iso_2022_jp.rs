//! ISO-2022-JP as mailers write it: with the extensions of code page 50221 and with what is not allowed and common all the same.
//!
//! Half-width katakana come by `ESC ( I`, between SO and SI, or as 8-bit bytes (Windows' code pages 50221, 50222 and 50220); an escape may
//! follow another one, which the Encoding Standard calls an error, wherever two encoded words meet; and a line may end in Japanese, which
//! RFC 1468 forbids. All of it is written anew in the one form that the standard reads.

use encoding_rs::ISO_2022_JP;

const ESC: u8 = 0x1B;
const SO: u8 = 0x0E;
const SI: u8 = 0x0F;

/// What the bytes stand for at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    Ascii,
    Roman,
    Katakana,
    Kanji,
}

impl Set {
    const fn escape(self) -> [u8; 3] {
        match self {
            Self::Ascii => *b"\x1b(B",
            Self::Roman => *b"\x1b(J",
            Self::Katakana => *b"\x1b(I",
            Self::Kanji => *b"\x1b$B",
        }
    }
}

/// The escapes that occur, the longer of two that begin alike first. JIS C 6226 is read as JIS X 0208, as the standard does.
const ESCAPES: [(&[u8], Set); 8] = [
    (b"\x1b$(B", Set::Kanji),
    (b"\x1b$(@", Set::Kanji),
    (b"\x1b$B", Set::Kanji),
    (b"\x1b$@", Set::Kanji),
    (b"\x1b(B", Set::Ascii),
    (b"\x1b(J", Set::Roman),
    (b"\x1b(H", Set::Roman),
    (b"\x1b(I", Set::Katakana),
];

/// Whether `bytes` have an escape of ISO-2022-JP.
pub fn has_escapes(bytes: &[u8]) -> bool {
    (0..bytes.len()).any(|at| bytes[at] == ESC && set_at(&bytes[at..]).is_some())
}

/// `bytes` as text.
pub fn decode(bytes: &[u8]) -> String {
    ISO_2022_JP.decode_without_bom_handling(&plain(bytes)).0.into_owned()
}

fn set_at(bytes: &[u8]) -> Option<(usize, Set)> {
    ESCAPES.iter().find(|(escape, _)| bytes.starts_with(escape)).map(|(escape, set)| (escape.len(), *set))
}

/// The same text with an escape only where a character of another set follows.
fn plain(bytes: &[u8]) -> Vec<u8> {
    let mut out = Plain { bytes: Vec::with_capacity(bytes.len() + 16), set: Set::Ascii };
    let (mut set, mut is_shifted, mut at) = (Set::Ascii, false, 0);
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            ESC => match set_at(&bytes[at - 1..]) {
                Some((length, next)) => (set, at) = (next, at - 1 + length),
                // Announces a revision of the set that follows.
                None if bytes[at..].starts_with(b"&@") => at += 2,
                None => out.push(set, byte),
            },
            SO => is_shifted = true,
            SI => is_shifted = false,
            b'\n' | b'\r' => {
                (set, is_shifted) = (Set::Ascii, false);
                out.push(Set::Ascii, byte);
            }
            0xA1..=0xDF => out.push(Set::Katakana, byte & 0x7F),
            0x21..=0x5F if is_shifted => out.push(Set::Katakana, byte),
            // A space is no character of the others.
            b' ' | b'\t' => out.push(Set::Ascii, byte),
            _ => out.push(set, byte),
        }
    }
    out.bytes
}

struct Plain {
    bytes: Vec<u8>,
    set: Set,
}

impl Plain {
    fn push(&mut self, set: Set, byte: u8) {
        if self.set != set {
            self.bytes.extend(set.escape());
            self.set = set;
        }
        self.bytes.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn the_extensions_of_code_page_50221_are_read() {
        for (bytes, text) in [
            (&b"\x1b$B>c32\x1b(B"[..], "障害"),
            (b"\x1b$@>c32\x1b(J OK", "障害 OK"),
            (b"\x1b$B-!-j\x1b(B", "①㈱"),
            (b"\x1b(IC^\x1b(B ok", "ﾃﾞ ok"),
            (b"\x0eC^\x0f ok", "ﾃﾞ ok"),
            (b"\xc3\xde ok", "ﾃﾞ ok"),
            (b"\x1b$B>c\x1b(B\x1b$B32\x1b(B", "障害"),
            (b"\x1b$(B>c32\x1b(B", "障害"),
            (b"\x1b&@\x1b$B>c32\x1b(B", "障害"),
            (b"\x1b$B>c32\nnext line", "障害\nnext line"),
            (b"plain", "plain"),
            (b"", ""),
        ] {
            assert_eq!(decode(bytes), text, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn what_is_broken_off_loses_no_more_than_itself() {
        assert!(decode(b"\x1b$B>c3").starts_with('障'));
        assert!(decode(b"disk \x1b").starts_with("disk "));
        assert!(decode(b"\x1b$").len() < 10);
    }
}
