//! `ekyc-test-plan-oidccore`: `verified_claims` in the code flow. Each answer is held against the request, the published metadata and the
//! rules of the schemas.

use std::collections::BTreeSet;

use karat::domain::kyc::Tier;
use serde_json::{Map, Value, json};

use crate::checks;
use crate::suite::{Mode, Suite, Tokens};
use crate::support::app::web_client;
use crate::support::verified::erika_at_home;
use crate::verified_claims::schema;
use karat::domain::client::Client;

/// What the suite asks the operator for: the data of its test person.
const USERINFO: [&str; 5] = ["given_name", "family_name", "birthdate", "nationalities", "address"];

async fn assured() -> Suite {
    let suite = Suite::start(Mode::Query).await;
    suite.app.verify(&suite.person, Tier::ENHANCED, erika_at_home(suite.app.clock_now())).await;
    suite
}

fn client() -> Client {
    Client { verified_claims: karat::domain::verified_claims::CLAIMS.map(str::to_owned).into(), ..web_client("first") }
}

/// As most modules ask: nothing of the verification but its trust framework.
fn request(claims: Value) -> Value {
    json!({ "verification": { "trust_framework": null }, "claims": claims })
}

fn all(how: &Value) -> Value {
    USERINFO.iter().map(|name| ((*name).to_owned(), how.clone())).collect::<Map<_, _>>().into()
}

/// Asks at both places, and answers what both told the same.
async fn at_both(suite: &Suite, request: &Value) -> Option<Value> {
    let tokens =
        pass(suite, &json!({ "id_token": { "verified_claims": request }, "userinfo": { "verified_claims": request } }))
            .await;
    assert_eq!(tokens.id_token.get("verified_claims"), tokens.userinfo.get("verified_claims"));
    let told = tokens.userinfo.get("verified_claims").cloned();
    if let Some(told) = &told {
        fits(suite, request, told).await;
    }
    told
}

async fn pass(suite: &Suite, claims: &Value) -> Tokens {
    schema::request(claims).unwrap();
    let rp = match suite.app.karat.clients.find("first").await.unwrap() {
        Some(_) => crate::support::RelyingParty::of(&suite.app, client()),
        None => suite.register(client()).await,
    };
    suite.pass(&rp, &suite.browser(), &[("claims", &claims.to_string())]).await
}

/// Nothing beyond the request, and nothing beyond the metadata.
async fn fits(suite: &Suite, request: &Value, told: &Value) {
    schema::answer(told).unwrap();
    let metadata = checks::discovery(&suite.app).await;
    let lists = |member: &str, value: &Value| metadata[member].as_array().unwrap().contains(value);
    let verification = told["verification"].as_object().unwrap();
    assert!(lists("trust_frameworks_supported", &verification["trust_framework"]));
    for evidence in verification.get("evidence").and_then(Value::as_array).into_iter().flatten() {
        assert!(lists("evidence_supported", &evidence["type"]));
        if let Some(kind) = evidence.pointer("/document_details/type") {
            assert!(lists("documents_supported", kind));
        }
        for check in evidence.get("check_details").and_then(Value::as_array).into_iter().flatten() {
            assert!(lists("documents_check_methods_supported", &check["check_method"]));
        }
    }
    assert!(verification.keys().all(|name| request["verification"].get(name).is_some()), "{verification:?}");
    for name in told["claims"].as_object().unwrap().keys() {
        assert!(request["claims"].get(name).is_some() && lists("claims_in_verified_claims_supported", &json!(name)));
    }
}

