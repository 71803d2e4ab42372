//! Messages that somebody earns from: every limit is in the way, and none goes out before a right password or a session.

use crate::common::{at_once, count};
use crate::person::{ask_for_reset, register, try_log_in};
use crate::support::messages::{
    KEPT, NUMBER, add_number, ask_for_number, log_in_to_sms, messages, messages_to, press, press_once,
};
use crate::support::{Backends, Browser, PASSWORD, TestApp};

const ADA: &str = "ada@example.com";
const PAUSES: &str = "SELECT COUNT(*) FROM events WHERE kind = 'sms.paused'";
const MONEY: &str = "SELECT COUNT(*) FROM events WHERE kind = 'sms.budget_spent'";
const PATIENT: &str = "messages_per_account = \"100 per 24h\"\nmessages_per_address = \"100 per 1h\"\n\
                       messages_per_number = \"100 per 10m\"\nmessages_per_number_daily = \"100 per 24h\"\n";

/// Nobody is asked for the password again meanwhile.
const TRUSTING: &str = "[authentication]\nfresh_for = \"1h\"\n";

async fn start(more: &str) -> TestApp {
    TestApp::start_with(Backends::SqliteAndMemory, &format!("{KEPT}{more}{TRUSTING}")).await
}

/// A browser in which a new person is logged in.
async fn somebody(app: &TestApp, email: &str) -> Browser {
    app.person(email).await;
    let browser = Browser::new(&app.base);
    try_log_in(&browser, email, PASSWORD).await;
    assert!(browser.cookie("karat_session").is_some());
    browser
}

