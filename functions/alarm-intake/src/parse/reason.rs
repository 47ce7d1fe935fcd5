//! Reads an alarm's state reason, the one place that has the observed value on every route:
//!
//! > Threshold Crossed: 1 out of the last 1 datapoints \[12.0 (20/11/26 18:11:00)\] was greater than the threshold (1.0) ...
//!
//! It is prose written by CloudWatch (or by whoever called `SetAlarmState`), so everything here may find nothing.

/// How an alarm compares a value with its bound.
#[derive(Clone, Copy)]
enum Operator {
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// A bound that values are compared with.
struct Comparison<'a> {
    operator: Operator,
    /// The bound as CloudWatch wrote it: `1.0`.
    bound: &'a str,
}

/// The words before a bound. "greater than or equal to" ends in no other one of these.
const OPERATORS: [(&str, Operator); 4] = [
    ("greater than or equal to", Operator::AtLeast),
    ("less than or equal to", Operator::AtMost),
    ("greater than", Operator::Above),
    ("less than", Operator::Below),
];
/// What a bound follows. An anomaly alarm has a lower one, an upper one or both.
const BOUNDS: [&str; 3] = ["the threshold (", "the lower thresholds [", "the upper thresholds ["];

/// The newest value in the reason: CloudWatch lists them newest first, each with its time in brackets.
fn observed(reason: &str) -> Option<&str> {
    let lists = reason.split('[').skip(1).filter_map(|rest| rest.split_once(']'));
    let (values, _) = lists.into_iter().find(|(values, _)| values.contains(" ("))?;
    let (value, _) = values.split_once(' ')?;
    value.parse::<f64>().is_ok().then_some(value)
}

/// The bounds in the reason and how the alarm compares, in the order of the text. "was not greater than" names the
/// same bound as "was greater than".
fn comparisons(reason: &str) -> Vec<Comparison<'_>> {
    let mut found: Vec<(usize, Comparison<'_>)> = Vec::new();
    for words in BOUNDS {
        for (place, _) in reason.match_indices(words) {
            let before = reason[..place].trim_end();
            let operator = OPERATORS.iter().find(|(words, _)| before.ends_with(words)).map(|(_, operator)| *operator);
            let bound = reason[place + words.len()..].split([')', ']', ',']).next().unwrap_or("");
            if let (Some(operator), Ok(_)) = (operator, bound.parse::<f64>()) {
                found.push((place, Comparison { operator, bound }));
            }
        }
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, comparison)| comparison).collect()
}

/// `> 1.0`, or `< 0.2 or > 0.9` for a band.
pub(super) fn threshold(reason: &str) -> Option<String> {
    let labels: Vec<String> = comparisons(reason).iter().map(|c| format!("{} {}", c.operator.sign(), short(c.bound))).collect();
    (!labels.is_empty()).then(|| labels.join(" or "))
}

/// `12.0 > 1.0`, if the reason names both and the comparison is true.
pub(super) fn crossing(reason: &str) -> Option<String> {
    let observed = observed(reason)?;
    let crossed = comparisons(reason).into_iter().find(|c| c.operator.holds(observed, c.bound))?;
    let (value, bound) = (short(observed), short(crossed.bound));
    // Rounding must not turn 1.00004123 > 1.0 into 1 > 1.0.
    match crossed.operator.holds(&value, &bound) {
        true => Some(format!("{value} {} {bound}", crossed.operator.sign())),
        false => Some(format!("{observed} {} {}", crossed.operator.sign(), crossed.bound)),
    }
}

/// `checkout-5xx-rate transitioned to ALARM`: what tripped a composite alarm.
pub(super) fn tripped_by(reason: &str) -> Option<String> {
    let (before, after) = reason.split_once(" transitioned to ")?;
    let (_, child) = before.rsplit_once(":alarm:")?;
    let state = after.split_whitespace().next()?;
    Some(format!("{child} transitioned to {state}"))
}

/// The reason without CloudWatch's opening words.
pub(super) fn gist(reason: &str) -> &str {
    let reason = reason.trim();
    ["Threshold Crossed: ", "Thresholds Crossed: "].iter().find_map(|words| reason.strip_prefix(words)).unwrap_or(reason)
}

/// Four significant digits of a number that has more: `99.50160229693434` becomes `99.5`.
pub(super) fn short(number: &str) -> String {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    match number.parse::<f64>() {
        Ok(value) if digits > 6 && value.is_finite() => significant(value),
        _ => number.to_owned(),
    }
}

fn significant(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e12).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    let decimals = [1000.0, 100.0, 10.0, 1.0, 0.1, 0.01, 0.001].iter().position(|step| magnitude >= *step).unwrap_or(7);
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

impl Operator {
    fn sign(self) -> &'static str {
        match self {
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }

    fn holds(self, value: &str, bound: &str) -> bool {
        let (Ok(value), Ok(bound)) = (value.parse::<f64>(), bound.parse::<f64>()) else {
            return false;
        };
        match self {
            Self::Above => value > bound,
            Self::AtLeast => value >= bound,
            Self::Below => value < bound,
            Self::AtMost => value <= bound,
        }
    }
}

/// The sign for a `ComparisonOperator` of CloudWatch's API; none for the ones of anomaly alarms, which have no number.
pub(super) fn sign_of(comparison_operator: &str) -> Option<&'static str> {
    let operator = match comparison_operator {
        "GreaterThanThreshold" => Operator::Above,
        "GreaterThanOrEqualToThreshold" => Operator::AtLeast,
        "LessThanThreshold" => Operator::Below,
        "LessThanOrEqualToThreshold" => Operator::AtMost,
        _ => return None,
    };
    Some(operator.sign())
}
