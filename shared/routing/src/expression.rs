//! An expression that is compiled: a condition, or a piece of a text.

use std::fmt;

use cel::{
    Context, Value,
    common::{
        ast::IdedExpr,
        types::{CelBool, CelDouble, CelInt, CelString, CelUInt},
        value::CowVal,
    },
    parser::PrattParser,
};
use hansho_domain::text::{cut, one_line};

use crate::{
    check::{self, Checked},
    cost,
    facts::Extent,
    failure,
    function::{self, Pattern, UNKNOWN_DIGITS_MIN},
    kind,
    reads::Reads,
    scope::{Known, Scope},
    shortcut::Shortcut,
};

/// Longest expression, in bytes.
pub const EXPRESSION_BYTES_MAX: usize = 2_000;
/// Most nodes of its tree, macros expanded.
const NODES_MAX: usize = 600;
/// How deep its parser goes.
const DEPTH_MAX: u16 = 60;
/// Most steps that evaluating one may take: some 10 ms.
const STEPS_MAX: u64 = 250_000;
/// Alerts up to this extent are common; what an expression costs on them is worked out once.
const COMMON: Extent = Extent { elements: 60, text_bytes: 2_000, facts: 600, bytes: 16_000, is_cut: false };

/// An expression in CEL over an alert's facts.
pub struct Expression {
    written: String,
    tree: IdedExpr,
    patterns: Vec<Pattern>,
    steps_on_common: u64,
    reads: Reads,
    shortcut: Option<Box<Shortcut>>,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.written).finish()
    }
}

/// Evaluating costs too much, or went wrong; why, in a sentence.
pub(crate) type Failed = String;

impl Expression {
    /// Compiles an expression.
    ///
    /// # Errors
    /// It is no CEL, asks about what there is not, or may cost too much whatever the alert; a sentence that goes on from its name.
    pub fn compile(written: &str) -> Result<Self, String> {
        if written.len() > EXPRESSION_BYTES_MAX {
            return Err(format!("is longer than {EXPRESSION_BYTES_MAX} bytes; make several rules of it"));
        }
        if written.trim().is_empty() {
            return Err("is empty; write a condition such as labels.env == \"dev\", or true".to_owned());
        }
        let parser = PrattParser::new().max_recursion_depth(DEPTH_MAX).max_expression_node_count(NODES_MAX).error_reporting_limit(1);
        let tree = parser.parse(written).map_err(|errors| unreadable(written, &errors))?;
        let Checked { expression: tree, patterns } = check::checked(tree)?;
        let steps_on_common = cost::steps_max(&tree, &COMMON);
        if steps_on_common > STEPS_MAX {
            return Err("may take too long even on a short alert; loop less, or make several rules of it".to_owned());
        }
        let (reads, shortcut) = (Reads::of(&tree), Shortcut::of(&tree).map(Box::new));
        Ok(Self { written: written.to_owned(), tree, patterns, steps_on_common, reads, shortcut })
    }

    /// Compiles a condition.
    ///
    /// # Errors
    /// As [`Expression::compile`], and what is never true or false.
    pub fn compile_condition(written: &str) -> Result<Self, String> {
        let compiled = Self::compile(written)?;
        kind::never_true(&compiled.tree)?;
        Ok(compiled)
    }

