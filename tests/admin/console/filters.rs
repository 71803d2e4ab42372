//! What cannot be read in an address or a form of the console is said where it stands: no list is another than the one that was asked for.

use karat::domain::role::Role;

use super::desk;
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_cannot_be_read_is_named_and_nothing_is_listed() {
    let app = TestApp::start().await;
    app.person("erika@example.com").await;
    let roles = [Role::Owner, Role::Auditor, Role::Compliance];
    let olga = desk(&app, "olga@example.com", &roles).await;
    for (path, beside) in [
        ("/admin/people?filter=tall", "id=\"filter-error\""),
        ("/admin/people?after=nobody", "id=\"errors\""),
        ("/admin/people?after=0190163d-8694-739b-aea5-966c26f8ad91", "id=\"errors\""),
        ("/admin/audit?since=yesterday", "id=\"since-error\""),
        ("/admin/audit?until=2026-02-30", "id=\"until-error\""),
        ("/admin/audit?since=2026-01-16&until=2026-01-14", "id=\"until-error\""),
        ("/admin/audit?actor=nobody%40example.com", "id=\"actor-error\""),
        ("/admin/audit?about=nobody%40example.com", "id=\"about-error\""),
        ("/admin/audit?before=x", "id=\"errors\""),
        ("/admin/outbox?show=lost", "id=\"show-error\""),
        ("/admin/outbox?before=x", "id=\"errors\""),
        ("/review?state=lost", "id=\"state-error\""),
        ("/review?level=9", "id=\"level-error\""),
        ("/review?after=x", "id=\"errors\""),
    ] {
        let page = olga.browser.get(path).await;
        assert_eq!(page.status, 422, "{path}: {}", page.text());
        assert!(page.body.contains(beside), "{path}: {}", page.text());
        assert!(!page.body.contains("<table"), "{path}: {}", page.text());
    }
    // The twins.
    for path in [
        "/admin/people",
        "/admin/people?filter=locked",
        "/admin/audit?since=2026-01-14&until=2026-01-16&actor=olga%40example.com",
        "/admin/audit?act=people.hold_ended",
        "/admin/outbox?show=failed",
        "/review?state=waiting&level=0",
        "/review?state=approved&level=2&after=1768471200.0190163d-8694-739b-aea5-966c26f8ad91",
    ] {
        assert!(!olga.open(path).await.body.contains("id=\"errors\""), "{path}");
    }
    assert!(olga.open("/admin/people").await.text().contains("erika@example.com"));
    let act = olga.open("/admin/audit?act=people.hold_ended").await;
    assert!(act.body.contains("<option value=\"people.hold_ended\" selected>"), "{}", act.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_in_forms_are_read_or_refused_beside_their_field() {
    let app = TestApp::start().await;
    let erika = app.person("erika@example.com").await.id;
    app.add_client(&crate::support::app::web_client("exchange")).await;
    let clara = desk(&app, "clara@example.com", &[Role::Compliance]).await;
    let path = format!("/admin/people/{erika}");
    let page = clara.open(&path).await;
    for hours in ["", "soon", "-5", "0", "721", "1.5"] {
        let typed = [("hold_hours", hours), ("hold_reason", "called in")];
        let told = clara.press(&page, &format!("{path}/hold"), &typed).await;
        assert_eq!(told.status, 422, "{hours}");
        assert!(told.body.contains("id=\"hold_hours-error\""), "{hours}: {}", told.text());
    }
    assert!(app.karat.store.user(erika).await.unwrap().unwrap().hold_until.is_none());
    let held = [("hold_hours", " 24 "), ("hold_reason", "called in")];
    let held = clara.press(&page, &format!("{path}/hold"), &held).await;
    assert!(held.text().contains("The hold runs"), "{}", held.text());

    let page = clara.open("/admin/policy").await;
    let asked = |acr: &'static str, minutes: &'static str| {
        [("person", "erika@example.com"), ("client", "exchange"), ("acr", acr), ("minutes", minutes)]
    };
    let told = clara.press(&page, "/admin/policy/explain", &asked("loa9", "soon")).await;
    assert!(told.body.contains("id=\"acr-error\"") && told.body.contains("id=\"minutes-error\""), "{}", told.text());
    let told = clara.press(&page, "/admin/policy/explain", &asked("", "5")).await;
    assert!(told.body.contains("id=\"told\""), "{}", told.text());
}
