//! The command line, through the real program.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::process::Installation;
use crate::support::Browser;

const CONFIGURED: &str = "[mail]\ntransport = \"none\"\n[registration]\nenabled = false\n\
    [[client]]\nclient_id = \"desk\"\nkind = \"service\"\nclient_secret = \"the secret of the desk\"\nscope = \"desk\"\n";

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn token_status(installation: &Installation, id: &str, secret: &str) -> u16 {
    let request = http().post(installation.url("/token")).basic_auth(id, Some(secret));
    request.form(&[("grant_type", "client_credentials")]).send().await.unwrap().status().as_u16()
}

#[test]
fn a_mistake_names_file_line_and_key_and_ends_with_2() {
    let installation = Installation::with("[tokens]\naccess_token_lifetime = \"5 years\"\ncolour = \"red\"\n");
    for command in [&["serve"][..], &["config", "check"], &["client", "list"], &["migrate"]] {
        let done = installation.karat(command).failed(2, "karat.toml:8: tokens.access_token_lifetime: ");
        assert!(done.err.contains("karat.toml:9: tokens.colour: unknown key"), "{}", done.err);
    }
    assert!(!installation.file("data").exists(), "nothing was made");
}

#[test]
fn clients_of_the_configuration_are_judged_by_line() {
    let text = "[mail]\ntransport = \"none\"\n[registration]\nenabled = false\n\
        [[client]]\nclient_id = \"a\"\nkind = \"web\"\nclient_secret = \"0123456789abcdefghij\"\n\
        redirect_uris = [\n  \"https://a.test/cb\",\n  \"http://a.test/cb\",\n]\n";
    let installation = Installation::with(text);
    for command in [&["serve"][..], &["config", "check"]] {
        installation.karat(command).failed(2, "karat.toml:17: client[0].redirect_uris[1]: must be https");
    }
    installation.write_config(CONFIGURED);
    installation.karat(&["config", "check"]).succeeded();
}

#[test]
fn settings_of_the_demo_and_plain_http_for_everybody_are_refused() {
    let installation = Installation::with("[mail]\ntransport = \"outbox\"\n");
    installation.karat(&["serve"]).failed(2, "karat.toml:8: mail.transport: ");

    let plain = format!("[server]\nissuer = \"https://id.test\"\nlisten = \"0.0.0.0:{}\"\n", installation.port);
    fs::write(installation.file("karat.toml"), &plain).unwrap();
    installation.karat(&["serve"]).failed(2, "karat.toml:3: server.listen: plain HTTP");
    fs::write(installation.file("karat.toml"), format!("{plain}trusted_proxies = [\"10.0.0.0/8\"]\n")).unwrap();
    installation.karat(&["config", "check"]).succeeded();
}

#[test]
fn what_was_mistyped_ends_with_2_and_help_with_0() {
    let installation = Installation::new();
    for wrong in [&["fly"][..], &["serve", "--fast"], &["client", "add", "x"], &["user", "add", "--email", "nobody"]] {
        assert_eq!(installation.karat(wrong).code, 2, "{wrong:?}");
    }
    for right in [&["--help"][..], &["--version"], &["client", "add", "--help"], &["config", "defaults"]] {
        installation.karat(right).succeeded();
    }
    installation.karat(&["serve", "--config", "absent.toml"]).failed(2, "absent.toml");
}

