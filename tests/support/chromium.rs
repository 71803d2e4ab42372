//! A private headless Chromium, driven through Debian's chromedriver by `thirtyfour`.
//!
//! Each [`Chromium`] is a fresh profile with its own driver process; both end with it. Set `KARAT_PICTURES` to a
//! folder, and [`Chromium::picture`] fills it with what the pages look like.

#![allow(dead_code)] // each test binary uses its part

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use thirtyfour::ChromeCapabilities;
use thirtyfour::components::SelectElement;
use thirtyfour::prelude::*;

use crate::folder::Folder;

/// How long a page may take to show what a journey waits for.
const PATIENCE: Duration = Duration::from_secs(15);

pub struct Chromium {
    driver: WebDriver,
    // Declared after the driver, so that the session is closed before its process ends.
    _process: Process,
    _profile: Folder,
}

impl Chromium {
    pub async fn start() -> anyhow::Result<Self> {
        let profile = Folder::fresh()?;
        let (process, port) = Process::start()?;
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set_binary("/usr/bin/chromium")?;
        let profile_flag = format!("--user-data-dir={}", profile.path().display());
        for flag in FLAGS.iter().copied().chain([profile_flag.as_str()]) {
            wanted.add_arg(flag)?;
        }
        let driver = connect(port, wanted).await?;
        Ok(Self { driver, _process: process, _profile: profile })
    }

    pub async fn open(&self, url: &str) -> anyhow::Result<()> {
        self.driver.goto(url).await.with_context(|| format!("opening {url}"))
    }

    /// The element with that id, as soon as it is there; else what the page says instead.
    pub async fn find(&self, id: &str) -> anyhow::Result<WebElement> {
        match self.driver.query(By::Id(id)).wait(PATIENCE, Duration::from_millis(50)).first().await {
            Ok(element) => Ok(element),
            Err(_) => anyhow::bail!("no #{id} on {}", self.describe().await),
        }
    }

    /// Whether an element with that id is there now.
    pub async fn shows(&self, id: &str) -> anyhow::Result<bool> {
        Ok(!self.driver.find_all(By::Id(id)).await?.is_empty())
    }

    pub async fn click(&self, id: &str) -> anyhow::Result<()> {
        let element = self.find(id).await?;
        element.scroll_into_view().await?;
        element.click().await.with_context(|| format!("clicking #{id}"))
    }

    pub async fn fill(&self, id: &str, text: &str) -> anyhow::Result<()> {
        let field = self.find(id).await?;
        field.clear().await?;
        field.send_keys(text).await.with_context(|| format!("typing into #{id}"))
    }

    /// Picks the option of that value from the list with that id.
    pub async fn choose(&self, id: &str, value: &str) -> anyhow::Result<()> {
        let list = SelectElement::new(&self.find(id).await?).await?;
        list.select_by_value(value).await.with_context(|| format!("choosing {value} in #{id}"))
    }

    /// Fills a field for a date, `day` being `YYYY-MM-DD`. The browser's language is American, and so is the order of the keys.
    pub async fn fill_date(&self, id: &str, day: &str) -> anyhow::Result<()> {
        let (year, rest) = day.split_once('-').with_context(|| format!("{day} is no date"))?;
        let field = self.find(id).await?;
        field.send_keys(format!("{}{year}", rest.replace('-', ""))).await?;
        let filled = field.prop("value").await?.unwrap_or_default();
        anyhow::ensure!(filled == day, "#{id} holds {filled:?} instead of {day}");
        Ok(())
    }

    /// Chooses a file of the machine, as its dialog does.
    pub async fn choose_file(&self, id: &str, file: &Path) -> anyhow::Result<()> {
        let path = file.display().to_string();
        self.find(id).await?.send_keys(path).await.with_context(|| format!("choosing a file for #{id}"))
    }

    pub async fn text(&self, id: &str) -> anyhow::Result<String> {
        Ok(self.find(id).await?.text().await?)
    }