/// Whether a code is sent to the number when this person asks for it.
async fn is_sent(app: &TestApp, browser: &Browser, number: &str) -> bool {
    let before = messages(app).await.len();
    let page = ask_for_number(browser, number).await;
    assert!(page.status.is_success(), "{}", page.text());
    let sent = messages(app).await.len() == before + 1;
    assert_eq!(page.body.contains("phone-code-submit"), sent, "{}", page.text());
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_goes_out_before_a_right_password() {
    let app = start("").await;
    let owner = somebody(&app, ADA).await;
    add_number(&app, &owner, NUMBER).await;
    let sent = messages(&app).await.len();

    let stranger = Browser::new(&app.base);
    try_log_in(&stranger, ADA, "a wrong password 77").await;
    for path in ["/mfa", "/mfa/sms", "/account/security/phone"] {
        assert_eq!(stranger.get(path).await.path(), "/login", "{path}");
    }
    let (_, hidden) = stranger.get("/login").await.form();
    let csrf = hidden.iter().find(|(name, _)| name == "csrf").unwrap().1.as_str();
    for (path, fields) in [
        ("/mfa/sms/send", vec![("csrf", csrf)]),
        ("/mfa/sms", vec![("csrf", csrf), ("code", "123456")]),
        ("/account/security/phone", vec![("csrf", csrf), ("number", NUMBER)]),
        ("/account/security/phone/resend", vec![("csrf", csrf)]),
    ] {
        let answer = stranger.post(path, &fields).await;
        assert_eq!(answer.path(), "/login", "{path}: {}", answer.text());
    }
    register(&stranger, ADA, PASSWORD).await;
    ask_for_reset(&stranger, ADA).await;
    assert_eq!(messages(&app).await.len(), sent, "nothing was sent to anybody");

    // After the right password the page sends nothing by itself either, only when it is asked to.
    let browser = Browser::new(&app.base);
    let page = log_in_to_sms(&browser, ADA).await;
    assert_eq!(messages(&app).await.len(), sent);
    press(&browser, &page, "/mfa/sms/send", &[]).await;
    assert_eq!(messages(&app).await.len(), sent + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_earn_and_numbers_of_other_countries_get_nothing() {
    let app = start("").await;
    let browser = somebody(&app, ADA).await;
    for number in [
        "+49 900 1234567",
        "+34 803 123 456",
        "+44 7911 123456",
        "+1 876 512 3456",
        "+1 650 253 0000",
        "+8816 1234 5678",
        "+870 773 123456",
        "+49 30 123456",
        "+49 800 1234567",
        "110",
        "+49 110",
        "4915112345678",
        "+49151123456789012345",
        "+4915112345678,+4915112345679",
    ] {
        assert!(!is_sent(&app, &browser, number).await, "{number}");
    }
    assert!(is_sent(&app, &browser, NUMBER).await);
    app.advance(200);
    assert!(is_sent(&app, &browser, "+34 612 34 56 78").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_again_waits_longer_each_time() {
    let app = start(PATIENT).await;
    let browser = somebody(&app, ADA).await;
    let page = ask_for_number(&browser, NUMBER).await;
    for (wait, sent) in [(0, 1), (29, 1), (1, 2), (59, 2), (1, 3), (119, 3), (1, 4), (119, 4), (1, 5)] {
        app.advance(wait);
        let answer = press(&browser, &page, "/account/security/phone/resend", &[]).await;
        assert_eq!(messages_to(&app, NUMBER).await.len(), sent, "after {wait} s: {}", answer.text());
        let told = answer.text().contains("Another code can be sent in");
        assert_eq!(told, wait != 1, "after {wait} s: {}", answer.text());
    }
    assert!(!is_sent(&app, &browser, "+4917612345678").await, "another number is no way round it");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_parallel_requests_one_is_served() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::start_with(backends, &format!("{KEPT}{PATIENT}")).await;
        let owner = somebody(&app, ADA).await;
        let page = owner.get("/account/security/phone").await;
        let ask = || press_once(&owner, &page, "/account/security/phone", &[("number", NUMBER)]);
        at_once((0..20).map(|_| ask())).await;
        assert_eq!(messages(&app).await.len(), 1, "{backends:?}");
        app.advance(60);
        let page = owner.get("/account/security/phone").await;
        let again = || press_once(&owner, &page, "/account/security/phone/resend", &[]);
        at_once((0..20).map(|_| again())).await;
        assert_eq!(messages(&app).await.len(), 2, "{backends:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_has_its_limit_whoever_asks() {
    let app = start("").await;
    for (index, sent) in [true, true, true, false, false].into_iter().enumerate() {
        let browser = somebody(&app, &format!("person{index}@example.com")).await;
        assert_eq!(is_sent(&app, &browser, NUMBER).await, sent, "person {index}");
    }
    let browser = somebody(&app, ADA).await;
    assert!(is_sent(&app, &browser, "+49 176 99887766").await, "other numbers are free");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_differ_in_their_last_digits_share_a_limit() {
    let app = start(PATIENT).await;
    let browser = somebody(&app, ADA).await;
    for index in 0..12 {
        app.advance(130);
        assert_eq!(is_sent(&app, &browser, &format!("+49151123456{index:02}")).await, index < 10, "number {index}");
    }
    assert!(is_sent(&app, &browser, "+49 151 99887766").await, "other numbers are free");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_and_a_network_have_their_limits() {
    for limit in ["messages_per_account", "messages_per_address"] {
        let app = start(&format!("{limit} = \"2 per 24h\"\n")).await;
        let browser = somebody(&app, ADA).await;
        for (index, sent) in [true, true, false].into_iter().enumerate() {
            app.advance(1000);
            assert_eq!(is_sent(&app, &browser, &format!("+49151{index}2345678")).await, sent, "{limit} {index}");
        }
        let other = somebody(&app, "bob@example.com").await;
        assert_eq!(is_sent(&app, &other, "+4917612345678").await, limit == "messages_per_account", "{limit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_days_money_is_not_exceeded_and_the_operator_hears_of_it() {
    let app = start("message_cost = 8\ndaily_spend = 33\n").await;
    // Enough for four, half of which may go to new numbers.
    for (index, sent) in [true, true, false, false].into_iter().enumerate() {
        let browser = somebody(&app, &format!("person{index}@example.com")).await;
        assert_eq!(is_sent(&app, &browser, &format!("+49151{index}2345678")).await, sent, "{index}");
    }
    assert_eq!(count(&app, MONEY).await, 1, "told once");
    app.advance(86_400);
    let browser = somebody(&app, ADA).await;
    assert!(is_sent(&app, &browser, "+4917612345678").await, "another day, other money");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_codes_are_not_used_sending_pauses_and_elsewhere_it_goes_on() {
    let app = start(&format!("{PATIENT}watchdog_sends = 6\n")).await;
    let browser = somebody(&app, ADA).await;
    let mut sent = 0;
    for index in 10..30 {
        app.advance(130);
        sent += i32::from(is_sent(&app, &browser, &format!("+4915{index}1234567")).await);
    }
    // Six that could not be used any more, those that still could be then, and none beyond.
    assert!((7..=12).contains(&sent), "{sent} were sent");
    assert_eq!(count(&app, PAUSES).await, 1);
    app.advance(1000);
    assert!(!is_sent(&app, &browser, "+49 176 98765432").await, "the whole country pauses");
    assert!(is_sent(&app, &browser, "+34 612 34 56 78").await, "other countries do not");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_codes_are_used_nothing_pauses() {
    let app = start(&format!("{PATIENT}watchdog_sends = 6\n")).await;
    for index in 10..30 {
        app.advance(1000);
        let browser = somebody(&app, &format!("person{index}@example.com")).await;
        let number = format!("+4915{index}1234567");
        // One in three is used: enough.
        match index % 3 {
            0 => add_number(&app, &browser, &number).await,
            _ => assert!(is_sent(&app, &browser, &number).await, "{number}"),
        }
    }
    assert_eq!(count(&app, PAUSES).await, 0);
}

/// Whether the owner of a number gets a code to log in with.
async fn owner_gets_a_code(app: &TestApp) -> bool {
    let browser = Browser::new(&app.base);
    let page = log_in_to_sms(&browser, ADA).await;
    press(&browser, &page, "/mfa/sms/send", &[]).await.body.contains("sms-submit")
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_name_a_number_keep_no_code_from_its_owner() {
    let app = start("").await;
    let owner = somebody(&app, ADA).await;
    add_number(&app, &owner, NUMBER).await;
    for (index, sent) in [true, true, false, false].into_iter().enumerate() {
        let stranger = somebody(&app, &format!("person{index}@example.com")).await;
        assert_eq!(is_sent(&app, &stranger, NUMBER).await, sent, "stranger {index}");
    }
    assert!(owner_gets_a_code(&app).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_and_money_spent_on_new_numbers_keep_no_code_from_owners() {
    let app = start(&format!("{PATIENT}watchdog_sends = 6\n")).await;
    let owner = somebody(&app, ADA).await;
    add_number(&app, &owner, NUMBER).await;
    let stranger = somebody(&app, "eve@example.com").await;
    for index in 10..30 {
        app.advance(130);
        is_sent(&app, &stranger, &format!("+4915{index}1234567")).await;
    }
    assert_eq!(count(&app, PAUSES).await, 1);
    assert!(owner_gets_a_code(&app).await);

    let app = start(&format!("{PATIENT}message_cost = 8\ndaily_spend = 48\n")).await;
    let owner = somebody(&app, ADA).await;
    add_number(&app, &owner, NUMBER).await;
    let stranger = somebody(&app, "eve@example.com").await;
    for (index, sent) in [true, true, false].into_iter().enumerate() {
        app.advance(130);
        assert_eq!(is_sent(&app, &stranger, &format!("+49151{index}2345678")).await, sent, "{index}");
    }
    for gets in [true, true, true, false] {
        app.advance(130);
        assert_eq!(owner_gets_a_code(&app).await, gets);
    }
    assert_eq!(count(&app, MONEY).await, 2, "told of the half and of the whole");
}
