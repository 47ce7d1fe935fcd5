//! Who has signed in, and what they may see.

use std::sync::Arc;

use hansho_domain::{Access, Directory};
use hansho_store::Session;
use http::{HeaderMap, Uri};

use super::{cookie, form};
use crate::{
    Api,
    link::Trouble,
    page::{Reader, app::Frame},
};

/// Whoever has signed in in the browser that asks.
pub(super) struct Visitor {
    /// Their session.
    pub(super) session: Session,
    /// Its secret.
    pub(super) secret: String,
    /// What they may do.
    pub(super) access: Access,
    /// The names of the configuration in force.
    pub(super) directory: Arc<Directory>,
    /// Their language, clock and names.
    pub(super) reader: Reader,
}

impl Visitor {
    /// Whoever sends this request. What they asked for is where signing in leads them.
    pub(super) async fn of(api: &Api, headers: &HeaderMap, uri: &Uri) -> Result<Self, Trouble> {
        let signed_out = || Trouble::SignedOut { to: uri.path_and_query().map_or_else(String::new, ToString::to_string) };
        let secret = cookie::secret(headers).ok_or_else(signed_out)?;
        let session = api.store.session(&secret).await?.ok_or_else(signed_out)?;
        let directory = api.store.directory().await?;
        // Whoever is out of the configuration is signed out, whatever their browser holds; whoever has their name later is somebody else.
        let is_same = directory.users.get(&session.user).is_some_and(|listed| listed.mail == session.mail);
        if !is_same {
            return Err(signed_out());
        }
        let access = Access::of(&directory, &session.user).ok_or_else(signed_out)?;
        let time_zone = match api.store.profile(&session.user).await {
            Ok(profile) => profile.map(|profile| profile.contact.time_zone).unwrap_or_default(),
            // A profile that can not be read costs the clock, not the page.
            Err(error) => {
                tracing::warn!(user.id = %session.user, error = %hansho_runtime::chain(&error), "a profile could not be read");
                String::new()
            }
        };
        let reader = Reader {
            user: session.user.clone(),
            language: directory.users.get(&session.user).map(|listed| listed.language).unwrap_or_default(),
            time_zone,
            now: api.store.clock().now(),
            names: directory.users.iter().map(|(id, listed)| (id.clone(), listed.name.clone())).collect(),
        };
        Ok(Self { session, secret, access, directory, reader })
    }

    /// What every page of theirs has in common.
    pub(super) fn frame(&self, here: &'static str, title: String) -> Frame {
        Frame::new(&self.reader, here, title, form::mark(&self.secret))
    }
}
