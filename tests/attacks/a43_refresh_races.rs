//! Refreshing at once, on any node, gives one line of tokens; revocation and logout win every race; nothing faults.

use karat::domain::grant::RevocationReason;
use karat::storage::grants::Reach;

use crate::common::{at_once, code_in, count, logged_in, own_client, successes, text};
use crate::support::app::web_client;
use crate::support::relying_party::Answer;
use crate::support::{Backends, Browser, RelyingParty, TestApp};

const SCOPE: &str = "openid email offline_access";

struct Nodes {
    first: TestApp,
    second: Option<TestApp>,
}

impl Nodes {
    async fn on(backends: Backends) -> Self {
        let first = TestApp::on(backends).await;
        let second = match backends {
            Backends::SqliteAndMemory => None,
            Backends::PostgresAndRedis => Some(first.another_node("").await),
        };
        Self { first, second }
    }

    fn at(&self, index: usize) -> &TestApp {
        self.second.as_ref().filter(|_| index % 2 == 1).unwrap_or(&self.first)
    }
}

async fn refresh_at(rp: &RelyingParty<'_>, node: &TestApp, token: &str) -> Answer {
    rp.post_to(&node.at, "/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

async fn tokens_in(rp: &RelyingParty<'_>, browser: &Browser) -> Answer {
    let tokens = rp.redeem(&code_in(rp, browser, SCOPE).await).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    tokens
}

async fn fifty_refreshes_make_one_line(backends: Backends, rounds: usize) {
    let nodes = Nodes::on(backends).await;
    let app = &nodes.first;
    let person = app.person("rosa@example.com").await;
    let rp = RelyingParty::register(app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    let mut token = tokens_in(&rp, &browser).await.text("refresh_token").to_owned();
    for round in 0..rounds {
        let answers = at_once((0..50).map(|index| refresh_at(&rp, nodes.at(index), &token))).await;
        let won = successes(&answers);
        assert!(!won.is_empty(), "nobody got tokens: {:?}", answers[0]);
        let successor = won[0].text("refresh_token").to_owned();
        assert!(won.iter().all(|answer| answer.text("refresh_token") == successor), "one family, one line");
        for lost in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(lost.error(), "invalid_grant", "{lost:?}");
        }
        assert!(rp.is_active(won[0].text("access_token")).await);
        let line = text(app, "SELECT refresh_line FROM grants WHERE revoked_at IS NULL").await;
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["confirmed"], round + 1, "the line moved one step: {line}");
        token = successor;
    }
    assert_eq!(count(app, "SELECT COUNT(*) FROM grants").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_refreshes_of_one_token_over_two_nodes_make_one_line() {
    fifty_refreshes_make_one_line(Backends::PostgresAndRedis, 10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_refreshes_of_one_token_on_one_node_make_one_line() {
    fifty_refreshes_make_one_line(Backends::SqliteAndMemory, 6).await;
}

/// A thief and the owner, each with an own generation of one family.
async fn a_thief_and_the_owner_race(backends: Backends) {
    let nodes = Nodes::on(backends).await;
    let app = &nodes.first;
    let person = app.person("rosa@example.com").await;
    let rp = RelyingParty::register(app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    for _ in 0..8 {
        let stolen = tokens_in(&rp, &browser).await.text("refresh_token").to_owned();
        let second = rp.refresh(&stolen).await;
        let third = rp.refresh(second.text("refresh_token")).await;
        let newest = third.text("refresh_token").to_owned();
        let tokens = [&stolen, &newest];
        let answers = at_once((0..20).map(|index| refresh_at(&rp, nodes.at(index / 2), tokens[index % 2]))).await;
        for thief in answers.iter().step_by(2) {
            assert_eq!((thief.status, thief.error()), (400, "invalid_grant"), "{thief:?}");
        }
        for winner in successes(&answers) {
            assert!(
                !rp.is_active(winner.text("access_token")).await,
                "the theft ends even what came at the same moment"
            );
            assert_eq!(rp.refresh(winner.text("refresh_token")).await.error(), "invalid_grant");
        }
    }
    assert_eq!(count(app, "SELECT COUNT(*) FROM grants WHERE revoked_at IS NULL").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thief_who_races_the_owner_ends_the_family_for_both() {
    a_thief_and_the_owner_race(Backends::PostgresAndRedis).await;
}

async fn an_end_wins(backends: Backends, rounds: usize, by_logout: bool) {
    let nodes = Nodes::on(backends).await;
    let app = &nodes.first;
    let person = app.person("rosa@example.com").await;
    let rp = RelyingParty::register(app, own_client("app")).await;
    for round in 0..rounds {
        let browser = logged_in(&rp, &person).await;
        let tokens = tokens_in(&rp, &browser).await;
        let token = tokens.text("refresh_token");
        let logout_page = browser.get("/logout").await;
        if let Some(second) = nodes.second.as_ref().filter(|_| round % 2 == 1) {
            browser.go_to_node(&second.at);
        }
        let end = async || {
            if by_logout {
                browser.submit(&logout_page, &[]).await.status.as_u16()
            } else {
                rp.post_to(&nodes.at(round).at, "/revoke", &[("token", token)]).await.status
            }
        };
        let racers =
            at_once(
                (0..12).map(|index| {
                    let (rp, nodes, end) = (&rp, &nodes, &end);
                    async move {
                        if index == 6 { Err(end().await) } else { Ok(refresh_at(rp, nodes.at(index), token).await) }
                    }
                }),
            )
            .await;
        for racer in &racers {
            match racer {
                Err(status) => assert_eq!(*status, 200, "the end was acknowledged"),
                Ok(answer) => assert!(answer.status == 200 || answer.error() == "invalid_grant", "{answer:?}"),
            }
        }
        for winner in racers.iter().filter_map(|racer| racer.as_ref().ok()).filter(|answer| answer.status == 200) {
            assert!(!rp.is_active(winner.text("access_token")).await, "what ended stays ended");
            assert_eq!(
                refresh_at(&rp, nodes.at(round + 1), winner.text("refresh_token")).await.error(),
                "invalid_grant"
            );
        }
    }
    let alive = count(app, "SELECT COUNT(*) FROM grants g JOIN sessions s ON s.id = g.session_id WHERE g.revoked_at IS NULL AND s.ended_at IS NOT NULL").await;
    assert_eq!(alive, 0);
    let browser = logged_in(&rp, &person).await;
    let tokens = tokens_in(&rp, &browser).await;
    assert_eq!(rp.refresh(tokens.text("refresh_token")).await.status, 200, "the twin: without an end it goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn revocation_wins_against_refreshes_on_two_nodes() {
    an_end_wins(Backends::PostgresAndRedis, 10, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_wins_against_refreshes_on_two_nodes() {
    an_end_wins(Backends::PostgresAndRedis, 10, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn revocation_and_logout_win_against_refreshes_on_sqlite() {
    an_end_wins(Backends::SqliteAndMemory, 5, false).await;
    an_end_wins(Backends::SqliteAndMemory, 5, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_wins_against_the_redemption_of_its_codes() {
    let nodes = Nodes::on(Backends::PostgresAndRedis).await;
    let app = &nodes.first;
    let person = app.person("rosa@example.com").await;
    let rp = RelyingParty::register(app, own_client("app")).await;
    for round in 0..10 {
        let browser = logged_in(&rp, &person).await;
        let mut codes = Vec::new();
        for _ in 0..6 {
            codes.push(code_in(&rp, &browser, SCOPE).await);
        }
        let logout_page = browser.get("/logout").await;
        let answers = at_once((0..7).map(|index| {
            let (rp, nodes, codes, browser, logout_page) = (&rp, &nodes, &codes, &browser, &logout_page);
            async move {
                if index == 3 {
                    assert_eq!(browser.submit(logout_page, &[]).await.status, 200);
                    return None;
                }
                let code = &codes[if index > 3 { index - 1 } else { index }];
                let fields =
                    [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", rp.redirect_uri())];
                Some(rp.post_to(&nodes.at(index + round).at, "/token", &fields).await)
            }
        }))
        .await;
        for answer in answers.into_iter().flatten() {
            match answer.status {
                200 => {
                    assert!(!rp.is_active(answer.text("access_token")).await, "redeemed before, dead after");
                    assert_eq!(rp.refresh(answer.text("refresh_token")).await.error(), "invalid_grant");
                }
                _ => assert_eq!(answer.error(), "invalid_grant", "{answer:?}"),
            }
        }
    }
    let alive = "SELECT COUNT(*) FROM grants g JOIN sessions s ON s.id = g.session_id WHERE g.revoked_at IS NULL AND s.ended_at IS NOT NULL";
    assert_eq!(count(app, alive).await, 0, "no grant slipped in behind the logout");
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawing_the_consent_wins_against_the_redemption_of_its_codes() {
    let nodes = Nodes::on(Backends::PostgresAndRedis).await;
    let app = &nodes.first;
    let person = app.person("rosa@example.com").await;
    let rp = RelyingParty::register(app, web_client("app")).await;
    let client = rp.client.id.clone();
    let browser = logged_in(&rp, &person).await;
    for round in 0..10 {
        let mut codes = Vec::new();
        for _ in 0..6 {
            codes.push(code_in(&rp, &browser, SCOPE).await);
        }
        let answers = at_once((0..7).map(|index| {
            let (rp, nodes, codes, client) = (&rp, &nodes, &codes, &client);
            async move {
                if index == 3 {
                    let mut change = nodes.first.karat.store.begin().await.unwrap();
                    change.withdraw_consent(person.id, client).await.unwrap();
                    let reach = Reach::Client(client.clone());
                    let (because, now) = (RevocationReason::ConsentWithdrawn, nodes.first.clock_now());
                    change.revoke_grants(person.id, &reach, because, now).await.unwrap();
                    change.commit().await.unwrap();
                    return None;
                }
                let code = &codes[if index > 3 { index - 1 } else { index }];
                let fields =
                    [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", rp.redirect_uri())];
                Some(rp.post_to(&nodes.at(index + round).at, "/token", &fields).await)
            }
        }))
        .await;
        for answer in answers.into_iter().flatten() {
            match answer.status {
                200 => assert!(!rp.is_active(answer.text("access_token")).await, "redeemed before, dead after"),
                _ => assert_eq!(answer.error(), "invalid_grant", "{answer:?}"),
            }
        }
    }
    assert_eq!(count(app, "SELECT COUNT(*) FROM grants WHERE revoked_at IS NULL").await, 0);
    let again = rp.redeem(&code_in(&rp, &browser, SCOPE).await).await;
    assert_eq!(again.status, 200, "the twin: agreed again, redeemed again");
}
