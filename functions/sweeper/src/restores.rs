//! Whether the table is a restored one. What was due in it before may have been settled since its point of recovery: it is left for a while,
//! and whatever anybody or any alarm says of an incident meanwhile ends that for the incident.

use std::sync::{Mutex, PoisonError};

use hansho_domain::{Incident, IncidentId};
use hansho_store::{RestorePause, Store, StoreError};

/// What this copy of the function knows of its table.
#[derive(Debug, Default)]
pub(crate) struct Restores(Mutex<Known>);

#[derive(Debug, Default, Clone)]
enum Known {
    /// It has not been asked yet.
    #[default]
    Nothing,
    /// Its id; whether it leaves something is asked each time.
    Id(String),
    /// It leaves nothing, and will not before it is another one.
    Settled,
}

impl Restores {
    /// Whether something is left now. Where it can not be asked nothing is: a page too many is better than none.
    pub(crate) async fn pause(&self, store: &Store) -> Option<RestorePause> {
        match self.ask(store).await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::warn!(error = %hansho_runtime::chain(&error), "whether the table is a restored one is not known; what is due in it is worked on");
                None
            }
        }
    }

    async fn ask(&self, store: &Store) -> Result<Option<RestorePause>, StoreError> {
        let id = match self.known() {
            Known::Settled => return Ok(None),
            Known::Id(id) => id,
            Known::Nothing => store.table_id().await?,
        };
        let pause = store.restore_pause(&id).await?;
        self.know(if pause.is_some() { Known::Id(id) } else { Known::Settled });
        Ok(pause)
    }

    /// The table did not answer: another may have come in its place, under the same name.
    pub(crate) fn forget(&self) {
        self.know(Known::Nothing);
    }

    fn known(&self) -> Known {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn know(&self, known: Known) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }
}

/// Whether what is due of an incident is left: it was due before the table was noticed, and nothing was said of it since.
pub(crate) async fn leaves(pause: Option<RestorePause>, store: &Store, incident: &Incident) -> bool {
    let Some(pause) = pause else { return false };
    // An answer that is not there is no reason to leave a page.
    store.is_untouched_since(incident, pause.since).await.unwrap_or(false)
}

/// The same of an incident by its id, for what is to be sent about it.
pub(crate) async fn leaves_what_is_of(pause: Option<RestorePause>, store: &Store, incident: IncidentId) -> bool {
    if pause.is_none() {
        return false;
    }
    match store.incident(incident).await {
        Ok(Some(stored)) => leaves(pause, store, &stored.incident).await,
        Ok(None) | Err(_) => false,
    }
}
