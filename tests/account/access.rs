//! Who gets to the pages of an account, and what their forms must carry.

use reqwest::Method;

use crate::person::{log_in, logged_in, press};
use crate::support::{Browser, PASSWORD, TestApp};

const PAGES: [&str; 7] = [
    "/account",
    "/account/password",
    "/account/email",
    "/account/profile",
    "/account/sessions",
    "/account/apps",
    "/account/delete",
];

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_every_page_leads_to_the_log_in_and_back() {
    let app = TestApp::start().await;
    let person = app.person("ada@example.com").await;
    for path in PAGES {
        let browser = Browser::new(&app.base);
        let login = browser.get(path).await;
        assert_eq!(login.path(), "/login", "{path}");
        let page = browser.submit(&login, &[("email", &person.email), ("password", PASSWORD)]).await;
        assert_eq!((page.path(), page.status.as_u16()), (path, 200), "{}", page.text());
        assert!(page.text().contains("Your account") || page.text().contains("Hello"), "{}", page.text());
    }
}

/// docs/attacks.md, 59: where the log-in leads is a word of a fixed list.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_in_leads_to_no_place_that_a_link_names() {
    let app = TestApp::start().await;
    let person = app.person("ada@example.com").await;
    let places = ["https://evil.example", "//evil.example", "/\\evil.example", "%2f%2fevil.example", "javascript:x"];
    for place in places {
        let browser = Browser::new(&app.base);
        let login = browser.get(&format!("/login?next={place}")).await;
        assert!(!login.body.contains("name=\"next\""), "{}", login.body);
        let fields = [("email", person.email.as_str()), ("password", PASSWORD), ("next", place)];
        assert_eq!(browser.submit(&login, &fields).await.url, "/account", "{place}");
    }
}

/// docs/attacks.md, 54: a form of the account counts only from our own page, with the token of this very session.
#[tokio::test(flavor = "multi_thread")]
async fn forms_of_the_account_are_refused_from_other_sites_and_other_sessions() {
    let app = TestApp::start().await;
    let person = app.person("ada@example.com").await;
    app.person("eve@example.com").await;
    let browser = logged_in(&app, &person.email).await;
    let elsewhere = logged_in(&app, "eve@example.com").await;
    let (_, foreign) = elsewhere.get("/account/profile").await.form_to("/account/profile");
    let (_, own) = browser.get("/account/profile").await.form_to("/account/profile");
    let forms = [
        ("/account/profile", vec![("name", "Eve")]),
        ("/account/email", vec![("new_email", "eve2@example.com"), ("current_password", PASSWORD)]),
        ("/account/password", vec![("current_password", PASSWORD), ("new_password", "turbid lantern 9 pigeon")]),
        ("/account/sessions/end-others", vec![]),
        ("/account/apps/withdraw", vec![("client_id", "trading")]),
        ("/account/delete", vec![("password", PASSWORD), ("confirm", "yes")]),
    ];
    for (path, fields) in &forms {
        for (name, value) in &foreign {
            let mut all = fields.clone();
            all.push((name, value));
            assert_eq!(browser.post(path, &all).await.status, 403, "{path} with the token of another session");
        }
        assert_eq!(browser.post(path, fields).await.status, 403, "{path} without a token");
        let mut all = fields.clone();
        all.extend(own.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let from_elsewhere = browser.request(Method::POST, path).header("sec-fetch-site", "cross-site").form(&all);
        assert_eq!(browser.send(from_elsewhere).await.status, 403, "{path} from another site");
        let from_nowhere = browser.request(Method::POST, path).form(&all);
        assert_eq!(browser.send(from_nowhere).await.status, 403, "{path} without origin");
        let read = browser.request(Method::GET, &format!("{path}?{}", "name=Eve&password=x&confirm=yes"));
        assert!([200, 405].contains(&browser.send(read).await.status.as_u16()), "{path} by GET");
    }
    let page = browser.get("/account").await;
    assert_eq!(page.status, 200, "still there and still logged in");
    assert!(page.text().contains("ada@example.com"));
    let saved = press(&browser, &browser.get("/account/profile").await, "/account/profile", &[("name", "Ada")]).await;
    assert!(saved.text().contains("Your profile is saved"), "the own form works: {}", saved.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_token_dies_with_the_log_in_it_was_made_for() {
    let app = TestApp::start().await;
    let person = app.person("ada@example.com").await;
    let browser = Browser::new(&app.base);
    let before = browser.get("/login").await;
    log_in(&browser, &person.email, PASSWORD).await;
    let (_, hidden) = before.form_to("/login");
    let hidden: Vec<_> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(browser.post("/account/sessions/end-others", &hidden).await.status, 403);
}