    /// Why it holds for no alert, as far as it shows without one.
    pub fn never_holds(&self) -> Option<String> {
        kind::never_true(&self.tree).ok().flatten()
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The same for two expressions that say the same in the same words, however they are spaced.
    pub fn canonical(&self) -> String {
        check::canonical(&self.tree, &self.patterns)
    }

    /// Whether it is `true`, written out.
    pub fn is_always_true(&self) -> bool {
        check::is_true(&self.tree)
    }

    /// Which parts of an alert it reads that may be too long.
    pub(crate) fn reads(&self) -> &Reads {
        &self.reads
    }

    /// Whether it holds. Takes its steps from `steps_left`.
    pub(crate) fn holds(&self, known: &Known<'_>, steps_left: &mut u64) -> Result<bool, Failed> {
        self.take_steps(known, steps_left)?;
        match self.shortcut.as_ref().and_then(|shortcut| shortcut.holds(known)) {
            Some(holds) => Ok(holds),
            None => self.holds_by_language(known),
        }
    }

    fn holds_by_language(&self, known: &Known<'_>) -> Result<bool, Failed> {
        self.evaluated(known, |value| {
            let found = value.downcast_ref::<CelBool>().map(|found| *found.inner());
            found.ok_or_else(|| format!("it is {}, and a condition is true or false", value.get_type().name()))
        })
    }

    /// The text that it comes to.
    pub(crate) fn text(&self, known: &Known<'_>, steps_left: &mut u64) -> Result<String, Failed> {
        self.take_steps(known, steps_left)?;
        self.evaluated(known, |value| {
            let text = value.downcast_ref::<CelString>().map(|text| text.inner().to_owned());
            let text = text.or_else(|| value.downcast_ref::<CelInt>().map(|number| number.inner().to_string()));
            let text = text.or_else(|| value.downcast_ref::<CelUInt>().map(|number| number.inner().to_string()));
            let number = value.downcast_ref::<CelDouble>().map(|number| *number.inner());
            if number.is_some_and(|number| number.abs() >= UNKNOWN_DIGITS_MIN) {
                let written = cut(&one_line(&self.written), 60);
                return Err(format!("`{written}` is a number too large for all of its digits to be known, and no text"));
            }
            let text = text.or_else(|| number.map(|number| number.to_string()));
            let text = text.or_else(|| value.downcast_ref::<CelBool>().map(|found| found.inner().to_string()));
            text.ok_or_else(|| format!("`{}` is {} and no text", cut(&one_line(&self.written), 60), value.get_type().name()))
        })
    }

    /// Takes what evaluating it may cost from `steps_left`.
    fn take_steps(&self, known: &Known<'_>, steps_left: &mut u64) -> Result<(), Failed> {
        let extent = known.extent();
        let is_common = extent.elements <= COMMON.elements
            && extent.text_bytes <= COMMON.text_bytes
            && extent.facts <= COMMON.facts
            && extent.bytes <= COMMON.bytes;
        let steps = if is_common { self.steps_on_common } else { cost::steps_max(&self.tree, extent) };
        if steps > STEPS_MAX {
            return Err("it would take too long on an alert of this size".to_owned());
        }
        *steps_left = steps_left.checked_sub(steps).ok_or("the rules before it took all the time there is for one alert")?;
        Ok(())
    }

    fn evaluated<T>(&self, known: &Known<'_>, read: impl FnOnce(&CowVal<'_, '_>) -> Result<T, Failed>) -> Result<T, Failed> {
        let scope = Scope { known, patterns: &self.patterns };
        let mut context = Context::with_env(function::environment());
        context.set_variable_resolver(&scope);
        let value = Value::resolve_val(&self.tree, &context).map_err(|error| failure::told(&error))?;
        read(&value)
    }
}

/// What the parser says, in a sentence.
fn unreadable(written: &str, errors: &cel::ParseErrors) -> String {
    let Some(first) = errors.errors.first() else { return "is no expression that can be read".to_owned() };
    let said = one_line(first.msg.trim_start_matches("Syntax error: "));
    let (line, column) = first.pos;
    let place =
        if written.trim_end().contains('\n') { format!("line {line}, column {column} of it") } else { format!("column {column} of it") };
    format!("is no expression that can be read, at {place}: {}", cut(&said, 200))
}

#[cfg(test)]
mod tests {
    use hansho_domain::{DedupKey, IntegrationId, ServiceId, Severity};
    use serde_json::json;

    use super::Expression;
    use crate::{event::Event, scope::Known, subject::Subject};

    /// Conditions with an answer of their own and such that only the language answers, true ones, false ones, and such as go wrong.
    const ATOMS: [&str; 26] = [
        "title == 'disk full'",
        "'disk full' == title",
        "title != 'disk full'",
        "title.contains('full')",
        "title.startsWith('disk')",
        "title.endsWith('disk')",
        "severity == 'critical'",
        "severity == null",
        "severity.contains('c')",
        "labels.job == 'nightly'",
        "labels['job'] == 'nightly'",
        "labels.none == 'x'",
        "labels.job in ['a', 'nightly']",
        "labels.job in []",
        "labels.none in ['a']",
        "body.count in ['3', 3]",
        "body.count == '3'",
        "body.count != '3'",
        "body.Trigger.Namespace == 'Custom'",
        "body.Trigger.Namespace.x == 'Custom'",
        "body.list.contains('a')",
        "has(body.Trigger)",
        "has(body.none)",
        "has(body.none.deeper)",
        "has(body.count.deeper)",
        "title.size() == 9",
    ];

    #[test]
    fn a_shortcut_says_what_the_language_says() {
        let subject = |severity: Option<Severity>, title: &str, job: &str| {
            let key = DedupKey::new("k").unwrap();
            let mut subject = Subject::new(ServiceId::new("checkout").unwrap(), IntegrationId::new("shop").unwrap(), key);
            subject.labels.add("job", job);
            Subject { severity, title: title.to_owned(), ..subject }
        };
        let subjects = [subject(Some(Severity::Critical), "disk full", "nightly"), subject(None, "other", "daily")];
        let bodies = [
            json!({ "count": 3, "list": ["a"], "Trigger": { "Namespace": "Custom" } }),
            json!({ "count": "3", "Trigger": "Custom", "list": "abc" }),
            json!("text"),
        ];
        let pairs = ATOMS.iter().flat_map(|one| ATOMS.iter().map(move |other| (one, other)));
        let both = pairs.flat_map(|(one, other)| {
            [
                format!("{one} && {other}"),
                format!("{one} || {other}"),
                format!("({one} || {other}) && {one}"),
                format!("!({one}) || {other}"),
            ]
        });
        let (mut asked, mut answered) = (0, 0);
        for written in ATOMS.iter().map(|atom| (*atom).to_owned()).chain(both) {
            let expression = Expression::compile(&written).unwrap();
            for (subject, body) in subjects.iter().flat_map(|subject| bodies.iter().map(move |body| (subject, body))) {
                let known = Known::new(&Event::default(), body, subject);
                let by_language = expression.holds_by_language(&known);
                let by_shortcut = expression.shortcut.as_ref().and_then(|shortcut| shortcut.holds(&known));
                asked += 1;
                if let Some(holds) = by_shortcut {
                    answered += 1;
                    assert_eq!(by_language, Ok(holds), "{written} on {body}");
                }
                assert_eq!(expression.holds(&known, &mut 1_000_000), by_language, "{written} on {body}");
            }
        }
        assert!(answered > asked / 4, "the shortcut is taken: {answered} of {asked}");
    }
}
