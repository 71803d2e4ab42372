//! Outgoing HTTP against servers on loopback: a canary shows that what is refused never connects.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use karat::gateway::fetch::{FetchError, Fetcher, Lookup};
use karat::gateway::targets::TargetRefused;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
use crate::config;

/// What a server does with a request.
#[derive(Clone)]
enum Behaviour {
    /// Answers these bytes and closes.
    Answer(String),
    /// Answers a head without length and then zeros without end.
    Flood,
    /// Reads and says nothing.
    Silence,
    /// Answers a head and then one byte now and then.
    Trickle,
}

/// An HTTP server that counts connections and keeps requests.
struct Canary {
    port: u16,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Canary {
    async fn start(behaviour: Behaviour) -> Self {
        Self::start_with(behaviour, None).await
    }

    async fn start_with(behaviour: Behaviour, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (counter, kept) = (connections.clone(), requests.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let (tls, behaviour, kept) = (tls.clone(), behaviour.clone(), kept.clone());
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => answer(tls.accept(stream).await?, behaviour, &kept).await,
                        None => answer(stream, behaviour, &kept).await,
                    }
                });
            }
        });
        Self { port, connections, requests }
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    behaviour: Behaviour,
    kept: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut request = vec![0; 16_384];
    let mut length = 0;
    // The whole of a small request: the head, and as many bytes as it announces.
    loop {
        length += match stream.read(&mut request[length..]).await? {
            0 => return Ok(()),
            read => read,
        };
        let text = String::from_utf8_lossy(&request[..length]).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let announced = head.to_ascii_lowercase();
        let announced = announced.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        if announced.is_none_or(|announced| body.len() >= announced.parse().unwrap()) {
            kept.lock().unwrap().push(text);
            break;
        }
    }
    match behaviour {
        Behaviour::Answer(text) => stream.write_all(text.as_bytes()).await?,
        Behaviour::Flood => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await?;
            // More than any limit under test; ends earlier when the client hangs up.
            for _ in 0..20_000 {
                stream.write_all(&[b'0'; 4096]).await?;
            }
        }
        Behaviour::Silence => tokio::time::sleep(Duration::from_secs(30)).await,
        Behaviour::Trickle => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n").await?;
            for _ in 0..100 {
                stream.write_all(b"x").await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
    stream.shutdown().await
}

fn ok(body: &str) -> Behaviour {
    Behaviour::Answer(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()))
}

fn fetcher(section: &str) -> Fetcher {
    Fetcher::new(&config(&format!("[outgoing]\ntimeout = '2s'\n{section}")).outgoing).unwrap()
}

/// Names with fixed addresses; counts the questions.
#[derive(Clone)]
struct Names {
    addresses: Vec<IpAddr>,
    asked: Arc<AtomicUsize>,
}

impl Names {
    fn standing_for(addresses: &[&str]) -> Self {
        let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
        Self { addresses, asked: Arc::new(AtomicUsize::new(0)) }
    }
}

impl Lookup for Names {
    fn lookup(&self, _: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let addresses = self.addresses.clone();
        Box::pin(async move { Ok(addresses) })
    }
}

