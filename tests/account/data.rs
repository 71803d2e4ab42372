//! Everything that is held about a person, as they download it.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use karat::domain::ids::UserId;
use karat::domain::kyc::{DocumentKind, Finding, Reason, Tier};
use karat::flow::admin::people::ExportAsked;
use karat::flow::admin::{Authority, Refusal};
use karat::flow::export::{Export, Reader};
use karat::flow::kyc::{Actor, Cause};
use karat::storage::kyc::documents::Document;
use reqwest::Method;
use reqwest::header::{COOKIE, ORIGIN};
use serde_json::{Value, json};

use crate::person::{logged_in, send};
use crate::support::app::web_client;
use crate::support::mails::newest_to;
use crate::support::{Backends, Browser, PASSWORD, Page, RelyingParty, TestApp};
use crate::verified::{PASSPORT_NUMBER, PICTURE, applied, begun, decided, rejection, verified};

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
    let picture = STANDARD.decode(held["documents"][0]["base64"].as_str().unwrap()).unwrap();
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
    let told = exported(&app, person.id, Reader::Person).await.unwrap();
    assert_eq!(told["verification"]["cases"][0]["reason"], "other");
    for word in ["sanctions", "suspended"] {
        assert!(!told.to_string().contains(word), "{word}: {told:#}");
    }
    let states = |held: &Value| {
        let history = held["verification"]["history"].as_array().unwrap().clone();
        let rejected = history.into_iter().find(|made| made["finding"] == "rejected").unwrap();
        (held["verification"]["state"].clone(), rejected["to"].clone())
    };
    assert_eq!(states(&told), (json!("rejected_final"), json!("rejected_final")));
    let complete = exported(&app, person.id, Reader::Operator).await.unwrap();
    assert_eq!(complete["verification"]["cases"][0]["reason"], "sanctions_review");
    assert_eq!(states(&complete), (json!("suspended"), json!("suspended")));

    // What comes after it does not tell either; and who was told of a suspension reads of it.
    app.advance(60);
    let subject = app.karat.kyc_subject(person.id).await.unwrap().unwrap();
    let cause = Cause::of(Actor::Operator, json!({}));
    let mut change = app.karat.store.begin().await.unwrap();
    app.karat.record_finding(&mut change, &subject, &Finding::Reinstated, &cause).await.unwrap();
    change.commit().await.unwrap();
    let told = exported(&app, person.id, Reader::Person).await.unwrap();
    assert_eq!(told["verification"]["history"][0]["from"], "rejected_final");
    assert!(!told.to_string().contains("suspended"), "{told:#}");
    let bea = app.person("bea@example.com").await;
    let case = verified(&app, bea.id, Tier::STANDARD, None).await;
    app.advance(60);
    let case = app.karat.store.kyc_case(case.id).await.unwrap().unwrap();
    decided(&app, &case, rejection(Reason::SanctionsReview, true)).await;
    let told = exported(&app, bea.id, Reader::Person).await.unwrap();
    assert_eq!(states(&told), (json!("suspended"), json!("suspended")), "who loses a level is told");
}

/// They are the only thing in it that is large, and pass through in small pieces.
#[tokio::test(flavor = "multi_thread")]
async fn documents_leave_in_pieces_and_whole() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let contents: Vec<Vec<u8>> =
        [1_000_003, 3 * 48 * 1024, 1, 0].map(|size| (0..=u8::MAX).cycle().take(size).collect()).into();
    with_documents(&app, person.id, &contents).await;
    let mut export = taken(&app, person.id, Reader::Person).await.unwrap();
    let (mut text, mut longest) = (String::new(), 0);
    while let Some(piece) = export.next(&app.karat).await.unwrap() {
        longest = longest.max(piece.len());
        text += &piece;
    }
    assert!(longest < 70 * 1024, "{longest}");
    let held: Value = serde_json::from_str(&text).unwrap();
    let mut found: Vec<Vec<u8>> = held["documents"].as_array().unwrap().iter().map(content_of).collect();
    let mut expected = contents.clone();
    found.sort();
    expected.sort();
    assert!(found == expected, "every document is whole");
}

