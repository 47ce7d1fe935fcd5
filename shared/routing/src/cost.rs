//! What an expression may cost on an alert, before it is evaluated.
//!
//! There is no way to stop an evaluation half-way, so its bound is worked out from the tree and from how large the alert is: every node
//! once, the body of a loop as often as the longest list has elements, texts by their length. One step is about 50 ns.

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};

use crate::{
    facts::Extent,
    function::{LOWER, MATCHES, STRING},
};

/// How many bytes of a text are compared, searched or copied in one step.
const BYTES_PER_STEP: usize = 64;
/// The same for a regular expression.
const BYTES_PER_STEP_OF_REGEX: usize = 8;
/// What a loop costs each time besides its body.
const STEPS_PER_TURN: u64 = 4;

/// The most steps that evaluating takes on an alert of this extent.
pub(crate) fn steps_max(expression: &IdedExpr, extent: &Extent) -> u64 {
    let (written, sums) = literals(expression);
    // Every `+` may put two of the longest together.
    let growth = sums + 1;
    let bounds = Bounds {
        elements: (extent.elements.max(written.elements) * growth) as u64,
        text: (extent.text_bytes.max(written.text_bytes) * growth) as u64,
        whole: ((extent.facts + extent.bytes / BYTES_PER_STEP + written.facts) * growth) as u64,
    };
    bounds.of(expression, &[])
}

struct Bounds {
    /// Elements of the longest list.
    elements: u64,
    /// Bytes of the longest text.
    text: u64,
    /// Steps for a look at everything there is.
    whole: u64,
}

impl Bounds {
    fn of(&self, node: &IdedExpr, loops: &[Turn<'_>]) -> u64 {
        let of = |node: &IdedExpr| self.of(node, loops);
        let all = |nodes: &[IdedExpr]| nodes.iter().fold(0, |sum: u64, node| sum.saturating_add(of(node)));
        match &node.expr {
            Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) | Expr::Struct(_) => 1,
            Expr::Select(select) => of(&select.operand).saturating_add(1),
            Expr::Call(call) => {
                let target = call.target.as_deref().map_or(0, of);
                self.of_call(call, loops).saturating_add(target).saturating_add(all(&call.args))
            }
            Expr::List(list) => all(&list.elements).saturating_add(1),
            Expr::Map(map) => map.entries.iter().fold(1, |sum: u64, entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => sum.saturating_add(of(&entry.key)).saturating_add(of(&entry.value)),
                EntryExpr::StructField(field) => sum.saturating_add(of(&field.value)),
            }),
            Expr::Comprehension(comprehension) => self.of_loop(comprehension, loops),
        }
    }

    fn of_loop(&self, comprehension: &ComprehensionExpr, loops: &[Turn<'_>]) -> u64 {
        let range = &comprehension.iter_range;
        let turns = if let Expr::List(list) = &range.expr { list.elements.len() as u64 } else { self.elements };
        // What is made may hold one thing many times.
        let distinct = if root(range).is_some() { turns } else { 1 };
        let of_this = Turn { variable: &comprehension.iter_var, turns: distinct };
        let inside: Vec<Turn<'_>> = loops.iter().copied().chain([of_this]).collect();
        let body = self.of(&comprehension.loop_cond, &inside).saturating_add(self.of(&comprehension.loop_step, &inside));
        let turn = body.saturating_add(STEPS_PER_TURN);
        let once = self.of(range, loops).saturating_add(self.of(&comprehension.result, &inside));
        turns.saturating_mul(turn).saturating_add(once).saturating_add(self.of(&comprehension.accu_init, loops))
    }

    /// A call by itself.
    fn of_call(&self, call: &CallExpr, loops: &[Turn<'_>]) -> u64 {
        let text = self.text / BYTES_PER_STEP as u64 + 1;
        match call.func_name.as_str() {
            operators::EQUALS | operators::NOT_EQUALS => match call.args.iter().find_map(scalar_bytes) {
                // What is compared with a word is looked at no further than the word goes.
                Some(bytes) => 1 + (bytes / BYTES_PER_STEP) as u64,
                // The elements of a list are together no more than everything there is.
                None => self.whole / call.args.iter().filter_map(|side| turns_of(side, loops)).max().unwrap_or(1).max(1) + 1,
            },
            operators::GREATER | operators::GREATER_EQUALS | operators::LESS | operators::LESS_EQUALS => {
                if call.args.iter().any(|argument| scalar_bytes(argument).is_some()) { 2 } else { text }
            }
            operators::IN => match call.args.get(1).map(|list| &list.expr) {
                Some(Expr::List(list)) if list.elements.iter().all(|element| scalar_bytes(element).is_some()) => {
                    list.elements.len() as u64 * 2
                }
                _ => self.elements.saturating_add(self.whole),
            },
            operators::ADD if !is_growing(call) => 2,
            operators::ADD => text.saturating_add(self.elements),
            MATCHES => self.text / BYTES_PER_STEP_OF_REGEX as u64 + 4,
            "contains" | "startsWith" | "endsWith" | "size" | STRING | "int" | "double" | LOWER => text + 1,
            _ => 1,
        }
    }
}

/// A loop around, over a part of the alert: its variable is each element of that once.
#[derive(Clone, Copy)]
struct Turn<'a> {
    variable: &'a str,
    turns: u64,
}

