//! A redirect URI that is nearly the registered one gets an error page and no redirect (RFC 9700 sections 2.1 and 4.1).

use crate::common::assert_error_page;
use crate::support::app::web_client;
use crate::support::{Browser, RelyingParty, TestApp};

/// Query values as they are written on the wire, near `https://app.test/cb`.
const NEAR: &[&str] = &[
    "https://app.test/cb/",
    "https://app.test/CB",
    "https://app.test/cb/../x",
    "https://app.test/cb/.",
    "https://app.test/./cb",
    "https://app.test//cb",
    "https://app.test/cb%252f..%252fx",
    "https://app.test/cb%2f..%2fx",
    "https://app.test/%2563b",
    "https://app.test/cb%252e%252e",
    "https://app.test/cb..;/x",
    "https://app.test/cb;x",
    "https://app.test/cb%3Fa%3Db",
    "https://app.test/cb?a=b",
    "https://app.test/cb%3F",
    "https://app.test/cb%23f",
    "https://app.test/cb%23",
    "https://app.test:444/cb",
    "https://app.test:443/cb",
    "https://app.test:/cb",
    "https://app.test@evil.test/cb",
    "https://app.test:x@evil.test/cb",
    "https://a@app.test@evil.test/cb",
    "https://evil.test%5C@app.test/cb",
    "https://evil.test%2F@app.test/cb",
    "https://evil.test%23@app.test/cb",
    "https:%5C%5Capp.test/cb",
    "https:///app.test/cb",
    "https:app.test/cb",
    "https://app.test./cb",
    "https://app.test.evil.test/cb",
    "https://evilapp.test/cb",
    "HTTPS://APP.TEST/cb",
    "http://app.test/cb",
    "https://app%E3%80%82test/cb",
    "https://app.te%C5%BFt/cb",
    "https://app.test/c%E2%80%8Bb",
    "https://app.test/cb%09",
    "https://app.test/%0Acb",
    "https://app.test/cb%00",
    "https://app.test/cb%00.evil.test",
    "%20https://app.test/cb",
    "https://app.test/cb+",
    "https://[::1]/cb",
    "//app.test/cb",
    "https://app.test/cb%C0%AF",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_uri_that_is_nearly_registered_is_refused_without_a_redirect() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let browser = Browser::new(&app.base);
    for near in NEAR {
        let query = format!("client_id=app&response_type=code&scope=openid&redirect_uri={near}");
        let got = browser.send(browser.request(reqwest::Method::GET, &format!("/authorize?{query}"))).await;
        assert_error_page(&got, near);
        let posted = browser.request(reqwest::Method::POST, "/authorize");
        let posted = posted.header("content-type", "application/x-www-form-urlencoded").body(query);
        assert_error_page(&browser.send(posted).await, near);
    }
    let exact = browser.get(&rp.authorize_path(&[])).await;
    assert_eq!(exact.path(), "/login", "the exact one is taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_uri_sent_twice_or_under_another_name_is_refused() {
    let app = TestApp::start().await;
    RelyingParty::register(&app, web_client("app")).await;
    let browser = Browser::new(&app.base);
    let own = "https%3A%2F%2Fapp.test%2Fcb";
    let evil = "https%3A%2F%2Fevil.test%2Fcb";
    let base = "/authorize?client_id=app&response_type=code&scope=openid";
    for attack in [
        format!("{base}&redirect_uri={own}&redirect_uri={evil}"),
        format!("{base}&redirect_uri={evil}&redirect_uri={own}"),
        format!("{base}&redirect_uri={own}&redirect_uri={own}"),
        format!("{base}&redirect_uri={own}&client_id=other"),
        format!("{base}&redirect_uri[]={own}"),
        format!("{base}&REDIRECT_URI={own}"),
        format!("{base}&redirect%5Furi={evil}"),
        format!("{base}&redirect_uri="),
        format!("{base}&redirect_uri"),
    ] {
        assert_error_page(&browser.get(&attack).await, &attack);
    }
    // The same name, written differently, is the same name.
    let encoded_name = browser.get(&format!("{base}&redirect%5Furi={own}")).await;
    assert_eq!(encoded_name.path(), "/login");
    let both = browser.get(&format!("{base}&redirect%5Furi={own}&redirect_uri={evil}")).await;
    assert_error_page(&both, "one name in two spellings");
}
