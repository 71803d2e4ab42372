//! The gravest acts take a second person, where the operator wants one.

use karat::domain::authenticator::AuthenticatorKind;
use karat::domain::role::Role;
use karat::domain::time::Seconds;
use karat::flow::admin::{Authority, Grave, Outcome, Refusal};

use crate::support::staff::{admitted, staff};
use crate::support::{Backends, TestApp};

const FOUR_EYES: &str =
    "[admin]\nsecond_person = [\"roles.change\", \"people.remove_authenticator\", \"people.export\"]\n";

fn id_of(outcome: Result<Outcome, Refusal>) -> String {
    match outcome {
        Ok(Outcome::Proposed(id)) => id,
        other => panic!("not proposed: {other:?}"),
    }
}

async fn a_role_waits_for_a_second_owner(backends: Backends) {
    let app = TestApp::start_with(backends, FOUR_EYES).await;
    let (_, olga) = staff(&app, "olga@example.com", &[Role::Owner]).await;
    let (oskar_id, oskar) = staff(&app, "oskar@example.com", &[Role::Owner]).await;
    let ben = app.person("ben@example.com").await.id;
    let has_role = async || app.karat.store.has_role(ben, Role::Support).await.unwrap();

    let unsaid = app.karat.grant_role(&olga, ben, Role::Support, " ").await;
    assert!(matches!(unsaid, Err(Refusal::ReasonMissing)));
    let id = id_of(app.karat.grant_role(&olga, ben, Role::Support, "first line").await);
    assert!(!has_role().await);
    assert!(matches!(app.karat.confirm_proposal(&olga, &id).await, Err(Refusal::SameEyes)));
    let (_, stranger) = staff(&app, "sam@example.com", &[Role::Support]).await;
    assert!(matches!(app.karat.confirm_proposal(&stranger, &id).await, Err(Refusal::Forbidden(_))));
    let late = admitted(&app, oskar_id, Seconds::hours(1)).await.unwrap();
    assert!(matches!(app.karat.confirm_proposal(&late, &id).await, Err(Refusal::StepUp)));
    assert!(!has_role().await);

    app.karat.confirm_proposal(&oskar, &id).await.unwrap();
    assert!(has_role().await);
    assert!(matches!(app.karat.confirm_proposal(&oskar, &id).await, Err(Refusal::Conflict(_))), "once");

    let declined = id_of(app.karat.withdraw_role(&olga, ben, Role::Support, "leaves").await);
    app.karat.decline_proposal(&oskar, &declined).await.unwrap();
    assert!(matches!(app.karat.confirm_proposal(&oskar, &declined).await, Err(Refusal::Conflict(_))));
    assert!(has_role().await);
    // The time of a proposal is bounded.
    let forgotten = id_of(app.karat.withdraw_role(&olga, ben, Role::Support, "leaves").await);
    app.advance(Seconds::days(3).0 + 1);
    let oskar = admitted(&app, oskar_id, Seconds(0)).await.unwrap();
    assert!(matches!(app.karat.confirm_proposal(&oskar, &forgotten).await, Err(Refusal::Conflict(_))));
    assert!(has_role().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_waits_for_a_second_owner_on_sqlite() {
    a_role_waits_for_a_second_owner(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_waits_for_a_second_owner_on_postgres() {
    a_role_waits_for_a_second_owner(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_of_who_lost_the_right_since_counts_no_more() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, FOUR_EYES).await;
    let (olga_id, olga) = staff(&app, "olga@example.com", &[Role::Owner]).await;
    let (_, oskar) = staff(&app, "oskar@example.com", &[Role::Owner]).await;
    let ben = app.person("ben@example.com").await.id;
    let id = id_of(app.karat.grant_role(&olga, ben, Role::Support, "first line").await);
    app.karat.withdraw_role(&Authority::operator(), olga_id, Role::Owner, "").await.unwrap();
    assert!(matches!(app.karat.confirm_proposal(&oskar, &id).await, Err(Refusal::Conflict(_))));
    assert!(!app.karat.store.has_role(ben, Role::Support).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_opens_for_an_hour_once_a_second_person_agreed() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, FOUR_EYES).await;
    let (clara_id, clara) = staff(&app, "clara@example.com", &[Role::Compliance]).await;
    let (_, cora) = staff(&app, "cora@example.com", &[Role::Compliance]).await;
    let ben = app.person("ben@example.com").await.id;
    let export = Grave::ExportPerson { user: ben };
    assert!(app.karat.may_export(&clara, &export).await.is_err());
    let id = id_of(app.karat.grave(&clara, export.clone(), "asked by the person").await);
    app.karat.confirm_proposal(&cora, &id).await.unwrap();
    app.karat.may_export(&clara, &export).await.unwrap();
    assert!(app.karat.may_export(&cora, &export).await.is_err(), "it was not Cora who asked");
    app.advance(Seconds::hours(1).0 + 1);
    let clara = admitted(&app, clara_id, Seconds(0)).await.unwrap();
    assert!(app.karat.may_export(&clara, &export).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_authenticator_ends_sessions_and_money_waits() {
    let app = TestApp::start().await;
    let (_, owner) = staff(&app, "olga@example.com", &[Role::Owner]).await;
    let ben = app.person("ben@example.com").await.id;
    app.karat.give_totp(ben, "Phone", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").await.unwrap();
    let factor = app.karat.store.authenticators_of(ben).await.unwrap().remove(0);
    assert_eq!(factor.kind(), AuthenticatorKind::Totp);
    let wanted = Grave::RemoveAuthenticator { user: ben, authenticator: factor.id };
    assert_eq!(app.karat.grave(&owner, wanted.clone(), "lost, seen in person").await.unwrap(), Outcome::Done);
    assert!(app.karat.store.authenticators_of(ben).await.unwrap().is_empty());
    let user = app.karat.store.user(ben).await.unwrap().unwrap();
    assert!(user.hold_until.is_some_and(|until| until > app.clock_now()));
    assert!(matches!(app.karat.grave(&owner, wanted, "again").await, Err(Refusal::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_of_a_frozen_account_counts_no_more() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, FOUR_EYES).await;
    let (olga_id, olga) = staff(&app, "olga@example.com", &[Role::Owner]).await;
    let (_, oskar) = staff(&app, "oskar@example.com", &[Role::Owner]).await;
    let ben = app.person("ben@example.com").await.id;
    let id = id_of(app.karat.grant_role(&olga, ben, Role::Support, "first line").await);
    let stolen = app.karat.store.user(olga_id).await.unwrap().unwrap();
    app.karat.lock_account(&oskar, &stolen, "her phone was stolen").await.unwrap();
    assert!(matches!(app.karat.confirm_proposal(&oskar, &id).await, Err(Refusal::Conflict(_))));
    assert!(!app.karat.store.has_role(ben, Role::Support).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_proposal_is_about_does_not_decline_it() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, FOUR_EYES).await;
    let (_, olga) = staff(&app, "olga@example.com", &[Role::Owner]).await;
    let (oskar_id, oskar) = staff(&app, "oskar@example.com", &[Role::Owner]).await;
    let (odo_id, odo) = staff(&app, "odo@example.com", &[Role::Owner]).await;
    let id = id_of(app.karat.withdraw_role(&olga, oskar_id, Role::Owner, "leaves").await);
    assert!(matches!(app.karat.decline_proposal(&oskar, &id).await, Err(Refusal::Own)));
    let late = admitted(&app, odo_id, Seconds::hours(1)).await.unwrap();
    assert!(matches!(app.karat.decline_proposal(&late, &id).await, Err(Refusal::StepUp)));
    app.karat.confirm_proposal(&odo, &id).await.unwrap();
    assert!(!app.karat.store.has_role(oskar_id, Role::Owner).await.unwrap());
}
