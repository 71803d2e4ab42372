//! No log line, no row and no key of the short-lived store holds what would let its reader in (OWASP ASVS 16.2.5, 14.2).

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use crate::common::{code_in, own_client};
use crate::person::{ask_for_reset, register, registered, try_log_in};
use crate::second_factor::codes_on;
use crate::support::app::SECRET;
use crate::support::mails::{self, link_in, newest_to};
use crate::support::{AuthenticatorApp, Backends, Browser, RelyingParty, TestApp};

/// What everything in this process has logged, in full detail of our own and of what speaks protocols and SQL for us.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn log() -> Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_env_filter("debug,karat=trace,hyper=info,hyper_util=info,h2=info,reqwest=info,rustls=info")
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .init();
        log
    })
    .clone()
}

/// A name for people and the secret itself.
type Canaries = Vec<(&'static str, String)>;

const PASSWORD: &str = "canary lantern 7 pigeon umbrella";
const NEW_PASSWORD: &str = "canary granite 9 velvet harbour";
const WRONG_PASSWORD: &str = "canary wrong 5 password typed";
const EMAIL: &str = "canary@example.com";

/// Registers, verifies, logs in, gets tokens, refreshes, introspects, logs out, resets; right and wrong.
async fn every_flow(app: &TestApp) -> Canaries {
    let mut canaries: Canaries = vec![
        ("the password", PASSWORD.to_owned()),
        ("the new password", NEW_PASSWORD.to_owned()),
        ("a wrong password", WRONG_PASSWORD.to_owned()),
        ("the client secret", SECRET.to_owned()),
    ];
    let rp = RelyingParty::register(app, own_client("app")).await;
    let browser = Browser::new(&app.base);
    let verify = register(&browser, EMAIL, PASSWORD).await;
    let mail = newest_to(app, EMAIL).await;
    let link = link_in(app, &mail, "/register/confirm?token=");
    canaries.push(("the verification link", link.split("token=").nth(1).unwrap().to_owned()));
    Browser::new(&app.base).get(&link).await;
    browser.submit(&verify, &[("code", &mails::code_in(&mail))]).await;
    canaries
        .push(("the registration's cookie", browser.cookie("karat_registration").unwrap_or_else(|| "-".repeat(43))));
    try_log_in(&browser, EMAIL, WRONG_PASSWORD).await;
    try_log_in(&browser, EMAIL, PASSWORD).await;
    for name in ["karat_session", "karat_browser", "karat_device"] {
        canaries.push(("a cookie", browser.cookie(name).unwrap()));
    }
    let phone = second_factors(app, &browser, &mut canaries).await;
    let code = code_in(&rp, &browser, "openid email offline_access").await;
    let unused = code_in(&rp, &browser, "openid").await;
    let tokens = rp.redeem(&code).await;
    let refreshed = rp.refresh(tokens.text("refresh_token")).await;
    for answer in [&tokens, &refreshed] {
        for name in ["access_token", "refresh_token", "id_token"] {
            canaries.push((name, answer.text(name).to_owned()));
            rp.introspect(answer.text(name)).await;
            rp.userinfo(answer.text(name)).await;
        }
    }
    canaries.push(("a code", code.clone()));
    canaries.push(("an unused code", unused));
    rp.redeem(&code).await;
    rp.refresh(tokens.text("refresh_token")).await;
    rp.revoke(refreshed.text("access_token")).await;
    let hint = tokens.text("id_token");
    browser.get(&format!("/logout?id_token_hint={hint}")).await;

    app.advance(3600);
    ask_for_reset(&browser, EMAIL).await;
    let link = link_in(app, &newest_to(app, EMAIL).await, "/password/reset?token=");
    canaries.push(("the reset link", link.split("token=").nth(1).unwrap().to_owned()));
    let page = browser.get(&link).await;
    browser.submit(&page, &[("new_password", NEW_PASSWORD)]).await;
    try_log_in(&browser, EMAIL, NEW_PASSWORD).await;
    let page = browser.get("/mfa").await;
    browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    canaries.push(("a cookie", browser.cookie("karat_session").unwrap()));
    let form = page.form().1.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
    canaries.push(("a form token", form));
    // What is wrong is not written down either.
    browser.get(&format!("/authorize/{}", "C".repeat(43))).await;
    canaries.push(("an id of an interaction", "C".repeat(43)));
    canaries
}

/// Adds an authenticator app and recovery codes, guesses wrong, and shows right ones.
async fn second_factors(app: &TestApp, browser: &Browser, canaries: &mut Canaries) -> AuthenticatorApp {
    let page = browser.get("/account/security/totp").await;
    let phone = AuthenticatorApp::scan(&page);
    let seed = phone.seed().to_owned();
    let groups: Vec<&str> = seed.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap()).collect();
    canaries.push(("the secret of an app in groups", groups.join(" ")));
    canaries.push(("the secret of an app", seed));
    browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    let page = browser.get("/account/security/recovery-codes").await;
    let codes = codes_on(&browser.submit(&page, &[]).await);
    let wrong = "zzzzz-y0y0y";
    for code in codes.iter().map(String::as_str).chain([wrong]) {
        canaries.push(("a recovery code", code.to_owned()));
        canaries.push(("a recovery code as it is compared", code.replace('-', "")));
    }
    let page = browser.get("/mfa/recovery?next=security").await;
    browser.submit(&page, &[("code", wrong)]).await;
    browser.submit(&page, &[("code", &codes[0])]).await;
    app.advance(60);
    let page = browser.get("/mfa/totp?next=security").await;
    browser.submit(&page, &[("code", "000000")]).await;
    let right = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(right.path(), "/account/security", "{}", right.text());
    for name in ["karat_session", "karat_device"] {
        canaries.push(("a cookie", browser.cookie(name).unwrap()));
    }
    phone
}

