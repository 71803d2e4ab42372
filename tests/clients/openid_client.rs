//! The certified npm library `openid-client`: its script plays the app and the person, this file judges.

use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::karat_server::{Home, RunningKarat, TestClient};

const REDIRECT_URI: &str = "http://localhost:9/callback";
const POST_LOGOUT: &str = "http://localhost:9/signed-out";
const SECRET: &str = "a-secret-of-openid-client-that-nobody-guesses";

#[tokio::test(flavor = "multi_thread")]
async fn openid_client_as_a_confidential_client() -> anyhow::Result<()> {
    let karat = RunningKarat::start(Home::SqliteAndMemory).await?;
    let found = run_script(&karat, Some(SECRET)).await?;
    judge(&found, &karat);
    let introspection = &found["introspection"];
    assert_eq!(introspection["active"], true, "{found:#}");
    assert_eq!(introspection["client_id"], "openid-client");
    assert_eq!(introspection["sub"], found["id_token"]["sub"]);
    assert_eq!(found["introspection_after_revocation"]["active"], false, "{found:#}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn openid_client_as_a_public_client() -> anyhow::Result<()> {
    let karat = RunningKarat::start(Home::SqliteAndMemory).await?;
    let found = run_script(&karat, None).await?;
    judge(&found, &karat);
    Ok(())
}

fn judge(found: &Value, karat: &RunningKarat) {
    let theo = &karat::demo::people()[0];
    let sub = &found["id_token"]["sub"];
    assert!(sub.is_string(), "{found:#}");
    assert_eq!(found["id_token"]["iss"], karat.issuer());
    assert_eq!(found["supports_pkce"], true);
    assert_eq!(found["userinfo"]["sub"], *sub);
    assert_eq!(found["userinfo"]["email"], theo.email);
    assert_eq!(found["userinfo"]["name"], theo.name);
    assert_eq!(found["refreshed"], json!({ "new_access_token": true, "new_refresh_token": true, "sub": sub }));
    assert_eq!(found["silent"]["sub"], *sub);
    assert_eq!(found["after_revocation"], "invalid_grant");
    assert_eq!(found["logout_state_returned"], true);
    assert_eq!(found["after_logout"], "login_required");
}

async fn run_script(karat: &RunningKarat, secret: Option<&str>) -> anyhow::Result<Value> {
    let theo = &karat::demo::people()[0];
    karat.add_person(theo).await?;
    karat
        .add_client(TestClient {
            id: "openid-client",
            secret,
            redirect_uri: REDIRECT_URI,
            post_logout_redirect_uri: POST_LOGOUT,
            backchannel_logout_uri: None,
        })
        .await?;
    let settings = json!({
        "issuer": karat.issuer(), "client_id": "openid-client", "client_secret": secret,
        "redirect_uri": REDIRECT_URI, "post_logout_redirect_uri": POST_LOGOUT,
        "email": theo.email, "password": theo.password,
    });
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    anyhow::ensure!(home.join("node_modules/openid-client").exists(), "run `npm --prefix tests/clients ci` first");
    let script = tokio::task::spawn_blocking(move || {
        std::process::Command::new("node")
            .arg(home.join("node/openid_client.mjs"))
            .arg(settings.to_string())
            .env("NO_PROXY", "*")
            .output()
    });
    let output = script.await?.context("node is not installed")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    anyhow::ensure!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_str(said.lines().last().unwrap_or_default())?)
}
