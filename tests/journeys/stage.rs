//! The stage of a journey: Karat on the wanted stores, the two demo apps registered with it, and a browser.

use std::sync::Arc;
use std::time::Duration;

use karat::cli::demo::KeptMails;
use karat::demo::desk::{self, DeskSettings};
use karat::demo::trading::{self, TradingSettings};
use karat::demo::wallet::{self, WalletSettings};
use karat::demo::{BACKCHANNEL_LOGOUT_PATH, EVENTS_PATH, POST_LOGOUT_PATH, REDIRECT_PATH, Running};
use karat::domain::client::{Client, ClientAuthentication, LogoutRules};
use karat::domain::redirect_uri::{ApplicationType, RedirectUri};
use karat::domain::scope::Scope;
use karat::jobs::Jobs;
use thirtyfour::By;
use tokio::net::TcpListener;

use crate::chromium::Chromium;
use crate::support::app::{SECRET, web_client};
use crate::support::{Backends, TestApp};

pub struct Stage {
    pub karat: TestApp,
    /// Base URL of the trading app.
    pub exchange: String,
    /// Base URL of the wallet app.
    pub wallet: String,
    /// Base URL of the desk, where Karat's mails end.
    pub desk: String,
    pub browser: Chromium,
    _apps: [Running; 3],
    _jobs: Jobs,
}

impl Stage {
    pub async fn set(backends: Backends) -> anyhow::Result<Self> {
        Self::set_with(backends, &[], "").await
    }

    /// `reachable` are further hosts on loopback that Karat may send to; `more` are sections of its configuration.
    pub async fn set_with(backends: Backends, reachable: &[String], more: &str) -> anyhow::Result<Self> {
        let (exchange_listener, exchange, exchange_host) = listen().await?;
        let (wallet_listener, wallet, wallet_host) = listen().await?;
        let (desk_listener, desk, _) = listen().await?;
        // Karat tells the apps of log-outs, and sends nothing to loopback unless it is told to.
        let hosts: Vec<&String> = [&exchange_host, &wallet_host].into_iter().chain(reachable).collect();
        let karat =
            TestApp::today(backends, &format!("[holds]\nfirst_factor = \"0s\"\n[outgoing]\nallow = {hosts:?}\n{more}"))
                .await;
        karat.add_client(&of_app(web_client("exchange"), &exchange)?).await;
        let audience = vec![wallet.clone()];
        let public = Client { authentication: ClientAuthentication::None, audience, ..web_client("wallet") };
        karat.add_client(&of_app(public, &wallet)?).await;
        let apps = [
            trading::start(TradingSettings {
                listener: exchange_listener,
                base_url: exchange.parse()?,
                issuer: karat.base.clone(),
                client_id: "exchange".to_owned(),
                client_secret: SECRET.to_owned(),
                clock: karat.karat.clock.clone(),
            })?,
            wallet::start(WalletSettings {
                listener: wallet_listener,
                base_url: wallet.parse()?,
                issuer: karat.base.clone(),
                client_id: "wallet".to_owned(),
                clock: karat.karat.clock.clone(),
            })?,
            desk::start(
                desk_listener,
                DeskSettings {
                    base_url: desk.parse()?,
                    places: Vec::new(),
                    people: Vec::new(),
                    outbox: Arc::new(KeptMails(karat.karat.clone())),
                    clock: karat.karat.clock.clone(),
                },
            )?,
        ];
        let jobs = Jobs::start(&karat.karat, &karat.config)?;
        Ok(Self { karat, exchange, wallet, desk, browser: Chromium::start().await?, _apps: apps, _jobs: jobs })
    }
}

/// The demo apps' pages, and Karat's, as people use them.
impl Stage {
    /// Types address and password into Karat's log-in page, which the browser shows.
    pub async fn type_log_in(&self, email: &str, password: &str) -> anyhow::Result<()> {
        self.browser.fill("email", email).await?;
        self.browser.fill("password", password).await?;
        self.browser.click("login-submit").await
    }

    /// Opens the newest mail to that address on the desk, as soon as there is one.
    pub async fn open_mail_to(&self, address: &str) -> anyhow::Result<()> {
        let link = By::Css(format!("#outbox a[data-to='{address}']"));
        for _ in 0..100 {
            self.browser.open(&format!("{}/mails", self.desk)).await?;
            if let Some(mail) = self.browser.driver().find_all(link.clone()).await?.first() {
                return Ok(mail.click().await?);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("no mail to {address}")
    }
}

fn of_app(client: Client, base: &str) -> anyhow::Result<Client> {
    let uri = |path: &str| RedirectUri::register(&format!("{base}{path}"), ApplicationType::Web);
    Ok(Client {
        redirect_uris: vec![uri(REDIRECT_PATH)?],
        post_logout_redirect_uris: vec![uri(POST_LOGOUT_PATH)?],
        require_pkce: true,
        scope: Scope::of(client.scope.iter().chain(["trade:spot", "wallet:withdraw"])),
        events_uri: Some(format!("{base}{EVENTS_PATH}")),
        logout: LogoutRules {
            backchannel_uri: Some(format!("{base}{BACKCHANNEL_LOGOUT_PATH}")),
            ..LogoutRules::default()
        },
        ..client
    })
}

async fn listen() -> anyhow::Result<(TcpListener, String, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let host = format!("localhost:{}", listener.local_addr()?.port());
    Ok((listener, format!("http://{host}"), host))
}
