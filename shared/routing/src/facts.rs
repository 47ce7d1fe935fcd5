//! What rules see of a payload: its JSON, borrowed and cut, as values of the expression language.
//!
//! The language's own containers copy what they hold whenever a loop looks at an element, and go through a map in random order. These
//! do neither.

use std::sync::Arc;

use cel::{
    ExecutionError,
    common::{
        traits::{Container, Indexer, Iterable, Iterator, Sizer},
        types::{self, CelBool, CelDouble, CelInt, CelNull, CelString, CelUInt, Type},
        value::{CowVal, Val},
    },
};
use serde_json::Value;

/// Most elements of one list, and entries of one map, that rules see.
const ELEMENTS_MAX: usize = 1_000;
/// Most values of a payload that rules see.
const FACTS_MAX: usize = 20_000;
/// Most bytes of one text that rules see.
const TEXT_BYTES_MAX: usize = 64 * 1_024;
/// Most bytes of all texts together.
const BYTES_MAX: usize = 512 * 1_024;
/// How deep what rules see may be nested.
const DEPTH_MAX: usize = 32;

/// How large what rules see is: what an expression may cost goes by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Extent {
    /// Elements of the longest list, or entries of the largest map.
    pub(crate) elements: usize,
    /// Bytes of the longest text.
    pub(crate) text_bytes: usize,
    /// How many values there are.
    pub(crate) facts: usize,
    /// Bytes of all texts together.
    pub(crate) bytes: usize,
    /// Something was too much and left out.
    pub(crate) is_cut: bool,
}

impl Extent {
    /// That of two things together.
    pub(crate) fn with(self, other: Self) -> Self {
        Self {
            elements: self.elements.max(other.elements),
            text_bytes: self.text_bytes.max(other.text_bytes),
            facts: self.facts + other.facts,
            bytes: self.bytes + other.bytes,
            is_cut: self.is_cut || other.is_cut,
        }
    }
}

/// A value of a payload.
#[derive(Debug, Clone)]
pub(crate) enum Fact<'v> {
    Null(CelNull),
    Bool(CelBool),
    Int(CelInt),
    /// Beyond what an int holds.
    UInt(CelUInt),
    Double(CelDouble),
    Text(CelString<'v>),
    List(Elements<'v>),
    Map(Entries<'v>),
}

/// A list.
#[derive(Debug, Clone)]
pub(crate) struct Elements<'v>(Arc<Vec<Fact<'v>>>);

/// A map, in the order of its keys.
#[derive(Debug, Clone)]
pub(crate) struct Entries<'v>(Arc<Vec<(CelString<'v>, Fact<'v>)>>);

static LIST: Type = types::LIST_TYPE;
static MAP: Type = types::MAP_TYPE;

/// Reads JSON, and measures it.
pub(crate) fn of_json(value: &Value) -> (Fact<'_>, Extent) {
    let mut extent = Extent::default();
    let fact = read(value, &mut extent, DEPTH_MAX);
    (fact, extent)
}

fn read<'v>(value: &'v Value, extent: &mut Extent, depth_left: usize) -> Fact<'v> {
    extent.facts += 1;
    match value {
        Value::Null => Fact::null(),
        Value::Bool(value) => Fact::Bool(CelBool::from(*value)),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Fact::Int(CelInt::from(number)),
            (None, Some(number)) => Fact::UInt(CelUInt::from(number)),
            (None, None) => Fact::Double(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))),
        },
        Value::String(text) => Fact::Text(read_text(text, extent)),
        Value::Array(_) | Value::Object(_) if depth_left == 0 => {
            extent.is_cut = true;
            Fact::null()
        }
        Value::Array(items) => {
            let mut elements = Vec::new();
            for item in items {
                if !extent.has_room(elements.len()) {
                    break;
                }
                elements.push(read(item, extent, depth_left - 1));
            }
            extent.elements = extent.elements.max(elements.len());
            Fact::list(elements)
        }
        Value::Object(fields) => {
            let mut entries = Vec::new();
            for (key, value) in fields {
                if !extent.has_room(entries.len()) {
                    break;
                }
                let key = read_text(key, extent);
                entries.push((key, read(value, extent, depth_left - 1)));
            }
            extent.elements = extent.elements.max(entries.len());
            Fact::map(entries)
        }
    }
}

