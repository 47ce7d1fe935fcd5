//! Whether an expression is one that rules may have: it knows its names, calls what there is, and does not loop in loops in loops.

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};
use hansho_domain::text::cut;
use regex::Regex;

use crate::function::{self, Pattern};

/// How deep an expression may be nested: evaluating takes stack.
const DEPTH_MAX: usize = 60;
/// How many loops may stand in each other.
const LOOPS_MAX: usize = 2;
/// Most regular expressions of one expression.
const PATTERNS_MAX: usize = 8;
/// How names begin that no author can write: a compiled regular expression.
pub(crate) const PATTERN: char = '#';

/// Something that expressions can ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it is, in English and then in Japanese.
    pub meaning: &'static str,
}

/// Everything that expressions can ask about.
pub const VARIABLES: [Variable; 14] = [
    Variable { name: "body", meaning: "the payload: its JSON, or its text. 受信した内容。" },
    Variable { name: "headers", meaning: "headers of the mail or request, by lower-case name. ヘッダー（小文字の名前）。" },
    Variable { name: "recipients", meaning: "the addresses it was sent to, a list. 宛先のリスト。" },
    Variable { name: "labels", meaning: "the alert's labels, a map. ラベル。" },
    Variable { name: "title", meaning: "the alert's title. 件名。" },
    Variable { name: "details", meaning: "the source's own account. 詳細。" },
    Variable { name: "severity", meaning: "`critical`, `error`, `warning`, `info`, or null where nobody says. 重大度。" },
    Variable { name: "priority", meaning: "`SEV1` to `SEV4`, or null. 優先度。" },
    Variable { name: "dedup_key", meaning: "which trouble it is about. 重複排除キー。" },
    Variable { name: "integration", meaning: "the way it came in, such as `cloudwatch`. 受信経路。" },
    Variable { name: "service", meaning: "the service that it leads to so far. サービス。" },
    Variable { name: "source", meaning: "who or what it is from: the ARN of an alarm, the sender of a mail. 送信元。" },
    Variable { name: "link", meaning: "where to look at it, or null. リンク。" },
    Variable { name: "runbook", meaning: "where to read what to do, or null. 手順書。" },
];

/// What checking has found out.
pub(crate) struct Checked {
    pub(crate) expression: IdedExpr,
    pub(crate) patterns: Vec<Pattern>,
}

/// Checks an expression and puts compiled regular expressions into it.
pub(crate) fn checked(expression: IdedExpr) -> Result<Checked, String> {
    let mut check = Check { patterns: Vec::new(), loop_names: Vec::new() };
    let mut expression = expression;
    check.expression(&mut expression, 0)?;
    Ok(Checked { expression, patterns: check.patterns })
}

struct Check {
    patterns: Vec<Pattern>,
    /// The variables and accumulators of the loops around.
    loop_names: Vec<String>,
}

