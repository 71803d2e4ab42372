//! URLs of clients that lead where only this machine can go: refused by their text when an app registers them, and by the address behind
//! their name when they are connected to, the first time and every other. A canary that listens on loopback hears nothing.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use karat::config::Config;
use karat::domain::client::{AssertionAudience, Client, ClientAuthentication, ClientKeys};
use karat::domain::jose::Algorithm;
use karat::domain::time::{Seconds, Timestamp};
use karat::gateway::documents::{Documents, FLOOR, NoDocument};
use karat::gateway::fetch::{Fetcher, Lookup};
use serde_json::{Value, json};

use crate::support::app::service_client;
use crate::support::client_key::post_with;
use crate::support::registering::{OPEN, Registered, metadata_with, register};
use crate::support::relying_party::Answer;
use crate::support::{Backends, ClientKey, Publisher, TestApp};

/// Every way to write an address that is not public, and names that never are.
const HOSTS: [&str; 34] = [
    "127.0.0.1",
    "127.1",
    "0.0.0.0",
    "0",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "169.254.169.254",
    "[fe80::1]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "[fd00::1]",
    "[fc00::1]",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "017700000001",
    "0177.0.0.1",
    "2852039166",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "127。0。0。1",
    "localhost",
    "localhost.",
    "app.localhost",
    "metadata.google.internal",
    "printer.local",
    "intranet",
];

/// The metadata in which an app names a URL that Karat asks.
const FIELDS: [&str; 5] = ["jwks_uri", "sector_identifier_uri", "logo_uri", "backchannel_logout_uri", "request_uris"];

fn naming(field: &str, url: &str) -> Value {
    let more = match field {
        "jwks_uri" => json!({ "token_endpoint_auth_method": "private_key_jwt", field: url }),
        "request_uris" => json!({ field: [url] }),
        _ => json!({ field: url }),
    };
    metadata_with(more)
}

fn strangers() -> String {
    OPEN.replace("listed_targets = true", "listed_targets = false")
}

fn bad_urls(canary: &Publisher) -> Vec<String> {
    let mut urls: Vec<String> = HOSTS.iter().map(|host| format!("https://{host}/x")).collect();
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        urls.extend([format!("https://{host}:{}/x", canary.port), format!("http://{host}:{}/x", canary.port)]);
    }
    urls.extend(
        [
            "http://app.test/x",
            "https://app.test:6379/x",
            "https://app.test:22/x",
            "file:///etc/passwd",
            "gopher://app.test/x",
            "ftp://app.test/x",
            "data:application/json,{}",
            "javascript:alert(1)",
            "https://user@app.test/x",
            "https://user:password@app.test/x",
            "//app.test/x",
            "https://",
            "x",
            "",
        ]
        .map(str::to_owned),
    );
    urls
}

fn refused(found: &Answer, field: &str, url: &str) -> String {
    assert_eq!((found.status, found.error()), (400, "invalid_client_metadata"), "{field} {url}: {found:?}");
    found.text("error_description").to_owned()
}

/// Also where the operator lists the host for apps of the own house: an app that registers itself is none.
#[tokio::test(flavor = "multi_thread")]
async fn an_app_cannot_register_a_url_that_leads_inside() {
    let canary = Publisher::start().await;
    let more = format!("{}{}", strangers(), canary.section());
    let app = TestApp::start_with(Backends::SqliteAndMemory, &more).await;
    for field in FIELDS {
        let mut told = std::collections::BTreeSet::new();
        for url in bad_urls(&canary) {
            told.insert(refused(&register(&app, &naming(field, &url)).await, field, &url));
        }
        // One text for all of them: it describes nothing of the network.
        assert_eq!(told.len(), 1, "{told:?}");
    }
    assert_eq!(canary.connections(), 0);
    // In its positive form: what is judged by its text alone may be anybody's, and is asked later.
    for field in ["jwks_uri", "backchannel_logout_uri", "request_uris"] {
        assert_eq!(register(&app, &naming(field, "https://app.test/x")).await.status, 201, "{field}");
    }
}

