//! The server as a process: start, limits, TLS, health, and stopping in good order.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::process::{Installation, Server};
use crate::support::TestApp;

const QUIET: &str = "[mail]\ntransport = \"none\"\n[registration]\nenabled = false\n";

async fn connect(installation: &Installation) -> TcpStream {
    TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, installation.port))).await.unwrap()
}

/// Everything until the server closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset is an end as well.
    let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.expect("it closes");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_start_on_an_empty_folder_answers_discovery() {
    let installation = Installation::new();
    let began = Instant::now();
    let server = installation.serve().await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    let found: serde_json::Value =
        reqwest::get(installation.url("/.well-known/openid-configuration")).await.unwrap().json().await.unwrap();
    assert_eq!(found["issuer"], installation.base());
    let out = std::fs::read_to_string(installation.file("out.txt")).unwrap();
    let (first, rest) = out.split_once('\n').unwrap();
    assert!(first.starts_with("Nobody looks after this installation yet."), "{out}");
    let (link, rest) = rest.split_once('\n').unwrap();
    assert!(link.trim().starts_with(&installation.url("/setup?token=")), "{out}");
    assert_eq!(rest, format!("Karat serves {} on 127.0.0.1:{}\n", installation.base(), installation.port));
    server.stop().await;
}

#[tokio::test]
async fn told_to_stop_it_finishes_what_is_under_way_and_takes_nothing_new() {
    let installation = Installation::new();
    let mut server = installation.serve().await;
    let mut slow = connect(&installation).await;
    let body = "grant_type=client_credentials&client_id=nobody";
    let host = format!("localhost:{}", installation.port);
    let head = format!(
        "POST /token HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    slow.write_all(&body.as_bytes()[..10]).await.unwrap();
    let mut idle = connect(&installation).await;
    tokio::time::sleep(Duration::from_millis(300)).await;

    server.signal("TERM");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let refused = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, installation.port))).await;
    assert!(refused.is_err(), "no new connections");
    assert_eq!(rest(&mut idle).await, "", "an idle connection is closed");

    slow.write_all(&body.as_bytes()[10..]).await.unwrap();
    let answer = rest(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("invalid_client"), "{answer}");
    assert!(server.ended(Duration::from_secs(10)).await.success(), "{}", server.log());
}

#[tokio::test]
async fn requests_that_never_end_are_cut_off_after_the_grace() {
    let installation = Installation::new();
    installation.write_config_with("shutdown_grace = \"1s\"", QUIET);
    let mut server = installation.serve().await;
    let mut endless = connect(&installation).await;
    let head = format!("POST /token HTTP/1.1\r\nhost: localhost:{}\r\ncontent-length: 10\r\n\r\nab", installation.port);
    endless.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.signal("INT");
    assert!(server.ended(Duration::from_secs(6)).await.success(), "{}", server.log());
}

#[tokio::test]
async fn told_twice_it_stops_at_once() {
    let installation = Installation::new();
    let mut server = installation.serve().await;
    let mut endless = connect(&installation).await;
    let head = format!("POST /token HTTP/1.1\r\nhost: localhost:{}\r\ncontent-length: 10\r\n\r\nab", installation.port);
    endless.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.signal("TERM");
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.signal("TERM");
    server.ended(Duration::from_secs(4)).await;
}

