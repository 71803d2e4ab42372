//! Password and SMS: the code is read from a gateway that speaks Twilio's API, which then tells that it arrived.

use std::time::Duration;

use crate::stage::Stage;
use crate::support::twilio::{FakeTwilio, code_of};
use crate::support::{Backends, PASSWORD};

const NUMBER: &str = "+4915112345678";

#[tokio::test(flavor = "multi_thread")]
async fn password_and_sms_on_sqlite_and_memory() -> anyhow::Result<()> {
    password_and_sms(Backends::SqliteAndMemory).await
}

#[tokio::test(flavor = "multi_thread")]
async fn password_and_sms_on_postgres_and_redis() -> anyhow::Result<()> {
    password_and_sms(Backends::PostgresAndRedis).await
}

async fn password_and_sms(backends: Backends) -> anyhow::Result<()> {
    let twilio = FakeTwilio::start().await;
    let section = twilio.section("countries = [\"DE\"]");
    let stage = Stage::set_with(backends, &[format!("localhost:{}", twilio.port)], &section).await?;
    let person = stage.karat.person("erika@example.com").await;
    let browser = &stage.browser;

    browser.open(&format!("{}/account/security", stage.karat.base)).await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    browser.click("add-phone").await?;
    browser.find("phone-submit").await?;
    browser.picture("security-phone").await?;
    browser.fill("number", "+49 151 1234-5678").await?;
    browser.click("phone-submit").await?;
    browser.find("phone-code-submit").await?;
    browser.picture("security-phone-code").await?;
    let message = twilio.next_to(NUMBER, 0).await;
    assert!(message["Body"].contains("is your code to add this number"), "{}", message["Body"]);
    browser.fill("code", &code_of(&message)).await?;
    browser.click("phone-code-submit").await?;
    // Who has a second factor is given recovery codes, which can wait.
    browser.find("recovery-make").await?;

    browser.forget_cookies().await?;
    browser.open(&stage.exchange).await?;
    browser.click("login").await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    browser.find("sms-send").await?;
    browser.picture("mfa-sms-send").await?;
    browser.click("sms-send").await?;
    browser.find("sms-submit").await?;
    browser.picture("mfa-sms").await?;
    let message = twilio.next_to(NUMBER, 1).await;
    let last_line = message["Body"].lines().last().unwrap_or_default();
    assert_eq!(last_line, format!("@localhost #{}", code_of(&message)));
    browser.fill("code", "000000").await?;
    browser.click("sms-submit").await?;
    browser.expect("errors", "not right").await?;
    browser.fill("code", &code_of(&message)).await?;
    browser.click("sms-submit").await?;
    browser.click("consent-allow").await?;
    browser.expect("person-sub", &person.id.to_string()).await?;
    browser.expect("acr", "urn:karat:acr:mfa-sms").await?;

    // The receipt.
    let id = message["StatusCallback"].rsplit('=').next().unwrap_or_default().to_owned();
    let status = async || stage.karat.karat.store.sms_status(&id).await;
    for _ in 0..50 {
        if status().await?.as_deref() != Some("waiting") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(status().await?.as_deref(), Some("accepted"));
    assert_eq!(twilio.receipt(&message, "delivered").await, 204);
    assert_eq!(status().await?.as_deref(), Some("delivered"));
    stage.browser.close().await
}
