//! How many parts a page is as a text message: each is paid for, and how many there are is a matter of the address in it.

use hansho_channels::{IncidentFacts, Language, Method, Page, Templates, render_page, sms_parts};
use hansho_domain::{AlertId, IncidentId, PageReason, Severity, Urgency};
use jiff::{SignedDuration, Timestamp};

/// The address of a deployment without a domain of its own.
pub const ADDRESS: &str = "https://a1b2c3d4e5.execute-api.ap-northeast-1.amazonaws.com";
/// A link's code, as the store makes them (shared/store/src/link.rs).
const CODE: &str = "7K3QABCDEFGH";

/// How many parts a page is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageParts {
    /// In Japanese, to Japan.
    pub jp: f64,
    /// In English, to the United States.
    pub us: f64,
}

impl PageParts {
    /// Of one whose link leads to `url`.
    pub fn of(url: &str) -> Self {
        Self { jp: parts(Language::Ja, url), us: parts(Language::En, url) }
    }
}

/// The parts of the text that `delivery` would send.
fn parts(language: Language, url: &str) -> f64 {
    let now = Timestamp::UNIX_EPOCH;
    let page = Page {
        incident: IncidentFacts {
            id: IncidentId::derived(now, AlertId::from_hash([0; 16])),
            service: "checkout".to_owned(),
            title: match language {
                Language::En => "5xx rate 12%",
                Language::Ja => "5xx率 12%",
            }
            .to_owned(),
            severity: Severity::Critical,
            priority: None,
            urgency: Urgency::High,
            since: now,
            runbook: None,
            details: String::new(),
        },
        reason: PageReason::Step { step: 0, round: 0, via: "schedule/primary".to_owned() },
        named: None,
        templates: Templates::default(),
        link: format!("{}/i/{CODE}", url.trim_end_matches('/')),
        takes_answers: false,
        time_zone: "UTC".to_owned(),
        now: now.saturating_add(SignedDuration::from_secs(45)).unwrap_or(now),
    };
    sms_parts(&render_page(Method::Sms, language, &page).text) as f64
}

#[cfg(test)]
mod tests {
    use super::{ADDRESS, Language, parts};

    #[test]
    fn a_long_address_makes_two_parts_of_a_japanese_page_and_one_of_an_english_one() {
        assert_eq!((parts(Language::Ja, ADDRESS), parts(Language::En, ADDRESS)), (2.0, 1.0));
        for short in ["https://oncall.example.com", "https://oncall.example.com/"] {
            assert_eq!((parts(Language::Ja, short), parts(Language::En, short)), (1.0, 1.0), "{short}");
        }
    }
}
