//! Copies that were taken while people were at work are put back: everything acknowledged before is there, nothing is torn, and the
//! server goes on with it.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::process::{Installation, Server};
use crate::support::databases::{FreshDatabase, fresh_postgres};
use crate::visitor::{KnownClient, Visitor};

const PASSWORD: &str = "amber Kettle drifts 41";
const ADA: &str = "ada@example.com";

/// An installation at work, with one grant.
struct AtWork {
    installation: Installation,
    server: Server,
    client: KnownClient,
    /// The grant's.
    refresh_token: String,
    /// The keys that are published.
    kids: String,
}

impl AtWork {
    /// On SQLite where no database is given.
    async fn on(database: Option<&FreshDatabase>) -> Self {
        let storage = database.map(|database| format!("[storage]\nurl = \"{}\"\n", database.url)).unwrap_or_default();
        let client = KnownClient::new("app");
        let installation = Installation::with(&format!(
            "{storage}[mail]\ntransport = \"none\"\n[registration]\nenabled = false\n{}",
            client.config()
        ));
        installation.karat_with(&["user", "add", "--email", ADA, "--password-stdin"], PASSWORD).succeeded();
        let server = installation.serve().await;
        let refresh_token = refresh_token(&installation, &client).await;
        let kids = Visitor::new(&installation.base()).get("/jwks").await.unwrap().body;
        Self { installation, server, client, refresh_token, kids }
    }
}

/// An app's refresh token of a person who logs in.
async fn refresh_token(installation: &Installation, client: &KnownClient) -> String {
    let visitor = Visitor::new(&installation.base());
    visitor.log_in(ADA, PASSWORD).await.unwrap();
    let page = visitor.authorize(client, &[("prompt", "consent")]).await.unwrap();
    let page = match page.path() {
        "/terms/accept" => visitor.submit(&page, &[("accept_terms", "yes")]).await.unwrap(),
        _ => page,
    };
    let page = match page.path() {
        "/consent" => visitor.submit(&page, &[("decision", "allow")]).await.unwrap(),
        _ => page,
    };
    let code = page.param("code").unwrap_or_else(|| panic!("no code at {}: {}", page.url, page.text()));
    let (status, tokens) = visitor.redeem(client, &code).await.unwrap();
    assert_eq!(status, 200, "{tokens}");
    tokens["refresh_token"].as_str().unwrap().to_owned()
}

/// People log in until told to stop.
fn traffic(installation: &Installation, stop: Arc<AtomicBool>) -> tokio::task::JoinHandle<usize> {
    let base = installation.base();
    tokio::spawn(async move {
        let mut done = 0;
        while done == 0 || !stop.load(Ordering::Relaxed) {
            done += usize::from(Visitor::new(&base).log_in(ADA, PASSWORD).await.is_ok());
        }
        done
    })
}

/// What a restored installation has to be able to do.
async fn assert_goes_on(installation: &Installation, client: &KnownClient, token: &str, kids: &str) {
    let visitor = Visitor::new(&installation.base());
    let (status, refreshed) = visitor.refresh(client, token).await.unwrap();
    assert_eq!(status, 200, "what was given out before the copy counts: {refreshed}");
    refresh_token(installation, client).await;
    let published = visitor.get("/jwks").await.unwrap().body;
    assert_eq!(published, kids, "signatures made before can be verified");
    installation.karat(&["user", "show", "later@example.com"]).failed(1, "there is no account");
    installation.karat(&["audit", "verify"]).succeeded();
}

fn run(program: &str, arguments: &[&str]) {
    let done = Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_of_postgresql_restores() {
    let (database, other) = (fresh_postgres().await, fresh_postgres().await);
    let AtWork { installation, server, client, refresh_token, kids } = AtWork::on(Some(&database)).await;

    let stop = Arc::new(AtomicBool::new(false));
    let busy = traffic(&installation, stop.clone());
    let copy = installation.file("copy.dump");
    run("pg_dump", &["--format=custom", "--no-owner", "--file", copy.to_str().unwrap(), "--dbname", &database.url]);
    stop.store(true, Ordering::Relaxed);
    assert!(busy.await.unwrap() > 0, "people were at work");
    installation.karat(&["user", "add", "--email", "later@example.com"]).succeeded();
    server.stop().await;

    run("pg_restore", &["--no-owner", "--exit-on-error", "--dbname", &other.url, copy.to_str().unwrap()]);
    installation.write_config(&installation.more.replace(&database.url, &other.url));
    let server = installation.serve().await;
    assert_goes_on(&installation, &client, &refresh_token, &kids).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_sqlite_restores() {
    let AtWork { installation, server, client, refresh_token, kids } = AtWork::on(None).await;

    let stop = Arc::new(AtomicBool::new(false));
    let busy = traffic(&installation, stop.clone());
    installation.karat(&["backup", "copy.db"]).succeeded();
    stop.store(true, Ordering::Relaxed);
    assert!(busy.await.unwrap() > 0, "people were at work");
    installation.karat(&["user", "add", "--email", "later@example.com"]).succeeded();
    server.stop().await;

    fs::remove_dir_all(installation.file("data")).unwrap();
    fs::create_dir(installation.file("data")).unwrap();
    fs::copy(installation.file("copy.db"), installation.file("data/karat.db")).unwrap();
    let server = installation.serve().await;
    assert_goes_on(&installation, &client, &refresh_token, &kids).await;
    server.stop().await;
}