fn read_text<'v>(text: &'v str, extent: &mut Extent) -> CelString<'v> {
    let most = TEXT_BYTES_MAX.min(BYTES_MAX.saturating_sub(extent.bytes));
    let text = if text.len() > most {
        extent.is_cut = true;
        &text[..text.floor_char_boundary(most)]
    } else {
        text
    };
    extent.bytes += text.len();
    extent.text_bytes = extent.text_bytes.max(text.len());
    CelString::from(text)
}

impl Extent {
    fn has_room(&mut self, elements: usize) -> bool {
        let has_room = elements < ELEMENTS_MAX && self.facts < FACTS_MAX;
        self.is_cut |= !has_room;
        has_room
    }
}

impl<'v> Fact<'v> {
    pub(crate) fn null() -> Self {
        Self::Null(CelNull)
    }

    /// A text of its own.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(CelString::from(text.into()))
    }

    /// A list of these.
    pub(crate) fn list(elements: Vec<Self>) -> Self {
        Self::List(Elements(Arc::new(elements)))
    }

    /// A map of these entries, in any order. Of two with one key the first counts.
    pub(crate) fn map(mut entries: Vec<(CelString<'v>, Self)>) -> Self {
        entries.sort_by(|(a, _), (b, _)| a.inner().cmp(b.inner()));
        entries.dedup_by(|(later, _), (first, _)| later.inner() == first.inner());
        Self::Map(Entries(Arc::new(entries)))
    }

    /// What it is, where it is a text.
    pub(crate) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text.inner()) } else { None }
    }

    /// The entry of this key, where it is a map that has one.
    pub(crate) fn entry(&self, key: &str) -> Option<&Self> {
        if let Self::Map(entries) = self { entries.find(key) } else { None }
    }

    /// Whether it has an entry of this key, where it is a map.
    pub(crate) fn has(&self, key: &str) -> Option<bool> {
        if let Self::Map(entries) = self { Some(entries.find(key).is_some()) } else { None }
    }

    /// As the language sees it.
    pub(crate) fn as_val<'b>(&'b self) -> &'b (dyn Val + 'v) {
        match self {
            Self::Null(fact) => fact,
            Self::Bool(fact) => fact,
            Self::Int(fact) => fact,
            Self::UInt(fact) => fact,
            Self::Double(fact) => fact,
            Self::Text(fact) => fact,
            Self::List(fact) => fact,
            Self::Map(fact) => fact,
        }
    }
}

impl<'v> Entries<'v> {
    fn find<'b>(&'b self, key: &str) -> Option<&'b Fact<'v>> {
        let place = self.0.binary_search_by(|(known, _): &(CelString<'v>, Fact<'v>)| known.inner().cmp(key)).ok()?;
        self.0.get(place).map(|(_, fact)| fact)
    }
}

/// Goes through what another list or map holds.
fn elements_of(other: &dyn Val) -> Vec<Box<dyn Val + '_>> {
    let Some(iterable) = other.as_iterable() else { return Vec::new() };
    let mut iterator = iterable.iter();
    let mut found = Vec::new();
    while let Some(element) = iterator.next() {
        found.push(element.clone_as_boxed());
    }
    found
}

fn is_of_size(other: &dyn Val, size: usize) -> bool {
    other.as_sizer().is_some_and(|sizer| usize::try_from(*sizer.size().inner()) == Ok(size))
}

impl<'v> Val for Elements<'v> {
    fn get_type(&self) -> &Type {
        &LIST
    }

