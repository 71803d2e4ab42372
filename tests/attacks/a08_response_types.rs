//! Only codes are given out: no other response type, however it is smuggled in (RFC 9700 section 2.1.2).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::common::{assert_returned, logged_in, own_client};
use crate::support::app::web_client;
use crate::support::{Browser, PASSWORD, RelyingParty, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn any_response_type_but_code_is_refused_in_the_query() {
    let app = TestApp::start().await;
    let person = app.person("tina@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    for kind in [
        "token",
        "id_token",
        "none",
        "code id_token",
        "id_token code",
        "code token",
        "code id_token token",
        "code code",
        "code  ",
        " code",
        "CODE",
        "code,token",
        "code+token",
        "code\ttoken",
        "code\u{a0}",
    ] {
        for mode in ["", "query", "fragment"] {
            let page = browser
                .get(&rp.authorize_path(&[("response_type", kind), ("response_mode", mode), ("nonce", "n")]))
                .await;
            let error = page.param("error").unwrap_or_default();
            assert!(
                ["unsupported_response_type", "unauthorized_client", "invalid_request"].contains(&error.as_str()),
                "{kind}: {}",
                page.url
            );
            assert_returned(&page, "https://app.test/cb?", &error);
            for leak in ["access_token", "id_token="] {
                assert!(!page.url.contains(leak), "{kind}: {}", page.url);
            }
        }
        let page = browser.get(&rp.authorize_path(&[("response_type", kind)])).await;
        assert_eq!(page.param("error").as_deref(), Some("unsupported_response_type"), "{kind}: {}", page.url);
    }
    let absent = browser.get(&rp.authorize_path(&[("response_type", "")])).await;
    assert_returned(&absent, "https://app.test/cb?", &absent.param("error").unwrap());
    assert!(browser.get(&rp.authorize_path(&[("response_type", "code")])).await.param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_type_cannot_be_smuggled_by_a_request_object_or_a_later_page() {
    let app = TestApp::start().await;
    let person = app.person("tina@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let object = format!("{}.{}.", part(r#"{"alg":"none"}"#), part(r#"{"response_type":"token","client_id":"app"}"#));
    let browser = Browser::new(&app.base);
    let page = browser.get(&rp.authorize_path(&[("request", &object)])).await;
    assert_returned(&page, "https://app.test/cb?", "request_not_supported");
    let twice = format!("{}&response_type=token", rp.authorize_path(&[]));
    assert_returned(&browser.get(&twice).await, "https://app.test/cb?", "invalid_request");

    let smuggled = [("response_type", "token"), ("response_mode", "fragment"), ("scope", "openid phone address")];
    let login = browser.get(&rp.authorize_path(&[])).await;
    let with_query = browser.get(&format!("{}&response_type=token&response_mode=fragment", login.url)).await;
    let fields = [&smuggled[..], &[("email", person.email.as_str()), ("password", PASSWORD)]].concat();
    let consent = browser.submit(&with_query, &fields).await;
    assert_eq!(consent.path(), "/consent", "{}", consent.text());
    let interaction = consent.param("interaction").unwrap();
    let again = browser.get(&format!("/authorize/{interaction}?response_type=token&response_mode=fragment")).await;
    assert_eq!(again.path(), "/consent");
    let back = browser.submit(&again, &[&smuggled[..], &[("decision", "allow")]].concat()).await;
    assert!(back.url.starts_with("https://app.test/cb?code="), "{}", back.url);
    assert!(!back.url.contains('#') && !back.url.contains("access_token"), "{}", back.url);
    let tokens = rp.redeem(&back.param("code").unwrap()).await;
    assert_eq!(tokens.text("scope"), "openid");
}
