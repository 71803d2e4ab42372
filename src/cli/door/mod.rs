//! The two doors of a command to the operations: the database, or the admin API of a running server. Both answer the same JSON, because
//! both lead to the operations of that API: the one within this process and as the operator, the other over HTTP and as whoever the
//! token is of.

mod credentials;
mod inside;
mod refused;
mod server;

use axum::http::Method;
use serde_json::Value;

pub use self::credentials::ServerArguments;
use self::inside::Inside;
pub use self::refused::{DoorError, Proposed};
use self::server::ApiClient;
use super::Mistyped;
use super::open::ConfigArgument;
use crate::app::App;
use crate::domain::admin::Act;

const API: &str = "/admin/api/v1";
/// Of one page of a list.
const PAGE: usize = 100;

pub enum Door {
    Database(Box<Inside>),
    Server(Box<ApiClient>),
}

/// One request to an operation.
pub struct Question {
    method: Method,
    /// What it is, which says the scope that a program needs.
    act: Act,
    /// After [`API`].
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
    /// The ETag of what was read; "*" is anything.
    seen: Option<String>,
    /// What is asked about, for "there is no ..".
    about: String,
}

/// What an operation answered.
pub struct Answer {
    pub status: u16,
    pub etag: Option<String>,
    pub body: Value,
}

impl Question {
    fn new(method: Method, act: Act, path: impl Into<String>) -> Self {
        let about = "such thing".to_owned();
        Self { method, act, path: path.into(), query: Vec::new(), body: None, seen: None, about }
    }

    pub fn get(act: Act, path: impl Into<String>) -> Self {
        Self::new(Method::GET, act, path)
    }

    pub fn post(act: Act, path: impl Into<String>, body: Value) -> Self {
        Self { body: Some(body), ..Self::new(Method::POST, act, path) }
    }

    pub fn patch(act: Act, path: impl Into<String>, body: Value) -> Self {
        Self { body: Some(body), ..Self::new(Method::PATCH, act, path) }
    }

    pub fn put(act: Act, path: impl Into<String>, body: Value, seen: String) -> Self {
        Self { body: Some(body), seen: Some(seen), ..Self::new(Method::PUT, act, path) }
    }

    /// Whatever it is by now.
    pub fn delete(act: Act, path: impl Into<String>) -> Self {
        Self { seen: Some("*".to_owned()), ..Self::new(Method::DELETE, act, path) }
    }

    /// With a parameter in the query, when there is a value.
    pub fn with(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.query.extend(value.map(|value| (name, value.to_string())));
        self
    }

    pub fn about(self, about: impl Into<String>) -> Self {
        Self { about: about.into(), ..self }
    }

    /// Path and query from the root.
    fn target(&self) -> String {
        if self.query.is_empty() {
            return format!("{API}{}", self.path);
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.query).finish();
        format!("{API}{}?{query}", self.path)
    }
}

/// What came back, its body not read yet.
enum Told {
    Inside(axum::response::Response),
    Server(Box<reqwest::Response>),
}

impl Door {
    pub async fn open(arguments: &ServerArguments, config: &ConfigArgument) -> anyhow::Result<Self> {
        match arguments.address()? {
            None => Ok(Self::Database(Box::new(Inside::new(config.open().await?)))),
            Some(address) => Ok(Self::Server(Box::new(ApiClient::new(address, arguments.credentials()?)?))),
        }
    }

    /// For what only the command line on the database does. `why` says where else it is done.
    pub fn database(&self, what: &str, why: &str) -> anyhow::Result<&App> {
        match self {
            Self::Database(inside) => Ok(&inside.app),
            Self::Server(_) => Err(Mistyped(format!("{what} works on the database only: {why}")).into()),
        }
    }

