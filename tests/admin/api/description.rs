//! The OpenAPI document: a contract, and neither more nor less than what is answered.

use std::collections::BTreeSet;

use karat::domain::admin::Act;
use karat::http::admin::api;
use serde_json::Value;

use crate::support::TestApp;
use crate::support::relying_party::answer;

fn document() -> Value {
    api::document("https://id.example.com")
}

#[test]
fn the_description_is_a_contract() {
    insta::assert_json_snapshot!(document());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_is_served_to_everybody() {
    let app = TestApp::start().await;
    let request = crate::support::browser::http().get(app.url("/admin/api/v1/openapi.json"));
    let told = answer(request).await;
    assert_eq!((told.status, told.text("openapi")), (200, "3.1.0"));
    assert_eq!(told.body, api::document(&app.base));
}

/// Every route is registered with its description in one place: what is served without one would be named in the source.
#[test]
fn every_route_is_described_and_everything_described_is_a_route() {
    let source = include_str!("../../../src/http/admin/api/mod.rs");
    let described: BTreeSet<String> = api::description::operations(&document())
        .map(|(_, _, operation)| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    let registered: usize = source
        .split("routes!(")
        .skip(1)
        .map(|rest| rest.split(')').next().unwrap().split(',').filter(|name| !name.trim().is_empty()).count())
        .sum();
    assert_eq!(described.len(), registered);
    // Beside them only the documents themselves.
    let plain: Vec<&str> =
        source.split(".route(").skip(1).map(|rest| rest.trim_start().split('"').nth(1).unwrap()).collect();
    assert!(plain.iter().all(|path| ["/v1/openapi.json", "/v1/docs"].contains(path)), "{plain:?}");
}

#[test]
fn every_operation_says_who_may_and_how_it_refuses() {
    let document = document();
    let asks_itself = ["list_proposals", "confirm_proposal", "decline_proposal"];
    for (path, method, operation) in api::description::operations(&document) {
        let name = operation["operationId"].as_str().unwrap();
        let act = operation["x-karat-act"].as_str().map(|text| text.parse::<Act>().unwrap());
        assert_eq!(act.is_none(), asks_itself.contains(&name), "{name}");
        assert!(!operation["security"].as_array().unwrap().is_empty(), "{name}");
        if act.is_some_and(|act| !act.is_reading()) && name != "export_audit" && name != "export_person" {
            assert_ne!(method, "get", "{name}");
        }
        let responses = operation["responses"].as_object().unwrap();
        for status in ["401", "403", "500", "503"] {
            assert!(responses.contains_key(status), "{name} {status}");
        }
        assert_eq!(responses.contains_key("404"), path.contains('{') || responses.contains_key("404"), "{name}");
        for (status, response) in responses {
            let problem = &response["content"]["application/problem+json"];
            assert_eq!(problem.is_object(), status.starts_with(['4', '5']), "{name} {status}");
        }
    }
}

/// The examples of the documentation: method, path after the issuer, JSON body.
fn examples(text: &str) -> Vec<(String, String, Option<Value>)> {
    let told = text.lines().map(str::trim).filter(|line| line.starts_with("curl ") && line.contains("/admin/api/"));
    told.map(|line| {
        let address = line.split("https://id.example.com").nth(1).unwrap();
        let path = address.split(['"', ' ', '?']).next().unwrap().to_owned();
        let body =
            line.split("--json '").nth(1).map(|rest| serde_json::from_str(rest.split('\'').next().unwrap()).unwrap());
        let method = line.split(" -X ").nth(1).and_then(|rest| rest.split(' ').next());
        let method = method.map_or(if body.is_some() { "post" } else { "get" }.to_owned(), str::to_lowercase);
        (method, path, body)
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_documentation_do_what_they_say() {
    let app = TestApp::start().await;
    let api = crate::support::api::service(&app, "inventory", "karat:clients").await;
    let examples = examples(include_str!("../../../docs/admin-api.md"));
    assert!(examples.len() >= 3, "{examples:?}");
    let mut tag = "*".to_owned();
    for (method, path, body) in examples {
        let path = path.strip_prefix("/admin/api/v1").unwrap();
        let request = api.request(method.to_uppercase().parse().unwrap(), path).header("if-match", &tag);
        let told = answer(match &body {
            Some(body) => request.json(body),
            None => request,
        })
        .await;
        assert!((200..300).contains(&told.status), "{method} {path}: {told:?}");
        tag = told.headers.get("etag").map_or(tag, |value| value.to_str().unwrap().to_owned());
    }
}
