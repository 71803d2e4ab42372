//! The reviewers' pages and the console's rules: auditors look on, and four eyes hold at this door, too.

use karat::domain::kyc::Tier;
use karat::domain::role::Role;

use super::desk;
use crate::support::applications::{draft, submitted};
use crate::support::{Backends, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_looks_on_and_decides_nothing() {
    let app = TestApp::start().await;
    let erika = app.person("erika@example.com").await.id;
    let case = submitted(&app.karat, erika, Tier::STANDARD, &draft()).await;
    let adele = desk(&app, "adele@example.com", &[Role::Auditor]).await;
    let (path, person) = (format!("/review/{}", case.id), format!("/review/people/{erika}"));
    assert!(adele.open("/admin").await.body.contains("id=\"room-review\""));
    assert!(adele.open("/review").await.text().contains("erika@example.com"));
    let page = adele.open(&path).await;
    assert!(page.text().contains("Erika Mustermann"), "{}", page.text());
    for never in ["approve-submit", "reject-submit", "note-submit", "prove-link"] {
        assert!(!page.body.contains(never), "{never}");
    }
    assert!(!adele.open(&person).await.body.contains("suspend-submit"));
    let csrf = adele.csrf().await;
    let acts = [format!("{path}/approve"), format!("{path}/note"), format!("{person}/suspend")];
    for act in acts {
        let fields = [("csrf", csrf.as_str()), ("words", "x"), ("reason", "other"), ("suspend_note", "x")];
        assert_eq!(adele.browser.post_once(&act, &fields).await.status, 404, "{act}");
    }
    // The twin: compliance decides.
    let clara = desk(&app, "clara@example.com", &[Role::Compliance]).await;
    assert!(clara.open(&path).await.body.contains("approve-submit"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_waits_for_a_second_person_at_this_door_too() {
    let four_eyes = "[admin]\nsecond_person = [\"kyc.set_level\"]\n";
    let app = TestApp::start_with(Backends::SqliteAndMemory, four_eyes).await;
    let erika = app.person("erika@example.com").await.id;
    let clara = desk(&app, "clara@example.com", &[Role::Compliance]).await;
    let carl = desk(&app, "carl@example.com", &[Role::Compliance]).await;
    let person = format!("/review/people/{erika}");
    let page = clara.open(&person).await;
    let wanted = [("reason", "sanctions_review"), ("suspend_note", "on a list")];
    let asked = clara.press(&page, &format!("{person}/suspend"), &wanted).await;
    assert!(asked.text().contains("It waits for a second person."), "{}", asked.text());
    let is_suspended = async || app.karat.store.user(erika).await.unwrap().unwrap().kyc.suspended().is_some();
    assert!(!is_suspended().await);
    let seen = carl.open("/admin/proposals").await;
    let confirm =
        seen.body.split("action=\"").filter_map(|rest| rest.split('"').next()).find(|to| to.ends_with("/confirm"));
    carl.press(&seen, confirm.unwrap(), &[]).await;
    assert!(is_suspended().await);
}
