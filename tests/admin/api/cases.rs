//! Applications for verification levels by the API.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use karat::domain::kyc::Tier;
use serde_json::Value;

use crate::support::api::service;
use crate::support::applications::submitted;
use crate::support::{Backends, TestApp};

async fn cases_are_read_page_by_page_and_narrowed(backends: Backends) {
    let app = TestApp::on(backends).await;
    let api = service(&app, "desk", "karat:kyc.read").await;
    let mut waiting = Vec::new();
    for n in 0..5 {
        let person = app.person(&format!("p{n}@example.com")).await;
        let tier = if n == 3 { Tier::ENHANCED } else { Tier::STANDARD };
        waiting.push(submitted(&app.karat, person.id, tier, &Default::default()).await.id.to_string());
        app.advance(1);
    }
    let pages = async |mut path: String| {
        let mut pages: Vec<Vec<String>> = Vec::new();
        loop {
            let page = api.get(&path).await;
            assert_eq!(page.status, 200, "{page:?}");
            let id = |case: &Value| case["id"].as_str().unwrap().to_owned();
            pages.push(page.body["items"].as_array().unwrap().iter().map(id).collect());
            let Some(next) = page.body["next"].as_str() else { return pages };
            assert_eq!(page.headers["link"].to_str().unwrap(), format!("<{next}>; rel=\"next\""));
            path = next.strip_prefix(&app.url("/admin/api/v1")).unwrap().to_owned();
        }
    };
    assert_eq!(pages("/kyc/cases?limit=2".to_owned()).await, [&waiting[..2], &waiting[2..4], &waiting[4..]]);
    let youngest_first: Vec<String> = waiting.iter().rev().cloned().collect();
    let of_a_state = pages("/kyc/cases?limit=3&state=submitted".to_owned()).await;
    assert_eq!(of_a_state, [&youngest_first[..3], &youngest_first[3..]]);
    let of_level_2 = pages("/kyc/cases?limit=3&level=2".to_owned()).await.concat();
    assert_eq!(of_level_2, [&waiting[..3], &waiting[4..]].concat());

    for nonsense in ["x".to_owned(), URL_SAFE_NO_PAD.encode("50"), URL_SAFE_NO_PAD.encode("{\"at\":1}")] {
        assert_eq!(api.get(&format!("/kyc/cases?cursor={nonsense}")).await.problem(), "invalid", "{nonsense}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_are_read_page_by_page_and_narrowed_on_sqlite() {
    cases_are_read_page_by_page_and_narrowed(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_are_read_page_by_page_and_narrowed_on_postgres() {
    cases_are_read_page_by_page_and_narrowed(Backends::PostgresAndRedis).await;
}
