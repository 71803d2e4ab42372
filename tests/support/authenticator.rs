//! An authenticator in software, with the browser around it: makes and uses passkeys as WebAuthn Level 3 says, and lets a
//! test bend whatever goes into an answer.

#![allow(dead_code)] // each test binary uses its part

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub const UP: u8 = 1;
pub const UV: u8 = 1 << 2;
/// May be copied to other devices.
pub const BE: u8 = 1 << 3;
/// Is copied at present.
pub const BS: u8 = 1 << 4;
const AT: u8 = 1 << 6;

/// One passkey, made by [`SoftPasskey::new`] and enrolled by [`SoftPasskey::create`].
pub struct SoftPasskey {
    pub id: Vec<u8>,
    key: EcdsaKeyPair,
    /// Whom it was made for, as the options said.
    pub user_handle: Vec<u8>,
    /// UP and UV, and BE and BS for one that is synced.
    pub flags: u8,
    /// Goes up with each use unless it is `None`: then it stays zero, as that of synced passkeys does.
    pub counter: Option<u32>,
    pub aaguid: [u8; 16],
    pub maker: Option<Maker>,
}

/// Who vouches for the hardware.
pub struct Maker {
    pub certificate: Vec<u8>,
    pub key: EcdsaKeyPair,
}

/// What goes into one answer, for tests to bend.
pub struct Answer {
    pub kind: String,
    pub challenge: String,
    pub origin: String,
    pub cross_origin: bool,
    /// Further members of the client data.
    pub more: Value,
    pub rp_id: String,
    pub flags: u8,
    pub counter: u32,
    pub id: Vec<u8>,
    pub user_handle: Option<Vec<u8>>,
    /// The COSE algorithm that the public key names; -7 is ES256.
    pub algorithm: i16,
    /// Behind the authenticator data.
    pub behind_data: Vec<u8>,
    /// Behind the attestation object.
    pub behind_object: Vec<u8>,
    /// Changes the signature after it was made.
    pub spoil_signature: bool,
}

impl SoftPasskey {
    /// Bound to one device, with a counter.
    pub fn new() -> Self {
        let id = aws_lc_rs::rand::generate::<[u8; 24]>(&SystemRandom::new()).unwrap().expose();
        Self {
            id: id.to_vec(),
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            user_handle: Vec::new(),
            flags: UP | UV,
            counter: Some(0),
            aaguid: [0; 16],
            maker: None,
        }
    }

    /// As a phone's password manager makes them: on several devices, without a counter.
    pub fn synced() -> Self {
        Self { flags: UP | UV | BE | BS, counter: None, ..Self::new() }
    }

    /// `None`: it stays zero.
    pub fn with_counter(mut self, counter: Option<u32>) -> Self {
        self.counter = counter;
        self
    }

    pub fn create(&mut self, options: &str, origin: &str) -> String {
        self.create_bent(options, origin, |_| {})
    }

