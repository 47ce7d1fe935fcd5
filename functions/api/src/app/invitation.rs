//! An invitation's link: a page that asks, and a tap that signs a newcomer in and shows what to do first.
//!
//! Scanners open links, so opening one does nothing.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use hansho_store::Accepted;
use http::HeaderMap;

use super::{checklist, form::Form, sign_in};
use crate::{
    Api,
    link::{Trouble, answer, reader, segment},
    page::app::sign_in::confirm,
};

/// `GET /invitation/{code}`: asks whether to sign in.
pub(super) async fn show(State(api): State<Arc<Api>>, code: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    let shown = async {
        let Path(code) = code?;
        let user = api.store.invitee(&code).await?.map_err(why_not)?;
        let reader = reader(&api, &user, &headers).await;
        Ok(confirm(&reader, &format!("/invitation/{}", segment(&code))).into_response())
    };
    answer(shown.await, &headers)
}

/// `POST /invitation/{code}`: signs in. The session is a new one, whatever the browser held before.
pub(super) async fn enter(State(api): State<Arc<Api>>, code: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let entered = async {
        let Path(code) = code?;
        let _form = Form::read(request).await?;
        let secret = sign_in::secret()?;
        match api.store.accept_invitation(&code, &secret, sign_in::agent(&headers)).await? {
            Accepted::Done(session) => {
                tracing::info!(user.id = %session.user, session.id = session.id, "somebody accepted their invitation");
                Ok(sign_in::begun(&api, &headers, &secret, checklist::ADDRESS).await)
            }
            why => Err(why_not(why)),
        }
    };
    answer(entered.await, &headers)
}

fn why_not(why: Accepted) -> Trouble {
    match why {
        Accepted::UsedBefore => Trouble::SignInUsed,
        Accepted::Over => Trouble::InvitationOver,
        Accepted::Done(_) | Accepted::Unknown => Trouble::Unknown,
    }
}
