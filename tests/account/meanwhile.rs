//! What happens to an account while one of its passwords is being hashed.

use karat::flow::admin::Authority;
use std::time::Duration;

use karat::crypto::password::{PasswordHasher, PasswordParameters};
use karat::crypto::token::Secret;

use crate::person::{can_log_in, is_logged_in, log_in, logged_in, send};
use crate::support::mails::mails_to;
use crate::support::{Backends, Browser, PASSWORD, Page, Person, TestApp};

const ADA: &str = "ada@example.com";
const NEW: &str = "turbid lantern 9 pigeon";

/// Gives the person a hash of the same password that takes long to verify: there is time for something in between.
async fn make_slow(app: &TestApp, person: &Person) {
    let hard = PasswordParameters { memory_kib: 65_536, iterations: 12, parallelism: 1, workers: 1, queue: 1 };
    let hash = PasswordHasher::new(hard).unwrap().hash(&Secret::new(PASSWORD)).await.unwrap();
    put_hash(app, person, &hash).await;
}

async fn put_hash(app: &TestApp, person: &Person, hash: &str) {
    let mut change = app.karat.store.begin().await.unwrap();
    change.set_password(person.id, hash, app.clock_now()).await.unwrap();
    change.commit().await.unwrap();
}

/// Does `meanwhile` while the server hashes the password that `asked` sent.
async fn during<A: Future<Output = Page>, M: Future<Output = ()>>(asked: A, meanwhile: M) -> Page {
    let later = async {
        tokio::time::sleep(Duration::from_millis(250)).await;
        meanwhile.await;
    };
    tokio::join!(asked, later).0
}

async fn a_log_in_that_a_new_password_overtakes_is_no_log_in(backends: Backends) {
    let app = TestApp::on(backends).await;
    let person = app.person(ADA).await;
    let new = app.karat.passwords.hash(&Secret::new(NEW)).await.unwrap();
    make_slow(&app, &person).await;
    let intruder = Browser::new(&app.base);
    let page = during(log_in(&intruder, ADA, PASSWORD), put_hash(&app, &person, &new)).await;
    assert_eq!(page.path(), "/login", "{}", page.text());
    assert!(!is_logged_in(&intruder).await);
    assert!(app.karat.sessions_of(person.id).await.unwrap().is_empty());
    assert!(can_log_in(&app, ADA, NEW).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_that_a_new_password_overtakes_is_no_log_in_on_sqlite_and_memory() {
    a_log_in_that_a_new_password_overtakes_is_no_log_in(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_that_a_new_password_overtakes_is_no_log_in_on_postgres_and_redis() {
    a_log_in_that_a_new_password_overtakes_is_no_log_in(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_that_a_lock_overtakes_is_no_log_in() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    make_slow(&app, &person).await;
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    let browser = Browser::new(&app.base);
    let page = during(log_in(&browser, ADA, PASSWORD), async {
        app.karat.lock_account(&Authority::operator(), &user, "stolen").await.unwrap();
    })
    .await;
    assert!(!page.status.is_success(), "{}", page.text());
    assert!(app.karat.sessions_of(person.id).await.unwrap().is_empty());
    app.karat
        .unlock_account(&Authority::operator(), &app.karat.store.user(person.id).await.unwrap().unwrap(), "")
        .await
        .unwrap();
    assert!(!is_logged_in(&browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_that_hashes_the_same_password_anew_is_not_in_the_way_of_another() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let again = app.karat.passwords.hash(&Secret::new(PASSWORD)).await.unwrap();
    make_slow(&app, &person).await;
    let browser = Browser::new(&app.base);
    during(log_in(&browser, ADA, PASSWORD), put_hash(&app, &person, &again)).await;
    assert!(is_logged_in(&browser).await);
}

/// The forms that ask for the password, in the sessions of an intruder whom the owner is about to end.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_with_an_old_password_is_not_done_once_there_is_a_new_one() {
    let forms: [(&str, &[(&str, &str)]); 3] = [
        ("/account/password", &[("current_password", PASSWORD), ("new_password", "nine wet pigeons, a lantern")]),
        ("/account/email", &[("current_password", PASSWORD), ("new_email", "eve@example.com")]),
        ("/account/delete", &[("password", PASSWORD), ("confirm", "yes")]),
    ];
    for (path, fields) in forms {
        let app = TestApp::start().await;
        let person = app.person(ADA).await;
        let new = app.karat.passwords.hash(&Secret::new(NEW)).await.unwrap();
        let browser = logged_in(&app, ADA).await;
        make_slow(&app, &person).await;
        let page = during(send(&browser, path, fields), put_hash(&app, &person, &new)).await;
        assert!(page.text().contains("This is not your current password"), "{path}: {}", page.text());
        assert!(mails_to(&app, "eve@example.com").await.is_empty());
        assert!(can_log_in(&app, ADA, NEW).await, "{path}");
    }
}