fn assert_absent(haystack: &[u8], canaries: &Canaries, place: &str) {
    for (what, canary) in canaries {
        let needles = [canary.clone(), canary.replace(' ', "+"), canary.replace(' ', "%20")];
        for needle in needles {
            let found = haystack.windows(needle.len()).position(|window| window == needle.as_bytes());
            if let Some(at) = found {
                let around = &haystack[at.saturating_sub(200)..(at + 60).min(haystack.len())];
                panic!("{what} is in {place}: {}", String::from_utf8_lossy(around));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_log_nor_the_database_file_holds_a_secret() {
    let log = log();
    let app = TestApp::start().await;
    let canaries = every_flow(&app).await;
    let logged = log.0.lock().unwrap().clone();
    let text = String::from_utf8_lossy(&logged);
    assert!(text.contains("/token") && text.contains("answered"), "the log was listened to: {}", text.len());
    assert_absent(&logged, &canaries, "the log");
    assert!(!text.contains("otpauth"), "the address for apps is in the log");

    let folder = app.database().folder();
    let mut stored = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        stored.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    assert!(stored.windows(EMAIL.len()).any(|window| window == EMAIL.as_bytes()), "the right file was read");
    assert_absent(&stored, &canaries, "the database");
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_postgres_nor_redis_holds_a_secret() {
    use redis::AsyncCommands;
    use sqlx::Row;
    let app = TestApp::on(Backends::PostgresAndRedis).await;
    let canaries = every_flow(&app).await;
    let mut connection = app.database().postgres_connection().await;
    let tables = sqlx::query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'");
    let tables: Vec<String> = tables.fetch_all(&mut connection).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert!(tables.len() > 10, "{tables:?}");
    let mut dump = Vec::new();
    for table in &tables {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT t::text FROM {table} t")))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        for row in rows {
            dump.extend(row.get::<String, _>(0).into_bytes());
            dump.push(b'\n');
        }
    }
    assert!(dump.windows(EMAIL.len()).any(|window| window == EMAIL.as_bytes()));
    assert_absent(&dump, &canaries, "PostgreSQL");

    let client = redis::Client::open(crate::support::databases::redis_url()).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis.keys(format!("{}*", app.config.ephemeral.prefix)).await.unwrap();
    assert!(!keys.is_empty());
    let mut dump = keys.join("\n").into_bytes();
    for key in &keys {
        // Whatever shape it has.
        let serialised: Option<Vec<u8>> = redis::cmd("DUMP").arg(key).query_async(&mut redis).await.unwrap();
        dump.extend(serialised.unwrap_or_default());
    }
    assert_absent(&dump, &canaries, "Redis");
}

#[tokio::test(flavor = "multi_thread")]
async fn personal_data_is_sealed_in_the_database() {
    let app = TestApp::start().await;
    app.person("sealed@example.com").await;
    let mut stored = Vec::new();
    for entry in std::fs::read_dir(app.database().folder()).unwrap() {
        stored.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    for attribute in ["Mustermann", "+4915112345678", "Heidestrasse", "1984-01-26"] {
        let found = stored.windows(attribute.len()).any(|window| window == attribute.as_bytes());
        assert!(!found, "{attribute} stands in the clear");
    }
    assert!(stored.windows(18).any(|window| window == b"sealed@example.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sealing_key_is_not_beside_what_it_seals_for_everybody_to_read() {
    use std::os::unix::fs::PermissionsExt;
    let app = TestApp::start().await;
    let mode = std::fs::metadata(&app.config.keys.sealing_key_file).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    registered(&app, &Browser::new(&app.base), "anybody@example.com", PASSWORD).await;
}
