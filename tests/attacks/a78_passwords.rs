//! Passwords of any size and kind: whole or refused, never cut, and never more work at once than the machine can bear
//! (NIST SP 800-63B-4 section 3.1.1.2, CVE-2016-20013).

use std::time::{Duration, Instant};

use crate::common::at_once;
use crate::person::{can_log_in, register, registered, try_log_in};
use crate::support::app::service_client;
use crate::support::{Backends, Browser, PASSWORD, RelyingParty, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a_long_password_counts_to_its_last_character() {
    let app = TestApp::start().await;
    let words = "quiet harbour lantern pigeon umbrella 7 velvet granite ";
    let of = |length: usize| words.chars().cycle().take(length - 1).chain(['x']).collect::<String>();
    for (index, length) in [64, 72, 73, 128, 256].into_iter().enumerate() {
        let email = format!("long{index}@example.com");
        let password = of(length);
        registered(&app, &Browser::new(&app.base), &email, &password).await;
        assert!(can_log_in(&app, &email, &password).await, "{length}");
        let last_differs = format!("{}y", &password[..length - 1]);
        assert!(!can_log_in(&app, &email, &last_differs).await, "{length}: the end counts");
        assert!(!can_log_in(&app, &email, &password[..length - 1]).await, "{length}");
        assert!(!can_log_in(&app, &email, &format!("{password}x")).await, "{length}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn characters_of_every_kind_count() {
    let app = TestApp::start().await;
    for (index, (password, near)) in [
        ("quiet\0harbour lantern 7", "quiet"),
        ("\u{1f98a}\u{1f422}\u{1f40c} lantern harbour 7", "\u{1f98a}\u{1f422}\u{1f40b} lantern harbour 7"),
        ("  lantern harbour 7 pigeon  ", "lantern harbour 7 pigeon"),
        ("lantern+harbour%20&=;7 pigeon", "lantern harbour &=;7 pigeon"),
        ("l\u{e4}ntern harbour 7 pigeon", "lantern harbour 7 pigeon"),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("kind{index}@example.com");
        registered(&app, &Browser::new(&app.base), &email, password).await;
        assert!(can_log_in(&app, &email, password).await, "{password:?}");
        assert!(!can_log_in(&app, &email, near).await, "{near:?} for {password:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversized_password_is_refused_before_it_is_hashed() {
    let app = TestApp::start().await;
    app.person("petra@example.com").await;
    let browser = Browser::new(&app.base);
    for length in [257, 1_000, 10_000] {
        let long = "quiet7 ".chars().cycle().take(length).collect::<String>();
        let page = register(&browser, "long@example.com", &long).await;
        assert_eq!(page.path(), "/register", "{length}");
        assert!(page.text().contains("256"), "the reason is told: {}", page.text());
        let began = Instant::now();
        let refused = try_log_in(&browser, "petra@example.com", &long).await;
        assert!([200, 400, 413].contains(&refused.status.as_u16()), "{length}: {}", refused.status);
        assert!(began.elapsed() < Duration::from_secs(2));
        assert_eq!(browser.cookie("karat_session"), None);
    }
    let huge = "x".repeat(200_000);
    let page = browser.get("/login").await;
    let refused = browser.submit_once(&page, &[("email", "petra@example.com"), ("password", &huge)]).await;
    assert_eq!(refused.status, 413);
    assert!(can_log_in(&app, "petra@example.com", PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn weak_passwords_are_refused_with_a_reason() {
    let app = TestApp::start().await;
    let browser = Browser::new(&app.base);
    for weak in [
        "",
        "seven77",
        "password",
        "Password1!",
        "12345678901234",
        "qwertyuiop",
        "aaaaaaaaaaaaaaaa",
        "weak@example.com",
        "weakexample",
    ] {
        let page = register(&browser, "weak@example.com", weak).await;
        assert_eq!(page.path(), "/register", "{weak:?} was taken");
    }
    assert_eq!(register(&browser, "weak@example.com", PASSWORD).await.path(), "/register/verify");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rush_of_log_ins_is_bounded_and_holds_up_no_tokens() {
    const RUSH: usize = 300;
    let limits = "[throttle]\nguesses_per_account = \"100000 per 15m\"\nguesses_per_address = \"100000 per 15m\"\n\
                  logins_per_account = \"100000 per 15m\"\n";
    let app = TestApp::start_with(Backends::SqliteAndMemory, limits).await;
    app.person("petra@example.com").await;
    let rp = RelyingParty::register(&app, service_client("bot", "trade:read")).await;
    let browser = Browser::new(&app.base);
    let page = browser.get("/login").await;
    let rush = at_once(
        (0..RUSH)
            .map(|_| browser.submit_once(&page, &[("email", "petra@example.com"), ("password", "wrong password 77")])),
    );
    let others = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..15 {
            tokio::time::sleep(Duration::from_millis(30)).await;
            let began = Instant::now();
            let token = rp.post("/token", &[("grant_type", "client_credentials")]).await;
            assert_eq!(token.status, 200, "{token:?}");
            let keys = rp.http().get(app.url("/jwks")).send().await.unwrap();
            assert_eq!(keys.status(), 200);
            slowest = slowest.max(began.elapsed());
        }
        slowest
    };
    let (answers, slowest) = tokio::join!(rush, others);
    let refused = answers.iter().filter(|answer| answer.status == 503).count();
    for answer in &answers {
        match answer.status.as_u16() {
            200 => {}
            503 => assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|wait| wait > 0)),
            other => panic!("{other}: {}", answer.text()),
        }
    }
    assert!(refused > 0, "more than the pool and its queue hold were let in");
    assert!(answers.len() - refused >= 64, "the queue was used: {refused} of {RUSH} refused");
    assert!(slowest < Duration::from_secs(4), "tokens waited {slowest:?} behind log-ins");
    assert!(can_log_in(&app, "petra@example.com", PASSWORD).await, "afterwards all is well");
}
