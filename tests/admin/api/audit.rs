//! The audit log by the API: pages, filters, one entry, verification.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::api::service;
use crate::support::{Backends, TestApp};

async fn the_log_is_read_page_by_page_and_filtered(backends: Backends) {
    let app = TestApp::on(backends).await;
    let api = service(&app, "registrar", "karat:clients karat:audit.read").await;
    for n in 0..7 {
        let body =
            json!({ "client_id": format!("robot-{n}"), "metadata": { "kind": "service", "scope": "trade:read" } });
        assert_eq!(api.post("/clients", body).await.status, 201);
    }
    let (mut seen, mut path, mut pages) = (BTreeSet::new(), "/audit?limit=3&act=clients.add".to_owned(), 0);
    loop {
        let page = api.get(&path).await;
        assert_eq!(page.status, 200, "{page:?}");
        pages += 1;
        seen.extend(page.body["items"].as_array().unwrap().iter().map(|item| item["seq"].as_i64().unwrap()));
        let Some(next) = page.body["next"].as_str() else { break };
        assert_eq!(page.headers["link"].to_str().unwrap(), format!("<{next}>; rel=\"next\""));
        path = next.strip_prefix(&app.url("/admin/api/v1")).unwrap().to_owned();
    }
    assert_eq!((pages, seen.len()), (3, 7), "every entry once");

    let about = api.get("/audit?target=client:robot-3").await;
    let entry = &about.body["items"][0];
    assert_eq!((about.body["items"].as_array().unwrap().len(), &entry["actor"]), (1, &json!("service:registrar")));
    let one = api.get(&format!("/audit/{}", entry["id"].as_str().unwrap())).await;
    assert_eq!(&one.body, entry);
    assert_eq!(api.get("/audit/nothing").await.problem(), "not-found");
    assert_eq!(api.get("/audit?actor=person:nobody").await.body["items"], json!([]));
    assert_eq!(api.get("/audit?act=clients.fry").await.problem(), "malformed");
    assert_eq!(api.get("/audit?target=client").await.problem(), "malformed");
    let until = format!("/audit?until={}", app.clock_now().unix());
    assert_eq!(api.get(&until).await.body["items"], json!([]));

    let verdict = api.get("/audit/verify").await;
    assert_eq!((&verdict.body["whole"], &verdict.body["seq"]), (&json!(true), &json!(7)));
    let wrong = api.get("/audit/verify?seq=7&hash=nothing").await;
    assert_eq!(wrong.body["whole"], false);
    assert_eq!(api.get("/audit/verify?seq=7").await.problem(), "invalid");
    // Programs do not take it away.
    assert_eq!(api.get("/audit/export").await.problem(), "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_read_page_by_page_and_filtered_on_sqlite() {
    the_log_is_read_page_by_page_and_filtered(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_read_page_by_page_and_filtered_on_postgres() {
    the_log_is_read_page_by_page_and_filtered(Backends::PostgresAndRedis).await;
}
