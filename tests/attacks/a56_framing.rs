//! No page of ours can be framed, whatever its status (RFC 9700 section 4.16).

use reqwest::Method;

use crate::common::logged_in;
use crate::second_factor::{guarded, half_logged_in, make_recovery_codes};
use crate::support::app::web_client;
use crate::support::{Browser, PASSWORD, Page, RelyingParty, TestApp};

fn assert_unframeable(page: &Page, what: &str) {
    assert_eq!(page.headers.get_all("x-frame-options").iter().collect::<Vec<_>>(), ["DENY"], "{what}");
    let policies: Vec<_> = page.headers.get_all("content-security-policy").iter().collect();
    assert_eq!(policies.len(), 1, "{what}");
    assert!(policies[0].to_str().unwrap().contains("frame-ancestors 'none'"), "{what}: {policies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_refuses_to_be_framed() {
    let app = TestApp::start().await;
    let person = app.person("fred@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let browser = Browser::new(&app.base);
    let login = browser.get(&rp.authorize_path(&[])).await;
    assert_unframeable(&login, "log-in");
    let consent = browser.submit(&login, &[("email", &person.email), ("password", PASSWORD)]).await;
    assert_eq!(consent.path(), "/consent");
    assert_unframeable(&consent, "consent");
    let browser = logged_in(&rp, &person).await;
    let select = browser.get(&rp.authorize_path(&[("prompt", "select_account")])).await;
    assert_unframeable(&select, "select account");
    assert_unframeable(&browser.get(&rp.authorize_path(&[("response_mode", "form_post")])).await, "form post");
    assert_unframeable(&browser.get("/logout").await, "logout");
    for (method, path, body) in [
        (Method::GET, "/account", ""),
        (Method::GET, "/account/password", ""),
        (Method::GET, "/account/email", ""),
        (Method::GET, "/account/profile", ""),
        (Method::GET, "/account/sessions", ""),
        (Method::GET, "/account/apps", ""),
        (Method::GET, "/account/delete", ""),
        (Method::GET, "/register", ""),
        (Method::GET, "/register/verify", ""),
        (Method::GET, "/register/confirm?token=x", ""),
        (Method::GET, "/password/forgotten", ""),
        (Method::GET, "/password/reset?token=x", ""),
        (Method::GET, "/terms", ""),
        (Method::GET, "/nowhere", ""),
        (Method::GET, "/authorize", ""),
        (Method::GET, "/authorize/x", ""),
        (Method::GET, "/token", ""),
        (Method::POST, "/token", ""),
        (Method::POST, "/login", "email=x"),
        (Method::DELETE, "/login", ""),
        (Method::GET, "/userinfo", ""),
        (Method::GET, "/.well-known/openid-configuration", ""),
        (Method::GET, "/jwks", ""),
        (Method::GET, "/healthz", ""),
        (Method::GET, "/assets/nothing", ""),
        (Method::GET, "/clients/app/logo", ""),
        (Method::HEAD, "/login", ""),
        (Method::OPTIONS, "/login", ""),
    ] {
        let request = browser.request(method.clone(), path).header("content-type", "application/x-www-form-urlencoded");
        let page = browser.send(request.body(body.to_owned())).await;
        assert_unframeable(&page, &format!("{method} {path}: {}", page.status));
    }
    let wrong_host = browser.send(browser.request(Method::GET, "/login").header("host", "evil.test")).await;
    assert!(wrong_host.status.is_client_error());
    assert_unframeable(&wrong_host, "another host");
}

/// Every URL there is, as the contract lists them, to a stranger, to half a log-in and to somebody who is logged in.
#[tokio::test(flavor = "multi_thread")]
async fn no_url_of_the_table_can_be_framed_whoever_asks() {
    const URLS: &str = include_str!("../oidc/snapshots/oidc__contracts__the_table_of_urls_is_a_contract.snap");
    let app = TestApp::start().await;
    let (.., owner) = guarded(&app, "fred@example.com").await;
    make_recovery_codes(&owner).await;
    app.advance(60);
    let (half, _) = half_logged_in(&app, "fred@example.com").await;
    for (who, browser) in [("a stranger", &Browser::new(&app.base)), ("half a log-in", &half), ("the owner", &owner)] {
        let urls: Vec<_> = URLS.lines().filter_map(|line| line.split_once("  ")).collect();
        assert!(urls.len() > 60, "{urls:?}");
        for (path, methods) in urls {
            let path = path.replace("{id}", "app").replace("{name}", "x").replace("{interaction}", "x");
            for method in methods.trim().split(',') {
                let method: Method = method.parse().unwrap();
                let request = browser.request(method.clone(), &path);
                let request = request.header("content-type", "application/x-www-form-urlencoded");
                let page = browser.send(request.body(String::new())).await;
                assert_unframeable(&page, &format!("{method} {path} for {who}: {}", page.status));
            }
        }
    }
    // The pages themselves, not only what leads to them.
    for path in ["/mfa/totp", "/mfa/recovery"] {
        assert_eq!(half.send(half.request(Method::GET, path)).await.status, 200, "{path}");
    }
    for path in ["/account/security", "/account/security/totp", "/account/security/recovery-codes"] {
        assert_eq!(owner.send(owner.request(Method::GET, path)).await.status, 200, "{path}");
    }
}
