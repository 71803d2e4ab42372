//! `karat demo` as a stranger starts it: the program itself, its printed addresses and log-ins, stopped and started again.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;

use crate::chromium::Chromium;
use crate::folder::Folder;

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_logs_a_ready_made_person_in_and_remembers_after_a_restart() -> anyhow::Result<()> {
    let data = Folder::fresh()?;
    let port = four_free_ports()?;
    let [exchange, wallet, desk] = [1, 2, 3].map(|offset| format!("http://localhost:{}", port + offset));
    let mut demo = Demo::start(port, data.path()).await?;

    let browser = Chromium::start().await?;
    browser.open(&desk).await?;
    browser.picture("real-desk").await?;
    let desk_says = browser.body().await?;
    let theo = &karat::demo::people()[0];
    assert!(desk_says.contains(theo.password) && desk_says.contains(&exchange), "{desk_says}");

    browser.open(&exchange).await?;
    browser.click("login").await?;
    browser.fill("email", theo.email).await?;
    browser.fill("password", theo.password).await?;
    browser.picture("real-login").await?;
    browser.click("login-submit").await?;
    browser.find("consent-allow").await?;
    browser.picture("real-consent").await?;
    browser.click("consent-allow").await?;
    browser.click("userinfo").await?;
    browser.expect("greeting", "Theo").await?;
    let sub = browser.text("person-sub").await?;

    demo.stop().await?;
    let _demo = Demo::start(port, data.path()).await?;
    // The app kept nothing; Karat kept the account, the session and the consent: one click and no page in between.
    browser.open(&exchange).await?;
    browser.click("login").await?;
    browser.expect("person-sub", &sub).await?;
    browser.open(&wallet).await?;
    browser.click("login").await?;
    browser.click("consent-allow").await?;
    browser.expect("person-sub", &sub).await?;

    browser.open(&exchange).await?;
    browser.click("logout").await?;
    browser.find("login").await?;
    browser.open(&wallet).await?;
    browser.expect_reloading("signed-out-notice", "You were logged out by Karat").await?;
    browser.close().await
}

/// The running program; killed with this when it was not stopped.
struct Demo(Child);

impl Demo {
    async fn start(port: u16, data: &Path) -> anyhow::Result<Self> {
        let child = Command::new(env!("CARGO_BIN_EXE_karat"))
            .args(["demo", "--port", &port.to_string(), "--data"])
            .arg(data.join("demo"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("the program cannot be started")?;
        let mut demo = Self(child);
        let client = reqwest::Client::builder().no_proxy().build()?;
        let desk = format!("http://localhost:{}/", port + 3);
        for _ in 0..300 {
            if client.get(&desk).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(demo);
            }
            anyhow::ensure!(demo.0.try_wait()?.is_none(), "karat demo has ended");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("karat demo does not answer at {desk}")
    }

    /// As Ctrl-C in a terminal does, and it ends in good order.
    async fn stop(&mut self) -> anyhow::Result<()> {
        Command::new("kill").args(["-INT", &self.0.id().to_string()]).status()?;
        for _ in 0..300 {
            if let Some(status) = self.0.try_wait()? {
                anyhow::ensure!(status.success(), "karat demo ended with {status}");
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("karat demo does not stop")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The first of four neighbouring ports that nobody listens on.
fn four_free_ports() -> anyhow::Result<u16> {
    for _ in 0..100 {
        let first = TcpListener::bind("127.0.0.1:0")?;
        let port = first.local_addr()?.port();
        let free =
            |offset: u16| port.checked_add(offset).is_some_and(|port| TcpListener::bind(("127.0.0.1", port)).is_ok());
        if (1..=3).all(free) {
            return Ok(port);
        }
    }
    anyhow::bail!("no four neighbouring ports are free")
}
