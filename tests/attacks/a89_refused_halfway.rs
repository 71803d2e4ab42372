//! Whoever is refused while still sending reads the answer, and the connection is either whole or said to end: what was left
//! over is never taken for the next request (RFC 9112 sections 9.3, 9.6).

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::{connect, read_answer};
use crate::support::TestApp;

const LARGE: usize = 3_000_000;

fn head(app: &TestApp, length: &str) -> String {
    let host = app.host();
    format!(
        "POST /token HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n{length}\r\n\r\n"
    )
}

/// One answer, whole, from a connection that stays open.
async fn one_answer(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let mut part = [0; 16 * 1024];
    loop {
        let read =
            tokio::time::timeout(Duration::from_secs(20), stream.read(&mut part)).await.expect("an answer").unwrap();
        assert!(read > 0, "closed after {:?}", String::from_utf8_lossy(&all));
        all.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&all).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if body.len() >= length.expect("a length") {
            return text;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sent_too_much_reads_so_and_goes_on_over_the_same_connection() {
    let app = TestApp::start().await;
    let mut stream = connect(&app).await;
    stream.write_all(head(&app, &format!("Content-Length: {LARGE}")).as_bytes()).await.unwrap();
    // Inside what is refused there is something that looks like a request.
    let within = format!("\r\n\r\nGET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", app.host());
    let mut body = vec![b'a'; LARGE];
    body[LARGE / 2..LARGE / 2 + within.len()].copy_from_slice(within.as_bytes());
    for part in body.chunks(500_000) {
        stream.write_all(part).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let answer = one_answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(!answer.to_lowercase().contains("connection: close"), "{answer}");
    let next = format!("GET /jwks HTTP/1.1\r\nHost: {}\r\n\r\n", app.host());
    stream.write_all(next.as_bytes()).await.unwrap();
    let answer = one_answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"keys\""), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_worth_taking_in_ends_the_connection_and_says_so() {
    let app = TestApp::start().await;
    let chunk = format!("{:X}\r\n{}\r\n", 200_000, "a".repeat(200_000));
    for (what, length, body) in [
        ("far too long", "Content-Length: 100000000", "a".repeat(200_000)),
        ("never finished", "Content-Length: 300000", "a".repeat(200_000)),
        ("chunks without end", "Transfer-Encoding: chunked", chunk),
    ] {
        let mut stream = connect(&app).await;
        stream.write_all(format!("{}{body}", head(&app, length)).as_bytes()).await.unwrap();
        let answer = read_answer(&mut stream, Duration::from_secs(5)).await;
        assert_eq!(answer.status, 413, "{what}: {}", answer.text);
        assert!(answer.text.to_lowercase().contains("\r\nconnection: close\r\n"), "{what}: {}", answer.text);
        assert_eq!(answer.count(), 1, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_to_be_told_to_go_on_is_not_told_so_when_refused() {
    let app = TestApp::start().await;
    let mut stream = connect(&app).await;
    let elsewhere = "POST /token HTTP/1.1\r\nHost: evil.test\r\nContent-Length: 3000\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(elsewhere.as_bytes()).await.unwrap();
    let answer = read_answer(&mut stream, Duration::from_secs(5)).await;
    assert_eq!(answer.status, 421, "{}", answer.text);
    assert!(answer.text.to_lowercase().contains("\r\nconnection: close\r\n"), "{}", answer.text);

    // Who is not refused is told to.
    let mut stream = connect(&app).await;
    let length = "Content-Length: 29\r\nExpect: 100-continue";
    stream.write_all(head(&app, length).as_bytes()).await.unwrap();
    let mut told = [0; 25];
    stream.read_exact(&mut told).await.unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"grant_type=client_credentials").await.unwrap();
    assert!(one_answer(&mut stream).await.starts_with("HTTP/1.1 401"));
}
