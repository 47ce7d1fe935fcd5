//! What CI systems agree on about JUnit's XML (https://github.com/testmoapp/junitxml): which elements stand in which, with which attributes.

use std::collections::{BTreeMap, BTreeSet};

use xmlparser::{ElementEnd, Token, Tokenizer};

/// Element, the element around it, the attributes it must have, those it may have.
type Rule = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const RULES: [Rule; 4] = [
    ("testsuites", "", &[], &["name", "tests", "failures", "errors", "skipped", "assertions", "time", "timestamp"]),
    ("testsuite", "testsuites", &["name"], &["tests", "failures", "errors", "skipped", "assertions", "time", "timestamp", "file"]),
    ("testcase", "testsuite", &["name", "classname"], &["assertions", "time", "file", "line"]),
    ("failure", "testcase", &["message", "type"], &[]),
];
/// Attributes that are counts.
const COUNTS: [&str; 6] = ["tests", "failures", "errors", "skipped", "assertions", "line"];

struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    children: usize,
    failing: usize,
}

/// Fails where the report is not one that CI systems read, or its counts are not those of its cases.
#[track_caller]
pub(crate) fn assert_valid(xml: &str) {
    let mut around: Vec<Element> = Vec::new();
    let mut cases = BTreeSet::new();
    for token in Tokenizer::from(xml) {
        match token.unwrap() {
            Token::ElementStart { local, .. } => {
                let element = Element { name: local.to_string(), attributes: BTreeMap::new(), children: 0, failing: 0 };
                around.push(element);
            }
            Token::Attribute { local, value, .. } => {
                let known = around.last_mut().unwrap().attributes.insert(local.to_string(), value.to_string());
                assert!(known.is_none(), "{local} twice:\n{xml}");
            }
            Token::ElementEnd { end: ElementEnd::Open, .. } => check(&around, &mut cases, xml),
            Token::ElementEnd { end: ElementEnd::Empty, .. } => {
                check(&around, &mut cases, xml);
                close(&mut around, xml);
            }
            Token::ElementEnd { end: ElementEnd::Close(_, local), .. } => {
                assert_eq!(around.last().unwrap().name, local.as_str(), "{xml}");
                close(&mut around, xml);
            }
            _ => {}
        }
    }
    assert!(around.is_empty() && !cases.is_empty(), "{xml}");
}

fn check(around: &[Element], cases: &mut BTreeSet<(String, String)>, xml: &str) {
    let (element, parent) = (around.last().unwrap(), around.len().checked_sub(2).map_or("", |place| around[place].name.as_str()));
    let rule = RULES.iter().find(|(name, ..)| *name == element.name);
    let (_, inside, required, optional) = rule.unwrap_or_else(|| panic!("<{}> is no element of a report:\n{xml}", element.name));
    assert_eq!(*inside, parent, "<{}> stands in <{parent}>:\n{xml}", element.name);
    for name in *required {
        assert!(element.attributes.get(*name).is_some_and(|value| !value.is_empty()), "<{}> has no {name}:\n{xml}", element.name);
    }
    for (name, value) in &element.attributes {
        assert!(required.contains(&name.as_str()) || optional.contains(&name.as_str()), "<{}> has {name}:\n{xml}", element.name);
        assert!(!COUNTS.contains(&name.as_str()) || value.parse::<u32>().is_ok(), "{name} is {value}:\n{xml}");
    }
    if element.name == "testcase" {
        let name = (element.attributes["classname"].clone(), element.attributes["name"].clone());
        assert!(cases.insert(name.clone()), "two cases are called {name:?}:\n{xml}");
    }
}

/// Counts the element in the one around it, and compares what it says of its own cases.
fn close(around: &mut Vec<Element>, xml: &str) {
    let element = around.pop().unwrap();
    let (children, failing) = match element.name.as_str() {
        "testcase" => (1, usize::from(element.children > 0)),
        "failure" => (1, 0),
        _ => {
            for (name, counted) in [("tests", element.children), ("failures", element.failing)] {
                assert_eq!(element.attributes.get(name), Some(&counted.to_string()), "{name} of <{}>:\n{xml}", element.name);
            }
            (element.children, element.failing)
        }
    };
    if let Some(parent) = around.last_mut() {
        parent.children += children;
        parent.failing += failing;
    }
}
