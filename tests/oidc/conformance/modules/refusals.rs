//! What is refused, and where the refusal is told.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::checks;
use crate::suite::{NONCE, STATE, Suite};

pub async fn oidcc_codereuse(suite: &Suite) {
    let rp = suite.client().await;
    let reply = suite.ask(&rp, &suite.browser(), &[]).await;
    let first = suite.finish(&rp, reply.clone(), Some(NONCE)).await;
    checks::error_answer(&rp.redeem(reply.code()).await, &["invalid_grant"]);
    let token = first.answer.text("access_token");
    assert_eq!(rp.userinfo(token).await.error(), "invalid_token", "what came of the code is dead");
    suite.pass(&rp, &suite.browser(), &[]).await;
}

pub async fn oidcc_codereuse_30seconds(suite: &Suite) {
    let rp = suite.client().await;
    let asked = [("scope", "openid offline_access"), ("prompt", "consent")];
    let reply = suite.ask(&rp, &suite.browser(), &asked).await;
    let first = suite.finish(&rp, reply.clone(), Some(NONCE)).await;
    suite.app.advance(30);
    assert_eq!(rp.userinfo(first.answer.text("access_token")).await.status, 200);
    checks::error_answer(&rp.redeem(reply.code()).await, &["invalid_grant"]);
    assert_eq!(rp.userinfo(first.answer.text("access_token")).await.status, 401);
    checks::error_answer(&rp.refresh(first.answer.text("refresh_token")).await, &["invalid_grant"]);
}

/// An error page, and never a redirect.
pub async fn oidcc_ensure_registered_redirect_uri(suite: &Suite) {
    let rp = suite.client().await;
    let browser = suite.browser();
    for wrong in
        ["https://first.test/cb/other", "https://evil.test/cb", "https://first.test/cb?x=1", "javascript:1", ""]
    {
        let page = suite.shown_error(&browser, &suite.request(&rp, &[("redirect_uri", wrong)])).await;
        assert!(page.text().contains("invalid redirect_uri"), "{wrong}: {}", page.text());
        assert!(page.body.contains("id=\"error-detail\""));
        assert!(wrong.is_empty() || !page.body.contains(wrong), "what an attacker chose is not repeated");
    }
    for wrong in ["nobody", ""] {
        let page = suite.shown_error(&browser, &suite.request(&rp, &[("client_id", wrong)])).await;
        assert!(page.text().contains("client_id"), "{}", page.text());
    }
    suite.pass(&rp, &browser, &[]).await;
}

pub async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(suite: &Suite) {
    let rp = suite.client().await;
    let refused = suite.ask(&rp, &suite.browser(), &[("request_uri", "https://first.test/request.jwt")]).await;
    refused.error(&["request_uri_not_supported"]);
    assert_eq!(checks::discovery(&suite.app).await["require_request_uri_registration"], true);
    suite.pass(&rp, &suite.browser(), &[("request_uri", "")]).await;
}

pub async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(suite: &Suite) {
    let rp = suite.client().await;
    let object = unsigned_request(rp.redirect_uri());
    suite.ask(&rp, &suite.browser(), &[("request", &object)]).await.error(&["request_not_supported"]);
    let offered = &checks::discovery(&suite.app).await["request_object_signing_alg_values_supported"];
    assert!(!offered.as_array().unwrap().contains(&json!("none")), "{offered}");
    suite.pass(&rp, &suite.browser(), &[]).await;
}

/// The redirect URI inside the request object does not make the wrong one outside right.
pub async fn oidcc_ensure_request_object_with_redirect_uri(suite: &Suite) {
    let rp = suite.client().await;
    let object = unsigned_request(rp.redirect_uri());
    let more = [("request", object.as_str()), ("redirect_uri", "https://first.test/cb/NotRegistered")];
    let page = suite.shown_error(&suite.browser(), &suite.request(&rp, &more)).await;
    assert!(page.text().contains("invalid redirect_uri"));
    suite.pass(&rp, &suite.browser(), &[]).await;
}

fn unsigned_request(redirect_uri: &str) -> String {
    let claims = json!({
        "client_id": "first", "redirect_uri": redirect_uri, "response_type": "code", "scope": "openid",
        "state": STATE, "nonce": NONCE, "iss": "first",
    });
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(json!({ "alg": "none" })), part(claims))
}
