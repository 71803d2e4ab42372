//! What a log-in does besides letting in: an old hash is brought up to date, and an unknown device is told of.

use karat::crypto::password::{PasswordHasher, PasswordParameters};
use karat::crypto::token::Secret;

use crate::person::{can_log_in, is_logged_in, log_in, logged_in};
use crate::support::mails::{link_in, mails_to};
use crate::support::{Browser, PASSWORD, TestApp};

const ADA: &str = "ada@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn the_bare_address_leads_to_the_account_by_way_of_the_log_in() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    assert_eq!(Browser::new(&app.base).get("/").await.path(), "/login");
    assert_eq!(logged_in(&app, ADA).await.get("/").await.path(), "/account");
}

async fn stored_hash(app: &TestApp) -> String {
    app.karat.store.user_by_email(&ADA.parse().unwrap()).await.unwrap().unwrap().password_hash
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_makes_a_hash_of_other_parameters_anew() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let other = PasswordParameters { memory_kib: 9216, iterations: 2, parallelism: 1, workers: 1, queue: 1 };
    let old = PasswordHasher::new(other).unwrap().hash(&Secret::new(PASSWORD)).await.unwrap();
    let mut change = app.karat.store.begin().await.unwrap();
    change.set_password(person.id, &old, app.clock_now()).await.unwrap();
    change.commit().await.unwrap();
    assert!(old.contains("m=9216,t=2,p=1"), "{old}");

    assert!(!can_log_in(&app, ADA, "a wrong password of seven seas").await);
    assert_eq!(stored_hash(&app).await, old, "a wrong password changes nothing");
    assert!(can_log_in(&app, ADA, PASSWORD).await);
    let newer = stored_hash(&app).await;
    assert!(newer.contains("m=8192,t=1,p=1"), "{newer}");
    assert!(can_log_in(&app, ADA, PASSWORD).await);
    assert_eq!(stored_hash(&app).await, newer, "a hash of today's parameters stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_from_an_unknown_browser_is_told_and_from_a_known_one_is_not() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let notices = async || {
        let mut mails = mails_to(&app, ADA).await;
        mails.retain(|mail| mail.subject.starts_with("New log-in"));
        mails
    };
    let first = logged_in(&app, ADA).await;
    assert!(notices().await.is_empty(), "the first device of an account is no news");
    first.forget_cookie("karat_session");
    log_in(&first, ADA, PASSWORD).await;
    assert!(is_logged_in(&first).await);
    assert!(notices().await.is_empty(), "the browser is known");

    let second = logged_in(&app, ADA).await;
    let told = notices().await;
    assert_eq!(told.len(), 1);
    link_in(&app, &told[0], "/account/sessions");
    link_in(&app, &told[0], "/password/forgotten");
    second.forget_cookie("karat_session");
    log_in(&second, ADA, PASSWORD).await;
    assert!(is_logged_in(&second).await);
    assert_eq!(notices().await.len(), 1, "it is known by now");

    let stranger = Browser::new(&app.base);
    log_in(&stranger, ADA, "a wrong password of seven seas").await;
    assert_eq!(notices().await.len(), 1, "nobody got in");
}
