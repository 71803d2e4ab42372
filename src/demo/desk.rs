//! The demo desk: where to go, whom to be, and the mails and text messages Karat would have sent. For this machine's eyes only.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use tokio::net::TcpListener;
use url::Url;

use super::claims_view::date_and_time;
use super::people::DemoPerson;
use super::render::{BASE_STYLE, Pages, guarded};
use super::serving::{Running, StartError, serve};
use crate::crypto::clock::Clock;
use crate::domain::time::{Seconds, Timestamp};

const STYLE: &str = include_str!("../../templates/demo/desk.css");
const LOGO: &str = include_str!("../../templates/demo/desk.svg");
const BRAND: DeskBrand = DeskBrand { name: "Karat demo desk" };
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'none'; \
                      frame-ancestors 'none'; base-uri 'none'";
/// The mail as HTML: written by Karat, yet shown as what comes from outside would be: no script, no requests.
const MAIL_POLICY: &str = "sandbox allow-top-navigation-by-user-activation allow-popups \
                           allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; \
                           img-src data:; frame-ancestors 'self'; base-uri 'none'";

pub struct DeskSettings {
    pub base_url: Url,
    /// Karat itself and the apps, in the order in which to show them.
    pub places: Vec<Place>,
    pub people: Vec<DemoPerson>,
    pub outbox: Arc<dyn Outbox>,
    /// For the codes of the authenticator apps that the desk stands in for.
    pub clock: Clock,
}

/// A link on the desk.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    pub name: String,
    pub url: String,
    pub about: String,
}

/// Where the desk finds the mails; newest first.
pub trait Outbox: Send + Sync + 'static {
    fn mails(&self) -> MailsFuture<'_>;
}

pub type MailsFuture<'a> = Pin<Box<dyn Future<Output = Result<Vec<DemoMail>, OutboxError>> + Send + 'a>>;

/// A mail as it was handed over for sending.
#[derive(Clone, Debug)]
pub struct DemoMail {
    /// Names the mail in the desk's URLs: letters, digits, `-` and `_`.
    pub id: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: Option<String>,
    pub sent_at: Timestamp,
}

#[derive(Debug, thiserror::Error)]
#[error("the mails cannot be read: {0}")]
pub struct OutboxError(pub String);

/// Serves the desk on `listener` until the answer is stopped or dropped.
pub fn start(listener: TcpListener, settings: DeskSettings) -> Result<Running, StartError> {
    let base_url = settings.base_url.clone();
    let desk = Arc::new(Desk { settings, pages: Pages::new()? });
    let router = Router::new()
        .route("/", get(index))
        .route("/mails", get(mails))
        .route("/mails/{id}", get(mail))
        .route("/mails/{id}/html", get(mail_as_html))
        .route("/style.css", get(style))
        .route("/logo.svg", get(logo))
        .layer(middleware::from_fn(guard_answers))
        .with_state(desk);
    serve(listener, &base_url, router)
}

struct Desk {
    settings: DeskSettings,
    pages: Pages,
}

async fn index(State(desk): State<Arc<Desk>>) -> Response {
    let mails_count = match desk.settings.outbox.mails().await {
        Ok(mails) => mails.len(),
        Err(error) => return unreadable(&error),
    };
    let settings = &desk.settings;
    let page = IndexPage {
        frame: Frame::new(),
        places: &settings.places,
        people: settings.people.iter().map(|person| PersonView::new(person, settings.clock.now())).collect(),
        mails_count,
        steps: STEPS,
    };
    desk.pages.page("desk.html", page)
}

async fn mails(State(desk): State<Arc<Desk>>) -> Response {
    match desk.settings.outbox.mails().await {
        Ok(mails) => {
            let mails = mails.iter().map(MailView::from).collect();
            desk.pages.page("mails.html", MailsPage { frame: Frame::new(), mails })
        }
        Err(error) => unreadable(&error),
    }
}

async fn mail(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Response {
    match desk.find(&id).await {
        Ok(mail) => {
            let page = MailPage {
                frame: Frame::new(),
                mail: MailView::from(&mail),
                pieces: with_links(&mail.text),
                has_html: mail.html.is_some(),
            };
            desk.pages.page("mail.html", page)
        }
        Err(response) => response,
    }
}

async fn mail_as_html(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Response {
    match desk.find(&id).await {
        // Links leave the frame: Karat's pages refuse to be framed.
        Ok(DemoMail { html: Some(html), .. }) => {
            let headers = [(header::CONTENT_SECURITY_POLICY, MAIL_POLICY), (header::X_FRAME_OPTIONS, "SAMEORIGIN")];
            (headers, Html(format!("<base target=\"_top\">{html}"))).into_response()
        }
        Ok(_) => (StatusCode::NOT_FOUND, "This mail is text only.\n").into_response(),
        Err(response) => response,
    }
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], format!("{STYLE}\n{BASE_STYLE}")).into_response()
}

async fn logo() -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml")], LOGO).into_response()
}

async fn guard_answers(request: Request, next: Next) -> Response {
    guarded(next.run(request).await, POLICY)
}

