//! Changing the e-mail address.

use crate::person::{can_log_in, is_logged_in, logged_in, press, send};
use crate::support::mails::{code_in, link_in, mail_with, mails_to, newest_to};
use crate::support::{Browser, PASSWORD, Page, TestApp};

const ADA: &str = "ada@example.com";
const NEW: &str = "ada.new@example.com";

async fn ask(browser: &Browser, new_email: &str) -> Page {
    send(browser, "/account/email", &[("new_email", new_email), ("current_password", PASSWORD)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_address_is_proven_by_code_and_the_old_one_is_told_twice() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let (browser, elsewhere) = (logged_in(&app, ADA).await, logged_in(&app, ADA).await);
    let pending = ask(&browser, NEW).await;
    assert!(pending.text().contains(NEW), "{}", pending.text());
    assert!(can_log_in(&app, ADA, PASSWORD).await, "nothing changes before the proof");
    let notice = mail_with(&app, ADA, "a•••@example.com").await;
    assert!(!notice.text.contains(NEW), "{}", notice.text);

    app.advance(60);
    let code = code_in(&newest_to(&app, NEW).await);
    let done = press(&browser, &pending, "/account/email/code", &[("code", &code)]).await;
    assert_eq!(done.path(), "/account/email/done", "{}", done.text());
    assert!(can_log_in(&app, NEW, PASSWORD).await);
    assert!(!can_log_in(&app, ADA, PASSWORD).await);
    assert!(is_logged_in(&browser).await);
    assert!(!is_logged_in(&elsewhere).await, "other sessions end");
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    assert_eq!((user.email.as_str(), user.email_verified_at), (NEW, Some(app.clock_now())));
    assert_eq!(mails_to(&app, ADA).await.iter().filter(|mail| mail.text.contains("a•••@")).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_counts_for_the_same_person_logged_in_and_on_the_button_only() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    app.person("eve@example.com").await;
    let browser = logged_in(&app, ADA).await;
    ask(&browser, NEW).await;
    let link = link_in(&app, &newest_to(&app, NEW).await, "/account/email/confirm?token=");
    assert_eq!(Browser::new(&app.base).get(&link).await.path(), "/login", "nobody in particular");
    let eve = logged_in(&app, "eve@example.com").await;
    assert_eq!(eve.get(&link).await.status, 400, "somebody else");
    assert!(!can_log_in(&app, NEW, PASSWORD).await, "looking changes nothing");
    let page = browser.get(&link).await;
    assert!(page.text().contains(NEW));
    let done = browser.submit(&page, &[]).await;
    assert_eq!(done.path(), "/account/email/done", "{}", done.text());
    assert_eq!(browser.submit(&page, &[]).await.status, 400, "once");
    assert!(can_log_in(&app, NEW, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_current_password_is_asked_first() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    for (password, reason) in [("", "Enter your password"), ("wrong lantern 7", "This is not your current password")] {
        let fields = [("new_email", NEW), ("current_password", password)];
        let page = send(&browser, "/account/email", &fields).await;
        assert!(page.text().contains(reason), "{}", page.text());
    }
    assert!(mails_to(&app, NEW).await.is_empty());
    assert!(mails_to(&app, ADA).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_somebody_else_looks_the_same_and_is_never_taken_over() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    app.person("taken@example.com").await;
    let mut seen = Vec::new();
    for email in ["taken@example.com", "fresh@example.com"] {
        let browser = logged_in(&app, ADA).await;
        let page = ask(&browser, email).await;
        seen.push((page.status, page.text().replace(email, "the address")));
        let wrong = press(&browser, &page, "/account/email/code", &[("code", "000000")]).await;
        seen.push((wrong.status, wrong.text().replace(email, "the address")));
        press(&browser, &wrong, "/account/email/cancel", &[]).await;
    }
    assert_eq!(seen[0], seen[2]);
    assert_eq!(seen[1], seen[3]);
    let mail = newest_to(&app, "taken@example.com").await;
    assert!(!mail.text.contains("/account/email/confirm"), "{}", mail.text);
    assert!(mail.subject.contains("in use") && !mail.text.contains("create"), "{}", mail.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_became_somebodys_meanwhile_is_not_taken_over() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let pending = ask(&browser, NEW).await;
    let code = code_in(&newest_to(&app, NEW).await);
    let owner = app.person(NEW).await;
    assert_eq!(press(&browser, &pending, "/account/email/code", &[("code", &code)]).await.status, 400);
    let found = app.karat.store.user_by_email(&NEW.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(found.user.id, owner.id);
    assert!(can_log_in(&app, ADA, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_exhaust_the_change() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let mut page = ask(&browser, NEW).await;
    let code = code_in(&newest_to(&app, NEW).await);
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    for _ in 0..5 {
        page = press(&browser, &page, "/account/email/code", &[("code", &wrong)]).await;
        assert!(page.text().contains("This code is not right"), "{}", page.text());
    }
    page = press(&browser, &page, "/account/email/code", &[("code", &code)]).await;
    assert!(page.text().contains("Too many wrong codes"), "{}", page.text());
    assert!(can_log_in(&app, ADA, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_or_replaced_change_is_dead() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let pending = ask(&browser, NEW).await;
    let cancelled = link_in(&app, &newest_to(&app, NEW).await, "/account/email/confirm?token=");
    let page = press(&browser, &pending, "/account/email/cancel", &[]).await;
    assert!(page.text().contains("stays as it is"), "{}", page.text());
    assert_eq!(browser.get(&cancelled).await.status, 400);
    ask(&browser, "typo@example.com").await;
    let older = link_in(&app, &newest_to(&app, "typo@example.com").await, "/account/email/confirm?token=");
    press(&browser, &browser.get("/account/email").await, "/account/email/cancel", &[]).await;
    ask(&browser, "right@example.com").await;
    assert_eq!(browser.get(&older).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_own_address_is_no_new_one() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let page = ask(&browser, "ADA@example.com").await;
    assert!(page.text().contains("This is already your address"), "{}", page.text());
    let page = ask(&browser, "not an address").await;
    assert!(page.text().contains("Enter an e-mail address such as"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_address_kills_the_reset_that_was_mailed_to_the_old_one() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    send(&Browser::new(&app.base), "/password/forgotten", &[("email", ADA)]).await;
    let reset = link_in(&app, &newest_to(&app, ADA).await, "/password/reset?token=");
    let browser = logged_in(&app, ADA).await;
    let pending = ask(&browser, NEW).await;
    let code = code_in(&newest_to(&app, NEW).await);
    press(&browser, &pending, "/account/email/code", &[("code", &code)]).await;
    assert_eq!(Browser::new(&app.base).get(&reset).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_is_sent_again_replaces_the_earlier_one() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let pending = ask(&browser, NEW).await;
    let link = |mail| link_in(&app, &mail, "/account/email/confirm?token=");
    let older = link(newest_to(&app, NEW).await);
    app.advance(60);
    let page = press(&browser, &pending, "/account/email/resend", &[]).await;
    assert!(page.text().contains("A new message is on its way"), "{}", page.text());
    let newer = newest_to(&app, NEW).await;
    assert_ne!(older, link(newer.clone()));
    assert_eq!(browser.get(&older).await.status, 400);
    let done = press(&browser, &page, "/account/email/code", &[("code", &code_in(&newer))]).await;
    assert_eq!(done.path(), "/account/email/done", "{}", done.text());
    let page = press(&browser, &pending, "/account/email/resend", &[]).await;
    assert_eq!((page.status.as_u16(), page.path()), (200, "/account/email"), "nothing waits any more");
}
