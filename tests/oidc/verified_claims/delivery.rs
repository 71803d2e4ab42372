//! From the request to the ID token and the userinfo answer: who may ask, what the person agrees to, and when it is true no more.

use karat::domain::client::{Client, ConsentRule};
use karat::domain::kyc::{Finding, Reason, Tier};
use serde_json::{Value, json};

use crate::suite::{Mode, Suite};
use crate::support::app::web_client;
use crate::support::verified::{erika, erika_at_home};

/// Registered for every verified claim.
pub fn assured_client(id: &str) -> Client {
    let claims = karat::domain::verified_claims::CLAIMS;
    Client { verified_claims: claims.map(str::to_owned).into(), ..web_client(id) }
}

fn asking(place: &str, request: Value) -> String {
    json!({ place: { "verified_claims": request } }).to_string()
}

fn names() -> Value {
    json!({ "verification": { "trust_framework": null }, "claims": { "given_name": null, "family_name": null } })
}

async fn verified_suite() -> Suite {
    let suite = Suite::start(Mode::Query).await;
    let verified = erika(suite.app.clock_now());
    suite.app.verify(&suite.person, Tier::STANDARD, verified).await;
    suite
}

#[tokio::test(flavor = "multi_thread")]
async fn verified_claims_are_told_where_they_were_asked_for_and_only_there() {
    let suite = verified_suite().await;
    let rp = suite.register(assured_client("broker")).await;
    let browser = suite.browser();
    let framework = format!("{}/trust-frameworks/exchange-kyc/v1", suite.app.base);
    let expected = json!({
        "verification": { "trust_framework": framework },
        "claims": { "given_name": "ERIKA", "family_name": "MUSTERMANN" },
    });
    let tokens = suite.pass(&rp, &browser, &[("claims", &asking("userinfo", names()))]).await;
    assert_eq!(tokens.userinfo["verified_claims"], expected);
    assert_eq!(tokens.id_token.get("verified_claims"), None);
    let tokens = suite.pass(&rp, &browser, &[("claims", &asking("id_token", names()))]).await;
    assert_eq!(tokens.id_token["verified_claims"], expected);
    assert_eq!(tokens.userinfo.get("verified_claims"), None);
    let tokens = suite.pass(&rp, &browser, &[]).await;
    assert_eq!((tokens.id_token.get("verified_claims"), tokens.userinfo.get("verified_claims")), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_gets_no_claim_that_it_is_not_registered_for() {
    let suite = verified_suite().await;
    let claims = asking("userinfo", names());
    let none = suite.register(web_client("none")).await;
    let tokens = suite.pass(&none, &suite.browser(), &[("claims", &claims)]).await;
    assert_eq!(tokens.userinfo.get("verified_claims"), None);
    let one = Client { verified_claims: ["family_name".to_owned()].into(), ..web_client("one") };
    let one = suite.register(one).await;
    let browser = suite.browser();
    let tokens = suite.pass(&one, &browser, &[("claims", &claims)]).await;
    assert_eq!(tokens.userinfo["verified_claims"]["claims"], json!({ "family_name": "MUSTERMANN" }));
    // What was granted earlier is narrowed with the registration.
    suite.app.update_client(&Client { verified_claims: Default::default(), ..one.client.clone() }).await;
    let userinfo = one.userinfo(tokens.answer.text("access_token")).await;
    assert_eq!((userinfo.status, userinfo.body.get("verified_claims")), (200, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_reads_what_of_the_identity_is_asked_for_and_is_asked_again_for_more() {
    let suite = verified_suite().await;
    let rp = suite.register(assured_client("broker")).await;
    let browser = suite.browser();
    suite.pass(&rp, &browser, &[]).await;
    let claims = asking("userinfo", names());
    let page = browser.get(&suite.request(&rp, &[("claims", &claims)])).await;
    assert_eq!(page.path(), "/consent");
    for text in ["That your identity was verified", "Your verified given name", "Your verified family name"] {
        assert!(page.text().contains(text), "{text}: {}", page.text());
    }
    assert!(!page.text().contains("How your identity was verified") && !page.text().contains("date of birth"));
    let (pages, page) = suite.walk_on(&browser, page).await;
    suite.finish(&rp, suite.reply(&rp, page, pages), Some(crate::suite::NONCE)).await;
    // Remembered, and less is no news.
    assert!(suite.pass(&rp, &browser, &[("claims", &claims)]).await.pages.is_empty());
    let deeper = json!({
        "verification": { "trust_framework": null, "evidence": [{ "type": { "value": "document" } }] },
        "claims": { "birthdate": null },
    });
    let deeper = asking("id_token", deeper);
    suite.ask(&rp, &browser, &[("claims", &deeper), ("prompt", "none")]).await.error(&["consent_required"]);
    let page = browser.get(&suite.request(&rp, &[("claims", &deeper)])).await;
    assert!(page.text().contains("How your identity was verified") && page.text().contains("date of birth"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_of_the_own_house_needs_its_registration_all_the_same() {
    let suite = verified_suite().await;
    let claims = asking("id_token", names());
    let own = Client { consent: ConsentRule::FirstParty, ..assured_client("own") };
    let rp = suite.register(own).await;
    let tokens = suite.pass(&rp, &suite.browser(), &[("claims", &claims)]).await;
    assert_eq!(tokens.pages, ["/login"]);
    assert_eq!(tokens.id_token["verified_claims"]["claims"]["family_name"], "MUSTERMANN");
    let rp = suite.register(Client { consent: ConsentRule::FirstParty, ..web_client("bare") }).await;
    let tokens = suite.pass(&rp, &suite.browser(), &[("claims", &claims)]).await;
    assert_eq!(tokens.id_token.get("verified_claims"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_level_that_counts_answers_and_the_highest_first() {
    let suite = verified_suite().await;
    let rp = suite.register(assured_client("broker")).await;
    let browser = suite.browser();
    suite.app.verify(&suite.person, Tier::ENHANCED, erika_at_home(suite.app.clock_now())).await;
    let level = |wanted: Value| json!({ "verification": { "trust_framework": null, "assurance_level": wanted }, "claims": { "family_name": null } });
    let either = asking("userinfo", level(Value::Null));
    let tokens = suite.pass(&rp, &browser, &[("claims", &either)]).await;
    assert_eq!(tokens.userinfo["verified_claims"]["verification"]["assurance_level"], "tier3");
    let second = asking("userinfo", level(json!({ "value": "tier2" })));
    let tokens = suite.pass(&rp, &browser, &[("claims", &second)]).await;
    assert_eq!(tokens.userinfo["verified_claims"]["verification"]["assurance_level"], "tier2");
    // The higher one is taken back: the lower one still stands.
    suite.app.find(&suite.person, Finding::Revoked { tier: Tier::ENHANCED }).await;
    let tokens = suite.pass(&rp, &browser, &[("claims", &either)]).await;
    assert_eq!(tokens.userinfo["verified_claims"]["verification"]["assurance_level"], "tier2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_self_declared_level_is_no_verified_identity() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.register(assured_client("broker")).await;
    suite.app.verify(&suite.person, Tier::BASIC, erika(suite.app.clock_now())).await;
    let claims = asking("userinfo", names());
    let browser = suite.browser();
    let tokens = suite.pass(&rp, &browser, &[("claims", &claims)]).await;
    assert_eq!(tokens.userinfo.get("verified_claims"), None);
    suite.app.verify(&suite.person, Tier::STANDARD, erika(suite.app.clock_now())).await;
    let userinfo = rp.userinfo(tokens.answer.text("access_token")).await;
    assert_eq!(userinfo.body["verified_claims"]["claims"]["family_name"], "MUSTERMANN");
}

/// Nothing waits for a job or for new tokens.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_true_no_more_is_not_told_from_that_moment_on() {
    let suite = Suite::start_with(Mode::Query, "[kyc]\nrestricted_countries = [\"KP\"]\n").await;
    let rp = suite.register(assured_client("broker")).await;
    let browser = suite.browser();
    let claims = asking("userinfo", names());
    let now = suite.app.clock_now();
    let case = suite.app.verify(&suite.person, Tier::STANDARD, erika(now)).await;
    let tokens = suite.pass(&rp, &browser, &[("claims", &claims)]).await;
    let token = tokens.answer.text("access_token");
    let tells = async || rp.userinfo(token).await.body.get("verified_claims").is_some();
    assert!(tells().await);
    suite.app.find(&suite.person, Finding::Suspended { reason: Reason::SanctionsReview }).await;
    assert!(!tells().await, "suspended");
    suite.app.find(&suite.person, Finding::Reinstated).await;
    assert!(tells().await);
    suite.app.reject(&suite.person, case, Reason::DocTampered, false).await;
    assert!(!tells().await, "rejected after its approval");
    let mut moved = erika(now);
    moved.attributes.residence = Some("KP".parse().unwrap());
    suite.app.verify(&suite.person, Tier::STANDARD, moved).await;
    assert!(!tells().await, "lives where nobody is served");
    let case = suite.app.verify(&suite.person, Tier::STANDARD, erika(now)).await;
    assert!(tells().await);
    suite.app.find(&suite.person, Finding::Revoked { tier: Tier::STANDARD }).await;
    assert!(!tells().await, "taken back: {case}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_counts_until_its_document_expires_and_not_a_second_longer() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.register(assured_client("broker")).await;
    let browser = suite.browser();
    let mut verified = erika(suite.app.clock_now());
    // The tests begin at 10:00 UTC of that day.
    verified.evidence[0].expires_on = Some("2026-01-15".into());
    suite.app.verify(&suite.person, Tier::STANDARD, verified).await;
    let claims = asking("id_token", names());
    suite.app.advance(14 * 3600 - 1);
    let tokens = suite.pass(&rp, &browser, &[("claims", &claims)]).await;
    assert!(tokens.id_token.get("verified_claims").is_some(), "the document's last day");
    suite.app.advance(1);
    let tokens = suite.pass(&rp, &browser, &[("claims", &claims)]).await;
    assert_eq!(tokens.id_token.get("verified_claims"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_request_for_verified_claims_is_told_to_the_app() {
    let suite = verified_suite().await;
    let rp = suite.register(assured_client("broker")).await;
    for malformed in [
        json!(null),
        json!("given_name"),
        json!({ "claims": { "given_name": null } }),
        json!({ "verification": {}, "claims": { "given_name": null } }),
        json!({ "verification": { "trust_framework": null }, "claims": {} }),
        json!([{ "verification": { "trust_framework": null } }]),
    ] {
        let claims = asking("userinfo", malformed.clone());
        let browser = suite.browser();
        suite.ask(&rp, &browser, &[("claims", &claims)]).await.error(&["invalid_request"]);
    }
}
