//! Registering: what the form asks, what it refuses, and that it does not tell whom it knows.

use crate::person::{can_log_in, is_logged_in, log_in, register, registered};
use crate::support::app::web_client;
use crate::support::mails::{code_in, link_in, mails_to, newest_to};
use crate::support::{Backends, Browser, PASSWORD, Page, RelyingParty, TestApp};

async fn a_person_registers_proves_the_address_by_code_and_logs_in(backends: Backends) {
    let app = TestApp::on(backends).await;
    let browser = Browser::new(&app.base);
    let verify = register(&browser, "Ada@Example.com", PASSWORD).await;
    assert_eq!(verify.path(), "/register/verify", "{}", verify.text());
    assert!(verify.text().contains("ada@example.com"));
    assert!(!can_log_in(&app, "ada@example.com", PASSWORD).await, "no account before the proof");

    let code = code_in(&newest_to(&app, "ada@example.com").await);
    let done = browser.submit(&verify, &[("code", &code)]).await;
    assert_eq!(done.path(), "/register/done", "{}", done.text());
    assert!(!is_logged_in(&browser).await, "verifying never logs in");
    log_in(&browser, "ada@example.com", PASSWORD).await;
    assert!(is_logged_in(&browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_registers_proves_the_address_by_code_and_logs_in_on_sqlite_and_memory() {
    a_person_registers_proves_the_address_by_code_and_logs_in(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_registers_proves_the_address_by_code_and_logs_in_on_postgres_and_redis() {
    a_person_registers_proves_the_address_by_code_and_logs_in(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registering_on_the_way_to_an_app_leads_on_to_the_app() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, web_client("trading")).await;
    let browser = Browser::new(&app.base);
    let login = browser.get(&rp.authorize_path(&[])).await;
    let interaction = login.param("interaction").expect("the log-in is part of an interaction");
    let form = browser.get(&format!("/register?interaction={interaction}")).await;
    assert!(form.text().contains("The trading app"), "{}", form.text());
    let fields = [("email", "ada@example.com"), ("password", PASSWORD), ("accept_terms", "yes")];
    let verify = browser.submit(&form, &fields).await;
    let code = code_in(&newest_to(&app, "ada@example.com").await);
    let done = browser.submit(&verify, &[("code", &code)]).await;
    assert_eq!(done.param("interaction"), Some(interaction.clone()));
    let login = browser.get(&format!("/login?interaction={interaction}")).await;
    let consent = browser.submit(&login, &[("email", "ada@example.com"), ("password", PASSWORD)]).await;
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    assert!(back.url.starts_with("https://trading.test/cb?code="), "{}", back.url);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_accepted_version_of_the_terms_is_kept_with_its_time() {
    let app = TestApp::start().await;
    let accepted_at = app.clock_now();
    let browser = Browser::new(&app.base);
    let verify = register(&browser, "ada@example.com", PASSWORD).await;
    app.advance(600);
    browser.submit(&verify, &[("code", &code_in(&newest_to(&app, "ada@example.com").await))]).await;
    let user = app.karat.store.user_by_email(&"ada@example.com".parse().unwrap()).await.unwrap().unwrap().user;
    let terms = app.karat.store.accepted_terms(user.id).await.unwrap();
    assert_eq!(terms, [(app.config.terms.version.clone(), accepted_at)]);
    assert_eq!(user.email_verified_at, Some(app.clock_now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_registers_without_accepting_the_current_terms() {
    let app = TestApp::start().await;
    let browser = Browser::new(&app.base);
    let form = browser.get("/register").await;
    let filled = [("email", "ada@example.com"), ("password", PASSWORD)];
    let refused = browser.submit(&form, &filled).await;
    assert!(refused.text().contains("Accept the terms"), "{}", refused.text());
    let old = [filled[0], filled[1], ("accept_terms", "yes"), ("terms_version", "1999-01-01")];
    let refused = browser.submit(&form, &old).await;
    assert!(refused.text().contains("The terms have changed"), "{}", refused.text());
    assert!(mails_to(&app, "ada@example.com").await.is_empty());
    let terms = browser.get("/terms").await;
    assert!(terms.text().contains(&app.config.terms.version));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_says_beside_each_field_what_is_wrong_and_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let browser = Browser::new(&app.base);
    let form = browser.get("/register").await;
    let page = browser.submit(&form, &[("email", "ada"), ("password", "short")]).await;
    for reason in ["Enter an e-mail address such as", "Use at least 8 characters", "Accept the terms"] {
        assert!(page.text().contains(reason), "{reason}: {}", page.text());
    }
    assert!(page.body.contains("value=\"ada\""));
    assert!(!page.body.contains("value=\"short\""), "passwords do not come back");
}

#[tokio::test(flavor = "multi_thread")]
async fn weak_passwords_are_refused_with_a_reason_that_does_not_depend_on_the_address() {
    let app = TestApp::start().await;
    app.person("known@example.com").await;
    let browser = Browser::new(&app.base);
    let cases = [
        ("", "Enter your password"),
        ("seven7!", "Use at least 8 characters"),
        ("password", "among those tried first"),
        ("Bitcoin2024-hodl-wallet", "easy to guess"),
    ];
    for (password, reason) in cases {
        for email in ["known@example.com", "unknown@example.com"] {
            let page = register(&browser, email, password).await;
            assert!(page.text().contains(reason), "{password} {email}: {}", page.text());
        }
    }
    let page = register(&browser, "wilhelmina.featherstone@example.com", "wilhelmina.featherstone").await;
    assert!(page.text().contains("Do not use your name or address"), "{}", page.text());
    assert!(mails_to(&app, "known@example.com").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn long_and_unusual_passwords_are_taken_whole() {
    let app = TestApp::start().await;
    let long: String = (0..64u8).map(|i| char::from(b'!' + (i.wrapping_mul(37) % 90))).collect();
    let beyond_bcrypt = format!("{}x", "lantern marmoset ".repeat(5));
    let passwords =
        [("a@example.com", long.as_str()), ("b@example.com", "🦀🐘🎻🌵🚲🧀🪁🎲"), ("c@example.com", &beyond_bcrypt)];
    for (email, password) in passwords {
        let browser = Browser::new(&app.base);
        let verify = register(&browser, email, password).await;
        assert_eq!(verify.path(), "/register/verify", "{}", verify.text());
        browser.submit(&verify, &[("code", &code_in(&newest_to(&app, email).await))]).await;
        assert!(can_log_in(&app, email, password).await, "{password}");
        let mut other: Vec<char> = password.chars().collect();
        let last = other.last_mut().unwrap();
        *last = if *last == 'y' { 'z' } else { 'y' };
        assert!(!can_log_in(&app, email, &other.iter().collect::<String>()).await, "{password} was cut");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversize_password_is_refused_before_it_is_hashed() {
    let app = TestApp::start().await;
    let browser = Browser::new(&app.base);
    let longest = "lantern marmoset ".repeat(15) + "x";
    assert_eq!(longest.chars().count(), 256);
    let accepted = register(&browser, "a@example.com", &longest).await;
    assert_eq!(accepted.path(), "/register/verify");
    let refused = register(&browser, "b@example.com", &format!("{longest}x")).await;
    assert!(refused.text().contains("Use at most 256 characters"), "{}", refused.text());
    let form = browser.get("/register").await;
    let huge = "x".repeat(app.web.body_limit() + 1);
    let page = browser.submit(&form, &[("email", "c@example.com"), ("password", &huge)]).await;
    assert_eq!(page.status, 413);
}

/// What differs between two requests anyway: the address itself, form tokens, request ids.
fn comparable(page: &Page, email: &str) -> (u16, Vec<(String, String)>, String) {
    let mut headers: Vec<(String, String)> = page
        .headers
        .iter()
        .filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()))
        .map(|(name, value)| {
            let value = value.to_str().unwrap();
            let value = match name.as_str() {
                "set-cookie" => {
                    let (pair, attributes) = value.split_once(';').unwrap();
                    let (name, secret) = pair.split_once('=').unwrap();
                    format!("{name}={} characters;{attributes}", secret.len())
                }
                _ => value.to_owned(),
            };
            (name.to_string(), value)
        })
        .collect();
    headers.sort();
    let mut body = page.body.replace(email, "the address");
    while let Some(at) = body.find("name=\"csrf\" value=\"") {
        let end = at + 19 + body[at + 19..].find('"').unwrap();
        body.replace_range(at..end, "");
    }
    (page.status.as_u16(), headers, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn registering_a_known_address_looks_like_registering_an_unknown_one() {
    let app = TestApp::start().await;
    app.person("known@example.com").await;
    let mut seen = Vec::new();
    for email in ["known@example.com", "fresh@example.com"] {
        let browser = Browser::new(&app.base);
        let form = browser.get("/register").await;
        let fields = [("email", email), ("password", "turbid lantern 9 pigeon"), ("accept_terms", "yes")];
        let posted = browser.submit_once(&form, &fields).await;
        assert_eq!(posted.status, 303);
        let verify = browser.follow(posted.clone()).await;
        let wrong = browser.submit(&verify, &[("code", "000000")]).await;
        app.advance(1);
        let (resend, hidden) = verify.form_to("/register/verify/resend");
        let hidden: Vec<_> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let resent = browser.post(&resend, &hidden).await;
        seen.push([posted, verify, wrong, resent].map(|page| comparable(&page, email)));
    }
    assert_eq!(seen[0], seen[1]);

    let mails = mails_to(&app, "known@example.com").await;
    assert_eq!(mails.len(), 2);
    assert!(mails.iter().all(|mail| mail.text.contains("/login") && !mail.text.contains("/register/confirm")));
    assert!(!can_log_in(&app, "known@example.com", "turbid lantern 9 pigeon").await);
    assert!(can_log_in(&app, "known@example.com", PASSWORD).await, "the account is untouched");
    link_in(&app, &newest_to(&app, "fresh@example.com").await, "/register/confirm");
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_from_one_network_are_limited_alike_for_every_address() {
    let app = TestApp::start_with(
        Backends::SqliteAndMemory,
        "[throttle]\nregistrations_per_address = \"2 per 1h\"\nmails_per_address = \"100 per 1h\"\n",
    )
    .await;
    app.person("known@example.com").await;
    let browser = Browser::new(&app.base);
    for email in ["a@example.com", "known@example.com"] {
        assert_eq!(register(&browser, email, PASSWORD).await.path(), "/register/verify");
    }
    for email in ["b@example.com", "known@example.com"] {
        let page = register(&browser, email, PASSWORD).await;
        assert!(page.text().contains("Too many attempts"), "{}", page.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mailbox_gets_so_many_mails_and_no_more() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[throttle]\nmails_per_recipient = \"2 per 1h\"\n").await;
    app.person("known@example.com").await;
    for email in ["fresh@example.com", "known@example.com"] {
        for _ in 0..2 {
            let browser = Browser::new(&app.base);
            assert_eq!(register(&browser, email, PASSWORD).await.path(), "/register/verify");
        }
        let page = register(&Browser::new(&app.base), email, PASSWORD).await;
        assert!(page.text().contains("Too many attempts"), "{}", page.text());
        assert_eq!(mails_to(&app, email).await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_registration_is_switched_off_there_is_no_form() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[registration]\nenabled = false\n").await;
    let browser = Browser::new(&app.base);
    assert_eq!(browser.get("/register").await.status, 404);
    let login = browser.get("/login").await;
    assert!(!login.body.contains("/register"), "and nothing leads there");
    let csrf = login.form().1;
    let csrf = &csrf.iter().find(|(name, _)| name == "csrf").unwrap().1;
    let fields = [("csrf", csrf.as_str()), ("email", "ada@example.com"), ("password", PASSWORD)];
    assert_eq!(browser.post("/register", &fields).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_registers_in_spanish_and_is_written_to_in_spanish() {
    let app = TestApp::start().await;
    let browser = Browser::new(&app.base);
    let form = browser.get("/register").await;
    let (_, hidden) = form.form_to("/register");
    let csrf = hidden.iter().find(|(name, _)| name == "csrf").unwrap().1.clone();
    let form = browser.post("/language", &[("csrf", &csrf), ("locale", "es"), ("path", "/register")]).await;
    assert!(form.body.contains("<html lang=\"es\">"));
    let fields = [("email", "ada@example.com"), ("password", PASSWORD), ("accept_terms", "yes")];
    browser.submit(&form, &fields).await;
    let mail = newest_to(&app, "ada@example.com").await;
    assert!(mail.text.contains("dirección"), "{}", mail.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registered_person_counts_as_one_account_however_the_address_is_written() {
    let app = TestApp::start().await;
    let browser = Browser::new(&app.base);
    registered(&app, &browser, "ada@example.com").await;
    app.advance(1);
    register(&Browser::new(&app.base), "ADA@EXAMPLE.COM", "turbid lantern 9 pigeon").await;
    let mail = newest_to(&app, "ada@example.com").await;
    assert!(!mail.text.contains("/register/confirm"), "{}", mail.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verification_mail_says_how_long_it_works() {
    let app = TestApp::start().await;
    register(&Browser::new(&app.base), "ada@example.com", PASSWORD).await;
    let mail = newest_to(&app, "ada@example.com").await;
    assert!(mail.text.contains("24 hours") && mail.html.contains("24 hours"), "{}", mail.text);
}
