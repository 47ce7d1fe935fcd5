//! Answers in XML, as SNS, STS and the older interface of SES give them, as the JSON that the others would give.

use serde_json::{Map, Value};
use xmlparser::{ElementEnd, Token, Tokenizer};

/// Deepest element that is read: answers of AWS have not half as many levels.
const DEPTH_MAX: usize = 32;

/// What is inside of the outermost element: elements by their names, a list where a name comes twice or where it is `member` or
/// `entry`, and text where there is nothing else. `None` when it is no XML.
pub(super) fn value(text: &str) -> Option<Value> {
    let mut open: Vec<(String, Map<String, Value>, String)> = Vec::new();
    for token in Tokenizer::from(text) {
        match token.ok()? {
            Token::ElementStart { local, .. } if open.len() < DEPTH_MAX => open.push((local.to_string(), Map::new(), String::new())),
            Token::ElementStart { .. } => return None,
            Token::Text { text } | Token::Cdata { text, .. } => {
                if let Some((_, _, said)) = open.last_mut() {
                    said.push_str(&unescaped(&text));
                }
            }
            Token::ElementEnd { end: ElementEnd::Close(..) | ElementEnd::Empty, .. } => {
                let (name, members, said) = open.pop()?;
                let closed = if members.is_empty() { Value::String(said.trim().to_owned()) } else { Value::Object(members) };
                match open.last_mut() {
                    Some((_, outer, _)) => put(outer, name, closed),
                    None => return Some(closed),
                }
            }
            _ => {}
        }
    }
    None
}

fn put(outer: &mut Map<String, Value>, name: String, value: Value) {
    let is_list = matches!(name.as_str(), "member" | "entry");
    match outer.get_mut(&name) {
        Some(Value::Array(list)) => list.push(value),
        Some(one) => *one = Value::Array(vec![one.take(), value]),
        None => {
            outer.insert(name, if is_list { Value::Array(vec![value]) } else { value });
        }
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#xD;", "").replace("&apos;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::value;

    #[test]
    fn an_answer_in_xml_is_read_as_one_in_json() {
        let text = "<?xml version=\"1.0\"?><R xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><GetSMSAttributesResult><attributes>\
            <entry><key>MonthlySpendLimit</key><value>50</value></entry></attributes></GetSMSAttributesResult><Empty/></R>";
        let read = value(text).unwrap();
        assert_eq!(read["GetSMSAttributesResult"]["attributes"]["entry"], json!([{ "key": "MonthlySpendLimit", "value": "50" }]));
        assert_eq!(read["Empty"], "");
        assert_eq!(value("<a><b>1 &amp; 2</b><b>&lt;3</b></a>").unwrap(), json!({ "b": ["1 & 2", "<3"] }));
        for broken in ["", "{}", "<a><b></a>", "<a>"] {
            assert!(value(broken).is_none_or(|read| read != json!({})), "{broken}");
        }
        assert_eq!(value(&"<a>".repeat(100)), None);
    }
}
