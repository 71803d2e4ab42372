//! A person nobody knows registers on the way to an app, proves the address from the mail, logs in, allows, looks at the
//! claims, logs out, and the app hears of it.

use crate::stage::Stage;
use crate::support::Backends;

pub const EMAIL: &str = "nadia.newcomer@example.com";
pub const PASSWORD: &str = "copper-Heron-wades-at-dusk-52";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_person_registers_and_logs_in_and_out_on_sqlite_and_memory() -> anyhow::Result<()> {
    a_new_person_registers_and_logs_in_and_out(Backends::SqliteAndMemory).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_person_registers_and_logs_in_and_out_on_postgres_and_redis() -> anyhow::Result<()> {
    a_new_person_registers_and_logs_in_and_out(Backends::PostgresAndRedis).await
}

async fn a_new_person_registers_and_logs_in_and_out(backends: Backends) -> anyhow::Result<()> {
    let stage = Stage::set(backends).await?;
    let browser = &stage.browser;
    register_on_the_way_to_the_exchange(&stage).await?;
    log_in_and_look_at_the_claims(&stage).await?;

    browser.click("logout").await?;
    browser.find("login").await?;
    browser.expect_reloading("signed-out-notice", "You were logged out by Karat").await?;
    stage.browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_in_the_mail_proves_the_address_as_well() -> anyhow::Result<()> {
    let stage = Stage::set(Backends::SqliteAndMemory).await?;
    let browser = &stage.browser;
    browser.open(&stage.exchange).await?;
    browser.click("login").await?;
    browser.click("register-link").await?;
    fill_in_registration(&stage).await?;
    browser.find("verify-submit").await?;

    stage.open_mail_to(EMAIL).await?;
    let link = browser.driver().find(thirtyfour::By::Css("#mail-text a[href*='/register/confirm']")).await?;
    let link = link.attr("href").await?.unwrap_or_default();
    // A mail scanner looks at the link first; that changes nothing.
    assert!(reqwest::get(&link).await?.status().is_success());
    // The person opens it from the HTML part, as a mail program shows it.
    browser.driver().enter_frame(0).await?;
    browser.driver().find(thirtyfour::By::Css("a[href*='/register/confirm']")).await?.click().await?;
    browser.driver().enter_default_frame().await?;
    browser.click("confirm-submit").await?;
    browser.click("login-link").await?;
    log_in_and_look_at_the_claims(&stage).await?;
    stage.browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_address_gets_another_mail_and_the_same_page() -> anyhow::Result<()> {
    let stage = Stage::set(Backends::SqliteAndMemory).await?;
    stage.karat.person(EMAIL).await;
    let browser = &stage.browser;
    browser.open(&stage.karat.url("/register")).await?;
    fill_in_registration(&stage).await?;
    browser.find("verify-submit").await?;
    stage.open_mail_to(EMAIL).await?;
    let mail = browser.text("mail-text").await?;
    assert!(code_in(&mail).is_err(), "no code for a stranger to guess: {mail}");
    stage.browser.close().await
}

/// As [`EMAIL`] with [`PASSWORD`], up to the log-in page: verifying an address logs nobody in.
pub async fn register_on_the_way_to_the_exchange(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    browser.open(&stage.exchange).await?;
    browser.click("login").await?;
    browser.click("register-link").await?;
    fill_in_registration(stage).await?;
    browser.find("verify-submit").await?;
    browser.picture("karat-verify").await?;
    let verify_page = browser.url().await?;

    stage.open_mail_to(EMAIL).await?;
    browser.picture("mail-verify").await?;
    let code = code_in(&browser.text("mail-text").await?)?;
    browser.open(verify_page.as_str()).await?;
    browser.fill("code", &code).await?;
    browser.click("verify-submit").await?;
    browser.click("login-link").await
}

async fn fill_in_registration(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    browser.fill("email", EMAIL).await?;
    browser.fill("password", PASSWORD).await?;
    browser.click("accept_terms").await?;
    browser.picture("karat-register").await?;
    browser.click("register-submit").await
}

async fn log_in_and_look_at_the_claims(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    stage.type_log_in(EMAIL, PASSWORD).await?;
    browser.click("consent-allow").await?;
    browser.find("person-sub").await?;
    browser.expect("acr", "urn:karat:acr:pwd").await?;
    browser.expect("id-token-claims", &stage.karat.base).await?;
    browser.expect("access-token-claims", "exchange").await?;
    browser.click("userinfo").await?;
    browser.expect("person-email", EMAIL).await?;
    browser.expect("person-email", "verified").await?;
    assert!(!browser.text("person-email").await?.contains("not verified"));
    Ok(())
}

fn code_in(mail: &str) -> anyhow::Result<String> {
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    let code = mail.split_whitespace().find(is_code);
    code.map(str::to_owned).ok_or_else(|| anyhow::anyhow!("no code in the mail:\n{mail}"))
}
