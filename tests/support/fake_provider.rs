//! A provider in 200 lines that says yes to everything, and lies when told to: for testing the demo apps alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// Answers as a provider with the issuer `http://localhost:<port>`.
#[derive(Clone)]
pub struct FakeProvider {
    inner: Arc<Inner>,
}

struct Inner {
    issuer: String,
    key: Mutex<SigningKey>,
    state: Mutex<Memory>,
}

struct SigningKey {
    id: String,
    pkcs8: Vec<u8>,
    public: Value,
}

/// What tests look at and what they tell the provider to do wrong.
#[derive(Default)]
pub struct Memory {
    /// Claims laid over those of the next ID tokens; `null` removes one.
    pub id_token_twist: Value,
    /// In place of the issuer in authorization responses; empty leaves it out.
    pub answering_issuer: Option<String>,
    /// Redirects with this error instead of a code.
    pub refuse_with: Option<&'static str>,
    /// Authorization and token requests as they came.
    pub authorization_requests: Vec<HashMap<String, String>>,
    pub token_requests: Vec<HashMap<String, String>>,
    pub token_authorizations: Vec<Option<String>>,
    codes: HashMap<String, (String, String)>,
    count: u32,
}

impl FakeProvider {
    pub async fn start() -> anyhow::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let issuer = format!("http://localhost:{}", listener.local_addr()?.port());
        let inner = Inner { issuer, key: Mutex::new(SigningKey::generate("key-1")?), state: Mutex::default() };
        let provider = Self { inner: Arc::new(inner) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .route("/end-session", get(end_session))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(provider)
    }

    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    pub fn memory<T>(&self, act: impl FnOnce(&mut Memory) -> T) -> T {
        act(&mut self.inner.state.lock().unwrap())
    }

    /// Signs with another key from now on and forgets the old one.
    pub fn rotate_key(&self, id: &str) {
        *self.inner.key.lock().unwrap() = SigningKey::generate(id).unwrap();
    }

    pub fn sign(&self, typ: &str, claims: &Value) -> String {
        let key = self.inner.key.lock().unwrap();
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(typ.to_owned());
        header.kid = Some(key.id.clone());
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_der(&key.pkcs8)).unwrap()
    }

    /// A logout token that is right but for what `twist` lays over it.
    pub fn logout_token(&self, client_id: &str, now: i64, twist: Value) -> String {
        let number = self.memory(|memory| {
            memory.count += 1;
            memory.count
        });
        let mut claims = json!({
            "iss": self.issuer(), "aud": client_id, "iat": now, "exp": now + 120, "jti": format!("logout-{number}"),
            "sub": "person-1", "sid": "session-1",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        lay_over(&mut claims, &twist);
        self.sign("logout+jwt", &claims)
    }
}

impl SigningKey {
    fn generate(id: &str) -> anyhow::Result<Self> {
        let random = aws_lc_rs::rand::SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref())?;
        // Uncompressed point: 0x04, then x and y of 32 bytes each (SEC 1, section 2.3.3).
        let point = pair.public_key().as_ref().to_vec();
        let public = json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id,
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..65]),
        });
        Ok(Self { id: id.to_owned(), pkcs8: pkcs8.as_ref().to_vec(), public })
    }
}

async fn discovery(State(provider): State<FakeProvider>) -> Json<Value> {
    let issuer = provider.issuer();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "end_session_endpoint": format!("{issuer}/end-session"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "acr_values_supported": ["urn:karat:acr:pwd", "urn:karat:acr:mfa"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn jwks(State(provider): State<FakeProvider>) -> Json<Value> {
    Json(json!({ "keys": [provider.inner.key.lock().unwrap().public] }))
}

async fn authorize(State(provider): State<FakeProvider>, Query(request): Query<HashMap<String, String>>) -> Redirect {
    let mut back = url::Url::parse(&request["redirect_uri"]).unwrap();
    provider.memory(|memory| {
        memory.count += 1;
        let code = format!("code-{}", memory.count);
        match memory.refuse_with {
            Some(error) => back.query_pairs_mut().append_pair("error", error),
            None => back.query_pairs_mut().append_pair("code", &code),
        };
        back.query_pairs_mut().append_pair("state", &request["state"]);
        let answering = memory.answering_issuer.clone().unwrap_or_else(|| provider.issuer().to_owned());
        if !answering.is_empty() {
            back.query_pairs_mut().append_pair("iss", &answering);
        }
        memory.codes.insert(code, (request["client_id"].clone(), request["nonce"].clone()));
        memory.authorization_requests.push(request.clone());
    });
    Redirect::to(back.as_str())
}

async fn token(
    State(provider): State<FakeProvider>,
    headers: HeaderMap,
    Form(request): Form<HashMap<String, String>>,
) -> Response {
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let client_id = match authorization.as_deref().and_then(|value| value.strip_prefix("Basic ")) {
        Some(basic) => {
            String::from_utf8(STANDARD.decode(basic).unwrap()).unwrap().split(':').next().unwrap().to_owned()
        }
        None => request.get("client_id").cloned().unwrap_or_default(),
    };
    let nonce = provider.memory(|memory| {
        memory.token_authorizations.push(authorization);
        memory.token_requests.push(request.clone());
        match request["grant_type"].as_str() {
            "authorization_code" => memory.codes.remove(&request["code"]).map(|(_, nonce)| Some(nonce)),
            "refresh_token" => Some(None),
            _ => None,
        }
    });
    let Some(nonce) = nonce else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    let now = karat::crypto::clock::Clock::system().now().unix();
    let mut claims = json!({
        "iss": provider.issuer(), "sub": "person-1", "aud": client_id, "iat": now, "exp": now + 300,
        "auth_time": 1_700_000_000, "acr": "urn:karat:acr:pwd", "amr": ["pwd"], "sid": "session-1",
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    lay_over(&mut claims, &provider.memory(|memory| memory.id_token_twist.clone()));
    let number = provider.memory(|memory| memory.token_requests.len());
    let access = provider.sign(
        "at+jwt",
        &json!({ "iss": provider.issuer(), "sub": "person-1", "client_id": client_id, "exp": now + 300, "iat": now,
                 "jti": format!("access-{number}"), "scope": "openid profile email" }),
    );
    Json(json!({
        "access_token": access, "token_type": "Bearer", "expires_in": 300, "scope": "openid profile email",
        "refresh_token": format!("refresh-{number}"), "id_token": provider.sign("JWT", &claims),
    }))
    .into_response()
}

async fn userinfo() -> Json<Value> {
    Json(json!({
        "sub": "person-1", "name": "Theo Maximilian Trader", "given_name": "Theo", "email": "theo@example.com",
        "email_verified": true, "updated_at": 1_700_000_000, "kyc_level": 2,
        "address": { "street_address": "Lindenweg 12", "locality": "Berlin", "country": "Germany" },
    }))
}

async fn end_session(Query(request): Query<HashMap<String, String>>) -> Redirect {
    let mut back = url::Url::parse(&request["post_logout_redirect_uri"]).unwrap();
    if let Some(state) = request.get("state") {
        back.query_pairs_mut().append_pair("state", state);
    }
    Redirect::to(back.as_str())
}

fn lay_over(claims: &mut Value, twist: &Value) {
    for (name, value) in twist.as_object().into_iter().flatten() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
}
