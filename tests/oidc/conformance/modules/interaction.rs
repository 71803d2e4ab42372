//! What the person meets: pages or none, in which language, how often a password.

use crate::checks;
use crate::suite::{Suite, Tokens};
use crate::support::Browser;

const NO_PAGE: [String; 0] = [];
/// What an answer to `prompt=none` may say (OpenID Connect Core section 3.1.2.6).
const SILENT_REFUSALS: [&str; 4] =
    ["login_required", "interaction_required", "consent_required", "account_selection_required"];

pub async fn oidcc_display_page(suite: &Suite) {
    accepted(suite, "display", &["page", "touch", "wap", "hologram"]).await;
}

pub async fn oidcc_display_popup(suite: &Suite) {
    accepted(suite, "display", &["popup"]).await;
}

async fn accepted(suite: &Suite, name: &str, values: &[&str]) {
    let rp = suite.client().await;
    for value in values {
        suite.pass(&rp, &suite.browser(), &[(name, value)]).await;
    }
}

fn auth_time(tokens: &Tokens) -> i64 {
    tokens.id_token["auth_time"].as_i64().unwrap()
}

pub async fn oidcc_prompt_login(suite: &Suite) {
    let rp = suite.client().await;
    let browser = suite.browser();
    let first = suite.pass(&rp, &browser, &[]).await;
    suite.app.advance(2);
    let silent = suite.pass(&rp, &browser, &[]).await;
    assert_eq!((&silent.pages[..], auth_time(&silent)), (&NO_PAGE[..], auth_time(&first)));
    let again = suite.pass(&rp, &browser, &[("prompt", "login")]).await;
    assert_eq!(again.pages, ["/login"]);
    assert_eq!(auth_time(&again), auth_time(&first) + 2);
    assert_eq!(again.id_token["sub"], first.id_token["sub"]);
}

pub async fn oidcc_prompt_none_not_logged_in(suite: &Suite) {
    let rp = suite.client().await;
    let browser = suite.browser();
    let refused = suite.ask(&rp, &browser, &[("prompt", "none")]).await;
    assert_eq!((refused.error(&SILENT_REFUSALS), &refused.pages[..]), ("login_required", &NO_PAGE[..]));
    suite.pass(&rp, &browser, &[]).await;
    suite.pass(&rp, &browser, &[("prompt", "none")]).await;
}

/// Consent is remembered: nothing at all is shown.
pub async fn oidcc_prompt_none_logged_in(suite: &Suite) {
    let rp = suite.client().await;
    let browser = suite.browser();
    let first = suite.pass(&rp, &browser, &[]).await;
    suite.app.advance(3);
    let silent = suite.pass(&rp, &browser, &[("prompt", "none")]).await;
    assert_eq!(silent.pages, NO_PAGE);
    assert_eq!(silent.id_token["sub"], first.id_token["sub"]);
    assert_eq!(auth_time(&silent), auth_time(&first));
    let wider = suite.ask(&rp, &browser, &[("prompt", "none"), ("scope", "openid phone")]).await;
    assert_eq!(wider.error(&SILENT_REFUSALS), "consent_required");
}

pub async fn oidcc_max_age_1(suite: &Suite) {
    let rp = suite.client().await;
    let browser = suite.browser();
    let first = suite.pass(&rp, &browser, &[]).await;
    suite.app.advance(2);
    let refused = suite.ask(&rp, &browser, &[("max_age", "1"), ("prompt", "none")]).await;
    refused.error(&["login_required"]);
    let again = suite.pass(&rp, &browser, &[("max_age", "1")]).await;
    assert_eq!(again.pages, ["/login"]);
    assert_eq!(auth_time(&again), auth_time(&first) + 2);
    suite.app.advance(1);
    let fresh = suite.pass(&rp, &browser, &[("max_age", "1")]).await;
    assert_eq!((&fresh.pages[..], auth_time(&fresh)), (&NO_PAGE[..], auth_time(&again)));
}

pub async fn oidcc_max_age_10000(suite: &Suite) {
    let rp = suite.client().await;
    let browser = suite.browser();
    let first = suite.pass(&rp, &browser, &[]).await;
    suite.app.advance(9_000);
    let later = suite.pass(&rp, &browser, &[("max_age", "10000")]).await;
    assert_eq!((&later.pages[..], auth_time(&later)), (&NO_PAGE[..], auth_time(&first)));
    suite.app.advance(1_001);
    let too_late = suite.pass(&rp, &browser, &[("max_age", "10000")]).await;
    assert_eq!(too_late.pages, ["/login"]);
}

pub async fn oidcc_id_token_hint(suite: &Suite) {
    let rp = suite.client().await;
    let browser = suite.browser();
    let first = suite.pass(&rp, &browser, &[]).await;
    let hint = first.answer.text("id_token");
    suite.app.advance(7_200);
    let silent = suite.pass(&rp, &browser, &[("prompt", "none"), ("id_token_hint", hint)]).await;
    assert_eq!(silent.id_token["sub"], first.id_token["sub"], "an expired hint is a hint still");

    // Somebody else is logged in: the hint is not theirs.
    let other = suite.app.person("otto@example.com").await;
    let others = Browser::new(&suite.app.base);
    rp.log_in(&others, &other, &[]).await;
    let refused = suite.ask(&rp, &others, &[("prompt", "none"), ("id_token_hint", hint)]).await;
    refused.error(&["login_required"]);
}

pub async fn oidcc_login_hint(suite: &Suite) {
    let rp = suite.client().await;
    for hint in ["erika@example.com", "foo@bar", "\"><script>", "+4915112345678"] {
        let browser = suite.browser();
        let page = browser.get(&suite.request(&rp, &[("login_hint", hint)])).await;
        assert_eq!((page.status.as_u16(), page.path()), (200, "/login"));
        let escaped = hint.replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
        assert!(page.body.contains(&format!("value=\"{escaped}\"")), "{}", page.body);
        let (pages, page) = suite.walk_on(&browser, page).await;
        suite.finish(&rp, suite.reply(&rp, page, pages), Some(crate::suite::NONCE)).await;
    }
}

/// The first wish that can be met decides; wishes that cannot are no error.
pub async fn oidcc_ui_locales(suite: &Suite) {
    let rp = suite.client().await;
    for (wished, language) in [("se", "en"), ("es", "es"), ("tlh es-MX en", "es"), ("en-GB es", "en"), ("*;q=x", "en")]
    {
        let page = suite.browser().get(&suite.request(&rp, &[("ui_locales", wished)])).await;
        assert!(page.body.contains(&format!("<html lang=\"{language}\">")), "{wished}");
    }
    suite.pass(&rp, &suite.browser(), &[("ui_locales", "se es")]).await;
}

pub async fn oidcc_claims_locales(suite: &Suite) {
    accepted(suite, "claims_locales", &["se", "es en-GB", "nonsense;;"]).await;
}

pub async fn oidcc_ensure_request_with_acr_values_succeeds(suite: &Suite) {
    let rp = suite.client().await;
    let offered = checks::discovery(&suite.app).await["acr_values_supported"].clone();
    let offered: Vec<&str> = offered.as_array().unwrap().iter().map(|acr| acr.as_str().unwrap()).collect();
    let met = suite.pass(&rp, &suite.browser(), &[("acr_values", &offered.join(" "))]).await;
    assert_eq!(met.id_token["acr"], offered[0]);
    let unmet = suite.pass(&rp, &suite.browser(), &[("acr_values", "1 2")]).await;
    assert_eq!(unmet.id_token["acr"], offered[0], "wished, not demanded: what is true is told");
}
