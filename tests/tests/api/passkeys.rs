//! Passkeys: a device in software signs what the pages ask, as it should and as it should not.

use std::sync::atomic::{AtomicU32, Ordering};

use data_encoding::BASE64URL_NOPAD;
use jiff::SignedDuration;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    app::{Browser, TEAM, form, session},
    bench::{Ask, Bench, Reply, user},
};

const SITE: &str = "oncall.example.com";
const ORIGIN: &str = "https://oncall.example.com";

/// Flags of what a device has signed (Web Authentication Level 3, section 6.1).
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const HAS_KEY: u8 = 0x40;

/// One key of a device, which signs whatever it is told to.
struct Device {
    pair: EcdsaKeyPair,
    id: [u8; 32],
    handle: String,
    counter: AtomicU32,
    site: &'static str,
    origin: &'static str,
    flags: u8,
}

impl Device {
    /// A new key, made for nobody yet.
    fn new(name: &str) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).unwrap();
        let id = Sha256::digest(name.as_bytes()).into();
        Self { pair, id, handle: String::new(), counter: AtomicU32::new(1), site: SITE, origin: ORIGIN, flags: PRESENT | VERIFIED }
    }

    fn data(&self, flags: u8, rest: &[u8]) -> Vec<u8> {
        let counter = self.counter.load(Ordering::SeqCst).to_be_bytes();
        [Sha256::digest(self.site.as_bytes()).as_slice(), &[flags], &counter, rest].concat()
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false }).to_string().into_bytes()
    }

    /// Its answer to a page that asks for a new key (`none` attestation).
    fn make(&mut self, options: &Value) -> String {
        options["user"]["id"].as_str().unwrap().clone_into(&mut self.handle);
        // As phones do: what is demanded that they do not know, they refuse.
        assert_eq!(options["extensions"]["enforceCredentialProtectionPolicy"], false, "{options}");
        let point = self.pair.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        // COSE: EC2, ES256, P-256, x, y (RFC 9053).
        let key = [[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32].as_slice(), x, &[0x22, 0x58, 32], y].concat();
        let data = self.data(self.flags | HAS_KEY, &[[0; 16].as_slice(), &[0, 32], &self.id, &key].concat());
        let head = [[0xa3, 0x63].as_slice(), b"fmt", &[0x64], b"none", &[0x67], b"attStmt", &[0xa0, 0x68], b"authData", &[0x58]].concat();
        let object = [head, vec![u8::try_from(data.len()).unwrap()], data].concat();
        let client = self.client_data("webauthn.create", options["challenge"].as_str().unwrap());
        self.answer(&json!({
            "clientDataJSON": BASE64URL_NOPAD.encode(&client),
            "attestationObject": BASE64URL_NOPAD.encode(&object),
            "transports": ["internal"],
        }))
    }

    /// Its answer to a page that asks it to sign.
    fn sign(&self, options: &Value) -> String {
        self.counter.fetch_add(1, Ordering::SeqCst);
        let data = self.data(self.flags, &[]);
        let client = self.client_data("webauthn.get", options["challenge"].as_str().unwrap());
        let signed = [data.as_slice(), Sha256::digest(&client).as_slice()].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &signed).unwrap();
        self.answer(&json!({
            "clientDataJSON": BASE64URL_NOPAD.encode(&client),
            "authenticatorData": BASE64URL_NOPAD.encode(&data),
            "signature": BASE64URL_NOPAD.encode(signature.as_ref()),
            "userHandle": self.handle,
        }))
    }

    fn answer(&self, response: &Value) -> String {
        let id = BASE64URL_NOPAD.encode(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {}, "response": response }).to_string()
    }
}

/// What the page of a stranger asks a device.
async fn asked(bench: &Bench) -> Value {
    bench.send(form("/sign-in/passkey/begin", &[])).await.expect(200, &[]).json()
}

async fn enter(bench: &Bench, answer: &str) -> Reply {
    bench.send(form("/sign-in/passkey", &[("credential", answer)])).await
}

async fn sign_in(bench: &Bench, device: &Device) -> Reply {
    let options = asked(bench).await;
    enter(bench, &device.sign(&options)).await
}

