//! Looking after people: freezing, holds, sessions.

use karat::domain::hold::HoldCause;
use karat::domain::role::Role;
use karat::domain::time::Seconds;
use karat::flow::admin::{Authority, Refusal};

use crate::support::staff::staff;
use crate::support::{Backends, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn support_freezes_and_compliance_unfreezes() {
    let app = TestApp::start().await;
    let (sam_id, support) = staff(&app, "sam@example.com", &[Role::Support]).await;
    let (_, compliance) = staff(&app, "clara@example.com", &[Role::Compliance]).await;
    let ben = app.person("ben@example.com").await.id;
    let user = async |id| app.karat.store.user(id).await.unwrap().unwrap();
    assert!(matches!(app.karat.lock_account(&support, &user(ben).await, " ").await, Err(Refusal::ReasonMissing)));
    app.karat.lock_account(&support, &user(ben).await, "stolen phone").await.unwrap();
    assert!(user(ben).await.is_locked());
    let undone = app.karat.unlock_account(&support, &user(ben).await, "found").await;
    assert!(matches!(undone, Err(Refusal::Forbidden(_))), "{undone:?}");
    app.karat.unlock_account(&compliance, &user(ben).await, "found").await.unwrap();
    assert!(!user(ben).await.is_locked());
    let own = app.karat.lock_account(&support, &user(sam_id).await, "mine").await;
    assert!(matches!(own, Err(Refusal::Own)), "{own:?}");
}

async fn a_hold_by_hand_is_lifted_and_others_pass(backends: Backends) {
    let app = TestApp::on(backends).await;
    let (_, compliance) = staff(&app, "clara@example.com", &[Role::Compliance]).await;
    let ben = app.person("ben@example.com").await.id;
    let user = async || app.karat.store.user(ben).await.unwrap().unwrap();
    let mut change = app.karat.store.begin().await.unwrap();
    let own = app.karat.start_hold(&mut change, &user().await, HoldCause::PasswordChanged).await.unwrap().unwrap();
    change.commit().await.unwrap();
    let refused = app.karat.lift_holds(&compliance, ben, "please").await;
    assert!(matches!(refused, Err(Refusal::Conflict(_))), "what follows a change of security passes by itself");

    let until = app.karat.hold_person(&compliance, ben, Seconds::days(7), "a report").await.unwrap();
    assert_eq!(user().await.hold_until, Some(until));
    assert!(until > own);
    let (_, support) = staff(&app, "sam@example.com", &[Role::Support]).await;
    assert!(matches!(app.karat.lift_holds(&support, ben, "friend").await, Err(Refusal::Forbidden(_))));
    assert_eq!(app.karat.lift_holds(&compliance, ben, "cleared").await.unwrap(), Some(own));
    assert_eq!(user().await.hold_until, Some(own));
    for wrong in [Seconds(0), Seconds::days(31)] {
        assert!(matches!(app.karat.hold_person(&compliance, ben, wrong, "x").await, Err(Refusal::Invalid(_))));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_by_hand_is_lifted_and_others_pass_on_sqlite() {
    a_hold_by_hand_is_lifted_and_others_pass(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_by_hand_is_lifted_and_others_pass_on_postgres() {
    a_hold_by_hand_is_lifted_and_others_pass(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_who_is_not_there_nothing_is_done() {
    let app = TestApp::start().await;
    let nobody = karat::domain::ids::UserId::new(app.karat.new_id());
    let by = Authority::operator();
    assert!(matches!(app.karat.end_sessions_of(&by, nobody, None).await, Err(Refusal::NotFound)));
    assert!(matches!(app.karat.grant_role(&by, nobody, Role::Support, "").await, Err(Refusal::NotFound)));
    assert!(matches!(app.karat.hold_person(&by, nobody, Seconds(60), "x").await, Err(Refusal::NotFound)));
}

async fn two_freeze_at_once_and_one_does(backends: Backends) {
    let app = TestApp::on(backends).await;
    let by = Authority::operator();
    let ben = app.person("ben@example.com").await.id;
    let user = app.karat.store.user(ben).await.unwrap().unwrap();
    let (one, other) =
        tokio::join!(app.karat.lock_account(&by, &user, "first"), app.karat.lock_account(&by, &user, "second"));
    assert_ne!(one.unwrap(), other.unwrap());
    let wanted = karat::storage::audit::Wanted::default();
    assert_eq!(app.karat.audited(&by, &wanted, None, 10).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_freeze_at_once_and_one_does_on_sqlite() {
    two_freeze_at_once_and_one_does(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_freeze_at_once_and_one_does_on_postgres() {
    two_freeze_at_once_and_one_does(Backends::PostgresAndRedis).await;
}
