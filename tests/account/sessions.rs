//! The list of one's sessions.

use karat::crypto::token::Secret;
use karat::flow::login::{LoginOutcome, Towards};

use karat::domain::grant::RevocationReason;
use karat::flow::logout::Ending;
use karat::storage::outbox::{Outgoing, Share};

use crate::person::{is_logged_in, logged_in, press};
use crate::support::app::web_client;
use crate::support::{Backends, Browser, PASSWORD, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn a_person_ends_one_session_from_another() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let rp = RelyingParty::register(&app, web_client("trading")).await;
    let (here, there, third) = (logged_in(&app, ADA).await, Browser::new(&app.base), logged_in(&app, ADA).await);
    let tokens = rp.tokens_in(&there, &person, "openid offline_access").await;
    let page = here.get("/account/sessions").await;
    assert!(page.text().contains("This session"), "{}", page.text());
    assert!(page.text().contains("127.0.0.1") || page.text().contains("Linux"), "{}", page.text());
    let theirs = app.karat.sessions_of(person.id).await.unwrap();
    assert_eq!(theirs.len(), 3);
    let cookie = there.cookie("karat_session").unwrap();
    let id = app.karat.signed_in(&cookie, &browser_like()).await.unwrap().unwrap().session.id.to_string();
    let page = press(&here, &page, "/account/sessions/end", &[("session", &id)]).await;
    assert!(page.text().contains("The session is ended"), "{}", page.text());
    assert!(!is_logged_in(&there).await);
    assert!(is_logged_in(&here).await && is_logged_in(&third).await);
    assert_eq!(rp.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
    assert!(!rp.is_active(tokens.text("access_token")).await);
}

fn browser_like() -> karat::flow::login::Browser {
    karat::flow::login::Browser {
        address: [127, 0, 0, 1].into(),
        agent: "test".into(),
        device: None,
        binding: karat::crypto::token::OpaqueToken::mint().hash(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_other_sessions_end_at_once() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let (here, one, two) = (logged_in(&app, ADA).await, logged_in(&app, ADA).await, logged_in(&app, ADA).await);
    let page = press(&here, &here.get("/account/sessions").await, "/account/sessions/end-others", &[]).await;
    assert!(page.text().contains("2 sessions are ended"), "{}", page.text());
    assert!(is_logged_in(&here).await);
    assert!(!is_logged_in(&one).await && !is_logged_in(&two).await);
    let page = here.get("/account/sessions").await;
    assert!(!page.text().contains("2 sessions are ended"), "a notice is shown once");
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_the_session_at_hand_logs_out() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let page = browser.get("/account/sessions").await;
    let page = press(&browser, &page, "/account/sessions/end", &[]).await;
    assert_eq!(page.path(), "/login");
    assert!(!is_logged_in(&browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_ends_a_session_of_somebody_else() {
    let app = TestApp::start().await;
    let (ada, _) = (app.person(ADA).await, app.person("eve@example.com").await);
    let (victim, eve) = (logged_in(&app, ADA).await, logged_in(&app, "eve@example.com").await);
    let id = app.karat.sessions_of(ada.id).await.unwrap()[0].id.to_string();
    let page = eve.get("/account/sessions").await;
    assert!(!page.body.contains(&id));
    for id in [id.as_str(), "not a session"] {
        press(&eve, &page, "/account/sessions/end", &[("session", id)]).await;
    }
    press(&eve, &page, "/account/sessions/end", &[("session", &id)]).await;
    assert!(is_logged_in(&victim).await);
}

/// More log-outs at once than there are connections to the database: each makes do with the one it has.
#[tokio::test(flavor = "multi_thread")]
async fn many_log_outs_at_once_do_not_wait_for_each_other() {
    let app = TestApp::on(Backends::PostgresAndRedis).await;
    app.person(ADA).await;
    let mut sessions = Vec::new();
    for _ in 0..3 * app.config.storage.max_connections {
        let (password, towards) = (Secret::new(PASSWORD), Towards::default());
        let outcome = app.karat.log_in(ADA, &password, &browser_like(), None, &towards).await.unwrap();
        let LoginOutcome::SignedIn(begun) = outcome else { panic!("the password is right") };
        let signed_in = begun.signed_in;
        sessions.push(signed_in);
    }
    let mut log_outs = tokio::task::JoinSet::new();
    for signed_in in sessions {
        let karat = app.karat.clone();
        log_outs.spawn(async move { karat.log_out(&signed_in).await });
    }
    let outcomes = log_outs.join_all().await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_sessions_take_exactly_their_own_grants_along_and_each_app_hears_once_of_each() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::start_with(backends, "").await;
        let person = app.person(ADA).await;
        let mut trading = web_client("trading");
        trading.logout.backchannel_uri = Some("https://trading.test/backchannel".into());
        let mut keeper = web_client("keeper");
        keeper.logout.keep_offline_access = true;
        let (trading, keeper) =
            (RelyingParty::register(&app, trading).await, RelyingParty::register(&app, keeper).await);
        let (here, one, two) = (Browser::new(&app.base), Browser::new(&app.base), Browser::new(&app.base));
        let mut ended = Vec::new();
        let kept = trading.tokens_in(&here, &person, "openid offline_access").await;
        for there in [&one, &one, &two] {
            ended.push(trading.tokens_in(there, &person, "openid offline_access").await);
        }
        let outliving = keeper.tokens_in(&one, &person, "openid offline_access").await;
        let cookie = here.cookie("karat_session").unwrap();
        let session = app.karat.signed_in(&cookie, &browser_like()).await.unwrap().unwrap().session.id;
        let mut change = app.karat.store.begin().await.unwrap();
        let because = RevocationReason::LoggedOut;
        let count = app.karat.end_sessions(&mut change, person.id, Ending::AllBut(session), because).await.unwrap();
        change.commit().await.unwrap();
        assert_eq!(count, 2);
        for tokens in &ended {
            assert_eq!(trading.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
        }
        assert_eq!(trading.refresh(kept.text("refresh_token")).await.status, 200);
        assert_eq!(keeper.refresh(outliving.text("refresh_token")).await.status, 200);
        let now = app.clock_now();
        let all = Share { mails: 100, of_one_target: 100 };
        let due = app.karat.store.lease_outgoing(now, now, 100, all).await.unwrap().due;
        let told = due.iter().filter(|leased| matches!(leased.payload, Outgoing::LogoutToken(_))).count();
        assert_eq!(told, 2, "one for each session, though one of them had two grants");
    }
}