    pub async fn ask(&self, question: Question) -> anyhow::Result<Answer> {
        let mut told = self.send(&question).await?;
        let (status, etag) = (told.status(), told.header("etag"));
        let mut body = Vec::new();
        while let Some(piece) = self.piece(&mut told).await? {
            body.extend_from_slice(&piece);
        }
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap_or(Value::Null) };
        Ok(Answer { status, etag, body })
    }

    /// As [`Door::ask`], for a grave act: what waits for a second person is not done.
    pub async fn ask_grave(&self, question: Question) -> anyhow::Result<Answer> {
        let answer = self.ask(question).await?;
        match answer.status {
            202 => Err(Proposed(super::print::text(&answer.body["proposal"])).into()),
            _ => Ok(answer),
        }
    }

    /// Prints the answer as it comes.
    pub async fn copy(&self, question: Question, out: &mut (impl std::io::Write + Send)) -> anyhow::Result<()> {
        let mut told = self.send(&question).await?;
        while let Some(piece) = self.piece(&mut told).await? {
            out.write_all(&piece)?;
        }
        Ok(out.flush()?)
    }

    /// Every item of a list.
    pub async fn all(&self, question: Question) -> anyhow::Result<Vec<Value>> {
        Ok(self.some(question, usize::MAX).await?.0)
    }

    /// At most so many items of a list, and where it goes on.
    pub async fn some(&self, mut question: Question, most: usize) -> anyhow::Result<(Vec<Value>, Option<String>)> {
        let mut items = Vec::new();
        loop {
            let limit = (most - items.len()).clamp(1, PAGE);
            question.query.retain(|(name, _)| *name != "limit");
            question.query.push(("limit", limit.to_string()));
            let page = self.ask(question.again()).await?.body;
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            let next = page["next"].as_str().and_then(cursor_of);
            if next.is_none() || items.len() >= most {
                return Ok((items, next));
            }
            question.query.retain(|(name, _)| *name != "cursor");
            question.query.extend(next.map(|cursor| ("cursor", cursor)));
        }
    }

    async fn send(&self, question: &Question) -> anyhow::Result<Told> {
        let mut told = match self {
            Self::Database(inside) => Told::Inside(inside.send(question).await?),
            Self::Server(server) => Told::Server(Box::new(server.send(question).await?)),
        };
        if told.status() < 400 {
            return Ok(told);
        }
        let retry_after = told.header("retry-after");
        let (status, challenge) = (told.status(), told.header("www-authenticate"));
        let mut body = Vec::new();
        while let Some(piece) = self.piece(&mut told).await? {
            body.extend_from_slice(&piece);
        }
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Err(refused::problem((status, &body), (challenge, retry_after), question).into())
    }

    async fn piece(&self, told: &mut Told) -> anyhow::Result<Option<axum::body::Bytes>> {
        match told {
            Told::Inside(response) => inside::piece(response).await,
            Told::Server(response) => response.chunk().await.map_err(|error| server::unreachable(&error).into()),
        }
    }

    pub async fn close(self) {
        if let Self::Database(inside) = self {
            inside.app.karat.store.db().close().await;
        }
    }
}

impl Question {
    fn again(&self) -> Self {
        Self {
            method: self.method.clone(),
            act: self.act,
            path: self.path.clone(),
            query: self.query.clone(),
            body: self.body.clone(),
            seen: self.seen.clone(),
            about: self.about.clone(),
        }
    }
}

impl Told {
    fn status(&self) -> u16 {
        match self {
            Self::Inside(response) => response.status().as_u16(),
            Self::Server(response) => response.status().as_u16(),
        }
    }

    fn header(&self, name: &str) -> Option<String> {
        let headers = match self {
            Self::Inside(response) => response.headers(),
            Self::Server(response) => response.headers(),
        };
        headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    }
}

/// Where `next`, an address of the server's, goes on.
fn cursor_of(next: &str) -> Option<String> {
    let query = next.split_once('?')?.1;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "cursor")
        .map(|(_, cursor)| cursor.into_owned())
}

/// As one segment of a path.
pub fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
