//! What is known of an expression before any alert: of which kind its value is, and whether it can ever be true.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};
use hansho_domain::{Labels, text::cut};

use crate::function::{LOWER, MATCHES, STRING};

/// Words that `severity` is one of.
const SEVERITIES: [&str; 4] = ["critical", "error", "warning", "info"];
/// Words that `priority` is one of.
const PRIORITIES: [&str; 4] = ["SEV1", "SEV2", "SEV3", "SEV4"];

/// Of which kind a value is, as far as that is the same for every alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unknown,
    Bool,
    Number,
    Text,
    /// A text, or null where nobody says.
    Word,
    List,
    Map,
    Null,
}

/// What is known of an expression.
struct Known {
    kind: Kind,
    /// Why it is true for no alert, if that is so.
    never_true: Option<String>,
    /// Why it is false for no alert.
    never_false: Option<String>,
}

/// Why a condition that asks for what can not be is true for no alert; `None` where there may be one.
///
/// # Errors
/// It can be no condition: it, or a side of `&&`, `||` or `!` in it, is neither true nor false.
pub(crate) fn never_true(condition: &IdedExpr) -> Result<Option<String>, String> {
    let known = known(condition)?;
    match known.kind {
        Kind::Unknown | Kind::Bool => Ok(known.never_true),
        kind => Err(format!("is {}, and a condition is true or false{}", kind.told(), MEANT)),
    }
}

/// What is meant, for those who wrote a fact for a condition.
const MEANT: &str = "; compare it, such as severity == \"critical\" (条件は真偽で書く)";

impl Kind {
    fn told(self) -> &'static str {
        match self {
            Self::Unknown => "something",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::Text | Self::Word => "a text",
            Self::List => "a list",
            Self::Map => "a map",
            Self::Null => "null",
        }
    }

    /// Whether values of these kinds may be equal.
    fn may_equal(self, other: Self) -> bool {
        let is_either = |one, two| (self, other) == (one, two) || (other, self) == (one, two);
        self == Self::Unknown
            || other == Self::Unknown
            || self == other
            || is_either(Self::Word, Self::Text)
            || is_either(Self::Word, Self::Null)
    }

    /// Whether one may be less than the other.
    fn may_compare(self, other: Self) -> bool {
        let is_ordered = |kind| !matches!(kind, Self::List | Self::Map | Self::Null);
        is_ordered(self) && is_ordered(other) && self.may_equal(other)
    }
}

impl Known {
    fn of(kind: Kind) -> Self {
        Self { kind, never_true: None, never_false: None }
    }

    /// It goes wrong for every alert, which is neither true nor false.
    fn failing(kind: Kind, why: String) -> Self {
        Self { kind, never_true: Some(why.clone()), never_false: Some(why) }
    }

    fn never(why: String) -> Self {
        Self { never_true: Some(why), ..Self::of(Kind::Bool) }
    }
}

fn known(node: &IdedExpr) -> Result<Known, String> {
    Ok(match &node.expr {
        Expr::Unspecified | Expr::Struct(_) => Known::of(Kind::Unknown),
        Expr::Literal(literal) => of_literal(literal),
        Expr::Ident(name) => Known::of(of_variable(name)),
        Expr::Select(select) => {
            let kind = if select.test { Kind::Bool } else { of_field(&select.operand) };
            match misspelt(&select.operand, &select.field) {
                Some(why) => Known::failing(kind, why),
                None => Known::of(kind),
            }
        }
        Expr::Call(call) => of_call(call)?,
        Expr::List(list) => {
            list.elements.iter().try_for_each(|element| known(element).map(|_| ()))?;
            Known::of(Kind::List)
        }
        Expr::Map(_) => Known::of(Kind::Map),
        // What it begins with is what it comes to: true or false, a number, a list.
        Expr::Comprehension(c) => match (known(&c.result)?.kind, &c.result.expr) {
            (Kind::Unknown, Expr::Ident(name)) if *name == c.accu_var => Known::of(known(&c.accu_init)?.kind),
            (kind, _) => Known::of(kind),
        },
    })
}

fn of_literal(literal: &LiteralValue) -> Known {
    match literal {
        LiteralValue::Boolean(value) => {
            let is = *value.inner();
            let why = |is: bool| is.then(|| "it is false, written out".to_owned());
            Known { kind: Kind::Bool, never_true: why(!is), never_false: is.then(|| "it is true, written out".to_owned()) }
        }
        LiteralValue::String(_) => Known::of(Kind::Text),
        LiteralValue::Int(_) | LiteralValue::UInt(_) | LiteralValue::Double(_) => Known::of(Kind::Number),
        LiteralValue::Null => Known::of(Kind::Null),
        LiteralValue::Bytes(_) => Known::of(Kind::Unknown),
    }
}

