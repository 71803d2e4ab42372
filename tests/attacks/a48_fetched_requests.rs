//! `request_uri` used to make us ask others (RFC 9101 sections 10.4 and 10.5): registered places and public ones alone, with no answer that
//! tells what is there. Threats 28 and 48.

use karat::domain::jose::Algorithm;
use karat::domain::request_objects::RequestObjects;

use crate::common::assert_returned;
use crate::signed_requests::{BACK, accepted, shown};
use crate::support::request_object::{request_claims, signing};
use crate::support::{Backends, Browser, ClientKey, Publisher, RelyingParty, TestApp};

fn published_at(uri: &str) -> RequestObjects {
    RequestObjects { uris: vec![uri.to_owned()], ..RequestObjects::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_fetched_from_no_other_place_than_a_registered_one() {
    let (host, canary) = (Publisher::start_tls("objects").await, Publisher::start().await);
    let app = TestApp::start_with(Backends::SqliteAndMemory, &host.section()).await;
    let key = ClientKey::new(Algorithm::Es256);
    let uri = host.url("/request.jwt");
    let rp = RelyingParty::register(&app, signing("app", &key, published_at(&uri))).await;
    let object = key.sign(&request_claims(&rp));
    for path in ["/request.jwt", "/other.jwt", "/request.jwt?x=1", "/request.jwt/"] {
        host.publish(path, object.clone());
    }
    let same_place = host.url("/x/../request.jwt");
    let named = uri.replace("localhost", "LOCALHOST");
    let inside = canary.url("/request.jwt");
    for other in [
        host.url("/other.jwt").as_str(),
        format!("{uri}?x=1").as_str(),
        format!("{uri}/").as_str(),
        same_place.as_str(),
        named.as_str(),
        inside.as_str(),
        "https://169.254.169.254/latest",
        "https://evil.test/request.jwt",
        "file:///etc/passwd",
        "urn:ietf:params:oauth:request_uri:guessed",
        "#",
    ] {
        assert_returned(&shown(&rp, "request_uri", other).await, BACK, "invalid_request_uri");
    }
    assert_eq!((host.asked().len(), canary.connections()), (0, 0));
    accepted(&shown(&rp, "request_uri", &uri).await, "the registered one");
    // Another client's place is not this one's.
    let elsewhere = host.url("/elsewhere.jwt");
    let other = RelyingParty::register(&app, signing("other", &key, published_at(&elsewhere))).await;
    assert_returned(&shown(&other, "request_uri", &uri).await, "https://other.test/cb?", "invalid_request_uri");
    assert_eq!(host.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_signed_request_at_its_place_is_refused_in_one_voice() {
    let (host, canary) = (Publisher::start_tls("no-objects").await, Publisher::start().await);
    let section = host.section().replace("allow = [", &format!("timeout = '2s'\nallow = ['{}', ", canary.target()));
    let app = TestApp::start_with(Backends::SqliteAndMemory, &section).await;
    let key = ClientKey::new(Algorithm::Es256);
    let uri = host.url("/request.jwt");
    let rp = RelyingParty::register(&app, signing("app", &key, published_at(&uri))).await;
    let object = key.sign(&request_claims(&rp));
    let mut told = std::collections::BTreeSet::new();
    let mut refused = async |case: &str| {
        let page = shown(&rp, "request_uri", &uri).await;
        assert_eq!(page.param("error").as_deref(), Some("invalid_request_uri"), "{case}: {}", page.url);
        told.insert(page.param("error_description").unwrap());
    };
    for status in [301, 302, 303, 307, 308] {
        host.publish_as("/request.jwt", "", |published| {
            published.status = status;
            published.location = canary.publish("/request.jwt", object.clone());
        });
        refused("a redirect").await;
    }
    for status in [204, 401, 404, 500] {
        host.publish_as("/request.jwt", object.clone(), |published| published.status = status);
        refused("another status").await;
    }
    for (case, body) in [
        ("16 KiB and a byte", vec![b'a'; 16 * 1024 + 1]),
        ("megabytes", vec![b'a'; 4 << 20]),
        ("no text", vec![0xff; 9]),
    ] {
        host.publish("/request.jwt", body);
        refused(case).await;
    }
    host.publish_as("/request.jwt", object.clone(), |published| published.delay = std::time::Duration::from_secs(20));
    refused("slow").await;
    assert_eq!((told.len(), canary.connections()), (1, 0), "{told:?}");
    for body in [String::new(), "<html>".to_owned(), ClientKey::new(Algorithm::Es256).sign(&request_claims(&rp))] {
        host.publish("/request.jwt", body);
        assert_returned(&shown(&rp, "request_uri", &uri).await, BACK, "invalid_request_object");
    }
    host.publish("/request.jwt", object);
    accepted(&shown(&rp, "request_uri", &uri).await, "signed");
}

/// Whatever came to be registered: nobody connects to it.
#[tokio::test(flavor = "multi_thread")]
async fn a_place_inside_is_never_asked_for_a_request() {
    let canary = Publisher::start().await;
    let app = TestApp::start().await;
    let key = ClientKey::new(Algorithm::Es256);
    for (index, host) in
        ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"].iter().enumerate()
    {
        let uri = format!("http://{host}:{}/request.jwt", canary.port);
        let id = format!("inside-{index}");
        let rp = RelyingParty::register(&app, signing(&id, &key, published_at(&uri))).await;
        canary.publish("/request.jwt", key.sign(&request_claims(&rp)));
        for place in [uri.clone(), uri.replace("http:", "https:")] {
            let page = shown(&rp, "request_uri", &place).await;
            assert_eq!(page.param("error").as_deref(), Some("invalid_request_uri"), "{place}: {}", page.url);
        }
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_network_makes_us_fetch_only_so_many_requests() {
    let host = Publisher::start_tls("many-objects").await;
    let more = format!("{}[throttle]\ninteractions_per_address = \"5 per 30m\"\n", host.section());
    let app = TestApp::start_with(Backends::SqliteAndMemory, &more).await;
    let key = ClientKey::new(Algorithm::Es256);
    let uri = host.url("/request.jwt");
    let rp = RelyingParty::register(&app, signing("app", &key, published_at(&uri))).await;
    host.publish("/request.jwt", "not yet");
    for _ in 0..5 {
        assert_returned(&shown(&rp, "request_uri", &uri).await, BACK, "invalid_request_object");
    }
    for _ in 0..5 {
        assert_returned(&shown(&rp, "request_uri", &uri).await, BACK, "temporarily_unavailable");
    }
    accepted(&Browser::new(&app.base).get(&rp.authorize_path(&[])).await, "a plain one");
    accepted(&shown(&rp, "request", &key.sign(&request_claims(&rp))).await, "one that need not be fetched");
    assert_eq!(host.asked().len(), 5);
}
