//! Whether an address has an account shows in no text, header, cookie, limit or pause (OWASP ASVS 6.3.8).

use std::time::Instant;

use karat::domain::user::Condition;
use karat::flow::admin::Authority;
use karat::flow::import::Lines;
use serde_json::json;

use crate::passkeys::{LOGIN, answer, holder, is_in, options};
use crate::person::{ask_for_reset, register, try_log_in};
use crate::second_factor::guarded;
use crate::support::app::web_client;
use crate::support::authenticator::SoftPasskey;
use crate::support::{Backends, Browser, PASSWORD, Page, RelyingParty, TestApp};
use crate::timing::assert_indistinguishable;

const KNOWN: &str = "known@example.com";
const LOCKED: &str = "locks@example.com";
/// Has an authenticator app.
const GUARDED: &str = "guard@example.com";
const UNPROVEN: &str = "prove@example.com";
const UNKNOWN: &str = "nobod@example.com";

/// Passwords take so long to hash that leaving it out would show.
const COSTLY: &str = "argon2_iterations = 6\n[throttle]\nguesses_per_account = \"100000 per 15m\"\nguesses_per_address = \"100000 per 15m\"\n\
    logins_per_account = \"100000 per 15m\"\nlogins_per_address = \"100000 per 15m\"\n\
    registrations_per_address = \"100000 per 15m\"\nmails_per_recipient = \"100000 per 15m\"\nmails_per_address = \"100000 per 15m\"\n";

async fn stage(more: &str) -> TestApp {
    let app = TestApp::start_with(Backends::SqliteAndMemory, more).await;
    app.person(KNOWN).await;
    guarded(&app, GUARDED).await;
    let locked = app.person(LOCKED).await;
    let mut change = app.karat.store.begin().await.unwrap();
    let condition = Condition::Locked { since: app.clock_now(), because: "fraud".to_owned() };
    change.set_condition(locked.id, &condition).await.unwrap();
    change.commit().await.unwrap();
    register(&Browser::new(&app.base), UNPROVEN, PASSWORD).await;
    app
}

/// Status, headers, cookies, body and where it leads.
type Face = (u16, Vec<(String, String)>, Vec<String>, String, Option<String>);

