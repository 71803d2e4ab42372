//! People who came from other products log in with the password that they had there.

use std::collections::BTreeMap;

use karat::crypto::password::NO_PASSWORD;
use karat::flow::admin::Authority;
use karat::flow::import::{Imported, Lines, Trial};
use serde_json::{Value, json};

use crate::person::{can_log_in, send};
use crate::support::mails::{link_in, mail_with};
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, TestApp};

const MADE_ELSEWHERE: &str = include_str!("../support/foreign_hashes.jsonl");
const PATIENT: &str = "[throttle]\nguesses_per_address = \"10000 per 15m\"\nlogins_per_address = \"10000 per 15m\"\n";

async fn import(app: &TestApp, people: &[Value]) -> Vec<Imported> {
    let file: String = people.iter().map(|person| format!("{person}\n")).collect();
    let lines = Lines::of(file.as_bytes()).take(1000).unwrap();
    let fates = app.karat.import_people(&Authority::operator(), &lines, None).await.unwrap();
    fates.into_iter().map(|fate| fate.imported).collect()
}

async fn stored_hash(app: &TestApp, email: &str) -> String {
    app.karat.store.user_by_email(&email.parse().unwrap()).await.unwrap().unwrap().password_hash
}

fn is_ours(hash: &str) -> bool {
    hash.starts_with("$argon2id$v=19$m=8192,t=1,p=1$")
}

