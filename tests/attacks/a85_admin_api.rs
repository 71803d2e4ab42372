//! 85: the admin API reached with the wrong token, by another path or method, for what nobody may do, about things of others.

use karat::domain::client::{Client, ConsentRule};
use karat::domain::role::Role;
use karat::domain::time::Seconds;
use karat::flow::admin::Authority;
use karat::http::admin::api;
use karat::storage::audit::Wanted;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::api::{Api, desk, person, service, shown_passkey};
use crate::support::app::{SECRET, service_client, web_client};
use crate::support::relying_party::{Answer, answer};
use crate::support::{Browser, RelyingParty, TestApp};

const SOME_ID: &str = "0190163d-8694-739b-aea5-966c26f8ad91";

/// Every operation: method and path after the prefix, about nothing that there is.
fn operations() -> Vec<(Method, String)> {
    let document = api::document("https://id.example.com");
    let all = api::description::operations(&document).map(|(path, method, _)| {
        let mut path = path.strip_prefix("/admin/api/v1").unwrap().to_owned();
        for name in ["{id}", "{client_id}", "{session}", "{authenticator}"] {
            path = path.replace(name, SOME_ID);
        }
        (method.to_ascii_uppercase().parse().unwrap(), path)
    });
    all.collect()
}

async fn entries(app: &TestApp) -> usize {
    app.karat.audited(&Authority::operator(), &Wanted::default(), None, 100).await.unwrap().len()
}