/// What tells two answers apart, without what is different each time or was typed.
fn face(page: &Page, email: &str) -> Face {
    let mut headers = Vec::new();
    let mut cookies = Vec::new();
    for (name, value) in &page.headers {
        let value = value.to_str().unwrap();
        match name.as_str() {
            "x-request-id" | "date" => {}
            "set-cookie" => {
                let (pair, attributes) = value.split_once(';').unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                cookies.push(format!("{name} {} {attributes}", value.len()));
            }
            name => headers.push((name.to_owned(), value.to_owned())),
        }
    }
    headers.sort();
    cookies.sort();
    let mut body = page.body.replace(email, "ADDRESS").replace(&email.replace('@', "%40"), "ADDRESS");
    // Form tokens and interactions: 43 random characters.
    let random: Vec<String> = body
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .filter(|word| word.len() == 43)
        .map(str::to_owned)
        .collect();
    for word in random {
        body = body.replace(&word, "RANDOM");
    }
    (page.status.as_u16(), headers, cookies, body, page.location())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_looks_the_same_for_everybody() {
    let app = stage("").await;
    let mut seen = Vec::new();
    for email in [KNOWN, GUARDED, LOCKED, UNPROVEN, UNKNOWN] {
        let browser = Browser::new(&app.base);
        seen.push((email, face(&try_log_in(&browser, email, "wrong password 77").await, email)));
    }
    for (email, other) in &seen[1..] {
        assert_eq!(&seen[0].1, other, "{email}");
    }
    let right = try_log_in(&Browser::new(&app.base), KNOWN, PASSWORD).await;
    assert_eq!(right.status, 303, "the twin: the right one is let in");
}

#[tokio::test(flavor = "multi_thread")]
async fn registering_and_resetting_look_the_same_for_everybody() {
    let app = stage("").await;
    let mut registered = Vec::new();
    let mut asked = Vec::new();
    for email in [KNOWN, GUARDED, LOCKED, UNPROVEN, UNKNOWN] {
        let browser = Browser::new(&app.base);
        let page = browser.get("/register").await;
        let fields = [("email", email), ("password", PASSWORD), ("accept_terms", "yes")];
        let posted = browser.submit_once(&page, &fields).await;
        assert_eq!(posted.status, 303, "{}", posted.text());
        let verify = browser.get("/register/verify").await;
        let wrong = browser.submit(&verify, &[("code", "000000")]).await;
        registered.push((email, [face(&posted, email), face(&verify, email), face(&wrong, email)]));
        let browser = Browser::new(&app.base);
        asked.push((email, face(&ask_for_reset(&browser, email).await, email)));
    }
    for index in 1..registered.len() {
        assert_eq!(registered[0].1, registered[index].1, "{}", registered[index].0);
        assert_eq!(asked[0].1, asked[index].1, "{}", asked[index].0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_the_code_again_and_running_out_of_tries_look_the_same() {
    let app = stage("").await;
    let mut seen = Vec::new();
    for email in [KNOWN, UNKNOWN] {
        let browser = Browser::new(&app.base);
        let mut page = register(&browser, email, PASSWORD).await;
        let mut faces = Vec::new();
        for _ in 0..7 {
            page = browser.submit(&page, &[("code", "000000")]).await;
            faces.push(face(&page, email));
        }
        let (action, hidden) = page.form_to("/register/verify/resend");
        let hidden: Vec<_> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        for _ in 0..6 {
            let again = browser.post_once(&action, &hidden).await;
            faces.push(face(&again, email));
            faces.push(face(&browser.get("/register/verify").await, email));
        }
        seen.push(faces);
    }
    for (index, (known, unknown)) in seen[0].iter().zip(&seen[1]).enumerate() {
        assert_eq!(known, unknown, "answer {index}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_begin_at_the_same_guess_for_everybody() {
    let app =
        stage("[throttle]\nguesses_per_address = \"10000 per 15m\"\nmails_per_address = \"10000 per 15m\"\n").await;
    let mut onset = Vec::new();
    for email in [KNOWN, GUARDED, LOCKED, UNPROVEN, UNKNOWN] {
        let mut faces = Vec::new();
        for _ in 0..13 {
            let browser = Browser::new(&app.base);
            faces.push(face(&try_log_in(&browser, email, "wrong password 77").await, email));
        }
        for _ in 0..7 {
            faces.push(face(&ask_for_reset(&Browser::new(&app.base), email).await, email));
        }
        onset.push((email, faces));
    }
    assert_ne!(onset[0].1[0], onset[0].1[12], "the limit was reached");
    for (email, other) in &onset[1..] {
        let differ: Vec<_> =
            onset[0].1.iter().zip(other).enumerate().filter(|(_, (a, b))| a != b).map(|(index, _)| index).collect();
        assert!(differ.is_empty(), "{email}: {differ:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_hint_says_nothing_about_accounts() {
    let app = stage("").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let mut faces = Vec::new();
    for email in [KNOWN, GUARDED, LOCKED, UNKNOWN] {
        let browser = Browser::new(&app.base);
        faces.push(face(&browser.get(&rp.authorize_path(&[("login_hint", email)])).await, email));
        let silent = browser.get(&rp.authorize_path(&[("login_hint", email), ("prompt", "none")])).await;
        assert_eq!(silent.param("error").as_deref(), Some("login_required"));
    }
    for other in &faces[1..] {
        assert_eq!(&faces[0], other);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_refused_log_in_does_not_tell_a_known_address() {
    let app = stage(COSTLY).await;
    for other in [GUARDED, LOCKED, UNKNOWN] {
        let browser = Browser::new(&app.base);
        let page = browser.get("/login").await;
        assert_indistinguishable(&format!("{KNOWN} and {other} at log-in"), 40, async |second| {
            let email = if second { other } else { KNOWN };
            let began = Instant::now();
            let answer = browser.submit_once(&page, &[("email", email), ("password", "wrong password 77")]).await;
            assert_eq!(answer.status, 200);
            began.elapsed()
        })
        .await;
    }
}

/// bcrypt of cost 10 takes several times as long as a hash of our own here.
#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_refused_log_in_does_not_tell_who_was_imported() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, COSTLY.split_once('\n').unwrap().1).await;
    let hash = "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
    let line = json!({ "email": KNOWN, "email_verified": true, "password_hash": hash }).to_string();
    let lines = Lines::of(line.as_bytes()).take(1).unwrap();
    app.karat.import_people(&Authority::operator(), &lines, None).await.unwrap();
    let browser = Browser::new(&app.base);
    let page = browser.get("/login").await;
    assert_indistinguishable("an imported and an unknown address at log-in", 20, async |second| {
        let email = if second { UNKNOWN } else { KNOWN };
        let began = Instant::now();
        let answer = browser.submit_once(&page, &[("email", email), ("password", "wrong password 77")]).await;
        assert_eq!(answer.status, 200);
        began.elapsed()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_registration_and_a_reset_does_not_tell_a_known_address() {
    let app = stage(COSTLY).await;
    let browser = Browser::new(&app.base);
    let register = browser.get("/register").await;
    let forgotten = browser.get("/password/forgotten").await;
    let fresh = std::sync::atomic::AtomicUsize::new(0);
    let address = |second: bool| {
        // A reset or registration leaves something behind: a new unknown address each time.
        let index = fresh.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if second { format!("nobody{index}@example.com") } else { KNOWN.to_owned() }
    };
    assert_indistinguishable("known and unknown at registration", 40, async |second| {
        let email = address(second);
        let began = Instant::now();
        let fields = [("email", email.as_str()), ("password", PASSWORD), ("accept_terms", "yes")];
        let answer = browser.submit_once(&register, &fields).await;
        assert_eq!(answer.status, 303);
        began.elapsed()
    })
    .await;
    assert_indistinguishable("known and unknown at a reset", 40, async |second| {
        let email = address(second);
        let began = Instant::now();
        let answer = browser.submit_once(&forgotten, &[("email", &email)]).await;
        assert_eq!(answer.status, 200);
        began.elapsed()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_right_password_tells_that_an_account_is_locked() {
    let app = stage("").await;
    let with_password = try_log_in(&Browser::new(&app.base), LOCKED, PASSWORD).await;
    let known = try_log_in(&Browser::new(&app.base), KNOWN, PASSWORD).await;
    assert_eq!((with_password.status.as_u16(), known.status.as_u16()), (403, 303));
    let without = try_log_in(&Browser::new(&app.base), LOCKED, "wrong password 77").await;
    let nobody = try_log_in(&Browser::new(&app.base), UNKNOWN, "wrong password 77").await;
    assert_eq!(face(&without, LOCKED), face(&nobody, UNKNOWN));
}

/// Who knows the password learns that there is a second factor, and nobody else does, by the pages of that factor neither.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_right_password_tells_that_there_is_a_second_factor() {
    let app = stage("").await;
    let with_password = try_log_in(&Browser::new(&app.base), GUARDED, PASSWORD).await;
    assert_eq!(with_password.location().as_deref(), Some("/mfa"));
    for path in ["/mfa", "/mfa/totp", "/mfa/recovery", "/mfa/sms", "/mfa/passkey", "/mfa/password"] {
        let mut seen = Vec::new();
        for email in [GUARDED, KNOWN, UNKNOWN] {
            let browser = Browser::new(&app.base);
            try_log_in(&browser, email, "wrong password 77").await;
            seen.push(face(&browser.send(browser.request(reqwest::Method::GET, path)).await, email));
        }
        assert_eq!(seen[0], seen[1], "{path}");
        assert_eq!(seen[0], seen[2], "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_question_for_a_passkey_is_the_same_for_everybody() {
    let app = stage("").await;
    let mut keeper = holder(&app, "keeps@example.com", SoftPasskey::synced()).await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let mut seen = Vec::new();
    for email in [KNOWN, GUARDED, "keeps@example.com", LOCKED, UNPROVEN, UNKNOWN] {
        // The app names the person, and the person types a wrong password.
        let browser = Browser::new(&app.base);
        let asked = browser.get(&rp.authorize_path(&[("login_hint", email)])).await;
        let after = browser.submit(&asked, &[("email", email), ("password", "wrong password 77")]).await;
        seen.push((email, face(&asked, email), face(&after, email)));
    }
    for (email, asked, after) in &seen[1..] {
        assert_eq!((&seen[0].1, &seen[0].2), (asked, after), "{email}");
    }
    let browser = Browser::new(&app.base);
    let asked = browser.get(&rp.authorize_path(&[("login_hint", UNKNOWN)])).await;
    answer(&browser, &asked, LOGIN, &keeper.key.get(&options(&asked), &app.base)).await;
    assert!(is_in(&browser), "the twin: whoever holds a passkey gets in, whoever was named");
}
