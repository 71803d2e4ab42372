//! What is to be done once is done by one node of all, and by another one when that one dies.

use futures_util::future::join_all;
use karat::domain::time::Seconds;
use karat::flow::keys::Keys;
use karat::storage::turns::Turn;
use sqlx::Executor;

use crate::eventually;
use crate::fleet::Fleet;
use crate::support::{Backends, TestApp};

fn turn(holder: &str) -> Turn {
    Turn { job: "sweeping", holder: holder.to_owned(), every: Seconds(600), lease: Seconds(120) }
}

async fn taken_in_turn(nodes: &[&TestApp]) {
    let first = nodes[0];
    let now = first.clock_now();
    let asked = (0..20).map(|n| async move {
        let holder = format!("node-{n}");
        let begun = nodes[n % nodes.len()].karat.store.begin_turn(&turn(&holder), now).await.unwrap();
        begun.then_some(holder)
    });
    let holders: Vec<_> = join_all(asked).await.into_iter().flatten().collect();
    assert_eq!(holders.len(), 1, "of twenty that ask at once one begins: {holders:?}");

    let (store, at) = (&nodes[nodes.len() - 1].karat.store, |seconds: i64| now.plus(Seconds(seconds)));
    let (held, other) = (turn(&holders[0]), turn("another"));
    assert!(!store.begin_turn(&other, at(119)).await.unwrap());
    assert!(store.keep_turn(&held, at(550)).await.unwrap(), "long work goes on with a sign of life");
    assert!(!store.begin_turn(&other, at(660)).await.unwrap(), "it is due again, and not done yet");
    assert!(store.begin_turn(&other, at(670)).await.unwrap(), "whoever held it is dead, and it is due");
    assert!(!store.keep_turn(&held, at(671)).await.unwrap(), "who comes back from the dead has lost the turn");
    store.end_turn(&held, at(672)).await.unwrap();
    assert!(!store.begin_turn(&held, at(673)).await.unwrap(), "and ends nobody else's");

    store.end_turn(&other, at(680)).await.unwrap();
    assert!(!store.begin_turn(&held, at(1_269)).await.unwrap(), "done, and not due yet");
    assert!(store.begin_turn(&held, at(1_270)).await.unwrap());
    store.end_turn(&held, at(1_270)).await.unwrap();
    assert!(store.begin_turn(&other, at(86_400)).await.unwrap());
    assert!(store.begin_turn(&held, at(2_000)).await.unwrap(), "a clock that ran a day ahead holds nobody up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_one_nodes_at_a_time_and_passes_on_when_that_one_dies() {
    let first = TestApp::on(Backends::PostgresAndRedis).await;
    let second = first.another_node("").await;
    taken_in_turn(&[&first, &second]).await;
    taken_in_turn(&[&TestApp::start().await]).await;
}

/// Even when a turn was lost in the middle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_replace_old_keys_at_once_replace_each_once() {
    let first = TestApp::on(Backends::PostgresAndRedis).await;
    let second = first.another_node("").await;
    let now = first.clock_now().plus(Seconds::days(91));
    let made = join_all([&first, &second, &first, &second].map(|node| async move {
        node.karat.keys.rotate_older_than(Seconds::days(90), now, |_, _| {}).await.unwrap()
    }));
    let made: Vec<String> = made.await.into_iter().flatten().collect();
    assert_eq!(made.len(), 3, "{made:?}");
    assert_eq!(first.karat.store.signing_keys(now).await.unwrap().len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_with_old_keys_make_one_new_key_of_each_kind() {
    let fleet = Fleet::of(3).await;
    for node in fleet.nodes() {
        fleet.kill(node).await;
    }
    let mut database = fleet.database().postgres_connection().await;
    database.execute("UPDATE signing_keys SET created_at = created_at - 91 * 86400").await.unwrap();
    database.execute("DELETE FROM job_turns").await.unwrap();
    for node in fleet.nodes() {
        fleet.start(node);
    }
    fleet.all_ready().await;
    for node in fleet.nodes() {
        eventually("the node publishes old and new keys", async || {
            let (_, told) = fleet.ask_node(node, "/jwks").await.unwrap();
            told["keys"].as_array().unwrap().len() >= 6
        })
        .await;
    }
    let listed = fleet.installation.json(&["keys", "list", "--json"]);
    let new = listed.as_array().unwrap().iter().filter(|key| key["retired_at"].is_null()).count();
    assert_eq!((new, listed.as_array().unwrap().len()), (3, 6), "{listed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_find_no_keys_at_once_make_one_of_each_kind() {
    let app = TestApp::on(Backends::PostgresAndRedis).await;
    let mut database = app.database().postgres_connection().await;
    for _ in 0..5 {
        database.execute("DELETE FROM signing_keys").await.unwrap();
        let nodes = (0..6).map(|_| {
            let algorithms = app.config.keys.algorithms.clone();
            Keys::open(app.karat.store.clone(), algorithms, Seconds(60), app.clock_now())
        });
        for opened in join_all(nodes).await {
            opened.unwrap();
        }
        assert_eq!(
            app.karat.store.signing_keys(app.clock_now()).await.unwrap().len(),
            app.config.keys.algorithms.len()
        );
    }
}
