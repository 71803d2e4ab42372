//! When a person is asked, what is remembered of the answer, and what ends with its withdrawal.

use karat::crypto::token::OpaqueToken;
use karat::domain::client::{Client, ConsentRule};
use karat::domain::redirect_uri::{ApplicationType, RedirectUri};

use crate::checks;
use crate::suite::{Mode, NONCE, Suite};
use crate::support::app::{native_client, web_client};
use crate::support::relying_party::{CHALLENGE, VERIFIER};
use crate::support::{Browser, PASSWORD, RelyingParty};

#[tokio::test(flavor = "multi_thread")]
async fn consent_is_remembered_for_each_scope_and_asked_only_for_what_is_new() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let browser = suite.browser();
    let first = suite.pass(&rp, &browser, &[("scope", "openid email")]).await;
    assert_eq!(first.pages, ["/login", "/consent"]);
    for within in ["openid email", "openid", "email openid"] {
        assert!(suite.pass(&rp, &browser, &[("scope", within)]).await.pages.is_empty(), "{within}");
    }
    let page = browser.get(&suite.request(&rp, &[("scope", "openid email phone")])).await;
    assert_eq!(page.path(), "/consent");
    let asked = page.body.split("id=\"asked-title\"").nth(1).unwrap().split("id=\"granted-title\"").next().unwrap();
    assert!(asked.contains("phone number") && !asked.contains("e-mail address"), "{asked}");
    let (pages, page) = suite.walk_on(&browser, page).await;
    suite.finish(&rp, suite.reply(&rp, page, pages), Some(NONCE)).await;
    // Remembered together, and for this person in every browser.
    let elsewhere = suite.browser();
    let wide = suite.pass(&rp, &elsewhere, &[("scope", "openid phone email")]).await;
    assert_eq!(wide.pages, ["/login"]);
    let otto = suite.app.person("otto@example.com").await;
    let others = suite.browser();
    let page = others.get(&suite.request(&rp, &[])).await;
    let page = others.submit(&page, &[("email", &otto.email), ("password", PASSWORD)]).await;
    assert_eq!(page.path(), "/consent", "another person's consent is another's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_is_told_to_the_app_and_not_remembered() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let browser = suite.browser();
    let page = browser.get(&suite.request(&rp, &[])).await;
    let page = browser.submit(&page, &[("email", &suite.person.email), ("password", PASSWORD)]).await;
    let page = browser.submit(&page, &[("decision", "deny")]).await;
    suite.reply(&rp, page, Vec::new()).error(&["access_denied"]);
    suite.ask(&rp, &browser, &[("prompt", "none")]).await.error(&["consent_required"]);
    assert_eq!(suite.pass(&rp, &browser, &[]).await.pages, ["/consent"]);
}

/// Another tab had changed the interaction meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_denial_that_comes_from_a_stale_page_is_not_lost() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let browser = suite.browser();
    let page = browser.get(&suite.request(&rp, &[])).await;
    let id = page.param("interaction").unwrap();
    let binding = OpaqueToken::parse(&browser.cookie("karat_browser").unwrap()).unwrap().hash();
    let stale = suite.app.karat.interaction(&id, &binding).await.unwrap();
    browser.submit(&page, &[("email", &suite.person.email), ("password", PASSWORD)]).await;
    suite.app.karat.note_denial(&stale).await.unwrap();
    let page = browser.get(&format!("/authorize/{id}")).await;
    suite.reply(&rp, page, Vec::new()).error(&["access_denied"]);
}

