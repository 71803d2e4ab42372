//! Roles: who may give them, and that nobody raises themselves.

use karat::domain::admin::{Act, Danger};
use karat::domain::role::Role;
use karat::domain::time::Seconds;
use karat::flow::admin::{Authority, Outcome, Refusal};

use crate::support::TestApp;
use crate::support::staff::{admitted, staff};

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_gives_roles_to_others_and_nobody_to_themselves() {
    let app = TestApp::start().await;
    let (olga, owner) = staff(&app, "olga@example.com", &[Role::Owner]).await;
    let ben = app.person("ben@example.com").await.id;
    assert_eq!(app.karat.grant_role(&owner, ben, Role::Support, "first line").await.unwrap(), Outcome::Done);
    assert_eq!(app.karat.store.roles_of(ben).await.unwrap().into_iter().collect::<Vec<_>>(), [Role::Support]);

    let raised = app.karat.grant_role(&owner, olga, Role::Compliance, "for me").await;
    assert!(matches!(raised, Err(Refusal::Own)), "{raised:?}");
    for role in [Role::ClientAdmin, Role::Support, Role::Compliance, Role::Auditor] {
        let (id, other) = staff(&app, &format!("{role}@example.com"), &[role]).await;
        for target in [id, ben] {
            let raised = app.karat.grant_role(&other, target, Role::Owner, "why not").await;
            assert!(matches!(raised, Err(Refusal::Forbidden(Act::ChangeRoles))), "{role}: {raised:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_owner_stays_and_of_two_one_may_go() {
    let app = TestApp::start().await;
    let operator = Authority::operator();
    let (olga, first) = staff(&app, "olga@example.com", &[Role::Owner]).await;
    let only = app.karat.withdraw_role(&operator, olga, Role::Owner, "").await;
    assert!(matches!(only, Err(Refusal::Conflict(_))), "{only:?}");
    let (oskar, second) = staff(&app, "oskar@example.com", &[Role::Owner]).await;
    let (one, other) = tokio::join!(
        app.karat.withdraw_role(&first, oskar, Role::Owner, "leaves"),
        app.karat.withdraw_role(&second, olga, Role::Owner, "leaves"),
    );
    assert!(one.is_ok() != other.is_ok(), "of two who remove each other at once, one stays: {one:?} {other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn danger_takes_a_passkey_of_the_last_minutes() {
    let app = TestApp::start().await;
    let (olga, fresh) = staff(&app, "olga@example.com", &[Role::Owner]).await;
    let late = admitted(&app, olga, Seconds(app.config.admin.fresh_for.0 + 1)).await.unwrap();
    for act in Act::ALL.iter().filter(|act| fresh.may(**act)) {
        assert!(fresh.permit(*act).is_ok(), "{act}");
        let permitted = late.permit(*act);
        match act.danger() {
            Danger::Plain => assert!(permitted.is_ok(), "{act}"),
            Danger::Fresh | Danger::Grave => assert!(matches!(permitted, Err(Refusal::StepUp)), "{act}: {permitted:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_a_role_is_a_stranger_at_the_next_request() {
    let app = TestApp::start().await;
    let (id, _) = staff(&app, "ben@example.com", &[Role::Support]).await;
    app.karat.withdraw_role(&Authority::operator(), id, Role::Support, "").await.unwrap();
    assert!(admitted(&app, id, Seconds(0)).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_shuts_out_those_who_stand_above_them() {
    let app = TestApp::start().await;
    let (olga_id, owner) = staff(&app, "olga@example.com", &[Role::Owner]).await;
    let (_, support) = staff(&app, "sam@example.com", &[Role::Support]).await;
    let (clara_id, _) = staff(&app, "clara@example.com", &[Role::Compliance]).await;
    let user = async |id| app.karat.store.user(id).await.unwrap().unwrap();
    for id in [olga_id, clara_id] {
        let frozen = app.karat.lock_account(&support, &user(id).await, "a joke").await;
        assert!(matches!(frozen, Err(Refusal::Forbidden(Act::ChangeRoles))), "{frozen:?}");
    }
    app.karat.lock_account(&owner, &user(clara_id).await, "left the house").await.unwrap();
    let last = app.karat.lock_account(&Authority::operator(), &user(olga_id).await, "gone").await;
    assert!(matches!(last, Err(Refusal::Conflict(_))), "{last:?}");
    // A frozen owner is none: the other one stays.
    let (oskar_id, _) = staff(&app, "oskar@example.com", &[Role::Owner]).await;
    app.karat.lock_account(&owner, &user(oskar_id).await, "stolen phone").await.unwrap();
    let left = app.karat.withdraw_role(&Authority::operator(), olga_id, Role::Owner, "").await;
    assert!(matches!(left, Err(Refusal::Conflict(_))), "{left:?}");
    app.karat.withdraw_role(&Authority::operator(), oskar_id, Role::Owner, "").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_not_used_leads_nowhere_once_there_was_an_owner() {
    let app = TestApp::start().await;
    let link = app.karat.setup_link().await.unwrap().expect("nobody owns this yet");
    let token = link.rsplit_once('=').unwrap().1;
    assert!(app.karat.setup_is_open(token).await.unwrap());
    let (olga, _) = staff(&app, "olga@example.com", &[Role::Owner]).await;
    assert!(!app.karat.setup_is_open(token).await.unwrap());
    let mut change = app.karat.store.begin().await.unwrap();
    change.withdraw_role(olga, Role::Owner).await.unwrap();
    change.commit().await.unwrap();
    assert!(!app.karat.setup_is_open(token).await.unwrap(), "also when nobody is left");
    assert!(app.karat.setup_link().await.unwrap().is_some(), "the command line makes a new one");
}
