//! Terms that have changed since they were accepted.

use karat::domain::ids::UserId;

use crate::person::log_in;
use crate::support::app::web_client;
use crate::support::{Backends, Browser, PASSWORD, Person, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";

/// A person who accepted the terms of last year.
async fn person_of_last_year(app: &TestApp) -> Person {
    let person = app.person(ADA).await;
    let found = app.karat.store.user_with_password(person.id).await.unwrap().unwrap();
    let mut change = app.karat.store.begin().await.unwrap();
    change.remove_user(person.id).await.unwrap();
    change.add_user(&found.user, &found.password_hash).await.unwrap();
    change.accept_terms(person.id, "2025-01-01", app.clock_now()).await.unwrap();
    change.commit().await.unwrap();
    person
}

async fn accepted(app: &TestApp, id: UserId) -> Vec<String> {
    app.karat.store.accepted_terms(id).await.unwrap().into_iter().map(|(version, _)| version).collect()
}

async fn new_terms_are_accepted_on_the_way_to_the_app(backends: Backends) {
    let app = TestApp::on(backends).await;
    let person = person_of_last_year(&app).await;
    let rp = RelyingParty::register(&app, web_client("trading")).await;
    let browser = Browser::new(&app.base);
    let page = rp.log_in(&browser, &person, &[]).await;
    assert_eq!(page.path(), "/terms/accept", "{}", page.text());
    assert!(page.param("interaction").is_some());

    let silent = browser.get(&rp.authorize_path(&[("prompt", "none")])).await;
    assert_eq!(silent.param("error").as_deref(), Some("interaction_required"));
    let refused = browser.submit(&page, &[]).await;
    assert!(refused.text().contains("Accept the terms"), "{}", refused.text());
    let outdated = browser.submit(&page, &[("accept_terms", "yes"), ("terms_version", "2025-01-01")]).await;
    assert!(outdated.text().contains("The terms have changed"), "{}", outdated.text());
    assert_eq!(accepted(&app, person.id).await, ["2025-01-01"]);

    app.advance(60);
    let page = browser.submit(&page, &[("accept_terms", "yes")]).await;
    let back = rp.go_through(&browser, page, &person).await;
    assert!(back.param("code").is_some(), "{}", back.url);
    assert_eq!(accepted(&app, person.id).await, ["2025-01-01", &app.config.terms.version]);
    let again = rp.log_in(&Browser::new(&app.base), &person, &[]).await;
    assert!(again.param("code").is_some(), "asked once: {}", again.url);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_terms_are_accepted_on_the_way_to_the_app_on_sqlite_and_memory() {
    new_terms_are_accepted_on_the_way_to_the_app(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_terms_are_accepted_on_the_way_to_the_app_on_postgres_and_redis() {
    new_terms_are_accepted_on_the_way_to_the_app(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_terms_are_asked_for_at_the_log_in_to_the_account_which_can_be_left_without_them() {
    let app = TestApp::start().await;
    let person = person_of_last_year(&app).await;
    let browser = Browser::new(&app.base);
    let page = log_in(&browser, ADA, PASSWORD).await;
    assert_eq!(page.path(), "/terms/accept");
    assert_eq!(browser.get("/account/delete").await.path(), "/account/delete", "nobody is kept in");
    let page = browser.submit(&page, &[("accept_terms", "yes")]).await;
    assert_eq!(page.path(), "/account");
    assert_eq!(accepted(&app, person.id).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_there_is_nothing_to_accept() {
    let app = TestApp::start().await;
    let browser = Browser::new(&app.base);
    assert_eq!(browser.get("/terms/accept").await.path(), "/login");
}
