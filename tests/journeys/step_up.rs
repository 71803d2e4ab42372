//! The wallet sends coins: its API asks for a passkey by the challenge of RFC 9470, and the person steps up from the password.

use crate::passkeys::enrol;
use crate::stage::Stage;
use crate::support::{Backends, PASSWORD};

#[tokio::test(flavor = "multi_thread")]
async fn sending_coins_steps_up_from_password_to_passkey_on_sqlite_and_memory() -> anyhow::Result<()> {
    journey(Backends::SqliteAndMemory).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_coins_steps_up_from_password_to_passkey_on_postgres_and_redis() -> anyhow::Result<()> {
    journey(Backends::PostgresAndRedis).await
}

async fn journey(backends: Backends) -> anyhow::Result<()> {
    let stage = Stage::set(backends).await?;
    let person = stage.karat.person("erika@example.com").await;
    let browser = &stage.browser;

    // With the password alone the person is led to add a passkey, and back to the wallet.
    browser.open(&stage.wallet).await?;
    browser.click("login").await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    browser.click("consent-allow").await?;
    browser.expect("acr", "urn:karat:acr:pwd").await?;
    browser.picture("wallet-send").await?;
    browser.click("send").await?;
    browser.find("enrol-decline").await?;
    anyhow::ensure!(!browser.shows("enrol-totp").await?, "an app is not enough for this");
    browser.picture("karat-enrol").await?;

    // Adding one needs no app around it.
    browser.add_authenticator().await?;
    browser.forget_cookies().await?;
    enrol(&stage, &person).await?;

    // What the wallet got before was for a password: it is asked for more, and gets it by one touch.
    browser.open(&stage.wallet).await?;
    if browser.shows("login").await? {
        browser.click("login").await?;
    }
    browser.find("send").await?;
    stage.karat.advance(400);
    browser.click("send").await?;
    // The log-in has become too old as well: the passkey alone makes it fresh and strong.
    if browser.shows("passkey").await? {
        let _ = browser.click("passkey").await;
    }
    browser.expect("acr", "phr").await?;
    browser.click("send").await?;
    browser.expect("done-notice", "Sent: 0.0100 BTC").await?;
    browser.picture("wallet-sent").await?;
    stage.browser.close().await
}
