//! An issuer with one person, and what a conformance module does there: send a browser, walk it through the hosted pages,
//! take the answer from the query or from the posted form, redeem it, and check everything on the way.

use std::collections::BTreeMap;

use jsonwebtoken::Algorithm;
use karat::domain::client::Client;
use serde_json::Value;

use crate::checks;
use crate::support::app::web_client;
use crate::support::relying_party::Answer;
use crate::support::{Backends, Browser, PASSWORD, Page, Person, RelyingParty, TestApp};

/// 128 characters, as the longest that the suite sends, some of which mean something in URLs and in HTML.
pub const STATE: &str = "st-8Zk2hXb0qYwN5rT1uVcL9eGmJ3sPaF7oDiK6nQxWzBjHyCvRtMlEgUfSpAdOaIkNrXq2Zb5Ye8Tw1Vu4Lc7Gm0Js3PdFh6oKi9nQxWzBjHy %26&=+<>'/?#;,:@!";
pub const NONCE: &str = "n-0S6_WzA2Mj";

/// How the answer travels to the app: the default of the code flow, or a form (OAuth 2.0 Form Post Response Mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Query,
    FormPost,
}

pub struct Suite {
    pub app: TestApp,
    pub person: Person,
    pub mode: Mode,
}

/// What the app was answered, and which pages the person saw before.
#[derive(Debug, Clone)]
pub struct Reply {
    pub parameters: BTreeMap<String, String>,
    pub pages: Vec<String>,
}

/// A finished code flow, everything in it checked.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub answer: Answer,
    /// The claims of the verified ID token.
    pub id_token: Value,
    pub userinfo: Value,
    pub pages: Vec<String>,
}

impl Suite {
    pub async fn start(mode: Mode) -> Self {
        Self::start_with(mode, "").await
    }

    /// `more` is configuration text of further sections.
    pub async fn start_with(mode: Mode, more: &str) -> Self {
        let app = TestApp::start_with(Backends::SqliteAndMemory, more).await;
        let person = app.person("erika@example.com").await;
        Self { app, person, mode }
    }

