//! What becomes of scope that is withheld, as the client is registered: the person is guided, the scope narrowed, or the app refused.

use karat::domain::client::{Client, ConsentRule, WhenWithheld};
use karat::domain::hold::HoldCause;
use karat::domain::kyc::Tier;

use crate::support::app::web_client;
use crate::support::verified::erika;
use crate::support::{AuthenticatorApp, Browser, Page, Person, RelyingParty, TestApp};

const ERIKA: &str = "erika@example.com";

/// Of the operator's own house: codes come without being asked about.
fn client(id: &str, when_withheld: WhenWithheld) -> Client {
    let scope = "openid trade:spot wallet:withdraw".parse().unwrap();
    Client { scope, when_withheld, consent: ConsentRule::FirstParty, ..web_client(id) }
}

async fn ask(rp: &RelyingParty<'_>, person: &Person, scope: &str) -> (Browser, Page) {
    let browser = Browser::new(&rp.app.base);
    let page = rp.log_in(&browser, person, &[("scope", scope)]).await;
    (browser, page)
}

/// What the app got, told the same by the answer and by introspection.
async fn granted(rp: &RelyingParty<'_>, page: &Page) -> String {
    let code = page.param("code").unwrap_or_else(|| panic!("{}: {}", page.url, page.text()));
    let tokens = rp.redeem(&code).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    assert_eq!(rp.introspect(tokens.text("access_token")).await.text("scope"), tokens.text("scope"));
    tokens.text("scope").to_owned()
}

fn assert_refused(rp: &RelyingParty<'_>, page: &Page, error: &str) {
    assert!(page.url.starts_with(rp.redirect_uri()), "{}: {}", page.url, page.text());
    assert_eq!(page.param("error").as_deref(), Some(error), "{}", page.url);
    assert_eq!(page.param("code"), None, "{}", page.url);
}

/// Presses the button of the form that goes to `action`.
async fn press(browser: &Browser, page: &Page, action: &str, button: &[(&str, &str)]) -> Page {
    let (action, hidden) = page.form_to(action);
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend(button);
    browser.post(&action, &fields).await
}