impl Check {
    fn expression(&mut self, node: &mut IdedExpr, depth: usize) -> Result<(), String> {
        if depth > DEPTH_MAX {
            return Err(format!("is nested deeper than {DEPTH_MAX}; make several rules of it"));
        }
        let depth = depth + 1;
        match &mut node.expr {
            Expr::Unspecified => Err("can not be read".to_owned()),
            Expr::Literal(LiteralValue::Bytes(_)) => Err("has bytes in it (b\"...\"); alerts have none".to_owned()),
            Expr::Literal(_) => Ok(()),
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => self.expression(&mut select.operand, depth),
            Expr::Call(call) => self.call(call, depth),
            Expr::List(list) => list.elements.iter_mut().try_for_each(|element| self.expression(element, depth)),
            Expr::Map(map) => map.entries.iter_mut().try_for_each(|entry| match &mut entry.expr {
                EntryExpr::MapEntry(entry) => {
                    self.expression(&mut entry.key, depth)?;
                    self.expression(&mut entry.value, depth)
                }
                EntryExpr::StructField(_) => Err("has a field without a type in it".to_owned()),
            }),
            Expr::Struct(made) => Err(format!("makes a {}, and there are no such types here", cut(&made.type_name, 60))),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, depth),
        }
    }

    fn name(&self, name: &str) -> Result<(), String> {
        if VARIABLES.iter().any(|variable| variable.name == name) || self.loop_names.iter().any(|known| known == name) {
            return Ok(());
        }
        let known: Vec<&str> = VARIABLES.iter().map(|variable| variable.name).collect();
        Err(format!("there is no variable `{}`; there are {}", cut(name, 60), known.join(", ")))
    }

    fn comprehension(&mut self, comprehension: &mut ComprehensionExpr, depth: usize) -> Result<(), String> {
        self.expression(&mut comprehension.iter_range, depth)?;
        self.expression(&mut comprehension.accu_init, depth)?;
        let before = self.loop_names.len();
        let names = [Some(&comprehension.iter_var), comprehension.iter_var2.as_ref(), Some(&comprehension.accu_var)];
        self.loop_names.extend(names.into_iter().flatten().cloned());
        // Each has a variable and an accumulator.
        if self.loop_names.len() > 2 * LOOPS_MAX {
            return Err(format!("has more than {LOOPS_MAX} loops (all, exists, filter, map) in each other; alerts may be long"));
        }
        for part in [&mut comprehension.loop_cond, &mut comprehension.loop_step, &mut comprehension.result] {
            self.expression(part, depth)?;
        }
        self.loop_names.truncate(before);
        Ok(())
    }

    fn call(&mut self, call: &mut CallExpr, depth: usize) -> Result<(), String> {
        if !function::is_known(&call.func_name, call.target.is_some(), call.args.len()) {
            return Err(function::unknown(&call.func_name, call.args.len()));
        }
        if let Some(target) = &mut call.target {
            self.expression(target, depth)?;
        }
        if call.func_name == function::MATCHES {
            return self.matches(call);
        }
        if call.func_name == "string" {
            function::STRING.clone_into(&mut call.func_name);
        }
        // A list or map that is written out compares itself with its own kind only, so the alert's goes first.
        let is_equality = matches!(call.func_name.as_str(), operators::EQUALS | operators::NOT_EQUALS);
        if let ([first, second], true) = (call.args.as_mut_slice(), is_equality)
            && matches!(first.expr, Expr::List(_) | Expr::Map(_))
        {
            std::mem::swap(first, second);
        }
        call.args.iter_mut().try_for_each(|argument| self.expression(argument, depth))
    }

    /// A regular expression is compiled once, so it has to be written out.
    fn matches(&mut self, call: &mut CallExpr) -> Result<(), String> {
        let [IdedExpr { expr, .. }] = call.args.as_mut_slice() else { return Err(function::unknown(&call.func_name, 0)) };
        let Expr::Literal(LiteralValue::String(written)) = expr else {
            return Err("gives `matches` something else than a regular expression in quotes".to_owned());
        };
        if self.patterns.len() == PATTERNS_MAX {
            return Err(format!("has more than {PATTERNS_MAX} regular expressions; make several rules of it"));
        }
        let pattern = Pattern::compile(written.inner())?;
        *expr = Expr::Ident(format!("{PATTERN}{}", self.patterns.len()));
        self.patterns.push(pattern);
        Ok(())
    }
}

/// The same for two expressions that say the same in the same way, however they are spaced.
pub(crate) fn canonical(node: &IdedExpr, patterns: &[Pattern]) -> String {
    let of = |node: &IdedExpr| canonical(node, patterns);
    let all = |nodes: &[IdedExpr]| nodes.iter().map(of).collect::<Vec<_>>().join(",");
    match &node.expr {
        Expr::Unspecified => String::new(),
        Expr::Literal(literal) => format!("{literal:?}"),
        Expr::Ident(name) => match name.strip_prefix(PATTERN).and_then(|place| patterns.get(place.parse::<usize>().ok()?)) {
            Some(pattern) => format!("regex({:?})", pattern.regex().as_str()),
            None => name.clone(),
        },
        Expr::Select(select) => format!("{}.{}{}", of(&select.operand), select.field, if select.test { "?" } else { "" }),
        Expr::Call(call) => {
            let target = call.target.as_deref().map(of).unwrap_or_default();
            format!("{target}:{}({})", call.func_name, all(&call.args))
        }
        Expr::List(list) => format!("[{}]", all(&list.elements)),
        Expr::Map(map) => {
            let entries = map.entries.iter().map(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => format!("{}={}", of(&entry.key), of(&entry.value)),
                EntryExpr::StructField(field) => format!("{}={}", field.field, of(&field.value)),
            });
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        Expr::Struct(made) => made.type_name.clone(),
        Expr::Comprehension(c) => {
            let parts = [&c.iter_range, &c.accu_init, &c.loop_cond, &c.loop_step, &c.result];
            format!("for({},{},{})", c.iter_var, c.accu_var, parts.map(of).join(","))
        }
    }
}

/// Whether it is `true`, written out.
pub(crate) fn is_true(node: &IdedExpr) -> bool {
    matches!(&node.expr, Expr::Literal(LiteralValue::Boolean(value)) if *value.inner())
}

/// A regular expression that takes its time in proportion to the text.
pub(crate) fn regex(written: &str, size_bytes_max: usize) -> Result<Regex, String> {
    let made = regex::RegexBuilder::new(written).size_limit(size_bytes_max).dfa_size_limit(size_bytes_max).nest_limit(50).build();
    made.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "has a regular expression that is too large; write fewer repetitions".to_owned(),
        other => {
            let said = other.to_string();
            let reason = said.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("has the regular expression {written:?}, which can not be read: {}", cut(reason, 160))
        }
    })
}
