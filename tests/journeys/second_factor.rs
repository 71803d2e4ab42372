//! An authenticator app from its enrolment on, and the code that is put away for the day it is lost.

use crate::stage::Stage;
use crate::support::{AuthenticatorApp, Backends, PASSWORD};

#[tokio::test(flavor = "multi_thread")]
async fn password_and_app_and_then_a_recovery_code_on_sqlite_and_memory() -> anyhow::Result<()> {
    journey(Backends::SqliteAndMemory).await
}

#[tokio::test(flavor = "multi_thread")]
async fn password_and_app_and_then_a_recovery_code_on_postgres_and_redis() -> anyhow::Result<()> {
    journey(Backends::PostgresAndRedis).await
}

async fn journey(backends: Backends) -> anyhow::Result<()> {
    let stage = Stage::set(backends).await?;
    let person = stage.karat.person("erika@example.com").await;
    let browser = &stage.browser;

    // The app is added and shows its first code.
    browser.open(&format!("{}/login?next=totp", stage.karat.base)).await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    let phone = AuthenticatorApp::typed(&browser.text("totp-secret").await?);
    browser.picture("karat-totp-add").await?;
    browser.fill("code", &phone.code(stage.karat.clock_now(), 0)).await?;
    browser.fill("name", "My phone").await?;
    browser.click("totp-add").await?;
    browser.click("recovery-make").await?;
    let codes = browser.text("recovery-codes").await?;
    browser.picture("karat-recovery-codes").await?;
    browser.click("recovery-done").await?;
    browser.find("nav-security").await?;
    browser.picture("karat-security").await?;

    // The same code does not log in, the next one does.
    browser.forget_cookies().await?;
    browser.open(&stage.exchange).await?;
    browser.click("login").await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    browser.fill("code", &phone.code(stage.karat.clock_now(), 0)).await?;
    browser.click("totp-submit").await?;
    browser.expect("code-error", "used already").await?;
    browser.picture("karat-mfa-totp").await?;
    stage.karat.advance(60);
    browser.fill("code", &phone.code(stage.karat.clock_now(), 0)).await?;
    browser.click("totp-submit").await?;
    browser.click("consent-allow").await?;
    browser.expect("acr", "urn:karat:acr:mfa").await?;

    // The phone is lost.
    browser.forget_cookies().await?;
    browser.open(&stage.exchange).await?;
    browser.click("login").await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    browser.click("way-recovery").await?;
    let code = codes.lines().map(str::trim).find(|line| line.len() == 11);
    browser.fill("code", code.unwrap_or_else(|| panic!("{codes}"))).await?;
    browser.picture("karat-mfa-recovery").await?;
    browser.click("recovery-submit").await?;
    browser.expect("person-sub", &person.id.to_string()).await?;
    stage.browser.close().await
}
