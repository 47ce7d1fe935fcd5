//! Which alarm it is: name, ARN, account and Region.

/// An alarm's place in the world.
pub(super) struct Identity {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) account: String,
    pub(super) region: Option<String>,
}

/// What a payload says about it, each part of it perhaps missing.
#[derive(Default)]
pub(super) struct Claims {
    pub(super) name: Option<String>,
    pub(super) arn: Option<String>,
    pub(super) account: Option<String>,
    /// A Region's code or, from SNS, its name for people ("Asia Pacific (Tokyo)").
    pub(super) region: Option<String>,
}

impl Identity {
    /// Settles it. The ARN is believed first: the other fields are prose in some payloads.
    ///
    /// Without an ARN (old SNS captures) one is put together from what there is. It has to be stable, not true: it
    /// is the dedup key, and the OK of such an alarm lacks the ARN as well.
    pub(super) fn settle(claims: Claims) -> Result<Self, String> {
        let arn = claims.arn.filter(|arn| arn.starts_with("arn:"));
        // arn:PARTITION:cloudwatch:REGION:ACCOUNT:alarm:NAME, and a name may hold colons.
        let parts: Vec<&str> = arn.as_deref().unwrap_or("").splitn(7, ':').collect();
        let part = |place: usize| parts.get(place).copied().filter(|part| !part.is_empty()).map(str::to_owned);

        let name = claims.name.or_else(|| part(6)).ok_or("It names no alarm: there is neither a name nor an ARN in it.")?;
        let account = part(4).filter(|a| is_account(a)).or(claims.account).unwrap_or_else(|| "unknown".to_owned());
        let region = part(3).filter(|r| is_region(r)).or_else(|| claims.region.clone().filter(|r| is_region(r)));
        let arn = match arn {
            Some(arn) => arn,
            None => {
                let place = region.clone().unwrap_or_else(|| dashed(claims.region.as_deref().unwrap_or("unknown")));
                format!("arn:aws:cloudwatch:{place}:{account}:alarm:{name}")
            }
        };
        Ok(Self { name, arn, account, region })
    }
}

pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// `us-east-1`, `us-gov-west-1`: words and a number. The name for people never looks like this.
pub(super) fn is_region(text: &str) -> bool {
    let mut parts: Vec<&str> = text.split('-').collect();
    let number = parts.pop().unwrap_or("");
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    text.len() <= 30 && parts.len() >= 2 && parts.iter().all(is_word) && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

/// "EU (Milan)" becomes `eu-milan`, which tells two Regions apart and is no code of one.
fn dashed(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}
