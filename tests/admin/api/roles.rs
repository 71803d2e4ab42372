//! Roles and proposals by the API.

use karat::domain::role::Role;
use karat::domain::time::Seconds;
use serde_json::json;

use crate::support::api::person;
use crate::support::{Backends, TestApp};

const FOUR_EYES: &str = "[admin]\nsecond_person = [\"roles.change\", \"audit.export\"]\n";

async fn a_role_is_proposed_and_confirmed(backends: Backends) {
    let app = TestApp::start_with(backends, FOUR_EYES).await;
    let (olga_id, olga) = person(&app, "olga@example.com", &[Role::Owner], Seconds(0)).await;
    let (_, oskar) = person(&app, "oskar@example.com", &[Role::Owner], Seconds(0)).await;
    let ben = app.person("ben@example.com").await.id;
    let wanted = json!({ "user": ben.to_string(), "role": "support", "reason": "first line" });
    let proposed = olga.post("/roles/give", wanted.clone()).await;
    assert_eq!(proposed.status, 202, "{proposed:?}");
    let id = proposed.text("proposal").to_owned();
    let waiting = oskar.get("/proposals").await;
    assert_eq!(waiting.body["items"][0]["id"], id);
    assert_eq!(waiting.body["items"][0]["proposed_by"], olga_id.to_string());
    let confirm = format!("/proposals/{id}/confirm");
    assert_eq!(olga.post_empty(&confirm).await.problem(), "forbidden", "the same eyes");
    assert_eq!(oskar.post_empty(&confirm).await.status, 204);
    assert_eq!(oskar.post_empty(&confirm).await.problem(), "conflict", "once");
    assert!(app.karat.store.has_role(ben, Role::Support).await.unwrap());
    let held = olga.get("/roles").await;
    assert!(held.body["items"].as_array().unwrap().iter().any(|one| one["user"] == ben.to_string()), "{held:?}");

    let declined = olga.post("/roles/withdraw", wanted).await.text("proposal").to_owned();
    assert_eq!(oskar.post_empty(&format!("/proposals/{declined}/decline")).await.status, 204);
    assert!(app.karat.store.has_role(ben, Role::Support).await.unwrap());
    assert_eq!(oskar.post_empty("/proposals/nothing/confirm").await.problem(), "not-found");

    // The log itself is taken away by two only, and the one who asked takes it.
    assert_eq!(olga.get("/audit/export").await.problem(), "conflict");
    let asked = olga.post("/audit/export/propose", json!({ "reason": "the yearly audit" })).await;
    let agreed = format!("/proposals/{}/confirm", asked.text("proposal"));
    assert_eq!(oskar.post_empty(&agreed).await.status, 204);
    let export = olga.get("/audit/export").await;
    assert_eq!((export.status, export.headers["content-type"].to_str().unwrap()), (200, "application/x-ndjson"));
    let text = export.body.as_str().unwrap();
    let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!((&last["act"], &last["seq"]), (&json!("audit.export"), &json!(text.lines().count())));
    assert_eq!(oskar.get("/audit/export").await.problem(), "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_proposed_and_confirmed_on_sqlite() {
    a_role_is_proposed_and_confirmed(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_proposed_and_confirmed_on_postgres() {
    a_role_is_proposed_and_confirmed(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_given_with_a_reason_and_never_to_oneself() {
    let app = TestApp::start().await;
    let (olga_id, olga) = person(&app, "olga@example.com", &[Role::Owner], Seconds(0)).await;
    let ben = app.person("ben@example.com").await.id;
    let give = async |user: String, role: &str, reason: &str| {
        olga.post("/roles/give", json!({ "user": user, "role": role, "reason": reason })).await
    };
    assert_eq!(give(ben.to_string(), "support", " ").await.problem(), "invalid");
    assert_eq!(give(ben.to_string(), "emperor", "why").await.problem(), "malformed");
    assert_eq!(give(olga_id.to_string(), "compliance", "for me").await.problem(), "forbidden");
    assert_eq!(give(app.karat.new_id().to_string(), "support", "who").await.problem(), "not-found");
    assert_eq!(give(ben.to_string(), "support", "first line").await.status, 204);
    assert_eq!(give(ben.to_string(), "support", "again").await.problem(), "conflict");
}
