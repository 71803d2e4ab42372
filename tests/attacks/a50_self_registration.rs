//! Apps that register themselves and ask for more than they may have, too often, or without an invitation (RFC 7591 section 5).

use karat::config::RegistrationMode;
use karat::domain::client::ConsentRule;
use karat::domain::jose::Algorithm;
use karat::domain::time::Seconds;
use karat::flow::admin::Authority;
use karat::flow::clients::invitations::InvitationWanted;
use serde_json::{Value, json};

use crate::common::at_once;
use crate::support::registering::{OPEN, Registered, metadata, metadata_with, register, register_with};
use crate::support::relying_party::Answer;
use crate::support::{Backends, Browser, ClientKey, RelyingParty, TestApp};

async fn open() -> TestApp {
    TestApp::start_with(Backends::SqliteAndMemory, OPEN).await
}

/// What an operator gets who only switches it on.
const STRICT: &str = "[client_registration]\nmode = 'open'\nper_address = '1000 per 1h'\n";
const INVITED: &str = "[client_registration]\nmode = 'token'\nper_address = '1000 per 1h'\n";

async fn invitation(app: &TestApp, uses: i64) -> String {
    let wanted = InvitationWanted { note: "a developer".to_owned(), uses, lifetime: Seconds::days(7) };
    app.karat.invite_clients(&Authority::operator(), wanted).await.unwrap().1.expose().to_owned()
}