#[test]
fn a_client_goes_from_registration_to_removal() {
    let installation = Installation::new();
    let made = installation.json(&[
        "client",
        "add",
        "trading",
        "--kind",
        "web",
        "--name",
        "Trading",
        "--json",
        "--redirect-uri",
        "https://a.test/cb",
        "--redirect-uri",
        "https://b.test/cb",
        "--scope",
        "openid offline_access",
        "--access-token-lifetime",
        "2m",
    ]);
    assert_eq!(made["client_secret"].as_str().unwrap().len(), 43);
    let metadata = &made["client"]["metadata"];
    assert_eq!((&metadata["require_pkce"], &metadata["verified"]), (&json!(true), &json!(false)));

    let shown = installation.json(&["client", "show", "trading", "--json"]);
    assert_eq!(shown.get("client_secret"), None, "only once");
    assert_eq!(shown["metadata"]["redirect_uris"], json!(["https://a.test/cb", "https://b.test/cb"]));
    let (name, lifetime) = (&shown["metadata"]["client_name"], &shown["metadata"]["access_token_lifetime"]);
    assert_eq!((name, lifetime), (&json!("Trading"), &json!(120)));
    let hash =
        || installation.json(&["client", "show", "trading", "--configuration", "--json"])["client_secret_hash"].take();
    let kept = hash();
    assert_eq!(kept.as_array().map(Vec::len), Some(1));

    let logo = installation.file("logo.svg");
    fs::write(&logo, "<svg xmlns='http://www.w3.org/2000/svg'/>").unwrap();
    let changed = installation.json(&[
        "client",
        "update",
        "trading",
        "--redirect-uri",
        "https://c.test/cb",
        "--require-pkce",
        "false",
        "--logo",
        "logo.svg",
        "--unset",
        "access_token_lifetime",
        "--disabled",
        "true",
        "--json",
    ]);
    let (changed, metadata) = (&changed["client"], &changed["client"]["metadata"]);
    assert_eq!(metadata["redirect_uris"], json!(["https://c.test/cb"]));
    assert_eq!(
        (&metadata["require_pkce"], &changed["has_logo"], &changed["disabled"]),
        (&json!(false), &json!(true), &json!(true))
    );
    assert_eq!((&metadata["client_name"], metadata.get("access_token_lifetime")), (&json!("Trading"), None));
    assert_eq!(hash(), kept, "the secret stays");
    let again = installation.json(&["client", "update", "trading", "--name", "T", "--json"])["client"].take();
    assert_eq!((&again["has_logo"], &again["disabled"]), (&json!(true), &json!(true)), "what is not named stays");
    assert_eq!(again["metadata"]["redirect_uris"], json!(["https://c.test/cb"]));

    for wrong in ["javascript:alert(1)", "http://c.test/cb", "https://c.test/cb#f"] {
        installation.karat(&["client", "update", "trading", "--redirect-uri", wrong]).failed(2, "redirect_uris[0]");
    }
    installation
        .karat(&["client", "add", "trading", "--kind", "service"])
        .failed(1, "there is a client trading already");
    let ids: Vec<Value> = installation
        .json(&["client", "list", "--json"])
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["client_id"].clone())
        .collect();
    assert_eq!(ids, [json!("trading")]);
    let removed = installation.json(&["client", "remove", "trading", "--json"]);
    assert_eq!(removed, json!({ "removed": "trading" }));
    installation.karat(&["client", "show", "trading"]).failed(1, "there is no client");
    installation.karat(&["client", "remove", "trading"]).failed(1, "there is no client");
}

#[test]
fn requests_that_a_client_signs_are_kept_by_the_command_line() {
    let installation = Installation::new();
    let text = "client add signer --kind web --redirect-uri https://c.test/cb --jwks-uri https://c.test/jwks --json \
        --request-uri https://c.test/r.jwt#1 --request-object-alg ES256 --require-signed-request true";
    let added = installation.json(&text.split_whitespace().collect::<Vec<_>>())["client"]["metadata"].take();
    assert_eq!(added["request_uris"], json!(["https://c.test/r.jwt#1"]));
    assert_eq!(added["request_object_signing_alg"], "ES256");
    assert_eq!(added["require_signed_request_object"], true);
    let text = "client update signer --json --unset request_uris --unset require_signed_request_object \
        --unset request_object_signing_alg";
    let changed = installation.json(&text.split_whitespace().collect::<Vec<_>>())["client"]["metadata"].take();
    assert_eq!(changed["request_uris"], json!([]));
    for name in ["request_object_signing_alg", "require_signed_request_object"] {
        assert_eq!(changed.get(name), None, "{name}");
    }
    let wrong = ["client", "update", "signer", "--request-uri", "https://127.0.0.1/r.jwt"];
    installation.karat(&wrong).failed(2, "request_uris[0]");
}

