//! A host that publishes documents, as clients do: what it answers can be changed, and what it is asked is counted.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::authority::Authority;

#[derive(Clone)]
pub struct Published {
    pub status: u16,
    pub body: Vec<u8>,
    pub cache_control: &'static str,
    /// Where a redirect leads.
    pub location: String,
    pub delay: Duration,
}

#[derive(Default)]
struct Shelf {
    documents: BTreeMap<String, Published>,
    asked: Vec<String>,
    connections: usize,
    /// Requests under way, and the most there ever were.
    open: usize,
    most_open: usize,
}

#[derive(Clone)]
pub struct Publisher {
    pub port: u16,
    scheme: &'static str,
    shelf: Arc<Mutex<Shelf>>,
    authority: Option<Arc<Authority>>,
}

impl Publisher {
    pub async fn start() -> Self {
        Self::begin(None).await
    }

    /// Speaks TLS, vouched for by an authority of its own: see [`Publisher::section`]. `name` tells the authorities of one process apart.
    pub async fn start_tls(name: &str) -> Self {
        Self::begin(Some(Arc::new(Authority::new(name)))).await
    }

    async fn begin(authority: Option<Arc<Authority>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shelf = Arc::new(Mutex::new(Shelf::default()));
        let (kept, tls) = (shelf.clone(), authority.as_ref().map(|authority| authority.acceptor("localhost")));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                kept.lock().unwrap().connections += 1;
                let (kept, tls): (_, Option<TlsAcceptor>) = (kept.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => answer(tls.accept(stream).await?, &kept).await,
                        None => answer(stream, &kept).await,
                    }
                });
            }
        });
        let scheme = if authority.is_some() { "https" } else { "http" };
        Self { port, scheme, shelf, authority }
    }

    /// For `[outgoing] allow`.
    pub fn target(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// The section by which Karat may ask this host.
    pub fn section(&self) -> String {
        let trusted =
            self.authority.as_ref().map(|authority| format!("certificate_authorities = '{}'\n", authority.file()));
        format!("[outgoing]\nallow = ['{}']\n{}", self.target(), trusted.unwrap_or_default())
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}://localhost:{}{path}", self.scheme, self.port)
    }

    /// Publishes `body` at `path`, and answers its URL.
    pub fn publish(&self, path: &str, body: impl Into<Vec<u8>>) -> String {
        self.publish_as(path, body, |_| {})
    }

    pub fn publish_as(&self, path: &str, body: impl Into<Vec<u8>>, how: impl FnOnce(&mut Published)) -> String {
        let mut published = Published {
            status: 200,
            body: body.into(),
            cache_control: "",
            location: String::new(),
            delay: Duration::ZERO,
        };
        how(&mut published);
        self.shelf.lock().unwrap().documents.insert(path.to_owned(), published);
        self.url(path)
    }

    pub fn fails_with(&self, path: &str, status: u16) -> String {
        self.publish_as(path, "", |published| published.status = status)
    }

    /// The paths that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.shelf.lock().unwrap().asked.clone()
    }

    pub fn times_asked(&self, path: &str) -> usize {
        self.asked().iter().filter(|asked| *asked == path).count()
    }

    pub fn connections(&self) -> usize {
        self.shelf.lock().unwrap().connections
    }

    pub fn most_open(&self) -> usize {
        self.shelf.lock().unwrap().most_open
    }
}

/// One request a connection; its body is not looked at.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, shelf: &Mutex<Shelf>) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let mut part = [0; 1024];
        match stream.read(&mut part).await? {
            0 => return Ok(()),
            read => head.extend_from_slice(&part[..read]),
        }
    }
    let text = String::from_utf8_lossy(&head);
    let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
    let published = {
        let mut shelf = shelf.lock().unwrap();
        shelf.open += 1;
        shelf.most_open = shelf.most_open.max(shelf.open);
        let found = shelf.documents.get(&path).cloned();
        shelf.asked.push(path);
        found
    };
    let (status, body, more) = match &published {
        None => (404, &[][..], String::new()),
        Some(published) => {
            tokio::time::sleep(published.delay).await;
            let mut more = String::new();
            for (name, value) in [("Cache-Control", published.cache_control), ("Location", &published.location)] {
                if !value.is_empty() {
                    more += &format!("{name}: {value}\r\n");
                }
            }
            (published.status, published.body.as_slice(), more)
        }
    };
    let head = format!("HTTP/1.1 {status} Status\r\nContent-Length: {}\r\nConnection: close\r\n{more}\r\n", body.len());
    shelf.lock().unwrap().open -= 1;
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    stream.shutdown().await
}