impl Desk {
    async fn find(&self, id: &str) -> Result<DemoMail, Response> {
        let mails = self.settings.outbox.mails().await.map_err(|error| unreadable(&error))?;
        mails
            .into_iter()
            .find(|mail| mail.id == id)
            .ok_or_else(|| (StatusCode::NOT_FOUND, "There is no such mail.\n").into_response())
    }
}

fn unreadable(error: &OutboxError) -> Response {
    tracing::error!(%error, "the demo desk has no mails to show");
    (StatusCode::SERVICE_UNAVAILABLE, "The mails cannot be read at the moment.\n").into_response()
}

const STEPS: &[&str] = &[
    "Open the exchange and log in with Karat as Theo Trader. Look at what the app learns.",
    "Open the wallet: one click, no password, because Karat knows you already.",
    "Log out at the exchange, then reload the wallet: Karat has told it.",
    "Press Trade at the exchange as Pia: Karat leads her to verify, and back when she may.",
    "Be Rita, and decide Petra's application in Review; Karat mails Petra.",
    "Unlock sending in the wallet as Wanda. Then let Rita take her level back: the button goes by itself.",
    "Register somebody new, and find the mail with the code here.",
    "Forget your password, and find the way back in here too.",
    "Protect your account: add a passkey, an app, or a made-up mobile number, whose messages arrive here.",
];

#[derive(Serialize)]
struct DeskBrand {
    name: &'static str,
}

/// What the shared layout asks for.
#[derive(Serialize)]
struct Frame {
    brand: DeskBrand,
    notice: Option<()>,
}

impl Frame {
    fn new() -> Self {
        Self { brand: BRAND, notice: None }
    }
}

#[derive(Serialize)]
struct IndexPage<'a> {
    #[serde(flatten)]
    frame: Frame,
    places: &'a [Place],
    people: Vec<PersonView<'a>>,
    mails_count: usize,
    steps: &'static [&'static str],
}

#[derive(Serialize)]
struct PersonView<'a> {
    #[serde(flatten)]
    person: &'a DemoPerson,
    badge: String,
    tone: &'static str,
    /// What their authenticator app would show now, and next.
    codes: Option<[String; 2]>,
}

impl<'a> PersonView<'a> {
    fn new(person: &'a DemoPerson, now: Timestamp) -> Self {
        let code = |seed: &str, at: Timestamp| {
            let secret = totp_rs::Secret::try_from_base32(seed).ok()?;
            let app = totp_rs::Builder::new().with_algorithm(totp_rs::Algorithm::SHA1).with_digits(6);
            let app = app.with_step_duration(30).with_secret(secret).build().ok()?;
            Some(app.generate(u64::try_from(at.unix()).ok()?).to_string())
        };
        let codes = |seed| Some([code(seed, now)?, code(seed, now.plus(Seconds(30)))?]);
        Self {
            person,
            badge: person.standing.badge(),
            tone: person.standing.tone(),
            codes: person.authenticator_seed.and_then(codes),
        }
    }
}

#[derive(Serialize)]
struct MailsPage {
    #[serde(flatten)]
    frame: Frame,
    mails: Vec<MailView>,
}

#[derive(Serialize)]
struct MailPage<'a> {
    #[serde(flatten)]
    frame: Frame,
    mail: MailView,
    pieces: Vec<Piece<'a>>,
    has_html: bool,
}

#[derive(Serialize)]
struct MailView {
    id: String,
    to: String,
    subject: String,
    sent_at: String,
}

impl From<&DemoMail> for MailView {
    fn from(mail: &DemoMail) -> Self {
        Self {
            id: mail.id.clone(),
            to: mail.to.clone(),
            subject: mail.subject.clone(),
            sent_at: date_and_time(mail.sent_at),
        }
    }
}

/// A stretch of text that is a link or is not.
#[derive(Debug, PartialEq, Serialize)]
struct Piece<'a> {
    text: &'a str,
    link: bool,
}

/// Cuts a text at its http and https URLs. A full stop or bracket that ends a sentence is not part of the URL.
fn with_links(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = ["http://", "https://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
        let url = &rest[start..];
        let end = url.find(|c: char| c.is_whitespace() || "<>\"'".contains(c)).unwrap_or(url.len());
        let end = url[..end].trim_end_matches(['.', ',', ')', '!', ';']).len();
        if start > 0 {
            pieces.push(Piece { text: &rest[..start], link: false });
        }
        pieces.push(Piece { text: &url[..end], link: true });
        rest = &url[end..];
    }
    if !rest.is_empty() {
        pieces.push(Piece { text: rest, link: false });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_in_a_mail_become_links_without_the_full_stop() {
        let pieces = with_links("Open http://localhost:8080/verify?t=a_b-1. Or (https://a.example/x) \u{e9}");
        let links: Vec<_> = pieces.iter().filter(|piece| piece.link).map(|piece| piece.text).collect();
        assert_eq!(links, ["http://localhost:8080/verify?t=a_b-1", "https://a.example/x"]);
        let whole: String = pieces.iter().map(|piece| piece.text).collect();
        assert_eq!(whole, "Open http://localhost:8080/verify?t=a_b-1. Or (https://a.example/x) \u{e9}");
    }

    #[test]
    fn a_bare_scheme_does_not_stall_the_cutting() {
        assert_eq!(with_links("http://").len(), 1);
        assert_eq!(with_links("").len(), 0);
    }
}
