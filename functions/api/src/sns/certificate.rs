//! The keys that verify signatures of SNS.
//!
//! SNS serves the certificate alone, without those that issued it, so its chain can not be followed. What is known of it is known by the
//! connection: it comes from a host that only SNS answers under, over TLS that trusts Amazon's roots alone.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use hansho_domain::is_sns_host;
use hansho_runtime::Downloads;
use jiff::Timestamp;
use ring::signature::{RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters, UnparsedPublicKey};
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, oid_registry::OID_PKCS1_RSAENCRYPTION, pem::parse_x509_pem};

use super::{
    answer::{Refusal, is_final},
    message::{Signature, Version},
};

/// Largest certificate that is looked at, in bytes; those of SNS have some 2,000.
const CERTIFICATE_BYTES_MAX: usize = 64 * 1024;
/// Most keys that a process keeps. A Region has one at a time.
const KEYS_MAX: usize = 16;
/// How often a certificate is asked for before SNS is told to try again.
const ATTEMPTS_MAX: u32 = 2;
/// Longest part of a certificate's file name that SNS makes up, in bytes; it has 32.
const NAME_BYTES_MAX: usize = 64;

/// The address of a certificate of SNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CertificateUrl(String);

impl CertificateUrl {
    /// Takes nothing but `https://sns.REGION.amazonaws.com[.cn]/SimpleNotificationService-NAME.pem`, so that no message makes this
    /// process ask for anything else.
    pub(super) fn new(text: &str) -> Result<Self, Refusal> {
        let name = text.strip_prefix("https://").and_then(|rest| rest.split_once('/')).and_then(|(host, path)| {
            let name = path.strip_prefix("SimpleNotificationService-")?.strip_suffix(".pem")?;
            is_sns_host(host).then_some(name)
        });
        match name {
            Some(name) if (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Ok(Self(text.to_owned()))
            }
            Some(_) | None => Err(Refusal::Forged("its certificate is not where SNS has certificates")),
        }
    }
}

/// Keys that were asked for, by the address of their certificate.
#[derive(Debug, Default)]
pub(super) struct Keys(Mutex<BTreeMap<String, Arc<Key>>>);

/// A public key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// An RSA key as PKCS #1 has it.
    der: Vec<u8>,
    /// From when, and until when; both in seconds since 1970.
    valid: std::ops::RangeInclusive<i64>,
}

impl Keys {
    /// The key whose certificate is there.
    pub(super) async fn of(&self, url: &CertificateUrl, downloads: &Downloads, now: Timestamp) -> Result<Arc<Key>, Refusal> {
        let known = self.map(|keys| keys.get(&url.0).filter(|key| key.is_valid_at(now)).cloned());
        if let Some(key) = known {
            return Ok(key);
        }
        let key = Arc::new(Key::read(&download(url, downloads).await?).map_err(Refusal::Forged)?);
        if !key.is_valid_at(now) {
            return Err(Refusal::Forged("its certificate is not valid at this time"));
        }
        self.map(|keys| {
            if keys.len() >= KEYS_MAX {
                keys.clear();
            }
            keys.insert(url.0.clone(), Arc::clone(&key));
        });
        Ok(key)
    }

