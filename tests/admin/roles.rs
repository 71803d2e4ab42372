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
