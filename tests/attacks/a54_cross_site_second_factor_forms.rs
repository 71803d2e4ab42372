//! The forms of the second factor cannot be posted from elsewhere (OWASP ASVS 3.5): nobody is logged in by them, nothing is
//! enrolled, removed or printed, and no guess is spent.

use crate::common::{count, own_client};
use crate::cross_site::{Form, assert_only_our_own_page_may_post};
use crate::person::try_log_in;
use crate::second_factor::{
    codes_on, form_token, guarded, half_logged_in, is_logged_in, make_recovery_codes, running_sessions, traces,
};
use crate::support::{AuthenticatorApp, Browser, PASSWORD, Page, RelyingParty, TestApp};

const EMAIL: &str = "mia@example.com";

/// The form token of another browser and person.
async fn another_token(app: &TestApp) -> String {
    app.person("other@example.com").await;
    let browser = Browser::new(&app.base);
    try_log_in(&browser, "other@example.com", PASSWORD).await;
    form_token(&browser.get("/logout").await)
}

fn form_to(page: &Page, action: &str, typed: &[(&str, &str)]) -> Form {
    let (action, mut fields) = page.form_to(action);
    fields.retain(|(name, _)| typed.iter().all(|(given, _)| given != name));
    fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Form { action, fields }
}

async fn sends(browser: &Browser, form: &Form) -> Page {
    let fields: Vec<_> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(&form.action, &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_not_posted_from_elsewhere_and_none_is_spent() {
    let app = TestApp::start().await;
    let other_token = another_token(&app).await;
    let (_, phone, owner) = guarded(&app, EMAIL).await;
    let codes = make_recovery_codes(&owner).await;
    app.advance(60);
    let before = running_sessions(&app).await;
    let code = phone.code(app.clock_now(), 0);
    let (half, page) = half_logged_in(&app, EMAIL).await;
    let by_app = form_to(&page, "/mfa/totp", &[("code", &code)]);
    assert_only_our_own_page_may_post(&app, &half, &by_app, &other_token).await;
    let (second, _) = half_logged_in(&app, EMAIL).await;
    let by_recovery = form_to(&second.get("/mfa/recovery").await, "/mfa/recovery", &[("code", &codes[0])]);
    assert_only_our_own_page_may_post(&app, &second, &by_recovery, &other_token).await;
    let confirm = form_to(&owner.get("/mfa/totp?next=security").await, "/mfa/totp", &[("code", &code)]);
    assert_only_our_own_page_may_post(&app, &owner, &confirm, &other_token).await;
    assert_eq!(running_sessions(&app).await, before);
    assert_eq!(count(&app, "SELECT COUNT(*) FROM recovery_codes WHERE used_at IS NOT NULL").await, 0);
    // From our own pages the very same codes count: not one guess of the five was spent on the way.
    assert_eq!(sends(&half, &by_app).await.path(), "/account");
    assert_eq!(sends(&second, &by_recovery).await.path(), "/account");
    assert!(is_logged_in(&half).await && is_logged_in(&second).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_enrolled_printed_or_removed_from_elsewhere() {
    let app = TestApp::start().await;
    let other_token = another_token(&app).await;
    let person = app.person(EMAIL).await;
    let owner = Browser::new(&app.base);
    try_log_in(&owner, EMAIL, PASSWORD).await;
    let again = form_to(&owner.get("/mfa/password?next=totp").await, "/mfa/password", &[("password", PASSWORD)]);
    assert_only_our_own_page_may_post(&app, &owner, &again, &other_token).await;

    let before = traces(&app).await;
    let page = owner.get("/account/security/totp").await;
    let phone = AuthenticatorApp::scan(&page);
    let adding = form_to(&page, "/account/security/totp", &[("code", &phone.code(app.clock_now(), 0))]);
    assert_only_our_own_page_may_post(&app, &owner, &adding, &other_token).await;
    assert_eq!(traces(&app).await, before);
    let codes = sends(&owner, &adding).await;
    assert_eq!(codes.path(), "/account/security/recovery-codes", "{}", codes.text());

    let printing = form_to(&codes, "/account/security/recovery-codes", &[]);
    assert_only_our_own_page_may_post(&app, &owner, &printing, &other_token).await;
    assert_eq!(count(&app, "SELECT COUNT(*) FROM recovery_codes").await, 0);
    let shown = sends(&owner, &printing).await;
    assert_eq!(codes_on(&shown).len(), 10);
    let file = form_to(&shown, "/account/security/recovery-codes/download", &[]);
    assert_only_our_own_page_may_post(&app, &owner, &file, &other_token).await;
    assert!(sends(&owner, &file).await.header("content-disposition").starts_with("attachment"));

    let made = app.karat.store.authenticators_of(person.id).await.unwrap();
    let page = owner.get(&format!("/account/security/factor?id={}", made[0].id)).await;
    let renaming = form_to(&page, "/account/security/factor/rename", &[("name", "Forged")]);
    assert_only_our_own_page_may_post(&app, &owner, &renaming, &other_token).await;
    let removing = form_to(&page, "/account/security/factor/remove", &[]);
    assert_only_our_own_page_may_post(&app, &owner, &removing, &other_token).await;
    assert_eq!(app.karat.store.authenticators_of(person.id).await.unwrap(), made);
    sends(&owner, &removing).await;
    assert!(app.karat.store.authenticators_of(person.id).await.unwrap().is_empty());
}

/// To decline for somebody is to have an app answered with an error, or with less.
#[tokio::test(flavor = "multi_thread")]
async fn enrolment_is_not_declined_from_elsewhere() {
    let app = TestApp::start().await;
    let other_token = another_token(&app).await;
    app.person(EMAIL).await;
    let rp = RelyingParty::register(&app, own_client("wallet")).await;
    let browser = Browser::new(&app.base);
    try_log_in(&browser, EMAIL, PASSWORD).await;
    let page = browser.get(&rp.authorize_path(&[("acr_values", "urn:karat:acr:mfa")])).await;
    let declining = form_to(&page, "/account/security/enrol", &[]);
    assert_only_our_own_page_may_post(&app, &browser, &declining, &other_token).await;
    let again = browser.get(&format!("/authorize/{}", page.param("interaction").unwrap())).await;
    assert_eq!(again.path(), "/account/security/enrol");
    let declined = sends(&browser, &declining).await;
    assert_eq!(declined.param("error").as_deref(), Some("unmet_authentication_requirements"), "{}", declined.url);
}
