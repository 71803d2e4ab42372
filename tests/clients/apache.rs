//! Apache httpd with mod_auth_openidc: a full log-in and log-out in Chromium.

use crate::chromium::Chromium;
use crate::httpd::Reserved;
use crate::karat_server::{Home, RunningKarat, TestClient};

const SECRET: &str = "a-secret-of-apache-that-nobody-guesses";

#[tokio::test(flavor = "multi_thread")]
async fn apache_logs_a_person_in_and_out() -> anyhow::Result<()> {
    let karat = RunningKarat::start(Home::SqliteAndMemory).await?;
    let theo = &karat::demo::people()[0];
    karat.add_person(theo).await?;
    let place = Reserved::new()?;
    let redirect_uri = place.redirect_uri();
    karat
        .add_client(TestClient {
            id: "apache",
            secret: Some(SECRET),
            redirect_uri: &redirect_uri,
            post_logout_redirect_uri: &place.post_logout_redirect_uri(),
            backchannel_logout_uri: Some(&place.backchannel_logout_uri()),
        })
        .await?;
    let httpd = place.start(karat.issuer(), "apache", SECRET).await?;
    let browser = Chromium::start().await?;
    let story = async {
        browser.open(&format!("{}/protected/", httpd.base_url())).await?;
        browser.fill("email", theo.email).await?;
        browser.fill("password", theo.password).await?;
        browser.click("login-submit").await?;
        browser.click("consent-allow").await?;
        browser.expect("email", theo.email).await?;
        browser.expect("name", theo.name).await?;
        browser.expect("issuer", karat.issuer()).await?;
        assert!(!browser.text("remote-user").await?.is_empty());

        browser.click("logout").await?;
        browser.expect("bye", "Good bye").await?;
        browser.open(&format!("{}/protected/", httpd.base_url())).await?;
        browser.find("login-submit").await?;
        Ok(())
    };
    story.await.map_err(|error: anyhow::Error| error.context(httpd.log()))?;
    browser.close().await
}
