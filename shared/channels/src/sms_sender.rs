//! Whom text messages come from, and what one may cost: as the deployment says it.

use hansho_domain::OriginationNumber;

/// Longest name of a sender, in characters (SNS developer guide, "Setting SMS messaging preferences": 1 to 11 letters, digits and hyphens, at
/// least one letter).
const ID_CHARS_MAX: usize = 11;

/// Whom text messages come from. Where something of it is wrong no text message goes out, and each says why; everything else does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SmsSender {
    /// The name an SMS comes from, where the country allows one.
    pub(crate) id: Option<String>,
    /// The number an SMS comes from.
    pub(crate) number: Option<OriginationNumber>,
    /// The most that one SMS may cost, in USD: `0.50`.
    pub(crate) max_price_usd: Option<String>,
    problem: Option<String>,
}

impl SmsSender {
    /// From a name, a number in E.164 or a short code, and the most that one SMS may cost in USD; each may be left out.
    pub fn new(id: Option<String>, number: Option<&str>, max_price_usd: Option<String>) -> Self {
        let (number, wrong_number) = match number.map(OriginationNumber::new) {
            None => (None, None),
            Some(Ok(number)) => (Some(number), None),
            Some(Err(error)) => {
                let why = error.to_string();
                (None, Some(format!("their number (`origination_number` of `sms`): {}", why.trim_end_matches('.'))))
            }
        };
        let wrong_id = id.as_deref().filter(|id| !is_id(id)).map(|_| {
            format!("the name of their sender (`sender_id` of `sms`): it has to be 1 to {ID_CHARS_MAX} letters, digits and hyphens, at least one a letter")
        });
        let wrong_price = max_price_usd.as_deref().filter(|price| !is_price(price)).map(|_| {
            "the most that one may cost (`max_price_usd` of `sms`): it has to be US dollars above 0 in digits, such as 0.50".to_owned()
        });
        let wrong: Vec<String> = [wrong_number, wrong_id, wrong_price].into_iter().flatten().collect();
        let problem =
            (!wrong.is_empty()).then(|| format!("No text message can go out. The deployment is wrong about {}.", wrong.join("; about ")));
        Self { id, number, max_price_usd, problem }
    }

    /// Why no text message can go out, and what to do about it, in sentences; `None` where all is right.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }
}

fn is_id(id: &str) -> bool {
    let is_plain = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (1..=ID_CHARS_MAX).contains(&id.len()) && is_plain && id.contains(|c: char| c.is_ascii_alphabetic())
}

/// Digits, and a dot between them at most.
fn is_price(price: &str) -> bool {
    let is_written = price.starts_with(|c: char| c.is_ascii_digit()) && price.ends_with(|c: char| c.is_ascii_digit());
    is_written && price.chars().all(|c| c.is_ascii_digit() || c == '.') && price.parse::<f64>().is_ok_and(|usd| usd > 0.0)
}

#[cfg(test)]
mod tests {
    use super::SmsSender;

    fn problem(id: &str, number: &str, price: &str) -> Option<String> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        SmsSender::new(some(id), some(number).as_deref(), some(price)).problem().map(str::to_owned)
    }

    #[test]
    fn what_sns_takes_is_right_and_what_it_refuses_is_named() {
        for (id, number, price) in
            [("", "", ""), ("Hansho", "+12065550100", "0.50"), ("ON-CALL-123", "", "1"), ("a", "+819012345678", ""), ("", "12345", "")]
        {
            assert_eq!(problem(id, number, price), None, "{id} {number} {price}");
        }
        for number in ["090-1234-5678", "12065550100", "+81 90 1234 5678", "123 45"] {
            let told = problem("", number, "").unwrap();
            assert!(told.contains("`origination_number`") && told.contains("+81") && !told.contains(number), "{told}");
        }
        for id in ["半鐘", "on-call desk!", "on call", "123-456", "on-call-desk-1"] {
            assert!(problem(id, "", "").unwrap().contains("`sender_id`"), "{id}");
        }
        for price in ["cheap", "0", "0.00", "-1", "1e3", "inf", "NaN", "1.", ".5", "1.2.3", "$1", "+1"] {
            assert!(problem("", "", price).unwrap().contains("`max_price_usd`"), "{price}");
        }
        let all = problem("半鐘", "09", "cheap").unwrap();
        assert!(["`origination_number`", "`sender_id`", "`max_price_usd`"].iter().all(|name| all.contains(name)), "{all}");
    }
}
