//! Whatever goes wrong is a problem (RFC 9457), also what routing and layers refuse.

use reqwest::Method;
use serde_json::json;

use crate::support::api::service;
use crate::support::browser::http;
use crate::support::relying_party::answer;
use crate::support::{Browser, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_a_problem_with_type_title_status_and_detail() {
    let app = TestApp::start().await;
    let api = service(&app, "registrar", "karat:clients").await;
    let missing = api.get("/clients/nothing").await;
    assert_eq!(missing.text("type"), app.url("/problems/not-found"));
    assert_eq!((missing.status, missing.text("title")), (404, "Nothing there"));
    assert_eq!(missing.text("request_id"), missing.headers["x-request-id"].to_str().unwrap());
    assert_eq!(missing.headers["cache-control"], "no-store");

    assert_eq!(api.get("/nowhere").await.problem(), "not-found");
    let unmet = answer(api.request(Method::DELETE, "/clients")).await;
    assert_eq!((unmet.status, unmet.problem()), (405, "method-not-allowed"));
    assert!(unmet.headers["allow"].to_str().unwrap().contains("POST"));
    let form = answer(api.request(Method::POST, "/clients").form(&[("client_id", "a")])).await;
    assert_eq!((form.status, form.problem()), (415, "unsupported-media-type"));
    let json = |text: String| {
        answer(api.request(Method::POST, "/clients").header("content-type", "application/json").body(text))
    };
    for text in ["", "{", "[]", "null", "{\"client_id\":\"a\"}"] {
        let told = json(text.to_owned()).await;
        assert_eq!((told.status, told.problem()), (400, "malformed"), "{text}");
    }
    let deep = format!("{{\"client_id\":{}", "[".repeat(10_000));
    assert_eq!(json(deep).await.problem(), "malformed");
    let large = json(format!("{{\"client_id\":\"{}\"}}", "a".repeat(8 << 20))).await;
    assert_eq!((large.status, large.problem()), (413, "too-large"));
    let typed = api.post("/clients", json!({ "client_id": "a", "metadata": { "redirect_uris": [1] } })).await;
    assert!(typed.text("detail").starts_with("metadata.redirect_uris[0]: "), "{typed:?}");
    let reader = service(&app, "reader", "karat:audit.read").await;
    for query in ["limit=0", "limit=101", "limit=a", "surprise=1", "act=none", "limit=1&limit=2"] {
        let told = reader.get(&format!("/audit?{query}")).await;
        assert_eq!((told.status, told.problem()), (400, "malformed"), "{query}");
    }
    assert_eq!(reader.get("/audit?limit=100").await.status, 200);
    // The last one is the cursor `"\u0000"`.
    for query in ["cursor=none", "actor=%00", "cursor=Ilx1MDAwMCI"] {
        assert_eq!(reader.get(&format!("/audit?{query}")).await.problem(), "invalid", "{query}");
    }
    let nul = json("{\"client_id\":\"a\\u0000b\",\"metadata\":{}}".to_owned()).await;
    assert_eq!((nul.status, nul.problem()), (422, "invalid"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_type_of_a_problem_leads_to_what_it_means() {
    let app = TestApp::start().await;
    let api = service(&app, "registrar", "karat:clients").await;
    let browser = Browser::new(&app.base);
    let docs = browser.get("/admin/api/v1/docs").await;
    let told = [api.get("/clients/nothing").await, api.post("/clients", json!([])).await];
    for problem in told {
        let place = http().get(problem.text("type")).send().await.unwrap();
        assert_eq!(place.status(), 303, "{problem:?}");
        let (page, anchor) = place.headers()["location"].to_str().unwrap().split_once('#').unwrap();
        assert!(page == "/admin/api/v1/docs" && docs.body.contains(&format!("id=\"{anchor}\"")), "{anchor}");
    }
    assert_eq!(browser.get("/problems/heat").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_tells_nothing_of_the_inside() {
    let app = TestApp::start().await;
    let api = service(&app, "reader", "karat:clients").await;
    let db = app.database().open().await;
    db.write("UPDATE clients SET settings = '{\"secret-inside\":' WHERE id = 'reader'").run().await.unwrap();
    let told = api.get("/clients/reader").await;
    assert_eq!((told.status, told.problem()), (500, "fault"), "{told:?}");
    assert!(!told.body.to_string().contains("settings") && !told.body.to_string().contains("inside"), "{told:?}");
}