#[tokio::test]
async fn connections_that_say_nothing_or_too_slowly_are_closed_while_others_are_served() {
    let installation = Installation::new();
    installation.write_config_with("header_read_timeout = \"1s\"", QUIET);
    let _server = installation.serve().await;
    let host = format!("localhost:{}", installation.port);
    let began = Instant::now();
    let mut waiting = Vec::new();
    for beginning in ["", "P", "PRI * HTTP/2", "GET / HTT", &format!("GET / HTTP/1.1\r\nhost: {host}\r\nx: y")] {
        let mut stream = connect(&installation).await;
        stream.write_all(beginning.as_bytes()).await.unwrap();
        waiting.push((beginning.to_owned(), stream));
    }
    for _ in 0..200 {
        waiting.push((String::new(), connect(&installation).await));
    }
    let asked = Instant::now();
    assert_eq!(reqwest::get(installation.url("/healthz")).await.unwrap().status(), 204);
    assert!(asked.elapsed() < Duration::from_secs(1));
    for (beginning, mut stream) in waiting {
        let answer = rest(&mut stream).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{beginning:?}: {answer}");
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn oversized_headers_are_refused() {
    let installation = Installation::new();
    let _server = installation.serve().await;
    let host = format!("localhost:{}", installation.port);
    let many: String = (0..1000).map(|n| format!("x-{n}: y\r\n")).collect();
    let long = format!("x: {}\r\n", "y".repeat(100_000));
    for (headers, status) in [(String::new(), "204"), (many, "431"), (long, "431")] {
        let mut stream = connect(&installation).await;
        let request = format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}\r\n");
        // The server may close before it has read everything.
        let _ = stream.write_all(request.as_bytes()).await;
        let answer = rest(&mut stream).await;
        assert!(answer.is_empty() && status == "431" || answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
}

#[tokio::test]
async fn forwarded_headers_are_believed_from_declared_proxies_only() {
    async fn address_in_log(more: &str) -> String {
        let installation = Installation::new();
        installation.write_config_with(more, &format!("{QUIET}[log]\nformat = \"json\"\n"));
        let server = installation.serve().await;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.get(installation.url("/jwks")).header("x-forwarded-for", "203.0.113.9");
        let request = request.header("forwarded", "for=203.0.113.10").header("x-real-ip", "203.0.113.11");
        assert_eq!(request.send().await.unwrap().status(), 200);
        let log = server.stop().await;
        let line = log.lines().find(|line| line.contains("/jwks")).unwrap();
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["address"].as_str().unwrap().to_owned()
    }
    assert_eq!(address_in_log("").await, "127.0.0.1");
    assert_eq!(address_in_log("trusted_proxies = [\"192.0.2.0/24\"]").await, "127.0.0.1");
    assert_eq!(address_in_log("trusted_proxies = [\"127.0.0.1\"]").await, "203.0.113.9");
}

#[tokio::test]
async fn readiness_follows_what_the_server_stands_on() {
    let app = TestApp::start().await;
    let ready = reqwest::get(app.url("/readyz")).await.unwrap();
    assert_eq!(ready.status(), 200);
    assert_eq!(ready.headers()["cache-control"], "no-store");
    app.karat.store.db().close().await;
    let ready = reqwest::get(app.url("/readyz")).await.unwrap();
    assert_eq!(ready.status(), 503);
    let told: serde_json::Value = ready.json().await.unwrap();
    assert_eq!((&told["ready"], &told["database"], &told["ephemeral"]), (&false.into(), &false.into(), &true.into()));
    assert_eq!(reqwest::get(app.url("/healthz")).await.unwrap().status(), 204, "the process itself lives");
}

#[tokio::test]
async fn readiness_ends_before_the_server_does() {
    let app = TestApp::start().await;
    app.web.ready.store(false, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(reqwest::get(app.url("/readyz")).await.unwrap().status(), 503);
}

fn write_certificate(installation: &Installation) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(installation.file("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(installation.file("key.pem"), made.signing_key.serialize_pem()).unwrap();
    made.cert.der().clone()
}

/// Asks for discovery over TLS, trusting this certificate and no other.
async fn asks_over_tls(installation: &Installation, certificate: &CertificateDer<'static>) -> bool {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls).build().unwrap();
    let answer = client.get(format!("https://localhost:{}/.well-known/openid-configuration", installation.port));
    match answer.send().await {
        Ok(answer) => {
            assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000; includeSubDomains");
            let found: serde_json::Value = answer.json().await.unwrap();
            found["issuer"] == format!("https://localhost:{}", installation.port)
        }
        Err(_) => false,
    }
}

async fn told_to_reload(server: &Server, installation: &Installation, certificate: &CertificateDer<'static>) -> bool {
    server.signal("HUP");
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if asks_over_tls(installation, certificate).await {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn tls_is_served_and_a_renewed_certificate_taken_over() {
    let mut installation = Installation::new();
    installation.more = "tls_key".to_owned();
    let first = write_certificate(&installation);
    let port = installation.port;
    let text = format!(
        "[server]\nissuer = \"https://localhost:{port}\"\nlisten = \"127.0.0.1:{port}\"\n\
         tls_certificate = \"cert.pem\"\ntls_key = \"key.pem\"\n{QUIET}"
    );
    std::fs::write(installation.file("karat.toml"), text).unwrap();
    let server = installation.serve().await;
    assert!(asks_over_tls(&installation, &first).await);

    let second = write_certificate(&installation);
    assert!(told_to_reload(&server, &installation, &second).await);
    assert!(!asks_over_tls(&installation, &first).await);

    std::fs::write(installation.file("key.pem"), "not a key").unwrap();
    assert!(told_to_reload(&server, &installation, &second).await, "the good one stays");
    let mut plain = connect(&installation).await;
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(!rest(&mut plain).await.contains("204"), "plain HTTP is not answered there");
    let log = server.stop().await;
    assert!(log.contains("the renewed certificate is in use") && log.contains("the old one stays in use"), "{log}");
}

#[tokio::test]
async fn certificate_and_key_that_do_not_belong_together_stop_the_start() {
    let installation = Installation::new();
    write_certificate(&installation);
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(installation.file("key.pem"), other.signing_key.serialize_pem()).unwrap();
    let port = installation.port;
    let text = format!(
        "[server]\nissuer = \"https://localhost:{port}\"\nlisten = \"0.0.0.0:{port}\"\n\
         tls_certificate = \"cert.pem\"\ntls_key = \"key.pem\"\n{QUIET}"
    );
    std::fs::write(installation.file("karat.toml"), text).unwrap();
    installation.karat(&["serve"]).failed(1, "key.pem does not fit cert.pem");
}

#[tokio::test]
async fn an_address_in_use_is_told_at_once() {
    let installation = Installation::new();
    let _taken = std::net::TcpListener::bind(("127.0.0.1", installation.port)).unwrap();
    installation.karat(&["serve"]).failed(1, "cannot listen on");
    assert!(!installation.file("data").exists(), "nothing was made");
}
