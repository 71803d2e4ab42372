//! The audit log: every change leaves one entry, and whoever tampers with entries is found out.

use karat::config::ClientSection;
use karat::domain::kyc::Reason;
use karat::domain::role::Role;
use karat::flow::admin::Authority;
use karat::flow::admin::audit::Verdict;
use karat::flow::kyc::staff::Judge;
use karat::storage::audit::{Head, Wanted};

use crate::support::staff::staff;
use crate::support::{Backends, TestApp};

async fn verdict(app: &TestApp) -> Verdict {
    app.karat.verify_audit(&Authority::operator(), None).await.unwrap()
}

async fn acts(app: &TestApp) -> Vec<String> {
    let all = app.karat.audited(&Authority::operator(), &Wanted::default(), None, 100).await.unwrap();
    all.into_iter().rev().map(|row| row.entry.act).collect()
}

/// Three entries: an account locked, unlocked, a role given.
async fn with_entries(backends: Backends) -> TestApp {
    let app = TestApp::on(backends).await;
    let by = Authority::operator();
    let person = app.person("ada@example.com").await;
    let user = async || app.karat.store.user(person.id).await.unwrap().unwrap();
    app.karat.lock_account(&by, &user().await, "a court order").await.unwrap();
    app.karat.unlock_account(&by, &user().await, "lifted").await.unwrap();
    app.karat.grant_role(&by, person.id, Role::Auditor, "").await.unwrap();
    assert_eq!(acts(&app).await, ["people.freeze", "people.unfreeze", "roles.change"]);
    app
}

async fn tampering_is_found(backends: Backends) {
    let app = with_entries(backends).await;
    let Verdict::Whole(noted) = verdict(&app).await else { panic!("nobody tampered") };
    assert_eq!(noted.seq, 3);
    let db = app.database().open().await;

    db.write("UPDATE audit_log SET detail = '{}' WHERE seq = 2").run().await.unwrap();
    assert!(matches!(verdict(&app).await, Verdict::Broken { seq: 2, .. }));
    let app = with_entries(backends).await;
    let db = app.database().open().await;
    db.write("UPDATE audit_log SET actor = 'person:somebody' WHERE seq = 3").run().await.unwrap();
    assert!(matches!(verdict(&app).await, Verdict::Broken { seq: 3, .. }));

    let app = with_entries(backends).await;
    let db = app.database().open().await;
    db.write("DELETE FROM audit_log WHERE seq = 2").run().await.unwrap();
    assert!(matches!(verdict(&app).await, Verdict::Broken { seq: 2, what: "is missing" }));

    let app = with_entries(backends).await;
    let Verdict::Whole(noted) = verdict(&app).await else { panic!("nobody tampered") };
    let db = app.database().open().await;
    db.write("DELETE FROM audit_log WHERE seq = 3").run().await.unwrap();
    assert!(matches!(verdict(&app).await, Verdict::Broken { seq: 3, .. }), "the head knows of it");
    // Who also turns the head back is found by an end that was noted down elsewhere.
    db.write("UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit_log WHERE seq = 2)").run().await.unwrap();
    assert!(matches!(verdict(&app).await, Verdict::Whole(Head { seq: 2, .. })));
    let expecting = app.karat.verify_audit(&Authority::operator(), Some(&noted)).await.unwrap();
    assert!(matches!(expecting, Verdict::Broken { seq: 3, .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_or_removed_entry_is_found_on_sqlite() {
    tampering_is_found(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_or_removed_entry_is_found_on_postgres() {
    tampering_is_found(Backends::PostgresAndRedis).await;
}

async fn parallel_changes_make_one_chain(backends: Backends) {
    let app = TestApp::on(backends).await;
    let mut all = Vec::new();
    for n in 0..12 {
        let person = app.person(&format!("person-{n}@example.com")).await;
        let karat = app.karat.clone();
        all.push(tokio::spawn(async move {
            let user = karat.store.user(person.id).await.unwrap().unwrap();
            karat.lock_account(&Authority::operator(), &user, "all at once").await.unwrap();
        }));
    }
    for one in all {
        one.await.unwrap();
    }
    assert!(matches!(verdict(&app).await, Verdict::Whole(Head { seq: 12, .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_changes_make_one_chain_on_sqlite() {
    parallel_changes_make_one_chain(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_changes_make_one_chain_on_postgres() {
    parallel_changes_make_one_chain(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_says_who_what_before_and_after_and_holds_no_secret() {
    let app = TestApp::start().await;
    let (id, by) = staff(&app, "olga@example.com", &[Role::Owner]).await;
    let by = by.from_address("192.0.2.7", "request-1");
    let registrar = app.karat.registrar(&by);
    let wanted = ClientSection {
        client_id: "shop".to_owned(),
        kind: karat::domain::redirect_uri::ApplicationType::Web,
        redirect_uris: vec!["https://shop.example.com/callback".to_owned()],
        ..ClientSection::default()
    };
    let made = registrar.add(wanted).await.unwrap();
    let secret = made.secret.expect("made once");
    registrar.update("shop", |section| section.client_name = Some("The Shop".to_owned()), None).await.unwrap();
    registrar.rotate_secret("shop", None, true).await.unwrap();

    let about = Wanted { target: Some(("client".to_owned(), "shop".to_owned())), ..Wanted::default() };
    let rows = app.karat.audited(&by, &about, None, 10).await.unwrap();
    let told: Vec<&str> = rows.iter().map(|row| row.entry.act.as_str()).collect();
    assert_eq!(told, ["clients.rotate_secret", "clients.change", "clients.add"]);
    let changed = &rows[1].entry;
    assert_eq!(changed.actor, format!("person:{id}"));
    assert_eq!(changed.detail["after"]["name"], "The Shop");
    assert_eq!(changed.detail["before"]["name"], "shop");
    assert!(changed.detail["before"].get("redirect_uris").is_none(), "only what differs: {}", changed.detail);
    assert_eq!((changed.address.as_deref(), changed.request_id.as_deref()), (Some("192.0.2.7"), Some("request-1")));
    let hash = karat::flow::client_auth::hash_secret(secret.expose());
    for row in &rows {
        let text = row.entry.detail.to_string();
        assert!(!text.contains(secret.expose()) && !text.contains(&hash), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_not_committed_leaves_no_entry_and_verifications_leave_one() {
    let app = TestApp::start().await;
    let person = app.person("ada@example.com").await;
    let mut change = app.karat.store.begin().await.unwrap();
    change.audit(app.karat.house_entry(
        "clock",
        "test",
        karat::flow::admin::audit::Target::user(person.id),
        Default::default(),
    ));
    drop(change);
    assert!(acts(&app).await.is_empty());

    app.karat.suspend_person(Judge::Operator, person.id, Reason::SanctionsReview, "a list").await.unwrap();
    assert_eq!(acts(&app).await, ["kyc.set_level"]);
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    assert!(user.kyc.suspended().is_some());
}
