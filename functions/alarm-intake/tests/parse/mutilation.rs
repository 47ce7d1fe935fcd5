//! Samples with one thing in them broken at a time.

use hansho_alarm_intake::parse::{AlarmTransition, Reading, parse};
use serde_json::{Value, json};

use crate::{assert_sizes, aws_events::assert_event_sizes, own_samples, published_samples, received_at};

/// Each field of each sample is removed, and replaced by everything that it should not be.
#[test]
fn no_mutilation_panics_or_turns_an_alarm_into_silence() {
    for (name, event) in own_samples().into_iter().chain(published_samples()) {
        let before = parse(&event, received_at());
        for mutant in mutants(&event) {
            let after = parse(&mutant, received_at());
            assert!(!after.is_empty());
            for record in &after {
                if let Reading::AwsEvent(read) = &record.reading {
                    assert_event_sizes(read);
                    let was_over = before.iter().any(|r| matches!(&r.reading, Reading::AwsEvent(event) if event.is_over));
                    let says_so = mutant.pointer("/detail/service/archived") == Some(&json!(true));
                    assert!(!read.is_over || was_over || says_so, "{name}: over out of nothing in {mutant}");
                }
                // A finding with anything broken in it pages, or is over as it was; it is never set aside.
                let was_event = before.iter().any(|r| matches!(r.reading, Reading::AwsEvent(_)));
                let is_aside = matches!(&record.reading, Reading::NothingToOpen { .. });
                assert!(!(was_event && is_aside && is_still_an_event(&mutant)), "{name}: a finding is silent in {mutant}");
                let Reading::Alarm(read) = &record.reading else { continue };
                assert_sizes(read);
                let was = |property: &dyn Fn(&AlarmTransition) -> bool| {
                    before.iter().any(|r| matches!(&r.reading, Reading::Alarm(a) if property(a)))
                };
                assert!(was(&|a| a.state == read.state), "{name}: {:?} out of nothing in {mutant}", read.state);
                assert!(read.suppressed_by.is_none() || was(&|a| a.suppressed_by.is_some()), "{name}: suppressed in {mutant}");
                assert!(read.muted.is_none() || was(&|a| a.muted.is_some()), "{name}: muted in {mutant}");
                // The OK of a contributor that is taken for the alarm's would resolve too much.
                assert!(read.contributor.is_some() || was(&|a| a.contributor.is_none()), "{name}: the contributor is lost in {mutant}");
            }
        }
    }
}

/// Nothing in it makes it a message of another kind.
fn is_still_an_event(mutant: &Value) -> bool {
    mutant.get("Type").is_none()
}

fn mutants(value: &Value) -> Vec<Value> {
    let wrong = || {
        [
            json!(null),
            json!(true),
            json!(0),
            json!(-1e300),
            json!(""),
            json!("x"),
            json!("\u{0}\u{202e}半鐘…"),
            json!([]),
            json!({}),
            json!([[{ "a": [] }]]),
        ]
    };
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, inner)| {
                let put = |new: Value| {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), new);
                    Value::Object(fields)
                };
                let mut without = fields.clone();
                without.remove(name);
                let replaced: Vec<Value> = wrong().into_iter().chain(mutants(inner)).map(put).collect();
                replaced.into_iter().chain([Value::Object(without)])
            })
            .collect(),
        Value::Array(elements) => (0..elements.len())
            .flat_map(|place| {
                let put = |new: Value| {
                    let mut elements = elements.clone();
                    elements[place] = new;
                    Value::Array(elements)
                };
                let mut without = elements.clone();
                without.remove(place);
                let replaced: Vec<Value> = wrong().into_iter().chain(mutants(&elements[place])).map(put).collect();
                replaced.into_iter().chain([Value::Array(without)])
            })
            .collect(),
        // JSON in a string: its inside, and where it is cut off.
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner) if inner.is_object() => {
                let cut = [1, text.len() / 2, text.len() - 1].map(|end| json!(text[..text.floor_char_boundary(end)]));
                mutants(&inner).iter().map(|m| json!(m.to_string())).chain(cut).collect()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
