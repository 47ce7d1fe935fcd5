//! The text of an earlier version.

use hansho_configuration::Files;
use hansho_store::{Store, StoreError};

/// The files of a version, or why there are none.
pub(crate) async fn text_of(store: &Store, version: u64) -> Result<Result<Files, String>, StoreError> {
    if version == 0 {
        return Ok(Err("nothing was ever applied; apply a folder with `hansho apply --config DIR`".to_owned()));
    }
    if store.version(version).await?.is_none() {
        return Ok(Err(format!("there is no version {version}; `hansho versions` lists those that are and were in force")));
    }
    Ok(match store.configuration_text(version).await? {
        Some(text) => Ok(text.0),
        None => Err(format!("version {version} was made without files, so there is nothing to give back; choose another")),
    })
}