#[tokio::test]
async fn secrets_work_while_they_live() {
    let installation = Installation::new();
    let _server = installation.serve().await;
    let secret = |made: &Value| made["client_secret"].as_str().unwrap().to_owned();
    let first = secret(&installation.json(&["client", "add", "ledger", "--kind", "service", "--scope", "x", "--json"]));
    assert_eq!(token_status(&installation, "ledger", &first).await, 200);
    assert_eq!(token_status(&installation, "ledger", "wrong").await, 401);

    let stale = std::time::Duration::from_millis(1200);
    let second = secret(&installation.json(&["client", "rotate-secret", "ledger", "--json"]));
    tokio::time::sleep(stale).await;
    for live in [&first, &second] {
        assert_eq!(token_status(&installation, "ledger", live).await, 200);
    }
    let done = installation.karat_with(
        &["client", "rotate-secret", "ledger", "--only", "--secret-stdin"],
        "a secret of my own, made elsewhere\n",
    );
    assert!(!done.succeeded().out.contains("a secret of my own"));
    tokio::time::sleep(stale).await;
    for dead in [&first, &second] {
        assert_eq!(token_status(&installation, "ledger", dead).await, 401);
    }
    assert_eq!(token_status(&installation, "ledger", "a secret of my own, made elsewhere").await, 200);
    installation
        .karat_with(&["client", "rotate-secret", "ledger", "--secret-stdin"], "short\n")
        .failed(2, "client_secret");
    installation.karat(&["client", "update", "ledger", "--disabled", "true"]).succeeded();
    tokio::time::sleep(stale).await;
    assert_eq!(token_status(&installation, "ledger", "a secret of my own, made elsewhere").await, 401);
}

#[tokio::test]
async fn the_configuration_keeps_its_own_clients_and_no_others() {
    let installation = Installation::with(CONFIGURED);
    let server = installation.serve().await;
    assert_eq!(token_status(&installation, "desk", "the secret of the desk").await, 200);
    installation.karat(&["client", "update", "desk", "--name", "x"]).failed(1, "kept in the configuration");
    installation.karat(&["client", "remove", "desk"]).failed(1, "kept in the configuration");
    installation.karat(&["client", "add", "own", "--kind", "service", "--scope", "x"]).succeeded();
    server.stop().await;

    installation.write_config(&CONFIGURED.replace("the secret of the desk", "another secret of the desk"));
    let server = installation.serve().await;
    assert_eq!(token_status(&installation, "desk", "the secret of the desk").await, 401);
    assert_eq!(token_status(&installation, "desk", "another secret of the desk").await, 200);
    server.stop().await;

    installation.write_config(CONFIGURED.split("[[client]]").next().unwrap());
    let server = installation.serve().await;
    assert_eq!(token_status(&installation, "desk", "another secret of the desk").await, 401, "nobody can use it now");
    let own = installation.json(&["client", "show", "own", "--json"]);
    assert_eq!((&own["disabled"], &own["origin"]), (&json!(false), &json!("registered")));
    server.stop().await;

    installation.write_config(&CONFIGURED.replace("\"desk\"\nkind", "\"own\"\nkind"));
    installation.karat(&["serve"]).failed(2, "karat.toml:12: client[0].client_id: own is registered already");
}

async fn log_in(installation: &Installation, email: &str, password: &str) -> Option<Browser> {
    let browser = Browser::new(&installation.base());
    let page = browser.get("/login").await;
    browser.submit(&page, &[("email", email), ("password", password)]).await;
    browser.cookie("karat_session").map(|_| browser)
}

#[tokio::test]
async fn a_person_is_added_shown_locked_and_unlocked() {
    let installation = Installation::new();
    let _server = installation.serve().await;
    let made = installation.json(&["user", "add", "--email", "Erika@Example.com", "--name", "Erika", "--json"]);
    let password = made["password"].as_str().unwrap().to_owned();
    assert_eq!((&made["email"], &made["condition"]), (&json!("erika@example.com"), &json!("active")));
    installation.karat(&["user", "add", "--email", "erika@example.com"]).failed(1, "has an account already");
    let weak =
        installation.karat_with(&["user", "add", "--email", "max@example.com", "--password-stdin"], "password1\n");
    weak.failed(2, "the password is refused");
    installation.karat(&["user", "add", "--email", "max@example.com", "--name", "M\u{7}x"]).failed(2, "the name is");
    let own = "trumpets under seven oceans\n";
    let done = installation
        .karat_with(&["user", "add", "--email", "max@example.com", "--password-stdin", "--locale", "es"], own);
    assert!(!done.succeeded().out.contains("trumpets"));

    let browser = log_in(&installation, "erika@example.com", &password).await.expect("the password works");
    let shown = installation.json(&["user", "show", "erika@example.com", "--json"]);
    assert_eq!(shown["sessions"].as_array().unwrap().len(), 1);
    assert!(shown["email_verified_at"].is_i64());
    assert!(!shown.to_string().contains(&password));
    let by_id = installation.json(&["user", "show", made["id"].as_str().unwrap(), "--json"]);
    assert_eq!(by_id["account"]["email"], "erika@example.com");

    installation.karat(&["user", "lock", "erika@example.com", "--reason", "asked by phone"]).succeeded();
    let shown = installation.json(&["user", "show", "erika@example.com", "--json"]);
    assert_eq!(
        (&shown["account"]["condition"], &shown["locked_because"]),
        (&json!("locked"), &json!("asked by phone"))
    );
    assert_eq!(shown["sessions"], json!([]));
    assert!(log_in(&installation, "erika@example.com", &password).await.is_none());
    assert!(log_in(&installation, "max@example.com", own.trim()).await.is_some(), "others get in");
    drop(browser);
    let again = installation.karat(&["user", "lock", "erika@example.com"]).succeeded();
    assert!(again.out.contains("already"));

    installation.karat(&["user", "unlock", "erika@example.com"]).succeeded();
    assert!(log_in(&installation, "erika@example.com", &password).await.is_some());
    installation.karat(&["user", "show", "nobody@example.com"]).failed(1, "there is no account");
}

