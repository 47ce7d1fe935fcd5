//! Forms of pages behind a sign-in: ours, from our own page, of this session.

use std::collections::BTreeMap;

use axum::extract::Request;

use crate::{
    body, input_id,
    link::{Trouble, is_foreign},
};

/// Most fields of a form of ours.
const FIELDS_MAX: usize = 40;
/// Digits of the mark that a form of a session carries.
const MARK_DIGITS: usize = 32;
/// The field with the mark.
pub(super) const MARK: &str = "mark";

/// What a form says. Every field is there once.
#[derive(Debug, Default)]
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads the form of a request that another site's page has not sent.
    pub(super) async fn read(request: Request) -> Result<Self, Trouble> {
        if is_foreign(request.headers()) {
            return Err(Trouble::ForeignForm);
        }
        let body = body::read(request.into_body()).await?;
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(&body) {
            let before = fields.insert(name.into_owned(), value.into_owned());
            if before.is_some() || fields.len() > FIELDS_MAX {
                return Err(Trouble::BadForm);
            }
        }
        Ok(Self(fields))
    }

    /// The same of the session that `secret` proves: it carries the mark of its pages.
    pub(super) async fn of_session(request: Request, secret: &str) -> Result<Self, Trouble> {
        let form = Self::read(request).await?;
        // What is compared is a hash of a secret that whoever guesses does not have; how far a guess is right tells nothing.
        if form.text(MARK) == mark(secret) { Ok(form) } else { Err(Trouble::ForeignForm) }
    }

    /// A field; empty when it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// What forms of a session carry: nobody can make it who does not know the session's secret, and the secret can not be told from it.
pub(super) fn mark(secret: &str) -> String {
    input_id::hash_text(&["form", secret], MARK_DIGITS)
}
