//! A refresh token is its client's, and only as long as it lives (OWASP ASVS 10.4.8).

use karat::domain::client::{Client, Lifetimes};
use karat::domain::time::Seconds;

use crate::common::own_client;
use crate::support::app::native_client;
use crate::support::relying_party::answer;
use crate::support::{RelyingParty, TestApp};

const SCOPE: &str = "openid offline_access";

#[tokio::test(flavor = "multi_thread")]
async fn another_client_can_neither_use_nor_end_a_refresh_token() {
    let app = TestApp::start().await;
    let person = app.person("emil@example.com").await;
    let a = RelyingParty::register(&app, own_client("a")).await;
    let b = RelyingParty::register(&app, own_client("b")).await;
    let wallet = RelyingParty::register(&app, native_client("wallet")).await;
    let first = a.tokens(&person, SCOPE).await;
    let second = a.refresh(first.text("refresh_token")).await;
    let third = a.refresh(second.text("refresh_token")).await;
    for thief in [&b, &wallet] {
        for token in [&first, &second, &third] {
            // Not even an old one, whose reuse by its own client would end the family.
            assert_eq!(thief.refresh(token.text("refresh_token")).await.error(), "invalid_grant");
        }
    }
    assert_eq!(a.refresh(third.text("refresh_token")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confidential_clients_refresh_token_needs_its_secret() {
    let app = TestApp::start().await;
    let person = app.person("emil@example.com").await;
    let a = RelyingParty::register(&app, own_client("a")).await;
    let tokens = a.tokens(&person, SCOPE).await;
    let fields = [("grant_type", "refresh_token"), ("refresh_token", tokens.text("refresh_token"))];
    let by_name = [&fields[..], &[("client_id", "a")]].concat();
    for request in [
        a.http().post(app.url("/token")).form(&fields),
        a.http().post(app.url("/token")).form(&by_name),
        a.http().post(app.url("/token")).form(&fields).basic_auth("a", Some("wrong")),
        a.http().post(app.url("/token")).form(&fields).bearer_auth(tokens.text("access_token")),
    ] {
        let refused = answer(request).await;
        assert_eq!((refused.status, refused.error()), (401, "invalid_client"), "{refused:?}");
    }
    assert_eq!(a.refresh(tokens.text("refresh_token")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_dies_of_idleness_and_of_age() {
    let app = TestApp::start().await;
    let person = app.person("emil@example.com").await;
    let lifetimes = Lifetimes {
        refresh_idle: Some(Seconds(3600)),
        refresh_absolute: Some(Seconds(3 * 3600)),
        ..Lifetimes::default()
    };
    let rp = RelyingParty::register(&app, Client { lifetimes, ..own_client("a") }).await;
    let idle = rp.tokens(&person, SCOPE).await;
    let mut used = rp.tokens(&person, SCOPE).await;
    app.advance(3600);
    assert_eq!(rp.refresh(idle.text("refresh_token")).await.error(), "invalid_grant", "idle for an hour");
    assert_eq!(rp.refresh(used.text("refresh_token")).await.error(), "invalid_grant");
    assert!(!rp.is_active(idle.text("refresh_token")).await);

    used = rp.tokens(&person, SCOPE).await;
    for _ in 0..3 {
        app.advance(3599);
        used = rp.refresh(used.text("refresh_token")).await;
        assert_eq!(used.status, 200, "used often enough: {used:?}");
    }
    app.advance(3);
    assert_eq!(rp.refresh(used.text("refresh_token")).await.error(), "invalid_grant", "three hours old");
    assert!(!rp.is_active(used.text("access_token")).await, "no token outlives its family");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_brings_no_dead_token_back_to_life() {
    let app = TestApp::start().await;
    let person = app.person("emil@example.com").await;
    let rp = RelyingParty::register(&app, native_client("wallet")).await;
    let first = rp.tokens(&person, SCOPE).await;
    let second = rp.refresh(first.text("refresh_token")).await;
    let third = rp.refresh(second.text("refresh_token")).await;
    app.advance(-1800);
    assert_eq!(rp.refresh(third.text("refresh_token")).await.status, 200, "a small correction hurts nobody");
    assert_eq!(rp.refresh(first.text("refresh_token")).await.error(), "invalid_grant", "superseded is superseded");
    app.advance(-1800);
    assert_eq!(rp.refresh(third.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(rp.userinfo(third.text("access_token")).await.status, 401);
}
