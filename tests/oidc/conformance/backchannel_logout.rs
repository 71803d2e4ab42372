//! `oidcc-backchannel-rp-initiated-logout-certification-test-plan`: the app hears of the end of the session on its own
//! port, delivered by the product's outbox.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use jsonwebtoken::Algorithm;
use karat::domain::client::{Client, LogoutRules};
use karat::jobs::Jobs;
use serde_json::{Value, json};

use crate::checks;
use crate::suite::{Mode, Suite, Tokens};
use crate::support::app::web_client;
use crate::support::relying_party::{claims, header};
use crate::support::{Browser, RelyingParty};

/// An app's endpoint, and what was posted there: content type and body.
struct Listener {
    port: u16,
    heard: Arc<Mutex<Vec<(String, String)>>>,
}

impl Listener {
    async fn start() -> Self {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let keep = heard.clone();
        let routes = Router::new().route(
            "/{app}",
            post(async move |headers: HeaderMap, body: String| {
                let content_type = headers["content-type"].to_str().unwrap().to_owned();
                keep.lock().unwrap().push((content_type, body));
                StatusCode::OK
            }),
        );
        tokio::spawn(async move { axum::serve(socket, routes).await });
        Self { port, heard }
    }

    fn allowed(&self) -> String {
        format!("[outgoing]\nallow = [\"127.0.0.1:{}\"]\n", self.port)
    }

    fn client(&self, id: &str) -> Client {
        let backchannel_uri = Some(format!("http://127.0.0.1:{}/{id}", self.port));
        Client { logout: LogoutRules { backchannel_uri, ..LogoutRules::default() }, ..web_client(id) }
    }

    async fn wait_for(&self, count: usize) -> Vec<(String, String)> {
        for _ in 0..200 {
            let heard = self.heard.lock().unwrap().clone();
            if heard.len() >= count {
                return heard;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{} logout tokens came, not {count}", self.heard.lock().unwrap().len());
    }

    /// Nothing waits in the outbox any more, so whatever was to come has come.
    async fn all(&self, suite: &Suite) -> Vec<(String, String)> {
        for _ in 0..200 {
            if suite.app.karat.store.outbox_backlog().await.unwrap().waiting == 0 {
                return self.heard.lock().unwrap().clone();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the outbox does not empty");
    }
}

async fn logs_out(rp: &RelyingParty<'_>, browser: &Browser, tokens: &Tokens) {
    let hint = tokens.answer.text("id_token");
    let bye = rp.client.post_logout_redirect_uris[0].as_str();
    let query = [("id_token_hint", hint), ("post_logout_redirect_uri", bye)];
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    assert_eq!(browser.get(&format!("/logout?{query}")).await.url, bye);
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_backchannel_rp_initiated_logout_discovery_endpoint_verification() {
    let suite = Suite::start(Mode::Query).await;
    let document = checks::discovery(&suite.app).await;
    for name in ["backchannel_logout_supported", "backchannel_logout_session_supported"] {
        assert_eq!(document[name], true, "{name}");
    }
    assert_eq!(document["end_session_endpoint"], suite.app.url("/logout"));
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_backchannel_rp_initiated_logout() {
    let listener = Listener::start().await;
    let suite = Suite::start_with(Mode::Query, &listener.allowed()).await;
    let jobs = Jobs::start(&suite.app.karat, &suite.app.config).unwrap();
    let (first, idle) = (suite.register(listener.client("first")).await, suite.register(listener.client("idle")).await);
    let (browser, elsewhere) = (suite.browser(), suite.browser());
    let tokens = suite.pass(&first, &browser, &[]).await;
    let other_session = suite.pass(&idle, &elsewhere, &[]).await;
    assert_ne!(tokens.id_token["sid"], other_session.id_token["sid"]);

    logs_out(&first, &browser, &tokens).await;
    let heard = listener.wait_for(1).await;
    let (content_type, body) = &heard[0];
    assert!(content_type.starts_with("application/x-www-form-urlencoded"), "{content_type}");
    let token = body.strip_prefix("logout_token=").expect("the token and nothing else");
    logout_token(&suite, token, &tokens).await;
    suite.ask(&first, &browser, &[("prompt", "none")]).await.error(&["login_required"]);
    suite.ask(&idle, &elsewhere, &[("prompt", "none")]).await.code();
    assert_eq!(listener.all(&suite).await.len(), 1, "who had no part in the session hears nothing");
    assert!(jobs.stop(Duration::from_secs(5)).await);
}

/// OpenID Connect Back-Channel Logout section 2.4.
async fn logout_token(suite: &Suite, token: &str, of: &Tokens) {
    assert_eq!(header(token)["typ"], "logout+jwt");
    assert_eq!(header(token)["alg"], "RS256");
    let told = checks::verified(&suite.app, token, Algorithm::RS256, "first").await;
    assert_eq!(told["events"], json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
    assert_eq!((&told["sub"], &told["sid"]), (&of.id_token["sub"], &of.id_token["sid"]));
    assert_eq!(told["aud"], "first");
    assert!(told["jti"].as_str().unwrap().len() >= 22);
    assert!(told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap() <= 120);
    assert!(told.get("nonce").is_none(), "by which it could be taken for an ID token");
    let mut members: Vec<&String> = told.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"]);
    assert_eq!(Value::String(suite.person.id.to_string()), told["sub"]);
}

/// Each app that was logged in through the session hears of it, in tokens of its own; offline access ends with the
/// session unless the client is registered to keep it (Back-Channel Logout section 2.7).
#[tokio::test(flavor = "multi_thread")]
async fn every_app_of_the_session_hears_and_offline_access_ends_unless_it_is_kept() {
    let listener = Listener::start().await;
    let suite = Suite::start_with(Mode::Query, &listener.allowed()).await;
    let jobs = Jobs::start(&suite.app.karat, &suite.app.config).unwrap();
    let keeping = listener.client("keeping");
    let keeping = Client { logout: LogoutRules { keep_offline_access: true, ..keeping.logout }, ..keeping };
    let (first, keeping) = (suite.register(listener.client("first")).await, suite.register(keeping).await);
    let silent = suite.register(web_client("silent")).await;
    let browser = suite.browser();
    let asked = [("scope", "openid offline_access")];
    let one = suite.pass(&first, &browser, &asked).await;
    let two = suite.pass(&keeping, &browser, &asked).await;
    let three = suite.pass(&silent, &browser, &asked).await;

    logs_out(&first, &browser, &one).await;
    let mut audiences: Vec<String> = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    for (_, body) in listener.wait_for(2).await {
        let told = claims(body.strip_prefix("logout_token=").unwrap());
        audiences.push(told["aud"].as_str().unwrap().to_owned());
        ids.push(told["jti"].as_str().unwrap().to_owned());
        assert_eq!(told["sid"], one.id_token["sid"]);
    }
    audiences.sort();
    assert_eq!(audiences, ["first", "keeping"]);
    assert_ne!(ids[0], ids[1]);
    assert_eq!(listener.all(&suite).await.len(), 2);

    checks::error_answer(&first.refresh(one.answer.text("refresh_token")).await, &["invalid_grant"]);
    checks::error_answer(&silent.refresh(three.answer.text("refresh_token")).await, &["invalid_grant"]);
    checks::token_answer(&keeping.refresh(two.answer.text("refresh_token")).await);
    assert!(jobs.stop(Duration::from_secs(5)).await);
}