fn unauthorized(found: &Answer) {
    assert_eq!((found.status, found.error()), (401, "invalid_token"), "{found:?}");
    assert!(found.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer "));
}

fn refused(found: &Answer, case: &Value) {
    assert_eq!((found.status, found.error()), (400, "invalid_client_metadata"), "{case}: {found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_registers_themselves_where_that_is_off() {
    let app = TestApp::start().await;
    assert_eq!(app.config.client_registration.mode, RegistrationMode::Off);
    assert_eq!(register(&app, &metadata()).await.status, 404);
    let token = invitation(&app, 1).await;
    assert_eq!(register_with(&app, Some(&token), &metadata()).await.status, 404);
}

async fn invitations_are_used_up(backends: Backends) {
    let app = TestApp::start_with(backends, INVITED).await;
    unauthorized(&register(&app, &metadata()).await);
    let token = invitation(&app, 2).await;
    for wrong in ["", "x", &token[1..], &format!("{token}A"), &"A".repeat(43)] {
        let found = register_with(&app, Some(wrong), &metadata()).await;
        assert!(matches!(found.status, 400 | 401), "{wrong}: {found:?}");
    }
    // What is refused uses nothing up.
    let bad = metadata_with(json!({ "redirect_uris": ["http://app.test/"] }));
    for _ in 0..3 {
        assert_eq!(register_with(&app, Some(&token), &bad).await.error(), "invalid_redirect_uri");
    }
    let one = metadata();
    let all = at_once((0..8).map(|_| register_with(&app, Some(&token), &one))).await;
    let made = all.iter().filter(|found| found.status == 201).count();
    assert_eq!(made, 2, "{:?}", all.iter().map(|found| found.status).collect::<Vec<_>>());
    all.iter().filter(|found| found.status != 201).for_each(unauthorized);
    unauthorized(&register_with(&app, Some(&token), &one).await);

    let late = invitation(&app, 1).await;
    app.advance(7 * 86_400);
    unauthorized(&register_with(&app, Some(&late), &one).await);
    let by = Authority::operator();
    let withdrawn = invitation(&app, 1).await;
    let known = app.karat.client_invitations(&by).await.unwrap();
    app.karat.withdraw_client_invitation(&by, &known.last().unwrap().id).await.unwrap();
    unauthorized(&register_with(&app, Some(&withdrawn), &one).await);
    assert!(app.karat.withdraw_client_invitation(&by, &known.last().unwrap().id).await.is_err());
    // A registration access token is no invitation.
    let own = Registered::of(&register_with(&app, Some(&invitation(&app, 1).await), &one).await);
    unauthorized(&register_with(&app, Some(&own.token), &one).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_good_for_so_many_apps_and_so_long() {
    invitations_are_used_up(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_good_for_so_many_apps_and_so_long_on_postgres() {
    invitations_are_used_up(Backends::PostgresAndRedis).await;
}

/// Against the defaults, with nothing but the mode switched on.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_to_be_had_is_refused_by_name() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, STRICT).await;
    let private = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "d": "AA" }] });
    let good = ClientKey::new(Algorithm::Es256).set();
    for case in [
        json!({ "scope": "openid admin" }),
        json!({ "scope": "karat:admin" }),
        json!({ "scope": "openid offline_access" }),
        json!({ "scope": "trade:spot" }),
        json!({ "scope": 7 }),
        json!({ "grant_types": ["password"] }),
        json!({ "grant_types": ["implicit"] }),
        json!({ "grant_types": ["authorization_code", "client_credentials"] }),
        json!({ "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"] }),
        json!({ "grant_types": ["refresh_token"] }),
        json!({ "grant_types": [] }),
        json!({ "grant_types": "authorization_code" }),
        json!({ "response_types": ["token"] }),
        json!({ "response_types": ["code id_token"] }),
        json!({ "token_endpoint_auth_method": "none" }),
        json!({ "token_endpoint_auth_method": "client_secret_jwt" }),
        json!({ "token_endpoint_auth_method": "tls_client_auth" }),
        json!({ "application_type": "service" }),
        json!({ "application_type": "native" }),
        json!({ "default_max_age": -1 }),
        json!({ "default_max_age": "0" }),
        json!({ "default_max_age": 1e30 }),
        json!({ "default_max_age": 99_999_999_999_i64 }),
        json!({ "default_acr_values": ["urn:made:up"] }),
        json!({ "token_endpoint_auth_method": "private_key_jwt" }),
        json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": private }),
        json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": { "keys": [{ "kty": "oct", "k": "AAAA" }] } }),
        json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": good, "jwks_uri": "https://app.test/jwks" }),
        json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": good, "token_endpoint_auth_signing_alg": "HS256" }),
        json!({ "jwks": private }),
        json!({ "jwks": "https://app.test/jwks" }),
        json!({ "jwks": { "keys": vec![good["keys"][0].clone(); 33] } }),
        json!({ "id_token_encrypted_response_alg": "RSA-OAEP" }),
        json!({ "userinfo_encrypted_response_alg": "RSA-OAEP" }),
        json!({ "request_object_encryption_alg": "RSA-OAEP" }),
        json!({ "request_object_signing_alg": "none" }),
        json!({ "request_object_signing_alg": "HS256" }),
        json!({ "require_signed_request_object": true }),
        json!({ "require_signed_request_object": "true" }),
        json!({ "request_uris": "https://app.test/request.jwt" }),
        json!({ "request_uris": ["https://app.test/request.jwt", "https://app.test/request.jwt"] }),
        json!({ "request_uris": [format!("https://app.test/{}", "x".repeat(500))] }),
        json!({ "request_uris": vec!["https://app.test/r"; 51] }),
        json!({ "dpop_bound_access_tokens": true }),
        json!({ "subject_type": "ephemeral" }),
    ] {
        refused(&register(&app, &metadata_with(case.clone())).await, &case);
    }
    for redirects in [
        json!([]),
        json!(["http://app.test/cb"]),
        json!(["https://app.test/#x"]),
        json!(["https://*.app.test/"]),
        json!(["javascript:alert(1)"]),
        json!(["com.example.app:/cb"]),
        json!(["https://user@app.test/cb"]),
        Value::Null,
    ] {
        let found = register(&app, &metadata_with(json!({ "redirect_uris": redirects }))).await;
        assert_eq!((found.status, found.error()), (400, "invalid_redirect_uri"), "{redirects}: {found:?}");
    }
    for body in
        ["", "[]", "null", "{", r#"{"redirect_uris":["https://app.test/cb"],"redirect_uris":["https://evil.test/cb"]}"#]
    {
        let request =
            crate::support::browser::http().post(app.url("/clients")).header("content-type", "application/json");
        let found = crate::support::relying_party::answer(request.body(body)).await;
        refused(&found, &json!(body));
    }
    let as_form = crate::support::browser::http().post(app.url("/clients")).form(&[("client_name", "x")]);
    refused(&crate::support::relying_party::answer(as_form).await, &json!("a form"));
    assert_eq!(app.karat.store.clients().await.unwrap().len(), 0);
    assert_eq!(register(&app, &metadata()).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_is_dropped_and_nothing_is_chosen_that_is_ours_to_choose() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, STRICT).await;
    let found = register(
        &app,
        &metadata_with(json!({
            "client_id": "admin",
            "client_secret": "chosen-by-the-app-0123456789",
            "client_id_issued_at": 1,
            "software_statement": "eyJhbGciOiJub25lIn0.eyJzY29wZSI6ImFkbWluIn0.",
            "registration_access_token": "chosen",
            "consent": "first_party",
            "verified": true,
            "disabled": false,
            "kind": "service",
            "audience": ["https://api.test"],
            "verified_claims": ["family_name"],
            "access_token_lifetime": "1h",
            "require_pkce": false,
            "keep_offline_access": true,
            "events_uri": "http://127.0.0.1/",
            "made_up": { "deeply": ["nested"] },
            "client_name#de": "Eine App",
            "scope": null,
        })),
    )
    .await;
    let own = Registered::of(&found);
    assert!(own.id != "admin" && own.secret != "chosen-by-the-app-0123456789" && own.token != "chosen");
    assert_eq!(own.secret.len(), 43);
    for dropped in ["software_statement", "consent", "verified", "audience", "events_uri", "made_up", "client_name#de"]
    {
        assert!(own.told.get(dropped).is_none(), "{dropped}: {}", own.told);
    }
    let client = own.party(&app).await.client;
    assert_eq!(client.consent, ConsentRule::Remembered);
    assert!(!client.pages.verified && client.require_pkce && client.audience.is_empty() && client.events_uri.is_none());
    assert!(!client.logout.keep_offline_access && client.verified_claims.is_empty());
    assert_eq!(client.scope.to_string(), "email openid profile");
    assert_eq!(client.lifetimes, Default::default());
}

/// People are asked, and told that nobody looked at who is behind it.
#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_registered_itself_is_shown_as_not_verified() {
    let app = open().await;
    let person = app.person("erika@example.com").await;
    let own = Registered::made(&app, &metadata()).await;
    let rp = own.party(&app).await;
    let browser = Browser::new(&app.base);
    let page = browser.get(&rp.authorize_path(&[])).await;
    let page = browser.submit(&page, &[("email", &person.email), ("password", crate::support::PASSWORD)]).await;
    assert_eq!(page.path(), "/consent");
    assert!(page.body.contains("id=\"app-unverified\""), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_are_limited_by_address_and_altogether() {
    let few = OPEN.replace("1000 per 1h", "3 per 1h");
    let app = TestApp::start_with(Backends::SqliteAndMemory, &few).await;
    let bad = metadata_with(json!({ "scope": "admin" }));
    refused(&register(&app, &bad).await, &bad);
    for _ in 0..2 {
        assert_eq!(register(&app, &metadata()).await.status, 201);
    }
    let found = register(&app, &metadata()).await;
    assert_eq!((found.status, found.error()), (429, "temporarily_unavailable"), "{found:?}");
    assert!(found.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);

    let full = format!("{OPEN}most_clients = 2\n");
    let app = TestApp::start_with(Backends::SqliteAndMemory, &full).await;
    let own = Registered::made(&app, &metadata()).await;
    assert_eq!(register(&app, &metadata()).await.status, 201);
    let found = register(&app, &metadata()).await;
    assert_eq!((found.status, found.error()), (503, "temporarily_unavailable"), "{found:?}");
    assert_eq!(own.remove(&app).await.status, 204);
    assert_eq!(register(&app, &metadata()).await.status, 201);
}

async fn unused_apps_are_removed(backends: Backends) {
    let app = TestApp::start_with(backends, OPEN).await;
    let person = app.person("erika@example.com").await;
    let used = Registered::made(&app, &metadata()).await;
    let unused = Registered::made(&app, &metadata()).await;
    // Whose people will come back, by the consent that they gave, and which the operator has had in hand.
    let (consented, edited) = (Registered::made(&app, &metadata()).await, Registered::made(&app, &metadata()).await);
    let operators = RelyingParty::register(&app, crate::support::app::web_client("operators")).await;
    for one in [&used, &consented] {
        one.party(&app).await.tokens(&person, "openid").await;
    }
    let sql = async |text: &'static str, id: &str| {
        let database = app.database().open().await;
        database.write(text).bind(id).run().await.unwrap();
    };
    sql("DELETE FROM consents WHERE client_id = $1", &used.id).await;
    sql("DELETE FROM grants WHERE client_id = $1", &consented.id).await;
    let by = Authority::operator();
    app.karat.registrar(&by).update(&edited.id, |_| {}, Some(true)).await.map(drop).unwrap();
    app.advance(29 * 86_400);
    let touched = Registered::made(&app, &metadata()).await;
    assert_eq!(app.karat.remove_unused_clients().await.unwrap(), 0);
    app.advance(2 * 86_400);
    assert_eq!(app.karat.remove_unused_clients().await.unwrap(), 1);
    let left = async || {
        let left = app.karat.store.clients().await.unwrap();
        let mut left: Vec<_> = left.iter().map(|(client, _)| client.id.to_string()).collect();
        left.sort();
        left
    };
    let sorted = |mut all: Vec<String>| {
        all.sort();
        all
    };
    let still = [&used.id, &consented.id, &edited.id, &touched.id, &operators.client.id.to_string()];
    assert_eq!(left().await, sorted(still.map(String::clone).to_vec()));
    assert_eq!(unused.read(&app).await.status, 401);
    assert_eq!(touched.read(&app).await.status, 200);

    // From the day on which nobody uses it any more, the time runs anew.
    sql("DELETE FROM grants WHERE client_id = $1", &used.id).await;
    sql("DELETE FROM consents WHERE client_id = $1", &consented.id).await;
    app.advance(29 * 86_400);
    assert_eq!(app.karat.remove_unused_clients().await.unwrap(), 1, "the one that was touched later");
    app.advance(2 * 86_400);
    assert_eq!(app.karat.remove_unused_clients().await.unwrap(), 2);
    assert_eq!(left().await, sorted(vec![edited.id.clone(), operators.client.id.to_string()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_nobody_uses_is_removed() {
    unused_apps_are_removed(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_nobody_uses_is_removed_on_postgres() {
    unused_apps_are_removed(Backends::PostgresAndRedis).await;
}
