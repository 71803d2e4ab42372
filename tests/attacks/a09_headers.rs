//! Pages and answers are not kept, not framed, not guessed at, load nothing from elsewhere, and a posted password is never
//! sent on (RFC 9700 sections 4.2 and 4.12, RFC 6749 section 5.1).

use reqwest::Method;

use crate::support::app::web_client;
use crate::support::{Browser, PASSWORD, Page, RelyingParty, TestApp};

/// Pages that need no interaction.
const ROOMS: &[&str] = &[
    "/account",
    "/account/password",
    "/account/email",
    "/account/profile",
    "/account/sessions",
    "/account/apps",
    "/account/delete",
    "/account-deleted",
    "/register",
    "/register/done",
    "/password/forgotten",
    "/password/done",
    "/terms",
];

fn assert_safe_page(page: &Page, app: &TestApp, what: &str) {
    assert!(page.header("content-type").starts_with("text/html"), "{what}: {:?}", page.headers);
    assert_eq!(page.header("cache-control"), "no-store", "{what}");
    assert!(["no-referrer", "same-origin"].contains(&page.header("referrer-policy")), "{what}");
    assert_eq!(page.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(page.header("x-frame-options"), "DENY", "{what}");
    let policy = page.header("content-security-policy");
    for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action "] {
        assert!(policy.contains(part), "{what}: {part} in {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{what}: {policy}");
    for loading in ["src=\"", "srcset=\"", "<link rel=\"stylesheet\" href=\"", "url(", "@import"] {
        for rest in page.body.split(loading).skip(1) {
            let own = rest.starts_with(&app.base) || (rest.starts_with('/') && !rest.starts_with("//"));
            assert!(own, "{what} loads {}", rest.chars().take(80).collect::<String>());
        }
    }
    for inline in [" style=\"", " onclick=", " onload=", "<style"] {
        assert!(!page.body.contains(inline), "{what}: {inline}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hosted_page_carries_the_safe_headers_and_loads_nothing_from_elsewhere() {
    let app = TestApp::start().await;
    let person = app.person("hana@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let browser = Browser::new(&app.base);

    let login = browser.get(&rp.authorize_path(&[])).await;
    assert_safe_page(&login, &app, "log-in");
    let wrong = browser.submit(&login, &[("email", &person.email), ("password", "wrong password 1")]).await;
    assert_safe_page(&wrong, &app, "log-in, refused");
    let consent = browser.submit(&login, &[("email", &person.email), ("password", PASSWORD)]).await;
    assert_eq!(consent.path(), "/consent");
    assert_safe_page(&consent, &app, "consent");
    browser.submit(&consent, &[("decision", "allow")]).await;
    let select = browser.get(&rp.authorize_path(&[("prompt", "select_account")])).await;
    assert_eq!(select.path(), "/select-account");
    assert_safe_page(&select, &app, "select account");
    let form_post = browser.get(&rp.authorize_path(&[("response_mode", "form_post")])).await;
    assert!(form_post.body.contains("name=\"code\""));
    assert_safe_page(&form_post, &app, "form post");
    for path in ROOMS {
        let page = browser.get(path).await;
        assert_eq!((page.status.as_u16(), page.path()), (200, path.split('?').next().unwrap()), "{path}");
        assert_safe_page(&page, &app, path);
    }
    let logout = browser.get("/logout").await;
    assert_safe_page(&logout, &app, "logout");
    assert_safe_page(&browser.submit(&logout, &[]).await, &app, "logged out");
    for (path, what) in [
        ("/nowhere", "404"),
        ("/authorize", "400"),
        ("/authorize/unknown", "an unknown interaction"),
        ("/login?interaction=unknown", "log-in for an unknown interaction"),
        ("/token", "405"),
        ("/consent", "consent without an interaction"),
    ] {
        let page = browser.get(path).await;
        assert!(page.status.is_client_error(), "{what}: {}", page.status);
        assert_safe_page(&page, &app, what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_posted_password_is_answered_by_303_and_never_sent_on() {
    let app = TestApp::start().await;
    let person = app.person("hana@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let browser = Browser::new(&app.base);
    let login = browser.get(&rp.authorize_path(&[])).await;
    let posted = browser.submit_once(&login, &[("email", &person.email), ("password", PASSWORD)]).await;
    assert_eq!(posted.status, 303);
    assert_eq!(posted.header("cache-control"), "no-store");
    let consent = browser.follow(posted).await;
    let answered = browser.submit_once(&consent, &[("decision", "allow")]).await;
    assert_eq!(answered.status, 303);
    let last = browser.send(browser.request(Method::GET, &answered.location().unwrap())).await;
    assert_eq!(last.status, 303, "the answer itself");
    assert!(last.location().unwrap().starts_with("https://app.test/cb?code="));
    let logout = browser.get("/logout").await;
    assert!([200, 303].contains(&browser.submit_once(&logout, &[]).await.status.as_u16()));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_to_apps_are_not_kept_either() {
    let app = TestApp::start().await;
    let person = app.person("hana@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let tokens = rp.tokens(&person, "openid offline_access").await;
    let answers = [
        ("tokens", tokens.clone(), 200),
        ("userinfo", rp.userinfo(tokens.text("access_token")).await, 200),
        ("introspection", rp.introspect(tokens.text("access_token")).await, 200),
        ("refreshed", rp.refresh(tokens.text("refresh_token")).await, 200),
        ("a token error", rp.refresh("nonsense").await, 400),
        ("a userinfo error", rp.userinfo("nonsense").await, 401),
        ("an unknown token", rp.introspect("nonsense").await, 200),
        ("revocation", rp.revoke(tokens.text("refresh_token")).await, 200),
    ];
    for (what, answer, status) in answers {
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        let header = |name: &str| answer.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
        assert_eq!(header("cache-control"), "no-store", "{what}");
        assert!(header("content-type").starts_with("application/json"), "{what}: {answer:?}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(header("set-cookie"), "", "{what}");
        assert_eq!(header("access-control-allow-origin"), "", "{what}");
    }
}
