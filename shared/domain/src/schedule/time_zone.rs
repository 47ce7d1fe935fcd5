//! Finding a time zone by its name, and what was probably meant when there is none.

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Longest name that is looked for, in bytes. The longest of the database has 32.
const NAME_BYTES_MAX: usize = 60;
/// Most slips of the pen after which a name is still recognised.
const SLIPS_MAX: usize = 2;
/// One slip is forgiven per so many letters, so that `JST` does not become `EST`.
const LETTERS_PER_SLIP: usize = 5;

/// The time zone of that IANA name, in any case, with the name as the database spells it.
///
/// Only the bundled database is asked: the machine's own would make the same schedule mean different things in different places.
/// The error says what to write instead.
pub(crate) fn named(text: &str) -> Result<(String, TimeZone), String> {
    let found = TimeZoneDatabase::bundled().get(text).ok();
    // `Etc/Unknown` is found, but jiff gives it no name.
    if let Some((name, zone)) = found.and_then(|zone| Some((zone.iana_name()?.to_owned(), zone))) {
        return Ok((name, zone));
    }
    let shown: String = text.chars().take(NAME_BYTES_MAX).collect();
    Err(match similar(text) {
        Some(name) => format!("is {shown:?}, which is no time zone; did you mean {name}?"),
        None => format!("is {shown:?}, which is no time zone; write its IANA name, such as Asia/Tokyo, Europe/London or UTC"),
    })
}

/// The known name that is nearest, if it is near: `Tokyo`, `asia tokyo` and `Asia/Tokio` are all `Asia/Tokyo`.
fn similar(text: &str) -> Option<String> {
    if text.len() > NAME_BYTES_MAX {
        return None;
    }
    let wanted = letters(text);
    let slips_max = SLIPS_MAX.min(wanted.len() / LETTERS_PER_SLIP);
    let slips = |name: &str| {
        let city = name.rsplit('/').next().unwrap_or(name);
        distance(&letters(name), &wanted).min(distance(&letters(city), &wanted))
    };
    TimeZoneDatabase::bundled()
        .available()
        .map(|name| (slips(name.as_str()), name.as_str().to_owned()))
        .filter(|(slips, _)| *slips <= slips_max)
        .min()
        .map(|(_, name)| name)
}

fn letters(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase()).collect()
}

/// How many letters must be added, dropped or changed to make one word the other (Levenshtein's distance).
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
