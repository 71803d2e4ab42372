//! What the attacks share: races released from one barrier, requests written byte by byte, and what a refusal looks like.

use std::future::Future;
use std::time::Duration;

use karat::domain::client::{Client, ConsentRule};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Barrier;

use crate::support::app::web_client;
use crate::support::relying_party::Answer;
use crate::support::{Browser, Page, Person, RelyingParty, TestApp};

/// An app of the operator's own house, which nobody is asked about: codes come without pages.
pub fn own_client(id: &str) -> Client {
    Client { consent: ConsentRule::FirstParty, ..web_client(id) }
}

/// A browser in which the person is logged in.
pub async fn logged_in(rp: &RelyingParty<'_>, person: &Person) -> Browser {
    let browser = Browser::new(&rp.app.base);
    let page = rp.log_in(&browser, person, &[]).await;
    assert!(page.param("code").is_some(), "{}: {}", page.url, page.text());
    browser
}

/// A code for whoever is logged in there.
pub async fn code_in(rp: &RelyingParty<'_>, browser: &Browser, scope: &str) -> String {
    let page = browser.get(&rp.authorize_path(&[("scope", scope)])).await;
    let page = match page.path() {
        "/consent" => browser.submit(&page, &[("decision", "allow")]).await,
        _ => page,
    };
    page.param("code").unwrap_or_else(|| panic!("no code at {}: {}", page.url, page.text()))
}

/// Sends all requests at the same moment and answers their outcomes.
pub async fn at_once<T>(requests: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let requests: Vec<_> = requests.into_iter().collect();
    let barrier = Barrier::new(requests.len());
    let released = requests.into_iter().map(|request| async {
        barrier.wait().await;
        request.await
    });
    futures_util::future::join_all(released).await
}

pub fn successes(answers: &[Answer]) -> Vec<&Answer> {
    for answer in answers {
        assert!(answer.status < 500, "a race must not fault: {answer:?}");
    }
    answers.iter().filter(|answer| answer.status == 200).collect()
}

/// The person reads an error page: nobody is redirected, by header, markup or script.
pub fn assert_error_page(page: &Page, attack: &str) {
    assert!(page.status.is_client_error(), "{attack}: {} {:?}", page.status, page.location());
    assert_eq!(page.location(), None, "{attack}");
    let body = page.body.to_lowercase();
    for sign in ["http-equiv", "<script", "<base", "evil.test", "javascript:"] {
        assert!(!body.contains(sign), "{attack}: {sign} in {}", page.body);
    }
    for action in body.split("action=\"").skip(1) {
        assert!(action.starts_with('/') && !action.starts_with("//"), "{attack}: {}", page.body);
    }
}

/// The app is told of an error, at its own address.
pub fn assert_returned(page: &Page, to: &str, error: &str) {
    assert!(page.url.starts_with(to), "{}: {}", page.url, page.text());
    assert_eq!(page.param("error").as_deref(), Some(error), "{}", page.url);
    assert_eq!(page.param("code"), None, "{}", page.url);
    assert!(!page.url.contains('#'), "{}", page.url);
}

/// What came back on a connection of one's own.
#[derive(Debug)]
pub struct RawAnswer {
    /// 0 when the server closed without a word.
    pub status: u16,
    pub text: String,
}

impl RawAnswer {
    /// How many answers came on the connection.
    pub fn count(&self) -> usize {
        self.text.matches("HTTP/1.1 ").count()
    }
}

/// Writes bytes as they are and reads until the server closes, or says nothing more for a while.
pub async fn raw(app: &TestApp, bytes: &[u8]) -> RawAnswer {
    let mut stream = connect(app).await;
    // A server that refuses early may close while we still write.
    let _ = stream.write_all(bytes).await;
    read_answer(&mut stream, Duration::from_millis(1500)).await
}

pub async fn connect(app: &TestApp) -> TcpStream {
    let port = app.at.rsplit(':').next().unwrap().parse::<u16>().unwrap();
    TcpStream::connect(("127.0.0.1", port)).await.unwrap()
}

/// The first byte may take longer than those that follow it.
pub async fn read_answer(stream: &mut TcpStream, patience: Duration) -> RawAnswer {
    let mut all = Vec::new();
    let mut part = [0; 16 * 1024];
    loop {
        let patience = if all.is_empty() { patience.max(Duration::from_secs(8)) } else { patience };
        let Ok(Ok(read)) = tokio::time::timeout(patience, stream.read(&mut part)).await else { break };
        if read == 0 {
            break;
        }
        all.extend_from_slice(&part[..read]);
    }
    let text = String::from_utf8_lossy(&all).into_owned();
    let status = text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok()).unwrap_or(0);
    RawAnswer { status, text }
}

/// Asks the database itself, past the product's code.
pub async fn count(app: &TestApp, sql: &'static str) -> i64 {
    let (counted,): (i64,) = app.karat.store.db().read(sql).one().await.unwrap();
    counted
}

/// As [`count`], for one text.
pub async fn text(app: &TestApp, sql: &'static str) -> String {
    let (found,): (String,) = app.karat.store.db().read(sql).one().await.unwrap();
    found
}
