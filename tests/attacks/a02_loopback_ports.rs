//! Only a native app's loopback IP literal has a free port, and nothing else about it is free (RFC 8252 sections 7.3, 8.3).

use karat::domain::client::Client;
use karat::domain::redirect_uri::{ApplicationType, RedirectUri};

use crate::common::assert_error_page;
use crate::support::app::{native_client, web_client};
use crate::support::{Browser, RelyingParty, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a_native_app_gets_its_answer_on_any_port_and_nowhere_else() {
    let app = TestApp::start().await;
    let person = app.person("nora@example.com").await;
    let rp = RelyingParty::register(&app, native_client("wallet")).await;
    for (port, browser) in [(51004, Browser::new(&app.base)), (1024, Browser::new(&app.base))] {
        let uri = format!("http://127.0.0.1:{port}/cb");
        let back = rp.log_in(&browser, &person, &[("redirect_uri", &uri)]).await;
        assert!(back.url.starts_with(&format!("{uri}?code=")), "{}: {}", back.url, back.text());
        let code = back.param("code").unwrap();
        let elsewhere = rp.redeem(&code).await;
        assert_eq!(elsewhere.error(), "invalid_grant", "the port is part of what redemption repeats");
    }
    let browser = Browser::new(&app.base);
    for refused in [
        "http://localhost/cb",
        "http://localhost:51004/cb",
        "http://127.0.0.2/cb",
        "http://127.0.0.2:51004/cb",
        "http://127.1/cb",
        "http://2130706433/cb",
        "http://0x7f000001/cb",
        "http://0177.0.0.1/cb",
        "http://0.0.0.0:51004/cb",
        "http://127.0.0.1.evil.test/cb",
        "http://127.0.0.1:51004.evil.test/cb",
        "http://127.0.0.1:51004@evil.test/cb",
        "http://evil.test@127.0.0.1:51004/cb",
        "http://[::1]/cb",
        "http://[::1]:51004/cb",
        "http://[::ffff:127.0.0.1]:51004/cb",
        "https://127.0.0.1/cb",
        "https://127.0.0.1:51004/cb",
        "http://127.0.0.1:51004/other",
        "http://127.0.0.1:51004/cb/",
        "http://127.0.0.1:51004/cb?x=y",
        "http://127.0.0.1:51004/cb#x",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:-1/cb",
        "http://127.0.0.1:5100\t4/cb",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:051004/cb",
        "http://127.0.0.1:51004\\@evil.test/cb",
    ] {
        assert_error_page(&browser.get(&rp.authorize_path(&[("redirect_uri", refused)])).await, refused);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_app_has_no_freedom_of_ports() {
    let app = TestApp::start().await;
    let registered = "http://127.0.0.1:3000/cb";
    let client = Client {
        redirect_uris: vec![RedirectUri::register(registered, ApplicationType::Web).unwrap()],
        ..web_client("dashboard")
    };
    let rp = RelyingParty::register(&app, client).await;
    let browser = Browser::new(&app.base);
    for refused in ["http://127.0.0.1:3001/cb", "http://127.0.0.1/cb", "http://localhost:3000/cb"] {
        assert_error_page(&browser.get(&rp.authorize_path(&[("redirect_uri", refused)])).await, refused);
    }
    assert_eq!(browser.get(&rp.authorize_path(&[])).await.path(), "/login");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_apps_localhost_name_has_no_freedom_of_ports() {
    let app = TestApp::start().await;
    let client = Client {
        redirect_uris: vec![
            RedirectUri::register("http://localhost:7000/cb", ApplicationType::Native).unwrap(),
            RedirectUri::register("com.example.wallet:/cb", ApplicationType::Native).unwrap(),
        ],
        ..native_client("wallet")
    };
    let rp = RelyingParty::register(&app, client).await;
    let browser = Browser::new(&app.base);
    for refused in [
        "http://localhost:7001/cb",
        "http://127.0.0.1:7000/cb",
        "com.example.wallet:/cb/",
        "com.example.wallet://cb",
        "com.example.wallet.evil:/cb",
        "COM.EXAMPLE.WALLET:/cb",
    ] {
        assert_error_page(&browser.get(&rp.authorize_path(&[("redirect_uri", refused)])).await, refused);
    }
    for taken in ["http://localhost:7000/cb", "com.example.wallet:/cb"] {
        assert_eq!(browser.get(&rp.authorize_path(&[("redirect_uri", taken)])).await.path(), "/login", "{taken}");
    }
}
