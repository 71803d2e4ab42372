//! A person logs out in one place, and every app they were logged in at hears of it.

use crate::stage::Stage;
use crate::support::{Backends, PASSWORD};

#[tokio::test(flavor = "multi_thread")]
async fn a_log_out_at_one_app_is_heard_by_both_on_sqlite_and_memory() -> anyhow::Result<()> {
    a_log_out_at_one_app_is_heard_by_both(Backends::SqliteAndMemory).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_out_at_one_app_is_heard_by_both_on_postgres_and_redis() -> anyhow::Result<()> {
    a_log_out_at_one_app_is_heard_by_both(Backends::PostgresAndRedis).await
}

async fn a_log_out_at_one_app_is_heard_by_both(backends: Backends) -> anyhow::Result<()> {
    let stage = Stage::set(backends).await?;
    let person = stage.karat.person("erika@example.com").await;
    let browser = &stage.browser;
    browser.open(&stage.exchange).await?;
    browser.click("login").await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    browser.click("consent-allow").await?;
    browser.find("person-sub").await?;
    browser.open(&stage.wallet).await?;
    browser.click("login").await?;
    browser.click("consent-allow").await?;
    browser.find("person-sub").await?;

    browser.open(&stage.exchange).await?;
    browser.click("logout").await?;
    browser.find("login").await?;
    assert_eq!(browser.url().await?.as_str(), format!("{}/", stage.exchange), "back where it began");
    browser.expect_reloading("signed-out-notice", "You were logged out by Karat").await?;
    browser.open(&stage.wallet).await?;
    browser.expect_reloading("signed-out-notice", "You were logged out by Karat").await?;

    // Gone at Karat too: the password is asked for again.
    browser.click("login").await?;
    browser.find("login-submit").await?;
    stage.browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_out_at_karat_itself_is_confirmed_and_heard() -> anyhow::Result<()> {
    let stage = Stage::set(Backends::SqliteAndMemory).await?;
    let person = stage.karat.person("erika@example.com").await;
    let browser = &stage.browser;
    browser.open(&stage.wallet).await?;
    browser.click("login").await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    browser.click("consent-allow").await?;
    browser.find("person-sub").await?;

    browser.open(&stage.karat.url("/logout")).await?;
    browser.find("logout-confirm").await?;
    browser.picture("karat-logout").await?;
    browser.open(&stage.wallet).await?;
    browser.find("person-sub").await?;
    browser.open(&stage.karat.url("/logout")).await?;
    browser.click("logout-confirm").await?;
    browser.find("login-link").await?;
    browser.picture("karat-logged-out").await?;
    browser.open(&stage.wallet).await?;
    browser.expect_reloading("signed-out-notice", "You were logged out by Karat").await?;
    stage.browser.close().await
}
