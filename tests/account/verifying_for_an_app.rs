//! An app wants what takes a level: its person is led through verification, a reviewer says yes, and the app gets it; until a reviewer thinks again.

use karat::domain::client::{Client, ConsentRule};
use karat::domain::kyc::Tier;
use karat::flow::kyc::review::{Judged, Judgement};
use karat::flow::kyc::staff::Judge;

use crate::person::{logged_in, press};
use crate::support::app::web_client;
use crate::support::{AuthenticatorApp, Backends, RelyingParty, TestApp};
use crate::verification::{ADA, DETAILS, DOCUMENT, newest_case, picture, tier, upload_on};

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_to_trade_is_led_through_verification_and_back_on_sqlite_and_memory() {
    who_wants_to_trade_is_led_through_verification_and_back(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_to_trade_is_led_through_verification_and_back_on_postgres_and_redis() {
    who_wants_to_trade_is_led_through_verification_and_back(Backends::PostgresAndRedis).await;
}

async fn who_wants_to_trade_is_led_through_verification_and_back(backends: Backends) {
    let level = "[tier_1]\nprovider = \"review\"\nproofs = [\"details\", \"document\", \"selfie\"]\nvalid_for = \"0s\"\nreview_time = \"24h\"\n";
    let app = TestApp::start_with(backends, &format!("[holds]\nfirst_factor = \"0s\"\n{level}")).await;
    let person = app.person(ADA).await;
    let scope = "openid offline_access trade:spot".parse().unwrap();
    let client = Client { scope, consent: ConsentRule::FirstParty, ..web_client("exchange") };
    let rp = RelyingParty::register(&app, client).await;
    let browser = logged_in(&app, ADA).await;
    AuthenticatorApp::add(&browser, app.clock_now()).await;

    let asked = [("scope", "openid offline_access trade:spot")];
    let page = browser.get(&rp.authorize_path(&asked)).await;
    assert_eq!(page.path(), "/verify", "{}", page.text());
    let interaction = page.param("interaction").unwrap();
    let page = press(&browser, &page, "/verify", &[]).await;
    let page = press(&browser, &page, "/verify/details", DETAILS).await;
    let sides = [("front", &picture()[..]), ("back", &picture()[..])];
    let page = upload_on(&browser, &page, "/verify/document", DOCUMENT, &sides).await;
    let page = upload_on(&browser, &page, "/verify/selfie", &[], &[("selfie", &picture()[..])]).await;
    assert_eq!(page.path(), "/verify/check", "{}", page.text());
    let page = press(&browser, &page, "/verify/check", &[]).await;
    assert_eq!(page.param("interaction").as_deref(), Some(&interaction[..]), "the app is not lost: {}", page.url);
    assert_eq!(tier(&app, person.id).await, Tier::REGISTERED, "nobody has looked yet");

    let case = newest_case(&app, person.id).await;
    let judged = app.karat.judge_case(Judge::Operator, case.id, Judgement::Approve, "").await.unwrap();
    assert!(matches!(judged, Judged::Decided), "the operator decides alone");
    let page = browser.get(&format!("/authorize/{interaction}")).await;
    let tokens = rp.redeem(&page.param("code").unwrap_or_else(|| panic!("{}: {}", page.url, page.text()))).await;
    assert_eq!(tokens.text("scope"), "offline_access openid trade:spot");
    assert_eq!(rp.introspect(tokens.text("access_token")).await.body["kyc_level"], 1);

    // The reviewers think again: the next refresh has less.
    app.karat.revoke_level(Judge::Operator, person.id, Tier::BASIC, "the picture is of somebody else").await.unwrap();
    let refreshed = rp.refresh(tokens.text("refresh_token")).await;
    assert_eq!((refreshed.status, refreshed.text("scope")), (200, "offline_access openid"), "{refreshed:?}");
    assert_eq!(rp.introspect(tokens.text("access_token")).await.text("scope"), "offline_access openid");
}
