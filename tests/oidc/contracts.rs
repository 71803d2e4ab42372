//! Contracts that apps are built against, as snapshots: the discovery document, the table of URLs, the error bodies. A
//! change of one is a visible difference; `INSTA_UPDATE=always` writes it down.

use std::fmt::Write;

use karat::domain::client::Client;
use reqwest::Method;

use crate::checks;
use crate::https_issuer::HttpsIssuer;
use crate::support::app::{native_client, service_client, web_client};
use crate::support::relying_party::{Answer, answer};
use crate::support::{RelyingParty, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn the_discovery_document_is_a_contract() {
    let issuer = HttpsIssuer::start().await;
    insta::assert_json_snapshot!(issuer.get(checks::DISCOVERY).await.json());
}

/// Every URL of the source's table with the methods that a running server says it takes.
#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_urls_is_a_contract() {
    let issuer = HttpsIssuer::start().await;
    let source = include_str!("../../src/http/routes.rs");
    let mut paths: Vec<&str> =
        source.split(".route(").skip(1).filter_map(|rest| rest.trim_start().split('"').nth(1)).collect();
    paths.sort_unstable();
    assert!(paths.len() > 15, "{paths:?}");
    let mut table = String::new();
    for path in paths {
        let asked = path.replace(['{', '}'], "");
        let found = issuer.method(Method::TRACE, &asked).await;
        assert_eq!(found.answer.status(), 405, "{path}");
        writeln!(table, "{path}  {}", found.header("allow")).unwrap();
    }
    insta::assert_snapshot!(table);
}

/// Who asks, where, and what.
type Case<'a> = (&'a RelyingParty<'a>, &'a str, &'a [(&'a str, &'a str)]);

#[tokio::test(flavor = "multi_thread")]
async fn the_error_bodies_are_a_contract() {
    let app = TestApp::start().await;
    let web = RelyingParty::register(&app, web_client("web")).await;
    let native = RelyingParty::register(&app, native_client("native")).await;
    let service = RelyingParty::register(&app, service_client("service", "trade:read")).await;
    let wrong =
        RelyingParty::of(&app, Client { authentication: native.client.authentication.clone(), ..web.client.clone() });
    let (code, refresh) = (("grant_type", "authorization_code"), ("grant_type", "refresh_token"));
    let own = ("grant_type", "client_credentials");
    let cases: [Case<'_>; 19] = [
        (&web, "/token", &[]),
        (&web, "/token", &[("grant_type", "password")]),
        (&web, "/token", &[own]),
        (&web, "/token", &[code]),
        (&web, "/token", &[code, ("code", "nonsense")]),
        (&web, "/token", &[code, code]),
        (&web, "/token", &[refresh]),
        (&web, "/token", &[refresh, ("refresh_token", "nonsense")]),
        (&web, "/token", &[("grant_type", "refresh_token"), ("client_id", "native")]),
        (&web, "/token", &[refresh, ("client_secret", "in the body, too")]),
        (&wrong, "/token", &[code]),
        (&wrong, "/introspect", &[("token", "nonsense")]),
        (&native, "/introspect", &[("token", "nonsense")]),
        (&native, "/token", &[own]),
        (&service, "/token", &[code]),
        (&service, "/token", &[own, ("scope", "openid")]),
        (&service, "/token", &[own, ("scope", "\"")]),
        (&web, "/introspect", &[]),
        (&web, "/revoke", &[]),
    ];
    let mut table = String::new();
    for (rp, path, fields) in cases {
        let asked: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let name =
            format!("POST {path} by {} ({}) {}", rp.client.id, rp.client.authentication.as_str(), asked.join("&"));
        write_down(&mut table, &name, &rp.post(path, fields).await);
    }
    for (name, request) in [
        ("POST /token as JSON", web.http().post(app.url("/token")).json(&serde_json::json!({}))),
        ("GET /userinfo", web.http().get(app.url("/userinfo"))),
        ("GET /userinfo by nonsense", web.http().get(app.url("/userinfo")).bearer_auth("nonsense")),
        ("GET /userinfo by basic", web.http().get(app.url("/userinfo")).basic_auth("a", Some("b"))),
    ] {
        write_down(&mut table, name, &answer(request).await);
    }
    insta::assert_snapshot!(table);
}

fn write_down(table: &mut String, name: &str, found: &Answer) {
    assert!(found.body.is_object(), "{name}: {found:?}");
    checks::not_kept(found);
    checks::plain_description(found.body["error_description"].as_str().unwrap());
    let challenge = found.headers.get("www-authenticate").map(|value| value.to_str().unwrap());
    writeln!(table, "{name}\n  {} {}", found.status, found.body).unwrap();
    if let Some(challenge) = challenge {
        writeln!(table, "  WWW-Authenticate: {challenge}").unwrap();
    }
}