/// Withdrawing takes the tokens along, and the next request asks again.
#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_consent_ends_the_apps_tokens_and_is_asked_for_again() {
    let suite = Suite::start(Mode::Query).await;
    let (rp, other) = (suite.client().await, suite.register(web_client("second")).await);
    let browser = suite.browser();
    let scope = [("scope", "openid offline_access")];
    let tokens = suite.pass(&rp, &browser, &scope).await;
    let kept = suite.pass(&other, &browser, &scope).await;
    let unredeemed = suite.ask(&rp, &browser, &scope).await;

    let apps = browser.get("/account/apps").await;
    assert!(apps.text().contains("The first app") && apps.text().contains("The second app"), "{}", apps.text());
    let (action, hidden) = apps.form_to("/account/apps/withdraw");
    let csrf = hidden.iter().find(|(name, _)| name == "csrf").unwrap();
    let apps = browser.post(&action, &[("csrf", &csrf.1), ("client_id", "first")]).await;
    assert!(!apps.text().contains("The first app") && apps.text().contains("The second app"), "{}", apps.text());

    checks::error_answer(&rp.redeem(unredeemed.code()).await, &["invalid_grant"]);
    checks::error_answer(&rp.refresh(tokens.answer.text("refresh_token")).await, &["invalid_grant"]);
    assert!(!rp.is_active(tokens.answer.text("access_token")).await);
    assert_eq!(rp.userinfo(tokens.answer.text("access_token")).await.status, 401);
    suite.ask(&rp, &browser, &[("prompt", "none"), scope[0]]).await.error(&["consent_required"]);
    assert_eq!(suite.pass(&rp, &browser, &scope).await.pages, ["/consent"]);
    checks::token_answer(&other.refresh(kept.answer.text("refresh_token")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_of_the_own_house_never_asks_unless_it_wants_to() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.register(Client { consent: ConsentRule::FirstParty, ..web_client("own") }).await;
    let browser = suite.browser();
    assert_eq!(suite.pass(&rp, &browser, &[("scope", "openid email")]).await.pages, ["/login"]);
    assert!(suite.pass(&rp, &browser, &[("scope", "openid profile"), ("prompt", "none")]).await.pages.is_empty());
    assert_eq!(suite.pass(&rp, &browser, &[("prompt", "consent")]).await.pages, ["/consent"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_always_asks_asks_every_time() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.register(Client { consent: ConsentRule::Always, ..web_client("always") }).await;
    let browser = suite.browser();
    assert_eq!(suite.pass(&rp, &browser, &[]).await.pages, ["/login", "/consent"]);
    for _ in 0..2 {
        assert_eq!(suite.pass(&rp, &browser, &[]).await.pages, ["/consent"]);
    }
    suite.ask(&rp, &browser, &[("prompt", "none")]).await.error(&["consent_required"]);
}

/// RFC 8252 section 8.6: what listens on a loopback port, or behind a private scheme, can be anybody.
#[tokio::test(flavor = "multi_thread")]
async fn a_native_app_on_a_loopback_port_or_private_scheme_is_never_answered_silently() {
    let suite = Suite::start(Mode::Query).await;
    let uri = |text: &str| RedirectUri::register(text, ApplicationType::Native).unwrap();
    let redirect_uris = vec![uri("http://127.0.0.1/cb"), uri("com.example.wallet:/cb"), uri("https://wallet.test/cb")];
    let rp = suite.register(Client { redirect_uris, ..native_client("wallet") }).await;
    let browser = suite.browser();
    for (redirect_uri, silent) in [
        ("http://127.0.0.1:51004/cb", false),
        ("http://127.0.0.1:51005/cb", false),
        ("com.example.wallet:/cb", false),
        ("https://wallet.test/cb", true),
    ] {
        let path = suite.request(&rp, &[("redirect_uri", redirect_uri)]);
        let (_, page) = suite.walk(&browser, &path).await;
        assert!(page.url.starts_with(&format!("{redirect_uri}?code=")), "{}", page.url);
        let again = browser.get(&path).await;
        assert_eq!(again.path() == "/consent", !silent, "{redirect_uri}: {}", again.url);
        let none = browser.get(&suite.request(&rp, &[("redirect_uri", redirect_uri), ("prompt", "none")])).await;
        let error = (!silent).then(|| "consent_required".to_owned());
        assert_eq!(none.param("error"), error, "{redirect_uri}");
    }
}

/// RFC 8252 section 7.3: any port of the loopback address, and nothing else that is near it.
#[tokio::test(flavor = "multi_thread")]
async fn a_native_app_chooses_its_loopback_port_and_nothing_else() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.register(native_client("wallet")).await;
    let browser = suite.browser();
    let mine = "http://127.0.0.1:49152/cb";
    let (_, page) = suite.walk(&browser, &suite.request(&rp, &[("redirect_uri", mine)])).await;
    let code = page.param("code").unwrap();
    let redeem = |uri: &'static str| {
        let fields = [("grant_type", "authorization_code"), ("redirect_uri", uri), ("code_verifier", VERIFIER)];
        (fields, code.clone())
    };
    let (fields, code) = redeem(mine);
    let answer = rp.post("/token", &[&fields[..], &[("code", code.as_str())]].concat()).await;
    checks::token_answer(&answer);
    for near in [
        "http://localhost:49152/cb",
        "http://127.0.0.2:49152/cb",
        "http://[::1]:49152/cb",
        "https://127.0.0.1:49152/cb",
        "http://127.0.0.1:49152/other",
        "http://127.0.0.1:49152/cb?x",
        "http://127.0.0.1:49152@evil.test/cb",
    ] {
        let page = suite.shown_error(&browser, &suite.request(&rp, &[("redirect_uri", near)])).await;
        assert!(page.text().contains("invalid redirect_uri"), "{near}");
    }
    // A code is for the port that it was asked from.
    let (_, page) = suite.walk(&browser, &suite.request(&rp, &[("redirect_uri", mine)])).await;
    let (fields, _) = redeem("http://127.0.0.1:49153/cb");
    let code = page.param("code").unwrap();
    let refused = rp.post("/token", &[&fields[..], &[("code", code.as_str())]].concat()).await;
    checks::error_answer(&refused, &["invalid_grant"]);
    web_ports_are_fixed(&suite, &browser).await;
}

async fn web_ports_are_fixed(suite: &Suite, browser: &Browser) {
    let uri = RedirectUri::register("http://127.0.0.1:8081/cb", ApplicationType::Web).unwrap();
    let client = Client { redirect_uris: vec![uri], ..web_client("local-web") };
    let rp: RelyingParty<'_> = suite.register(client).await;
    let challenge = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    suite.ask(&rp, browser, &challenge).await.code();
    suite.shown_error(browser, &suite.request(&rp, &[("redirect_uri", "http://127.0.0.1:8082/cb")])).await;
}
