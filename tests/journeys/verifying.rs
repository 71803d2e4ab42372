//! What a token is worth, as people live it: verified by a reviewer until the exchange lets them trade, a fresh code before coins leave,
//! a hold after a new password, and a provider that thinks again.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use karat::domain::ids::UserId;
use karat::domain::role::Role;
use karat::domain::time::Timestamp;
use karat::flow::admin::Authority;
use thirtyfour::By;

use crate::chromium::Chromium;
use crate::folder::Folder;
use crate::registering;
use crate::stage::Stage;
use crate::support::verifiers::{FakeProvider, Outcome, sumsub};
use crate::support::{AuthenticatorApp, Backends, PASSWORD, Person};

/// Level 1, which the exchange wants, by people who look.
const LOOKED_AT: &str = "[tier_1]\nprovider = \"review\"\nproofs = [\"details\", \"document\", \"selfie\"]\n\
                         valid_for = \"0s\"\nreview_time = \"24h\"\n";
const RITA: &str = "rita@example.com";
const MONEY: &str = "wallet:withdraw";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_person_trades_once_a_reviewer_says_yes_on_sqlite_and_memory() -> anyhow::Result<()> {
    a_new_person_trades_once_a_reviewer_says_yes(Backends::SqliteAndMemory).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_person_trades_once_a_reviewer_says_yes_on_postgres_and_redis() -> anyhow::Result<()> {
    a_new_person_trades_once_a_reviewer_says_yes(Backends::PostgresAndRedis).await
}

async fn a_new_person_trades_once_a_reviewer_says_yes(backends: Backends) -> anyhow::Result<()> {
    let stage = Stage::set_with(backends, &[], LOOKED_AT).await?;
    let browser = &stage.browser;
    registering::register_on_the_way_to_the_exchange(&stage).await?;
    stage.type_log_in(registering::EMAIL, registering::PASSWORD).await?;
    browser.click("consent-allow").await?;
    browser.find("person-sub").await?;
    browser.picture("verifying-exchange-before").await?;

    // Trading takes a level, and Karat leads there.
    browser.click("trade").await?;
    browser.find("verify-begin").await?;
    browser.picture("verifying-begin").await?;
    browser.click("verify-begin").await?;
    fill_in_application(browser).await?;
    browser.expect("outcome", "looking at it").await?;
    browser.picture("verifying-under-review").await?;
    let status_page = browser.url().await?;

    // Until then they go on with less.
    browser.click("verify-later").await?;
    browser.expect("problem-notice", "has not allowed that yet").await?;
    assert!(!browser.shows("buy").await?);
    a_reviewer_approves(&stage, registering::EMAIL).await?;

    browser.open(status_page.as_str()).await?;
    browser.expect("outcome", "You are verified").await?;
    browser.picture("verifying-confirmed").await?;
    browser.open(&stage.exchange).await?;
    browser.click("trade").await?;
    // It takes a second factor, too, which is added on the way.
    browser.click("enrol-totp").await?;
    add_authenticator_app(&stage, browser).await?;
    browser.click("consent-allow").await?;
    browser.expect("scope", "trade:spot").await?;
    browser.expect("kyc-level", "level 1").await?;
    browser.picture("verifying-exchange-after").await?;
    browser.click("buy").await?;
    browser.expect("done-notice", "Bought: 0.0100 BTC").await?;
    stage.browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn coins_leave_after_a_fresh_code_and_wait_after_a_new_password_on_sqlite_and_memory() -> anyhow::Result<()> {
    coins_leave_after_a_fresh_code_and_wait_after_a_new_password(Backends::SqliteAndMemory).await
}

#[tokio::test(flavor = "multi_thread")]
async fn coins_leave_after_a_fresh_code_and_wait_after_a_new_password_on_postgres_and_redis() -> anyhow::Result<()> {
    coins_leave_after_a_fresh_code_and_wait_after_a_new_password(Backends::PostgresAndRedis).await
}

async fn coins_leave_after_a_fresh_code_and_wait_after_a_new_password(backends: Backends) -> anyhow::Result<()> {
    let stage = Stage::set(backends).await?;
    let person = stage.karat.verified_person("erika@example.com").await;
    let browser = &stage.browser;
    let phone = at_the_wallet_with_an_authenticator_app(&stage, &person).await?;
    assert!(!browser.text("scope").await?.contains(MONEY) && !browser.shows("send").await?);
    browser.picture("verifying-wallet-before").await?;

    // The log-in is older than five minutes.
    stage.karat.advance(600);
    browser.click("unlock").await?;
    log_in_afresh(&stage, PASSWORD, &phone).await?;
    browser.click("consent-allow").await?;
    browser.find("send").await?;
    browser.expect("scope", MONEY).await?;
    browser.picture("verifying-wallet-after").await?;

    // In another tab the person takes a new password. That ends what apps were given, and the open wallet hears of it.
    let wallet_tab = browser.driver().window().await?;
    let other_tab = browser.driver().new_tab().await?;
    browser.driver().switch_to_window(other_tab).await?;
    browser.open(&format!("{}/account/password", stage.karat.base)).await?;
    browser.fill("current_password", PASSWORD).await?;
    browser.fill("new_password", registering::PASSWORD).await?;
    browser.click("password-submit").await?;
    browser.expect("hold", "on hold").await?;
    browser.driver().switch_to_window(wallet_tab).await?;
    browser.expect("signed-out-notice", "You were logged out by Karat").await?;
    browser.click("login").await?;
    browser.expect("hold", "sending waits until").await?;
    assert!(!browser.shows("send").await? && !browser.text("scope").await?.contains(MONEY));
    let until = hold_of(&stage, person.id).await?;
    browser.expect("id-token-claims", "hold_until").await?;
    assert!(browser.driver().source().await?.contains(&until.unix().to_string()), "the app knows until when");
    browser.picture("verifying-wallet-held").await?;

    // Who asks again is told at Karat why, and watches the time run.
    browser.open(&format!("{}/login?scope=openid+profile+offline_access+{MONEY}", stage.wallet)).await?;
    browser.expect("hold", "Password changed").await?;
    browser.picture("verifying-countdown").await?;
    let clock = browser.driver().find(By::Css("#hold .countdown")).await?;
    assert_eq!(clock.attr("data-until").await?, Some(until.unix().to_string()));
    let shown = clock.text().await?;
    browser.expect_other("hold", &shown).await?;
    browser.click("unavailable-continue").await?;
    browser.expect("hold", "sending waits until").await?;
    assert!(!browser.shows("send").await?);

    // The day after, a fresh log-in is enough again.
    stage.karat.advance(until.since(stage.karat.clock_now()).0 + 1);
    browser.forget_cookies().await?;
    browser.open(&stage.wallet).await?;
    browser.click("login").await?;
    browser.fill("email", &person.email).await?;
    log_in_afresh(&stage, registering::PASSWORD, &phone).await?;
    browser.click("unlock").await?;
    browser.find("send").await?;
    stage.browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_says_red_after_green_takes_the_button_away_on_sqlite_and_memory() -> anyhow::Result<()> {
    a_provider_that_says_red_after_green_takes_the_button_away(Backends::SqliteAndMemory).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_says_red_after_green_takes_the_button_away_on_postgres_and_redis() -> anyhow::Result<()> {
    a_provider_that_says_red_after_green_takes_the_button_away(Backends::PostgresAndRedis).await
}

async fn a_provider_that_says_red_after_green_takes_the_button_away(backends: Backends) -> anyhow::Result<()> {
    let provider = FakeProvider::start(sumsub::DIALECT).await;
    let sections = format!("[tier_2]\nprovider = \"sumsub\"\n{}", (provider.dialect.section)(provider.port));
    let stage = Stage::set_with(backends, &[format!("localhost:{}", provider.port)], &sections).await?;
    let person = stage.karat.person("erika@example.com").await;
    let browser = &stage.browser;
    at_the_wallet_with_an_authenticator_app(&stage, &person).await?;
    browser.click("unlock").await?;
    browser.click("verify-begin").await?;
    browser.find("provider-link").await?;
    browser.picture("verifying-provider").await?;
    let hand_over = browser.url().await?;
    browser.click("provider-link").await?;
    browser.expect("provider", "Show us your passport").await?;

    let reference = stage.karat.karat.store.kyc_cases(person.id).await?.remove(0).reference;
    let reference = reference.unwrap_or_default();
    assert_eq!(provider.decide(&stage.karat, &reference, Outcome::Green, 1).await, 200);
    // Back at the page the person came from, which goes on to the app now.
    browser.open(hand_over.as_str()).await?;
    browser.click("consent-allow").await?;
    browser.find("send").await?;
    browser.expect("kyc-level", "level 2").await?;
    browser.expect("scope", MONEY).await?;

    stage.karat.advance(30);
    assert_eq!(provider.decide(&stage.karat, &reference, Outcome::RedFinal, 2).await, 200);
    // Nobody touches the page.
    browser.expect_gone("send").await?;
    browser.expect("kyc-level", "level 0").await?;
    assert!(!browser.text("scope").await?.contains(MONEY));
    browser.picture("verifying-wallet-lost").await?;
    browser.click("refresh").await?;
    browser.expect("done-notice", "new tokens").await?;
    assert!(!browser.text("scope").await?.contains(MONEY), "and no refresh brings it back");
    browser.click("unlock").await?;
    browser.find("verify-later").await?;
    browser.picture("verifying-closed").await?;
    stage.browser.close().await
}

/// Everything that level 1 takes here, with files from the machine, up to sending it in.
async fn fill_in_application(browser: &Chromium) -> anyhow::Result<()> {
    let folder = Folder::fresh()?;
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("paper.txt"), "not a picture")?;
    for (name, colour) in [("front.jpg", [150, 170, 200]), ("back.jpg", [120, 150, 130]), ("me.png", [200, 160, 130])] {
        let format = ImageFormat::from_path(name)?;
        std::fs::write(file(name), photograph(colour, format)?)?;
    }
    browser.fill("given_name", "Nadia").await?;
    browser.fill("family_name", "Newcomer").await?;
    browser.fill_date("birthdate", "1991-03-09").await?;
    browser.choose("nationality", "PT").await?;
    browser.choose("residence", "ES").await?;
    browser.picture("verifying-details").await?;
    browser.click("details-submit").await?;

    browser.choose("kind", "idcard").await?;
    browser.choose("issued_by", "PT").await?;
    browser.fill("number", "PT 123 456 7").await?;
    browser.fill_date("expires_on", "2040-01-31").await?;
    browser.choose_file("front", &file("paper.txt")).await?;
    browser.choose_file("back", &file("back.jpg")).await?;
    browser.click("document-submit").await?;
    browser.find("front-error").await?;
    browser.picture("verifying-document-errors").await?;
    browser.choose_file("front", &file("front.jpg")).await?;
    if browser.driver().find_all(By::Css("img[src='/verify/documents/back']")).await?.is_empty() {
        browser.choose_file("back", &file("back.jpg")).await?;
    }
    browser.picture("verifying-document").await?;
    browser.click("document-submit").await?;
    browser.choose_file("selfie", &file("me.png")).await?;
    browser.picture("verifying-selfie").await?;
    browser.click("selfie-submit").await?;
    browser.find("verify-submit").await?;
    browser.picture("verifying-check").await?;
    browser.click("verify-submit").await
}

/// Rita, in a browser of her own.
async fn a_reviewer_approves(stage: &Stage, email: &str) -> anyhow::Result<()> {
    let karat = &stage.karat;
    let rita = karat.person(RITA).await;
    let user = karat.karat.store.user(rita.id).await?.unwrap();
    karat.karat.grant_role(&Authority::operator(), user.id, Role::Compliance, "").await?;
    let browser = Chromium::start().await?;
    browser.open(&format!("{}/login?next=totp", karat.base)).await?;
    log_in(&browser, RITA).await?;
    add_authenticator_app(stage, &browser).await?;
    browser.open(&format!("{}/account", karat.base)).await?;
    browser.click("review-link").await?;
    browser.expect("case-1", email).await?;
    browser.picture("verifying-review-queue").await?;
    browser.click("case-1").await?;
    browser.find("document-front").await?;
    browser.picture("verifying-review-case").await?;
    browser.fill("approve_note", "Face and paper are the same person.").await?;
    browser.click("approve-submit").await?;
    browser.expect("history", "Approved").await?;
    browser.picture("verifying-review-approved").await?;
    browser.click("person-link").await?;
    browser.find("suspend-submit").await?;
    browser.picture("verifying-review-person").await?;
    browser.close().await
}

/// Logged in at the wallet by password and code, with what it asks of everybody.
async fn at_the_wallet_with_an_authenticator_app(stage: &Stage, person: &Person) -> anyhow::Result<AuthenticatorApp> {
    let browser = &stage.browser;
    browser.open(&format!("{}/login?next=totp", stage.karat.base)).await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    let phone = add_authenticator_app(stage, browser).await?;
    browser.open(&stage.wallet).await?;
    browser.click("login").await?;
    browser.click("consent-allow").await?;
    browser.expect("acr", "urn:karat:acr:mfa").await?;
    Ok(phone)
}

/// On the log-in page, which the browser shows and where the address is filled in.
async fn log_in_afresh(stage: &Stage, password: &str, phone: &AuthenticatorApp) -> anyhow::Result<()> {
    let browser = &stage.browser;
    browser.fill("password", password).await?;
    browser.picture("verifying-log-in-again").await?;
    browser.click("login-submit").await?;
    browser.fill("code", &phone.code(stage.karat.clock_now(), 0)).await?;
    browser.picture("verifying-step-up").await?;
    browser.click("totp-submit").await
}

/// On the page that adds one, which the browser shows.
async fn add_authenticator_app(stage: &Stage, browser: &Chromium) -> anyhow::Result<AuthenticatorApp> {
    let phone = AuthenticatorApp::typed(&browser.text("totp-secret").await?);
    browser.fill("code", &phone.code(stage.karat.clock_now(), 0)).await?;
    browser.fill("name", "My phone").await?;
    browser.click("totp-add").await?;
    browser.click("recovery-make").await?;
    browser.click("recovery-done").await?;
    Ok(phone)
}

async fn log_in(browser: &Chromium, email: &str) -> anyhow::Result<()> {
    browser.fill("email", email).await?;
    browser.fill("password", PASSWORD).await?;
    browser.click("login-submit").await
}

async fn hold_of(stage: &Stage, person: UserId) -> anyhow::Result<Timestamp> {
    let user = stage.karat.karat.store.user(person).await?;
    user.and_then(|user| user.hold_until).ok_or_else(|| anyhow::anyhow!("no hold runs"))
}

/// Of nothing, in colour.
fn photograph(colour: [u8; 3], format: ImageFormat) -> anyhow::Result<Vec<u8>> {
    let shade = |value: u8, by: u32| value.saturating_add(u8::try_from(by / 16).unwrap_or(55).min(55));
    let picture = RgbImage::from_fn(856, 540, |x, y| Rgb(colour.map(|value| shade(value, x.min(y)))));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture).write_to(&mut bytes, format)?;
    Ok(bytes.into_inner())
}
