//! A passkey from its enrolment on: alone by the button, alone from the list under the address field, and beside a password.

use crate::stage::Stage;
use crate::support::{Backends, PASSWORD, Person};

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_enrolled_and_logs_in_alone_on_sqlite_and_memory() -> anyhow::Result<()> {
    enrolled_and_used_alone(Backends::SqliteAndMemory).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_enrolled_and_logs_in_alone_on_postgres_and_redis() -> anyhow::Result<()> {
    enrolled_and_used_alone(Backends::PostgresAndRedis).await
}

async fn enrolled_and_used_alone(backends: Backends) -> anyhow::Result<()> {
    let stage = Stage::set(backends).await?;
    let person = stage.karat.person("erika@example.com").await;
    let browser = &stage.browser;
    let authenticator = browser.add_authenticator().await?;
    enrol(&stage, &person).await?;
    assert_eq!(browser.passkeys_of(&authenticator).await?.len(), 1);

    // The button. Without a touch the browser waits, and offers nothing by itself.
    browser.forget_cookies().await?;
    browser.set_touches(&authenticator, false).await?;
    browser.open(&stage.exchange).await?;
    browser.click("login").await?;
    browser.find("passkey").await?;
    browser.picture("karat-login-passkey").await?;
    browser.set_touches(&authenticator, true).await?;
    if browser.shows("passkey").await? {
        // The list under the field may have been taken up already by the touch that came.
        let _ = browser.click("passkey").await;
    }
    browser.click("consent-allow").await?;
    browser.expect("person-sub", &person.id.to_string()).await?;
    stage.browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_offered_where_the_address_is_typed() -> anyhow::Result<()> {
    let stage = Stage::set(Backends::SqliteAndMemory).await?;
    let person = stage.karat.person("erika@example.com").await;
    let browser = &stage.browser;
    browser.add_authenticator().await?;
    enrol(&stage, &person).await?;
    browser.forget_cookies().await?;
    browser.open(&stage.exchange).await?;
    browser.click("login").await?;
    // Nothing is clicked on the log-in page: the authenticator is taken from the list under the field.
    browser.click("consent-allow").await?;
    browser.expect("person-sub", &person.id.to_string()).await?;
    stage.browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_stands_beside_the_password_and_guards_the_security_page() -> anyhow::Result<()> {
    let stage = Stage::set(Backends::SqliteAndMemory).await?;
    let person = stage.karat.person("erika@example.com").await;
    let browser = &stage.browser;
    let authenticator = browser.add_authenticator().await?;
    enrol(&stage, &person).await?;
    // One authenticator, one passkey; and what goes wrong is said beside the button.
    browser.click("passkey").await?;
    browser.expect("passkey-known", "already holds a passkey").await?;

    browser.forget_cookies().await?;
    browser.set_touches(&authenticator, false).await?;
    browser.open(&stage.exchange).await?;
    browser.click("login").await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    browser.find("passkey").await?;
    browser.picture("karat-mfa-passkey").await?;
    browser.set_touches(&authenticator, true).await?;
    browser.set_user_verified(&authenticator, false).await?;
    browser.click("passkey").await?;
    browser.expect("passkey-cancelled", "You can try again").await?;
    browser.picture("karat-mfa-passkey-cancelled").await?;
    browser.set_user_verified(&authenticator, true).await?;
    browser.click("passkey").await?;
    browser.click("consent-allow").await?;
    browser.expect("person-sub", &person.id.to_string()).await?;

    // Five minutes later the security page wants to see it again.
    stage.karat.advance(301);
    browser.open(&format!("{}/account/security/passkeys", stage.karat.base)).await?;
    anyhow::ensure!(browser.url().await?.path() == "/mfa/passkey", "{}", browser.url().await?);
    browser.click("passkey").await?;
    browser.find("passkeys-manage").await?;
    stage.browser.close().await
}

/// Logs in with the password and adds a passkey on the security page.
async fn enrol(stage: &Stage, person: &Person) -> anyhow::Result<()> {
    let browser = &stage.browser;
    browser.open(&format!("{}/login?next=passkeys", stage.karat.base)).await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    browser.fill("name", "My laptop").await?;
    browser.picture("karat-passkeys-first").await?;
    browser.click("passkey").await?;
    // Whoever has no recovery codes is given some first.
    browser.find("recovery-make").await?;
    browser.open(&format!("{}/account/security/passkeys", stage.karat.base)).await?;
    browser.find("passkeys-manage").await?;
    anyhow::ensure!(browser.body().await?.contains("My laptop"), "the passkey is not listed");
    browser.picture("karat-passkeys").await?;
    Ok(())
}
