//! Whether the table is a restored one. What was due in it before may have been settled since its point of recovery: it is left for a while,
//! and whatever anybody or any alarm says of an incident meanwhile ends that for the incident.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use hansho_domain::{Incident, IncidentId};
use hansho_store::{RestorePause, Store, StoreError, TableOrigin};
use jiff::{SignedDuration, Timestamp};

/// What this copy of the function knows of its table.
#[derive(Debug, Default)]
pub(crate) struct Restores(Mutex<Known>);

#[derive(Debug, Default, Clone)]
enum Known {
    /// It has not been asked yet.
    #[default]
    Nothing,
    /// Which it is; whether it leaves something is asked each time.
    Table(TableOrigin),
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
        let table = match self.known() {
            Known::Settled => return Ok(None),
            Known::Table(table) => table,
            Known::Nothing => store.table_origin().await?,
        };
        let pause = store.restore_pause(&table).await?;
        self.know(if pause.is_some() { Known::Table(table) } else { Known::Settled });
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

/// What one sweep leaves, and of which incidents it knows that already.
#[derive(Debug)]
pub(crate) struct Leaving {
    pause: Option<RestorePause>,
    known: BTreeMap<IncidentId, bool>,
}

impl Leaving {
    pub(crate) fn new(pause: Option<RestorePause>) -> Self {
        Self { pause, known: BTreeMap::new() }
    }

    /// From when to when what is due by `by` is looked for, what may not be left first: however much is left of a shard, it hides nothing
    /// that is newer.
    pub(crate) fn spans(&self, by: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let Some(RestorePause { began, since, .. }) = self.pause else { return vec![(Timestamp::MIN, by)] };
        let before = |at: Timestamp| by.min(at.saturating_sub(SignedDuration::from_millis(1)).unwrap_or(Timestamp::MIN));
        vec![(since, by), (began, before(since)), (Timestamp::MIN, before(began))]
    }

    /// Whether a deadline is left: it had passed before the table was noticed, and the incident's is left.
    pub(crate) async fn leaves_deadline(&mut self, store: &Store, incident: &Incident, at: Timestamp) -> bool {
        self.pause.is_some_and(|pause| at < pause.since) && self.leaves(store, incident).await
    }

    /// Whether what is to be sent about an incident is left.
    pub(crate) async fn leaves_what_is_of(&mut self, store: &Store, incident: IncidentId) -> bool {
        if self.pause.is_none() {
            return false;
        }
        if let Some(is_left) = self.known.get(&incident) {
            return *is_left;
        }
        match store.incident(incident).await {
            Ok(Some(stored)) => self.leaves(store, &stored.incident).await,
            Ok(None) | Err(_) => false,
        }
    }

    /// Whether an incident's is left: nothing was said of it since the table began.
    async fn leaves(&mut self, store: &Store, incident: &Incident) -> bool {
        let Some(pause) = self.pause else { return false };
        if let Some(is_left) = self.known.get(&incident.id) {
            return *is_left;
        }
        // An answer that is not there is no reason to leave a page.
        let is_left = store.is_untouched_since(incident, pause.began).await.unwrap_or(false);
        self.known.insert(incident.id, is_left);
        is_left
    }
}
