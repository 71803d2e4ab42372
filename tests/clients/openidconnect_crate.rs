//! The crate `openidconnect`, as our demo apps use it, against Karat: each algorithm, with a secret and without.

use karat::demo::trading::{self, TradingSettings};
use karat::demo::wallet::{self, WalletSettings};
use karat::demo::{POST_LOGOUT_PATH, REDIRECT_PATH, Running};
use karat::domain::client::{Client, ClientAuthentication};
use karat::domain::jose::Algorithm;
use karat::domain::redirect_uri::{ApplicationType, RedirectUri};

use crate::support::app::{SECRET, web_client};
use crate::support::{Backends, Browser, PASSWORD, Page, TestApp};

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];

#[tokio::test]
async fn a_confidential_client_with_each_algorithm() -> anyhow::Result<()> {
    for algorithm in ALGORITHMS {
        let karat = TestApp::today(Backends::SqliteAndMemory, "").await;
        let (listener, base) = listen().await?;
        let client = Client { id_token_alg: algorithm, ..of_app(web_client("app"), &base)? };
        karat.add_client(&client).await;
        let running = trading::start(TradingSettings {
            listener,
            base_url: base.parse()?,
            issuer: karat.base.clone(),
            client_id: "app".to_owned(),
            client_secret: SECRET.to_owned(),
            clock: karat.karat.clock.clone(),
        })?;
        from_log_in_to_log_out(&karat, &base, running).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_public_client_with_each_algorithm() -> anyhow::Result<()> {
    for algorithm in ALGORITHMS {
        let karat = TestApp::today(Backends::SqliteAndMemory, "").await;
        let (listener, base) = listen().await?;
        let public = Client { authentication: ClientAuthentication::None, require_pkce: true, ..web_client("app") };
        let client = Client { id_token_alg: algorithm, ..of_app(public, &base)? };
        karat.add_client(&client).await;
        let running = wallet::start(WalletSettings {
            listener,
            base_url: base.parse()?,
            issuer: karat.base.clone(),
            client_id: "app".to_owned(),
            clock: karat.karat.clock.clone(),
        })?;
        from_log_in_to_log_out(&karat, &base, running).await?;
    }
    Ok(())
}

async fn from_log_in_to_log_out(karat: &TestApp, base: &str, _running: Running) -> anyhow::Result<()> {
    let person = karat.person("erika@example.com").await;
    let (app, provider) = (Browser::new(base), Browser::new(&karat.base));
    let page = log_in(karat, &app, &provider, &person.email).await;
    assert!(page.body.contains(&person.id.to_string()), "{}", page.text());

    let page = app.post("/userinfo", &[]).await;
    assert!(page.text().contains("Erika Mustermann"), "{}", page.text());
    // Twice: the second refresh uses what the first one brought.
    for _ in 0..2 {
        let page = app.post("/refresh", &[]).await;
        assert!(page.body.contains("done-notice"), "{}", page.text());
    }

    let left = app.post("/logout", &[]).await;
    let back = provider.get(path_at(&karat.base, &left.url)).await;
    assert!(back.url.starts_with(&format!("{base}{POST_LOGOUT_PATH}?state=")), "{}", back.url);
    let page = app.get(path_at(base, &back.url)).await;
    assert!(page.body.contains("logged-out-notice"), "{}", page.text());
    Ok(())
}

async fn log_in(karat: &TestApp, app: &Browser, provider: &Browser, email: &str) -> Page {
    let left = app.get("/login").await;
    let login = provider.get(path_at(&karat.base, &left.url)).await;
    let consent = provider.submit(&login, &[("email", email), ("password", PASSWORD)]).await;
    let back = provider.submit(&consent, &[("decision", "allow")]).await;
    let callback = back.url.find(REDIRECT_PATH).map(|at| &back.url[at..]);
    app.get(callback.unwrap_or_else(|| panic!("not at the callback but at {}: {}", back.url, back.text()))).await
}

fn path_at<'a>(base: &str, url: &'a str) -> &'a str {
    url.strip_prefix(base).unwrap_or_else(|| panic!("{url} is not at {base}"))
}

fn of_app(client: Client, base: &str) -> anyhow::Result<Client> {
    let uri = |path: &str| RedirectUri::register(&format!("{base}{path}"), ApplicationType::Web);
    Ok(Client {
        redirect_uris: vec![uri(REDIRECT_PATH)?],
        post_logout_redirect_uris: vec![uri(POST_LOGOUT_PATH)?],
        ..client
    })
}

async fn listen() -> anyhow::Result<(tokio::net::TcpListener, String)> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://localhost:{}", listener.local_addr()?.port());
    Ok((listener, base))
}