    fn cel_type() -> &'static Type {
        &LIST
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_indexer<'b, 'w>(&'b self) -> Option<&'b (dyn Indexer + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn as_iterable<'b, 'w>(&'b self) -> Option<&'b (dyn Iterable + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        let is_list = other.get_type().kind() == LIST.kind() && is_of_size(other, self.0.len());
        is_list && self.0.iter().zip(elements_of(other)).all(|(mine, theirs)| mine.as_val().equals(theirs.as_ref()))
    }

    fn clone_as_boxed<'w>(&self) -> Box<dyn Val + 'w>
    where
        Self: 'w,
    {
        Box::new(self.clone())
    }
}

impl<'v> Val for Entries<'v> {
    fn get_type(&self) -> &Type {
        &MAP
    }

    fn cel_type() -> &'static Type {
        &MAP
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_indexer<'b, 'w>(&'b self) -> Option<&'b (dyn Indexer + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn as_iterable<'b, 'w>(&'b self) -> Option<&'b (dyn Iterable + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        let is_map = other.get_type().kind() == MAP.kind() && is_of_size(other, self.0.len());
        let Some(theirs) = other.as_indexer().filter(|_| is_map) else { return false };
        self.0.iter().all(|(key, mine)| theirs.get(key).is_ok_and(|theirs| mine.as_val().equals(theirs.as_ref())))
    }

    fn clone_as_boxed<'w>(&self) -> Box<dyn Val + 'w>
    where
        Self: 'w,
    {
        Box::new(self.clone())
    }
}

impl Container for Elements<'_> {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(self.0.iter().any(|mine| mine.as_val().equals(value)))
    }
}

impl Container for Entries<'_> {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(value.downcast_ref::<CelString>().is_some_and(|key| self.find(key.inner()).is_some()))
    }
}

impl Indexer for Elements<'_> {
    fn get<'b, 'w>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'w>, ExecutionError>
    where
        Self: 'w,
    {
        let Some(place) = index.downcast_ref::<CelInt>() else { return Err(no_index(index, "int")) };
        let found = usize::try_from(*place.inner()).ok().and_then(|place| self.0.get(place));
        found.map(|fact| CowVal::Borrowed(fact.as_val())).ok_or_else(|| ExecutionError::no_such_key(&place.inner().to_string()))
    }

    fn steal<'w>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'w>, ExecutionError>
    where
        Self: 'w,
    {
        self.get(index).map(CowVal::into_owned)
    }
}

impl Indexer for Entries<'_> {
    fn get<'b, 'w>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'w>, ExecutionError>
    where
        Self: 'w,
    {
        let Some(key) = index.downcast_ref::<CelString>() else { return Err(no_index(index, "string")) };
        self.find(key.inner()).map(|fact| CowVal::Borrowed(fact.as_val())).ok_or_else(|| ExecutionError::no_such_key(key.inner()))
    }

    fn steal<'w>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'w>, ExecutionError>
    where
        Self: 'w,
    {
        self.get(index).map(CowVal::into_owned)
    }
}

fn no_index(index: &dyn Val, want: &str) -> ExecutionError {
    ExecutionError::UnexpectedType { got: index.get_type().name().to_owned(), want: want.to_owned() }
}

impl Iterable for Elements<'_> {
    fn iter<'b, 'w>(&'b self) -> Box<dyn Iterator<'b, 'w> + 'b>
    where
        Self: 'w,
    {
        Box::new(Values(self.0.iter()))
    }
}

impl Iterable for Entries<'_> {
    fn iter<'b, 'w>(&'b self) -> Box<dyn Iterator<'b, 'w> + 'b>
    where
        Self: 'w,
    {
        Box::new(Keys(self.0.iter()))
    }
}

struct Values<'b, 'v>(std::slice::Iter<'b, Fact<'v>>);

impl<'b, 'v: 'w, 'w> Iterator<'b, 'w> for Values<'b, 'v> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'w)> {
        self.0.next().map(|fact| fact.as_val() as &(dyn Val + 'w))
    }
}

struct Keys<'b, 'v>(std::slice::Iter<'b, (CelString<'v>, Fact<'v>)>);

impl<'b, 'v: 'w, 'w> Iterator<'b, 'w> for Keys<'b, 'v> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'w)> {
        self.0.next().map(|(key, _)| key as &(dyn Val + 'w))
    }
}

impl Sizer for Elements<'_> {
    fn size(&self) -> CelInt {
        CelInt::from(i64::try_from(self.0.len()).unwrap_or(i64::MAX))
    }
}

impl Sizer for Entries<'_> {
    fn size(&self) -> CelInt {
        CelInt::from(i64::try_from(self.0.len()).unwrap_or(i64::MAX))
    }
}
