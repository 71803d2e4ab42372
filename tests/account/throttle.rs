//! What is counted, for whom, and what is given back.

use std::collections::HashSet;

use karat::crypto::password::{PasswordHasher, PasswordParameters};
use karat::crypto::token::Secret;

use crate::person::{can_log_in, is_logged_in, log_in, logged_in, press, register, send};
use crate::support::mails::{code_in, mail_with, mails_to, newest_to};
use crate::support::{Backends, Browser, PASSWORD, TestApp};

const ADA: &str = "ada@example.com";

async fn limited(throttle: &str) -> TestApp {
    let app = TestApp::start_with(Backends::SqliteAndMemory, &format!("[throttle]\n{throttle}\n")).await;
    app.person(ADA).await;
    app
}

fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_is_not_held_against_who_logs_in() {
    let more =
        "workers = 1\nqueue = 1\n[throttle]\nguesses_per_account = \"2 per 15m\"\nlogins_per_account = \"2 per 15m\"\n";
    let app = TestApp::start_with(Backends::SqliteAndMemory, more).await;
    app.person(ADA).await;
    let (release, held) = std::sync::mpsc::channel::<()>();
    let (hasher, waiting) = (app.karat.passwords.clone(), app.karat.passwords.clone());
    let working = tokio::spawn(async move { hasher.estimate(move || held.recv()).await });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let queued = tokio::spawn(async move { waiting.estimate(|| ()).await });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    for _ in 0..4 {
        assert_eq!(log_in(&Browser::new(&app.base), ADA, PASSWORD).await.status, 503);
    }
    release.send(()).unwrap();
    working.await.unwrap().unwrap().unwrap();
    queued.await.unwrap().unwrap();
    assert!(can_log_in(&app, ADA, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn right_passwords_are_counted_too_and_not_given_back() {
    for limit in ["logins_per_account", "logins_per_address"] {
        let app = limited(&format!("{limit} = \"3 per 15m\"")).await;
        for _ in 0..3 {
            assert!(can_log_in(&app, ADA, PASSWORD).await);
        }
        let page = log_in(&Browser::new(&app.base), ADA, PASSWORD).await;
        assert!(page.text().contains("Too many attempts"), "{limit}: {}", page.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_of_new_devices_fill_no_mailbox_and_keep_nobody_out() {
    let app = limited("mails_per_recipient = \"2 per 1h\"").await;
    for _ in 0..5 {
        assert!(can_log_in(&app, ADA, PASSWORD).await);
    }
    assert_eq!(mails_to(&app, ADA).await.len(), 2);
    send(&Browser::new(&app.base), "/password/forgotten", &[("email", ADA)]).await;
    mail_with(&app, ADA, "/password/reset").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_register_a_mailbox_do_not_keep_its_owner_from_a_reset() {
    let app = limited("mails_per_recipient = \"2 per 1h\"").await;
    for _ in 0..3 {
        register(&Browser::new(&app.base), ADA, PASSWORD).await;
    }
    send(&Browser::new(&app.base), "/password/forgotten", &[("email", ADA)]).await;
    mail_with(&app, ADA, "/password/reset").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_password_is_enough_when_there_is_no_room_to_hash_it_anew() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "workers = 1\nqueue = 1\n").await;
    let person = app.person(ADA).await;
    let older = PasswordParameters { memory_kib: 8_192, iterations: 9, parallelism: 1, workers: 1, queue: 1 };
    let hash = PasswordHasher::new(older).unwrap().hash(&Secret::new(PASSWORD)).await.unwrap();
    let mut change = app.karat.store.begin().await.unwrap();
    change.set_password(person.id, &hash, app.clock_now()).await.unwrap();
    change.commit().await.unwrap();
    // Two at once fill worker and queue: neither may fail for want of a third place.
    let (one, two) = (Browser::new(&app.base), Browser::new(&app.base));
    tokio::join!(log_in(&one, ADA, PASSWORD), log_in(&two, ADA, PASSWORD));
    assert!(is_logged_in(&one).await && is_logged_in(&two).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_used_longest_ago_ends_when_there_are_more_than_a_hundred() {
    let app = limited("logins_per_account = \"1000 per 15m\"\nlogins_per_address = \"1000 per 15m\"").await;
    let first = logged_in(&app, ADA).await;
    app.advance(1);
    let second = logged_in(&app, ADA).await;
    app.advance(1);
    for _ in 0..99 {
        log_in(&Browser::new(&app.base), ADA, PASSWORD).await;
    }
    assert!(!is_logged_in(&first).await);
    assert!(is_logged_in(&second).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_mails_do_not_make_more_guesses_at_codes() {
    let app = limited("codes_per_recipient = \"4 per 24h\"\nmails_per_recipient = \"100 per 1h\"").await;
    let mut answers = HashSet::new();
    for email in ["fresh@example.com", ADA] {
        for round in 0..3 {
            let browser = Browser::new(&app.base);
            let verify = register(&browser, email, PASSWORD).await;
            let code = match email {
                ADA => "123456".to_owned(),
                _ => wrong(&code_in(&newest_to(&app, email).await)),
            };
            app.advance(1);
            for guess in 0..2 {
                let page = browser.submit(&verify, &[("code", &code)]).await;
                let over = page.text().contains("Too many attempts");
                assert_eq!(over, round == 2, "{email} {round}: {}", page.text());
                answers.insert((round, guess, over));
            }
        }
    }
    assert_eq!(answers.len(), 6, "known and unknown addresses are answered alike");
    let browser = logged_in(&app, ADA).await;
    for round in 0..3 {
        let fields = [("new_email", "new@example.com"), ("current_password", PASSWORD)];
        let page = send(&browser, "/account/email", &fields).await;
        let code = wrong(&code_in(&newest_to(&app, "new@example.com").await));
        app.advance(1);
        for _ in 0..2 {
            let page = press(&browser, &page, "/account/email/code", &[("code", &code)]).await;
            assert_eq!(page.text().contains("Too many attempts"), round == 2, "{}", page.text());
        }
        press(&browser, &browser.get("/account/email").await, "/account/email/cancel", &[]).await;
    }
}

/// The estimate of a password's strength is work: it is not done for who is over the limit.
#[tokio::test(flavor = "multi_thread")]
async fn a_registration_over_the_limit_is_refused_before_its_password_is_looked_at() {
    let app = limited("registrations_per_address = \"2 per 1h\"").await;
    for _ in 0..2 {
        let page = register(&Browser::new(&app.base), "fresh@example.com", "password").await;
        assert!(page.text().contains("among those tried first"), "{}", page.text());
    }
    let page = register(&Browser::new(&app.base), "fresh@example.com", "password").await;
    assert!(page.text().contains("Too many attempts"), "{}", page.text());
    assert!(!page.text().contains("among those tried first"), "{}", page.text());
}
