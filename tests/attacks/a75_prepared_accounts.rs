//! Nobody prepares an account, a session or a change for the owner of somebody else's mailbox (Sudhodanan and Paverd 2022).

use crate::common::{count, own_client};
use crate::person::{can_log_in, register, registered, reset_link, try_log_in};
use crate::support::mails::{link_in, mails_to, newest_to};
use crate::support::{Browser, PASSWORD, RelyingParty, TestApp};

const VICTIM: &str = "victim@example.com";
const EVIL: &str = "seven evil lanterns 4";

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_nobody_proved_is_no_account() {
    let app = TestApp::start().await;
    let attacker = Browser::new(&app.base);
    assert_eq!(register(&attacker, VICTIM, EVIL).await.path(), "/register/verify");
    assert!(!can_log_in(&app, VICTIM, EVIL).await, "an unproven registration logs nobody in");
    assert_eq!(count(&app, "SELECT COUNT(*) FROM users").await, 0);
    let asked = reset_mails_after_asking(&app).await;
    assert_eq!(asked, 0, "there is nothing to reset");
    let owner = Browser::new(&app.base);
    app.advance(1);
    registered(&app, &owner, VICTIM, PASSWORD).await;
    assert!(can_log_in(&app, VICTIM, PASSWORD).await && !can_log_in(&app, VICTIM, EVIL).await);
    assert_eq!(count(&app, "SELECT COUNT(*) FROM registrations WHERE decoy = 0").await, 0, "the attacker's is gone");
    let stale = attacker.get("/register/verify").await;
    assert_eq!(stale.path(), "/login", "{} {}", stale.status, stale.url);
}

async fn reset_mails_after_asking(app: &TestApp) -> usize {
    crate::person::ask_for_reset(&Browser::new(&app.base), VICTIM).await;
    let mails = mails_to(app, VICTIM).await;
    mails.iter().filter(|mail| mail.text.contains("/password/reset?token=")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owners_click_on_the_attackers_mail_gives_the_attacker_nothing() {
    let app = TestApp::start().await;
    let attacker = Browser::new(&app.base);
    register(&attacker, VICTIM, EVIL).await;
    let planted = link_in(&app, &newest_to(&app, VICTIM).await, "/register/confirm?token=");
    let owner = Browser::new(&app.base);
    let page = owner.get(&planted).await;
    for fields in [&[][..], &[("password", "")], &[("password", PASSWORD)]] {
        assert_ne!(owner.submit(&page, fields).await.path(), "/register/done");
    }
    assert_eq!(count(&app, "SELECT COUNT(*) FROM users").await, 0);
    assert!(!can_log_in(&app, VICTIM, EVIL).await);
    // The attacker in the registering browser cannot go on without the mail.
    let verify = attacker.get("/register/verify").await;
    assert_ne!(attacker.submit(&verify, &[("code", "000000")]).await.path(), "/register/done");
    assert_ne!(attacker.get("/register/done").await.header("set-cookie"), "karat_session");
    assert_eq!(count(&app, "SELECT COUNT(*) FROM users").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owners_cookie_planted_by_the_attacker_does_not_carry_the_attackers_password() {
    let app = TestApp::start().await;
    let attacker = Browser::new(&app.base);
    register(&attacker, VICTIM, EVIL).await;
    let planted = link_in(&app, &newest_to(&app, VICTIM).await, "/register/confirm?token=");
    // Whoever could plant the registration cookie would make the owner's click bring the attacker's registration to
    // life: over https the `__Host-` prefix keeps other hosts from planting, and it is nowhere in a page or a URL.
    let cookie = attacker.cookie("karat_registration").unwrap();
    let verify = attacker.get("/register/verify").await;
    assert!(!verify.body.contains(&cookie) && !verify.url.contains(&cookie));
    assert!(!planted.contains(cookie.split('.').next().unwrap()));
    let owner = Browser::new(&app.base);
    registered_twin(&app, &owner).await;
}

async fn registered_twin(app: &TestApp, owner: &Browser) {
    app.advance(1);
    registered(app, owner, VICTIM, PASSWORD).await;
    assert!(can_log_in(app, VICTIM, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_reset_the_owner_is_alone_in_the_account() {
    let app = TestApp::start().await;
    // The attacker once had the password: sessions, tokens, a known device.
    let person = app.person(VICTIM).await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let attacker = Browser::new(&app.base);
    let tokens = rp.tokens_in(&attacker, &person, "openid offline_access").await;
    let device = attacker.cookie("karat_device");
    let owner = Browser::new(&app.base);
    let page = owner.get(&reset_link(&app, VICTIM).await).await;
    owner.submit(&page, &[("new_password", "umbrella 7 quiet harbour")]).await;
    assert_eq!(rp.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
    let silent = attacker.get(&rp.authorize_path(&[("prompt", "none")])).await;
    assert_eq!(silent.param("error").as_deref(), Some("login_required"));
    assert_eq!(count(&app, "SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL").await, 0);
    assert_eq!(count(&app, "SELECT COUNT(*) FROM known_devices WHERE last_seen_at > 0").await, 1, "the owner's own");
    // The mails to the owner hold a link that freezes the account; nothing that gives it away is left.
    const LEFT: &str = "SELECT COUNT(*) FROM mailed_actions WHERE used_at IS NULL AND purpose <> 'freeze'";
    assert_eq!(count(&app, LEFT).await, 0);
    assert_eq!(attacker.cookie("karat_device"), device);
    try_log_in(&owner, VICTIM, "umbrella 7 quiet harbour").await;
    assert!(owner.cookie("karat_session").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_another_spelling_is_the_same_address() {
    let app = TestApp::start().await;
    app.person(VICTIM).await;
    for spelling in ["VICTIM@example.com", "victim@EXAMPLE.com", " victim@example.com ", "Victim@Example.Com"] {
        let browser = Browser::new(&app.base);
        let page = register(&browser, spelling, EVIL).await;
        assert_eq!(page.path(), "/register/verify", "{spelling}: {}", page.text());
        assert!(newest_to(&app, VICTIM).await.text.contains("/login"), "the owner is told: {spelling}");
        app.advance(1);
    }
    for strange in [
        "victim@example.com\r\nBcc: evil@example.com",
        "victim@example.com,evil@example.com",
        "\"victim\"@example.com",
        "victim@[127.0.0.1]",
        "victim\u{0}@example.com",
        "vi\u{200b}ctim@example.com",
        "v\u{131}ctim@example.com",
    ] {
        let browser = Browser::new(&app.base);
        assert_eq!(register(&browser, strange, EVIL).await.path(), "/register", "{strange:?}");
    }
    assert_eq!(count(&app, "SELECT COUNT(*) FROM users").await, 1);
}
