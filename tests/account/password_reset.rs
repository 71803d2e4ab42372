//! A forgotten password.

use crate::person::{can_log_in, is_logged_in, logged_in, send};
use crate::support::app::web_client;
use crate::support::mails::{link_in, mail_with, mails_to, newest_to};
use crate::support::{Backends, Browser, PASSWORD, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";
const NEW: &str = "turbid lantern 9 pigeon";

async fn asked(app: &TestApp) -> String {
    send(&Browser::new(&app.base), "/password/forgotten", &[("email", ADA)]).await;
    link_in(app, &mail_with(app, ADA, "/password/reset").await, "/password/reset?token=")
}

async fn a_forgotten_password_is_reset_by_mail_and_ends_everything_that_stood_on_it(backends: Backends) {
    let app = TestApp::on(backends).await;
    let person = app.person(ADA).await;
    let mut client = web_client("trading");
    client.logout.keep_offline_access = true;
    let rp = RelyingParty::register(&app, client).await;
    let intruder = Browser::new(&app.base);
    let tokens = rp.tokens_in(&intruder, &person, "openid offline_access").await;
    let link = asked(&app).await;

    for _ in 0..3 {
        assert_eq!(Browser::new(&app.base).get(&link).await.status, 200, "looking does not use it up");
    }
    app.advance(1);
    let owner = Browser::new(&app.base);
    let done = send(&owner, &link, &[("new_password", NEW)]).await;
    assert_eq!(done.path(), "/password/done", "{}", done.text());
    assert!(!is_logged_in(&owner).await, "a reset never logs in");
    assert!(!is_logged_in(&intruder).await);
    assert_eq!(rp.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
    assert!(!rp.is_active(tokens.text("access_token")).await);
    assert!(can_log_in(&app, ADA, NEW).await);
    assert!(!can_log_in(&app, ADA, PASSWORD).await);
    let subjects: Vec<String> = mails_to(&app, ADA).await.into_iter().map(|mail| mail.subject).collect();
    assert!(subjects.iter().any(|subject| subject.contains("changed")), "{subjects:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_reset_by_mail_and_ends_everything_that_stood_on_it_on_sqlite_and_memory() {
    a_forgotten_password_is_reset_by_mail_and_ends_everything_that_stood_on_it(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_reset_by_mail_and_ends_everything_that_stood_on_it_on_postgres_and_redis() {
    a_forgotten_password_is_reset_by_mail_and_ends_everything_that_stood_on_it(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_link_works_once_even_when_used_twice_at_once() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let link = asked(&app).await;
    let (one, other) = (Browser::new(&app.base), Browser::new(&app.base));
    let (first, second) = (one.get(&link).await, other.get(&link).await);
    let (first_fields, second_fields) = ([("new_password", NEW)], [("new_password", "nine wet pigeons, a lantern")]);
    let (a, b) = tokio::join!(one.submit(&first, &first_fields), other.submit(&second, &second_fields));
    let paths = [a.path(), b.path()];
    assert_eq!(paths.iter().filter(|path| **path == "/password/done").count(), 1, "{paths:?}");
    let again = one.submit(&first, &[("new_password", "a third one: marmoset tin")]).await;
    assert_eq!(again.status, 400);
    assert!(!can_log_in(&app, ADA, "a third one: marmoset tin").await);
    let logins = [can_log_in(&app, ADA, NEW).await, can_log_in(&app, ADA, "nine wet pigeons, a lantern").await];
    assert_eq!(logins.iter().filter(|can| **can).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_mailed_token_the_last_step_does_nothing() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let link = asked(&app).await;
    let browser = Browser::new(&app.base);
    let form = browser.get(&link).await;
    let forged = "A".repeat(43);
    for token in ["", "x", forged.as_str()] {
        let page = browser.submit(&form, &[("token", token), ("new_password", NEW)]).await;
        assert_eq!(page.status, 400, "{token}");
    }
    assert!(!can_log_in(&app, ADA, NEW).await);
    let done = browser.submit(&form, &[("new_password", NEW)]).await;
    assert_eq!(done.path(), "/password/done", "the real one works");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_for_something_else_resets_nothing() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    send(&browser, "/account/email", &[("new_email", "new@example.com"), ("current_password", PASSWORD)]).await;
    let mail = newest_to(&app, "new@example.com").await;
    let other = link_in(&app, &mail, "/account/email/confirm?token=");
    let other = other.split_once("token=").unwrap().1;
    let reset = asked(&app).await;
    let form = browser.get(&reset).await;
    assert_eq!(browser.submit(&form, &[("token", other), ("new_password", NEW)]).await.status, 400);
    assert_eq!(browser.get(&format!("/register/confirm?token={other}")).await.status, 400);
    let reset_token = reset.split_once("token=").unwrap().1;
    assert_eq!(browser.get(&format!("/account/email/confirm?token={reset_token}")).await.status, 400);
    assert!(can_log_in(&app, ADA, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_mail_is_dead_once_a_newer_one_was_sent() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let older = asked(&app).await;
    app.advance(1);
    let newer = asked(&app).await;
    let browser = Browser::new(&app.base);
    assert_eq!(browser.get(&older).await.status, 400);
    assert_eq!(send(&browser, &newer, &[("new_password", NEW)]).await.path(), "/password/done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_link_expires() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let link = asked(&app).await;
    let browser = Browser::new(&app.base);
    let form = browser.get(&link).await;
    app.advance(app.config.password_reset.lifetime.0);
    assert_eq!(browser.get(&link).await.status, 400);
    assert_eq!(browser.submit(&form, &[("new_password", NEW)]).await.status, 400);
    assert!(can_log_in(&app, ADA, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_password_leaves_the_link_usable() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let link = asked(&app).await;
    let browser = Browser::new(&app.base);
    let form = browser.get(&link).await;
    let page = browser.submit(&form, &[("new_password", "password")]).await;
    assert!(page.text().contains("among those tried first"), "{}", page.text());
    assert_eq!(browser.submit(&page, &[("new_password", NEW)]).await.path(), "/password/done");
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_an_unknown_address_looks_the_same_and_sends_nothing() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let mut seen = Vec::new();
    for email in [ADA, "nobody@example.com"] {
        let browser = Browser::new(&app.base);
        let page = send(&browser, "/password/forgotten", &[("email", email)]).await;
        let text = page.text().replace(email, "the address");
        seen.push((page.status, page.headers.keys().cloned().collect::<Vec<_>>(), text, page.body.len() - email.len()));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(mails_to(&app, ADA).await.len(), 1);
    assert!(mails_to(&app, "nobody@example.com").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_is_limited_alike_for_known_and_unknown_addresses() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[throttle]\nmails_per_recipient = \"2 per 1h\"\n").await;
    app.person(ADA).await;
    for email in [ADA, "nobody@example.com"] {
        let browser = Browser::new(&app.base);
        for _ in 0..2 {
            let page = send(&browser, "/password/forgotten", &[("email", email)]).await;
            assert!(page.text().contains("Check your mail") || page.text().contains(email), "{}", page.text());
        }
        let page = send(&browser, "/password/forgotten", &[("email", email)]).await;
        assert!(page.text().contains("Too many attempts"), "{}", page.text());
    }
    assert_eq!(mails_to(&app, ADA).await.len(), 2);
}

/// docs/attacks.md, 79: who is kept out by a stranger's guesses gets in again by the mailbox.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_reset_the_browser_at_hand_is_not_held_up_by_a_strangers_guesses() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[throttle]\nguesses_per_account = \"3 per 15m\"\n").await;
    app.person(ADA).await;
    for _ in 0..4 {
        can_log_in(&app, ADA, "guessing wildly 7").await;
    }
    assert!(!can_log_in(&app, ADA, PASSWORD).await, "a browser the account does not know waits");
    let link = asked(&app).await;
    let browser = Browser::new(&app.base);
    send(&browser, &link, &[("new_password", NEW)]).await;
    crate::person::log_in(&browser, ADA, NEW).await;
    assert!(is_logged_in(&browser).await);
}

/// docs/attacks.md, 73: links come from the configuration.
#[tokio::test(flavor = "multi_thread")]
async fn links_in_mails_do_not_follow_the_host_of_the_request() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = Browser::new(&app.base);
    let form = browser.get("/password/forgotten").await;
    let (_, hidden) = form.form_to("/password/forgotten");
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    fields.push(("email", ADA));
    let hosts = [("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example;proto=https")];
    for (name, value) in hosts {
        let request = browser
            .request(reqwest::Method::POST, "/password/forgotten")
            .header("sec-fetch-site", "same-origin")
            .header("origin", &app.base)
            .header(name, value)
            .form(&fields);
        assert_eq!(browser.send(request).await.status, 200);
    }
    let misdirected = browser
        .request(reqwest::Method::POST, "/password/forgotten")
        .header("sec-fetch-site", "same-origin")
        .header("host", "evil.example")
        .form(&fields);
    assert_eq!(browser.send(misdirected).await.status, 421);
    let mails = mails_to(&app, ADA).await;
    assert_eq!(mails.len(), 2);
    for mail in mails {
        link_in(&app, &mail, "/password/reset?token=");
        assert!(!mail.text.contains("evil.example") && !mail.html.contains("evil.example"));
    }
}