async fn begin_hold(app: &TestApp, person: &Person) {
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    let mut change = app.karat.store.begin().await.unwrap();
    app.karat.start_hold(&mut change, &user, HoldCause::PasswordChanged).await.unwrap().unwrap();
    change.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lacks_the_level_is_guided_to_it_and_may_go_on_without() {
    let app = TestApp::start().await;
    let person = app.person(ERIKA).await;
    let rp = RelyingParty::register(&app, client("guiding", WhenWithheld::Guide)).await;
    let (browser, page) = ask(&rp, &person, "openid trade:spot").await;
    assert_eq!(page.path(), "/verify", "{}", page.url);
    let interaction = page.param("interaction").unwrap();
    let insists = browser.get(&format!("/authorize/{interaction}")).await;
    assert_eq!(insists.path(), "/verify", "nothing was decided yet: {}", insists.url);
    let page = press(&browser, &page, "/verify/later", &[]).await;
    assert_eq!(granted(&rp, &page).await, "openid");
    // It was said of one request. The next one asks again.
    let page = browser.get(&rp.authorize_path(&[("scope", "openid trade:spot")])).await;
    assert_eq!(page.path(), "/verify", "{}", page.url);
    let silent = browser.get(&rp.authorize_path(&[("scope", "openid trade:spot"), ("prompt", "none")])).await;
    assert_eq!(granted(&rp, &silent).await, "openid", "without pages there is nobody to guide");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reaches_the_level_goes_on_in_the_same_request_and_gets_all() {
    let app = TestApp::start().await;
    let person = app.person(ERIKA).await;
    let rp = RelyingParty::register(&app, client("guiding", WhenWithheld::Guide)).await;
    let (browser, page) = ask(&rp, &person, "openid trade:spot").await;
    assert_eq!(page.path(), "/verify", "{}", page.url);
    let on = format!("/authorize/{}", page.param("interaction").unwrap());
    app.verify(&person, Tier::BASIC, erika(app.clock_now())).await;
    // What is left is the second factor that the scope takes.
    let page = browser.get(&on).await;
    assert_eq!(page.path(), "/account/security/enrol", "{}", page.url);
    AuthenticatorApp::add(&browser, app.clock_now()).await;
    let page = browser.get(&on).await;
    assert_eq!(granted(&rp, &page).await, "openid trade:spot");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_narrows_gets_a_code_for_less_at_once() {
    let app = TestApp::start().await;
    let person = app.person(ERIKA).await;
    let rp = RelyingParty::register(&app, client("narrowing", WhenWithheld::Narrow)).await;
    for scope in ["openid trade:spot", "openid trade:spot wallet:withdraw", "openid"] {
        let (_, page) = ask(&rp, &person, scope).await;
        assert_eq!(granted(&rp, &page).await, "openid", "{scope}");
    }
    let (_, page) = ask(&rp, &person, "trade:spot").await;
    assert_refused(&rp, &page, "access_denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_refuses_is_told_so_and_gets_nothing() {
    let app = TestApp::start().await;
    let person = app.person(ERIKA).await;
    let rp = RelyingParty::register(&app, client("refusing", WhenWithheld::Refuse)).await;
    let (browser, page) = ask(&rp, &person, "openid trade:spot").await;
    assert_refused(&rp, &page, "access_denied");
    let silent = browser.get(&rp.authorize_path(&[("scope", "openid trade:spot"), ("prompt", "none")])).await;
    assert_refused(&rp, &silent, "access_denied");
    // Of somebody who has the level, what is missing is a stronger log-in: the app can do something about that.
    app.verify(&person, Tier::BASIC, erika(app.clock_now())).await;
    let page = browser.get(&rp.authorize_path(&[("scope", "openid trade:spot")])).await;
    assert_refused(&rp, &page, "unmet_authentication_requirements");
    let page = browser.get(&rp.authorize_path(&[("scope", "openid")])).await;
    assert_eq!(granted(&rp, &page).await, "openid");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_hold_runs_the_person_goes_on_without_or_back() {
    let app = TestApp::start().await;
    let person = app.verified_person(ERIKA).await;
    begin_hold(&app, &person).await;
    let rp = RelyingParty::register(&app, client("guiding", WhenWithheld::Guide)).await;
    let (browser, page) = ask(&rp, &person, "openid wallet:withdraw").await;
    assert_eq!(page.path(), "/unavailable", "{}", page.url);
    let unheard = press(&browser, &page, "/unavailable", &[("decision", "anyway")]).await;
    assert_eq!((unheard.status.as_u16(), unheard.param("code")), (400, None), "{}", unheard.url);
    let done = press(&browser, &page, "/unavailable", &[("decision", "continue")]).await;
    assert_eq!(granted(&rp, &done).await, "openid");
    let page = browser.get(&rp.authorize_path(&[("scope", "openid wallet:withdraw")])).await;
    assert_eq!(page.path(), "/unavailable", "{}", page.url);
    let back = press(&browser, &page, "/unavailable", &[("decision", "back")]).await;
    assert_refused(&rp, &back, "access_denied");
    // Once it is over, only the second factor is missing.
    app.advance(24 * 3600);
    let (_, page) = ask(&rp, &person, "openid wallet:withdraw").await;
    assert_eq!(page.path(), "/account/security/enrol", "{}", page.url);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_narrows_and_refuses_without_a_page_for_who_registered_so() {
    let app = TestApp::start().await;
    let person = app.verified_person(ERIKA).await;
    begin_hold(&app, &person).await;
    let narrowing = RelyingParty::register(&app, client("narrowing", WhenWithheld::Narrow)).await;
    let refusing = RelyingParty::register(&app, client("refusing", WhenWithheld::Refuse)).await;
    let (_, page) = ask(&narrowing, &person, "openid wallet:withdraw").await;
    assert_eq!(granted(&narrowing, &page).await, "openid");
    let (_, page) = ask(&refusing, &person, "openid wallet:withdraw").await;
    assert_refused(&refusing, &page, "access_denied");
}
