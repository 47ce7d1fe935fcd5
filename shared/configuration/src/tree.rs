//! A YAML file as a tree in which every value knows its line.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{Location, Options, Spanned, alias_limits, budget, options, options::DuplicateKeyPolicy};

use crate::syntax::{self, SyntaxError};

/// Deepest nesting that is read. The deepest value of a configuration stands at 7.
const DEPTH_MAX: usize = 24;
/// Most values of one file.
const NODES_MAX: usize = 100_000;
/// Most values that `*aliases` of one file may repeat.
const REPEATED_NODES_MAX: usize = 20_000;

/// Where a value stands, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Place {
    /// The start of a file.
    pub(crate) const START: Self = Self { line: 1, column: 1 };
}

impl From<Location> for Place {
    fn from(location: Location) -> Self {
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).max(1);
        Self { line: small(location.line()), column: small(location.column()) }
    }
}

/// A value and where it stands.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// What YAML can say. Numbers are kept as text: only their reader knows which are possible.
#[derive(Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key of a map with its value. Keys that stand twice are kept twice: their reader reports them.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) node: Node,
}

/// Reads the text of one file.
///
/// # Errors
/// What is no YAML, and what is too large to be a configuration.
pub(crate) fn parse(text: &str) -> Result<Node, SyntaxError> {
    serde_saphyr::from_str_with_options(text, limits()).map_err(|error| syntax::explained(&error, text))
}

fn limits() -> Options {
    options! {
        budget: budget! { max_depth: DEPTH_MAX, flow_nesting_limit: DEPTH_MAX, max_nodes: NODES_MAX },
        alias_limits: alias_limits! { max_total_replayed_events: REPEATED_NODES_MAX },
        // A reader reports both places of a key that stands twice, and goes on.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        // `no`, `on` and `007` are names.
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value, defined, .. } = Spanned::<Value>::deserialize(deserializer)?;
        Ok(Self { place: defined.into(), value })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some((key, node)) = pairs.next_entry::<Spanned<String>, Node>()? {
            map.push(Entry { key: key.value, place: key.defined.into(), node });
        }
        Ok(Value::Map(map))
    }
}