async fn each_kind_logs_in_and_is_hashed_anew(backends: Backends) {
    let app = TestApp::start_with(backends, PATIENT).await;
    let made: Vec<Value> = MADE_ELSEWHERE.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let email = |index: usize| format!("person{index}@example.com");
    let people: Vec<Value> = made
        .iter()
        .enumerate()
        .map(|(index, made)| json!({ "email": email(index), "email_verified": true, "password_hash": made["hash"] }))
        .collect();
    let fates = import(&app, &people).await;
    assert!(fates.iter().all(|fate| matches!(fate, Imported::Made { without_password: false, .. })), "{fates:?}");
    let kinds = app.karat.store.password_kinds().await.unwrap();
    assert_eq!(kinds.foreign.iter().map(|(_, people)| people).sum::<i64>(), kinds.people);

    for (index, made) in made.iter().enumerate() {
        let (email, password) = (email(index), made["password"].as_str().unwrap());
        let foreign = stored_hash(&app, &email).await;
        assert!(!can_log_in(&app, &email, "a wrong password of seven seas").await, "{made}");
        assert_eq!(stored_hash(&app, &email).await, foreign, "a wrong password changes nothing: {made}");
        assert!(can_log_in(&app, &email, password).await, "{made}");
        assert!(is_ours(&stored_hash(&app, &email).await), "{made}");
        assert!(can_log_in(&app, &email, password).await, "a second time: {made}");
        assert!(!can_log_in(&app, &email, "a wrong password of seven seas").await, "{made}");
    }
    let kinds = app.karat.store.password_kinds().await.unwrap();
    assert!(kinds.foreign.is_empty(), "nobody is left with a foreign hash: {kinds:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_with_a_foreign_hash_logs_in_and_is_hashed_anew_on_sqlite() {
    each_kind_logs_in_and_is_hashed_anew(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_with_a_foreign_hash_logs_in_and_is_hashed_anew_on_postgres() {
    each_kind_logs_in_and_is_hashed_anew(Backends::PostgresAndRedis).await;
}

fn bcrypt() -> Value {
    let first: Value = serde_json::from_str(MADE_ELSEWHERE.lines().next().unwrap()).unwrap();
    assert_eq!(first["password"], PASSWORD);
    first["hash"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_that_was_replaced_meanwhile_is_not_written_over() {
    let app = TestApp::start().await;
    import(&app, &[json!({ "email": "ada@example.com", "email_verified": true, "password_hash": bcrypt() })]).await;
    let found = app.karat.store.user_by_email(&"ada@example.com".parse().unwrap()).await.unwrap().unwrap();
    let mut change = app.karat.store.begin().await.unwrap();
    change.set_password(found.user.id, NO_PASSWORD, app.clock_now()).await.unwrap();
    change.commit().await.unwrap();
    let rehash = async |old: &str| {
        let decoy = karat::crypto::password::decoy_of(&found.password_hash);
        app.karat.store.rehash_password(found.user.id, (old, "new"), decoy.as_deref()).await.unwrap()
    };
    assert!(!rehash(&found.password_hash).await);
    assert_eq!(stored_hash(&app, "ada@example.com").await, NO_PASSWORD);
    assert_eq!(app.karat.store.password_kinds().await.unwrap().foreign.len(), 1, "nothing was counted down");
    assert!(rehash(NO_PASSWORD).await, "the twin: what is in force is replaced");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_mailbox_was_not_proven_gets_in_by_the_mailbox_only() {
    let app = TestApp::start().await;
    let fates = import(&app, &[json!({ "email": "ada@example.com", "password_hash": bcrypt() })]).await;
    assert!(matches!(fates[..], [Imported::Made { without_password: true, .. }]), "{fates:?}");
    assert!(!can_log_in(&app, "ada@example.com", PASSWORD).await);
    assert!(!can_log_in(&app, "ada@example.com", NO_PASSWORD).await);

    let browser = Browser::new(&app.base);
    send(&browser, "/password/forgotten", &[("email", "ada@example.com")]).await;
    let link = link_in(&app, &mail_with(&app, "ada@example.com", "/password/reset").await, "/password/reset?token=");
    let fresh = "turbid lantern 9 pigeon";
    let done = send(&browser, &link, &[("new_password", fresh)]).await;
    assert_eq!(done.path(), "/password/done", "{}", done.text());
    assert!(can_log_in(&app, "ada@example.com", fresh).await);
    let user = app.karat.store.user_by_email(&"ada@example.com".parse().unwrap()).await.unwrap().unwrap().user;
    assert!(user.email_verified_at.is_some(), "the link proved the mailbox");
}

#[tokio::test(flavor = "multi_thread")]
async fn profile_lock_and_authenticator_app_come_along_and_a_second_import_changes_nothing() {
    let app = TestApp::start().await;
    let seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    let ada = json!({
        "email": "Ada@Example.com", "email_verified": true, "password_hash": bcrypt(), "totp_secret": seed,
        "name": "Ada Lovelace", "locale": "es-ES", "created_at": 1_600_000_000, "external_id": "auth0|7",
    });
    let mallory =
        json!({ "email": "mallory@example.com", "email_verified": true, "password_hash": bcrypt(), "locked": true });
    let fates = import(&app, &[ada.clone(), mallory]).await;
    assert!(matches!(&fates[0], Imported::Made { external_id: Some(id), .. } if id == "auth0|7"), "{fates:?}");
    let ada_now = app.karat.store.user_by_email(&"ada@example.com".parse().unwrap()).await.unwrap().unwrap().user;
    assert_eq!((ada_now.profile.name.as_deref(), ada_now.locale.as_str()), (Some("Ada Lovelace"), "es"));
    assert_eq!((ada_now.created_at.unix(), ada_now.kyc.clone()), (1_600_000_000, Default::default()));
    let events = app.karat.store.events_of(ada_now.id, 10).await.unwrap();
    assert_eq!(events[0].detail, json!({ "by": "import", "external_id": "auth0|7" }));

    assert!(!can_log_in(&app, "ada@example.com", PASSWORD).await, "the password alone is not enough");
    let browser = Browser::new(&app.base);
    let page = browser.get("/login").await;
    let asked = browser.submit(&page, &[("email", "ada@example.com"), ("password", PASSWORD)]).await;
    let code = AuthenticatorApp::typed(seed).code(app.clock_now(), 0);
    browser.submit(&asked, &[("code", &code)]).await;
    assert!(browser.cookie("karat_session").is_some());
    assert!(!can_log_in(&app, "mallory@example.com", PASSWORD).await, "locked there, locked here");

    let changed = json!({ "email": "ada@example.com", "email_verified": true, "name": "Eve", "locked": true });
    assert_eq!(import(&app, &[changed]).await, [Imported::Taken]);
    let after = app.karat.store.user_by_email(&"ada@example.com".parse().unwrap()).await.unwrap().unwrap().user;
    assert_eq!((after.profile.name.as_deref(), after.is_active()), (Some("Ada Lovelace"), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_says_what_would_be_and_changes_nothing() {
    let app = TestApp::start().await;
    app.person("known@example.com").await;
    let person = |email: &str| json!({ "email": email, "email_verified": true, "password_hash": bcrypt() });
    let file = [
        person("known@example.com").to_string(),
        person("ada@example.com").to_string(),
        person("ADA@example.com").to_string(),
        json!({ "email": "eve@example.com", "kyc_level": 3 }).to_string(),
    ]
    .join("\n");
    let told = async |trial: Option<&mut Trial>| {
        let lines = Lines::of(file.as_bytes()).take(100).unwrap();
        let fates = app.karat.import_people(&Authority::operator(), &lines, trial).await.unwrap();
        let fates = fates.into_iter().map(|fate| match fate.imported {
            Imported::Made { .. } => (fate.line, "made".to_owned()),
            Imported::Taken => (fate.line, "taken".to_owned()),
            Imported::Refused(why) => (fate.line, why),
        });
        fates.collect::<BTreeMap<_, _>>()
    };
    let tried = told(Some(&mut Trial::default())).await;
    assert!(app.karat.store.user_by_email(&"ada@example.com".parse().unwrap()).await.unwrap().is_none());
    assert!(app.karat.store.password_kinds().await.unwrap().foreign.is_empty());
    assert_eq!(tried, told(None).await, "a trial tells what then happens");
    assert_eq!(tried[&1], "taken");
    assert_eq!((tried[&2].as_str(), tried[&3].as_str()), ("made", "taken"));
    assert!(tried[&4].starts_with("kyc_level: "), "{tried:?}");
}
