//! What stays of a verification when its person leaves, and for how long.

use karat::domain::kyc::{CaseState, Reason, Tier};
use karat::domain::time::Seconds;

use crate::person::{logged_in, send};
use crate::support::mails::newest_to;
use crate::support::{Backends, PASSWORD, TestApp};
use crate::verified::{PICTURE, applied, decided, rejection, verified};

const ADA: &str = "ada@example.com";
const YEARS: i64 = 1_827 * 86_400;

async fn leave(app: &TestApp) -> String {
    let browser = logged_in(app, ADA).await;
    let asked = browser.get("/account/delete").await.text().to_owned();
    let gone = send(&browser, "/account/delete", &[("password", PASSWORD), ("confirm", "yes")]).await;
    assert!(gone.text().contains("Your account is deleted"), "{}", gone.text());
    asked
}

async fn who_was_verified_leaves_a_locked_record_that_is_destroyed_in_time(backends: Backends) {
    let app = TestApp::on(backends).await;
    let store = &app.karat.store;
    let person = app.person(ADA).await;
    let case = verified(&app, person.id, Tier::STANDARD, None).await;
    app.advance(60);
    assert!(leave(&app).await.contains("Law wants the record"), "the page says it before");
    assert!(newest_to(&app, ADA).await.text.contains("stays locked and encrypted"));
    let until = app.clock_now().plus(Seconds(YEARS));
    assert_eq!(store.kyc_locked_until(person.id).await.unwrap(), Some(until));
    assert_eq!(store.identity(person.id).await.unwrap().verifications.len(), 1);
    assert!(!store.kyc_history(person.id).await.unwrap().is_empty());
    assert!(store.kyc_draft::<serde_json::Value>(&case).await.unwrap().is_none(), "what was only told is gone");

    let documents = store.kyc_documents_of(person.id).await.unwrap();
    assert_eq!(store.kyc_document_content(&documents[0]).await.unwrap().unwrap().as_slice(), PICTURE);
    app.advance(30 * 86_400);
    app.karat.destroy_what_was_kept().await.unwrap();
    assert!(store.kyc_documents_of(person.id).await.unwrap().is_empty(), "pictures have their own, earlier time");
    assert!(store.person_key(person.id).await.unwrap().is_some());

    app.advance(YEARS - 30 * 86_400 - 1);
    app.karat.destroy_what_was_kept().await.unwrap();
    assert!(store.person_key(person.id).await.unwrap().is_some(), "not a second early");
    app.advance(1);
    assert!(app.karat.destroy_what_was_kept().await.unwrap() > 0);
    assert_eq!(app.karat.destroy_what_was_kept().await.unwrap(), 0);
    nothing_is_left(&app, person.id).await;
    let events = store.events_of(person.id, 10).await.unwrap();
    assert!(events.iter().any(|event| event.kind == "kyc.record_destroyed"));
}

async fn nothing_is_left(app: &TestApp, user: karat::domain::ids::UserId) {
    let store = &app.karat.store;
    assert!(store.person_key(user).await.unwrap().is_none());
    assert!(store.identity(user).await.unwrap().verifications.is_empty());
    assert!(store.kyc_cases(user).await.unwrap().is_empty());
    assert!(store.kyc_history(user).await.unwrap().is_empty());
    assert!(store.kyc_documents_of(user).await.unwrap().is_empty());
    assert!(store.kyc_notes(user).await.unwrap().is_empty());
    assert_eq!(store.kyc_locked_until(user).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_verified_leaves_a_locked_record_that_is_destroyed_in_time_on_sqlite_and_memory() {
    who_was_verified_leaves_a_locked_record_that_is_destroyed_in_time(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_verified_leaves_a_locked_record_that_is_destroyed_in_time_on_postgres_and_redis() {
    who_was_verified_leaves_a_locked_record_that_is_destroyed_in_time(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_never_verified_by_documents_leaves_nothing() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    verified(&app, person.id, Tier::BASIC, None).await;
    let case = applied(&app, person.id, Tier::STANDARD).await;
    decided(&app, &case, rejection(Reason::DocUnreadable, false)).await;
    app.advance(60);
    assert!(!leave(&app).await.contains("Law wants the record"));
    assert!(!newest_to(&app, ADA).await.text.contains("stays locked"));
    nothing_is_left(&app, person.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_that_was_taken_back_does_not_unmake_the_record() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let case = verified(&app, person.id, Tier::STANDARD, None).await;
    decided(&app, &case, rejection(Reason::SanctionsReview, true)).await;
    let open = applied(&app, person.id, Tier::ENHANCED).await;
    app.advance(60);
    leave(&app).await;
    let kept = app.karat.store.kyc_cases(person.id).await.unwrap();
    let state = |id| kept.iter().find(|case| case.id == id).map(|case| case.state);
    assert_eq!(state(case.id), Some(CaseState::RejectedFinal));
    assert_eq!(state(open.id), Some(CaseState::Abandoned), "nobody decides it any more, and its papers go at once");
    assert!(app.karat.store.kyc_documents(open.id).await.unwrap().is_empty());
    assert!(app.karat.store.kyc_locked_until(person.id).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_to_be_kept_the_key_goes_with_the_account() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[kyc]\nkeep_records = \"0s\"\n").await;
    let person = app.person(ADA).await;
    verified(&app, person.id, Tier::STANDARD, None).await;
    app.advance(60);
    leave(&app).await;
    nothing_is_left(&app, person.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_and_what_was_filled_in_go_a_while_after_the_decision() {
    let app = TestApp::start().await;
    let store = &app.karat.store;
    let person = app.person(ADA).await;
    let case = verified(&app, person.id, Tier::STANDARD, None).await;
    app.advance(30 * 86_400 - 1);
    app.karat.destroy_what_was_kept().await.unwrap();
    assert_eq!(store.kyc_documents(case.id).await.unwrap().len(), 1);
    assert!(store.kyc_draft::<serde_json::Value>(&case).await.unwrap().is_some());
    app.advance(1);
    app.karat.destroy_what_was_kept().await.unwrap();
    assert!(store.kyc_documents(case.id).await.unwrap().is_empty());
    assert!(store.kyc_draft::<serde_json::Value>(&case).await.unwrap().is_none());
    assert_eq!(store.identity(person.id).await.unwrap().verifications.len(), 1, "what was verified stays");
}
