//! What an app registers to ask of every log-in, and what it is told of a hold.

use karat::domain::hold::HoldCause;
use karat::domain::time::Seconds;
use serde_json::json;

use crate::support::app::web_client;
use crate::support::relying_party::claims;
use crate::support::{AuthenticatorApp, Browser, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn registered_demands_stand_in_for_a_request_that_names_none() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let mut client = web_client("vault");
    client.demands.acr_values = vec!["urn:karat:acr:mfa".to_owned()];
    client.demands.max_age = Some(Seconds(300));
    let rp = RelyingParty::register(&app, client).await;
    let browser = Browser::new(&app.base);
    let page = rp.log_in(&browser, &person, &[]).await;
    assert_eq!(page.path(), "/account/security/enrol", "{}", page.text());
    AuthenticatorApp::add(&browser, app.clock_now()).await;
    let page = browser.get(&rp.authorize_path(&[])).await;
    let page = rp.go_through(&browser, page, &person).await;
    assert!(page.param("code").is_some(), "{}", page.url);
    app.advance(301);
    assert_eq!(browser.get(&rp.authorize_path(&[])).await.path(), "/login", "the log-in has become too old");
    // The request's own word counts before the registration's.
    let own = [("acr_values", "urn:karat:acr:pwd"), ("max_age", "1000")];
    assert!(browser.get(&rp.authorize_path(&own)).await.param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_told_in_tokens_introspection_and_userinfo_while_it_runs() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let rp = RelyingParty::register(&app, web_client("wallet")).await;
    let before = rp.tokens(&person, "openid offline_access").await;
    assert!(rp.introspect(before.text("access_token")).await.body.get("hold_until").is_none());

    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    let mut change = app.karat.store.begin().await.unwrap();
    let until = app.karat.start_hold(&mut change, &user, HoldCause::PasswordChanged).await.unwrap().unwrap();
    change.commit().await.unwrap();

    let told = json!(until.unix());
    assert_eq!(rp.introspect(before.text("access_token")).await.body["hold_until"], told, "also of an older token");
    let tokens = rp.refresh(before.text("refresh_token")).await;
    assert_eq!(claims(tokens.text("access_token"))["hold_until"], told);
    assert_eq!(claims(tokens.text("id_token"))["hold_until"], told);
    assert_eq!(rp.userinfo(tokens.text("access_token")).await.body["hold_until"], told);

    app.advance(until.unix() - app.clock_now().unix());
    let browser = Browser::new(&app.base);
    let page = rp.log_in(&browser, &person, &[]).await;
    let after = rp.redeem(&page.param("code").unwrap()).await;
    assert!(claims(after.text("id_token")).get("hold_until").is_none(), "it is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_classes_that_can_be_reached_here_are_announced_and_taken_as_defaults() {
    let app = TestApp::start().await;
    let announced = app.karat.discovery()["acr_values_supported"].clone();
    assert_eq!(announced, json!(["urn:karat:acr:pwd", "urn:karat:acr:mfa", "phr"]));
    let rp = RelyingParty::register(&app, web_client("bank")).await;
    let page = Browser::new(&app.base).get(&rp.authorize_path(&[("acr_values", "phrh")])).await;
    assert_eq!(page.param("error").as_deref(), Some("unmet_authentication_requirements"), "{}", page.url);
    let page = Browser::new(&app.base).get(&rp.authorize_path(&[("acr_values", "phrh phr")])).await;
    assert_eq!(page.path(), "/login", "one of several that can be reached is enough");
}
