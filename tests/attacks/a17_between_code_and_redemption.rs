//! What happens to the person, the consent or the client after the code was given counts when it is redeemed.

use karat::domain::client::{Client, ConsentRule};
use karat::domain::user::Condition;

use crate::common::code_in;
use crate::support::app::web_client;
use crate::support::relying_party::Answer;
use crate::support::{Browser, Person, RelyingParty, TestApp};

const SCOPE: &str = "openid email offline_access";

/// Gives a code, lets `meanwhile` happen, and answers what redemption says.
async fn redeemed_after(client: Client, meanwhile: impl AsyncFnOnce(&TestApp, &Person, &Browser)) -> Answer {
    let app = TestApp::start().await;
    let person = app.person("zoe@example.com").await;
    let rp = RelyingParty::register(&app, client).await;
    let browser = Browser::new(&app.base);
    let page = rp.log_in(&browser, &person, &[("scope", SCOPE)]).await;
    let code = page.param("code").unwrap_or_else(|| panic!("no code at {}: {}", page.url, page.text()));
    meanwhile(&app, &person, &browser).await;
    let answer = rp.redeem(&code).await;
    if answer.status != 200 {
        assert!(answer.body.get("access_token").is_none());
        assert_eq!(crate::common::count(&app, "SELECT COUNT(*) FROM grants WHERE revoked_at IS NULL").await, 0);
    }
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nothing_happened_the_code_is_redeemed() {
    assert_eq!(redeemed_after(web_client("app"), async |_, _, _| {}).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_a_person_locked_meanwhile_is_worth_nothing() {
    let answer = redeemed_after(web_client("app"), async |app, person, _| {
        let locked = Condition::Locked { since: app.clock_now(), because: "fraud".to_owned() };
        let mut change = app.karat.store.begin().await.unwrap();
        change.set_condition(person.id, &locked).await.unwrap();
        change.commit().await.unwrap();
    });
    assert_eq!(answer.await.error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_a_person_deleted_meanwhile_is_worth_nothing() {
    let answer = redeemed_after(web_client("app"), async |app, person, _| {
        let mut change = app.karat.store.begin().await.unwrap();
        change.remove_user(person.id).await.unwrap();
        change.commit().await.unwrap();
    });
    assert_eq!(answer.await.error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_a_session_logged_out_meanwhile_is_worth_nothing() {
    for client in [web_client("app"), Client { consent: ConsentRule::FirstParty, ..web_client("own") }] {
        let answer = redeemed_after(client, async |_, _, browser| {
            let logout = browser.get("/logout").await;
            browser.submit(&logout, &[]).await;
        });
        assert_eq!(answer.await.error(), "invalid_grant");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_whose_consent_was_withdrawn_meanwhile_is_worth_nothing() {
    for rule in [ConsentRule::Remembered, ConsentRule::Always] {
        let answer = redeemed_after(Client { consent: rule, ..web_client("app") }, async |app, person, _| {
            let mut change = app.karat.store.begin().await.unwrap();
            change.withdraw_consent(person.id, &"app".parse().unwrap()).await.unwrap();
            change.commit().await.unwrap();
        });
        assert_eq!(answer.await.error(), "invalid_grant", "{rule:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_a_client_disabled_meanwhile_is_worth_nothing() {
    let answer = redeemed_after(web_client("app"), async |app, _, _| {
        app.update_client(&Client { disabled: true, ..web_client("app") }).await;
    });
    assert_eq!(answer.await.error(), "invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_worth_no_more_than_the_client_may_have_now() {
    let app = TestApp::start().await;
    let person = app.person("zoe@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let browser = Browser::new(&app.base);
    rp.log_in(&browser, &person, &[("scope", SCOPE)]).await;
    let code = code_in(&rp, &browser, SCOPE).await;
    app.update_client(&Client { scope: "openid".parse().unwrap(), ..web_client("app") }).await;
    let answer = rp.redeem(&code).await;
    assert_eq!((answer.status, answer.text("scope")), (200, "openid"), "{answer:?}");
    assert!(answer.body.get("refresh_token").is_none());
    assert!(rp.userinfo(answer.text("access_token")).await.body.get("email").is_none());
}
