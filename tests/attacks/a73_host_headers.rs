//! What a request says about hosts never reaches a link, an issuer or an endpoint (CVE-2023-49097, CVE-2025-64101).

use serde_json::Value;

use crate::common::{count, raw};
use crate::person::register;
use crate::support::mails::mails_to;
use crate::support::{Browser, PASSWORD, TestApp};

/// As an attacker in front of the victim's mailbox sends them.
const POISON: &[(&str, &str)] = &[
    ("x-forwarded-host", "evil.test"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-port", "444"),
    ("x-forwarded-server", "evil.test"),
    ("x-forwarded-prefix", "/evil"),
    ("x-host", "evil.test"),
    ("x-http-host-override", "evil.test"),
    ("forwarded", "for=1.2.3.4;host=evil.test;proto=https"),
    ("x-original-url", "/evil"),
    ("x-rewrite-url", "/evil"),
    ("x-original-host", "evil.test"),
];

#[tokio::test(flavor = "multi_thread")]
async fn links_in_mails_come_from_the_configuration() {
    let app = TestApp::start().await;
    app.person("noa@example.com").await;
    for (path, email, fields) in [
        ("/password/forgotten", "noa@example.com", vec![]),
        ("/register", "new@example.com", vec![("password", PASSWORD), ("accept_terms", "yes")]),
        ("/register", "noa@example.com", vec![("password", PASSWORD), ("accept_terms", "yes")]),
    ] {
        let browser = Browser::new(&app.base);
        let page = browser.get(path).await;
        let (action, mut all) = page.form();
        all.push(("email".to_owned(), email.to_owned()));
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let mut request = browser.request(reqwest::Method::POST, &action).form(&all);
        request = request.header("sec-fetch-site", "same-origin").header("origin", &app.base);
        for (name, value) in POISON {
            request = request.header(*name, *value);
        }
        let answer = browser.send(request).await;
        assert!(answer.status.is_success() || answer.status == 303, "{path}: {} {}", answer.status, answer.text());
        assert!(!answer.body.contains("evil") && !answer.location().unwrap_or_default().contains("evil"));
        let mails = mails_to(&app, email).await;
        assert!(!mails.is_empty(), "{path} {email}");
        for mail in mails {
            assert!(!mail.text.contains("evil") && !mail.html.contains("evil"), "{}", mail.text);
            for link in mail.text.split_whitespace().filter(|word| word.contains("://")) {
                assert!(link.trim_start_matches(['(', '<']).starts_with(&format!("{}/", app.base)), "{link}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_and_redirects_come_from_the_configuration() {
    let app = TestApp::start().await;
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let plain: Value =
        http.get(app.url("/.well-known/openid-configuration")).send().await.unwrap().json().await.unwrap();
    let mut request = http.get(app.url("/.well-known/openid-configuration"));
    for (name, value) in POISON {
        request = request.header(*name, *value);
    }
    let poisoned: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(plain, poisoned);
    for (name, value) in poisoned.as_object().unwrap() {
        if name.ends_with("_endpoint") || name.ends_with("_uri") || name == "issuer" {
            assert!(value.as_str().unwrap().starts_with(&app.base), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_another_host_is_not_answered() {
    let app = TestApp::start().await;
    let host = app.host().to_owned();
    let port = host.rsplit(':').next().unwrap();
    let discovery = "/.well-known/openid-configuration";
    let one = |line: &str, hosts: &[&str]| {
        let hosts: String = hosts.iter().map(|host| format!("Host: {host}\r\n")).collect();
        format!("GET {line} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")
    };
    let evil_port = format!("evil.test:{port}");
    let dotted = format!("localhost.:{port}");
    let suffixed = format!("{host}.evil.test");
    let user = format!("evil.test@{host}");
    let other_user = format!("{host}@evil.test");
    let pathed = format!("{host}/evil.test");
    let numeric = format!("127.0.0.1:{port}");
    let spaced = format!("{host} evil.test");
    let listed = format!("{host}, evil.test");
    for hosts in [
        &["evil.test"][..],
        &[&evil_port],
        &[&dotted],
        &[&suffixed],
        &[&user],
        &[&other_user],
        &[&pathed],
        &[&numeric],
        &[&spaced],
        &[&listed],
        &["localhost"],
        &[""],
        &[],
        &[&host, "evil.test"],
        &["evil.test", &host],
        &[&host, &host],
    ] {
        for path in [discovery, "/login", "/password/forgotten", "/nowhere"] {
            let answer = raw(&app, one(path, hosts).as_bytes()).await;
            assert!([400, 421].contains(&answer.status), "{hosts:?} {path}: {}", answer.text);
            assert!(!answer.text.contains("evil"), "{hosts:?}: {}", answer.text);
        }
    }
    for line in [
        format!("http://evil.test{discovery}"),
        format!("http://evil.test:{port}{discovery}"),
        format!("https://evil.test{discovery}"),
        format!("http://{host}@evil.test{discovery}"),
    ] {
        let answer = raw(&app, one(&line, &[&host]).as_bytes()).await;
        assert!([400, 421].contains(&answer.status), "{line}: {}", answer.text);
    }
    // Two names in one request: the line says ours, the header another's.
    let answer = raw(&app, one(&format!("http://{host}{discovery}"), &["evil.test"]).as_bytes()).await;
    assert!([400, 421].contains(&answer.status), "{}", answer.text);

    for line in [discovery.to_owned(), format!("http://{host}{discovery}")] {
        let answer = raw(&app, one(&line, &[&host]).as_bytes()).await;
        assert_eq!(answer.status, 200, "{line}: {}", answer.text);
        assert!(answer.text.contains(&format!("\"issuer\":\"{}\"", app.base)));
    }
    let answer = raw(&app, one(discovery, &[&host.to_uppercase()]).as_bytes()).await;
    assert_eq!(answer.status, 200, "host names have no case");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_cannot_be_overridden_nor_a_path_rewritten() {
    let app = TestApp::start().await;
    let person = app.person("noa@example.com").await;
    let browser = Browser::new(&app.base);
    let request = browser
        .request(reqwest::Method::GET, "/logout")
        .header("x-http-method-override", "POST")
        .header("x-http-method", "POST")
        .header("x-method-override", "POST");
    assert_eq!(browser.send(request).await.status, 200);
    let request = browser
        .request(reqwest::Method::GET, "/nowhere")
        .header("x-original-url", "/login")
        .header("x-rewrite-url", "/login");
    assert_eq!(browser.send(request).await.status, 404);
    for path in [
        "//login",
        "/login/",
        "/login;x",
        "/login%2f",
        "/%6cogin%00",
        "/LOGIN",
        "/./login",
        "/x/../login",
        "/login..;/",
        "/login%20",
    ] {
        let answer =
            raw(&app, format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", app.host()).as_bytes())
                .await;
        assert!([400, 404].contains(&answer.status), "{path}: {}", answer.text);
    }
    assert_eq!(browser.get("/login").await.status, 200);
    assert_eq!(count(&app, "SELECT COUNT(*) FROM sessions").await, 0);
    register(&browser, &person.email, PASSWORD).await;
}