async fn published(installation: &Installation) -> Vec<String> {
    let keys: Value = http().get(installation.url("/jwks")).send().await.unwrap().json().await.unwrap();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_rotated_key_stays_published_until_it_is_retired() {
    let installation = Installation::new();
    let _server = installation.serve().await;
    let before = published(&installation).await;
    let listed = installation.json(&["keys", "list", "--json"]);
    let old = listed.as_array().unwrap().iter().find(|key| key["algorithm"] == "RS256").unwrap()["kid"]
        .as_str()
        .unwrap()
        .to_owned();
    installation.karat(&["keys", "retire", &old]).failed(1, "rotate first");
    installation.karat(&["keys", "rotate", "--algorithm", "HS256"]).failed(2, "HS256");

    let rotated = installation.json(&["keys", "rotate", "--algorithm", "RS256", "--json"]);
    let signing = |keys: &Value| -> Vec<String> {
        let keys =
            keys.as_array().unwrap().iter().filter(|key| key["algorithm"] == "RS256" && key["retired_at"].is_null());
        keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    };
    let new = signing(&rotated);
    assert!(new.len() == 1 && new[0] != old);
    tokio::time::sleep(std::time::Duration::from_millis(1800)).await;
    let during = published(&installation).await;
    assert!(before.iter().chain(&new).all(|kid| during.contains(kid)), "old and new: {during:?}");

    installation.karat(&["keys", "retire", &old]).succeeded();
    tokio::time::sleep(std::time::Duration::from_millis(1800)).await;
    let after = published(&installation).await;
    assert!(!after.contains(&old) && after.contains(&new[0]), "{after:?}");
}

#[tokio::test]
async fn a_backup_taken_from_a_running_server_restores() {
    let installation = Installation::new();
    let server = installation.serve().await;
    let made = installation.json(&["user", "add", "--email", "erika@example.com", "--json"]);
    let done = installation.karat(&["backup", "copy.db"]).succeeded();
    assert!(done.out.contains("keys/sealing.key"), "the reminder: {}", done.out);
    let mode = fs::metadata(installation.file("copy.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
    installation.karat(&["backup", "copy.db"]).failed(1, "exists already");
    installation.karat(&["user", "add", "--email", "later@example.com"]).succeeded();
    server.stop().await;

    fs::remove_dir_all(installation.file("data")).unwrap();
    fs::create_dir(installation.file("data")).unwrap();
    fs::copy(installation.file("copy.db"), installation.file("data/karat.db")).unwrap();
    let _server = installation.serve().await;
    assert!(log_in(&installation, "erika@example.com", made["password"].as_str().unwrap()).await.is_some());
    installation.karat(&["user", "show", "later@example.com"]).failed(1, "there is no account");
}

#[tokio::test]
async fn a_schema_that_is_behind_is_not_touched_unasked() {
    let installation = Installation::new();
    installation.karat(&["serve", "--no-migrate"]).failed(1, "run `karat migrate`");
    let pending = installation.karat(&["migrate", "--dry-run"]).succeeded();
    assert!(pending.out.contains("pending 0001"), "{}", pending.out);
    installation.karat(&["migrate"]).succeeded();
    assert!(installation.karat(&["migrate"]).succeeded().out.contains("up to date"));
    installation.serve_with(&["--no-migrate"]).await.stop().await;
}