/// The name that a path begins with: `a` of `a.labels["x"]`. `None`: it is no path, and may be something that is made.
fn root(mut node: &IdedExpr) -> Option<&str> {
    loop {
        match &node.expr {
            Expr::Ident(name) => return Some(name),
            Expr::Select(select) => node = &select.operand,
            Expr::Call(call) if call.func_name == operators::INDEX => node = call.args.first()?,
            _ => return None,
        }
    }
}

/// How often a loop turns whose variable the path begins with.
fn turns_of(node: &IdedExpr, loops: &[Turn<'_>]) -> Option<u64> {
    let name = root(node)?;
    loops.iter().rev().find(|turn| turn.variable == name).map(|turn| turn.turns)
}

/// Whether a `+` may make a text or list that is longer than both. One of numbers makes none, and that of a loop itself adds one element
/// to a list in place: it adds to an accumulator, whose name no author can write.
fn is_growing(call: &CallExpr) -> bool {
    let is_of_loop = matches!(call.args.first().map(|first| &first.expr), Some(Expr::Ident(name)) if name.starts_with('@'));
    let is_number = |argument: &IdedExpr| {
        matches!(&argument.expr, Expr::Literal(LiteralValue::Int(_) | LiteralValue::UInt(_) | LiteralValue::Double(_)))
    };
    !is_of_loop && !call.args.iter().any(is_number)
}

/// How many bytes a value has that is known to be no list or map.
fn scalar_bytes(node: &IdedExpr) -> Option<usize> {
    match &node.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner().len()),
        Expr::Literal(_) => Some(8),
        // A sum with a number is one.
        Expr::Call(call) if call.func_name == operators::ADD && !is_growing(call) => Some(8),
        _ => None,
    }
}

/// How large what is written out in an expression is, and how often it adds.
fn literals(node: &IdedExpr) -> (Extent, usize) {
    let mut extent = Extent { facts: 1, ..Extent::default() };
    let mut sums = 0;
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        match &node.expr {
            Expr::Unspecified | Expr::Ident(_) | Expr::Struct(_) => {}
            Expr::Literal(literal) => {
                extent.facts += 1;
                if let LiteralValue::String(text) = literal {
                    extent.text_bytes = extent.text_bytes.max(text.inner().len());
                    extent.facts += text.inner().len() / BYTES_PER_STEP;
                }
            }
            Expr::Select(select) => waiting.push(&select.operand),
            Expr::Call(call) => {
                sums += usize::from(call.func_name == operators::ADD && is_growing(call));
                waiting.extend(call.target.as_deref().into_iter().chain(&call.args));
            }
            Expr::List(list) => {
                extent.elements = extent.elements.max(list.elements.len());
                waiting.extend(&list.elements);
            }
            Expr::Map(map) => {
                extent.elements = extent.elements.max(map.entries.len());
                for entry in &map.entries {
                    match &entry.expr {
                        EntryExpr::MapEntry(entry) => waiting.extend([&entry.key, &entry.value]),
                        EntryExpr::StructField(field) => waiting.push(&field.value),
                    }
                }
            }
            Expr::Comprehension(c) => waiting.extend([&c.iter_range, &c.accu_init, &c.loop_cond, &c.loop_step, &c.result]),
        }
    }
    (extent, sums)
}
