//! What is said of addresses that nobody has: a warning where people wait for pages, and a note elsewhere.

use hansho_configuration::Invented;
use hansho_domain::Language;

/// Most of them that are told one by one.
const TOLD_MAX: usize = 20;

/// A line for each, as compilers write them.
pub(super) fn warnings(invented: &[Invented], language: Language) -> Vec<String> {
    let mut lines: Vec<String> = invented.iter().take(TOLD_MAX).map(|one| warning(one, language)).collect();
    let more = invented.len().saturating_sub(TOLD_MAX);
    if more > 0 {
        lines.push(match language {
            Language::En => format!("warning: and {more} more of the kind"),
            Language::Ja => format!("警告: ほか{more}件"),
        });
    }
    lines
}

fn warning(invented: &Invented, language: Language) -> String {
    let Invented { file, line, column, field } = invented;
    let place = format!("{}:{line}:{column}", file.display());
    match language {
        Language::En => {
            format!("{place}: warning: {field}: is kept for examples, so nobody has it and nothing sent there arrives; put in the real one")
        }
        Language::Ja => format!("{place}: 警告: {field}: 例示用のアドレスです。送っても誰にも届きません。実際のものに置き換えてください"),
    }
}

/// One line for all of them, where it may be meant: the example team is made of them.
pub(super) fn note(invented: &[Invented], language: Language) -> Option<String> {
    let count = invented.len();
    let first = invented.first()?;
    Some(match language {
        Language::En => format!(
            "note: {count} address(es) are kept for examples, so nothing sent there arrives: {}:{}: {}{}",
            first.file.display(),
            first.line,
            first.field,
            if count > 1 { " and others" } else { "" }
        ),
        Language::Ja => format!(
            "注: 例示用のアドレスが{count}件あり、送っても誰にも届きません: {}:{}: {}{}",
            first.file.display(),
            first.line,
            first.field,
            if count > 1 { " など" } else { "" }
        ),
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn invented(count: u32) -> Vec<Invented> {
        let one =
            |number| Invented { file: PathBuf::from("people.yaml"), line: number, column: 12, field: format!("users.u{number}.phone") };
        (1..=count).map(one).collect()
    }

    #[test]
    fn each_is_told_with_its_place_in_both_languages() {
        let told = warnings(&invented(2), Language::En);
        assert!(told.len() == 2 && told[0].starts_with("people.yaml:1:12: warning: users.u1.phone: is kept for examples"), "{told:?}");
        let told = warnings(&invented(2), Language::Ja);
        assert!(told[1].starts_with("people.yaml:2:12: 警告: users.u2.phone: 例示用のアドレスです"), "{told:?}");
        let told = warnings(&invented(25), Language::En);
        assert_eq!((told.len(), told.last().unwrap().as_str()), (21, "warning: and 5 more of the kind"));
    }

    #[test]
    fn where_it_may_be_meant_one_line_says_it() {
        assert_eq!(note(&[], Language::En), None);
        let told = note(&invented(1), Language::En).unwrap();
        assert!(told.starts_with("note: 1 address(es) ") && told.ends_with("people.yaml:1: users.u1.phone"), "{told}");
        let told = note(&invented(3), Language::Ja).unwrap();
        assert!(told.contains("3件") && told.ends_with("people.yaml:1: users.u1.phone など"), "{told}");
    }
}
