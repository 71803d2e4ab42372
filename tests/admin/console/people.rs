//! People in the console: finding somebody, and what each role may do for them.

use karat::domain::role::Role;
use karat::domain::time::Seconds;
use karat::flow::admin::Authority;

use super::desk;
use crate::support::{Backends, Browser, PASSWORD, TestApp};

const ERIKA: &str = "erika@example.com";

async fn somebody_is_found_frozen_and_unfrozen_by_another(backends: Backends) {
    let app = TestApp::on(backends).await;
    let erika = app.person(ERIKA).await.id;
    app.person("erik@example.com").await;
    let phone = Browser::new(&app.base);
    let page = phone.get("/login").await;
    phone.submit(&page, &[("email", ERIKA), ("password", PASSWORD)]).await;
    let sam = desk(&app, "sam@example.com", &[Role::Support]).await;
    let path = format!("/admin/people/{erika}");

    let page = sam.open("/admin/people").await;
    let found = sam.press(&page, "/admin/people/find", &[("find", "eri")]).await;
    assert!(found.text().contains(ERIKA) && found.text().contains("erik@example.com"), "{}", found.text());
    assert_eq!((found.body.matches("id=\"person-").count(), found.url.as_str()), (2, "/admin/people/find"));
    // Who types the whole address means that one.
    let page = sam.press(&found, "/admin/people/find", &[("find", " Erika@example.com")]).await;
    assert_eq!((page.url.as_str(), page.status.as_u16()), (path.as_str(), 200), "{}", page.text());
    let by_id = sam.press(&found, "/admin/people/find", &[("find", &erika.to_string())]).await;
    assert_eq!(by_id.url, path);
    assert!(page.text().contains("127.0.0.1") && page.body.contains("session-end-1"), "{}", page.text());
    for never in ["remove-submit", "hold-submit", "lift-submit", "export-submit", "review-link", "withdraw-1"] {
        assert!(!page.body.contains(never), "{never}");
    }

    let unsaid = sam.press(&page, &format!("{path}/freeze"), &[("freeze_reason", "")]).await;
    assert!(unsaid.text().contains("say in a few words why"), "{}", unsaid.text());
    let frozen = sam.press(&page, &format!("{path}/freeze"), &[("freeze_reason", "called in")]).await;
    assert!(frozen.text().contains("nobody gets in") && frozen.text().contains("called in"), "{}", frozen.text());
    assert!(frozen.body.contains("cannot-unfreeze") && !frozen.body.contains("unfreeze-submit"));
    assert_eq!(phone.get("/account").await.path(), "/login", "whoever was in is out");
    // Nor by its address.
    let csrf = sam.csrf().await;
    let tried = sam.browser.post(&format!("{path}/unfreeze"), &[("csrf", &csrf), ("unfreeze_reason", "again")]).await;
    assert_eq!(tried.status, 403, "{}", tried.text());
    assert!(app.karat.store.user(erika).await.unwrap().unwrap().is_locked());
    let locked = sam.open("/admin/people?filter=locked").await;
    assert!(locked.text().contains(ERIKA) && !locked.text().contains("erik@example.com"), "{}", locked.text());

    let clara = desk(&app, "clara@example.com", &[Role::Compliance]).await;
    let page = clara.open(&path).await;
    assert!(page.text().contains("called in"));
    let open = clara.press(&page, &format!("{path}/unfreeze"), &[("unfreeze_reason", "called back")]).await;
    assert!(open.text().contains("can be used again"), "{}", open.text());
    assert!(app.karat.store.user(erika).await.unwrap().unwrap().is_active());
    let log = clara.open(&format!("/admin/audit?about=user%3A{erika}")).await;
    assert!(log.text().contains("people.freeze") && log.text().contains("people.unfreeze"), "{}", log.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_found_frozen_and_unfrozen_by_another_on_sqlite() {
    somebody_is_found_frozen_and_unfrozen_by_another(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_found_frozen_and_unfrozen_by_another_on_postgres() {
    somebody_is_found_frozen_and_unfrozen_by_another(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_finds_nothing_and_breaks_nothing() {
    let app = TestApp::start().await;
    let otto = desk(&app, "otto@example.com", &[Role::Owner, Role::Auditor]).await;
    for path in ["/admin/people/%00", "/admin/clients/a%00b", "/admin/audit/%00"] {
        assert_eq!(otto.browser.get(path).await.status, 404, "{path}");
    }
    for path in ["/admin/people?after=%00", "/admin/audit?actor=%00", "/admin/clients?find=a%00"] {
        assert_eq!(otto.browser.get(path).await.status, 400, "{path}");
    }
    let csrf = otto.csrf().await;
    let tried = otto.browser.post("/admin/people/find", &[("csrf", &csrf), ("find", "eri\0ka")]).await;
    assert_eq!(tried.status, 400, "{}", tried.text());
    assert_eq!(otto.browser.get("/admin/people").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn compliance_holds_removes_and_takes_along() {
    let app =
        TestApp::start_with(Backends::SqliteAndMemory, "[admin]\nsecond_person = [\"people.remove_authenticator\"]\n")
            .await;
    let erika = desk(&app, ERIKA, &[]).await;
    let clara = desk(&app, "clara@example.com", &[Role::Compliance]).await;
    let path = format!("/admin/people/{}", erika.id);
    let page = clara.open(&path).await;
    let long = clara.press(&page, &format!("{path}/hold"), &[("hold_hours", "9999"), ("hold_reason", "x")]).await;
    assert_eq!(long.status, 422, "{}", long.text());
    assert!(long.text().contains("from 1 to 720"), "{}", long.text());
    let held = clara.press(&page, &format!("{path}/hold"), &[("hold_hours", "48"), ("hold_reason", "odd")]).await;
    assert!(held.text().contains("money waits") && held.body.contains("lift-submit"), "{}", held.text());
    let until = app.karat.store.user(erika.id).await.unwrap().unwrap().hold_until.unwrap();
    assert!(until >= app.clock_now().plus(Seconds::hours(48)));
    let lifted = clara.press(&held, &format!("{path}/lift"), &[("lift_reason", "cleared up")]).await;
    assert!(lifted.text().contains("are over"), "{}", lifted.text());

    let one = app.karat.store.authenticators_of(erika.id).await.unwrap().remove(0).id;
    let wanted = [("authenticator", one.as_str()), ("remove_reason", "lost with the phone")];
    let asked = clara.press(&page, &format!("{path}/remove-authenticator"), &wanted).await;
    assert!(asked.text().contains("waits for a second person"), "{}", asked.text());
    assert_eq!(app.karat.store.authenticators_of(erika.id).await.unwrap().len(), 1);

    let taken = clara.press(&page, &format!("{path}/export"), &[("export_reason", "asked for by letter")]).await;
    assert_eq!(taken.header("content-type"), "application/json", "{}", taken.text());
    assert!(taken.body.contains(ERIKA));
    let entries = app.karat.audited(&Authority::operator(), &Default::default(), None, 1).await.unwrap();
    assert_eq!(
        (entries[0].entry.act.as_str(), &entries[0].entry.detail["reason"]),
        ("people.export", &"asked for by letter".into())
    );
    // Nobody does any of it to themselves.
    let own = format!("/admin/people/{}", clara.id);
    let page = clara.open(&own).await;
    assert!(page.body.contains("id=\"own\"") && !page.body.contains("freeze-submit"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_house_shows_keys_outbox_health_and_decisions() {
    let app = TestApp::start().await;
    app.person(ERIKA).await;
    app.add_client(&crate::support::app::web_client("exchange")).await;
    let olga = desk(&app, "olga@example.com", &[Role::Owner]).await;
    let page = olga.open("/admin/keys").await;
    let before = page.text().matches("signs").count();
    let page = olga.press(&page, "/admin/keys/rotate", &[("algorithm", "ES256")]).await;
    assert!(
        page.text().contains("A new key is published.") && page.text().contains("published only"),
        "{}",
        page.text()
    );
    assert!(page.text().matches("signs").count() >= before);
    let page = olga.press(&page, "/admin/keys/retire", &[]).await;
    assert!(
        page.text().contains("The key is withdrawn.") && !page.text().contains("published only"),
        "{}",
        page.text()
    );
    assert!(olga.open("/admin/system").await.text().contains("Database (sqlite)"));
    assert!(olga.open("/admin/outbox").await.text().contains("Outbox"));
    let page = olga.open("/admin/policy").await;
    assert!(page.text().contains("wallet:withdraw"), "{}", page.text());
    let wrong = olga.press(&page, "/admin/policy/explain", &[("person", "x@example.com"), ("client", "nothing")]).await;
    assert!(wrong.body.contains("id=\"person-error\"") && wrong.body.contains("id=\"client-error\""));
    let asked = [("person", ERIKA), ("client", "exchange"), ("scope", "openid trade:spot"), ("minutes", "5")];
    let told = olga.press(&page, "/admin/policy/explain", &asked).await;
    assert!(told.text().contains("not registered for this app") && told.text().contains("openid"), "{}", told.text());
}
