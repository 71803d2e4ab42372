//! An app that registers itself (RFC 7591) and looks after its registration (RFC 7592).

use reqwest::Method;
use serde_json::{Value, json};

use super::TestApp;
use super::relying_party::{Answer, RelyingParty, answer};

/// As the conformance suite's configuration of an issuer: anybody may register, and have everything.
pub const OPEN: &str = "[client_registration]\nmode = 'open'\nscopes = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access']\n\
    authentication_methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none']\n\
    require_pkce = false\nlisted_targets = true\nper_address = '1000 per 1h'\n";

/// What such an app says of itself at least.
pub fn metadata() -> Value {
    json!({ "redirect_uris": ["https://app.test/cb"], "client_name": "An app" })
}

/// With `more` over it; null takes away.
pub fn metadata_with(more: Value) -> Value {
    let mut all = metadata();
    for (name, value) in more.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

pub async fn register(app: &TestApp, metadata: &Value) -> Answer {
    register_with(app, None, metadata).await
}

pub async fn register_with(app: &TestApp, token: Option<&str>, metadata: &Value) -> Answer {
    send(app, Method::POST, &app.url("/clients"), token, Some(metadata)).await
}

pub async fn send(app: &TestApp, method: Method, url: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
    let path = url.strip_prefix(&app.base).unwrap_or_else(|| panic!("{url} is not the issuer's"));
    let mut request = super::browser::http().request(method, format!("{}{path}", app.at)).header("host", app.host());
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    answer(request).await
}

/// A registration and the right to change it.
pub struct Registered {
    pub id: String,
    pub secret: String,
    pub token: String,
    pub uri: String,
    pub told: Value,
}

impl Registered {
    pub fn of(found: &Answer) -> Self {
        assert!(matches!(found.status, 200 | 201), "{found:?}");
        Self {
            id: found.text("client_id").to_owned(),
            secret: found.body["client_secret"].as_str().unwrap_or_default().to_owned(),
            token: found.text("registration_access_token").to_owned(),
            uri: found.text("registration_client_uri").to_owned(),
            told: found.body.clone(),
        }
    }

    pub async fn made(app: &TestApp, metadata: &Value) -> Self {
        Self::of(&register(app, metadata).await)
    }

    pub async fn read(&self, app: &TestApp) -> Answer {
        send(app, Method::GET, &self.uri, Some(&self.token), None).await
    }

    /// Sends `metadata` with the client's own id.
    pub async fn change(&self, app: &TestApp, metadata: &Value) -> Answer {
        let mut metadata = metadata.clone();
        metadata["client_id"] = json!(self.id);
        send(app, Method::PUT, &self.uri, Some(&self.token), Some(&metadata)).await
    }

    pub async fn remove(&self, app: &TestApp) -> Answer {
        send(app, Method::DELETE, &self.uri, Some(&self.token), None).await
    }

    /// Speaks as it.
    pub async fn party<'a>(&self, app: &'a TestApp) -> RelyingParty<'a> {
        let client = app.karat.store.client(&self.id.parse().unwrap()).await.unwrap().unwrap();
        RelyingParty::with_secret(app, client, &self.secret)
    }
}
