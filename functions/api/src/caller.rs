//! Who may use the JSON: whoever holds a token.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};

use crate::{Api, problem::Problem};

/// The name of the token that a request came with; timelines show it.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) String);

/// Lets through what brings a token that is known, and says whose it is.
pub(crate) async fn authenticate(State(api): State<Arc<Api>>, mut request: Request, next: Next) -> Response {
    match caller(&api, request.headers()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn caller(api: &Api, headers: &HeaderMap) -> Result<Caller, Problem> {
    let Some(token) = bearer(headers) else {
        return Err(unauthorized("A token is needed. Send the header `Authorization: Bearer TOKEN`.", "Bearer realm=\"hansho\""));
    };
    let name = api.store.token_name(token).await?;
    name.map(Caller).ok_or_else(|| {
        unauthorized(
            "This token is not known. Check it for missing characters, or ask whoever runs Hansho for a new one.",
            "Bearer realm=\"hansho\", error=\"invalid_token\"",
        )
    })
}

fn unauthorized(message: &str, challenge: &'static str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, message).with_header(header::WWW_AUTHENTICATE, challenge)
}

/// The token of `Authorization: Bearer TOKEN` (RFC 6750, section 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::bearer;

    #[test]
    fn only_a_bearer_token_is_one() {
        for (header, expected) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Basic abc", None),
            ("Bearer ", None),
            ("Bearer", None),
            ("abc", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("authorization", HeaderValue::from_static(header));
            assert_eq!(bearer(&headers), expected, "{header}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
