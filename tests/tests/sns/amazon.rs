//! Amazon as far as SNS is it: it has keys, serves the certificate of one, signs messages, and confirms subscriptions.

use std::sync::{Arc, Mutex, MutexGuard};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::{base64, body::SdkBody};
use hansho_runtime::Downloads;
use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
use ring::{rand::SystemRandom, rsa, signature::RSA_PKCS1_SHA256};
use serde_json::Value;

/// A key of SNS as it were. It was made for these tests and opens nothing.
const KEY: &str = include_str!("key.pem");
/// A key that SNS does not have.
const OTHER_KEY: &str = include_str!("other-key.pem");
/// Where the certificate is.
pub(crate) const CERTIFICATE: &str =
    "https://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem";

/// What it answers, and what it was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Amazon(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    certificate: String,
    /// The status of certificates and of confirmations; none: it does not answer.
    certificates: Option<u16>,
    confirmations: Option<u16>,
    asked: Vec<String>,
}

impl Amazon {
    /// With a certificate that is valid in 2026.
    pub(crate) fn new() -> Self {
        let state = State {
            certificate: certificate(KEY, "sns.amazonaws.com", (2026, 2027)),
            certificates: Some(200),
            confirmations: Some(200),
            asked: Vec::new(),
        };
        Self(Arc::new(Mutex::new(state)))
    }

    pub(crate) fn downloads(&self) -> Downloads {
        Downloads::over(SharedHttpConnector::new(self.clone()))
    }

    /// Another certificate is served from now on: for that name, and from the first day of one year to that of another.
    pub(crate) fn serve(&self, name: &str, years: (i32, i32)) {
        self.state().certificate = certificate(KEY, name, years);
    }

    pub(crate) fn serve_text(&self, text: &str) {
        text.clone_into(&mut self.state().certificate);
    }

    pub(crate) fn answer_certificates(&self, status: Option<u16>) {
        self.state().certificates = status;
    }

    pub(crate) fn answer_confirmations(&self, status: Option<u16>) {
        self.state().confirmations = status;
    }

    /// Every address that it was asked for since the last look.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state().asked)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl HttpConnector for Amazon {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut state = self.state();
        state.asked.push(request.uri().to_owned());
        let (status, body) = match request.uri() {
            uri if uri.ends_with(".pem") => (state.certificates, state.certificate.clone()),
            _ => (state.confirmations, "<ConfirmSubscriptionResponse/>".to_owned()),
        };
        let answer = status.map(|status| HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body)));
        HttpConnectorFuture::ready(answer.ok_or_else(|| ConnectorError::timeout("nobody answers".into())))
    }
}

fn certificate(key: &str, name: &str, (from, to): (i32, i32)) -> String {
    let mut made = CertificateParams::new(Vec::new()).unwrap();
    made.distinguished_name.push(DnType::CommonName, name);
    (made.not_before, made.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
    made.self_signed(&KeyPair::from_pem(key).unwrap()).unwrap().pem()
}

/// Signs a message with the key of SNS, in version 2.
pub(crate) fn sign(message: &mut Value) {
    message["Signature"] = signature(message, KEY).into();
}

/// Signs it with a key that SNS does not have.
pub(crate) fn sign_with_another_key(message: &mut Value) {
    message["Signature"] = signature(message, OTHER_KEY).into();
}

fn signature(message: &Value, key: &str) -> String {
    let names: &[&str] = match message["Type"].as_str() {
        Some("Notification") => &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
        _ => &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
    };
    let text: String = names.iter().filter_map(|name| Some(format!("{name}\n{}\n", message.get(*name)?.as_str()?))).collect();
    let key = rsa::KeyPair::from_pkcs8(&KeyPair::from_pem(key).unwrap().serialize_der()).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    base64::encode(signature)
}