/// What one's own page asks a device for.
async fn asked_for_key(browser: &Browser<'_>) -> Value {
    browser.post("/app/me/passkeys/begin", &[]).await.expect(200, &[]).json()
}

/// Adds a key of this device to whoever has signed in.
async fn add(browser: &Browser<'_>, device: &mut Device, name: &str) -> Reply {
    let options = asked_for_key(browser).await;
    browser.post("/app/me/passkeys", &[("credential", &device.make(&options)), ("name", name)]).await
}

/// A person with one passkey.
async fn with_passkey(bench: &Bench, person: &str) -> Device {
    let browser = Browser::of(bench, &format!("{person}@example.com")).await;
    let mut device = Device::new(person);
    add(&browser, &mut device, "phone").await.expect_redirect("/app/me");
    device
}

async fn sessions(bench: &Bench, person: &str) -> usize {
    bench.store().sessions(&user(person)).await.unwrap().len()
}

#[tokio::test]
async fn a_passkey_is_added_on_ones_own_page_told_by_mail_and_signs_in_without_a_name() {
    let bench = Bench::with(TEAM).await;
    let browser = Browser::of(&bench, "ben@example.com").await;
    let mut device = Device::new("ben");
    let options = asked_for_key(&browser).await;
    assert_eq!(options["rp"]["id"], SITE, "{options}");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    let handle = BASE64URL_NOPAD.decode(options["user"]["id"].as_str().unwrap().as_bytes()).unwrap();
    assert!(handle.len() == 64 && !String::from_utf8_lossy(&handle).contains("ben"), "what a device keeps tells nobody who it is of");
    let made = device.make(&options);
    browser.post("/app/me/passkeys", &[("credential", &made), ("name", "Ben's <b>phone</b>")]).await.expect_redirect("/app/me");
    browser.get("/app/me").await.expect(200, &["Ben&#x27;s &lt;b&gt;phone&lt;&#x2f;b&gt;", "never used"]);
    bench.machine.settle().await.unwrap();
    let told = bench.machine.outbox().since(0).into_iter().rev().find(|sent| sent.to.eq_ignore_ascii_case("ben@example.com")).unwrap();
    assert!(told.text.contains("Ben's <b>phone</b>") && told.text.contains("If that was not you"), "{}", told.text);

    let asked = asked(&bench).await;
    assert_eq!(asked["userVerification"], "required");
    assert_eq!(asked["allowCredentials"].as_array().map_or(0, Vec::len), 0, "who has which key is told to nobody: {asked}");
    let answer = device.sign(&asked);
    let to = "/app/on-call";
    let entered = bench.send(form("/sign-in/passkey", &[("credential", &answer), ("to", to)])).await.expect_redirect(to);
    let cookie = session(&entered);
    bench.send(Ask::get("/app/me").cookie(&cookie)).await.expect(200, &["Ben Carter", "last used"]);
    assert_eq!(sessions(&bench, "ben").await, 2);
    // Each time anew, and its answer leads to no other site.
    let answer = device.sign(&self::asked(&bench).await);
    let elsewhere = [("credential", answer.as_str()), ("to", "//evil.example/app")];
    let again = bench.send(form("/sign-in/passkey", &elsewhere).cookie(&cookie)).await.expect_redirect("/app");
    assert_ne!(session(&again), cookie);
    assert_eq!(sessions(&bench, "ben").await, 2, "the browser's session before is over");
}

#[tokio::test]
async fn a_challenge_is_answered_once_within_five_minutes_and_for_what_it_was_made() {
    let bench = Bench::with(TEAM).await;
    let device = with_passkey(&bench, "ben").await;
    let answer = device.sign(&asked(&bench).await);
    enter(&bench, &answer).await.expect_redirect("/app");
    enter(&bench, &answer).await.expect(410, &["That took too long"]);

    let answer = device.sign(&asked(&bench).await);
    bench.later(SignedDuration::from_mins(5));
    enter(&bench, &answer).await.expect(410, &["That took too long"]);

    // A challenge of nobody's making, and one that was made to add a key.
    let made_up = json!({ "challenge": BASE64URL_NOPAD.encode(&[7; 16]) });
    enter(&bench, &device.sign(&made_up)).await.expect(410, &[]);
    let browser = Browser::of(&bench, "ben@example.com").await;
    let to_add = asked_for_key(&browser).await;
    enter(&bench, &device.sign(&to_add)).await.expect(410, &[]);
}

