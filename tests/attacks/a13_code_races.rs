//! However many redeem one code at once, on however many nodes, it is redeemed once at most, and the replays end even that
//! (RFC 6749 section 10.5).

use crate::common::{at_once, code_in, count, logged_in, own_client, successes};
use crate::support::{Backends, RelyingParty, TestApp};

const SCOPE: &str = "openid email offline_access";
const AT_ONCE: usize = 50;

async fn many_redeem_one_code(
    rp: &RelyingParty<'_>,
    nodes: &[&TestApp],
    browser: &crate::support::Browser,
    many: usize,
) {
    let code = code_in(rp, browser, SCOPE).await;
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", rp.redirect_uri())];
    let requests = (0..many).map(|index| rp.post_to(&nodes[index % nodes.len()].at, "/token", &fields));
    let answers = at_once(requests).await;
    let winners = successes(&answers);
    assert!(winners.len() <= 1, "{} of {many} redeemed one code", winners.len());
    for loser in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(loser.error(), "invalid_grant", "{loser:?}");
    }
    for winner in winners {
        assert!(!rp.is_active(winner.text("access_token")).await, "the replays end what the first began");
        for node in nodes {
            let fields = [("grant_type", "refresh_token"), ("refresh_token", winner.text("refresh_token"))];
            assert_eq!(rp.post_to(&node.at, "/token", &fields).await.error(), "invalid_grant");
        }
    }
}

async fn on(backends: Backends, rounds: i64) {
    let app = TestApp::on(backends).await;
    let second = match backends {
        Backends::SqliteAndMemory => None,
        Backends::PostgresAndRedis => Some(app.another_node("").await),
    };
    let nodes: Vec<&TestApp> = [Some(&app), second.as_ref()].into_iter().flatten().collect();
    let person = app.person("ralf@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    for _ in 0..rounds {
        many_redeem_one_code(&rp, &nodes, &browser, AT_ONCE).await;
    }
    assert_eq!(count(&app, "SELECT COUNT(*) FROM grants").await, rounds, "one family a code");
    assert_eq!(count(&app, "SELECT COUNT(*) FROM grants WHERE revoked_at IS NULL").await, 0);

    let code = code_in(&rp, &browser, SCOPE).await;
    let alone = rp.redeem(&code).await;
    assert_eq!(alone.status, 200, "the twin: one redemption of one code works");
    assert!(rp.is_active(alone.text("access_token")).await);
    assert_eq!(count(&app, "SELECT COUNT(*) FROM grants WHERE revoked_at IS NULL").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_redemptions_of_one_code_over_two_nodes_leave_nothing_alive() {
    on(Backends::PostgresAndRedis, 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_redemptions_of_one_code_on_one_node_leave_nothing_alive() {
    on(Backends::SqliteAndMemory, 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_interaction_answered_by_many_tabs_gives_one_code() {
    let app = TestApp::start().await;
    let person = app.person("ralf@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    for _ in 0..10 {
        // Posted by the app's page: an interaction is opened, though nothing is to be asked.
        let asked = rp.authorize_path(&[]).split_once('?').unwrap().1.to_owned();
        let request = browser.request(reqwest::Method::POST, "/authorize").body(asked);
        let form = "application/x-www-form-urlencoded";
        let started = browser.send(request.header(reqwest::header::CONTENT_TYPE, form)).await;
        let dispatcher = started.location().unwrap();
        let tabs = (0..20).map(|_| browser.send(browser.request(reqwest::Method::GET, &dispatcher)));
        let pages = at_once(tabs).await;
        let codes = pages.iter().filter(|page| page.location().is_some_and(|to| to.contains("code="))).count();
        assert_eq!(codes, 1, "{:?}", pages.iter().map(|page| page.status).collect::<Vec<_>>());
        assert!(pages.iter().all(|page| !page.status.is_server_error()));
    }
}
