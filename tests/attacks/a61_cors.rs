//! Other origins read nothing that is somebody's: no answer is opened to them with credentials (OWASP ASVS 3.4.2).

use reqwest::Method;

use crate::support::app::web_client;
use crate::support::{Browser, RelyingParty, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn no_origin_is_ever_reflected_or_trusted_with_credentials() {
    let app = TestApp::start().await;
    let person = app.person("cora@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let tokens = rp.tokens(&person, "openid").await;
    let authorize = rp.authorize_path(&[]);
    for origin in
        ["null", "https://evil.test", "https://app.test.evil.test", "https://app.test", "http://localhost", "*"]
    {
        for (method, path) in [
            (Method::POST, "/token"),
            (Method::GET, "/userinfo"),
            (Method::POST, "/introspect"),
            (Method::POST, "/revoke"),
            (Method::GET, authorize.as_str()),
            (Method::GET, "/login"),
            (Method::GET, "/logout"),
            (Method::GET, "/account"),
            (Method::GET, "/.well-known/openid-configuration"),
            (Method::GET, "/jwks"),
            (Method::GET, "/nowhere"),
        ] {
            let request = rp.http().request(method.clone(), app.url(path)).header("origin", origin);
            let answer = request.bearer_auth(tokens.text("access_token")).send().await.unwrap();
            let headers = answer.headers();
            assert!(headers.get("access-control-allow-credentials").is_none(), "{method} {path} for {origin}");
            let opened = headers.get("access-control-allow-origin").map(|value| value.to_str().unwrap());
            let public = ["/.well-known/openid-configuration", "/jwks"].contains(&path);
            assert_eq!(opened, public.then_some("*"), "{method} {path} for {origin}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preflight_opens_nothing_and_tells_nothing() {
    let app = TestApp::start().await;
    let browser = Browser::new(&app.base);
    for path in ["/token", "/userinfo", "/authorize", "/login", "/account", "/nowhere", "/admin"] {
        let request = browser
            .request(Method::OPTIONS, path)
            .header("origin", "https://evil.test")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization");
        let answer = browser.send(request).await;
        for name in [
            "access-control-allow-origin",
            "access-control-allow-methods",
            "access-control-allow-headers",
            "access-control-allow-credentials",
        ] {
            assert_eq!(answer.header(name), "", "{path}");
        }
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_of_ours_posts_messages_to_whoever_opened_it() {
    let app = TestApp::start().await;
    let person = app.person("cora@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let browser = Browser::new(&app.base);
    let login = browser.get(&rp.authorize_path(&[("response_mode", "form_post")])).await;
    let last = rp.go_through(&browser, login.clone(), &person).await;
    assert!(last.body.contains("name=\"code\""), "{}", last.text());
    for page in [login, last, browser.get("/logout").await] {
        assert!(!page.body.contains("postMessage") && !page.body.contains("window.opener"), "{}", page.url);
    }
}
