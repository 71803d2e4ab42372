//! From an empty installation to an app that logs a person in, without the command line; and what support may do.

use karat::domain::role::Role;
use karat::flow::admin::Authority;

use crate::stage::Stage;
use crate::support::{AuthenticatorApp, Backends, PASSWORD};

const OLGA: &str = "olga@example.com";
const ERIKA: &str = "erika@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn from_the_printed_link_to_an_app_that_logs_a_person_in_on_sqlite_and_memory() -> anyhow::Result<()> {
    from_the_printed_link_to_an_app(Backends::SqliteAndMemory).await
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_printed_link_to_an_app_that_logs_a_person_in_on_postgres_and_redis() -> anyhow::Result<()> {
    from_the_printed_link_to_an_app(Backends::PostgresAndRedis).await
}

async fn from_the_printed_link_to_an_app(backends: Backends) -> anyhow::Result<()> {
    let stage = Stage::set(backends).await?;
    let browser = &stage.browser;
    let authenticator = browser.add_authenticator().await?;
    let link = stage.karat.karat.setup_link().await?.expect("nobody looks after it yet");
    browser.open(&link).await?;
    browser.find("account-submit").await?;
    assert!(!browser.url().await?.as_str().contains("token"));
    browser.picture("setup-account").await?;
    browser.fill("name", "Olga").await?;
    browser.fill("email", OLGA).await?;
    browser.fill("password", PASSWORD).await?;
    browser.click("account-submit").await?;
    browser.click("accept_terms").await?;
    browser.click("terms-submit").await?;
    browser.click("passkey-link").await?;
    browser.click("passkey").await?;
    browser.find("own-submit").await?;
    browser.picture("setup-own").await?;
    browser.click("own-submit").await?;
    browser.find("health").await?;
    browser.picture("admin-overview").await?;

    browser.click("room-clients").await?;
    browser.click("client-new").await?;
    browser.picture("admin-client-kinds").await?;
    browser.click("kind-web").await?;
    browser.fill("client_id", "shop").await?;
    browser.fill("client_name", "The Shop").await?;
    browser.fill("redirect_uris", &format!("{}/shop", stage.exchange)).await?;
    browser.picture("admin-client-form").await?;
    browser.click("client-submit").await?;
    let secret = browser.text("client-secret").await?;
    assert!(secret.len() > 40, "{secret}");
    browser.picture("admin-client-secret").await?;

    // Its log-in, as the app would begin it, for a person in a browser of their own.
    browser.click("test-submit").await?;
    browser.expect("tested", "It would be let in.").await?;
    browser.picture("admin-client-tested").await?;
    let person = stage.karat.person(ERIKA).await;
    browser.forget_cookies().await?;
    // The owner's passkey offers itself on every log-in page.
    browser.set_touches(&authenticator, false).await?;
    let request = format!(
        "{}/authorize?client_id=shop&response_type=code&scope=openid&state=s&redirect_uri={}%2Fshop\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
        stage.karat.base,
        stage.exchange.replace(':', "%3A").replace('/', "%2F"),
    );
    browser.open(&request).await?;
    stage.type_log_in(&person.email, PASSWORD).await?;
    browser.click("consent-allow").await?;
    for _ in 0..100 {
        if browser.url().await?.as_str().starts_with(&format!("{}/shop", stage.exchange)) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let came = browser.url().await?;
    let code = came.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code.into_owned());
    let code = code.unwrap_or_else(|| panic!("no code at {came}"));
    let answer = reqwest::Client::builder()
        .tls_certs_only([])
        .no_proxy()
        .build()?
        .post(stage.karat.url("/token"))
        .basic_auth("shop", Some(secret.trim()))
        .form(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &format!("{}/shop", stage.exchange)),
            ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        ])
        .send()
        .await?;
    let told: serde_json::Value = serde_json::from_str(&answer.text().await?)?;
    assert!(told["id_token"].is_string(), "{told}");
    stage.browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn support_freezes_somebody_and_cannot_unfreeze() -> anyhow::Result<()> {
    let stage = Stage::set(Backends::SqliteAndMemory).await?;
    let browser = &stage.browser;
    let erika = stage.karat.person(ERIKA).await;
    let sam = stage.karat.person("sam@example.com").await;
    stage.karat.karat.grant_role(&Authority::operator(), sam.id, Role::Support, "").await?;
    browser.open(&format!("{}/admin", stage.karat.base)).await?;
    stage.type_log_in(&sam.email, PASSWORD).await?;
    // A password alone opens nothing: here a second factor is added first.
    browser.find("nav-security").await?;
    browser.open(&format!("{}/account/security/totp", stage.karat.base)).await?;
    let phone = AuthenticatorApp::typed(&browser.text("totp-secret").await?);
    browser.fill("code", &phone.code(stage.karat.clock_now(), 0)).await?;
    browser.click("totp-add").await?;
    browser.find("recovery-make").await?;
    browser.open(&format!("{}/admin/people", stage.karat.base)).await?;
    browser.fill("find", ERIKA).await?;
    browser.click("find-submit").await?;
    browser.fill("freeze_reason", "Called in: the phone was stolen.").await?;
    browser.picture("admin-person-support").await?;
    browser.click("freeze-submit").await?;
    browser.find("cannot-unfreeze").await?;
    browser.picture("admin-person-frozen").await?;
    assert!(!browser.shows("unfreeze-submit").await?);
    assert!(stage.karat.karat.store.user(erika.id).await?.is_some_and(|user| user.is_locked()));
    stage.browser.close().await
}
