//! Hashes that name inputs: the same asked twice has the same name, and what was secret in it can not be read back.

use hansho_domain::InputId;
use sha2::{Digest, Sha256};

/// The first 16 bytes of SHA-256 over the parts, each set off from the next.
pub(crate) fn hash(parts: &[&str]) -> [u8; 16] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hasher.finalize()[..16]);
    bytes
}

/// The same as lower-case hexadecimal, cut to `digits`.
pub(crate) fn hash_text(parts: &[&str], digits: usize) -> String {
    hash(parts)
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .take(digits)
        .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
        .collect()
}

/// The id of what somebody asked through a link with a form that carries `nonce`.
pub(crate) fn of_link(code: &str, action: &str, nonce: &str) -> InputId {
    InputId::derived(format!("link-{}-{action}-{nonce}", hash_text(&["link", code], 16)))
}

/// The id of what somebody who has signed in asked with a form that carries `nonce`.
pub(crate) fn of_visitor(user: &str, action: &str, nonce: &str) -> InputId {
    InputId::derived(format!("page-{}-{action}-{nonce}", hash_text(&["page", user], 16)))
}

/// The id of what a client asked for, under its own key for it. The same key for other `content` is another id, which the domain
/// knows to be of the same name.
pub(crate) fn of_request(caller: &str, action: &str, key: &str, content: &str) -> InputId {
    InputId::of_request(&hash_text(&["request", caller, action, key], 32), &hash_text(&["content", content], 16))
}

#[cfg(test)]
mod tests {
    use super::{hash_text, of_link, of_request};

    #[test]
    fn ids_repeat_themselves_differ_in_every_part_and_show_nothing_secret() {
        let id = of_link("7K3QabcDEF12", "acknowledge", "0123456789abcdef");
        assert_eq!(id, of_link("7K3QabcDEF12", "acknowledge", "0123456789abcdef"));
        assert!(!id.as_str().contains("7K3Q") && id.as_str().len() <= 80, "{id}");
        assert_ne!(of_request("a", "b", "c", "x"), of_request("a", "b", "d", "x"));
        assert_ne!(of_request("ab", "", "c", "x"), of_request("a", "b", "c", "x"), "parts do not run into each other");
        let (one, other) = (of_request("a", "b", "c", "x"), of_request("a", "b", "c", "y"));
        assert!(one != other && one.is_same_name_for_other_content(&other) && other.is_same_name_for_other_content(&one), "{one} {other}");
        assert!(!one.is_same_name_for_other_content(&one) && !one.is_same_name_for_other_content(&id));
        assert_eq!(hash_text(&["x"], 16).len(), 16);
        assert!(hash_text(&["x"], 16).bytes().all(|b| b.is_ascii_hexdigit()));
    }
}
