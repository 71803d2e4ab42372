//! Apache httpd with mod_auth_openidc: a full log-in and log-out in Chromium, and a back-channel logout.

use karat::domain::client::{Client, LogoutRules};
use karat::domain::redirect_uri::{ApplicationType, RedirectUri};
use karat::jobs::Jobs;

use crate::chromium::Chromium;
use crate::httpd::Reserved;
use crate::support::app::{SECRET, web_client};
use crate::support::{Backends, PASSWORD, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn apache_logs_a_person_in_and_out() -> anyhow::Result<()> {
    let place = Reserved::new()?;
    let outgoing = format!("[outgoing]\nallow = [\"{}\"]\n", place.host());
    let karat = TestApp::today(Backends::SqliteAndMemory, &outgoing).await;
    let _jobs = Jobs::start(&karat.karat, &karat.config)?;
    let person = karat.person("erika@example.com").await;
    let uri = |text: String| RedirectUri::register(&text, ApplicationType::Web);
    karat
        .add_client(&Client {
            redirect_uris: vec![uri(place.redirect_uri())?],
            post_logout_redirect_uris: vec![uri(place.post_logout_redirect_uri())?],
            logout: LogoutRules { backchannel_uri: Some(place.backchannel_logout_uri()), ..LogoutRules::default() },
            require_pkce: true,
            ..web_client("apache")
        })
        .await;
    let httpd = place.start(&karat.base, "apache", SECRET).await?;
    let browser = Chromium::start().await?;
    let story = async {
        let protected = format!("{}/protected/", httpd.base_url());
        browser.open(&protected).await?;
        browser.fill("email", &person.email).await?;
        browser.fill("password", PASSWORD).await?;
        browser.click("login-submit").await?;
        browser.click("consent-allow").await?;
        browser.expect("email", &person.email).await?;
        browser.expect("name", "Erika Mustermann").await?;
        browser.expect("issuer", &karat.base).await?;
        browser.expect("remote-user", &person.id.to_string()).await?;

        browser.click("logout").await?;
        browser.expect("bye", "Good bye").await?;
        browser.open(&protected).await?;
        browser.fill("email", &person.email).await?;
        browser.fill("password", PASSWORD).await?;
        browser.click("login-submit").await?;
        browser.find("remote-user").await?;

        // Logged out elsewhere: Karat tells Apache by back-channel, and its session is over too.
        browser.open(&karat.url("/logout")).await?;
        browser.click("logout-confirm").await?;
        browser.find("login-link").await?;
        for _ in 0..100 {
            browser.open(&protected).await?;
            if browser.shows("login-submit").await? {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        anyhow::bail!("Apache has not heard of the log-out")
    };
    story.await.map_err(|error: anyhow::Error| error.context(httpd.log()))?;
    browser.close().await
}
