//! Apps hear of a logout, each of its own, whoever else hangs, fails or points elsewhere (OpenID Connect Back-Channel
//! Logout sections 2.4 to 2.8).

use std::time::{Duration, Instant};

use karat::domain::client::{Client, LogoutRules};
use karat::jobs::Jobs;
use serde_json::json;

use crate::common::own_client;
use crate::listening_app::{ListeningApp, Manner};
use crate::support::relying_party::{claims, header};
use crate::support::{Backends, Browser, RelyingParty, TestApp};

fn told(id: &str, app: &ListeningApp) -> Client {
    let logout = LogoutRules { backchannel_uri: Some(app.uri()), ..LogoutRules::default() };
    Client { logout, ..own_client(id) }
}

async fn log_out(browser: &Browser) {
    let page = browser.get("/logout").await;
    assert_eq!(browser.submit(&page, &[]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_hears_of_its_own_logout_at_once_whatever_the_others_do() {
    let canary = ListeningApp::start(Manner::Answers(200)).await;
    let hanging = ListeningApp::start(Manner::Hangs).await;
    let failing = ListeningApp::start(Manner::Answers(500)).await;
    let redirecting = ListeningApp::start(Manner::RedirectsTo(canary.address)).await;
    let good = ListeningApp::start(Manner::Answers(200)).await;
    let allowed: Vec<_> =
        [&hanging, &failing, &redirecting, &good].iter().map(|app| format!("\"{}\"", app.address)).collect();
    let more = format!("[outgoing]\nallow = [{}]\ntimeout = \"3s\"\n", allowed.join(", "));
    let app = TestApp::start_with(Backends::SqliteAndMemory, &more).await;
    let (person, other) = (app.person("bert@example.com").await, app.person("otto@example.com").await);
    let mut parties = Vec::new();
    for (id, listening) in
        [("hanging", &hanging), ("failing", &failing), ("redirecting", &redirecting), ("good", &good)]
    {
        parties.push(RelyingParty::register(&app, told(id, listening)).await);
    }
    let browser = Browser::new(&app.base);
    let mut id_token = None;
    for party in &parties {
        let tokens = party.tokens_in(&browser, &person, "openid").await;
        id_token = Some(claims(tokens.text("id_token")));
    }
    let id_token = id_token.unwrap();
    let bystander = Browser::new(&app.base);
    parties[3].tokens_in(&bystander, &other, "openid").await;

    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    let before = Instant::now();
    log_out(&browser).await;
    let heard = good.wait_for(1).await;
    assert!(heard[0].0 - before < Duration::from_secs(4), "not held up: {:?}", heard[0].0 - before);

    let token = &heard[0].1;
    assert_eq!(header(token)["typ"], "logout+jwt");
    let told = claims(token);
    assert_eq!((&told["iss"], &told["aud"]), (&json!(app.base), &json!("good")), "to nobody else");
    assert_eq!((&told["sub"], &told["sid"]), (&id_token["sub"], &id_token["sid"]));
    assert_eq!(told["events"], json!({"http://schemas.openid.net/event/backchannel-logout": {}}));
    assert!(told.get("nonce").is_none() && told["jti"].as_str().is_some_and(|jti| jti.len() > 20));
    assert!(told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap() <= 120);
    for (id, listening) in [("hanging", &hanging), ("failing", &failing), ("redirecting", &redirecting)] {
        let heard = listening.wait_for(1).await;
        assert_eq!(claims(&heard[0].1)["aud"], id);
        assert_ne!(claims(&heard[0].1)["jti"], told["jti"]);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(good.heard().len(), 1, "said once");
    assert!(canary.heard().is_empty(), "a redirect is not followed");
    let silent = bystander.get(&parties[3].authorize_path(&[("prompt", "none")])).await;
    assert!(silent.param("code").is_some(), "another person's session goes on");
    jobs.stop(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_sessions_of_a_hanging_app_do_not_delay_the_logout_of_another() {
    const SESSIONS: usize = 150;
    let hanging = ListeningApp::start(Manner::Hangs).await;
    let good = ListeningApp::start(Manner::Answers(200)).await;
    let more = format!("[outgoing]\nallow = [\"{}\", \"{}\"]\ntimeout = \"3s\"\n", hanging.address, good.address);
    let app = TestApp::start_with(Backends::SqliteAndMemory, &more).await;
    // No one person has that many at once.
    let people = [app.person("bert@example.com").await, app.person("berta@example.com").await];
    let other = app.person("otto@example.com").await;
    let slow = RelyingParty::register(&app, told("hanging", &hanging)).await;
    let quick = RelyingParty::register(&app, told("good", &good)).await;
    let mut browsers = Vec::new();
    for number in 0..SESSIONS {
        let browser = Browser::new(&app.base);
        slow.tokens_in(&browser, &people[number % 2], "openid").await;
        browsers.push(browser);
    }
    let last = Browser::new(&app.base);
    quick.tokens_in(&last, &other, "openid").await;
    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    for browser in &browsers {
        log_out(browser).await;
    }
    let before = Instant::now();
    log_out(&last).await;
    let heard = good.wait_for(1).await;
    assert!(heard[0].0 - before < Duration::from_secs(5), "{:?}", heard[0].0 - before);
    assert!(hanging.heard().len() < SESSIONS / 2, "who hangs is not flooded: {}", hanging.heard().len());
    jobs.stop(Duration::from_secs(1)).await;
}
