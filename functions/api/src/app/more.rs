//! Everything else: where the pages are that nobody needs at night.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};

use super::{audit, keys, maintenance, visitor::Visitor};
use crate::{
    Api,
    link::answer,
    page::app::sheet::{Row, Said, Section, Sheet},
    words,
};

/// Where it is.
pub(super) const ADDRESS: &str = "/app/more";

/// `GET /app/more`
pub(super) async fn show(State(api): State<Arc<Api>>, headers: HeaderMap, uri: Uri) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let tongue = words::tongue(visitor.reader.language);
        let (u, p) = (tongue.setup(), tongue.people());
        let sees_everything = visitor.access.sees_everything();
        let pages = [
            ("/app/services", u.services, u.services_text, true),
            ("/app/teams", u.teams, u.teams_text, true),
            ("/app/people", p.people, u.people_text, true),
            ("/app/suppressed", u.suppressed, u.suppressed_text, true),
            (maintenance::ADDRESS, u.maintenance, u.maintenance_text, true),
            ("/app/configuration", u.configuration, u.configuration_text, sees_everything),
            (keys::ADDRESS, u.keys, u.keys_text, keys::may_see(&visitor)),
            (audit::ADDRESS, u.audit, u.audit_text, visitor.access.administers()),
        ];
        let row = |(to, word, told, _): &(&str, &'static str, &'static str, bool)| Row {
            to: (*to).to_owned(),
            name: Said::ours(*word),
            told: vec![Said::ours(*told)],
        };
        let rows = pages.iter().filter(|(.., may_see)| *may_see).map(row).collect();
        let mut sheet = Sheet::new(visitor.frame("more", u.more.to_owned()), visitor.reader.language, ADDRESS);
        sheet.sections = vec![Section { rows, ..Section::default() }];
        Ok(sheet.html().into_response())
    };
    answer(shown.await, &headers)
}
