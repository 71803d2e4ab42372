//! People by the API.

use karat::domain::kyc::Reason;
use karat::domain::role::Role;
use karat::domain::time::Seconds;
use karat::flow::admin::Authority;
use karat::flow::kyc::staff::Judge;
use karat::storage::audit::Wanted;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{person, service};
use crate::support::app::web_client;
use crate::support::relying_party::answer;
use crate::support::{Backends, RelyingParty, TestApp};

async fn entries(app: &TestApp, id: &str) -> Vec<String> {
    let about = Wanted { target: Some(("user".to_owned(), id.to_owned())), ..Wanted::default() };
    let all = app.karat.audited(&Authority::operator(), &about, None, 100).await.unwrap();
    all.into_iter().rev().map(|row| row.entry.act).collect()
}

async fn somebody_is_found_frozen_and_let_in_again(backends: Backends) {
    let app = TestApp::on(backends).await;
    let api = service(&app, "desk", "karat:people").await;
    for n in 0..5 {
        app.person(&format!("ben-{n}@example.com")).await;
    }
    let ada = app.person("ada@example.com").await;
    let rp = RelyingParty::register(&app, web_client("shop")).await;
    let tokens = rp.tokens(&ada, "openid email").await;

    let found = api.get("/people?find=ben-&limit=2").await;
    assert_eq!((found.status, found.body["items"].as_array().unwrap().len()), (200, 2), "{found:?}");
    let mut next = found.body["next"].as_str().map(str::to_owned);
    let mut seen: Vec<Value> = found.body["items"].as_array().unwrap().clone();
    while let Some(address) = next {
        let page = api.get(address.strip_prefix(&app.url("/admin/api/v1")).unwrap()).await;
        seen.extend(page.body["items"].as_array().unwrap().clone());
        next = page.body["next"].as_str().map(str::to_owned);
    }
    assert_eq!(seen.len(), 5);
    let shown = api.get(&format!("/people/{}", ada.id)).await;
    assert_eq!(shown.body["account"]["email"], "ada@example.com");
    assert_eq!(shown.body["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(shown.body["consents"][0]["client_id"], "shop");
    assert!(!shown.body.to_string().contains("argon2"));

    let path = |what: &str| format!("/people/{}/{what}", ada.id);
    let because = json!({ "reason": "stolen phone" });
    assert_eq!(api.post(&path("freeze"), json!({ "reason": " " })).await.problem(), "invalid");
    let late = api.change(Method::POST, &path("freeze"), "\"another\"", Some(because.clone())).await;
    assert_eq!((late.status, late.problem()), (412, "stale"), "{late:?}");
    assert_eq!(api.get(&format!("/people/{}", ada.id)).await.etag(), shown.etag(), "nothing has changed");
    assert_eq!(api.change(Method::POST, &path("freeze"), &shown.etag(), Some(because.clone())).await.status, 204);
    let again = api.change(Method::POST, &path("freeze"), &shown.etag(), Some(because.clone())).await;
    assert_eq!(again.problem(), "stale");
    assert_eq!(api.post(&path("freeze"), because.clone()).await.problem(), "conflict");
    assert!(!rp.is_active(tokens.text("access_token")).await);
    let locked = api.get("/people?filter=locked").await;
    assert_eq!(locked.body["items"][0]["id"], ada.id.to_string());
    assert_eq!(api.post(&path("unfreeze"), because.clone()).await.status, 204);
    let held = api.post(&path("holds"), json!({ "seconds": 3600, "reason": "a report" })).await;
    assert_eq!((held.status, &held.body["hold_until"]), (200, &json!(app.clock_now().unix() + 3600)));
    assert_eq!(api.post(&path("holds"), json!({ "seconds": 0, "reason": "none" })).await.problem(), "invalid");
    let consent = answer(api.request(Method::DELETE, &path("consents/shop"))).await;
    assert_eq!(consent.status, 204, "{consent:?}");
    let ended = answer(api.request(Method::DELETE, &path("sessions"))).await;
    assert_eq!((ended.status, &ended.body["ended"]), (200, &json!(0)), "freezing had ended them");
    let told = ["freeze", "unfreeze", "start_hold", "withdraw_consent", "end_sessions"];
    let told: Vec<String> = told.iter().map(|act| format!("people.{act}")).collect();
    assert_eq!(entries(&app, &ada.id.to_string()).await, told, "one entry a change");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_found_frozen_and_let_in_again_on_sqlite() {
    somebody_is_found_frozen_and_let_in_again(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_found_frozen_and_let_in_again_on_postgres() {
    somebody_is_found_frozen_and_let_in_again(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_without_a_password_that_anybody_knows() {
    let app = TestApp::start().await;
    let api = service(&app, "desk", "karat:people").await;
    let made = api.post("/people", json!({ "email": "new@example.com", "name": "New", "locale": "es" })).await;
    assert_eq!(made.status, 201, "{made:?}");
    let place = made.headers["location"].to_str().unwrap().strip_prefix(&app.url("/admin/api/v1")).unwrap().to_owned();
    assert_eq!(api.get(&place).await.body["account"], made.body);
    assert_eq!(api.post("/people", json!({ "email": "new@example.com" })).await.problem(), "conflict");
    for (wrong, problem) in [
        (json!({ "email": "nobody" }), "invalid"),
        (json!({ "email": "a@example.com", "name": "a\nb" }), "invalid"),
        (json!({ "email": "a@example.com", "name": "x".repeat(101) }), "invalid"),
        (json!({ "email": "a@example.com", "password": "chosen" }), "malformed"),
    ] {
        assert_eq!(api.post("/people", wrong).await.problem(), problem);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_authenticator_is_removed_and_an_export_is_written_down() {
    let app = TestApp::start().await;
    let (_, api) = person(&app, "clara@example.com", &[Role::Compliance], Seconds(0)).await;
    let ben = app.person("ben@example.com").await.id;
    app.karat.give_totp(ben, "Phone", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").await.unwrap();
    let shown = api.get(&format!("/people/{ben}")).await;
    let factor = &shown.body["authenticators"][0];
    assert_eq!((factor["kind"].as_str(), factor["name"].as_str()), (Some("totp"), Some("Phone")));
    assert!(!shown.body.to_string().contains("JBSWY3DP"));
    let export = api.get(&format!("/people/{ben}/export")).await;
    assert_eq!((export.status, export.text("sub")), (200, ben.to_string().as_str()));
    let remove = format!("/people/{ben}/authenticators/{}/remove", factor["id"].as_str().unwrap());
    assert_eq!(api.post(&remove, json!({ "reason": "lost, seen in person" })).await.status, 204);
    assert_eq!(api.post(&remove, json!({ "reason": "again" })).await.problem(), "not-found");
    assert_eq!(entries(&app, &ben.to_string()).await, ["people.export", "people.remove_authenticator"]);
}

/// Owners appoint reviewers; they do not read what those noted.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_the_notes_of_reviewers_for_those_who_may_read_them() {
    let app = TestApp::start().await;
    let ben = app.person("ben@example.com").await.id;
    app.karat.suspend_person(Judge::Operator, ben, Reason::SanctionsReview, "on a list of the bank").await.unwrap();
    for (role, reads) in [(Role::Compliance, true), (Role::Owner, false)] {
        let email = format!("{role}@example.com");
        let (_, api) = person(&app, &email, &[role], Seconds(0)).await;
        let export = api.get(&format!("/people/{ben}/export")).await;
        assert_eq!(export.status, 200, "{export:?}");
        let text = export.body.to_string();
        assert_eq!(text.contains("on a list of the bank"), reads, "{role}: {text}");
        assert_eq!(text.contains("sanctions_review"), reads, "{role}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_house_tells_its_keys_its_outbox_and_its_health() {
    let app = TestApp::start().await;
    let (_, api) = person(&app, "olga@example.com", &[Role::Owner], Seconds(0)).await;
    let before = api.get("/keys").await.body["items"].as_array().unwrap().len();
    let made = api.post("/keys/rotate", json!({ "algorithm": "ES256" })).await;
    assert_eq!(made.status, 200, "{made:?}");
    let keys = api.get("/keys").await;
    assert_eq!(keys.body["items"].as_array().unwrap().len(), before + 1);
    assert!(keys.body["items"].as_array().unwrap().iter().any(|key| key["kid"] == made.body["kid"]));
    assert!(!keys.body.to_string().contains("PRIVATE"));
    let system = api.get("/system").await;
    assert_eq!((&system.body["database_answers"], &system.body["database"]), (&json!(true), &json!("sqlite")));
    let other = app.person("ada@example.com").await;
    assert_eq!(api.post(&format!("/people/{}/freeze", other.id), json!({ "reason": "x" })).await.status, 204);
    let outbox = api.get("/outbox").await;
    let waiting = &outbox.body["items"][0];
    assert_eq!(waiting["kind"], "mail", "{outbox:?}");
    let retry = format!("/outbox/{}/retry", waiting["id"].as_str().unwrap());
    assert_eq!(api.post_empty(&retry).await.status, 204);
    assert_eq!(api.post_empty("/outbox/nothing/retry").await.problem(), "conflict");
    let policy = api.get("/policy").await;
    assert!(
        policy.body["scopes"].as_array().unwrap().iter().any(|one| one["scope"] == "wallet:withdraw"),
        "{policy:?}"
    );
    assert_eq!(api.get("/kyc/cases").await.problem(), "forbidden", "owners do not review");
}
