//! An app that logs people in: sends browsers to the authorization endpoint and speaks to the token endpoint.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use karat::domain::client::Client;
use serde_json::Value;

use super::app::{PASSWORD, Person, SECRET, TestApp};
use super::browser::{Browser, Page};

pub struct RelyingParty<'a> {
    pub app: &'a TestApp,
    pub client: Client,
    secret: String,
    http: reqwest::Client,
}

/// An answer of a back-channel endpoint.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    pub fn error(&self) -> &str {
        self.body["error"].as_str().unwrap_or_default()
    }
}

pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

impl<'a> RelyingParty<'a> {
    /// Registers the client and speaks as it.
    pub async fn register(app: &'a TestApp, client: Client) -> Self {
        app.add_client(&client).await;
        Self::of(app, client)
    }

    pub fn of(app: &'a TestApp, client: Client) -> Self {
        Self::with_secret(app, client, SECRET)
    }

    pub fn with_secret(app: &'a TestApp, client: Client, secret: &str) -> Self {
        Self { app, client, secret: secret.to_owned(), http: super::browser::http() }
    }

    pub fn redirect_uri(&self) -> &str {
        self.client.redirect_uris[0].as_str()
    }

    /// Path and query of an authorization request; `more` adds parameters, or replaces, or removes with an empty value.
    pub fn authorize_path(&self, more: &[(&str, &str)]) -> String {
        let mut parameters = vec![
            ("client_id", self.client.id.as_str()),
            ("redirect_uri", self.redirect_uri()),
            ("response_type", "code"),
            ("scope", "openid"),
            ("state", "some-state"),
        ];
        if self.client.require_pkce {
            parameters.extend([("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]);
        }
        parameters.retain(|(name, _)| more.iter().all(|(given, _)| given != name));
        parameters.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        format!("/authorize?{query}")
    }

    /// Goes through log-in and consent as far as they are asked for, and answers where the browser ended.
    pub async fn log_in(&self, browser: &Browser, person: &Person, more: &[(&str, &str)]) -> Page {
        let page = browser.get(&self.authorize_path(more)).await;
        self.go_through(browser, page, person).await
    }

    pub async fn go_through(&self, browser: &Browser, mut page: Page, person: &Person) -> Page {
        for _ in 0..4 {
            page = match page.path() {
                "/login" => browser.submit(&page, &[("email", &person.email), ("password", PASSWORD)]).await,
                "/consent" => browser.submit(&page, &[("decision", "allow")]).await,
                "/select-account" => browser.submit(&page, &[("choice", "continue")]).await,
                _ => return page,
            };
        }
        page
    }

    /// Logs the person in with a fresh browser and redeems the code.
    pub async fn tokens(&self, person: &Person, scope: &str) -> Answer {
        let browser = Browser::new(&self.app.base);
        self.tokens_in(&browser, person, scope).await
    }

    pub async fn tokens_in(&self, browser: &Browser, person: &Person, scope: &str) -> Answer {
        let page = self.log_in(browser, person, &[("scope", scope)]).await;
        let code = page.param("code").unwrap_or_else(|| panic!("no code at {}: {}", page.url, page.text()));
        let answer = self.redeem(&code).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    }

    pub async fn redeem(&self, code: &str) -> Answer {
        let mut fields =
            vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", self.redirect_uri())];
        if self.client.require_pkce {
            fields.push(("code_verifier", VERIFIER));
        }
        self.post("/token", &fields).await
    }

    pub async fn refresh(&self, token: &str) -> Answer {
        self.post("/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    pub async fn introspect(&self, token: &str) -> Answer {
        self.post("/introspect", &[("token", token)]).await
    }

    pub async fn is_active(&self, token: &str) -> bool {
        self.introspect(token).await.body["active"] == true
    }

    pub async fn revoke(&self, token: &str) -> Answer {
        self.post("/revoke", &[("token", token)]).await
    }

    pub async fn userinfo(&self, token: &str) -> Answer {
        let request = self.http.get(self.app.url("/userinfo")).bearer_auth(token);
        answer(request).await
    }

    /// Posts with the client's own authentication.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_to(&self.app.base, path, fields).await
    }

    /// As [`RelyingParty::post`], at another node.
    pub async fn post_to(&self, base: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.http.post(format!("{base}{path}")).header(reqwest::header::HOST, self.app.host());
        let request = match self.client.authentication.as_str() {
            "client_secret_basic" => request.basic_auth(self.client.id.as_str(), Some(&self.secret)).form(fields),
            method => {
                let mut fields = fields.to_vec();
                fields.push(("client_id", self.client.id.as_str()));
                if method == "client_secret_post" {
                    fields.push(("client_secret", self.secret.as_str()));
                }
                request.form(&fields)
            }
        };
        answer(request).await
    }

    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }
}

pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, headers, body }
}

/// The claims of a JWT, unverified.
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

pub fn header(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