/// What is the same whatever was asked.
fn told(answer: &Answer) -> (u16, Value) {
    let mut body = answer.body.clone();
    body.as_object_mut().unwrap().remove("request_id");
    (answer.status, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_for_the_issuer_every_operation_answers_alike() {
    let app = TestApp::start().await;
    let owner = app.person("olga@example.com").await;
    app.karat.grant_role(&Authority::operator(), owner.id, Role::Owner, "").await.unwrap();
    let elsewhere =
        Client { audience: vec!["https://api.example.com".to_owned()], ..service_client("else", "karat:clients") };
    let rp = RelyingParty::register(&app, elsewhere).await;
    let foreign = rp.post("/token", &[("grant_type", "client_credentials"), ("scope", "karat:clients")]).await;
    let other = Client { audience: vec!["https://api.example.com".to_owned()], ..desk("other") };
    let rp = RelyingParty::register(&app, Client { scope: "openid karat:admin".parse().unwrap(), ..other }).await;
    let browser = Browser::new(&app.base);
    let tokens = rp.tokens_in(&browser, &owner, "karat:admin").await;
    shown_passkey(&app, owner.id, Seconds(0)).await;
    let cookie = browser.cookie_header();
    assert!(!cookie.is_empty(), "the owner is logged in");
    let before = entries(&app).await;

    let registrar = service(&app, "registrar", "karat:clients").await;
    let first = told(&Api { app: &app, token: "nonsense".to_owned() }.get("/clients").await);
    assert_eq!(first.0, 401);
    for (method, path) in operations() {
        let url = app.url(&format!("/admin/api/v1{path}"));
        let http = crate::support::browser::http();
        let bare = || http.request(method.clone(), &url);
        for (what, request) in [
            ("nothing", bare()),
            ("a cookie", bare().header("cookie", &cookie)),
            ("basic", bare().basic_auth("registrar", Some(SECRET))),
            ("another scheme", bare().header("authorization", format!("DPoP {}", registrar.token))),
            ("in the query", http.request(method.clone(), format!("{url}?access_token={}", registrar.token))),
            ("two", bare().bearer_auth(&registrar.token).header("authorization", "Bearer other")),
            ("a service's for another audience", bare().bearer_auth(foreign.text("access_token"))),
            ("a person's for another audience", bare().bearer_auth(tokens.text("access_token"))),
        ] {
            let answered = answer(request).await;
            assert_eq!(told(&answered), first, "{what}: {method} {path}");
            assert_eq!(answered.headers["www-authenticate"], "Bearer realm=\"karat\"");
            assert!(answered.headers.get("access-control-allow-origin").is_none());
        }
    }
    assert_eq!(registrar.get("/clients").await.status, 200);
    for unknown in ["/nowhere", "/clients/a/b/c", ""] {
        let stranger = Api { app: &app, token: "nonsense".to_owned() };
        assert_eq!(told(&stranger.get(unknown).await), first, "{unknown:?} is told to nobody");
    }
    app.advance(24 * 3600);
    assert_eq!(told(&registrar.get("/clients").await), first, "expired");
    assert_eq!(entries(&app).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_without_a_role_and_apps_without_the_scope_get_nowhere() {
    let app = TestApp::start().await;
    let (owner, api) = person(&app, "olga@example.com", &[Role::Owner], Seconds(0)).await;
    let (_, nobody) = person(&app, "ben@example.com", &[], Seconds(0)).await;
    // Even of the owner, by an app that is not for this.
    let shop = Client { consent: ConsentRule::FirstParty, ..web_client("shop") };
    let rp = RelyingParty::register(&app, shop).await;
    let who = crate::support::Person { id: owner, email: "olga@example.com".to_owned() };
    let tokens = rp.tokens(&who, "openid email").await;
    // And by a password alone.
    let weak = RelyingParty::register(&app, desk("weak")).await.tokens(&who, "openid karat:admin").await;
    let shop = Api { app: &app, token: tokens.text("access_token").to_owned() };
    let weak = Api { app: &app, token: weak.text("access_token").to_owned() };
    for (method, path) in operations() {
        for stranger in [&nobody, &shop] {
            let answered = answer(stranger.request(method.clone(), &path)).await;
            assert_eq!((answered.status, answered.problem()), (403, "forbidden"), "{method} {path}");
        }
        let answered = answer(weak.request(method.clone(), &path)).await;
        assert_eq!((answered.status, answered.problem()), (401, "step-up"), "{method} {path}");
    }
    assert_eq!(api.get("/roles").await.status, 200);
    // Who loses the role is out at the next request.
    let another = app.person("oskar@example.com").await.id;
    app.karat.grant_role(&Authority::operator(), another, Role::Owner, "").await.unwrap();
    app.karat.withdraw_role(&Authority::operator(), owner, Role::Owner, "").await.unwrap();
    assert_eq!(api.get("/roles").await.problem(), "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_changes_nothing() {
    let app = TestApp::start().await;
    app.add_client(&web_client("shop")).await;
    let scope = "karat:clients.read karat:people.read karat:kyc.read karat:audit.read karat:system.read karat:policy";
    let api = service(&app, "reader", scope).await;
    let (_, auditor) = person(&app, "ann@example.com", &[Role::Auditor], Seconds(0)).await;
    let before = entries(&app).await;
    for (method, path) in operations() {
        let asks_itself = path.starts_with("/proposals") || path.starts_with("/policy");
        if method == Method::GET || asks_itself || path == "/audit/export/propose" {
            continue;
        }
        for caller in [&api, &auditor] {
            let answered = answer(caller.request(method.clone(), &path).json(&json!({ "reason": "let me" }))).await;
            assert_eq!(answered.problem(), "forbidden", "{method} {path}");
        }
    }
    let seen = api.get("/clients/shop").await;
    assert_eq!(seen.status, 200);
    // Neither by a header that means another method.
    for name in ["x-http-method-override", "x-method-override", "x-http-method"] {
        let sent = api.request(Method::GET, "/clients/shop").header(name, "DELETE").header("if-match", seen.etag());
        assert_eq!(answer(sent).await.status, 200);
        let posted = api.request(Method::POST, "/clients/shop").header(name, "DELETE").header("if-match", seen.etag());
        assert_eq!(answer(posted).await.status, 405);
    }
    assert_eq!((api.get("/clients/shop").await.etag(), entries(&app).await), (seen.etag(), before));
}

/// The request as it is written, whatever a client library would make of the path.
async fn raw(app: &TestApp, path: &str, headers: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(app.at.trim_start_matches("http://")).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n", app.host());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_spelling_of_the_path_leads_nowhere_else() {
    let app = TestApp::start().await;
    let api = service(&app, "registrar", "karat:clients").await;
    let token = format!("Authorization: Bearer {}\r\n", api.token);
    assert_eq!(status(&raw(&app, "/admin/api/v1/clients", &token).await), 200);
    for path in [
        "//admin/api/v1/clients",
        "/admin//api/v1/clients",
        "/admin/api//v1/clients",
        "/admin/api/v1//clients",
        "/Admin/api/v1/clients",
        "/admin/API/v1/clients",
        "/ADMIN/API/V1/CLIENTS",
        "/login/..;/admin/api/v1/clients",
        "/login/../admin/api/v1/clients",
        "/login/%2e%2e/admin/api/v1/clients",
        "/login/%2e%2e%2fadmin/api/v1/clients",
        "/admin;x/api/v1/clients",
        "/admin/api;x/v1/clients",
        "/admin/api/v1/clients;x",
        "/admin/api/v1/clients/",
        "/admin/api/v1/clients%2f",
        "/admin/api/v1/clients%00",
        "/admin/api/v1/openapi.json/../clients",
        "/admin/api/v1/openapi.json/..;/clients",
        "/admin/api/v1/./clients",
        "/admin/api/v1/%2e/clients",
        "/%61dmin/api/v1/clients",
        "/admin/api/v1/%63lients",
        "/admin\\api\\v1\\clients",
        "/healthz/../admin/api/v1/clients",
    ] {
        let (without, with) = (raw(&app, path, "").await, raw(&app, path, &token).await);
        assert!([400, 401, 404].contains(&status(&without)), "{path}: {without}");
        assert!([400, 404].contains(&status(&with)), "{path}: {with}");
        assert!(!with.contains("\"items\""), "{path}");
    }
    for name in ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Path", "X-Forwarded-Prefix"] {
        let sent = format!("{name}: /admin/api/v1/clients\r\n");
        let answered = raw(&app, "/healthz", &sent).await;
        assert!(status(&answered) == 204 && !answered.contains("items"), "{name}: {answered}");
        assert_eq!(status(&raw(&app, "/admin/api/v1/clients", &format!("{name}: /healthz\r\n")).await), 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_a_secret_or_sets_a_password() {
    let app = TestApp::start().await;
    app.add_client(&web_client("shop")).await;
    let all = [Role::Owner, Role::ClientAdmin, Role::Support, Role::Compliance, Role::Auditor];
    let (id, api) = person(&app, "olga@example.com", &all, Seconds(0)).await;
    let ben = app.person("ben@example.com").await.id;
    app.karat.give_totp(ben, "Phone", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").await.unwrap();
    let hash = karat::flow::client_auth::hash_secret(SECRET);
    for (method, path) in operations() {
        if method != Method::GET {
            continue;
        }
        for id in ["shop".to_owned(), ben.to_string(), id.to_string()] {
            let answered = answer(api.request(Method::GET, &path.replace(SOME_ID, &id))).await;
            let text = answered.body.to_string();
            for secret in [SECRET, &hash, "argon2", "JBSWY3DP", "\"d\":", "PRIVATE KEY", "secret_hash"] {
                assert!(!text.contains(secret), "{path} tells {secret}: {text}");
            }
        }
    }
    let asked = json!({ "email": "new@example.com", "password": "chosen by somebody else" });
    assert_eq!(api.post("/people", asked.clone()).await.problem(), "malformed");
    for (method, path) in [
        (Method::PUT, format!("/people/{ben}")),
        (Method::PATCH, format!("/people/{ben}")),
        (Method::POST, format!("/people/{ben}")),
        (Method::POST, format!("/people/{ben}/password")),
        (Method::PUT, format!("/people/{ben}/password")),
    ] {
        let answered = answer(api.request(method.clone(), &path).json(&asked)).await;
        assert!([404, 405].contains(&answered.status), "{method} {path}: {answered:?}");
    }
    let chosen = json!({ "client_id": "a", "metadata": { "kind": "service", "client_secret": SECRET } });
    assert_eq!(api.post("/clients", chosen).await.problem(), "malformed");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_raises_themselves_and_the_ids_of_others_open_nothing() {
    let app = TestApp::start().await;
    for role in Role::ALL {
        let (id, api) = person(&app, &format!("{role}@example.com"), &[role], Seconds(0)).await;
        let wanted = json!({ "user": id.to_string(), "role": "owner", "reason": "for me" });
        assert_eq!(api.post("/roles/give", wanted).await.problem(), "forbidden", "{role}");
        let lifted = api.post(&format!("/people/{id}/holds/lift"), json!({ "reason": "mine" })).await;
        assert_eq!(lifted.problem(), "forbidden", "{role}");
    }
    // By any scope a program gets.
    let scope = "karat:clients karat:people karat:policy karat:system karat:webhooks karat:admin karat:roles";
    let program = service(&app, "program", scope).await;
    let ben = app.person("ben@example.com").await;
    let wanted = json!({ "user": ben.id.to_string(), "role": "owner", "reason": "why not" });
    assert_eq!(program.post("/roles/give", wanted).await.problem(), "forbidden");

    let (_, api) = person(&app, "second@example.com", &[Role::Owner], Seconds(0)).await;
    let rp = RelyingParty::register(&app, Client { consent: ConsentRule::FirstParty, ..web_client("shop") }).await;
    let tokens = rp.tokens(&ben, "openid").await;
    let shown = api.get(&format!("/people/{}", ben.id)).await;
    let session = shown.body["sessions"][0]["id"].as_str().unwrap().to_owned();
    app.karat.give_totp(ben.id, "Phone", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").await.unwrap();
    let factor = app.karat.store.authenticators_of(ben.id).await.unwrap().remove(0).id;
    let ada = app.person("ada@example.com").await.id;
    let before = entries(&app).await;
    let other = answer(api.request(Method::DELETE, &format!("/people/{ada}/sessions/{session}"))).await;
    assert_eq!(other.problem(), "not-found");
    let remove = |user| format!("/people/{user}/authenticators/{factor}/remove");
    assert_eq!(api.post(&remove(ada), json!({ "reason": "not hers" })).await.problem(), "not-found");
    assert!(rp.is_active(tokens.text("access_token")).await);
    assert_eq!(entries(&app).await, before, "what was refused leaves no entry");
    let own = answer(api.request(Method::DELETE, &format!("/people/{}/sessions/{session}", ben.id))).await;
    assert_eq!(own.status, 204);
    assert!(!rp.is_active(tokens.text("access_token")).await);
    assert_eq!(api.post(&remove(ben.id), json!({ "reason": "lost" })).await.status, 204);
    assert_eq!(entries(&app).await, before + 2);
}
