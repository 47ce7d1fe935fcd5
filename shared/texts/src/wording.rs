//! A service's own words for its pages: small templates in the syntax of Jinja, with what is known of the incident as variables.
//!
//! They are written by people who are trusted with who is called at night, and yet may not lose a page. So nothing repeats itself and
//! nothing grows: there is `{{ title }}`, `{% if priority == "SEV1" %}...{% elif %}...{% else %}...{% endif %}` and a few filters, and no
//! loop, no assignment, no call, no part of a text and no multiplication. What is longer than a few times the facts can not be written. Whoever fills a
//! template takes the standard words where it fails; what it says is text, which is escaped and cut like an alert's own.

use std::{fmt, sync::LazyLock};

use hansho_domain::Language;
use minijinja::{Environment, UndefinedBehavior, Value, value::Serde};
use serde::Serialize;

use crate::gsm7::Alphabet;

/// What a template may name, in the order of [`Facts`].
pub const VARIABLES: [&str; 12] =
    ["id", "service", "title", "label", "severity", "priority", "urgency", "since", "since_full", "runbook", "details", "reason"];
/// What it may do to one of them: `{{ details | first_line }}`.
pub const FILTERS: [&str; 4] = ["upper", "lower", "trim", "first_line"];
/// The tags that it may have.
const TAGS: [&str; 4] = ["if", "elif", "else", "endif"];
/// Words of expressions.
const WORDS: [&str; 9] = ["and", "or", "not", "in", "if", "else", "true", "false", "none"];
/// Signs of expressions. What is not among them is refused: of a part of a text (`title[::-1]`) the engine can die, and the function with it.
const SIGNS: &str = "=!<>()~";
/// What a line leaves for what happened, in units.
const TITLE_UNITS: usize = 20;
const TITLE_UNITS_IN_JAPANESE: usize = 3;
/// What stands around a line in an SMS: the severity in brackets, the word before the link, and a link of 41 characters, which is one of
/// `https://oncall.example.com`. In units.
const AROUND_UNITS: usize = 60;
const AROUND_UNITS_IN_JAPANESE: usize = 54;

/// What is known of an incident, in the reader's words and time. What is not known is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Facts<'a> {
    /// The incident's id.
    pub id: &'a str,
    /// The service's name.
    pub service: &'a str,
    /// One line that a sleepy person understands.
    pub title: &'a str,
    /// What stands in brackets: `SEV1`, or the severity where nobody has rated.
    pub label: &'a str,
    /// How bad the source says it is, in a word.
    pub severity: &'a str,
    /// `SEV1` to `SEV4`.
    pub priority: &'a str,
    /// Whether it wakes somebody, in a phrase.
    pub urgency: &'a str,
    /// `03:12`.
    pub since: &'a str,
    /// `2026-10-04 03:12 (Asia/Tokyo)`.
    pub since_full: &'a str,
    /// Where to read what to do.
    pub runbook: &'a str,
    /// The source's own account of it, on lines of its own.
    pub details: &'a str,
    /// Why this person is told.
    pub reason: &'a str,
}

/// What is wrong with a template, and in which of its lines, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordingProblem {
    line: usize,
    message: String,
}

impl fmt::Display for WordingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.add_filter("upper", |text: String| text.to_uppercase());
    engine.add_filter("lower", |text: String| text.to_lowercase());
    engine.add_filter("trim", |text: String| text.trim().to_owned());
    engine.add_filter("first_line", |text: String| text.lines().next().unwrap_or_default().to_owned());
    engine
});

/// What `template` says of `facts`, as text.
///
/// # Errors
/// It is no template, or has something that templates may not have.
pub fn filled(template: &str, facts: &Facts<'_>) -> Result<String, WordingProblem> {
    if let Some(problem) = forbidden(template) {
        return Err(problem);
    }
    ENGINE.render_str(template, Value::from(Serde(facts))).map_err(|error| WordingProblem {
        line: error.line().unwrap_or(1),
        message: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
    })
}

/// What is wrong with the template of `part` (`line`, `subject` or `body`) in a language, looked at without an incident.
pub fn problem(part: &str, language: Language, template: &str) -> Option<WordingProblem> {
    // What is filled and what is empty take other ways through it.
    let some = Facts {
        id: "01K6P4E8G0ABCDEFGHJKMNPQRS",
        service: "x",
        title: "x",
        label: "SEV1",
        severity: "x",
        priority: "SEV1",
        urgency: "x",
        since: "03:12",
        since_full: "2026-10-04 03:12 (Asia/Tokyo)",
        runbook: "https://example.com/",
        details: "x\nx",
        reason: "x",
    };
    let full = filled(template, &some);
    let bare = filled(template, &Facts::default());
    match (part, full, bare) {
        (_, Err(problem), _) | (_, _, Err(problem)) => Some(problem),
        (_, Ok(full), Ok(_)) if full.trim().is_empty() => Some(WordingProblem { line: 1, message: "says nothing".to_owned() }),
        ("line", Ok(_), Ok(bare)) => too_long(language, &bare),
        (_, Ok(_), Ok(_)) => None,
    }
}

