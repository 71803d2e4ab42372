//! A system of the operator's that listens to webhooks, and what it heard.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A post as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    pub id: String,
    pub timestamp: String,
    signatures: Vec<String>,
    pub body: String,
}

impl Heard {
    /// Standard Webhooks, written anew: HMAC-SHA256 over id, time and body.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let signed = format!("{}.{}.{}", self.id, self.timestamp, self.body);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes());
        self.signatures.contains(&format!("v1,{}", STANDARD.encode(tag)))
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A system of the operator's that answers what it is told to; 0: never.
pub struct Receiver {
    pub address: std::net::SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Arc<Mutex<u16>>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Receiver {
    pub async fn start(answers: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, answers) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(answers)));
        let (keep, say) = (heard.clone(), answers.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (keep, say) = (keep.clone(), say.clone());
                tokio::spawn(async move {
                    let mut read = Vec::new();
                    let mut part = [0; 4096];
                    while let Ok(length @ 1..) = stream.read(&mut part).await {
                        read.extend_from_slice(&part[..length]);
                        let text = String::from_utf8_lossy(&read).into_owned();
                        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                        let header = |name: &str| {
                            let lines = head.lines().filter_map(|line| line.split_once(':'));
                            let mut found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
                            found.next().map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
                        };
                        if body.len() < header("content-length").parse::<usize>().unwrap() {
                            continue;
                        }
                        assert_eq!(header("content-type"), "application/json");
                        keep.lock().unwrap().push(Heard {
                            id: header("webhook-id"),
                            timestamp: header("webhook-timestamp"),
                            signatures: header("webhook-signature").split(' ').map(str::to_owned).collect(),
                            body: body.to_owned(),
                        });
                        let status = *say.lock().unwrap();
                        if status == 0 {
                            tokio::time::sleep(Duration::from_secs(60)).await;
                        }
                        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                        let _ = stream.write_all(answer.as_bytes()).await;
                        return;
                    }
                });
            }
        });
        Self { address, heard, answers, accepting }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub fn answer(&self, status: u16) {
        *self.answers.lock().unwrap() = status;
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits up to ten seconds until `count` posts have come.
    pub async fn wait_for(&self, count: usize) -> Vec<Heard> {
        for _ in 0..400 {
            if self.heard().len() >= count {
                return self.heard();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{} posts came, not {count}: {:?}", self.heard().len(), self.heard());
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
