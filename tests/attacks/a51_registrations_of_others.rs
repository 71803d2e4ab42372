//! Registrations that somebody else looks after, or that grow by themselves (RFC 7592 section 3).

use karat::domain::jose::Algorithm;
use reqwest::Method;
use serde_json::{Value, json};

use crate::common::at_once;
use crate::support::registering::{OPEN, Registered, metadata, metadata_with, register_with, send};
use crate::support::relying_party::Answer;
use crate::support::{Backends, ClientKey, RelyingParty, TestApp};

const EVERY: [Method; 3] = [Method::GET, Method::PUT, Method::DELETE];

async fn open_on(backends: Backends) -> TestApp {
    TestApp::start_with(backends, OPEN).await
}

fn unauthorized(found: &Answer, case: &str) {
    assert_eq!((found.status, found.error()), (401, "invalid_token"), "{case}: {found:?}");
}

fn refused(found: &Answer, case: &str) {
    assert_eq!(found.status, 400, "{case}: {found:?}");
    assert!(matches!(found.error(), "invalid_client_metadata" | "invalid_redirect_uri"), "{case}: {found:?}");
}

async fn tokens_belong_to_their_client(backends: Backends) {
    let app = open_on(backends).await;
    let (a, b) = (Registered::made(&app, &metadata()).await, Registered::made(&app, &metadata()).await);
    let operators = RelyingParty::register(&app, crate::support::app::web_client("operators")).await;
    let body = metadata_with(json!({ "client_id": b.id, "client_name": "Taken over" }));
    let foreign = app.url(&format!("/clients/{}", operators.client.id));
    let nobody = app.url("/clients/nobody");
    for method in EVERY {
        let own = |url: &str, token: Option<&str>| {
            let (method, url, token) = (method.clone(), url.to_owned(), token.map(str::to_owned));
            let (app, body) = (&app, &body);
            async move { send(app, method.clone(), &url, token.as_deref(), (method == Method::PUT).then_some(body)).await }
        };
        for (case, url, token) in [
            ("another's token", b.uri.as_str(), Some(a.token.as_str())),
            ("no token", &b.uri, None),
            ("the client's secret", &b.uri, Some(&b.secret)),
            ("a bent token", &b.uri, Some(&b.token[1..])),
            ("a client of the operator's", &foreign, Some(&a.token)),
            ("nobody", &nobody, Some(&a.token)),
        ] {
            unauthorized(&own(url, token).await, &format!("{method} {case}"));
        }
    }
    // Naming another client at one's own address.
    let found = send(&app, Method::PUT, &a.uri, Some(&a.token), Some(&body)).await;
    refused(&found, "another's id");
    assert_eq!(b.read(&app).await.body["client_name"], "An app");
    assert_eq!(a.read(&app).await.body["client_name"], "An app");

    // The token is replaced by every change, and the old one is dead, whoever is quicker.
    let changed = a.change(&app, &metadata_with(json!({ "client_name": "Renamed" }))).await;
    assert_eq!((changed.status, &changed.body["client_name"]), (200, &json!("Renamed")), "{changed:?}");
    let renewed = Registered::of(&changed);
    assert_ne!(renewed.token, a.token);
    unauthorized(&a.read(&app).await, "after the rotation");
    let one = metadata();
    let all = at_once((0..8).map(|_| renewed.change(&app, &one))).await;
    let won: Vec<_> = all.iter().filter(|found| found.status == 200).collect();
    assert_eq!(won.len(), 1, "{:?}", all.iter().map(|found| found.status).collect::<Vec<_>>());
    let renewed = Registered::of(won[0]);
    assert_eq!(renewed.read(&app).await.status, 200);

    assert_eq!(renewed.remove(&app).await.status, 204);
    unauthorized(&renewed.read(&app).await, "after the end");
    unauthorized(&renewed.remove(&app).await, "after the end");
    assert_eq!(b.read(&app).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_is_looked_after_by_its_own_token_alone() {
    tokens_belong_to_their_client(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_is_looked_after_by_its_own_token_alone_on_postgres() {
    tokens_belong_to_their_client(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_judged_as_a_registration_and_turns_no_client_into_another_kind() {
    let less = "[client_registration]\nmode = 'open'\nper_address = '1000 per 1h'\n\
                authentication_methods = ['client_secret_basic', 'private_key_jwt', 'none']\n";
    let app = TestApp::start_with(Backends::SqliteAndMemory, less).await;
    let own = Registered::made(&app, &metadata()).await;
    let public = Registered::made(&app, &metadata_with(json!({ "token_endpoint_auth_method": "none" }))).await;
    let before = own.read(&app).await.body;
    for case in [
        json!({ "scope": "openid admin" }),
        json!({ "scope": "openid offline_access" }),
        json!({ "grant_types": ["client_credentials"] }),
        json!({ "grant_types": ["authorization_code", "client_credentials"] }),
        json!({ "token_endpoint_auth_method": "none" }),
        json!({ "token_endpoint_auth_method": "client_secret_post" }),
        json!({ "token_endpoint_auth_method": "private_key_jwt" }),
        json!({ "application_type": "native", "token_endpoint_auth_method": "none" }),
        json!({ "redirect_uris": ["http://evil.test/cb"] }),
        json!({ "redirect_uris": [] }),
        json!({ "jwks": { "keys": [{ "kty": "oct", "k": "AAAA" }] } }),
        json!({ "client_secret": "chosen-by-the-app-0123456789" }),
        json!({ "client_name": "\u{202e}gnp.evil" }),
        json!({ "tos_uri": "javascript:alert(1)" }),
        json!({ "jwks_uri": "https://127.0.0.1/" }),
        json!({ "id_token_signed_response_alg": "none" }),
    ] {
        refused(&own.change(&app, &metadata_with(case.clone())).await, &case.to_string());
    }
    assert_eq!(own.read(&app).await.body, before, "nothing was half done");
    for method in ["client_secret_basic", "private_key_jwt"] {
        let keys = ClientKey::new(Algorithm::Es256).set();
        let case = json!({ "token_endpoint_auth_method": method, "jwks": keys });
        refused(&public.change(&app, &metadata_with(case.clone())).await, &case.to_string());
    }
    // To another proof, and within what is allowed, it may change.
    let key = ClientKey::new(Algorithm::Es256);
    let signing = json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": key.set(), "scope": "openid" });
    let changed = own.change(&app, &metadata_with(signing)).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert!(changed.body.get("client_secret").is_none());
    let back = Registered::of(&changed).change(&app, &metadata()).await;
    assert_eq!(back.status, 200, "{back:?}");
    assert!(back.body["client_secret"].as_str().is_some_and(|new| new != own.secret), "a new one, shown this once");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_told_once_and_kept_by_nobody() {
    let app = open_on(Backends::SqliteAndMemory).await;
    let own = Registered::made(&app, &metadata()).await;
    let read = own.read(&app).await;
    assert_eq!(read.status, 200, "{read:?}");
    assert_eq!(read.headers["cache-control"], "no-store");
    let changed = own.change(&app, &metadata_with(json!({ "client_secret": own.secret }))).await;
    assert_eq!(changed.status, 200, "its own secret may be repeated: {changed:?}");
    for (case, found) in [("read", &read), ("changed", &changed)] {
        let text = found.body.to_string();
        assert!(!text.contains(&own.secret) && !text.contains(&own.token), "{case}: {text}");
        assert!(found.body.get("client_secret").is_none() && !text.contains("hash"), "{case}: {text}");
    }
    assert!(read.body.get("registration_access_token").is_none());
    // The secret works still, and the database holds neither it nor the token.
    let client = app.karat.store.client(&own.id.parse().unwrap()).await.unwrap().unwrap();
    let stored = serde_json::to_string(&client).unwrap();
    assert!(!stored.contains(&own.secret));
    let kept = app.karat.store.client_registration(&client.id).await.unwrap().unwrap();
    assert_ne!(kept.token_hash.as_str(), own.token);
    let rp = own.party(&app).await;
    assert_eq!(rp.introspect("x").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_removes_itself_takes_its_tokens_along() {
    let app = open_on(Backends::SqliteAndMemory).await;
    let person = app.person("erika@example.com").await;
    let own = Registered::made(&app, &metadata()).await;
    let rp = own.party(&app).await;
    let tokens = rp.tokens(&person, "openid").await;
    assert_eq!(rp.userinfo(tokens.text("access_token")).await.status, 200);
    assert_eq!(own.remove(&app).await.status, 204);
    assert_eq!(rp.userinfo(tokens.text("access_token")).await.status, 401);
    assert_eq!(rp.introspect(tokens.text("access_token")).await.error(), "invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_token_is_no_access_token_and_an_access_token_no_registration_token() {
    let app = open_on(Backends::SqliteAndMemory).await;
    let person = app.person("erika@example.com").await;
    let own = Registered::made(&app, &metadata()).await;
    let rp = own.party(&app).await;
    let tokens = rp.tokens(&person, "openid").await;
    assert_eq!(rp.userinfo(&own.token).await.status, 401);
    for token in [tokens.text("access_token"), tokens.text("id_token")] {
        for method in EVERY {
            let body: Option<Value> = (method == Method::PUT).then(metadata);
            unauthorized(&send(&app, method, &own.uri, Some(token), body.as_ref()).await, "an access token");
        }
        unauthorized(&register_with(&app, Some(token), &metadata()).await, "an access token");
    }
}
