//! An app is worth what its scope opens: nobody makes one, or takes one over, that may do more than they may themselves.

use karat::config::ClientSection;
use karat::domain::client::ConsentRule;
use karat::domain::redirect_uri::ApplicationType;
use karat::domain::role::Role;
use karat::flow::admin::{Authority, Refusal};
use karat::flow::clients::RegistrarError;

use crate::support::TestApp;
use crate::support::staff::staff;

fn service(id: &str, scope: &str) -> ClientSection {
    ClientSection {
        client_id: id.to_owned(),
        kind: ApplicationType::Service,
        scope: Some(scope.to_owned()),
        ..ClientSection::default()
    }
}

fn is_forbidden<T>(outcome: Result<T, RegistrarError>) -> bool {
    matches!(outcome, Err(RegistrarError::Denied(Refusal::Forbidden(_))))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_admin_makes_no_app_that_may_more_than_a_client_admin() {
    let app = TestApp::start().await;
    let (_, admin) = staff(&app, "cleo@example.com", &[Role::ClientAdmin]).await;
    let (_, owner) = staff(&app, "olga@example.com", &[Role::Owner]).await;
    let admins = app.karat.registrar(&admin);
    for scope in ["karat:people", "karat:people.read", "karat:audit.read", "karat:admin", "trade:read karat:system"] {
        assert!(is_forbidden(admins.add(service("raised", scope)).await), "{scope}");
    }
    admins.add(service("deploys", "karat:clients")).await.unwrap();
    admins.add(service("reads", "karat:clients.read trade:read")).await.unwrap();

    // What an owner made is not taken over.
    app.karat.registrar(&owner).add(service("care", "karat:people")).await.unwrap();
    assert!(is_forbidden(admins.rotate_secret("care", None, true).await));
    assert!(is_forbidden(admins.update("care", |section| section.client_name = Some("Care".to_owned()), None).await));
    let raise = |section: &mut ClientSection| section.scope = Some("karat:people".to_owned());
    assert!(is_forbidden(admins.update("reads", raise, None).await));
    app.karat.registrar(&owner).update("reads", raise, None).await.unwrap();
    app.karat.registrar(&owner).rotate_secret("care", None, true).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_of_the_house_that_opens_nothing_is_a_mistake() {
    let app = TestApp::start().await;
    let by = Authority::operator();
    let refused = app.karat.registrar(&by).add(service("typo", "karat:peple")).await;
    assert!(matches!(refused, Err(RegistrarError::Denied(Refusal::Invalid(_)))));
    app.karat.registrar(&by).add(service("right", "karat:people")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_for_the_operators_people_asks_them_and_bears_nobodys_name() {
    let app = TestApp::start().await;
    let (olga, owner) = staff(&app, "olga@example.com", &[Role::Owner]).await;
    let registrar = app.karat.registrar(&owner);
    let desk = |consent: Option<ConsentRule>| ClientSection {
        client_id: "desk".to_owned(),
        kind: ApplicationType::Web,
        redirect_uris: vec!["https://desk.example.com/callback".to_owned()],
        scope: Some("openid karat:admin".to_owned()),
        consent,
        ..ClientSection::default()
    };
    let silent = registrar.add(desk(Some(ConsentRule::FirstParty))).await;
    assert!(matches!(silent, Err(RegistrarError::Refused(_))));
    registrar.add(desk(None)).await.unwrap();
    let named = registrar.add(service(&olga.to_string(), "trade:read")).await;
    assert!(matches!(named, Err(RegistrarError::Taken(_))));
}
