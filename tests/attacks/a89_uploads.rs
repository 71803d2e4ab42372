//! 89, of what is large by right: forms with pictures, which are read into memory, sent by many at once and slowly.

use std::io::Cursor;
use std::time::Duration;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::header::{CONTENT_TYPE, ORIGIN};
use reqwest::{Method, StatusCode};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::common::{at_once, connect};
use crate::person::try_log_in;
use crate::support::{Backends, Browser, PASSWORD, Page, TestApp};

const PATH: &str = "/verify/selfie";

/// Logged in, with an application that asks for a picture.
struct Applicant {
    browser: Browser,
    csrf: String,
}

impl Applicant {
    async fn begin(app: &TestApp, email: &str) -> Self {
        app.person(email).await;
        let browser = Browser::new(&app.base);
        try_log_in(&browser, email, PASSWORD).await;
        let page = browser.get("/verify?level=2").await;
        browser.submit(&page, &[]).await;
        let page = browser.get(PATH).await;
        assert_eq!(page.path(), PATH, "{}", page.text());
        let csrf = page.form().1.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
        Self { browser, csrf }
    }

    fn beginning(&self) -> String {
        format!(
            "--xyz\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n--xyz\r\nContent-Disposition: \
             form-data; name=\"selfie\"; filename=\"me.png\"\r\nContent-Type: image/png\r\n\r\n",
            self.csrf
        )
    }

    /// The whole form.
    async fn send(&self, file: &[u8]) -> Page {
        let body = [self.beginning().as_bytes(), file, b"\r\n--xyz--\r\n"].concat();
        let request = self
            .browser
            .request(Method::POST, PATH)
            .header("sec-fetch-site", "same-origin")
            .header(ORIGIN, self.browser.base())
            .header(CONTENT_TYPE, "multipart/form-data; boundary=xyz")
            .body(body);
        self.browser.send(request).await
    }

    /// A form that says it is large, and stops in the middle of the file.
    async fn stall(&self, app: &TestApp) -> TcpStream {
        let mut stream = connect(app).await;
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nHost: {}\r\nOrigin: {}\r\nSec-Fetch-Site: same-origin\r\nUser-Agent: Karat-Test/1.0 \
             (Linux)\r\nCookie: {}\r\nContent-Type: multipart/form-data; boundary=xyz\r\nContent-Length: 15000000\r\n\r\n",
            app.host(),
            app.base,
            self.browser.cookie_header(),
        );
        let body = format!("{}{}", self.beginning(), "a".repeat(200_000));
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body.as_bytes()).await.unwrap();
        stream
    }
}

fn picture() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgb8(RgbImage::from_pixel(320, 300, Rgb([120, 90, 40])));
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Until so much room is left.
async fn until_free(app: &TestApp, wanted: usize) {
    for _ in 0..100 {
        if app.karat.uploads.free() == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} are free instead of {wanted}", app.karat.uploads.free());
}

fn assert_asked_to_come_again(page: &Page) {
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.text());
    assert_eq!(page.header("retry-after"), "15");
    let text = page.text();
    assert!(text.contains("Your files were not taken") && text.contains("send the form again"), "{text}");
    assert!(page.body.contains("href=\"/verify\""), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_forms_with_pictures_are_read_at_once_and_few_of_one_account() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[kyc]\nuploads_at_once = 3\n").await;
    let mallory = Applicant::begin(&app, "mallory@example.com").await;
    let [ada, ben, eve] = [
        Applicant::begin(&app, "ada@example.com").await,
        Applicant::begin(&app, "ben@example.com").await,
        Applicant::begin(&app, "eve@example.com").await,
    ];
    assert_eq!(app.karat.uploads.free(), 3);

    // One account has two of them, and no more, however many it tries.
    let mut stalled = vec![mallory.stall(&app).await, mallory.stall(&app).await];
    until_free(&app, 1).await;
    for page in at_once((0..10).map(|_| mallory.send(b"more"))).await {
        assert_asked_to_come_again(&page);
    }
    let sent = ada.send(&picture()).await;
    assert_eq!((sent.status.as_u16(), sent.location().is_some()), (303, true), "others have room: {}", sent.text());

    // When all of it is taken, nothing more is read, of whomever, and everything else goes on.
    stalled.push(ben.stall(&app).await);
    until_free(&app, 0).await;
    let large = vec![b'a'; 2_000_000];
    let refused = at_once((0..24).map(|number| [&ada, &eve][number % 2].send(&large))).await;
    refused.iter().for_each(assert_asked_to_come_again);
    assert_eq!(app.karat.uploads.free(), 0);
    assert_eq!(eve.browser.get("/verify/details").await.status, StatusCode::OK);
    assert_eq!(eve.browser.get("/verify/documents/selfie").await.status, StatusCode::NOT_FOUND, "nothing was kept");

    // Room that is left is there for who comes next.
    drop(stalled);
    until_free(&app, 3).await;
    assert_eq!(eve.send(&picture()).await.status, StatusCode::SEE_OTHER);
    assert_eq!(eve.browser.get("/verify/documents/selfie").await.status, StatusCode::OK);
    until_free(&app, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_account_sends_only_so_many_forms_with_pictures_in_an_hour() {
    let app = TestApp::start().await;
    let mallory = Applicant::begin(&app, "mallory@example.com").await;
    let ada = Applicant::begin(&app, "ada@example.com").await;
    for _ in 0..60 {
        let page = mallory.send(b"no picture").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    }
    let page = mallory.send(&picture()).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{}", page.text());
    assert!(!page.header("retry-after").is_empty());
    assert_eq!(ada.send(&picture()).await.status, StatusCode::SEE_OTHER, "others are not kept waiting");
    app.advance(3_600);
    assert_eq!(app.karat.uploads.free(), 16);
}
