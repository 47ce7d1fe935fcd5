//! Whose address a mail came to.

use hansho_domain::{IntegrationId, text};
use hansho_runtime::Secrets;
use hansho_store::{MailAddress, Store, StoreError};

/// Digits of the secret part.
const SECRET_CHARS: usize = 20;
/// Most secrets of addresses that are looked for in one text.
const NAMED_MAX: usize = 50;
/// Longest address, in bytes (RFC 5321 section 4.5.3.1.3).
const ADDRESS_BYTES_MAX: usize = 256;

/// The integration whose address this is; `None` when it is none's, or one that is not valid any more.
///
/// # Errors
/// DynamoDB does not answer.
pub async fn integration(store: &Store, secrets: &Secrets, recipient: &str) -> Result<Option<IntegrationId>, StoreError> {
    let Some((id, secret)) = recipient_parts(recipient) else { return Ok(None) };
    let address: MailAddress = store.mail_address(&id).await?;
    Ok(address.is_opened_by(secrets, &id, &secret, store.clock().now()).then_some(id))
}

/// The readable part and the secret one of an address: in lower case, and without what stands behind a plus.
fn recipient_parts(recipient: &str) -> Option<(IntegrationId, String)> {
    let local = local_part(recipient)?;
    let (name, secret) = local.rsplit_once('-')?;
    Some((IntegrationId::new(name).ok()?, secret.to_owned()))
}

/// The part of an address before `@`, in lower case and without what stands behind a plus.
pub fn local_part(address: &str) -> Option<String> {
    if address.len() > ADDRESS_BYTES_MAX {
        return None;
    }
    let (local, _) = address.trim().trim_matches(['<', '>']).rsplit_once('@')?;
    let local = local.split_once('+').map_or(local, |(local, _)| local);
    Some(local.trim_matches('"').to_ascii_lowercase())
}

/// An address without what stands behind a plus, in lower case.
pub fn plain(address: &str) -> Option<String> {
    let (_, domain) = address.trim().trim_matches(['<', '>']).rsplit_once('@')?;
    Some(format!("{}@{}", local_part(address)?, domain.to_ascii_lowercase()))
}

/// As much of an address as may be shown: what stands behind the last hyphen may be a secret that is right elsewhere.
pub fn readable(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let (local, secret) = match local.rsplit_once('-') {
        Some((name, _)) => (name, "-…"),
        None => (local, ""),
    };
    let at = if domain.is_empty() { "" } else { "@" };
    text::cut(&text::one_line(&format!("{local}{secret}{at}{domain}")), 100)
}

/// The secret parts of these addresses, each in lower case.
pub fn secrets<'a>(recipients: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let secrets = recipients.into_iter().filter_map(|recipient| {
        let local = local_part(recipient)?;
        let (_, secret) = local.rsplit_once('-')?;
        is_secret(secret).then(|| secret.to_owned())
    });
    secrets.collect()
}

/// The secret parts of addresses that the text names, each in lower case: those of other integrations stand in `To:` fields too.
fn named(text: &str) -> Vec<String> {
    let is_local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    let mut named = Vec::new();
    for (at, _) in text.match_indices(['@', '+']) {
        // A local part has 64 characters at most (RFC 5321 section 4.5.3.1.1), so no more is looked at.
        let begin = text[..at].char_indices().rev().take(64).take_while(|(_, c)| is_local(*c)).last().map_or(at, |(place, _)| place);
        let secret = text[begin..at].rsplit_once('-').map(|(_, secret)| secret.to_ascii_lowercase());
        named.extend(secret.filter(|secret| is_secret(secret) && !named.contains(secret)));
        if named.len() >= NAMED_MAX {
            break;
        }
    }
    named
}

fn is_secret(text: &str) -> bool {
    text.len() == SECRET_CHARS && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The text without these secrets, however they are written, and without those of addresses that it names: whoever reads it could
/// send mail there.
pub fn without(text: &str, secrets: &[String]) -> String {
    let mut left = text.to_owned();
    for secret in secrets.iter().chain(&named(text)) {
        // Both are as long as before in lower case.
        let lower = left.to_ascii_lowercase();
        let mut kept = String::with_capacity(left.len());
        let mut end = 0;
        for (place, _) in lower.match_indices(secret.as_str()) {
            kept.push_str(&left[end..place]);
            kept.push(text::ELLIPSIS);
            end = place + secret.len();
        }
        kept.push_str(&left[end..]);
        left = kept;
    }
    left
}

#[cfg(test)]
mod tests {
    use super::{plain, recipient_parts, secrets, without};

    #[test]
    fn the_secret_of_an_address_is_taken_out_and_what_only_looks_like_one_is_not() {
        let to = ["Checkout-Mail-0123456789ABCDEF0123+web-01@oncall.example.com", "on-call@example.com", "x-0123@y", "nobody"];
        let secrets = secrets(&to.map(str::to_owned));
        assert_eq!(secrets, ["0123456789abcdef0123"]);
        let text = "To: <checkout-mail-0123456789abcdef0123@a>, 復旧 Checkout-Mail-0123456789ABCDEF0123+web-01@a, on-call@b";
        assert_eq!(without(text, &secrets), "To: <checkout-mail-…@a>, 復旧 Checkout-Mail-…+web-01@a, on-call@b");
        assert_eq!(without(text, &[]), without(text, &secrets), "an address is known by its form");
        let other = "cc: shop-FEDCBA98765432100123@a, sha 0123456789abcdef0123, x-0123456789abcdef012@a";
        assert_eq!(without(other, &secrets), "cc: shop-…@a, sha …, x-0123456789abcdef012@a");
        assert_eq!(without(other, &[]), "cc: shop-…@a, sha 0123456789abcdef0123, x-0123456789abcdef012@a");
    }

    #[test]
    fn an_address_is_read_in_any_case_and_with_a_plus() {
        for (recipient, parts) in [
            ("checkout-mail-0123456789abcdef0123@oncall.example.com", Some(("checkout-mail", "0123456789abcdef0123"))),
            ("Checkout-Mail-0123456789ABCDEF0123+web01@ONCALL.example.com", Some(("checkout-mail", "0123456789abcdef0123"))),
            ("<a-1@b>", Some(("a", "1"))),
            ("nobody@oncall.example.com", None),
            ("-x@y", None),
            ("a b-1@y", None),
            ("no address", None),
            ("", None),
        ] {
            let found = recipient_parts(recipient);
            assert_eq!(found.as_ref().map(|(id, secret)| (id.as_str(), secret.as_str())), parts, "{recipient}");
        }
        assert_eq!(plain("Reply+x@Example.com").as_deref(), Some("reply@example.com"));
    }
}
