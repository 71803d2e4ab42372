//! Apache httpd with mod_auth_openidc: a full log-in and log-out in Chromium.

use karat::domain::client::{Client, LogoutRules};
use karat::domain::redirect_uri::{ApplicationType, RedirectUri};

use crate::chromium::Chromium;
use crate::httpd::Reserved;
use crate::support::app::{SECRET, web_client};
use crate::support::{Backends, PASSWORD, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn apache_logs_a_person_in_and_out() -> anyhow::Result<()> {
    let karat = TestApp::today(Backends::SqliteAndMemory, "").await;
    let person = karat.person("erika@example.com").await;
    let place = Reserved::new()?;
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
        browser.find("login-submit").await?;
        Ok(())
    };
    story.await.map_err(|error: anyhow::Error| error.context(httpd.log()))?;
    browser.close().await
}
