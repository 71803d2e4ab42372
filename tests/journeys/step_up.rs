//! The wallet sends coins: its API asks for a passkey by the challenge of RFC 9470, and the person steps up from the password.

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
    let person = stage.karat.verified_person("erika@example.com").await;
    let browser = &stage.browser;

    // With the password alone the person is led to add a passkey, and back to the wallet, whose tokens are worth more then.
    browser.add_authenticator().await?;
    browser.open(&stage.wallet).await?;
    browser.click("login").await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    browser.click("consent-allow").await?;
    browser.expect("acr", "urn:karat:acr:pwd").await?;
    browser.picture("wallet-send").await?;
    browser.click("unlock").await?;
    browser.find("enrol-decline").await?;
    browser.picture("karat-enrol").await?;
    browser.click("enrol-passkey").await?;
    browser.click("passkey").await?;
    browser.click("recovery-make").await?;
    browser.click("recovery-done").await?;
    browser.click("consent-allow").await?;
    browser.expect("acr", "phr").await?;
    browser.click("send").await?;
    browser.expect("done-notice", "Sent: 0.0100 BTC").await?;
    browser.picture("wallet-sent").await?;

    // A while later the log-in is too old for it: one touch makes it fresh, and no password is asked for.
    let before = browser.text("auth-time").await?;
    stage.karat.advance(400);
    browser.click("send").await?;
    for _ in 0..100 {
        // The list under the address field may take the passkey up by itself.
        if browser.shows("send").await? && browser.text("auth-time").await? != before {
            break;
        }
        if browser.url().await?.path() == "/login" && browser.shows("passkey").await? {
            let _ = browser.click("passkey").await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    browser.expect("acr", "phr").await?;
    browser.click("send").await?;
    browser.expect("done-notice", "Sent: 0.0100 BTC").await?;
    stage.browser.close().await
}
