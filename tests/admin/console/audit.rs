//! The audit log in the console.

use karat::domain::role::Role;
use karat::flow::admin::Authority;

use super::desk;
use crate::support::{Backends, TestApp};

async fn entries_are_found_opened_and_taken_away(backends: Backends) {
    let app = TestApp::on(backends).await;
    let adele = desk(&app, "adele@example.com", &[Role::Auditor]).await;
    let ben = app.person("ben@example.com").await.id;
    let operator = Authority::operator();
    for role in [Role::Support, Role::Compliance] {
        app.karat.grant_role(&operator, ben, role, "first line").await.unwrap();
    }
    let user = app.karat.store.user(ben).await.unwrap().unwrap();
    app.karat.lock_account(&operator, &user, "called in").await.unwrap();

    let page = adele.open("/admin/audit").await;
    for told in ["people.freeze", "roles.change", "ben@example.com", "adele@example.com", "command line"] {
        assert!(page.text().contains(told), "{told}: {}", page.text());
    }
    let rows = |page: &crate::support::Page| page.body.matches("id=\"entry-").count();
    assert_eq!(rows(&page), 4);
    assert_eq!(rows(&adele.open("/admin/audit?act=people.freeze").await), 1);
    assert_eq!(rows(&adele.open("/admin/audit?about=ben%40example.com").await), 3);
    assert_eq!(rows(&adele.open(&format!("/admin/audit?about=user%3A{ben}&act=roles.change")).await), 2);
    assert_eq!(rows(&adele.open("/admin/audit?actor=operator").await), 4);
    assert_eq!(rows(&adele.open("/admin/audit?since=2026-01-15&until=2026-01-15").await), 4);
    assert_eq!(rows(&adele.open("/admin/audit?until=2026-01-14").await), 0);

    let path = page.body.split("href=\"").filter_map(|rest| rest.split('"').next());
    let path = path.into_iter().find(|to| to.starts_with("/admin/audit/")).unwrap().to_owned();
    let entry = adele.open(&path).await;
    assert!(entry.text().contains("called in") && entry.text().contains("ben@example.com"), "{}", entry.text());
    assert_eq!(adele.browser.get("/admin/audit/0190163d-8694-739b-aea5-966c26f8ad91").await.status, 404);

    let checked = adele.press(&page, "/admin/audit/verify", &[]).await;
    assert!(checked.text().contains("The log is whole: 4 entries."), "{}", checked.text());
    let taken = adele.press(&page, "/admin/audit/export", &[]).await;
    assert_eq!(taken.header("content-type"), "application/x-ndjson");
    let lines: Vec<serde_json::Value> = taken.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 5);
    assert_eq!((lines[4]["act"].as_str(), lines[4]["seq"].as_i64()), (Some("audit.export"), Some(5)));
    assert_eq!(lines[4]["actor"], format!("person:{}", adele.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_found_opened_and_taken_away_on_sqlite() {
    entries_are_found_opened_and_taken_away(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_found_opened_and_taken_away_on_postgres() {
    entries_are_found_opened_and_taken_away(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_is_read_page_by_page() {
    let app = TestApp::start().await;
    let adele = desk(&app, "adele@example.com", &[Role::Auditor]).await;
    let (ben, operator) = (app.person("ben@example.com").await.id, Authority::operator());
    for _ in 0..30 {
        app.karat.grant_role(&operator, ben, Role::Support, "on").await.unwrap();
        app.karat.withdraw_role(&operator, ben, Role::Support, "off").await.unwrap();
    }
    let first = adele.open("/admin/audit?act=roles.change").await;
    assert_eq!(first.body.matches("id=\"entry-").count(), 50);
    assert!(first.body.contains("id=\"further\"") && !first.body.contains("id=\"newest\""));
    let second = adele.open("/admin/audit?act=roles.change&before=12").await;
    assert_eq!(second.body.matches("id=\"entry-").count(), 11);
    assert!(!second.body.contains("id=\"further\"") && second.body.contains("id=\"newest\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_are_needed_an_export_waits_for_the_second() {
    let four_eyes = "[admin]\nsecond_person = [\"audit.export\"]\n";
    let app = TestApp::start_with(Backends::SqliteAndMemory, four_eyes).await;
    let adele = desk(&app, "adele@example.com", &[Role::Auditor]).await;
    let olga = desk(&app, "olga@example.com", &[Role::Owner]).await;
    let page = adele.open("/admin/audit").await;
    let asked = adele.press(&page, "/admin/audit/export", &[("export_reason", "for the yearly report")]).await;
    assert!(asked.text().contains("It waits for a second person."), "{}", asked.text());
    let seen = olga.open("/admin/proposals").await;
    let confirm =
        seen.body.split("action=\"").filter_map(|rest| rest.split('"').next()).find(|to| to.ends_with("/confirm"));
    olga.press(&seen, confirm.unwrap(), &[]).await;
    let taken = adele.press(&page, "/admin/audit/export", &[]).await;
    assert_eq!(taken.header("content-type"), "application/x-ndjson", "{}", taken.text());
}
