//! Which parts of an alert an expression reads that may be too long to be seen whole: labels, headers, recipients, the source,
//! the payload, and what people read.

use std::collections::BTreeSet;

use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue, operators};
use hansho_domain::Labels;

use crate::event::{Event, Part};

/// What an expression reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Reads {
    labels: Names,
    headers: Names,
    recipients: bool,
    source: bool,
    body: Names,
    title: bool,
    details: bool,
}

/// Of a map, what is read of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Names {
    /// These, by their names.
    these: BTreeSet<String>,
    /// Whatever there is.
    all: bool,
}

impl Reads {
    /// What an expression reads. Where it can not be told which labels, headers or fields those are, it may be any.
    pub(crate) fn of(expression: &IdedExpr) -> Self {
        let mut reads = Self::default();
        reads.add(expression);
        reads
    }

    /// Names something that it reads and that is not there to be seen whole.
    pub(crate) fn unseen(&self, labels: &Labels, event: &Event) -> Option<String> {
        let label = self.labels.these.iter().find(|name| !labels.is_whole(name));
        let header = self.headers.these.iter().find(|name| !event.unseen().is_whole(name, event.headers().contains_key(*name)));
        let named = label.map(|name| format!("the label {name}")).or_else(|| header.map(|name| format!("the header {name}")));
        let any = || {
            let of_labels = (self.labels.all && !labels.are_whole()).then_some("the labels");
            let of_headers = (self.headers.all && !event.unseen().are_headers_whole()).then_some("the headers");
            let of_recipients = (self.recipients && !event.unseen().are_recipients_whole()).then_some("the recipients");
            let of_source = (self.source && event.unseen().is_partial(Part::Source)).then_some("the source");
            let is_field_cut = self.body.these.iter().any(|field| !event.unseen().is_field_whole(field));
            let of_body = (is_field_cut || (self.body.all && !event.unseen().is_body_whole())).then_some("the payload");
            of_labels.or(of_headers).or(of_recipients).or(of_source).or(of_body).map(str::to_owned)
        };
        named.or_else(any)
    }

    /// Whether it reads the payload.
    pub(crate) fn reads_body(&self) -> bool {
        self.body.all || !self.body.these.is_empty()
    }

    /// Whether it reads the title.
    pub(crate) fn reads_title(&self) -> bool {
        self.title
    }

    /// Whether it reads the source's own account.
    pub(crate) fn reads_details(&self) -> bool {
        self.details
    }

    fn add(&mut self, node: &IdedExpr) {
        match &node.expr {
            Expr::Unspecified | Expr::Literal(_) | Expr::Struct(_) => {}
            Expr::Ident(name) => self.all_of(name),
            Expr::Select(select) => self.named(&select.operand, &select.field),
            Expr::Call(call) => {
                if let ([map, name], operators::INDEX) | ([name, map], operators::IN) = (call.args.as_slice(), call.func_name.as_str())
                    && let Expr::Literal(LiteralValue::String(name)) = &name.expr
                {
                    return self.named(map, name.inner());
                }
                call.target.iter().for_each(|target| self.add(target));
                call.args.iter().for_each(|argument| self.add(argument));
            }
            Expr::List(list) => list.elements.iter().for_each(|element| self.add(element)),
            Expr::Map(map) => map.entries.iter().for_each(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => [&entry.key, &entry.value].into_iter().for_each(|side| self.add(side)),
                EntryExpr::StructField(field) => self.add(&field.value),
            }),
            // A variable of a loop may have the name of something else; reading too much of it is the safe side.
            Expr::Comprehension(c) => {
                [&c.iter_range, &c.accu_init, &c.loop_cond, &c.loop_step, &c.result].into_iter().for_each(|part| self.add(part));
            }
        }
    }

    fn named(&mut self, of: &IdedExpr, name: &str) {
        let names = match &of.expr {
            Expr::Ident(map) if map == "labels" => &mut self.labels,
            Expr::Ident(map) if map == "headers" => &mut self.headers,
            Expr::Ident(map) if map == "body" => &mut self.body,
            _ => return self.add(of),
        };
        names.these.insert(name.to_owned());
    }

    fn all_of(&mut self, name: &str) {
        match name {
            "labels" => self.labels.all = true,
            "headers" => self.headers.all = true,
            "recipients" => self.recipients = true,
            "source" => self.source = true,
            "body" => self.body.all = true,
            "title" => self.title = true,
            "details" => self.details = true,
            _ => {}
        }
    }
}
