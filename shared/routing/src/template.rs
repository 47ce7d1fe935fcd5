//! Texts with facts about the alert in them: `{{ labels.job }} on {{ body.host }}`.

use std::fmt::Write;

use crate::{expression::Expression, reads::Reads, scope::Known};

/// Longest text as it is written, in bytes.
const WRITTEN_BYTES_MAX: usize = 2_000;
/// Most expressions in one.
const PIECES_MAX: usize = 20;
/// Longest text that is made, in bytes.
const MADE_BYTES_MAX: usize = 8_000;

/// A text in which `{{ expression }}` stands for what that comes to.
#[derive(Debug)]
pub struct Template(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(String),
    Fact(Box<Expression>),
}

impl Template {
    /// Reads a text.
    ///
    /// # Errors
    /// Braces that are not closed, or an expression that can not be compiled; a sentence that goes on from its name.
    pub fn compile(written: &str) -> Result<Self, String> {
        if written.len() > WRITTEN_BYTES_MAX {
            return Err(format!("is longer than {WRITTEN_BYTES_MAX} bytes; shorten it"));
        }
        let mut pieces = Vec::new();
        let mut rest = written;
        while let Some((before, after)) = rest.split_once("{{") {
            let (inside, after) = after.split_once("}}").ok_or("has `{{` without `}}`; write it as {{ labels.job }}")?;
            let expression = Expression::compile(inside.trim()).map_err(|problem| {
                let link = if problem.starts_with("there ") { ": " } else { ", which " };
                format!("has {{{{{inside}}}}} in it{link}{problem}")
            })?;
            pieces.extend([Piece::Text(before.to_owned()), Piece::Fact(Box::new(expression))]);
            if pieces.len() > 2 * PIECES_MAX {
                return Err(format!("has more than {PIECES_MAX} pairs of braces in it"));
            }
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// The same for the address of a runbook, in which facts choose the page and not the server.
    ///
    /// # Errors
    /// As [`Template::compile`], and what is no web address.
    pub fn compile_address(written: &str) -> Result<Self, String> {
        let rest = written.strip_prefix("https://").or_else(|| written.strip_prefix("http://"));
        let rest = rest.ok_or("is no web address; it must start with https://")?;
        if rest.split(['/', '?', '#']).next().unwrap_or_default().contains("{{") {
            return Err("has a fact of the alert in its server's name; write that out, such as https://example.com/{{ labels.job }}".into());
        }
        Self::compile(written)
    }

    /// Which parts of an alert it reads that may be too long.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &Reads> {
        self.0.iter().filter_map(|piece| if let Piece::Fact(expression) = piece { Some(expression.reads()) } else { None })
    }

    /// The text for an alert.
    pub(crate) fn filled(&self, known: &Known<'_>, steps_left: &mut u64) -> Result<String, String> {
        self.each(known, steps_left, |made, fact| made.push_str(fact))
    }

    /// As it was written.
    pub(crate) fn written(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Fact(expression) => format!("{{{{ {} }}}}", expression.as_str()),
        };
        self.0.iter().map(piece).collect()
    }

    /// The address for an alert, the facts percent-encoded (RFC 3986, section 2.1).
    pub(crate) fn filled_address(&self, known: &Known<'_>, steps_left: &mut u64) -> Result<String, String> {
        self.each(known, steps_left, encode)
    }

    fn each(&self, known: &Known<'_>, steps_left: &mut u64, add: impl Fn(&mut String, &str)) -> Result<String, String> {
        let mut made = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => made.push_str(text),
                Piece::Fact(expression) => add(&mut made, &expression.text(known, steps_left)?),
            }
        }
        made.truncate(made.floor_char_boundary(MADE_BYTES_MAX));
        Ok(made)
    }
}

/// All but the unreserved characters (RFC 3986, section 2.3) as `%` and two digits for each byte.
fn encode(out: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // A String takes everything.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}
