//! The certified npm library `openid-client`: its script plays the app and the person, this file judges.

use std::path::Path;

use anyhow::Context as _;
use karat::domain::client::{Client, ClientAuthentication};
use karat::domain::jose::Algorithm;
use karat::domain::redirect_uri::{ApplicationType, RedirectUri};
use serde_json::{Value, json};

use crate::support::app::{SECRET, web_client};
use crate::support::{Backends, PASSWORD, TestApp};

const REDIRECT_URI: &str = "http://localhost:9/callback";
const POST_LOGOUT: &str = "http://localhost:9/signed-out";

#[tokio::test(flavor = "multi_thread")]
async fn openid_client_as_a_confidential_client() -> anyhow::Result<()> {
    let karat = TestApp::today(Backends::SqliteAndMemory, "").await;
    let found = run_script(&karat, web_client("openid-client"), json!({ "client_secret": SECRET })).await?;
    judge(&found, &karat);
    judge_introspection(&found);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn openid_client_with_the_secret_in_the_body_and_es256() -> anyhow::Result<()> {
    let karat = TestApp::today(Backends::SqliteAndMemory, "").await;
    let ClientAuthentication::ClientSecretBasic { secret } = web_client("x").authentication else {
        anyhow::bail!("the tests' web client authenticates by client_secret_basic");
    };
    let client = Client {
        authentication: ClientAuthentication::ClientSecretPost { secret },
        id_token_alg: Algorithm::Es256,
        ..web_client("openid-client")
    };
    let settings = json!({ "client_secret": SECRET, "client_secret_post": true, "id_token_alg": "ES256" });
    let found = run_script(&karat, client, settings).await?;
    judge(&found, &karat);
    judge_introspection(&found);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn openid_client_as_a_public_client_and_eddsa() -> anyhow::Result<()> {
    let karat = TestApp::today(Backends::SqliteAndMemory, "").await;
    let client = Client {
        authentication: ClientAuthentication::None,
        require_pkce: true,
        id_token_alg: Algorithm::EdDsa,
        ..web_client("openid-client")
    };
    let found = run_script(&karat, client, json!({ "id_token_alg": "EdDSA" })).await?;
    judge(&found, &karat);
    Ok(())
}

fn judge(found: &Value, karat: &TestApp) {
    let sub = &found["id_token"]["sub"];
    assert!(sub.is_string(), "{found:#}");
    assert_eq!(found["id_token"]["iss"], karat.base);
    assert_eq!(found["supports_pkce"], true);
    assert_eq!(found["userinfo"]["sub"], *sub);
    assert_eq!(found["userinfo"]["email"], "erika@example.com");
    assert_eq!(found["userinfo"]["name"], "Erika Mustermann");
    assert_eq!(found["refreshed"], json!({ "new_access_token": true, "new_refresh_token": true, "sub": sub }));
    assert_eq!(found["silent"], json!({ "sub": sub, "auth_time": found["id_token"]["auth_time"] }));
    assert_eq!(found["after_revocation"], "invalid_grant");
    assert_eq!(found["logout_state_returned"], true);
    assert_eq!(found["after_logout"], "login_required");
}

fn judge_introspection(found: &Value) {
    let introspection = &found["introspection"];
    assert_eq!(introspection["active"], true, "{found:#}");
    assert_eq!(introspection["client_id"], "openid-client");
    assert_eq!(introspection["sub"], found["id_token"]["sub"]);
    assert_eq!(found["introspection_after_revocation"], json!({ "active": false }));
}

/// Registers the client and a person, runs the script with these and the `more` settings, gives what it found.
async fn run_script(karat: &TestApp, client: Client, more: Value) -> anyhow::Result<Value> {
    let person = karat.person("erika@example.com").await;
    let uri = |text| RedirectUri::register(text, ApplicationType::Web);
    let client = Client {
        redirect_uris: vec![uri(REDIRECT_URI)?],
        post_logout_redirect_uris: vec![uri(POST_LOGOUT)?],
        ..client
    };
    karat.add_client(&client).await;
    let mut settings = json!({
        "issuer": karat.base, "client_id": client.id, "redirect_uri": REDIRECT_URI,
        "post_logout_redirect_uri": POST_LOGOUT, "email": person.email, "password": PASSWORD,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        settings[name] = value.clone();
    }
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
