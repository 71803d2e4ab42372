//! The pages of the operator's reviewers: who gets in, what is shown, and what deciding does.

use karat::domain::kyc::{CaseState, State, Tier};
use karat::domain::role::Role;
use karat::flow::admin::Authority;
use karat::flow::export::Reader;

use crate::data::exported;
use crate::person::{logged_in, press};
use crate::support::applications::{PICTURE, draft, submitted};
use crate::support::mails::mails_to;
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, Page, Person, TestApp};

pub const ERIKA: &str = "erika@example.com";
pub const RITA: &str = "rita@example.com";
pub const ROLF: &str = "rolf@example.com";

/// A person with the role, in a browser where an authenticator app was shown just now.
pub async fn reviewer(app: &TestApp, email: &str) -> Browser {
    let person = app.person(email).await;
    let browser = logged_in(app, email).await;
    AuthenticatorApp::add(&browser, app.clock_now()).await;
    make_reviewer(app, &person).await;
    browser
}

pub async fn make_reviewer(app: &TestApp, person: &Person) {
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    app.karat.grant_role(&Authority::operator(), user.id, Role::Compliance, "").await.unwrap();
}

pub async fn standing(app: &TestApp, person: &Person) -> (Tier, State) {
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    (app.karat.kyc_tier(&user), app.karat.kyc_state(&user.kyc))
}

pub async fn events(app: &TestApp, person: &Person, kind: &str) -> Vec<serde_json::Value> {
    let all = app.karat.store.events_of(person.id, 100).await.unwrap();
    all.into_iter().filter(|event| event.kind == kind).map(|event| event.detail).collect()
}