    /// An app registered as the suite registers its first client.
    pub async fn client(&self) -> RelyingParty<'_> {
        self.register(web_client("first")).await
    }

    pub async fn register(&self, client: Client) -> RelyingParty<'_> {
        RelyingParty::register(&self.app, client).await
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.app.base)
    }

    /// The path of an authorization request as the suite sends it; `more` adds, replaces, or removes when empty.
    pub fn request(&self, rp: &RelyingParty<'_>, more: &[(&str, &str)]) -> String {
        let mut parameters = vec![("state", STATE), ("nonce", NONCE)];
        if self.mode == Mode::FormPost {
            parameters.push(("response_mode", "form_post"));
        }
        parameters.retain(|(name, _)| more.iter().all(|(given, _)| given != name));
        parameters.extend_from_slice(more);
        rp.authorize_path(&parameters)
    }

    /// Opens the request and does what each page asks for.
    pub async fn walk(&self, browser: &Browser, path: &str) -> (Vec<String>, Page) {
        let page = browser.get(path).await;
        self.walk_on(browser, page).await
    }

    pub async fn walk_on(&self, browser: &Browser, mut page: Page) -> (Vec<String>, Page) {
        let mut seen = Vec::new();
        while seen.len() < 6 {
            let here = page.path().to_owned();
            page = match here.as_str() {
                "/login" => browser.submit(&page, &[("email", &self.person.email), ("password", PASSWORD)]).await,
                "/consent" => browser.submit(&page, &[("decision", "allow")]).await,
                "/select-account" => browser.submit(&page, &[("choice", "continue")]).await,
                _ => return (seen, page),
            };
            seen.push(here);
        }
        panic!("the pages go in a circle: {seen:?}");
    }

    pub async fn ask(&self, rp: &RelyingParty<'_>, browser: &Browser, more: &[(&str, &str)]) -> Reply {
        let (pages, page) = self.walk(browser, &self.request(rp, more)).await;
        self.reply(rp, page, pages)
    }

    /// What the page carries to the app: by its address, or by its form.
    pub fn reply(&self, rp: &RelyingParty<'_>, page: Page, pages: Vec<String>) -> Reply {
        let pairs = match self.mode {
            Mode::Query => {
                let query = page.url.strip_prefix(rp.redirect_uri()).and_then(|rest| rest.strip_prefix('?'));
                let query = query.unwrap_or_else(|| panic!("not sent back: {} {}", page.url, page.text()));
                assert!(!page.url.contains('#'), "{}", page.url);
                url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
            }
            Mode::FormPost => posted_form(rp, &page),
        };
        let count = pairs.len();
        let parameters = BTreeMap::from_iter(pairs);
        assert_eq!(parameters.len(), count, "a parameter is doubled: {parameters:?}");
        assert_eq!(parameters.get("iss"), Some(&self.app.base));
        Reply { parameters, pages }
    }

    /// The whole code flow, checked.
    pub async fn pass(&self, rp: &RelyingParty<'_>, browser: &Browser, more: &[(&str, &str)]) -> Tokens {
        let reply = self.ask(rp, browser, more).await;
        let nonce = more.iter().find(|(name, _)| *name == "nonce").map_or(NONCE, |(_, value)| value);
        self.finish(rp, reply, Some(nonce).filter(|nonce| !nonce.is_empty())).await
    }

    pub async fn finish(&self, rp: &RelyingParty<'_>, reply: Reply, nonce: Option<&str>) -> Tokens {
        let answer = rp.redeem(reply.code()).await;
        checks::token_answer(&answer);
        let expected = checks::Expected {
            client: rp.client.id.as_str(),
            nonce,
            access_token: answer.text("access_token"),
            alg: Algorithm::RS256,
        };
        let id_token = checks::id_token(&self.app, answer.text("id_token"), expected).await;
        let userinfo = rp.userinfo(answer.text("access_token")).await;
        assert_eq!(userinfo.status, 200, "{userinfo:?}");
        checks::not_kept(&userinfo);
        checks::standard_claims(&userinfo.body);
        assert_eq!(userinfo.body["sub"], id_token["sub"]);
        Tokens { answer, id_token, userinfo: userinfo.body, pages: reply.pages }
    }

    /// The request is refused at the hosted pages: nobody is sent anywhere.
    pub async fn shown_error(&self, browser: &Browser, path: &str) -> Page {
        let page = browser.get(path).await;
        assert_eq!((page.status.as_u16(), page.location()), (400, None), "{}", page.url);
        assert!(page.header("content-type").starts_with("text/html"));
        assert!(!page.body.contains("http-equiv=\"refresh\""));
        page
    }
}

impl Reply {
    pub fn code(&self) -> &str {
        let names: Vec<&str> = self.parameters.keys().map(String::as_str).collect();
        assert_eq!(names, ["code", "iss", "state"], "{self:?}");
        assert_eq!(self.parameters["state"], STATE);
        let code = &self.parameters["code"];
        assert!(code.len() >= 22 && checks::estimated_entropy(code) >= 96.0, "{code}");
        code
    }

    /// The error, which is one of `codes`, with nothing in the answer that does not belong there.
    pub fn error(&self, codes: &[&str]) -> &str {
        let names: Vec<&str> = self.parameters.keys().map(String::as_str).collect();
        assert_eq!(names, ["error", "error_description", "iss", "state"], "{self:?}");
        assert_eq!(self.parameters["state"], STATE);
        checks::plain_description(&self.parameters["error_description"]);
        let error = self.parameters["error"].as_str();
        assert!(codes.contains(&error), "{codes:?}: {self:?}");
        error
    }
}

/// The form of the page posts itself to the app, by its script or by its button, and nothing stands in the address.
fn posted_form(rp: &RelyingParty<'_>, page: &Page) -> Vec<(String, String)> {
    assert_eq!(page.status, 200, "{}: {}", page.url, page.text());
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.header("cache-control").contains("no-store"));
    let (action, fields) = page.form();
    assert_eq!(action, rp.redirect_uri(), "{}", page.text());
    assert!(page.body.contains("id=\"form-post-submit\""));
    let policy = page.header("content-security-policy");
    let origin = url::Url::parse(&action).unwrap().origin().ascii_serialization();
    assert!(policy.contains(&format!("form-action {origin}")) && policy.contains("script-src 'sha256-"), "{policy}");
    fields
}
