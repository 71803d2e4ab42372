//! As long as client and redirect URI are not proven, every error is a page and never an answer (RFC 6749 section 4.1.2.1).

use karat::domain::client::Client;
use karat::domain::redirect_uri::{ApplicationType, RedirectUri};

use crate::common::{assert_error_page, assert_returned};
use crate::support::app::{service_client, web_client};
use crate::support::{Browser, RelyingParty, TestApp};

fn two_addresses() -> Client {
    let uri = |text| RedirectUri::register(text, ApplicationType::Web).unwrap();
    Client { redirect_uris: vec![uri("https://app.test/cb"), uri("https://app.test/other")], ..web_client("app") }
}

/// Parameters that make some servers answer before they look at who asks.
const LURES: &[&[(&str, &str)]] = &[
    &[],
    &[("prompt", "none")],
    &[("request", "eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2V2aWwudGVzdC9jYiJ9.")],
    &[("request_uri", "https://evil.test/request")],
    &[("response_mode", "form_post")],
    &[("response_type", "token")],
    &[("scope", "\"bad\"")],
    &[("max_age", "soon"), ("prompt", "none login")],
    &[("claims", "{"), ("response_mode", "form_post")],
];

#[tokio::test(flavor = "multi_thread")]
async fn an_unproven_request_is_answered_by_a_page_whatever_it_asks_for() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, two_addresses()).await;
    RelyingParty::register(&app, service_client("bot", "trade:read")).await;
    let browser = Browser::new(&app.base);
    let unproven: &[&[(&str, &str)]] = &[
        &[("client_id", "nobody")],
        &[("client_id", "")],
        &[("client_id", "APP")],
        &[("client_id", "app ")],
        &[("client_id", "app\0")],
        &[("client_id", "../app")],
        &[("redirect_uri", "")],
        &[("redirect_uri", "https://evil.test/cb")],
        &[("redirect_uri", "javascript:alert(1)")],
        // A client without redirect URIs has no way here at all.
        &[("client_id", "bot")],
    ];
    for wrong in unproven {
        for lure in LURES {
            let more = [*wrong, *lure].concat();
            let page = browser.get(&rp.authorize_path(&more)).await;
            assert_error_page(&page, &format!("{more:?}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn once_proven_the_app_itself_is_told_what_is_wrong() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, two_addresses()).await;
    let browser = Browser::new(&app.base);
    for uri in ["https://app.test/cb", "https://app.test/other"] {
        for (name, value, error) in [
            ("prompt", "none", "login_required"),
            ("request", "e30.e30.", "request_not_supported"),
            ("request_uri", "https://app.test/r", "request_uri_not_supported"),
            ("response_type", "token", "unsupported_response_type"),
            ("max_age", "soon", "invalid_request"),
        ] {
            let page = browser.get(&rp.authorize_path(&[("redirect_uri", uri), (name, value)])).await;
            assert_returned(&page, uri, error);
        }
        let form = browser
            .get(&rp.authorize_path(&[("redirect_uri", uri), ("response_mode", "form_post"), ("prompt", "none")]))
            .await;
        let (action, fields) = form.form();
        assert_eq!(action, uri);
        assert!(fields.contains(&("error".to_owned(), "login_required".to_owned())), "{fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_client_proves_nothing() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, two_addresses()).await;
    let browser = Browser::new(&app.base);
    let started = browser.get(&rp.authorize_path(&[])).await;
    assert_eq!(started.path(), "/login");
    app.update_client(&Client { disabled: true, ..two_addresses() }).await;
    assert_error_page(&browser.get(&rp.authorize_path(&[("prompt", "none")])).await, "a disabled client");
    assert_error_page(&browser.get(&started.url).await, "an interaction of a client disabled meanwhile");
    app.update_client(&two_addresses()).await;
    assert_eq!(browser.get(&rp.authorize_path(&[])).await.path(), "/login");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interaction_dies_with_the_registration_of_its_redirect_uri() {
    let app = TestApp::start().await;
    let person = app.person("otto@example.com").await;
    let rp = RelyingParty::register(&app, two_addresses()).await;
    let browser = Browser::new(&app.base);
    let login = browser.get(&rp.authorize_path(&[("redirect_uri", "https://app.test/other")])).await;
    let narrowed = Client { redirect_uris: two_addresses().redirect_uris[..1].to_vec(), ..two_addresses() };
    app.update_client(&narrowed).await;
    let page = browser.submit(&login, &[("email", &person.email), ("password", crate::support::PASSWORD)]).await;
    assert_error_page(&page, "the redirect URI was withdrawn while the person typed");
    let back = rp.log_in(&browser, &person, &[]).await;
    assert!(back.url.starts_with("https://app.test/cb?code="), "{}", back.url);
}