#[tokio::test]
async fn a_form_is_posted_to_a_listed_target() {
    let canary = Canary::start(ok("done")).await;
    let fetcher = fetcher(&format!("allow = ['localhost:{0}', '127.0.0.1:{0}']", canary.port));
    let url = format!("http://localhost:{}/logout?a=b", canary.port);
    let answer = fetcher.post_form(&url, &[("logout_token", "a.b-c"), ("x", "1 & 2")]).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"done".as_slice()));
    let request = &canary.requests()[0];
    assert!(request.starts_with("POST /logout?a=b HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("content-type: application/x-www-form-urlencoded"), "{request}");
    assert!(request.ends_with("\r\n\r\nlogout_token=a.b-c&x=1+%26+2"), "{request}");

    let answer = fetcher.get(&format!("http://127.0.0.1:{}/", canary.port)).await.unwrap();
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_refusal_of_the_other_side_is_an_answer() {
    let canary = Canary::start(Behaviour::Answer("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n".to_owned())).await;
    let fetcher = fetcher(&format!("allow = ['localhost:{}']", canary.port));
    let answer = fetcher.get(&format!("http://localhost:{}/", canary.port)).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (500, 0));
}

#[tokio::test]
async fn nothing_connects_to_what_is_not_listed() {
    let canary = Canary::start(ok("secret")).await;
    let port = canary.port;
    // A neighbour is listed: the listing is for its port only.
    let fetcher = fetcher("allow = ['localhost:1', '127.0.0.1:1']");
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0177.0.0.1", "0"] {
        for url in [
            format!("http://{host}:{port}/"),
            format!("https://{host}:{port}/"),
            format!("https://app.example.com@{host}:{port}/"),
            format!("gopher://{host}:{port}/"),
        ] {
            for result in [fetcher.get(&url).await, fetcher.post_form(&url, &[("a", "b")]).await] {
                assert!(matches!(result, Err(FetchError::Refused(_))), "{url}: {result:?}");
            }
        }
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn a_public_name_that_stands_for_a_private_address_is_not_connected_to() {
    // Port 443 of loopback cannot be listened on here: that nothing is even tried shows in how fast the answer is, and
    // in the same answer for an address that would not refuse but swallow.
    for addresses in [
        &["127.0.0.1"][..],
        &["10.255.255.1"],
        &["169.254.169.254"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["fd00::1"],
        &["64:ff9b::7f00:1"],
        &["8.8.8.8", "127.0.0.1"],
        &["2606:4700::1111", "10.0.0.1"],
    ] {
        let names = Names::standing_for(addresses);
        let section = config("[outgoing]\ntimeout = '5s'\nconnect_timeout = '5s'").outgoing;
        let fetcher = Fetcher::with_lookup(&section, Arc::new(names.clone())).unwrap();
        let before = Instant::now();
        let result = fetcher.get("https://app.example.com/").await;
        assert!(matches!(result, Err(FetchError::Unreachable)), "{addresses:?}: {result:?}");
        assert!(before.elapsed() < Duration::from_secs(2), "{addresses:?}");
        assert_eq!(names.asked.load(Ordering::SeqCst), 1, "judged and connected to from one and the same answer");
    }
}

#[tokio::test]
async fn a_listed_name_on_another_port_is_judged_as_any_other() {
    let names = Names::standing_for(&["127.0.0.1"]);
    let canary = Canary::start(ok("listed")).await;
    let section = config(&format!("[outgoing]\nallow = ['app.example.com:{}']", canary.port)).outgoing;
    let fetcher = Fetcher::with_lookup(&section, Arc::new(names)).unwrap();
    let answer = fetcher.get(&format!("http://app.example.com:{}/", canary.port)).await.unwrap();
    assert_eq!(answer.body, b"listed");
    let result = fetcher.get("https://app.example.com/").await;
    assert!(matches!(result, Err(FetchError::Unreachable)), "{result:?}");
    let result = fetcher.get("http://app.example.com/").await;
    assert!(matches!(result, Err(FetchError::Refused(TargetRefused::Scheme))), "{result:?}");
}

#[tokio::test]
async fn redirects_are_answers_and_are_not_followed() {
    let canary = Canary::start(ok("secret")).await;
    let location = format!("http://127.0.0.1:{}/", canary.port);
    for status in [301, 302, 303, 307, 308] {
        let answer = format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        let redirecting = Canary::start(Behaviour::Answer(answer)).await;
        let fetcher = fetcher(&format!("allow = ['localhost:{}', '127.0.0.1:{}']", redirecting.port, canary.port));
        let answer = fetcher.get(&format!("http://localhost:{}/", redirecting.port)).await.unwrap();
        assert_eq!(answer.status, status);
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let canary = Canary::start(Behaviour::Flood).await;
    let fetcher = fetcher(&format!("response_limit = '64KiB'\nallow = ['localhost:{}']", canary.port));
    let result = fetcher.get(&format!("http://localhost:{}/", canary.port)).await;
    assert!(matches!(result, Err(FetchError::TooLong)), "{result:?}");
}

#[tokio::test]
async fn an_answer_just_within_the_limit_is_read_and_one_byte_more_is_not() {
    for (length, fits) in [(1024, true), (1025, false)] {
        let canary = Canary::start(ok(&"x".repeat(length))).await;
        let fetcher = fetcher(&format!("response_limit = '1KiB'\nallow = ['localhost:{}']", canary.port));
        let result = fetcher.get(&format!("http://localhost:{}/", canary.port)).await;
        assert_eq!(result.is_ok(), fits, "{length}: {result:?}");
    }
}

#[tokio::test]
async fn a_silent_and_a_trickling_server_are_given_up_in_time() {
    for behaviour in [Behaviour::Silence, Behaviour::Trickle] {
        let canary = Canary::start(behaviour).await;
        let fetcher = fetcher(&format!("allow = ['localhost:{}']", canary.port));
        let before = Instant::now();
        let result = fetcher.get(&format!("http://localhost:{}/", canary.port)).await;
        assert!(matches!(result, Err(FetchError::TimedOut)), "{result:?}");
        assert!(before.elapsed() < Duration::from_secs(4));
    }
}

#[tokio::test]
async fn tls_is_checked_against_the_trusted_authorities() {
    let (ours, other) = (Authority::new("fetch-ours"), Authority::new("fetch-other"));
    let trusted = Canary::start_with(ok("hello"), Some(ours.acceptor("localhost"))).await;
    let foreign = Canary::start_with(ok("hello"), Some(other.acceptor("localhost"))).await;
    let misnamed = Canary::start_with(ok("hello"), Some(ours.acceptor("elsewhere.example"))).await;
    let fetcher = fetcher(&format!(
        "certificate_authorities = '{}'\nallow = ['localhost:{}', 'localhost:{}', 'localhost:{}']",
        ours.file(),
        trusted.port,
        foreign.port,
        misnamed.port
    ));
    let get = |canary: &Canary| {
        let url = format!("https://localhost:{}/", canary.port);
        let fetcher = fetcher.clone();
        async move { fetcher.get(&url).await }
    };
    assert_eq!(get(&trusted).await.unwrap().body, b"hello");
    for canary in [&foreign, &misnamed] {
        let result = get(canary).await;
        assert!(matches!(result, Err(FetchError::Unreachable)), "{result:?}");
        assert!(canary.requests().is_empty());
    }
}

#[tokio::test]
async fn errors_do_not_repeat_the_url() {
    let fetcher = fetcher("");
    let error = fetcher.get("https://user:hunter2@10.0.0.1/secret").await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    assert!(!format!("{error} {error:?}").contains("10.0.0.1"));
}
