//! Freezing one's own account, from the page or by the link of a mail, and getting it back.

use karat::domain::client::{Client, LogoutRules};
use karat::domain::user::Condition;
use karat::flow::admin::Authority;
use karat::storage::outbox::{Outgoing, Share};

use crate::person::{is_logged_in, log_in, logged_in, press, send};
use crate::support::app::web_client;
use crate::support::mails::{code_in, link_in, mail_with, mails_to, newest_to};
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, Person, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";
const NEW: &str = "turbid lantern 9 pigeon";

async fn is_frozen(app: &TestApp, person: &Person) -> bool {
    app.karat.store.user(person.id).await.unwrap().unwrap().is_frozen()
}

/// The freeze link of the notice that a new password causes.
async fn freeze_link(app: &TestApp) -> String {
    let browser = logged_in(app, ADA).await;
    send(&browser, "/account/password", &[("current_password", PASSWORD), ("new_password", NEW)]).await;
    link_in(app, &mail_with(app, ADA, "/freeze?token=").await, "/freeze?token=")
}

async fn has_logout_token(app: &TestApp) -> bool {
    let now = app.clock_now();
    let all = Share { mails: 100, of_one_target: 100 };
    let due =
        app.karat.store.lease_outgoing(now, now.plus(karat::domain::time::Seconds(1)), 100, all).await.unwrap().due;
    due.iter().any(|leased| matches!(leased.payload, Outgoing::LogoutToken(_)))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_a_mail_freezes_at_once_and_the_owner_gets_back_in_on_sqlite_and_memory() {
    the_link_of_a_mail_freezes_at_once_and_the_owner_gets_back_in(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_a_mail_freezes_at_once_and_the_owner_gets_back_in_on_postgres_and_redis() {
    the_link_of_a_mail_freezes_at_once_and_the_owner_gets_back_in(Backends::PostgresAndRedis).await;
}

async fn the_link_of_a_mail_freezes_at_once_and_the_owner_gets_back_in(backends: Backends) {
    let app = TestApp::on(backends).await;
    let person = app.person(ADA).await;
    let link = freeze_link(&app).await;
    let logout = LogoutRules { backchannel_uri: Some("https://trading.test/bye".into()), ..LogoutRules::default() };
    let rp = RelyingParty::register(&app, Client { logout, ..web_client("trading") }).await;
    let thief = Browser::new(&app.base);
    log_in(&thief, ADA, NEW).await;
    let page = thief.get(&rp.authorize_path(&[("scope", "openid offline_access")])).await;
    let page = thief.submit(&page, &[("decision", "allow")]).await;
    let tokens = rp.redeem(&page.param("code").unwrap()).await;

    let stranger = Browser::new(&app.base);
    for _ in 0..2 {
        let page = stranger.get(&link).await;
        assert!(page.text().contains("Freeze account now"), "{}", page.text());
        assert!(!is_frozen(&app, &person).await, "a mail scanner freezes nothing");
    }
    let page = stranger.get(&link).await;
    let done = stranger.submit(&page, &[]).await;
    assert_eq!(done.path(), "/frozen", "{}", done.text());
    assert!(is_frozen(&app, &person).await);
    assert!(!is_logged_in(&thief).await);
    assert_eq!(rp.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
    assert!(!rp.is_active(tokens.text("access_token")).await);
    assert!(has_logout_token(&app).await, "apps hear of it");
    // A second time does no harm.
    assert_eq!(stranger.submit(&stranger.get(&link).await, &[]).await.path(), "/frozen");

    app.advance(1);
    let owner = Browser::new(&app.base);
    let page = log_in(&owner, ADA, NEW).await;
    assert!(page.text().contains("Your account is frozen"), "{}", page.text());
    assert!(!is_logged_in(&owner).await);
    let wrong = log_in(&owner, ADA, "not the password 7").await;
    assert!(!wrong.text().contains("frozen"), "who does not know the password learns nothing");
    let unfreeze = link_in(&app, &mail_with(&app, ADA, "/unfreeze?token=").await, "/unfreeze?token=");
    let page = owner.get(&unfreeze).await;
    assert!(is_frozen(&app, &person).await);
    let page = owner.submit(&page, &[]).await;
    assert!(page.text().contains("Log in now to unfreeze"), "{}", page.text());
    assert!(is_frozen(&app, &person).await, "the link alone is not enough");
    let elsewhere = log_in(&Browser::new(&app.base), ADA, NEW).await;
    assert!(elsewhere.text().contains("Your account is frozen"), "only the browser that opened the link may");
    let page = owner.submit(&page, &[("email", ADA), ("password", NEW)]).await;
    assert_eq!(page.path(), "/account/security", "{}", page.text());
    assert!(page.text().contains("on hold"), "{}", page.text());
    assert!(!is_frozen(&app, &person).await);
    assert_eq!(owner.get(&unfreeze).await.status, 400, "the link is used up");
    assert_eq!(owner.get(&link).await.status, 400, "an earlier mail does not freeze it again");
    let again = mail_with(&app, ADA, "was unfrozen").await;
    let again = link_in(&app, &again, "/freeze?token=");
    assert_eq!(owner.get(&again).await.status, 200, "the mail that tells of it does");
    assert!(mail_with(&app, ADA, "was unfrozen").await.text.contains("on hold"));
}

const STOLEN: &str = "thief@example.com";

/// Somebody with the password gives the account another address. Answers the freeze link that the old mailbox got.
async fn taken_over(app: &TestApp) -> (Browser, String) {
    let thief = logged_in(app, ADA).await;
    let pending = send(&thief, "/account/email", &[("new_email", STOLEN), ("current_password", PASSWORD)]).await;
    app.advance(60);
    let code = code_in(&newest_to(app, STOLEN).await);
    let done = press(&thief, &pending, "/account/email/code", &[("code", &code)]).await;
    assert_eq!(done.path(), "/account/email/done", "{}", done.text());
    (thief, link_in(app, &newest_to(app, ADA).await, "/freeze?token="))
}

/// The links to unfreeze that were mailed there.
async fn ways_back(app: &TestApp, address: &str) -> Vec<String> {
    let mails = mails_to(app, address).await;
    let links = mails.iter().filter(|mail| mail.text.contains("/unfreeze?token="));
    links.map(|mail| link_in(app, mail, "/unfreeze?token=")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn frozen_from_the_mailbox_it_had_an_account_is_unfrozen_from_there_alone_on_sqlite_and_memory() {
    frozen_from_the_mailbox_it_had_an_account_is_unfrozen_from_there_alone(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frozen_from_the_mailbox_it_had_an_account_is_unfrozen_from_there_alone_on_postgres_and_redis() {
    frozen_from_the_mailbox_it_had_an_account_is_unfrozen_from_there_alone(Backends::PostgresAndRedis).await;
}

async fn frozen_from_the_mailbox_it_had_an_account_is_unfrozen_from_there_alone(backends: Backends) {
    let app = TestApp::on(backends).await;
    let person = app.person(ADA).await;
    let (thief, link) = taken_over(&app).await;
    app.advance(60);
    let owner = Browser::new(&app.base);
    let done = owner.submit(&owner.get(&link).await, &[]).await;
    assert_eq!(done.path(), "/frozen", "{}", done.text());
    assert!(is_frozen(&app, &person).await && !is_logged_in(&thief).await);
    assert!(newest_to(&app, ADA).await.text.contains("frozen"), "the mailbox that froze it is told");

    app.advance(60);
    let page = log_in(&thief, STOLEN, PASSWORD).await;
    assert!(page.text().contains("Your account is frozen"), "{}", page.text());
    assert_eq!(ways_back(&app, STOLEN).await, Vec::<String>::new(), "the thief gets no link");
    let link = ways_back(&app, ADA).await.pop().expect("the owner does");
    let page = owner.submit(&owner.get(&link).await, &[]).await;
    let page = owner.submit(&page, &[("email", STOLEN), ("password", PASSWORD)]).await;
    assert_eq!(page.path(), "/account/security", "{}", page.text());
    assert!(!is_frozen(&app, &person).await);
    assert_eq!(app.karat.store.frozen_from(person.id).await.unwrap(), None);

    // Frozen again by its own button, it is the mailbox that it has that counts.
    press(&owner, &owner.get("/account/security/freeze").await, "/account/security/freeze", &[]).await;
    app.advance(60);
    log_in(&owner, STOLEN, PASSWORD).await;
    assert_eq!(ways_back(&app, STOLEN).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thief_who_freezes_the_account_first_gets_no_way_back_past_the_owners_link() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let (thief, link) = taken_over(&app).await;
    press(&thief, &thief.get("/account/security/freeze").await, "/account/security/freeze", &[]).await;
    app.advance(60);
    log_in(&thief, STOLEN, PASSWORD).await;
    let early = ways_back(&app, STOLEN).await.pop().expect("nobody has objected yet");
    let page = thief.get(&early).await;
    let permitted = thief.submit(&page, &[]).await;
    assert!(permitted.text().contains("Log in now to unfreeze"), "{}", permitted.text());

    // The owner comes before the log-in that it permits.
    let owner = Browser::new(&app.base);
    assert_eq!(owner.submit(&owner.get(&link).await, &[]).await.path(), "/frozen");
    let page = thief.submit(&permitted, &[("email", STOLEN), ("password", PASSWORD)]).await;
    assert!(page.text().contains("Your account is frozen"), "{}", page.text());
    assert!(is_frozen(&app, &person).await);
    app.advance(60);
    log_in(&thief, STOLEN, PASSWORD).await;
    assert_eq!(ways_back(&app, STOLEN).await.len(), 1, "no other one");
    assert!(!ways_back(&app, ADA).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_freezes_and_the_second_factor_is_needed_to_get_back() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let phone = AuthenticatorApp::add(&browser, app.clock_now()).await;
    let page = browser.get("/account/security/freeze").await;
    let done = press(&browser, &page, "/account/security/freeze", &[]).await;
    assert_eq!(done.path(), "/frozen");
    assert!(is_frozen(&app, &person).await && !is_logged_in(&browser).await);

    app.advance(90);
    log_in(&browser, ADA, PASSWORD).await;
    let unfreeze = link_in(&app, &mail_with(&app, ADA, "/unfreeze?token=").await, "/unfreeze?token=");
    let page = browser.submit(&browser.get(&unfreeze).await, &[]).await;
    let page = browser.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await;
    assert_eq!(page.path(), "/mfa/totp", "{}", page.text());
    assert!(is_frozen(&app, &person).await, "the password is not enough either");
    let page = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(page.path(), "/account/security", "{}", page.text());
    assert!(!is_frozen(&app, &person).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_owner_whose_password_was_changed_gets_a_new_one_and_the_account_stays_frozen() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let link = freeze_link(&app).await;
    let browser = Browser::new(&app.base);
    browser.submit(&browser.get(&link).await, &[]).await;
    send(&browser, "/password/forgotten", &[("email", ADA)]).await;
    let reset = link_in(&app, &mail_with(&app, ADA, "/password/reset").await, "/password/reset");
    let page = browser.submit(&browser.get(&reset).await, &[("new_password", "an owl in 3 lighthouses")]).await;
    assert_eq!(page.path(), "/password/done", "{}", page.text());
    assert!(is_frozen(&app, &person).await);
    let page = log_in(&browser, ADA, "an owl in 3 lighthouses").await;
    assert!(page.text().contains("Your account is frozen"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_lock_outweighs_a_freeze_and_lifting_it_leaves_the_account_frozen() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let link = freeze_link(&app).await;
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    app.karat.lock_account(&Authority::operator(), &user, "fraud").await.unwrap();
    let browser = Browser::new(&app.base);
    browser.submit(&browser.get(&link).await, &[]).await;
    assert_eq!(log_in(&browser, ADA, NEW).await.status, 403);
    assert!(mails_to(&app, ADA).await.iter().all(|mail| !mail.text.contains("/unfreeze")));
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    assert!(matches!(user.condition, Condition::Locked { .. }));
    app.karat.unlock_account(&Authority::operator(), &user, "").await.unwrap();
    assert!(is_frozen(&app, &person).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_freeze_or_unfreeze_die_with_their_time_and_fit_nothing_else() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let link = freeze_link(&app).await;
    let token = link.split("token=").nth(1).unwrap();
    let browser = Browser::new(&app.base);
    for path in ["/unfreeze", "/password/reset", "/keep-locked"] {
        assert_eq!(browser.get(&format!("{path}?token={token}")).await.status, 400, "{path}");
    }
    app.advance(7 * 86_400 - 1);
    assert_eq!(browser.get(&link).await.status, 200);
    let page = browser.get(&link).await;
    app.advance(2);
    assert_eq!(browser.get(&link).await.status, 400);
    assert_eq!(browser.submit(&page, &[]).await.status, 400);
    assert!(!is_frozen(&app, &person).await);
}