/// The same at every change, and the registration stays as it was.
#[tokio::test(flavor = "multi_thread")]
async fn an_app_cannot_change_its_urls_to_lead_inside() {
    let canary = Publisher::start().await;
    let app = TestApp::start_with(Backends::SqliteAndMemory, &format!("{}{}", strangers(), canary.section())).await;
    let own = Registered::made(&app, &metadata_with(json!({}))).await;
    for field in FIELDS {
        for url in bad_urls(&canary).iter().take(40) {
            refused(&own.change(&app, &naming(field, url)).await, field, url);
        }
    }
    let kept = own.read(&app).await;
    assert!(FIELDS.iter().all(|field| kept.body.get(*field).is_none()), "{kept:?}");
    assert_eq!(canary.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_redirects_is_no_document_and_nobody_is_asked_further() {
    let (canary, host) = (Publisher::start().await, Publisher::start_tls("redirecting").await);
    let section = host.section().replace("allow = [", &format!("allow = ['{}', ", canary.target()));
    let app = TestApp::start_with(Backends::SqliteAndMemory, &format!("{OPEN}{section}")).await;
    let key = ClientKey::new(Algorithm::Es256);
    for status in [301, 302, 303, 307, 308] {
        let url = host.publish_as("/x", "", |published| {
            published.status = status;
            published.location = canary.url("/secret");
        });
        for field in ["sector_identifier_uri", "logo_uri"] {
            app.advance(60);
            refused(&register(&app, &naming(field, &url)).await, field, &url);
        }
        app.advance(60);
        let own = Registered::made(&app, &naming("jwks_uri", &url)).await;
        let fields = [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", "https://app.test/cb")];
        let found = post_with(&app, "/token", &key.assertion(&app, &own.id), &fields).await;
        assert_eq!((found.status, found.error()), (401, "invalid_client"), "{found:?}");
    }
    assert_eq!(canary.connections(), 0);
    assert_eq!(host.asked().len(), 15);
}

/// Names that stand for what the test wants, and a log of what was asked.
#[derive(Clone, Default)]
struct Names {
    answers: Arc<Mutex<Vec<IpAddr>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Names {
    fn stand_for(&self, addresses: &[&str]) {
        *self.answers.lock().unwrap() = addresses.iter().map(|text| text.parse().unwrap()).collect();
    }

    fn times_asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl Lookup for Names {
    fn lookup(&self, name: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        self.asked.lock().unwrap().push(name.to_owned());
        let answers = self.answers.lock().unwrap().clone();
        Box::pin(async move { Ok(answers) })
    }
}

/// A harmless name that stands for an address inside: at the first request, and at each that comes later, by the cache or by a new key.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_stands_for_an_address_inside_is_not_connected_to_the_first_time_or_later() {
    let config = Config::from_text("test.toml", "[outgoing]\ntimeout = '2s'\n", std::iter::empty()).unwrap();
    let names = Names::default();
    let fetcher = Fetcher::with_lookup(&config.outgoing, Arc::new(names.clone())).unwrap();
    let documents = Documents::new(&config.outgoing, fetcher);
    let mut now = Timestamp::from_unix(crate::support::app::START);
    let mut asked = 0;
    for addresses in [
        &["127.0.0.1"][..],
        &["0.0.0.0"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["169.254.169.254"],
        &["10.0.0.1"],
        &["100.64.0.1"],
        &["fd00::1"],
        // One of several is how a name changes its mind.
        &["8.8.8.8", "127.0.0.1"],
        &["2606:4700::1111", "10.0.0.1"],
    ] {
        names.stand_for(addresses);
        for anew in [false, true] {
            now = now.plus(FLOOR);
            let url = "https://app.test/jwks";
            let begun = std::time::Instant::now();
            let found = if anew { documents.get_anew(url, now).await } else { documents.get(url, now).await };
            assert_eq!(found, Err(NoDocument::Unreachable), "{addresses:?}");
            assert!(begun.elapsed() < std::time::Duration::from_secs(1), "nothing was even tried: {addresses:?}");
            asked += 1;
            assert_eq!(names.times_asked(), asked, "{addresses:?}");
            // Whoever tries again at once causes nothing.
            assert_eq!(documents.get(url, now.plus(Seconds(1))).await, Err(NoDocument::Unreachable));
            assert_eq!(names.times_asked(), asked);
        }
        let once = documents.get_once("https://app.test/logo", 1000).await;
        assert_eq!(once, Err(NoDocument::Unreachable), "{addresses:?}");
        asked += 1;
    }
}

/// A client that an operator registered for a host inside that is not listed: nobody connects, however often it is named.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_set_inside_is_never_asked_for_whoever_names_the_client() {
    let canary = Publisher::start().await;
    let app = TestApp::start().await;
    let key = ClientKey::new(Algorithm::Es256);
    canary.publish("/jwks", key.set().to_string());
    for (index, host) in
        ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"].iter().enumerate()
    {
        let id = format!("inside-{index}");
        let keys = Some(ClientKeys::At(format!("http://{host}:{}/jwks", canary.port)));
        let authentication =
            ClientAuthentication::PrivateKeyJwt { algorithm: None, audience: AssertionAudience::Endpoint };
        app.add_client(&Client { authentication, keys, ..service_client(&id, "read") }).await;
        for _ in 0..3 {
            app.advance(60);
            let fields = [("grant_type", "client_credentials")];
            let found = post_with(&app, "/token", &key.assertion(&app, &id), &fields).await;
            assert_eq!((found.status, found.error()), (401, "invalid_client"), "{host}: {found:?}");
        }
    }
    assert_eq!(canary.connections(), 0);
}
