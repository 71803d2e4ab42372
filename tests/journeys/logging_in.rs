//! A person who has an account logs in at the demo apps, allows some and denies some.

use crate::stage::Stage;
use crate::support::{Backends, PASSWORD};

#[tokio::test(flavor = "multi_thread")]
async fn one_log_in_serves_both_apps() -> anyhow::Result<()> {
    let stage = Stage::set(Backends::SqliteAndMemory).await?;
    let person = stage.karat.person("erika@example.com").await;
    let browser = &stage.browser;

    browser.open(&stage.exchange).await?;
    browser.click("login").await?;
    browser.picture("karat-login").await?;
    stage.type_log_in(&person.email, "a wrong password 7").await?;
    browser.expect("errors", "is not right").await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    browser.find("consent-allow").await?;
    browser.picture("karat-consent").await?;
    browser.click("consent-allow").await?;
    browser.expect("person-sub", &person.id.to_string()).await?;
    browser.expect("scope", "offline_access").await?;
    browser.click("userinfo").await?;
    browser.expect("person-name", "Erika Mustermann").await?;
    browser.expect("person-email", "verified").await?;
    browser.expect("userinfo-claims", "Heidestrasse 17").await?;
    browser.click("refresh").await?;
    browser.expect("done-notice", "new tokens").await?;
    browser.picture("trading-with-karat").await?;

    // The second app: no password, only consent.
    browser.open(&stage.wallet).await?;
    browser.click("login").await?;
    browser.click("consent-deny").await?;
    browser.expect("problem-notice", "You did not allow it").await?;
    browser.click("login").await?;
    browser.click("consent-allow").await?;
    browser.expect("person-sub", &person.id.to_string()).await?;
    // And next time not even that.
    browser.click("again-none").await?;
    browser.expect("person-sub", &person.id.to_string()).await?;
    browser.click("again-login").await?;
    browser.fill("password", PASSWORD).await?;
    browser.click("login-submit").await?;
    browser.expect("person-sub", &person.id.to_string()).await?;
    stage.browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_by_form_post_arrives_in_the_browser() -> anyhow::Result<()> {
    let stage = Stage::set(Backends::SqliteAndMemory).await?;
    let person = stage.karat.person("erika@example.com").await;
    let browser = &stage.browser;
    browser.open(&format!("{}/login?response_mode=form_post", stage.exchange)).await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    browser.click("consent-allow").await?;
    browser.expect("person-sub", &person.id.to_string()).await?;
    stage.browser.close().await
}
