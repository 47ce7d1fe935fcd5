//! What is known of a newcomer apart from their profile: one partition for a person.

use hansho_domain::UserId;
use jiff::Timestamp;

use super::Key;

/// What a person has yet to do, and what invited them.
pub(crate) fn readiness_partition(user: &UserId) -> String {
    format!("READINESS#{user}")
}

/// The newest invitation of a person.
pub(crate) fn invitation(user: &UserId) -> Key {
    Key::new(readiness_partition(user), "INVITATION")
}

/// The newest test page of a person.
pub(crate) fn test_page(user: &UserId) -> Key {
    Key::new(readiness_partition(user), "TEST-PAGE")
}

pub(crate) const CONFIRMED_PREFIX: &str = "CONFIRMED#";

/// What a person has said that they have done.
pub(crate) fn confirmed(user: &UserId, what: &str) -> Key {
    Key::new(readiness_partition(user), format!("{CONFIRMED_PREFIX}{what}"))
}

/// How many invitations were sent in a day (UTC).
pub(crate) fn invitations_of_day(at: Timestamp) -> Key {
    Key::new(format!("INVITATIONS#{}", at.strftime("%Y-%m-%d")), "SENT")
}
