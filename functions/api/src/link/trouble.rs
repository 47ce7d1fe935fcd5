//! Why a link shows or does nothing, as a page.

use axum::{
    extract::rejection::PathRejection,
    response::{IntoResponse, Redirect, Response},
};
use hansho_store::StoreError;
use http::HeaderMap;

use crate::{
    body::TooLarge,
    language,
    page::{self, Notice},
};

/// What stands between a person and what they tapped.
#[derive(Debug)]
pub(crate) enum Trouble {
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
    /// Nobody has signed in in this browser, or their session is over.
    SignedOut {
        /// What they asked for.
        to: String,
    },
    /// The time of the link that signs in is over.
    SignInOver,
    /// It has signed somebody in before.
    SignInUsed,
    /// An invitation that is too old, was ended, or is not the newest.
    InvitationOver,
    /// Too many people were invited of late, or one too often.
    InvitedTooOften,
    /// The passkey signs nobody in.
    PasskeyUnknown,
    /// It took too long to answer with a passkey, or the answer came twice.
    PasskeyTooLate,
    /// The device has made no passkey that can be used.
    PasskeyNotAdded,
    /// They have as many passkeys as anybody may have.
    PasskeysTooMany,
    /// Signing in was begun too often from there.
    SignInTooOften,
    /// It is not there, or not theirs to see.
    NotThere,
    /// They may see it, and not do that.
    NotAllowed,
    /// Somebody else is on call by now than they saw.
    ShiftChanged,
    /// They have as many calendar links as may be.
    TooManyCalendars,
    /// They were sent enough messages of late.
    AskedTooOften,
    /// The system gives no randomness.
    NoRandomness,
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
            Self::SignedOut { .. } => Notice::SignedOut,
            Self::SignInOver => Notice::SignInOver,
            Self::SignInUsed => Notice::SignInUsed,
            Self::InvitationOver => Notice::InvitationOver,
            Self::InvitedTooOften => Notice::InvitedTooOften,
            Self::PasskeyUnknown => Notice::PasskeyUnknown,
            Self::PasskeyTooLate => Notice::PasskeyTooLate,
            Self::PasskeyNotAdded => Notice::PasskeyNotAdded,
            Self::PasskeysTooMany => Notice::PasskeysTooMany,
            Self::SignInTooOften => Notice::SignInTooOften,
            Self::NotThere => Notice::NothingHere,
            Self::NotAllowed => Notice::NotAllowed,
            Self::ShiftChanged => Notice::ShiftChanged,
            Self::TooManyCalendars => Notice::TooManyCalendars,
            Self::AskedTooOften => Notice::AskedTooOften,
            Self::NoRandomness => Notice::Unavailable,
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
pub(crate) fn answer(result: Result<Response, Trouble>, headers: &HeaderMap) -> Response {
    result.unwrap_or_else(|trouble| {
        if let Trouble::Store(error) = &trouble {
            tracing::error!(error = %hansho_runtime::chain(error), "a page could not be answered");
        }
        if let Trouble::SignedOut { to } = &trouble {
            let to: String = form_urlencoded::byte_serialize(to.as_bytes()).collect();
            return Redirect::to(&format!("/sign-in?to={to}")).into_response();
        }
        page::notice(language::preferred(headers), trouble.notice())
    })
}