#[tokio::test]
async fn what_a_device_signs_wrongly_signs_nobody_in() {
    let bench = Bench::with(TEAM).await;
    let mut device = with_passkey(&bench, "ben").await;
    let ada = with_passkey(&bench, "ada").await;
    let (before, of_ada) = (sessions(&bench, "ben").await, sessions(&bench, "ada").await);
    let refused = ["This passkey does not sign in"];

    device.origin = "https://oncall.example.com.evil.example";
    sign_in(&bench, &device).await.expect(403, &refused);
    device.origin = "http://oncall.example.com";
    sign_in(&bench, &device).await.expect(403, &refused);
    device.origin = ORIGIN;
    device.site = "evil.example";
    sign_in(&bench, &device).await.expect(403, &refused);
    device.site = SITE;
    // Nobody has shown the device who they are.
    device.flags = PRESENT;
    sign_in(&bench, &device).await.expect(403, &refused);
    device.flags = VERIFIED;
    sign_in(&bench, &device).await.expect(403, &refused);
    device.flags = PRESENT | VERIFIED;
    // The key of one, the name of another.
    let own = std::mem::replace(&mut device.handle, ada.handle.clone());
    sign_in(&bench, &device).await.expect(403, &refused);
    device.handle = own;
    let id = std::mem::replace(&mut device.id, ada.id);
    sign_in(&bench, &device).await.expect(403, &refused);
    device.id = id;
    // Nobody knows it.
    sign_in(&bench, &Device::new("stranger")).await.expect(403, &refused);
    for rubbish in ["", "{}", "[]", "null", &"x".repeat(5000), "{\"id\":\"\"}"] {
        enter(&bench, rubbish).await.expect(403, &refused);
    }
    assert_eq!((sessions(&bench, "ben").await, sessions(&bench, "ada").await), (before, of_ada));
    sign_in(&bench, &device).await.expect_redirect("/app");
}

#[tokio::test]
async fn a_copy_of_a_key_is_found_out_by_its_counter() {
    let bench = Bench::with(TEAM).await;
    let device = with_passkey(&bench, "ben").await;
    for _ in 0..3 {
        sign_in(&bench, &device).await.expect_redirect("/app");
    }
    device.counter.store(1, Ordering::SeqCst);
    sign_in(&bench, &device).await.expect(403, &["This passkey does not sign in"]);
    device.counter.store(3, Ordering::SeqCst);
    sign_in(&bench, &device).await.expect(403, &[]);
    device.counter.store(4, Ordering::SeqCst);
    sign_in(&bench, &device).await.expect_redirect("/app");
}

#[tokio::test]
async fn a_removed_key_and_one_of_somebody_who_left_sign_nobody_in() {
    let bench = Bench::with(TEAM).await;
    let device = with_passkey(&bench, "ben").await;
    let browser = Browser::of(&bench, "ben@example.com").await;
    let key = bench.store().passkeys(&user("ben")).await.unwrap().remove(0);
    let ada = Browser::of(&bench, "ada@example.com").await;
    ada.post(&format!("/app/me/passkeys/{}/remove", key.id()), &[]).await.expect_redirect("/app/me");
    sign_in(&bench, &device).await.expect_redirect("/app");
    browser.post(&format!("/app/me/passkeys/{}/remove", key.id()), &[]).await.expect_redirect("/app/me");
    sign_in(&bench, &device).await.expect(403, &["This passkey does not sign in"]);

    // Somebody else has the name now, and then the one from before comes back: the key is gone all the same.
    let device = with_passkey(&bench, "ben").await;
    let other = TEAM.replace("Ben@Example.com", "benjamin@example.com");
    bench.configure(&other).await;
    assert!(bench.store().passkeys(&user("ben")).await.unwrap().is_empty());
    sign_in(&bench, &device).await.expect(403, &[]);
    bench.configure(TEAM).await;
    sign_in(&bench, &device).await.expect(403, &[]);

    let device = with_passkey(&bench, "stan").await;
    let without = TEAM.replace("  stan: { name: Stan, email: stan@example.com, role: stakeholder }\n", "");
    bench.configure(&without).await;
    sign_in(&bench, &device).await.expect(403, &[]);
}

