//! A code works once; shown again, everything that came of it dies (RFC 6749 section 4.1.2, RFC 9700 section 4.5).

use crate::common::{code_in, logged_in, own_client};
use crate::support::app::native_client;
use crate::support::{Browser, RelyingParty, TestApp};

const SCOPE: &str = "openid email offline_access";

async fn a_replay_after(seconds: i64) {
    let app = TestApp::start().await;
    let person = app.person("rita@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;

    let code = code_in(&rp, &browser, SCOPE).await;
    let tokens = rp.redeem(&code).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    let bystander = rp.redeem(&code_in(&rp, &browser, SCOPE).await).await;
    app.advance(seconds);
    // The twin: as long as nobody replays the code, its tokens live.
    assert!(rp.is_active(tokens.text("access_token")).await);
    assert_eq!(rp.userinfo(tokens.text("access_token")).await.status, 200);

    let replayed = rp.redeem(&code).await;
    assert_eq!((replayed.status, replayed.error()), (400, "invalid_grant"), "{replayed:?}");
    assert!(!rp.is_active(tokens.text("access_token")).await);
    assert!(!rp.is_active(tokens.text("refresh_token")).await);
    assert_eq!(rp.userinfo(tokens.text("access_token")).await.status, 401);
    assert_eq!(rp.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(rp.redeem(&code).await.error(), "invalid_grant", "a third time is no better");
    assert!(rp.is_active(bystander.text("access_token")).await, "another code of the same person is not touched");
    assert_eq!(rp.refresh(bystander.text("refresh_token")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_redeemed_twice_at_once_revokes_its_tokens() {
    a_replay_after(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_redeemed_again_after_a_second_revokes_its_tokens() {
    a_replay_after(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_redeemed_again_after_thirty_seconds_revokes_its_tokens() {
    a_replay_after(30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_redeemed_again_after_it_expired_still_revokes_its_tokens() {
    a_replay_after(200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_with_a_wrong_verifier_or_address_is_a_replay_all_the_same() {
    let app = TestApp::start().await;
    let person = app.person("rita@example.com").await;
    let rp = RelyingParty::register(&app, native_client("wallet")).await;
    let page = rp.log_in(&Browser::new(&app.base), &person, &[("scope", SCOPE)]).await;
    let code = page.param("code").unwrap();
    let tokens = rp.redeem(&code).await;
    assert_eq!(rp.userinfo(tokens.text("access_token")).await.status, 200);
    let thief =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", "http://127.0.0.1:9/cb")];
    assert_eq!(rp.post("/token", &thief).await.error(), "invalid_grant");
    assert_eq!(rp.userinfo(tokens.text("access_token")).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_code_is_written_down() {
    let app = TestApp::start().await;
    let person = app.person("rita@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    let code = code_in(&rp, &browser, SCOPE).await;
    rp.redeem(&code).await;
    let count = async || {
        let events = app.karat.store.events_of(person.id, 100).await.unwrap();
        events.iter().filter(|event| event.kind == "code.replayed").count()
    };
    assert_eq!(count().await, 0);
    rp.redeem(&code).await;
    assert_eq!(count().await, 1);
}
