//! `oidcc-dynamic-certification-test-plan`, as far as it does not need the implicit flow: apps register themselves.

use karat::domain::jose::Algorithm;
use karat::flow::admin::Authority;
use serde_json::{Value, json};

use crate::checks;
use crate::suite::{Mode, NONCE, STATE, Suite};
use crate::support::client_key::{assertion_claims, post_with};
use crate::support::registering::{OPEN, Registered, metadata_with, register};
use crate::support::relying_party::{Answer, RelyingParty, claims, claims as claims_of, header};
use crate::support::{ClientKey, Publisher};

async fn suite() -> Suite {
    Suite::start_with(Mode::Query, OPEN).await
}

async fn suite_with(host: &Publisher) -> Suite {
    Suite::start_with(Mode::Query, &format!("{OPEN}{}", host.section())).await
}

async fn registered<'a>(suite: &'a Suite, metadata: Value) -> RelyingParty<'a> {
    Registered::made(&suite.app, &metadata_with(metadata)).await.party(&suite.app).await
}

fn refused(found: &Answer, code: &str) {
    assert_eq!((found.status, found.error()), (400, code), "{found:?}");
    assert!(!found.text("error_description").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_server_dynamic() {
    let suite = suite().await;
    let document = checks::fetch(&suite.app, &suite.app.url("/.well-known/openid-configuration")).await;
    assert_eq!(document.body["registration_endpoint"], suite.app.url("/clients"));
    let found = register(&suite.app, &metadata_with(json!({}))).await;
    assert_eq!(found.status, 201, "{found:?}");
    checks::not_kept(&found);
    for (name, value) in [
        ("client_secret_expires_at", json!(0)),
        ("redirect_uris", json!(["https://app.test/cb"])),
        ("grant_types", json!(["authorization_code"])),
        ("response_types", json!(["code"])),
        ("application_type", json!("web")),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("subject_type", json!("public")),
        ("id_token_signed_response_alg", json!("RS256")),
        ("client_id_issued_at", json!(suite.app.clock_now().unix())),
    ] {
        assert_eq!(found.body[name], value, "{name}");
    }
    let own = Registered::of(&found);
    let rp = own.party(&suite.app).await;
    let tokens = suite.pass(&rp, &suite.browser(), &[]).await;
    assert!(tokens.pages.contains(&"/consent".to_owned()), "nobody's own app asks always: {:?}", tokens.pages);
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_idtoken_rs256() {
    let suite = suite().await;
    for alg in ["RS256", "ES256", "EdDSA"] {
        let rp = registered(&suite, json!({ "id_token_signed_response_alg": alg })).await;
        let reply = suite.ask(&rp, &suite.browser(), &[]).await;
        assert_eq!(header(rp.redeem(reply.code()).await.text("id_token"))["alg"], alg);
    }
}

/// The module is skipped where the issuer refuses it.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_idtoken_unsigned_at_registration() {
    let suite = suite().await;
    for key in ["id_token_signed_response_alg", "userinfo_signed_response_alg"] {
        for alg in ["none", "HS256"] {
            refused(&register(&suite.app, &metadata_with(json!({ key: alg }))).await, "invalid_client_metadata");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_userinfo_rs256() {
    let suite = suite().await;
    let rp = registered(&suite, json!({ "userinfo_signed_response_alg": "RS256" })).await;
    let reply = suite.ask(&rp, &suite.browser(), &[]).await;
    let tokens = rp.redeem(reply.code()).await;
    let told = rp.userinfo(tokens.text("access_token")).await;
    assert_eq!(told.headers["content-type"], "application/jwt");
    let told = told.body.as_str().unwrap();
    assert_eq!(header(told)["alg"], "RS256");
    assert_eq!(claims(told)["sub"], claims(tokens.text("id_token"))["sub"]);
    assert_eq!(claims(told)["aud"], json!(rp.client.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_ensure_redirect_uri_in_authorization_request() {
    let suite = suite().await;
    let rp = registered(&suite, json!({ "redirect_uris": ["https://app.test/cb", "https://app.test/other"] })).await;
    let browser = suite.browser();
    suite.pass(&rp, &browser, &[]).await;
    let page = browser.get(&suite.request(&rp, &[("redirect_uri", "")])).await;
    assert_eq!((page.status.is_client_error(), page.location()), (true, None));
}

async fn redirect_uri_is_shown_as_wrong(registered_uri: &str, asked: &str) {
    let suite = suite().await;
    let rp = registered(&suite, json!({ "redirect_uris": [registered_uri] })).await;
    let browser = suite.browser();
    let page = browser.get(&suite.request(&rp, &[("redirect_uri", asked)])).await;
    assert_eq!((page.status.is_client_error(), page.location()), (true, None), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_redirect_uri_query_ok() {
    let suite = suite().await;
    let rp = registered(&suite, json!({ "redirect_uris": ["https://app.test/cb?foo=bar"] })).await;
    let page = suite.walk(&suite.browser(), &suite.request(&rp, &[])).await.1;
    assert!(page.url.starts_with("https://app.test/cb?foo=bar&"), "{}", page.url);
    assert!(page.param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_redirect_uri_query_mismatch() {
    redirect_uri_is_shown_as_wrong("https://app.test/cb?foo=bar", "https://app.test/cb?bar=foo").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_redirect_uri_query_added() {
    redirect_uri_is_shown_as_wrong("https://app.test/cb", "https://app.test/cb?foo=bar").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_redirect_uri_regfrag() {
    let suite = suite().await;
    let fragment = metadata_with(json!({ "redirect_uris": ["https://app.test/cb#foobar"] }));
    refused(&register(&suite.app, &fragment).await, "invalid_redirect_uri");
}

async fn page_of(suite: &Suite, metadata: Value) -> String {
    let rp = registered(suite, metadata).await;
    let page = suite.browser().get(&suite.request(&rp, &[])).await;
    assert_eq!(page.path(), "/login");
    page.body
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_registration_logo_uri() {
    let host = Publisher::start_tls("logo").await;
    let suite = suite_with(&host).await;
    let mut picture = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(64, 64).write_to(&mut picture, image::ImageFormat::Png).unwrap();
    let url = host.publish("/logo.png", picture.into_inner());
    let own = Registered::made(&suite.app, &metadata_with(json!({ "logo_uri": url }))).await;
    let ours = own.told["logo_uri"].as_str().unwrap().to_owned();
    assert!(ours.starts_with(&suite.app.url(&format!("/clients/{}/logo?v=", own.id))), "{ours}");
    let rp = own.party(&suite.app).await;
    let page = suite.browser().get(&suite.request(&rp, &[])).await;
    assert!(page.body.contains(&format!("/clients/{}/logo", own.id)), "{}", page.body);
    assert!(!page.body.contains(&host.target()), "{}", page.body);
    let shown =
        reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap().get(&ours).send().await.unwrap();
    assert_eq!(shown.headers()["content-type"], "image/png");
    assert_eq!(host.asked(), ["/logo.png"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_registration_policy_uri() {
    let body = page_of(&suite().await, json!({ "policy_uri": "https://app.test/privacy" })).await;
    assert!(body.contains("href=\"https://app.test/privacy\""), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_registration_tos_uri() {
    let body = page_of(&suite().await, json!({ "tos_uri": "https://app.test/terms" })).await;
    assert!(body.contains("href=\"https://app.test/terms\""), "{body}");
}

const SIGNING: &str = "private_key_jwt";

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_registration_jwks_uri() {
    let host = Publisher::start_tls("jwks").await;
    let suite = suite_with(&host).await;
    let key = ClientKey::new(Algorithm::Rs256);
    let url = host.publish("/jwks", key.set().to_string());
    let rp = registered(&suite, json!({ "jwks_uri": url, "token_endpoint_auth_method": SIGNING })).await;
    assert_eq!(redeemed(&suite, &rp, &key).await.status, 200);
}

/// A fresh code, redeemed with an assertion by `key`.
async fn redeemed(suite: &Suite, rp: &RelyingParty<'_>, key: &ClientKey) -> Answer {
    let scope = if rp.client.scope.contains("offline_access") { "openid offline_access" } else { "openid" };
    let reply = suite.ask(rp, &suite.browser(), &[("scope", scope), ("prompt", "consent")]).await;
    let fields = [("grant_type", "authorization_code"), ("code", reply.code()), ("redirect_uri", rp.redirect_uri())];
    post_with(&suite.app, "/token", &key.assertion(&suite.app, rp.client.id.as_str()), &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_registration_sector_uri() {
    let host = Publisher::start_tls("sector").await;
    let suite = suite_with(&host).await;
    let redirects = json!(["https://app.test/cb", "https://other.test/cb"]);
    let url = host.publish("/sector.json", json!(["https://third.test/x", redirects[0], redirects[1]]).to_string());
    let metadata = json!({ "redirect_uris": redirects, "subject_type": "pairwise", "sector_identifier_uri": url });
    let rp = registered(&suite, metadata).await;
    let tokens = suite.pass(&rp, &suite.browser(), &[]).await;
    assert_ne!(tokens.id_token["sub"], json!(suite.person.id.to_string()));
    assert_eq!(tokens.id_token["sub"], json!(suite.app.karat.subject(&rp.client, suite.person.id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_registration_sector_bad() {
    let host = Publisher::start_tls("sector-bad").await;
    let suite = suite_with(&host).await;
    for (path, document) in [
        ("/other", json!(["https://other.test/cb"]).to_string()),
        ("/prefix", json!(["https://app.test/"]).to_string()),
        ("/empty", "[]".to_owned()),
        ("/object", json!({ "redirect_uris": ["https://app.test/cb"] }).to_string()),
        ("/html", "<html>".to_owned()),
    ] {
        let url = host.publish(path, document);
        for subject_type in ["pairwise", "public"] {
            let metadata = metadata_with(json!({ "subject_type": subject_type, "sector_identifier_uri": url }));
            refused(&register(&suite.app, &metadata).await, "invalid_client_metadata");
        }
    }
    let several = metadata_with(json!({
        "redirect_uris": ["https://app.test/cb", "https://other.test/cb"], "subject_type": "pairwise"
    }));
    refused(&register(&suite.app, &several).await, "invalid_client_metadata");
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_server_rotate_keys() {
    let suite = suite().await;
    let rp = registered(&suite, json!({})).await;
    let browser = suite.browser();
    suite.pass(&rp, &browser, &[]).await;
    let before = checks::published_keys(&suite.app).await.keys.len();
    suite.app.karat.rotate_signing_key(&Authority::operator(), Algorithm::Rs256).await.unwrap();
    suite.pass(&rp, &browser, &[]).await;
    assert_eq!(checks::published_keys(&suite.app).await.keys.len(), before + 1);
}

/// A minute after the app changed its key, the new one is found.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_refresh_token_rp_key_rotation() {
    let host = Publisher::start_tls("rotation").await;
    let suite = suite_with(&host).await;
    let (old, new) = (ClientKey::new(Algorithm::Es256), ClientKey::new(Algorithm::Es256));
    let url = host.publish("/jwks", old.set().to_string());
    let metadata = json!({
        "jwks_uri": url, "token_endpoint_auth_method": SIGNING, "grant_types": ["authorization_code", "refresh_token"]
    });
    let rp = registered(&suite, metadata).await;
    let tokens = redeemed(&suite, &rp, &old).await;
    host.publish("/jwks", new.set().to_string());
    suite.app.advance(60);
    let fields = [("grant_type", "refresh_token"), ("refresh_token", tokens.text("refresh_token"))];
    let id = rp.client.id.as_str();
    let refreshed = post_with(&suite.app, "/token", &new.assertion(&suite.app, id), &fields).await;
    checks::token_answer(&refreshed);
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refreshed.text("refresh_token"))];
    let gone = post_with(&suite.app, "/token", &old.assertion(&suite.app, id), &fields).await;
    checks::error_answer(&gone, &["invalid_client"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_refresh_token_dynamic() {
    let suite = suite().await;
    let rp = registered(&suite, json!({ "grant_types": ["authorization_code", "refresh_token"] })).await;
    let tokens = suite.pass(&rp, &suite.browser(), &[("scope", "openid offline_access"), ("prompt", "consent")]).await;
    checks::token_answer(&rp.refresh(tokens.answer.text("refresh_token")).await);
    // Who did not register for it has none.
    let without = registered(&suite, json!({})).await;
    assert!(!without.client.scope.contains("offline_access"));
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_ensure_client_assertion_with_iss_aud_succeeds() {
    let suite = suite().await;
    let key = ClientKey::new(Algorithm::Es256);
    let rp = registered(&suite, json!({ "jwks": key.set(), "token_endpoint_auth_method": SIGNING })).await;
    let reply = suite.ask(&rp, &suite.browser(), &[]).await;
    let mut claims = assertion_claims(&suite.app, rp.client.id.as_str());
    claims["aud"] = json!(suite.app.base);
    let fields = [("grant_type", "authorization_code"), ("code", reply.code()), ("redirect_uri", rp.redirect_uri())];
    checks::token_answer(&post_with(&suite.app, "/token", &key.sign(&claims), &fields).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_discovery_endpoint_verification_dynamic() {
    let suite = suite().await;
    let document = checks::discovery(&suite.app).await;
    assert_eq!(document["registration_endpoint"], suite.app.url("/clients"));
    let lists = |name: &str, value: &str| document[name].as_array().unwrap().contains(&json!(value));
    assert!(lists("token_endpoint_auth_methods_supported", SIGNING));
    assert!(lists("token_endpoint_auth_signing_alg_values_supported", "RS256"));
    assert!(lists("userinfo_signing_alg_values_supported", "RS256"));
    assert!(lists("subject_types_supported", "pairwise") && lists("subject_types_supported", "public"));
    // Without the endpoint nothing is promised.
    let off = Suite::start(Mode::Query).await;
    assert!(checks::discovery(&off.app).await.get("registration_endpoint").is_none());
}

/// The request as the suite makes it: everything but issuer and audience as it would be sent, in a file with a fragment that says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_request_uri_signed_rs256() {
    let host = Publisher::start_tls("request-uri").await;
    let suite = suite_with(&host).await;
    let key = ClientKey::new(Algorithm::Rs256);
    let uri = format!("{}#{}", host.url("/requesturi/Zk2hXb0qYwN5"), "mvcKHKlnlVTHDs1s0n6p1y2V2vY1m5lT7cC1mC6bU3E");
    let more = json!({ "jwks": key.set(), "request_object_signing_alg": "RS256", "request_uris": [uri] });
    let own = Registered::made(&suite.app, &metadata_with(more)).await;
    for name in ["request_uris", "request_object_signing_alg", "jwks"] {
        assert!(own.told.get(name).is_some(), "{name}: {}", own.told);
    }
    let rp = own.party(&suite.app).await;
    let claims = json!({
        "client_id": rp.client.id, "redirect_uri": rp.redirect_uri(), "response_type": "code", "scope": "openid",
        "state": STATE, "nonce": NONCE, "aud": suite.app.base, "iss": rp.client.id,
    });
    host.publish("/requesturi/Zk2hXb0qYwN5", key.sign(&claims));
    // Beside it what OpenID Connect Core section 6.1 wants there; nonce and state only inside.
    let tokens = suite.pass(&rp, &suite.browser(), &[("request_uri", &uri), ("state", ""), ("nonce", NONCE)]).await;
    assert_eq!(tokens.id_token["nonce"], NONCE);
    let reply = suite.ask(&rp, &suite.browser(), &[("request_uri", &uri), ("state", ""), ("nonce", "")]).await;
    let redeemed = rp.redeem(reply.code()).await;
    assert_eq!(claims_of(redeemed.text("id_token"))["nonce"], NONCE);
    assert_eq!(host.times_asked("/requesturi/Zk2hXb0qYwN5"), 2);
    let document = checks::discovery(&suite.app).await;
    let lists = |name: &str, value: &str| document[name].as_array().unwrap().contains(&json!(value));
    assert!(lists("request_object_signing_alg_values_supported", "RS256"));
    assert_eq!(document["request_uri_parameter_supported"], true);
    assert_eq!(document["require_request_uri_registration"], true);
}

/// Skipped by the suite where the issuer does not list `none`; which it would still let register.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_request_uri_unsigned_dynamic() {
    let host = Publisher::start_tls("unsigned").await;
    let suite = suite_with(&host).await;
    let uri = host.url("/request.jwt");
    let rp = registered(&suite, json!({ "request_uris": [uri] })).await;
    let browser = suite.browser();
    suite.ask(&rp, &browser, &[("request_uri", &uri)]).await.error(&["request_uri_not_supported"]);
    let document = checks::discovery(&suite.app).await;
    assert!(!document["request_object_signing_alg_values_supported"].as_array().unwrap().contains(&json!("none")));
    suite.pass(&rp, &browser, &[]).await;
    assert_eq!(host.asked(), Vec::<String>::new());
}

/// What a signed request says of the redirect URI counts; what an unsigned one says does not make the wrong one beside it right.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_ensure_request_object_with_redirect_uri_dynamic() {
    let suite = suite().await;
    let key = ClientKey::new(Algorithm::Rs256);
    let rp = registered(&suite, json!({ "jwks": key.set() })).await;
    let claims = json!({
        "client_id": rp.client.id, "redirect_uri": rp.redirect_uri(), "response_type": "code", "scope": "openid",
        "state": STATE, "nonce": NONCE,
    });
    let object = key.sign(&claims);
    let wrong = ("redirect_uri", "https://app.test/cb/NotRegistered");
    suite.pass(&rp, &suite.browser(), &[("request", &object), wrong]).await;
    let unsigned = format!("{}.", object.rsplit_once('.').unwrap().0);
    let page = suite.shown_error(&suite.browser(), &suite.request(&rp, &[("request", &unsigned), wrong])).await;
    assert!(page.text().contains("invalid redirect_uri"), "{}", page.text());
}
