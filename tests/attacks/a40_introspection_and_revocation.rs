//! Introspection and revocation serve the client that owns the token and nobody else, and never say that they did what they
//! did not do (RFC 7662 sections 2.1 and 4, RFC 7009 section 2.1).

use karat::domain::user::Condition;
use serde_json::json;

use crate::common::own_client;
use crate::support::app::native_client;
use crate::support::relying_party::answer;
use crate::support::{RelyingParty, TestApp};

const SCOPE: &str = "openid email offline_access";

#[tokio::test(flavor = "multi_thread")]
async fn nobody_introspects_or_revokes_without_authentication() {
    let app = TestApp::start().await;
    let person = app.person("ines@example.com").await;
    let rp = RelyingParty::register(&app, own_client("a")).await;
    let tokens = rp.tokens(&person, SCOPE).await;
    for name in ["access_token", "refresh_token"] {
        for path in ["/introspect", "/revoke"] {
            let form = [("token", tokens.text(name))];
            let bare = answer(rp.http().post(app.url(path)).form(&form)).await;
            assert_eq!((bare.status, bare.error()), (401, "invalid_client"), "{path}");
            let bearer =
                answer(rp.http().post(app.url(path)).bearer_auth(tokens.text("access_token")).form(&form)).await;
            assert_eq!((bearer.status, bearer.error()), (401, "invalid_client"), "{path}");
            let wrong = answer(rp.http().post(app.url(path)).basic_auth("a", Some("wrong")).form(&form)).await;
            assert_eq!(wrong.status, 401, "{path}");
            let get = rp.http().get(app.url(&format!("{path}?token={}", tokens.text(name)))).basic_auth("a", Some("x"));
            assert_eq!(get.send().await.unwrap().status(), 405, "{path}");
        }
        assert!(rp.is_active(tokens.text(name)).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_client_learns_nothing_and_ends_nothing() {
    let app = TestApp::start().await;
    let person = app.person("ines@example.com").await;
    let a = RelyingParty::register(&app, own_client("a")).await;
    let b = RelyingParty::register(&app, own_client("b")).await;
    let tokens = a.tokens(&person, SCOPE).await;
    for name in ["access_token", "refresh_token", "id_token"] {
        for hint in ["access_token", "refresh_token", "nonsense"] {
            let told = b.post("/introspect", &[("token", tokens.text(name)), ("token_type_hint", hint)]).await;
            assert_eq!(told.body, json!({"active": false}), "{name}");
        }
        let unknown = b.introspect("nonsense").await;
        assert_eq!(unknown.body, json!({"active": false}), "as for a token that never was");
        assert_eq!(b.revoke(tokens.text(name)).await.status, 200, "{name}");
    }
    for name in ["access_token", "refresh_token"] {
        assert!(a.is_active(tokens.text(name)).await, "{name}");
    }
    assert_eq!(a.refresh(tokens.text("refresh_token")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_does_not_scan_tokens_but_may_revoke_its_own() {
    let app = TestApp::start().await;
    let person = app.person("ines@example.com").await;
    let a = RelyingParty::register(&app, own_client("a")).await;
    let wallet = RelyingParty::register(&app, native_client("wallet")).await;
    let theirs = a.tokens(&person, SCOPE).await;
    let own = wallet.tokens(&person, SCOPE).await;
    for token in [theirs.text("access_token"), own.text("access_token")] {
        let told = wallet.introspect(token).await;
        assert_eq!((told.status, told.error()), (401, "invalid_client"));
    }
    wallet.revoke(theirs.text("refresh_token")).await;
    assert!(a.is_active(theirs.text("refresh_token")).await);
    assert_eq!(wallet.revoke(own.text("refresh_token")).await.status, 200);
    assert_eq!(wallet.refresh(own.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(wallet.userinfo(own.text("access_token")).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_a_locked_person_are_not_active_and_unlocking_does_not_make_a_revoked_one_so() {
    let app = TestApp::start().await;
    let person = app.person("ines@example.com").await;
    let rp = RelyingParty::register(&app, own_client("a")).await;
    let (kept, revoked) = (rp.tokens(&person, SCOPE).await, rp.tokens(&person, SCOPE).await);
    rp.revoke(revoked.text("refresh_token")).await;
    set_condition(&app, &person, Condition::Locked { since: app.clock_now(), because: "fraud".to_owned() }).await;
    for name in ["access_token", "refresh_token"] {
        assert_eq!(rp.introspect(kept.text(name)).await.body, json!({"active": false}), "{name}");
    }
    assert_eq!(rp.userinfo(kept.text("access_token")).await.status, 401);
    assert_eq!(rp.refresh(kept.text("refresh_token")).await.error(), "invalid_grant");
    set_condition(&app, &person, Condition::Active).await;
    assert!(rp.is_active(kept.text("access_token")).await);
    assert!(!rp.is_active(revoked.text("access_token")).await);
}

async fn set_condition(app: &TestApp, person: &crate::support::Person, condition: Condition) {
    let mut change = app.karat.store.begin().await.unwrap();
    change.set_condition(person.id, &condition).await.unwrap();
    change.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_a_refresh_token_ends_its_access_tokens_and_revoking_an_access_token_ends_it_alone() {
    let app = TestApp::start().await;
    let person = app.person("ines@example.com").await;
    let rp = RelyingParty::register(&app, own_client("a")).await;
    let first = rp.tokens(&person, SCOPE).await;
    let second = rp.refresh(first.text("refresh_token")).await;
    let other = rp.tokens(&person, SCOPE).await;

    assert_eq!(rp.revoke(second.text("access_token")).await.status, 200);
    assert!(!rp.is_active(second.text("access_token")).await);
    assert_eq!(rp.userinfo(second.text("access_token")).await.status, 401);
    assert!(rp.is_active(first.text("access_token")).await);
    assert!(rp.is_active(second.text("refresh_token")).await);

    // The hint may be wrong (RFC 7009 section 2.1).
    let hinted = [("token", second.text("refresh_token")), ("token_type_hint", "access_token")];
    assert_eq!(rp.post("/revoke", &hinted).await.status, 200);
    for token in [first.text("access_token"), first.text("refresh_token"), second.text("refresh_token")] {
        assert!(!rp.is_active(token).await);
    }
    assert_eq!(rp.refresh(second.text("refresh_token")).await.error(), "invalid_grant");
    assert!(rp.is_active(other.text("access_token")).await, "another log-in is not touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_refresh_token_of_the_family_still_ends_it() {
    let app = TestApp::start().await;
    let person = app.person("ines@example.com").await;
    let rp = RelyingParty::register(&app, own_client("a")).await;
    let first = rp.tokens(&person, SCOPE).await;
    let second = rp.refresh(first.text("refresh_token")).await;
    let third = rp.refresh(second.text("refresh_token")).await;
    assert_eq!(rp.revoke(first.text("refresh_token")).await.status, 200);
    assert_eq!(rp.refresh(third.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(rp.userinfo(third.text("access_token")).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_request_is_refused_and_a_malformed_token_is_unknown() {
    let app = TestApp::start().await;
    let person = app.person("ines@example.com").await;
    let rp = RelyingParty::register(&app, own_client("a")).await;
    let tokens = rp.tokens(&person, SCOPE).await;
    for path in ["/introspect", "/revoke"] {
        assert_eq!(rp.post(path, &[]).await.error(), "invalid_request", "{path}");
        assert_eq!(rp.post(path, &[("token", "")]).await.error(), "invalid_request", "{path}");
        let token = tokens.text("access_token");
        assert_eq!(rp.post(path, &[("token", token), ("token", "x")]).await.error(), "invalid_request", "{path}");
        for strange in ["x", "\0", "a.b.c", "%", "' OR 1=1--", &"A".repeat(60_000)] {
            assert_eq!(rp.post(path, &[("token", strange)]).await.status, 200, "{path} {}", &strange[..1]);
        }
    }
    assert!(rp.is_active(tokens.text("access_token")).await);
}
