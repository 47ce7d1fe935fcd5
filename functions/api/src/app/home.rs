//! What is open now: the reader's own, their teams', or everything that they may see.

use std::sync::Arc;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use hansho_domain::{About, Incident, OnCallLine};
use http::{HeaderMap, Uri};
use serde::Deserialize;

use super::{bundle, visitor::Visitor};
pub(super) use crate::page::app::home::Show;
use crate::{
    Api,
    link::{Trouble, answer},
    page::{
        BundleItem,
        app::home::{HomeFacts, home, seen},
    },
};

/// Where it is.
pub(super) const ADDRESS: &str = "/app";
/// Most open incidents of a kind that are looked at for one page, the newest.
const LOOKED_AT_MAX: usize = 150;

#[derive(Debug, Default, Deserialize)]
pub(super) struct HomeQuery {
    #[serde(default)]
    show: String,
}

/// `GET /app`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    query: Result<Query<HomeQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let show = wanted(query, &visitor);
        let (items, beyond) = open(&api, &visitor, show).await?;
        let on_call = my_schedules(&api, &visitor).await?;
        let address = format!("{ADDRESS}?show={}", show.as_str());
        let may_page = visitor.directory.services.iter().any(|one| visitor.access.pages(&visitor.directory, &one.id));
        let takeable = items.iter().filter(|item| bundle::is_takeable(&visitor, item)).count();
        let facts =
            HomeFacts { reader: &visitor.reader, show, items: &items, beyond, takeable, on_call: &on_call, may_page, address: &address };
        Ok(home(&facts, |title| visitor.frame("open", title)).into_response())
    };
    answer(shown.await, &headers)
}

/// `GET /app/live`: tells a page that is open whether it still shows what is so.
pub(super) async fn live(
    State(api): State<Arc<Api>>,
    query: Result<Query<HomeQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let looked = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let (items, beyond) = open(&api, &visitor, wanted(query, &visitor)).await?;
        Ok(seen(&items, beyond).into_response())
    };
    answer(looked.await, &headers)
}

/// What is asked for; otherwise what is of the reader's teams, if they have any.
pub(super) fn wanted(query: Result<Query<HomeQuery>, QueryRejection>, visitor: &Visitor) -> Show {
    let wanted = query.ok().and_then(|Query(query)| Show::named(&query.show));
    wanted.unwrap_or(if visitor.access.teams().is_empty() { Show::All } else { Show::Teams })
}

/// The open incidents of a view, and how many more there are beyond those that were looked at.
pub(super) async fn open(api: &Api, visitor: &Visitor, show: Show) -> Result<(Vec<BundleItem>, usize), Trouble> {
    let Visitor { access, directory, .. } = visitor;
    // A storm of others hides nothing of theirs: theirs are looked at first, and then what may call them elsewhere.
    let (mut open, mut beyond) = match show {
        Show::All if access.sees_everything() => api.store.newest_open_incidents(LOOKED_AT_MAX, |_| true).await?,
        Show::All | Show::Teams | Show::Mine => {
            api.store.newest_open_incidents(LOOKED_AT_MAX, |one| access.is_of_mine(directory, one)).await?
        }
    };
    if !(show == Show::All && access.sees_everything()) {
        let (others, more) = api.store.newest_open_incidents(LOOKED_AT_MAX, |one| !access.is_of_mine(directory, one)).await?;
        // Of what others look after nobody is told how much there is.
        beyond += if access.sees_everything() && show != Show::Teams { more } else { 0 };
        open.extend(others.into_iter().filter(|one| access.is_part_of(one)));
    }
    let shown = open.into_iter().filter(|one| is_shown(visitor, one, show));
    Ok((shown.map(|one| item(visitor, one)).collect(), beyond))
}

fn is_shown(visitor: &Visitor, incident: &Incident, show: Show) -> bool {
    let Visitor { access, directory, .. } = visitor;
    access.sees_incident(directory, incident)
        && match show {
            Show::Mine => access.is_part_of(incident),
            Show::Teams => access.is_of_mine(directory, &incident.service) || access.is_part_of(incident),
            Show::All => true,
        }
}

fn item(visitor: &Visitor, incident: Incident) -> BundleItem {
    let service = visitor.directory.service(&incident.service).map_or_else(|| incident.service.to_string(), |listed| listed.name.clone());
    BundleItem { incident, service }
}

/// Who is on call in the schedules that the reader or their teams are in.
async fn my_schedules(api: &Api, visitor: &Visitor) -> Result<Vec<OnCallLine>, Trouble> {
    let now = visitor.reader.now;
    let Visitor { access, directory, .. } = visitor;
    let mut lines: Vec<OnCallLine> = Vec::new();
    for team in access.teams() {
        for line in api.store.on_call(&About::Team(team.clone()), now).await? {
            if lines.iter().all(|known| known.schedule != line.schedule) && access.sees_schedule(directory, &line.schedule) {
                lines.push(line);
            }
        }
    }
    Ok(lines)
}
