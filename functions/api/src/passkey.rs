//! What a passkey proves: the ceremonies of Web Authentication Level 3 (W3C), sections 7.1 and 7.2, over `webauthn_rp`. Pure but for the
//! randomness of challenges; what is kept between two requests, and whose a key is, is for others to know.
//!
//! Devices are asked to know their person (user verification), for the passkey is all that signs in, and to find the key by themselves
//! (a discoverable credential), so that nobody has to say a name first.

use data_encoding::BASE64URL_NOPAD;
use hansho_store::Passkey;
use http::Uri;
use serde::Serialize;
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication64, DiscoverableAuthenticationServerState, DiscoverableCredentialRequestOptions,
    PublicKeyCredentialCreationOptions, Registration, RegistrationServerState,
    bin::{Decode, Encode},
    request::{
        AsciiDomain, ExtensionInfo, PublicKeyCredentialDescriptor, RpId, TimedCeremony,
        auth::AuthenticationVerificationOptions,
        register::{
            CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, USER_HANDLE_MAX_LEN, UserHandle64,
            Username,
        },
    },
    response::{
        AuthTransports, CredentialId, SentChallenge,
        register::{CompressedPubKey, DynamicState, StaticState},
    },
};

/// The public part of a key, as it is kept.
type PublicKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

/// Why a ceremony came to nothing; for the log, not for whoever tried.
#[derive(Debug)]
pub(crate) struct Refused(String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A ceremony that has begun.
#[derive(Debug)]
pub(crate) struct Begun {
    /// Its name: the challenge.
    pub(crate) name: String,
    /// What the browser is asked, as JSON.
    pub(crate) options: String,
    /// What has to be known when it ends.
    pub(crate) state: String,
}

/// What a device's new key is.
#[derive(Debug)]
pub(crate) struct NewKey {
    /// What the device calls it.
    pub(crate) credential: String,
    /// Its public part.
    pub(crate) key: String,
    /// What changes as it is used.
    pub(crate) counter: String,
}

/// The site that keys are made for. A key of another site signs in nowhere here, whatever page asks for it.
#[derive(Debug)]
pub(crate) struct RelyingParty {
    id: RpId,
    origin: String,
}

impl RelyingParty {
    /// The site at this address. `None` where browsers make no keys: without TLS, but on this machine, and where there is no name.
    pub(crate) fn of(public_url: &str) -> Option<Self> {
        let uri: Uri = public_url.parse().ok()?;
        let (scheme, host) = (uri.scheme_str()?, uri.host()?.to_ascii_lowercase());
        let is_named = host.parse::<std::net::IpAddr>().is_err() && !host.starts_with('[');
        if !is_named || (scheme != "https" && host != "localhost") {
            return None;
        }
        let port = uri.port_u16().filter(|port| (scheme, *port) != ("https", 443) && (scheme, *port) != ("http", 80));
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let origin = format!("{scheme}://{host}{port}");
        Some(Self { id: RpId::Domain(AsciiDomain::try_from(host).ok()?), origin })
    }

    /// Asks a device for a new key of somebody, who has `known` already.
    pub(crate) fn begin_adding(&self, user: &str, name: &str, handle: &str, known: &[Passkey]) -> Result<Begun, Refused> {
        let handle = handle_of(handle)?;
        let user = PublicKeyCredentialUserEntity {
            name: Username::try_from(user).map_err(|error| refused("the name", error))?,
            id: &handle,
            // A name that the profile of such names does not take (RFC 8266) costs what the device shows.
            display_name: Nickname::try_from(name).ok(),
        };
        let known = known.iter().filter_map(|passkey| descriptor(passkey).ok()).collect();
        let mut options = PublicKeyCredentialCreationOptions::passkey(&self.id, user, known);
        // Demanded, it would shut out devices that do not know this protection (CTAP 2.1, section 12.1), phones among them. Signing in
        // demands by itself that the device knows its person.
        options.extensions.cred_protect = CredProtect::UserVerificationRequired(ExtensionInfo::AllowDontEnforceValue);
        let (server, client) = options.start_ceremony().map_err(|error| refused("the options", error))?;
        begun(server.sent_challenge(), &client, server.encode())
    }

    /// The key that the device has made, if it has made it for what was asked.
    pub(crate) fn end_adding(&self, state: &str, answer: &Registration) -> Result<NewKey, Refused> {
        let server = RegistrationServerState::<USER_HANDLE_MAX_LEN>::decode(&bytes(state)?).map_err(|error| refused("the state", error))?;
        let origins = [self.origin.as_str()];
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let made = server.verify(&self.id, answer, &options).map_err(|error| refused("the new key", error))?;
        Ok(NewKey {
            credential: encoded(made.id().encode())?,
            key: encoded(made.static_state().encode())?,
            counter: encoded(made.dynamic_state().encode())?,
        })
    }

    /// Asks a device for a signature of one of its keys.
    pub(crate) fn begin_signing_in(&self) -> Result<Begun, Refused> {
        let options = DiscoverableCredentialRequestOptions::passkey(&self.id);
        let (server, client) = options.start_ceremony().map_err(|error| refused("the options", error))?;
        begun(server.sent_challenge(), &client, server.encode())
    }

    /// Whether this passkey has signed what was asked, here and now; then what its counter is from now on.
    pub(crate) fn end_signing_in(&self, state: &str, answer: &DiscoverableAuthentication64, passkey: &Passkey) -> Result<String, Refused> {
        let server = DiscoverableAuthenticationServerState::decode(&bytes(state)?).map_err(|error| refused("the state", error))?;
        let (credential, handle) = (bytes(&passkey.credential)?, handle_of(&passkey.handle)?);
        let key = StaticState::<PublicKey>::decode(&bytes(&passkey.key)?).map_err(|error| refused("the stored key", error))?;
        let counter = bytes(&passkey.counter)?.try_into().map_err(|_| Refused("the stored counter has another length".to_owned()))?;
        let counter = DynamicState::decode(counter).map_err(|error| refused("the stored counter", error))?;
        let id = CredentialId::<&[u8]>::decode(&credential).map_err(|error| refused("the stored id", error))?;
        let mut known = AuthenticatedCredential::new(id, &handle, key, counter).map_err(|error| refused("the stored key", error))?;
        let origins = [self.origin.as_str()];
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        server.verify(&self.id, answer, &mut known, &options).map_err(|error| refused("the signature", error))?;
        encoded(known.dynamic_state().encode())
    }
}

/// What a browser has sent as the answer of a device that made a key, and the name of its ceremony.
pub(crate) fn added(json: &str) -> Result<(Registration, String), Refused> {
    let answer = Registration::from_json_relaxed(json.as_bytes()).map_err(|error| refused("the answer", error))?;
    let name = name(answer.challenge_relaxed().map_err(|error| refused("the challenge", error))?);
    Ok((answer, name))
}

/// What a browser has sent as the answer of a device that signed; which key it has signed with, and the name of its ceremony.
pub(crate) fn signed(json: &str) -> Result<(DiscoverableAuthentication64, String, String), Refused> {
    let answer = DiscoverableAuthentication64::from_json_relaxed(json.as_bytes()).map_err(|error| refused("the answer", error))?;
    let name = name(answer.challenge_relaxed().map_err(|error| refused("the challenge", error))?);
    let credential = BASE64URL_NOPAD.encode(answer.raw_id().as_ref());
    Ok((answer, credential, name))
}

/// What devices know somebody by who has no passkey yet.
pub(crate) fn new_handle() -> String {
    BASE64URL_NOPAD.encode(UserHandle64::new().as_ref())
}

fn begun<E: std::fmt::Display>(challenge: SentChallenge, client: &impl Serialize, state: Result<Vec<u8>, E>) -> Result<Begun, Refused> {
    let options = serde_json::to_string(client).map_err(|error| refused("the options", error))?;
    let state = state.map_err(|error| refused("the state", error))?;
    Ok(Begun { name: name(challenge), options, state: BASE64URL_NOPAD.encode(&state) })
}

fn name(challenge: SentChallenge) -> String {
    format!("passkey/{:032x}", challenge.0)
}

fn descriptor(passkey: &Passkey) -> Result<PublicKeyCredentialDescriptor<Vec<u8>>, Refused> {
    let id = CredentialId::<Vec<u8>>::decode(bytes(&passkey.credential)?).map_err(|error| refused("the stored id", error))?;
    // Which way a device is reached is a hint, and is not kept.
    let transports = AuthTransports::decode(0).map_err(|error| refused("the hint", error))?;
    Ok(PublicKeyCredentialDescriptor { id, transports })
}

fn handle_of(text: &str) -> Result<UserHandle64, Refused> {
    let bytes = bytes(text)?.try_into().map_err(|_| Refused("the stored handle has another length".to_owned()))?;
    UserHandle64::decode(bytes).map_err(|error| refused("the stored handle", error))
}

fn bytes(text: &str) -> Result<Vec<u8>, Refused> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|error| refused("what is kept", error))
}

