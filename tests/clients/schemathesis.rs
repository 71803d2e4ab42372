//! The fuzzer `schemathesis` against the admin API: no fault, nothing that the description does not tell, nothing taken that it does not
//! allow, as a service with every scope and as a person with every role.

use std::path::Path;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use karat::domain::role::Role;
use karat::domain::time::Seconds;

use crate::support::api::{Api, person, service};
use crate::support::app::web_client;
use crate::support::{Backends, TestApp};

const SCOPES: &str =
    "karat:clients karat:people karat:kyc.read karat:policy karat:audit.read karat:system karat:webhooks";
/// Of one run.
const SECONDS: &str = "60";

async fn seeded(backends: Backends) -> TestApp {
    let app = TestApp::on(backends).await;
    for n in 0..3 {
        app.person(&format!("ben-{n}@example.com")).await;
        app.add_client(&web_client(&format!("shop-{n}"))).await;
    }
    app
}

/// The id of the key that signed the token (RFC 7515 section 4.1.4).
fn key_of(token: &str) -> anyhow::Result<String> {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap_or_default())?;
    let header: serde_json::Value = serde_json::from_slice(&header)?;
    Ok(header["kid"].as_str().context("a key id")?.to_owned())
}

/// `own`: the ids of whom the token is; without them, or the key that signed it, it would end.
async fn fuzz(app: &TestApp, api: &Api<'_>, own: &str) -> anyhow::Result<()> {
    let own = format!("{own} {}", key_of(&api.token)?);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = root.join("target/schemathesis/bin/schemathesis");
    let scratch = crate::folder::Folder::fresh()?;
    let mut command = std::process::Command::new(&program);
    command
        .arg("--config-file")
        .arg(root.join("tests/clients/schemathesis.toml"))
        .arg("run")
        .arg(app.url("/admin/api/v1/openapi.json"))
        .args(["--header", &format!("Authorization: Bearer {}", api.token)])
        .args(["--checks", "all", "--phases", "examples,coverage,fuzzing", "--max-time", SECONDS])
        .args(["--generation-deterministic", "--continue-on-failure", "--no-shrink", "--suppress-health-check", "all"])
        .args(["--warnings", "off", "--max-examples", "20"])
        .env("SCHEMATHESIS_HOOKS", root.join("tests/clients/schemathesis_hooks.py"))
        .env("KARAT_FUZZER_IDS", own)
        .env("NO_COLOR", "1")
        .current_dir(scratch.path());
    let output = tokio::task::spawn_blocking(move || command.output())
        .await?
        .with_context(|| format!("{} does not start: `tests/run clients` installs it", program.display()))?;
    let told = String::from_utf8_lossy(&output.stdout);
    anyhow::ensure!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    anyhow::ensure!(told.contains("Tested: "), "nothing was tested: {told}");
    let alive = api.get("/policy").await;
    anyhow::ensure!(alive.status == 200, "the fuzzer ended its own token: {alive:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_as_a_service_finds_nothing() -> anyhow::Result<()> {
    let app = seeded(Backends::PostgresAndRedis).await;
    let api = service(&app, "fuzzer", SCOPES).await;
    fuzz(&app, &api, "fuzzer").await
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_as_a_person_finds_nothing() -> anyhow::Result<()> {
    let app = seeded(Backends::SqliteAndMemory).await;
    let (olga, api) = person(&app, "olga@example.com", &Role::ALL, Seconds(0)).await;
    fuzz(&app, &api, &format!("desk-of-olga {olga}")).await
}