    /// Waits until the element with that id says so. For what a click brings: the page before may still be there.
    pub async fn expect(&self, id: &str, text: &str) -> anyhow::Result<()> {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            // An element may go away between being found and being read: then the next look finds its successor.
            let said = match self.driver.find(By::Id(id)).await {
                Ok(element) => element.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if said.contains(text) {
                return Ok(());
            }
            if tokio::time::Instant::now() > until {
                anyhow::bail!("#{id} does not say {text:?} on {}", self.describe().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the page that is open has no element with that id any more. Nothing is loaded again from here.
    pub async fn expect_gone(&self, id: &str) -> anyhow::Result<()> {
        let until = tokio::time::Instant::now() + PATIENCE;
        while self.shows(id).await? {
            if tokio::time::Instant::now() > until {
                anyhow::bail!("#{id} does not go from {}", self.describe().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Waits until the element with that id does not say so any more.
    pub async fn expect_other(&self, id: &str, text: &str) -> anyhow::Result<()> {
        let until = tokio::time::Instant::now() + PATIENCE;
        while self.text(id).await?.contains(text) {
            if tokio::time::Instant::now() > until {
                anyhow::bail!("#{id} goes on saying {text:?} on {}", self.describe().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Like [`Self::expect`], loading the page again and again: for what others do to it meanwhile.
    pub async fn expect_reloading(&self, id: &str, text: &str) -> anyhow::Result<()> {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            self.reload().await?;
            let found = self.driver.find_all(By::Id(id)).await?;
            if let Some(element) = found.first()
                && element.text().await.unwrap_or_default().contains(text)
            {
                return Ok(());
            }
            if tokio::time::Instant::now() > until {
                anyhow::bail!("#{id} does not come to say {text:?} on {}", self.describe().await);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    pub async fn body(&self) -> anyhow::Result<String> {
        Ok(self.driver.find(By::Tag("body")).await?.text().await?)
    }

    pub async fn url(&self) -> anyhow::Result<url::Url> {
        Ok(self.driver.current_url().await?)
    }

    pub async fn reload(&self) -> anyhow::Result<()> {
        Ok(self.driver.refresh().await?)
    }

    /// Gives the browser an authenticator, as a phone or laptop has one built in: it verifies its user and says yes at once.
    /// Answers its id.
    pub async fn add_authenticator(&self) -> anyhow::Result<String> {
        let cdp = self.driver.cdp();
        cdp.send_raw("WebAuthn.enable", json!({ "enableUI": false })).await?;
        let options = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
            "isUserVerified": true, "automaticPresenceSimulation": true,
        });
        let made = cdp.send_raw("WebAuthn.addVirtualAuthenticator", json!({ "options": options })).await?;
        Ok(made["authenticatorId"].as_str().context("no authenticator")?.to_owned())
    }

    /// From now on the finger is the right one, or a wrong one.
    pub async fn set_user_verified(&self, authenticator: &str, verified: bool) -> anyhow::Result<()> {
        let fields = json!({ "authenticatorId": authenticator, "isUserVerified": verified });
        self.driver.cdp().send_raw("WebAuthn.setUserVerified", fields).await?;
        Ok(())
    }

    /// Whether the person touches the authenticator when it is asked.
    pub async fn set_touches(&self, authenticator: &str, touches: bool) -> anyhow::Result<()> {
        let fields = json!({ "authenticatorId": authenticator, "enabled": touches });
        self.driver.cdp().send_raw("WebAuthn.setAutomaticPresenceSimulation", fields).await?;
        Ok(())
    }

    pub async fn passkeys_of(&self, authenticator: &str) -> anyhow::Result<Vec<serde_json::Value>> {
        let fields = json!({ "authenticatorId": authenticator });
        let found = self.driver.cdp().send_raw("WebAuthn.getCredentials", fields).await?;
        Ok(found["credentials"].as_array().cloned().unwrap_or_default())
    }

    /// Forgets who is logged in where, as a new day does.
    pub async fn forget_cookies(&self) -> anyhow::Result<()> {
        self.driver.cdp().send_raw("Network.clearBrowserCookies", json!({})).await?;
        Ok(())
    }

    /// For what the shorthands above do not cover.
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Saves the page on phone and desk, light and dark, as `<name>-<width>-<scheme>.png`, when pictures are wanted.
    pub async fn picture(&self, name: &str) -> anyhow::Result<()> {
        let Some(folder) = std::env::var_os("KARAT_PICTURES").map(PathBuf::from) else { return Ok(()) };
        let cdp = self.driver.cdp();
        for scheme in ["light", "dark"] {
            let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
            cdp.send_raw("Emulation.setEmulatedMedia", media).await?;
            for width in [390, 1280] {
                let size = json!({ "width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500 });
                cdp.send_raw("Emulation.setDeviceMetricsOverride", size).await?;
                let height = self.driver.execute("return document.documentElement.scrollHeight", vec![]).await?;
                let height = height.json().as_i64().unwrap_or(844).clamp(400, 8000);
                let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
                cdp.send_raw("Emulation.setDeviceMetricsOverride", size).await?;
                self.driver.screenshot(&folder.join(format!("{name}-{width}-{scheme}.png"))).await?;
            }
        }
        cdp.send_raw("Emulation.setEmulatedMedia", json!({ "features": [] })).await?;
        cdp.send_raw("Emulation.clearDeviceMetricsOverride", json!({})).await?;
        Ok(())
    }

    /// Closes the browser; dropping it does the same, less politely.
    pub async fn close(self) -> anyhow::Result<()> {
        Ok(self.driver.clone().quit().await?)
    }

    async fn describe(&self) -> String {
        let url = self.url().await.map(|url| url.to_string()).unwrap_or_default();
        let text: String = self.body().await.unwrap_or_default().chars().take(600).collect();
        format!("{url}, which says:\n{text}")
    }
}

const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-features=PasswordLeakDetection,OptimizationHints,MediaRouter,Translate",
    "--password-store=basic",
    "--lang=en-US",
    "--window-size=1280,900",
];

async fn connect(port: u16, wanted: ChromeCapabilities) -> anyhow::Result<WebDriver> {
    let mut last = None;
    for _ in 0..100 {
        match WebDriver::new(format!("http://127.0.0.1:{port}"), wanted.clone()).await {
            Ok(driver) => return Ok(driver),
            Err(error) => last = Some(error),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(anyhow::anyhow!("chromedriver does not answer: {last:?}"))
}

/// The driver process, in a process group of its own; the whole group ends with this.
struct Process(Child);

impl Process {
    fn start() -> anyhow::Result<(Self, u16)> {
        use std::os::unix::process::CommandExt as _;

        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .env("NO_PROXY", "*")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("chromedriver is not installed (Debian package chromium-driver)")?;
        Ok((Self(child), port))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}
