//! Secrets: the key that signs links. Never logged, compared in constant time.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
};

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::settings::Settings;

/// Shortest signing key, in bytes (the output length of SHA-256, RFC 2104 section 3).
const KEY_BYTES_MIN: usize = 32;

/// Shortest part of a signature that proves anything, in bytes.
const BEGINNING_BYTES_MIN: usize = 8;

/// The deployment's secrets. The default has no key; it stands where settings are incomplete and nothing starts.
#[derive(Clone, Default)]
pub struct Secrets {
    link_key: Vec<u8>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(..)")
    }
}

impl Secrets {
    /// With the key that signs links: at least 32 bytes.
    pub fn new(link_key: Vec<u8>) -> Result<Self, &'static str> {
        if link_key.len() < KEY_BYTES_MIN { Err("the link signing key needs at least 32 bytes") } else { Ok(Self { link_key }) }
    }

    /// From `HANSHO_LINK_KEY`, or the file that `HANSHO_LINK_KEY_FILE` names.
    pub fn from_settings(settings: &mut Settings<'_>) -> Option<Self> {
        let file = settings.optional("HANSHO_LINK_KEY_FILE");
        let key = match (settings.optional("HANSHO_LINK_KEY"), &file) {
            (Some(key), _) => key.into_bytes(),
            (None, Some(path)) => match std::fs::read(path) {
                Ok(key) => key,
                Err(error) => {
                    settings.problem(format!("HANSHO_LINK_KEY_FILE names {path}, which can not be read: {error}"));
                    return None;
                }
            },
            (None, None) => {
                settings.problem("set HANSHO_LINK_KEY, or HANSHO_LINK_KEY_FILE to a file, with at least 32 random bytes that sign links");
                return None;
            }
        };
        Self::new(key).map_err(|problem| settings.problem(problem)).ok()
    }

    /// The signature of `text` under the link key (HMAC-SHA-256, RFC 2104).
    pub fn sign_link(&self, text: &str) -> [u8; 32] {
        // HMAC takes keys of any length, so this arm is never taken; it must still not sign with an empty key.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.link_key) else {
            return Sha256::digest(&self.link_key).into();
        };
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Whether `beginning` is how the signature of `text` under the link key begins, compared in constant time. It has to be at least
    /// 8 bytes: fewer can be found by trying.
    pub fn has_signed(&self, text: &str, beginning: &[u8]) -> bool {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.link_key) else { return false };
        mac.update(text.as_bytes());
        beginning.len() >= BEGINNING_BYTES_MIN && mac.verify_truncated_left(beginning).is_ok()
    }
}

/// Digits of a code: base 58, which leaves out what is easily mistaken (0 and O, I and l).
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// Length of a code: 24 digits of base 58 carry 140 bits.
const CODE_CHARS: usize = 24;

/// Random bytes of an integration key.
const KEY_BYTES: usize = 16;

/// A code that nobody can guess, from the system's randomness.
///
/// # Errors
/// The system gives none.
pub fn random_code() -> io::Result<String> {
    let mut source = File::open("/dev/urandom")?;
    let mut code = String::with_capacity(CODE_CHARS);
    let mut bytes = [0; 64];
    while code.len() < CODE_CHARS {
        source.read_exact(&mut bytes)?;
        // Bytes from 232 on would make some digits likelier than others.
        let digits = bytes.iter().filter(|byte| **byte < 232).map(|byte| char::from(BASE58[usize::from(byte % 58)]));
        code.extend(digits.take(CODE_CHARS - code.len()));
    }
    Ok(code)
}

/// An integration key that nobody can guess: 32 lower-case hexadecimal digits, as PagerDuty's have, from the system's randomness.
///
/// # Errors
/// The system gives none.
pub fn random_key() -> io::Result<String> {
    let mut bytes = [0; KEY_BYTES];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The hash under which a token is stored: SHA-256, in lower-case hexadecimal. Tokens are random, so no salt is needed.
pub fn token_hash(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{BASE58, CODE_CHARS, Secrets, random_code};

    #[test]
    fn a_signature_is_known_by_its_beginning_and_by_no_short_one() {
        let secrets = Secrets::new(vec![7; 32]).unwrap();
        let signature = secrets.sign_link("text");
        assert!(secrets.has_signed("text", &signature) && secrets.has_signed("text", &signature[..10]));
        assert!(!secrets.has_signed("other", &signature[..10]));
        assert!(!secrets.has_signed("text", &signature[..7]) && !secrets.has_signed("text", &[]));
        assert!(!secrets.has_signed("text", &[0; 10]));
    }

    #[test]
    fn every_code_is_another_one_of_digits_that_are_not_mistaken() {
        let (one, other) = (random_code().unwrap(), random_code().unwrap());
        assert_ne!(one, other);
        assert!(one.len() == CODE_CHARS && one.bytes().all(|byte| BASE58.contains(&byte)), "{one}");
    }
}
