//! Where a page leads afterwards is never taken from outside (RFC 9700 section 4.11).

use reqwest::Method;

use crate::common::logged_in;
use crate::support::app::web_client;
use crate::support::{Browser, PASSWORD, RelyingParty, TestApp};

const EVIL: &[&str] = &[
    "https://evil.test/",
    "//evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "%2f%2fevil.test",
    "/%2fevil.test",
    "/%5cevil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    " //evil.test",
    "https:evil.test",
    "https:/evil.test",
    "javascript:alert(1)",
    "/login\r\nLocation: https://evil.test",
    "/.//evil.test",
    "/..//evil.test",
    "@evil.test",
    ".evil.test",
    ":80@evil.test",
];
const NAMES: &[&str] =
    &["next", "return_to", "back", "continue", "url", "redirect", "redirect_uri", "returnTo", "path", "target"];

fn leaves(location: &str, base: &str) -> bool {
    // As a browser reads it.
    let base = url::Url::parse(base).unwrap();
    base.join(location).map_or(true, |to| to.origin() != base.origin())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_leads_to_a_place_of_ours_whatever_it_is_told() {
    let app = TestApp::start().await;
    let person = app.person("nils@example.com").await;
    for evil in EVIL {
        for name in ["next", "return_to", "interaction"] {
            let browser = Browser::new(&app.base);
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, evil).finish();
            let page = browser.send(browser.request(Method::GET, &format!("/login?{query}"))).await;
            assert_eq!(page.location(), None, "{name}={evil}");
            let fresh = browser.get("/login").await;
            let posted =
                browser.submit_once(&fresh, &[("email", &person.email), ("password", PASSWORD), (name, evil)]).await;
            if let Some(to) = posted.location() {
                assert!(to.starts_with('/') && !leaves(&to, &app.base), "{name}={evil}: {to}");
                assert!(!to.contains("evil"), "{name}={evil}: {to}");
            } else {
                assert_eq!((name, posted.status.as_u16()), ("interaction", 400), "{evil}");
            }
        }
    }
    let browser = Browser::new(&app.base);
    let page = browser.get("/login").await;
    let good =
        browser.submit_once(&page, &[("email", &person.email), ("password", PASSWORD), ("next", "sessions")]).await;
    assert_eq!(good.location().as_deref(), Some("/account/sessions"));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_logged_in_already_is_not_sent_away_either() {
    let app = TestApp::start().await;
    let person = app.person("nils@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    for evil in EVIL {
        for name in NAMES {
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, evil).finish();
            for path in ["/login", "/select-account", "/consent", "/logout", "/authorize/x"] {
                let page = browser.send(browser.request(Method::GET, &format!("{path}?{query}"))).await;
                if let Some(to) = page.location() {
                    assert!(!leaves(&to, &app.base) && !to.contains("evil"), "{path}?{query}: {to}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_switch_comes_back_to_a_page_of_ours() {
    let app = TestApp::start().await;
    let person = app.person("nils@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    let page = browser.get("/logout").await;
    let (action, fields) = page.form_to("/language");
    let switch = async |path: &str| {
        let mut fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        fields.retain(|(name, _)| !["path", "locale"].contains(name));
        fields.extend([("path", path), ("locale", "es")]);
        browser.post_once(&action, &fields).await
    };
    for evil in EVIL {
        let answer = switch(evil).await;
        assert_eq!(answer.status, 303, "{evil}");
        let to = answer.location().unwrap();
        assert!(to.starts_with('/') && !leaves(&to, &app.base), "{evil}: {to}");
    }
    assert_eq!(switch("/login?interaction=x").await.location().as_deref(), Some("/login?interaction=x"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_is_not_turned_into_a_redirect() {
    let app = TestApp::start().await;
    let browser = Browser::new(&app.base);
    for path in [
        "//evil.test",
        "//evil.test/%2e%2e",
        "/%2f%2fevil.test",
        "/https://evil.test",
        "/login/",
        "/./login",
        "/%5cevil.test",
        "///evil.test",
    ] {
        let page = browser.send(browser.request(Method::GET, path)).await;
        assert!(page.location().is_none_or(|to| !leaves(&to, &app.base)), "{path}: {:?}", page.location());
    }
}
