//! What the checks of SES mean for a mail, as its integration has it.

use hansho_domain::{MailVerdict, MailVerdicts};

use crate::envelope::{Verdict, Verdicts};

/// What the checks come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// It is taken in; where a check failed, this says so.
    Taken(Option<String>),
    /// It pages nobody, and why.
    Suppressed(String),
}

/// Looks at the verdicts of SES as the integration wants them looked at.
pub fn checked(verdicts: Verdicts, wanted: MailVerdicts) -> Checked {
    let all = [
        ("virus", "virusVerdict", verdicts.virus, wanted.virus),
        ("spam", "spamVerdict", verdicts.spam, wanted.spam),
        ("dmarc", "dmarcVerdict", verdicts.dmarc, wanted.dmarc),
    ];
    let mut remarks = Vec::new();
    for (key, name, verdict, wanted) in all {
        let is_refused = match wanted {
            MailVerdict::Open => false,
            MailVerdict::Suppress => verdict == Verdict::Fail,
            MailVerdict::Require => verdict != Verdict::Pass,
        };
        let said = match verdict {
            Verdict::Pass => "PASS",
            Verdict::Fail => "FAIL",
            Verdict::Gray => "GRAY",
            Verdict::Unknown => "unknown",
        };
        if is_refused {
            return Checked::Suppressed(format!("SES says {name} {said}, and its integration does not want such mail (`verdicts.{key}`)"));
        }
        if verdict == Verdict::Fail {
            remarks.push(format!("{name} FAIL"));
        }
    }
    Checked::Taken((!remarks.is_empty()).then(|| format!("SES says {}; look twice before you follow its links", remarks.join(", "))))
}

#[cfg(test)]
mod tests {
    use hansho_domain::{MailVerdict, MailVerdicts};

    use super::{Checked, checked};
    use crate::envelope::{Verdict, Verdicts};

    #[test]
    fn an_alarm_that_looks_like_spam_opens_and_a_virus_does_not_unless_said_otherwise() {
        let of = |spam, virus, dmarc| Verdicts { spam, virus, dmarc };
        let (pass, fail, gray, unknown) = (Verdict::Pass, Verdict::Fail, Verdict::Gray, Verdict::Unknown);
        let default = MailVerdicts::default();
        assert_eq!(checked(of(pass, pass, pass), default), Checked::Taken(None));
        assert_eq!(checked(of(unknown, unknown, gray), default), Checked::Taken(None));
        assert!(
            matches!(checked(of(fail, pass, fail), default), Checked::Taken(Some(said)) if said.contains("spamVerdict FAIL, dmarcVerdict"))
        );
        assert!(matches!(checked(of(pass, fail, pass), default), Checked::Suppressed(said) if said.contains("virusVerdict FAIL")));
        let strict = MailVerdicts { spam: MailVerdict::Suppress, virus: MailVerdict::Open, dmarc: MailVerdict::Require };
        assert!(matches!(checked(of(fail, pass, pass), strict), Checked::Suppressed(_)));
        assert!(matches!(checked(of(pass, fail, pass), strict), Checked::Taken(Some(_))));
        for verdict in [fail, gray, unknown] {
            assert!(matches!(checked(of(pass, pass, verdict), strict), Checked::Suppressed(said) if said.contains("verdicts.dmarc")));
        }
    }
}