/// A line whose own words leave no room for what happened. What an alert says is cut to what is left.
fn too_long(language: Language, own: &str) -> Option<WordingProblem> {
    let (alphabet, around) = match language {
        Language::En => (Alphabet::of(own), AROUND_UNITS + TITLE_UNITS),
        // What stands around it is Japanese.
        Language::Ja => (Alphabet::Ucs2, AROUND_UNITS_IN_JAPANESE + TITLE_UNITS_IN_JAPANESE),
    };
    let (takes, most) = (alphabet.units(own.trim()), alphabet.room(1).saturating_sub(around));
    let what =
        if alphabet == Alphabet::Gsm7 { "characters" } else { "characters (70 in all, because some are not in the alphabet of SMS)" };
    (takes > most).then(|| WordingProblem {
        line: 1,
        message: format!(
            "its own words take {takes} {what} of an SMS, and beside the severity, what happened and the link there is room for {most}; make it shorter (SMSに入りません)"
        ),
    })
}

/// The first thing that a template may not have. Outside of the tags everything is text.
fn forbidden(template: &str) -> Option<WordingProblem> {
    let mut rest = template;
    while let Some(begin) = rest.find('{') {
        let (kind, inside) = (&rest[begin..], rest.get(begin + 2..).unwrap_or_default());
        rest = if kind.starts_with("{#") {
            inside.split_once("#}").map_or("", |(_, after)| after)
        } else if kind.starts_with("{{") || kind.starts_with("{%") {
            match tag(inside, kind.starts_with("{%")) {
                Ok(after) => after,
                Err((left, message)) => {
                    let line = template[..template.len() - left].matches('\n').count() + 1;
                    return Some(WordingProblem { line, message });
                }
            }
        } else {
            &rest[begin + 1..]
        };
    }
    None
}

/// What stands behind a tag whose inside `text` begins with; or how much of the text is left at what is wrong with it, and what that is.
/// Without braces inside, the first end outside of quotes is its end.
fn tag(text: &str, is_statement: bool) -> Result<&str, (usize, String)> {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut is_first = is_statement;
    let mut is_filter = false;
    while let Some(next) = rest.chars().next() {
        let wrong = |message: String| Err((rest.len(), message));
        if rest.starts_with("}}") || rest.starts_with("%}") {
            return Ok(&rest[2..]);
        }
        if next.is_alphabetic() || next == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let word = &rest[..end];
            let (known, what): (bool, &str) = match (is_first, is_filter) {
                (true, _) => (TAGS.contains(&word), "tag"),
                (false, true) => (FILTERS.contains(&word), "filter"),
                (false, false) => (VARIABLES.contains(&word) || WORDS.contains(&word), "variable"),
            };
            if !known {
                return wrong(unknown(word, what));
            }
            (is_first, is_filter) = (false, false);
            rest = &rest[end..];
            continue;
        }
        if matches!(next, '"' | '\'') {
            let Some(after) = behind_quotes(&rest[1..], next) else { return wrong("a quote is not closed".to_owned()) };
            rest = after;
            continue;
        }
        match next {
            '|' => is_filter = true,
            _ if next.is_whitespace() || SIGNS.contains(next) => {}
            // The end of a tag that takes the space behind it away.
            '-' | '+' if rest[1..].starts_with("}}") || rest[1..].starts_with("%}") => {}
            _ => return wrong(format!("`{next}` is not possible in a tag")),
        }
        rest = &rest[next.len_utf8()..];
    }
    Err((text.len(), "a tag is not closed".to_owned()))
}

fn unknown(word: &str, what: &str) -> String {
    let known: &[&str] = match what {
        "tag" => &TAGS,
        "filter" => &FILTERS,
        _ => &VARIABLES,
    };
    format!("there is no {what} `{word}`; there are {}", known.join(", "))
}