fn of_variable(name: &str) -> Kind {
    match name {
        "labels" | "headers" => Kind::Map,
        "recipients" => Kind::List,
        "title" | "details" | "dedup_key" | "integration" | "service" | "source" => Kind::Text,
        "severity" | "priority" | "link" | "runbook" => Kind::Word,
        _ => Kind::Unknown,
    }
}

/// What a field or an element is.
fn of_field(of: &IdedExpr) -> Kind {
    match &of.expr {
        Expr::Ident(name) if matches!(name.as_str(), "labels" | "headers" | "recipients") => Kind::Text,
        _ => Kind::Unknown,
    }
}

/// Why no alert has a label or a header of this name.
fn misspelt(of: &IdedExpr, name: &str) -> Option<String> {
    let Expr::Ident(map) = &of.expr else { return None };
    let lower = name.to_ascii_lowercase();
    match map.as_str() {
        "labels" if Labels::key(name).is_none() => Some(format!("no label can be called {:?}", cut(name, 60))),
        "labels" | "headers" if lower != name => {
            Some(format!("names in `{map}` are in lower case; write {map}[\"{}\"] (名前は小文字)", cut(&lower, 60)))
        }
        _ => None,
    }
}

fn of_call(call: &CallExpr) -> Result<Known, String> {
    let args: Vec<Known> = call.args.iter().map(known).collect::<Result<_, _>>()?;
    let target = call.target.as_deref().map(known).transpose()?;
    Ok(match (call.func_name.as_str(), args.as_slice()) {
        (operators::LOGICAL_AND, [one, two]) => {
            logical(call, &args)?;
            let both = one.never_false.clone().and(two.never_false.clone());
            Known { kind: Kind::Bool, never_true: one.never_true.clone().or_else(|| two.never_true.clone()), never_false: both }
        }
        (operators::LOGICAL_OR, [one, two]) => {
            logical(call, &args)?;
            let both = one.never_true.clone().and(two.never_true.clone());
            Known { kind: Kind::Bool, never_true: both, never_false: one.never_false.clone().or_else(|| two.never_false.clone()) }
        }
        (operators::LOGICAL_NOT, [one]) => {
            logical(call, &args)?;
            Known { kind: Kind::Bool, never_true: one.never_false.clone(), never_false: one.never_true.clone() }
        }
        (operators::CONDITIONAL, [_, yes, no]) => {
            let kind = if yes.kind == no.kind { yes.kind } else { Kind::Unknown };
            Known { kind, never_true: yes.never_true.clone().and(no.never_true.clone()), never_false: None }
        }
        (operators::EQUALS, [one, two]) => of_equality(call, one, two),
        (operators::NOT_EQUALS, [one, two]) => {
            let equality = of_equality(call, one, two);
            // What goes wrong is neither the same nor another.
            let never_true = equality.never_false.clone().filter(|_| equality.never_true.is_some());
            Known { never_true, never_false: equality.never_true, ..equality }
        }
        (operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS, [one, two]) => failed(&args)
            .unwrap_or_else(|| match one.kind.may_compare(two.kind) {
                true => Known::of(Kind::Bool),
                false => Known::failing(Kind::Bool, unlike(&call.args, one.kind, two.kind)),
            }),
        (operators::IN, [_, list]) => of_membership(call, list.kind),
        (operators::INDEX, [_, _]) => of_index(call),
        (operators::ADD, [one, two]) => {
            let kind = if one.kind == two.kind { one.kind } else { Kind::Unknown };
            failed(&args).map_or(Known::of(kind), |failed| Known { kind, ..failed })
        }
        ("contains" | "startsWith" | "endsWith" | MATCHES, _) => of_search(call, target),
        (LOWER | STRING, _) => Known::of(Kind::Text),
        ("size" | "int" | "double", _) => Known::of(Kind::Number),
        (operators::NOT_STRICTLY_FALSE, _) => Known::of(Kind::Bool),
        _ => Known::of(Kind::Unknown),
    })
}

/// Both sides have to be true or false.
fn logical(call: &CallExpr, args: &[Known]) -> Result<(), String> {
    let sign = match call.func_name.as_str() {
        operators::LOGICAL_AND => "&&",
        operators::LOGICAL_OR => "||",
        _ => "!",
    };
    let wrong = call.args.iter().zip(args).find(|(_, known)| !matches!(known.kind, Kind::Unknown | Kind::Bool));
    wrong.map_or(Ok(()), |(side, known)| {
        Err(format!("has {} beside `{sign}`, which is {} and neither true nor false{MEANT}", path(side), known.kind.told()))
    })
}