pub async fn open(browser: &Browser, path: &str) -> Page {
    let page = browser.get(path).await;
    assert_eq!((page.path(), page.status.as_u16()), (path, 200), "{}", page.text());
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_finds_looks_approves_and_the_person_has_the_level() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::on(backends).await;
        let erika = app.person(ERIKA).await;
        let case = submitted(&app.karat, erika.id, Tier::STANDARD, &draft()).await;
        let rita = reviewer(&app, RITA).await;
        assert_eq!(standing(&app, &erika).await, (Tier::REGISTERED, State::Pending));

        let account = rita.get("/account").await;
        assert!(account.body.contains("id=\"review-link\""), "{}", account.text());
        let queue = open(&rita, "/review").await;
        let path = format!("/review/{}", case.id);
        assert!(queue.body.contains(&format!("href=\"{path}\"")) && queue.text().contains(ERIKA), "{}", queue.text());
        assert!(!queue.text().contains("Mustermann"), "the list shows nothing of what was filled in");
        let page = open(&rita, &path).await;
        for told in ["Erika Mustermann", "1984-01-26", "41 years old", "C01X0006H", "2031-03-12", "Passport"] {
            assert!(page.text().contains(told), "{told}: {}", page.text());
        }
        let picture = rita.get(&format!("{path}/documents/front")).await;
        assert_eq!((picture.status.as_u16(), picture.header("content-type")), (200, "image/jpeg"));
        assert_eq!(
            (picture.header("cache-control"), picture.header("x-content-type-options")),
            ("no-store", "nosniff")
        );
        assert!(picture.header("content-security-policy").contains("sandbox"));
        assert!(picture.body.contains(std::str::from_utf8(&PICTURE[4..20]).unwrap()));
        assert_eq!(rita.get(&format!("{path}/documents/back")).await.status, 404);

        let note = [("approve_note", "Spoke with her.")];
        let done = press(&rita, &page, &format!("{path}/approve"), &note).await;
        assert_eq!(done.path(), path, "{}", done.text());
        assert!(done.text().contains("The application is approved.") && done.text().contains("Spoke with her."));
        assert_eq!(standing(&app, &erika).await, (Tier::STANDARD, State::Verified));
        let identity = app.karat.store.identity(erika.id).await.unwrap();
        let verified = &identity.verifications[0];
        assert_eq!(verified.attributes, draft().attributes);
        assert_eq!(verified.evidence[0].expires_on.as_deref(), Some("2031-03-12"));
        let checks: Vec<_> = verified.evidence[0].checks.iter().map(|check| check.method.as_str()).collect();
        assert_eq!((checks, verified.evidence[0].checks[0].organization.as_str()), (vec!["vri", "pvr"], "localhost"));
        assert!(open(&rita, "/review").await.text().contains("Nobody is waiting."));

        let looks = events(&app, &erika, "kyc.document_seen").await;
        assert!(looks.iter().any(|look| look["document"] == "front"), "{looks:?}");
        assert!(looks.iter().any(|look| look["document"] == "application"), "{looks:?}");
        assert!(looks.iter().all(|look| look["by"].as_str().unwrap().starts_with("reviewer:")), "{looks:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn for_everybody_else_there_are_no_such_pages() {
    let app = TestApp::start().await;
    let erika = app.person(ERIKA).await;
    let case = submitted(&app.karat, erika.id, Tier::STANDARD, &draft()).await;
    let (path, person) = (format!("/review/{}", case.id), format!("/review/people/{}", erika.id));
    let stranger = logged_in(&app, ERIKA).await;
    AuthenticatorApp::add(&stranger, app.clock_now()).await;
    let csrf = stranger.get("/account/profile").await.form().1.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
    let pages = ["/review", &path, &person, &format!("{path}/documents/front"), &format!("{path}/prove")];
    assert!(!stranger.get("/account").await.body.contains("review-link"));
    for page in pages {
        assert_eq!(stranger.get(page).await.status, 404, "{page}");
    }
    let acts = ["approve", "reject", "confirm", "send-back", "note"].map(|act| format!("{path}/{act}"));
    let on_people = ["suspend", "reinstate", "revoke"].map(|act| format!("{person}/{act}"));
    for act in acts.iter().chain(&on_people).map(String::as_str).chain(["/review/find"]) {
        assert_eq!(stranger.post_once(act, &[("csrf", &csrf), ("reason", "other")]).await.status, 404, "{act}");
    }
    assert_eq!(app.karat.store.kyc_case(case.id).await.unwrap().unwrap().state, CaseState::Submitted);
    assert!(events(&app, &erika, "kyc.document_seen").await.is_empty());
    let nobody = Browser::new(&app.base);
    assert_eq!(nobody.get(&path).await.path(), "/login");

    // The twin: with the role the same pages open; without it again, they close at once.
    let rita = reviewer(&app, RITA).await;
    let page = open(&rita, &path).await;
    let user = app.karat.store.user_by_email(&RITA.parse().unwrap()).await.unwrap().unwrap().user;
    app.karat.withdraw_role(&Authority::operator(), user.id, Role::Compliance, "").await.unwrap();
    let late = press(&rita, &page, &format!("{path}/approve"), &[]).await;
    assert_eq!(late.status, 404, "{}", late.text());
    assert_eq!(standing(&app, &erika).await.0, Tier::REGISTERED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_alone_opens_nothing_and_an_old_proof_decides_nothing() {
    let app = TestApp::start().await;
    let erika = app.person(ERIKA).await;
    let case = submitted(&app.karat, erika.id, Tier::STANDARD, &draft()).await;
    let path = format!("/review/{}", case.id);
    let rolf = app.person(ROLF).await;
    make_reviewer(&app, &rolf).await;
    let weak = logged_in(&app, ROLF).await;
    let sent = weak.get(&path).await;
    assert_eq!(sent.path(), "/account/security");
    assert!(sent.text().contains("first add a passkey or an authenticator app"), "{}", sent.text());
    assert!(events(&app, &erika, "kyc.document_seen").await.is_empty());

    let phone = AuthenticatorApp::add(&weak, app.clock_now()).await;
    let page = open(&weak, &path).await;
    app.advance(1_200);
    let late = press(&weak, &page, &format!("{path}/approve"), &[]).await;
    assert_eq!(late.path(), "/mfa/totp", "{}", late.text());
    assert_eq!(standing(&app, &erika).await.0, Tier::REGISTERED);
    // And the proof leads back to the case.
    let page = weak.submit(&late, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(page.path(), path, "{}", page.text());
    press(&weak, &page, &format!("{path}/approve"), &[]).await;
    assert_eq!(standing(&app, &erika).await.0, Tier::STANDARD);

    // A fresh browser: the log-in and the factor lead to the case as well.
    app.advance(60);
    let fresh = Browser::new(&app.base);
    let page = fresh.get(&path).await;
    let page = fresh.submit(&page, &[("email", ROLF), ("password", PASSWORD)]).await;
    let page = fresh.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(page.path(), path, "{}", page.text());
}

/// For colleagues: it changes nothing, wakes nobody, and is not in what the person takes along.
#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_kept_for_colleagues_and_changes_nothing() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::on(backends).await;
        let erika = app.person(ERIKA).await;
        let case = submitted(&app.karat, erika.id, Tier::STANDARD, &draft()).await;
        let (rita, rolf) = (reviewer(&app, RITA).await, reviewer(&app, ROLF).await);
        let path = format!("/review/{}", case.id);
        let mails = mails_to(&app, ERIKA).await.len();
        let (before, history) = (standing(&app, &erika).await, app.karat.store.kyc_history(erika.id).await.unwrap());

        // A proof from long ago is enough, as nothing is decided.
        app.advance(1_800);
        let words = "She called.\n<b>Passport</b> is on its way.";
        let page = press(&rita, &open(&rita, &path).await, &format!("{path}/note"), &[("words", words)]).await;
        assert!(page.text().contains("She called. <b>Passport</b> is on its way."), "escaped: {}", page.text());
        let page = open(&rolf, &path).await;
        assert!(page.text().contains("She called.") && page.text().contains(RITA), "{}", page.text());
        let empty = press(&rita, &page, &format!("{path}/note"), &[("words", " \n ")]).await;
        assert_ne!(empty.status, 500, "{}", empty.text());
        let notes = app.karat.store.kyc_notes(erika.id).await.unwrap();
        assert_eq!(notes.len(), 1, "an empty one is none");
        assert!(notes[0].author.starts_with("reviewer:"));

        assert_eq!(standing(&app, &erika).await, before);
        assert_eq!(app.karat.store.kyc_history(erika.id).await.unwrap(), history);
        assert_eq!(app.karat.store.kyc_case(case.id).await.unwrap().unwrap().state, CaseState::Submitted);
        assert_eq!(mails_to(&app, ERIKA).await.len(), mails);
        let sealed: (Vec<u8>,) = app.karat.store.db().read("SELECT sealed FROM kyc_notes").one().await.unwrap();
        assert!(!sealed.0.windows(6).any(|window| window == b"called"), "it is sealed");
        let told = exported(&app, erika.id, Reader::Person).await.unwrap().to_string();
        assert!(!told.contains("called"), "{told}");
        let all = exported(&app, erika.id, Reader::Operator).await.unwrap().to_string();
        assert!(all.contains("She called."), "{all}");
    }
}
