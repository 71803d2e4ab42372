//! The demo apps and the desk as people see them, with a provider that says yes to everything.

use std::sync::Arc;

use karat::crypto::clock::Clock;
use karat::demo::desk::{self, DemoMail, DeskSettings, MailsFuture, Outbox, Place};
use karat::demo::trading::{self, TradingSettings};
use karat::demo::wallet::{self, WalletSettings};
use serde_json::json;
use tokio::net::TcpListener;

use crate::chromium::Chromium;
use crate::fake_provider::FakeProvider;

async fn listener() -> anyhow::Result<(TcpListener, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://localhost:{}", listener.local_addr()?.port());
    Ok((listener, url))
}

#[tokio::test(flavor = "multi_thread")]
async fn both_apps_log_in_side_by_side_and_hear_of_a_logout() -> anyhow::Result<()> {
    let provider = FakeProvider::start().await?;
    let (on, exchange) = listener().await?;
    let _exchange = trading::start(TradingSettings {
        listener: on,
        base_url: exchange.parse()?,
        issuer: provider.issuer().to_owned(),
        client_id: "trading".to_owned(),
        client_secret: "s3cret".to_owned(),
        clock: Clock::system(),
    })?;
    let (on, purse) = listener().await?;
    let _purse = wallet::start(WalletSettings {
        listener: on,
        base_url: purse.parse()?,
        issuer: provider.issuer().to_owned(),
        client_id: "wallet".to_owned(),
        clock: Clock::system(),
    })?;

    let browser = Chromium::start().await?;
    for (name, app) in [("trading", &exchange), ("wallet", &purse)] {
        browser.open(app).await?;
        browser.picture(&format!("{name}-landing")).await?;
        browser.click("login").await?;
        browser.expect("person-sub", "person-1").await?;
        browser.click("userinfo").await?;
        browser.expect("greeting", "Theo").await?;
        browser.expect("person-name", "Theo Maximilian Trader").await?;
        browser.picture(&format!("{name}-signed-in")).await?;
    }
    browser.open(&exchange).await?;
    assert_eq!(browser.text("person-sub").await?, "person-1", "the apps' cookies do not get in each other's way");

    let token = provider.logout_token("wallet", Clock::system().now().unix(), json!({}));
    let answer = reqwest::Client::new().post(format!("{purse}/backchannel-logout")).form(&[("logout_token", token)]);
    assert_eq!(answer.send().await?.status(), 200);
    browser.open(&purse).await?;
    browser.expect("signed-out-notice", "You were logged out by Karat").await?;
    browser.picture("wallet-logged-out").await?;

    browser.open(&exchange).await?;
    browser.click("logout").await?;
    browser.expect("logged-out-notice", "You are logged out here").await?;
    provider.memory(|memory| memory.refuse_with = Some("access_denied"));
    browser.click("login").await?;
    browser.expect("problem-notice", "You did not allow it").await?;
    browser.picture("trading-refused").await?;
    browser.close().await
}

struct TwoMails;

impl Outbox for TwoMails {
    fn mails(&self) -> MailsFuture<'_> {
        let mail = |id: &str, subject: &str, html: Option<&str>| DemoMail {
            id: id.to_owned(),
            to: "nora@example.com".to_owned(),
            subject: subject.to_owned(),
            text: "Hello <b>Nora</b>,\n\nyour code is 123 456.\nOr open http://localhost:1/verify?t=abc.\n".to_owned(),
            html: html.map(str::to_owned),
            sent_at: Clock::system().now(),
        };
        let html = "<p>Your code is <b>123 456</b></p><script>document.title='ran'</script>";
        Box::pin(
            async move { Ok(vec![mail("m2", "Verify your address", Some(html)), mail("m1", "Welcome & hello", None)]) },
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_shows_people_and_mails() -> anyhow::Result<()> {
    let (on, base) = listener().await?;
    let place = |name: &str, about: &str| Place { name: name.to_owned(), url: base.clone(), about: about.to_owned() };
    let _desk = desk::start(
        on,
        DeskSettings {
            base_url: base.parse()?,
            places: vec![place("Karat", "The identity provider"), place(trading::NAME, "A trading app")],
            people: karat::demo::people(),
            outbox: Arc::new(TwoMails),
            clock: Clock::system(),
        },
    )?;
    let browser = Chromium::start().await?;
    browser.open(&base).await?;
    assert!(browser.body().await?.contains("theo@example.com"));
    browser.picture("desk").await?;
    browser.click("mails").await?;
    browser.expect("outbox", "Welcome & hello").await?;
    browser.picture("desk-mails").await?;
    browser.open(&format!("{base}/mails/m2")).await?;
    let text = browser.text("mail-text").await?;
    assert!(text.contains("Hello <b>Nora</b>"), "text is text: {text}");
    let link = browser.driver().find(thirtyfour::By::Css("#mail-text a")).await?;
    assert_eq!(link.attr("href").await?.as_deref(), Some("http://localhost:1/verify?t=abc"));
    browser.picture("desk-mail").await?;
    browser.driver().enter_frame(0).await?;
    assert!(browser.body().await?.contains("123 456"));
    browser.driver().enter_default_frame().await?;
    browser.open(&format!("{base}/mails/m2/html")).await?;
    assert_ne!(browser.driver().title().await?, "ran", "a mail runs no script");
    browser.close().await
}
