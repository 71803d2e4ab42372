//! Clients by the API: registered, read, changed by who has seen them, removed.

use karat::domain::role::Role;
use karat::domain::time::Seconds;
use karat::flow::admin::Authority;
use karat::storage::audit::Wanted;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{person, service};
use crate::support::app::web_client;
use crate::support::registering::{OPEN, Registered, metadata, register_with};
use crate::support::relying_party::answer;
use crate::support::{Backends, Publisher, TestApp};

fn shop() -> Value {
    json!({
        "client_id": "shop",
        "metadata": {
            "kind": "web",
            "client_name": "The Shop",
            "redirect_uris": ["https://shop.example.com/callback"],
            "scope": "openid email",
        },
    })
}

async fn acts(app: &TestApp) -> Vec<String> {
    let all = app.karat.audited(&Authority::operator(), &Wanted::default(), None, 100).await.unwrap();
    all.into_iter().rev().filter(|row| row.entry.actor != "operator").map(|row| row.entry.act).collect()
}

async fn a_client_lives_from_registration_to_removal(backends: Backends) {
    let app = TestApp::on(backends).await;
    let api = service(&app, "registrar", "karat:clients").await;
    let made = api.post("/clients", shop()).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.headers["location"].to_str().unwrap(), app.url("/admin/api/v1/clients/shop"));
    let secret = made.text("client_secret").to_owned();
    assert!(secret.len() >= 32);
    let found = api.get("/clients/shop").await;
    assert_eq!((found.status, found.etag()), (200, made.etag()));
    assert_eq!((found.text("origin"), &found.body["live_secrets"]), ("registered", &json!(1)));
    assert_eq!(found.body["metadata"]["client_name"], "The Shop");
    assert!(!found.body.to_string().contains(&secret) && !found.body.to_string().contains("hash"), "{found:?}");

    // What is not said has the strict choice again, what is left out of a patch stays.
    let named =
        json!({ "metadata": { "client_name": "Shop", "post_logout_redirect_uris": ["https://shop.example.com/"] } });
    let patched = api.change(Method::PATCH, "/clients/shop", &found.etag(), Some(named)).await;
    assert_eq!(patched.status, 200, "{patched:?}");
    assert_eq!(patched.body["client"]["metadata"]["client_name"], "Shop");
    assert_eq!(patched.body["client"]["metadata"]["scope"], "email openid");
    let removed = json!({ "metadata": { "post_logout_redirect_uris": null } });
    let patched = api.change(Method::PATCH, "/clients/shop", &patched.etag(), Some(removed)).await;
    assert_eq!(patched.body["client"]["metadata"]["post_logout_redirect_uris"], json!([]));
    let whole = json!({ "disabled": true, "metadata": shop()["metadata"] });
    let put = api.change(Method::PUT, "/clients/shop", &patched.etag(), Some(whole)).await;
    assert_eq!((put.status, &put.body["client"]["disabled"]), (200, &json!(true)), "{put:?}");
    assert!(app.karat.clients.find("shop").await.unwrap().is_none(), "at once");
    let on = json!({ "disabled": false });
    let put = api.change(Method::PATCH, "/clients/shop", &put.etag(), Some(on)).await;
    assert!(app.karat.clients.find("shop").await.unwrap().is_some());
    assert!(put.body.get("client_secret").is_none(), "the secret is the one it was");

    let rotated = api.post("/clients/shop/secret", json!({})).await;
    assert_eq!((rotated.status, &rotated.body["client"]["live_secrets"]), (200, &json!(2)), "{rotated:?}");
    assert_ne!(rotated.text("client_secret"), secret);
    let only = api.post("/clients/shop/secret", json!({ "only": true })).await;
    assert_eq!(only.body["client"]["live_secrets"], 1);

    let gone = api.change(Method::DELETE, "/clients/shop", &only.etag(), None).await;
    assert_eq!(gone.status, 204, "{gone:?}");
    assert_eq!(api.get("/clients/shop").await.problem(), "not-found");
    let told = ["add", "change", "change", "change", "change", "rotate_secret", "rotate_secret", "remove"];
    let told: Vec<String> = told.iter().map(|act| format!("clients.{act}")).collect();
    assert_eq!(acts(&app).await, told, "one entry a change");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_lives_from_registration_to_removal_on_sqlite() {
    a_client_lives_from_registration_to_removal(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_lives_from_registration_to_removal_on_postgres() {
    a_client_lives_from_registration_to_removal(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_field_by_field_and_leaves_no_entry() {
    let app = TestApp::start().await;
    app.add_client(&web_client("web")).await;
    let api = service(&app, "registrar", "karat:clients").await;
    let mut wrong = shop();
    wrong["metadata"]["redirect_uris"] = json!(["https://shop.example.com/callback", "javascript:alert(1)"]);
    let refused = api.post("/clients", wrong).await;
    assert_eq!((refused.status, refused.problem()), (422, "invalid"), "{refused:?}");
    let field = refused.body["errors"][0]["field"].as_str().unwrap();
    assert!(field.starts_with("metadata.redirect_uris"), "{refused:?}");
    let mut surprising = shop();
    surprising["metadata"]["client_secret"] = json!("chosen by the caller, and long enough for anything");
    assert_eq!(api.post("/clients", surprising).await.problem(), "malformed");
    let mut taken = shop();
    taken["client_id"] = json!("web");
    assert_eq!(api.post("/clients", taken).await.problem(), "conflict");
    for path in ["/clients/nothing", "/clients/%20", "/clients/a%2Fb", "/clients/a%00b"] {
        assert_eq!(api.get(path).await.problem(), "not-found", "{path}");
    }
    assert!(acts(&app).await.is_empty());
}

async fn of_two_changes_of_what_both_have_seen_one_is_stale(backends: Backends) {
    let app = TestApp::on(backends).await;
    let api = service(&app, "registrar", "karat:clients").await;
    let seen = api.post("/clients", shop()).await.etag();
    let body = |n: usize| Some(json!({ "metadata": { "client_name": format!("Shop {n}") } }));
    for method in [Method::PATCH, Method::PUT, Method::DELETE] {
        let request = api.request(method.clone(), "/clients/shop");
        let whole = json!({ "disabled": false, "metadata": shop()["metadata"] });
        let request = if method == Method::DELETE { request } else { request.json(&whole) };
        let unseen = answer(request).await;
        assert_eq!((unseen.status, unseen.problem()), (428, "precondition-missing"), "{method}");
    }
    let mut all = Vec::new();
    for n in 0..8 {
        let (request, body) = (api.request(Method::PATCH, "/clients/shop"), body(n));
        all.push(tokio::spawn(answer(request.header("if-match", &seen).json(&body))));
    }
    let mut statuses = Vec::new();
    for one in all {
        statuses.push(one.await.unwrap().status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    for stale in [seen.as_str(), "\"nothing\"", "W/\"weak\""] {
        let late = api.change(Method::DELETE, "/clients/shop", stale, None).await;
        assert_eq!(late.problem(), "stale", "{stale}");
    }
    assert_eq!(api.change(Method::DELETE, "/clients/shop", "unquoted", None).await.problem(), "malformed");
    assert_eq!(api.change(Method::DELETE, "/clients/shop", "*", None).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_of_what_both_have_seen_one_is_stale_on_sqlite() {
    of_two_changes_of_what_both_have_seen_one_is_stale(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_of_what_both_have_seen_one_is_stale_on_postgres() {
    of_two_changes_of_what_both_have_seen_one_is_stale(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_registers_by_role_and_by_a_passkey_shown_lately() {
    let app = TestApp::start().await;
    let (id, admin) = person(&app, "carla@example.com", &[Role::ClientAdmin], Seconds(0)).await;
    let (_, support) = person(&app, "sam@example.com", &[Role::Support], Seconds(0)).await;
    let (_, late) = person(&app, "lars@example.com", &[Role::ClientAdmin], Seconds::hours(2)).await;
    assert_eq!(support.post("/clients", shop()).await.problem(), "forbidden");
    let refused = late.post("/clients", shop()).await;
    assert_eq!((refused.status, refused.problem()), (401, "step-up"));
    let challenge = refused.headers["www-authenticate"].to_str().unwrap();
    for part in ["error=\"insufficient_user_authentication\"", "acr_values=\"phr\"", "max_age=\"600\""] {
        assert!(challenge.contains(part), "{challenge}");
    }
    assert_eq!(late.get("/clients/desk-of-lars").await.status, 200, "reading takes no passkey");
    assert_eq!(admin.post("/clients", shop()).await.status, 201);
    let about = Wanted { target: Some(("client".to_owned(), "shop".to_owned())), ..Wanted::default() };
    let rows = app.karat.audited(&Authority::operator(), &about, None, 10).await.unwrap();
    let entry = &rows[0].entry;
    assert_eq!((entry.actor.clone(), entry.address.as_deref()), (format!("person:{id}"), Some("127.0.0.1")));
    assert!(entry.request_id.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_gets_a_logo_and_a_colour() {
    use base64::Engine;
    let app = TestApp::start().await;
    let api = service(&app, "registrar", "karat:clients").await;
    let made = api.post("/clients", shop()).await;
    let mut picture = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(20, 20, image::Rgb([9, 9, 200]))
        .write_to(&mut picture, image::ImageFormat::Png)
        .unwrap();
    let encoded = |bytes: &[u8]| json!({ "picture": base64::engine::general_purpose::STANDARD.encode(bytes) });
    let put = async |seen: &str, body| api.change(Method::PUT, "/clients/shop/logo", seen, Some(body)).await;
    assert_eq!(put("*", json!({ "picture": "no base64" })).await.problem(), "invalid");
    assert_eq!(put("*", encoded(b"<svg xmlns='http://www.w3.org/2000/svg'/>")).await.problem(), "invalid");
    assert_eq!(put("\"another\"", encoded(picture.get_ref())).await.problem(), "stale");
    let set = put(&made.etag(), encoded(picture.get_ref())).await;
    assert_eq!((set.status, &set.body["client"]["has_logo"]), (200, &json!(true)), "{set:?}");
    assert_ne!(set.etag(), made.etag());
    assert_eq!(app.karat.store.client_logo(&"shop".parse().unwrap()).await.unwrap().unwrap().media_type, "image/png");

    let wrong = json!({ "metadata": { "accent_color": "blue" } });
    assert_eq!(api.change(Method::PATCH, "/clients/shop", &set.etag(), Some(wrong)).await.problem(), "invalid");
    let blue = json!({ "metadata": { "accent_color": "#1A56DB" } });
    let changed = api.change(Method::PATCH, "/clients/shop", &set.etag(), Some(blue)).await;
    assert_eq!(changed.body["client"]["metadata"]["accent_color"], "#1a56db", "{changed:?}");
    assert_eq!(changed.body["client"]["has_logo"], true, "the logo stays");
    let gone = api.change(Method::DELETE, "/clients/shop/logo", &changed.etag(), None).await;
    assert_eq!((gone.status, &gone.body["client"]["has_logo"]), (200, &json!(false)), "{gone:?}");
    assert!(app.karat.store.client_logo(&"shop".parse().unwrap()).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_registered_itself_is_looked_after_as_every_app() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, OPEN).await;
    let own = Registered::made(&app, &metadata()).await;
    let api = service(&app, "registrar", "karat:clients").await;
    let path = format!("/clients/{}", own.id);
    let found = api.get(&path).await;
    assert_eq!((found.status, found.text("origin")), (200, "self_registered"), "{found:?}");
    let listed = api.get(&format!("/clients?find={}", own.id)).await;
    assert_eq!(listed.body["items"][0]["origin"], "self_registered", "{listed:?}");
    let change = json!({ "metadata": { "scope": "openid", "verified": true } });
    let changed = api.change(Method::PATCH, &path, &found.etag(), Some(change)).await;
    assert_eq!((changed.status, &changed.body["client"]["origin"]), (200, &json!("self_registered")), "{changed:?}");
    assert_eq!(changed.body["client"]["metadata"]["scope"], "openid");
    let rotated = api.post(&format!("{path}/secret"), json!({ "only": true })).await;
    assert_eq!((rotated.status, &rotated.body["client"]["origin"]), (200, &json!("self_registered")), "{rotated:?}");
    assert_ne!(rotated.text("client_secret"), own.secret);
    assert_eq!(own.read(&app).await.status, 200);
    let off = api.change(Method::PATCH, &path, "*", Some(json!({ "disabled": true }))).await;
    assert_eq!(off.body["client"]["disabled"], true, "{off:?}");
    assert_eq!(own.read(&app).await.status, 401, "and so is its registration");
    assert_eq!(api.change(Method::DELETE, &path, "*", None).await.status, 204);
    assert_eq!(api.get(&path).await.problem(), "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_shown_once_used_and_withdrawn() {
    let invited = OPEN.replace("'open'", "'token'");
    let app = TestApp::start_with(Backends::SqliteAndMemory, &invited).await;
    let api = service(&app, "registrar", "karat:clients").await;
    let made = api.post("/client-invitations", json!({ "note": "robots", "uses": 2, "lifetime": 3600 })).await;
    assert_eq!(made.status, 201, "{made:?}");
    let token = made.text("initial_access_token").to_owned();
    let invitation = made.body["invitation"].clone();
    assert_eq!((&invitation["note"], &invitation["uses_left"]), (&json!("robots"), &json!(2)));
    assert_eq!(invitation["expires_at"], app.clock_now().unix() + 3600);
    assert_eq!(register_with(&app, Some(&token), &metadata()).await.status, 201);
    let listed = api.get("/client-invitations").await;
    assert_eq!(listed.body["items"][0]["uses_left"], 1, "{listed:?}");
    assert!(!listed.body.to_string().contains(&token), "{listed:?}");
    for wrong in [
        json!({ "uses": 0, "lifetime": 3600 }),
        json!({ "uses": 10_001, "lifetime": 3600 }),
        json!({ "uses": 1, "lifetime": 59 }),
        json!({ "uses": 1, "lifetime": 31_536_001 }),
        json!({ "uses": 1, "lifetime": 3600, "note": "a\u{7}" }),
        json!({ "uses": 1, "lifetime": 3600, "note": "a".repeat(201) }),
    ] {
        let refused = api.post("/client-invitations", wrong.clone()).await;
        assert_eq!((refused.status, refused.problem()), (422, "invalid"), "{wrong}: {refused:?}");
    }
    let path = format!("/client-invitations/{}", invitation["id"].as_str().unwrap());
    assert_eq!(answer(api.request(Method::DELETE, &path)).await.status, 204);
    assert_eq!(answer(api.request(Method::DELETE, &path)).await.problem(), "not-found");
    assert_eq!(register_with(&app, Some(&token), &metadata()).await.status, 401);
    let told: Vec<_> = acts(&app).await.into_iter().filter(|act| act == "clients.invite").collect();
    assert_eq!(told.len(), 2, "made and withdrawn");
}

/// OpenID Connect Dynamic Registration section 5, whoever registers.
#[tokio::test(flavor = "multi_thread")]
async fn the_document_of_a_sector_names_every_redirect_uri_or_nobody_registers_under_it() {
    let host = Publisher::start_tls("sector-by-operator").await;
    let app = TestApp::start_with(Backends::SqliteAndMemory, &host.section()).await;
    let api = service(&app, "registrar", "karat:clients").await;
    let redirects = ["https://shop.example.com/callback", "https://beta.example.com/callback"];
    let listed = |uris: &[&str]| json!(uris).to_string();
    let named = |id: &str, url: &str| {
        let mut shop = shop();
        shop["client_id"] = json!(id);
        shop["metadata"]["redirect_uris"] = json!(redirects);
        shop["metadata"]["subject_type"] = json!("pairwise");
        shop["metadata"]["sector_identifier_uri"] = json!(url);
        shop
    };
    for (path, document) in
        [("/one", listed(&redirects[..1])), ("/html", "<html>".to_owned()), ("/none", "[]".to_owned())]
    {
        let refused = api.post("/clients", named("shop", &host.publish(path, document))).await;
        assert_eq!((refused.status, refused.problem()), (422, "invalid"), "{path}: {refused:?}");
        assert_eq!(refused.body["errors"][0]["field"], "metadata.sector_identifier_uri", "{refused:?}");
    }
    for unreachable in [host.url("/nothing"), "https://localhost:1/x".to_owned(), "https://10.0.0.1/x".to_owned()] {
        assert_eq!(api.post("/clients", named("shop", &unreachable)).await.status, 422, "{unreachable}");
    }
    let url = host.publish("/sector", listed(&redirects));
    let made = api.post("/clients", named("shop", &url)).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(host.times_asked("/sector"), 1);
    // What has nothing to do with it asks nobody.
    let renamed = json!({ "metadata": { "client_name": "Shop" } });
    let patched = api.change(Method::PATCH, "/clients/shop", &made.etag(), Some(renamed)).await;
    assert_eq!((patched.status, host.times_asked("/sector")), (200, 1), "{patched:?}");
    let more = json!({ "metadata": { "redirect_uris": [redirects[0], "https://third.example.com/callback"] } });
    let refused = api.change(Method::PATCH, "/clients/shop", &patched.etag(), Some(more)).await;
    assert_eq!((refused.status, refused.problem()), (422, "invalid"), "{refused:?}");
}
