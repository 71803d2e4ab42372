//! Everything that is held about a person, as they download it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use karat::domain::kyc::{Reason, Tier};
use karat::flow::export::Reader;
use serde_json::Value;

use crate::person::{logged_in, send};
use crate::support::app::web_client;
use crate::support::mails::newest_to;
use crate::support::{Backends, PASSWORD, RelyingParty, TestApp};
use crate::verified::{PASSPORT_NUMBER, PICTURE, applied, decided, rejection, verified};

const ADA: &str = "ada@example.com";

async fn a_person_takes_everything_along(backends: Backends) {
    let app = TestApp::on(backends).await;
    let person = app.person(ADA).await;
    let rp = RelyingParty::register(&app, web_client("trading")).await;
    let case = verified(&app, person.id, Tier::STANDARD, None).await;
    let browser = logged_in(&app, ADA).await;
    rp.tokens_in(&browser, &person, "openid email").await;
    app.advance(60);
    let file = send(&browser, "/account/data", &[]).await;
    assert!(file.header("content-disposition").starts_with("attachment"), "{:?}", file.headers);
    assert_eq!(file.header("cache-control"), "no-store");
    let held: Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(held["sub"], person.id.to_string());
    assert_eq!(held["account"]["email"], ADA);
    assert_eq!(
        held["profile"]["family_name"],
        app.karat.store.user(person.id).await.unwrap().unwrap().profile.family_name.unwrap()
    );
    assert_eq!(held["access"]["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(held["access"]["consents"][0]["app"], "trading");
    let verification = &held["verification"];
    assert_eq!(verification["level"], 2);
    assert_eq!(verification["identity"]["verifications"][0]["attributes"]["family_name"], "Montenegro Ruiz");
    assert_eq!(verification["cases"][0]["id"], case.id.to_string());
    assert_eq!(verification["cases"][0]["filled_in"]["document"]["number"], PASSPORT_NUMBER);
    let picture = STANDARD.decode(verification["documents"][0]["base64"].as_str().unwrap()).unwrap();
    assert_eq!(picture, PICTURE);
    let found: Vec<&str> =
        verification["history"].as_array().unwrap().iter().filter_map(|made| made["finding"].as_str()).collect();
    assert!(found.contains(&"approved") && found.contains(&"begun"), "{found:?}");
    assert!(held["events"].as_array().unwrap().iter().any(|event| event["kind"] == "user.logged_in"));

    let hash = app.karat.store.user_with_password(person.id).await.unwrap().unwrap().password_hash;
    assert!(!file.body.contains(&hash) && !file.body.contains(PASSWORD), "no secret is in it");
    let mail = newest_to(&app, ADA).await;
    assert_eq!(mail.subject, "Your Karat data was downloaded");
    assert!(mail.text.contains("/freeze?token="), "{}", mail.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_takes_everything_along_on_sqlite_and_memory() {
    a_person_takes_everything_along(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_takes_everything_along_on_postgres_and_redis() {
    a_person_takes_everything_along(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_logged_in_long_ago_proves_it_again_before_anything_leaves() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let page = browser.get("/account/data").await;
    assert_eq!(page.path(), "/account/data");
    app.advance(3_600);
    let refused = browser.submit(&page, &[]).await;
    assert!(refused.path().starts_with("/mfa"), "{}", refused.path());
    assert!(!refused.body.contains("karat-export"));
}

#[tokio::test(flavor = "multi_thread")]
async fn downloading_again_and_again_is_limited() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let page = browser.get("/account/data").await;
    for _ in 0..5 {
        assert!(browser.submit(&page, &[]).await.body.contains("karat-export-1"));
    }
    assert!(browser.submit(&page, &[]).await.text().contains("Too many"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_takes_along_does_not_tip_off_and_names_no_reviewer() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let case = applied(&app, person.id, Tier::STANDARD).await;
    decided(&app, &case, rejection(Reason::SanctionsReview, true)).await;
    let told = app.karat.export_for_operator(person.id, Reader::Person).await.unwrap().unwrap();
    assert_eq!(told["verification"]["cases"][0]["reason"], "other");
    assert!(!told.to_string().contains("sanctions"), "{told:#}");
    let complete = app.karat.export_for_operator(person.id, Reader::Operator).await.unwrap().unwrap();
    assert_eq!(complete["verification"]["cases"][0]["reason"], "sanctions_review");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_who_has_left_the_operator_gets_what_is_locked_and_of_strangers_nothing() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    verified(&app, person.id, Tier::STANDARD, None).await;
    app.advance(60);
    let browser = logged_in(&app, ADA).await;
    send(&browser, "/account/delete", &[("password", PASSWORD), ("confirm", "yes")]).await;
    let kept = app.karat.export_for_operator(person.id, Reader::Operator).await.unwrap().unwrap();
    assert!(kept["locked_until"].is_string());
    assert!(kept.get("account").is_none() && kept.get("profile").is_none());
    assert_eq!(kept["verification"]["identity"]["verifications"][0]["tier"], 2);
    let stranger = karat::domain::ids::UserId::new(app.karat.new_id());
    assert!(app.karat.export_for_operator(stranger, Reader::Operator).await.unwrap().is_none());
}
