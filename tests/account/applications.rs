//! Applications that get in each other's way: begun twice at once, given up in another browser, at a provider, or after a rejection for good.

use karat::domain::kyc::{CaseState, Reason, State, Tier};
use karat::domain::role::Role;
use karat::flow::admin::Authority;

use crate::person::{logged_in, press, send};
use crate::support::app::web_client;
use crate::support::applications::{draft, submitted};
use crate::support::verifiers::{FakeProvider, Outcome, handed_over, level_of, sumsub};
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, Page, RelyingParty, TestApp};
use crate::verification::{ADA, DETAILS, newest_case};
use crate::verified::{applied, decided, rejection};

async fn csrf(browser: &Browser) -> String {
    let page = browser.get("/account/profile").await;
    page.form().1.into_iter().find(|(name, _)| name == "csrf").unwrap().1
}

async fn of_many_that_are_begun_at_once_one_is_open(backends: Backends) {
    let app = TestApp::start_with(backends, "[kyc]\napplications_per_account = \"100 per 24h\"\n").await;
    let person = app.person(ADA).await;
    let browsers = [logged_in(&app, ADA).await, logged_in(&app, ADA).await];
    let tokens = [csrf(&browsers[0]).await, csrf(&browsers[1]).await];
    for round in 0..3 {
        let attempts = (0..12).map(|number| {
            let (browser, csrf) = (&browsers[number % 2], &tokens[number % 2]);
            let level = if number % 3 == 0 { "1" } else { "2" };
            async move { browser.post_once("/verify", &[("csrf", csrf), ("level", level)]).await }
        });
        for page in futures_util::future::join_all(attempts).await {
            assert!(page.status.as_u16() < 500, "{}", page.text());
        }
        let cases = app.karat.store.kyc_cases(person.id).await.unwrap();
        let open: Vec<_> = cases.iter().filter(|case| case.state.is_open()).collect();
        assert_eq!(open.len(), 1, "round {round}: {cases:?}");
        let standing = app.karat.store.user(person.id).await.unwrap().unwrap().kyc;
        assert_eq!(standing.pending().map(|pending| pending.case), Some(open[0].id));
    }
    // And it can be filled in.
    let page = send(&browsers[1], "/verify/details", DETAILS).await;
    assert!(["/verify/check", "/verify/document"].contains(&page.path()), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_are_begun_at_once_one_is_open_on_sqlite_and_memory() {
    of_many_that_are_begun_at_once_one_is_open(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_are_begun_at_once_one_is_open_on_postgres_and_redis() {
    of_many_that_are_begun_at_once_one_is_open(Backends::PostgresAndRedis).await;
}

/// An app that wants level 1, and its person on the way to it.
async fn wanted_by_an_app(app: &TestApp) -> (Browser, String) {
    let scope = "openid trade:spot".parse().unwrap();
    let client = karat::domain::client::Client { scope, ..web_client("exchange") };
    let rp = RelyingParty::register(app, client).await;
    let browser = logged_in(app, ADA).await;
    AuthenticatorApp::add(&browser, app.clock_now()).await;
    let page = browser.get(&rp.authorize_path(&[("scope", "openid trade:spot")])).await;
    assert_eq!(page.path(), "/verify", "{}", page.text());
    let interaction = page.param("interaction").unwrap();
    press(&browser, &page, "/verify", &[]).await;
    (browser, interaction)
}

fn assert_asked_anew(page: &Page, interaction: &str) {
    assert_eq!((page.path(), page.param("interaction").as_deref()), ("/verify", Some(interaction)), "{}", page.url);
    assert!(page.body.contains("id=\"verify-begin\"") && page.text().contains("The exchange app"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_is_given_up_elsewhere_does_not_lose_the_app() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[holds]\nfirst_factor = \"0s\"\n").await;
    let person = app.person(ADA).await;
    let (browser, interaction) = wanted_by_an_app(&app).await;
    let details = browser.get(&format!("/verify/details?interaction={interaction}")).await;
    assert_eq!(details.path(), "/verify/details");
    press(&browser, &browser.get("/verify/details").await, "/verify/give-up", &[]).await;
    assert_eq!(newest_case(&app, person.id).await.state, CaseState::Abandoned);

    assert_asked_anew(&browser.get(&format!("/verify/status?interaction={interaction}")).await, &interaction);
    assert_asked_anew(&press(&browser, &details, "/verify/details", DETAILS).await, &interaction);
    let without = browser.get("/verify/status").await;
    assert_eq!(without.path(), "/account/verification", "who came for no app is at home");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_ends_at_its_provider_does_not_lose_the_app() {
    let fake = FakeProvider::start(sumsub::DIALECT).await;
    let app =
        TestApp::start_with(Backends::SqliteAndMemory, &fake.configuration("[holds]\nfirst_factor = \"0s\"\n")).await;
    let person = app.person(ADA).await;
    let scope = "openid fiat:deposit".parse().unwrap();
    let client = karat::domain::client::Client { scope, ..web_client("exchange") };
    let rp = RelyingParty::register(&app, client).await;
    let browser = logged_in(&app, ADA).await;
    AuthenticatorApp::add(&browser, app.clock_now()).await;
    let page = browser.get(&rp.authorize_path(&[("scope", "openid fiat:deposit")])).await;
    let interaction = page.param("interaction").unwrap();
    let page = press(&browser, &page, "/verify", &[]).await;
    assert!(page.body.contains("id=\"provider-link\""), "{}", page.text());

    let case = newest_case(&app, person.id).await;
    press(&browser, &browser.get("/verify").await, "/verify/give-up", &[]).await;
    assert_eq!(newest_case(&app, person.id).await.id, case.id);
    assert_asked_anew(&browser.get(&format!("/verify/status?interaction={interaction}")).await, &interaction);
}

/// Each is a call of somebody else's API.
#[tokio::test(flavor = "multi_thread")]
async fn one_account_opens_only_so_many_sessions_at_a_provider_in_an_hour() {
    let fake = FakeProvider::start(sumsub::DIALECT).await;
    let app = TestApp::start_with(Backends::SqliteAndMemory, &fake.configuration("")).await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let page = press(&browser, &browser.get("/verify?level=2").await, "/verify", &[]).await;
    assert!(page.body.contains("id=\"provider-link\""), "{}", page.text());
    for _ in 0..19 {
        assert_eq!(browser.get("/verify").await.status, 200);
    }
    let asked = fake.asked();
    let refused = browser.get("/verify").await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(fake.asked(), asked, "the provider hears nothing of it");

    app.person("ben@example.com").await;
    let other = logged_in(&app, "ben@example.com").await;
    let page = press(&other, &other.get("/verify?level=2").await, "/verify", &[]).await;
    assert!(page.body.contains("id=\"provider-link\""), "others are not kept waiting: {}", page.text());
}

/// A case that was open at a provider when reviewers rejected another one for good: what the provider says of it later raises nothing.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_rejected_for_good_gets_no_level_through_a_case_at_a_provider() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        for (reason, finally, expected) in
            [(Reason::DuplicateIdentity, true, 0), (Reason::DocUnreadable, true, 0), (Reason::DocUnreadable, false, 2)]
        {
            let fake = FakeProvider::start(sumsub::DIALECT).await;
            let app = TestApp::start_with(backends, &fake.configuration("")).await;
            let person = app.person(ADA).await;
            let (at_provider, reference) = handed_over(&app, &person, fake.dialect.provider).await;
            // The provider wants another picture, and the person turns to the reviewers meanwhile.
            app.advance(10);
            fake.decide(&app, &reference, Outcome::RedRetry, 1).await;
            app.advance(10);
            let case = applied(&app, person.id, Tier::STANDARD).await;
            decided(&app, &case, rejection(reason, finally)).await;

            app.advance(10);
            assert_eq!(fake.decide(&app, &reference, Outcome::Green, 2).await, 200, "it is taken");
            assert_eq!(level_of(&app, &person).await, expected, "{reason:?} {finally}");
            let told = app.karat.store.kyc_case(at_provider).await.unwrap().unwrap().state;
            assert_eq!(told == CaseState::Approved, expected == 2, "{reason:?} {finally}: {told:?}");
            let user = app.karat.store.user(person.id).await.unwrap().unwrap();
            let state = if expected == 2 { State::Verified } else { State::RejectedFinal };
            assert_eq!(app.karat.kyc_state(&user.kyc), state);
        }
    }
}

/// Who was rejected for good and comes back under a new address finds a clean page; reviewers do not.
#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_outlives_the_account_that_was_deleted_to_be_rid_of_it() {
    let app = TestApp::start().await;
    let first = app.person(ADA).await;
    let case = submitted(&app.karat, first.id, Tier::STANDARD, &draft()).await;
    decided(&app, &case, rejection(Reason::DocTampered, true)).await;
    app.advance(60);
    let browser = logged_in(&app, ADA).await;
    let gone = send(&browser, "/account/delete", &[("password", PASSWORD), ("confirm", "yes")]).await;
    assert!(gone.text().contains("Your account is deleted"), "{}", gone.text());
    assert!(app.karat.store.kyc_locked_until(first.id).await.unwrap().is_some(), "the record is kept");

    let second = app.person("ada.again@example.com").await;
    let case = submitted(&app.karat, second.id, Tier::STANDARD, &draft()).await;
    let clean = app.person("someone@example.com").await;
    let mut other = draft();
    other.attributes.birthdate = Some("1990-05-05".to_owned());
    other.document.as_mut().unwrap().number = "Z9999999".to_owned();
    let untouched = submitted(&app.karat, clean.id, Tier::STANDARD, &other).await;

    let rita = app.person("rita@example.com").await;
    let browser = logged_in(&app, "rita@example.com").await;
    AuthenticatorApp::add(&browser, app.clock_now()).await;
    app.karat.grant_role(&Authority::operator(), rita.id, Role::Compliance, "").await.unwrap();
    let page = browser.get(&format!("/review/{}", case.id)).await;
    assert!(page.body.contains("id=\"duplicates\"") && page.text().contains("deleted"), "{}", page.text());
    let page = browser.get(&format!("/review/{}", untouched.id)).await;
    assert!(!page.body.contains("id=\"duplicates\""), "{}", page.text());
    let own = logged_in(&app, "ada.again@example.com").await.get("/account/verification").await;
    assert!(!own.text().contains("declined") && !own.text().contains("rejected"), "{}", own.text());
}
