//! Verification as a person meets it: a level decided by rules, a level that takes documents and a reviewer.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use karat::domain::ids::UserId;
use karat::domain::kyc::{Case, CaseState, Reason, State, Tier};
use karat::flow::kyc::{Actor, Cause, Draft, Verdict};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, ORIGIN};

use crate::person::{log_in, logged_in, press, send};
use crate::support::{Backends, Browser, PASSWORD, Page, TestApp};

pub const ADA: &str = "ada@example.com";
const OVERVIEW: &str = "/account/verification";
pub const DETAILS: &[(&str, &str)] = &[
    ("given_name", "Ada"),
    ("family_name", "Lovelace"),
    ("birthdate", "1985-12-10"),
    ("nationality", "GB"),
    ("residence", "ES"),
];
pub const DOCUMENT: &[(&str, &str)] =
    &[("kind", "idcard"), ("issued_by", "GB"), ("number", "x 12-34567"), ("expires_on", "2040-01-31")];

/// A photograph of nothing.
pub fn picture() -> Vec<u8> {
    let picture = DynamicImage::ImageRgb8(RgbImage::from_pixel(320, 300, Rgb([120, 90, 40])));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Sends the form of a page with files, as browsers do.
async fn upload(browser: &Browser, path: &str, texts: &[(&str, &str)], files: &[(&str, &[u8])]) -> Page {
    upload_on(browser, &browser.get(path).await, path, texts, files).await
}

/// As [`upload`], with the form of a page that is open already.
pub async fn upload_on(
    browser: &Browser,
    page: &Page,
    path: &str,
    texts: &[(&str, &str)],
    files: &[(&str, &[u8])],
) -> Page {
    let (action, hidden) = page.form_to(path);
    let hidden: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    post_parts(browser, &action, &[&hidden, texts].concat(), files).await
}

async fn post_parts(browser: &Browser, action: &str, texts: &[(&str, &str)], files: &[(&str, &[u8])]) -> Page {
    let mut body = Vec::new();
    for (name, text) in texts {
        let part = format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    for (name, content) in files {
        let part = format!(
            "--xyz\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
        );
        body.extend_from_slice(part.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--xyz--\r\n");
    let request = || {
        browser
            .request(Method::POST, action)
            .header("sec-fetch-site", "same-origin")
            .header(ORIGIN, browser.base())
            .header(CONTENT_TYPE, "multipart/form-data; boundary=xyz")
            .body(body.clone())
    };
    // Who refuses closes before everything is read, and then the answer can be lost on the way.
    let answer = match browser.try_send(request()).await {
        Ok(answer) => answer,
        Err(_) => browser.send(request()).await,
    };
    browser.follow(answer).await
}

/// Opens an application for a level.
async fn begin(browser: &Browser, level: u8) -> Page {
    let page = browser.get(&format!("/verify?level={level}")).await;
    press(browser, &page, "/verify", &[]).await
}

/// Everything that level 2 takes, up to the last look.
async fn filled_in(browser: &Browser) -> Page {
    begin(browser, 2).await;
    send(browser, "/verify/details", DETAILS).await;
    let sides = [("front", &picture()[..]), ("back", &picture()[..])];
    let next = upload(browser, "/verify/document", DOCUMENT, &sides).await;
    assert_eq!(next.path(), "/verify/selfie", "{}", next.text());
    upload(browser, "/verify/selfie", &[], &[("selfie", &picture()[..])]).await
}

pub async fn tier(app: &TestApp, id: UserId) -> Tier {
    app.karat.kyc_tier(&app.karat.store.user(id).await.unwrap().unwrap())
}

pub async fn newest_case(app: &TestApp, id: UserId) -> Case {
    app.karat.store.kyc_cases(id).await.unwrap().remove(0)
}

/// What a reviewer would do.
async fn decide(app: &TestApp, case: &Case, verdict: &Verdict) {
    let karat = &app.karat;
    let subject = karat.kyc_subject(case.user_id).await.unwrap().unwrap();
    let mut change = karat.store.begin().await.unwrap();
    let cause = Cause::of(Actor::Operator, serde_json::json!({}));
    let decided = karat.decide_case(&mut change, &subject, case, verdict, &cause).await.unwrap();
    assert!(decided.is_some());
    change.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_level_is_decided_by_rules_at_once_on_sqlite_and_memory() {
    the_first_level_is_decided_by_rules_at_once(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_level_is_decided_by_rules_at_once_on_postgres_and_redis() {
    the_first_level_is_decided_by_rules_at_once(Backends::PostgresAndRedis).await;
}

async fn the_first_level_is_decided_by_rules_at_once(backends: Backends) {
    let app = TestApp::on(backends).await;
    let person = app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let page = browser.get(OVERVIEW).await;
    assert!(page.text().contains("not verified yet") && page.text().contains("Reach level 1"), "{}", page.text());

    let page = begin(&browser, 1).await;
    assert_eq!(page.path(), "/verify/details");
    let page = send(&browser, "/verify/details", DETAILS).await;
    assert_eq!(page.path(), "/verify/check");
    assert!(page.text().contains("10 December 1985") && page.text().contains("United Kingdom"), "{}", page.text());
    assert_eq!(tier(&app, person.id).await, Tier::REGISTERED, "nothing is decided before it is sent in");
    let page = press(&browser, &page, "/verify/check", &[]).await;
    assert!(page.text().contains("Level 1 is confirmed"), "{}", page.text());
    assert_eq!(tier(&app, person.id).await, Tier::BASIC);

    let page = browser.get(OVERVIEW).await;
    assert!(page.text().contains("You are verified") && page.text().contains("Reach level 2"), "{}", page.text());
    assert!(page.text().contains("Level confirmed"), "the history tells: {}", page.text());
    let identity = app.karat.store.identity(person.id).await.unwrap();
    assert_eq!(identity.verifications[0].attributes.family_name.as_deref(), Some("Lovelace"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_level_takes_documents_and_a_reviewer_on_sqlite_and_memory() {
    the_second_level_takes_documents_and_a_reviewer(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_level_takes_documents_and_a_reviewer_on_postgres_and_redis() {
    the_second_level_takes_documents_and_a_reviewer(Backends::PostgresAndRedis).await;
}

async fn the_second_level_takes_documents_and_a_reviewer(backends: Backends) {
    let app = TestApp::on(backends).await;
    let person = app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let check = filled_in(&browser).await;
    assert_eq!(check.path(), "/verify/check", "{}", check.text());
    assert!(check.text().contains("X1234567") && check.text().contains("31 January 2040"), "{}", check.text());
    let seen = browser.get("/verify/documents/front").await;
    assert_eq!(seen.header("content-type"), "image/jpeg", "what was a PNG is written anew");
    assert_eq!((seen.header("cache-control"), seen.header("x-content-type-options")), ("no-store", "nosniff"));

    let page = press(&browser, &check, "/verify/check", &[]).await;
    assert!(page.text().contains("We are looking at it") && page.text().contains("24 hours"), "{}", page.text());
    assert_eq!(tier(&app, person.id).await, Tier::REGISTERED);
    let case = newest_case(&app, person.id).await;
    assert_eq!(case.state, CaseState::Submitted);
    assert_eq!(browser.get("/verify/documents/front").await.status, 404, "it is with the reviewers now");
    assert_eq!(browser.get("/verify/details").await.path(), "/verify/status", "nothing can be changed any more");

    let draft: Draft = app.karat.store.kyc_draft(&case).await.unwrap().unwrap();
    let verified = karat::flow::kyc::Verified { attributes: draft.attributes, evidence: Vec::new() };
    decide(&app, &case, &Verdict::Approve(verified)).await;
    assert_eq!(tier(&app, person.id).await, Tier::STANDARD);
    let page = browser.get("/verify/status").await;
    assert!(page.text().contains("Level 2 is confirmed"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_saved_is_there_in_another_browser_and_sealed_in_the_database() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    begin(&browser, 2).await;
    send(&browser, "/verify/details", DETAILS).await;
    let elsewhere = logged_in(&app, ADA).await;
    let page = elsewhere.get("/verify").await;
    assert_eq!(page.path(), "/verify/document", "it goes on where something is missing");
    let page = elsewhere.get("/verify/details").await;
    assert!(page.body.contains("value=\"Lovelace\""), "{}", page.text());
    let case = newest_case(&app, person.id).await;
    assert!(app.karat.store.kyc_draft::<Draft>(&case).await.unwrap().is_some());
    let raw: (Vec<u8>,) = app
        .karat
        .store
        .db()
        .read("SELECT draft FROM kyc_cases WHERE id = $1")
        .bind(case.id.to_string())
        .one()
        .await
        .unwrap();
    assert!(!raw.0.windows(8).any(|window| window == b"Lovelace"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_wrong_is_told_and_nothing_can_be_sent_in_without_it() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    begin(&browser, 2).await;
    let page = send(&browser, "/verify/details", &[("family_name", ""), ("birthdate", "2999-01-01")]).await;
    for told in ["Enter your family name", "Enter a date of birth", "Choose a country"] {
        assert!(page.text().contains(told), "{told}: {}", page.text());
    }
    send(&browser, "/verify/details", DETAILS).await;
    assert_eq!(browser.get("/verify/check").await.path(), "/verify/document", "the last look comes last");
    let expired = [("kind", "passport"), ("issued_by", "GB"), ("number", "!"), ("expires_on", "2020-01-01")];
    let page = upload(&browser, "/verify/document", &expired, &[]).await;
    for told in ["has expired", "letters and digits", "Take a picture or choose a file"] {
        assert!(page.text().contains(told), "{told}: {}", page.text());
    }
    let no_picture = [("front", &b"<svg onload=alert(1)>"[..]), ("back", &picture()[..])];
    let page = upload(&browser, "/verify/document", DOCUMENT, &no_picture).await;
    assert!(page.text().contains("no picture that can be read"), "{}", page.text());
    let one_side = [("front", &picture()[..])];
    let page = upload(&browser, "/verify/document", DOCUMENT, &one_side).await;
    assert_eq!(page.path(), "/verify/document", "a card has two sides");
    let passport = [("kind", "passport"), DOCUMENT[1], DOCUMENT[2], DOCUMENT[3]];
    let page = upload(&browser, "/verify/document", &passport, &one_side).await;
    assert_eq!(page.path(), "/verify/selfie", "a passport has one: {}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_needs_its_token_its_origin_and_a_session_and_has_its_limit() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[kyc]\ndocument_size_limit = \"64KiB\"\n").await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    begin(&browser, 2).await;
    send(&browser, "/verify/details", DETAILS).await;
    let file = [("front", &picture()[..])];
    let without = post_parts(&browser, "/verify/document", DOCUMENT, &file).await;
    assert_eq!(without.status, 403, "no token");
    let forged = post_parts(&browser, "/verify/document", &[("csrf", "x")], &file).await;
    assert_eq!(forged.status, 403, "somebody else's token");
    let foreign = browser
        .request(Method::POST, "/verify/document")
        .header("sec-fetch-site", "cross-site")
        .header(CONTENT_TYPE, "multipart/form-data; boundary=xyz")
        .body("--xyz--\r\n");
    assert_eq!(browser.send(foreign).await.status, 403);
    let stranger = Browser::new(&app.base);
    assert_eq!(post_parts(&stranger, "/verify/document", DOCUMENT, &file).await.path(), "/login");
    let large = vec![7; 100 * 1024];
    let page = upload(&browser, "/verify/document", DOCUMENT, &[("front", &large[..]), file[0]]).await;
    assert_eq!(page.status, 400, "one field twice");
    let page = upload(&browser, "/verify/document", DOCUMENT, &[("front", &large[..]), ("back", &picture()[..])]).await;
    assert!(page.text().contains("The file is too large"), "{}", page.text());
    let flood = vec![7; 300 * 1024];
    let page = upload(&browser, "/verify/document", DOCUMENT, &[("front", &flood[..])]).await;
    assert_eq!(page.status, 413);
    assert_eq!(browser.get("/verify").await.path(), "/verify/document", "nothing of all that was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_too_young_is_rejected_and_another_birthdate_is_for_a_reviewer_to_believe() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    begin(&browser, 1).await;
    let mut details = DETAILS.to_vec();
    details[2] = ("birthdate", "2015-01-01");
    let check = send(&browser, "/verify/details", &details).await;
    let page = press(&browser, &check, "/verify/check", &[]).await;
    assert!(page.text().contains("not old enough"), "{}", page.text());
    assert_eq!(newest_case(&app, person.id).await.reason, Some(Reason::Underage));
    assert_eq!(tier(&app, person.id).await, Tier::REGISTERED);

    app.advance(60);
    begin(&browser, 1).await;
    let check = send(&browser, "/verify/details", DETAILS).await;
    let page = press(&browser, &check, "/verify/check", &[]).await;
    assert!(page.text().contains("We are looking at it"), "{}", page.text());
    assert_eq!(tier(&app, person.id).await, Tier::REGISTERED, "rules alone believe nobody twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lives_where_nobody_is_served_is_rejected() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[kyc]\nrestricted_countries = [\"ES\"]\n").await;
    let person = app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    begin(&browser, 1).await;
    let check = send(&browser, "/verify/details", DETAILS).await;
    let page = press(&browser, &check, "/verify/check", &[]).await;
    assert!(page.text().contains("not offered where you live"), "{}", page.text());
    assert_eq!(tier(&app, person.id).await, Tier::REGISTERED);
}

#[tokio::test(flavor = "multi_thread")]
async fn suspicions_are_never_told() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let check = filled_in(&browser).await;
    press(&browser, &check, "/verify/check", &[]).await;
    let case = newest_case(&app, person.id).await;
    decide(&app, &case, &Verdict::Reject { reason: Reason::SanctionsReview, finally: true }).await;
    for path in [OVERVIEW, "/verify/status"] {
        let page = browser.get(path).await;
        assert!(page.text().contains("could not complete the check"), "{path}: {}", page.text());
        for hint in ["sanction", "fraud", "tamper", "duplicate"] {
            assert!(!page.body.to_lowercase().contains(hint), "{path} says {hint}");
        }
    }
    let page = browser.get("/verify?level=2").await;
    assert!(page.text().contains("you cannot apply again"), "{}", page.text());
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    assert_eq!(app.karat.kyc_state_told(&user.kyc), State::RejectedFinal);
}

#[tokio::test(flavor = "multi_thread")]
async fn giving_up_deletes_what_was_uploaded_and_another_try_begins_with_what_was_typed() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[kyc]\napplications_per_account = \"2 per 24h\"\n").await;
    let person = app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let check = filled_in(&browser).await;
    let case = newest_case(&app, person.id).await;
    assert_eq!(app.karat.store.kyc_documents(case.id).await.unwrap().len(), 3);
    let page = press(&browser, &check, "/verify/give-up", &[]).await;
    assert!(page.text().contains("given up"), "{}", page.text());
    assert!(app.karat.store.kyc_documents(case.id).await.unwrap().is_empty());
    assert_eq!(newest_case(&app, person.id).await.state, CaseState::Abandoned);

    app.advance(60);
    let page = begin(&browser, 2).await;
    assert_eq!(page.path(), "/verify/document", "the details are known: {}", page.text());
    let form = browser.get("/verify/document").await;
    press(&browser, &form, "/verify/give-up", &[]).await;
    let page = begin(&browser, 2).await;
    assert!(page.text().contains("Too many tries"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn these_pages_are_for_who_is_logged_in_where_people_are_verified_at_all() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = Browser::new(&app.base);
    let page = browser.get("/verify/details").await;
    assert_eq!(page.url, "/login?next=verify");
    let page = log_in_to(&browser, "verify").await;
    assert_eq!(page.path(), "/verify", "and the log-in leads back");
    let off = TestApp::start_with(Backends::SqliteAndMemory, "[kyc]\nenabled = false\n").await;
    off.person(ADA).await;
    let browser = Browser::new(&off.base);
    log_in(&browser, ADA, PASSWORD).await;
    for path in [OVERVIEW, "/verify", "/verify/details", "/verify/status"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    assert!(!browser.get("/account").await.body.contains(OVERVIEW));
}

async fn log_in_to(browser: &Browser, room: &str) -> Page {
    let page = browser.get(&format!("/login?next={room}")).await;
    browser.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await
}
