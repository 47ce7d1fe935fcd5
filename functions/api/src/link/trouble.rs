//! Why a link shows or does nothing, as a page.

use axum::{extract::rejection::PathRejection, response::Response};
use hansho_store::StoreError;
use http::HeaderMap;

use crate::{
    body::TooLarge,
    language,
    page::{self, Notice},
};

/// What stands between a person and what they tapped.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Nobody made this link, or there is nothing behind it.
    Unknown,
    /// It was shown for long enough.
    Expired,
    /// The question behind it is answered or out of date.
    QuestionOver,
    /// It was sent to an address that is not the person's any more.
    AddressChanged,
    /// Somebody else's page sent the form.
    ForeignForm,
    /// The form is none of ours.
    BadForm,
    /// It is longer than our forms are.
    TooLarge,
    /// The table.
    Store(StoreError),
}

impl Trouble {
    fn notice(&self) -> Notice {
        match self {
            Self::Unknown => Notice::LinkUnknown,
            Self::Expired => Notice::LinkExpired,
            Self::QuestionOver => Notice::QuestionOver,
            Self::AddressChanged => Notice::AddressChanged,
            Self::ForeignForm => Notice::ForeignForm,
            Self::BadForm => Notice::BadForm,
            Self::TooLarge => Notice::TooLarge,
            Self::Store(StoreError::Unavailable { .. } | StoreError::Contention { .. } | StoreError::Unconfigured { .. }) => {
                Notice::Unavailable
            }
            Self::Store(StoreError::Unreadable { .. } | StoreError::UnreadableIncident { .. }) => Notice::Unreadable,
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<TooLarge> for Trouble {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

impl From<PathRejection> for Trouble {
    fn from(_: PathRejection) -> Self {
        Self::Unknown
    }
}

/// What a person sees, whatever came of it.
pub(super) fn answer(result: Result<Response, Trouble>, headers: &HeaderMap) -> Response {
    result.unwrap_or_else(|trouble| {
        if let Trouble::Store(error) = &trouble {
            tracing::error!(error = %hansho_runtime::chain(error), "a page could not be answered");
        }
        page::notice(language::preferred(headers), trouble.notice())
    })
}
