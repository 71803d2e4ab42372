//! A planted cookie gains nothing: each log-in brings a new session token, the old one is dead, and none is ever in a URL
//! (OWASP ASVS 7.2.4).

use crate::common::{logged_in, own_client};
use crate::passkeys::{holder, use_alone};
use crate::support::app::web_client;
use crate::support::authenticator::SoftPasskey;
use crate::support::{Browser, PASSWORD, RelyingParty, TestApp};

const SESSION: &str = "karat_session";

async fn is_signed_in(rp: &RelyingParty<'_>, browser: &Browser) -> bool {
    browser.get(&rp.authorize_path(&[("prompt", "none")])).await.param("code").is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_cookie_planted_before_the_log_in_is_not_the_session_after_it() {
    let app = TestApp::start().await;
    let person = app.person("vera@example.com").await;
    let attacker = app.person("mallory@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let evil = logged_in(&rp, &attacker).await;
    let made_up = "A".repeat(43);
    for planted in [evil.cookie(SESSION).unwrap(), made_up, "x".to_owned()] {
        let victim = Browser::new(&app.base);
        victim.set_cookie(SESSION, &planted);
        let page = victim.get(&rp.authorize_path(&[("prompt", "login")])).await;
        let back = victim.submit(&page, &[("email", &person.email), ("password", PASSWORD)]).await;
        assert!(back.param("code").is_some(), "{}: {}", back.url, back.text());
        let after = victim.cookie(SESSION).unwrap();
        assert_ne!(after, planted);
        assert_eq!(after.len(), 43, "256 random bits");
        let thief = Browser::new(&app.base);
        thief.set_cookie(SESSION, &planted);
        assert!(!is_signed_in(&rp, &thief).await, "what was planted is not a session any more");
        assert!(is_signed_in(&rp, &victim).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_log_in_changes_the_session_token_and_kills_the_old_one() {
    let app = TestApp::start().await;
    let person = app.person("vera@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    let mut seen = vec![browser.cookie(SESSION).unwrap()];
    for _ in 0..3 {
        let page = browser.get(&rp.authorize_path(&[("prompt", "login")])).await;
        assert_eq!(page.path(), "/login");
        browser.submit(&page, &[("email", &person.email), ("password", PASSWORD)]).await;
        let now = browser.cookie(SESSION).unwrap();
        assert!(!seen.contains(&now));
        for old in &seen {
            let thief = Browser::new(&app.base);
            thief.set_cookie(SESSION, old);
            assert!(!is_signed_in(&rp, &thief).await, "an old token");
        }
        seen.push(now);
    }
    assert!(is_signed_in(&rp, &browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_cookie_of_the_same_name_is_not_believed() {
    let app = TestApp::start().await;
    let (person, attacker) = (app.person("vera@example.com").await, app.person("mallory@example.com").await);
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let (victim, evil) = (logged_in(&rp, &person).await, logged_in(&rp, &attacker).await);
    let (own, planted) = (victim.cookie(SESSION).unwrap(), evil.cookie(SESSION).unwrap());
    for cookies in [format!("{SESSION}={planted}; {SESSION}={own}"), format!("{SESSION}={own}; {SESSION}={planted}")] {
        let request = rp.http().get(app.url(&rp.authorize_path(&[("prompt", "none")]))).header("cookie", &cookies);
        let started = request.send().await.unwrap();
        let browser_cookie = started.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let dispatcher = started.headers()["location"].to_str().unwrap().to_owned();
        let request = rp.http().get(app.url(&dispatcher)).header("cookie", format!("{cookies}; {browser_cookie}"));
        let answered = request.send().await.unwrap();
        let to = answered.headers()["location"].to_str().unwrap();
        assert!(to.contains("error=login_required"), "{to}");
    }
    assert!(is_signed_in(&rp, &victim).await && is_signed_in(&rp, &evil).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interaction_belongs_to_the_browser_that_began_it() {
    let app = TestApp::start().await;
    let (person, attacker) = (app.person("vera@example.com").await, app.person("mallory@example.com").await);
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let victim = Browser::new(&app.base);
    let login = victim.get(&rp.authorize_path(&[])).await;
    let interaction = login.param("interaction").unwrap();
    let evil = Browser::new(&app.base);
    // With a log-in of one's own, without, at each step.
    let own_login = evil.get("/login").await;
    for path in [
        format!("/authorize/{interaction}"),
        login.url.clone(),
        format!("/consent?interaction={interaction}"),
        format!("/select-account?interaction={interaction}"),
    ] {
        let page = evil.get(&path).await;
        assert_eq!(page.status, 400, "{path}");
        assert!(!page.text().contains("The app app"), "{path}: {}", page.text());
    }
    let forced = [("email", attacker.email.as_str()), ("password", PASSWORD), ("interaction", interaction.as_str())];
    assert_eq!(evil.submit(&own_login, &forced).await.status, 400);
    // Not even with the victim's browser cookie: the person is another.
    evil.set_cookie("karat_browser", &victim.cookie("karat_browser").unwrap());
    let shared = evil.get(&login.url).await;
    let as_attacker = evil.submit(&shared, &[("email", &attacker.email), ("password", PASSWORD)]).await;
    assert_eq!(as_attacker.path(), "/consent");
    let as_victim = victim.submit(&login, &[("email", &person.email), ("password", PASSWORD)]).await;
    let back = victim.submit(&as_victim, &[("decision", "allow")]).await;
    let tokens = rp.redeem(&back.param("code").unwrap()).await;
    let sub = crate::support::relying_party::claims(tokens.text("id_token"))["sub"].clone();
    assert_eq!(sub, person.id.to_string(), "the victim is never logged in as somebody else");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_token_is_in_no_url_and_no_page_and_in_a_guarded_cookie() {
    let app = TestApp::start().await;
    let person = app.person("vera@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let browser = Browser::new(&app.base);
    let login = browser.get(&rp.authorize_path(&[])).await;
    let posted = browser.submit_once(&login, &[("email", &person.email), ("password", PASSWORD)]).await;
    let token = browser.cookie(SESSION).unwrap();
    let cookies: Vec<_> =
        posted.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned()).collect();
    let cookie = cookies.iter().find(|cookie| cookie.starts_with("karat_session=")).unwrap();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.to_lowercase().contains("domain="), "{cookie}");
    let consent = browser.follow(posted).await;
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    for page in [&login, &consent, &back] {
        assert!(!page.url.contains(&token) && !page.body.contains(&token), "{}", page.url);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_tls_cookies_are_bound_to_the_host() {
    use karat::http::cookies::Cookie;
    for cookie in [Cookie::Session, Cookie::Browser, Cookie::Device, Cookie::Registration, Cookie::Locale] {
        let (_, value) = cookie.set("x", None, true).unwrap();
        let text = value.to_str().unwrap();
        assert!(text.starts_with("__Host-karat_"), "{text}");
        assert!(text.contains("; Secure") && text.contains("; HttpOnly") && text.contains("; Path=/"), "{text}");
        assert!(!text.contains("Domain"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_by_passkey_takes_over_no_session_that_was_there() {
    let app = TestApp::start().await;
    let mut vera = holder(&app, "vera@example.com", SoftPasskey::synced()).await;
    let mallory = holder(&app, "mallory@example.com", SoftPasskey::synced()).await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let own = vera.browser.cookie(SESSION).unwrap();
    let planted = mallory.browser.cookie(SESSION).unwrap();
    for (before, whose) in [(planted, "the attacker's"), (own, "her own")] {
        let victim = Browser::new(&app.base);
        // The log-in page is open when the cookie comes.
        let page = victim.get("/login").await;
        victim.set_cookie(SESSION, &before);
        let csrf = victim.get("/account").await.form_to("/language").1;
        let said = vera.key.get(&crate::passkeys::options(&page), &app.base);
        let mut fields = page.form_to("/login/passkey").1;
        fields.retain(|(name, _)| name != "csrf" && name != "credential");
        fields.extend(csrf.into_iter().filter(|(name, _)| name == "csrf"));
        fields.push(("credential".to_owned(), said));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        victim.post("/login/passkey", &fields).await;
        let after = victim.cookie(SESSION).unwrap();
        assert_ne!(after, before, "{whose}");
        let thief = Browser::new(&app.base);
        thief.set_cookie(SESSION, &before);
        assert!(!is_signed_in(&rp, &thief).await, "{whose} is dead");
        assert!(is_signed_in(&rp, &victim).await, "{whose}");
    }
    let fresh = Browser::new(&app.base);
    use_alone(&app, &fresh, &mut vera.key, |_| {}).await;
    assert!(is_signed_in(&rp, &fresh).await);
}
