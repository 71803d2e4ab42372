//! An app's back-channel endpoint, behaving as it is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Answers this status.
    Answers(u16),
    /// Reads the request and never answers.
    Hangs,
    /// Sends the sender elsewhere.
    RedirectsTo(SocketAddr),
}

pub struct ListeningApp {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<(Instant, String)>>>,
    manner: Arc<Mutex<Manner>>,
    accepting: tokio::task::JoinHandle<()>,
}

impl ListeningApp {
    pub async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let manner = Arc::new(Mutex::new(manner));
        let (keep, behave) = (heard.clone(), manner.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, keep.clone(), behave.clone()));
            }
        });
        Self { address, heard, manner, accepting }
    }

    pub fn uri(&self) -> String {
        format!("http://{}/backchannel", self.address)
    }

    pub fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// The logout tokens so far, and when they came.
    pub fn heard(&self) -> Vec<(Instant, String)> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits up to ten seconds until `count` tokens have come.
    pub async fn wait_for(&self, count: usize) -> Vec<(Instant, String)> {
        for _ in 0..200 {
            if self.heard().len() >= count {
                return self.heard();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} logout tokens came, not {count}", self.heard().len());
    }
}

impl Drop for ListeningApp {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(mut stream: TcpStream, heard: Arc<Mutex<Vec<(Instant, String)>>>, manner: Arc<Mutex<Manner>>) {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    loop {
        let Ok(read @ 1..) = stream.read(&mut part).await else { return };
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
        });
        if body.len() < length.unwrap_or(0) {
            continue;
        }
        let token = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "logout_token");
        heard.lock().unwrap().push((Instant::now(), token.map(|(_, value)| value.into_owned()).unwrap_or_default()));
        let how = *manner.lock().unwrap();
        let answer = match how {
            Manner::Answers(status) => format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
            Manner::RedirectsTo(to) => {
                format!("HTTP/1.1 307 X\r\nlocation: http://{to}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            }
            Manner::Hangs => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                return;
            }
        };
        let _ = stream.write_all(answer.as_bytes()).await;
        return;
    }
}
