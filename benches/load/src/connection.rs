//! One HTTP/1.1 connection that is kept open, as an app's pool holds them: nothing between the measurement and the socket.

use anyhow::{Context, bail};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use url::Url;

pub struct Connection {
    /// `host:port`.
    authority: String,
    sender: Option<SendRequest<Full<Bytes>>>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| self.told())
    }

    pub fn location(&self) -> Option<&str> {
        self.headers.get(header::LOCATION)?.to_str().ok()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// For the report of a failure.
    pub fn told(&self) -> String {
        let start: String = self.text().chars().take(300).collect();
        format!("{} {start}", self.status)
    }
}

/// A request before its connection.
#[derive(Clone, Debug)]
pub struct Ask {
    pub method: Method,
    /// Path and query.
    pub target: String,
    pub headers: Vec<(header::HeaderName, String)>,
    pub body: String,
}

impl Ask {
    pub fn get(target: impl Into<String>) -> Self {
        Self { method: Method::GET, target: target.into(), headers: Vec::new(), body: String::new() }
    }

    pub fn form(target: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self { method: Method::POST, target: target.into(), headers: Vec::new(), body }
            .with(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
    }

    pub fn with(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl Connection {
    pub fn to(url: &Url) -> anyhow::Result<Self> {
        let host = url.host_str().context("no host")?;
        let port = url.port_or_known_default().context("no port")?;
        if url.scheme() != "http" {
            bail!("{url}: TLS would measure the TLS library; use http on loopback");
        }
        Ok(Self { authority: format!("{host}:{port}"), sender: None })
    }

    pub async fn send(&mut self, ask: &Ask) -> anyhow::Result<Answer> {
        // A server may have closed a connection that idled.
        let kept = self.sender.is_some();
        match self.try_send(ask).await {
            Err(error) if kept && error.downcast_ref::<hyper::Error>().is_some_and(is_closed) => {
                self.try_send(ask).await
            }
            answer => answer,
        }
    }

    async fn try_send(&mut self, ask: &Ask) -> anyhow::Result<Answer> {
        let mut sender = match self.sender.take() {
            Some(sender) => sender,
            None => self.open().await?,
        };
        let mut request = Request::builder().method(&ask.method).uri(&ask.target).header(header::HOST, &self.authority);
        for (name, value) in &ask.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(ask.body.clone())))?;
        sender.ready().await?;
        let answer = sender.send_request(request).await?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await?.to_bytes();
        self.sender = Some(sender);
        Ok(Answer { status: head.status, headers: head.headers, body })
    }

    async fn open(&self) -> anyhow::Result<SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect(&self.authority).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::task::spawn_local(async move {
            // Its end is seen by the next request.
            let _ = connection.await;
        });
        Ok(sender)
    }
}

fn is_closed(error: &hyper::Error) -> bool {
    error.is_closed() || error.is_canceled() || error.is_incomplete_message()
}
