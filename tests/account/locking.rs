//! An operator locks an account: nobody gets in, whoever is in is out, the person and the apps are told.

use karat::domain::client::{Client, LogoutRules};
use karat::domain::time::Seconds;
use karat::flow::admin::Authority;
use karat::flow::condition::Changed;
use karat::storage::outbox::{Outgoing, Share};

use crate::person::{can_log_in, is_logged_in, log_in, logged_in};
use crate::support::app::web_client;
use crate::support::mails::mails_to;
use crate::support::{Browser, PASSWORD, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";

/// The clients that a logout token waits for.
async fn told_apps(app: &TestApp) -> Vec<String> {
    let (store, now) = (&app.karat.store, app.clock_now());
    let all = Share { mails: 100, of_one_target: 100 };
    let mut told = Vec::new();
    for leased in store.lease_outgoing(now, now.plus(Seconds(1)), 100, all).await.unwrap().due {
        if let Outgoing::LogoutToken(notice) = &leased.payload {
            told.push(notice.client_id.to_string());
        }
        store.retry_outgoing(&leased.id, now, "only looked at").await.unwrap();
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn locking_ends_sessions_and_tokens_and_tells_the_person_and_the_apps() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let backchannel_uri = Some("https://trading.test/backchannel".to_owned());
    let logout = LogoutRules { backchannel_uri, ..LogoutRules::default() };
    let rp = RelyingParty::register(&app, Client { logout, ..web_client("trading") }).await;
    let (browser, elsewhere) = (Browser::new(&app.base), logged_in(&app, ADA).await);
    let tokens = rp.tokens_in(&browser, &person, "openid offline_access").await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    assert!(rp.is_active(access).await && rp.is_active(refresh).await);
    assert!(told_apps(&app).await.is_empty());

    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    assert_eq!(app.karat.lock_account(&Authority::operator(), &user, "a court order").await.unwrap(), Changed::Done);

    assert!(!rp.is_active(access).await && !rp.is_active(refresh).await);
    assert_eq!(rp.refresh(refresh).await.error(), "invalid_grant");
    assert_eq!(rp.userinfo(access).await.status, 401);
    assert!(!is_logged_in(&browser).await && !is_logged_in(&elsewhere).await);
    let refused = log_in(&Browser::new(&app.base), ADA, PASSWORD).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert_eq!(told_apps(&app).await, ["trading"]);
    let mails = mails_to(&app, ADA).await;
    let locked = mails.iter().find(|mail| mail.subject.contains("is locked")).expect("the person is told");
    assert!(!locked.text.contains("court"), "the reason is the operator's");

    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    assert_eq!(app.karat.lock_account(&Authority::operator(), &user, "again").await.unwrap(), Changed::Already);
    assert_eq!(app.karat.unlock_account(&Authority::operator(), &user, "").await.unwrap(), Changed::Done);
    assert!(can_log_in(&app, ADA, PASSWORD).await);
    assert!(!rp.is_active(access).await && !rp.is_active(refresh).await, "what was dead stays dead");
}
