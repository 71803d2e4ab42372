//! A key pair of a client, and the assertions that it signs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use karat::crypto::keyring::SigningKey;
use karat::domain::jose::Algorithm as Kind;
use serde_json::{Value, json};

use super::app::TestApp;
use super::relying_party::{Answer, answer};

pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub struct ClientKey {
    key: SigningKey,
    kind: Kind,
}

impl ClientKey {
    pub fn new(kind: Kind) -> Self {
        Self { key: SigningKey::generate(kind).unwrap(), kind }
    }

    /// The public key, without a word on its algorithm.
    pub fn jwk(&self) -> Value {
        let mut jwk = self.key.public_jwk().clone();
        jwk.as_object_mut().unwrap().remove("alg");
        jwk
    }

    pub fn set(&self) -> Value {
        json!({ "keys": [self.jwk()] })
    }

    pub fn algorithm(&self) -> Algorithm {
        match self.kind {
            Kind::Rs256 => Algorithm::RS256,
            Kind::Es256 => Algorithm::ES256,
            Kind::EdDsa => Algorithm::EdDSA,
        }
    }

    /// With a header of its algorithm and the key's name.
    pub fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.key.kid().to_owned()), ..Header::new(self.algorithm()) };
        self.sign_with(&header, claims)
    }

    pub fn sign_with(&self, header: &Header, claims: &Value) -> String {
        let lines = STANDARD.encode(self.key.to_pkcs8().as_slice());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n");
        let key = match self.kind {
            Kind::Rs256 => EncodingKey::from_rsa_pem(pem.as_bytes()),
            Kind::Es256 => EncodingKey::from_ec_pem(pem.as_bytes()),
            Kind::EdDsa => EncodingKey::from_ed_pem(pem.as_bytes()),
        };
        jsonwebtoken::encode(header, claims, &key.unwrap()).unwrap()
    }

    /// An assertion as libraries make it: for the token endpoint, a minute long.
    pub fn assertion(&self, app: &TestApp, client: &str) -> String {
        self.sign(&assertion_claims(app, client))
    }
}

pub fn assertion_claims(app: &TestApp, client: &str) -> Value {
    let now = app.clock_now().unix();
    json!({
        "iss": client,
        "sub": client,
        "aud": app.url("/token"),
        "iat": now,
        "exp": now + 60,
        "jti": app.karat.new_id().to_string(),
    })
}

/// Posts `fields` with an assertion.
pub async fn post_with(app: &TestApp, path: &str, assertion: &str, fields: &[(&str, &str)]) -> Answer {
    let proof = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)];
    answer(super::browser::http().post(app.url(path)).form(&[fields, &proof].concat())).await
}
