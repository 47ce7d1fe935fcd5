//! How long a text is as an SMS: septets of the GSM alphabet where every character is in it, UTF-16 units otherwise.

/// The basic character set, without the letters and digits of ASCII (3GPP TS 23.038, section 6.2.1).
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// Its extension: each is sent as two septets (3GPP TS 23.038, section 6.2.1.1).
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// What an SMS is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// The GSM alphabet: 160 septets in one part, 153 in each of several.
    Gsm7,
    /// UCS-2: 70 units in one part, 67 in each of several.
    Ucs2,
}

impl Alphabet {
    /// The one that `text` needs.
    pub fn of(text: &str) -> Self {
        if text.chars().all(|c| septets(c).is_some()) { Self::Gsm7 } else { Self::Ucs2 }
    }

    /// How many units `text` takes in it.
    pub fn units(self, text: &str) -> usize {
        text.chars().map(|c| self.units_of(c)).sum()
    }

    /// How many units fit into `parts` parts: each of several gives room to the header that joins them.
    pub fn room(self, parts: usize) -> usize {
        match (self, parts) {
            (Self::Gsm7, 1) => 160,
            (Self::Ucs2, 1) => 70,
            (Self::Gsm7, _) => 153 * parts,
            (Self::Ucs2, _) => 67 * parts,
        }
    }

    /// `text`, or as much of it as fits into `units_max` with a mark of the cut that the alphabet has.
    pub fn cut(self, text: &str, units_max: usize) -> String {
        if self.units(text) <= units_max {
            return text.to_owned();
        }
        let (mark, mark_units) = match self {
            Self::Gsm7 => ("..", 2),
            Self::Ucs2 => ("…", 1),
        };
        let Some(mut left) = units_max.checked_sub(mark_units) else { return String::new() };
        let mut out = String::new();
        for c in text.chars() {
            let Some(rest) = left.checked_sub(self.units_of(c)) else { break };
            left = rest;
            out.push(c);
        }
        out.truncate(out.trim_end().len());
        out + mark
    }

    fn units_of(self, c: char) -> usize {
        match self {
            // A character the alphabet does not have can not be sent in it; callers ask `of` first.
            Self::Gsm7 => septets(c).unwrap_or(2),
            Self::Ucs2 => c.len_utf16(),
        }
    }
}

/// How many units `text` takes as an SMS, in the alphabet that it needs: GSM extension characters count as two.
pub fn sms_units(text: &str) -> usize {
    Alphabet::of(text).units(text)
}

/// How many parts `text` takes as an SMS; each is paid for.
pub fn sms_parts(text: &str) -> usize {
    let alphabet = Alphabet::of(text);
    let units = alphabet.units(text);
    if units <= alphabet.room(1) { 1 } else { units.div_ceil(alphabet.room(2) / 2) }
}

fn septets(c: char) -> Option<usize> {
    if c.is_ascii_alphanumeric() || BASIC.contains(c) {
        Some(1)
    } else if EXTENSION.contains(c) {
        Some(2)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Alphabet, sms_parts, sms_units};

    #[test]
    fn units_are_counted_as_operators_do() {
        for (text, alphabet, units) in [
            ("", Alphabet::Gsm7, 0),
            ("Hello @ 5 % _", Alphabet::Gsm7, 13),
            ("[SEV1]", Alphabet::Gsm7, 8),
            ("{}[]^\\|~€", Alphabet::Gsm7, 18),
            ("èéùìòÇØøÅåÆæßÉÄÖÑÜäöñüà", Alphabet::Gsm7, 23),
            ("ç", Alphabet::Ucs2, 1),
            ("`", Alphabet::Ucs2, 1),
            ("5xx率 12%", Alphabet::Ucs2, 8),
            ("🔥", Alphabet::Ucs2, 2),
        ] {
            assert_eq!((Alphabet::of(text), sms_units(text)), (alphabet, units), "{text:?}");
        }
    }

    #[test]
    fn parts_are_counted_as_operators_do() {
        for (text, parts) in [
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("率".repeat(70), 1),
            ("率".repeat(71), 2),
            ("率".repeat(135), 3),
        ] {
            assert_eq!(sms_parts(&text), parts, "{} x {:?}", text.chars().count(), text.chars().next());
        }
    }

    #[test]
    fn the_basic_set_and_its_extension_are_complete() {
        let in_one = (0..=0xFFFF_u32).filter_map(char::from_u32).filter(|c| super::septets(*c) == Some(1)).count();
        let in_two = (0..=0xFFFF_u32).filter_map(char::from_u32).filter(|c| super::septets(*c) == Some(2)).count();
        // 128 positions of the basic table less the escape to the extension; the extension has ten characters.
        assert_eq!((in_one, in_two), (127, 10));
    }

    #[test]
    fn a_cut_keeps_to_its_room_in_either_alphabet() {
        assert_eq!(Alphabet::Gsm7.cut("abcdef", 5), "abc..");
        assert_eq!(Alphabet::Gsm7.cut("[[[[", 5), "[..");
        assert_eq!(Alphabet::Ucs2.cut("率率率率", 3), "率率…");
        assert_eq!(Alphabet::Ucs2.cut("🔥🔥🔥", 5), "🔥🔥…");
        assert_eq!(Alphabet::Gsm7.cut("abc", 1), "");
    }
}
