//! From where somebody works on an incident: behind a sign-in, or by a link of theirs in a message.
//!
//! A link acts for its person and its incident, whatever their role; behind a sign-in it is the role that counts.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::{Path, Request, rejection::PathRejection};
use hansho_domain::{Access, Actor, Command, Directory, Incident, IncidentId, Input, InputId, UserId};
use hansho_store::{Applied, Link, LinkTo};
use http::{HeaderMap, Uri};

use super::{
    form::{self, Form},
    visitor::Visitor,
};
use crate::{
    Api, input_id,
    link::{self, Trouble},
    page::{Layout, Reader, app::Frame},
};

/// What stands in the addresses below an incident's page.
pub(super) type Names = Result<Path<BTreeMap<String, String>>, PathRejection>;

/// One incident, and whoever works on it.
pub(super) struct Desk {
    pub(super) incident: Incident,
    pub(super) user: UserId,
    pub(super) access: Access,
    pub(super) directory: Arc<Directory>,
    pub(super) reader: Reader,
    /// The address of the incident's page.
    pub(super) address: String,
    entry: Entry,
}

/// How they came in.
enum Entry {
    Session { secret: String },
    Link { code: String, link: Link },
}

impl Desk {
    /// The incident that the address names, if whoever asks may see it.
    pub(super) async fn of(api: &Api, names: Names, headers: &HeaderMap, uri: &Uri) -> Result<Self, Trouble> {
        let Path(names) = names?;
        let name = |name: &str| names.get(name).map(String::as_str);
        match (name("id"), name("code"), name("incident")) {
            (Some(id), ..) => Self::of_visitor(api, id, headers, uri).await,
            (None, Some(code), id) => Self::of_link(api, code, id, headers).await,
            (None, None, _) => Err(Trouble::NotThere),
        }
    }

    /// The same for whoever asks for more than to look: what can not be read is told to the people of last resort.
    pub(super) async fn to_act(api: &Api, names: Names, headers: &HeaderMap, uri: &Uri) -> Result<Self, Trouble> {
        link::paged_if_unreadable(api, Self::of(api, names, headers, uri).await).await
    }

    async fn of_visitor(api: &Api, id: &str, headers: &HeaderMap, uri: &Uri) -> Result<Self, Trouble> {
        let visitor = Visitor::of(api, headers, uri).await?;
        let incident = super::incident::visible(api, &visitor, id).await?;
        let Visitor { session, secret, access, directory, reader } = visitor;
        let address = super::incident::address(incident.id);
        Ok(Self { incident, user: session.user, access, directory, reader, address, entry: Entry::Session { secret } })
    }

    /// `id` tells which incident of a bundle's.
    async fn of_link(api: &Api, code: &str, id: Option<&str>, headers: &HeaderMap) -> Result<Self, Trouble> {
        let link = link::find(api, code).await?;
        let (id, address) = match (&link.to, id) {
            (LinkTo::Incident(of_link), None) => (*of_link, format!("/i/{code}")),
            (LinkTo::Bundle(ids), Some(id)) => {
                let id: IncidentId = id.parse().map_err(|_| Trouble::Unknown)?;
                (*ids.iter().find(|one| **one == id).ok_or(Trouble::Unknown)?, format!("/b/{code}/{id}"))
            }
            (
                LinkTo::Incident(_)
                | LinkTo::Bundle(_)
                | LinkTo::Proof { .. }
                | LinkTo::SignIn { .. }
                | LinkTo::Invitation { .. }
                | LinkTo::Swap { .. },
                _,
            ) => {
                return Err(Trouble::Unknown);
            }
        };
        let incident = link::incident_of(api, &link, id).await?;
        let directory = api.store.directory().await?;
        // Whoever is out of the configuration still has the buttons of their link, and nobody's names to choose from.
        let access = Access::of(&directory, &link.user).ok_or(Trouble::NotAllowed)?;
        let mut reader = link::reader(api, &link.user, headers).await;
        reader.names.extend(directory.users.iter().map(|(id, listed)| (id.clone(), listed.name.clone())));
        let user = link.user.clone();
        Ok(Self { incident, user, access, directory, reader, address, entry: Entry::Link { code: code.to_owned(), link } })
    }

    /// Whether they may do more than look.
    pub(super) fn acts(&self) -> Result<(), Trouble> {
        let may_act = match &self.entry {
            Entry::Session { .. } => self.access.acts_on(&self.directory, &self.incident),
            Entry::Link { .. } => true,
        };
        if may_act { Ok(()) } else { Err(Trouble::NotAllowed) }
    }

    /// Whether they have signed in.
    pub(super) fn is_visitor(&self) -> bool {
        matches!(self.entry, Entry::Session { .. })
    }

    /// A form of our own page.
    pub(super) async fn form(&self, request: Request) -> Result<Form, Trouble> {
        match &self.entry {
            Entry::Session { secret } => Form::of_session(request, secret).await,
            Entry::Link { .. } => Form::read(request).await,
        }
    }

    pub(super) fn layout(&self, title: String) -> Layout {
        match &self.entry {
            Entry::Session { secret } => Layout::of_visitor(Frame::new(&self.reader, "open", title, form::mark(secret))),
            Entry::Link { .. } => Layout::of_link(Frame::new(&self.reader, "", title, String::new())),
        }
    }

    /// The id of what they ask. `nonce` tells it from what else they ask.
    pub(super) fn input_id(&self, action: &str, nonce: &str) -> InputId {
        match &self.entry {
            Entry::Session { .. } => input_id::of_visitor(self.user.as_str(), action, nonce),
            Entry::Link { code, .. } => input_id::of_link(code, action, nonce),
        }
    }

    /// Asks it of the incident in their name.
    pub(super) async fn apply(&self, api: &Api, id: InputId, command: Command) -> Result<Applied, Trouble> {
        let input = Input { id, actor: Actor::User(self.user.clone()), command };
        let applied = link::paged_if_unreadable(api, api.store.apply(self.incident.id, &input).await.map_err(Trouble::from)).await?;
        if let Entry::Link { link, .. } = &self.entry {
            link::is_proof_of_address(api, link).await;
        }
        Ok(applied)
    }
}
