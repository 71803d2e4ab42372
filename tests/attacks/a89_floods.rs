//! Requests too big, too slow, too many or ambiguous are refused with little work, and everybody else is served meanwhile
//! (CVE-2023-44487, CVE-2024-27316, OWASP ASVS 4.2.1, 15.2.2).

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::{connect, raw, read_answer};
use crate::support::app::{SECRET, service_client, web_client};
use crate::support::{Browser, RelyingParty, TestApp};

/// Somebody else is served, and soon.
async fn assert_others_are_served(app: &TestApp, rp: &RelyingParty<'_>) {
    let began = Instant::now();
    let page = Browser::new(&app.base).get("/login").await;
    assert_eq!(page.status, 200);
    assert_eq!(rp.post("/token", &[("grant_type", "client_credentials")]).await.status, 200);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

fn get(app: &TestApp, path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}Connection: close\r\n\r\n", app.host()).into_bytes()
}

fn form(app: &TestApp, body: &str) -> Vec<u8> {
    use base64::Engine;
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("bot:{SECRET}"));
    let head = format!("POST /token HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic {basic}\r\n", app.host());
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    format!("{head}{kind}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_big_is_refused() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, service_client("bot", "trade:read")).await;
    let parameters = |count: usize| (0..count).map(|index| format!("p{index}=x&")).collect::<String>();
    let grant = "grant_type=client_credentials";
    for (what, bytes) in [
        ("a header of 64 KB", get(&app, "/login", &format!("X-Big: {}\r\n", "a".repeat(64 * 1024)))),
        ("a header of 1 MB", get(&app, "/login", &format!("X-Big: {}\r\n", "a".repeat(1024 * 1024)))),
        ("1000 headers", get(&app, "/login", &(0..1_000).map(|index| format!("X-{index}: y\r\n")).collect::<String>())),
        ("a cookie of 64 KB", get(&app, "/login", &format!("Cookie: karat_session={}\r\n", "a".repeat(64 * 1024)))),
        ("a path of 100 KB", get(&app, &format!("/{}", "a".repeat(100_000)), "")),
        ("a query of 100 KB", get(&app, &format!("/authorize?state={}", "a".repeat(100_000)), "")),
        ("10000 parameters", form(&app, &format!("{}{grant}", parameters(10_000)))),
        ("300 parameters", form(&app, &format!("{}{grant}", parameters(300)))),
        ("10000 scopes", form(&app, &format!("{grant}&scope={}", vec!["a"; 10_000].join("+")))),
        ("a body of 5 MB", form(&app, &format!("{grant}&x={}", "a".repeat(5 * 1024 * 1024)))),
        ("a chunk without end", {
            let head = format!("POST /token HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n", app.host());
            let kind = "Content-Type: application/x-www-form-urlencoded\r\n\r\n";
            format!("{head}{kind}FFFFFFFFFFFFFFFF\r\n{}", "a".repeat(300_000)).into_bytes()
        }),
        ("many small chunks", {
            let head = format!("POST /token HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n", app.host());
            let kind = "Content-Type: application/x-www-form-urlencoded\r\n\r\n";
            format!("{head}{kind}{}", "1;ext=val\r\na\r\n".repeat(80_000)).into_bytes()
        }),
    ] {
        let began = Instant::now();
        let answer = raw(&app, &bytes).await;
        // 0: the connection was closed on who sent too much.
        assert!(answer.status == 0 || (400..500).contains(&answer.status), "{what}: {}", answer.text);
        assert!(began.elapsed() < Duration::from_secs(6), "{what} took {:?}", began.elapsed());
        assert_others_are_served(&app, &rp).await;
    }
    assert_eq!(raw(&app, &get(&app, "/login", &format!("X-Fine: {}\r\n", "a".repeat(4_000)))).await.status, 200);
    assert_eq!(raw(&app, &form(&app, grant)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_wish_for_a_language_each_time_costs_nothing_that_stays() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let browser = Browser::new(&app.base);
    for index in 0..300 {
        let locales = format!("x{index}-Abcd-{index} {}", "de-".repeat(20));
        let page = browser.get(&rp.authorize_path(&[("ui_locales", &locales), ("claims_locales", &locales)])).await;
        assert_eq!(page.status, 200);
    }
    let page = browser.get(&rp.authorize_path(&[("ui_locales", "es")])).await;
    assert!(page.body.contains("lang=\"es\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_slowly_is_cut_off_and_holds_up_nobody() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, service_client("bot", "trade:read")).await;
    let headers = app.config.server.header_read_timeout.as_duration();
    let whole = app.config.server.request_timeout.as_duration();
    let host = app.host().to_owned();
    let trickle = async |beginning: String, within: Duration| {
        let mut stream = connect(&app).await;
        let began = Instant::now();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let mut part = [0; 4096];
        loop {
            if stream.write_all(b"a").await.is_err() {
                break;
            }
            let read = tokio::time::timeout(Duration::from_millis(400), stream.read(&mut part)).await;
            if let Ok(Ok(0) | Err(_)) = read {
                break;
            }
            assert!(began.elapsed() < within + Duration::from_secs(10), "still served after {:?}", began.elapsed());
        }
    };
    let silent = async {
        let mut stream = connect(&app).await;
        let answer = read_answer(&mut stream, headers + Duration::from_secs(10)).await;
        assert_ne!(answer.status, 200);
    };
    let others = async {
        for _ in 0..5 {
            assert_others_are_served(&app, &rp).await;
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    };
    let kind = "Content-Type: application/x-www-form-urlencoded";
    tokio::join!(
        trickle(format!("GET /login HTTP/1.1\r\nHost: {host}\r\nX-Slow: "), headers),
        trickle("G".to_owned(), headers),
        trickle(format!("POST /token HTTP/1.1\r\nHost: {host}\r\n{kind}\r\nContent-Length: 60000\r\n\r\n"), whole),
        silent,
        others,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_keep_nobody_out() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, service_client("bot", "trade:read")).await;
    let mut idle = Vec::new();
    for index in 0..150 {
        let Ok(mut stream) = tokio::time::timeout(Duration::from_secs(2), connect(&app)).await else { break };
        if index % 2 == 0 {
            let _ = stream.write_all(b"GET /login HTTP/1.1\r\n").await;
        }
        idle.push(stream);
    }
    assert!(idle.len() >= 100);
    assert_others_are_served(&app, &rp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ambiguous_length_never_makes_two_requests_of_one() {
    let app = TestApp::start().await;
    let host = app.host().to_owned();
    // What a proxy before us took for a body; were it read as a request, its answer would be somebody else's.
    let smuggled = format!("GET /.well-known/openid-configuration HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let post = format!("POST /token HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n");
    let chunked = "Transfer-Encoding: chunked\r\n";
    let whole = format!("Content-Length: {}\r\n", smuggled.len() + 5);
    let attacks = [
        ("CL then TE", format!("{post}{whole}{chunked}\r\n0\r\n\r\n{smuggled}")),
        ("TE then CL", format!("{post}{chunked}{whole}\r\n0\r\n\r\n{smuggled}")),
        ("two lengths", format!("{post}Content-Length: 0\r\nContent-Length: {}\r\n\r\n{smuggled}", smuggled.len())),
        ("a list of lengths", format!("{post}Content-Length: 0, {}\r\n\r\n{smuggled}", smuggled.len())),
        ("a signed length", format!("{post}Content-Length: +0\r\n\r\n{smuggled}")),
        ("a negative length", format!("{post}Content-Length: -1\r\n\r\n{smuggled}")),
        ("an odd encoding", format!("{post}Transfer-Encoding: xchunked\r\n{whole}\r\n0\r\n\r\n{smuggled}")),
        (
            "a list of encodings",
            format!("{post}Transfer-Encoding: chunked, identity\r\n{whole}\r\n0\r\n\r\n{smuggled}"),
        ),
        ("two encodings", format!("{post}{chunked}Transfer-Encoding: identity\r\n{whole}\r\n0\r\n\r\n{smuggled}")),
        ("a space before the colon", format!("{post}Transfer-Encoding : chunked\r\n{whole}\r\n0\r\n\r\n{smuggled}")),
        ("a folded encoding", format!("{post}Transfer-Encoding:\r\n chunked\r\n{whole}\r\n0\r\n\r\n{smuggled}")),
        ("a tab before the value", format!("{post}Transfer-Encoding:\tchunked\r\n{whole}\r\n0\r\n\r\n{smuggled}")),
        (
            "an encoding in HTTP/1.0",
            format!("{}{chunked}{whole}\r\n0\r\n\r\n{smuggled}", post.replace("HTTP/1.1", "HTTP/1.0")),
        ),
        ("bare line feeds", format!("{}{chunked}{whole}\r\n0\n\n{smuggled}", post)),
        ("a chunk that lies", format!("{post}{chunked}{whole}\r\n0;\n\r\n\r\n{smuggled}")),
        ("a chunk size with junk", format!("{post}{chunked}{whole}\r\n0x0\r\n\r\n{smuggled}")),
        ("a length in the second line", format!("{post}X: y\nContent-Length: {}\r\n\r\n{smuggled}", smuggled.len())),
    ];
    for (what, request) in attacks {
        let answer = raw(&app, request.as_bytes()).await;
        assert!(answer.count() <= 1, "{what} got {} answers:\n{}", answer.count(), answer.text);
        assert!(!answer.text.contains("authorization_endpoint"), "{what}:\n{}", answer.text);
        assert!(answer.status == 0 || answer.status >= 400, "{what}:\n{}", answer.text);
    }
    // The twin: two whole requests on one connection are two.
    let body = "grant_type=x";
    let two = format!("{post}Content-Length: {}\r\n\r\n{body}{smuggled}", body.len());
    let answer = raw(&app, two.as_bytes()).await;
    assert!(answer.count() == 2 && answer.text.contains("authorization_endpoint"), "{}", answer.text);
    let alone = format!("{post}{chunked}\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let answer = raw(&app, alone.as_bytes()).await;
    assert_eq!(answer.status, 401, "a chunked body alone is read: {}", answer.text);
}

// HTTP/2, frame by frame (RFC 9113 section 4.1, RFC 7541 section 6).

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

fn literal(name_index: u8, value: &str) -> Vec<u8> {
    let mut bytes = vec![name_index, u8::try_from(value.len()).unwrap()];
    bytes.extend_from_slice(value.as_bytes());
    bytes
}

/// `GET path`, from the static table and two literals.
fn request_headers(app: &TestApp, path: &str) -> Vec<u8> {
    [vec![0x82, 0x86], literal(4, path), literal(1, app.host())].concat()
}

async fn http2(app: &TestApp) -> TcpStream {
    let mut stream = connect(app).await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    stream
}

/// Whether the server ends the connection, by a goodbye frame or by closing, within a few seconds.
async fn is_ended(mut stream: TcpStream) -> bool {
    let mut all = Vec::new();
    let mut part = [0; 16 * 1024];
    let until = Instant::now() + Duration::from_secs(5);
    while Instant::now() < until {
        match tokio::time::timeout(Duration::from_secs(2), stream.read(&mut part)).await {
            Ok(Ok(0) | Err(_)) => return true,
            Ok(Ok(read)) => all.extend_from_slice(&part[..read]),
            Err(_) => break,
        }
    }
    let mut rest = &all[..];
    while let [a, b, c, kind, _, _, _, _, _, ..] = rest {
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        // GOAWAY with an error.
        if *kind == 7 && rest.get(13..17).is_some_and(|code| code != [0; 4]) {
            return true;
        }
        rest = rest.get(9 + length..).unwrap_or_default();
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_opened_and_reset_at_once_end_the_connection() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, service_client("bot", "trade:read")).await;
    let mut stream = http2(&app).await;
    let headers = request_headers(&app, "/login");
    let mut flood = Vec::new();
    for index in 0..3_000_u32 {
        let id = index * 2 + 1;
        flood.extend(frame(HEADERS, END_HEADERS | END_STREAM, id, &headers));
        flood.extend(frame(RST_STREAM, 0, id, &8_u32.to_be_bytes()));
    }
    let _ = stream.write_all(&flood).await;
    assert_others_are_served(&app, &rp).await;
    assert!(is_ended(stream).await, "three thousand reset streams were borne");
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_without_end_end_the_connection() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, service_client("bot", "trade:read")).await;
    let mut stream = http2(&app).await;
    let _ = stream.write_all(&frame(HEADERS, END_STREAM, 1, &request_headers(&app, "/login"))).await;
    // A literal header of its own name, again and again.
    let one = [vec![0x00], literal(3, "x-a")[1..].to_vec(), vec![100], vec![b'v'; 100]].concat();
    let block = one.repeat(100);
    for _ in 0..500 {
        if stream.write_all(&frame(CONTINUATION, 0, 1, &block)).await.is_err() {
            break;
        }
    }
    assert_others_are_served(&app, &rp).await;
    assert!(is_ended(stream).await, "five megabytes of continued headers were borne");
}

#[tokio::test(flavor = "multi_thread")]
async fn pings_and_settings_without_end_hold_up_nobody() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, service_client("bot", "trade:read")).await;
    let mut stream = http2(&app).await;
    let flood = [frame(PING, 0, 0, &[0; 8]), frame(SETTINGS, 0, 0, &[])].concat().repeat(20_000);
    // The answers are not read: a server that queued them all would grow without end.
    let _ = tokio::time::timeout(Duration::from_secs(3), stream.write_all(&flood)).await;
    assert_others_are_served(&app, &rp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_http2_request_is_served() {
    let app = TestApp::start().await;
    let mut stream = http2(&app).await;
    stream.write_all(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &request_headers(&app, "/login"))).await.unwrap();
    let answer = read_answer(&mut stream, Duration::from_millis(1500)).await;
    assert!(answer.text.contains("<!doctype html>"), "{:?}", answer.text.chars().take(200).collect::<String>());
    // And one for another host is not.
    let mut stream = http2(&app).await;
    let headers = [vec![0x82, 0x86], literal(4, "/login"), literal(1, "evil.test")].concat();
    stream.write_all(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &headers)).await.unwrap();
    let answer = read_answer(&mut stream, Duration::from_millis(1500)).await;
    assert!(!answer.text.contains("field-password") && !answer.text.contains("login-submit"));
}
