//! A code is its client's, for its redirect URI, for a minute, and nobody else can even spoil it (RFC 6749 section 4.1.3).

use crate::common::{code_in, logged_in, own_client};
use crate::support::{Person, RelyingParty, TestApp};

async fn two_apps() -> (TestApp, Person) {
    let app = TestApp::start().await;
    let person = app.person("carl@example.com").await;
    app.add_client(&own_client("a")).await;
    app.add_client(&own_client("b")).await;
    (app, person)
}

#[tokio::test(flavor = "multi_thread")]
async fn another_client_can_neither_redeem_nor_burn_a_code() {
    let (app, person) = two_apps().await;
    let (a, b) = (RelyingParty::of(&app, own_client("a")), RelyingParty::of(&app, own_client("b")));
    let browser = logged_in(&a, &person).await;
    let code = code_in(&a, &browser, "openid offline_access").await;
    for uri in ["https://a.test/cb", "https://b.test/cb"] {
        let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", uri)];
        assert_eq!(b.post("/token", &fields).await.error(), "invalid_grant");
        let claiming = [&fields[..], &[("client_id", "a")]].concat();
        assert_eq!(b.post("/token", &claiming).await.error(), "invalid_request", "two names for one client");
    }
    let tokens = a.redeem(&code).await;
    assert_eq!(tokens.status, 200, "its own client still can: {tokens:?}");
    // Nor can the other end what came of it.
    assert_eq!(b.redeem(&code).await.error(), "invalid_grant");
    assert!(a.is_active(tokens.text("access_token")).await);
    assert_eq!(a.refresh(tokens.text("refresh_token")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_attempt_of_its_own_client_burns_a_code() {
    let (app, person) = two_apps().await;
    let a = RelyingParty::of(&app, own_client("a"));
    let browser = logged_in(&a, &person).await;
    for uri in ["https://a.test/other", "https://a.test/cb/", "https://evil.test/cb", ""] {
        let code = code_in(&a, &browser, "openid").await;
        let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", uri)];
        assert_eq!(a.post("/token", &fields).await.error(), "invalid_grant", "{uri:?}");
        assert_eq!(a.redeem(&code).await.error(), "invalid_grant", "burnt by {uri:?}");
    }
    let without = code_in(&a, &browser, "openid").await;
    let fields = [("grant_type", "authorization_code"), ("code", without.as_str())];
    assert_eq!(a.post("/token", &fields).await.error(), "invalid_grant");
    assert_eq!(a.redeem(&code_in(&a, &browser, "openid").await).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_was_never_authenticated_for_is_not_touched() {
    let (app, person) = two_apps().await;
    let a = RelyingParty::of(&app, own_client("a"));
    let browser = logged_in(&a, &person).await;
    let code = code_in(&a, &browser, "openid").await;
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", "https://a.test/cb")];
    let by_id_alone = a.http().post(app.url("/token")).form(&[&fields[..], &[("client_id", "a")]].concat());
    assert_eq!(by_id_alone.send().await.unwrap().status(), 401);
    let wrong_secret = a.http().post(app.url("/token")).basic_auth("a", Some("wrong")).form(&fields);
    assert_eq!(wrong_secret.send().await.unwrap().status(), 401);
    assert_eq!(a.redeem(&code).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_lives_for_a_minute() {
    let (app, person) = two_apps().await;
    let a = RelyingParty::of(&app, own_client("a"));
    let browser = logged_in(&a, &person).await;
    let (early, late) = (code_in(&a, &browser, "openid").await, code_in(&a, &browser, "openid").await);
    app.advance(59);
    assert_eq!(a.redeem(&early).await.status, 200);
    app.advance(2);
    assert_eq!(a.redeem(&late).await.error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_another_deployment_or_out_of_thin_air_is_worth_nothing() {
    let (app, person) = two_apps().await;
    let other = TestApp::start().await;
    let a = RelyingParty::of(&app, own_client("a"));
    let there = RelyingParty::register(&other, own_client("a")).await;
    let browser = logged_in(&a, &person).await;
    let code = code_in(&a, &browser, "openid").await;
    assert_eq!(there.redeem(&code).await.error(), "invalid_grant");
    let flipped = if code.starts_with('A') { code.replacen('A', "B", 1) } else { format!("A{}", &code[1..]) };
    let (padded, spaced, long) = (format!("{code}="), format!(" {code}"), "A".repeat(50_000));
    for made_up in ["A", &flipped, &padded, &spaced, &long, "\0", "../../code", "%00", "' OR 1=1--", "*"] {
        let answer = a.redeem(made_up).await;
        assert_eq!(answer.error(), "invalid_grant", "{}: {answer:?}", &made_up[..made_up.len().min(50)]);
    }
    assert_eq!(a.redeem(&code).await.status, 200);
}
