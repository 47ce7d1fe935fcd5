//! Subjects, without what answering, forwarding and mailing lists add to them.

/// What mail programs write before the subject of an answer or of what they forward, in lower case.
const PREFIXES: [&str; 9] = ["re", "fw", "fwd", "aw", "wg", "tr", "sv", "返信", "転送"];
/// Most prefixes that are taken off.
const PREFIXES_MAX: usize = 20;

/// `subject` without `Re:`, `Fwd:`, `Re[2]:`, `転送:` and the counters of mailing lists (`[ops:01234]`), so that the same trouble has the
/// same subject whichever way it came.
pub fn bare(subject: &str) -> &str {
    let mut rest = subject.trim();
    for _ in 0..PREFIXES_MAX {
        match without_prefix(rest).or_else(|| without_counter(rest)) {
            Some(next) if !next.is_empty() => rest = next,
            _ => break,
        }
    }
    rest
}

fn without_prefix(subject: &str) -> Option<&str> {
    let (head, rest) = subject.split_once([':', '：'])?;
    // Re[2], Re^2, Re(2)
    let word = head.trim().trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '^' | '(' | ')' | '*'));
    PREFIXES.contains(&word.trim().to_lowercase().as_str()).then(|| rest.trim_start())
}

/// `[name:123]`, `[name 123]`, `[name,123]` and `(name 123)` at the beginning. A bracket without a number of its own is part of the subject.
fn without_counter(subject: &str) -> Option<&str> {
    let (close, rest) = if let Some(rest) = subject.strip_prefix('[') { (']', rest) } else { (')', subject.strip_prefix('(')?) };
    let (inside, after) = rest.split_once(close)?;
    let (name, number) = inside.rsplit_once([':', ' ', ',', '#'])?;
    let is_counter = number.len() >= 2 && number.bytes().all(|b| b.is_ascii_digit());
    let is_list = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    // A state is no list, and its number is how many alerts there are.
    let is_state = ["firing", "resolved"].contains(&name.to_ascii_lowercase().as_str());
    (is_counter && is_list && !is_state).then(|| after.trim_start())
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn what_programs_add_is_taken_off_and_nothing_else() {
        for (subject, found) in [
            ("Re: Fwd: RE[2]: disk full", "disk full"),
            ("FW: 転送: 障害", "障害"),
            ("[ops:01234] 障害", "障害"),
            ("Re: [ops-ml 00042] Re: disk full", "disk full"),
            ("(ops 1234) disk full", "disk full"),
            ("[P1] disk full", "[P1] disk full"),
            ("[FIRING:12] x", "[FIRING:12] x"),
            ("[web01] disk 2 full", "[web01] disk 2 full"),
            ("Report: disk full", "Report: disk full"),
            ("Re:", "Re:"),
            ("", ""),
        ] {
            assert_eq!(bare(subject), found, "{subject}");
        }
    }
}
