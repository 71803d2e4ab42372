//! A Karat as it stands behind an https name, asked without a network: for what tests on loopback cannot show.

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Response};
use karat::app::App;
use karat::config::Config;
use karat::crypto::clock::Clock;
use karat::domain::time::Timestamp;
use karat::http::{Web, router};
use serde_json::Value;
use tower::ServiceExt;

use crate::support::app::START;
use crate::support::databases::{FreshDatabase, fresh_sqlite};

pub const ISSUER: &str = "https://id.example.com";
const HOST: &str = "id.example.com";

pub struct HttpsIssuer {
    web: Web,
    _database: FreshDatabase,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Found {
    pub answer: Response<()>,
    pub text: String,
}

impl HttpsIssuer {
    pub async fn start() -> Self {
        let database = fresh_sqlite().await;
        let keys = std::env::temp_dir().join(format!("karat-test-keys-{}", std::process::id())).join("sealing.key");
        let text = format!(
            "[server]\nissuer = \"{ISSUER}\"\ntrusted_proxies = [\"127.0.0.1\"]\n[storage]\nurl = \"{}\"\n\
             [keys]\nsealing_key_file = \"{}\"\n[mail]\ntransport = \"outbox\"\n",
            database.url,
            keys.display()
        );
        let config = Config::from_text("test.toml", &text, std::iter::empty()).unwrap();
        let (clock, _) = Clock::manual(Timestamp::from_unix(START));
        let app = App::build(config.clone(), clock).await.unwrap();
        let web = Web::new(app.karat, &config.server);
        Self { web, _database: database }
    }

    pub async fn get(&self, path: &str) -> Found {
        self.ask(Request::builder().uri(path)).await
    }

    pub async fn method(&self, method: Method, path: &str) -> Found {
        self.ask(Request::builder().method(method).uri(path)).await
    }

    async fn ask(&self, request: axum::http::request::Builder) -> Found {
        let request = request.header("host", HOST).body(Body::empty()).unwrap();
        let (parts, body) = router(self.web.clone()).oneshot(request).await.unwrap().into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        Found { answer: Response::from_parts(parts, ()), text: String::from_utf8(bytes.to_vec()).unwrap() }
    }
}

impl Found {
    pub fn header(&self, name: &str) -> &str {
        self.answer.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}
