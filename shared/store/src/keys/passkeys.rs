//! Passkeys, and what begins with one request and ends with another.

use hansho_domain::UserId;

use super::{Key, hash};

/// What begins with one request and ends with another.
pub(crate) fn ceremony(name: &str) -> Key {
    Key::new(format!("CEREMONY#{}", hash(name)), "CEREMONY")
}

/// How often somebody began one.
pub(crate) fn ceremony_asker(asker: &str) -> Key {
    Key::new(format!("CEREMONY-ASKER#{}", hash(asker)), "ASKED")
}

/// A passkey is found by the hash of its credential id.
pub(crate) fn passkey(credential_hash: &str) -> Key {
    Key::new(format!("PASSKEY#{credential_hash}"), "PASSKEY")
}

/// The passkeys of a person.
pub(crate) fn passkeys_partition(user: &UserId) -> String {
    format!("PASSKEYS#{user}")
}

pub(crate) const PASSKEY_PREFIX: &str = "PASSKEY#";

pub(crate) fn passkey_of(user: &UserId, id: &str) -> Key {
    Key::new(passkeys_partition(user), format!("{PASSKEY_PREFIX}{id}"))
}
