//! A host that publishes documents, as clients do: what it answers can be changed, and what it is asked is counted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

#[derive(Clone)]
pub struct Published {
    pub status: u16,
    pub body: Vec<u8>,
    pub cache_control: &'static str,
    pub delay: Duration,
}

#[derive(Default)]
struct Shelf {
    documents: BTreeMap<String, Published>,
    asked: Vec<String>,
    /// Requests under way, and the most there ever were.
    open: usize,
    most_open: usize,
}

#[derive(Clone)]
pub struct Publisher {
    pub port: u16,
    shelf: Arc<Mutex<Shelf>>,
}

impl Publisher {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shelf = Arc::new(Mutex::new(Shelf::default()));
        let routes = Router::new().fallback(answer).with_state(shelf.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { port, shelf }
    }

    /// For `[outgoing] allow`.
    pub fn target(&self) -> String {
        format!("localhost:{}", self.port)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// Publishes `body` at `path`, and answers its URL.
    pub fn publish(&self, path: &str, body: impl Into<Vec<u8>>) -> String {
        self.publish_as(path, body, |_| {})
    }

    pub fn publish_as(&self, path: &str, body: impl Into<Vec<u8>>, how: impl FnOnce(&mut Published)) -> String {
        let mut published = Published { status: 200, body: body.into(), cache_control: "", delay: Duration::ZERO };
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

    pub fn most_open(&self) -> usize {
        self.shelf.lock().unwrap().most_open
    }
}

async fn answer(State(shelf): State<Arc<Mutex<Shelf>>>, uri: Uri) -> Response {
    let published = {
        let mut shelf = shelf.lock().unwrap();
        shelf.asked.push(uri.path().to_owned());
        shelf.open += 1;
        shelf.most_open = shelf.most_open.max(shelf.open);
        shelf.documents.get(uri.path()).cloned()
    };
    let Some(published) = published else {
        shelf.lock().unwrap().open -= 1;
        return StatusCode::NOT_FOUND.into_response();
    };
    tokio::time::sleep(published.delay).await;
    shelf.lock().unwrap().open -= 1;
    let mut response = (StatusCode::from_u16(published.status).unwrap(), published.body).into_response();
    if !published.cache_control.is_empty() {
        response.headers_mut().insert(header::CACHE_CONTROL, published.cache_control.parse().unwrap());
    }
    response
}
