//! What userinfo tells, and how it is asked.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::checks;
use crate::suite::{Suite, Tokens};
use crate::support::RelyingParty;
use crate::support::relying_party::{Answer, answer};

const PROFILE: [&str; 14] = [
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
];

pub async fn oidcc_userinfo_get(suite: &Suite) {
    let rp = suite.client().await;
    let tokens = suite.pass(&rp, &suite.browser(), &[]).await;
    let token = tokens.answer.text("access_token");
    let url = suite.app.url("/userinfo");
    let lower_case = rp.http().get(&url).header("authorization", format!("bearer {token}"));
    same_person(&answer(lower_case).await, &tokens);

    let nobody = answer(rp.http().get(&url)).await;
    assert_eq!(nobody.status, 401);
    assert_eq!(nobody.headers["www-authenticate"], "Bearer realm=\"karat\"", "nothing was shown, nothing is wrong");
    let in_query = answer(rp.http().get(format!("{url}?access_token={token}"))).await;
    assert_eq!(in_query.status, 401, "a token in an address is not taken (RFC 9700 section 4.3.2)");
    let wrong = answer(rp.http().get(&url).bearer_auth(format!("{token}x"))).await;
    refused(&wrong, 401, "invalid_token");
    let id_token = answer(rp.http().get(&url).bearer_auth(tokens.answer.text("id_token"))).await;
    refused(&id_token, 401, "invalid_token");
}

pub async fn oidcc_userinfo_post_header(suite: &Suite) {
    let rp = suite.client().await;
    let tokens = suite.pass(&rp, &suite.browser(), &[]).await;
    let post = || rp.http().post(suite.app.url("/userinfo"));
    same_person(&answer(post().bearer_auth(tokens.answer.text("access_token"))).await, &tokens);
    refused(&answer(post().bearer_auth("nonsense")).await, 401, "invalid_token");
}

pub async fn oidcc_userinfo_post_body(suite: &Suite) {
    let rp = suite.client().await;
    let tokens = suite.pass(&rp, &suite.browser(), &[]).await;
    let token = tokens.answer.text("access_token");
    let post = |fields: &[(&str, &str)]| rp.http().post(suite.app.url("/userinfo")).form(fields);
    same_person(&answer(post(&[("access_token", token)])).await, &tokens);
    refused(&answer(post(&[("access_token", "nonsense")])).await, 401, "invalid_token");
    let twice = post(&[("access_token", token)]).bearer_auth(token);
    refused(&answer(twice).await, 400, "invalid_request");
}

fn same_person(found: &Answer, tokens: &Tokens) {
    assert_eq!(found.status, 200, "{found:?}");
    checks::not_kept(found);
    assert_eq!(found.body, tokens.userinfo);
}

/// RFC 6750 section 3.
fn refused(found: &Answer, status: u16, code: &str) {
    assert_eq!((found.status, found.error()), (status, code), "{found:?}");
    let challenge = found.headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with("Bearer ") && challenge.contains(&format!("error=\"{code}\"")), "{challenge}");
}

pub async fn oidcc_scope_profile(suite: &Suite) {
    scope_tells(suite, "profile", &PROFILE).await;
}

pub async fn oidcc_scope_email(suite: &Suite) {
    let told = scope_tells(suite, "email", &["email", "email_verified"]).await;
    assert_eq!((&told["email"], &told["email_verified"]), (&json!("erika@example.com"), &json!(true)));
}

pub async fn oidcc_scope_address(suite: &Suite) {
    let told = scope_tells(suite, "address", &["address"]).await;
    assert_eq!(told["address"]["country"], "DE");
}

pub async fn oidcc_scope_phone(suite: &Suite) {
    scope_tells(suite, "phone", &["phone_number", "phone_number_verified"]).await;
}

pub async fn oidcc_scope_all(suite: &Suite) {
    let all = [&PROFILE[..], &["email", "email_verified", "address", "phone_number", "phone_number_verified"]].concat();
    scope_tells(suite, "profile email address phone", &all).await;
}

/// With the scope, userinfo tells `names` and `sub`; without it, `sub` alone.
async fn scope_tells(suite: &Suite, scope: &str, names: &[&str]) -> Value {
    let supported = checks::discovery(&suite.app).await;
    let lists = |member: &str, name: &&str| supported[member].as_array().unwrap().contains(&json!(name));
    assert!(scope.split(' ').all(|value| lists("scopes_supported", &value)));
    assert!(names.iter().all(|name| lists("claims_supported", name)));

    let rp = suite.client().await;
    let browser = suite.browser();
    let with = suite.pass(&rp, &browser, &[("scope", &format!("openid {scope}"))]).await;
    assert_eq!(members(&with.userinfo), BTreeSet::from_iter(names.iter().copied().chain(["sub"])));
    let granted: BTreeSet<&str> = with.answer.text("scope").split(' ').collect();
    assert_eq!(granted, BTreeSet::from_iter(scope.split(' ').chain(["openid"])));
    let without = suite.pass(&rp, &browser, &[("scope", "openid")]).await;
    assert_eq!(members(&without.userinfo), BTreeSet::from(["sub"]));
    with.userinfo
}

/// Besides `kyc_level`, which every answer has.
fn members(told: &Value) -> BTreeSet<&str> {
    told.as_object().unwrap().keys().map(String::as_str).filter(|name| *name != "kyc_level").collect()
}

pub async fn oidcc_claims_essential(suite: &Suite) {
    let rp: RelyingParty<'_> = suite.client().await;
    let asked = json!({ "userinfo": { "name": { "essential": true } } }).to_string();
    let with = suite.pass(&rp, &suite.browser(), &[("claims", &asked)]).await;
    assert_eq!(members(&with.userinfo), BTreeSet::from(["name", "sub"]));
    let unknown = json!({ "userinfo": { "no_such_claim": { "essential": true }, "http://x.test/ü": null } });
    let without = suite.pass(&rp, &suite.browser(), &[("claims", &unknown.to_string())]).await;
    assert_eq!(members(&without.userinfo), BTreeSet::from(["sub"]), "what nobody knows is left out, not refused");
    suite.ask(&rp, &suite.browser(), &[("claims", "no json")]).await.error(&["invalid_request"]);
}
