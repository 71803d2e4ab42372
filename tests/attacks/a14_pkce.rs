//! PKCE is S256, whole, and holds for every client that starts with it (RFC 7636 section 4.6, RFC 9700 section 4.8.2).

use karat::domain::client::Client;

use crate::common::{assert_returned, logged_in, own_client};
use crate::support::app::native_client;
use crate::support::relying_party::{CHALLENGE, VERIFIER};
use crate::support::{Browser, RelyingParty, TestApp};

const PAIR: [(&str, &str); 2] = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_that_is_not_a_whole_s256_digest_is_refused() {
    let app = TestApp::start().await;
    let person = app.person("paul@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    let long = format!("{CHALLENGE}A");
    let padded = format!("{CHALLENGE}=");
    let attacks: &[&[(&str, &str)]] = &[
        &[("code_challenge", VERIFIER), ("code_challenge_method", "plain")],
        &[("code_challenge", CHALLENGE), ("code_challenge_method", "")],
        &[("code_challenge", ""), ("code_challenge_method", "S256")],
        &[("code_challenge", CHALLENGE), ("code_challenge_method", "s256")],
        &[("code_challenge", CHALLENGE), ("code_challenge_method", "S512")],
        &[("code_challenge", CHALLENGE), ("code_challenge_method", "S256 plain")],
        &[("code_challenge", &CHALLENGE[..42]), ("code_challenge_method", "S256")],
        &[("code_challenge", &long), ("code_challenge_method", "S256")],
        &[("code_challenge", &padded), ("code_challenge_method", "S256")],
        &[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"), ("code_challenge_method", "S256")],
        &[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw cM"), ("code_challenge_method", "S256")],
        &[("code_challenge", "\u{c4}9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c"), ("code_challenge_method", "S256")],
    ];
    for attack in attacks {
        assert_returned(&browser.get(&rp.authorize_path(attack)).await, "https://app.test/cb?", "invalid_request");
    }
    assert!(browser.get(&rp.authorize_path(&PAIR)).await.param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_must_use_pkce_cannot_leave_it_out() {
    let app = TestApp::start().await;
    let person = app.person("paul@example.com").await;
    let rp = RelyingParty::register(&app, native_client("wallet")).await;
    let browser = Browser::new(&app.base);
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    assert_returned(&browser.get(&rp.authorize_path(&without)).await, "http://127.0.0.1/cb?", "invalid_request");
    let twice = format!("{}&code_challenge={CHALLENGE}", rp.authorize_path(&[]));
    assert_returned(&browser.get(&twice).await, "http://127.0.0.1/cb?", "invalid_request");
    assert_eq!(rp.tokens(&person, "openid").await.status, 200);
}

/// What a thief of the code may send as verifier.
fn wrong_verifiers() -> Vec<String> {
    let mut wrong: Vec<String> = ["", CHALLENGE, "x", "null", "undefined", "0"].map(str::to_owned).into();
    wrong.push(VERIFIER[..42].to_owned());
    wrong.push(VERIFIER.to_lowercase());
    wrong.push(format!("{VERIFIER}x"));
    wrong.push(format!("{VERIFIER}\0"));
    wrong.push(format!(" {VERIFIER}"));
    wrong.push("a".repeat(43));
    wrong.push("a".repeat(128));
    wrong.push("a".repeat(129));
    wrong.push("a".repeat(60_000));
    wrong.push("\u{e4}".repeat(43));
    wrong.push(format!("{}+/", &VERIFIER[..41]));
    wrong
}

async fn a_code_needs_its_verifier(client: Client) {
    let app = TestApp::start().await;
    let person = app.person("paul@example.com").await;
    let rp = RelyingParty::register(&app, client).await;
    let browser = Browser::new(&app.base);
    let code = async || rp.log_in(&browser, &person, &PAIR).await.param("code").unwrap();
    let redeem = async |code: &str, verifier: Option<&str>| {
        let mut fields =
            vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", rp.redirect_uri())];
        fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        rp.post("/token", &fields).await
    };
    for wrong in wrong_verifiers() {
        let refused = redeem(&code().await, Some(&wrong)).await;
        assert!(["invalid_grant", "invalid_request"].contains(&refused.error()), "{wrong:?}: {refused:?}");
        assert!(refused.body.get("access_token").is_none(), "{wrong:?}");
    }
    let without = redeem(&code().await, None).await;
    assert!(["invalid_grant", "invalid_request"].contains(&without.error()), "{without:?}");
    let doubled = code().await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &doubled),
        ("redirect_uri", rp.redirect_uri()),
        ("code_verifier", VERIFIER),
        ("code_verifier", "x"),
    ];
    assert_eq!(rp.post("/token", &fields).await.error(), "invalid_request");
    assert_eq!(redeem(&code().await, Some(VERIFIER)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_clients_code_needs_the_verifier_of_its_challenge() {
    a_code_needs_its_verifier(native_client("wallet")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confidential_clients_code_needs_the_verifier_of_its_challenge() {
    a_code_needs_its_verifier(own_client("app")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_without_a_challenge_before_it_is_refused() {
    let app = TestApp::start().await;
    let person = app.person("paul@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    let code = async || browser.get(&rp.authorize_path(&[])).await.param("code").unwrap();
    let stripped = code().await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", stripped.as_str()),
        ("redirect_uri", rp.redirect_uri()),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(rp.post("/token", &fields).await.error(), "invalid_grant", "the challenge was stripped on the way");
    assert_eq!(rp.redeem(&code().await).await.status, 200);
}
