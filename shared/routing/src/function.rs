//! What expressions can call.

use std::sync::{Arc, LazyLock};

use cel::{
    Env, ExecutionError,
    common::{
        ast::operators,
        types::{self, CelBool, CelDouble, CelInt, CelString, CelUInt, Type},
        value::{CowVal, StaticVal, Val},
    },
};
use regex::Regex;

use crate::check::regex;

pub(crate) const MATCHES: &str = "matches";
pub(crate) const LOWER: &str = "lowerAscii";
/// `string`, which the language has too; theirs makes up the digits of a number that are not known.
pub(crate) const STRING: &str = "@string";

/// From here on JSON's whole numbers may have digits that are not known: 2^63, and an unsigned one that fits is no float.
pub(crate) const UNKNOWN_DIGITS_MIN: f64 = 9_223_372_036_854_775_808.0;
/// Largest program of a compiled regular expression, in bytes: some may be in memory at once.
const REGEX_BYTES_MAX: usize = 256 * 1_024;

/// Operators, by their names in the tree.
const OPERATORS: [&str; 19] = [
    operators::CONDITIONAL,
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::SUBSTRACT,
    operators::ADD,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::GREATER_EQUALS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::LESS,
    operators::NEGATE,
    operators::INDEX,
    operators::NOT_STRICTLY_FALSE,
    operators::IN,
];
/// Functions, whether they are called on something, and how many arguments they take besides.
const FUNCTIONS: [(&str, bool, usize); 10] = [
    ("size", false, 1),
    ("size", true, 0),
    ("contains", true, 1),
    ("startsWith", true, 1),
    ("endsWith", true, 1),
    (MATCHES, true, 1),
    (LOWER, true, 0),
    ("string", false, 1),
    ("int", false, 1),
    ("double", false, 1),
];

pub(crate) fn is_known(name: &str, is_on_something: bool, arguments: usize) -> bool {
    OPERATORS.contains(&name) || FUNCTIONS.contains(&(name, is_on_something, arguments))
}

/// What is wrong with a call that is none of those.
pub(crate) fn unknown(name: &str, arguments: usize) -> String {
    let name = hansho_domain::text::cut(name, 60);
    if let Some((_, is_on, takes)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) {
        let form = if *is_on { format!("text.{name}") } else { name.clone() };
        return format!("calls `{name}` with {arguments} arguments; write {form}({})", if *takes == 0 { "" } else { "..." });
    }
    let mut known: Vec<&str> = FUNCTIONS.iter().map(|(known, ..)| *known).collect();
    known.dedup();
    format!("there is no function `{name}`; there are {}, and has, all, exists, exists_one, filter and map", known.join(", "))
}

/// A compiled regular expression, as a value of the language that no author can write.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(Arc<Regex>);

static PATTERN: Type = Type::new_unspecified_type("regular expression");

impl Pattern {
    pub(crate) fn compile(written: &str) -> Result<Self, String> {
        regex(written, REGEX_BYTES_MAX).map(|regex| Self(Arc::new(regex)))
    }

    pub(crate) fn regex(&self) -> &Regex {
        &self.0
    }
}

impl Val for Pattern {
    fn get_type(&self) -> &Type {
        &PATTERN
    }

    fn cel_type() -> &'static Type {
        &PATTERN
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn std::any::Any> {
        Some(self)
    }
}

impl StaticVal for Pattern {}

/// The language's own functions, and those of rules.
pub(crate) fn environment() -> Arc<Env> {
    static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
        let mut env = Env::stdlib();
        // Neither is there before, so neither is refused.
        let _ = env.add_member_overload(MATCHES, "matches_pattern", types::STRING_TYPE, vec![PATTERN.to_owned()], matches);
        let _ = env.add_member_overload(LOWER, "lower_ascii_string", types::STRING_TYPE, Vec::new(), lower);
        for (id, of) in [
            ("string_of_string", types::STRING_TYPE),
            ("string_of_bool", types::BOOL_TYPE),
            ("string_of_int", types::INT_TYPE),
            ("string_of_uint", types::UINT_TYPE),
            ("string_of_double", types::DOUBLE_TYPE),
        ] {
            let _ = env.add_overload(STRING, id, vec![of], string);
        }
        Arc::new(env)
    });
    Arc::clone(&ENVIRONMENT)
}

fn matches<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let text = arguments.first().and_then(|text| text.downcast_ref::<CelString>());
    let pattern = arguments.get(1).and_then(|pattern| pattern.downcast_ref::<Pattern>());
    match (text, pattern) {
        (Some(text), Some(pattern)) => Ok(CowVal::owned(CelBool::from(pattern.0.is_match(text.inner())))),
        _ => Err(ExecutionError::function_error(MATCHES, "it needs a text")),
    }
}

fn lower<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let text = arguments.first().and_then(|text| text.downcast_ref::<CelString>());
    let text = text.ok_or_else(|| ExecutionError::function_error(LOWER, "it needs a text"))?;
    Ok(CowVal::owned(CelString::from(text.inner().to_ascii_lowercase())))
}

fn string<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let of = arguments.first();
    let text = of.and_then(|of| of.downcast_ref::<CelString>()).map(|text| text.inner().to_owned());
    let text = text.or_else(|| of?.downcast_ref::<CelBool>().map(|value| value.inner().to_string()));
    let text = text.or_else(|| of?.downcast_ref::<CelInt>().map(|number| number.inner().to_string()));
    let text = text.or_else(|| of?.downcast_ref::<CelUInt>().map(|number| number.inner().to_string()));
    let number = of.and_then(|of| of.downcast_ref::<CelDouble>()).map(|number| *number.inner());
    if number.is_some_and(|number| number.abs() >= UNKNOWN_DIGITS_MIN) {
        return Err(ExecutionError::function_error("string", "the number is too large for all of its digits to be known"));
    }
    let text = text.or_else(|| number.map(|number| number.to_string()));
    text.map(|text| CowVal::owned(CelString::from(text))).ok_or_else(|| ExecutionError::function_error("string", "it is no text"))
}
