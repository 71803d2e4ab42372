//! The apps with access.

use karat::domain::client::ConsentRule;
use karat::storage::outbox::{Outgoing, Share};

use crate::person::{is_logged_in, logged_in, press};
use crate::support::app::web_client;
use crate::support::{Browser, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_is_withdrawn_has_nothing_left_and_must_ask_again() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let mut client = web_client("trading");
    client.logout.backchannel_uri = Some("https://trading.test/backchannel".into());
    let rp = RelyingParty::register(&app, client).await;
    let other = RelyingParty::register(&app, web_client("wallet")).await;
    let browser = logged_in(&app, ADA).await;
    let tokens = rp.tokens_in(&browser, &person, "openid email offline_access").await;
    let kept = other.tokens_in(&browser, &person, "openid offline_access").await;

    let page = browser.get("/account/apps").await;
    assert!(page.text().contains("The trading app") && page.text().contains("The wallet app"), "{}", page.text());
    let page = press(&browser, &page, "/account/apps/withdraw", &[("client_id", "trading")]).await;
    assert!(page.text().contains("The app has no access any more"), "{}", page.text());
    assert!(!page.text().contains("The trading app") && page.text().contains("The wallet app"), "{}", page.text());

    assert_eq!(rp.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
    assert!(!rp.is_active(tokens.text("access_token")).await);
    assert_eq!(rp.userinfo(tokens.text("access_token")).await.status, 401);
    assert_eq!(other.refresh(kept.text("refresh_token")).await.status, 200, "other apps are untouched");
    assert!(is_logged_in(&browser).await);

    let now = app.clock_now();
    let all = Share { mails: 100, of_one_target: 100 };
    let due = app.karat.store.lease_outgoing(now, now, 100, all).await.unwrap().due;
    let told = due.iter().filter(|leased| matches!(leased.payload, Outgoing::LogoutToken(_))).count();
    assert_eq!(told, 1, "the app is told to log the person out");

    let again = browser.get(&rp.authorize_path(&[("scope", "openid email")])).await;
    assert_eq!(again.path(), "/consent");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_withdraws_somebody_elses_app() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.person(ADA).await, app.person("eve@example.com").await);
    let rp = RelyingParty::register(&app, web_client("trading")).await;
    let tokens = rp.tokens(&ada, "openid offline_access").await;
    let browser = Browser::new(&app.base);
    rp.tokens_in(&browser, &eve, "openid").await;
    let page = browser.get("/account/apps").await;
    press(&browser, &page, "/account/apps/withdraw", &[("client_id", "trading")]).await;
    assert_eq!(rp.refresh(tokens.text("refresh_token")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_of_the_house_that_never_asks_is_listed_and_can_be_stopped() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let mut client = web_client("desk");
    client.consent = ConsentRule::FirstParty;
    let rp = RelyingParty::register(&app, client).await;
    let browser = logged_in(&app, ADA).await;
    assert!(browser.get("/account/apps").await.text().contains("No app has access"));
    let tokens = rp.tokens_in(&browser, &person, "openid offline_access").await;
    let page = browser.get("/account/apps").await;
    assert!(page.text().contains("The desk app"), "{}", page.text());
    press(&browser, &page, "/account/apps/withdraw", &[]).await;
    assert_eq!(rp.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
    assert!(browser.get("/account/apps").await.text().contains("No app has access"));
}
