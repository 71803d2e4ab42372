//! The reviewers' pages and the console's rules: auditors look on, and four eyes hold at this door, too.

use karat::domain::kyc::Tier;
use karat::domain::role::Role;
use karat::flow::admin::Authority;
use karat::storage::audit::{AuditEntry, Wanted};

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

async fn entries(app: &TestApp, about: &str) -> Vec<AuditEntry> {
    let wanted = Wanted { target: Some(("user".to_owned(), about.to_owned())), ..Wanted::default() };
    let rows = app.karat.audited(&Authority::operator(), &wanted, None, 100).await.unwrap();
    rows.into_iter().rev().map(|row| row.entry).collect()
}

/// Under the names that the filters of the log know, and from where.
#[tokio::test(flavor = "multi_thread")]
async fn what_reviewers_do_stands_in_the_audit_log_and_what_people_do_does_not() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[kyc]\nfour_eyes = [2]\n").await;
    let erika = app.person("erika@example.com").await.id;
    let case = submitted(&app.karat, erika, Tier::STANDARD, &draft()).await;
    assert!(entries(&app, &erika.to_string()).await.is_empty(), "an application is the person's own");

    let clara = desk(&app, "clara@example.com", &[Role::Compliance]).await;
    let carl = desk(&app, "carl@example.com", &[Role::Compliance]).await;
    let (path, person) = (format!("/review/{}", case.id), format!("/review/people/{erika}"));
    let approve = format!("{path}/approve");
    clara.press(&clara.open(&path).await, &approve, &[]).await;
    carl.press(&carl.open(&path).await, &format!("{path}/send-back"), &[("back_note", "look again")]).await;
    carl.press(&carl.open(&path).await, &format!("{path}/note"), &[("words", "asked the bank")]).await;
    clara.press(&clara.open(&path).await, &approve, &[]).await;
    let page = carl.open(&path).await;
    carl.press(&page, &format!("{path}/confirm"), &[("proposed", "approve")]).await;
    let page = carl.open(&person).await;
    carl.press(&page, &format!("{person}/suspend"), &[("reason", "other"), ("suspend_note", "a hit")]).await;

    let told = entries(&app, &erika.to_string()).await;
    let (clara, carl) = (format!("person:{}", clara.id), format!("person:{}", carl.id));
    let shown: Vec<_> = told
        .iter()
        .map(|entry| {
            let step = entry.detail["step"].as_str().or(entry.detail["finding"].as_str());
            (entry.actor.as_str(), entry.act.as_str(), step.unwrap_or_default())
        })
        .collect();
    let expected = [
        (clara.as_str(), "kyc.decide", "proposed"),
        (carl.as_str(), "kyc.decide", "sent_back"),
        (carl.as_str(), "kyc.decide", "noted"),
        (clara.as_str(), "kyc.decide", "proposed"),
        (carl.as_str(), "kyc.decide", "approved"),
        (carl.as_str(), "kyc.set_level", "suspended"),
    ];
    assert_eq!(shown, expected);
    for entry in &told {
        assert!(entry.address.as_deref() == Some("127.0.0.1") && entry.request_id.is_some(), "{entry:?}");
        assert!(!entry.detail.to_string().contains("asked the bank"), "notes are sealed: {entry:?}");
    }
}
