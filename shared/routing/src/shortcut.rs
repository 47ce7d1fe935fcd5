//! Most conditions compare a fact with words: those are answered without the language's own evaluation, which looks every name and
//! operator up anew and copies every literal. Where the answer is not plain (a fact is missing or is no text), there is none here, and
//! the language decides.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};

use crate::{facts::Fact, scope::Known};

/// A condition over facts and words.
#[derive(Debug)]
pub(crate) enum Shortcut {
    /// The second is looked at where the first holds.
    And(Box<Shortcut>, Box<Shortcut>),
    /// The second is looked at where the first does not hold.
    Or(Box<Shortcut>, Box<Shortcut>),
    Not(Box<Shortcut>),
    /// There is an entry of this name.
    Has(Place, String),
    /// What a text is compared with.
    Compared(Place, Comparison, String),
    /// The text is one of these words.
    In(Place, Vec<String>),
}

/// How a text is compared with a word.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Comparison {
    Equals,
    Differs,
    Contains,
    StartsWith,
    EndsWith,
}

/// Where a fact is: a name, and the entries on the way from there.
#[derive(Debug)]
pub(crate) struct Place {
    name: String,
    fields: Vec<String>,
}

impl Shortcut {
    /// What the condition is, if it is one of these and nothing else.
    pub(crate) fn of(condition: &IdedExpr) -> Option<Self> {
        match &condition.expr {
            Expr::Call(call) => Self::of_call(call),
            Expr::Select(select) if select.test => Some(Self::Has(Place::of(&select.operand)?, select.field.clone())),
            _ => None,
        }
    }

    fn of_call(call: &CallExpr) -> Option<Self> {
        match (call.func_name.as_str(), call.target.as_deref(), call.args.as_slice()) {
            (operators::LOGICAL_AND, None, [first, second]) => Some(Self::And(Box::new(Self::of(first)?), Box::new(Self::of(second)?))),
            (operators::LOGICAL_OR, None, [first, second]) => Some(Self::Or(Box::new(Self::of(first)?), Box::new(Self::of(second)?))),
            (operators::LOGICAL_NOT, None, [one]) => Some(Self::Not(Box::new(Self::of(one)?))),
            (operators::EQUALS, None, [one, other]) => Self::compared(one, Comparison::Equals, other),
            (operators::NOT_EQUALS, None, [one, other]) => Self::compared(one, Comparison::Differs, other),
            (operators::IN, None, [place, list]) => {
                let Expr::List(list) = &list.expr else { return None };
                let words: Option<Vec<String>> = list.elements.iter().map(|element| word(element).map(str::to_owned)).collect();
                Some(Self::In(Place::of(place)?, words?))
            }
            ("contains", Some(place), [text]) => Self::compared(place, Comparison::Contains, text),
            ("startsWith", Some(place), [text]) => Self::compared(place, Comparison::StartsWith, text),
            ("endsWith", Some(place), [text]) => Self::compared(place, Comparison::EndsWith, text),
            _ => None,
        }
    }

    fn compared(place: &IdedExpr, how: Comparison, with: &IdedExpr) -> Option<Self> {
        Some(Self::Compared(Place::of(place)?, how, word(with)?.to_owned()))
    }

    /// Whether it holds; `None`: the language has to say.
    pub(crate) fn holds(&self, known: &Known<'_>) -> Option<bool> {
        match self {
            Self::And(first, second) => {
                if first.holds(known)? {
                    second.holds(known)
                } else {
                    Some(false)
                }
            }
            Self::Or(first, second) => {
                if first.holds(known)? {
                    Some(true)
                } else {
                    second.holds(known)
                }
            }
            Self::Not(one) => one.holds(known).map(|holds| !holds),
            Self::Has(place, name) => place.fact(known)?.has(name),
            Self::Compared(place, how, word) => {
                let text = place.fact(known)?.as_text()?;
                Some(match how {
                    Comparison::Equals => text == word,
                    Comparison::Differs => text != word,
                    Comparison::Contains => text.contains(word.as_str()),
                    Comparison::StartsWith => text.starts_with(word.as_str()),
                    Comparison::EndsWith => text.ends_with(word.as_str()),
                })
            }
            Self::In(place, words) => {
                let text = place.fact(known)?.as_text()?;
                Some(words.iter().any(|word| word == text))
            }
        }
    }
}

impl Place {
    fn of(node: &IdedExpr) -> Option<Self> {
        let (mut node, mut fields) = (node, Vec::new());
        loop {
            match &node.expr {
                Expr::Ident(name) => {
                    fields.reverse();
                    return Some(Self { name: name.clone(), fields });
                }
                Expr::Select(select) if !select.test => {
                    fields.push(select.field.clone());
                    node = &select.operand;
                }
                Expr::Call(call) if call.func_name == operators::INDEX => {
                    let [of, key] = call.args.as_slice() else { return None };
                    fields.push(word(key)?.to_owned());
                    node = of;
                }
                _ => return None,
            }
        }
    }

    fn fact<'k, 'e>(&self, known: &'k Known<'e>) -> Option<&'k Fact<'e>> {
        self.fields.iter().try_fold(known.fact(&self.name)?, |fact, field| fact.entry(field))
    }
}

/// A text that is written out.
fn word(node: &IdedExpr) -> Option<&str> {
    match &node.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}
