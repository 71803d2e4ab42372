//! Answers travel by the modes the client registered and no others, and what the app sent cannot break out of the form
//! (RFC 9700 section 4.17, OAuth 2.0 Form Post Response Mode).

use karat::domain::client::{Client, ResponseMode, ResponseModes};

use crate::common::{assert_returned, logged_in, own_client};
use crate::support::{Browser, RelyingParty, TestApp};

fn with_modes(id: &str, modes: &[ResponseMode]) -> Client {
    Client { response_modes: ResponseModes(modes.iter().copied().collect()), ..own_client(id) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mode_that_is_not_offered_is_refused_without_a_fragment_or_a_message() {
    let app = TestApp::start().await;
    let person = app.person("mona@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    for mode in [
        "fragment",
        "query.jwt",
        "fragment.jwt",
        "form_post.jwt",
        "jwt",
        "web_message",
        "okta_post_message",
        "FORM_POST",
        "query fragment",
        "none",
    ] {
        let page = browser.get(&rp.authorize_path(&[("response_mode", mode)])).await;
        assert_returned(&page, "https://app.test/cb?", "invalid_request");
    }
    let by_query = browser.get(&rp.authorize_path(&[("response_mode", "query")])).await;
    assert!(by_query.param("code").is_some(), "{}", by_query.url);
    let by_form = browser.get(&rp.authorize_path(&[("response_mode", "form_post")])).await;
    assert!(by_form.form().1.iter().any(|(name, _)| name == "code"), "{}", by_form.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_never_travels_in_a_url_to_an_app_that_registered_form_post_alone() {
    let app = TestApp::start().await;
    let person = app.person("mona@example.com").await;
    let rp = RelyingParty::register(&app, with_modes("app", &[ResponseMode::FormPost])).await;
    let browser = Browser::new(&app.base);
    let page = rp.log_in(&browser, &person, &[("response_mode", "form_post")]).await;
    assert!(page.form().1.iter().any(|(name, _)| name == "code"), "{}", page.body);
    for more in
        [&[("response_mode", "query")][..], &[("response_mode", "")], &[("response_mode", ""), ("prompt", "none")]]
    {
        let page = browser.get(&rp.authorize_path(more)).await;
        assert!(!page.url.contains("code="), "{more:?}: {}", page.url);
        let (action, fields) = page.form();
        assert_eq!(action, "https://app.test/cb", "{more:?}");
        assert!(fields.contains(&("error".to_owned(), "invalid_request".to_owned())), "{more:?}: {fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mode_that_the_client_did_not_register_is_refused() {
    let app = TestApp::start().await;
    let person = app.person("mona@example.com").await;
    let rp = RelyingParty::register(&app, with_modes("app", &[ResponseMode::Query])).await;
    let browser = logged_in(&rp, &person).await;
    let page = browser.get(&rp.authorize_path(&[("response_mode", "form_post")])).await;
    assert_returned(&page, "https://app.test/cb?", "invalid_request");
    assert!(browser.get(&rp.authorize_path(&[("response_mode", "query")])).await.param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn state_cannot_break_out_of_the_form_or_the_url() {
    let app = TestApp::start().await;
    let person = app.person("mona@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    for state in [
        "\"><script>alert(1)</script>",
        "' onfocus=alert(1) autofocus='",
        "</form><form action=https://evil.test>",
        "{{7*7}}{% raw %}",
        "a&b=c&code=forged",
        "x#fragment",
        "line\r\nSet-Cookie: a=b",
        "\u{202e}\u{0}",
        "+ %2B %00",
    ] {
        let page = browser.get(&rp.authorize_path(&[("response_mode", "form_post"), ("state", state)])).await;
        assert_eq!(page.body.matches("<script").count(), 1, "{}", page.body);
        assert_eq!(page.body.matches("<form").count(), 1, "{}", page.body);
        let (action, fields) = page.form();
        assert_eq!(action, "https://app.test/cb");
        let states: Vec<_> = fields.iter().filter(|(name, _)| name == "state").collect();
        assert_eq!(states.len(), 1);
        // A parser reads CR LF in an attribute as LF.
        assert_eq!(states[0].1.replace("\r\n", "\n"), state.replace("\r\n", "\n"), "the app gets back what it sent");
        assert_eq!(fields.iter().filter(|(name, _)| name == "code").count(), 1);

        let policy = page.header("content-security-policy");
        assert!(policy.contains("script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("form-action https://app.test") && policy.contains("default-src 'none'"), "{policy}");
        assert!(!page.body.contains("postMessage"));

        let page = browser.get(&rp.authorize_path(&[("state", state)])).await;
        assert_eq!(page.param("state").as_deref(), Some(state));
        let url = url::Url::parse(&page.url).unwrap();
        assert_eq!((url.host_str(), url.fragment()), (Some("app.test"), None), "{}", page.url);
        assert_eq!(url.query_pairs().filter(|(name, _)| name == "code").count(), 1);
        assert_eq!(page.header("set-cookie"), "", "{:?}", page.headers);
    }
}
