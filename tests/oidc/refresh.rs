//! Refresh tokens: they move one step at a time, survive a lost answer, and a copy that somebody else uses ends them all
//! (RFC 9700 section 4.14.2).

use karat::domain::client::{Client, Lifetimes, LogoutRules};
use karat::domain::time::Seconds;

use crate::checks;
use crate::suite::{Mode, Suite, Tokens};
use crate::support::app::web_client;
use crate::support::relying_party::{Answer, claims};
use crate::support::{Browser, RelyingParty};

const OFFLINE: [(&str, &str); 1] = [("scope", "openid email offline_access")];

async fn tokens(suite: &Suite, rp: &RelyingParty<'_>) -> Tokens {
    suite.pass(rp, &suite.browser(), &OFFLINE).await
}

fn refresh_token(answer: &Answer) -> String {
    checks::token_answer(answer);
    answer.text("refresh_token").to_owned()
}

fn refused(answer: &Answer) {
    checks::error_answer(answer, &["invalid_grant"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_predecessor_is_honoured_until_its_successor_was_used() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let first = tokens(&suite, &rp).await.answer.text("refresh_token").to_owned();
    let second = refresh_token(&rp.refresh(&first).await);
    assert_ne!(first, second, "it rotates");
    // The answer was lost; the client asks again at once.
    for _ in 0..3 {
        let again = rp.refresh(&first).await;
        assert_eq!(refresh_token(&again), second, "the answer that was lost");
        assert!(rp.is_active(again.text("access_token")).await);
    }
    // However late it asks, it is answered; what it never got is void then.
    suite.app.advance(3600);
    let late = refresh_token(&rp.refresh(&first).await);
    assert_ne!(late, second);
    let second = late;
    let third = refresh_token(&rp.refresh(&second).await);
    assert_ne!(third, second);
    refresh_token(&rp.refresh(&third).await);
}

/// Owner and thief hold the same token, and the thief keeps one step behind: the second to come with the successor is
/// found out (RFC 9700 section 4.14.2).
#[tokio::test(flavor = "multi_thread")]
async fn a_thief_one_step_behind_is_found_out() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let first = tokens(&suite, &rp).await.answer.text("refresh_token").to_owned();
    let owners = refresh_token(&rp.refresh(&first).await);
    suite.app.advance(300);
    let thiefs = refresh_token(&rp.refresh(&first).await);
    refused(&rp.refresh(&owners).await);
    refused(&rp.refresh(&thiefs).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superseded_token_ends_its_family_and_no_other() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let browser = suite.browser();
    let other = suite.pass(&rp, &browser, &OFFLINE).await;
    let tokens = suite.pass(&rp, &browser, &OFFLINE).await;
    let first = tokens.answer.text("refresh_token");
    let second = refresh_token(&rp.refresh(first).await);
    let latest = rp.refresh(&second).await;
    let third = refresh_token(&latest);

    // The thief has a copy of the first.
    refused(&rp.refresh(first).await);
    for dead in [first, &second, &third] {
        refused(&rp.refresh(dead).await);
        assert!(!rp.is_active(dead).await);
    }
    for dead in [tokens.answer.text("access_token"), latest.text("access_token")] {
        assert!(!rp.is_active(dead).await);
        assert_eq!(rp.userinfo(dead).await.error(), "invalid_token");
    }
    refresh_token(&rp.refresh(other.answer.text("refresh_token")).await);
    assert_eq!(rp.userinfo(other.answer.text("access_token")).await.status, 200);
}

/// Ten requests at once with one token: all are answered alike, and the line goes on.
#[tokio::test(flavor = "multi_thread")]
async fn parallel_refreshes_get_the_same_successor() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let first = tokens(&suite, &rp).await.answer.text("refresh_token").to_owned();
    let answers = futures_util::future::join_all((0..10).map(|_| rp.refresh(&first))).await;
    let successors: std::collections::BTreeSet<String> = answers.iter().map(refresh_token).collect();
    assert_eq!(successors.len(), 1);
    let access_tokens: std::collections::BTreeSet<&str> = answers.iter().map(|one| one.text("access_token")).collect();
    assert_eq!(access_tokens.len(), 10);
    refresh_token(&rp.refresh(successors.first().unwrap()).await);
}

/// RFC 6749 sections 6 and 10.4: it is for the client it was given to, and an attempt of another one harms nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_of_no_use_to_another_client() {
    let suite = Suite::start(Mode::Query).await;
    let (rp, thief) = (suite.client().await, suite.register(web_client("second")).await);
    let first = tokens(&suite, &rp).await.answer.text("refresh_token").to_owned();
    let second = refresh_token(&rp.refresh(&first).await);
    let third = refresh_token(&rp.refresh(&second).await);
    for stolen in [&first, &second, &third] {
        refused(&thief.refresh(stolen).await);
    }
    let nobody = RelyingParty::of(
        &suite.app,
        Client { authentication: karat::domain::client::ClientAuthentication::None, ..rp.client.clone() },
    );
    checks::error_answer(&nobody.refresh(&third).await, &["invalid_client"]);
    refresh_token(&rp.refresh(&third).await);
    assert!(!thief.is_active(&third).await, "and it learns nothing of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_can_narrow_the_scope_of_its_access_token_and_never_widen_it() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let tokens = tokens(&suite, &rp).await;
    let narrowed = async |token: &str, scope: &str| {
        rp.post("/token", &[("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)]).await
    };
    let first = tokens.answer.text("refresh_token");
    for wide in ["openid profile", "openid email offline_access phone", "a\"b", "openid  email"] {
        checks::error_answer(&narrowed(first, wide).await, &["invalid_scope"]);
    }
    let narrow = narrowed(first, "openid").await;
    let second = refresh_token(&narrow);
    assert_eq!(narrow.text("scope"), "openid");
    let told = rp.userinfo(narrow.text("access_token")).await.body;
    assert!(told.get("email").is_none(), "{told}");
    let without_openid = narrowed(&second, "email").await;
    assert!(without_openid.body.get("id_token").is_none());
    let whole = rp.refresh(&refresh_token(&without_openid)).await;
    assert_eq!(whole.text("scope"), "email offline_access openid", "the grant is as wide as ever");
    assert_eq!(rp.userinfo(whole.text("access_token")).await.body, tokens.userinfo);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unused_line_dies_of_idleness_and_a_used_one_of_age() {
    let suite = Suite::start(Mode::Query).await;
    let lifetimes =
        Lifetimes { refresh_idle: Some(Seconds(1000)), refresh_absolute: Some(Seconds(2500)), ..Default::default() };
    let rp = suite.register(Client { lifetimes, ..web_client("brief") }).await;
    let idle = tokens(&suite, &rp).await.answer.text("refresh_token").to_owned();
    suite.app.advance(999);
    let idle = refresh_token(&rp.refresh(&idle).await);
    assert!(rp.is_active(&idle).await);
    suite.app.advance(1000);
    assert!(!rp.is_active(&idle).await);
    refused(&rp.refresh(&idle).await);

    let mut used = tokens(&suite, &rp).await.answer.text("refresh_token").to_owned();
    for _ in 0..3 {
        suite.app.advance(800);
        used = refresh_token(&rp.refresh(&used).await);
    }
    suite.app.advance(100);
    refused(&rp.refresh(&used).await);
}

/// Offline access is for when the person is away: it ends with a log-out, but not when the session merely grows old.
#[tokio::test(flavor = "multi_thread")]
async fn offline_access_outlives_an_expired_session_and_not_an_ended_one() {
    let suite = Suite::start(Mode::Query).await;
    let kept = LogoutRules { keep_offline_access: true, ..Default::default() };
    let (rp, keeping) = (suite.client().await, suite.register(Client { logout: kept, ..web_client("keeping") }).await);
    let browser = suite.browser();
    let one = suite.pass(&rp, &browser, &OFFLINE).await;
    let two = suite.pass(&keeping, &browser, &OFFLINE).await;
    let session_only = suite.pass(&keeping, &browser, &[("scope", "openid email")]).await;
    suite.app.advance(20 * 86_400);
    suite.app.karat.store.clean_up(suite.app.clock_now(), 100).await.unwrap();
    suite.ask(&rp, &browser, &[("prompt", "none")]).await.error(&["login_required"]);
    let first = rp.refresh(one.answer.text("refresh_token")).await;
    let second = keeping.refresh(two.answer.text("refresh_token")).await;
    assert!(rp.is_active(first.text("access_token")).await);
    assert_eq!(claims(first.text("id_token"))["auth_time"], one.id_token["auth_time"]);

    let browser = Browser::new(&suite.app.base);
    let fresh = suite.pass(&rp, &browser, &OFFLINE).await;
    let other = suite.pass(&keeping, &browser, &OFFLINE).await;
    let page = browser.get("/logout").await;
    browser.submit(&page, &[("submit", "logout")]).await;
    refused(&rp.refresh(fresh.answer.text("refresh_token")).await);
    assert!(!rp.is_active(fresh.answer.text("access_token")).await);
    refresh_token(&keeping.refresh(other.answer.text("refresh_token")).await);
    // The sessions of the other browser are not this one's.
    refresh_token(&rp.refresh(first.text("refresh_token")).await);
    refresh_token(&keeping.refresh(second.text("refresh_token")).await);
    assert!(!keeping.is_active(session_only.answer.text("access_token")).await, "it has long expired");
}
