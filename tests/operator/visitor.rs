//! A browser and an app in one, at a server that may die at any moment: everything answers a `Result`.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::header;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::support::Page;
use crate::support::relying_party::{CHALLENGE, VERIFIER};

/// The server is gone, or closed the connection.
pub type Gone = reqwest::Error;

pub struct Visitor {
    base: String,
    http: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// A client of the tests, as the configuration knows it.
#[derive(Clone, Debug)]
pub struct KnownClient {
    pub id: String,
    pub secret: String,
    pub redirect_uri: String,
}

impl KnownClient {
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            secret: format!("the secret of the client {id}"),
            redirect_uri: format!("https://{id}.test/cb"),
        }
    }

    /// Its entry in the configuration.
    pub fn config(&self) -> String {
        format!(
            "[[client]]\nclient_id = \"{}\"\nkind = \"web\"\nclient_secret = \"{}\"\nredirect_uris = [\"{}\"]\n\
             scope = \"openid profile email offline_access\"\n",
            self.id, self.secret, self.redirect_uri
        )
    }
}

impl Visitor {
    pub fn new(base: &str) -> Self {
        // A connection for each request: behind a balancer any node may get it, and none is asked twice unseen.
        let http = reqwest::Client::builder().tls_certs_only([]).pool_max_idle_per_host(0);
        let http = http.redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { base: base.to_owned(), http, cookies: Mutex::default() }
    }

    pub fn cookies(&self) -> Vec<String> {
        self.cookies.lock().unwrap().values().cloned().collect()
    }

    /// Opens a page and follows redirects within the site.
    pub async fn get(&self, path: &str) -> Result<Page, Gone> {
        let page = self.send(self.http.get(format!("{}{path}", self.base))).await?;
        self.follow(page).await
    }

    /// Fills in the form of a page and sends it.
    pub async fn submit(&self, page: &Page, fields: &[(&str, &str)]) -> Result<Page, Gone> {
        let (action, hidden) = page.form();
        let mut all: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        all.retain(|(name, _)| fields.iter().all(|(given, _)| given != name));
        all.extend_from_slice(fields);
        let request = self.http.request(Method::POST, format!("{}{action}", self.base));
        let request = request.header("sec-fetch-site", "same-origin").header(header::ORIGIN, &self.base).form(&all);
        let page = self.send(request).await?;
        self.follow(page).await
    }

    async fn follow(&self, mut page: Page) -> Result<Page, Gone> {
        for _ in 0..10 {
            let Some(to) = page.location() else { return Ok(page) };
            let Some(path) = to.strip_prefix(&self.base).or(to.starts_with('/').then_some(to.as_str())) else {
                page.url = to;
                return Ok(page);
            };
            page = self.send(self.http.get(format!("{}{path}", self.base))).await?;
        }
        panic!("more than ten redirects, last at {}", page.url);
    }

    async fn send(&self, request: RequestBuilder) -> Result<Page, Gone> {
        let cookies =
            self.cookies.lock().unwrap().iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
        let answer = request.header(header::COOKIE, cookies).header("user-agent", "Karat-Test/1.0").send().await?;
        for value in answer.headers().get_all(header::SET_COOKIE) {
            let pair = value.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
        }
        let (status, headers) = (answer.status(), answer.headers().clone());
        let url = answer.url().to_string();
        let url = url.strip_prefix(&self.base).unwrap_or(&url).to_owned();
        Ok(Page { status, headers, body: answer.text().await?, url })
    }

    pub async fn log_in(&self, email: &str, password: &str) -> Result<Page, Gone> {
        let page = self.get("/login").await?;
        self.submit(&page, &[("email", email), ("password", password)]).await
    }

    /// Asks for authorization; where the browser ends is for the caller to judge.
    pub async fn authorize(&self, client: &KnownClient, more: &[(&str, &str)]) -> Result<Page, Gone> {
        let mut parameters = vec![
            ("client_id", client.id.as_str()),
            ("redirect_uri", client.redirect_uri.as_str()),
            ("response_type", "code"),
            ("scope", "openid offline_access"),
            ("state", "some-state"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        parameters.extend(more);
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.get(&format!("/authorize?{query}")).await
    }

    /// A request of the app itself: status and body.
    pub async fn ask(&self, client: &KnownClient, path: &str, fields: &[(&str, &str)]) -> Result<(u16, Value), Gone> {
        let request = self.http.post(format!("{}{path}", self.base)).basic_auth(
            url::form_urlencoded::byte_serialize(client.id.as_bytes()).collect::<String>(),
            Some(url::form_urlencoded::byte_serialize(client.secret.as_bytes()).collect::<String>()),
        );
        let answer = request.form(fields).send().await?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await?;
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }

    pub async fn redeem(&self, client: &KnownClient, code: &str) -> Result<(u16, Value), Gone> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", client.redirect_uri.as_str()),
            ("code_verifier", VERIFIER),
        ];
        self.ask(client, "/token", &fields).await
    }

    pub async fn refresh(&self, client: &KnownClient, token: &str) -> Result<(u16, Value), Gone> {
        self.ask(client, "/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }
}

/// The word of a mail that begins with `start`.
pub fn word(text: &str, start: &str) -> String {
    let found = text.split_whitespace().find(|word| word.starts_with(start));
    found.unwrap_or_else(|| panic!("no {start} in: {text}")).to_owned()
}

/// The six digits that stand alone in a mail.
pub fn six_digits(text: &str) -> String {
    let digits = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    text.split_whitespace().find(digits).unwrap_or_else(|| panic!("no code in: {text}")).to_owned()
}
