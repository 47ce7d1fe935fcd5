//! JUnit's XML, as CI systems read it: <testsuites>, <testsuite>, <testcase>, <failure>
//! (https://github.com/testmoapp/junitxml describes what they agree on).

use std::fmt::Write as _;

/// One test as a report shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    /// Its name.
    pub(super) name: String,
    /// The file that it stands in.
    pub(super) file: String,
    /// The line, from 1; 0 where the file as a whole is meant.
    pub(super) line: u32,
    /// What is not as it should be; empty when all is well.
    pub(super) failures: Vec<String>,
}

/// The report of one suite.
pub(super) fn report(suite: &str, cases: &[Case]) -> String {
    let failed = cases.iter().filter(|case| !case.failures.is_empty()).count();
    let counts = format!("tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\"", cases.len());
    let suite = escaped(suite);
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.push_str(&format!("<testsuites {counts}>\n  <testsuite name=\"{suite}\" {counts}>\n"));
    for case in cases {
        // Writing to a string does not fail.
        let _ = write!(xml, "    <testcase name=\"{}\" classname=\"{}\"", escaped(&case.name), escaped(&case.file));
        let _ = write!(xml, " file=\"{}\" line=\"{}\"", escaped(&case.file), case.line);
        if case.failures.is_empty() {
            xml.push_str("/>\n");
            continue;
        }
        xml.push_str(">\n");
        for failure in &case.failures {
            let failure = escaped(failure);
            let _ = writeln!(xml, "      <failure type=\"expectation\" message=\"{failure}\">{failure}</failure>");
        }
        xml.push_str("    </testcase>\n");
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

/// Text that stands in an attribute or an element. What XML 1.0 does not allow at all (section 2.2) becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use xmlparser::{ElementEnd, Token, Tokenizer};

    use super::{Case, report};

    #[test]
    fn a_report_is_well_formed_xml_whatever_names_and_sentences_hold() {
        let hostile = "a<b>&\"c'\n\t\u{0}\u{1b}[31m]]> 佐藤 \u{FFFF}";
        let case = |failures: &[&str]| Case {
            name: hostile.to_owned(),
            file: "on-call/<x>.yaml".to_owned(),
            line: 3,
            failures: failures.iter().map(|text| (*text).to_owned()).collect(),
        };
        let xml = report(hostile, &[case(&[]), case(&[hostile, "plain"])]);
        let (mut open, mut cases, mut failures) = (0, 0, 0);
        for token in Tokenizer::from(xml.as_str()) {
            match token.unwrap() {
                Token::ElementStart { local, .. } => {
                    open += 1;
                    cases += usize::from(local.as_str() == "testcase");
                    failures += usize::from(local.as_str() == "failure");
                }
                Token::ElementEnd { end: ElementEnd::Close(..) | ElementEnd::Empty, .. } => open -= 1,
                _ => {}
            }
        }
        assert_eq!((open, cases, failures), (0, 2, 2), "{xml}");
        assert!(xml.contains("tests=\"2\" failures=\"1\""), "{xml}");
        assert!(!xml.contains('\u{1b}') && !xml.contains('\u{0}'), "{xml}");
    }
}