fn names(told: &Value) -> BTreeSet<&str> {
    told["claims"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ekyc_server_happypath() {
    let suite = assured().await;
    let told = at_both(&suite, &request(all(&Value::Null))).await.unwrap();
    assert_eq!(names(&told), USERINFO.into());
    let metadata = checks::discovery(&suite.app).await;
    assert_eq!(metadata["claims_parameter_supported"], true);
    assert!(metadata["claims_supported"].as_array().unwrap().contains(&json!("verified_claims")));
    assert!(
        USERINFO
            .iter()
            .all(|name| metadata["claims_in_verified_claims_supported"].as_array().unwrap().contains(&json!(name)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ekyc_server_happypath_emptyobject() {
    let suite = assured().await;
    let told = at_both(&suite, &request(all(&json!({})))).await;
    assert!(told.is_some() && told == at_both(&suite, &request(all(&Value::Null))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn ekyc_server_happypath_essentialfalse() {
    let suite = assured().await;
    let told = at_both(&suite, &request(all(&json!({ "essential": false })))).await;
    assert!(told.is_some() && told == at_both(&suite, &request(all(&Value::Null))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn ekyc_server_unknown_claim_omitted() {
    let suite = assured().await;
    let told = at_both(&suite, &request(json!({ "family_name": null, "x7f3kq": null }))).await.unwrap();
    assert_eq!(told["claims"], json!({ "family_name": "MUSTERMANN" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn ekyc_server_unknown_essential_claim_omitted() {
    let suite = assured().await;
    let asked = request(json!({ "family_name": null, "x7f3kq": { "essential": true } }));
    let told = at_both(&suite, &asked).await.unwrap();
    assert_eq!(told["claims"], json!({ "family_name": "MUSTERMANN" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn ekyc_server_special_characters_in_claim_name() {
    let suite = assured().await;
    let strange = "\u{e9}\u{1f511}\\\"'<&>%20+;/?#\u{0}\n";
    let asked = request(json!({ "family_name": null, strange: null }));
    let told = at_both(&suite, &asked).await.unwrap();
    assert_eq!(told["claims"], json!({ "family_name": "MUSTERMANN" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn ekyc_server_one_claim_with_random_value_omitted() {
    let suite = assured().await;
    assert_eq!(at_both(&suite, &request(json!({ "family_name": { "value": "q8Zr2LpX" } }))).await, None);
    assert!(at_both(&suite, &request(json!({ "family_name": { "value": "MUSTERMANN" } }))).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn ekyc_server_request_only_in_idtoken() {
    let suite = assured().await;
    let asked = request(json!({ "family_name": null }));
    let tokens = pass(&suite, &json!({ "id_token": { "verified_claims": asked } })).await;
    fits(&suite, &asked, &tokens.id_token["verified_claims"]).await;
    assert_eq!(tokens.userinfo.get("verified_claims"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn ekyc_server_request_only_in_userinfo() {
    let suite = assured().await;
    let asked = request(json!({ "family_name": null }));
    let tokens = pass(&suite, &json!({ "userinfo": { "verified_claims": asked } })).await;
    fits(&suite, &asked, &tokens.userinfo["verified_claims"]).await;
    assert_eq!(tokens.id_token.get("verified_claims"), None);
}

/// Beside claims of the profile, which stay what they are.
#[tokio::test(flavor = "multi_thread")]
async fn ekyc_server_testuserprovidedrequest() {
    let suite = assured().await;
    let framework = format!("{}/trust-frameworks/exchange-kyc/v1", suite.app.base);
    let asked = json!({
        "verification": {
            "trust_framework": { "value": framework },
            "assurance_level": { "values": ["tier2", "tier3"] },
            "time": { "max_age": 31_536_000 },
            "verification_process": null,
            "evidence": [{
                "type": { "value": "document" },
                "check_details": [{ "check_method": null, "organization": null, "check_id": null, "time": null }],
                "document_details": { "type": null, "date_of_expiry": null, "issuer": { "country_code": null } },
            }],
        },
        "claims": { "given_name": { "essential": true }, "family_name": { "essential": true }, "birthdate": null },
    });
    let tokens = pass(&suite, &json!({ "userinfo": { "given_name": null, "verified_claims": asked } })).await;
    let told = &tokens.userinfo["verified_claims"];
    fits(&suite, &asked, told).await;
    assert_eq!((&tokens.userinfo["given_name"], &told["claims"]["given_name"]), (&json!("Erika"), &json!("ERIKA")));
    assert_eq!(told["verification"]["evidence"].as_array().unwrap().len(), 2);
}

/// Every member of the test person's data is asked for, and told as it was given.
#[tokio::test(flavor = "multi_thread")]
async fn ekyc_server_testbasedonuserinfo_defaults() {
    let suite = assured().await;
    let asked = json!({
        "verification": { "trust_framework": null, "assurance_level": null, "time": null, "verification_process": null },
        "claims": all(&Value::Null),
    });
    let told = at_both(&suite, &asked).await.unwrap();
    assert_eq!(names(&told), USERINFO.into());
    assert_eq!(told["verification"]["assurance_level"], "tier3");
    assert_eq!(told["claims"]["birthdate"], "1984-01-26");
    assert_eq!(told["claims"]["nationalities"], json!(["DEU"]));
    assert_eq!(told["claims"]["address"]["locality"], "Cologne");
}

/// What the metadata does not name is never told, whoever asks.
#[tokio::test(flavor = "multi_thread")]
async fn ekyc_server_test_userinfo_notfoundinop() {
    let suite = assured().await;
    let asked = json!({
        "verification": { "trust_framework": null, "assurance_classification": null },
        "claims": { "family_name": null, "place_of_birth": null, "email": null, "msisdn": null },
    });
    let told = at_both(&suite, &asked).await.unwrap();
    assert_eq!(names(&told), ["family_name"].into());
    let elsewhere = json!({
        "verification": { "trust_framework": null, "evidence": [{ "type": { "value": "vouch" } }] },
        "claims": { "family_name": null },
    });
    assert_eq!(at_both(&suite, &elsewhere).await, None);
}
