//! What the hosted pages offer a scripted browser: forms that work without script, and ids, names and paths that stay.

use karat::domain::client::{Client, ClientPages};
use karat::storage::clients::Logo;

use crate::suite::{Mode, Suite};
use crate::support::app::web_client;
use crate::support::{Backends, Browser, PASSWORD, Page, TestApp};

/// One page with one form: where it posts to, and the ids and names that a script finds things by.
fn has_form(page: &Page, path: &str, marks: &[&str]) {
    assert_eq!((page.status.as_u16(), page.path()), (200, path), "{}", page.text());
    for mark in marks {
        assert!(page.body.contains(mark), "{mark} on {path}: {}", page.body);
    }
    let (action, hidden) = page.form_to(path);
    assert_eq!(action, path);
    assert!(hidden.iter().any(|(name, value)| name == "csrf" && value.len() > 20), "{hidden:?}");
    assert!(!page.body.contains(" onload="), "it works without script");
    // Beside the password a passkey is offered, and that takes a script: our own file, which the password does not need.
    let (scripts, ours) =
        (page.body.matches("<script").count(), page.body.matches("<script src=\"/assets/passkey.").count());
    assert_eq!((scripts, ours), if path == "/login" { (1, 1) } else { (0, 0) }, "{path}");
    let policy = page.header("content-security-policy");
    let allowed: Vec<&str> = policy.split("; ").filter(|rule| rule.starts_with("script-src")).collect();
    assert_eq!(allowed, if path == "/login" { vec!["script-src 'self'"] } else { vec![] }, "{path}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_has_its_path_and_its_form_its_ids() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let browser = suite.browser();
    let login = browser.get(&suite.request(&rp, &[("prompt", "login consent")])).await;
    let fields = ["id=\"email\" name=\"email\"", "id=\"password\" name=\"password\"", "id=\"login-submit\""];
    has_form(&login, "/login", &fields);
    let wrong = browser.submit(&login, &[("email", &suite.person.email), ("password", "wrong")]).await;
    has_form(&wrong, "/login", &fields);
    assert!(wrong.text().contains("The e-mail address or the password is not right."), "{}", wrong.text());
    let consent = browser.submit(&wrong, &[("email", &suite.person.email), ("password", PASSWORD)]).await;
    let buttons = [
        "id=\"consent-allow\" name=\"decision\" value=\"allow\"",
        "id=\"consent-deny\" name=\"decision\" value=\"deny\"",
    ];
    has_form(&consent, "/consent", &buttons);
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    assert!(back.url.starts_with("https://first.test/cb?code="), "{}", back.url);

    let select = browser.get(&suite.request(&rp, &[("prompt", "select_account")])).await;
    has_form(&select, "/select-account", &["id=\"select-continue\"", "id=\"select-other\"", "name=\"choice\""]);
    let logout = browser.get("/logout").await;
    has_form(&logout, "/logout", &["id=\"logout-confirm\""]);
    let out = browser.submit(&logout, &[]).await;
    assert!(out.text().contains("You are logged out"), "{}", out.text());
    let error = browser.get("/authorize?client_id=nobody").await;
    assert!(error.body.contains("id=\"error-detail\"") && error.body.contains("id=\"request-id\""), "{}", error.body);
}

/// The app's name, its logo from our own store, and links to its policy and terms stand where the person logs in.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_in_page_shows_who_asks() {
    let suite = Suite::start(Mode::Query).await;
    let pages = ClientPages {
        policy: Some("https://first.test/privacy".into()),
        terms: Some("https://first.test/terms".into()),
        has_logo: true,
        ..ClientPages::default()
    };
    let rp = suite.register(Client { pages, name: "Aurum <Exchange>".into(), ..web_client("first") }).await;
    let logo =
        Logo { bytes: b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), media_type: "image/svg+xml".into() };
    let mut change = suite.app.karat.store.begin().await.unwrap();
    change.set_client_logo(&rp.client.id, Some(logo)).await.unwrap();
    change.commit().await.unwrap();

    let browser = suite.browser();
    let login = browser.get(&suite.request(&rp, &[])).await;
    for mark in [
        "Aurum &lt;Exchange&gt;",
        "src=\"/clients/first/logo\"",
        "href=\"https://first.test/privacy\"",
        "href=\"https://first.test/terms\"",
    ] {
        assert!(login.body.contains(mark), "{mark}: {}", login.body);
    }
    let picture = browser.get("/clients/first/logo").await;
    assert_eq!((picture.status.as_u16(), picture.header("content-type")), (200, "image/svg+xml"));
    assert!(picture.header("content-security-policy").contains("sandbox"));
    let plain = suite.register(web_client("plain")).await;
    let login = suite.browser().get(&suite.request(&plain, &[])).await;
    assert!(!login.body.contains("/logo\"") && !login.body.contains("id=\"app-policy\""), "{}", login.body);
    assert_eq!(browser.get("/clients/plain/logo").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_of_a_language_is_shown_the_operators_choice() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[brand]\ndefault_locale = \"es\"\n").await;
    let browser = Browser::new(&app.base);
    assert!(browser.get("/login").await.body.contains("<html lang=\"es\">"));
    let asked = browser.request(reqwest::Method::GET, "/login").header("accept-language", "en");
    assert!(browser.send(asked).await.body.contains("<html lang=\"en\">"));
}