    /// A thread that panicked while holding them left nothing half-done, so its poison is ignored.
    fn map<T>(&self, look: impl FnOnce(&mut BTreeMap<String, Arc<Key>>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn download(url: &CertificateUrl, downloads: &Downloads) -> Result<Vec<u8>, Refusal> {
    let mut why = String::new();
    for _ in 0..ATTEMPTS_MAX {
        match downloads.get(&url.0, CERTIFICATE_BYTES_MAX).await {
            Ok(answer) if answer.status == 200 => return Ok(answer.body),
            // Who names a certificate that SNS does not have is not SNS.
            Ok(answer) if is_final(answer.status) => {
                return Err(Refusal::Forged("SNS has no such certificate"));
            }
            Ok(answer) => why = format!("the status is {}", answer.status),
            Err(error) => why = error.to_string(),
        }
    }
    Err(Refusal::Later(format!("the certificate of SNS could not be read: {why}")))
}

impl Key {
    /// The key of a certificate, in PEM, that is one of SNS by its names.
    fn read(pem: &[u8]) -> Result<Self, &'static str> {
        let (_, pem) = parse_x509_pem(pem).map_err(|_| "what SNS serves there is no certificate")?;
        let certificate = pem.parse_x509().map_err(|_| "what SNS serves there is no certificate")?;
        if !is_named_as_sns(&certificate) {
            return Err("its certificate is not that of SNS");
        }
        let key = certificate.public_key();
        if key.algorithm.algorithm != OID_PKCS1_RSAENCRYPTION {
            return Err("its certificate has no RSA key");
        }
        let valid = certificate.validity();
        Ok(Self { der: key.subject_public_key.data.to_vec(), valid: valid.not_before.timestamp()..=valid.not_after.timestamp() })
    }

    fn is_valid_at(&self, now: Timestamp) -> bool {
        self.valid.contains(&now.as_second())
    }

    /// Whether the signature is of this key and of that text.
    pub(super) fn verify(&self, signature: &Signature) -> Result<(), Refusal> {
        let algorithm: &'static RsaParameters = match signature.version {
            Version::One => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Version::Two => &RSA_PKCS1_2048_8192_SHA256,
        };
        UnparsedPublicKey::new(algorithm, &self.der)
            .verify(signature.text.as_bytes(), &signature.bytes)
            .map_err(|_| Refusal::Forged("its signature is not of its content"))
    }
}

/// Its certificates name `sns.amazonaws.com`, or the host of a Region.
fn is_named_as_sns(certificate: &X509Certificate<'_>) -> bool {
    let is_sns = |name: &str| matches!(name, "sns.amazonaws.com" | "sns.amazonaws.com.cn") || is_sns_host(name);
    let is_named = certificate.subject().iter_common_name().any(|name| name.as_str().is_ok_and(is_sns));
    let others = certificate.subject_alternative_name().ok().flatten();
    is_named
        || others
            .is_some_and(|names| names.value.general_names.iter().any(|name| matches!(name, GeneralName::DNSName(name) if is_sns(name))))
}

#[cfg(test)]
mod tests {
    use super::{CertificateUrl, Key};

    #[test]
    fn nothing_but_a_certificate_of_sns_is_asked_for() {
        for url in [
            "https://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem",
            "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0.pem",
        ] {
            assert!(CertificateUrl::new(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "http://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-0.pem",
            "HTTPS://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-0.pem",
            "https://sns.ap-northeast-1.amazonaws.com:443/SimpleNotificationService-0.pem",
            "https://user@sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-0.pem",
            "https://sns.ap-northeast-1.amazonaws.com@evil.example/SimpleNotificationService-0.pem",
            "https://sns.ap-northeast-1.amazonaws.com.evil.example/SimpleNotificationService-0.pem",
            "https://evil.example/sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-0.pem",
            "https://evil.example#.amazonaws.com/SimpleNotificationService-0.pem",
            "https://sns.ap-northeast-1.amazonaws.com\\@evil.example/SimpleNotificationService-0.pem",
            "https://sns.ap-northeast-1.amazonaws.com./SimpleNotificationService-0.pem",
            "https://s3.ap-northeast-1.amazonaws.com/SimpleNotificationService-0.pem",
            "https://169.254.169.254/SimpleNotificationService-0.pem",
            "https://sns.ap-northeast-1.amazonaws.com/../SimpleNotificationService-0.pem",
            "https://sns.ap-northeast-1.amazonaws.com//SimpleNotificationService-0.pem",
            "https://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-0.pem?x=.pem",
            "https://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-../x.pem",
            "https://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-.pem",
            "https://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-0%2e.pem",
            "https://sns.ap-northeast-1.amazonaws.com/?Action=Publish&x=/SimpleNotificationService-0.pem",
            " https://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-0.pem",
        ] {
            assert!(CertificateUrl::new(url).is_err(), "{url}");
        }
    }

    #[test]
    fn what_is_no_certificate_is_no_key() {
        for pem in ["", "<html>", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----"] {
            assert!(Key::read(pem.as_bytes()).is_err(), "{pem}");
        }
        // Amazon's own roots are certificates, and none of them is that of SNS.
        let root = include_bytes!("../../../../shared/runtime/src/amazon-roots.pem");
        assert_eq!(Key::read(root), Err("its certificate is not that of SNS"));
    }
}
