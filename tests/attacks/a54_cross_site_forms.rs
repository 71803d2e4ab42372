//! No other site posts our forms: origin, form token and content type must all fit (OWASP ASVS 3.5, RFC 9700 section 4.7).

use reqwest::Method;

use crate::common::{count, logged_in};
use crate::cross_site::{Form, assert_only_our_own_page_may_post};
use crate::support::app::web_client;
use crate::support::{Browser, PASSWORD, RelyingParty, TestApp};

/// The form token of a browser that somebody else is logged in with.
async fn token_of_another_session(app: &TestApp, rp: &RelyingParty<'_>) -> String {
    let other = app.person("other@example.com").await;
    let browser = logged_in(rp, &other).await;
    let page = browser.get("/logout").await;
    page.form().1.into_iter().find(|(name, _)| name == "csrf").unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_in_form_cannot_be_posted_from_elsewhere() {
    let app = TestApp::start().await;
    let person = app.person("mia@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let stolen = token_of_another_session(&app, &rp).await;
    let browser = Browser::new(&app.base);
    let login = browser.get(&rp.authorize_path(&[])).await;
    let sessions = count(&app, "SELECT COUNT(*) FROM sessions").await;
    let form = Form::of(&login, &[("email", &person.email), ("password", PASSWORD)]);
    assert_only_our_own_page_may_post(&app, &browser, &form, &stolen).await;
    assert_eq!(count(&app, "SELECT COUNT(*) FROM sessions").await, sessions, "nobody was logged in");
    assert_eq!(browser.cookie("karat_session"), None);
    let page = browser.submit(&login, &[("email", &person.email), ("password", PASSWORD)]).await;
    assert_eq!(page.path(), "/consent");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_logged_in_by_a_form_made_in_another_browser() {
    let app = TestApp::start().await;
    let attacker = app.person("mallory@example.com").await;
    let evil = Browser::new(&app.base);
    let form = Form::of(&evil.get("/login").await, &[("email", &attacker.email), ("password", PASSWORD)]);
    let victim = Browser::new(&app.base);
    victim.get("/login").await;
    let request =
        victim.request(Method::POST, "/login").header("sec-fetch-site", "same-origin").header("origin", &app.base);
    let page = victim.send(request.form(&form.fields)).await;
    assert_eq!(page.status, 403, "the token is another browser's");
    assert_eq!(victim.cookie("karat_session"), None);
    let own =
        evil.post_once("/login", &form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect::<Vec<_>>()).await;
    assert_eq!(own.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_cannot_be_given_from_elsewhere() {
    let app = TestApp::start().await;
    let person = app.person("mia@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let stolen = token_of_another_session(&app, &rp).await;
    let browser = logged_in(&rp, &person).await;
    let consent = browser.get(&rp.authorize_path(&[("scope", "openid phone")])).await;
    assert_eq!(consent.path(), "/consent");
    let form = Form::of(&consent, &[("decision", "allow")]);
    assert_only_our_own_page_may_post(&app, &browser, &form, &stolen).await;
    let interaction = consent.param("interaction").unwrap();
    let got = browser.get(&format!("/consent?interaction={interaction}&decision=allow")).await;
    assert_eq!(got.path(), "/consent", "a GET decides nothing");
    let still = browser.get(&rp.authorize_path(&[("scope", "openid phone"), ("prompt", "none")])).await;
    assert_eq!(still.param("error").as_deref(), Some("consent_required"));
    assert!(browser.submit(&consent, &[("decision", "allow")]).await.param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_cannot_be_chosen_and_sessions_not_ended_from_elsewhere() {
    let app = TestApp::start().await;
    let person = app.person("mia@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let stolen = token_of_another_session(&app, &rp).await;
    let browser = logged_in(&rp, &person).await;
    let select = browser.get(&rp.authorize_path(&[("prompt", "select_account")])).await;
    assert_eq!(select.path(), "/select-account");
    assert_only_our_own_page_may_post(&app, &browser, &Form::of(&select, &[("choice", "other")]), &stolen).await;
    let logout = browser.get("/logout").await;
    assert_only_our_own_page_may_post(&app, &browser, &Form::of(&logout, &[]), &stolen).await;
    let silent = browser.get(&rp.authorize_path(&[("prompt", "none")])).await;
    assert!(silent.param("code").is_some(), "still logged in: {}", silent.url);
    assert!(browser.submit(&select, &[("choice", "continue")]).await.param("code").is_some());
    browser.submit(&logout, &[]).await;
    let silent = browser.get(&rp.authorize_path(&[("prompt", "none")])).await;
    assert_eq!(silent.param("error").as_deref(), Some("login_required"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_cannot_be_changed_from_elsewhere() {
    let app = TestApp::start().await;
    let person = app.person("mia@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let stolen = token_of_another_session(&app, &rp).await;
    let browser = logged_in(&rp, &person).await;
    let page = browser.get("/logout").await;
    let (action, fields) = page.form_to("/language");
    let mut form = Form { action, fields };
    form.fields.retain(|(name, _)| name != "locale");
    form.fields.push(("locale".to_owned(), "es".to_owned()));
    assert_only_our_own_page_may_post(&app, &browser, &form, &stolen).await;
    assert_eq!(browser.cookie("karat_locale"), None);
    let fields: Vec<_> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    browser.post("/language", &fields).await;
    assert_eq!(browser.cookie("karat_locale").as_deref(), Some("es"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_token_changes_with_every_log_in() {
    let app = TestApp::start().await;
    let person = app.person("mia@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let browser = Browser::new(&app.base);
    let before = Form::of(&browser.get("/login").await, &[]);
    let login = browser.get(&rp.authorize_path(&[])).await;
    let consent = browser.submit(&login, &[("email", &person.email), ("password", PASSWORD)]).await;
    assert_eq!(consent.path(), "/consent");
    let token = |form: &Form| form.fields.iter().find(|(name, _)| name == "csrf").unwrap().1.clone();
    let after = Form::of(&consent, &[("decision", "allow")]);
    assert_ne!(token(&before), token(&after));
    let old = after.with("csrf", Some(&token(&before)));
    let fields: Vec<_> = old.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(browser.post_once("/consent", &fields).await.status, 403);
    assert!(browser.submit(&consent, &[("decision", "allow")]).await.param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_site_loads_neither_replaces_nor_drops_our_cookies() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    for (path, mode) in [
        ("/login", "no-cors"),
        ("/logout", "no-cors"),
        ("/logout", "cors"),
        (rp.authorize_path(&[]).as_str(), "no-cors"),
    ] {
        let request =
            rp.http().get(app.url(path)).header("sec-fetch-site", "cross-site").header("sec-fetch-mode", mode);
        let answer = request.send().await.unwrap();
        let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().collect();
        assert!(cookies.is_empty(), "{path} {mode}: {cookies:?}");
    }
    let navigation = rp.http().get(app.url("/login")).header("sec-fetch-mode", "navigate").send().await.unwrap();
    assert!(navigation.headers()["set-cookie"].to_str().unwrap().starts_with("karat_browser="));
}
