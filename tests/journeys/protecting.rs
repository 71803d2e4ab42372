//! A person who loses trust: an authenticator is removed, and the account frozen by the link of the mail that told of it.

use std::time::Duration;

use crate::stage::Stage;
use crate::support::mails::{link_in, mails_to};
use crate::support::{AuthenticatorApp, Backends, PASSWORD};

#[tokio::test(flavor = "multi_thread")]
async fn a_factor_is_removed_under_a_hold_and_the_account_frozen_by_mail_on_sqlite_and_memory() -> anyhow::Result<()> {
    journey(Backends::SqliteAndMemory).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_factor_is_removed_under_a_hold_and_the_account_frozen_by_mail_on_postgres_and_redis() -> anyhow::Result<()> {
    journey(Backends::PostgresAndRedis).await
}

async fn journey(backends: Backends) -> anyhow::Result<()> {
    let stage = Stage::set(backends).await?;
    let person = stage.karat.person("erika@example.com").await;
    let browser = &stage.browser;
    let security = format!("{}/account/security", stage.karat.base);

    browser.open(&format!("{}/login?next=totp", stage.karat.base)).await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    let phone = AuthenticatorApp::typed(&browser.text("totp-secret").await?);
    browser.fill("code", &phone.code(stage.karat.clock_now(), 0)).await?;
    browser.fill("name", "Old phone").await?;
    browser.click("totp-add").await?;
    browser.find("recovery-make").await?;
    browser.open(&security).await?;
    browser.expect("verdict", "Good").await?;
    browser.picture("karat-security-app").await?;
    stage.karat.advance(1);
    browser.click("factor-1").await?;
    browser.picture("karat-security-factor").await?;
    browser.click("remove-submit").await?;
    browser.expect("hold", "another 24 hours").await?;
    browser.expect("verdict", "Weak").await?;
    browser.picture("karat-security-hold").await?;

    // It was somebody else: whoever reads the mail freezes the account, without logging in.
    let freeze = mailed(&stage, &person.email, "Old phone", "/freeze?token=").await?;
    browser.forget_cookies().await?;
    browser.open(&format!("{}{freeze}", stage.karat.base)).await?;
    browser.picture("karat-freeze").await?;
    browser.click("freeze-submit").await?;
    browser.picture("karat-frozen").await?;
    browser.click("login-link").await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    browser.find("forgotten-link").await?;
    browser.picture("karat-still-frozen").await?;

    // The way back: the mailbox, and then the log-in.
    let unfreeze = mailed(&stage, &person.email, "/unfreeze?token=", "/unfreeze?token=").await?;
    browser.open(&format!("{}{unfreeze}", stage.karat.base)).await?;
    browser.click("unfreeze-submit").await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    browser.expect("hold", "on hold").await?;
    stage.browser.close().await
}

/// The link in the mail that has these words, as soon as there is one.
async fn mailed(stage: &Stage, address: &str, words: &str, path: &str) -> anyhow::Result<String> {
    for _ in 0..100 {
        let mails = mails_to(&stage.karat, address).await;
        if let Some(mail) = mails.iter().find(|mail| mail.text.contains(words) && mail.text.contains(path)) {
            return Ok(link_in(&stage.karat, mail, path));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("no mail with {words} to {address}")
}
