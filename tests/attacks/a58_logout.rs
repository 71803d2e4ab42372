//! Logging out sends nobody anywhere but to the proven app's registered place, and only a proven app does it unasked
//! (OpenID Connect RP-Initiated Logout).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use karat::domain::client::Client;
use karat::domain::jose::Algorithm;
use serde_json::json;

use crate::common::own_client;
use crate::support::relying_party::claims;
use crate::support::{Browser, Person, RelyingParty, TestApp};

struct Stage {
    browser: Browser,
    hint: String,
}

async fn stage(rp: &RelyingParty<'_>, person: &Person) -> Stage {
    let browser = Browser::new(&rp.app.base);
    let tokens = rp.tokens_in(&browser, person, "openid").await;
    Stage { browser, hint: tokens.text("id_token").to_owned() }
}

async fn is_signed_in(rp: &RelyingParty<'_>, browser: &Browser) -> bool {
    browser.get(&rp.authorize_path(&[("prompt", "none")])).await.param("code").is_some()
}

fn logout_path(parameters: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("/logout?{query}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_address_that_is_not_exactly_registered_is_never_followed() {
    let app = TestApp::start().await;
    let person = app.person("olga@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    for bad in [
        "https://app.test/bye/",
        "https://app.test/bye?x=y",
        "https://app.test/bye#x",
        "https://app.test/BYE",
        "https://app.test/cb",
        "https://evil.test/bye",
        "https://app.test@evil.test/bye",
        "//evil.test",
        "/\\evil.test",
        "/\t/evil.test",
        "/%09/evil.test",
        "https:evil.test",
        "javascript:alert(1)",
        "data:text/html,x",
        "/login",
        "",
        "x\r\nSet-Cookie: a=b",
    ] {
        let Stage { browser, hint } = stage(&rp, &person).await;
        let page = browser
            .get(&logout_path(&[("id_token_hint", &hint), ("post_logout_redirect_uri", bad), ("state", "s")]))
            .await;
        assert!(page.status.is_success(), "{bad}: {}", page.status);
        assert!(page.url.starts_with("/logout"), "{bad}: {}", page.url);
        // The page may repeat its own address for the language switch; nothing may lead there.
        for place in ["href=\"", "action=\"", "src=\""] {
            for rest in page.body.split(place).skip(1) {
                let leads = rest.split('"').next().unwrap();
                assert!(
                    leads.starts_with('#') || (leads.starts_with('/') && !leads.starts_with("//")),
                    "{bad}: {place}{leads}"
                );
            }
        }
        assert!(!page.body.contains("http-equiv") && !page.body.contains("<script"), "{bad}");
    }
    let Stage { browser, hint } = stage(&rp, &person).await;
    let good =
        [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", "https://app.test/bye"), ("state", "a&b=\"><")];
    let page = browser.get(&logout_path(&good)).await;
    assert_eq!(page.url.split('?').next(), Some("https://app.test/bye"));
    assert_eq!(page.param("state").as_deref(), Some("a&b=\"><"));
    assert!(!is_signed_in(&rp, &browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_valid_hint_the_person_is_asked_and_nobody_is_redirected() {
    let app = TestApp::start().await;
    let (person, other) = (app.person("olga@example.com").await, app.person("paul@example.com").await);
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let second = RelyingParty::register(&app, own_client("second")).await;
    let elsewhere = TestApp::start().await;
    let stranger = elsewhere.person("olga@example.com").await;
    let there = RelyingParty::register(&elsewhere, own_client("app")).await;
    let foreign_hint = there.tokens(&stranger, "openid").await.text("id_token").to_owned();
    let others_hint = rp.tokens(&other, "openid").await.text("id_token").to_owned();

    let Stage { browser, hint } = stage(&rp, &person).await;
    let another_session = rp.tokens(&person, "openid").await.text("id_token").to_owned();
    let second_hint = second.tokens_in(&browser, &person, "openid").await.text("id_token").to_owned();
    let access = rp.tokens_in(&browser, &person, "openid").await.text("access_token").to_owned();
    let as_logout_token = app.karat.keys.ring().sign(Algorithm::Rs256, "logout+jwt", &claims(&hint)).unwrap();
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = format!("{}.{}.", part(json!({"alg": "none", "typ": "JWT"})), part(claims(&hint)));
    let altered = {
        let mut parts = hint.split('.');
        let (head, _, signature) = (parts.next().unwrap(), parts.next(), parts.next().unwrap());
        let mut body = claims(&hint);
        body["aud"] = json!("second");
        format!("{head}.{}.{signature}", part(body))
    };
    let to = ("post_logout_redirect_uri", "https://app.test/bye");
    let second_client = ("client_id", "second");
    let attacks: Vec<(&str, Vec<(&str, &str)>)> = vec![
        ("nothing", vec![]),
        ("no hint", vec![to]),
        ("a client id alone", vec![to, ("client_id", "app")]),
        ("an unsigned hint", vec![to, ("id_token_hint", &unsigned)]),
        ("an altered hint", vec![to, ("id_token_hint", &altered)]),
        ("another deployment's hint", vec![to, ("id_token_hint", &foreign_hint)]),
        ("an access token", vec![to, ("id_token_hint", &access)]),
        ("a logout token", vec![to, ("id_token_hint", &as_logout_token)]),
        ("a hint that is no token", vec![to, ("id_token_hint", "x")]),
        ("another client's id", vec![to, ("id_token_hint", &hint), second_client]),
        ("a hint sent twice", vec![to, ("id_token_hint", &hint), ("id_token_hint", &hint)]),
    ];
    for (what, parameters) in &attacks {
        let page = browser.get(&logout_path(parameters)).await;
        assert_eq!((page.status.as_u16(), page.path()), (200, "/logout"), "{what}: {}", page.url);
        assert!(page.body.contains("logout-confirm"), "{what}: the person is asked");
        assert!(is_signed_in(&rp, &browser).await, "{what}: a GET alone ends nothing");
        let posted = browser.post("/logout", &parameters.iter().map(|(n, v)| (*n, *v)).collect::<Vec<_>>()).await;
        assert_eq!(posted.path(), "/logout", "{what}: {}", posted.url);
        assert!(is_signed_in(&rp, &browser).await, "{what}: nor does an app's form");
    }
    // Hints that are genuine, but of another person or session: asked, though the app is proven.
    for hint in [&others_hint, &another_session] {
        let page = browser.get(&logout_path(&[("id_token_hint", hint), to])).await;
        assert!(page.body.contains("logout-confirm"), "{}", page.text());
        assert!(is_signed_in(&rp, &browser).await);
    }
    // Another client's genuine hint does not lead to this client's address.
    let page = browser.get(&logout_path(&[("id_token_hint", &second_hint), to])).await;
    assert!(page.url.starts_with("/logout"), "{}", page.url);

    let Stage { browser, hint } = stage(&rp, &person).await;
    let asked = browser.get(&logout_path(&[to, ("client_id", "app")])).await;
    let done = browser.submit(&asked, &[]).await;
    assert!(done.url.starts_with("/logout") && !is_signed_in(&rp, &browser).await, "the person's own yes ends it");
    let page = browser.get(&logout_path(&[("id_token_hint", &hint), to])).await;
    assert_eq!(page.url, "https://app.test/bye", "after the session the app may still bring its person home");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_hint_of_this_very_session_still_proves_the_app() {
    let app = TestApp::start().await;
    let person = app.person("olga@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let Stage { browser, hint } = stage(&rp, &person).await;
    app.advance(3600);
    let page = browser
        .get(&logout_path(&[("id_token_hint", &hint), ("post_logout_redirect_uri", "https://app.test/bye")]))
        .await;
    assert_eq!(page.url, "https://app.test/bye");
    assert!(!is_signed_in(&rp, &browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_apps_hint_leads_nowhere() {
    let app = TestApp::start().await;
    let person = app.person("olga@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let Stage { browser, hint } = stage(&rp, &person).await;
    let path = logout_path(&[("id_token_hint", &hint), ("post_logout_redirect_uri", "https://app.test/bye")]);
    app.update_client(&Client { disabled: true, ..own_client("app") }).await;
    assert!(browser.get(&path).await.url.starts_with("/logout"));
    app.update_client(&own_client("app")).await;
    assert_eq!(browser.get(&path).await.url, "https://app.test/bye");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_on_another_site_logs_nobody_out() {
    let app = TestApp::start().await;
    let person = app.person("olga@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let Stage { browser, hint } = stage(&rp, &person).await;
    let path = logout_path(&[("id_token_hint", &hint)]);
    // SameSite=Lax: the browser sends no cookies with an image of another site.
    let answer = rp
        .http()
        .get(app.url(&path))
        .header("sec-fetch-site", "cross-site")
        .header("sec-fetch-mode", "no-cors")
        .header("sec-fetch-dest", "image")
        .send()
        .await
        .unwrap();
    assert!(answer.headers().get("set-cookie").is_none());
    assert!(is_signed_in(&rp, &browser).await);
    assert!(browser.get(&path).await.url.starts_with("/logout"));
    assert!(!is_signed_in(&rp, &browser).await);
}
