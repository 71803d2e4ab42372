//! What this machine and axum can do with nothing behind them: the ceiling of every other figure.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use axum::http::header;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::connection::{Ask, Connection};
use crate::engine::Caller;
use crate::scenario::{as_client, good, text};

#[derive(Deserialize)]
struct Asked {
    grant_type: String,
    scope: String,
}

struct Signer {
    key: EcdsaKeyPair,
    random: SystemRandom,
}

impl Signer {
    fn new() -> anyhow::Result<Self> {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok().context("no key")?;
        Ok(Self { key, random: SystemRandom::new() })
    }

    fn token(&self, claims: &Value) -> Option<String> {
        let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","kid":"1","typ":"at+jwt"}"#);
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self.key.sign(&self.random, signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn claims(scope: &str) -> Value {
    json!({ "iss": "http://localhost", "sub": "service", "client_id": "service", "aud": "http://localhost",
            "iat": 1_767_225_600, "exp": 1_767_225_900, "jti": "0190163d-8694-739b-aea5-966c26f8ad91", "scope": scope })
}

/// `GET /static` answers what it was given; `POST /sign` reads a form and signs a token with ES256.
pub async fn serve(port: u16, answer: String) -> anyhow::Result<()> {
    let signer = Arc::new(Signer::new()?);
    let answer: &'static str = Box::leak(answer.into_boxed_str());
    let sign = move |Form(asked): Form<Asked>| {
        let signer = signer.clone();
        async move {
            let token = signer.token(&claims(&asked.scope));
            Json(json!({ "access_token": token, "token_type": "Bearer", "expires_in": 300,
                         "scope": asked.scope, "grant": asked.grant_type }))
        }
    };
    let fixed = move || async move { ([(header::CONTENT_TYPE, "application/json")], answer) };
    let router = Router::new().route("/static", get(fixed)).route("/sign", post(sign));
    axum::serve(TcpListener::bind(("127.0.0.1", port)).await?, router).await?;
    Ok(())
}

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Static,
    Sign,
}

pub struct BareCaller {
    pub connection: Connection,
    pub kind: Kind,
}

impl Caller for BareCaller {
    async fn once(&mut self) -> anyhow::Result<()> {
        match self.kind {
            Kind::Static => {
                let told = good(&self.connection.send(&Ask::get("/static")).await?)?;
                ensure!(told["issuer"].is_string(), "{told}");
                Ok(())
            }
            Kind::Sign => {
                let ask = Ask::form("/sign", &[("grant_type", "client_credentials"), ("scope", "read")]);
                let told = good(&self.connection.send(&as_client(ask, "service", "secret")).await?)?;
                text(&told, "access_token").map(drop)
            }
        }
    }
}

/// Signatures a second by one thread, its claims written out each time.
pub fn signing_limit(measured: Duration) -> anyhow::Result<f64> {
    let signer = Signer::new()?;
    let (begun, mut made) = (Instant::now(), 0_u32);
    while begun.elapsed() < measured {
        std::hint::black_box(signer.token(&claims("read")).context("no signature")?);
        made += 1;
    }
    Ok(f64::from(made) / begun.elapsed().as_secs_f64())
}
