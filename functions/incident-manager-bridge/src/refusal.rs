//! Why the other side did not do what it was asked, and what follows from it.

use std::fmt;

/// What the other side says instead of doing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It has answered and nothing was done; it may be done later, when somebody has granted what is missing or there is room again.
    Later(String),
    /// The same, and nobody but whoever gives permissions can change it.
    Forbidden(String),
    /// Nobody knows whether it was done.
    Unanswered(String),
    /// The same request will be refused again.
    Never(String),
    /// There is no such record any more.
    Gone(String),
}

impl Refusal {
    /// From the name of an error, which is the same in Incident Manager and in OpsCenter where it means the same; `is_about_record`
    /// tells a record that is gone from a response plan that is not there yet.
    pub(crate) fn named(code: Option<&str>, status: Option<u16>, why: String, is_about_record: bool) -> Self {
        match code {
            Some("ResourceNotFoundException" | "OpsItemNotFoundException") if is_about_record => Self::Gone(why),
            Some("AccessDeniedException") => Self::Forbidden(why),
            Some("ValidationException" | "OpsItemInvalidParameterException" | "ServiceQuotaExceededException") => Self::Never(why),
            Some(_) if status.is_some_and(|status| status < 500) => Self::Later(why),
            _ => Self::Unanswered(why),
        }
    }

    /// Whether it is sure that nothing was done.
    pub(crate) fn is_certain(&self) -> bool {
        !matches!(self, Self::Unanswered(_))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Later(why) | Self::Forbidden(why) | Self::Unanswered(why) | Self::Never(why) | Self::Gone(why)) = self;
        f.write_str(why)
    }
}

#[cfg(test)]
mod tests {
    use super::Refusal;

    #[test]
    fn what_may_be_done_later_is_told_from_what_never_will_be() {
        let named = |code: Option<&str>, status, is_about_record| Refusal::named(code, status, "why".to_owned(), is_about_record);
        let why = || "why".to_owned();
        for (refusal, expected) in [
            (named(Some("ThrottlingException"), Some(429), true), Refusal::Later(why())),
            (named(Some("AccessDeniedException"), Some(403), true), Refusal::Forbidden(why())),
            (named(Some("ConflictException"), Some(409), true), Refusal::Later(why())),
            (named(Some("ResourceNotFoundException"), Some(404), false), Refusal::Later(why())),
            (named(Some("ResourceNotFoundException"), Some(404), true), Refusal::Gone(why())),
            (named(Some("OpsItemNotFoundException"), Some(400), true), Refusal::Gone(why())),
            (named(Some("ValidationException"), Some(400), true), Refusal::Never(why())),
            (named(Some("InternalServerException"), Some(500), true), Refusal::Unanswered(why())),
            (named(None, None, true), Refusal::Unanswered(why())),
        ] {
            assert_eq!(refusal, expected);
        }
    }
}