fn encoded<B: AsRef<[u8]>, E: std::fmt::Display>(bytes: Result<B, E>) -> Result<String, Refused> {
    bytes.map(|bytes| BASE64URL_NOPAD.encode(bytes.as_ref())).map_err(|error| refused("what is to be kept", error))
}

fn refused(what: &str, error: impl std::fmt::Display) -> Refused {
    Refused(format!("{what}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::RelyingParty;

    #[test]
    fn a_site_is_named_by_its_public_address() {
        for (url, expected) in [
            ("https://oncall.example.com", Some(("oncall.example.com", "https://oncall.example.com"))),
            ("https://OnCall.example.com:443/", Some(("oncall.example.com", "https://oncall.example.com"))),
            ("https://oncall.example.com:8443", Some(("oncall.example.com", "https://oncall.example.com:8443"))),
            ("http://localhost:8787", Some(("localhost", "http://localhost:8787"))),
            ("http://oncall.example.com", None),
            ("https://192.0.2.1", None),
            ("https://[2001:db8::1]", None),
            ("oncall.example.com", None),
            ("", None),
        ] {
            let found = RelyingParty::of(url);
            let found = found.as_ref().map(|party| (party.id.as_ref(), party.origin.as_str()));
            assert_eq!(found, expected, "{url}");
        }
    }
}