    /// The answer to `navigator.credentials.create`, as the page posts it.
    pub fn create_bent(&mut self, options: &str, origin: &str, bend: impl FnOnce(&mut Answer)) -> String {
        let options: Value = serde_json::from_str(options).unwrap();
        self.user_handle = URL_SAFE_NO_PAD.decode(options["user"]["id"].as_str().unwrap()).unwrap();
        let mut answer = self.answer("webauthn.create", &options, options["rp"]["id"].as_str().unwrap(), origin);
        answer.flags |= AT;
        bend(&mut answer);
        let client_data = answer.client_data();
        let made = [
            &self.aaguid[..],
            &u16::try_from(answer.id.len()).unwrap().to_be_bytes(),
            &answer.id,
            &self.public_key(answer.algorithm),
        ]
        .concat();
        let data = answer.authenticator_data(&made);
        let (format, statement) = self.statement(&data, &client_data);
        let object = [
            &[0xa3][..],
            &text("fmt"),
            &text(format),
            &text("attStmt"),
            &statement,
            &text("authData"),
            &bytes(&data),
            &answer.behind_object,
        ]
        .concat();
        let id = URL_SAFE_NO_PAD.encode(&answer.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
                "attestationObject": URL_SAFE_NO_PAD.encode(object),
                "transports": ["internal", "hybrid"],
            },
        })
        .to_string()
    }

    pub fn get(&mut self, options: &str, origin: &str) -> String {
        self.get_bent(options, origin, |_| {})
    }

    /// The answer to `navigator.credentials.get`, as the page posts it.
    pub fn get_bent(&mut self, options: &str, origin: &str, bend: impl FnOnce(&mut Answer)) -> String {
        let options: Value = serde_json::from_str(options).unwrap();
        self.counter = self.counter.map(|counter| counter + 1);
        let mut answer = self.answer("webauthn.get", &options, options["rpId"].as_str().unwrap(), origin);
        bend(&mut answer);
        let client_data = answer.client_data();
        let data = answer.authenticator_data(&[]);
        let mut signature = sign(&self.key, &data, &client_data);
        if answer.spoil_signature {
            *signature.last_mut().unwrap() ^= 1;
        }
        let id = URL_SAFE_NO_PAD.encode(&answer.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "signature": URL_SAFE_NO_PAD.encode(signature),
                "userHandle": answer.user_handle.map(|handle| URL_SAFE_NO_PAD.encode(handle)),
            },
        })
        .to_string()
    }

    fn answer(&self, kind: &str, options: &Value, rp_id: &str, origin: &str) -> Answer {
        Answer {
            kind: kind.to_owned(),
            challenge: options["challenge"].as_str().unwrap().to_owned(),
            origin: origin.to_owned(),
            cross_origin: false,
            more: json!({}),
            rp_id: rp_id.to_owned(),
            flags: self.flags,
            counter: self.counter.unwrap_or(0),
            id: self.id.clone(),
            user_handle: Some(self.user_handle.clone()),
            algorithm: -7,
            behind_data: Vec::new(),
            behind_object: Vec::new(),
            spoil_signature: false,
        }
    }

    /// A COSE key (RFC 9053 section 7.1.1): kty 2, alg, crv 1, x, y.
    fn public_key(&self, algorithm: i16) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let negative = u16::try_from(-1 - algorithm).unwrap();
        let algorithm = match u8::try_from(negative) {
            Ok(small @ 0..=23) => vec![0x20 + small],
            Ok(byte) => vec![0x38, byte],
            Err(_) => [&[0x39][..], &negative.to_be_bytes()].concat(),
        };
        [
            &[0xa5, 0x01, 0x02, 0x03][..],
            &algorithm,
            &[0x20, 0x01, 0x21],
            &bytes(&point[1..33]),
            &[0x22],
            &bytes(&point[33..65]),
        ]
        .concat()
    }

    /// WebAuthn Level 3 section 8.7, or with a maker 8.2.
    fn statement(&self, data: &[u8], client_data: &[u8]) -> (&'static str, Vec<u8>) {
        let Some(maker) = &self.maker else { return ("none", vec![0xa0]) };
        let signature = sign(&maker.key, data, client_data);
        let statement = [
            &[0xa3][..],
            &text("alg"),
            &[0x26],
            &text("sig"),
            &bytes(&signature),
            &text("x5c"),
            &[0x81],
            &bytes(&maker.certificate),
        ];
        ("packed", statement.concat())
    }
}

impl Answer {
    fn client_data(&self) -> Vec<u8> {
        let mut data = json!({
            "type": self.kind, "challenge": self.challenge, "origin": self.origin, "crossOrigin": self.cross_origin,
        });
        for (name, value) in self.more.as_object().unwrap() {
            data[name] = value.clone();
        }
        data.to_string().into_bytes()
    }

    fn authenticator_data(&self, made: &[u8]) -> Vec<u8> {
        let rp_hash = sha256(self.rp_id.as_bytes());
        [&rp_hash[..], &[self.flags], &self.counter.to_be_bytes(), made, &self.behind_data].concat()
    }
}

fn sign(key: &EcdsaKeyPair, data: &[u8], client_data: &[u8]) -> Vec<u8> {
    let signed = [data, &sha256(client_data)].concat();
    key.sign(&SystemRandom::new(), &signed).unwrap().as_ref().to_vec()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref().to_vec()
}

fn text(text: &str) -> Vec<u8> {
    assert!(text.len() < 24);
    [&[0x60 + text.len() as u8], text.as_bytes()].concat()
}

fn bytes(bytes: &[u8]) -> Vec<u8> {
    [&[0x59][..], &u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}
