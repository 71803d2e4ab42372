//! Whatever its page asked the browser for, the server looks at each field of the answer itself (WebAuthn Level 3 sections
//! 7.1 and 7.2).

use serde_json::{Value, json};

use crate::passkeys::{ENROL, LOGIN, answer, holder, is_in, options, passkeys, use_alone, works};
use crate::person::try_log_in;
use crate::support::authenticator::{Answer, BE, BS, SoftPasskey, UP, UV};
use crate::support::{Backends, Browser, PASSWORD, TestApp};

type Bend = fn(&mut Answer);

/// What is wrong with an answer of either kind.
const WRONG: &[(&str, Bend)] = &[
    ("another site", |it| it.origin = "https://evil.test".to_owned()),
    ("https instead of http", |it| it.origin = it.origin.replace("http:", "https:")),
    ("a subdomain", |it| it.origin = it.origin.replace("localhost", "login.localhost")),
    ("a sibling", |it| it.origin = it.origin.replace("localhost", "locaihost")),
    ("another port", |it| it.origin = "http://localhost:1".to_owned()),
    ("an origin with a path", |it| it.origin.push_str("/login")),
    ("an app's origin", |it| it.origin = "android:apk-key-hash:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU".to_owned()),
    ("the hash of another site", |it| it.rp_id = "evil.test".to_owned()),
    ("the hash of the whole origin", |it| it.rp_id = it.origin.clone()),
    ("a challenge of its own", |it| it.challenge = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned()),
    ("no challenge", |it| it.challenge = String::new()),
    ("a page framed by another site", |it| it.cross_origin = true),
    ("a page at the top that is another", |it| it.more = json!({ "topOrigin": "https://evil.test" })),
    ("nobody there", |it| it.flags &= !UP),
    ("nobody verified", |it| it.flags &= !UV),
    ("a backup of what has none", |it| it.flags |= BS),
    ("bytes behind the data", |it| it.behind_data = vec![0xa0]),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_with_one_field_wrong_logs_nobody_in() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, "mia@example.com", SoftPasskey::new()).await;
    let only_here: &[(&str, Bend)] = &[
        ("the answer to a registration", |it| it.kind = "webauthn.create".to_owned()),
        ("another ceremony", |it| it.kind = "payment.get".to_owned()),
        ("a key that became one that can be copied", |it| it.flags |= BE),
        ("extensions announced and not there", |it| it.flags |= 1 << 7),
        ("a signature of something else", |it| it.spoil_signature = true),
        ("another credential's id", |it| it.id[0] ^= 1),
        ("nobody's handle", |it| it.user_handle = None),
        ("a handle that is nobody", |it| it.user_handle = Some(vec![7; 16])),
        ("a handle of another shape", |it| it.user_handle = Some(b"mia@example.com".to_vec())),
    ];
    for (what, bend) in WRONG.iter().chain(only_here) {
        let browser = Browser::new(&app.base);
        let page = use_alone(&app, &browser, &mut holder.key, bend).await;
        assert!(!is_in(&browser), "{what} logs in");
        assert!(page.text().contains("This passkey is not known here"), "{what}: {}", page.text());
    }
    assert!(works(&app, &mut holder.key).await, "and right, it logs in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_with_one_field_wrong_makes_no_passkey() {
    let app = TestApp::start().await;
    let (person, browser) = (app.person("mia@example.com").await, Browser::new(&app.base));
    try_log_in(&browser, "mia@example.com", PASSWORD).await;
    let only_here: &[(&str, Bend)] = &[
        ("the answer to a log-in", |it| it.kind = "webauthn.get".to_owned()),
        ("an algorithm that was not offered", |it| it.algorithm = -47),
        ("an algorithm of another kind of key", |it| it.algorithm = -257),
        ("bytes behind the object", |it| it.behind_object = vec![0xa0]),
        ("no id", |it| it.id = Vec::new()),
        ("an id without end", |it| it.id = vec![7; 1024]),
    ];
    for (what, bend) in WRONG.iter().chain(only_here) {
        let page = browser.get(ENROL).await;
        let made = SoftPasskey::new().create_bent(&options(&page), &app.base, bend);
        let said = answer(&browser, &page, ENROL, &made).await;
        assert!(passkeys(&app, &person).await.is_empty(), "{what} makes a passkey");
        assert!(said.text().contains("No passkey was added"), "{what}: {}", said.text());
    }
    let page = browser.get(ENROL).await;
    let mut key = SoftPasskey::new();
    answer(&browser, &page, ENROL, &key.create(&options(&page), &app.base)).await;
    assert_eq!(passkeys(&app, &person).await.len(), 1);
    assert!(works(&app, &mut key).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_answered_once_in_its_time_and_in_its_browser() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, "mia@example.com", SoftPasskey::synced()).await;
    let late = "This took too long, or was sent before";

    // Twice.
    let browser = Browser::new(&app.base);
    let page = browser.get("/login").await;
    let said = holder.key.get(&options(&page), &app.base);
    answer(&browser, &page, LOGIN, &said).await;
    assert!(is_in(&browser));
    browser.forget_cookie("karat_session");
    let again = answer(&browser, &page, LOGIN, &said).await;
    assert!(!is_in(&browser) && again.text().contains(late), "{}", again.text());

    // Wrong once, right afterwards: it was spent by the first.
    let page = browser.get("/login").await;
    answer(&browser, &page, LOGIN, &holder.key.get_bent(&options(&page), &app.base, |it| it.flags &= !UV)).await;
    let again = answer(&browser, &page, LOGIN, &holder.key.get(&options(&page), &app.base)).await;
    assert!(!is_in(&browser) && again.text().contains(late), "{}", again.text());

    // Too late, and just in time.
    let page = browser.get("/login").await;
    let said = holder.key.get(&options(&page), &app.base);
    app.advance(301);
    let answered = answer(&browser, &page, LOGIN, &said).await;
    assert!(!is_in(&browser) && answered.text().contains(late), "{}", answered.text());
    let page = browser.get("/login").await;
    let said = holder.key.get(&options(&page), &app.base);
    app.advance(299);
    answer(&browser, &page, LOGIN, &said).await;
    assert!(is_in(&browser));

    // Asked in another browser: a thief's answer in the victim's, and the other way round.
    let (mine, other) = (Browser::new(&app.base), Browser::new(&app.base));
    let (asked, here) = (mine.get("/login").await, other.get("/login").await);
    let said = holder.key.get(&options(&asked), &app.base);
    let ticket = asked.form_to(LOGIN).1.into_iter().find(|(name, _)| name == "ticket").unwrap().1;
    let (action, mut fields) = here.form_to(LOGIN);
    fields.retain(|(name, _)| name != "ticket" && name != "credential");
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("ticket", ticket.as_str()), ("credential", said.as_str())]);
    let refused = other.post(&action, &fields).await;
    assert!(!is_in(&other) && refused.text().contains(late), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_again_and_again_keeps_one_challenge_open() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, "mia@example.com", SoftPasskey::synced()).await;
    let mut spare = SoftPasskey::synced();
    let (old, _) = (holder.browser.get(ENROL).await, holder.browser.get(ENROL).await);
    let refused = answer(&holder.browser, &old, ENROL, &spare.create(&options(&old), &app.base)).await;
    assert!(refused.text().contains("This took too long, or was sent before"), "{}", refused.text());
    assert_eq!(passkeys(&app, &holder.person).await.len(), 1);
    answer(&holder.browser, &refused, ENROL, &spare.create(&options(&refused), &app.base)).await;
    assert_eq!(passkeys(&app, &holder.person).await.len(), 2);

    let browser = Browser::new(&app.base);
    let (old, new) = (browser.get("/login").await, browser.get("/login").await);
    assert_ne!(options(&old), options(&new));
    answer(&browser, &new, LOGIN, &holder.key.get(&options(&new), &app.base)).await;
    assert!(is_in(&browser));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_network_has_so_many_challenges_open_and_a_browser_one() {
    let more = "[throttle]\ninteractions_per_address = \"3 per 30m\"\n";
    let app = TestApp::start_with(Backends::SqliteAndMemory, more).await;
    let browser = Browser::new(&app.base);
    for _ in 0..10 {
        assert!(browser.get("/login").await.data("options").is_some());
    }
    for (index, offered) in [true, true, false, false].into_iter().enumerate() {
        let page = Browser::new(&app.base).get("/login").await;
        assert_eq!(page.status, 200);
        assert_eq!(page.data("options").is_some(), offered, "browser {index}");
    }
    assert!(browser.get("/login").await.data("options").is_some(), "its own place is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_to_make_a_passkey_is_not_answered_by_using_one() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, "mia@example.com", SoftPasskey::synced()).await;
    // A session opens the page that enrols; its challenge is carried to the log-in of the same browser.
    let making = holder.browser.get(ENROL).await;
    let ticket = making.form_to(ENROL).1.into_iter().find(|(name, _)| name == "ticket").unwrap().1;
    let asked: Value = serde_json::from_str(&options(&making)).unwrap();
    holder.browser.forget_cookie("karat_session");
    let page = holder.browser.get("/login").await;
    let mut using: Value = serde_json::from_str(&options(&page)).unwrap();
    using["challenge"] = asked["challenge"].clone();
    let said = holder.key.get(&using.to_string(), &app.base);
    let (action, mut fields) = page.form_to(LOGIN);
    fields.retain(|(name, _)| name != "ticket" && name != "credential");
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("ticket", ticket.as_str()), ("credential", said.as_str())]);
    holder.browser.post(&action, &fields).await;
    assert!(!is_in(&holder.browser));
    assert!(works(&app, &mut holder.key).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_at_all_is_refused_without_a_fault() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, "mia@example.com", SoftPasskey::synced()).await;
    let browser = Browser::new(&app.base);
    for junk in ["", "null", "[]", "{}", "{\"id\":\"AA\"}", &"[".repeat(20_000), &"x".repeat(40_000), "\u{0}"] {
        let page = browser.get("/login").await;
        let answered = answer(&browser, &page, LOGIN, junk).await;
        assert!(answered.status.is_success() && !is_in(&browser), "{}: {:.40}", answered.status, junk);
        let page = holder.browser.get(ENROL).await;
        let answered = answer(&holder.browser, &page, ENROL, junk).await;
        assert!(answered.status.is_success(), "{}: {:.40}", answered.status, junk);
    }
    assert_eq!(passkeys(&app, &holder.person).await.len(), 1);
    assert!(works(&app, &mut holder.key).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_options_ask_for_what_the_server_insists_on() {
    let app = TestApp::start().await;
    let holder = holder(&app, "mia@example.com", SoftPasskey::new()).await;
    let page = holder.browser.get(ENROL).await;
    let made: Value = serde_json::from_str(&options(&page)).unwrap();
    assert_eq!(made["rp"]["id"], "localhost");
    assert_eq!(made["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(made["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(made["attestation"], "none");
    assert_eq!(made["excludeCredentials"].as_array().map(Vec::len), Some(1), "the one there is");
    assert_eq!(holder.key.user_handle, holder.person.id.uuid().as_bytes());
    assert!(page.header("content-security-policy").contains("script-src 'self';"));

    let login = Browser::new(&app.base).get("/login").await;
    let used: Value = serde_json::from_str(&options(&login)).unwrap();
    assert_eq!((&used["rpId"], &used["userVerification"]), (&json!("localhost"), &json!("required")));
    assert_eq!(used["allowCredentials"], json!([]), "nobody is named");
    let other = holder.browser.get("/account").await;
    assert!(!other.header("content-security-policy").contains("script-src"), "only where a script is needed");
}
