//! `POST /admin/api/v1/policy/explain`: to services that are registered for it, and to nobody else.

use karat::domain::client::{Client, ConsentRule};
use karat::domain::kyc::Tier;
use serde_json::{Value, json};

use crate::support::app::{service_client, web_client};
use crate::support::relying_party::{Answer, answer};
use crate::support::verified::erika;
use crate::support::{RelyingParty, TestApp};

const ERIKA: &str = "erika@example.com";

async fn ask(app: &TestApp, token: Option<&str>, body: String) -> Answer {
    let request = crate::support::browser::http().post(app.url("/admin/api/v1/policy/explain"));
    let request = request.header("content-type", "application/json").body(body);
    let told = answer(match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    })
    .await;
    assert_eq!(told.headers["cache-control"], "no-store", "{told:?}");
    told
}

async fn service_token(app: &TestApp, id: &str, scope: &str) -> String {
    let rp = RelyingParty::register(app, service_client(id, scope)).await;
    let told = rp.post("/token", &[("grant_type", "client_credentials"), ("scope", scope)]).await;
    assert_eq!(told.status, 200, "{told:?}");
    told.text("access_token").to_owned()
}

/// An app that a person may log in to.
fn shop() -> Client {
    let scope = "openid trade:spot wallet:withdraw karat:policy".parse().unwrap();
    Client { scope, consent: ConsentRule::FirstParty, ..web_client("shop") }
}

fn question() -> Value {
    json!({ "user": ERIKA, "client": "shop", "scope": "openid trade:spot" })
}

fn assert_problem(told: &Answer, status: u16) {
    assert_eq!((told.status, &told.body["status"]), (status, &json!(status)), "{told:?}");
    assert_eq!(told.headers["content-type"], "application/problem+json");
    assert!(!told.text("title").is_empty() && !told.text("detail").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_service_that_is_registered_for_it_is_answered() {
    let app = TestApp::start().await;
    let person = app.person(ERIKA).await;
    let rp = RelyingParty::register(&app, shop()).await;
    let asked = question().to_string();
    for token in [None, Some("no-token"), Some("a.b.c")] {
        let told = ask(&app, token, asked.clone()).await;
        assert_problem(&told, 401);
        assert_eq!(told.headers["www-authenticate"], "Bearer realm=\"karat\"", "{token:?}");
    }
    // Not even of a person whose app is registered for the scope.
    let theirs = rp.tokens(&person, "openid karat:policy").await;
    assert_eq!(theirs.text("scope"), "karat:policy openid");
    assert_problem(&ask(&app, Some(theirs.text("access_token")), asked.clone()).await, 403);
    let other = service_token(&app, "other", "trade:read").await;
    assert_problem(&ask(&app, Some(&other), asked.clone()).await, 403);
    // Who may not ask learns nothing of who there is.
    let stranger = json!({ "user": "nobody@example.com", "client": "shop" }).to_string();
    assert_problem(&ask(&app, Some(&other), stranger).await, 403);

    let auditor = service_token(&app, "auditor", "karat:policy").await;
    assert_eq!(ask(&app, Some(&auditor), asked.clone()).await.status, 200);
    app.advance(24 * 3600);
    assert_problem(&ask(&app, Some(&auditor), asked).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_is_none_and_one_about_nobody_are_told_apart() {
    let app = TestApp::start().await;
    app.person(ERIKA).await;
    RelyingParty::register(&app, shop()).await;
    let auditor = service_token(&app, "auditor", "karat:policy").await;
    let with = |name: &str, value: Value| {
        let mut asked = question();
        asked[name] = value;
        asked.to_string()
    };
    for wrong in [
        String::new(),
        "{".to_owned(),
        "[]".to_owned(),
        json!({ "client": "shop" }).to_string(),
        with("surprise", json!(1)),
        with("acr", json!("urn:unheard:of")),
        with("scope", json!("a  b")),
        with("age", json!(-1)),
        with("age", json!("soon")),
        with("age", json!(i64::MAX)),
        with("user", json!("neither id nor address")),
    ] {
        assert_problem(&ask(&app, Some(&auditor), wrong).await, 400);
    }
    for nobody in [
        with("user", json!("nobody@example.com")),
        with("user", json!("0190163d-8694-739b-aea5-966c26f8ad91")),
        with("client", json!("nothing")),
    ] {
        assert_problem(&ask(&app, Some(&auditor), nobody).await, 404);
    }
    assert_eq!(ask(&app, Some(&auditor), question().to_string()).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_says_what_is_granted_and_of_the_rest_every_reason() {
    let app = TestApp::start().await;
    let person = app.person(ERIKA).await;
    RelyingParty::register(&app, shop()).await;
    let auditor = service_token(&app, "auditor", "karat:policy").await;
    let reasons = |told: &Answer| -> Vec<(String, Value)> {
        let withheld = told.body["withheld"].as_array().unwrap().clone();
        let all = withheld.into_iter().flat_map(|one| {
            let scope = one["scope"].as_str().unwrap().to_owned();
            one["reasons"].as_array().unwrap().clone().into_iter().map(move |reason| (scope.clone(), reason))
        });
        all.inspect(|(_, reason)| assert!(reason["remedy"].is_string(), "{reason}"))
            .map(|(scope, mut reason)| {
                reason.as_object_mut().unwrap().remove("remedy");
                (scope, reason)
            })
            .collect()
    };
    let spot = |reason: Value| ("trade:spot".to_owned(), reason);
    let told = ask(&app, Some(&auditor), question().to_string()).await;
    assert_eq!((told.status, told.text("granted")), (200, "openid"), "{told:?}");
    assert_eq!(told.text("user"), person.id.to_string());
    assert_eq!((&told.body["kyc_level"], told.text("kyc_state")), (&json!(0), "none"));
    assert_eq!(told.body["log_in"], json!({ "acr": "urn:karat:acr:pwd", "age": 0 }));
    assert_eq!(told.text("when_withheld"), "guide");
    let tier = json!({ "reason": "tier", "needed": 1 });
    let acr = json!({ "reason": "acr", "needed": "urn:karat:acr:mfa" });
    assert_eq!(reasons(&told), [spot(tier), spot(acr)]);

    // By id as well as by address, and for a log-in that is only supposed.
    app.verify(&person, Tier::BASIC, erika(app.clock_now())).await;
    let mut asked = question();
    asked["user"] = json!(person.id.to_string());
    asked["acr"] = json!("urn:karat:acr:mfa");
    asked["age"] = json!(43_200);
    let told = ask(&app, Some(&auditor), asked.to_string()).await;
    assert_eq!((told.status, told.text("granted")), (200, "openid trade:spot"), "{told:?}");
    assert_eq!((reasons(&told), &told.body["kyc_level"]), (Vec::new(), &json!(1)));
    asked["age"] = json!(43_201);
    let told = ask(&app, Some(&auditor), asked.to_string()).await;
    assert_eq!(reasons(&told), [spot(json!({ "reason": "too_old", "max_age": 43_200 }))]);
    // Without a scope, of all that the client is registered for.
    asked.as_object_mut().unwrap().remove("scope");
    asked["age"] = json!(0);
    let told = ask(&app, Some(&auditor), asked.to_string()).await;
    assert_eq!(told.text("granted"), "karat:policy openid trade:spot");
    assert_eq!(reasons(&told), [("wallet:withdraw".to_owned(), json!({ "reason": "tier", "needed": 2 }))]);
}