#[tokio::test]
async fn a_key_that_nobody_uses_is_forgotten() {
    let bench = Bench::with(TEAM).await;
    let device = with_passkey(&bench, "ben").await;
    bench.later(SignedDuration::from_hours(399 * 24));
    sign_in(&bench, &device).await.expect_redirect("/app");
    bench.later(SignedDuration::from_hours(400 * 24));
    assert!(bench.store().passkeys(&user("ben")).await.unwrap().is_empty());
    sign_in(&bench, &device).await.expect(403, &[]);
}

#[tokio::test]
async fn operators_sign_somebody_out_with_their_passkeys() {
    let bench = Bench::with(TEAM).await;
    let device = with_passkey(&bench, "ben").await;
    let ended = bench.send(Ask::post("/users/ben/sign-out").token()).await.expect(200, &[]).json();
    assert_eq!((&ended["ended"], &ended["passkeys_removed"]), (&json!(1), &json!(1)));
    sign_in(&bench, &device).await.expect(403, &[]);
    assert_eq!(sessions(&bench, "ben").await, 0);
}

#[tokio::test]
async fn admins_sign_somebody_out_with_their_passkeys() {
    let bench = Bench::with(TEAM).await;
    let device = with_passkey(&bench, "ben").await;
    let ada = Browser::of(&bench, "ada@example.com").await;
    ada.post("/app/people/ben/sign-out", &[]).await.expect_redirect("/app/people/ben?done=signed-out");
    assert!(bench.store().passkeys(&user("ben")).await.unwrap().is_empty());
    sign_in(&bench, &device).await.expect(403, &[]);
    assert_eq!(sessions(&bench, "ben").await, 0);
}

#[tokio::test]
async fn a_key_is_added_by_whoever_asked_once_and_for_this_site() {
    let bench = Bench::with(TEAM).await;
    let (ben, ada) = (Browser::of(&bench, "ben@example.com").await, Browser::of(&bench, "ada@example.com").await);
    let mut device = Device::new("one");
    // Asked in Ada's page, sent from Ben's.
    let made = device.make(&asked_for_key(&ada).await);
    ben.post("/app/me/passkeys", &[("credential", &made)]).await.expect(400, &["The passkey was not added"]);
    // Its challenge is spent by that.
    ada.post("/app/me/passkeys", &[("credential", &made)]).await.expect(410, &[]);
    device.origin = "https://evil.example";
    add(&ben, &mut device, "x").await.expect(400, &["The passkey was not added"]);
    device.origin = ORIGIN;
    device.site = "evil.example";
    add(&ben, &mut device, "x").await.expect(400, &[]);
    device.site = SITE;
    device.flags = PRESENT;
    add(&ben, &mut device, "x").await.expect(400, &[]);
    device.flags = PRESENT | VERIFIED;
    let late = device.make(&asked_for_key(&ben).await);
    bench.later(SignedDuration::from_mins(5));
    ben.post("/app/me/passkeys", &[("credential", &late)]).await.expect(410, &[]);
    assert!(bench.store().passkeys(&user("ben")).await.unwrap().is_empty());

    add(&ben, &mut device, "").await.expect_redirect("/app/me");
    // What is known is offered to the device, so that it makes no second one; a key is one person's.
    let options = asked_for_key(&ben).await;
    assert_eq!(options["excludeCredentials"][0]["id"], BASE64URL_NOPAD.encode(&device.id));
    assert_eq!(options["user"]["id"], device.handle, "all keys of a person know them by the same");
    add(&ada, &mut device, "stolen").await.expect(400, &[]);
    let kept = bench.store().passkeys(&user("ben")).await.unwrap();
    assert_eq!((kept.len(), bench.store().passkeys(&user("ada")).await.unwrap().len()), (1, 0));
}

