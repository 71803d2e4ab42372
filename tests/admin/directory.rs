//! Finding people and apps.

use karat::domain::ids::UserId;
use karat::domain::role::Role;
use karat::domain::time::Seconds;
use karat::flow::admin::directory::PeopleWanted;
use karat::flow::admin::{Authority, Refusal};
use karat::storage::directory::Filter;

use crate::support::app::web_client;
use crate::support::staff::staff;
use crate::support::{Backends, TestApp};

async fn found(app: &TestApp, wanted: PeopleWanted) -> Vec<String> {
    let (found, more) = app.karat.people(&Authority::operator(), &wanted, 100).await.unwrap();
    assert!(!more);
    found.into_iter().map(|user| user.email.to_string()).collect()
}

fn find(text: &str) -> PeopleWanted {
    PeopleWanted { find: Some(text.to_owned()), ..PeopleWanted::default() }
}

fn only(filter: Filter) -> PeopleWanted {
    PeopleWanted { filter, ..PeopleWanted::default() }
}

async fn people_are_found(backends: Backends) {
    let app = TestApp::on(backends).await;
    let by = Authority::operator();
    let mut ids: Vec<UserId> = Vec::new();
    for name in ["ana", "an-a", "anab", "bob", "an_a", "Zoe"] {
        ids.push(app.person(&format!("{}@example.com", name.to_lowercase())).await.id);
        app.advance(1);
    }
    assert_eq!(
        found(&app, find("an")).await,
        ["an-a@example.com", "an_a@example.com", "ana@example.com", "anab@example.com"]
    );
    assert_eq!(found(&app, find("ANA@")).await, ["ana@example.com"]);
    assert_eq!(found(&app, find(&ids[3].to_string())).await, ["bob@example.com"]);
    assert!(found(&app, find("%")).await.is_empty());

    // Page by page, everybody once.
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let wanted = PeopleWanted { after, ..PeopleWanted::default() };
        let (page, more) = app.karat.people(&by, &wanted, 2).await.unwrap();
        seen.extend(page.iter().map(|user| user.id));
        after = page.last().map(|user| user.id);
        if !more {
            break;
        }
    }
    assert_eq!(seen, ids.iter().rev().copied().collect::<Vec<_>>(), "the youngest first");
    let (first, more) = app.karat.people(&by, &find("an"), 3).await.unwrap();
    assert!(more);
    let rest = PeopleWanted { after: first.last().map(|user| user.id), ..find("an") };
    assert_eq!(found(&app, rest).await, ["anab@example.com"]);

    let user = app.karat.store.user(ids[0]).await.unwrap().unwrap();
    app.karat.lock_account(&by, &user, "a report").await.unwrap();
    for (id, hours) in [(ids[1], 5), (ids[2], 2), (ids[3], 9)] {
        app.karat.hold_person(&by, id, Seconds::hours(hours), "a report").await.unwrap();
    }
    assert_eq!(found(&app, only(Filter::Locked)).await, ["ana@example.com"]);
    assert_eq!(found(&app, only(Filter::Held)).await, ["anab@example.com", "an-a@example.com", "bob@example.com"]);
    let (first, _) = app.karat.people(&by, &only(Filter::Held), 1).await.unwrap();
    let rest = PeopleWanted { after: Some(first[0].id), ..only(Filter::Held) };
    assert_eq!(found(&app, rest).await, ["an-a@example.com", "bob@example.com"]);
    app.advance(Seconds::hours(3).0);
    assert_eq!(found(&app, only(Filter::Held)).await, ["an-a@example.com", "bob@example.com"]);
    assert!(found(&app, only(Filter::Frozen)).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_on_sqlite() {
    people_are_found(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_on_postgres() {
    people_are_found(Backends::PostgresAndRedis).await;
}

async fn apps_are_found(backends: Backends) {
    let app = TestApp::on(backends).await;
    let by = Authority::operator();
    for (id, name) in [("shop-1", "The Shop"), ("desk", "Trading DESK"), ("shop_2", "50% off")] {
        let client = karat::domain::client::Client { name: name.to_owned(), ..web_client(id) };
        app.add_client(&client).await;
    }
    let found = async |find: &str| -> Vec<String> {
        let (found, _) = app.karat.clients_page(&by, Some(find), None, 10).await.unwrap();
        found.into_iter().map(|one| one.client.id.to_string()).collect()
    };
    assert_eq!(found("SHOP").await, ["shop-1", "shop_2"]);
    assert_eq!(found("trading desk").await, ["desk"]);
    assert_eq!(found("50%").await, ["shop_2"]);
    assert_eq!(found("_").await, ["shop_2"]);
    let (first, more) = app.karat.clients_page(&by, None, None, 2).await.unwrap();
    assert!(more);
    let last = first.last().unwrap().client.id.to_string();
    let (rest, more) = app.karat.clients_page(&by, None, Some(&last), 2).await.unwrap();
    assert_eq!((first.len() + rest.len(), more), (3, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_are_found_on_sqlite() {
    apps_are_found(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_are_found_on_postgres() {
    apps_are_found(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_admin_sees_apps_and_no_people() {
    let app = TestApp::start().await;
    let (_, admin) = staff(&app, "cleo@example.com", &[Role::ClientAdmin]).await;
    app.karat.clients_page(&admin, None, None, 10).await.unwrap();
    let people = app.karat.people(&admin, &PeopleWanted::default(), 10).await;
    assert!(matches!(people, Err(Refusal::Forbidden(_))));
}