/// Who asks and does not read holds a place and a document: there are four, and not for ever.
#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_exports_are_made_at_once() {
    let app = TestApp::start().await;
    let large: [Vec<u8>; 1] = [(0..=u8::MAX).cycle().take(12 << 20).collect()];
    let mut unread = Vec::new();
    for number in 0..4 {
        let email = format!("p{number}@example.com");
        let person = app.person(&email).await;
        with_documents(&app, person.id, &large).await;
        let browser = logged_in(&app, &email).await;
        let page = browser.get("/account/data").await;
        unread.push(ask(&browser, &page).await);
    }
    assert_eq!(app.karat.exports.free(), 0);
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let page = browser.get("/account/data").await;
    let refused = browser.submit(&page, &[]).await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (503, "30"), "{}", refused.text());

    drop(unread);
    for _ in 0..100 {
        if app.karat.exports.free() == 4 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(browser.submit(&page, &[]).await.body.contains("karat-export-1"));
}

/// The answer's head, and nothing of its body yet.
async fn ask(browser: &Browser, page: &Page) -> reqwest::Response {
    let (action, hidden) = page.form();
    let answer = browser
        .request(Method::POST, &action)
        .header("sec-fetch-site", "same-origin")
        .header(ORIGIN, browser.base())
        .header(COOKIE, browser.cookie_header())
        .form(&hidden)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    answer
}

async fn taken(app: &TestApp, person: UserId, reader: Reader) -> Option<Export> {
    let asked = ExportAsked { reason: None, reader };
    match app.karat.export_person(&Authority::operator(), person, asked).await {
        Err(Refusal::NotFound) => None,
        other => Some(other.unwrap()),
    }
}

pub async fn exported(app: &TestApp, person: UserId, reader: Reader) -> Option<Value> {
    let mut export = taken(app, person, reader).await?;
    let mut text = String::new();
    while let Some(piece) = export.next(&app.karat).await.unwrap() {
        text += &piece;
    }
    Some(serde_json::from_str(&text).unwrap())
}

/// An application with these pictures, of whatever.
async fn with_documents(app: &TestApp, person: UserId, contents: &[Vec<u8>]) {
    let case = begun(app, person, Tier::STANDARD).await;
    let first = app.karat.store.kyc_documents(case.id).await.unwrap().remove(0);
    let kinds = [DocumentKind::Front, DocumentKind::Back, DocumentKind::Selfie, DocumentKind::AddressProof];
    for (kind, content) in kinds.into_iter().zip(contents) {
        let (id, size) = (app.karat.new_id().to_string(), i64::try_from(content.len()).unwrap());
        let document = Document { id, kind, size, ..first.clone() };
        let key = app.karat.store.person_key(person).await.unwrap().unwrap();
        let mut change = app.karat.store.begin().await.unwrap();
        change.set_kyc_document(&key, &document, content).await.unwrap();
        change.commit().await.unwrap();
    }
}

fn content_of(told: &Value) -> Vec<u8> {
    STANDARD.decode(told["base64"].as_str().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_who_has_left_the_operator_gets_what_is_locked_and_of_strangers_nothing() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    verified(&app, person.id, Tier::STANDARD, None).await;
    app.advance(60);
    let browser = logged_in(&app, ADA).await;
    send(&browser, "/account/delete", &[("password", PASSWORD), ("confirm", "yes")]).await;
    let kept = exported(&app, person.id, Reader::Operator).await.unwrap();
    assert!(kept["locked_until"].is_string());
    assert!(kept.get("account").is_none() && kept.get("profile").is_none());
    assert_eq!(kept["verification"]["identity"]["verifications"][0]["tier"], 2);
    let stranger = karat::domain::ids::UserId::new(app.karat.new_id());
    assert!(exported(&app, stranger, Reader::Operator).await.is_none());
}
