//! Pages that say why there is nothing to see.

use axum::response::{IntoResponse, Response};
use hansho_domain::Language;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::{code, template::filled};
use crate::{asset, words};

/// Why a page is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Nobody made this link.
    LinkUnknown,
    /// The incident is resolved and its page was shown for long enough.
    LinkExpired,
    /// What the link asks is no longer asked.
    QuestionOver,
    /// The link was sent to an address that is not the person's any more.
    AddressChanged,
    /// A page of somebody else's sent the form.
    ForeignForm,
    /// The form is none of ours.
    BadForm,
    /// The form is longer than ours are.
    TooLarge,
    /// Nobody has signed in.
    SignedOut,
    /// The link to sign in is too old.
    SignInOver,
    /// The link to sign in was used.
    SignInUsed,
    /// The invitation is too old, or not the newest.
    InvitationOver,
    /// Too many were invited of late.
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
    /// Somebody else is on call by now.
    ShiftChanged,
    /// They have as many calendar links as may be.
    TooManyCalendars,
    /// They were sent enough messages of late.
    AskedTooOften,
    /// Their role does not allow it.
    NotAllowed,
    /// The device has no network.
    Offline,
    /// There is nothing at this address.
    NothingHere,
    /// The address does not take this method.
    WrongMethod,
    /// The table does not answer.
    Unavailable,
    /// What is stored can not be read.
    Unreadable,
}

impl Notice {
    fn status(self) -> StatusCode {
        match self {
            Self::LinkUnknown | Self::NothingHere => StatusCode::NOT_FOUND,
            Self::LinkExpired | Self::QuestionOver | Self::AddressChanged => StatusCode::GONE,
            Self::SignInOver | Self::SignInUsed | Self::InvitationOver | Self::PasskeyTooLate => StatusCode::GONE,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::ForeignForm | Self::NotAllowed | Self::PasskeyUnknown => StatusCode::FORBIDDEN,
            Self::ShiftChanged | Self::TooManyCalendars | Self::PasskeysTooMany => StatusCode::CONFLICT,
            Self::AskedTooOften | Self::InvitedTooOften | Self::SignInTooOften => StatusCode::TOO_MANY_REQUESTS,
            Self::BadForm | Self::PasskeyNotAdded => StatusCode::BAD_REQUEST,
            // It is stored as a page that was loaded well.
            Self::Offline => StatusCode::OK,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unreadable => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

#[derive(Serialize)]
struct View {
    lang: &'static str,
    style: &'static str,
    page_title: &'static str,
    text: &'static str,
}

/// The page that says so.
pub fn notice(language: Language, notice: Notice) -> Response {
    let (page_title, text) = words::tongue(language).notice(notice);
    let view = View { lang: code(language), style: asset::STYLE.as_str(), page_title, text };
    let mut response = (notice.status(), filled("notice.html", &view)).into_response();
    if notice == Notice::Unavailable {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
    response
}
