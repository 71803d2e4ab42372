//! Proving the mailbox: by code in the browser that registered, by link anywhere with the chosen password.

use crate::person::{can_log_in, confirm_link, is_logged_in, log_in, register, registered};
use crate::support::mails::{code_in, newest_to};
use crate::support::{Browser, PASSWORD, Page, TestApp};

const ADA: &str = "ada@example.com";

async fn registering(app: &TestApp) -> (Browser, Page) {
    let browser = Browser::new(&app.base);
    let verify = register(&browser, ADA, PASSWORD).await;
    assert_eq!(verify.path(), "/register/verify", "{}", verify.text());
    (browser, verify)
}

fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_the_link_changes_nothing_and_the_button_does() {
    let app = TestApp::start().await;
    let (browser, _) = registering(&app).await;
    let link = confirm_link(&app, ADA).await;
    for _ in 0..3 {
        let scanner = Browser::new(&app.base);
        assert_eq!(scanner.get(&link).await.status, 200);
    }
    assert!(!can_log_in(&app, ADA, PASSWORD).await);
    let page = browser.get(&link).await;
    assert!(!page.body.contains("type=\"password\""), "the registering browser is not asked for the password");
    let done = browser.submit(&page, &[]).await;
    assert_eq!(done.path(), "/register/done", "{}", done.text());
    assert!(!is_logged_in(&browser).await, "verifying never logs in");
    log_in(&browser, ADA, PASSWORD).await;
    assert!(is_logged_in(&browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_works_once() {
    let app = TestApp::start().await;
    let (browser, verify) = registering(&app).await;
    let (link, code) = (confirm_link(&app, ADA).await, code_in(&newest_to(&app, ADA).await));
    let page = browser.get(&link).await;
    browser.submit(&page, &[]).await;
    let again = browser.submit(&page, &[]).await;
    assert_eq!(again.status, 400);
    assert!(again.text().contains("does not work any more"), "{}", again.text());
    assert_eq!(browser.get(&link).await.status, 400);
    assert_eq!(browser.submit(&verify, &[("code", &code)]).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_another_browser_the_link_asks_for_the_password_that_was_chosen() {
    let app = TestApp::start().await;
    registering(&app).await;
    let phone = Browser::new(&app.base);
    let page = phone.get(&confirm_link(&app, ADA).await).await;
    assert!(page.body.contains("type=\"password\""), "{}", page.text());
    for guess in ["", "not the chosen one 7", &"x".repeat(5_000)] {
        let refused = phone.submit(&page, &[("password", guess)]).await;
        assert_ne!(refused.path(), "/register/done", "{guess}");
    }
    let done = phone.submit(&page, &[("password", PASSWORD)]).await;
    assert_eq!(done.path(), "/register/done", "{}", done.text());
    assert!(can_log_in(&app, ADA, PASSWORD).await);
}

/// docs/attacks.md, 75: a stranger registers the victim's address with a password of the stranger's.
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_cannot_make_the_owner_of_a_mailbox_bring_the_strangers_account_to_life() {
    let app = TestApp::start().await;
    let stranger = Browser::new(&app.base);
    register(&stranger, ADA, "the strangers own 7 pigeons").await;
    let planted = confirm_link(&app, ADA).await;
    let planted_code = code_in(&newest_to(&app, ADA).await);

    // The owner clicks: without the stranger's password nothing comes of it.
    let owner = Browser::new(&app.base);
    let page = owner.get(&planted).await;
    assert_ne!(owner.submit(&page, &[("password", PASSWORD)]).await.path(), "/register/done");

    // The owner registers, and the stranger's registration does not get in the way.
    app.advance(1);
    let verify = register(&owner, ADA, PASSWORD).await;
    let stray = owner.submit(&verify, &[("code", &planted_code)]).await;
    assert_ne!(stray.path(), "/register/done", "a code belongs to the registration it was mailed for");
    let code = code_in(&newest_to(&app, ADA).await);
    assert_eq!(owner.submit(&verify, &[("code", &code)]).await.path(), "/register/done");
    assert!(can_log_in(&app, ADA, PASSWORD).await);
    assert!(!can_log_in(&app, ADA, "the strangers own 7 pigeons").await);

    // Who proved the mailbox ended every other registration of it.
    assert_eq!(stranger.get(&planted).await.status, 400);
    assert_eq!(stranger.get("/register/verify").await.path(), "/login");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_of_no_use_in_another_browser() {
    let app = TestApp::start().await;
    registering(&app).await;
    let code = code_in(&newest_to(&app, ADA).await);
    let other = Browser::new(&app.base);
    assert_eq!(other.get("/register/verify").await.path(), "/register");
    let verify = register(&other, "somebody-else@example.com", PASSWORD).await;
    assert_ne!(other.submit(&verify, &[("code", &code)]).await.path(), "/register/done");
    assert!(!can_log_in(&app, ADA, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_exhaust_the_code_until_a_new_one_is_sent() {
    let app = TestApp::start().await;
    let (browser, verify) = registering(&app).await;
    let code = code_in(&newest_to(&app, ADA).await);
    for _ in 0..5 {
        let page = browser.submit(&verify, &[("code", &wrong(&code))]).await;
        assert!(page.text().contains("This code is not right"), "{}", page.text());
    }
    let page = browser.submit(&verify, &[("code", &code)]).await;
    assert!(page.text().contains("Too many wrong codes"), "the right one comes too late: {}", page.text());
    app.advance(1);
    let (resend, hidden) = verify.form_to("/register/verify/resend");
    let hidden: Vec<_> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let page = browser.post(&resend, &hidden).await;
    assert!(page.text().contains("A new message is on its way"), "{}", page.text());
    let page = browser.submit(&page, &[("code", &code)]).await;
    assert!(page.text().contains("This code is not right"), "the new code kills the old: {}", page.text());
    let newer = code_in(&newest_to(&app, ADA).await);
    assert_eq!(browser.submit(&page, &[("code", &newer)]).await.path(), "/register/done");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_code_costs_no_try() {
    let app = TestApp::start().await;
    let (browser, verify) = registering(&app).await;
    for typed in ["", "12345", "abcdef", "1234567"] {
        for _ in 0..3 {
            browser.submit(&verify, &[("code", typed)]).await;
        }
    }
    let code = code_in(&newest_to(&app, ADA).await);
    let spaced = format!(" {} {}", &code[..3], &code[3..]);
    assert_eq!(browser.submit(&verify, &[("code", &spaced)]).await.path(), "/register/done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resent_link_kills_the_older_one() {
    let app = TestApp::start().await;
    let (browser, verify) = registering(&app).await;
    let older = confirm_link(&app, ADA).await;
    app.advance(1);
    let (resend, hidden) = verify.form_to("/register/verify/resend");
    let hidden: Vec<_> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(&resend, &hidden).await;
    assert_eq!(browser.get(&older).await.status, 400);
    let newer = confirm_link(&app, ADA).await;
    let page = browser.get(&newer).await;
    assert_eq!(browser.submit(&page, &[]).await.path(), "/register/done");
}

#[tokio::test(flavor = "multi_thread")]
async fn link_and_code_expire() {
    let app = TestApp::start().await;
    let (browser, verify) = registering(&app).await;
    let (link, code) = (confirm_link(&app, ADA).await, code_in(&newest_to(&app, ADA).await));
    app.advance(app.config.registration.verification_lifetime.0 - 1);
    assert_eq!(browser.get(&link).await.status, 200);
    app.advance(1);
    assert_eq!(browser.get(&link).await.status, 400);
    assert_eq!(browser.submit(&verify, &[("code", &code)]).await.path(), "/login");
    assert!(!can_log_in(&app, ADA, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_registrations_proven_at_once_one_becomes_the_account() {
    let app = TestApp::start().await;
    let mut ready = Vec::new();
    for password in [PASSWORD, "turbid lantern 9 pigeon"] {
        let browser = Browser::new(&app.base);
        let verify = register(&browser, ADA, password).await;
        let code = code_in(&newest_to(&app, ADA).await);
        ready.push((browser, verify, code));
        app.advance(1);
    }
    let [(one, first, a), (other, second, b)] = &ready[..] else { unreachable!() };
    let (first_fields, second_fields) = ([("code", a.as_str())], [("code", b.as_str())]);
    let (first, second) = tokio::join!(one.submit(first, &first_fields), other.submit(second, &second_fields));
    let paths = [first.path(), second.path()];
    assert_eq!(paths.iter().filter(|path| **path == "/register/done").count(), 1, "{paths:?}");
    let logins = [can_log_in(&app, ADA, PASSWORD).await, can_log_in(&app, ADA, "turbid lantern 9 pigeon").await];
    assert_eq!(logins.iter().filter(|can| **can).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_became_somebodys_meanwhile_is_not_taken_over() {
    let app = TestApp::start().await;
    let (browser, verify) = registering(&app).await;
    let code = code_in(&newest_to(&app, ADA).await);
    let owner = app.person(ADA).await;
    assert_eq!(browser.submit(&verify, &[("code", &code)]).await.path(), "/login");
    let found = app.karat.store.user_by_email(&ADA.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(found.user.id, owner.id);
    assert!(can_log_in(&app, ADA, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_proof_the_same_person_can_register_nothing_more() {
    let app = TestApp::start().await;
    let browser = Browser::new(&app.base);
    registered(&app, &browser, ADA).await;
    assert_eq!(browser.get("/register/verify").await.path(), "/register", "the cookie is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_proved_the_address_elsewhere_is_led_to_the_log_in() {
    let app = TestApp::start().await;
    let (browser, verify) = registering(&app).await;
    let phone = Browser::new(&app.base);
    let page = phone.get(&confirm_link(&app, ADA).await).await;
    assert_eq!(phone.submit(&page, &[("password", PASSWORD)]).await.path(), "/register/done");
    let typed = browser.submit(&verify, &[("code", "000000")]).await;
    assert_eq!((typed.status.as_u16(), typed.path()), (200, "/login"), "{}", typed.text());
    assert!(typed.text().contains("This registration is finished or has expired"), "{}", typed.text());
    assert!(!browser.get("/login").await.text().contains("This registration is finished"), "it is said once");
    let (again, _) = registering(&app).await;
    app.advance(25 * 3600);
    let reloaded = again.get("/register/verify").await;
    assert!(["/login", "/register"].contains(&reloaded.path()), "{}: {}", reloaded.url, reloaded.text());
}
