//! The public documents are kept by caches and asked for again by their tag (RFC 9110 section 13.1.2).

use karat::domain::jose::Algorithm;
use karat::flow::admin::Authority;
use reqwest::Method;

use crate::support::{Browser, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_document_is_not_sent_again_and_a_changed_one_is() {
    let app = TestApp::start().await;
    let browser = Browser::new(&app.base);
    let ask = async |path: &str, tag: &str| {
        browser.send(browser.request(Method::GET, path).header("if-none-match", tag)).await
    };
    let mut tags = Vec::new();
    for path in ["/.well-known/openid-configuration", "/jwks"] {
        let first = browser.get(path).await;
        let tag = first.header("etag").to_owned();
        assert!(first.status == 200 && tag.len() > 2, "{path}: {tag}");
        let again = ask(path, &tag).await;
        assert_eq!((again.status.as_u16(), again.body.as_str()), (304, ""), "{path}");
        assert_eq!((again.header("etag"), again.header("cache-control")), (&*tag, first.header("cache-control")));
        let other = ask(path, "\"0123456789abcdef01234567\"").await;
        assert_eq!((other.status.as_u16(), other.body), (200, first.body), "{path}");
        tags.push(tag);
    }
    app.karat.rotate_signing_key(&Authority::operator(), Algorithm::Es256).await.unwrap();
    assert_eq!(ask("/.well-known/openid-configuration", &tags[0]).await.status, 304);
    assert_eq!(ask("/jwks", &tags[1]).await.status, 200, "a new key is in it");
}
