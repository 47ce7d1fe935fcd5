//! An answer to the mail of a page: a command, or a note.

use hansho_domain::{Command, text};

use crate::mail::Mail;

/// Longest note, in characters.
const NOTE_CHARS_MAX: usize = 1_000;
/// Most messages that a mail may say it answers; the newest are looked at.
const ANSWERED_MAX: usize = 10;
/// What stands alone in the first line of an answer, in lower case. More than that is a note: 解決していません is none of these.
const ACKNOWLEDGE: [&str; 12] = [
    "ack",
    "acked",
    "acknowledge",
    "acknowledged",
    "確認",
    "確認しました",
    "確認済み",
    "確認済",
    "了解",
    "了解です",
    "了解しました",
    "対応します",
];
/// See [`ACKNOWLEDGE`].
const RESOLVE: [&str; 8] = ["resolve", "resolved", "解決", "解決しました", "解決済み", "解決済", "復旧", "復旧しました"];

/// What an answer asks for: a command, if its first line is one, and a note of the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// The command.
    pub command: Option<Command>,
    /// What else it says.
    pub note: Option<String>,
}

/// Reads what its sender has written, without what they quote.
pub fn read(mail: &Mail) -> Reply {
    let mut written = own_lines(&mail.text);
    let first = written.first().map(|line| line.trim().trim_end_matches(['.', '!', '。', '！', ' ']).to_lowercase()).unwrap_or_default();
    let command = if ACKNOWLEDGE.contains(&first.as_str()) {
        Some(Command::Acknowledge)
    } else if RESOLVE.contains(&first.as_str()) {
        Some(Command::Resolve)
    } else {
        None
    };
    if command.is_some() {
        written.remove(0);
    }
    let note = text::cut(text::lines(&written.join("\n")).trim(), NOTE_CHARS_MAX);
    Reply { command, note: Some(note).filter(|note| !note.is_empty()) }
}

/// The lines before the first that is quoted, before a signature, and before what announces either.
fn own_lines(text: &str) -> Vec<&str> {
    let all: Vec<&str> = text.lines().collect();
    // What announces a quotation may be folded.
    let is_end_at = |at: usize| is_end(all[at]) || all.get(at + 1).is_some_and(|next| is_folded_end(all[at], next));
    let end = (0..all.len()).find(|at| is_end_at(*at)).unwrap_or(all.len());
    let mut lines: Vec<&str> = all[..end].to_vec();
    while lines.first().is_some_and(|line| line.trim().is_empty()) {
        lines.remove(0);
    }
    lines
}

/// Whether two lines announce a quotation together: `On Fri, 20 Nov 2026 at 18:12 Hansho <h@example.com>` and `wrote:`.
fn is_folded_end(line: &str, next: &str) -> bool {
    let (line, next) = (line.trim(), next.trim());
    let ends = ["wrote:", "のメール:", "書きました:", ">:"].iter().any(|end| next.to_lowercase().ends_with(end));
    let begins = line.to_lowercase().starts_with("on ") || line.starts_with(|c: char| c.is_ascii_digit());
    begins && ends && is_end(&format!("{line} {next}")) && format!("{line}{next}").contains('@')
}

fn is_end(line: &str) -> bool {
    let trimmed = line.trim();
    let lower = trimmed.to_lowercase();
    trimmed.starts_with('>')
        || line.trim_end() == "--"
        || trimmed.starts_with("-----")
        || trimmed.starts_with("_____")
        || (lower.starts_with("on ") && lower.ends_with("wrote:"))
        || ((lower.ends_with("wrote:") || trimmed.ends_with("のメール:") || trimmed.ends_with("書きました:") || trimmed.ends_with(">:"))
            && lower.contains('@'))
        || ["from: ", "差出人: ", "送信者: "].iter().any(|header| lower.starts_with(header))
}

/// The ids of the messages that it answers, newest first, each the part before `@` of those that SES gives
/// (`<ID@email.amazonses.com>`, `<ID@REGION.amazonses.com>`).
pub fn answered(mail: &Mail) -> Vec<String> {
    let of = |name: &str| mail.header(name).unwrap_or_default().to_owned();
    let mut ids: Vec<String> = Vec::new();
    for field in [of("in-reply-to"), of("references")] {
        for id in field.rsplit('<').filter_map(|rest| rest.split_once('>')).map(|(id, _)| id) {
            let Some((local, domain)) = id.split_once('@') else { continue };
            let is_of_ses = domain.to_ascii_lowercase().ends_with("amazonses.com");
            let is_id = (1..=200).contains(&local.len()) && local.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
            if is_of_ses && is_id && !ids.iter().any(|known| known == local) && ids.len() < ANSWERED_MAX {
                ids.push(local.to_owned());
            }
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use hansho_domain::Command;

    use super::{Reply, answered, read};
    use crate::mail::Mail;

    fn of(text: &str) -> Reply {
        read(&Mail { text: text.to_owned(), ..Mail::default() })
    }

    #[test]
    fn the_first_line_is_a_command_when_nothing_else_stands_in_it() {
        for (text, command, note) in [
            ("ack", Some(Command::Acknowledge), None),
            ("\n  Ack.\n\nlooking at it\n\n> resolve", Some(Command::Acknowledge), Some("looking at it")),
            ("確認", Some(Command::Acknowledge), None),
            ("確認しました。\n調べます", Some(Command::Acknowledge), Some("調べます")),
            ("解決", Some(Command::Resolve), None),
            ("RESOLVED!\n-- \nAiko", Some(Command::Resolve), None),
            ("解決していません", None, Some("解決していません")),
            ("please do not resolve\nack", None, Some("please do not resolve\nack")),
            ("restarted nginx\nOn Fri, 20 Nov 2026 at 18:12, Hansho <h@example.com> wrote:\n> ack", None, Some("restarted nginx")),
            ("見ています\n2026年11月20日(金) 18:12 Hansho <h@example.com>:\n> ack", None, Some("見ています")),
            ("restarted nginx\nOn Fri, Nov 20, 2026 at 6:12 PM Hansho\n<h@example.com> wrote:\n> ack", None, Some("restarted nginx")),
            ("ack\n\nOn Fri, Nov 20, 2026 at 6:12 PM Hansho <h@example.com>\nwrote:\n\n> x", Some(Command::Acknowledge), None),
            ("見ています\n2026年11月20日(金) 18:12 Hansho <\nh@example.com>:\n> ack", None, Some("見ています")),
            ("On it\nhe wrote:", None, Some("On it\nhe wrote:")),
            ("見ています\n-----Original Message-----\nack", None, Some("見ています")),
            ("> ack", None, None),
            ("", None, None),
        ] {
            assert_eq!(of(text), Reply { command, note: note.map(str::to_owned) }, "{text:?}");
        }
    }

    #[test]
    fn the_messages_that_it_answers_are_those_of_ses_newest_first() {
        let fields = [
            ("In-Reply-To", "<0106-c@ap-northeast-1.amazonses.com>"),
            ("References", "<incident-01ABC@example.com> <0106-a@email.amazonses.com> <0106-b@email.amazonses.com> <x@evil.example>"),
        ];
        assert_eq!(answered(&Mail::of_fields(fields.into_iter())), ["0106-c", "0106-b", "0106-a"]);
        let hostile = "<a/../b@email.amazonses.com> <@email.amazonses.com> <x>".repeat(100);
        assert!(answered(&Mail::of_fields([("References", hostile.as_str())].into_iter())).is_empty());
    }
}
