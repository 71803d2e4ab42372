//! Roles and second looks in the console.

use karat::domain::role::Role;

use super::desk;
use crate::support::{Backends, TestApp};

const GIVE: &str = "/admin/roles/give";
const TAKE: &str = "/admin/roles/take";

async fn owners_give_and_take_roles(backends: Backends) {
    let app = TestApp::on(backends).await;
    let olga = desk(&app, "olga@example.com", &[Role::Owner]).await;
    let ben = app.person("ben@example.com").await.id;
    let page = olga.open("/admin/roles").await;
    let wanted = [("email", " ben@example.com"), ("role", "support"), ("give_reason", "first line")];
    let page = olga.press(&page, GIVE, &wanted).await;
    assert!(page.text().contains("The role is given.") && page.text().contains("ben@example.com"), "{}", page.text());
    assert!(app.karat.store.has_role(ben, Role::Support).await.unwrap());
    // Twice is refused in words, and nobody touches their own.
    let again = olga.press(&page, GIVE, &wanted).await;
    assert_eq!(again.status, 409);
    assert!(again.text().contains("has the role already"), "{}", again.text());
    let own = format!("{}:owner", olga.id);
    let page = olga.open("/admin/roles").await;
    let page = olga.press(&page, TAKE, &[("held", &own), ("take_reason", "leaves")]).await;
    assert!(page.text().contains("nobody does this to themselves"), "{}", page.text());
    let without = olga.press(&page, TAKE, &[("held", &format!("{ben}:support")), ("take_reason", "")]).await;
    assert!(without.text().contains("say in a few words why"), "{}", without.text());
    assert!(app.karat.store.has_role(ben, Role::Support).await.unwrap());
    let page = olga.press(&page, TAKE, &[("held", &format!("{ben}:support")), ("take_reason", "leaves")]).await;
    assert!(page.text().contains("The role is taken."), "{}", page.text());
    assert!(!app.karat.store.has_role(ben, Role::Support).await.unwrap());
    let page = olga.press(&page, GIVE, &[("email", "x@example.com"), ("role", "owner"), ("give_reason", "x")]).await;
    assert!(page.text().contains("Nobody has an account with this address."), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_give_and_take_roles_on_sqlite() {
    owners_give_and_take_roles(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_give_and_take_roles_on_postgres() {
    owners_give_and_take_roles(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_proof_leads_to_the_passkey_and_back() {
    let app = TestApp::start().await;
    let mut olga = desk(&app, "olga@example.com", &[Role::Owner]).await;
    let ben = app.person("ben@example.com").await.id;
    let open = olga.open("/admin/roles").await;
    app.advance(11 * 60);
    // A form that was open for too long is not lost in silence: the way leads over the passkey back to it.
    let wanted = [("email", "ben@example.com"), ("role", "support"), ("give_reason", "first line")];
    let asked = olga.press(&open, GIVE, &wanted).await;
    assert!(!app.karat.store.has_role(ben, Role::Support).await.unwrap());
    let back = olga.show_passkey(&app, &asked).await;
    assert_eq!(back.url, "/admin/roles", "{}", back.text());
    let page = olga.press(&back, GIVE, &wanted).await;
    assert!(page.text().contains("The role is given."), "{}", page.text());
    // The page itself offers the link in place of the form.
    app.advance(11 * 60);
    let stale = olga.open("/admin/roles").await;
    assert!(!stale.body.contains("give-submit") && stale.body.contains("id=\"prove-link\""), "{}", stale.text());
    let asked = olga.browser.get("/admin/prove?to=%2Fadmin%2Froles").await;
    let back = olga.show_passkey(&app, &asked).await;
    assert_eq!(back.url, "/admin/roles", "{}", back.text());
    assert!(back.body.contains("give-submit"));
    // Nowhere else.
    app.advance(11 * 60);
    let asked = olga.browser.get("/admin/prove?to=//evil.example").await;
    assert_eq!(olga.show_passkey(&app, &asked).await.url, "/admin");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_proposes_another_does() {
    let four_eyes = "[admin]\nsecond_person = [\"roles.change\"]\n";
    let app = TestApp::start_with(Backends::SqliteAndMemory, four_eyes).await;
    let olga = desk(&app, "olga@example.com", &[Role::Owner]).await;
    let oskar = desk(&app, "oskar@example.com", &[Role::Owner]).await;
    let ben = app.person("ben@example.com").await.id;
    let page = olga.open("/admin/roles").await;
    assert!(page.body.contains("id=\"takes-two\""));
    let wanted = [("email", "ben@example.com"), ("role", "support"), ("give_reason", "first line")];
    let page = olga.press(&page, GIVE, &wanted).await;
    assert!(page.text().contains("It waits for a second person."), "{}", page.text());
    assert!(!app.karat.store.has_role(ben, Role::Support).await.unwrap());
    let own = olga.open("/admin/proposals").await;
    assert!(own.text().contains("somebody else has to agree") && !own.body.contains("confirm-1"), "{}", own.text());
    let seen = oskar.open("/admin/proposals").await;
    for told in ["ben@example.com", "first line", "olga@example.com", "Support"] {
        assert!(seen.text().contains(told), "{told}: {}", seen.text());
    }
    let confirm =
        seen.body.split("action=\"").filter_map(|rest| rest.split('"').next()).find(|to| to.ends_with("/confirm"));
    let page = oskar.press(&seen, confirm.unwrap(), &[]).await;
    assert!(page.text().contains("Done.") && page.text().contains("Nothing waits."), "{}", page.text());
    assert!(app.karat.store.has_role(ben, Role::Support).await.unwrap());
}