#[tokio::test]
async fn a_form_of_another_site_or_without_a_mark_begins_and_ends_nothing() {
    let bench = Bench::with(TEAM).await;
    let device = with_passkey(&bench, "ben").await;
    let browser = Browser::of(&bench, "ben@example.com").await;
    let foreign = |ask: Ask| ask.header("sec-fetch-site", "cross-site");
    bench.send(foreign(form("/sign-in/passkey/begin", &[]))).await.expect(403, &[]);
    let answer = device.sign(&asked(&bench).await);
    bench.send(foreign(form("/sign-in/passkey", &[("credential", &answer)]))).await.expect(403, &[]);
    let id = bench.store().passkeys(&user("ben")).await.unwrap()[0].id();
    let addresses = ["/app/me/passkeys/begin".to_owned(), "/app/me/passkeys".to_owned(), format!("/app/me/passkeys/{id}/remove")];
    for address in &addresses {
        bench.send(form(address, &[]).cookie(&browser.cookie)).await.expect(403, &[]);
        bench.send(form(address, &[("mark", "0")]).cookie(&browser.cookie)).await.expect(403, &[]);
        assert_eq!(bench.send(Ask::get(address).cookie(&browser.cookie)).await.status, 405, "looking does nothing: {address}");
        let signed_out = bench.send(form(address, &[])).await;
        assert!(signed_out.status == 303 && signed_out.headers["location"].starts_with("/sign-in"), "{address}");
    }
    assert_eq!(bench.store().passkeys(&user("ben")).await.unwrap().len(), 1);
    // The challenge is not spent by the form of the other site.
    enter(&bench, &answer).await.expect_redirect("/app");
}

#[tokio::test]
async fn a_network_begins_so_often_and_no_more_and_others_go_on() {
    let bench = Bench::with(TEAM).await;
    let begin = |source: &'static str| form("/sign-in/passkey/begin", &[]).source(source);
    for _ in 0..60 {
        bench.send(begin("192.0.2.1")).await.expect(200, &[]);
    }
    bench.send(begin("192.0.2.1")).await.expect(429, &["Too many tries from your network"]);
    bench.send(begin("192.0.2.2")).await.expect(200, &[]);
    bench.later(SignedDuration::from_hours(1));
    bench.send(begin("192.0.2.1")).await.expect(200, &[]);
}

#[tokio::test]
async fn a_person_has_ten_passkeys_and_no_more() {
    let bench = Bench::with(TEAM).await;
    let browser = Browser::of(&bench, "ben@example.com").await;
    for number in 0..10 {
        add(&browser, &mut Device::new(&format!("{number}")), "key").await.expect_redirect("/app/me");
    }
    browser.get("/app/me").await.expect(200, &["You have as many passkeys as there may be"]);
    add(&browser, &mut Device::new("another"), "key").await.expect(409, &["You have too many passkeys"]);
    assert_eq!(bench.store().passkeys(&user("ben")).await.unwrap().len(), 10);
}

#[tokio::test]
async fn a_copy_that_signs_in_the_same_moment_is_one_too_many() {
    let bench = Bench::with(TEAM).await;
    let _device = with_passkey(&bench, "ben").await;
    let key = bench.store().passkeys(&user("ben")).await.unwrap().remove(0);
    let one = bench.store().sign_in_by_passkey(&key, "moved-on", "secret1", "").await.unwrap();
    let other = bench.store().sign_in_by_passkey(&key, "moved-on-too", "secret2", "").await.unwrap();
    assert!(one.is_some() && other.is_none(), "{one:?} {other:?}");
}

#[tokio::test]
async fn the_pages_say_what_to_do_without_scripts_and_in_japanese() {
    let bench = Bench::with(TEAM).await;
    let page = bench.send(Ask::get("/sign-in?to=/app/on-call")).await.expect(200, &["<noscript>", "Sign in with a passkey"]);
    assert!(page.body.contains("action=\"/sign-in/passkey\" data-passkey=\"/sign-in/passkey/begin\" hidden"), "{}", page.body);
    assert!(page.body.contains("name=\"to\" value=\"&#x2f;app&#x2f;on-call\""), "{}", page.body);
    bench.send(Ask::get("/sign-in").japanese()).await.expect(200, &["パスキーでサインイン", "<noscript>"]);
    let refused = bench.send(form("/sign-in/passkey", &[("credential", "{}")]).japanese()).await;
    refused.expect(403, &["このパスキーではサインインできません"]);
    let script = page.body.split("<script src=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#x2f;", "/");
    let script = bench.send(Ask::get(&script)).await.expect(200, &["navigator.credentials.get"]);
    assert!(script.headers["content-type"].starts_with("text/javascript"));
}
