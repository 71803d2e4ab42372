//! What is changed in one place holds on every node within a second.

use std::time::Duration;

use crate::eventually;
use crate::fleet::{Fleet, app};
use crate::visitor::KnownClient;

/// What a node remembers of a client is older than this never.
const STALENESS: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_and_keys_that_change_are_so_on_every_node_within_a_second() {
    let fleet = Fleet::of(3).await;
    let made = fleet.installation.json(&["client", "add", "ledger", "--kind", "service", "--scope", "read", "--json"]);
    let secret = made["client_secret"].as_str().unwrap();
    let ledger = KnownClient { id: "ledger".to_owned(), secret: secret.to_owned(), redirect_uri: String::new() };
    let asked = [("grant_type", "client_credentials")];
    for node in fleet.nodes() {
        let (status, told) = fleet.token_as(&ledger, node, &asked).await;
        assert_eq!(status, 200, "node {node} knows the app: {told}");
    }
    fleet.installation.karat(&["client", "update", "ledger", "--disabled", "true"]).succeeded();
    tokio::time::sleep(STALENESS).await;
    for node in fleet.nodes() {
        let (status, told) = fleet.token_as(&ledger, node, &asked).await;
        assert_eq!((status, &told["error"]), (401, &"invalid_client".into()), "node {node} knows better");
    }
    fleet.installation.karat(&["client", "update", "ledger", "--disabled", "false"]).succeeded();
    tokio::time::sleep(STALENESS).await;
    for node in fleet.nodes() {
        assert_eq!(fleet.token_as(&ledger, node, &asked).await.0, 200);
    }

    fleet.installation.karat(&["keys", "rotate"]).succeeded();
    for node in fleet.nodes() {
        eventually("the node publishes the new keys", async || {
            let (_, told) = fleet.ask_node(node, "/jwks").await.unwrap();
            told["keys"].as_array().unwrap().len() == 6
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_guesses_at_one_node_count_at_all_within_a_second() {
    let fleet = Fleet::of(3).await;
    let nothing = [("token", "nothing")];
    // Each node has seen the app do right just before.
    for node in fleet.nodes() {
        assert_eq!(fleet.post_to(node, "/introspect", &nothing).await.0, 200);
    }
    let guess = KnownClient { secret: "a-guess".to_owned(), ..app() };
    let fields = [("grant_type", "refresh_token"), ("refresh_token", "nothing")];
    let mut wrong = 0;
    eventually("guessing is over", async || {
        wrong += 1;
        let (status, told) = fleet.token_as(&guess, 0, &fields).await;
        assert!(status == 503 || (status, &told["error"]) == (401, &"invalid_client".into()), "{status} {told}");
        status == 503
    })
    .await;
    assert!(wrong > 1, "the first guesses are looked at");
    tokio::time::sleep(STALENESS).await;
    for node in fleet.nodes() {
        let (status, told) = fleet.post_to(node, "/introspect", &nothing).await;
        assert_eq!((status, &told["error"]), (503, &"temporarily_unavailable".into()), "node {node}: {told}");
    }
}
