//! What can be asked through a link.

use hansho_domain::{Command, IncidentId, Priority, Urgency};

use crate::input_id::hash_text;

/// How many digits a nonce has.
const NONCE_DIGITS: usize = 16;
/// For how long the button snoozes. Whoever wants another time has the API.
const SNOOZE_SECONDS: u32 = 3600;

/// One of the buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkAction {
    Acknowledge,
    Resolve,
    Escalate,
    Snooze,
    Accept,
    Decline,
    /// Rate it at least so high.
    Raise(Priority),
    /// Wake somebody about what woke nobody.
    MakeUrgent,
}

impl LinkAction {
    const ALL: [Self; 10] = [
        Self::Acknowledge,
        Self::Resolve,
        Self::Escalate,
        Self::Snooze,
        Self::Accept,
        Self::Decline,
        Self::Raise(Priority::Sev1),
        Self::Raise(Priority::Sev2),
        Self::Raise(Priority::Sev3),
        Self::MakeUrgent,
    ];

    /// The word for it in addresses.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Resolve => "resolve",
            Self::Escalate => "escalate",
            Self::Snooze => "snooze",
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Raise(Priority::Sev1) => "raise-to-sev1",
            Self::Raise(Priority::Sev2) => "raise-to-sev2",
            Self::Raise(Priority::Sev3) => "raise-to-sev3",
            Self::Raise(Priority::Sev4) => "raise-to-sev4",
            Self::MakeUrgent => "make-urgent",
        }
    }

    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }

    pub(crate) fn command(self) -> Command {
        match self {
            Self::Acknowledge => Command::Acknowledge,
            Self::Resolve => Command::Resolve,
            Self::Escalate => Command::Escalate,
            Self::Snooze => Command::SnoozeFor { seconds: SNOOZE_SECONDS },
            Self::Accept => Command::AcceptRequest,
            Self::Decline => Command::DeclineRequest,
            Self::Raise(to) => Command::RaisePriority { to },
            Self::MakeUrgent => Command::ChangeUrgency { urgency: Urgency::High },
        }
    }

    /// What a form for these incidents at these versions carries, so that two taps on it are one input.
    pub(crate) fn nonce(self, seen: impl IntoIterator<Item = (IncidentId, u64)>) -> String {
        let seen: Vec<String> = seen.into_iter().map(|(id, version)| format!("{id}-{version}")).collect();
        hash_text(&[self.as_str(), &seen.join("/")], NONCE_DIGITS)
    }
}

/// Whether `text` is what [`LinkAction::nonce`] makes.
pub(crate) fn is_nonce(text: &str) -> bool {
    text.len() == NONCE_DIGITS && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use hansho_domain::{AlertId, IncidentId};
    use jiff::Timestamp;

    use super::{LinkAction, is_nonce};

    #[test]
    fn a_nonce_belongs_to_an_action_and_to_what_was_seen() {
        let id = IncidentId::derived(Timestamp::UNIX_EPOCH, AlertId::from_hash([7; 16]));
        let nonce = LinkAction::Acknowledge.nonce([(id, 1)]);
        assert!(is_nonce(&nonce), "{nonce}");
        assert_eq!(nonce, LinkAction::Acknowledge.nonce([(id, 1)]));
        assert_ne!(nonce, LinkAction::Acknowledge.nonce([(id, 2)]));
        assert_ne!(nonce, LinkAction::Resolve.nonce([(id, 1)]));
        assert_ne!(nonce, LinkAction::Acknowledge.nonce([(id, 1), (id, 2)]));
        for other in ["", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdeg", "0123456789abcdef0"] {
            assert!(!is_nonce(other), "{other}");
        }
    }

    #[test]
    fn every_action_has_one_name() {
        for action in LinkAction::ALL {
            assert_eq!(LinkAction::named(action.as_str()), Some(action));
        }
        assert_eq!(LinkAction::named("reopen"), None);
    }
}
