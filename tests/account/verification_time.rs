//! What time brings to a verification, and what people are told of it.

use karat::domain::kyc::{CaseState, Reason, Tier};
use karat::domain::time::Seconds;

use crate::support::mails::{mails_to, newest_to};
use crate::support::{Backends, TestApp};
use crate::verified::{applied, begun, decided, rejection, verified};

const ADA: &str = "ada@example.com";
const DAY: i64 = 86_400;

/// The day so many days from now, and the seconds until it is over.
fn day_from_now(app: &TestApp, days: i64) -> (String, i64) {
    let now = app.clock_now();
    let day = chrono::DateTime::from_timestamp(now.plus(Seconds::days(days)).unix(), 0).unwrap().date_naive();
    let end = day.succ_opt().unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp();
    (day.to_string(), end - now.unix())
}

async fn a_level_is_told_to_end_and_ends_on_its_day(backends: Backends) {
    let app = TestApp::on(backends).await;
    let person = app.person(ADA).await;
    verified(&app, person.id, Tier::BASIC, None).await;
    let (day, end) = day_from_now(&app, 100);
    verified(&app, person.id, Tier::STANDARD, Some(&day)).await;
    let subjects = async || -> Vec<String> {
        mails_to(&app, ADA)
            .await
            .into_iter()
            .map(|mail| mail.subject)
            .filter(|subject| subject.contains("end"))
            .collect()
    };
    let tier = async || app.karat.kyc_tier(&app.karat.store.user(person.id).await.unwrap().unwrap());

    app.advance(end - 30 * DAY - 1);
    assert_eq!(app.karat.look_at_standings().await.unwrap(), 0, "too early");
    app.advance(1);
    assert_eq!(app.karat.look_at_standings().await.unwrap(), 1);
    assert_eq!(app.karat.look_at_standings().await.unwrap(), 0, "it is told once");
    assert_eq!(subjects().await, ["Your Karat verification ends soon"]);
    app.advance(23 * DAY);
    assert_eq!(app.karat.look_at_standings().await.unwrap(), 1);
    assert_eq!(subjects().await.len(), 2, "and once more, a week before");

    app.advance(7 * DAY - 1);
    assert_eq!(tier().await, Tier::STANDARD, "it counts to the last second");
    app.advance(1);
    assert_eq!(tier().await, Tier::BASIC, "nothing waits for somebody to look");
    assert_eq!(app.karat.look_at_standings().await.unwrap(), 1);
    assert_eq!(app.karat.look_at_standings().await.unwrap(), 0);
    assert!(subjects().await.contains(&"Your Karat verification has ended".to_owned()));
    let history = app.karat.store.kyc_history(person.id).await.unwrap();
    let ended = history.iter().find(|made| made.finding == "expired").unwrap();
    assert_eq!((ended.from_tier, ended.to_tier, ended.actor.as_str()), (2, 1, "clock"));
    assert_eq!((ended.from_state.as_str(), ended.to_state.as_str()), ("expiring", "expired"));

    verified(&app, person.id, Tier::STANDARD, None).await;
    assert_eq!(tier().await, Tier::STANDARD, "verified again");
    let history = app.karat.store.kyc_history(person.id).await.unwrap();
    assert!(history.iter().any(|made| made.id == ended.id), "the history goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_is_told_to_end_and_ends_on_its_day_on_sqlite_and_memory() {
    a_level_is_told_to_end_and_ends_on_its_day(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_is_told_to_end_and_ends_on_its_day_on_postgres_and_redis() {
    a_level_is_told_to_end_and_ends_on_its_day(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_level_that_lasts_longer_is_not_told_of_a_lower_one() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let (day, end) = day_from_now(&app, 100);
    verified(&app, person.id, Tier::STANDARD, Some(&day)).await;
    verified(&app, person.id, Tier::ENHANCED, None).await;
    let before = mails_to(&app, ADA).await.len();
    app.advance(end);
    assert_eq!(app.karat.look_at_standings().await.unwrap(), 1, "it is written down");
    assert_eq!(mails_to(&app, ADA).await.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_hear_what_became_of_their_application() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let case = applied(&app, person.id, Tier::STANDARD).await;
    let mail = newest_to(&app, ADA).await;
    assert_eq!(mail.subject, "We are checking your Karat verification");
    assert!(mail.text.contains("no longer than 24 hours"), "{}", mail.text);
    app.advance(60);
    decided(&app, &case, rejection(Reason::DocUnreadable, false)).await;
    let mail = newest_to(&app, ADA).await;
    assert_eq!(mail.subject, "Your Karat verification needs another try");
    assert!(mail.text.contains("all four corners"), "{}", mail.text);
    app.advance(60);
    verified(&app, person.id, Tier::STANDARD, None).await;
    let mails = mails_to(&app, ADA).await;
    let approved = mails.iter().find(|mail| mail.subject == "You are verified at Karat").unwrap();
    assert!(approved.text.contains("Send crypto out of your account"), "{}", approved.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspicion_is_told_like_any_other_failure() {
    let mut told = Vec::new();
    for reason in [Reason::SanctionsReview, Reason::DuplicateIdentity, Reason::DocTampered, Reason::Other] {
        let app = TestApp::start().await;
        let person = app.person(ADA).await;
        let case = applied(&app, person.id, Tier::STANDARD).await;
        app.advance(60);
        decided(&app, &case, rejection(reason, true)).await;
        let mail = newest_to(&app, ADA).await;
        told.push((mail.subject, mail.text.replace(&app.base, ""), mail.html.replace(&app.base, "")));
    }
    assert!(told[0].0.contains("declined"));
    assert!(told.iter().all(|mail| *mail == told[0]), "{told:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_changes_its_mind_for_good_suspends_and_the_mail_says_no_more() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let case = verified(&app, person.id, Tier::STANDARD, None).await;
    app.advance(60);
    decided(&app, &case, rejection(Reason::SanctionsReview, true)).await;
    let mail = newest_to(&app, ADA).await;
    assert_eq!(mail.subject, "Your Karat verification is suspended");
    assert!(!mail.text.to_lowercase().contains("sanction"), "{}", mail.text);
}

async fn what_nobody_finishes_is_given_up(backends: Backends) {
    let app = TestApp::on(backends).await;
    let store = &app.karat.store;
    let (ada, bob) = (app.person(ADA).await, app.person("bob@example.com").await);
    let (forgotten, waits) = (begun(&app, ada.id, Tier::STANDARD).await, applied(&app, bob.id, Tier::STANDARD).await);
    app.advance(30 * DAY - 1);
    assert_eq!(app.karat.give_up_unfinished().await.unwrap(), 0);
    app.advance(1);
    assert_eq!(app.karat.give_up_unfinished().await.unwrap(), 1);
    assert_eq!(app.karat.give_up_unfinished().await.unwrap(), 0);
    assert_eq!(store.kyc_case(forgotten.id).await.unwrap().unwrap().state, CaseState::Abandoned);
    assert!(store.kyc_documents(forgotten.id).await.unwrap().is_empty(), "its pictures go at once");
    assert!(store.user(ada.id).await.unwrap().unwrap().kyc.pending().is_none());
    assert_eq!(store.kyc_case(waits.id).await.unwrap().unwrap().state, CaseState::Submitted, "that waits for others");
    begun(&app, ada.id, Tier::STANDARD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_finishes_is_given_up_on_sqlite_and_memory() {
    what_nobody_finishes_is_given_up(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_finishes_is_given_up_on_postgres_and_redis() {
    what_nobody_finishes_is_given_up(Backends::PostgresAndRedis).await;
}