/// What goes wrong on the way to a comparison goes wrong with it.
fn failed(args: &[Known]) -> Option<Known> {
    let why = args.iter().find(|known| known.never_true.is_some() && known.never_false.is_some())?.never_true.clone()?;
    Some(Known::failing(Kind::Bool, why))
}

fn of_equality(call: &CallExpr, one: &Known, two: &Known) -> Known {
    let is_of_booleans = one.kind == Kind::Bool && two.kind == Kind::Bool;
    if let Some(failed) = [one, two].into_iter().find(|side| !is_of_booleans && side.never_true.is_some() && side.never_false.is_some()) {
        return Known::failing(Kind::Bool, failed.never_true.clone().unwrap_or_default());
    }
    if !one.kind.may_equal(two.kind) {
        return Known::never(unlike(&call.args, one.kind, two.kind));
    }
    let word = match call.args.as_slice() {
        [fact, word] => no_word(fact, word).or_else(|| no_word(word, fact)),
        _ => None,
    };
    word.map_or(Known::of(Kind::Bool), Known::never)
}

/// Why a fact that is one of a few words is never this one.
fn no_word(fact: &IdedExpr, word: &IdedExpr) -> Option<String> {
    let (Expr::Ident(name), Expr::Literal(LiteralValue::String(word))) = (&fact.expr, &word.expr) else { return None };
    let words = match name.as_str() {
        "severity" => SEVERITIES,
        "priority" => PRIORITIES,
        _ => return None,
    };
    let word = word.inner();
    (!words.contains(&word))
        .then(|| format!("`{name}` is never {:?}; it is one of {} (その値にはならない)", cut(word, 60), words.join(", ")))
}

fn of_membership(call: &CallExpr, kind: Kind) -> Known {
    let [element, list] = call.args.as_slice() else { return Known::of(Kind::Bool) };
    match (&element.expr, &list.expr) {
        (_, Expr::List(written)) if !written.elements.is_empty() => {
            let mut each = written.elements.iter().map(|word| no_word(element, word));
            let first = each.next().flatten();
            match first.filter(|_| each.all(|never| never.is_some())) {
                Some(why) => Known::never(why),
                None => Known::of(Kind::Bool),
            }
        }
        (Expr::Literal(LiteralValue::String(name)), _) if kind == Kind::Map => {
            misspelt(list, name.inner()).map_or(Known::of(Kind::Bool), Known::never)
        }
        _ if matches!(kind, Kind::Unknown | Kind::List | Kind::Map) => Known::of(Kind::Bool),
        _ => Known::failing(Kind::Bool, format!("{} is {} and holds nothing to be in", path(list), kind.told())),
    }
}

fn of_index(call: &CallExpr) -> Known {
    let [map, name] = call.args.as_slice() else { return Known::of(Kind::Unknown) };
    let kind = of_field(map);
    let Expr::Literal(LiteralValue::String(name)) = &name.expr else { return Known::of(kind) };
    misspelt(map, name.inner()).map_or(Known::of(kind), |why| Known::failing(kind, why))
}

/// A search in a text.
fn of_search(call: &CallExpr, target: Option<Known>) -> Known {
    let (Some(node), Some(target)) = (call.target.as_deref(), target) else { return Known::of(Kind::Bool) };
    if let (Some(why), Some(_)) = (target.never_true, target.never_false) {
        return Known::failing(Kind::Bool, why);
    }
    match target.kind {
        Kind::Unknown | Kind::Text | Kind::Word => Known::of(Kind::Bool),
        kind => Known::failing(Kind::Bool, format!("{} is {} and no text, so `{}` fails", path(node), kind.told(), call.func_name)),
    }
}

fn unlike(args: &[IdedExpr], one: Kind, two: Kind) -> String {
    let each: Vec<String> = args.iter().zip([one, two]).map(|(side, kind)| format!("{} is {}", path(side), kind.told())).collect();
    let number = if [one, two].contains(&Kind::Number) { "; write int(...) around a text that is a number" } else { "" };
    format!("{}, which are never alike{number} (型が異なる)", each.join(" and "))
}

/// An expression in a few words.
fn path(node: &IdedExpr) -> String {
    match &node.expr {
        Expr::Ident(name) => format!("`{name}`"),
        Expr::Select(select) => match &select.operand.expr {
            Expr::Ident(of) => format!("`{of}.{}`", cut(&select.field, 60)),
            _ => format!("`....{}`", cut(&select.field, 60)),
        },
        Expr::Literal(LiteralValue::String(text)) => format!("{:?}", cut(text.inner(), 60)),
        Expr::Literal(LiteralValue::Int(number)) => number.inner().to_string(),
        Expr::Literal(LiteralValue::Boolean(value)) => value.inner().to_string(),
        _ => "a part of it".to_owned(),
    }
}