/// What stands behind the quote that closes `text`.
fn behind_quotes(text: &str, quote: char) -> Option<&str> {
    let mut is_escaped = false;
    for (place, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            one if one == quote => return Some(&text[place + one.len_utf8()..]),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;

    use super::{FILTERS, Facts, VARIABLES, filled, problem};

    const FACTS: Facts<'static> = Facts {
        id: "01K6P4E8G0ABCDEFGHJKMNPQRS",
        service: "checkout",
        title: "5xx {{ reason }} <b>",
        label: "SEV1",
        severity: "critical",
        priority: "SEV1",
        urgency: "high urgency",
        since: "03:12",
        since_full: "2026-10-04 03:12 (Asia/Tokyo)",
        runbook: "",
        details: "first\nsecond",
        reason: "step 1",
    };

    #[test]
    fn a_template_says_what_is_known() {
        for (template, said) in [
            ("{{ service }}: {{ title }}", "checkout: 5xx {{ reason }} <b>"),
            ("{% if priority == \"SEV1\" %}All hands: {% elif runbook %}x{% else %}y{% endif %}{{ service|upper }}", "All hands: CHECKOUT"),
            ("{{ details | first_line }}{# a comment {% for %} #}!", "first!"),
            ("{%- if not runbook and '*' not in title %}no runbook{% endif -%}", "no runbook"),
            ("{{ 'all' if priority == \"SEV1\" else 'one' }}", "all"),
            ("a { b } * {c", "a { b } * {c"),
            ("決済: {{ title }}", "決済: 5xx {{ reason }} <b>"),
        ] {
            assert_eq!(filled(template, &FACTS).unwrap(), said, "{template}");
        }
        for variable in VARIABLES {
            assert!(filled(&format!("{{{{ {variable} }}}}"), &Facts::default()).is_ok(), "{variable}");
        }
        for filter in FILTERS {
            assert!(filled(&format!("{{{{ title | {filter} }}}}"), &FACTS).is_ok(), "{filter}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (template, says) in [
            ("x\n{{ titel }}", "line 2: there is no variable `titel`; there are id, service, title"),
            ("{{ title | shout }}", "line 1: there is no filter `shout`; there are upper"),
            ("{% if false %}{{ titel }}{% endif %}", "line 1: there is no variable `titel`"),
            ("{% if severity is odd %}x{% endif %}", "line 1: there is no variable `is`"),
            ("{% if title %}", "line 1: "),
            ("{{ title", "line 1: a tag is not closed"),
            ("{{ 'title }}", "line 1: a quote is not closed"),
            ("a\nb\n{{ title title }}", "line 3: "),
        ] {
            let told = problem("subject", Language::En, template).unwrap_or_else(|| panic!("{template}")).to_string();
            assert!(told.starts_with(says), "{template}: {told}");
        }
        assert_eq!(problem("subject", Language::En, "{{ title }}"), None);
        for part in ["line", "subject", "body"] {
            for silent in ["{% if false %}x{% endif %}", "{# x #}", " "] {
                assert!(problem(part, Language::En, silent).is_some(), "{part}: {silent}");
            }
        }
    }

    /// A template that is stored although no check let it in must not take the function's memory or time with it.
    #[test]
    fn nothing_in_a_template_repeats_itself_or_grows() {
        for template in [
            "{% for a in title %}{% for b in title %}x{% endfor %}{% endfor %}",
            "{% set x = title ~ title %}{{ x }}",
            "{{ title * 99999999 }}",
            "{{ \"}}\" * 99999999 }}",
            "{{ ( \"}} {{\" * 99999999 ) }}",
            "{{ {\"a\": {\"b\": 1}} * 9999999 }}",
            "{{ 2 ** 99999999 }}",
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "{% include 'x' %}",
            "{% raw %}{{ title * 9 }}{% endraw %}",
            "{{ range(100000) }}",
            "{{ title.replace('a', 'b') }}",
            "{{ title | indent(99999999) }}",
            "{{ title[::-1] }}",
            "{% if severity == 'critical' %}{{ priority[::-1] }}{% endif %}",
            "{{ title[0] }}",
            "{{ ('a', 'b') }}",
            "{{ title.x }}",
            "{{ title / 0 }}",
            "{{ -title }}",
            "{{ title - title }}",
            "{{ '\\'}}' * 99999999 }}",
        ] {
            assert!(filled(template, &FACTS).is_err(), "{template}");
        }
        let long = "{{ details ~ details }}".repeat(80);
        let facts = Facts { details: &"x".repeat(4_000), ..FACTS };
        assert!(filled(&long, &facts).unwrap().len() <= 80 * 8_000);
    }

    #[test]
    fn a_line_whose_own_words_leave_no_room_for_what_happened_is_refused() {
        let words = |language, count: usize| problem("line", language, &format!("{}{{{{ title }}}}", "x".repeat(count)));
        assert_eq!((words(Language::En, 80), words(Language::Ja, 13)), (None, None));
        let told = words(Language::En, 81).unwrap().to_string();
        assert!(told.contains("take 81 characters") && told.contains("room for 80"), "{told}");
        assert!(words(Language::Ja, 14).unwrap().to_string().contains("room for 13"));
        assert!(problem("line", Language::En, &format!("決済 {}", "x".repeat(20))).is_some(), "one such character leaves 70");
        assert_eq!(problem("body", Language::En, &"x".repeat(500)), None);
    }
}
