//! The forms of one's account cannot be posted from elsewhere, and what could take the account away asks for the password
//! first (OWASP ASVS 3.5, 7.5.1).

use crate::common::{count, logged_in, own_client};
use crate::cross_site::{Form, assert_only_our_own_page_may_post};
use crate::passkeys::{self, ENROL, LOGIN, PROOF, holder, is_in};
use crate::person::{ask_for_reset, can_log_in, register};
use crate::support::authenticator::SoftPasskey;
use crate::support::mails::mails_to;
use crate::support::{Browser, PASSWORD, Page, Person, RelyingParty, TestApp};

type Fields<'a> = &'a [(&'a str, &'a str)];

const EMAIL: &str = "mia@example.com";

struct Stage<'a> {
    app: &'a TestApp,
    browser: Browser,
    /// The form token of another browser and person.
    other_token: String,
}

async fn stage(app: &TestApp) -> (Stage<'_>, RelyingParty<'_>, Person) {
    let (person, other) = (app.person(EMAIL).await, app.person("other@example.com").await);
    let rp = RelyingParty::register(app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    let page = logged_in(&rp, &other).await.get("/logout").await;
    let other_token = page.form().1.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
    (Stage { app, browser, other_token }, rp, person)
}

impl Stage<'_> {
    async fn refuses(&self, page: &Page, action: &str, typed: &[(&str, &str)]) -> Form {
        let (action, mut fields) = page.form_to(action);
        fields.retain(|(name, _)| typed.iter().all(|(given, _)| given != name));
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let form = Form { action, fields };
        assert_only_our_own_page_may_post(self.app, &self.browser, &form, &self.other_token).await;
        form
    }

    async fn sends(&self, form: &Form) -> Page {
        let fields: Vec<_> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.browser.post(&form.action, &fields).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_and_the_address_are_not_changed_from_elsewhere() {
    const NEW: &str = "umbrella 7 quiet harbour";
    let app = TestApp::start().await;
    let (stage, ..) = stage(&app).await;
    let page = stage.browser.get("/account/email").await;
    let typed = [("new_email", "new@example.com"), ("current_password", PASSWORD)];
    let form = stage.refuses(&page, "/account/email", &typed).await;
    assert!(mails_to(&app, "new@example.com").await.is_empty());
    stage.sends(&form).await;
    assert_eq!(mails_to(&app, "new@example.com").await.len(), 1);
    let pending = stage.browser.get("/account/email").await;
    let form = stage.refuses(&pending, "/account/email/cancel", &[]).await;
    assert!(stage.browser.get("/account/email").await.text().contains("new@example.com"), "still waiting");
    stage.sends(&form).await;
    assert!(!stage.browser.get("/account/email").await.text().contains("new@example.com"));

    let page = stage.browser.get("/account/password").await;
    let form =
        stage.refuses(&page, "/account/password", &[("current_password", PASSWORD), ("new_password", NEW)]).await;
    assert!(can_log_in(&app, EMAIL, PASSWORD).await);
    stage.sends(&form).await;
    assert!(can_log_in(&app, EMAIL, NEW).await && !can_log_in(&app, EMAIL, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_apps_are_not_ended_from_elsewhere() {
    let app = TestApp::start().await;
    let (stage, rp, person) = stage(&app).await;
    let elsewhere = logged_in(&rp, &person).await;
    let tokens = rp.tokens_in(&elsewhere, &person, "openid offline_access").await;
    let running = async || count(&app, "SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL").await;
    let before = running().await;
    let page = stage.browser.get("/account/sessions").await;
    let others = stage.refuses(&page, "/account/sessions/end-others", &[]).await;
    stage.refuses(&page, "/account/sessions/end", &[]).await;
    let apps = stage.browser.get("/account/apps").await;
    let withdraw = stage.refuses(&apps, "/account/apps/withdraw", &[]).await;
    assert_eq!(running().await, before);
    assert!(rp.is_active(tokens.text("access_token")).await);
    stage.sends(&withdraw).await;
    assert!(!rp.is_active(tokens.text("access_token")).await);
    stage.sends(&others).await;
    assert_eq!(running().await, before - 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_profile_is_not_changed_and_the_account_not_deleted_from_elsewhere() {
    let app = TestApp::start().await;
    let (stage, _, person) = stage(&app).await;
    let profile = stage.browser.get("/account/profile").await;
    let form = stage.refuses(&profile, "/account/profile", &[("name", "Forged"), ("locale", "es")]).await;
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    assert_eq!(user.profile.name.as_deref(), Some("Erika Mustermann"));
    stage.sends(&form).await;
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    assert_eq!(user.profile.name.as_deref(), Some("Forged"), "the twin: our own page may");

    let page = stage.browser.get("/account/delete").await;
    let form = stage.refuses(&page, "/account/delete", &[("password", PASSWORD), ("confirm", "yes")]).await;
    assert!(app.karat.store.user(person.id).await.unwrap().is_some());
    stage.sends(&form).await;
    assert!(app.karat.store.user(person.id).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_and_reset_are_not_posted_from_elsewhere() {
    let app = TestApp::start().await;
    app.person(EMAIL).await;
    let browser = Browser::new(&app.base);
    let other_token = "A".repeat(43);
    let page = browser.get("/register").await;
    let typed = [("email", "new@example.com"), ("password", PASSWORD), ("accept_terms", "yes")];
    assert_only_our_own_page_may_post(&app, &browser, &Form::of(&page, &typed), &other_token).await;
    let page = browser.get("/password/forgotten").await;
    assert_only_our_own_page_may_post(&app, &browser, &Form::of(&page, &[("email", EMAIL)]), &other_token).await;
    assert_eq!(count(&app, "SELECT COUNT(*) FROM outbox").await, 0, "not one mail was caused");
    register(&browser, "new@example.com", PASSWORD).await;
    ask_for_reset(&browser, EMAIL).await;
    assert_eq!((mails_to(&app, "new@example.com").await.len(), mails_to(&app, EMAIL).await.len()), (1, 1));
    let verify = browser.get("/register/verify").await;
    let (action, fields) = verify.form_to("/register/verify/resend");
    assert_only_our_own_page_may_post(&app, &browser, &Form { action, fields }, &other_token).await;
    assert_eq!(mails_to(&app, "new@example.com").await.len(), 1);
}

/// A session left open, or a stolen cookie, is not enough to take the account away.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_alone_neither_changes_password_or_address_nor_deletes_and_guesses_are_counted() {
    let app = TestApp::start().await;
    let (stage, rp, person) = stage(&app).await;
    let thief = logged_in(&rp, &person).await;
    let attempts: [(&str, Fields<'_>, &str); 3] = [
        ("/account/password", &[("new_password", "umbrella 7 quiet harbour")], "current_password"),
        ("/account/email", &[("new_email", "thief@example.com")], "current_password"),
        ("/account/delete", &[("confirm", "yes")], "password"),
    ];
    for (path, typed, field) in attempts {
        for password in ["", "wrong password 77", EMAIL] {
            let page = thief.get(path).await;
            let (action, hidden) = page.form_to(path);
            let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            fields.extend_from_slice(typed);
            fields.push((field, password));
            let refused = thief.post(&action, &fields).await;
            assert_eq!(refused.path(), path, "{}", refused.text());
        }
    }
    assert!(mails_to(&app, "thief@example.com").await.is_empty());
    assert!(can_log_in(&app, EMAIL, PASSWORD).await);
    let mut counted = false;
    for _ in 0..12 {
        let page = thief.get("/account/password").await;
        let (action, hidden) = page.form_to("/account/password");
        let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        fields.extend([("current_password", "wrong password 77"), ("new_password", "umbrella 7 quiet harbour")]);
        counted = thief.post(&action, &fields).await.text().contains("minutes");
    }
    assert!(counted, "guesses at the current password are counted like any other");
    let page = stage.browser.get("/account/password").await;
    assert_eq!(page.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_neither_added_nor_used_from_elsewhere() {
    let app = TestApp::start().await;
    let mut mia = holder(&app, EMAIL, SoftPasskey::synced()).await;
    let other = holder(&app, "other@example.com", SoftPasskey::synced()).await;
    let token = other.browser.get(ENROL).await.form_to(ENROL).1;
    let other_token = token.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
    let form = |page: &Page, action: &str, said: String| {
        let (action, mut fields) = page.form_to(action);
        fields.retain(|(name, _)| name != "credential");
        fields.push(("credential".to_owned(), said));
        Form { action, fields }
    };

    let page = mia.browser.get(ENROL).await;
    let adding = form(&page, ENROL, SoftPasskey::synced().create(&passkeys::options(&page), &app.base));
    assert_only_our_own_page_may_post(&app, &mia.browser, &adding, &other_token).await;
    assert_eq!(passkeys::passkeys(&app, &mia.person).await.len(), 1);

    let alone = Browser::new(&app.base);
    let page = alone.get("/login").await;
    let using = form(&page, LOGIN, mia.key.get(&passkeys::options(&page), &app.base));
    assert_only_our_own_page_may_post(&app, &alone, &using, &other_token).await;
    assert!(!is_in(&alone));

    let beside = Browser::new(&app.base);
    crate::person::try_log_in(&beside, EMAIL, PASSWORD).await;
    let page = beside.get(PROOF).await;
    let proving = form(&page, PROOF, mia.key.get(&passkeys::options(&page), &app.base));
    assert_only_our_own_page_may_post(&app, &beside, &proving, &other_token).await;
    assert!(!is_in(&beside));

    // From our own pages the very same answers count: nothing was spent on the way.
    for (browser, form) in [(&mia.browser, &adding), (&alone, &using), (&beside, &proving)] {
        let fields: Vec<_> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        browser.post(&form.action, &fields).await;
    }
    assert_eq!(passkeys::passkeys(&app, &mia.person).await.len(), 2);
    assert!(is_in(&alone) && is_in(&beside));
}
